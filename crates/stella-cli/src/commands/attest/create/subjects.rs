//! What a new attestation is about.

use std::path::Path;

use stella_attest_model::{NewSubject, Strength};
use stella_attest_verify::Digest;
use stella_vocabulary::Code;

use crate::arguments::CreateArguments;
use crate::complaint::Complaint;
use crate::input::{Inputs, is_standard_input};
use crate::which;

/// The subjects that were named, each once.
///
/// # Errors
/// `usage.digest_invalid` for what is neither a digest nor a file, and for a digest that binds to nothing; `usage.conflict` for one that is
/// named twice, and for other names than there are subjects.
pub(super) fn read(said: &CreateArguments, inputs: &Inputs) -> Result<Vec<NewSubject>, Complaint> {
    let (subjects, names) = (said.subject.len(), said.name.len());
    if names > 0 && names != subjects {
        return Err(Complaint::new(Code::UsageConflict, "there are not as many names as subjects")
            .place("--name")
            .found(format!("{names} names"))
            .expected(format!("{subjects}, in the order of the subjects, or none"))
            .remedy("say --name once for each --subject"));
    }
    let mut all: Vec<NewSubject> = Vec::with_capacity(subjects);
    for (index, text) in said.subject.iter().enumerate() {
        let digest = which::subject(text, inputs)?;
        bind(&digest, text)?;
        if all.iter().any(|known| known.digests.contains(&digest)) {
            return Err(Complaint::new(Code::UsageConflict, "this subject is named twice")
                .place("--subject")
                .found(text)
                .remedy("name each subject once"));
        }
        let name = said.name.get(index).cloned().or_else(|| file_name(text));
        all.push(NewSubject { name, digests: vec![digest] });
    }
    Ok(all)
}

/// What is said of a digest that others can give another artifact, is said of nothing.
fn bind(digest: &Digest, text: &str) -> Result<(), Complaint> {
    match digest.algorithm().strength() {
        Strength::Strong => Ok(()),
        Strength::Weak => Err(Complaint::new(Code::UsageDigestInvalid, "this digest does not bind to one artifact")
            .place("--subject")
            .found(text)
            .expected("a digest such as sha256")
            .remedy("give the file itself, or its digest as sha256sum prints it")),
    }
}

fn file_name(text: &str) -> Option<String> {
    let path = Path::new(text);
    if text.parse::<Digest>().is_ok() || is_standard_input(path) {
        return None;
    }
    path.file_name().map(|name| name.to_string_lossy().into_owned())
}
