//! `stella doctor export`: what helps whoever helps, without secrets.

use stella_doctor::Depth;

use super::diagnose::complain;
use super::{document, examine};
use crate::arguments::{Everywhere, ExportDoctorArguments};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::is_standard_input;
use crate::json::Value;
use crate::private_file;
use crate::render::Page;

pub(super) fn run(
    said: &ExportDoctorArguments,
    everywhere: &Everywhere,
    context: &Context,
) -> Result<Answer, Complaint> {
    let world = examine::world(everywhere, context, Depth::Usual);
    let examination = examine::examine(&world, Depth::Usual)?;
    let trust = world.trust().ok().flatten().map_or(Value::Null, |state| {
        let objects = state.objects().map(|(object, _)| Value::text(object.to_string()));
        Value::object([("entries", Value::number(state.size())), ("objects", Value::list(objects))])
    });
    let fleet = stella_doctor::fleet(world.as_ref(), context.now.checked_add(-86_400).unwrap_or(context.now));
    let journal = match fleet {
        Ok(Some(found)) => {
            let codes =
                found.health.codes.iter().map(|(code, count)| (code.as_str().to_string(), Value::number(*count)));
            Value::object([("failing", Value::number(found.failing())), ("codes", Value::Map(codes.collect()))])
        }
        Ok(None) => Value::Null,
        Err(trouble) => Value::text(complain(trouble).line().trim_end()),
    };
    // Nothing of keys, passwords, attestations or settings with values in them: what is exported is what the checks say.
    let bundle = Value::object([
        ("schema", Value::text("stella.support/1")),
        ("version", Value::text(env!("CARGO_PKG_VERSION"))),
        ("at", Value::text(context.now.to_string())),
        ("system", Value::text(format!("{} {}", std::env::consts::OS, std::env::consts::ARCH))),
        ("doctor", document::examination(&examination, context)),
        ("trust", trust),
        ("journal", journal),
    ]);
    if is_standard_input(&said.file) {
        return Ok(Answer::done(bundle.line()));
    }
    private_file::write_out(&said.file, bundle.line().as_bytes())?;
    let mut page = Page::new(context);
    page.field("written", said.file.display());
    page.field("holds", "findings, versions, names of what is trusted; no keys, no secrets, no attestations");
    Ok(Answer::done(page.finish()))
}
