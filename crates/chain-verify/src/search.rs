//! The search for a path: depth first from the leaf, likely issuers first, rules before signatures, every link verified once.
//!
//! Which names lead to an anchor is found out first, backwards from the anchors; the rest is never looked at. Where more than two keys may have
//! signed a certificate, the two that can have are computed from the signature, if it is one of ECDSA. What a certificate leads to is found out
//! once: nothing (dead), nothing from so far down (shallow), or something that the rest of the path decides about. So the work is bounded by the
//! certificates and not by the paths between them, except where the rules look at a whole path: length, name constraints, policies.
//!
//! It runs at most twice. The first run leaves a path at the first rule it breaks, and ends with the first path that breaks none. It is complete:
//! without an end of the budget there is no path that it missed. If there is none, the second run goes on past broken rules (never past a
//! signature that does not hold), so that the explanation is about paths that end in an anchor where there are any. Both share the signatures
//! verified; the second has a budget of its own, and decides nothing.

mod groups;
mod links;
pub(crate) mod reach;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::rc::Rc;
use alloc::vec::Vec;

use stella_crypto_providers::KeyType;
use stella_vocabulary::UnixTime;

use self::groups::{Candidate, Group, Hint, hint};
use self::links::Links;
use self::reach::Reach;
use crate::anchor::{Anchor, AnchorTerms};
use crate::budget::{Account, Budget, Work};
use crate::certificate::Certificate;
use crate::chain_error::{ChainError, Missing};
use crate::explanation::Diagnosis;
use crate::link::LinkFault;
use crate::name_constraints;
use crate::outcome::{self, Reach as Reached, Search, TriedPath, VerifiedChain, Wanted};
use crate::policies::{self, ValidPolicies};
use crate::pool::{Member, Pool};
use crate::purpose::ChainPolicy;
use crate::rules::{self, Place};

/// Paths kept for the explanation.
const MAX_TRIED: usize = 32;

/// Paths that hold and are shown to whoever has rules of their own about them. A store with more anchors of one name and key has a problem.
const MAX_SHOWN: usize = 64;

/// More work than an explanation is worth: it shows [`MAX_TRIED`] paths.
const EXPLANATION: Budget = Budget {
    candidates: 1_000,
    name_constraint_comparisons: 20_000,
    path_depth: usize::MAX,
    signature_checks: 64,
    signature_effort: 640,
};

/// With more keys that may have signed, it is cheaper to compute which ones can have.
const MAX_TRIED_KEYS: usize = 2;

/// A certificate the search may use.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Node {
    Leaf,
    Member(usize),
    Extra(usize),
}

/// What a run looks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Run {
    /// A path without findings.
    Find,
    /// The paths with their findings.
    Explain,
}

/// How exploring a certificate ended; of several the greatest counts.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Exploration {
    /// Nothing above it leads anywhere, whatever is below it.
    Dead,
    /// Nothing leads anywhere from so far down, or it leads back into the path, which is longer than the way it leads back to.
    Shallow,
    /// Nothing leads anywhere from this path; from another it might.
    NotHere,
    /// The path in `Searcher::path` is complete.
    Found,
}

pub(crate) struct Searcher<'a> {
    pool: &'a Pool,
    leaf: &'a Certificate,
    extra: &'a [Certificate],
    at: &'a [UnixTime],
    policy: &'a ChainPolicy,
    account: Account,
    run: Run,
    /// The path so far, leaf first.
    path: Vec<Node>,
    /// What is wrong with it so far.
    findings: Vec<ChainError>,
    links: Links<'a>,
    /// What is wrong with a certificate as an issuer at an index, whatever is below it: judged once, met on many paths.
    judged: BTreeMap<(Node, usize), Vec<ChainError>>,
    dead: BTreeSet<Node>,
    /// Certificates that led nowhere from paths of this length on, themselves included.
    shallow: BTreeMap<Node, usize>,
    /// Whether a rule about whole paths has refused one. Then what is shallow may be good elsewhere: it may have led back to a certificate from
    /// which the way on was refused for what was below.
    path_rules_mattered: bool,
    reach: Reach,
    /// Indices of `extra` by the bucket of the subject.
    extra_by_subject: BTreeMap<usize, Vec<usize>>,
    groups: BTreeMap<usize, Rc<Vec<Group<'a>>>>,
    tried: Vec<TriedPath>,
    tried_in_all: usize,
    /// The path that explains best, which may not be among those kept.
    best: Option<TriedPath>,
    /// Where the path ends, and what it is valid for.
    anchor: Option<(usize, ValidPolicies)>,
    wanted: Option<&'a mut dyn FnMut(&VerifiedChain) -> Wanted>,
    /// The first path that holds and was not wanted, and how many there were.
    unwanted: Option<VerifiedChain>,
    shown: usize,
}

impl<'a> Searcher<'a> {
    pub(crate) fn new(
        pool: &'a Pool,
        leaf: &'a Certificate,
        extra: &'a [Certificate],
        at: &'a [UnixTime],
        policy: &'a ChainPolicy,
    ) -> Self {
        let mut extra_by_subject: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, certificate) in extra.iter().enumerate() {
            extra_by_subject.entry(certificate.subject().bucket()).or_default().push(index);
        }
        Self {
            pool,
            leaf,
            extra,
            at,
            policy,
            account: Account::new(policy.budget),
            run: Run::Find,
            path: Vec::with_capacity(4),
            findings: Vec::new(),
            links: Links::default(),
            judged: BTreeMap::new(),
            dead: BTreeSet::new(),
            shallow: BTreeMap::new(),
            path_rules_mattered: false,
            reach: Reach::with_extra(pool, extra),
            extra_by_subject,
            groups: BTreeMap::new(),
            tried: Vec::new(),
            tried_in_all: 0,
            best: None,
            anchor: None,
            wanted: None,
            unwanted: None,
            shown: 0,
        }
    }

    /// Asks about each path that holds whether it is wanted.
    pub(crate) fn asking(mut self, wanted: &'a mut dyn FnMut(&VerifiedChain) -> Wanted) -> Self {
        self.wanted = Some(wanted);
        self
    }

    pub(crate) fn run(mut self) -> Search {
        if self.at.is_empty() {
            return self.refuse(ChainError::NothingJudged);
        }
        self.path.push(Node::Leaf);
        rules::judge_leaf(self.leaf, self.policy, self.at, &mut self.findings);
        if self.findings.is_empty() {
            match self.explore() {
                Ok(Exploration::Found) => return self.accept(),
                Ok(_) => {}
                Err(budget) => return self.refuse(budget),
            }
        }
        if let Some(chain) = self.unwanted.take() {
            return self.found(chain);
        }
        self.explain()
    }

    /// Why there is no path, which is certain.
    fn explain(mut self) -> Search {
        self.run = Run::Explain;
        self.account.leave(EXPLANATION);
        self.path.truncate(1);
        self.dead.clear();
        self.shallow.clear();
        self.path_rules_mattered = false;
        self.tried.clear();
        self.tried_in_all = 0;
        self.best = None;
        if let Some(anchor) = self.leaf_as_anchor() {
            let finding = ChainError::LeafIsAnchor { anchor };
            self.record(None, Some(finding.clone()), Reached::Broken);
            return self.refuse(finding);
        }
        let of_leaf = self.findings.len();
        let is_whole = self.explore().is_ok();
        let best = match &self.best {
            Some(best) if is_whole || best.reach == Reached::Anchored => best.best().cloned(),
            // Where the budget of the explanation ends, what is certain is that the signatures hold up to here, and nobody who leads on was found.
            best => {
                let (certificate, cert) = match best {
                    Some(best) => (best.certificates.get(best.links).unwrap_or(self.leaf), best.links),
                    None => (self.leaf, 0),
                };
                Some(ChainError::unknown_issuer(certificate, cert, missing(certificate, cert)))
            }
        };
        let best = best.unwrap_or(ChainError::NothingJudged);
        if self.tried.is_empty() {
            self.path.truncate(1);
            self.findings.truncate(of_leaf);
            self.record(None, Some(best.clone()), Reached::Broken);
        }
        self.refuse(best)
    }

    fn accept(mut self) -> Search {
        let certificates: Vec<_> = self.path.iter().map(|node| self.certificate(*node).clone()).collect();
        let computed_links = self.computed_links();
        let verified = match self.anchor.take() {
            Some((anchor, policies)) if certificates.len() > 1 => {
                VerifiedChain::new(certificates, anchor, computed_links, policies)
            }
            _ => return self.refuse(ChainError::NothingJudged),
        };
        self.found(verified)
    }

    fn found(self, chain: VerifiedChain) -> Search {
        Search {
            verified: Some(chain),
            tried: self.tried,
            tried_in_all: self.tried_in_all,
            spent: self.account.spent(),
            best: None,
            diagnosis: None,
        }
    }

    fn refuse(self, best: ChainError) -> Search {
        let diagnosis = self.best.as_ref().map_or(Diagnosis::Other, |path| Diagnosis::of(path, &best));
        Search {
            diagnosis: Some(diagnosis),
            verified: None,
            tried: self.tried,
            tried_in_all: self.tried_in_all,
            spent: self.account.spent(),
            best: Some(best),
        }
    }

    /// Looks for the issuer of the last certificate of the path, and on from there.
    fn explore(&mut self) -> Result<Exploration, ChainError> {
        let Some(&child) = self.path.last() else { return Ok(Exploration::Dead) };
        let depth = self.account.path_depth();
        let issuer_name = self.certificate(child).issuer().bucket();
        if self.run == Run::Find {
            match self.reach.distance(Some(self.pool.reach()), issuer_name) {
                None => {
                    self.record_break(child);
                    return Ok(Exploration::Dead);
                }
                Some(above) if self.path.len().saturating_add(above) > depth => {
                    self.record(None, Some(ChainError::PathTooDeep { limit: depth }), Reached::Broken);
                    return Ok(Exploration::Shallow);
                }
                Some(_) => {}
            }
        }
        let groups = self.groups(issuer_name);
        let order = self.order(child, &groups)?;
        if order.is_empty() {
            self.record_break(child);
            return Ok(Exploration::Dead);
        }
        if self.path.len() >= depth {
            self.record(None, Some(ChainError::PathTooDeep { limit: depth }), Reached::Broken);
            return Ok(Exploration::Shallow);
        }
        let mut outcome = Exploration::Dead;
        let mut looped = 0usize;
        for group in order.iter().filter_map(|index| groups.get(*index)) {
            if self.is_in_path(group) {
                looped += 1;
                outcome = outcome.max(Exploration::Shallow);
                continue;
            }
            outcome = outcome.max(self.explore_group(child, group)?);
            if outcome == Exploration::Found {
                return Ok(outcome);
            }
        }
        if looped == order.len() {
            self.record_break(child);
        }
        Ok(outcome)
    }

    /// Goes on from the last certificate of the path, `child`, to each of a name and key.
    fn explore_group(&mut self, child: Node, group: &Group<'a>) -> Result<Exploration, ChainError> {
        let found_before = self.findings.len();
        let length = self.path.len().saturating_add(1);
        let mut outcome = Exploration::Dead;
        let mut link = None;
        for (hint, candidate) in self.members(child, group) {
            let issuer = candidate.node;
            self.findings.truncate(found_before);
            if self.dead.contains(&issuer) {
                continue;
            }
            if !self.path_rules_mattered && self.shallow.get(&issuer).is_some_and(|from| length >= *from) {
                outcome = outcome.max(Exploration::Shallow);
                continue;
            }
            self.account.take(Work::Candidates, 1)?;
            let link_may_hold = self.judge(&candidate)?;
            let broken_rules = self.findings.get(found_before..).unwrap_or(&[]);
            if !link_may_hold || (self.run == Run::Find && !broken_rules.is_empty()) {
                if !broken_rules.is_empty() && broken_rules.iter().all(depends_on_path) {
                    self.path_rules_mattered = true;
                    outcome = Exploration::NotHere;
                }
                self.record(Some(issuer), None, Reached::Broken);
                continue;
            }
            if link.is_none() {
                link = Some(self.verify_link(child, issuer)?);
            }
            if let Some(Err(fault)) = &link {
                let finding = self.link_finding(child, issuer, hint, fault.clone());
                self.record(Some(issuer), Some(finding), Reached::Broken);
                if self.run == Run::Find {
                    break;
                }
                continue;
            }
            self.path.push(issuer);
            let above = match candidate.anchor {
                Some(anchor) => self.arrive(anchor),
                None => self.explore()?,
            };
            match above {
                Exploration::Found => return Ok(above),
                Exploration::Dead => {
                    self.dead.insert(issuer);
                }
                Exploration::Shallow => {
                    let from = self.shallow.entry(issuer).or_insert(length);
                    *from = length.min(*from);
                }
                Exploration::NotHere => {}
            }
            outcome = outcome.max(above);
            self.path.pop();
        }
        self.findings.truncate(found_before);
        Ok(outcome)
    }

    /// Judges the path, which ends in an anchor, as a whole.
    fn arrive(&mut self, anchor: usize) -> Exploration {
        match (self.process_policies(anchor), self.run) {
            (Ok(policies), Run::Find) if self.is_wanted(anchor, &policies) => {
                self.anchor = Some((anchor, policies));
                Exploration::Found
            }
            (_, Run::Find) => {
                self.path_rules_mattered = true;
                Exploration::NotHere
            }
            (policies, Run::Explain) => {
                self.record(None, policies.err(), Reached::Anchored);
                Exploration::NotHere
            }
        }
    }

    /// What the path so far, which ends in an anchor, is valid for.
    fn process_policies(&self, anchor: usize) -> Result<ValidPolicies, ChainError> {
        let path: Vec<_> = self.path.iter().map(|node| self.certificate(*node)).collect();
        let terms = self.pool.anchors().get(anchor).map_or(AnchorTerms::Everything, Anchor::terms);
        let anchor_policies =
            if terms.bind_constraints() { policies::AnchorPolicies::Apply } else { policies::AnchorPolicies::Ignore };
        policies::process(&path, &self.policy.policies, anchor_policies)
    }

    /// Whether the path so far, which ends in an anchor and holds, is what is being looked for.
    fn is_wanted(&mut self, anchor: usize, policies: &ValidPolicies) -> bool {
        if self.wanted.is_none() || self.shown >= MAX_SHOWN {
            return self.wanted.is_none();
        }
        let certificates: Vec<_> = self.path.iter().map(|node| self.certificate(*node).clone()).collect();
        let computed_links = self.computed_links();
        let Some(wanted) = &mut self.wanted else { return true };
        let chain = VerifiedChain::new(certificates, anchor, computed_links, policies.clone());
        self.shown += 1;
        match wanted(&chain) {
            Wanted::Yes => true,
            Wanted::IfNoOther => {
                self.unwanted.get_or_insert(chain);
                false
            }
        }
    }

    /// The certificates whose subject has this bucket, put together at first use.
    fn groups(&mut self, bucket: usize) -> Rc<Vec<Group<'a>>> {
        let (pool, extra) = (self.pool, self.extra);
        let of_extra = self.extra_by_subject.get(&bucket).map_or(&[][..], Vec::as_slice);
        let groups =
            self.groups.entry(bucket).or_insert_with(|| Rc::new(groups::of_bucket(pool, extra, of_extra, bucket)));
        Rc::clone(groups)
    }

    /// Which of `groups` may have issued `child`, most likely first.
    fn order(&mut self, child: Node, groups: &[Group<'a>]) -> Result<Vec<usize>, ChainError> {
        let issuer = self.certificate(child).issuer();
        let mut order: Vec<usize> =
            (0..groups.len()).filter(|at| groups.get(*at).is_some_and(|group| group.subject.matches(issuer))).collect();
        if order.len() <= 1 {
            return Ok(order);
        }
        for curve in [KeyType::EcP256, KeyType::EcP384, KeyType::EcP521] {
            let on_curve = order.iter().filter_map(|at| groups.get(*at)).filter(|group| group.curve == Some(curve));
            if on_curve.count() > MAX_TRIED_KEYS {
                self.narrow(child, curve)?;
            }
        }
        let rank = |at: usize| {
            groups.get(at).map(|group| {
                let ruled_out = self.links.is_ruled_out(child, group.curve, group.spki);
                let best = group
                    .members
                    .iter()
                    .map(|candidate| (self.hint(child, candidate), candidate.anchor.is_none()))
                    .min();
                (ruled_out, best, at)
            })
        };
        order.sort_by_cached_key(|at| rank(*at));
        if self.run == Run::Find {
            // One of those that did not sign is kept, to say so.
            let possible = order.iter().filter_map(|at| groups.get(*at));
            let possible =
                possible.take_while(|group| !self.links.is_ruled_out(child, group.curve, group.spki)).count();
            order.truncate(possible.max(1));
        }
        Ok(order)
    }

    /// The members of a group, most likely first.
    fn members(&self, child: Node, group: &Group<'a>) -> Vec<(Hint, Candidate)> {
        let with_hint = |candidate: &Candidate| (self.hint(child, candidate), *candidate);
        let mut members: Vec<_> = group.members.iter().map(with_hint).collect();
        // Stable: anchors are first of those with one hint.
        members.sort_by_key(|(hint, _)| *hint);
        members
    }

    fn hint(&self, child: Node, candidate: &Candidate) -> Hint {
        hint(self.certificate(child), self.certificate(candidate.node))
    }

    /// Applies the rules to a possible issuer, as the next certificate of the path. Says whether a signature with its key can be
    /// verified at all.
    fn judge(&mut self, candidate: &Candidate) -> Result<bool, ChainError> {
        let issuer = self.certificate(candidate.node);
        let cert = self.path.len();
        let intermediates_below =
            self.path.iter().skip(1).filter(|node| !self.certificate(**node).is_self_issued()).count();
        let anchor: Option<&Anchor> = candidate.anchor.and_then(|index| self.pool.anchors().get(index));
        let alone = self.judged.entry((candidate.node, cert)).or_insert_with(|| {
            let mut alone = Vec::new();
            rules::judge_issuer(issuer, Place { cert, anchor }, self.policy, self.at, &mut alone);
            alone
        });
        self.findings.extend(alone.iter().cloned());
        if self.run == Run::Find && !alone.is_empty() {
            return Ok(false);
        }
        if anchor.is_some_and(|anchor| !anchor.terms().bind_constraints()) {
            return Ok(issuer.key().is_ok());
        }
        rules::judge_length_below(issuer, cert, intermediates_below, &mut self.findings);
        if let Some(constraints) = &issuer.known().name_constraints {
            for below in 0..cert {
                let Some(certificate) = self.path.get(below).map(|node| self.certificate(*node)) else { continue };
                // RFC 5280 §6.1.3(b): not for self-issued certificates, "unless it is the final certificate in the path".
                if below > 0 && certificate.is_self_issued() {
                    continue;
                }
                match name_constraints::check(certificate, below, constraints, cert, &mut self.account) {
                    Ok(()) => {}
                    Err(budget @ ChainError::BudgetExceeded { .. }) => return Err(budget),
                    Err(finding) => self.findings.push(finding),
                }
            }
        }
        Ok(issuer.key().is_ok())
    }

    /// How many links of the path were computed in this call.
    fn computed_links(&self) -> usize {
        let computed = |child: Node, issuer: Node| self.links.was_computed(child, self.certificate(issuer).spki_der());
        self.path.windows(2).filter(|pair| matches!(pair, [child, issuer] if computed(*child, *issuer))).count()
    }

    fn link_finding(&self, child: Node, issuer: Node, hint: Hint, fault: LinkFault) -> ChainError {
        let (certificate, cert) = (self.certificate(child), self.path.len().saturating_sub(1));
        match fault {
            // The issuer names the key it signed with, and this is another: the certificate is not the one that is damaged.
            LinkFault::OtherKey if hint == Hint::Differ => {
                ChainError::unknown_issuer(certificate, cert, Missing::OtherKey)
            }
            LinkFault::OtherKey => {
                debug_assert!(child != issuer);
                ChainError::signature_invalid(certificate, cert)
            }
            LinkFault::ProviderFailed(error) => ChainError::SignatureNotJudged { cert, error },
            LinkFault::Unavailable(error) => ChainError::AlgorithmUnavailable { cert, error },
            LinkFault::Unsupported(error) => ChainError::SignatureAlgorithmUnsupported { cert, error },
            LinkFault::Weak(error) => ChainError::SignatureAlgorithmWeak { cert, error },
        }
    }

    fn record_break(&mut self, child: Node) {
        if self.run == Run::Find && self.tried.len() >= MAX_TRIED {
            self.tried_in_all = self.tried_in_all.saturating_add(1);
            return;
        }
        let cert = self.path.len().saturating_sub(1);
        let certificate = self.certificate(child);
        let finding = ChainError::unknown_issuer(certificate, cert, missing(certificate, cert));
        self.record(None, Some(finding), Reached::Broken);
    }

    /// Keeps the path so far, with one more certificate or finding.
    fn record(&mut self, last: Option<Node>, finding: Option<ChainError>, reach: Reached) {
        self.tried_in_all = self.tried_in_all.saturating_add(1);
        let links = self.path.len().saturating_sub(1);
        // Of equals the first one: likely issuers come first.
        let merit = outcome::merit(reach, links, self.findings.iter().chain(&finding));
        let is_best = self.run == Run::Explain && self.best.as_ref().is_none_or(|best| merit > best.merit());
        if !is_best && self.tried.len() >= MAX_TRIED {
            return;
        }
        let certificates = self.path.iter().copied().chain(last).map(|node| self.certificate(node).clone()).collect();
        let findings = self.findings.iter().cloned().chain(finding).collect();
        let path = TriedPath { certificates, findings, reach, links };
        if is_best {
            self.best = Some(path.clone());
        }
        if self.tried.len() < MAX_TRIED {
            self.tried.push(path);
        }
    }

    /// Whether a certificate with this subject and key is in the path already: RFC 5280 §6.1 has each at most once, and with
    /// it nothing goes round in circles.
    fn is_in_path(&self, group: &Group<'a>) -> bool {
        self.path
            .iter()
            .map(|other| self.certificate(*other))
            .any(|other| other.spki_der() == group.spki && other.subject().matches(group.subject))
    }

    fn leaf_as_anchor(&self) -> Option<usize> {
        let members =
            self.pool.bucket(self.leaf.subject().bucket()).iter().filter_map(|index| self.pool.member(*index));
        members.filter(|member| member.certificate.is_same_as(self.leaf)).find_map(|member| member.anchor)
    }

    fn certificate(&self, node: Node) -> &'a Certificate {
        let found = match node {
            Node::Leaf => None,
            Node::Member(index) => self.pool.member(index).map(|member| &member.certificate),
            Node::Extra(index) => self.extra.get(index),
        };
        // Nodes are made from indices of these lists only.
        found.unwrap_or(self.leaf)
    }

    fn member(&self, node: Node) -> Option<&'a Member> {
        match node {
            Node::Member(index) => self.pool.member(index),
            _ => None,
        }
    }
}

/// Whether a finding about an issuer would not be there in another path.
fn depends_on_path(finding: &ChainError) -> bool {
    matches!(
        finding,
        ChainError::NameConstraintUnsupported { .. }
            | ChainError::NameConstraintViolation { .. }
            | ChainError::PathLengthExceeded { .. }
    )
}

/// What would close the gap above `certificate`, the last one of a path, at index `cert`.
fn missing(certificate: &Certificate, cert: usize) -> Missing {
    let names_a_root = || certificate.issuer().beginning().to_ascii_lowercase().contains("root");
    if cert > 0 || names_a_root() || certificate.is_self_issued() { Missing::Anchor } else { Missing::Intermediate }
}
