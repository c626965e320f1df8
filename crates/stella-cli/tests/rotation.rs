//! The story of `docs/rotation.md`, played as it stands there.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod console;

use console::project;

#[test]
fn the_story_of_a_rotation_goes_as_its_page_says() {
    let room = tempfile::tempdir().unwrap();
    let page = project().join("docs/rotation.md");
    assert!(console::blocks(&page).len() >= 10);
    let variables = [
        ("TMPDIR", room.path().display().to_string()),
        ("STELLA_PERSON", "alice".to_owned()),
        ("XDG_STATE_HOME", room.path().join("state").display().to_string()),
    ];
    console::holds(&page, &project(), &variables);
}

#[test]
fn the_files_of_the_story_are_those_that_the_generator_writes() {
    for file in stella_testkit::rotation::files() {
        let path = project().join("docs/rotation").join(&file.path);
        assert_eq!(std::fs::read(&path).unwrap(), file.contents, "{}", file.path);
    }
}
