//! Bundles of Sigstore's clients and of tools that use them, with the verdicts of three verifiers.

use std::path::Path;

use serde::Deserialize;
use stella_attest_verify::{Artifact, Binding, Digest, Policy, PublicKey};
use stella_trust_store::KeyEntry;
use stella_vocabulary::Code;

use crate::case::{Case, Expected, Observed, Reasons};
use crate::evidence::{self, Part};
use crate::files;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Bundles with known verdicts.
#[derive(Debug)]
pub(crate) struct SigstoreBundles;

/// One bundle and what is known about it.
#[derive(Deserialize)]
struct Row {
    id: String,
    bundle: String,
    content: String,
    trusted_root: String,
    key: Option<String>,
    certificate_identity: Option<String>,
    oidc_issuer: Option<String>,
    require: Required,
    artifact: Option<String>,
    artifact_sha256: Option<String>,
    artifact_sha512: Option<String>,
    subject_digest_algs: Option<Vec<String>>,
    expected: String,
    confidence: String,
    #[serde(default)]
    note: String,
}

/// What has to be present.
#[derive(Deserialize)]
struct Required {
    sct: bool,
    tlog: bool,
    rfc3161: bool,
}

impl Suite for SigstoreBundles {
    fn name(&self) -> &'static str {
        "sigstore-bundles"
    }

    fn about(&self) -> &'static str {
        "real bundles of client and tool repositories, with twins that must be refused"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let (table, directory) = if input.path.is_file() {
            (input.path.to_path_buf(), input.path.parent().unwrap_or(Path::new(".")))
        } else {
            (input.path.join("cases.json"), input.path)
        };
        for row in files::read_json::<Vec<Row>>(&table)? {
            Bundle::read(input, directory, &row)?.judge(input, sink);
        }
        Ok(())
    }
}

/// A row with the files it names.
struct Bundle<'a> {
    row: &'a Row,
    document: Vec<u8>,
    trusted_root: Vec<u8>,
    key: Option<Vec<u8>>,
    /// `None` if the suite neither has the artifact of a message nor a digest of it.
    binding: Option<Binding>,
}

impl<'a> Bundle<'a> {
    fn read(input: &Input<'_>, directory: &Path, row: &'a Row) -> Result<Self, SuiteError> {
        let document = files::read(&directory.join(&row.bundle))?;
        let artifact = match &row.artifact {
            Some(path) => Some(Artifact::of_bytes(&files::read(&directory.join(path))?)),
            None => row.digests(),
        };
        let binding = match artifact {
            Some(artifact) => Some(Binding::Artifact(artifact)),
            // The suite says that the digest of the first subject stands for the artifact; some envelopes are spoiled and have none.
            None if row.content == "dsse" => {
                Some(evidence::first_subject(&document).map_or(Binding::SubjectsAsListed, Binding::Artifact))
            }
            None => None,
        };
        Ok(Self {
            row,
            document,
            trusted_root: input.trust.read(&row.trusted_root)?,
            key: row.key.as_deref().map(|name| input.trust.read(name)).transpose()?,
            binding,
        })
    }

    fn judge(&self, input: &Input<'_>, sink: &mut Sink) {
        let Some(binding) = &self.binding else {
            sink.skip(self.case("", self.row.expected()), "the suite has neither the artifact nor a digest of it");
            return;
        };
        let (identity, issuer) = (self.row.certificate_identity.as_deref(), self.row.oidc_issuer.as_deref());
        let original = self.verify(input, &self.document, binding, identity, issuer);
        let accepted = original == Observed::Accepted;
        sink.judge(self.case("", self.row.expected()), || original);
        if self.row.expected() != Expected::Accept {
            return;
        }

        let mut twin = |suffix: &str, reasons: Reasons, observe: &dyn Fn() -> Observed| {
            let case = self.case(suffix, Expected::Reject(reasons));
            if accepted {
                sink.judge(case, observe);
            } else {
                // A twin of what is refused anyway would say nothing.
                sink.skip(case, "made from a bundle that is not accepted itself");
            }
        };
        let other = Binding::Artifact(Artifact::of_bytes(b"another artifact"));
        twin("#other-artifact", evidence::other_artifact_reasons(), &|| {
            self.verify(input, &self.document, &other, identity, issuer)
        });
        let part = if self.row.content == "dsse" { Part::Payload } else { Part::Signature };
        if let Some(document) = evidence::spoiled(&self.document, part) {
            twin("#other-content", self.other_content_reasons(), &|| {
                self.verify(input, &document, binding, identity, issuer)
            });
        }
        if let (None, Some(identity), Some(issuer)) = (&self.key, identity, issuer) {
            let (other_identity, other_issuer) =
                (evidence::with_other_character(identity), evidence::with_other_character(issuer));
            twin("#other-identity", Reasons::OneOf(vec![Code::IdentityMismatch]), &|| {
                self.verify(input, &self.document, binding, Some(&other_identity), Some(issuer))
            });
            twin("#other-issuer", Reasons::OneOf(vec![Code::IdentityIssuerMismatch]), &|| {
                self.verify(input, &self.document, binding, Some(identity), Some(&other_issuer))
            });
        }
    }

    /// A key is named by a hint of the publisher's own making; where the signature does not fit, another key is as good an explanation.
    fn other_content_reasons(&self) -> Reasons {
        match (evidence::other_content_reasons(), &self.key) {
            (Reasons::OneOf(mut codes), Some(_)) => {
                codes.push(Code::BundleKeyMaterialMismatch);
                Reasons::OneOf(codes)
            }
            (reasons, _) => reasons,
        }
    }

    fn case(&self, suffix: &str, expected: Expected) -> Case {
        let row = self.row;
        let group = match row.confidence.as_str() {
            "unanimous" | "majority" => "scored",
            other => other,
        };
        let mut facts = evidence::facts(&self.document);
        facts.push(format!("trusted-root:{}", row.trusted_root));
        facts.push(format!("signer:{}", if row.key.is_some() { "key" } else { "certificate" }));
        Case::new(format!("{}{suffix}", row.id), expected).in_group(group).tagged(facts)
    }

    fn verify(
        &self,
        input: &Input<'_>,
        document: &[u8],
        binding: &Binding,
        identity: Option<&str>,
        issuer: Option<&str>,
    ) -> Observed {
        let key = match self.key.as_deref().map(PublicKey::from_pem).transpose() {
            Ok(key) => key,
            Err(error) => return Observed::refused(&error),
        };
        let policy = match (&key, identity, issuer) {
            (Some(key), ..) => Policy::require_key(key.key_id()),
            (None, Some(identity), Some(issuer)) => Policy::require_signer(identity).issued_by(issuer),
            // The certificate could not be read when the table was made, so whoever signed is not the question.
            _ => Policy::danger_any_signer(),
        };
        match evidence::snapshot(&self.trusted_root, key.map(KeyEntry::new)) {
            Ok(trust) => evidence::verify(input, &trust, &self.row.require.on(policy), document, binding, input.at),
            Err(refused) => refused,
        }
    }
}

impl Required {
    /// What has to be present is demanded. The rest stays with the default of the policy, which is what the trusted root publishes: a
    /// private instance without a log asks for no log, and nothing is waived because a table says that it may be.
    fn on(&self, mut policy: Policy) -> Policy {
        if self.tlog {
            policy = policy.logs(1);
        }
        if self.sct {
            policy = policy.certificate_timestamps(1);
        }
        if self.rfc3161 {
            policy = policy.trusted_times(1);
        }
        policy
    }
}

impl Row {
    fn expected(&self) -> Expected {
        match (self.confidence.as_str(), self.expected.as_str()) {
            ("unanimous" | "majority" | "single-peer", "accept") => Expected::Accept,
            ("unanimous" | "majority" | "single-peer", "reject") => Expected::Reject(Reasons::Any),
            _ => Expected::Undecided(format!("no agreement among verifiers: {}", self.note.trim())),
        }
    }

    /// The digests of the artifact, of the algorithms that the statement uses where the table tells them.
    fn digests(&self) -> Option<Artifact> {
        let known = [("sha256", &self.artifact_sha256), ("sha512", &self.artifact_sha512)];
        let used = |algorithm: &str| {
            self.subject_digest_algs.as_ref().is_none_or(|algorithms| algorithms.iter().any(|name| name == algorithm))
        };
        let digests = known.into_iter().filter(|(algorithm, _)| used(algorithm));
        let digests =
            digests.filter_map(|(algorithm, hex)| format!("{algorithm}:{}", hex.as_ref()?).parse::<Digest>().ok());
        Artifact::from_digests(digests).ok()
    }
}
