//! Whether a path leads from one certificate to an authority of a trust snapshot, asked by itself.

use alloc::vec::Vec;

use stella_chain_verify::{
    Certificate, ChainError, ChainPolicy, Diagnosis, Explanation, InitialPolicies, Purpose, Revocation, VerifiedChain,
    Wanted,
};
use stella_crypto_providers::Registry;
use stella_trust_store::TrustSnapshot;
use stella_vocabulary::UnixTime;

use crate::authority::{PathBudget, PreparedAuthority, usual_purpose};
use crate::near_path::{NearCertificate, near_certificates};
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
    purpose: Option<Purpose>,
    policies: InitialPolicies,
    revocation: Option<Revocation>,
}

/// What came of looking for a path.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FoundPaths {
    /// Every path tried, in the order tried; the accepted one last, if there is one.
    pub tried: Vec<TriedPath>,
    /// Why there is no path: `None` exactly when the last of `tried` was accepted.
    pub refusal: Option<ChainError>,
    /// What kind of refusal it is.
    pub diagnosis: Option<Diagnosis>,
    /// Where the path breaks at a missing issuer: what the snapshot knows that is nearly it, at most eight.
    pub near: Vec<NearCertificate>,
}

impl FoundPaths {
    /// The paths, to be drawn; `at` are the instants judged.
    #[must_use]
    pub fn explanation(&self, at: &[UnixTime]) -> Explanation {
        self.tried.iter().rev().fold(Explanation::new(at), |explanation, path| {
            let certificates = path.certificates.iter().map(|certificate| certificate.0.clone()).collect();
            let findings = path.findings.iter().map(|finding| finding.0.clone()).collect();
            explanation.with_path(certificates, findings, path.anchor.clone())
        })
    }
}

impl PathFinder {
    /// Prepares `trust` for use with `registry`.
    #[must_use]
    pub fn new(registry: &Registry, trust: &TrustSnapshot) -> Self {
        Self {
            registry: registry.clone(),
            trust: PreparedTrust::new(registry, trust),
            purpose: None,
            policies: InitialPolicies::any(),
            revocation: None,
        }
    }

    /// Asks for another purpose of the leaf than signing or time-stamping. Which authorities are asked depends on the [`PathPurpose`] all the same.
    #[must_use]
    pub fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = Some(purpose);
        self
    }

    /// With the certificate policies that are acceptable.
    #[must_use]
    pub fn with_policies(mut self, policies: InitialPolicies) -> Self {
        self.policies = policies;
        self
    }

    /// For paths of which no certificate is revoked, by lists and OCSP responses that are at hand.
    #[must_use]
    pub fn with_revocation(mut self, revocation: Revocation) -> Self {
        self.revocation = Some(revocation);
        self
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
        let mut budget = PathBudget::alone();
        let policy = ChainPolicy::new(self.purpose.unwrap_or_else(|| usual_purpose(purpose)))
            .with_policies(self.policies.clone());
        let mut tried = Vec::new();
        let mut refusals = Refusals::default();
        for authority in self.trust.domains.iter().flat_map(|domain| authorities(domain, leaf, purpose)) {
            let snapshot = &self.trust.snapshot;
            let revoked = |chain: &VerifiedChain| {
                let by_owner = revocation::of_path(snapshot, authority.entry(chain), chain, at);
                let check = |known: &Revocation| authority.check_revocation(known, chain, extra, at, &policy).err();
                by_owner.or_else(|| self.revocation.as_ref().and_then(check))
            };
            let mut wanted = |chain: &VerifiedChain| match revoked(chain) {
                None => Wanted::Yes,
                Some(_) => Wanted::IfNoOther,
            };
            let search = authority.search_by(leaf, extra, policy.clone(), at, &mut budget, Some(&mut wanted));
            match describe(search, purpose, authority, &mut tried) {
                Ok(chain) => match revoked(&chain) {
                    None => return FoundPaths { tried, refusal: None, diagnosis: None, near: Vec::new() },
                    Some(error) => refusals.add(NoPath::found(&chain, error, &mut tried)),
                },
                Err(refused) => refusals.add(refused),
            }
        }
        let closest = refusals.closest().or_else(|| {
            let nobody = PreparedAuthority::nobody(&self.registry);
            let search = nobody.search_by(leaf, extra, policy, at, &mut budget, None);
            describe(search, purpose, &nobody, &mut tried).err()
        });
        let (refusal, diagnosis) = match closest {
            Some(NoPath { error, diagnosis, .. }) => (error, *diagnosis),
            None => (ChainError::NothingJudged, Diagnosis::Other),
        };
        let near = near_certificates(&self.trust, &diagnosis, &tried, at);
        FoundPaths { tried, refusal: Some(refusal), diagnosis: Some(diagnosis), near }
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
