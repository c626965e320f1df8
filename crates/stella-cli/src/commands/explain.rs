//! `stella explain`.

use stella_vocabulary::Code;
use stella_vocabulary::pages;

use crate::arguments::{ExplainArguments, Format};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::near_miss::closest;
use crate::render::page::Tone;
use crate::render::{Page, Table};

pub(crate) fn run(said: &ExplainArguments, context: &Context) -> Result<Answer, Complaint> {
    let Some(asked) = &said.code else { return Ok(list(Code::ALL, context)) };
    let asked = asked.trim().to_ascii_lowercase();
    if let Some(code) = Code::parse(&asked) {
        return Ok(explain(code, context));
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

fn explain(code: Code, context: &Context) -> Answer {
    if context.format.is_json() {
        return Answer::done(document(code).line());
    }
    let mut page = Page::new(context);
    render(&mut page, code, context.detail);
    Answer::done(page.finish())
}

/// The page of a code as text.
pub(crate) fn render(page: &mut Page, code: Code, detail: Detail) {
    let reference = pages::page(code);
    page.toned(Tone::Good, code);
    page.line(plain(reference.meaning));
    if detail == Detail::Quiet {
        return;
    }
    page.field("exit status", code.exit_status());
    page.maybe("clause", reference.clause);
    page.field("example", plain(reference.example));
    page.line("usual causes:");
    for cause in reference.causes {
        page.line(format!("  - {}", plain(cause)));
    }
    page.line("remedies:");
    for remedy in reference.remedies {
        page.line(format!("  - {}", plain(remedy.advice)));
        page.line(format!("    {}", remedy.command));
    }
    page.field("reference", code.reference());
}

/// Without the marks of Markdown.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

fn document(code: Code) -> Value {
    let page = pages::page(code);
    let remedies = page.remedies.iter().map(|remedy| {
        Value::object([("summary", Value::text(plain(remedy.advice))), ("command", Value::text(remedy.command))])
    });
    Value::object([
        ("schema", Value::text("stella.code/1")),
        ("code", Value::text(code.as_str())),
        ("meaning", Value::text(plain(page.meaning))),
        ("exit_status", Value::Number(code.exit_status().into())),
        ("clause", Value::maybe(page.clause)),
        ("example", Value::text(plain(page.example))),
        ("causes", Value::texts(page.causes.iter().map(|cause| plain(cause)))),
        ("remedies", Value::list(remedies)),
        ("reference", Value::text(code.reference())),
    ])
}

fn list(codes: &[Code], context: &Context) -> Answer {
    match context.format {
        Format::Json => Answer::done(
            Value::object([
                ("schema", Value::text("stella.codes/1")),
                ("codes", Value::list(codes.iter().map(|code| document(*code)))),
            ])
            .line(),
        ),
        Format::Ndjson => Answer::done(codes.iter().map(|code| document(*code).line()).collect::<String>()),
        Format::Table | Format::Text => {
            let mut table = Table::new(&["code", "exit", "meaning"]);
            for code in codes {
                table.row([code.as_str(), &code.exit_status().to_string(), &plain(pages::page(*code).meaning)]);
            }
            Answer::done(table.finish())
        }
    }
}
