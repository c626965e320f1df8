//! The pre-authentication encoding of an envelope, hashed once by each hash that its signatures ask for.

use core::cell::OnceCell;

use stella_attest_model::Pae;
use stella_crypto_providers::{
    HashAlgorithm, HashOutput, Message, SignatureEncoding, SignatureError, VerifiedBy, VerifyingKey,
};

/// A pre-authentication encoding and the digests of it that were needed so far.
///
/// An envelope may hold 32 signatures and a payload of 12 MiB. Hashed again for each signature and each scheme that a key may have used, that
/// took six seconds.
pub(crate) struct Digested<'a> {
    pae: Pae<'a>,
    sha256: OnceCell<HashOutput>,
    sha384: OnceCell<HashOutput>,
    sha512: OnceCell<HashOutput>,
}

impl<'a> Digested<'a> {
    pub(crate) fn new(pae: Pae<'a>) -> Self {
        Self { pae, sha256: OnceCell::new(), sha384: OnceCell::new(), sha512: OnceCell::new() }
    }

    /// Verifies a signature over the encoding.
    pub(crate) fn verify(
        &self,
        key: &VerifyingKey,
        signature: &[u8],
        encoding: SignatureEncoding,
    ) -> Result<VerifiedBy, SignatureError> {
        let parts = self.pae.parts();
        let hash = key.scheme().hash();
        let digest = match hash {
            Some(HashAlgorithm::Sha256) => Some(self.sha256.get_or_init(|| HashAlgorithm::Sha256.hash(&parts))),
            Some(HashAlgorithm::Sha384) => Some(self.sha384.get_or_init(|| HashAlgorithm::Sha384.hash(&parts))),
            Some(HashAlgorithm::Sha512) => Some(self.sha512.get_or_init(|| HashAlgorithm::Sha512.hash(&parts))),
            // Ed25519 hashes the message together with the key, and a hash that is new here is not kept.
            _ => None,
        };
        match (hash, digest) {
            (Some(hash), Some(digest)) => {
                key.verify_saying_how(Message::Prehashed { hash, digest: digest.as_bytes() }, signature, encoding)
            }
            _ => key.verify_saying_how(Message::Parts(&parts), signature, encoding),
        }
    }
}
