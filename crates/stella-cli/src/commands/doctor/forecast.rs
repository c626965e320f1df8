//! `stella doctor forecast`.

use stella_doctor::{Depth, Forecast, Loss, forecast};
use stella_vocabulary::Code;

use super::diagnose::complain;
use super::{document, examine};
use crate::arguments::{Everywhere, ForecastArguments, Format};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::duration;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::page::Tone;
use crate::render::{Page, Table, health};

pub(super) fn run(said: &ForecastArguments, everywhere: &Everywhere, context: &Context) -> Result<Answer, Complaint> {
    let until = duration::after(&said.horizon, context.now).map_err(|complaint| complaint.place("--horizon"))?;
    let seconds = until.seconds().saturating_sub(context.now.seconds());
    let world = examine::world(everywhere, context, Depth::Usual);
    let found = forecast(world.as_ref(), seconds).map_err(complain)?;
    let text = match context.format {
        Format::Json => json(&found).line(),
        Format::Ndjson => found.losses.iter().map(|loss| loss_json(loss).line()).collect(),
        Format::Table => {
            let mut table = Table::new(&["ends", "act by", "what", "attestations", "cause"]);
            for loss in &found.losses {
                let attestations = loss.attestations.to_string();
                table.row([&loss.at.to_string(), &day(loss), loss.kind, &attestations, &loss.cause.summary]);
            }
            table.finish()
        }
        Format::Text => page(&found, context),
    };
    Ok(Answer::done(text))
}

/// The date alone.
fn day(loss: &Loss) -> String {
    loss.act_by.to_string().split('T').next().unwrap_or_default().to_string()
}

fn page(found: &Forecast, context: &Context) -> String {
    let mut page = Page::new(context);
    let count = found.losses.len();
    let tone = if count == 0 { Tone::Good } else { Tone::Unsure };
    let words = match count {
        0 => format!("nothing ends before {}", found.until),
        1 => format!("1 thing ends before {}", found.until),
        count => format!("{count} things end before {}", found.until),
    };
    page.toned(tone, words);
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    page.field("attestations", format!("{} judged, {} verify now", found.judged, found.verified));
    if found.left_out > 0 {
        page.field("left out", found.left_out);
    }
    for loss in &found.losses {
        page.block("\n");
        page.toned(Tone::Unsure, format!("{}: {} of {}", loss.at, loss.kind, loss.cause.subject));
        page.field("what happens", &loss.cause.summary);
        page.maybe("code", loss.cause.code);
        page.field("stop verifying", loss.attestations);
        page.field("last safe day", day(loss));
        for example in loss.examples.iter().filter(|_| context.detail == Detail::Verbose) {
            page.field("example", example);
        }
        health::text::mending(&mut page, &loss.mending, 0);
    }
    page.finish()
}

fn json(found: &Forecast) -> Value {
    Value::object([
        ("schema", Value::text("stella.forecast/1")),
        ("from", Value::text(found.from.to_string())),
        ("until", Value::text(found.until.to_string())),
        ("judged", Value::number(found.judged)),
        ("verified", Value::number(found.verified)),
        ("left_out", Value::number(found.left_out)),
        ("losses", Value::list(found.losses.iter().map(loss_json))),
    ])
}

fn loss_json(loss: &Loss) -> Value {
    Value::object([
        ("at", Value::text(loss.at.to_string())),
        ("act_by", Value::text(day(loss))),
        ("kind", Value::text(loss.kind)),
        ("code", Value::maybe(loss.cause.code.map(Code::as_str))),
        ("cause", document::cause(&loss.cause)),
        ("attestations", Value::number(loss.attestations)),
        ("examples", Value::texts(loss.examples.iter().map(ToString::to_string))),
        ("remedy", document::mending(&loss.mending)),
    ])
}
