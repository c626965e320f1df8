//! What arrives in a store.

use sha2::{Digest as _, Sha256};
use stella_attest_model::{AttestationId, Form};
use stella_vocabulary::UnixTime;

use crate::facts::Facts;

/// A document on its way into a store.
#[derive(Clone, Copy, Debug)]
pub struct Incoming<'a> {
    /// The bytes as they were read; one line without its line feed, if they were lines.
    pub document: &'a [u8],
    /// What they say: [`Facts::read`] of the same bytes.
    pub facts: &'a Facts,
    /// When it arrived, by the caller's clock.
    pub at: UnixTime,
}

/// What became of one [`Incoming`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Added {
    /// These very bytes were kept already, as this arrival.
    Duplicate(u64),
    /// The attestation was known, and this document brings something else: other evidence, or another form.
    Evidence(u64),
    /// The attestation was not known.
    New(u64),
}

impl Added {
    /// The sequence number of the arrival that holds the document.
    #[must_use]
    pub const fn sequence(self) -> u64 {
        match self {
            Self::Duplicate(sequence) | Self::Evidence(sequence) | Self::New(sequence) => sequence,
        }
    }
}

/// One document that a store keeps. Arrivals are numbered from 1 without a gap, never changed and never removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Arrival {
    /// Its place in the order of arrival, from 1.
    pub sequence: u64,
    /// When it arrived, by the clock of whoever brought it.
    pub at: UnixTime,
    /// The attestation in it. Several documents can hold the same one: bare, and in bundles with different evidence.
    pub attestation: AttestationId,
    /// SHA-256 of the document.
    pub document: [u8; 32],
    /// What form the document has.
    pub form: Form,
    /// Length of the document in bytes.
    pub length: u64,
    /// Whether it is the first document of its attestation.
    pub first: bool,
    /// The predicate type it claims.
    pub predicate_type: Option<String>,
    /// The first name in its signing certificate, if it has one.
    pub identity: Option<String>,
    /// The identity provider named in that certificate.
    pub issuer: Option<String>,
    /// The chain of arrivals up to this one: see [`Arrival::link_after`].
    pub link: [u8; 32],
}

impl Arrival {
    /// The chain after this arrival: SHA-256 over `stella.arrival/1`, a line feed, the link before it (32 bytes; zero bytes before the first),
    /// the sequence number and the time in seconds (8 bytes each, big-endian), the attestation id and the document's SHA-256.
    ///
    /// Whoever holds the link of one moment can tell later whether an arrival before it was changed, removed or put in.
    #[must_use]
    pub fn link_after(
        previous: &[u8; 32],
        sequence: u64,
        at: UnixTime,
        attestation: &AttestationId,
        document: &[u8; 32],
    ) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"stella.arrival/1\n");
        hash.update(previous);
        hash.update(sequence.to_be_bytes());
        hash.update(at.seconds().to_be_bytes());
        hash.update(attestation.as_bytes());
        hash.update(document);
        hash.finalize().into()
    }

    /// Whether this arrival continues the chain that ends with `previous`.
    #[must_use]
    pub fn continues(&self, previous: &[u8; 32]) -> bool {
        self.link == Self::link_after(previous, self.sequence, self.at, &self.attestation, &self.document)
    }
}

/// Where the chain of arrivals ends.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ArrivalsHead {
    /// The number of arrivals, which is the sequence number of the latest.
    pub size: u64,
    /// Its link; zero bytes while there is none.
    pub link: [u8; 32],
}
