//! The commands, one file each.

mod approvals;
mod approvers;
mod attest;
mod completions;
mod config_show;
mod crypto_profile;
mod crypto_providers;
mod doctor;
mod end_emergency;
mod explain;
pub(crate) mod init;
mod issuer;
mod keys;
mod man;
mod metrics;
mod self_test;
mod store_check;
mod store_copy;
mod store_restore;
mod trust;
mod trust_anchors;
mod verify_all;
mod verify_artifact;
mod verify_attestation;
mod verify_cert;
mod verify_cert_chain;
mod verify_changed;
mod version;

pub(crate) use self::trust::turning_point;

use std::ffi::OsString;

use clap::Parser;

use crate::arguments::{
    Arguments, Command, CryptoCommand, Document, ProvidersCommand, StoreCommand, TrustCommand, VerifyCommand,
};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::usage;
use stella_vocabulary::Code;

/// Runs the command that `words` name; the first word is the program.
pub(crate) fn run(words: &[OsString]) -> Answer {
    match Arguments::try_parse_from(words) {
        Err(error) => usage::answer(&error, words),
        Ok(arguments) => {
            let json = arguments.everywhere.output.is_json();
            dispatch(&arguments).unwrap_or_else(|complaint| Answer::complain(&complaint, json))
        }
    }
}

pub(crate) fn dispatch(arguments: &Arguments) -> Result<Answer, Complaint> {
    let context = Context::of(&arguments.everywhere)?;
    let answered = obey(arguments, &context);
    if let Ok(Answer { entry: Some(_), .. }) = &answered {
        trust::journal_changes(&context);
    }
    let warnings = context.warnings();
    if warnings.is_empty() {
        return answered;
    }
    let mut answer = answered.unwrap_or_else(|complaint| Answer::complain(&complaint, context.format.is_json()));
    answer.diagnostics.insert_str(0, &warnings);
    Ok(answer)
}

fn obey(arguments: &Arguments, context: &Context) -> Result<Answer, Complaint> {
    if let Some(document) = context.document
        && !matches!(arguments.command, Command::Doctor(_) | Command::Metrics)
    {
        return Err(no_such_form(document));
    }
    match &arguments.command {
        Command::Verify(VerifyCommand::Attestation(said)) => {
            verify_attestation::run(said, &arguments.everywhere, context)
        }
        Command::Verify(VerifyCommand::All(said)) => verify_all::run(said, context),
        Command::Verify(VerifyCommand::CertChain(said)) => verify_cert_chain::run(said, context),
        Command::Verify(VerifyCommand::Cert(said)) => verify_cert::run(said, context),
        Command::Verify(VerifyCommand::Artifact(said)) => verify_artifact::run(said, context),
        Command::Attest(command) => attest::run(command, &arguments.everywhere, context),
        Command::Crypto(CryptoCommand::Profile(command)) => crypto_profile::run(command, context),
        Command::Crypto(CryptoCommand::Providers(ProvidersCommand::List(said))) => crypto_providers::run(said, context),
        Command::Init(said) => init::run(said, context),
        Command::Approvals(command) => approvals::run(command, context),
        Command::Approvers(command) => approvers::run(command, context),
        Command::TrustAnchors(command) => trust_anchors::run(command, context),
        Command::Trust(TrustCommand::Plan(said)) => trust::plan(said, &arguments.everywhere),
        Command::Trust(command) => trust::run(command, context),
        Command::Issuer(command) => issuer::run(command, context),
        Command::Keys(command) => keys::run(command, context),
        Command::Store(StoreCommand::Check(said)) => store_check::run(said, context),
        Command::Store(StoreCommand::Copy(said)) => store_copy::run(said, context),
        Command::Store(StoreCommand::Restore(said)) => store_restore::run(said, context),
        Command::Store(StoreCommand::EndEmergency(said)) => end_emergency::run(said, context),
        Command::Config(command) => config_show::run(command, context),
        Command::Doctor(said) => doctor::run(said, &arguments.everywhere, context),
        Command::Metrics => metrics::run(&arguments.everywhere, context),
        Command::Explain(said) => explain::run(said, context),
        Command::SelfTest => self_test::run(context),
        Command::Version => Ok(version::run(context)),
        Command::Completions(said) => Ok(completions::run(said)),
        Command::Man(said) => man::run(said, context),
    }
}

/// A form that this command does not have.
fn no_such_form(document: Document) -> Complaint {
    Complaint::new(Code::UsageConflict, "this command does not print in that form")
        .place("--output")
        .found(document.name())
        .expected("text, json, ndjson or table")
        .remedy("stella doctor --help, which has more forms")
}
