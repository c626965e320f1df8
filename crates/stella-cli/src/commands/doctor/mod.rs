//! `stella doctor …`.

mod diagnose;
mod document;
mod examine;
mod export;
mod forecast;
mod program;

pub(crate) use self::diagnose::explain;

pub(super) use self::examine::{examine, world};

use crate::arguments::{DoctorArguments, DoctorCommand, Everywhere};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;

pub(super) fn run(said: &DoctorArguments, everywhere: &Everywhere, context: &Context) -> Result<Answer, Complaint> {
    match &said.command {
        None => examine::run(&said.examine, everywhere, context),
        Some(DoctorCommand::Diagnose(said)) => diagnose::run(said, everywhere, context),
        Some(DoctorCommand::Forecast(said)) => forecast::run(said, everywhere, context),
        Some(DoctorCommand::Export(said)) => export::run(said, everywhere, context),
    }
}
