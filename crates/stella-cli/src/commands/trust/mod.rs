//! `stella trust …`: the trust log, and what it makes possible.

mod bisect;
mod diff;
mod entry;
mod export;
mod import;
mod journal;
mod lint;
mod log;
mod plan;

use crate::arguments::TrustCommand;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;

pub(crate) use self::bisect::turning_point;
pub(crate) use self::journal::journal_changes;
pub(crate) use self::plan::run as plan;

pub(crate) fn run(command: &TrustCommand, context: &Context) -> Result<Answer, Complaint> {
    match command {
        TrustCommand::Log(said) => log::run(said, context),
        TrustCommand::Diff(said) => diff::run(said, context),
        // It makes a context of its own.
        TrustCommand::Plan(_) => Ok(Answer::default()),
        TrustCommand::Bisect(said) => bisect::run(said, context),
        TrustCommand::Lint(said) => lint::run(said, context),
        TrustCommand::Export(said) => export::run(said, context),
        TrustCommand::Import(said) => import::run(said, context),
    }
}
