//! `attest integrity-check`: what was changed is named, and where.

use serde_json::Value;
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;
use stella_vocabulary::base64;

use crate::harness::{Home, example};
use crate::resign::damage;
use crate::signing::{create, signing};

/// What was signed, with another result in it.
fn tampered(home: &Home, id: &str) -> String {
    let mut envelope: Value = serde_json::from_str(&home.run_with(&["attest", "export", id]).ended(0).out).unwrap();
    let payload = base64::decode(envelope["payload"].as_str().unwrap()).unwrap();
    let changed = String::from_utf8(payload).unwrap().replace("PASSED", "FAILED");
    envelope["payload"] = base64::encode(changed.as_bytes()).into();
    home.room.file("tampered.json", envelope.to_string())
}

#[test]
fn what_is_as_it_was_signed_and_arrived_is_intact() {
    let home = signing();
    let id = create(&home, "app.txt", &[]);
    create(&home, "next.txt", &[]);
    let said = home.run_with(&["attest", "integrity-check", &id]).ended(0);
    assert!(said.first_line().starts_with("INTACT sha256:"), "{}", said.out);
    for aspect in ["document", "id", "index", "signature", "arrival log"] {
        assert!(said.out.contains(&format!("✓ {aspect}  ")), "{aspect}: {}", said.out);
    }
    let document = home.run_with(&["attest", "integrity-check", &id[7..19], "-o", "json"]).ended(0).json();
    assert_eq!((&document["outcome"], &document["code"]), (&"intact".into(), &Value::Null));
    let said = home.run("attest integrity-check --all").ended(0);
    assert_eq!(said.first_line(), "INTACT: 2 intact, 0 changed, 0 uncertain of the documents kept");
    // A bundle brings evidence beside its signature, which is over it.
    let bundle = example("slsa-provenance/bundle.json");
    let bare = Home::bare();
    let said = bare.run_with(&["attest", "integrity-check", &bundle]).ended(0);
    assert!(said.out.contains("✓ log entry  ") && said.out.contains("✓ signature  "), "{}", said.out);
}

#[test]
fn what_was_changed_before_it_arrived_is_told_from_what_was_changed_here() {
    let home = signing();
    let id = create(&home, "app.txt", &[]);
    let file = tampered(&home, &id);
    let said = home.run_with(&["attest", "integrity-check", &file]).ended(1);
    assert!(said.first_line().contains("error[dsse.signature_invalid]: "), "{}", said.out);
    assert_eq!(said.field("kept"), "the store does not have it");
    assert_eq!(said.field("conclusion"), "the file does not hold what was signed");
    home.run_with(&["attest", "import", &file]).ended(0);
    let listed = home.run("attest list -o json").ended(0).json();
    let bad = listed["attestations"][1]["attestation"].as_str().unwrap();
    let said = home.run_with(&["attest", "integrity-check", bad]).ended(1);
    assert!(said.first_line().starts_with("CHANGED sha256:"), "{}", said.out);
    assert!(said.out.contains("✓ document  ") && said.out.contains("✗ signature  "), "{}", said.out);
    assert!(!said.out.contains("✓ signature  "), "one signature, one finding: {}", said.out);
    assert!(said.field("conclusion").starts_with("the store holds what arrived, and that is not what was signed"));
    let document = home.run("attest integrity-check --all -o json").ended(1).json();
    assert_eq!((&document["intact"], &document["changed"]), (&1.into(), &1.into()));
    assert_eq!(document["attestations"][0]["attestation"], bad);
    assert_eq!(document["flaws"], serde_json::json!([]));
    let told = home.run("attest logs --filter error -o ndjson").ended(0).out;
    assert_eq!(told.lines().count(), 2, "{told}");
}

#[test]
fn what_was_changed_in_the_store_is_named() {
    let home = signing();
    let id = create(&home, "app.txt", &[]);
    damage(&home);
    let said = home.run_with(&["attest", "integrity-check", &id]).ended(1);
    assert!(said.first_line().contains("error[store.corrupt]: "), "{}", said.out);
    assert!(said.out.contains("✗ document  ") && said.out.contains("✓ arrival log  "), "{}", said.out);
    assert!(said.field("conclusion").starts_with("the store does not hold what arrived"), "{}", said.out);
    let document = home.run("attest integrity-check --all -o json").ended(1).json();
    assert_eq!((&document["code"], &document["changed"]), (&"store.corrupt".into(), &1.into()));
    assert!(!document["flaws"].as_array().unwrap().is_empty());
    // Nor does what is damaged keep anybody from making it anew.
    let said = home.run("attest create --subject app.txt --type test-result --set result=PASSED configuration=[]");
    assert!(said.err.contains("stella attest integrity-check"), "{}", said.err);
}

#[test]
fn a_signature_by_a_key_that_nobody_knows_is_not_called_intact() {
    let home = signing();
    create(&home, "app.txt", &[]);
    let statement = statement::provenance("x", b"x", "https://ci.example/builder").to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&TestKey::p256("stranger"));
    let file = home.room.file("stranger.json", envelope.to_json());
    let said = home.run_with(&["attest", "integrity-check", &file]).ended(6);
    assert!(said.first_line().starts_with("UNCERTAIN sha256:"), "{}", said.out);
    assert!(said.first_line().contains("error[dsse.key_unknown]: "), "{}", said.out);
    let key = home.room.file("stranger.pub", TestKey::p256("stranger").public_pem());
    home.run_with(&["attest", "integrity-check", &file, "--key", &key]).ended(0);
    // With the key that should have signed, a signature that names none is judged, too.
    let other = home.room.file("other.pub", TestKey::p256("other").public_pem());
    let said = home.run_with(&["attest", "integrity-check", &file, "--key", &other]).ended(1);
    assert!(said.first_line().contains("error[dsse.signature_invalid]: "), "{}", said.out);
    home.run_with(&["attest", "import", &file]).ended(0);
    let said = home.run("attest integrity-check --all").ended(6);
    assert_eq!(said.first_line(), "UNCERTAIN: 1 intact, 0 changed, 1 uncertain of the documents kept");
    // A key that was taken out still tells whether anything was changed.
    home.run("trust-anchors remove release --reason gone").ended(0);
    let listed = home.run("attest list -o json").ended(0).json();
    let first = listed["attestations"][0]["attestation"].as_str().unwrap();
    home.run_with(&["attest", "integrity-check", first]).ended(0);
}

#[test]
fn what_is_not_there_is_not_found() {
    let home = signing();
    home.run("attest integrity-check 0123abcd").complained("store.not_found", 4);
    create(&home, "app.txt", &[]);
    home.run("attest integrity-check 0123abcd").complained("store.not_found", 4);
    home.run("attest integrity-check 0123").complained("usage.digest_invalid", 2);
    home.run("attest integrity-check missing.json").complained("input.not_regular_file", 2);
    home.run("attest integrity-check").complained("usage.conflict", 2);
}
