//! Pages of `bundle.`: Sigstore bundles.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::BundleCertificateMissing,
        Page {
            meaning: "The bundle has a list of certificates, but the list is empty. There is no signer to judge.",
            example: "error[bundle.certificate_missing]: no certificate in \
                 $.verificationMaterial.x509CertificateChain.certificates: found 0 certificates, expected at least 1; \
                 try: fetch the bundle again",
            causes: &["The signing tool failed to write the certificate it was issued."],
            remedies: &[run(
                "Have the bundle made again by the signer; a certificate cannot be added afterwards from elsewhere \
                         with any confidence.",
                "stella attest show X --details",
            )],
            clause: Some("Sigstore bundle \"verificationMaterial\""),
        },
    ),
    (
        Code::BundleChainContainsRoot,
        Page {
            meaning: "The certificates in the bundle include a self-signed root. A bundle carries the signer and \
                 perhaps intermediates; roots come from the trust store and from nowhere else.",
            example: "error[bundle.chain_contains_root]: a root inside the bundle in certificate 2: found a \
                 self-signed certificate, expected the signer and intermediates only; try: stella trust-anchors list",
            causes: &[
                "The signing tool was configured with the full chain.",
                "Somebody hopes that a verifier trusts what the bundle brings along.",
            ],
            remedies: &[
                run("Have the bundle made without the root.", "stella verify cert-chain --attestation X"),
                run("Check whether the root is an anchor of yours already.", "stella trust-anchors list"),
            ],
            clause: Some("Sigstore bundle \"x509CertificateChain\""),
        },
    ),
    (
        Code::BundleContentAmbiguous,
        Page {
            meaning: "The bundle has both a DSSE envelope and a message signature, or neither. It must be clear what \
                 was signed.",
            example: "error[bundle.content_ambiguous]: what was signed is unclear in $: found neither `dsseEnvelope` \
                 nor `messageSignature`, expected exactly one; try: fetch the bundle again",
            causes: &[
                "Two bundles were merged, or a member was dropped by a tool that does not know it.",
                "The document is verification material alone, without a signature.",
            ],
            remedies: &[run("Fetch the bundle as the signer made it.", "stella attest import FILE")],
            clause: Some("Sigstore bundle \"content\" (one of)"),
        },
    ),
    (
        Code::BundleEnumUnknown,
        Page {
            meaning: "A member holds a value that this version does not know, such as another hash algorithm. What it \
                 would mean for the check is unknown, so nothing is assumed.",
            example: "error[bundle.enum_unknown]: an unknown value in $.messageSignature.messageDigest.algorithm: \
                 found 999, expected SHA2_256, SHA2_384 or SHA2_512; try: stella version",
            causes: &["The bundle was made by a newer tool.", "The value was altered."],
            remedies: &[run(
                "See what this version understands, and update it if a newer one knows the value.",
                "stella version -o json",
            )],
            clause: None,
        },
    ),
    (
        Code::BundleKeyMaterialMismatch,
        Page {
            meaning: "The kind of key does not fit: the bundle hints at a public key and none or another was supplied, \
                 or a key was supplied for a bundle that carries a certificate.",
            example: "error[bundle.key_material_mismatch]: the key does not fit the bundle in \
                 $.verificationMaterial.publicKey.hint: found hint `sha256:77aa…`, expected the key sha256:41d7…; try: \
                 stella trust-anchors list",
            causes: &[
                "The bundle was signed with a key of one's own, and `--key` was not given.",
                "`--key` names another key than the one that signed.",
                "`--key` was given for a bundle that was signed with a certificate.",
            ],
            remedies: &[
                run(
                    "Verify with the public key of the signer. It is accepted for this one command only.",
                    "stella verify attestation --attestation X --key FILE",
                ),
                run(
                    "For a certificate, name the signer instead of a key. This accepts what that identity signs, for \
                         this command.",
                    "stella verify attestation --attestation X --identity S --issuer S",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::BundleMediaTypeUnsupported,
        Page {
            meaning: "The bundle names a media type or version that is not supported. Supported are Sigstore bundles \
                 0.1, 0.2 and 0.3.",
            example: "error[bundle.media_type_unsupported]: an unknown bundle version in $.mediaType: found \
                 `application/vnd.dev.sigstore.bundle.v0.9+json`, expected version 0.1, 0.2 or 0.3; try: stella \
                 version",
            causes: &[
                "The bundle was made by a newer tool.",
                "The document is of another kind that happens to have a `mediaType`.",
            ],
            remedies: &[run(
                "See what this version understands, and update it if a newer one knows the format.",
                "stella version -o json",
            )],
            clause: Some("Sigstore bundle \"mediaType\""),
        },
    ),
    (
        Code::BundleMessageDigestMismatch,
        Page {
            meaning: "The digest written in the bundle is not the digest of the artifact. The signature is over \
                 another file.",
            example: "error[bundle.message_digest_mismatch]: the bundle is for another file in \
                 $.messageSignature.messageDigest: found sha256:2c26…, expected sha256:fcde…; try: stella verify \
                 artifact --artifact FILE",
            causes: &[
                "The bundle belongs to another build or another file of the same release.",
                "The artifact was rebuilt, repacked or damaged after it was signed.",
            ],
            remedies: &[
                run("Hash the artifact and list what is attested about it.", "stella verify artifact --artifact FILE"),
                run(
                    "Download the artifact again from where it is released.",
                    "stella verify attestation --attestation X --artifact FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::BundleNoVerificationMaterial,
        Page {
            meaning: "The bundle brings no certificate and no key hint. A timestamp or a log entry alone says when \
                 something existed and not who signed it.",
            example: "error[bundle.no_verification_material]: nobody to verify against in $.verificationMaterial: \
                 found no certificate and no key hint, expected one of them; try: fetch the bundle again",
            causes: &[
                "The signing tool was configured to leave the certificate out.",
                "The member was dropped by a tool that rewrote the bundle.",
            ],
            remedies: &[run(
                "Have the bundle made again with its certificate or key hint.",
                "stella attest show X --details",
            )],
            clause: Some("Sigstore bundle \"verificationMaterial\""),
        },
    ),
    (
        Code::BundleShapeInvalid,
        Page {
            meaning: "The bundle does not have the shape its version prescribes, for instance a chain in version 0.3, \
                 or a log entry without an inclusion proof from 0.2 on.",
            example: "error[bundle.shape_invalid]: the bundle does not fit its version in $.verificationMaterial: \
                 found `x509CertificateChain` in version 0.3, expected `certificate`; try: fetch the bundle again",
            causes: &[
                "A tool changed the version without changing the content.",
                "The log proof was not yet available when the bundle was written.",
            ],
            remedies: &[run(
                "Have the signer make the bundle again with a current tool.",
                "stella attest show X --details",
            )],
            clause: Some("Sigstore bundle, versions 0.1 to 0.3"),
        },
    ),
    (
        Code::BundleSignatureCount,
        Page {
            meaning: "The DSSE envelope inside a bundle does not have exactly one signature. Certificate, log entry \
                 and timestamp speak of one signature, and with several it would be open which.",
            example: "error[bundle.signature_count]: not exactly one signature in $.dsseEnvelope.signatures: found 2, \
                 expected 1; try: one bundle for each signature",
            causes: &["Several signers signed one envelope, which was then put into a bundle."],
            remedies: &[run(
                "Make one bundle for each signature, or use the bare envelope where several keys must sign.",
                "stella attest export X",
            )],
            clause: Some("Sigstore bundle \"dsseEnvelope\""),
        },
    ),
    (
        Code::BundleTooManyEntries,
        Page {
            meaning: "The bundle has more log entries, timestamps or certificates than the limit of 32. They are \
                 counted before any of them is read.",
            example: "error[bundle.too_many_entries]: too many log entries in $.verificationMaterial.tlogEntries: \
                 found 33, expected at most 32; try: stella config show",
            causes: &["A tool appends an entry on every run.", "The bundle was made to keep a verifier busy."],
            remedies: &[run(
                "Have the bundle made anew with the evidence that is needed.",
                "stella attest show X --details",
            )],
            clause: None,
        },
    ),
];
