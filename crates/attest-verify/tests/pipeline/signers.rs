//! Who signed: identities are compared whole, and customers of a public authority are named twice.

use stella_attest_verify::{CheckId, Code, Policy, Report, Status};
use stella_testkit::certificate::{Extension, SubjectAltName};
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::{IDENTITY, OIDC_ISSUER};
use stella_testkit::{der, oid};

use crate::world::*;

fn judge(policy: Policy) -> Report {
    Case::sigstore().policy(policy).judge(&bundle())
}

#[test]
fn an_identity_is_compared_whole_and_byte_by_byte() {
    assert_verified(judge(Policy::require_signer(IDENTITY).issued_by(OIDC_ISSUER)));
    let prefix = &IDENTITY[..IDENTITY.len() - 1];
    let longer = format!("{IDENTITY}x");
    let upper = IDENTITY.to_uppercase();
    let host = IDENTITY.replace("ci.example", "CI.example");
    let dot = IDENTITY.replacen('.', "x", 1);
    let spaced = format!(" {IDENTITY}");
    for other in [prefix, &longer, &upper, &host, &dot, &spaced, ".*", "*", ""] {
        let report = judge(Policy::require_signer(other).issued_by(OIDC_ISSUER));
        assert_eq!(check(&report, CheckId::IdentitySubject).found(), Some(IDENTITY));
        assert_refused(report, CheckId::IdentitySubject, Code::IdentityMismatch);
    }
}

#[test]
fn an_issuer_is_compared_whole_and_byte_by_byte() {
    let prefix = &OIDC_ISSUER[..OIDC_ISSUER.len() - 1];
    for other in [prefix, &format!("{OIDC_ISSUER}/"), &OIDC_ISSUER.to_uppercase(), ""] {
        let report = judge(Policy::require_signer(IDENTITY).issued_by(other));
        assert_eq!(check(&report, CheckId::IdentityIssuer).found(), Some(OIDC_ISSUER));
        assert_refused(report, CheckId::IdentityIssuer, Code::IdentityIssuerMismatch);
    }
}

#[test]
fn every_kind_of_name_can_be_the_identity_and_the_common_name_is_none() {
    for (name, text) in [
        (SubjectAltName::Email("dev@acme.example".to_owned()), "dev@acme.example"),
        (SubjectAltName::Dns("ci.acme.example".to_owned()), "ci.acme.example"),
        (SubjectAltName::Username("dev!acme.example".to_owned()), "dev!acme.example"),
    ] {
        let bundle = sigstore().ceremony().identity(name).sign_statement(&statement());
        let case = |identity: &str| Case::sigstore().policy(Policy::require_signer(identity).issued_by(OIDC_ISSUER));
        assert_verified(case(text).judge(&bundle));
        assert_refused(case(IDENTITY).judge(&bundle), CheckId::IdentitySubject, Code::IdentityMismatch);
    }
    let pki = PrivatePki::new();
    let case = pki.case().policy(Policy::require_signer("private builder"));
    assert_refused(case.judge_envelope(&pki.sign(&pki.leaf())), CheckId::IdentitySubject, Code::IdentityMismatch);
}

#[test]
fn any_of_several_names_may_be_the_identity_and_is_then_shown() {
    let names = || [SubjectAltName::Uri("https://first.example".to_owned()), SubjectAltName::Uri(IDENTITY.to_owned())];
    let bundle = sigstore()
        .ceremony()
        .edit_leaf(move |leaf| leaf.extension(Extension::critical_subject_alt_names(&names())))
        .sign_statement(&statement());
    let report = Case::sigstore().judge(&bundle);
    assert_eq!(report.signer().identity(), Some(IDENTITY));
    assert_verified(report);
}

#[test]
fn two_issuers_that_disagree_are_none() {
    let bundle = sigstore()
        .ceremony()
        .edit_leaf(|leaf| leaf.extension(Extension::plain(oid::FULCIO_ISSUER_V1, b"https://other.example".to_vec())))
        .sign_statement(&statement());
    for issuer in [OIDC_ISSUER, "https://other.example"] {
        let report = Case::sigstore().policy(Policy::require_signer(IDENTITY).issued_by(issuer)).judge(&bundle);
        assert_refused(report, CheckId::IdentityIssuer, Code::IdentityIssuerMismatch);
    }
    // One of the two is enough.
    for gone in [oid::FULCIO_ISSUER_V1, oid::FULCIO_ISSUER_V2] {
        let bundle = sigstore().ceremony().edit_leaf(|leaf| leaf.without_extension(gone)).sign_statement(&statement());
        assert_verified(Case::sigstore().judge(&bundle));
    }
    let raw = || Extension::plain(oid::FULCIO_ISSUER_V2, [der::utf8_string(OIDC_ISSUER), vec![0]].concat());
    let bundle = sigstore().ceremony().edit_leaf(move |leaf| leaf.extension(raw())).sign_statement(&statement());
    assert_refused(Case::sigstore().judge(&bundle), CheckId::IdentityIssuer, Code::IdentityIssuerMismatch);
}

#[test]
fn an_identity_alone_does_not_name_a_customer_of_a_public_authority() {
    let report = judge(Policy::require_signer(IDENTITY));
    assert_eq!(check(&report, CheckId::IdentitySubject).status(), Status::Pass);
    let found = check(&report, CheckId::PolicySigner).found().unwrap().to_owned();
    assert!(found.contains(IDENTITY) && found.contains(OIDC_ISSUER), "{found}");
    assert_eq!((report.signer().identity(), report.signer().issuer()), (Some(IDENTITY), Some(OIDC_ISSUER)));
    let command = report.remedy().unwrap().commands()[0].join(" ");
    assert!(command.contains(IDENTITY) && command.contains(OIDC_ISSUER), "{command}");
    assert_refused(report, CheckId::PolicySigner, Code::PolicyIssuerRequired);
}

#[test]
fn a_private_authority_is_trusted_with_whom_it_certifies_and_a_public_one_is_not() {
    let pki = PrivatePki::new();
    let envelope = pki.sign(&pki.leaf());
    assert_verified(pki.case().judge_envelope(&envelope));
    assert_verified(pki.case().policy(Policy::require_trusted_signer()).judge_envelope(&envelope));
    let report = pki.case().policy(Policy::require_signer("https://ci.example/other")).judge_envelope(&envelope);
    assert_refused(report, CheckId::IdentitySubject, Code::IdentityMismatch);
    let report = pki.case().policy(Policy::require_signer(BUILDER).issued_by(OIDC_ISSUER)).judge_envelope(&envelope);
    assert_refused(report, CheckId::IdentityIssuer, Code::IdentityIssuerMismatch);
    assert_refused(judge(Policy::require_trusted_signer()), CheckId::PolicySigner, Code::PolicyIssuerRequired);
}

#[test]
fn a_policy_for_anybody_says_so_in_the_report() {
    let report = judge(Policy::danger_any_signer());
    assert!(report.notes().iter().any(|note| note == "the policy waives: signer identity"), "{:?}", report.notes());
    assert_verified(report);
    let report = judge(sigstore_policy());
    assert!(report.notes().iter().all(|note| !note.contains("waives")), "{:?}", report.notes());
}

#[test]
fn an_issuer_is_asked_for_whatever_else_the_policy_says() {
    assert_verified(judge(Policy::danger_any_signer().issued_by(OIDC_ISSUER)));
    let report = judge(Policy::danger_any_signer().issued_by("https://other.example"));
    assert_refused(report, CheckId::IdentityIssuer, Code::IdentityIssuerMismatch);
    // An issuer alone names none of its many customers.
    let report = judge(Policy::require_trusted_signer().issued_by(OIDC_ISSUER));
    assert_refused(report, CheckId::PolicySigner, Code::PolicyIssuerRequired);

    let key = TestKey::p256("a key");
    for policy in [Policy::require_key(key.public_key().key_id()), Policy::require_trusted_signer()] {
        let case = Case::keys(&[&key]);
        assert_verified(Case { policy: policy.clone(), ..case }.judge_envelope(&unsigned().signed_by(&key)));
        let case = Case::keys(&[&key]).policy(policy.issued_by(OIDC_ISSUER));
        let report = case.judge_envelope(&unsigned().signed_by(&key));
        assert_refused(report, CheckId::MaterialKey, Code::BundleKeyMaterialMismatch);
    }
}

#[test]
fn nobody_named_in_a_refused_certificate_can_move_the_cursor() {
    let hostile = "https://ci.example/\u{1b}[2K\u{202e}x";
    let bundle =
        sigstore().ceremony().identity(SubjectAltName::Username(hostile.to_owned())).sign_statement(&statement());
    let report = Case::sigstore().judge(&bundle);
    let (json, line) = (report.to_json(), report.to_string());
    for text in [&json, &line] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\n']), "{text:?}");
    }
}
