//! Signatures of envelopes by plain keys, below any policy.

use std::path::{Path, PathBuf};

use stella_attest_model::Envelope;
use stella_crypto_providers::{Message, PublicKey, Scheme, SignatureEncoding};
use stella_vocabulary::Code;

use crate::case::Observed;
use crate::files;
use crate::suite::{Input, SuiteError};

/// Whether a file of that name holds a public key.
pub(crate) fn is_key(name: &str) -> bool {
    name.ends_with(".pem") || name.ends_with(".pub")
}

/// Every public key of a directory.
pub(crate) fn public_keys(directory: &Path) -> Result<Vec<PublicKey>, SuiteError> {
    let read =
        |path: &PathBuf| PublicKey::from_pem(&files::read(path)?).map_err(|error| SuiteError::unreadable(path, &error));
    files::list(directory, is_key)?.iter().map(read).collect()
}

/// Accepted if every signature is by a key of its own.
pub(crate) fn verify_envelope(
    input: &Input<'_>,
    envelope: &Envelope,
    keys: &[PublicKey],
    encoding: SignatureEncoding,
) -> Observed {
    let pae = envelope.pae();
    let parts = pae.parts();
    let mut unused: Vec<&PublicKey> = keys.iter().collect();
    for signature in envelope.signatures() {
        let by = |key: &&PublicKey| {
            let verifying = input.registry.prepare(Scheme::for_key(key), key);
            verifying.is_ok_and(|verifying| verifying.verify(Message::Parts(&parts), signature.sig(), encoding).is_ok())
        };
        match unused.iter().position(by) {
            Some(index) => unused.swap_remove(index),
            None => return Observed::Refused(Code::SigInvalid, "a signature is by no key of its own".into()),
        };
    }
    Observed::Accepted
}
