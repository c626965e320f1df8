//! Which JSON value each byte of a document belongs to.

use std::ops::Range;

/// The strings and other scalars of a document, by their place in it.
pub(crate) struct Spans {
    spans: Vec<Span>,
}

struct Span {
    bytes: Range<usize>,
    path: String,
    is_name: bool,
}

struct Scanner<'d> {
    document: &'d [u8],
    at: usize,
    spans: Vec<Span>,
}

impl Spans {
    /// Of a document that is JSON.
    pub(crate) fn of(document: &[u8]) -> Self {
        let mut scanner = Scanner { document, at: 0, spans: Vec::new() };
        scanner.value("$");
        Self { spans: scanner.spans }
    }

    /// What the byte `at` belongs to: `$.a[0].b`, `name of $.a[0].b`, or `between values`.
    pub(crate) fn place(&self, at: usize) -> String {
        match self.spans.iter().find(|span| span.bytes.contains(&at)) {
            Some(span) if span.is_name => format!("name of {}", span.path),
            Some(span) => span.path.clone(),
            None => "between values".to_owned(),
        }
    }

    /// The bytes of the value at `path`; of a string, with its quotation marks.
    pub(crate) fn bytes(&self, path: &str) -> Range<usize> {
        self.spans.iter().find(|span| !span.is_name && span.path == path).unwrap().bytes.clone()
    }

    /// Whether the byte `at` lies in a text of more than 64 bytes: base64, where one flip is like another.
    pub(crate) fn is_in_long_text(&self, at: usize) -> bool {
        self.spans.iter().any(|span| span.bytes.contains(&at) && span.bytes.len() > 64)
    }
}

impl Scanner<'_> {
    fn peek(&self) -> u8 {
        self.document[self.at]
    }

    fn space(&mut self) {
        while self.document.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn value(&mut self, path: &str) {
        self.space();
        match self.peek() {
            b'{' => self.list(b'}', |scanner, _| {
                let name = scanner.string();
                let path =
                    format!("{path}.{}", String::from_utf8_lossy(&scanner.document[name.start + 1..name.end - 1]));
                scanner.spans.push(Span { bytes: name, path: path.clone(), is_name: true });
                scanner.space();
                scanner.at += 1; // the colon
                scanner.value(&path);
            }),
            b'[' => self.list(b']', |scanner, index| scanner.value(&format!("{path}[{index}]"))),
            b'"' => {
                let bytes = self.string();
                self.spans.push(Span { bytes, path: path.to_owned(), is_name: false });
            }
            _ => {
                let start = self.at;
                while self
                    .document
                    .get(self.at)
                    .is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
                {
                    self.at += 1;
                }
                self.spans.push(Span { bytes: start..self.at, path: path.to_owned(), is_name: false });
            }
        }
    }

    fn list(&mut self, end: u8, mut element: impl FnMut(&mut Self, usize)) {
        self.at += 1;
        self.space();
        for index in 0.. {
            if self.peek() == end {
                break;
            }
            self.space();
            element(self, index);
            self.space();
            if self.peek() == b',' {
                self.at += 1;
                self.space();
            }
        }
        self.at += 1;
    }

    fn string(&mut self) -> Range<usize> {
        let start = self.at;
        self.at += 1;
        while self.peek() != b'"' {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        start..self.at
    }
}
