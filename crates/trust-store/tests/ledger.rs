//! The trust log and what it means.
#![allow(clippy::unwrap_used, reason = "unwrap belongs to tests, their helpers included")]

#[path = "ledger/approvals.rs"]
mod approvals;
#[path = "ledger/audit.rs"]
mod audit;
#[path = "ledger/changes.rs"]
mod changes;
#[path = "ledger/effects.rs"]
mod effects;
#[path = "ledger/emergencies.rs"]
mod emergencies;
#[path = "ledger/entries.rs"]
mod entries;
#[path = "ledger/founding.rs"]
mod founding;
#[path = "ledger/history.rs"]
mod history;
#[path = "ledger/model.rs"]
mod model;
#[path = "ledger/one_person.rs"]
mod one_person;
#[path = "ledger/opening.rs"]
mod opening;
#[path = "ledger/planned.rs"]
mod planned;
#[path = "ledger/rsa_forms.rs"]
mod rsa_forms;
#[path = "ledger/scale.rs"]
mod scale;
#[path = "ledger/snapshots.rs"]
mod snapshots;
#[path = "ledger/times.rs"]
mod times;
#[path = "ledger/world.rs"]
mod world;
