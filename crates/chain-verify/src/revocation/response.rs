//! An OCSP response and the exact bytes it came in. RFC 6960 §4.2.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use der::Tag;
use der::asn1::ObjectIdentifier;
use sha1::{Digest as _, Sha1};
use stella_crypto_providers::{HashAlgorithm, PublicKey, Scheme};
use stella_vocabulary::UnixTime;

use super::extensions::read_extensions;
use super::list::RevocationReason;
use super::response_error::OcspResponseError;
use crate::certificate::Certificate;
use crate::link::{self, LinkFault};
use crate::name::{self, Name};
use crate::oid::Oid;
use crate::time;
use crate::tlv::{self, Element, Elements, Fault, FaultKind, constructed, primitive};

/// Bytes accepted as one response by default. Real ones, with the certificate of the responder, stay below 8 KiB.
pub const MAX_OCSP_RESPONSE_BYTES: usize = 1024 * 1024;

/// Most certificates that a response may bring.
const MAX_CERTIFICATES: usize = 32;
/// Most certificates that one response may speak of.
const MAX_ANSWERS: usize = 1_024;

const BASIC_RESPONSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
const NONCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.2");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");

/// An OCSP response, syntactically sound, and the exact bytes it came in. RFC 6960 §4.2.1.
///
/// Nothing about it is verified: that is what [`crate::Revocation`] does. Cloning is cheap.
#[derive(Clone)]
pub struct OcspResponse(Arc<Parts>);

struct Parts {
    der: Arc<[u8]>,
    tbs: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
    responder: Responder,
    produced_at: UnixTime,
    answers: Vec<Answer>,
    nonce: Option<Range<usize>>,
    /// The first critical extension of the whole response that is not known.
    unknown_critical: Option<alloc::string::String>,
    certificates: Vec<Certificate>,
}

/// Who answers: `ResponderID`.
#[derive(Clone, Debug)]
pub(super) enum Responder {
    Name(Name),
    /// SHA-1 of the key.
    Key([u8; 20]),
}

/// By which function the issuer is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IdHash {
    Sha1,
    Other(HashAlgorithm),
    /// Not known here: such an answer is about nobody.
    Unknown,
}

/// `SingleResponse`: what is said about one certificate.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    hash: IdHash,
    issuer_name: Range<usize>,
    issuer_key: Range<usize>,
    serial: Range<usize>,
    pub(super) status: AnswerStatus,
    pub(super) this_update: UnixTime,
    pub(super) next_update: Option<UnixTime>,
    pub(super) is_understood: bool,
}

/// `CertStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnswerStatus {
    Good,
    Revoked { at: UnixTime, reason: RevocationReason },
    Unknown,
}

impl AnswerStatus {
    /// Whether the certificate was revoked and cannot come back: all reasons but certificateHold. RFC 5280 §5.3.1.
    pub(super) fn is_for_good(self) -> bool {
        matches!(self, Self::Revoked { reason, .. } if reason != RevocationReason::CertificateHold)
    }
}

impl OcspResponse {
    /// Reads one response in strict DER, of at most 1 MiB, with nothing after it.
    ///
    /// # Errors
    /// [`OcspResponseError`] says at which byte and in which field the input stops being a response, or that the responder gave no answer.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspResponseError> {
        Self::from_der_within(der, MAX_OCSP_RESPONSE_BYTES)
    }

    /// Reads one response in strict DER of at most `limit` bytes, with nothing after it.
    ///
    /// # Errors
    /// As [`OcspResponse::from_der`].
    pub fn from_der_within(der: &[u8], limit: usize) -> Result<Self, OcspResponseError> {
        if der.len() > limit {
            return Err(OcspResponseError::TooLarge { length: der.len(), limit });
        }
        read(&Arc::from(der)).map(|parts| Self(Arc::new(parts)))
    }

    /// The whole response, DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// When it was signed.
    pub fn produced_at(&self) -> UnixTime {
        self.0.produced_at
    }

    /// Of how many certificates it speaks.
    pub fn len(&self) -> usize {
        self.0.answers.len()
    }

    /// Whether it speaks of no certificate.
    pub fn is_empty(&self) -> bool {
        self.0.answers.is_empty()
    }

    /// The number that the one who asked gave with the question, if the responder repeats it. RFC 9654.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.nonce.clone().map(|range| self.slice(range))
    }

    /// The certificates it brings: that of the responder, if it is not the authority itself.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// The first critical extension of the whole response that is not known (dotted decimal): then it says nothing.
    pub fn unknown_critical_extension(&self) -> Option<&str> {
        self.0.unknown_critical.as_deref()
    }

    /// Whether it speaks of `certificate` as one issued by `issuer`.
    pub fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.answers_about(certificate, issuer).next().is_some()
    }

    /// What it says about `certificate`, issued by `issuer`: name, key and serial number agree. RFC 6960 §4.1.1.
    pub(super) fn answers_about<'r>(
        &'r self,
        certificate: &'r Certificate,
        issuer: &'r Certificate,
    ) -> impl Iterator<Item = &'r Answer> {
        let is_same = |hash: IdHash, found: Range<usize>, bytes: &[u8]| {
            let found = self.slice(found);
            match hash {
                IdHash::Sha1 => found == Sha1::digest(bytes).as_slice(),
                IdHash::Other(hash) => found == hash.hash(&[bytes]).as_bytes(),
                IdHash::Unknown => false,
            }
        };
        self.0.answers.iter().filter(move |answer| {
            self.slice(answer.serial.clone()) == certificate.serial()
                && is_same(answer.hash, answer.issuer_name.clone(), certificate.issuer().der())
                && is_same(answer.hash, answer.issuer_key.clone(), issuer.key_bits())
        })
    }

    pub(super) fn responder(&self) -> &Responder {
        &self.0.responder
    }

    /// The scheme by which `key` would have signed the response.
    pub(super) fn scheme(&self, key: &PublicKey) -> Result<Scheme, LinkFault> {
        link::scheme_from(self.slice(self.0.algorithm.clone()), key)
    }

    pub(super) fn tbs_der(&self) -> &[u8] {
        self.slice(self.0.tbs.clone())
    }

    pub(super) fn signature(&self) -> &[u8] {
        self.slice(self.0.signature.clone())
    }

    fn slice(&self, range: Range<usize>) -> &[u8] {
        self.0.der.get(range).unwrap_or(&[])
    }
}

impl Responder {
    /// Whether `certificate` is that of the responder.
    pub(super) fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => name.matches(certificate.subject()),
            Self::Key(hash) => Sha1::digest(certificate.key_bits()).as_slice() == hash,
        }
    }
}

impl fmt::Debug for OcspResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OcspResponse({} answers, produced at {})", self.len(), self.produced_at())
    }
}

/// Walks `OCSPResponse`.
fn read(der: &Arc<[u8]>) -> Result<Parts, OcspResponseError> {
    let mut input = Elements::new(der, 0, "OCSPResponse")?;
    let mut outer = input.sequence("OCSPResponse")?;
    input.finish()?;
    let status = outer.expect(Tag::Enumerated, "responseStatus")?;
    let [status_code] = status.contents else {
        return Err(status.fault(FaultKind::Malformed, "responseStatus").into());
    };
    if *status_code != 0 {
        return Err(OcspResponseError::NotSuccessful { status: *status_code });
    }
    // "The response MUST include a SingleResponse for each certificate in the request": success without bytes says nothing.
    let explicit = outer.expect(constructed(0), "responseBytes")?;
    outer.finish()?;
    let mut inner = explicit.open("responseBytes")?;
    let mut bytes = inner.sequence("responseBytes")?;
    inner.finish()?;
    let kind = bytes.expect(Tag::ObjectIdentifier, "responseType")?;
    let kind = Oid::from_element(&kind, "responseType")?;
    if !kind.is(&BASIC_RESPONSE) {
        return Err(OcspResponseError::TypeUnsupported { oid: kind.dotted() });
    }
    let response = bytes.expect(Tag::OctetString, "response")?;
    bytes.finish()?;
    let mut contents = response.open("BasicOCSPResponse")?;
    let basic = contents.sequence("BasicOCSPResponse")?;
    contents.finish()?;
    read_basic(der, basic)
}

fn read_basic(der: &Arc<[u8]>, mut basic: Elements<'_>) -> Result<Parts, OcspResponseError> {
    let tbs_element = basic.expect(Tag::Sequence, "tbsResponseData")?;
    let algorithm = tlv::algorithm(&mut basic, "signatureAlgorithm")?;
    let signature = basic.expect(Tag::BitString, "signature")?;
    let (unused, bits) = tlv::bit_string(&signature, "signature")?;
    if unused != 0 || bits.is_empty() {
        return Err(signature.fault(FaultKind::Malformed, "signature").into());
    }
    let mut certificates = Vec::new();
    if let Some(explicit) = basic.optional(constructed(0), "certs")? {
        let mut inner = explicit.open("certs")?;
        let mut list = inner.sequence("certs")?;
        inner.finish()?;
        while !list.is_finished() {
            let element = list.any("certs")?;
            if certificates.len() >= MAX_CERTIFICATES {
                return Err(OcspResponseError::TooMany { what: "certificates", limit: MAX_CERTIFICATES });
            }
            let index = certificates.len();
            let certificate = Certificate::from_der(der.get(element.range()).unwrap_or(&[]));
            certificates.push(certificate.map_err(|error| OcspResponseError::Certificate { index, error })?);
        }
    }
    basic.finish()?;

    let mut tbs = tbs_element.open("tbsResponseData")?;
    // Version 1 is the default and the only one; DER leaves defaults out, some responders do not.
    if let Some(explicit) = tbs.optional(constructed(0), "version")? {
        let mut inner = explicit.open("version")?;
        let number = inner.expect(Tag::Integer, "version")?;
        inner.finish()?;
        if number.contents != [0] {
            return Err(number.fault(FaultKind::Malformed, "version").into());
        }
    }
    let responder = read_responder(der, &mut tbs)?;
    let produced_at = read_time(&tbs.any("producedAt")?, "producedAt")?;
    let mut list = tbs.sequence("responses")?;
    let mut answers = Vec::new();
    while !list.is_finished() {
        if answers.len() >= MAX_ANSWERS {
            return Err(OcspResponseError::TooMany { what: "answers", limit: MAX_ANSWERS });
        }
        answers.push(read_answer(&mut list)?);
    }
    let (mut nonce, mut unknown_critical) = (None, None);
    if let Some(explicit) = tbs.optional(constructed(1), "responseExtensions")? {
        let mut inner = explicit.open("responseExtensions")?;
        let element = inner.expect(Tag::Sequence, "responseExtensions")?;
        inner.finish()?;
        for extension in read_extensions(&element, "responseExtensions")? {
            if extension.oid.is(&NONCE) {
                nonce = Some(read_nonce(&extension.value));
            } else if extension.critical && unknown_critical.is_none() {
                unknown_critical = Some(extension.oid.dotted());
            }
        }
    }
    tbs.finish()?;
    Ok(Parts {
        tbs: tbs_element.range(),
        algorithm,
        signature: signature.end().saturating_sub(bits.len())..signature.end(),
        responder,
        produced_at,
        answers,
        nonce,
        unknown_critical,
        certificates,
        der: Arc::clone(der),
    })
}

fn read_responder(der: &Arc<[u8]>, tbs: &mut Elements<'_>) -> Result<Responder, OcspResponseError> {
    const FIELD: &str = "responderID";
    if let Some(explicit) = tbs.optional(constructed(1), FIELD)? {
        let mut inner = explicit.open(FIELD)?;
        let name = inner.any(FIELD)?;
        inner.finish()?;
        name::check(&name, FIELD)?;
        return Ok(Responder::Name(Name::in_buffer(der, name.range())));
    }
    let explicit = tbs.expect(constructed(2), FIELD)?;
    let mut inner = explicit.open(FIELD)?;
    let hash = inner.expect(Tag::OctetString, FIELD)?;
    inner.finish()?;
    match hash.contents.try_into() {
        Ok(hash) => Ok(Responder::Key(hash)),
        Err(_) => Err(hash.fault(FaultKind::Malformed, FIELD).into()),
    }
}

fn read_answer(list: &mut Elements<'_>) -> Result<Answer, OcspResponseError> {
    let mut single = list.sequence("SingleResponse")?;
    let mut id = single.sequence("certID")?;
    let mut hash = id.sequence("hashAlgorithm")?;
    let function = hash.expect(Tag::ObjectIdentifier, "hashAlgorithm")?;
    let function = Oid::from_element(&function, "hashAlgorithm")?;
    if !hash.is_finished() {
        hash.opaque("hashAlgorithm")?;
    }
    hash.finish()?;
    let issuer_name = id.expect(Tag::OctetString, "issuerNameHash")?.contents_range();
    let issuer_key = id.expect(Tag::OctetString, "issuerKeyHash")?.contents_range();
    let serial = id.expect(Tag::Integer, "serialNumber")?;
    tlv::integer(&serial, "serialNumber")?;
    id.finish()?;

    let status = single.any("certStatus")?;
    let status = match status.tag {
        tag if tag == primitive(0) && status.contents.is_empty() => AnswerStatus::Good,
        tag if tag == primitive(2) && status.contents.is_empty() => AnswerStatus::Unknown,
        tag if tag == constructed(1) => read_revoked(&status)?,
        _ => return Err(status.fault(FaultKind::Malformed, "certStatus").into()),
    };
    let this_update = read_time(&single.any("thisUpdate")?, "thisUpdate")?;
    let next_update = match single.optional(constructed(0), "nextUpdate")? {
        Some(explicit) => {
            let mut inner = explicit.open("nextUpdate")?;
            let next = read_time(&inner.any("nextUpdate")?, "nextUpdate")?;
            inner.finish()?;
            Some(next)
        }
        None => None,
    };
    let mut is_understood = true;
    if let Some(explicit) = single.optional(constructed(1), "singleExtensions")? {
        let mut inner = explicit.open("singleExtensions")?;
        let element = inner.expect(Tag::Sequence, "singleExtensions")?;
        inner.finish()?;
        is_understood = !read_extensions(&element, "singleExtensions")?.iter().any(|extension| extension.critical);
    }
    single.finish()?;
    let hash = [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512]
        .into_iter()
        .zip(["2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"])
        .find(|(_, oid)| function.is_written(oid))
        .map_or(IdHash::Unknown, |(hash, _)| IdHash::Other(hash));
    let hash = if function.is(&SHA1) { IdHash::Sha1 } else { hash };
    let serial = serial.contents_range();
    Ok(Answer { hash, issuer_name, issuer_key, serial, status, this_update, next_update, is_understood })
}

fn read_revoked(status: &Element<'_>) -> Result<AnswerStatus, OcspResponseError> {
    let mut revoked = status.open("revoked")?;
    let at = read_time(&revoked.any("revocationTime")?, "revocationTime")?;
    let mut reason = RevocationReason::Unspecified;
    if let Some(explicit) = revoked.optional(constructed(0), "revocationReason")? {
        let mut inner = explicit.open("revocationReason")?;
        let code = inner.expect(Tag::Enumerated, "revocationReason")?;
        inner.finish()?;
        let known = match code.contents {
            [code] => RevocationReason::from_code(*code),
            _ => None,
        };
        reason = known.ok_or(code.fault(FaultKind::Malformed, "revocationReason"))?;
    }
    revoked.finish()?;
    Ok(AnswerStatus::Revoked { at, reason })
}

/// RFC 9654 §2.1 has an OCTET STRING inside the one of the extension; RFC 2560 left open what is inside.
fn read_nonce(value: &Element<'_>) -> Range<usize> {
    let wrapped = || -> Result<Range<usize>, Fault> {
        let mut inner = value.open("nonce")?;
        let nonce = inner.expect(Tag::OctetString, "nonce")?;
        inner.finish()?;
        Ok(nonce.contents_range())
    };
    wrapped().unwrap_or(value.contents_range())
}

/// `GeneralizedTime` in the form of RFC 5280 §4.1.2.5.2. RFC 6960 §4.2.2.1.
fn read_time(element: &Element<'_>, field: &'static str) -> Result<UnixTime, Fault> {
    if element.tag != Tag::GeneralizedTime {
        return Err(element.fault(FaultKind::Malformed, field));
    }
    time::parse_either(element, field)
}
