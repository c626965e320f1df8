//! Bytes as an answer of HTTP/1.1: what is accepted is the body of a second reader and goes into a store as it is, within the limits;
//! what is refused leaves nothing there.
#![no_main]

use std::cell::RefCell;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use stella_crypto_providers::{Registry, SignatureEncoding, SigningKey};
use stella_fuzz::check_reason;
use stella_testkit::key::TestKey;
use stella_trust_store::MemoryLog;
use stella_trust_store::fetch::{FetchError, FetchRules, KeyFetcher, Published};
use stella_trust_store::ledger::{
    Actor, Change, Founding, Id, IssuerRecord, KeyRecord, Ledger, Occasion, Person, Record, Terms, Tier,
};
use stella_vocabulary::{Code, Reason as _, UnixTime};

const URL: &str = "https://keys.example/jwks";
const ISSUERS: [&str; 1] = ["https://ci.example"];
/// A store that has become this long gives way to a new one.
const LONGEST_LOG: u64 = 64;

thread_local! {
    static STORE: RefCell<Ledger<MemoryLog>> = RefCell::new(store());
}

fuzz_target!(|data: &[u8]| {
    let rules = || FetchRules::new().allow_host("keys.example").expect("a host");
    let delivered = check(rules(), data);
    // With the smallest limits that let anything through, the same or too large.
    let narrow = check(rules().body_bytes(96).header_bytes(96), data);
    match (&delivered, &narrow) {
        (Ok(one), Ok(other)) => assert_eq!(one, other),
        (_, Err(FetchError::TooLarge { limit, .. })) => assert_eq!(*limit, 96),
        (Err(one), Err(other)) => {
            assert!(one.code() == other.code() || one.code() == Code::FetchTooLarge, "{one:?} {other:?}")
        }
        (one, other) => panic!("{one:?} but with narrow limits {other:?}"),
    }
    STORE.with_borrow_mut(|store| {
        let before = store.head();
        match delivered {
            Ok(Published::Keys(keys)) => {
                store.stage(keys.to_staged(id("ci")), &occasion()).expect("fetched keys can be staged");
                assert_eq!(store.head().size, before.size + 1);
                for key in keys.keys() {
                    assert_eq!(store.state().staged_by(key.key().key_id().as_bytes()), Some(&id("ci")));
                    // Each could be added as it is.
                    let record = KeyRecord {
                        id: id("fetched"),
                        encoding: SignatureEncoding::Der,
                        hint: None,
                        issuer: Some(id("ci")),
                        key: key.key().spki_der().to_vec(),
                        terms: Terms::default(),
                    };
                    store
                        .state()
                        .planned(&[Change::Added(Record::Key(record))], occasion().at)
                        .expect("a key for the store");
                }
                assert!(store.snapshot(occasion().at).expect("a snapshot").keys().is_empty());
                if store.head().size > LONGEST_LOG {
                    *store = self::store();
                }
            }
            _ => assert_eq!(store.head(), before),
        }
    });
});

fn check(rules: FetchRules, data: &[u8]) -> Result<Published, FetchError> {
    let fetcher = KeyFetcher::new(rules);
    let outcome = fetcher.read_response(URL, &ISSUERS, data);
    match &outcome {
        Ok(published) => {
            let (body, ends_by_itself) = reference(data).expect("an answer to a second reader");
            assert!(body.len() <= 1 << 20);
            if let Published::Keys(keys) = published {
                assert!((1..=1024).contains(&keys.keys().len()));
                assert_eq!(keys.digest()[..], Sha256::digest(&body)[..]);
                assert_eq!(keys.url(), URL);
            }
            if ends_by_itself {
                // Neither less nor more than this.
                for cut in [0, data.len() / 2, data.len() - 1] {
                    fetcher.read_response(URL, &ISSUERS, &data[..cut]).expect_err("an answer that was cut");
                }
                let longer = [data, b" "].concat();
                fetcher.read_response(URL, &ISSUERS, &longer).expect_err("an answer with something behind it");
            }
        }
        Err(error) => {
            check_reason(error);
            assert_eq!(error.code().family(), "fetch");
        }
    }
    outcome
}

/// The body, and whether its end is marked; read the plain way, from a slice.
fn reference(data: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut rest = data;
    loop {
        let end = rest.windows(4).position(|window| window == b"\r\n\r\n")?;
        let (head, body) = (&rest[..end], &rest[end + 4..]);
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        // Empty lines before the status line are passed over (RFC 9112 §2.2).
        let first = lines.by_ref().find(|line| !line.is_empty())?;
        let status = first.split(|byte| *byte == b' ').nth(1)?;
        if status.first() == Some(&b'1') && status != b"101" {
            rest = body;
            continue;
        }
        assert_eq!(status, b"200");
        let field = |name: &str| {
            head.split(|byte| *byte == b'\n').find_map(|line| {
                let colon = line.iter().position(|byte| *byte == b':')?;
                line[..colon].eq_ignore_ascii_case(name.as_bytes()).then(|| line[colon + 1..].trim_ascii())
            })
        };
        if field("transfer-encoding").is_some() {
            return Some((chunks(body)?, true));
        }
        return match field("content-length") {
            Some(length) => {
                let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
                assert_eq!(body.len(), length);
                Some((body.to_vec(), true))
            }
            None => Some((body.to_vec(), false)),
        };
    }
}

fn chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let digits = rest[..end].split(|byte| *byte == b';').next()?.trim_ascii();
        let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        rest = &rest[end + 2..];
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

fn id(text: &str) -> Id {
    Id::new(text).expect("an id")
}

fn occasion() -> Occasion {
    let actor = Actor::unsigned(Person::new("fuzzer").expect("a name"));
    Occasion { actor, at: UnixTime::from_seconds(1_768_640_400), reason: "looking for trouble".into() }
}

/// A store with the issuer `ci`.
fn store() -> Ledger<MemoryLog> {
    let secret = TestKey::ed25519("store").signing_key().to_pkcs8_der();
    let key = Arc::new(SigningKey::from_pkcs8_der(&secret).expect("a key"));
    let founding = Founding { store: id("example"), quorum: 2, approvers: Vec::new() };
    let mut store =
        Ledger::create(MemoryLog::new(), &Registry::rustcrypto(), key, founding, &occasion()).expect("a store");
    let issuer = IssuerRecord {
        id: id("ci"),
        identities: Vec::new(),
        name: "the builder".into(),
        terms: Terms::default(),
        tier: Tier::Vendor,
        urls: vec![URL.into()],
        weight: 50,
    };
    store.change(Change::Added(Record::Issuer(issuer)), &occasion()).expect("an issuer");
    store
}
