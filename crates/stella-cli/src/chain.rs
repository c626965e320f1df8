//! The question `verify cert-chain` asks: does a path lead from this certificate to a trusted authority, and if not, where does each break?

use std::cmp::Reverse;

use stella_attest_verify::{
    Certificate, PathCertificate, PathFinding, PathPurpose, Reason, Registry, TriedPath, TrustSnapshot, UnixTime,
};
use stella_chain_verify::{Anchor, ChainError, ChainPolicy, Pool, Purpose, Search};

/// What came of the search.
#[derive(Debug)]
pub(crate) struct Found {
    /// The accepted path last, if there is one. Paths that say nothing beyond another one are left out.
    pub(crate) paths: Vec<TriedPath>,
    /// Why there is no path.
    pub(crate) refusal: Option<ChainError>,
}

/// What the leaf is meant for, as far as it says so itself.
pub(crate) fn purpose_of(leaf: &Certificate) -> PathPurpose {
    const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
    let usages = leaf.extended_key_usages().unwrap_or_default();
    if usages.iter().any(|usage| usage == TIME_STAMPING) { PathPurpose::Timestamp } else { PathPurpose::Signer }
}

/// Searches every authority of `trust` for a path from `leaf` that holds at each of `instants`.
pub(crate) fn search(
    registry: &Registry,
    trust: &TrustSnapshot,
    leaf: &Certificate,
    extra: &[Certificate],
    instants: &[UnixTime],
) -> Found {
    let purpose = purpose_of(leaf);
    let policy = ChainPolicy::new(match purpose {
        PathPurpose::Timestamp => Purpose::time_stamping(),
        _ => Purpose::code_signing(),
    });
    let mut found = Found { paths: Vec::new(), refusal: None };
    let mut best = None;
    for pool in pools(registry, trust, purpose) {
        let search = pool.search(leaf, extra, instants, &policy);
        found.paths.extend(search.tried.iter().map(|tried| TriedPath {
            purpose,
            certificates: tried.certificates.iter().cloned().map(PathCertificate::from).collect(),
            anchor: None,
            findings: tried.findings.iter().map(finding).collect(),
        }));
        if let Some(chain) = &search.verified {
            found.paths.push(TriedPath {
                purpose,
                certificates: chain.certificates().iter().cloned().map(PathCertificate::from).collect(),
                anchor: pool.anchors().get(chain.anchor_index()).map(anchor_name),
                findings: Vec::new(),
            });
            tidy(&mut found.paths);
            found.refusal = None;
            return found;
        }
        let merit = merit(&search);
        if let Err(refused) = search.into_result()
            && best.as_ref().is_none_or(|held| *held < merit)
        {
            best = Some(merit);
            found.refusal = Some(refused.best);
        }
    }
    tidy(&mut found.paths);
    found
}

/// A pool for each authority, since no path borrows from another; at least one.
fn pools(registry: &Registry, trust: &TrustSnapshot, purpose: PathPurpose) -> Vec<Pool> {
    let mut pools = Vec::new();
    for domain in trust.domains() {
        for authority in domain.authorities() {
            pools.push(Pool::new(registry, authority.anchors().to_vec(), authority.intermediates().to_vec()));
        }
        if purpose == PathPurpose::Timestamp {
            for authority in domain.timestamp_authorities() {
                let Some((root, known)) = authority.chain().split_last() else { continue };
                let anchor =
                    Anchor::new(root.clone()).with_window(authority.window()).with_label(authority.name().to_string());
                pools.push(Pool::new(registry, vec![anchor], known.to_vec()));
            }
        }
    }
    if pools.is_empty() {
        pools.push(Pool::new(registry, Vec::new(), Vec::new()));
    }
    pools
}

/// How well a search explains why there is no path: one that reached an anchor explains more than one that broke before, and so on.
fn merit(search: &Search) -> Option<impl Ord + use<>> {
    search.tried.iter().map(|tried| (tried.reach, tried.links, Reverse(tried.findings.len()))).max()
}

/// Leaves out repetitions, and the leaf alone where a longer path was tried.
fn tidy(paths: &mut Vec<TriedPath>) {
    let longest = paths.iter().map(|path| path.certificates.len()).max().unwrap_or(0);
    let mut seen: Vec<Vec<String>> = Vec::new();
    paths.retain(|path| {
        let mut name: Vec<String> = path.certificates.iter().map(|certificate| certificate.fingerprint()).collect();
        name.extend(path.findings.iter().map(|finding| finding.code.to_string()));
        let alone = path.certificates.len() == 1 && longest > 1;
        let repeated = seen.contains(&name);
        seen.push(name);
        !alone && !repeated
    });
}

fn anchor_name(anchor: &Anchor) -> String {
    anchor.label().map_or_else(|| anchor.certificate().subject().to_string(), ToString::to_string)
}

fn finding(error: &ChainError) -> PathFinding {
    PathFinding {
        code: error.code(),
        certificate: error.certificate(),
        summary: error.to_string(),
        found: error.found(),
        expected: error.expected(),
        clause: error.clause(),
    }
}
