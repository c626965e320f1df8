//! Which attestation somebody means: standard input, a file, an id, or the beginning of one.

use std::path::{Path, PathBuf};

use stella_attest_model::IdPrefix;
use stella_attest_store::Arrival;
use stella_attest_verify::{Attestation, AttestationId, Binding, Report, UnixTime, Verdict, Verifier};
use stella_vocabulary::{Code, hex};

use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::document;
use crate::input::{Inputs, is_standard_input, name_of};
use crate::refused::quoted;

/// The fewest digits that name something.
const FEWEST: usize = 8;

/// The digits of a whole id.
const WHOLE: usize = 64;

/// How many of those that begin alike are named.
const NAMED: usize = 6;

/// What a text names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Selected {
    /// A file, or `-`.
    Document(PathBuf),
    /// An attestation of the store.
    Kept(AttestationId),
}

/// What `text` names. A file whose name looks like an id is meant only with a directory before it, such as `./`: what a command is about
/// must not depend on what lies in the directory.
///
/// # Errors
/// `store.not_found` for an id that is not known, or without a store; `usage.conflict` if several begin like this; `usage.digest_invalid` for
/// what can be no id and was meant as one. Each with the near miss.
pub(crate) fn resolve(text: &Path, context: &Context) -> Result<Selected, Complaint> {
    match prefix(text)? {
        None => Ok(Selected::Document(text.to_path_buf())),
        Some(prefix) => match Attestations::find(context)? {
            Some(mut store) => known(&mut store, &prefix, text).map(Selected::Kept),
            None => Err(for_the_file(without_store(text, context), text)),
        },
    }
}

/// One attestation that somebody chose, and whatever documents there are of it.
pub(crate) struct Chosen {
    kept: Option<(Attestations, Vec<Arrival>)>,
    first: (Attestation, Option<Arrival>),
}

/// The attestation that `text` names.
///
/// # Errors
/// Those of [`resolve`], of reading a file, and of a store that is damaged.
pub(crate) fn choose(text: &Path, inputs: &Inputs, context: &Context) -> Result<Chosen, Complaint> {
    let prefix = match prefix(text)? {
        None => {
            let first = (document::read_one(text, inputs)?, None);
            return Ok(Chosen { kept: None, first });
        }
        Some(prefix) => prefix,
    };
    let Some(mut store) = Attestations::find(context)? else {
        return Err(for_the_file(without_store(text, context), text));
    };
    let id = known(&mut store, &prefix, text)?;
    let arrivals = store.store().arrivals(&id)?;
    let Some(first) = arrivals.first() else { return Err(unknown(&mut store, &prefix, text)?) };
    let first = (read(&mut store, first)?, Some(first.clone()));
    Ok(Chosen { kept: Some((store, arrivals)), first })
}

/// Every attestation of a file, or the one of the store that `text` names with all its documents.
///
/// # Errors
/// As [`choose`].
pub(crate) fn all_of(text: &Path, inputs: &Inputs, context: &Context) -> Result<Vec<Attestation>, Complaint> {
    if prefix(text)?.is_none() {
        return document::read_all(text, inputs);
    }
    let mut all = Vec::new();
    choose(text, inputs, context)?.each(|attestation, _| {
        all.push(attestation.clone());
        Ok(false)
    })?;
    Ok(all)
}

impl Chosen {
    /// The first document.
    pub(crate) const fn attestation(&self) -> &Attestation {
        &self.first.0
    }

    /// The store that it is kept in, if it was chosen by its id.
    pub(crate) fn store(&mut self) -> Option<&mut Attestations> {
        self.kept.as_mut().map(|(store, _)| store)
    }

    /// The arrivals of it, in their order; none if it was read from a file.
    pub(crate) fn arrivals(&self) -> &[Arrival] {
        self.kept.as_ref().map_or(&[], |(_, arrivals)| arrivals)
    }

    /// Shows its documents in order of arrival, one after the other, until `enough` says so.
    ///
    /// # Errors
    /// Those of `enough`, and of a store that is damaged.
    pub(crate) fn each(
        &mut self,
        mut enough: impl FnMut(&Attestation, Option<&Arrival>) -> Result<bool, Complaint>,
    ) -> Result<(), Complaint> {
        if enough(&self.first.0, self.first.1.as_ref())? {
            return Ok(());
        }
        let Some((store, arrivals)) = &mut self.kept else { return Ok(()) };
        for arrival in arrivals.iter().skip(1) {
            if enough(&read(store, arrival)?, Some(arrival))? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Judges its documents in order of arrival until one verifies. Gives the report that came furthest, and the arrival that it is about.
    ///
    /// # Errors
    /// Those of a store that is damaged.
    pub(crate) fn judge(
        &mut self,
        verifier: &Verifier,
        binding: &Binding,
        at: UnixTime,
    ) -> Result<(Report, Option<Arrival>), Complaint> {
        let mut best = (verifier.verify(&self.first.0, binding.clone(), at), self.first.1.clone());
        if best.0.verdict() == Verdict::Verified {
            return Ok(best);
        }
        let Some((store, arrivals)) = &mut self.kept else { return Ok(best) };
        for arrival in arrivals.iter().skip(1) {
            let report = verifier.verify(&read(store, arrival)?, binding.clone(), at);
            if came(&report) > came(&best.0) {
                best = (report, Some(arrival.clone()));
            }
            if best.0.verdict() == Verdict::Verified {
                break;
            }
        }
        Ok(best)
    }
}

/// How far a judgement came: the greater, the further.
pub(crate) fn came(report: &Report) -> (bool, Option<stella_attest_verify::CheckId>) {
    (report.verdict() == Verdict::Verified, report.cause().map(stella_attest_verify::Check::id))
}

/// The attestation of an arrival.
///
/// # Errors
/// `store.corrupt` if what is kept is not what arrived.
pub(crate) fn read(store: &mut Attestations, arrival: &Arrival) -> Result<Attestation, Complaint> {
    let bytes = store.store().document(arrival)?;
    parse(&bytes, arrival)
}

/// Reads what is kept as `arrival`.
///
/// # Errors
/// `store.corrupt`.
pub(crate) fn parse(bytes: &[u8], arrival: &Arrival) -> Result<Attestation, Complaint> {
    let corrupt = |what: String| {
        Complaint::new(Code::StoreCorrupt, what)
            .place(format!("arrival {}", arrival.sequence))
            .expected(arrival.attestation.to_string())
            .remedy("stella store check")
    };
    let attestation = Attestation::from_json(bytes)
        .map_err(|error| corrupt(format!("what is kept of an attestation cannot be read: {error}")))?;
    match attestation.id() == arrival.attestation {
        true => Ok(attestation),
        false => {
            Err(corrupt("another attestation is kept in its place".to_string()).found(attestation.id().to_string()))
        }
    }
}

/// The beginning of an id, if the text can be nothing else.
///
/// # Errors
/// `usage.digest_invalid` for what was meant as one and is none.
fn prefix(text: &Path) -> Result<Option<IdPrefix>, Complaint> {
    if is_standard_input(text) || text.components().count() > 1 || text.starts_with(".") {
        return Ok(None);
    }
    let Some(text) = text.to_str() else { return Ok(None) };
    let marked = text.get(..7).filter(|mark| mark.eq_ignore_ascii_case("sha256:"));
    let digits = marked.map_or(text, |_| &text[7..]);
    let hexadecimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let exists = Path::new(text).exists();
    if marked.is_none() && (!hexadecimal || exists && !(FEWEST..=WHOLE).contains(&digits.len())) {
        return Ok(None);
    }
    if let Ok(prefix) = text.parse() {
        return Ok(Some(prefix));
    }
    if marked.is_none() && (exists || digits.len() < FEWEST / 2) {
        return Ok(None);
    }
    let invalid = |what: &str| Complaint::new(Code::UsageDigestInvalid, what).place("--attestation").found(text);
    let lower = format!("sha256:{}", digits.to_ascii_lowercase());
    Err(match digits.len() {
        _ if !hexadecimal => invalid("this is no id of an attestation")
            .expected("sha256: and 8 to 64 hex digits")
            .remedy("stella attest list"),
        0..FEWEST => invalid("this is too short for the beginning of an id")
            .expected("at least 8 hex digits")
            .remedy("stella attest list; or for a file: ./NAME"),
        FEWEST..=WHOLE => invalid("ids of attestations are written in lower case")
            .expected(lower.clone())
            .remedy(format!("say {lower}")),
        _ => invalid("this is too long for an id").expected("at most 64 hex digits").remedy("stella attest list"),
    })
}

/// The one attestation that begins like this.
fn known(store: &mut Attestations, prefix: &IdPrefix, text: &Path) -> Result<AttestationId, Complaint> {
    let found = store.store().resolve(prefix, NAMED + 1)?;
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(unknown(store, prefix, text)?),
        several => Err(Complaint::new(Code::UsageConflict, "several attestations begin like this")
            .place("--attestation")
            .found(name_of(text))
            .expected(format!("one of {}", beginnings(several)))
            .remedy("give more digits of the one that is meant")),
    }
}

/// As many digits as tell them apart.
fn beginnings(ids: &[AttestationId]) -> String {
    let digits: Vec<String> = ids.iter().map(|id| hex::encode(id.as_bytes())).collect();
    let alike = |one: &String, other: &String| one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let common = digits.windows(2).map(|pair| alike(&pair[0], &pair[1])).max().unwrap_or(0);
    let length = (common + 1).clamp(12, WHOLE);
    let named = digits.iter().take(NAMED).map(|digits| digits.get(..length).unwrap_or(digits).to_string());
    let mut text = named.collect::<Vec<_>>().join(", ");
    if ids.len() > NAMED {
        text.push_str(" and more");
    }
    text
}

/// What to say of an id that no attestation has.
///
/// # Errors
/// Those of the store.
fn unknown(store: &mut Attestations, prefix: &IdPrefix, text: &Path) -> Result<Complaint, Complaint> {
    let complaint = Complaint::new(Code::StoreNotFound, "the store has no attestation with this id")
        .place("--attestation")
        .found(name_of(text))
        .remedy("stella attest list");
    // One digit that was mistyped is most often not among the first.
    let beginning = prefix.digits().get(..FEWEST).and_then(|digits| digits.parse::<IdPrefix>().ok());
    let near = match beginning.filter(|_| prefix.digits().len() > FEWEST) {
        Some(beginning) => store.store().resolve(&beginning, NAMED + 1)?,
        None => Vec::new(),
    };
    let complaint = match near.as_slice() {
        [] => complaint.expected("an attestation that was imported, or a file"),
        [one] => complaint.expected(format!("perhaps {one}, which begins alike")),
        several => complaint.expected(format!("perhaps one of {}", beginnings(several))),
    };
    Ok(for_the_file(complaint, text))
}

fn without_store(text: &Path, context: &Context) -> Complaint {
    match Attestations::require(context) {
        Err(complaint) => complaint.found(format!("the id {}", name_of(text))).expected("a store, or a file"),
        // It was made in between.
        Ok(_) => Complaint::new(Code::StoreNotFound, "the store has no attestation with this id").found(name_of(text)),
    }
}

/// Tells how a file is meant that is named like an id.
fn for_the_file(complaint: Complaint, text: &Path) -> Complaint {
    match text.is_file() {
        true => complaint.remedy(format!("for the file of this name: {}", quoted(&format!("./{}", name_of(text))))),
        false => complaint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Option<String> {
        prefix(Path::new(text)).unwrap().map(|prefix| prefix.digits().to_string())
    }

    #[test]
    fn hex_digits_name_an_attestation_and_everything_else_a_file() {
        assert_eq!(digits("0123abcd").as_deref(), Some("0123abcd"));
        assert_eq!(digits("sha256:0123abcd").as_deref(), Some("0123abcd"));
        assert_eq!(digits(&"a".repeat(64)), Some("a".repeat(64)));
        for file in ["-", "./0123abcd", "some/0123abcd", "bundle.json", "cafe.json", "abc", "release", "/0123abcd"] {
            assert_eq!(digits(file), None, "{file}");
        }
    }

    #[test]
    fn what_is_nearly_an_id_is_refused_with_the_reason() {
        let too_long = "a".repeat(65);
        for (text, why) in [
            ("sha256:", "no id"),
            ("sha256:xyz", "no id"),
            ("sha256:0123", "too short"),
            ("0123abc", "too short"),
            ("SHA256:0123ABCD", "lower case"),
            ("0123ABCD", "lower case"),
            (too_long.as_str(), "too long"),
        ] {
            let complaint = prefix(Path::new(text)).unwrap_err();
            assert_eq!(complaint.code(), Code::UsageDigestInvalid, "{text}");
            assert!(complaint.line().contains(why), "{}", complaint.line());
        }
    }

    #[test]
    fn as_many_digits_are_named_as_tell_ids_apart() {
        let id = |last| AttestationId::from_bytes([vec![7; 10], vec![last; 22]].concat().try_into().unwrap());
        let text = beginnings(&[id(1), id(2)]);
        assert_eq!(text, format!("{0}01, {0}02", "07".repeat(10)));
        let many: Vec<AttestationId> = (0..7).map(id).collect();
        assert!(beginnings(&many).ends_with(" and more"));
    }
}
