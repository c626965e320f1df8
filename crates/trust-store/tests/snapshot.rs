//! Snapshots put together one by one.
#![allow(clippy::unwrap_used, reason = "unwrap belongs to tests, their helpers included")]

use stella_chain_verify::{Anchor, Certificate};
use stella_crypto_providers::PublicKey;
use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority};
use stella_testkit::certificate::{CertificateBuilder, Extension, name, to_pem};
use stella_testkit::{der, key::TestKey, oid};
use stella_trust_store::{AuthorityFlaw, KeyEntry, TrustError, TrustSnapshot};
use stella_vocabulary::{Code, Reason, UnixTime, Window};

fn certificate(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

fn key(label: &str) -> PublicKey {
    TestKey::p256(label).public_key().clone()
}

fn refused_anchor(edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> TrustError {
    let root = Authority::root_with(TestKey::p384("snapshot test"), edit);
    TrustSnapshot::builder().anchor(certificate(root.certificate())).build().unwrap_err()
}

fn window(from: i64, until: i64) -> Window {
    Window::half_open(Some(UnixTime::from_seconds(from)), Some(UnixTime::from_seconds(until)))
}

#[test]
fn an_empty_snapshot_trusts_nothing_and_has_the_root_of_the_empty_tree() {
    let snapshot = TrustSnapshot::builder().build().unwrap();
    assert!(snapshot.is_empty());
    assert_eq!(snapshot.size(), 0);
    assert_eq!(snapshot.root()[..4], [0xe3, 0xb0, 0xc4, 0x42]);
    assert_eq!(snapshot.domains().len(), 1);
}

#[test]
fn an_authority_is_an_anchor_and_anything_less_is_refused_b204() {
    let root = Authority::root("snapshot test");
    let snapshot = TrustSnapshot::builder().anchor(certificate(root.certificate())).build().unwrap();
    assert_eq!(snapshot.domains()[0].authorities()[0].anchors().len(), 1);

    for error in [
        refused_anchor(|builder| builder.without_extension(oid::BASIC_CONSTRAINTS)),
        refused_anchor(|builder| {
            builder.extension(Extension::critical(oid::BASIC_CONSTRAINTS, der::sequence::<&[u8]>([])))
        }),
        refused_anchor(|builder| builder.extension(Extension::signer_key_usage())),
        refused_anchor(|builder| builder.extension(Extension::critical("1.2.3.4", der::null()))),
    ] {
        assert_eq!(error.code(), Code::TrustAnchorInvalid, "{error}");
        assert!(error.place().unwrap().contains("snapshot test"));
    }
}

#[test]
fn an_unknown_extension_that_is_not_critical_is_no_obstacle() {
    let root = Authority::root_with(TestKey::p384("snapshot test"), |builder| {
        builder.extension(Extension::plain("1.2.3.4", der::null()))
    });
    assert!(TrustSnapshot::builder().anchor(certificate(root.certificate())).build().is_ok());
}

#[test]
fn an_anchor_with_a_weak_key_is_refused() {
    // rsaEncryption with a modulus of 1,024 bits, all ones.
    let modulus = der::integer_from_bytes(&[0xff; 128]);
    let rsa = der::sequence([modulus, der::integer(65_537)]);
    let spki = der::sequence([
        der::sequence([der::object_identifier("1.2.840.113549.1.1.1"), der::null()]),
        der::bit_string(&rsa),
    ]);
    let error = refused_anchor(|mut builder| {
        builder.spki = spki;
        builder
    });
    assert_eq!(error.code(), Code::TrustAnchorInvalid);
    assert!(matches!(error, TrustError::AuthorityInvalid { flaw: AuthorityFlaw::Key(_), .. }), "{error:?}");
}

#[test]
fn a_window_that_holds_no_instant_is_refused() {
    let root = Authority::root("snapshot test");
    let anchor = |window| Anchor::new(certificate(root.certificate())).with_window(window);
    let build = |window| TrustSnapshot::builder().anchor_with(anchor(window)).build();
    assert_eq!(build(window(5, 5)).unwrap_err().code(), Code::TrustWindowInvalid);
    assert!(build(window(5, 6)).is_ok());

    let entry = |window| KeyEntry::new(key("snapshot test key")).with_window(window);
    let build = |window| TrustSnapshot::builder().key_with(entry(window)).build();
    assert_eq!(build(window(6, 5)).unwrap_err().code(), Code::TrustWindowInvalid);
    assert!(build(window(5, 6)).is_ok());
}

#[test]
fn the_same_key_under_another_name_or_window_is_refused_and_the_existing_one_is_named_b207() {
    let entry = || KeyEntry::new(key("snapshot test key")).with_label("first".to_owned());
    let again = TrustSnapshot::builder().key_with(entry()).key_with(entry()).build().unwrap();
    assert_eq!((again.keys().len(), again.size()), (1, 1));

    for other in
        [entry().with_label("second".to_owned()), entry().with_window(window(0, 1)), entry().with_hint("h".to_owned())]
    {
        let error = TrustSnapshot::builder().key_with(entry()).key_with(other).build().unwrap_err();
        assert_eq!(error.code(), Code::StoreDuplicateKey);
        assert_eq!(error.found().unwrap(), "first");
    }
}

#[test]
fn an_anchor_cannot_be_given_a_second_window() {
    let root = Authority::root("snapshot test");
    let anchor = || Anchor::new(certificate(root.certificate()));
    let error = TrustSnapshot::builder().anchor_with(anchor()).anchor_with(anchor().with_window(window(0, 1))).build();
    assert_eq!(error.unwrap_err().code(), Code::StoreDuplicateKey);
    let once = TrustSnapshot::builder().anchor_with(anchor()).anchor_with(anchor()).build().unwrap();
    assert_eq!(once.size(), 1);
}

#[test]
fn an_intermediate_gives_no_trust_and_must_be_an_authority_b205() {
    let root = Authority::root("snapshot test");
    let intermediate = root.intermediate("snapshot test intermediate");
    let snapshot =
        TrustSnapshot::builder().intermediates_from_pem(intermediate.pem().as_bytes()).unwrap().build().unwrap();
    assert!(snapshot.domains()[0].authorities()[0].anchors().is_empty());
    assert_eq!(snapshot.domains()[0].authorities()[0].intermediates().len(), 1);

    let key = TestKey::p256("snapshot test leaf");
    let leaf = CertificateBuilder::new(name("leaf"), &key, AUTHORITY_FROM, AUTHORITY_UNTIL)
        .extension(Extension::signer_key_usage())
        .sign(root.key());
    let error = TrustSnapshot::builder().intermediate(certificate(&leaf)).build().unwrap_err();
    assert_eq!(error.code(), Code::X509NotACa);
}

#[test]
fn pem_input_is_read_whole_and_private_keys_are_refused() {
    let (a, b) = (Authority::root("snapshot test a"), Authority::root("snapshot test b"));
    let both = format!("{}{}", a.pem(), b.pem());
    let snapshot = TrustSnapshot::builder().anchors_from_pem(both.as_bytes()).unwrap().build().unwrap();
    assert_eq!(snapshot.domains()[0].authorities()[0].anchors().len(), 2);

    let builder = TrustSnapshot::builder;
    let key = TestKey::p256("snapshot test key");
    assert_eq!(builder().key_from_pem(key.public_pem().as_bytes()).unwrap().build().unwrap().keys().len(), 1);
    let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    assert_eq!(builder().key_from_pem(private.as_bytes()).unwrap_err().code(), Code::KeyPrivateKeySupplied);
    assert_eq!(builder().anchors_from_pem(private.as_bytes()).unwrap_err().code(), Code::KeyPrivateKeySupplied);
    let thirty_three = to_pem(a.certificate()).repeat(33);
    assert_eq!(builder().anchors_from_pem(thirty_three.as_bytes()).unwrap_err().code(), Code::InputTooLarge);
}

#[test]
fn the_digest_changes_with_every_part_of_an_entry_and_with_the_order() {
    let (a, b) = (key("snapshot test a"), key("snapshot test b"));
    let root = |entries: &[&KeyEntry]| {
        let builder =
            entries.iter().fold(TrustSnapshot::builder(), |builder, entry| builder.key_with((*entry).clone()));
        builder.build().unwrap().root()
    };
    let (a, b) = (KeyEntry::new(a), KeyEntry::new(b));
    let mut roots = vec![
        root(&[&a]),
        root(&[&b]),
        root(&[&a, &b]),
        root(&[&b, &a]),
        root(&[&a.clone().with_label("a".to_owned())]),
        root(&[&a.clone().with_hint("a".to_owned())]),
        root(&[&a.clone().with_window(window(0, 1))]),
    ];
    assert_eq!(root(&[&a]), root(&[&a]));
    let count = roots.len();
    roots.sort_unstable();
    roots.dedup();
    assert_eq!(roots.len(), count);
}

#[test]
fn ten_thousand_anchors_make_one_snapshot_a24() {
    // One key for all of them; the names differ.
    let key = TestKey::p256("snapshot test many");
    let certificates: Vec<Certificate> = (0..10_000)
        .map(|number| {
            let mut builder =
                CertificateBuilder::new(name(&format!("anchor {number}")), &key, AUTHORITY_FROM, AUTHORITY_UNTIL)
                    .extension(Extension::authority(None));
            builder.raw_signature = Some(vec![0]);
            certificate(&builder.sign(&key))
        })
        .collect();
    let snapshot = certificates.into_iter().fold(TrustSnapshot::builder(), |builder, one| builder.anchor(one)).build();
    assert_eq!(snapshot.unwrap().size(), 10_000);
}
