//! `stella doctor`: the checks, asked.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use stella_doctor::{
    About, Category, Check, Depth, Examination, ExternalCheck, Facility, Finding, Runner, Selection, SelectionError,
    Severity, Status, World, checks,
};
use stella_vocabulary::Code;

use super::document;
use super::program::ChildProgram;
use crate::arguments::{Document, Everywhere, ExamineArguments, Format};
use crate::complaint::Complaint;
use crate::context::{Context, Ticks};
use crate::exit::Answer;
use crate::installation::Installation;
use crate::render::{Page, Table, health};
use crate::{duration, near_miss};

/// How long a program may take where nothing was said, in seconds.
const PROGRAM: u64 = 30;

pub(super) fn run(said: &ExamineArguments, everywhere: &Everywhere, context: &Context) -> Result<Answer, Complaint> {
    let depth = match (said.quick, said.full) {
        (true, _) => Depth::Quick,
        (_, true) => Depth::Full,
        _ => Depth::Usual,
    };
    let timeout = match &said.timeout {
        Some(text) => Some(limit(text)?),
        None => None,
    };
    let mut all = checks::all();
    for text in &said.program {
        all.push(external(text, timeout)?);
    }
    let selection = Selection {
        ids: said.check.clone(),
        categories: said.category.iter().map(|name| name.category()).collect(),
        severity: said.severity.map(|name| name.severity()),
        depth,
    };
    if said.list {
        return list(&all, &selection, context);
    }
    let world = world(everywhere, context, depth);
    let ticks = Ticks::new();
    let runner = Runner::new(all, &ticks).parallel(usize::from(said.parallel)).timeout(timeout);
    let examination = runner.run(&world, &selection).map_err(|error| unknown(&error, &runner.about()))?;
    let text = match (context.document, context.format) {
        (Some(Document::Html), _) => health::html::page(&examination, world.as_ref(), context),
        (Some(Document::Junit), _) => health::junit::document(&examination),
        (Some(Document::Markdown), _) => health::markdown::document(&examination, context),
        (Some(Document::Sarif), _) => health::sarif::document(&examination, &runner.about()).line(),
        (Some(Document::Prometheus), _) => {
            return Err(Complaint::new(Code::UsageConflict, "the doctor does not print in that form")
                .place("--output")
                .found("prometheus")
                .expected("html, json, junit, markdown, ndjson, sarif, table or text")
                .remedy("stella metrics -o prometheus"));
        }
        (None, Format::Json) => document::examination(&examination, context).line(),
        (None, Format::Ndjson) => {
            examination.findings.iter().map(|finding| document::finding(finding).line()).collect()
        }
        (None, Format::Table) => health::text::table(&examination.findings),
        (None, Format::Text) => {
            let mut page = Page::new(context);
            health::text::examination(&mut page, &examination, context);
            page.finish()
        }
    };
    Ok(Answer { status: status(&examination), ..Answer::done(text) })
}

/// This installation, for checks.
pub(crate) fn world(everywhere: &Everywhere, context: &Context, depth: Depth) -> Arc<dyn World> {
    Arc::new(Installation::new(everywhere, context, depth))
}

/// Asks every check that takes no long time, for whoever needs the findings beside something else.
///
/// # Errors
/// None in practice: no check is named.
pub(crate) fn examine(world: &Arc<dyn World>, depth: Depth) -> Result<Examination, Complaint> {
    let ticks = Ticks::new();
    let runner = Runner::new(checks::all(), &ticks);
    let selection = Selection { depth, ..Selection::default() };
    runner.run(world, &selection).map_err(|error| unknown(&error, &runner.about()))
}

/// 0 where no check of severity fail failed; 6 where a store could not be read, so that nothing is known; 4 where there was nothing to look at.
fn status(examination: &Examination) -> u8 {
    let failed = |finding: &&Finding| finding.status == Status::Fail && finding.severity == Severity::Fail;
    let unread = |finding: &Finding| {
        let code = finding.cause.as_ref().and_then(|cause| cause.code);
        matches!(finding.lost, Some(Facility::Store | Facility::Trust)) && code.map(Code::exit_status) == Some(6)
    };
    let mut failures = examination.findings.iter().filter(failed);
    match (failures.clone().next().is_some(), failures.any(unread)) {
        (true, true) => 6,
        (true, false) => 1,
        (false, _) if examination.is_blind() => Code::StoreNotFound.exit_status(),
        (false, _) => 0,
    }
}

fn limit(text: &str) -> Result<Duration, Complaint> {
    let seconds = duration::parse(text).map_err(|complaint| complaint.place("--timeout"))?;
    Ok(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)))
}

/// `ID=FILE`
fn external(text: &str, timeout: Option<Duration>) -> Result<Arc<dyn Check>, Complaint> {
    let refused = |what: &str| {
        Complaint::new(Code::UsageConflict, what)
            .place("--program")
            .found(text)
            .expected("ID=FILE, such as check.acme.backup=./check-backup")
            .remedy("stella doctor --help")
    };
    let (id, file) = text.split_once('=').ok_or_else(|| refused("this names no program"))?;
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    if id.is_empty() || !id.bytes().all(letter) || id.len() > 128 {
        return Err(refused("this cannot be the id of a check"));
    }
    if checks::all().iter().any(|check| check.about().is_called(id)) {
        return Err(refused("there is a check of this id already"));
    }
    let path = PathBuf::from(file);
    if !path.is_file() {
        return Err(refused("there is no such program"));
    }
    let limit = timeout.unwrap_or(Duration::from_secs(PROGRAM));
    let about = About::new(id, Category::Custom, Severity::Fail, &format!("the program {file}"))
        .timeout(limit)
        // The program is stopped before the check is given up, so that nothing is left behind.
        .grace(Duration::from_secs(5))
        .depth(Depth::Quick);
    Ok(Arc::new(ExternalCheck::new(about, Arc::new(ChildProgram::new(path, limit)))))
}

fn unknown(error: &SelectionError, all: &[About]) -> Complaint {
    let complaint =
        Complaint::new(Code::UsageConflict, error.to_string()).place("--check").remedy("stella doctor --list");
    let SelectionError::Unknown(id) = error;
    let known = all.iter().flat_map(|about| std::iter::once(&about.id).chain(&about.aliases)).map(String::as_str);
    match near_miss::closest(id, known) {
        Some(meant) => complaint.found(id).expected(meant),
        None => complaint.found(id).expected("an id, or a pattern such as check.trust.*"),
    }
}

fn list(all: &[Arc<dyn Check>], selection: &Selection, context: &Context) -> Result<Answer, Complaint> {
    let abouts: Vec<About> = all.iter().map(|check| check.about()).collect();
    // A list leaves nothing out for taking long.
    let selection = Selection { depth: Depth::Full, ..selection.clone() };
    let chosen = selection.choose(&abouts).map_err(|error| unknown(&error, &abouts))?;
    let chosen: Vec<&About> = chosen.iter().filter_map(|position| abouts.get(*position)).collect();
    let text = match context.format {
        Format::Json => document::list(&chosen).line(),
        Format::Ndjson => chosen.iter().map(|about| document::about(about).line()).collect(),
        Format::Table | Format::Text => {
            let mut table = Table::new(&["check", "severity", "asked", "thresholds"]);
            for about in chosen {
                let limits: Vec<String> =
                    about.thresholds.iter().map(|(name, limit)| format!("{name}: {limit}")).collect();
                table.row([about.id.as_str(), about.severity.name(), document::depth(about.depth), &limits.join("; ")]);
                for alias in &about.aliases {
                    table.row([
                        alias.as_str(),
                        about.severity.name(),
                        document::depth(about.depth),
                        &format!("alias of {}", about.id),
                    ]);
                }
            }
            table.finish()
        }
    };
    Ok(Answer::done(text))
}
