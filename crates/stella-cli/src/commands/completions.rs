//! `stella completions`.

use clap::CommandFactory;

use crate::arguments::{Arguments, CompletionArguments};
use crate::exit::Answer;

pub(crate) fn run(said: &CompletionArguments) -> Answer {
    let mut script = Vec::new();
    clap_complete::generate(said.shell, &mut Arguments::command(), "stella", &mut script);
    Answer::done(String::from_utf8_lossy(&script))
}
