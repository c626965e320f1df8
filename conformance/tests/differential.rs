//! A few hundred random infrastructures, judged by this library, by rustls-webpki and, if it is installed, by OpenSSL.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed; what was left out is said plainly"
)]

use conformance::Differential;

#[test]
fn no_difference_to_other_verifiers_is_without_a_reason() {
    let directory = tempfile::tempdir().unwrap();
    let agreement = Differential::new(7, 1_500, 150).run(directory.path()).unwrap();
    if agreement.judged_by_openssl() == 0 {
        eprintln!("LEFT OUT: the command `openssl` is not installed, so that nothing was compared with OpenSSL");
    }
    let faults = agreement.faults();
    assert!(faults.is_empty(), "{}\n{agreement}", faults.join("\n"));
}

#[test]
fn a_run_can_be_made_again() {
    let directory = tempfile::tempdir().unwrap();
    let told = |seed| Differential::new(seed, 100, 0).run(directory.path()).unwrap().to_string();
    assert_eq!(told(1), told(1));
    assert_ne!(told(1), told(2));
}
