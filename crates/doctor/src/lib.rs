//! Named health checks and diagnosis: what is wrong, since when, why, and what to type.
//!
//! [`Check`] is one question about the health of an installation, [`Runner`] asks many of them side by side, and a [`Finding`] is the answer:
//! status, evidence, the likely cause and the commands that mend it. A check that panics or hangs is a finding, too.
//!
//! Nothing here reads a clock, an environment or a file, and nothing prints. Whatever a check wants to know comes in through the trait [`World`].
//!
//! ```
//! use stella_doctor::{About, Category, Check, Finding, Severity, Status, Trouble, World};
//!
//! struct Certificates;
//!
//! impl Check for Certificates {
//!     fn about(&self) -> About {
//!         About::new("check.acme.certificates", Category::Custom, Severity::Warn, "the certificates of the build machines")
//!     }
//!
//!     fn run(&self, _: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
//!         Ok(finding.measured("machines", 12).passed("every machine has a certificate"))
//!     }
//! }
//!
//! let finding = Finding::of(&Certificates.about());
//! assert_eq!(finding.status, Status::Skip);
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod about;
mod cause;
mod check;
pub mod checks;
pub mod diagnosis;
mod external;
mod finding;
mod fleet;
mod forecast;
mod history;
mod roots;
mod runner;
mod selection;
mod trouble;
mod world;

pub use about::{About, Category, Depth, Severity};
pub use cause::{Cause, Confidence, Mending};
pub use check::Check;
pub use external::{ExternalCheck, Program, ProgramOutcome, read_answer};
pub use finding::{Evidence, Finding, Status};
pub use fleet::{Fleet, Group, fleet};
pub use forecast::{Forecast, Loss, forecast};
pub use history::{Counts, Health, OpenFailure, TrustEvent, Window, history};
pub use runner::{Examination, Runner};
pub use selection::{Selection, SelectionError};
pub use trouble::{Facility, Trouble};
pub use world::{
    Connectivity, Exposed, LogAudit, Module, Place, SettingFlaw, SigningKeyState, SigningKeyStatus, Space,
    TestSignature, TurningPoint, World,
};
