//! Public keys as people and servers hand them over: PEM, JWK, JWK sets, OpenSSH lines.
//!
//! Whatever the form, what comes out is a [`PublicKey`] in its canonical encoding, so that one key has one id however it was
//! written. The form is told from the content. Private and symmetric keys are refused before anything else is looked at, and
//! nothing of them is repeated in an error.
//!
//! ```
//! use stella_trust_store::key_file;
//!
//! let jwk = br#"{"kty":"OKP","crv":"Ed25519","kid":"release-7","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
//! let line = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea alice@example.com";
//! let (jwk, line) = (key_file::read_public_key(jwk)?, key_file::read_public_key(line)?);
//! assert_eq!(jwk.key.key_id(), line.key.key_id());
//! assert_eq!(line.hint.as_deref(), Some("alice@example.com"));
//! # Ok::<(), key_file::KeyFileError>(())
//! ```

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_crypto_providers::{KeyId, PublicKey, Scheme};
use stella_vocabulary::pem::{self, PemError};

mod error;
mod jwk;
mod open_ssh;
mod spki;

pub use self::error::KeyFileError;

/// Largest file or answer that is read, in bytes: what a fetch may bring (catalogue section 2).
pub const MAX_BYTES: usize = 1 << 20;

/// Most keys in one file or set. The largest set in public use has about 20.
pub const MAX_KEYS: usize = 1024;

/// Longest `kid` or comment, in bytes: as long as a label in the ledger.
const HINT_BYTES: usize = 1024;

/// A public key, and what the file says beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NamedKey {
    /// The key, checked and in its canonical form.
    pub key: PublicKey,
    /// The `kid` of a JWK or the comment of an OpenSSH line: not checked by anybody, without control characters, at most
    /// 1,024 bytes.
    pub hint: Option<String>,
    /// How the key was written.
    pub form: KeyForm,
    /// The only scheme the key is to be used with, where a JWK says so by `alg`; it fits the key. RFC 7517 §4.4.
    pub scheme: Option<Scheme>,
}

/// How a key was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum KeyForm {
    /// A JSON Web Key, alone or in a set. RFC 7517, RFC 8037.
    Jwk,
    /// A line as in `id_ed25519.pub`. RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4.
    OpenSsh,
    /// A block labelled `PUBLIC KEY`, as in `cosign.pub`. RFC 7468 §13.
    Pem,
}

impl fmt::Display for KeyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Jwk => "JWK",
            Self::OpenSsh => "OpenSSH",
            Self::Pem => "PEM",
        })
    }
}

/// The keys of one file or answer, and what in it was no key to verify signatures with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<NamedKey>,
    left_out: Vec<LeftOut>,
}

/// An element of a JWK set that was left out, as RFC 7517 §5 asks of a reader who cannot use it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// Which: `$.keys[3]`.
    pub place: String,
    /// Why, as a sentence without a stop.
    pub why: String,
}

impl KeySet {
    /// Reads a JWK set, one JWK, one or more PEM blocks, or one or more OpenSSH lines.
    ///
    /// The keys come in the order of the file, each once: a key that is there again under another name is listed in
    /// [`KeySet::left_out`], as are the elements of a JWK set that are for something else than signatures or of a type that this
    /// library does not know. Members `x5c`, `x5t` and `x5u` are not looked at.
    ///
    /// # Errors
    /// [`KeyFileError`]. A set is taken entirely or not at all: private or symmetric keys, one `kid` with two keys, contradictions
    /// between `kty`, `crv`, `alg`, `use` and `key_ops`, weak keys and malformed numbers refuse all of it, and so does a set without
    /// a single key to verify signatures with.
    pub fn read(input: &[u8]) -> Result<Self, KeyFileError> {
        if input.len() > MAX_BYTES {
            return Err(KeyFileError::TooLarge { found: input.len() });
        }
        let set = match Sniffed::of(input)? {
            Sniffed::Json => jwk::read(input)?,
            Sniffed::OpenSsh(text) => Self { keys: open_ssh::read(text)?, left_out: Vec::new() },
            Sniffed::Pem => Self { keys: blocks(input)?, left_out: Vec::new() },
        };
        let set = set.each_once()?;
        if set.keys.is_empty() {
            return Err(KeyFileError::NoKey { left_out: set.left_out.len() });
        }
        Ok(set)
    }

    /// The keys, in the order of the file; there is at least one.
    pub fn keys(&self) -> &[NamedKey] {
        &self.keys
    }

    /// The keys, by value.
    pub fn into_keys(self) -> Vec<NamedKey> {
        self.keys
    }

    /// What was left out, in the order of the file.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Keeps the first of equal keys; refuses one name for two.
    fn each_once(self) -> Result<Self, KeyFileError> {
        let Self { keys, mut left_out } = self;
        // A comment names a person or a machine, of which one may well have several keys; a `kid` names the key.
        let mut named: Vec<(&str, KeyId)> = keys
            .iter()
            .filter(|named| named.form == KeyForm::Jwk)
            .filter_map(|named| Some((named.hint.as_deref()?, named.key.key_id())))
            .collect();
        named.sort_unstable();
        named.dedup();
        if let Some((twice, _)) = named.iter().zip(named.iter().skip(1)).find(|(one, next)| one.0 == next.0) {
            return Err(KeyFileError::DuplicateKid { kid: twice.0.to_string() });
        }
        let mut kept: Vec<NamedKey> = Vec::with_capacity(keys.len());
        for (number, named) in (1_usize..).zip(keys) {
            match kept.iter().find(|other| other.key.key_id() == named.key.key_id()) {
                Some(first) => left_out.push(LeftOut {
                    place: format!("key {number}"),
                    why: format!("the same key as {}", first.hint.as_deref().unwrap_or("one before it")),
                }),
                None => kept.push(named),
            }
        }
        Ok(Self { keys: kept, left_out })
    }
}

/// Reads a file that holds exactly one public key, in any [`KeyForm`]; a set of one is fine.
///
/// # Errors
/// As [`KeySet::read`], [`KeyFileError::SeveralKeys`] if there is more than one, and for a key that a set would leave out
/// [`KeyFileError::NotUsable`].
pub fn read_public_key(input: &[u8]) -> Result<NamedKey, KeyFileError> {
    if input.len() <= MAX_BYTES && matches!(Sniffed::of(input)?, Sniffed::Pem) {
        // Where one key is expected, text beside it might be taken for part of it (catalogue B030).
        return pem::parse_one(input, &["PUBLIC KEY"]).map_err(flaw).and_then(|block| named(&block, 1));
    }
    let set = KeySet::read(input)?;
    let found = set.keys.len().saturating_add(set.left_out.len());
    match set.keys.into_iter().next() {
        Some(named) if found == 1 => Ok(named),
        _ => Err(KeyFileError::SeveralKeys { found }),
    }
}

/// The keys of [`KeySet::read`].
///
/// # Errors
/// As [`KeySet::read`].
pub fn read_key_set(input: &[u8]) -> Result<Vec<NamedKey>, KeyFileError> {
    KeySet::read(input).map(KeySet::into_keys)
}

enum Sniffed<'a> {
    Json,
    OpenSsh(&'a str),
    Pem,
}

impl<'a> Sniffed<'a> {
    fn of(input: &'a [u8]) -> Result<Self, KeyFileError> {
        const BOUNDARY: &[u8] = b"-----BEGIN ";
        let start = input.trim_ascii_start();
        if start.is_empty() {
            return Err(KeyFileError::Empty);
        }
        // UTF-16 and byte order marks are for the reader of JSON to name.
        if matches!(start, [b'{' | b'[' | b'"', ..] | [0xef, 0xbb, 0xbf, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
            return Ok(Self::Json);
        }
        // PuTTY, and RFC 4716 with its four hyphens: forms that are not read, but whose secrets are recognised.
        if start.starts_with(b"PuTTY-User-Key-File-") || start.starts_with(b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY") {
            return Err(KeyFileError::PrivateKey { place: "line 1".to_string() });
        }
        if input.windows(BOUNDARY.len()).any(|window| window == BOUNDARY) {
            return Ok(Self::Pem);
        }
        match core::str::from_utf8(input) {
            Ok(text) if open_ssh::is_likely(text) => Ok(Self::OpenSsh(text)),
            _ => Err(KeyFileError::UnknownFormat),
        }
    }
}

fn blocks(input: &[u8]) -> Result<Vec<NamedKey>, KeyFileError> {
    let blocks = pem::parse_all(input, &["PUBLIC KEY"]).map_err(flaw)?;
    check_count(blocks.len())?;
    blocks.iter().zip(1_usize..).map(|(block, number)| named(block, number)).collect()
}

fn named(block: &pem::Block, number: usize) -> Result<NamedKey, KeyFileError> {
    let key = PublicKey::from_spki_der(block.der())
        .map_err(|error| KeyFileError::Key { place: format!("key {number}"), error })?;
    Ok(NamedKey { key, hint: None, form: KeyForm::Pem, scheme: None })
}

fn flaw(error: PemError) -> KeyFileError {
    match error {
        PemError::PrivateKeySupplied { line } => KeyFileError::PrivateKey { place: format!("line {line}") },
        error => KeyFileError::Pem(error),
    }
}

fn check_count(found: usize) -> Result<(), KeyFileError> {
    if found > MAX_KEYS { Err(KeyFileError::TooMany { found }) } else { Ok(()) }
}
