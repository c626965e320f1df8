use stella_testkit::authority::Authority;
use stella_testkit::certificate::SubjectAltName;
use stella_testkit::key::TestKey;
use stella_trust_store::exchange::{ExchangeError, ImportNote, ImportTerms, pem_bundle, public_keys, trusted_root};
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _, pem};

use crate::world::*;

fn certificate_pem(der: &[u8]) -> String {
    pem::encode("CERTIFICATE", der)
}

fn root(name: &str) -> Authority {
    Authority::root_with(TestKey::ed25519(name), |builder| builder)
}

fn ids(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| change.object().unwrap().to_string()).collect()
}

#[test]
fn a_bundle_gives_anchors_intermediates_and_keys_that_the_store_takes() {
    let root = root("root");
    let intermediate = root.intermediate("intermediate");
    let key = TestKey::p256("a key");
    let bundle = format!(
        "# the trust of acme\n{}\n{}\n{}",
        certificate_pem(root.certificate()),
        certificate_pem(intermediate.certificate()),
        key.public_pem()
    );
    let mut ledger = solo();
    let import = pem_bundle(bundle.as_bytes(), &ImportTerms::default(), ledger.state(), at(1)).unwrap();
    let kinds: Vec<_> = import.changes.iter().map(|change| change.object().unwrap().kind).collect();
    assert_eq!(kinds, [ObjectKind::Anchor, ObjectKind::Intermediate, ObjectKind::Key]);
    assert_eq!(import.notes.len(), 2, "an anchor without scope and a key without end: {:?}", import.notes);
    ledger.change_all(import.changes, &occasion("dave", 1)).unwrap();

    let again = pem_bundle(bundle.as_bytes(), &ImportTerms::default(), ledger.state(), at(2)).unwrap();
    assert_eq!(again.changes, []);
    assert!(again.notes.iter().all(|note| matches!(note, ImportNote::AlreadyThere { .. })));
}

#[test]
fn a_certificate_that_is_there_twice_is_added_once_and_ids_stay_apart() {
    let (one, other) = (root("one"), root("other"));
    let bundle = [one.certificate(), one.certificate(), other.certificate()].map(certificate_pem).concat();
    let terms = ImportTerms { name: Some(id("acme")), ..ImportTerms::default() };
    let import = pem_bundle(bundle.as_bytes(), &terms, solo().state(), at(1)).unwrap();
    assert_eq!(ids(&import.changes), ["anchor acme", "anchor acme-2"]);
}

#[test]
fn one_leaf_refuses_a_whole_bundle_b204() {
    let root = root("root");
    let name = SubjectAltName::Email("builder@acme.example".into());
    let leaf = root.signer_leaf(&TestKey::ed25519("leaf"), &name).sign(root.key());
    let bundle = [root.certificate(), &leaf].map(certificate_pem).concat();
    let refused = pem_bundle(bundle.as_bytes(), &ImportTerms::default(), solo().state(), at(1)).unwrap_err();
    assert_eq!(refused.code(), Code::TrustAnchorInvalid);
    assert_eq!(refused.place().as_deref(), Some("block 2"));
}

#[test]
fn a_private_key_in_a_bundle_is_refused_and_not_repeated_b029() {
    let bundle = pem::encode("PRIVATE KEY", b"secret of somebody else");
    let refused = pem_bundle(bundle.as_bytes(), &ImportTerms::default(), solo().state(), at(1)).unwrap_err();
    assert_eq!(refused.code(), Code::KeyPrivateKeySupplied);
    assert!(!format!("{refused} {refused:?}").contains("c2VjcmV0"));
}

#[test]
fn a_key_file_gives_keys_by_their_hint_and_each_once() {
    let mut ledger = solo();
    let key = TestKey::p256("cosign");
    let terms =
        ImportTerms { name: Some(id("release")), window: Some(window(Some(0), Some(100))), ..ImportTerms::default() };
    let import = public_keys(key.public_pem().as_bytes(), &terms, ledger.state(), at(1)).unwrap();
    assert_eq!(ids(&import.changes), ["key release"]);
    assert_eq!(import.notes, []);
    ledger.change_all(import.changes, &occasion("dave", 1)).unwrap();
    let again = public_keys(key.public_pem().as_bytes(), &terms, ledger.state(), at(2)).unwrap();
    assert_eq!((again.changes.len(), again.notes.len()), (0, 1));
}

#[test]
fn a_trusted_root_is_taken_as_a_whole_or_not() {
    let document = include_bytes!("../../testdata/trusted_root.scaffolding.json");
    let mut ledger = solo();
    let import = trusted_root(document, &ImportTerms::default(), ledger.state()).unwrap();
    assert_eq!(ids(&import.changes), ["trusted-root trusted-root-503c669e"]);
    ledger.change_all(import.changes, &occasion("dave", 1)).unwrap();
    assert_eq!(trusted_root(document, &ImportTerms::default(), ledger.state()).unwrap().changes, []);

    let limited = ImportTerms { window: Some(window(None, Some(1))), ..ImportTerms::default() };
    assert!(matches!(
        trusted_root(document, &limited, solo().state()).unwrap_err(),
        ExchangeError::NotTransferable { .. }
    ));
    assert_eq!(
        trusted_root(b"{}", &ImportTerms::default(), solo().state()).unwrap_err().code(),
        Code::InputUnknownFormat
    );
}
