//! Changes of trust.

use alloc::format;
use alloc::string::{String, ToString};

use super::error::LedgerError;
use super::fields::Fields;
use super::id::Id;
use super::json::Json;
use super::object::{ObjectKind, ObjectRef, Record, read_quorum};
use super::revocation::Revocation;
use crate::Head;

/// A change of what is trusted, or of who decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Something new; an issuer starts as pending.
    Added(Record),
    /// New terms or fields for something that is there; material stays what it was.
    Changed(Record),
    /// An issuer is not trusted any more.
    IssuerDistrusted(Id),
    /// An issuer is trusted. Needs somebody else's approval also where one person decides about all the rest.
    IssuerTrusted(Id),
    /// So many distinct persons must agree from now on.
    QuorumChanged(u8),
    /// Something removed or revoked counts again.
    Reinstated(ObjectRef),
    /// The store is taken as it is, though a later state of it was seen; with the head that was seen. Changes nothing by itself.
    RollbackAccepted(Head),
    /// Something does not count any more. It stays known.
    Removed(ObjectRef),
    /// Something is revoked.
    Revoked {
        /// What.
        object: ObjectRef,
        /// Why and since when.
        revocation: Revocation,
    },
}

impl Change {
    /// The object that changes; for a quorum or a rollback, `None`: they belong to the store itself.
    #[must_use]
    pub fn object(&self) -> Option<ObjectRef> {
        match self {
            Self::Added(record) | Self::Changed(record) => Some(record.object()),
            Self::IssuerDistrusted(id) | Self::IssuerTrusted(id) => {
                Some(ObjectRef::new(ObjectKind::Issuer, id.clone()))
            }
            Self::QuorumChanged(_) | Self::RollbackAccepted(_) => None,
            Self::Reinstated(object) | Self::Removed(object) | Self::Revoked { object, .. } => Some(object.clone()),
        }
    }

    /// What the log calls it: `anchor.add`, `key.revoke`, `issuer.trust`, `quorum.change` …
    #[must_use]
    pub fn action(&self) -> String {
        let verb = match self {
            Self::Added(_) => "add",
            Self::Changed(_) => "change",
            Self::IssuerDistrusted(_) => "distrust",
            Self::IssuerTrusted(_) => "trust",
            Self::QuorumChanged(_) => return "quorum.change".to_string(),
            Self::RollbackAccepted(_) => return "store.restore".to_string(),
            Self::Reinstated(_) => "reinstate",
            Self::Removed(_) => "remove",
            Self::Revoked { .. } => "revoke",
        };
        let kind = self.object().map_or("store", |object| object.kind.name());
        format!("{kind}.{verb}")
    }

    /// Whether it concerns who may approve: then the quorum before and the quorum after it both have a say.
    pub(super) fn concerns_approvers(&self) -> bool {
        matches!(self, Self::QuorumChanged(_))
            || self.object().is_some_and(|object| object.kind == ObjectKind::Approver)
    }

    /// `{"action":…,"change":…}`
    pub(super) fn to_json(&self) -> Json<'_> {
        Json::object([("action", Json::text(self.action())), ("change", self.details())])
    }

    pub(super) fn details(&self) -> Json<'_> {
        let id = |id| Json::object([("id", Json::text(Id::as_str(id)))]);
        match self {
            Self::Added(record) | Self::Changed(record) => record.to_json(),
            Self::IssuerDistrusted(issuer) | Self::IssuerTrusted(issuer) => id(issuer),
            Self::QuorumChanged(quorum) => Json::object([("quorum", Json::Number((*quorum).into()))]),
            Self::RollbackAccepted(seen) => {
                Json::object([("root", Json::Hash(&seen.root)), ("size", Json::Number(seen.size))])
            }
            Self::Reinstated(object) | Self::Removed(object) => id(&object.id),
            Self::Revoked { object, revocation } => id(&object.id).with("revocation", revocation.to_json()),
        }
    }

    /// The members `action` and `change`.
    pub(super) fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        let action = fields.text("action")?;
        fields.object("change", |details| Self::read_details(action, details))
    }

    pub(super) fn read_details<'t>(action: &str, fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        let unknown = LedgerError::SchemaTooNew { what: "an action" };
        let Some((kind, verb)) = action.split_once('.') else { return Err(unknown) };
        if (kind, verb) == ("quorum", "change") {
            return Ok(Self::QuorumChanged(read_quorum(fields)?));
        }
        if (kind, verb) == ("store", "restore") {
            return Ok(Self::RollbackAccepted(Head { root: fields.hash("root")?, size: fields.number("size")? }));
        }
        let Some(kind) = ObjectKind::from_name(kind) else { return Err(unknown) };
        Ok(match (verb, kind) {
            ("add", _) => Self::Added(Record::read(kind, fields)?),
            ("change", _) => Self::Changed(Record::read(kind, fields)?),
            ("distrust", ObjectKind::Issuer) => Self::IssuerDistrusted(fields.id("id")?),
            ("trust", ObjectKind::Issuer) => Self::IssuerTrusted(fields.id("id")?),
            ("reinstate", _) => Self::Reinstated(ObjectRef::new(kind, fields.id("id")?)),
            ("remove", _) => Self::Removed(ObjectRef::new(kind, fields.id("id")?)),
            ("revoke", _) => Self::Revoked {
                object: ObjectRef::new(kind, fields.id("id")?),
                revocation: fields.object("revocation", Revocation::read)?,
            },
            _ => return Err(unknown),
        })
    }
}
