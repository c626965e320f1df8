//! The reference page of every code: what it means, what usually causes it, and what to do.
//!
//! One source for `docs/codes.md` and for explanations on the command line. In commands, capitals stand for what the
//! reader fills in; `X` is an attestation: its id, a unique prefix of it, a file, or `-`. No remedy loosens trust by
//! itself: each that would accept more says what.

mod approval;
mod audit;
mod bundle;
mod certificate;
mod command;
mod dsse;
mod encoding;
mod fetch;
mod input;
mod intoto;
mod key;
mod oci;
mod path;
mod policy;
mod render;
mod signatures;
mod store;
mod time;
mod tlog;
mod trust;

pub use self::render::{render_markdown, render_section};
use crate::Code;

/// What there is to say about one code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// What it means for the reader, in one to three sentences.
    pub meaning: &'static str,
    /// One error line, as it would be printed.
    pub example: &'static str,
    /// The usual causes, likeliest first; one to three.
    pub causes: &'static [&'static str],
    /// What to do, best first; one to three.
    pub remedies: &'static [Remedy],
    /// The clause that is broken, where a standard has one.
    pub clause: Option<&'static str>,
}

/// One thing to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Remedy {
    /// What it does, and what it would newly accept.
    pub advice: &'static str,
    /// The command to do it with, or to start from.
    pub command: &'static str,
}

/// The page of `code`.
///
/// # Panics
/// Never: each code has a page, which the tests of this crate check one by one.
pub fn page(code: Code) -> Page {
    all()
        .find(|(of, _)| *of == code)
        .map(|(_, page)| *page)
        .expect("every code has a page, as the tests check one by one")
}

/// Every page, in no particular order.
fn all() -> impl Iterator<Item = &'static (Code, Page)> {
    [
        approval::PAGES,
        audit::PAGES,
        bundle::PAGES,
        certificate::PAGES,
        command::PAGES,
        dsse::PAGES,
        encoding::PAGES,
        fetch::PAGES,
        input::PAGES,
        intoto::PAGES,
        key::PAGES,
        oci::PAGES,
        path::PAGES,
        policy::PAGES,
        signatures::PAGES,
        store::PAGES,
        time::PAGES,
        tlog::PAGES,
        trust::PAGES,
    ]
    .into_iter()
    .flatten()
}

const fn run(advice: &'static str, command: &'static str) -> Remedy {
    Remedy { advice, command }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_exactly_one_page() {
        for code in Code::ALL {
            assert_eq!(all().filter(|(of, _)| of == code).count(), 1, "{code}");
        }
        assert_eq!(all().count(), Code::ALL.len());
    }
}
