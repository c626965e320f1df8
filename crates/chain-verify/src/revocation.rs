//! Whether the certificates of a path are revoked, by lists that are at hand. RFC 5280 §6.3; nothing is fetched.

pub(crate) mod block_list;
pub(crate) mod list;
pub(crate) mod list_error;

use alloc::vec::Vec;

use stella_vocabulary::UnixTime;
use stella_vocabulary::hex::Hex;

use self::block_list::BlockList;
use self::list::{Entry, Holders, Issuers, RevocationList, RevocationReason};
use crate::anchor::{Anchor, AnchorTerms};
use crate::budget::{Account, Work};
use crate::certificate::Certificate;
use crate::chain_error::{ChainError, ListFault, RevocationGap, shown};
use crate::extension::distribution_point::{self, DistributionPoint, PointName, Reasons};
use crate::extension::key_usage::KeyUse;
use crate::general_name::GeneralName;
use crate::link::{self, LinkFault};
use crate::outcome::{Search, VerifiedChain, Wanted};
use crate::pool::Pool;
use crate::purpose::{ChainPolicy, Purpose, Rules};

/// How deep the certificates of list issuers may hang on lists of other issuers. RFC 5280 knows one level in practice.
const MAX_NESTING: usize = 3;

/// What becomes of a certificate of which nobody says whether it is revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnknownStatus {
    /// It passes. A list that says it is revoked still refuses it.
    Allow,
    /// It is refused.
    Deny,
}

/// What is known about revocation: lists of authorities, and a list of one's own.
#[derive(Clone, Debug)]
pub struct Revocation {
    lists: Vec<RevocationList>,
    list_issuers: Vec<Certificate>,
    unknown: UnknownStatus,
    max_age: Option<i64>,
    blocked: BlockList,
}

impl Revocation {
    /// Knows nothing yet.
    pub fn new(unknown: UnknownStatus) -> Self {
        Self { lists: Vec::new(), list_issuers: Vec::new(), unknown, max_age: None, blocked: BlockList::new() }
    }

    /// With these lists, in any order: complete ones, for some certificates or reasons only, indirect ones, and deltas.
    #[must_use]
    pub fn with_lists(mut self, lists: Vec<RevocationList>) -> Self {
        self.lists = lists;
        self
    }

    /// With certificates of issuers of lists that are neither in the path nor beside it. Each needs a path to the same anchor.
    #[must_use]
    pub fn with_list_issuers(mut self, certificates: Vec<Certificate>) -> Self {
        self.list_issuers = certificates;
        self
    }

    /// Lists older than so many seconds do not count. A list that does not say when there is a newer one counts only with such a limit.
    #[must_use]
    pub fn with_max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(i64::from(seconds));
        self
    }

    /// With keys and certificates that must not be used here.
    #[must_use]
    pub fn with_block_list(mut self, blocked: BlockList) -> Self {
        self.blocked = blocked;
        self
    }

    /// Judges every certificate of `chain` below its anchor by the lists that are current `at`, and every one by the block list.
    ///
    /// `beside` is what came with the signature; issuers of lists may be in it. `policy` is the one the path was found by, its budget of
    /// signature checks counts for all lists together.
    ///
    /// # Errors
    /// [`ChainError::Blocked`], [`ChainError::Revoked`]; under [`UnknownStatus::Deny`] also [`ChainError::RevocationUnknown`],
    /// [`ChainError::RevocationListUntrusted`]; the budget.
    pub fn check(
        &self,
        pool: &Pool,
        chain: &VerifiedChain,
        beside: &[Certificate],
        at: UnixTime,
        policy: &ChainPolicy,
    ) -> Result<(), ChainError> {
        let blocked = |(cert, certificate): (usize, &Certificate)| {
            self.blocked.find(certificate).map(|by| ChainError::Blocked { cert, by })
        };
        if let Some(blocked) = chain.certificates().iter().enumerate().find_map(blocked) {
            return Err(blocked);
        }
        let mut judge = Judge {
            revocation: self,
            pool,
            beside,
            at,
            policy,
            account: Account::new(policy.budget),
            asked: Vec::new(),
        };
        judge.judge_chain(chain)
    }
}

impl Pool {
    /// As [`Pool::search`] at one instant, for a path of which no certificate is revoked: a path with one that is, or may be, is left for
    /// another one.
    pub fn search_unrevoked(
        &self,
        leaf: &Certificate,
        extra: &[Certificate],
        at: UnixTime,
        policy: &ChainPolicy,
        revocation: &Revocation,
    ) -> Search {
        let mut first = None;
        let mut wanted = |chain: &VerifiedChain| match revocation.check(self, chain, extra, at, policy) {
            Ok(()) => Wanted::Yes,
            Err(error) => {
                first.get_or_insert(error);
                Wanted::IfNoOther
            }
        };
        let mut search = self.search_wanted(leaf, extra, &[at], policy, &mut wanted);
        // What was found without being wanted is the first of those that were asked about.
        let refusal = match &search.verified {
            Some(chain) => revocation.check(self, chain, extra, at, policy).err(),
            None => None,
        };
        if let Some(refusal) = refusal {
            search.verified = None;
            search.best = Some(first.unwrap_or(refusal));
        }
        search
    }
}

/// Whether a list counts that the very certificate has signed whose status is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum OwnLists {
    Believe,
    Ignore,
}

/// Whether a certificate is revoked, as far as one list or all of them say.
enum Status {
    Good,
    Revoked(Entry, RevocationList),
    Unknown(Doubt),
}

/// Why nobody says so, nearest to an answer last.
#[derive(Clone, Debug)]
struct Doubt {
    gap: RevocationGap,
    /// A list that would have said it, and what is wrong with it.
    untrusted: Option<(ListFault, RevocationList)>,
}

impl Doubt {
    fn none() -> Self {
        Self { gap: RevocationGap::Missing, untrusted: None }
    }

    fn about(&mut self, gap: RevocationGap) {
        self.gap = self.gap.max(gap);
    }
}

struct Judge<'a> {
    revocation: &'a Revocation,
    pool: &'a Pool,
    beside: &'a [Certificate],
    at: UnixTime,
    policy: &'a ChainPolicy,
    account: Account,
    /// The certificates whose status is being asked for: one that hangs on itself stays unknown.
    asked: Vec<Certificate>,
}

impl Judge<'_> {
    fn judge_chain(&mut self, chain: &VerifiedChain) -> Result<(), ChainError> {
        let certificates = chain.certificates();
        for cert in 0..certificates.len().saturating_sub(1) {
            let Some(certificate) = certificates.get(cert) else { continue };
            match self.status(chain, cert)? {
                Status::Good => {}
                Status::Revoked(entry, list) => {
                    return Err(ChainError::Revoked {
                        cert,
                        object: alloc::format!(
                            "serial number {} on the list of {}",
                            Hex(certificate.serial()),
                            shown(list.issuer())
                        ),
                        cause: entry.reason.name(),
                        revoked_at: entry.date,
                    });
                }
                Status::Unknown(_) if self.revocation.unknown == UnknownStatus::Allow => {}
                Status::Unknown(Doubt { untrusted: Some((fault, list)), .. }) => {
                    return Err(ChainError::RevocationListUntrusted { cert, issuer: shown(list.issuer()), fault });
                }
                Status::Unknown(Doubt { gap, .. }) => {
                    let issuer = shown(certificate.issuer());
                    return Err(ChainError::RevocationUnknown { cert, issuer, gap });
                }
            }
        }
        Ok(())
    }

    /// RFC 5280 §6.3.3 for the certificate with index `cert`.
    ///
    /// # Errors
    /// Only the budget.
    fn status(&mut self, chain: &VerifiedChain, cert: usize) -> Result<Status, ChainError> {
        let Some(certificate) = chain.certificates().get(cert).cloned() else { return Ok(Status::Good) };
        if self.asked.contains(&certificate) || self.asked.len() >= MAX_NESTING {
            return Ok(Status::Unknown(Doubt::none()));
        }
        self.asked.push(certificate.clone());
        let mut status = self.ask_lists(chain, cert, &certificate, OwnLists::Ignore);
        // An issuer of lists that is on nobody's list but its own (PKITS 4.14.30): if its key could not be believed about itself, it could not be
        // believed about others.
        if self.asked.len() > 1 && matches!(status, Ok(Status::Unknown(_))) {
            status = self.ask_lists(chain, cert, &certificate, OwnLists::Believe);
        }
        self.asked.pop();
        status
    }

    fn ask_lists(
        &mut self,
        chain: &VerifiedChain,
        cert: usize,
        certificate: &Certificate,
        own_lists: OwnLists,
    ) -> Result<Status, ChainError> {
        let mut points = certificate.known().distribution_points.clone().unwrap_or_default();
        // "If the revocation status has not been determined, repeat the process above with any available CRLs not specified in a distribution
        // point but issued by the certificate issuer." Not where the certificate says that somebody else issues them.
        if points.iter().all(|point| point.list_issuer.is_none()) {
            let own_name = PointName::Full(alloc::vec![GeneralName::DirectoryName(certificate.issuer().clone())]);
            points.push(DistributionPoint { name: Some(own_name), reasons: None, list_issuer: None });
        }
        let mut covered = Reasons::NONE;
        let mut doubt = Doubt::none();
        for point in &points {
            for list in self.revocation.lists.iter().filter(|list| list.base_number().is_none()) {
                let reasons = match covers(list, point, certificate) {
                    Ok(reasons) if reasons.are_within(covered) => continue,
                    Ok(reasons) => reasons,
                    Err(gap) => {
                        doubt.about(gap);
                        continue;
                    }
                };
                if let Err(gap) = self.is_usable(list) {
                    doubt.about(gap);
                    continue;
                }
                let signer = match self.signer(chain, cert, list, own_lists)? {
                    Ok(signer) => signer,
                    Err(fault) => {
                        doubt.untrusted.get_or_insert_with(|| (fault, list.clone()));
                        continue;
                    }
                };
                if let Some(entry) = self.look_up(list, &signer, certificate)? {
                    return Ok(Status::Revoked(entry, list.clone()));
                }
                covered = covered.or(reasons);
                if covered == Reasons::ALL {
                    return Ok(Status::Good);
                }
                doubt.about(RevocationGap::SomeReasons);
            }
        }
        Ok(Status::Unknown(doubt))
    }

    /// Whether the list is current and says nothing that is not understood.
    fn is_usable(&self, list: &RevocationList) -> Result<(), RevocationGap> {
        if list.unknown_critical_extension().is_some() {
            return Err(RevocationGap::Unusable);
        }
        // "CRL issuers conforming to this profile MUST include this extension in all CRLs" (RFC 5280 §5.2.3).
        if list.number().is_none() && self.policy.rules != Rules::PathAlone {
            return Err(RevocationGap::Unusable);
        }
        if self.at < list.this_update() {
            return Err(RevocationGap::NotYetValid);
        }
        let is_too_old = |age: i64| list.this_update().checked_add(age).is_some_and(|until| self.at > until);
        match (list.next_update(), self.revocation.max_age) {
            (Some(next), _) if self.at > next => Err(RevocationGap::Stale),
            (_, Some(age)) if is_too_old(age) => Err(RevocationGap::Stale),
            (None, None) => Err(RevocationGap::Stale),
            _ => Ok(()),
        }
    }

    /// The certificate whose key signed the list, of its issuer and under the anchor of the path: (f) and (g).
    fn signer(
        &mut self,
        chain: &VerifiedChain,
        cert: usize,
        list: &RevocationList,
        own_lists: OwnLists,
    ) -> Result<Result<Certificate, ListFault>, ChainError> {
        let mut fault = ListFault::Signature;
        let certificates = chain.certificates();
        let first = if own_lists == OwnLists::Believe { cert } else { cert.saturating_add(1) };
        let above = certificates.iter().enumerate().skip(first);
        let anchor = self.pool.anchors().get(chain.anchor_index());
        for (index, candidate) in above.filter(|(_, candidate)| candidate.subject().matches(list.issuer())) {
            let is_bare = index.saturating_add(1) == certificates.len()
                && anchor.map_or(AnchorTerms::Everything, Anchor::terms) == AnchorTerms::NameAndKey;
            match self.signed_by(list, candidate)? {
                Ok(()) if is_bare || may_sign_lists(candidate) => return Ok(Ok(candidate.clone())),
                Ok(()) => fault = ListFault::KeyUsage,
                Err(LinkFault::OtherKey) => {}
                Err(_) => fault = ListFault::SignatureAlgorithm,
            }
        }
        let bags = self.beside.iter().chain(&self.revocation.list_issuers).cloned();
        let others: Vec<_> = bags
            .chain(self.pool.intermediates().cloned())
            .filter(|candidate| candidate.subject().matches(list.issuer()) && !certificates.contains(candidate))
            .collect();
        for candidate in others {
            self.account.take(Work::Candidates, 1)?;
            match self.signed_by(list, &candidate)? {
                Ok(()) if may_sign_lists(&candidate) => {}
                Ok(()) => {
                    fault = ListFault::KeyUsage;
                    continue;
                }
                Err(LinkFault::OtherKey) => continue,
                Err(_) => {
                    fault = ListFault::SignatureAlgorithm;
                    continue;
                }
            }
            if self.is_trusted(&candidate, chain)? {
                return Ok(Ok(candidate));
            }
        }
        Ok(Err(fault))
    }

    /// Whether there is a path from the issuer of a list to the anchor of the path, with no certificate revoked: "The trust anchor for the
    /// certification path MUST be the same as the trust anchor used to validate the target certificate."
    fn is_trusted(&mut self, candidate: &Certificate, chain: &VerifiedChain) -> Result<bool, ChainError> {
        let policy = ChainPolicy { purpose: Purpose::any(), ..self.policy.clone() };
        let bag: Vec<_> = self.beside.iter().chain(&self.revocation.list_issuers).cloned().collect();
        let mut found: Option<VerifiedChain> = None;
        let mut wanted = |other: &VerifiedChain| {
            if other.anchor_index() == chain.anchor_index() {
                found = Some(other.clone());
                Wanted::Yes
            } else {
                Wanted::IfNoOther
            }
        };
        let search = self.pool.search_wanted(candidate, &bag, &[self.at], &policy, &mut wanted);
        self.account.take(Work::SignatureChecks, search.spent.signature_checks)?;
        let Some(path) = found else { return Ok(false) };
        for cert in 0..path.certificates().len().saturating_sub(1) {
            match self.status(&path, cert)? {
                Status::Good => {}
                Status::Unknown(_) if self.revocation.unknown == UnknownStatus::Allow => {}
                Status::Unknown(_) | Status::Revoked(..) => return Ok(false),
            }
        }
        Ok(true)
    }

    fn signed_by(&mut self, list: &RevocationList, issuer: &Certificate) -> Result<Result<(), LinkFault>, ChainError> {
        let Ok(key) = issuer.key() else { return Ok(Err(LinkFault::OtherKey)) };
        let scheme = match list.scheme(key) {
            Ok(scheme) => scheme,
            Err(fault) => return Ok(Err(fault)),
        };
        self.account.take(Work::SignatureChecks, 1)?;
        let prepared = self.pool.registry().prepare(scheme, key).map_err(link::unprepared);
        Ok(prepared.and_then(|prepared| link::verify_signed(list.tbs_der(), list.signature(), &prepared)).map(drop))
    }

    /// The entry by which the certificate is revoked, in the list or its newest delta: (c), (h), (i), (j), (k).
    fn look_up(
        &mut self,
        list: &RevocationList,
        signer: &Certificate,
        certificate: &Certificate,
    ) -> Result<Option<Entry>, ChainError> {
        let (serial, issuer) = (certificate.serial(), certificate.issuer());
        let mut delta: Option<&RevocationList> = None;
        let revocation = self.revocation;
        for candidate in revocation.lists.iter().filter(|candidate| is_delta_of(candidate, list)) {
            let is_newer = delta.is_none_or(|delta| number_order(candidate.number()) > number_order(delta.number()));
            if is_newer && self.is_usable(candidate).is_ok() && self.signed_by(candidate, signer)?.is_ok() {
                delta = Some(candidate);
            }
        }
        if let Some(entry) = delta.and_then(|delta| delta.entry(serial, issuer)) {
            return Ok((entry.reason != RevocationReason::RemoveFromList).then_some(entry));
        }
        Ok(list.entry(serial, issuer).filter(|entry| entry.reason != RevocationReason::RemoveFromList))
    }
}

/// For which reasons `list` says whether `certificate` is revoked, as `point` would have it: (b), (d).
fn covers(
    list: &RevocationList,
    point: &DistributionPoint,
    certificate: &Certificate,
) -> Result<Reasons, RevocationGap> {
    let scope = list.scope();
    let named_issuer = point.list_issuer.as_deref().map(|names| {
        names.iter().find_map(|name| match name {
            GeneralName::DirectoryName(name) if name.matches(list.issuer()) => Some(name),
            _ => None,
        })
    });
    let base = match named_issuer {
        // (b)(1): the certificate names the issuer of the list, which then speaks for others.
        Some(Some(name)) if scope.issuers == Issuers::Others => name,
        Some(_) => return Err(RevocationGap::Missing),
        None if list.issuer().matches(certificate.issuer()) => certificate.issuer(),
        None => return Err(RevocationGap::Missing),
    };
    // (b)(2)(i): one name in common. Where the point has none, the issuer of the list stands for it.
    if let Some(name) = &scope.name {
        let theirs = name.names(Some(list.issuer()));
        let ours = match (&point.name, &point.list_issuer) {
            (Some(name), _) => name.names(Some(base)),
            (None, Some(issuers)) => issuers.clone(),
            (None, None) => Vec::new(),
        };
        if !ours.iter().any(|ours| theirs.iter().any(|theirs| distribution_point::is_same(ours, theirs))) {
            return Err(RevocationGap::OtherScope);
        }
    }
    // (b)(2)(ii) to (iv).
    let is_about = match scope.holders {
        Holders::Everybody => true,
        Holders::Authorities => certificate.is_authority(),
        Holders::Users => !certificate.is_authority(),
        Holders::Attributes => false,
    };
    if !is_about {
        return Err(RevocationGap::OtherScope);
    }
    Ok(point.reasons.unwrap_or(Reasons::ALL).and(scope.reasons.unwrap_or(Reasons::ALL)))
}

/// (c): a delta of the same issuer and scope that starts at the list or before it, and is newer.
fn is_delta_of(delta: &RevocationList, list: &RevocationList) -> bool {
    let Some(base) = delta.base_number() else { return false };
    let (base, of_list, of_delta) =
        (number_order(Some(base)), number_order(list.number()), number_order(delta.number()));
    list.number().is_some()
        && delta.issuer().matches(list.issuer())
        && delta.scope().is_same_as(list.scope())
        && delta.authority_key() == list.authority_key()
        && base <= of_list
        && of_list < of_delta
}

/// Numbers that are not negative and minimal, in an order of their values.
fn number_order(number: Option<&[u8]>) -> (usize, &[u8]) {
    let number = number.unwrap_or(&[]);
    let significant = number.strip_prefix(&[0]).unwrap_or(number);
    (significant.len(), significant)
}

/// RFC 5280 §4.2.1.3: without key usage a key may do anything.
fn may_sign_lists(issuer: &Certificate) -> bool {
    issuer.key_usage().is_none_or(|usage| usage.contains(KeyUse::RevocationListSigning))
}
