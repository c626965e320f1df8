//! Every suite of `testdata/`, run whole: nothing may come out otherwise than expected or listed.
#![allow(clippy::unwrap_used, reason = "helpers of tests: what cannot be read here is a failed test")]

use std::path::{Path, PathBuf};

use conformance::{Deviations, Input, Summary, TrustDirectory, by_name, run};
use stella_crypto_providers::Registry;
use stella_vocabulary::UnixTime;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn run_suite(name: &str) -> Summary {
    let path = project().join("testdata").join(name);
    let trust = TrustDirectory::find(None, &path);
    let registry = Registry::rustcrypto();
    let at = UnixTime::parse_rfc3339("2026-11-23T00:00:00Z").unwrap();
    let deviations = Deviations::read(&project().join("conformance/deviations.toml")).unwrap();
    let input = Input { path: &path, trust: &trust, registry: &registry, at };
    run(by_name(name).unwrap(), &input, &deviations).unwrap()
}

fn assert_as_expected(name: &str, accepts: usize, rejects: usize) {
    let summary = run_suite(name);
    assert_eq!(summary.unexpected().count(), 0, "{summary}");
    // A suite that is cut short, or whose cases all turn into skips, must not look like one that passes.
    let total = summary.total();
    assert_eq!((total.accepts, total.rejects), (accepts, rejects), "{summary}");
    assert_eq!(total.crashed, 0, "{summary}");
}

#[test]
fn paths_and_names_of_servers_are_judged_as_bettertls_does() {
    assert_as_expected("bettertls", 58, 347);
}

#[test]
fn chains_lists_and_signed_data_of_boringssl_are_judged_as_it_does() {
    assert_as_expected("boringssl", 65, 95);
}

#[test]
fn odd_certificates_are_read_or_refused_for_what_is_odd() {
    assert_as_expected("x509-odd", 90, 0);
}

#[test]
fn bundles_of_cpython_releases_verify_and_their_twins_do_not() {
    assert_as_expected("cpython-bundles", 131, 393);
}

#[test]
fn envelopes_statements_and_signed_files_are_read_and_verified() {
    assert_as_expected("dsse-intoto", 13, 18);
}

#[test]
fn merkle_proofs_fail_exactly_where_they_should() {
    assert_as_expected("merkle", 8, 110);
}

#[test]
fn timestamps_are_accepted_and_refused_as_openssl_does() {
    assert_as_expected("rfc3161", 11, 23);
}

#[test]
fn bundles_of_clients_and_tools_verify_and_their_twins_do_not() {
    assert_as_expected("sigstore-bundles", 87, 361);
}

#[test]
fn the_sigstore_client_conformance_suite_passes_with_the_stated_reasons() {
    assert_as_expected("sigstore-conformance", 24, 58);
}

#[test]
fn envelopes_of_builders_verify_while_their_certificates_are_valid() {
    assert_as_expected("slsa-provenance", 26, 97);
}

#[test]
fn notes_checkpoints_log_responses_and_certificate_timestamps_are_judged_rightly() {
    assert_as_expected("tlog-notes", 9, 8);
}

#[test]
fn every_suite_has_its_data_and_every_deviation_its_paragraph() {
    for suite in conformance::all() {
        assert!(project().join("testdata").join(suite.name()).join("README.md").is_file(), "{}", suite.name());
    }
    let paper = std::fs::read_to_string(project().join("docs/deviations.md")).unwrap();
    for deviation in Deviations::read(&project().join("conformance/deviations.toml")).unwrap().entries() {
        assert!(paper.to_lowercase().contains(&deviation.feature().to_lowercase()), "{}", deviation.feature());
    }
}

#[test]
fn every_deviation_is_one_of_a_case_in_the_data() {
    let listed: Vec<String> = conformance::all()
        .iter()
        .flat_map(|suite| {
            run_suite(suite.name()).listed().map(|(_, deviation)| deviation.feature().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    for deviation in Deviations::read(&project().join("conformance/deviations.toml")).unwrap().entries() {
        assert!(
            listed.iter().any(|feature| feature == deviation.feature()),
            "{} is listed in vain",
            deviation.feature()
        );
    }
}

#[test]
fn paths_of_limbo_are_judged_as_each_profile_asks() {
    assert_as_expected("limbo", 37, 83);
}

#[test]
fn policies_and_revocation_lists_come_out_as_pkits_says() {
    assert_as_expected("pkits", 59, 68);
}
