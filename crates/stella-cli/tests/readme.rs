//! The tour of the README, run as it stands there.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// One block of the tour: the commands in their order, and what they print together.
struct Block {
    commands: Vec<String>,
    shown: Vec<String>,
}

fn blocks() -> Vec<Block> {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let mut blocks = Vec::new();
    for text in readme.split("```console\n").skip(1) {
        let text = text.split("```").next().unwrap();
        let (commands, shown): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("$ "));
        blocks.push(Block {
            commands: commands.iter().map(|line| line[2..].to_owned()).collect(),
            shown: shown.iter().map(ToString::to_string).collect(),
        });
    }
    blocks
}

fn run(block: &Block) -> Vec<String> {
    let bin = Path::new(env!("CARGO_BIN_EXE_stella")).parent().unwrap().to_owned();
    let script = format!("PATH={}:$PATH\n{}", bin.display(), block.commands.join("\n"));
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(project())
        .env("LC_ALL", "C.UTF-8")
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let mut lines: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(ToString::to_string).collect();
    match output.status.code() {
        Some(0) => {}
        code => lines.push(format!("[exit {}]", code.unwrap_or(-1))),
    }
    lines
}

/// Whether `lines` are `shown`, where `…` on a line of its own stands for any number of lines.
fn fits(shown: &[String], lines: &[String]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "…" => (0..=lines.len()).any(|skip| fits(rest, &lines[skip..])),
        Some((first, rest)) => lines.split_first().is_some_and(|(line, more)| line == first && fits(rest, more)),
    }
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
        let lines = run(&block);
        assert!(
            fits(&block.shown, &lines),
            "{}\nprinted\n{}\nand the README shows\n{}",
            block.commands.join("\n"),
            lines.join("\n"),
            block.shown.join("\n")
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
}
