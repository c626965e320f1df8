//! `stella trust bisect`.

use stella_attest_verify::bisect::{
    Agreement, Bisection, Event, Method, Question, Signed, VerdictChange, find, verified_until,
};
use stella_attest_verify::{Policy, Registry, UnixTime};
use stella_trust_store::ledger::{Action, Change, ObjectRef, Point};
use stella_vocabulary::hex;

use super::entry::{self, object_json};
use crate::arguments::{BisectArguments, Format};
use crate::cases::{self, outcome_json};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::input::{Inputs, name_of};
use crate::json::Value;
use crate::question::Subject;
use crate::refused::command_line;
use crate::render::Page;
use crate::selector;
use crate::store::Store;
use crate::undo;

pub(crate) fn run(said: &BisectArguments, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    let store = Store::require(context)?;
    let policy = cases::policy(&said.signer, &inputs, context)?;
    let policy = said.predicate_type.iter().fold(policy, Policy::predicate_type);
    let chosen = selector::choose(&said.attestation, &inputs, context)?;
    let attestation = chosen.attestation();
    let subject = Subject::of(&said.artifact, &inputs)?;
    let binding = match attestation.message_signature().and_then(|message| message.claimed_digest()) {
        Some(claimed) if subject.name().is_none() => claimed.into(),
        _ => subject.binding(),
    };
    let question = Question {
        as_of: context.now.max(context.at),
        at: context.at,
        attestation,
        binding: &binding,
        policy: &policy,
        registry: &Registry::rustcrypto(),
    };
    let found = find(store.ledger(), &question)?;
    subject.confirm_unchanged()?;
    let decisive = found.decisive();
    // Where nobody changed the verdict, the clock may have.
    let ended = match decisive.is_some_and(VerdictChange::changes_verdict) {
        true => None,
        false => verified_until(store.ledger(), &question)?,
    };
    let undo =
        decisive.filter(|change| change.changes_verdict()).map(|change| undo_of(&store, change)).transpose()?.flatten();
    let at = (context.at != context.now).then(|| context.at.to_string());
    let plan = undo.as_ref().map(|undo| plan(&name_of(&said.attestation), at, undo));
    if context.format.is_json() {
        return Ok(Answer::done(document(&found, &attestation.id().to_string(), context.at, ended, undo, plan).line()));
    }
    let mut page = Page::new(context);
    page.field("attestation", attestation.id());
    page.field("judged at", context.at);
    page.field("verdict", found.present.line());
    match (decisive, ended) {
        (_, Some(end)) => {
            page.field("changed by", format!("the clock, and no entry of the trust log: verified until {end}"))
        }
        (Some(change), None) => describe(&mut page, change, context),
        (None, None) => {
            let all = !matches!(found.method, Method::Sampled { .. });
            let none = "no entry of the trust log: under no trust it had was the outcome another";
            page.field("changed by", if all { none } else { "no entry that was found, and not all were looked at" });
        }
    }
    if let (Some(undo), Some(plan)) = (&undo, &plan) {
        page.field("undo", command_line(undo));
        page.field("preview of the undo", command_line(plan));
    }
    if context.detail != Detail::Quiet {
        others(&mut page, &found, context);
        page.field("searched", method_text(&found));
    }
    let text = page.finish();
    Ok(match context.format {
        Format::Text | Format::Table | Format::Json | Format::Ndjson => Answer::done(text),
    })
}

/// What changed the verdict on an attestation, for whoever diagnoses it. `None` where it never was another.
pub(crate) fn turning_point(
    store: &Store,
    question: &Question<'_>,
) -> Result<Option<stella_doctor::TurningPoint>, Complaint> {
    let found = find(store.ledger(), question)?;
    let decisive = found.decisive().filter(|change| change.changes_verdict());
    let Some(change) = decisive else {
        let ended = verified_until(store.ledger(), question)?;
        return Ok(ended.map(|at| stella_doctor::TurningPoint {
            at,
            entry: None,
            what: format!("the clock: verified until {at}"),
            person: None,
            reason: None,
            undo: None,
        }));
    };
    Ok(Some(stella_doctor::TurningPoint {
        at: change.moment.at,
        entry: Some(change.entry.sequence),
        what: happened(change),
        person: Some(change.entry.actor.person.to_string()),
        reason: Some(change.entry.reason.clone()),
        undo: undo_of(store, change)?,
    }))
}

/// The change of trust behind an entry.
fn change_of(change: &VerdictChange) -> Option<&Change> {
    match &change.entry.action {
        Action::Changed(made) => Some(made),
        Action::EmergencyBegan { change, .. } => Some(change),
        _ => None,
    }
}

fn object_of(change: &VerdictChange) -> Option<ObjectRef> {
    change_of(change).and_then(Change::object)
}

/// The command that takes it back. What time has ended is made again by whoever wants it, with approval.
fn undo_of(store: &Store, change: &VerdictChange) -> Result<Option<Vec<String>>, Complaint> {
    let (Some(made), Event::Appended, Some(before)) =
        (change_of(change), &change.moment.event, change.entry.sequence.checked_sub(1))
    else {
        return Ok(None);
    };
    let before = store.ledger().state_at(Point::Sequence(before))?;
    Ok(undo::of(made, &before))
}

/// `stella trust plan --at T --attestation X -- …`
fn plan(name: &str, at: Option<String>, undo: &[String]) -> Vec<String> {
    let mut words = ["stella", "trust", "plan"].map(ToString::to_string).to_vec();
    words.extend(at.into_iter().flat_map(|at| ["--at".to_string(), at]));
    words.extend(["--attestation", name, "--"].map(ToString::to_string));
    words.extend(undo.iter().skip(1).cloned());
    words
}

fn happened(change: &VerdictChange) -> String {
    let object = object_of(change).map(|object| format!(" ({object})")).unwrap_or_default();
    let action = change.entry.action_name();
    match &change.moment.event {
        Event::EmergencyOver { emergency, began } => {
            format!("the end of emergency {emergency} at {}, begun by entry {began}{object}", change.moment.at)
        }
        _ => format!("entry {}, {action}{object} at {}", change.moment.sequence, change.moment.at),
    }
}

fn describe(page: &mut Page, change: &VerdictChange, context: &Context) {
    // A refusal for another reason was a refusal before, and nothing that is undone mends it.
    page.field(if change.changes_verdict() { "changed by" } else { "another reason since" }, happened(change));
    page.field("before", change.before.line());
    page.field("after", change.after.line());
    page.field("person", &change.entry.actor.person);
    page.field("reason", &change.entry.reason);
    page.field("mode", change.entry.mode.name());
    match &change.agreement {
        Some(agreement) => {
            let Agreement { request, requested, reason, signed, .. } = agreement;
            page.field("request", request);
            page.field("requested by", signature_text(requested, context));
            page.field("request reason", reason);
            for signed in signed {
                page.field("approved by", signature_text(signed, context));
            }
        }
        None => page.field("approved by", "nobody: no request was needed"),
    }
}

fn signature_text(signed: &Signed, context: &Context) -> String {
    let key = match (&signed.key, context.detail) {
        (Some(key), Detail::Verbose) => format!(", key sha256:{}", hex::encode(key)),
        (None, _) => ", a name without a signature".to_string(),
        _ => String::new(),
    };
    format!("{} (entry {}, {}{key})", signed.person, signed.sequence, signed.at)
}

/// The other changes, oldest first; those of the reason alone only on request.
fn others(page: &mut Page, found: &Bisection, context: &Context) {
    let decisive = found.decisive();
    let told = |change: &&VerdictChange| {
        Some(*change) != decisive && (change.changes_verdict() || context.detail == Detail::Verbose)
    };
    for change in found.changes.iter().filter(told) {
        let word = |outcome: &stella_attest_verify::preview::Outcome| match outcome.code() {
            Some(code) => format!("{}[{code}]", outcome.verdict().as_str()),
            None => outcome.verdict().as_str().to_string(),
        };
        page.field("earlier", format!("{} -> {} by {}", word(&change.before), word(&change.after), happened(change)));
    }
}

fn method_text(found: &Bisection) -> String {
    let moments = found.moments;
    match found.method {
        Method::EveryMoment => format!("{moments} moments at which trust may have changed, each judged"),
        Method::Latest { from } => {
            format!("{moments} moments at which trust may have changed, each judged from entry {from} on")
        }
        Method::Halves { from } => format!(
            "{moments} moments at which trust may have changed, each judged from entry {from} on and by halves before; \
             the verdict may have gone away and come back in between"
        ),
        Method::Sampled { from, one_in } => format!(
            "{moments} moments at which trust may have changed, each judged from entry {from} on and one in {one_in} before; \
             a change that was taken back in between was not seen"
        ),
    }
}

fn document(
    found: &Bisection,
    attestation: &str,
    at: UnixTime,
    ended: Option<UnixTime>,
    undo: Option<Vec<String>>,
    plan: Option<Vec<String>>,
) -> Value {
    let words = |words: Option<Vec<String>>| words.map_or(Value::Null, Value::texts);
    let from = match found.method {
        Method::EveryMoment => Value::Null,
        Method::Halves { from } | Method::Latest { from } | Method::Sampled { from, .. } => entry::number(from),
    };
    Value::object([
        ("schema", Value::text("stella.trust-bisect/1")),
        ("attestation", Value::text(attestation)),
        ("at", Value::text(at.to_string())),
        ("present", outcome_json(&found.present)),
        ("decisive", found.decisive().map_or(Value::Null, change_json)),
        ("changes", Value::list(found.changes.iter().map(change_json))),
        ("verified_until", Value::maybe(ended.map(|end| end.to_string()))),
        ("undo", words(undo)),
        ("plan", words(plan)),
        (
            "method",
            Value::object([
                ("name", Value::text(found.method.as_str())),
                ("moments", Value::count(found.moments)),
                ("every_moment_from", from),
            ]),
        ),
    ])
}

fn change_json(change: &VerdictChange) -> Value {
    let (event, emergency) = match &change.moment.event {
        Event::EmergencyOver { emergency, .. } => ("emergency-over", Some(emergency.to_string())),
        _ => ("entry", None),
    };
    let signature = |signed: &Signed| {
        Value::object([
            ("person", Value::text(signed.person.to_string())),
            ("key", Value::maybe(signed.key.map(|key| format!("sha256:{}", hex::encode(&key))))),
            ("entry", entry::number(signed.sequence)),
            ("time", Value::text(signed.at.to_string())),
        ])
    };
    let agreement = change.agreement.as_ref().map_or(Value::Null, |agreement| {
        Value::object([
            ("request", Value::text(agreement.request.to_string())),
            ("reason", Value::text(&agreement.reason)),
            ("requested_by", signature(&agreement.requested)),
            ("approved_by", Value::list(agreement.signed.iter().map(signature))),
        ])
    });
    Value::object([
        ("event", Value::text(event)),
        ("time", Value::text(change.moment.at.to_string())),
        ("entry", entry::number(change.entry.sequence)),
        ("emergency", Value::maybe(emergency)),
        ("action", Value::text(change.entry.action_name())),
        ("object", object_of(change).as_ref().map_or(Value::Null, object_json)),
        ("person", Value::text(change.entry.actor.person.to_string())),
        ("reason", Value::text(&change.entry.reason)),
        ("mode", Value::text(change.entry.mode.name())),
        ("agreement", agreement),
        ("changes_verdict", Value::Bool(change.changes_verdict())),
        ("before", outcome_json(&change.before)),
        ("after", outcome_json(&change.after)),
    ])
}
