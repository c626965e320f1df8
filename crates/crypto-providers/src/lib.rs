//! Names signature schemes, dispatches each to exactly one provider, ships RustCrypto-backed built-ins.
//!
//! A [`PublicKey`] is checked once, when it is read. A [`Registry`] says which [`Provider`] serves which [`Scheme`]
//! and makes keys ready: [`Registry::prepare`] gives a [`VerifyingKey`], which checks every signature strictly before
//! the provider sees it. So all providers give the same verdict, and the scheme comes from the trusted key and never
//! from the signature.
//!
//! `no_std` with `alloc`. The feature `rustcrypto` (default) adds the built-in provider and keys that sign; it
//! changes nothing else. The feature `kit` adds a test kit for whoever writes a provider. The feature `pkcs11` adds
//! keys and a provider in tokens, and needs the standard library; [`Pkcs11Uri`] is there without it.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(any(test, feature = "pkcs11"))]
extern crate std;

mod algorithm_identifier;
mod asn1;
mod ecdsa_encoding;
#[cfg(feature = "rustcrypto")]
mod generate;
mod hash;
mod key_error;
#[cfg(feature = "kit")]
pub mod kit;
mod memo;
mod message;
mod oid;
#[cfg(feature = "pkcs11")]
pub mod pkcs11;
mod pkcs11_uri;
#[cfg(feature = "rustcrypto")]
mod pkcs8;
mod point;
mod profile;
mod provider;
mod public_key;
mod recovery;
mod registry;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;
mod scheme;
mod signature_error;
mod signer;
#[cfg(feature = "rustcrypto")]
mod signing_key;
mod spki;
mod verifying_key;

pub use algorithm_identifier::SchemeError;
#[cfg(feature = "rustcrypto")]
pub use generate::{GenerateError, NoRandomness};
pub use hash::{HashAlgorithm, HashOutput, Hasher};
pub use key_error::{KeyError, KeyFlaw};
pub use memo::{Memo, MemoKey, VerifiedBy};
pub use message::{Message, SignatureEncoding};
pub use pkcs11_uri::{Pkcs11Attribute, Pkcs11ObjectType, Pkcs11Uri, Pkcs11UriError};
pub use profile::{ForeignAlgorithm, Profile, ProfileError, ProfileRule};
pub use provider::{PreparedKey, Provider, ProviderError};
pub use public_key::{KeyId, PublicKey};
pub use recovery::PossibleSigners;
pub use registry::{CryptoError, Registry, RegistryError};
#[cfg(feature = "rustcrypto")]
pub use rustcrypto::RustCrypto;
pub use scheme::{KeyType, Scheme, SchemeStatus};
pub use signature_error::{Number, SignatureError};
pub use signer::{SignError, Signer};
#[cfg(feature = "rustcrypto")]
pub use signing_key::SigningKey;
pub use verifying_key::VerifyingKey;
