//! DSSE envelopes.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::{Code, base64};

use crate::json::{self, ErrorKind, Object, Place, Value};
use crate::{AttestationId, DocumentError, Limits, Pae, bytes};

/// A DSSE envelope whose signatures nobody has looked at. DSSE v1 "Envelope".
///
/// It has at least one signature. The payload is decoded; what is in it is not looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<EnvelopeSignature>,
}

impl Envelope {
    /// Reads an envelope. Members that DSSE does not name are ignored (and must be strict JSON all the same).
    ///
    /// # Errors
    /// Codes of the families `input`, `json` and `base64`, `dsse.missing_field`, `dsse.no_signatures`,
    /// `dsse.too_many_signatures`.
    pub fn from_json(input: &[u8], limits: &Limits) -> Result<Self, DocumentError> {
        Self::read(json::Document::parse(input, limits)?.root(), limits)
    }

    /// Puts an envelope together.
    ///
    /// # Errors
    /// `dsse.no_signatures`; `dsse.missing_field` for a signature without bytes; `json.control_character` and
    /// `input.too_large` for a payload type or key id that an envelope could not be read with.
    pub fn new(
        payload_type: String,
        payload: Vec<u8>,
        signatures: Vec<EnvelopeSignature>,
    ) -> Result<Self, DocumentError> {
        let limits = Limits::default();
        if signatures.is_empty() {
            return Err(DocumentError::NoSignatures { place: Place::root() });
        }
        if signatures.len() > limits.signatures {
            let (found, limit) = (signatures.len(), limits.signatures);
            return Err(DocumentError::TooManySignatures { place: Place::root(), found, limit });
        }
        let identifiers = signatures.iter().filter_map(EnvelopeSignature::keyid_hint).chain([payload_type.as_str()]);
        for text in identifiers {
            let limit = limits.identifier_bytes;
            if text.len() > limit {
                let kind = ErrorKind::IdentifierTooLong { found: text.len(), limit };
                return Err(json::Error::new(kind, Place::root()).into());
            }
            if let Some(found) = text.chars().find(|character| character.is_control()) {
                return Err(json::Error::new(ErrorKind::ControlCharacter { found }, Place::root()).into());
            }
        }
        if signatures.iter().any(|signature| signature.sig.is_empty()) {
            return Err(DocumentError::FieldEmpty { place: Place::root(), name: "sig" });
        }
        Ok(Self { payload_type, payload, signatures })
    }

    pub(crate) fn read(value: Value<'_, '_>, limits: &Limits) -> Result<Self, DocumentError> {
        let envelope = value.as_object()?;
        let payload = required(envelope, "payload")?;
        let payload_type = required(envelope, "payloadType")?.as_identifier(limits.identifier_bytes)?;
        let signatures = required(envelope, "signatures")?.as_array()?;
        let (found, limit) = (signatures.len(), limits.signatures);
        if found == 0 {
            return Err(DocumentError::NoSignatures { place: signatures.value().place() });
        }
        if found > limit {
            return Err(DocumentError::TooManySignatures { place: signatures.value().place(), found, limit });
        }
        let payload = bytes::read(payload, "a payload", limits.payload_bytes)?;
        let mut all = Vec::with_capacity(found);
        for signature in signatures {
            all.push(EnvelopeSignature::read(signature, limits)?);
        }
        Ok(Self { payload_type: payload_type.to_string(), payload, signatures: all })
    }

    /// What the payload claims to be. The signature covers it.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The payload, of which nothing is known before a signature over [`Envelope::pae`] has been verified.
    pub fn unverified_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signatures, in the order of the envelope; at least one.
    pub fn signatures(&self) -> &[EnvelopeSignature] {
        &self.signatures
    }

    /// What the signatures cover.
    pub fn pae(&self) -> Pae<'_> {
        Pae::new(&self.payload_type, &self.payload)
    }

    /// The name of this envelope, whatever bundle or white space it came in.
    pub fn id(&self) -> AttestationId {
        AttestationId::of(|sink| self.write(Members::OfDsse, sink))
    }

    /// The envelope as one line of JSON: members in RFC 8785 order, standard padded base64, with the `cert` members it
    /// has.
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(self.payload.len() / 3 * 4 + 512);
        self.write(Members::All, &mut |piece| json.push_str(piece));
        json
    }

    fn write(&self, members: Members, sink: &mut dyn FnMut(&str)) {
        sink("{\"payload\":");
        write_base64(&self.payload, sink);
        sink(&self.after_payload(members));
    }

    /// The end of the text of which [`Envelope::id`] is the SHA-256: from the comma after the payload on.
    pub(crate) fn canonical_after_payload(&self) -> String {
        self.after_payload(Members::OfDsse)
    }

    fn after_payload(&self, members: Members) -> String {
        let mut text = String::with_capacity(256);
        text.push_str(",\"payloadType\":");
        json::write_canonical_string(&mut text, &self.payload_type);
        text.push_str(",\"signatures\":[");
        for (position, signature) in self.signatures.iter().enumerate() {
            text.push_str(if position == 0 { "{" } else { ",{" });
            if let (Some(certificate), Members::All) = (&signature.certificate, members) {
                text.push_str("\"cert\":");
                json::write_canonical_string(&mut text, certificate);
                text.push(',');
            }
            if let Some(keyid) = &signature.keyid {
                text.push_str("\"keyid\":");
                json::write_canonical_string(&mut text, keyid);
                text.push(',');
            }
            text.push_str("\"sig\":\"");
            text.push_str(&base64::encode(&signature.sig));
            text.push_str("\"}");
        }
        text.push_str("]}");
        text
    }
}

#[derive(Clone, Copy)]
enum Members {
    All,
    OfDsse,
}

/// Writes `bytes` as a JSON string of standard padded base64, in pieces: no second copy of a large payload.
pub(crate) fn write_base64(bytes: &[u8], sink: &mut dyn FnMut(&str)) {
    sink("\"");
    // A multiple of three, so that only the last piece is padded.
    for piece in bytes.chunks(48 << 10) {
        sink(&base64::encode(piece));
    }
    sink("\"");
}

fn required<'d, 'a>(object: Object<'d, 'a>, name: &'static str) -> Result<Value<'d, 'a>, json::Error> {
    object.required(name, Code::DsseMissingField)
}

/// One signature of an envelope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EnvelopeSignature {
    keyid: Option<String>,
    sig: Vec<u8>,
    certificate: Option<String>,
}

impl EnvelopeSignature {
    /// A signature and the hint which key made it. An empty hint is none.
    pub fn new(sig: Vec<u8>, keyid: Option<String>) -> Self {
        Self { keyid: keyid.filter(|keyid| !keyid.is_empty()), sig, certificate: None }
    }

    fn read(value: Value<'_, '_>, limits: &Limits) -> Result<Self, DocumentError> {
        let signature = value.as_object()?;
        let sig = required(signature, "sig")?;
        let bytes = bytes::read(sig, "a signature", limits.document_bytes)?;
        if bytes.is_empty() {
            return Err(DocumentError::FieldEmpty { place: sig.place(), name: "sig" });
        }
        let keyid = match signature.optional("keyid") {
            Some(keyid) => Some(keyid.as_identifier(limits.identifier_bytes)?.to_string()),
            None => None,
        };
        let certificate = match signature.optional("cert").map(Value::as_str).transpose()? {
            Some("") | None => None,
            Some(pem) => Some(pem.to_string()),
        };
        Ok(Self { certificate, ..Self::new(bytes, keyid) })
    }

    /// Which key the signer says it used. Not covered by the signature: good for trying likely keys first, for nothing
    /// else.
    pub fn keyid_hint(&self) -> Option<&str> {
        self.keyid.as_deref()
    }

    /// The signature's bytes.
    pub fn sig(&self) -> &[u8] {
        &self.sig
    }

    /// The certificate that the extension member `cert` holds, in PEM. Not covered by the signature, and not part of
    /// DSSE: the GitHub builders of SLSA provenance put their Fulcio certificate there.
    pub fn unverified_certificate_pem(&self) -> Option<&str> {
        self.certificate.as_deref()
    }
}
