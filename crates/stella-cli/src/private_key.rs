//! Private keys of people: read from files that nobody else can read, opened with a passphrase, and never shown.

use std::path::{Path, PathBuf};

use clap::Args;
use pkcs8::EncryptedPrivateKeyInfoRef;
use stella_crypto_providers::{Signer, SigningKey};
use stella_vocabulary::{Code, Reason, pem};
use zeroize::Zeroizing;

use crate::complaint::Complaint;
use crate::context::{self, Context};
use crate::private_file::{self, Secrecy};
use crate::token;

/// What private keys are labelled, besides the two labels of PKCS#8: recognised, to say what helps.
const OTHER_LABELS: [&str; 5] = [
    "EC PRIVATE KEY",
    "ENCRYPTED COSIGN PRIVATE KEY",
    "ENCRYPTED SIGSTORE PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "RSA PRIVATE KEY",
];
const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";

/// Longest passphrase, in bytes.
const PASSPHRASE: usize = 4096;

/// A private key, and what opens it.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PrivateKeyOptions {
    /// Your private key: a file (PKCS#8 in PEM, encrypted or not) that only you can read, or a PKCS#11 URI. Also `approver_key` in the settings.
    #[arg(long, value_name = "FILE|URI", help_heading = "Key")]
    pub(crate) key: Option<PathBuf>,
    /// The passphrase of the key (else STELLA_KEY_PASSPHRASE) or the PIN of its token (else STELLA_PKCS11_PIN), in a file that only you can read; else
    /// it is asked for.
    #[arg(long, value_name = "FILE", help_heading = "Key")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// What signs with a private key: one in a file, or in the token that a PKCS#11 URI names. The file with the passphrase is the one with the PIN then.
///
/// # Errors
/// As [`read`] for a file, as [`token::key`] for a token.
pub(crate) fn signer(
    named: &Path,
    passphrase_file: Option<&Path>,
    context: &Context,
) -> Result<Box<dyn Signer>, Complaint> {
    match token::uri_in(named, "the URI of the key")? {
        Some(uri) => Ok(Box::new(token::key(&uri, passphrase_file, context)?)),
        None => Ok(Box::new(read(named, passphrase_file)?)),
    }
}

/// Reads a private key: Ed25519, or ECDSA with P-256, P-384 or P-521.
///
/// # Errors
/// `input.not_regular_file` if there is no such file; `store.permissions` or `store.symlink_refused` if others can read it or it is no plain file; codes of
/// the families `pem` and `key` if it is no such key, or the passphrase does not open it. Nothing of the content is repeated.
pub(crate) fn read(path: &Path, passphrase_file: Option<&Path>) -> Result<SigningKey, Complaint> {
    let text = secret(path, "a private key")?;
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err(Complaint::new(Code::InputEmpty, "there is nothing to read")
            .in_file(path)
            .expected("a private key"));
    }
    let mut labels = vec![PLAIN, ENCRYPTED, PUBLIC];
    labels.extend(OTHER_LABELS);
    let block = pem::parse_one(&text, &labels).map_err(|error| said(&error, path))?;
    let label = block.label().to_string();
    let der = Zeroizing::new(block.into_der());
    let der = match label.as_str() {
        PLAIN => der,
        ENCRYPTED => decrypt(&der, path, passphrase_file)?,
        PUBLIC => {
            return Err(Complaint::new(Code::PemMalformed, "this is the public half of a key")
                .in_file(path)
                .found("PUBLIC KEY")
                .expected("PRIVATE KEY or ENCRYPTED PRIVATE KEY")
                .remedy("give the file with the private key"));
        }
        other => {
            return Err(Complaint::new(Code::PemMalformed, "this form of private key is not read")
                .in_file(path)
                .found(other)
                .expected("PRIVATE KEY or ENCRYPTED PRIVATE KEY (PKCS#8)")
                .remedy(
                    "convert a copy: ssh-keygen -p -m PKCS8 -f COPY, or openssl pkcs8 -topk8 -in FILE -out key.pem",
                ));
        }
    };
    SigningKey::from_pkcs8_der(&der).map_err(|error| said(&error, path))
}

/// The content of a file that only its owner can read. Directories may be links, the file may not.
fn secret(path: &Path, what: &str) -> Result<Zeroizing<Vec<u8>>, Complaint> {
    let missing = || {
        let complaint = Complaint::new(Code::InputNotRegularFile, "this cannot be read").in_file(path);
        complaint.found("no such file").expected(what).remedy("check the name and the permissions")
    };
    let (Some(name), Some(parent)) = (path.file_name(), path.parent()) else { return Err(missing()) };
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let place = private_file::real_path(parent).join(name);
    private_file::read(&place, Secrecy::Secret)?.map(Zeroizing::new).ok_or_else(missing)
}

/// A refusal in a file whose content must not be repeated: the sentence and the expectation, never what was found.
fn said(reason: &dyn Reason, path: &Path) -> Complaint {
    let complaint = Complaint::new(reason.code(), reason.to_string()).in_file(path);
    complaint
        .expected("PKCS#8 in PEM: Ed25519, or ECDSA with P-256, P-384 or P-521")
        .remedy("openssl genpkey -algorithm ed25519 -aes256 -out key.pem makes such a key")
}

/// The one line of such a file.
///
/// # Errors
/// As [`read`].
pub(crate) fn secret_line(path: &Path, what: &str) -> Result<Zeroizing<Vec<u8>>, Complaint> {
    let bytes = secret(path, what)?;
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    Ok(Zeroizing::new(line.strip_suffix(b"\r").unwrap_or(line).to_vec()))
}

fn decrypt(der: &[u8], path: &Path, passphrase_file: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, Complaint> {
    let malformed = |what: &str| {
        Complaint::new(Code::KeyMalformed, what)
            .in_file(path)
            .expected("PKCS#8 with PBES2 (RFC 8018): PBKDF2 or scrypt, and AES in CBC mode")
    };
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der)
        .map_err(|_| malformed("the encryption of this key is not one that is known"))?;
    let passphrase = passphrase(path, passphrase_file)?;
    let opened = encrypted.decrypt(passphrase.as_slice()).map_err(|_| {
        malformed("the passphrase does not open this key, or the file is damaged")
            .expected("the passphrase it was encrypted with")
            .remedy("check --passphrase-file or STELLA_KEY_PASSPHRASE, and try again")
    })?;
    Ok(Zeroizing::new(opened.as_bytes().to_vec()))
}

/// Encrypts a private key: PBES2 with scrypt and AES-256 (RFC 8018, RFC 7914).
///
/// # Errors
/// `internal.random`.
pub(crate) fn encrypt(der: &[u8], passphrase: &[u8]) -> Result<Vec<u8>, Complaint> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    private_file::random(&mut salt)?;
    private_file::random(&mut iv)?;
    let encrypted = pkcs8::pkcs5::pbes2::Parameters::generate_scrypt_aes256cbc(Default::default(), &salt, iv)
        .and_then(|parameters| Ok((parameters.encrypt(passphrase, der)?, parameters)))
        .ok()
        .and_then(|(data, parameters)| {
            let info = pkcs8::EncryptedPrivateKeyInfoOwned {
                encryption_algorithm: parameters.into(),
                encrypted_data: pkcs8::der::asn1::OctetString::new(data).ok()?,
            };
            pkcs8::der::Encode::to_der(&info).ok()
        });
    encrypted.ok_or_else(|| {
        Complaint::new(Code::CryptoProviderFailed, "the private key could not be encrypted")
            .expected("scrypt and AES-256")
            .remedy("check how much memory there is: scrypt takes 128 MiB")
    })
}

/// The passphrase for a new key: from a file, the environment, or asked for twice.
///
/// # Errors
/// `usage.conflict` without a terminal, if two differ, or if it is empty.
pub(crate) fn new_passphrase(file: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, Complaint> {
    let said = match (file, context::key_passphrase()) {
        (None, None) => {
            let ask = |prompt: &str| {
                ask(prompt).map_err(|_| {
                    Complaint::new(Code::UsageConflict, "there is no passphrase for the new key")
                        .found("no terminal to ask at")
                        .expected("--passphrase-file, or STELLA_KEY_PASSPHRASE")
                        .remedy("give --passphrase-file FILE; or, to rely on the permissions of the file alone, --no-passphrase")
                })
            };
            let first = ask("Passphrase of the new key: ")?;
            if *ask("The same again: ")? != *first {
                return Err(Complaint::new(Code::UsageConflict, "the two passphrases differ").remedy("try again"));
            }
            first
        }
        _ => passphrase(Path::new("the new key"), file)?,
    };
    if said.is_empty() {
        return Err(Complaint::new(Code::UsageConflict, "the passphrase is empty")
            .expected("a passphrase")
            .remedy("to rely on the permissions of the file alone, say --no-passphrase"));
    }
    Ok(said)
}

/// What was said comes first: a file, the environment, and at last the person at the terminal.
fn passphrase(key: &Path, file: Option<&Path>) -> Result<Zeroizing<Vec<u8>>, Complaint> {
    let passphrase = match file {
        Some(file) => secret_line(file, "a passphrase")?,
        None => match context::key_passphrase() {
            Some(said) => said,
            None => {
                ask(&format!("Passphrase of {}: ", stella_vocabulary::text::Bounded(&key.display().to_string(), 300)))
                    .map_err(|_| {
                    Complaint::new(Code::UsageConflict, "the key is encrypted, and there is no passphrase")
                        .in_file(key)
                        .found("no terminal to ask at")
                        .expected("--passphrase-file, or STELLA_KEY_PASSPHRASE")
                        .remedy("give --passphrase-file FILE, a file that only you can read")
                })?
            }
        },
    };
    if passphrase.len() > PASSPHRASE {
        return Err(Complaint::new(Code::InputTooLarge, "this passphrase is too long")
            .expected(format!("at most {PASSPHRASE} bytes")));
    }
    Ok(passphrase)
}

/// Asks at the terminal, without echo.
#[cfg(unix)]
pub(crate) fn ask(prompt: &str) -> std::io::Result<Zeroizing<Vec<u8>>> {
    use std::fs::OpenOptions;
    use std::io::{Read as _, Write as _};
    use std::os::fd::AsFd as _;

    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let usual = tcgetattr(terminal.as_fd())?;
    let mut quiet = usual.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    quiet.local_modes.insert(LocalModes::ECHONL | LocalModes::ICANON);
    terminal.write_all(prompt.as_bytes())?;
    tcsetattr(terminal.as_fd(), OptionalActions::Flush, &quiet)?;
    let mut line = Zeroizing::new(Vec::with_capacity(PASSPHRASE.saturating_add(1)));
    let mut byte = [0];
    let read = loop {
        match terminal.read(&mut byte) {
            Ok(1) if byte != *b"\n" && line.len() <= PASSPHRASE => line.push(byte[0]),
            Ok(_) => break Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    // Echo comes back whatever happened.
    tcsetattr(terminal.as_fd(), OptionalActions::Flush, &usual)?;
    read.map(|()| line)
}

#[cfg(not(unix))]
pub(crate) fn ask(_: &str) -> std::io::Result<Zeroizing<Vec<u8>>> {
    Err(std::io::ErrorKind::Unsupported.into())
}
