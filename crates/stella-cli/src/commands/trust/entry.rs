//! Entries of the trust log, as people and programs see them.

use std::collections::BTreeMap;

use stella_attest_verify::Code;
use stella_trust_store::ledger::{Action, ChangeRequest, Entry, Id, ObjectKind, ObjectRef};
use stella_vocabulary::hex;

use crate::complaint::Complaint;
use crate::json::Value;

/// What entries are about. Approvals name only their request, so that the requests before have to be seen.
#[derive(Debug, Default)]
pub(super) struct About(BTreeMap<Id, ObjectRef>);

impl About {
    /// The object that an entry is about; to be asked for every entry, in order.
    pub(super) fn object(&mut self, entry: &Entry) -> Option<ObjectRef> {
        match &entry.action {
            Action::Approved(_) | Action::Rejected => self.0.get(entry.request.as_ref()?).cloned(),
            Action::Changed(change) | Action::EmergencyBegan { change, .. } => change.object(),
            Action::Created { store, .. } => Some(ObjectRef::new(ObjectKind::Store, store.id.clone())),
            Action::Discarded { issuer } => Some(ObjectRef::new(ObjectKind::Issuer, issuer.clone())),
            Action::EmergencyEnded { emergency } => Some(ObjectRef::new(ObjectKind::Emergency, emergency.clone())),
            Action::Requested { payload, .. } => {
                let request = ChangeRequest::from_payload(payload).ok()?;
                let object = request.change.object()?;
                self.0.insert(request.id, object.clone());
                Some(object)
            }
            Action::Staged(staged) => Some(ObjectRef::new(ObjectKind::Issuer, staged.issuer.clone())),
            _ => None,
        }
    }
}

/// Whether an entry about `about` is one about `wanted`: the object itself, its request, or its emergency.
pub(super) fn concerns(entry: &Entry, about: Option<&ObjectRef>, wanted: &ObjectRef) -> bool {
    about == Some(wanted) || (wanted.kind == ObjectKind::Request && entry.request.as_ref() == Some(&wanted.id))
}

/// An entry as it appears in documents.
pub(super) fn json(entry: &Entry, object: Option<&ObjectRef>) -> Value {
    let text = String::from_utf8(entry.to_bytes()).unwrap_or_default();
    Value::object([
        ("sequence", number(entry.sequence)),
        ("time", Value::text(entry.at.to_string())),
        ("action", Value::text(entry.action_name())),
        ("object", object.map_or(Value::Null, object_json)),
        (
            "actor",
            Value::object([
                ("person", Value::text(entry.actor.person.to_string())),
                ("key", Value::maybe(entry.actor.key.map(|key| format!("sha256:{}", hex::encode(&key))))),
            ]),
        ),
        ("mode", Value::text(entry.mode.name())),
        ("reason", Value::text(&entry.reason)),
        ("request", Value::maybe(entry.request.as_ref().map(ToString::to_string))),
        ("leaf_hash", Value::text(hex::encode(&entry.leaf_hash()))),
        ("entry", Value::Raw(text)),
    ])
}

pub(super) fn object_json(object: &ObjectRef) -> Value {
    Value::object([("kind", Value::text(object.kind.name())), ("id", Value::text(object.id.to_string()))])
}

pub(super) fn number(number: u64) -> Value {
    Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Every kind of object that an entry can be about.
pub(super) const KINDS: [ObjectKind; 9] = [
    ObjectKind::Anchor,
    ObjectKind::Approver,
    ObjectKind::Emergency,
    ObjectKind::Intermediate,
    ObjectKind::Issuer,
    ObjectKind::Key,
    ObjectKind::Request,
    ObjectKind::Store,
    ObjectKind::TrustedRoot,
];

/// A text that some library made of bytes of ours and that is not what it should be.
pub(super) fn unreadable(what: &str) -> Complaint {
    Complaint::new(Code::StoreCorrupt, format!("{what} of the trust log cannot be read"))
}
