//! A test kit for providers: feature `kit`.
//!
//! [`examine`] runs a provider through published answers, good and bad ones, for each scheme it names; [`compare`] holds two providers against each
//! other on inputs that come out of those by changing them. Both go through a [`Registry`], as every verification does, so that the strictness above
//! the providers takes part. A provider that passes is one that gives the verdicts of all others here.
//!
//! ```
//! use std::sync::Arc;
//!
//! use stella_crypto_providers::{RustCrypto, kit};
//!
//! let examination = kit::examine(Arc::new(RustCrypto));
//! assert!(examination.passed(), "{examination}");
//! ```
//!
//! `examples/custom_provider.rs` is a provider of one's own, in under 60 lines.
//!
//! # Left to the caller
//! A provider that panics, or does not come back, takes its caller along: this crate has neither threads nor a clock.

mod examination;
mod vectors;

use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_vocabulary::Reason as _;

pub use self::examination::{Examination, Finding, SchemeExamination};
use self::vectors::{Vector, Verdict};
use crate::{CryptoError, Message, Provider, PublicKey, Registry, Scheme, VerifyingKey};

/// Runs a provider through the published answers for each of its schemes: valid signatures must be accepted, whole and in parts and as a digest where
/// the scheme has one; all others refused.
#[must_use]
pub fn examine(provider: Arc<dyn Provider>) -> Examination {
    let mut examination = Examination::of(&*provider);
    let schemes = provider.schemes().to_vec();
    let registry = match registry_of(provider) {
        Ok(registry) => registry,
        Err(finding) => return examination.with_finding(finding),
    };
    for scheme in schemes {
        examination.schemes.push(examine_scheme(&registry, scheme));
    }
    examination
}

/// Holds two providers against each other, for the schemes that both have: the published answers, and each valid one with a bit changed at every
/// eighth place of the signature and in the message. `left` is the one examined.
#[must_use]
pub fn compare(left: Arc<dyn Provider>, right: Arc<dyn Provider>) -> Examination {
    let mut examination = Examination::of(&*left);
    let schemes: Vec<Scheme> =
        left.schemes().iter().copied().filter(|scheme| right.schemes().contains(scheme)).collect();
    let other = right.name().to_string();
    let (left, right) = match (registry_of(left), registry_of(right)) {
        (Ok(left), Ok(right)) => (left, right),
        (Err(finding), _) | (_, Err(finding)) => return examination.with_finding(finding),
    };
    for scheme in schemes {
        let mut of_scheme = SchemeExamination::of(scheme);
        for vector in vectors::of(scheme) {
            let (Ok(first), Ok(second)) = (prepared(&left, &vector), prepared(&right, &vector)) else {
                of_scheme.findings.push(Finding::new(&vector, "both make the key ready", "one of them does not"));
                continue;
            };
            for (message, signature) in inputs(&vector) {
                let ask = |key: &VerifyingKey| verify(key, &[&message], &signature, &vector);
                let (ours, theirs) = (ask(&first), ask(&second));
                of_scheme.count(ours.is_ok());
                if ours.is_ok() != theirs.is_ok() {
                    let expected = format!("as {other}: {}", outcome(&theirs));
                    of_scheme.findings.push(Finding::new(&vector, expected, outcome(&ours)));
                }
            }
        }
        examination.schemes.push(of_scheme);
    }
    examination
}

fn registry_of(provider: Arc<dyn Provider>) -> Result<Registry, Finding> {
    let name = provider.name().to_string();
    let mut registry = Registry::empty();
    match registry.register(provider) {
        Ok(()) => Ok(registry),
        Err(error) => Err(Finding::of_provider(&name, "can be registered", error.to_string())),
    }
}

fn examine_scheme(registry: &Registry, scheme: Scheme) -> SchemeExamination {
    let mut of_scheme = SchemeExamination::of(scheme);
    for vector in vectors::of(scheme) {
        let key = match prepared(registry, &vector) {
            Ok(key) => key,
            Err(error) => {
                of_scheme.findings.push(Finding::new(&vector, "the key is made ready", error.to_string()));
                continue;
            }
        };
        let middle = vector.message.len() / 2;
        let (head, tail) = vector.message.split_at(middle);
        let mut verdicts = Vec::from([
            ("the message", verify(&key, &[&vector.message], &vector.signature, &vector)),
            ("the message in parts", verify(&key, &[head, &[], tail], &vector.signature, &vector)),
        ]);
        if let Some(hash) = scheme.hash() {
            let digest = hash.hash(&[&vector.message]);
            let prehashed = Message::Prehashed { hash, digest: digest.as_ref() };
            let verdict = key.verify(prehashed, &vector.signature, vector.encoding);
            verdicts.push(("its digest", verdict.map_err(|error| error.code().as_str())));
        }
        for (form, verdict) in verdicts {
            of_scheme.count(verdict.is_ok());
            let expected = match vector.verdict {
                Verdict::Valid => "accepted",
                Verdict::Invalid => "refused",
            };
            let right = match (vector.verdict, &verdict) {
                (Verdict::Valid, Ok(())) => true,
                // `crypto.provider_failed` says that the provider broke, which is no refusal.
                (Verdict::Invalid, Err(code)) => code.starts_with("sig."),
                (Verdict::Valid, Err(_)) | (Verdict::Invalid, Ok(())) => false,
            };
            if !right {
                of_scheme.findings.push(Finding::new(&vector, format!("{form} is {expected}"), outcome(&verdict)));
            }
        }
    }
    of_scheme
}

fn prepared(registry: &Registry, vector: &Vector) -> Result<VerifyingKey, CryptoError> {
    registry.prepare(vector.scheme, &vector.key)
}

fn verify(key: &VerifyingKey, parts: &[&[u8]], signature: &[u8], vector: &Vector) -> Result<(), &'static str> {
    key.verify(Message::Parts(parts), signature, vector.encoding).map_err(|error| error.code().as_str())
}

/// The published input, and if it is a valid one its changed forms.
fn inputs(vector: &Vector) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut inputs = Vec::from([(vector.message.clone(), vector.signature.clone())]);
    if vector.verdict == Verdict::Valid {
        for place in (0..vector.signature.len()).step_by(8) {
            let mut changed = vector.signature.clone();
            if let Some(byte) = changed.get_mut(place) {
                *byte ^= 1;
            }
            inputs.push((vector.message.clone(), changed));
        }
        let mut longer = vector.message.clone();
        longer.push(0);
        inputs.push((longer, vector.signature.clone()));
    }
    inputs
}

fn outcome(verdict: &Result<(), &'static str>) -> &'static str {
    match verdict {
        Ok(()) => "accepted",
        Err(code) => code,
    }
}

/// Reads the key of a vector; all of them are good ones.
fn read_key(der: &[u8]) -> Option<PublicKey> {
    PublicKey::from_spki_der(der).ok()
}
