//! `stella attest create`.

mod duplicate;
mod predicate;
mod subjects;

pub(super) use predicate::Kind;

use stella_attest_model::NewStatement;
use stella_attest_verify::Limits;

use super::made::{self, Made, Outlet};
use crate::arguments::CreateArguments;
use crate::complaint::Complaint;
use crate::context::{Context, Ticks};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::json::Value;
use crate::signatory::Signatory;

pub(super) fn run(said: &CreateArguments, context: &Context) -> Result<Answer, Complaint> {
    let since = Ticks::new();
    made::or_journaled(create(said, since, context), since, context)
}

fn create(said: &CreateArguments, since: Ticks, context: &Context) -> Result<Answer, Complaint> {
    made::refuse_instants(context)?;
    let inputs = Inputs::default();
    let outlet = Outlet::of(said.out.as_deref())?;
    let kind = Kind::of(&said.kind, context)?;
    let subjects = subjects::read(said, &inputs)?;
    let (predicate, flaws) = predicate::read(said, &kind, &inputs, context)?;
    let signatory = Signatory::of(&said.key, context)?;
    let mut store = made::store(context)?;
    if let Some(store) = store.as_mut().filter(|_| !said.force) {
        duplicate::refuse(store, &subjects, &kind.uri, &signatory, context)?;
    }
    let statement = NewStatement { subjects, predicate_type: kind.uri, predicate };
    let payload =
        statement.to_payload(&Limits::default()).map_err(|error| Complaint::of(&error, "the new statement"))?;
    let signed = signatory.sign(NewStatement::PAYLOAD_TYPE, &payload, context)?;
    let made = Made::keep(signed, store.as_mut(), outlet, &signatory, context)?;
    if let Some(store) = &mut store {
        store.journal(made.event("signed", &signatory, since.microseconds(), context), context);
    }
    let flawed =
        (flaws > 0).then(|| ("schema", format!("not as specified in {flaws} places, and signed all the same")));
    let members = vec![("schema_flaws", Value::count(flaws))];
    Ok(made.answer(&signatory, flawed.as_slice(), members, "stella.signed/1", context))
}
