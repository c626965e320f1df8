//! Public keys that are trusted as they are, without a certificate.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use once_cell::race::OnceBox;
use stella_crypto_providers::{KeyError, KeyId, PublicKey, SignatureEncoding};
use stella_vocabulary::Window;

use crate::ledger::{Emergency, Id, Revocation, Scope};

/// A trusted public key: when it may have signed and what, and how people and envelopes call it.
#[derive(Clone, Debug)]
pub struct KeyEntry {
    pub(crate) material: Material,
    pub(crate) label: Option<String>,
    pub(crate) hint: Option<String>,
    pub(crate) window: Window,
    pub(crate) encoding: SignatureEncoding,
    pub(crate) store_id: Option<Id>,
    pub(crate) issuer: Option<Id>,
    pub(crate) scope: Option<Arc<Scope>>,
    pub(crate) revocation: Option<Revocation>,
    pub(crate) emergency: Option<Arc<Emergency>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Material {
    Read(PublicKey),
    /// A key of a store, looked at when it was added. Of a hundred thousand, a verification reads a few.
    Unread(Arc<Unread>),
}

#[derive(Debug)]
pub(crate) struct Unread {
    spki: Vec<u8>,
    key_id: KeyId,
    read: OnceBox<Result<PublicKey, KeyError>>,
}

impl KeyEntry {
    /// A key without a name that may have signed anything at any time, with ECDSA signatures in DER as DSSE has them.
    #[must_use]
    pub fn new(key: PublicKey) -> Self {
        Self::of(Material::Read(key))
    }

    /// The key with this canonical `SubjectPublicKeyInfo` and the id that is its SHA-256, to be read when it is used.
    pub(crate) fn unread(spki: Vec<u8>, key_id: KeyId) -> Self {
        Self::of(Material::Unread(Arc::new(Unread { spki, key_id, read: OnceBox::new() })))
    }

    fn of(material: Material) -> Self {
        Self {
            material,
            label: None,
            hint: None,
            window: Window::always(),
            encoding: SignatureEncoding::Der,
            store_id: None,
            issuer: None,
            scope: None,
            revocation: None,
            emergency: None,
        }
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

    /// Sets what the key is trusted for.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = limited(scope);
        self
    }

    /// Sets that the key was revoked, and since when.
    #[must_use]
    pub fn with_revocation(mut self, revocation: Revocation) -> Self {
        self.revocation = Some(revocation);
        self
    }

    /// Sets what the store calls the key.
    #[must_use]
    pub fn with_store_id(mut self, id: Id) -> Self {
        self.store_id = Some(id);
        self
    }

    /// Sets whose key it is. What that issuer is trusted for bounds the key as well.
    #[must_use]
    pub fn with_issuer(mut self, issuer: Id) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// The key. One that came from a store is read when it is asked for first.
    ///
    /// # Errors
    /// [`KeyError`] for a key of a store that this version of the library refuses and an earlier one did not.
    pub fn public_key(&self) -> Result<&PublicKey, &KeyError> {
        match &self.material {
            Material::Read(key) => Ok(key),
            Material::Unread(unread) => {
                unread.read.get_or_init(|| Box::new(PublicKey::from_spki_der(&unread.spki))).as_ref()
            }
        }
    }

    /// The id of the key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        match &self.material {
            Material::Read(key) => key.key_id(),
            Material::Unread(unread) => unread.key_id,
        }
    }

    /// The canonical `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        match &self.material {
            Material::Read(key) => key.spki_der(),
            Material::Unread(unread) => &unread.spki,
        }
    }

    /// The name for people: the label, or else what the store calls it.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref().or(self.store_id.as_ref().map(Id::as_str))
    }

    /// The name that bundles and envelopes use for this key.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// When the key may have signed; a revocation is not taken into account.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// How ECDSA signatures of this key are written.
    #[must_use]
    pub fn encoding(&self) -> SignatureEncoding {
        self.encoding
    }

    /// What the store calls the key.
    #[must_use]
    pub fn store_id(&self) -> Option<&Id> {
        self.store_id.as_ref()
    }

    /// Whose key it is.
    #[must_use]
    pub fn issuer(&self) -> Option<&Id> {
        self.issuer.as_ref()
    }

    /// What the key is trusted for; `None` for everything.
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

/// A scope that sets a limit.
pub(crate) fn limited(scope: Scope) -> Option<Arc<Scope>> {
    (!scope.is_unlimited()).then(|| Arc::new(scope))
}
