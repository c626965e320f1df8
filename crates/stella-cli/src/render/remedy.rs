//! What mends a refusal, as lines to copy.

use clap::CommandFactory;
use stella_attest_verify::{Code, Remedy};

use crate::arguments::Arguments;
use crate::render::Page;

/// Adds the remedy. `given` is how the reader named the attestation, which is what works on their command line.
pub(crate) fn render(page: &mut Page, remedy: &Remedy, code: Option<Code>, id: &str, given: &str) {
    page.field("remedy", remedy.summary());
    for words in remedy.commands() {
        let words: Vec<&str> = words.iter().map(|word| if word == id { given } else { word.as_str() }).collect();
        // For this one verification, which takes less trust than a change of the store.
        if let Some(option) = once(&words) {
            let now = ["stella", "verify", "attestation", "--attestation", given, option, "FILE"];
            page.line(format!("  {}", shell_line(&now)));
        }
        // A command that this build does not have is no use to somebody who copies it.
        if is_known(&words) {
            page.line(format!("  {}", shell_line(&words)));
        }
    }
    page.maybe("would newly accept", remedy.accepts());
    if let Some(code) = code {
        page.field("reference", format!("stella explain {code} ({})", remedy.reference()));
    }
}

/// Whether this build has the command.
fn is_known(words: &[&str]) -> bool {
    let mut command = Arguments::command();
    for word in words.iter().skip(1) {
        if !command.has_subcommands() {
            break;
        }
        match command.find_subcommand(word) {
            Some(found) => command = found.clone(),
            None => return false,
        }
    }
    true
}

/// The option that gives, for one verification, the trust that a change of the store would give for good.
fn once(words: &[&str]) -> Option<&'static str> {
    match (words.get(1).copied()?, words.get(2).copied()?) {
        ("trust-anchors", "add") => Some("--anchor"),
        ("trust-anchors", "add-intermediate") => Some("--intermediate"),
        ("trust-anchors", "add-key") => Some("--key"),
        _ => None,
    }
}

/// Words as a POSIX shell reads them.
pub(crate) fn shell_line(words: &[&str]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_so_that_a_shell_runs_nothing_in_them() {
        assert_eq!(
            shell_line(&["stella", "a b", "$(id)", "it's", "", "sha256:ab"]),
            r"stella 'a b' '$(id)' 'it'\''s' '' sha256:ab"
        );
    }

    #[test]
    fn commands_of_later_builds_are_told_apart() {
        assert!(is_known(&["stella", "explain", "x509.expired"]));
        assert!(is_known(&["stella", "attest", "show", "X", "--details"]));
        assert!(is_known(&["stella", "trust-anchors", "add", "--cert", "FILE"]));
        assert!(is_known(&["stella", "attest", "resign", "X"]));
        assert!(!is_known(&["stella", "attest", "countersign", "X"]));
        assert_eq!(once(&["stella", "trust-anchors", "add-intermediate"]), Some("--intermediate"));
    }
}
