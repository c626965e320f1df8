//! Files that are not what was written: the store says so, or gives the same answers.

use std::collections::BTreeMap;

use stella_trust_store::fs::FileLog;
use stella_trust_store::{Damage, LogStore, StoreError};
use stella_vocabulary::{Code, Reason as _};

use crate::behaviour::crc32c;
use crate::disk::{Disk, Numbers};
use crate::workload::{Answers, ID, answers, append_groups, append_next, clock, expected};

struct Store {
    disk: Disk,
    files: BTreeMap<String, Vec<u8>>,
    answers: Answers,
}

fn store(groups: u64) -> Store {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    append_groups(&mut log, groups);
    let files = disk.world.borrow().files_of(disk.store_dir());
    let answers = answers(&log).unwrap();
    assert_eq!(answers, expected(answers.head.size));
    Store { disk, files, answers }
}

impl Store {
    /// What a reader finds who remembers nothing, after a change of the files.
    fn read_with(&self, files: &BTreeMap<String, Vec<u8>>) -> Result<Answers, StoreError> {
        let dir = self.disk.store_dir();
        self.disk.world.borrow_mut().replace_files(dir, files);
        let log = FileLog::open(self.disk.place_alone(), clock())?;
        let verified = log.verify()?;
        let answers = answers(&log)?;
        assert_eq!(verified.head, answers.head);
        Ok(answers)
    }

    /// Whether the store said that it is damaged; otherwise its answers are the same.
    fn notices(&self, name: &str, what: &str, change: impl FnOnce(&mut Vec<u8>)) -> bool {
        let mut files = self.files.clone();
        change(files.get_mut(name).unwrap());
        match self.read_with(&files) {
            Ok(answers) => {
                assert!(answers == self.answers, "{name}, {what}: other answers");
                false
            }
            Err(error) => {
                assert_eq!(error.code(), Code::StoreCorrupt, "{name}, {what}: {error:?}");
                assert!(error.place().is_some_and(|place| place.contains("byte")), "{error:?}");
                true
            }
        }
    }

    fn segments(&self) -> Vec<String> {
        self.files.keys().filter(|name| name.ends_with(".log")).cloned().collect()
    }
}

#[test]
fn one_bit_flipped_anywhere_is_noticed_or_changes_no_answer() {
    let store = store(16);
    let mut numbers = Numbers(5);
    let (mut flips, mut noticed) = (0, 0);
    for (name, bytes) in &store.files {
        for at in 0..bytes.len() {
            // Where a file has only filling, every 64th byte says enough.
            let filling = (1_500..4_096).contains(&at) && at % 64 != 0;
            if filling && name.ends_with(".log") {
                continue;
            }
            let bit = numbers.below(8);
            let found = store.notices(name, &format!("bit {bit} of byte {at}"), |bytes| bytes[at] ^= 1 << bit);
            assert!(found || at < 4_096 || name == "lock", "{name}: a flip in record byte {at} was passed over");
            flips += 1;
            noticed += u32::from(found);
        }
    }
    println!("bits flipped: {flips} points tested, {noticed} noticed, the others gave the same answers");
    assert!(flips > 10_000, "{flips}");
}

#[test]
fn a_lost_mark_and_one_bit_flipped_behind_the_other_do_not_lose_what_was_acknowledged() {
    let store = store(16);
    let mut numbers = Numbers(7);
    let (mut flips, mut noticed) = (0, 0);
    for name in store.segments() {
        for mark in [512..1024, 1024..1536] {
            for at in 4_096..store.files[&name].len() {
                let bit = numbers.below(8);
                let found = store.notices(&name, &format!("mark {mark:?} and bit {bit} of byte {at}"), |bytes| {
                    bytes[mark.clone()].fill(0);
                    bytes[at] ^= 1 << bit;
                });
                flips += 1;
                noticed += u32::from(found);
            }
        }
    }
    println!("a mark lost and a bit flipped: {flips} points tested, {noticed} noticed");
    assert_eq!(flips, noticed);
}

#[test]
fn a_file_cut_anywhere_near_a_boundary_is_noticed() {
    let store = store(16);
    let mut cuts = 0;
    for name in store.segments() {
        let bytes = &store.files[&name];
        let mut boundaries = vec![1, 512, 1024, 1536, 4096];
        let mut at = 4096;
        while at < bytes.len() {
            let length = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            at += 9 + usize::try_from(length).unwrap();
            boundaries.push(at);
        }
        boundaries.extend((0..bytes.len()).step_by(4096));
        assert_eq!(at, bytes.len(), "records end where the file ends");
        for boundary in boundaries {
            for length in boundary.saturating_sub(1)..=boundary + 1 {
                let longer = length >= bytes.len();
                let found = store.notices(&name, &format!("cut to {length}"), |bytes| bytes.resize(length, 0));
                assert_eq!(found, !longer, "{name} of {} bytes cut to {length}", bytes.len());
                cuts += 1;
            }
        }
        assert!(store.notices(&name, "empty", Vec::clear));
        assert!(store.notices(&name, "zeros", |bytes| bytes.fill(0)));
        assert!(store.notices(&name, "both marks zero", |bytes| bytes[512..1536].fill(0)));
        store.notices(&name, "one mark zero", |bytes| bytes[512..1024].fill(0));
        store.notices(&name, "the other mark zero", |bytes| bytes[1024..1536].fill(0));
        for begin in (0..bytes.len()).step_by(512) {
            let end = (begin + 512).min(bytes.len());
            store.notices(&name, &format!("sector at {begin} zero"), |bytes| bytes[begin..end].fill(0));
        }
    }
    assert!(store.notices("store", "empty", Vec::clear));
    assert!(store.notices("store", "zeros", |bytes| bytes.fill(0)));
    println!("files cut: {cuts} points tested");
}

#[test]
fn a_file_missing_or_of_another_place_or_store_is_noticed() {
    let store = store(24);
    let segments = store.segments();
    assert!(segments.len() >= 4);
    let refused = |files: &BTreeMap<String, Vec<u8>>, what: &str| {
        let code = store.read_with(files).unwrap_err().code();
        assert_eq!(code, Code::StoreCorrupt, "{what}");
    };
    for missing in segments.iter().map(String::as_str).chain(["store"]) {
        let mut files = store.files.clone();
        files.remove(missing);
        refused(&files, missing);
    }
    let mut swapped = store.files.clone();
    swapped.insert(segments[1].clone(), store.files[&segments[2]].clone());
    refused(&swapped, "one segment in the place of another");
    let other = {
        let disk = Disk::new();
        let id = stella_trust_store::fs::StoreId::from_bytes([9; 32]);
        let mut log = FileLog::create(disk.place(), id, clock()).unwrap();
        append_groups(&mut log, 24);
        disk.world.borrow().files_of(disk.store_dir())
    };
    for name in &segments {
        let mut files = store.files.clone();
        files.insert(name.clone(), other[name].clone());
        refused(&files, "a segment of another store");
    }
    // The same store, written differently after a common beginning.
    let dir = store.disk.store_dir();
    let mut young = store.files.clone();
    young.retain(|name, _| !name.ends_with(".log") || *name == segments[0]);
    young.insert(segments[0].clone(), unsealed(&store));
    store.disk.world.borrow_mut().replace_files(dir, &young);
    let mut branch = FileLog::open(store.disk.place_alone(), clock()).unwrap();
    for _ in 0..12 {
        let head = branch.head().unwrap();
        branch.append(&head, &[&[3; 1_000], b"other"], "").unwrap();
    }
    let branched = store.disk.world.borrow().files_of(dir);
    for name in segments.iter().filter(|name| *name != &segments[0]) {
        if let Some(bytes) = branched.get(name).filter(|bytes| **bytes != store.files[name]) {
            let mut files = store.files.clone();
            files.insert(name.clone(), bytes.clone());
            refused(&files, "a segment of another branch");
        }
    }
}

/// The first segment as it was before the second was begun.
fn unsealed(store: &Store) -> Vec<u8> {
    let disk = Disk::new();
    let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
    loop {
        let before = disk.world.borrow().files_of(disk.store_dir());
        append_next(&mut log).unwrap();
        let after = disk.world.borrow().files_of(disk.store_dir());
        if after.keys().filter(|name| name.ends_with(".log")).count() > 1 {
            return before[&store.segments()[0]].clone();
        }
    }
}

#[test]
fn an_entry_edited_by_somebody_who_mends_its_checksum_is_found_by_computing_the_roots() {
    let store = store(16);
    let dir = store.disk.store_dir();
    for name in store.segments() {
        let base = u64::from_str_radix(name.strip_suffix(".log").unwrap(), 16).unwrap();
        let mut files = store.files.clone();
        let bytes = files.get_mut(&name).unwrap();
        let length = u32::from_le_bytes(bytes[4096..4100].try_into().unwrap());
        let end = 4105 + usize::try_from(length).unwrap();
        if bytes[4104] != 1 {
            // The first segment begins with the commit of a store without entries.
            continue;
        }
        bytes[end - 1] ^= 1;
        let summed = [&ID.as_bytes()[..], &base.to_le_bytes(), &4096_u64.to_le_bytes(), &length.to_le_bytes()].concat();
        let crc = crc32c(&[&summed[..], &bytes[4104..end]].concat());
        bytes[4100..4104].copy_from_slice(&crc.to_le_bytes());
        store.disk.world.borrow_mut().replace_files(dir, &files);
        let log = FileLog::open(store.disk.place(), clock()).unwrap();
        assert_ne!(answers(&log).unwrap(), store.answers, "the checksum alone does not notice it");
        let refusal = log.verify().unwrap_err();
        let StoreError::Corrupt { path, damage, .. } = &refusal else { panic!("{refusal:?}") };
        assert!(*damage == Damage::RootMismatch && path.ends_with(&name), "{refusal:?}");
    }
}

#[test]
fn what_a_dead_process_left_is_cleared_away_by_the_next_writer() {
    let store = store(5);
    let dir = store.disk.store_dir();
    let mut files = store.files.clone();
    files.insert("lock".into(), b"0000999999\n".to_vec());
    files.insert("00000000000000ff.log.new".into(), vec![1; 5_000]);
    files.insert("store.new".into(), vec![]);
    let last = store.segments().pop().unwrap();
    let tail = {
        // The beginning of a group that was never completed: two entries, and half of another.
        let disk = Disk::new();
        let mut log = FileLog::create(disk.place(), ID, clock()).unwrap();
        append_groups(&mut log, 6);
        let longer = disk.world.borrow().files_of(disk.store_dir());
        longer.get(&last).map(|bytes| bytes[files[&last].len().min(bytes.len())..].to_vec()).unwrap_or_default()
    };
    for cut in [1, 8, tail.len() / 2, tail.len()] {
        let mut files = files.clone();
        files.get_mut(&last).unwrap().extend(&tail[..cut.min(tail.len())]);
        assert_eq!(store.read_with(&files).unwrap(), store.answers, "a reader passes it over");
        let mut log = FileLog::open(store.disk.place_alone(), clock()).unwrap();
        let head = append_next(&mut log).unwrap();
        assert_eq!(answers(&log).unwrap(), expected(head.size));
        let left = store.disk.world.borrow().files_of(dir);
        assert!(!left.keys().any(|name| name.ends_with(".new")), "{:?}", left.keys());
    }
}

#[test]
fn a_damaged_memory_of_what_was_seen_is_no_reason_to_believe_an_older_store() {
    let store = store(5);
    let seen = store.disk.world.borrow().find(1, "seen").unwrap();
    let whole = store.disk.world.borrow_mut().bytes(seen).clone();
    for at in 0..whole.len() {
        store.disk.world.borrow_mut().bytes(seen)[at] ^= 0x10;
        let log = FileLog::open(store.disk.place(), clock()).unwrap();
        assert_eq!(log.head().unwrap(), store.answers.head);
        *store.disk.world.borrow_mut().bytes(seen) = whole.clone();
    }
    for lost in [vec![], vec![0; whole.len()]] {
        let seen = store.disk.world.borrow().find(1, "seen").unwrap();
        *store.disk.world.borrow_mut().bytes(seen) = lost;
        assert_eq!(FileLog::open(store.disk.place(), clock()).err().unwrap().code(), Code::StoreCorrupt);
        // Whoever may accept an older store may also accept that nobody knows.
        let mut log = FileLog::open(store.disk.place().danger_accept_rollback(), clock()).unwrap();
        assert_eq!(FileLog::open(store.disk.place(), clock()).err().unwrap().code(), Code::StoreCorrupt);
        log.accepted(&store.answers.head).unwrap();
        FileLog::open(store.disk.place(), clock()).unwrap();
    }
}
