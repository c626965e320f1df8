//! What a bundle says its signature verifies with.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::json::{Object, Value};
use crate::{BundleVersion, DocumentError, Limits, bytes};

/// What a bundle says its signature verifies with. Nothing in it is trusted.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// Certificates in DER, leaf first; at least one. Not parsed.
    Certificates(Vec<Vec<u8>>),
    /// Some name of a key that the verifier has, perhaps empty.
    PublicKeyHint(String),
}

impl KeyMaterial {
    /// Reads the one of `certificate`, `x509CertificateChain` and `publicKey` that is there.
    pub(crate) fn read(
        material: Object<'_, '_>,
        version: BundleVersion,
        limits: &Limits,
    ) -> Result<Self, DocumentError> {
        let certificate = material.optional("certificate");
        let chain = material.optional("x509CertificateChain");
        let key = material.optional("publicKey");
        let place = || material.value().place();
        match (certificate, chain, key) {
            (None, None, None) => Err(DocumentError::NoVerificationMaterial { place: place() }),
            (None, None, Some(key)) => match key.as_object()?.optional("hint") {
                Some(hint) => Ok(Self::PublicKeyHint(hint.as_identifier(limits.identifier_bytes)?.to_string())),
                None => Ok(Self::PublicKeyHint(String::new())),
            },
            (_, _, Some(_)) => {
                Err(DocumentError::KeyMaterialMismatch { place: place(), found: "both a public key and a certificate" })
            }
            (Some(_), Some(_), None) => Err(DocumentError::ShapeInvalid {
                place: place(),
                found: "both certificate and x509CertificateChain".to_string(),
                expected: "one of them",
            }),
            (Some(certificate), None, None) => {
                Ok(Self::Certificates(alloc::vec![read_certificate(certificate, limits)?]))
            }
            (None, Some(chain), None) => read_chain(chain, version, limits),
        }
    }
}

fn read_chain(value: Value<'_, '_>, version: BundleVersion, limits: &Limits) -> Result<KeyMaterial, DocumentError> {
    if version == BundleVersion::V03 {
        return Err(DocumentError::ShapeInvalid {
            place: value.place(),
            found: "x509CertificateChain".to_string(),
            expected: "certificate or publicKey in a bundle of version 0.3",
        });
    }
    let Some(list) = value.as_object()?.optional("certificates") else {
        return Err(DocumentError::CertificateMissing { place: value.place() });
    };
    let certificates = list.as_array()?;
    if certificates.is_empty() {
        return Err(DocumentError::CertificateMissing { place: list.place() });
    }
    if certificates.len() > limits.certificates {
        let (found, limit) = (certificates.len(), limits.certificates);
        return Err(DocumentError::TooManyEntries { place: list.place(), what: "certificates", found, limit });
    }
    let certificates = certificates.iter().map(|certificate| read_certificate(certificate, limits));
    Ok(KeyMaterial::Certificates(certificates.collect::<Result<_, _>>()?))
}

fn read_certificate(value: Value<'_, '_>, limits: &Limits) -> Result<Vec<u8>, DocumentError> {
    let Some(raw) = value.as_object()?.optional("rawBytes") else {
        return Err(DocumentError::CertificateMissing { place: value.place() });
    };
    let der = bytes::read(raw, "a certificate", limits.certificate_bytes)?;
    if der.is_empty() {
        return Err(DocumentError::CertificateMissing { place: raw.place() });
    }
    Ok(der)
}
