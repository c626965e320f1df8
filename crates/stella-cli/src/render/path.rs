//! Paths of certificates as trees, the anchor on top.

use stella_attest_verify::{PathFinding, PathPurpose, TriedPath, UnixTime};

use crate::context::{Detail, Marks};
use crate::render::Page;
use crate::render::page::Mark;

/// Adds `paths`: the accepted one first, then every other with the place where it broke.
pub(crate) fn render(page: &mut Page, paths: &[TriedPath], detail: Detail) {
    let mut sorted: Vec<&TriedPath> = paths.iter().collect();
    sorted.sort_by_key(|path| !path.findings.is_empty());
    for path in sorted {
        page.mark(0, if path.findings.is_empty() { Mark::Pass } else { Mark::Fail });
        let purpose = match path.purpose {
            PathPurpose::Timestamp => "time-stamping ",
            _ => "",
        };
        page.line(match (&path.anchor, path.findings.is_empty()) {
            (Some(anchor), true) => format!("{purpose}path to the anchor {anchor}"),
            (None, true) => format!("{purpose}path"),
            (_, false) => format!("{purpose}path tried, which broke"),
        });
        tree(page, path, detail);
    }
}

fn tree(page: &mut Page, path: &TriedPath, detail: Detail) {
    let (corner, ellipsis) = match page.marks() {
        Marks::Unicode => ("└─ ", "…"),
        Marks::Ascii => ("`- ", "..."),
    };
    let mut depth = 1;
    // What is about no certificate of the path in particular is about what should stand above its top.
    for finding in path.findings.iter().filter(|finding| belongs_above(path, finding)) {
        self::finding(page, depth, finding);
    }
    if path.findings.iter().any(|finding| belongs_above(path, finding)) {
        page.line(format!("{:1$}{ellipsis}", "", depth * 2));
        depth += 1;
    }
    for (index, certificate) in path.certificates.iter().enumerate().rev() {
        let branch = if depth == 1 { "" } else { corner };
        let subject = certificate.subject();
        let subject = if subject.is_empty() { "(no subject name)" } else { subject.as_str() };
        page.line(format!("{:1$}{branch}{subject}", "", depth * 2));
        let inner = depth + 1 + usize::from(depth > 1);
        page.indented(inner, "valid", window(certificate.not_before(), certificate.not_after()));
        if detail == Detail::Verbose {
            page.indented(inner, "issuer", certificate.issuer());
            page.indented(inner, "serial", certificate.serial());
            page.indented(inner, "sha256", certificate.fingerprint());
        }
        for finding in &path.findings {
            if finding.certificate() == Some(index) && !belongs_above(path, finding) {
                self::finding(page, inner, finding);
            }
        }
        depth += 1;
    }
}

fn belongs_above(path: &TriedPath, finding: &PathFinding) -> bool {
    finding.certificate().is_none_or(|index| index >= path.certificates.len())
}

fn finding(page: &mut Page, depth: usize, finding: &PathFinding) {
    page.mark(depth, Mark::Fail);
    page.line(format!("{}: {}", finding.code(), finding.summary()));
    for (name, value) in [("found", finding.found()), ("expected", finding.expected())] {
        if let Some(value) = value {
            page.indented(depth + 1, name, value);
        }
    }
    if let Some(clause) = finding.clause() {
        page.indented(depth + 1, "clause", clause);
    }
}

pub(crate) fn window(not_before: UnixTime, not_after: UnixTime) -> String {
    format!("{not_before} to {not_after}")
}
