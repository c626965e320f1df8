//! The test data of BoringSSL's libpki: fixed chains, revocation lists, signed data.

mod chain;
mod list;
mod reissue;
mod signed_data;

use crate::case::{Case, Expected};
use crate::facts;
use crate::files;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Chains, revocation lists and signed data, as JSON with DER in base64.
#[derive(Debug)]
pub(crate) struct BoringSsl;

impl Suite for BoringSsl {
    fn name(&self) -> &'static str {
        "boringssl"
    }

    fn about(&self) -> &'static str {
        "BoringSSL libpki: chains by path validation alone, revocation lists, signed data"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let of = |prefix: &'static str| {
            files::list(input.path, move |name| name.starts_with(prefix) && name.contains(".json"))
        };
        if input.path.is_file() {
            return run_file(input, input.path, sink);
        }
        for prefix in ["verify-chain", "crl", "signed-data"] {
            for file in of(prefix)? {
                run_file(input, &file, sink)?;
            }
        }
        Ok(())
    }
}

fn run_file(input: &Input<'_>, file: &std::path::Path, sink: &mut Sink) -> Result<(), SuiteError> {
    let name = files::name_of(file);
    if name.starts_with("crl") {
        list::run(input, files::read_json(file)?, sink);
    } else if name.starts_with("signed-data") {
        signed_data::run(input, files::read_json(file)?, sink);
    } else {
        chain::run(input, files::read_json(file)?, sink);
    }
    Ok(())
}

/// A case with the facts about its material by which a deviation can name a feature. What must be refused has none: it may be refused for the
/// feature as well.
fn case(id: &str, group: &str, expected: Expected, ders: &[Vec<u8>]) -> Case {
    let facts = match expected {
        Expected::Accept => facts::of_certificates(ders.iter().map(Vec::as_slice)),
        _ => Vec::new(),
    };
    Case::new(format!("{group}/{id}"), expected).in_group(group).tagged(facts)
}

/// Nothing that is not understood may look like a refusal of the material: told as a skip, which is counted.
fn not_understood(what: impl std::fmt::Display) -> crate::case::Observed {
    crate::case::Observed::Skipped(format!("not understood: {what}"))
}
