//! Why did this verify yesterday and not today: the entry of the trust log that changed a verdict.
//!
//! Attestation, artifact, policy and the instant judged stay what they are; only the trust moves along its history. What changes trust is
//! an entry of the log, or the end of an emergency change, for which there is no entry: time alone ends it.

mod agreement;
mod clock;
mod find;
mod moments;

pub use agreement::{Agreement, Signed, agreement};
pub use clock::verified_until;
pub use find::{Bisection, Effort, Method, Question, VerdictChange, find, find_within};
pub use moments::{Event, Moment};
