//! Descriptors: what refers to a blob. OCI image spec v1.1, "Content Descriptors".

use std::collections::BTreeMap;

use stella_attest_model::json::{Value, write_canonical_string};
use stella_vocabulary::text::Bounded;

use crate::digest::BlobDigest;
use crate::error::OciError;

/// Longest media type and longest annotation that is kept, in bytes; cosign keeps a chain of certificates in one.
const MEDIA_TYPE_BYTES: usize = 255;
const ANNOTATION_BYTES: usize = 64 << 10;

/// What refers to a blob or manifest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Descriptor {
    pub(crate) media_type: String,
    pub(crate) digest: BlobDigest,
    pub(crate) size: u64,
    pub(crate) artifact_type: Option<String>,
    pub(crate) annotations: BTreeMap<String, String>,
}

impl Descriptor {
    /// Of `content`.
    pub(crate) fn of(media_type: &str, content: &[u8]) -> Self {
        Self {
            media_type: media_type.to_string(),
            digest: BlobDigest::sha256(content),
            size: content.len() as u64,
            artifact_type: None,
            annotations: BTreeMap::new(),
        }
    }

    /// Reads one; `place` is the document that it is in.
    ///
    /// # Errors
    /// `oci.manifest_invalid`, `json.wrong_type`, `json.number_out_of_range`.
    pub(crate) fn read(value: Value<'_, '_>, place: &str) -> Result<Self, OciError> {
        let json = |error| OciError::Json { place: place.to_string(), error };
        let object = value.as_object().map_err(json)?;
        let member = |name: &'static str| {
            object.member(name).ok_or_else(|| OciError::ManifestInvalid {
                place: format!("{place}, {}", value.place()),
                found: format!("no `{name}`"),
                expected: "mediaType, digest and size".to_string(),
            })
        };
        let media_type = media_type(member("mediaType")?, place)?;
        let digest = member("digest")?;
        let text = digest.as_str().map_err(json)?;
        let digest = BlobDigest::parse(text).ok_or_else(|| OciError::ManifestInvalid {
            place: format!("{place}, {}", digest.place()),
            found: format!("the digest `{}`", Bounded(text, 150)),
            expected: "sha256: and 64 small hex digits, or sha512: and 128".to_string(),
        })?;
        let size = member("size")?.as_u64().map_err(json)?;
        let artifact_type = match object.optional("artifactType") {
            Some(value) => Some(self::media_type(value, place)?),
            None => None,
        };
        let annotations = annotations(object.optional("annotations"), place)?;
        Ok(Self { media_type, digest, size, artifact_type, annotations })
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// Its digest.
    #[must_use]
    pub const fn digest(&self) -> BlobDigest {
        self.digest
    }

    /// How many bytes the blob has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The tag that it has in a layout. OCI image spec v1.1, "org.opencontainers.image.ref.name".
    pub(crate) fn tag(&self) -> Option<&str> {
        self.annotations.get("org.opencontainers.image.ref.name").map(String::as_str)
    }

    /// Checks that `content` is what it refers to.
    pub(crate) fn check(&self, content: &[u8], place: &str) -> Result<(), OciError> {
        let mismatch = |found, expected| OciError::DigestMismatch { place: place.to_string(), found, expected };
        if content.len() as u64 != self.size {
            return Err(mismatch(format!("{} bytes", content.len()), format!("{} bytes", self.size)));
        }
        let found = self.digest.of_same_algorithm(content);
        if found != self.digest.as_artifact() {
            return Err(mismatch(found.to_string(), self.digest.to_string()));
        }
        Ok(())
    }

    /// As JSON.
    pub(crate) fn write(&self, out: &mut String) {
        out.push_str("{\"mediaType\":");
        write_canonical_string(out, &self.media_type);
        out.push_str(&format!(",\"digest\":\"{}\",\"size\":{}", self.digest, self.size));
        if let Some(artifact_type) = &self.artifact_type {
            out.push_str(",\"artifactType\":");
            write_canonical_string(out, artifact_type);
        }
        if !self.annotations.is_empty() {
            out.push_str(",\"annotations\":");
            write_annotations(out, &self.annotations);
        }
        out.push('}');
    }
}

pub(crate) fn write_annotations(out: &mut String, annotations: &BTreeMap<String, String>) {
    for (position, (name, value)) in annotations.iter().enumerate() {
        out.push(if position == 0 { '{' } else { ',' });
        write_canonical_string(out, name);
        out.push(':');
        write_canonical_string(out, value);
    }
    out.push('}');
}

/// A media type: bounded, and without control characters.
pub(crate) fn media_type(value: Value<'_, '_>, place: &str) -> Result<String, OciError> {
    let text = value.as_identifier(MEDIA_TYPE_BYTES);
    text.map(str::to_string).map_err(|error| OciError::Json { place: place.to_string(), error })
}

/// Annotations; those that are far too long for anything that is read here are passed over.
pub(crate) fn annotations(value: Option<Value<'_, '_>>, place: &str) -> Result<BTreeMap<String, String>, OciError> {
    let json = |error| OciError::Json { place: place.to_string(), error };
    let mut annotations = BTreeMap::new();
    if let Some(value) = value {
        for (name, value) in value.as_object().map_err(json)?.members() {
            let text = value.as_str().map_err(json)?;
            if text.len() <= ANNOTATION_BYTES && name.len() <= MEDIA_TYPE_BYTES {
                annotations.insert(name.to_string(), text.to_string());
            }
        }
    }
    Ok(annotations)
}

/// An image that was found: its manifest, or the index of its platforms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Image {
    pub(crate) descriptor: Descriptor,
    pub(crate) name: String,
}

impl Image {
    /// The digest of its manifest or index: what attestations of the image have as their subject.
    #[must_use]
    pub const fn digest(&self) -> BlobDigest {
        self.descriptor.digest
    }

    /// What refers to it.
    #[must_use]
    pub const fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Where it is and which it is, for people: `DIR@sha256:…` or `HOST/NAME@sha256:…`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}
