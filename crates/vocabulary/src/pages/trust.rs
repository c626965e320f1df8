//! Pages of `trust.`: anchors and other trust material.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::TrustAnchorInvalid,
        Page {
            meaning: "A certificate cannot be a trust anchor: it is no certificate authority, is expired or weak, or \
                 has a critical extension that is not understood. It is refused when it is added or loaded, before \
                 anything is judged with it.",
            example: "error[trust.anchor_invalid]: not a trust anchor in root.pem: found a certificate that is no \
                 authority, expected a certificate authority; try: stella verify cert --cert FILE",
            causes: &[
                "The certificate of a signer or server was given instead of that of its authority.",
                "The root was replaced, and this is the old one.",
            ],
            remedies: &[
                run("See what the certificate is.", "stella verify cert --cert FILE"),
                run(
                    "Give the root, and see first what it would newly accept: every signer below it.",
                    "stella trust-anchors add --cert FILE --dry-run",
                ),
                run(
                    "To trust one signer and no authority, add the key. This newly accepts what that key signs in the \
                         window given.",
                    "stella trust-anchors add-key --key FILE --expires DATE",
                ),
            ],
            clause: Some("RFC 5280 §6.1.1(d); RFC 5937"),
        },
    ),
    (
        Code::TrustAnchorNotValid,
        Page {
            meaning: "The path is complete, but its anchor was not valid at the instant judged: outside its own \
                 validity, or outside the window that the store gives it. This is a verdict and not a fault of the \
                 store.",
            example: "error[trust.anchor_not_valid]: the anchor is not valid in anchor `acme-root`: found \
                 2026-01-17T09:00:00Z, expected [2015-01-01T00:00:00Z, 2025-12-31T23:59:59Z]; try: stella \
                 trust-anchors show ID",
            causes: &[
                "The root has expired, and its successor has not been added.",
                "Trust in the anchor was limited to a time before this signature.",
            ],
            remedies: &[
                run("See the window of the anchor.", "stella trust-anchors show ID"),
                run(
                    "Add the successor, confirmed with its owner. This newly accepts every signer below it.",
                    "stella trust-anchors add --cert FILE --dry-run",
                ),
                run(
                    "If the signature is older, have its time proven: import the whole bundle, with its timestamp.",
                    "stella attest import FILE",
                ),
            ],
            clause: Some("RFC 5280 §6.1.1(d); RFC 5937"),
        },
    ),
    (
        Code::TrustMetadataExpired,
        Page {
            meaning: "A trusted root, a key list or a revocation list is past its own expiry. What was withdrawn since \
                 cannot be known, so nothing is judged with it.",
            example: "error[trust.metadata_expired]: trust material has expired in trusted_root.json: found expires \
                 2026-01-10T00:00:00Z, expected later than 2026-01-17T09:00:00Z; try: stella trust-anchors import \
                 --trusted-root FILE",
            causes: &[
                "Updates have stopped, for instance because a mirror or a job failed.",
                "Somebody holds updates back.",
            ],
            remedies: &[
                run(
                    "Get the current one, from where its owner publishes it. This newly accepts everything it adds.",
                    "stella trust-anchors import --trusted-root FILE",
                ),
                run("See what else is about to expire.", "stella keys list --expiring-within 7d"),
            ],
            clause: Some("TUF specification, \"Check for a freeze attack\""),
        },
    ),
    (
        Code::TrustWindowInvalid,
        Page {
            meaning: "A window in trust material has no readable start, or ends before it starts. That is never read \
                 as \"no limit\".",
            example: "error[trust.window_invalid]: the window is invalid in $.tlogs[0].publicKey.validFor.start: found \
                 nothing, expected an RFC 3339 instant; try: get the file again",
            causes: &["The file was edited by hand, or written by a tool that leaves out what it does not know."],
            remedies: &[
                run(
                    "Get the file as its owner publishes it, and import that. This newly accepts everything it adds.",
                    "stella trust-anchors import --trusted-root FILE",
                ),
                run(
                    "For a key, give a window. This newly accepts what the key signs in it.",
                    "stella trust-anchors add-key --key FILE --expires DATE --from T",
                ),
            ],
            clause: None,
        },
    ),
];
