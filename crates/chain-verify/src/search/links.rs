//! Whether one certificate of a search signed another: each question answered once, and the cheapest way.

use alloc::collections::BTreeMap;

use stella_crypto_providers::{KeyType, Message, PossibleSigners, PublicKey, Scheme, SignatureEncoding, VerifiedBy};

use super::{Node, Searcher};
use crate::chain_error::ChainError;
use crate::link::{self, LinkFault};

/// What is known about links in one search.
#[derive(Default)]
pub(super) struct Links<'a> {
    /// By the certificate and the key that may have signed it.
    verified: BTreeMap<(Node, &'a [u8]), Result<VerifiedBy, LinkFault>>,
    /// By the certificate and the curve of the key: who may have signed it, if that can be told.
    possible: BTreeMap<(Node, KeyType), Option<PossibleSigners>>,
}

impl<'a> Links<'a> {
    /// Whether the link holds and was computed in this search.
    pub(super) fn was_computed(&self, child: Node, spki: &'a [u8]) -> bool {
        matches!(self.verified.get(&(child, spki)), Some(Ok(VerifiedBy::Provider)))
    }

    /// Whether the key is known not to have signed `child`, without having been tried.
    pub(super) fn is_ruled_out(&self, child: Node, curve: Option<KeyType>, spki: &[u8]) -> bool {
        let possible = curve.and_then(|curve| self.possible.get(&(child, curve)));
        possible.is_some_and(|possible| possible.as_ref().is_some_and(|possible| !possible.includes(spki)))
    }
}

impl<'a> Searcher<'a> {
    /// Computes which keys on `curve` can have signed `child`, where that is cheaper than trying all there are.
    ///
    /// # Errors
    /// Only the budget.
    pub(super) fn narrow(&mut self, child: Node, curve: KeyType) -> Result<(), ChainError> {
        if self.links.possible.contains_key(&(child, curve)) {
            return Ok(());
        }
        let certificate = self.certificate(child);
        let scheme = Scheme::from_algorithm_identifier(certificate.outer_algorithm_der(), curve).ok();
        // Without a provider nothing may be concluded.
        let scheme = scheme.filter(|scheme| self.pool.registry().provider_for(*scheme).is_some());
        let possible = match scheme {
            Some(scheme) => {
                self.account.take_signature(curve, 0)?;
                let message = [certificate.tbs_der()];
                let message = Message::Parts(&message);
                PossibleSigners::of(scheme, message, certificate.signature(), SignatureEncoding::Der)
            }
            None => None,
        };
        self.links.possible.insert((child, curve), possible);
        Ok(())
    }

    /// Whether `child` was signed with the key of `issuer`; known links are not verified again.
    ///
    /// # Errors
    /// Only the budget.
    pub(super) fn verify_link(
        &mut self,
        child: Node,
        issuer: Node,
    ) -> Result<Result<VerifiedBy, LinkFault>, ChainError> {
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
        let question = (child, issuer_certificate.spki_der());
        if let Some(result) = self.links.verified.get(&question) {
            return Ok(result.clone());
        }
        if self.links.is_ruled_out(child, Some(key.key_type()), question.1)
            || !fits_modulus(child_certificate.signature(), key)
        {
            return Ok(Err(LinkFault::OtherKey));
        }
        self.account.take_signature(key.key_type(), key.bits())?;
        let registry = self.pool.registry();
        let verify = |prepared: &_| link::verify(child_certificate, prepared);
        let result = match issuer_member {
            Some(member) => member.keys.with(registry, scheme, key, verify),
            None => registry.prepare(scheme, key).map_err(link::unprepared).and_then(|prepared| verify(&prepared)),
        };
        if let Some(remembered) = remembered {
            remembered.store(&result);
        }
        self.links.verified.insert(question, result.clone());
        Ok(result)
    }
}

/// Whether an RSA signature has the length of the modulus and is below it: with others, there is nothing to compute. RFC 8017 §8.1.2, §8.2.2
/// and §5.2.2. Among many keys, this leaves out those that are too small.
fn fits_modulus(signature: &[u8], key: &PublicKey) -> bool {
    key.rsa_modulus().is_none_or(|modulus| signature.len() == modulus.len() && signature < modulus)
}
