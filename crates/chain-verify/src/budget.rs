//! How much work one search may do.

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
    /// Signatures verified.
    pub signature_checks: usize,
}

impl Default for Budget {
    fn default() -> Self {
        // The longest chain in real use is 5; 8 leaves room for cross-signing. 100 signatures are 30 ms with the slowest
        // provider; 250,000 comparisons are 500 constraints against 500 names.
        Self { candidates: 10_000, name_constraint_comparisons: 250_000, path_depth: 8, signature_checks: 100 }
    }
}

/// The recursion of the search is as deep as the path.
const MAX_PATH_DEPTH: usize = 32;

/// What a [`Budget`] limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Work {
    /// Issuers looked at.
    Candidates,
    /// Comparisons of one name with one constraint.
    NameConstraintComparisons,
    /// Signatures verified.
    SignatureChecks,
}

/// How much work a search did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Spent {
    /// Issuers looked at.
    pub candidates: usize,
    /// Comparisons of one name with one constraint.
    pub name_constraint_comparisons: usize,
    /// Signatures verified.
    pub signature_checks: usize,
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

    /// Takes `amount` before the work is done.
    pub(crate) fn take(&mut self, work: Work, amount: usize) -> Result<(), ChainError> {
        let (spent, limit) = match work {
            Work::Candidates => (&mut self.spent.candidates, self.budget.candidates),
            Work::NameConstraintComparisons => {
                (&mut self.spent.name_constraint_comparisons, self.budget.name_constraint_comparisons)
            }
            Work::SignatureChecks => (&mut self.spent.signature_checks, self.budget.signature_checks),
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
