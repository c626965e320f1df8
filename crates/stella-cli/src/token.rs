//! Keys in tokens: which module leads to them, what opens them, and what helps if that does not work.

use std::path::{Path, PathBuf};

use stella_crypto_providers::pkcs11::{Access, LoginRefusal, Module, Pkcs11Error, Token, TokenKey};
use stella_crypto_providers::{Pkcs11Attribute, Pkcs11Uri};
use stella_vocabulary::{Code, Reason as _};
use zeroize::Zeroizing;

use crate::complaint::Complaint;
use crate::context::{self, Context};
use crate::private_file;
use crate::private_key;

/// Where a module is looked for by its name: the directories of Debian, Fedora, Alpine, Arch and FreeBSD.
const DIRECTORIES: [&str; 9] = [
    "/usr/lib/pkcs11",
    "/usr/lib64/pkcs11",
    "/usr/lib/softhsm",
    "/usr/lib/x86_64-linux-gnu/pkcs11",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu/pkcs11",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/local/lib/pkcs11",
    "/usr/local/lib/softhsm",
];

/// The URI that somebody gave in place of a file.
///
/// # Errors
/// `config.invalid`.
pub(crate) fn read_uri(text: &str, place: &str) -> Result<Pkcs11Uri, Complaint> {
    text.parse().map_err(|error| {
        Complaint::of(&error, place)
            .remedy("write it like pkcs11:token=NAME;object=NAME?module-path=/path/of/module.so; the PIN is asked for")
    })
}

/// The URI in what may also be a path; `None` for a path.
///
/// # Errors
/// `config.invalid` for what begins like a URI and is none.
pub(crate) fn uri_in(path: &Path, place: &str) -> Result<Option<Pkcs11Uri>, Complaint> {
    match path.to_str().filter(|text| Pkcs11Uri::is_one(text)) {
        Some(text) => read_uri(text, place).map(Some),
        None => Ok(None),
    }
}

/// The private key that a URI names, ready to sign.
///
/// # Errors
/// As [`open`], and those of finding the key: `store.not_found`, `usage.conflict`, `crypto.algorithm_unavailable`, and of the family `key`.
pub(crate) fn key(uri: &Pkcs11Uri, pin_file: Option<&Path>, context: &Context) -> Result<TokenKey, Complaint> {
    open(uri, Access::ReadOnly, pin_file, context)?.key(uri).map_err(|error| complaint(&error))
}

/// The token that a URI names, with its user logged in if it wants that.
///
/// # Errors
/// `config.invalid` if nothing names a module; `crypto.provider_failed` without module or token; `crypto.login_refused`; `usage.conflict` for several
/// tokens; those of a file with a PIN.
pub(crate) fn open(
    uri: &Pkcs11Uri,
    access: Access,
    pin_file: Option<&Path>,
    context: &Context,
) -> Result<Token, Complaint> {
    let module = load(&module_path(uri, context)?)?;
    let token = module.token(uri, access).map_err(|error| complaint(&error))?;
    if token.needs_login() {
        if token.is_last_try() {
            context.warn(
                &Complaint::new(
                    Code::CryptoLoginRefused,
                    "the last PIN was wrong, and one more wrong PIN locks the token",
                )
                .place(format!("token {}", token.label()))
                .remedy("be sure of the PIN"),
            );
        }
        let pin = pin(&token, uri, pin_file)?;
        token.log_in(pin.as_ref().map(|pin| pin.as_slice())).map_err(|error| complaint(&error))?;
    }
    Ok(token)
}

/// Loads a module that only its owner, or root, could have written: its code runs with all rights of this program.
///
/// # Errors
/// `crypto.provider_failed`, `store.permissions`.
pub(crate) fn load(path: &Path) -> Result<Module, Complaint> {
    // What is not there is for the module to say.
    private_file::refuse_writable(path)?;
    Module::load(path).map_err(|error| complaint(&error))
}

/// The module that a URI says, or else the settings.
fn module_path(uri: &Pkcs11Uri, context: &Context) -> Result<PathBuf, Complaint> {
    if let Some(path) = uri.text(Pkcs11Attribute::ModulePath) {
        return Ok(PathBuf::from(path));
    }
    if let Some(name) = uri.text(Pkcs11Attribute::ModuleName) {
        return by_name(name);
    }
    match &context.settings()?.pkcs11_module {
        Some(setting) => Ok(setting.value.clone()),
        None => Err(Complaint::new(Code::ConfigInvalid, "nothing says which PKCS#11 module leads to the token")
            .place(uri.to_string())
            .expected("module-path or module-name in the URI, STELLA_PKCS11_MODULE, or the setting pkcs11.module")
            .remedy("stella config set pkcs11.module /usr/lib/softhsm/libsofthsm2.so, or the module of your token")),
    }
}

/// RFC 7512 §2.3: "without directory path, and without the suffix and prefix that are specific to the platform".
fn by_name(name: &str) -> Result<PathBuf, Complaint> {
    let files = [format!("lib{name}.so"), format!("{name}.so")];
    let plain = !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
    let mut places = DIRECTORIES.iter().flat_map(|directory| files.iter().map(|file| Path::new(directory).join(file)));
    places.find(|place| plain && place.is_file()).ok_or_else(|| {
        Complaint::new(Code::CryptoProviderFailed, "there is no PKCS#11 module of this name")
            .place("module-name")
            .found(name)
            .expected(format!("{} in one of {}", files.join(" or "), DIRECTORIES.join(", ")))
            .remedy("say module-path in place of module-name")
    })
}

/// What logs the user in: the file that was named, the environment, the file that the URI names, and at last the person; `None` if the token has
/// keys of its own for that.
fn pin(token: &Token, uri: &Pkcs11Uri, file: Option<&Path>) -> Result<Option<Zeroizing<Vec<u8>>>, Complaint> {
    if let Some(file) = file {
        return private_key::secret_line(file, "a PIN").map(Some);
    }
    if let Some(pin) = context::token_pin() {
        return Ok(Some(pin));
    }
    if let Some(source) = uri.text(Pkcs11Attribute::PinSource) {
        return private_key::secret_line(&pin_source(source)?, "a PIN").map(Some);
    }
    if token.has_pin_pad() {
        return Ok(None);
    }
    let label = stella_vocabulary::text::Bounded(token.label(), 64).to_string();
    private_key::ask(&format!("PIN of the token {label}: ")).map(Some).map_err(|_| {
        Complaint::new(Code::CryptoLoginRefused, "the token asks for a PIN, and there is none")
            .place(format!("token {label}"))
            .found("no terminal to ask at")
            .expected("--passphrase-file, STELLA_PKCS11_PIN, or pin-source in the URI")
            .remedy("give --passphrase-file FILE, a file with the PIN that only you can read")
    })
}

/// The file that `pin-source` names. RFC 7512 §2.4 leaves open what else it may be; programs are not run.
fn pin_source(source: &str) -> Result<PathBuf, Complaint> {
    let path = source.strip_prefix("file:").unwrap_or(source);
    let path = path.strip_prefix("//").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    // What is left of `file://host/pin` names a host, and no file here.
    match Path::new(path).is_absolute() && !path.starts_with("//") {
        true => Ok(PathBuf::from(path)),
        false => Err(Complaint::new(Code::ConfigInvalid, "this is no place where a PIN is read")
            .place("pin-source")
            .found(source)
            .expected("file: and an absolute path")
            .remedy("name a file that only you can read; programs are not run for a PIN")),
    }
}

/// What a token or its module refuses, with the command that helps.
pub(crate) fn complaint(error: &Pkcs11Error) -> Complaint {
    let complaint = Complaint::reported(error);
    match error {
        Pkcs11Error::Module { .. } => complaint
            .remedy("install the module of the token, or correct module-path, STELLA_PKCS11_MODULE or pkcs11.module"),
        Pkcs11Error::NoToken { .. } => complaint.remedy("plug the token in, or correct token= and serial= in the URI"),
        Pkcs11Error::NoObject { .. } => {
            complaint.remedy("correct object= and id= in the URI; or make the key: stella keys generate --pkcs11 URI …")
        }
        Pkcs11Error::SeveralObjects { .. } => complaint.remedy("add the id= of the one you mean to the URI"),
        Pkcs11Error::SeveralTokens { .. } => complaint.remedy("add the serial= of the one you mean to the URI"),
        Pkcs11Error::LabelTaken { .. } => {
            complaint.remedy("give another object= or id=; or take that key: stella keys add --key URI …")
        }
        Pkcs11Error::NoPublicKey { .. } => {
            complaint.remedy("write the public key into the token, with the CKA_ID of the private key")
        }
        Pkcs11Error::Login { refusal, .. } => complaint.remedy(match refusal {
            LoginRefusal::Incorrect | LoginRefusal::IncorrectLastTry => {
                "check STELLA_PKCS11_PIN or the file with the PIN, before you try again"
            }
            LoginRefusal::Locked => "have the security officer of the token unlock the PIN",
            LoginRefusal::Expired | LoginRefusal::NotSet => "set a PIN with the tool of the token",
            LoginRefusal::EachTime => "use a key without CKA_ALWAYS_AUTHENTICATE",
            _ => "give the PIN: --passphrase-file FILE, or STELLA_PKCS11_PIN",
        }),
        Pkcs11Error::AlgorithmUnavailable { .. } => complaint.remedy("stella crypto providers list --algorithms"),
        _ => complaint.remedy(format!("stella explain {}", error.code())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_source_is_a_file_by_its_absolute_path() {
        for (source, path) in [("/run/pin", "/run/pin"), ("file:/run/pin", "/run/pin"), ("file:///run/pin", "/run/pin")]
        {
            assert_eq!(pin_source(source).unwrap(), Path::new(path), "{source}");
        }
        for source in ["", "pin", "file:pin", "file://host/pin", "|/usr/bin/pinomatic", "http://pin.example/"] {
            assert_eq!(pin_source(source).unwrap_err().code(), Code::ConfigInvalid, "{source}");
        }
    }

    #[test]
    fn a_module_is_not_found_by_a_name_that_is_a_path() {
        for name in ["", "..", "../softhsm/softhsm2", "/usr/lib/softhsm/softhsm2", "no-such-module"] {
            assert_eq!(by_name(name).unwrap_err().code(), Code::CryptoProviderFailed, "{name}");
        }
    }
}
