//! Several changes at once: all, or none, or an answer that tells which.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use stella_crypto_providers::{Registry, Signer, SigningKey};
use stella_testkit::authority::Authority;
use stella_testkit::key::TestKey;
use stella_trust_store::fs::{FileLog, Place, Stopwatch, StoreId};
use stella_trust_store::ledger::{Actor, Founding, Id, Ledger, Occasion, Person};
use stella_vocabulary::{UnixTime, pem};

use crate::harness::Home;

fn size(home: &Home) -> u64 {
    home.run("trust-anchors list -o json").ended(0).json()["size"].as_u64().unwrap()
}

/// A file with these certificates, one after the other.
fn bundle(home: &Home, name: &str, certificates: &[String]) -> String {
    home.room.file(name, certificates.concat())
}

#[test]
fn a_request_that_must_be_signed_and_is_not_keeps_everything_else_from_being_made() {
    let home = Home::quorum();
    let root = Authority::root("whole");
    let file = bundle(&home, "both.pem", &[root.intermediate("below").pem(), root.pem()]);
    home.run(&format!("trust-anchors import --pem {file} --identity ci@example.org"))
        .complained("approval.not_authorized", 3);
    assert_eq!(size(&home), 1);
    // Somebody who is no approver may ask without a key.
    let said = home.run_as("dave", &format!("trust-anchors import --pem {file} --identity ci@example.org")).ended(3);
    assert!(said.lines("added").next().is_some() && said.lines("request").next().is_some(), "{}", said.out);
}

#[test]
fn of_several_emergencies_all_begin_or_none() {
    let home = Home::quorum();
    let [one, two] = ["one", "two"].map(|label| Authority::root(label).pem());
    let first = bundle(&home, "one.pem", std::slice::from_ref(&one));
    let (key, _) = home.approver("alice");
    let import = format!("trust-anchors import --identity ci@example.org --emergency 1h --approver-key {key}");
    home.run(&format!("{import} --pem {first}")).ended(0);
    home.run("store end-emergency e-1 --reason over").ended(0);
    let before = size(&home);
    // The second is of something that had one within the last days.
    let both = bundle(&home, "both.pem", &[two, one]);
    let said = home.run(&format!("{import} --pem {both}"));
    said.complained("approval.required", 3);
    assert_eq!(size(&home), before);
}

#[test]
fn an_id_that_looks_like_the_fingerprint_of_something_else_is_ambiguous() {
    let home = Home::solo();
    let root = home.root("release-root");
    let fingerprint = home.run(&format!("trust-anchors add --cert {root}")).ended(0).field("fingerprint").to_string();
    let digits = fingerprint["sha256:".len()..].get(..8).unwrap();
    let below = home.room.file("below.pem", Authority::root("other").intermediate("below").pem());
    home.run(&format!("trust-anchors add-intermediate --cert {below} --name {digits}")).ended(0);
    let said = home
        .run(&format!("trust-anchors revoke {digits} --cause compromised --reason x"))
        .complained("usage.conflict", 2);
    assert!(said.err.contains(&format!("intermediate/{digits}, anchor/release-root")), "{}", said.err);
    home.run(&format!("trust-anchors show sha256:{}", &digits[..7])).complained("store.not_found", 4);
    let said = home.run(&format!("trust-anchors show sha256:{digits}")).ended(0);
    assert_eq!(said.field("id"), "release-root");
    assert_eq!(home.run(&format!("trust-anchors show intermediate/{digits}")).ended(0).field("id"), digits);
}

struct NoWait;

impl Stopwatch for NoWait {
    fn milliseconds(&self) -> u64 {
        0
    }

    fn pause(&self, _: u64) {}
}

#[test]
fn a_log_that_is_ahead_of_the_clock_is_told_by_every_command_and_keeps_nobody_from_verifying() {
    let home = Home::bare();
    let pem = pem::encode("PRIVATE KEY", &TestKey::ed25519("store").signing_key().to_pkcs8_der());
    for name in ["", "keys"] {
        fs::create_dir(home.directory().join(name)).unwrap();
        fs::set_permissions(home.directory().join(name), fs::Permissions::from_mode(0o700)).unwrap();
    }
    let place = Place::at(&home.directory().join("trust")).unwrap();
    let log = FileLog::create(place, StoreId::from_bytes([7; 32]), Box::new(NoWait)).unwrap();
    let file = home.directory().join("keys/checkpoint.pem");
    fs::write(&file, &pem).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let signer: Arc<dyn Signer> = Arc::new(SigningKey::from_pkcs8_pem(pem.as_bytes()).unwrap());
    let founding = Founding { approvers: Vec::new(), quorum: 2, store: Id::new("test").unwrap() };
    let at = UnixTime::from_civil(2200, 1, 1, 0, 0, 0).unwrap();
    let actor = Actor::unsigned(Person::new("alice").unwrap());
    let occasion = Occasion { actor, at, reason: "made".to_string() };
    Ledger::create(log, &Registry::rustcrypto(), signer, founding, &occasion).unwrap();

    for command in ["trust-anchors list", "trust log", "trust log --verify", "approvers list"] {
        let said = home.run(command).ended(0);
        assert!(said.err.starts_with("warning[time.in_future]: "), "{command}: {}", said.err);
        assert!(said.err.contains("entry 0") && said.err.contains("2200-01-01T00:00:00Z"), "{}", said.err);
        assert_eq!(said.err.matches('\n').count(), 1);
    }
    let root = home.root("later");
    let said = home.run(&format!("trust-anchors add --cert {root}")).ended(1);
    assert!(said.err.contains("\nerror[time.clock_rollback]: "), "{}", said.err);
    assert_eq!(Home::solo().run("trust-anchors list").ended(0).err, "");
}
