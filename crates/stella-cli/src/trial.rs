//! Whether a key does what it is for.

use stella_attest_verify::Registry;
use stella_crypto_providers::{Message, SignatureEncoding, Signer};
use stella_vocabulary::{Code, Reason};

use crate::complaint::Complaint;

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
        .map_err(|error| Complaint::of(&error, &format!("signing key {name}")).expected("a signature"))?;
    let verified = Registry::rustcrypto()
        .prepare(signer.scheme(), signer.public_key())
        .map_err(|error| failed(error.to_string()))?
        .verify(message, &signature, SignatureEncoding::Der);
    verified.map_err(|error| failed(format!("the signature of the key does not verify: {}", error.code())))
}
