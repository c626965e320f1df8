//! Pages of `dsse.`: envelopes and their signatures.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::DsseKeyUnknown,
        Page {
            meaning: "Every signature is by a key that is not in the trust store. Nothing is wrong with the \
                 mathematics; nobody has said that this key counts.",
            example: "error[dsse.key_unknown]: no signature by a known key in $.signatures: found key sha256:77aa…, \
                 expected a key of the trust store; try: stella trust-anchors list",
            causes: &[
                "The signer rotated the key, and the new one has not been added here, or the old one was removed while attestations signed with it are in use.",
                "The attestation comes from another environment with other keys.",
                "The envelope names no key and was changed after signing: then no key fits, whoever signed.",
            ],
            remedies: &[
                run("Compare the key with those that are trusted.", "stella trust-anchors list"),
                run(
                    "If the key is the signer's, confirmed on another way than the attestation, add it for a limited \
                         time. This newly accepts everything signed with it in that window.",
                    "stella trust-anchors add-key --key FILE --expires DATE",
                ),
                run(
                    "If its issuer publishes keys, fetch them; fetching only stages them until they are approved. \
                         Approval newly accepts their signatures.",
                    "stella issuer keys fetch ID",
                ),
            ],
            clause: Some("DSSE v1 protocol"),
        },
    ),
    (
        Code::DsseMissingField,
        Page {
            meaning: "The envelope lacks a member it must have: `payload`, `payloadType`, `signatures`, or `sig` in a \
                 signature. Names are case sensitive.",
            example: "error[dsse.missing_field]: a member is missing in $.signatures[0]: found no `sig`, expected \
                 `sig`; try: fetch the envelope again",
            causes: &[
                "The document is not a DSSE envelope but the statement inside of one, or another format.",
                "A tool changed the case of member names.",
            ],
            remedies: &[run(
                "Look at what the document is; then fetch the envelope as the signer made it.",
                "stella attest show X --details",
            )],
            clause: Some("DSSE v1 envelope"),
        },
    ),
    (
        Code::DsseNoSignatures,
        Page {
            meaning: "The envelope has an empty list of signatures. Nobody vouches for the payload.",
            example: "error[dsse.no_signatures]: nobody signed in $.signatures: found 0 signatures, expected at least \
                 1; try: stella attest create",
            causes: &["The envelope was written before it was signed, or signatures were removed."],
            remedies: &[
                run("Get the signed envelope from its maker.", "stella attest import FILE"),
                run("If the statement is yours, sign it.", "stella attest create --subject FILE --type TYPE --key ID"),
            ],
            clause: Some("DSSE v1 envelope"),
        },
    ),
    (
        Code::DssePayloadTypeUnsupported,
        Page {
            meaning: "The signature may be fine, but the payload is of a type that is not understood, so it cannot be \
                 tied to an artifact. The type is compared exactly, with parameters, case and spaces.",
            example: "error[dsse.payload_type_unsupported]: an unsupported payload type in $.payloadType: found \
                 `text/plain`, expected `application/vnd.in-toto+json`; try: stella attest show 3f2a91c4 --details",
            causes: &[
                "The envelope carries something else than an in-toto statement.",
                "The signer wrote the type with a parameter or in another case.",
            ],
            remedies: &[
                run("See what the payload claims to be.", "stella attest show X --details"),
                run(
                    "Have the signer use exactly `application/vnd.in-toto+json`. The type is part of what is signed \
                         and cannot be mended afterwards.",
                    "stella attest create --subject FILE --type TYPE",
                ),
            ],
            clause: Some("DSSE v1 \"PAE\""),
        },
    ),
    (
        Code::DsseSignatureInvalid,
        Page {
            meaning: "A signature by a known key does not fit the payload and its type. The attestation was modified \
                 after it was signed, or something else was signed. The report names near misses, such as a signature \
                 over the bare payload or another trusted key that does fit.",
            example: "error[dsse.signature_invalid]: the signature does not fit in $.signatures[0].sig: found no match \
                 with key sha256:41d7…, expected a signature over the payload and its type; try: stella attest \
                 integrity-check 3f2a91c4",
            causes: &[
                "The payload or its type was changed, if only by reformatting the JSON inside.",
                "The signing tool signed the bare payload instead of the DSSE pre-authentication encoding.",
                "The key id in the envelope names a trusted key, but another key signed; key ids are only hints.",
            ],
            remedies: &[
                run("See whether the stored copy is still what arrived.", "stella attest integrity-check X"),
                run(
                    "If the artifact is right and the statement yours, attest it anew; the old attestation stays \
                         refused.",
                    "stella attest create --subject FILE --type TYPE --force",
                ),
                run(
                    "If it was right yesterday, find the change of trust that turned the verdict.",
                    "stella trust bisect --attestation X",
                ),
            ],
            clause: Some("DSSE v1 \"PAE\""),
        },
    ),
    (
        Code::DsseThresholdNotMet,
        Page {
            meaning: "Fewer distinct trusted keys signed than the policy asks for. A key counts once, under however \
                 many names, formats or signatures it appears.",
            example: "error[dsse.threshold_not_met]: too few signers in $.signatures: found 1 trusted key, expected 2; \
                 try: stella verify attestation --attestation 3f2a91c4 --verbose",
            causes: &[
                "A signer has not signed yet, or one of the signatures is invalid.",
                "Two of the signatures are by the same key.",
            ],
            remedies: &[
                run(
                    "See which signature counted and why the others did not.",
                    "stella verify attestation --attestation X --verbose",
                ),
                run(
                    "Have the missing signer sign. A lower threshold would newly accept what a single one of them \
                         signs.",
                    "stella attest resign X --key ID",
                ),
            ],
            clause: Some("DSSE v1 protocol, \"Multi-signature Verification\""),
        },
    ),
    (
        Code::DsseTooManySignatures,
        Page {
            meaning: "The envelope has more than 32 signatures, or so many for the number of trusted keys that more than \
                 1024 combinations of signature and key would have to be tried. They are counted, because each check \
                 costs time.",
            example: "error[dsse.too_many_signatures]: too many signatures in $.signatures: found 33, expected at most \
                 32; try: stella config show",
            causes: &[
                "A tool adds a signature on every run.",
                "Many keys are trusted, and the signatures do not say by a key id which of them made them.",
                "The envelope was made to keep a verifier busy.",
            ],
            remedies: &[
                run("Have the envelope made anew with the signatures that count.", "stella attest show X --details"),
                run(
                    "Name the few keys that may have signed; then none but theirs are accepted.",
                    "stella verify attestation --attestation X --key FILE",
                ),
            ],
            clause: None,
        },
    ),
];
