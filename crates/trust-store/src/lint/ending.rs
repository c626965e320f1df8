//! What ends soon.

use alloc::format;
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use super::finding::{Finding, Rule, Severity};
use super::objects::{Objects, after, stem};
use crate::ledger::{ObjectKind, ObjectRef, Standing};

const DAY: i64 = 86_400;
/// Time to order a certificate, and time to be woken up. CLI "trust-anchors list".
const WARN: i64 = 30 * DAY;
const FAIL: i64 = 7 * DAY;

pub(super) fn look(objects: &Objects<'_>, findings: &mut Vec<Finding>) {
    for anchor in &objects.anchors {
        let end = anchor.end();
        let successor = objects.anchors.iter().find(|other| {
            let same_subject = other.certificate.subject().matches(anchor.certificate.subject());
            let name = stem(other.record.terms.label.as_deref().unwrap_or(other.record.id.as_str()));
            let same_name = name == stem(anchor.record.terms.label.as_deref().unwrap_or(anchor.record.id.as_str()));
            other.record.id != anchor.record.id && (same_subject || same_name) && other.serves(end)
        });
        let cause = if after(anchor.certificate.not_after()) == end { "certificate" } else { "window" };
        let successor = successor.map(|other| other.object());
        findings.extend(ending(objects, anchor.object(), end, cause, successor));
    }
    for (record, certificate) in &objects.intermediates {
        let end = after(certificate.not_after());
        let successor = objects.intermediates.iter().find(|(other, other_certificate)| {
            let same_name = other_certificate.subject().matches(certificate.subject());
            other.id != record.id
                && same_name
                && other_certificate.not_after() >= end
                && other_certificate.not_before() <= end
        });
        let object = |id: &crate::ledger::Id| ObjectRef::new(ObjectKind::Intermediate, id.clone());
        findings.extend(ending(
            objects,
            object(&record.id),
            end,
            "certificate",
            successor.map(|(other, _)| object(&other.id)),
        ));
    }
    for key in &objects.keys {
        if let Some(end) = key.window.until() {
            let successor = objects.keys.iter().find(|other| {
                other.record.id != key.record.id && other.group() == key.group() && other.window.contains(end)
            });
            let successor = successor.map(|other| other.object());
            findings.extend(ending(objects, key.object(), end, "window", successor));
        }
    }
    for (issuer, standing) in &objects.issuers {
        if let (Some(end), Standing::Active) = (issuer.terms.window.until(), standing) {
            let object = ObjectRef::new(ObjectKind::Issuer, issuer.id.clone());
            findings.extend(ending(objects, object, end, "window", None));
        }
    }
}

fn ending(
    objects: &Objects<'_>,
    object: ObjectRef,
    end: UnixTime,
    cause: &str,
    successor: Option<ObjectRef>,
) -> Option<Finding> {
    let left = end.seconds().saturating_sub(objects.at.seconds());
    if left <= 0 || left > WARN {
        return None;
    }
    let severity = match (&successor, left <= FAIL) {
        (Some(_), _) => Severity::Info,
        (None, true) => Severity::Fail,
        (None, false) => Severity::Warn,
    };
    let days = left / DAY;
    let rest = match days {
        0 => "within a day".into(),
        1 => "in 1 day".into(),
        days => format!("in {days} days"),
    };
    let summary = match &successor {
        Some(successor) => format!("the {cause} of {object} ends {rest}, and {successor} goes on"),
        None => format!("the {cause} of {object} ends {rest}, and nothing takes its place"),
    };
    let finding = Finding::new(Rule::Expiring, severity, Some(object.clone()), summary).fact("ends", end);
    if successor.is_some() {
        return Some(finding.remedy("nothing to do, as long as signers have moved on"));
    }
    let finding = finding.remedy("add its successor before it ends, with windows that overlap");
    Some(match object.kind {
        ObjectKind::Anchor => finding.command(&["stella", "trust-anchors", "add", "--cert", "FILE"]),
        ObjectKind::Intermediate => finding.command(&["stella", "trust-anchors", "add-intermediate", "--cert", "FILE"]),
        ObjectKind::Key => {
            finding.command(&["stella", "trust-anchors", "add-key", "--key", "FILE", "--expires", "DATE"])
        }
        _ => finding.command(&["stella", "issuer", "show", object.id.as_str()]),
    })
}
