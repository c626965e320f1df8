//! Manifests, as text.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use stella_vocabulary::hex;

use crate::dsse::Envelope;
use crate::key::TestKey;
use crate::statement;

/// The media types of the standard.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Some bytes and what they are called.
#[derive(Clone, Debug)]
pub struct Blob {
    /// Their media type.
    pub media_type: String,
    /// They themselves.
    pub content: Vec<u8>,
}

impl Blob {
    /// Of these bytes.
    pub fn new(media_type: &str, content: impl Into<Vec<u8>>) -> Self {
        Self { media_type: media_type.to_string(), content: content.into() }
    }

    /// What refers to it.
    pub fn described(&self) -> Described {
        Described {
            media_type: self.media_type.clone(),
            digest: format!("sha256:{}", hex::encode(&Sha256::digest(&self.content))),
            size: self.content.len() as u64,
            more: Value::Null,
        }
    }
}

/// What refers to a blob.
#[derive(Clone, Debug)]
pub struct Described {
    /// Its media type.
    pub media_type: String,
    /// `sha256:…`
    pub digest: String,
    /// In bytes.
    pub size: u64,
    /// Further members, such as annotations: an object, or nothing.
    pub more: Value,
}

impl Described {
    /// With a tag.
    #[must_use]
    pub fn tagged(self, tag: &str) -> Self {
        self.with(json!({"annotations": {"org.opencontainers.image.ref.name": tag}}))
    }

    /// With further members.
    #[must_use]
    pub fn with(self, more: Value) -> Self {
        Self { more, ..self }
    }

    /// As JSON.
    pub fn to_value(&self) -> Value {
        let mut value = json!({"mediaType": self.media_type, "digest": self.digest, "size": self.size});
        if let (Some(members), Some(more)) = (value.as_object_mut(), self.more.as_object()) {
            members.extend(more.clone());
        }
        value
    }

    /// The digits of the digest.
    pub fn digits(&self) -> &str {
        self.digest.trim_start_matches("sha256:")
    }

    /// `sha256-…`, the tag that lists what is attached.
    pub fn referrers_tag(&self) -> String {
        self.digest.replacen(':', "-", 1)
    }
}

/// An image: its manifest, and the blobs that it names.
#[derive(Clone, Debug)]
pub struct Image {
    /// The manifest.
    pub manifest: Blob,
    /// Its configuration and layers.
    pub blobs: Vec<Blob>,
}

impl Image {
    /// An image of one layer with `label` in it.
    pub fn of(label: &str) -> Self {
        let config = Blob::new("application/vnd.oci.image.config.v1+json", r#"{"architecture":"amd64","os":"linux"}"#);
        let layer = Blob::new("application/vnd.oci.image.layer.v1.tar", format!("layer of {label}"));
        Self::with(config, vec![layer], None, None)
    }

    fn with(config: Blob, layers: Vec<Blob>, artifact_type: Option<&str>, subject: Option<&Described>) -> Self {
        let list: Vec<Value> = layers.iter().map(|layer| layer.described().to_value()).collect();
        let mut manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config.described().to_value(), "layers": list,
        });
        if let Some(artifact_type) = artifact_type {
            manifest["artifactType"] = json!(artifact_type);
        }
        if let Some(subject) = subject {
            manifest["subject"] =
                json!({"mediaType": subject.media_type, "digest": subject.digest, "size": subject.size});
        }
        let mut blobs = vec![config];
        blobs.extend(layers);
        Self { manifest: Blob::new(MANIFEST, manifest.to_string()), blobs }
    }

    /// What refers to the manifest.
    pub fn described(&self) -> Described {
        self.manifest.described()
    }
}

/// A manifest of this type with these layers, attached to `subject` if there is one.
pub fn referrer(subject: Option<&Described>, artifact_type: &str, layers: Vec<Blob>) -> Image {
    Image::with(Blob::new("application/vnd.oci.empty.v1+json", "{}"), layers, Some(artifact_type), subject)
}

/// An index of these manifests.
pub fn index(manifests: &[Described]) -> Blob {
    let list: Vec<Value> = manifests.iter().map(Described::to_value).collect();
    Blob::new(INDEX, json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": list}).to_string())
}

/// The test key that signs what is attached.
pub fn signer() -> TestKey {
    TestKey::p256("signer of images")
}

/// A DSSE envelope with a provenance of `builder` about the image, signed by [`signer`].
pub fn envelope_about(image: &Described, builder: &str) -> String {
    let digest = hex::decode(image.digits()).unwrap_or_default();
    let predicate = statement::slsa_predicate(builder);
    let statement =
        statement::statement(statement::STATEMENT_V1, &[("image", &digest)], statement::SLSA_PROVENANCE_V1, predicate);
    Envelope::new("application/vnd.in-toto+json", statement.to_string().as_bytes()).signed_by(&signer()).to_json()
}
