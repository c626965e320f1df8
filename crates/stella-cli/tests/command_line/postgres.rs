//! A store in PostgreSQL: one trust and the same attestations for every node.

use std::process::Stdio;
use std::thread;
use std::time::Duration;

use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::postgres::Server;
use stella_testkit::statement;

use crate::harness::{Home, Said};

/// A home of its own, on a store that others use, too.
struct Node {
    home: Home,
    url: String,
}

impl Node {
    fn new(url: &str) -> Self {
        Self { home: Home::bare(), url: url.to_owned() }
    }

    fn program(&self) -> std::process::Command {
        let mut program = self.home.program();
        program.env("STELLA_STORE", &self.url);
        program
    }

    fn run(&self, arguments: &str) -> Said {
        Said::from(self.program().args(arguments.split_whitespace()).output().unwrap())
    }
}

fn schema() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("cli{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Attestations by the key of that label, one a line.
fn attestations(home: &Home, label: &str, count: usize) -> String {
    let lines = (0..count).map(|number| {
        let name = format!("{label}-{number}.txt");
        let statement = statement::provenance(&name, name.as_bytes(), "https://ci.example/builder").to_string();
        let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&TestKey::p256(label));
        let value: serde_json::Value = serde_json::from_str(&envelope.to_json()).unwrap();
        format!("{value}\n")
    });
    home.room.file(&format!("by-{label}.jsonl"), lines.collect::<String>())
}

const ADD: &str = "--name release --expires 2099-01-01T00:00:00Z";

/// A node that has made the store, trusts one key, and has taken in attestations by it and by a stranger.
fn begun(server: &Server) -> (Node, String) {
    let schema = schema();
    let node = Node::new(&server.socket_url(&schema));
    node.run("init --empty --name shared").ended(0);
    let key = node.home.key("release");
    node.run(&format!("trust-anchors add-key --key {key} {ADD}")).ended(0);
    for (label, count) in [("release", 5), ("stranger", 2)] {
        node.run(&format!("attest import {}", attestations(&node.home, label, count))).ended(0);
    }
    (node, schema)
}

#[test]
fn every_node_sees_one_trust_and_the_same_attestations() {
    let Some(server) = Server::shared() else { return };
    let (one, _) = begun(server);
    let two = Node::new(&one.url);
    for command in ["trust-anchors list", "trust log", "attest list", "attest status -o json"] {
        let (ours, theirs) = (one.run(command).ended(0), two.run(command).ended(0));
        assert_eq!(ours.out, theirs.out, "{command}");
    }
    let said = two.run("verify all -o json").ended(1);
    assert_eq!((&said.json()["planned"], &said.json()["verified"]), (&7.into(), &5.into()));
    let listed = one.run("attest list -o json").ended(0).json();
    let id = listed["attestations"][0]["attestation"].as_str().unwrap().to_owned();
    assert!(two.run(&format!("attest show {}", &id[..20])).ended(0).out.contains(&id));
    // What one writes into the journal the other reads.
    let logs = one.run("attest logs --filter verification --level error --last 30m").ended(0);
    assert!(logs.out.contains("dsse.key_unknown"), "{}", logs.out);
    // What one takes out counts at once for the other.
    one.run("trust-anchors remove release --reason gone").ended(0);
    two.run(&format!("verify attestation {id} -q")).ended(1);
    one.run("store check").ended(0);
    // The URL is written down in the home that made the store, so that it need not be said again.
    let said = Said::from(one.home.program().args(["attest", "list", "-o", "json"]).output().unwrap()).ended(0);
    assert_eq!(said.json()["attestations"].as_array().unwrap().len(), 7);
}

#[test]
fn only_who_has_the_key_of_the_store_changes_trust_and_two_who_have_it_lose_nothing() {
    let Some(server) = Server::shared() else { return };
    let (one, _) = begun(server);
    let two = Node::new(&one.url);
    let key = two.home.key("other");
    let other = format!("trust-anchors add-key --key {key} --name other --expires 2099-01-01T00:00:00Z");
    two.run(&other).complained("store.read_only", 6);
    std::fs::create_dir_all(two.home.directory().join("keys")).unwrap();
    for directory in ["", "keys"] {
        use std::os::unix::fs::PermissionsExt as _;
        let path = two.home.directory().join(directory);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    let private = |node: &Node| node.home.directory().join("keys/checkpoint.pem");
    std::fs::copy(private(&one), private(&two)).unwrap();
    two.run(&other).ended(0);
    // At once, again and again: each change is there, once.
    thread::scope(|scope| {
        for (node, name) in [(&one, "one"), (&two, "two")] {
            scope.spawn(move || {
                for round in 0..5 {
                    let command = format!("trust-anchors change release --label {name}-{round} --reason race");
                    let mut said = node.run(&command);
                    for _ in 0..50 {
                        if said.status != 10 {
                            break;
                        }
                        assert!(said.err.starts_with("error[store.busy]"), "{}", said.err);
                        thread::sleep(Duration::from_millis(10));
                        said = node.run(&command);
                    }
                    said.ended(0);
                }
            });
        }
    });
    let log = one.run("trust log --verify -o json").ended(0).json();
    // The first entry, two keys, ten labels.
    assert_eq!(log["audit"]["entries"], 13);
}

#[test]
fn an_older_copy_of_the_database_is_noticed_and_taken_only_when_somebody_says_so() {
    let Some(server) = Server::shared() else { return };
    let (node, schema) = begun(server);
    let log = node.run("trust log -o json").ended(0);
    let size = log.json()["head"]["size"].as_u64().unwrap_or(2);
    node.run("trust-anchors revoke release --reason stolen").ended(0);
    // As if a dump of before had been loaded.
    server.sql(&format!(
        "SET search_path TO {schema}; DELETE FROM log_entry WHERE sequence >= {size}; \
         DELETE FROM log_group WHERE size > {size}; UPDATE log SET size = {size}"
    ));
    for command in ["trust-anchors list", "verify all", "trust log"] {
        node.run(command).complained("store.rollback_detected", 6);
    }
    node.run("store restore --accept-rollback --reason lost").ended(0);
    node.run("trust-anchors list").ended(0);
    node.run("trust log --verify").ended(0);
}

#[test]
fn a_store_moves_to_the_database_and_back_and_is_the_same() {
    let Some(server) = Server::shared() else { return };
    let home = Home::solo();
    let key = home.key("release");
    home.run(&format!("trust-anchors add-key --key {key} {ADD}")).ended(0);
    home.run(&format!("attest import {}", attestations(&home, "release", 6))).ended(0);
    home.run("verify all -q").ended(0);
    let url = server.socket_url(&schema());
    let trust = format!("file:{}", home.directory().join("trust").display());
    let copy = |from: &str, to: &str| home.run_with(&["store", "copy", from, to]);
    copy(&trust, &url).ended(0);
    // Again: everything is there already. Then what came later.
    assert_eq!(copy(&trust, &url).ended(0).field("copied"), "0 documents, 0 entries of the trust log");
    home.run(&format!("attest import {}", attestations(&home, "late", 2))).ended(0);
    assert_eq!(copy(&trust, &url).ended(0).field("copied"), "2 documents, 0 entries of the trust log");
    let back = format!("file:{}", home.room.path("back/trust").display());
    copy(&url, &back).ended(0);
    let shown = |store: &str, command: &str| {
        let mut words = vec!["--store", store];
        words.extend(command.split_whitespace());
        home.run_with(&words).ended(0).out
    };
    for command in ["attest list", "trust-anchors list", "trust log -o json"] {
        let original = shown(&trust, command);
        assert_eq!(shown(&url, command), original, "{command}");
        assert_eq!(shown(&back, command), original, "{command}");
    }
    let said = shown(&back, "store check");
    assert!(said.contains("8"), "{said}");
    // Another store is in the way.
    let (other, _) = begun(server);
    let said = copy(&trust, &other.url).complained("usage.conflict", 2);
    assert!(said.err.contains("nothing was changed"), "{}", said.err);
    copy(&url, &url).complained("usage.conflict", 2);
}

#[test]
fn what_keeps_a_database_from_being_used_is_said_in_one_line() {
    let Some(server) = Server::shared() else { return };
    let (node, schema) = begun(server);
    server.sql(&format!("UPDATE {schema}.schema_version SET version = 9"));
    for command in ["attest list", "trust-anchors list", "verify all"] {
        node.run(command).complained("store.schema_too_new", 6);
    }
    // Nobody there: the trusted roots that are built in do not take the place of a store that was named.
    let gone = Node::new("postgres://nobody@127.0.0.1:1/postgres?sslmode=disable");
    let document = attestations(&gone.home, "release", 1);
    let said = gone.run(&format!("verify attestation {document}"));
    assert_eq!(said.status, 6, "{}{}", said.out, said.err);
    assert!(said.err.starts_with("error[store.io]"), "{}", said.err);
    // A schema without a store.
    let empty = Node::new(&server.socket_url(&self::schema()));
    empty.run("trust-anchors list").complained("store.not_found", 4);
    empty.run("attest list").complained("store.not_found", 4);
    let said = empty.run(&format!("attest import {document}")).complained("store.not_found", 4);
    assert!(said.err.contains("stella init"), "{}", said.err);
    // A password is asked of the surroundings, and shown nowhere.
    let url = server.loopback_url(&self::schema());
    let secret = "never%3Atrust%2Fthis%40password";
    let without = url.replace(&format!(":{secret}"), "");
    assert_ne!(url, without);
    let node = Node::new(&without);
    let refused = node.run("init --empty --name shared");
    assert_eq!(refused.status, 6, "{}{}", refused.out, refused.err);
    let mut program = node.program();
    program.env("PGPASSWORD", stella_testkit::postgres::PASSWORD).args(["init", "--empty", "--name", "shared"]);
    let said = Said::from(program.output().unwrap()).ended(0);
    assert!(!said.out.contains("never"), "{}", said.out);
    let config = std::fs::read_to_string(node.home.directory().join("config.toml")).unwrap();
    assert!(config.contains("postgres://stella@127.0.0.1") && !config.contains("never%3Atrust"), "{config}");
}

#[test]
fn processes_share_the_work_and_what_a_killed_one_held_is_taken_over() {
    let Some(server) = Server::shared() else { return };
    let (one, _) = begun(server);
    one.run(&format!("attest import {}", attestations(&one.home, "release-2", 150))).ended(0);
    let mut first = one.program();
    let mut first = first
        .args(["verify", "all", "--share", "5", "--jobs", "1", "--lease", "1s", "--no-memo"])
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // It says the name of the run before it begins.
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(first.stderr.take().unwrap()), &mut line).unwrap();
    let run = line.split_whitespace().nth(1).unwrap().trim_end_matches(':').to_owned();
    first.kill().unwrap();
    first.wait().unwrap();
    let said: Vec<Said> = thread::scope(|scope| {
        let helpers: Vec<_> = (0..3)
            .map(|_| {
                let (url, run) = (&one.url, &run);
                scope.spawn(move || {
                    Node::new(url).run(&format!("verify all --join {run} --lease 5s --jobs 1 -o json")).ended(1)
                })
            })
            .collect();
        helpers.into_iter().map(|helper| helper.join().unwrap()).collect()
    });
    for one in &said {
        let json = one.json();
        assert_eq!((&json["planned"], &json["judged"], &json["verified"]), (&157.into(), &157.into(), &5.into()));
    }
    let kept = one.run("attest status -o json").ended(0).json();
    assert_eq!(kept["attestations"], 157, "{kept}");
    // Another trust or policy is another run.
    one.run("trust-anchors remove release --reason gone").ended(0);
    one.run(&format!("verify all --join {run}")).complained("usage.conflict", 2);
}
