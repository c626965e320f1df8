//! Signed certificate timestamps inside a certificate. RFC 6962 §3.2, §3.3.

use alloc::string::ToString;
use alloc::vec::Vec;

use sha2::{Digest as _, Sha256};
use stella_crypto_providers::{HashAlgorithm, KeyType, Message, Registry, Scheme, SignatureEncoding, VerifiedBy};
use stella_vocabulary::{Code, Reason, UnixTime};

use crate::asn1::{Cursor, OCTET_STRING};
use crate::certificate::CertificateFields;
use crate::log::{KeyedLogs, Log, NotFound};
use crate::sct_error::SctError;

/// Content octets of 1.3.6.1.4.1.11129.2.4.2, the list of SCTs.
const SCT_LIST: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x02];
/// Most SCTs that are read: each may cost a signature check, and browsers ask for three at most.
pub(crate) const MAX_SCTS: usize = 16;

/// The certificate transparency logs that are trusted, ready to verify SCTs.
#[derive(Debug)]
pub struct CtLogSet {
    logs: KeyedLogs,
}

/// An SCT, verified.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VerifiedSct {
    /// Which log of [`CtLogSet::logs`] signed it.
    pub log: usize,
    /// When the log saw the certificate, cut to the second.
    pub time: UnixTime,
    /// Who said that the signature is good.
    pub by: VerifiedBy,
}

impl CtLogSet {
    /// Takes the logs to trust; their keys are prepared when they are first used.
    #[must_use]
    pub fn new(registry: &Registry, logs: Vec<Log>) -> Self {
        Self { logs: KeyedLogs::new(registry, logs) }
    }

    /// The logs, in the order given.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        self.logs.logs()
    }

    /// Verifies every SCT embedded in `leaf_der`, one result each, in the order of the certificate.
    ///
    /// `issuer_spki_der` is the public key of the certificate's issuer, SPKI DER. What a log signs is the certificate's body without the
    /// list of SCTs: it is cut out of the original bytes and the lengths around it are mended; nothing else is encoded anew.
    ///
    /// # Errors
    /// [`SctError::Missing`] for a certificate without the extension; [`SctError::Der`] and [`SctError::Malformed`] when the list cannot
    /// be read, so that nothing can be said about single SCTs; [`SctError::TooMany`] beyond 16.
    ///
    /// # Left to the caller
    /// Taking the issuer from a verified path and not by name, and counting *logs* where more than one SCT is asked for.
    pub fn verify_embedded(
        &self,
        leaf_der: &[u8],
        issuer_spki_der: &[u8],
    ) -> Result<Vec<Result<VerifiedSct, SctError>>, SctError> {
        let precertificate = Precertificate::parse(leaf_der)?;
        let scts = parse_list(precertificate.sct_list)?;
        let issuer_key_hash: [u8; 32] = Sha256::digest(issuer_spki_der).into();
        Ok(scts.into_iter().map(|sct| self.verify(&sct, &precertificate, &issuer_key_hash)).collect())
    }

    fn verify(
        &self,
        sct: &Result<Sct<'_>, SctError>,
        precertificate: &Precertificate<'_>,
        issuer_key_hash: &[u8; 32],
    ) -> Result<VerifiedSct, SctError> {
        let sct = sct.as_ref().map_err(Clone::clone)?;
        let seconds = i64::try_from(sct.timestamp / 1000).map_err(|_| SctError::Malformed)?;
        let time = UnixTime::from_seconds(seconds);
        let (index, log) = self.logs.find(sct.log_id, core::iter::once(time)).map_err(|refusal| match refusal {
            NotFound::Unknown => SctError::LogUnknown { log_id: sct.log_id.to_vec() },
            NotFound::OutsideWindow(log, at) => {
                SctError::LogOutsideWindow { log: log.name().to_string(), window: log.window(), at }
            }
        })?;
        if sct.algorithm != signature_and_hash(log.scheme()) {
            return Err(SctError::AlgorithmMismatch { log: log.name().to_string() });
        }
        let tbs_length = u32::try_from(precertificate.length()).ok().filter(|length| *length < 1 << 24);
        let tbs_length = tbs_length.ok_or(SctError::Malformed)?.to_be_bytes();
        let extensions_length = u16::try_from(sct.extensions.len()).map_err(|_| SctError::Malformed)?.to_be_bytes();
        let timestamp = sct.timestamp.to_be_bytes();
        let [header, before, explicit, list, extensions_before, extensions_after] = precertificate.parts();
        // digitally-signed struct of RFC 6962 §3.2: version v1, certificate_timestamp, time, precert_entry.
        let parts: [&[u8]; 13] = [
            &[0, 0],
            &timestamp,
            &[0, 1],
            issuer_key_hash,
            &tbs_length[1..],
            header,
            before,
            explicit,
            list,
            extensions_before,
            extensions_after,
            &extensions_length,
            sct.extensions,
        ];
        let key = self.logs.key(index, log).map_err(SctError::Crypto)?;
        match key.verify_saying_how(Message::Parts(&parts), sct.signature, SignatureEncoding::Der) {
            Ok(by) => Ok(VerifiedSct { log: index, time, by }),
            Err(error) if error.code() == Code::CryptoProviderFailed => Err(SctError::Provider(error)),
            Err(_) => Err(SctError::SignatureInvalid { log: log.name().to_string() }),
        }
    }
}

/// TLS codes of hash and signature algorithm, RFC 5246 §7.4.1.4.1; `None` where RFC 6962 §2.1.4 has no such log.
fn signature_and_hash(scheme: Scheme) -> Option<(u8, u8)> {
    let signature = match scheme.key_type() {
        KeyType::Rsa => 1,
        KeyType::EcP256 | KeyType::EcP384 | KeyType::EcP521 => 3,
        _ => return None,
    };
    let hash = match scheme.hash()? {
        HashAlgorithm::Sha256 => 4,
        HashAlgorithm::Sha384 => 5,
        HashAlgorithm::Sha512 => 6,
        _ => return None,
    };
    Some((hash, signature))
}

/// The body of a certificate as it was before the SCTs were put in.
struct Precertificate<'a> {
    sct_list: &'a [u8],
    tbs_header: Header,
    before: &'a [u8],
    /// `[3]` and the SEQUENCE in it.
    wrappers: [Header; 2],
    extensions_before: &'a [u8],
    extensions_after: &'a [u8],
}

impl<'a> Precertificate<'a> {
    fn parse(der: &'a [u8]) -> Result<Self, SctError> {
        let certificate = CertificateFields::parse(der).map_err(SctError::Der)?;
        let (explicit, list) = certificate.extensions.ok_or(SctError::Missing)?;
        let mut found = None;
        for extension in certificate.extensions() {
            let extension = extension.map_err(SctError::Der)?;
            if extension.oid == SCT_LIST && found.replace(extension).is_some() {
                return Err(SctError::Malformed);
            }
        }
        let found = found.ok_or(SctError::Missing)?;
        let sct_list = Cursor::document(found.value, OCTET_STRING).map_err(SctError::Der)?.content();

        let slice = |range: core::ops::Range<usize>| der.get(range).unwrap_or_default();
        let extensions_before = slice(list.content_range().start..found.element.range().start);
        let extensions_after = slice(found.element.range().end..list.content_range().end);
        let before = slice(certificate.tbs.content_range().start..explicit.range().start);

        let remaining = extensions_before.len() + extensions_after.len();
        // A certificate whose only extension is the list has none at all without it: an empty `Extensions` does not exist.
        let wrappers = if remaining == 0 {
            [Header::NONE; 2]
        } else {
            let inner = Header::new(list.tag, remaining);
            [Header::new(explicit.tag, remaining + inner.octets().len()), inner]
        };
        let wrapped = wrappers.iter().map(|header| header.octets().len()).sum::<usize>() + remaining;
        let tbs_header = Header::new(certificate.tbs.tag, before.len() + wrapped);
        Ok(Self { sct_list, tbs_header, before, wrappers, extensions_before, extensions_after })
    }

    fn parts(&self) -> [&[u8]; 6] {
        let [explicit, list] = &self.wrappers;
        [
            self.tbs_header.octets(),
            self.before,
            explicit.octets(),
            list.octets(),
            self.extensions_before,
            self.extensions_after,
        ]
    }

    fn length(&self) -> usize {
        self.parts().iter().map(|part| part.len()).sum()
    }
}

/// Identifier and length octets in DER.
#[derive(Clone, Copy)]
struct Header {
    octets: [u8; 10],
    length: usize,
}

impl Header {
    const NONE: Self = Self { octets: [0; 10], length: 0 };

    fn new(tag: u8, content_length: usize) -> Self {
        let mut header = Self::NONE;
        header.push(tag);
        let bytes = content_length.to_be_bytes();
        let significant = bytes.len() - bytes.iter().take_while(|byte| **byte == 0).count();
        if content_length >= 0x80 {
            // A usize has at most eight octets, so the count fits beside the long-form bit.
            header.push(0x80 | significant as u8);
        }
        bytes.iter().skip(bytes.len() - significant.max(1)).for_each(|byte| header.push(*byte));
        header
    }

    fn push(&mut self, octet: u8) {
        // Ten octets hold tag, count and the eight of a length.
        if let Some(slot) = self.octets.get_mut(self.length) {
            *slot = octet;
            self.length += 1;
        }
    }

    fn octets(&self) -> &[u8] {
        self.octets.get(..self.length).unwrap_or_default()
    }
}

/// One `SignedCertificateTimestamp`.
struct Sct<'a> {
    log_id: &'a [u8],
    timestamp: u64,
    extensions: &'a [u8],
    algorithm: Option<(u8, u8)>,
    signature: &'a [u8],
}

/// `SignedCertificateTimestampList` of RFC 6962 §3.3: a length, then SCTs each with its length.
fn parse_list(list: &[u8]) -> Result<Vec<Result<Sct<'_>, SctError>>, SctError> {
    let mut outer = Octets(list);
    let mut inside = Octets(outer.vector().ok_or(SctError::Malformed)?);
    if !outer.0.is_empty() || inside.0.is_empty() {
        return Err(SctError::Malformed);
    }
    let mut scts = Vec::new();
    while !inside.0.is_empty() {
        if scts.len() == MAX_SCTS {
            return Err(SctError::TooMany);
        }
        scts.push(parse_sct(inside.vector().ok_or(SctError::Malformed)?));
    }
    Ok(scts)
}

fn parse_sct(sct: &[u8]) -> Result<Sct<'_>, SctError> {
    match sct.first() {
        None => return Err(SctError::Malformed),
        Some(0) => {}
        Some(version) => return Err(SctError::VersionUnsupported { version: *version }),
    }
    let mut octets = Octets(sct.get(1..).unwrap_or_default());
    let mut parse = || {
        let log_id = octets.take(32)?;
        let timestamp = u64::from_be_bytes(octets.take(8)?.try_into().ok()?);
        let extensions = octets.vector()?;
        let algorithm = octets.take(2)?;
        let algorithm = Some((*algorithm.first()?, *algorithm.get(1)?));
        let signature = octets.vector()?;
        octets.0.is_empty().then_some(Sct { log_id, timestamp, extensions, algorithm, signature })
    };
    parse().ok_or(SctError::Malformed)
}

/// TLS presentation language.
struct Octets<'a>(&'a [u8]);

impl<'a> Octets<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// `opaque x<0..2^16-1>`.
    fn vector(&mut self) -> Option<&'a [u8]> {
        let length = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        self.take(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sct(version: u8) -> Vec<u8> {
        let mut sct = alloc::vec![version];
        sct.extend([7; 32]);
        sct.extend(1000_u64.to_be_bytes());
        sct.extend([0, 1, 9, 4, 3, 0, 2, 5, 6]);
        sct
    }

    fn vector(content: &[u8]) -> Vec<u8> {
        let mut vector = u16::try_from(content.len()).unwrap().to_be_bytes().to_vec();
        vector.extend_from_slice(content);
        vector
    }

    #[test]
    fn each_sct_of_a_list_is_read_with_its_own_result() {
        let list = vector(&[vector(&sct(0)), vector(&sct(1)), vector(&sct(0)[..44]), vector(&sct(0))].concat());
        let results = parse_list(&list).unwrap();
        assert_eq!(results.len(), 4);
        let first = results[0].as_ref().unwrap();
        assert_eq!((first.log_id, first.timestamp, first.extensions), (&[7; 32][..], 1000, &[9][..]));
        assert_eq!((first.algorithm, first.signature), (Some((4, 3)), &[5, 6][..]));
        assert!(matches!(results[1], Err(SctError::VersionUnsupported { version: 1 })));
        assert!(matches!(results[2], Err(SctError::Malformed)));
        assert!(results[3].is_ok());
    }

    #[test]
    fn a_list_that_is_empty_cut_or_followed_by_more_is_refused() {
        let good = vector(&vector(&sct(0)));
        assert!(parse_list(&good).is_ok());
        for length in 0..good.len() {
            assert!(parse_list(&good[..length]).is_err(), "{length}");
        }
        assert!(parse_list(&[good, alloc::vec![0]].concat()).is_err());
        assert!(parse_list(&vector(&[])).is_err());
        assert!(matches!(parse_list(&vector(&vector(&[]))).unwrap()[0], Err(SctError::Malformed)));
    }

    #[test]
    fn sixteen_scts_are_read_and_one_more_is_refused() {
        let list = |count| vector(&vector(&sct(0)).repeat(count));
        assert_eq!(parse_list(&list(16)).unwrap().len(), 16);
        assert!(matches!(parse_list(&list(17)), Err(SctError::TooMany)));
    }

    #[test]
    fn lengths_are_written_in_the_shortest_form() {
        assert_eq!(Header::new(0x30, 0).octets(), [0x30, 0]);
        assert_eq!(Header::new(0x30, 127).octets(), [0x30, 127]);
        assert_eq!(Header::new(0x30, 128).octets(), [0x30, 0x81, 128]);
        assert_eq!(Header::new(0x30, 255).octets(), [0x30, 0x81, 255]);
        assert_eq!(Header::new(0x30, 256).octets(), [0x30, 0x82, 1, 0]);
        assert_eq!(Header::new(0xa3, 65536).octets(), [0xa3, 0x83, 1, 0, 0]);
    }
}
