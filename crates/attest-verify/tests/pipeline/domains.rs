//! No authority borrows from another: not a log, not a window, not an intermediate.

use stella_attest_verify::{CheckId, Code, Policy, Registry, Report, TrustSnapshot, UnixTime, Window};
use stella_crypto_providers::Scheme;
use stella_testkit::authority::AUTHORITY_FROM;
use stella_testkit::bundle::{Bundle, Version};
use stella_testkit::rekor;
use stella_testkit::sigstore::{Evidence, Sigstore};
use stella_testkit::trusted_root::{self, TrustedRoot, ValidFor};
use stella_testkit::tsa::Token;
use stella_transparency::Log;

use crate::world::*;

fn roots(roots: &[&TrustedRoot]) -> TrustSnapshot {
    let builder = roots
        .iter()
        .fold(TrustSnapshot::builder(), |builder, root| builder.trusted_root(root.to_json().as_bytes()).unwrap());
    builder.build().unwrap()
}

fn both() -> TrustSnapshot {
    roots(&[&sigstore().trusted_root(), &other_sigstore().trusted_root()])
}

/// The bundle with one entry, of the log of `sigstore`.
fn logged_by(mut bundle: Bundle, sigstore: &Sigstore) -> Bundle {
    let body = rekor::dsse_body(envelope_of(&bundle), &leaf_pem(&bundle));
    bundle.entries = vec![sigstore.rekor().log("dsse", "0.0.1", body, signed_at())];
    bundle
}

#[test]
fn customers_of_either_public_authority_are_accepted_with_the_evidence_of_their_own() {
    for signer in [sigstore(), other_sigstore()] {
        let bundle = signer.ceremony().sign_statement(&statement());
        assert_verified(Case::trusting(both()).judge(&bundle));
    }
}

#[test]
fn the_log_of_another_domain_does_not_count() {
    let timed = sigstore().ceremony().evidence(&[Evidence::Sct, Evidence::Timestamp]).sign_statement(&statement());
    assert_verified(Case::trusting(both()).judge(&logged_by(timed.clone(), sigstore())));
    let elsewhere = logged_by(timed, other_sigstore());
    let report = Case::trusting(both()).judge(&elsewhere);
    assert_refused(report, CheckId::LogThreshold, Code::TlogThresholdNotMet);
    let report = Case::trusting(both()).policy(sigstore_policy().logs(1)).judge(&elsewhere);
    assert_refused(report, CheckId::LogThreshold, Code::TlogThresholdNotMet);
}

#[test]
fn the_certificate_log_of_another_domain_does_not_count() {
    let bundle = sigstore()
        .ceremony()
        .evidence(&[Evidence::InclusionProof, Evidence::Promise])
        .edit_leaf(|leaf| other_sigstore().ct_log().embed(leaf, sigstore().intermediate(), signed_at()))
        .sign_statement(&statement());
    assert_refused(Case::trusting(both()).judge(&bundle), CheckId::ChainSct, Code::X509SctInvalid);
}

#[test]
fn the_clock_of_another_public_domain_does_not_count() {
    let mut bundle =
        sigstore().ceremony().evidence(&[Evidence::Sct, Evidence::InclusionProof]).sign_statement(&statement());
    bundle.timestamps.push(other_sigstore().tsa().respond(&Token::new(bundle.signature(), signed_at())));
    let report = Case::trusting(both()).judge(&bundle);
    assert_refused(report, CheckId::TimeTrusted, Code::TimeNoTrustedTime);
    bundle.timestamps.push(sigstore().tsa().respond(&Token::new(bundle.signature(), signed_at())));
    assert_verified(Case::trusting(both()).judge(&bundle));
}

#[test]
fn a_log_that_two_domains_list_counts_for_the_customers_of_both() {
    let mut other = other_sigstore().trusted_root();
    other.logs.extend(sigstore().trusted_root().logs);
    for trust in [roots(&[&sigstore().trusted_root(), &other]), roots(&[&other, &sigstore().trusted_root()])] {
        assert_verified(Case::trusting(trust).judge(&bundle()));
    }
}

#[test]
fn a_log_added_on_its_own_takes_nothing_from_the_public_domain_that_lists_it() {
    let key = sigstore().rekor().key();
    let log =
        Log::new("mine".to_owned(), key.spki_sha256().to_vec(), public(key), Scheme::EcdsaP256Sha256, Window::always());
    let root = sigstore().trusted_root();
    let trust = TrustSnapshot::builder().log(log).trusted_root(root.to_json().as_bytes()).unwrap().build().unwrap();
    assert_verified(Case::trusting(trust).judge(&bundle()));
}

#[test]
fn an_older_trusted_root_of_the_same_authority_spoils_nothing() {
    // The instance has since opened a new log of signatures and a new one of certificates.
    let mut older = sigstore().trusted_root();
    older.logs = other_sigstore().trusted_root().logs;
    older.ct_logs = other_sigstore().trusted_root().ct_logs;
    let newer = sigstore().trusted_root();
    assert_verified(Case::trusting(roots(&[&newer])).judge(&bundle()));
    assert_verified(Case::trusting(roots(&[&newer, &older])).judge(&bundle()));
    assert_verified(Case::trusting(roots(&[&older, &newer])).judge(&bundle()));
}

#[test]
fn an_intermediate_in_a_bundle_does_not_borrow_the_window_of_another_authority() {
    let root = sigstore().root();
    let successor = root.intermediate("successor");
    let ended = ValidFor { start: Some(AUTHORITY_FROM), end: Some(after(signed_at(), -1)) };
    let always = ValidFor { start: Some(AUTHORITY_FROM), end: None };
    let chain = |one: &[u8]| vec![one.to_vec(), root.certificate().to_vec()];
    let old = trusted_root::authority("https://old.example", &chain(sigstore().intermediate().certificate()), ended);
    let new = trusted_root::authority("https://new.example", &chain(successor.certificate()), always);
    let judge = |authorities: &[&stella_testkit::json::Value]| -> Report {
        let mut trusted = sigstore().trusted_root();
        trusted.certificate_authorities = authorities.iter().map(|one| (*one).clone()).collect();
        let bundle = sigstore().ceremony().version(Version::V02).sign_statement(&statement());
        Case::root(&trusted).judge(&bundle)
    };
    let still = trusted_root::authority(
        "https://old.example",
        &chain(sigstore().intermediate().certificate()),
        ValidFor { end: Some(signed_at()), ..ended },
    );
    assert_verified(judge(&[&still, &new]));
    assert_refused(judge(&[&old, &new]), CheckId::ChainValidity, Code::TrustAnchorNotValid);
    assert_refused(judge(&[&new, &old]), CheckId::ChainValidity, Code::TrustAnchorNotValid);
    // Nor does it help to take the old authority out.
    let report = judge(&[&new]);
    assert_refused(report, CheckId::ChainPath, Code::X509UnknownIssuer);
}

#[test]
fn a_public_authority_known_by_its_root_alone_may_bring_its_intermediate() {
    let mut trusted = sigstore().trusted_root();
    let always = ValidFor { start: Some(UnixTime::from_seconds(0)), end: None };
    let root = vec![sigstore().root().certificate().to_vec()];
    trusted.certificate_authorities = vec![trusted_root::authority("https://fulcio.example", &root, always)];
    let with = |version| sigstore().ceremony().version(version).sign_statement(&statement());
    assert_verified(Case::root(&trusted).judge(&with(Version::V02)));
    assert_refused(Case::root(&trusted).judge(&with(Version::V03)), CheckId::ChainPath, Code::X509UnknownIssuer);
}

#[test]
fn a_private_anchor_makes_nobody_else_private() {
    let pki = PrivatePki::new();
    let root = sigstore().trusted_root();
    let trust = TrustSnapshot::builder()
        .anchor(certificate(pki.root.certificate()))
        .intermediate(certificate(pki.intermediate.certificate()))
        .trusted_root(root.to_json().as_bytes())
        .unwrap()
        .build()
        .unwrap();
    let case = |policy| Case { registry: Registry::rustcrypto(), ..Case::trusting(trust.clone()).policy(policy) };
    assert_verified(case(Policy::require_trusted_signer()).judge_envelope(&pki.sign(&pki.leaf())));
    let report = case(Policy::require_trusted_signer()).judge(&bundle());
    assert_refused(report, CheckId::PolicySigner, Code::PolicyIssuerRequired);
}

#[test]
fn an_instance_added_piece_by_piece_demands_nothing_and_the_same_as_a_trusted_root_everything() {
    let imported = roots(&[&sigstore().trusted_root()]);
    let public = imported.domains().last().unwrap();
    let mut builder = TrustSnapshot::builder();
    for authority in public.authorities() {
        builder = builder.certificate_authority(authority.clone());
    }
    builder = public.logs().iter().fold(builder, |builder, log| builder.log(log.clone()));
    builder = public.ct_logs().iter().fold(builder, |builder, log| builder.ct_log(log.clone()));
    let pieces = builder.build().unwrap();

    let bare = sigstore().ceremony().evidence(&[]).version(Version::V01).sign_statement(&statement());
    let judge = |trust: &TrustSnapshot, policy: Policy| {
        Case::trusting(trust.clone()).policy(policy).at(signed_at()).judge(&bare)
    };
    assert_verified(judge(&pieces, sigstore_policy()));
    assert_eq!(judge(&imported, sigstore_policy()).code(), Some(Code::TimeNoTrustedTime));
    // Unless the policy asks for it.
    assert_eq!(judge(&pieces, sigstore_policy().logs(1)).code(), Some(Code::TlogThresholdNotMet));
    assert_eq!(judge(&pieces, sigstore_policy().trusted_times(1)).code(), Some(Code::TimeNoTrustedTime));
    assert_eq!(judge(&pieces, sigstore_policy().certificate_timestamps(1)).code(), Some(Code::X509SctInvalid));
}
