//! A store that was there before and is not any more: trust never falls back to what is built in.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use stella_trust_store::fs::{FileLog, Place, Stopwatch, StoreId};

use crate::harness::{Home, Said, example, expected};

struct NoWait;

impl Stopwatch for NoWait {
    fn milliseconds(&self) -> u64 {
        0
    }

    fn pause(&self, _: u64) {}
}

/// An attestation that the built-in roots are enough for.
fn verify(home: &Home, more: &str) -> Said {
    let [digest, identity, issuer] = ["digest", "identity", "issuer"].map(|member| expected("slsa-provenance", member));
    let bundle = example("slsa-provenance/bundle.json");
    home.run(&format!(
        "verify attestation --attestation {bundle} --digest {digest} --identity {identity} --issuer {issuer} {more}"
    ))
}

/// A home whose store trusts nobody any more.
fn distrusting() -> Home {
    let home = Home::bare();
    verify(&home, "").ended(0);
    home.run("init --name test").ended(0);
    verify(&home, "").ended(0);
    for root in ["sigstore-public-good", "github"] {
        home.run(&format!("trust-anchors remove {root} --reason test")).ended(0);
    }
    assert!(verify(&home, "").ended(1).out.contains("x509.unknown_issuer"));
    home
}

fn trust(home: &Home) -> PathBuf {
    home.directory().join("trust")
}

#[test]
fn a_store_that_is_taken_away_takes_no_decision_with_it() {
    let home = distrusting();
    let away = home.room.path("away");
    fs::rename(trust(&home), &away).unwrap();
    let said = verify(&home, "").complained("store.not_found", 4);
    assert!(said.err.contains("was here before") && said.err.contains("put it back"), "{}", said.err);
    for command in ["trust log --verify", "trust-anchors list", "store restore --accept-rollback --reason lost"] {
        home.run(command).complained("store.not_found", 4);
    }
    home.run("init").complained("store.not_found", 4);
    assert!(!trust(&home).exists());
    verify(&home, "-o json").ended(4);

    // Each of the two that know of it is enough.
    let config = home.directory().join("config.toml");
    fs::rename(&config, home.room.path("config")).unwrap();
    verify(&home, "").complained("store.not_found", 4);
    fs::rename(home.room.path("config"), &config).unwrap();
    fs::rename(home.room.path("state"), home.room.path("memory")).unwrap();
    let said = verify(&home, "").complained("store.not_found", 4);
    assert!(said.err.contains("config.toml was written for"), "{}", said.err);
    verify(&home, &format!("--config {}", home.room.file("other.toml", ""))).complained("store.not_found", 4);
    home.run("init").complained("store.not_found", 4);

    fs::rename(&away, trust(&home)).unwrap();
    verify(&home, "").ended(1);
}

#[test]
fn a_whole_home_that_is_taken_away_is_missed() {
    let home = distrusting();
    fs::rename(home.directory(), home.room.path("away")).unwrap();
    verify(&home, "").complained("store.not_found", 4);
    fs::create_dir(home.directory()).unwrap();
    verify(&home, "").complained("store.not_found", 4);
}

#[test]
fn settings_without_a_store_are_no_store_that_is_missed() {
    let home = Home::bare();
    home.run("config set request_lifetime 3d").ended(0);
    verify(&home, "").ended(0);
    // And are no end of `stella init` either.
    home.run("init --name test").ended(0);
    assert_eq!(home.run("config get request_lifetime").ended(0).out, "3d\n");
    home.run("init").complained("usage.conflict", 2);
}

#[test]
fn a_log_without_an_entry_is_no_store_and_no_reason_to_do_without() {
    let home = distrusting();
    fs::remove_dir_all(trust(&home)).unwrap();
    drop(FileLog::create(Place::at(&trust(&home)).unwrap(), StoreId::from_bytes([7; 32]), Box::new(NoWait)).unwrap());
    verify(&home, "").complained("store.rollback_detected", 6);
    // Where nobody has seen more of it, `stella init` was interrupted.
    fs::remove_dir_all(home.room.path("state")).unwrap();
    let said = verify(&home, "").complained("store.not_found", 4);
    assert!(said.err.ends_with("; try: stella init\n"), "{}", said.err);
}

#[test]
fn an_init_that_was_interrupted_is_named_and_can_be_finished() {
    let home = Home::bare();
    fs::create_dir_all(trust(&home)).unwrap();
    for directory in [home.directory(), trust(&home)] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).unwrap();
    }
    let said = verify(&home, "").complained("store.not_found", 4);
    assert!(said.err.ends_with("; try: stella init\n"), "{}", said.err);
    home.run("init").ended(0);
    verify(&home, "").ended(0);
}

#[test]
fn what_cannot_be_looked_at_is_not_taken_for_nothing() {
    let home = Home::bare();
    fs::create_dir(home.directory()).unwrap();
    for target in ["nowhere", "trust"] {
        symlink(target, trust(&home)).unwrap();
        verify(&home, "").complained("store.symlink_refused", 6);
        fs::remove_file(trust(&home)).unwrap();
    }
    // A loop on the way.
    let looped = home.room.path("loop");
    symlink("loop", &looped).unwrap();
    let said = verify(&home, &format!("--store file:{}/trust", looped.display())).ended(6);
    assert!(said.err.starts_with("error[store."), "{}", said.err);
}
