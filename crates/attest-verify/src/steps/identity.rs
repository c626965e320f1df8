//! Step 9: whether the certificate was issued to whom the policy names.

use alloc::string::ToString;
use alloc::vec;

use stella_chain_verify::Certificate;

use crate::check::CheckId;
use crate::identity::issuer;
use crate::policy::SignerRule;
use crate::refused::Refused;
use crate::run::Run;
use crate::steps::path::SignerPath;

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
pub(crate) fn verify(run: &mut Run<'_>, leaf: Option<&Certificate>, path: Option<&SignerPath>) {
    let policy = &run.given.policy;
    if let SignerRule::Identity { identity } = &policy.signer {
        verify_subject(run, identity);
    }
    if let Some(expected) = &policy.issuer {
        verify_issuer(run, leaf, expected);
    }
    match (&policy.signer, &policy.issuer) {
        (SignerRule::Trusted, _) | (SignerRule::Identity { .. }, None) => verify_authority(run, path),
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
fn verify_authority(run: &mut Run<'_>, path: Option<&SignerPath>) {
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
