//! Step 9: whether the certificate was issued to whom the policy names.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_trust_store::{IdentityFit, IssuerEntry, IssuerStanding};

use crate::check::CheckId;
use crate::considered;
use crate::identity::issuer;
use crate::policy::SignerRule;
use crate::refused::{Refused, listed};
use crate::remedy::About;
use crate::run::Run;
use crate::steps::path::SignerPath;
use crate::steps::window::outside_window;

const PATH: [CheckId; 7] = [
    CheckId::MaterialKey,
    CheckId::TimeTrusted,
    CheckId::ChainPath,
    CheckId::ChainValidity,
    CheckId::ChainPurpose,
    CheckId::ChainConstraints,
    CheckId::ChainSct,
];

/// Compares the certificate's names and issuer with the policy. Certificates only; for keys the policy is part of the signature check.
pub(crate) fn verify(run: &mut Run<'_>, leaf: Option<&Certificate>, path: Option<&SignerPath<'_>>) {
    let policy = &run.given.policy;
    if let SignerRule::Identity { identity } = &policy.signer {
        verify_subject(run, identity);
    }
    if let Some(expected) = &policy.issuer {
        verify_issuer(run, leaf, expected);
    }
    match (&policy.signer, &policy.issuer) {
        (SignerRule::Issuer { id }, _) => verify_issuer_of_store(run, Some(id)),
        (SignerRule::Trusted, _) => match path {
            Some(path) if path.is_public(run.given) => verify_issuer_of_store(run, None),
            _ => verify_authority(run, path),
        },
        (SignerRule::Identity { .. }, None) => verify_authority(run, path),
        (SignerRule::Identity { .. }, Some(_)) | (SignerRule::Anyone | SignerRule::Keys { .. }, _) => {}
    }
}

fn verify_subject(run: &mut Run<'_>, identity: &str) {
    let id = CheckId::IdentitySubject;
    if run.skipped(id, &PATH) {
        return;
    }
    if run.signer.identities.iter().any(|name| name == identity) {
        run.checks.pass(id, vec![("identity", identity.to_string().into())]);
    } else {
        let refused =
            Refused::IdentityMismatch { found: run.signer.identities.clone(), expected: identity.to_string() };
        run.checks.fail(id, &refused);
    }
}

fn verify_issuer(run: &mut Run<'_>, leaf: Option<&Certificate>, expected: &str) {
    let id = CheckId::IdentityIssuer;
    if run.skipped(id, &PATH) {
        return;
    }
    let found = leaf.and_then(issuer);
    if found.as_deref() == Some(expected) {
        run.checks.pass(id, vec![("issuer", expected.to_string().into())]);
    } else {
        run.checks.fail(id, &Refused::IssuerMismatch { found, expected: expected.to_string() });
    }
}

/// A private authority is trusted with whomever it certifies. A public one certifies anybody, so the policy has to say more.
fn verify_authority(run: &mut Run<'_>, path: Option<&SignerPath<'_>>) {
    let id = CheckId::PolicySigner;
    if run.skipped(id, &PATH) {
        return;
    }
    let Some(path) = path else { return };
    if path.is_public(run.given) {
        let refused =
            Refused::IssuerRequired { identities: run.signer.identities.clone(), issuer: run.signer.issuer.clone() };
        run.checks.fail(id, &refused);
    } else {
        run.checks.pass(id, vec![("anchor", path.anchor.clone().into())]);
    }
}

/// The identity must be one of a trusted issuer of the store: of the issuer with this id, if one is named.
fn verify_issuer_of_store(run: &mut Run<'_>, wanted: Option<&str>) {
    let id = CheckId::PolicySigner;
    if run.skipped(id, &PATH) {
        return;
    }
    run.considered.open.push(considered::ANY_ISSUER);
    let issuers = run.given.trust.snapshot.issuers();
    let fit = |issuer: &IssuerEntry| issuer.fit(&run.signer.identities, run.signer.issuer.as_deref());
    let candidates = || {
        let named = move |issuer: &IssuerEntry| wanted.is_none_or(|wanted| issuer.id().as_str() == wanted);
        issuers.iter().enumerate().filter(move |(_, issuer)| named(issuer))
    };
    let trusted = || candidates().filter(|(_, issuer)| issuer.standing() == IssuerStanding::Trusted);
    let own: Vec<(usize, &IssuerEntry)> = trusted().filter(|(_, issuer)| fit(issuer) == IdentityFit::Both).collect();
    if own.is_empty() {
        let mut about = None;
        let refused = match (wanted, candidates().find(|(_, issuer)| fit(issuer) == IdentityFit::Both)) {
            (_, Some((_, issuer))) => {
                about = Some(issuer.id().to_string());
                not_trusted(issuer)
            }
            (Some(wanted), None) => match candidates().next() {
                None => Refused::KeyNotApproved {
                    what: alloc::format!("issuer {wanted}"),
                    status: "not an issuer of the store".to_string(),
                },
                Some((_, issuer)) if issuer.standing() != IssuerStanding::Trusted => not_trusted(issuer),
                Some((_, issuer)) => somebody_else(run, &[issuer]),
            },
            (None, None) => somebody_else(run, &trusted().map(|(_, issuer)| issuer).collect::<Vec<_>>()),
        };
        run.about = About { issuer: about.or(wanted.map(ToString::to_string)), ..About::default() };
        run.checks.fail(id, &refused);
        return;
    }
    let (instants, proven) = (run.instants(), !run.times.is_empty());
    let within = |issuer: &IssuerEntry| {
        outside_window(|| alloc::format!("issuer {}", issuer.id()), issuer.window(), &instants, proven)
    };
    let holding: Vec<usize> =
        own.iter().filter(|(_, issuer)| within(issuer).is_ok()).map(|(position, _)| *position).collect();
    match own.iter().find_map(|(_, issuer)| within(issuer).err()) {
        Some(refused) if holding.is_empty() => run.checks.fail(id, refused.as_ref()),
        _ => {
            let names = holding.iter().filter_map(|position| issuers.get(*position));
            run.checks.pass(id, names.map(|issuer| ("issuer", issuer.id().to_string().into())).collect());
            run.issuers = holding;
        }
    }
}

fn not_trusted(issuer: &IssuerEntry) -> Refused {
    let status = issuer.standing().name().to_string();
    Refused::KeyNotApproved { what: alloc::format!("issuer {}", issuer.id()), status }
}

/// None of the trusted issuers is the signer: says what comes closest.
fn somebody_else(run: &Run<'_>, trusted: &[&IssuerEntry]) -> Refused {
    let fits = |wanted: IdentityFit| {
        trusted.iter().any(|issuer| issuer.fit(&run.signer.identities, run.signer.issuer.as_deref()) == wanted)
    };
    let pairs = || trusted.iter().flat_map(|issuer| issuer.identities());
    if fits(IdentityFit::OtherProvider) {
        let expected: Vec<String> = pairs().filter_map(|pair| pair.oidc_issuer.clone()).collect();
        return Refused::IssuerMismatch { found: run.signer.issuer.clone(), expected: listed(&expected) };
    }
    if trusted.is_empty() || fits(IdentityFit::ProviderNotSaid) {
        return Refused::IssuerRequired {
            identities: run.signer.identities.clone(),
            issuer: run.signer.issuer.clone(),
        };
    }
    let expected: Vec<String> = pairs().map(|pair| pair.identity.clone()).collect();
    Refused::IdentityMismatch { found: run.signer.identities.clone(), expected: listed(&expected) }
}
