//! Pages with commands and what they print, played as they stand there.
#![allow(dead_code, reason = "each test program uses its part")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the project.
pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project")
}

/// One block of a page: the commands in their order, and what they print together.
pub(crate) struct Block {
    pub(crate) commands: Vec<String>,
    pub(crate) shown: Vec<String>,
}

/// The blocks of a page that are marked as `console`: lines that begin with `$ ` or, to go on with one, `> ` are commands.
pub(crate) fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
    let mut blocks = Vec::new();
    for text in text.split("```console\n").skip(1) {
        let text = text.split("```").next().unwrap_or_default();
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

/// Plays blocks one after the other in one shell in `directory`, so that what one sets the next one has; gives the lines that each prints, and
/// `[exit N]` behind them if its last command did not end with 0. The environment is `variables` and little else.
pub(crate) fn play(blocks: &[Block], directory: &Path, variables: &[(&str, String)]) -> Vec<Vec<String>> {
    let bin = Path::new(env!("CARGO_BIN_EXE_stella")).parent().expect("a directory").to_owned();
    let mut script = format!("PATH={}:$PATH\n", bin.display());
    for block in blocks {
        script.push_str(&block.commands.join("\n"));
        script.push_str(&format!("\nstatus=$?; [ $status = 0 ] || echo \"[exit $status]\"; echo '{MARK}'\n"));
    }
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(directory)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C.UTF-8")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .expect("a shell");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let mut printed: Vec<Vec<String>> =
        text.split(&format!("{MARK}\n")).map(|part| part.lines().map(ToString::to_string).collect()).collect();
    assert_eq!(printed.pop(), Some(Vec::new()), "{}", String::from_utf8_lossy(&output.stderr));
    printed
}

/// Whether `lines` are `shown`, where `…` on a line of its own stands for any number of lines, and within one for any text.
pub(crate) fn fits(shown: &[String], lines: &[String]) -> bool {
    match shown.split_first() {
        None => lines.is_empty(),
        Some((first, rest)) if first == "…" => (0..=lines.len()).any(|skip| fits(rest, &lines[skip..])),
        Some((first, rest)) => {
            lines.split_first().is_some_and(|(line, more)| line_fits(first, line) && fits(rest, more))
        }
    }
}

fn line_fits(shown: &str, line: &str) -> bool {
    match shown.split_once('…') {
        None => shown == line,
        Some((beginning, "")) => line.starts_with(beginning),
        Some((beginning, rest)) => line.strip_prefix(beginning).is_some_and(|line| {
            line.char_indices().map(|(index, _)| index).chain([line.len()]).any(|skip| line_fits(rest, &line[skip..]))
        }),
    }
}

/// Plays a page, and holds what is printed against what it shows.
#[track_caller]
pub(crate) fn holds(page: &Path, directory: &Path, variables: &[(&str, String)]) {
    let blocks = blocks(page);
    assert!(blocks.len() >= 3, "{} has only {} blocks", page.display(), blocks.len());
    let printed = play(&blocks, directory, variables);
    assert_eq!(printed.len(), blocks.len());
    for (block, lines) in blocks.iter().zip(printed) {
        assert!(
            fits(&block.shown, &lines),
            "{}\n{}\nprinted\n{}\nand the page shows\n{}",
            page.display(),
            block.commands.join("\n"),
            lines.join("\n"),
            block.shown.join("\n")
        );
    }
}
