//! Where the database is, and how it is talked to.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use stella_vocabulary::UnixTime;

use super::connection_error::ConnectionError;

/// All parameters, sorted.
pub(super) const PARAMETERS: &[&str] = &[
    "application_name",
    "connect_timeout",
    "host",
    "idle_timeout",
    "lock_timeout",
    "schema",
    "sslmode",
    "sslrootcert",
    "statement_timeout",
];

/// The longest identifier of PostgreSQL, in bytes.
const IDENTIFIER: usize = 63;
/// The longest of the times that can be given, in seconds.
const LONGEST: u64 = 3_600;

/// Where the database is, and how it is talked to.
///
/// `postgres://user[:password]@host[:port]/database?name=value&…`, also with `postgresql://`, in letters of any case; parts may be percent-encoded. Each parameter at most once:
///
/// - `schema`: where the tables are, `stella` unless said otherwise; lower-case letters, digits and `_`, not beginning with `pg_`.
/// - `sslmode`: `verify-full`, the default: TLS, with a certificate for this host by an authority that is trusted. `disable` is taken for
///   loopback addresses and Unix sockets, where it is the default; `prefer`, `require` and `verify-ca` would talk to whoever answers and are refused.
/// - `sslrootcert`: a file of authorities in PEM, in place of those of the web.
/// - `host`: an absolute path, the directory of a Unix socket, in place of a host before the database.
/// - `connect_timeout` (10), `statement_timeout` (60), `lock_timeout` (10), `idle_timeout` (60): seconds.
/// - `application_name`: by what name the server knows the connection, `stella`.
///
/// ```
/// use stella_attest_store::postgres::Connection;
/// use stella_vocabulary::UnixTime;
///
/// let at = UnixTime::from_seconds(1_768_640_400);
/// let connection = Connection::parse("postgres://ci:secret@db.example:5433/trust?schema=nodes", at).unwrap();
/// assert_eq!(connection.to_string(), "postgres://ci@db.example:5433/trust?schema=nodes");
/// assert!(Connection::parse("postgres://ci@db.example/trust?sslmode=require", at).is_err());
/// ```
#[derive(Clone)]
pub struct Connection {
    pub(super) host: Host,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) database: String,
    pub(super) schema: String,
    pub(super) roots: Option<PathBuf>,
    pub(super) application_name: String,
    pub(super) connect_timeout: Duration,
    pub(super) statement_timeout: Duration,
    pub(super) lock_timeout: Duration,
    pub(super) idle_timeout: Duration,
    /// The instant at which certificates are judged.
    pub(super) at: UnixTime,
}

/// Who is connected to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Host {
    /// This machine, over TCP without TLS.
    Loopback(String),
    /// The directory of a Unix socket.
    Socket(PathBuf),
    /// A name or an address, over TLS.
    Verified(String),
}

impl Connection {
    /// Takes an address apart. `at` is the instant at which the certificates of the server are judged, also when the connection is made
    /// again later.
    ///
    /// # Errors
    /// Whatever is not as [`Connection`] says. The password is in no error.
    pub fn parse(text: &str, at: UnixTime) -> Result<Self, ConnectionError> {
        let rest = Self::behind_scheme(text).ok_or(ConnectionError::NotAUrl)?;
        if rest.contains(['#', ' ', '\t', '\n', '\r']) {
            return Err(ConnectionError::NotAUrl);
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').ok_or(ConnectionError::Missing { what: "database" })?;
        let (login, address) = authority.rsplit_once('@').ok_or(ConnectionError::Missing { what: "user" })?;
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(decoded("password", password)?)),
            None => (login, None),
        };
        let mut connection = Self {
            host: Host::Verified(String::new()),
            port: 5432,
            user: decoded("user", user)?,
            password,
            database: decoded("database", database)?,
            schema: "stella".to_owned(),
            roots: None,
            application_name: "stella".to_owned(),
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(60),
            lock_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            at,
        };
        for (what, part) in [("user", &connection.user), ("database", &connection.database)] {
            if part.is_empty() {
                return Err(ConnectionError::Missing { what });
            }
        }
        // An @ there is most likely one of the password, which would have to be %40, and the name of the database would show the rest of it.
        if database.contains(['/', '@']) {
            return Err(part("database", "one name; a slash in it is written %2F, and an @ %40"));
        }
        let mut host = connection.address(address)?;
        let mut mode = None;
        let mut known: Vec<&str> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = PARAMETERS.iter().find(|known| **known == name) else {
                return Err(ConnectionError::UnknownParameter { name: name.to_owned() });
            };
            if known.contains(name) {
                return Err(ConnectionError::Duplicate { name: (*name).to_owned() });
            }
            known.push(name);
            let value = decoded(name, value)?;
            match *name {
                "application_name" => connection.application_name = application_name(value)?,
                "connect_timeout" => connection.connect_timeout = seconds(name, &value)?,
                "host" if host.is_empty() && value.starts_with('/') => host = value,
                "host" => return Err(part(name, "an absolute path, where no host stands before the database")),
                "idle_timeout" => connection.idle_timeout = seconds(name, &value)?,
                "lock_timeout" => connection.lock_timeout = seconds(name, &value)?,
                "schema" => connection.schema = schema(value)?,
                "sslmode" => mode = Some(value),
                "sslrootcert" if value.is_empty() => return Err(part(name, "the path of a file in PEM")),
                "sslrootcert" => connection.roots = Some(PathBuf::from(value)),
                _ => connection.statement_timeout = seconds(name, &value)?,
            }
        }
        connection.host = reached(host, mode)?;
        if connection.roots.is_some() && !matches!(connection.host, Host::Verified(_)) {
            return Err(part("sslrootcert", "nothing, where there is no TLS"));
        }
        Ok(connection)
    }

    /// What follows the scheme of an address; `None` if it is another scheme. Schemes are the same in letters of any case (RFC 3986 section 3.1).
    #[must_use]
    pub fn behind_scheme(text: &str) -> Option<&str> {
        let (scheme, rest) = text.split_once("://")?;
        ["postgres", "postgresql"].iter().any(|known| known.eq_ignore_ascii_case(scheme)).then_some(rest)
    }

    /// What tells this store from others, however its address is written: `postgres://host:port/database?schema=name`, the host in lower case or the
    /// directory of a Unix socket. Neither the user nor how it is talked to belongs to it.
    #[must_use]
    pub fn store_name(&self) -> String {
        let host = match &self.host {
            Host::Loopback(host) | Host::Verified(host) => host.trim_end_matches('.').to_ascii_lowercase(),
            Host::Socket(directory) => directory.display().to_string(),
        };
        format!("postgres://{host}:{}/{}?schema={}", self.port, self.database, self.schema)
    }

    /// The same with this password, if the address has none.
    #[must_use]
    pub fn or_password(mut self, password: Option<String>) -> Self {
        self.password = self.password.or(password);
        self
    }

    /// Whether there is a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Host, port, database and user, as a password file names them; the host of a Unix socket is `localhost`.
    #[must_use]
    pub fn login(&self) -> (&str, u16, &str, &str) {
        let host = match &self.host {
            Host::Loopback(host) | Host::Verified(host) => host,
            Host::Socket(_) => "localhost",
        };
        (host, self.port, &self.database, &self.user)
    }

    /// Reads `host[:port]`, and returns the host.
    fn address(&mut self, text: &str) -> Result<String, ConnectionError> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(ConnectionError::NotAUrl)?;
                host.parse::<std::net::Ipv6Addr>().map_err(|_| part("host", "an IPv6 address in brackets"))?;
                let port = match port {
                    "" => None,
                    port => Some(port.strip_prefix(':').ok_or(ConnectionError::NotAUrl)?),
                };
                (host.to_owned(), port)
            }
            None => {
                let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
                (decoded("host", host)?, port)
            }
        };
        if host.contains([',', ':']) && !text.starts_with('[') {
            return Err(part("host", "one host"));
        }
        if let Some(port) = port {
            let number = port.parse().ok().filter(|number| *number != 0 && port.bytes().all(|b| b.is_ascii_digit()));
            self.port = number.ok_or_else(|| part("port", "a number from 1 to 65535"))?;
        }
        Ok(host)
    }
}

/// Without the password, and only what differs from the defaults.
impl fmt::Display for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgres://{}@", self.user)?;
        match &self.host {
            Host::Loopback(host) | Host::Verified(host) if host.contains(':') => write!(f, "[{host}]")?,
            Host::Loopback(host) | Host::Verified(host) => f.write_str(host)?,
            Host::Socket(_) => {}
        }
        if self.port != 5432 {
            write!(f, ":{}", self.port)?;
        }
        write!(f, "/{}?schema={}", self.database, self.schema)?;
        if let Host::Socket(directory) = &self.host {
            write!(f, "&host={}", directory.display())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({self})")
    }
}

/// How a host is talked to.
fn reached(host: String, mode: Option<String>) -> Result<Host, ConnectionError> {
    if host.is_empty() {
        return Err(ConnectionError::Missing { what: "host" });
    }
    if host.starts_with('/') {
        return match mode.as_deref() {
            None | Some("disable") => Ok(Host::Socket(PathBuf::from(host))),
            Some(_) => Err(part("sslmode", "nothing or disable, since there is no TLS on a Unix socket")),
        };
    }
    let unverified = |why| ConnectionError::Unverified { mode: mode.clone().unwrap_or_default(), why };
    match mode.as_deref() {
        None | Some("verify-full") => Ok(Host::Verified(host)),
        Some("disable") if is_loopback(&host) => Ok(Host::Loopback(host)),
        Some("disable") => Err(unverified("everybody on the way could read and change what is kept")),
        Some("require" | "prefer" | "allow") => {
            Err(unverified("it would talk to whoever answers, whatever the certificate"))
        }
        Some("verify-ca") => Err(unverified("it would talk to every server with a certificate of that authority")),
        Some(_) => Err(part("sslmode", "verify-full or disable")),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A name that needs no quotes, so that nothing can be smuggled into a statement with it.
fn schema(name: String) -> Result<String, ConnectionError> {
    let mut bytes = name.bytes();
    let begins = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase());
    let goes_on = bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let reserved = name.starts_with("pg_") || name == "information_schema";
    if begins && goes_on && !reserved && name.len() <= IDENTIFIER {
        Ok(name)
    } else {
        Err(part("schema", "lower-case letters, digits and _, at most 63, a letter first, and not beginning with pg_"))
    }
}

fn application_name(name: String) -> Result<String, ConnectionError> {
    if !name.is_empty() && name.len() <= IDENTIFIER && name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        Ok(name)
    } else {
        Err(part("application_name", "1 to 63 printable ASCII characters"))
    }
}

fn seconds(name: &str, text: &str) -> Result<Duration, ConnectionError> {
    let number = text.parse::<u64>().ok().filter(|number| (1..=LONGEST).contains(number));
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    number.filter(|_| plain).map(Duration::from_secs).ok_or_else(|| part(name, "a number of seconds from 1 to 3600"))
}

/// Undoes percent-encoding.
fn decoded(name: &str, text: &str) -> Result<String, ConnectionError> {
    let bad = || part(name, "UTF-8 without control characters, percent-encoded where needed");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        let (high, low) = (digit().ok_or_else(bad)?, digit().ok_or_else(bad)?);
        bytes.push(u8::try_from(high * 16 + low).map_err(|_| bad())?);
    }
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    if text.chars().any(char::is_control) { Err(bad()) } else { Ok(text) }
}

fn part(name: &str, expected: &'static str) -> ConnectionError {
    ConnectionError::Part { name: name.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UnixTime = UnixTime::from_seconds(1_768_640_400);

    fn parsed(text: &str) -> Connection {
        Connection::parse(text, AT).unwrap()
    }

    #[test]
    fn a_whole_address_is_taken_apart() {
        let connection = parsed(
            "postgresql://a%40b:p%3Aw%2F@[::1]:6000/d%20b?schema=s_1&sslmode=disable&connect_timeout=3&statement_timeout=4&lock_timeout=5&idle_timeout=6&application_name=n",
        );
        assert_eq!(connection.login(), ("::1", 6000, "d b", "a@b"));
        assert_eq!(connection.password.as_deref(), Some("p:w/"));
        assert_eq!(connection.host, Host::Loopback("::1".to_owned()));
        let times = [
            connection.connect_timeout,
            connection.statement_timeout,
            connection.lock_timeout,
            connection.idle_timeout,
        ];
        assert_eq!(times.map(|time| time.as_secs()), [3, 4, 5, 6]);
    }

    #[test]
    fn a_password_is_never_shown() {
        let connection = parsed("postgres://u:hunter2@h/d");
        assert!(!format!("{connection} {connection:?}").contains("hunter2"));
        for bad in ["postgres://u:hunter2@h:x/d", "postgres://u:hunter2@h/d?hunter=1", "postgres://u:hunter2%@h/d"] {
            let error = Connection::parse(bad, AT).unwrap_err();
            assert!(!format!("{error} {error:?} {:?}", error.clone()).contains("hunter2"), "{error:?}");
        }
        assert_eq!(parsed("postgres://u@h/d").or_password(Some("p".into())).password.as_deref(), Some("p"));
        assert_eq!(parsed("postgres://u:q@h/d").or_password(Some("p".into())).password.as_deref(), Some("q"));
    }

    #[test]
    fn a_store_has_one_name_however_its_address_is_written() {
        let name = parsed("postgres://ci@db.example/trust").store_name();
        for same in [
            "POSTGRES://ci@db.example/trust",
            "PostgreSQL://other:secret@DB.example.:5432/trust?schema=stella&application_name=n",
            "postgres://ci@db.example/tr%75st?connect_timeout=3",
        ] {
            assert_eq!(parsed(same).store_name(), name, "{same}");
        }
        for other in [
            "postgres://ci@db.example:5433/trust",
            "postgres://ci@db2.example/trust",
            "postgres://ci@db.example/other",
            "postgres://ci@db.example/trust?schema=other",
            "postgres://ci@/trust?host=/run/db.example",
        ] {
            assert_ne!(parsed(other).store_name(), name, "{other}");
        }
    }

    #[test]
    fn without_tls_only_this_machine_is_talked_to() {
        for local in ["localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            let connection = parsed(&format!("postgres://u@{local}/d?sslmode=disable"));
            assert!(matches!(connection.host, Host::Loopback(_)), "{local}");
        }
        for socket in [
            "postgres://u@%2Frun%2Fpg/d",
            "postgres://u@/d?host=/run/pg",
            "postgres://u@/d?host=/run/pg&sslmode=disable",
        ] {
            assert_eq!(parsed(socket).host, Host::Socket("/run/pg".into()));
        }
        for mode in ["disable", "allow", "prefer", "require", "verify-ca"] {
            let refused = Connection::parse(&format!("postgres://u@db.example/d?sslmode={mode}"), AT).unwrap_err();
            assert!(matches!(refused, ConnectionError::Unverified { .. }), "{mode}: {refused:?}");
        }
        assert_eq!(parsed("postgres://u@localhost/d").host, Host::Verified("localhost".to_owned()));
    }

    #[test]
    fn what_is_odd_is_refused() {
        for odd in [
            "",
            "mysql://u@h/d",
            "postgres://",
            "postgres://h/d",
            "postgres://u@h",
            "postgres://u@h/",
            "postgres://@h/d",
            "postgres://u@/d",
            "postgres://u@h,i/d",
            "postgres://u@h:0/d",
            "postgres://u@h:65536/d",
            "postgres://u@h:+1/d",
            "postgres://u@[::1/d",
            "postgres://u@[h]/d",
            "postgres://u@[::1]5/d",
            "postgres://u@h/d/e",
            "postgres://u:p@ss/word@h",
            "postgre://u@h/d",
            "postgres://u@h/d#f",
            "postgres://u@h/d e",
            "postgres://u@h/d%00",
            "postgres://u@h/d%f",
            "postgres://u@h/d%ff",
            "postgres://u@h/d?schema=a&schema=b",
            "postgres://u@h/d?SCHEMA=a",
            "postgres://u@h/d?options=-c",
            "postgres://u@h/d?schema=",
            "postgres://u@h/d?schema=A",
            "postgres://u@h/d?schema=1a",
            "postgres://u@h/d?schema=a\"b",
            "postgres://u@h/d?schema=a%22;drop",
            "postgres://u@h/d?schema=pg_x",
            "postgres://u@h/d?schema=information_schema",
            "postgres://u@h/d?sslmode=no",
            "postgres://u@h/d?sslrootcert=",
            "postgres://u@h/d?host=/run",
            "postgres://u@/d?host=run",
            "postgres://u@/d?host=/run&sslmode=verify-full",
            "postgres://u@127.0.0.1/d?sslmode=disable&sslrootcert=f",
            "postgres://u@h/d?connect_timeout=0",
            "postgres://u@h/d?connect_timeout=+5",
            "postgres://u@h/d?lock_timeout=3601",
            "postgres://u@h/d?application_name=",
            "postgres://u@h/d?application_name=a%0ab",
        ] {
            let error = Connection::parse(odd, AT).unwrap_err();
            assert!(!error.to_string().is_empty());
        }
        let longest = format!("postgres://u@h/d?schema={}", "s".repeat(63));
        assert!(Connection::parse(&longest, AT).is_ok());
        assert!(Connection::parse(&format!("{longest}s"), AT).is_err());
    }
}
