//! `stella issuer keys fetch`, `list`, `promote` and `discard`, against a server on the loopback address.

use serde_json::Value;
use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL};
use stella_testkit::key::TestKey;
use stella_vocabulary::base64;

use crate::harness::{Home, Said};
use crate::server::{Identity, Server, authority, ok, say};

/// Answers `localhost` with `body`, status and headers included.
fn server(response: String) -> Server {
    let identity = Identity::issued(&authority(), "localhost", AUTHORITY_FROM, AUTHORITY_UNTIL);
    Server::with(identity, rustls::DEFAULT_VERSIONS, move |tls, _, _| say(tls, response.as_bytes()))
}

fn url(server: &Server) -> String {
    format!("https://localhost:{}/jwks", server.address.port())
}

fn jwks(kids: &[(&str, &str)]) -> String {
    let jwk = |(kid, label): &(&str, &str)| {
        let x = base64::encode_url_unpadded(TestKey::ed25519(label).public_key().raw());
        format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","use":"sig","x":"{x}"}}"#)
    };
    format!(r#"{{"keys":[{}]}}"#, kids.iter().map(jwk).collect::<Vec<_>>().join(","))
}

/// A store whose issuer `acme` publishes at `server`, and settings that let it be reached.
fn home(server: &Server) -> Home {
    let home = Home::solo();
    let authorities = home.room.file("authorities.pem", authority().pem());
    home.run_with(&["config", "set", "fetch_allow_addresses", "127.0.0.1, ::1"]).ended(0);
    home.run_with(&["config", "set", "fetch_ca_file", &authorities]).ended(0);
    home.run(&format!("issuer add acme --name ACME --url {}", url(server))).ended(0);
    home
}

fn entries(home: &Home) -> u64 {
    home.run("trust-anchors list -o json").ended(0).json()["size"].as_u64().unwrap()
}

fn refused(home: &Home, arguments: &str, code: &str) -> Said {
    let before = entries(home);
    let said = home.run(&format!("issuer keys fetch acme {arguments}")).complained(code, 5);
    assert_eq!(entries(home), before, "something was written");
    said
}

#[test]
fn fetched_keys_are_staged_and_count_for_nothing_before_they_are_approved() {
    let server = server(ok(&jwks(&[("k1", "one"), ("k2", "two")])));
    let home = home(&server);
    let said = home.run("issuer keys fetch acme").ended(0);
    assert_eq!(said.field("difference"), "2 new");
    assert_eq!(said.field("staged"), "2; none of them counts before it is approved");
    assert_eq!(said.field("next"), "stella issuer keys promote acme --expires TIME --reason TEXT");
    let listed = home.run("issuer keys list acme -o json").ended(0).json();
    assert_eq!(listed["keys"].as_array().unwrap().len(), 0);
    assert_eq!(listed["staged"]["keys"].as_array().unwrap().len(), 2);
    assert_eq!(home.run("trust-anchors list -o json").json()["trust_anchors"].as_array().unwrap().len(), 0);
    // The same again is no news, and no entry.
    let before = entries(&home);
    assert_eq!(home.run("issuer keys fetch acme").ended(0).field("staged"), "the same keys already");
    assert_eq!(entries(&home), before);

    let id = TestKey::ed25519("one").public_key().key_id().to_string();
    home.run(&format!("issuer keys promote acme --select {id} --expires 2050-01-01T00:00:00Z")).ended(0);
    let again = home.run("issuer keys fetch acme -o json").ended(0).json();
    assert_eq!(again["schema"], "stella.issuer-keys-fetch/1");
    let news: Vec<&Value> = again["keys"].as_array().unwrap().iter().map(|key| &key["news"]).collect();
    assert_eq!(news, ["known", "new"]);
    home.run("issuer keys promote acme --expires 2050-01-01T00:00:00Z").ended(0);
    home.run("issuer keys promote acme --expires 2050-01-01T00:00:00Z").complained("store.not_found", 4);
    assert_eq!(home.run("issuer keys list acme -o json").json()["keys"].as_array().unwrap().len(), 2);
}

#[test]
fn what_is_gone_is_said_and_stays() {
    let first = server(ok(&jwks(&[("k1", "one")])));
    let home = home(&first);
    home.run("issuer keys fetch acme").ended(0);
    home.run("issuer keys promote acme --expires 2050-01-01T00:00:00Z").ended(0);
    let second = server(ok(&jwks(&[("k2", "two")])));
    home.run(&format!("issuer add other --name Other --url {}", url(&second))).ended(0);
    let key = home.room.file("three.pub", TestKey::ed25519("three").public_pem());
    home.run(&format!(
        "trust-anchors add-key --key {key} --hint k2 --issuer other --name old --expires 2050-01-01T00:00:00Z"
    ))
    .ended(0);
    let said = home.run("issuer keys fetch other").ended(0);
    assert_eq!(said.field("difference"), "1 changed, 1 gone");
    assert!(said.field("changed").ends_with("under the kid of key old"), "{}", said.out);
    assert!(said.field("gone").starts_with("key old "), "{}", said.out);
}

#[test]
fn fetched_keys_can_be_thrown_away() {
    let server = server(ok(&jwks(&[("k1", "one")])));
    let home = home(&server);
    home.run("issuer keys discard acme").ended(4);
    home.run("issuer keys fetch acme --dry-run").ended(0);
    home.run("issuer keys discard acme").ended(4);
    home.run("issuer keys fetch acme").ended(0);
    home.run_with(&["issuer", "keys", "discard", "acme", "--reason", "wrong host"]).ended(0);
    assert_eq!(home.run("issuer keys list acme -o json").json()["staged"]["keys"].as_array().unwrap().len(), 0);
}

#[test]
fn offline_means_no_network_f39() {
    let server = server(ok(&jwks(&[("k1", "one")])));
    let home = home(&server);
    refused(&home, "--offline", "fetch.url_refused");
    let output = home.program().env("STELLA_OFFLINE", "1").args(["issuer", "keys", "fetch", "acme"]).output();
    Said::from(output.unwrap()).complained("fetch.url_refused", 5);
    assert_eq!(server.connections(), 0);
}

#[test]
fn only_hosts_of_the_issuer_are_asked_b224() {
    let server = server(ok(&jwks(&[("k1", "one")])));
    let home = home(&server);
    let port = server.address.port();
    for other in [
        format!("https://localhost.evil.example:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        "https://localhost/".to_string(),
    ] {
        refused(&home, &format!("--url {other}"), "fetch.url_refused");
    }
    assert_eq!(server.connections(), 0);
    home.run(&format!("issuer keys fetch acme --url https://localhost:{port}/other")).ended(0);
    home.run("issuer add silent --name Silent").ended(0);
    home.run("issuer keys fetch silent").complained("fetch.url_refused", 5);
}

#[test]
fn addresses_inside_need_a_setting_b225() {
    let server = server(ok(&jwks(&[("k1", "one")])));
    let home = home(&server);
    home.run_with(&["config", "set", "fetch_allow_addresses", "10.0.0.0/8"]).ended(0);
    refused(&home, "", "fetch.address_refused");
    assert_eq!(server.connections(), 0);
    home.run_with(&["config", "set", "fetch_allow_addresses", "everything"]).complained("config.invalid", 2);
    home.run_with(&["config", "set", "fetch_allow_addresses", "10.1.2.3/8"]).complained("config.invalid", 2);
    let shown = home.run("config show").ended(0).out;
    assert!(shown.contains("fetch_allow_addresses") && shown.contains("10.0.0.0/8"), "{shown}");
}

#[test]
fn a_server_without_a_known_authority_is_refused_b232() {
    let server = server(ok(&jwks(&[("k1", "one")])));
    let home = home(&server);
    let other = home.root("another authority");
    home.run_with(&["config", "set", "fetch_ca_file", &other]).ended(0);
    refused(&home, "", "fetch.tls");
    let nothing = home.room.file("nothing.pem", "");
    home.run_with(&["config", "set", "fetch_ca_file", &nothing]).ended(0);
    home.run("issuer keys fetch acme").ended(2);
}

#[test]
fn what_is_no_key_set_is_not_staged_b229() {
    for (response, code) in [
        (ok("<html>Log in</html>"), "fetch.keys_malformed"),
        (ok(r#"{"keys":[{"kty":"oct","k":"aHVudGVyMg"}]}"#), "fetch.keys_malformed"),
        ("HTTP/1.1 302 Found\r\nLocation: https://169.254.169.254/\r\n\r\n".to_string(), "fetch.redirect_refused"),
        ("HTTP/1.1 404 Not Found\r\n\r\n".to_string(), "fetch.status"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_string(), "fetch.incomplete"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n".to_string(), "fetch.too_large"),
        (ok(r#"{"issuer":"https://evil.example","jwks_uri":"https://evil.example/"}"#), "fetch.issuer_mismatch"),
    ] {
        let said = refused(&home(&server(response)), "", code);
        assert!(!said.err.contains("aHVudGVyMg"), "{}", said.err);
    }
}

#[test]
fn text_from_a_server_is_shown_escaped_b235() {
    let server = server(ok(&jwks(&[("k1", "one")]).replace("\"k1\"", r#""\u202ek1\u001b[2J""#)));
    // Control characters in a kid are refused or escaped: the harness looks for raw ones in whatever was said.
    let said = home(&server).run("issuer keys fetch acme");
    assert!(said.status == 0 || said.err.starts_with("error[fetch.keys_malformed]"), "{said:?}");
}
