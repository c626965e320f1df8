use stella_testkit::authority::Authority;
use stella_testkit::certificate::SubjectAltName;
use stella_testkit::key::TestKey;
use stella_trust_store::exchange::{ExchangeError, Import, ImportNote, ImportTerms, NotationFile, notation};
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _, pem};

use crate::world::*;

const STRICT: &str = r#"{"level": "strict"}"#;

fn policy(verification: &str, scopes: &str, stores: &str, identities: &str) -> String {
    format!(
        r#"{{"version": "1.0", "trustPolicies": [{{"name": "p", "registryScopes": {scopes},
            "signatureVerification": {verification}, "trustStores": {stores}, "trustedIdentities": {identities}}}]}}"#
    )
}

fn root(name: &str) -> Vec<u8> {
    Authority::root_with(TestKey::ed25519(name), |builder| builder).certificate().to_vec()
}

fn ca<'a>(store_name: &'a str, bytes: &'a [u8]) -> NotationFile<'a> {
    NotationFile { store_type: "ca", store_name, file_name: "root.crt", bytes }
}

fn read(policy: &str, files: &[NotationFile<'_>]) -> Result<Import, ExchangeError> {
    notation(policy.as_bytes(), files, &ImportTerms::default(), solo().state(), at(1))
}

fn anchor(change: &Change) -> &AnchorRecord {
    match change {
        Change::Added(Record::Anchor(anchor)) => anchor,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_named_trust_store_becomes_anchors_limited_to_its_registries() {
    let policy = policy(STRICT, r#"["registry.example/acme/app"]"#, r#"["ca:acme"]"#, r#"["*"]"#);
    let (der, other) = (root("one"), root("other"));
    let text = pem::encode("CERTIFICATE", &other);
    let import = read(&policy, &[ca("acme", &der), ca("acme", text.as_bytes())]).unwrap();
    assert_eq!(import.changes.len(), 2);
    let patterns = &anchor(&import.changes[0]).terms.scope.purl_patterns;
    let fits = |purl: &str| patterns.iter().any(|pattern| pattern.matches(purl));
    assert!(fits("pkg:oci/app@sha256%3A00?repository_url=registry.example/acme/app"));
    assert!(fits("pkg:oci/app@sha256%3A00?arch=amd64&repository_url=registry.example/acme/app&tag=1"));
    assert!(!fits("pkg:oci/app@sha256%3A00?repository_url=registry.example/acme/app2"));
    assert!(!fits("pkg:oci/app@sha256%3A00?repository_url=evil.example/registry.example/acme/app"));
    let notes: Vec<String> = import.notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].starts_with("the look-up of revoked certificates was left out"), "{notes:?}");
    let mut ledger = solo();
    ledger.change_all(import.changes, &occasion("dave", 1)).unwrap();
}

#[test]
fn everywhere_is_no_limit_and_said_so() {
    let der = root("one");
    let import = read(&policy(STRICT, r#"["*"]"#, r#"["ca:acme"]"#, r#"["*"]"#), &[ca("acme", &der)]).unwrap();
    assert!(anchor(&import.changes[0]).terms.scope.is_unlimited());
    assert!(import.notes.iter().any(|note| matches!(note, ImportNote::Unlimited { limit: "scope", .. })));
}

#[test]
fn whatever_is_weaker_than_strict_is_refused() {
    let der = root("one");
    for (verification, code) in [
        (r#"{"level": "permissive"}"#, Code::ConfigInvalid),
        (r#"{"level": "audit"}"#, Code::ConfigInvalid),
        (r#"{"level": "skip"}"#, Code::ConfigInvalid),
        (r#"{"level": "Strict"}"#, Code::ConfigInvalid),
        (r#"{"level": "strict", "override": {"expiry": "log"}}"#, Code::ConfigInvalid),
        (r#"{"level": "strict", "override": {"authenticity": "skip"}}"#, Code::ConfigInvalid),
        (r#"{"level": "strict", "override": {"revocation": "sometimes"}}"#, Code::ConfigInvalid),
        (r#"{"level": "strict", "override": {"integritty": "enforce"}}"#, Code::ConfigUnknownKey),
        (r#"{"level": "strict", "verifyTimestamps": "always"}"#, Code::ConfigUnknownKey),
        (r#"{"level": "strict", "verifyTimestamp": "never"}"#, Code::ConfigInvalid),
        (r#"{}"#, Code::ConfigInvalid),
        (r#""strict""#, Code::JsonWrongType),
    ] {
        let policy = policy(verification, r#"["*"]"#, r#"["ca:acme"]"#, r#"["*"]"#);
        assert_eq!(read(&policy, &[ca("acme", &der)]).unwrap_err().code(), code, "{verification}");
    }
    for fine in [
        r#"{"level": "strict", "override": {"revocation": "skip", "expiry": "enforce"}}"#,
        r#"{"level": "strict", "verifyTimestamp": "afterCertExpiry"}"#,
    ] {
        let policy = policy(fine, r#"["*"]"#, r#"["ca:acme"]"#, r#"["*"]"#);
        assert!(read(&policy, &[ca("acme", &der)]).is_ok(), "{fine}");
    }
}

#[test]
fn distinguished_names_are_refused_unless_identities_take_their_place() {
    let der = root("one");
    let policy = policy(STRICT, r#"["*"]"#, r#"["ca:acme"]"#, r#"["x509.subject: C=US, O=acme"]"#);
    let refused = read(&policy, &[ca("acme", &der)]).unwrap_err();
    assert_eq!((refused.code(), matches!(refused, ExchangeError::NotTransferable { .. })), (Code::ConfigInvalid, true));
    let scope = Scope { identities: vec!["builder@acme.example".into()], ..Scope::default() };
    let terms = ImportTerms { scope: scope.clone(), ..ImportTerms::default() };
    let import = notation(policy.as_bytes(), &[ca("acme", &der)], &terms, solo().state(), at(1)).unwrap();
    assert_eq!(anchor(&import.changes[0]).terms.scope, scope);
}

#[test]
fn policies_that_cannot_be_read_for_certain_are_refused() {
    let der = root("one");
    let good = policy(STRICT, r#"["*"]"#, r#"["ca:acme"]"#, r#"["*"]"#);
    for (from, to, code) in [
        ("\"1.0\"", "\"2.0\"", Code::ConfigInvalid),
        ("\"name\"", "\"nmae\"", Code::ConfigUnknownKey),
        ("ca:acme", "ca:../acme", Code::ConfigInvalid),
        ("ca:acme", "ca:missing", Code::ConfigInvalid),
        ("ca:acme", "acme", Code::ConfigInvalid),
        ("[\"ca:acme\"]", "\"ca:acme\"", Code::JsonWrongType),
        ("Identities\": [\"*\"]", "Identities\": []", Code::ConfigInvalid),
        ("Identities\": [\"*\"]", "Identities\": [\"builder\"]", Code::ConfigInvalid),
        ("Scopes\": [\"*\"]", "Scopes\": []", Code::ConfigInvalid),
        ("Scopes\": [\"*\"]", "Scopes\": [\"registry.example/*\"]", Code::ConfigInvalid),
        ("\"trustPolicies\": [{", "\"trustPolicies\": [], \"x\": [{", Code::ConfigUnknownKey),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{to}");
        assert_eq!(read(&bad, &[ca("acme", &der)]).unwrap_err().code(), code, "{to}");
    }
}

#[test]
fn what_no_policy_names_and_what_has_no_place_here_is_left_out_and_said_so() {
    let der = root("one");
    let authority = Authority::root("one");
    let name = SubjectAltName::Email("builder@acme.example".into());
    let leaf = authority.signer_leaf(&TestKey::ed25519("leaf"), &name).sign(authority.key());
    let policy = policy(STRICT, r#"["*"]"#, r#"["ca:acme", "tsa:clock"]"#, r#"["*"]"#);
    let tsa = NotationFile { store_type: "tsa", store_name: "clock", file_name: "tsa.crt", bytes: &der };
    let import = read(&policy, &[ca("acme", &leaf), ca("unused", &der), tsa]).unwrap();
    assert_eq!(import.changes, []);
    let left_out = import.notes.iter().filter(|note| matches!(note, ImportNote::LeftOut { .. })).count();
    assert_eq!(left_out, 4, "{:?}", import.notes);
}

#[test]
fn one_certificate_in_two_stores_has_the_registries_of_both() {
    let der = root("one");
    let statement = |name: &str, registry: &str, store: &str| {
        format!(
            r#"{{"name": "{name}", "registryScopes": ["{registry}"], "signatureVerification": {STRICT},
                "trustStores": ["ca:{store}"], "trustedIdentities": ["*"]}}"#
        )
    };
    let policy = format!(
        r#"{{"version": "1.0", "trustPolicies": [{}, {}]}}"#,
        statement("a", "registry.example/a", "one"),
        statement("b", "registry.example/b", "two")
    );
    let import = read(&policy, &[ca("one", &der), ca("two", &der)]).unwrap();
    assert_eq!(import.changes.len(), 1);
    assert_eq!(anchor(&import.changes[0]).terms.scope.purl_patterns.len(), 8);
}
