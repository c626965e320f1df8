//! The hash functions signatures are made over, and hashing as a stream.

use core::fmt;
use sha2::Digest;

use crate::{asn1, oid};

/// A hash function that a signature scheme may use. FIPS 180-4.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum HashAlgorithm {
    /// 32 bytes.
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl HashAlgorithm {
    /// Every hash function there is, shortest output first.
    pub const ALL: &'static [Self] = &[Self::Sha256, Self::Sha384, Self::Sha512];

    /// The name in lower case without a hyphen: `sha256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// The hash function of a name as [`HashAlgorithm::name`] writes it.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|hash| hash.name() == name)
    }

    /// Reads a whole `AlgorithmIdentifier` SEQUENCE of a hash function, with parameters absent or NULL (RFC 5754 §2).
    /// `None` if it is anything else.
    pub fn from_algorithm_identifier(der: &[u8]) -> Option<Self> {
        let mut fields = asn1::Reader::new(asn1::only(der, asn1::SEQUENCE)?);
        let hash = Self::from_oid(fields.read(asn1::OBJECT_IDENTIFIER)?)?;
        let parameters = fields.read_optional(asn1::NULL)?;
        (fields.is_empty() && parameters.is_none_or(<[u8]>::is_empty)).then_some(hash)
    }

    pub(crate) fn from_oid(contents: &[u8]) -> Option<Self> {
        match contents {
            oid::SHA256 => Some(Self::Sha256),
            oid::SHA384 => Some(Self::Sha384),
            oid::SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(crate) const fn oid(self) -> &'static [u8] {
        match self {
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    /// The length of a digest in bytes.
    pub const fn output_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Hashes the parts one after the other, as if they were one message.
    pub fn hash(self, parts: &[&[u8]]) -> HashOutput {
        let mut hasher = Hasher::new(self);
        for part in parts {
            hasher.update(part);
        }
        hasher.finish()
    }
}

impl fmt::Display for HashAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Hashes a message that arrives in pieces.
///
/// ```
/// use stella_crypto_providers::{HashAlgorithm, Hasher};
///
/// let mut hasher = Hasher::new(HashAlgorithm::Sha256);
/// hasher.update(b"one ");
/// hasher.update(b"message");
/// assert_eq!(hasher.finish(), HashAlgorithm::Sha256.hash(&[b"one message"]));
/// ```
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha256(sha2::Sha256),
    Sha384(sha2::Sha384),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Starts an empty message.
    pub fn new(algorithm: HashAlgorithm) -> Self {
        Self(match algorithm {
            HashAlgorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            HashAlgorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
            HashAlgorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
        })
    }

    /// Appends `bytes` to the message.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => state.update(bytes),
            State::Sha384(state) => state.update(bytes),
            State::Sha512(state) => state.update(bytes),
        }
    }

    /// The digest of everything appended.
    pub fn finish(self) -> HashOutput {
        match self.0 {
            State::Sha256(state) => HashOutput::new(HashAlgorithm::Sha256, &state.finalize()),
            State::Sha384(state) => HashOutput::new(HashAlgorithm::Sha384, &state.finalize()),
            State::Sha512(state) => HashOutput::new(HashAlgorithm::Sha512, &state.finalize()),
        }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").finish_non_exhaustive()
    }
}

/// A digest, held without allocation.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashOutput {
    algorithm: HashAlgorithm,
    /// Zero after the digest, so that equality may compare all of it.
    bytes: [u8; 64],
}

impl HashOutput {
    fn new(algorithm: HashAlgorithm, digest: &[u8]) -> Self {
        let mut bytes = [0; 64];
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = *from;
        }
        Self { algorithm, bytes }
    }

    /// Takes a digest computed elsewhere; `None` unless it has exactly the length of the algorithm's output.
    pub fn from_bytes(algorithm: HashAlgorithm, digest: &[u8]) -> Option<Self> {
        (digest.len() == algorithm.output_len()).then(|| Self::new(algorithm, digest))
    }

    /// The function that made it.
    pub const fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    /// The digest, 32, 48 or 64 bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.algorithm.output_len()).unwrap_or(&self.bytes)
    }
}

impl AsRef<[u8]> for HashOutput {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Debug for HashOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.algorithm)?;
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn the_empty_message_has_the_published_digest() {
        assert_eq!(
            format!("{:?}", HashAlgorithm::Sha256.hash(&[])),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn parts_hash_like_their_concatenation() {
        for &hash in HashAlgorithm::ALL {
            assert_eq!(hash.hash(&[b"ab", b"", b"c"]), hash.hash(&[b"abc"]));
            assert_eq!(hash.hash(&[b"abc"]).as_bytes().len(), hash.output_len());
            assert_eq!(HashAlgorithm::from_name(hash.name()), Some(hash));
        }
    }

    #[test]
    fn a_digest_of_another_length_is_not_taken() {
        assert!(HashOutput::from_bytes(HashAlgorithm::Sha256, &[0; 32]).is_some());
        assert!(HashOutput::from_bytes(HashAlgorithm::Sha256, &[0; 31]).is_none());
        assert!(HashOutput::from_bytes(HashAlgorithm::Sha256, &[0; 33]).is_none());
    }

    #[test]
    fn hash_identifiers_take_absent_or_null_parameters_only() {
        let mut absent = alloc::vec![0x30, 0x0b, 0x06, 0x09];
        absent.extend_from_slice(oid::SHA256);
        assert_eq!(HashAlgorithm::from_algorithm_identifier(&absent), Some(HashAlgorithm::Sha256));
        let mut null = absent.clone();
        null[1] = 0x0d;
        null.extend_from_slice(&[0x05, 0x00]);
        assert_eq!(HashAlgorithm::from_algorithm_identifier(&null), Some(HashAlgorithm::Sha256));
        null[13] = 0x04;
        assert_eq!(HashAlgorithm::from_algorithm_identifier(&null), None);
        absent.push(0);
        assert_eq!(HashAlgorithm::from_algorithm_identifier(&absent), None);
    }
}
