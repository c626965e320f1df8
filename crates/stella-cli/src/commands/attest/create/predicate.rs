//! What a new attestation says: its type, and the predicate.

use std::path::Path;

use stella_attest_model::predicate::{PredicateDraft, PredicateType};
use stella_attest_verify::{Limits, Statement};
use stella_vocabulary::Code;

use crate::arguments::CreateArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::input::{Inputs, Kind as InputKind, name_of};
use crate::near_miss;
use crate::render::remedy::shell_line;

/// A predicate type, and what is known of it.
pub(in crate::commands::attest) struct Kind {
    pub(in crate::commands::attest) uri: String,
    pub(in crate::commands::attest) known: Option<PredicateType>,
}

impl Kind {
    /// The type that somebody named. A URI that is not known is a type as well; one that is nearly known is warned of.
    ///
    /// # Errors
    /// `usage.conflict` for a short name that is none, with the nearest.
    pub(in crate::commands::attest) fn of(text: &str, context: &Context) -> Result<Self, Complaint> {
        if let Some(known) = PredicateType::from_name(text) {
            return Ok(Self { uri: known.uri().to_string(), known: Some(known) });
        }
        if let Some(known) = PredicateType::from_uri(text) {
            return Ok(Self { uri: text.to_string(), known: Some(known) });
        }
        if !text.contains(':') {
            return Err(unknown(text));
        }
        let uris = PredicateType::ALL.iter().flat_map(|known| known.uris()).copied();
        if let Some(meant) = near_miss::closest(text, uris).filter(|meant| is_near(text, meant)) {
            context.warn(
                &Complaint::new(
                    Code::UsagePredicateInvalid,
                    "this predicate type is not known, and nearly one that is",
                )
                .place("--type")
                .found(text)
                .expected(meant)
                .remedy(format!("if that was meant: --type {meant}")),
            );
        }
        Ok(Self { uri: text.to_string(), known: None })
    }
}

/// URIs of one origin have most of their letters in common; what was mistyped differs in few.
fn is_near(text: &str, meant: &str) -> bool {
    let alike = text.bytes().zip(meant.bytes()).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count();
    text.len().abs_diff(meant.len()) <= 2 && alike + 12 > meant.len() || text.eq_ignore_ascii_case(meant)
}

fn unknown(text: &str) -> Complaint {
    let names = || PredicateType::ALL.iter().map(|known| known.name());
    let complaint =
        Complaint::new(Code::UsageConflict, "there is no predicate type of this name").place("--type").found(text);
    match near_miss::closest(text, names()) {
        Some(meant) => complaint.expected(meant).remedy(format!("--type {meant}")),
        None => complaint
            .expected(format!("a URI, or one of {}", names().collect::<Vec<_>>().join(", ")))
            .remedy("stella attest create --help"),
    }
}

/// The predicate, and how many flaws of it were waved through.
///
/// # Errors
/// `usage.predicate_invalid` if it is not as the specification says, or cannot be put together; codes of the families `input` and `json`.
pub(super) fn read(
    said: &CreateArguments,
    kind: &Kind,
    inputs: &Inputs,
    context: &Context,
) -> Result<(String, usize), Complaint> {
    let place = said.predicate.as_deref().map_or_else(|| "--set".to_string(), name_of);
    let predicate = match (&said.predicate, said.set.is_empty()) {
        (None, true) => return minimal(said, kind).map(|predicate| (predicate, 0)),
        (None, false) => assigned(PredicateDraft::new(&Limits::default()), &said.set)?,
        (Some(path), is_whole) => {
            let (text, draft) = from_file(path, inputs)?;
            // What stands in a file is signed as it stands there, unless something is added to it.
            if is_whole { text } else { assigned(draft, &said.set)? }
        }
    };
    let Some(known) = kind.known else { return Ok((predicate, 0)) };
    let flaws = known.check(predicate.as_bytes(), &Limits::default()).map_err(|error| Complaint::of(&error, &place))?;
    let told = flaws.iter().map(|flaw| {
        Complaint::of(flaw, &place)
            .remedy(format!("compare it with {}; stella attest create --help", known.specification()))
    });
    if said.unsafe_skip_schema {
        told.for_each(|flaw| context.warn(&flaw));
        return Ok((predicate, flaws.len()));
    }
    let mut told = told;
    match told.next() {
        None => Ok((predicate, 0)),
        Some(first) => {
            told.for_each(|flaw| context.warn(&flaw));
            Err(first)
        }
    }
}

fn from_file(path: &Path, inputs: &Inputs) -> Result<(String, PredicateDraft), Complaint> {
    let (limits, place) = (Limits::default(), name_of(path));
    let bytes = inputs.read(path, InputKind::Predicate)?;
    if Statement::from_payload(&bytes, &limits).is_ok() {
        return Err(Complaint::new(Code::UsagePredicateInvalid, "this is a whole statement, and not its predicate")
            .place(&place)
            .found("the members _type, subject and predicateType")
            .expected("what the statement has under \"predicate\"")
            .remedy(format!("{} > predicate.json", shell_line(&["jq", ".predicate", &place]))));
    }
    let draft = PredicateDraft::from_json(&bytes, &limits).map_err(|error| Complaint::of(&error, &place))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Complaint::new(Code::JsonInvalidUnicode, "this is not UTF-8").place(&place).expected("JSON in UTF-8")
    })?;
    Ok((text, draft))
}

fn assigned(mut draft: PredicateDraft, set: &[String]) -> Result<String, Complaint> {
    for text in set {
        draft.set(text).map_err(|error| Complaint::of(&error, "--set").remedy("stella attest create --help"))?;
    }
    Ok(draft.to_json())
}

/// The smallest predicate of a type, if that says something.
fn minimal(said: &CreateArguments, kind: &Kind) -> Result<String, Complaint> {
    // A type that is not known may well say all by itself.
    let Some(known) = kind.known else { return Ok("{}".to_string()) };
    known.minimal().map(str::to_string).ok_or_else(|| {
        let subject = said.subject.first().map_or("DIGEST", String::as_str);
        let mut words = vec!["stella", "attest", "create", "--subject", subject, "--type", &said.kind];
        words.extend(known.example().iter().flat_map(|set| ["--set", set]));
        Complaint::new(Code::UsagePredicateInvalid, format!("{known} has members that only its maker knows"))
            .place("--type")
            .expected("--predicate FILE, or --set for each of them")
            .remedy(shell_line(&words))
    })
}
