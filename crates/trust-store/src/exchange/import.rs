//! What comes of reading a foreign form.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_chain_verify::Certificate;
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{UnixTime, Window};

use crate::ledger::{Change, Id, ObjectKind, ObjectRef, Scope, Standing, Terms, TrustState};

/// What would have to change for a foreign form to be trusted here too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The changes, in an order in which they can be made.
    pub changes: Vec<Change>,
    /// What is there already, was left out, or should be looked at.
    pub notes: Vec<ImportNote>,
}

/// What somebody who imports should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportNote {
    /// The store has it.
    AlreadyThere {
        /// What.
        what: String,
        /// As what.
        object: ObjectRef,
    },
    /// The certificate is past its end; it was left out.
    Expired {
        /// Which.
        what: String,
        /// Its last valid second.
        not_after: UnixTime,
    },
    /// Something was left out, which is less trust than in the form that was read.
    LeftOut {
        /// What.
        what: String,
        /// Why.
        why: &'static str,
    },
    /// Nothing limits for what, or until when, it is trusted.
    Unlimited {
        /// What.
        object: ObjectRef,
        /// Which limit is missing: "scope", "end".
        limit: &'static str,
    },
}

impl fmt::Display for ImportNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyThere { what, object } => write!(f, "{} is there already as {object}", Bounded(what, 200)),
            Self::Expired { what, not_after } => {
                write!(f, "{} was left out: it expired at {not_after}", Bounded(what, 200))
            }
            Self::LeftOut { what, why } => write!(f, "{} was left out: {why}", Bounded(what, 200)),
            Self::Unlimited { object, limit: "scope" } => {
                write!(f, "{object} is trusted for everything: it has no scope")
            }
            Self::Unlimited { object, limit } => write!(f, "{object} has no {limit}"),
        }
    }
}

/// Names and limits for everything that an import adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportTerms {
    /// The id of what is added; numbers follow it where there is more than one thing. Without one, ids come from the material.
    pub name: Option<Id>,
    /// What it is trusted for.
    pub scope: Scope,
    /// When it may have signed.
    pub window: Option<Window>,
}

impl ImportTerms {
    pub(super) fn labelled(&self, label: &str) -> Terms {
        // Whatever cannot be a label of the ledger is shortened and shown; a subject may be empty.
        let label = Bounded(label.trim(), 200).to_string();
        Terms {
            label: Some(label).filter(|label| !label.is_empty()),
            scope: self.scope.clone(),
            window: self.window.unwrap_or_else(Window::always),
        }
    }
}

/// The object that has this material and was not removed.
pub(super) fn known(state: &TrustState, kind: ObjectKind, sha256: &[u8; 32]) -> Option<ObjectRef> {
    let (record, standing) = state.with_material(kind, sha256)?;
    (standing != Standing::Removed).then(|| record.object())
}

/// A certificate as a note names it.
pub(super) fn described(certificate: &Certificate) -> String {
    alloc::format!("the certificate of {}", certificate.subject())
}
