//! An RSA key is one key, whatever its `AlgorithmIdentifier` restricts it to.

use stella_crypto_providers::PublicKey;
use stella_trust_store::ledger::*;
use stella_vocabulary::Code;

use crate::world::*;

/// DER with a length of two bytes.
fn long(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut der = vec![tag, 0x82];
    der.extend((contents.len() as u16).to_be_bytes());
    der.extend(contents);
    der
}

/// A `SubjectPublicKeyInfo` with some modulus and the last byte of the algorithm: 1 is rsaEncryption, 10 RSASSA-PSS.
fn rsa(algorithm: u8, parameters: &[u8]) -> Vec<u8> {
    let mut modulus = vec![0];
    modulus.extend((0..256_usize).map(|n| (n * 37 % 251) as u8 | 0x81));
    let mut numbers = long(0x02, &modulus);
    numbers.extend([0x02, 3, 1, 0, 1]);
    let mut bits = vec![0];
    bits.extend(long(0x30, &numbers));
    let mut identifier = vec![0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, algorithm];
    identifier.extend(parameters);
    let mut body = vec![0x30, identifier.len() as u8];
    body.extend(identifier);
    body.extend(long(0x03, &bits));
    long(0x30, &body)
}

fn key(name: &str, spki: &[u8]) -> Record {
    Record::Key(KeyRecord { key: spki.to_vec(), ..key_record(name) })
}

#[test]
fn an_rsa_key_in_another_form_is_the_same_key_b207() {
    let (plain, pss) = (rsa(1, &[5, 0]), rsa(10, &[]));
    let [first, second] = [&plain, &pss].map(|spki| PublicKey::from_spki_der(spki).unwrap());
    assert_eq!((first.key_id(), second.spki_der()), (second.key_id(), pss.as_slice()));

    let mut ledger = solo();
    ledger.make(Change::Added(key("one", &plain)), 1).unwrap();
    assert_eq!(code(ledger.make(Change::Added(key("two", &pss)), 2)), Code::StoreDuplicateKey);
    let emergency = ledger.emergency(Change::Added(key("two", &pss)), at(100), &occasion("dave", 2));
    assert_eq!(code(emergency), Code::StoreDuplicateKey);
    // It would mean something else.
    assert_eq!(code(ledger.make(Change::Changed(key("one", &pss)), 2)), Code::UsageConflict);
    let found = ledger.state().with_material(ObjectKind::Key, second.key_id().as_bytes());
    assert_eq!(found.unwrap().0.object(), key_ref("one"));

    ledger.make(Change::Revoked { object: key_ref("one"), revocation: compromised(3) }, 3).unwrap();
    for spki in [&plain, &pss] {
        assert_eq!(code(ledger.make(Change::Added(key("three", spki)), 4)), Code::StoreDuplicateKey);
        let person = ApproverRecord { key: spki.clone(), ..approver("alice", "alice") };
        assert_eq!(code(ledger.make(Change::Added(Record::Approver(person)), 4)), Code::StoreDuplicateKey);
    }
    ledger.verify(None).unwrap();
}
