//! Checkpoints: a note, signed by the store, that says where its log ends. C2SP tlog-checkpoint.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use stella_crypto_providers::{KeyType, Message, PublicKey, Registry, Scheme, SignatureEncoding, Signer};
use stella_transparency::Checkpoint;
use stella_vocabulary::base64;

use super::error::LedgerError;
use super::id::Id;
use super::record::sha256;
use crate::{Head, TrustError};

/// The identifier of Ed25519 in C2SP signed-note key ids.
const ED25519: u8 = 0x01;

/// The first line of a store's checkpoints, and the name of its key in them.
pub(super) fn origin(store: &Id) -> String {
    format!("stella-trust-store/{store}")
}

/// Signs the checkpoint of `head`.
pub(super) fn sign(store: &Id, head: &Head, signer: &dyn Signer) -> Result<String, LedgerError> {
    let key = signer.public_key();
    check_key(key)?;
    let origin = origin(store);
    let text = format!("{origin}\n{}\n{}\n", head.size, base64::encode(&head.root));
    let signature = signer.sign(Message::Parts(&[text.as_bytes()]), SignatureEncoding::Der)?;
    let mut line = Vec::from(key_hint(&origin, key));
    line.extend(signature);
    Ok(format!("{text}\n\u{2014} {origin} {}\n", base64::encode(&line)))
}

/// Reads a checkpoint of the store and verifies its signature; gives the head that it states.
pub(super) fn verify(registry: &Registry, store: &Id, key: &[u8], checkpoint: &str) -> Result<Head, LedgerError> {
    let parsed = Checkpoint::parse(checkpoint)?;
    let origin = origin(store);
    if parsed.origin() != origin {
        return Err(LedgerError::CheckpointForeign { expected: origin, found: String::from(parsed.origin()) });
    }
    let key = PublicKey::from_spki_der(key).map_err(|error| TrustError::Key { entry: None, error })?;
    check_key(&key)?;
    let verifying = registry.prepare(Scheme::Ed25519, &key)?;
    let hint = key_hint(&origin, &key);
    let mut own = parsed.signatures().iter().filter(|line| line.name() == origin && line.key_hint() == hint);
    let message = [parsed.signed_text().as_bytes()];
    let valid =
        own.any(|line| verifying.verify(Message::Parts(&message), line.signature(), SignatureEncoding::Der).is_ok());
    if valid {
        Ok(Head { size: parsed.tree_size(), root: *parsed.root_hash() })
    } else {
        Err(LedgerError::CheckpointSignature)
    }
}

pub(super) fn check_key(key: &PublicKey) -> Result<(), LedgerError> {
    if key.key_type() == KeyType::Ed25519 { Ok(()) } else { Err(LedgerError::StoreKeyUnsuitable) }
}

/// C2SP signed-note "Signature types": the first four bytes of SHA-256 over name, newline, type and key.
fn key_hint(name: &str, key: &PublicKey) -> [u8; 4] {
    let [a, b, c, d, ..] = sha256(&[name.as_bytes(), b"\n", &[ED25519], key.raw()]);
    [a, b, c, d]
}
