//! Writing statements.

use alloc::string::String;
use alloc::vec::Vec;

use stella_vocabulary::hex;

use crate::json::write_canonical_string;
use crate::{Digest, Limits, Statement, StatementError, StatementVersion};

/// A statement that nobody has signed yet. in-toto Statement v1.
///
/// ```
/// use stella_attest_model::{Digest, Limits, NewStatement, NewSubject};
///
/// let statement = NewStatement {
///     subjects: vec![NewSubject { name: Some("app".into()), digests: vec![Digest::sha256(b"app")] }],
///     predicate_type: "https://in-toto.io/attestation/release/v0.1".into(),
///     predicate: "{\"purl\":\"pkg:generic/app@1.0.0\"}".into(),
/// };
/// let payload = statement.to_payload(&Limits::default())?;
/// assert!(payload.starts_with(b"{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"app\",\"digest\":{\"sha256\":\""));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewStatement {
    /// What it is about; at least one.
    pub subjects: Vec<NewSubject>,
    /// The type of its predicate, a URI.
    pub predicate_type: String,
    /// The predicate: a JSON object, which is signed exactly as it is here.
    pub predicate: String,
}

/// A subject of a new statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewSubject {
    /// Its name.
    pub name: Option<String>,
    /// Its digests, by different algorithms; at least one.
    pub digests: Vec<Digest>,
}

impl NewStatement {
    /// The payload type of its envelope.
    pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

    /// The bytes to sign: members in the order of the specification, subjects and digests in the order given, without white space between
    /// them. The same statement always has the same bytes.
    ///
    /// What comes out was read back with the same `limits`, and says what it should.
    ///
    /// # Errors
    /// Those of [`Statement::from_payload`]: what nobody could read is not written.
    pub fn to_payload(&self, limits: &Limits) -> Result<Vec<u8>, StatementError> {
        let mut json = String::with_capacity(self.predicate.len().saturating_add(512));
        json.push_str("{\"_type\":");
        write_canonical_string(&mut json, StatementVersion::V1.type_uri());
        json.push_str(",\"subject\":[");
        for (position, subject) in self.subjects.iter().enumerate() {
            json.push_str(if position == 0 { "" } else { "," });
            subject.write(&mut json);
        }
        json.push_str("],\"predicateType\":");
        write_canonical_string(&mut json, &self.predicate_type);
        json.push_str(",\"predicate\":");
        // White space around it would come back without it.
        json.push_str(self.predicate.trim_matches([' ', '\t', '\r', '\n']));
        json.push('}');
        let payload = json.into_bytes();
        Statement::from_payload(&payload, limits)?;
        Ok(payload)
    }
}

impl NewSubject {
    fn write(&self, json: &mut String) {
        json.push('{');
        if let Some(name) = &self.name {
            json.push_str("\"name\":");
            write_canonical_string(json, name);
            json.push(',');
        }
        json.push_str("\"digest\":{");
        for (position, digest) in self.digests.iter().enumerate() {
            json.push_str(if position == 0 { "" } else { "," });
            write_canonical_string(json, digest.algorithm().name());
            json.push(':');
            write_canonical_string(json, &hex::encode(digest.as_bytes()));
        }
        json.push_str("}}");
    }
}
