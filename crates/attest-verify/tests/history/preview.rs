//! Comparing the verdicts under two snapshots.

use stella_attest_verify::preview::{Evidence, Movement, Preview, Unmoved};
use stella_attest_verify::{Attestation, Binding, Code, Policy, TrustSnapshot};

use crate::world::*;

fn trusting(names: &[&str]) -> TrustSnapshot {
    let builder = TrustSnapshot::builder();
    names.iter().fold(builder, |builder, name| builder.key(test_key(name).public_key().clone())).build().unwrap()
}

fn evidence(attestations: &[Attestation]) -> impl Iterator<Item = Evidence<'_>> {
    attestations.iter().map(|attestation| Evidence { attestation, binding: &Binding::SubjectsAsListed })
}

fn preview(before: &[&str], after: &[&str]) -> Preview {
    Preview::new(&registry(), &trusting(before), &trusting(after), Policy::require_trusted_signer())
}

#[test]
fn a_key_in_place_of_another_moves_the_attestations_of_both_and_no_others() {
    let attestations = ["old", "new", "kept", "unknown"].map(signed_by);
    let comparison = preview(&["old", "kept"], &["new", "kept"]).compare(evidence(&attestations), at(0));
    let refused: Vec<_> = comparison.moved_in(Movement::NewlyRefused).collect();
    assert_eq!((refused.len(), refused[0].index), (1, 0));
    assert!(refused[0].before.is_verified());
    assert_eq!(refused[0].after.code(), Some(Code::DsseKeyUnknown));
    assert!(refused[0].after.line().starts_with("rejected[dsse.key_unknown]: "), "{}", refused[0].after.line());
    let verified: Vec<_> = comparison.moved_in(Movement::NewlyVerified).collect();
    assert_eq!((verified.len(), verified[0].index), (1, 1));
    assert_eq!(comparison.unmoved, Unmoved { indeterminate: 0, rejected: 1, verified: 1 });
    assert_eq!(comparison.judged(), 4);
}

#[test]
fn the_order_of_the_evidence_has_no_say() {
    let attestations = ["old", "new", "kept", "unknown"].map(signed_by);
    let mut reversed = attestations.clone();
    reversed.reverse();
    let preview = preview(&["old", "kept"], &["new", "kept"]);
    let names = |attestations: &[Attestation]| {
        let comparison = preview.compare(evidence(attestations), at(0));
        comparison.moved.into_iter().map(|moved| (moved.attestation, moved.movement)).collect::<Vec<_>>()
    };
    assert_eq!(names(&attestations), names(&reversed));
}

#[test]
fn the_same_trust_moves_nothing() {
    let attestations = ["old", "unknown"].map(signed_by);
    let comparison = preview(&["old"], &["old"]).compare(evidence(&attestations), at(0));
    assert!(comparison.moved.is_empty());
    assert_eq!(comparison.unmoved, Unmoved { indeterminate: 0, rejected: 1, verified: 1 });
}

#[test]
fn another_reason_for_a_refusal_is_told_apart_from_another_verdict() {
    let attestations = [signed_by("old")];
    let window = stella_vocabulary::Window::half_open(None, Some(at(-10)));
    let entry = stella_trust_store::KeyEntry::new(test_key("old").public_key().clone()).with_window(window);
    let ended = TrustSnapshot::builder().key_with(entry).build().unwrap();
    let preview = Preview::new(&registry(), &trusting(&["new"]), &ended, Policy::require_trusted_signer());
    let comparison = preview.compare(evidence(&attestations), at(0));
    let codes = [&comparison.moved[0].before, &comparison.moved[0].after].map(|outcome| outcome.code().unwrap());
    assert_eq!(codes, [Code::DsseKeyUnknown, Code::KeyExpired]);
    assert_eq!(comparison.moved[0].movement, Movement::OtherwiseRefused);
}
