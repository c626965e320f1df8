//! Who asked for a change, and who agreed.

use alloc::string::String;
use alloc::vec::Vec;

use stella_trust_store::LogStore;
use stella_trust_store::ledger::{Action, Id, Ledger, LedgerError, More, Person};
use stella_vocabulary::UnixTime;

/// A change request as the log tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The entry that carried it out.
    pub executed: Option<u64>,
    /// Why it was asked for.
    pub reason: String,
    /// The request.
    pub request: Id,
    /// The entry that asked for it.
    pub requested: Signed,
    /// Those who agreed, in the order of their entries; the requester is not repeated.
    pub signed: Vec<Signed>,
}

/// An entry that somebody signed, or gave a name for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// When.
    pub at: UnixTime,
    /// SHA-256 of the `SubjectPublicKeyInfo` of the key; `None` where only a name was given.
    pub key: Option<[u8; 32]>,
    /// Who.
    pub person: Person,
    /// The sequence number of the entry.
    pub sequence: u64,
}

/// Tells the story of a change request; `None` if the log has none of that id. Reads the log once.
///
/// # Errors
/// As [`Ledger::entries`].
pub fn agreement<L: LogStore>(ledger: &Ledger<L>, request: &Id) -> Result<Option<Agreement>, LedgerError> {
    let mut story: Option<Agreement> = None;
    ledger.entries(0, |entry| {
        if entry.request.as_ref() != Some(request) {
            return Ok(More::Next);
        }
        let actor = entry.actor.clone();
        let signed = Signed { at: entry.at, key: actor.key, person: actor.person, sequence: entry.sequence };
        match (&entry.action, &mut story) {
            (Action::Requested { .. }, None) => {
                story = Some(Agreement {
                    executed: None,
                    reason: entry.reason.clone(),
                    request: request.clone(),
                    requested: signed,
                    signed: Vec::new(),
                });
            }
            (Action::Approved(_), Some(story)) => story.signed.push(signed),
            (Action::Changed(_), Some(story)) => {
                story.executed = Some(entry.sequence);
                return Ok(More::Enough);
            }
            _ => {}
        }
        Ok(More::Next)
    })?;
    Ok(story)
}
