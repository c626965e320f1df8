//! Signatures over an artifact itself.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::text::Bounded;

use crate::envelope::write_base64;
use crate::json::{Kind, Object, Value};
use crate::{AttestationId, Digest, DigestAlgorithm, DocumentError, Limits, bytes};

/// A signature over an artifact itself, without envelope or statement. Sigstore bundle `messageSignature`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageSignature {
    claimed_digest: Option<Digest>,
    signature: Vec<u8>,
}

impl MessageSignature {
    pub(crate) fn read(value: Value<'_, '_>, limits: &Limits) -> Result<Self, DocumentError> {
        let message = value.as_object()?;
        let missing = |place| {
            let (found, expected) = ("no signature".to_string(), "a member \"signature\" with some bytes");
            DocumentError::ShapeInvalid { place, found, expected }
        };
        let claimed_digest = match message.optional("messageDigest") {
            Some(digest) => Some(read_digest(digest.as_object()?)?),
            None => None,
        };
        let text = message.optional("signature").ok_or_else(|| missing(value.place()))?;
        let signature = bytes::read(text, "a signature", limits.document_bytes)?;
        if signature.is_empty() {
            return Err(missing(text.place()));
        }
        Ok(Self { claimed_digest, signature })
    }

    /// The digest the bundle says the artifact has. A hint: the signature is checked against the artifact, never
    /// against this.
    pub fn claimed_digest(&self) -> Option<&Digest> {
        self.claimed_digest.as_ref()
    }

    /// The signature's bytes.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The name of this signature; see [`AttestationId`].
    pub fn id(&self) -> AttestationId {
        AttestationId::of(|sink| {
            sink("{");
            if let Some((name, digest)) =
                self.claimed_digest.as_ref().and_then(|digest| Some((enum_name(digest)?, digest)))
            {
                sink("\"messageDigest\":{\"algorithm\":\"");
                sink(name);
                sink("\",\"digest\":");
                write_base64(digest.as_bytes(), sink);
                sink("},");
            }
            sink("\"signature\":");
            write_base64(&self.signature, sink);
            sink("}");
        })
    }
}

/// The enumeration `HashAlgorithm` of the bundle's Protobuf definition; 0 is "unspecified" and as good as unknown.
const HASH_ALGORITHMS: [(&str, &str, DigestAlgorithm); 5] = [
    ("SHA2_256", "1", DigestAlgorithm::Sha256),
    ("SHA2_384", "2", DigestAlgorithm::Sha384),
    ("SHA2_512", "3", DigestAlgorithm::Sha512),
    ("SHA3_256", "4", DigestAlgorithm::Sha3_256),
    ("SHA3_384", "5", DigestAlgorithm::Sha3_384),
];

fn enum_name(digest: &Digest) -> Option<&'static str> {
    HASH_ALGORITHMS.iter().find(|(_, _, algorithm)| *algorithm == digest.algorithm()).map(|(name, ..)| *name)
}

fn read_digest(object: Object<'_, '_>) -> Result<Digest, DocumentError> {
    let Some(algorithm) = object.optional("algorithm") else {
        let found = "no algorithm".to_string();
        return Err(DocumentError::EnumUnknown { place: object.value().place(), found });
    };
    let known = match algorithm.kind() {
        Kind::Number => HASH_ALGORITHMS.iter().find(|(_, number, _)| *number == algorithm.raw_text()),
        _ => {
            let text = algorithm.as_str()?;
            HASH_ALGORITHMS.iter().find(|(name, ..)| *name == text)
        }
    };
    let Some((_, _, known)) = known else {
        let found: String = Bounded(algorithm.raw_text(), 100).to_string();
        return Err(DocumentError::EnumUnknown { place: algorithm.place(), found });
    };
    let shape = |place, found: usize| DocumentError::ShapeInvalid {
        place,
        found: alloc::format!("a digest of {found} bytes"),
        expected: "a digest as long as its algorithm makes them",
    };
    let Some(digest) = object.optional("digest") else { return Err(shape(object.value().place(), 0)) };
    let bytes = bytes::read(digest, "a digest", 1024)?;
    Digest::from_bytes(*known, &bytes).map_err(|_| shape(digest.place(), bytes.len()))
}
