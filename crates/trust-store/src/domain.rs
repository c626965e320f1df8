//! Where trust comes from: what was added piece by piece, and what came as one trusted root.

use alloc::string::String;
use alloc::vec::Vec;

use stella_transparency::Log;

use crate::ledger::Id;
use crate::{CertificateAuthority, TimestampAuthority};

/// Whom the authorities of a domain certify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DomainKind {
    /// The store's own: anchors, logs and time-stamping authorities added one by one. Whoever they certify is trusted, and no evidence is
    /// demanded beyond what a policy asks for.
    Private,
    /// An imported trusted root. Its authorities certify anybody, so a policy must say which of their customers is meant, and an
    /// attestation must bring the evidence that the instance publishes (log entry, certificate timestamp, time).
    Public,
}

/// Authorities, logs and time-stamping authorities that belong together. No path borrows from another domain.
#[derive(Clone, Debug)]
pub struct TrustDomain {
    pub(crate) kind: DomainKind,
    pub(crate) label: String,
    pub(crate) store_id: Option<Id>,
    pub(crate) authorities: Vec<CertificateAuthority>,
    pub(crate) logs: Vec<Log>,
    pub(crate) ct_logs: Vec<Log>,
    pub(crate) timestamp_authorities: Vec<TimestampAuthority>,
}

impl TrustDomain {
    pub(crate) fn new(kind: DomainKind, label: String) -> Self {
        Self {
            kind,
            label,
            store_id: None,
            authorities: Vec::new(),
            logs: Vec::new(),
            ct_logs: Vec::new(),
            timestamp_authorities: Vec::new(),
        }
    }

    /// Whom its authorities certify.
    #[must_use]
    pub const fn kind(&self) -> DomainKind {
        self.kind
    }

    /// What it is called in reports.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// What the store calls the trusted root that this is.
    #[must_use]
    pub fn store_id(&self) -> Option<&Id> {
        self.store_id.as_ref()
    }

    /// Who issues signing certificates. Every path lies within one of them.
    ///
    /// In the store's own domain the first holds all anchors and intermediates that were added one by one, if there are any.
    #[must_use]
    pub fn authorities(&self) -> &[CertificateAuthority] {
        &self.authorities
    }

    /// Transparency logs.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// Certificate transparency logs.
    #[must_use]
    pub fn ct_logs(&self) -> &[Log] {
        &self.ct_logs
    }

    /// Time-stamping authorities.
    #[must_use]
    pub fn timestamp_authorities(&self) -> &[TimestampAuthority] {
        &self.timestamp_authorities
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.authorities.is_empty()
            && self.logs.is_empty()
            && self.ct_logs.is_empty()
            && self.timestamp_authorities.is_empty()
    }
}
