//! Sigstore `trusted_root.json` documents.

use stella_crypto_providers::KeyType;
use stella_vocabulary::{UnixTime, base64};

use crate::{
    json::{self, Value},
    key::TestKey,
};

/// A `trusted_root.json` under construction. Each entry is a JSON value, to be changed at will.
#[derive(Clone, Debug, Default)]
pub struct TrustedRoot {
    /// `certificateAuthorities`.
    pub certificate_authorities: Vec<Value>,
    /// `ctlogs`.
    pub ct_logs: Vec<Value>,
    /// `timestampAuthorities`.
    pub timestamp_authorities: Vec<Value>,
    /// `tlogs`.
    pub logs: Vec<Value>,
}

/// From when until when an entry counts, both inclusive.
#[derive(Clone, Copy, Debug)]
pub struct ValidFor {
    /// `start`; `None` leaves it out, which makes the entry unusable.
    pub start: Option<UnixTime>,
    /// `end`; `None` leaves it open.
    pub end: Option<UnixTime>,
}

impl TrustedRoot {
    /// The document as a JSON value, media type version 0.1.
    pub fn to_value(&self) -> Value {
        json::object([
            ("certificateAuthorities", json::array(self.certificate_authorities.iter().cloned())),
            ("ctlogs", json::array(self.ct_logs.iter().cloned())),
            ("mediaType", json::text("application/vnd.dev.sigstore.trustedroot+json;version=0.1")),
            ("timestampAuthorities", json::array(self.timestamp_authorities.iter().cloned())),
            ("tlogs", json::array(self.logs.iter().cloned())),
        ])
    }

    /// The document as indented JSON.
    pub fn to_json(&self) -> String {
        json::pretty(&self.to_value())
    }
}

/// An entry of `certificateAuthorities` or `timestampAuthorities`: `chain` is DER, nearest to the leaf first, anchor last.
pub fn authority(uri: &str, chain: &[Vec<u8>], valid_for: ValidFor) -> Value {
    let certificates = chain.iter().map(|der| json::object([("rawBytes", json::text(&base64::encode(der)))]));
    json::object([
        ("certChain", json::object([("certificates", json::array(certificates))])),
        (
            "subject",
            json::object([("commonName", json::text("TEST KEY, never trust")), ("organization", json::text("stella"))]),
        ),
        ("uri", json::text(uri)),
        ("validFor", valid_for.to_value()),
    ])
}

/// An entry of `tlogs` or `ctlogs`.
pub fn log(base_url: &str, key: &TestKey, valid_for: ValidFor) -> Value {
    let details = match key.scheme().key_type() {
        KeyType::EcP384 => "PKIX_ECDSA_P384_SHA_384",
        KeyType::EcP521 => "PKIX_ECDSA_P521_SHA_512",
        KeyType::Ed25519 => "PKIX_ED25519",
        _ => "PKIX_ECDSA_P256_SHA_256",
    };
    json::object([
        ("baseUrl", json::text(base_url)),
        ("hashAlgorithm", json::text("SHA2_256")),
        ("logId", json::object([("keyId", json::text(&base64::encode(&key.spki_sha256())))])),
        (
            "publicKey",
            json::object([
                ("keyDetails", json::text(details)),
                ("rawBytes", json::text(&base64::encode(key.spki()))),
                ("validFor", valid_for.to_value()),
            ]),
        ),
    ])
}

impl ValidFor {
    fn to_value(self) -> Value {
        let mut members = Vec::new();
        members.extend(self.start.map(|at| ("start", json::text(&at.to_string()))));
        members.extend(self.end.map(|at| ("end", json::text(&at.to_string()))));
        json::object(members)
    }
}
