//! A certificate and the exact bytes it came in.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use der::Tag;
use der::asn1::ObjectIdentifier;
use once_cell::race::OnceBox;
use stella_crypto_providers::{HashAlgorithm, KeyError, PublicKey, Scheme};
use stella_vocabulary::{UnixTime, pem};

use crate::certificate_error::CertificateError;
use crate::extension::basic_constraints::{BasicConstraints, Role};
use crate::extension::key_usage::KeyUsage;
use crate::extension::{self, Extension, Extensions, Slot};
use crate::general_name::GeneralName;
use crate::link;
use crate::name::{self, Name};
use crate::oid::Oid;
use crate::time;
use crate::tlv::{self, Elements, Fault, FaultKind, constructed, primitive};

/// Bytes accepted as one certificate by default. The largest real ones, with post-quantum keys, stay below 32 KiB.
pub const MAX_CERTIFICATE_BYTES: usize = 64 * 1024;

/// Certificates accepted in one PEM input.
pub const MAX_CERTIFICATES: usize = 32;

/// A certificate, syntactically sound, and the exact bytes it came in. RFC 5280 §4.1.
///
/// Nothing about it is verified: that is what [`crate::Pool::search`] does. Cloning is cheap.
#[derive(Clone)]
pub struct Certificate(Arc<Parts>);

struct Parts {
    der: Arc<[u8]>,
    layout: Layout,
    subject: Name,
    issuer: Name,
    extensions: Extensions,
    key: OnceBox<Result<PublicKey, KeyError>>,
}

/// Where everything lies in the DER.
struct Layout {
    /// Where `tbsCertificate` lies, header included. Signatures are checked over this range and never over a re-encoding, which
    /// may differ: an explicit `FALSE` in an extension is enough.
    tbs: Range<usize>,
    version: u32,
    serial: Range<usize>,
    inner_algorithm: Range<usize>,
    issuer: Range<usize>,
    not_before: UnixTime,
    not_after: UnixTime,
    subject: Range<usize>,
    spki: Range<usize>,
    extensions: Option<Range<usize>>,
    outer_algorithm: Range<usize>,
    signature: Range<usize>,
}

impl Certificate {
    /// Reads one certificate in strict DER, of at most 64 KiB, with nothing after it.
    ///
    /// # Errors
    /// [`CertificateError`] says at which byte and in which field the input stops being a certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        Self::from_der_within(der, MAX_CERTIFICATE_BYTES)
    }

    /// Reads one certificate in strict DER of at most `limit` bytes, with nothing after it.
    ///
    /// # Errors
    /// As [`Certificate::from_der`].
    pub fn from_der_within(der: &[u8], limit: usize) -> Result<Self, CertificateError> {
        // Headers are looked at first, which costs next to nothing, and names what is too large or too deep by its own code.
        let layout = read_layout(der);
        if der.len() > limit && !matches!(layout, Err(Fault { kind: FaultKind::Depth | FaultKind::NameTooLarge, .. })) {
            return Err(CertificateError::TooLarge { length: der.len(), limit });
        }
        let layout = match layout {
            Ok(layout) => layout,
            // What makes no sense may do so because of its depth, which has a code of its own.
            Err(fault) => return Err(deeper_reason(der, fault)),
        };
        let der: Arc<[u8]> = Arc::from(der);
        let extensions = match &layout.extensions {
            Some(range) => extension::read_all(&der, range.clone())?,
            None => Extensions::default(),
        };
        let subject = Name::in_buffer(&der, layout.subject.clone());
        let issuer = Name::in_buffer(&der, layout.issuer.clone());
        Ok(Self(Arc::new(Parts { der, layout, subject, issuer, extensions, key: OnceBox::new() })))
    }

    /// Reads one certificate in PEM, label `CERTIFICATE`.
    ///
    /// # Errors
    /// [`CertificateError::Pem`], also for more than one object; otherwise as [`Certificate::from_der`].
    pub fn from_pem(input: &[u8]) -> Result<Self, CertificateError> {
        Self::from_der(pem::parse_one(input, &["CERTIFICATE"])?.der())
    }

    /// Reads 1 to 32 certificates in PEM, label `CERTIFICATE`, in their order.
    ///
    /// # Errors
    /// [`CertificateError::Pem`] and [`CertificateError::TooMany`]; otherwise as [`Certificate::from_der`].
    pub fn from_pem_all(input: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let blocks = pem::parse_all(input, &["CERTIFICATE"])?;
        if blocks.len() > MAX_CERTIFICATES {
            return Err(CertificateError::TooMany { count: blocks.len(), limit: MAX_CERTIFICATES });
        }
        blocks.iter().map(|block| Self::from_der(block.der())).collect()
    }

    /// The whole certificate, DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// `tbsCertificate`, header included: the bytes the issuer signed.
    pub fn tbs_der(&self) -> &[u8] {
        self.slice(&self.0.layout.tbs)
    }

    /// The version as people count: 1, 2 or 3.
    pub fn version(&self) -> u32 {
        self.0.layout.version
    }

    /// The contents of `serialNumber`: big endian, two's complement, minimal.
    pub fn serial(&self) -> &[u8] {
        self.slice(&self.0.layout.serial)
    }

    /// Whose key is certified. May be empty, then the alternative names say it.
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// Who says so.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// The first second of validity.
    pub fn not_before(&self) -> UnixTime {
        self.0.layout.not_before
    }

    /// The last second of validity; it still belongs to it. RFC 5280 §4.1.2.5.
    pub fn not_after(&self) -> UnixTime {
        self.0.layout.not_after
    }

    /// `subjectPublicKeyInfo`, DER with header.
    pub fn spki_der(&self) -> &[u8] {
        self.slice(&self.0.layout.spki)
    }

    /// The contents of `subjectPublicKey` without the octet that counts unused bits: what key identifiers are hashed from. RFC 6960 §4.1.1.
    pub(crate) fn key_bits(&self) -> &[u8] {
        let read = || -> Result<&[u8], Fault> {
            let mut info =
                Elements::new(self.spki_der(), 0, "subjectPublicKeyInfo")?.sequence("subjectPublicKeyInfo")?;
            info.any("algorithm")?;
            let key = info.expect(Tag::BitString, "subjectPublicKey")?;
            Ok(tlv::bit_string(&key, "subjectPublicKey")?.1)
        };
        read().unwrap_or(&[])
    }

    /// The algorithm that `subjectPublicKeyInfo` names.
    pub(crate) fn key_algorithm(&self) -> Option<Oid<'_>> {
        const FIELD: &str = "subjectPublicKeyInfo";
        let mut info = Elements::new(self.spki_der(), 0, FIELD).and_then(|mut info| info.sequence(FIELD)).ok()?;
        let mut algorithm = info.sequence(FIELD).ok()?;
        Oid::from_element(&algorithm.expect(Tag::ObjectIdentifier, FIELD).ok()?, FIELD).ok()
    }

    /// The certified key. It is read at the first call, so that an unusable key is an error only where it is used.
    ///
    /// # Errors
    /// [`KeyError`]: malformed, of an unsupported type or curve, too weak or too large.
    pub fn public_key(&self) -> Result<PublicKey, KeyError> {
        self.key().clone()
    }

    /// The scheme by which a key of the issuer signed this certificate; `None` if that key could not have: its type and the algorithm named here
    /// do not go together, or the algorithm is unknown or too weak to be relied on.
    ///
    /// # Left to the caller
    /// Whether it was this key.
    pub fn signature_scheme(&self, issuer_key: &PublicKey) -> Option<Scheme> {
        link::scheme_of(self, issuer_key).ok()
    }

    /// As [`Certificate::public_key`], borrowed.
    pub(crate) fn key(&self) -> &Result<PublicKey, KeyError> {
        self.0.key.get_or_init(|| Box::new(PublicKey::from_spki_der(self.spki_der())))
    }

    /// The names of `subjectAltName` in their order; none if there is no such extension.
    pub fn subject_alt_names(&self) -> &[GeneralName] {
        &self.0.extensions.known.subject_alt_names
    }

    /// The extension with this object identifier, dotted decimal.
    pub fn extension(&self, oid: &str) -> Option<Extension<'_>> {
        match ObjectIdentifier::new(oid) {
            Ok(wanted) => self.extensions().find(|extension| extension.oid.is(&wanted)),
            // It knows no second arc above 47 below 2, and no long identifiers; certificates may hold them all the same.
            Err(_) => self.extensions().find(|extension| extension.oid.is_written(oid)),
        }
    }

    /// All extensions in their order; each occurs once.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'_>> {
        self.0.extensions.slots.iter().map(|slot| Extension {
            oid: Oid::from_checked(self.slice(&slot.oid)),
            critical: slot.critical,
            value: self.slice(&slot.value),
        })
    }

    /// The subject key identifier. A hint, chosen by the issuer.
    pub fn subject_key_identifier(&self) -> Option<&[u8]> {
        self.0.extensions.known.subject_key.as_ref().map(|range| self.slice(range))
    }

    /// The key identifier of the issuer's key. A hint, chosen by the issuer.
    pub fn authority_key_identifier(&self) -> Option<&[u8]> {
        self.0.extensions.known.authority_key.as_ref().map(|range| self.slice(range))
    }

    /// Whether the subject may issue certificates; `None` if the extension is absent, which means no.
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.extensions.known.basic_constraints
    }

    /// What the key may do; `None` if the extension is absent, which means anything.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.known.key_usage
    }

    /// The purposes of the key, dotted decimal, in their order; `None` if the extension is absent.
    pub fn extended_key_usages(&self) -> Option<Vec<String>> {
        self.purposes().map(|purposes| purposes.map(|purpose| purpose.dotted()).collect())
    }

    /// Whether subject and issuer are the same name. RFC 5280 §6.1.
    pub fn is_self_issued(&self) -> bool {
        self.subject().matches(self.issuer())
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        let hash = HashAlgorithm::Sha256.hash(&[self.der()]);
        for (to, from) in fingerprint.iter_mut().zip(hash.as_ref()) {
            *to = *from;
        }
        fingerprint
    }

    /// Takes over what is known about the key from a certificate with the same key: of thousands, it is read once.
    pub(crate) fn share_key(&self, other: &Certificate) {
        if self.spki_der() == other.spki_der() {
            // Whoever was first has read the same.
            let _ = self.0.key.set(Box::new(other.key().clone()));
        }
    }

    /// Whether the subject issues certificates by its own account.
    pub(crate) fn is_authority(&self) -> bool {
        self.basic_constraints().is_some_and(|constraints| constraints.role == Role::Authority)
    }

    pub(crate) fn purposes(&self) -> Option<impl Iterator<Item = Oid<'_>>> {
        let usage = self.0.extensions.known.extended_key_usage.as_ref()?;
        Some(usage.0.iter().map(|range| Oid::from_checked(self.slice(range))))
    }

    /// The certificate policies, contents of each OBJECT IDENTIFIER; `None` if the extension is absent.
    pub(crate) fn policies(&self) -> Option<impl Iterator<Item = &[u8]>> {
        let policies = self.known().policies.as_ref()?;
        Some(policies.iter().map(|range| self.slice(range)))
    }

    /// Issuer's and subject's policy of every mapping.
    pub(crate) fn policy_mappings(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.known().policy_mappings.iter().map(|mapping| (self.slice(&mapping.issuer), self.slice(&mapping.subject)))
    }

    /// Whether anything is said about certificate policies.
    pub(crate) fn has_policies(&self) -> bool {
        let known = self.known();
        known.policies.is_some()
            || known.policy_constraints.is_some()
            || known.inhibit_any_policy.is_some()
            || !known.policy_mappings.is_empty()
    }

    pub(crate) fn known(&self) -> &extension::Known {
        &self.0.extensions.known
    }

    pub(crate) fn extension_slots(&self) -> &[Slot] {
        &self.0.extensions.slots
    }

    pub(crate) fn oid_of(&self, slot: &Slot) -> Oid<'_> {
        Oid::from_checked(self.slice(&slot.oid))
    }

    /// `tbsCertificate.signature`, header included.
    pub(crate) fn inner_algorithm_der(&self) -> &[u8] {
        self.slice(&self.0.layout.inner_algorithm)
    }

    /// `signatureAlgorithm`, header included.
    pub(crate) fn outer_algorithm_der(&self) -> &[u8] {
        self.slice(&self.0.layout.outer_algorithm)
    }

    /// The bytes of `signatureValue`.
    pub(crate) fn signature(&self) -> &[u8] {
        self.slice(&self.0.layout.signature)
    }

    pub(crate) fn shared_der(&self) -> Arc<[u8]> {
        Arc::clone(&self.0.der)
    }

    pub(crate) fn is_same_as(&self, other: &Certificate) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.der() == other.der()
    }

    fn slice(&self, range: &Range<usize>) -> &[u8] {
        self.0.der.get(range.clone()).unwrap_or(&[])
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.is_same_as(other)
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({} issued by {})", self.subject(), self.issuer())
    }
}

/// Walks `Certificate` and `TBSCertificate`: nothing is copied, extensions are only located.
fn read_layout(der: &[u8]) -> Result<Layout, Fault> {
    let mut input = Elements::new(der, 0, "certificate")?;
    let mut certificate = input.sequence("certificate")?;
    input.finish()?;

    let tbs_element = certificate.expect(Tag::Sequence, "tbsCertificate")?;
    let mut tbs = tbs_element.open("tbsCertificate")?;
    let version = read_version(&mut tbs)?;
    let serial = tbs.expect(Tag::Integer, "serialNumber")?;
    tlv::integer(&serial, "serialNumber")?;
    let inner_algorithm = tlv::algorithm(&mut tbs, "tbsCertificate.signature")?;
    let issuer = tbs.any("issuer")?;
    name::check(&issuer, "issuer")?;
    let mut validity = tbs.sequence("validity")?;
    let not_before = time::parse(&validity.any("notBefore")?, "notBefore")?;
    let not_after = time::parse(&validity.any("notAfter")?, "notAfter")?;
    validity.finish()?;
    let subject = tbs.any("subject")?;
    name::check(&subject, "subject")?;
    let spki = tbs.opaque("subjectPublicKeyInfo")?;
    if spki.tag != Tag::Sequence {
        return Err(spki.fault(FaultKind::Malformed, "subjectPublicKeyInfo"));
    }

    // Unique identifiers came with version 2, extensions with version 3.
    for (number, field) in [(1, "issuerUniqueID"), (2, "subjectUniqueID")] {
        if let Some(identifier) = tbs.optional(primitive(number), field)? {
            tlv::bit_string(&identifier, field)?;
            if version < 2 {
                return Err(identifier.fault(FaultKind::Malformed, field));
            }
        }
    }
    let extensions = match tbs.optional(constructed(3), "extensions")? {
        Some(explicit) if version < 3 => return Err(explicit.fault(FaultKind::Malformed, "extensions")),
        Some(explicit) => {
            let mut inner = explicit.open("extensions")?;
            let list = inner.expect(Tag::Sequence, "extensions")?;
            inner.finish()?;
            Some(list.contents_range())
        }
        None => None,
    };
    tbs.finish()?;

    let outer_algorithm = tlv::algorithm(&mut certificate, "signatureAlgorithm")?;
    let signature = certificate.expect(Tag::BitString, "signatureValue")?;
    let (unused, bytes) = tlv::bit_string(&signature, "signatureValue")?;
    if unused != 0 || bytes.is_empty() {
        return Err(signature.fault(FaultKind::Malformed, "signatureValue"));
    }
    certificate.finish()?;

    let signature = signature.end().saturating_sub(bytes.len())..signature.end();
    Ok(Layout {
        tbs: tbs_element.range(),
        version,
        serial: serial.contents_range(),
        inner_algorithm,
        issuer: issuer.range(),
        not_before,
        not_after,
        subject: subject.range(),
        spki: spki.range(),
        extensions,
        outer_algorithm,
        signature,
    })
}

/// The version as people count. An explicit default is tolerated here; version 1 is refused by the rules of a path anyway.
fn read_version(tbs: &mut Elements<'_>) -> Result<u32, Fault> {
    let Some(explicit) = tbs.optional(constructed(0), "version")? else { return Ok(1) };
    let mut inner = explicit.open("version")?;
    let number = inner.expect(Tag::Integer, "version")?;
    let version = tlv::small_integer(&number, "version")?;
    inner.finish()?;
    Ok(version.saturating_add(1))
}

fn deeper_reason(der: &[u8], fault: Fault) -> CertificateError {
    match tlv::check_nesting(der, 0, fault.field) {
        Err(deep @ Fault { kind: FaultKind::Depth, .. }) => deep.into(),
        _ => fault.into(),
    }
}
