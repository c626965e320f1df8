//! Where a store is: a directory of this machine, or a schema of a PostgreSQL database for many.

use std::fmt;
use std::path::{Path, PathBuf};

use stella_attest_store::postgres::Connection;
use stella_vocabulary::Code;

use crate::complaint::Complaint;
use crate::private_file::real_path;
use crate::{context, password};

/// Where a store is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum StorePlace {
    /// The directory of the trust log; attestations lie beside it.
    Directory(PathBuf),
    /// A schema of a database, which holds the trust log and the attestations.
    Server(Box<Server>),
}

/// A store in PostgreSQL.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// The URL as it was said, without a password.
    url: String,
    connection: Connection,
}

impl Server {
    pub(crate) const fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// What was written down about a store holds however its address is written: for another user, with other times to wait.
impl PartialEq for Server {
    fn eq(&self, other: &Self) -> bool {
        self.connection.store_name() == other.connection.store_name()
    }
}

impl Eq for Server {}

impl StorePlace {
    /// The place that a URL names; `said_at` is where it was said.
    ///
    /// # Errors
    /// `config.invalid`.
    pub(crate) fn parse(url: &str, said_at: &str) -> Result<Self, Complaint> {
        match Connection::behind_scheme(url) {
            None => directory(url, said_at).map(Self::Directory),
            Some(rest) => {
                let connection = Connection::parse(url, context::clock()).map_err(|error| {
                    Complaint::of(&error, said_at)
                        .remedy("write it like postgres://user@host/database?schema=stella, and give the password in PGPASSWORD or PGPASSFILE")
                })?;
                Ok(Self::Server(Box::new(Server { url: without_password(rest), connection })))
            }
        }
    }

    /// The same with the password that the surroundings have for it, if it needs one and has none.
    ///
    /// # Errors
    /// Those of a password file that others can read.
    pub(crate) fn with_password(self) -> Result<Self, Complaint> {
        match self {
            Self::Server(server) if !server.connection.has_password() => {
                let Server { url, connection } = *server;
                let password = password::find(connection.login())?;
                Ok(Self::Server(Box::new(Server { url, connection: connection.or_password(password) })))
            }
            place => Ok(place),
        }
    }

    /// Whether a password was said with it.
    pub(crate) fn has_password(&self) -> bool {
        matches!(self, Self::Server(server) if server.connection.has_password())
    }

    /// The directory of the trust log, if it is one.
    pub(crate) fn directory(&self) -> Option<&Path> {
        match self {
            Self::Directory(path) => Some(path),
            Self::Server(_) => None,
        }
    }

    /// The URL to write down; `None` if the name of the directory is not UTF-8. It holds no password.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Directory(path) => Some(format!("file:{}", path.to_str()?.replace('%', "%25"))),
            Self::Server(server) => Some(server.url.clone()),
        }
    }

    /// What tells it from others, byte by byte.
    pub(crate) fn name(&self) -> Vec<u8> {
        match self {
            Self::Directory(path) => path.as_os_str().as_encoded_bytes().to_vec(),
            Self::Server(server) => server.connection.store_name().into_bytes(),
        }
    }
}

/// For people, and without a password.
impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Server(server) => write!(f, "{}", server.connection),
        }
    }
}

/// A URL whose part behind the scheme is `rest`, without the password in it.
fn without_password(rest: &str) -> String {
    let (authority, behind) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = match authority.rsplit_once('@') {
        Some((login, host)) => format!("{}@{host}", login.split(':').next().unwrap_or_default()),
        None => authority.to_string(),
    };
    format!("postgres://{authority}{behind}")
}

/// A text that may be a URL, for people: without what stands before its last `@`, and behind a question mark, where passwords are.
pub(crate) fn without_secrets(text: &str) -> String {
    let (text, query) = text.split_once('?').map_or((text, ""), |(text, _)| (text, "?…"));
    let shown = match text.rsplit_once('@') {
        // Up to the first colon it is a scheme.
        Some((login, behind)) => match login.split_once(':') {
            Some((scheme, rest)) => {
                let slashes = if rest.starts_with("//") { "//" } else { "" };
                format!("{scheme}:{slashes}…@{behind}")
            }
            None => format!("…@{behind}"),
        },
        None => text.to_string(),
    };
    shown + query
}

/// The directory that a `file:` URL names.
fn directory(url: &str, said_at: &str) -> Result<PathBuf, Complaint> {
    let invalid = |expected: &str| {
        Complaint::new(Code::ConfigInvalid, "there can be no store at this URL")
            .place(said_at)
            .found(if url.starts_with("file:") { url.to_string() } else { without_secrets(url) })
            .expected(expected)
            .remedy("say file: and an absolute path, such as --store file:/srv/stella/trust; or postgres://user@host/database")
    };
    let Some(rest) = url.strip_prefix("file:") else {
        return Err(invalid("a file: or postgres: URL"));
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
    fn a_database_is_named_by_its_url_and_the_password_is_written_down_nowhere() {
        let place = StorePlace::parse("postgres://ci:secret@db.example/trust?schema=nodes", "--store").unwrap();
        assert_eq!(place.url().unwrap(), "postgres://ci@db.example/trust?schema=nodes");
        assert!(!format!("{place} {place:?}").contains("secret"));
        let refused =
            StorePlace::parse("postgres://ci:secret@db.example/trust?sslmode=require", "--store").unwrap_err();
        assert_eq!(refused.code(), Code::ConfigInvalid);
        assert!(!refused.line().contains("secret"), "{}", refused.line());
    }

    #[test]
    fn no_error_about_a_url_shows_a_password() {
        for url in [
            "Postgres://ci:secret@db/trust?sslmode=require",
            "postgres:/ci:secret@db/trust",
            "postgres:ci:secret@db/trust",
            "postgres//ci:secret@db/trust",
            "jdbc:postgresql://ci:secret@db/trust",
            "jdbc:postgresql://db/trust?user=ci&password=secret",
            "mysql://ci:se@cret/secret@db/trust",
            "ci:secret@db",
            "postgres://ci:se@cret/secret@db",
        ] {
            let refused = StorePlace::parse(url, "--store").unwrap_err();
            assert!(!refused.line().contains("secret"), "{}", refused.line());
            assert!(!refused.json().line().contains("secret"), "{}", refused.line());
        }
        assert_eq!(without_secrets("jdbc:postgresql://ci:x@db/trust?a=b"), "jdbc:…@db/trust?…");
        assert_eq!(without_secrets("mysql://db/stella"), "mysql://db/stella");
    }

    #[test]
    fn a_database_is_the_same_however_its_url_is_written() {
        let place = |url| StorePlace::parse(url, "--store").unwrap();
        let one = place("postgres://ci@db.example/trust");
        let same = place("POSTGRES://other:secret@DB.example:5432/trust?schema=stella&connect_timeout=3");
        assert_eq!(one, same);
        assert_eq!(one.name(), same.name());
        let other = place("postgres://ci@db.example/trust?schema=other");
        assert_ne!(one, other);
        assert_ne!(one.name(), other.name());
    }

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
            ["mysql://db/stella", "/srv/trust", "file:trust", "file:/a%2", "file:/a%zz", "file:/a%00", "file:/", ""]
        {
            assert_eq!(directory(url, "--store").unwrap_err().code(), Code::ConfigInvalid, "{url}");
        }
    }
}
