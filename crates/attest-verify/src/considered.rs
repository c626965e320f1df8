//! What of the trust an outcome depended on: named, so that it can be kept beside the outcome and held against a change of trust.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::{Certificate, Name, VerifiedChain};
use stella_crypto_providers::KeyId;
use stella_trust_store::ledger::Id;
use stella_vocabulary::hex::Hex;

use crate::report::{PathPurpose, Report, TimeSource, Verdict};

/// Everything: the outcome may change with anything.
pub(crate) const ANYTHING: &str = "*";
/// Every key.
pub(crate) const ANY_KEY: &str = "key/*";
/// Every issuer.
pub(crate) const ANY_ISSUER: &str = "issuer/*";
/// Every time-stamping authority.
pub(crate) const ANY_AUTHORITY: &str = "authority/*";
/// More than a few keys were tried, so that others may use up the limit.
pub(crate) const MANY_KEYS: &str = "limit/keys";
/// More than a few signatures of certificates were verified, likewise.
pub(crate) const MANY_PATHS: &str = "limit/paths";

pub(crate) fn anchor(certificate: &Certificate) -> String {
    format!("anchor/sha256:{}", Hex(&certificate.fingerprint()))
}

pub(crate) fn intermediate(certificate: &Certificate) -> String {
    format!("intermediate/sha256:{}", Hex(&certificate.fingerprint()))
}

pub(crate) fn key(id: KeyId) -> String {
    format!("key/{id}")
}

/// A certificate whose key cannot be read is in no path.
pub(crate) fn key_of(certificate: &Certificate) -> Option<String> {
    certificate.public_key().ok().map(|public| key(public.key_id()))
}

pub(crate) fn issuer(id: &Id) -> String {
    format!("issuer/{id}")
}

pub(crate) fn log(log_id: &[u8]) -> String {
    match log_id.len() {
        32 => format!("log/sha256:{}", Hex(log_id)),
        _ => format!("log/{}", Hex(log_id)),
    }
}

pub(crate) fn authority(name: &str) -> String {
    format!("authority/{name}")
}

/// Where an issuer is looked for. Names that match are one.
pub(crate) fn name(name: &Name) -> String {
    format!("name/sha256:{}", Hex(name.digest()))
}

/// How many keys may be tried without it being more than a few.
pub(crate) const FEW_KEYS: usize = 64;

/// What one verification looked at, noted on the way.
#[derive(Debug, Default)]
pub(crate) struct Considered {
    /// The certificates that the attestation brings.
    pub(crate) certificates: Vec<Certificate>,
    /// The path of the signer that was judged.
    pub(crate) chain: Option<VerifiedChain>,
    /// The keys that signed, and whose they are.
    pub(crate) keys: Vec<(KeyId, Option<Id>)>,
    /// The issuers of the store that the signer is.
    pub(crate) issuers: Vec<Id>,
    /// The ids of the logs that entries name.
    pub(crate) logs: Vec<Vec<u8>>,
    /// Whatever else a refusal depends on, and which limits were neared.
    pub(crate) open: Vec<&'static str>,
}

/// As [`Report::dependencies`] says.
pub(crate) fn dependencies(report: &Report) -> Vec<String> {
    let considered = &report.considered;
    let mut all = BTreeSet::new();
    let is_given = |one: &Certificate| considered.certificates.iter().any(|given| given.der() == one.der());
    if let Some(chain) = &considered.chain {
        all.insert(anchor(chain.anchor()));
        all.extend(chain.certificates().iter().filter_map(key_of));
        let below = chain.certificates().split_last().map_or(&[][..], |(_, below)| below);
        all.extend(below.iter().skip(1).filter(|one| !is_given(one)).map(intermediate));
    }
    // An old bundle may repeat its root, if that is an anchor.
    all.extend(considered.certificates.iter().skip(1).filter(|one| one.is_self_issued()).map(anchor));
    all.extend(considered.certificates.iter().map(|given| name(given.issuer())));
    for (id, owner) in &considered.keys {
        all.insert(key(*id));
        all.extend(owner.iter().map(issuer));
    }
    all.extend(considered.issuers.iter().map(issuer));
    all.extend(considered.logs.iter().map(|id| log(id)));
    let tokens = report.trusted_times.iter().filter(|time| time.source() == TimeSource::Timestamp);
    all.extend(tokens.map(|time| authority(time.name())));
    let clocks = report.paths.iter().filter(|path| path.purpose == PathPurpose::Timestamp && path.anchor.is_some());
    all.extend(clocks.flat_map(|path| &path.certificates).filter_map(|certificate| key_of(&certificate.0)));

    let verdict = report.verdict();
    let limits = |open: &&str| verdict != Verdict::Verified || [MANY_KEYS, MANY_PATHS].contains(open);
    all.extend(considered.open.iter().copied().filter(limits).map(ToString::to_string));
    if verdict != Verdict::Verified {
        all.extend(considered.certificates.iter().filter_map(key_of));
        all.extend(considered.certificates.first().map(|leaf| name(leaf.subject())));
        let tried = report.paths.iter().filter(|path| path.purpose == PathPurpose::Signer);
        for certificate in tried.flat_map(|path| &path.certificates).map(|certificate| &certificate.0) {
            if !is_given(certificate) {
                all.insert(if certificate.is_self_issued() { anchor(certificate) } else { intermediate(certificate) });
            }
        }
    }
    if verdict == Verdict::Indeterminate {
        all.insert(ANYTHING.to_string());
    }
    all.into_iter().collect()
}
