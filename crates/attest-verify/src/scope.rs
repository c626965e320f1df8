//! Whether a signature is what somebody is trusted for. Catalogue section 9 "Scope".
//!
//! A scope is applied to the path that was found or the key that signed, also where the certificates say nothing of the kind. What it limits and the
//! evidence does not have is outside: a bare key has no identity, no path and no names, a message signature no predicate type, and an artifact without a
//! package URL in canonical form fits no pattern of package URLs.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use stella_attest_model::{Artifact, Statement, Subject};
use stella_chain_verify::{Certificate, NameLimits, VerifiedChain};
use stella_trust_store::ledger::{PurlPattern, Scope};
use stella_trust_store::{TrustSnapshot, identity_fits};
use stella_vocabulary::Reason as _;
use stella_vocabulary::text::Bounded;

use crate::refused::{Refused, listed};

/// What is known about a signature.
pub(crate) struct Signature<'r> {
    pub(crate) snapshot: &'r TrustSnapshot,
    /// The path from the signer's certificate to the anchor; `None` for a bare key.
    pub(crate) chain: Option<&'r VerifiedChain>,
    /// The names in that certificate.
    pub(crate) identities: &'r [String],
    /// Who vouched for them.
    pub(crate) provider: Option<&'r str>,
    /// The scheme of the signature.
    pub(crate) algorithm: Option<&'r str>,
    /// What was signed; `None` for a message signature.
    pub(crate) statement: Option<&'r Statement>,
    /// What it is held against.
    pub(crate) artifact: Option<&'r Artifact>,
}

/// Judges `signature` by `scope`, which is that of `holder` (`anchor release-root`).
///
/// # Errors
/// The first limit that it does not keep, in a fixed order.
pub(crate) fn judge(scope: &Scope, holder: &str, signature: &Signature<'_>) -> Result<(), Box<Refused>> {
    let outside = |limit, found: String, expected: String| {
        Err(Box::new(Refused::OutOfScope { holder: holder.to_string(), limit, found, expected }))
    };
    if !scope.algorithms.is_empty() {
        let found = signature.algorithm.unwrap_or("an unknown algorithm");
        if !scope.algorithms.iter().any(|name| name == found) {
            return outside("algorithm", found.to_string(), listed(&scope.algorithms));
        }
    }
    if !scope.extended_key_usages.is_empty() {
        let usages = signature.chain.and_then(|chain| chain.leaf().extended_key_usages()).unwrap_or_default();
        if !scope.extended_key_usages.iter().any(|wanted| usages.contains(wanted)) {
            return outside("extended key usage", listed(&usages), listed(&scope.extended_key_usages));
        }
    }
    if !scope.identities.is_empty() {
        let fits = |name: &&String| scope.identities.iter().any(|pattern| identity_fits(pattern, name));
        // Whoever has a name within the scope could otherwise sign by any other name in the same certificate.
        let stranger = signature.identities.iter().find(|name| !fits(name));
        if stranger.is_some() || signature.identities.is_empty() {
            let found = stranger.map_or_else(|| listed(signature.identities), |name| shown(name));
            return outside("identity", found, listed(&scope.identities));
        }
    }
    if !scope.oidc_issuers.is_empty() {
        let fits = |found| scope.oidc_issuers.iter().any(|pattern| identity_fits(pattern, found));
        if !signature.provider.is_some_and(fits) {
            let found = signature.provider.map_or_else(|| "no issuer".to_string(), shown);
            return outside("identity issuer", found, listed(&scope.oidc_issuers));
        }
    }
    if let Some(longest) = scope.max_path_length {
        let Some(chain) = signature.chain else {
            return outside("path length", BARE_KEY.to_string(), format!("at most {longest}"));
        };
        let length = intermediates(chain);
        if u32::try_from(length).map_or(true, |length| length > longest) {
            return outside("path length", length.to_string(), format!("at most {longest}"));
        }
    }
    if !(scope.name_constraints_permitted.is_empty() && scope.name_constraints_excluded.is_empty()) {
        let Some(chain) = signature.chain else {
            return outside("name", BARE_KEY.to_string(), "a certificate whose names can be looked at".to_string());
        };
        let kept = match NameLimits::new(&scope.name_constraints_permitted, &scope.name_constraints_excluded) {
            Ok(limits) => limits.check(chain).map_err(|error| (error.found(), error.expected())),
            // A limit that cannot be read keeps everybody out.
            Err(error) => Err((error.found(), error.expected())),
        };
        if let Err((found, expected)) = kept {
            return outside("name", found.unwrap_or_default(), expected.unwrap_or_default());
        }
    }
    if !scope.predicate_types.is_empty() {
        let found = signature.statement.map_or("a message signature, which has none", Statement::predicate_type);
        if signature.statement.is_none() || !scope.predicate_types.iter().any(|wanted| wanted == found) {
            return outside("predicate type", shown(found), listed(&scope.predicate_types));
        }
    }
    judge_artifacts(scope, holder, signature)
}

/// What is found, where only certificates can keep a limit.
const BARE_KEY: &str = "none, since a key has no certificate";

/// Non-self-issued certificates between anchor and signer. RFC 5280 §4.2.1.9.
fn intermediates(chain: &VerifiedChain) -> usize {
    let between = chain.certificates().len().saturating_sub(2);
    chain.certificates().iter().skip(1).take(between).filter(|one: &&Certificate| !one.is_self_issued()).count()
}

/// Each artifact that the statement is taken to be about must fit a pattern, and no pattern of anybody else in the store may be more specific.
fn judge_artifacts(scope: &Scope, holder: &str, signature: &Signature<'_>) -> Result<(), Box<Refused>> {
    if scope.purl_patterns.is_empty() {
        return Ok(());
    }
    let outside = |found: String, expected: String| {
        Err(Box::new(Refused::OutOfScope { holder: holder.to_string(), limit: "artifact", found, expected }))
    };
    let patterns = || listed(&scope.purl_patterns.iter().map(ToString::to_string).collect::<alloc::vec::Vec<_>>());
    let Some(statement) = signature.statement else {
        return outside("a message signature, which names no artifact".to_string(), patterns());
    };
    let matched = signature.artifact.map(|artifact| statement.match_subject(artifact));
    let subjects = match matched {
        None => statement.subjects(),
        Some(Ok(index)) => statement.subjects().get(index..=index).unwrap_or_default(),
        Some(Err(_)) => &[],
    };
    if subjects.is_empty() {
        return outside("no subject that is the artifact".to_string(), patterns());
    }
    for subject in subjects {
        let Some(purl) = purl_of(subject) else {
            let name = subject.name().map_or_else(|| "a subject without a name".to_string(), shown);
            return outside(format!("{name}, which is no package URL"), patterns());
        };
        if !PurlPattern::is_canonical(purl) {
            return outside(format!("{}, which is no package URL in canonical form", shown(purl)), patterns());
        }
        let own = PurlPattern::most_specific(scope.purl_patterns.iter().map(|pattern| (pattern, ())), purl);
        let Some((own, ())) = own else { return outside(shown(purl), patterns()) };
        if let Some((claim, object)) = signature.snapshot.claim_on(purl)
            && claim.is_closer_than(own)
        {
            let whose = object.map_or_else(|| "another".to_string(), ToString::to_string);
            return outside(
                format!("{}, which fits {} of {whose} more closely", shown(purl), Bounded(claim.as_str(), 200)),
                patterns(),
            );
        }
    }
    Ok(())
}

/// A subject is known by a package URL if its name is one.
fn purl_of(subject: &Subject) -> Option<&str> {
    subject.name().filter(|name| name.starts_with("pkg:"))
}

fn shown(text: &str) -> String {
    Bounded(text, 200).to_string()
}
