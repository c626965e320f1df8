//! `stella attest …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::arguments::{
    AttestationArguments, CreateArguments, EventsArguments, ExportArguments, ImportAttestationsArguments,
    IntegrityArguments, ListAttestationsArguments, ResignArguments, TestSignArguments,
};

/// What helps somebody who makes an attestation.
const CREATE: &str = "Examples:
  stella attest create --subject app.tar.gz --type slsa-provenance --predicate provenance.json
  stella attest create --subject sha256:HEX --name app --type test-result --set result=PASSED --set 'configuration=[]'
  stella attest create --subject app.tar.gz --type https://example.com/approval/v1 --set approver=alice --out approval.json

Short names: build-provenance, cyclonedx, in-toto-vulns, link, openvex, policy-evaluation, release, risk-profile, sbom-attestation, scai,
scan-results, slsa-provenance, slsa-provenance-v0.2, spdx, test-result, vex-attestation, vsa, vuln. Their members are checked.

--set takes a path of names with dots between them, [0] for elements, and a value: JSON if it is that, and else a string; version='\"1\"' is a
string of digits. A backslash makes a dot part of a name. Without --predicate and --set, the smallest predicate that the type allows is signed.";

#[derive(Debug, Subcommand)]
pub(crate) enum AttestCommand {
    /// Show what an attestation says, without judging it: everything shown is UNVERIFIED.
    #[command(
        after_help = "Examples:\n  stella attest show bundle.json\n  stella attest show 0123abcd\n  stella attest show bundle.json --details -o json\n  \
                            cat bundle.json | stella attest show -"
    )]
    Show(ShowArguments),
    /// Take attestations into the store. Files are read as a stream, documents on all cores; what is there already is counted and kept once.
    #[command(
        after_help = "Examples:\n  stella attest import bundle.json envelopes/\n  stella attest import all.jsonl\n  \
                            cat all.jsonl | stella attest import -\n  \
                            stella attest import --image ghcr.io/acme/app:v1\n\n\
        A directory is searched for .json, .jsonl, .ndjson, .sigstore, .dsse, .intoto and .att files.\n\
        After an interruption the same command goes on: what was taken in stays, and is a duplicate then.\n\
        Exit status: 0 if every document was taken in or known; else that of the first bad document. The others are taken in."
    )]
    Import(ImportAttestationsArguments),
    /// List attestations of the store, in the order in which they arrived. What is listed are claims: UNVERIFIED.
    #[command(
        after_help = "Examples:\n  stella attest list --subject sha256:HEX\n  stella attest list --type https://slsa.dev/provenance/v1 --since 2026-01-01T00:00:00Z\n  \
                            stella attest list --limit 1000 -o ndjson"
    )]
    List(ListAttestationsArguments),
    /// Write the documents of an attestation as they arrived, byte by byte.
    #[command(
        after_help = "Examples:\n  stella attest export 0123abcd --out bundle.json\n  stella attest export --all --out all.jsonl\n  \
                            stella attest export --all --out directory/\n  \
                            stella attest export 0123abcd --image ghcr.io/acme/app:v1\n\n\
        Of an attestation with several documents, the first is written; those with other evidence get .2, .3 and so on behind the name."
    )]
    Export(ExportArguments),
    /// The journal: verifications, imports, signatures and changes of trust, with what failed and why.
    #[command(after_help = "Examples:\n  stella attest logs --filter verification --level error --last 30m\n  \
                            stella attest logs --attestation 0123abcd -o ndjson\n  stella attest logs --follow -o ndjson\n  stella attest logs --prune")]
    Logs(EventsArguments),
    /// Sign a new attestation: an in-toto statement in a DSSE envelope, kept in the store if there is one.
    #[command(after_help = CREATE)]
    Create(CreateArguments),
    /// Sign an attestation again: the same statement, a new signature, and a link from the old one. Only what verified at its time.
    #[command(
        after_help = "Examples:\n  stella attest resign 0123abcd\n  stella attest resign 0123abcd --key release-2027\n  \
                            stella attest resign --signed-by release-2026 --key release-2027 --dry-run\n\n\
        Nothing is signed that does not verify by the trust of now, at a time that somebody trusted put on it, or else now. Where a certificate has \
        expired and nothing proves when it signed, --trust-arrival-time takes the time at which the attestation arrived in this store."
    )]
    Resign(Box<ResignArguments>),
    /// Look whether an attestation was changed: what is kept against its id, its signature, and its place in the log of arrivals.
    #[command(
        after_help = "Examples:\n  stella attest integrity-check 0123abcd\n  stella attest integrity-check bundle.json --key signer.pub\n  \
                            stella attest integrity-check --all\n\n\
        Exit status: 0 nothing was changed · 1 something was · 6 no known key has signed it, so that nobody can tell."
    )]
    IntegrityCheck(IntegrityArguments),
    /// Sign a test statement, and verify it as anybody here would. It is kept nowhere.
    #[command(
        after_help = "Examples:\n  stella attest test-sign\n  stella attest test-sign --key release-2027 --type slsa-provenance"
    )]
    TestSign(TestSignArguments),
    /// How much is kept, and how many verifications failed lately.
    #[command(after_help = "Example:\n  stella attest status")]
    Status,
    /// The same as `stella verify attestation`.
    Verify(Box<AttestationArguments>),
}

#[derive(Args, Debug)]
pub(crate) struct ShowArguments {
    /// The attestation: an id, the beginning of one, a file, or - for standard input.
    #[arg(value_name = "X", required_unless_present = "attestation")]
    pub(crate) x: Option<PathBuf>,
    /// The attestation, by name.
    #[arg(long, value_name = "X", conflicts_with = "x")]
    pub(crate) attestation: Option<PathBuf>,
    /// Also show signatures, the certificate, log entries, timestamps and every subject.
    #[arg(long)]
    pub(crate) details: bool,
}

impl ShowArguments {
    pub(crate) fn selector(&self) -> Option<&PathBuf> {
        self.attestation.as_ref().or(self.x.as_ref())
    }
}
