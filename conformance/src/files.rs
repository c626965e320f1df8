//! Reading what a suite has published: plain and gzip files, JSON tables, sorted listings.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;

use crate::suite::SuiteError;

/// The bytes of a file, unpacked if its name ends in `.gz`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, SuiteError> {
    let bytes = fs::read(path).map_err(|error| SuiteError::unreadable(path, &error))?;
    if path.extension().is_none_or(|extension| extension != "gz") {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    GzDecoder::new(bytes.as_slice())
        .read_to_end(&mut unpacked)
        .map_err(|error| SuiteError::unreadable(path, &error))?;
    Ok(unpacked)
}

/// The text of a file.
pub(crate) fn read_text(path: &Path) -> Result<String, SuiteError> {
    String::from_utf8(read(path)?).map_err(|error| SuiteError::unreadable(path, &error))
}

/// The value of a JSON file.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, SuiteError> {
    serde_json::from_slice(&read(path)?).map_err(|error| SuiteError::unreadable(path, &error))
}

/// The files of `directory` for which `wanted` holds of the name, sorted by name; `path` itself if it is a file.
pub(crate) fn list(path: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, SuiteError> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found: Vec<PathBuf> =
        entries(path)?.into_iter().filter(|entry| entry.is_file() && wanted(&name_of(entry))).collect();
    found.sort();
    Ok(found)
}

/// The directories right under `path`, sorted by name.
pub(crate) fn directories(path: &Path) -> Result<Vec<PathBuf>, SuiteError> {
    let mut found: Vec<PathBuf> = entries(path)?.into_iter().filter(|entry| entry.is_dir()).collect();
    found.sort();
    Ok(found)
}

/// The last component of a path as text.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, SuiteError> {
    let listing = fs::read_dir(path).map_err(|error| SuiteError::unreadable(path, &error))?;
    listing.map(|entry| entry.map(|entry| entry.path()).map_err(|error| SuiteError::unreadable(path, &error))).collect()
}
