//! Object identifiers the fixtures use, in dotted form.

/// `id-ce-authorityKeyIdentifier`.
pub const AUTHORITY_KEY_IDENTIFIER: &str = "2.5.29.35";
/// `id-ce-basicConstraints`.
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// `id-kp-codeSigning`.
pub const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
/// `id-at-commonName`.
pub const COMMON_NAME: &str = "2.5.4.3";
/// `id-ce-extKeyUsage`.
pub const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
/// Fulcio: OIDC issuer, raw text.
pub const FULCIO_ISSUER_V1: &str = "1.3.6.1.4.1.57264.1.1";
/// Fulcio: OIDC issuer, a DER `UTF8String`.
pub const FULCIO_ISSUER_V2: &str = "1.3.6.1.4.1.57264.1.8";
/// Fulcio: `otherName` type of a user name.
pub const FULCIO_USERNAME: &str = "1.3.6.1.4.1.57264.1.7";
/// `id-ce-keyUsage`.
pub const KEY_USAGE: &str = "2.5.29.15";
/// `id-ce-nameConstraints`.
pub const NAME_CONSTRAINTS: &str = "2.5.29.30";
/// `id-at-organizationName`.
pub const ORGANIZATION: &str = "2.5.4.10";
/// Certificate transparency: list of signed certificate timestamps (RFC 6962 §3.3).
pub const SCT_LIST: &str = "1.3.6.1.4.1.11129.2.4.2";
/// `id-kp-serverAuth`.
pub const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
/// SHA-256.
pub const SHA256: &str = "2.16.840.1.101.3.4.2.1";
/// `id-ce-subjectAltName`.
pub const SUBJECT_ALT_NAME: &str = "2.5.29.17";
/// `id-ce-subjectKeyIdentifier`.
pub const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";
/// `id-kp-timeStamping`.
pub const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
