//! `stella keys show`.

use crate::harness::Home;

#[test]
fn a_public_key_comes_out_as_the_pem_that_went_in() {
    let home = Home::solo();
    let key = home.key("release-key");
    let pem = std::fs::read_to_string(&key).unwrap();
    home.run(&format!("trust-anchors add-key --key {key} --name release-key --expires 2050-01-01T00:00:00Z")).ended(0);
    let document = home.run("keys show release-key -o json").ended(0).json();
    assert_eq!(document["schema"], "stella.key/1");
    assert_eq!(document["pem"], pem.as_str());
    let key_id = document["key_id"].as_str().unwrap();
    let digits = key_id.strip_prefix("sha256:").unwrap();
    for name in ["release-key", key_id, digits, &digits[..8], &key_id[..20]] {
        assert_eq!(home.run(&format!("keys show {name} --public")).ended(0).out, pem, "{name}");
    }
    let details = home.run("keys show release-key --details").ended(0);
    assert_eq!(details.field("key id"), key_id);
    assert_eq!(details.field("window"), "until 2050-01-01T00:00:00Z");
    assert_eq!(details.field("status"), "active");
    let both = home.run("keys show release-key --details --public").ended(0);
    assert!(both.out.ends_with(&pem), "{}", both.out);
}

#[test]
fn the_key_of_an_anchor_and_of_an_approver_is_shown_too() {
    let home = Home::quorum();
    let (_, public) = home.approver("bob");
    let pem = std::fs::read_to_string(public).unwrap();
    let approvers = home.run("init -o json");
    assert_eq!(approvers.status, 2);
    let issuing = home.root("issuing");
    home.run(&format!("trust-anchors add-intermediate --cert {issuing}")).ended(0);
    assert!(home.run("keys show issuing --public").ended(0).out.starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let id = stella_testkit::key::TestKey::ed25519("approver bob");
    let id = stella_vocabulary::hex::encode(&id.spki_sha256());
    assert_eq!(home.run(&format!("keys show {id} --public")).ended(0).out, pem);
    assert_eq!(home.run(&format!("keys show {id} --details")).ended(0).field("person"), "bob");
}

#[test]
fn a_key_that_is_not_there_is_no_key() {
    let home = Home::solo();
    for name in ["release-key", "sha256:00", "0123456", "deadbeefdeadbeef", "../../x"] {
        let said = home.run(&format!("keys show {name} --public")).complained("store.not_found", 4);
        assert!(said.err.contains("; try: stella keys list"), "{}", said.err);
    }
    // Also where there is no store yet.
    let said = Home::bare().run("keys show release-key").complained("store.not_found", 4);
    assert!(said.err.contains("; try: stella keys list"), "{}", said.err);
    home.run("keys show").complained("usage.conflict", 2);
}

#[test]
fn a_key_that_would_outlast_the_calendar_is_refused_before_it_is_made() {
    let home = Home::solo();
    for validity in ["3650000d", "99999999999d"] {
        let made = home.run(&format!("keys generate --algorithm ed25519 --validity {validity} --name long"));
        made.complained("usage.date_invalid", 2);
    }
    home.run("keys generate --algorithm ed25519 --validity 2900000d --name long --no-passphrase").ended(0);
    home.run("keys list").ended(0);
}
