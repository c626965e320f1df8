//! The question `verify cert-chain` asks: does a path lead from this certificate to a trusted authority, and if not, where does each break?

use std::path::Path;

use stella_attest_verify::{
    Certificate, FoundPaths, PathFinder, PathPurpose, Registry, TriedPath, TrustSnapshot, UnixTime,
};
use stella_chain_verify::{InitialPolicies, OcspResponse, Purpose, Revocation, RevocationList, UnknownStatus};
use stella_vocabulary::Code;

use crate::arguments::PathOptions;
use crate::complaint::Complaint;
use crate::input::{Inputs, Kind, name_of};

/// What a path is held to, beside trust and time.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// With the authorities to ask; `None` leaves it to the leaf.
    purpose: Option<(PathPurpose, Purpose)>,
    policies: Option<InitialPolicies>,
    revocation: Option<Revocation>,
}

impl Held {
    /// Reads what was said.
    pub(crate) fn of(said: &PathOptions, inputs: &Inputs) -> Result<Self, Complaint> {
        let policies = if said.policy_oid.is_empty() {
            None
        } else {
            let acceptable = InitialPolicies::acceptable(&said.policy_oid).ok_or_else(|| {
                let bad = said.policy_oid.iter().find(|oid| InitialPolicies::acceptable(&[oid]).is_none());
                Complaint::new(Code::ConfigInvalid, "this is no certificate policy")
                    .place("--policy-oid")
                    .found(bad.map_or("", String::as_str))
                    .expected("an object identifier, such as 2.23.140.1.4.1")
            })?;
            Some(acceptable.require_explicit())
        };
        Ok(Self {
            purpose: said.purpose.as_deref().map(purpose).transpose()?,
            policies,
            revocation: revocation(said, inputs)?,
        })
    }
}

fn purpose(text: &str) -> Result<(PathPurpose, Purpose), Complaint> {
    Ok(match text {
        "any" => (PathPurpose::Signer, Purpose::any()),
        "client-auth" => (PathPurpose::Signer, Purpose::client_auth()),
        "code-signing" => (PathPurpose::Signer, Purpose::code_signing()),
        "server-auth" => (PathPurpose::Signer, Purpose::server_auth()),
        "time-stamping" => (PathPurpose::Timestamp, Purpose::time_stamping()),
        oid => match Purpose::extended_key_usage(oid) {
            Some(purpose) => (PathPurpose::Signer, purpose),
            None => {
                return Err(Complaint::new(Code::ConfigInvalid, "this is no purpose")
                    .place("--purpose")
                    .found(text)
                    .expected("any, client-auth, code-signing, server-auth, time-stamping, or an object identifier"));
            }
        },
    })
}

fn revocation(said: &PathOptions, inputs: &Inputs) -> Result<Option<Revocation>, Complaint> {
    if said.crl.is_empty() && said.ocsp.is_empty() {
        return Ok(None);
    }
    let lists = said.crl.iter().map(|path| list(path, inputs)).collect::<Result<_, _>>()?;
    let responses = said.ocsp.iter().map(|path| response(path, inputs)).collect::<Result<_, _>>()?;
    let unknown = if said.allow_unknown_revocation { UnknownStatus::Allow } else { UnknownStatus::Deny };
    Ok(Some(Revocation::new(unknown).with_lists(lists).with_responses(responses)))
}

/// One list, in DER or PEM.
fn list(path: &Path, inputs: &Inputs) -> Result<RevocationList, Complaint> {
    const SEQUENCE: u8 = 0x30;
    let bytes = inputs.read(path, Kind::RevocationList)?;
    let list = if bytes.first() == Some(&SEQUENCE) {
        RevocationList::from_der(&bytes)
    } else {
        RevocationList::from_pem(&bytes)
    };
    list.map_err(|error| Complaint::of(&error, &name_of(path)))
}

fn response(path: &Path, inputs: &Inputs) -> Result<OcspResponse, Complaint> {
    let bytes = inputs.read(path, Kind::OcspResponse)?;
    OcspResponse::from_der(&bytes).map_err(|error| Complaint::of(&error, &name_of(path)))
}

/// What the leaf is meant for, as far as it says so itself.
pub(crate) fn purpose_of(leaf: &Certificate) -> PathPurpose {
    const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
    let usages = leaf.extended_key_usages().unwrap_or_default();
    if usages.iter().any(|usage| usage == TIME_STAMPING) { PathPurpose::Timestamp } else { PathPurpose::Signer }
}

/// Searches every authority of `trust` for a path from `leaf` that holds at each of `instants`. The accepted path is last, if there is one;
/// paths that say nothing beyond another one are left out.
pub(crate) fn search(
    registry: &Registry,
    trust: &TrustSnapshot,
    leaf: &Certificate,
    extra: &[Certificate],
    instants: &[UnixTime],
    held: &Held,
) -> FoundPaths {
    let mut finder = PathFinder::new(registry, trust);
    let mut purpose = purpose_of(leaf);
    if let Some((authorities, wanted)) = held.purpose {
        purpose = authorities;
        finder = finder.with_purpose(wanted);
    }
    if let Some(policies) = &held.policies {
        finder = finder.with_policies(policies.clone());
    }
    if let Some(revocation) = &held.revocation {
        finder = finder.with_revocation(revocation.clone());
    }
    let mut found = finder.find(leaf, extra, purpose, instants);
    tidy(&mut found.tried);
    found
}

/// Leaves out repetitions, and the leaf alone where a longer path was tried.
fn tidy(paths: &mut Vec<TriedPath>) {
    let longest = paths.iter().map(|path| path.certificates.len()).max().unwrap_or(0);
    let mut seen: Vec<Vec<String>> = Vec::new();
    paths.retain(|path| {
        let mut name: Vec<String> = path.certificates.iter().map(|certificate| certificate.fingerprint()).collect();
        name.extend(path.findings.iter().map(|finding| finding.code().to_string()));
        let alone = path.certificates.len() == 1 && longest > 1;
        let repeated = seen.contains(&name);
        seen.push(name);
        !alone && !repeated
    });
}
