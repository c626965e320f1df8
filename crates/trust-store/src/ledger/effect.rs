//! Whether a change asks for more trust, and whose agreement it needs.

use super::change::Change;
use super::object::{Mode, ObjectRef, Record, Standing};
use super::record::{IssuerRecord, KeyRecord, Tier};
use super::scope::{Extent, list_extent, subset_extent};
use super::state::TrustState;

/// What a change does to the amount of trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// More may verify afterwards, or fewer persons decide. Also whatever cannot be shown to be less.
    Loosening,
    /// Nothing that counts changes.
    Neutral,
    /// Less verifies afterwards.
    Tightening,
}

impl From<Extent> for Effect {
    fn from(extent: Extent) -> Self {
        match extent {
            Extent::Narrower => Self::Tightening,
            Extent::Same => Self::Neutral,
            Extent::Wider => Self::Loosening,
        }
    }
}

/// Whose agreement a change needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Authority {
    /// The quorum as it is and the quorum as it would be.
    BothQuorums,
    /// One person's.
    OnePerson,
    /// A quorum of approvers.
    Quorum,
}

impl Effect {
    /// The effect of `change` on `state`. Catalogue section 9 "Who may change what".
    #[must_use]
    pub fn of(change: &Change, state: &TrustState) -> Self {
        match change {
            // An intermediate gives no trust: what it leads to is decided by anchors. A revocation of one takes trust away.
            Change::Added(Record::Intermediate(_)) => Self::Neutral,
            Change::Added(_) | Change::IssuerTrusted(_) => Self::Loosening,
            Change::Reinstated(object) => match state.record(object) {
                Some((Record::Intermediate(_), Standing::Removed)) => Self::Neutral,
                _ => Self::Loosening,
            },
            Change::Changed(record) => {
                state.record(&record.object()).map_or(Self::Loosening, |(known, _)| Self::from(extent(record, known)))
            }
            Change::IssuerDistrusted(_) => Self::Tightening,
            Change::QuorumChanged(quorum) => match state.store() {
                Some(store) if *quorum > store.quorum => Self::Tightening,
                Some(store) if *quorum == store.quorum => Self::Neutral,
                _ => Self::Loosening,
            },
            // Revocations may be among what is lost.
            Change::RollbackAccepted(_) => Self::Loosening,
            // Fewer approvers are fewer who must agree with whoever is left.
            Change::Removed(ObjectRef { kind: super::object::ObjectKind::Approver, .. }) => Self::Loosening,
            Change::Removed(_) => Self::Tightening,
            Change::Revoked { object, revocation } => match state.record(object) {
                Some((_, Standing::Revoked(known))) => Self::from(revocation.extent_from(&known)),
                // What is out of use altogether counts for less than what is revoked as of some day.
                Some((_, Standing::Removed)) if revocation.lets_any_through() => Self::Loosening,
                _ => Self::Tightening,
            },
        }
    }
}

impl Authority {
    /// Whose agreement `change` needs. Where one person decides, that is theirs, except to trust an issuer.
    #[must_use]
    pub fn needed(change: &Change, state: &TrustState) -> Self {
        let issuer_trusted = matches!(change, Change::IssuerTrusted(_));
        if state.mode() == Mode::Solo {
            return if issuer_trusted { Self::Quorum } else { Self::OnePerson };
        }
        if change.concerns_approvers() {
            // A stolen key of an approver must be stopped at once; that gives nobody more say than they had.
            let stops_a_key =
                matches!(change, Change::Revoked { .. }) && Effect::of(change, state) == Effect::Tightening;
            return if stops_a_key { Self::OnePerson } else { Self::BothQuorums };
        }
        match Effect::of(change, state) {
            Effect::Loosening => Self::Quorum,
            Effect::Neutral | Effect::Tightening => Self::OnePerson,
        }
    }

    /// Whose agreement `change` needs once it is a request: at least a quorum's.
    pub(super) fn of_request(change: &Change) -> Self {
        if change.concerns_approvers() { Self::BothQuorums } else { Self::Quorum }
    }
}

fn extent(new: &Record, old: &Record) -> Extent {
    match (new, old) {
        (Record::Anchor(new), Record::Anchor(old)) => new.terms.extent_from(&old.terms),
        (Record::Issuer(new), Record::Issuer(old)) => issuer_extent(new, old),
        (Record::Key(new), Record::Key(old)) => key_extent(new, old),
        // Only labels are left.
        (Record::Intermediate(_), Record::Intermediate(_)) | (Record::TrustedRoot(_), Record::TrustedRoot(_)) => {
            Extent::Same
        }
        _ => Extent::Wider,
    }
}

fn key_extent(new: &KeyRecord, old: &KeyRecord) -> Extent {
    // Another owner or encoding is another meaning of the same key. A hint only finds it.
    let owner = if new.issuer == old.issuer && new.encoding == old.encoding { Extent::Same } else { Extent::Wider };
    owner.and(new.terms.extent_from(&old.terms))
}

fn issuer_extent(new: &IssuerRecord, old: &IssuerRecord) -> Extent {
    let tier = match (new.tier, old.tier) {
        (new, old) if new == old => Extent::Same,
        (Tier::Untrusted, _) => Extent::Narrower,
        _ => Extent::Wider,
    };
    let weight = match new.weight.cmp(&old.weight) {
        core::cmp::Ordering::Less => Extent::Narrower,
        core::cmp::Ordering::Equal => Extent::Same,
        core::cmp::Ordering::Greater => Extent::Wider,
    };
    // Without identities an issuer has none, unlike a scope, where an empty list sets no limit.
    let identities = subset_extent(&new.identities, &old.identities);
    let urls = if new.urls.is_empty() { list_extent(&[], &[]) } else { subset_extent(&new.urls, &old.urls) };
    tier.and(weight).and(identities).and(urls).and(new.terms.extent_from(&old.terms))
}
