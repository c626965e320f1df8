//! The front door: any attestation, by what is in it and not by the name of its file.

use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};

use crate::json::{self, Kind, Place, Value};
use crate::{
    AttestationId, Bundle, BundleVersion, Content, DocumentError, Envelope, Limits, LogEntry, MessageSignature,
};

/// A DSSE envelope, bare or in a Sigstore bundle, or a Sigstore bundle around a message signature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attestation {
    document: AnyDocument,
    id: AttestationId,
    source_digest: [u8; 32],
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum AnyDocument {
    Bundle(Bundle),
    Envelope(Envelope),
}

/// What an attestation came in.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Form {
    /// A Sigstore bundle of version 0.1.
    BundleV01,
    /// A Sigstore bundle of version 0.2.
    BundleV02,
    /// A Sigstore bundle of version 0.3.
    BundleV03,
    /// A bare DSSE envelope.
    Envelope,
}

impl Form {
    /// The word that reports use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BundleV01 => "sigstore-bundle-0.1",
            Self::BundleV02 => "sigstore-bundle-0.2",
            Self::BundleV03 => "sigstore-bundle-0.3",
            Self::Envelope => "dsse-envelope",
        }
    }
}

impl Attestation {
    /// Reads an attestation within the default [`Limits`].
    ///
    /// # Errors
    /// As [`Attestation::from_json_with`].
    pub fn from_json(input: &[u8]) -> Result<Self, DocumentError> {
        Self::from_json_with(input, &Limits::default())
    }

    /// Reads an attestation.
    ///
    /// # Errors
    /// `input.empty`, `input.too_large`, `input.unknown_format`, and codes of the families `json`, `base64`, `dsse` and
    /// `bundle`.
    pub fn from_json_with(input: &[u8], limits: &Limits) -> Result<Self, DocumentError> {
        let (found, limit) = (input.len(), limits.document_bytes);
        if found > limit {
            return Err(DocumentError::TooLarge { place: Place::root(), what: "a document", found, limit });
        }
        if input.iter().all(u8::is_ascii_whitespace) {
            return Err(DocumentError::Empty);
        }
        if let Some(found) = foreign_format(input) {
            return Err(DocumentError::UnknownFormat { found });
        }
        let document = json::Document::parse(input, limits)?;
        let root = document.root();
        match sniff(root)? {
            Sniffed::Bundle => {
                let bundle = Bundle::read(root, limits)?;
                let id = match bundle.content() {
                    Content::Dsse(envelope) => envelope.id(),
                    Content::MessageSignature(message) => message.id(),
                };
                Ok(Self { document: AnyDocument::Bundle(bundle), id, source_digest: Sha256::digest(input).into() })
            }
            Sniffed::Envelope => {
                let envelope = Envelope::read(root, limits)?;
                let (source_digest, id) = digests(input, root, &envelope);
                Ok(Self { document: AnyDocument::Envelope(envelope), id, source_digest })
            }
        }
    }

    /// Reads JSON Lines: one attestation a line, lines of white space left out, at least one attestation.
    ///
    /// `limits.document_bytes` limits all lines together. One bad line spoils the whole: the error has its line number.
    ///
    /// # Errors
    /// As [`Attestation::from_json_with`].
    pub fn parse_lines(input: &[u8], limits: &Limits) -> Result<Vec<Self>, DocumentError> {
        let (found, limit) = (input.len(), limits.document_bytes);
        if found > limit {
            return Err(DocumentError::TooLarge { place: Place::root(), what: "a document", found, limit });
        }
        let mut attestations = Vec::new();
        let mut bytes = 0_usize;
        for (lines, line) in input.split(|byte| *byte == b'\n').enumerate() {
            if !line.iter().all(u8::is_ascii_whitespace) {
                attestations.push(Self::from_json_with(line, limits).map_err(|error| error.after(lines, bytes))?);
            }
            bytes = bytes.saturating_add(line.len()).saturating_add(1);
        }
        if attestations.is_empty() { Err(DocumentError::Empty) } else { Ok(attestations) }
    }

    /// Its name, whatever it came in.
    pub fn id(&self) -> AttestationId {
        self.id
    }

    /// What it came in.
    pub fn form(&self) -> Form {
        match &self.document {
            AnyDocument::Envelope(_) => Form::Envelope,
            AnyDocument::Bundle(bundle) => match bundle.version() {
                BundleVersion::V01 => Form::BundleV01,
                BundleVersion::V02 => Form::BundleV02,
                BundleVersion::V03 => Form::BundleV03,
            },
        }
    }

    /// The envelope, bare or from the bundle.
    pub fn envelope(&self) -> Option<&Envelope> {
        match &self.document {
            AnyDocument::Envelope(envelope) => Some(envelope),
            AnyDocument::Bundle(bundle) => match bundle.content() {
                Content::Dsse(envelope) => Some(envelope),
                Content::MessageSignature(_) => None,
            },
        }
    }

    /// The bundle, if it came in one.
    pub fn bundle(&self) -> Option<&Bundle> {
        match &self.document {
            AnyDocument::Bundle(bundle) => Some(bundle),
            AnyDocument::Envelope(_) => None,
        }
    }

    /// The message signature, if it is one.
    pub fn message_signature(&self) -> Option<&MessageSignature> {
        match self.bundle()?.content() {
            Content::MessageSignature(message) => Some(message),
            Content::Dsse(_) => None,
        }
    }

    /// The certificates of the bundle in DER, leaf first.
    pub fn certificates(&self) -> &[Vec<u8>] {
        self.bundle().map_or(&[], Bundle::certificates)
    }

    /// The transparency log entries of the bundle.
    pub fn log_entries(&self) -> &[LogEntry] {
        self.bundle().map_or(&[], Bundle::log_entries)
    }

    /// The RFC 3161 timestamps of the bundle, in DER.
    pub fn timestamps(&self) -> &[Vec<u8>] {
        self.bundle().map_or(&[], Bundle::timestamps)
    }

    /// The SHA-256 of the bytes that were read; of one line without its line feed, if they were lines.
    pub fn source_digest(&self) -> [u8; 32] {
        self.source_digest
    }
}

/// The SHA-256 of `input`, and the id of the envelope that it is.
///
/// A payload may be megabytes. Its base64 is at hand here and is not made again if it is the canonical one; and where
/// `input` begins as the canonical form does, which is how this library writes envelopes, that is hashed once for both.
fn digests(input: &[u8], root: Value<'_, '_>, envelope: &Envelope) -> ([u8; 32], AttestationId) {
    let payload = root.member("payload").and_then(|payload| payload.as_str().ok().map(|text| (payload, text)));
    let Some((payload, text)) = payload.filter(|(_, text)| is_canonical(text)) else {
        return (Sha256::digest(input).into(), envelope.id());
    };
    let common = CANONICAL_START.len().saturating_add(text.len());
    // A document that begins so has no other member "payload". What a string without escapes stands for is its source.
    let begins_alike = input.starts_with(CANONICAL_START) && payload.raw_text().len() == text.len().saturating_add(2);
    let (mut source, mut canonical) = (Sha256::new(), Sha256::new());
    match input.split_at_checked(common) {
        Some((start, rest)) if begins_alike => {
            source.update(start);
            canonical.clone_from(&source);
            source.update(rest);
        }
        _ => {
            source.update(input);
            canonical.update(CANONICAL_START);
            canonical.update(text);
        }
    }
    canonical.update("\"");
    canonical.update(envelope.canonical_after_payload());
    (source.finalize().into(), AttestationId::from_bytes(canonical.finalize().into()))
}

const CANONICAL_START: &[u8] = b"{\"payload\":\"";

/// Whether `text`, which decodes as base64, is padded and of the standard alphabet.
fn is_canonical(text: &str) -> bool {
    // Without a branch inside, so that it is vectorised.
    let is_url_safe = text.bytes().fold(false, |found, symbol| found | (symbol == b'-') | (symbol == b'_'));
    text.len().is_multiple_of(4) && !is_url_safe
}

/// What `input` starts like, if that is something other than JSON text.
fn foreign_format(input: &[u8]) -> Option<&'static str> {
    match input {
        [0x1f, 0x8b, ..] => Some("gzip data"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("Zstandard data"),
        [b'P', b'K', 3 | 5 | 7, 4 | 6 | 8, ..] => Some("a zip archive"),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some("bzip2 data"),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some("xz data"),
        [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Some("a 7z archive"),
        [0x04, 0x22, 0x4d, 0x18, ..] => Some("LZ4 data"),
        [b'-', b'-', b'-', b'-', b'-', b'B', ..] => Some("PEM text"),
        // A DER SEQUENCE with its length in two or three bytes: certificates, timestamps, CMS.
        [0x30, 0x81..=0x84, ..] => Some("DER data"),
        // COSE_Sign1: CBOR tag 18 and an array of four.
        [0xd2, 0x84, ..] => Some("a COSE message"),
        _ => None,
    }
}

enum Sniffed {
    Bundle,
    Envelope,
}

/// Bundle or envelope, by the members of the outermost object.
fn sniff(root: Value<'_, '_>) -> Result<Sniffed, DocumentError> {
    if root.kind() != Kind::Object {
        return Err(root.wrong_type("an object: a DSSE envelope or a Sigstore bundle").into());
    }
    let count = |names: &[&str]| names.iter().filter(|name| root.member(name).is_some()).count();
    let dsse = count(&["payload", "payloadType", "signatures"]);
    let content = count(&["dsseEnvelope", "messageSignature"]);
    let around = count(&["mediaType", "verificationMaterial"]);
    match (dsse, content, around) {
        (3, 1.., _) => Err(DocumentError::ContentAmbiguous {
            place: root.place(),
            found: "the members of an envelope next to the content of a bundle",
        }),
        (3, 0, _) | (1.., 0, 0) => Ok(Sniffed::Envelope),
        (_, 0, 0) => Err(DocumentError::UnknownFormat { found: "a JSON object without the members of an attestation" }),
        _ => Ok(Sniffed::Bundle),
    }
}
