use stella_testkit::key::TestKey;
use stella_trust_store::fetch::*;
use stella_trust_store::key_file::KeyFileError;
use stella_vocabulary::{Code, Reason as _, base64};

use crate::server::*;
use crate::world::*;

fn flaw(body: &str) -> KeysFlaw {
    let error = refused(fetch(&Server::answering(ok(body))));
    assert_eq!(error.code(), Code::FetchKeysMalformed, "{body}: {error:?}");
    match error {
        FetchError::KeysMalformed { flaw, .. } => flaw,
        other => panic!("{other:?}"),
    }
}

#[test]
fn sets_single_keys_and_pem_are_read() {
    assert_eq!(kids(&fetch(&Server::answering(ok(&jwks(&["a", "b", "c"])))).unwrap()), ["a", "b", "c"]);
    assert_eq!(kids(&fetch(&Server::answering(ok(&jwk("a", "a")))).unwrap()), ["a"]);
    let (one, two) = (TestKey::p256("one"), TestKey::ed25519("two"));
    let fetched = fetch(&Server::answering(ok(&format!("{}{}", one.public_pem(), two.public_pem())))).unwrap();
    let keys: Vec<&[u8]> = fetched.keys().iter().map(|key| key.key().spki_der()).collect();
    assert_eq!(keys, [one.spki(), two.spki()]);
}

#[test]
fn what_is_no_set_of_public_keys_brings_nothing_b229() {
    for page in ["<!DOCTYPE html><html>Log in</html>", "\r\n <html>", "<?xml version=\"1.0\"?><keys/>"] {
        assert_eq!(flaw(page), KeysFlaw::Html);
    }
    let unusable = |body: &str| match flaw(body) {
        KeysFlaw::Unusable(error) => error,
        other => panic!("{body}: {other:?}"),
    };
    assert!(matches!(unusable(r#"{"keys":[]}"#), KeyFileError::NoKey { .. }));
    assert!(matches!(unusable(""), KeyFileError::Empty));
    assert!(matches!(unusable("OK"), KeyFileError::UnknownFormat));
    for body in ["{}", "{", r#"{"keys":{}}"#, r#"{"keys":[1]}"#, "[]", "null"] {
        flaw(body);
    }
    // Another form of public key, but none that issuers publish.
    flaw("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea alice@example.com");
}

#[test]
fn a_thousand_and_24_keys_are_read_and_one_more_is_not_b229() {
    let many = |count: usize| {
        let kids: Vec<String> = (0..count).map(|number| format!("k{number}")).collect();
        jwks(&kids.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let fetched = fetch(&Server::answering(ok(&many(1024)))).unwrap();
    assert_eq!(fetched.keys().len(), 1024);
    assert!(matches!(flaw(&many(1025)), KeysFlaw::Unusable(KeyFileError::TooMany { .. })));
    // 10,000 keys in a mebibyte.
    let key = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    flaw(&format!(r#"{{"keys":[{}]}}"#, vec![key; 10_000].join(",")));
}

#[test]
fn one_kid_names_one_key_b229() {
    let set = format!(r#"{{"keys":[{},{}]}}"#, jwk("a", "one"), jwk("a", "two"));
    assert!(matches!(flaw(&set), KeysFlaw::Unusable(KeyFileError::DuplicateKid { kid }) if kid == "a"));
}

#[test]
fn secrets_are_neither_kept_nor_repeated_b229() {
    let secret = base64::encode_url_unpadded(b"hunter2hunter2hunter2hunter2hunt");
    let public = jwk("good", "good");
    let x = base64::encode_url_unpadded(TestKey::ed25519("x").public_key().raw());
    for bad in [
        format!(r#"{{"kty":"oct","kid":"a","k":"{secret}"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"a","x":"{x}","d":"{secret}"}}"#),
        format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"a","x":"{x}","d":"hunter2 in no base64"}}"#),
        format!(r#"{{"kty":"RSA","kid":"a","n":"{secret}","e":"AQAB","d":"{secret}","p":"{secret}"}}"#),
        format!(r#"{{"kty":"unknown","d":"{secret}","hunter2":["hunter2"]}}"#),
    ] {
        let error = flaw(&format!(r#"{{"keys":[{public},{bad}]}}"#));
        assert!(!format!("{error:?}").contains(&secret), "{error:?}");
        flaw(&bad);
    }
    let pem = stella_vocabulary::pem::encode("PRIVATE KEY", &TestKey::p256("x").signing_key().to_pkcs8_der());
    let error = flaw(&format!("{}{pem}", TestKey::p256("x").public_pem()));
    assert!(matches!(error, KeysFlaw::Unusable(KeyFileError::PrivateKey { .. })));
}

#[test]
fn a_discovery_document_of_the_right_issuer_says_where_the_keys_are() {
    let server = Server::tls(|tls, request, _| {
        let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap();
        let issuer = format!("https://{host}/tenant");
        let body = match request.split(' ').nth(1).unwrap() {
            "/tenant/.well-known/openid-configuration" => discovery(&issuer, &format!("https://{host}/keys?v=1")),
            "/keys?v=1" => jwks(&["a"]),
            other => panic!("{other}"),
        };
        say(tls, ok(&body).as_bytes());
    });
    let url = server.url("/tenant/.well-known/openid-configuration");
    let issuer = server.url("/tenant");
    for issuers in [&[][..], &[issuer.as_str()], &["https://other.example", &issuer]] {
        let fetched = fetch_url(rules(&server), loopback(), &url, issuers).unwrap();
        assert_eq!((kids(&fetched), fetched.url()), (vec!["a"], server.url("/keys?v=1").as_str()));
    }
}

#[test]
fn a_discovery_document_of_another_issuer_is_left_alone_b230() {
    let found = |found: &str| {
        let body = format!(r#"{{{found}"jwks_uri":"https://keys.example/never-asked"}}"#);
        let server = Server::answering(ok(&body));
        let url = server.url("/.well-known/openid-configuration");
        let error = refused(fetch_url(rules(&server), loopback(), &url, &["https://ci.example"]));
        assert_eq!(error.code(), Code::FetchIssuerMismatch, "{found}");
        assert_eq!(server.connections(), 1);
        error
    };
    found(r#""issuer":"https://ci.example/","#);
    found(r#""issuer":"https://CI.example","#);
    found(r#""issuer":"https://ci.example.evil.example","#);
    found(r#""issuer":"","#);
    found(r#""issuer":["https://ci.example"],"#);
    found("");
    let error = found(r#""issuer":"https://other.example","#);
    assert_eq!(error.found().as_deref(), Some("`https://other.example`"));
    assert_eq!(error.expected().as_deref(), Some("`https://ci.example`"));
    // Nobody said which issuer it is, and the URL does not either.
    let server = Server::answering(ok(&discovery("https://ci.example", "https://ci.example/jwks")));
    assert_eq!(refused(fetch(&server)).code(), Code::FetchIssuerMismatch);
}

#[test]
fn where_the_keys_are_is_a_url_like_any_other_b224() {
    for (jwks_uri, code) in [
        ("http://keys.example/jwks", Code::FetchUrlRefused),
        ("https://keys.example.evil.example/jwks", Code::FetchUrlRefused),
        ("https://user:hunter2@keys.example/jwks", Code::FetchUrlRefused),
        ("/jwks", Code::FetchUrlRefused),
        ("", Code::FetchUrlRefused),
        ("https://2130706433/", Code::FetchAddressRefused),
    ] {
        let server = Server::answering(ok(&discovery("https://ci.example", jwks_uri)));
        let error = refused(fetch_url(rules(&server), loopback(), &server.url("/x"), &["https://ci.example"]));
        assert_eq!(error.code(), code, "{jwks_uri}");
        assert_eq!(server.connections(), 1);
    }
    let server = Server::answering(ok(r#"{"issuer":"https://ci.example"}"#));
    let error = refused(fetch_url(rules(&server), loopback(), &server.url("/x"), &["https://ci.example"]));
    assert!(matches!(error, FetchError::KeysMalformed { flaw: KeysFlaw::NoKeySet, .. }));
}

#[test]
fn discovery_that_leads_to_discovery_leads_nowhere() {
    let server = Server::tls(|tls, request, _| {
        let host = request.lines().find_map(|line| line.strip_prefix("Host: ")).unwrap();
        say(tls, ok(&discovery("https://ci.example", &format!("https://{host}/again"))).as_bytes());
    });
    let error = refused(fetch_url(rules(&server), loopback(), &server.url("/x"), &["https://ci.example"]));
    assert!(matches!(error, FetchError::KeysMalformed { flaw: KeysFlaw::NoKeySet, .. }));
    assert_eq!(server.connections(), 2);
}
