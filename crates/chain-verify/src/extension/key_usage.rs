//! What the key may do. RFC 5280 §4.2.1.3.

use alloc::sync::Arc;
use core::fmt;

use der::Tag;

use super::Known;
use crate::tlv::{self, Elements, Fault, FaultKind};

/// The bits of `keyUsage`; at least one is set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyUsage(u16);

/// One bit of [`KeyUsage`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyUse {
    /// Bit 0: verify signatures other than those on certificates and CRLs.
    DigitalSignature,
    /// Bit 1, `nonRepudiation`: verify signatures that the signer must not deny.
    ContentCommitment,
    /// Bit 2.
    KeyEncipherment,
    /// Bit 3.
    DataEncipherment,
    /// Bit 4.
    KeyAgreement,
    /// Bit 5: verify signatures on certificates.
    CertificateSigning,
    /// Bit 6: verify signatures on revocation lists.
    RevocationListSigning,
    /// Bit 7.
    EncipherOnly,
    /// Bit 8.
    DecipherOnly,
}

impl KeyUse {
    const ALL: [(Self, &'static str); 9] = [
        (Self::DigitalSignature, "digitalSignature"),
        (Self::ContentCommitment, "nonRepudiation"),
        (Self::KeyEncipherment, "keyEncipherment"),
        (Self::DataEncipherment, "dataEncipherment"),
        (Self::KeyAgreement, "keyAgreement"),
        (Self::CertificateSigning, "keyCertSign"),
        (Self::RevocationListSigning, "cRLSign"),
        (Self::EncipherOnly, "encipherOnly"),
        (Self::DecipherOnly, "decipherOnly"),
    ];

    /// The name in RFC 5280.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(usage, _)| *usage == self).map_or("", |(_, name)| name)
    }
}

impl KeyUsage {
    /// Whether the bit is set.
    pub fn contains(self, usage: KeyUse) -> bool {
        // Bit 0 of the BIT STRING is the most significant one.
        self.0 & (0x8000 >> (usage as u16)) != 0
    }
}

/// The names of the bits that are set, separated by commas.
impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for (_, name) in KeyUse::ALL.iter().filter(|(usage, _)| self.contains(*usage)) {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        Ok(())
    }
}

pub(super) fn read(value: &mut Elements<'_>, _: &Arc<[u8]>, known: &mut Known) -> Result<(), Fault> {
    const FIELD: &str = "keyUsage";
    let element = value.expect(Tag::BitString, FIELD)?;
    let (_, bytes) = tlv::bit_string(&element, FIELD)?;
    let bits = match bytes {
        [first] => u16::from(*first) << 8,
        [first, second] => u16::from_be_bytes([*first, *second]),
        _ => return Err(element.fault(FaultKind::Malformed, FIELD)),
    };
    // "When the keyUsage extension appears in a certificate, at least one of the bits MUST be set to 1." Bits that RFC 5280
    // does not name may be set; they allow nothing here.
    if bits & 0xff80 == 0 {
        return Err(element.fault(FaultKind::Malformed, FIELD));
    }
    known.key_usage = Some(KeyUsage(bits));
    Ok(())
}
