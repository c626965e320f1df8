//! Sigstore trusted roots: real ones, and ones with one thing wrong.
#![allow(clippy::unwrap_used, reason = "unwrap belongs to tests, their helpers included")]

use std::path::Path;

use stella_chain_verify::{Certificate, ChainPolicy, Pool, Purpose};
use stella_crypto_providers::Registry;
use stella_testkit::authority::Authority;
use stella_testkit::certificate::SubjectAltName;
use stella_testkit::json::Value;
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::Sigstore;
use stella_testkit::trusted_root::{self, ValidFor};
use stella_trust_store::{CertificateAuthority, DomainKind, TrustError, TrustSnapshot, TrustedRoot, WindowFlaw};
use stella_vocabulary::{Code, Reason, UnixTime};

fn read(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn load(path: &str) -> TrustSnapshot {
    TrustSnapshot::builder().trusted_root(&read(path)).and_then(|builder| builder.build()).unwrap()
}

/// Authorities, time-stamping authorities, logs, CT logs.
fn counts(snapshot: &TrustSnapshot) -> [usize; 4] {
    let domain = &snapshot.domains()[1];
    [domain.authorities().len(), domain.timestamp_authorities().len(), domain.logs().len(), domain.ct_logs().len()]
}

fn seconds(text: &str) -> UnixTime {
    UnixTime::parse_rfc3339(text).unwrap()
}

fn made() -> Value {
    Sigstore::new("trusted root test").trusted_root().to_value()
}

fn refused(root: &Value) -> TrustError {
    TrustedRoot::from_json(root.to_string().as_bytes()).unwrap_err()
}

#[test]
fn every_real_trusted_root_loads_whole() {
    for (path, expected) in [
        ("../stella-cli/trust/trusted_root.public-good.json", [2, 1, 2, 2]),
        ("../stella-cli/trust/trusted_root.github.json", [6, 6, 0, 0]),
        ("../stella-cli/trust/trusted_root.staging.json", [2, 2, 5, 5]),
        ("testdata/trusted_root.scaffolding.json", [1, 0, 1, 1]),
        ("testdata/trusted_root.public-key-validity.json", [0, 1, 0, 0]),
        ("testdata/trusted_root.sigstore-python-tsa.json", [1, 1, 1, 3]),
        ("testdata/trusted_root.end-inclusive.json", [2, 1, 2, 2]),
    ] {
        let snapshot = load(path);
        assert_eq!(counts(&snapshot), expected, "{path}");
        assert_eq!(snapshot.size(), 1 + expected.iter().sum::<usize>() as u64, "{path}");
        assert_eq!(snapshot.domains()[1].kind(), DomainKind::Public);
        assert_eq!(snapshot.domains()[0].kind(), DomainKind::Private);
    }
}

#[test]
fn the_last_certificate_of_a_chain_is_the_anchor_and_the_others_are_intermediates() {
    let snapshot = load("../stella-cli/trust/trusted_root.public-good.json");
    let authorities = snapshot.domains()[1].authorities();
    let lengths: Vec<_> = authorities.iter().map(|one| (one.anchors().len(), one.intermediates().len())).collect();
    assert_eq!(lengths, [(1, 0), (1, 1)]);
    assert!(authorities.iter().all(|one| one.anchors()[0].certificate().is_self_issued()));
    assert!(!authorities[1].intermediates()[0].is_self_issued());
}

#[test]
fn windows_are_closed_and_an_absent_end_is_open() {
    let snapshot = load("../stella-cli/trust/trusted_root.public-good.json");
    let [first, second] = snapshot.domains()[1].authorities() else { panic!("two authorities") };
    let end = seconds("2022-12-31T23:59:59Z");
    assert!(first.anchors()[0].window().contains(end));
    assert!(!first.anchors()[0].window().contains(end.checked_add(1).unwrap()));
    assert_eq!(second.anchors()[0].window().until(), None);
    assert!(!second.anchors()[0].window().contains(seconds("2022-04-13T20:06:14Z")));
}

#[test]
fn the_time_equal_to_the_end_of_a_log_window_is_inside_a13() {
    let snapshot = load("testdata/trusted_root.end-inclusive.json");
    let window = snapshot.domains()[1].logs()[0].window();
    assert!(window.contains(seconds("2023-07-12T15:56:36Z")));
    assert!(!window.contains(seconds("2023-07-12T15:56:37Z")));
}

#[test]
fn authorities_with_one_root_keep_their_own_windows_and_intermediates() {
    let snapshot = load("../stella-cli/trust/trusted_root.github.json");
    let authorities = snapshot.domains()[1].authorities();
    let roots: Vec<_> = authorities.iter().map(|one| one.anchors()[0].certificate().fingerprint()).collect();
    assert!(roots.iter().all(|root| *root == roots[0]));
    for (index, one) in authorities.iter().enumerate() {
        for other in &authorities[index + 1..] {
            assert_ne!(one.anchors()[0].window(), other.anchors()[0].window());
            assert_ne!(one.intermediates()[0].der(), other.intermediates()[0].der());
        }
    }
}

#[test]
fn a_log_named_by_a_c2sp_key_id_is_bound_to_its_host_and_one_named_by_its_key_is_not() {
    let snapshot = load("../stella-cli/trust/trusted_root.public-good.json");
    let [v1, v2] = snapshot.domains()[1].logs() else { panic!("two logs") };
    assert_eq!(v1.log_id(), v1.key().key_id().as_bytes());
    assert_eq!(v1.origin(), None);
    assert_eq!(v2.origin(), Some("log2025-1.rekor.sigstore.dev"));
}

#[test]
fn a_log_key_in_pkcs1_form_is_read_and_named_by_its_spki() {
    let snapshot = load("../stella-cli/trust/trusted_root.staging.json");
    let rsa = &snapshot.domains()[1].ct_logs()[0];
    assert_eq!(rsa.scheme().name(), "rsa-pkcs1-sha256");
    assert_eq!(rsa.log_id(), rsa.key().key_id().as_bytes());
}

#[test]
fn a_missing_start_refuses_the_whole_root_and_names_the_entry_b172() {
    for (path, list) in [("/tlogs/0/publicKey", "tlogs"), ("/ctlogs/0/publicKey", "ctlogs")]
        .into_iter()
        .chain([("/certificateAuthorities/0", "certificateAuthorities")])
        .chain([("/timestampAuthorities/0", "timestampAuthorities")])
    {
        let whole = made();
        assert!(TrustedRoot::from_json(whole.to_string().as_bytes()).is_ok());

        let mut without_start = whole.clone();
        without_start.pointer_mut(path).unwrap()["validFor"].as_object_mut().unwrap().remove("start");
        let mut null_start = whole.clone();
        null_start.pointer_mut(path).unwrap()["validFor"]["start"] = Value::Null;
        let mut without_window = whole.clone();
        without_window.pointer_mut(path).unwrap().as_object_mut().unwrap().remove("validFor");
        for root in [without_start, null_start, without_window] {
            let error = refused(&root);
            assert_eq!(error.code(), Code::TrustWindowInvalid);
            assert!(matches!(error, TrustError::WindowInvalid { flaw: WindowFlaw::StartMissing, .. }));
            assert!(error.place().unwrap().starts_with(&format!("$.{list}[0]")), "{:?}", error.place());
        }
    }
}

#[test]
fn an_unreadable_or_inverted_window_is_refused() {
    for (member, text) in
        [("start", "yesterday"), ("start", "2020-01-01T00:00:00"), ("end", ""), ("end", "2019-12-31T23:59:59Z")]
    {
        let mut root = made();
        root["tlogs"][0]["publicKey"]["validFor"][member] = text.into();
        assert_eq!(refused(&root).code(), Code::TrustWindowInvalid, "{member} {text}");
    }
    let mut instant = made();
    instant["tlogs"][0]["publicKey"]["validFor"]["end"] = "2020-01-01T00:00:00Z".into();
    assert!(TrustedRoot::from_json(instant.to_string().as_bytes()).is_ok(), "a window of one second is a window");
}

#[test]
fn a_null_end_is_an_absent_one() {
    let mut root = made();
    root["tlogs"][0]["publicKey"]["validFor"]["end"] = Value::Null;
    let snapshot = TrustSnapshot::builder().trusted_root(root.to_string().as_bytes()).unwrap().build().unwrap();
    assert_eq!(snapshot.domains()[1].logs()[0].window().until(), None);
}

#[test]
fn an_anchor_that_is_no_authority_refuses_the_root() {
    let mut root = made();
    let valid_for = ValidFor { start: Some(UnixTime::from_seconds(0)), end: None };
    let authority = Authority::root("trusted root test, leaf as anchor");
    let key = TestKey::p256("trusted root test, leaf");
    let leaf = authority.time_stamping_leaf(&key).sign(authority.key());
    root["timestampAuthorities"][0] = trusted_root::authority("https://tsa.example", &[leaf], valid_for);
    let error = refused(&root);
    assert_eq!(error.code(), Code::TrustAnchorInvalid);
    assert!(error.place().unwrap().starts_with("$.timestampAuthorities[0]"));

    root["timestampAuthorities"][0] = trusted_root::authority("https://tsa.example", &[], valid_for);
    assert_eq!(refused(&root).code(), Code::TrustAnchorInvalid);
}

#[test]
fn other_documents_and_broken_entries_have_their_own_codes() {
    let change = |pointer: &str, value: Value| {
        let mut root = made();
        *root.pointer_mut(pointer).unwrap() = value;
        refused(&root).code()
    };
    assert_eq!(
        change("/mediaType", "application/vnd.dev.sigstore.trustedroot+json;version=0.9".into()),
        Code::InputUnknownFormat
    );
    assert_eq!(change("/tlogs", "none".into()), Code::JsonWrongType);
    assert_eq!(change("/tlogs/0/publicKey/keyDetails", "PKIX_ED25519".into()), Code::KeyAlgorithmMismatch);
    assert_eq!(change("/tlogs/0/publicKey/keyDetails", "LMS_SHA256".into()), Code::SigAlgorithmUnsupported);
    assert_eq!(change("/tlogs/0/publicKey/rawBytes", "AAAA".into()), Code::KeyMalformed);
    assert_eq!(change("/tlogs/0/publicKey/rawBytes", "A A A".into()), Code::Base64Invalid);
    assert_eq!(change("/tlogs/0/hashAlgorithm", "SHA2_512".into()), Code::SigAlgorithmUnsupported);
    assert_eq!(
        change("/certificateAuthorities/0/certChain/certificates/0/rawBytes", "AAAA".into()),
        Code::X509DerMalformed
    );
    assert_eq!(
        TrustedRoot::from_json(br#"{"mediaType":"a","mediaType":"b"}"#).unwrap_err().code(),
        Code::JsonDuplicateKey
    );
    assert_eq!(TrustedRoot::from_json(b"{}").unwrap_err().code(), Code::InputUnknownFormat);
}

#[test]
fn each_trusted_root_is_a_domain_of_its_own() {
    let snapshot = TrustSnapshot::builder()
        .trusted_root(&read("../stella-cli/trust/trusted_root.public-good.json"))
        .and_then(|builder| builder.trusted_root(&read("../stella-cli/trust/trusted_root.github.json")))
        .and_then(|builder| builder.build())
        .unwrap();
    let labels: Vec<_> = snapshot.domains().iter().map(|domain| domain.label()).collect();
    assert_eq!(labels, ["private", "fulcio.sigstore.dev", "fulcio.githubapp.com"]);
    assert!(snapshot.domains()[2].logs().is_empty());
}

#[test]
fn a_trusted_root_imported_twice_counts_once() {
    let root = made().to_string();
    let once = TrustSnapshot::builder().trusted_root(root.as_bytes()).unwrap();
    let twice = once.clone().trusted_root(root.as_bytes()).unwrap().build().unwrap();
    let once = once.build().unwrap();
    assert_eq!((once.size(), once.root()), (twice.size(), twice.root()));
    assert_eq!(twice.domains().len(), 2);
}

#[test]
fn no_change_of_one_byte_of_a_trusted_root_panics() {
    let root = made().to_string().into_bytes();
    for index in (0..root.len()).step_by(3) {
        let mut changed = root.clone();
        changed[index] ^= 1 << (index % 8);
        let _ = TrustedRoot::from_json(&changed);
    }
}

#[test]
fn a_path_does_not_borrow_the_window_of_an_authority_with_the_same_root_b135() {
    let root = Authority::root("shared root");
    let (old, new) = (root.intermediate("shared root, old"), root.intermediate("shared root, new"));
    let window = |start, end| ValidFor { start: Some(seconds(start)), end: Some(seconds(end)) };
    let entry = |intermediate: &Authority, valid_for| {
        let chain = [intermediate.certificate().to_vec(), root.certificate().to_vec()];
        trusted_root::authority("https://ca.example", &chain, valid_for)
    };
    let mut document = made();
    document["certificateAuthorities"] = Value::Array(vec![
        entry(&old, window("2020-01-01T00:00:00Z", "2024-12-31T23:59:59Z")),
        entry(&new, window("2025-01-01T00:00:00Z", "2030-12-31T23:59:59Z")),
    ]);
    let snapshot = TrustSnapshot::builder().trusted_root(document.to_string().as_bytes()).unwrap().build().unwrap();

    let registry = Registry::rustcrypto();
    let at = [seconds("2026-01-17T09:00:00Z")];
    let key = TestKey::p256("shared root, leaf");
    let codes = |issuer: &Authority| -> Vec<Option<Code>> {
        let leaf = issuer.signer_leaf(&key, &SubjectAltName::Uri("https://ci.example".to_owned())).sign(issuer.key());
        let leaf = Certificate::from_der(&leaf).unwrap();
        let policy = ChainPolicy::new(Purpose::code_signing());
        let search = |authority: &CertificateAuthority| {
            let anchors = authority.anchors().iter().map(|entry| entry.anchor().clone()).collect();
            let pool = Pool::new(&registry, anchors, authority.intermediates().to_vec());
            pool.search(&leaf, &[], &at, &policy).into_result().err().map(|refused| refused.best.code())
        };
        snapshot.domains()[1].authorities().iter().map(search).collect()
    };
    assert_eq!(codes(&new), [Some(Code::X509UnknownIssuer), None]);
    assert_eq!(codes(&old), [Some(Code::TrustAnchorNotValid), Some(Code::X509UnknownIssuer)]);
}
