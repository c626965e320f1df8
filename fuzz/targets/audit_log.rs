//! Any change of a log is found by an audit, also when whoever made it chained and signed the log anew; what is accepted has one
//! spelling; and nobody alone makes an entry that adds trust.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_crypto_providers::Registry;
use stella_fuzz::store::{Bytes, golden, id};
use stella_fuzz::{Input, check_reason};
use stella_transparency::merkle;
use stella_trust_store::ledger::{
    ChangeRequest, Entry, Ledger, LedgerError, Object, ObjectKind, Standing, TrustState, Witness, verify,
};

thread_local! {
    static GOLDEN: (Bytes, Registry) = (golden(), Registry::rustcrypto());
}

fuzz_target!(|data: &[u8]| {
    GOLDEN.with(|(golden, registry)| match data.split_first() {
        Some((0..=63, rest)) => one_spelling(rest),
        Some((_, rest)) => changed(rest, golden, registry),
        None => {}
    });
});

/// What can be read is written as it was read.
fn one_spelling(data: &[u8]) {
    match Entry::from_bytes(data) {
        Ok(entry) => assert_eq!(entry.to_bytes(), data),
        Err(error) => check_reason(&error),
    }
    match ChangeRequest::from_payload(data) {
        Ok(request) => assert_eq!(request.to_payload(), data),
        Err(error) => check_reason(&error),
    }
}

fn changed(data: &[u8], golden: &Bytes, registry: &Registry) {
    let mut input = Input::new(data);
    let mut log = golden.clone();
    let (chain, state, sign) = (input.flag(), input.flag(), input.flag());
    for _ in 0..=input.below(3) {
        edit(&mut input, &mut log);
    }
    if chain {
        chain_anew(&mut log);
    }
    if state {
        state_anew(&mut log);
    }
    if sign {
        log.sign();
    }
    let same = log.entries == golden.entries;
    let continues = log.entries.starts_with(&golden.entries);
    // Against a checkpoint that was kept elsewhere nothing helps, not even the key of the store.
    let audit = verify(&log, registry, golden.note.as_deref());
    check(&audit);
    match audit {
        Ok(audit) => {
            assert!(continues, "a change went unnoticed");
            assert_eq!(audit.witness, Witness::Outside { size: golden.entries.len() as u64 });
            assert!(sign || same);
        }
        Err(_) => assert!(!same || log.note != golden.note),
    }
    let alone = verify(&log, registry, None);
    check(&alone);
    let opened = Ledger::open(log.clone(), registry);
    match &opened {
        Ok(ledger) => {
            assert!(sign || same, "a change went unnoticed");
            only_approved_keys(ledger.state());
            assert_eq!(ledger.head().size, log.entries.len() as u64);
        }
        Err(error) => {
            check_reason(error);
            assert!(alone.is_err(), "an audit that opening does not pass: {error:?}");
        }
    }
    if let Ok(audit) = alone {
        assert!(sign || same, "a change went unnoticed");
        let ledger = opened.unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(ledger.state().clone().hash(), audit.state);
    }
}

fn check<T>(result: &Result<T, LedgerError>) {
    if let Err(error) = result {
        check_reason(error);
    }
}

/// Nobody can sign for two persons, so only what two have agreed to is there.
fn only_approved_keys(state: &TrustState) {
    for object in state.objects_of(ObjectKind::Key) {
        let Object::Recorded(record, standing) = object else { panic!("{object:?}") };
        let known = [id("one"), id("two")].contains(&record.object().id);
        assert!(known || *standing != Standing::Active, "{record:?}");
    }
    assert_eq!(state.approvers().count(), 3);
}

fn edit(input: &mut Input<'_>, log: &mut Bytes) {
    let count = log.entries.len();
    let (index, other) = (input.below(count), input.below(count));
    match input.below(9) {
        0 => {
            if let Some(entry) = log.entries.get_mut(index) {
                let place = input.below(entry.len());
                if let Some(byte) = entry.get_mut(place) {
                    *byte = input.byte();
                }
            }
        }
        1 if count > 0 => drop(log.entries.remove(index)),
        2 if count > 0 => log.entries.swap(index, other),
        3 if count > 0 => log.entries.insert(index, log.entries[other].clone()),
        4 => log.entries.truncate(index),
        5 => log.entries.push(input.bytes(600).to_vec()),
        6 => {
            if let Some(note) = &mut log.note {
                let place = input.below(note.len());
                let text: String = note.chars().enumerate().map(|(n, c)| if n == place { '7' } else { c }).collect();
                *note = text;
            }
        }
        7 if count > 0 => edit_members(input, &mut log.entries[index]),
        8 if count > 0 => {
            // One more of a kind that is there, as the next one.
            let mut copy = log.entries[index].clone();
            edit_members(input, &mut copy);
            log.entries.push(copy);
        }
        _ => {}
    }
}

/// Changes a member of the JSON of an entry, and writes it in canonical form again.
fn edit_members(input: &mut Input<'_>, entry: &mut Vec<u8>) {
    let Ok(mut document) = serde_json::from_slice::<serde_json::Value>(entry) else { return };
    let mut value = &mut document;
    for _ in 0..=input.below(4) {
        let keys: Vec<String> = match &*value {
            serde_json::Value::Object(members) => members.keys().cloned().collect(),
            _ => break,
        };
        if keys.is_empty() {
            break;
        }
        let key = input.pick(&keys).clone();
        value = &mut value[key];
    }
    let texts = [
        "key.add",
        "key.remove",
        "key.revoke",
        "request.reject",
        "request.approve",
        "r-1",
        "r-4",
        "one",
        "three",
        "alice",
        "bob",
        "carol",
        "solo",
        "quorum",
        "store.create",
        "approver.add",
        "emergency.begin",
        "2026-01-17T09:00:00Z",
    ];
    *value = match input.below(6) {
        0 => serde_json::Value::Null,
        1 => input.below(12).into(),
        2 => input.text(40).into(),
        3 => serde_json::json!({}),
        _ => (*input.pick(&texts)).into(),
    };
    *entry = document.to_string().into_bytes();
}

/// Makes each entry name the one before it, and its own place.
fn chain_anew(log: &mut Bytes) {
    for index in 0..log.entries.len() {
        if let Ok(mut entry) = Entry::from_bytes(&log.entries[index]) {
            entry.previous = index.checked_sub(1).map(|before| merkle::leaf_hash(&log.entries[before]));
            entry.sequence = index as u64;
            log.entries[index] = entry.to_bytes();
        }
    }
}

/// Makes each entry state what the store holds after it, as far as that can be computed.
fn state_anew(log: &mut Bytes) {
    let mut state = TrustState::new();
    for index in 0..log.entries.len() {
        let Ok(mut entry) = Entry::from_bytes(&log.entries[index]) else { return };
        entry.previous = index.checked_sub(1).map(|before| merkle::leaf_hash(&log.entries[before]));
        if state.apply(&entry).is_err() {
            return;
        }
        entry.state = state.hash();
        log.entries[index] = entry.to_bytes();
    }
}
