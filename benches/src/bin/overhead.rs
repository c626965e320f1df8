//! The regression gauge: what a verification costs besides its signatures, in instructions.
//!
//! ```text
//! cargo build --profile bench -p stella-benches --bin overhead
//! for rounds in 100 1100; do
//!     valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/overhead examples/slsa-provenance $rounds
//! done
//! ```
//!
//! A provider that computes nothing stands in for cryptography, so that what is counted is parsing, the search for a path, the rules, and the
//! report. The difference of the two counts, divided by 1,000, is one verification. (Allocations: the calls of `malloc` that callgrind lists.)
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use stella_attest_verify::{Artifact, Attestation, Policy, Registry, TrustSnapshot, UnixTime, Verdict, Verifier};
use stella_crypto_providers::{Message, PreparedKey, Provider, ProviderError, PublicKey, RustCrypto, Scheme};

/// Accepts every signature without looking at it. For this gauge only.
struct DangerAcceptAll;

impl Provider for DangerAcceptAll {
    fn name(&self) -> &str {
        "danger-accept-all"
    }

    fn version(&self) -> &str {
        "0"
    }

    fn schemes(&self) -> &[Scheme] {
        RustCrypto.schemes()
    }

    fn prepare(&self, _: Scheme, _: &PublicKey) -> Result<Box<dyn PreparedKey>, ProviderError> {
        Ok(Box::new(Self))
    }
}

impl PreparedKey for DangerAcceptAll {
    fn verify(&self, _: Message<'_>, _: &[u8]) -> Result<(), ProviderError> {
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, example, rounds] = arguments.as_slice() else {
        return Err("usage: overhead EXAMPLE-DIRECTORY ROUNDS".into());
    };
    let directory = Path::new(example);
    let text = std::fs::read_to_string(directory.join("expect.toml"))?;
    let value = |key: &str| {
        text.lines()
            .find_map(|line| {
                line.strip_prefix(key)?.trim().strip_prefix('=')?.trim().trim_matches('"').to_owned().into()
            })
            .ok_or_else(|| format!("{key} is missing in expect.toml"))
    };
    let bundle = std::fs::read(directory.join(value("attestation")?))?;
    let root = std::fs::read(Path::new("crates/stella-cli/trust").join(value("trust")?))?;
    let artifact = Artifact::from_digest(value("digest")?.parse()?);
    let mut registry = Registry::empty();
    registry.register(Arc::new(DangerAcceptAll))?;
    let trust = TrustSnapshot::builder().trusted_root(&root)?.build()?;
    let policy = Policy::require_signer(value("identity")?).issued_by(value("issuer")?);
    let verifier = Verifier::new(&registry, &trust, policy);
    let at = UnixTime::parse_rfc3339("2026-11-23T00:00:00Z")?;
    let mut verified = 0;
    for _ in 0..rounds.parse::<u32>()? {
        let report = verifier.verify(&Attestation::from_json(&bundle)?, &artifact, at);
        verified += u32::from(report.verdict() == Verdict::Verified);
    }
    println!("{verified} of {rounds} verified");
    Ok(())
}
