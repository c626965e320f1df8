//! Every planned check fails with its code; what builds on it is skipped and says so, and what does not is judged all the same.

use stella_attest_verify::CheckId::{self, *};
use stella_attest_verify::{Artifact, Code, Policy, Report, Status};
use stella_testkit::bundle::Signer;
use stella_testkit::certificate::Extension;
use stella_testkit::oid;
use stella_testkit::sigstore::{Evidence, OIDC_ISSUER};
use stella_testkit::tsa::Token;

use crate::world::*;

const EVERYTHING: [Evidence; 4] = [Evidence::InclusionProof, Evidence::Promise, Evidence::Sct, Evidence::Timestamp];

/// The cause, the checks skipped because of it, and some that are judged nevertheless.
#[track_caller]
fn expect(report: Report, cause: CheckId, code: Code, skipped: &[CheckId], judged: &[CheckId]) {
    let skips: Vec<CheckId> = report
        .checks()
        .iter()
        .filter(|check| check.status() == Status::Skipped)
        .map(|check| {
            assert_eq!(check.because(), Some(cause), "{}", report.to_json());
            check.id()
        })
        .collect();
    assert_eq!(skips, skipped, "{report}\n{}", report.to_json());
    for id in judged {
        assert_eq!(check(&report, *id).status(), Status::Pass, "{id:?}: {}", report.to_json());
    }
    assert_refused(report, cause, code);
}

#[test]
fn an_attestation_with_every_evidence_plans_every_check_in_the_fixed_order() {
    let bundle = sigstore().ceremony().evidence(&EVERYTHING).sign_statement(&statement());
    let report = Case::sigstore().judge(&bundle);
    let ids: Vec<CheckId> = report.checks().iter().map(|check| check.id()).collect();
    let expected = [
        MaterialKey,
        EnvelopeSignature,
        TimeTimestamp,
        LogEntry,
        LogPromise,
        LogInclusion,
        TimeTrusted,
        ChainPath,
        ChainValidity,
        ChainPurpose,
        ChainConstraints,
        ChainSct,
        LogThreshold,
        StatementStructure,
        SubjectMatch,
        IdentitySubject,
        IdentityIssuer,
        PolicyPredicateType,
    ];
    assert_eq!(ids, expected);
    assert_verified(report);
}

#[test]
fn a_certificate_that_cannot_be_read_skips_what_needs_its_key_and_not_the_log() {
    let mut bundle = bundle();
    let Signer::Certificates(chain) = &mut bundle.signer else { panic!("it has one") };
    chain[0].push(0);
    let report = Case::sigstore().judge(&bundle);
    let mut skipped = vec![EnvelopeSignature, LogEntry];
    skipped.extend(&AFTER_EVIDENCE[..5]);
    skipped.extend([StatementStructure, SubjectMatch, IdentitySubject, IdentityIssuer, PolicyPredicateType]);
    expect(report, MaterialKey, Code::X509DerTrailingData, &skipped, &[LogPromise, LogInclusion]);
}

#[test]
fn a_broken_signature_skips_the_statement_and_not_the_path() {
    let mut bundle = sigstore().ceremony().evidence(&[Evidence::Sct, Evidence::Timestamp]).sign_statement(&statement());
    flip(&mut envelope_mut(&mut bundle).payload, 20);
    let case = Case::sigstore().policy(sigstore_policy().predicate_type(PREDICATE_TYPE).danger_without_log());
    expect(
        case.judge(&bundle),
        EnvelopeSignature,
        Code::DsseSignatureInvalid,
        &[StatementStructure, SubjectMatch, PolicyPredicateType],
        &[TimeTimestamp, TimeTrusted, ChainPath, ChainSct, IdentitySubject, IdentityIssuer],
    );
}

const AFTER_EVIDENCE: [CheckId; 11] = [
    TimeTrusted,
    ChainPath,
    ChainValidity,
    ChainPurpose,
    ChainConstraints,
    StatementStructure,
    SubjectMatch,
    IdentitySubject,
    IdentityIssuer,
    PolicyPredicateType,
    LogThreshold,
];

#[test]
fn a_token_over_something_else_leaves_open_when_it_was_signed() {
    let mut bundle = bundle();
    bundle.timestamps.push(sigstore().tsa().respond(&Token::new(b"something else", signed_at())));
    let judged = [MaterialKey, EnvelopeSignature, LogEntry, LogPromise, LogInclusion];
    expect(Case::sigstore().judge(&bundle), TimeTimestamp, Code::TimeImprintMismatch, &AFTER_EVIDENCE[..10], &judged);
}

#[test]
fn an_entry_of_another_artifact_is_named_beside_its_valid_promise_and_proof() {
    let mut spliced = bundle();
    spliced.entries = sigstore().ceremony().sign_artifact(b"another artifact").entries;
    let judged = [MaterialKey, EnvelopeSignature, LogPromise, LogInclusion];
    expect(Case::sigstore().judge(&spliced), LogEntry, Code::TlogEntryMismatch, &AFTER_EVIDENCE[..10], &judged);
    let times = Case::sigstore().judge(&spliced);
    assert!(times.trusted_times().is_empty(), "the time of another entry says nothing about this signature");
}

#[test]
fn a_broken_promise_skips_what_depends_on_its_time() {
    let mut bundle = bundle();
    bundle.entries[0].integrated_time = Some(signed_at().seconds() + 1);
    let judged = [MaterialKey, EnvelopeSignature, LogEntry, LogInclusion];
    expect(Case::sigstore().judge(&bundle), LogPromise, Code::TlogSetInvalid, &AFTER_EVIDENCE[..10], &judged);
}

#[test]
fn a_broken_proof_skips_the_path_although_the_promise_holds() {
    let mut bundle = bundle();
    flip(&mut bundle.entries[0].proof.as_mut().unwrap().hashes[0], 0);
    let judged = [MaterialKey, EnvelopeSignature, LogEntry, LogPromise];
    let report = Case::sigstore().judge(&bundle);
    expect(report, LogInclusion, Code::TlogInclusionProofInvalid, &AFTER_EVIDENCE[..10], &judged);
}

#[test]
fn a_time_in_the_future_skips_path_statement_and_identity() {
    let skipped = [
        ChainPath,
        ChainValidity,
        ChainPurpose,
        ChainConstraints,
        StatementStructure,
        SubjectMatch,
        IdentitySubject,
        IdentityIssuer,
        PolicyPredicateType,
    ];
    let report = Case::sigstore().at(after(signed_at(), -1)).judge(&bundle());
    expect(report, TimeTrusted, Code::TimeInFuture, &skipped, &[EnvelopeSignature, LogEntry, LogPromise, LogInclusion]);
}

#[test]
fn a_path_that_ends_nowhere_skips_the_other_chain_checks() {
    let mut root = sigstore().trusted_root();
    root.certificate_authorities = other_sigstore().trusted_root().certificate_authorities;
    let skipped = [
        ChainValidity,
        ChainPurpose,
        ChainConstraints,
        StatementStructure,
        SubjectMatch,
        IdentitySubject,
        IdentityIssuer,
        PolicyPredicateType,
    ];
    let judged = [EnvelopeSignature, LogEntry, LogPromise, LogInclusion, TimeTrusted];
    expect(Case::root(&root).judge(&bundle()), ChainPath, Code::X509UnknownIssuer, &skipped, &judged);
}

#[test]
fn a_leaf_outside_its_validity_skips_the_other_chain_checks() {
    let late = after(signed_at(), 301);
    let bundle =
        sigstore().ceremony().edit_leaf(move |leaf| leaf.validity(late, after(late, 60))).sign_statement(&statement());
    let skipped = [
        ChainPath,
        ChainPurpose,
        ChainConstraints,
        StatementStructure,
        SubjectMatch,
        IdentitySubject,
        IdentityIssuer,
        PolicyPredicateType,
    ];
    let report = Case::sigstore().judge(&bundle);
    expect(report, ChainValidity, Code::TimeOutsideCertificateValidity, &skipped, &[EnvelopeSignature, TimeTrusted]);
}

#[test]
fn a_certificate_for_web_servers_signs_no_code() {
    let usage = || Extension::extended_key_usage(&[oid::SERVER_AUTH]);
    let bundle = sigstore().ceremony().edit_leaf(move |leaf| leaf.extension(usage())).sign_statement(&statement());
    let skipped = [
        ChainPath,
        ChainValidity,
        ChainConstraints,
        StatementStructure,
        SubjectMatch,
        IdentitySubject,
        IdentityIssuer,
        PolicyPredicateType,
    ];
    expect(Case::sigstore().judge(&bundle), ChainPurpose, Code::X509EkuMissing, &skipped, &[EnvelopeSignature]);
}

#[test]
fn an_unknown_critical_extension_is_a_matter_of_constraints() {
    let unknown = || Extension::critical("1.3.6.1.4.1.57264.1.999", vec![5, 0]);
    let bundle = sigstore().ceremony().edit_leaf(move |leaf| leaf.extension(unknown())).sign_statement(&statement());
    let skipped = [
        ChainPath,
        ChainValidity,
        ChainPurpose,
        StatementStructure,
        SubjectMatch,
        IdentitySubject,
        IdentityIssuer,
        PolicyPredicateType,
    ];
    let report = Case::sigstore().judge(&bundle);
    expect(report, ChainConstraints, Code::X509UnknownCriticalExtension, &skipped, &[EnvelopeSignature]);
}

#[test]
fn a_certificate_without_timestamp_names_nobody() {
    let bundle =
        sigstore().ceremony().evidence(&[Evidence::InclusionProof, Evidence::Promise]).sign_statement(&statement());
    let judged = [ChainPath, LogThreshold, StatementStructure, SubjectMatch, PolicyPredicateType];
    expect(
        Case::sigstore().judge(&bundle),
        ChainSct,
        Code::X509SctInvalid,
        &[IdentitySubject, IdentityIssuer],
        &judged,
    );
}

#[test]
fn too_few_logs_are_reported_beside_everything_else() {
    let bundle = sigstore().ceremony().evidence(&[Evidence::Sct, Evidence::Timestamp]).sign_statement(&statement());
    let judged = [ChainPath, ChainSct, StatementStructure, SubjectMatch, IdentitySubject, PolicyPredicateType];
    expect(Case::sigstore().judge(&bundle), LogThreshold, Code::TlogThresholdNotMet, &[], &judged);
}

#[test]
fn a_payload_that_is_no_statement_skips_subject_and_predicate_type() {
    let envelope = stella_testkit::dsse::Envelope::new(stella_testkit::dsse::IN_TOTO, b"{}");
    let bundle = sigstore().ceremony().sign_envelope(envelope);
    let report = Case::sigstore().judge(&bundle);
    let judged = [EnvelopeSignature, ChainPath, IdentitySubject, IdentityIssuer];
    expect(report, StatementStructure, Code::IntotoMalformed, &[SubjectMatch, PolicyPredicateType], &judged);
}

#[test]
fn another_artifact_says_nothing_against_signer_and_type() {
    let case = Case::sigstore().binding(Artifact::of_bytes(b"another artifact"));
    let judged = [StatementStructure, IdentitySubject, IdentityIssuer, PolicyPredicateType];
    expect(case.judge(&bundle()), SubjectMatch, Code::IntotoSubjectMismatch, &[], &judged);
}

#[test]
fn another_identity_says_nothing_against_issuer_and_type() {
    let policy =
        Policy::require_signer("https://ci.example/other").issued_by(OIDC_ISSUER).predicate_type(PREDICATE_TYPE);
    let report = Case::sigstore().policy(policy).judge(&bundle());
    expect(report, IdentitySubject, Code::IdentityMismatch, &[], &[SubjectMatch, IdentityIssuer, PolicyPredicateType]);
}

#[test]
fn another_issuer_says_nothing_against_the_identity() {
    let policy = Policy::require_signer(stella_testkit::sigstore::IDENTITY).issued_by("https://other.example");
    let report = Case::sigstore().policy(policy).judge(&bundle());
    expect(report, IdentityIssuer, Code::IdentityIssuerMismatch, &[], &[SubjectMatch, IdentitySubject]);
}

#[test]
fn a_public_authority_without_a_named_signer_says_nothing_against_the_type() {
    let report =
        Case::sigstore().policy(Policy::require_trusted_signer().predicate_type(PREDICATE_TYPE)).judge(&bundle());
    expect(report, PolicySigner, Code::PolicyIssuerRequired, &[], &[SubjectMatch, PolicyPredicateType]);
}

#[test]
fn another_predicate_type_is_the_last_thing_to_say() {
    let report =
        Case::sigstore().policy(sigstore_policy().predicate_type("https://slsa.dev/provenance/v0.2")).judge(&bundle());
    expect(report, PolicyPredicateType, Code::PolicyPredicateTypeMismatch, &[], &[SubjectMatch, IdentitySubject]);
}

#[test]
fn the_first_fault_in_the_fixed_order_gives_the_code_and_the_others_follow() {
    let policy =
        Policy::require_signer("https://ci.example/other").issued_by("https://other.example").predicate_type("x");
    let case = Case::sigstore().policy(policy).binding(Artifact::of_bytes(b"another artifact"));
    let report = case.judge(&bundle());
    let also = [Code::IdentityMismatch, Code::IdentityIssuerMismatch, Code::PolicyPredicateTypeMismatch];
    assert_eq!(report.also(), also);
    assert_refused(report, SubjectMatch, Code::IntotoSubjectMismatch);

    // Faults of log and time come before them, and that of the signature before all.
    let mut worse = bundle();
    worse.timestamps.push(sigstore().tsa().respond(&Token::new(b"something else", signed_at())));
    flip(worse.entries[0].promise.as_mut().unwrap(), 20);
    let report = case.judge(&worse);
    assert_eq!(report.also(), [Code::TlogSetInvalid]);
    assert_refused(report, TimeTimestamp, Code::TimeImprintMismatch);

    flip(&mut envelope_mut(&mut worse).payload, 20);
    let report = case.judge(&worse);
    assert_eq!(report.also(), [Code::TimeImprintMismatch, Code::TlogEntryMismatch, Code::TlogSetInvalid]);
    assert_refused(report, EnvelopeSignature, Code::DsseSignatureInvalid);
}
