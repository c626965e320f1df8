//! A memo changes nothing in a report but the member that tells of it, over real bundles of all kinds and damaged copies of them.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use stella_attest_verify::{
    Artifact, Attestation, Binding, Digest, Policy, Registry, Remembered, Report, TrustSnapshot, UnixTime, Verdict,
    Verifier,
};
use stella_crypto_providers::{Memo, MemoKey};

#[derive(Default)]
struct Kept(Mutex<BTreeSet<MemoKey>>);

impl Memo for Kept {
    fn recall(&self, key: &MemoKey) -> bool {
        self.0.lock().unwrap().contains(key)
    }

    fn remember(&self, key: &MemoKey) {
        self.0.lock().unwrap().insert(*key);
    }
}

/// A bundle with what its publishers say about it.
struct Case {
    bundle: Vec<u8>,
    binding: Binding,
    policy: Policy,
    root: String,
}

fn testdata(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(path)).unwrap()
}

fn cases() -> Vec<Case> {
    let cases: serde_json::Value = serde_json::from_slice(&testdata("sigstore-bundles/cases.json")).unwrap();
    let text = |case: &serde_json::Value, name: &str| case[name].as_str().map(str::to_owned);
    let cases = cases.as_array().unwrap().iter().filter_map(|case| {
        let digests = ["sha256", "sha512"].into_iter().filter_map(|name| {
            let digest = text(case, &format!("artifact_{name}"))?;
            format!("{name}:{digest}").parse::<Digest>().ok()
        });
        Some(Case {
            bundle: testdata(&format!("sigstore-bundles/{}", text(case, "bundle")?)),
            binding: Artifact::from_digests(digests).map_or(Binding::SubjectsAsListed, Binding::Artifact),
            policy: Policy::require_signer(text(case, "certificate_identity")?).issued_by(text(case, "oidc_issuer")?),
            root: text(case, "trusted_root")?,
        })
    });
    cases.collect()
}

/// The report without the member that tells of the memo.
fn without_remembered(report: &Report) -> String {
    let json = report.to_json();
    match json.rfind(",\"remembered\":{") {
        Some(start) if report.remembered().is_some() => format!("{}}}", &json[..start]),
        _ => json,
    }
}

#[test]
fn reports_are_the_same_with_a_memo_and_without() {
    let at = UnixTime::parse_rfc3339("2026-11-23T00:00:00Z").unwrap();
    let memo = Arc::new(Kept::default());
    let (plain, remembering) = (Registry::rustcrypto(), Registry::rustcrypto().with_memo(memo.clone()));
    let mut roots: BTreeMap<String, TrustSnapshot> = BTreeMap::new();
    let (mut verified, mut refused) = (0, 0);
    for case in cases() {
        let trust = roots.entry(case.root.clone()).or_insert_with(|| {
            let json = testdata(&format!("sigstore-trust/{}", case.root));
            TrustSnapshot::builder().trusted_root(&json).unwrap().build().unwrap()
        });
        let judge = |registry: &Registry, attestation: &Attestation| {
            Verifier::new(registry, trust, case.policy.clone()).verify(attestation, &case.binding, at)
        };
        let Ok(attestation) = Attestation::from_json(&case.bundle) else { continue };
        let expected = judge(&plain, &attestation);
        assert_eq!(expected.remembered(), None);
        for _ in 0..2 {
            assert_eq!(without_remembered(&judge(&remembering, &attestation)), expected.to_json());
        }
        if expected.verdict() == Verdict::Verified {
            verified += 1;
            let again = judge(&remembering, &attestation).remembered().unwrap();
            assert!(again.of >= 3, "envelope or message, and a path: {again:?}");
            assert_eq!(again, Remembered { signatures: again.of, of: again.of });
        }
        // What is damaged is refused as if nothing had ever been remembered.
        let text = String::from_utf8(case.bundle.clone()).unwrap();
        for name in
            ["\"sig\"", "\"signature\"", "\"payload\"", "\"signedEntryTimestamp\"", "\"rawBytes\"", "\"checkpoint\""]
        {
            let Some(start) =
                text.find(name).and_then(|at| Some(at + name.len() + text[at + name.len()..].find('"')? + 9))
            else {
                continue;
            };
            let mut damaged = case.bundle.clone();
            damaged[start] = if damaged[start] == b'A' { b'B' } else { b'A' };
            let Ok(attestation) = Attestation::from_json(&damaged) else { continue };
            let expected = judge(&plain, &attestation);
            refused += usize::from(expected.verdict() != Verdict::Verified);
            assert_eq!(without_remembered(&judge(&remembering, &attestation)), expected.to_json(), "{name}");
        }
    }
    assert!(verified >= 50, "{verified}");
    assert!(refused >= 100, "{refused}");
}

#[test]
fn the_first_verification_computes_and_says_so() {
    let at = UnixTime::parse_rfc3339("2026-11-23T00:00:00Z").unwrap();
    let registry = Registry::rustcrypto().with_memo(Arc::new(Kept::default()));
    let example = |path: &str| {
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/private-pki").join(path)).unwrap()
    };
    let pem = |path: &str| stella_attest_verify::Certificate::from_pem(&example(path)).unwrap();
    let trust = TrustSnapshot::builder().anchor(pem("root.pem")).intermediate(pem("intermediate.pem")).build().unwrap();
    let attestation = Attestation::from_json(&example("attestation.json")).unwrap();
    let judge = || {
        let policy = Policy::require_signer("https://ci.example/builder");
        let report = Verifier::new(&registry, &trust, policy).verify(&attestation, &Binding::SubjectsAsListed, at);
        (report.remembered().unwrap(), report.to_json())
    };
    // The envelope, the leaf and the intermediate.
    let (first, json) = judge();
    assert_eq!(first, Remembered { signatures: 0, of: 3 });
    assert!(json.ends_with(r#","remembered":{"signatures":0,"of":3}}"#), "{json}");
    assert_eq!(judge().0, Remembered { signatures: 3, of: 3 });
}
