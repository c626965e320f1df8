//! Inputs that are made when the test runs: what is too large to keep, and what is no regular file.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use stella_testkit::catalogue;
use tempfile::TempDir;

use crate::item::Run;

/// A generated input, and what is to happen to it while it is read.
pub(crate) struct Made {
    /// Removed with this value.
    directory: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) meanwhile: Meanwhile,
}

/// What happens to an input while it is read.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Meanwhile {
    Append,
    Nothing,
    Rename,
}

/// Long enough that reading it takes a while.
const LONG: u64 = 256 << 20;

/// Makes what `run` asks for, if anything.
pub(crate) fn make(run: &Run) -> Option<Made> {
    let recipe = run.text("generate")?;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made");
    let mut meanwhile = Meanwhile::Nothing;
    match recipe {
        "directory" => fs::create_dir(&path).unwrap(),
        "FIFO" => {
            let status = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
            assert!(status.success(), "mkfifo");
        }
        "socket" => drop(std::os::unix::net::UnixListener::bind(&path).unwrap()),
        "/dev/zero" => return Some(Made { directory, path: PathBuf::from("/dev/zero"), meanwhile }),
        "1 GiB" => sparse(&path, 1 << 30),
        "appended while read" => {
            sparse(&path, LONG);
            meanwhile = Meanwhile::Append;
        }
        "renamed while read" => {
            sparse(&path, LONG);
            meanwhile = Meanwhile::Rename;
        }
        "signed payload" => {
            let payload = fs::read(run.file("payload", None).unwrap()).unwrap();
            fs::write(&path, catalogue::sign_payload(&payload)).unwrap();
        }
        recipe => {
            let contents =
                catalogue::generate(recipe).unwrap_or_else(|| panic!("{}: unknown recipe {recipe}", run.name));
            fs::write(&path, contents).unwrap();
        }
    }
    Some(Made { directory, path, meanwhile })
}

fn sparse(path: &Path, length: u64) {
    File::create(path).unwrap().set_len(length).unwrap();
}

impl Made {
    /// Does to the input what is to happen while `process` reads it. Returns whether it was done.
    pub(crate) fn happen(&self, process: u32) -> bool {
        let is_open = || {
            let descriptors = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
            descriptors.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|link| link == self.path)
        };
        if self.meanwhile == Meanwhile::Nothing || !is_open() {
            return false;
        }
        match self.meanwhile {
            Meanwhile::Append => {
                use std::io::Write as _;
                File::options().append(true).open(&self.path).unwrap().write_all(b"more").unwrap();
            }
            Meanwhile::Rename => {
                let other = self.directory.path().join("other");
                fs::write(&other, "another artifact\n").unwrap();
                fs::rename(other, &self.path).unwrap();
            }
            Meanwhile::Nothing => {}
        }
        true
    }
}
