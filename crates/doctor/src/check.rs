//! One question about the health of an installation.

use crate::about::About;
use crate::finding::Finding;
use crate::trouble::Trouble;
use crate::world::World;

/// One question about the health of an installation.
///
/// A check changes nothing. It may be run at the same time as others, and again.
pub trait Check: Send + Sync {
    /// What is known about it without running it. The same every time.
    fn about(&self) -> About;

    /// Looks, and completes `finding`, which carries the id of this check and says `skip` so far.
    ///
    /// # Errors
    /// What it needs is not to be had. Whether that is a finding of its own or the consequence of another is decided by the [`Runner`](crate::Runner).
    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble>;
}
