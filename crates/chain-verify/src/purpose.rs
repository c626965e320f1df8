//! What the leaf must be good for.

use der::asn1::ObjectIdentifier;

use crate::budget::Budget;

/// What the leaf must be good for, and with it every intermediate that says what it is good for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Purpose {
    pub(crate) usage: Option<ObjectIdentifier>,
    pub(crate) leaf_usage: LeafUsage,
    pub(crate) leaf: Leaf,
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
}

impl Purpose {
    /// No particular purpose: only what RFC 5280 §6.1 asks.
    pub fn any() -> Self {
        Self { usage: None, leaf_usage: LeafUsage::IfPresent, leaf: Leaf::Any }
    }

    /// Signing code and attestations: an end entity with `codeSigning` in its extended key usage, and `digitalSignature` if it
    /// has key usage.
    pub fn code_signing() -> Self {
        const CODE_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3");
        Self { usage: Some(CODE_SIGNING), leaf_usage: LeafUsage::Named, leaf: Leaf::Signer }
    }

    /// The purpose with this object identifier (dotted decimal), for leaves that name purposes at all; `None` if it is not an
    /// object identifier.
    pub fn extended_key_usage(oid: &str) -> Option<Self> {
        let usage = ObjectIdentifier::new(oid).ok()?;
        Some(Self { usage: Some(usage), leaf_usage: LeafUsage::IfPresent, leaf: Leaf::Any })
    }

    /// Signing timestamps: an end entity with `timeStamping` alone in a critical extended key usage. RFC 3161 §2.3.
    pub fn time_stamping() -> Self {
        const TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
        Self { usage: Some(TIME_STAMPING), leaf_usage: LeafUsage::CriticalAlone, leaf: Leaf::Signer }
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

/// Everything a path is judged by, apart from trust and time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChainPolicy {
    pub(crate) purpose: Purpose,
    pub(crate) budget: Budget,
    pub(crate) key_identifiers: KeyIdentifiers,
}

impl ChainPolicy {
    /// A policy for `purpose` with the default budget.
    pub fn new(purpose: Purpose) -> Self {
        Self { purpose, budget: Budget::default(), key_identifiers: KeyIdentifiers::Optional }
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
}
