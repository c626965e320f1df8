//! Files of a store that were damaged give the answers they gave before, or an error; files that somebody changed and gave new
//! checksums hold together or give an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_fuzz::memory::{Contents, Memory, Still};
use stella_fuzz::{Input, check_reason};
use stella_transparency::merkle;
use stella_trust_store::fs::{FileLog, StoreId};
use stella_trust_store::{Head, LogStore as _, StoreError, Visit};
use stella_vocabulary::{Code, Reason as _};

const ID: StoreId = StoreId::from_bytes([7; 32]);
/// Where the records of a segment begin.
const RECORDS: usize = 4096;

thread_local! {
    static GOLDEN: (Contents, Answers) = golden();
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Answers {
    head: Head,
    entries: Vec<Vec<u8>>,
    note: Option<String>,
}

/// A store of a few segments.
fn golden() -> (Contents, Answers) {
    let memory = Memory::default();
    let mut log = FileLog::create(memory.place(), ID, Box::new(Still)).expect("a store");
    for group in 0_u8..9 {
        let entries: Vec<Vec<u8>> = (0..=group % 3).map(|n| vec![b'a' + group; 40 + 300 * usize::from(n)]).collect();
        let slices: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let head = log.head().expect("a head");
        log.append(&head, &slices, &format!("note of group {group}")).expect("a group");
    }
    let answers = answers(&log).expect("answers");
    assert!(memory.files().len() > 5);
    (memory.files(), answers)
}

fn answers(log: &FileLog<Memory>) -> Result<Answers, StoreError> {
    let mut entries = Vec::new();
    log.read(0, &mut |sequence, entry| {
        assert_eq!(sequence, entries.len() as u64);
        entries.push(entry.to_vec());
        Ok(Visit::Continue)
    })?;
    Ok(Answers { head: log.head()?, entries, note: log.checkpoint()? })
}

fuzz_target!(|data: &[u8]| {
    GOLDEN.with(|(files, golden)| run(data, files, golden));
});

fn run(data: &[u8], undamaged: &Contents, golden: &Answers) {
    let mut input = Input::new(data);
    let mut files = undamaged.clone();
    let resealed = input.byte() % 4 == 3;
    for _ in 0..=input.below(4) {
        edit(&mut input, &mut files);
    }
    if resealed {
        let names: Vec<String> = files.keys().filter(|name| name.ends_with(".log")).cloned().collect();
        names.iter().for_each(|name| reseal(files.get_mut(name).expect("its name was just listed")));
    }
    // Damage to the newer half of what is remembered makes it remember what was before, and an older store fits that.
    let remembered = files.get("seen") == undamaged.get("seen");
    let memory = Memory::with(files);
    let outcome = FileLog::open(memory.place(), Box::new(Still)).and_then(|log| Ok((answers(&log)?, log.verify())));
    let (found, verified) = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            check_reason(&error);
            let known = [
                Code::StoreCorrupt,
                Code::StoreNotFound,
                Code::StoreRollbackDetected,
                Code::StoreSchemaTooNew,
                Code::StoreSymlinkRefused,
            ];
            assert!(known.contains(&error.code()), "{error:?}");
            return;
        }
    };
    match verified {
        Ok(verified) => {
            let root = merkle::root_of(found.entries.iter().map(|entry| merkle::leaf_hash(entry)));
            assert_eq!(verified.head, Head { size: found.entries.len() as u64, root });
            assert_eq!(verified.head, found.head);
        }
        Err(error) => {
            check_reason(&error);
            assert!(resealed, "{error:?}");
        }
    }
    if !resealed {
        if remembered {
            assert!(&found == golden, "other answers than before: {} and {}", found.head, golden.head);
        } else {
            // Without a memory nobody can tell an older store from this one.
            assert!(golden.entries.starts_with(&found.entries), "other entries than before");
        }
        let mut log = FileLog::open(memory.place(), Box::new(Still)).expect("it was opened just now");
        let head = log.append(&found.head, &[b"and on"], "").expect("it goes on");
        assert_eq!(log.verify().map(|verified| verified.head), Ok(head));
    }
}

/// One thing that may happen to a file.
fn edit(input: &mut Input<'_>, files: &mut Contents) {
    let names: Vec<String> = files.keys().cloned().collect();
    let Some(name) = names.get(input.below(names.len())).cloned() else { return };
    let other = files[input.pick(&names)].clone();
    let kind = input.below(12);
    let Some(file) = files.get_mut(&name) else { return };
    let offset = match input.flag() {
        // Near the places where structures begin.
        true => *input.pick(&[0, 512, 1024, RECORDS, RECORDS + 9]) + input.below(96),
        false => input.below(file.len() + 1),
    }
    .min(file.len());
    match kind {
        0 | 1 => {
            if let Some(byte) = file.get_mut(offset) {
                *byte ^= 1 << input.below(8);
            }
        }
        2 | 3 => {
            let bytes = input.bytes(40);
            let end = (offset + bytes.len()).min(file.len());
            file[offset..end].copy_from_slice(&bytes[..end - offset]);
        }
        4 => file.truncate(offset),
        5 => file.extend_from_slice(input.bytes(200)),
        6 => {
            let end = (offset + 512).min(file.len());
            file[offset..end].fill(0);
        }
        7 => {
            // A sector, or what is left of it, of another file or of another place.
            let from = (input.below(10) * 512).min(other.len());
            let length = 512.min(other.len() - from).min(file.len() - offset);
            file[offset..offset + length].copy_from_slice(&other[from..from + length]);
        }
        8 => *file = other,
        9 => drop(files.remove(&name)),
        10 => {
            let tail = file.split_off(offset);
            file.extend_from_slice(tail.get(input.below(20)..).unwrap_or_default());
        }
        _ => drop(files.insert(format!("{:016x}.log", input.below(40)), other)),
    }
}

/// Gives a segment the checksums that fit its bytes, as far as its structure can be followed.
fn reseal(file: &mut [u8]) {
    if file.len() < RECORDS {
        return;
    }
    let fix = |file: &mut [u8], begin: usize, length: usize, binding: u32| {
        let crc = !crc32c(binding, &file[begin..begin + length]);
        file[begin + length..begin + length + 4].copy_from_slice(&crc.to_le_bytes());
    };
    fix(file, 0, 88, u32::MAX);
    let mut binding = crc32c(u32::MAX, &file[16..48]);
    binding = crc32c(binding, &file[48..56]);
    fix(file, 512, 72, binding);
    fix(file, 1024, 72, binding);
    let mut offset = RECORDS;
    while let Some(header) = file.get(offset..offset + 9) {
        let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let Some(end) = (offset + 9).checked_add(length).filter(|end| *end <= file.len()) else { return };
        let mut crc = crc32c(binding, &(offset as u64).to_le_bytes());
        crc = crc32c(crc, &file[offset..offset + 4]);
        crc = crc32c(crc, &file[offset + 8..end]);
        file[offset + 4..offset + 8].copy_from_slice(&(!crc).to_le_bytes());
        offset = end;
    }
}

/// Bit by bit, as the standard describes it, without the last complement.
fn crc32c(state: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(state, |state, byte| {
        (0..8).fold(state ^ u32::from(*byte), |state, _| (state >> 1) ^ if state & 1 == 1 { 0x82F6_3B78 } else { 0 })
    })
}
