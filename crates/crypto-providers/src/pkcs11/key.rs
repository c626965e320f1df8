//! A private key in a token.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;

use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};

use super::error::{LoginRefusal, Pkcs11Error, name};
use super::token::Token;
use super::{mechanism, public};
use crate::ecdsa_encoding::{FixedSignature, to_der};
use crate::{
    KeyType, Message, Pkcs11Attribute, Pkcs11ObjectType, Pkcs11Uri, PublicKey, Scheme, SignError, SignatureEncoding,
    Signer, point,
};

/// A private key in a token, which signs there and never leaves it.
pub struct TokenKey {
    token: Token,
    handle: ObjectHandle,
    public_key: PublicKey,
    scheme: Scheme,
    uri: Pkcs11Uri,
}

impl Token {
    /// The one private key that fits a URI. Its scheme is the usual one of the key: [`Scheme::for_key`].
    ///
    /// # Errors
    /// [`Pkcs11Error::NoObject`], [`Pkcs11Error::SeveralObjects`], [`Pkcs11Error::NotPrivate`]; [`Pkcs11Error::NoPublicKey`] and
    /// [`Pkcs11Error::Key`] about its public key; [`Pkcs11Error::AlgorithmUnavailable`] and [`Pkcs11Error::KeyUnsuitable`] if it does not sign;
    /// [`Pkcs11Error::Call`] if the token fails. A token that nobody has logged in to shows no private keys.
    pub fn key(&self, uri: &Pkcs11Uri) -> Result<TokenKey, Pkcs11Error> {
        if let Some(other) = uri.object_type().filter(|found| *found != Pkcs11ObjectType::Private) {
            return Err(Pkcs11Error::NotPrivate { found: other.name() });
        }
        let handle = self.one(uri)?;
        self.read_key(handle, uri)
    }

    /// The private keys that fit a URI.
    pub(super) fn private_keys(&self, uri: &Pkcs11Uri) -> Result<Vec<ObjectHandle>, Pkcs11Error> {
        let mut template = Vec::from([Attribute::Class(ObjectClass::PRIVATE_KEY)]);
        template.extend(uri.text(Pkcs11Attribute::Object).map(|label| Attribute::Label(label.as_bytes().to_vec())));
        template.extend(uri.id().map(|id| Attribute::Id(id.to_vec())));
        Ok(self.session().find_objects(&template)?)
    }

    fn one(&self, uri: &Pkcs11Uri) -> Result<ObjectHandle, Pkcs11Error> {
        match self.private_keys(uri)?.as_slice() {
            [one] => Ok(*one),
            [] => Err(Pkcs11Error::NoObject { wanted: Token::wanted(uri), token: self.label().to_string() }),
            several => {
                let session = self.session();
                let mut found = Vec::new();
                for handle in several {
                    let mut named = Pkcs11Uri::default();
                    for attribute in session.get_attributes(*handle, &[AttributeType::Label, AttributeType::Id])? {
                        named = match attribute {
                            Attribute::Label(label) => {
                                named.with(Pkcs11Attribute::Object, &alloc::string::String::from_utf8_lossy(&label))
                            }
                            Attribute::Id(id) => named.with_id(&id),
                            _ => named,
                        };
                    }
                    found.push(Token::wanted(&named));
                }
                found.sort();
                Err(Pkcs11Error::SeveralObjects { wanted: Token::wanted(uri), found })
            }
        }
    }

    /// Reads what has to be known of a private key before it can sign.
    pub(super) fn read_key(&self, handle: ObjectHandle, uri: &Pkcs11Uri) -> Result<TokenKey, Pkcs11Error> {
        let session = self.session();
        let public_key = public::read(self, &session, handle, uri)?;
        let scheme = Scheme::for_key(&public_key);
        let wanted = [AttributeType::Label, AttributeType::Id, AttributeType::Sign, AttributeType::AlwaysAuthenticate];
        let mut own = self.uri().with_object_type(Pkcs11ObjectType::Private);
        for attribute in session.get_attributes(handle, &wanted)? {
            match attribute {
                Attribute::Sign(false) => {
                    return Err(Pkcs11Error::KeyUnsuitable { scheme, key: public_key.key_type() });
                }
                Attribute::AlwaysAuthenticate(true) => return Err(self.refused(LoginRefusal::EachTime)),
                Attribute::Id(id) if !id.is_empty() => own = own.with_id(&id),
                Attribute::Label(label) if !label.is_empty() => {
                    // What is not text cannot be named by a URI; the identifier has to do.
                    if let Ok(label) = core::str::from_utf8(&label) {
                        own = own.with(Pkcs11Attribute::Object, label);
                    }
                }
                _ => {}
            }
        }
        let key = TokenKey { token: self.clone(), handle, public_key, scheme, uri: own };
        key.check_mechanism(scheme)?;
        Ok(key)
    }
}

impl TokenKey {
    /// The same key for another scheme of its type: an elliptic curve with another hash, RSA with another hash or way to pad.
    ///
    /// # Errors
    /// [`Pkcs11Error::KeyUnsuitable`] if the scheme is for another type of key, [`Pkcs11Error::AlgorithmUnavailable`] if the token cannot do it.
    pub fn with_scheme(self, scheme: Scheme) -> Result<Self, Pkcs11Error> {
        if !self.public_key.permits(scheme) {
            return Err(Pkcs11Error::KeyUnsuitable { scheme, key: self.public_key.key_type() });
        }
        self.check_mechanism(scheme)?;
        Ok(Self { scheme, ..self })
    }

    /// A URI that names this key with all that its token says about itself and it, and the path of the module.
    pub fn uri(&self) -> &Pkcs11Uri {
        &self.uri
    }

    fn check_mechanism(&self, scheme: Scheme) -> Result<(), Pkcs11Error> {
        match self.token.mechanism(mechanism::type_of(scheme)) {
            Some(info) if info.sign() => Ok(()),
            _ => Err(Pkcs11Error::AlgorithmUnavailable { scheme, token: self.token.label().to_string() }),
        }
    }

    /// Whether the token's answer can be a signature of this key at all: a module that answers nonsense is not to be believed.
    fn is_formed(&self, signature: &[u8]) -> bool {
        match self.public_key.key_type() {
            KeyType::Ed25519 => signature.len() == 64,
            KeyType::Rsa => self.public_key.rsa_modulus().is_some_and(|modulus| modulus.len() == signature.len()),
            curve => {
                let order = point::order(curve).unwrap_or(&[]);
                FixedSignature::read(signature, SignatureEncoding::Fixed, order).is_ok()
            }
        }
    }
}

impl Signer for TokenKey {
    fn scheme(&self) -> Scheme {
        self.scheme
    }

    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn sign(&self, message: Message<'_>, encoding: SignatureEncoding) -> Result<Vec<u8>, SignError> {
        let input = mechanism::input(self.scheme, message).ok_or(match message {
            Message::Prehashed { hash, .. } => SignError::PrehashUnsuitable { scheme: self.scheme, hash },
            Message::Parts(_) => SignError::Failed,
        })?;
        let answer = self.token.session().sign(&mechanism::of(self.scheme), self.handle, &input);
        let signature = answer.map_err(|error| match error {
            Error::Pkcs11(RvError::UserNotLoggedIn, _) => SignError::NotLoggedIn { token: self.token.label().into() },
            Error::Pkcs11(returned, _) => {
                SignError::Token { token: self.token.label().into(), returned: name(returned) }
            }
            _ => SignError::Failed,
        })?;
        if !self.is_formed(&signature) {
            return Err(SignError::Failed);
        }
        // A token gives r and s in fixed width. PKCS#11 v2.40 mechanisms §2.3.1.
        Ok(match (self.public_key.key_type(), encoding) {
            (KeyType::Ed25519 | KeyType::Rsa, _) | (_, SignatureEncoding::Fixed) => signature,
            (_, SignatureEncoding::Der) => to_der(&signature),
        })
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({}, {})", self.scheme, self.uri)
    }
}
