//! Why the log was not changed, or cannot be relied on.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;

use stella_attest_model::{DocumentError, json};
use stella_crypto_providers::{CryptoError, SignError};
use stella_transparency::CheckpointError;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Base64Error, Code, Reason, TimeError, UnixTime, Window};

use super::id::{Id, Person};
use super::object::ObjectRef;
use crate::{StoreError, TrustError};

/// Why the log was not changed, or cannot be relied on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LedgerError {
    /// An anchor's certificate was no longer valid when it was added.
    AnchorExpired {
        /// Which.
        entry: String,
        /// Its last valid second.
        not_after: UnixTime,
        /// When it was added.
        at: UnixTime,
    },
    /// More persons have to agree.
    ApprovalRequired {
        /// To what.
        action: String,
        /// Distinct persons who have signed and count now.
        have: usize,
        /// Distinct persons needed.
        need: usize,
    },
    /// An entry is not what was logged.
    AuditBroken {
        /// The first such entry, from 0.
        index: u64,
        /// What is wrong with it.
        flaw: AuditFlaw,
    },
    /// An entry says another state than the entries up to it give.
    AuditStateMismatch {
        /// The entry, from 0.
        index: u64,
    },
    /// The log is shorter than a checkpoint says.
    AuditTruncated {
        /// Entries that the checkpoint speaks of.
        expected: u64,
        /// Entries there are.
        found: u64,
    },
    /// Something is not base64.
    Base64(Base64Error),
    /// A checkpoint is none.
    Checkpoint(CheckpointError),
    /// A checkpoint is of another log.
    CheckpointForeign {
        /// The name of this log.
        expected: String,
        /// The name in the checkpoint.
        found: String,
    },
    /// No signature of a checkpoint is by the key of the store.
    CheckpointSignature,
    /// The clock is behind the log.
    ClockRollback {
        /// The time given.
        at: UnixTime,
        /// The time of the latest entry.
        last: UnixTime,
    },
    /// A compromise is said to begin after the revocation for it, or in the future.
    CompromiseLate {
        /// When it is said to begin.
        since: UnixTime,
        /// The latest time there could be.
        latest: UnixTime,
    },
    /// A signature could not be checked at all.
    Crypto(CryptoError),
    /// An instant is out of its bounds.
    DateInvalid {
        /// Which.
        what: &'static str,
        /// The instant.
        found: UnixTime,
    },
    /// An envelope is none.
    Document(DocumentError),
    /// The certificate, key or document is in the store under another id.
    DuplicateKey {
        /// What was to be added.
        object: ObjectRef,
        /// What is there.
        existing: String,
    },
    /// An emergency change is no way to this: others have to agree.
    EmergencyRefused {
        /// The change.
        action: String,
        /// Distinct persons who have to agree instead.
        need: usize,
        /// Why.
        why: String,
    },
    /// A request is past its end.
    Expired {
        /// Which.
        request: Id,
        /// Its end.
        expires: UnixTime,
    },
    /// A store is made in an empty log, and this one has entries.
    Founded {
        /// How many.
        entries: u64,
    },
    /// An id or the name of a person is not one.
    IdInvalid {
        /// What was given.
        found: String,
    },
    /// The id means something else already.
    IdTaken {
        /// The object.
        object: ObjectRef,
    },
    /// Text is not strict JSON, or not of the expected types.
    Json(json::Error),
    /// The key of an object is not written in its one canonical form.
    KeyForm {
        /// The object.
        object: ObjectRef,
    },
    /// Somebody who does not count (any more) signed or decided.
    NotAuthorized {
        /// Who.
        who: String,
    },
    /// A document is not written in its one canonical form.
    NotCanonical,
    /// The person has signed already.
    NotDistinct {
        /// Who.
        person: Person,
    },
    /// There is no such thing.
    NotFound {
        /// What.
        what: String,
    },
    /// Nothing was asked for, so nothing is logged.
    NothingToLog,
    /// An emergency change would not loosen anything; make it in the ordinary way.
    NotLoosening {
        /// The change.
        action: String,
    },
    /// A signature or execution is about other content than the request.
    OtherContent {
        /// The request.
        request: Id,
    },
    /// An entry does not belong where it is.
    OutOfPlace {
        /// Why.
        what: &'static str,
    },
    /// A pattern of package URLs is none.
    PatternInvalid {
        /// What was given.
        found: String,
    },
    /// A quorum is below 2, or above the number of approvers.
    QuorumInvalid {
        /// The quorum.
        quorum: u8,
        /// Distinct persons who could agree.
        persons: usize,
    },
    /// The quorum is that already.
    QuorumUnchanged,
    /// A reason is none.
    ReasonInvalid {
        /// Why not.
        flaw: &'static str,
    },
    /// A request was decided before, or its id used.
    Replayed {
        /// Which.
        request: Id,
    },
    /// A request that was brought along is none.
    RequestUnreadable(Box<LedgerError>),
    /// Something was written by a newer version.
    SchemaTooNew {
        /// What.
        what: &'static str,
    },
    /// A requester approves their own request.
    SelfApproval {
        /// Who.
        person: Person,
    },
    /// No signature was made.
    Sign(SignError),
    /// The ledger was opened for reading.
    SignerMissing,
    /// What a request is about has changed since it was made.
    Stale {
        /// Which request.
        request: Id,
    },
    /// The log could not be read or written.
    Store(StoreError),
    /// The key of a store is not Ed25519, or not the one that the store was made with.
    StoreKeyUnsuitable,
    /// A label, name, pattern or URL is empty, too long, or not plain.
    TextInvalid {
        /// Which.
        what: &'static str,
    },
    /// An instant cannot be read.
    Time(TimeError),
    /// Material cannot be relied on.
    Trust(TrustError),
    /// A document has a member of another meaning.
    Unreadable {
        /// What should be there.
        what: &'static str,
    },
    /// An entry would not be read as it was written. A mistake of this library, noticed before it does harm.
    Unrepeatable,
    /// The change makes no sense for the object.
    Unsuitable {
        /// The object.
        object: ObjectRef,
        /// Why.
        why: &'static str,
    },
    /// A window has a last instant, where the log only knows ends that are outside.
    WindowClosed {
        /// The window.
        window: Window,
    },
    /// A window holds no instant.
    WindowEmpty {
        /// The window.
        window: Window,
    },
    /// A request was made for another store.
    WrongStore {
        /// This store.
        expected: Id,
        /// That of the request.
        found: Id,
    },
}

/// What is wrong with an entry.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AuditFlaw {
    /// It is not the entry that the next one, or the checkpoint, was built on.
    Changed,
    /// It cannot be read, or was not allowed.
    Contradiction(Box<LedgerError>),
    /// No checkpoint covers it.
    NotCovered,
    /// It is the first one, and not the one by which the store was to be known.
    OtherFounding,
    /// The log continues another history than the outside checkpoint: this entry or one before it was replaced, and what follows
    /// was written anew.
    Rewritten,
}

impl fmt::Display for AuditFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("it is not the entry that was logged"),
            Self::Contradiction(error) => error.fmt(f),
            Self::NotCovered => f.write_str("no checkpoint covers it"),
            Self::OtherFounding => f.write_str("it is not the one by which the store was to be known"),
            Self::Rewritten => f.write_str("it or an entry before it was replaced, and all that follows written anew"),
        }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnchorExpired { not_after, at, .. } => {
                write!(f, "the certificate of the anchor expired at {not_after}, added at {at}")
            }
            Self::ApprovalRequired { action, have, need } => {
                write!(f, "{} needs the agreement of {need} persons and has that of {have}", Bounded(action, 100))
            }
            Self::AuditBroken { index, flaw } => write!(f, "entry {index} of the trust log: {flaw}"),
            Self::AuditStateMismatch { index } => {
                write!(f, "entry {index} of the trust log states another content of the store than the log gives")
            }
            Self::AuditTruncated { expected, found } => {
                write!(f, "the trust log has {found} entries where a checkpoint speaks of {expected}")
            }
            Self::Base64(error) => error.fmt(f),
            Self::Checkpoint(error) => error.fmt(f),
            Self::CheckpointForeign { found, .. } => {
                write!(f, "the checkpoint is of the log {}", Bounded(found, 200))
            }
            Self::CheckpointSignature => f.write_str("no signature of the checkpoint is by the key of the store"),
            Self::ClockRollback { at, last } => {
                write!(f, "the clock says {at}, and the latest entry of the trust log is of {last}")
            }
            Self::CompromiseLate { .. } => {
                f.write_str("a compromise begins before its revocation, and not in the future")
            }
            Self::Crypto(error) => error.fmt(f),
            Self::DateInvalid { what, found } => write!(f, "{what} cannot be {found}"),
            Self::Document(error) => error.fmt(f),
            Self::DuplicateKey { existing, .. } => {
                write!(f, "the store has this key or certificate already, as {}", Bounded(existing, 200))
            }
            Self::EmergencyRefused { action, need, why } => {
                let (why, action) = (Bounded(why, 400), Bounded(action, 100));
                write!(f, "the emergency is refused: {why}; {action} needs the agreement of {need} persons")
            }
            Self::Expired { request, expires } => write!(f, "request {request} expired at {expires}"),
            Self::Founded { entries } => write!(f, "there is a store already, whose log has {entries} entries"),
            Self::IdInvalid { found } => write!(f, "\"{}\" is not a valid id", Bounded(found, 100)),
            Self::IdTaken { object } => write!(f, "the id of {object} is taken"),
            Self::Json(error) => error.fmt(f),
            Self::KeyForm { .. } => f.write_str("the key is not written in its one canonical form"),
            Self::NotAuthorized { who } => write!(f, "{} may not decide about this change", Bounded(who, 200)),
            Self::NotCanonical => f.write_str("the document is not written in its one canonical form"),
            Self::NotDistinct { person } => write!(f, "{person} has signed already, and a person counts once"),
            Self::NotFound { what } => write!(f, "there is no {}", Bounded(what, 200)),
            Self::NothingToLog => f.write_str("there is nothing to do"),
            Self::NotLoosening { action } => {
                write!(f, "{} loosens nothing and needs no emergency", Bounded(action, 100))
            }
            Self::OtherContent { request } => write!(f, "what was signed is not the content of request {request}"),
            Self::OutOfPlace { what } => write!(f, "the entry does not belong here: {what}"),
            Self::PatternInvalid { found } => write!(f, "\"{}\" is no pattern of package URLs", Bounded(found, 200)),
            Self::QuorumInvalid { quorum, persons } => {
                write!(f, "a quorum of {quorum} does not fit {persons} approvers")
            }
            Self::QuorumUnchanged => f.write_str("the quorum is that already"),
            Self::ReasonInvalid { flaw } => write!(f, "the reason cannot be logged: {flaw}"),
            Self::Replayed { request } => write!(f, "request {request} was decided before"),
            Self::RequestUnreadable(error) => write!(f, "the request cannot be read: {error}"),
            Self::SchemaTooNew { what } => write!(f, "the trust log has {what} of a newer version"),
            Self::SelfApproval { person } => write!(f, "{person} made the request and cannot approve it"),
            Self::Sign(error) => error.fmt(f),
            Self::SignerMissing => f.write_str("the trust log was opened for reading, without the key of the store"),
            Self::Stale { request } => write!(f, "what request {request} is about has changed since it was made"),
            Self::Store(error) => error.fmt(f),
            Self::StoreKeyUnsuitable => f.write_str("the key is not the Ed25519 key that the store was made with"),
            Self::TextInvalid { what } => write!(f, "{what} is empty, too long, or not plain text"),
            Self::Time(error) => error.fmt(f),
            Self::Trust(error) => error.fmt(f),
            Self::Unreadable { what } => write!(f, "{what} cannot be read"),
            Self::Unrepeatable => f.write_str("an entry would not be read as it was written, and was not logged"),
            Self::Unsuitable { object, why } => write!(f, "{object} cannot be changed like this: {why}"),
            Self::WindowClosed { window } => {
                write!(f, "the window {window} includes its end, and windows of keys do not")
            }
            Self::WindowEmpty { window } => write!(f, "the window {window} ends before it starts"),
            Self::WrongStore { found, .. } => write!(f, "the request is for the store {found}"),
        }
    }
}

impl core::error::Error for LedgerError {}

impl LedgerError {
    /// The error inside, where this one only passes it on.
    fn inner(&self) -> Option<&dyn Reason> {
        Some(match self {
            Self::Base64(error) => error,
            Self::Checkpoint(error) => error,
            Self::Crypto(error) => error,
            Self::Document(error) => error,
            Self::Json(error) => error,
            Self::Sign(error) => error,
            Self::Store(error) => error,
            Self::Time(error) => error,
            Self::Trust(error) => error,
            _ => return None,
        })
    }
}

impl Reason for LedgerError {
    fn code(&self) -> Code {
        match self {
            Self::AnchorExpired { .. } => Code::TrustAnchorInvalid,
            Self::ApprovalRequired { .. } | Self::EmergencyRefused { .. } => Code::ApprovalRequired,
            Self::AuditBroken { .. } | Self::OutOfPlace { .. } | Self::Unreadable { .. } => Code::AuditBroken,
            Self::AuditStateMismatch { .. } => Code::AuditStateMismatch,
            Self::AuditTruncated { .. } => Code::AuditTruncated,
            Self::CheckpointForeign { .. } => Code::TlogOriginMismatch,
            Self::CheckpointSignature => Code::TlogCheckpointSignatureInvalid,
            Self::ClockRollback { .. } => Code::TimeClockRollback,
            Self::CompromiseLate { .. }
            | Self::DateInvalid { .. }
            | Self::WindowClosed { .. }
            | Self::WindowEmpty { .. } => Code::UsageDateInvalid,
            Self::DuplicateKey { .. } => Code::StoreDuplicateKey,
            Self::Expired { .. } => Code::ApprovalExpired,
            Self::IdInvalid { .. } => Code::StoreIdInvalid,
            Self::Founded { .. }
            | Self::IdTaken { .. }
            | Self::NothingToLog
            | Self::NotLoosening { .. }
            | Self::QuorumUnchanged
            | Self::Unsuitable { .. } => Code::UsageConflict,
            Self::KeyForm { .. } => Code::KeyMalformed,
            Self::NotAuthorized { .. } => Code::ApprovalNotAuthorized,
            Self::NotCanonical => Code::AuditBroken,
            Self::NotDistinct { .. } => Code::ApprovalNotDistinct,
            Self::NotFound { .. } => Code::StoreNotFound,
            Self::OtherContent { .. } | Self::RequestUnreadable(_) => Code::ApprovalDigestMismatch,
            Self::PatternInvalid { .. } | Self::TextInvalid { .. } => Code::ConfigInvalid,
            Self::QuorumInvalid { .. } => Code::PolicyThresholdInvalid,
            Self::ReasonInvalid { .. } => Code::UsageReasonInvalid,
            Self::Replayed { .. } => Code::ApprovalReplayed,
            Self::SchemaTooNew { .. } => Code::StoreSchemaTooNew,
            Self::SelfApproval { .. } => Code::ApprovalSelf,
            Self::SignerMissing => Code::StoreReadOnly,
            Self::Stale { .. } => Code::ApprovalStale,
            Self::StoreKeyUnsuitable => Code::KeyAlgorithmMismatch,
            Self::WrongStore { .. } => Code::ApprovalWrongStore,
            _ => self.inner().map_or(Code::InternalPanic, Reason::code),
        }
    }

    fn place(&self) -> Option<String> {
        Some(match self {
            Self::AnchorExpired { entry, .. } => Bounded(entry, 400).to_string(),
            Self::AuditBroken { index, .. } | Self::AuditStateMismatch { index } => alloc::format!("entry {index}"),
            Self::DuplicateKey { object, .. }
            | Self::IdTaken { object }
            | Self::KeyForm { object }
            | Self::Unsuitable { object, .. } => object.to_string(),
            Self::Expired { request, .. }
            | Self::OtherContent { request }
            | Self::Replayed { request }
            | Self::Stale { request } => alloc::format!("request {request}"),
            _ => return self.inner()?.place(),
        })
    }

    fn found(&self) -> Option<String> {
        Some(match self {
            Self::AnchorExpired { not_after, .. } => not_after.to_string(),
            Self::ApprovalRequired { have, .. } => alloc::format!("{have} persons"),
            Self::AuditTruncated { found, .. } => alloc::format!("{found} entries"),
            Self::CheckpointForeign { found, .. } | Self::IdInvalid { found } | Self::PatternInvalid { found } => {
                Bounded(found, 200).to_string()
            }
            Self::ClockRollback { at, .. } => at.to_string(),
            Self::CompromiseLate { since, .. } => since.to_string(),
            Self::DateInvalid { found, .. } => found.to_string(),
            Self::DuplicateKey { existing, .. } => Bounded(existing, 200).to_string(),
            Self::Expired { expires, .. } => expires.to_string(),
            Self::QuorumInvalid { quorum, .. } => quorum.to_string(),
            Self::WindowClosed { window } | Self::WindowEmpty { window } => window.to_string(),
            Self::WrongStore { found, .. } => found.to_string(),
            _ => return self.inner()?.found(),
        })
    }

    fn expected(&self) -> Option<String> {
        Some(match self {
            Self::AnchorExpired { at, .. } => alloc::format!("not before {at}"),
            Self::ApprovalRequired { need, .. } => alloc::format!("{need} persons"),
            Self::AuditTruncated { expected, .. } => alloc::format!("{expected} entries"),
            Self::CheckpointForeign { expected, .. } => expected.clone(),
            Self::CompromiseLate { latest, .. } => alloc::format!("at most {latest}"),
            Self::ClockRollback { last, .. } => alloc::format!("not before {last}"),
            Self::DuplicateKey { .. } => "each key once".to_string(),
            Self::IdInvalid { .. } => "small letters, digits, dots, hyphens and underscores, at most 128".to_string(),
            Self::QuorumInvalid { persons, .. } => alloc::format!("from 2 to the number of approvers, {persons}"),
            Self::ReasonInvalid { .. } => "one line of plain text, at most 1024 bytes".to_string(),
            Self::KeyForm { .. } => "points without compression, and no other parameters than needed".to_string(),
            Self::WindowClosed { .. } => "a half-open window [from, until)".to_string(),
            Self::WindowEmpty { .. } => "a start that is before the end".to_string(),
            Self::WrongStore { expected, .. } => expected.to_string(),
            _ => return self.inner()?.expected(),
        })
    }

    fn clause(&self) -> Option<&'static str> {
        self.inner()?.clause()
    }
}

macro_rules! pass_on {
    ($($variant:ident($error:ty)),+ $(,)?) => {
        $(impl From<$error> for LedgerError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

pass_on!(
    Base64(Base64Error),
    Checkpoint(CheckpointError),
    Crypto(CryptoError),
    Document(DocumentError),
    Json(json::Error),
    Sign(SignError),
    Store(StoreError),
    Time(TimeError),
    Trust(TrustError),
);
