//! Attestations as they come in: one document, or one a line.

use std::path::Path;

use stella_attest_verify::{Attestation, Code, Limits, Reason};

use crate::complaint::Complaint;
use crate::input::{Inputs, Kind, name_of};

/// The one attestation of `path`.
pub(crate) fn read_one(path: &Path, inputs: &Inputs) -> Result<Attestation, Complaint> {
    let mut all = read_all(path, inputs)?;
    match (all.pop(), all.len()) {
        (Some(only), 0) => Ok(only),
        (_, more) => Err(Complaint::new(Code::UsageConflict, "this command is about one attestation")
            .place(name_of(path))
            .found(format!("{} attestations", more + 1))
            .expected("one")
            .remedy("stella verify artifact --artifact FILE --attestation FILE, which judges each")),
    }
}

/// Every attestation of `path`: one document, or JSON Lines. One bad line spoils the whole.
pub(crate) fn read_all(path: &Path, inputs: &Inputs) -> Result<Vec<Attestation>, Complaint> {
    let bytes = inputs.read(path, Kind::Attestation)?;
    parse(&bytes).map_err(|error| Complaint::of(error.as_ref(), &name_of(path)))
}

fn parse(bytes: &[u8]) -> Result<Vec<Attestation>, Box<dyn Reason>> {
    match Attestation::from_json(bytes) {
        Ok(attestation) => Ok(vec![attestation]),
        // More follows. If the first line is a document, the file has one a line; else it is one document with something behind it.
        Err(error) if error.code() == Code::JsonTrailingData && first_line_is_document(bytes) => {
            Attestation::parse_lines(bytes, &Limits::default()).map_err(|error| Box::new(error) as Box<dyn Reason>)
        }
        Err(error) => Err(Box::new(error)),
    }
}

fn first_line_is_document(bytes: &[u8]) -> bool {
    let line = bytes.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.len() < bytes.trim_ascii().len() && Attestation::from_json(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVELOPE: &str = r#"{"payloadType":"text/plain","payload":"","signatures":[{"sig":"AAAA"}]}"#;

    fn code(text: &str) -> Result<usize, Code> {
        parse(text.as_bytes()).map(|all| all.len()).map_err(|error| error.code())
    }

    #[test]
    fn one_document_or_one_a_line_is_read() {
        assert_eq!(code(ENVELOPE), Ok(1));
        assert_eq!(code(&format!("{ENVELOPE}\n{ENVELOPE}\n\n{ENVELOPE}\n")), Ok(3));
    }

    #[test]
    fn a_bad_line_spoils_the_whole_and_is_named() {
        let text = format!("{ENVELOPE}\n{ENVELOPE}\n{{\"payload\":\n{ENVELOPE}\n{ENVELOPE}\n");
        let error = parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.code(), Code::JsonSyntax);
        assert!(error.place().unwrap().contains("line 3"), "{:?}", error.place());
    }

    #[test]
    fn something_behind_a_document_is_trailing_data() {
        assert_eq!(code(&format!("{ENVELOPE} x")), Err(Code::JsonTrailingData));
    }
}
