//! A store that others write to: what is counted, believed, shown and passed on of it.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use stella_attest_store::sqlite::{Embedded, Place};
use stella_attest_store::{AttestationStore, EventKind, Filter, Level, NewEvent, ReportRecord};
use stella_attest_verify::{UnixTime, Verdict};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;
use stella_trust_store::fs::Stopwatch;

use crate::harness::{Home, Said};

struct Clock(Instant);

impl Stopwatch for Clock {
    fn milliseconds(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }
    fn pause(&self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

/// The store of attestations in this directory, for whoever may write to it.
fn store(directory: &Path) -> Embedded {
    Embedded::open(Place::at(directory, Box::new(Clock(Instant::now())))).unwrap()
}

/// Attestations of one artifact each, one a line.
fn attestations(home: &Home, name: &str, count: usize) -> String {
    let lines = (0..count).map(|number| {
        let artifact = format!("{name}-{number}.txt");
        let statement = statement::provenance(&artifact, artifact.as_bytes(), "https://ci.example/builder").to_string();
        Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&TestKey::p256("release")).to_json().replace('\n', " ")
            + "\n"
    });
    home.room.file(&format!("{name}.jsonl"), lines.collect::<String>())
}

/// A home that trusts the key, and has so many attestations by it.
fn kept(count: usize) -> Home {
    let home = Home::solo();
    let key = home.key("release");
    home.run_with(&[
        "trust-anchors",
        "add-key",
        "--key",
        &key,
        "--name",
        "release",
        "--expires",
        "2099-01-01T00:00:00Z",
    ])
    .ended(0);
    home.run_with(&["attest", "import", &attestations(&home, "kept", count)]).ended(0);
    home
}

#[test]
fn nothing_that_was_judged_is_no_success() {
    let home = kept(2);
    home.run("verify all --jobs 1").ended(0);
    let said = home.run("verify all --jobs 1 --type https://slsa.dev/provenance/v1.0").ended(1);
    assert!(said.first_line().contains("error[policy.no_attestations]"), "{}", said.out);
    let said = home.run("verify all --jobs 1 --changed --type https://slsa.dev/provenance/v1.0").ended(1);
    assert!(said.first_line().contains("error[policy.no_attestations]"), "{}", said.out);
    let said = home.run("verify all --jobs 1 -o json --since 2099-01-01T00:00:00Z").ended(1);
    assert_eq!((&said.json()["code"], &said.json()["planned"]), (&"policy.no_attestations".into(), &0.into()));
}

#[test]
fn whoever_helps_with_a_run_cannot_ask_for_something_else_and_is_told_who_judged() {
    let home = kept(2);
    let run = home.run("verify all --jobs 1 -o json").ended(0).json()["run"].as_str().unwrap().to_owned();
    let said = home.run(&format!("verify all --join {run}")).ended(0);
    assert!(said.field("elsewhere").starts_with("2 judged by others"), "{}", said.out);
    for other in [
        "--at 2026-01-01T00:00:00Z",
        "--type https://slsa.dev/provenance/v1.0",
        "--since 2026-01-01T00:00:00Z",
        "--until 2026-01-01T00:00:00Z",
        "--subject sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ] {
        home.run(&format!("verify all --join {run} {other}")).complained("usage.conflict", 2);
    }
}

#[test]
fn documents_behind_those_that_one_command_looks_at_are_not_passed_over() {
    let home = Home::solo();
    let content = b"the artifact";
    let artifact = home.room.file("artifact.txt", content);
    // Two documents each, which differ in white space alone.
    let mut lines = String::new();
    for number in 0..5_001 {
        let builder = format!("https://ci.example/{number}");
        let statement = statement::provenance("artifact.txt", content, &builder).to_string();
        let payload = stella_vocabulary::base64::encode(statement.as_bytes());
        for space in ["", " "] {
            lines.push_str(&format!(
                "{{\"payloadType\":\"{IN_TOTO}\",{space}\"payload\":\"{payload}\",\"signatures\":[{{\"sig\":\"AAAA\"}}]}}\n"
            ));
        }
    }
    let file = home.room.file("many.jsonl", lines);
    let said = home.run_with(&["attest", "import", &file]).ended(0);
    assert_eq!(said.field("imported"), "5001 new, 5001 with other evidence, 0 known, 0 bad");
    home.run_with(&["verify", "artifact", "--artifact", &artifact]).complained("input.too_large", 2);
}

#[test]
fn a_file_of_bad_lines_does_not_fill_the_journal() {
    let home = Home::solo();
    let file = home.room.file("bad.jsonl", "x\n".repeat(10_400));
    let said = home.run_with(&["attest", "import", &file]);
    assert!(said.out.contains("10400 bad"), "{}", said.out);
    let events = home.run("attest status -o json").ended(0).json()["events"].as_u64().unwrap();
    assert!((10_000..=10_010).contains(&events), "{events}");
}

#[test]
fn what_others_wrote_into_reports_and_events_is_shown_as_text() {
    let home = kept(1);
    let mut store = store(&home.directory());
    let arrival = store.find(&Filter::default(), 0, 1).unwrap().remove(0);
    let record = |json: &str| ReportRecord {
        attestation: arrival.attestation,
        arrival: arrival.sequence,
        at: UnixTime::from_seconds(1),
        made: UnixTime::from_seconds(1),
        verdict: Verdict::Verified,
        code: None,
        trust: "sha256:00".to_owned(),
        trust_entry: None,
        policy: "sha256:00".to_owned(),
        dependencies: Vec::new(),
        json: Some(json.to_owned()),
    };
    for (json, shown) in [
        ("{\"a\": \"\u{9b}2J\u{202e}\"}", serde_json::json!({"a": "\u{9b}2J\u{202e}"})),
        ("{}, \"verdict\": \"rejected\"", serde_json::Value::Null),
        ("no JSON \u{1b}[2J", serde_json::Value::Null),
    ] {
        store.keep_reports(&[record(json)]).unwrap();
        let words = ["attest", "show", &arrival.attestation.to_string(), "-o", "json"];
        let document = home.run_with(&words).ended(0).json();
        assert_eq!(document["last_verification"]["report"], shown, "{json}");
        assert_eq!(document["last_verification"]["verdict"], "verified");
    }
    let event = NewEvent {
        at: UnixTime::from_seconds(1),
        kind: EventKind::Error,
        level: Level::Error,
        code: None,
        attestation: None,
        duration: None,
        summary: "odd".to_owned(),
        details: vec![("name\u{1b}[2J\u{202e}".to_owned(), "value".to_owned())],
    };
    store.journal(&[event]).unwrap();
    // The harness refuses raw characters.
    let said = home.run("attest logs --verbose").ended(0);
    assert!(said.out.contains("\\u{1b}[2J"), "{}", said.out);
}

fn copy(home: &Home, to: &str) -> Said {
    let (from, to) = (home.directory().join("trust"), home.room.path(to).join("trust"));
    home.run_with(&["store", "copy", &format!("file:{}", from.display()), &format!("file:{}", to.display())])
}

fn summaries(directory: &Path) -> Vec<String> {
    let events = store(directory).events(&Default::default(), 0, 1_000).unwrap();
    events.into_iter().map(|event| event.event.summary).collect()
}

fn happened(directory: &Path, summary: &str) {
    let event = NewEvent {
        at: UnixTime::from_seconds(1),
        kind: EventKind::Error,
        level: Level::Info,
        code: None,
        attestation: None,
        duration: None,
        summary: summary.to_owned(),
        details: Vec::new(),
    };
    store(directory).journal(&[event]).unwrap();
}

#[test]
fn a_copy_that_has_events_and_reports_of_its_own_gets_those_it_lacks_and_loses_none() {
    let home = kept(2);
    home.run("verify all --jobs 1 -q").ended(0);
    copy(&home, "copy").ended(0);
    let (one, two) = (home.directory(), home.room.path("copy"));
    let first = summaries(&one);
    assert_eq!(summaries(&two), first);
    for summary in ["of the copy", "also of the copy"] {
        happened(&two, summary);
    }
    // The same twice is two events.
    for summary in ["new", "new", "newer"] {
        happened(&one, summary);
    }
    // The copy has judged one of them again since.
    let mut target = store(&two);
    let mut report = target.reports(None, 0, 9).unwrap().remove(0);
    report.made = UnixTime::from_seconds(report.made.seconds() + 10);
    target.keep_reports(&[report.clone()]).unwrap();
    drop(target);
    copy(&home, "copy").ended(0);
    let mut expected = first;
    expected.extend(["of the copy", "also of the copy", "new", "new", "newer"].map(str::to_owned));
    assert_eq!(summaries(&two), expected);
    assert_eq!(store(&two).report(&report.attestation).unwrap(), Some(report));
    copy(&home, "copy").ended(0);
    assert_eq!(summaries(&two), expected, "once more copies nothing twice");
}

fn copy_files(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_files(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), &target).unwrap()),
        }
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}

#[test]
fn a_trust_log_that_is_older_than_what_was_seen_of_it_is_not_passed_on() {
    let home = kept(1);
    let (trust, aside) = (home.directory().join("trust"), home.room.path("aside"));
    copy_files(&trust, &aside);
    home.run("trust-anchors remove release --reason gone").ended(0);
    fs::remove_dir_all(&trust).unwrap();
    copy_files(&aside, &trust);
    copy(&home, "copy").complained("store.rollback_detected", 6);
}

#[test]
fn a_database_that_went_missing_is_not_begun_anew_by_an_import() {
    let home = kept(1);
    fs::remove_file(home.directory().join("attest.db")).unwrap();
    let before = fs::read(home.directory().join("attest/00000001.seg")).unwrap();
    let said = home.run_with(&["attest", "import", &attestations(&home, "more", 1)]).complained("store.corrupt", 6);
    assert!(said.err.contains("; try: put "), "{}", said.err);
    assert_eq!(fs::read(home.directory().join("attest/00000001.seg")).unwrap(), before);
    home.run("verify all").complained("store.corrupt", 6);
}

#[test]
fn logs_that_lie_beside_each_other_share_no_attestations_and_a_copy_is_one() {
    let home = kept(2);
    let place = |name: &str| format!("file:{}", home.room.path(name).display());
    let of = |name: &str, words: &[&str]| {
        let (store, own) = (place(name), home.room.path(&format!("home-of-{name}")).display().to_string());
        home.run_with(&[&["--store", &store, "--home", &own][..], words].concat())
    };
    let listed = |said: Said| said.ended(0).out.lines().filter(|line| !line.is_empty()).count();
    // Copies beside what they are made of, under another name.
    let (from, to) = (format!("file:{}", home.directory().join("trust").display()), place("backup"));
    home.run_with(&["store", "copy", &from, &to]).ended(0);
    fs::remove_dir_all(home.directory()).unwrap();
    assert_eq!(listed(of("backup", &["attest", "list", "-o", "ndjson"])), 2);
    of("backup", &["store", "check"]).ended(0);
    // Another one beside it has none of them.
    of("other", &["init", "--empty", "--name", "other"]).ended(0);
    let none = of("other", &["attest", "list", "-o", "ndjson"]);
    assert!(!none.out.contains("sha256:"), "{}", none.out);
    home.run_with(&["store", "copy", &to, &place("third")]).ended(0);
    assert_eq!(listed(of("third", &["attest", "list", "-o", "ndjson"])), 2);
}

#[test]
fn everything_is_exported_to_a_bare_name_too() {
    let home = kept(2);
    let room = home.room.path("room");
    fs::create_dir(&room).unwrap();
    let mut program = home.program();
    program.current_dir(&room).args(["attest", "export", "--all", "--out", "exported"]);
    Said::from(program.output().unwrap()).ended(0);
    assert_eq!(fs::read_dir(room.join("exported")).unwrap().count(), 2);
}
