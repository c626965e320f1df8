use std::sync::Arc;

use stella_crypto_providers::{Registry, SignatureEncoding, SigningKey};
use stella_testkit::key::TestKey;
use stella_trust_store::MemoryLog;
use stella_trust_store::fetch::*;
use stella_trust_store::ledger::*;

use crate::server::*;
use crate::world::*;

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn occasion() -> Occasion {
    Occasion { actor: Actor::unsigned(Person::new("alice").unwrap()), at: AT, reason: "because of a test".into() }
}

/// A store with the issuer `ci`.
fn store() -> Ledger<MemoryLog> {
    let secret = TestKey::ed25519("store").signing_key().to_pkcs8_der();
    let key = Arc::new(SigningKey::from_pkcs8_der(&secret).unwrap());
    let founding = Founding { store: id("example"), quorum: 2, approvers: Vec::new() };
    let mut ledger = Ledger::create(MemoryLog::new(), &Registry::rustcrypto(), key, founding, &occasion()).unwrap();
    let issuer = IssuerRecord {
        id: id("ci"),
        identities: Vec::new(),
        name: "the builder".into(),
        terms: Terms::default(),
        tier: Tier::Vendor,
        urls: vec!["https://keys.example/jwks".into()],
        weight: 50,
    };
    ledger.change(Change::Added(Record::Issuer(issuer)), &occasion()).unwrap();
    ledger
}

fn add_key(ledger: &mut Ledger<MemoryLog>, name: &str, kid: Option<&str>, issuer: Option<&str>) {
    let key = KeyRecord {
        id: id(name),
        encoding: SignatureEncoding::Der,
        hint: kid.map(Into::into),
        issuer: issuer.map(id),
        key: TestKey::ed25519(name).spki().to_vec(),
        terms: Terms::default(),
    };
    ledger.change(Change::Added(Record::Key(key)), &occasion()).unwrap();
}

#[test]
fn fetched_keys_are_staged_and_count_for_nothing() {
    let mut ledger = store();
    let fetched = fetch(&Server::answering(ok(&jwks(&["a", "b"])))).unwrap();
    ledger.stage(fetched.to_staged(id("ci")), &occasion()).unwrap();
    let key = TestKey::ed25519("a").spki_sha256();
    assert_eq!(ledger.state().staged_by(&key), Some(&id("ci")));
    assert!(ledger.snapshot(AT).unwrap().keys().is_empty());
    ledger.verify(None).unwrap();
}

#[test]
fn a_difference_says_what_is_new_changed_known_and_gone() {
    let mut ledger = store();
    add_key(&mut ledger, "known", Some("k1"), Some("ci"));
    add_key(&mut ledger, "rotated", Some("k2"), Some("ci"));
    add_key(&mut ledger, "gone", None, Some("ci"));
    add_key(&mut ledger, "withdrawn", None, Some("ci"));
    add_key(&mut ledger, "of-nobody", None, None);
    let withdrawn = ObjectRef::new(ObjectKind::Key, id("withdrawn"));
    ledger.change(Change::Removed(withdrawn), &occasion()).unwrap();

    let set =
        [("k1", "known"), ("k2", "new under an old name"), ("k3", "new"), ("k4", "withdrawn"), ("k5", "of-nobody")];
    let keys: Vec<String> = set.iter().map(|(kid, label)| jwk(kid, label)).collect();
    let fetched = fetch(&Server::answering(ok(&format!(r#"{{"keys":[{}]}}"#, keys.join(","))))).unwrap();
    let difference = KeyDifference::between(ledger.state(), &id("ci"), &fetched);
    let news: Vec<&News> = difference.fetched.iter().map(|(_, news)| news).collect();
    assert_eq!(
        news,
        [
            &News::Known { id: id("known") },
            &News::Changed { before: id("rotated") },
            &News::New,
            &News::Withdrawn { id: id("withdrawn"), standing: Standing::Removed },
            &News::Elsewhere { id: id("of-nobody") },
        ]
    );
    assert_eq!(difference.gone, [id("gone"), id("rotated")]);
    assert_eq!(difference.to_string(), "1 new, 1 changed, 1 known, 1 elsewhere, 1 withdrawn, 2 gone");
}

#[test]
fn a_response_that_came_otherwise_is_read_with_the_same_care() {
    let fetcher = KeyFetcher::new(FetchRules::new().allow_host("keys.example").unwrap());
    let url = "https://keys.example/jwks";
    let whole = ok(&jwks(&["a"]));
    assert!(matches!(fetcher.read_response(url, &[], whole.as_bytes()), Ok(Published::Keys(_))));
    for cut in 0..whole.len() {
        assert!(fetcher.read_response(url, &[], &whole.as_bytes()[..cut]).is_err(), "{cut}");
    }
    assert!(fetcher.read_response("https://evil.example/", &[], whole.as_bytes()).is_err());
}
