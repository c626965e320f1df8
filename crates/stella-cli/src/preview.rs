//! What a change of trust would do, before anybody makes it.

use stella_trust_store::ledger::{TrustState, differences};

use crate::complaint::Complaint;
use crate::context::Context;
use crate::json::Value;
use crate::render::Page;

/// What would be different.
#[derive(Debug)]
pub(crate) struct Preview {
    /// Lines for people.
    pub(crate) text: String,
    /// The member `preview` of documents.
    pub(crate) json: Value,
}

/// Compares the state before a change with the state after it.
///
/// # Errors
/// None so far.
pub(crate) fn render(before: &TrustState, after: &TrustState, context: &Context) -> Result<Preview, Complaint> {
    let mut page = Page::new(context);
    let differences = differences(before, after);
    for difference in &differences {
        let verb = match (&difference.before, &difference.after) {
            (None, _) => "would add",
            (_, None) => "would drop",
            _ => "would change",
        };
        page.field(verb, &difference.object);
    }
    let raw = |object: &Option<Box<stella_trust_store::ledger::Object>>| {
        object.as_ref().map_or(Value::Null, |object| Value::Raw(object.to_canonical_json()))
    };
    let objects = differences.iter().map(|difference| {
        Value::object([
            ("kind", Value::text(difference.object.kind.name())),
            ("id", Value::text(difference.object.id.to_string())),
            ("before", raw(&difference.before)),
            ("after", raw(&difference.after)),
        ])
    });
    Ok(Preview { json: Value::object([("objects", Value::list(objects))]), text: page.finish() })
}
