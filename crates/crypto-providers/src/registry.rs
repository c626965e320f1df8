//! Which provider does what: exactly one for each scheme.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::{KeyType, Memo, Provider, ProviderError, PublicKey, Scheme, VerifyingKey};

/// The providers of a verifier, and which one serves which scheme. Cloning is cheap; a clone does not change with its
/// original.
#[derive(Clone, Default)]
pub struct Registry {
    inner: Arc<Inner>,
    memo: Option<Arc<dyn Memo>>,
}

#[derive(Clone, Default)]
struct Inner {
    providers: Vec<Arc<dyn Provider>>,
    /// By number of the scheme, an index into `providers`.
    routes: [Option<usize>; Scheme::COUNT],
}

impl Registry {
    /// No provider at all: every key is refused with `crypto.algorithm_unavailable`.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The built-in provider in pure Rust, for every scheme.
    #[cfg(feature = "rustcrypto")]
    pub fn rustcrypto() -> Self {
        let mut registry = Self::empty();
        registry.register(Arc::new(crate::RustCrypto)).expect("the first provider of a registry has no rival");
        registry
    }

    /// Adds a provider for all its schemes.
    ///
    /// # Errors
    /// Its name or one of its schemes is taken already, or it names a scheme twice. The registry stays as it was.
    pub fn register(&mut self, provider: Arc<dyn Provider>) -> Result<(), RegistryError> {
        self.inner = Arc::new(self.inner.with(provider)?);
        Ok(())
    }

    /// Puts a provider in the place of the one called `name`, which leaves with all its schemes.
    ///
    /// # Errors
    /// There is no provider of that name, or the new one conflicts with another that stays. The registry stays as it
    /// was.
    pub fn replace(&mut self, name: &str, provider: Arc<dyn Provider>) -> Result<(), RegistryError> {
        self.inner = Arc::new(self.inner.without(name)?.with(provider)?);
        Ok(())
    }

    /// Lets keys that are prepared from now on ask `memo` before they have a signature computed.
    #[must_use]
    pub fn with_memo(self, memo: Arc<dyn Memo>) -> Self {
        Self { memo: Some(memo), ..self }
    }

    /// The memo, if there is one.
    pub fn memo(&self) -> Option<&Arc<dyn Memo>> {
        self.memo.as_ref()
    }

    /// The providers, in the order they were registered.
    pub fn providers(&self) -> &[Arc<dyn Provider>] {
        &self.inner.providers
    }

    /// The provider that serves a scheme.
    pub fn provider_for(&self, scheme: Scheme) -> Option<&Arc<dyn Provider>> {
        let route = self.inner.routes.get(scheme as usize).copied().flatten()?;
        self.inner.providers.get(route)
    }

    /// Makes a key ready to verify signatures of a scheme. Worth keeping: it may cost as much as a verification.
    ///
    /// # Errors
    /// The key does not permit the scheme, no provider serves the scheme, or the provider failed.
    pub fn prepare(&self, scheme: Scheme, key: &PublicKey) -> Result<VerifyingKey, CryptoError> {
        if !key.permits(scheme) {
            return Err(CryptoError::AlgorithmMismatch { scheme, key: key.key_type() });
        }
        let provider = self.provider_for(scheme).ok_or(CryptoError::AlgorithmUnavailable { scheme })?;
        match provider.prepare(scheme, key) {
            Ok(prepared) => {
                Ok(VerifyingKey::new(scheme, key.clone(), Arc::clone(provider), prepared, self.memo.clone()))
            }
            Err(error) => Err(CryptoError::ProviderFailed { provider: provider.name().to_string(), scheme, error }),
        }
    }
}

impl Inner {
    fn with(&self, provider: Arc<dyn Provider>) -> Result<Self, RegistryError> {
        let name = provider.name();
        if self.providers.iter().any(|other| other.name() == name) {
            return Err(RegistryError::NameTaken { name: name.to_string() });
        }
        let mut inner = self.clone();
        let index = inner.providers.len();
        for &scheme in provider.schemes() {
            let Some(route) = inner.routes.get_mut(scheme as usize) else { continue };
            if let Some(taken) = *route {
                let by = inner.providers.get(taken).map_or(name, |by| by.name()).to_string();
                return Err(RegistryError::SchemeTaken { scheme, by, name: name.to_string() });
            }
            *route = Some(index);
        }
        inner.providers.push(provider);
        Ok(inner)
    }

    fn without(&self, name: &str) -> Result<Self, RegistryError> {
        if !self.providers.iter().any(|provider| provider.name() == name) {
            return Err(RegistryError::NameUnknown { name: name.to_string() });
        }
        let staying = self.providers.iter().filter(|provider| provider.name() != name);
        staying.cloned().try_fold(Self::default(), |inner, provider| inner.with(provider))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.providers().iter().map(|provider| provider.name())).finish()
    }
}

/// Why a key cannot be made ready.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CryptoError {
    /// The key is of another type than the scheme's, or restricted to other schemes.
    AlgorithmMismatch {
        /// The scheme asked for.
        scheme: Scheme,
        /// The type of the key.
        key: KeyType,
    },
    /// No provider serves the scheme.
    AlgorithmUnavailable {
        /// The scheme asked for.
        scheme: Scheme,
    },
    /// The provider that serves the scheme could not use the key.
    ProviderFailed {
        /// Its name.
        provider: String,
        /// The scheme asked for.
        scheme: Scheme,
        /// What it said.
        error: ProviderError,
    },
}

impl fmt::Display for CryptoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmMismatch { scheme, key } => write!(f, "a key of type {key} cannot be used with {scheme}"),
            Self::AlgorithmUnavailable { scheme } => {
                write!(f, "no enabled provider supports {scheme}; the built-in provider rustcrypto does")
            }
            Self::ProviderFailed { provider, scheme, error } => {
                write!(f, "the provider {} cannot prepare a key for {scheme}: {error}", Bounded(provider, 64))
            }
        }
    }
}

impl core::error::Error for CryptoError {}

impl Reason for CryptoError {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmMismatch { .. } => Code::KeyAlgorithmMismatch,
            Self::AlgorithmUnavailable { .. } => Code::CryptoAlgorithmUnavailable,
            Self::ProviderFailed { .. } => Code::CryptoProviderFailed,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::AlgorithmMismatch { key, .. } => Some(key.to_string()),
            Self::AlgorithmUnavailable { .. } => None,
            Self::ProviderFailed { error, .. } => Some(error.to_string()),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::AlgorithmMismatch { scheme, .. } => Some(scheme.key_type().to_string()),
            Self::AlgorithmUnavailable { scheme } => Some(alloc::format!("a provider for {scheme}")),
            Self::ProviderFailed { .. } => None,
        }
    }
}

/// Why a provider cannot be registered.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RegistryError {
    /// There is a provider of this name.
    NameTaken {
        /// The name.
        name: String,
    },
    /// There is no provider of this name.
    NameUnknown {
        /// The name.
        name: String,
    },
    /// Another provider serves the scheme, or the same one names it twice.
    SchemeTaken {
        /// The scheme.
        scheme: Scheme,
        /// The provider that serves it.
        by: String,
        /// The provider that was to be registered.
        name: String,
    },
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NameTaken { name } => write!(f, "there is a provider named {} already", Bounded(name, 64)),
            Self::NameUnknown { name } => write!(f, "there is no provider named {}", Bounded(name, 64)),
            Self::SchemeTaken { scheme, by, name } => {
                write!(f, "the provider {} cannot serve {scheme}: {} does", Bounded(name, 64), Bounded(by, 64))
            }
        }
    }
}

impl core::error::Error for RegistryError {}

impl Reason for RegistryError {
    fn code(&self) -> Code {
        Code::CryptoProviderConflict
    }

    fn found(&self) -> Option<String> {
        let (Self::NameTaken { name } | Self::NameUnknown { name } | Self::SchemeTaken { name, .. }) = self;
        Some(Bounded(name, 64).to_string())
    }
}
