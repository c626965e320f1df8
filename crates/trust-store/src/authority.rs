//! Authorities: who issues signing certificates, and who tells the time.

use alloc::string::String;
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_vocabulary::Window;

use crate::AnchorEntry;

/// Anchors, and the intermediates that may lead to them. Nothing listed here helps a path to any other authority.
///
/// The same root may stand behind several authorities with different windows; GitHub's trusted root has six of that kind. Search
/// for a path in one authority at a time: an intermediate of one with the anchor of another would borrow that one's window.
#[derive(Clone, Debug)]
pub struct CertificateAuthority {
    pub(crate) name: String,
    pub(crate) anchors: Vec<AnchorEntry>,
    pub(crate) intermediates: Vec<Certificate>,
}

impl CertificateAuthority {
    /// An authority with one anchor. `name` is for people; the anchor's window is that of the authority.
    #[must_use]
    pub fn new(name: String, anchor: impl Into<AnchorEntry>, intermediates: Vec<Certificate>) -> Self {
        Self { name, anchors: Vec::from([anchor.into()]), intermediates }
    }

    /// What it is called in reports.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its anchors, each with its window and scope. One, except for what was added to the store one by one.
    #[must_use]
    pub fn anchors(&self) -> &[AnchorEntry] {
        &self.anchors
    }

    /// Certificates that help to find a path to these anchors and give no trust.
    #[must_use]
    pub fn intermediates(&self) -> &[Certificate] {
        &self.intermediates
    }
}

/// A time-stamping authority. RFC 3161.
#[derive(Clone, Debug)]
pub struct TimestampAuthority {
    pub(crate) name: String,
    pub(crate) chain: Vec<Certificate>,
    pub(crate) window: Window,
}

impl TimestampAuthority {
    /// An authority. `name` is for people; `chain` is nearest to the signer first and ends with the anchor, and may start with the
    /// time-stamping certificate itself; `window` says when it may have told the time.
    #[must_use]
    pub fn new(name: String, chain: Vec<Certificate>, window: Window) -> Self {
        Self { name, chain, window }
    }

    /// What it is called in reports.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its certificates, nearest to the signer first; the last is the anchor.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// When it may have told the time. The windows of other authorities have no say in that.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }
}
