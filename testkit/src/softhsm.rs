//! Tokens of one's own for tests, in SoftHSM: PKCS#11 in software.
#![allow(clippy::disallowed_methods)] // Tests have an environment.
#![allow(clippy::print_stderr)] // What was left out is said where it is seen.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the module is: Debian and its kin, Fedora, Alpine, Arch, Homebrew.
const PLACES: &[&str] = &[
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
];

/// The PIN of the user of every token here. TEST PIN.
pub const PIN: &str = "271828";
/// The PIN of the security officer of every token here. TEST PIN.
pub const OFFICER_PIN: &str = "31415926";
/// The variable that names the configuration of SoftHSM to whoever loads the module.
pub const CONFIGURATION: &str = "SOFTHSM2_CONF";

/// Tokens in a temporary directory, which go with it.
pub struct SoftHsm {
    directory: tempfile::TempDir,
    module: PathBuf,
}

impl SoftHsm {
    /// A place for tokens, with none in it; `None`, with a line about it on standard error, where SoftHSM is not installed. The variable
    /// `STELLA_TEST_PKCS11_MODULE` says where it is, if it is somewhere unusual.
    ///
    /// # Panics
    /// When the temporary directory cannot be made.
    pub fn find() -> Option<Self> {
        let said = std::env::var_os("STELLA_TEST_PKCS11_MODULE").map(PathBuf::from);
        let module = said.or_else(|| PLACES.iter().map(PathBuf::from).find(|path| path.is_file()));
        let tool = Command::new("softhsm2-util").arg("--version").output();
        let Some(module) = module.filter(|_| tool.is_ok_and(|output| output.status.success())) else {
            eprintln!("LEFT OUT: SoftHSM (Debian: softhsm2) is not installed, so nothing was signed in a token");
            return None;
        };
        let directory = tempfile::tempdir().expect("a directory");
        fs::create_dir(directory.path().join("tokens")).expect("a directory");
        let tokens = directory.path().join("tokens");
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
            tokens.display()
        );
        fs::write(directory.path().join("softhsm2.conf"), text).expect("a file");
        Some(Self { directory, module })
    }

    /// The module.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// The configuration, for [`CONFIGURATION`].
    pub fn configuration(&self) -> PathBuf {
        self.directory.path().join("softhsm2.conf")
    }

    /// Makes a token with this label, whose user has the [`PIN`].
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn token(&self, label: &str) {
        let output = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", OFFICER_PIN, "--module"])
            .arg(&self.module)
            .env(CONFIGURATION, self.configuration())
            .output()
            .expect("softhsm2-util runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A URI of this token, of the private key with this label in it if one is given.
    pub fn uri(&self, token: &str, object: Option<&str>) -> String {
        let object = object.map(|object| format!(";object={object}")).unwrap_or_default();
        format!("pkcs11:token={token}{object}?module-path={}", self.module.display())
    }
}
