//! Step 10, what the store trusts somebody for: anchor or key, and the issuer they belong to. Each has to hold the signature by itself.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use stella_chain_verify::{Certificate, VerifiedChain};
use stella_crypto_providers::Scheme;
use stella_trust_store::{AnchorEntry, IssuerEntry, KeyEntry};
use stella_vocabulary::UnixTime;

use crate::check::CheckId;
use crate::policy::Policy;
use crate::refused::Refused;
use crate::remedy::About;
use crate::run::Run;
use crate::scope::{Signature, judge};
use crate::steps::path::SignerPath;
use crate::steps::signature::{describe_key_signer, threshold};

const NEEDED: [CheckId; 16] = [
    CheckId::MaterialKey,
    CheckId::MessageDigest,
    CheckId::EnvelopeSignature,
    CheckId::MessageSignature,
    CheckId::TimeTrusted,
    CheckId::ChainPath,
    CheckId::ChainValidity,
    CheckId::ChainPurpose,
    CheckId::ChainConstraints,
    CheckId::KeyWindow,
    CheckId::StatementStructure,
    CheckId::SubjectMatch,
    CheckId::IdentitySubject,
    CheckId::IdentityIssuer,
    CheckId::PolicySigner,
    CheckId::PolicyScope,
];

/// Whether the anchor of a path is trusted for what is known of the signature by now.
pub(crate) fn admits(run: &Run<'_>, entry: Option<&AnchorEntry>, chain: &VerifiedChain) -> bool {
    let Some(scope) = entry.and_then(AnchorEntry::scope) else { return true };
    judge(scope, "the anchor", &signature(run, Some(chain), run.signer.algorithm)).is_ok()
}

/// Judges the path of a signer. Planned only if anchor or issuer are trusted for some things only.
pub(crate) fn verify_path(run: &mut Run<'_>, path: Option<&SignerPath<'_>>) {
    let Some(path) = path else { return };
    let limited_issuer = issuers(run).next().is_some() && issuers(run).all(|issuer| !issuer.scope().is_unlimited());
    let anchor_scope = path.entry.and_then(AnchorEntry::scope);
    if (anchor_scope.is_none() && !limited_issuer) || run.skipped(CheckId::PolicyScope, &NEEDED) {
        return;
    }
    let facts = signature(run, Some(&path.chain), run.signer.algorithm);
    let name = format!("anchor {}", path.entry.and_then(AnchorEntry::store_id).map_or(&*path.anchor, |id| id.as_str()));
    if let Some(Err(refused)) = anchor_scope.map(|scope| judge(scope, &name, &facts)) {
        let object = path.entry.and_then(AnchorEntry::store_id).map(ToString::to_string);
        run.about = About { object, ..About::default() };
        run.checks.fail(CheckId::PolicyScope, refused.as_ref());
        return;
    }
    let mut evidence = vec![("within", name.into())];
    if limited_issuer {
        match any_issuer(issuers(run), &facts) {
            Ok(issuer) => evidence.push(("within", issuer.into())),
            Err((issuer, refused)) => {
                run.about = About { issuer: Some(issuer), ..About::default() };
                run.checks.fail(CheckId::PolicyScope, refused.as_ref());
                return;
            }
        }
    }
    run.checks.pass(CheckId::PolicyScope, evidence);
}

/// Judges the keys that signed and whose windows hold: enough of them must be trusted for this. Planned only if one is trusted for some things only.
/// Returns those that are.
pub(crate) fn verify_keys(run: &mut Run<'_>, holding: Vec<usize>) -> Vec<usize> {
    let given = run.given;
    let entries = || holding.iter().filter_map(|key| Some((*key, given.trust.key(*key)?.entry)));
    let limited = |entry: &KeyEntry| {
        entry.scope().is_some() || issuer_of(run, entry).is_some_and(|issuer| !issuer.scope().is_unlimited())
    };
    if !entries().any(|(_, entry)| limited(entry)) || run.skipped(CheckId::PolicyScope, &NEEDED) {
        return holding;
    }
    let required = threshold(run);
    let mut within = Vec::new();
    let mut evidence = Vec::new();
    let mut refusals = Vec::new();
    for (key, entry) in entries() {
        match judge_key(run, entry) {
            Ok(name) => {
                within.push(key);
                evidence.push(("within", name.into()));
            }
            Err(refused) => refusals.push(refused),
        }
    }
    if within.len() >= required {
        run.checks.pass(CheckId::PolicyScope, evidence);
        // Whoever signed outside of what they are trusted for is not the signer.
        describe_key_signer(run, &within);
    } else if let Some((about, refused)) = refusals.into_iter().next() {
        run.about = about;
        run.checks.fail(CheckId::PolicyScope, refused.as_ref());
    } else {
        run.checks.fail(CheckId::PolicyScope, &Refused::ThresholdNotMet { found: within.len(), required });
    }
    within
}

/// Judges the schemes of the signatures, or of the keys that signed, by the policy and its crypto profile, and by the profile also every link of
/// the path. Planned only if there is something that is not permitted.
pub(crate) fn verify_algorithms(run: &mut Run<'_>, holding: &[usize], path: Option<&SignerPath<'_>>) {
    let (id, given) = (CheckId::PolicyAlgorithm, run.given);
    if given.policy.permits_all_algorithms() || run.skipped(id, &NEEDED) {
        return;
    }
    let instants = run.instants();
    let mut uses: Vec<Use> = holding
        .iter()
        .filter_map(|key| given.trust.key(*key)?.entry.public_key().ok())
        .map(|key| Use { scheme: Scheme::for_key(key), bits: key.bits() })
        .collect();
    let certificates = path.map_or(&[][..], |path| path.chain.certificates());
    if uses.is_empty()
        && let Some(scheme) = run.signer.algorithm.and_then(Scheme::from_name)
        && let Some(key) = certificates.first().and_then(|leaf| leaf.public_key().ok())
    {
        uses.push(Use { scheme, bits: key.bits() });
    }
    let judged =
        uses.into_iter().map(|used| (used.scheme.name(), used.judge(&given.policy, &instants, "the signature")));
    let (good, bad): (Vec<_>, Vec<_>) = judged.partition(|(_, judged)| judged.is_ok());
    if good.len() < threshold(run) {
        let expected = given.policy.algorithms.iter().map(|scheme| scheme.name().to_string()).collect();
        let refused = bad.into_iter().find_map(|(_, judged)| judged.err());
        let none = Box::new(Refused::AlgorithmNotPermitted { found: "no signature that counts", expected });
        run.checks.fail(id, refused.unwrap_or(none).as_ref());
        return;
    }
    if let Some(refused) = links_outside_profile(&given.policy, certificates, &instants) {
        run.checks.fail(id, refused.as_ref());
        return;
    }
    run.checks.pass(id, good.into_iter().map(|(name, _)| ("algorithm", name.into())).collect());
}

/// A scheme and the size of the key that signs by it.
#[derive(Clone, Copy)]
struct Use {
    scheme: Scheme,
    bits: usize,
}

impl Use {
    fn judge(self, policy: &Policy, instants: &[UnixTime], of: &str) -> Result<(), Box<Refused>> {
        if !policy.algorithms.is_empty() && !policy.algorithms.contains(&self.scheme) {
            let expected = policy.algorithms.iter().map(|scheme| scheme.name().to_string()).collect();
            return Err(Box::new(Refused::AlgorithmNotPermitted { found: self.scheme.name(), expected }));
        }
        self.judge_by_profile(policy, instants, of)
    }

    fn judge_by_profile(self, policy: &Policy, instants: &[UnixTime], of: &str) -> Result<(), Box<Refused>> {
        let outside = |error| Box::new(Refused::AlgorithmOutsideProfile { error, of: of.to_string() });
        let permits = |at: &UnixTime| policy.profile.permits(self.scheme, self.bits, *at);
        instants.iter().try_for_each(permits).map_err(outside)
    }
}

/// The first signature on a certificate of the path that the profile does not permit. That of an anchor on itself proves nothing and is none of them.
fn links_outside_profile(policy: &Policy, certificates: &[Certificate], instants: &[UnixTime]) -> Option<Box<Refused>> {
    let links = certificates.iter().zip(certificates.iter().skip(1)).enumerate();
    links.into_iter().find_map(|(cert, (child, issuer))| {
        let key = issuer.public_key().ok()?;
        let used = Use { scheme: child.signature_scheme(&key)?, bits: key.bits() };
        used.judge_by_profile(policy, instants, &format!("the signature on certificate {cert}")).err()
    })
}

fn judge_key(run: &Run<'_>, entry: &KeyEntry) -> Result<String, (About, Box<Refused>)> {
    let algorithm = entry.public_key().ok().map(|key| Scheme::for_key(key).name());
    let facts = Signature { identities: &[], provider: None, ..signature(run, None, algorithm) };
    let name = entry.label().map_or_else(|| format!("key {}", entry.key_id()), |label| format!("key {label}"));
    if let Some(scope) = entry.scope() {
        let object = entry.store_id().map(ToString::to_string);
        judge(scope, &name, &facts).map_err(|refused| (About { object, ..About::default() }, refused))?;
    }
    if let Some(issuer) = issuer_of(run, entry) {
        let about = || About { issuer: Some(issuer.id().to_string()), ..About::default() };
        let holder = format!("issuer {}", issuer.id());
        judge(issuer.scope(), &holder, &facts).map_err(|refused| (about(), refused))?;
    }
    Ok(name)
}

/// The first of several issuers who may be the signer that is trusted for this, or why the first of them is not.
fn any_issuer<'r>(
    issuers: impl Iterator<Item = &'r IssuerEntry>,
    facts: &Signature<'_>,
) -> Result<String, (String, Box<Refused>)> {
    let mut first = None;
    for issuer in issuers {
        let holder = format!("issuer {}", issuer.id());
        match judge(issuer.scope(), &holder, facts) {
            Ok(()) => return Ok(holder),
            Err(refused) => {
                first.get_or_insert((issuer.id().to_string(), refused));
            }
        }
    }
    Err(first.unwrap_or_else(|| {
        let what = "the signer".to_string();
        (String::new(), Box::new(Refused::KeyNotApproved { what, status: "no issuer of the store".to_string() }))
    }))
}

fn issuers<'r>(run: &Run<'r>) -> impl Iterator<Item = &'r IssuerEntry> {
    let all = run.given.trust.snapshot.issuers();
    let positions = run.issuers.clone();
    positions.into_iter().filter_map(move |position| all.get(position))
}

pub(crate) fn issuer_of<'r>(run: &Run<'r>, entry: &KeyEntry) -> Option<&'r IssuerEntry> {
    run.given.trust.snapshot.issuer(entry.issuer()?)
}

fn signature<'r>(run: &'r Run<'_>, chain: Option<&'r VerifiedChain>, algorithm: Option<&'r str>) -> Signature<'r> {
    let peeked = run.peeked.as_ref().and_then(|read| read.as_ref().ok());
    Signature {
        snapshot: &run.given.trust.snapshot,
        chain,
        identities: &run.signer.identities,
        provider: run.signer.issuer.as_deref(),
        algorithm,
        statement: run.statement.as_ref().or(peeked),
        artifact: run.artifact(),
    }
}

#[cfg(test)]
mod tests {
    use stella_crypto_providers::Profile;

    use super::*;

    fn judge(bits: usize, instants: &[&str]) -> Result<(), Box<Refused>> {
        let policy = Policy::require_trusted_signer().within_profile(Profile::Eidas);
        let instants: Vec<UnixTime> =
            instants.iter().map(|instant| UnixTime::parse_rfc3339(instant).expect("it is an instant")).collect();
        Use { scheme: Scheme::RsaPssSha256, bits }.judge(&policy, &instants, "the signature")
    }

    #[test]
    fn a_key_has_to_be_large_enough_at_every_trusted_time() {
        assert!(judge(2048, &["2025-12-31T23:59:59Z"]).is_ok());
        assert!(judge(2048, &["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"]).is_err());
        assert!(judge(3000, &["2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"]).is_ok());
        assert!(judge(2999, &["2026-01-01T00:00:00Z"]).is_err());
    }
}
