//! Less evidence or less trust never helps, and neither does junk.

use stella_attest_verify::{Policy, Status, TrustSnapshot, Verdict};
use stella_testkit::bundle::{Bundle, Version};
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::Evidence;
use stella_testkit::trusted_root::TrustedRoot;
use stella_testkit::tsa::Token;

use crate::world::*;

const ALL: [Evidence; 4] = [Evidence::InclusionProof, Evidence::Promise, Evidence::Sct, Evidence::Timestamp];

/// Every subset of the evidence.
fn subsets() -> impl Iterator<Item = Vec<Evidence>> {
    (0..1_u8 << ALL.len())
        .map(|mask| ALL.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1).map(|(_, one)| *one).collect())
}

fn sign(evidence: &[Evidence]) -> Bundle {
    // Version 0.1 may bring a promise without a proof, so every subset is a document.
    sigstore().ceremony().version(Version::V01).evidence(evidence).sign_statement(&statement())
}

/// A bundle of version 0.1 without a promise is no document.
fn is_document(evidence: &[Evidence]) -> bool {
    evidence.contains(&Evidence::Promise) || !evidence.contains(&Evidence::InclusionProof)
}

#[test]
fn a_policy_is_met_by_exactly_the_evidence_that_it_asks_for() {
    for evidence in subsets().filter(|evidence| is_document(evidence)) {
        let bundle = sign(&evidence);
        let has = |one| evidence.contains(&one);
        let times = u8::from(has(Evidence::Promise)) + u8::from(has(Evidence::Timestamp));
        let logged = has(Evidence::Promise) || has(Evidence::InclusionProof);
        let judge = |policy: Policy| Case::sigstore().policy(policy).judge(&bundle).verdict() == Verdict::Verified;

        assert_eq!(judge(sigstore_policy()), has(Evidence::Sct) && logged && times >= 1, "{evidence:?}");
        assert_eq!(
            judge(sigstore_policy().trusted_times(2)),
            has(Evidence::Sct) && logged && times >= 2,
            "{evidence:?}"
        );
        assert_eq!(judge(sigstore_policy().danger_without_log()), has(Evidence::Sct) && times >= 1, "{evidence:?}");
        assert_eq!(
            judge(sigstore_policy().danger_without_certificate_timestamp()),
            logged && times >= 1,
            "{evidence:?}"
        );
        assert!(!judge(sigstore_policy().logs(2)), "{evidence:?}");
    }
}

#[test]
fn taking_one_piece_of_evidence_away_never_turns_a_refusal_into_acceptance() {
    let policies = [
        sigstore_policy(),
        sigstore_policy().logs(1).trusted_times(2).certificate_timestamps(1),
        sigstore_policy().danger_without_log(),
        Policy::require_signer("https://ci.example/other").issued_by("https://other.example"),
    ];
    for policy in policies {
        for evidence in subsets().filter(|evidence| is_document(evidence)) {
            let accepted = |evidence: &[Evidence]| {
                Case::sigstore().policy(policy.clone()).judge(&sign(evidence)).verdict() == Verdict::Verified
            };
            if accepted(&evidence) {
                continue;
            }
            for removed in 0..evidence.len() {
                let mut less = evidence.clone();
                less.remove(removed);
                assert!(!is_document(&less) || !accepted(&less), "{evidence:?} refused, {less:?} accepted");
            }
        }
    }
}

type Change = fn(&mut Bundle);

/// Ways to add evidence that is worth nothing.
fn junk() -> [(&'static str, Change); 7] {
    [
        ("token of a stranger", |bundle| {
            bundle.timestamps.push(other_sigstore().tsa().respond(&Token::new(bundle.signature(), signed_at())));
        }),
        ("token over something else", |bundle| {
            bundle.timestamps.push(sigstore().tsa().respond(&Token::new(b"something else", signed_at())));
        }),
        ("no token at all", |bundle| bundle.timestamps.push(vec![0x30, 0])),
        ("entry of a stranger", |bundle| {
            bundle.entries.extend(other_sigstore().ceremony().sign_statement(&statement()).entries);
        }),
        ("genuine entry of something else", |bundle| {
            bundle.entries.extend(sigstore().ceremony().sign_artifact(b"something else").entries);
        }),
        ("entry with a broken promise", |bundle| {
            let mut entry = sign(&ALL).entries.remove(0);
            flip(entry.promise.as_mut().unwrap(), 20);
            bundle.entries.push(entry);
        }),
        ("entry with a broken proof", |bundle| {
            let mut entry = sign(&ALL).entries.remove(0);
            flip(&mut entry.proof.as_mut().unwrap().hashes[0], 0);
            bundle.entries.push(entry);
        }),
    ]
}

#[test]
fn junk_never_helps() {
    for evidence in subsets().filter(|evidence| is_document(evidence)) {
        for (name, add) in junk() {
            let mut bundle = sign(&evidence);
            add(&mut bundle);
            for policy in [sigstore_policy(), sigstore_policy().logs(2), sigstore_policy().trusted_times(2)] {
                let report = Case::sigstore().policy(policy).judge(&bundle);
                assert_eq!(report.verdict(), Verdict::Rejected, "{evidence:?} with {name}: {report}");
            }
        }
    }
}

#[test]
fn the_same_evidence_twice_changes_no_verdict() {
    for evidence in subsets().filter(|evidence| is_document(evidence)) {
        let once = sign(&evidence);
        let mut twice = once.clone();
        twice.entries.extend(once.entries.iter().cloned());
        twice.timestamps.extend(once.timestamps.iter().cloned());
        for policy in [sigstore_policy(), sigstore_policy().logs(2), sigstore_policy().trusted_times(2)] {
            let judge = |bundle: &Bundle| Case::sigstore().policy(policy.clone()).judge(bundle);
            let (first, second) = (judge(&once), judge(&twice));
            assert_eq!((first.verdict(), first.code()), (second.verdict(), second.code()), "{evidence:?}");
        }
    }
}

/// The trusted root with one entry less, for each of its entries.
fn with_one_less(root: &TrustedRoot) -> Vec<TrustedRoot> {
    let mut all = Vec::new();
    let lists: [fn(&mut TrustedRoot) -> &mut Vec<stella_testkit::json::Value>; 4] = [
        |root| &mut root.certificate_authorities,
        |root| &mut root.ct_logs,
        |root| &mut root.timestamp_authorities,
        |root| &mut root.logs,
    ];
    for list in lists {
        for index in 0..list(&mut root.clone()).len() {
            let mut less = root.clone();
            list(&mut less).remove(index);
            all.push(less);
        }
    }
    all
}

/// With requirements said aloud: as published, a root that lists no log asks for none.
fn demanding() -> Policy {
    sigstore_policy().logs(1).trusted_times(1).certificate_timestamps(1)
}

#[test]
fn taking_trust_away_never_turns_a_refusal_into_acceptance() {
    let mut full = sigstore().trusted_root();
    let other = other_sigstore().trusted_root();
    full.certificate_authorities.extend(other.certificate_authorities);
    full.ct_logs.extend(other.ct_logs);
    full.logs.extend(other.logs);
    full.timestamp_authorities.extend(other.timestamp_authorities);
    let mut bundles: Vec<Bundle> = subsets().filter(|evidence| is_document(evidence)).map(|one| sign(&one)).collect();
    for (_, add) in junk() {
        let mut bundle = sign(&ALL);
        add(&mut bundle);
        bundles.push(bundle);
    }
    for bundle in bundles {
        let verdict = |root: &TrustedRoot| Case::root(root).policy(demanding()).judge(&bundle).verdict();
        let before = verdict(&full);
        for less in with_one_less(&full) {
            let after = verdict(&less);
            assert!(before == Verdict::Verified || after != Verdict::Verified, "{}", bundle.to_json());
            for least in with_one_less(&less) {
                assert!(after == Verdict::Verified || verdict(&least) != Verdict::Verified, "{}", bundle.to_json());
            }
        }
    }
}

#[test]
fn taking_a_whole_trusted_root_away_never_turns_a_refusal_into_acceptance() {
    // Copies of one instance that know different logs and clocks, and another instance.
    let (full, other) = (sigstore().trusted_root(), other_sigstore().trusted_root());
    let logs_of_others = TrustedRoot { logs: other.logs.clone(), ct_logs: other.ct_logs.clone(), ..full.clone() };
    let clocks_of_others = TrustedRoot { timestamp_authorities: other.timestamp_authorities.clone(), ..full.clone() };
    let roots = [other, logs_of_others, clocks_of_others, full];
    let mut bundles: Vec<Bundle> = subsets().filter(|evidence| is_document(evidence)).map(|one| sign(&one)).collect();
    for (_, add) in junk() {
        let mut bundle = sign(&ALL);
        add(&mut bundle);
        bundles.push(bundle);
    }
    for bundle in &bundles {
        let accepted: Vec<bool> = (0..1_u8 << roots.len())
            .map(|mask| {
                let trusted = roots.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
                let trust = trusted.fold(TrustSnapshot::builder(), |builder, (_, root)| {
                    builder.trusted_root(root.to_json().as_bytes()).unwrap()
                });
                let case = Case::trusting(trust.build().unwrap()).policy(demanding());
                case.judge(bundle).verdict() == Verdict::Verified
            })
            .collect();
        for (mask, less) in
            (0..accepted.len()).flat_map(|mask| (0..roots.len()).map(move |bit| (mask, mask & !(1 << bit))))
        {
            assert!(accepted[mask] || !accepted[less], "{mask:04b} refused, {less:04b} accepted: {}", bundle.to_json());
        }
    }
}

#[test]
fn taking_keys_away_never_turns_a_refusal_into_acceptance() {
    let keys: Vec<TestKey> = (0..4).map(|number| TestKey::ed25519(&format!("signer {number}"))).collect();
    let ids = || keys.iter().map(|key| key.public_key().key_id());
    for signed in 0..1_u8 << 4 {
        let chosen =
            |mask: u8| keys.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1).map(|(_, key)| key);
        if signed == 0 {
            continue;
        }
        let envelope = chosen(signed).fold(unsigned(), |envelope, key| envelope.signed_by(key));
        for threshold in 1..=4_u32 {
            for trusted in 0..1_u8 << 4 {
                let policy = Policy::require_keys(threshold as usize, ids()).unwrap();
                let case = Case::keys(&chosen(trusted).collect::<Vec<_>>()).policy(policy);
                let accepted = case.judge_envelope(&envelope).verdict() == Verdict::Verified;
                assert_eq!(
                    accepted,
                    (signed & trusted).count_ones() >= threshold,
                    "{signed:04b} {trusted:04b} {threshold}"
                );
            }
        }
    }
}

#[test]
fn a_fault_in_any_one_place_is_found_whatever_else_holds() {
    let changes: [Change; 6] = [
        |bundle| flip(&mut envelope_mut(bundle).payload, 20),
        |bundle| envelope_mut(bundle).payload_type.push('x'),
        |bundle| flip(&mut envelope_mut(bundle).signatures[0].sig, 20),
        |bundle| bundle.entries[0].log_index += 1,
        |bundle| flip(&mut bundle.entries[0].body, 20),
        |bundle| {
            let last = bundle.timestamps[0].len() - 1;
            flip(&mut bundle.timestamps[0], last);
        },
    ];
    for change in changes {
        let mut bundle = sign(&ALL);
        change(&mut bundle);
        let report = Case::sigstore().policy(Policy::danger_any_signer().danger_without_log()).judge(&bundle);
        assert_eq!(report.verdict(), Verdict::Rejected);
        assert!(report.checks().iter().any(|check| check.status() == Status::Fail));
    }
}
