//! How much work one search may do.

use stella_crypto_providers::KeyType;

use crate::chain_error::ChainError;

/// How much work one search may do. When it is used up, the search ends with [`ChainError::BudgetExceeded`]: not judged, hence
/// not accepted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Budget {
    /// Issuers looked at.
    pub candidates: usize,
    /// Comparisons of one name with one constraint; long ones count once for every 128 bytes.
    pub name_constraint_comparisons: usize,
    /// Certificates in a path, leaf and anchor included; more than 32 counts as 32.
    pub path_depth: usize,
    /// Signatures verified, and possible signers computed from a signature.
    pub signature_checks: usize,
    /// What these cost together. One unit is an Ed25519 verification by the built-in provider, some 30 µs: RSA costs 2 (2,048 bits), 5
    /// (3,072), 8 (4,096) or 34, ECDSA 10 (P-256), 27 (P-384) or 60 (P-521), whatever a faster provider may take.
    pub signature_effort: usize,
}

impl Default for Budget {
    fn default() -> Self {
        // The longest chain in real use is 5; 8 leaves room for cross-signing. A search among 1,000 certificates of which one is right checks
        // each of them once, and leaves half as much again; the effort is what ends it where signatures are slow: 510 with P-256, which the
        // built-in provider takes 0.16 s for, and enough for five layers of a hundred cross-signs. 250,000 comparisons are 500 constraints against
        // 500 names.
        Self {
            candidates: 10_000,
            name_constraint_comparisons: 250_000,
            path_depth: 8,
            signature_checks: 1_536,
            signature_effort: 5_100,
        }
    }
}

/// The recursion of the search is as deep as the path.
pub(crate) const MAX_PATH_DEPTH: usize = 32;

/// What a [`Budget`] limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Work {
    /// Issuers looked at.
    Candidates,
    /// Comparisons of one name with one constraint.
    NameConstraintComparisons,
    /// Signatures verified, and possible signers computed from a signature.
    SignatureChecks,
    /// What these cost together.
    SignatureEffort,
}

/// How much work a search did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Spent {
    /// Issuers looked at.
    pub candidates: usize,
    /// Comparisons of one name with one constraint.
    pub name_constraint_comparisons: usize,
    /// Signatures verified, and possible signers computed from a signature.
    pub signature_checks: usize,
    /// What these cost together, in the unit of [`Budget::signature_effort`].
    pub signature_effort: usize,
}

/// A budget and what was spent of it; never more than there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Account {
    budget: Budget,
    spent: Spent,
}

impl Account {
    pub(crate) fn new(budget: Budget) -> Self {
        Self { budget, spent: Spent::default() }
    }

    pub(crate) fn spent(&self) -> Spent {
        self.spent
    }

    pub(crate) fn path_depth(&self) -> usize {
        self.budget.path_depth.min(MAX_PATH_DEPTH)
    }

    /// Leaves at most so much of what is left.
    pub(crate) fn leave(&mut self, most: Budget) {
        let (spent, budget) = (self.spent, &mut self.budget);
        let limit = |limit: &mut usize, spent: usize, most: usize| *limit = (*limit).min(spent.saturating_add(most));
        limit(&mut budget.candidates, spent.candidates, most.candidates);
        let comparisons = (spent.name_constraint_comparisons, most.name_constraint_comparisons);
        limit(&mut budget.name_constraint_comparisons, comparisons.0, comparisons.1);
        limit(&mut budget.signature_checks, spent.signature_checks, most.signature_checks);
        limit(&mut budget.signature_effort, spent.signature_effort, most.signature_effort);
    }

    /// Takes one signature check with this key before it is done.
    pub(crate) fn take_signature(&mut self, key_type: KeyType, bits: usize) -> Result<(), ChainError> {
        self.take(Work::SignatureChecks, 1)?;
        self.take(Work::SignatureEffort, effort(key_type, bits))
    }

    /// Takes `amount` before the work is done.
    pub(crate) fn take(&mut self, work: Work, amount: usize) -> Result<(), ChainError> {
        let (spent, limit) = match work {
            Work::Candidates => (&mut self.spent.candidates, self.budget.candidates),
            Work::NameConstraintComparisons => {
                (&mut self.spent.name_constraint_comparisons, self.budget.name_constraint_comparisons)
            }
            Work::SignatureChecks => (&mut self.spent.signature_checks, self.budget.signature_checks),
            Work::SignatureEffort => (&mut self.spent.signature_effort, self.budget.signature_effort),
        };
        match spent.checked_add(amount).filter(|sum| *sum <= limit) {
            Some(sum) => {
                *spent = sum;
                Ok(())
            }
            None => Err(ChainError::BudgetExceeded { work, limit }),
        }
    }
}

/// Measured with the built-in provider: 32 µs for Ed25519; 62, 140 and 257 for RSA; 307 and 822 for P-256 and P-384.
fn effort(key_type: KeyType, bits: usize) -> usize {
    match (key_type, bits) {
        (KeyType::Ed25519, _) => 1,
        (KeyType::EcP256, _) => 10,
        (KeyType::EcP384, _) => 27,
        (KeyType::Rsa, ..=2048) => 2,
        (KeyType::Rsa, ..=3072) => 5,
        (KeyType::Rsa, ..=4096) => 8,
        (KeyType::Rsa, _) => 34,
        _ => 60,
    }
}
