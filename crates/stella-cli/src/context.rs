//! The surroundings of one run: the clock, the environment, the terminal. Nothing else in this workspace looks at them.

use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use stella_trust_store::ledger::Point;
use stella_vocabulary::{Code, UnixTime};

use crate::arguments::{Document, Everywhere, Format};
use crate::complaint::Complaint;
use crate::settings::{self, Said, Settings};
use crate::store_place::without_secrets;

/// Everything a command takes from its surroundings.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The instant to judge at.
    pub(crate) at: UnixTime,
    /// What the clock says: the time of whatever is written down.
    pub(crate) now: UnixTime,
    /// The trust of which moment; the latest if nothing was said.
    pub(crate) trust_at: Option<Point>,
    pub(crate) format: Format,
    /// A form that only some commands have.
    pub(crate) document: Option<Document>,
    pub(crate) detail: Detail,
    pub(crate) colour: Colour,
    pub(crate) marks: Marks,
    said: Said,
    settings: OnceLock<Settings>,
    warnings: RefCell<String>,
    changed_from: Rc<Cell<Option<u64>>>,
}

/// What the environment says about places and persons.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// Where data of the user belongs.
    pub(crate) data_directory: Option<PathBuf>,
    /// The name that the user has logged in with.
    pub(crate) login: Option<String>,
    pub(crate) offline: Option<String>,
    pub(crate) person: Option<String>,
    pub(crate) pkcs11_module: Option<PathBuf>,
    /// Where what programs remember belongs.
    pub(crate) state_directory: Option<PathBuf>,
    pub(crate) stella_home: Option<PathBuf>,
    pub(crate) store: Option<String>,
    /// The number of the user.
    pub(crate) user: u32,
}

impl Surroundings {
    fn look() -> Self {
        // A service may run as a user whose home is not there, and must not make it.
        let user_home = path("HOME").filter(|home| home.is_absolute() && home.is_dir());
        // The specification says to pass over a path that is not absolute.
        let xdg = |name: &str, default: &str| {
            let said = path(name).filter(|path| path.is_absolute());
            said.or_else(|| user_home.as_ref().map(|home| home.join(default)))
        };
        Self {
            data_directory: xdg("XDG_DATA_HOME", ".local/share"),
            login: ["LOGNAME", "USER", "USERNAME"].into_iter().find_map(variable),
            offline: variable("STELLA_OFFLINE"),
            person: variable("STELLA_PERSON"),
            pkcs11_module: path("STELLA_PKCS11_MODULE"),
            state_directory: xdg("XDG_STATE_HOME", ".local/state"),
            stella_home: path("STELLA_HOME"),
            store: variable("STELLA_STORE"),
            user: user(),
        }
    }
}

/// How much to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq, PartialOrd, Ord)]
pub(crate) enum Detail {
    Quiet,
    Usual,
    Verbose,
}

/// Whether the output may hold colours.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Colour {
    Ansi,
    Plain,
}

/// The characters that marks and trees are drawn with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Marks {
    Ascii,
    Unicode,
}

impl Context {
    pub(crate) fn of(everywhere: &Everywhere) -> Result<Self, Complaint> {
        let now = now();
        Ok(Self {
            at: match &everywhere.at {
                Some(text) => instant(text, "--at")?,
                None => now,
            },
            now,
            trust_at: everywhere.trust_at.as_deref().map(|text| point(text, "--trust-at")).transpose()?,
            format: everywhere.output.format(),
            document: everywhere.output.document(),
            detail: match (everywhere.quiet, everywhere.verbose) {
                (true, _) => Detail::Quiet,
                (false, true) => Detail::Verbose,
                (false, false) => Detail::Usual,
            },
            colour: if everywhere.no_color { Colour::Plain } else { colour() },
            marks: marks(),
            said: Said {
                config: everywhere.config.clone(),
                home: everywhere.home.clone(),
                offline: everywhere.offline,
                store: everywhere.store.clone(),
            },
            settings: OnceLock::new(),
            warnings: RefCell::default(),
            changed_from: Rc::default(),
        })
    }

    /// Says something on standard error, whatever the command comes to; once.
    pub(crate) fn warn(&self, warning: &Complaint) {
        let line = warning.warning();
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&line) {
            warnings.push_str(&line);
        }
    }

    /// From which entry on this run changes the trust log; whoever is about to change it says so.
    pub(crate) fn changed_from(&self) -> Rc<Cell<Option<u64>>> {
        Rc::clone(&self.changed_from)
    }

    /// What was said so far.
    pub(crate) fn warnings(&self) -> String {
        self.warnings.borrow().clone()
    }

    /// The settings, found when they are first asked for: a command that needs none is not kept from its work by a bad file.
    ///
    /// # Errors
    /// Those of [`Settings::find`].
    pub(crate) fn settings(&self) -> Result<&Settings, Complaint> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings);
        }
        let found = Settings::find(&self.said, &Surroundings::look())?;
        Ok(self.settings.get_or_init(|| found))
    }

    /// Where the configuration file is, also if it cannot be read.
    ///
    /// # Errors
    /// `config.invalid` if there is no place to look for one.
    pub(crate) fn config_path(&self) -> Result<PathBuf, Complaint> {
        settings::config_path(&self.said, &Surroundings::look())
    }
}

/// An instant that somebody typed, with its zone: a day alone is another instant in every zone, and leaves open whether it counts.
///
/// # Errors
/// `usage.date_invalid`.
pub(crate) fn instant(text: &str, place: &str) -> Result<UnixTime, Complaint> {
    UnixTime::parse_rfc3339(text).map_err(|error| {
        // The beginning of a day is what most people mean by a day alone, and it is easily said.
        let beginning = format!("{text}T00:00:00Z");
        let expected = match UnixTime::parse_rfc3339(&beginning) {
            Ok(_) => format!("a time with its zone, such as {beginning} for the beginning of that day"),
            Err(_) => "a time with its zone, such as 2026-01-17T09:00:00Z".to_string(),
        };
        Complaint::new(Code::UsageDateInvalid, error.to_string())
            .place(place)
            .found(text)
            .expected(expected)
            .remedy("stella help")
    })
}

/// A moment of the trust log that somebody typed: an instant, or the sequence number of an entry.
///
/// # Errors
/// `usage.date_invalid`.
pub(crate) fn point(text: &str, place: &str) -> Result<Point, Complaint> {
    if let Some(sequence) = text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(Point::Sequence(sequence));
    }
    instant(text, place).map(Point::Time)
}

/// A clock that never goes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticks(Instant);

impl Ticks {
    #[expect(clippy::disallowed_methods, reason = "for waiting only; see `now`")]
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since it was made.
    pub(crate) fn milliseconds(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Microseconds since it was made.
    pub(crate) fn microseconds(self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Returns after about so many milliseconds.
    pub(crate) fn pause(self, milliseconds: u64) {
        std::thread::sleep(Duration::from_millis(milliseconds));
    }
}

impl stella_trust_store::Stopwatch for Ticks {
    fn milliseconds(&self) -> u64 {
        Self::milliseconds(*self)
    }

    fn pause(&self, milliseconds: u64) {
        Self::pause(*self, milliseconds);
    }
}

#[expect(clippy::disallowed_methods, reason = "the only clock: everything below takes time as an argument")]
fn now() -> UnixTime {
    UnixTime::from_seconds(match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
    })
}

#[expect(clippy::disallowed_methods, reason = "the only reader of the environment, besides what clap declares")]
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}

/// The instant at which the certificates of a database are judged.
pub(crate) fn clock() -> UnixTime {
    now()
}

/// The password of a database.
pub(crate) fn database_password() -> Option<String> {
    variable("PGPASSWORD")
}

/// The file with passwords of databases.
pub(crate) fn database_password_file() -> Option<PathBuf> {
    path("PGPASSFILE")
}

/// Name and password for a registry of images.
pub(crate) fn registry_password() -> (Option<zeroize::Zeroizing<String>>, Option<zeroize::Zeroizing<String>>) {
    let secret = |name| variable(name).map(zeroize::Zeroizing::new);
    (secret("STELLA_REGISTRY_USER"), secret("STELLA_REGISTRY_PASSWORD"))
}

/// The variables that are nobody else's business, such as that of a program that is started. The store is one of them if its URL has a login or parameters, in
/// which a password may be.
pub(crate) fn secret_variables() -> Vec<&'static str> {
    const STORE: &str = "STELLA_STORE";
    let mut names = vec!["PGPASSWORD", "STELLA_KEY_PASSPHRASE", "STELLA_PKCS11_PIN", "STELLA_REGISTRY_PASSWORD"];
    if variable(STORE).is_some_and(|url| without_secrets(&url) != url) {
        names.push(STORE);
    }
    names
}

/// The configuration of Docker, which may hold passwords for registries.
pub(crate) fn docker_config_file() -> Option<PathBuf> {
    let directory = path("DOCKER_CONFIG").or_else(|| path("HOME").map(|home| home.join(".docker")))?;
    directory.is_absolute().then(|| directory.join("config.json"))
}

/// The passphrase of a private key; it need not be UTF-8, and is wiped when it is dropped.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "see `variable`; read when a key is opened, and kept nowhere")]
pub(crate) fn key_passphrase() -> Option<zeroize::Zeroizing<Vec<u8>>> {
    use std::os::unix::ffi::OsStringExt as _;

    std::env::var_os("STELLA_KEY_PASSPHRASE").map(|value| zeroize::Zeroizing::new(value.into_vec()))
}

#[cfg(not(unix))]
pub(crate) fn key_passphrase() -> Option<zeroize::Zeroizing<Vec<u8>>> {
    variable("STELLA_KEY_PASSPHRASE").map(|value| zeroize::Zeroizing::new(value.into_bytes()))
}

/// The PIN of a token; wiped when it is dropped.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "see `variable`; read when a token is opened, and kept nowhere")]
pub(crate) fn token_pin() -> Option<zeroize::Zeroizing<Vec<u8>>> {
    use std::os::unix::ffi::OsStringExt as _;

    std::env::var_os("STELLA_PKCS11_PIN").map(|value| zeroize::Zeroizing::new(value.into_vec()))
}

#[cfg(not(unix))]
pub(crate) fn token_pin() -> Option<zeroize::Zeroizing<Vec<u8>>> {
    variable("STELLA_PKCS11_PIN").map(|value| zeroize::Zeroizing::new(value.into_bytes()))
}

#[expect(clippy::disallowed_methods, reason = "see `variable`; a path need not be UTF-8")]
fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(unix)]
fn user() -> u32 {
    rustix::process::getuid().as_raw()
}

#[cfg(not(unix))]
fn user() -> u32 {
    0
}

fn is_dumb_terminal() -> bool {
    variable("TERM").is_some_and(|term| term == "dumb")
}

/// Colour belongs on terminals only. See <https://no-color.org>.
pub(crate) fn colour() -> Colour {
    if io::stdout().is_terminal() && variable("NO_COLOR").is_none() && !is_dumb_terminal() {
        Colour::Ansi
    } else {
        Colour::Plain
    }
}

/// The first of the three variables that is set says which characters the reader can see (POSIX, "Internationalization Variables").
fn marks() -> Marks {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default().to_ascii_lowercase();
    if !is_dumb_terminal() && (locale.contains("utf-8") || locale.contains("utf8")) {
        Marks::Unicode
    } else {
        Marks::Ascii
    }
}
