//! Work over many attestations that is shared by threads, processes and nodes.

use std::fmt;

use stella_vocabulary::{Code, UnixTime, hex};

use crate::arrival::Arrival;
use crate::filter::Filter;
use crate::store::Flaw;

/// The name of a run: 16 random bytes of whoever starts it, so that a start that is repeated starts nothing twice.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RunId(pub [u8; 16]);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", hex::Hex(&self.0))
    }
}

/// What a run is to judge: each attestation that fits once, by its first document, as the store is when the run starts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunPlan {
    /// Which attestations.
    pub filter: Filter,
    /// The instant to judge at.
    pub at: UnixTime,
    /// The root of the trust snapshot, `sha256:…`: a worker with another one has to stay away.
    pub trust: String,
    /// The digest of the policy, `sha256:…`; likewise.
    pub policy: String,
    /// The most attestations in a share, from 1.
    pub share: u32,
}

/// A part of a run that one worker has taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Share {
    /// Which part, from 0.
    pub number: u64,
    /// What is in it and can be judged. Empty only if all of it is damaged.
    pub arrivals: Vec<Arrival>,
    /// Arrivals of it that are damaged. They have no result; [`finish_share`](crate::AttestationStore::finish_share) counts them by itself.
    pub damaged: Vec<Flaw>,
}

/// What became of the results of a share.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Finished {
    /// They count.
    Counted,
    /// Somebody else had handed in results of the share already; these were dropped.
    TakenOver,
}

/// How far a run is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunState {
    /// What it is to judge.
    pub plan: RunPlan,
    /// How many attestations there are to judge.
    pub planned: u64,
    /// How many are judged.
    pub judged: u64,
    /// How many attestations are in shares that somebody holds now.
    pub held: u64,
    /// How many came to which code, sorted; `None` is verified.
    pub by_code: Vec<(Option<Code>, u64)>,
}
