//! Sigstore bundles of CPython releases: JSON Lines, every bundle good, the bad ones made from neighbours.

use serde::Deserialize;
use serde_json::value::RawValue;
use stella_attest_verify::{Artifact, Digest, Policy};
use stella_vocabulary::Code;

use crate::case::{Case, Expected, Observed, Reasons};
use crate::evidence;
use crate::files;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Bundles of CPython releases.
#[derive(Debug)]
pub(crate) struct CpythonBundles;

/// One line of the file.
#[derive(Deserialize)]
struct Line {
    id: String,
    sha256: String,
    #[serde(alias = "certificate_identity")]
    identity: String,
    #[serde(alias = "oidc_issuer")]
    issuer: String,
    bundle: Box<RawValue>,
}

impl Suite for CpythonBundles {
    fn name(&self) -> &'static str {
        "cpython-bundles"
    }

    fn about(&self) -> &'static str {
        "Sigstore bundles of CPython releases, with twins that must be refused"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let lines = read(input)?;
        let trust = evidence::snapshot(&input.trust.public_good()?, None)
            .map_err(|refused| SuiteError::new(format!("the public-good root: {refused}")))?;
        for (index, line) in lines.iter().enumerate() {
            let following = || lines.iter().cycle().skip(index + 1).take(lines.len());
            let verify = |sha256: &str, identity: &str, issuer: &str| match format!("sha256:{sha256}").parse::<Digest>()
            {
                Ok(digest) => {
                    let policy = Policy::require_signer(identity).issued_by(issuer);
                    let artifact = Artifact::from_digest(digest);
                    evidence::verify(input, &trust, &policy, line.bundle.get().as_bytes(), artifact, input.at)
                }
                Err(error) => Observed::refused(&error),
            };
            let facts = evidence::facts(line.bundle.get().as_bytes());
            let mut judge = |suffix: &str, expected: Expected, observe: &dyn Fn() -> Observed| {
                sink.judge(Case::new(format!("{}{suffix}", line.id), expected).tagged(facts.clone()), observe);
            };

            judge("", Expected::Accept, &|| verify(&line.sha256, &line.identity, &line.issuer));
            if let Some(other) = following().find(|other| other.sha256 != line.sha256) {
                judge("#other-artifact", Expected::Reject(evidence::other_artifact_reasons()), &|| {
                    verify(&other.sha256, &line.identity, &line.issuer)
                });
            }
            if let Some(other) = following().find(|other| other.identity != line.identity) {
                judge("#other-identity", reject(Code::IdentityMismatch), &|| {
                    verify(&line.sha256, &other.identity, &line.issuer)
                });
            }
            judge("#other-issuer", reject(Code::IdentityIssuerMismatch), &|| {
                verify(&line.sha256, &line.identity, &evidence::with_other_character(&line.issuer))
            });
        }
        Ok(())
    }
}

fn reject(code: Code) -> Expected {
    Expected::Reject(Reasons::OneOf(vec![code]))
}

fn read(input: &Input<'_>) -> Result<Vec<Line>, SuiteError> {
    let mut lines = Vec::new();
    for path in files::list(input.path, |name| name.ends_with(".jsonl.gz") || name.ends_with(".jsonl"))? {
        for (number, line) in files::read_text(&path)?.lines().enumerate() {
            let line = serde_json::from_str(line)
                .map_err(|error| SuiteError::new(format!("{}, line {}: {error}", path.display(), number + 1)))?;
            lines.push(line);
        }
    }
    Ok(lines)
}
