//! Rekor entries of published bundles: promise, inclusion and checkpoint, and what one change does to each.
#![allow(clippy::unwrap_used)]

mod common;

use common::entries::*;
use serde_json::{Value, json};
use stella_attest_model::Attestation;
use stella_crypto_providers::Registry;
use stella_transparency::rekor::EntryKind;
use stella_transparency::{EntryPart, LogError, LogSet};
use stella_vocabulary::{Code, Reason, UnixTime, Window, base64};

#[test]
fn entries_of_good_bundles_verify_and_belong_to_them() {
    for (name, kind) in [
        ("happy-path-v0.1", EntryKind::HashedRekordV001),
        (V1, EntryKind::HashedRekordV001),
        ("happy-path-intoto-in-dsse-v3", EntryKind::DsseV001),
        ("trust-root-tlog-validity-end-inclusive", EntryKind::HashedRekordV001),
        ("managed-key-happy-path", EntryKind::HashedRekordV001),
        // Fails elsewhere: the time of the promise is outside the certificate's validity.
        ("intoto-set-outside-signing-cert-validity_fail", EntryKind::IntotoV002),
        ("rekor2-dsse-happy-path", EntryKind::HashedRekordV002),
        (V2, EntryKind::HashedRekordV002),
        ("rekor2-checkpoint-origin-not-first", EntryKind::HashedRekordV002),
        ("rekor2-checkpoint-two-sigs-from-origin", EntryKind::HashedRekordV002),
    ] {
        let attestation = read(&bundle(name));
        let entry = entry(&attestation);
        assert_eq!(bind(&attestation).unwrap(), kind, "{name}");
        if entry.inclusion_promise().is_some() {
            let promise = trusted().verify_promise(entry).unwrap();
            assert_eq!(Some(promise.integrated_time.seconds()), entry.integrated_time(), "{name}");
        }
        if let Some(proof) = entry.inclusion_proof() {
            let inclusion = trusted().verify_inclusion(entry).unwrap();
            assert_eq!((inclusion.tree_size, &inclusion.root), (proof.tree_size(), proof.root_hash()), "{name}");
            assert_eq!(inclusion.leaf_index, proof.log_index(), "{name}");
        }
    }
}

#[test]
fn published_bad_bundles_fail_with_their_reason() {
    for (name, expected) in [
        ("rekor2-checkpoint-missing-log-signature_fail", Code::TlogCheckpointSignatureInvalid),
        ("rekor2-checkpoint-missing-size_fail", Code::TlogCheckpointMalformed),
        ("rekor2-checkpoint-no-matching-signature_fail", Code::TlogOriginMismatch),
        ("checkpoint-bad-keyhint_fail", Code::TlogCheckpointSignatureInvalid),
        ("invalid-checkpoint-signature_fail", Code::TlogCheckpointSignatureInvalid),
        ("inclusion-proof-corrupted-hash_fail", Code::TlogInclusionProofInvalid),
    ] {
        let attestation = read(&bundle(name));
        assert_eq!(inclusion(&attestation), Some(expected), "{name}");
        assert!(bind(&attestation).is_ok(), "{name}");
    }
    assert_eq!(promise(&read(&bundle("set-invalid-signature_fail"))), Some(Code::TlogSetInvalid));
    for (name, expected) in [
        ("wrong-hashedrekord-artifact_fail", EntryPart::Digest),
        ("rekor2-dsse-mismatch-sig_fail", EntryPart::Signature),
        ("dsse-mismatch-envelope_fail", EntryPart::Digest),
        ("incorrect-public-key_fail", EntryPart::Key),
    ] {
        let error = bind(&read(&bundle(name))).unwrap_err();
        assert_eq!(error.code(), Code::TlogEntryMismatch, "{name}");
        assert_eq!(part(error), expected, "{name}");
    }
}

#[test]
fn a_promise_covers_time_index_log_and_body() {
    let invalid = Some(Code::TlogSetInvalid);
    let changed = |member: &str, value: Value| promise(&with(V1, |entry| entry[member] = value));
    let original = bundle(V1)["verificationMaterial"]["tlogEntries"][0].clone();
    let number = |member: &str| original[member].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(changed("integratedTime", json!(original["integratedTime"])), None);
    assert_eq!(changed("integratedTime", json!((number("integratedTime") + 1).to_string())), invalid);
    assert_eq!(changed("logIndex", json!((number("logIndex") + 1).to_string())), invalid);
    assert_eq!(changed("logIndex", json!("9007199254740992")), invalid);
    assert_eq!(changed("logId", json!({"keyId": base64::encode(&[1; 32])})), Some(Code::TlogLogUnknown));
    let other = bundle("happy-path-v0.1")["verificationMaterial"]["tlogEntries"][0]["canonicalizedBody"].clone();
    assert_eq!(changed("canonicalizedBody", other), invalid);
}

#[test]
fn an_entry_without_promise_or_proof_has_neither() {
    let attestation = read(&bundle(V2));
    let refusal = trusted().verify_promise(entry(&attestation)).unwrap_err();
    assert!(matches!(refusal, LogError::PromiseMissing));
    let attestation = with("happy-path-v0.1", |entry| {
        entry.as_object_mut().unwrap().remove("inclusionProof");
    });
    let refusal = trusted().verify_inclusion(entry(&attestation)).unwrap_err();
    assert!(matches!(refusal, LogError::InclusionProofMissing));
    assert_eq!(promise(&attestation), None);
}

#[test]
fn the_window_of_a_log_holds_its_first_and_last_second_and_no_other() {
    let attestation = read(&bundle(V1));
    let time = entry(&attestation).integrated_time().unwrap();
    let judge = |from: i64, until: i64| {
        let window = Window::closed(Some(UnixTime::from_seconds(from)), Some(UnixTime::from_seconds(until)));
        let set = LogSet::new(&Registry::rustcrypto(), logs(|_| window));
        let promise = set.verify_promise(entry(&attestation)).map(|_| ());
        let inclusion = set.verify_inclusion(entry(&attestation)).map(|_| ());
        assert_eq!(promise.is_ok(), inclusion.is_ok());
        promise
    };
    assert!(judge(time, time).is_ok());
    for outside in [judge(time - 10, time - 1), judge(time + 1, time + 10)] {
        let refusal = outside.unwrap_err();
        assert!(matches!(refusal, LogError::LogOutsideWindow { .. }));
        assert_eq!(refusal.code(), Code::TlogLogUnknown);
    }
}

#[test]
fn a_log_without_integrated_time_is_held_to_the_times_of_others() {
    let attestation = read(&bundle(V2));
    let at = |text: &str| UnixTime::parse_rfc3339(text).unwrap();
    let judge = |at: &[UnixTime]| trusted().verify_inclusion_at(entry(&attestation), at);
    // The log of this bundle is trusted from 2025-04-16 to 2025-09-04T00:00:00Z.
    assert!(judge(&[]).is_ok());
    assert!(judge(&[at("2025-08-19T00:00:00Z"), at("2025-09-04T00:00:00Z")]).is_ok());
    let refusal = judge(&[at("2025-08-19T00:00:00Z"), at("2025-09-04T00:00:01Z")]).unwrap_err();
    assert!(matches!(refusal, LogError::LogOutsideWindow { .. }));
}

#[test]
fn members_that_say_the_same_thing_twice_have_to_agree() {
    let with_proof = |member: &str, value: Value| inclusion(&with(V1, |entry| entry["inclusionProof"][member] = value));
    let proof = bundle(V1)["verificationMaterial"]["tlogEntries"][0]["inclusionProof"].clone();
    let size: u64 = proof["treeSize"].as_str().unwrap().parse().unwrap();
    assert_eq!(with_proof("rootHash", json!(base64::encode(&[0; 32]))), Some(Code::TlogRootMismatch));
    assert_eq!(with_proof("treeSize", json!((size + 1).to_string())), Some(Code::TlogRootMismatch));
    assert_eq!(with_proof("treeSize", json!(size.to_string())), None);
}

#[test]
fn a_proof_with_one_change_proves_nothing() {
    let invalid = Some(Code::TlogInclusionProofInvalid);
    let change = |change: &dyn Fn(&mut Vec<Value>)| {
        inclusion(&with(V1, |entry| change(entry["inclusionProof"]["hashes"].as_array_mut().unwrap())))
    };
    assert_eq!(change(&|_| {}), None);
    assert_eq!(change(&|hashes| hashes.swap(0, 1)), invalid);
    assert_eq!(change(&|hashes| drop(hashes.pop())), invalid);
    assert_eq!(change(&|hashes| hashes.push(json!(base64::encode(&[0; 32])))), invalid);
    let index = bundle(V1)["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["logIndex"].clone();
    let index: u64 = index.as_str().unwrap().parse().unwrap();
    let other = with(V1, |entry| entry["inclusionProof"]["logIndex"] = json!((index ^ 1).to_string()));
    assert_eq!(inclusion(&other), invalid);
}

#[test]
fn no_flipped_bit_of_a_body_stays_included() {
    let original = read(&bundle(V2));
    let body = entry(&original).canonicalized_body();
    for position in (0..body.len()).step_by(7) {
        let mut changed = body.to_vec();
        changed[position] ^= 1;
        let attestation = with(V2, |entry| entry["canonicalizedBody"] = json!(base64::encode(&changed)));
        assert_eq!(inclusion(&attestation), Some(Code::TlogInclusionProofInvalid), "byte {position}");
    }
}

/// A bundle whose checkpoint text is changed.
fn with_checkpoint(name: &str, change: impl Fn(&str) -> String) -> Attestation {
    with(name, |entry| {
        let envelope = &mut entry["inclusionProof"]["checkpoint"]["envelope"];
        *envelope = json!(change(envelope.as_str().unwrap()));
    })
}

#[test]
fn a_checkpoint_speaks_for_the_log_whose_key_signed_it() {
    let v1 = |from: &str, to: &str| inclusion(&with_checkpoint(V1, |text| text.replacen(from, to, 1)));
    assert_eq!(v1("", ""), None);
    assert_eq!(v1("rekor.sigstore.dev - ", "rekor.example - "), Some(Code::TlogOriginMismatch));
    // Rekor v1 always names the tree.
    assert_eq!(v1(" - ", ""), Some(Code::TlogOriginMismatch));
    assert_eq!(v1(" - ", " - x"), Some(Code::TlogOriginMismatch));
    assert_eq!(v1(" - ", " - 1"), Some(Code::TlogCheckpointSignatureInvalid));
    assert_eq!(v1("\u{2014} rekor.sigstore.dev", "\u{2014} rekor.example"), Some(Code::TlogCheckpointSignatureInvalid));
    // Rekor v2 never does.
    let v2 = |from: &str, to: &str| inclusion(&with_checkpoint(V2, |text| text.replacen(from, to, 1)));
    assert_eq!(v2("sigstage.dev\n", "sigstage.dev - 1\n"), Some(Code::TlogOriginMismatch));
    let other =
        bundle(V1)["verificationMaterial"]["tlogEntries"][0]["inclusionProof"]["checkpoint"]["envelope"].clone();
    let other = other.as_str().unwrap().to_string();
    assert_eq!(inclusion(&with_checkpoint(V2, |_| other.clone())), Some(Code::TlogOriginMismatch));
}

#[test]
fn cosignatures_are_counted_and_not_believed() {
    let attestation = read(&bundle(V2));
    assert_eq!(trusted().verify_inclusion(entry(&attestation)).unwrap().unverified_cosignatures, 2);
}

#[test]
fn one_good_signature_among_bad_ones_of_the_same_key_is_found_within_sixteen_tries() {
    let judge = |bad: usize, good: &str| {
        inclusion(&with_checkpoint(V2, |text| {
            let (head, lines) = text.split_once("\n\n").unwrap();
            let (ours, others) = lines.split_once('\n').unwrap();
            let (start, encoded) = ours.rsplit_once(' ').unwrap();
            let mut wrong = base64::decode(encoded).unwrap();
            wrong[20] ^= 1;
            let wrong = format!("{start} {}\n", base64::encode(&wrong)).repeat(bad);
            let ours = if good == "present" { format!("{ours}\n") } else { String::new() };
            format!("{head}\n\n{wrong}{ours}{others}")
        }))
    };
    assert_eq!(judge(0, "present"), None);
    assert_eq!(judge(15, "present"), None);
    assert_eq!(judge(16, "present"), Some(Code::TlogCheckpointSignatureInvalid));
    assert_eq!(judge(1, "absent"), Some(Code::TlogCheckpointSignatureInvalid));
    assert_eq!(judge(0, "absent"), Some(Code::TlogCheckpointSignatureInvalid));
}

#[test]
fn messages_are_bounded_and_free_of_control_characters() {
    let name = "\u{1b}]0;x\u{7}".repeat(1000);
    let error = LogError::OriginMismatch { expected: name.clone(), found: name.clone() };
    let shown = [error.to_string(), error.found().unwrap(), error.expected().unwrap()].concat();
    assert!(shown.len() < 8 * 1024 && !shown.chars().any(char::is_control));
}
