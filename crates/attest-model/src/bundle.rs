//! Sigstore bundles.

use alloc::string::ToString;
use alloc::vec::Vec;

use stella_vocabulary::text::Bounded;

use crate::json::{self, Array, Object, Value};
use crate::{DocumentError, Envelope, KeyMaterial, Limits, LogEntry, MessageSignature, bytes};

/// A Sigstore bundle: a signature with what is needed to verify it, of which nothing has been verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bundle {
    version: BundleVersion,
    content: Content,
    key_material: KeyMaterial,
    log_entries: Vec<LogEntry>,
    timestamps: Vec<Vec<u8>>,
}

/// The version of a bundle.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum BundleVersion {
    /// 0.1: a log entry has an inclusion promise, a proof, or both.
    V01,
    /// 0.2: a log entry has an inclusion proof with a checkpoint.
    V02,
    /// 0.3: as 0.2, with a single certificate or a key.
    V03,
}

impl BundleVersion {
    /// The media type that bundles of this version have; 0.3 is also written the way the older ones are.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::V01 => "application/vnd.dev.sigstore.bundle+json;version=0.1",
            Self::V02 => "application/vnd.dev.sigstore.bundle+json;version=0.2",
            Self::V03 => "application/vnd.dev.sigstore.bundle.v0.3+json",
        }
    }

    fn from_media_type(text: &str) -> Option<Self> {
        let known = [Self::V01, Self::V02, Self::V03].into_iter().find(|version| version.media_type() == text);
        known.or((text == "application/vnd.dev.sigstore.bundle+json;version=0.3").then_some(Self::V03))
    }
}

/// What was signed.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// A DSSE envelope with exactly one signature.
    Dsse(Envelope),
    /// An artifact that is not in the bundle.
    MessageSignature(MessageSignature),
}

impl Bundle {
    /// Reads a bundle. Unknown members are ignored (and must be strict JSON all the same).
    ///
    /// # Errors
    /// Codes of the families `input`, `json`, `base64`, `dsse` and `bundle`.
    ///
    /// # Left to the caller
    /// Everything that needs a certificate to be parsed, such as a root among the certificates.
    pub fn from_json(input: &[u8], limits: &Limits) -> Result<Self, DocumentError> {
        Self::read(json::Document::parse(input, limits)?.root(), limits)
    }

    pub(crate) fn read(value: Value<'_, '_>, limits: &Limits) -> Result<Self, DocumentError> {
        let bundle = value.as_object()?;
        let version = read_version(bundle, limits)?;
        let (content, material) = (content_of(bundle)?, bundle.member("verificationMaterial"));
        let Some(material) = material else {
            return Err(DocumentError::NoVerificationMaterial { place: value.place() });
        };
        let material = material.as_object()?;
        let entries = list(Some(material), "tlogEntries", "log entries", limits.log_entries)?;
        let stamped = material.optional("timestampVerificationData").map(Value::as_object).transpose()?;
        let timestamps = list(stamped, "rfc3161Timestamps", "timestamps", limits.timestamps)?;
        Ok(Self {
            version,
            content: read_content(content, limits)?,
            key_material: KeyMaterial::read(material, version, limits)?,
            log_entries: read_all(entries, |entry| LogEntry::read(entry, version, limits))?,
            timestamps: read_all(timestamps, |timestamp| read_timestamp(timestamp, limits))?,
        })
    }

    /// Its version.
    pub fn version(&self) -> BundleVersion {
        self.version
    }

    /// What was signed.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// What it says its signature verifies with.
    pub fn key_material(&self) -> &KeyMaterial {
        &self.key_material
    }

    /// Its certificates in DER, leaf first; empty if it names a public key instead.
    pub fn certificates(&self) -> &[Vec<u8>] {
        match &self.key_material {
            KeyMaterial::Certificates(certificates) => certificates,
            KeyMaterial::PublicKeyHint(_) => &[],
        }
    }

    /// Its transparency log entries.
    pub fn log_entries(&self) -> &[LogEntry] {
        &self.log_entries
    }

    /// Its RFC 3161 timestamps: each a `TimeStampResp` or a bare token, in DER.
    pub fn timestamps(&self) -> &[Vec<u8>] {
        &self.timestamps
    }
}

fn read_version(bundle: Object<'_, '_>, limits: &Limits) -> Result<BundleVersion, DocumentError> {
    let Some(value) = bundle.member("mediaType") else {
        return Err(DocumentError::MediaTypeUnsupported { place: bundle.value().place(), found: None });
    };
    let text = value.as_identifier(limits.identifier_bytes)?;
    BundleVersion::from_media_type(text).ok_or_else(|| DocumentError::MediaTypeUnsupported {
        place: value.place(),
        found: Some(Bounded(text, 150).to_string()),
    })
}

enum Unread<'d, 'a> {
    Dsse(Value<'d, 'a>),
    Message(Value<'d, 'a>),
}

fn content_of<'d, 'a>(bundle: Object<'d, 'a>) -> Result<Unread<'d, 'a>, DocumentError> {
    let found = match (bundle.optional("dsseEnvelope"), bundle.optional("messageSignature")) {
        (Some(envelope), None) => return Ok(Unread::Dsse(envelope)),
        (None, Some(message)) => return Ok(Unread::Message(message)),
        (Some(_), Some(_)) => "both dsseEnvelope and messageSignature",
        (None, None) => "neither dsseEnvelope nor messageSignature",
    };
    Err(DocumentError::ContentAmbiguous { place: bundle.value().place(), found })
}

fn read_content(content: Unread<'_, '_>, limits: &Limits) -> Result<Content, DocumentError> {
    let envelope = match content {
        Unread::Message(message) => return Ok(Content::MessageSignature(MessageSignature::read(message, limits)?)),
        Unread::Dsse(envelope) => envelope,
    };
    // One signature, so that timestamps and log entries, which speak of one, speak of this one.
    if let Some(signatures) = envelope.as_object()?.member("signatures") {
        let found = signatures.as_array()?.len();
        if found != 1 {
            return Err(DocumentError::SignatureCount { place: signatures.place(), found });
        }
    }
    Ok(Content::Dsse(Envelope::read(envelope, limits)?))
}

/// The list `name`, counted before any entry is read.
fn list<'d, 'a>(
    object: Option<Object<'d, 'a>>,
    name: &str,
    what: &'static str,
    limit: usize,
) -> Result<Option<Array<'d, 'a>>, DocumentError> {
    let Some(value) = object.and_then(|object| object.optional(name)) else { return Ok(None) };
    let array = value.as_array()?;
    if array.len() > limit {
        return Err(DocumentError::TooManyEntries { place: value.place(), what, found: array.len(), limit });
    }
    Ok(Some(array))
}

fn read_all<T>(
    array: Option<Array<'_, '_>>,
    read: impl Fn(Value<'_, '_>) -> Result<T, DocumentError>,
) -> Result<Vec<T>, DocumentError> {
    // Not `collect`: through a `Result` it does not know how many there are, and grows.
    let mut all = Vec::with_capacity(array.map_or(0, Array::len));
    for value in array.into_iter().flatten() {
        all.push(read(value)?);
    }
    Ok(all)
}

fn read_timestamp(value: Value<'_, '_>, limits: &Limits) -> Result<Vec<u8>, DocumentError> {
    let shape = |place| {
        let (found, expected) = ("no timestamp".to_string(), "a member \"signedTimestamp\" with some bytes");
        DocumentError::ShapeInvalid { place, found, expected }
    };
    let Some(signed) = value.as_object()?.optional("signedTimestamp") else { return Err(shape(value.place())) };
    let bytes = bytes::read(signed, "a timestamp", limits.document_bytes)?;
    if bytes.is_empty() { Err(shape(signed.place())) } else { Ok(bytes) }
}
