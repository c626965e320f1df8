//! The first approvers: whose fingerprint is compared by eye, and whose keys are looked at like any other.

use stella_crypto_providers::{PublicKey, Registry};
use stella_testkit::key::TestKey;
use stella_trust_store::MemoryLog;
use stella_trust_store::ledger::*;
use stella_vocabulary::Code;

use crate::world::*;

fn begin(approvers: Vec<ApproverRecord>) -> Result<(), LedgerError> {
    let founding = Founding { store: id("example"), quorum: 2, approvers };
    let created =
        Ledger::create(MemoryLog::new(), &Registry::rustcrypto(), store_key(), founding, &occasion("founder", 0));
    created.map(|_| ())
}

fn with_key(name: &str, key: Vec<u8>) -> ApproverRecord {
    ApproverRecord { id: id(name), key, person: person(name) }
}

/// The same P-256 key with its point compressed.
fn compressed(plain: &[u8]) -> Vec<u8> {
    let point = &plain[plain.len() - 65..];
    let mut body = plain[2..23].to_vec();
    body.extend([0x03, 34, 0, 2 + (point[64] & 1)]);
    body.extend(&point[1..33]);
    let mut spki = vec![0x30, body.len() as u8];
    spki.extend(body);
    spki
}

/// An RSA key of 2048 bits under the algorithm `1.2.840.113549.1.1.x`.
fn rsa(algorithm: &[u8], parameters: &[u8]) -> Vec<u8> {
    let long = |tag: u8, body: &[u8]| [&[tag, 0x82, (body.len() >> 8) as u8, body.len() as u8], body].concat();
    let modulus = long(0x02, &[&[0][..], &[0xc5; 256]].concat());
    let key = long(0x30, &[&modulus[..], &[0x02, 0x03, 0x01, 0x00, 0x01]].concat());
    let oid = [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01][..], algorithm].concat();
    let identifier = [&[0x06, oid.len() as u8][..], &oid, parameters].concat();
    let identifier = [&[0x30, identifier.len() as u8][..], &identifier].concat();
    long(0x30, &[identifier, long(0x03, &[&[0][..], &key].concat())].concat())
}

#[test]
fn what_is_no_key_approves_nothing_ever_and_is_refused() {
    for bad in [b"-----BEGIN PUBLIC KEY-----".to_vec(), vec![1, 2, 3], vec![]] {
        assert_eq!(code(begin(vec![approver("alice", "alice"), with_key("bob", bad)])), Code::KeyMalformed);
    }
}

#[test]
fn two_persons_do_not_begin_with_two_forms_of_one_key_b216() {
    let key = TestKey::p256("one");
    let plain = key.public_key().spki_der().to_vec();
    let other = compressed(&plain);
    assert_eq!(PublicKey::from_spki_der(&other).unwrap().spki_der(), plain, "the same key, written otherwise");
    begin(vec![with_key("alice", plain.clone()), approver("bob", "bob")]).unwrap();
    let twice = |key: &Vec<u8>| begin(vec![with_key("alice", plain.clone()), with_key("bob", key.clone())]);
    assert_eq!(code(twice(&plain)), Code::StoreDuplicateKey);
    assert_eq!(code(twice(&other)), Code::KeyMalformed);

    // RSA keys have several forms that are all canonical.
    let (plain, pss) = (rsa(&[0x01], &[0x05, 0x00]), rsa(&[0x0a], &[]));
    assert_eq!(PublicKey::from_spki_der(&pss).unwrap().spki_der(), pss);
    assert_eq!(code(begin(vec![with_key("alice", plain), with_key("bob", pss)])), Code::StoreDuplicateKey);
}

#[test]
fn a_key_in_another_form_than_the_one_it_is_known_by_is_no_damage_of_the_log() {
    let mut ledger = solo();
    let key = compressed(TestKey::p256("one").public_key().spki_der());
    let added = Change::Added(Record::Key(KeyRecord { key, ..key_record("one") }));
    let refused = ledger.make(added, 1).unwrap_err();
    assert!(matches!(&refused, LedgerError::KeyForm { object } if *object == key_ref("one")), "{refused}");
    assert_eq!(code::<()>(Err(refused)), Code::KeyMalformed);
}

#[test]
fn the_key_that_lies_beside_the_store_approves_nothing() {
    let store = store_key().public_key().spki_der().to_vec();
    let refused = begin(vec![approver("alice", "alice"), with_key("bob", store.clone())]);
    assert_eq!(code(refused), Code::StoreDuplicateKey);
    let mut ledger = three();
    let added = Change::Added(Record::Approver(with_key("robot", store)));
    assert_eq!(code(ledger.ask(added, "alice", 1)), Code::StoreDuplicateKey);
}

#[test]
fn a_log_that_begins_with_such_approvers_is_not_opened() {
    let ledger = three();
    let mut log = OpenLog::of(ledger.log());
    let mut first = Entry::from_bytes(&log.entries[0]).unwrap();
    let Action::Created { approvers, .. } = &mut first.action else { panic!("no beginning") };
    approvers[0].key = vec![1, 2, 3];
    log.entries[0] = first.to_bytes();
    log.sign();
    assert_eq!(code(Ledger::open(log.clone(), &Registry::rustcrypto()).map(|_| ())), Code::AuditBroken);
    assert_eq!(code(log.verify(None)), Code::AuditBroken);
}

#[test]
fn a_store_is_not_begun_where_there_is_one() {
    let log = three().into_log();
    let founding = Founding { store: id("example"), quorum: 2, approvers: vec![] };
    let again = Ledger::create(log, &Registry::rustcrypto(), store_key(), founding, &occasion("founder", 1));
    assert_eq!(code(again.map(|_| ())), Code::UsageConflict);
}
