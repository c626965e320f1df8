//! Certificates alone: for whoever wants a path and none of the rest.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use stella_vocabulary::{Code, Reason, UnixTime};

use crate::budget::Budget;
use crate::certificate::Certificate;
use crate::certificate_error::CertificateError;
use crate::outcome::{Refused, VerifiedChain};
use crate::peer_name::{PeerName, PeerNameError};
use crate::policies::InitialPolicies;
use crate::pool::Pool;
use crate::purpose::{ChainPolicy, Profile, Purpose};
use crate::revocation::Revocation;

/// Builds and verifies paths for one purpose, to anchors that were prepared once. Cheap to clone, and to be shared between threads.
///
/// ```
/// use std::sync::Arc;
///
/// use stella_chain_verify::{Anchor, Certificate, ChainBuilder, Pool, Purpose};
/// use stella_crypto_providers::Registry;
/// use stella_vocabulary::UnixTime;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let root = include_bytes!("../../../examples/private-pki/root.pem");
/// # let intermediate = include_bytes!("../../../examples/private-pki/intermediate.pem");
/// # let leaf = include_bytes!("../../../examples/private-pki/leaf.pem");
/// let anchors = vec![Anchor::new(Certificate::from_pem(root)?)];
/// let anchors = Arc::new(Pool::new(&Registry::rustcrypto(), anchors, vec![]));
/// let builder = ChainBuilder::new(anchors, Purpose::code_signing());
///
/// let (leaf, extra) = (Certificate::from_pem(leaf)?, [Certificate::from_pem(intermediate)?]);
/// let at = UnixTime::parse_rfc3339("2026-06-01T00:00:00Z")?;
/// let chain = builder.build(&leaf, &extra, at)?;
/// assert_eq!(chain.certificates().len(), 3);
/// assert!(builder.build(&leaf, &[], at).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ChainBuilder {
    anchors: Arc<Pool>,
    policy: ChainPolicy,
    revocation: Option<Revocation>,
}

/// Why there is no chain.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ChainRefusal {
    /// One of the certificates is none.
    Certificate {
        /// Which one, from 0.
        index: usize,
        /// Why.
        error: CertificateError,
    },
    /// The leaf is somebody else's.
    Name(PeerNameError),
    /// There are no certificates.
    Nothing,
    /// No path leads to an anchor.
    Path(Refused),
}

impl ChainBuilder {
    /// For `purpose`, to `anchors`, under [`Profile::Rfc5280`] and without revocation.
    pub fn new(anchors: Arc<Pool>, purpose: Purpose) -> Self {
        Self { anchors, policy: ChainPolicy::new(purpose), revocation: None }
    }

    /// Under another profile: [`Profile::WebPki`] for servers of the public web.
    #[must_use]
    pub fn with_profile(mut self, profile: Profile) -> Self {
        self.policy = self.policy.with_profile(profile);
        self
    }

    /// For paths that are valid for certain certificate policies.
    #[must_use]
    pub fn with_policies(mut self, policies: InitialPolicies) -> Self {
        self.policy = self.policy.with_policies(policies);
        self
    }

    /// With another budget.
    #[must_use]
    pub fn with_budget(mut self, budget: Budget) -> Self {
        self.policy = self.policy.with_budget(budget);
        self
    }

    /// For paths of which no certificate is revoked.
    #[must_use]
    pub fn with_revocation(mut self, revocation: Revocation) -> Self {
        self.revocation = Some(revocation);
        self
    }

    /// The anchors and known intermediates.
    pub fn anchors(&self) -> &Pool {
        &self.anchors
    }

    /// Finds a path from `leaf` over `extra`, in any order and trusted with nothing, to an anchor, which holds `at` this instant.
    ///
    /// # Errors
    /// [`Refused`]: why there is none, with every path tried.
    ///
    /// # Left to the caller
    /// Whose certificate it is: see [`ChainBuilder::build_for`].
    pub fn build(&self, leaf: &Certificate, extra: &[Certificate], at: UnixTime) -> Result<VerifiedChain, Refused> {
        match &self.revocation {
            None => self.anchors.search(leaf, extra, &[at], &self.policy),
            Some(revocation) => self.anchors.search_unrevoked(leaf, extra, at, &self.policy, revocation),
        }
        .into_result()
    }

    /// As [`ChainBuilder::build`], from the DER of the leaf and of whatever came after it.
    ///
    /// # Errors
    /// [`ChainRefusal::Certificate`] and [`ChainRefusal::Nothing`]; [`ChainRefusal::Path`] as [`ChainBuilder::build`].
    pub fn build_from_der<T: AsRef<[u8]>>(
        &self,
        certificates: &[T],
        at: UnixTime,
    ) -> Result<VerifiedChain, ChainRefusal> {
        let read = |(index, der): (usize, &T)| {
            Certificate::from_der(der.as_ref()).map_err(|error| ChainRefusal::Certificate { index, error })
        };
        let certificates = certificates.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        let (leaf, extra) = certificates.split_first().ok_or(ChainRefusal::Nothing)?;
        self.build(leaf, extra, at).map_err(ChainRefusal::Path)
    }

    /// As [`ChainBuilder::build_from_der`], for the certificate of somebody: what a TLS client asks of the certificates of a server.
    ///
    /// # Errors
    /// As [`ChainBuilder::build_from_der`], and [`ChainRefusal::Name`] if the leaf does not bear `name`.
    pub fn build_for<T: AsRef<[u8]>>(
        &self,
        name: &PeerName,
        certificates: &[T],
        at: UnixTime,
    ) -> Result<VerifiedChain, ChainRefusal> {
        let chain = self.build_from_der(certificates, at)?;
        name.check(chain.leaf()).map_err(ChainRefusal::Name)?;
        Ok(chain)
    }
}

impl fmt::Display for ChainRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { index, error } => write!(f, "certificate {index}: {error}"),
            Self::Name(error) => error.fmt(f),
            Self::Nothing => f.write_str("there are no certificates"),
            Self::Path(refused) => refused.fmt(f),
        }
    }
}

impl core::error::Error for ChainRefusal {}

impl Reason for ChainRefusal {
    fn code(&self) -> Code {
        match self {
            Self::Certificate { error, .. } => error.code(),
            Self::Name(error) => error.code(),
            Self::Nothing => Code::InputEmpty,
            Self::Path(refused) => refused.code(),
        }
    }

    fn place(&self) -> Option<String> {
        match self {
            Self::Certificate { index, .. } => Some(alloc::format!("certificate {index}")),
            Self::Name(error) => error.place(),
            Self::Nothing => None,
            Self::Path(refused) => refused.place(),
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::Certificate { error, .. } => error.found(),
            Self::Name(error) => error.found(),
            Self::Nothing => None,
            Self::Path(refused) => refused.found(),
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Certificate { error, .. } => error.expected(),
            Self::Name(error) => error.expected(),
            Self::Nothing => Some("a leaf, and what came with it".into()),
            Self::Path(refused) => refused.expected(),
        }
    }

    fn clause(&self) -> Option<&'static str> {
        match self {
            Self::Certificate { error, .. } => error.clause(),
            Self::Name(error) => error.clause(),
            Self::Nothing => None,
            Self::Path(refused) => refused.clause(),
        }
    }

    fn certificate(&self) -> Option<usize> {
        match self {
            Self::Certificate { index, .. } => Some(*index),
            Self::Name(_) => Some(0),
            Self::Nothing => None,
            Self::Path(refused) => refused.certificate(),
        }
    }
}
