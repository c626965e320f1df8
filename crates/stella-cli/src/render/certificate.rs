//! What a certificate says of itself. Nobody has checked it here.

use stella_attest_verify::Certificate;
use stella_chain_verify::GeneralName;
use stella_crypto_providers::Scheme;

/// Fulcio's "Issuer (V2)", a DER `UTF8String`, and its deprecated forerunner, raw text (Fulcio `oid-info.md`).
const ISSUER: &str = "1.3.6.1.4.1.57264.1.8";
const FORMER_ISSUER: &str = "1.3.6.1.4.1.57264.1.1";

/// The names that can be an identity: e-mail addresses, URIs and DNS names.
pub(crate) fn identities(certificate: &Certificate) -> Vec<String> {
    certificate
        .subject_alt_names()
        .iter()
        .filter_map(|name| match name {
            GeneralName::Rfc822Name(name) | GeneralName::Uri(name) | GeneralName::DnsName(name) => Some(name.clone()),
            _ => None,
        })
        .collect()
}

/// The subject, in words where it is empty.
pub(crate) fn subject(certificate: &Certificate) -> String {
    if certificate.subject().is_empty() { "(no subject name)".to_string() } else { certificate.subject().to_string() }
}

/// Who is said to have vouched for the identity.
pub(crate) fn issuer(certificate: &Certificate) -> Option<String> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(ToString::to_string);
    let current = certificate.extension(ISSUER).and_then(|extension| match extension.value {
        // Tag and a length below 128: an issuer is the URL of a host.
        [0x0c, length, rest @ ..] if usize::from(*length) == rest.len() && *length < 0x80 => text(rest),
        _ => None,
    });
    current.or_else(|| certificate.extension(FORMER_ISSUER).and_then(|extension| text(extension.value)))
}

/// The key id and the usual signature scheme of its key, or why it cannot be used.
pub(crate) fn key(certificate: &Certificate) -> (String, String) {
    match certificate.public_key() {
        Ok(key) => (key.key_id().to_string(), Scheme::for_key(&key).name().to_string()),
        Err(error) => ("unusable".to_string(), format!("none: {error}")),
    }
}
