//! The tour of the README, run as it stands there.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod console;

use std::process::Command;

use console::{Block, fits, project};

fn blocks() -> Vec<Block> {
    console::blocks(&project().join("README.md"))
}

/// Each block stands for itself, in a shell of its own.
fn run(block: Block) -> Vec<String> {
    console::play(&[block], &project(), &[]).remove(0)
}

#[test]
fn the_tour_prints_what_the_readme_shows() {
    let blocks = blocks();
    assert!(blocks.len() >= 5, "the tour has only {} blocks", blocks.len());
    for block in blocks {
        assert!(
            !block.shown.is_empty() && block.shown.iter().any(|line| line != "…"),
            "{:?} shows nothing",
            block.commands
        );
        let (commands, shown) = (block.commands.join("\n"), block.shown.clone());
        let lines = run(block);
        assert!(
            fits(&shown, &lines),
            "{}\nprinted\n{}\nand the README shows\n{}",
            commands,
            lines.join("\n"),
            shown.join("\n")
        );
    }
}

#[test]
fn the_readmes_first_command_verifies_a_real_attestation() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let command = readme.lines().find(|line| line.starts_with("cargo run --release -- ")).unwrap();
    let arguments = command.trim_start_matches("cargo run --release -- ").split(' ');
    let output = Command::new(env!("CARGO_BIN_EXE_stella")).args(arguments).current_dir(project()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for shown in [
        "VERIFIED",
        "signer: https://github.com/",
        "issuer: https://token.actions",
        "trusted time: 2025",
        "subject: ",
        "algorithm: ",
    ] {
        assert!(text.contains(shown), "{shown} is missing in\n{text}");
    }
    assert!(
        text.lines().filter(|line| line.starts_with('✓') || line.starts_with('+') || line.contains("pass")).count()
            >= 10,
        "{text}"
    );
}

#[test]
fn the_wildcard_of_the_tour_is_no_wildcard_for_everything() {
    let lines = |text: &[&str]| text.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(fits(&lines(&["a", "…", "d"]), &lines(&["a", "b", "c", "d"])));
    assert!(!fits(&lines(&["a", "…", "x"]), &lines(&["a", "b", "c", "d"])));
    assert!(!fits(&lines(&["a"]), &lines(&["a", "b"])));
    assert!(fits(&lines(&["a…c", "d…"]), &lines(&["abbc", "d"])));
    assert!(!fits(&lines(&["a…c"]), &lines(&["abb"])));
}
