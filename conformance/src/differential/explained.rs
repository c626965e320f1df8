//! Why another judge differs from ours, by the kind of fault. A difference that is not here fails the run.

use std::fmt;

/// One of the others.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Peer {
    OpenSsl,
    Webpki,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenSsl => "OpenSSL",
            Self::Webpki => "rustls-webpki",
        })
    }
}

/// The reason, if there is one.
pub(crate) fn find(fault: &str, peer: Peer) -> Option<&'static str> {
    EXPLAINED.iter().find(|(name, of, _)| *name == fault && of.contains(&peer)).map(|(_, _, why)| *why)
}

const BOTH: &[Peer] = &[Peer::OpenSsl, Peer::Webpki];
const OPENSSL: &[Peer] = &[Peer::OpenSsl];
const WEBPKI: &[Peer] = &[Peer::Webpki];

/// Kind of fault, who differs, why. Each begins with the clause.
const EXPLAINED: &[(&str, &[Peer], &str)] = &[
    (
        "a date before 2050 as GeneralizedTime",
        BOTH,
        "RFC 5280 §4.1.2.5: \"CAs conforming to this profile MUST always encode certificate validity dates through the year 2049 as UTCTime\"",
    ),
    (
        "validity of one second, this one",
        OPENSSL,
        "RFC 5280 §4.1.2.5: \"the period of time from notBefore through notAfter, inclusive\"; OpenSSL takes the last second for one too late",
    ),
    (
        "no keyCertSign in an issuer",
        WEBPKI,
        "RFC 5280 §6.1.4(n): \"If a key usage extension is present, verify that the keyCertSign bit is set\"",
    ),
    (
        "path length exceeded",
        WEBPKI,
        "RFC 5937 §3.2: the path length of the anchor is an input of path validation; they look at the anchor's name, key and name constraints only",
    ),
    (
        "leaf for any purpose",
        BOTH,
        "RFC 5280 §4.2.1.12: \"If a CA includes extended key usages to satisfy such applications, but does not wish to restrict usages of the key, the \
         CA can include the special KeyPurposeId anyExtendedKeyUsage\". Purposes that must be named do not take it here either (code signing, time stamping, the public web)",
    ),
    (
        "anchor for clients only",
        WEBPKI,
        "RFC 5937 §3.2: what the anchor is for binds what is below it; they do not look",
    ),
    (
        "critical extension that nobody knows in the anchor",
        WEBPKI,
        "RFC 5280 §4.2: \"A certificate-using system MUST reject the certificate if it encounters a critical extension it does not recognize\"; the anchor's \
         certificate is one (RFC 5937)",
    ),
    (
        "unknown qualifier of a critical policy",
        OPENSSL,
        "RFC 5280 §4.2.1.4: \"MUST be able to interpret this extension (including the optional qualifier), or MUST reject the certificate\"",
    ),
    (
        "wildcard that reaches what is excluded",
        OPENSSL,
        "RFC 5280 §4.2.1.10: \"Any name matching a restriction in the excludedSubtrees field is invalid regardless\"; the wildcard stands for such a name (CVE-2025-61727 in another verifier)",
    ),
    (
        "address and mask that are no network",
        OPENSSL,
        "RFC 5280 §4.2.1.10: address and mask are encoded \"in the style of RFC 4632 (CIDR)\", which has no mask with gaps",
    ),
    (
        "an extension twice",
        BOTH,
        "RFC 5280 §4.2: \"A certificate MUST NOT include more than one instance of a particular extension\"",
    ),
    ("serial number zero", BOTH, "RFC 5280 §4.1.2.2: \"The serial number MUST be a positive integer\""),
    ("serial number negative", BOTH, "RFC 5280 §4.1.2.2: \"The serial number MUST be a positive integer\""),
    (
        "serial number of 21 octets",
        BOTH,
        "RFC 5280 §4.1.2.2: \"Conforming CAs MUST NOT use serialNumber values longer than 20 octets\"",
    ),
    ("serial number not minimal", WEBPKI, "X.690 §8.3.2: the first nine bits of an INTEGER are not all equal"),
    (
        "name of the issuer in other letters and another string type",
        WEBPKI,
        "RFC 5280 §7.1: names are compared after the preparation of RFC 4518, so that one in other letters or another string type is the same name; octets \
         are compared there, which only ever refuses more",
    ),
    (
        "authorityInfoAccess that does not decode",
        BOTH,
        "RFC 5280 §4.2.2.1: the extension has a type; what is present has to be what it says, or two readers read two certificates",
    ),
    (
        "no bit in keyUsage",
        WEBPKI,
        "RFC 5280 §4.2.1.3: \"When the keyUsage extension appears in a certificate, at least one of the bits MUST be set to 1\"",
    ),
    (
        "path length in an end entity",
        WEBPKI,
        "RFC 5280 §4.2.1.9: \"CAs MUST NOT include the pathLenConstraint field unless the cA boolean is asserted\"",
    ),
    (
        "an underscore in a host name",
        BOTH,
        "RFC 5280 §4.2.1.6: the name \"MUST be in the 'preferred name syntax'\", which is letters, digits and hyphens",
    ),
    (
        "an address as host name",
        BOTH,
        "RFC 5280 §4.2.1.6: an address is an iPAddress; as a dNSName it would pass by every constraint on addresses",
    ),
    (
        "NUL in a host name",
        BOTH,
        "RFC 5280 §4.2.1.6, the 'preferred name syntax'; other readers have taken NUL for the end (CVE-2009-2408)",
    ),
    (
        "basicConstraints not critical in an issuer",
        WEBPKI,
        "RFC 5280 §4.2.1.9: \"Conforming CAs MUST include this extension [...] and MUST mark the extension as critical in such certificates\"",
    ),
    (
        "nameConstraints not critical",
        BOTH,
        "RFC 5280 §4.2.1.10: \"Conforming CAs MUST mark this extension as critical\"",
    ),
    ("nameConstraints in a leaf", BOTH, "RFC 5280 §4.2.1.10: \"MUST be used only in a CA certificate\""),
    (
        "keyCertSign in a leaf",
        WEBPKI,
        "RFC 5280 §4.2.1.9: \"If the cA boolean is not asserted, then the keyCertSign bit in the key usage extension MUST NOT be asserted\"",
    ),
    (
        "an authority as leaf",
        WEBPKI,
        "RFC 5280 §6.1 lets any certificate be the last one. Signers of documents must be end entities here, and so must servers of the public web; \
         the purpose of a TLS server by itself does not ask for it",
    ),
    (
        "no key identifiers",
        OPENSSL,
        "RFC 5280 §4.2.1.1 asks authorities for them, and nothing depends on them in §6.1; `KeyIdentifiers::Required` refuses the same as `-x509_strict`",
    ),
    (
        "key identifiers that fit nothing",
        OPENSSL,
        "RFC 5280 §4.2.1.1: the identifier \"facilitates\" finding the issuer and is no part of §6.1; a hint that is wrong does not undo a signature that holds",
    ),
    (
        "anchor expired",
        WEBPKI,
        "RFC 5937 §3.2 and the owner's intent: an anchor counts as long as its certificate says; `AnchorTerms` lifts it where an owner wants that",
    ),
    (
        "a policy required and none there",
        OPENSSL,
        "RFC 5280 §6.1.4(i) and §6.1.5(g): requireExplicitPolicy of an authority holds whether or not the application asks for policies; OpenSSL processes them only \
         with `-policy_check`",
    ),
    (
        "bytes after the certificate",
        OPENSSL,
        "X.690 §8: one certificate is one element; the PEM reader of OpenSSL takes the first element of a block and passes over the rest",
    ),
];
