//! A certificate transparency log that promises inclusion inside the certificate itself (RFC 6962 §3.2, §3.3).

use sha2::{Digest as _, Sha256};
use stella_vocabulary::UnixTime;

use crate::{
    authority::Authority,
    certificate::{CertificateBuilder, Extension},
    der,
    key::TestKey,
    oid,
};

/// A fake CT log.
pub struct CtLog {
    key: TestKey,
}

impl CtLog {
    /// The log called `label`, on P-256.
    pub fn new(label: &str) -> Self {
        Self { key: TestKey::p256(label) }
    }

    /// The log's key.
    pub fn key(&self) -> &TestKey {
        &self.key
    }

    /// Adds to `leaf` the list with one timestamp of this log, made at `at` for a certificate of `issuer`.
    pub fn embed(&self, leaf: CertificateBuilder, issuer: &Authority, at: UnixTime) -> CertificateBuilder {
        let sct = self.sct(&leaf, issuer, at);
        leaf.extension(sct_list(&[sct]))
    }

    /// One `SignedCertificateTimestamp` for `leaf` without its list, as a precertificate of `issuer`.
    pub fn sct(&self, leaf: &CertificateBuilder, issuer: &Authority, at: UnixTime) -> Vec<u8> {
        let tbs = leaf.clone().without_extension(oid::SCT_LIST).tbs(issuer.key());
        let milliseconds = u64::try_from(at.seconds()).expect("fixtures live after 1970") * 1000;
        let length = u32::try_from(tbs.len()).expect("certificates are small").to_be_bytes();

        let mut signed = vec![0, 0]; // v1, certificate_timestamp
        signed.extend(milliseconds.to_be_bytes());
        signed.extend([0, 1]); // precert_entry
        signed.extend(issuer.key().spki_sha256());
        signed.extend(&length[1..]);
        signed.extend(&tbs);
        signed.extend([0, 0]); // no CT extensions

        let mut sct = vec![0];
        sct.extend(Sha256::digest(self.key.spki()));
        sct.extend(milliseconds.to_be_bytes());
        sct.extend([0, 0]);
        sct.extend([4, 3]); // SHA-256, ECDSA
        sct.extend(with_length(&self.key.sign(&signed)));
        sct
    }
}

/// The extension that carries these timestamps.
pub fn sct_list(scts: &[Vec<u8>]) -> Extension {
    let list: Vec<u8> = scts.iter().flat_map(|sct| with_length(sct)).collect();
    Extension::plain(oid::SCT_LIST, der::octet_string(&with_length(&list)))
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    let mut out = u16::try_from(bytes.len()).expect("timestamps are small").to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}
