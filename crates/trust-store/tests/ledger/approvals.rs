//! Requests, approvals and quorums: catalogue B214 to B222.

use std::sync::Arc;

use stella_crypto_providers::Signer as _;
use stella_trust_store::Head;
use stella_trust_store::ledger::*;
use stella_vocabulary::Code;

use crate::world::*;

#[test]
fn loosening_by_one_person_is_refused_and_nothing_is_logged_b222() {
    let mut ledger = three();
    ledger.agreed(add_key("old"), 10);
    ledger.make(Change::Revoked { object: key_ref("old"), revocation: compromised(20) }, 20).unwrap();
    let head = ledger.head();
    for change in [
        add_key("new"),
        Change::Added(Record::Anchor(anchor_record("root"))),
        Change::Added(Record::Issuer(issuer_record("vendor"))),
        Change::Reinstated(key_ref("old")),
        Change::Changed(Record::Key(KeyRecord {
            terms: Terms::labelled("x").with_window(window(None, None)),
            ..key_record("old")
        })),
    ] {
        let action = change.action();
        match ledger.make(change, 30) {
            Err(error) => assert_eq!(stella_vocabulary::Reason::code(&error), Code::ApprovalRequired, "{action}"),
            // A new label alone is no loosening.
            Ok(_) => assert_eq!(action, "key.change"),
        }
    }
    assert_eq!(ledger.head().size, head.size + 1);
}

#[test]
fn an_issuer_is_not_trusted_before_somebody_else_agrees_even_where_one_person_decides_b214() {
    let mut ledger = solo();
    ledger.make(Change::Added(Record::Issuer(issuer_record("vendor"))), 1).unwrap();
    let key = KeyRecord { issuer: Some(id("vendor")), ..key_record("vendor-key") };
    ledger.make(Change::Added(Record::Key(key)), 2).unwrap();
    assert_eq!(code(ledger.make(Change::IssuerTrusted(id("vendor")), 3)), Code::ApprovalRequired);

    let request = ledger.ask(Change::IssuerTrusted(id("vendor")), "dave", 4).unwrap();
    assert_eq!(ledger.state().request_status(&request, at(5)), Some(RequestStatus::Pending { need: 2 }));
    assert_eq!(code(ledger.carry_out(&request, 5)), Code::ApprovalRequired);
    assert!(ledger.snapshot(at(5)).unwrap().is_empty(), "a key of an issuer that is pending does not count");

    ledger.make(Change::Added(Record::Approver(approver("alice", "alice"))), 6).unwrap();
    ledger.make(Change::Added(Record::Approver(approver("bob", "bob"))), 6).unwrap();
    ledger.agree(&request, "alice", 7).unwrap();
    let partly = RequestStatus::PartiallyApproved { have: 1, need: 2 };
    assert_eq!(ledger.state().request_status(&request, at(7)), Some(partly));
    assert_eq!(ledger.may_still_approve(&request).len(), 1);
    ledger.agree(&request, "bob", 8).unwrap();
    let executed = ledger.carry_out(&request, 9).unwrap();
    let status = RequestStatus::Executed { sequence: executed.sequence() };
    assert_eq!(ledger.state().request_status(&request, at(9)), Some(status));
    assert_eq!(ledger.snapshot(at(9)).unwrap().keys().len(), 1);
}

#[test]
fn the_requester_counts_once_and_one_other_person_makes_two() {
    let mut ledger = three();
    let request = ledger.ask(add_key("new"), "alice", 1).unwrap();
    assert_eq!(code(ledger.carry_out(&request, 2)), Code::ApprovalRequired);
    ledger.agree(&request, "bob", 3).unwrap();
    assert_eq!(ledger.state().request_status(&request, at(3)), Some(RequestStatus::Approved));
    ledger.carry_out(&request, 4).unwrap();
    assert!(ledger.state().record(&key_ref("new")).is_some());
    ledger.verify(None).unwrap();
}

#[test]
fn a_requester_who_is_no_approver_does_not_count() {
    let mut ledger = three();
    let request = ledger.ask(add_key("new"), "dave", 1).unwrap();
    ledger.agree(&request, "bob", 2).unwrap();
    assert_eq!(code(ledger.carry_out(&request, 3)), Code::ApprovalRequired);
    ledger.agree(&request, "carol", 4).unwrap();
    ledger.carry_out(&request, 5).unwrap();
}

#[test]
fn requesters_cannot_approve_their_own_request_with_any_of_their_keys_b215() {
    let mut ledger = found(&[approver("alice", "alice"), approver("alice-2", "alice"), approver("bob", "bob")]);
    let request = ledger.ask(add_key("new"), "alice", 1).unwrap();
    assert_eq!(code(ledger.agree(&request, "alice", 2)), Code::ApprovalSelf);
    assert_eq!(code(ledger.agree(&request, "alice-2", 2)), Code::ApprovalSelf);
}

#[test]
fn a_person_counts_once_whatever_the_number_of_keys_b216() {
    let mut ledger = found(&[approver("alice", "alice"), approver("bob", "bob"), approver("bob-2", "bob")]);
    let request = ledger.ask(add_key("new"), "dave", 1).unwrap();
    ledger.agree(&request, "bob", 2).unwrap();
    assert_eq!(code(ledger.agree(&request, "bob", 3)), Code::ApprovalNotDistinct);
    assert_eq!(code(ledger.agree(&request, "bob-2", 3)), Code::ApprovalNotDistinct);
    assert_eq!(code(ledger.carry_out(&request, 4)), Code::ApprovalRequired);
}

#[test]
fn an_approval_of_other_content_is_refused_b217() {
    let mut ledger = three();
    let request = ledger.ask(add_key("new"), "alice", 1).unwrap();
    let payload = ledger.state().request(&request).unwrap().payload().unwrap().to_vec();
    let bob = signer("bob");
    let sign = |payload: &[u8]| {
        use stella_crypto_providers::{Message, SignatureEncoding};
        let pae = stella_attest_model::Pae::new(REQUEST_PAYLOAD_TYPE, payload);
        let bytes = bob.sign(Message::Parts(&pae.parts()), SignatureEncoding::Der).unwrap();
        RequestSignature { bytes, key: *bob.public_key().key_id().as_bytes() }
    };

    // The request was edited after it was approved: the signature does not fit what is there.
    let mut edited = ChangeRequest::from_payload(&payload).unwrap();
    edited.reason = "something harmless".into();
    let edited = edited.to_payload();
    let envelope = request_envelope(&payload, &[sign(&edited)]).unwrap();
    assert_eq!(code(ledger.approve_with(&envelope, &occasion("bob", 2))), Code::ApprovalDigestMismatch);
    // Or the envelope is around the edited one.
    let envelope = request_envelope(&edited, &[sign(&edited)]).unwrap();
    assert_eq!(code(ledger.approve_with(&envelope, &occasion("bob", 2))), Code::ApprovalDigestMismatch);

    let envelope = request_envelope(&payload, &[sign(&payload)]).unwrap();
    let envelope = stella_attest_model::Envelope::from_json(
        envelope.to_json().as_bytes(),
        &stella_attest_model::Limits::default(),
    );
    let envelope = envelope.unwrap();
    ledger.approve_with(&envelope, &occasion("bob", 2)).unwrap();
    assert_eq!(code(ledger.approve_with(&envelope, &occasion("bob", 3))), Code::ApprovalNotDistinct);
    ledger.carry_out(&request, 4).unwrap();
}

#[test]
fn a_request_is_stale_once_its_object_has_changed_and_not_when_another_has_b218() {
    let mut ledger = three();
    ledger.agreed(add_key("one"), 1);
    ledger.agreed(add_key("two"), 2);
    let wider = |name: &str| {
        let terms = Terms::default().with_window(window(Some(0), None));
        Change::Changed(Record::Key(KeyRecord { terms, ..key_record(name) }))
    };
    // Narrow both first, so that the request has something to widen.
    ledger.make(wider("one"), 3).unwrap();
    let request = ledger.ask(Change::Changed(Record::Key(key_record("one"))), "alice", 4).unwrap();
    ledger.make(wider("two"), 5).unwrap();
    ledger.agree(&request, "bob", 6).unwrap();
    ledger.make(Change::Removed(key_ref("one")), 7).unwrap();
    assert_eq!(ledger.state().request_status(&request, at(8)), Some(RequestStatus::Stale));
    assert_eq!(code(ledger.carry_out(&request, 8)), Code::ApprovalStale);
    assert_eq!(code(ledger.agree(&request, "carol", 8)), Code::ApprovalStale);
}

#[test]
fn a_request_expires_and_cannot_be_replayed_or_carried_to_another_store_b219() {
    let mut ledger = three();
    let request = ledger.ask(add_key("new"), "alice", 0).unwrap();
    let payload = ledger.state().request(&request).unwrap().payload().unwrap().to_vec();
    ledger.agree(&request, "bob", REQUEST_LIFETIME - 1).unwrap();
    assert_eq!(code(ledger.carry_out(&request, REQUEST_LIFETIME)), Code::ApprovalExpired);
    assert_eq!(code(ledger.agree(&request, "carol", REQUEST_LIFETIME)), Code::ApprovalExpired);
    assert_eq!(ledger.state().request_status(&request, at(REQUEST_LIFETIME)), Some(RequestStatus::Expired));
    ledger.carry_out(&request, REQUEST_LIFETIME - 1).unwrap();
    let later = REQUEST_LIFETIME - 1;
    assert_eq!(code(ledger.carry_out(&request, later)), Code::ApprovalReplayed);
    assert_eq!(code(ledger.agree(&request, "carol", later)), Code::ApprovalReplayed);
    assert_eq!(code(ledger.submit(&payload, None, &occasion("alice", later))), Code::ApprovalReplayed);

    let mut other = found_as("other", &[approver("alice", "alice"), approver("bob", "bob")]);
    assert_eq!(code(other.submit(&payload, None, &occasion("alice", 1))), Code::ApprovalWrongStore);
    let signature = RequestSignature { bytes: vec![1], key: [0; 32] };
    let envelope = request_envelope(&payload, &[signature]).unwrap();
    assert_eq!(code(other.approve_with(&envelope, &occasion("bob", 1))), Code::ApprovalWrongStore);
}

#[test]
fn approvers_and_their_keys_are_looked_at_again_when_the_change_is_made_b220() {
    let mut ledger = found(&[
        approver("alice", "alice"),
        approver("bob", "bob"),
        approver("carol", "carol"),
        approver("erin", "erin"),
    ]);
    let request = ledger.ask(add_key("new"), "alice", 1).unwrap();
    ledger.agree(&request, "bob", 2).unwrap();
    let bob = ObjectRef::new(ObjectKind::Approver, id("bob"));
    ledger.make(Change::Revoked { object: bob, revocation: compromised(3) }, 3).unwrap();
    assert_eq!(code(ledger.carry_out(&request, 4)), Code::ApprovalNotAuthorized);
    ledger.agree(&request, "carol", 5).unwrap();
    ledger.carry_out(&request, 6).unwrap();

    let request = ledger.ask(add_key("newer"), "alice", 7).unwrap();
    assert_eq!(code(ledger.agree(&request, "bob", 8)), Code::ApprovalNotAuthorized);
    assert_eq!(code(ledger.agree(&request, "mallory", 8)), Code::ApprovalNotAuthorized);
    ledger.verify(None).unwrap();
}

#[test]
fn nobody_changes_the_approvers_alone_b221() {
    let mut ledger = three();
    let carol = ObjectRef::new(ObjectKind::Approver, id("carol"));
    for change in
        [Change::Added(Record::Approver(approver("erin", "erin"))), Change::Removed(carol), Change::QuorumChanged(3)]
    {
        assert_eq!(code(ledger.make(change, 1)), Code::ApprovalRequired);
    }
    assert_eq!(code(ledger.ask(Change::QuorumChanged(1), "alice", 1)), Code::PolicyThresholdInvalid);
    assert_eq!(code(ledger.ask(Change::QuorumChanged(4), "alice", 1)), Code::PolicyThresholdInvalid);
}

#[test]
fn an_older_store_is_taken_by_agreement_and_its_entry_changes_nothing_else() {
    let mut ledger = three();
    let seen = Head { size: 9, root: [1; 32] };
    assert_eq!(code(ledger.make(Change::RollbackAccepted(seen), 1)), Code::ApprovalRequired);
    let before: Vec<_> = ledger.state().objects_of(ObjectKind::Store).cloned().collect();
    let request = ledger.ask(Change::RollbackAccepted(seen), "alice", 2).unwrap();
    ledger.agree(&request, "bob", 3).unwrap();
    ledger.carry_out(&request, 4).unwrap();
    assert_eq!(ledger.state().objects_of(ObjectKind::Store).cloned().collect::<Vec<_>>(), before);
    let entry = ledger.entry(ledger.head().size - 1).unwrap();
    assert_eq!(entry.action_name(), "store.restore");
    assert_eq!(entry.action, Action::Changed(Arc::new(Change::RollbackAccepted(seen))));
    ledger.verify(None).unwrap();
}

#[test]
fn the_old_and_the_new_quorum_both_sign_for_other_approvers() {
    let mut ledger = three();
    // Three of three: the old quorum alone is not enough.
    let request = ledger.ask(Change::QuorumChanged(3), "alice", 1).unwrap();
    ledger.agree(&request, "bob", 2).unwrap();
    assert_eq!(code(ledger.carry_out(&request, 3)), Code::ApprovalRequired);
    ledger.agree(&request, "carol", 4).unwrap();
    ledger.carry_out(&request, 5).unwrap();
    assert_eq!(ledger.state().store().unwrap().quorum, 3);

    // Back to two: the new quorum alone is not enough.
    let request = ledger.ask(Change::QuorumChanged(2), "alice", 6).unwrap();
    ledger.agree(&request, "bob", 7).unwrap();
    assert_eq!(code(ledger.carry_out(&request, 8)), Code::ApprovalRequired);
    ledger.agree(&request, "carol", 9).unwrap();
    ledger.carry_out(&request, 10).unwrap();

    // Bob agrees to his own removal, but he is not among those who would be left.
    let bob = ObjectRef::new(ObjectKind::Approver, id("bob"));
    let request = ledger.ask(Change::Removed(bob.clone()), "alice", 11).unwrap();
    ledger.agree(&request, "bob", 12).unwrap();
    assert!(ledger.carry_out(&request, 13).is_err());
    ledger.agree(&request, "carol", 14).unwrap();
    ledger.carry_out(&request, 15).unwrap();
    assert_eq!(ledger.state().approvers().count(), 2);
    // Fewer than a quorum must not be left.
    let carol = ObjectRef::new(ObjectKind::Approver, id("carol"));
    assert_eq!(code(ledger.ask(Change::Removed(carol), "alice", 16)), Code::PolicyThresholdInvalid);
    ledger.verify(None).unwrap();
}

#[test]
fn enough_approvers_end_the_rule_of_one_and_there_is_no_way_back() {
    let mut ledger = solo();
    ledger.make(add_key("first"), 1).unwrap();
    ledger.make(Change::Added(Record::Approver(approver("alice", "alice"))), 2).unwrap();
    ledger.make(Change::Added(Record::Approver(approver("alice-2", "alice"))), 2).unwrap();
    assert_eq!(ledger.state().mode(), Mode::Solo, "two keys of one person are one person");
    ledger.make(Change::Added(Record::Approver(approver("bob", "bob"))), 3).unwrap();
    assert_eq!(ledger.state().mode(), Mode::Quorum);
    assert_eq!(code(ledger.make(add_key("second"), 4)), Code::ApprovalRequired);
    let bob = ObjectRef::new(ObjectKind::Approver, id("bob"));
    let revoked = Change::Revoked { object: bob, revocation: compromised(5) };
    assert_eq!(code(ledger.make(revoked.clone(), 5)), Code::PolicyThresholdInvalid);
    assert_eq!(ledger.state().mode(), Mode::Quorum, "a revocation must not give everything to one person");
    // Once there is somebody to take the place, one person can.
    ledger.agreed(Change::Added(Record::Approver(approver("bob-2", "bob"))), 6);
    ledger.make(revoked, 7).unwrap();
    assert_eq!(code(ledger.make(add_key("second"), 8)), Code::ApprovalRequired);
}

#[test]
fn one_person_cannot_end_all_decisions_of_the_others() {
    let mut ledger = three();
    let revoke = |name: &str| Change::Revoked {
        object: ObjectRef::new(ObjectKind::Approver, id(name)),
        revocation: compromised(1),
    };
    ledger.make(revoke("bob"), 1).unwrap();
    let refused = ledger.make(revoke("carol"), 2).unwrap_err();
    assert!(matches!(refused, LedgerError::QuorumInvalid { quorum: 2, persons: 1 }), "{refused}");
    let request = ledger.ask(Change::Added(Record::Approver(approver("erin", "erin"))), "alice", 3).unwrap();
    ledger.agree(&request, "carol", 4).unwrap();
    ledger.carry_out(&request, 5).unwrap();
    ledger.make(revoke("carol"), 6).unwrap();
    ledger.verify(None).unwrap();
}

#[test]
fn a_request_has_the_id_of_its_place() {
    let mut ledger = three();
    let draft = ledger.draft(add_key("x"), &occasion("zed", 1), at(1000)).unwrap();
    for taken in ["r-2", "r-l", "r-01"] {
        let payload = ChangeRequest { id: id(taken), ..draft.clone() }.to_payload();
        let refused = ledger.submit(&payload, None, &occasion("zed", 1));
        assert_eq!(code(refused), Code::ApprovalDigestMismatch, "{taken}");
    }
    ledger.submit(&draft.to_payload(), None, &occasion("zed", 1)).unwrap();
    assert_eq!(ledger.ask(add_key("y"), "alice", 2).unwrap(), id("r-2"));
}

#[test]
fn a_request_whose_time_is_over_leaves_its_content_to_the_log() {
    let mut ledger = three();
    let request = ledger.ask(add_key("new"), "alice", 0).unwrap();
    ledger.agree(&request, "bob", 1).unwrap();
    let hash = ledger.state().object(&ObjectRef::new(ObjectKind::Request, request.clone())).unwrap().hash();
    let payload = |ledger: &Ledger<stella_trust_store::MemoryLog>| {
        ledger.state().request(&request).unwrap().payload().map(<[u8]>::len)
    };
    ledger.ask(add_key("newer"), "alice", REQUEST_LIFETIME - 1).unwrap();
    assert!(payload(&ledger).is_some());
    ledger.ask(add_key("newest"), "alice", REQUEST_LIFETIME).unwrap();
    assert!(payload(&ledger).is_none());
    let later = REQUEST_LIFETIME;
    let object = ObjectRef::new(ObjectKind::Request, request.clone());
    assert_eq!(ledger.state().object(&object).unwrap().hash(), hash, "for the log it is the same");
    assert_eq!(ledger.state().request_status(&request, at(later)), Some(RequestStatus::Expired));
    assert_eq!(code(ledger.agree(&request, "carol", later)), Code::ApprovalExpired);
    assert_eq!(code(ledger.carry_out(&request, later)), Code::ApprovalExpired);
    assert_eq!(code(ledger.reject(&request, &occasion("carol", later))), Code::ApprovalExpired);
    // Also for whoever opens the log now, and after an entry that was taken back.
    let head = ledger.head();
    ledger.verify(None).unwrap();
    let again = Ledger::open(OpenLog::of(ledger.log()), &stella_crypto_providers::Registry::rustcrypto()).unwrap();
    assert_eq!((again.head(), again.state().clone().hash()), (head, ledger.state().clone().hash()));
    assert!(again.state().request(&request).unwrap().payload().is_none());
}

#[test]
fn requests_that_wait_have_so_much_room_together_and_leave_it_to_others_when_they_are_over() {
    let mut ledger = three();
    let wide = |name: &str| {
        let identities = (0..340).map(|number| format!("{number:03}{}", "x".repeat(1000))).collect();
        let terms = Terms::default().with_scope(Scope { identities, ..Scope::default() });
        Change::Added(Record::Key(KeyRecord { terms, ..key_record(name) }))
    };
    let mut ask = |name: String, seconds: i64| {
        ledger.request(wide(&name), &occasion("mallory", seconds), at(seconds + 100), None).map(|(id, _)| id)
    };
    let refused = (0..100).find_map(|number| ask(format!("k{number}"), 0).err().map(|error| (number, error)));
    let (asked, refused) = refused.unwrap();
    assert_eq!(stella_vocabulary::Reason::code(&refused), Code::InputTooLarge);
    assert!((40..60).contains(&asked), "{asked}");
    let id = ask("late".into(), 100).unwrap();
    assert!((1..asked).all(|number| {
        ledger.state().request(&Id::new(&format!("r-{number}")).unwrap()).unwrap().payload().is_none()
    }));
    ledger.reject(&id, &occasion("mallory", 101)).unwrap();
    ledger.verify(None).unwrap();
}

#[test]
fn what_is_brought_along_and_is_no_request_says_nothing_about_the_log() {
    let mut ledger = three();
    let no_request = br#"{"schema":"stella.trust-change/1"}"#;
    assert_eq!(code(ledger.submit(no_request, None, &occasion("dave", 1))), Code::ApprovalDigestMismatch);
    let envelope = request_envelope(no_request, &[RequestSignature { bytes: vec![1], key: [0; 32] }]).unwrap();
    assert_eq!(code(ledger.approve_with(&envelope, &occasion("dave", 1))), Code::ApprovalDigestMismatch);
}

#[test]
fn in_the_name_of_an_approver_only_the_approver_asks() {
    let mut ledger = three();
    let mut ask = |who: &str| ledger.request(add_key("new"), &occasion(who, 1), at(100), None);
    assert_eq!(code(ask("bob")), Code::ApprovalNotAuthorized);
    ask("dave").unwrap();
}

#[test]
fn a_key_is_named_as_that_of_an_actor_only_where_it_signed() {
    let mut ledger = three();
    ledger.agreed(add_key("key"), 1);
    let bob = *signer("bob").public_key().key_id().as_bytes();
    let framed = Occasion { actor: Actor { key: Some(bob), person: person("bob") }, ..occasion("bob", 2) };
    let committed = ledger.change(Change::Removed(key_ref("key")), &framed).unwrap();
    assert_eq!(ledger.entry(committed.sequence()).unwrap().actor, Actor::unsigned(person("bob")));
    // Nor does a log that says so hold together.
    let mut log = OpenLog::of(ledger.log());
    let last = log.entries.len() - 1;
    let mut entry = Entry::from_bytes(&log.entries[last]).unwrap();
    entry.actor.key = Some(bob);
    log.entries[last] = entry.to_bytes();
    log.sign();
    assert_eq!(code(log.verify(None)), Code::AuditBroken);
    let opened = Ledger::open(log, &stella_crypto_providers::Registry::rustcrypto());
    assert_eq!(code(opened.map(|_| ())), Code::AuditBroken);
}

#[test]
fn one_approver_or_the_requester_can_say_no_and_nobody_else() {
    let mut ledger = three();
    let request = ledger.ask(add_key("new"), "dave", 1).unwrap();
    assert_eq!(code(ledger.reject(&request, &occasion("mallory", 2))), Code::ApprovalNotAuthorized);
    ledger.reject(&request, &occasion("dave", 2)).unwrap();
    assert_eq!(code(ledger.agree(&request, "bob", 3)), Code::ApprovalReplayed);
    let request = ledger.ask(add_key("new"), "dave", 4).unwrap();
    let rejected = ledger.reject(&request, &occasion("carol", 5)).unwrap();
    let status = RequestStatus::Rejected { sequence: rejected.sequence() };
    assert_eq!(ledger.state().request_status(&request, at(6)), Some(status));
    assert_eq!(code(ledger.carry_out(&request, 6)), Code::ApprovalReplayed);
}

#[test]
fn a_first_set_of_approvers_must_reach_the_quorum() {
    use stella_crypto_providers::Registry;
    use stella_trust_store::MemoryLog;
    for (approvers, quorum) in [
        (vec![approver("alice", "alice")], 2),
        (vec![approver("alice", "alice"), approver("alice-2", "alice")], 2),
        (vec![], 1),
    ] {
        let founding = Founding { store: id("example"), quorum, approvers };
        let refused =
            Ledger::create(MemoryLog::new(), &Registry::rustcrypto(), store_key(), founding, &occasion("founder", 0));
        assert_eq!(code(refused.map(|_| ())), Code::PolicyThresholdInvalid);
    }
}

#[test]
fn a_request_lives_at_most_thirty_days() {
    let mut ledger = three();
    let mut ask = |expires: i64| ledger.request(add_key("new"), &occasion("dave", 0), at(expires), None);
    assert_eq!(code(ask(0)), Code::UsageDateInvalid);
    assert_eq!(code(ask(REQUEST_MAX_LIFETIME + 1)), Code::UsageDateInvalid);
    ask(REQUEST_MAX_LIFETIME).unwrap();
}

#[test]
fn whoever_is_to_become_an_approver_may_sign_and_counts_only_for_the_new_quorum() {
    let mut ledger = three();
    let request = ledger.ask(Change::Added(Record::Approver(approver("erin", "erin"))), "alice", 1).unwrap();
    // Named by somebody else: the key says who signed.
    ledger.approve(&request, &signer("erin"), &occasion("dave", 2)).unwrap();
    assert_eq!(ledger.entry(ledger.head().size - 1).unwrap().actor.person, person("erin"));
    assert_eq!(code(ledger.carry_out(&request, 3)), Code::ApprovalRequired);
    ledger.agree(&request, "bob", 4).unwrap();
    ledger.carry_out(&request, 5).unwrap();
    assert!(ledger.state().is_approver(&person("erin")));
    ledger.verify(None).unwrap();
}

#[test]
fn a_request_that_was_written_and_signed_elsewhere_is_taken_in_as_long_as_the_log_has_not_moved() {
    use stella_crypto_providers::{Message, SignatureEncoding};
    let mut ledger = three();
    let draft = |ledger: &Ledger<stella_trust_store::MemoryLog>, name: &str| {
        ledger.draft(add_key(name), &occasion("alice", 1), at(100)).unwrap().to_payload()
    };
    let sign = |payload: &[u8], who: &str| {
        let pae = stella_attest_model::Pae::new(REQUEST_PAYLOAD_TYPE, payload);
        let key = signer(who);
        let bytes = key.sign(Message::Parts(&pae.parts()), SignatureEncoding::Der).unwrap();
        RequestSignature { bytes, key: *key.public_key().key_id().as_bytes() }
    };
    let (one, two) = (draft(&ledger, "one"), draft(&ledger, "two"));
    let wrong = ledger.submit(&one, Some(sign(&one, "bob")), &occasion("carrier", 2));
    assert_eq!(code(wrong), Code::ApprovalNotAuthorized);
    let wrong = ledger.submit(&one, Some(sign(&two, "alice")), &occasion("carrier", 2));
    assert_eq!(code(wrong), Code::ApprovalDigestMismatch);
    ledger.submit(&one, Some(sign(&one, "alice")), &occasion("carrier", 2)).unwrap();
    assert_eq!(code(ledger.submit(&two, Some(sign(&two, "alice")), &occasion("carrier", 3))), Code::ApprovalStale);
    let request = id("r-1");
    ledger.agree(&request, "bob", 4).unwrap();
    ledger.carry_out(&request, 5).unwrap();
}
