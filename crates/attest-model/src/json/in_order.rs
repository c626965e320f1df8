//! A reader of JSON that a program wrote itself.

use super::scan;

/// Goes through a text of canonical JSON (RFC 8785) whose members are known beforehand, in their order: nothing is allocated, and
/// every byte is looked at once. Made for logs of a million entries, which a program reads as it wrote them.
///
/// It takes no white space, no escapes and no unknown members. Every step gives `None` where the text is not what was asked for;
/// what it is then, and whether that is an error, [`Document`](super::Document) tells.
///
/// ```
/// use stella_attest_model::json::InOrder;
///
/// fn keys_and_size(source: &str) -> Option<(Vec<&str>, u64)> {
///     let (mut json, mut keys) = (InOrder::new(source), Vec::new());
///     json.open(b'{')?;
///     json.name("keys")?;
///     json.open(b'[')?;
///     while !json.close(b']') {
///         json.element()?;
///         keys.push(json.text()?);
///     }
///     json.name("size")?;
///     let size = json.number()?;
///     (json.close(b'}') && json.is_at_end()).then_some((keys, size))
/// }
/// assert_eq!(keys_and_size(r#"{"keys":["a","b"],"size":2}"#), Some((vec!["a", "b"], 2)));
/// assert_eq!(keys_and_size(r#"{"size":2,"keys":["a","b"]}"#), None);
/// ```
#[derive(Clone, Debug)]
pub struct InOrder<'a> {
    source: &'a str,
    at: usize,
    /// Whether the container was opened just now, so that no comma comes next.
    is_first: bool,
}

impl<'a> InOrder<'a> {
    /// Starts at the beginning of `source`.
    #[must_use]
    pub fn new(source: &'a str) -> Self {
        Self { source, at: 0, is_first: true }
    }

    /// Past `{` or `[`.
    #[inline]
    pub fn open(&mut self, bracket: u8) -> Option<()> {
        self.byte(bracket)?;
        self.is_first = true;
        Some(())
    }

    /// Past `}` or `]`, if that is what comes next.
    #[inline]
    pub fn close(&mut self, bracket: u8) -> bool {
        let closed = self.byte(bracket).is_some();
        if closed {
            self.is_first = false;
        }
        closed
    }

    /// Past the name of the next member, which must be `name`, and its colon.
    #[inline]
    pub fn name(&mut self, name: &str) -> Option<()> {
        self.element()?;
        let rest = self.rest().strip_prefix(b"\"")?.strip_prefix(name.as_bytes())?.strip_prefix(b"\":")?;
        self.at = self.source.len().checked_sub(rest.len())?;
        Some(())
    }

    /// Past the comma before an element, if there is one before.
    #[inline]
    pub fn element(&mut self) -> Option<()> {
        if core::mem::take(&mut self.is_first) { Some(()) } else { self.byte(b',') }
    }

    /// A string without escapes.
    #[inline]
    pub fn text(&mut self) -> Option<&'a str> {
        self.byte(b'"')?;
        let start = self.at;
        let end = scan::plain(self.source.as_bytes(), start);
        self.at = end;
        self.byte(b'"')?;
        self.source.get(start..end)
    }

    /// An unsigned integer below 2^53 without leading zeros.
    #[inline]
    pub fn number(&mut self) -> Option<u64> {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = self.source.get(self.at..self.at.checked_add(digits)?)?;
        self.at = self.at.checked_add(digits)?;
        let number = text.parse().ok().filter(|number| *number < 1 << 53)?;
        (digits == 1 || !text.starts_with('0')).then_some(number)
    }

    /// Past `null`, if that is what comes next.
    #[inline]
    pub fn null(&mut self) -> bool {
        let is_null = self.rest().starts_with(b"null");
        if is_null {
            self.at = self.at.saturating_add(4);
        }
        is_null
    }

    /// Past the first members or elements of a container, if they are written just so.
    #[inline]
    pub fn passes(&mut self, text: &str) -> bool {
        let passes = self.is_first && self.rest().starts_with(text.as_bytes());
        if passes {
            self.at = self.at.saturating_add(text.len());
            self.is_first = false;
        }
        passes
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.at == self.source.len()
    }

    fn rest(&self) -> &'a [u8] {
        self.source.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn byte(&mut self, byte: u8) -> Option<()> {
        if self.source.as_bytes().get(self.at) != Some(&byte) {
            return None;
        }
        self.at = self.at.checked_add(1)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(source: &str) -> Option<(&str, u64)> {
        let mut json = InOrder::new(source);
        json.open(b'{')?;
        json.name("a")?;
        let text = json.text()?;
        json.name("b")?;
        let number = if json.null() { 0 } else { json.number()? };
        (json.close(b'}') && json.is_at_end()).then_some((text, number))
    }

    #[test]
    fn the_members_asked_for_are_read_in_their_order() {
        assert_eq!(pair(r#"{"a":"x y é","b":17}"#), Some(("x y é", 17)));
        assert_eq!(pair(r#"{"a":"","b":null}"#), Some(("", 0)));
        assert_eq!(pair(r#"{"a":"","b":9007199254740991}"#), Some(("", (1 << 53) - 1)));
    }

    #[test]
    fn anything_else_is_left_to_the_reader_that_can_explain_it() {
        for source in [
            "",
            "{",
            r#"{"a":"x","b":1"#,
            r#"{"a":"x","b":1} "#,
            r#"{"a":"x","b":1}}"#,
            r#"{ "a":"x","b":1}"#,
            r#"{"a" :"x","b":1}"#,
            r#"{"a":"x" ,"b":1}"#,
            r#"{"a":"x","b":1,"c":2}"#,
            r#"{"b":1,"a":"x"}"#,
            r#"{,"a":"x","b":1}"#,
            r#"{"a":"x""b":1}"#,
            r#"{"a":"\n","b":1}"#,
            "{\"a\":\"\n\",\"b\":1}",
            r#"{"a":x,"b":1}"#,
            r#"{"a":"x","b":01}"#,
            r#"{"a":"x","b":-1}"#,
            r#"{"a":"x","b":1.0}"#,
            r#"{"a":"x","b":9007199254740992}"#,
            r#"{"a":"x","b":99999999999999999999}"#,
            r#"{"a":"x","b":}"#,
        ] {
            assert_eq!(pair(source), None, "{source}");
        }
    }

    #[test]
    fn what_is_known_to_the_letter_is_passed_over_at_once() {
        let mut json = InOrder::new(r#"{"a":1,"b":2,"c":3}"#);
        assert_eq!(json.open(b'{'), Some(()));
        assert!(!json.passes(r#""a":2"#));
        assert!(json.passes(r#""a":1,"b":2"#) && !json.passes(r#""c":3"#));
        assert_eq!((json.name("c"), json.number()), (Some(()), Some(3)));
    }

    #[test]
    fn a_list_has_a_comma_between_its_elements_and_nowhere_else() {
        let count = |source| {
            let (mut json, mut count) = (InOrder::new(source), 0);
            json.open(b'[')?;
            while !json.close(b']') {
                json.element()?;
                json.number()?;
                count += 1;
            }
            json.is_at_end().then_some(count)
        };
        assert_eq!((count("[]"), count("[1]"), count("[1,2,3]")), (Some(0), Some(1), Some(3)));
        for source in ["[", "[,]", "[1,]", "[,1]", "[1 2]", "[1,,2]", "]", "[1]]"] {
            assert_eq!(count(source), None, "{source}");
        }
    }
}
