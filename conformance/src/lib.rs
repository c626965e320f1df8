//! Runs public test suites, in their own published formats, against the stella libraries.
//!
//! Every suite is a module behind [`Suite`]; it reads what its publisher wrote and says of each case what was expected and what came of
//! it. Nothing here knows a single case: expectations come from the suite's own files, the reasons expected of refusals from a table
//! over the suite's own names (`data/`), and what does not pass yet from `deviations.toml`.
//!
//! False accepts and false rejects are never added up: most suites are lopsided, so a verifier that refuses everything would shine.
#![forbid(unsafe_code)]

mod case;
mod certificates;
mod deviations;
mod differential;
mod evidence;
mod facts;
mod files;
mod limbo;
mod oddities;
mod pattern;
mod reasons;
mod signatures;
mod sink;
mod suite;
mod suites;
mod summary;
mod trust;

pub use crate::case::{Case, Expected, Observed, Outcome, Reasons, Record};
pub use crate::deviations::{Deviation, Deviations};
pub use crate::differential::{Agreement, Differential};
pub use crate::sink::Sink;
pub use crate::suite::{Input, Suite, SuiteError, run};
pub use crate::suites::{all, by_name};
pub use crate::summary::{Group, Judged, Standing, Summary};
pub use crate::trust::TrustDirectory;
