//! `stella issuer add`, `list`, `show`, `trust-status`, `trust` and `distrust`.

use crate::harness::Home;

fn with_issuer(home: &Home) {
    home.run(
        "issuer add acme --name ACME --tier vendor --weight 70 --url https://acme.example/jwks \
         --identity https://ci.acme.example/* --oidc-issuer https://acme.example",
    )
    .ended(0);
}

#[test]
fn an_issuer_that_was_added_is_pending_and_shown_whole() {
    let home = Home::solo();
    with_issuer(&home);
    let said = home.run("issuer show acme").ended(0);
    for (name, value) in [
        ("issuer", "acme"),
        ("name", "ACME"),
        ("status", "pending"),
        ("tier", "vendor"),
        ("weight", "70"),
        ("identity", "https://ci.acme.example/* by https://acme.example"),
        ("url", "https://acme.example/jwks"),
    ] {
        assert_eq!(said.field(name), value);
    }
    assert!(said.field("entry 1").contains("issuer.add by alice"), "{}", said.out);
    let document = home.run("issuer show acme -o json").ended(0).json();
    assert_eq!(document["schema"], "stella.issuer/1");
    assert_eq!(document["issuer"]["status"], "pending");
    let listed = home.run("issuer list -o json").ended(0).json();
    assert_eq!((&listed["schema"], &listed["issuers"][0]["id"]), (&"stella.issuers/1".into(), &"acme".into()));
    assert!(home.run("issuer list").ended(0).out.contains("acme"));
    home.run("issuer show acne").complained("store.not_found", 4);
    assert!(home.run("issuer show acne").err.contains("acme"));
}

#[test]
fn an_empty_list_says_what_to_do() {
    assert!(Home::solo().run("issuer list").ended(0).out.contains("stella issuer add ID"));
    Home::bare().run("issuer list").complained("store.not_found", 4);
}

#[test]
fn urls_are_https_without_user_information_b224() {
    let home = Home::solo();
    for url in [
        "http://acme.example/",
        "file:///etc/passwd",
        "ftp://acme.example/",
        "data:,x",
        "https://u:hunter2@acme.example/",
    ] {
        let said = home.run(&format!("issuer add acme --name ACME --url {url}")).complained("fetch.url_refused", 5);
        assert!(!said.err.contains("hunter2"), "{}", said.err);
    }
    home.run("issuer add acme --name ACME --url https://2130706433/").complained("fetch.address_refused", 5);
    assert!(home.run("issuer list -o json").json()["issuers"].as_array().unwrap().is_empty());
}

#[test]
fn nobody_trusts_an_issuer_alone_b214() {
    let home = Home::solo();
    with_issuer(&home);
    home.run("issuer trust acme").complained("usage.reason_invalid", 2);
    let said = home.run("issuer trust acme --reason contract").ended(3);
    assert!(said.err.starts_with("error[approval.required]: "), "{}", said.err);
    assert_eq!(home.run("issuer trust-status acme").ended(0).field("status"), "pending");
    assert!(home.run("issuer trust-status acme").field("waiting").contains("no approver is enrolled"));
}

#[test]
fn an_issuer_is_trusted_once_two_agree_and_distrusted_by_one_b214() {
    let home = Home::quorum();
    let (alice, _) = home.approver("alice");
    let (bob, _) = home.approver("bob");
    let asked = home.run(&format!("issuer add acme --name ACME --approver-key {alice} -o json")).ended(3).json();
    home.run(&format!("approvals approve {} --key {bob}", asked["request"].as_str().unwrap())).ended(0);
    assert_eq!(home.run("issuer trust-status acme").ended(0).field("status"), "pending");

    let asked = home.run_with(&["issuer", "trust", "acme", "--reason", "contract 4711", "--key", &alice, "-o", "json"]);
    let asked = asked.ended(3).json();
    assert_eq!(asked["code"], "approval.required");
    let request = asked["request"].as_str().unwrap();
    let status = home.run("issuer trust-status acme -o json").ended(0).json();
    assert_eq!((&status["schema"], &status["trusted"]), (&"stella.issuer-trust/1".into(), &false.into()));
    assert_eq!((&status["requests"][0]["have"], &status["requests"][0]["need"]), (&1.into(), &2.into()));
    home.run(&format!("approvals approve {request} --key {bob}")).ended(0);
    let status = home.run("issuer trust-status acme").ended(0);
    assert_eq!(status.field("status"), "trusted");
    assert_eq!(status.field("asked for"), "by alice: contract 4711");

    home.run("issuer distrust acme").complained("usage.reason_invalid", 2);
    home.run("issuer distrust acme --reason INC-4711").ended(0);
    assert_eq!(home.run("issuer trust-status acme").ended(0).field("status"), "distrusted");
    home.run("issuer trust acme --reason again").ended(3);
}

#[test]
fn keys_that_come_with_an_issuer_are_its_own() {
    let home = Home::solo();
    let key = home.key("acme-key");
    home.run(&format!("issuer add acme --name ACME --key {key}")).ended(2);
    home.run(&format!("issuer add acme --name ACME --key {key} --expires 2050-01-01T00:00:00Z")).ended(0);
    let keys = home.run("issuer keys list acme -o json").ended(0).json();
    assert_eq!((&keys["schema"], &keys["status"]), (&"stella.issuer-keys/1".into(), &"pending".into()));
    assert_eq!(keys["keys"].as_array().unwrap().len(), 1);
    assert!(home.run("issuer keys list acme").ended(0).out.contains("pending"));
}

#[test]
fn it_is_clear_who_vouches_for_which_identity() {
    let home = Home::solo();
    home.run("issuer add a --name A --identity x --identity y --oidc-issuer https://i.example").ended(0);
    let shown = home.run("issuer show a").ended(0);
    let identities: Vec<&str> = shown.lines("identity").collect();
    assert_eq!(identities, ["x by https://i.example", "y by https://i.example"]);
    home.run("issuer add b --name B --identity x --identity y --identity z --oidc-issuer i --oidc-issuer j")
        .complained("usage.conflict", 2);
    home.run("issuer add b --name B --oidc-issuer i").ended(2);
}
