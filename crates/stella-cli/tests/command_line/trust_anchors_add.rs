//! `stella trust-anchors add`, `add-intermediate`, `add-key` and `import`, with good and with bad material.

use stella_testkit::authority::Authority;
use stella_testkit::certificate::{CertificateBuilder, Extension, SubjectAltName, name, to_pem};
use stella_testkit::key::TestKey;
use stella_vocabulary::{UnixTime, hex};

use crate::harness::{Home, example};

fn built_in(name: &str) -> String {
    format!("{}/trust/trusted_root.{name}.json", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn an_anchor_gets_an_id_from_its_subject_and_a_warning_if_nothing_limits_it() {
    let home = Home::solo();
    let root = home.room.file("r.pem", Authority::root("Release Root (2026)").pem());
    let said = home.run(&format!("trust-anchors add --cert {root}")).ended(0);
    assert_eq!(said.field("added"), "anchor release-root-2026");
    assert!(
        said.field("warning").starts_with("no limits: whoever has a certificate under this authority"),
        "{}",
        said.out
    );
    let der = home.room.file("other.der", Authority::root("other").certificate());
    let said =
        home.run(&format!("trust-anchors add --cert {der} --name fixed.id_1 --identity https://ci.example/*")).ended(0);
    assert_eq!(said.field("added"), "anchor fixed.id_1");
    assert_eq!(said.field("scope"), "identity https://ci.example/*");
    assert_eq!(said.lines("warning").count(), 0, "{}", said.out);
}

#[test]
fn every_limit_can_be_set_when_something_is_added() {
    let home = Home::solo();
    let root = home.root("limited");
    let document = home
        .run(&format!(
            "trust-anchors add --cert {root} --label Limited --predicate-type b --predicate-type a --identity i* \
             --oidc-issuer o --purl pkg:oci/acme/* --eku 1.3.6.1.5.5.7.3.3 --name-constraint dns:acme.example \
             --exclude-name email:evil.example --max-path-length 0 --algorithm ed25519 \
             --from 2024-01-01T00:00:00+01:00 --until 2030-01-01T00:00:00Z -o json"
        ))
        .ended(0)
        .json();
    let anchor = &document["objects"][0];
    assert_eq!(anchor["label"], "Limited");
    assert_eq!(anchor["window"]["from"], "2023-12-31T23:00:00Z");
    let scope = &anchor["scope"];
    assert_eq!(scope["predicate_types"], serde_json::json!(["a", "b"]));
    for (member, value) in [
        ("identities", "i*"),
        ("oidc_issuers", "o"),
        ("purl_patterns", "pkg:oci/acme/*"),
        ("extended_key_usages", "1.3.6.1.5.5.7.3.3"),
        ("name_constraints_permitted", "dns:acme.example"),
        ("name_constraints_excluded", "email:evil.example"),
        ("algorithms", "ed25519"),
    ] {
        assert_eq!(scope[member], serde_json::json!([value]), "{member}");
    }
    assert_eq!(scope["max_path_length"], 0);
}

#[test]
fn a_certificate_that_cannot_be_an_anchor_is_refused_and_not_added() {
    let at = |text: &str| UnixTime::parse_rfc3339(text).unwrap();
    let home = Home::solo();
    let key = TestKey::p256("leaf");
    let leaf =
        CertificateBuilder::new(name("leaf"), &key, at("2020-01-01T00:00:00Z"), at("2060-01-01T00:00:00Z")).sign(&key);
    let expired = Authority::root_with(TestKey::p256("expired"), |builder| {
        builder.validity(at("2020-01-01T00:00:00Z"), at("2021-01-01T00:00:00Z"))
    });
    let unknown = Authority::root_with(TestKey::p256("unknown"), |builder| {
        builder.extension(Extension::critical("1.2.3.4", vec![5, 0]))
    });
    for (file, content) in [("leaf.pem", to_pem(&leaf)), ("expired.pem", expired.pem()), ("unknown.pem", unknown.pem())]
    {
        let file = home.room.file(file, content);
        home.run(&format!("trust-anchors add --cert {file}")).complained("trust.anchor_invalid", 6);
    }
    for (file, content, code, status) in [
        ("two.pem", Authority::root("a").pem() + &Authority::root("b").pem(), "usage.conflict", 2),
        ("key.pem", key.public_pem(), "pem.malformed", 1),
        ("text.pem", "hello".to_string(), "pem.malformed", 1),
        ("empty.pem", String::new(), "input.empty", 2),
    ] {
        let file = home.room.file(file, content);
        home.run(&format!("trust-anchors add --cert {file}")).complained(code, status);
    }
    home.run("trust-anchors add --cert nowhere.pem").complained("input.not_regular_file", 2);
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], 1);
}

#[test]
fn a_public_authority_cannot_be_an_anchor_of_ones_own() {
    let home = Home::solo();
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(built_in("public-good")).unwrap()).unwrap();
    let raw = document["certificateAuthorities"][1]["certChain"]["certificates"][0]["rawBytes"].as_str().unwrap();
    let der = stella_vocabulary::base64::decode_standard(raw).unwrap();
    let file = home.room.file("fulcio.pem", to_pem(&der));
    let said = home.run(&format!("trust-anchors add --cert {file}")).complained("usage.conflict", 2);
    assert!(said.err.contains("which certifies anybody"), "{}", said.err);
    assert!(said.err.contains("trust-anchors import --trusted-root"), "{}", said.err);
}

#[test]
fn what_is_there_is_named_when_it_is_added_again() {
    let home = Home::solo();
    let (root, key) = (home.root("one"), home.key("key"));
    home.run(&format!("trust-anchors add --cert {root}")).ended(0);
    let said = home.run(&format!("trust-anchors add --cert {root} --name two")).complained("store.duplicate_key", 6);
    assert!(
        said.err.contains("as anchor one") && said.err.ends_with("try: stella trust-anchors show one\n"),
        "{}",
        said.err
    );
    let add = format!("trust-anchors add-key --key {key} --expires 2050-01-01T00:00:00Z --name");
    home.run(&format!("{add} k1")).ended(0);
    let said = home.run(&format!("{add} k2")).complained("store.duplicate_key", 6);
    assert!(said.err.contains("key k1"), "{}", said.err);
    let other = home.key("other");
    let said = home.run(&format!("trust-anchors add-key --key {other} --expires 2050-01-01T00:00:00Z --name k1"));
    said.complained("usage.conflict", 2);
    // What was removed may come back under its id.
    home.run("trust-anchors remove one --reason test").ended(0);
    home.run(&format!("trust-anchors add --cert {root}")).ended(0);
}

#[test]
fn a_key_that_was_stolen_does_not_come_back_in_another_certificate() {
    let home = Home::solo();
    let key = TestKey::p256("stolen");
    let file = home.room.file("stolen.pub", key.public_pem());
    home.run(&format!("trust-anchors add-key --key {file} --name stolen --expires 2050-01-01T00:00:00Z")).ended(0);
    home.run("trust-anchors revoke stolen --compromised-since 2026-01-01T00:00:00Z --reason stolen").ended(0);
    let root = home.room.file("root.pem", Authority::root_with(key, |builder| builder).pem());
    home.run(&format!("trust-anchors add --cert {root}")).complained("store.duplicate_key", 6);
}

#[test]
fn a_bad_name_is_no_id() {
    let home = Home::solo();
    let root = home.root("r");
    let long = "x".repeat(300);
    for bad in ["../../x", "/etc/passwd", "a/b", "CON", "Root", "rеlease", "", " ", "-", ".hidden", &long] {
        let said = home.run_with(&["trust-anchors", "add", "--cert", &root, &format!("--name={bad}")]);
        said.complained("store.id_invalid", 6);
    }
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], 1);
}

#[test]
fn an_intermediate_has_no_limits_since_it_gives_no_trust() {
    let home = Home::solo();
    let root = Authority::root("root");
    let chain = root.intermediate("issuing-1").pem() + &root.intermediate("issuing-2").pem();
    let file = home.room.file("chain.pem", chain);
    home.run(&format!("trust-anchors add-intermediate --cert {file} --name one")).complained("usage.conflict", 2);
    let said = home.run(&format!("trust-anchors add-intermediate --cert {file}")).ended(0);
    assert_eq!(said.lines("added").collect::<Vec<_>>(), ["intermediate issuing-1", "intermediate issuing-2"]);
    assert_eq!(said.field("entry"), "1 to 2");
    assert_eq!(said.lines("undo").count(), 2);
    assert_eq!(said.lines("scope").count(), 0);
    let leaf = root.signer_leaf(&TestKey::p256("leaf"), &SubjectAltName::Uri("https://ci.example".into()));
    let file = home.room.file("leaf.pem", to_pem(&leaf.sign(root.key())));
    home.run(&format!("trust-anchors add-intermediate --cert {file}")).complained("x509.not_a_ca", 1);
}

#[test]
fn a_key_needs_an_end_with_its_zone_after_its_beginning() {
    let home = Home::solo();
    let key = home.key("key");
    let add = format!("trust-anchors add-key --key {key}");
    home.run(&add).complained("usage.conflict", 2);
    for window in [
        "--expires tomorrow",
        "--expires 2030-01-01",
        "--expires 2030-01-01T00:00:00",
        "--expires 10000-01-01T00:00:00Z",
        "--expires 2030-02-30T00:00:00Z",
        "--expires 2030-01-01T00:00:00Z --from 2030-01-01T00:00:00Z",
        "--expires 2030-01-01T00:00:00Z --from 2031-01-01T00:00:00Z",
        "--expires 2030-01-01T00:00:00Z --from 2029-01-01",
    ] {
        home.run(&format!("{add} {window}")).complained("usage.date_invalid", 2);
    }
    let said = home.run(&format!("{add} --expires 2030-01-01")).complained("usage.date_invalid", 2);
    assert!(said.err.contains("2030-01-01T00:00:00Z for the beginning of that day"), "{}", said.err);
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], 1);
}

#[test]
fn a_window_in_the_past_is_taken_with_a_warning() {
    let home = Home::solo();
    let key = home.key("old");
    let said = home
        .run(&format!(
            "trust-anchors add-key --key {key} --from 2024-01-01T00:00:00Z --expires 2025-01-01T00:00:00Z --name old"
        ))
        .ended(0);
    assert!(said.field("warning").contains("only what is proven to be from before verifies"), "{}", said.out);
    assert_eq!(said.field("window"), "from 2024-01-01T00:00:00Z until 2025-01-01T00:00:00Z");
    assert!(home.run("trust-anchors list").out.contains("EXPIRED 2025-01-01T00:00:00Z"));
    let later = home.key("later");
    let said = home
        .run(&format!("trust-anchors add-key --key {later} --from 2048-01-01T00:00:00Z --expires 2050-01-01T00:00:00Z"))
        .ended(0);
    assert!(said.field("warning").contains("nothing that the key signs before then verifies"), "{}", said.out);
}

#[test]
fn a_key_is_read_in_the_forms_that_people_have() {
    let home = Home::solo();
    let key = TestKey::ed25519("forms");
    let id = format!("sha256:{}", hex::encode(&key.spki_sha256()));
    let raw = key.public_key().raw();
    let x = stella_vocabulary::base64::encode_url_unpadded(raw);
    let mut line = Vec::new();
    for part in [b"ssh-ed25519".as_slice(), raw] {
        line.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        line.extend(part);
    }
    let ssh = format!("ssh-ed25519 {} alice@example.org\n", stella_vocabulary::base64::encode(&line));
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"release-7","alg":"EdDSA","x":"{x}"}}"#);
    for (file, content, hint) in [
        ("key.pem", key.public_pem(), None),
        ("key.jwk", jwk, Some("release-7")),
        ("id_ed25519.pub", ssh, Some("alice@example.org")),
    ] {
        let file = home.room.file(file, content);
        let document = home
            .run(&format!("trust-anchors add-key --key {file} --expires 2050-01-01T00:00:00Z -o json"))
            .ended(0)
            .json();
        let added = &document["objects"][0];
        assert_eq!(added["key_id"], id.as_str(), "{file}");
        assert_eq!(added["hint"].as_str(), hint, "{file}");
        home.run(&format!("trust-anchors remove {} --reason next", added["id"].as_str().unwrap())).ended(0);
    }
    let (private, _) = home.approver("alice");
    let said = home.run(&format!("trust-anchors add-key --key {private} --expires 2050-01-01T00:00:00Z"));
    said.complained("key.private_key_supplied", 1);
    let pem = home.room.file("again.pem", key.public_pem());
    let add = format!("trust-anchors add-key --key {pem} --expires 2050-01-01T00:00:00Z");
    home.run(&format!("{add} --encoding fixed")).complained("usage.conflict", 2);
    home.run(&format!("{add} --issuer nobody")).complained("store.not_found", 4);
}

#[test]
fn a_dry_run_shows_what_would_be_and_changes_nothing() {
    let home = Home::solo();
    let root = home.root("dry");
    let said = home.run(&format!("trust-anchors add --cert {root} --dry-run")).ended(0);
    assert_eq!(said.field("dry run"), "anchor dry would be added");
    assert_eq!(said.field("needs"), "one person");
    assert!(said.out.ends_with("nothing was changed\n"), "{}", said.out);
    let document = home.run(&format!("trust-anchors add --cert {root} --dry-run -o json")).ended(0).json();
    assert_eq!(document["schema"], "stella.change/1");
    assert_eq!(document["dry_run"], true);
    assert!(document["preview"].is_object() && document["checkpoint"].is_null());
    assert_eq!(home.run("trust-anchors list -o json").json()["size"], 1);
    // What would be refused is refused in a dry run, too.
    home.run("trust-anchors remove nothing --dry-run").complained("store.not_found", 4);
}

#[test]
fn trusted_roots_are_imported_from_files_and_from_the_program() {
    let home = Home::solo();
    let said = home.run("trust-anchors import --built-in").ended(0);
    assert_eq!(said.lines("added").collect::<Vec<_>>(), ["trusted-root sigstore-public-good", "trusted-root github"]);
    home.run("trust-anchors import --built-in").complained("usage.conflict", 2);
    home.run(&format!("trust-anchors import --trusted-root {}", built_in("github")))
        .complained("store.duplicate_key", 6);
    home.run("trust-anchors remove github --reason own").ended(0);
    let said = home.run(&format!("trust-anchors import --trusted-root {} --name own", built_in("github"))).ended(0);
    assert_eq!(said.field("added"), "trusted-root own");
    let bad = home.room.file("bad.json", "{\"mediaType\":\"x\"}");
    let said = home.run(&format!("trust-anchors import --trusted-root {bad}"));
    assert_ne!(said.status, 0);
    assert!(said.err.starts_with("error["), "{}", said.err);
    home.run(&format!("trust-anchors import --trusted-root {}", example("private-key/attestation.json")));
    home.run("trust-anchors import").complained("usage.conflict", 2);
    home.run("trust-anchors revoke own --reason x").complained("usage.conflict", 2);
}
