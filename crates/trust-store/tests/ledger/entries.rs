//! Entries as bytes.

use std::sync::Arc;

use proptest::prelude::*;
use stella_trust_store::Head;
use stella_trust_store::ledger::*;
use stella_vocabulary::Code;

use crate::world::*;

fn entry(action: Action) -> Entry {
    Entry {
        action,
        actor: Actor { key: Some([3; 32]), person: person("alice@example.org") },
        at: at(0),
        mode: Mode::Quorum,
        previous: Some([7; 32]),
        reason: "ticket \"INC-4711\": l\u{f6}st das Problem \\ für heute".into(),
        request: Some(id("r-3")),
        sequence: 5,
        state: [9; 32],
    }
}

fn full_scope() -> Scope {
    Scope {
        algorithms: vec!["ed25519".into()],
        extended_key_usages: vec!["1.3.6.1.5.5.7.3.3".into()],
        identities: vec!["https://ci.example/*".into()],
        max_path_length: Some(2),
        name_constraints_excluded: vec!["dns:evil.example".into()],
        name_constraints_permitted: vec!["dns:example".into()],
        oidc_issuers: vec!["https://oidc.example".into()],
        predicate_types: vec!["https://slsa.dev/provenance/v1".into()],
        purl_patterns: vec![PurlPattern::new("pkg:oci/example/*").unwrap()],
    }
}

fn every_change() -> Vec<Change> {
    let terms = Terms { label: Some("label".into()), scope: full_scope(), window: window(Some(1), Some(2)) };
    let records = [
        Record::Anchor(AnchorRecord { terms: terms.clone(), ..anchor_record("a") }),
        Record::Approver(approver("b", "bob")),
        Record::Intermediate(IntermediateRecord { id: id("c"), certificate: vec![1, 2], label: Some("l".into()) }),
        Record::Issuer(IssuerRecord { terms: terms.clone(), ..issuer_record("d") }),
        Record::Key(KeyRecord { hint: Some("h".into()), issuer: Some(id("d")), terms, ..key_record("e") }),
        Record::TrustedRoot(TrustedRootRecord { id: id("f"), document: b"{}".to_vec(), label: None }),
    ];
    let mut changes = Vec::new();
    for record in records {
        let object = record.object();
        let causes = [RevocationCause::Ceased, RevocationCause::Compromised, RevocationCause::Superseded];
        changes.extend(causes.into_iter().chain([RevocationCause::Unspecified]).map(|cause| Change::Revoked {
            object: object.clone(),
            revocation: Revocation { cause, invalid_since: Some(at(-5)), revoked_at: at(5) },
        }));
        changes.extend([Change::Reinstated(object.clone()), Change::Removed(object)]);
        changes.extend([Change::Added(record.clone()), Change::Changed(record)]);
    }
    changes.extend([Change::IssuerTrusted(id("d")), Change::IssuerDistrusted(id("d")), Change::QuorumChanged(3)]);
    changes.push(Change::RollbackAccepted(Head { size: 9, root: [1; 32] }));
    changes
}

#[test]
fn every_kind_of_entry_comes_back_from_its_bytes() {
    let signature = RequestSignature { bytes: vec![1, 2, 3], key: [4; 32] };
    let store = StoreRecord { id: id("example"), key: vec![1], mode: Mode::Quorum, quorum: 2 };
    let mut actions = vec![
        Action::Approved(signature.clone()),
        Action::Created { approvers: vec![approver("b", "bob")], store },
        Action::Discarded { issuer: id("d") },
        Action::EmergencyEnded { emergency: id("e-4") },
        Action::Rejected,
        Action::Requested { payload: b"{}".to_vec(), signature: Some(signature) },
        Action::Requested { payload: b"{}".to_vec(), signature: None },
        Action::Staged(StagedKeys { issuer: id("d"), keys: vec![vec![1], vec![2]], url: "https://x.example".into() }),
    ];
    for change in every_change() {
        actions.push(Action::EmergencyBegan { change: Arc::new(change.clone()), until: at(9) });
        actions.push(Action::Changed(Arc::new(change)));
    }
    for action in actions {
        let written = entry(action);
        let bytes = written.to_bytes();
        assert_eq!(Entry::from_bytes(&bytes).unwrap(), written);
        let document = stella_attest_model::json::Document::parse(&bytes, &stella_attest_model::Limits::default());
        let canonical = stella_attest_model::json::canonical(document.unwrap().root()).unwrap();
        assert_eq!(canonical, bytes, "RFC 8785");
    }
}

#[test]
fn a_change_request_comes_back_from_its_payload() {
    let ledger = three();
    for change in [add_key("new"), Change::QuorumChanged(3)] {
        let request = ledger.draft(change, &occasion("alice", 1), at(100)).unwrap();
        assert_eq!(ChangeRequest::from_payload(&request.to_payload()).unwrap(), request);
        assert!(request.target.starts_with('{'));
    }
}

#[test]
fn another_spelling_of_an_entry_is_no_entry() {
    let written = entry(Action::Rejected);
    let text = String::from_utf8(written.to_bytes()).unwrap();
    for (from, to, expected) in [
        ("{", "{ ", Code::AuditBroken),
        ("{\"action\"", "{\"extra\":1,\"action\"", Code::AuditBroken),
        ("\"sequence\":5", "\"sequence\":5.0", Code::JsonNumberOutOfRange),
        ("\"sequence\":5,", "", Code::AuditBroken),
        ("2026-01-17T09:00:00Z", "2026-01-17T10:00:00+01:00", Code::AuditBroken),
        ("0909", "090A", Code::AuditBroken),
        ("stella.trust-entry/1", "stella.trust-entry/2", Code::StoreSchemaTooNew),
        ("request.reject", "request.forget", Code::StoreSchemaTooNew),
        ("alice@", "Alice@", Code::StoreIdInvalid),
    ] {
        assert!(text.contains(from), "{from} {text}");
        let other = text.replacen(from, to, 1);
        assert_eq!(code(Entry::from_bytes(other.as_bytes())), expected, "{to}");
    }
}

#[test]
fn an_entry_reads_like_this() {
    let text = String::from_utf8(entry(Action::Changed(Arc::new(Change::Removed(key_ref("old"))))).to_bytes()).unwrap();
    let (three, seven, nine) = ("03".repeat(32), "07".repeat(32), "09".repeat(32));
    assert_eq!(
        text,
        format!(
            "{{\"action\":\"key.remove\",\"actor\":{{\"key\":\"{three}\",\"person\":\"alice@example.org\"}},\
             \"change\":{{\"id\":\"old\"}},\"mode\":\"quorum\",\"previous\":\"{seven}\",\
             \"reason\":\"ticket \\\"INC-4711\\\": löst das Problem \\\\ für heute\",\"request\":\"r-3\",\
             \"schema\":\"stella.trust-entry/1\",\"sequence\":5,\"state\":\"{nine}\",\"time\":\"2026-01-17T09:00:00Z\"}}"
        )
    );
}

proptest! {
    #[test]
    fn bytes_that_are_no_entry_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..600) {
        let _ = Entry::from_bytes(&bytes);
        let mut good = entry(Action::Changed(Arc::new(add_key("k")))).to_bytes();
        let place = at % good.len();
        good.splice(place..place, bytes);
        let _ = Entry::from_bytes(&good);
    }
}
