//! How many signatures of one verification were known to be good before it.

use stella_chain_verify::VerifiedChain;
use stella_crypto_providers::VerifiedBy;

/// How many signatures a verification rests on, and how many of them were not computed because they had been found good before: by the memo of
/// the registry, or, between certificates of the trust snapshot, by the same verifier.
///
/// Counts the links of the paths, and the signatures of envelope or message, log promises, checkpoints, certificate timestamps and tokens. What
/// was only tried is not among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// So many were known.
    pub signatures: usize,
    /// Of so many.
    pub of: usize,
}

impl Remembered {
    pub(crate) fn add(&mut self, by: VerifiedBy) {
        self.of = self.of.saturating_add(1);
        if by == VerifiedBy::Memo {
            self.signatures = self.signatures.saturating_add(1);
        }
    }

    pub(crate) fn add_path(&mut self, chain: &VerifiedChain) {
        let links = chain.certificates().len().saturating_sub(1);
        self.of = self.of.saturating_add(links);
        self.signatures = self.signatures.saturating_add(links.saturating_sub(chain.computed_links()));
    }

    pub(crate) fn add_all(&mut self, other: Self) {
        self.of = self.of.saturating_add(other.of);
        self.signatures = self.signatures.saturating_add(other.signatures);
    }
}
