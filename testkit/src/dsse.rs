//! DSSE envelopes.

use stella_vocabulary::base64;

use crate::{json, key::TestKey};

/// The media type of an in-toto statement.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// One signature of an envelope.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Hint; `None` leaves the member out.
    pub keyid: Option<String>,
    /// The signature bytes.
    pub sig: Vec<u8>,
    /// `cert` member: PEM of the signer's certificate, the extension some builders use.
    pub certificate_pem: Option<String>,
}

/// A DSSE envelope whose members can all be set at will.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// `payloadType`.
    pub payload_type: String,
    /// `payload` before base64.
    pub payload: Vec<u8>,
    /// `signatures`.
    pub signatures: Vec<Signature>,
}

impl Envelope {
    /// An envelope without a signature.
    pub fn new(payload_type: &str, payload: &[u8]) -> Self {
        Self { payload_type: payload_type.to_owned(), payload: payload.to_vec(), signatures: Vec::new() }
    }

    /// Adds the signature of `key`, without a hint.
    #[must_use]
    pub fn signed_by(self, key: &TestKey) -> Self {
        self.with_signature(key, None, None)
    }

    /// Adds the signature of `key` together with the PEM of its certificate in `cert`.
    #[must_use]
    pub fn signed_with_certificate(self, key: &TestKey, certificate_pem: &str) -> Self {
        self.with_signature(key, None, Some(certificate_pem.to_owned()))
    }

    /// Adds the signature of `key` with this hint.
    #[must_use]
    pub fn signed_with_hint(self, key: &TestKey, keyid: &str) -> Self {
        self.with_signature(key, Some(keyid.to_owned()), None)
    }

    fn with_signature(mut self, key: &TestKey, keyid: Option<String>, certificate_pem: Option<String>) -> Self {
        let sig = key.sign(&pae(&self.payload_type, &self.payload));
        self.signatures.push(Signature { keyid, sig, certificate_pem });
        self
    }

    /// The envelope as compact JSON, members in alphabetical order.
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
    }

    /// The envelope as a JSON value.
    pub fn to_value(&self) -> json::Value {
        let signatures = self.signatures.iter().map(|signature| {
            let mut members = Vec::new();
            if let Some(pem) = &signature.certificate_pem {
                members.push(("cert", json::text(pem)));
            }
            if let Some(keyid) = &signature.keyid {
                members.push(("keyid", json::text(keyid)));
            }
            members.push(("sig", json::text(&base64::encode(&signature.sig))));
            json::object(members)
        });
        json::object([
            ("payload", json::text(&base64::encode(&self.payload))),
            ("payloadType", json::text(&self.payload_type)),
            ("signatures", json::array(signatures)),
        ])
    }
}

/// DSSE v1 "PAE": what is signed.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}
