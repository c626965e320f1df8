//! Two keys that follow each other, and attestations by both: what `docs/rotation.md` is played with.

use stella_vocabulary::UnixTime;

use crate::{
    authority::{AUTHORITY_FROM, AUTHORITY_UNTIL},
    bundle::{Bundle, Content, Signer, Version},
    dsse::{Envelope, IN_TOTO},
    examples::File,
    json,
    key::TestKey,
    statement,
    trusted_root::{self, TrustedRoot, ValidFor},
    tsa::{TimestampAuthority, Token},
};

const ARTIFACT: &[u8] = b"stella example artifact, release 1.0.0\n";
const BUILDER: &str = "https://ci.example/builder";

/// Every file, in a fixed order: two public keys, a clock, and attestations named for their key and the day on which they were signed.
pub fn files() -> Vec<File> {
    let clock = TimestampAuthority::new("stella example clock TEST KEY");
    let valid_for = ValidFor { start: Some(AUTHORITY_FROM), end: Some(AUTHORITY_UNTIL) };
    let root = TrustedRoot {
        timestamp_authorities: vec![trusted_root::authority("https://clock.example", &clock.chain(), valid_for)],
        ..TrustedRoot::default()
    };
    let key = |year: &str| TestKey::p256(&format!("stella example release key {year} TEST KEY"));
    let (old, new) = (key("2025"), key("2026"));
    let signed = |key: &TestKey, day: Option<(i32, u8, u8)>| attestation(key, &clock, day);
    [
        ("clock.json", root.to_json()),
        ("release-2025.pub", old.public_pem()),
        ("release-2026.pub", new.public_pem()),
        ("old-key-2025-12-10.json", signed(&old, Some((2025, 12, 10)))),
        ("old-key-2026-01-20.json", signed(&old, Some((2026, 1, 20)))),
        ("old-key-untimed.json", signed(&old, None)),
        ("new-key-2026-01-02.json", signed(&new, Some((2026, 1, 2)))),
        ("new-key-2026-01-20.json", signed(&new, Some((2026, 1, 20)))),
    ]
    .into_iter()
    .map(|(path, contents)| File { path: path.to_owned(), contents: contents.into_bytes() })
    .collect()
}

fn attestation(key: &TestKey, clock: &TimestampAuthority, day: Option<(i32, u8, u8)>) -> String {
    // Of two attestations, no two say the same.
    let name = day.map_or("untimed".to_owned(), |(year, month, day)| format!("release-{year}-{month}-{day}.txt"));
    let payload = statement::provenance(&name, ARTIFACT, BUILDER).to_string();
    let envelope = Envelope::new(IN_TOTO, payload.as_bytes()).signed_by(key);
    let mut bundle = Bundle {
        version: Version::V03,
        content: Content::Dsse(envelope),
        signer: Signer::KeyHint(stella_vocabulary::base64::encode(&key.spki_sha256())),
        entries: Vec::new(),
        timestamps: Vec::new(),
    };
    if let Some(at) = day.and_then(|(year, month, day)| UnixTime::from_civil(year, month, day, 12, 0, 0)) {
        let token = Token::new(bundle.signature(), at);
        bundle.timestamps = vec![clock.respond(&token)];
    }
    json::pretty(&bundle.to_value())
}
