//! What a change of trust can touch: judging only that gives what judging everything gives.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod ledger;
mod world;

use proptest::prelude::*;
use proptest::sample::Index;
use stella_attest_verify::preview::{Affected, Outcome};
use stella_attest_verify::{Code, Policy, TrustSnapshot, Verifier};

use crate::world::{CHOICES, Choices, at, bindings, world};

/// Mostly plain, so that something verifies.
fn choice() -> impl Strategy<Value = u8> {
    prop_oneof![5 => Just(0_u8), 2 => any::<u8>()]
}

fn choices() -> impl Strategy<Value = Choices> {
    prop::collection::vec(choice(), CHOICES).prop_map(|all| Choices::try_from(all).unwrap())
}

/// Who signs and what a log says has no say.
fn anybody() -> Policy {
    Policy::danger_any_signer().danger_without_log()
}

struct Judged {
    outcome: Outcome,
    dependencies: Vec<String>,
    code: Option<Code>,
}

fn judge(trust: &TrustSnapshot, policy: &Policy, binding: usize) -> Vec<Judged> {
    let verifier = Verifier::new(&world().registry, trust, policy.clone());
    let judged = world().attestations.iter().map(|(_, attestation)| {
        let report = verifier.verify(attestation, &bindings()[binding], at());
        Judged { outcome: Outcome::from(&report), dependencies: report.dependencies(), code: report.code() }
    });
    judged.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Soundness: where it says that nothing changes, nothing does.
    #[test]
    fn what_a_change_cannot_touch_comes_out_the_same(
        before in choices(),
        edits in prop::collection::vec((any::<Index>(), any::<u8>()), 1..5),
        policy in any::<Index>(),
        binding in 0..2_usize,
        origin in any::<bool>(),
    ) {
        let mut after = before;
        for (place, choice) in edits {
            after[place.index(CHOICES)] = choice;
        }
        let (Ok(before), Ok(after)) = (world().trust(&before, origin), world().trust(&after, origin)) else {
            return Err(TestCaseError::reject("the same certificate or key twice"));
        };
        let policies = world().policies();
        let policy = policy.get(&policies);
        for (from, to) in [(&before, &after), (&after, &before)] {
            let affected = Affected::between(from, to);
            let outcomes = judge(from, policy, binding).into_iter().zip(judge(to, policy, binding));
            for ((old, new), (name, _)) in outcomes.zip(&world().attestations) {
                prop_assert!(old.dependencies.is_sorted());
                prop_assert!(
                    old.outcome == new.outcome || affected.may_change(&old.dependencies, old.code),
                    "{name}: {} became {}; {:?}; {affected:?}",
                    old.outcome.line(), new.outcome.line(), old.dependencies
                );
            }
        }
    }
}

/// Usefulness: of what verifies, what is judged again after a change at one place.
fn judged_again(plain: &Choices, place: usize, choice: u8) -> Vec<&'static str> {
    let mut changed = *plain;
    changed[place] = choice;
    let (before, after) = (world().trust(plain, true).unwrap(), world().trust(&changed, true).unwrap());
    assert_ne!(before.root(), after.root());
    let affected = Affected::between(&before, &after);
    let judged = judge(&before, &anybody(), 0);
    let touched = judged
        .iter()
        .zip(&world().attestations)
        .filter(|(judged, _)| judged.outcome.is_verified() && affected.may_change(&judged.dependencies, judged.code));
    touched.map(|(_, (name, _))| *name).collect()
}

/// What verifies below the first root; with both issuers, it is the second.
const BELOW_FIRST: [&str; 3] = ["leaf alone", "leaf and issuer", "certificate and key"];

#[test]
fn everything_verifies_where_nothing_is_limited() {
    let judged = judge(&world().trust(&[0; CHOICES], true).unwrap(), &anybody(), 0);
    let refused: Vec<_> = judged
        .iter()
        .zip(&world().attestations)
        .filter(|(judged, _)| !judged.outcome.is_verified())
        .map(|(_, (name, _))| *name)
        .collect();
    // A message signature is held against its artifact.
    assert_eq!(refused, ["tampered", "instance b, message"]);
}

#[test]
fn taking_an_anchor_away_judges_its_dependents_and_no_others() {
    // One that is gone, removed, or superseded.
    for how in [1, 2, 4] {
        assert_eq!(judged_again(&[0; CHOICES], 0, how), BELOW_FIRST, "{how}");
        assert_eq!(judged_again(&[0; CHOICES], 6, how), ["directly below", "directly below, package"], "{how}");
    }
}

#[test]
fn a_new_anchor_judges_nothing_that_verified_under_another() {
    let mut without = [0; CHOICES];
    // The second root is not there yet; then it is.
    without[3] = 1;
    assert_eq!(
        judged_again(&without, 3, 0),
        ["leaf and both issuers"],
        "the only one for which its name was looked for"
    );
    without[6] = 1;
    let affected = |place: usize| judged_again(&without, place, 0);
    assert!(!affected(6).iter().any(|name| BELOW_FIRST.contains(name)));
    // A namesake of the first root is looked for by those below that name.
    assert_eq!(
        judged_again(&[0; CHOICES], 9, 5),
        ["leaf alone", "leaf and issuer", "leaf and both issuers", "certificate and key"]
    );
}

#[test]
fn another_key_judges_only_what_it_signed() {
    assert_eq!(judged_again(&[0; CHOICES], KEYS, 2), ["key 0", "key 0 and 3", "hint that names another"]);
    assert_eq!(judged_again(&[0; CHOICES], KEYS + 4, 4), ["key 1, package"]);
    let mut without = [0; CHOICES];
    without[KEYS + 12] = 2;
    assert_eq!(judged_again(&without, KEYS + 12, 0), Vec::<&str>::new());
}

#[test]
fn a_compromised_anchor_judges_everybody_who_looked_for_its_name() {
    assert_eq!(
        judged_again(&[0; CHOICES], 0, 3),
        ["leaf alone", "leaf and issuer", "leaf and both issuers", "certificate and key"]
    );
}

/// Where the choices about keys begin: behind five anchors of three each, three intermediates and two authorities.
const KEYS: usize = 20;

#[test]
fn one_trusted_root_judges_what_its_instance_has_to_do_with() {
    let touched = judged_again(&[0; CHOICES], KEYS + 16 + 6, 2);
    assert!(touched.iter().all(|name| name.starts_with("instance")), "{touched:?}");
    assert!(touched.contains(&"instance a"));
    assert!(!touched.contains(&"instance b"));
}

#[test]
fn the_same_trust_touches_nothing() {
    let trust = || world().trust(&[0; CHOICES], true).unwrap();
    let affected = Affected::between(&trust(), &trust());
    assert!(affected.is_nothing());
    assert!(!affected.may_change(&[], None));
    assert!(!affected.may_change(&["*".to_owned()], Some(Code::DsseKeyUnknown)));
    let elsewhere = Affected::between(&trust(), &world().trust(&[0; CHOICES], false).unwrap());
    assert!(elsewhere.may_change(&["anchor/sha256:00".to_owned()], None), "a store is asked in another way");
}

#[test]
fn a_refused_signature_stays_refused_whoever_vouches_for_its_certificate() {
    let (before, mut changed) = ([0; CHOICES], [0; CHOICES]);
    changed[3] = 1;
    let (before, after) = (world().trust(&before, true).unwrap(), world().trust(&changed, true).unwrap());
    let judged = judge(&before, &anybody(), 0);
    let position = world().attestations.iter().position(|(name, _)| *name == "tampered").unwrap();
    assert_eq!(judged[position].code, Some(Code::DsseSignatureInvalid));
    let affected = Affected::between(&before, &after);
    assert!(!affected.may_change(&judged[position].dependencies, judged[position].code));
}
