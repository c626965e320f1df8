//! Findings in every form that people and pipelines read.

pub(crate) mod html;
pub(crate) mod junit;
pub(crate) mod markdown;
pub(crate) mod sarif;
pub(crate) mod text;

use stella_doctor::{Examination, Finding, Status};

/// One line over all findings.
pub(crate) fn headline(examination: &Examination) -> String {
    let count = |status| examination.count(status);
    let roots = examination.roots().count();
    let rest = format!(
        "{} passed, {} warned, {} failed, {} skipped",
        count(Status::Pass),
        count(Status::Warn),
        count(Status::Fail),
        count(Status::Skip)
    );
    match (roots, examination.is_blind(), count(Status::Warn)) {
        (0, true, _) => format!("NOTHING TO LOOK AT: {rest}"),
        (0, false, 0) => format!("HEALTHY: {rest}"),
        (0, false, _) => format!("HEALTHY, with warnings: {rest}"),
        (1, ..) => format!("NOT HEALTHY, 1 root cause: {rest}"),
        (roots, ..) => format!("NOT HEALTHY, {roots} root causes: {rest}"),
    }
}

/// The findings, what is to be mended first, consequences and what is well last.
pub(crate) fn sorted(findings: &[Finding]) -> Vec<&Finding> {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| (finding.status, finding.because.is_some()));
    sorted
}
