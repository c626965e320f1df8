//! Whom a signing certificate was issued to, and who vouched for that: what it says of itself.
//!
//! # Left to the caller
//! Whether anybody trusted issued the certificate. In a verified report, [`Signer`](crate::Signer) holds the same names.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::{Certificate, GeneralName};

/// Fulcio's "OIDC Issuer (V2)", a DER `UTF8String`. Fulcio documentation `oid-info.md`, 1.3.6.1.4.1.57264.1.8.
const FULCIO_ISSUER_V2: &str = "1.3.6.1.4.1.57264.1.8";

/// Fulcio's deprecated "OIDC Issuer", raw text, 1.3.6.1.4.1.57264.1.1.
const FULCIO_ISSUER_V1: &str = "1.3.6.1.4.1.57264.1.1";

/// Fulcio's "OtherName SAN", a DER `UTF8String` inside an `otherName`, 1.3.6.1.4.1.57264.1.7.
const FULCIO_USERNAME: &str = "1.3.6.1.4.1.57264.1.7";

/// The names that can be an identity: e-mail addresses, URIs, DNS names and Fulcio user names, in the order of the certificate.
///
/// The common name of the subject is never one of them.
#[must_use]
pub fn names(certificate: &Certificate) -> Vec<String> {
    certificate
        .subject_alt_names()
        .iter()
        .filter_map(|name| match name {
            GeneralName::Rfc822Name(name) | GeneralName::Uri(name) | GeneralName::DnsName(name) => Some(name.clone()),
            GeneralName::OtherName { type_id, value } if type_id == FULCIO_USERNAME => utf8_string(value),
            _ => None,
        })
        .collect()
}

/// The identity provider that vouched for the names; `None` if the certificate holds none, or holds two that disagree.
#[must_use]
pub fn issuer(certificate: &Certificate) -> Option<String> {
    let current = certificate.extension(FULCIO_ISSUER_V2).map(|extension| utf8_string(extension.value));
    let former = certificate
        .extension(FULCIO_ISSUER_V1)
        .map(|extension| core::str::from_utf8(extension.value).ok().map(ToString::to_string));
    match (current, former) {
        (Some(current), Some(former)) => current.filter(|current| former.as_ref() == Some(current)),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => None,
    }
}

/// The text of a DER `UTF8String` of less than 64 KiB.
fn utf8_string(der: &[u8]) -> Option<String> {
    const UTF8_STRING: u8 = 0x0c;
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, text) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81 => rest.split_first().map(|(&length, text)| (usize::from(length), text)).filter(|(l, _)| *l > 0x7f)?,
        0x82 => {
            let (length, text) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), text)
        }
        _ => return None,
    };
    (tag == UTF8_STRING && length == text.len()).then_some(())?;
    core::str::from_utf8(text).ok().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::utf8_string;

    #[test]
    fn a_utf8_string_is_read_whole_or_not_at_all() {
        assert_eq!(utf8_string(&[0x0c, 2, b'o', b'k']).as_deref(), Some("ok"));
        assert_eq!(utf8_string(&[0x0c, 2, b'o', b'k', b'!']), None);
        assert_eq!(utf8_string(&[0x0c, 3, b'o', b'k']), None);
        assert_eq!(utf8_string(&[0x13, 2, b'o', b'k']), None);
        assert_eq!(utf8_string(&[]), None);
        let mut long = alloc::vec![0x0c, 0x81, 200];
        long.extend([b'x'; 200]);
        assert_eq!(utf8_string(&long).map(|text| text.len()), Some(200));
    }
}
