//! The names of algorithms that keys are made for.

use stella_crypto_providers::{Scheme, SigningKey};
use stella_vocabulary::Code;

use crate::complaint::Complaint;
use crate::near_miss;

/// Names without a hash, which is then the usual one.
const SHORT: [(&str, Scheme); 4] = [
    ("ecdsa-p256", Scheme::EcdsaP256Sha256),
    ("ecdsa-p384", Scheme::EcdsaP384Sha384),
    ("ecdsa-p521", Scheme::EcdsaP521Sha512),
    ("ed25519", Scheme::Ed25519),
];

/// The algorithm of a key in a file.
///
/// # Errors
/// `crypto.algorithm_unavailable` for one that only tokens sign by, `sig.algorithm_unsupported` for one that nobody knows.
pub(super) fn for_file(name: &str) -> Result<Scheme, Complaint> {
    of(name, SigningKey::SCHEMES)
}

/// The algorithm of a key in a token: RSA is among them.
///
/// # Errors
/// `sig.algorithm_unsupported`.
pub(super) fn for_token(name: &str) -> Result<Scheme, Complaint> {
    of(name, Scheme::ALL)
}

fn of(name: &str, permitted: &[Scheme]) -> Result<Scheme, Complaint> {
    let short = SHORT.iter().find(|(short, _)| *short == name).map(|(_, scheme)| *scheme);
    let known = short.or_else(|| Scheme::from_name(name));
    if let Some(scheme) = known.filter(|scheme| permitted.contains(scheme)) {
        return Ok(scheme);
    }
    let names: Vec<&str> = SHORT.iter().map(|(short, _)| *short).collect();
    let code = if known.is_some() { Code::CryptoAlgorithmUnavailable } else { Code::SigAlgorithmUnsupported };
    let complaint = Complaint::new(code, "no key is made for this algorithm").place("--algorithm").found(name);
    let all = permitted.iter().map(|scheme| scheme.name()).chain(names.iter().copied());
    let complaint = match near_miss::closest(name, all).filter(|_| known.is_none()) {
        Some(meant) => complaint.expected(meant),
        None => complaint.expected(format!("one of {}", names.join(", "))),
    };
    Err(match known {
        Some(_) => complaint.remedy("make the key in a token: --pkcs11 URI"),
        None => complaint.remedy("stella crypto providers list --algorithms"),
    })
}
