//! `stella trust log --verify` on logs that somebody has worked on: every byte is framed and summed as it should be, and what it says is not what was logged.

use std::sync::Arc;

use stella_crypto_providers::{HashAlgorithm, Message, SignatureEncoding, Signer, SigningKey};
use stella_transparency::merkle::leaf_hash;
use stella_trust_store::fs::{FileLog, Place, Stopwatch, StoreId};
use stella_trust_store::ledger::Entry;
use stella_trust_store::{Head, LogStore, Visit};
use stella_vocabulary::base64;

use crate::harness::{Home, Said};

struct NoWait;

impl Stopwatch for NoWait {
    fn milliseconds(&self) -> u64 {
        0
    }

    fn pause(&self, _: u64) {}
}

/// The entries of a log and the note over them, to be changed.
struct Worked {
    entries: Vec<Vec<u8>>,
    note: String,
}

fn home_with_history() -> Home {
    let home = Home::solo();
    for name in ["one", "two", "three"] {
        let key = home.key(name);
        let words = ["trust-anchors", "add-key", "--key", &key, "--name", name, "--expires", "2099-01-01T00:00:00Z"];
        home.run_with(&words).ended(0);
    }
    home
}

impl Worked {
    fn of(home: &Home) -> Self {
        let place = Place::at(&home.directory().join("trust")).unwrap();
        let log = FileLog::open(place, Box::new(NoWait)).unwrap();
        let mut entries = Vec::new();
        log.read(0, &mut |_, bytes| {
            entries.push(bytes.to_vec());
            Ok(Visit::Continue)
        })
        .unwrap();
        Self { entries, note: log.checkpoint().unwrap().unwrap() }
    }

    fn edit(&mut self, index: usize, from: &str, to: &str) {
        let text = String::from_utf8(self.entries[index].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        self.entries[index] = text.replacen(from, to, 1).into_bytes();
    }

    /// Makes each entry name the one before it, and signs a checkpoint over all: whoever holds the key of the store can.
    fn sealed(mut self, home: &Home) -> Self {
        for index in 1..self.entries.len() {
            let mut entry = Entry::from_bytes(&self.entries[index]).unwrap();
            entry.previous = Some(leaf_hash(&self.entries[index - 1]));
            entry.sequence = index as u64;
            self.entries[index] = entry.to_bytes();
        }
        let pem = std::fs::read(home.directory().join("keys/checkpoint.pem")).unwrap();
        let key: Arc<dyn Signer> = Arc::new(SigningKey::from_pkcs8_pem(&pem).unwrap());
        let leaves = self.entries.iter().map(|entry| leaf_hash(entry));
        let root = stella_transparency::merkle::root_of(leaves);
        // C2SP tlog-checkpoint, written here once more.
        let origin = "stella-trust-store/test";
        let text = format!("{origin}\n{}\n{}\n", self.entries.len(), base64::encode(&root));
        let hint = HashAlgorithm::Sha256.hash(&[origin.as_bytes(), b"\n\x01", key.public_key().raw()]);
        let mut line = hint.as_bytes()[..4].to_vec();
        line.extend(key.sign(Message::Parts(&[text.as_bytes()]), SignatureEncoding::Der).unwrap());
        self.note = format!("{text}\n\u{2014} {origin} {}\n", base64::encode(&line));
        self
    }

    /// Puts it in the place of the log, on a machine that has not seen it before.
    fn put(self, home: &Home) {
        let trust = home.directory().join("trust");
        std::fs::remove_dir_all(&trust).unwrap();
        std::fs::remove_dir_all(home.room.path("state")).unwrap();
        let mut log =
            FileLog::create(Place::at(&trust).unwrap(), StoreId::from_bytes([7; 32]), Box::new(NoWait)).unwrap();
        let slices: Vec<&[u8]> = self.entries.iter().map(Vec::as_slice).collect();
        log.append(&Head::empty(), &slices, &self.note).unwrap();
    }
}

fn damaged(work: impl FnOnce(&Home, Worked) -> Worked) -> Said {
    let home = home_with_history();
    work(&home, Worked::of(&home)).put(&home);
    let document = home.run("trust log --verify -o json");
    assert_eq!(document.json()["schema"], "stella.error/1");
    home.run("trust log --verify")
}

#[test]
fn an_edited_entry_is_named_by_its_number_b211() {
    for index in 1..4 {
        let said = damaged(|_, mut worked| {
            worked.edit(index, "\"person\":\"alice\"", "\"person\":\"mallory\"");
            worked
        });
        let said = said.complained("audit.broken", 6);
        assert!(said.err.contains(&format!("entry {index}")), "{}", said.err);
    }
}

#[test]
fn a_removed_or_reordered_entry_is_named_by_its_number_b211() {
    let removed = damaged(|_, mut worked| {
        worked.entries.remove(2);
        worked
    });
    assert!(removed.complained("audit.broken", 6).err.contains("entry 2"));
    let reordered = damaged(|_, mut worked| {
        worked.entries.swap(2, 3);
        worked
    });
    assert!(reordered.complained("audit.broken", 6).err.contains("entry 2"));
}

#[test]
fn a_state_that_no_entry_made_is_a_mismatch_b213() {
    for index in [2, 3] {
        let said = damaged(|home, mut worked| {
            let text = String::from_utf8(worked.entries[index].clone()).unwrap();
            let (_, state) = text.split_once("\"state\":\"").unwrap();
            let state = state[..64].to_owned();
            worked.edit(index, &state, &"0".repeat(64));
            worked.sealed(home)
        });
        assert!(said.complained("audit.state_mismatch", 6).err.contains(&format!("entry {index}")));
    }
}

#[test]
fn a_history_written_anew_by_the_holder_of_the_key_is_found_with_a_checkpoint_from_outside_alone() {
    let home = home_with_history();
    let kept = home.room.file("kept.txt", home.run("trust log --signed-checkpoint").ended(0).out);
    let mut worked = Worked::of(&home);
    worked.edit(2, "\"person\":\"alice\"", "\"person\":\"mallory\"");
    worked.sealed(&home).put(&home);
    // The state covers objects, not who made them: nothing in the store tells.
    let said = home.run("trust log --verify").ended(0);
    assert_eq!(said.field("compared with"), "the checkpoint in the store only");
    let said = home.run_with(&["trust", "log", "--verify", "--checkpoint", &kept]).complained("audit.broken", 6);
    assert!(said.err.contains("written anew"), "{}", said.err);
}
