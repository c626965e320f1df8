//! `docs/keys.md`, played as it stands there, with a token of SoftHSM.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod console;

use console::project;
use stella_testkit::softhsm::{CONFIGURATION, SoftHsm};

#[test]
fn keys_in_files_and_in_tokens_go_as_their_page_says() {
    let page = project().join("docs/keys.md");
    assert!(console::blocks(&page).len() >= 6);
    let Some(softhsm) = SoftHsm::find() else { return };
    let room = tempfile::tempdir().unwrap();
    let variables = [
        ("TMPDIR", room.path().display().to_string()),
        ("STELLA_PERSON", "alice".to_owned()),
        ("XDG_STATE_HOME", room.path().join("state").display().to_string()),
        ("MODULE", softhsm.module().display().to_string()),
        (CONFIGURATION, softhsm.configuration().display().to_string()),
    ];
    console::holds(&page, room.path(), &variables);
}
