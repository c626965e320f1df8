//! What can be done to the files of a store behind its back.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

/// The words of a step: separated by blanks, `"` around those with blanks in them.
pub(super) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted, mut is_begun) = (Vec::new(), String::new(), false, false);
    for character in line.chars() {
        match character {
            '"' => (is_quoted, is_begun) = (!is_quoted, true),
            ' ' if !is_quoted => {
                if is_begun {
                    words.push(std::mem::take(&mut word));
                }
                is_begun = false;
            }
            _ => {
                word.push(character);
                is_begun = true;
            }
        }
    }
    if is_begun {
        words.push(word);
    }
    words
}

/// Does what `words` say in `room`.
pub(super) fn act(room: &Path, words: &[String]) -> Result<(), String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let at = |name: &str| room.join(name);
    let done = match words.as_slice() {
        ["chmod", mode, path] => {
            let mode = u32::from_str_radix(mode, 8).map_err(|error| error.to_string())?;
            fs::set_permissions(found(room, path)?, fs::Permissions::from_mode(mode))
        }
        ["copy", from, to] => copy(&at(from), &at(to)),
        ["cut", path, bytes] => {
            let bytes: u64 = bytes.parse().map_err(|_| "how many bytes?")?;
            let file = fs::File::options().write(true).open(found(room, path)?).map_err(|error| error.to_string())?;
            file.metadata().and_then(|metadata| file.set_len(metadata.len().saturating_sub(bytes)))
        }
        ["flip", path, offset] => {
            let (path, offset) = (found(room, path)?, offset.parse::<usize>().map_err(|_| "where?")?);
            fs::read(&path).and_then(|mut bytes| {
                let index = offset.min(bytes.len() - 1);
                bytes[index] ^= 1;
                fs::write(&path, bytes)
            })
        }
        ["hard-link", from, to] => fs::hard_link(found(room, from)?, at(to)),
        ["link", from, to] => symlink(at(from), at(to)),
        ["make", "lists"] => {
            super::lists::put(room);
            Ok(())
        }
        ["make", "maze", name] => return super::maze::put(room, name),
        ["mkfifo", path] => {
            let made = std::process::Command::new("mkfifo").arg(at(path)).status();
            made.and_then(|status| if status.success() { Ok(()) } else { Err(std::io::Error::other("mkfifo")) })
        }
        ["move", from, to] => fs::rename(found(room, from)?, at(to)),
        ["remove", path] if at(path).is_dir() => fs::remove_dir_all(at(path)),
        ["remove", path] => fs::remove_file(found(room, path)?),
        ["replace", path, from, to] => {
            let path = found(room, path)?;
            fs::read(&path).and_then(|bytes| fs::write(&path, replaced(&bytes, from.as_bytes(), to.as_bytes())))
        }
        ["serve", behaviour] => return super::serve::start(room, behaviour),
        ["sleep", seconds] => {
            let seconds = seconds.parse().map_err(|_| "how long?")?;
            std::thread::sleep(std::time::Duration::from_secs(seconds));
            Ok(())
        }
        ["write", path, text] => fs::write(at(path), text),
        _ => return Err(format!("no such step: {words:?}")),
    };
    done.map_err(|error| error.to_string())
}

/// The file of that name; `*` stands for the only one in its directory that fits.
fn found(room: &Path, name: &str) -> Result<PathBuf, String> {
    let Some((before, after)) = name.split_once('*') else { return Ok(room.join(name)) };
    let (directory, prefix) = before.rsplit_once('/').unwrap_or((".", before));
    let entries = fs::read_dir(room.join(directory)).map_err(|error| error.to_string())?;
    let fits = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(prefix) && name.ends_with(after)
    };
    let mut fitting: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(fits).collect();
    if fitting.len() == 1 { Ok(fitting.remove(0)) } else { Err(format!("{name}: {fitting:?}")) }
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    fs::read_dir(from)?.try_for_each(|entry| {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))
    })
}

/// The first `from` replaced by `to`.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the text to be replaced is there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}
