//! The same over the changes of a trust log: each is what a person does, and the states are those that the rules let come about.

use std::sync::Arc;

use proptest::prelude::*;
use stella_attest_verify::preview::Affected;
use stella_attest_verify::{Policy, TrustSnapshot};
use stella_crypto_providers::{SignatureEncoding, SigningKey};
use stella_testkit::key::TestKey;
use stella_trust_store::MemoryLog;
use stella_trust_store::ledger::*;

use crate::judge;
use crate::world::{at, days, limits, within, world};

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn occasion() -> Occasion {
    let actor = Actor::unsigned(Person::new("dave").unwrap());
    Occasion { actor, at: days(-20), reason: "because of a test".into() }
}

fn store() -> Ledger<MemoryLog> {
    let secret = TestKey::ed25519("affected store").signing_key().to_pkcs8_der();
    let signer = Arc::new(SigningKey::from_pkcs8_der(&secret).unwrap());
    let founding = Founding { approvers: Vec::new(), quorum: 2, store: id("affected") };
    Ledger::create(MemoryLog::new(), &world().registry, signer, founding, &occasion()).unwrap()
}

/// One of nine objects, with these terms.
fn record(which: u8, terms: u8) -> Record {
    let terms = Terms::default().with_scope(limits(terms % 6)).with_window(within(terms / 6 % 4));
    let which = usize::from(which);
    match which % 9 {
        0..=2 => Record::Anchor(AnchorRecord {
            id: id(&format!("root-{which}")),
            certificate: world().anchor(which % 9).to_vec(),
            terms,
        }),
        number @ (3 | 4) => Record::Intermediate(IntermediateRecord {
            id: id(&format!("intermediate-{number}")),
            certificate: world().intermediate(number - 3).to_vec(),
            label: None,
        }),
        number => Record::Key(KeyRecord {
            id: id(&format!("key-{number}")),
            encoding: SignatureEncoding::Der,
            hint: None,
            issuer: None,
            key: world().key(number - 5).to_vec(),
            terms,
        }),
    }
}

/// What somebody may do; what the rules refuse is left out.
fn change(what: u8, which: u8, terms: u8) -> Change {
    let which = which % 9;
    let object = record(which, terms).object();
    let cause =
        [RevocationCause::Compromised, RevocationCause::Superseded, RevocationCause::Ceased][usize::from(terms % 3)];
    match what % 6 {
        0 | 1 => Change::Added(record(which, terms)),
        2 => Change::Changed(record(which, terms)),
        3 => Change::Removed(object),
        4 => Change::Revoked { object, revocation: Revocation { cause, invalid_since: None, revoked_at: days(-20) } },
        _ => Change::Reinstated(object),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_log_touches_what_it_is_said_not_to(
        plan in prop::collection::vec((any::<u8>(), any::<u8>(), prop_oneof![3 => Just(0_u8), 1 => any::<u8>()]), 1..30),
        policy in any::<prop::sample::Index>(),
    ) {
        let mut ledger = store();
        for which in 0..9 {
            if which != 4 {
                ledger.change(Change::Added(record(which, 0)), &occasion()).unwrap();
            }
        }
        let policies = world().policies();
        let policy: &Policy = policy.get(&policies);
        let snapshot = |ledger: &Ledger<MemoryLog>| -> TrustSnapshot { ledger.state().snapshot(at()).unwrap() };
        let mut before = snapshot(&ledger);
        let mut outcomes = judge(&before, policy, 0);
        for (what, which, terms) in plan {
            if ledger.change(change(what, which, terms), &occasion()).is_err() {
                continue;
            }
            let after = snapshot(&ledger);
            let affected = Affected::between(&before, &after);
            let next = judge(&after, policy, 0);
            for ((old, new), (name, _)) in outcomes.iter().zip(&next).zip(&world().attestations) {
                prop_assert!(
                    old.outcome == new.outcome || affected.may_change(&old.dependencies, old.code),
                    "{name}: {} became {}; {:?}; {affected:?}",
                    old.outcome.line(), new.outcome.line(), old.dependencies
                );
            }
            (before, outcomes) = (after, next);
        }
    }
}
