//! What a body says: keys, or where they are.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::{Limits, json};
use stella_crypto_providers::HashAlgorithm;
use stella_vocabulary::text::Bounded;

use super::error::{FetchError, KeysFlaw};
use super::fetched::{FetchedKey, FetchedKeys};
use crate::key_file::{KeyFileError, KeyForm, KeySet};

/// What a body says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Published {
    /// A discovery document of the right issuer: its keys are at this URL.
    Elsewhere {
        /// The `jwks_uri`, which may be any text.
        jwks_uri: String,
    },
    /// Keys.
    Keys(FetchedKeys),
}

/// The end of the URL of a discovery document. OpenID Connect Discovery 1.0 §4.
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Reads the body that came from `url`. A discovery document must be of one of `issuers`; without any, of the one its URL begins with.
pub(super) fn read(url: &str, issuers: &[&str], body: &[u8]) -> Result<Published, FetchError> {
    let malformed = |flaw| FetchError::KeysMalformed { url: url.to_string(), flaw };
    let start = body.trim_ascii_start();
    if start.starts_with(b"<") {
        return Err(malformed(KeysFlaw::Html));
    }
    if start.starts_with(b"{") {
        // What cannot be parsed is refused below, with the reasons of a key set.
        if let Ok(document) = json::Document::parse_within(body, body.len(), &Limits::default()) {
            let has = |name| document.root().member(name).is_some();
            if (has("jwks_uri") || has("issuer")) && !has("keys") && !has("kty") {
                return discovery(url, issuers, document.root());
            }
        }
    }
    let set = KeySet::read(body).map_err(|error| malformed(KeysFlaw::Unusable(error)))?;
    if set.keys().iter().any(|named| named.form == KeyForm::OpenSsh) {
        return Err(malformed(KeysFlaw::Unusable(KeyFileError::UnknownFormat)));
    }
    let left_out = set.left_out().to_vec();
    let keys: Vec<_> =
        set.into_keys().into_iter().map(|named| FetchedKey { key: named.key, kid: named.hint }).collect();
    // The output of SHA-256 has 32 bytes.
    let digest = HashAlgorithm::Sha256.hash(&[body]).as_bytes().try_into().unwrap_or([0; 32]);
    Ok(Published::Keys(FetchedKeys { digest, keys, left_out, url: url.to_string() }))
}

/// OpenID Connect Discovery 1.0 §4.3: "The issuer value returned MUST be identical to the Issuer URL that was used as the prefix".
fn discovery(url: &str, issuers: &[&str], document: json::Value<'_, '_>) -> Result<Published, FetchError> {
    let text = |name| document.member(name).and_then(|value| value.as_str().ok());
    let own = url.strip_suffix(WELL_KNOWN);
    let expected: Vec<&str> = if issuers.is_empty() { own.into_iter().collect() } else { issuers.to_vec() };
    let found = text("issuer");
    if !found.is_some_and(|found| expected.contains(&found)) {
        return Err(FetchError::IssuerMismatch {
            expected: expected.into_iter().map(str::to_string).collect(),
            found: found.map(|found| Bounded(found, 200).to_string()),
            url: url.to_string(),
        });
    }
    match text("jwks_uri") {
        Some(jwks_uri) => Ok(Published::Elsewhere { jwks_uri: jwks_uri.to_string() }),
        None => Err(FetchError::KeysMalformed { url: url.to_string(), flaw: KeysFlaw::NoKeySet }),
    }
}
