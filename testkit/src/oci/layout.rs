//! A layout directory.

use std::fs;
use std::path::{Path, PathBuf};

use super::document::{Blob, Described, Image, index};

/// Makes a layout, piece by piece.
#[derive(Debug)]
pub struct LayoutMaker {
    /// Its directory.
    pub path: PathBuf,
    entries: Vec<Described>,
}

impl LayoutMaker {
    /// An empty layout in a new directory.
    ///
    /// # Panics
    /// If the system does not let it.
    pub fn new(path: &Path) -> Self {
        fs::create_dir_all(path.join("blobs/sha256")).expect("a directory");
        fs::write(path.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
        let made = Self { path: path.to_path_buf(), entries: Vec::new() };
        made.write_index();
        made
    }

    /// Writes a blob.
    ///
    /// # Panics
    /// If the system does not let it.
    pub fn blob(&self, blob: &Blob) -> Described {
        let described = blob.described();
        fs::write(self.blob_path(&described), &blob.content).expect("a file");
        described
    }

    /// Where a blob is.
    pub fn blob_path(&self, described: &Described) -> PathBuf {
        self.path.join("blobs/sha256").join(described.digits())
    }

    /// Writes manifest and blobs of an image, which is in no index yet.
    pub fn image(&self, image: &Image) -> Described {
        for blob in &image.blobs {
            self.blob(blob);
        }
        self.blob(&image.manifest)
    }

    /// Adds a manifest to `index.json`.
    pub fn list(&mut self, described: Described) {
        self.entries.push(described);
        self.write_index();
    }

    /// Writes `index.json` as it should be.
    ///
    /// # Panics
    /// If the system does not let it.
    pub fn write_index(&self) {
        fs::write(self.path.join("index.json"), index(&self.entries).content).expect("a file");
    }
}
