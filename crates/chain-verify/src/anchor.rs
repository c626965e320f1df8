//! Where trust starts.

use alloc::string::String;

use stella_vocabulary::Window;

use crate::certificate::Certificate;

/// A certificate that is trusted to issue, because its owner said so: a root, or an intermediate put in its place.
///
/// Its own signature is not checked. Everything else its certificate says applies: validity, path length, key usage, name
/// constraints, extended key usage. RFC 5937.
#[derive(Clone, Debug)]
pub struct Anchor {
    certificate: Certificate,
    window: Window,
    label: Option<String>,
}

impl Anchor {
    /// Trusts `certificate` as long as it is valid.
    pub fn new(certificate: Certificate) -> Self {
        Self { certificate, window: Window::always(), label: None }
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
