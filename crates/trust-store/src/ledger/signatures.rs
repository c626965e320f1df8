//! Signatures over change requests.

use stella_attest_model::Pae;
use stella_crypto_providers::{Message, PublicKey, Registry, Scheme, SignatureEncoding, Signer};
use stella_transparency::merkle::Frontier;

use super::entry::{Action, Entry, RequestSignature};
use super::error::LedgerError;
use super::id::Id;
use super::record::sha256;
use super::request::{ChangeRequest, OpenRequest, REQUEST_PAYLOAD_TYPE};
use super::rules::approver_of;
use super::state::TrustState;
use crate::TrustError;

/// Verifies the signature that `entry` brings over its request, if it brings one. `state` is that before the entry.
pub(super) fn check(registry: &Registry, state: &TrustState, entry: &Entry) -> Result<(), LedgerError> {
    match &entry.action {
        Action::Approved(signature) => {
            // Whether it is there and open is for the rules to say.
            let Some(open) = entry.request.as_ref().and_then(|id| state.request(id)) else { return Ok(()) };
            let Some(payload) = open.payload() else { return Ok(()) };
            verify_vote(registry, state, open, payload, signature)
        }
        Action::Requested { payload, signature: Some(signature) } => {
            let open = OpenRequest::new(ChangeRequest::from_payload(payload)?, payload.clone());
            verify_vote(registry, state, &open, payload, signature)
        }
        _ => Ok(()),
    }
}

/// Whether a request that `entry` makes was drafted on this log: `frontier` is that before the entry. Stores have names that people
/// choose, and approvals for one must not be good for another of the same name.
pub(super) fn check_base(entry: &Entry, frontier: &Frontier) -> Result<(), LedgerError> {
    let Action::Requested { payload, .. } = &entry.action else { return Ok(()) };
    let request = ChangeRequest::from_payload(payload)?;
    // Another size is for the rules to judge.
    let is_other = request.base.size == frontier.size() && request.base.root != frontier.root();
    if is_other { Err(LedgerError::Stale { request: request.id }) } else { Ok(()) }
}

fn verify_vote(
    registry: &Registry,
    state: &TrustState,
    open: &OpenRequest,
    payload: &[u8],
    signature: &RequestSignature,
) -> Result<(), LedgerError> {
    let approver = approver_of(state, open, signature)?;
    verify(registry, &approver.key, open.id(), payload, &signature.bytes)
}

/// Verifies a signature over a request by one key. ECDSA signatures are in DER, as DSSE has them.
pub(super) fn verify(
    registry: &Registry,
    key: &[u8],
    request: &Id,
    payload: &[u8],
    signature: &[u8],
) -> Result<(), LedgerError> {
    let key = PublicKey::from_spki_der(key).map_err(|error| TrustError::Key { entry: None, error })?;
    let verifying = registry.prepare(Scheme::for_key(&key), &key)?;
    let pae = Pae::new(REQUEST_PAYLOAD_TYPE, payload);
    verifying
        .verify(Message::Parts(&pae.parts()), signature, SignatureEncoding::Der)
        .map_err(|_| LedgerError::OtherContent { request: request.clone() })
}

/// Signs a request.
pub(super) fn sign(payload: &[u8], signer: &dyn Signer) -> Result<RequestSignature, LedgerError> {
    let pae = Pae::new(REQUEST_PAYLOAD_TYPE, payload);
    let bytes = signer.sign(Message::Parts(&pae.parts()), SignatureEncoding::Der)?;
    Ok(RequestSignature { bytes, key: sha256(&[signer.public_key().spki_der()]) })
}
