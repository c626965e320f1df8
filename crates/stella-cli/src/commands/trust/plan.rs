//! `stella trust plan`: any command that changes trust, as a dry run.

use std::ffi::OsString;

use clap::{CommandFactory, Parser, ValueEnum};
use stella_vocabulary::Code;

use crate::arguments::{Arguments, Command, Everywhere, PlanArguments};
use crate::complaint::Complaint;
use crate::exit::Answer;
use crate::usage;

pub(crate) fn run(said: &PlanArguments, everywhere: &Everywhere) -> Result<Answer, Complaint> {
    let given = said.command.iter().map(String::as_str);
    let words: Vec<&str> = given.skip(usize::from(said.command.first().is_some_and(|word| word == "stella"))).collect();
    let mut planned = vec![OsString::from("stella")];
    planned.extend(said_everywhere(everywhere));
    planned.extend(words.iter().map(OsString::from));
    if !words.contains(&"--dry-run") {
        planned.push("--dry-run".into());
    }
    for path in &said.attestation {
        let mut word = OsString::from("--attestation=");
        word.push(path);
        planned.push(word);
    }
    match Arguments::try_parse_from(&planned) {
        Ok(Arguments { command: Command::Trust(_), .. }) => Err(unfit(&words)),
        Ok(arguments) => crate::commands::dispatch(&arguments),
        // That it takes no dry run is our word for it, not that of the person.
        Err(_) if !takes_dry_run(&words) => Err(unfit(&words)),
        Err(error) => Ok(usage::answer(&error, &planned)),
    }
}

/// The options that every command takes, as they were said to this one.
fn said_everywhere(everywhere: &Everywhere) -> Vec<OsString> {
    let Everywhere { output, verbose, quiet, no_color, at, offline, home, store, config, trust_at } = everywhere;
    let mut words = Vec::new();
    if let Some(output) = output.to_possible_value() {
        words.push(OsString::from(format!("--output={}", output.get_name())));
    }
    let flags = [("--verbose", verbose), ("--quiet", quiet), ("--no-color", no_color), ("--offline", offline)];
    words.extend(flags.into_iter().filter(|(_, said)| **said).map(|(flag, _)| OsString::from(flag)));
    let texts = [("--at=", at), ("--store=", store), ("--trust-at=", trust_at)];
    words
        .extend(texts.into_iter().filter_map(|(name, text)| Some(OsString::from(format!("{name}{}", text.as_ref()?)))));
    for (name, path) in [("--home=", home), ("--config=", config)] {
        if let Some(path) = path {
            let mut word = OsString::from(name);
            word.push(path);
            words.push(word);
        }
    }
    words
}

/// Whether the command that `words` name, if they name one, can be run dry.
fn takes_dry_run(words: &[&str]) -> bool {
    let mut command = Arguments::command();
    command.build();
    for word in words {
        match command.find_subcommand(word) {
            Some(found) => command = found.clone(),
            None => break,
        }
    }
    let dry_run = command.get_arguments().any(|argument| argument.get_id() == "dry_run");
    // An incomplete command has an error of its own.
    dry_run || command.has_subcommands()
}

fn unfit(words: &[&str]) -> Complaint {
    Complaint::new(Code::UsageConflict, "this command does not change trust, so there is nothing to plan")
        .place("the command line")
        .found(words.join(" "))
        .expected("a command that takes --dry-run, such as trust-anchors remove ID")
        .remedy("stella trust plan --help")
}
