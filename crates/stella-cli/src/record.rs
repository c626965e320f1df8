//! What is written down of a verification: an event of the journal, and the report of an attestation that is kept.

use stella_attest_store::{Arrival, ReportRecord};
use stella_attest_verify::{Report, UnixTime, Verdict};
use stella_vocabulary::Code;

use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Ticks};
use crate::journal;

/// Why a report is no success: exactly the verdict `verified` has no code.
pub(crate) fn code_of(report: &Report) -> Option<Code> {
    match report.verdict() {
        Verdict::Verified => None,
        // A report without a cause did not judge anything, which is a defect.
        Verdict::Rejected | Verdict::Indeterminate => Some(report.code().unwrap_or(Code::InternalPanic)),
    }
}

/// A report as a store keeps it. `json` is left out where there are many: it can be had again.
pub(crate) fn of_report(report: &Report, arrival: &Arrival, json: Option<String>, now: UnixTime) -> ReportRecord {
    let inputs = report.inputs();
    ReportRecord {
        attestation: arrival.attestation,
        arrival: arrival.sequence,
        at: report.at(),
        made: now,
        verdict: report.verdict(),
        code: code_of(report),
        trust: inputs.trust_root.clone(),
        trust_entry: inputs.trust_entry,
        policy: inputs.policy.clone(),
        dependencies: report.dependencies(),
        json,
    }
}

/// Writes down what one verification came to: in the journal, and as the report of the attestation if that is kept. What cannot be
/// written down is a warning.
pub(crate) fn verification(
    store: &mut Attestations,
    report: &Report,
    arrival: Option<&Arrival>,
    since: Ticks,
    context: &Context,
) {
    let microseconds = since.microseconds();
    if let Some(arrival) = arrival {
        keep(store, &[of_report(report, arrival, Some(report.to_json()), context.now)], context);
    }
    store.journal(journal::of_report(report, microseconds, context.now), context);
}

/// As [`verification`], of many: reports, what they are about, and how many microseconds each took.
pub(crate) fn verifications<'r>(
    store: &mut Attestations,
    all: impl Iterator<Item = (&'r Report, Option<&'r Arrival>, u64)>,
    context: &Context,
) {
    let (mut kept, mut events) = (Vec::new(), Vec::new());
    for (report, arrival, took) in all {
        kept.extend(arrival.map(|arrival| of_report(report, arrival, Some(report.to_json()), context.now)));
        events.push(journal::of_report(report, took, context.now));
    }
    keep(store, &kept, context);
    store.journal_all(&events, context);
}

fn keep(store: &mut Attestations, reports: &[ReportRecord], context: &Context) {
    if reports.is_empty() {
        return;
    }
    if let Err(error) = store.store().keep_reports(reports) {
        context.warn(&Complaint::from(error).remedy("the verdict stands; only its report was not kept"));
    }
}

/// The store, for the journal alone. One that cannot be opened is a warning.
pub(crate) fn store(context: &Context) -> Option<Attestations> {
    Attestations::find(context).unwrap_or_else(|complaint| {
        context.warn(&complaint);
        None
    })
}

/// As [`verification`], where the attestation was read from a file: if there is a store.
pub(crate) fn elsewhere(report: &Report, since: Ticks, context: &Context) {
    if let Some(mut store) = store(context) {
        verification(&mut store, report, None, since, context);
    }
}
