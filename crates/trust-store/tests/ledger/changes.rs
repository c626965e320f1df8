//! What may be added and changed, and what becomes of it: catalogue B201 to B207 and B223.

use stella_testkit::authority::Authority;
use stella_testkit::certificate::Extension;
use stella_testkit::key::TestKey;
use stella_testkit::{der, oid};
use stella_trust_store::LogStore as _;
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _, UnixTime, Window};

use crate::world::*;

#[test]
fn a_key_under_a_second_id_is_refused_and_the_first_id_is_shown_b207() {
    let mut ledger = solo();
    ledger.make(add_key("one"), 1).unwrap();
    let twin = KeyRecord { id: id("two"), ..key_record("one") };
    let error = ledger.make(Change::Added(Record::Key(twin.clone())), 2).unwrap_err();
    assert_eq!((error.code(), error.found().as_deref()), (Code::StoreDuplicateKey, Some("key one")));
    assert_eq!(code(ledger.make(add_key("one"), 2)), Code::StoreDuplicateKey);

    // What was removed may come back under another id; what was revoked may not.
    ledger.make(Change::Removed(key_ref("one")), 3).unwrap();
    ledger.make(Change::Added(Record::Key(twin.clone())), 4).unwrap();
    assert_eq!(code(ledger.make(Change::Reinstated(key_ref("one")), 5)), Code::StoreDuplicateKey);
    ledger.make(Change::Revoked { object: key_ref("two"), revocation: compromised(6) }, 6).unwrap();
    assert_eq!(code(ledger.make(Change::Removed(key_ref("two")), 7)), Code::UsageConflict);
    let third = KeyRecord { id: id("three"), ..twin };
    assert_eq!(code(ledger.make(Change::Added(Record::Key(third)), 8)), Code::StoreDuplicateKey);
}

#[test]
fn a_new_certificate_does_not_wash_a_compromised_key() {
    let mut ledger = solo();
    ledger.make(Change::Added(Record::Anchor(anchor_record("root"))), 1).unwrap();
    let root = ObjectRef::new(ObjectKind::Anchor, id("root"));
    ledger.make(Change::Revoked { object: root, revocation: compromised(2) }, 2).unwrap();
    let renewed = Authority::root_with(TestKey::ed25519("root"), |builder| builder.serial(77));
    let renewed =
        AnchorRecord { id: id("renewed"), certificate: renewed.certificate().to_vec(), terms: Terms::default() };
    let error = ledger.make(Change::Added(Record::Anchor(renewed)), 3).unwrap_err();
    assert_eq!((error.code(), error.found().as_deref()), (Code::StoreDuplicateKey, Some("anchor root")));
}

#[test]
fn anchors_that_cannot_be_relied_on_are_refused_b204() {
    let mut ledger = solo();
    let mut try_root = |edit: &dyn Fn(stella_testkit::certificate::CertificateBuilder) -> _| {
        let root = Authority::root_with(TestKey::p256("bad root"), edit);
        let terms = Terms::default();
        let record = AnchorRecord { id: id("root"), certificate: root.certificate().to_vec(), terms };
        ledger.make(Change::Added(Record::Anchor(record)), 0)
    };
    assert_eq!(code(try_root(&|builder| builder.without_extension(oid::BASIC_CONSTRAINTS))), Code::TrustAnchorInvalid);
    assert_eq!(
        code(try_root(&|builder| builder.extension(Extension::critical("1.2.3.4", der::null())))),
        Code::TrustAnchorInvalid
    );
    let from = UnixTime::from_seconds(0);
    assert_eq!(code(try_root(&|builder| builder.validity(from, at(-1)))), Code::TrustAnchorInvalid);
    try_root(&|builder| builder.validity(from, at(0))).unwrap();
    assert_eq!(ledger.log().head().unwrap().size, 2);
}

#[test]
fn an_intermediate_gives_no_trust_and_must_be_an_authority() {
    let mut ledger = solo();
    let root = Authority::root("a root");
    let add = |certificate: &[u8]| {
        let record = IntermediateRecord { id: id("middle"), certificate: certificate.to_vec(), label: None };
        Change::Added(Record::Intermediate(record))
    };
    let leaf_key = TestKey::p256("leaf");
    let name = stella_testkit::certificate::SubjectAltName::Uri("https://ci.example/".into());
    let leaf = root.signer_leaf(&leaf_key, &name).sign(root.key());
    assert_eq!(code(ledger.make(add(&leaf), 1)), Code::X509NotACa);
    ledger.make(add(root.intermediate("middle").certificate()), 1).unwrap();
    let snapshot = ledger.snapshot(at(1)).unwrap();
    assert!(snapshot.domains()[0].authorities()[0].anchors().is_empty());
    assert_eq!(snapshot.domains()[0].authorities()[0].intermediates().len(), 1);
}

#[test]
fn dates_and_reasons_that_make_no_sense_are_refused_b206_b223() {
    let mut ledger = solo();
    let with = |window: Window| {
        let terms = Terms::default().with_window(window);
        Change::Added(Record::Key(KeyRecord { terms, ..key_record("key") }))
    };
    assert_eq!(code(ledger.make(with(window(Some(10), Some(10))), 1)), Code::UsageDateInvalid);
    let year_10000 = Window::half_open(None, Some(UnixTime::from_seconds(253_402_300_800)));
    assert_eq!(code(ledger.make(with(year_10000), 1)), Code::UsageDateInvalid);
    // Its last second would be outside once it is read back.
    assert_eq!(code(ledger.make(with(Window::closed(Some(at(10)), Some(at(20)))), 1)), Code::UsageDateInvalid);
    // A window in the past is good for keys that were rotated away.
    ledger.make(with(window(None, Some(-10))), 1).unwrap();

    let huge = "x".repeat(1 << 20);
    for reason in ["", "   ", "two\nlines", "\u{1b}[31m", huge.as_str()] {
        let occasion = Occasion { reason: reason.into(), ..occasion("dave", 2) };
        assert_eq!(code(ledger.change(Change::Removed(key_ref("key")), &occasion)), Code::UsageReasonInvalid);
    }
    assert_eq!(ledger.head().size, 2);
}

#[test]
fn the_clock_may_be_five_minutes_behind_the_log_and_no_more_b174() {
    let mut ledger = solo();
    ledger.make(add_key("one"), 1000).unwrap();
    assert_eq!(code(ledger.make(add_key("two"), 699)), Code::TimeClockRollback);
    let committed = ledger.make(add_key("two"), 700).unwrap();
    assert_eq!(ledger.entry(committed.sequence()).unwrap().at, at(1000), "entries never go back in time");
}

#[test]
fn staged_keys_count_for_nothing_until_they_are_added_b233() {
    let mut ledger = solo();
    let staged = |keys: Vec<Vec<u8>>| StagedKeys { issuer: id("vendor"), keys, url: "https://keys.example".into() };
    assert_eq!(code(ledger.stage(staged(vec![spki("k")]), &occasion("dave", 1))), Code::StoreNotFound);
    ledger.make(Change::Added(Record::Issuer(issuer_record("vendor"))), 1).unwrap();
    assert_eq!(code(ledger.stage(staged(vec![b"no key".to_vec()]), &occasion("dave", 2))), Code::KeyMalformed);
    ledger.stage(staged(vec![spki("k")]), &occasion("dave", 2)).unwrap();
    let key_id = *TestKey::ed25519("k").public_key().key_id().as_bytes();
    assert_eq!(ledger.state().staged_by(&key_id), Some(&id("vendor")));
    assert!(ledger.snapshot(at(3)).unwrap().is_empty());
    ledger.discard(&id("vendor"), &occasion("dave", 4)).unwrap();
    assert_eq!(ledger.state().staged_by(&key_id), None);
    assert_eq!(code(ledger.discard(&id("vendor"), &occasion("dave", 5))), Code::StoreNotFound);
}

#[test]
fn nothing_is_ever_deleted_and_an_id_means_one_thing() {
    let mut ledger = solo();
    ledger.make(add_key("one"), 1).unwrap();
    ledger.make(Change::Removed(key_ref("one")), 2).unwrap();
    assert!(matches!(ledger.state().record(&key_ref("one")), Some((_, Standing::Removed))));
    let other = KeyRecord { key: spki("other"), ..key_record("one") };
    assert_eq!(code(ledger.make(Change::Added(Record::Key(other.clone())), 3)), Code::UsageConflict);
    assert_eq!(code(ledger.make(Change::Changed(Record::Key(other)), 3)), Code::UsageConflict);
    assert_eq!(code(ledger.make(Change::Removed(key_ref("none")), 3)), Code::StoreNotFound);
    ledger.make(Change::Reinstated(key_ref("one")), 4).unwrap();
    assert_eq!(ledger.snapshot(at(4)).unwrap().keys().len(), 1);
}

#[test]
fn what_was_given_up_is_not_revoked_in_place_of_what_has_its_key_now() {
    let mut ledger = solo();
    ledger.make(add_key("old"), 1).unwrap();
    ledger.make(Change::Removed(key_ref("old")), 2).unwrap();
    let new = KeyRecord { id: id("new"), ..key_record("old") };
    ledger.make(Change::Added(Record::Key(new)), 3).unwrap();
    let revoke = |name: &str| Change::Revoked { object: key_ref(name), revocation: compromised(4) };
    let error = ledger.make(revoke("old"), 4).unwrap_err();
    assert_eq!((error.code(), error.found().as_deref()), (Code::StoreDuplicateKey, Some("key new")));
    ledger.make(revoke("new"), 5).unwrap();
    assert!(ledger.snapshot(at(6)).unwrap().is_empty());
}

#[test]
fn a_revoked_intermediate_does_not_come_back_on_one_word_and_a_removed_one_does() {
    let mut ledger = three();
    let certificate = anchor_record("middle").certificate;
    let record = IntermediateRecord { id: id("middle"), certificate, label: None };
    ledger.make(Change::Added(Record::Intermediate(record)), 1).unwrap();
    let middle = ObjectRef::new(ObjectKind::Intermediate, id("middle"));
    ledger.make(Change::Removed(middle.clone()), 2).unwrap();
    ledger.make(Change::Reinstated(middle.clone()), 3).unwrap();
    ledger.make(Change::Revoked { object: middle.clone(), revocation: compromised(4) }, 4).unwrap();
    assert_eq!(code(ledger.make(Change::Reinstated(middle), 5)), Code::ApprovalRequired);
}

#[test]
fn nothing_to_do_is_not_logged() {
    let mut ledger = solo();
    let head = ledger.head();
    assert_eq!(code(ledger.change_all(vec![], &occasion("dave", 1))), Code::UsageConflict);
    assert_eq!((ledger.head(), ledger.log().head().unwrap()), (head, head));
}

#[test]
fn several_changes_are_made_together_or_not_at_all() {
    let mut ledger = solo();
    let head = ledger.head();
    let changes = vec![add_key("one"), add_key("two"), add_key("one")];
    assert_eq!(code(ledger.change_all(changes, &occasion("dave", 1))), Code::StoreDuplicateKey);
    assert_eq!((ledger.head(), ledger.state().size()), (head, 1));
    assert!(ledger.state().record(&key_ref("one")).is_none());
    assert!(
        ledger
            .state()
            .with_material(ObjectKind::Key, TestKey::ed25519("one").public_key().key_id().as_bytes())
            .is_none()
    );
    let committed = ledger.change_all(vec![add_key("one"), add_key("two")], &occasion("dave", 1)).unwrap();
    assert_eq!((committed.first, committed.sequence()), (1, 2));
    ledger.verify(Some(&committed.checkpoint)).unwrap();
}

#[test]
fn snapshots_carry_windows_labels_and_hints_and_leave_out_what_does_not_count() {
    let mut ledger = solo();
    ledger.make(Change::Added(Record::Anchor(anchor_record("root"))), 1).unwrap();
    let terms = Terms::labelled("release key").with_window(window(Some(0), Some(100)));
    let key = KeyRecord { terms, hint: Some("k1".into()), ..key_record("key") };
    ledger.make(Change::Added(Record::Key(key)), 1).unwrap();
    ledger.make(add_key("gone"), 1).unwrap();
    ledger.make(add_key("old"), 1).unwrap();
    ledger.make(add_key("stolen"), 1).unwrap();
    ledger.make(Change::Removed(key_ref("gone")), 2).unwrap();
    let superseded = Revocation { cause: RevocationCause::Superseded, invalid_since: None, revoked_at: at(50) };
    ledger.make(Change::Revoked { object: key_ref("old"), revocation: superseded }, 2).unwrap();
    ledger.make(Change::Revoked { object: key_ref("stolen"), revocation: compromised(2) }, 2).unwrap();

    let snapshot = ledger.snapshot(at(3)).unwrap();
    let shown: Vec<_> = snapshot.keys().iter().map(|key| (key.label(), key.hint(), key.window())).collect();
    assert_eq!(
        shown,
        [
            (Some("release key"), Some("k1"), window(Some(0), Some(100))),
            // Signatures proven to be older than the end of a superseded key still verify.
            (Some("old"), None, Window::always()),
        ]
    );
    assert_eq!(snapshot.keys()[1].revocation(), Some(&superseded));
    let aside: Vec<_> = snapshot.aside_keys().iter().map(|key| (key.entry().label(), key.why().name())).collect();
    assert_eq!(aside, [(Some("gone"), "removed"), (Some("stolen"), "revoked")]);
    assert_eq!(snapshot.blocks().len(), 2);
    assert_eq!(snapshot.origin().map(|origin| (origin.store().as_str(), origin.entry())), Some(("example", 8)));
    assert_eq!(snapshot.domains()[0].authorities()[0].anchors()[0].label(), Some("root"));
}

#[test]
fn the_scope_of_what_was_used_is_found_by_certificate_and_by_key() {
    let mut ledger = solo();
    let scope = Scope { predicate_types: vec!["https://slsa.dev/provenance/v1".into()], ..Scope::default() };
    let record = AnchorRecord { terms: Terms::default().with_scope(scope.clone()), ..anchor_record("root") };
    let fingerprint = stella_chain_verify::Certificate::from_der(&record.certificate).unwrap().fingerprint();
    ledger.make(Change::Added(Record::Anchor(record)), 1).unwrap();
    match ledger.state().with_material(ObjectKind::Anchor, &fingerprint) {
        Some((Record::Anchor(anchor), Standing::Active)) => assert_eq!(anchor.terms.scope, scope),
        other => panic!("{other:?}"),
    }
}

#[test]
fn two_writers_never_both_win_and_the_slower_one_is_judged_again() {
    use std::cell::RefCell;
    use std::rc::Rc;
    use stella_crypto_providers::Registry;
    use stella_trust_store::{Head, LogStore, StoreError, Visitor};

    #[derive(Clone)]
    struct Shared(Rc<RefCell<OpenLog>>);
    impl LogStore for Shared {
        fn head(&self) -> Result<Head, StoreError> {
            self.0.borrow().head()
        }
        fn append(&mut self, expected: &Head, entries: &[&[u8]], checkpoint: &str) -> Result<Head, StoreError> {
            self.0.borrow_mut().append(expected, entries, checkpoint)
        }
        fn read(&self, from: u64, visit: &mut Visitor<'_>) -> Result<(), StoreError> {
            self.0.borrow().read(from, visit)
        }
        fn checkpoint(&self) -> Result<Option<String>, StoreError> {
            self.0.borrow().checkpoint()
        }
    }

    let log = Shared(Rc::new(RefCell::new(OpenLog::of(three().log()))));
    let open = || Ledger::open(log.clone(), &Registry::rustcrypto()).unwrap().with_signer(store_key()).unwrap();
    let (mut one, mut two) = (open(), open());
    let request = one.ask(add_key("new"), "alice", 1).unwrap();
    two.agree(&request, "bob", 2).unwrap();
    one.carry_out(&request, 3).unwrap();
    assert_eq!(code(two.carry_out(&request, 3)), Code::ApprovalReplayed);
    assert_eq!(two.head(), one.head());
    one.verify(None).unwrap();
    // Another key cannot write.
    let stranger = Ledger::open(log.clone(), &Registry::rustcrypto()).unwrap();
    let refused = stranger.with_signer(std::sync::Arc::new(signer("stranger")));
    assert_eq!(code(refused.map(|_| ())), Code::KeyAlgorithmMismatch);
    let mut reader = Ledger::open(log, &Registry::rustcrypto()).unwrap();
    assert_eq!(code(reader.make(Change::Removed(key_ref("new")), 4)), Code::StoreReadOnly);
}
