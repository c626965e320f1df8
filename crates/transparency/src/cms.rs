//! The part of CMS that timestamps use: SignedData with one signer and signed attributes. RFC 5652 §5.
//!
//! DER only. RFC 3161 §2.4.2 has tokens encoded in DER, and every token of the test collections is; BER would bring indefinite
//! lengths and strings in pieces, which are more ways to read one document in two ways.

use alloc::vec::Vec;
use core::ops::Range;

use stella_crypto_providers::HashAlgorithm;

use crate::asn1::{
    Cursor, DerError, DerProblem, Element, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, context, context_primitive,
};
use crate::timestamp_error::{SignedAttribute, TimestampError};

/// Content octets of 1.2.840.113549.1.7.2, signedData.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// Content octets of 1.2.840.113549.1.9.16.1.4, id-ct-TSTInfo.
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
/// Content octets of 1.2.840.113549.1.9.3, contentType.
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
/// Content octets of 1.2.840.113549.1.9.4, messageDigest.
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
/// Content octets of 1.2.840.113549.1.9.16.2.12, signingCertificate, RFC 2634 §5.4.
const SIGNING_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0c];
/// Content octets of 1.2.840.113549.1.9.16.2.47, signingCertificateV2, RFC 5035 §3.
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];

/// Most certificates a token may carry (catalogue limit "certificates in one input").
const MAX_CERTIFICATES: usize = 32;
/// Most signed attributes; real tokens have five.
const MAX_ATTRIBUTES: usize = 32;

pub(crate) struct SignedData<'a> {
    /// The OCTET STRING with the TSTInfo.
    pub(crate) content: Element<'a>,
    /// Certificates as they lie in the token, header included; nobody has verified them.
    pub(crate) certificates: Vec<Range<usize>>,
    pub(crate) signer: SignerInfo,
}

/// The one signer. Ranges are positions in the token.
#[derive(Clone, Debug)]
pub(crate) struct SignerInfo {
    pub(crate) identifier: SignerIdentifier,
    pub(crate) digest: HashAlgorithm,
    /// With the header, whose identifier octet is `[0]` here and SET OF in what was signed.
    pub(crate) signed_attributes: Range<usize>,
    pub(crate) message_digest: Range<usize>,
    pub(crate) signing_certificates: Vec<EssCertId>,
    /// The whole AlgorithmIdentifier.
    pub(crate) signature_algorithm: Range<usize>,
    pub(crate) signature: Range<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum SignerIdentifier {
    /// Name with header, content octets of the serial number.
    IssuerAndSerial(Range<usize>, Range<usize>),
    SubjectKeyIdentifier(Range<usize>),
}

/// The signer's certificate as the signed attributes name it.
#[derive(Clone, Debug)]
pub(crate) struct EssCertId {
    pub(crate) hash: EssHash,
    pub(crate) digest: Range<usize>,
    /// Name with header, content octets of the serial number.
    pub(crate) issuer_serial: Option<(Range<usize>, Range<usize>)>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum EssHash {
    /// Version 1 knows nothing else. The certificate is found by other means and its key verified, so a collision gains nothing.
    Sha1,
    Sha2(HashAlgorithm),
}

/// Reads a ContentInfo that holds a SignedData over a TSTInfo.
pub(crate) fn parse_content_info<'a>(content_info: Element<'a>) -> Result<SignedData<'a>, TimestampError> {
    let mut inside = content_info.inside();
    let content_type = inside.expect(OID)?;
    if content_type.content() != SIGNED_DATA {
        return Err(TimestampError::ContentTypeUnexpected);
    }
    let explicit = inside.expect(context(0))?;
    inside.finish()?;
    let mut inside = explicit.inside();
    let signed_data = inside.expect(SEQUENCE)?;
    inside.finish()?;
    parse_signed_data(signed_data)
}

fn parse_signed_data(signed_data: Element<'_>) -> Result<SignedData<'_>, TimestampError> {
    let mut fields = signed_data.inside();
    let version = fields.expect(INTEGER)?;
    // RFC 5652 §5.1: 3 for any content other than plain data, 4 and 5 where attribute certificates or other forms lie beside.
    if !(3..=5).contains(&version.small_integer()?) {
        return Err(version.value_error().into());
    }
    fields.expect(SET)?; // digestAlgorithms: a hint for one-pass readers
    let encapsulated = fields.expect(SEQUENCE)?;
    let content = parse_encapsulated(encapsulated)?;
    let certificates = match fields.optional(context(0))? {
        None => Vec::new(),
        Some(set) => parse_certificates(set)?,
    };
    fields.optional(context(1))?; // CRLs are not read
    let signers = fields.expect(SET)?;
    fields.finish()?;

    let mut signers = signers.inside();
    let mut signer = None;
    let mut count = 0;
    while !signers.is_empty() {
        let element = signers.expect(SEQUENCE)?;
        signer = Some(element);
        count += 1;
    }
    match signer {
        Some(signer) if count == 1 => Ok(SignedData { content, certificates, signer: parse_signer(signer)? }),
        _ => Err(TimestampError::SignerCount { found: count }),
    }
}

fn parse_encapsulated(encapsulated: Element<'_>) -> Result<Element<'_>, TimestampError> {
    let mut inside = encapsulated.inside();
    if inside.expect(OID)?.content() != TST_INFO {
        return Err(TimestampError::ContentTypeUnexpected);
    }
    let explicit = inside.expect(context(0))?;
    inside.finish()?;
    let mut inside = explicit.inside();
    let content = inside.expect(OCTET_STRING)?;
    inside.finish()?;
    Ok(content)
}

fn parse_certificates(set: Element<'_>) -> Result<Vec<Range<usize>>, TimestampError> {
    let mut inside = set.inside();
    let mut certificates = Vec::new();
    while !inside.is_empty() {
        let choice = inside.next()?;
        // The other choices are attribute certificates and the like, which cannot sign a timestamp.
        if choice.tag != SEQUENCE {
            continue;
        }
        if certificates.len() == MAX_CERTIFICATES {
            return Err(TimestampError::TooManyCertificates);
        }
        certificates.push(choice.range());
    }
    Ok(certificates)
}

fn parse_signer(signer: Element<'_>) -> Result<SignerInfo, TimestampError> {
    let mut fields = signer.inside();
    let version = fields.expect(INTEGER)?;
    let identifier = fields.next()?;
    let (identifier, expected_version) = match identifier.tag {
        SEQUENCE => {
            let (issuer, serial) = parse_issuer_and_serial(identifier)?;
            (SignerIdentifier::IssuerAndSerial(issuer, serial), 1)
        }
        tag if tag == context_primitive(0) => (SignerIdentifier::SubjectKeyIdentifier(identifier.content_range()), 3),
        _ => return Err(identifier.tag_error(SEQUENCE).into()),
    };
    if version.small_integer()? != expected_version {
        return Err(version.value_error().into());
    }
    let digest = parse_hash_algorithm(fields.expect(SEQUENCE)?)?;
    let Some(attributes) = fields.optional(context(0))? else {
        return Err(TimestampError::AttributeCount { attribute: SignedAttribute::ContentType, found: 0 });
    };
    let signature_algorithm = fields.expect(SEQUENCE)?.range();
    let signature = fields.expect(OCTET_STRING)?.content_range();
    fields.optional(context(1))?; // unsigned attributes: anybody can put them there
    fields.finish()?;

    let (message_digest, signing_certificates) = parse_attributes(attributes)?;
    Ok(SignerInfo {
        identifier,
        digest,
        signed_attributes: attributes.range(),
        message_digest,
        signing_certificates,
        signature_algorithm,
        signature,
    })
}

fn parse_issuer_and_serial(element: Element<'_>) -> Result<(Range<usize>, Range<usize>), DerError> {
    let mut inside = element.inside();
    let issuer = inside.expect(SEQUENCE)?;
    let serial = inside.expect(INTEGER)?;
    serial.integer()?;
    inside.finish()?;
    Ok((issuer.range(), serial.content_range()))
}

/// The signed attributes that matter: each of the first two, and at least one of the last two. RFC 3161 §2.4.2, RFC 5816.
fn parse_attributes(attributes: Element<'_>) -> Result<(Range<usize>, Vec<EssCertId>), TimestampError> {
    let mut list = attributes.inside();
    let (mut content_type, mut message_digest, mut version1, mut version2) = (None, None, None, None);
    let mut count = 0;
    while !list.is_empty() {
        count += 1;
        if count > MAX_ATTRIBUTES {
            return Err(TimestampError::TooManyAttributes);
        }
        let mut inside = list.expect(SEQUENCE)?.inside();
        let kind = inside.expect(OID)?;
        let values = inside.expect(SET)?;
        inside.finish()?;
        let (slot, attribute) = match kind.content() {
            CONTENT_TYPE => (&mut content_type, SignedAttribute::ContentType),
            MESSAGE_DIGEST => (&mut message_digest, SignedAttribute::MessageDigest),
            SIGNING_CERTIFICATE => (&mut version1, SignedAttribute::SigningCertificate),
            SIGNING_CERTIFICATE_V2 => (&mut version2, SignedAttribute::SigningCertificateV2),
            _ => continue,
        };
        if slot.replace(single_value(values, attribute)?).is_some() {
            return Err(TimestampError::AttributeCount { attribute, found: 2 });
        }
    }
    let missing = |attribute| TimestampError::AttributeCount { attribute, found: 0 };
    let content_type = content_type.ok_or_else(|| missing(SignedAttribute::ContentType))?;
    if content_type.tag != OID || content_type.content() != TST_INFO {
        return Err(TimestampError::ContentTypeUnexpected);
    }
    let message_digest = message_digest.ok_or_else(|| missing(SignedAttribute::MessageDigest))?;
    if message_digest.tag != OCTET_STRING {
        return Err(message_digest.tag_error(OCTET_STRING).into());
    }
    let mut signing_certificates = Vec::new();
    if let Some(value) = version1 {
        signing_certificates.push(parse_signing_certificate(value, SignedAttribute::SigningCertificate)?);
    }
    if let Some(value) = version2 {
        signing_certificates.push(parse_signing_certificate(value, SignedAttribute::SigningCertificateV2)?);
    }
    if signing_certificates.is_empty() {
        return Err(missing(SignedAttribute::SigningCertificateV2));
    }
    Ok((message_digest.content_range(), signing_certificates))
}

fn single_value(values: Element<'_>, attribute: SignedAttribute) -> Result<Element<'_>, TimestampError> {
    let mut inside = values.inside();
    if inside.is_empty() {
        return Err(TimestampError::AttributeCount { attribute, found: 0 });
    }
    let value = inside.next()?;
    if inside.is_empty() { Ok(value) } else { Err(TimestampError::AttributeCount { attribute, found: 2 }) }
}

/// The first ESSCertID, which names the signer; later ones would name its issuers. RFC 5035 §3.
fn parse_signing_certificate(value: Element<'_>, attribute: SignedAttribute) -> Result<EssCertId, TimestampError> {
    if value.tag != SEQUENCE {
        return Err(value.tag_error(SEQUENCE).into());
    }
    let mut inside = value.inside();
    let certificates = inside.expect(SEQUENCE)?;
    inside.optional(SEQUENCE)?; // policies
    inside.finish()?;
    let mut certificates = certificates.inside();
    if certificates.is_empty() {
        return Err(TimestampError::SigningCertificateMissing);
    }
    let mut fields = certificates.expect(SEQUENCE)?.inside();
    let hash = match attribute {
        SignedAttribute::SigningCertificate => EssHash::Sha1,
        _ => match fields.optional(SEQUENCE)? {
            Some(algorithm) => EssHash::Sha2(parse_hash_algorithm(algorithm)?),
            None => EssHash::Sha2(HashAlgorithm::Sha256),
        },
    };
    let digest = fields.expect(OCTET_STRING)?.content_range();
    let issuer_serial = match fields.optional(SEQUENCE)? {
        None => None,
        Some(issuer_serial) => Some(parse_issuer_serial(issuer_serial)?),
    };
    fields.finish()?;
    Ok(EssCertId { hash, digest, issuer_serial })
}

/// IssuerSerial: GeneralNames with the one directory name of the issuer, and the serial number.
fn parse_issuer_serial(element: Element<'_>) -> Result<(Range<usize>, Range<usize>), DerError> {
    let mut inside = element.inside();
    let names = inside.expect(SEQUENCE)?;
    let serial = inside.expect(INTEGER)?;
    serial.integer()?;
    inside.finish()?;
    let mut names = names.inside();
    let directory_name = names.expect(context(4))?;
    names.finish()?;
    let mut inside = directory_name.inside();
    let name = inside.expect(SEQUENCE)?;
    inside.finish()?;
    Ok((name.range(), serial.content_range()))
}

/// An AlgorithmIdentifier of SHA-256, SHA-384 or SHA-512, with NULL or without parameters. RFC 5754 §2.
pub(crate) fn parse_hash_algorithm(algorithm: Element<'_>) -> Result<HashAlgorithm, TimestampError> {
    if let Some(hash) = HashAlgorithm::from_algorithm_identifier(algorithm.whole()) {
        return Ok(hash);
    }
    Err(TimestampError::HashUnsupported { oid: dotted(algorithm.inside().expect(OID)?)? })
}

/// An OBJECT IDENTIFIER in dotted notation.
pub(crate) fn dotted(oid: Element<'_>) -> Result<alloc::string::String, DerError> {
    let malformed = DerError { offset: oid.range().start, problem: DerProblem::Value };
    let oid = der::asn1::ObjectIdentifier::from_bytes(oid.content()).map_err(|_| malformed)?;
    Ok(alloc::string::ToString::to_string(&oid))
}

/// The TimeStampResp of RFC 3161 §2.4.2: the status, then the token.
pub(crate) fn parse_response<'a>(mut fields: Cursor<'a>) -> Result<Element<'a>, TimestampError> {
    let mut status_info = fields.expect(SEQUENCE)?.inside();
    let status = status_info.expect(INTEGER)?.small_integer()?;
    // granted, grantedWithMods; statusString and failInfo only explain.
    if status > 1 {
        return Err(TimestampError::NotGranted { status });
    }
    let token = fields.optional(SEQUENCE)?.ok_or(TimestampError::TokenMissing)?;
    fields.finish()?;
    Ok(token)
}
