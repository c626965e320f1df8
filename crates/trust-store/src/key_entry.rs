//! Public keys that are trusted as they are, without a certificate.

use alloc::string::String;

use stella_crypto_providers::{PublicKey, SignatureEncoding};
use stella_vocabulary::Window;

/// A trusted public key: when it may have signed, and how people and envelopes call it.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    pub(crate) key: PublicKey,
    pub(crate) label: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) window: Window,
    pub(crate) encoding: SignatureEncoding,
}

impl KeyEntry {
    /// A key without a name that may have signed at any time, with ECDSA signatures in DER as DSSE has them.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self { key, label: None, hint: None, window: Window::always(), encoding: SignatureEncoding::Der }
    }

    /// Sets the name for people.
    #[must_use]
    pub fn with_label(mut self, label: String) -> Self {
        self.label = Some(label);
        self
    }

    /// Sets the name that bundles and envelopes use for this key. It finds the key and proves nothing.
    #[must_use]
    pub fn with_hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Sets when the key may have signed; the store means half-open windows, `[from, until)`.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Sets how ECDSA signatures of this key are written.
    #[must_use]
    pub fn with_encoding(mut self, encoding: SignatureEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The name for people.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// The name that bundles and envelopes use for this key.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// When the key may have signed.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// How ECDSA signatures of this key are written.
    #[must_use]
    pub fn encoding(&self) -> SignatureEncoding {
        self.encoding
    }
}
