//! Paths as a picture: who issued whom, and when each is valid.

use alloc::string::{String, ToString};
use core::fmt::Write as _;

use stella_vocabulary::{Reason, UnixTime};

use super::{ExplainedPath, Explanation, plain, title};
use crate::certificate::Certificate;

const WIDTH: i64 = 1100;
const MARGIN: i64 = 16;
/// Where the bars begin and end.
const BARS: (i64, i64) = (560, 1084);
const ROW: i64 = 36;
const LINE: i64 = 16;
const HEADING: i64 = 30;
/// Certificates may be valid for thousands of years; beyond these many seconds around the instants judged, bars only go to the edge.
const HORIZON: i64 = 15 * 365 * 86_400;

/// The time that the width of the bars stands for.
struct Axis {
    from: i64,
    until: i64,
}

impl Axis {
    fn of(explanation: &Explanation) -> Self {
        let certificates = || explanation.drawn().flat_map(|path| &path.certificates);
        let at = || explanation.at.iter().map(|at| at.seconds());
        let middle =
            at().next().or_else(|| certificates().next().map(|first| first.not_before().seconds())).unwrap_or(0);
        let near = |seconds: i64| seconds.clamp(middle.saturating_sub(HORIZON), middle.saturating_add(HORIZON));
        let all = || {
            certificates()
                .flat_map(|certificate| [certificate.not_before().seconds(), certificate.not_after().seconds()])
                .map(near)
                .chain(at())
        };
        let from = all().min().unwrap_or(middle);
        let until = all().max().unwrap_or(middle).max(from.saturating_add(1));
        Self { from, until }
    }

    fn x(&self, at: UnixTime) -> i64 {
        let span = i128::from(self.until) - i128::from(self.from);
        let along = i128::from(at.seconds().clamp(self.from, self.until)) - i128::from(self.from);
        let width = i128::from(BARS.1 - BARS.0);
        BARS.0 + i64::try_from(along * width / span.max(1)).unwrap_or(0)
    }
}

pub(super) fn draw(explanation: &Explanation) -> String {
    let axis = Axis::of(explanation);
    let mut body = String::new();
    let mut y = MARGIN;
    for (number, path) in explanation.drawn().enumerate() {
        y = draw_path(&mut body, explanation, &axis, path, number + 1, y);
    }
    if explanation.left_out() > 0 {
        text(&mut body, MARGIN, y + LINE, "#57606a", &alloc::format!("{} more paths", explanation.left_out()));
        y += HEADING;
    }
    let height = y + MARGIN;
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<title>Paths of certificates</title>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n{body}</svg>\n"
    );
    out
}

/// Returns where the next path begins.
fn draw_path(
    out: &mut String,
    explanation: &Explanation,
    axis: &Axis,
    path: &ExplainedPath,
    number: usize,
    top: i64,
) -> i64 {
    let (color, heading) = match (&path.anchor, path.is_accepted()) {
        (Some(anchor), true) => {
            ("#1a7f37", alloc::format!("path {number}, accepted, to the anchor {}", plain(anchor, 60)))
        }
        (None, true) => ("#1a7f37", alloc::format!("path {number}, accepted")),
        (_, false) => ("#cf222e", alloc::format!("path {number}, refused")),
    };
    text(out, MARGIN, top + LINE, color, &heading);
    date(out, BARS.0, top + LINE, "start", axis.from);
    date(out, BARS.1, top + LINE, "end", axis.until);
    let mut y = top + HEADING;
    let first_row = y;
    for (depth, (cert, certificate)) in path.certificates.iter().enumerate().rev().enumerate() {
        y = draw_certificate(out, axis, path, certificate, cert, depth, y);
    }
    for at in explanation.at.iter().take(8) {
        let x = axis.x(*at);
        let _ = writeln!(
            out,
            "<line x1=\"{x}\" y1=\"{first_row}\" x2=\"{x}\" y2=\"{y}\" stroke=\"#0969da\" stroke-dasharray=\"4 2\">\
             <title>judged at {at}</title></line>"
        );
    }
    y + LINE
}

fn draw_certificate(
    out: &mut String,
    axis: &Axis,
    path: &ExplainedPath,
    certificate: &Certificate,
    cert: usize,
    depth: usize,
    y: i64,
) -> i64 {
    let indent = MARGIN + i64::try_from(depth.min(12)).unwrap_or(0) * 14;
    let is_wrong = path.findings_at(cert).next().is_some();
    let color = if is_wrong { "#cf222e" } else { "#1a7f37" };
    let branch = if depth == 0 { "" } else { "\u{2514} " };
    text(out, indent, y + LINE, "#1f2328", &alloc::format!("{branch}{}", title(certificate, 60)));
    let (from, until) = (axis.x(certificate.not_before()), axis.x(certificate.not_after()));
    let width = (until - from).max(3);
    let _ = writeln!(
        out,
        "<rect x=\"{from}\" y=\"{}\" width=\"{width}\" height=\"12\" fill=\"{color}\" fill-opacity=\"0.6\">\
         <title>valid from {} to {}</title></rect>",
        y + 6,
        certificate.not_before(),
        certificate.not_after()
    );
    let mut bottom = y + ROW - LINE;
    for finding in path.findings_at(cert).take(4) {
        bottom += LINE;
        let line = alloc::format!("{}: {}", finding.code(), plain(&finding.to_string(), 150));
        text(out, indent + 14, bottom, "#cf222e", &line);
    }
    bottom + LINE
}

fn text(out: &mut String, x: i64, y: i64, color: &str, words: &str) {
    let _ = writeln!(out, "<text x=\"{x}\" y=\"{y}\" fill=\"{color}\">{}</text>", escaped(words));
}

fn date(out: &mut String, x: i64, y: i64, anchor: &str, seconds: i64) {
    let written = UnixTime::from_seconds(seconds).to_string();
    let day = written.split('T').next().unwrap_or_default();
    let _ =
        writeln!(out, "<text x=\"{x}\" y=\"{y}\" fill=\"#57606a\" text-anchor=\"{anchor}\">{}</text>", escaped(day));
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 §2.2 has none of these.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}
