//! New keys, made in a token.

use alloc::string::ToString;
use alloc::vec::Vec;

use cryptoki::object::Attribute;
use cryptoki::types::Ulong;

use super::error::Pkcs11Error;
use super::key::TokenKey;
use super::mechanism;
use super::token::Token;
use crate::{KeyType, Pkcs11Attribute, Pkcs11Uri, Scheme};

/// Bits in the modulus of a new RSA key: 128 bits of strength (NIST SP 800-57 part 1 §5.6.1).
const RSA_BITS: u32 = 3072;
/// 65,537.
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];

/// What a new key in a token is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewTokenKey<'a> {
    /// What it signs by.
    pub scheme: Scheme,
    /// Its name in the token (`CKA_LABEL`).
    pub label: &'a str,
    /// Its identifier in the token (`CKA_ID`), by which private and public key find each other. Not empty, and not that of another key.
    pub id: &'a [u8],
}

impl Token {
    /// Makes a key in the token, for signatures only. The private key is sensitive and cannot be extracted. RSA keys have 3,072 bits.
    ///
    /// # Errors
    /// [`Pkcs11Error::LabelTaken`] if a private key with this label or identifier is there; [`Pkcs11Error::AlgorithmUnavailable`] if the token does
    /// not make such keys; otherwise as [`Token::key`].
    ///
    /// # Left to the caller
    /// Opening the token with [`Access::ReadWrite`](super::Access::ReadWrite) and logging in; trying whether the key signs.
    pub fn generate(&self, new: &NewTokenKey<'_>) -> Result<TokenKey, Pkcs11Error> {
        let unavailable = || Pkcs11Error::AlgorithmUnavailable { scheme: new.scheme, token: self.label().to_string() };
        let generating = mechanism::generating(new.scheme);
        let can = |mechanism, able: fn(&cryptoki::mechanism::MechanismInfo) -> bool| {
            self.mechanism(mechanism).is_some_and(|info| able(&info))
        };
        if !can(generating.mechanism_type(), |info| info.generate_key_pair())
            || !can(mechanism::type_of(new.scheme), |info| info.sign())
        {
            return Err(unavailable());
        }
        let by_label = Pkcs11Uri::default().with(Pkcs11Attribute::Object, new.label);
        let by_id = Pkcs11Uri::default().with_id(new.id);
        for taken in [&by_label, &by_id] {
            if !self.private_keys(taken)?.is_empty() {
                return Err(Pkcs11Error::LabelTaken { label: Token::wanted(taken), token: self.label().to_string() });
            }
        }
        let name = [Attribute::Token(true), Attribute::Label(new.label.into()), Attribute::Id(new.id.into())];
        let mut public = Vec::from(name.clone());
        public.extend([Attribute::Private(false), Attribute::Verify(true)]);
        let mut private = Vec::from(name);
        private.extend([
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
        ]);
        match new.scheme.key_type() {
            KeyType::Rsa => {
                public.push(Attribute::ModulusBits(Ulong::new(RSA_BITS.into())));
                public.push(Attribute::PublicExponent(RSA_EXPONENT.to_vec()));
                // A key that also decrypts can be made to sign without anybody noticing.
                private.extend([Attribute::Decrypt(false), Attribute::Unwrap(false)]);
            }
            curve => {
                public.push(Attribute::EcParams(mechanism::curve_parameters(curve).ok_or_else(unavailable)?));
                private.push(Attribute::Derive(false));
            }
        }
        let made = self.session().generate_key_pair(&generating, &public, &private);
        let (_, handle) = match (made, new.scheme.key_type()) {
            // The other name of the curve: modules know one or both.
            (Err(_), KeyType::Ed25519) => {
                public.retain(|attribute| !matches!(attribute, Attribute::EcParams(_)));
                public.push(Attribute::EcParams(mechanism::EDWARDS25519_BY_NAME.to_vec()));
                self.session().generate_key_pair(&generating, &public, &private)?
            }
            (made, _) => made?,
        };
        self.read_key(handle, &by_label)?.with_scheme(new.scheme)
    }
}
