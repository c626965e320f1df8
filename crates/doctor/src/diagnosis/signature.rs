//! Whose signature it is after all, and over what.

use stella_attest_verify::{Attestation, Code, PublicKey, Registry};
use stella_crypto_providers::{Message, Scheme, SignatureEncoding, VerifyingKey};
use stella_trust_store::ledger::{Object, Record, Standing, TrustState};
use stella_vocabulary::base64;

use super::authority::certificates;
use super::near_miss::{NearKind, NearMiss};
use crate::cause::Mending;
use crate::trouble::Trouble;
use crate::world::World;

/// The most keys of the store that are tried, and signatures that they are tried on.
const KEYS: usize = 1024;
const SIGNATURES: usize = 4;
/// The most keys for which other encodings are tried, and the largest payload for that, in bytes.
const ENCODED_KEYS: usize = 16;
const PAYLOAD: usize = 1 << 20;

/// Payload types in use.
const PAYLOAD_TYPES: [&str; 4] =
    ["application/vnd.in-toto+json", "application/json", "text/plain", "application/vnd.dsse+json"];

/// Whether the code is about whose signature it is.
fn is_about_signature(code: Code) -> bool {
    matches!(code, Code::DsseKeyUnknown | Code::DsseSignatureInvalid | Code::SigInvalid | Code::DsseThresholdNotMet)
}

/// Looks among all keys that the trust log has ever known for one that made a signature.
pub(super) fn look_in_store(
    state: &TrustState,
    attestation: &Attestation,
    code: Code,
    registry: &Registry,
) -> Vec<NearMiss> {
    let asked = is_about_signature(code) || code == Code::KeyNotApproved;
    let Some(envelope) = attestation.envelope().filter(|_| asked) else { return Vec::new() };
    let parts = envelope.pae();
    let signed_by = |key: &VerifyingKey, encoding: SignatureEncoding| {
        let message = parts.parts();
        envelope
            .signatures()
            .iter()
            .take(SIGNATURES)
            .any(|signature| key.verify(Message::Parts(&message), signature.sig(), encoding).is_ok())
    };
    let mut near = Vec::new();
    for (_, object) in state.objects().filter(|(_, object)| holds_keys(object)).take(KEYS) {
        match object {
            Object::Recorded(Record::Key(record), standing) => {
                let Some(key) = prepared(&record.key, registry) else { continue };
                if signed_by(&key, record.encoding) {
                    let id = record.id.as_str();
                    let kind = if *standing == Standing::Active { NearKind::OtherKey } else { NearKind::KeyKnown };
                    let what = format!("key {id} of the store made the signature, and is {}", standing.name());
                    let mending = match standing {
                        Standing::Removed => {
                            let reason = format!("attestations signed with key {id} are needed again");
                            let why = "the store knows this key, and it was taken out: look at who did that and why, and take it back only if that was wrong";
                            let mending = Mending::new(why)
                                .command(&["stella", "trust-anchors", "show", id])
                                .command(&["stella", "trust-anchors", "reinstate", id, "--reason", &reason])
                                .accepting(format!("everything signed with key {id} within its window"));
                            Some(mending)
                        }
                        _ => None,
                    };
                    near.push(NearMiss { kind, what, mending });
                }
            }
            Object::Staged(staged) => {
                for spki in staged.keys.iter().take(KEYS) {
                    let Some(key) = prepared(spki, registry) else { continue };
                    if signed_by(&key, SignatureEncoding::Der) {
                        let issuer = staged.issuer.as_str();
                        let mending =
                            Mending::new("the key was fetched for its issuer, and nobody has approved it yet")
                                .command(&["stella", "issuer", "show", issuer])
                                .accepting(format!(
                                    "everything signed with that key, within what issuer {issuer} is trusted for"
                                ));
                        let what =
                            format!("key {} that was fetched for issuer {issuer} made the signature", key.key_id());
                        near.push(NearMiss { kind: NearKind::KeyKnown, what, mending: Some(mending) });
                    }
                }
            }
            _ => {}
        }
    }
    near
}

fn holds_keys(object: &Object) -> bool {
    matches!(object, Object::Recorded(Record::Key(_), _) | Object::Staged(_))
}

fn prepared(spki: &[u8], registry: &Registry) -> Option<VerifyingKey> {
    prepare(&PublicKey::from_spki_der(spki).ok()?, registry)
}

fn prepare(key: &PublicKey, registry: &Registry) -> Option<VerifyingKey> {
    registry.prepare(Scheme::for_key(key), key).ok()
}

/// Looks whether the signature is over another encoding of the same payload.
pub(super) fn look_at_encoding(
    world: &dyn World,
    attestation: &Attestation,
    code: Code,
) -> Result<Vec<NearMiss>, Trouble> {
    let Some(envelope) = attestation.envelope().filter(|_| is_about_signature(code)) else { return Ok(Vec::new()) };
    if envelope.unverified_payload().len() > PAYLOAD {
        return Ok(Vec::new());
    }
    let registry = world.registry();
    let snapshot = world.snapshot(world.at())?;
    let own = certificates(attestation).into_iter().take(1).filter_map(|leaf| leaf.public_key().ok());
    let stored = snapshot.keys().iter().filter_map(|entry| entry.public_key().ok().cloned());
    let keys: Vec<VerifyingKey> =
        own.chain(stored).take(ENCODED_KEYS).filter_map(|key| prepare(&key, &registry)).collect();
    let payload = envelope.unverified_payload();
    let mut encodings = vec![(
        NearKind::BarePayload,
        payload.to_vec(),
        "the bare payload: the signer left out the pre-authentication encoding of DSSE".to_owned(),
    )];
    for kind in PAYLOAD_TYPES.into_iter().filter(|kind| *kind != envelope.payload_type()) {
        let what =
            format!("the payload type {kind}: the type was changed after signing, or the signer named another one");
        encodings.push((NearKind::OtherPayloadType, encoded(kind, payload), what));
    }
    let standard = base64::encode(payload);
    let url: String = standard.replace('+', "-").replace('/', "_");
    for text in
        [standard.clone(), standard.trim_end_matches('=').to_owned(), url.clone(), url.trim_end_matches('=').to_owned()]
    {
        let what =
            "the payload as text in base64: the signer encoded it before signing, and DSSE signs what it stands for"
                .to_owned();
        encodings.push((NearKind::Base64Text, encoded(envelope.payload_type(), text.as_bytes()), what));
    }
    for (kind, message, over) in &encodings {
        for key in &keys {
            let parts = [message.as_slice()];
            let fits = |encoding| {
                envelope
                    .signatures()
                    .iter()
                    .take(SIGNATURES)
                    .any(|signature| key.verify(Message::Parts(&parts), signature.sig(), encoding).is_ok())
            };
            if fits(SignatureEncoding::Der) || fits(SignatureEncoding::Fixed) {
                let what = format!("the signature of key {} verifies over {over}", key.key_id());
                return Ok(vec![NearMiss { kind: *kind, what, mending: None }]);
            }
        }
    }
    Ok(Vec::new())
}

/// DSSE v1 "PAE".
fn encoded(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut message = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    message.extend_from_slice(payload);
    message
}
