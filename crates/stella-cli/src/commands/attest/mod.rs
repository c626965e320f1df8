//! `stella attest …`.

mod create;
mod export;
mod export_image;
mod history;
mod import;
mod import_image;
mod integrity;
mod list;
mod logs;
mod made;
mod resign;
mod show;
mod sources;
mod status;
mod test_sign;

pub(super) use import::{pool, progress};

use super::verify_attestation;
use crate::arguments::{AttestCommand, Everywhere};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;

pub(super) fn run(command: &AttestCommand, everywhere: &Everywhere, context: &Context) -> Result<Answer, Complaint> {
    match command {
        AttestCommand::Show(said) => show::run(said, context),
        AttestCommand::Import(said) => import::run(said, context),
        AttestCommand::List(said) => list::run(said, context),
        AttestCommand::Export(said) => export::run(said, context),
        AttestCommand::Logs(said) => logs::run(said, context),
        AttestCommand::Create(said) => create::run(said, context),
        AttestCommand::Resign(said) => resign::run(said, context),
        AttestCommand::IntegrityCheck(said) => integrity::run(said, context),
        AttestCommand::TestSign(said) => test_sign::run(said, context),
        AttestCommand::Status => status::run(context),
        AttestCommand::Verify(said) => verify_attestation::run(said, everywhere, context),
    }
}
