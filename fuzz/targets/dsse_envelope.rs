//! An envelope that is accepted means the same when it is written and read again: the same PAE, the same id, both as computed here.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use stella_attest_model::{Attestation, Envelope, EnvelopeSignature, Limits};
use stella_fuzz::check_reason;
use stella_testkit::{dsse, json};
use stella_vocabulary::base64;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let envelope = match Envelope::from_json(data, &limits) {
        Ok(envelope) => envelope,
        Err(error) => return check_reason(&error),
    };
    assert!((1..=limits.signatures).contains(&envelope.signatures().len()));
    assert!(envelope.signatures().iter().all(|signature| !signature.sig().is_empty()));
    assert!(envelope.payload_type().len() <= limits.identifier_bytes);
    assert!(!envelope.payload_type().chars().any(char::is_control));

    let pae = envelope.pae().to_vec();
    assert_eq!(pae, dsse::pae(envelope.payload_type(), envelope.unverified_payload()));
    assert_eq!(envelope.id().as_bytes(), &expected_id(&envelope));

    // Written and read, and read where any attestation may stand.
    let text = envelope.to_json();
    let again = Envelope::from_json(text.as_bytes(), &limits).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(again, envelope);
    assert_eq!(again.pae().to_vec(), pae);
    assert_eq!(again.id(), envelope.id());
    assert_eq!(again.to_json(), text);
    let sniffed = Attestation::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(sniffed.id(), envelope.id());
    assert_eq!(sniffed.envelope(), Some(&envelope));

    // Put together from its parts.
    let signatures = envelope
        .signatures()
        .iter()
        .map(|signature| EnvelopeSignature::new(signature.sig().to_vec(), signature.keyid_hint().map(str::to_owned)))
        .collect();
    let built =
        Envelope::new(envelope.payload_type().to_owned(), envelope.unverified_payload().to_vec(), signatures).unwrap();
    assert_eq!(built.id(), envelope.id());

    // A signature more is another attestation.
    let mut more: Vec<_> = built.signatures().to_vec();
    more.push(EnvelopeSignature::new(b"one more".to_vec(), None));
    if more.len() <= limits.signatures {
        let other = Envelope::new(built.payload_type().to_owned(), built.unverified_payload().to_vec(), more).unwrap();
        assert_ne!(other.id(), envelope.id());
        assert_eq!(other.pae().to_vec(), pae);
    }
});

/// SHA-256 of the RFC 8785 form of the members that DSSE names. Keys of a `Value` are sorted, and no text here needs an escape in
/// which serde_json and RFC 8785 differ.
fn expected_id(envelope: &Envelope) -> [u8; 32] {
    let signatures = envelope.signatures().iter().map(|signature| {
        let sig = ("sig", json::text(&base64::encode(signature.sig())));
        json::object(signature.keyid_hint().map(|keyid| ("keyid", json::text(keyid))).into_iter().chain([sig]))
    });
    let value = json::object([
        ("payload", json::text(&base64::encode(envelope.unverified_payload()))),
        ("payloadType", json::text(envelope.payload_type())),
        ("signatures", json::array(signatures)),
    ]);
    Sha256::digest(value.to_string()).into()
}
