//! Documents, reports and events for tests of any store.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use stella_attest_model::{Digest, Limits};
use stella_attest_store::{
    Added, Arrival, AttestationStore, EventKind, Facts, Filter, Incoming, Level, NewEvent, OperationId, ReportRecord,
    RunId, RunPlan, StoreError,
};
use stella_attest_verify::Verdict;
use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority};
use stella_testkit::certificate::{SubjectAltName, to_pem};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::json::Value;
use stella_testkit::key::TestKey;
use stella_testkit::statement;
use stella_trust_store::fs::{Remembered, Stopwatch};
use stella_vocabulary::{Code, UnixTime};

/// 2026-01-17T09:00:00Z
pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_768_640_400);

/// So many seconds later.
pub(crate) fn later(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(AT.seconds() + seconds)
}

pub(crate) fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn operation() -> OperationId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number().to_be_bytes());
    id[8..12].copy_from_slice(&std::process::id().to_be_bytes());
    OperationId(id)
}

/// A document about an artifact of this name, with facts.
pub(crate) struct Document {
    pub(crate) bytes: Vec<u8>,
    pub(crate) facts: Facts,
}

pub(crate) fn document(name: &str) -> Document {
    document_of(name, "https://slsa.dev/provenance/v1")
}

pub(crate) fn document_of(name: &str, predicate_type: &str) -> Document {
    let predicate: Value = statement::slsa_predicate("https://builder.example/one");
    let text = statement::statement(
        statement::STATEMENT_V1,
        &[(name, Digest::sha256(name.as_bytes()).as_bytes())],
        predicate_type,
        predicate,
    );
    let text = text.to_string();
    of_bytes(
        Envelope::new(IN_TOTO, text.as_bytes()).signed_by(&TestKey::ed25519("store TEST KEY")).to_json().into_bytes(),
    )
}

pub(crate) fn of_bytes(bytes: Vec<u8>) -> Document {
    let (_, facts) = Facts::read(&bytes, &Limits::default()).unwrap();
    Document { bytes, facts }
}

/// Documents that differ in everything that they are found by: bare, with a hint, with a certificate that names nobody's issuer, and with one
/// that does; of three predicate types.
pub(crate) fn various(count: usize) -> Vec<Document> {
    let root = Authority::root("store root TEST KEY");
    let key = TestKey::p256("store signer TEST KEY");
    let identity = |name: &str| SubjectAltName::Uri(format!("https://ci.example/{name}"));
    let plain = to_pem(&root.signer_leaf(&key, &identity("private")).sign(root.key()));
    let fulcio = root.fulcio_leaf(&key, &identity("public"), "https://issuer.example", AUTHORITY_FROM, AUTHORITY_UNTIL);
    let fulcio = to_pem(&fulcio.sign(root.key()));
    let types = ["https://slsa.dev/provenance/v1", "https://spdx.dev/Document", "https://ci.example/own/v1"];
    (0..count)
        .map(|number| {
            let name = format!("various-{number}");
            let text = statement::statement(
                statement::STATEMENT_V1,
                // Every fourth shares an artifact with the one before it.
                &[(&name, Digest::sha256(&[u8::try_from(number - number % 4 / 3).unwrap()]).as_bytes())],
                types[number % types.len()],
                statement::slsa_predicate("https://builder.example/one"),
            );
            let envelope = Envelope::new(IN_TOTO, text.to_string().as_bytes());
            let envelope = match number % 5 {
                0 => envelope.signed_with_certificate(&key, &plain),
                1 => envelope.signed_with_certificate(&key, &fulcio),
                2 => envelope.signed_with_hint(&TestKey::ed25519("store TEST KEY"), "a hint"),
                _ => envelope.signed_by(&TestKey::ed25519("store TEST KEY")),
            };
            of_bytes(envelope.to_json().into_bytes())
        })
        .collect()
}

pub(crate) fn documents(prefix: &str, count: usize) -> Vec<Document> {
    (0..count).map(|number| document(&format!("{prefix}-{number}"))).collect()
}

pub(crate) fn incoming(documents: &[Document]) -> Vec<Incoming<'_>> {
    documents.iter().map(|document| Incoming { document: &document.bytes, facts: &document.facts, at: AT }).collect()
}

pub(crate) fn add(store: &mut dyn AttestationStore, documents: &[Document]) -> Result<Vec<Added>, StoreError> {
    store.add(&incoming(documents), operation())
}

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

pub(crate) fn remembered(directory: &Path) -> Remembered {
    Remembered::at(&directory.join("seen"), Box::new(Clock(Instant::now()))).unwrap()
}

/// A report on the arrival with this number.
pub(crate) fn report(arrival: &Arrival, code: Option<Code>, dependencies: &[&str]) -> ReportRecord {
    ReportRecord {
        attestation: arrival.attestation,
        arrival: arrival.sequence,
        at: AT,
        made: AT,
        verdict: if code.is_some() { Verdict::Rejected } else { Verdict::Verified },
        code,
        trust: "sha256:00".to_owned(),
        trust_entry: Some(3),
        policy: "sha256:11".to_owned(),
        dependencies: dependencies.iter().map(|text| (*text).to_owned()).collect(),
        json: Some(format!("{{\"arrival\":{}}}", arrival.sequence)),
    }
}

pub(crate) fn event(number: u64) -> NewEvent {
    NewEvent {
        at: AT,
        kind: EventKind::Import,
        level: Level::Info,
        code: None,
        attestation: None,
        duration: Some(number),
        summary: format!("event {number}"),
        details: vec![("name".to_owned(), "value \0 with a zero".to_owned())],
    }
}

pub(crate) fn plan(share: u32) -> RunPlan {
    RunPlan { filter: Filter::default(), at: AT, trust: "sha256:00".to_owned(), policy: "sha256:11".to_owned(), share }
}

pub(crate) fn run_id() -> RunId {
    RunId(operation().0)
}

/// A text of the environment as a number.
pub(crate) fn size(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
