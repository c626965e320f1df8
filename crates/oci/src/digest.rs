//! Names of blobs.

use std::fmt;

use stella_attest_model::{Digest, DigestAlgorithm};
use stella_vocabulary::hex;

/// The digest that a blob or manifest is named by: SHA-256 or SHA-512, in small hexadecimal digits. OCI image spec v1.1,
/// "Digests".
///
/// There is nothing in it that could lead out of a directory.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct BlobDigest(Digest);

impl BlobDigest {
    /// The SHA-256 of `content`.
    #[must_use]
    pub fn sha256(content: &[u8]) -> Self {
        Self(Digest::sha256(content))
    }

    /// Reads `sha256:HEX` or `sha512:HEX`; `None` for any other algorithm, length or spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digest: Digest = text.parse().ok()?;
        let known = matches!(digest.algorithm(), DigestAlgorithm::Sha256 | DigestAlgorithm::Sha512);
        // Capital digits would be a second name of the same blob.
        (known && digest.to_string() == text).then_some(Self(digest))
    }

    /// Whether it is the digest of `content`.
    #[must_use]
    pub fn is_of(&self, content: &[u8]) -> bool {
        self.of_same_algorithm(content) == self.0
    }

    /// The digest of `content` by the algorithm of this one.
    pub(crate) fn of_same_algorithm(&self, content: &[u8]) -> Digest {
        match self.0.algorithm() {
            DigestAlgorithm::Sha512 => Digest::sha512(content),
            _ => Digest::sha256(content),
        }
    }

    /// The same digest as that of an artifact.
    #[must_use]
    pub fn as_artifact(&self) -> Digest {
        self.0
    }

    /// `sha256` or `sha512`.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        self.0.algorithm().name()
    }

    /// The hexadecimal digits.
    #[must_use]
    pub fn digits(&self) -> String {
        hex::encode(self.0.as_bytes())
    }

    /// The tag under which referrers are listed where a registry has no referrers API: `sha256-HEX`, the digits of a longer digest
    /// cut to 64. OCI distribution spec v1.1, "Referrers Tag Schema".
    #[must_use]
    pub fn referrers_tag(&self) -> String {
        let digits = self.digits();
        format!("{}-{}", self.algorithm(), digits.get(..64).unwrap_or(&digits))
    }
}

impl fmt::Display for BlobDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_small_digits_of_the_right_number_name_a_blob() {
        let good = format!("sha256:{}", "ab".repeat(32));
        assert_eq!(BlobDigest::parse(&good).unwrap().to_string(), good);
        assert!(BlobDigest::parse(&format!("sha512:{}", "ab".repeat(64))).is_some());
        for bad in [
            String::new(),
            "sha256:".into(),
            format!("sha256:{}", "AB".repeat(32)),
            format!("sha256:{}", "ab".repeat(31)),
            format!("sha256:../../{}", "ab".repeat(29)),
            format!("sha384:{}", "ab".repeat(48)),
            format!("md5:{}", "ab".repeat(16)),
            format!("sha256:{}/", "ab".repeat(32)),
            format!(" sha256:{}", "ab".repeat(32)),
            "ab".repeat(32),
        ] {
            assert_eq!(BlobDigest::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn the_tag_of_referrers_is_cut_to_what_a_tag_can_hold() {
        let short = BlobDigest::sha256(b"");
        assert_eq!(short.referrers_tag(), format!("sha256-{}", short.digits()));
        let long = BlobDigest::parse(&format!("sha512:{}", "0123456789abcdef".repeat(8))).unwrap();
        assert_eq!(long.referrers_tag(), format!("sha512-{}", "0123456789abcdef".repeat(4)));
    }
}
