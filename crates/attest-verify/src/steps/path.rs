//! Steps 5 and 6 for certificates: the times that count, a path that holds at each of them, and the certificate's own timestamps.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use stella_chain_verify::{Certificate, ChainError, Search, VerifiedChain, Wanted};
use stella_trust_store::ledger::Scope;
use stella_trust_store::{AnchorEntry, WhyAside};
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason, UnixTime, Window};

use crate::authority::PreparedAuthority;
use crate::check::CheckId;
use crate::path::{Refusals, describe};
use crate::refused::Refused;
use crate::remedy::{Missing, TakenOut};
use crate::report::{PathFinding, PathPurpose};
use crate::revocation;
use crate::run::{Given, Run};
use crate::steps::certificate_timestamp::{self, Judged};
use crate::steps::material::Claim;
use crate::steps::{log, scope, statement, trusted_time};
use crate::trust::{PreparedDomain, Witness};

/// The path that was found for the signer.
pub(crate) struct SignerPath<'a> {
    /// Index of the domain whose anchor it leads to.
    pub(crate) domain: usize,
    /// What the anchor is called.
    pub(crate) anchor: String,
    /// The anchor.
    pub(crate) entry: Option<&'a AnchorEntry>,
    /// The path.
    pub(crate) chain: VerifiedChain,
}

impl SignerPath<'_> {
    /// Whether the anchor belongs to a public authority.
    pub(crate) fn is_public(&self, given: &Given) -> bool {
        given.trust.domains.get(self.domain).is_some_and(PreparedDomain::is_public)
    }
}

const CHAIN_CHECKS: [CheckId; 4] =
    [CheckId::ChainPath, CheckId::ChainValidity, CheckId::ChainPurpose, CheckId::ChainConstraints];

const EVIDENCE: [CheckId; 4] = [CheckId::TimeTimestamp, CheckId::LogEntry, CheckId::LogPromise, CheckId::LogInclusion];

/// Decides which instants count, searches a path that holds at all of them, and judges the certificate's timestamps.
pub(crate) fn verify<'a>(run: &mut Run<'a>, certificates: &[Certificate], logs: &[Witness]) -> Option<SignerPath<'a>> {
    let (leaf, extra) = certificates.split_first()?;
    if run.given.trust.statement_matters {
        statement::peek(run);
    }
    if let Some(blocker) = run.checks.blocker(&EVIDENCE) {
        run.checks.skip(CheckId::TimeTrusted, blocker);
        // Evidence of strangers under a certificate of a stranger: then it is the authority that is unknown, with everything around it.
        if run.checks.fail_only_with(&EVIDENCE, &[Code::TlogLogUnknown, Code::TimeTsaUntrusted])
            && let Err(error @ ChainError::UnknownIssuer { .. }) = search(run, leaf, extra, &[leaf.not_before()], logs)
        {
            fail_path(run, &error);
            return None;
        }
        // Faulty evidence leaves open which instants count, so a path judged at others would only mislead.
        for id in CHAIN_CHECKS {
            run.checks.skip(id, blocker);
        }
        return None;
    }
    let instants = run.instants();
    let mut found = search(run, leaf, extra, &instants, logs);
    let domain = match &found {
        Ok(found) => Some(found.domain),
        // Nothing holds now. Whose customer the signer is decides whether that is a matter of missing time evidence.
        Err(_) if run.times.is_empty() => probe(run, leaf, extra, leaf.not_before()),
        Err(_) => None,
    };
    if !trusted_time::verify(run, customer_of(run.given, domain), Some(leaf.not_after())) {
        for id in CHAIN_CHECKS {
            run.checks.skip(id, CheckId::TimeTrusted);
        }
        return None;
    }
    if let Err(error) = &mut found
        && let Some(refused) = outside_validity(run, leaf, error)
    {
        fail_chain(run, CheckId::ChainValidity, &refused);
        return None;
    }
    if let Ok(Found { path, entry, chain, .. }) = &found
        && let Some(revoked) = revocation::of_signer(run, *entry, chain, &instants)
    {
        if let Some(path) = run.paths.get_mut(*path) {
            path.findings.push(PathFinding(revoked.clone()));
        }
        run.about.object = entry.and_then(AnchorEntry::store_id).map(ToString::to_string);
        fail_path(run, &revoked);
        return None;
    }
    match found {
        Ok(Found { domain, anchor, entry, chain, timestamps, .. }) => {
            let mut evidence =
                vec![("certificates", chain.certificates().len().into()), ("anchor", anchor.clone().into())];
            if let Some(id) = entry.and_then(AnchorEntry::store_id) {
                evidence.push(("entry", alloc::format!("anchor {id}").into()));
            }
            run.checks.pass(CheckId::ChainPath, evidence);
            run.checks.pass(CheckId::ChainValidity, vec![("judged at", instants.into())]);
            run.checks.pass(CheckId::ChainPurpose, vec![("purpose", "codeSigning".into())]);
            run.checks.pass(CheckId::ChainConstraints, Vec::new());
            match timestamps {
                Some(Ok((evidence, remembered))) => {
                    run.remembered.add_all(remembered);
                    run.checks.pass(CheckId::ChainSct, evidence);
                }
                Some(Err(reason)) => run.checks.fail(CheckId::ChainSct, reason.as_ref()),
                None => {}
            }
            Some(SignerPath { domain, anchor, entry, chain })
        }
        Err(error) => {
            if error.code() == Code::X509UnknownIssuer {
                mention_removed(run);
            }
            fail_path(run, &error);
            None
        }
    }
}

/// Says so if the missing anchor is one that the store had, and what taking it back would mean.
fn mention_removed(run: &mut Run<'_>) {
    let known = run.given.trust.snapshot.aside_anchors().iter();
    let tried: Vec<Certificate> =
        run.paths.iter().flat_map(|path| &path.certificates).map(|certificate| certificate.0.clone()).collect();
    let above = |entry: &AnchorEntry| tried.iter().any(|below| below.issuer().matches(entry.certificate().subject()));
    for anchor in known.filter(|anchor| *anchor.why() == WhyAside::Removed && above(anchor.entry())).take(4) {
        let Some(id) = anchor.entry().store_id() else { continue };
        run.notes.push(alloc::format!("the store knew an authority of that name as anchor {id}, and it was taken out"));
        run.taken_out.push(TakenOut { id: id.to_string(), limits: limits(anchor.entry().scope()) });
    }
}

/// The limits of an anchor, in words.
fn limits(scope: Option<&Scope>) -> String {
    let Some(scope) = scope.filter(|scope| !scope.is_unlimited()) else { return "without a limit".to_string() };
    let purls: Vec<String> = scope.purl_patterns.iter().map(ToString::to_string).collect();
    let named = [
        ("predicate type", &scope.predicate_types),
        ("identity", &scope.identities),
        ("OIDC issuer", &scope.oidc_issuers),
        ("artifact", &purls),
    ];
    let named = named.into_iter().filter(|(_, values)| !values.is_empty());
    let named: Vec<String> =
        named.map(|(name, values)| alloc::format!("{name} {}", Bounded(&values.join(" or "), 200))).collect();
    if named.is_empty() {
        "within its limits".to_string()
    } else {
        alloc::format!("within its limits: {}", named.join("; "))
    }
}

/// Nothing can be said about times, path and key windows of a signer whose key material is unusable.
pub(crate) fn skip(run: &mut Run<'_>, claim: &Claim<'_>) {
    let planned: &[CheckId] = match claim {
        Claim::Keys { .. } => &[CheckId::TimeTrusted, CheckId::KeyWindow],
        Claim::Certificates { .. } | Claim::CertificatePem { .. } => &[
            CheckId::TimeTrusted,
            CheckId::ChainPath,
            CheckId::ChainValidity,
            CheckId::ChainPurpose,
            CheckId::ChainConstraints,
        ],
    };
    for id in planned {
        run.checks.skip(*id, CheckId::MaterialKey);
    }
}

fn fail_path(run: &mut Run<'_>, error: &ChainError) {
    run.missing = match error {
        ChainError::UnknownIssuer { missing: stella_chain_verify::Missing::Intermediate, .. } => Missing::Intermediate,
        ChainError::UnknownIssuer { missing: stella_chain_verify::Missing::Anchor, .. } => Missing::Anchor,
        _ => Missing::Unknown,
    };
    fail_chain(run, check_of(error.code()), error);
}

/// The chain check that a code belongs to.
fn check_of(code: Code) -> CheckId {
    match code {
        Code::X509Expired | Code::X509NotYetValid | Code::X509Revoked | Code::TrustAnchorNotValid => {
            CheckId::ChainValidity
        }
        Code::X509EkuMissing | Code::X509KeyUsage => CheckId::ChainPurpose,
        Code::X509UnknownIssuer
        | Code::X509SignatureInvalid
        | Code::X509SignatureAlgorithmWeak
        | Code::X509SignatureAlgorithmMismatch
        | Code::X509PathBudgetExceeded
        | Code::X509PathTooDeep
        | Code::CryptoAlgorithmUnavailable
        | Code::CryptoProviderFailed => CheckId::ChainPath,
        _ => CheckId::ChainConstraints,
    }
}

/// One of the four chain checks failed: the others were not concluded.
fn fail_chain(run: &mut Run<'_>, failed: CheckId, reason: &dyn Reason) {
    run.checks.fail(failed, reason);
    for id in CHAIN_CHECKS.into_iter().filter(|id| *id != failed) {
        run.checks.skip(id, failed);
    }
}

/// A path, and what the certificate transparency logs of its domain say of the leaf; `None` if nothing needs to be said.
struct Found<'a> {
    domain: usize,
    anchor: String,
    entry: Option<&'a AnchorEntry>,
    chain: VerifiedChain,
    timestamps: Option<Judged>,
    /// Its place among the paths of the report.
    path: usize,
}

/// The public domain that `domain` is, if it is one.
fn customer_of(given: &Given, domain: Option<usize>) -> Option<usize> {
    domain.filter(|index| given.trust.domains.get(*index).is_some_and(PreparedDomain::is_public))
}

/// Searches every domain, private first. The first path wins whose domain also finds the evidence that it asks for, or else the first of all:
/// an older copy of a trusted root must not spoil what a newer one accepts. Without a path, the error that came closest.
///
/// Within an authority, and from one to the next, a path counts for more that leads to an anchor in force which is trusted for this. One anchor has to
/// do by itself: none borrows the scope or window of another.
fn search<'a>(
    run: &mut Run<'a>,
    leaf: &Certificate,
    extra: &[Certificate],
    instants: &[UnixTime],
    logs: &[Witness],
) -> Result<Found<'a>, ChainError> {
    let given = run.given;
    let mut refusals = Refusals::default();
    let mut first: Option<Found<'a>> = None;
    for (index, domain) in given.trust.domains.iter().enumerate() {
        for authority in &domain.signers {
            let (search, trusted_for_this) = search_within(run, authority, leaf, extra, instants);
            match describe(search, PathPurpose::Signer, authority, &mut run.paths) {
                Ok(chain) => {
                    let anchor = run.paths.last().and_then(|path| path.anchor.clone()).unwrap_or_default();
                    let timestamps = certificate_timestamp::judge(given, domain, leaf, &chain, run.at);
                    let fits = trusted_for_this
                        && !matches!(timestamps, Some(Err(_)))
                        && trusted_time::are_enough(run, customer_of(given, Some(index)))
                        && log::are_enough(run, logs, index);
                    let path = run.paths.len().saturating_sub(1);
                    let entry = authority.entry(&chain);
                    let found = Found { domain: index, anchor, entry, chain, timestamps, path };
                    if fits {
                        return Ok(found);
                    }
                    first.get_or_insert(found);
                    if trusted_for_this {
                        break;
                    }
                }
                Err(refused) => refusals.add(refused),
            }
        }
    }
    if let Some(first) = first {
        return Ok(first);
    }
    if let Some(error) = refusals.best() {
        return Err(error);
    }
    let nobody = PreparedAuthority::nobody(&given.registry);
    let search = nobody.search(leaf, extra, PathPurpose::Signer, instants, &mut run.path_budget);
    match describe(search, PathPurpose::Signer, &nobody, &mut run.paths) {
        Ok(_) => Err(ChainError::NothingJudged),
        Err(refused) => Err(refused.error),
    }
}

/// Searches one authority. The path found is one that its anchor is trusted for, if there is any: the second value says so.
fn search_within(
    run: &mut Run<'_>,
    authority: &PreparedAuthority,
    leaf: &Certificate,
    extra: &[Certificate],
    instants: &[UnixTime],
) -> (Search, bool) {
    let mut budget = run.path_budget;
    if !authority.limited && run.given.trust.snapshot.blocks().is_empty() {
        let search = authority.search(leaf, extra, PathPurpose::Signer, instants, &mut budget);
        run.path_budget = budget;
        return (search, true);
    }
    let mut any = false;
    let mut wanted = |chain: &VerifiedChain| {
        let entry = authority.entry(chain);
        let fits = revocation::of_signer(run, entry, chain, instants).is_none() && scope::admits(run, entry, chain);
        any |= fits;
        if fits { Wanted::Yes } else { Wanted::IfNoOther }
    };
    let search = authority.search_wanted(leaf, extra, PathPurpose::Signer, instants, &mut budget, Some(&mut wanted));
    run.path_budget = budget;
    (search, any)
}

/// The domain in which `leaf` has a path at another instant, for the explanation only.
fn probe(run: &mut Run<'_>, leaf: &Certificate, extra: &[Certificate], at: UnixTime) -> Option<usize> {
    run.given.trust.domains.iter().position(|domain| {
        domain.signers.iter().any(|authority| {
            authority.search(leaf, extra, PathPurpose::Signer, &[at], &mut run.path_budget).verified.is_some()
        })
    })
}

/// A leaf outside its validity at a trusted time is a matter of that time; at the instant being judged, of the certificate.
fn outside_validity(run: &Run<'_>, leaf: &Certificate, error: &ChainError) -> Option<Refused> {
    let outside = matches!(error.code(), Code::X509Expired | Code::X509NotYetValid) && error.certificate() == Some(0);
    let validity = Window::closed(Some(leaf.not_before()), Some(leaf.not_after()));
    run.times.iter().find(|time| outside && !validity.contains(time.time())).map(|time| {
        Refused::OutsideCertificateValidity { time: time.time(), source: time.name().to_string(), validity }
    })
}
