//! Which changes loosen and which tighten.

use stella_trust_store::Head;
use stella_trust_store::ledger::*;

use crate::world::*;

fn store() -> Ledger<stella_trust_store::MemoryLog> {
    let mut ledger = three();
    let scope = Scope { predicate_types: vec!["a".into(), "b".into()], max_path_length: Some(1), ..Scope::default() };
    let terms = Terms::labelled("k").with_window(window(Some(0), Some(100))).with_scope(scope);
    ledger.agreed(Change::Added(Record::Key(KeyRecord { terms, ..key_record("key") })), 1);
    ledger.agreed(Change::Added(Record::Issuer(issuer_record("vendor"))), 1);
    ledger.agreed(add_key("gone"), 1);
    ledger.agreed(add_key("revoked"), 1);
    ledger.make(Change::Removed(key_ref("gone")), 2).unwrap();
    let revocation = Revocation { cause: RevocationCause::Superseded, invalid_since: None, revoked_at: at(50) };
    ledger.make(Change::Revoked { object: key_ref("revoked"), revocation }, 2).unwrap();
    ledger
}

#[test]
fn every_change_is_known_as_loosening_or_tightening() {
    use Effect::{Loosening, Neutral, Tightening};
    let ledger = store();
    let state = ledger.state();
    let Some((Record::Key(key), _)) = state.record(&key_ref("key")) else { panic!("no key") };
    let with = |edit: &dyn Fn(&mut KeyRecord)| {
        let mut key = key.clone();
        edit(&mut key);
        Change::Changed(Record::Key(key))
    };
    let issuer = |edit: &dyn Fn(&mut IssuerRecord)| {
        let mut issuer = issuer_record("vendor");
        edit(&mut issuer);
        Change::Changed(Record::Issuer(issuer))
    };
    let revoked = |name: &str, cause, since: Option<i64>, seconds| Change::Revoked {
        object: key_ref(name),
        revocation: Revocation { cause, invalid_since: since.map(at), revoked_at: at(seconds) },
    };
    let middle = IntermediateRecord { id: id("m"), certificate: vec![1], label: None };
    let alice = ObjectRef::new(ObjectKind::Approver, id("alice"));
    use RevocationCause::{Compromised, Superseded};
    let table = [
        ("a key", add_key("new"), Loosening),
        ("an anchor", Change::Added(Record::Anchor(anchor_record("root"))), Loosening),
        ("an intermediate", Change::Added(Record::Intermediate(middle)), Neutral),
        ("an issuer", Change::Added(Record::Issuer(issuer_record("new"))), Loosening),
        ("trust in an issuer", Change::IssuerTrusted(id("vendor")), Loosening),
        ("distrust", Change::IssuerDistrusted(id("vendor")), Tightening),
        ("an approver", Change::Added(Record::Approver(approver("e", "e"))), Loosening),
        ("one approver less", Change::Removed(alice), Loosening),
        ("a higher quorum", Change::QuorumChanged(3), Tightening),
        ("a lower quorum", Change::QuorumChanged(1), Loosening),
        ("an older store", Change::RollbackAccepted(Head { size: 9, root: [1; 32] }), Loosening),
        ("removal", Change::Removed(key_ref("key")), Tightening),
        ("return of the removed", Change::Reinstated(key_ref("gone")), Loosening),
        ("un-revocation", Change::Reinstated(key_ref("revoked")), Loosening),
        ("revocation", revoked("key", Compromised, None, 9), Tightening),
        ("worse revocation", revoked("revoked", Compromised, None, 50), Tightening),
        ("earlier revocation", revoked("revoked", Superseded, None, 49), Tightening),
        ("later revocation", revoked("revoked", Superseded, None, 51), Loosening),
        ("worse but later revocation", revoked("revoked", Compromised, None, 51), Tightening),
        ("worse revocation since before", revoked("revoked", Compromised, Some(49), 51), Tightening),
        ("worse revocation since the same day", revoked("revoked", Compromised, Some(50), 60), Tightening),
        ("worse revocation that proves more", revoked("revoked", Compromised, Some(51), 60), Loosening),
        ("another word for it", revoked("revoked", RevocationCause::Ceased, None, 50), Neutral),
        ("revocation of the removed", revoked("gone", Compromised, None, 9), Tightening),
        ("revocation of the removed as of some day", revoked("gone", Superseded, None, 9), Loosening),
        ("revocation of the removed since some day", revoked("gone", Compromised, Some(8), 9), Loosening),
        ("a label", with(&|key| key.terms.label = Some("x".into())), Neutral),
        ("a hint", with(&|key| key.hint = Some("x".into())), Neutral),
        ("a shorter window", with(&|key| key.terms.window = window(Some(0), Some(99))), Tightening),
        ("a longer window", with(&|key| key.terms.window = window(Some(0), Some(101))), Loosening),
        ("an open window", with(&|key| key.terms.window = window(Some(0), None)), Loosening),
        ("an earlier start", with(&|key| key.terms.window = window(Some(-1), Some(100))), Loosening),
        ("a predicate type less", with(&|key| drop(key.terms.scope.predicate_types.pop())), Tightening),
        ("any predicate type", with(&|key| key.terms.scope.predicate_types.clear()), Loosening),
        ("another predicate type", with(&|key| key.terms.scope.predicate_types = vec!["c".into()]), Loosening),
        (
            "first purl pattern",
            // It may win against a less specific pattern of somebody else.
            with(&|key| key.terms.scope.purl_patterns = vec![PurlPattern::new("pkg:oci/a").unwrap()]),
            Loosening,
        ),
        ("shorter paths", with(&|key| key.terms.scope.max_path_length = Some(0)), Tightening),
        ("longer paths", with(&|key| key.terms.scope.max_path_length = None), Loosening),
        ("an exclusion", with(&|key| key.terms.scope.name_constraints_excluded = vec!["x".into()]), Tightening),
        ("another owner", with(&|key| key.issuer = Some(id("vendor"))), Loosening),
        ("an issuer's name", issuer(&|issuer| issuer.name = "New Name".into()), Neutral),
        (
            "an issuer's identity more",
            issuer(&|issuer| {
                issuer.identities.push(CertificateIdentity { identity: "x".into(), oidc_issuer: None });
            }),
            Loosening,
        ),
        ("an issuer's identity less", issuer(&|issuer| issuer.identities.clear()), Tightening),
        ("another place for keys", issuer(&|issuer| issuer.urls = vec!["https://other.example".into()]), Loosening),
        ("a heavier word", issuer(&|issuer| issuer.weight = 51), Loosening),
        ("a lighter word", issuer(&|issuer| issuer.weight = 49), Tightening),
        ("a worse tier", issuer(&|issuer| issuer.tier = Tier::Untrusted), Tightening),
        ("another tier", issuer(&|issuer| issuer.tier = Tier::Internal), Loosening),
    ];
    for (what, change, effect) in table {
        assert_eq!(Effect::of(&change, state), effect, "{what}");
        let expected = match (&change, effect) {
            (Change::QuorumChanged(_), _) => Authority::BothQuorums,
            (change, Loosening) if change.action().starts_with("approver.") => Authority::BothQuorums,
            (_, Loosening) => Authority::Quorum,
            _ => Authority::OnePerson,
        };
        assert_eq!(Authority::needed(&change, state), expected, "{what}");
    }
}

#[test]
fn an_approver_key_can_be_stopped_by_one_person_and_brought_back_by_none() {
    let mut ledger = three();
    let carol = ObjectRef::new(ObjectKind::Approver, id("carol"));
    let revoked = Change::Revoked { object: carol.clone(), revocation: compromised(1) };
    assert_eq!(Authority::needed(&revoked, ledger.state()), Authority::OnePerson);
    ledger.make(revoked, 1).unwrap();
    assert_eq!(Authority::needed(&Change::Reinstated(carol), ledger.state()), Authority::BothQuorums);
}

#[test]
fn tightening_takes_one_person_where_a_quorum_decides() {
    let mut ledger = store();
    ledger.make(Change::Removed(key_ref("key")), 3).unwrap();
    assert!(ledger.snapshot(at(3)).unwrap().keys().iter().all(|key| key.label() != Some("k")));
}
