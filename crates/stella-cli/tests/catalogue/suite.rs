//! What the items say of the public suite JSONTestSuite, with the files of the suite itself wherever they are at hand.

use std::path::PathBuf;

use stella_attest_verify::{Attestation, Limits, Statement};
use stella_testkit::catalogue;
use stella_vocabulary::{Code, Reason as _};

/// Where the files are, if they are in the tree.
fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/JSONTestSuite/test_parsing")
}

#[test]
fn the_files_of_the_public_suite_are_read_as_it_says_if_they_are_at_hand() {
    let Ok(files) = std::fs::read_dir(directory()) else {
        println!("NOTE: JSONTestSuite is not in the tree; B008 and A20 ran on texts written from the grammar");
        return;
    };
    let (mut malformed, mut well_formed) = (0, 0);
    for file in files {
        let path = file.unwrap().path();
        let (name, contents) = (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap());
        let payload = catalogue::sign_payload(&contents);
        let attestation = Attestation::from_json(&payload).unwrap();
        let as_payload =
            Statement::from_payload(attestation.envelope().unwrap().unverified_payload(), &Limits::default());
        let code = as_payload.unwrap_err().code();
        if name.starts_with("n_") {
            malformed += 1;
            assert!(Attestation::from_json(&contents).is_err(), "{name}");
            assert!(code.family() == "json" || code == Code::IntotoMalformed, "{name}: {code}");
        } else if name.starts_with("y_") && !name.starts_with("y_object_duplicated_key") {
            well_formed += 1;
            // JSON, and only no statement.
            assert!(matches!(code, Code::IntotoMalformed | Code::IntotoNoSubjects), "{name}: {code}");
        }
    }
    assert!(malformed >= 188 && well_formed >= 93, "{malformed} and {well_formed}");
}
