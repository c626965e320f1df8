//! Instants and windows: texts lead back to instants, windows decide as the table says, and so do verifications that rest on one.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use stella_attest_verify::{Artifact, Attestation, Binding, Certificate, Policy, Registry, TrustSnapshot, Verifier};
use stella_chain_verify::Anchor;
use stella_fuzz::{Input, check_reason, check_shown};
use stella_testkit::{
    authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority},
    certificate::SubjectAltName,
    certificate::to_pem,
    dsse::{Envelope, IN_TOTO},
    key::TestKey,
    statement,
};
use stella_trust_store::KeyEntry;
use stella_vocabulary::{Code, End, Position, UnixTime, Window};

const ARTIFACT: &[u8] = b"timed";

struct Evidence {
    registry: Registry,
    key: TestKey,
    by_key: Attestation,
    by_certificate: Attestation,
    root: Certificate,
    binding: Binding,
}

fn evidence() -> &'static Evidence {
    static EVIDENCE: OnceLock<Evidence> = OnceLock::new();
    EVIDENCE.get_or_init(|| {
        let (key, root) = (TestKey::ed25519("fuzz window"), Authority::root("fuzz window root"));
        let statement = statement::provenance("artifact", ARTIFACT, "https://ci.example/builder").to_string();
        let envelope = || Envelope::new(IN_TOTO, statement.as_bytes());
        let leaf = root.signer_leaf(&key, &SubjectAltName::Uri("https://ci.example/builder".to_owned()));
        let leaf = to_pem(&leaf.sign(root.key()));
        let read = |envelope: Envelope| Attestation::from_json(envelope.to_json().as_bytes()).expect("an envelope");
        Evidence {
            registry: Registry::rustcrypto(),
            by_key: read(envelope().signed_by(&key)),
            by_certificate: read(envelope().signed_with_certificate(&key, &leaf)),
            root: Certificate::from_der(root.certificate()).expect("a certificate"),
            binding: Artifact::of_bytes(ARTIFACT).into(),
            key,
        }
    })
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let how = input.byte();
    let at = instant(&mut input);
    let bound = |input: &mut Input<'_>| match input.below(4) {
        0 => None,
        // Near the instant, where the bounds matter.
        1 | 2 => at.checked_add(input.below(5) as i64 - 2),
        _ => Some(instant(input)),
    };
    let (from, until) = (bound(&mut input), bound(&mut input));
    let (window, end) = if how & 1 == 0 {
        (Window::half_open(from, until), End::Exclusive)
    } else {
        (Window::closed(from, until), End::Inclusive)
    };
    let started = from.is_none_or(|from| at.seconds() >= from.seconds());
    let ended = until.is_some_and(|until| match end {
        End::Inclusive => at.seconds() > until.seconds(),
        _ => at.seconds() >= until.seconds(),
    });
    let inside = started && !ended;
    assert_eq!(window.contains(at), inside);
    match window.position(at) {
        Position::Inside => assert!(inside),
        Position::Before => assert!(!started),
        Position::After => assert!(ended),
    }
    if window.is_empty() {
        assert!(!inside);
    }
    assert_eq!((window.from(), window.until()), (from, until));
    check_shown(window);

    check_text(at);
    let text = input.text(40);
    match UnixTime::parse_rfc3339(&text) {
        Ok(time) => check_text(time),
        Err(error) => check_reason(&error),
    }
    match how >> 1 & 7 {
        0 => check_key(window, at, inside),
        1 => check_anchor(window, at, inside),
        _ => {}
    }
});

fn instant(input: &mut Input<'_>) -> UnixTime {
    UnixTime::from_seconds(match input.below(4) {
        0 => AUTHORITY_FROM.seconds() + input.below(5) as i64 - 2,
        1 => AUTHORITY_UNTIL.seconds() + input.below(5) as i64 - 2,
        2 => AUTHORITY_FROM.seconds() + (input.number() >> 33) as i64,
        _ => input.number() as i64,
    })
}

/// An instant of the years 0 to 9999 can be read from its own text.
fn check_text(at: UnixTime) {
    let text = at.to_string();
    check_shown(&text);
    if text.ends_with('Z') {
        assert_eq!(UnixTime::parse_rfc3339(&text), Ok(at));
        let seconds = text.strip_suffix('Z').unwrap_or_default();
        assert_eq!(UnixTime::parse_rfc3339(&format!("{seconds}.999999Z")), Ok(at));
        if let Ok(shifted) = UnixTime::parse_rfc3339(&format!("{seconds}+01:00")) {
            assert_eq!(shifted.checked_add(3600), Some(at));
        }
    }
}

fn verify(trust: TrustSnapshot, attestation: &Attestation, at: UnixTime) -> Option<Code> {
    let evidence = evidence();
    let verifier = Verifier::new(&evidence.registry, &trust, Policy::require_trusted_signer());
    let report = verifier.verify(attestation, &evidence.binding, at);
    check_shown(&report);
    report.code()
}

/// A key counts exactly within its window.
fn check_key(window: Window, at: UnixTime, inside: bool) {
    let evidence = evidence();
    let entry = KeyEntry::new(evidence.key.public_key().clone()).with_window(window);
    match TrustSnapshot::builder().key_with(entry).build() {
        Ok(trust) => {
            let code = verify(trust, &evidence.by_key, at);
            assert_eq!(code.is_none(), inside, "{window} at {at}: {code:?}");
        }
        Err(error) => {
            check_reason(&error);
            assert!(window.is_empty());
        }
    }
}

/// A certificate counts within its validity and the window of its anchor, ends of the validity included.
fn check_anchor(window: Window, at: UnixTime, inside: bool) {
    let evidence = evidence();
    let anchor = Anchor::new(evidence.root.clone()).with_window(window);
    match TrustSnapshot::builder().anchor_with(anchor).build() {
        Ok(trust) => {
            let valid = (AUTHORITY_FROM..=AUTHORITY_UNTIL).contains(&at);
            let code = verify(trust, &evidence.by_certificate, at);
            assert_eq!(code.is_none(), inside && valid, "{window} at {at}: {code:?}");
        }
        Err(error) => {
            check_reason(&error);
            assert!(window.is_empty());
        }
    }
}
