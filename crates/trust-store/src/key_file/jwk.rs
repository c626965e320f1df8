//! JSON Web Keys and sets of them. RFC 7517, RFC 7518 §6, RFC 8037 §2.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::Limits;
use stella_attest_model::json::{Document, Kind, Object, Value};
use stella_crypto_providers::{KeyType, PublicKey, Scheme};
use stella_vocabulary::{Code, base64};

use super::error::KeyFileError;
use super::spki::{self, Curve};
use super::{HINT_BYTES, KeyForm, KeySet, LeftOut, MAX_BYTES, NamedKey, check_count};

/// Members that hold a secret: RFC 7518 §6.2.2, §6.3.2 and §6.4.1, and `priv` of the drafts that follow it.
const SECRET: [&str; 9] = ["d", "dp", "dq", "k", "oth", "p", "priv", "q", "qi"];

/// Longest `kty`, `crv`, `alg`, `use` or operation, in bytes.
const NAME_BYTES: usize = 128;

/// Largest number: an RSA modulus of 16,384 bits, which is refused by name as too large.
const NUMBER_BYTES: usize = 2048;

/// A set if there is a member `keys`, else one key.
pub(super) fn read(input: &[u8]) -> Result<KeySet, KeyFileError> {
    let document = Document::parse_within(input, MAX_BYTES, &Limits::default())?;
    let root = document.root().as_object()?;
    let Some(keys) = root.member("keys") else {
        refuse_secret(root)?;
        return match read_key(root)? {
            Found::Key(key) => Ok(KeySet { keys: alloc::vec![key], left_out: Vec::new() }),
            Found::Unusable(what) => Err(KeyFileError::NotUsable { place: place(root.value()), what }),
        };
    };
    let elements = keys.as_array()?;
    check_count(elements.len())?;
    // All of them before any: a secret is named as such also when another key of the set is wrong in another way.
    for element in elements {
        refuse_secret(element.as_object()?)?;
    }
    let mut set = KeySet { keys: Vec::with_capacity(elements.len()), left_out: Vec::new() };
    for element in elements {
        match read_key(element.as_object()?)? {
            Found::Key(key) => set.keys.push(key),
            Found::Unusable(why) => set.left_out.push(LeftOut { place: place(element), why }),
        }
    }
    Ok(set)
}

enum Found {
    Key(NamedKey),
    /// Fine for somebody else, and why not for us.
    Unusable(String),
}

fn refuse_secret(key: Object<'_, '_>) -> Result<(), KeyFileError> {
    if SECRET.iter().any(|name| key.member(name).is_some()) {
        return Err(KeyFileError::PrivateKey { place: place(key.value()) });
    }
    if key.member("kty").is_some_and(|kty| kty.as_str() == Ok("oct")) {
        return Err(KeyFileError::SymmetricKey { place: place(key.value()) });
    }
    Ok(())
}

fn read_key(key: Object<'_, '_>) -> Result<Found, KeyFileError> {
    let kind = key.required("kty", Code::KeyMalformed)?.as_identifier(NAME_BYTES)?;
    let hint = match key.member("kid") {
        Some(kid) => Some(kid.as_identifier(HINT_BYTES)?.to_owned()).filter(|kid| !kid.is_empty()),
        None => None,
    };
    if let Some(purpose) = other_purpose(key)? {
        return Ok(Found::Unusable(purpose));
    }
    let curve = |expected: &[&str]| -> Result<Result<&str, String>, KeyFileError> {
        let curve = key.required("crv", Code::KeyMalformed)?.as_identifier(NAME_BYTES)?;
        if expected.contains(&curve) {
            return Ok(Ok(curve));
        }
        // A curve that belongs to another type is a contradiction, one that nobody here knows is none.
        if ["P-256", "P-384", "P-521", "secp256k1", "Ed25519", "Ed448", "X25519", "X448"].contains(&curve)
            && (kind == "EC") == (curve.starts_with("Ed") || curve.starts_with('X'))
        {
            return Err(contradiction(key, format!("crv `{curve}`"), format!("a curve of kty `{kind}`")));
        }
        Ok(Err(format!("a key on the curve {curve}")))
    };
    let der = match kind {
        "EC" => {
            let curve = match curve(&["P-256", "P-384", "P-521"])? {
                Ok("P-256") => Curve::P256,
                Ok("P-384") => Curve::P384,
                Ok(_) => Curve::P521,
                Err(unknown) => return Ok(Found::Unusable(unknown)),
            };
            let mut point = alloc::vec![4];
            for name in ["x", "y"] {
                let coordinate = bytes(key, name)?;
                // RFC 7518 §6.2.1.2: "The length of this octet string MUST be the full size of a coordinate".
                if coordinate.len() != curve.coordinate() {
                    return Err(malformed(key, "a coordinate has not the length of its curve"));
                }
                point.extend_from_slice(&coordinate);
            }
            spki::of_point(curve, &point)
        }
        "OKP" => {
            if let Err(unknown) = curve(&["Ed25519"])? {
                return Ok(Found::Unusable(unknown));
            }
            let x = bytes(key, "x")?;
            if x.len() != 32 {
                return Err(malformed(key, "an Ed25519 key has 32 bytes"));
            }
            spki::of_ed25519(&x)
        }
        "RSA" => spki::of_rsa(&number(key, "n")?, &number(key, "e")?),
        other => return Ok(Found::Unusable(format!("a key of type {other}"))),
    };
    let public =
        PublicKey::from_spki_der(&der).map_err(|error| KeyFileError::Key { place: place(key.value()), error })?;
    let scheme = match scheme(key, public.key_type())? {
        Ok(scheme) => scheme,
        Err(other) => return Ok(Found::Unusable(other)),
    };
    Ok(Found::Key(NamedKey { key: public, hint, form: KeyForm::Jwk, scheme }))
}

/// What the key is for, if that is not to verify signatures. RFC 7517 §4.2 and §4.3.
fn other_purpose(key: Object<'_, '_>) -> Result<Option<String>, KeyFileError> {
    let usage = key.member("use").map(|usage| usage.as_identifier(NAME_BYTES)).transpose()?;
    let mut operations = Vec::new();
    if let Some(list) = key.member("key_ops") {
        for operation in list.as_array()? {
            let operation = operation.as_identifier(NAME_BYTES)?;
            // "Duplicate key operation values MUST NOT be present in the array."
            if operations.contains(&operation) {
                return Err(malformed(key, "an operation is listed twice"));
            }
            operations.push(operation);
        }
    }
    let lists = key.member("key_ops").is_some();
    let verifies = operations.contains(&"verify");
    match usage {
        // "… if both are used, the information they convey MUST be consistent."
        Some("sig") if lists && !verifies => {
            Err(contradiction(key, "key_ops without `verify`".to_string(), "operations that fit use `sig`".to_string()))
        }
        Some(usage) if usage != "sig" && verifies => {
            Err(contradiction(key, format!("use `{usage}`"), "use `sig`, as key_ops has `verify`".to_string()))
        }
        Some(usage) if usage != "sig" => Ok(Some(format!("a key of use `{usage}`"))),
        _ if lists && !verifies => Ok(Some("a key whose key_ops do not have `verify`".to_string())),
        _ => Ok(None),
    }
}

/// The scheme that `alg` binds the key to. RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2. `Ok(Err(…))` is for an algorithm that makes no signatures
/// with keys of this type that we know.
fn scheme(key: Object<'_, '_>, key_type: KeyType) -> Result<Result<Option<Scheme>, String>, KeyFileError> {
    let Some(algorithm) = key.member("alg") else { return Ok(Ok(None)) };
    let algorithm = algorithm.as_identifier(NAME_BYTES)?;
    let scheme = match algorithm {
        "ES256" => Scheme::EcdsaP256Sha256,
        "ES384" => Scheme::EcdsaP384Sha384,
        "ES512" => Scheme::EcdsaP521Sha512,
        "EdDSA" | "Ed25519" => Scheme::Ed25519,
        "PS256" => Scheme::RsaPssSha256,
        "PS384" => Scheme::RsaPssSha384,
        "PS512" => Scheme::RsaPssSha512,
        "RS256" => Scheme::RsaPkcs1Sha256,
        "RS384" => Scheme::RsaPkcs1Sha384,
        "RS512" => Scheme::RsaPkcs1Sha512,
        // A secret is what these are for.
        "HS256" | "HS384" | "HS512" | "none" => {
            return Err(contradiction(key, format!("alg `{algorithm}`"), format!("an algorithm of {key_type} keys")));
        }
        other => return Ok(Err(format!("a key for {other}"))),
    };
    if scheme.key_type() != key_type {
        return Err(contradiction(key, format!("alg `{algorithm}`"), format!("an algorithm of {key_type} keys")));
    }
    Ok(Ok(Some(scheme)))
}

/// The bytes in a member: base64url without padding (RFC 7515 §2), and never the other alphabet.
fn bytes(key: Object<'_, '_>, name: &'static str) -> Result<Vec<u8>, KeyFileError> {
    let value = key.required(name, Code::KeyMalformed)?;
    if value.kind() != Kind::String {
        return Err(value.wrong_type("a string").into());
    }
    let text = value.as_str()?;
    if text.contains(['+', '/', '=']) {
        return Err(KeyFileError::Malformed { place: place(value), flaw: "it is not base64url without padding" });
    }
    base64::decode_bounded(text, NUMBER_BYTES)
        .map_err(|_| KeyFileError::Malformed { place: place(value), flaw: "it is not base64url without padding" })
}

/// RFC 7518 §2, Base64urlUInt: "the minimum number of octets needed".
fn number(key: Object<'_, '_>, name: &'static str) -> Result<Vec<u8>, KeyFileError> {
    let magnitude = bytes(key, name)?;
    match magnitude.first() {
        None | Some(0) => Err(malformed(key, "a number is zero or has leading zeros")),
        Some(_) => Ok(magnitude),
    }
}

fn malformed(key: Object<'_, '_>, flaw: &'static str) -> KeyFileError {
    KeyFileError::Malformed { place: place(key.value()), flaw }
}

fn contradiction(key: Object<'_, '_>, found: String, expected: String) -> KeyFileError {
    KeyFileError::Contradiction { place: place(key.value()), found, expected }
}

fn place(value: Value<'_, '_>) -> String {
    value.place().to_string()
}
