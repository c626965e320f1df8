//! The client's side: a resolver that says what it is told, a clock, rules, and key sets.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use stella_testkit::key::TestKey;
use stella_trust_store::Stopwatch;
use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason, UnixTime, base64};

use crate::server::{HOST, Server, authority};

/// 2026-01-17T09:00:00Z
pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_768_640_400);

/// Real time.
pub(crate) struct Clock(pub(crate) Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    fn pause(&self, milliseconds: u64) {
        thread::sleep(Duration::from_millis(milliseconds));
    }
}

/// Answers each question with the next of its lists, and the last one ever after.
pub(crate) struct Answers {
    asked: AtomicUsize,
    lists: Vec<Vec<IpAddr>>,
}

impl Answers {
    pub(crate) fn new(lists: &[&[&str]]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self { asked: AtomicUsize::new(0), lists: lists.iter().map(parse).collect() })
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Resolver for Answers {
    fn addresses(&self, _: &str) -> Result<Vec<IpAddr>, NotResolved> {
        let number = self.asked.fetch_add(1, Ordering::SeqCst);
        let list = self.lists.get(number).or(self.lists.last()).ok_or(NotResolved)?;
        Ok(list.clone())
    }
}

/// Rules for a server on the loopback address: everything else is as it is delivered, but for shorter pauses.
pub(crate) fn rules(server: &Server) -> FetchRules {
    FetchRules::new()
        .allow_host_of(&server.url("/"))
        .unwrap()
        .danger_allow_address(AddressRange::parse("127.0.0.1").unwrap())
        .trust_authorities(authority().pem().as_bytes())
        .unwrap()
        .first_pause(1)
}

pub(crate) fn loopback() -> Arc<Answers> {
    Answers::new(&[&["127.0.0.1"]])
}

/// Fetches `/jwks` by `rules`.
pub(crate) fn fetch_by(rules: FetchRules, server: &Server) -> Result<FetchedKeys, FetchError> {
    fetch_url(rules, loopback(), &server.url("/jwks"), &[])
}

pub(crate) fn fetch(server: &Server) -> Result<FetchedKeys, FetchError> {
    fetch_by(rules(server), server)
}

pub(crate) fn fetch_url(
    rules: FetchRules,
    resolver: Arc<dyn Resolver>,
    url: &str,
    issuers: &[&str],
) -> Result<FetchedKeys, FetchError> {
    let clock = Clock(Instant::now());
    let moment = Moment { at: AT, jitter: 1, stopwatch: &clock };
    KeyFetcher::new(rules).with_resolver(resolver).fetch(url, issuers, &moment)
}

/// What was refused, after a look at how it is said.
pub(crate) fn refused(outcome: Result<FetchedKeys, FetchError>) -> FetchError {
    let error = outcome.unwrap_err();
    let facts = [Some(error.to_string()), error.place(), error.found(), error.expected()];
    for said in facts.iter().flatten() {
        assert!(said.chars().count() <= 500 && !said.chars().any(char::is_control), "{said:?}");
        assert!(!said.contains("hunter2"), "a secret is repeated: {said}");
    }
    assert!(facts.iter().all(Option::is_some) || matches!(error.code(), Code::FetchKeysMalformed), "{facts:?}");
    error
}

/// A JWK set with a key for each `kid`, made from it.
pub(crate) fn jwks(kids: &[&str]) -> String {
    let keys: Vec<String> = kids.iter().map(|kid| jwk(kid, kid)).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// An Ed25519 key, made from `label`.
pub(crate) fn jwk(kid: &str, label: &str) -> String {
    let x = base64::encode_url_unpadded(TestKey::ed25519(label).public_key().raw());
    format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","use":"sig","x":"{x}"}}"#)
}

pub(crate) fn kids(keys: &FetchedKeys) -> Vec<&str> {
    keys.keys().iter().filter_map(FetchedKey::kid).collect()
}

pub(crate) fn discovery(issuer: &str, jwks_uri: &str) -> String {
    format!(r#"{{"issuer":"{issuer}","jwks_uri":"{jwks_uri}","response_types_supported":["id_token"]}}"#)
}

/// A host that resolves and answers, but that nobody named beforehand.
pub(crate) fn url_of_another_host(server: &Server) -> String {
    server.url("/jwks").replace(HOST, "keys.example.evil.example")
}
