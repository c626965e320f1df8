//! The bundle-verify directories of the Sigstore client conformance suite.

use std::path::Path;

use stella_attest_verify::{Artifact, Digest, Policy, PublicKey};
use stella_trust_store::KeyEntry;

use crate::case::{Case, Expected, Observed};
use crate::evidence;
use crate::files;
use crate::reasons::ReasonTable;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Which codes a failure may have, by the name of its directory.
const REASONS: &str = include_str!("../../data/sigstore-conformance.toml");
/// Applies where a directory names no other identity.
const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
/// Applies where a directory names no other issuer.
const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// How the suite marks what must be refused.
const FAIL: &str = "_fail";

/// Sigstore client conformance, `verify-bundle`.
#[derive(Debug)]
pub(crate) struct SigstoreConformance;

impl Suite for SigstoreConformance {
    fn name(&self) -> &'static str {
        "sigstore-conformance"
    }

    fn about(&self) -> &'static str {
        "bundle-verify directories of the Sigstore client conformance suite"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let reasons = ReasonTable::parse(REASONS)?;
        let nested = input.path.join("bundle-verify");
        let root = if nested.is_dir() { nested } else { input.path.to_path_buf() };
        for directory in files::directories(&root)? {
            let bundle = directory.join("bundle.sigstore.json");
            if !bundle.is_file() {
                continue;
            }
            let name = files::name_of(&directory);
            let expected =
                if name.ends_with(FAIL) { Expected::Reject(reasons.expected(&name)) } else { Expected::Accept };
            let setup = Setup::read(input, &root, &directory)?;
            let document = files::read(&bundle)?;
            let facts = evidence::facts(&document);
            let by_digest = Artifact::from_digest(Digest::sha256(&setup.artifact));
            for (suffix, artifact) in [("", Artifact::of_bytes(&setup.artifact)), ("#digest", by_digest)] {
                let case = Case::new(format!("{name}{suffix}"), expected.clone()).tagged(facts.clone());
                sink.judge(case, || setup.verify(input, &document, &artifact));
            }
        }
        Ok(())
    }
}

/// What a directory overrides, and the defaults for the rest.
struct Setup {
    artifact: Vec<u8>,
    identity: String,
    issuer: String,
    key: Option<Vec<u8>>,
    trusted_root: Vec<u8>,
}

impl Setup {
    fn read(input: &Input<'_>, root: &Path, directory: &Path) -> Result<Self, SuiteError> {
        let own = |name: &str| Some(directory.join(name)).filter(|path| path.is_file());
        let text = |name: &str, default: &str| match own(name) {
            Some(path) => files::read_text(&path).map(|text| text.trim().to_owned()),
            None => Ok(default.to_owned()),
        };
        Ok(Self {
            artifact: files::read(&own("artifact").unwrap_or_else(|| root.join("a.txt")))?,
            identity: text("identity", IDENTITY)?,
            issuer: text("issuer", ISSUER)?,
            key: own("key.pub").map(|path| files::read(&path)).transpose()?,
            trusted_root: match own("trusted_root.json") {
                Some(path) => files::read(&path)?,
                None => input.trust.public_good()?,
            },
        })
    }

    fn verify(&self, input: &Input<'_>, document: &[u8], artifact: &Artifact) -> Observed {
        let key = match self.key.as_deref().map(PublicKey::from_pem).transpose() {
            Ok(key) => key,
            Err(error) => return Observed::refused(&error),
        };
        let policy = match &key {
            Some(key) => Policy::require_key(key.key_id()),
            None => Policy::require_signer(self.identity.as_str()).issued_by(self.issuer.as_str()),
        };
        match evidence::snapshot(&self.trusted_root, key.map(KeyEntry::new)) {
            Ok(trust) => evidence::verify(input, &trust, &policy, document, artifact, input.at),
            Err(refused) => refused,
        }
    }
}
