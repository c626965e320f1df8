//! Any attestation: limits hold, white space and form do not change the id, and a file of lines is the list of its lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};
use stella_attest_model::{Attestation, Bundle, Form, Limits};
use stella_fuzz::check_reason;
use stella_transparency::rekor::EntryBody;
use stella_vocabulary::{Code, Reason as _};

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    match Attestation::from_json(data) {
        Ok(attestation) => {
            check(&attestation, data, &limits);
            // Tight limits: what passes them obeys them.
            let tight = Limits { log_entries: 1, proof_hashes: 3, timestamps: 1, certificates: 1, ..limits };
            match Attestation::from_json_with(data, &tight) {
                Ok(attestation) => check(&attestation, data, &tight),
                Err(error) => check_reason(&error),
            }
        }
        Err(error) => check_reason(&error),
    }
    match Attestation::parse_lines(data, &limits) {
        Ok(all) => {
            let lines = data.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
            let each: Vec<_> =
                lines.map(|line| Attestation::from_json(line).expect("it is one of the lines")).collect();
            assert_eq!(
                all.iter().map(Attestation::id).collect::<Vec<_>>(),
                each.iter().map(Attestation::id).collect::<Vec<_>>()
            );
        }
        Err(error) => check_reason(&error),
    }
});

fn check(attestation: &Attestation, data: &[u8], limits: &Limits) {
    assert_eq!(attestation.source_digest(), <[u8; 32]>::from(Sha256::digest(data)));
    assert_eq!(attestation.envelope().is_some(), attestation.message_signature().is_none());
    assert_eq!(attestation.bundle().is_some(), attestation.form() != Form::Envelope);
    assert!(attestation.certificates().len() <= limits.certificates);
    assert!(attestation.certificates().iter().all(|der| (1..=limits.certificate_bytes).contains(&der.len())));
    assert!(attestation.log_entries().len() <= limits.log_entries);
    assert!(attestation.timestamps().len() <= limits.timestamps);
    for entry in attestation.log_entries() {
        if let Some(proof) = entry.inclusion_proof() {
            assert!(proof.hashes().len() <= limits.proof_hashes);
            assert!(proof.checkpoint().is_none_or(|text| text.len() <= limits.checkpoint_bytes));
        }
        if let Err(error) = EntryBody::parse(entry) {
            check_reason(&error);
        }
    }
    // The same bundle with other white space around it.
    let spaced = [b" \n", data, b"\r\n\t"].concat();
    let again = Attestation::from_json_with(&spaced, limits).unwrap_or_else(|error| panic!("with spaces: {error}"));
    assert_eq!(again.id(), attestation.id());
    assert_eq!(again.bundle().map(Bundle::log_entries), attestation.bundle().map(Bundle::log_entries));
    // The envelope of a bundle, bare.
    if let Some(envelope) = attestation.envelope() {
        assert!((1..=limits.signatures).contains(&envelope.signatures().len()));
        let bare = Attestation::from_json(envelope.to_json().as_bytes()).expect("an envelope can be read");
        assert_eq!(bare.id(), attestation.id());
    }
    if let Some(message) = attestation.message_signature() {
        assert_eq!(message.id(), attestation.id());
    }
    // No document is two things.
    if let Err(error) = Bundle::from_json(data, limits) {
        assert_eq!(attestation.form(), Form::Envelope, "{error}");
        assert_ne!(error.code(), Code::JsonSyntax);
    }
}
