//! Keys that stay in a token: hardware, or a service, behind a PKCS#11 module. Feature `pkcs11`.
//!
//! A [`Module`] is loaded, a [`Token`] found by its [`Pkcs11Uri`](crate::Pkcs11Uri) and opened with a PIN; its private keys are [`TokenKey`]s, which
//! sign as every [`Signer`](crate::Signer) does. A [`TokenProvider`] has a token verify. Needs the standard library: a module is a shared library of
//! the machine, and runs in this process with all its rights.
//!
//! ```no_run
//! use stella_crypto_providers::pkcs11::{Access, Module};
//! use stella_crypto_providers::{Message, Pkcs11Uri, SignatureEncoding, Signer};
//!
//! let uri: Pkcs11Uri = "pkcs11:token=release;object=2027".parse()?;
//! let module = Module::load("/usr/lib/softhsm/libsofthsm2.so".as_ref())?;
//! let token = module.token(&uri, Access::ReadOnly)?;
//! token.log_in(Some(b"1234"))?;
//! let signature = token.key(&uri)?.sign(Message::Parts(&[b"message"]), SignatureEncoding::Der)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod key;
mod mechanism;
mod module;
mod new_key;
mod provider;
mod public;
mod token;

pub use self::error::{LoginRefusal, Pkcs11Error};
pub use self::key::TokenKey;
pub use self::module::Module;
pub use self::new_key::NewTokenKey;
pub use self::provider::TokenProvider;
pub use self::token::{Access, Token};
