//! Signatures over data, by a key and an algorithm in DER.

use serde::Deserialize;
use stella_crypto_providers::{KeyError, Message, PublicKey, Scheme, SignatureEncoding};
use stella_vocabulary::base64;

use super::{case, not_understood};
use crate::case::{Expected, Observed, Reasons};
use crate::sink::Sink;
use crate::suite::Input;

#[derive(Deserialize)]
pub(super) struct Row {
    id: String,
    spki: String,
    algorithm: String,
    data: String,
    signature_bitstring: String,
    expected: String,
}

pub(super) fn run(input: &Input<'_>, rows: Vec<Row>, sink: &mut Sink) {
    for row in rows {
        let expected = match row.expected.as_str() {
            "valid" => Expected::Accept,
            _ => Expected::Reject(Reasons::Any),
        };
        let parts = [&row.spki, &row.algorithm, &row.data, &row.signature_bitstring].map(|text| base64::decode(text));
        let [Ok(spki), Ok(algorithm), Ok(data), Ok(signature)] = parts else {
            sink.skip(case(&row.id, "signed-data", expected, &[]), "not understood: base64");
            continue;
        };
        let case = case(&row.id, "signed-data", expected, &[spki.clone(), algorithm.clone()]);
        // What there is no provider for is neither valid nor invalid. A key of one algorithm beside another one is wrong in any case.
        if let Err(error @ KeyError::AlgorithmUnsupported { .. }) = PublicKey::from_spki_der(&spki)
            && contains(&spki, algorithm.get(2..).unwrap_or_default())
        {
            sink.skip(case, format!("needs an algorithm without a provider: {error}"));
            continue;
        }
        sink.judge(case, || {
            let parts = (spki.as_slice(), algorithm.as_slice(), data.as_slice(), signature.as_slice());
            judge(input, parts).err().unwrap_or(Observed::Accepted)
        });
    }
}

fn judge(input: &Input<'_>, (spki, algorithm, data, signature): (&[u8], &[u8], &[u8], &[u8])) -> Result<(), Observed> {
    let key = PublicKey::from_spki_der(spki).map_err(|error| Observed::refused(&error))?;
    let scheme = Scheme::from_algorithm_identifier(algorithm, key.key_type()).map_err(|e| Observed::refused(&e))?;
    let signature = whole_bytes(signature)?;
    let prepared = input.registry.prepare(scheme, &key).map_err(|error| Observed::refused(&error))?;
    prepared
        .verify(Message::Parts(&[data]), signature, SignatureEncoding::Der)
        .map_err(|error| Observed::refused(&error))
}

/// The contents of a BIT STRING without unused bits, as a certificate keeps a signature.
fn whole_bytes(der: &[u8]) -> Result<&[u8], Observed> {
    let malformed = || {
        let code = stella_vocabulary::Code::X509DerMalformed;
        Observed::Refused(code, "the signature is no BIT STRING of whole bytes".to_owned())
    };
    let (unused, bytes) = match der {
        [0x03, length, unused, bytes @ ..] if *length < 0x80 && usize::from(*length) == bytes.len() + 1 => {
            (unused, bytes)
        }
        [0x03, 0x81, length, unused, bytes @ ..] if *length >= 0x80 && usize::from(*length) == bytes.len() + 1 => {
            (unused, bytes)
        }
        [0x03, 0x82, high, low, unused, bytes @ ..]
            if *high > 0 && usize::from(u16::from_be_bytes([*high, *low])) == bytes.len() + 1 =>
        {
            (unused, bytes)
        }
        [0x03, ..] => return Err(malformed()),
        _ => return Err(not_understood("a signature that is no BIT STRING")),
    };
    if *unused == 0 { Ok(bytes) } else { Err(malformed()) }
}

fn contains(der: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && der.windows(part.len()).any(|window| window == part)
}
