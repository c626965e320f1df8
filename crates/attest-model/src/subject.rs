//! What a statement is about.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::json::Value;
use crate::{Digest, DigestAlgorithm, Limits, StatementError};

/// One subject of a statement: digests, and perhaps a name. in-toto Statement v1 "subject".
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subject {
    name: Option<String>,
    digests: Vec<Digest>,
    other_digests: Vec<(String, String)>,
}

impl Subject {
    pub(crate) fn read(value: Value<'_, '_>, limits: &Limits) -> Result<Self, StatementError> {
        let subject = value.as_object()?;
        let name = match subject.optional("name") {
            Some(name) => Some(name.as_identifier(limits.identifier_bytes)?.to_string()),
            None => None,
        };
        let Some(digest) = subject.member("digest") else {
            return Err(StatementError::SubjectDigestMissing { place: value.place() });
        };
        let set = digest.as_object()?;
        if set.is_empty() {
            return Err(StatementError::SubjectDigestMissing { place: digest.place() });
        }
        if set.len() > limits.digests_per_subject {
            let (found, limit) = (set.len(), limits.digests_per_subject);
            return Err(StatementError::TooManyDigests { place: digest.place(), found, limit });
        }
        let (mut digests, mut other_digests) = (Vec::with_capacity(set.len()), Vec::new());
        for (name, value) in set.members() {
            let text = value.as_identifier(limits.identifier_bytes)?;
            let malformed = || StatementError::malformed_digest(value.place(), name, text);
            match DigestAlgorithm::from_name(name) {
                Some(algorithm) => digests.push(Digest::from_hex(algorithm, text).ok_or_else(malformed)?),
                None if text.is_empty() => return Err(malformed()),
                None => other_digests.push((name.to_string(), text.to_string())),
            }
        }
        Ok(Self { name, digests, other_digests })
    }

    /// Its name, if it has one: opaque text that is shown, and never a path.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its digests by algorithms of [`DigestAlgorithm`], in the order of the statement.
    pub fn digests(&self) -> &[Digest] {
        &self.digests
    }

    /// Its digests by other algorithms: name and value as written.
    pub fn other_digests(&self) -> &[(String, String)] {
        &self.other_digests
    }

    /// Its digest by `algorithm`, if it has one.
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Option<&Digest> {
        self.digests.iter().find(|digest| digest.algorithm() == algorithm)
    }
}
