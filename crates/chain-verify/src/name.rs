//! Distinguished names: kept as they came, compared as RFC 5280 §7.1 says, printed as RFC 4514 says.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use core::num::NonZeroUsize;
use core::ops::Range;

use der::Tag;
use der::asn1::ObjectIdentifier;
use once_cell::race::{OnceBox, OnceNonZeroUsize};
use stella_crypto_providers::{HashAlgorithm, Hasher};

use crate::directory_string::{Folded, characters};
use crate::oid::Oid;
use crate::tlv::{Element, Elements, Fault, FaultKind};

/// Longest relative distinguished name, in bytes. Real ones stay below 300; RFC 5280's upper bounds add up to about 1 KiB.
const MAX_RDN_BYTES: usize = 16 * 1024;

/// Longest name, in bytes: what fits in a certificate of the largest size accepted by default.
const MAX_NAME_BYTES: usize = 64 * 1024;

/// Most attributes in one relative distinguished name. More than 3 have not been seen; their digests are sorted on the stack.
const MAX_RDN_ATTRIBUTES: usize = 16;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const EMAIL_ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1");

/// The keywords of RFC 4514 §3, and `emailAddress`, which people expect to read.
const KEYWORDS: [(ObjectIdentifier, &str); 11] = [
    (COMMON_NAME, "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.10"), "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("2.5.4.5"), "SERIALNUMBER"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), "DC"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"), "UID"),
    (EMAIL_ADDRESS, "emailAddress"),
];

/// A distinguished name inside the certificate it came with. RFC 5280 §4.1.2.4.
///
/// `==` compares the encodings; [`Name::matches`] compares the names.
pub struct Name {
    buffer: Arc<[u8]>,
    range: Range<usize>,
    /// See [`Name::bucket`].
    bucket: OnceNonZeroUsize,
    /// What counts in comparison, hashed: a search compares the same names on thousands of paths, and names may be as long as the
    /// certificate and equal without being written alike.
    digest: OnceBox<[u8; 32]>,
}

impl Name {
    /// Takes the place of a name that [`check`] has accepted.
    pub(crate) fn in_buffer(buffer: &Arc<[u8]>, range: Range<usize>) -> Self {
        Self { buffer: Arc::clone(buffer), range, bucket: OnceNonZeroUsize::new(), digest: OnceBox::new() }
    }

    /// The DER of the name, header included.
    pub fn der(&self) -> &[u8] {
        self.buffer.get(self.range.clone()).unwrap_or(&[])
    }

    /// The name with one more relative distinguished name at its end; `rdn` is the contents of its SET.
    pub(crate) fn with_rdn(&self, rdn: &[u8]) -> Self {
        let rdns = Elements::new(self.der(), 0, "name").and_then(|mut outer| outer.any("name"));
        let der: Arc<[u8]> = of_parts(rdns.map_or(&[], |name| name.contents), rdn).into();
        let range = 0..der.len();
        Self::in_buffer(&der, range)
    }

    /// Whether the name has no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.rdns().next().is_none()
    }

    /// Whether both names are equal: the same relative distinguished names in the same order, each with the same
    /// attributes in any order, texts compared without regard to letter case, string type and repeated or surrounding
    /// spaces. RFC 5280 §7.1.
    ///
    /// Unicode normalisation (RFC 4518 §2.3) is not applied: texts that differ only by it are different names.
    pub fn matches(&self, other: &Name) -> bool {
        self.der() == other.der() || (self.bucket() == other.bucket() && self.digest() == other.digest())
    }

    /// Whether the name lies in the subtree of `base`: it begins with all relative distinguished names of `base`.
    /// RFC 5280 §4.2.1.10, directoryName.
    pub(crate) fn is_within(&self, base: &Name) -> bool {
        let mut ours = self.rdns();
        base.rdns().all(|theirs| ours.next().is_some_and(|ours| rdn_matches(&ours, &theirs)))
    }

    /// A number equal for names that match; for indexes, which compare with [`Name::matches`] afterwards.
    pub(crate) fn bucket(&self) -> usize {
        let compute = || {
            let hash = self.rdns().fold(FNV_OFFSET, |hash, rdn| {
                // The order inside a set does not matter, so the attributes are added up.
                let set = rdn.attributes().fold(0u64, |sum, attribute| sum.wrapping_add(attribute.bucket()));
                fnv(hash, &set.to_be_bytes())
            });
            // Half of it is enough to find a name by.
            usize::try_from(hash & 0xffff_ffff).ok().and_then(NonZeroUsize::new).unwrap_or(NonZeroUsize::MIN)
        };
        self.bucket.get_or_init(compute).get()
    }

    /// A digest that two names have in common exactly when they [match](Name::matches): SHA-256 over those of all relative distinguished names.
    pub fn digest(&self) -> &[u8; 32] {
        self.digest.get_or_init(|| {
            let mut hasher = Hasher::new(HashAlgorithm::Sha256);
            self.rdns().for_each(|rdn| hasher.update(&rdn.digest()));
            Box::new(sha256(hasher))
        })
    }

    /// The name as it is printed, as far as anybody reads it: a little more than the 200 characters that messages show.
    pub(crate) fn beginning(&self) -> String {
        let mut beginning = Beginning(String::new());
        // The one error there is says that the rest does not matter.
        let _ = write!(beginning, "{self}");
        beginning.0
    }

    /// The texts of the `emailAddress` attributes. RFC 5280 §4.1.2.6 and §4.2.1.10.
    pub(crate) fn email_addresses(&self) -> impl Iterator<Item = &str> {
        self.rdns()
            .flat_map(|rdn| rdn.attributes())
            .filter(|attribute| attribute.oid.is(&EMAIL_ADDRESS))
            .map(|attribute| core::str::from_utf8(attribute.value).unwrap_or("\u{fffd}"))
    }

    /// The texts of the `commonName` attributes.
    pub(crate) fn common_names(&self) -> impl Iterator<Item = String> {
        self.rdns()
            .flat_map(|rdn| rdn.attributes())
            .filter(|attribute| attribute.oid.is(&COMMON_NAME))
            .map(|attribute| characters(attribute.tag, attribute.value).into_iter().flatten().collect())
    }

    fn rdns(&self) -> Rdns<'_> {
        let inner = Elements::new(self.der(), 0, "name").and_then(|mut outer| outer.sequence("name"));
        Rdns { elements: inner.ok() }
    }
}

/// A copy knows nothing yet of what the original has computed.
impl Clone for Name {
    fn clone(&self) -> Self {
        Self::in_buffer(&self.buffer, self.range.clone())
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for Name {}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

/// RFC 4514: last relative distinguished name first; every control or invisible character is escaped.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names are short, so walking once per part is cheaper than remembering them.
        let count = self.rdns().count();
        for index in (0..count).rev() {
            let Some(rdn) = self.rdns().nth(index) else { continue };
            if index + 1 != count {
                f.write_str(",")?;
            }
            for (at, attribute) in rdn.attributes().enumerate() {
                if at > 0 {
                    f.write_str("+")?;
                }
                attribute.fmt(f)?;
            }
            // A name of thousands of parts is not a message.
            if count - index > 64 {
                return f.write_str(",…");
            }
        }
        Ok(())
    }
}

/// The DER of a name of these relative distinguished names and one more, which is the contents of a SET.
pub(crate) fn of_parts(rdns: &[u8], last: &[u8]) -> Vec<u8> {
    let mut set = Vec::with_capacity(last.len().saturating_add(6));
    push_header(&mut set, 0x31, last.len());
    set.extend_from_slice(last);
    let length = rdns.len().saturating_add(set.len());
    let mut name = Vec::with_capacity(length.saturating_add(6));
    push_header(&mut name, 0x30, length);
    name.extend_from_slice(rdns);
    name.extend_from_slice(&set);
    name
}

fn push_header(der: &mut Vec<u8>, tag: u8, length: usize) {
    der.push(tag);
    match u8::try_from(length) {
        Ok(length @ 0..=0x7f) => der.push(length),
        _ => {
            let bytes = length.to_be_bytes();
            let significant = bytes.iter().skip_while(|byte| **byte == 0);
            der.push(0x80 | u8::try_from(significant.clone().count()).unwrap_or(0));
            der.extend(significant);
        }
    }
}

/// Checks that `element` is a `Name`: a SEQUENCE of non-empty SETs of attributes, within the limits of size.
pub(crate) fn check(element: &Element<'_>, field: &'static str) -> Result<(), Fault> {
    if element.tag != Tag::Sequence {
        return Err(element.fault(FaultKind::Malformed, field));
    }
    if element.contents.len() > MAX_NAME_BYTES {
        return Err(element.fault(FaultKind::NameTooLarge, field));
    }
    let mut rdns = element.open(field)?;
    while !rdns.is_finished() {
        let rdn = rdns.expect(Tag::Set, field)?;
        if rdn.contents.len() > MAX_RDN_BYTES {
            return Err(rdn.fault(FaultKind::NameTooLarge, field));
        }
        let mut attributes = rdn.open(field)?;
        let mut count = 0usize;
        while !attributes.is_finished() {
            read_attribute(&mut attributes, field)?;
            count += 1;
        }
        match count {
            0 => return Err(rdn.fault(FaultKind::Malformed, field)),
            1..=MAX_RDN_ATTRIBUTES => {}
            _ => return Err(rdn.fault(FaultKind::NameTooLarge, field)),
        }
    }
    Ok(())
}

struct Attribute<'a> {
    oid: Oid<'a>,
    tag: Tag,
    value: &'a [u8],
}

fn read_attribute<'a>(attributes: &mut Elements<'a>, field: &'static str) -> Result<Attribute<'a>, Fault> {
    let mut attribute = attributes.sequence(field)?;
    let oid = Oid::from_element(&attribute.expect(Tag::ObjectIdentifier, field)?, field)?;
    let value = attribute.opaque(field)?;
    attribute.finish()?;
    Ok(Attribute { oid, tag: value.tag, value: value.contents })
}

/// Iterators over names that were checked: an error cannot occur and would end them.
struct Rdns<'a> {
    elements: Option<Elements<'a>>,
}

struct Rdn<'a>(Element<'a>);

impl<'a> Iterator for Rdns<'a> {
    type Item = Rdn<'a>;

    fn next(&mut self) -> Option<Rdn<'a>> {
        let elements = self.elements.as_mut()?;
        if elements.is_finished() {
            return None;
        }
        elements.any("name").ok().map(Rdn)
    }
}

impl<'a> Rdn<'a> {
    fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut elements = self.0.open("name").ok();
        core::iter::from_fn(move || {
            let elements = elements.as_mut()?;
            if elements.is_finished() {
                return None;
            }
            read_attribute(elements, "name").ok()
        })
    }

    /// The attribute, if it is the only one, as nearly everywhere.
    fn only_attribute(&self) -> Option<Attribute<'a>> {
        let mut attributes = self.attributes();
        attributes.next().filter(|_| attributes.next().is_none())
    }

    /// SHA-256 over the digests of the attributes, sorted because their order does not count.
    fn digest(&self) -> [u8; 32] {
        let mut digests = [[0; 32]; MAX_RDN_ATTRIBUTES];
        let mut count = 0;
        for (digest, attribute) in digests.iter_mut().zip(self.attributes()) {
            *digest = attribute.digest();
            count += 1;
        }
        let digests = digests.get_mut(..count).unwrap_or_default();
        digests.sort_unstable();
        let mut hasher = Hasher::new(HashAlgorithm::Sha256);
        digests.iter().for_each(|digest| hasher.update(digest));
        sha256(hasher)
    }
}

fn rdn_matches(ours: &Rdn<'_>, theirs: &Rdn<'_>) -> bool {
    if ours.0.contents == theirs.0.contents {
        return true;
    }
    match (ours.only_attribute(), theirs.only_attribute()) {
        (Some(ours), Some(theirs)) => ours.matches(&theirs),
        (None, None) => ours.digest() == theirs.digest(),
        _ => false,
    }
}

impl Attribute<'_> {
    fn matches(&self, other: &Attribute<'_>) -> bool {
        if self.oid != other.oid {
            return false;
        }
        match (characters(self.tag, self.value), characters(other.tag, other.value)) {
            (Some(ours), Some(theirs)) => Folded::new(ours).eq(Folded::new(theirs)),
            (None, None) => self.tag == other.tag && self.value == other.value,
            _ => false,
        }
    }

    /// Equal for attributes that match.
    fn digest(&self) -> [u8; 32] {
        let mut hasher = Hasher::new(HashAlgorithm::Sha256);
        hasher.update(&self.oid.as_bytes().len().to_be_bytes());
        hasher.update(self.oid.as_bytes());
        match characters(self.tag, self.value) {
            Some(text) => {
                hasher.update(b"text");
                let mut folded = Folded::new(text).map(u32::from);
                let mut block = [0; 64];
                loop {
                    let mut filled = 0;
                    for (place, character) in block.chunks_exact_mut(4).zip(&mut folded) {
                        place.copy_from_slice(&character.to_be_bytes());
                        filled += 4;
                    }
                    hasher.update(block.get(..filled).unwrap_or_default());
                    if filled < block.len() {
                        break;
                    }
                }
            }
            None => {
                hasher.update(b"other");
                hasher.update(&[self.tag.class().bits(), u8::from(self.tag.is_constructed())]);
                hasher.update(&self.tag.number().value().to_be_bytes());
                hasher.update(self.value);
            }
        }
        sha256(hasher)
    }

    fn bucket(&self) -> u64 {
        let hash = fnv(FNV_OFFSET, self.oid.as_bytes());
        match characters(self.tag, self.value) {
            Some(text) => Folded::new(text).fold(hash, |hash, folded| fnv(hash, &u32::from(folded).to_be_bytes())),
            None => fnv(hash, self.value),
        }
    }
}

impl fmt::Display for Attribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keyword = KEYWORDS.iter().find(|(oid, _)| self.oid.is(oid)).map(|(_, keyword)| *keyword);
        let (Some(keyword), Some(text)) = (keyword, characters(self.tag, self.value)) else {
            // RFC 4514 §2.4: other types are written as the hexadecimal form of their encoding.
            write!(f, "{}=#", self.oid)?;
            return self.value.iter().take(64).try_for_each(|byte| write!(f, "{byte:02x}"));
        };
        write!(f, "{keyword}=")?;
        let mut text = text.peekable();
        let mut first = true;
        while let Some(character) = text.next() {
            let at_edge = first || text.peek().is_none();
            match character {
                '"' | '+' | ',' | ';' | '<' | '>' | '\\' => write!(f, "\\{character}")?,
                '#' if first => f.write_str("\\#")?,
                ' ' if at_edge => f.write_str("\\ ")?,
                character if character.is_control() => {
                    let mut utf8 = [0u8; 4];
                    character.encode_utf8(&mut utf8).bytes().try_for_each(|byte| write!(f, "\\{byte:02X}"))?;
                }
                character => {
                    let mut utf8 = [0u8; 4];
                    stella_vocabulary::text::Escaped(character.encode_utf8(&mut utf8)).fmt(f)?;
                }
            }
            first = false;
        }
        Ok(())
    }
}

/// Keeps the beginning of what is written to it, and then has enough.
struct Beginning(String);

impl fmt::Write for Beginning {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        // Up to four bytes a character; pieces are single characters or short.
        if self.0.len() > 4 * 256 {
            return Err(fmt::Error);
        }
        self.0.push_str(piece);
        Ok(())
    }
}

fn sha256(hasher: Hasher) -> [u8; 32] {
    let mut digest = [0; 32];
    for (to, from) in digest.iter_mut().zip(hasher.finish().as_bytes()) {
        *to = *from;
    }
    digest
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a: names are found by it, never trusted because of it.
fn fnv(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
