//! `kill -9` in the middle of taking in thousands of attestations, and of judging all of them; then the same command again.

use std::collections::BTreeSet;
use std::fs::{self, File};

use serde_json::Value;
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;

use crate::harness::Home;
use crate::killed::{KILL, stride};
use crate::killer::{End, Killer, Moment, run_telling};
use crate::scene::{Tally, copy};

/// How many lines `attest import` takes in at once.
const BATCH: u64 = 10_000;

/// How many attestations are there before an import.
const BEFORE: u64 = 100;

/// Every which attestation is signed by somebody who is not trusted.
const STRANGE: u64 = 10;

/// Whether everything is to be tried, and not a sample of it.
fn whole() -> bool {
    std::env::var_os("STELLA_KILL_STRIDE").is_some()
}

/// Attestations about artifacts of these numbers, one a line.
fn lines(home: &Home, name: &str, numbers: std::ops::Range<u64>) -> String {
    let (known, stranger) = (TestKey::ed25519("release"), TestKey::ed25519("stranger"));
    let lines = numbers.map(|number| {
        let artifact = format!("{number}.txt");
        let statement = statement::provenance(&artifact, artifact.as_bytes(), "https://ci.example/builder").to_string();
        let key = if number.is_multiple_of(STRANGE) { &stranger } else { &known };
        let json = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(key).to_json();
        format!("{}\n", serde_json::from_str::<Value>(&json).unwrap())
    });
    home.room.file(name, lines.collect::<String>())
}

/// A home in which one key is trusted, with a few attestations in it.
fn home() -> Home {
    let home = Home::solo();
    let key = home.room.file("release.pub", TestKey::ed25519("release").public_pem());
    home.run(&format!("trust-anchors add-key --key {key} --name release --expires 2099-01-01T00:00:00Z")).ended(0);
    home.run(&format!("attest import -q {}", lines(&home, "first.jsonl", 0..BEFORE))).ended(0);
    home
}

/// How many attestations and documents there are, in a store that is sound.
fn count(home: &Home, tally: &mut Tally) -> u64 {
    let check = home.run("store check");
    if check.status != 0 {
        println!("{}{}", check.out, check.err);
        tally.audit_failures += 1;
    }
    let status = home.run("attest status -o json").ended(0).json();
    let (attestations, documents) = (status["attestations"].as_u64().unwrap(), status["documents"].as_u64().unwrap());
    tally.half_applied += u64::from(attestations != documents);
    attestations
}

/// The moments to try: every one of the stride that was asked for, else so many, spread over all.
fn sample(moments: Vec<Moment>, many: usize) -> Vec<Moment> {
    let stride = if whole() { stride(1) } else { (moments.len() / many).max(1) };
    // Not the first ones of all: those are about the libraries of the program.
    moments.into_iter().skip(stride - 1).step_by(stride).collect()
}

#[test]
fn an_import_that_is_killed_keeps_whole_batches_and_the_next_one_takes_in_the_rest_f01() {
    let home = home();
    let many = if whole() { 2 * BATCH + 500 } else { BATCH + 500 };
    let file = lines(&home, "many.jsonl", BEFORE..BEFORE + many);
    let (directory, original) = (home.directory(), home.room.path("original"));
    copy(&directory, &original);
    let import = |format: &str| {
        let mut program = home.program();
        program.args(["attest", "import", "--jobs", "2", "-o", format, &file]);
        program
    };
    let killer = Killer::here();
    let moments = killer.moments(&import("text"), home.room.path(".").as_path());
    let all = moments.len();
    let (mut tally, mut between) = (Tally::default(), 0);
    for moment in sample(moments, 5) {
        let _ = fs::remove_dir_all(&directory);
        copy(&original, &directory);
        let end = run_telling(&import("text"), &moment, KILL, std::process::Stdio::null());
        tally.points += 1;
        let found = count(&home, &mut tally).saturating_sub(BEFORE);
        tally.acknowledged += BEFORE + if end == End::Exit(0) { many } else { 0 };
        tally.lost += u64::from(end == End::Exit(0) && found < many);
        tally.half_applied += u64::from(found != many && !found.is_multiple_of(BATCH));
        between += u64::from(found < many);
        // The next one takes in what is missing, and nothing twice.
        let again = home.run(&format!("attest import -o json {file}")).ended(0).json();
        let of = |name: &str| again[name].as_u64().unwrap();
        let wanted = (many - found, found, 0, 0);
        let known = (of("new"), of("duplicates"), of("evidence"), of("bad"));
        tally.lost += u64::from(known != wanted || count(&home, &mut tally) != BEFORE + many);
        tally.is_clean(&format!("attest import at {moment:?}"));
    }
    assert!(between > 0, "no import was killed before it was done");
    println!("{many} lines, {all} moments, {between} killed before all was taken in");
    tally.finish("kill -9 of an import");
}

#[test]
fn a_verification_of_all_that_is_killed_is_ended_by_the_next_and_judges_nothing_twice_f01() {
    let home = home();
    let many = if whole() { 3_000 } else { 600 };
    home.run(&format!("attest import -q {}", lines(&home, "many.jsonl", BEFORE..many))).ended(0);
    let (directory, original) = (home.directory(), home.room.path("original"));
    copy(&directory, &original);
    let mut program = home.program();
    program.args(["verify", "all", "--jobs", "2", "--share", "50", "--lease", "1s"]);
    let killer = Killer::here();
    let moments = killer.moments(&program, home.room.path(".").as_path());
    let all = moments.len();
    let (mut tally, mut begun) = (Tally::default(), 0);
    let told = home.room.path("told");
    for moment in sample(moments, 4) {
        let _ = fs::remove_dir_all(&directory);
        copy(&original, &directory);
        run_telling(&program, &moment, KILL, File::create(&told).unwrap());
        tally.points += 1;
        let said = fs::read_to_string(&told).unwrap();
        let run = said.strip_prefix("run ").and_then(|rest| rest.split(':').next()).filter(|run| run.len() == 32);
        let again = match run {
            Some(run) => home.run(&format!("verify all --jobs 2 -o json --join {run}")),
            None => home.run("verify all --jobs 2 -o json"),
        };
        let again = again.ended(1).json();
        let of = |name: &str| again[name].as_u64().unwrap();
        // What the first one has handed in is not judged again, and counts.
        let before = many - of("judged_here");
        tally.acknowledged += before;
        begun += u64::from(before > 0);
        let strange = many / STRANGE;
        tally.lost += u64::from((of("planned"), of("judged"), of("verified")) != (many, many, many - strange));
        let run = again["run"].as_str().unwrap();
        let events = home.run("attest logs --filter verification --level error --limit 100000 -o ndjson").ended(0).out;
        let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let judged: Vec<String> = events
            .filter(|event| event["details"]["run"] == run)
            .filter_map(|event| Some(event["attestation"].as_str()?.to_owned()))
            .collect();
        let once: BTreeSet<&String> = judged.iter().collect();
        tally.half_applied += (judged.len() - once.len()) as u64;
        // Events are written behind the results: those of one share for each thread may be missing.
        assert!(once.len() as u64 + 2 * 50 / STRANGE >= strange, "{} of {strange} refusals", once.len());
        assert!(!once.is_empty());
        tally.lost += u64::from(count(&home, &mut tally) != many);
        tally.is_clean(&format!("verify all at {moment:?}"));
    }
    println!("{many} attestations, {all} moments, {begun} killed after a share was handed in");
    tally.finish("kill -9 of a verification of all");
}
