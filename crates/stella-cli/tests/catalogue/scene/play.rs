//! The room of one scene, and the program in it.

use std::path::PathBuf;

use crate::command::{self, Output};

use super::{files, step};

/// Who acts if a scene does not say.
const NOBODY: &str = "operator";

/// A directory with keys, certificates and attestations; the store will be `home` in it.
pub(super) struct Room(tempfile::TempDir);

impl Room {
    pub(super) fn new() -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        files::put(room.0.path());
        room
    }

    /// Plays a step. A command of the program (`stella …`, `as PERSON stella …`) must end with the status behind `=>`, or 0;
    /// `keep FILE …` puts what it prints into a file.
    pub(super) fn play(&self, line: &str) -> Result<(), String> {
        if let Some((name, command)) = line.strip_prefix("keep ").and_then(|rest| rest.split_once(' ')) {
            let output = self.stella(command);
            let kept = output.status == Some(0) && std::fs::write(self.0.path().join(name), &output.stdout).is_ok();
            return if kept { Ok(()) } else { Err(output.told()) };
        }
        let Some((person, command)) = command_of(line) else {
            return step::act(self.0.path(), &step::words(line));
        };
        let (command, status) = command.rsplit_once(" => ").unwrap_or((command, "0"));
        let output = self.stella_as(person, command);
        output.is_printable()?;
        let ended = output.status.map(|status| status.to_string()).unwrap_or_default();
        if ended == status { Ok(()) } else { Err(output.told()) }
    }

    pub(super) fn stella(&self, line: &str) -> Output {
        self.stella_as(NOBODY, line)
    }

    fn stella_as(&self, person: &str, line: &str) -> Output {
        let room = self.0.path();
        let words = step::words(line).into_iter().flat_map(|word| self.filled(word));
        let environment = [
            ("STELLA_HOME", room.join("home")),
            ("STELLA_PERSON", person.into()),
            ("XDG_STATE_HOME", room.join("state")),
        ];
        command::in_room(room, &environment, &words.collect::<Vec<_>>())
    }

    /// `@FILE` stands for the text of a file, `%LENGTH` for a text of that length, `DIRECTORY/*` for every file in it.
    fn filled(&self, word: String) -> Vec<String> {
        if let Some(name) = word.strip_prefix('@') {
            let path: PathBuf = self.0.path().join(name);
            return vec![std::fs::read_to_string(path).unwrap().trim().to_owned()];
        }
        if let Some(directory) = word.strip_suffix("/*") {
            let entries = std::fs::read_dir(self.0.path().join(directory)).unwrap();
            let name = |entry: std::fs::DirEntry| entry.file_name().into_string().unwrap();
            let mut names: Vec<_> = entries.map(|entry| format!("{directory}/{}", name(entry.unwrap()))).collect();
            names.sort();
            return names;
        }
        match word.strip_prefix('%').and_then(|length| length.parse().ok()) {
            Some(length) => vec!["x".repeat(length)],
            None => vec![word],
        }
    }
}

/// Who runs a command of the program, and its arguments; `None` for another step.
fn command_of(line: &str) -> Option<(&str, &str)> {
    match line.strip_prefix("as ").and_then(|rest| rest.split_once(' ')) {
        Some((person, command)) => Some((person, command.strip_prefix("stella ")?)),
        None => Some((NOBODY, line.strip_prefix("stella ")?)),
    }
}
