//! `stella trust export` and `import`, and the forms of others in `stella trust-anchors import`.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;
use stella_testkit::authority::Authority;
use stella_testkit::certificate::SubjectAltName;
use stella_testkit::key::TestKey;

use crate::harness::Home;

/// A store with a key and an anchor, its export, and its key id.
fn exported() -> (Home, String, String) {
    let home = Home::solo();
    let (root, key) = (home.root("release-root"), home.key("release"));
    home.run(&format!("trust-anchors add --cert {root} --identity https://ci.example/*")).ended(0);
    home.run(&format!("trust-anchors add-key --key {key} --name release --expires 2099-01-01T00:00:00Z")).ended(0);
    let file = home.room.path("trust.json").to_str().unwrap().to_string();
    let said = home.run(&format!("trust export --out {file}")).ended(0);
    assert_eq!(said.field("exported"), "2 objects of store test");
    let key_id = said.field("store key").to_string();
    assert_eq!(said.field("import"), format!("stella trust import FILE --fingerprint {key_id}"));
    (home, file, key_id)
}

fn ids(home: &Home) -> Vec<String> {
    let list = home.run("trust-anchors list -o json").ended(0).json();
    let all = list["trust_anchors"].as_array().unwrap();
    all.iter().filter(|one| one["standing"] == "active").map(|one| one["id"].as_str().unwrap().to_string()).collect()
}

#[test]
fn an_export_is_taken_in_by_another_store_once() {
    let (_source, file, key_id) = exported();
    let target = Home::solo();
    let plan = target.run(&format!("trust import {file} --fingerprint {key_id} --dry-run")).ended(0);
    assert!(plan.out.contains("nothing was changed"), "{}", plan.out);
    assert_eq!(ids(&target), [""; 0]);
    let said = target.run(&format!("trust import {file} --fingerprint {key_id} --reason monthly")).ended(0);
    assert_eq!(said.lines("added").collect::<Vec<_>>(), ["anchor release-root", "key release"]);
    assert!(said.field("warning").starts_with("from store test at entry 2"), "{}", said.out);
    assert_eq!(ids(&target), ["release-root", "release"]);
    let again = target.run(&format!("trust import {file} --fingerprint {key_id}")).ended(0);
    assert_eq!((again.field("same"), again.out.ends_with("nothing to change\n")), ("2", true));
    let document = target.run(&format!("trust import {file} --fingerprint {key_id} -o json")).ended(0).json();
    assert_eq!((&document["schema"], &document["same"]), (&json!("stella.trust-import/1"), &json!(2)));
    target.run("trust log --verify").ended(0);
}

#[test]
fn where_others_decide_an_import_is_requests_that_they_agree_to() {
    let (_source, file, key_id) = exported();
    let target = Home::quorum();
    let [alice, bob] = ["alice", "bob"].map(|person| target.approver(person).0);
    let said = target.run(&format!("trust import {file} --fingerprint {key_id} --approver-key {alice}")).ended(3);
    assert_eq!(said.lines("request").collect::<Vec<_>>(), ["r-1", "r-2"]);
    assert_eq!(ids(&target), [""; 0]);
    for id in ["r-1", "r-2"] {
        target.run(&format!("approvals approve {id} --key {bob}")).ended(0);
    }
    assert_eq!(ids(&target), ["release-root", "release"]);
}

#[test]
fn an_export_that_was_changed_or_signed_by_another_is_refused() {
    let (home, file, key_id) = exported();
    let target = Home::solo();
    let import = |file: &str, key_id: &str| target.run(&format!("trust import {file} --fingerprint {key_id}"));
    let text = fs::read_to_string(&file).unwrap();
    let middle = text.len() / 2;
    let mut changed = text.clone().into_bytes();
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    let changed = home.room.file("changed.json", changed);
    let said = import(&changed, &key_id);
    assert!(
        ["dsse.signature_invalid", "base64.invalid", "json.syntax"].iter().any(|code| said.err.contains(code)),
        "{}",
        said.err
    );
    assert_ne!(said.status, 0);
    import(&file, &format!("sha256:{}", "0".repeat(64))).complained("dsse.key_unknown", 1);
    import(&file, "sha256:12").complained("usage.digest_invalid", 2);
    import(&home.key("release"), &key_id).complained("json.syntax", 1);
    target.run(&format!("trust import {file}")).complained("usage.conflict", 2);
    let other = home.key("somebody");
    target.run(&format!("trust import {file} --key {other}")).complained("dsse.key_unknown", 1);
    assert_eq!(ids(&target), [""; 0]);
}

#[test]
fn an_export_older_than_one_taken_in_is_a_rollback() {
    let (home, older, key_id) = exported();
    let newer = home.room.path("newer.json").to_str().unwrap().to_string();
    let key = home.key("second");
    home.run(&format!("trust-anchors add-key --key {key} --name second --expires 2099-01-01T00:00:00Z")).ended(0);
    home.run(&format!("trust export --out {newer} -o json")).ended(0);
    let target = Home::solo();
    target.run(&format!("trust import {newer} --fingerprint {key_id}")).ended(0);
    let said = target.run(&format!("trust import {older} --fingerprint {key_id}"));
    said.complained("store.rollback_detected", 6);
    // A plan remembers nothing.
    let other = Home::solo();
    other.run(&format!("trust import {newer} --fingerprint {key_id} --dry-run")).ended(0);
    other.run(&format!("trust import {older} --fingerprint {key_id}")).ended(0);
}

#[test]
fn nothing_is_removed_and_nothing_comes_back() {
    let (_source, file, key_id) = exported();
    let target = Home::solo();
    let (root, own) = (target.root("release-root"), target.key("own"));
    target.run(&format!("trust-anchors add --cert {root} --identity https://ci.example/*")).ended(0);
    target.run("trust-anchors remove release-root --reason unwanted").ended(0);
    target.run(&format!("trust-anchors add-key --key {own} --name own --expires 2099-01-01T00:00:00Z")).ended(0);
    let said = target.run(&format!("trust import {file} --fingerprint {key_id}")).ended(0);
    let warnings: Vec<_> = said.lines("warning").collect();
    assert!(warnings.iter().any(|line| line.contains("release-root: it was taken out of use here")), "{warnings:?}");
    assert!(warnings.contains(&"still trusted here, and not there: key own"), "{warnings:?}");
    assert_eq!(ids(&target), ["own", "release"]);
}

#[test]
fn an_export_goes_to_standard_output_alone() {
    let home = Home::solo();
    let said = home.run("trust export --out -").ended(0);
    assert_eq!(said.json()["payloadType"], "application/vnd.stella.trust-export.v1+json");
    assert!(said.err.starts_with("exported: 0 objects"), "{}", said.err);
}

#[test]
fn a_pem_bundle_gives_anchors_and_intermediates() {
    let home = Home::solo();
    let root = Authority::root("acme root");
    let issuing = root.intermediate("acme issuing");
    let bundle = home.room.file("bundle.pem", format!("{}{}", root.pem(), issuing.pem()));
    let said = home.run(&format!("trust-anchors import --pem {bundle} --identity https://ci.example/*")).ended(0);
    assert_eq!(said.lines("added").collect::<Vec<_>>(), ["anchor acme-root", "intermediate acme-issuing"]);
    assert_eq!(said.field("scope"), "identity https://ci.example/*");
    let said = home.run(&format!("trust-anchors import --pem {bundle}"));
    assert!(said.err.contains("is there already as anchor acme-root"), "{}", said.err);
    said.complained("usage.conflict", 2);
    let name = SubjectAltName::Email("builder@acme.example".into());
    let leaf = root.signer_leaf(&TestKey::p256("leaf"), &name).sign(root.key());
    let leaf = home.room.file("leaf.pem", stella_vocabulary::pem::encode("CERTIFICATE", &leaf));
    home.run(&format!("trust-anchors import --pem {leaf}")).complained("trust.anchor_invalid", 6);
    let (private, _) = home.approver("alice");
    home.run(&format!("trust-anchors import --pem {private}")).complained("key.private_key_supplied", 1);
}

#[test]
fn a_cosign_key_is_imported_under_a_name_and_with_an_end() {
    let home = Home::solo();
    let key = home.key("cosign");
    let import = format!("trust-anchors import --cosign-key {key} --name release");
    let document = home.run(&format!("{import} --dry-run -o json")).ended(0).json();
    assert_eq!(document["warnings"], json!(["key release has no end"]));
    let said = home.run(&format!("{import} --until 2099-01-01T00:00:00Z")).ended(0);
    assert_eq!((said.field("added"), said.field("window")), ("key release", "until 2099-01-01T00:00:00Z"));
    let (private, _) = home.approver("alice");
    home.run(&format!("trust-anchors import --cosign-key {private}")).complained("key.private_key_supplied", 1);
}

/// A directory of Notation with one trust store `acme` of type `ca`.
fn notation(home: &Home, verification: &str, identity: &str) -> String {
    let directory = home.room.path("notation");
    let store = directory.join("truststore/x509/ca/acme");
    fs::create_dir_all(&store).unwrap();
    fs::write(store.join("root.crt"), Authority::root("acme root").pem()).unwrap();
    let policy = json!({"version": "1.0", "trustPolicies": [{
        "name": "acme", "registryScopes": ["registry.example/acme/app"],
        "signatureVerification": {"level": verification}, "trustStores": ["ca:acme"], "trustedIdentities": [identity],
    }]});
    fs::write(directory.join("trustpolicy.json"), policy.to_string()).unwrap();
    directory.to_str().unwrap().to_string()
}

#[test]
fn a_notation_trust_store_is_imported_with_its_registries() {
    let home = Home::solo();
    let directory = notation(&home, "strict", "*");
    let said = home.run(&format!("trust-anchors import --notation {directory}")).ended(0);
    assert_eq!(said.field("added"), "anchor acme-root");
    assert!(said.field("scope").starts_with("purl pkg:oci/app@"), "{}", said.out);
    assert!(said.field("warning").starts_with("the look-up of revoked certificates was left out"), "{}", said.out);
}

#[test]
fn what_a_notation_policy_lets_through_is_refused_and_not_widened() {
    let home = Home::solo();
    for level in ["permissive", "audit", "skip"] {
        let directory = notation(&home, level, "*");
        let said = home.run(&format!("trust-anchors import --notation {directory}")).complained("config.invalid", 2);
        assert!(said.err.contains(&format!("level `{level}`")), "{}", said.err);
        let document = home.run(&format!("trust-anchors import --notation {directory} -o json")).ended(2).json();
        assert_eq!(document["code"], "config.invalid");
    }
    let directory = notation(&home, "strict", "x509.subject: C=US, O=acme");
    let said = home.run(&format!("trust-anchors import --notation {directory}")).complained("config.invalid", 2);
    assert!(said.err.contains("--identity"), "{}", said.err);
    let said =
        home.run(&format!("trust-anchors import --notation {directory} --identity builder@acme.example")).ended(0);
    assert!(said.field("scope").contains("identity builder@acme.example"), "{}", said.out);
}

#[test]
fn a_symbolic_link_in_a_notation_trust_store_is_refused() {
    let home = Home::solo();
    let directory = notation(&home, "strict", "*");
    let elsewhere = home.root("elsewhere");
    symlink(elsewhere, home.room.path("notation/truststore/x509/ca/acme/link.crt")).unwrap();
    home.run(&format!("trust-anchors import --notation {directory}")).complained("store.symlink_refused", 6);
    let bare = home.room.path("nothing");
    fs::create_dir(&bare).unwrap();
    home.run(&format!("trust-anchors import --notation {}", bare.display())).complained("input.not_regular_file", 2);
}
