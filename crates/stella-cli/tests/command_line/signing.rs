//! `attest create` and `attest test-sign`: what is signed, and what keeps somebody from it.

use std::fs;

use stella_vocabulary::base64;

use crate::harness::{Home, Said, example, program};

/// A home in which `release` signs, and is trusted.
pub(crate) fn signing() -> Home {
    let home = Home::solo();
    make_key(&home, "release");
    home.run("keys activate release").ended(0);
    home
}

/// A key of the home that is trusted.
pub(crate) fn make_key(home: &Home, name: &str) {
    generate(home, name, "365d");
    let public = public(home, name);
    home.run_with(&["trust-anchors", "add-key", "--key", &public, "--name", name, "--expires", "2099-01-01T00:00:00Z"])
        .ended(0);
}

fn generate(home: &Home, name: &str, validity: &str) {
    let words = format!("keys generate --algorithm ed25519 --validity {validity} --name {name} --no-passphrase");
    home.run(&words).ended(0);
}

/// A file with its public half.
fn public(home: &Home, name: &str) -> String {
    let pem = home.run(&format!("keys show {name} --public")).ended(0).out;
    home.room.file(&format!("{name}.pub"), pem)
}

/// Makes an attestation about the artifact of that name, and gives its id.
pub(crate) fn create(home: &Home, name: &str, more: &[&str]) -> String {
    let subject = home.room.file(name, name);
    let mut words = vec!["attest", "create", "-q", "--subject", &subject, "--type", "test-result"];
    words.extend(["--set", "result=PASSED", "configuration=[]"]);
    words.extend(more);
    home.run_with(&words).ended(0).out.trim_end().to_owned()
}

fn try_create(home: &Home, more: &[&str]) -> Said {
    let subject = home.room.file("app.txt", "app");
    let mut words = vec!["attest", "create", "--subject", &subject];
    words.extend(more);
    home.run_with(&words)
}

const TEST_RESULT: [&str; 5] = ["--type", "test-result", "--set", "result=PASSED", "configuration=[]"];

fn count(home: &Home) -> usize {
    home.run("attest list -o json").ended(0).json()["attestations"].as_array().unwrap().len()
}

#[test]
fn what_is_created_is_kept_verifies_and_is_told_in_the_journal() {
    let home = signing();
    let said = try_create(&home, &TEST_RESULT).ended(0);
    let id = said.field("attestation").to_owned();
    assert_eq!(said.field("predicate type"), "https://in-toto.io/attestation/test-result/v0.1");
    assert!(said.field("subject").starts_with("app.txt sha256:"), "{}", said.out);
    assert!(said.field("signed by").starts_with("release (sha256:"), "{}", said.out);
    assert_eq!(said.field("algorithm"), "ed25519");
    assert!(said.field("kept").starts_with("arrival 1 in "), "{}", said.out);
    assert_eq!(said.field("verifies here"), "yes, by release");
    assert_eq!(said.err, "");
    let report = home.run_with(&["verify", "attestation", &id, "--artifact", "app.txt", "-o", "json"]).ended(0).json();
    assert_eq!(report["verdict"], "verified");
    let event = home.run("attest logs --filter signing -o ndjson").ended(0).json();
    assert_eq!((&event["attestation"], &event["level"]), (&id.as_str().into(), &"info".into()));
    // The same as a document.
    let document = try_create(&home, &["--type", "release", "--set", "purl=pkg:generic/app@1", "-o", "json"]);
    let document = document.ended(0).json();
    assert_eq!(document["schema"], "stella.signed/1");
    assert_eq!((&document["arrival"], &document["known"]), (&2.into(), &false.into()));
    assert_eq!(document["verifies_here"]["verdict"], "verified");
    assert_eq!(document["envelope"], serde_json::Value::Null);
}

#[test]
fn several_subjects_are_digests_and_files_with_the_names_they_are_given() {
    let home = signing();
    let digest = format!("sha256:{}", "ab".repeat(32));
    let file = home.room.file("one.txt", "one");
    let words = ["attest", "create", "-q", "--subject", &digest, &file, "--type", "build-provenance"];
    let id = home.run_with(&words).ended(0).out;
    let shown = home.run_with(&["attest", "show", id.trim_end(), "-o", "json"]).ended(0).json();
    assert_eq!(shown["subjects"][0], serde_json::json!({"name": null, "digests": [digest]}));
    assert_eq!(shown["subjects"][1]["name"], "one.txt");
    let named = [&words[..], &["--name", "first", "second", "--force"]].concat();
    let id = home.run_with(&named).ended(0).out;
    let shown = home.run_with(&["attest", "show", id.trim_end(), "-o", "json"]).ended(0).json();
    assert_eq!((&shown["subjects"][0]["name"], &shown["subjects"][1]["name"]), (&"first".into(), &"second".into()));
    let few = [&words[..], &["--name", "first"]].concat();
    home.run_with(&few).complained("usage.conflict", 2);
    let twice = ["attest", "create", "--subject", &file, &file, "--type", "build-provenance"];
    home.run_with(&twice).complained("usage.conflict", 2);
    let weak = format!("sha1:{}", "ab".repeat(20));
    for (subject, meant) in
        [(weak.as_str(), "bind"), (&"ab".repeat(32), "say sha256:abab"), ("missing.txt", "--subject")]
    {
        let said = home.run_with(&["attest", "create", "--subject", subject, "--type", "build-provenance"]);
        let said = said.complained("usage.digest_invalid", 2);
        assert!(said.err.contains(meant), "{}", said.err);
    }
}

#[test]
fn without_a_store_the_envelope_goes_to_standard_output_or_to_a_file() {
    let home = Home::bare();
    generate(&home, "release", "365d");
    let key = home.directory().join("keys/release.pem").display().to_string();
    let public = public(&home, "release");
    let said = try_create(&home, &[&TEST_RESULT[..], &["--key", &key]].concat()).ended(0);
    assert_eq!(said.err, "");
    let envelope = home.room.file("envelope.json", &said.out);
    home.run_with(&["verify", "attestation", &envelope, "--key", &public, "--artifact", "app.txt"]).ended(0);
    let written = home.room.path("written.json").display().to_string();
    let said = try_create(&home, &[&TEST_RESULT[..], &["--key", "release", "--out", &written]].concat()).ended(0);
    assert_eq!(said.field("written"), written);
    assert_eq!(said.lines("kept").count(), 0);
    assert_eq!(fs::read_to_string(&written).unwrap(), fs::read_to_string(&envelope).unwrap());
    // Nor without a home.
    let mut command = program();
    command.args(["attest", "create", "--subject"]).arg(home.room.path("app.txt")).args(TEST_RESULT);
    let said = Said::from(command.args(["--key", &key]).output().unwrap()).ended(0);
    assert_eq!(said.out, fs::read_to_string(&envelope).unwrap());
    let output = program().args(["attest", "create", "--subject", "x", "--type", "vsa", "--out", "/dev/null"]).output();
    Said::from(output.unwrap()).complained("output.write_failed", 6);
}

#[test]
fn the_same_again_is_refused_unless_it_is_meant() {
    let home = signing();
    let first = create(&home, "app.txt", &[]);
    let again = ["attest", "create", "--subject", "app.txt", "--type", "test-result", "--set", "result=FAILED"];
    let again = [&again[..], &["configuration=[]"]].concat();
    let said = home.run_with(&again).complained("usage.conflict", 2);
    assert!(said.err.contains(&first) && said.err.contains("--force"), "{}", said.err);
    assert_eq!(count(&home), 1);
    let second = home.run_with(&[&again[..], &["--force", "-q"]].concat()).ended(0).out;
    assert_ne!(second.trim_end(), first);
    // By another key, of another type or about another artifact, it is not the same.
    make_key(&home, "other");
    home.run_with(&[&again[..], &["--key", "other"]].concat()).ended(0);
    home.run("attest create --subject app.txt --type build-provenance").ended(0);
    create(&home, "another.txt", &[]);
    assert_eq!(count(&home), 5);
    // Signed again to the last bit, it is there already.
    let same = home.run_with(&["attest", "create", "--subject", "app.txt", "--type", "build-provenance", "--force"]);
    assert!(same.ended(0).field("kept").ends_with("which the store had already"));
    assert_eq!(count(&home), 5);
}

#[test]
fn whose_signature_it_is_is_found_by_verifying_it() {
    let home = signing();
    let id = create(&home, "app.txt", &[]);
    let exported = home.run_with(&["attest", "export", &id]).ended(0).out;
    let mut envelope: serde_json::Value = serde_json::from_str(&exported).unwrap();
    envelope["signatures"][0].as_object_mut().unwrap().remove("keyid").unwrap();
    let other = signing();
    other.run_with(&["attest", "import", &other.room.file("unnamed.json", envelope.to_string())]).ended(0);
    let key = home.directory().join("keys/release.pem").display().to_string();
    let subject = home.room.path("app.txt").display().to_string();
    let words = ["attest", "create", "--subject", &subject, "--type", "test-result", "--set", "result=PASSED"];
    let words = [&words[..], &["configuration=[]"]].concat();
    other.run_with(&words).ended(0);
    other.run_with(&[&words[..], &["--key", &key]].concat()).complained("usage.conflict", 2);
}

#[test]
fn a_predicate_that_breaks_its_schema_is_signed_only_if_that_is_said() {
    let home = signing();
    create(&home, "first.txt", &[]);
    let flawed = ["--type", "slsa-provenance", "--set", "buildDefinition.buildType=nothing"];
    let said = try_create(&home, &flawed).ended(2);
    assert!(said.err.lines().last().unwrap().starts_with("error[usage.predicate_invalid]: "), "{}", said.err);
    assert!(said.err.lines().count() > 1 && said.err.contains("runDetails"), "every flaw is told: {}", said.err);
    let said = try_create(&home, &["--type", "vsa"]).complained("usage.predicate_invalid", 2);
    assert!(said.err.contains("--set verifier.id="), "{}", said.err);
    let file = home.room.file("predicate.json", r#"{"result": "GREEN", "configuration": []}"#);
    let said =
        try_create(&home, &["--type", "test-result", "--predicate", &file]).complained("usage.predicate_invalid", 2);
    assert!(said.err.contains("$.result (line 1, column 12)"), "{}", said.err);
    assert_eq!(count(&home), 1);
    let said = try_create(&home, &[&flawed[..], &["--unsafe-skip-schema", "-o", "json"]].concat()).ended(0);
    assert!(said.json()["schema_flaws"].as_u64().unwrap() > 1);
    assert!(said.err.starts_with("warning[usage.predicate_invalid]: "), "{}", said.err);
    // What is signed is what stands in the file, byte by byte.
    let spaced = "{ \"result\" : \"PASSED\",\n  \"configuration\": [ ] }\n";
    let file = home.room.file("spaced.json", spaced);
    let said = try_create(&home, &["--type", "test-result", "--predicate", &file, "-q"]).ended(0);
    let exported = home.run_with(&["attest", "export", said.out.trim_end()]).ended(0).out;
    let exported: serde_json::Value = serde_json::from_str(&exported).unwrap();
    let payload = base64::decode(exported["payload"].as_str().unwrap()).unwrap();
    assert!(String::from_utf8(payload).unwrap().contains(spaced.trim_end()));
}

#[test]
fn what_is_no_predicate_is_refused_with_what_helps() {
    let home = signing();
    create(&home, "first.txt", &[]);
    let statement = r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"SUM"}}],"predicateType":"https://a.example/b","predicate":{}}"#;
    let statement = home.room.file("statement.json", statement.replace("SUM", &"ab".repeat(32)));
    let list = home.room.file("list.json", "[]");
    let broken = home.room.file("broken.json", "{\"a\":");
    for (words, code, status, says) in [
        (vec!["--predicate", statement.as_str()], "usage.predicate_invalid", 2, "jq .predicate"),
        (vec!["--predicate", &list], "json.wrong_type", 1, "list.json"),
        (vec!["--predicate", &broken], "json.syntax", 1, "broken.json"),
        (vec!["--predicate", "missing.json"], "input.not_regular_file", 2, "missing.json"),
        (vec!["--set", "noequals"], "usage.predicate_invalid", 2, "--set"),
        (vec!["--set", "a=1", "a=2"], "usage.conflict", 2, "twice"),
    ] {
        let said = try_create(&home, &[&["--type", "https://a.example/b"][..], &words].concat());
        let said = said.complained(code, status);
        assert!(said.err.contains(says), "{}", said.err);
    }
    assert_eq!(count(&home), 1);
}

#[test]
fn a_type_is_a_short_name_or_a_uri_and_the_nearest_is_suggested() {
    let home = signing();
    for (typed, meant) in [("slsa-provenence", "slsa-provenance"), ("test-results", "test-result"), ("VSA", "vsa")] {
        let said = try_create(&home, &["--type", typed]).complained("usage.conflict", 2);
        assert!(said.err.contains(&format!("try: --type {meant}")), "{}", said.err);
    }
    let said = try_create(&home, &["--type", "something-else"]).complained("usage.conflict", 2);
    assert!(said.err.contains("cyclonedx"), "{}", said.err);
    let said = try_create(&home, &["--type", "https://slsa.dev/provenance/V1", "--set", "a=1"]).ended(0);
    assert!(said.err.contains("expected https://slsa.dev/provenance/v1"), "{}", said.err);
    let said = try_create(&home, &["--type", "https://a.example/approval/v1"]).ended(0);
    assert_eq!(said.err, "");
    try_create(&home, &["--type", "no uri: at all"]).complained("intoto.predicate_type_invalid", 1);
    // A list takes short names, too.
    try_create(&home, &TEST_RESULT).ended(0);
    let listed = home.run("attest list --type test-result -o json").ended(0).json();
    assert_eq!(listed["attestations"].as_array().unwrap().len(), 1);
}

#[test]
fn a_key_that_may_not_sign_signs_nothing() {
    let home = signing();
    create(&home, "first.txt", &[]);
    generate(&home, "brief", "1s");
    make_key(&home, "gone");
    home.run("keys revoke gone --reason stolen").ended(0);
    let refused = |home: &Home, key: &str, code: &str| {
        let said = try_create(home, &[&TEST_RESULT[..], &["--key", key]].concat());
        let status = match code {
            "crypto.algorithm_unavailable" => 6,
            "store.not_found" => 4,
            _ => 1,
        };
        let said = said.complained(code, status);
        assert_eq!(count(home), 1, "{}", said.err);
    };
    refused(&home, "gone", "key.revoked");
    // Nor by way of its file.
    let file = home.directory().join("keys/gone.pem").display().to_string();
    refused(&home, &file, "key.revoked");
    generate(&home, "later", "365d");
    let description = home.directory().join("keys/later.toml");
    let text = fs::read_to_string(&description).unwrap();
    let from = text.lines().find(|line| line.starts_with("from = ")).unwrap();
    fs::write(
        &description,
        text.replace(from, "from = \"2090-01-01T00:00:00Z\"").replace("until = \"2", "until = \"9"),
    )
    .unwrap();
    refused(&home, "later", "key.not_yet_trusted");
    // What the trust store says of a key counts as well.
    make_key(&home, "stolen");
    home.run("trust-anchors revoke stolen --compromised-since 2026-01-01T00:00:00Z --reason stolen").ended(0);
    refused(&home, "stolen", "key.revoked");
    generate(&home, "rotated", "365d");
    let public = public(&home, "rotated");
    home.run_with(&[
        "trust-anchors",
        "add-key",
        "--key",
        &public,
        "--name",
        "rotated",
        "--expires",
        "2026-01-01T00:00:00Z",
    ])
    .ended(0);
    refused(&home, "rotated", "key.expired");
    std::thread::sleep(std::time::Duration::from_secs(1));
    refused(&home, "brief", "key.expired");
    refused(&home, "relase", "store.not_found");
    home.run("crypto profile set gost");
    refused(&home, "release", "crypto.algorithm_unavailable");
    let told = home.run("attest logs --filter signing --level error -o ndjson").ended(0).out;
    assert_eq!(told.lines().count(), 8, "{told}");
    assert!(told.contains("key.revoked") && told.contains("nothing was signed: "), "{told}");
}

#[test]
fn a_file_that_is_not_there_is_no_key_whether_it_is_to_sign_or_to_have_signed() {
    let home = signing();
    let said = try_create(&home, &[&TEST_RESULT[..], &["--key", "nokey.pem"]].concat())
        .complained("input.not_regular_file", 2);
    assert!(said.err.contains("nokey.pem") && said.err.contains("no such file"), "{}", said.err);
    let said = try_create(&home, &[&TEST_RESULT[..], &["--key", "nokey"]].concat()).complained("store.not_found", 4);
    assert!(said.err.contains("; try: stella keys list"), "{}", said.err);
    let file = example("private-key/attestation.json");
    let said = home.run_with(&["verify", "attestation", &file, "--key", "nokey.pem"]);
    let said = said.complained("input.not_regular_file", 2);
    assert!(said.err.contains("nokey.pem") && said.err.contains("no such file"), "{}", said.err);
}

#[test]
fn a_key_near_its_end_signs_and_says_so() {
    let home = Home::solo();
    generate(&home, "ending", "29d");
    home.run("keys activate ending").ended(0);
    let said = try_create(&home, &TEST_RESULT).ended(0);
    assert!(said.err.starts_with("warning[key.expired]: the signing key ending ends in 2"), "{}", said.err);
    // Nobody here trusts it yet, which is said as well.
    assert!(said.err.contains("warning[dsse.key_unknown]: "), "{}", said.err);
    assert!(said.field("verifies here").starts_with("no (dsse.key_unknown): "), "{}", said.out);
    assert!(home.run("attest status").ended(0).field("signing key").starts_with("ending, active, ends 2"));
}

#[test]
fn a_signature_is_made_now_and_by_the_trust_of_now() {
    let home = signing();
    for words in ["--at 2026-01-01T00:00:00Z", "--trust-at 0"] {
        for command in ["attest create --subject x --type vsa", "attest resign 01234567", "attest test-sign"] {
            home.run(&format!("{command} {words}")).complained("usage.conflict", 2);
        }
    }
}

#[test]
fn a_test_signature_goes_the_whole_way_and_is_kept_nowhere() {
    let home = signing();
    let said = home.run("attest test-sign").ended(0);
    assert_eq!(said.first_line(), "SIGNED AND VERIFIED by release");
    assert_eq!(said.field("verifies here"), "yes, by release");
    assert_eq!(home.run("attest status").status, 4, "nothing is kept");
    generate(&home, "unknown", "365d");
    let said = home.run("attest test-sign --key unknown").ended(1);
    assert_eq!(said.first_line(), "SIGNED, NOT VERIFIED HERE by unknown  error[dsse.key_unknown]");
    assert!(said.out.contains("stella trust-anchors add-key --key unknown.pub"), "{}", said.out);
    let document = home.run("attest test-sign --key unknown -o json").ended(1).json();
    assert_eq!(document["schema"], "stella.test-signature/1");
    assert_eq!((&document["signature"], &document["code"]), (&"good".into(), &"dsse.key_unknown".into()));
    // A policy or a scope that leaves the type out is found out, too.
    let public = public(&home, "unknown");
    let words =
        ["trust-anchors", "add-key", "--key", &public, "--name", "unknown", "--expires", "2099-01-01T00:00:00Z"];
    home.run_with(&[&words[..], &["--predicate-type", "https://spdx.dev/Document"]].concat()).ended(0);
    let document = home.run("attest test-sign --key unknown -o json").ended(1).json();
    assert_eq!(document["code"], "policy.anchor_scope");
    home.run("attest test-sign --key unknown --type spdx").ended(0);
    home.run("keys revoke release --reason lost").ended(0);
    home.run("attest test-sign").complained("key.revoked", 1);
    // Without a store, only the key itself is tried.
    let bare = Home::bare();
    bare.run("attest test-sign").complained("store.not_found", 4);
    generate(&bare, "release", "365d");
    let said = bare.run("attest test-sign --key release").ended(0);
    assert_eq!(said.field("verifies here"), "not judged: there is no trust store");
}
