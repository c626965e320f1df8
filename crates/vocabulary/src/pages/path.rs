//! Pages of `x509.`, about the path from a signer to an anchor.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::X509CrlUntrusted,
        Page {
            meaning: "A revocation list is not signed by somebody who may: by another issuer, or with a key that is \
                 not meant for signing such lists.",
            example: "error[x509.crl_untrusted]: the revocation list is not trusted in CRL 0: found an issuer without \
                 cRLSign, expected the issuer of the certificate with cRLSign; try: stella verify cert-chain --cert \
                 FILE --crl FILE",
            causes: &[
                "The list of another authority was given.",
                "The authority signs lists with a key that its certificate does not allow for that.",
            ],
            remedies: &[run(
                "Get the list that the certificate names, from its authority.",
                "stella verify cert-chain --cert FILE --crl FILE",
            )],
            clause: Some("RFC 5280 §6.3.3(f), (g)"),
        },
    ),
    (
        Code::X509EkuMissing,
        Page {
            meaning: "The certificate, or an authority above it, is not for this purpose: signing code, or time \
                 stamping. \"Any purpose\" does not stand for it.",
            example: "error[x509.eku_missing]: the purpose is missing in certificate 0: found serverAuth, expected \
                 codeSigning (1.3.6.1.5.5.7.3.3); try: stella verify cert-chain --attestation 3f2a91c4",
            causes: &[
                "A certificate for a web server was used to sign.",
                "An intermediate is limited to other purposes.",
            ],
            remedies: &[
                run("See which certificate lacks the purpose.", "stella verify cert-chain --attestation X"),
                run("Sign with a certificate for code signing.", "stella attest resign X --key ID"),
            ],
            clause: Some("RFC 5280 §4.2.1.12"),
        },
    ),
    (
        Code::X509Expired,
        Page {
            meaning: "The validity of a certificate ended before the instant judged. Where trusted times are known, \
                 every certificate must be valid at each of them; else, now counts. Both bounds belong to the \
                 validity.",
            example: "error[x509.expired]: the certificate has expired in certificate 0: found 2025-12-31T23:59:59Z, \
                 expected not before 2026-01-17T09:00:00Z; try: stella verify cert --attestation 3f2a91c4 \
                 --show-expiry",
            causes: &[
                "The attestation is older than its certificate's life, and carries no trusted time.",
                "An intermediate expired, and its successor has not been added.",
                "The signer uses an expired certificate.",
            ],
            remedies: &[
                run(
                    "See which certificate, when it was valid, and whether a trusted time lies inside.",
                    "stella verify cert --attestation X --show-expiry",
                ),
                run(
                    "Have it signed anew with a valid certificate; the old one must verify at its time.",
                    "stella attest resign X",
                ),
                run(
                    "If an intermediate was renewed, add the new one; it never gives trust.",
                    "stella trust-anchors add-intermediate --cert FILE",
                ),
            ],
            clause: Some("RFC 5280 §6.1.3(a)(2)"),
        },
    ),
    (
        Code::X509KeyUsage,
        Page {
            meaning: "The certificate's key may not be used like this: the signer's is not for digital signatures, or \
                 an authority's is not for signing certificates. The certificate of an authority does not sign \
                 attestations either.",
            example: "error[x509.key_usage]: the key usage does not allow this in certificate 1: found \
                 digitalSignature, expected keyCertSign; try: stella verify cert-chain --attestation 3f2a91c4",
            causes: &[
                "A certificate was used for something it was not issued for.",
                "The path goes through a certificate that is no real authority.",
            ],
            remedies: &[
                run("See which certificate it is.", "stella verify cert-chain --attestation X"),
                run("Have the certificate issued anew with the right usage.", "stella verify cert --cert FILE"),
            ],
            clause: Some("RFC 5280 §4.2.1.3, §6.1.4(n)"),
        },
    ),
    (
        Code::X509NameConstraintUnsupported,
        Page {
            meaning: "An authority is limited to names of a kind that cannot be compared here. Since the limit cannot \
                 be checked, the path is refused.",
            example: "error[x509.name_constraint_unsupported]: an unsupported kind of name constraint in certificate \
                 1: found registeredID, expected DNS, mail, IP, URI or directory names; try: stella verify cert-chain \
                 --attestation 3f2a91c4",
            causes: &["The authority uses a rare kind of constraint."],
            remedies: &[
                run("See which certificate it is.", "stella verify cert-chain --attestation X"),
                run(
                    "Ask the authority for an intermediate with constraints of a common kind.",
                    "stella trust-anchors add-intermediate --cert FILE",
                ),
            ],
            clause: Some("RFC 5280 §4.2.1.10"),
        },
    ),
    (
        Code::X509NameConstraintViolation,
        Page {
            meaning: "A certificate bears a name that an authority above it may not vouch for. The message shows the \
                 name and the constraint. Constraints also hold for the identity that was asked for.",
            example: "error[x509.name_constraint_violation]: a name is outside of the constraints in certificate 0: \
                 found `build.evil.example`, expected names below `acme.example`; try: stella verify cert-chain \
                 --attestation 3f2a91c4",
            causes: &[
                "An authority issued a certificate beyond its limits, by mistake or after a compromise.",
                "The organisation has a new domain, and its intermediate still has the old constraints.",
            ],
            remedies: &[
                run("See the name, the constraint and the certificate.", "stella verify cert-chain --attestation X"),
                run(
                    "Ask the authority for a certificate within its limits; do not trust the signer directly before \
                         you know why.",
                    "stella verify cert --cert FILE",
                ),
            ],
            clause: Some("RFC 5280 §4.2.1.10, §6.1.3(b), (c)"),
        },
    ),
    (
        Code::X509NotACa,
        Page {
            meaning: "A certificate in the path signed another one, but is not the certificate of an authority. \
                 Anybody with a certificate could otherwise issue more.",
            example: "error[x509.not_a_ca]: the issuer is no authority in certificate 1: found no cA, expected basic \
                 constraints with cA; try: stella verify cert-chain --attestation 3f2a91c4",
            causes: &[
                "Somebody issued a certificate with a signer's key.",
                "A home-made intermediate lacks its basic constraints.",
            ],
            remedies: &[
                run("See the path and where it breaks.", "stella verify cert-chain --attestation X"),
                run("Use an intermediate that is an authority.", "stella trust-anchors add-intermediate --cert FILE"),
            ],
            clause: Some("RFC 5280 §6.1.4(k)"),
        },
    ),
    (
        Code::X509NotYetValid,
        Page {
            meaning: "The validity of a certificate begins after the instant judged.",
            example: "error[x509.not_yet_valid]: the certificate is not yet valid in certificate 0: found \
                 2026-01-17T09:00:01Z, expected not after 2026-01-17T09:00:00Z; try: stella verify cert --attestation \
                 3f2a91c4 --show-expiry",
            causes: &[
                "The clock of this machine is slow, or that of the authority fast.",
                "A trusted time lies before the certificate was issued: they do not belong together.",
            ],
            remedies: &[
                run(
                    "Compare the validity with the instant and the trusted times.",
                    "stella verify cert --attestation X --show-expiry",
                ),
                run(
                    "Set the clock, or judge at a later instant.",
                    "stella verify attestation --attestation X --at TIME",
                ),
            ],
            clause: Some("RFC 5280 §6.1.3(a)(2)"),
        },
    ),
    (
        Code::X509OcspUntrusted,
        Page {
            meaning: "An OCSP response is not signed by somebody who may answer for the authority, or does not carry the \
                 nonce that was asked for. It says nothing, and revocation is required.",
            example: "error[x509.ocsp_untrusted]: the OCSP response does not count in certificate 0: found a responder \
                 whose certificate is not for OCSP signing, expected the authority, or whom it has put in its place; \
                 try: stella verify cert-chain --cert FILE --ocsp FILE",
            causes: &[
                "The certificate of the responder expired, was revoked, or lacks OCSPSigning.",
                "The certificate of the responder was issued with another key of the authority.",
                "The response was kept from an earlier question, and does not repeat the nonce of this one.",
            ],
            remedies: &[run(
                "Ask the responder that the certificate names again, and give its answer.",
                "stella verify cert-chain --cert FILE --ocsp FILE",
            )],
            clause: Some("RFC 6960 §4.2.2.2"),
        },
    ),
    (
        Code::X509PathBudgetExceeded,
        Page {
            meaning: "The search for a path was given up because it became too long: too many candidates, signatures \
                 or comparisons of names. Nothing was decided; the certificates may be harmless but many, or made to \
                 keep a verifier busy.",
            example: "error[x509.path_budget_exceeded]: the search was given up in 5100 units of work on signatures: found no \
                 complete path, expected one within the budget; try: stella verify cert-chain --attestation 3f2a91c4",
            causes: &[
                "Very many certificates share one subject name.",
                "The certificates certify each other in circles.",
            ],
            remedies: &[
                run("See the paths that were tried.", "stella verify cert-chain --attestation X"),
                run(
                    "Give only the intermediates that are needed.",
                    "stella verify cert-chain --cert FILE --intermediate FILE --anchor FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::X509PathLenExceeded,
        Page {
            meaning: "There are more authorities below a certificate than it allows.",
            example: "error[x509.path_len_exceeded]: the path is longer than allowed in certificate 2: found 1 \
                 authority below, expected at most 0; try: stella verify cert-chain --attestation 3f2a91c4",
            causes: &["An intermediate issued another intermediate, and was not allowed to."],
            remedies: &[
                run("See the path.", "stella verify cert-chain --attestation X"),
                run(
                    "Ask the authority for a certificate directly below an authority that may issue it.",
                    "stella verify cert --cert FILE",
                ),
            ],
            clause: Some("RFC 5280 §4.2.1.9, §6.1.4(l), (m)"),
        },
    ),
    (
        Code::X509PathTooDeep,
        Page {
            meaning: "The path has more than eight certificates. Real ones have two to five.",
            example: "error[x509.path_too_deep]: the path is too deep in certificate 8: found 9 certificates, expected \
                 at most 8; try: stella verify cert-chain --attestation 3f2a91c4",
            causes: &[
                "The certificates were made to keep a verifier busy.",
                "An intermediate higher up could be an anchor of its own, but is none.",
            ],
            remedies: &[run("See the path.", "stella verify cert-chain --attestation X")],
            clause: None,
        },
    ),
    (
        Code::X509PolicyUnsupported,
        Page {
            meaning: "An authority demands certificate policies in a way that is not supported here. Since the demand \
                 cannot be checked, the path is refused.",
            example: "error[x509.policy_unsupported]: certificate policies are required in certificate 1: found \
                 requireExplicitPolicy, expected no such demand; try: stella verify cert-chain --attestation 3f2a91c4",
            causes: &["The authority serves a field in which policies are mapped between organisations."],
            remedies: &[
                run("See which certificate it is.", "stella verify cert-chain --attestation X"),
                run(
                    "Use a path without such a demand, if the authority offers one.",
                    "stella trust-anchors add-intermediate --cert FILE",
                ),
            ],
            clause: Some("RFC 5280 §6.1.3(d) to (f)"),
        },
    ),
    (
        Code::X509RevocationUnknown,
        Page {
            meaning: "It was required to know whether the certificate is revoked, and nobody said: the revocation list \
                 is missing, or is past its next update.",
            example: "error[x509.revocation_unknown]: the revocation status is unknown in certificate 0: found a list \
                 due for update since 2026-01-10T00:00:00Z, expected a current list; try: stella verify cert-chain \
                 --cert FILE --crl FILE",
            causes: &["The list was not supplied; verifying never fetches one.", "Updates of the list have stopped."],
            remedies: &[run(
                "Give the current list of the authority.",
                "stella verify cert-chain --cert FILE --crl FILE",
            )],
            clause: Some("RFC 5280 §6.3"),
        },
    ),
    (
        Code::X509Revoked,
        Page {
            meaning: "The certificate was revoked by its authority, or blocked in the trust store. Blocks go by key, \
                 by issuer and serial number, and by what was signed, so that a copy with altered bytes is blocked \
                 too.",
            example: "error[x509.revoked]: the certificate is revoked in certificate 0: found revoked at \
                 2026-01-10T00:00:00Z for keyCompromise, expected a certificate in force; try: stella verify \
                 cert-chain --attestation 3f2a91c4",
            causes: &["The signer's key was compromised or lost.", "The certificate was replaced."],
            remedies: &[
                run("See when and why.", "stella verify cert-chain --attestation X"),
                run(
                    "Build and attest anew with a certificate in force; do not re-sign what a stolen key may have \
                         signed.",
                    "stella attest create --subject FILE --type TYPE --force",
                ),
            ],
            clause: Some("RFC 5280 §6.1.3(a)(3)"),
        },
    ),
    (
        Code::X509SctInvalid,
        Page {
            meaning: "The certificate carries no proof by a trusted certificate log that it was published, or one that \
                 does not fit. A certificate issued in secret would look the same.",
            example: "error[x509.sct_invalid]: the certificate timestamp does not fit in certificate 0: found no valid \
                 SCT by a known log, expected one; try: stella trust-anchors list",
            causes: &[
                "The log is not in the trust store, because the trusted root here is old.",
                "The certificate was altered, or issued by another authority of the same name.",
            ],
            remedies: &[
                run("See which logs are trusted.", "stella trust-anchors list"),
                run(
                    "Import a current trusted root, after confirming where it comes from. This newly accepts every log \
                         and authority in it.",
                    "stella trust-anchors import --trusted-root FILE",
                ),
            ],
            clause: Some("RFC 6962 §3.2"),
        },
    ),
    (
        Code::X509SignatureInvalid,
        Page {
            meaning: "The signature of a certificate does not fit its issuer's key. The certificate was altered, or \
                 another authority of the same name issued it.",
            example: "error[x509.signature_invalid]: the certificate's signature does not fit in certificate 0: found \
                 no match with the key of `CN=Acme CA`, expected a signature by that key; try: stella verify \
                 cert-chain --attestation 3f2a91c4",
            causes: &[
                "The authority has a new key under its old name, and the new certificate of it is missing here.",
                "The certificate was altered.",
            ],
            remedies: &[
                run("See the path and the key ids.", "stella verify cert-chain --attestation X"),
                run(
                    "Add the intermediate with the right key; it never gives trust.",
                    "stella trust-anchors add-intermediate --cert FILE",
                ),
            ],
            clause: Some("RFC 5280 §6.1.3(a)(1)"),
        },
    ),
    (
        Code::X509UnknownIssuer,
        Page {
            meaning: "No path leads from the signer to a trust anchor. The report names the certificate at which it \
                 breaks, its issuer and key id, and whether an intermediate is missing or a root is not trusted. \
                 Nothing that the attestation brings along can become an anchor.",
            example: "error[x509.unknown_issuer]: no path to a trust anchor in certificate 1: found issuer `CN=Acme \
                 Root`, expected an anchor or intermediate of that name; try: stella verify cert-chain --attestation \
                 3f2a91c4",
            causes: &[
                "An intermediate is missing from the attestation and from the store.",
                "The root was never added here, or the attestation comes from another environment.",
                "The certificate is self-signed.",
            ],
            remedies: &[
                run("See every path that was tried and where it broke.", "stella verify cert-chain --attestation X"),
                run(
                    "If an intermediate is missing, add it; intermediates help to find paths and never give trust.",
                    "stella trust-anchors add-intermediate --cert FILE",
                ),
                run(
                    "If the root is missing, confirm it with its owner and see what it would newly accept: every \
                         signer below it, within the scope given.",
                    "stella trust-anchors add --cert FILE --dry-run",
                ),
            ],
            clause: Some("RFC 5280 §6.1.3(a)(4)"),
        },
    ),
];
