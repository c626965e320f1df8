//! Revocation lists (RFC 5280 §5) and OCSP responses (RFC 6960), as small as they can be.

use sha2::{Digest as _, Sha256};
use stella_vocabulary::UnixTime;

use crate::certificate::Extension;
use crate::key::TestKey;
use crate::{der, oid};

/// A list of `issuer` (a whole `Name`), number 1, of `serials` that were all revoked at `this_update` for a compromised key.
pub fn list(issuer: &[u8], key: &TestKey, this_update: UnixTime, next_update: UnixTime, serials: &[u64]) -> Vec<u8> {
    list_of_point(issuer, key, this_update, next_update, serials, None)
}

/// The extension `cRLDistributionPoints` with a point at each of these URIs.
pub fn distribution_points(uris: &[&str]) -> Extension {
    Extension::plain("2.5.29.31", der::sequence(uris.iter().map(|uri| der::sequence([point_name(uri)]))))
}

/// `distributionPoint` with `fullName`.
fn point_name(uri: &str) -> Vec<u8> {
    der::context(0, [der::context(0, [der::context_primitive(6, uri.as_bytes())])])
}

/// As [`list`], for certificates of the distribution point at `point` alone, if there is one.
pub fn list_of_point(
    issuer: &[u8],
    key: &TestKey,
    this_update: UnixTime,
    next_update: UnixTime,
    serials: &[u64],
    point: Option<&str>,
) -> Vec<u8> {
    const NUMBER: &str = "2.5.29.20";
    const REASON: &str = "2.5.29.21";
    const ISSUING_POINT: &str = "2.5.29.28";
    let extension = |oid: &str, value: Vec<u8>| der::sequence([der::object_identifier(oid), der::octet_string(&value)]);
    let reason = der::sequence([extension(REASON, der::element(0x0a, &[1]))]);
    let entry = |serial: &u64| der::sequence([der::integer(*serial), der::time(this_update), reason.clone()]);
    let mut parts = vec![
        der::integer(1),
        key.signature_algorithm(),
        issuer.to_vec(),
        der::time(this_update),
        der::time(next_update),
    ];
    if !serials.is_empty() {
        parts.push(der::sequence(serials.iter().map(entry)));
    }
    let mut extensions = vec![extension(NUMBER, der::integer(1))];
    extensions.extend(point.map(|uri| {
        let value = der::octet_string(&der::sequence([point_name(uri)]));
        der::sequence([der::object_identifier(ISSUING_POINT), der::boolean(true), value])
    }));
    parts.push(der::context(0, [der::sequence(extensions)]));
    let tbs = der::sequence(parts);
    let signature = key.sign(&tbs);
    der::sequence([tbs, key.signature_algorithm(), der::bit_string(&signature)])
}

/// What a response says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is not revoked.
    Good,
    /// It was revoked then.
    Revoked(UnixTime),
    /// The responder does not know it.
    Unknown,
}

/// A response of the authority `issuer` (a whole `Name`) itself about its certificate with this number.
pub fn response(
    issuer: &[u8],
    key: &TestKey,
    serial: u64,
    status: Status,
    this_update: UnixTime,
    next_update: UnixTime,
) -> Vec<u8> {
    const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";
    let hash = |bytes: &[u8]| der::octet_string(&Sha256::digest(bytes));
    let id =
        der::sequence([der::algorithm(oid::SHA256), hash(issuer), hash(key.public_key().raw()), der::integer(serial)]);
    let status = match status {
        Status::Good => der::context_primitive(0, &[]),
        Status::Revoked(at) => der::context(1, [der::generalized_time(at)]),
        Status::Unknown => der::context_primitive(2, &[]),
    };
    let next = der::context(0, [der::generalized_time(next_update)]);
    let single = der::sequence([id, status, der::generalized_time(this_update), next]);
    let tbs = der::sequence([der::context(1, [issuer]), der::generalized_time(this_update), der::sequence([single])]);
    let signature = key.sign(&tbs);
    let basic = der::sequence([tbs, key.signature_algorithm(), der::bit_string(&signature)]);
    let bytes = der::sequence([der::object_identifier(BASIC), der::octet_string(&basic)]);
    der::sequence([der::element(0x0a, &[0]), der::context(0, [bytes])])
}
