//! What an audit finds: catalogue B211 to B213.

use stella_trust_store::LogStore as _;
use stella_trust_store::ledger::*;
use stella_vocabulary::{Code, Reason as _};

use crate::world::*;

/// Seven entries with requests and approvals among them.
fn log() -> OpenLog {
    let mut ledger = three();
    ledger.agreed(add_key("one"), 10);
    ledger.agreed(add_key("two"), 20);
    OpenLog::of(ledger.log())
}

fn broken(result: Result<Audit, LedgerError>) -> u64 {
    match result.unwrap_err() {
        LedgerError::AuditBroken { index, .. } => index,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_untouched_log_holds_together_and_says_what_it_was_compared_with() {
    let log = log();
    let audit = log.verify(None).unwrap();
    assert_eq!((audit.head, audit.witness), (log.head().unwrap(), Witness::StoreOnly));
    assert_eq!(log.verify(log.note.as_deref()).unwrap().witness, Witness::Outside { size: 7 });
}

#[test]
fn any_edit_is_found_with_the_index_of_the_entry_b211() {
    let log = log();
    for index in 0..log.entries.len() {
        let mut edited = log.clone();
        edited.edit(index, "because of a test", "because of a tesu");
        let error = edited.verify(None).unwrap_err();
        // A request repeats the reason under its signature, so that contradicts itself at once.
        assert_eq!((error.code(), broken(Err(error))), (Code::AuditBroken, index as u64));
    }
}

#[test]
fn any_edit_of_the_links_or_states_is_found_with_the_index_of_the_entry() {
    let log = log();
    for index in 0..log.entries.len() {
        let entry = Entry::from_bytes(&log.entries[index]).unwrap();
        let mut edited = log.clone();
        edited.entries[index] = Entry { state: [1; 32], ..entry.clone() }.to_bytes();
        assert_eq!(broken(edited.verify(None)), index as u64, "state {index}");
        edited.entries[index] = Entry { previous: Some([1; 32]), ..entry }.to_bytes();
        assert_eq!(broken(edited.verify(None)), index as u64, "link {index}");
    }
}

#[test]
fn every_byte_of_every_entry_counts() {
    let log = log();
    for index in 0..log.entries.len() {
        for byte in (0..log.entries[index].len()).step_by(7) {
            let mut edited = log.clone();
            edited.entries[index][byte] ^= 1;
            match edited.verify(None).unwrap_err() {
                LedgerError::AuditBroken { index: found, .. } => assert_eq!(found, index as u64, "byte {byte}"),
                // The name of schema or action: written by a newer version, as far as anybody can tell.
                LedgerError::SchemaTooNew { .. } => {}
                // The key of the store itself was changed, and nothing it signed verifies.
                other => assert!(index == 0, "byte {byte}: {other:?}"),
            }
        }
    }
}

#[test]
fn removal_and_reordering_are_found_with_the_first_entry_that_is_wrong_b211() {
    let log = log();
    for index in 0..log.entries.len() - 1 {
        let mut removed = log.clone();
        removed.entries.remove(index);
        assert_eq!(broken(removed.verify(None)), index as u64, "removal of {index}");
        let mut swapped = log.clone();
        swapped.entries.swap(index, index + 1);
        assert_eq!(broken(swapped.verify(None)), index as u64, "swap of {index}");
        let mut doubled = log.clone();
        doubled.entries.insert(index + 1, log.entries[index].clone());
        assert_eq!(broken(doubled.verify(None)), index as u64 + 1, "doubling of {index}");
    }
}

#[test]
fn a_cut_tail_is_found_with_a_checkpoint_b212() {
    let log = log();
    let kept = log.note.clone();
    let mut cut = log.clone();
    cut.entries.truncate(5);
    // Its own checkpoint still speaks of more.
    assert_eq!(cut.verify(None).unwrap_err().code(), Code::AuditTruncated);
    // Whoever holds the key of the store can sign a shorter log; a checkpoint kept elsewhere tells.
    cut.sign();
    assert_eq!(cut.verify(None).unwrap().witness, Witness::StoreOnly);
    let error = cut.verify(kept.as_deref()).unwrap_err();
    assert_eq!(error, LedgerError::AuditTruncated { expected: 7, found: 5 });
    assert_eq!(error.code(), Code::AuditTruncated);
    let empty = OpenLog { entries: Vec::new(), note: None };
    assert_eq!(empty.verify(kept.as_deref()).unwrap_err().code(), Code::AuditTruncated);
    assert_eq!(empty.verify(None).unwrap_err().code(), Code::StoreNotFound);
}

#[test]
fn a_log_written_anew_is_found_with_a_checkpoint_kept_elsewhere() {
    let log = log();
    let mut forged = log.clone();
    let mut entry = Entry::from_bytes(&forged.entries[6]).unwrap();
    entry.reason = "nothing to see".into();
    forged.entries[6] = entry.to_bytes();
    forged.sign();
    forged.verify(None).unwrap();
    assert_eq!(broken(forged.verify(log.note.as_deref())), 6);
}

#[test]
fn a_checkpoint_of_before_shows_that_the_log_continues_it() {
    let mut ledger = three();
    let before = ledger.checkpoint().unwrap();
    ledger.agreed(add_key("one"), 1);
    assert_eq!(ledger.verify(before.as_deref()).unwrap().witness, Witness::Outside { size: 1 });
    let other = note("other", &ledger.head());
    assert_eq!(code(ledger.verify(Some(&other))), Code::TlogOriginMismatch);
    let altered = before.unwrap().replacen("\n1\n", "\n2\n", 1);
    assert_eq!(code(ledger.verify(Some(&altered))), Code::TlogCheckpointSignatureInvalid);
    assert_eq!(code(ledger.verify(Some("no note"))), Code::TlogCheckpointMalformed);
}

#[test]
fn a_state_that_the_log_does_not_give_is_named_as_such_b213() {
    // The entries chain and the checkpoint is genuine: only what the store is said to hold is not what it holds.
    let log = log();
    for index in 0..log.entries.len() {
        let mut forged = log.clone();
        let entry = Entry::from_bytes(&log.entries[index]).unwrap();
        forged.entries[index] = Entry { state: [1; 32], ..entry }.to_bytes();
        forged.chain_from(index + 1);
        forged.sign();
        let error = forged.verify(None).unwrap_err();
        // After a change of what comes before, the base of a later request is another one; the first finding counts.
        assert_eq!(error, LedgerError::AuditStateMismatch { index: index as u64 });
        assert_eq!(error.code(), Code::AuditStateMismatch);
    }
}

#[test]
fn an_approval_that_nobody_signed_is_found_even_if_the_key_of_the_store_signed_the_log() {
    let log = log();
    let mut forged = log.clone();
    // Carol never signed; her key is known to everybody.
    let entry = Entry::from_bytes(&log.entries[2]).unwrap();
    let Action::Approved(signature) = &entry.action else { panic!("{entry:?}") };
    let carol = stella_testkit::key::TestKey::ed25519("carol");
    let key = *carol.public_key().key_id().as_bytes();
    let action = Action::Approved(RequestSignature { bytes: signature.bytes.clone(), key });
    let actor = Actor { key: Some(key), person: person("carol") };
    forged.entries[2] = Entry { action, actor, ..entry }.to_bytes();
    forged.chain_from(3);
    forged.sign();
    assert_eq!(broken(forged.verify(None)), 2);
}

#[test]
fn a_loosening_without_approval_is_no_entry_whoever_wrote_it() {
    let log = log();
    let mut forged = log.clone();
    let last = Entry::from_bytes(&log.entries[6]).unwrap();
    let action = Action::Changed(std::sync::Arc::new(add_key("three")));
    forged.entries.push(Entry { action, request: None, sequence: 7, ..last }.to_bytes());
    forged.chain_from(7);
    assert_eq!(broken(forged.verify(None)), 7, "no checkpoint covers it");
    forged.sign();
    match forged.verify(None).unwrap_err() {
        LedgerError::AuditBroken { index: 7, flaw: AuditFlaw::Contradiction(error) } => {
            assert_eq!(error.code(), Code::ApprovalRequired);
        }
        other => panic!("{other:?}"),
    }
    let registry = stella_crypto_providers::Registry::rustcrypto();
    assert_eq!(code(Ledger::open(forged, &registry).map(|_| ())), Code::AuditBroken);
}

#[test]
fn an_approved_request_does_not_cover_another_change_b217() {
    let mut forged = log();
    let entry = Entry::from_bytes(&forged.entries[3]).unwrap();
    assert_eq!(entry.request, Some(id("r-1")));
    let action = Action::Changed(std::sync::Arc::new(add_key("another")));
    forged.entries[3] = Entry { action, ..entry }.to_bytes();
    forged.chain_from(4);
    forged.sign();
    match forged.verify(None).unwrap_err() {
        LedgerError::AuditBroken { index: 3, flaw: AuditFlaw::Contradiction(error) } => {
            assert_eq!(error.code(), Code::ApprovalDigestMismatch);
        }
        other => panic!("{other:?}"),
    }
}
