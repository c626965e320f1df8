//! Lines of text for people: marks, colours, `name: value`, with everything from outside escaped.

use std::fmt::{Display, Write as _};

use stella_vocabulary::text::Bounded;

use crate::context::{Colour, Context, Marks};

/// The longest value on one line, in characters. Longer ones are in the JSON form.
const LONGEST: usize = 1000;

/// Text under construction.
#[derive(Debug)]
pub(crate) struct Page {
    text: String,
    colour: Colour,
    marks: Marks,
}

/// How much a word matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tone {
    Bad,
    Good,
    Plain,
    Quiet,
    Unsure,
}

/// What stands before a checked thing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mark {
    Fail,
    Pass,
    Skipped,
    Unsure,
}

impl Page {
    pub(crate) fn new(context: &Context) -> Self {
        Self { text: String::with_capacity(2048), colour: context.colour, marks: context.marks }
    }

    /// `name: value`, the value on one line whatever it holds.
    pub(crate) fn field(&mut self, name: &str, value: impl Display) {
        self.indented(0, name, value);
    }

    /// `name: value`, if there is a value.
    pub(crate) fn maybe(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.field(name, value);
        }
    }

    pub(crate) fn indented(&mut self, depth: usize, name: &str, value: impl Display) {
        let value = value.to_string();
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{:1$}{2}: {3}", "", depth * 2, Bounded(name, LONGEST), Bounded(&value, LONGEST));
    }

    /// One line of our own words and of values from outside; all of it is escaped.
    pub(crate) fn line(&mut self, text: impl Display) {
        self.toned(Tone::Plain, text);
    }

    /// A line in the colour of `tone`.
    pub(crate) fn toned(&mut self, tone: Tone, text: impl Display) {
        self.start(tone, text);
        self.end();
    }

    /// The beginning of a line.
    pub(crate) fn start(&mut self, tone: Tone, text: impl Display) {
        let text = text.to_string();
        let text = Bounded(&text, LONGEST * 2);
        let colour = match (self.colour, tone) {
            (Colour::Plain, _) | (_, Tone::Plain) => None,
            (Colour::Ansi, Tone::Bad) => Some("1;31"),
            (Colour::Ansi, Tone::Good) => Some("1;32"),
            (Colour::Ansi, Tone::Quiet) => Some("2"),
            (Colour::Ansi, Tone::Unsure) => Some("1;33"),
        };
        let _ = match colour {
            Some(colour) => write!(self.text, "\u{1b}[{colour}m{text}\u{1b}[0m"),
            None => write!(self.text, "{text}"),
        };
    }

    /// The end of a line begun with [`start`](Self::start).
    pub(crate) fn end(&mut self) {
        self.text.push('\n');
    }

    /// The beginning of a line about something that was checked.
    pub(crate) fn mark(&mut self, depth: usize, mark: Mark) {
        let _ = write!(self.text, "{:1$}", "", depth * 2);
        let (unicode, ascii, tone) = match mark {
            Mark::Fail => ("✗", "FAIL", Tone::Bad),
            Mark::Pass => ("✓", "ok  ", Tone::Good),
            Mark::Skipped => ("–", "-   ", Tone::Quiet),
            Mark::Unsure => ("?", "?   ", Tone::Unsure),
        };
        let text = match self.marks {
            Marks::Unicode => unicode,
            Marks::Ascii => ascii,
        };
        self.start(tone, text);
        self.text.push(' ');
    }

    /// Text that is ours and may hold line breaks, such as a table.
    pub(crate) fn block(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) const fn marks(&self) -> Marks {
        self.marks
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}
