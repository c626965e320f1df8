//! Findings for a ticket: Markdown as CommonMark and GitHub read it.

use std::fmt::Write as _;

use stella_doctor::{Examination, Finding, Mending, Status};
use stella_vocabulary::text::Bounded;

use super::{headline, sorted};
use crate::context::Context;
use crate::refused::command_line;

/// The longest text of one value, in characters.
const LONGEST: usize = 1000;

pub(crate) fn document(examination: &Examination, context: &Context) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# {}\n", plain(&headline(examination)));
    let _ = writeln!(out, "`stella doctor` at {}.\n", context.at);
    out.push_str("| status | severity | check | finding |\n|---|---|---|---|\n");
    for finding in sorted(&examination.findings) {
        let cell = |text: &str| plain(text).replace('|', "\\|");
        let (status, severity) = (finding.status.name(), finding.severity.name());
        let _ = writeln!(out, "| {status} | {severity} | {} | {} |", code(&finding.check), cell(&finding.summary));
    }
    let told = |finding: &&&Finding| matches!(finding.status, Status::Fail | Status::Warn) && finding.because.is_none();
    for finding in sorted(&examination.findings).iter().filter(told) {
        in_full(&mut out, finding);
    }
    out
}

fn in_full(out: &mut String, finding: &Finding) {
    let _ = writeln!(out, "\n## {}: {}\n\n{}\n", finding.status.name(), code(&finding.check), plain(&finding.summary));
    for evidence in &finding.evidence {
        let _ = writeln!(out, "- {}: {}", plain(&evidence.name), code(&evidence.value));
    }
    if let Some(cause) = &finding.cause {
        let named = cause.code.map(|name| format!(", {}", code(name.as_str()))).unwrap_or_default();
        let _ = writeln!(out, "- cause ({}{named}): {}", cause.confidence.name(), code(&cause.subject));
    }
    if let Some(mending) = &finding.mending {
        self::mending(out, mending);
    }
    let _ = writeln!(out, "\nCheck again:\n\n    {}", Bounded(&command_line(&finding.recheck), LONGEST));
}

fn mending(out: &mut String, mending: &Mending) {
    let _ = writeln!(out, "\n**Remedy:** {}", plain(&mending.summary));
    if !mending.commands.is_empty() {
        out.push('\n');
    }
    for words in &mending.commands {
        // What is indented is taken as it stands, and a line cannot end inside of it.
        let _ = writeln!(out, "    {}", Bounded(&command_line(words), LONGEST));
    }
    if let Some(accepts) = &mending.accepts {
        let _ = writeln!(out, "\nWould newly accept: {}", plain(accepts));
    }
}

/// Text in which nothing is markup, a link or a mention.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for character in Bounded(text, LONGEST).to_string().chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' => {
                out.push('\\');
                out.push(character);
            }
            other => out.push(other),
        }
    }
    // These are links by themselves.
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}

/// Text as code, between more backticks than it has in a row.
fn code(text: &str) -> String {
    let text = Bounded(text, LONGEST).to_string().replace('|', "\u{2502}");
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    match text.is_empty() || text.starts_with('`') || text.ends_with('`') {
        true => format!("{fence} {text} {fence}"),
        false => format!("{fence}{text}{fence}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        assert_eq!(plain("[a](https://x) <b> @all"), r"\[a\](https&#58;//x) &lt;b&gt; &#64;all");
        assert_eq!(code("a`b``c"), "```a`b``c```");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(code("a\n# b|c"), "`a\\u{a}# b\u{2502}c`");
    }
}
