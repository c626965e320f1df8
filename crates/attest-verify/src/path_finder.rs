//! Whether a path leads from one certificate to an authority of a trust snapshot, asked by itself.

use alloc::vec::Vec;

use stella_chain_verify::{Certificate, ChainError, VerifiedChain, Wanted};
use stella_crypto_providers::Registry;
use stella_trust_store::TrustSnapshot;
use stella_vocabulary::UnixTime;

use crate::authority::{PathBudget, PreparedAuthority};
use crate::path::{NoPath, Refusals, describe};
use crate::report::{PathPurpose, TriedPath};
use crate::revocation;
use crate::trust::{PreparedDomain, PreparedTrust};

/// Finds paths from certificates to the authorities of a trust snapshot, by the rules that a [`Verifier`](crate::Verifier) goes by: a path
/// stays within one authority and its window, and a pinned time-stamping authority has no other certificate.
///
/// ```
/// use stella_attest_verify::{Certificate, PathFinder, PathPurpose, Registry, TrustSnapshot, UnixTime};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let root = include_bytes!("../../../examples/private-pki/root.pem");
/// # let intermediate = include_bytes!("../../../examples/private-pki/intermediate.pem");
/// # let leaf = include_bytes!("../../../examples/private-pki/leaf.pem");
/// let trust = TrustSnapshot::builder().anchor(Certificate::from_pem(root)?).build()?;
/// let (leaf, extra) = (Certificate::from_pem(leaf)?, [Certificate::from_pem(intermediate)?]);
/// let at = UnixTime::parse_rfc3339("2026-06-01T00:00:00Z")?;
/// let finder = PathFinder::new(&Registry::rustcrypto(), &trust);
/// assert!(finder.find(&leaf, &extra, PathPurpose::Signer, &[at]).refusal.is_none());
/// assert!(finder.find(&leaf, &[], PathPurpose::Signer, &[at]).refusal.is_some());
/// # Ok(())
/// # }
/// ```
pub struct PathFinder {
    registry: Registry,
    trust: PreparedTrust,
}

/// What came of looking for a path.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FoundPaths {
    /// Every path tried, in the order tried; the accepted one last, if there is one.
    pub tried: Vec<TriedPath>,
    /// Why there is no path: `None` exactly when the last of `tried` was accepted.
    pub refusal: Option<ChainError>,
}

impl PathFinder {
    /// Prepares `trust` for use with `registry`.
    #[must_use]
    pub fn new(registry: &Registry, trust: &TrustSnapshot) -> Self {
        Self { registry: registry.clone(), trust: PreparedTrust::new(registry, trust) }
    }

    /// Looks for a path from `leaf` that holds at each instant of `at`, over `extra` (in any order, trusted with nothing) and the certificates
    /// of the snapshot. Without any instant there is none.
    ///
    /// The first path wins, private authorities before public ones. For [`PathPurpose::Timestamp`] the time-stamping authorities are asked, and
    /// the private certificate authorities, whose owner trusts whatever they certify. All searches of one call share one budget of signatures.
    ///
    /// A path with a certificate that was revoked is none.
    ///
    /// # Left to the caller
    /// What an anchor is trusted for, which depends on more than a path; everything about the leaf but its path: whose it is, whether a log has seen it, whether it signed anything, where the instants come from.
    #[must_use]
    pub fn find(&self, leaf: &Certificate, extra: &[Certificate], purpose: PathPurpose, at: &[UnixTime]) -> FoundPaths {
        let mut budget = PathBudget::share(1);
        let mut tried = Vec::new();
        let mut refusals = Refusals::default();
        for authority in self.trust.domains.iter().flat_map(|domain| authorities(domain, leaf, purpose)) {
            let snapshot = &self.trust.snapshot;
            let revoked = |chain: &VerifiedChain| revocation::of_path(snapshot, authority.entry(chain), chain, at);
            let mut wanted = |chain: &VerifiedChain| match revoked(chain) {
                None => Wanted::Yes,
                Some(_) => Wanted::IfNoOther,
            };
            let search = authority.search_wanted(leaf, extra, purpose, at, &mut budget, Some(&mut wanted));
            match describe(search, purpose, authority, &mut tried) {
                Ok(chain) => match revoked(&chain) {
                    None => return FoundPaths { tried, refusal: None },
                    Some(error) => refusals.add(NoPath::found(&chain, error, &mut tried)),
                },
                Err(refused) => refusals.add(refused),
            }
        }
        let refusal = refusals.best().unwrap_or_else(|| {
            let nobody = PreparedAuthority::nobody(&self.registry);
            let search = nobody.search(leaf, extra, purpose, at, &mut budget);
            describe(search, purpose, &nobody, &mut tried)
                .map_or_else(|refused| refused.error, |_| ChainError::NothingJudged)
        });
        FoundPaths { tried, refusal: Some(refusal) }
    }
}

/// The authorities of `domain` that may certify `leaf` for this purpose.
fn authorities<'d>(
    domain: &'d PreparedDomain,
    leaf: &'d Certificate,
    purpose: PathPurpose,
) -> impl Iterator<Item = &'d PreparedAuthority> {
    let (signers, clocks) = match purpose {
        PathPurpose::Signer => (&domain.signers[..], &[][..]),
        PathPurpose::Timestamp if domain.is_public() => (&[][..], &domain.clocks[..]),
        PathPurpose::Timestamp => (&domain.signers[..], &domain.clocks[..]),
    };
    signers.iter().chain(clocks.iter().filter(|clock| clock.admits(leaf)).map(|clock| &clock.authority))
}
