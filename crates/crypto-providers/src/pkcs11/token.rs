//! A token, opened.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::boxed::Box;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::{MechanismInfo, MechanismType};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::RawAuthPin;

use super::error::{LoginRefusal, Pkcs11Error};
use super::module::Module;
use crate::{Pkcs11Attribute, Pkcs11Uri};

/// What a token is opened for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// For using what is in it.
    ReadOnly,
    /// Also for making keys in it.
    ReadWrite,
}

/// A token with a session of its own, which is closed with the last clone. One call at a time goes to it.
#[derive(Clone)]
pub struct Token {
    inner: Arc<Inner>,
}

struct Inner {
    module: Module,
    slot: Slot,
    info: TokenInfo,
    session: Mutex<Session>,
}

impl Token {
    pub(super) fn open(module: &Module, slot: Slot, info: TokenInfo, access: Access) -> Result<Self, Pkcs11Error> {
        let session = match access {
            Access::ReadOnly => module.library().open_ro_session(slot)?,
            Access::ReadWrite => module.library().open_rw_session(slot)?,
        };
        Ok(Self { inner: Arc::new(Inner { module: module.clone(), slot, info, session: Mutex::new(session) }) })
    }

    /// The module it is behind.
    pub fn module(&self) -> &Module {
        &self.inner.module
    }

    /// Its label.
    pub fn label(&self) -> &str {
        self.inner.info.label().trim_end()
    }

    /// Whether it shows private keys only to a user who has logged in.
    pub fn needs_login(&self) -> bool {
        self.inner.info.login_required()
    }

    /// Whether the PIN is entered at the token or its reader, and not here.
    pub fn has_pin_pad(&self) -> bool {
        self.inner.info.protected_authentication_path()
    }

    /// Whether one wrong PIN more locks it.
    pub fn is_last_try(&self) -> bool {
        self.inner.info.user_pin_final_try()
    }

    /// Logs the user in, with a PIN or by the token's own PIN pad. The login holds for every session of this process with the token.
    ///
    /// A PIN is tried once. It is wiped from the memory of this process as far as that is in the hands of this library.
    ///
    /// # Errors
    /// [`Pkcs11Error::Login`], and [`Pkcs11Error::Call`] if the token fails.
    pub fn log_in(&self, pin: Option<&[u8]>) -> Result<(), Pkcs11Error> {
        // A token may lock itself for good if it is tried again.
        if self.inner.info.user_pin_locked() {
            return Err(self.refused(LoginRefusal::Locked));
        }
        let session = self.session();
        let answer = match pin {
            Some(pin) => session.login_with_raw(UserType::User, &RawAuthPin::new(Box::new(pin.to_vec()))),
            None if self.has_pin_pad() => session.login(UserType::User, None),
            None => return Err(self.refused(LoginRefusal::Missing)),
        };
        let returned = match answer {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => return Ok(()),
            Err(Error::Pkcs11(returned, _)) => returned,
            Err(ref error) => return Err(Pkcs11Error::of(error)),
        };
        Err(match returned {
            RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange => {
                let info = self.inner.module.library().get_token_info(self.inner.slot);
                let last = info.is_ok_and(|info| info.user_pin_final_try());
                self.refused(if last { LoginRefusal::IncorrectLastTry } else { LoginRefusal::Incorrect })
            }
            RvError::PinExpired => self.refused(LoginRefusal::Expired),
            RvError::PinLocked => self.refused(LoginRefusal::Locked),
            RvError::UserPinNotInitialized => self.refused(LoginRefusal::NotSet),
            _ => answer.err().map_or_else(|| self.refused(LoginRefusal::Missing), |error| Pkcs11Error::of(&error)),
        })
    }

    pub(super) fn refused(&self, refusal: LoginRefusal) -> Pkcs11Error {
        Pkcs11Error::Login { token: self.label().to_string(), refusal }
    }

    /// The session. A panic while somebody held it says nothing about the token.
    pub(super) fn session(&self) -> MutexGuard<'_, Session> {
        self.inner.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the token says about a mechanism; `None` if it does not have it.
    pub(super) fn mechanism(&self, mechanism: MechanismType) -> Option<MechanismInfo> {
        self.inner.module.library().get_mechanism_info(self.inner.slot, mechanism).ok()
    }

    /// A URI that names this token, its module included.
    pub(super) fn uri(&self) -> Pkcs11Uri {
        let info = &self.inner.info;
        let said = [
            (Pkcs11Attribute::Token, info.label()),
            (Pkcs11Attribute::Manufacturer, info.manufacturer_id()),
            (Pkcs11Attribute::Model, info.model()),
            (Pkcs11Attribute::Serial, info.serial_number()),
            (Pkcs11Attribute::ModulePath, self.inner.module.path()),
        ];
        // What a token leaves empty tells it from no other.
        let said = said.into_iter().filter(|(_, value)| !value.trim_end().is_empty());
        said.fold(Pkcs11Uri::default(), |uri, (attribute, value)| uri.with(attribute, value.trim_end()))
    }

    /// How an object is called in messages.
    pub(super) fn wanted(uri: &Pkcs11Uri) -> String {
        let mut parts = Vec::new();
        if let Some(label) = uri.text(Pkcs11Attribute::Object) {
            parts.push(Pkcs11Uri::default().with(Pkcs11Attribute::Object, label));
        }
        if let Some(id) = uri.id() {
            parts.push(Pkcs11Uri::default().with_id(id));
        }
        let parts: Vec<String> = parts.iter().map(|part| part.to_string().replacen("pkcs11:", "", 1)).collect();
        if parts.is_empty() { "any private key".to_string() } else { parts.join(";") }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, {:?})", self.label(), self.inner.module)
    }
}
