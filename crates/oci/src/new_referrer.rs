//! Writing: the manifest that attaches an attestation to an image, and the index that lists it.

use stella_attest_model::json::write_canonical_string;
use stella_attest_model::{Artifact, Attestation, Form, Limits as DocumentLimits, Statement};

use crate::descriptor::{Descriptor, Image};
use crate::digest::BlobDigest;
use crate::error::OciError;
use crate::limits::Limits;
use crate::manifest::parse;
use crate::media_type::{BUNDLE_V01, BUNDLE_V02, BUNDLE_V03, EMPTY, ENVELOPE, INDEX, MANIFEST};

/// The configuration of every manifest that is written here.
pub(crate) const EMPTY_OBJECT: &[u8] = b"{}";

/// An attestation about to be attached to an image.
///
/// The same attestation and image always give the same manifest, so attaching it again changes nothing.
#[derive(Clone, Debug)]
pub struct NewReferrer {
    pub(crate) document: Vec<u8>,
    pub(crate) layer: Descriptor,
    pub(crate) manifest: Vec<u8>,
    /// As it stands in an index.
    pub(crate) descriptor: Descriptor,
}

impl NewReferrer {
    /// Of a document, to be attached to `image`.
    ///
    /// # Errors
    /// What keeps the document from being read as an attestation; and, for one with an in-toto statement, from being about this
    /// image: `intoto.subject_mismatch` and the like.
    ///
    /// # Left to the caller
    /// Whether its signature is good. The statement is looked into only to keep an attestation from being attached to the wrong image.
    pub fn of(document: &[u8], image: &Image) -> Result<Self, OciError> {
        let place = BlobDigest::sha256(document).to_string();
        let attestation = Attestation::from_json(document)
            .map_err(|error| OciError::Document { place: place.clone(), error: Box::new(error) })?;
        let mut annotations = std::collections::BTreeMap::new();
        let content = if attestation.envelope().is_some() { "dsse-envelope" } else { "message-signature" };
        annotations.insert("dev.sigstore.bundle.content".to_string(), content.to_string());
        let refused = |error| OciError::Statement { place: place.clone(), error: Box::new(error) };
        if let Some(envelope) = attestation.envelope() {
            let pae = envelope.pae();
            let [_, payload] = pae.parts();
            let statement = Statement::from_payload(payload, &DocumentLimits::default()).map_err(refused)?;
            let artifact = Artifact::from_digest(image.digest().as_artifact());
            statement.match_subject(&artifact).map_err(refused)?;
            let predicate_type = statement.predicate_type().to_string();
            annotations.insert("dev.sigstore.bundle.predicateType".to_string(), predicate_type);
        }
        let artifact_type = match attestation.form() {
            Form::BundleV01 => BUNDLE_V01,
            Form::BundleV02 => BUNDLE_V02,
            Form::BundleV03 => BUNDLE_V03,
            _ => ENVELOPE,
        };
        let layer = Descriptor::of(artifact_type, document);
        let mut manifest = format!("{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"artifactType\":");
        write_canonical_string(&mut manifest, artifact_type);
        manifest.push_str(",\"config\":");
        empty_descriptor().write(&mut manifest);
        manifest.push_str(",\"layers\":[");
        layer.write(&mut manifest);
        manifest.push_str("],\"subject\":");
        let subject = Descriptor {
            artifact_type: None,
            annotations: std::collections::BTreeMap::new(),
            ..image.descriptor.clone()
        };
        subject.write(&mut manifest);
        manifest.push_str(",\"annotations\":");
        crate::descriptor::write_annotations(&mut manifest, &annotations);
        manifest.push('}');
        let manifest = manifest.into_bytes();
        let descriptor = Descriptor {
            artifact_type: Some(artifact_type.to_string()),
            annotations,
            ..Descriptor::of(MANIFEST, &manifest)
        };
        Ok(Self { document: document.to_vec(), layer, manifest, descriptor })
    }

    /// The digest of the manifest.
    #[must_use]
    pub const fn digest(&self) -> BlobDigest {
        self.descriptor.digest
    }
}

pub(crate) fn empty_descriptor() -> Descriptor {
    Descriptor::of(EMPTY, EMPTY_OBJECT)
}

/// What attaching came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Added {
    /// It was attached.
    New,
    /// It was attached already.
    Known,
}

/// An index that lists `descriptor` only.
pub(crate) fn index_of(descriptor: &Descriptor) -> Vec<u8> {
    let mut index = format!("{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[");
    descriptor.write(&mut index);
    index.push_str("]}");
    index.into_bytes()
}

/// `index` with `descriptor` at the end of its list, and not a byte of it changed besides; `None` if it is listed already.
///
/// # Errors
/// `oci.manifest_invalid` and codes of the family `json` for what is no index; `input.too_large` if there is no room in it.
pub(crate) fn with_manifest(
    index: &[u8],
    descriptor: &Descriptor,
    place: &str,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, OciError> {
    let json = |error| OciError::Json { place: place.to_string(), error };
    let invalid = |found: &str| OciError::ManifestInvalid {
        place: place.to_string(),
        found: found.to_string(),
        expected: "an index with a list of manifests".to_string(),
    };
    let document = parse(index, limits).map_err(json)?;
    let list = document.root().member("manifests").ok_or_else(|| invalid("no `manifests`"))?;
    let elements = list.as_array().map_err(json)?;
    for element in elements {
        if Descriptor::read(element, place)?.digest == descriptor.digest {
            return Ok(None);
        }
    }
    // The place of a value is that of its first byte.
    let end = list.place().offset().saturating_add(list.raw().len()).saturating_sub(1);
    let (before, after) = index.split_at_checked(end).ok_or_else(|| invalid("an end within a list"))?;
    let mut entry = String::new();
    if !elements.is_empty() {
        entry.push(',');
    }
    descriptor.write(&mut entry);
    let new = [before, entry.as_bytes(), after].concat();
    let too_large = |what, found: usize, limit: u64| OciError::TooLarge {
        place: place.to_string(),
        what,
        found: found as u64,
        limit,
    };
    if new.len() as u64 > limits.manifest_bytes {
        return Err(too_large("bytes in the index", new.len(), limits.manifest_bytes));
    }
    if elements.len() >= limits.manifests {
        return Err(too_large("manifests in the index", elements.len() + 1, limits.manifests as u64));
    }
    Ok(Some(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(index: &str, content: &[u8]) -> Option<String> {
        let new = with_manifest(index.as_bytes(), &Descriptor::of("a/b", content), "i", &Limits::default()).unwrap();
        new.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn an_index_gets_one_more_entry_and_keeps_every_other_byte() {
        let index = "{ \"x\": [1, \"]\"],\n \"manifests\" : [ ] , \"unknown\":{\"manifests\":[]} }\n";
        let once = added(index, b"1").unwrap();
        let entry = {
            let mut text = String::new();
            Descriptor::of("a/b", b"1").write(&mut text);
            text
        };
        assert_eq!(once, index.replacen("[ ]", &format!("[ {entry}]"), 1));
        let twice = added(&once, b"2").unwrap();
        assert_eq!(twice.matches("\"digest\"").count(), 2);
        assert!(parse(twice.as_bytes(), &Limits::default()).is_ok());
        assert_eq!(added(&twice, b"1"), None);
        assert_eq!(added(&twice, b"2"), None);
    }

    #[test]
    fn the_empty_object_is_the_one_of_the_standard() {
        let standard = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(empty_descriptor().digest().to_string(), standard);
        assert_eq!(empty_descriptor().size(), 2);
    }
}
