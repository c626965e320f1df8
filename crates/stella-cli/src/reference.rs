//! The reference page of every code, as the documentation prints it.

use stella_vocabulary::Code;

/// All pages, one heading a code.
const PAGES: &str = include_str!("../codes.md");

/// What there is to know about one code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) code: Code,
    pub(crate) meaning: String,
    pub(crate) clause: Option<String>,
    pub(crate) example: Option<String>,
    pub(crate) causes: Vec<String>,
    pub(crate) remedies: Vec<Advice>,
}

/// One thing that helps, and the command for it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Advice {
    pub(crate) text: String,
    pub(crate) command: Option<String>,
}

/// The page of `code`; `None` only for a code that is newer than the pages.
pub(crate) fn entry(code: Code) -> Option<Entry> {
    let page = page(code)?;
    let mut entry =
        Entry { code, meaning: String::new(), clause: None, example: None, causes: Vec::new(), remedies: Vec::new() };
    let mut part = Part::Meaning;
    for line in page.lines() {
        match (part, line) {
            (Part::Example, "```") => part = Part::Between,
            (_, "```text") => part = Part::Example,
            (_, "Usual causes:") => part = Part::Causes,
            (_, "Remedies:") => part = Part::Remedies,
            (_, "") => {}
            (Part::Meaning, line) if line.starts_with("Exit status: ") => {
                entry.clause = line.split_once(" Reference: ").map(|(_, clause)| clause.to_string());
                part = Part::Between;
            }
            (Part::Meaning, line) => append(&mut entry.meaning, line),
            (Part::Example, line) => append(entry.example.get_or_insert_default(), line),
            (Part::Causes, line) => item(&mut entry.causes, line, append),
            (Part::Remedies, line) => item(&mut entry.remedies, line, |advice, text| {
                match text.strip_prefix('`').and_then(|text| text.strip_suffix('`')) {
                    Some(command) if command.starts_with("stella ") => advice.command = Some(command.to_string()),
                    _ => append(&mut advice.text, text),
                }
            }),
            (Part::Between, _) => {}
        }
    }
    Some(entry)
}

#[derive(Clone, Copy)]
enum Part {
    Between,
    Causes,
    Example,
    Meaning,
    Remedies,
}

/// What stands between the heading of `code` and the next one.
fn page(code: Code) -> Option<&'static str> {
    PAGES.split("\n## ").skip(1).find_map(|page| {
        let (heading, body) = page.split_once('\n')?;
        (heading.trim() == code.as_str()).then_some(body)
    })
}

/// Adds a line of a Markdown list: it begins an item, or goes on with the last one.
fn item<T: Default>(items: &mut Vec<T>, line: &str, add: impl Fn(&mut T, &str)) {
    let text = match line.strip_prefix("- ") {
        Some(text) => {
            items.push(T::default());
            text
        }
        None => line.trim_start(),
    };
    if let Some(last) = items.last_mut() {
        add(last, text);
    }
}

fn append(text: &mut String, line: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(&line.replace('`', ""));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_with_meaning_causes_and_remedies() {
        for &code in Code::ALL {
            let entry = entry(code).unwrap_or_else(|| panic!("{code} has no page"));
            assert!(entry.meaning.ends_with('.'), "{code}: {}", entry.meaning);
            assert!(!entry.causes.is_empty() && !entry.remedies.is_empty(), "{code}");
            assert!(entry.causes.iter().all(|cause| !cause.is_empty()), "{code}");
            assert!(entry.remedies.iter().all(|advice| !advice.text.is_empty()), "{code}");
            assert!(entry.example.is_some_and(|example| example.starts_with(&format!("error[{code}]: "))), "{code}");
        }
    }

    #[test]
    fn the_exit_status_on_every_page_is_the_one_that_is_used() {
        for &code in Code::ALL {
            let status = format!("\nExit status: {}", code.exit_status());
            let page = page(code).unwrap();
            let end = page.find(&status).unwrap_or_else(|| panic!("{code}")) + status.len();
            assert!(page[end..].starts_with(['.', '\n']), "{code}");
        }
    }
}
