//! What the owner of the snapshot has revoked, and which signatures survive that. Catalogue section 9 "Time".

use alloc::string::{String, ToString};

use stella_chain_verify::{Certificate, ChainError, VerifiedChain};
use stella_crypto_providers::KeyId;
use stella_trust_store::ledger::{ProvenBefore, Revocation, TimeEvidence, judge};
use stella_trust_store::{AnchorEntry, Block, TrustSnapshot};
use stella_vocabulary::{UnixTime, Window};

use crate::run::Run;

/// The first certificate of the chain of a time-stamping certificate, counted from the leaf, whose key was revoked so that it does not count at that time.
pub(crate) fn of_clock(run: &Run<'_>, chain: &VerifiedChain, time: UnixTime) -> Option<ChainError> {
    let snapshot = &run.given.trust.snapshot;
    first_revoked(snapshot, None, chain, |revocation| counts(run, revocation, TimeEvidence::Trusted(&[time])))
}

/// Likewise for the chain of a signer to `anchor`; a signature may be without a trusted time.
pub(crate) fn of_signer(
    run: &Run<'_>,
    anchor: Option<&AnchorEntry>,
    chain: &VerifiedChain,
    instants: &[UnixTime],
) -> Option<ChainError> {
    let snapshot = &run.given.trust.snapshot;
    first_revoked(snapshot, anchor, chain, |revocation| counts_for_signer(run, revocation, instants))
}

/// Likewise for a path that is asked for by itself: as if each instant were that of a signature, none of them proven.
pub(crate) fn of_path(
    snapshot: &TrustSnapshot,
    anchor: Option<&AnchorEntry>,
    chain: &VerifiedChain,
    instants: &[UnixTime],
) -> Option<ChainError> {
    let counts_at = |revocation: &Revocation, at: UnixTime| {
        judge(Window::always(), Some(revocation), TimeEvidence::JudgedAt(at), ProvenBefore::Refuse).is_ok()
    };
    first_revoked(snapshot, anchor, chain, |revocation| instants.iter().all(|at| counts_at(revocation, *at)))
}

/// Whether a revoked key or certificate of the signer still counts for this signature.
pub(crate) fn counts_for_signer(run: &Run<'_>, revocation: &Revocation, instants: &[UnixTime]) -> bool {
    let evidence = if run.times.is_empty() { TimeEvidence::JudgedAt(run.at) } else { TimeEvidence::Trusted(instants) };
    counts(run, revocation, evidence)
}

fn counts(run: &Run<'_>, revocation: &Revocation, evidence: TimeEvidence<'_>) -> bool {
    judge(Window::always(), Some(revocation), evidence, run.given.policy.proven_before).is_ok()
}

fn first_revoked(
    snapshot: &TrustSnapshot,
    anchor: Option<&AnchorEntry>,
    chain: &VerifiedChain,
    counts: impl Fn(&Revocation) -> bool,
) -> Option<ChainError> {
    let revoked = |cert, object: String, revocation: &Revocation| ChainError::Revoked {
        cert,
        object,
        cause: revocation.cause.name(),
        revoked_at: revocation.revoked_at,
    };
    let blocked = |cert: usize, certificate: &Certificate| {
        let blocks = blocks_of(snapshot, certificate.public_key().ok()?.key_id());
        let block = blocks.iter().find(|block| !counts(block.revocation()))?;
        Some(revoked(cert, block.object().to_string(), block.revocation()))
    };
    if !snapshot.blocks().is_empty() {
        let mut certificates = chain.certificates().iter().enumerate();
        if let Some(found) = certificates.find_map(|(cert, certificate)| blocked(cert, certificate)) {
            return Some(found);
        }
    }
    let anchor = anchor?;
    let revocation = anchor.revocation().filter(|revocation| !counts(revocation))?;
    let name = anchor.store_id().map(|id| alloc::format!("anchor {id}"));
    let name = name.or_else(|| anchor.label().map(ToString::to_string)).unwrap_or_else(|| "the anchor".to_string());
    Some(revoked(chain.certificates().len().saturating_sub(1), name, revocation))
}

/// The blocks of one key; they are sorted by key.
fn blocks_of(snapshot: &TrustSnapshot, key: KeyId) -> &[Block] {
    let blocks = snapshot.blocks();
    let start = blocks.partition_point(|block| block.key() < key);
    let rest = blocks.get(start..).unwrap_or(&[]);
    rest.get(..rest.partition_point(|block| block.key() == key)).unwrap_or(&[])
}
