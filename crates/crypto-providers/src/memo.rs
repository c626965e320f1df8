//! Signatures that were found good before, and need not be computed again.

use core::fmt;

use sha2::{Digest as _, Sha256, Sha512};

use crate::{KeyId, Message, Scheme, SignatureEncoding};

/// What an embedder remembers about signatures.
///
/// [`VerifyingKey`](crate::VerifyingKey) checks a signature strictly, then asks here, and has the provider compute only what is not known;
/// what the provider finds good is remembered. What was refused never is. [`Registry::with_memo`](crate::Registry::with_memo) puts one in place.
///
/// # Left to the implementation
/// To know only what it was told: whoever can make it say yes can make a wrong signature pass. A memo that is kept where others can write has to
/// authenticate what it keeps.
pub trait Memo: Send + Sync {
    /// Whether exactly this was remembered. A memo that does not know, or cannot say, answers no.
    fn recall(&self, key: &MemoKey) -> bool;

    /// That this signature is good.
    fn remember(&self, key: &MemoKey);
}

/// One signature together with everything that decides whether it is good.
///
/// SHA-256 over: `stella.memo/1` and a line feed; the name of the scheme and a line feed; the key id (32 bytes); the message's digest by the scheme's
/// hash, by SHA-512 for Ed25519; one byte for the encoding, 0 for DER and 1 for fixed width; and the signature as it was given.
/// No two different questions have the same bytes there, since all but the last have a length that the scheme fixes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemoKey([u8; 32]);

impl MemoKey {
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// `None` for a message that the scheme has no digest of.
    pub(crate) fn of(
        scheme: Scheme,
        key: &KeyId,
        message: Message<'_>,
        signature: &[u8],
        encoding: SignatureEncoding,
    ) -> Option<Self> {
        let mut hash = Sha256::new();
        hash.update(b"stella.memo/1\n");
        hash.update(scheme.name().as_bytes());
        hash.update(b"\n");
        hash.update(key.as_bytes());
        match (scheme.hash(), message) {
            (Some(by), message) => hash.update(message.digest(by)?.as_bytes()),
            (None, Message::Parts(parts)) => {
                let mut digest = Sha512::new();
                parts.iter().for_each(|part| digest.update(part));
                hash.update(digest.finalize());
            }
            (None, Message::Prehashed { .. }) => return None,
        }
        hash.update([match encoding {
            SignatureEncoding::Der => 0,
            SignatureEncoding::Fixed => 1,
        }]);
        hash.update(signature);
        Some(Self(hash.finalize().into()))
    }
}

impl fmt::Debug for MemoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoKey(")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

/// Who said that a signature is good.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VerifiedBy {
    /// The [`Memo`]: it had been found good before.
    Memo,
    /// The provider, which computed.
    Provider,
}
