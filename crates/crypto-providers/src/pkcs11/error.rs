//! Why a token does not do what was asked of it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use cryptoki::error::{Error, RvError};
use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use crate::{KeyError, KeyType, Scheme};

/// Why a token does not do what was asked of it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Pkcs11Error {
    /// The token has no mechanism for the scheme.
    AlgorithmUnavailable {
        /// The scheme.
        scheme: Scheme,
        /// The label of the token.
        token: String,
    },
    /// A function of the module failed.
    Call {
        /// Its name: `C_Sign`.
        function: String,
        /// What it returned: `CKR_DEVICE_REMOVED`.
        returned: String,
    },
    /// The public key in the token is none that may be used.
    Key(KeyError),
    /// The key cannot be used for this: it is of another type, or its attributes forbid it.
    KeyUnsuitable {
        /// The scheme asked for.
        scheme: Scheme,
        /// The type of the key.
        key: KeyType,
    },
    /// There is a private key of this name in the token, so that a new one would be one of two.
    LabelTaken {
        /// The name.
        label: String,
        /// The label of the token.
        token: String,
    },
    /// The token did not let the user in.
    Login {
        /// The label of the token.
        token: String,
        /// Why.
        refusal: LoginRefusal,
    },
    /// The module cannot be loaded, or is none.
    Module {
        /// Its path.
        path: String,
        /// What is wrong.
        flaw: String,
    },
    /// The token has no such private key.
    NoObject {
        /// What was looked for.
        wanted: String,
        /// The label of the token.
        token: String,
    },
    /// The token has the private key, and nothing that says what its public key is.
    NoPublicKey {
        /// What was looked for.
        wanted: String,
        /// The label of the token.
        token: String,
    },
    /// No token fits.
    NoToken {
        /// What was looked for.
        wanted: String,
        /// The labels of the tokens that there are.
        present: Vec<String>,
    },
    /// The URI names something else than a private key.
    NotPrivate {
        /// The type that it names.
        found: &'static str,
    },
    /// Several private keys fit.
    SeveralObjects {
        /// What was looked for.
        wanted: String,
        /// What tells them apart: the identifier of each, in the form of a URI.
        found: Vec<String>,
    },
    /// Several tokens fit.
    SeveralTokens {
        /// What was looked for.
        wanted: String,
        /// Their labels and serial numbers.
        found: Vec<String>,
    },
}

/// Why a token did not let the user in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LoginRefusal {
    /// The key wants the PIN at each signature, which this library does not do.
    EachTime,
    /// The PIN is too old and must be changed first.
    Expired,
    /// The PIN is wrong.
    Incorrect,
    /// The PIN is wrong, and the next wrong one locks the token.
    IncorrectLastTry,
    /// Too many wrong PINs: the token lets nobody in.
    Locked,
    /// Nobody has logged in.
    Missing,
    /// The token has no PIN for users yet.
    NotSet,
}

impl LoginRefusal {
    const fn found(self) -> &'static str {
        match self {
            Self::EachTime => "a key that asks for the PIN at each signature",
            Self::Expired => "a PIN that is too old",
            Self::Incorrect => "a wrong PIN",
            Self::IncorrectLastTry => "a wrong PIN, and one more locks the token",
            Self::Locked => "a PIN that is locked after too many wrong ones",
            Self::Missing => "no PIN",
            Self::NotSet => "a token whose user has no PIN yet",
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::EachTime => "a key without CKA_ALWAYS_AUTHENTICATE",
            Self::Expired | Self::NotSet => "a PIN that was set with the tool of the token",
            Self::Incorrect | Self::IncorrectLastTry | Self::Missing => "the PIN of the token's user",
            Self::Locked => "a PIN that the security officer of the token has unlocked",
        }
    }
}

impl Pkcs11Error {
    pub(super) fn of(error: &Error) -> Self {
        let (function, returned) = match error {
            Error::Pkcs11(returned, function) => (format!("C_{function:?}"), name(*returned)),
            Error::NullFunctionPointer => ("a function".to_string(), "the module does not have it".to_string()),
            other => ("the module".to_string(), format!("{other:?}")),
        };
        Self::Call { function, returned }
    }
}

/// `CKR_PIN_LOCKED` of `PinLocked`.
pub(super) fn name(returned: RvError) -> String {
    match returned {
        RvError::VendorDefined(number) | RvError::UnknownErrorCode(number) => format!("{number:#x}"),
        known => {
            let mut name = String::from("CKR");
            for letter in format!("{known:?}").chars() {
                if letter.is_ascii_uppercase() {
                    name.push('_');
                }
                name.push(letter.to_ascii_uppercase());
            }
            name
        }
    }
}

/// A list of at most eight for a sentence.
fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    let mut text: Vec<String> = names.iter().take(MOST).map(|name| Bounded(name, 64).to_string()).collect();
    if names.len() > MOST {
        text.push(format!("and {} more", names.len() - MOST));
    }
    text.join(", ")
}

impl fmt::Display for Pkcs11Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlgorithmUnavailable { scheme, token } => {
                write!(f, "the token {} cannot do {scheme}", Bounded(token, 64))
            }
            Self::Call { function, .. } => write!(f, "the PKCS#11 module failed at {function}"),
            Self::Key(error) => error.fmt(f),
            Self::KeyUnsuitable { scheme, .. } => write!(f, "the key in the token does not sign by {scheme}"),
            Self::LabelTaken { token, .. } => {
                write!(f, "the token {} has a private key of this name already", Bounded(token, 64))
            }
            Self::Login { .. } => f.write_str("the login failed"),
            Self::Module { .. } => f.write_str("the PKCS#11 module cannot be loaded"),
            Self::NoObject { token, .. } => write!(f, "the token {} has no such private key", Bounded(token, 64)),
            Self::NoPublicKey { token, .. } => {
                write!(f, "the token {} does not say what the public key of this private key is", Bounded(token, 64))
            }
            Self::NoToken { .. } => f.write_str("there is no such token"),
            Self::NotPrivate { .. } => f.write_str("this PKCS#11 URI names no private key"),
            Self::SeveralObjects { .. } => f.write_str("several private keys of the token fit"),
            Self::SeveralTokens { .. } => f.write_str("several tokens fit"),
        }
    }
}

impl core::error::Error for Pkcs11Error {}

impl Reason for Pkcs11Error {
    fn code(&self) -> Code {
        match self {
            Self::AlgorithmUnavailable { .. } => Code::CryptoAlgorithmUnavailable,
            Self::Call { .. } | Self::Module { .. } | Self::NoToken { .. } => Code::CryptoProviderFailed,
            Self::Key(error) => error.code(),
            Self::KeyUnsuitable { .. } => Code::KeyAlgorithmMismatch,
            Self::LabelTaken { .. } | Self::SeveralObjects { .. } | Self::SeveralTokens { .. } => Code::UsageConflict,
            Self::Login { .. } => Code::CryptoLoginRefused,
            Self::NoObject { .. } | Self::NoPublicKey { .. } => Code::StoreNotFound,
            Self::NotPrivate { .. } => Code::ConfigInvalid,
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Login { token, .. } => Some(format!("token {}", Bounded(token, 64))),
            Self::Module { path, .. } => Some(path.clone()),
            Self::Key(error) => error.place(),
            _ => None,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::AlgorithmUnavailable { .. } => None,
            Self::Login { refusal, .. } => Some(refusal.found().to_string()),
            Self::Call { returned, .. } => Some(returned.clone()),
            Self::Key(error) => error.found(),
            Self::KeyUnsuitable { key, .. } => Some(key.to_string()),
            Self::LabelTaken { label, .. } => Some(label.clone()),
            Self::Module { flaw, .. } => Some(flaw.clone()),
            Self::NoObject { wanted, .. } | Self::NoPublicKey { wanted, .. } => Some(wanted.clone()),
            Self::NoToken { present, .. } if present.is_empty() => Some("no token at all".to_string()),
            Self::NoToken { present, .. } => Some(listed(present)),
            Self::NotPrivate { found } => Some((*found).to_string()),
            Self::SeveralObjects { found, .. } | Self::SeveralTokens { found, .. } => Some(listed(found)),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::AlgorithmUnavailable { scheme, .. } => Some(format!("a token with a mechanism for {scheme}")),
            Self::Call { .. } => None,
            Self::Key(error) => error.expected(),
            Self::KeyUnsuitable { scheme, .. } => Some(format!("a key of type {} with CKA_SIGN", scheme.key_type())),
            Self::LabelTaken { .. } => Some("another name in object=".to_string()),
            Self::Login { refusal, .. } => Some(refusal.expected().to_string()),
            Self::Module { .. } => Some("a PKCS#11 module for this machine".to_string()),
            Self::NoObject { .. } => Some("a private key with this object= and id=".to_string()),
            Self::NoPublicKey { .. } => Some("a public key object with the same CKA_ID".to_string()),
            Self::NoToken { wanted, .. } => Some(wanted.clone()),
            Self::NotPrivate { .. } => Some("type=private, or no type".to_string()),
            Self::SeveralObjects { wanted, .. } => Some(format!("one that fits {wanted}: add id=")),
            Self::SeveralTokens { wanted, .. } => Some(format!("one that fits {wanted}: add serial=")),
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Key(error) => error.clause(),
            _ => None,
        }
    }
}

impl From<KeyError> for Pkcs11Error {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<Error> for Pkcs11Error {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_returned_is_called_by_its_name_in_the_standard() {
        assert_eq!(name(RvError::PinLocked), "CKR_PIN_LOCKED");
        assert_eq!(name(RvError::UserAlreadyLoggedIn), "CKR_USER_ALREADY_LOGGED_IN");
        assert_eq!(name(RvError::VendorDefined(0x8000_0001)), "0x80000001");
    }

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..11).map(|number| number.to_string()).collect();
        assert_eq!(listed(&names), "0, 1, 2, 3, 4, 5, 6, 7, and 3 more");
        assert_eq!(listed(&names[..8]), "0, 1, 2, 3, 4, 5, 6, 7");
    }
}
