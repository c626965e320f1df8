//! Pages of `time.`: when a signature was made, and who says so.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::TimeClockRollback,
        Page {
            meaning: "The clock of this machine is behind a time that the store has already seen. Judged as of now, \
                 expired keys and withdrawn trust would come back.",
            example: "error[time.clock_rollback]: the clock went back in the clock: found 2026-01-10T09:00:00Z, \
                 expected at or after 2026-01-17T09:00:00Z less 5 minutes; try: set the clock",
            causes: &[
                "The machine lost its time, or was reset to a snapshot.",
                "The trust log has an entry by a machine whose clock was ahead. Until that time has come nothing can \
                 be loosened; whatever takes trust away is possible all the same.",
                "Somebody turned the clock back to make something valid again.",
            ],
            remedies: &[
                run("Set the clock, then run the command again.", "stella doctor --quick"),
                run("If this clock is right, see which entry of the trust log is ahead.", "stella trust log"),
                run(
                    "To judge a past instant on purpose, name it; the report says so.",
                    "stella verify attestation --attestation X --at TIME",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::TimeImprintMismatch,
        Page {
            meaning: "The timestamp was made for other data than this signature. It says nothing about when this \
                 signature was made.",
            example: "error[time.imprint_mismatch]: the timestamp is for other data in timestamp 0: found imprint \
                 2c26…, expected the digest of the signature fcde…; try: stella verify attestation --attestation \
                 3f2a91c4 --verbose",
            causes: &[
                "The tool had the payload or the artifact stamped, and not the signature.",
                "A timestamp of another attestation was put in.",
            ],
            remedies: &[run("Have the signature stamped anew.", "stella attest resign X --key ID")],
            clause: Some("RFC 3161 §2.4.2"),
        },
    ),
    (
        Code::TimeInFuture,
        Page {
            meaning: "A trusted time lies after the instant that is being judged. No skew is allowed for, because a \
                 time in the future would outlive an expiry.",
            example: "error[time.in_future]: a time in the future in timestamp 0: found 2026-01-17T09:00:01Z, expected \
                 at or before 2026-01-17T09:00:00Z; try: set the clock",
            causes: &[
                "The clock of this machine is slow, or that of the authority fast.",
                "`--at` names an instant before the signing.",
            ],
            remedies: &[run(
                "Set the clock, or judge at a later instant.",
                "stella verify attestation --attestation X --at TIME",
            )],
            clause: None,
        },
    ),
    (
        Code::TimeNoTrustedTime,
        Page {
            meaning: "Nothing trustworthy says when the signature was made, and one is needed: the certificate is not \
                 valid now, or the policy asks for it. A time that the signer wrote into the statement is shown and \
                 never used.",
            example: "error[time.no_trusted_time]: no trusted time in the attestation: found only a time claimed in \
                 the predicate, expected a timestamp, a log promise or a cosignature; try: stella verify cert \
                 --attestation 3f2a91c4 --show-expiry",
            causes: &[
                "The attestation was made without a timestamp authority or a log, and its certificate has expired \
                     since.",
                "The timestamp was dropped when the envelope was taken out of its bundle.",
            ],
            remedies: &[
                run("See when the certificate was valid.", "stella verify cert --attestation X --show-expiry"),
                run("Import the whole bundle and not the envelope alone.", "stella attest import FILE"),
                run(
                    "Have it signed anew; the old signature must verify at its time.",
                    "stella attest resign X --key ID",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::TimeOutsideCertificateValidity,
        Page {
            meaning: "A trusted time lies outside the validity of a certificate that signed. Every trusted time must \
                 fit; the earliest is not picked.",
            example: "error[time.outside_certificate_validity]: a trusted time outside the validity in certificate 0: \
                 found 2026-01-17T09:20:00Z, expected 2026-01-17T09:00:00Z to 2026-01-17T09:10:00Z; try: stella verify \
                 cert --attestation 3f2a91c4 --show-expiry",
            causes: &[
                "The signature was stamped or logged long after it was made, when a short-lived certificate had \
                     expired.",
                "Evidence of another signature was added.",
            ],
            remedies: &[
                run("Compare the validity with each trusted time.", "stella verify cert --attestation X --show-expiry"),
                run(
                    "Sign again, and have it stamped at once.",
                    "stella attest create --subject FILE --type TYPE --force",
                ),
            ],
            clause: Some("RFC 5280 §4.1.2.5"),
        },
    ),
    (
        Code::TimeThresholdNotMet,
        Page {
            meaning: "Fewer timestamp authorities vouch for the time than the policy asks for. Two tokens of one \
                 authority count once.",
            example: "error[time.threshold_not_met]: too few timestamp authorities in the attestation: found 1, \
                 expected 2; try: stella verify attestation --attestation 3f2a91c4 --verbose",
            causes: &[
                "One authority did not answer when it was signed.",
                "The authorities are not all in the trust store.",
            ],
            remedies: &[
                run(
                    "See which counted and why the others did not.",
                    "stella verify attestation --attestation X --verbose",
                ),
                run("Have it signed anew with as many authorities.", "stella attest resign X --key ID"),
            ],
            clause: None,
        },
    ),
    (
        Code::TimeTsaCertExpired,
        Page {
            meaning: "The time stated lies outside the validity of the timestamp authority's own certificate. An \
                 authority whose certificate has expired only since is fine.",
            example: "error[time.tsa_cert_expired]: the authority's certificate was not valid in timestamp 0: found \
                 2026-01-17T09:00:00Z, expected 2020-01-01T00:00:00Z to 2025-12-31T23:59:59Z; try: stella verify \
                 attestation --attestation 3f2a91c4 --verbose",
            causes: &[
                "The authority went on stamping with an old certificate.",
                "The token was made up with an old, stolen key.",
            ],
            remedies: &[
                run("See the certificate of the authority.", "stella verify attestation --attestation X --verbose"),
                run("Have the signature stamped by an authority in order.", "stella attest resign X --key ID"),
            ],
            clause: Some("RFC 5280 §6.1.3(a)(2)"),
        },
    ),
    (
        Code::TimeTsaOutsideValidity,
        Page {
            meaning: "The time stated lies outside the window in which the trust store trusts this authority. Windows \
                 count for each authority separately.",
            example: "error[time.tsa_outside_validity]: outside the authority's window in timestamp 0: found \
                 2026-01-17T09:00:00Z, expected [2024-01-01T00:00:00Z, 2025-12-31T23:59:59Z]; try: stella \
                 trust-anchors list",
            causes: &[
                "The trusted root here is old, and the authority's new window is missing.",
                "The authority was withdrawn before this time.",
            ],
            remedies: &[
                run("See the windows.", "stella trust-anchors list"),
                run(
                    "Import a current trusted root, after confirming where it comes from. This newly accepts \
                         everything it adds.",
                    "stella trust-anchors import --trusted-root FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::TimeTsaUntrusted,
        Page {
            meaning: "The timestamp is not by an authority that is trusted for timestamps: unknown, without a path to \
                 an anchor, or its certificate is not for time stamping only. A certificate embedded in the token \
                 gives no trust.",
            example: "error[time.tsa_untrusted]: the timestamp authority is not trusted in timestamp 0: found `CN=Some \
                 TSA`, expected an authority of the trust store; try: stella trust-anchors list",
            causes: &[
                "No timestamp authority is configured at all.",
                "The attestation comes from another environment, with another authority.",
                "The certificate lacks the critical extended key usage for time stamping.",
            ],
            remedies: &[
                run("See which authorities are trusted.", "stella trust-anchors list"),
                run(
                    "Import the trusted root of the environment, after confirming where it comes from. This newly \
                         accepts every authority in it.",
                    "stella trust-anchors import --trusted-root FILE",
                ),
            ],
            clause: Some("RFC 3161 §2.3"),
        },
    ),
];
