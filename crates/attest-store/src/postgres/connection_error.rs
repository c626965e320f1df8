//! Why a text says no place in PostgreSQL.

use std::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

/// Why a text says no place in PostgreSQL, or none that may be used. Nothing of the text is repeated that could hold a password.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConnectionError {
    /// A parameter is there twice.
    Duplicate {
        /// Which.
        name: String,
    },
    /// Something has to be there.
    Missing {
        /// What.
        what: &'static str,
    },
    /// It does not begin with `postgres://` or `postgresql://`, or cannot be taken apart.
    NotAUrl,
    /// A part or parameter has a value that it cannot have.
    Part {
        /// Which.
        name: String,
        /// What it can be.
        expected: &'static str,
    },
    /// There is no parameter of this name.
    UnknownParameter {
        /// The name.
        name: String,
    },
    /// The server would not be known for who it is.
    Unverified {
        /// The `sslmode` asked for.
        mode: String,
        /// Why not.
        why: &'static str,
    },
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duplicate { name } => write!(f, "the parameter \"{}\" is there twice", Bounded(name, 100)),
            Self::Missing { what } => write!(f, "the address of the database has no {what}"),
            Self::NotAUrl => f.write_str("this is no address of a PostgreSQL database"),
            Self::Part { name, .. } => {
                write!(f, "\"{}\" in the address of the database has a value that it cannot have", Bounded(name, 100))
            }
            Self::UnknownParameter { name } => {
                write!(f, "the address of a database has no parameter \"{}\"", Bounded(name, 100))
            }
            Self::Unverified { mode, why } => write!(f, "sslmode={} is not taken: {why}", Bounded(mode, 40)),
        }
    }
}

impl std::error::Error for ConnectionError {}

impl Reason for ConnectionError {
    fn code(&self) -> Code {
        Code::ConfigInvalid
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Duplicate { name } | Self::Part { name, .. } | Self::UnknownParameter { name } => {
                Some(Bounded(name, 100).to_string())
            }
            Self::Unverified { .. } => Some("sslmode".to_owned()),
            Self::Missing { .. } | Self::NotAUrl => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Unverified { mode, .. } => Some(Bounded(mode, 40).to_string()),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::Part { expected, .. } => (*expected).to_owned(),
            Self::Missing { .. } | Self::NotAUrl => "postgres://user@host/database".to_owned(),
            Self::Duplicate { .. } => "each parameter once".to_owned(),
            Self::UnknownParameter { .. } => super::connection::PARAMETERS.join(", "),
            Self::Unverified { .. } => "verify-full; disable on this machine alone".to_owned(),
        })
    }
}
