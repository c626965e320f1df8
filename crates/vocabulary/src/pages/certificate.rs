//! Pages of `x509.`, about one certificate on its own.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::X509DerDepth,
        Page {
            meaning: "The certificate nests deeper than any real one. Reading stopped there.",
            example: "error[x509.der_depth]: the certificate nests too deeply in certificate 0, offset 4102: found \
                 more than 32 levels, expected fewer; try: treat it as forged",
            causes: &["The certificate was made to exhaust a parser."],
            remedies: &[run("Find out who supplied it.", "stella verify cert-chain --attestation X")],
            clause: None,
        },
    ),
    (
        Code::X509DerMalformed,
        Page {
            meaning: "The certificate is not valid DER: cut off, or encoded in a way that DER forbids. Only one \
                 encoding is allowed, so that what is checked is what was signed.",
            example: "error[x509.der_malformed]: the certificate is not DER in certificate 0, offset 117: found a \
                 length in non-minimal form, expected the shortest form; try: fetch the certificate again",
            causes: &["The certificate was cut, or altered by a tool.", "It was made by a library that writes BER."],
            remedies: &[run("Get the certificate from its authority again.", "stella verify cert --cert FILE")],
            clause: Some("X.690 §10, §11"),
        },
    ),
    (
        Code::X509DerTrailingData,
        Page {
            meaning: "There are bytes after the certificate, or after a structure inside of it. They would be carried \
                 along without ever being checked.",
            example: "error[x509.der_trailing_data]: bytes to spare in certificate 0, offset 1204: found 3 bytes, \
                 expected the end; try: fetch the certificate again",
            causes: &[
                "Two certificates, or a certificate and a line break, were written as one.",
                "Somebody hides data in the certificate.",
            ],
            remedies: &[run(
                "Get the certificate from its authority again, one in each file.",
                "stella verify cert --cert FILE",
            )],
            clause: Some("X.690 §10"),
        },
    ),
    (
        Code::X509DuplicateExtension,
        Page {
            meaning: "The certificate has the same extension twice. Two verifiers could obey one each.",
            example: "error[x509.duplicate_extension]: an extension is given twice in certificate 1: found 2.5.29.19 a \
                 second time, expected it once; try: ask the authority for a correct certificate",
            causes: &["The authority's software is faulty or wrongly configured."],
            remedies: &[run("Have the certificate issued anew.", "stella verify cert --cert FILE")],
            clause: Some("RFC 5280 §4.2"),
        },
    ),
    (
        Code::X509ExtensionMalformed,
        Page {
            meaning: "An extension that is understood has a value that cannot be decoded, or is empty where that says \
                 nothing. What is there must be readable.",
            example: "error[x509.extension_malformed]: an extension cannot be decoded in certificate 0: found an empty \
                 2.5.29.37, expected at least one purpose; try: ask the authority for a correct certificate",
            causes: &["The authority's software is faulty or wrongly configured.", "The certificate was altered."],
            remedies: &[run("Have the certificate issued anew.", "stella verify cert --cert FILE")],
            clause: Some("RFC 5280 §4.2"),
        },
    ),
    (
        Code::X509NameMalformed,
        Page {
            meaning: "A name in the certificate has a form that is not allowed: an empty or non-ASCII host name, an \
                 address written as a host name, a zero character inside. Such names are read differently by different \
                 programs.",
            example: "error[x509.name_malformed]: a name is malformed in certificate 0: found DNS name \
                 `a\\u{0}b.example`, expected a host name; try: ask the authority for a correct certificate",
            causes: &[
                "The request held an international name without its ASCII form, or an IP address as text.",
                "Somebody tries to be taken for another name.",
            ],
            remedies: &[run("Have the certificate issued anew with correct names.", "stella verify cert --cert FILE")],
            clause: Some("RFC 5280 §4.2.1.6"),
        },
    ),
    (
        Code::X509NameTooLarge,
        Page {
            meaning: "A name in the certificate is larger than any real one, or there are more than 1,024 names. It is \
                 refused before it is compared.",
            example: "error[x509.name_too_large]: a name is too large in certificate 0: found 1048576 bytes, expected \
                 far fewer; try: treat it as forged",
            causes: &["The certificate was made to keep a verifier busy."],
            remedies: &[run("Find out who supplied it.", "stella verify cert --cert FILE")],
            clause: None,
        },
    ),
    (
        Code::X509ProfileViolation,
        Page {
            meaning: "The certificate breaks a rule for its kind that no other code names: an authority without a \
                 subject, an extension that must or must not be critical, name constraints in a signer's certificate.",
            example: "error[x509.profile_violation]: the certificate breaks its profile in certificate 1: found basic \
                 constraints not critical, expected them critical; try: ask the authority for a correct certificate",
            causes: &["A private authority with home-made settings."],
            remedies: &[run(
                "Have the certificate issued anew by the rules; the message names the rule.",
                "stella verify cert-chain --attestation X",
            )],
            clause: Some("RFC 5280 §4.1, §4.2"),
        },
    ),
    (
        Code::X509SerialInvalid,
        Page {
            meaning: "The serial number is zero, negative or longer than 20 bytes. Revocation lists name certificates \
                 by it. Anchors are exempt.",
            example: "error[x509.serial_invalid]: the serial number is invalid in certificate 0: found 0, expected a \
                 positive number of at most 20 bytes; try: ask the authority for a correct certificate",
            causes: &["A private authority that does not number its certificates."],
            remedies: &[run("Have the certificate issued anew.", "stella verify cert --cert FILE")],
            clause: Some("RFC 5280 §4.1.2.2"),
        },
    ),
    (
        Code::X509SignatureAlgorithmMismatch,
        Page {
            meaning: "The certificate names one signature algorithm inside and another one outside of what is signed. \
                 Only the inner one is protected.",
            example: "error[x509.signature_algorithm_mismatch]: two signature algorithms in certificate 0: found \
                 ecdsa-with-SHA256 outside, expected ecdsa-with-SHA384 as inside; try: fetch the certificate again",
            causes: &["The authority's software is faulty.", "The outer algorithm was altered."],
            remedies: &[run("Get the certificate from its authority again.", "stella verify cert --cert FILE")],
            clause: Some("RFC 5280 §4.1.1.2"),
        },
    ),
    (
        Code::X509SignatureAlgorithmWeak,
        Page {
            meaning: "The certificate is signed with MD5 or SHA-1. Certificates with such signatures have been forged.",
            example: "error[x509.signature_algorithm_weak]: a weak signature in certificate 1: found \
                 sha1WithRSAEncryption, expected SHA-256 or stronger; try: stella verify cert-chain --attestation \
                 3f2a91c4",
            causes: &["An old authority, or one that was never updated."],
            remedies: &[
                run("See which certificate it is.", "stella verify cert-chain --attestation X"),
                run("Have it issued anew with SHA-256 or stronger.", "stella verify cert --cert FILE"),
            ],
            clause: None,
        },
    ),
    (
        Code::X509TimeMalformed,
        Page {
            meaning: "A date in the certificate is not written as it must be: no zone, a fraction, a day that does not \
                 exist, or the wrong of the two forms for its year.",
            example: "error[x509.time_malformed]: a date is malformed in certificate 0: found `20260230000000Z`, \
                 expected a day that exists; try: ask the authority for a correct certificate",
            causes: &["The authority's software is faulty."],
            remedies: &[run("Have the certificate issued anew.", "stella verify cert --cert FILE")],
            clause: Some("RFC 5280 §4.1.2.5"),
        },
    ),
    (
        Code::X509UnknownCriticalExtension,
        Page {
            meaning: "The certificate has an extension that is marked critical and not understood. Critical means: \
                 whoever does not understand it must refuse.",
            example: "error[x509.unknown_critical_extension]: an unknown critical extension in certificate 0: found \
                 1.3.6.1.4.1.99999.1, expected extensions that are understood; try: stella verify cert-chain \
                 --attestation 3f2a91c4",
            causes: &[
                "The authority uses an extension of its own or of another field.",
                "This version is too old to know it.",
            ],
            remedies: &[
                run("See which certificate of the path it is.", "stella verify cert-chain --attestation X"),
                run(
                    "Ask the authority for a certificate where it is not critical, or see whether a newer version \
                         understands it.",
                    "stella version",
                ),
            ],
            clause: Some("RFC 5280 §4.2"),
        },
    ),
    (
        Code::X509ValidityInverted,
        Page {
            meaning: "The certificate ends before it begins, so it was never valid.",
            example: "error[x509.validity_inverted]: the validity is inverted in certificate 0: found \
                 2026-01-01T00:00:00Z to 2025-01-01T00:00:00Z, expected a start before the end; try: ask the authority \
                 for a correct certificate",
            causes: &["The clock of the authority was wrong, or a date was mistyped."],
            remedies: &[run("Have the certificate issued anew.", "stella verify cert --cert FILE")],
            clause: Some("RFC 5280 §4.1.2.5"),
        },
    ),
    (
        Code::X509VersionUnsupported,
        Page {
            meaning: "The certificate is of version 1 or 2. Such certificates cannot say whether they belong to an \
                 authority.",
            example: "error[x509.version_unsupported]: the certificate is too old in certificate 1: found version 1, \
                 expected version 3; try: ask the authority for a version 3 certificate",
            causes: &["An old root, or a certificate made by hand without extensions."],
            remedies: &[run(
                "Have the certificate issued anew as version 3.",
                "stella verify cert-chain --attestation X",
            )],
            clause: Some("RFC 5280 §4.1.2.1"),
        },
    ),
];
