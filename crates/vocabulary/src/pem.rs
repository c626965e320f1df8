//! Textual encoding of DER, RFC 7468, read in one pass.

use alloc::borrow::{Cow, ToOwned as _};
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::{Base64Error, Code, Reason, base64};

/// Longest input that is read, in bytes.
pub const MAX_INPUT: usize = 1 << 20;

/// What stands between a pair of boundaries.
#[derive(Clone, Eq, PartialEq)]
pub struct Block {
    label: Cow<'static, str>,
    der: Vec<u8>,
}

impl Block {
    /// The label, such as `CERTIFICATE`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The decoded content. Whether it is DER is for its reader to say.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The decoded content, by value.
    pub fn into_der(self) -> Vec<u8> {
        self.der
    }
}

/// Shows the label and the length only: the content may be a secret.
impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({}, {} bytes)", self.label, self.der.len())
    }
}

/// Why an input is not the PEM that was expected. No variant holds content; lines are counted from 1.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PemError {
    /// The input is empty or only white space.
    Empty,
    /// A line that starts like a boundary and is none, or a boundary where it cannot be.
    InvalidBoundary {
        /// The line.
        line: usize,
        /// Why.
        problem: BoundaryProblem,
    },
    /// What stands between the boundaries is not base64 with padding.
    InvalidContent {
        /// The line of the opening boundary.
        line: usize,
        /// What is wrong; offsets count from the start of the content, line breaks left out.
        reason: Base64Error,
    },
    /// There is no block at all.
    NoBlock,
    /// A private key where something public is expected.
    PrivateKeySupplied {
        /// The line of the opening boundary.
        line: usize,
    },
    /// A second block where one is expected.
    SecondBlock {
        /// The line of its opening boundary.
        line: usize,
    },
    /// Text beside the block where nothing but one block is expected.
    SurroundingText {
        /// The line of the text.
        line: usize,
    },
    /// Longer than [`MAX_INPUT`].
    TooLarge {
        /// How many bytes there are.
        found: usize,
    },
    /// A block of a kind that is not expected here.
    UnexpectedLabel {
        /// The line of the opening boundary.
        line: usize,
        /// Its label, at most 64 printable ASCII characters.
        found: String,
        /// The labels expected, separated by commas.
        expected: String,
    },
}

/// What is wrong with a boundary line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BoundaryProblem {
    /// A block starts before the one before it ended.
    BeginInsideBlock,
    /// A block ends that never started.
    EndWithoutBegin,
    /// The line starts with five hyphens but has not the form of a boundary.
    Malformed,
    /// The label at the end is not the label at the beginning.
    OtherLabel,
    /// The input ends inside a block.
    Unfinished,
}

/// Every block of `input`, in order; all labels must be among `expected`. Text outside of blocks is skipped (RFC 7468
/// §2).
///
/// Within a block, white space at the ends of lines and empty lines are skipped; lines may have any length. The content
/// is strict base64 with padding. Time and memory are linear in the input.
///
/// # Errors
/// [`PemError`]. A block that holds a private key is refused unless its label is expected, and its content is not
/// looked at.
///
/// # Left to the caller
/// How many blocks are too many.
pub fn parse_all(input: &[u8], expected: &[&str]) -> Result<Vec<Block>, PemError> {
    let mut blocks = Vec::new();
    scan(input, expected, |event| {
        if let Event::Block { block, .. } = event {
            blocks.push(block);
        }
        Ok(())
    })?;
    if blocks.is_empty() { Err(PemError::NoBlock) } else { Ok(blocks) }
}

/// The one block of `input`, with nothing but white space around it; its label must be among `expected`.
///
/// # Errors
/// [`PemError`], as for [`parse_all`]; a second block or text beside the block too, because another reader may pick
/// what this one left out.
pub fn parse_one(input: &[u8], expected: &[&str]) -> Result<Block, PemError> {
    let mut only = None;
    let mut text = None;
    scan(input, expected, |event| {
        match event {
            Event::Block { line, .. } if only.is_some() => return Err(PemError::SecondBlock { line }),
            Event::Block { block, .. } => only = Some(block),
            Event::Text { line } => text = text.or(Some(line)),
        }
        Ok(())
    })?;
    match (only, text) {
        (None, _) => Err(PemError::NoBlock),
        (Some(_), Some(line)) => Err(PemError::SurroundingText { line }),
        (Some(block), None) => Ok(block),
    }
}

/// One block with lines of 64 characters, each ended by a line feed.
pub fn encode(label: &str, der: &[u8]) -> String {
    let content = base64::encode(der);
    let mut text = String::with_capacity(content.len() + content.len() / LINE + 2 * label.len() + 40);
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    let mut rest = content.as_str();
    while let Some((line, tail)) = rest.split_at_checked(LINE.min(rest.len())).filter(|(line, _)| !line.is_empty()) {
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// RFC 7468 §2: generators wrap after exactly 64 characters.
const LINE: usize = 64;

/// What a reader meets outside of the content of blocks.
enum Event {
    Block { line: usize, block: Block },
    Text { line: usize },
}

/// The block being read.
struct Open<'a> {
    line: usize,
    label: &'a str,
}

fn scan<'a>(
    input: &'a [u8],
    expected: &[&str],
    mut each: impl FnMut(Event) -> Result<(), PemError>,
) -> Result<(), PemError> {
    if input.len() > MAX_INPUT {
        return Err(PemError::TooLarge { found: input.len() });
    }
    if input.iter().all(u8::is_ascii_whitespace) {
        return Err(PemError::Empty);
    }
    let mut open: Option<Open<'a>> = None;
    // Of the open block, without line breaks. All blocks together are not longer than the input.
    let mut content = String::with_capacity(input.len());
    for (line, bytes) in lines(input) {
        let bytes = bytes.trim_ascii();
        let boundary = boundary(bytes);
        match (boundary, &open) {
            (Line::Malformed, _) => {
                return Err(PemError::InvalidBoundary { line, problem: BoundaryProblem::Malformed });
            }
            (Line::Begin(_), Some(_)) => {
                return Err(PemError::InvalidBoundary { line, problem: BoundaryProblem::BeginInsideBlock });
            }
            (Line::Begin(label), None) => {
                check_label(line, label, expected)?;
                open = Some(Open { line, label });
                content.clear();
            }
            (Line::End(_), None) => {
                return Err(PemError::InvalidBoundary { line, problem: BoundaryProblem::EndWithoutBegin });
            }
            (Line::End(label), Some(block)) => {
                if label != block.label {
                    return Err(PemError::InvalidBoundary { line, problem: BoundaryProblem::OtherLabel });
                }
                let der = base64::decode_standard(&content)
                    .map_err(|reason| PemError::InvalidContent { line: block.line, reason })?;
                each(Event::Block { line: block.line, block: Block { label: owned(label), der } })?;
                open = None;
            }
            // Whatever is not base64 is refused when the block ends; what is not text stands out as a replacement
            // character.
            (Line::Other, Some(_)) => content.push_str(&String::from_utf8_lossy(bytes)),
            (Line::Other, None) if !bytes.is_empty() => each(Event::Text { line })?,
            (Line::Other, None) => {}
        }
    }
    match open {
        Some(block) => Err(PemError::InvalidBoundary { line: block.line, problem: BoundaryProblem::Unfinished }),
        None => Ok(()),
    }
}

/// The labels that nearly all blocks have cost no allocation.
fn owned(label: &str) -> Cow<'static, str> {
    match label {
        "CERTIFICATE" => Cow::Borrowed("CERTIFICATE"),
        "PUBLIC KEY" => Cow::Borrowed("PUBLIC KEY"),
        other => Cow::Owned(other.to_owned()),
    }
}

enum Line<'a> {
    Begin(&'a str),
    End(&'a str),
    Malformed,
    Other,
}

fn boundary(line: &[u8]) -> Line<'_> {
    const HYPHENS: &[u8] = b"-----";
    let Some(rest) = line.strip_prefix(HYPHENS) else { return Line::Other };
    let Some(rest) = rest.strip_suffix(HYPHENS) else { return Line::Malformed };
    if let Some(label) = rest.strip_prefix(b"BEGIN ").and_then(label) {
        return Line::Begin(label);
    }
    if let Some(label) = rest.strip_prefix(b"END ").and_then(label) {
        return Line::End(label);
    }
    Line::Malformed
}

/// A label of RFC 7468 §3: printable characters, with single spaces or hyphens only between them; here not empty, and
/// bounded.
fn label(bytes: &[u8]) -> Option<&str> {
    const LONGEST: usize = 64;
    let separator = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'-') | None);
    let well_formed = bytes.len() <= LONGEST
        && !separator(bytes.first())
        && !separator(bytes.last())
        && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'))
        && !bytes.windows(2).any(|pair| pair.iter().all(|byte| separator(Some(byte))));
    if well_formed { core::str::from_utf8(bytes).ok() } else { None }
}

fn check_label(line: usize, label: &str, expected: &[&str]) -> Result<(), PemError> {
    if expected.contains(&label) {
        return Ok(());
    }
    // `PRIVATE KEY`, `ENCRYPTED PRIVATE KEY`, `EC PRIVATE KEY`, `OPENSSH PRIVATE KEY`, …: said before anything else is.
    if label.to_ascii_uppercase().contains("PRIVATE KEY") {
        return Err(PemError::PrivateKeySupplied { line });
    }
    Err(PemError::UnexpectedLabel { line, found: label.to_owned(), expected: expected.join(", ") })
}

/// Lines with their number; a line ends with LF, CR, or CR LF.
fn lines(input: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = Some(input);
    core::iter::from_fn(move || {
        let bytes = rest?;
        let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            rest = None;
            return Some(bytes);
        };
        let (line, tail) = bytes.split_at(end);
        rest = tail.strip_prefix(b"\r\n").or_else(|| tail.get(1..));
        Some(line)
    })
    .zip(1..)
    .map(|(line, number)| (number, line))
}

impl fmt::Display for PemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the input is empty"),
            Self::InvalidBoundary { line, problem } => write!(f, "PEM line {line}: {problem}"),
            // Not what `reason` found: it may be a piece of a secret.
            Self::InvalidContent { line, reason } => match reason.place() {
                Some(place) => write!(f, "PEM block of line {line}: not strict base64 at {place}"),
                None => write!(f, "PEM block of line {line}: not strict base64"),
            },
            Self::NoBlock => f.write_str("the input holds no PEM block"),
            Self::PrivateKeySupplied { line } => {
                write!(f, "PEM line {line}: a private key was given where something public is expected")
            }
            Self::SecondBlock { line } => write!(f, "PEM line {line}: a second block where one is expected"),
            Self::SurroundingText { line } => write!(f, "PEM line {line}: text beside the one block expected"),
            Self::TooLarge { found } => write!(f, "PEM of {found} bytes, of which {MAX_INPUT} are allowed"),
            Self::UnexpectedLabel { line, found, expected } => {
                write!(f, "PEM line {line}: a block of `{found}` where `{expected}` is expected")
            }
        }
    }
}

impl fmt::Display for BoundaryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeginInsideBlock => "a block starts before the one before it ended",
            Self::EndWithoutBegin => "a block ends that never started",
            Self::Malformed => "neither the start nor the end of a block, though it starts like one",
            Self::OtherLabel => "a block ends with another label than it started with",
            Self::Unfinished => "a block starts that never ends",
        })
    }
}

impl core::error::Error for PemError {}

impl Reason for PemError {
    fn code(&self) -> Code {
        match self {
            Self::Empty => Code::InputEmpty,
            Self::PrivateKeySupplied { .. } => Code::KeyPrivateKeySupplied,
            Self::SecondBlock { .. } | Self::SurroundingText { .. } => Code::PemMultipleObjects,
            Self::TooLarge { .. } => Code::InputTooLarge,
            Self::InvalidBoundary { .. }
            | Self::InvalidContent { .. }
            | Self::NoBlock
            | Self::UnexpectedLabel { .. } => Code::PemMalformed,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::InvalidBoundary { line, .. }
            | Self::InvalidContent { line, .. }
            | Self::PrivateKeySupplied { line }
            | Self::SecondBlock { line }
            | Self::SurroundingText { line }
            | Self::UnexpectedLabel { line, .. } => Some(format!("line {line}")),
            Self::Empty | Self::NoBlock | Self::TooLarge { .. } => None,
        }
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::Empty => "nothing".to_owned(),
            Self::InvalidBoundary { problem, .. } => problem.to_string(),
            Self::InvalidContent { .. } => "content that is not base64".to_owned(),
            Self::NoBlock => "no line that starts a block".to_owned(),
            Self::PrivateKeySupplied { .. } => "a private key".to_owned(),
            Self::SecondBlock { .. } => "a second block".to_owned(),
            Self::SurroundingText { .. } => "text outside of the block".to_owned(),
            Self::TooLarge { found } => format!("{found} bytes"),
            Self::UnexpectedLabel { found, .. } => format!("`{found}`"),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::InvalidContent { reason, .. } => return reason.expected(),
            Self::PrivateKeySupplied { .. } => "a certificate or a public key".to_owned(),
            Self::SecondBlock { .. } | Self::SurroundingText { .. } => "exactly one block and nothing else".to_owned(),
            Self::TooLarge { .. } => format!("at most {MAX_INPUT} bytes"),
            Self::UnexpectedLabel { expected, .. } => format!("`{expected}`"),
            Self::Empty | Self::InvalidBoundary { .. } | Self::NoBlock => {
                "lines `-----BEGIN LABEL-----` and `-----END LABEL-----` around base64".to_owned()
            }
        })
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::InvalidBoundary { .. } | Self::InvalidContent { .. } | Self::NoBlock => Some("RFC 7468 §3"),
            Self::SecondBlock { .. } | Self::SurroundingText { .. } => Some("RFC 7468 §5.2"),
            Self::Empty | Self::PrivateKeySupplied { .. } | Self::TooLarge { .. } | Self::UnexpectedLabel { .. } => {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-----BEGIN CERTIFICATE-----\nYWJj\nYQ==\n-----END CERTIFICATE-----\n";
    const SECRET: &str = "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----\n";

    fn one(input: impl AsRef<[u8]>) -> Result<Vec<u8>, PemError> {
        parse_one(input.as_ref(), &["CERTIFICATE"]).map(Block::into_der)
    }

    fn problem(input: &str) -> (usize, BoundaryProblem) {
        match one(input) {
            Err(PemError::InvalidBoundary { line, problem }) => (line, problem),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_block_is_read_with_any_line_ending_and_white_space_at_ends_of_lines() {
        for text in [ONE.to_owned(), ONE.replace('\n', "\r\n"), ONE.replace('\n', "\r"), ONE.replace('\n', " \t\n\n")] {
            assert_eq!(one(text).unwrap(), b"abca");
        }
        assert_eq!(one(ONE.trim_end()).unwrap(), b"abca");
    }

    #[test]
    fn blocks_keep_their_order_and_text_between_them_is_skipped() {
        let input = format!("subject=x\n{ONE}issuer=y\n-----BEGIN X509 CRL-----\n-----END X509 CRL-----\n");
        let blocks = parse_all(input.as_bytes(), &["CERTIFICATE", "X509 CRL"]).unwrap();
        let read: Vec<_> = blocks.iter().map(|block| (block.label(), block.der())).collect();
        assert_eq!(read, [("CERTIFICATE", &b"abca"[..]), ("X509 CRL", b"")]);
    }

    #[test]
    fn where_one_is_expected_a_second_block_or_text_is_refused() {
        assert_eq!(one(ONE.repeat(2)), Err(PemError::SecondBlock { line: 5 }));
        assert_eq!(one(format!("\nhello\n{ONE}")), Err(PemError::SurroundingText { line: 2 }));
        assert_eq!(one(format!("{ONE}\nhello")), Err(PemError::SurroundingText { line: 6 }));
        assert_eq!(one(format!("\n \n{ONE}\n\n")).unwrap(), b"abca");
        assert_eq!(PemError::SecondBlock { line: 5 }.code(), Code::PemMultipleObjects);
    }

    #[test]
    fn a_private_key_is_refused_without_showing_any_of_it() {
        for input in [SECRET.to_owned(), format!("{ONE}{SECRET}"), SECRET.replace("EC PRIVATE", "openssh private")] {
            let input = input.replace("private KEY", "private key");
            for error in [one(&input).unwrap_err(), parse_all(input.as_bytes(), &["CERTIFICATE"]).unwrap_err()] {
                assert_eq!(error.code(), Code::KeyPrivateKeySupplied);
                let said = format!("{error} {error:?} {:?} {:?}", error.found(), error.expected());
                assert!(!said.contains("c2Vj") && !said.contains("secret"), "{said}");
            }
        }
        let expected = parse_one(SECRET.as_bytes(), &["EC PRIVATE KEY"]).unwrap();
        assert_eq!(format!("{expected:?}"), "Block(EC PRIVATE KEY, 6 bytes)");
    }

    #[test]
    fn boundaries_must_be_well_formed_and_match() {
        assert_eq!(problem("-----BEGIN CERTIFICATE-----\nYWJj\n"), (1, BoundaryProblem::Unfinished));
        assert_eq!(problem("\n-----END CERTIFICATE-----\n"), (2, BoundaryProblem::EndWithoutBegin));
        assert_eq!(problem(&ONE.replace("END CERT", "END CRET")), (4, BoundaryProblem::OtherLabel));
        assert_eq!(
            problem(&ONE.replace("YWJj", "-----BEGIN CERTIFICATE-----")),
            (2, BoundaryProblem::BeginInsideBlock)
        );
        for bad in
            ["-----BEGIN CERTIFICATE----", "-----BEGIN -----", "-----BEGIN A--B-----", "-----begin A-----", "-----"]
        {
            assert_eq!(problem(bad), (1, BoundaryProblem::Malformed), "{bad}");
        }
    }

    #[test]
    fn content_must_be_strict_base64() {
        for (content, code) in [
            ("YW Jj\nYQ==", Code::PemMalformed),
            ("YWJj\nYR==", Code::PemMalformed),
            ("YWJj\nYQ", Code::PemMalformed),
            ("Proc-Type: 4,ENCRYPTED\n\nYWJj", Code::PemMalformed),
            ("YWJj\n\u{e9}", Code::PemMalformed),
        ] {
            let error = one(ONE.replace("YWJj\nYQ==", content)).unwrap_err();
            assert!(matches!(error, PemError::InvalidContent { line: 1, .. }), "{error:?}");
            assert_eq!(error.code(), code);
        }
        assert!(one(b"-----BEGIN CERTIFICATE-----\n\xff\xfe\n-----END CERTIFICATE-----").is_err());
    }

    #[test]
    fn other_labels_are_refused_by_name() {
        let error = one("-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----").unwrap_err();
        assert_eq!(error.to_string(), "PEM line 1: a block of `PUBLIC KEY` where `CERTIFICATE` is expected");
    }

    #[test]
    fn nothing_and_no_block_are_told_apart() {
        assert_eq!(one(""), Err(PemError::Empty));
        assert_eq!(one(" \r\n\t"), Err(PemError::Empty));
        assert_eq!(one("hello"), Err(PemError::NoBlock));
        assert_eq!(parse_all(b"hello", &["CERTIFICATE"]), Err(PemError::NoBlock));
    }

    #[test]
    fn the_size_limit_is_exact_and_fragments_of_boundaries_take_linear_time() {
        for fragment in
            ["-----BEGIN ", "-----BEGIN\n", "-----BEGIN A-----\n", "-----BEGIN CERTIFICATE-----\nA\n", "-\n"]
        {
            let mut input = fragment.repeat(MAX_INPUT / fragment.len());
            input.push_str(&"\n".repeat(MAX_INPUT - input.len()));
            assert!(matches!(one(&input).unwrap_err().code(), Code::PemMalformed), "{fragment}");
            input.push('\n');
            assert_eq!(one(&input), Err(PemError::TooLarge { found: MAX_INPUT + 1 }));
        }
        let body = "A".repeat(MAX_INPUT / 4 * 3);
        assert!(one(format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----")).is_ok());
    }

    #[test]
    fn written_blocks_have_lines_of_64_characters() {
        let text = encode("CERTIFICATE", &[0; 49]);
        let widths: Vec<_> = text.lines().map(str::len).collect();
        assert_eq!(widths, [27, 64, 4, 25]);
        assert_eq!(encode("CERTIFICATE", &[]), "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
    }
}
