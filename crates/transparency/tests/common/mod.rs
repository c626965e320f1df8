//! What several test programs need: files and the parts of certificates.
#![allow(clippy::unwrap_used, dead_code, missing_docs, unreachable_pub)]

pub mod entries;

use std::fs;
use std::path::PathBuf;

use der::{Decode, Encode, Reader, SliceReader, asn1::AnyRef};
use stella_crypto_providers::PublicKey;
use stella_vocabulary::pem;

pub fn testdata(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn text(name: &str) -> String {
    String::from_utf8(testdata(name)).unwrap()
}

pub fn json(name: &str) -> serde_json::Value {
    serde_json::from_slice(&testdata(name)).unwrap()
}

/// Certificates of a PEM file, or the one of a DER file.
pub fn certificates(name: &str) -> Vec<Vec<u8>> {
    let bytes = testdata(name);
    if bytes.starts_with(&[0x30]) {
        return vec![bytes];
    }
    // openssl's text dump may precede the block.
    let text = String::from_utf8(bytes).unwrap();
    let text = &text[text.find("-----BEGIN").unwrap()..];
    pem::parse_all(text.as_bytes(), &["CERTIFICATE"]).unwrap().into_iter().map(pem::Block::into_der).collect()
}

pub struct Fields {
    pub issuer: Vec<u8>,
    pub serial: Vec<u8>,
    pub spki: Vec<u8>,
}

pub fn fields(certificate: &[u8]) -> Option<Fields> {
    let outer = AnyRef::from_der(certificate).ok()?;
    let mut reader = SliceReader::new(outer.value()).ok()?;
    let tbs = AnyRef::decode(&mut reader).ok()?;
    let mut reader = SliceReader::new(tbs.value()).ok()?;
    let mut all = Vec::new();
    while !reader.is_finished() {
        all.push(AnyRef::decode(&mut reader).ok()?);
    }
    let first = usize::from(all.first()?.header().tag().is_context_specific());
    let whole = |index: usize| all.get(first + index).and_then(|element| element.to_der().ok());
    Some(Fields { serial: all.get(first)?.value().to_vec(), issuer: whole(2)?, spki: whole(5)? })
}

pub fn spki(certificate: &[u8]) -> Vec<u8> {
    fields(certificate).unwrap().spki
}

pub fn key(certificate: &[u8]) -> Option<PublicKey> {
    PublicKey::from_spki_der(&fields(certificate)?.spki).ok()
}
