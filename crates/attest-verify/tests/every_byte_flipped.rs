//! Each byte of accepted evidence, flipped: nothing panics, and nothing is accepted that was not signed by whom the report says.
//!
//! Some bytes of a document are not authenticated by anything, on purpose. [`Evidence::open`] lists them, each with the reason why nothing
//! follows from them; a flip accepted anywhere else fails the test, and so does a listed place where no flip is accepted.
#![allow(clippy::unwrap_used)]

#[path = "every_byte_flipped/evidence.rs"]
mod evidence;
#[path = "every_byte_flipped/spans.rs"]
mod spans;
#[path = "every_byte_flipped/token.rs"]
mod token;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::thread;

use stella_attest_verify::{Attestation, Report, Verdict};

use evidence::Evidence;
use spans::Spans;

/// The last bit: the next character, the next digit. The sixth: the other case of a letter.
const BITS: [u8; 2] = [0x01, 0x20];

/// In documents of more bytes than this, long texts are flipped by the last bit alone.
const SMALL: usize = 4096;

/// Flips every byte of `evidence`; returns how often what was accepted lies in each place.
fn accepted_places(evidence: &Evidence) -> BTreeMap<String, usize> {
    let original = evidence.judge(&evidence.document).unwrap();
    assert_eq!(original.verdict(), Verdict::Verified, "{}: {original}", evidence.name);
    let spans = Spans::of(&evidence.document);
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let places = thread::scope(|scope| {
        let (original, spans) = (&original, &spans);
        let flip = move |worker: usize| {
            let mut document = evidence.document.clone();
            let mut places = Vec::new();
            for at in (worker..document.len()).step_by(workers) {
                let bits = if document.len() > SMALL && spans.is_in_long_text(at) { &BITS[..1] } else { &BITS[..] };
                for bit in bits {
                    document[at] ^= bit;
                    if let Some(report) = evidence.judge(&document).filter(is_verified)
                        && !is_the_same(&evidence.document, &document)
                    {
                        says_nothing_new(original, &report, &evidence.name);
                        places.push(evidence.place(at, spans));
                    }
                    document[at] ^= bit;
                }
            }
            places
        };
        let workers: Vec<_> = (0..workers).map(|worker| scope.spawn(move || flip(worker))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    let mut counts = BTreeMap::new();
    for place in places {
        *counts.entry(place).or_default() += 1;
    }
    counts
}

fn is_verified(report: &Report) -> bool {
    report.verdict() == Verdict::Verified
}

/// Another spelling of the same JSON value, such as `\u003D` for `\u003d`.
fn is_the_same(original: &[u8], flipped: &[u8]) -> bool {
    let read = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    read(original).is_some_and(|original| read(flipped) == Some(original))
}

/// Whatever was flipped, an accepting report says of signer and statement what that of the original says, and knows no other time.
fn says_nothing_new(original: &Report, flipped: &Report, name: &str) {
    let statement = |report: &Report| {
        report.verified_statement().map(|statement| {
            let predicate = statement.predicate_json().map(str::to_owned);
            (statement.predicate_type().to_owned(), predicate, format!("{:?}", statement.subjects()))
        })
    };
    assert_eq!(statement(flipped), statement(original), "{name}");
    let signer = |report: &Report| {
        let signer = report.signer();
        let texts = [signer.identity(), signer.issuer(), signer.key(), signer.label(), signer.algorithm()];
        texts.map(|text| text.map(str::to_owned))
    };
    assert_eq!(signer(flipped), signer(original), "{name}");
    assert!(flipped.trusted_times().iter().all(|time| original.trusted_times().contains(time)), "{name}");
    assert_eq!(flipped.inputs().subject, original.inputs().subject, "{name}");
}

fn check(evidence: &Evidence) {
    let found: BTreeSet<String> = accepted_places(evidence).into_keys().collect();
    let open: BTreeSet<String> = evidence.open.iter().map(|(place, _)| (*place).to_owned()).collect();
    let surprising: Vec<&String> = found.difference(&open).collect();
    assert!(surprising.is_empty(), "{}: accepted although flipped: {surprising:#?}", evidence.name);
    let authenticated: Vec<&String> = open.difference(&found).collect();
    assert!(authenticated.is_empty(), "{}: not open any more: {authenticated:#?}", evidence.name);
    assert!(evidence.open.iter().all(|(_, reason)| reason.len() > 20), "{}: no reason", evidence.name);
}

#[test]
fn an_envelope_of_a_private_authority_is_authenticated() {
    check(&evidence::private_pki());
}

#[test]
fn an_envelope_signed_with_a_key_is_authenticated() {
    check(&evidence::private_key());
}

#[test]
fn an_envelope_with_hints_and_strangers_is_authenticated() {
    check(&evidence::hinted());
}

#[test]
fn a_bundle_with_every_kind_of_evidence_is_authenticated() {
    check(&evidence::made_bundle());
}

#[test]
fn a_bundle_of_the_first_version_with_a_chain_is_authenticated() {
    check(&evidence::made_bundle_v01());
}

#[test]
fn a_message_signature_of_the_public_instance_is_authenticated() {
    check(&evidence::public_message_signature());
}

#[test]
fn a_provenance_of_the_public_instance_is_authenticated() {
    check(&evidence::public_provenance());
}

#[test]
fn an_attestation_of_another_public_instance_is_authenticated() {
    check(&evidence::other_public_attestation());
}

#[test]
fn a_document_that_is_cut_short_is_refused_wherever_it_is_cut() {
    for evidence in [evidence::private_pki(), evidence::made_bundle()] {
        let last = evidence.document.iter().rposition(|byte| *byte == b'}').unwrap();
        for length in 0..=last {
            assert!(Attestation::from_json(&evidence.document[..length]).is_err(), "{} {length}", evidence.name);
        }
    }
}
