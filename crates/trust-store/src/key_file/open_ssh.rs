//! Lines of OpenSSH: `ssh-ed25519 AAAA… comment`.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_crypto_providers::PublicKey;
use stella_vocabulary::base64;

use super::error::KeyFileError;
use super::spki::{self, Curve};
use super::{HINT_BYTES, KeyForm, NamedKey, check_count};

/// The types of key that OpenSSH writes and that are not read here, by prefix.
const OTHER: [&str; 4] = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"];

/// Largest decoded key: RSA with 16,384 bits takes 2,100 bytes.
const BLOB_BYTES: usize = 4096;

/// Whether the first line that is no comment starts as a key does.
pub(super) fn is_likely(text: &str) -> bool {
    let first = lines(text).next();
    first.is_some_and(|(_, line)| OTHER.iter().any(|prefix| line.starts_with(prefix)))
}

pub(super) fn read(text: &str) -> Result<Vec<NamedKey>, KeyFileError> {
    let mut keys = Vec::new();
    for (number, line) in lines(text) {
        check_count(keys.len().saturating_add(1))?;
        keys.push(read_line(number, line)?);
    }
    Ok(keys)
}

/// Lines that hold something, with their number from 1 on.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = (1..).zip(text.lines().map(|line| line.trim_matches([' ', '\t', '\r'])));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn read_line(number: usize, line: &str) -> Result<NamedKey, KeyFileError> {
    let place = || format!("line {number}");
    let malformed = |flaw| KeyFileError::Malformed { place: place(), flaw };
    let (kind, rest) = line.split_once([' ', '\t']).ok_or_else(|| malformed("nothing follows the type of the key"))?;
    let rest = rest.trim_start_matches([' ', '\t']);
    let (blob, comment) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    if !["ssh-ed25519", "ssh-rsa", NIST_P256, NIST_P384, NIST_P521].contains(&kind) {
        if OTHER.iter().any(|prefix| kind.starts_with(prefix)) {
            return Err(KeyFileError::NotUsable { place: place(), what: kind.to_owned() });
        }
        // Options of `authorized_keys` before the type: they would restrict what is trusted here, or be ignored.
        return Err(malformed("it does not start with the type of a key"));
    }
    if blob.len() > BLOB_BYTES.saturating_mul(2) {
        return Err(malformed("the key is too long"));
    }
    let blob = base64::decode_standard(blob).map_err(|_| malformed("the key is not strict base64"))?;
    let key = PublicKey::from_spki_der(&key_info(kind, &blob).map_err(malformed)?)
        .map_err(|error| KeyFileError::Key { place: place(), error })?;
    Ok(NamedKey { key, hint: hint(comment).map_err(malformed)?, form: KeyForm::OpenSsh, scheme: None })
}

const NIST_P256: &str = "ecdsa-sha2-nistp256";
const NIST_P384: &str = "ecdsa-sha2-nistp384";
const NIST_P521: &str = "ecdsa-sha2-nistp521";

/// The SubjectPublicKeyInfo of what RFC 4253 §6.6, RFC 5656 §3.1 and RFC 8709 §4 put into the base64.
fn key_info(kind: &str, blob: &[u8]) -> Result<Vec<u8>, &'static str> {
    let mut fields = Fields { rest: blob };
    if fields.next()? != kind.as_bytes() {
        return Err("the type inside the key is another than the one before it");
    }
    let info = match kind {
        "ssh-ed25519" => {
            let key = fields.next()?;
            if key.len() != 32 {
                return Err("an Ed25519 key has 32 bytes");
            }
            spki::of_ed25519(key)
        }
        "ssh-rsa" => {
            let exponent = fields.next_number()?;
            let modulus = fields.next_number()?;
            spki::of_rsa(modulus, exponent)
        }
        _ => {
            let (name, curve): (&[u8], _) = match kind {
                NIST_P256 => (b"nistp256", Curve::P256),
                NIST_P384 => (b"nistp384", Curve::P384),
                _ => (b"nistp521", Curve::P521),
            };
            if fields.next()? != name {
                return Err("the curve inside the key is another than the one of its type");
            }
            spki::of_point(curve, fields.next()?)
        }
    };
    if fields.rest.is_empty() { Ok(info) } else { Err("bytes follow the end of the key") }
}

/// Fields with a length of four bytes before them. RFC 4251 §5.
struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn next(&mut self) -> Result<&'a [u8], &'static str> {
        const SHORT: &str = "the key ends before its last field";
        let (length, rest) = self.rest.split_first_chunk::<4>().ok_or(SHORT)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| SHORT)?;
        let (field, rest) = rest.split_at_checked(length).ok_or(SHORT)?;
        self.rest = rest;
        Ok(field)
    }

    /// An `mpint` above zero, without the zero that only says that it is not negative.
    fn next_number(&mut self) -> Result<&'a [u8], &'static str> {
        match self.next()? {
            [] | [0] => Err("a number of the key is zero"),
            [0, second, ..] if *second < 0x80 => Err("a number of the key has leading zeros"),
            [0, magnitude @ ..] => Ok(magnitude),
            [first, ..] if *first >= 0x80 => Err("a number of the key is negative"),
            magnitude => Ok(magnitude),
        }
    }
}

fn hint(comment: &str) -> Result<Option<String>, &'static str> {
    let comment = comment.trim();
    if comment.len() > HINT_BYTES {
        return Err("the comment is longer than 1024 bytes");
    }
    if comment.contains(char::is_control) {
        return Err("the comment has control characters");
    }
    Ok(if comment.is_empty() { None } else { Some(comment.to_string()) })
}
