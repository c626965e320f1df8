//! Many attestations, for measuring a store: each of about the wished length, by one of eight signers.
//!
//! Four signers are Ed25519 keys; four have a P-256 certificate of a private authority of their own, so that a change of one anchor concerns an eighth
//! of all. Predicates are filled with digits that do not compress better than real ones do (to about two thirds).

use sha2::{Digest as _, Sha256};
use stella_vocabulary::hex;

use crate::{
    authority::Authority,
    certificate::{SubjectAltName, to_pem},
    dsse::{Envelope, IN_TOTO},
    examples::{BUILDER, File},
    json,
    key::TestKey,
    statement,
};

/// How many signers share the work.
pub const SIGNERS: u64 = 8;

/// The signers of a population.
pub struct Population {
    signers: Vec<Signer>,
    /// About how long each attestation is, in bytes.
    length: usize,
}

struct Signer {
    key: TestKey,
    authority: Option<(Authority, String)>,
}

impl Population {
    /// Signers whose attestations are about `length` bytes long, at least 1,500.
    #[must_use]
    pub fn new(length: usize) -> Self {
        let signers = (0..SIGNERS).map(|number| {
            let label = format!("stella population signer {number} TEST KEY");
            if number.is_multiple_of(2) {
                return Signer { key: TestKey::ed25519(&label), authority: None };
            }
            let key = TestKey::p256(&label);
            let root = Authority::root(&format!("stella population root {number} TEST KEY"));
            let leaf = root.signer_leaf(&key, &SubjectAltName::Uri(BUILDER.to_owned())).sign(root.key());
            Signer { key, authority: Some((root, to_pem(&leaf))) }
        });
        Self { signers: signers.collect(), length }
    }

    /// What to trust for all of them: `key-N.pub` and `root-N.pem`.
    #[must_use]
    pub fn trust(&self) -> Vec<File> {
        let file = |path: String, text: String| File { path, contents: text.into_bytes() };
        let files = self.signers.iter().enumerate().map(|(number, signer)| match &signer.authority {
            None => file(format!("key-{number}.pub"), signer.key.public_pem()),
            Some((root, _)) => file(format!("root-{number}.pem"), root.pem()),
        });
        files.collect()
    }

    /// Attestation number `number`: always the same bytes, in one line without a line feed.
    #[must_use]
    pub fn attestation(&self, number: u64) -> String {
        let signer = &self.signers[usize::try_from(number % SIGNERS).unwrap_or_default()];
        let certificate = signer.authority.as_ref().map(|(_, pem)| pem.as_str());
        let around = 900 + certificate.map_or(0, str::len);
        // The payload is base64 in the envelope.
        let filling = self.length.saturating_sub(around) / 4 * 3;
        let artifact = number.to_be_bytes();
        let predicate = json::object([
            ("builder", json::text(BUILDER)),
            ("materials", json::text(&digits(number, filling))),
            ("number", json::Value::from(number)),
        ]);
        let name = format!("artifact-{number}.bin");
        let kind = if number.is_multiple_of(5) { "https://spdx.dev/Document" } else { statement::SLSA_PROVENANCE_V1 };
        let subjects: [(&str, &[u8]); 1] = [(&name, &Sha256::digest(artifact))];
        let statement = statement::statement(statement::STATEMENT_V1, &subjects, kind, predicate).to_string();
        let envelope = Envelope::new(IN_TOTO, statement.as_bytes());
        let envelope = match certificate {
            Some(pem) => envelope.signed_with_certificate(&signer.key, pem),
            None => envelope.signed_by(&signer.key),
        };
        envelope.to_json()
    }
}

/// Hex digits of hashes that follow each other.
fn digits(seed: u64, length: usize) -> String {
    let mut text = String::with_capacity(length + 64);
    let mut state: [u8; 32] = Sha256::digest(seed.to_be_bytes()).into();
    while text.len() < length {
        text.push_str(&hex::encode(&state));
        state = Sha256::digest(state).into();
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attestations_are_about_as_long_as_wished_and_all_differ() {
        let population = Population::new(4096);
        let all: Vec<String> = (0..16).map(|number| population.attestation(number)).collect();
        for (number, one) in all.iter().enumerate() {
            assert!((3500..4700).contains(&one.len()), "{number}: {} bytes", one.len());
            assert_eq!(*one, Population::new(4096).attestation(number as u64));
            assert_eq!(all.iter().filter(|other| *other == one).count(), 1);
        }
    }

    #[test]
    fn each_signer_has_something_to_be_trusted_by() {
        assert_eq!(Population::new(4096).trust().len() as u64, SIGNERS);
    }
}
