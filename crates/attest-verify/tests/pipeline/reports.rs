//! The report: one JSON document of a fixed form, the same bytes for the same inputs.

use std::thread;

use stella_attest_verify::{Artifact, Attestation, Policy, Report, Verdict, Verifier};
use stella_testkit::certificate::SubjectAltName;
use stella_testkit::json::Value;
use stella_testkit::sigstore::{Evidence, IDENTITY, OIDC_ISSUER};
use stella_testkit::statement::{STATEMENT_V1, slsa_predicate, statement as statement_of};

use crate::world::*;

fn parsed(report: &Report) -> Value {
    serde_json::from_str(&report.to_json()).unwrap()
}

fn everything() -> stella_testkit::bundle::Bundle {
    let all = [Evidence::InclusionProof, Evidence::Promise, Evidence::Sct, Evidence::Timestamp];
    sigstore().ceremony().evidence(&all).sign_statement(&statement())
}

#[test]
fn a_report_holds_every_member_of_its_schema_whatever_the_verdict() {
    let refused = Case::sigstore().binding(Artifact::of_bytes(b"another artifact"));
    for case in [Case::sigstore(), refused] {
        let json = parsed(&case.judge(&everything()));
        for member in [
            "schema",
            "verdict",
            "code",
            "at",
            "attestation",
            "signer",
            "inputs",
            "checks",
            "paths",
            "trusted_times",
            "also",
            "remedy",
            "notes",
            "statement",
        ] {
            assert!(json.get(member).is_some(), "{member} is not in {json}");
        }
        assert_eq!(json["schema"], "stella.report/1");
        assert_eq!(json["at"], "2026-01-18T09:00:00Z");
        for (list, members) in
            [("checks", &["id", "status", "evidence"][..]), ("trusted_times", &["time", "source", "name"])]
        {
            for entry in json[list].as_array().unwrap() {
                for member in members {
                    assert!(entry.get(member).is_some(), "{member} is not in {entry}");
                }
            }
        }
        for digest in [
            &json["attestation"],
            &json["inputs"]["envelope"],
            &json["inputs"]["policy"],
            &json["inputs"]["trust"]["root"],
        ] {
            let digest = digest.as_str().unwrap();
            assert_eq!((digest.len(), &digest[..7]), (71, "sha256:"));
        }
        assert_eq!(json["inputs"]["trust"]["size"], case.trust.size());
    }
}

#[test]
fn a_verified_report_tells_who_when_and_about_what() {
    let json = parsed(&Case::sigstore().judge(&everything()));
    assert_eq!(json["verdict"], "verified");
    assert!(json["code"].is_null() && json["remedy"].is_null());
    assert_eq!(json["signer"]["identity"], IDENTITY);
    assert_eq!(json["signer"]["issuer"], OIDC_ISSUER);
    assert_eq!(json["signer"]["algorithm"], "ecdsa-p256-sha256");
    assert_eq!(json["trusted_times"].as_array().unwrap().len(), 2);
    assert_eq!(json["statement"]["predicate_type"], PREDICATE_TYPE);
    assert_eq!(json["statement"]["subjects"][0]["name"], "release.txt");
}

#[test]
fn a_refusal_names_its_check_its_code_and_a_page() {
    let report = Case::sigstore().binding(Artifact::of_bytes(b"another artifact")).judge(&everything());
    let json = parsed(&report);
    assert_eq!(json["verdict"], "rejected");
    assert_eq!(json["code"], "intoto.subject_mismatch");
    assert_eq!(json["remedy"]["reference"], "docs/codes.md#intotosubject_mismatch");
    let failed: Vec<&Value> = json["checks"].as_array().unwrap().iter().filter(|c| c["status"] == "fail").collect();
    assert_eq!(failed.len(), 1);
    assert_eq!((&failed[0]["id"], &failed[0]["code"]), (&Value::from("subject.match"), &json["code"]));
    assert!(report.to_string().starts_with("rejected[intoto.subject_mismatch]: "), "{report}");
}

#[test]
fn what_a_refused_statement_says_is_not_repeated() {
    let hostile = "https://predicate.example/hostile";
    let payload = |subject: &[u8]| {
        statement_of(STATEMENT_V1, &[("hostile-name", subject)], hostile, slsa_predicate(CANARY)).to_string()
    };
    let digest = stella_attest_verify::Digest::sha256(ARTIFACT);
    let envelope =
        stella_testkit::dsse::Envelope::new(stella_testkit::dsse::IN_TOTO, payload(digest.as_bytes()).as_bytes());
    let bundle = sigstore().ceremony().sign_envelope(envelope);
    let case = |policy| Case::sigstore().policy(policy);
    let accepted = case(sigstore_policy()).judge(&bundle);
    assert!(accepted.to_json().contains("hostile-name") && accepted.to_json().contains(hostile));
    assert_eq!(accepted.verdict(), Verdict::Verified);

    // The customer of a public authority is anybody.
    for policy in
        [Policy::require_signer("https://ci.example/other").issued_by(OIDC_ISSUER), Policy::require_trusted_signer()]
    {
        let json = case(policy).judge(&bundle).to_json();
        assert!(!json.contains("hostile-name") && !json.contains(hostile), "{json}");
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes_on_every_thread_and_in_every_order() {
    let case = Case::sigstore();
    let json = everything().to_json();
    let attestation = Attestation::from_json(json.as_bytes()).unwrap();
    let other = Attestation::from_json(bundle().to_json().as_bytes()).unwrap();
    let verifier = Verifier::new(&case.registry, &case.trust, case.policy.clone());
    let first = verifier.verify(&attestation, &case.binding, case.at).to_json();
    let _ = verifier.verify(&other, &case.binding, case.at);
    assert_eq!(verifier.verify(&attestation, &case.binding, case.at).to_json(), first);
    assert_eq!(case.judge_json(&json).to_json(), first);
    thread::scope(|scope| {
        let judges: Vec<_> =
            (0..4).map(|_| scope.spawn(|| verifier.verify(&attestation, &case.binding, case.at).to_json())).collect();
        for judge in judges {
            assert_eq!(judge.join().unwrap(), first);
        }
    });
}

#[test]
fn every_input_is_named_by_a_digest_that_changes_with_it() {
    let report = Case::sigstore().judge(&bundle());
    let inputs = |report: &Report| parsed(report)["inputs"].clone();
    let base = inputs(&report);
    let policy = inputs(&Case::sigstore().policy(sigstore_policy()).judge(&bundle()));
    assert_ne!(base["policy"], policy["policy"]);
    let mut root = sigstore().trusted_root();
    root.timestamp_authorities.clear();
    let trust = inputs(&Case::root(&root).judge(&bundle()));
    assert_ne!(base["trust"], trust["trust"]);
    let subject = inputs(&Case::sigstore().binding(Artifact::of_bytes(b"other")).judge(&bundle()));
    assert_ne!(base["subject"], subject["subject"]);
    let envelope = inputs(&Case::sigstore().judge(&everything()));
    assert_ne!(base["envelope"], envelope["envelope"]);
    // One attestation, whatever stands around it.
    assert_eq!(report.attestation(), Case::sigstore().judge(&everything()).attestation());
}

#[test]
fn a_report_stays_small_whatever_the_certificate_says() {
    let long = format!("https://ci.example/{}", "x".repeat(60_000));
    let bundle = sigstore().ceremony().identity(SubjectAltName::Username(long)).sign_statement(&statement());
    let report = Case::sigstore().judge(&bundle);
    assert!(report.to_string().len() <= 2048, "{}", report.to_string().len());
    assert!(report.cause().unwrap().found().unwrap().len() <= 2048);
}
