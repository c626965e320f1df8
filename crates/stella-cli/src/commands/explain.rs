//! `stella explain`.

use stella_vocabulary::Code;

use crate::arguments::{ExplainArguments, Format};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::near_miss::closest;
use crate::reference::{Entry, entry};
use crate::render::page::Tone;
use crate::render::{Page, Table};

pub(crate) fn run(said: &ExplainArguments, context: &Context) -> Result<Answer, Complaint> {
    let Some(asked) = &said.code else { return Ok(list(Code::ALL, context)) };
    let asked = asked.trim().to_ascii_lowercase();
    if let Some(entry) = Code::parse(&asked).and_then(entry) {
        return Ok(explain(&entry, context));
    }
    let family = asked.trim_end_matches('.');
    let members: Vec<Code> = Code::ALL.iter().copied().filter(|code| code.family() == family).collect();
    if members.is_empty() { Err(unknown(&asked)) } else { Ok(list(&members, context)) }
}

fn unknown(asked: &str) -> Complaint {
    let complaint = Complaint::new(Code::UsageConflict, "there is no such code").place("CODE").found(asked);
    let codes = Code::ALL.iter().map(|code| code.as_str());
    let families = Code::ALL.iter().map(|code| code.family());
    // Somebody may also remember the second half only.
    let by_name = Code::ALL.iter().find(|code| code.name() == asked).map(|code| code.as_str());
    match by_name.or_else(|| closest(asked, codes)).or_else(|| closest(asked, families)) {
        Some(meant) => complaint.expected(format!("perhaps {meant}")).remedy(format!("stella explain {meant}")),
        None => complaint.expected("a code such as x509.expired").remedy("stella explain"),
    }
}

fn explain(entry: &Entry, context: &Context) -> Answer {
    if context.format.is_json() {
        return Answer::done(document(entry).line());
    }
    let mut page = Page::new(context);
    render(&mut page, entry, context.detail);
    Answer::done(page.finish())
}

/// The page of a code as text.
pub(crate) fn render(page: &mut Page, entry: &Entry, detail: Detail) {
    page.toned(Tone::Good, entry.code);
    page.line(&entry.meaning);
    if detail == Detail::Quiet {
        return;
    }
    page.field("exit status", entry.code.exit_status());
    page.maybe("clause", entry.clause.as_deref());
    page.maybe("example", entry.example.as_deref());
    page.line("usual causes:");
    for cause in &entry.causes {
        page.line(format!("  - {cause}"));
    }
    page.line("remedies:");
    for advice in &entry.remedies {
        page.line(format!("  - {}", advice.text));
        if let Some(command) = &advice.command {
            page.line(format!("    {command}"));
        }
    }
    page.field("reference", stella_attest_verify::reference(entry.code));
}

fn document(entry: &Entry) -> Value {
    let remedies = entry.remedies.iter().map(|advice| {
        Value::object([("summary", Value::text(&advice.text)), ("command", Value::maybe(advice.command.as_deref()))])
    });
    Value::object([
        ("schema", Value::text("stella.code/1")),
        ("code", Value::text(entry.code.as_str())),
        ("meaning", Value::text(&entry.meaning)),
        ("exit_status", Value::Number(entry.code.exit_status().into())),
        ("clause", Value::maybe(entry.clause.as_deref())),
        ("example", Value::maybe(entry.example.as_deref())),
        ("causes", Value::texts(&entry.causes)),
        ("remedies", Value::list(remedies)),
        ("reference", Value::text(stella_attest_verify::reference(entry.code))),
    ])
}

fn list(codes: &[Code], context: &Context) -> Answer {
    let entries = codes.iter().filter_map(|code| entry(*code));
    match context.format {
        Format::Json => Answer::done(
            Value::object([
                ("schema", Value::text("stella.codes/1")),
                ("codes", Value::list(entries.map(|entry| document(&entry)))),
            ])
            .line(),
        ),
        Format::Ndjson => Answer::done(entries.map(|entry| document(&entry).line()).collect::<String>()),
        Format::Table | Format::Text => {
            let mut table = Table::new(&["code", "exit", "meaning"]);
            for entry in entries {
                table.row([entry.code.as_str(), &entry.code.exit_status().to_string(), &entry.meaning]);
            }
            Answer::done(table.finish())
        }
    }
}
