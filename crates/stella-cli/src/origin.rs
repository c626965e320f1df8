//! Where a setting comes from.

use std::fmt;
use std::path::PathBuf;

/// Where a setting comes from; the first of these that says something decides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// An option of the command.
    Option(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A member of the configuration file.
    File(PathBuf),
    /// Nobody said anything.
    Default(&'static str),
}

impl Origin {
    /// `option`, `environment`, `file`, `default`.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Option(_) => "option",
            Self::Environment(_) => "environment",
            Self::File(_) => "file",
            Self::Default(_) => "default",
        }
    }

    /// The option, the variable, the file, or how the default is found.
    pub(crate) fn detail(&self) -> String {
        match self {
            Self::Option(name) | Self::Environment(name) | Self::Default(name) => (*name).to_string(),
            Self::File(path) => path.display().to_string(),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.detail())
    }
}

/// A value, and who said so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl<T> Setting<T> {
    pub(crate) const fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}
