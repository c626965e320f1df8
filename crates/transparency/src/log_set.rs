//! Verification of log entries: the promise to include one (SET) and the proof that it is included.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::{InclusionProof, LogEntry};
use stella_crypto_providers::{Message, Registry, SignatureEncoding, SignatureError, VerifiedBy};
use stella_vocabulary::{Code, Reason, UnixTime, base64, hex};

use crate::checkpoint::Checkpoint;
use crate::log::{KeyedLogs, Log, NotFound};
use crate::log_error::LogError;
use crate::merkle::{self, Hash};

/// Most signatures of one key that are tried on one checkpoint, so that a hostile checkpoint costs no more than a real one with witnesses.
const MAX_TRIES: usize = 16;
/// Largest integer that RFC 8785 writes without rounding: 2^53 − 1.
const MAX_CANONICAL_INTEGER: u64 = (1 << 53) - 1;

/// The transparency logs that are trusted, ready to verify entries.
#[derive(Debug)]
pub struct LogSet {
    logs: KeyedLogs,
}

/// A log's promise to include an entry, verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedPromise {
    /// Which log of [`LogSet::logs`] promised.
    pub log: usize,
    /// When the log took the entry, as the log itself states under its signature.
    pub integrated_time: UnixTime,
    /// Who said that the signature is good.
    pub by: VerifiedBy,
}

/// An entry's place in a log, verified up to a checkpoint that the log signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedInclusion {
    /// Which log of [`LogSet::logs`] holds the entry.
    pub log: usize,
    /// The entry's place in the tree of the checkpoint, from 0; the entry's global number may be larger where a log has shards.
    pub leaf_index: u64,
    /// Leaves of that tree.
    pub tree_size: u64,
    /// Its root.
    pub root: Hash,
    /// The first line of the checkpoint.
    pub origin: String,
    /// Signature lines of other keys, witnesses perhaps, which nobody has verified.
    pub unverified_cosignatures: usize,
    /// Who said that the checkpoint's signature is good.
    pub by: VerifiedBy,
}

impl LogSet {
    /// Takes the logs to trust; their keys are prepared when they are first used.
    #[must_use]
    pub fn new(registry: &Registry, logs: Vec<Log>) -> Self {
        Self { logs: KeyedLogs::new(registry, logs) }
    }

    /// The logs, in the order given.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        self.logs.logs()
    }

    /// Verifies the signed entry timestamp (SET) of `entry` and, with it, the time the log integrated the entry.
    ///
    /// The signature is over the RFC 8785 form of `{body, integratedTime, logID, logIndex}`, and the log's window must hold the time.
    ///
    /// # Errors
    /// [`LogError::PromiseMissing`] and [`LogError::IntegratedTimeMissing`] when there is nothing to verify;
    /// [`LogError::LogUnknown`] and [`LogError::LogOutsideWindow`] when no trusted log fits; [`LogError::PromiseInvalid`] when the
    /// signature does not verify; [`LogError::Crypto`] when no provider can.
    ///
    /// # Left to the caller
    /// Comparing the body with what was signed ([`EntryBody::bind`](crate::rekor::EntryBody::bind)).
    pub fn verify_promise(&self, entry: &LogEntry) -> Result<VerifiedPromise, LogError> {
        let signature = entry.inclusion_promise().ok_or(LogError::PromiseMissing)?;
        let seconds = entry.integrated_time().ok_or(LogError::IntegratedTimeMissing)?;
        let integrated_time = UnixTime::from_seconds(seconds);
        let (index, log) = self.find(entry, core::iter::once(integrated_time))?;
        let exact = u64::try_from(seconds).is_ok_and(|seconds| seconds <= MAX_CANONICAL_INTEGER);
        if !exact || entry.log_index() > MAX_CANONICAL_INTEGER {
            return Err(LogError::PromiseInvalid { log: log.name().to_string() });
        }

        // None of these values needs an escape in JSON.
        let body = base64::encode(entry.canonicalized_body());
        let rest = format!(
            r#"","integratedTime":{seconds},"logID":"{}","logIndex":{}}}"#,
            hex::Hex(entry.log_id()),
            entry.log_index()
        );
        let parts: [&[u8]; 3] = [br#"{"body":""#, body.as_bytes(), rest.as_bytes()];
        let key = self.logs.key(index, log).map_err(LogError::Crypto)?;
        match key.verify_saying_how(Message::Parts(&parts), signature, SignatureEncoding::Der) {
            Ok(by) => Ok(VerifiedPromise { log: index, integrated_time, by }),
            Err(error) if could_not_judge(&error) => Err(LogError::Provider(error)),
            Err(_) => Err(LogError::PromiseInvalid { log: log.name().to_string() }),
        }
    }

    /// Verifies that `entry` is in its log: the Merkle proof, the checkpoint's signature, and that both speak of one tree.
    ///
    /// An integrated time that the entry carries must lie in the window of the log, whether or not a promise confirms it.
    ///
    /// # Errors
    /// Those of [`verify_inclusion_at`](Self::verify_inclusion_at).
    ///
    /// # Left to the caller
    /// Comparing the body with what was signed ([`EntryBody::bind`](crate::rekor::EntryBody::bind)); comparing verified times with the
    /// window of the log where the entry has none (Rekor v2), for which there is [`verify_inclusion_at`](Self::verify_inclusion_at).
    pub fn verify_inclusion(&self, entry: &LogEntry) -> Result<VerifiedInclusion, LogError> {
        self.verify_inclusion_at(entry, &[])
    }

    /// Verifies inclusion as [`verify_inclusion`](Self::verify_inclusion) does, by a log whose window holds every instant of `at`.
    ///
    /// # Errors
    /// [`LogError::LogUnknown`] and [`LogError::LogOutsideWindow`] when no trusted log fits; [`LogError::InclusionProofMissing`] and
    /// [`LogError::CheckpointMissing`] when there is nothing to verify; [`LogError::Checkpoint`] for one that is not a checkpoint;
    /// [`LogError::OriginMismatch`] for one of another log; [`LogError::RootMismatch`] and [`LogError::TreeSizeMismatch`] when
    /// proof and checkpoint speak of different trees; [`LogError::InclusionProof`] when the proof fails; and
    /// [`LogError::CheckpointSignatureInvalid`] when the log has not signed the checkpoint.
    pub fn verify_inclusion_at(&self, entry: &LogEntry, at: &[UnixTime]) -> Result<VerifiedInclusion, LogError> {
        let integrated = entry.integrated_time().map(UnixTime::from_seconds);
        let (index, log) = self.find(entry, integrated.into_iter().chain(at.iter().copied()))?;
        let proof = entry.inclusion_proof().ok_or(LogError::InclusionProofMissing)?;
        let text = proof.checkpoint().ok_or(LogError::CheckpointMissing)?;
        let checkpoint = Checkpoint::parse(text).map_err(LogError::Checkpoint)?;
        let signer = check_origin(log, &checkpoint)?;
        // Members that say the same thing twice have to agree, whichever of them a later reader looks at.
        check_same_tree(proof, &checkpoint)?;
        merkle::verify_inclusion(
            &merkle::leaf_hash(entry.canonicalized_body()),
            proof.log_index(),
            checkpoint.tree_size(),
            proof.hashes(),
            checkpoint.root_hash(),
        )
        .map_err(LogError::InclusionProof)?;
        let (others, by) = self.check_signature(index, log, signer, &checkpoint)?;
        Ok(VerifiedInclusion {
            log: index,
            leaf_index: proof.log_index(),
            tree_size: checkpoint.tree_size(),
            root: *checkpoint.root_hash(),
            origin: checkpoint.origin().to_string(),
            unverified_cosignatures: others,
            by,
        })
    }

    fn find(&self, entry: &LogEntry, at: impl Iterator<Item = UnixTime> + Clone) -> Result<(usize, &Log), LogError> {
        self.logs.find(entry.log_id(), at).map_err(|refusal| match refusal {
            NotFound::Unknown => LogError::LogUnknown { log_id: entry.log_id().to_vec() },
            NotFound::OutsideWindow(log, at) => {
                LogError::LogOutsideWindow { log: log.name().to_string(), window: log.window(), at }
            }
        })
    }

    /// Finds a signature of this log's key; returns how many lines belong to other keys, and who found it good. C2SP signed-note "Verifying signatures".
    fn check_signature(
        &self,
        index: usize,
        log: &Log,
        signer: &str,
        checkpoint: &Checkpoint<'_>,
    ) -> Result<(usize, VerifiedBy), LogError> {
        let invalid = || LogError::CheckpointSignatureInvalid { log: log.name().to_string() };
        let hint = log.log_id().first_chunk::<4>().ok_or_else(invalid)?;
        let lines = checkpoint.signatures();
        let ours = || lines.iter().filter(|line| line.name() == signer && line.key_hint() == *hint);
        if ours().next().is_none() {
            return Err(invalid());
        }
        let key = self.logs.key(index, log).map_err(LogError::Crypto)?;
        let message = [checkpoint.signed_text().as_bytes()];
        for line in ours().take(MAX_TRIES) {
            match key.verify_saying_how(Message::Parts(&message), line.signature(), SignatureEncoding::Der) {
                Ok(by) => return Ok((lines.len() - ours().count(), by)),
                Err(error) if could_not_judge(&error) => return Err(LogError::Provider(error)),
                Err(_) => {}
            }
        }
        Err(invalid())
    }
}

/// Whether the provider failed rather than judged.
fn could_not_judge(error: &SignatureError) -> bool {
    matches!(error.code(), Code::CryptoProviderFailed | Code::CryptoAlgorithmUnavailable)
}

/// Compares the origin line with the log's; returns the name its signature line must have.
///
/// Rekor v1 writes `HOST - TREE` and signs as `HOST`; Rekor v2 and C2SP logs write and sign as `HOST`. The log id tells which it is.
fn check_origin<'a>(log: &'a Log, checkpoint: &Checkpoint<'a>) -> Result<&'a str, LogError> {
    let origin = checkpoint.origin();
    let host = if log.id_is_key_hash() {
        origin
            .rsplit_once(" - ")
            .filter(|(_, tree)| !tree.is_empty() && tree.bytes().all(|byte| byte.is_ascii_digit()))
            .map(|(host, _)| host)
    } else {
        Some(origin)
    };
    match (host, log.origin()) {
        (Some(host), None) => Ok(host),
        (Some(host), Some(configured)) if host == configured => Ok(host),
        (_, configured) => Err(LogError::OriginMismatch {
            expected: configured.unwrap_or(log.name()).to_string(),
            found: origin.to_string(),
        }),
    }
}

fn check_same_tree(proof: &InclusionProof, checkpoint: &Checkpoint<'_>) -> Result<(), LogError> {
    if proof.root_hash() != checkpoint.root_hash() {
        return Err(LogError::RootMismatch { proof: *proof.root_hash(), checkpoint: *checkpoint.root_hash() });
    }
    if proof.tree_size() != checkpoint.tree_size() {
        return Err(LogError::TreeSizeMismatch { proof: proof.tree_size(), checkpoint: checkpoint.tree_size() });
    }
    Ok(())
}
