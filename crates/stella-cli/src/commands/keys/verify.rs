//! `stella keys verify`.

use stella_attest_verify::Registry;
use stella_crypto_providers::{Message, SignatureEncoding, Signer};
use stella_vocabulary::{Code, Reason};

use crate::arguments::VerifyKeyArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::key_ring::KeyRing;
use crate::render::Page;

pub(super) fn run(said: &VerifyKeyArguments, context: &Context) -> Result<Answer, Complaint> {
    let ring = KeyRing::open(context)?;
    let key = ring.chosen(said.id.as_deref())?;
    let signer = ring.signer(key, said.passphrase_file.as_deref(), context)?;
    try_it(&*signer, &key.name)?;
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.key-verified/1")),
            ("name", Value::text(&key.name)),
            ("key_id", Value::text(key.key.key_id().to_string())),
            ("algorithm", Value::text(key.scheme.name())),
            ("operation", Value::text("sign")),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = Page::new(context);
    page.field("signed and verified", &key.name);
    page.field("key id", key.key.key_id());
    page.field("algorithm", key.scheme.name());
    page.field("until", key.until);
    Ok(Answer::done(page.finish()))
}

/// Signs something, and verifies it.
///
/// # Errors
/// `crypto.provider_failed` if there is no signature, or it does not verify.
pub(crate) fn try_it(signer: &dyn Signer, name: &str) -> Result<(), Complaint> {
    let failed = |what: String| {
        Complaint::new(Code::CryptoProviderFailed, what)
            .place(format!("signing key {name}"))
            .expected("a signature that verifies")
            .remedy("stella self-test; and if that passes, make another key: stella keys generate")
    };
    let message = Message::Parts(&[b"stella keys verify"]);
    let signature = signer
        .sign(message, SignatureEncoding::Der)
        .map_err(|error| failed(format!("the key made no signature: {error}")))?;
    let verified = Registry::rustcrypto()
        .prepare(signer.scheme(), signer.public_key())
        .map_err(|error| failed(error.to_string()))?
        .verify(message, &signature, SignatureEncoding::Der);
    verified.map_err(|error| failed(format!("the signature of the key does not verify: {}", error.code())))
}
