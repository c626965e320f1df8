//! `stella trust diff`.

use std::collections::BTreeMap;

use stella_attest_model::Limits;
use stella_attest_model::json::{Document, Kind};
use stella_attest_verify::UnixTime;
use stella_trust_store::ledger::{Difference, Object, Point, TrustState};

use super::entry;
use crate::arguments::DiffArguments;
use crate::complaint::Complaint;
use crate::context::{self, Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::preview::Consequences;
use crate::render::Page;
use crate::store::Store;

/// The longest value that is shown, in characters: a digest fits, a certificate does not.
const LONGEST: usize = 90;

pub(crate) fn run(said: &DiffArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let (first, first_at) = moment(&store, &said.first, "the first moment")?;
    let (second, second_at) = moment(&store, &said.second, "the second moment")?;
    let consequences = Consequences::of((&first, first_at), (&second, second_at), &said.attestation, context)?;
    if context.format.is_json() {
        let mut members = vec![
            ("schema", Value::text("stella.trust-diff/1")),
            ("first", moment_json(&first, first_at)),
            ("second", moment_json(&second, second_at)),
            ("changes", Value::list(consequences.differences.iter().map(changes_json))),
        ];
        members.extend(consequences.members());
        return Ok(Answer::done(Value::Object(members).line()));
    }
    let mut page = Page::new(context);
    page.field("first", moment_text(&first, first_at));
    page.field("second", moment_text(&second, second_at));
    for difference in &consequences.differences {
        page.field(kind_of(difference), &difference.object);
        if context.detail != Detail::Quiet && difference.before.is_some() && difference.after.is_some() {
            for (path, (before, after)) in changes(difference) {
                page.indented(1, &path, format!("{} -> {}", shown(&before), shown(&after)));
            }
        }
    }
    if consequences.differences.is_empty() {
        page.line("nothing is different");
    }
    Ok(Answer::done(consequences.render(page, context, |_| {})))
}

/// The state at a moment that somebody typed, and the instant of which emergency changes count.
fn moment(store: &Store, text: &str, place: &str) -> Result<(TrustState, UnixTime), Complaint> {
    let point = context::point(text, place)?;
    let state = store
        .ledger()
        .state_at(point)
        .map_err(|error| Complaint::from(error).place(place).found(text).remedy("stella trust log"))?;
    let at = match point {
        Point::Time(at) => Some(at),
        Point::Sequence(_) => state.last_time(),
    };
    Ok((state, at.unwrap_or(UnixTime::from_seconds(0))))
}

fn moment_text(state: &TrustState, at: UnixTime) -> String {
    format!("after entry {}, as of {at}", state.size().saturating_sub(1))
}

fn moment_json(state: &TrustState, at: UnixTime) -> Value {
    Value::object([("entry", entry::number(state.size().saturating_sub(1))), ("time", Value::text(at.to_string()))])
}

const fn kind_of(difference: &Difference) -> &'static str {
    match (&difference.before, &difference.after) {
        (None, _) => "added",
        // Nothing is ever deleted: this is a look back in time.
        (_, None) => "not there any more",
        _ => "changed",
    }
}

fn changes_json(difference: &Difference) -> Value {
    let members = changes(difference).into_iter().map(|(path, (before, after))| {
        Value::object([
            ("member", Value::text(path)),
            ("before", before.map_or(Value::Null, Value::Raw)),
            ("after", after.map_or(Value::Null, Value::Raw)),
        ])
    });
    Value::object([
        ("kind", Value::text(difference.object.kind.name())),
        ("id", Value::text(difference.object.id.to_string())),
        ("change", Value::text(kind_of(difference).replace(' ', "-"))),
        ("members", Value::list(members)),
    ])
}

/// The members of an object that are not the same, by path, as JSON before and after.
fn changes(difference: &Difference) -> BTreeMap<String, (Option<String>, Option<String>)> {
    let mut members: BTreeMap<String, (Option<String>, Option<String>)> = BTreeMap::new();
    for (path, value) in leaves(difference.before.as_deref()) {
        members.entry(path).or_default().0 = Some(value);
    }
    for (path, value) in leaves(difference.after.as_deref()) {
        members.entry(path).or_default().1 = Some(value);
    }
    members.retain(|_, (before, after)| before != after);
    members
}

/// The members of the canonical form of an object that are no objects themselves.
fn leaves(object: Option<&Object>) -> Vec<(String, String)> {
    let Some(text) = object.map(Object::to_canonical_json) else { return Vec::new() };
    let mut leaves = Vec::new();
    let Ok(document) = Document::parse(text.as_bytes(), &Limits::default()) else { return leaves };
    let mut waiting = vec![(String::new(), document.root())];
    while let Some((path, value)) = waiting.pop() {
        match value.as_object() {
            Ok(object) if value.kind() == Kind::Object => {
                waiting.extend(object.members().map(|(name, value)| {
                    (if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }, value)
                }));
            }
            _ => leaves.push((path, value.raw_text().to_string())),
        }
    }
    leaves
}

/// A value for people: JSON without its quotes, and not too long.
fn shown(value: &Option<String>) -> String {
    match value.as_deref() {
        None | Some("null" | "[]") => "none".to_string(),
        Some(value) => {
            let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            match bare.char_indices().nth(LONGEST) {
                Some((end, _)) => format!("{}…", bare.get(..end).unwrap_or_default()),
                None => bare.to_string(),
            }
        }
    }
}
