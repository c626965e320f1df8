//! `stella trust bisect`, and the story of an anchor that was removed.

use stella_testkit::authority::Authority;
use stella_testkit::certificate::{SubjectAltName, to_pem};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;

use crate::harness::{Home, Said};

const BUILDER: &str = "https://ci.example/builder";

/// The certificate of an authority and an attestation by somebody whom it certifies.
fn signed(home: &Home) -> (String, String) {
    let authority = Authority::root("release-root");
    let key = TestKey::p256("builder");
    let leaf = authority.signer_leaf(&key, &SubjectAltName::Uri(BUILDER.into())).sign(authority.key());
    let statement = statement::provenance("release.txt", b"release", BUILDER).to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_with_certificate(&key, &to_pem(&leaf));
    (home.root("release-root"), home.room.file("bundle.json", envelope.to_json()))
}

/// Asks as one person, signs as that person, and has bob agree.
fn agreed(home: &Home, words: &[&str], reason: &str) -> String {
    let (alice, _) = home.approver("alice");
    let (bob, _) = home.approver("bob");
    let mut asked = words.to_vec();
    asked.extend(["--request", "--approver-key", &alice, "--reason", reason, "-o", "json"]);
    let document = home.run_with(&asked).ended(3).json();
    let request = document["request"].as_str().unwrap().to_owned();
    home.run_with(&["approvals", "approve", &request, "--key", &bob]).ended(0);
    request
}

fn verify(home: &Home, attestation: &str) -> Said {
    home.run_with(&["verify", "attestation", "--attestation", attestation])
}

#[test]
fn an_anchor_removed_by_an_approved_request_is_found_with_person_reason_and_undo() {
    let home = Home::quorum();
    let (root, attestation) = signed(&home);
    agreed(&home, &["trust-anchors", "add", "--cert", &root, "--name", "release-root"], "the root of the release team");
    verify(&home, &attestation).ended(0);
    let request = agreed(&home, &["trust-anchors", "remove", "release-root"], "INC-4711: is this root still ours?");
    let refused = verify(&home, &attestation).ended(1);
    assert!(refused.out.contains("x509.unknown_issuer"), "{}", refused.out);

    let said = home.run_with(&["trust", "bisect", "--attestation", &attestation]).ended(0);
    assert!(said.field("verdict").starts_with("rejected[x509.unknown_issuer]: "), "{}", said.out);
    assert!(said.field("changed by").starts_with("entry 6, anchor.remove (anchor release-root) at "), "{}", said.out);
    assert_eq!(said.field("before"), "verified");
    assert_eq!((said.field("mode"), said.field("request")), ("quorum", request.as_str()));
    assert!(said.field("requested by").starts_with("alice (entry 4, "), "{}", said.out);
    assert!(said.field("approved by").starts_with("bob (entry 5, "), "{}", said.out);
    assert_eq!(said.field("request reason"), "INC-4711: is this root still ours?");
    assert!(said.field("earlier").starts_with("rejected[x509.unknown_issuer] -> verified by entry 3, anchor.add"));
    assert_eq!(said.field("undo"), "stella trust-anchors reinstate release-root --reason TEXT");

    // What the undo would bring back, before anybody is asked.
    let plan = said.field("preview of the undo").to_owned();
    let words: Vec<&str> = plan.split(' ').skip(1).collect();
    let planned = home.run_with(&words).ended(0);
    assert_eq!(planned.field("newly verifies"), attestation);
    assert_eq!(planned.field("effect"), "loosening");
    assert!(planned.field("needs").contains("2 persons"), "{}", planned.out);
    assert!(planned.field("newly accepted in principle").starts_with("whoever the authority \""), "{}", planned.out);
    verify(&home, &attestation).ended(1);

    let document = home.run_with(&["trust", "bisect", "--attestation", &attestation, "-o", "json"]).ended(0).json();
    assert_eq!(document["schema"], "stella.trust-bisect/1");
    let decisive = &document["decisive"];
    assert_eq!((&decisive["entry"], &decisive["event"]), (&6.into(), &"entry".into()));
    assert_eq!(decisive["agreement"]["approved_by"][0]["person"], "bob");
    assert_eq!(decisive["before"]["verdict"], "verified");
    assert_eq!(document["method"]["name"], "every-moment");
    assert_eq!(document["undo"][2], "reinstate");
}

#[test]
fn a_verdict_that_trust_did_not_change_says_so() {
    let home = Home::solo();
    let (root, attestation) = signed(&home);
    let said = home.run_with(&["trust", "bisect", "--attestation", &attestation]).ended(0);
    assert!(said.field("changed by").starts_with("no entry of the trust log"), "{}", said.out);
    let document = home.run_with(&["trust", "bisect", "--attestation", &attestation, "-o", "json"]).ended(0).json();
    assert!(document["decisive"].is_null() && document["undo"].is_null());
    // A good verdict has its entry, too.
    home.run_with(&["trust-anchors", "add", "--cert", &root, "--name", "release-root"]).ended(0);
    let said = home.run_with(&["trust", "bisect", "--attestation", &attestation]).ended(0);
    assert_eq!(said.field("verdict"), "verified");
    assert!(said.field("changed by").starts_with("entry 1, anchor.add"), "{}", said.out);
    assert_eq!(said.field("approved by"), "nobody: no request was needed");
    // Under another question another answer.
    let identity = ["trust", "bisect", "--attestation", &attestation, "--identity", "https://else.example"];
    let said = home.run_with(&identity).ended(0);
    assert!(said.field("verdict").starts_with("rejected["), "{}", said.out);
}

#[test]
fn an_attestation_that_is_none_is_no_question() {
    let home = Home::solo();
    let nonsense = home.room.file("nonsense.json", "{}");
    assert_ne!(home.run_with(&["trust", "bisect", "--attestation", &nonsense]).status, 0);
    home.run("trust bisect").complained("usage.conflict", 2);
}

#[test]
fn what_the_clock_ended_is_no_entrys_doing() {
    let home = Home::solo();
    let key = TestKey::p256("release");
    let statement = statement::provenance("release.txt", b"release", BUILDER).to_string();
    let envelope = Envelope::new(IN_TOTO, statement.as_bytes()).signed_by(&key);
    let attestation = home.room.file("by-key.json", envelope.to_json());
    let public = home.key("release");
    let end = "2030-01-01T00:00:00Z";
    home.run_with(&["trust-anchors", "add-key", "--key", &public, "--name", "release", "--expires", end]).ended(0);
    let words = ["trust", "bisect", "--attestation", &attestation, "--at", "2031-01-01T00:00:00Z"];
    let said = home.run_with(&words).ended(0);
    assert!(said.field("verdict").starts_with("rejected[key.expired]"), "{}", said.out);
    assert_eq!(said.field("changed by"), format!("the clock, and no entry of the trust log: verified until {end}"));
    assert!(said.lines("undo").next().is_none());
    let mut json = words.to_vec();
    json.extend(["-o", "json"]);
    assert_eq!(home.run_with(&json).ended(0).json()["verified_until"], end);
}

#[test]
fn the_policy_beside_the_store_is_asked_as_for_a_verification() {
    let home = Home::solo();
    let (root, attestation) = signed(&home);
    home.run_with(&["trust-anchors", "add", "--cert", &root, "--name", "release-root"]).ended(0);
    verify(&home, &attestation).ended(0);
    let policies = home.directory().join("policies");
    std::fs::create_dir_all(&policies).unwrap();
    let policy = format!("keys = [\"sha256:{}\"]\n", "0".repeat(64));
    std::fs::write(policies.join("default.toml"), policy).unwrap();
    let verdict = verify(&home, &attestation).ended(1);
    let code = verdict.out.split_once('[').unwrap().1.split_once(']').unwrap().0;
    let said = home.run_with(&["trust", "bisect", "--attestation", &attestation]).ended(0);
    assert!(said.field("verdict").starts_with(&format!("rejected[{code}]")), "{}", said.out);
    let planned = home
        .run_with(&["trust", "plan", "--attestation", &attestation, "--", "trust-anchors", "remove", "release-root"])
        .ended(0);
    assert!(planned.lines("newly fails").next().is_none(), "{}", planned.out);
    let given = home.room.file("policy.toml", "signer = \"trusted\"\n");
    let said = home.run_with(&["trust", "bisect", "--attestation", &attestation, "--policy", &given]).ended(0);
    assert_eq!(said.field("verdict"), "verified");
}
