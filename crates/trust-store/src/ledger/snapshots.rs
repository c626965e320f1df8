//! Snapshots that were made already.

use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use super::error::LedgerError;
use super::history::Point;
use super::id::Id;
use super::ledger::Ledger;
use crate::{Head, LogStore, TrustSnapshot};

/// Snapshots of a ledger that were made already, so that whoever asks again does not wait again: a store of 100,000 keys takes a
/// fold and a fifth of a second. The ones asked for longest ago are forgotten first.
///
/// Which of them fits is decided by all that a snapshot depends on: the head of the log, which covers every entry, and the emergency
/// changes in force or the point that was asked for. One keeper may serve several ledgers.
///
/// ```
/// # use std::sync::Arc;
/// # use stella_crypto_providers::{Registry, Scheme, SigningKey};
/// # use stella_trust_store::MemoryLog;
/// # use stella_trust_store::ledger::{Actor, Founding, Id, Ledger, Occasion, Person, Snapshots};
/// # use stella_vocabulary::UnixTime;
/// # let key = Arc::new(SigningKey::from_secret_bytes(Scheme::Ed25519, &[7; 32])?);
/// # let founding = Founding { store: Id::new("example")?, quorum: 2, approvers: Vec::new() };
/// # let at = UnixTime::from_seconds(1_768_640_400);
/// # let occasion = Occasion { actor: Actor::unsigned(Person::new("alice")?), at, reason: "a store".into() };
/// # let ledger = Ledger::create(MemoryLog::new(), &Registry::rustcrypto(), key, founding, &occasion)?;
/// let mut snapshots = Snapshots::keeping(8);
/// let first = snapshots.now(&ledger, at)?;
/// assert!(Arc::ptr_eq(&first, &snapshots.now(&ledger, at)?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Snapshots {
    /// The one asked for last is the last.
    kept: Vec<(Made, Arc<TrustSnapshot>)>,
    most: usize,
}

/// What a snapshot was made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Made {
    head: Head,
    of: Of,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Of {
    /// The latest state, with these emergencies in force.
    Latest(Vec<Id>),
    /// An earlier one.
    Point(Point),
}

impl Snapshots {
    /// Keeps so many at most; at least one.
    #[must_use]
    pub fn keeping(most: usize) -> Self {
        Self { kept: Vec::new(), most: most.max(1) }
    }

    /// As [`Ledger::snapshot`].
    ///
    /// # Errors
    /// As [`Ledger::snapshot`]. Nothing is kept then.
    pub fn now<L: LogStore>(&mut self, ledger: &Ledger<L>, at: UnixTime) -> Result<Arc<TrustSnapshot>, LedgerError> {
        let emergencies = ledger.state().emergencies(at).map(|emergency| emergency.id.clone()).collect();
        self.made(Made { head: ledger.head(), of: Of::Latest(emergencies) }, || Ok(ledger.snapshot(at)?))
    }

    /// As [`Ledger::snapshot_at`].
    ///
    /// # Errors
    /// As [`Ledger::snapshot_at`]. Nothing is kept then.
    pub fn at<L: LogStore>(&mut self, ledger: &Ledger<L>, point: Point) -> Result<Arc<TrustSnapshot>, LedgerError> {
        self.made(Made { head: ledger.head(), of: Of::Point(point) }, || ledger.snapshot_at(point))
    }

    fn made(
        &mut self,
        made: Made,
        make: impl FnOnce() -> Result<TrustSnapshot, LedgerError>,
    ) -> Result<Arc<TrustSnapshot>, LedgerError> {
        let known = self.kept.iter().position(|(known, _)| *known == made);
        let (made, snapshot) = match known {
            Some(place) => self.kept.remove(place),
            None => (made, Arc::new(make()?)),
        };
        if self.kept.len() >= self.most {
            self.kept.remove(0);
        }
        self.kept.push((made, Arc::clone(&snapshot)));
        Ok(snapshot)
    }
}
