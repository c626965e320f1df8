//! What a store knows of an attestation beside its documents: when it arrived, what belongs to it, and what the last verification came to.

use stella_attest_store::{Arrival, Link, ReportRecord};
use stella_attest_verify::{AttestationId, Code, Verdict};
use stella_vocabulary::hex;

use super::list;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::json::Value;

/// What a store knows.
pub(super) struct History {
    id: AttestationId,
    arrivals: Vec<Arrival>,
    links: Vec<Link>,
    report: Option<ReportRecord>,
}

impl History {
    pub(super) fn of(id: AttestationId, arrivals: &[Arrival], store: &mut Attestations) -> Result<Self, Complaint> {
        Ok(Self {
            id,
            arrivals: arrivals.to_vec(),
            links: store.store().links(&id)?,
            report: store.store().report(&id)?,
        })
    }

    /// Names and values, for people.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        for arrival in &self.arrivals {
            let document = hex::encode(&arrival.document);
            let form = arrival.form.as_str();
            fields.push((
                "arrival",
                format!("{} at {}, {form}, document sha256:{document}", arrival.sequence, arrival.at),
            ));
        }
        for link in &self.links {
            let kind = link.kind.name();
            fields.push(match link.from == self.id {
                true => ("link", format!("{kind} to {} at {}", link.to, link.at)),
                false => ("link", format!("{kind} from {} at {}", link.from, link.at)),
            });
        }
        match &self.report {
            None => fields.push(("last verification", "none".to_string())),
            Some(report) => fields.push(("last verification", outcome(report))),
        }
        fields
    }

    /// The same, as members of a document.
    pub(super) fn members(&self) -> [(&'static str, Value); 3] {
        let links = self.links.iter().map(|link| {
            Value::object([
                ("kind", Value::text(link.kind.name())),
                ("from", Value::text(link.from.to_string())),
                ("to", Value::text(link.to.to_string())),
                ("at", Value::text(link.at.to_string())),
            ])
        });
        [
            ("arrivals", Value::list(self.arrivals.iter().map(|arrival| Value::Object(list::members(arrival))))),
            ("links", Value::list(links)),
            ("last_verification", self.report.as_ref().map_or(Value::Null, report_json)),
        ]
    }
}

/// `verified at T, judged at T, trust entry 12`.
fn outcome(report: &ReportRecord) -> String {
    let mut text = report.verdict.as_str().to_string();
    if let Some(code) = report.code.filter(|_| report.verdict != Verdict::Verified) {
        text.push_str(&format!(" ({code})"));
    }
    text.push_str(&format!(" at {}, judged as of {}", report.made, report.at));
    match report.trust_entry {
        Some(entry) => text.push_str(&format!(", trust entry {entry}")),
        None => text.push_str(&format!(", trust {}", report.trust)),
    }
    text
}

fn report_json(report: &ReportRecord) -> Value {
    Value::object([
        ("made", Value::text(report.made.to_string())),
        ("at", Value::text(report.at.to_string())),
        ("verdict", Value::text(report.verdict.as_str())),
        ("code", Value::maybe(report.code.map(Code::as_str))),
        ("arrival", Value::number(report.arrival)),
        ("trust", Value::text(&report.trust)),
        ("trust_entry", report.trust_entry.map_or(Value::Null, Value::number)),
        ("policy", Value::text(&report.policy)),
        ("dependencies", Value::texts(&report.dependencies)),
        // Text of a database that others may write to: taken apart and written again, so that it is one value, with everything escaped.
        ("report", report.json.as_deref().and_then(Value::read).unwrap_or(Value::Null)),
    ])
}
