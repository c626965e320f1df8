//! What is attached to an image: which of it can be read as attestations, and what else there is.

use std::collections::BTreeSet;

use stella_attest_model::Attestation;
use stella_vocabulary::{Code, Reason as _};

use crate::descriptor::{Descriptor, Image};
use crate::digest::BlobDigest;
use crate::error::OciError;
use crate::limits::Limits;
use crate::manifest::{ImageManifest, Manifest};
use crate::media_type::{LayerKind, layer_kind};

/// How something attached was found.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum How {
    /// It names the image as its subject. OCI image spec v1.1, "subject".
    Subject,
    /// It is in the list of the referrers tag `sha256-HEX`. OCI distribution spec v1.1, "Referrers Tag Schema".
    ReferrersTag,
    /// It has a tag of cosign: `sha256-HEX.att`, `.sig` or `.sbom`.
    CosignTag,
    /// It is in the index of the image itself, as builders put it there.
    WithinIndex,
}

impl How {
    /// The word that reports use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::ReferrersTag => "referrers-tag",
            Self::CosignTag => "cosign-tag",
            Self::WithinIndex => "within-index",
        }
    }
}

/// An attestation that is attached to an image. Nobody has judged it.
#[derive(Clone, Debug)]
pub struct FoundAttestation {
    attestation: Attestation,
    document: Vec<u8>,
    blob: BlobDigest,
    manifest: BlobDigest,
    how: How,
    evidence_beside: bool,
}

impl FoundAttestation {
    /// The attestation.
    #[must_use]
    pub const fn attestation(&self) -> &Attestation {
        &self.attestation
    }

    /// Its bytes, as they are kept with the image.
    #[must_use]
    pub fn document(&self) -> &[u8] {
        &self.document
    }

    /// The digest of its bytes.
    #[must_use]
    pub const fn blob(&self) -> BlobDigest {
        self.blob
    }

    /// The manifest that it is a layer of.
    #[must_use]
    pub const fn manifest(&self) -> BlobDigest {
        self.manifest
    }

    /// How it was found.
    #[must_use]
    pub const fn how(&self) -> How {
        self.how
    }

    /// Whether cosign keeps a certificate, a log entry or a timestamp for it beside it, in annotations that are not read. Such an
    /// attestation cannot be verified by what is in it alone.
    #[must_use]
    pub const fn has_evidence_beside(&self) -> bool {
        self.evidence_beside
    }
}

/// Something attached that is not among the attestations, and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeftOut {
    digest: BlobDigest,
    how: How,
    why: OciError,
}

impl LeftOut {
    /// The digest of the manifest or layer.
    #[must_use]
    pub fn place(&self) -> String {
        self.digest.to_string()
    }

    /// How it was found.
    #[must_use]
    pub const fn how(&self) -> How {
        self.how
    }

    /// Why it was left out.
    #[must_use]
    pub const fn why(&self) -> &OciError {
        &self.why
    }

    /// Whether it should have been an attestation: damaged, malformed or missing, as opposed to something of another kind.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.why.code() != Code::OciTypeUnsupported
    }
}

/// Everything that is attached to an image.
#[derive(Clone, Debug, Default)]
pub struct Attached {
    attestations: Vec<FoundAttestation>,
    left_out: Vec<LeftOut>,
    looked: Vec<String>,
}

impl Attached {
    /// The attestations, in the order in which they were found.
    #[must_use]
    pub fn attestations(&self) -> &[FoundAttestation] {
        &self.attestations
    }

    /// What is no attestation, or a broken one.
    #[must_use]
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Where was looked and what was there, for people, such as `tag sha256-HEX.att: not there`.
    #[must_use]
    pub fn looked(&self) -> &[String] {
        &self.looked
    }
}

/// Where manifests and blobs come from. What comes is checked against its descriptor by whoever gives it.
pub(crate) trait Shelf {
    /// The content of a manifest.
    fn manifest(&mut self, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, OciError>;
    /// The content of another blob.
    fn blob(&mut self, descriptor: &Descriptor, most: u64) -> Result<Vec<u8>, OciError>;
}

/// Something that may be attached to an image.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) descriptor: Descriptor,
    pub(crate) how: How,
}

/// Takes candidates one by one, and sorts what is in them.
pub(crate) struct Gathering<'a> {
    image: &'a Image,
    limits: &'a Limits,
    attached: Attached,
    /// Manifests and layers that were looked into, so that what is listed twice counts once and circles end.
    seen: BTreeSet<String>,
    bytes: u64,
}

impl<'a> Gathering<'a> {
    pub(crate) fn of(image: &'a Image, limits: &'a Limits) -> Self {
        Self { image, limits, attached: Attached::default(), seen: BTreeSet::new(), bytes: 0 }
    }

    /// Notes where was looked.
    pub(crate) fn looked(&mut self, what: String) {
        self.attached.looked.push(what);
    }

    pub(crate) fn leave_out(&mut self, digest: BlobDigest, how: How, why: OciError) {
        self.attached.left_out.push(LeftOut { digest, how, why });
    }

    pub(crate) fn finish(self) -> Attached {
        self.attached
    }

    /// Looks into a candidate.
    ///
    /// # Errors
    /// What keeps everything else from being read, too: the total of all sizes, and a registry that cannot be asked any more.
    pub(crate) fn take(&mut self, candidate: &Candidate, shelf: &mut dyn Shelf) -> Result<(), OciError> {
        let Candidate { descriptor, how } = candidate;
        if !self.seen.insert(descriptor.digest.to_string()) {
            return Ok(());
        }
        if self.seen.len() > self.limits.manifests {
            return Err(OciError::TooLarge {
                place: self.image.name.clone(),
                what: "manifests attached to the image",
                found: self.seen.len() as u64,
                limit: self.limits.manifests as u64,
            });
        }
        let read = shelf.manifest(descriptor, self.limits).and_then(|bytes| {
            Manifest::read(&bytes, &descriptor.media_type, &descriptor.digest.to_string(), self.limits)
        });
        match read {
            Ok(manifest) => self.take_manifest(&manifest, candidate, shelf),
            Err(error) => self.survive(descriptor.digest, *how, error),
        }
    }

    fn take_manifest(
        &mut self,
        manifest: &Manifest,
        candidate: &Candidate,
        shelf: &mut dyn Shelf,
    ) -> Result<(), OciError> {
        let Candidate { descriptor, how } = candidate;
        let place = descriptor.digest.to_string();
        if matches!(how, How::Subject | How::ReferrersTag) {
            let subject = manifest.subject().map(|subject| subject.digest);
            if subject != Some(self.image.digest()) {
                let found =
                    subject.map_or_else(|| "no subject".to_string(), |subject| format!("the subject {subject}"));
                let expected = format!("the subject {}", self.image.digest());
                self.leave_out(descriptor.digest, *how, OciError::ManifestInvalid { place, found, expected });
                return Ok(());
            }
        }
        match manifest {
            Manifest::Image(manifest) => self.take_layers(manifest, candidate, shelf),
            Manifest::Index(_) => {
                let found = descriptor.artifact_type.clone().unwrap_or_else(|| descriptor.media_type.clone());
                let why = OciError::TypeUnsupported { place, found, what: Some("an index that is attached") };
                self.leave_out(descriptor.digest, *how, why);
                Ok(())
            }
        }
    }

    fn take_layers(
        &mut self,
        manifest: &ImageManifest,
        candidate: &Candidate,
        shelf: &mut dyn Shelf,
    ) -> Result<(), OciError> {
        let Candidate { descriptor, how } = candidate;
        let none = manifest.layers.iter().all(|layer| layer_kind(&layer.media_type) == LayerKind::Other);
        if none {
            let first = manifest.layers.first().map(|layer| layer.media_type.as_str());
            let place = descriptor.digest.to_string();
            let (found, what) = foreign(&manifest.kind, first);
            self.leave_out(descriptor.digest, *how, OciError::TypeUnsupported { place, found, what });
            return Ok(());
        }
        for layer in &manifest.layers {
            self.take_layer(layer, candidate, shelf)?;
        }
        Ok(())
    }

    fn take_layer(&mut self, layer: &Descriptor, candidate: &Candidate, shelf: &mut dyn Shelf) -> Result<(), OciError> {
        let how = candidate.how;
        let kind = layer_kind(&layer.media_type);
        let place = layer.digest.to_string();
        if kind == LayerKind::Other {
            let (found, what) = foreign(&layer.media_type, None);
            self.leave_out(layer.digest, how, OciError::TypeUnsupported { place, found, what });
            return Ok(());
        }
        if !self.seen.insert(format!("layer {place}")) {
            return Ok(());
        }
        self.bytes = self.bytes.saturating_add(layer.size.min(self.limits.attestation_bytes));
        if self.bytes > self.limits.total_bytes {
            return Err(OciError::TooLarge {
                place: self.image.name.clone(),
                what: "bytes of attestations of the image",
                found: self.bytes,
                limit: self.limits.total_bytes,
            });
        }
        let document = match shelf.blob(layer, self.limits.attestation_bytes) {
            Ok(document) => document,
            Err(error) => return self.survive(layer.digest, how, error),
        };
        match Attestation::from_json(&document) {
            Ok(attestation) => self.attached.attestations.push(FoundAttestation {
                attestation,
                document,
                blob: layer.digest,
                manifest: candidate.descriptor.digest,
                how,
                evidence_beside: EVIDENCE
                    .iter()
                    .any(|name| layer.annotations.get(*name).is_some_and(|evidence| !evidence.is_empty())),
            }),
            Err(error) => {
                let unsigned = kind == LayerKind::InToto && error.code() == Code::InputUnknownFormat;
                let why = if unsigned {
                    let what = Some("a statement that nobody signed");
                    OciError::TypeUnsupported { place, found: layer.media_type.clone(), what }
                } else {
                    OciError::Document { place, error: Box::new(error) }
                };
                self.leave_out(layer.digest, how, why);
            }
        }
        Ok(())
    }

    /// What is wrong with one does not keep the others from being read; a registry that does not answer does.
    fn survive(&mut self, digest: BlobDigest, how: How, error: OciError) -> Result<(), OciError> {
        if let OciError::Fetch(_) = error {
            return Err(error);
        }
        self.leave_out(digest, how, error);
        Ok(())
    }
}

/// The annotations of a layer in which cosign keeps evidence.
const EVIDENCE: [&str; 4] = [
    "dev.sigstore.cosign/bundle",
    "dev.sigstore.cosign/certificate",
    "dev.sigstore.cosign/chain",
    "dev.sigstore.cosign/rfc3161timestamp",
];

/// What something is that is no attestation: its type, and what that is called.
fn foreign(kind: &str, layer: Option<&str>) -> (String, Option<&'static str>) {
    let known = |media_type: &str| {
        Some(match media_type {
            "application/vnd.dev.cosign.simplesigning.v1+json" => "a signature in the old form of cosign",
            "application/vnd.cncf.notary.signature" | "application/jose+json" | "application/cose" => {
                "a Notary signature"
            }
            _ if media_type.contains("spdx") || media_type.contains("cyclonedx") || media_type.contains("syft") => {
                "an SBOM that nobody signed"
            }
            _ => return None,
        })
    };
    match (known(kind), layer.and_then(known)) {
        (Some(what), _) => (kind.to_string(), Some(what)),
        (None, Some(what)) => (layer.unwrap_or(kind).to_string(), Some(what)),
        (None, None) => (kind.to_string(), None),
    }
}
