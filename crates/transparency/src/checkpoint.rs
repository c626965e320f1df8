//! C2SP checkpoints: a signed note that states the size and root of a log.

use alloc::string::String;
use core::fmt;

use stella_vocabulary::{Code, Reason, base64};

use crate::merkle::Hash;
use crate::note::{NoteError, NoteSignature, SignedNote};

/// A checkpoint, taken apart; its signatures are not verified. C2SP tlog-checkpoint.
#[derive(Clone, Debug)]
pub struct Checkpoint<'a> {
    note: SignedNote<'a>,
    origin: &'a str,
    tree_size: u64,
    root_hash: Hash,
}

impl<'a> Checkpoint<'a> {
    /// Parses a signed checkpoint: origin, size, root hash, any number of extension lines, an empty line, and signatures.
    ///
    /// # Errors
    /// [`CheckpointError`] for a note or a text of another shape, among them a size with a leading zero or beyond 2^64−1.
    pub fn parse(text: &'a str) -> Result<Self, CheckpointError> {
        let note = SignedNote::parse(text).map_err(CheckpointError::Note)?;
        let body = note.text().strip_suffix('\n').unwrap_or(note.text());
        let mut lines = body.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(CheckpointError::OriginMissing)?;
        let tree_size = lines.next().and_then(parse_size).ok_or(CheckpointError::SizeMalformed)?;
        let root_hash = lines.next().and_then(parse_hash).ok_or(CheckpointError::RootMalformed)?;
        if lines.any(str::is_empty) {
            return Err(CheckpointError::ExtensionEmpty);
        }
        Ok(Self { note, origin, tree_size, root_hash })
    }

    /// The first line: the name of the log, for Rekor v1 followed by ` - ` and the number of the tree.
    #[must_use]
    pub fn origin(&self) -> &'a str {
        self.origin
    }

    /// How many leaves the tree has.
    #[must_use]
    pub fn tree_size(&self) -> u64 {
        self.tree_size
    }

    /// The root of the tree.
    #[must_use]
    pub fn root_hash(&self) -> &Hash {
        &self.root_hash
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn signed_text(&self) -> &'a str {
        self.note.text()
    }

    /// The signature lines in the order of the note.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature<'a>] {
        self.note.signatures()
    }
}

/// Decimal without sign, leading zero or overflow.
fn parse_size(line: &str) -> Option<u64> {
    let digits = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = line == "0" || !line.starts_with('0');
    if digits && canonical { line.parse().ok() } else { None }
}

fn parse_hash(line: &str) -> Option<Hash> {
    // 44 characters encode 32 bytes; anything longer is refused before it is decoded.
    if line.len() != 44 {
        return None;
    }
    base64::decode_standard(line).ok()?.try_into().ok()
}

/// Why text is not a checkpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CheckpointError {
    /// An extension line is empty.
    ExtensionEmpty,
    /// It is not even a signed note.
    Note(NoteError),
    /// The first line is empty.
    OriginMissing,
    /// The third line is not the base64 of 32 bytes, or missing.
    RootMalformed,
    /// The second line is not a decimal number below 2^64 without leading zero, or missing.
    SizeMalformed,
}

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExtensionEmpty => f.write_str("the checkpoint has an empty extension line"),
            Self::Note(error) => error.fmt(f),
            Self::OriginMissing => f.write_str("the checkpoint does not name its log"),
            Self::RootMalformed => f.write_str("the checkpoint has no root hash of 32 bytes on its third line"),
            Self::SizeMalformed => f.write_str("the checkpoint has no tree size on its second line"),
        }
    }
}

impl core::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Note(error) => Some(error),
            _ => None,
        }
    }
}

impl Reason for CheckpointError {
    fn code(&self) -> Code {
        match self {
            Self::Note(error) => error.code(),
            _ => Code::TlogCheckpointMalformed,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Note(error) => error.place(),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Note(error) => error.clause(),
            _ => Some("C2SP tlog-checkpoint \"Note text\""),
        }
    }
}
