use stella_crypto_providers::{Registry, SigningKey};
use stella_testkit::key::TestKey;
use stella_trust_store::exchange::{KeptBackReason, TrustExport};
use stella_trust_store::ledger::*;
use stella_trust_store::{Head, MemoryLog};
use stella_vocabulary::{Code, Reason as _, base64};

use crate::world::*;

fn key() -> SigningKey {
    signer("store")
}

fn written(ledger: &Ledger<MemoryLog>) -> String {
    TrustExport::of(ledger, &key(), at(100)).unwrap().to_signed_json(&key()).unwrap()
}

fn read(text: &str) -> Result<TrustExport, Code> {
    let expected = TestKey::ed25519("store").public_key().key_id();
    TrustExport::from_signed_json(text.as_bytes(), &Registry::rustcrypto(), &expected).map_err(|error| error.code())
}

/// A store with one of everything, in every standing.
fn full() -> Ledger<MemoryLog> {
    let mut ledger = found_as("source", &[]);
    for (seconds, change) in (1..).zip([
        Change::Added(Record::Anchor(anchor_record("anchor"))),
        Change::Added(Record::Issuer(issuer_record("acme"))),
        Change::Added(Record::Key(KeyRecord { issuer: Some(id("acme")), ..key_record("owned") })),
        add_key("key"),
        add_key("gone"),
        add_key("stolen"),
        Change::Removed(key_ref("gone")),
        Change::Revoked { object: key_ref("stolen"), revocation: compromised(7) },
    ]) {
        ledger.make(change, seconds).unwrap();
    }
    ledger
}

#[test]
fn what_is_written_is_read_back_the_same() {
    let ledger = full();
    let export = TrustExport::of(&ledger, &key(), at(100)).unwrap();
    assert_eq!(read(&written(&ledger)).unwrap(), export);
    assert_eq!((export.head, export.objects.len(), export.store.as_str()), (ledger.head(), 6, "source"));
}

#[test]
fn an_empty_store_takes_what_is_in_use_and_then_there_is_no_difference() {
    let export = read(&written(&full())).unwrap();
    let mut ledger = found_as("target", &[]);
    let difference = export.difference_from(ledger.state(), at(50));
    assert_eq!(difference.changes.len(), 4);
    let kept: Vec<_> = difference.kept_back.iter().map(|kept| (kept.object.to_string(), kept.reason)).collect();
    assert_eq!(
        kept,
        [("key gone".to_string(), KeptBackReason::NotInUse), ("key stolen".to_string(), KeptBackReason::NotInUse)]
    );
    ledger.change_all(difference.changes, &occasion("dave", 1)).unwrap();
    let again = export.difference_from(ledger.state(), at(50));
    assert_eq!((again.changes, again.same, again.gone), (vec![], 4, vec![]));
}

#[test]
fn where_others_must_agree_keys_wait_for_their_issuer() {
    let export = read(&written(&full())).unwrap();
    let ledger = three();
    let difference = export.difference_from(ledger.state(), at(50));
    assert_eq!(difference.changes.len(), 3);
    assert!(difference.kept_back.iter().any(|kept| kept.reason == KeptBackReason::WaitsForIssuer));
    assert!(difference.changes.iter().all(|change| Authority::needed(change, ledger.state()) == Authority::Quorum));
}

#[test]
fn a_revocation_is_taken_over_and_nothing_comes_back() {
    let mut ledger = found_as("target", &[]);
    ledger.make(add_key("stolen"), 1).unwrap();
    ledger.make(add_key("gone"), 2).unwrap();
    ledger.make(add_key("key"), 3).unwrap();
    ledger.make(Change::Removed(key_ref("key")), 4).unwrap();
    ledger.make(add_key("only-here"), 5).unwrap();
    let difference = read(&written(&full())).unwrap().difference_from(ledger.state(), at(50));
    let revoked = Change::Revoked { object: key_ref("stolen"), revocation: compromised(7) };
    assert!(difference.changes.contains(&revoked));
    assert!(!difference.changes.iter().any(|change| change.object() == Some(key_ref("key"))));
    assert!(difference.kept_back.iter().any(|kept| kept.reason == KeptBackReason::OutOfUseHere));
    assert_eq!(difference.gone, [key_ref("gone"), key_ref("only-here")]);
}

#[test]
fn one_key_under_another_id_keeps_its_id_and_takes_the_terms() {
    let mut ledger = found_as("target", &[]);
    ledger.make(Change::Added(Record::Key(KeyRecord { id: id("mine"), ..key_record("key") })), 1).unwrap();
    let mut source = found_as("source", &[]);
    let terms = Terms::default().with_window(window(Some(0), Some(1000)));
    source.make(Change::Added(Record::Key(KeyRecord { terms, ..key_record("key") })), 1).unwrap();
    let difference = read(&written(&source)).unwrap().difference_from(ledger.state(), at(50));
    let [Change::Changed(Record::Key(changed))] = difference.changes.as_slice() else { panic!("{difference:?}") };
    assert_eq!((changed.id.as_str(), changed.terms.window), ("mine", window(Some(0), Some(1000))));
}

#[test]
fn an_id_that_means_something_else_here_is_kept_back() {
    let mut ledger = found_as("target", &[]);
    ledger.make(Change::Added(Record::Key(KeyRecord { id: id("key"), ..key_record("other") })), 1).unwrap();
    let mut source = found_as("source", &[]);
    source.make(add_key("key"), 1).unwrap();
    let difference = read(&written(&source)).unwrap().difference_from(ledger.state(), at(50));
    assert_eq!(difference.changes, []);
    assert_eq!(difference.kept_back[0].reason, KeptBackReason::IdTaken);
}

#[test]
fn the_trust_in_an_issuer_is_asked_for_only_once_it_is_there() {
    let mut source = three();
    let add = Change::Added(Record::Issuer(issuer_record("acme")));
    source.agreed(add.clone(), 1);
    source.agreed(Change::IssuerTrusted(id("acme")), 10);
    let export = read(&written(&source)).unwrap();
    let mut ledger = found_as("target", &[]);
    assert_eq!(export.difference_from(ledger.state(), at(50)).changes, std::slice::from_ref(&add));
    ledger.make(add, 1).unwrap();
    assert_eq!(export.difference_from(ledger.state(), at(50)).changes, [Change::IssuerTrusted(id("acme"))]);
}

#[test]
fn every_changed_byte_is_refused() {
    let mut ledger = found_as("source", &[]);
    ledger.make(add_key("key"), 1).unwrap();
    let good = written(&ledger);
    for at in 0..good.len() {
        let mut bad = good.clone().into_bytes();
        bad[at] ^= 1;
        if let Ok(text) = String::from_utf8(bad) {
            // The name of the key beside the signature is a hint, and so are members with other names.
            assert!(
                read(&text).is_err() || !text.contains("\"keyid\":\"sha256:") || hint_differs(&good, &text),
                "{at}"
            );
        }
    }
}

fn hint_differs(good: &str, bad: &str) -> bool {
    let hint = |text: &str| text.split("\"keyid\":").nth(1).map(|rest| rest[..75].to_string());
    hint(good) != hint(bad)
}

#[test]
fn another_key_another_signature_and_another_document_are_told_apart() {
    let mut ledger = found_as("source", &[]);
    ledger.make(add_key("key"), 1).unwrap();
    let good = written(&ledger);
    let registry = Registry::rustcrypto();
    let foreign = TestKey::ed25519("somebody").public_key().key_id();
    let refused = TrustExport::from_signed_json(good.as_bytes(), &registry, &foreign).unwrap_err();
    assert_eq!(refused.code(), Code::DsseKeyUnknown);

    let payload = good.split("\"payload\":\"").nth(1).unwrap().split('"').next().unwrap();
    let edited =
        String::from_utf8(base64::decode(payload).unwrap()).unwrap().replace("\"id\":\"key\"", "\"id\":\"kez\"");
    assert_eq!(read(&good.replace(payload, &base64::encode(edited.as_bytes()))), Err(Code::DsseSignatureInvalid));
    assert_eq!(read(&good.replace("trust-export", "trust-change")), Err(Code::DssePayloadTypeUnsupported));
    assert_eq!(read("{}"), Err(Code::DsseMissingField));
    assert_eq!(read("-----BEGIN CERTIFICATE-----"), Err(Code::JsonSyntax));
}

#[test]
fn an_older_or_diverging_export_is_a_rollback() {
    let mut ledger = found_as("source", &[]);
    let older = TrustExport::of(&ledger, &key(), at(1)).unwrap();
    ledger.make(add_key("key"), 1).unwrap();
    let newer = TrustExport::of(&ledger, &key(), at(2)).unwrap();
    assert!(newer.check_newer_than(&older.head).is_ok());
    assert!(newer.check_newer_than(&newer.head).is_ok());
    assert_eq!(older.check_newer_than(&newer.head).unwrap_err().code(), Code::StoreRollbackDetected);
    let other = Head { root: [7; 32], ..newer.head };
    assert_eq!(newer.check_newer_than(&other).unwrap_err().code(), Code::StoreRollbackDetected);
}

#[test]
fn only_the_key_of_the_store_signs_and_emergencies_stay_behind() {
    let mut ledger = three();
    ledger.emergency(add_key("key"), at(3600), &occasion("alice", 1)).unwrap();
    let export = TrustExport::of(&ledger, &key(), at(2)).unwrap();
    assert_eq!(export.objects, []);
    let refused = TrustExport::of(&ledger, &signer("somebody"), at(2)).unwrap_err();
    assert_eq!(refused.code(), Code::KeyAlgorithmMismatch);
}
