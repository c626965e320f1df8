//! Certificates that paths may end at, with what they are trusted for.

use alloc::sync::Arc;

use stella_chain_verify::{Anchor, Certificate};
use stella_vocabulary::Window;

use crate::key_entry::limited;
use crate::ledger::{Emergency, Id, Revocation, Scope};

/// A trust anchor: certificate, window and label, and what whoever it certifies is trusted for.
#[derive(Clone, Debug)]
pub struct AnchorEntry {
    pub(crate) anchor: Anchor,
    pub(crate) store_id: Option<Id>,
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) revocation: Option<Revocation>,
    pub(crate) emergency: Option<Arc<Emergency>>,
}

impl From<Anchor> for AnchorEntry {
    fn from(anchor: Anchor) -> Self {
        Self { anchor, store_id: None, scope: None, revocation: None, emergency: None }
    }
}

impl AnchorEntry {
    /// Trusts whoever `certificate` certifies, as long as it is valid itself.
    #[must_use]
    pub fn new(certificate: Certificate) -> Self {
        Self::from(Anchor::new(certificate))
    }

    /// Sets what the signers below it are trusted for.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = limited(scope);
        self
    }

    /// Sets that it was revoked, and since when.
    #[must_use]
    pub fn with_revocation(mut self, revocation: Revocation) -> Self {
        self.revocation = Some(revocation);
        self
    }

    /// Sets what the store calls it.
    #[must_use]
    pub fn with_store_id(mut self, id: Id) -> Self {
        self.store_id = Some(id);
        self
    }

    /// Certificate, window and label.
    #[must_use]
    pub fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        self.anchor.certificate()
    }

    /// When its owner trusts it; a revocation is not taken into account.
    #[must_use]
    pub fn window(&self) -> Window {
        self.anchor.window()
    }

    /// What people call it: the label, or else what the store calls it.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.anchor.label().or(self.store_id.as_ref().map(Id::as_str))
    }

    /// What the store calls it.
    #[must_use]
    pub fn store_id(&self) -> Option<&Id> {
        self.store_id.as_ref()
    }

    /// What the signers below it are trusted for; `None` for everything.
    #[must_use]
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_deref()
    }

    /// That it was revoked.
    #[must_use]
    pub fn revocation(&self) -> Option<&Revocation> {
        self.revocation.as_ref()
    }

    /// The emergency change by which alone it is in force, or as it is: one person made it, and nobody has approved it.
    #[must_use]
    pub fn emergency(&self) -> Option<&Emergency> {
        self.emergency.as_deref()
    }
}
