//! Where a store is: a directory of this machine.

use std::fmt;
use std::path::{Path, PathBuf};

use stella_vocabulary::Code;

use crate::complaint::Complaint;
use crate::private_file::real_path;

/// Where a store is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum StorePlace {
    /// The directory of the trust log; attestations lie beside it.
    Directory(PathBuf),
}

impl StorePlace {
    /// The place that a URL names; `said_at` is where it was said.
    ///
    /// # Errors
    /// `config.invalid`.
    pub(crate) fn parse(url: &str, said_at: &str) -> Result<Self, Complaint> {
        directory(url, said_at).map(Self::Directory)
    }

    /// The directory of the trust log, if it is one.
    pub(crate) fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(path) => Some(path),
        }
    }

    /// The URL to write down; `None` if the name of the directory is not UTF-8. It holds no password.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Directory(path) => Some(format!("file:{}", path.to_str()?.replace('%', "%25"))),
        }
    }

    /// What it is called, byte by byte.
    pub(crate) fn name(&self) -> Vec<u8> {
        match self {
            Self::Directory(path) => path.as_os_str().as_encoded_bytes().to_vec(),
        }
    }
}

/// For people, and without a password.
impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The directory that a `file:` URL names.
fn directory(url: &str, said_at: &str) -> Result<PathBuf, Complaint> {
    let invalid = |expected: &str| {
        Complaint::new(Code::ConfigInvalid, "there can be no store at this URL")
            .place(said_at)
            .found(url)
            .expected(expected)
            .remedy("say file: and an absolute path, such as --store file:/srv/stella/trust")
    };
    let Some(rest) = url.strip_prefix("file:") else {
        return Err(invalid("a file: URL, the only kind that is built in"));
    };
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    let decoded =
        percent_decoded(path).ok_or_else(|| invalid("percent signs followed by two hex digits, and UTF-8"))?;
    if !decoded.starts_with('/') || decoded.contains('\0') {
        return Err(invalid("an absolute path"));
    }
    // The directory itself may not be a link; those above it are resolved.
    let path = Path::new(&decoded);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(invalid("a directory other than the root"));
    };
    Ok(real_path(parent).join(name))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_named_by_a_file_url_with_an_absolute_path() {
        for (url, path) in [
            ("file:/no-such/trust", "/no-such/trust"),
            ("file:///no-such/trust", "/no-such/trust"),
            ("file://localhost/no-such/trust", "/no-such/trust"),
            ("file:/no-such/a%20b", "/no-such/a b"),
        ] {
            assert_eq!(directory(url, "--store").unwrap(), Path::new(path), "{url}");
        }
        for url in
            ["postgres://db/stella", "/srv/trust", "file:trust", "file:/a%2", "file:/a%zz", "file:/a%00", "file:/", ""]
        {
            assert_eq!(directory(url, "--store").unwrap_err().code(), Code::ConfigInvalid, "{url}");
        }
    }
}
