//! What becomes of an attestation that was just signed: kept, written out, told in the journal and to whoever asked.

use std::path::{Path, PathBuf};

use stella_attest_store::{Added, EventKind, Incoming, Level, NewEvent};
use stella_attest_verify::{Digest, Report, Statement, Verdict};
use stella_vocabulary::Code;

use super::import;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::input::is_standard_input;
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::private_file;
use crate::record;
use crate::render::{Page, verdict};
use crate::signatory::{self, Signatory, Signed};
use crate::store::Store;

/// How many subjects are shown.
const SUBJECTS: usize = 5;

/// Where the envelope goes, besides the store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Outlet {
    /// Nowhere; or to standard output, if nothing keeps it.
    Unsaid,
    File(PathBuf),
    StandardOutput,
}

impl Outlet {
    /// Whether it can be written to is found out before anything is signed.
    ///
    /// # Errors
    /// `output.write_failed`.
    pub(super) fn of(path: Option<&Path>) -> Result<Self, Complaint> {
        match path {
            None => Ok(Self::Unsaid),
            Some(path) if is_standard_input(path) => Ok(Self::StandardOutput),
            Some(path) => private_file::place_out(path).map(|_| Self::File(path.to_path_buf())),
        }
    }
}

/// What is signed is signed now, and by the trust of now: an instant that somebody says proves nothing.
///
/// # Errors
/// `usage.conflict`.
pub(super) fn refuse_instants(context: &Context) -> Result<(), Complaint> {
    let said = match (context.at != context.now, context.trust_at) {
        (true, _) => "--at",
        (false, Some(_)) => "--trust-at",
        (false, None) => return Ok(()),
    };
    Err(Complaint::new(Code::UsageConflict, "a signature is made now, and by the trust of now")
        .found(said)
        .expected(format!("the command without {said}"))
        .remedy("to see what another instant would say: stella verify attestation X --at TIME"))
}

/// The store that what is signed goes to: that of the home, made if there is a trust store and none of attestations yet.
///
/// # Errors
/// Those of stores that are there and cannot be relied on.
pub(super) fn store(context: &Context) -> Result<Option<Attestations>, Complaint> {
    match Store::find(context)? {
        Some(_) => Attestations::for_writing(context).map(Some),
        None => Attestations::find(context),
    }
}

/// Tells the journal, if there is one, of a command that signed nothing.
pub(super) fn or_journaled(
    answer: Result<Answer, Complaint>,
    since: Ticks,
    context: &Context,
) -> Result<Answer, Complaint> {
    if let Err(complaint) = &answer
        && let Some(mut store) = record::store(context)
    {
        store.journal(failure(complaint, context).took(since.microseconds()), context);
    }
    answer
}

/// A signature that was not made.
pub(super) fn failure(complaint: &Complaint, context: &Context) -> NewEvent {
    let event =
        journal::event(EventKind::Signing, format!("nothing was signed: {}", complaint.sentence()), context.now);
    event.because(Level::Error, complaint.code())
}

/// An attestation that was signed, and where it is.
pub(super) struct Made {
    signed: Signed,
    /// What the store made of it, and where that is.
    kept: Option<(Added, String)>,
    outlet: Outlet,
    /// What the trust and policy of this home say to it.
    here: Option<Report>,
}

impl Made {
    /// Keeps it in the store, if there is one, and writes it to where it was asked for.
    ///
    /// # Errors
    /// Those of the store and of files.
    pub(super) fn keep(
        signed: Signed,
        store: Option<&mut Attestations>,
        outlet: Outlet,
        by: &Signatory,
        context: &Context,
    ) -> Result<Self, Complaint> {
        let here = signatory::judged_here(&signed.attestation, context)?;
        let kept = match store {
            Some(store) => {
                let place = store.source().name();
                Some((take_in(store, std::slice::from_ref(&signed), context)?, place))
            }
            None => None,
        };
        if let Outlet::File(path) = &outlet {
            private_file::write_out(path, format!("{}\n", signed.document).as_bytes())?;
        }
        let kept = kept.and_then(|(added, place)| Some((added.into_iter().next()?, place)));
        if let Some(report) = here.as_ref().filter(|report| report.verdict() != Verdict::Verified) {
            context.warn(&not_accepted(report, by));
        }
        Ok(Self { signed, kept, outlet, here })
    }

    pub(super) const fn signed(&self) -> &Signed {
        &self.signed
    }

    /// Whether the store had these very bytes before.
    fn was_known(&self) -> bool {
        matches!(self.kept, Some((Added::Duplicate(_), _)))
    }

    /// Whether the envelope itself is what goes to standard output.
    fn goes_to_standard_output(&self) -> bool {
        self.outlet == Outlet::StandardOutput || self.outlet == Outlet::Unsaid && self.kept.is_none()
    }

    /// What the journal says of it.
    pub(super) fn event(&self, what: &str, by: &Signatory, took: u64, context: &Context) -> NewEvent {
        let id = self.signed.attestation.id();
        let event = journal::event(EventKind::Signing, format!("{what} {id} by {}", by.name()), context.now)
            .about(id)
            .took(took)
            .detail("algorithm", by.scheme().name())
            .detail("key", by.key().key_id().to_string());
        let event = self
            .signed
            .facts
            .subjects
            .iter()
            .take(1)
            .fold(event, |event, subject| event.detail("subject", subject.to_string()));
        self.signed.facts.predicate_type.iter().fold(event, |event, kind| event.detail("predicate_type", kind))
    }

    /// What is told of it: `more` are lines that belong behind the id.
    pub(super) fn answer(
        &self,
        by: &Signatory,
        more: &[(&'static str, String)],
        members: Vec<(&'static str, Value)>,
        schema: &'static str,
        context: &Context,
    ) -> Answer {
        if context.format.is_json() {
            return Answer::done(self.document(by, members, schema).line());
        }
        if self.goes_to_standard_output() {
            return Answer::done(format!("{}\n", self.signed.document));
        }
        let id = self.signed.attestation.id().to_string();
        let mut page = Page::new(context);
        if context.detail == Detail::Quiet {
            page.line(id);
            return Answer::done(page.finish());
        }
        page.field("attestation", &id);
        for (name, value) in more {
            page.field(name, value);
        }
        page.maybe("predicate type", self.signed.facts.predicate_type.as_ref());
        let subjects = subjects(&self.signed);
        for subject in subjects.iter().take(SUBJECTS) {
            page.field("subject", subject);
        }
        if let Some(left) = subjects.len().checked_sub(SUBJECTS).filter(|left| *left > 0) {
            page.field("subject", format!("and {left} more"));
        }
        page.field("signed by", format!("{} ({})", by.name(), by.key().key_id()));
        page.field("algorithm", by.scheme().name());
        if let Some((added, place)) = &self.kept {
            let known = if self.was_known() { ", which the store had already" } else { "" };
            page.field("kept", format!("arrival {} in {place}{known}", added.sequence()));
        }
        if let Outlet::File(path) = &self.outlet {
            page.field("written", path.display());
        }
        if let Some(report) = &self.here {
            page.field("verifies here", here(report));
        }
        if self.kept.is_some() {
            page.field("next", format!("stella verify attestation --attestation {}", verdict::short(&id)));
        }
        Answer::done(page.finish())
    }

    fn document(&self, by: &Signatory, members: Vec<(&'static str, Value)>, schema: &'static str) -> Value {
        let report = |report: &Report| {
            Value::object([
                ("verdict", Value::text(report.verdict().as_str())),
                ("code", Value::maybe(report.code().map(Code::as_str))),
            ])
        };
        let mut all = vec![
            ("schema", Value::text(schema)),
            ("attestation", Value::text(self.signed.attestation.id().to_string())),
        ];
        all.extend(members);
        all.extend([
            ("predicate_type", Value::maybe(self.signed.facts.predicate_type.as_deref())),
            ("subjects", Value::texts(self.signed.facts.subjects.iter().map(Digest::to_string))),
            ("signer", signer(by)),
            ("arrival", self.kept.as_ref().map_or(Value::Null, |(added, _)| Value::number(added.sequence()))),
            ("known", Value::Bool(self.was_known())),
            (
                "written",
                match &self.outlet {
                    Outlet::File(path) => Value::text(path.display().to_string()),
                    Outlet::Unsaid | Outlet::StandardOutput => Value::Null,
                },
            ),
            ("verifies_here", self.here.as_ref().map_or(Value::Null, report)),
            (
                "envelope",
                match self.goes_to_standard_output() {
                    true => Value::Raw(self.signed.document.clone()),
                    false => Value::Null,
                },
            ),
        ]);
        Value::Object(all)
    }
}

/// Takes what was signed into the store, in one batch.
///
/// # Errors
/// Those of the store.
pub(super) fn take_in(store: &mut Attestations, all: &[Signed], context: &Context) -> Result<Vec<Added>, Complaint> {
    let incoming: Vec<Incoming<'_>> = all
        .iter()
        .map(|signed| Incoming { document: signed.document.as_bytes(), facts: &signed.facts, at: context.now })
        .collect();
    import::add(store, &incoming)
}

/// The key that signed, in documents.
pub(super) fn signer(by: &Signatory) -> Value {
    Value::object([
        ("name", Value::text(by.name())),
        ("key_id", Value::text(by.key().key_id().to_string())),
        ("algorithm", Value::text(by.scheme().name())),
    ])
}

fn subjects(signed: &Signed) -> Vec<String> {
    let statement = signed
        .attestation
        .envelope()
        .and_then(|envelope| Statement::from_payload(envelope.unverified_payload(), &Default::default()).ok());
    let shown = |subject: &stella_attest_model::Subject| {
        let digests = subject.digests().iter().map(ToString::to_string);
        subject.name().map(str::to_string).into_iter().chain(digests).collect::<Vec<_>>().join(" ")
    };
    statement.iter().flat_map(|statement| statement.subjects()).map(shown).collect()
}

/// `yes`, or `no` and why.
pub(super) fn here(report: &Report) -> String {
    match (report.verdict(), report.cause()) {
        (Verdict::Verified, _) => match report.signer().label() {
            Some(label) => format!("yes, by {label}"),
            None => "yes".to_string(),
        },
        (_, cause) => {
            let code = report.code().map_or("internal.panic", Code::as_str);
            let why = cause.and_then(|cause| cause.summary()).unwrap_or("it could not be concluded");
            format!("no ({code}): {why}")
        }
    }
}

/// The signature is good, and nobody who trusts what this home trusts will take it.
fn not_accepted(report: &Report, by: &Signatory) -> Complaint {
    let code = report.code().unwrap_or(Code::DsseKeyUnknown);
    let complaint = Complaint::new(code, "what was signed does not verify by the trust and policy of this home");
    let cause = report.cause().and_then(|cause| cause.summary()).unwrap_or("it could not be concluded");
    let remedy = match code {
        Code::DsseKeyUnknown => format!(
            "stella keys show {0} --public > {0}.pub; stella trust-anchors add-key --key {0}.pub --name {0} --expires TIME",
            by.name()
        ),
        _ => format!("stella verify attestation --attestation {} --explain", report.attestation()),
    };
    complaint.found(cause).remedy(remedy)
}
