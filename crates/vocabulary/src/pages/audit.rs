//! Pages of `audit.`: the history of the trust store.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::AuditBroken,
        Page {
            meaning: "The audit log of the trust store does not verify: an entry was edited, removed or moved. Nothing \
                 is judged on trust whose history cannot be shown.",
            example: "error[audit.broken]: the trust log does not verify in entry 41: found root 8e02…, expected root \
                 17fb…; try: stella trust log --verify",
            causes: &[
                "A file of the store was edited by hand, or damaged by a disk.",
                "Somebody tried to hide a change of trust.",
            ],
            remedies: &[
                run("Find the first bad entry.", "stella trust log --verify"),
                run(
                    "Keep a copy of the store as it is, then restore the last backup whose log is consistent with a \
                         checkpoint kept elsewhere.",
                    "stella trust log --verify --checkpoint FILE",
                ),
            ],
            clause: Some("RFC 6962 §2.1"),
        },
    ),
    (
        Code::AuditStateMismatch,
        Page {
            meaning: "The trust store holds something that its audit log does not explain. Every entry carries the \
                 hash of the state after it, and the present state has another.",
            example: "error[audit.state_mismatch]: the store differs from its log in entry 41: found state 30ce…, \
                 expected state b97d…; try: stella doctor --full",
            causes: &[
                "A row was changed in the database without the command line, for instance by a script.",
                "A backup of the database was combined with a log of another time.",
            ],
            remedies: &[
                run("See what differs; nothing is changed by looking.", "stella doctor --full"),
                run(
                    "Restore a backup in which store and log belong together, and make the change again with a \
                         command.",
                    "stella trust log --verify",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::AuditTruncated,
        Page {
            meaning: "The audit log is shorter than a checkpoint seen earlier says: its end was cut off. Whatever was \
                 cut may have been a revocation.",
            example: "error[audit.truncated]: the trust log lost its end in trust log: found 39 entries, expected at \
                 least 42; try: stella trust log --verify --checkpoint FILE",
            causes: &[
                "An older copy of the log was put back.",
                "The log was cut on purpose, to undo a change of trust without a trace.",
            ],
            remedies: &[
                run(
                    "Compare with a checkpoint kept outside of this machine; without one, a missing end cannot be \
                         seen.",
                    "stella trust log --verify --checkpoint FILE",
                ),
                run(
                    "Restore the newest backup that is consistent with that checkpoint.",
                    "stella trust log --verify --checkpoint FILE",
                ),
            ],
            clause: Some("RFC 6962 §2.1.2"),
        },
    ),
];
