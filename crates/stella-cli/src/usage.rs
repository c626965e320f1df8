//! A command line that cannot be understood, and requests for help.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::ErrorKind;
use stella_vocabulary::Code;

use crate::arguments::Arguments;
use crate::complaint::Complaint;
use crate::context::{Colour, colour};
use crate::exit::Answer;
use crate::store_place::without_secrets;

/// What to answer to `words`, which clap did not turn into a command.
pub(crate) fn answer(error: &clap::Error, words: &[OsString]) -> Answer {
    let text = error.render();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let unwanted = words.iter().any(|word| word == "--no-color");
        return Answer::done(match colour() {
            Colour::Ansi if !unwanted => text.ansi().to_string(),
            Colour::Ansi | Colour::Plain => text.to_string(),
        });
    }
    Answer::complain(&complaint(error, words), asks_for_json(words))
}

fn complaint(error: &clap::Error, words: &[OsString]) -> Complaint {
    let command = command_of(words);
    let name = command.get_bin_name().unwrap_or("stella").to_string();
    let complaint = if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let known: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        Complaint::new(Code::UsageConflict, "the command is not complete").found(&name).expected(
            match known.is_empty() {
                true => "its arguments".to_string(),
                false => format!("one of {}", known.join(", ")),
            },
        )
    } else {
        let message = error.render().to_string();
        let complaint = Complaint::new(Code::UsageConflict, what(&message));
        match tip(&message) {
            Some(tip) => complaint.expected(tip),
            None => complaint,
        }
    };
    complaint.place("the command line").remedy(format!("{name} --help"))
}

/// The message of clap up to its tips and usage, on one line.
fn what(message: &str) -> String {
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let end = ["\n\n  tip:", "\n\nUsage:", "\n\nFor more"].into_iter().filter_map(|mark| message.find(mark)).min();
    one_line(message.get(..end.unwrap_or(message.len())).unwrap_or(message))
}

/// The first tip, such as `a similar argument exists: '--identity'`.
fn tip(message: &str) -> Option<String> {
    let (_, tip) = message.split_once("\n  tip: ")?;
    Some(one_line(tip.split("\n\n").next().unwrap_or(tip).split("\n  tip: ").next().unwrap_or(tip)))
}

/// On one line, and without the passwords of URLs: what was not understood is repeated.
fn one_line(text: &str) -> String {
    let words =
        text.split_whitespace().map(|word| if word.contains("://") { without_secrets(word) } else { word.to_string() });
    words.collect::<Vec<_>>().join(" ")
}

/// The command that the beginning of `words` names.
fn command_of(words: &[OsString]) -> clap::Command {
    let mut command = Arguments::command().bin_name("stella");
    command.build();
    for word in words.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(found) = command.find_subcommand(word) {
            command = found.clone();
        }
    }
    command
}

/// Whether `words` ask for JSON, found out without understanding the rest.
pub(crate) fn asks_for_json(words: &[OsString]) -> bool {
    let mut words = words.iter().skip(1).filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        let value = match word {
            "--output" | "--format" => words.next(),
            _ => match word.strip_prefix("--output=").or_else(|| word.strip_prefix("--format=")) {
                Some(value) => Some(value),
                None => match behind_short_flags(word) {
                    Some("") => words.next(),
                    value => value,
                },
            },
        };
        if let Some("json" | "ndjson") = value {
            return true;
        }
    }
    false
}

/// What stands behind `o` in a word of short options, such as `json` in `-qojson`; empty if that is the next word.
fn behind_short_flags(word: &str) -> Option<&str> {
    let (flags, value) = word.strip_prefix('-')?.split_once('o')?;
    flags.chars().all(|flag| matches!(flag, 'q' | 'v')).then(|| value.strip_prefix('=').unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn json_is_asked_for_in_every_spelling() {
        for line in
            ["stella x -o json", "stella --output=ndjson", "stella -ojson x", "stella --format json", "stella -o=json"]
        {
            assert!(asks_for_json(&words(line)), "{line}");
        }
        for line in ["stella -qo json x", "stella -vojson", "stella x -qo=json", "stella -qvo ndjson"] {
            assert!(asks_for_json(&words(line)), "{line}");
        }
        for line in ["stella -o text json", "stella json", "stella -- -o json", "json", "stella -xo json", "stella -qo"]
        {
            assert!(!asks_for_json(&words(line)), "{line}");
        }
    }

    #[test]
    fn help_is_offered_for_the_command_that_was_meant() {
        let name = |line: &str| command_of(&words(line)).get_bin_name().map(ToString::to_string);
        assert_eq!(name("stella verify attestation --attestaton x").as_deref(), Some("stella verify attestation"));
        assert_eq!(name("stella nonsense").as_deref(), Some("stella"));
    }
}
