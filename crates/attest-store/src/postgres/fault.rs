//! What a failure of the server or the connection means: one table.

use std::error::Error as _;
use std::io;

use tokio_postgres::Error;
use tokio_postgres::error::DbError;

use crate::error::StoreError;

/// A failure, and whether trying again makes sense.
#[derive(Debug)]
pub(super) enum Fault {
    /// Others were in the way; nothing was changed.
    Again(StoreError),
    /// The connection is gone; nobody knows whether the last statement was carried out.
    Lost(StoreError),
    /// It would fail again.
    Plain(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Plain(error)
    }
}

impl Fault {
    /// What to tell the caller.
    pub(super) fn error(self) -> StoreError {
        match self {
            Self::Again(error) | Self::Lost(error) | Self::Plain(error) => error,
        }
    }

    pub(super) fn of(error: &Error, place: &str, operation: &'static str) -> Self {
        if let Some(answer) = error.as_db_error() {
            return answered(answer, place, operation);
        }
        let shown = error.to_string();
        let cause = error.source();
        let why = cause.map_or_else(|| shown.clone(), |cause| format!("{shown}: {cause}"));
        let place = place.to_owned();
        // The kinds of the client are private to it, and these are its words for an answer that makes no sense.
        let unreadable =
            ["error parsing", "unexpected message", "error deserializing", "invalid column", "query returned"];
        let is_cut = cause
            .and_then(|cause| cause.downcast_ref::<io::Error>())
            .is_some_and(|cause| matches!(cause.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset));
        if unreadable.iter().any(|words| shown.starts_with(words)) && !is_cut {
            return Self::Plain(StoreError::Corrupt { place, what: format!("the server's answer: {why}") });
        }
        if shown.starts_with("error serializing")
            || shown.starts_with("error encoding")
            || shown.starts_with("invalid config")
        {
            return Self::Plain(StoreError::Io { place, operation, why });
        }
        if shown.starts_with("authentication error") {
            let expected = "a user and password that the server takes".to_owned();
            return Self::Plain(StoreError::Permissions { place, found: why, expected });
        }
        if shown.starts_with("error performing TLS") {
            return Self::Plain(StoreError::Io { place, operation: "verify the server", why });
        }
        Self::Lost(StoreError::Io { place, operation, why })
    }

    /// No answer came in time.
    pub(super) fn silent(place: &str, operation: &'static str, seconds: u64) -> Self {
        let why = format!("no answer within {seconds} s");
        Self::Lost(StoreError::Io { place: place.to_owned(), operation, why })
    }
}

/// The table. <https://www.postgresql.org/docs/15/errcodes-appendix.html>
fn answered(answer: &DbError, place: &str, operation: &'static str) -> Fault {
    let place = place.to_owned();
    let state = answer.code().code();
    let why = format!("{} ({state})", answer.message());
    let (class, _) = state.split_at_checked(2).unwrap_or((state, ""));
    match (class, state) {
        // Serialization failure, deadlock; a key that somebody else has just put in: the second try finds it.
        (_, "40001" | "40P01" | "23505") => Fault::Again(StoreError::Busy { place, why }),
        // Too many connections, and a server that is only starting or going: another try may get through.
        (_, "53300" | "57P03") => Fault::Again(StoreError::Busy { place, why }),
        // Lock not available, cancelled by a time-out: this has waited long already.
        (_, "55P03" | "57014" | "55006" | "53200" | "53400") => Fault::Plain(StoreError::Busy { place, why }),
        (_, "53100") => Fault::Plain(StoreError::NoSpace { place }),
        (_, "25006") => Fault::Plain(StoreError::ReadOnly { place }),
        // What was prepared here fits the tables no more: another node has changed them, and a new connection prepares anew.
        (_, "0A000") => Fault::Lost(StoreError::Corrupt { place, what: why }),
        // Shut down, crashed, or the transaction was idle for too long.
        (_, "57P01" | "57P02" | "57P05" | "25P03") | ("08", _) => Fault::Lost(StoreError::Io { place, operation, why }),
        (_, "42501") | ("28", _) => Fault::Plain(StoreError::Permissions {
            place,
            found: why,
            expected: "a user that may log in, and use the schema and its tables".to_owned(),
        }),
        (_, "3D000" | "3F000") => Fault::Plain(StoreError::NotFound { what: format!("store at {place}: {why}") }),
        // Damage that the server found; data that contradicts a constraint, a type, or the tables themselves; and its own inner errors,
        // which is how it reports many a flipped bit.
        ("XX" | "22" | "23" | "42" | "21", _) | (_, "58P01") => Fault::Plain(StoreError::Corrupt { place, what: why }),
        _ => Fault::Plain(StoreError::Io { place, operation, why }),
    }
}
