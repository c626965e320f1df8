//! Crypto profiles: which schemes are permitted, with which keys, and until when. A profile permits, a provider computes.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use stella_vocabulary::{Code, Reason, UnixTime};

use crate::{PublicKey, Scheme};

/// A set of rules that somebody has published for signatures.
///
/// A profile says what is *permitted*. Whether it can be *computed* is a matter of the [`Registry`](crate::Registry), so the schemes that
/// can be used are those that both name. That a scheme is permitted by `fips` does not make a provider a validated module.
///
/// ```
/// use stella_crypto_providers::{Profile, Scheme};
/// use stella_vocabulary::UnixTime;
///
/// let at = UnixTime::parse_rfc3339("2026-06-01T00:00:00Z")?;
/// assert!(Profile::Fips.permits(Scheme::EcdsaP384Sha384, 384, at).is_ok());
/// assert!(Profile::Fips.permits(Scheme::EcdsaP384Sha256, 384, at).is_err());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Profile {
    /// Electronic signatures of the European Union: ETSI TS 119 312, which follows the agreed mechanisms of SOG-IS.
    Eidas,
    /// Federal agencies of the United States: FIPS 186-5 and SP 800-57.
    Fips,
    /// The Russian Federation: GOST R 34.10-2012 with GOST R 34.11-2012. No provider of this library computes them.
    Gost,
    /// Every scheme of this library.
    #[default]
    International,
    /// The People's Republic of China: SM2 with SM3. No provider of this library computes them.
    Sm,
}

/// One line of a profile: schemes that are permitted alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProfileRule {
    schemes: &'static [Scheme],
    smallest: usize,
    sunset: Option<UnixTime>,
    clause: &'static str,
}

impl ProfileRule {
    const fn of(schemes: &'static [Scheme], smallest: usize, clause: &'static str) -> Self {
        Self { schemes, smallest, sunset: None, clause }
    }

    /// Seconds since 1970 UTC.
    const fn until(mut self, end: i64) -> Self {
        self.sunset = Some(UnixTime::from_seconds(end));
        self
    }

    /// The schemes it is about.
    pub const fn schemes(&self) -> &'static [Scheme] {
        self.schemes
    }

    /// The smallest key, in bits as [`PublicKey::bits`] counts them.
    pub const fn smallest_key(&self) -> usize {
        self.smallest
    }

    /// The first instant at which it permits nothing any more.
    pub const fn sunset(&self) -> Option<UnixTime> {
        self.sunset
    }

    /// Where it is written.
    pub const fn clause(&self) -> &'static str {
        self.clause
    }
}

/// An algorithm that a profile permits and that no [`Scheme`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ForeignAlgorithm {
    name: &'static str,
    provided_by: &'static str,
}

impl ForeignAlgorithm {
    /// What it is called.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What would compute it.
    pub const fn provided_by(&self) -> &'static str {
        self.provided_by
    }
}

use Scheme::{
    EcdsaP256Sha256, EcdsaP256Sha384, EcdsaP256Sha512, EcdsaP384Sha256, EcdsaP384Sha384, EcdsaP384Sha512,
    EcdsaP521Sha256, EcdsaP521Sha384, EcdsaP521Sha512, Ed25519, RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512,
    RsaPssSha256, RsaPssSha384, RsaPssSha512,
};

const ECDSA: &[Scheme] = &[
    EcdsaP256Sha256,
    EcdsaP256Sha384,
    EcdsaP256Sha512,
    EcdsaP384Sha256,
    EcdsaP384Sha384,
    EcdsaP384Sha512,
    EcdsaP521Sha256,
    EcdsaP521Sha384,
    EcdsaP521Sha512,
];
/// The hash is at least as strong as the curve.
const ECDSA_MATCHED: &[Scheme] =
    &[EcdsaP256Sha256, EcdsaP256Sha384, EcdsaP256Sha512, EcdsaP384Sha384, EcdsaP384Sha512, EcdsaP521Sha512];
const RSA: &[Scheme] = &[RsaPkcs1Sha256, RsaPkcs1Sha384, RsaPkcs1Sha512, RsaPssSha256, RsaPssSha384, RsaPssSha512];
const RSA_PSS: &[Scheme] = &[RsaPssSha256, RsaPssSha384, RsaPssSha512];

/// 2026-01-01T00:00:00Z: the agreed mechanisms of SOG-IS call moduli below 3,000 bits legacy until the end of 2025.
const END_OF_2025: i64 = 1_767_225_600;
/// 2031-01-01T00:00:00Z: SP 800-57 part 1 permits 112 bits of strength for new signatures through 2030.
const END_OF_2030: i64 = 1_924_992_000;

const EIDAS: &[ProfileRule] = &[
    ProfileRule::of(ECDSA, 256, "ETSI TS 119 312, ECDSA"),
    ProfileRule::of(&[Ed25519], 255, "ETSI TS 119 312, EdDSA"),
    ProfileRule::of(RSA_PSS, 3000, "ETSI TS 119 312, RSASSA-PSS"),
    ProfileRule::of(RSA_PSS, 2048, "SOG-IS agreed cryptographic mechanisms, RSA of 1,900 bits and more")
        .until(END_OF_2025),
];

const FIPS: &[ProfileRule] = &[
    ProfileRule::of(ECDSA_MATCHED, 256, "FIPS 186-5 §6"),
    ProfileRule::of(&[Ed25519], 255, "FIPS 186-5 §7"),
    ProfileRule::of(RSA, 3072, "FIPS 186-5 §5"),
    ProfileRule::of(RSA, 2048, "SP 800-57 part 1 rev. 5 §5.6.3").until(END_OF_2030),
];

const INTERNATIONAL: &[ProfileRule] = &[
    ProfileRule::of(ECDSA, 256, "every scheme of this library"),
    ProfileRule::of(&[Ed25519], 255, "every scheme of this library"),
    ProfileRule::of(RSA, 2048, "every scheme of this library"),
];

const GOST_FOREIGN: &[ForeignAlgorithm] = &[
    ForeignAlgorithm { name: "GOST R 34.10-2012 (256 bits)", provided_by: "a provider of your own, or a GOST token" },
    ForeignAlgorithm { name: "GOST R 34.10-2012 (512 bits)", provided_by: "a provider of your own, or a GOST token" },
];

const SM_FOREIGN: &[ForeignAlgorithm] =
    &[ForeignAlgorithm { name: "SM2 with SM3", provided_by: "a provider of your own, or an SM2 token" }];

impl Profile {
    /// Every profile there is, by name.
    pub const ALL: &'static [Self] = &[Self::Eidas, Self::Fips, Self::Gost, Self::International, Self::Sm];

    /// The name in lower case: `eidas`, `fips`, `gost`, `international`, `sm`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eidas => "eidas",
            Self::Fips => "fips",
            Self::Gost => "gost",
            Self::International => "international",
            Self::Sm => "sm",
        }
    }

    /// The profile of a name exactly as [`Profile::name`] writes it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|profile| profile.name() == name)
    }

    /// What it is, as a line for people.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Eidas => "electronic signatures of the European Union (ETSI TS 119 312)",
            Self::Fips => "federal agencies of the United States (FIPS 186-5, SP 800-57)",
            Self::Gost => "the Russian Federation (GOST R 34.10-2012, GOST R 34.11-2012)",
            Self::International => "every algorithm of this program",
            Self::Sm => "the People's Republic of China (SM2, SM3)",
        }
    }

    /// The lines of the profile; what none of them names is not permitted.
    pub const fn rules(self) -> &'static [ProfileRule] {
        match self {
            Self::Eidas => EIDAS,
            Self::Fips => FIPS,
            Self::International => INTERNATIONAL,
            Self::Gost | Self::Sm => &[],
        }
    }

    /// What it permits that is no [`Scheme`], and so cannot be used whatever the registry holds.
    pub const fn foreign(self) -> &'static [ForeignAlgorithm] {
        match self {
            Self::Gost => GOST_FOREIGN,
            Self::Sm => SM_FOREIGN,
            Self::Eidas | Self::Fips | Self::International => &[],
        }
    }

    /// Whether a key of `bits` bits may be used with `scheme` at `at`: now for a signature that is to be made, the trusted time for one
    /// that is to be verified. Bits are those of [`PublicKey::bits`]; a sunset is the first instant that is too late.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn permits(self, scheme: Scheme, bits: usize, at: UnixTime) -> Result<(), ProfileError> {
        let mut about = self.rules().iter().filter(|rule| rule.schemes.contains(&scheme)).peekable();
        if about.peek().is_none() {
            return Err(match self.foreign() {
                [] => ProfileError::SchemeNotPermitted { profile: self, scheme },
                _ => ProfileError::NothingComputable { profile: self, scheme },
            });
        }
        let mut ended = None;
        let mut smallest = usize::MAX;
        for rule in about {
            match rule.sunset {
                Some(sunset) if at >= sunset => {
                    if bits >= rule.smallest {
                        ended = Some(sunset);
                    }
                }
                _ if bits >= rule.smallest => return Ok(()),
                _ => smallest = smallest.min(rule.smallest),
            }
        }
        Err(match ended {
            Some(sunset) => ProfileError::Sunset { profile: self, scheme, bits, sunset },
            None => ProfileError::KeyTooSmall { profile: self, scheme, bits, smallest },
        })
    }

    /// [`Profile::permits`] for a key.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn permits_key(self, scheme: Scheme, key: &PublicKey, at: UnixTime) -> Result<(), ProfileError> {
        self.permits(scheme, key.bits(), at)
    }

    /// Whether any key may be used with `scheme` at `at`, and from which size on.
    pub fn smallest_key(self, scheme: Scheme, at: UnixTime) -> Option<usize> {
        let about = self.rules().iter().filter(|rule| rule.schemes.contains(&scheme));
        about.filter(|rule| rule.sunset.is_none_or(|sunset| at < sunset)).map(|rule| rule.smallest).min()
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a profile does not permit a scheme, or a key with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ProfileError {
    /// The key has fewer bits than the profile asks for.
    KeyTooSmall {
        /// The profile.
        profile: Profile,
        /// The scheme.
        scheme: Scheme,
        /// Bits of the key.
        bits: usize,
        /// The fewest bits.
        smallest: usize,
    },
    /// Whatever the profile permits is not among the schemes of this library.
    NothingComputable {
        /// The profile.
        profile: Profile,
        /// The scheme asked for.
        scheme: Scheme,
    },
    /// The profile does not name the scheme.
    SchemeNotPermitted {
        /// The profile.
        profile: Profile,
        /// The scheme.
        scheme: Scheme,
    },
    /// The profile permitted this until an instant that has passed.
    Sunset {
        /// The profile.
        profile: Profile,
        /// The scheme.
        scheme: Scheme,
        /// Bits of the key.
        bits: usize,
        /// The first instant that is too late.
        sunset: UnixTime,
    },
}

impl ProfileError {
    /// The profile that does not permit.
    pub const fn profile(&self) -> Profile {
        match self {
            Self::KeyTooSmall { profile, .. }
            | Self::NothingComputable { profile, .. }
            | Self::SchemeNotPermitted { profile, .. }
            | Self::Sunset { profile, .. } => *profile,
        }
    }

    /// The scheme that is not permitted.
    pub const fn scheme(&self) -> Scheme {
        match self {
            Self::KeyTooSmall { scheme, .. }
            | Self::NothingComputable { scheme, .. }
            | Self::SchemeNotPermitted { scheme, .. }
            | Self::Sunset { scheme, .. } => *scheme,
        }
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyTooSmall { profile, scheme, bits, .. } => {
                write!(f, "the profile {profile} does not permit {scheme} with a key of {bits} bits")
            }
            Self::NothingComputable { profile, .. } => {
                write!(f, "the profile {profile} permits only algorithms that no provider of this program computes")
            }
            Self::SchemeNotPermitted { profile, scheme } => write!(f, "the profile {profile} does not permit {scheme}"),
            Self::Sunset { profile, scheme, bits, sunset } => {
                write!(f, "the profile {profile} permitted {scheme} with {bits} bits only until {sunset}")
            }
        }
    }
}

impl core::error::Error for ProfileError {}

impl Reason for ProfileError {
    fn code(&self) -> Code {
        match self {
            Self::NothingComputable { .. } => Code::CryptoAlgorithmUnavailable,
            _ => Code::SigAlgorithmUnsupported,
        }
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::KeyTooSmall { scheme, bits, .. } | Self::Sunset { scheme, bits, .. } => {
                format!("{scheme} with {bits} bits")
            }
            _ => self.scheme().to_string(),
        })
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::KeyTooSmall { smallest, .. } => Some(format!("at least {smallest} bits")),
            Self::NothingComputable { profile, .. } => {
                let names = profile.foreign().iter().map(|algorithm| algorithm.name).collect::<alloc::vec::Vec<_>>();
                let by = profile.foreign().first().map_or("", |algorithm| algorithm.provided_by);
                Some(format!("{}, by {by}", names.join(" or ")))
            }
            Self::SchemeNotPermitted { profile, .. } | Self::Sunset { profile, .. } => {
                Some(format!("an algorithm that {profile} permits"))
            }
        }
    }

    fn clause(&self) -> Option<&'static str> {
        let scheme = self.scheme();
        self.profile().rules().iter().find(|rule| rule.schemes.contains(&scheme)).map(|rule| rule.clause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UnixTime {
        UnixTime::parse_rfc3339(text).unwrap()
    }

    fn code(profile: Profile, scheme: Scheme, bits: usize, instant: &str) -> Option<Code> {
        profile.permits(scheme, bits, at(instant)).err().map(|error| error.code())
    }

    const JUNE: &str = "2026-06-01T00:00:00Z";

    #[test]
    fn every_scheme_is_permitted_by_the_international_profile_and_names_are_found() {
        for &scheme in Scheme::ALL {
            assert_eq!(code(Profile::International, scheme, 8192, JUNE), None, "{scheme}");
        }
        for &profile in Profile::ALL {
            assert_eq!(Profile::from_name(profile.name()), Some(profile));
        }
        assert_eq!(Profile::from_name("FIPS"), None);
        assert_eq!(Profile::default(), Profile::International);
    }

    #[test]
    fn a_hash_weaker_than_its_curve_is_outside_of_fips() {
        assert_eq!(code(Profile::Fips, EcdsaP384Sha384, 384, JUNE), None);
        assert_eq!(code(Profile::Fips, EcdsaP384Sha256, 384, JUNE), Some(Code::SigAlgorithmUnsupported));
        assert_eq!(code(Profile::Fips, EcdsaP521Sha384, 521, JUNE), Some(Code::SigAlgorithmUnsupported));
        for &scheme in ECDSA {
            let curve = scheme.key_type();
            let matched = Scheme::ALL.iter().filter(|other| other.key_type() == curve);
            let strongest = matched.map(|other| other.strength_bits()).max();
            let permitted = Profile::Fips.permits(scheme, 521, at(JUNE)).is_ok();
            assert_eq!(permitted, Some(scheme.strength_bits()) == strongest, "{scheme}");
        }
    }

    #[test]
    fn a_sunset_is_the_first_instant_that_is_too_late() {
        assert_eq!(code(Profile::Fips, RsaPssSha256, 2048, "2030-12-31T23:59:59Z"), None);
        let late = Profile::Fips.permits(RsaPssSha256, 2048, at("2031-01-01T00:00:00Z")).unwrap_err();
        assert!(matches!(late, ProfileError::Sunset { .. }), "{late}");
        assert_eq!(code(Profile::Fips, RsaPssSha256, 3072, "2031-01-01T00:00:00Z"), None);
        assert_eq!(code(Profile::Eidas, RsaPssSha256, 2048, "2025-12-31T23:59:59Z"), None);
        assert_eq!(
            code(Profile::Eidas, RsaPssSha256, 2999, "2026-01-01T00:00:00Z"),
            Some(Code::SigAlgorithmUnsupported)
        );
        assert_eq!(code(Profile::Eidas, RsaPssSha256, 3000, "2026-01-01T00:00:00Z"), None);
        assert_eq!(code(Profile::Eidas, RsaPkcs1Sha256, 4096, JUNE), Some(Code::SigAlgorithmUnsupported));
    }

    #[test]
    fn a_key_that_is_too_small_is_told_how_large_it_must_be() {
        let error = Profile::International.permits(RsaPssSha256, 2047, at(JUNE)).unwrap_err();
        assert_eq!(error.expected().as_deref(), Some("at least 2048 bits"));
        assert_eq!(Profile::Eidas.smallest_key(RsaPssSha256, at(JUNE)), Some(3000));
        assert_eq!(Profile::Gost.smallest_key(Ed25519, at(JUNE)), None);
    }

    #[test]
    fn gost_and_sm_permit_nothing_that_is_computed_here_and_say_what_would() {
        for profile in [Profile::Gost, Profile::Sm] {
            for &scheme in Scheme::ALL {
                let error = profile.permits(scheme, 8192, at(JUNE)).unwrap_err();
                assert_eq!(error.code(), Code::CryptoAlgorithmUnavailable);
                assert!(error.expected().unwrap().contains("a provider of your own"));
            }
        }
    }
}
