//! A Rekor v1 log: canonical entry bodies, signed entry timestamps, inclusion proofs and checkpoints.

use sha2::{Digest as _, Sha256};
use stella_vocabulary::{UnixTime, base64, hex};

use crate::{
    dsse::Envelope,
    json::{self, Value},
    key::TestKey,
    merkle,
};

/// Tree id in the checkpoint origin.
const TREE_ID: u64 = 1_193_050_959_916_656_506;
/// Added to an index in the tree for the index over all shards, so that the two can never be mixed up unnoticed.
const EARLIER_SHARDS: u64 = 121_904_262;
/// Leaves before and after the entry of a bundle.
const NEIGHBOURS: u64 = 5;

/// A fake Rekor v1 log.
pub struct Rekor {
    key: TestKey,
    host: String,
}

/// A log entry as a bundle carries it; every member can be set at will before [`Entry::to_value`].
#[derive(Clone, Debug)]
pub struct Entry {
    /// Entry kind: `dsse`, `intoto` or `hashedrekord`.
    pub kind: String,
    /// Version of the kind.
    pub kind_version: String,
    /// Index over all shards.
    pub log_index: u64,
    /// SHA-256 of the log's SPKI.
    pub log_id: Vec<u8>,
    /// Seconds since 1970 UTC; `None` leaves it out.
    pub integrated_time: Option<i64>,
    /// Signed entry timestamp; `None` leaves the promise out.
    pub promise: Option<Vec<u8>>,
    /// Inclusion proof; `None` leaves it out.
    pub proof: Option<Proof>,
    /// The body as logged.
    pub body: Vec<u8>,
}

/// An inclusion proof with its checkpoint.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Index in the tree.
    pub log_index: u64,
    /// Number of leaves.
    pub tree_size: u64,
    /// Root of the tree.
    pub root: merkle::Hash,
    /// Audit path, from the leaf upwards.
    pub hashes: Vec<merkle::Hash>,
    /// Signed note; `None` leaves it out.
    pub checkpoint: Option<String>,
}

impl Rekor {
    /// The log called `label`, on P-256, that names itself `host` in checkpoints.
    pub fn new(label: &str, host: &str) -> Self {
        Self { key: TestKey::p256(label), host: host.to_owned() }
    }

    /// The log's key.
    pub fn key(&self) -> &TestKey {
        &self.key
    }

    /// The host name in checkpoints.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Logs `body` at `at`: entry number five of a tree of eleven.
    pub fn log(&self, kind: &str, kind_version: &str, body: Vec<u8>, at: UnixTime) -> Entry {
        let index = NEIGHBOURS;
        let neighbour = |number: u64| format!("neighbour {number}").into_bytes();
        let leaves: Vec<merkle::Hash> = (0..=2 * NEIGHBOURS)
            .map(|number| merkle::leaf(&if number == index { body.clone() } else { neighbour(number) }))
            .collect();
        let position = usize::try_from(index).expect("the tree is small");
        let root = merkle::root(&leaves);
        let tree_size = 2 * NEIGHBOURS + 1;
        let proof = Proof {
            log_index: index,
            tree_size,
            root,
            hashes: merkle::audit_path(&leaves, position),
            checkpoint: Some(self.checkpoint(tree_size, &root)),
        };
        let mut entry = Entry {
            kind: kind.to_owned(),
            kind_version: kind_version.to_owned(),
            log_index: EARLIER_SHARDS + index,
            log_id: self.key.spki_sha256().to_vec(),
            integrated_time: Some(at.seconds()),
            promise: None,
            proof: Some(proof),
            body,
        };
        entry.promise = Some(self.promise(&entry));
        entry
    }

    /// The signed entry timestamp for what `entry` says now.
    pub fn promise(&self, entry: &Entry) -> Vec<u8> {
        let signed = format!(
            r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}}"#,
            base64::encode(&entry.body),
            entry.integrated_time.unwrap_or(0),
            hex::encode(&entry.log_id),
            entry.log_index
        );
        self.key.sign(signed.as_bytes())
    }

    /// A signed note for a tree of this size and root.
    pub fn checkpoint(&self, tree_size: u64, root: &merkle::Hash) -> String {
        let text = format!("{} - {TREE_ID}\n{tree_size}\n{}\n", self.host, base64::encode(root));
        let mut signature = self.key.spki_sha256()[..4].to_vec();
        signature.extend(self.key.sign(text.as_bytes()));
        format!("{text}\n\u{2014} {} {}\n", self.host, base64::encode(&signature))
    }
}

impl Entry {
    /// The entry as a JSON value of a bundle's `tlogEntries`.
    pub fn to_value(&self) -> Value {
        let number = |value: u64| json::text(&value.to_string());
        let bytes = |value: &[u8]| json::text(&base64::encode(value));
        let mut members = vec![
            ("canonicalizedBody", bytes(&self.body)),
            (
                "kindVersion",
                json::object([("kind", json::text(&self.kind)), ("version", json::text(&self.kind_version))]),
            ),
            ("logId", json::object([("keyId", bytes(&self.log_id))])),
            ("logIndex", number(self.log_index)),
        ];
        if let Some(promise) = &self.promise {
            members.push(("inclusionPromise", json::object([("signedEntryTimestamp", bytes(promise))])));
        }
        if let Some(seconds) = self.integrated_time {
            members.push(("integratedTime", json::text(&seconds.to_string())));
        }
        if let Some(proof) = &self.proof {
            let mut inner = vec![
                ("hashes", json::array(proof.hashes.iter().map(|hash| bytes(hash)))),
                ("logIndex", number(proof.log_index)),
                ("rootHash", bytes(&proof.root)),
                ("treeSize", number(proof.tree_size)),
            ];
            if let Some(note) = &proof.checkpoint {
                inner.push(("checkpoint", json::object([("envelope", json::text(note))])));
            }
            members.push(("inclusionProof", json::object(inner)));
        }
        json::object(members)
    }
}

/// Body of a `dsse` 0.0.1 entry for `envelope`, whose signatures were all made by `verifier_pem`.
pub fn dsse_body(envelope: &Envelope, verifier_pem: &str) -> Vec<u8> {
    let signatures = envelope.signatures.iter().map(|signature| {
        json::object([
            ("signature", json::text(&base64::encode(&signature.sig))),
            ("verifier", json::text(&base64::encode(verifier_pem.as_bytes()))),
        ])
    });
    let spec = json::object([
        ("envelopeHash", sha256_value(envelope.to_json().as_bytes())),
        ("payloadHash", sha256_value(&envelope.payload)),
        ("signatures", json::array(signatures)),
    ]);
    body("dsse", "0.0.1", spec)
}

/// Body of an `intoto` 0.0.2 entry for `envelope`; signatures there are base64 twice over.
pub fn intoto_body(envelope: &Envelope, verifier_pem: &str) -> Vec<u8> {
    let signatures = envelope.signatures.iter().map(|signature| {
        json::object([
            ("publicKey", json::text(&base64::encode(verifier_pem.as_bytes()))),
            ("sig", json::text(&base64::encode(base64::encode(&signature.sig).as_bytes()))),
        ])
    });
    let inner =
        json::object([("payloadType", json::text(&envelope.payload_type)), ("signatures", json::array(signatures))]);
    let content = json::object([
        ("envelope", inner),
        ("hash", sha256_value(envelope.to_json().as_bytes())),
        ("payloadHash", sha256_value(&envelope.payload)),
    ]);
    body("intoto", "0.0.2", json::object([("content", content)]))
}

/// Body of a `hashedrekord` 0.0.1 entry for a signature over `artifact`.
pub fn hashedrekord_body(artifact: &[u8], signature: &[u8], verifier_pem: &str) -> Vec<u8> {
    let spec = json::object([
        ("data", json::object([("hash", sha256_value(artifact))])),
        (
            "signature",
            json::object([
                ("content", json::text(&base64::encode(signature))),
                ("publicKey", json::object([("content", json::text(&base64::encode(verifier_pem.as_bytes())))])),
            ]),
        ),
    ]);
    body("hashedrekord", "0.0.1", spec)
}

fn body(kind: &str, version: &str, spec: Value) -> Vec<u8> {
    json::object([("apiVersion", json::text(version)), ("kind", json::text(kind)), ("spec", spec)])
        .to_string()
        .into_bytes()
}

fn sha256_value(bytes: &[u8]) -> Value {
    json::object([("algorithm", json::text("sha256")), ("value", json::text(&hex::encode(&Sha256::digest(bytes))))])
}
