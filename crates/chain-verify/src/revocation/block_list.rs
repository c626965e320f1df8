//! Keys and certificates that must not be used here, whatever their authorities say.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use stella_crypto_providers::HashAlgorithm;

use crate::certificate::Certificate;

/// Keys and certificates that must not be used here, whatever their authorities say.
///
/// A certificate is known by what its issuer signed, never by its own digest: that changes with the signature, which others may be able
/// to vary without breaking it (CVE-2026-25793).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BlockList {
    /// SHA-256 of `subjectPublicKeyInfo`.
    keys: BTreeSet<[u8; 32]>,
    /// SHA-256 of `tbsCertificate`.
    contents: BTreeSet<[u8; 32]>,
    /// Serial number and DER of the issuer.
    serials: BTreeSet<(Vec<u8>, Vec<u8>)>,
}

/// By what a certificate is known to a [`BlockList`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Blocked {
    /// By what its issuer signed.
    Contents,
    /// By its key.
    Key,
    /// By its issuer and serial number.
    Serial,
}

impl Blocked {
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::Contents => "the block list has what its issuer signed",
            Self::Key => "the block list has its key",
            Self::Serial => "the block list has its issuer and serial number",
        }
    }
}

impl BlockList {
    /// A list of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a certificate, in all three ways: also another one with its key, or of its issuer with its number, is refused.
    #[must_use]
    pub fn with_certificate(self, certificate: &Certificate) -> Self {
        let contents = sha256(certificate.tbs_der());
        let key = sha256(certificate.spki_der());
        self.with_contents(contents).with_key(key).with_serial(certificate.issuer().der(), certificate.serial())
    }

    /// Adds a certificate by SHA-256 of its `tbsCertificate`, header included.
    #[must_use]
    pub fn with_contents(mut self, tbs_sha256: [u8; 32]) -> Self {
        self.contents.insert(tbs_sha256);
        self
    }

    /// Adds a key by SHA-256 of its `subjectPublicKeyInfo`, header included.
    #[must_use]
    pub fn with_key(mut self, spki_sha256: [u8; 32]) -> Self {
        self.keys.insert(spki_sha256);
        self
    }

    /// Adds a certificate by the DER of its issuer's name and the contents of its serial number.
    #[must_use]
    pub fn with_serial(mut self, issuer: &[u8], serial: &[u8]) -> Self {
        self.serials.insert((serial.into(), issuer.into()));
        self
    }

    /// By what `certificate` is on the list, if it is.
    pub fn find(&self, certificate: &Certificate) -> Option<Blocked> {
        let is_in = |set: &BTreeSet<[u8; 32]>, bytes: &[u8]| !set.is_empty() && set.contains(&sha256(bytes));
        let serial = || (certificate.serial().to_vec(), certificate.issuer().der().to_vec());
        if is_in(&self.keys, certificate.spki_der()) {
            Some(Blocked::Key)
        } else if is_in(&self.contents, certificate.tbs_der()) {
            Some(Blocked::Contents)
        } else if !self.serials.is_empty() && self.serials.contains(&serial()) {
            Some(Blocked::Serial)
        } else {
            None
        }
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    for (to, from) in digest.iter_mut().zip(HashAlgorithm::Sha256.hash(&[bytes]).as_ref()) {
        *to = *from;
    }
    digest
}
