//! Odd certificates and revocation lists: what strict DER is can be read, whatever else is odd about it, and nothing may crash a reader.

use serde::Deserialize;
use stella_chain_verify::{Certificate, RevocationList};
use stella_vocabulary::Reason;

use crate::case::{Case, Expected, Observed};
use crate::facts;
use crate::files;
use crate::oddities;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Certificates and lists to read.
#[derive(Debug)]
pub(crate) struct X509Odd;

#[derive(Deserialize)]
struct Row {
    id: String,
    kind: String,
    encoding: String,
    openssl_parses: bool,
}

impl Suite for X509Odd {
    fn name(&self) -> &'static str {
        "x509-odd"
    }

    fn about(&self) -> &'static str {
        "odd certificates and revocation lists: readable where they are strict DER, an error that names its place where not"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let directory = if input.path.is_dir() { Some(input.path) } else { input.path.parent() };
        for table in files::list(input.path, |name| name.starts_with("cases") && name.ends_with(".json"))? {
            for row in files::read_json::<Vec<Row>>(&table)? {
                let file = files::read(&directory.unwrap_or(input.path).join(&row.id))?;
                row.run(&file, sink);
            }
        }
        Ok(())
    }
}

impl Row {
    fn run(&self, file: &[u8], sink: &mut Sink) {
        let der = facts::der_of(file);
        // That OpenSSL does not read a file is a hint, and no verdict.
        let oddities = oddities::of(&der);
        let expected = if let Some(oddity) = oddities.iter().find(|oddity| oddity.starts_with("der:")) {
            Expected::Undecided(format!(
                "not strict DER ({oddity}), so that the suite does not ask to read it; only a crash would count"
            ))
        } else if self.openssl_parses {
            Expected::Accept
        } else {
            Expected::Undecided("the suite does not say whether it has to be readable; only a crash would count".into())
        };
        let case = Case::new(&self.id, expected).in_group(&self.kind).tagged(oddities);
        match (self.kind.as_str(), self.encoding.as_str()) {
            ("certificate", "PEM" | "DER") => sink.judge(case, || observed(Certificate::from_der(&der))),
            ("crl", "PEM" | "DER") => sink.judge(case, || observed(RevocationList::from_der(&der))),
            (kind, encoding) => sink.skip(case, format!("not understood: a {kind} in {encoding}")),
        }
    }
}

/// A refusal that does not say where would leave its reader alone with the file.
fn observed<T, E: Reason>(read: Result<T, E>) -> Observed {
    match read {
        Err(error) if error.place().is_none() => Observed::Crashed(format!("an error without a place: {error}")),
        read => Observed::of(read),
    }
}
