//! `stella doctor` on homes that are broken in many ways: one finding is to be mended each time, it is the right one, and its commands, run as they
//! stand there, lead to health.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]
#![allow(dead_code, reason = "the harness is shared")]

#[path = "command_line/harness.rs"]
mod harness;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use harness::{Home, Said, example};
use serde_json::Value;

const VERIFICATION: &str = "check.attestor.verification-health";

fn private(file: &str) -> String {
    example(&format!("private-pki/{file}"))
}

/// A home that trusts an authority and a key, keeps an attestation of each, and has verified both; and that signs.
fn healthy() -> Home {
    let home = Home::solo();
    home.run(&format!(
        "trust-anchors add --cert {} --name release-root --identity https://ci.example/builder",
        private("root.pem")
    ))
    .ended(0);
    home.run(&format!(
        "trust-anchors add-intermediate --cert {} --name release-intermediate",
        private("intermediate.pem")
    ))
    .ended(0);
    let key = example("private-key/key.pub");
    home.run(&format!("trust-anchors add-key --key {key} --name builder --expires 2100-01-01T00:00:00Z")).ended(0);
    home.run(&format!("attest import {} {}", private("attestation.json"), example("private-key/attestation.json")))
        .ended(0);
    home.run("verify all").ended(0);
    home.run("keys generate --algorithm ecdsa-p256 --validity 365d --name release --no-passphrase --activate").ended(0);
    home
}

fn doctor(home: &Home) -> Value {
    home.run("doctor -o json").json()
}

fn roots(found: &Value) -> Vec<&Value> {
    let is_root = |name: &Value| found["roots"].as_array().unwrap().contains(name);
    found["findings"].as_array().unwrap().iter().filter(|finding| is_root(&finding["check"])).collect()
}

/// Runs the commands of a remedy as they stand there, with what only the reader knows in place of the words in capitals.
fn follow(home: &Home, root: &Value, known: &[(&str, &str)]) {
    let commands = root["remedy"]["commands"].as_array().unwrap();
    assert!(!commands.is_empty(), "{root}");
    for command in commands {
        let words: Vec<String> = command
            .as_array()
            .unwrap()
            .iter()
            .map(|word| {
                let word = word.as_str().unwrap();
                known.iter().find(|(name, _)| *name == word).map_or(word, |(_, value)| value).to_owned()
            })
            .collect();
        let said = match words[0].as_str() {
            // A new key is asked a passphrase for.
            "stella" => {
                let passphrase = ("STELLA_KEY_PASSPHRASE", "TEST PASSPHRASE");
                Said::from(home.program().env(passphrase.0, passphrase.1).args(&words[1..]).output().unwrap())
            }
            program => Said::from(std::process::Command::new(program).args(&words[1..]).output().unwrap()),
        };
        // Looking at what is refused ends with 1.
        assert!(said.status <= 1, "{words:?}\n{}\n{}", said.out, said.err);
    }
}

/// What breaks, what says so, and what the reader has to know.
struct Breakage {
    name: &'static str,
    broken: fn(&Home),
    root: &'static str,
    code: Option<&'static str>,
    about: &'static str,
    known: fn() -> Vec<(&'static str, String)>,
}

fn nothing() -> Vec<(&'static str, String)> {
    Vec::new()
}

fn fails(home: &Home) {
    home.run("verify all").ended(1);
}

fn mode(home: &Home, name: &str, mode: u32) {
    fs::set_permissions(home.directory().join(name), fs::Permissions::from_mode(mode)).unwrap();
}

fn config(home: &Home, line: &str) {
    let path = home.directory().join("config.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{line}\n{text}")).unwrap();
}

const BREAKAGES: &[Breakage] = &[
    Breakage {
        name: "the anchor was removed",
        broken: |home| {
            home.run("trust-anchors remove release-root --reason tidying").ended(0);
            fails(home);
        },
        root: VERIFICATION,
        code: Some("x509.unknown_issuer"),
        about: "anchor ",
        known: nothing,
    },
    Breakage {
        name: "the intermediate was removed",
        broken: |home| {
            home.run("trust-anchors remove release-intermediate --reason tidying").ended(0);
            fails(home);
        },
        root: VERIFICATION,
        code: Some("x509.unknown_issuer"),
        about: "intermediate ",
        known: nothing,
    },
    Breakage {
        name: "the key was removed",
        broken: |home| {
            home.run("trust-anchors remove builder --reason rotated").ended(0);
            fails(home);
        },
        root: VERIFICATION,
        code: Some("key.not_approved"),
        about: "key ",
        known: nothing,
    },
    Breakage {
        name: "the profile permits nothing that is computed",
        broken: |home| {
            home.run("crypto profile set gost").ended(0);
            fails(home);
        },
        root: "check.crypto.gost",
        code: Some("crypto.algorithm_unavailable"),
        about: "profile gost",
        known: nothing,
    },
    Breakage {
        name: "the key and the anchor were removed",
        broken: |home| {
            home.run("trust-anchors remove builder --reason rotated").ended(0);
            home.run("trust-anchors remove release-root --reason tidying").ended(0);
            fails(home);
        },
        root: VERIFICATION,
        code: None,
        about: "",
        known: nothing,
    },
    Breakage {
        name: "the private key can be read by others",
        broken: |home| {
            let path = home.directory().join("keys/release.pem");
            fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        },
        root: "check.trust.permissions",
        code: Some("store.permissions"),
        about: "release.pem",
        known: nothing,
    },
    Breakage {
        name: "the signing key was revoked",
        broken: |home| drop(home.run("keys revoke release --reason stolen").ended(0)),
        root: "check.attestor.key-expiration",
        code: Some("key.revoked"),
        about: "signing key release",
        known: || vec![("NAME", "next".to_owned())],
    },
    Breakage {
        name: "the signing key is over",
        broken: |home| {
            home.run("keys generate --algorithm ecdsa-p256 --validity 1s --name short --no-passphrase --activate")
                .ended(0);
            std::thread::sleep(std::time::Duration::from_millis(2100));
        },
        root: "check.attestor.key-expiration",
        code: Some("key.expired"),
        about: "signing key short",
        known: nothing,
    },
    Breakage {
        name: "the active signing key is one that there is not",
        broken: |home| {
            let path = home.directory().join("config.toml");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("\"release\"", "\"nobody\"")).unwrap();
        },
        root: "check.attestor.key-expiration",
        code: Some("store.not_found"),
        about: "signing key",
        known: nothing,
    },
    Breakage {
        name: "the signing key ends in a few days, and the next one is there",
        broken: |home| {
            home.run("keys generate --algorithm ecdsa-p256 --validity 5d --name short --no-passphrase --activate")
                .ended(0);
        },
        root: "check.attestor.key-expiration",
        code: Some("key.expired"),
        about: "signing key short",
        known: nothing,
    },
    Breakage {
        name: "the private key is gone",
        broken: |home| fs::remove_file(home.directory().join("keys/release.pem")).unwrap(),
        root: "check.attestor.signing-health",
        code: Some("input.not_regular_file"),
        about: "release.pem",
        known: || vec![("NAME", "next".to_owned())],
    },
    Breakage {
        name: "the private key was cut",
        broken: |home| {
            let path = home.directory().join("keys/release.pem");
            let text = fs::read(&path).unwrap();
            fs::write(&path, &text[..50]).unwrap();
        },
        root: "check.attestor.signing-health",
        code: Some("pem.malformed"),
        about: "release.pem",
        known: || vec![("NAME", "next".to_owned())],
    },
    Breakage {
        name: "the private key is that of another key",
        broken: |home| {
            home.run("keys generate --algorithm ecdsa-p256 --validity 365d --name other --no-passphrase").ended(0);
            let keys = home.directory().join("keys");
            fs::copy(keys.join("other.pem"), keys.join("release.pem")).unwrap();
        },
        root: "check.attestor.signing-health",
        code: Some("store.corrupt"),
        about: "release.pem",
        known: nothing,
    },
    Breakage {
        name: "the group may write to the home",
        broken: |home| mode(home, "", 0o720),
        root: "check.config",
        code: Some("store.permissions"),
        about: "",
        known: nothing,
    },
    Breakage {
        name: "everybody may write to the settings",
        broken: |home| mode(home, "config.toml", 0o666),
        root: "check.config",
        code: Some("store.permissions"),
        about: "config.toml",
        known: nothing,
    },
    Breakage {
        name: "everybody may write to the directory of the keys",
        broken: |home| mode(home, "keys", 0o777),
        root: "check.trust.permissions",
        code: Some("store.permissions"),
        about: "keys",
        known: nothing,
    },
    Breakage {
        name: "the secret of the remembered signatures can be read by others",
        broken: |home| mode(home, "keys/memo.secret", 0o644),
        root: "check.trust.permissions",
        code: Some("store.permissions"),
        about: "memo.secret",
        known: nothing,
    },
    Breakage {
        name: "everybody may write to the directory of the trust log",
        broken: |home| mode(home, "trust", 0o777),
        root: "check.trust.log",
        code: Some("store.permissions"),
        about: "trust",
        known: nothing,
    },
    Breakage {
        name: "everybody may write to the trust log",
        broken: |home| mode(home, "trust/store", 0o666),
        root: "check.trust.log",
        code: Some("store.permissions"),
        about: "trust/store",
        known: nothing,
    },
    Breakage {
        name: "everybody may write to the database of the attestations",
        broken: |home| mode(home, "attest.db", 0o666),
        root: "check.store.health",
        code: Some("store.permissions"),
        about: "attest.db",
        known: nothing,
    },
    Breakage {
        name: "another profile permits nothing that is computed",
        broken: |home| {
            home.run("crypto profile set sm").ended(0);
            fails(home);
        },
        root: "check.crypto.sm",
        code: Some("crypto.algorithm_unavailable"),
        about: "profile sm",
        known: nothing,
    },
];

#[test]
fn a_healthy_home_is_healthy() {
    let home = healthy();
    let said = home.run("doctor").ended(0);
    assert!(said.first_line().starts_with("HEALTHY"), "{}", said.out);
    let found = doctor(&home);
    assert!(found["healthy"].as_bool().unwrap(), "{found}");
    assert_eq!(found["roots"].as_array().unwrap().len(), 0);
}

#[test]
fn each_breakage_is_one_finding_and_its_commands_lead_to_health() {
    let mut wrong = Vec::new();
    for Breakage { name, broken, root, code, about, known } in BREAKAGES {
        let home = healthy();
        broken(&home);
        let found = doctor(&home);
        let found_roots = roots(&found);
        let [only] = found_roots.as_slice() else {
            wrong.push(format!("{name}: roots {}", found["roots"]));
            continue;
        };
        if only["check"] != *root || code.is_some_and(|code| only["cause"]["code"] != code) {
            wrong.push(format!("{name}: {only}"));
            continue;
        }
        assert!(only["cause"]["subject"].as_str().unwrap().contains(about), "{name}: {only}");
        let known = known();
        let known: Vec<(&str, &str)> = known.iter().map(|(word, value)| (*word, value.as_str())).collect();
        follow(&home, only, &known);
        let after = home.run("doctor -o json");
        let after_found = after.json();
        if after.status != 0 || after_found["roots"].as_array().is_none_or(|roots| !roots.is_empty()) {
            wrong.push(format!("{name}: after its commands: {}", after_found["roots"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What it is called, what breaks it, which check says so, with which code, and the exit status.
type ByHand = (&'static str, fn(&Home), &'static str, &'static str, i32);

/// What nobody mends with a command of ours.
const BY_HAND: &[ByHand] = &[
    ("a setting is spelled wrong", |home| config(home, "no_such_setting = 1"), "check.config", "config.unknown_key", 1),
    (
        "the policy is no policy",
        |home| {
            let path = home.directory().join("policies/default.toml");
            fs::write(&path, "nonsense = [").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        },
        "check.config",
        "config.invalid",
        1,
    ),
    (
        "everybody may write to the home",
        |home| fs::set_permissions(home.directory(), fs::Permissions::from_mode(0o777)).unwrap(),
        "check.config",
        "store.permissions",
        1,
    ),
    (
        "the trust log was cut",
        |home| {
            let path = home.directory().join("trust/store");
            fs::write(path, "").unwrap();
        },
        "check.trust.log",
        "store.corrupt",
        6,
    ),
    (
        "the trust log is gone",
        |home| fs::rename(home.directory().join("trust"), home.directory().join("away")).unwrap(),
        "check.trust.log",
        "store.not_found",
        1,
    ),
    (
        "the module of the tokens is gone",
        |home| config(home, "pkcs11.module = \"/no-such/module.so\""),
        "check.crypto.hsm-availability",
        "crypto.provider_failed",
        1,
    ),
];

#[test]
fn what_is_mended_by_hand_is_one_finding_too() {
    let mut wrong = Vec::new();
    let paper = include_str!("../../../docs/doctor.md");
    for (name, broken, root, code, status) in BY_HAND {
        let home = healthy();
        broken(&home);
        let said = home.run("doctor -o json");
        let found = said.json();
        let found_roots = roots(&found);
        let right =
            found_roots.len() == 1 && found_roots[0]["check"] == *root && found_roots[0]["cause"]["code"] == *code;
        if !right || said.status != *status {
            wrong.push(format!("{name}: {} {:?}", said.status, found_roots));
        }
        assert!(paper.contains(&format!("| {name} | `{root}` | `{code}` |")), "no row for: {name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Left out, and said so, where PostgreSQL is not installed.
#[test]
fn a_server_that_is_down_is_one_finding_and_health_again_when_it_is_up() {
    let Some(server) = stella_testkit::postgres::Server::start() else { return };
    let home = Home::bare();
    let url = server.socket_url("doctor");
    let run = |arguments: &str| {
        let mut program = home.program();
        program.env("STELLA_STORE", &url).args(arguments.split_whitespace());
        Said::from(program.output().unwrap())
    };
    run("init --empty --name shared").ended(0);
    let key = example("private-key/key.pub");
    run(&format!("trust-anchors add-key --key {key} --name builder --expires 2100-01-01T00:00:00Z")).ended(0);
    run(&format!("attest import {}", example("private-key/attestation.json"))).ended(0);
    run("verify all").ended(0);
    run("doctor").ended(0);

    server.stop();
    let found = run("doctor -o json").ended(6).json();
    let found_roots = roots(&found);
    assert_eq!(found_roots.len(), 1, "{}", found["roots"]);
    assert_eq!(found_roots[0]["check"], "check.trust.log");
    assert_eq!(found_roots[0]["cause"]["code"], "store.io");
    // Whoever asks about the attestations alone is told just so.
    let found = run(&format!("doctor --check {VERIFICATION},check.store.* -o json")).ended(6).json();
    assert_eq!(found["roots"].as_array().unwrap().len(), 1, "{found}");

    server.start_again();
    run("doctor").ended(0);
}

#[test]
fn what_is_missing_from_the_beginning_is_added_by_the_commands() {
    let home = Home::solo();
    home.run(&format!("attest import {}", private("attestation.json"))).ended(0);
    fails(&home);
    // First the intermediate: the leaf was not signed by the root.
    for file in ["root.pem", "intermediate.pem"] {
        let found = doctor(&home);
        let found_roots = roots(&found);
        assert_eq!(found_roots.len(), 1, "{found}");
        let words = found_roots[0]["remedy"]["commands"].to_string();
        let file = if words.contains("add-intermediate") { private("intermediate.pem") } else { private(file) };
        let known = [
            ("FILE", file.as_str()),
            ("TYPE", "https://slsa.dev/provenance/v1"),
            ("IDENTITY", "https://ci.example/builder"),
        ];
        follow(&home, found_roots[0], &known);
    }
    home.run("doctor").ended(0);
}

#[test]
fn a_store_that_cannot_be_read_is_exit_6_and_nothing_is_changed_b240() {
    let home = healthy();
    let path = home.directory().join("attest.db");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[100..middle].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    for log in ["attest.db-wal", "attest.db-shm"] {
        let _ = fs::remove_file(home.directory().join(log));
    }
    let said = home.run("doctor -o json").ended(6);
    let found = said.json();
    let found_roots = roots(&found);
    assert_eq!(found_roots.len(), 1, "{}", found["roots"]);
    assert_eq!(found_roots[0]["check"], "check.store.health");
    assert_eq!(found_roots[0]["cause"]["code"], "store.corrupt");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    // Also where the check that speaks for the store was not asked.
    home.run(&format!("doctor --check {VERIFICATION}")).ended(6);
}

#[test]
fn a_home_without_anything_is_nothing_to_look_at() {
    let home = Home::bare();
    home.run(&format!("doctor --check {VERIFICATION}")).ended(4);
}

#[test]
fn a_check_that_there_is_not_is_refused_with_the_near_miss() {
    let said = Home::bare().run("doctor --check check.attestor.verification-helth").complained("usage.conflict", 2);
    assert!(said.err.contains(VERIFICATION), "{}", said.err);
}

#[test]
fn the_list_says_ids_severities_and_thresholds() {
    let said = Home::bare().run("doctor --list").ended(0);
    let line = said.out.lines().find(|line| line.starts_with("check.attestor.key-expiration")).unwrap();
    assert!(line.contains("fail") && line.contains("at most 7 days left"), "{line}");
    assert!(said.out.contains("check.attestation.keymaterial"), "{}", said.out);
}

#[test]
fn every_form_is_what_it_says_it_is() {
    let home = healthy();
    home.run("trust-anchors remove release-root --reason tidying").ended(0);
    fails(&home);
    let schema = fs::read_to_string(example("../docs/schema/stella.doctor-1.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let found = home.run("doctor -o json").ended(1).json();
    assert!(
        schema.is_valid(&found),
        "{:?}",
        schema.iter_errors(&found).map(|error| error.to_string()).collect::<Vec<_>>()
    );

    let markdown = home.run("doctor -o markdown").ended(1).out;
    assert!(markdown.starts_with("# NOT HEALTHY, 1 root cause"), "{markdown}");
    assert!(markdown.contains("\n    stella trust-anchors reinstate release-root "), "{markdown}");

    let junit = home.run("doctor -o junit").ended(1).out;
    assert!(junit.contains("failures=\"1\""), "{junit}");
    assert!(junit.contains("<failure type=\"x509.unknown_issuer\""), "{junit}");

    let sarif = home.run("doctor -o sarif").ended(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    let errors = sarif["runs"][0]["results"].as_array().unwrap().iter().filter(|one| one["level"] == "error");
    assert_eq!(errors.count(), 1);

    let html = home.run("doctor -o html").ended(1).out;
    assert!(html.contains("default-src 'none'") && !html.contains("<script") && !html.contains("src="), "{html}");
    assert!(html.contains("<h2>The chain</h2>") && html.contains("<svg "), "{html}");

    home.run("version -o html").complained("usage.conflict", 2);
}

#[test]
fn a_program_is_a_check_and_one_that_hangs_is_stopped_with_what_it_started() {
    let home = Home::solo();
    let script = |name: &str, text: &str| {
        let file = home.room.file(name, format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    };
    let good =
        script("good", r#"cat >/dev/null; echo '{"schema":"stella.check/1","status":"pass","summary":"fresh"}'"#);
    home.run(&format!("doctor --check check.acme.backup --program check.acme.backup={good}")).ended(0);
    // It is told no secret.
    let told = home.room.path("told");
    let curious = script(
        "curious",
        &format!(r#"env >{}; echo '{{"schema":"stella.check/1","status":"pass","summary":"read"}}'"#, told.display()),
    );
    let mut program = home.program();
    let secrets = ["PGPASSWORD", "STELLA_KEY_PASSPHRASE", "STELLA_PKCS11_PIN", "STELLA_REGISTRY_PASSWORD"];
    program
        .envs(secrets.map(|name| (name, "tell-nobody")))
        .env("STELLA_STORE", "postgres://me:tell-nobody@db.invalid/x");
    program.args(["doctor", "--check", "check.acme.curious", "--program"]);
    program.arg(format!("check.acme.curious={curious}")).output().unwrap();
    let told = fs::read_to_string(&told).unwrap();
    assert!(told.contains("STELLA_HOME=") && !told.contains("tell-nobody"), "{told}");
    let slow = script("slow", "sleep 60 & sleep 60");
    let said =
        home.run(&format!("doctor --check check.acme.slow --program check.acme.slow={slow} --timeout 1s")).ended(1);
    assert!(said.out.contains("did not end within 1.0 s, and was stopped"), "{}", said.out);
}

#[test]
fn an_attestation_is_diagnosed_with_since_whom_and_the_undo() {
    let home = healthy();
    home.run("trust-anchors remove release-root --reason tidying").ended(0);
    fails(&home);
    let list = home.run("attest list -o json").json();
    let id = list["attestations"].as_array().unwrap().iter().find_map(|one| {
        let id = one["attestation"].as_str()?;
        (home.run(&format!("verify attestation -q --attestation {id}")).status == 1).then(|| id.to_owned())
    });
    let id = id.unwrap();
    let found = home.run(&format!("doctor diagnose --attestation {id} -o json")).ended(1).json();
    assert_eq!(found["cause"]["code"], "x509.unknown_issuer");
    assert_eq!(found["since"]["person"], "alice");
    assert_eq!(found["since"]["reason"], "tidying");
    assert!(found["since"]["undo"].to_string().contains("reinstate"), "{found}");
    let said = home.run(&format!("verify attestation --attestation {id} --explain")).ended(1);
    assert!(said.field("root cause").contains("is missing"), "{}", said.out);
    let fleet = home.run("doctor diagnose --since 1h").ended(1);
    assert!(fleet.first_line().starts_with("1 attestation fails, 1 cause"), "{}", fleet.out);
}

#[test]
fn the_forecast_names_what_ends_first_and_the_last_safe_day() {
    let home = healthy();
    home.run("trust-anchors remove builder --reason rotated").ended(0);
    let key = example("private-key/key.pub");
    home.run(&format!("trust-anchors add-key --key {key} --name short --expires 2099-01-01T12:00:00Z")).ended(0);
    let found = home.run("doctor forecast --horizon 40000d -o json").ended(0).json();
    let losses = found["losses"].as_array().unwrap();
    let key = losses.iter().find(|loss| loss["kind"] == "key-window").unwrap_or_else(|| panic!("{found}"));
    assert_eq!((key["at"].as_str(), key["act_by"].as_str()), (Some("2099-01-01T12:00:00Z"), Some("2098-12-31")));
    assert_eq!(key["attestations"], 1);
}

#[test]
fn a_bundle_for_support_holds_no_secret() {
    let home = healthy();
    let file = home.room.path("support.json");
    home.run(&format!("doctor export {}", file.display())).ended(0);
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("\"stella.support/1\"") && text.contains("check.trust.log"));
    let secret = fs::read_to_string(home.directory().join("keys/memo.secret")).unwrap();
    for line in
        fs::read_to_string(home.directory().join("keys/release.pem")).unwrap().lines().chain([secret.trim_end()])
    {
        assert!(line.starts_with("-----") || !text.contains(line), "{line}");
    }
}

#[test]
fn metrics_are_open_metrics() {
    let home = healthy();
    home.run("trust-anchors remove builder --reason rotated").ended(0);
    fails(&home);
    let text = home.run("metrics -o prometheus").ended(0).out;
    assert!(text.ends_with("# EOF\n"));
    assert!(text.contains("attestor_verify_failures_total{reason=\"key.not_approved\"} 1\n"), "{text}");
    assert!(text.contains("stella_cert_expiry_days{kind=\"anchor\",name=\"release-root\"} "), "{text}");
    assert!(
        text.contains("stella_doctor_check_status{category=\"trust\",check=\"check.trust.log\",severity=\"fail\"} 0\n"),
        "{text}"
    );
}

#[test]
fn the_table_in_the_papers_is_that_of_the_tests() {
    let paper = include_str!("../../../docs/doctor.md");
    for breakage in BREAKAGES {
        let row = paper.lines().find(|line| line.starts_with(&format!("| {} |", breakage.name)));
        let row = row.unwrap_or_else(|| panic!("no row for: {}", breakage.name));
        assert!(row.contains(breakage.root), "{row}");
    }
}

/// Left out, and said so, where Prometheus is not installed.
#[test]
fn alerts_fire_when_their_tests_say_so() {
    let directory = example("../ops/prometheus");
    let promtool =
        |arguments: &[&str]| std::process::Command::new("promtool").args(arguments).current_dir(&directory).output();
    let Ok(said) = promtool(&["test", "rules", "alerts.test.yml"]) else {
        let said = "LEFT OUT: promtool is not installed (Debian: prometheus), so the tests of ops/prometheus/alerts.yml did not run";
        // Not eprintln, which the harness of the tests keeps to itself while they pass.
        writeln!(std::io::stderr(), "{said}").unwrap();
        return;
    };
    assert!(
        said.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    // What is printed is what Prometheus reads.
    let home = healthy();
    let text = home.run("metrics -o prometheus").ended(0).out;
    let mut child = std::process::Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    let complaints = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(!complaints.contains("error while linting"), "{complaints}\n{text}");
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_there_are() {
    let home = healthy();
    home.run("trust-anchors remove builder --reason rotated").ended(0);
    fails(&home);
    let text = home.run("metrics -o prometheus").ended(0).out;
    let printed: Vec<&str> =
        text.lines().filter_map(|line| line.split(['{', ' ']).next()).filter(|name| *name != "#").collect();
    let mut asked = 0;
    for file in ["prometheus/alerts.yml", "grafana/dashboard.json"] {
        let text = fs::read_to_string(example(&format!("../ops/{file}"))).unwrap();
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        for name in words.filter(|word| word.starts_with("attestor_") || word.starts_with("stella_")) {
            // No module of hardware keys is configured here.
            assert!(printed.contains(&name) || name == "stella_hsm_availability", "{file} asks for {name}");
            asked += 1;
        }
    }
    assert!(asked > 15);
}

/// Whatever a certificate is called, no form of output lets it be more than a name.
#[test]
fn hostile_names_are_harmless_in_every_form_b235_b236() {
    use stella_testkit::authority::Authority;
    use stella_testkit::certificate::{SubjectAltName, to_pem};
    use stella_testkit::dsse::{Envelope, IN_TOTO};
    use stella_testkit::key::TestKey;
    use stella_testkit::statement;

    let hostile = "https://x/<script>alert(1)</script>\"'`|@all[a](javascript:1)]]>&lt;";
    let root = Authority::root("<img src=x onerror=alert(1)> | [evil](https://evil.test) TEST KEY");
    let key = TestKey::p256("hostile signer TEST KEY");
    let leaf = root.signer_leaf(&key, &SubjectAltName::Uri(hostile.to_owned())).sign(root.key());
    let payload = statement::provenance("release.txt", b"something", hostile).to_string();
    let envelope = Envelope::new(IN_TOTO, payload.as_bytes()).signed_with_certificate(&key, &to_pem(&leaf));
    let home = Home::solo();
    let file = home.room.file("hostile.json", envelope.to_json());
    home.run(&format!("attest import {file}")).ended(0);
    fails(&home);
    // The harness looks for raw control characters in each.
    for form in ["text", "table", "json", "ndjson", "markdown", "junit", "sarif", "html"] {
        let said = home.run(&format!("doctor -o {form}")).ended(1);
        match form {
            "html" => {
                for tag in ["<script", "<img", "onerror=alert(1)>"] {
                    assert!(!said.out.contains(tag), "{tag}");
                }
                assert!(said.out.contains("&lt;img src=x"), "{}", said.out);
            }
            "junit" => assert!(!said.out.contains("<img") && !said.out.contains("]]>"), "{}", said.out),
            "markdown" => {
                let outside_code = said.out.split('`').step_by(2).collect::<String>();
                // A bracket behind a backslash ends no link.
                let outside_code = outside_code.replace("\\]", "");
                assert!(!outside_code.contains("<img") && !outside_code.contains("](https"), "{}", said.out);
            }
            _ => {}
        }
    }
    home.run("doctor diagnose --since 1h").ended(1);
}

/// Whoever is in the wrong home must not be told that all is well.
#[test]
fn where_there_is_no_home_nothing_is_healthy() {
    let nowhere = Home::bare();
    let said = nowhere.run("doctor").ended(4);
    assert!(said.first_line().starts_with("NOTHING TO LOOK AT: 1 passed"), "{}", said.out);
    assert!(said.field("remedy").contains("--home DIR"), "{}", said.out);
    assert_eq!(nowhere.run("doctor -o json").ended(4).json()["healthy"], false);
    // Who asks for the settings alone is answered.
    assert!(nowhere.run("doctor --check check.config").ended(0).first_line().starts_with("HEALTHY: 1 passed"));
}

#[test]
fn a_forecast_ends_within_the_calendar() {
    healthy().run("doctor forecast --horizon 99999999d").complained("usage.date_invalid", 2);
}

/// After a mend, as many as the doctor judges anew verify. Of the others it says no more than it knows, and what to type.
#[test]
fn what_is_too_much_to_be_judged_anew_is_not_said_to_be_rejected() {
    use stella_testkit::dsse::{Envelope, IN_TOTO};
    use stella_testkit::key::TestKey;
    use stella_testkit::statement::provenance;

    let home = healthy();
    let signer = TestKey::ed25519("one of many TEST KEY");
    let lines: String = (0..1_010)
        .map(|number| {
            let statement =
                provenance(&format!("artifact {number}"), &u32::to_be_bytes(number), "https://ci.example/builder");
            let json = Envelope::new(IN_TOTO, statement.to_string().as_bytes()).signed_by(&signer).to_json();
            format!("{}\n", serde_json::from_str::<Value>(&json).unwrap())
        })
        .collect();
    home.run(&format!("attest import -q {}", home.room.file("many.jsonl", lines))).ended(0);
    home.run("verify all -q").ended(1);
    let found = home.run(&format!("doctor --check {VERIFICATION} -o json")).ended(1).json();
    assert!(roots(&found)[0]["summary"].to_string().contains("1010 attestations fail, 1 cause"), "{found}");

    let key = home.room.file("many.pub", signer.public_pem());
    home.run(&format!("trust-anchors add-key --key {key} --name many --expires 2100-01-01T00:00:00Z")).ended(0);
    let found = home.run(&format!("doctor --check {VERIFICATION} -o json")).ended(1).json();
    let root = roots(&found)[0].clone();
    let summary = root["summary"].to_string();
    assert!(summary.contains("10 attestations fail") && summary.contains("too many to be judged anew"), "{root}");
    assert_eq!(root["remedy"]["commands"], serde_json::json!([["stella", "verify", "all"]]));
    follow(&home, &root, &[]);
    home.run(&format!("doctor --check {VERIFICATION}")).ended(0);
}
