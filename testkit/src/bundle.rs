//! Sigstore bundles, v0.1 to v0.3.

use sha2::{Digest as _, Sha256};
use stella_vocabulary::base64;

use crate::{
    dsse::Envelope,
    json::{self, Value},
    rekor,
};

/// Version of the bundle format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Version {
    /// `application/vnd.dev.sigstore.bundle+json;version=0.1`
    V01,
    /// `application/vnd.dev.sigstore.bundle+json;version=0.2`
    V02,
    /// `application/vnd.dev.sigstore.bundle.v0.3+json`
    V03,
}

impl Version {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::V01 => "application/vnd.dev.sigstore.bundle+json;version=0.1",
            Self::V02 => "application/vnd.dev.sigstore.bundle+json;version=0.2",
            Self::V03 => "application/vnd.dev.sigstore.bundle.v0.3+json",
        }
    }
}

/// What the bundle signs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Content {
    /// An envelope.
    Dsse(Envelope),
    /// A signature over the artifact itself.
    Message {
        /// What the bundle says the SHA-256 of the artifact is.
        sha256: [u8; 32],
        /// Signature over the artifact.
        signature: Vec<u8>,
    },
}

impl Content {
    /// A message signature over `artifact`.
    pub fn message(artifact: &[u8], signature: Vec<u8>) -> Self {
        Self::Message { sha256: Sha256::digest(artifact).into(), signature }
    }
}

/// Who signed, as the bundle says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Signer {
    /// Certificates, DER, leaf first. Before v0.3 a chain, from v0.3 on the leaf alone.
    Certificates(Vec<Vec<u8>>),
    /// Hint of a public key known beforehand.
    KeyHint(String),
}

/// A bundle whose parts can all be set at will.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Version of the format.
    pub version: Version,
    /// What is signed.
    pub content: Content,
    /// Who signed.
    pub signer: Signer,
    /// Log entries.
    pub entries: Vec<rekor::Entry>,
    /// RFC 3161 responses, DER.
    pub timestamps: Vec<Vec<u8>>,
}

impl Bundle {
    /// The bundle as a JSON value.
    pub fn to_value(&self) -> Value {
        let mut material = Vec::new();
        let raw = |der: &Vec<u8>| json::object([("rawBytes", json::text(&base64::encode(der)))]);
        match (&self.signer, self.version) {
            (Signer::KeyHint(hint), _) => material.push(("publicKey", json::object([("hint", json::text(hint))]))),
            (Signer::Certificates(chain), Version::V03) => {
                material.extend(chain.first().map(|leaf| ("certificate", raw(leaf))))
            }
            (Signer::Certificates(chain), _) => {
                let chain = json::object([("certificates", json::array(chain.iter().map(raw)))]);
                material.push(("x509CertificateChain", chain));
            }
        }
        if !self.timestamps.is_empty() {
            let tokens =
                self.timestamps.iter().map(|der| json::object([("signedTimestamp", json::text(&base64::encode(der)))]));
            material.push(("timestampVerificationData", json::object([("rfc3161Timestamps", json::array(tokens))])));
        }
        if !self.entries.is_empty() {
            material.push(("tlogEntries", json::array(self.entries.iter().map(rekor::Entry::to_value))));
        }
        let content = match &self.content {
            Content::Dsse(envelope) => ("dsseEnvelope", envelope.to_value()),
            Content::Message { sha256, signature } => {
                let digest = json::object([
                    ("algorithm", json::text("SHA2_256")),
                    ("digest", json::text(&base64::encode(sha256))),
                ]);
                let signature = json::text(&base64::encode(signature));
                ("messageSignature", json::object([("messageDigest", digest), ("signature", signature)]))
            }
        };
        json::object([
            content,
            ("mediaType", json::text(self.version.media_type())),
            ("verificationMaterial", json::object(material)),
        ])
    }

    /// The bundle as compact JSON.
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    /// The signature a timestamp has to cover: the first of the envelope, or that over the artifact.
    pub fn signature(&self) -> &[u8] {
        match &self.content {
            Content::Dsse(envelope) => envelope.signatures.first().map_or(&[], |signature| &signature.sig),
            Content::Message { signature, .. } => signature,
        }
    }
}
