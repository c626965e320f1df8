//! The status of each certificate of a path: what responders and lists say, and who may say it. RFC 5280 §6.3.3.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;

use stella_crypto_providers::{PublicKey, Scheme};
use stella_vocabulary::UnixTime;
use stella_vocabulary::hex::Hex;

use super::list::{Entry, Holders, Issuers, RevocationList, RevocationReason};
use super::{Revocation, UnknownStatus};
use crate::anchor::{Anchor, AnchorTerms};
use crate::budget::{Account, Work};
use crate::certificate::Certificate;
use crate::chain_error::{ChainError, ListFault, ResponderFault, RevocationGap, shown};
use crate::extension::distribution_point::{self, DistributionPoint, PointName, Reasons};
use crate::extension::key_usage::KeyUse;
use crate::general_name::GeneralName;
use crate::link::{self, LinkFault};
use crate::outcome::{VerifiedChain, Wanted};
use crate::pool::Pool;
use crate::purpose::{ChainPolicy, Purpose, Rules};

/// How deep the certificates of list issuers and responders may hang on lists of others. RFC 5280 knows one level in practice.
const MAX_NESTING: usize = 3;

/// Whether a list counts that the very certificate has signed whose status is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum OwnLists {
    Believe,
    Ignore,
}

/// Whether a certificate is revoked, as far as one source or all of them say.
pub(super) enum Status {
    Good,
    Revoked {
        /// Who says so, with a preposition.
        source: String,
        reason: RevocationReason,
        date: UnixTime,
    },
    Unknown(Doubt),
}

/// Why nobody says so, nearest to an answer last.
#[derive(Clone, Debug)]
pub(super) struct Doubt {
    gap: RevocationGap,
    /// The first source that would have said it, and what is wrong with it.
    untrusted: Option<Untrusted>,
}

#[derive(Clone, Debug)]
pub(super) enum Untrusted {
    List { issuer: String, fault: ListFault },
    Response { responder: String, fault: ResponderFault },
}

impl Doubt {
    pub(super) fn none() -> Self {
        Self { gap: RevocationGap::Missing, untrusted: None }
    }

    pub(super) fn about(&mut self, gap: RevocationGap) {
        self.gap = self.gap.max(gap);
    }

    pub(super) fn untrusted(&mut self, untrusted: Untrusted) {
        self.untrusted.get_or_insert(untrusted);
    }

    fn or(mut self, other: Self) -> Self {
        self.about(other.gap);
        self.untrusted = self.untrusted.or(other.untrusted);
        self
    }
}

pub(super) struct Judge<'a> {
    pub(super) revocation: &'a Revocation,
    pub(super) pool: &'a Pool,
    pub(super) beside: &'a [Certificate],
    pub(super) at: UnixTime,
    pub(super) policy: &'a ChainPolicy,
    pub(super) account: Account,
    /// The certificates whose status is being asked for: one that hangs on itself stays unknown.
    asked: Vec<Certificate>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(
        revocation: &'a Revocation,
        pool: &'a Pool,
        beside: &'a [Certificate],
        at: UnixTime,
        policy: &'a ChainPolicy,
    ) -> Self {
        Self { revocation, pool, beside, at, policy, account: Account::new(policy.budget), asked: Vec::new() }
    }

    pub(super) fn judge_chain(&mut self, chain: &VerifiedChain) -> Result<(), ChainError> {
        let certificates = chain.certificates();
        for cert in 0..certificates.len().saturating_sub(1) {
            let Some(certificate) = certificates.get(cert) else { continue };
            match self.status(chain, cert)? {
                Status::Good => {}
                Status::Revoked { source, reason, date } => {
                    let object = alloc::format!("serial number {} {source}", Hex(certificate.serial()));
                    return Err(ChainError::Revoked { cert, object, cause: reason.name(), revoked_at: date });
                }
                Status::Unknown(_) if self.revocation.unknown == UnknownStatus::Allow => {}
                Status::Unknown(Doubt { untrusted: Some(Untrusted::List { issuer, fault }), .. }) => {
                    return Err(ChainError::RevocationListUntrusted { cert, issuer, fault });
                }
                Status::Unknown(Doubt { untrusted: Some(Untrusted::Response { responder, fault }), .. }) => {
                    return Err(ChainError::OcspResponseUntrusted { cert, responder, fault });
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
    pub(super) fn status(&mut self, chain: &VerifiedChain, cert: usize) -> Result<Status, ChainError> {
        let Some(certificate) = chain.certificates().get(cert).cloned() else { return Ok(Status::Good) };
        if self.asked.contains(&certificate) || self.asked.len() >= MAX_NESTING {
            return Ok(Status::Unknown(Doubt::none()));
        }
        self.asked.push(certificate.clone());
        let status = self.ask_all(chain, cert, &certificate);
        self.asked.pop();
        status
    }

    /// Asks responders and lists. Who says revoked is believed before who says good.
    fn ask_all(&mut self, chain: &VerifiedChain, cert: usize, certificate: &Certificate) -> Result<Status, ChainError> {
        let answered = self.ask_responders(chain, cert, certificate)?;
        if matches!(answered, Status::Revoked { .. }) {
            return Ok(answered);
        }
        let mut listed = self.ask_lists(chain, cert, certificate, OwnLists::Ignore)?;
        // An issuer of lists that is on nobody's list but its own (PKITS 4.14.30): if its key could not be believed about itself, it could not be
        // believed about others.
        if self.asked.len() > 1 && matches!(listed, Status::Unknown(_)) {
            listed = self.ask_lists(chain, cert, certificate, OwnLists::Believe)?;
        }
        Ok(match (answered, listed) {
            (_, revoked @ Status::Revoked { .. }) => revoked,
            (Status::Unknown(one), Status::Unknown(other)) => Status::Unknown(one.or(other)),
            _ => Status::Good,
        })
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
        let mut lists: Vec<&RevocationList> =
            self.revocation.lists.iter().filter(|list| list.base_number().is_none()).collect();
        lists.sort_by_key(|list| Reverse((list.this_update(), number_order(list.number()))));
        for point in &points {
            // Newest first: a list that is still current hides none that was issued after it. Which of several scopes revokes does not matter.
            let mut believed: Vec<&RevocationList> = Vec::new();
            for list in &lists {
                let reasons = match covers(list, point, certificate) {
                    Ok(reasons) => reasons,
                    Err(gap) => {
                        doubt.about(gap);
                        continue;
                    }
                };
                if believed.iter().any(|newer| is_of_one_series(newer, list)) {
                    continue;
                }
                let usable = self.is_usable(list);
                if let Err(gap) = usable {
                    doubt.about(gap);
                    // What was revoked for good stays so, however old the list is that says it.
                    if gap != RevocationGap::Stale || list.entry(certificate.serial(), certificate.issuer()).is_none() {
                        continue;
                    }
                }
                let signer = match self.signer(chain, cert, list, own_lists)? {
                    Ok(signer) => signer,
                    Err(fault) => {
                        doubt.untrusted(Untrusted::List { issuer: shown(list.issuer()), fault });
                        continue;
                    }
                };
                let found = self.look_up(list, &signer, certificate)?;
                let is_for_good = |entry: &Entry| usable.is_ok() || entry.reason != RevocationReason::CertificateHold;
                if let Some(entry) = found.filter(is_for_good) {
                    let source = alloc::format!("on the list of {}", shown(list.issuer()));
                    return Ok(Status::Revoked { source, reason: entry.reason, date: entry.date });
                }
                if usable.is_err() {
                    continue;
                }
                believed.push(list);
                covered = covered.or(reasons);
                if covered != Reasons::ALL {
                    doubt.about(RevocationGap::SomeReasons);
                }
            }
        }
        Ok(if covered == Reasons::ALL { Status::Good } else { Status::Unknown(doubt) })
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
        if self.is_stale(list.this_update(), list.next_update()) { Err(RevocationGap::Stale) } else { Ok(()) }
    }

    /// Whether what was said at `this_update` no longer counts.
    pub(super) fn is_stale(&self, this_update: UnixTime, next_update: Option<UnixTime>) -> bool {
        let is_too_old = |age: i64| this_update.checked_add(age).is_some_and(|until| self.at > until);
        match (next_update, self.revocation.max_age) {
            (Some(next), _) if self.at > next => true,
            (_, Some(age)) => is_too_old(age),
            (None, None) => true,
            (Some(_), None) => false,
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
        self.account.take(Work::SignatureEffort, search.spent.signature_effort)?;
        let Some(path) = found else { return Ok(false) };
        for cert in 0..path.certificates().len().saturating_sub(1) {
            match self.status(&path, cert)? {
                Status::Good => {}
                Status::Unknown(_) if self.revocation.unknown == UnknownStatus::Allow => {}
                Status::Unknown(_) | Status::Revoked { .. } => return Ok(false),
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
        self.verify(list.tbs_der(), list.signature(), scheme, key)
    }

    /// Verifies one signature of a list, response or certificate.
    pub(super) fn verify(
        &mut self,
        tbs: &[u8],
        signature: &[u8],
        scheme: Scheme,
        key: &PublicKey,
    ) -> Result<Result<(), LinkFault>, ChainError> {
        self.account.take_signature(key.key_type(), key.bits())?;
        let prepared = self.pool.registry().prepare(scheme, key).map_err(link::unprepared);
        Ok(prepared.and_then(|prepared| link::verify_signed(tbs, signature, &prepared)).map(drop))
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

/// Whether one of two complete lists takes the place of the other: same issuer, key and scope.
fn is_of_one_series(one: &RevocationList, other: &RevocationList) -> bool {
    one.issuer().matches(other.issuer())
        && one.scope().is_same_as(other.scope())
        && one.authority_key() == other.authority_key()
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
