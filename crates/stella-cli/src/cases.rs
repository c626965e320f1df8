//! Attestations that are judged under more than one trust.

use std::path::PathBuf;

use stella_attest_verify::preview::{Comparison, Evidence, Moved, Movement, Outcome, Preview};
use stella_attest_verify::{Attestation, Binding, Policy, Registry, TrustSnapshot, Verdict};

use crate::arguments::SignerOptions;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::input::{Inputs, Kind, name_of};
use crate::json::Value;
use crate::policy_file;
use crate::private_file::{self, Secrecy};
use crate::render::Page;
use crate::selector;
use crate::trust;

/// Attestations, under the names of their files.
#[derive(Debug, Default)]
pub(crate) struct Cases(Vec<Case>);

#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) attestation: Attestation,
    pub(crate) binding: Binding,
}

impl Cases {
    /// Reads files with one attestation, or one a line. The artifacts are not at hand, so nothing is compared with one.
    pub(crate) fn read(paths: &[PathBuf], inputs: &Inputs, context: &Context) -> Result<Self, Complaint> {
        let mut cases = Vec::new();
        for path in paths {
            let all = selector::all_of(path, inputs, context)?;
            let several = all.len() > 1;
            for (line, attestation) in (1..).zip(all) {
                let name = if several { format!("{}, line {line}", name_of(path)) } else { name_of(path) };
                let claimed = attestation.message_signature().and_then(|message| message.claimed_digest());
                // Without the artifact, a message signature is held against the digest that the bundle claims.
                let binding = claimed.map_or(Binding::SubjectsAsListed, Binding::from);
                cases.push(Case { name, attestation, binding });
            }
        }
        Ok(Self(cases))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Case> {
        self.0.iter()
    }

    /// Judges each under both trusts.
    pub(crate) fn compare(
        &self,
        before: &TrustSnapshot,
        after: &TrustSnapshot,
        policy: Policy,
        context: &Context,
    ) -> Compared<'_> {
        let preview = Preview::new(&Registry::rustcrypto(), before, after, policy);
        let evidence = self.iter().map(|case| Evidence { attestation: &case.attestation, binding: &case.binding });
        Compared { cases: self, comparison: preview.compare(evidence, context.at) }
    }
}

/// What became of the attestations.
pub(crate) struct Compared<'a> {
    cases: &'a Cases,
    comparison: Comparison,
}

const MOVEMENTS: [(Movement, &str, &str); 3] = [
    (Movement::NewlyVerified, "newly_verified", "newly verifies"),
    (Movement::NewlyRefused, "newly_refused", "newly fails"),
    (Movement::OtherwiseRefused, "otherwise_refused", "fails for another reason"),
];

impl Compared<'_> {
    pub(crate) fn render(&self, page: &mut Page, context: &Context) {
        for (movement, _, words) in MOVEMENTS {
            for moved in self.comparison.moved_in(movement) {
                page.field(words, self.name(moved));
                page.indented(1, "attestation", &moved.attestation);
                if movement != Movement::NewlyRefused {
                    page.indented(1, "before", moved.before.line());
                }
                if movement != Movement::NewlyVerified || context.detail == Detail::Verbose {
                    page.indented(1, "after", moved.after.line());
                }
            }
        }
        let unmoved = &self.comparison.unmoved;
        let mut counts = Vec::new();
        for (count, word) in
            [(unmoved.verified, "verified"), (unmoved.rejected, "rejected"), (unmoved.indeterminate, "undecided")]
        {
            if count > 0 {
                counts.push(format!("{count} {word}"));
            }
        }
        match (self.comparison.judged(), counts.is_empty()) {
            (0, _) => page.field("attestations", "none given: say --attestation FILE to see what becomes of them"),
            (_, true) => page.field("unchanged", "none"),
            _ => page.field("unchanged", counts.join(", ")),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let mut members = vec![("judged", Value::count(self.comparison.judged()))];
        for (movement, name, _) in MOVEMENTS {
            let moved = self.comparison.moved_in(movement).map(|moved| {
                Value::object([
                    ("name", Value::text(self.name(moved))),
                    ("attestation", Value::text(&moved.attestation)),
                    ("before", outcome_json(&moved.before)),
                    ("after", outcome_json(&moved.after)),
                ])
            });
            members.push((name, Value::list(moved)));
        }
        let unmoved = &self.comparison.unmoved;
        members.push((
            "unchanged",
            Value::object([
                (Verdict::Verified.as_str(), Value::count(unmoved.verified)),
                (Verdict::Rejected.as_str(), Value::count(unmoved.rejected)),
                (Verdict::Indeterminate.as_str(), Value::count(unmoved.indeterminate)),
            ]),
        ));
        Value::Object(members)
    }

    fn name(&self, moved: &Moved) -> String {
        self.cases.0.get(moved.index).map(|case| case.name.clone()).unwrap_or_default()
    }
}

/// `{verdict, code, summary}`
pub(crate) fn outcome_json(outcome: &Outcome) -> Value {
    Value::object([
        ("verdict", Value::text(outcome.verdict().as_str())),
        ("code", Value::maybe(outcome.code().map(|code| code.as_str()))),
        ("check", Value::maybe(outcome.check().map(|check| check.as_str()))),
        ("summary", Value::text(outcome.line())),
    ])
}

/// Who may sign, under the trust of the store alone: what the options say, else the policy beside the store, else whoever the store trusts. A key that is
/// given must have signed, and is not trusted for that.
pub(crate) fn policy(signer: &SignerOptions, inputs: &Inputs, context: &Context) -> Result<Policy, Complaint> {
    let policy = match (&signer.key, &signer.identity, &signer.issuer, &signer.policy) {
        (Some(path), ..) => Policy::require_key(trust::key(path, inputs)?.key_id()),
        (None, Some(identity), Some(issuer), _) => Policy::require_signer(identity).issued_by(issuer),
        (None, Some(identity), None, _) => Policy::require_signer(identity),
        (None, None, _, Some(path)) => policy_file::parse(path, &inputs.read(path, Kind::TrustPolicy)?)?,
        (None, None, _, None) => return store_policy(context),
    };
    Ok(policy.within_profile(context.settings()?.crypto_profile.value))
}

/// Who may sign where nobody says it: as the policy beside the store says, or whoever the store trusts; with what the crypto profile permits.
pub(crate) fn store_policy(context: &Context) -> Result<Policy, Complaint> {
    let path = context.settings()?.home()?.policies().join("default.toml");
    let policy = match private_file::read(&path, Secrecy::Readable)? {
        Some(bytes) => policy_file::parse(&path, &bytes)?,
        None => Policy::require_trusted_signer(),
    };
    Ok(policy.within_profile(context.settings()?.crypto_profile.value))
}
