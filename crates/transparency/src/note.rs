//! C2SP signed notes: a text, an empty line, and signature lines.

use alloc::vec::Vec;
use core::fmt;

use stella_vocabulary::{Code, Reason, base64};

/// Largest note that is read, in bytes (catalogue limit "checkpoint").
const MAX_NOTE_BYTES: usize = 64 * 1024;
/// Most signature lines that are read: 16 are promised to every user of the format, the rest is room for witnesses.
const MAX_SIGNATURES: usize = 64;
/// Each signature line starts with an em dash and a space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// A signed note, taken apart; nothing about it is verified. C2SP signed-note.
///
/// Names and text borrow from the input. The signed bytes are [`text`](Self::text), the final newline included.
#[derive(Clone, Debug)]
pub struct SignedNote<'a> {
    text: &'a str,
    signatures: Vec<NoteSignature<'a>>,
}

/// One signature line of a note.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoteSignature<'a> {
    name: &'a str,
    key_hint: [u8; 4],
    signature: Vec<u8>,
}

impl<'a> SignedNote<'a> {
    /// Parses a note. Every line, the last included, must end with a newline.
    ///
    /// # Errors
    /// [`NoteError`] for a note of another shape: control characters, no empty line between text and signatures, no signature,
    /// more than 64 of them, or one that is not `— NAME BASE64`.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge { bytes: note.len() });
        }
        if let Some(position) = note.bytes().position(|byte| (byte < 0x20 && byte != b'\n') || byte == 0x7f) {
            return Err(NoteError::ControlCharacter { position });
        }
        // The text may hold empty lines itself, so the last one separates.
        let separator = note.rfind("\n\n").ok_or(NoteError::SeparatorMissing)?;
        let (text, lines) = note.split_at(separator + 1);
        let lines = lines.strip_prefix('\n').unwrap_or(lines);
        if lines.is_empty() {
            return Err(NoteError::SignatureMissing);
        }
        let lines = lines.strip_suffix('\n').ok_or(NoteError::NewlineMissing)?;
        let count = lines.split('\n').count();
        if count > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures { found: count });
        }
        let signatures = lines
            .split('\n')
            .enumerate()
            .map(|(index, line)| NoteSignature::parse(line, index))
            .collect::<Result<_, _>>()?;
        Ok(Self { text, signatures })
    }

    /// The bytes that are signed: the text with its final newline.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The signature lines in the order of the note.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature<'a>] {
        &self.signatures
    }
}

impl<'a> NoteSignature<'a> {
    fn parse(line: &'a str, index: usize) -> Result<Self, NoteError> {
        let malformed = NoteError::SignatureMalformed { signature: index };
        let Some((name, encoded)) = line.strip_prefix(SIGNATURE_PREFIX).and_then(|rest| rest.split_once(' ')) else {
            return Err(malformed);
        };
        if name.is_empty() || name.contains('+') || name.contains(char::is_whitespace) {
            return Err(malformed);
        }
        let Ok(mut signature) = base64::decode_standard(encoded) else { return Err(malformed) };
        // At least one byte has to follow the hint.
        let Some((&key_hint, [_, ..])) = signature.split_first_chunk::<4>() else { return Err(malformed) };
        signature.drain(..4);
        Ok(Self { name, key_hint, signature })
    }

    /// The name of the key, as the note gives it.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The first four bytes of the key id, to find the key by; it proves nothing.
    #[must_use]
    pub fn key_hint(&self) -> [u8; 4] {
        self.key_hint
    }

    /// The signature without the key hint, in the form the key's algorithm uses.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// Why text is not a signed note.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum NoteError {
    /// An ASCII control character other than newline.
    ControlCharacter {
        /// Its byte offset.
        position: usize,
    },
    /// The last line does not end with a newline.
    NewlineMissing,
    /// No empty line parts the text from its signatures.
    SeparatorMissing,
    /// A signature line is not `— NAME BASE64` with at least five bytes inside.
    SignatureMalformed {
        /// Which line, from 0.
        signature: usize,
    },
    /// The note ends after the empty line.
    SignatureMissing,
    /// The note is longer than 64 KiB.
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// The note has more than 64 signature lines.
    TooManySignatures {
        /// How many it has.
        found: usize,
    },
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlCharacter { position } => write!(f, "the note has a control character at byte {position}"),
            Self::NewlineMissing => f.write_str("the last line of the note does not end with a newline"),
            Self::SeparatorMissing => f.write_str("the note has no empty line between its text and its signatures"),
            Self::SignatureMalformed { signature } => write!(f, "signature line {signature} of the note is malformed"),
            Self::SignatureMissing => f.write_str("the note has no signature"),
            Self::TooLarge { bytes } => write!(f, "the note has {bytes} bytes where {MAX_NOTE_BYTES} are allowed"),
            Self::TooManySignatures { found } => {
                write!(f, "the note has {found} signatures where {MAX_SIGNATURES} are allowed")
            }
        }
    }
}

impl core::error::Error for NoteError {}

impl Reason for NoteError {
    fn code(&self) -> Code {
        match self {
            // Without a signature there is a checkpoint all the same, only nobody vouches for it.
            Self::SignatureMissing => Code::TlogCheckpointSignatureInvalid,
            _ => Code::TlogCheckpointMalformed,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        Some("C2SP signed-note \"Format\"")
    }
}
