//! Why an image, or something attached to it, could not be read or written.

use std::fmt;

use stella_attest_model::{DocumentError, StatementError, json};
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::registry::FetchFailure;

/// Longest part of a message that comes from outside, in characters.
const SHOWN: usize = 200;

/// Why an image, or something attached to it, could not be read or written.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OciError {
    /// Others write to the layout all the time.
    Busy {
        /// The layout.
        place: String,
    },
    /// A blob or manifest has another digest or size than its descriptor says.
    DigestMismatch {
        /// The file or URL.
        place: String,
        /// Digest or size, as found.
        found: String,
        /// Digest or size, as its descriptor says.
        expected: String,
    },
    /// What should be an attestation is none.
    Document {
        /// The digest of the blob.
        place: String,
        /// What is wrong.
        error: Box<DocumentError>,
    },
    /// A registry could not be asked, or gave no usable answer.
    Fetch(FetchFailure),
    /// The system could not read or write a file.
    Io {
        /// The file.
        place: String,
        /// What the system says.
        error: String,
        /// Whether it was to be written.
        writing: bool,
    },
    /// Not strict JSON, or a member of another type.
    Json {
        /// The file, URL or digest.
        place: String,
        /// What is wrong.
        error: json::Error,
    },
    /// Not a layout.
    LayoutInvalid {
        /// The file or directory.
        place: String,
        /// What is there.
        found: String,
        /// What should be.
        expected: &'static str,
    },
    /// Not a manifest or index.
    ManifestInvalid {
        /// The file, URL or digest.
        place: String,
        /// What is there.
        found: String,
        /// What should be.
        expected: String,
    },
    /// Nothing is there under that name.
    NotFound {
        /// Where it was looked.
        place: String,
        /// What was looked for.
        what: String,
        /// What is there instead, such as the tags of a layout.
        known: String,
    },
    /// No name of an image.
    ReferenceInvalid {
        /// What was given.
        found: String,
        /// What should have been.
        expected: String,
    },
    /// A statement that is none, or about something else than the image.
    Statement {
        /// The digest of the document that it is in.
        place: String,
        /// What is wrong.
        error: Box<StatementError>,
    },
    /// More than is read.
    TooLarge {
        /// The file, URL or digest.
        place: String,
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much is read.
        limit: u64,
    },
    /// Something attached that is no attestation in a form that can be read.
    TypeUnsupported {
        /// The digest of the manifest or blob.
        place: String,
        /// Its type.
        found: String,
        /// What that is, where it is known.
        what: Option<&'static str>,
    },
}

impl From<FetchFailure> for OciError {
    fn from(failure: FetchFailure) -> Self {
        Self::Fetch(failure)
    }
}

impl std::error::Error for OciError {}

impl fmt::Display for OciError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { .. } => f.write_str("others write to this layout all the time"),
            Self::DigestMismatch { .. } => f.write_str("the content is not what its name says"),
            Self::Document { error, .. } => error.fmt(f),
            Self::Fetch(failure) => failure.fmt(f),
            Self::Io { writing: false, .. } => f.write_str("this cannot be read"),
            Self::Io { writing: true, .. } => f.write_str("this cannot be written"),
            Self::Json { error, .. } => error.fmt(f),
            Self::LayoutInvalid { .. } => f.write_str("this is not an OCI image layout"),
            Self::ManifestInvalid { .. } => f.write_str("this is no manifest of the image"),
            Self::NotFound { what, .. } => write!(f, "there is no {}", Bounded(what, SHOWN)),
            Self::ReferenceInvalid { .. } => f.write_str("this names no image"),
            Self::Statement { error, .. } => error.fmt(f),
            Self::TooLarge { what, .. } => write!(f, "there are too many {what}"),
            Self::TypeUnsupported { what: Some(what), .. } => write!(f, "{what} cannot be read as an attestation"),
            Self::TypeUnsupported { what: None, .. } => f.write_str("this cannot be read as an attestation"),
        }
    }
}

impl Reason for OciError {
    fn code(&self) -> Code {
        match self {
            Self::Busy { .. } => Code::StoreBusy,
            Self::DigestMismatch { .. } => Code::OciDigestMismatch,
            Self::Document { error, .. } => error.code(),
            Self::Fetch(failure) => failure.code(),
            Self::Io { writing: false, .. } => Code::InputNotRegularFile,
            Self::Io { writing: true, .. } => Code::OutputWriteFailed,
            Self::Json { error, .. } => error.code(),
            Self::LayoutInvalid { .. } => Code::OciLayoutInvalid,
            Self::ManifestInvalid { .. } => Code::OciManifestInvalid,
            Self::NotFound { .. } => Code::OciNotFound,
            Self::ReferenceInvalid { .. } => Code::OciReferenceInvalid,
            Self::Statement { error, .. } => error.code(),
            Self::TooLarge { .. } => Code::InputTooLarge,
            Self::TypeUnsupported { .. } => Code::OciTypeUnsupported,
        }
    }

    fn place(&self) -> Option<String> {
        let inner = match self {
            Self::Document { error, .. } => error.place(),
            Self::Json { error, .. } => error.place(),
            Self::Statement { error, .. } => error.place(),
            _ => None,
        };
        let place = match self {
            Self::Fetch(failure) => return failure.place(),
            Self::ReferenceInvalid { .. } => return None,
            Self::Busy { place }
            | Self::DigestMismatch { place, .. }
            | Self::Document { place, .. }
            | Self::Io { place, .. }
            | Self::Json { place, .. }
            | Self::LayoutInvalid { place, .. }
            | Self::ManifestInvalid { place, .. }
            | Self::NotFound { place, .. }
            | Self::Statement { place, .. }
            | Self::TooLarge { place, .. }
            | Self::TypeUnsupported { place, .. } => Bounded(place, SHOWN).to_string(),
        };
        Some(match inner {
            Some(inner) => format!("{place}, {inner}"),
            None => place,
        })
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::Busy { .. } => "a lock that is held".to_string(),
            Self::Document { error, .. } => return error.found(),
            Self::Fetch(failure) => return failure.found(),
            Self::Io { error, .. } => Bounded(error, SHOWN).to_string(),
            Self::Json { error, .. } => return error.found(),
            Self::Statement { error, .. } => return error.found(),
            Self::DigestMismatch { found, .. }
            | Self::LayoutInvalid { found, .. }
            | Self::ManifestInvalid { found, .. }
            | Self::ReferenceInvalid { found, .. }
            | Self::TypeUnsupported { found, .. } => Bounded(found, SHOWN).to_string(),
            Self::NotFound { known, .. } => Bounded(known, SHOWN).to_string(),
            Self::TooLarge { found, .. } => found.to_string(),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::Busy { .. } => "a layout that is free within 10 s".to_string(),
            Self::Document { error, .. } => return error.expected(),
            Self::Fetch(failure) => return failure.expected(),
            Self::Io { writing: false, .. } => "a readable regular file".to_string(),
            Self::Io { writing: true, .. } => "a directory with room that can be written to".to_string(),
            Self::Json { error, .. } => return error.expected(),
            Self::Statement { error, .. } => return error.expected(),
            Self::LayoutInvalid { expected, .. } => (*expected).to_string(),
            Self::DigestMismatch { expected, .. }
            | Self::ManifestInvalid { expected, .. }
            | Self::ReferenceInvalid { expected, .. } => Bounded(expected, SHOWN).to_string(),
            Self::NotFound { what, .. } => Bounded(what, SHOWN).to_string(),
            Self::TooLarge { limit, .. } => format!("at most {limit}"),
            Self::TypeUnsupported { .. } => "a Sigstore bundle or a DSSE envelope".to_string(),
        })
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::DigestMismatch { .. } => Some("OCI image spec v1.1, Content Descriptors"),
            Self::Document { error, .. } => error.clause(),
            Self::Json { error, .. } => error.clause(),
            Self::Statement { error, .. } => error.clause(),
            Self::LayoutInvalid { .. } => Some("OCI image spec v1.1, Image Layout"),
            Self::ManifestInvalid { .. } => Some("OCI image spec v1.1, Image Manifest"),
            _ => None,
        }
    }
}
