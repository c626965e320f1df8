//! Pages of `store.`: where trust and attestations are kept.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::StoreBusy,
        Page {
            meaning: "The database could not do the work in time, though it was tried again several times. Nothing was \
                 changed in part.",
            example: "error[store.busy]: the store is busy in store postgres://db.example/stella: found a \
                 serialization failure 5 times, expected a commit; try: run the command again",
            causes: &[
                "Many commands write at the same time.",
                "The database is overloaded, or a long transaction of somebody else holds it.",
            ],
            remedies: &[run("Run the command again.", "stella attest status")],
            clause: None,
        },
    ),
    (
        Code::StoreCorrupt,
        Page {
            meaning: "The store cannot be read as what was written: damaged, truncated, or of another origin. Nothing \
                 is judged on it, because what is missing may be a revocation.",
            example: "error[store.corrupt]: the store is damaged in attest.db, page 17: found a bad checksum, expected \
                 the page as written; try: stella doctor --full",
            causes: &["A disk fault, or a copy that was made while the store was in use.", "Somebody edited the file."],
            remedies: &[
                run("See what is damaged; nothing is changed by looking.", "stella doctor --full"),
                run(
                    "Keep a copy, then restore the newest good backup and check its history.",
                    "stella trust log --verify --checkpoint FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::StoreDuplicateKey,
        Page {
            meaning: "This public key is already in the store under another id. A key that counts twice could meet a \
                 threshold alone.",
            example: "error[store.duplicate_key]: the key is already known in key sha256:41d7…: found id `build-2025`, \
                 expected a new key; try: stella trust-anchors show build-2025",
            causes: &["The key was added before, perhaps in another format."],
            remedies: &[run("Look at the existing entry, and use that.", "stella trust-anchors show ID")],
            clause: None,
        },
    ),
    (
        Code::StoreIdInvalid,
        Page {
            meaning: "An id has characters or a length that are not allowed. Ids are lower-case letters, digits, dots, \
                 hyphens and underscores, start with a letter or digit, and have at most 128 characters.",
            example: "error[store.id_invalid]: not an id in the command line: found `../../x`, expected lower-case \
                 letters, digits, `.`, `_` and `-`; try: choose another id",
            causes: &["A path, a name with capitals, or a name with letters that look alike was given."],
            remedies: &[run(
                "Choose another id; a name for people goes into `--name`. Adding the anchor newly accepts every \
                         signer below it.",
                "stella trust-anchors add --cert FILE --name N --dry-run",
            )],
            clause: None,
        },
    ),
    (
        Code::StoreIo,
        Page {
            meaning: "Reading or writing the store failed at the operating system. After a failed write the command \
                 did not succeed, and the store takes no more writes until it is opened again.",
            example: "error[store.io]: the store could not be read in attest.db: found input/output error, expected \
                 4096 bytes; try: stella doctor --quick",
            causes: &["A failing disk, or a network file system that went away."],
            remedies: &[
                run("See the state of the store.", "stella doctor --quick"),
                run(
                    "Look at the messages of the operating system about the disk before you write again.",
                    "stella doctor --full",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::StoreLocked,
        Page {
            meaning: "Another process holds the store for writing and did not let go within ten seconds. The message \
                 names the process.",
            example: "error[store.locked]: the store is locked in trust/: found process 4711, expected a free store; \
                 try: run the command again",
            causes: &[
                "A long import or a mass verification is running.",
                "A process that holds the lock was stopped, and not ended.",
            ],
            remedies: &[run("Wait for the process, or end it, then run the command again.", "stella attest status")],
            clause: None,
        },
    ),
    (
        Code::StoreNoSpace,
        Page {
            meaning: "The disk is full, or a quota is reached. The change was made in whole or, as a rule, not at all; \
                 the trust log says which.",
            example: "error[store.no_space]: no space left in trust/: found 0 bytes free, expected room for 8192 \
                 bytes; try: free space and run the command again",
            causes: &["The disk of the store is shared with logs or build results."],
            remedies: &[run(
                "Free some space and look at the end of the trust log, then run the command again; nothing needs to \
                 be repaired.",
                "stella doctor --quick",
            )],
            clause: None,
        },
    ),
    (
        Code::StoreNotFound,
        Page {
            meaning: "What was asked for is not there: the store itself, or an attestation, key, anchor or request of \
                 that id.",
            example: "error[store.not_found]: not found in attestation store: found no attestation starting with \
                 3f2a91c4, expected one; try: stella attest list",
            causes: &["The id is misspelt, or belongs to another store.", "There is no store yet on this machine."],
            remedies: &[
                run("See which store is used, and from where that setting comes.", "stella config show"),
                run("List what is there.", "stella attest list"),
                run("Make a store, if there is none. It starts with no trust of its own.", "stella init"),
            ],
            clause: None,
        },
    ),
    (
        Code::StorePermissions,
        Page {
            meaning: "The store, a file in it or a directory above it can be changed by others, or cannot be read by \
                 this user. Whoever can write there decides what is trusted.",
            example: "error[store.permissions]: the permissions are unsafe in trust/: found mode 0775, expected 0700; \
                 try: chmod 0700 on the directory named",
            causes: &[
                "The store was copied or made with a loose umask.",
                "The command runs as another user than the owner.",
            ],
            remedies: &[
                run("Set the mode that the message names, after checking who had access.", "stella doctor --quick"),
                run("See which store is used.", "stella config show"),
            ],
            clause: None,
        },
    ),
    (
        Code::StoreReadOnly,
        Page {
            meaning: "The store can only be read, and the command wants to write. It was refused before any work; \
                 verification works.",
            example: "error[store.read_only]: the store is read-only in trust/: found a read-only file system, \
                 expected a writable one; try: stella config show",
            causes: &["The file system is mounted read-only, or the database is a replica."],
            remedies: &[run("Write on the machine or the server that is meant for it.", "stella config show")],
            clause: None,
        },
    ),
    (
        Code::StoreRollbackDetected,
        Page {
            meaning: "The store is older than one that was seen before, or is another branch of its history. Going \
                 back could bring back trust that was withdrawn.",
            example: "error[store.rollback_detected]: the store is older than before in trust/: found version 39, \
                 expected at least 42; try: stella trust log --verify --checkpoint FILE",
            causes: &[
                "A backup was put back, or a machine was reset to a snapshot.",
                "The database failed over to a replica that lags behind.",
                "Somebody put an old store back to undo a revocation.",
            ],
            remedies: &[
                run("Compare with a checkpoint kept elsewhere.", "stella trust log --verify --checkpoint FILE"),
                run(
                    "Bring the newest store back. Accepting the older one newly accepts whatever was revoked since, \
                         and needs approval.",
                    "stella trust diff T1 T2",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::StoreSchemaTooNew,
        Page {
            meaning: "The store was written by a newer version of the program. This version does not know all of its \
                 rules, so it judges nothing on it.",
            example: "error[store.schema_too_new]: the store is of a newer version in trust/: found schema 4, expected \
                 at most 3; try: stella version",
            causes: &["Two versions of the program share one store, and only one was updated."],
            remedies: &[
                run("Use the newer version.", "stella version"),
                run("Look at the store without changing it.", "stella doctor --quick"),
            ],
            clause: None,
        },
    ),
    (
        Code::StoreSymlinkRefused,
        Page {
            meaning: "A file or directory of the store is a symbolic or hard link, or no plain file. Through a link, \
                 somebody else could choose what is read.",
            example: "error[store.symlink_refused]: a link inside of the store in trust/log: found a symbolic link, \
                 expected a directory; try: move the store itself and set --home",
            causes: &[
                "The store was moved, and a link put in its place.",
                "Somebody tries to have another file read or overwritten.",
            ],
            remedies: &[run("Name the real place of the store.", "stella config show")],
            clause: None,
        },
    ),
    (
        Code::StoreUnsupportedFilesystem,
        Page {
            meaning: "The file system has no locks that can be relied on. Two writers could both succeed and one \
                 change would be lost.",
            example: "error[store.unsupported_filesystem]: the file system cannot lock in trust/: found a network file \
                 system without locks, expected working locks; try: stella config show",
            causes: &["The store is on a network share or a synchronised folder."],
            remedies: &[
                run(
                    "Put the store on a local disk, and name its place with `--home` or `STELLA_HOME`.",
                    "stella config show",
                ),
                run(
                    "Several machines share a PostgreSQL store, named with `--store` or `STELLA_STORE`.",
                    "stella config show",
                ),
            ],
            clause: None,
        },
    ),
];
