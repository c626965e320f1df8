//! Which files and directories may be believed: those that nobody but their owner and root can change.

use std::format;
use std::string::String;

use super::error::{Damage, LinkKind, StoreError};
use super::files::{Access, Files, Stat};

/// Written by group or by everybody.
const OTHERS_WRITE: u32 = 0o022;
const STICKY: u32 = 0o1000;

/// A directory above the store. In a sticky one (such as for temporary files) others can add names, but not replace ours.
pub(super) fn check_above(stat: &Stat, user: u32, path: &dyn Fn() -> String) -> Result<(), StoreError> {
    let replaceable = stat.mode & OTHERS_WRITE != 0 && stat.mode & STICKY == 0;
    if replaceable || !believed(stat, user) {
        return Err(refusal(
            path(),
            stat,
            "writable by its owner only, or sticky, and owned by root or the running user",
        ));
    }
    Ok(())
}

/// Refuses a directory that others than root and the running user can change.
///
/// # Errors
/// [`StoreError::Permissions`], and those of the operating system.
pub fn check_store<F: Files>(files: &F) -> Result<(), StoreError> {
    let stat = files.stat_dir().map_err(|error| error.at(files.path(""), "stat"))?;
    if stat.mode & OTHERS_WRITE != 0 || !believed(&stat, files.user()) {
        return Err(refusal(files.path(""), &stat, "mode 0700, owned by root or the running user"));
    }
    Ok(())
}

/// Opens a file of a store and looks at what was opened, so that nothing can be swapped in between.
///
/// # Errors
/// [`StoreError::SymlinkRefused`] for anything but a plain file with one name; [`StoreError::Permissions`] for one that others can change; those of
/// the operating system.
pub fn open<F: Files>(files: &F, name: &str, access: Access) -> Result<(F::File, Stat), StoreError> {
    let path = || files.path(name);
    let file = files.open(name, access).map_err(|error| error.at(path(), "open"))?;
    let stat = files.stat(&file).map_err(|error| error.at(path(), "stat"))?;
    check_file(&stat, files.user(), &path)?;
    Ok((file, stat))
}

/// A file of a store: plain, with one name, and nobody but root and the running user can change it.
pub(super) fn check_file(stat: &Stat, user: u32, path: &dyn Fn() -> String) -> Result<(), StoreError> {
    match *stat {
        Stat { special: true, .. } => Err(StoreError::SymlinkRefused { path: path(), kind: LinkKind::Special }),
        Stat { links: 0, .. } => Err(StoreError::Corrupt { path: path(), offset: 0, damage: Damage::Missing }),
        Stat { links: 2.., .. } => Err(StoreError::SymlinkRefused { path: path(), kind: LinkKind::HardLinked }),
        Stat { mode, .. } if mode & OTHERS_WRITE != 0 || !believed(stat, user) => {
            Err(refusal(path(), stat, "mode 0600, owned by root or the running user"))
        }
        _ => Ok(()),
    }
}

fn believed(stat: &Stat, user: u32) -> bool {
    stat.owner == 0 || stat.owner == user
}

fn refusal(path: String, stat: &Stat, expected: &str) -> StoreError {
    StoreError::Permissions {
        path,
        found: format!("mode {:04o}, owned by user {}", stat.mode, stat.owner),
        expected: expected.into(),
    }
}
