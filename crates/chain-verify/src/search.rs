//! The search for a path: depth first from the leaf, likely issuers first, rules before signatures, every link verified once.
//!
//! It runs at most twice. The first run leaves a path at the first rule it breaks, and ends with the first path that breaks none.
//! If there is none, the second run goes on past broken rules (never past a signature that does not hold), so that the explanation
//! is about paths that end in an anchor where there are any. Both share the budget and the signatures verified.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use stella_crypto_providers::VerifiedBy;
use stella_vocabulary::UnixTime;

use crate::anchor::{Anchor, AnchorTerms};
use crate::budget::{Account, Work};
use crate::certificate::Certificate;
use crate::chain_error::{ChainError, Missing};
use crate::link::{self, LinkFault};
use crate::name_constraints;
use crate::outcome::{self, Reach, Search, TriedPath, VerifiedChain, Wanted};
use crate::policies::{self, ValidPolicies};
use crate::pool::{Member, Pool};
use crate::purpose::ChainPolicy;
use crate::rules::{self, Place};

/// Paths kept for the explanation.
const MAX_TRIED: usize = 32;

/// Paths that hold and are shown to whoever has rules of their own about them. A store with more anchors of one name and key has a problem.
const MAX_SHOWN: usize = 64;

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

/// How exploring a certificate ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Exploration {
    /// Nothing above it leads anywhere, whatever is below it.
    Dead,
    /// The path in `Searcher::path` is complete.
    Found,
    /// Nothing leads anywhere from this place; from another it might.
    NotHere,
}

/// Whether the key identifiers speak for an issuer. Hints: none is excluded.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Hint {
    Match,
    Silent,
    Differ,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    node: Node,
    hint: Hint,
    anchor: Option<usize>,
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
    /// Links verified in this call.
    links: Vec<(Node, Node, Result<VerifiedBy, LinkFault>)>,
    /// What is wrong with a certificate as an issuer at an index, whatever is below it: judged once, met on many paths.
    judged: BTreeMap<(Node, usize), Vec<ChainError>>,
    dead: BTreeSet<Node>,
    extra_buckets: Vec<usize>,
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
            links: Vec::new(),
            judged: BTreeMap::new(),
            dead: BTreeSet::new(),
            extra_buckets: Vec::new(),
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
        self.run = Run::Explain;
        self.path.truncate(1);
        self.dead.clear();
        self.tried.clear();
        self.tried_in_all = 0;
        self.best = None;
        if let Some(anchor) = self.leaf_as_anchor() {
            let finding = ChainError::LeafIsAnchor { anchor };
            self.record(None, Some(finding.clone()), Reach::Broken);
            return self.refuse(finding);
        }
        let outcome = self.explore();
        let best = self.best.as_ref();
        let anchored = best.is_some_and(|path| path.reach == Reach::Anchored);
        let explanation = match outcome {
            // What ends in an anchor is explained by what is wrong with it, even if other paths were not tried.
            Err(budget) if !anchored => budget,
            _ => best.and_then(TriedPath::best).cloned().unwrap_or(ChainError::NothingJudged),
        };
        self.refuse(explanation)
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
        }
    }

    fn refuse(self, best: ChainError) -> Search {
        Search {
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
        let candidates = self.candidates(child)?;
        if candidates.is_empty() {
            self.record_break(child);
            return Ok(Exploration::Dead);
        }
        let depth = self.account.path_depth();
        if self.path.len() >= depth {
            self.record(None, Some(ChainError::PathTooDeep { limit: depth }), Reach::Broken);
            return Ok(Exploration::NotHere);
        }
        let mut dead = true;
        let mut looped = 0usize;
        let found_before = self.findings.len();
        for candidate in &candidates {
            self.findings.truncate(found_before);
            let issuer = candidate.node;
            if self.is_in_path(issuer) {
                looped += 1;
                dead = false;
                continue;
            }
            if self.dead.contains(&issuer) {
                continue;
            }
            let link_may_hold = self.judge(candidate)?;
            let broken_rules = self.findings.get(found_before..).unwrap_or(&[]);
            if !link_may_hold || (self.run == Run::Find && !broken_rules.is_empty()) {
                dead &= broken_rules.iter().any(|finding| !depends_on_path(finding));
                self.record(Some(issuer), None, Reach::Broken);
                continue;
            }
            if let Err(fault) = self.verify_link(child, issuer)? {
                let finding = self.link_finding(child, issuer, candidate.hint, fault);
                self.record(Some(issuer), Some(finding), Reach::Broken);
                continue;
            }
            self.path.push(issuer);
            let outcome = match (candidate.anchor, self.run) {
                (Some(anchor), run) => match (self.process_policies(anchor), run) {
                    (Ok(policies), Run::Find) if self.is_wanted(anchor, &policies) => {
                        self.anchor = Some((anchor, policies));
                        Exploration::Found
                    }
                    (_, Run::Find) => Exploration::NotHere,
                    (policies, Run::Explain) => {
                        self.record(None, policies.err(), Reach::Anchored);
                        Exploration::NotHere
                    }
                },
                (None, _) => self.explore()?,
            };
            match outcome {
                Exploration::Found => return Ok(outcome),
                Exploration::Dead => {
                    self.dead.insert(issuer);
                }
                Exploration::NotHere => dead = false,
            }
            self.path.pop();
        }
        self.findings.truncate(found_before);
        if looped == candidates.len() {
            self.record_break(child);
        }
        Ok(if dead { Exploration::Dead } else { Exploration::NotHere })
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

    /// The certificates whose subject is the issuer of `child`, most likely first, in an order that does not depend on the order of the input.
    fn candidates(&mut self, child: Node) -> Result<Vec<Candidate>, ChainError> {
        let certificate = self.certificate(child);
        let bucket = certificate.issuer().bucket();
        if self.extra_buckets.is_empty() {
            self.extra_buckets = self.extra.iter().map(|extra| extra.subject().bucket()).collect();
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        let fits = |issuer: &Certificate| issuer.subject().matches(certificate.issuer());
        for index in self.pool.bucket(bucket) {
            let Some(member) = self.pool.member(*index).filter(|member| fits(&member.certificate)) else { continue };
            let hint = hint(certificate, &member.certificate);
            candidates.push(Candidate { node: Node::Member(*index), hint, anchor: member.anchor });
        }
        let members = candidates.len();
        for (index, issuer) in self.extra.iter().enumerate() {
            if self.extra_buckets.get(index) != Some(&bucket) || !fits(issuer) {
                continue;
            }
            let mut known = candidates.iter().take(members).map(|candidate| self.certificate(candidate.node));
            if !known.any(|known| known.is_same_as(issuer)) {
                candidates.push(Candidate { node: Node::Extra(index), hint: hint(certificate, issuer), anchor: None });
            }
        }
        self.account.take(Work::Candidates, candidates.len())?;
        if candidates.len() > 1 {
            let order = |candidate: &Candidate| (candidate.hint, candidate.anchor.is_none());
            candidates.sort_by(|a, b| {
                let der = |candidate: &Candidate| self.certificate(candidate.node).der();
                order(a).cmp(&order(b)).then_with(|| der(a).cmp(der(b)))
            });
            // The same certificate twice in `extra` is one.
            candidates.dedup_by(|later, earlier| {
                matches!(later.node, Node::Extra(_))
                    && self.certificate(later.node).is_same_as(self.certificate(earlier.node))
            });
        }
        Ok(candidates)
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
        let computed = |child: Node, issuer: Node| {
            self.links.iter().any(|(known_child, known_issuer, by)| {
                (*known_child, *known_issuer) == (child, issuer) && matches!(by, Ok(VerifiedBy::Provider))
            })
        };
        self.path.windows(2).filter(|pair| matches!(pair, [child, issuer] if computed(*child, *issuer))).count()
    }

    /// Whether `child` was signed with the key of `issuer`; known links are not verified again.
    ///
    /// # Errors
    /// Only the budget.
    fn verify_link(&mut self, child: Node, issuer: Node) -> Result<Result<VerifiedBy, LinkFault>, ChainError> {
        let (child_certificate, issuer_certificate) = (self.certificate(child), self.certificate(issuer));
        let Ok(key) = issuer_certificate.key() else { return Ok(Err(LinkFault::OtherKey)) };
        let scheme = match link::scheme_of(child_certificate, key) {
            Ok(scheme) => scheme,
            Err(fault) => return Ok(Err(fault)),
        };
        let issuer_member = self.member(issuer);
        let remembered = match (self.member(child), issuer) {
            (Some(member), Node::Member(index)) => member.link_to(index),
            _ => None,
        };
        if let Some(result) = remembered.and_then(|remembered| remembered.load()) {
            return Ok(result);
        }
        // The same key in another certificate gives the same result.
        let known = self.links.iter().find(|(known_child, known_issuer, _)| {
            *known_child == child
                && (*known_issuer == issuer
                    || self.certificate(*known_issuer).spki_der() == issuer_certificate.spki_der())
        });
        if let Some((_, _, result)) = known {
            return Ok(result.clone());
        }
        self.account.take(Work::SignatureChecks, 1)?;
        let registry = self.pool.registry();
        let verify = |prepared: &_| link::verify(child_certificate, prepared);
        let result = match issuer_member {
            Some(member) => member.keys.with(registry, scheme, key, verify),
            None => registry.prepare(scheme, key).map_err(link::unprepared).and_then(|prepared| verify(&prepared)),
        };
        if let Some(remembered) = remembered {
            remembered.store(&result);
        }
        self.links.push((child, issuer, result.clone()));
        Ok(result)
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
        let cert = self.path.len().saturating_sub(1);
        let certificate = self.certificate(child);
        let finding = ChainError::unknown_issuer(certificate, cert, missing(certificate, cert));
        self.record(None, Some(finding), Reach::Broken);
    }

    /// Keeps the path so far, with one more certificate or finding.
    fn record(&mut self, last: Option<Node>, finding: Option<ChainError>, reach: Reach) {
        self.tried_in_all = self.tried_in_all.saturating_add(1);
        let links = self.path.len().saturating_sub(1);
        // Of equals the first one: likely issuers come first.
        let merit = outcome::merit(reach, links, self.findings.iter().chain(&finding));
        let is_best = self.best.as_ref().is_none_or(|best| merit > best.merit());
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
    fn is_in_path(&self, node: Node) -> bool {
        let certificate = self.certificate(node);
        self.path
            .iter()
            .map(|other| self.certificate(*other))
            .any(|other| other.spki_der() == certificate.spki_der() && other.subject().matches(certificate.subject()))
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

fn hint(child: &Certificate, issuer: &Certificate) -> Hint {
    match (child.authority_key_identifier(), issuer.subject_key_identifier()) {
        (Some(wanted), Some(found)) if wanted == found => Hint::Match,
        (Some(_), Some(_)) => Hint::Differ,
        _ => Hint::Silent,
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
