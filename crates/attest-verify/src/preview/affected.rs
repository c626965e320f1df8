//! Which outcomes a change of trust can touch.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_crypto_providers::KeyId;
use stella_transparency::Log;
use stella_trust_store::ledger::{Revocation, Scope};
use stella_trust_store::{
    AnchorEntry, AsideAnchor, AsideKey, CertificateAuthority, IssuerEntry, KeyEntry, TimestampAuthority, TrustDomain,
    TrustSnapshot, WhyAside,
};
use stella_vocabulary::{Code, Window};

use crate::considered::{
    self, ANY_AUTHORITY, ANY_ISSUER, ANY_KEY, ANYTHING, FEW_KEYS, MANY_KEYS, MANY_PATHS, anchor, intermediate, issuer,
    key, log, name,
};

/// Begins every dependency of an outcome that certificates had a part in.
const NAMES: &str = "name/";
const AUTHORITIES: &str = "authority/";
const KEYS: &str = "key/";
const ANCHORS: &str = "anchor/";

/// How many keys may be added before they could use up the limit of 1,024 tries for an outcome that had tried [`FEW_KEYS`]: each of an
/// envelope's signatures, 32 at most, may try each of them once.
const ADDED_KEYS: usize = (1024 - FEW_KEYS) / 32;

/// How many authorities may be added before they could use up the limit of 512 signatures for an outcome that had used a quarter: each
/// search may verify a hundred.
const ADDED_AUTHORITIES: usize = 3;

/// What differs between two snapshots, as far as the outcome of a verification can depend on it.
///
/// Holds what a change touches against the [dependencies](crate::Report::dependencies) of outcomes, so that only those are judged again that can come
/// out otherwise. Where [`Affected::may_change`] says no, verdict, code and check of the same attestation, held against the same artifact under the
/// same policy as of the same instant, are the same under both snapshots.
///
/// ```
/// use stella_attest_verify::preview::Affected;
/// use stella_attest_verify::{Attestation, Binding, Certificate, Policy, Registry, TrustSnapshot, UnixTime, Verifier};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let root = include_bytes!("../../../../examples/private-pki/root.pem");
/// # let intermediate = include_bytes!("../../../../examples/private-pki/intermediate.pem");
/// # let bytes = include_bytes!("../../../../examples/private-pki/attestation.json");
/// # let other = include_bytes!("../../../../examples/private-key/key.pub");
/// let trust = |builder: stella_trust_store::TrustSnapshotBuilder| builder.build();
/// let both = || -> Result<_, stella_attest_verify::TrustError> {
///     TrustSnapshot::builder().anchors_from_pem(root)?.intermediates_from_pem(intermediate)
/// };
/// let before = trust(both()?)?;
/// let policy = Policy::require_signer("https://ci.example/builder");
/// let at = UnixTime::parse_rfc3339("2026-06-01T00:00:00Z")?;
/// let report = Verifier::new(&Registry::rustcrypto(), &before, policy).verify(
///     &Attestation::from_json(bytes)?,
///     &Binding::SubjectsAsListed,
///     at,
/// );
/// let dependencies = report.dependencies();
///
/// let with_a_key = trust(both()?.key_from_pem(other)?)?;
/// assert!(!Affected::between(&before, &with_a_key).may_change(&dependencies, report.code()));
/// let without_anchor = trust(TrustSnapshot::builder().intermediates_from_pem(intermediate)?)?;
/// assert!(Affected::between(&before, &without_anchor).may_change(&dependencies, report.code()));
/// # Ok(())
/// # }
/// ```
///
/// # What it cannot exclude
/// It says yes although nothing changes where it cannot show the contrary from the dependencies alone:
///
/// - anything about time-stamping authorities touches every outcome with a token, and anything about certificate transparency logs of the
///   store's own domain every outcome with a certificate;
/// - another claim on package URLs touches everybody whose scope has such a claim, whatever the package;
/// - a new anchor or intermediate touches every outcome for which its *name* was looked for, also those that verified under another
///   certificate of that name; an authority of its own, or a trusted root, every refusal of a certificate;
/// - any change about keys touches every refusal of a signature without a certificate, any change about issuers every refusal for want of one;
/// - snapshots in another order, or of which one was taken of a store and the other was not, touch everything; an outcome without any dependency
///   is touched by every change.
///
/// # Left to the caller
/// To compare only outcomes of the same attestation, artifact, policy and instant, and dependencies that [`Report::dependencies`](crate::Report::dependencies)
/// has given under the first snapshot. It takes for granted that no signature verifies under two keys of a store: somebody can choose a key so that a given ECDSA
/// signature verifies under it as well, and has then to have it trusted.
#[derive(Clone, Debug, Default)]
pub struct Affected {
    touched: BTreeSet<String>,
    /// All that begin with one of these.
    touched_from: Vec<&'static str>,
    /// What touches refusals only: it can accept more, or explain otherwise.
    refusals: BTreeSet<String>,
    refusals_from: Vec<&'static str>,
}

impl Affected {
    /// What differs between two snapshots.
    #[must_use]
    pub fn between(before: &TrustSnapshot, after: &TrustSnapshot) -> Self {
        let mut affected = Self::default();
        if before.origin().is_some() != after.origin().is_some() {
            affected.touched_from.push("");
            return affected;
        }
        if before.root() == after.root() {
            return affected;
        }
        affected.refusals.insert(ANYTHING.to_string());
        affected.keys(before, after);
        affected.issuers(before, after);
        affected.claims(before, after);
        affected.blocks(before, after);
        affected.domains(before, after);
        affected.follow_names(before, after);
        affected
    }

    /// Whether nothing at all differs.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.touched.is_empty()
            && self.touched_from.is_empty()
            && self.refusals.is_empty()
            && self.refusals_from.is_empty()
    }

    /// Whether an outcome with these dependencies can be another under the second snapshot; `code` is that of its refusal, `None` if it verified.
    #[must_use]
    pub fn may_change(&self, dependencies: &[String], code: Option<Code>) -> bool {
        if self.is_nothing() {
            return false;
        }
        if dependencies.is_empty() {
            return true;
        }
        // The key of a certificate did not make the signature, whoever vouches for it. All that comes before is whether the attestation brings an anchor.
        let elsewhere = |one: &String| {
            one == ANY_KEY || one == ANYTHING || (one.starts_with(ANCHORS) && self.touched.contains(one))
        };
        let everything = self.touched_from.contains(&"");
        if code == Some(Code::DsseSignatureInvalid) && !everything && !dependencies.iter().any(elsewhere) {
            return false;
        }
        let among = |all: &BTreeSet<String>, from: &[&str]| {
            dependencies.iter().any(|one| all.contains(one) || from.iter().any(|start| one.starts_with(start)))
        };
        among(&self.touched, &self.touched_from) || (code.is_some() && among(&self.refusals, &self.refusals_from))
    }

    fn touch(&mut self, dependency: String) {
        self.touched.insert(dependency);
    }

    fn touch_refusals(&mut self, dependencies: &[&str]) {
        self.refusals.extend(dependencies.iter().map(ToString::to_string));
    }

    fn keys(&mut self, before: &TrustSnapshot, after: &TrustSnapshot) {
        let (old, new) = (Keys::of(before), Keys::of(after));
        let mut differs = old.order_of(&new) != new.order_of(&old) || !same_aside_keys(before, after);
        let ids: BTreeSet<&KeyId> = old.known.keys().chain(new.known.keys()).collect();
        for id in ids {
            let same = match (old.known.get(id), new.known.get(id)) {
                (Some((entry, place)), Some((other, other_place))) => place == other_place && same_key(entry, other),
                _ => false,
            };
            if !same {
                differs = true;
                self.touch(key(*id));
            }
        }
        let added = new.known.keys().filter(|id| !old.known.contains_key(*id)).count();
        if added > 0 {
            self.touch(MANY_KEYS.to_string());
        }
        if added > ADDED_KEYS {
            self.touched_from.push(KEYS);
        }
        if differs {
            self.touch_refusals(&[ANY_KEY]);
        }
    }

    fn issuers(&mut self, before: &TrustSnapshot, after: &TrustSnapshot) {
        let by_id = |snapshot: &TrustSnapshot| -> BTreeMap<String, IssuerEntry> {
            snapshot.issuers().iter().map(|entry| (issuer(entry.id()), entry.clone())).collect()
        };
        let (old, new) = (by_id(before), by_id(after));
        for id in old.keys().chain(new.keys()) {
            if !matches!((old.get(id), new.get(id)), (Some(entry), Some(other)) if same_issuer(entry, other)) {
                self.touch(id.clone());
                self.touch_refusals(&[ANY_ISSUER, ANY_KEY]);
            }
        }
    }

    /// Who may speak about an artifact depends on the patterns of everybody.
    fn claims(&mut self, before: &TrustSnapshot, after: &TrustSnapshot) {
        if before.claimed().eq(after.claimed()) {
            return;
        }
        self.touch_refusals(&[ANY_ISSUER, ANY_KEY]);
        let claims = |scope: Option<&Scope>| scope.is_some_and(|scope| !scope.purl_patterns.is_empty());
        for snapshot in [before, after] {
            // What was compromised still signs under a policy that accepts what is proven to be older.
            let aside = snapshot.aside_anchors().iter().map(AsideAnchor::entry);
            let anchors = snapshot.domains().iter().flat_map(TrustDomain::authorities).flat_map(|one| one.anchors());
            let anchors = anchors.chain(aside);
            for entry in anchors.filter(|entry| claims(entry.scope())) {
                self.touch(anchor(entry.certificate()));
                self.refusals.insert(name(entry.certificate().subject()));
            }
            let aside = snapshot.aside_keys().iter().map(AsideKey::entry);
            let keys = snapshot.keys().iter().chain(aside).filter(|entry| claims(entry.scope()));
            self.touched.extend(keys.map(|entry| key(entry.key_id())));
            let issuers = snapshot.issuers().iter().filter(|entry| claims(Some(entry.scope())));
            self.touched.extend(issuers.map(|entry| issuer(entry.id())));
        }
    }

    fn blocks(&mut self, before: &TrustSnapshot, after: &TrustSnapshot) {
        let by_key = |snapshot: &TrustSnapshot| {
            let mut by_key: BTreeMap<KeyId, Vec<Revocation>> = BTreeMap::new();
            for block in snapshot.blocks() {
                by_key.entry(block.key()).or_default().push(*block.revocation());
            }
            by_key
        };
        let (old, new) = (by_key(before), by_key(after));
        let differing: BTreeSet<String> =
            old.keys().chain(new.keys()).filter(|id| old.get(id) != new.get(id)).map(|id| key(*id)).collect();
        if differing.is_empty() {
            return;
        }
        self.touch_refusals(&[ANY_AUTHORITY]);
        for certificate in [before, after].into_iter().flat_map(known_certificates) {
            if considered::key_of(certificate).is_some_and(|key| differing.contains(&key)) {
                self.refusals.insert(name(certificate.subject()));
            }
        }
        self.touched.extend(differing);
    }

    fn domains(&mut self, before: &TrustSnapshot, after: &TrustSnapshot) {
        let (old, new) = (before.domains().split_first(), after.domains().split_first());
        if let (Some((old, old_roots)), Some((new, new_roots))) = (old, new) {
            let mut added = self.private(old, new);
            added = added.saturating_add(self.roots(old_roots, new_roots));
            added = added.saturating_add(self.compromised(before, after));
            if added > 0 {
                self.touch(MANY_PATHS.to_string());
            }
            if added > ADDED_AUTHORITIES {
                self.touched_from.push(NAMES);
            }
        }
    }

    /// The store's own domain. Says how many authorities are new.
    fn private(&mut self, old: &TrustDomain, new: &TrustDomain) -> usize {
        self.logs(old.logs(), new.logs());
        if !same_logs(old.ct_logs(), new.ct_logs()) {
            self.touched_from.push(NAMES);
        }
        if !same_clocks(old.timestamp_authorities(), new.timestamp_authorities()) {
            self.touched_from.push(AUTHORITIES);
        }
        let (old, new) = (old.authorities(), new.authorities());
        let names = |all: &[CertificateAuthority]| all.iter().map(|one| one.name().to_string()).collect::<Vec<_>>();
        if names(old) == names(new) {
            for (old, new) in old.iter().zip(new) {
                self.anchors(old.anchors(), new.anchors());
                self.intermediates(old.intermediates(), new.intermediates());
            }
            return 0;
        }
        // Another authority among them, or another order: each is taken as gone and as new.
        self.refusals_from.push(NAMES);
        for one in old {
            self.anchors(one.anchors(), &[]);
            self.intermediates(one.intermediates(), &[]);
        }
        for one in new {
            self.anchors(&[], one.anchors());
            self.intermediates(&[], one.intermediates());
        }
        new.len()
    }

    /// Anchors that a path may end at, in an authority that is there before and after.
    fn anchors(&mut self, old: &[AnchorEntry], new: &[AnchorEntry]) {
        let by_certificate = |entries: &[AnchorEntry]| -> BTreeMap<[u8; 32], AnchorEntry> {
            entries.iter().map(|entry| (entry.certificate().fingerprint(), entry.clone())).collect()
        };
        let (old, new) = (by_certificate(old), by_certificate(new));
        for (fingerprint, entry) in &old {
            if !new.get(fingerprint).is_some_and(|other| same_anchor(entry, other)) {
                self.touch(anchor(entry.certificate()));
                self.refusals.insert(name(entry.certificate().subject()));
            }
        }
        for entry in new.iter().filter(|(fingerprint, _)| !old.contains_key(*fingerprint)).map(|(_, entry)| entry) {
            self.touch(anchor(entry.certificate()));
            self.touch(name(entry.certificate().subject()));
        }
    }

    fn intermediates(&mut self, old: &[Certificate], new: &[Certificate]) {
        let known = |all: &[Certificate]| all.iter().map(Certificate::fingerprint).collect::<BTreeSet<_>>();
        let (old_known, new_known) = (known(old), known(new));
        for one in old.iter().filter(|one| !new_known.contains(&one.fingerprint())) {
            self.touch(intermediate(one));
            self.refusals.insert(name(one.subject()));
        }
        for one in new.iter().filter(|one| !old_known.contains(&one.fingerprint())) {
            self.touch(intermediate(one));
            self.touch(name(one.subject()));
        }
    }

    fn logs(&mut self, old: &[Log], new: &[Log]) {
        if same_logs(old, new) {
            return;
        }
        let is_in = |all: &[Log], one: &Log| all.iter().any(|other| same_log(one, other));
        let kept = |all: &[Log], others: &[Log]| {
            all.iter().filter(|one| is_in(others, one)).map(|one| one.log_id().to_vec()).collect::<Vec<_>>()
        };
        let reordered = kept(old, new) != kept(new, old);
        let differing = old.iter().filter(|one| reordered || !is_in(new, one));
        let differing = differing.chain(new.iter().filter(|one| reordered || !is_in(old, one)));
        self.touched.extend(differing.map(|one| log(one.log_id())));
    }

    /// Imported trusted roots: one that differs in anything is another. Says how many authorities are new.
    fn roots(&mut self, old: &[TrustDomain], new: &[TrustDomain]) -> usize {
        let is_in = |all: &[TrustDomain], one: &TrustDomain| all.iter().any(|other| same_root(one, other));
        let kept = |all: &[TrustDomain], others: &[TrustDomain]| {
            all.iter().filter(|one| is_in(others, one)).cloned().collect::<Vec<_>>()
        };
        let (old_kept, new_kept) = (kept(old, new), kept(new, old));
        let in_order = old_kept.len() == new_kept.len()
            && old_kept.iter().zip(&new_kept).all(|(one, other)| same_root(one, other));
        let mut added: usize = 0;
        for one in old.iter().filter(|one| !in_order || !is_in(new, one)) {
            self.root(one);
            for authority in one.authorities() {
                self.anchors(authority.anchors(), &[]);
                self.intermediates(authority.intermediates(), &[]);
            }
        }
        for one in new.iter().filter(|one| !in_order || !is_in(old, one)) {
            self.root(one);
            added = added.saturating_add(one.authorities().len());
            for authority in one.authorities() {
                self.anchors(&[], authority.anchors());
                self.intermediates(&[], authority.intermediates());
            }
        }
        added
    }

    fn root(&mut self, root: &TrustDomain) {
        self.refusals_from.push(NAMES);
        self.touched.extend(root.logs().iter().map(|one| log(one.log_id())));
        if !root.timestamp_authorities().is_empty() {
            self.touched_from.push(AUTHORITIES);
        }
    }

    /// Compromised anchors, to which paths are found and refused. Says how many authorities are new: they are one.
    fn compromised(&mut self, before: &TrustSnapshot, after: &TrustSnapshot) -> usize {
        let entries = |snapshot: &TrustSnapshot| -> Vec<AnchorEntry> {
            let revoked = snapshot.aside_anchors().iter().filter(|one| *one.why() == WhyAside::Revoked);
            revoked.map(AsideAnchor::entry).cloned().collect()
        };
        let (old, new) = (entries(before), entries(after));
        self.anchors(&old, &new);
        if old.is_empty() != new.is_empty() {
            self.refusals_from.push(NAMES);
        }
        usize::from(old.is_empty() && !new.is_empty())
    }

    /// Whoever looked for the name of a known intermediate went on to the name of its issuer.
    fn follow_names(&mut self, before: &TrustSnapshot, after: &TrustSnapshot) {
        let steps: Vec<(String, String)> = [before, after]
            .into_iter()
            .flat_map(|snapshot| snapshot.domains().iter().flat_map(TrustDomain::authorities))
            .flat_map(CertificateAuthority::intermediates)
            .map(|one| (name(one.issuer()), name(one.subject())))
            .collect();
        for names in [&mut self.touched, &mut self.refusals] {
            loop {
                let below: Vec<&String> = steps
                    .iter()
                    .filter(|(above, below)| names.contains(above) && !names.contains(below))
                    .map(|(_, below)| below)
                    .collect();
                if below.is_empty() {
                    break;
                }
                names.extend(below.into_iter().cloned());
            }
        }
    }
}

/// The keys that a signature may be by.
struct Keys<'s> {
    known: BTreeMap<KeyId, (&'s KeyEntry, Place)>,
    order: Vec<KeyId>,
}

#[derive(PartialEq, Eq)]
enum Place {
    Compromised,
    Trusted,
}

impl<'s> Keys<'s> {
    fn of(snapshot: &'s TrustSnapshot) -> Self {
        let trusted = snapshot.keys().iter().map(|entry| (entry, Place::Trusted));
        let compromised = snapshot.aside_keys().iter().filter(|one| *one.why() == WhyAside::Revoked);
        let compromised = compromised.map(|one| (one.entry(), Place::Compromised));
        let mut keys = Self { known: BTreeMap::new(), order: Vec::new() };
        for (entry, place) in trusted.chain(compromised) {
            keys.order.push(entry.key_id());
            keys.known.entry(entry.key_id()).or_insert((entry, place));
        }
        keys
    }

    /// The order of those that are among the others, too.
    fn order_of(&self, others: &Self) -> Vec<KeyId> {
        self.order.iter().filter(|id| others.known.contains_key(*id)).copied().collect()
    }
}

/// Apart from emergencies, which change what is noted and not what is decided.
fn same_key(one: &KeyEntry, other: &KeyEntry) -> bool {
    one.key_id() == other.key_id()
        && (one.label(), one.hint(), one.encoding()) == (other.label(), other.hint(), other.encoding())
        && (one.window(), one.issuer(), one.store_id()) == (other.window(), other.issuer(), other.store_id())
        && (one.scope(), one.revocation()) == (other.scope(), other.revocation())
}

fn same_aside_keys(before: &TrustSnapshot, after: &TrustSnapshot) -> bool {
    let same = |one: &AsideKey, other: &AsideKey| one.why() == other.why() && same_key(one.entry(), other.entry());
    let (old, new) = (before.aside_keys(), after.aside_keys());
    old.len() == new.len() && old.iter().zip(new).all(|(one, other)| same(one, other))
}

fn same_issuer(one: &IssuerEntry, other: &IssuerEntry) -> bool {
    (one.id(), one.identities(), one.scope()) == (other.id(), other.identities(), other.scope())
        && (one.window(), one.standing()) == (other.window(), other.standing())
}

/// Of the same certificate; names are for people, and for emergencies see [`same_key`].
fn same_anchor(one: &AnchorEntry, other: &AnchorEntry) -> bool {
    (one.window(), one.scope(), one.revocation()) == (other.window(), other.scope(), other.revocation())
}

fn same_log(one: &Log, other: &Log) -> bool {
    let facts = |log: &Log| -> (KeyId, Window) { (log.key().key_id(), log.window()) };
    one.log_id() == other.log_id()
        && one.scheme() == other.scheme()
        && one.origin() == other.origin()
        && one.name() == other.name()
        && facts(one) == facts(other)
}

fn same_logs(old: &[Log], new: &[Log]) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(one, other)| same_log(one, other))
}

fn same_clocks(old: &[TimestampAuthority], new: &[TimestampAuthority]) -> bool {
    let same = |one: &TimestampAuthority, other: &TimestampAuthority| {
        one.name() == other.name() && one.window() == other.window() && same_certificates(one.chain(), other.chain())
    };
    old.len() == new.len() && old.iter().zip(new).all(|(one, other)| same(one, other))
}

fn same_certificates(old: &[Certificate], new: &[Certificate]) -> bool {
    old.iter().map(Certificate::der).eq(new.iter().map(Certificate::der))
}

fn same_root(one: &TrustDomain, other: &TrustDomain) -> bool {
    let same_authority = |one: &CertificateAuthority, other: &CertificateAuthority| {
        let anchors = |one: &CertificateAuthority| one.anchors().len();
        let mut pairs = one.anchors().iter().zip(other.anchors());
        anchors(one) == anchors(other)
            && pairs.all(|(one, other)| one.certificate().der() == other.certificate().der() && same_anchor(one, other))
            && same_certificates(one.intermediates(), other.intermediates())
    };
    let (old, new) = (one.authorities(), other.authorities());
    one.kind() == other.kind()
        && old.len() == new.len()
        && old.iter().zip(new).all(|(one, other)| same_authority(one, other))
        && same_logs(one.logs(), other.logs())
        && same_logs(one.ct_logs(), other.ct_logs())
        && same_clocks(one.timestamp_authorities(), other.timestamp_authorities())
}

/// Every certificate that a path of a signer may have from the snapshot.
fn known_certificates(snapshot: &TrustSnapshot) -> impl Iterator<Item = &Certificate> {
    let authorities = || snapshot.domains().iter().flat_map(TrustDomain::authorities);
    let anchors = authorities().flat_map(|one| one.anchors()).map(AnchorEntry::certificate);
    let aside = snapshot.aside_anchors().iter().map(|one| one.entry().certificate());
    anchors.chain(authorities().flat_map(CertificateAuthority::intermediates)).chain(aside)
}
