//! Which attestations of the store are meant, made from options.

use std::path::Path;

use stella_attest_model::predicate::PredicateType;
use stella_attest_store::{Documents, Filter};
use stella_attest_verify::{Digest, DigestAlgorithm, UnixTime};
use stella_vocabulary::Code;

use crate::arguments::WhichOptions;
use crate::complaint::Complaint;
use crate::context;
use crate::input::Inputs;

/// The filter that the options say.
///
/// # Errors
/// `usage.digest_invalid`, `usage.date_invalid`, and those of reading the file that `--subject` names.
pub(crate) fn filter(said: &WhichOptions, documents: Documents, inputs: &Inputs) -> Result<Filter, Complaint> {
    let instant = |text: &Option<String>, place: &str| -> Result<Option<UnixTime>, Complaint> {
        text.as_deref().map(|text| context::instant(text, place)).transpose()
    };
    let (since, until) = (instant(&said.since, "--since")?, instant(&said.until, "--until")?);
    check_window(since, until)?;
    Ok(Filter {
        subject: said.subject.as_deref().map(|text| subject(text, inputs)).transpose()?,
        predicate_type: said.predicate_type.as_deref().map(type_uri),
        since,
        until,
        documents,
        ..Filter::default()
    })
}

/// The URI that a predicate type goes by, if it was named by its short name.
fn type_uri(text: &str) -> String {
    PredicateType::from_name(text).map_or_else(|| text.to_string(), |known| known.uri().to_string())
}

/// Refuses a window that nothing can be in.
///
/// # Errors
/// `usage.date_invalid`.
pub(crate) fn check_window(since: Option<UnixTime>, until: Option<UnixTime>) -> Result<(), Complaint> {
    match (since, until) {
        (Some(since), Some(until)) if since >= until => {
            Err(Complaint::new(Code::UsageDateInvalid, "nothing lies between these two instants")
                .place("--until")
                .found(until.to_string())
                .expected(format!("an instant after {since}"))
                .remedy("give a later --until, or leave it out"))
        }
        _ => Ok(()),
    }
}

/// A digest, or that of a file.
///
/// # Errors
/// `usage.digest_invalid`, and those of reading the file.
pub(crate) fn subject(text: &str, inputs: &Inputs) -> Result<Digest, Complaint> {
    let error = match text.parse() {
        Ok(digest) => return Ok(digest),
        Err(error) => Complaint::of(&error, "--subject"),
    };
    if Path::new(text).is_file() || text == "-" {
        let hashed = inputs.hash(Path::new(text))?;
        if let Some(digest) = hashed.artifact().digest(DigestAlgorithm::Sha256) {
            return Ok(*digest);
        }
    }
    let bare = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Err(match bare {
        true => error.expected(format!("sha256:{text}")).remedy(format!("say sha256:{text}")),
        false => error.remedy("give a digest like sha256: and 64 hex digits, or a file that is there"),
    })
}
