//! What the verify commands ask of the library: policy and binding, made from options.

use std::path::PathBuf;

use stella_attest_verify::{Artifact, Binding, Code, Digest, Policy};
use stella_oci::Image;

use crate::arguments::{ArtifactOptions, SignerOptions, TrustOptions};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::images::ImageHere;
use crate::input::{HashedArtifact, Inputs, Kind};
use crate::policy_file;
use crate::private_file::{self, Secrecy};
use crate::trust::{self, Trust};

/// Who must have signed, and whom to trust for that.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) policy: Policy,
    pub(crate) trust: Trust,
}

impl Question {
    /// From the options. Without a named signer, only keys and private authorities that were given are accepted, never whoever holds a
    /// certificate of a public authority.
    pub(crate) fn of(
        signer: &SignerOptions,
        trust: &TrustOptions,
        inputs: &Inputs,
        context: &Context,
    ) -> Result<Self, Complaint> {
        let key = match &signer.key {
            Some(path) => Some((path.as_path(), trust::key(path, inputs)?)),
            None => None,
        };
        let mut trust = trust::gather(trust, key.as_ref().map(|(path, key)| (*path, key)), inputs, context)?;
        trust::refuse_public_anchors(&trust.snapshot)?;
        let policy = match (&key, &signer.identity, &signer.issuer, &signer.policy) {
            (Some((_, key)), ..) => Policy::require_key(key.key_id()),
            (None, Some(identity), Some(issuer), _) => Policy::require_signer(identity).issued_by(issuer),
            (None, Some(identity), None, _) => Policy::require_signer(identity),
            (None, None, _, Some(path)) => policy_file::parse(path, &inputs.read(path, Kind::TrustPolicy)?)?,
            (None, None, _, None) => match default_policy(&trust, context)? {
                Some((path, policy)) => {
                    trust.sources.push(format!("policy {}, {}", path.display(), policy.digest()));
                    policy
                }
                None => Policy::require_trusted_signer(),
            },
        };
        let profile = context.settings()?.crypto_profile.value;
        Ok(Self { policy: policy.within_profile(profile), trust })
    }
}

/// The policy that stands beside a store for whoever says nothing about the signer.
fn default_policy(trust: &Trust, context: &Context) -> Result<Option<(PathBuf, Policy)>, Complaint> {
    if !trust.has_store() {
        return Ok(None);
    }
    let path = context.settings()?.home()?.policies().join("default.toml");
    match private_file::read(&path, Secrecy::Readable)? {
        Some(bytes) => policy_file::parse(&path, &bytes).map(|policy| Some((path, policy))),
        None => Ok(None),
    }
}

/// The artifact to compare with, if one was given.
#[derive(Debug)]
pub(crate) struct Subject {
    hashed: Option<HashedArtifact>,
    digest: Option<Digest>,
}

impl Subject {
    /// Reads and hashes the artifact, and refuses a digest that is not the artifact's.
    pub(crate) fn of(options: &ArtifactOptions, inputs: &Inputs) -> Result<Self, Complaint> {
        let digest = match (&options.digest, &options.image) {
            (Some(text), _) => Some(digest(text)?),
            (None, Some(text)) => Some(ImageHere::find(text)?.image().digest().as_artifact()),
            (None, None) => None,
        };
        let hashed = match &options.artifact {
            Some(path) => Some(inputs.hash(path)?),
            None => None,
        };
        if let (Some(digest), Some(hashed)) = (&digest, &hashed) {
            agree(digest, hashed.artifact())?;
        }
        Ok(Self { hashed, digest })
    }

    /// An image.
    pub(crate) fn of_image(image: &Image) -> Self {
        Self { hashed: None, digest: Some(image.digest().as_artifact()) }
    }

    pub(crate) fn binding(&self) -> Binding {
        match (&self.hashed, &self.digest) {
            (Some(hashed), _) => Binding::from(hashed.artifact()),
            (None, Some(digest)) => Binding::from(digest),
            (None, None) => Binding::SubjectsAsListed,
        }
    }

    /// Every digest of the artifact that is known.
    pub(crate) fn digests(&self) -> Vec<Digest> {
        match (&self.hashed, &self.digest) {
            (Some(hashed), _) => hashed.artifact().digests().to_vec(),
            (None, digest) => digest.iter().cloned().collect(),
        }
    }

    /// The digest that names the artifact.
    pub(crate) fn name(&self) -> Option<String> {
        let hashed = self.hashed.as_ref().and_then(|hashed| hashed.artifact().digests().first());
        self.digest.as_ref().or(hashed).map(ToString::to_string)
    }

    /// To be asked once everything is judged.
    pub(crate) fn confirm_unchanged(&self) -> Result<(), Complaint> {
        self.hashed.as_ref().map_or(Ok(()), HashedArtifact::confirm_unchanged)
    }
}

fn digest(text: &str) -> Result<Digest, Complaint> {
    text.parse().map_err(|error| {
        Complaint::of(&error, "--digest").remedy("write it like sha256: and 64 hex digits, as sha256sum prints them")
    })
}

fn agree(digest: &Digest, artifact: &Artifact) -> Result<(), Complaint> {
    let conflict = |found: String, expected: String| {
        Complaint::new(Code::UsageConflict, "--artifact and --digest name different artifacts")
            .found(found)
            .expected(expected)
            .remedy("give one of the two, or the pair that belongs together")
    };
    match artifact.digest(digest.algorithm()) {
        Some(computed) if computed == digest => Ok(()),
        Some(computed) => Err(conflict(computed.to_string(), digest.to_string())),
        None => {
            let computed: Vec<&str> = artifact.digests().iter().map(|digest| digest.algorithm().name()).collect();
            Err(conflict(format!("a {} digest", digest.algorithm().name()), format!("one of {}", computed.join(", "))))
        }
    }
}
