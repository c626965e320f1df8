//! What a document says about itself.

use stella_attest_model::{Attestation, AttestationId, Digest, DocumentError, Form, Limits, Statement};
use stella_attest_verify::identity;
use stella_chain_verify::Certificate;
use stella_crypto_providers::KeyId;
use stella_vocabulary::UnixTime;

/// What a document claims, for finding it again. Nothing of it is verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Facts {
    /// The attestation in it.
    pub attestation: AttestationId,
    /// SHA-256 of the document.
    pub document: [u8; 32],
    /// What form it has.
    pub form: Form,
    /// The digests of its subjects, each once, sorted; for a message signature the digest that it claims.
    pub subjects: Vec<Digest>,
    /// The predicate type of its statement.
    pub predicate_type: Option<String>,
    /// The first name in the signing certificate.
    pub identity: Option<String>,
    /// The identity provider named in it.
    pub issuer: Option<String>,
    /// The key of the signing certificate.
    pub key: Option<KeyId>,
    /// What the signatures say about their keys, each once.
    pub key_hints: Vec<String>,
    /// When a log says that it took it in, if a log entry says so.
    pub logged_at: Option<UnixTime>,
}

impl Facts {
    /// Reads a document, and what it says about itself.
    ///
    /// # Errors
    /// Those of [`Attestation::from_json_with`]. A payload that is no statement and a certificate that cannot be read are none: such a
    /// document is kept and found by its id, and a verification says what is wrong with it.
    pub fn read(document: &[u8], limits: &Limits) -> Result<(Attestation, Self), DocumentError> {
        let attestation = Attestation::from_json_with(document, limits)?;
        let facts = Self::of(&attestation, limits);
        Ok((attestation, facts))
    }

    /// What an attestation says about itself.
    #[must_use]
    pub fn of(attestation: &Attestation, limits: &Limits) -> Self {
        let statement = attestation
            .envelope()
            .and_then(|envelope| Statement::from_payload(envelope.unverified_payload(), limits).ok());
        let mut subjects: Vec<Digest> = match (&statement, attestation.message_signature()) {
            (Some(statement), _) => {
                statement.subjects().iter().flat_map(|subject| subject.digests().iter().cloned()).collect()
            }
            (None, Some(message)) => message.claimed_digest().cloned().into_iter().collect(),
            (None, None) => Vec::new(),
        };
        subjects.sort_unstable_by_key(|digest| (digest.algorithm(), digest.as_bytes().to_vec()));
        subjects.dedup();
        let certificate = certificate(attestation);
        let mut key_hints: Vec<String> = attestation
            .envelope()
            .into_iter()
            .flat_map(|envelope| envelope.signatures())
            .filter_map(|signature| signature.keyid_hint().map(str::to_owned))
            .collect();
        key_hints.sort_unstable();
        key_hints.dedup();
        Self {
            attestation: attestation.id(),
            document: attestation.source_digest(),
            form: attestation.form(),
            subjects,
            predicate_type: statement.map(|statement| statement.predicate_type().to_owned()),
            identity: certificate.as_ref().and_then(|leaf| identity::names(leaf).into_iter().next()),
            issuer: certificate.as_ref().and_then(identity::issuer),
            key: certificate.and_then(|leaf| leaf.public_key().ok().map(|key| key.key_id())),
            key_hints,
            logged_at: attestation
                .log_entries()
                .iter()
                .find_map(|entry| entry.integrated_time())
                .map(UnixTime::from_seconds),
        }
    }
}

/// The certificate it says it was signed with.
fn certificate(attestation: &Attestation) -> Option<Certificate> {
    if let Some(der) = attestation.certificates().first() {
        return Certificate::from_der(der).ok();
    }
    let envelope = attestation.envelope()?;
    let pem = envelope.signatures().iter().find_map(|signature| signature.unverified_certificate_pem())?;
    Certificate::from_pem_all(pem.as_bytes()).ok()?.into_iter().next()
}
