//! The question `verify cert-chain` asks: does a path lead from this certificate to a trusted authority, and if not, where does each break?

use stella_attest_verify::{
    Certificate, FoundPaths, PathFinder, PathPurpose, Registry, TriedPath, TrustSnapshot, UnixTime,
};

/// What the leaf is meant for, as far as it says so itself.
pub(crate) fn purpose_of(leaf: &Certificate) -> PathPurpose {
    const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
    let usages = leaf.extended_key_usages().unwrap_or_default();
    if usages.iter().any(|usage| usage == TIME_STAMPING) { PathPurpose::Timestamp } else { PathPurpose::Signer }
}

/// Searches every authority of `trust` for a path from `leaf` that holds at each of `instants`. The accepted path is last, if there is one;
/// paths that say nothing beyond another one are left out.
pub(crate) fn search(
    registry: &Registry,
    trust: &TrustSnapshot,
    leaf: &Certificate,
    extra: &[Certificate],
    instants: &[UnixTime],
) -> FoundPaths {
    let mut found = PathFinder::new(registry, trust).find(leaf, extra, purpose_of(leaf), instants);
    tidy(&mut found.tried);
    found
}

/// Leaves out repetitions, and the leaf alone where a longer path was tried.
fn tidy(paths: &mut Vec<TriedPath>) {
    let longest = paths.iter().map(|path| path.certificates.len()).max().unwrap_or(0);
    let mut seen: Vec<Vec<String>> = Vec::new();
    paths.retain(|path| {
        let mut name: Vec<String> = path.certificates.iter().map(|certificate| certificate.fingerprint()).collect();
        name.extend(path.findings.iter().map(|finding| finding.code().to_string()));
        let alone = path.certificates.len() == 1 && longest > 1;
        let repeated = seen.contains(&name);
        seen.push(name);
        !alone && !repeated
    });
}
