//! One signed file with everything that a store trusts.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::json::{Document, write_canonical_string};
use stella_attest_model::{Envelope, EnvelopeSignature, Limits, Pae, json};
use stella_crypto_providers::{KeyId, Message, PublicKey, Registry, Scheme, SignatureEncoding, Signer};
use stella_vocabulary::{Code, UnixTime, base64, hex};

use super::error::{ExchangeError, ExportFlaw};
use crate::ledger::portable::{read_recorded, sign_checkpoint, verify_checkpoint};
use crate::ledger::{Id, Ledger, LedgerError, Object, ObjectKind, Record, Standing, TrustState};
use crate::{Head, LogStore};

/// The payload type of the DSSE envelope around an export.
pub const EXPORT_PAYLOAD_TYPE: &str = "application/vnd.stella.trust-export.v1+json";

const SCHEMA: &str = "stella.trust-export/1";

/// What is exported: what anybody could rely on. Who approves, what is asked for and what was fetched is the business of a store.
const KINDS: [ObjectKind; 5] =
    [ObjectKind::Anchor, ObjectKind::Intermediate, ObjectKind::Issuer, ObjectKind::Key, ObjectKind::TrustedRoot];

/// Largest file, in bytes: 100,000 keys take about 60 MiB.
const MAX_BYTES: usize = 256 << 20;
/// Most objects in one file.
const MAX_OBJECTS: usize = 1_000_000;

/// Everything that a store trusts, does not trust any more or has revoked: anchors, intermediates, issuers, keys, trusted roots.
///
/// In a file it is a DSSE envelope with one signature by the key that signs the checkpoints of the store.
#[derive(Clone, Debug, PartialEq)]
pub struct TrustExport {
    /// The checkpoint of the store, a signed note.
    pub checkpoint: String,
    /// When it was written.
    pub created: UnixTime,
    /// The head of the log of the store.
    pub head: Head,
    /// The key that signed.
    pub key: PublicKey,
    /// The objects, by kind and then by id.
    pub objects: Vec<(Record, Standing)>,
    /// The store.
    pub store: Id,
}

impl TrustExport {
    /// What `ledger` holds, without the emergency changes that are in force.
    ///
    /// # Errors
    /// [`LedgerError::StoreKeyUnsuitable`] if `signer` does not hold the key of the store.
    pub fn of<L: LogStore>(ledger: &Ledger<L>, signer: &dyn Signer, at: UnixTime) -> Result<Self, ExchangeError> {
        let store = ledger.state().store().ok_or_else(|| LedgerError::NotFound { what: "the store".to_string() })?;
        if signer.public_key().spki_der() != store.key {
            return Err(LedgerError::StoreKeyUnsuitable.into());
        }
        Ok(Self {
            checkpoint: sign_checkpoint(&store.id, &ledger.head(), signer)?,
            created: at,
            head: ledger.head(),
            key: signer.public_key().clone(),
            objects: recorded(ledger.state()).map(|(record, standing)| (record.clone(), standing)).collect(),
            store: store.id.clone(),
        })
    }

    /// The signed file: one line of JSON.
    ///
    /// # Errors
    /// [`LedgerError::Sign`], [`LedgerError::StoreKeyUnsuitable`] if `signer` holds another key.
    pub fn to_signed_json(&self, signer: &dyn Signer) -> Result<String, ExchangeError> {
        if *signer.public_key() != self.key {
            return Err(LedgerError::StoreKeyUnsuitable.into());
        }
        let payload = self.to_payload();
        let pae = Pae::new(EXPORT_PAYLOAD_TYPE, &payload);
        let signature = signer.sign(Message::Parts(&pae.parts()), SignatureEncoding::Der).map_err(LedgerError::Sign)?;
        let signature = EnvelopeSignature::new(signature, Some(self.key.key_id().to_string()));
        let envelope = Envelope::new(EXPORT_PAYLOAD_TYPE.to_string(), payload, Vec::from([signature]));
        Ok(envelope.map_err(LedgerError::Document)?.to_json())
    }

    /// Reads a signed file whose key is known: given by somebody, not by the file.
    ///
    /// # Errors
    /// [`ExchangeError::ExportInvalid`] if it is no such file, or its checkpoint is not of its head; [`ExchangeError::ExportForeignKey`] and
    /// [`ExchangeError::ExportSignature`] if `expected` has not signed it.
    pub fn from_signed_json(input: &[u8], registry: &Registry, expected: &KeyId) -> Result<Self, ExchangeError> {
        let limits = Limits { document_bytes: MAX_BYTES, payload_bytes: MAX_BYTES, ..Limits::default() };
        let envelope = Envelope::from_json(input, &limits).map_err(LedgerError::Document)?;
        if envelope.payload_type() != EXPORT_PAYLOAD_TYPE {
            return Err(ExchangeError::ExportType { found: envelope.payload_type().to_string() });
        }
        let [signature] = envelope.signatures() else {
            return Err(ExportFlaw::Signatures { found: envelope.signatures().len() }.into());
        };
        // The key is in the payload, which nobody has signed until it is found to be the expected one.
        let payload = envelope.unverified_payload();
        let document = Document::parse_within(payload, MAX_BYTES, &limits)?;
        let key = PublicKey::from_spki_der(&bytes(document.root().as_object()?, "key")?)
            .map_err(|error| ExchangeError::Key { place: "$.key".to_string(), error })?;
        if key.key_id() != *expected {
            return Err(ExchangeError::ExportForeignKey { expected: *expected, found: key.key_id() });
        }
        let verifying = registry.prepare(Scheme::for_key(&key), &key).map_err(LedgerError::Crypto)?;
        verifying
            .verify(Message::Parts(&envelope.pae().parts()), signature.sig(), SignatureEncoding::Der)
            .map_err(|_| ExchangeError::ExportSignature { key: key.key_id() })?;
        Self::read(&document, key, registry)
    }

    fn read(document: &Document<'_>, key: PublicKey, registry: &Registry) -> Result<Self, ExchangeError> {
        let root = document.root().as_object()?;
        if text(root, "schema")? != SCHEMA {
            return Err(LedgerError::SchemaTooNew { what: "a trust export" }.into());
        }
        let store = Id::new(text(root, "store")?)?;
        let checkpoint = text(root, "checkpoint")?.to_string();
        let head = verify_checkpoint(registry, &store, key.spki_der(), &checkpoint)?;
        let stated = root.required("head", Code::AuditBroken)?.as_object()?;
        let stated = (stated.required("size", Code::AuditBroken)?.as_u64()?, text(stated, "root")?.to_string());
        if stated != (head.size, hex::encode(&head.root)) {
            return Err(ExportFlaw::Checkpoint.into());
        }
        let list = root.required("objects", Code::AuditBroken)?.as_array()?;
        if list.len() > MAX_OBJECTS {
            return Err(ExchangeError::TooMany { found: list.len(), limit: MAX_OBJECTS });
        }
        let mut objects: Vec<(Record, Standing)> = Vec::with_capacity(list.len());
        for value in list {
            let member = value.as_object()?;
            let kind = ObjectKind::from_name(text(member, "kind")?).filter(|kind| KINDS.contains(kind));
            let kind = kind.ok_or(LedgerError::SchemaTooNew { what: "a kind of object" })?;
            objects.push(read_recorded(kind, member.required("object", Code::AuditBroken)?)?);
        }
        let sorted = objects.iter().zip(objects.iter().skip(1)).all(|(one, next)| one.0.object() < next.0.object());
        if !sorted {
            return Err(ExportFlaw::Order.into());
        }
        let created = UnixTime::parse_rfc3339(text(root, "created")?).map_err(LedgerError::Time)?;
        Ok(Self { checkpoint, created, head, key, objects, store })
    }

    /// Canonical JSON (RFC 8785).
    fn to_payload(&self) -> Vec<u8> {
        let mut out = String::from("{\"checkpoint\":");
        write_canonical_string(&mut out, &self.checkpoint);
        out.push_str(&format!(",\"created\":\"{}\"", self.created));
        out.push_str(&format!(
            ",\"head\":{{\"root\":\"{}\",\"size\":{}}}",
            hex::encode(&self.head.root),
            self.head.size
        ));
        out.push_str(&format!(",\"key\":\"{}\",\"objects\":[", base64::encode(self.key.spki_der())));
        for (index, (record, standing)) in self.objects.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            let object = Object::Recorded(record.clone(), *standing).to_canonical_json();
            out.push_str(&format!("{{\"kind\":\"{}\",\"object\":{object}}}", record.kind().name()));
        }
        out.push_str(&format!("],\"schema\":\"{SCHEMA}\",\"store\":\"{}\"}}", self.store));
        out.into_bytes()
    }

    /// Whether this file is not older than the newest one seen of the store, and not of another history of it.
    ///
    /// The caller remembers [`TrustExport::head`] of what was taken in, outside of the store.
    ///
    /// # Errors
    /// [`ExchangeError::ExportOlder`].
    pub fn check_newer_than(&self, seen: &Head) -> Result<(), ExchangeError> {
        if self.head.size < seen.size || (self.head.size == seen.size && self.head.root != seen.root) {
            return Err(ExchangeError::ExportOlder { seen: *seen, found: self.head });
        }
        Ok(())
    }
}

/// What of a store is exported, by kind and then by id.
pub(super) fn recorded(state: &TrustState) -> impl Iterator<Item = (&Record, Standing)> {
    let objects = KINDS.into_iter().flat_map(|kind| state.objects_of(kind));
    objects.filter_map(|object| match object {
        Object::Recorded(record, standing) => Some((record, *standing)),
        _ => None,
    })
}

fn text<'d>(object: json::Object<'d, '_>, name: &'static str) -> Result<&'d str, ExchangeError> {
    Ok(object.required(name, Code::AuditBroken)?.as_str()?)
}

fn bytes(object: json::Object<'_, '_>, name: &'static str) -> Result<Vec<u8>, ExchangeError> {
    Ok(base64::decode_standard(text(object, name)?).map_err(LedgerError::Base64)?)
}
