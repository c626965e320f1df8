//! Steps 5 and 6 for certificates: the times that count, a path that holds at each of them, and the certificate's own timestamps.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use stella_chain_verify::{Certificate, ChainError, ChainPolicy, Pool, Purpose, VerifiedChain};
use stella_transparency::SctError;
use stella_vocabulary::{Code, Reason, UnixTime, Window};

use crate::check::CheckId;
use crate::path::{Merit, describe};
use crate::policy::Source;
use crate::refused::Refused;
use crate::remedy::Missing;
use crate::report::PathPurpose;
use crate::run::{Given, Run};
use crate::steps::trusted_time;
use crate::trust::{PreparedDomain, SignerPool, without_rivals};

/// The path that was found for the signer.
pub(crate) struct SignerPath {
    /// Index of the domain whose anchor it leads to.
    pub(crate) domain: usize,
    /// What the anchor is called.
    pub(crate) anchor: alloc::string::String,
}

impl SignerPath {
    /// Whether the anchor belongs to a public authority.
    pub(crate) fn is_public(&self, given: &Given) -> bool {
        given.trust.domains.get(self.domain).is_some_and(PreparedDomain::is_public)
    }
}

const CHAIN_CHECKS: [CheckId; 4] =
    [CheckId::ChainPath, CheckId::ChainValidity, CheckId::ChainPurpose, CheckId::ChainConstraints];

const EVIDENCE: [CheckId; 4] = [CheckId::TimeTimestamp, CheckId::LogEntry, CheckId::LogPromise, CheckId::LogInclusion];

/// Decides which instants count, searches a path that holds at all of them, and judges the certificate's timestamps.
pub(crate) fn verify(run: &mut Run<'_>, certificates: &[Certificate]) -> Option<SignerPath> {
    let (leaf, extra) = certificates.split_first()?;
    if let Some(blocker) = run.checks.blocker(&EVIDENCE) {
        run.checks.skip(CheckId::TimeTrusted, blocker);
        // Evidence of strangers under a certificate of a stranger: then it is the authority that is unknown, with everything around it.
        if run.checks.fail_only_with(&EVIDENCE, &[Code::TlogLogUnknown, Code::TimeTsaUntrusted])
            && let Err(error @ ChainError::UnknownIssuer { .. }) = search(run, leaf, extra, &[leaf.not_before()])
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
    let mut found = search(run, leaf, extra, &instants);
    let domain = match &found {
        Ok((domain, _)) => Some(*domain),
        // Nothing holds now. Whose customer the signer is decides whether that is a matter of missing time evidence.
        Err(_) if run.times.is_empty() => probe(run, leaf, extra, leaf.not_before()),
        Err(_) => None,
    };
    // A public authority's certificates live for minutes: without a time there is nothing to judge them at.
    let public = domain.and_then(|index| run.given.trust.domains.get(index)).is_some_and(PreparedDomain::is_public);
    if !trusted_time::verify(run, Source::published_if(public), Some(leaf.not_after())) {
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
    match found {
        Ok((domain, chain)) => {
            let anchor = run.paths.last().and_then(|path| path.anchor.clone()).unwrap_or_default();
            run.checks.pass(
                CheckId::ChainPath,
                vec![("certificates", chain.certificates().len().to_string()), ("anchor", anchor.clone())],
            );
            let instants = instants.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            run.checks.pass(CheckId::ChainValidity, vec![("judged at", instants)]);
            run.checks.pass(CheckId::ChainPurpose, vec![("purpose", "codeSigning".to_string())]);
            run.checks.pass(CheckId::ChainConstraints, Vec::new());
            let path = SignerPath { domain, anchor };
            verify_certificate_timestamps(run, leaf, &chain, domain);
            Some(path)
        }
        Err(error) => {
            fail_path(run, &error);
            None
        }
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
        Code::X509Expired | Code::X509NotYetValid | Code::TrustAnchorNotValid => CheckId::ChainValidity,
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

/// Searches every domain, private first; the first path wins. Without one, the error that came closest.
fn search(
    run: &mut Run<'_>,
    leaf: &Certificate,
    extra: &[Certificate],
    instants: &[UnixTime],
) -> Result<(usize, VerifiedChain), ChainError> {
    let policy = ChainPolicy::new(Purpose::code_signing());
    let given = run.given;
    let mut closest: Option<(Merit, ChainError)> = None;
    for (index, domain) in given.trust.domains.iter().enumerate() {
        for authority in &domain.pools {
            let search = authority.pool.search(leaf, &luggage(domain, authority, extra), instants, &policy);
            match describe(search, PathPurpose::Signer, &authority.anchors, &mut run.paths) {
                Ok(chain) => return Ok((index, chain)),
                Err(refused) => {
                    if closest.as_ref().is_none_or(|(merit, _)| *merit < refused.merit) {
                        closest = Some((refused.merit, refused.error));
                    }
                }
            }
        }
    }
    if let Some((_, error)) = closest {
        return Err(error);
    }
    // Nobody is trusted: the search over nothing says so in the words of any other.
    let nobody = Pool::new(&given.registry, Vec::new(), Vec::new());
    match describe(nobody.search(leaf, extra, instants, &policy), PathPurpose::Signer, &[], &mut run.paths) {
        Ok(_) => Err(ChainError::NothingJudged),
        Err(refused) => Err(refused.error),
    }
}

/// The certificates of `extra` that may help a path under `authority`. The owner of a private domain trusts whatever an anchor certifies.
fn luggage<'c>(domain: &PreparedDomain, authority: &SignerPool, extra: &'c [Certificate]) -> Cow<'c, [Certificate]> {
    if domain.is_public() { without_rivals(&authority.pool, extra) } else { Cow::Borrowed(extra) }
}

/// The domain in which `leaf` has a path at another instant, for the explanation only.
fn probe(run: &Run<'_>, leaf: &Certificate, extra: &[Certificate], at: UnixTime) -> Option<usize> {
    let policy = ChainPolicy::new(Purpose::code_signing());
    run.given.trust.domains.iter().position(|domain| {
        domain.pools.iter().any(|authority| {
            authority.pool.search(leaf, &luggage(domain, authority, extra), &[at], &policy).verified.is_some()
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

/// SCTs inside the signing certificate (RFC 6962 §3.3), with the issuer taken from the verified path and never looked up by name.
fn verify_certificate_timestamps(run: &mut Run<'_>, leaf: &Certificate, chain: &VerifiedChain, domain: usize) {
    let id = CheckId::ChainSct;
    let given = run.given;
    let Some(domain) = given.trust.domains.get(domain) else { return };
    let logs = &domain.ct_logs;
    let published = domain.is_public() && !logs.logs().is_empty();
    let required = given.policy.certificate_timestamps.needed(Source::published_if(published));
    if required == 0 && logs.logs().is_empty() {
        return;
    }
    let results = match logs.verify_embedded(leaf.der(), chain.issuer_of_leaf().spki_der()) {
        Ok(results) => results,
        // A certificate without the extension lacks evidence; it brings none that could be invalid.
        Err(SctError::Missing) if required == 0 => return,
        Err(error) => {
            run.checks.fail(id, &error);
            return;
        }
    };
    let mut seen: Vec<usize> = Vec::new();
    let mut evidence = Vec::new();
    let mut refused = None;
    for result in results {
        match result {
            Ok(sct) => {
                if !seen.contains(&sct.log) {
                    seen.push(sct.log);
                }
                let name = logs.logs().get(sct.log).map_or("", |log| log.name());
                evidence.push(("log", alloc::format!("{name} at {}", sct.time)));
            }
            Err(error @ SctError::LogUnknown { .. }) => {
                refused.get_or_insert(error);
            }
            // A timestamp that claims a known log and is not by it is forged or broken: present evidence must be valid.
            Err(error) => {
                run.checks.fail(id, &error);
                return;
            }
        }
    }
    if seen.len() >= required {
        if !seen.is_empty() {
            run.checks.pass(id, evidence);
        }
        return;
    }
    match refused {
        Some(error) => run.checks.fail(id, &error),
        None => run.checks.fail(id, &Refused::SctThreshold { found: seen.len(), required }),
    }
}
