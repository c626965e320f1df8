//! `attest resign`: only what verified at its time is signed again, and the statement stays what it is.

use std::fs;

use serde_json::Value;
use stella_testkit::authority::Authority;
use stella_testkit::certificate::{SubjectAltName, to_pem};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;
use stella_vocabulary::UnixTime;

use crate::harness::{Home, example, expected};
use crate::signing::{create, make_key, signing};

fn payload(home: &Home, id: &str) -> Value {
    let exported = home.run_with(&["attest", "export", id]).ended(0).out;
    serde_json::from_str::<Value>(&exported).unwrap()["payload"].clone()
}

fn count(home: &Home) -> usize {
    home.run("attest list -o json").ended(0).json()["attestations"].as_array().unwrap().len()
}

/// An attestation by a key of that label that nobody has added.
fn strangers(home: &Home, label: &str) -> String {
    let statement = statement::provenance("app.txt", b"app", "https://ci.example/builder").to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&TestKey::p256(label));
    home.room.file(&format!("by-{label}.json"), envelope.to_json())
}

fn import(home: &Home, file: &str) -> String {
    home.run_with(&["attest", "import", "-q", file]).ended(0);
    let listed = home.run("attest list -o json --limit 1000").ended(0).json();
    listed["attestations"].as_array().unwrap().last().unwrap()["attestation"].as_str().unwrap().to_owned()
}

#[test]
fn the_same_statement_gets_a_new_signature_and_a_link_to_the_old() {
    let home = signing();
    let old = create(&home, "app.txt", &[]);
    make_key(&home, "next");
    let said = home.run_with(&["attest", "resign", &old, "--key", "next", "--dry-run"]).ended(0);
    assert_eq!(said.field("would sign"), old);
    assert_eq!(count(&home), 1);
    let said = home.run_with(&["attest", "resign", &old, "--key", "next"]).ended(0);
    let new = said.field("attestation").to_owned();
    assert_ne!(new, old);
    assert_eq!(said.field("signed again from"), old);
    assert!(said.field("signed by").starts_with("next (sha256:"), "{}", said.out);
    assert_eq!(payload(&home, &old), payload(&home, &new), "byte by byte");
    home.run_with(&["verify", "attestation", &new, "--artifact", "app.txt"]).ended(0);
    for (one, words) in [(&old, format!("resigned to {new} at ")), (&new, format!("resigned from {old} at "))] {
        let shown = home.run_with(&["attest", "show", one]).ended(0);
        assert!(shown.field("link").starts_with(&words), "{}", shown.out);
    }
    let event = home.run_with(&["attest", "logs", "--filter", "signing", "--attestation", &new, "-o", "ndjson"]);
    assert_eq!(event.ended(0).json()["details"]["from"], old.as_str());
    // Once more makes nothing new; and the key that has signed it has nothing to add.
    let said = home.run_with(&["attest", "resign", &old, "--key", "next", "-o", "json"]).ended(0).json();
    assert_eq!((&said["attestation"], &said["known"]), (&new.as_str().into(), &true.into()));
    home.run_with(&["attest", "resign", &old]).complained("usage.conflict", 2);
    assert_eq!(count(&home), 2);
}

#[test]
fn a_file_is_signed_again_too_and_linked_only_if_it_is_kept() {
    let home = signing();
    let old = create(&home, "app.txt", &[]);
    make_key(&home, "next");
    let file = home.room.path("old.json").display().to_string();
    home.run_with(&["attest", "export", &old, "--out", &file]).ended(0);
    let document = home.run_with(&["attest", "resign", &file, "--key", "next", "-o", "json"]).ended(0).json();
    assert_eq!(document["linked"], true);
    let other = signing();
    let public = home.room.path("release.pub").display().to_string();
    let words = ["trust-anchors", "add-key", "--key", &public, "--name", "their", "--expires", "2099-01-01T00:00:00Z"];
    // The two homes have different keys of that name.
    other.run_with(&words).ended(0);
    let said = other.run_with(&["attest", "resign", &file]).ended(0);
    assert_eq!(said.field("link"), "none: the old attestation is not in the store");
}

#[test]
fn what_does_not_verify_is_not_signed_again_b198() {
    let home = signing();
    create(&home, "first.txt", &[]);
    let id = import(&home, &strangers(&home, "stranger"));
    let said = home.run_with(&["attest", "resign", &id]).complained("resign.source_unverified", 1);
    assert!(said.err.contains("dsse.key_unknown") && said.err.contains("--explain"), "{}", said.err);
    assert_eq!(count(&home), 2);
    let told = home.run("attest logs --filter signing --level error -o ndjson").ended(0).json();
    assert_eq!(told["code"], "resign.source_unverified");
    // Nor what was trusted, and is not any more.
    let public = home.room.file("stranger.pub", TestKey::p256("stranger").public_pem());
    let words =
        ["trust-anchors", "add-key", "--key", &public, "--name", "stranger", "--expires", "2099-01-01T00:00:00Z"];
    home.run_with(&words).ended(0);
    home.run_with(&["attest", "resign", &id, "--dry-run"]).ended(0);
    home.run("trust-anchors revoke stranger --compromised-since 2026-01-01T00:00:00Z --reason stolen").ended(0);
    for more in [&[][..], &["--trust-arrival-time"]] {
        let words = [&["attest", "resign", id.as_str()][..], more].concat();
        let said = home.run_with(&words).complained("resign.source_unverified", 1);
        assert!(said.err.contains("key.revoked"), "{}", said.err);
    }
    home.run("attest resign 0123abcd").complained("store.not_found", 4);
}

#[test]
fn an_expired_certificate_does_not_matter_where_a_trusted_time_lies_within_it() {
    let home = Home::bare();
    home.run("init --name test").ended(0);
    make_key(&home, "release");
    home.run("keys activate release").ended(0);
    let id = import(&home, &example("slsa-provenance/bundle.json"));
    let said = home.run_with(&["verify", "cert", "--attestation", &id, "--show-expiry"]);
    assert!(said.out.contains("expired"), "{}", said.out);
    // Who may have signed has to be said, as for any certificate of a public authority.
    home.run_with(&["attest", "resign", &id]).complained("resign.source_unverified", 1);
    let (identity, issuer) = (expected("slsa-provenance", "identity"), expected("slsa-provenance", "issuer"));
    let said = home.run_with(&["attest", "resign", &id, "--identity", &identity, "--issuer", &issuer]).ended(0);
    assert!(said.field("proven").ends_with(", a trusted time"), "{}", said.out);
    let artifact = example("slsa-provenance/MODULE.bazel");
    home.run_with(&["verify", "attestation", said.field("attestation"), "--artifact", &artifact]).ended(0);
}

#[test]
fn an_expired_certificate_without_a_time_proves_nothing() {
    let home = signing();
    let root = Authority::root("resign root");
    let issuing = root.intermediate("resign issuing");
    let key = TestKey::p256("resign leaf");
    let identity = SubjectAltName::Uri("https://ci.example/builder".to_owned());
    let leaf = issuing.signer_leaf(&key, &identity);
    let leaf = leaf.validity(UnixTime::from_seconds(1_767_225_600), UnixTime::from_seconds(1_767_312_000));
    let leaf = to_pem(&leaf.sign(issuing.key()));
    let statement = statement::provenance("app.txt", b"app", "https://ci.example/builder").to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_with_certificate(&key, &leaf);
    let file = home.room.file("expired.json", envelope.to_json());
    for (command, pem) in [("add", root.pem()), ("add-intermediate", issuing.pem())] {
        let cert = home.room.file(&format!("{command}.pem"), pem);
        home.run_with(&["trust-anchors", command, "--cert", &cert]).ended(0);
    }
    let id = import(&home, &file);
    // It arrived when the certificate had expired already.
    for more in [&[][..], &["--trust-arrival-time"]] {
        let words = [&["attest", "resign", id.as_str()][..], more].concat();
        let said = home.run_with(&words).complained("resign.source_unverified", 1);
        assert!(!said.err.contains("when it arrived here"), "{}", said.err);
    }
}

#[test]
fn what_was_changed_in_the_store_is_not_signed_again_b198() {
    let home = signing();
    let id = create(&home, "app.txt", &[]);
    make_key(&home, "next");
    damage(&home);
    let said = home.run_with(&["attest", "resign", &id, "--key", "next"]).complained("resign.source_unverified", 1);
    assert!(said.err.contains("stella attest integrity-check"), "{}", said.err);
}

/// Changes the last byte of what the store keeps.
pub(crate) fn damage(home: &Home) {
    let segment = home.directory().join("attest/00000001.seg");
    let mut bytes = fs::read(&segment).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&segment, bytes).unwrap();
}

#[test]
fn whatever_one_key_has_signed_is_signed_again_and_the_rest_is_left_alone() {
    let home = signing();
    let ids: Vec<String> = (0..3).map(|number| create(&home, &format!("app-{number}.txt"), &[])).collect();
    let mut unnamed: Value = serde_json::from_str(&home.run_with(&["attest", "export", &ids[0]]).ended(0).out).unwrap();
    unnamed["signatures"][0].as_object_mut().unwrap().remove("keyid").unwrap();
    import(&home, &home.room.file("unnamed.json", unnamed.to_string()));
    make_key(&home, "next");
    create(&home, "other.txt", &["--key", "next"]);
    import(&home, &strangers(&home, "stranger"));
    assert_eq!(count(&home), 6);
    let words = ["attest", "resign", "--signed-by", "release", "--key", "next"];
    let said = home.run_with(&[&words[..], &["--dry-run"]].concat()).ended(0);
    assert_eq!(said.field("would sign again"), "4 signed, 0 known, 0 refused");
    assert_eq!(count(&home), 6);
    let document = home.run_with(&[&words[..], &["-o", "json"]].concat()).ended(0).json();
    assert_eq!((&document["looked_at"], &document["refused"]), (&6.into(), &0.into()));
    // Two of them were one statement, under one signature.
    assert_eq!((&document["resigned"], &document["known"]), (&3.into(), &1.into()));
    assert_eq!(document["made"].as_array().unwrap().len(), 4);
    assert_eq!(count(&home), 9);
    let said = home.run_with(&words).ended(0);
    assert_eq!(said.field("signed again"), "0 signed, 4 known, 0 refused");
    home.run("attest resign --signed-by next --key next").complained("usage.conflict", 2);
    home.run("attest resign --signed-by nobody").complained("store.not_found", 4);
}

#[test]
fn what_of_a_batch_does_not_verify_is_told_and_the_rest_goes_on() {
    let home = signing();
    create(&home, "good.txt", &[]);
    let id = import(&home, &strangers(&home, "stranger"));
    let key = TestKey::p256("stranger");
    let whole = format!("sha256:{}", stella_vocabulary::hex::encode(&key.spki_sha256()));
    let words = ["attest", "resign", "--signed-by", &whole];
    // Nobody knows the key, and the signature does not name it.
    let said = home.run_with(&words).ended(0);
    assert_eq!(said.field("signed again"), "0 signed, 0 known, 0 refused");
    assert!(said.field("note").contains("not known here"), "{}", said.out);
    let public = home.room.file("stranger.pub", key.public_pem());
    let add = ["trust-anchors", "add-key", "--key", &public, "--name", "stranger", "--expires", "2099-01-01T00:00:00Z"];
    home.run_with(&[&add[..], &["--predicate-type", "https://spdx.dev/Document"]].concat()).ended(0);
    let said = home.run_with(&words).ended(1);
    assert_eq!(said.field("signed again"), "0 signed, 0 known, 1 refused");
    assert!(said.field("refused").starts_with(&format!("{id} [resign.source_unverified]: ")), "{}", said.out);
    assert!(said.field("refused").contains("policy.anchor_scope"), "{}", said.out);
    let document = home.run_with(&[&words[..], &["-o", "json", "--dry-run"]].concat()).ended(1).json();
    assert_eq!(document["codes"]["resign.source_unverified"], 1);
    assert_eq!(document["errors"][0]["error"]["schema"], "stella.error/1");
    let told = home.run("attest logs --filter signing --level error -o ndjson").ended(0).json();
    assert_eq!(told["attestation"], id.as_str());
}
