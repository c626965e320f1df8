//! A token that verifies.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismInfo;
use cryptoki::object::{Attribute, KeyType as TokenKeyType, ObjectClass, ObjectHandle};

use super::mechanism::{self, EDWARDS25519_BY_NAME, curve_parameters};
use super::token::Token;
use crate::asn1::{self, Reader};
use crate::{KeyType, Message, PreparedKey, Provider, ProviderError, PublicKey, Scheme};

/// The provider `pkcs11`: what a token verifies and signs. Public keys are put into the session and taken out again; nobody has to log in.
///
/// One signature at a time is verified, and each costs a way to the token: a provider for those who must have verification done by their hardware, not
/// one to be fast.
///
/// # Left to the caller
/// Examining it with the [`kit`](crate::kit), as every provider that is not built in: modules differ in what they take for a signature.
#[derive(Clone, Debug)]
pub struct TokenProvider {
    token: Token,
    version: String,
    schemes: Vec<Scheme>,
    signing: Vec<Scheme>,
    edwards: EdwardsForm,
}

/// How a module wants the public key of Ed25519. Modules differ, and some take the wrong one without saying so.
#[derive(Clone, Copy, Debug)]
struct EdwardsForm {
    by_name: bool,
    bare: bool,
}

impl EdwardsForm {
    const ALL: [Self; 4] = [
        Self { by_name: false, bare: false },
        Self { by_name: false, bare: true },
        Self { by_name: true, bare: true },
        Self { by_name: true, bare: false },
    ];
}

/// RFC 8032 §7.1, test 1: the signature of the empty message.
const KNOWN_KEY: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72,
    0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];
const KNOWN_SIGNATURE: [u8; 64] = [
    0xe5, 0x56, 0x43, 0x00, 0xc3, 0x60, 0xac, 0x72, 0x90, 0x86, 0xe2, 0xcc, 0x80, 0x6e, 0x82, 0x8a, 0x84, 0x87, 0x7f,
    0x1e, 0xb8, 0xe5, 0xd9, 0x74, 0xd8, 0x73, 0xe0, 0x65, 0x22, 0x49, 0x01, 0x55, 0x5f, 0xb8, 0x82, 0x15, 0x90, 0xa3,
    0x3b, 0xac, 0xc6, 0x1e, 0x39, 0x70, 0x1c, 0xf9, 0xb4, 0x6b, 0xd2, 0x5b, 0xf5, 0xf0, 0x59, 0x5b, 0xbe, 0x24, 0x65,
    0x51, 0x41, 0x43, 0x8e, 0x7a, 0x10, 0x0b,
];

impl TokenProvider {
    /// What a token can do, by its own account.
    pub fn new(token: Token) -> Self {
        let able = |can: fn(&MechanismInfo) -> bool| -> Vec<Scheme> {
            let mut able = Scheme::ALL.to_vec();
            able.retain(|scheme| {
                let info = token.mechanism(mechanism::type_of(*scheme));
                info.is_some_and(|info| can(&info) && covers(&info, scheme.key_type()))
            });
            able
        };
        let (schemes, signing) = (able(MechanismInfo::verify), able(MechanismInfo::sign));
        let version = format!("{} {}", token.module().description(), token.module().version());
        let mut provider = Self { token, version, schemes, signing, edwards: EdwardsForm::ALL[0] };
        if provider.schemes.contains(&Scheme::Ed25519) {
            match EdwardsForm::ALL.into_iter().find(|form| provider.verifies_known(*form)) {
                Some(form) => provider.edwards = form,
                None => provider.schemes.retain(|scheme| *scheme != Scheme::Ed25519),
            }
        }
        provider
    }

    fn verifies_known(&self, form: EdwardsForm) -> bool {
        let known =
            crate::spki::encode(KeyType::Ed25519, &KNOWN_KEY).and_then(|der| PublicKey::from_spki_der(&der).ok());
        let with_form = Self { edwards: form, ..self.clone() };
        known
            .and_then(|key| with_form.prepare(Scheme::Ed25519, &key).ok())
            .is_some_and(|prepared| prepared.verify(Message::Parts(&[]), &KNOWN_SIGNATURE).is_ok())
    }

    /// The attributes of a public key that only this session sees.
    fn template(&self, key: &PublicKey) -> Option<Vec<Attribute>> {
        let mut template = Vec::from([
            Attribute::Class(ObjectClass::PUBLIC_KEY),
            Attribute::Token(false),
            Attribute::Private(false),
            Attribute::Verify(true),
        ]);
        match key.key_type() {
            KeyType::Rsa => {
                let mut numbers = Reader::new(asn1::only(key.raw(), asn1::SEQUENCE)?);
                let modulus = asn1::unsigned(numbers.read(asn1::INTEGER)?).ok()?;
                let exponent = asn1::unsigned(numbers.read(asn1::INTEGER)?).ok()?;
                template.push(Attribute::KeyType(TokenKeyType::RSA));
                template.push(Attribute::Modulus(modulus.to_vec()));
                template.push(Attribute::PublicExponent(exponent.to_vec()));
            }
            curve => {
                let edwards = curve == KeyType::Ed25519;
                let mut parameters = curve_parameters(curve)?;
                let mut point = Vec::new();
                asn1::write(&mut point, asn1::OCTET_STRING, &[key.raw()]);
                if edwards && self.edwards.by_name {
                    parameters = EDWARDS25519_BY_NAME.to_vec();
                }
                if edwards && self.edwards.bare {
                    point = key.raw().to_vec();
                }
                template.push(Attribute::KeyType(if edwards { TokenKeyType::EC_EDWARDS } else { TokenKeyType::EC }));
                template.push(Attribute::EcParams(parameters));
                template.push(Attribute::EcPoint(point));
            }
        }
        Some(template)
    }
}

/// Whether the keys of a curve are among those of a mechanism. How long RSA keys are is known only when there is one.
fn covers(info: &MechanismInfo, key_type: KeyType) -> bool {
    let bits = match key_type {
        KeyType::EcP256 => 256,
        KeyType::EcP384 => 384,
        KeyType::EcP521 => 521,
        // Modules give 255, 256 or the length in bytes.
        KeyType::Ed25519 | KeyType::Rsa => return true,
    };
    info.min_key_size() <= bits && bits <= info.max_key_size()
}

impl Provider for TokenProvider {
    fn name(&self) -> &str {
        "pkcs11"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn schemes(&self) -> &[Scheme] {
        &self.schemes
    }

    fn signing_schemes(&self) -> &[Scheme] {
        &self.signing
    }

    fn prepare(&self, scheme: Scheme, key: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        let template = self.template(key).ok_or(ProviderError::Unsupported)?;
        let created = self.token.session().create_object(&template);
        match created {
            Ok(handle) => Ok(Box::new(PreparedInToken { token: self.token.clone(), handle, scheme })),
            Err(Error::Pkcs11(
                RvError::AttributeValueInvalid
                | RvError::CurveNotSupported
                | RvError::DomainParamsInvalid
                | RvError::KeySizeRange,
                _,
            )) => Err(ProviderError::Unsupported),
            Err(_) => Err(ProviderError::Failed),
        }
    }
}

struct PreparedInToken {
    token: Token,
    handle: ObjectHandle,
    scheme: Scheme,
}

impl PreparedKey for PreparedInToken {
    fn verify(&self, message: Message<'_>, signature: &[u8]) -> Result<(), ProviderError> {
        let input = mechanism::input(self.scheme, message).ok_or(ProviderError::Unsupported)?;
        let mechanism = mechanism::of(self.scheme);
        match self.token.session().verify(&mechanism, self.handle, &input, signature) {
            Ok(()) => Ok(()),
            Err(Error::Pkcs11(RvError::SignatureInvalid | RvError::SignatureLenRange, _)) => {
                Err(ProviderError::Mismatch)
            }
            Err(_) => Err(ProviderError::Failed),
        }
    }
}

impl Drop for PreparedInToken {
    fn drop(&mut self) {
        // The object goes with the session at the latest.
        let _ = self.token.session().destroy_object(self.handle);
    }
}
