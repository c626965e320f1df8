//! What a certificate says of itself. Nobody has checked it here.

use stella_attest_verify::Certificate;
pub(crate) use stella_attest_verify::identity::{issuer, names as identities};
use stella_crypto_providers::Scheme;

/// The subject, in words where it is empty.
pub(crate) fn subject(certificate: &Certificate) -> String {
    if certificate.subject().is_empty() { "(no subject name)".to_string() } else { certificate.subject().to_string() }
}

/// The key id and the usual signature scheme of its key, or why it cannot be used.
pub(crate) fn key(certificate: &Certificate) -> (String, String) {
    match certificate.public_key() {
        Ok(key) => (key.key_id().to_string(), Scheme::for_key(&key).name().to_string()),
        Err(error) => ("unusable".to_string(), format!("none: {error}")),
    }
}
