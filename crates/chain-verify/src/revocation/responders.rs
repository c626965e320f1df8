//! What OCSP responses say about a certificate, and who may answer for an authority. RFC 6960 §4.2.2.

use alloc::vec::Vec;

use der::asn1::ObjectIdentifier;
use stella_vocabulary::hex::Hex;

use super::UnknownStatus;
use super::judge::{Doubt, Judge, Status, Untrusted};
use super::response::{AnswerStatus, OcspResponse, Responder};
use crate::budget::Work;
use crate::certificate::Certificate;
use crate::chain_error::{ChainError, ResponderFault, RevocationGap, shown};
use crate::link::{self, LinkFault};
use crate::outcome::VerifiedChain;
use crate::purpose::ChainPolicy;
use crate::{Purpose, rules};

const NO_CHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");

impl Judge<'_> {
    /// What the responses say about the certificate with index `cert`.
    ///
    /// # Errors
    /// Only the budget.
    pub(super) fn ask_responders(
        &mut self,
        chain: &VerifiedChain,
        cert: usize,
        certificate: &Certificate,
    ) -> Result<Status, ChainError> {
        let mut doubt = Doubt::none();
        let mut is_good = false;
        let Some(issuer) = chain.certificates().get(cert.saturating_add(1)) else { return Ok(Status::Unknown(doubt)) };
        let revocation = self.revocation;
        for response in &revocation.responses {
            for answer in response.answers_about(certificate, issuer) {
                if response.unknown_critical_extension().is_some() || !answer.is_understood {
                    doubt.about(RevocationGap::Unusable);
                    continue;
                }
                if self.at < answer.this_update {
                    doubt.about(RevocationGap::NotYetValid);
                    continue;
                }
                let is_stale = self.is_stale(answer.this_update, answer.next_update);
                if is_stale {
                    doubt.about(RevocationGap::Stale);
                }
                // What was revoked for good stays so, however old the answer is that says it.
                if is_stale && !answer.status.is_for_good() {
                    continue;
                }
                if let Err(fault) = self.may_answer(response, chain, cert, issuer)? {
                    doubt.untrusted(Untrusted::Response { responder: name_of(response), fault });
                    continue;
                }
                match answer.status {
                    AnswerStatus::Good => is_good = true,
                    AnswerStatus::Unknown => doubt.about(RevocationGap::UnknownToResponder),
                    AnswerStatus::Revoked { at, reason } => {
                        let source = alloc::format!("by the OCSP responder {}", name_of(response));
                        return Ok(Status::Revoked { source, reason, date: at });
                    }
                }
            }
        }
        Ok(if is_good { Status::Good } else { Status::Unknown(doubt) })
    }

    /// Whether the response is signed by `issuer`, or by whom it has put in its place.
    fn may_answer(
        &mut self,
        response: &OcspResponse,
        chain: &VerifiedChain,
        cert: usize,
        issuer: &Certificate,
    ) -> Result<Result<(), ResponderFault>, ChainError> {
        if self.revocation.nonce.as_deref().is_some_and(|nonce| response.nonce() != Some(nonce)) {
            return Ok(Err(ResponderFault::Nonce));
        }
        if response.responder().is(issuer) {
            match self.answered_by(response, issuer)? {
                Ok(()) => return Ok(Ok(())),
                Err(LinkFault::OtherKey) => {}
                Err(_) => return Ok(Err(ResponderFault::SignatureAlgorithm)),
            }
        }
        let bags = response.certificates().iter().chain(self.beside).chain(&self.revocation.list_issuers);
        let delegates: Vec<Certificate> =
            bags.filter(|delegate| response.responder().is(delegate) && *delegate != issuer).cloned().collect();
        let mut nearest =
            if response.responder().is(issuer) { ResponderFault::Signature } else { ResponderFault::Unidentified };
        for delegate in delegates {
            self.account.take(Work::Candidates, 1)?;
            match self.answered_by(response, &delegate)? {
                Ok(()) => {}
                Err(LinkFault::OtherKey) => {
                    nearest = ResponderFault::Signature;
                    continue;
                }
                Err(_) => {
                    nearest = ResponderFault::SignatureAlgorithm;
                    continue;
                }
            }
            match self.is_delegated(&delegate, chain, cert, issuer)? {
                Ok(()) => return Ok(Ok(())),
                Err(fault) => nearest = fault,
            }
        }
        Ok(Err(nearest))
    }

    /// "The key that signs the certificate status information need not be the same key that signed the certificate": then the authority says so
    /// in a certificate that it issued itself, with id-kp-OCSPSigning. RFC 6960 §4.2.2.2.
    fn is_delegated(
        &mut self,
        delegate: &Certificate,
        chain: &VerifiedChain,
        cert: usize,
        issuer: &Certificate,
    ) -> Result<Result<(), ResponderFault>, ChainError> {
        if !delegate.issuer().matches(issuer.subject()) {
            return Ok(Err(ResponderFault::NotIssuedByAuthority));
        }
        let policy = ChainPolicy { purpose: Purpose::ocsp_signing(), ..self.policy.clone() };
        let mut findings = Vec::new();
        rules::judge_leaf(delegate, &policy, &[self.at], &mut findings);
        let is_about_purpose = |finding: &ChainError| matches!(finding, ChainError::ExtendedKeyUsageMissing { .. });
        if findings.iter().any(is_about_purpose) {
            return Ok(Err(ResponderFault::NotDelegated));
        }
        if !findings.is_empty() {
            return Ok(Err(ResponderFault::CertificateNotValid));
        }
        let Ok(key) = issuer.key() else { return Ok(Err(ResponderFault::NotIssuedByAuthority)) };
        let Ok(scheme) = link::scheme_of(delegate, key) else { return Ok(Err(ResponderFault::NotIssuedByAuthority)) };
        // With the key that issued the certificate asked about, whatever other keys the authority has.
        if self.verify(delegate.tbs_der(), delegate.signature(), scheme, key)?.is_err() {
            return Ok(Err(ResponderFault::NotIssuedByAuthority));
        }
        let never_checked = delegate.extension_slots().iter().any(|slot| delegate.oid_of(slot).is(&NO_CHECK));
        if never_checked {
            return Ok(Ok(()));
        }
        // The delegate hangs below the same authority: its status is asked for as that of the leaf of such a path.
        let above = chain.certificates().iter().skip(cert.saturating_add(1)).cloned();
        let path = core::iter::once(delegate.clone()).chain(above).collect();
        let path = VerifiedChain::new(path, chain.anchor_index(), 0, chain.policies().clone());
        Ok(match self.status(&path, 0)? {
            Status::Good => Ok(()),
            Status::Unknown(_) if self.revocation.unknown == UnknownStatus::Allow => Ok(()),
            Status::Unknown(_) => Err(ResponderFault::StatusUnknown),
            Status::Revoked { .. } => Err(ResponderFault::Revoked),
        })
    }

    fn answered_by(
        &mut self,
        response: &OcspResponse,
        signer: &Certificate,
    ) -> Result<Result<(), LinkFault>, ChainError> {
        let Ok(key) = signer.key() else { return Ok(Err(LinkFault::OtherKey)) };
        match response.scheme(key) {
            Ok(scheme) => self.verify(response.tbs_der(), response.signature(), scheme, key),
            Err(fault) => Ok(Err(fault)),
        }
    }
}

/// The responder as messages call it.
fn name_of(response: &OcspResponse) -> alloc::string::String {
    match response.responder() {
        Responder::Name(name) => shown(name),
        Responder::Key(hash) => alloc::format!("with the key {}", Hex(hash)),
    }
}
