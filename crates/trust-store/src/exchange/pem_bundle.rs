//! PEM bundles: certificates and public keys, one after the other.

use alloc::format;
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_crypto_providers::{PublicKey, SignatureEncoding};
use stella_vocabulary::{UnixTime, pem};

use super::error::ExchangeError;
use super::import::{Import, ImportNote, ImportTerms, described, known};
use super::naming::{Names, of_subject};
use crate::ledger::{AnchorRecord, Change, IntermediateRecord, KeyRecord, ObjectKind, Record, TrustState};
use crate::soundness::{check_anchor, check_authority};

/// Most objects in one bundle. The largest bundles of the Web's authorities have about 150.
const MAX_OBJECTS: usize = 1024;

/// Reads a bundle: self-issued authorities become anchors, other authorities intermediates (which give no trust), public keys keys.
///
/// What is in the store, or in the bundle twice, is not added again; an expired anchor is left out. Both are noted.
///
/// # Errors
/// [`ExchangeError::Pem`]; [`ExchangeError::Certificate`] and [`ExchangeError::NotAnAuthority`] for a certificate that is unreadable or ends a
/// chain, of which a bundle of authorities has none; [`ExchangeError::Key`]. One of these refuses all of the bundle.
pub fn pem_bundle(
    input: &[u8],
    terms: &ImportTerms,
    state: &TrustState,
    at: UnixTime,
) -> Result<Import, ExchangeError> {
    let blocks = pem::parse_all(input, &["CERTIFICATE", "PUBLIC KEY"])?;
    if blocks.len() > MAX_OBJECTS {
        return Err(ExchangeError::TooMany { found: blocks.len(), limit: MAX_OBJECTS });
    }
    let mut adding = Adding::new(state, at);
    for (number, block) in (1_usize..).zip(&blocks) {
        let place = format!("block {number}");
        if block.label() == "PUBLIC KEY" {
            let key = PublicKey::from_spki_der(block.der());
            adding.key(&key.map_err(|error| ExchangeError::Key { place, error })?, None, terms);
            continue;
        }
        let certificate = Certificate::from_der(block.der());
        let certificate = certificate.map_err(|error| ExchangeError::Certificate { place: place.clone(), error })?;
        if certificate.is_self_issued() {
            adding.anchor(&certificate, place, terms)?;
        } else {
            adding.intermediate(&certificate, place, terms)?;
        }
    }
    Ok(adding.import)
}

/// Additions to a store, each thing once.
pub(super) struct Adding<'s> {
    pub(super) import: Import,
    state: &'s TrustState,
    names: Names<'s>,
    at: UnixTime,
    seen: Vec<(ObjectKind, [u8; 32])>,
}

impl<'s> Adding<'s> {
    pub(super) fn new(state: &'s TrustState, at: UnixTime) -> Self {
        Self { import: Import::default(), state, names: Names::new(state), at, seen: Vec::new() }
    }

    pub(super) fn anchor(
        &mut self,
        certificate: &Certificate,
        place: alloc::string::String,
        terms: &ImportTerms,
    ) -> Result<(), ExchangeError> {
        check_anchor(certificate).map_err(|flaw| ExchangeError::NotAnAuthority { place, flaw })?;
        let sha256 = certificate.fingerprint();
        if self.is_there(ObjectKind::Anchor, &sha256, || described(certificate)) {
            return Ok(());
        }
        if certificate.not_after() < self.at {
            let note = ImportNote::Expired { what: described(certificate), not_after: certificate.not_after() };
            self.import.notes.push(note);
            return Ok(());
        }
        let subject = of_subject(certificate);
        let id = self.names.give(ObjectKind::Anchor, terms.name.as_ref(), &subject, &sha256);
        let terms = terms.labelled(&subject);
        let is_unlimited = terms.scope.is_unlimited();
        let record = Record::Anchor(AnchorRecord { id, certificate: certificate.der().to_vec(), terms });
        if is_unlimited {
            self.import.notes.push(ImportNote::Unlimited { object: record.object(), limit: "scope" });
        }
        self.import.changes.push(Change::Added(record));
        Ok(())
    }

    fn intermediate(
        &mut self,
        certificate: &Certificate,
        place: alloc::string::String,
        terms: &ImportTerms,
    ) -> Result<(), ExchangeError> {
        check_authority(certificate).map_err(|flaw| ExchangeError::NotAnAuthority { place, flaw })?;
        let sha256 = certificate.fingerprint();
        if self.is_there(ObjectKind::Intermediate, &sha256, || described(certificate)) {
            return Ok(());
        }
        let subject = of_subject(certificate);
        let id = self.names.give(ObjectKind::Intermediate, terms.name.as_ref(), &subject, &sha256);
        let label = terms.labelled(&subject).label;
        let record = IntermediateRecord { id, certificate: certificate.der().to_vec(), label };
        self.import.changes.push(Change::Added(Record::Intermediate(record)));
        Ok(())
    }

    pub(super) fn key(&mut self, key: &PublicKey, hint: Option<&str>, terms: &ImportTerms) {
        let sha256 = *key.key_id().as_bytes();
        if self.is_there(ObjectKind::Key, &sha256, || format!("the key {}", key.key_id())) {
            return;
        }
        let id = self.names.give(ObjectKind::Key, terms.name.as_ref(), hint.unwrap_or_default(), &sha256);
        let record = Record::Key(KeyRecord {
            id,
            encoding: SignatureEncoding::Der,
            hint: hint.map(alloc::string::String::from),
            issuer: None,
            key: key.spki_der().to_vec(),
            terms: terms.labelled(hint.unwrap_or_default()),
        });
        if terms.window.is_none_or(|window| window.until().is_none()) {
            self.import.notes.push(ImportNote::Unlimited { object: record.object(), limit: "end" });
        }
        self.import.changes.push(Change::Added(record));
    }

    pub(super) fn left_out(&mut self, what: alloc::string::String, why: &'static str) {
        self.import.notes.push(ImportNote::LeftOut { what, why });
    }

    fn is_there(&mut self, kind: ObjectKind, sha256: &[u8; 32], what: impl FnOnce() -> alloc::string::String) -> bool {
        if let Some(object) = known(self.state, kind, sha256) {
            self.import.notes.push(ImportNote::AlreadyThere { what: what(), object });
            return true;
        }
        if self.seen.contains(&(kind, *sha256)) {
            self.import.notes.push(ImportNote::LeftOut { what: what(), why: "it is there twice" });
            return true;
        }
        self.seen.push((kind, *sha256));
        false
    }
}
