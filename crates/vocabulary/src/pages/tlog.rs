//! Pages of `tlog.`: transparency logs.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::TlogCheckpointMalformed,
        Page {
            meaning: "The checkpoint of the log is not in its prescribed form: origin, size and root hash on lines of \
                 their own, then signatures.",
            example: "error[tlog.checkpoint_malformed]: the checkpoint is malformed in log entry 0, line 2: found \
                 `007`, expected a number without leading zeros; try: fetch the bundle again",
            causes: &["Line breaks were changed on its way.", "A log or tool writes another format."],
            remedies: &[run("Fetch the bundle as the signer made it.", "stella attest import FILE")],
            clause: Some("C2SP tlog-checkpoint; C2SP signed-note"),
        },
    ),
    (
        Code::TlogCheckpointSignatureInvalid,
        Page {
            meaning: "The checkpoint is not signed by the log it is said to be of. Without that signature anybody \
                 could have written it.",
            example: "error[tlog.checkpoint_signature_invalid]: the checkpoint is not signed by its log in log entry \
                 0: found no valid signature by `rekor.example`, expected one; try: stella trust-anchors list",
            causes: &[
                "The checkpoint was altered, or its signature line is missing or has the hint of another key.",
                "The log rotated its key, and the trusted root here is old.",
            ],
            remedies: &[
                run("Fetch the bundle again.", "stella attest import FILE"),
                run(
                    "Import a current trusted root, after confirming where it comes from. This newly accepts every log \
                         in it.",
                    "stella trust-anchors import --trusted-root FILE",
                ),
            ],
            clause: Some("C2SP signed-note"),
        },
    ),
    (
        Code::TlogEntryMismatch,
        Page {
            meaning: "The log entry is genuine, but of something else: its digest, signature or key is not the one of \
                 this attestation. Somebody's entry does not vouch for somebody else's signature.",
            example: "error[tlog.entry_mismatch]: the log entry is of something else in log entry 0: found signature \
                 30ce…, expected signature b97d…; try: stella attest integrity-check 3f2a91c4",
            causes: &[
                "The entry of another artifact or an earlier signature was put into the bundle.",
                "The attestation was signed again, and the old entry kept.",
            ],
            remedies: &[
                run("See whether the stored copy is still what arrived.", "stella attest integrity-check X"),
                run(
                    "Have it signed anew, so that signature and entry belong together.",
                    "stella attest resign X --key ID",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::TlogInclusionProofInvalid,
        Page {
            meaning: "The proof does not show that the entry is in the log: a hash is wrong, missing or surplus, or \
                 the index does not fit the size.",
            example: "error[tlog.inclusion_proof_invalid]: the inclusion proof fails in log entry 0: found root 8e02…, \
                 expected root 17fb…; try: stella attest integrity-check 3f2a91c4",
            causes: &[
                "The entry or the proof was altered.",
                "The proof is of another entry or another size of the tree.",
            ],
            remedies: &[
                run("See whether the stored copy is still what arrived.", "stella attest integrity-check X"),
                run("Fetch the bundle again from where it was published.", "stella attest import FILE"),
            ],
            clause: Some("RFC 6962 §2.1.1"),
        },
    ),
    (
        Code::TlogKindUnsupported,
        Page {
            meaning: "The log entry is of a kind or version that is not understood, so it cannot be compared with the \
                 signature.",
            example: "error[tlog.kind_unsupported]: an unknown kind of entry in log entry 0: found `rpm` 0.0.1, \
                 expected dsse, intoto or hashedrekord; try: stella version",
            causes: &["The signer used a newer tool, or another kind of entry."],
            remedies: &[
                run("See what this version understands.", "stella version -o json"),
                run(
                    "Have it signed with a tool that writes a supported kind.",
                    "stella attest create --subject FILE --type TYPE --force",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::TlogLogUnknown,
        Page {
            meaning: "The entry is of a log that the trust store does not know. What an unknown log says counts for \
                 nothing.",
            example: "error[tlog.log_unknown]: an unknown log in log entry 0: found log id c0d2…, expected a log of \
                 the trust store; try: stella trust-anchors list",
            causes: &[
                "The attestation comes from another environment, such as staging.",
                "The log is new, and the trusted root here is old.",
            ],
            remedies: &[
                run("See which logs are trusted.", "stella trust-anchors list"),
                run(
                    "Import a current trusted root, after confirming where it comes from. This newly accepts every log \
                         in it.",
                    "stella trust-anchors import --trusted-root FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::TlogOriginMismatch,
        Page {
            meaning: "The checkpoint is of another log than the entry, or names another origin than the one that \
                 belongs to its key. Key and origin are one pair.",
            example: "error[tlog.origin_mismatch]: another origin in log entry 0: found `log-b.example`, expected \
                 `log-a.example`; try: stella trust-anchors list",
            causes: &[
                "The checkpoint of another trusted log was put in.",
                "The log was moved, and is configured here under its old name.",
            ],
            remedies: &[
                run("Compare with the logs that are trusted.", "stella trust-anchors list"),
                run("Fetch the bundle again from where it was published.", "stella attest import FILE"),
            ],
            clause: Some("C2SP tlog-checkpoint"),
        },
    ),
    (
        Code::TlogRootMismatch,
        Page {
            meaning: "The proof leads to another root hash than the one the log signed in its checkpoint.",
            example: "error[tlog.root_mismatch]: the proof and the checkpoint disagree in log entry 0: found root \
                 8e02…, expected root 17fb…; try: stella attest integrity-check 3f2a91c4",
            causes: &["Proof and checkpoint are of different sizes of the tree.", "One of them was altered."],
            remedies: &[run("Fetch the bundle again from where it was published.", "stella attest import FILE")],
            clause: Some("RFC 6962 §2.1.1"),
        },
    ),
    (
        Code::TlogSetInvalid,
        Page {
            meaning: "The log's signed promise of inclusion does not fit the entry. The time in the entry is therefore \
                 not proven, and is not used, even where the policy does not ask for a log.",
            example: "error[tlog.set_invalid]: the promise does not fit in log entry 0: found integrated time \
                 1768640401, expected an entry as the log signed it; try: stella attest integrity-check 3f2a91c4",
            causes: &[
                "The time or the body of the entry was altered.",
                "The bundle was converted by a tool that changed the entry.",
            ],
            remedies: &[
                run("See whether the stored copy is still what arrived.", "stella attest integrity-check X"),
                run("Fetch the bundle again from where it was published.", "stella attest import FILE"),
            ],
            clause: None,
        },
    ),
    (
        Code::TlogThresholdNotMet,
        Page {
            meaning: "Fewer logs vouch for the signature than the policy asks for. Two entries of one log count once.",
            example: "error[tlog.threshold_not_met]: too few logs in the attestation: found 1, expected 2; try: stella \
                 verify attestation --attestation 3f2a91c4 --verbose",
            causes: &["The signature was recorded in one log only.", "One of the logs is not in the trust store."],
            remedies: &[
                run(
                    "See which logs counted and why the others did not.",
                    "stella verify attestation --attestation X --verbose",
                ),
                run("Have it signed anew and recorded in as many logs.", "stella attest resign X --key ID"),
            ],
            clause: None,
        },
    ),
];
