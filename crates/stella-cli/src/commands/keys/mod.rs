//! `stella keys …`.

mod activate;
mod add;
mod algorithm;
mod generate;
mod history;
mod list;
mod revoke;
mod show;
mod verify;
mod view;

pub(super) use show::public_key;

use crate::arguments::KeysCommand;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;

pub(crate) fn run(command: &KeysCommand, context: &Context) -> Result<Answer, Complaint> {
    match command {
        KeysCommand::Activate(said) => activate::run(said, context),
        KeysCommand::Add(said) => add::run(said, context),
        KeysCommand::Generate(said) => generate::run(said, context),
        KeysCommand::List(said) => list::run(said, context),
        KeysCommand::Revoke(said) => revoke::run(said, context),
        KeysCommand::RotationHistory(said) => history::run(said, context),
        KeysCommand::Show(said) => show::run(said, context),
        KeysCommand::Verify(said) => verify::run(said, context),
    }
}
