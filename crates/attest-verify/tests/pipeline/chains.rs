//! Paths to anchors: what is missing, what is expired, and what certificate transparency says.

use stella_attest_verify::{CheckId, Code, Policy, Report, TrustSnapshot, UnixTime, Window};
use stella_chain_verify::Anchor;
use stella_testkit::authority::Authority;
use stella_testkit::bundle::{Bundle, Signer, Version};
use stella_testkit::certificate::SubjectAltName;
use stella_testkit::ct_log::{self, CtLog};
use stella_testkit::sigstore::Evidence;
use stella_testkit::trusted_root::{self, ValidFor};

use crate::world::*;

#[test]
fn a_private_leaf_is_valid_up_to_and_including_its_last_second() {
    let pki = PrivatePki::new();
    let leaf = pki.leaf().validity(after(signed_at(), -10), signed_at());
    let judge = |at| pki.case().at(at).judge_envelope(&pki.sign(&leaf));
    assert_verified(judge(after(signed_at(), -10)));
    assert_verified(judge(signed_at()));
    assert_refused(judge(after(signed_at(), 1)), CheckId::ChainValidity, Code::X509Expired);
    assert_refused(judge(after(signed_at(), -11)), CheckId::ChainValidity, Code::X509NotYetValid);
}

#[test]
fn an_expired_leaf_of_a_public_authority_lacks_a_trusted_time() {
    let untimed = sigstore().ceremony().evidence(&[Evidence::Sct]).sign_statement(&statement());
    let case = |at| Case::sigstore().policy(sigstore_policy().danger_without_log()).at(at);
    for at in [signed_at(), after(signed_at(), DAY)] {
        assert_refused(case(at).judge(&untimed), CheckId::TimeTrusted, Code::TimeNoTrustedTime);
    }
    let waived =
        |at| Case::sigstore().policy(sigstore_policy().danger_without_log().danger_without_trusted_time()).at(at);
    assert_verified(waived(signed_at()).judge(&untimed));
    assert_refused(waived(after(signed_at(), 301)).judge(&untimed), CheckId::ChainValidity, Code::X509Expired);
}

fn remedy(report: &Report) -> String {
    report.remedy().unwrap().commands()[0].join(" ")
}

#[test]
fn a_missing_anchor_and_a_missing_intermediate_have_different_remedies() {
    let pki = PrivatePki::new();
    let envelope = pki.sign(&pki.leaf());
    let stranger = Authority::root("stranger");
    let policy = || Policy::require_signer(BUILDER);
    let trust = TrustSnapshot::builder()
        .anchor(certificate(stranger.certificate()))
        .intermediate(certificate(pki.intermediate.certificate()));
    let no_anchor = Case::trusting(trust.build().unwrap()).policy(policy()).judge_envelope(&envelope);
    assert!(remedy(&no_anchor).starts_with("stella trust-anchors add --cert"), "{}", remedy(&no_anchor));
    assert!(no_anchor.remedy().unwrap().accepts().is_some());
    assert_refused(no_anchor, CheckId::ChainPath, Code::X509UnknownIssuer);

    let trust = TrustSnapshot::builder().anchor(certificate(pki.root.certificate()));
    let no_intermediate = Case::trusting(trust.build().unwrap()).policy(policy()).judge_envelope(&envelope);
    assert!(remedy(&no_intermediate).contains("add-intermediate"), "{}", remedy(&no_intermediate));
    assert!(no_intermediate.remedy().unwrap().accepts().is_none());
    assert_refused(no_intermediate, CheckId::ChainPath, Code::X509UnknownIssuer);
}

#[test]
fn an_anchor_is_trusted_within_its_window_only() {
    let pki = PrivatePki::new();
    let envelope = pki.sign(&pki.leaf());
    let judge = |until: UnixTime| {
        let anchor = Anchor::new(certificate(pki.root.certificate())).with_window(Window::half_open(None, Some(until)));
        let trust =
            TrustSnapshot::builder().anchor_with(anchor).intermediate(certificate(pki.intermediate.certificate()));
        Case::trusting(trust.build().unwrap())
            .policy(Policy::require_signer(BUILDER))
            .at(signed_at())
            .judge_envelope(&envelope)
    };
    assert_verified(judge(after(signed_at(), 1)));
    assert_refused(judge(signed_at()), CheckId::ChainValidity, Code::TrustAnchorNotValid);
}

#[test]
fn a_root_in_a_bundle_is_not_an_anchor() {
    let stranger = Authority::root("brought along");
    let key = stella_testkit::key::TestKey::p256("brought along leaf");
    let leaf = stranger.signer_leaf(&key, &SubjectAltName::Uri(BUILDER.to_owned())).sign(stranger.key());
    let bundle = Bundle {
        version: Version::V02,
        content: stella_testkit::bundle::Content::Dsse(unsigned().signed_by(&key)),
        signer: Signer::Certificates(vec![leaf, stranger.certificate().to_vec()]),
        entries: Vec::new(),
        timestamps: Vec::new(),
    };
    let report = PrivatePki::new().case().judge(&bundle);
    assert_refused(report, CheckId::MaterialKey, Code::BundleChainContainsRoot);
}

#[test]
fn a_leaf_that_is_an_anchor_signs_nothing() {
    let root = Authority::root("self-sufficient");
    let pem = root.pem();
    let envelope = unsigned().signed_with_certificate(root.key(), &pem);
    let trust = TrustSnapshot::builder().anchor(certificate(root.certificate())).build().unwrap();
    let report = Case::trusting(trust).policy(Policy::require_trusted_signer()).judge_envelope(&envelope);
    assert!(report.into_verified().is_err());
}

// Certificate transparency.

fn unlisted() -> CtLog {
    CtLog::new("unlisted ct log")
}

fn with_scts(scts: fn(&stella_testkit::certificate::CertificateBuilder) -> Vec<Vec<u8>>) -> Bundle {
    sigstore()
        .ceremony()
        .evidence(&[Evidence::InclusionProof, Evidence::Promise])
        .edit_leaf(move |leaf| {
            let scts = scts(&leaf);
            leaf.extension(ct_log::sct_list(&scts))
        })
        .sign_statement(&statement())
}

fn sct(log: &CtLog, leaf: &stella_testkit::certificate::CertificateBuilder, at: UnixTime) -> Vec<u8> {
    log.sct(leaf, sigstore().intermediate(), at)
}

#[test]
fn a_certificate_timestamp_of_a_known_log_is_accepted_beside_one_of_an_unknown_log() {
    assert_verified(Case::sigstore().judge(&with_scts(|leaf| vec![sct(sigstore().ct_log(), leaf, signed_at())])));
    let both = with_scts(|leaf| vec![sct(&unlisted(), leaf, signed_at()), sct(sigstore().ct_log(), leaf, signed_at())]);
    assert_verified(Case::sigstore().judge(&both));
}

#[test]
fn a_certificate_timestamp_of_the_judged_second_is_accepted_and_one_of_the_next_refused() {
    fn at_the_instant(leaf: &stella_testkit::certificate::CertificateBuilder) -> Vec<Vec<u8>> {
        vec![sct(sigstore().ct_log(), leaf, signed_at())]
    }
    fn a_second_later(leaf: &stella_testkit::certificate::CertificateBuilder) -> Vec<Vec<u8>> {
        vec![sct(sigstore().ct_log(), leaf, after(signed_at(), 1))]
    }
    let judged = || Case::sigstore().at(signed_at());
    assert_verified(judged().judge(&with_scts(at_the_instant)));
    assert_refused(judged().judge(&with_scts(a_second_later)), CheckId::ChainSct, Code::X509SctInvalid);
}

#[test]
fn a_certificate_timestamp_is_refused_if_unknown_for_another_certificate_or_by_another_issuer() {
    let unknown = with_scts(|leaf| vec![sct(&unlisted(), leaf, signed_at())]);
    let of_another = with_scts(|leaf| {
        let edited = leaf.clone().serial(99);
        vec![sct(sigstore().ct_log(), &edited, signed_at())]
    });
    let by_another = with_scts(|leaf| vec![sigstore().ct_log().sct(leaf, sigstore().root(), signed_at())]);
    let broken = with_scts(|leaf| {
        let mut sct = sct(sigstore().ct_log(), leaf, signed_at());
        let last = sct.len() - 1;
        flip(&mut sct, last);
        vec![sct]
    });
    let none = with_scts(|_| Vec::new());
    for bundle in [unknown, of_another, by_another, broken, none] {
        assert_refused(Case::sigstore().judge(&bundle), CheckId::ChainSct, Code::X509SctInvalid);
    }
}

#[test]
fn a_broken_certificate_timestamp_of_a_known_log_is_refused_even_if_none_is_needed() {
    let broken = with_scts(|leaf| {
        let good = sct(sigstore().ct_log(), leaf, signed_at());
        let mut bad = good.clone();
        let last = bad.len() - 1;
        flip(&mut bad, last);
        vec![good, bad]
    });
    for policy in [sigstore_policy(), sigstore_policy().danger_without_certificate_timestamp()] {
        assert_refused(Case::sigstore().policy(policy).judge(&broken), CheckId::ChainSct, Code::X509SctInvalid);
    }
}

#[test]
fn a_certificate_without_timestamp_is_accepted_only_if_waived_or_nobody_publishes_any() {
    let unseen =
        || sigstore().ceremony().evidence(&[Evidence::InclusionProof, Evidence::Promise]).sign_statement(&statement());
    assert_refused(Case::sigstore().judge(&unseen()), CheckId::ChainSct, Code::X509SctInvalid);
    let report = Case::sigstore().policy(sigstore_policy().danger_without_certificate_timestamp()).judge(&unseen());
    assert!(report.notes().iter().any(|note| note == "the policy waives: certificate timestamp"));
    assert_verified(report);
    let mut root = sigstore().trusted_root();
    root.ct_logs.clear();
    assert_verified(Case::root(&root).judge(&unseen()));
    let report = Case::root(&root).policy(sigstore_policy().certificate_timestamps(1)).judge(&unseen());
    assert_refused(report, CheckId::ChainSct, Code::X509SctInvalid);
}

#[test]
fn certificate_timestamps_are_counted_by_log() {
    let case = || {
        let mut root = sigstore().trusted_root();
        let always = ValidFor { start: Some(UnixTime::from_seconds(0)), end: None };
        root.ct_logs.push(trusted_root::log("https://second.example", unlisted().key(), always));
        Case::root(&root).policy(sigstore_policy().certificate_timestamps(2))
    };
    let one_twice = with_scts(|leaf| {
        vec![sct(sigstore().ct_log(), leaf, signed_at()), sct(sigstore().ct_log(), leaf, after(signed_at(), 1))]
    });
    assert_refused(case().judge(&one_twice), CheckId::ChainSct, Code::X509SctInvalid);
    let two = with_scts(|leaf| vec![sct(sigstore().ct_log(), leaf, signed_at()), sct(&unlisted(), leaf, signed_at())]);
    assert_verified(case().judge(&two));
}

#[test]
fn a_certificate_log_that_is_listed_twice_counts_once() {
    let mut root = sigstore().trusted_root();
    let key = sigstore().ct_log().key();
    let until = ValidFor { start: Some(UnixTime::from_seconds(0)), end: Some(signed_at()) };
    let from = ValidFor { start: Some(after(signed_at(), 1)), end: None };
    root.ct_logs = vec![
        trusted_root::log("https://ct.example/old", key, until),
        trusted_root::log("https://ct.example/new", key, from),
    ];
    let one_twice = with_scts(|leaf| {
        vec![sct(sigstore().ct_log(), leaf, signed_at()), sct(sigstore().ct_log(), leaf, after(signed_at(), 1))]
    });
    assert_verified(Case::root(&root).judge(&one_twice));
    let report = Case::root(&root).policy(sigstore_policy().certificate_timestamps(2)).judge(&one_twice);
    assert_refused(report, CheckId::ChainSct, Code::X509SctInvalid);
}
