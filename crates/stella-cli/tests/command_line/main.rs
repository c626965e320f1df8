//! The command line as a user meets it: arguments, files, standard output, standard error, exit status.

#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "tests measure that nothing waits")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod approvals;
mod artifact;
mod attestation;
mod certificate;
mod chain_pictures;
mod change_whole;
mod everywhere;
mod harness;
mod hostile;
mod images;
mod init;
mod input;
mod integrity;
mod issuer;
mod issuer_keys;
mod journal;
mod kept;
mod keys;
mod offline;
mod output;
mod postgres;
mod private_keys;
mod reference;
mod resign;
mod secrets;
#[allow(dead_code, reason = "the hostile server of the tests of fetching; some of it is not needed here")]
#[path = "../../../trust-store/tests/fetch/server.rs"]
mod server;
mod settings;
mod shared_store;
mod show;
mod signing;
mod store_fingerprint;
mod store_gone;
mod store_restore;
mod tokens;
mod trust_anchors;
mod trust_anchors_add;
mod trust_anchors_quorum;
mod trust_bisect;
mod trust_exchange;
mod trust_lint;
mod trust_log;
mod trust_log_damage;
mod trust_mishaps;
mod trust_plan;
mod undo;
mod usage;
mod verify_store;
