//! Pages of `key.`: public keys and the time in which they count.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::KeyAlgorithmMismatch,
        Page {
            meaning: "The key is of another kind than the algorithm it is declared for, such as a P-384 key for P-256, \
                 or Ed25519 for ECDSA. The algorithm follows from the trusted key and never from the envelope.",
            example: "error[key.algorithm_mismatch]: the key does not fit the algorithm in key sha256:41d7…: found an \
                 EC P-384 key, expected a key for ecdsa-p256-sha256; try: stella keys show KEY-ID --details",
            causes: &[
                "The key was registered with the wrong algorithm.",
                "Somebody relabelled a signature to have it checked in another way.",
            ],
            remedies: &[run(
                "See what the key is, and register it as such. Adding it newly accepts everything signed with it \
                         in the window given.",
                "stella keys show KEY-ID --details",
            )],
            clause: None,
        },
    ),
    (
        Code::KeyCurveUnsupported,
        Page {
            meaning: "The key lies on a curve that is not supported, or spells out curve parameters of its own. \
                 Parameters that a key brings along have been used to forge keys.",
            example: "error[key.curve_unsupported]: an unsupported curve in certificate 0: found 1.2.840.10045.3.1.1 \
                 (P-192), expected P-256, P-384 or P-521; try: stella crypto providers list --algorithms",
            causes: &[
                "The key was made for an embedded device or a ledger with another curve.",
                "The tool that wrote the key spells out parameters instead of naming the curve.",
            ],
            remedies: &[
                run("See what is supported.", "stella crypto providers list --algorithms"),
                run(
                    "Have the signer use P-256, P-384, P-521 or Ed25519.",
                    "stella keys generate --algorithm A --validity 365d --name N",
                ),
            ],
            clause: Some("RFC 5480 §2.1.1"),
        },
    ),
    (
        Code::KeyExpired,
        Page {
            meaning: "The key's window in the trust store has ended, and there is no trusted time to show that the \
                 signature is older. Without such a time, the window is judged as of now.",
            example: "error[key.expired]: the key has expired in key sha256:41d7…: found a window until \
                 2025-12-31T00:00:00Z, expected one that holds 2026-01-17T09:00:00Z; try: stella keys rotation-history \
                 ID",
            causes: &[
                "The key was rotated, and the signer still uses the old one.",
                "The attestation is old and carries no timestamp.",
            ],
            remedies: &[
                run("See when and why the window ended.", "stella keys rotation-history ID"),
                run(
                    "Have it signed anew with the present key; the old signature is checked first.",
                    "stella attest resign X --key ID",
                ),
                run(
                    "A longer window newly accepts everything the key signs until its end, and needs approval.",
                    "stella trust-anchors add-key --key FILE --expires DATE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::KeyExpiredAtSigning,
        Page {
            meaning: "A trusted time shows that the signature was made at or after the end of the key's window. The \
                 window is `[from, until)`: its end does not belong to it.",
            example: "error[key.expired_at_signing]: the key had expired when it signed in key sha256:41d7…: found \
                 trusted time 2026-01-05T10:00:00Z, expected before 2025-12-31T00:00:00Z; try: stella keys \
                 rotation-history ID",
            causes: &[
                "The signer went on using a key that was rotated.",
                "The window here was set shorter than the key was in use.",
            ],
            remedies: &[
                run("See the window and its history.", "stella keys rotation-history ID"),
                run(
                    "Have it signed anew with the present key.",
                    "stella attest create --subject FILE --type TYPE --force",
                ),
                run(
                    "If the window was set wrongly, add the key with the right one. This newly accepts everything the \
                         key signed in the time added.",
                    "stella trust-anchors add-key --key FILE --expires DATE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::KeyMalformed,
        Page {
            meaning: "The key cannot be decoded strictly: a point off its curve, data to spare, or parameters that do \
                 not belong there. Such keys are refused before anything is computed with them.",
            example: "error[key.malformed]: the key is malformed in key file, offset 26: found a point off the curve, \
                 expected a point of P-256; try: export the key again",
            causes: &[
                "The file was cut, edited or converted by a faulty tool.",
                "The key was made up, to have a verifier leak or accept something.",
            ],
            remedies: &[run(
                "Get the key from its owner again, as PEM with the label `PUBLIC KEY`.",
                "stella keys show KEY-ID --public",
            )],
            clause: Some("RFC 5480 §2; RFC 8410 §3, §4"),
        },
    ),
    (
        Code::KeyNotApproved,
        Page {
            meaning: "The store knows who signed and does not count it: the key was fetched or requested and nobody has \
                 approved it, its issuer is not trusted, or it was taken out. Its signatures count for nothing.",
            example: "error[key.not_approved]: the key is not approved in key sha256:77aa…: found status staged, \
                 expected an approved key; try: stella approvals list",
            causes: &[
                "`issuer keys fetch` brought in a rotated key, and the approval is outstanding.",
                "The issuer itself is still pending.",
            ],
            remedies: &[
                run("See what is pending, and what approving it would newly accept.", "stella approvals list"),
                run("Look at the issuer.", "stella issuer show ID"),
                run(
                    "Request trust; it takes effect once the quorum has approved, and newly accepts the issuer's keys.",
                    "stella issuer trust ID --reason TEXT",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::KeyNotYetTrusted,
        Page {
            meaning: "A trusted time shows that the signature was made before the key's window began.",
            example: "error[key.not_yet_trusted]: the key was not yet trusted when it signed in key sha256:41d7…: \
                 found trusted time 2025-06-30T23:59:59Z, expected at or after 2025-07-01T00:00:00Z; try: stella \
                 trust-anchors show ID",
            causes: &[
                "The window was set to the day the key was added, but the key was in use before.",
                "The clock of the signer or of the timestamp authority is wrong.",
            ],
            remedies: &[
                run("See the window.", "stella trust-anchors show ID"),
                run(
                    "If the key was in use earlier, add it with the right start. This newly accepts everything the key \
                         signed in the time added.",
                    "stella trust-anchors add-key --key FILE --expires DATE --from T",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::KeyPrivateKeySupplied,
        Page {
            meaning: "A private key was given where a public key or certificate is expected. Its content was not read, \
                 shown, logged or stored here.",
            example: "error[key.private_key_supplied]: a private key was given in signer.pem, line 1: found a private \
                 key, expected a certificate or a public key; try: stella keys show KEY-ID --public",
            causes: &[
                "The wrong one of two files was given.",
                "A key set or bundle contains a private part by mistake.",
            ],
            remedies: &[
                run("Give the public key.", "stella keys show KEY-ID --public"),
                run(
                    "If the private key has been where it should not be, such as in a pipeline's log or a repository, \
                         revoke it.",
                    "stella keys revoke ID",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::KeyRevoked,
        Page {
            meaning: "The key has been revoked, and the revocation covers this signature. After a compromise that is \
                 every signature, also one proven to be older; after a replacement, those made from that moment on.",
            example: "error[key.revoked]: the key is revoked in key sha256:41d7…: found revoked at \
                 2026-01-10T00:00:00Z as compromised, expected a key in force; try: stella keys rotation-history ID",
            causes: &[
                "The key was compromised or lost, and attestations signed with it are still in use.",
                "The signer uses a key that was replaced.",
            ],
            remedies: &[
                run("See when and why it was revoked.", "stella keys rotation-history ID"),
                run(
                    "Build and attest anew with a key in force; do not re-sign what a stolen key may have signed.",
                    "stella attest create --subject FILE --type TYPE --force",
                ),
                run(
                    "A policy may accept signatures proven to be older than the compromise. It newly accepts them only \
                         as far as that time is known.",
                    "stella verify attestation --attestation X --policy FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::KeyRsaExponent,
        Page {
            meaning: "The public exponent of an RSA key is even or too small (or absurdly large). Small exponents have \
                 made signatures forgeable; it must be odd and at least 65,537.",
            example: "error[key.rsa_exponent]: the RSA exponent is refused in certificate 0: found 3, expected an odd \
                 number from 65537 on; try: stella keys generate",
            causes: &["The key was made by an old tool or with an unusual option."],
            remedies: &[run(
                "Have the signer make a new key.",
                "stella keys generate --algorithm A --validity 365d --name N",
            )],
            clause: Some("FIPS 186-5 §A.1.1"),
        },
    ),
    (
        Code::KeySmallOrder,
        Page {
            meaning: "An Ed25519 public key of small order. Signatures can be made for it without knowing any secret, \
                 and libraries disagree about it.",
            example: "error[key.small_order]: the key has a small order in key sha256:41d7…: found a point of order 8 \
                 or less, expected a point of full order; try: treat the key as forged",
            causes: &["The key was made up; no correct tool produces it."],
            remedies: &[run(
                "Remove whatever refers to it, and find out who supplied it.",
                "stella trust-anchors remove ID --reason TEXT",
            )],
            clause: None,
        },
    ),
    (
        Code::KeyTooLarge,
        Page {
            meaning: "The RSA modulus is larger than permitted. Verifying with huge keys takes long, so they are \
                 refused before any arithmetic.",
            example: "error[key.too_large]: the RSA key is too large in certificate 0: found 16384 bits, expected at \
                 most 4096 bits; try: stella crypto providers list --algorithms",
            causes: &["The signer chose an unusually large key.", "The key was made to keep a verifier busy."],
            remedies: &[
                run("See the limits of each provider.", "stella crypto providers list --algorithms"),
                run(
                    "Have the signer use RSA of 3,072 or 4,096 bits, or an elliptic curve.",
                    "stella keys generate --algorithm A --validity 365d --name N",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::KeyTooWeak,
        Page {
            meaning: "The key is too short to be trusted: RSA below 2,048 bits, DSA, or a small curve. This holds for \
                 every key of a path, also one that signs nothing there.",
            example: "error[key.too_weak]: the key is too weak in certificate 0: found RSA of 1024 bits, expected at \
                 least 2048 bits; try: stella verify cert-chain --attestation 3f2a91c4",
            causes: &["The certificate or key is old."],
            remedies: &[
                run("See which certificate or key it is.", "stella verify cert-chain --attestation X"),
                run("Have it replaced by its owner, and sign anew.", "stella attest resign X --key ID"),
            ],
            clause: None,
        },
    ),
];
