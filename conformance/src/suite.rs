//! What every suite has in common: a name, a published format, and cases to tell.

use std::error::Error;
use std::fmt;
use std::path::Path;

use stella_crypto_providers::Registry;
use stella_vocabulary::UnixTime;

use crate::deviations::Deviations;
use crate::sink::Sink;
use crate::summary::Summary;
use crate::trust::TrustDirectory;

/// One public suite.
pub trait Suite: Sync {
    /// The name it is asked for by, which is also that of its directory under `testdata/`.
    fn name(&self) -> &'static str;

    /// What it tests, in one line.
    fn about(&self) -> &'static str;

    /// Reads the suite at [`Input::path`] and tells every case to `sink`.
    ///
    /// # Errors
    /// [`SuiteError`] if the files are not those of this suite. A case that fails is not an error.
    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError>;
}

/// Everything a suite may look at.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Directory or file with the suite in its published form.
    pub path: &'a Path,
    /// Where trusted roots and keys are kept that cases refer to by name.
    pub trust: &'a TrustDirectory,
    /// The cryptography to use.
    pub registry: &'a Registry,
    /// The instant of verification. Suites whose cases name an instant use that one.
    pub at: UnixTime,
}

/// Runs `suite` and holds what comes of it against the deviations.
///
/// # Errors
/// [`SuiteError`] if the suite cannot be read, or holds no case at all: an empty run is not a passed run.
pub fn run(suite: &dyn Suite, input: &Input<'_>, deviations: &Deviations) -> Result<Summary, SuiteError> {
    let mut sink = Sink::new();
    suite.run(input, &mut sink)?;
    let records = sink.into_records();
    if records.is_empty() {
        return Err(SuiteError::new(format!("no case of {} under {}", suite.name(), input.path.display())));
    }
    Ok(Summary::new(suite.name(), records, deviations))
}

/// A suite, or a file of this tool, that is not in the form it should have.
#[derive(Debug)]
pub struct SuiteError(String);

impl SuiteError {
    /// An error with this text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn unreadable(path: &Path, error: &dyn fmt::Display) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SuiteError {}
