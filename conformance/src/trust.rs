//! Where the trusted roots lie that cases refer to by file name.

use std::path::{Path, PathBuf};

use crate::files;
use crate::suite::SuiteError;

/// Name of the directory with trust material, beside a suite's own.
const BESIDE_A_SUITE: &str = "sigstore-trust";
/// The root that applies where a case brings none.
const PUBLIC_GOOD: &str = "trusted_root.public-good.json";

/// A directory in the form of `testdata/sigstore-trust`.
#[derive(Clone, Debug)]
pub struct TrustDirectory {
    path: PathBuf,
}

impl TrustDirectory {
    /// The directory asked for, else `../sigstore-trust` beside the suite, else the copy of this project.
    #[must_use]
    pub fn find(asked: Option<&Path>, suite: &Path) -> Self {
        if let Some(path) = asked {
            return Self { path: path.to_path_buf() };
        }
        let suite = suite.canonicalize().unwrap_or_else(|_| suite.to_path_buf());
        let beside =
            suite.ancestors().skip(1).take(2).map(|above| above.join(BESIDE_A_SUITE)).find(|path| path.is_dir());
        Self { path: beside.unwrap_or_else(|| testdata().join(BESIDE_A_SUITE)) }
    }

    /// The file of that name, such as `trusted_root.staging.json` or `keys/some.pem`.
    ///
    /// # Errors
    /// [`SuiteError`] if there is none.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, SuiteError> {
        files::read(&self.path.join(name))
    }

    /// The trusted root of the public-good instance.
    ///
    /// # Errors
    /// [`SuiteError`] if there is none.
    pub fn public_good(&self) -> Result<Vec<u8>, SuiteError> {
        self.read(PUBLIC_GOOD)
    }

    /// Every trusted root, sorted by name.
    ///
    /// # Errors
    /// [`SuiteError`] if the directory cannot be read.
    pub fn trusted_roots(&self) -> Result<Vec<Vec<u8>>, SuiteError> {
        let is_root = |name: &str| name.starts_with("trusted_root.") && name.ends_with(".json");
        files::list(&self.path, is_root)?.iter().map(|path| files::read(path)).collect()
    }
}

/// The project's own copy of the suites.
pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata")
}
