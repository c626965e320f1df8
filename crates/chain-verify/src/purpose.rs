//! What the leaf must be good for.

use der::asn1::ObjectIdentifier;

use crate::budget::Budget;
use crate::extension::key_usage::KeyUse;
use crate::policies::InitialPolicies;

/// What the leaf must be good for, and with it every intermediate that says what it is good for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Purpose {
    pub(crate) usage: Option<ObjectIdentifier>,
    pub(crate) leaf_usage: LeafUsage,
    pub(crate) leaf: Leaf,
    pub(crate) issuer_usage: IssuerUsage,
    pub(crate) key_use: Option<KeyUse>,
}

/// How the issuers of a path name the purpose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IssuerUsage {
    /// If they name any, this one or `anyExtendedKeyUsage`.
    Any,
    /// If they name any, this one by itself.
    Named,
    /// This one by itself; only the anchor need not name any.
    Required,
}

/// How the leaf must name the purpose.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LeafUsage {
    /// Alone and marked critical. RFC 3161 §2.3.
    CriticalAlone,
    /// If it names any. RFC 5280 §4.2.1.12.
    IfPresent,
    /// By itself; `anyExtendedKeyUsage` does not do.
    Named,
}

/// What kind of certificate the leaf must be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Leaf {
    /// Anything.
    Any,
    /// An end entity whose key may verify signatures on documents.
    Signer,
    /// An end entity with purposes of its own and none of signing beside them.
    Subscriber,
}

impl Purpose {
    /// No particular purpose: only what RFC 5280 §6.1 asks.
    pub fn any() -> Self {
        Self {
            usage: None,
            leaf_usage: LeafUsage::IfPresent,
            leaf: Leaf::Any,
            issuer_usage: IssuerUsage::Any,
            key_use: None,
        }
    }

    /// Being a client of TLS: `clientAuth`, if the leaf names purposes at all.
    pub fn client_auth() -> Self {
        const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
        Self { usage: Some(CLIENT_AUTH), ..Self::any() }
    }

    /// Signing code and attestations: an end entity with `codeSigning` in its extended key usage, and `digitalSignature` if it
    /// has key usage.
    pub fn code_signing() -> Self {
        const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
        Self { usage: Some(CODE_SIGNING), leaf_usage: LeafUsage::Named, leaf: Leaf::Signer, ..Self::any() }
    }

    /// The purpose with this object identifier (dotted decimal), for leaves that name purposes at all; `None` if it is not an
    /// object identifier.
    pub fn extended_key_usage(oid: &str) -> Option<Self> {
        let usage = ObjectIdentifier::new(oid).ok()?;
        Some(Self { usage: Some(usage), ..Self::any() })
    }

    /// Answering for an authority whether certificates are revoked: an end entity with `OCSPSigning` by name. RFC 6960 §4.2.2.2.
    pub(crate) fn ocsp_signing() -> Self {
        const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
        Self { usage: Some(OCSP_SIGNING), ..Self::code_signing() }
    }

    /// Being a server of TLS: `serverAuth`, if the leaf names purposes at all. [`Profile::WebPki`] makes it name them.
    pub fn server_auth() -> Self {
        const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
        Self { usage: Some(SERVER_AUTH), ..Self::any() }
    }

    /// Signing timestamps: an end entity with `timeStamping` alone in a critical extended key usage. RFC 3161 §2.3.
    pub fn time_stamping() -> Self {
        const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
        Self { usage: Some(TIME_STAMPING), leaf_usage: LeafUsage::CriticalAlone, leaf: Leaf::Signer, ..Self::any() }
    }

    /// And strictly so: the leaf is an end entity that names this purpose by itself, and neither code signing nor time stamping nor the signing of
    /// OCSP responses beside it; its issuers name it as `issuers` says. The Baseline Requirements §7.1.2.7.10 have it like this.
    ///
    /// Nothing changes about what the key of the leaf must be allowed to do.
    #[must_use]
    pub fn strictly(mut self, issuers: IssuerUsage) -> Self {
        self.leaf_usage = LeafUsage::Named;
        self.leaf = Leaf::Subscriber;
        self.issuer_usage = issuers;
        self
    }

    /// And the leaf's key may be used like this, if it has key usage. RFC 5280 §4.2.1.3.
    #[must_use]
    pub fn with_key_use(mut self, key_use: KeyUse) -> Self {
        self.key_use = Some(key_use);
        self
    }
}

/// Whether authorities must carry key identifiers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyIdentifiers {
    /// They are hints and may be missing, as in many private authorities.
    Optional,
    /// As RFC 5280 §4.2.1.1 and §4.2.1.2 ask of conforming authorities.
    Required,
}

/// The profile that the certificates of a path are held to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Profile {
    /// What RFC 5280 §4 asks of conforming authorities and a verifier can see, and path validation as in §6.
    Rfc5280,
    /// That, and the CA/Browser Forum's Baseline Requirements for servers of the public web (§7.1.2): the leaf is an end entity, names
    /// its purposes and its hosts in extensions that are not critical, and its common name repeats one of them; roots have no extended key
    /// usage. Name constraints need not be critical.
    WebPki,
}

/// The rules that a search applies to single certificates.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rules {
    /// Those of path validation alone.
    PathAlone,
    Profile(Profile),
}

/// Everything a path is judged by, apart from trust and time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChainPolicy {
    pub(crate) purpose: Purpose,
    pub(crate) budget: Budget,
    pub(crate) key_identifiers: KeyIdentifiers,
    pub(crate) rules: Rules,
    pub(crate) policies: InitialPolicies,
}

impl ChainPolicy {
    /// A policy for `purpose` with the default budget, under [`Profile::Rfc5280`], for any certificate policy.
    pub fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            budget: Budget::default(),
            key_identifiers: KeyIdentifiers::Optional,
            rules: Rules::Profile(Profile::Rfc5280),
            policies: InitialPolicies::any(),
        }
    }

    /// With another budget.
    #[must_use]
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// With another rule for key identifiers.
    #[must_use]
    pub fn with_key_identifiers(mut self, key_identifiers: KeyIdentifiers) -> Self {
        self.key_identifiers = key_identifiers;
        self
    }

    /// With the certificate policies that are acceptable, and what authorities may do with them.
    #[must_use]
    pub fn with_policies(mut self, policies: InitialPolicies) -> Self {
        self.policies = policies;
        self
    }

    /// Under another profile.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.rules = Rules::Profile(profile);
        self
    }

    /// With the rules of path validation alone (RFC 5280 §6.1): what authorities must do when they issue and a verifier is not told to
    /// check (§4: positive serial numbers, which extensions are critical, who may carry them) is not asked for.
    ///
    /// For private authorities that do not conform and cannot be changed. An extension that nobody knows and that is critical refuses a path
    /// all the same.
    #[must_use]
    pub fn danger_path_validation_alone(mut self) -> Self {
        self.rules = Rules::PathAlone;
        self
    }

    pub(crate) fn is_web_pki(&self) -> bool {
        self.rules == Rules::Profile(Profile::WebPki)
    }
}
