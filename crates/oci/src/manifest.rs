//! Manifests and indexes. OCI image spec v1.1, "Image Manifest" and "Image Index".

use stella_attest_model::{self as model, json};
use stella_vocabulary::Code;

use crate::descriptor::{Descriptor, media_type};
use crate::error::OciError;
use crate::limits::Limits;
use crate::media_type::{ManifestKind, manifest_kind};

/// A manifest of either kind.
#[derive(Clone, Debug)]
pub(crate) enum Manifest {
    Image(ImageManifest),
    Index(Index),
}

/// A list of layers; of what is attached to an image, too.
#[derive(Clone, Debug)]
pub(crate) struct ImageManifest {
    /// What it is: `artifactType`, or the type of its configuration.
    pub(crate) kind: String,
    pub(crate) layers: Vec<Descriptor>,
    pub(crate) subject: Option<Descriptor>,
}

/// A list of manifests.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) manifests: Vec<Descriptor>,
    pub(crate) subject: Option<Descriptor>,
}

impl Manifest {
    pub(crate) const fn subject(&self) -> Option<&Descriptor> {
        match self {
            Self::Image(manifest) => manifest.subject.as_ref(),
            Self::Index(index) => index.subject.as_ref(),
        }
    }

    /// Reads a manifest that somebody calls a `called`.
    ///
    /// # Errors
    /// `oci.manifest_invalid`, `oci.type_unsupported`, `input.too_large`, and codes of the family `json`.
    pub(crate) fn read(bytes: &[u8], called: &str, place: &str, limits: &Limits) -> Result<Self, OciError> {
        let json = |error| OciError::Json { place: place.to_string(), error };
        let invalid = |found: &str, expected: &str| OciError::ManifestInvalid {
            place: place.to_string(),
            found: found.to_string(),
            expected: expected.to_string(),
        };
        let Some(kind) = manifest_kind(called) else {
            return Err(OciError::TypeUnsupported {
                place: place.to_string(),
                found: called.to_string(),
                what: Some("a manifest of this type"),
            });
        };
        if looks_like_html(bytes) {
            return Err(invalid("HTML", "JSON"));
        }
        let document = parse(bytes, limits).map_err(json)?;
        let root = document.root().as_object().map_err(json)?;
        let version = root.member("schemaVersion").map(|version| version.as_u64()).transpose().map_err(json)?;
        if version != Some(2) {
            return Err(invalid("another schemaVersion", "schemaVersion 2"));
        }
        if let Some(said) = root.optional("mediaType") {
            let said = media_type(said, place)?;
            if said != called {
                return Err(invalid(&format!("`{said}` within"), &format!("`{called}`, as it is called from outside")));
            }
        }
        // One text that is an image to one reader and an index to another: CVE-2021-41190.
        let both =
            root.member("manifests").is_some() && (root.member("layers").is_some() || root.member("config").is_some());
        if both {
            return Err(invalid("layers and manifests in one", "one of the two"));
        }
        let subject = match root.optional("subject") {
            Some(subject) => Some(Descriptor::read(subject, place)?),
            None => None,
        };
        let list = |name: &'static str, limit: usize| -> Result<Vec<Descriptor>, OciError> {
            let Some(list) = root.member(name) else {
                return Err(invalid(&format!("no `{name}`"), "a list of descriptors"));
            };
            let list = list.as_array().map_err(json)?;
            if list.len() > limit {
                let what = if name == "layers" { "layers" } else { "manifests" };
                return Err(OciError::TooLarge {
                    place: place.to_string(),
                    what,
                    found: list.len() as u64,
                    limit: limit as u64,
                });
            }
            list.iter().map(|descriptor| Descriptor::read(descriptor, place)).collect()
        };
        Ok(match kind {
            ManifestKind::Index => Self::Index(Index { manifests: list("manifests", limits.manifests)?, subject }),
            ManifestKind::Image => {
                let config = root.required("config", Code::OciManifestInvalid).map_err(json)?;
                let config = Descriptor::read(config, place)?;
                let artifact_type = match root.optional("artifactType") {
                    Some(value) => Some(media_type(value, place)?),
                    None => None,
                };
                Self::Image(ImageManifest {
                    kind: artifact_type.unwrap_or(config.media_type),
                    layers: list("layers", limits.layers)?,
                    subject,
                })
            }
        })
    }
}

/// Reads the JSON of a manifest, within its own limit of size.
pub(crate) fn parse<'a>(bytes: &'a [u8], limits: &Limits) -> Result<json::Document<'a>, json::Error> {
    let most = usize::try_from(limits.manifest_bytes).unwrap_or(usize::MAX);
    json::Document::parse_within(bytes, most, &model::Limits::default())
}

/// A login page or an error page of something in between.
pub(crate) fn looks_like_html(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"<")
}
