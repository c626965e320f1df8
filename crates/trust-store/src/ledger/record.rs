//! What the store knows about an object, apart from whether it counts.

use alloc::string::String;
use alloc::vec::Vec;

use stella_crypto_providers::{HashAlgorithm, PublicKey, SignatureEncoding};

use super::error::LedgerError;
use super::fields::Fields;
use super::id::{Id, Person};
use super::json::{Json, name_of};
use super::limits::{check_text, check_texts};
use super::scope::Terms;

/// A certificate that paths may end at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorRecord {
    /// Its id.
    pub id: Id,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Label, window and scope.
    pub terms: Terms,
}

/// A key whose owner may approve changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApproverRecord {
    /// Its id.
    pub id: Id,
    /// The public key, canonical `SubjectPublicKeyInfo` in DER.
    pub key: Vec<u8>,
    /// Whose key it is. A person counts once, however many keys they have.
    pub person: Person,
}

/// A certificate that helps to find paths and gives no trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntermediateRecord {
    /// Its id.
    pub id: Id,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// What people call it.
    pub label: Option<String>,
}

/// Somebody who issues attestations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerRecord {
    /// Its id.
    pub id: Id,
    /// Whom its certificates may name.
    pub identities: Vec<CertificateIdentity>,
    /// What people call it.
    pub name: String,
    /// Label, window and scope.
    pub terms: Terms,
    /// What kind of issuer it is.
    pub tier: Tier,
    /// Where its keys are published.
    pub urls: Vec<String>,
    /// How much its word weighs, 0 to 100.
    pub weight: u8,
}

/// The identity in a certificate, and who vouched for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateIdentity {
    /// A pattern of identities.
    pub identity: String,
    /// The OIDC issuer.
    pub oidc_issuer: Option<String>,
}

/// What kind of issuer somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// Distributes the software of others.
    Distro,
    /// Belongs to the house.
    Internal,
    /// Nothing is known in its favour.
    Untrusted,
    /// Makes the software.
    Vendor,
}

const TIERS: [(Tier, &str); 4] =
    [(Tier::Distro, "distro"), (Tier::Internal, "internal"), (Tier::Untrusted, "untrusted"), (Tier::Vendor, "vendor")];

impl Tier {
    /// Its name: `distro`, `internal`, `untrusted`, `vendor`.
    #[must_use]
    pub fn name(self) -> &'static str {
        name_of(&TIERS, &self)
    }
}

/// A public key that is trusted without a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its id.
    pub id: Id,
    /// How its ECDSA signatures are written.
    pub encoding: SignatureEncoding,
    /// The name that envelopes use for it; finds the key and proves nothing.
    pub hint: Option<String>,
    /// Whose key it is. It counts only while that issuer is trusted.
    pub issuer: Option<Id>,
    /// The public key, canonical `SubjectPublicKeyInfo` in DER.
    pub key: Vec<u8>,
    /// Label, window and scope.
    pub terms: Terms,
}

const ENCODINGS: [(SignatureEncoding, &str); 2] =
    [(SignatureEncoding::Der, "der"), (SignatureEncoding::Fixed, "fixed")];

/// A Sigstore trusted root as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedRootRecord {
    /// Its id.
    pub id: Id,
    /// The `trusted_root.json`, byte for byte.
    pub document: Vec<u8>,
    /// What people call it.
    pub label: Option<String>,
}

/// What every record can do.
pub(super) trait Recorded: Sized {
    fn id(&self) -> &Id;
    /// Looks at texts, dates and counts; material is looked at by [`super::material`].
    fn check(&self) -> Result<(), LedgerError>;
    fn to_json(&self) -> Json<'_>;
    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError>;
    /// What must not be there twice: the SHA-256 of certificate or document, or the key id.
    fn material(&self) -> Option<[u8; 32]>;
}

impl Recorded for AnchorRecord {
    fn id(&self) -> &Id {
        &self.id
    }

    fn check(&self) -> Result<(), LedgerError> {
        self.terms.check()
    }

    fn to_json(&self) -> Json<'_> {
        Json::object([
            ("certificate", Json::Bytes(&self.certificate)),
            ("id", Json::text(self.id.as_str())),
            ("terms", self.terms.to_json()),
        ])
    }

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self {
            certificate: fields.bytes("certificate")?,
            id: fields.id("id")?,
            terms: fields.object("terms", Terms::read)?,
        })
    }

    fn material(&self) -> Option<[u8; 32]> {
        Some(sha256(&[&self.certificate]))
    }
}

impl Recorded for ApproverRecord {
    fn id(&self) -> &Id {
        &self.id
    }

    fn check(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    fn to_json(&self) -> Json<'_> {
        Json::object([
            ("id", Json::text(self.id.as_str())),
            ("key", Json::Bytes(&self.key)),
            ("person", Json::text(self.person.as_str())),
        ])
    }

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self { id: fields.id("id")?, key: fields.bytes("key")?, person: fields.person("person")? })
    }

    fn material(&self) -> Option<[u8; 32]> {
        Some(key_id(&self.key))
    }
}

impl Recorded for IntermediateRecord {
    fn id(&self) -> &Id {
        &self.id
    }

    fn check(&self) -> Result<(), LedgerError> {
        self.label.as_ref().map_or(Ok(()), |label| check_text("a label", label))
    }

    fn to_json(&self) -> Json<'_> {
        Json::object([
            ("certificate", Json::Bytes(&self.certificate)),
            ("id", Json::text(self.id.as_str())),
            ("label", Json::optional_text(self.label.as_ref())),
        ])
    }

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self {
            certificate: fields.bytes("certificate")?,
            id: fields.id("id")?,
            label: fields.optional_string("label")?,
        })
    }

    fn material(&self) -> Option<[u8; 32]> {
        Some(sha256(&[&self.certificate]))
    }
}

impl Recorded for IssuerRecord {
    fn id(&self) -> &Id {
        &self.id
    }

    fn check(&self) -> Result<(), LedgerError> {
        check_text("the name of an issuer", &self.name)?;
        check_texts("a URL", &self.urls)?;
        for CertificateIdentity { identity, oidc_issuer } in &self.identities {
            check_text("an identity pattern", identity)?;
            oidc_issuer.as_ref().map_or(Ok(()), |issuer| check_text("an OIDC issuer", issuer))?;
        }
        if self.weight > 100 || self.identities.len() > 1024 {
            return Err(LedgerError::TextInvalid { what: "a weight above 100 or a list of identities this long" });
        }
        self.terms.check()
    }

    fn to_json(&self) -> Json<'_> {
        Json::object([
            ("id", Json::text(self.id.as_str())),
            (
                "identities",
                Json::list(&self.identities, |pair| {
                    Json::object([
                        ("identity", Json::text(pair.identity.as_str())),
                        ("oidc_issuer", Json::optional_text(pair.oidc_issuer.as_ref())),
                    ])
                }),
            ),
            ("name", Json::text(self.name.as_str())),
            ("terms", self.terms.to_json()),
            ("tier", Json::text(self.tier.name())),
            ("urls", Json::texts(&self.urls)),
            ("weight", Json::Number(self.weight.into())),
        ])
    }

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self {
            id: fields.id("id")?,
            identities: fields.objects("identities", |pair| {
                Ok(CertificateIdentity {
                    identity: pair.string("identity")?,
                    oidc_issuer: pair.optional_string("oidc_issuer")?,
                })
            })?,
            name: fields.string("name")?,
            terms: fields.object("terms", Terms::read)?,
            tier: fields.one_of("tier", &TIERS)?,
            urls: fields.strings("urls")?,
            weight: u8::try_from(fields.number("weight")?).map_err(|_| LedgerError::Unreadable { what: "weight" })?,
        })
    }

    fn material(&self) -> Option<[u8; 32]> {
        None
    }
}

impl Recorded for KeyRecord {
    fn id(&self) -> &Id {
        &self.id
    }

    fn check(&self) -> Result<(), LedgerError> {
        self.hint.as_ref().map_or(Ok(()), |hint| check_text("a key id hint", hint))?;
        self.terms.check()
    }

    fn to_json(&self) -> Json<'_> {
        Json::object([
            ("encoding", Json::text(name_of(&ENCODINGS, &self.encoding))),
            ("hint", Json::optional_text(self.hint.as_ref())),
            ("id", Json::text(self.id.as_str())),
            ("issuer", Json::optional(self.issuer.as_ref(), |issuer| Json::text(issuer.as_str()))),
            ("key", Json::Bytes(&self.key)),
            ("terms", self.terms.to_json()),
        ])
    }

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self {
            encoding: fields.one_of("encoding", &ENCODINGS)?,
            hint: fields.optional_string("hint")?,
            id: fields.id("id")?,
            issuer: fields.optional_id("issuer")?,
            key: fields.bytes("key")?,
            terms: fields.object("terms", Terms::read)?,
        })
    }

    fn material(&self) -> Option<[u8; 32]> {
        Some(key_id(&self.key))
    }
}

impl Recorded for TrustedRootRecord {
    fn id(&self) -> &Id {
        &self.id
    }

    fn check(&self) -> Result<(), LedgerError> {
        self.label.as_ref().map_or(Ok(()), |label| check_text("a label", label))
    }

    fn to_json(&self) -> Json<'_> {
        Json::object([
            ("document", Json::Bytes(&self.document)),
            ("id", Json::text(self.id.as_str())),
            ("label", Json::optional_text(self.label.as_ref())),
        ])
    }

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self { document: fields.bytes("document")?, id: fields.id("id")?, label: fields.optional_string("label")? })
    }

    fn material(&self) -> Option<[u8; 32]> {
        Some(sha256(&[&self.document]))
    }
}

/// A longer `SubjectPublicKeyInfo` than any of an elliptic curve: P-521 has 158 bytes.
const LONGEST_CURVE_SPKI: usize = 160;

/// The id of a public key in its canonical form; of one that is none, the SHA-256 of its bytes.
fn key_id(spki: &[u8]) -> [u8; 32] {
    // An RSA key has several canonical forms, by what it is restricted to, and one id. All others are read a hundred times faster.
    let rsa = (spki.len() > LONGEST_CURVE_SPKI).then(|| PublicKey::from_spki_der(spki).ok()).flatten();
    rsa.map_or_else(|| sha256(&[spki]), |key| *key.key_id().as_bytes())
}

pub(super) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    // The output of SHA-256 has 32 bytes.
    HashAlgorithm::Sha256.hash(parts).as_bytes().try_into().unwrap_or([0; 32])
}
