//! Mazes of ten thousand certificates. They take a while to make, so that each is made once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use stella_crypto_providers::Scheme;
use stella_testkit::certificate::to_pem;
use stella_testkit::maze::{self, Maze, Shape};

/// As many certificates as one file may have.
const IN_ONE_FILE: usize = 32;

type Files = Vec<(String, String)>;

static MADE: Mutex<BTreeMap<String, Arc<Files>>> = Mutex::new(BTreeMap::new());

/// Puts the maze `name` into `room`: `maze-leaf.pem`, `maze-root.pem`, and everything else into `maze`.
pub(super) fn put(room: &Path, name: &str) -> Result<(), String> {
    let files = {
        let mut made = MADE.lock().unwrap();
        match made.get(name) {
            Some(files) => Arc::clone(files),
            None => {
                let files = Arc::new(files(&maze(name)?));
                made.insert(name.to_owned(), Arc::clone(&files));
                files
            }
        }
    };
    let bag = room.join("maze");
    if bag.exists() {
        fs::remove_dir_all(&bag).unwrap();
    }
    fs::create_dir(bag).unwrap();
    for (path, content) in files.iter() {
        fs::write(room.join(path), content).unwrap();
    }
    Ok(())
}

fn maze(name: &str) -> Result<Maze, String> {
    let cross_signed = |one_subject, one_key| maze::cross_signed(100, Shape { one_subject, one_key });
    Ok(match name {
        "circles" => maze::one_name(Scheme::EcdsaP256Sha256, 1_000),
        "cross-signed" => cross_signed(false, false),
        "cross-signed-of-one-key" => cross_signed(false, true),
        "cross-signed-of-one-name" => cross_signed(true, false),
        "cross-signed-of-one-name-and-key" => cross_signed(true, true),
        "dead-ends" => maze::dead_ends(Scheme::EcdsaP256Sha256, 1_000),
        "forged-twins" => maze::forged_twins(Scheme::EcdsaP256Sha256, 10_000),
        "ladder" => maze::ladder(Scheme::EcdsaP256Sha256, 5, 100),
        other => return Err(format!("no such maze: {other}")),
    })
}

fn files(maze: &Maze) -> Files {
    let bag = maze.bag.chunks(IN_ONE_FILE).enumerate();
    let mut files: Files = bag
        .map(|(number, some)| (format!("maze/{number:04}.pem"), some.iter().map(|der| to_pem(der)).collect()))
        .collect();
    files.push(("maze-leaf.pem".to_owned(), to_pem(&maze.leaf)));
    files.push(("maze-root.pem".to_owned(), to_pem(&maze.root)));
    files
}
