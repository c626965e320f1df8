//! Findings as a page for a browser or a printer, which needs nothing from elsewhere.

use std::fmt::Write as _;

use stella_attest_verify::{TriedPath, UnixTime};
use stella_doctor::diagnosis::Judge;
use stella_doctor::{Counts, Examination, Finding, Fleet, Mending, Status, World, fleet};

use super::junit::escaped;
use super::{headline, sorted};
use crate::context::Context;
use crate::refused::command_line;

/// How far back the timeline goes: seven days, in hours.
const HOURS: i64 = 168;

/// No script, no image, no font: whatever a name holds, nothing is loaded and nothing runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = "\
:root{color-scheme:light dark;--fail:#b3261e;--warn:#8a5a00;--pass:#1b6e3c;--skip:#5f6368;--line:#c8ccd1;--soft:#f3f5f7;--ink:#1c1f23;--back:#fff}
@media(prefers-color-scheme:dark){:root{--fail:#ff8a80;--warn:#f0b84a;--pass:#7bd79b;--skip:#a0a6ad;--line:#3d434a;--soft:#24282d;--ink:#e8eaed;--back:#16191c}}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--back)}
h1{font-size:1.5rem;margin:0 0 .25rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:0 0 .25rem}p{margin:.25rem 0}
.meta{color:var(--skip)}.fail{color:var(--fail)}.warn{color:var(--warn)}.pass{color:var(--pass)}.skip{color:var(--skip)}
article{border:1px solid var(--line);border-left:4px solid currentColor;border-radius:4px;padding:.75rem 1rem;margin:.75rem 0;break-inside:avoid}
article>*{color:var(--ink)}.badge{font-weight:700;text-transform:uppercase;font-size:.8rem;margin-right:.5rem}
dl{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.1rem 1rem;margin:.5rem 0}dt{color:var(--skip)}dd{margin:0;overflow-wrap:anywhere}
pre{background:var(--soft);border-radius:4px;padding:.5rem .75rem;margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.5 ui-monospace,monospace}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line)}td{overflow-wrap:anywhere}
ol.chain{list-style:none;padding:0;margin:.5rem 0}ol.chain li{border:1px solid var(--line);border-radius:4px;padding:.5rem .75rem;margin:0 0 1.25rem;position:relative;overflow-wrap:anywhere}
ol.chain li:not(:last-child)::after{content:'\\2193  signs';position:absolute;left:1rem;bottom:-1.3rem;color:var(--skip);font-size:.85rem}ol.chain li.gap{border-style:dashed;border-color:var(--fail);color:var(--fail)}
svg{width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:var(--skip)}
@media print{body{margin:0;max-width:none;font-size:11pt}pre{border:1px solid var(--line)}h2{break-after:avoid}}";

pub(crate) fn page(examination: &Examination, world: &dyn World, context: &Context) -> String {
    let week = context.now.checked_add(-HOURS * 3600).unwrap_or(context.now);
    // What cannot be read is a finding already.
    let fleet = fleet(world, week).ok().flatten();
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>stella doctor</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n"
    );
    let tone = if examination.roots().next().is_some() { "fail" } else { "pass" };
    let _ = writeln!(out, "<h1 class=\"{tone}\">{}</h1>", escaped(&headline(examination)));
    let milliseconds = examination.milliseconds;
    let _ = writeln!(out, "<p class=\"meta\">stella doctor at {}, in {milliseconds} ms</p>", context.at);
    let (full, short): (Vec<&Finding>, Vec<&Finding>) = sorted(&examination.findings)
        .into_iter()
        .partition(|finding| matches!(finding.status, Status::Fail | Status::Warn) && finding.because.is_none());
    if !full.is_empty() {
        out.push_str("<h2>What to mend</h2>\n");
        full.iter().for_each(|finding| in_full(&mut out, finding));
    }
    if let Some(fleet) = &fleet {
        chain(&mut out, fleet, world);
        timeline(&mut out, fleet, context.now);
    }
    out.push_str("<h2>Other checks</h2>\n<table>\n<tr><th>status</th><th>check</th><th>finding</th></tr>\n");
    for finding in short {
        let status = finding.status.name();
        let (check, summary) = (escaped(&finding.check), escaped(&finding.summary));
        let follows = finding.because.as_ref().filter(|_| finding.status == Status::Fail);
        let follows =
            follows.map(|because| format!(" <span class=\"meta\">(follows from {})</span>", escaped(because)));
        let _ = writeln!(
            out,
            "<tr><td class=\"{status}\">{status}</td><td>{check}</td><td>{summary}{}</td></tr>",
            follows.unwrap_or_default()
        );
    }
    out.push_str("</table>\n</body>\n</html>\n");
    out
}

fn in_full(out: &mut String, finding: &Finding) {
    let status = finding.status.name();
    let _ = writeln!(
        out,
        "<article class=\"{status}\">\n<h3><span class=\"badge {status}\">{status}</span>{}</h3>\n<p>{}</p>\n<dl>",
        escaped(&finding.check),
        escaped(&finding.summary)
    );
    for evidence in &finding.evidence {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(&evidence.name), escaped(&evidence.value));
    }
    if let Some(cause) = &finding.cause {
        let code = cause.code.map(|code| format!("{code}, ")).unwrap_or_default();
        let _ = writeln!(out, "<dt>cause</dt><dd>{} ({code}{})</dd>", escaped(&cause.subject), cause.confidence.name());
    }
    out.push_str("</dl>\n");
    if let Some(mending) = &finding.mending {
        self::mending(out, mending);
    }
    let _ = writeln!(
        out,
        "<p class=\"meta\">check again</p>\n<pre>{}</pre>\n</article>",
        escaped(&command_line(&finding.recheck))
    );
}

fn mending(out: &mut String, mending: &Mending) {
    let _ = writeln!(out, "<p><strong>Remedy:</strong> {}</p>", escaped(&mending.summary));
    if !mending.commands.is_empty() {
        let lines: Vec<String> = mending.commands.iter().map(|words| escaped(&command_line(words))).collect();
        let _ = writeln!(out, "<pre>{}</pre>", lines.join("\n"));
    }
    if let Some(accepts) = &mending.accepts {
        let _ = writeln!(out, "<p><strong>Would newly accept:</strong> {}</p>", escaped(accepts));
    }
}

/// The path of certificates of the failure that most attestations share, the anchor on top.
fn chain(out: &mut String, fleet: &Fleet, world: &dyn World) {
    let Some((group, example)) = fleet.groups.iter().find_map(|group| Some((group, group.examples.first()?))) else {
        return;
    };
    let (Ok(judge), Ok(Some(mut store))) = (Judge::new(world), world.attestations()) else { return };
    let Ok(Some((report, ..))) = judge.kept(store.as_mut(), example) else { return };
    let Some(path) = report.paths().iter().max_by_key(|path| path.certificates.len()) else { return };
    let _ = writeln!(
        out,
        "<h2>The chain</h2>\n<p class=\"meta\">of {}: {}</p>\n<ol class=\"chain\">",
        escaped(&example.to_string()),
        escaped(&group.cause.summary)
    );
    above(out, path);
    for (position, certificate) in path.certificates.iter().enumerate().rev() {
        let findings: Vec<String> = path
            .findings
            .iter()
            .filter(|finding| finding.certificate() == Some(position))
            .map(|finding| format!("<br><strong>{}</strong>: {}", finding.code(), escaped(&finding.summary())))
            .collect();
        let class = if findings.is_empty() { "" } else { " class=\"gap\"" };
        let _ = writeln!(
            out,
            "<li{class}>{}<br><span class=\"meta\">{} to {}</span>{}</li>",
            escaped(&certificate.subject()),
            certificate.not_before(),
            certificate.not_after(),
            findings.concat()
        );
    }
    out.push_str("</ol>\n");
}

/// What should stand above the top of a path that broke.
fn above(out: &mut String, path: &TriedPath) {
    let missing = path.findings.iter().any(|finding| finding.code() == stella_attest_verify::Code::X509UnknownIssuer);
    if let Some(top) = path.certificates.last().filter(|_| missing) {
        let name = if top.issuer() == top.subject() { "a trust anchor".to_string() } else { top.issuer() };
        let _ = writeln!(out, "<li class=\"gap\">missing: {}</li>", escaped(&name));
    }
}

/// How many verifications failed in each hour of the last seven days.
fn timeline(out: &mut String, fleet: &Fleet, now: UnixTime) {
    const HEIGHT: u64 = 80;
    let hours = &fleet.health.timeline;
    let most = hours.iter().map(|(_, counts)| counts.judged).max().unwrap_or(0);
    out.push_str("<h2>The last seven days</h2>\n");
    if most == 0 {
        out.push_str("<p class=\"meta\">nothing was verified</p>\n");
        return;
    }
    let failed = hours.iter().fold(0_u64, |sum, (_, counts)| sum.saturating_add(counts.failed));
    let _ = writeln!(
        out,
        "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"verifications in each hour, {failed} failed\">",
        HOURS * 5,
        HEIGHT + 30
    );
    let start = now.seconds().div_euclid(3600) - HOURS + 1;
    for (hour, counts) in hours {
        let place = hour.seconds().div_euclid(3600) - start;
        if (0..HOURS).contains(&place) {
            bar(out, place * 5, *counts, most, HEIGHT);
        }
    }
    let _ =
        writeln!(out, "<line x1=\"0\" y1=\"{HEIGHT}\" x2=\"{}\" y2=\"{HEIGHT}\" stroke=\"var(--line)\"/>", HOURS * 5);
    for day in 0..7 {
        let at = UnixTime::from_seconds((start + day * 24) * 3600).to_string();
        let _ =
            writeln!(out, "<text x=\"{}\" y=\"{}\">{}</text>", day * 120, HEIGHT + 16, at.get(5..16).unwrap_or(&at));
    }
    let _ = writeln!(
        out,
        "</svg>\n<p class=\"meta\">bars: verifications in an hour, the most {most}; red: those that failed, {failed} in all</p>"
    );
}

fn bar(out: &mut String, x: i64, counts: Counts, most: u64, height: u64) {
    let scaled = |count: u64| (count.saturating_mul(height) / most.max(1)).max(u64::from(count > 0));
    let (judged, failed) = (scaled(counts.judged), scaled(counts.failed.min(counts.judged)));
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{}\" width=\"4\" height=\"{judged}\" fill=\"var(--line)\"/>",
        height - judged.min(height)
    );
    if failed > 0 {
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{}\" width=\"4\" height=\"{failed}\" fill=\"var(--fail)\"/>",
            height - failed.min(height)
        );
    }
}
