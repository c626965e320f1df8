//! The journal: what is asked of it, as text and as data, and how much of it is kept.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;

use crate::harness::Home;
use crate::output::{assert_valid, schema};

/// A home in which something of everything has happened.
fn eventful() -> Home {
    let home = Home::solo();
    let key = home.key("release");
    home.run(&format!("trust-anchors add-key --key {key} --name release --expires 2099-01-01T00:00:00Z")).ended(0);
    for label in ["release", "stranger"] {
        home.run(&format!("attest import {}", attestation(&home, label))).ended(0);
    }
    let bad = home.room.file("bad.jsonl", "{\"payload\":1}\n{}\n");
    assert_ne!(home.run(&format!("attest import {bad}")).status, 0);
    home.run("trust-anchors change release --label another").ended(0);
    home.run("verify all").ended(1);
    home
}

fn attestation(home: &Home, label: &str) -> String {
    let name = format!("{label}.txt");
    let statement = statement::provenance(&name, name.as_bytes(), "https://ci.example/builder").to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&TestKey::p256(label));
    home.room.file(&format!("{label}.json"), envelope.to_json())
}

fn events(home: &Home, options: &str) -> Vec<Value> {
    let said = home.run(&format!("attest logs -o ndjson {options}")).ended(0);
    said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn events_are_data_of_the_schema_in_both_forms() {
    let home = eventful();
    let one = schema("stella.event-1.schema.json");
    let all = events(&home, "");
    assert!(all.len() >= 7, "{all:?}");
    all.iter().for_each(|event| assert_valid(&one, event));
    let kinds: Vec<&str> = all.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    for kind in ["import", "trust-change", "verification"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    let document = home.run("attest logs -o json --limit 3").ended(0).json();
    assert_valid(&schema("stella.events-1.schema.json"), &document);
    assert_eq!((document["events"].as_array().unwrap().len(), &document["left_out"]), (3, &true.into()));
    assert_eq!(document["events"].as_array().unwrap(), &all[all.len() - 3..]);
    // A schema that takes everything would say nothing.
    let mut wrong = all[0].clone();
    wrong["level"] = "bad".into();
    assert!(!one.is_valid(&wrong));
}

#[test]
fn options_choose_among_events() {
    let home = eventful();
    let all = events(&home, "");
    let fitting = |fits: &dyn Fn(&Value) -> bool| all.iter().filter(|event| fits(event)).cloned().collect::<Vec<_>>();
    assert_eq!(events(&home, "--filter import"), fitting(&|event| event["kind"] == "import"));
    let both = events(&home, "--filter import --filter trust-change");
    assert_eq!(both, fitting(&|event| event["kind"] != "verification"));
    assert_eq!(events(&home, "--level error"), fitting(&|event| event["level"] == "error"));
    assert_eq!(events(&home, "--level warning"), fitting(&|event| event["level"] != "info"));
    let code = events(&home, "--code dsse.key_unknown");
    assert_eq!(code, fitting(&|event| event["code"] == "dsse.key_unknown"));
    assert_eq!(code.len(), 1);
    let id = code[0]["attestation"].as_str().unwrap();
    assert_eq!(events(&home, &format!("--attestation {}", &id[..20])), code);
    assert_eq!(events(&home, "--last 1h"), all);
    assert_eq!(events(&home, "--until 2020-01-01T00:00:00Z"), Vec::<Value>::new());
    home.run("attest logs --code dsse.key_unknwon").complained("usage.conflict", 2);
    home.run("attest logs --last yesterday").ended(2);
    home.run("attest logs --since 2030-01-01T00:00:00Z --until 2020-01-01T00:00:00Z").ended(2);
    // Bad documents are named with their lines.
    let bad: Vec<_> =
        events(&home, "--filter import --level error").iter().map(|bad| bad["details"]["line"].clone()).collect();
    assert_eq!(bad, ["1", "2"]);
}

#[test]
fn what_is_written_later_is_shown_while_somebody_follows() {
    let home = eventful();
    let last = events(&home, "").pop().unwrap();
    let mut program = home.program();
    let mut follower = program
        .args(["attest", "logs", "--follow", "-o", "ndjson", "--limit", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next(), last);
    home.run(&format!("attest import {}", attestation(&home, "third"))).ended(0);
    let new = next();
    assert_eq!(new["kind"], "import");
    assert!(new["sequence"].as_u64() > last["sequence"].as_u64());
    home.run("verify all -q").ended(1);
    assert_eq!(next()["kind"], "verification");
    follower.kill().unwrap();
    follower.wait().unwrap();
}

#[test]
fn old_events_go_by_count_and_by_age_and_attestations_stay() {
    let home = eventful();
    home.run("attest logs --prune").complained("usage.conflict", 2);
    home.run("config set journal.keep_events 3").ended(0);
    let said = home.run("attest logs --prune -o json").ended(0).json();
    assert_eq!(said["left"], 3);
    let kept = events(&home, "");
    assert_eq!(kept.len(), 3);
    // Whatever is written next makes room, too.
    home.run("verify all -q").ended(1);
    let next = events(&home, "");
    assert_eq!(next.len(), 3);
    assert!(next[2]["sequence"].as_u64() > kept[2]["sequence"].as_u64());
    home.run("config set journal.keep_days 1").ended(0);
    assert_eq!(home.run("attest logs --prune -o json").ended(0).json()["removed"], 0);
    assert_eq!(home.run("attest list -o json").ended(0).json()["attestations"].as_array().unwrap().len(), 2);
    home.run("store check").ended(0);
}
