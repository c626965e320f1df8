//! A revocation list and the exact bytes it came in. RFC 5280 §5.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use der::Tag;
use der::asn1::ObjectIdentifier;
use stella_crypto_providers::{PublicKey, Scheme};
use stella_vocabulary::{UnixTime, pem};

use super::extensions::{RawExtension, read_extensions};
use super::list_error::RevocationListError;
use crate::extension::distribution_point::{self, PointName, Reasons};
use crate::general_name::{self, GeneralName};
use crate::link::{self, LinkFault};
use crate::name::{self, Name};
use crate::time;
use crate::tlv::{self, Element, Elements, Fault, FaultKind, constructed, primitive};

/// Bytes accepted as one list by default: some 200,000 entries.
pub const MAX_REVOCATION_LIST_BYTES: usize = 8 * 1024 * 1024;

const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.20");
const REASON_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.21");
const INVALIDITY_DATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.24");
const DELTA_INDICATOR: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.27");
const ISSUING_POINT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.28");
const CERTIFICATE_ISSUER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.29");
const AUTHORITY_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.35");
const FRESHEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.46");

/// A revocation list, syntactically sound, and the exact bytes it came in. RFC 5280 §5.1.
///
/// Nothing about it is verified: that is what [`crate::Revocation`] does. Cloning is cheap.
#[derive(Clone)]
pub struct RevocationList(Arc<Parts>);

struct Parts {
    der: Arc<[u8]>,
    tbs: Range<usize>,
    algorithm: Range<usize>,
    algorithms_agree: Agreement,
    issuer: Name,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    extensions: ListExtensions,
    /// Sorted by serial number.
    entries: Vec<Entry>,
    /// Who issued the certificates of entries that say so.
    certificate_issuers: Vec<Vec<GeneralName>>,
    /// The first critical extension, of the list or an entry, that is not known.
    unknown_critical: Option<String>,
    signature: Range<usize>,
}

/// Whether the algorithm inside the signed part is the one beside the signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Agreement {
    Agree,
    Differ,
}

#[derive(Default)]
struct ListExtensions {
    number: Option<Range<usize>>,
    base_number: Option<Range<usize>>,
    authority_key: Option<Range<usize>>,
    scope: Scope,
}

/// What a list is about: `issuingDistributionPoint`. RFC 5280 §5.2.5.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    pub(crate) name: Option<PointName>,
    pub(crate) holders: Holders,
    pub(crate) reasons: Option<Reasons>,
    pub(crate) issuers: Issuers,
    /// The whole extension, to compare a delta with its base.
    extension: Option<Vec<u8>>,
}

/// Whose certificates a list is about.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Holders {
    Attributes,
    Authorities,
    #[default]
    Everybody,
    Users,
}

/// By whom the certificates on a list were issued.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Issuers {
    /// `indirectCRL`.
    Others,
    #[default]
    TheSame,
}

/// Why a certificate is on a list. RFC 5280 §5.3.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RevocationReason {
    /// unspecified (0), or no reason given.
    Unspecified,
    /// keyCompromise (1).
    KeyCompromise,
    /// cACompromise (2).
    AuthorityCompromise,
    /// affiliationChanged (3).
    AffiliationChanged,
    /// superseded (4).
    Superseded,
    /// cessationOfOperation (5).
    CessationOfOperation,
    /// certificateHold (6).
    CertificateHold,
    /// removeFromCRL (8): the entry of a base list counts no longer.
    RemoveFromList,
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn,
    /// aACompromise (10).
    AttributeAuthorityCompromise,
}

impl RevocationReason {
    /// The name in RFC 5280.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::AuthorityCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromList => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AttributeAuthorityCompromise => "aACompromise",
        }
    }

    /// How much an entry takes away: nothing, for some time, or for good.
    fn weight(self) -> u8 {
        match self {
            Self::RemoveFromList => 0,
            Self::CertificateHold => 1,
            _ => 2,
        }
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::AuthorityCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            8 => Self::RemoveFromList,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AttributeAuthorityCompromise,
            _ => return None,
        })
    }
}

/// One revoked certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    serial_start: usize,
    serial_length: usize,
    pub(crate) date: UnixTime,
    pub(crate) reason: RevocationReason,
    /// Index into the certificate issuers; `None` is the issuer of the list.
    issuer: Option<usize>,
}

impl RevocationList {
    /// Reads one list in strict DER, of at most 8 MiB, with nothing after it.
    ///
    /// # Errors
    /// [`RevocationListError`] says at which byte and in which field the input stops being a list.
    pub fn from_der(der: &[u8]) -> Result<Self, RevocationListError> {
        Self::from_der_within(der, MAX_REVOCATION_LIST_BYTES)
    }

    /// Reads one list in strict DER of at most `limit` bytes, with nothing after it.
    ///
    /// # Errors
    /// As [`RevocationList::from_der`].
    pub fn from_der_within(der: &[u8], limit: usize) -> Result<Self, RevocationListError> {
        if der.len() > limit {
            return Err(RevocationListError::TooLarge { length: der.len(), limit });
        }
        read(&Arc::from(der)).map(|parts| Self(Arc::new(parts)))
    }

    /// Reads one list in PEM, label `X509 CRL`.
    ///
    /// # Errors
    /// [`RevocationListError::Pem`], also for more than one object; otherwise as [`RevocationList::from_der`].
    pub fn from_pem(input: &[u8]) -> Result<Self, RevocationListError> {
        Self::from_der(pem::parse_one(input, &["X509 CRL"])?.der())
    }

    /// The whole list, DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Who says so.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// When it was made.
    pub fn this_update(&self) -> UnixTime {
        self.0.this_update
    }

    /// When there is a newer one at the latest; the instant still belongs to this one.
    pub fn next_update(&self) -> Option<UnixTime> {
        self.0.next_update
    }

    /// The contents of `cRLNumber`: big endian, not negative, minimal. RFC 5280 §5.2.3.
    pub fn number(&self) -> Option<&[u8]> {
        self.0.extensions.number.clone().map(|range| self.slice(range))
    }

    /// The number of the list that this one changes, if it is a delta. RFC 5280 §5.2.4.
    pub fn base_number(&self) -> Option<&[u8]> {
        self.0.extensions.base_number.clone().map(|range| self.slice(range))
    }

    /// How many certificates are on it.
    pub fn len(&self) -> usize {
        self.0.entries.len()
    }

    /// Whether no certificate is on it.
    pub fn is_empty(&self) -> bool {
        self.0.entries.is_empty()
    }

    /// The first critical extension, of the list or one of its entries, that is not known (dotted decimal): then the list says nothing about
    /// any certificate. RFC 5280 §5.2 and §5.3.
    pub fn unknown_critical_extension(&self) -> Option<&str> {
        self.0.unknown_critical.as_deref()
    }

    pub(crate) fn scope(&self) -> &Scope {
        &self.0.extensions.scope
    }

    pub(crate) fn authority_key(&self) -> Option<&[u8]> {
        self.0.extensions.authority_key.clone().map(|range| self.slice(range))
    }

    /// The entry for the certificate of `issuer` with this serial number; of several the strictest: "Certificates revoked by the CA are uniquely
    /// identified by the certificate serial number" (RFC 5280 §5.1.2.6), so all of them are about it, and none takes back what another says.
    pub(crate) fn entry(&self, serial: &[u8], issuer: &Name) -> Option<Entry> {
        let entries = &self.0.entries;
        let first = entries.partition_point(|entry| self.serial(entry) < serial);
        let same = entries.get(first..).unwrap_or(&[]).iter().take_while(|entry| self.serial(entry) == serial);
        let is_by = |entry: &&Entry| match entry.issuer.and_then(|at| self.0.certificate_issuers.get(at)) {
            None => self.issuer().matches(issuer),
            Some(names) => {
                names.iter().any(|name| matches!(name, GeneralName::DirectoryName(name) if name.matches(issuer)))
            }
        };
        // Of equally strict ones the first.
        same.filter(is_by)
            .copied()
            .reduce(|first, next| if next.reason.weight() > first.reason.weight() { next } else { first })
    }

    /// The scheme by which `key` would have signed the list.
    pub(crate) fn scheme(&self, key: &PublicKey) -> Result<Scheme, LinkFault> {
        if self.0.algorithms_agree == Agreement::Differ {
            return Err(LinkFault::OtherKey);
        }
        link::scheme_from(self.slice(self.0.algorithm.clone()), key)
    }

    pub(crate) fn tbs_der(&self) -> &[u8] {
        self.slice(self.0.tbs.clone())
    }

    pub(crate) fn signature(&self) -> &[u8] {
        self.slice(self.0.signature.clone())
    }

    fn serial(&self, entry: &Entry) -> &[u8] {
        self.slice(entry.serial_start..entry.serial_start.saturating_add(entry.serial_length))
    }

    fn slice(&self, range: Range<usize>) -> &[u8] {
        self.0.der.get(range).unwrap_or(&[])
    }
}

impl Scope {
    /// Whether both say the same about what a list is about. RFC 5280 §6.3.3(c)(2).
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.extension == other.extension
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RevocationList({} entries, issued by {})", self.len(), self.issuer())
    }
}

/// Walks `CertificateList` and `TBSCertList`.
fn read(der: &Arc<[u8]>) -> Result<Parts, RevocationListError> {
    let mut input = Elements::new(der, 0, "certificateList")?;
    let mut list = input.sequence("certificateList")?;
    input.finish()?;

    let tbs_element = list.expect(Tag::Sequence, "tbsCertList")?;
    let mut tbs = tbs_element.open("tbsCertList")?;
    // "This optional field describes the version of the encoded CRL. When extensions are used [...] MUST be present and MUST specify
    // version 2", whose number is 1.
    let version = tbs.optional(Tag::Integer, "version")?;
    if let Some(version) = version.filter(|version| version.contents != [1]) {
        return Err(version.fault(FaultKind::Malformed, "version").into());
    }
    let inner = tlv::algorithm(&mut tbs, "tbsCertList.signature")?;
    let issuer = tbs.any("issuer")?;
    name::check(&issuer, "issuer")?;
    let this_update = read_time(&tbs.any("thisUpdate")?, "thisUpdate")?;
    let next_update = match tbs.optional(Tag::UtcTime, "nextUpdate")? {
        Some(next) => Some(next),
        None => tbs.optional(Tag::GeneralizedTime, "nextUpdate")?,
    };
    let next_update = next_update.map(|next| read_time(&next, "nextUpdate")).transpose()?;

    let mut entries = Entries { der, version, all: Vec::new(), issuers: Vec::new(), unknown: None };
    if let Some(revoked) = tbs.optional(Tag::Sequence, "revokedCertificates")? {
        entries.read(&revoked)?;
    }
    let mut unknown = None;
    let mut extensions = ListExtensions::default();
    if let Some(explicit) = tbs.optional(constructed(0), "crlExtensions")? {
        if version.is_none() {
            return Err(explicit.fault(FaultKind::Malformed, "crlExtensions").into());
        }
        let mut inner = explicit.open("crlExtensions")?;
        let element = inner.expect(Tag::Sequence, "crlExtensions")?;
        inner.finish()?;
        unknown = read_list_extensions(&element, der, &mut extensions)?;
    }
    tbs.finish()?;

    let outer = tlv::algorithm(&mut list, "signatureAlgorithm")?;
    let signature = list.expect(Tag::BitString, "signatureValue")?;
    let (unused, bytes) = tlv::bit_string(&signature, "signatureValue")?;
    if unused != 0 || bytes.is_empty() {
        return Err(signature.fault(FaultKind::Malformed, "signatureValue").into());
    }
    list.finish()?;

    let Entries { mut all, issuers, unknown: unknown_in_entries, .. } = entries;
    let serial = |entry: &Entry| der.get(entry.serial_start..entry.serial_start.saturating_add(entry.serial_length));
    // Stable: of entries with one serial number the first stays the first.
    all.sort_by(|a, b| serial(a).cmp(&serial(b)));
    let algorithms_agree =
        if der.get(inner.clone()) == der.get(outer.clone()) { Agreement::Agree } else { Agreement::Differ };
    Ok(Parts {
        tbs: tbs_element.range(),
        algorithm: outer,
        algorithms_agree,
        issuer: Name::in_buffer(der, issuer.range()),
        this_update,
        next_update,
        extensions,
        entries: all,
        certificate_issuers: issuers,
        unknown_critical: unknown.or(unknown_in_entries),
        signature: signature.end().saturating_sub(bytes.len())..signature.end(),
        der: Arc::clone(der),
    })
}

/// As in certificates, but GeneralizedTime may say any year: both forms name one instant, and a list that is refused for its dates (RFC 5280
/// §5.1.2.4) would leave open what it says.
fn read_time(element: &Element<'_>, field: &'static str) -> Result<UnixTime, Fault> {
    time::parse_either(element, field)
}

/// Returns the first critical one that is not known.
fn read_list_extensions(
    list: &Element<'_>,
    der: &Arc<[u8]>,
    known: &mut ListExtensions,
) -> Result<Option<String>, RevocationListError> {
    let mut unknown = None;
    for extension in read_extensions(list, "crlExtensions")? {
        let RawExtension { oid, critical, value } = extension;
        if oid.is(&CRL_NUMBER) {
            known.number = Some(read_number(&value, "cRLNumber")?);
        } else if oid.is(&DELTA_INDICATOR) {
            known.base_number = Some(read_number(&value, "deltaCRLIndicator")?);
        } else if oid.is(&ISSUING_POINT) {
            known.scope = read_scope(&value, der)?;
        } else if oid.is(&AUTHORITY_KEY) {
            known.authority_key = read_authority_key(&value, der)?;
        } else if oid.is(&FRESHEST) {
            let mut inner = value.open("freshestCRL")?;
            distribution_point::read_all(&mut inner, der)?;
            inner.finish()?;
        } else if critical {
            unknown = unknown.or_else(|| Some(oid.dotted()));
        }
    }
    Ok(unknown)
}

/// A number that is not negative. "CRL verifiers MUST be able to handle CRLNumber values up to 20 octets."
fn read_number(value: &Element<'_>, field: &'static str) -> Result<Range<usize>, Fault> {
    let mut inner = value.open(field)?;
    let number = inner.expect(Tag::Integer, field)?;
    inner.finish()?;
    let contents = tlv::integer(&number, field)?;
    if contents.first().is_none_or(|first| first & 0x80 != 0) {
        return Err(number.fault(FaultKind::Malformed, field));
    }
    Ok(number.contents_range())
}

fn read_authority_key(value: &Element<'_>, der: &Arc<[u8]>) -> Result<Option<Range<usize>>, Fault> {
    const FIELD: &str = "authorityKeyIdentifier";
    let mut inner = value.open(FIELD)?;
    let mut identifier = inner.sequence(FIELD)?;
    inner.finish()?;
    let key = identifier.optional(primitive(0), FIELD)?.map(|key| key.contents_range());
    if let Some(issuer) = identifier.optional(constructed(1), FIELD)? {
        general_name::read_all(issuer.open(FIELD)?, der, FIELD)?;
    }
    if let Some(serial) = identifier.optional(primitive(2), FIELD)? {
        tlv::integer(&serial, FIELD)?;
    }
    identifier.finish()?;
    Ok(key)
}

fn read_scope(value: &Element<'_>, der: &Arc<[u8]>) -> Result<Scope, Fault> {
    const FIELD: &str = "issuingDistributionPoint";
    let mut inner = value.open(FIELD)?;
    let mut point = inner.sequence(FIELD)?;
    inner.finish()?;
    // "Conforming CRLs issuers MUST NOT issue CRLs where the DER encoding of the issuing distribution point extension is an empty
    // sequence."
    if point.is_finished() {
        return Err(point.fault(FaultKind::Malformed));
    }
    let at = point.offset();
    let name = point.optional(constructed(0), FIELD)?;
    let name = name.map(|name| distribution_point::read_name(&name, der, FIELD)).transpose()?;
    let users = distribution_point::flag(&mut point, 1, FIELD)?;
    let authorities = distribution_point::flag(&mut point, 2, FIELD)?;
    let reasons = point.optional(primitive(3), FIELD)?;
    let reasons = reasons.map(|flags| distribution_point::read_reasons(&flags, FIELD)).transpose()?;
    let indirect = distribution_point::flag(&mut point, 4, FIELD)?;
    let attributes = distribution_point::flag(&mut point, 5, FIELD)?;
    point.finish()?;
    let holders = match (users, authorities, attributes) {
        (false, false, false) => Holders::Everybody,
        (true, false, false) => Holders::Users,
        (false, true, false) => Holders::Authorities,
        (false, false, true) => Holders::Attributes,
        // "The fields onlyContainsUserCerts, onlyContainsCACerts, and onlyContainsAttributeCerts MUST NOT more than one be TRUE."
        _ => return Err(Fault { kind: FaultKind::Malformed, offset: at, field: FIELD }),
    };
    let issuers = if indirect { Issuers::Others } else { Issuers::TheSame };
    Ok(Scope { name, holders, reasons, issuers, extension: Some(value.contents.into()) })
}

/// `revokedCertificates` while it is read.
struct Entries<'a> {
    der: &'a Arc<[u8]>,
    version: Option<Element<'a>>,
    all: Vec<Entry>,
    issuers: Vec<Vec<GeneralName>>,
    unknown: Option<String>,
}

impl Entries<'_> {
    fn read(&mut self, revoked: &Element<'_>) -> Result<(), RevocationListError> {
        const FIELD: &str = "revokedCertificates";
        let mut elements = revoked.open(FIELD)?;
        // "When there are no revoked certificates, the revoked certificates list MUST be absent."
        if elements.is_finished() {
            return Err(elements.fault(FaultKind::Malformed).into());
        }
        let mut issuer = None;
        while !elements.is_finished() {
            let mut entry = elements.sequence(FIELD)?;
            let serial = entry.expect(Tag::Integer, FIELD)?;
            tlv::integer(&serial, FIELD)?;
            let date = read_time(&entry.any("revocationDate")?, "revocationDate")?;
            let mut reason = RevocationReason::Unspecified;
            if let Some(extensions) = entry.optional(Tag::Sequence, "crlEntryExtensions")? {
                if self.version.is_none() {
                    return Err(extensions.fault(FaultKind::Malformed, "crlEntryExtensions").into());
                }
                reason = self.read_extensions(&extensions, &mut issuer)?;
            }
            entry.finish()?;
            let (serial_start, serial_length) = (serial.contents_start, serial.contents.len());
            self.all.push(Entry { serial_start, serial_length, date, reason, issuer });
        }
        Ok(())
    }

    /// Reads `crlEntryExtensions`. An issuer of certificates holds for the entries that follow as well, RFC 5280 §5.3.3.
    fn read_extensions(
        &mut self,
        extensions: &Element<'_>,
        issuer: &mut Option<usize>,
    ) -> Result<RevocationReason, RevocationListError> {
        let mut reason = RevocationReason::Unspecified;
        for RawExtension { oid, critical, value } in read_extensions(extensions, "crlEntryExtensions")? {
            if oid.is(&REASON_CODE) {
                reason = read_reason(&value)?;
            } else if oid.is(&CERTIFICATE_ISSUER) {
                let mut inner = value.open("certificateIssuer")?;
                let names = inner.sequence("certificateIssuer")?;
                inner.finish()?;
                *issuer = Some(self.issuers.len());
                self.issuers.push(general_name::read_all(names, self.der, "certificateIssuer")?);
            } else if oid.is(&INVALIDITY_DATE) {
                let mut inner = value.open("invalidityDate")?;
                read_time(&inner.expect(Tag::GeneralizedTime, "invalidityDate")?, "invalidityDate")?;
                inner.finish()?;
            } else if critical && self.unknown.is_none() {
                self.unknown = Some(oid.dotted());
            }
        }
        Ok(reason)
    }
}

fn read_reason(value: &Element<'_>) -> Result<RevocationReason, Fault> {
    const FIELD: &str = "reasonCode";
    let mut inner = value.open(FIELD)?;
    let code = inner.expect(Tag::Enumerated, FIELD)?;
    inner.finish()?;
    let reason = match code.contents {
        [code] => RevocationReason::from_code(*code),
        _ => None,
    };
    reason.ok_or(code.fault(FaultKind::Malformed, FIELD))
}
