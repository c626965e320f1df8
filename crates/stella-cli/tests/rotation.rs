//! The story of `docs/rotation.md`, played as it stands there.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// One block: the commands in their order, and what they print together.
struct Block {
    commands: Vec<String>,
    shown: Vec<String>,
}

fn blocks(page: &str) -> Vec<Block> {
    let text = std::fs::read_to_string(project().join(page)).unwrap();
    let mut blocks = Vec::new();
    for text in text.split("```console\n").skip(1) {
        let text = text.split("```").next().unwrap();
        let (commands, shown): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with("$ ") || line.starts_with("> "));
        blocks.push(Block {
            commands: commands.iter().map(|line| line[2..].to_owned()).collect(),
            shown: shown.iter().map(ToString::to_string).collect(),
        });
    }
    blocks
}

/// Stands between what two blocks print.
const MARK: &str = "@@@ end of a block";

/// Plays all blocks in one shell, so that what one sets the next one has; gives the lines that each prints.
fn play(blocks: &[Block]) -> Vec<Vec<String>> {
    let bin = Path::new(env!("CARGO_BIN_EXE_stella")).parent().unwrap().to_owned();
    let mut script = format!("PATH={}:$PATH\n", bin.display());
    for block in blocks {
        script.push_str(&block.commands.join("\n"));
        script.push_str(&format!("\nstatus=$?; [ $status = 0 ] || echo \"[exit $status]\"; echo '{MARK}'\n"));
    }
    let room = tempfile::tempdir().unwrap();
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(project())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .env("TMPDIR", room.path())
        .env("STELLA_PERSON", "alice")
        .env("XDG_STATE_HOME", room.path().join("state"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut printed: Vec<Vec<String>> =
        text.split(&format!("{MARK}\n")).map(|part| part.lines().map(ToString::to_string).collect()).collect();
    assert_eq!(printed.pop(), Some(Vec::new()), "{}", String::from_utf8_lossy(&output.stderr));
    printed
}

/// Whether `lines` are `shown`, where `…` on a line of its own stands for any number of lines, and at the end of one for the rest of it.
fn fits(shown: &[String], lines: &[String]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "…" => (0..=lines.len()).any(|skip| fits(rest, &lines[skip..])),
        Some((first, rest)) => lines.split_first().is_some_and(|(line, more)| {
            let same = first.strip_suffix('…').map_or(line == first, |beginning| line.starts_with(beginning));
            same && fits(rest, more)
        }),
    }
}

#[test]
fn the_story_of_a_rotation_goes_as_its_page_says() {
    let blocks = blocks("docs/rotation.md");
    assert!(blocks.len() >= 10, "{}", blocks.len());
    let printed = play(&blocks);
    assert_eq!(printed.len(), blocks.len());
    for (block, lines) in blocks.iter().zip(printed) {
        assert!(
            fits(&block.shown, &lines),
            "{}\nprinted\n{}\nand the page shows\n{}",
            block.commands.join("\n"),
            lines.join("\n"),
            block.shown.join("\n")
        );
    }
}

#[test]
fn the_files_of_the_story_are_those_that_the_generator_writes() {
    for file in stella_testkit::rotation::files() {
        let path = project().join("docs/rotation").join(&file.path);
        assert_eq!(std::fs::read(&path).unwrap(), file.contents, "{}", file.path);
    }
}
