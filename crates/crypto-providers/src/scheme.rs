//! The one table of signature schemes.

use core::fmt;

use crate::{HashAlgorithm, PublicKey, oid};

/// The kind of a public key: the algorithm, and for elliptic curves the curve.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum KeyType {
    /// NIST P-256, secp256r1.
    EcP256,
    /// NIST P-384, secp384r1.
    EcP384,
    /// NIST P-521, secp521r1.
    EcP521,
    /// Edwards curve 25519. RFC 8032.
    Ed25519,
    /// RSA of 2,048 to 8,192 bits. RFC 8017.
    Rsa,
}

impl KeyType {
    /// Every key type there is.
    pub const ALL: &'static [Self] = &[Self::EcP256, Self::EcP384, Self::EcP521, Self::Ed25519, Self::Rsa];

    /// The name in lower case: `ec-p256`, `ed25519`, `rsa`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcP256 => "ec-p256",
            Self::EcP384 => "ec-p384",
            Self::EcP521 => "ec-p521",
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa",
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a scheme stands today. Whether it is *permitted* is a matter of policy, not of this table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum SchemeStatus {
    /// Sound and found in the field, but a curve with the hash of another size, or PKCS#1 v1.5: nothing to choose for
    /// a new key.
    Accepted,
    /// The usual choice for its key type.
    Recommended,
}

impl SchemeStatus {
    /// The name in lower case: `accepted`, `recommended`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Recommended => "recommended",
        }
    }
}

impl fmt::Display for SchemeStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A signature scheme: a key type with a hash function and a way to sign. Nothing about it is left to be guessed from
/// a signature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
#[repr(u8)]
pub enum Scheme {
    /// ECDSA on P-256 with SHA-256. FIPS 186-5 §6.
    EcdsaP256Sha256,
    /// ECDSA on P-256 with SHA-384, of which the leftmost 256 bits are signed.
    EcdsaP256Sha384,
    /// ECDSA on P-256 with SHA-512, of which the leftmost 256 bits are signed.
    EcdsaP256Sha512,
    /// ECDSA on P-384 with SHA-256.
    EcdsaP384Sha256,
    /// ECDSA on P-384 with SHA-384.
    EcdsaP384Sha384,
    /// ECDSA on P-384 with SHA-512, of which the leftmost 384 bits are signed.
    EcdsaP384Sha512,
    /// ECDSA on P-521 with SHA-256.
    EcdsaP521Sha256,
    /// ECDSA on P-521 with SHA-384.
    EcdsaP521Sha384,
    /// ECDSA on P-521 with SHA-512.
    EcdsaP521Sha512,
    /// Ed25519 in its pure form. RFC 8032 §5.1.
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-256. RFC 8017 §8.2.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 bytes. RFC 8017 §8.1.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of 64 bytes.
    RsaPssSha512,
}

/// The way to sign, where a key type has several.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Padding {
    None,
    Pkcs1,
    Pss,
}

/// What an `AlgorithmIdentifier` of the scheme carries next to its object identifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Parameters {
    /// RFC 5758 §3.2, RFC 8410 §3.
    Absent,
    /// NULL, and absent is taken as well: RFC 4055 §5, "Implementations MUST accept the parameters being absent as
    /// well as present".
    NullOrAbsent,
    /// `RSASSA-PSS-params`. RFC 4055 §3.1.
    Pss,
}

/// A scheme is one row of the table; whatever is known about it stands there.
pub(crate) struct Row {
    scheme: Scheme,
    name: &'static str,
    jose: Option<&'static str>,
    cose: Option<i64>,
    key_type: KeyType,
    hash: Option<HashAlgorithm>,
    pub(crate) padding: Padding,
    pub(crate) oid: &'static [u8],
    pub(crate) parameters: Parameters,
    strength: u16,
    status: SchemeStatus,
}

impl Row {
    const fn ecdsa(scheme: Scheme, name: &'static str, key_type: KeyType, hash: HashAlgorithm) -> Self {
        let (oid, hash_strength) = match hash {
            HashAlgorithm::Sha256 => (oid::ECDSA_SHA256, 128),
            HashAlgorithm::Sha384 => (oid::ECDSA_SHA384, 192),
            HashAlgorithm::Sha512 => (oid::ECDSA_SHA512, 256),
        };
        let curve_strength = match key_type {
            KeyType::EcP256 => 128,
            KeyType::EcP384 => 192,
            _ => 256,
        };
        let strength = if curve_strength < hash_strength { curve_strength } else { hash_strength };
        let (padding, parameters) = (Padding::None, Parameters::Absent);
        let status = SchemeStatus::Accepted;
        let hash = Some(hash);
        Self { scheme, name, jose: None, cose: None, key_type, hash, padding, oid, parameters, strength, status }
    }

    const fn rsa(scheme: Scheme, name: &'static str, padding: Padding, hash: HashAlgorithm) -> Self {
        let (oid, parameters) = match (padding, hash) {
            (Padding::Pss, _) => (oid::RSA_PSS, Parameters::Pss),
            (_, HashAlgorithm::Sha256) => (oid::RSA_SHA256, Parameters::NullOrAbsent),
            (_, HashAlgorithm::Sha384) => (oid::RSA_SHA384, Parameters::NullOrAbsent),
            (_, HashAlgorithm::Sha512) => (oid::RSA_SHA512, Parameters::NullOrAbsent),
        };
        let (key_type, hash) = (KeyType::Rsa, Some(hash));
        // NIST SP 800-57 part 1 §5.6.1: 112 bits for a modulus of 2,048, the smallest accepted.
        let (strength, status) = (112, SchemeStatus::Accepted);
        Self { scheme, name, jose: None, cose: None, key_type, hash, padding, oid, parameters, strength, status }
    }

    const fn ed25519() -> Self {
        Self {
            scheme: Scheme::Ed25519,
            name: "ed25519",
            jose: None,
            cose: None,
            key_type: KeyType::Ed25519,
            hash: None,
            padding: Padding::None,
            oid: oid::ED25519,
            parameters: Parameters::Absent,
            strength: 128,
            status: SchemeStatus::Accepted,
        }
    }

    /// Registered names: RFC 7518 §3.1, RFC 8037 §3.1, RFC 9053 §2, RFC 8812 §2.
    const fn registered(mut self, jose: &'static str, cose: i64) -> Self {
        self.jose = Some(jose);
        self.cose = Some(cose);
        self
    }

    const fn recommended(mut self) -> Self {
        self.status = SchemeStatus::Recommended;
        self
    }
}

use HashAlgorithm::{Sha256, Sha384, Sha512};
use KeyType::{EcP256, EcP384, EcP521};
use Padding::{Pkcs1, Pss};

const TABLE: [Row; Scheme::COUNT] = [
    Row::ecdsa(Scheme::EcdsaP256Sha256, "ecdsa-p256-sha256", EcP256, Sha256).registered("ES256", -7).recommended(),
    Row::ecdsa(Scheme::EcdsaP256Sha384, "ecdsa-p256-sha384", EcP256, Sha384),
    Row::ecdsa(Scheme::EcdsaP256Sha512, "ecdsa-p256-sha512", EcP256, Sha512),
    Row::ecdsa(Scheme::EcdsaP384Sha256, "ecdsa-p384-sha256", EcP384, Sha256),
    Row::ecdsa(Scheme::EcdsaP384Sha384, "ecdsa-p384-sha384", EcP384, Sha384).registered("ES384", -35).recommended(),
    Row::ecdsa(Scheme::EcdsaP384Sha512, "ecdsa-p384-sha512", EcP384, Sha512),
    Row::ecdsa(Scheme::EcdsaP521Sha256, "ecdsa-p521-sha256", EcP521, Sha256),
    Row::ecdsa(Scheme::EcdsaP521Sha384, "ecdsa-p521-sha384", EcP521, Sha384),
    Row::ecdsa(Scheme::EcdsaP521Sha512, "ecdsa-p521-sha512", EcP521, Sha512).registered("ES512", -36).recommended(),
    Row::ed25519().registered("EdDSA", -8).recommended(),
    Row::rsa(Scheme::RsaPkcs1Sha256, "rsa-pkcs1-sha256", Pkcs1, Sha256).registered("RS256", -257),
    Row::rsa(Scheme::RsaPkcs1Sha384, "rsa-pkcs1-sha384", Pkcs1, Sha384).registered("RS384", -258),
    Row::rsa(Scheme::RsaPkcs1Sha512, "rsa-pkcs1-sha512", Pkcs1, Sha512).registered("RS512", -259),
    Row::rsa(Scheme::RsaPssSha256, "rsa-pss-sha256", Pss, Sha256).registered("PS256", -37).recommended(),
    Row::rsa(Scheme::RsaPssSha384, "rsa-pss-sha384", Pss, Sha384).registered("PS384", -38).recommended(),
    Row::rsa(Scheme::RsaPssSha512, "rsa-pss-sha512", Pss, Sha512).registered("PS512", -39).recommended(),
];

/// Proved when compiling: row `i` belongs to the scheme numbered `i`, so looking up by number cannot miss.
const _: () = {
    let mut i = 0;
    while i < Scheme::COUNT {
        assert!(TABLE[i].scheme as usize == i);
        i += 1;
    }
};

const ALL: [Scheme; Scheme::COUNT] = {
    let mut all = [Scheme::Ed25519; Scheme::COUNT];
    let mut i = 0;
    while i < Scheme::COUNT {
        all[i] = TABLE[i].scheme;
        i += 1;
    }
    all
};

impl Scheme {
    pub(crate) const COUNT: usize = 16;

    /// Every scheme there is, in the order of the table: elliptic curves, then RSA.
    pub const ALL: &'static [Self] = &ALL;

    pub(crate) const fn row(self) -> &'static Row {
        const ROWS: &[Row; Scheme::COUNT] = &TABLE;
        &ROWS[self as usize]
    }

    /// The name used in reports and configuration: `ecdsa-p256-sha256`, `ed25519`, `rsa-pss-sha256`.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The scheme of a name exactly as [`Scheme::name`] writes it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scheme| scheme.name() == name)
    }

    /// The `alg` of JSON Web Signatures, where one is registered for exactly this pair of key type and hash: `ES256`.
    pub const fn jose_name(self) -> Option<&'static str> {
        self.row().jose
    }

    /// The algorithm number of COSE, where one is registered for exactly this pair of key type and hash: -7.
    pub const fn cose_id(self) -> Option<i64> {
        self.row().cose
    }

    /// The type of key that can be used.
    pub const fn key_type(self) -> KeyType {
        self.row().key_type
    }

    /// The hash the message goes through first; `None` for Ed25519, which takes the message itself.
    pub const fn hash(self) -> Option<HashAlgorithm> {
        self.row().hash
    }

    /// Security strength in bits, the weaker of key and hash; for RSA that of the smallest modulus accepted.
    pub const fn strength_bits(self) -> u16 {
        self.row().strength
    }

    /// How the scheme stands today.
    pub const fn status(self) -> SchemeStatus {
        self.row().status
    }

    /// The usual scheme for a key that says nothing more: SHA-256 for P-256, SHA-384 for P-384, SHA-512 for P-521,
    /// Ed25519, and PKCS#1 v1.5 with SHA-256 for RSA, unless the key is restricted to PSS (RFC 4055 §1.2).
    pub fn for_key(key: &PublicKey) -> Self {
        match key.key_type() {
            KeyType::EcP256 => Self::EcdsaP256Sha256,
            KeyType::EcP384 => Self::EcdsaP384Sha384,
            KeyType::EcP521 => Self::EcdsaP521Sha512,
            KeyType::Ed25519 => Self::Ed25519,
            KeyType::Rsa => [Self::RsaPkcs1Sha256, Self::RsaPssSha256, Self::RsaPssSha384, Self::RsaPssSha512]
                .into_iter()
                .find(|scheme| key.permits(*scheme))
                .unwrap_or(Self::RsaPkcs1Sha256),
        }
    }

    /// The scheme of a key type with a hash: PKCS#1 v1.5 for RSA. `None` for Ed25519, which takes no hash.
    pub fn with_hash(key_type: KeyType, hash: HashAlgorithm) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| row.key_type == key_type && row.hash == Some(hash) && row.padding != Padding::Pss)
            .map(|row| row.scheme)
    }

    /// RSASSA-PSS with this hash for the message and the mask, and a salt of its length.
    pub fn pss_with_hash(hash: HashAlgorithm) -> Self {
        match hash {
            Sha256 => Self::RsaPssSha256,
            Sha384 => Self::RsaPssSha384,
            Sha512 => Self::RsaPssSha512,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_is_found_by_its_name_and_names_are_distinct() {
        for &scheme in Scheme::ALL {
            assert_eq!(Scheme::from_name(scheme.name()), Some(scheme));
        }
        assert_eq!(Scheme::from_name("ECDSA-P256-SHA256"), None);
        assert_eq!(Scheme::from_name("none"), None);
        assert_eq!(Scheme::ALL.len(), 16);
    }

    #[test]
    fn names_say_the_key_type_and_the_hash() {
        for &scheme in Scheme::ALL {
            let family = scheme.key_type().name().trim_start_matches("ec-");
            assert!(scheme.name().contains(family), "{scheme}");
            if let Some(hash) = scheme.hash() {
                assert!(scheme.name().ends_with(hash.name()), "{scheme}");
                if scheme.row().padding == Padding::Pss {
                    assert_eq!(Scheme::pss_with_hash(hash), scheme);
                } else {
                    assert_eq!(Scheme::with_hash(scheme.key_type(), hash), Some(scheme));
                }
            }
        }
        assert_eq!(Scheme::with_hash(KeyType::Ed25519, HashAlgorithm::Sha512), None);
    }

    #[test]
    fn strength_is_that_of_the_weaker_part() {
        assert_eq!(Scheme::EcdsaP256Sha512.strength_bits(), 128);
        assert_eq!(Scheme::EcdsaP384Sha256.strength_bits(), 128);
        assert_eq!(Scheme::EcdsaP384Sha384.strength_bits(), 192);
        assert_eq!(Scheme::EcdsaP521Sha512.strength_bits(), 256);
        assert_eq!(Scheme::RsaPssSha512.strength_bits(), 112);
    }

    #[test]
    fn registered_names_are_given_only_for_matching_pairs() {
        assert_eq!(Scheme::EcdsaP256Sha256.jose_name(), Some("ES256"));
        assert_eq!(Scheme::EcdsaP256Sha256.cose_id(), Some(-7));
        assert_eq!(Scheme::EcdsaP256Sha512.jose_name(), None);
        assert_eq!(Scheme::RsaPssSha384.cose_id(), Some(-38));
    }
}
