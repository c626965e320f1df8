//! Objects of the store: what there is, and whether it counts.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use stella_vocabulary::UnixTime;

use super::change::Change;
use super::error::LedgerError;
use super::fields::Fields;
use super::id::{Id, Person};
use super::json::{Json, name_of};
use super::record::{
    AnchorRecord, ApproverRecord, IntermediateRecord, IssuerRecord, KeyRecord, Recorded, TrustedRootRecord, sha256,
};
use super::request::OpenRequest;
use super::revocation::Revocation;

/// What kind of object something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// A certificate that paths may end at.
    Anchor,
    /// A key whose owner may approve changes.
    Approver,
    /// A change that one person made for some hours.
    Emergency,
    /// A certificate that helps to find paths.
    Intermediate,
    /// Somebody who issues attestations.
    Issuer,
    /// A public key that is trusted without a certificate.
    Key,
    /// A change that waits for approval, or did.
    Request,
    /// Keys that were fetched and nobody has approved.
    Staged,
    /// The store itself: its mode, quorum and key.
    Store,
    /// A Sigstore trusted root.
    TrustedRoot,
}

pub(super) const KINDS: [(ObjectKind, &str); 10] = [
    (ObjectKind::Anchor, "anchor"),
    (ObjectKind::Approver, "approver"),
    (ObjectKind::Emergency, "emergency"),
    (ObjectKind::Intermediate, "intermediate"),
    (ObjectKind::Issuer, "issuer"),
    (ObjectKind::Key, "key"),
    (ObjectKind::Request, "request"),
    (ObjectKind::Staged, "staged"),
    (ObjectKind::Store, "store"),
    (ObjectKind::TrustedRoot, "trusted-root"),
];

impl ObjectKind {
    /// Its name: `anchor`, `approver`, `emergency`, `intermediate`, `issuer`, `key`, `request`, `staged`, `store`,
    /// `trusted-root`.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(&KINDS, &self)
    }

    /// The kind with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// Kind and id of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: ObjectKind,
    /// Its id, unique within the kind.
    pub id: Id,
}

impl ObjectRef {
    /// The object of that kind and id.
    #[must_use]
    pub fn new(kind: ObjectKind, id: Id) -> Self {
        Self { kind, id }
    }

    /// Where the object lies among the buckets of the state hash.
    pub(super) fn hash(&self) -> [u8; 32] {
        sha256(&[self.kind.name().as_bytes(), b"/", self.id.as_str().as_bytes()])
    }
}

/// `anchor release-root`
impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.id)
    }
}

/// Material of one of the kinds that people add.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Record {
    /// An anchor.
    Anchor(AnchorRecord),
    /// An approver.
    Approver(ApproverRecord),
    /// An intermediate.
    Intermediate(IntermediateRecord),
    /// An issuer.
    Issuer(IssuerRecord),
    /// A key.
    Key(KeyRecord),
    /// A trusted root.
    TrustedRoot(TrustedRootRecord),
}

/// Does the same with whatever record it is.
macro_rules! each {
    ($record:expr, $inner:ident => $result:expr) => {
        match $record {
            Record::Anchor($inner) => $result,
            Record::Approver($inner) => $result,
            Record::Intermediate($inner) => $result,
            Record::Issuer($inner) => $result,
            Record::Key($inner) => $result,
            Record::TrustedRoot($inner) => $result,
        }
    };
}

impl Record {
    /// Kind and id.
    #[must_use]
    pub fn object(&self) -> ObjectRef {
        ObjectRef::new(self.kind(), each!(self, record => record.id().clone()))
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ObjectKind {
        match self {
            Self::Anchor(_) => ObjectKind::Anchor,
            Self::Approver(_) => ObjectKind::Approver,
            Self::Intermediate(_) => ObjectKind::Intermediate,
            Self::Issuer(_) => ObjectKind::Issuer,
            Self::Key(_) => ObjectKind::Key,
            Self::TrustedRoot(_) => ObjectKind::TrustedRoot,
        }
    }

    /// The SHA-256 of what must not be in the store twice: certificate, public key (the key id) or document.
    #[must_use]
    pub fn material(&self) -> Option<[u8; 32]> {
        each!(self, record => record.material())
    }

    /// Whether it has the same certificate, key or document to the byte: one RSA key has several forms that mean different things.
    pub(super) fn has_material_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Anchor(own), Self::Anchor(other)) => own.certificate == other.certificate,
            (Self::Approver(own), Self::Approver(other)) => own.key == other.key,
            (Self::Intermediate(own), Self::Intermediate(other)) => own.certificate == other.certificate,
            (Self::Issuer(_), Self::Issuer(_)) => true,
            (Self::Key(own), Self::Key(other)) => own.key == other.key,
            (Self::TrustedRoot(own), Self::TrustedRoot(other)) => own.document == other.document,
            _ => false,
        }
    }

    pub(super) fn check(&self) -> Result<(), LedgerError> {
        each!(self, record => record.check())
    }

    pub(super) fn to_json(&self) -> Json<'_> {
        each!(self, record => record.to_json())
    }

    pub(super) fn read<'t>(kind: ObjectKind, fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(match kind {
            ObjectKind::Anchor => Self::Anchor(Recorded::read(fields)?),
            ObjectKind::Approver => Self::Approver(Recorded::read(fields)?),
            ObjectKind::Intermediate => Self::Intermediate(Recorded::read(fields)?),
            ObjectKind::Issuer => Self::Issuer(Recorded::read(fields)?),
            ObjectKind::Key => Self::Key(Recorded::read(fields)?),
            ObjectKind::TrustedRoot => Self::TrustedRoot(Recorded::read(fields)?),
            _ => return Err(LedgerError::Unreadable { what: "a record of this kind" }),
        })
    }
}

/// Whether an object counts. Nothing is ever deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// It counts, within its terms; of an issuer: it is trusted.
    Active,
    /// An issuer that is known and not trusted any more.
    Distrusted,
    /// An issuer that is known and not trusted yet.
    Pending,
    /// It was taken out.
    Removed,
    /// It was revoked.
    Revoked(Revocation),
}

impl Standing {
    /// Its name: `active`, `distrusted`, `pending`, `removed`, `revoked`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Distrusted => "distrusted",
            Self::Pending => "pending",
            Self::Removed => "removed",
            Self::Revoked(_) => "revoked",
        }
    }
}

/// Who decides about the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Loosening changes need a quorum of approvers.
    Quorum,
    /// Too few approvers are enrolled for a quorum, so one person decides, and the log says so.
    Solo,
}

pub(super) const MODES: [(Mode, &str); 2] = [(Mode::Quorum, "quorum"), (Mode::Solo, "solo")];

impl Mode {
    /// Its name: `quorum`, `solo`.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(&MODES, &self)
    }
}

/// The store itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreRecord {
    /// Its id.
    pub id: Id,
    /// The public key that checkpoints are signed with, `SubjectPublicKeyInfo` in DER.
    pub key: Vec<u8>,
    /// Who decides.
    pub mode: Mode,
    /// How many distinct persons a loosening change needs, the requester included; at least 2.
    pub quorum: u8,
}

/// Keys of an issuer that were fetched. They count for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedKeys {
    /// Whose.
    pub issuer: Id,
    /// The public keys, `SubjectPublicKeyInfo` in DER. Empty after they were discarded.
    pub keys: Vec<Vec<u8>>,
    /// Where they were fetched.
    pub url: String,
}

/// A loosening that one person made, and that ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    /// `e-` and the sequence number of the entry that began it.
    pub id: Id,
    /// When it began.
    pub began: UnixTime,
    /// The change.
    pub change: Arc<Change>,
    /// Who made it.
    pub person: Person,
    /// Whether something has ended it before its time: a later change of the same object, approved or tightening, or a person.
    pub ended: Ended,
    /// When it ends, at most 24 hours after it began; exclusive.
    pub until: UnixTime,
}

/// Whether an emergency change was ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It lasts until its time is over.
    ByItself,
    /// The entry with this sequence number ended it.
    Early(u64),
}

impl Emergency {
    /// Whether it is in force. One that was made by a clock that is ahead is not yet: what it says it may do lasts a day, and not
    /// from now until that day is over.
    #[must_use]
    pub fn is_live(&self, at: UnixTime) -> bool {
        self.ended == Ended::ByItself && self.began <= at && at < self.until
    }
}

/// Anything in the store.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[allow(clippy::large_enum_variant, reason = "nearly all objects are records")]
pub enum Object {
    /// A change for some hours.
    Emergency(Emergency),
    /// Something with a record of its own.
    Recorded(Record, Standing),
    /// A change request.
    Request(OpenRequest),
    /// Fetched keys.
    Staged(StagedKeys),
    /// The store.
    Store(StoreRecord),
}

impl Object {
    /// Kind and id.
    #[must_use]
    pub fn object(&self) -> ObjectRef {
        match self {
            Self::Emergency(emergency) => ObjectRef::new(ObjectKind::Emergency, emergency.id.clone()),
            Self::Recorded(record, _) => record.object(),
            Self::Request(request) => ObjectRef::new(ObjectKind::Request, request.id().clone()),
            Self::Staged(staged) => ObjectRef::new(ObjectKind::Staged, staged.issuer.clone()),
            Self::Store(store) => ObjectRef::new(ObjectKind::Store, store.id.clone()),
        }
    }

    /// All that the store knows about it, as canonical JSON (RFC 8785). What the state hash covers.
    #[must_use]
    pub fn to_canonical_json(&self) -> String {
        self.to_json().to_text()
    }

    /// SHA-256 of the canonical JSON.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        sha256(&[self.to_canonical_json().as_bytes()])
    }

    pub(super) fn to_json(&self) -> Json<'_> {
        match self {
            Self::Emergency(emergency) => Json::object([
                ("began", Json::Time(emergency.began)),
                ("change", emergency.change.to_json()),
                (
                    "ended",
                    match emergency.ended {
                        Ended::ByItself => Json::Null,
                        Ended::Early(sequence) => Json::Number(sequence),
                    },
                ),
                ("id", Json::text(emergency.id.as_str())),
                ("person", Json::text(emergency.person.as_str())),
                ("until", Json::Time(emergency.until)),
            ]),
            Self::Recorded(record, standing) => record.to_json().with("standing", Json::text(standing.name())).with(
                "revocation",
                match standing {
                    Standing::Revoked(revocation) => revocation.to_json(),
                    _ => Json::Null,
                },
            ),
            Self::Request(request) => request.to_json(),
            Self::Staged(staged) => staged.to_json(),
            Self::Store(store) => store.to_json(),
        }
    }
}

impl StagedKeys {
    pub(super) fn to_json(&self) -> Json<'_> {
        Json::object([
            ("issuer", Json::text(self.issuer.as_str())),
            ("keys", Json::list(&self.keys, |key| Json::Bytes(key))),
            ("url", Json::text(self.url.as_str())),
        ])
    }

    pub(super) fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self {
            issuer: fields.id("issuer")?,
            keys: fields.texts("keys", |key| Ok(stella_vocabulary::base64::decode_standard(key)?))?,
            url: fields.string("url")?,
        })
    }
}

impl StoreRecord {
    pub(super) fn to_json(&self) -> Json<'_> {
        Json::object([
            ("id", Json::text(self.id.as_str())),
            ("key", Json::Bytes(&self.key)),
            ("mode", Json::text(self.mode.name())),
            ("quorum", Json::Number(self.quorum.into())),
        ])
    }

    pub(super) fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self {
            id: fields.id("id")?,
            key: fields.bytes("key")?,
            mode: fields.one_of("mode", &MODES)?,
            quorum: read_quorum(fields)?,
        })
    }
}

pub(super) fn read_quorum<'t>(fields: &mut impl Fields<'t>) -> Result<u8, LedgerError> {
    u8::try_from(fields.number("quorum")?).map_err(|_| LedgerError::Unreadable { what: "quorum" })
}
