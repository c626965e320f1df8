//! `stella approvals sign`: on a machine without the store.

use std::path::Path;

use stella_attest_model::json::Document;
use stella_attest_model::{Envelope, EnvelopeSignature, Limits, Pae};
use stella_crypto_providers::{Message, SignatureEncoding};
use stella_trust_store::ledger::{ChangeRequest, LedgerError, REQUEST_PAYLOAD_TYPE};
use stella_vocabulary::{Code, Reason, base64};

use super::private_key;
use super::view::describe;
use crate::arguments::SignArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::render::Page;

pub(crate) fn run(said: &SignArguments, context: &Context) -> Result<Answer, Complaint> {
    let bytes = Inputs::default().read(&said.envelope, Kind::Request)?;
    let (payload, mut signatures) = read(&bytes, &said.envelope)?;
    let asked = ChangeRequest::from_payload(&payload).map_err(|error| at(&error, &said.envelope))?;
    if context.at >= asked.expires {
        return Err(LedgerError::Expired { request: asked.id, expires: asked.expires }.into());
    }
    let key = private_key(&said.key, context)?;
    let key_id = key.public_key().key_id().to_string();
    if signatures.iter().any(|signature| signature.keyid_hint() == Some(key_id.as_str())) {
        return Err(Complaint::new(Code::ApprovalNotDistinct, "this key has signed the request already")
            .in_file(&said.envelope)
            .found(key_id)
            .expected("the key of somebody else")
            .remedy(format!("stella approvals approve {} --envelope FILE", asked.id)));
    }
    let pae = Pae::new(REQUEST_PAYLOAD_TYPE, &payload);
    let signature =
        key.sign(Message::Parts(&pae.parts()), SignatureEncoding::Der).map_err(|error| at(&error, &said.envelope))?;
    signatures.push(EnvelopeSignature::new(signature, Some(key_id.clone())));
    let envelope = Envelope::new(REQUEST_PAYLOAD_TYPE.to_string(), payload, signatures);
    let envelope = envelope.map_err(|error| at(&error, &said.envelope))?;
    // What was signed is said where it does not end up in the envelope.
    let mut page = Page::new(context);
    page.field("signed", format!("request {} of store {}", asked.id, asked.store));
    page.field("action", asked.change.action());
    page.maybe("object", asked.change.object());
    describe(&mut page, &asked.change);
    page.field("requester", &asked.requester);
    page.field("reason", &asked.reason);
    page.field("expires", asked.expires);
    page.field("key id", key_id);
    Ok(Answer { text: envelope.to_json() + "\n", diagnostics: page.finish(), ..Answer::default() })
}

/// Payload and signatures of an envelope, of which there may be none yet.
fn read(bytes: &[u8], path: &Path) -> Result<(Vec<u8>, Vec<EnvelopeSignature>), Complaint> {
    let limits = Limits::default();
    let (kind, payload, signatures) = match Envelope::from_json(bytes, &limits) {
        Ok(envelope) => (
            envelope.payload_type().to_string(),
            envelope.unverified_payload().to_vec(),
            envelope.signatures().to_vec(),
        ),
        Err(error) if error.code() == Code::DsseNoSignatures => unsigned(bytes, &limits, path)?,
        Err(error) => return Err(at(&error, path)),
    };
    if kind != REQUEST_PAYLOAD_TYPE {
        return Err(Complaint::new(Code::DssePayloadTypeUnsupported, "this is no change request")
            .in_file(path)
            .found(kind)
            .expected(REQUEST_PAYLOAD_TYPE)
            .remedy("stella approvals show ID --envelope"));
    }
    Ok((payload, signatures))
}

type Parts = (String, Vec<u8>, Vec<EnvelopeSignature>);

fn unsigned(bytes: &[u8], limits: &Limits, path: &Path) -> Result<Parts, Complaint> {
    let document = Document::parse(bytes, limits).map_err(|error| at(&error, path))?;
    let member = |name: &'static str| {
        let value = document.root().as_object()?.required(name, Code::DsseMissingField)?;
        value.as_str().map(ToString::to_string)
    };
    let kind = member("payloadType").map_err(|error| at(&error, path))?;
    let payload = member("payload").map_err(|error| at(&error, path))?;
    let payload = base64::decode(&payload).map_err(|error| at(&error, path))?;
    Ok((kind, payload, Vec::new()))
}

fn at(reason: &dyn Reason, path: &Path) -> Complaint {
    Complaint::of(reason, &name_of(path))
}
