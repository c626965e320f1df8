//! Whatever things are called, the store uses the names of its own files and no others; ids and persons have the one form that is
//! documented, and sort like their texts.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use stella_crypto_providers::Registry;
use stella_fuzz::memory::{Memory, Still};
use stella_fuzz::store::{add_key, at, id, occasion, signer};
use stella_fuzz::{Input, check_reason};
use stella_trust_store::LogStore;
use stella_trust_store::fs::{FileLog, StoreId};
use stella_trust_store::ledger::{
    Actor, Change, Founding, Id, IssuerRecord, Ledger, Occasion, Person, Record, Scope, StagedKeys, Terms, Tier,
};
use stella_vocabulary::{Code, Reason as _};

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let texts = [input.text(150), input.text(150), input.text(40)];
    for text in &texts {
        check_names(text);
    }
    check_order(&texts[0], &texts[1]);
    check_files(&texts);
    check_listing(&texts);
});

fn is_name(text: &str, marks: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let plain = |character: &char| matches!(character, 'a'..='z' | '0'..='9');
    (1..=128).contains(&characters.len())
        && plain(&characters[0])
        && characters.iter().all(|character| plain(character) || marks.contains(*character))
}

fn check_names(text: &str) {
    let (id, person) = (Id::new(text), Person::new(text));
    assert_eq!(id.is_ok(), is_name(text, "._-"), "{text:?}");
    assert_eq!(person.is_ok(), is_name(text, "._@+-"), "{text:?}");
    match id {
        Ok(id) => {
            assert_eq!((id.as_str(), id.to_string().as_str()), (text, text));
            // One component of a path, and not one of the two that lead elsewhere.
            assert!(!text.contains(['/', '\\', '\0', ':']) && text != "." && text != "..");
        }
        Err(error) => {
            check_reason(&error);
            assert_eq!(error.code(), Code::StoreIdInvalid);
        }
    }
    if let Err(error) = person {
        check_reason(&error);
    }
}

fn check_order(left: &str, right: &str) {
    // Letters that make an id of any text, so that long common beginnings come up.
    let letters = |text: &str| -> String {
        text.bytes().take(127).map(|byte| char::from(b"abz019._-"[usize::from(byte) % 9])).collect()
    };
    let (left, right) = (format!("a{}", letters(left)), format!("a{}", letters(right)));
    let ids = [Id::new(&left), Id::new(&right)].map(|id| id.expect("letters of an id"));
    assert_eq!(ids[0].cmp(&ids[1]), left.cmp(&right));
    assert_eq!(ids[0] == ids[1], left == right);
}

/// A store in which everything is called by these texts, as far as it can be.
fn check_files(texts: &[String; 3]) {
    let [first, second, third] = texts;
    let memory = Memory::default();
    let log = FileLog::create(memory.place(), StoreId::from_bytes([1; 32]), Box::new(Still)).expect("a store");
    let name = Id::new(first).or_else(|_| Id::new(second)).unwrap_or_else(|_| id("store"));
    let founding = Founding { approvers: Vec::new(), quorum: 2, store: name.clone() };
    let key = std::sync::Arc::new(signer("store"));
    let mut ledger =
        Ledger::create(log, &Registry::rustcrypto(), key, founding, &occasion("founder", 0)).expect("a ledger");
    let who = Person::new(second).unwrap_or_else(|_| Person::new("dave").expect("a name"));
    let by = Occasion { actor: Actor::unsigned(who), at: at(1), reason: third.clone() };
    let issuer = IssuerRecord {
        id: name.clone(),
        identities: Vec::new(),
        name: first.clone(),
        terms: Terms { label: Some(second.clone()), ..Terms::default() },
        tier: Tier::Vendor,
        urls: vec![third.clone()],
        weight: 1,
    };
    let mut key = match add_key("key") {
        Change::Added(Record::Key(key)) => key,
        other => panic!("{other:?}"),
    };
    key.id = name.clone();
    key.hint = Some(first.clone());
    key.terms = Terms { scope: Scope { identities: vec![second.clone()], ..Scope::default() }, ..Terms::default() };
    let staged = StagedKeys { issuer: name, keys: vec![key.key.clone()], url: first.clone() };
    for result in [
        ledger.change(Change::Added(Record::Issuer(issuer)), &by),
        ledger.change(Change::Added(Record::Key(key)), &by),
        ledger.stage(staged, &by),
    ] {
        if let Err(error) = result {
            check_reason(&error);
        }
    }
    let head = ledger.head();
    let opened = FileLog::open(memory.place(), Box::new(Still)).expect("it was written just now");
    assert_eq!(opened.head().expect("a head"), head);
    Ledger::open(opened, &Registry::rustcrypto()).expect("it was written just now").verify(None).expect("an audit");
    only_own_names(&memory.used());
}

fn only_own_names(used: &BTreeSet<String>) {
    for name in used {
        let base = name.strip_suffix(".new").unwrap_or(name);
        let segment = base.strip_suffix(".log").is_some_and(|digits| {
            digits.len() == 16 && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        });
        assert!(segment || ["lock", "seen", "seen.lock", "store", "trust"].contains(&base), "{name:?}");
    }
}

/// A directory in which somebody has put files of these names.
fn check_listing(texts: &[String; 3]) {
    let memory = Memory::default();
    let mut log = FileLog::create(memory.place(), StoreId::from_bytes([1; 32]), Box::new(Still)).expect("a store");
    let head = log.append(&log.head().expect("a head"), &[b"one"], "").expect("a group");
    let mut files = memory.files();
    let own: BTreeSet<String> = files.keys().cloned().collect();
    files.extend(texts.iter().filter(|text| !own.contains(*text)).map(|text| (text.clone(), b"not ours".to_vec())));
    let before = files.clone();
    let memory = Memory::with(files);
    let mut log = match FileLog::open(memory.place(), Box::new(Still)) {
        Ok(log) => log,
        // It looks like a part of the log.
        Err(error) => return assert!(texts.iter().any(|text| text.ends_with(".log")), "{error:?}"),
    };
    log.append(&head, &[b"two"], "").expect("a group");
    let after = memory.files();
    for (name, bytes) in before.iter().filter(|(name, _)| !own.contains(*name)) {
        // Only what is named like a file of a writer that died is cleared away.
        assert!(name.ends_with(".new") || after.get(name) == Some(bytes), "{name:?}");
    }
}
