//! Entries of a transparency log, as a bundle carries them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::Code;

use crate::json::{Object, Value};
use crate::{BundleVersion, DocumentError, Limits, bytes};

/// What a bundle says about its place in a transparency log. Sigstore bundle `TransparencyLogEntry`.
///
/// All of it is unverified: indices and hashes have the right form, nothing more.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogEntry {
    log_index: u64,
    log_id: Vec<u8>,
    kind: String,
    version: String,
    integrated_time: Option<i64>,
    inclusion_promise: Option<Vec<u8>>,
    inclusion_proof: Option<InclusionProof>,
    canonicalized_body: Vec<u8>,
}

impl LogEntry {
    pub(crate) fn read(value: Value<'_, '_>, version: BundleVersion, limits: &Limits) -> Result<Self, DocumentError> {
        let entry = value.as_object()?;
        let log_id = required(entry, "logId")?;
        let kind_version = required(entry, "kindVersion")?.as_object()?;
        let inclusion_promise = match entry.optional("inclusionPromise").map(Value::as_object).transpose()? {
            Some(promise) => optional_bytes(promise, "signedEntryTimestamp", limits)?,
            None => None,
        };
        let inclusion_proof = match entry.optional("inclusionProof") {
            Some(proof) => Some(InclusionProof::read(proof, limits)?),
            None => None,
        };
        check_evidence(value, version, inclusion_promise.is_some(), inclusion_proof.as_ref())?;
        Ok(Self {
            log_index: read_natural(entry, "logIndex")?,
            log_id: required_bytes(log_id.as_object()?, "keyId", limits)?,
            kind: required(kind_version, "kind")?.as_identifier(limits.identifier_bytes)?.to_string(),
            version: required(kind_version, "version")?.as_identifier(limits.identifier_bytes)?.to_string(),
            // Protobuf leaves zeros out: a log that gives no time and one that gives 1970 look the same.
            integrated_time: i64::try_from(read_natural(entry, "integratedTime")?).ok().filter(|time| *time != 0),
            inclusion_promise,
            inclusion_proof,
            canonicalized_body: required_bytes(entry, "canonicalizedBody", limits)?,
        })
    }

    /// Its index in the log as a whole, from 0. Signed by the log only as part of an inclusion promise.
    pub fn log_index(&self) -> u64 {
        self.log_index
    }

    /// Which log it says it is from; not empty.
    pub fn log_id(&self) -> &[u8] {
        &self.log_id
    }

    /// The kind of its body, such as `hashedrekord`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The version of its kind, such as `0.0.1`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// When the log says it took the entry in, in seconds since 1970 UTC. Signed only as part of an inclusion promise.
    pub fn integrated_time(&self) -> Option<i64> {
        self.integrated_time
    }

    /// The signature of the log over index, time, log and body (the signed entry timestamp).
    pub fn inclusion_promise(&self) -> Option<&[u8]> {
        self.inclusion_promise.as_deref()
    }

    /// The proof that the body is a leaf of the log's tree.
    pub fn inclusion_proof(&self) -> Option<&InclusionProof> {
        self.inclusion_proof.as_ref()
    }

    /// The leaf: the bytes that the log hashed; not empty.
    pub fn canonicalized_body(&self) -> &[u8] {
        &self.canonicalized_body
    }
}

/// Version 0.1 needs a promise or a proof, the later ones a proof with a checkpoint.
fn check_evidence(
    entry: Value<'_, '_>,
    version: BundleVersion,
    has_promise: bool,
    proof: Option<&InclusionProof>,
) -> Result<(), DocumentError> {
    let (found, expected) = match (version, proof) {
        (BundleVersion::V01, None) if !has_promise => {
            ("neither inclusion promise nor inclusion proof", "an inclusion promise or an inclusion proof")
        }
        (BundleVersion::V01, _) => return Ok(()),
        (_, None) => ("no inclusion proof", "an inclusion proof with a checkpoint"),
        (_, Some(proof)) if proof.checkpoint.is_none() => {
            ("an inclusion proof without checkpoint", "an inclusion proof with a checkpoint")
        }
        (_, Some(_)) => return Ok(()),
    };
    Err(DocumentError::ShapeInvalid { place: entry.place(), found: found.to_string(), expected })
}

/// The path from a leaf to the root of a log's tree. RFC 6962 §2.1.1.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InclusionProof {
    log_index: u64,
    root_hash: [u8; 32],
    tree_size: u64,
    hashes: Vec<[u8; 32]>,
    checkpoint: Option<String>,
}

impl InclusionProof {
    fn read(value: Value<'_, '_>, limits: &Limits) -> Result<Self, DocumentError> {
        let proof = value.as_object()?;
        let hashes = match proof.optional("hashes") {
            Some(list) => {
                let array = list.as_array()?;
                let (found, limit) = (array.len(), limits.proof_hashes);
                if found > limit {
                    return Err(DocumentError::TooManyEntries { place: list.place(), what: "hashes", found, limit });
                }
                let mut hashes = Vec::with_capacity(found);
                for hash in array {
                    hashes.push(read_hash(hash)?);
                }
                hashes
            }
            None => Vec::new(),
        };
        Ok(Self {
            log_index: read_natural(proof, "logIndex")?,
            root_hash: read_hash(required(proof, "rootHash")?)?,
            tree_size: read_natural(proof, "treeSize")?,
            hashes,
            checkpoint: read_checkpoint(proof, limits)?,
        })
    }

    /// The index of the leaf in the tree, from 0.
    pub fn log_index(&self) -> u64 {
        self.log_index
    }

    /// The root that the path should lead to.
    pub fn root_hash(&self) -> &[u8; 32] {
        &self.root_hash
    }

    /// The number of leaves of the tree.
    pub fn tree_size(&self) -> u64 {
        self.tree_size
    }

    /// The hashes next to the path, from the leaf upwards.
    pub fn hashes(&self) -> &[[u8; 32]] {
        &self.hashes
    }

    /// The log's signed note about the root. C2SP tlog-checkpoint.
    pub fn checkpoint(&self) -> Option<&str> {
        self.checkpoint.as_deref()
    }
}

fn read_checkpoint(proof: Object<'_, '_>, limits: &Limits) -> Result<Option<String>, DocumentError> {
    let Some(checkpoint) = proof.optional("checkpoint") else { return Ok(None) };
    let Some(envelope) = checkpoint.as_object()?.optional("envelope") else { return Ok(None) };
    let text = envelope.as_str()?;
    let (found, limit) = (text.len(), limits.checkpoint_bytes);
    if found > limit {
        return Err(DocumentError::TooLarge { place: envelope.place(), what: "a checkpoint", found, limit });
    }
    Ok((!text.is_empty()).then(|| text.to_string()))
}

fn read_hash(value: Value<'_, '_>) -> Result<[u8; 32], DocumentError> {
    if let Some(hash) = bytes::read_32(value.as_str()?) {
        return Ok(hash);
    }
    let hash = bytes::read(value, "a hash", 1024)?;
    let found = hash.len();
    hash.try_into().map_err(|_| DocumentError::ShapeInvalid {
        place: value.place(),
        found: alloc::format!("a hash of {found} bytes"),
        expected: "a SHA-256 hash of 32 bytes",
    })
}

/// An `int64` that is not negative; Protobuf leaves zeros out.
fn read_natural(object: Object<'_, '_>, name: &str) -> Result<u64, DocumentError> {
    const NATURAL: &str = "an integer from 0 to 9223372036854775807";
    let Some(value) = object.optional(name) else { return Ok(0) };
    u64::try_from(value.as_i64_text()?).map_err(|_| value.out_of_range(NATURAL).into())
}

fn required<'d, 'a>(object: Object<'d, 'a>, name: &'static str) -> Result<Value<'d, 'a>, DocumentError> {
    Ok(object.required(name, Code::BundleShapeInvalid)?)
}

fn required_bytes(object: Object<'_, '_>, name: &'static str, limits: &Limits) -> Result<Vec<u8>, DocumentError> {
    let value = required(object, name)?;
    let bytes = bytes::read(value, "an entry", limits.document_bytes)?;
    if bytes.is_empty() {
        let found = "no bytes".to_string();
        return Err(DocumentError::ShapeInvalid { place: value.place(), found, expected: "some bytes" });
    }
    Ok(bytes)
}

fn optional_bytes(object: Object<'_, '_>, name: &str, limits: &Limits) -> Result<Option<Vec<u8>>, DocumentError> {
    let Some(value) = object.optional(name) else { return Ok(None) };
    let bytes = bytes::read(value, "an inclusion promise", limits.document_bytes)?;
    Ok((!bytes.is_empty()).then_some(bytes))
}
