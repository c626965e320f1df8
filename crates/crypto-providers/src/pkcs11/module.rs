//! A PKCS#11 module, loaded.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use std::path::Path;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};

use super::error::{Pkcs11Error, name};
use super::token::{Access, Token};
use crate::{Pkcs11Attribute, Pkcs11Uri};

/// A PKCS#11 module, loaded and initialised. Cloning is cheap.
///
/// A module has one state in a process, whoever loaded it: it is never finalised here, since that would end the work of others.
#[derive(Clone)]
pub struct Module {
    library: Pkcs11,
    path: String,
    manufacturer: String,
    description: String,
    version: (u8, u8),
}

impl Module {
    /// Loads the module in a file. Its code runs in this process.
    ///
    /// # Errors
    /// [`Pkcs11Error::Module`] if there is no such file, its path is not absolute, or it is no module.
    ///
    /// # Left to the caller
    /// Whether this file may be trusted with the rights of this process.
    pub fn load(path: &Path) -> Result<Self, Pkcs11Error> {
        let refused = |flaw: String| Pkcs11Error::Module { path: path.display().to_string(), flaw };
        // A bare name would be looked for wherever the dynamic linker looks, which the environment decides.
        if !path.is_absolute() {
            return Err(refused("a path that is not absolute".to_string()));
        }
        let library = Pkcs11::new(path).map_err(|error| refused(loading(&error)))?;
        match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(Error::Pkcs11(returned, _)) => {
                return Err(refused(format!("it does not start: {}", name(returned))));
            }
            Err(error) => return Err(Pkcs11Error::of(&error)),
        }
        let info = library.get_library_info()?;
        Ok(Self {
            path: path.display().to_string(),
            manufacturer: info.manufacturer_id().trim().to_string(),
            description: info.library_description().trim().to_string(),
            version: (info.library_version().major(), info.library_version().minor()),
            library,
        })
    }

    /// The path it was loaded from.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Who made it and what it is, in its own words.
    pub fn description(&self) -> String {
        match self.description.is_empty() {
            true => self.manufacturer.clone(),
            false => self.description.clone(),
        }
    }

    /// The version of the module: `2.6`.
    pub fn version(&self) -> String {
        format!("{}.{}", self.version.0, self.version.1)
    }

    /// The one token that fits a URI: every attribute of the URI that is about modules, slots and tokens is the token's.
    ///
    /// # Errors
    /// [`Pkcs11Error::NoToken`] and [`Pkcs11Error::SeveralTokens`]; [`Pkcs11Error::Call`] if the module or the token fails.
    pub fn token(&self, uri: &Pkcs11Uri, access: Access) -> Result<Token, Pkcs11Error> {
        let tokens = self.tokens()?;
        let mut fitting = Vec::new();
        for (slot, info) in &tokens {
            if self.fits(uri) && self.slot_fits(uri, *slot)? && token_fits(uri, info) {
                fitting.push((*slot, info.clone()));
            }
        }
        match fitting.as_slice() {
            [(slot, info)] => Token::open(self, *slot, info.clone(), access),
            [] => Err(Pkcs11Error::NoToken {
                wanted: uri.to_string(),
                present: tokens.iter().map(|(_, info)| info.label().to_string()).collect(),
            }),
            several => Err(Pkcs11Error::SeveralTokens {
                wanted: uri.to_string(),
                found: several
                    .iter()
                    .map(|(_, info)| format!("{} serial {}", info.label(), info.serial_number()))
                    .collect(),
            }),
        }
    }

    /// A token, whichever: what it can compute is mostly what its module can.
    ///
    /// # Errors
    /// [`Pkcs11Error::NoToken`] if there is none; [`Pkcs11Error::Call`] if the module or the token fails.
    pub fn any_token(&self) -> Result<Token, Pkcs11Error> {
        match self.tokens()?.into_iter().next() {
            Some((slot, info)) => Token::open(self, slot, info, Access::ReadOnly),
            None => Err(Pkcs11Error::NoToken { wanted: "a token that has been set up".into(), present: Vec::new() }),
        }
    }

    /// The slots with a token that has been set up, by label and serial number: modules give them in any order. A reader whose card does not answer is passed over.
    fn tokens(&self) -> Result<Vec<(Slot, TokenInfo)>, Pkcs11Error> {
        let slots = self.library.get_slots_with_token()?;
        let known = slots.into_iter().filter_map(|slot| Some((slot, self.library.get_token_info(slot).ok()?)));
        let mut known: Vec<_> = known.filter(|(_, info)| info.token_initialized()).collect();
        known.sort_by(|(_, one), (_, other)| {
            (one.label(), one.serial_number()).cmp(&(other.label(), other.serial_number()))
        });
        Ok(known)
    }

    fn fits(&self, uri: &Pkcs11Uri) -> bool {
        let version = uri.library_version().is_none_or(|version| version == self.version);
        let said = [
            (Pkcs11Attribute::LibraryManufacturer, self.manufacturer.as_str()),
            (Pkcs11Attribute::LibraryDescription, self.description.as_str()),
        ];
        version && said.into_iter().all(|(attribute, own)| is(uri, attribute, own))
    }

    fn slot_fits(&self, uri: &Pkcs11Uri, slot: Slot) -> Result<bool, Pkcs11Error> {
        if uri.slot_id().is_some_and(|wanted| wanted != slot.id()) {
            return Ok(false);
        }
        let info = self.library.get_slot_info(slot)?;
        Ok(is(uri, Pkcs11Attribute::SlotDescription, info.slot_description())
            && is(uri, Pkcs11Attribute::SlotManufacturer, info.manufacturer_id()))
    }

    pub(super) fn library(&self) -> &Pkcs11 {
        &self.library
    }
}

fn token_fits(uri: &Pkcs11Uri, info: &TokenInfo) -> bool {
    let own = [
        (Pkcs11Attribute::Token, info.label()),
        (Pkcs11Attribute::Manufacturer, info.manufacturer_id()),
        (Pkcs11Attribute::Model, info.model()),
        (Pkcs11Attribute::Serial, info.serial_number()),
    ];
    own.into_iter().all(|(attribute, own)| is(uri, attribute, own))
}

/// An attribute that is absent fits everything. A token pads its texts with blanks.
fn is(uri: &Pkcs11Uri, attribute: Pkcs11Attribute, own: &str) -> bool {
    uri.text(attribute).is_none_or(|wanted| wanted.trim_end() == own.trim_end())
}

/// What kept a file from being loaded, in one line.
fn loading(error: &Error) -> String {
    match error {
        Error::LibraryLoading(error) => error.to_string(),
        Error::MissingSymbol(symbol) => format!("a library without {symbol}"),
        other => other.to_string(),
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Module({}, {} {})", self.path, self.description, self.version())
    }
}
