//! Why a document was refused.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Base64Error, Code, Reason};

use crate::json::{self, Place};
use crate::shown;

/// Why a document is not an attestation: nothing was judged, because there is nothing of the right shape to judge.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DocumentError {
    /// A string is not base64. RFC 4648.
    Base64 {
        /// Where the string is.
        place: Place,
        /// What is wrong, with the offset in the string.
        error: Base64Error,
    },
    /// The bundle speaks of a certificate and has none.
    CertificateMissing {
        /// Where it should be.
        place: Place,
    },
    /// Not exactly one of `messageSignature` and `dsseEnvelope`, or a bare envelope around them.
    ContentAmbiguous {
        /// Where the document starts.
        place: Place,
        /// What is there.
        found: &'static str,
    },
    /// No bytes, or only white space.
    Empty,
    /// An enumeration value this version does not know.
    EnumUnknown {
        /// Where it is.
        place: Place,
        /// The value as written, bounded and escaped.
        found: String,
    },
    /// A required text is there, but empty.
    FieldEmpty {
        /// Where it is.
        place: Place,
        /// Its name.
        name: &'static str,
    },
    /// Not strict JSON, or a value of the wrong type.
    Json(json::Error),
    /// Both a public key and a certificate.
    KeyMaterialMismatch {
        /// Where the verification material is.
        place: Place,
        /// What is there.
        found: &'static str,
    },
    /// A bundle of unknown kind or version.
    MediaTypeUnsupported {
        /// Where the media type is, or should be.
        place: Place,
        /// The media type, bounded and escaped; `None` if there is none.
        found: Option<String>,
    },
    /// `signatures` is empty.
    NoSignatures {
        /// Where it is.
        place: Place,
    },
    /// Neither certificate nor public key. A timestamp or log entry alone never verifies anything.
    NoVerificationMaterial {
        /// Where it should be.
        place: Place,
    },
    /// The bundle lacks, or must not have, a part in this version; or the part has an impossible size.
    ShapeInvalid {
        /// Where the part is, or should be.
        place: Place,
        /// What is there.
        found: String,
        /// What should be.
        expected: &'static str,
    },
    /// The envelope in a bundle has not exactly one signature.
    SignatureCount {
        /// Where the signatures are.
        place: Place,
        /// How many there are.
        found: usize,
    },
    /// The document, or a part of it, has more bytes than allowed.
    TooLarge {
        /// Where the part is.
        place: Place,
        /// What it is.
        what: &'static str,
        /// Its bytes.
        found: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A list in a bundle has more entries than allowed.
    TooManyEntries {
        /// Where the list is.
        place: Place,
        /// What it lists.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// An envelope has more signatures than allowed.
    TooManySignatures {
        /// Where they are.
        place: Place,
        /// How many there are.
        found: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// The input is of another kind altogether.
    UnknownFormat {
        /// What it looks like.
        found: &'static str,
    },
}

impl DocumentError {
    /// Where in the document, if at one place.
    pub fn location(&self) -> Option<&Place> {
        match self {
            Self::Empty | Self::UnknownFormat { .. } => None,
            Self::Json(error) => Some(error.location()),
            Self::Base64 { place, .. }
            | Self::CertificateMissing { place }
            | Self::ContentAmbiguous { place, .. }
            | Self::EnumUnknown { place, .. }
            | Self::FieldEmpty { place, .. }
            | Self::KeyMaterialMismatch { place, .. }
            | Self::MediaTypeUnsupported { place, .. }
            | Self::NoSignatures { place }
            | Self::NoVerificationMaterial { place }
            | Self::ShapeInvalid { place, .. }
            | Self::SignatureCount { place, .. }
            | Self::TooLarge { place, .. }
            | Self::TooManyEntries { place, .. }
            | Self::TooManySignatures { place, .. } => Some(place),
        }
    }

    /// The same error when `lines` lines and `bytes` bytes come before the document.
    pub(crate) fn after(mut self, lines: usize, bytes: usize) -> Self {
        match &mut self {
            Self::Empty | Self::UnknownFormat { .. } => {}
            Self::Json(error) => error.location_mut().after(lines, bytes),
            Self::Base64 { place, .. }
            | Self::CertificateMissing { place }
            | Self::ContentAmbiguous { place, .. }
            | Self::EnumUnknown { place, .. }
            | Self::FieldEmpty { place, .. }
            | Self::KeyMaterialMismatch { place, .. }
            | Self::MediaTypeUnsupported { place, .. }
            | Self::NoSignatures { place }
            | Self::NoVerificationMaterial { place }
            | Self::ShapeInvalid { place, .. }
            | Self::SignatureCount { place, .. }
            | Self::TooLarge { place, .. }
            | Self::TooManyEntries { place, .. }
            | Self::TooManySignatures { place, .. } => place.after(lines, bytes),
        }
        self
    }
}

impl From<json::Error> for DocumentError {
    fn from(error: json::Error) -> Self {
        Self::Json(error)
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base64 { error, .. } => write!(f, "not base64: {error}"),
            Self::CertificateMissing { .. } => f.write_str("the bundle has no certificate where it says there is one"),
            Self::ContentAmbiguous { found, .. } => write!(f, "it is not clear what was signed: {found}"),
            Self::Empty => f.write_str("the document is empty"),
            Self::EnumUnknown { found, .. } => write!(f, "{} is not a known value here", Bounded(found, 100)),
            Self::FieldEmpty { name, .. } => write!(f, "the member \"{name}\" is empty"),
            Self::Json(error) => error.fmt(f),
            Self::KeyMaterialMismatch { found, .. } => write!(f, "the bundle names its key twice: {found}"),
            Self::MediaTypeUnsupported { found: Some(found), .. } => {
                write!(f, "\"{}\" is not the media type of a supported bundle", Bounded(found, 150))
            }
            Self::MediaTypeUnsupported { found: None, .. } => f.write_str("the bundle has no media type"),
            Self::NoSignatures { .. } => f.write_str("the envelope has no signature"),
            Self::NoVerificationMaterial { .. } => f.write_str("the bundle has neither a certificate nor a public key"),
            Self::ShapeInvalid { found, expected, .. } => {
                write!(f, "the bundle is not well formed: found {}, expected {expected}", Bounded(found, 100))
            }
            Self::SignatureCount { found, .. } => {
                write!(f, "the envelope in a bundle has one signature, this one has {found}")
            }
            Self::TooLarge { what, found, limit, .. } => {
                write!(f, "{what} of {found} bytes is larger than {limit} bytes")
            }
            Self::TooManyEntries { what, found, limit, .. } => write!(f, "{found} {what} are more than {limit}"),
            Self::TooManySignatures { found, limit, .. } => write!(f, "{found} signatures are more than {limit}"),
            Self::UnknownFormat { found } => write!(f, "the document is {found}, not an attestation"),
        }
    }
}

impl core::error::Error for DocumentError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Base64 { error, .. } => Some(error),
            _ => None,
        }
    }
}

impl Reason for DocumentError {
    fn code(&self) -> Code {
        match self {
            Self::Base64 { error, .. } => error.code(),
            Self::CertificateMissing { .. } => Code::BundleCertificateMissing,
            Self::ContentAmbiguous { .. } => Code::BundleContentAmbiguous,
            Self::Empty => Code::InputEmpty,
            Self::EnumUnknown { .. } => Code::BundleEnumUnknown,
            Self::FieldEmpty { .. } => Code::DsseMissingField,
            Self::Json(error) => error.code(),
            Self::KeyMaterialMismatch { .. } => Code::BundleKeyMaterialMismatch,
            Self::MediaTypeUnsupported { .. } => Code::BundleMediaTypeUnsupported,
            Self::NoSignatures { .. } => Code::DsseNoSignatures,
            Self::NoVerificationMaterial { .. } => Code::BundleNoVerificationMaterial,
            Self::ShapeInvalid { .. } => Code::BundleShapeInvalid,
            Self::SignatureCount { .. } => Code::BundleSignatureCount,
            Self::TooLarge { .. } => Code::InputTooLarge,
            Self::TooManyEntries { .. } => Code::BundleTooManyEntries,
            Self::TooManySignatures { .. } => Code::DsseTooManySignatures,
            Self::UnknownFormat { .. } => Code::InputUnknownFormat,
        }
    }

    fn place(&self) -> Option<String> {
        self.location().map(ToString::to_string)
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Base64 { error, .. } => error.found(),
            Self::CertificateMissing { .. } => Some("no certificate".to_string()),
            Self::ContentAmbiguous { found, .. }
            | Self::KeyMaterialMismatch { found, .. }
            | Self::UnknownFormat { found } => Some((*found).to_string()),
            Self::Empty => Some("nothing but white space".to_string()),
            Self::EnumUnknown { found, .. } | Self::ShapeInvalid { found, .. } => Some(Bounded(found, 100).to_string()),
            Self::FieldEmpty { .. } => Some("an empty text".to_string()),
            Self::Json(error) => error.found(),
            Self::MediaTypeUnsupported { found, .. } => Some(match found {
                Some(found) => shown::found(found),
                None => "no media type".to_string(),
            }),
            Self::NoSignatures { .. } => Some("no signature".to_string()),
            Self::NoVerificationMaterial { .. } => Some("neither certificate nor public key".to_string()),
            Self::SignatureCount { found, .. } | Self::TooManySignatures { found, .. } => {
                Some(format!("{found} signatures"))
            }
            Self::TooLarge { found, .. } => Some(format!("{found} bytes")),
            Self::TooManyEntries { found, what, .. } => Some(format!("{found} {what}")),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Base64 { error, .. } => error.expected(),
            Self::CertificateMissing { .. } => Some("the DER of a certificate in base64".to_string()),
            Self::ContentAmbiguous { .. } => Some("one of dsseEnvelope and messageSignature".to_string()),
            Self::Empty | Self::UnknownFormat { .. } => {
                Some("a DSSE envelope or a Sigstore bundle in JSON".to_string())
            }
            Self::EnumUnknown { .. } => Some("SHA2_256, SHA2_384, SHA2_512, SHA3_256 or SHA3_384".to_string()),
            Self::FieldEmpty { .. } => Some("some bytes".to_string()),
            Self::Json(error) => error.expected(),
            Self::KeyMaterialMismatch { .. } => Some("one of certificate and publicKey".to_string()),
            Self::MediaTypeUnsupported { .. } => Some("a Sigstore bundle of version 0.1, 0.2 or 0.3".to_string()),
            Self::NoSignatures { .. } => Some("one signature or more".to_string()),
            Self::NoVerificationMaterial { .. } => Some("a certificate or a public key hint".to_string()),
            Self::ShapeInvalid { expected, .. } => Some((*expected).to_string()),
            Self::SignatureCount { .. } => Some("one signature".to_string()),
            Self::TooLarge { limit, .. } => Some(format!("at most {limit} bytes")),
            Self::TooManyEntries { limit, .. } | Self::TooManySignatures { limit, .. } => {
                Some(format!("at most {limit}"))
            }
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Base64 { error, .. } => error.clause(),
            Self::FieldEmpty { .. } | Self::NoSignatures { .. } => Some("DSSE v1 \"Envelope\""),
            Self::Json(error) => error.clause(),
            Self::CertificateMissing { .. }
            | Self::ContentAmbiguous { .. }
            | Self::KeyMaterialMismatch { .. }
            | Self::MediaTypeUnsupported { .. }
            | Self::NoVerificationMaterial { .. }
            | Self::ShapeInvalid { .. }
            | Self::SignatureCount { .. } => Some("Sigstore bundle v0.3"),
            _ => None,
        }
    }
}
