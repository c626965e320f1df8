//! Keys that follow each other, and the times that none of them covers.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use super::finding::{Finding, Rule, Severity};
use super::objects::{Group, KeyObject, Objects};
use crate::ledger::Standing;

/// When an attestation was signed, as far as trusted parties say so, and by which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedAt {
    /// When.
    pub at: UnixTime,
    /// The SHA-256 of the `SubjectPublicKeyInfo` of the key.
    pub key: [u8; 32],
}

/// A time without any key of the group.
struct Gap<'o, 's> {
    from: UnixTime,
    /// `None`: no key follows.
    until: Option<UnixTime>,
    before: &'o KeyObject<'s>,
    after: Option<&'o KeyObject<'s>>,
}

pub(super) fn look(objects: &Objects<'_>, attestations: &[SignedAt], findings: &mut Vec<Finding>) {
    let mut groups: BTreeMap<Group, Vec<&KeyObject<'_>>> = BTreeMap::new();
    for key in objects.keys.iter().filter(|key| counts(objects, key)) {
        groups.entry(key.group()).or_default().push(key);
    }
    for (group, mut keys) in groups {
        keys.sort_by_key(|key| (key.window.from(), key.window.until(), key.record.id.clone()));
        let ids: Vec<[u8; 32]> = keys.iter().filter_map(|key| key_id(key)).collect();
        for gap in gaps(&keys) {
            let within = |signed: &&SignedAt| {
                signed.at >= gap.from && gap.until.is_none_or(|until| signed.at < until) && ids.contains(&signed.key)
            };
            let affected = attestations.iter().filter(within).count();
            if gap.until.is_some() || affected > 0 {
                findings.push(describe(objects, &group, &gap, affected));
            }
        }
    }
}

/// A key of an issuer that is not trusted covers nothing.
fn counts(objects: &Objects<'_>, key: &KeyObject<'_>) -> bool {
    match &key.record.issuer {
        Some(issuer) => objects.issuer(issuer).is_some_and(|(_, standing)| *standing == Standing::Active),
        None => true,
    }
}

fn key_id(key: &KeyObject<'_>) -> Option<[u8; 32]> {
    crate::ledger::Record::Key(key.record.clone()).material()
}

/// The times between the first and the last of `keys`, sorted by the beginning of their windows, that none covers, and the time after the last.
fn gaps<'o, 's>(keys: &[&'o KeyObject<'s>]) -> Vec<Gap<'o, 's>> {
    let mut gaps = Vec::new();
    let Some((mut latest, rest)) = keys.split_first().map(|(first, rest)| (*first, rest)) else { return gaps };
    for key in rest {
        // A window without an end covers all that follows.
        let Some(covered) = latest.window.until() else { return gaps };
        if let Some(from) = key.window.from()
            && from > covered
        {
            gaps.push(Gap { from: covered, until: Some(from), before: latest, after: Some(key) });
        }
        if key.window.until().is_none_or(|until| until > covered) {
            latest = key;
        }
    }
    if let Some(end) = latest.window.until() {
        gaps.push(Gap { from: end, until: None, before: latest, after: None });
    }
    gaps
}

fn describe(objects: &Objects<'_>, group: &Group, gap: &Gap<'_, '_>, affected: usize) -> Finding {
    let length = gap.until.map(|until| length(until.seconds().saturating_sub(gap.from.seconds())));
    let attestations =
        if affected == 1 { "1 attestation falls".into() } else { format!("{affected} attestations fall") };
    let summary = match (&length, affected) {
        (Some(length), 0) => format!("the keys of {group} leave a gap of {length}"),
        (Some(length), _) => format!("{attestations} in a gap of {length} between the keys of {group}"),
        (None, _) => format!("{attestations} after the end of the last key of {group}"),
    };
    let open = objects.at >= gap.from && gap.until.is_none_or(|until| objects.at < until);
    let severity = if affected > 0 || (open && gap.until.is_some()) { Severity::Fail } else { Severity::Warn };
    let mut finding = Finding::new(Rule::RotationGap, severity, Some(gap.before.object()), summary)
        .fact("from", gap.from)
        .fact("until", gap.until.map_or_else(|| "no later key".into(), |until| format!("{until}")))
        .fact("key before", &gap.before.record.id);
    if let Some(after) = gap.after {
        finding = finding.fact("key after", &after.record.id);
    }
    let finding = finding.fact("attestations", affected);
    let finding = finding.remedy("let the windows overlap: whatever is signed in the gap fits no key");
    match gap.after {
        Some(after) => {
            let from = gap.from.to_string();
            let id = after.record.id.as_str();
            finding.command(&["stella", "trust-anchors", "change", id, "--from", &from, "--reason", "TEXT"])
        }
        None => finding.command(&["stella", "trust-anchors", "add-key", "--key", "FILE", "--expires", "DATE"]),
    }
}

fn length(seconds: i64) -> String {
    let plural = |count: i64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    match seconds {
        ..60 => plural(seconds, "second"),
        60..3600 => plural(seconds / 60, "minute"),
        3600..86_400 => plural(seconds / 3600, "hour"),
        _ => plural(seconds / 86_400, "day"),
    }
}
