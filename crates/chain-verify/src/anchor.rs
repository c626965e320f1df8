//! Where trust starts.

use alloc::string::String;

use stella_vocabulary::Window;

use crate::certificate::Certificate;

/// A certificate that is trusted to issue, because its owner said so: a root, or an intermediate put in its place.
///
/// Its own signature is not checked. Everything else its certificate says applies: validity, path length, key usage, name
/// constraints, extended key usage, certificate policies. RFC 5937.
#[derive(Clone, Debug)]
pub struct Anchor {
    certificate: Certificate,
    window: Window,
    label: Option<String>,
    terms: AnchorTerms,
}

/// What in its certificate binds an anchor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AnchorTerms {
    /// Its validity and its constraints. RFC 5937.
    Everything,
    /// Its constraints, whenever it is used.
    Constraints,
    /// Those constraints that it states, whenever it is used: one without basicConstraints issues all the same, for its owner says so, one whose
    /// `cA` is not set does not. RFC 5937 §3.1.
    StatedConstraints,
    /// Its validity alone.
    Validity,
    /// Nothing: it is a name and a key. RFC 5280 §6.1.1(d).
    NameAndKey,
}

impl AnchorTerms {
    pub(crate) fn bind_constraints(self) -> bool {
        matches!(self, Self::Everything | Self::Constraints | Self::StatedConstraints)
    }

    pub(crate) fn bind_validity(self) -> bool {
        matches!(self, Self::Everything | Self::Validity)
    }
}

impl Anchor {
    /// Trusts `certificate` as long as it is valid.
    pub fn new(certificate: Certificate) -> Self {
        Self { certificate, window: Window::always(), label: None, terms: AnchorTerms::Everything }
    }

    /// Trusts it only within `window`; the validity of the certificate still applies.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// A name for people. Nothing depends on it.
    #[must_use]
    pub fn with_label(mut self, label: String) -> Self {
        self.label = Some(label);
        self
    }

    /// Lets only a part of what its certificate says bind it. The window always does, and so do the rules for its key.
    ///
    /// Whoever made the certificate limited it for a reason; [`AnchorTerms::NameAndKey`] is for stores that keep certificates only because they
    /// have no other form for a name and a key.
    #[must_use]
    pub fn danger_with_terms(mut self, terms: AnchorTerms) -> Self {
        self.terms = terms;
        self
    }

    /// What in its certificate binds it.
    pub fn terms(&self) -> AnchorTerms {
        self.terms
    }

    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// When its owner trusts it.
    pub fn window(&self) -> Window {
        self.window
    }

    /// What people call it.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }
}
