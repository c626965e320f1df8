//! Certificate policies along a path: the valid policy graph. RFC 5280 §6.1 as RFC 9618 changes it.
//!
//! Nodes are (depth, policy), so their number is linear in the policies and mappings of the certificates; the tree of RFC 5280 grows with
//! their product (CVE-2023-0464).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;

use crate::certificate::Certificate;
use crate::chain_error::ChainError;
use crate::oid::Oid;

const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

/// The inputs of path validation that are about certificate policies. RFC 5280 §6.1.1(c), (e), (f), (g).
///
/// Cloning is cheap.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InitialPolicies {
    /// `None` is any-policy.
    user: Option<Arc<BTreeSet<ObjectIdentifier>>>,
    explicit: Initially,
    mapping: Initially,
    any: Initially,
}

/// When a rule begins to hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Initially {
    /// From the start, as the caller says.
    InForce,
    /// When an authority says so.
    Open,
}

impl InitialPolicies {
    /// Any policy is acceptable, also none, as long as no authority requires one.
    pub fn any() -> Self {
        Self { user: None, explicit: Initially::Open, mapping: Initially::Open, any: Initially::Open }
    }

    /// These policies (dotted decimal) and no others are acceptable: the user-initial-policy-set. Whether a path needs one at all says
    /// [`InitialPolicies::require_explicit`], or an authority. `2.5.29.32.0` among them is any policy; none at all is acceptable nowhere
    /// one is required. `None` if one of the texts is no object identifier.
    pub fn acceptable<T: AsRef<str>>(policies: &[T]) -> Option<Self> {
        let user: BTreeSet<_> =
            policies.iter().map(|policy| ObjectIdentifier::new(policy.as_ref())).collect::<Result<_, _>>().ok()?;
        let user = (!user.contains(&ANY_POLICY)).then(|| Arc::new(user));
        Some(Self { user, ..Self::any() })
    }

    /// And each path must be valid for one of them: initial-explicit-policy.
    #[must_use]
    pub fn require_explicit(mut self) -> Self {
        self.explicit = Initially::InForce;
        self
    }

    /// And no authority may map one policy to another: initial-policy-mapping-inhibit.
    #[must_use]
    pub fn inhibit_mapping(mut self) -> Self {
        self.mapping = Initially::InForce;
        self
    }

    /// And anyPolicy in a certificate stands for none: initial-any-policy-inhibit.
    #[must_use]
    pub fn inhibit_any(mut self) -> Self {
        self.any = Initially::InForce;
        self
    }
}

/// The policies that a path is valid for and that are acceptable: the user-constrained-policy-set, in the terms of the anchor's domain.
/// RFC 5280 §6.1.5(g).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ValidPolicies {
    named: Vec<String>,
    any: Beyond,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Beyond {
    Every,
    None,
}

impl ValidPolicies {
    /// The policies by name, dotted decimal, in the order of their encodings.
    pub fn named(&self) -> &[String] {
        &self.named
    }

    /// Whether the path is valid for every other policy as well.
    pub fn includes_any(&self) -> bool {
        self.any == Beyond::Every
    }

    /// Whether the path is valid for no policy at all, which is no fault where none is required.
    pub fn is_empty(&self) -> bool {
        self.named.is_empty() && self.any == Beyond::None
    }
}

/// One depth of the graph. Policies are contents of OBJECT IDENTIFIERs.
#[derive(Default)]
struct Level<'a> {
    any: bool,
    nodes: BTreeMap<&'a [u8], Node<'a>>,
}

#[derive(Default)]
struct Node<'a> {
    /// The nodes of the depth above; none if that is its anyPolicy.
    parents: Vec<&'a [u8]>,
    is_mapped: bool,
    is_reachable: bool,
}

impl Level<'_> {
    fn is_empty(&self) -> bool {
        !self.any && self.nodes.is_empty()
    }
}

/// What authorities have said so far: after how many more certificates something holds. RFC 5280 §6.1.2(d), (e), (f).
struct Counters {
    explicit: usize,
    mapping: usize,
    any: usize,
    /// Who made `explicit` what it is.
    explicit_by: Option<usize>,
}

impl Counters {
    fn count_down(&mut self) {
        for counter in [&mut self.explicit, &mut self.mapping, &mut self.any] {
            *counter = counter.saturating_sub(1);
        }
    }

    /// RFC 5280 §6.1.4(i) and (j).
    fn apply(&mut self, certificate: &Certificate, cert: usize) {
        let lower = |counter: &mut usize, skip: Option<u32>| {
            let skip = skip.and_then(|skip| usize::try_from(skip).ok()).filter(|skip| *skip < *counter);
            skip.is_some_and(|skip| {
                *counter = skip;
                true
            })
        };
        let known = certificate.known();
        if let Some(constraints) = known.policy_constraints {
            if lower(&mut self.explicit, constraints.require_explicit_policy) {
                self.explicit_by = Some(cert);
            }
            lower(&mut self.mapping, constraints.inhibit_policy_mapping);
        }
        lower(&mut self.any, known.inhibit_any_policy);
    }
}

/// Whether the anchor's own extensions take part. RFC 5937 §3.2.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum AnchorPolicies {
    Apply,
    Ignore,
}

/// Processes the policies of a path, `path` leaf first and anchor last.
///
/// # Errors
/// [`ChainError::NoValidPolicy`] where one is required, and [`ChainError::PolicyMappingOfAny`].
pub(crate) fn process(
    path: &[&Certificate],
    initial: &InitialPolicies,
    anchor_policies: AnchorPolicies,
) -> Result<ValidPolicies, ChainError> {
    let Some((anchor, below)) = path.split_last() else { return Err(ChainError::NothingJudged) };
    let anchor_counts = anchor_policies == AnchorPolicies::Apply && anchor.has_policies();
    // Most paths say nothing about policies; then there is nothing to allocate.
    let is_silent = !anchor_counts && below.iter().all(|certificate| !certificate.has_policies());
    if is_silent && initial.explicit == Initially::Open {
        return Ok(ValidPolicies { named: Vec::new(), any: Beyond::None });
    }
    // Beyond the end of the path, so that it has no effect.
    let never = path.len().saturating_add(1);
    let first = |initially| if initially == Initially::InForce { 0 } else { never };
    let mut counters = Counters {
        explicit: first(initial.explicit),
        mapping: first(initial.mapping),
        any: first(initial.any),
        explicit_by: None,
    };
    let mut level = Level { any: true, ..Level::default() };
    let mut levels = Vec::with_capacity(path.len());
    let anchor_at = below.len();
    if anchor_counts {
        // An anchor that names no policies is good for any: it is trusted as it stands, unlike a certificate that somebody issued.
        if anchor.known().policies.is_some() {
            intersect(anchor, &mut level, counters.any > 0);
        }
        let next = map(anchor, anchor_at, &mut level, counters.mapping > 0)?;
        levels.push(core::mem::replace(&mut level, next));
        counters.apply(anchor, anchor_at);
    }
    for (cert, certificate) in below.iter().enumerate().rev() {
        let is_exempt = cert > 0 && certificate.is_self_issued();
        intersect(certificate, &mut level, counters.any > 0 || is_exempt);
        if counters.explicit == 0 && level.is_empty() {
            return Err(ChainError::NoValidPolicy { cert, required_by: counters.explicit_by });
        }
        let next = if cert > 0 { map(certificate, cert, &mut level, counters.mapping > 0)? } else { Level::default() };
        levels.push(core::mem::replace(&mut level, next));
        if !is_exempt {
            counters.count_down();
        }
        counters.apply(certificate, cert);
    }
    let valid = user_constrained(&mut levels, initial.user.as_deref());
    if counters.explicit == 0 && valid.is_empty() {
        return Err(ChainError::NoValidPolicy { cert: 0, required_by: counters.explicit_by });
    }
    Ok(valid)
}

/// RFC 5280 §6.1.3(d) and (e): what was expected, and is in the certificate.
fn intersect<'a>(certificate: &'a Certificate, level: &mut Level<'a>, any_counts: bool) {
    let Some(policies) = certificate.policies() else {
        *level = Level::default();
        return;
    };
    let policies: BTreeSet<&[u8]> = policies.collect();
    let expected_any = level.any;
    if !any_counts || !policies.contains(ANY_POLICY.as_bytes()) {
        level.nodes.retain(|policy, _| policies.contains(policy));
        level.any = false;
    }
    if expected_any {
        for policy in policies.into_iter().filter(|policy| *policy != ANY_POLICY.as_bytes()) {
            level.nodes.entry(policy).or_default();
        }
    }
}

/// RFC 5280 §6.1.4(a) and (b): what is expected of the next certificate.
fn map<'a>(
    certificate: &'a Certificate,
    cert: usize,
    level: &mut Level<'a>,
    mapping_counts: bool,
) -> Result<Level<'a>, ChainError> {
    let mut next = Level { any: level.any, ..Level::default() };
    for (issuer, subject) in certificate.policy_mappings() {
        if issuer == ANY_POLICY.as_bytes() || subject == ANY_POLICY.as_bytes() {
            return Err(ChainError::PolicyMappingOfAny { cert });
        }
        if !mapping_counts {
            level.nodes.remove(issuer);
            continue;
        }
        if level.any || level.nodes.contains_key(issuer) {
            level.nodes.entry(issuer).or_default().is_mapped = true;
            next.nodes.entry(subject).or_default().parents.push(issuer);
        }
    }
    for policy in level.nodes.iter().filter(|(_, node)| !node.is_mapped).map(|(policy, _)| *policy) {
        next.nodes.entry(policy).or_default().parents.push(policy);
    }
    Ok(next)
}

/// RFC 5280 §6.1.5(g), without taking the graph apart: what is reachable from its last depth and stands below an anyPolicy.
fn user_constrained(levels: &mut [Level<'_>], user: Option<&BTreeSet<ObjectIdentifier>>) -> ValidPolicies {
    let Some(last) = levels.last_mut() else { return ValidPolicies { named: Vec::new(), any: Beyond::None } };
    let ends_in_any = last.any;
    last.nodes.values_mut().for_each(|node| node.is_reachable = true);
    let mut valid: BTreeSet<&[u8]> = BTreeSet::new();
    let mut rest = levels;
    while let Some((level, above)) = rest.split_last_mut() {
        for (policy, node) in level.nodes.iter().filter(|(_, node)| node.is_reachable) {
            if node.parents.is_empty() {
                valid.insert(policy);
            }
            if let Some(above) = above.last_mut() {
                for parent in &node.parents {
                    if let Some(parent) = above.nodes.get_mut(parent) {
                        parent.is_reachable = true;
                    }
                }
            }
        }
        rest = above;
    }
    let any = if ends_in_any && user.is_none() { Beyond::Every } else { Beyond::None };
    if let Some(user) = user {
        let user: BTreeSet<&[u8]> = user.iter().map(ObjectIdentifier::as_bytes).collect();
        if ends_in_any {
            valid = user;
        } else {
            valid.retain(|policy| user.contains(policy));
        }
    }
    ValidPolicies { named: valid.into_iter().map(|policy| Oid::from_checked(policy).dotted()).collect(), any }
}
