//! The command that takes a change back.

use stella_trust_store::ledger::{Change, ObjectKind, ObjectRef, Record, Revocation, Standing, Terms, TrustState};
use stella_vocabulary::Window;

use crate::trust_object::{encoding_name, limits};

/// The words of the command that undoes `change`, which was made to `before`; `None` if nothing does.
pub(crate) fn of(change: &Change, before: &TrustState) -> Option<Vec<String>> {
    let object = change.object();
    let command = match (change, object) {
        (Change::Added(Record::Issuer(issuer)), _) => words(&["issuer", "distrust", issuer.id.as_str()]),
        (Change::Added(record), _) => removal(&record.object(), before),
        (Change::Changed(record), Some(object)) => {
            let (old, _) = before.record(&object)?;
            let mut command = words(&["trust-anchors", "change", &selector(&object, before)]);
            command.extend(restoring(old, record)?);
            command
        }
        // No command makes an issuer pending again, and to trust it would be more.
        (Change::IssuerDistrusted(id), Some(object)) if before.record(&object)?.1 == Standing::Active => {
            words(&["issuer", "trust", id.as_str()])
        }
        (Change::IssuerTrusted(id), _) => words(&["issuer", "distrust", id.as_str()]),
        (Change::QuorumChanged(_), _) => words(&["approvers", "quorum", &before.store()?.quorum.to_string()]),
        (Change::Reinstated(_), Some(object)) => match before.record(&object)?.1 {
            Standing::Revoked(revocation) => revocation_of(&object, &revocation, before),
            _ => removal(&object, before),
        },
        (Change::Removed(_) | Change::Revoked { .. }, Some(object)) => match before.record(&object)? {
            // A removed approver is added again, with the key that the store knows under the id; a revoked one stays revoked.
            (Record::Approver(_), _) if matches!(change, Change::Revoked { .. }) => return None,
            (Record::Approver(approver), _) => {
                words(&["approvers", "add", approver.person.as_str(), "--id", approver.id.as_str()])
            }
            (_, Standing::Active) => words(&["trust-anchors", "reinstate", &selector(&object, before)]),
            (_, Standing::Revoked(revocation)) => revocation_of(&object, &revocation, before),
            // What was out of use before is not brought into use.
            _ => return None,
        },
        _ => return None,
    };
    Some(with_reason(command))
}

/// Why nothing undoes `change`, where one might look for a command.
pub(crate) fn why_not(change: &Change, before: &TrustState) -> Option<String> {
    let object = match change {
        Change::IssuerDistrusted(_) | Change::Removed(_) | Change::Revoked { .. } => change.object()?,
        _ => return None,
    };
    match (before.record(&object)?, change) {
        ((Record::Approver(approver), _), Change::Revoked { .. }) => {
            let person = approver.person.as_str();
            Some(format!(
                "none, a revoked key never approves again; enrol another: stella approvers add {person} --key FILE"
            ))
        }
        ((_, standing @ (Standing::Pending | Standing::Removed)), _) => {
            Some(format!("none, {object} was {} before, and no command makes it that again", standing.name()))
        }
        _ => None,
    }
}

fn with_reason(mut command: Vec<String>) -> Vec<String> {
    command.insert(0, "stella".to_string());
    command.extend(words(&["--reason", "TEXT"]));
    command
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(ToString::to_string).collect()
}

fn removal(object: &ObjectRef, state: &TrustState) -> Vec<String> {
    match object.kind {
        ObjectKind::Approver => words(&["approvers", "remove", object.id.as_str()]),
        _ => words(&["trust-anchors", "remove", &selector(object, state)]),
    }
}

fn revocation_of(object: &ObjectRef, revocation: &Revocation, state: &TrustState) -> Vec<String> {
    let mut command = match object.kind {
        ObjectKind::Approver => words(&["approvers", "revoke", object.id.as_str()]),
        _ => words(&["trust-anchors", "revoke", &selector(object, state)]),
    };
    command.extend(words(&["--cause", revocation.cause.name()]));
    command.extend(words(&["--revoked-at", &revocation.revoked_at.to_string()]));
    if let Some(since) = revocation.invalid_since {
        command.extend(words(&["--compromised-since", &since.to_string()]));
    }
    command
}

/// The id, with its kind if something of another kind has the same.
pub(crate) fn selector(object: &ObjectRef, state: &TrustState) -> String {
    let others = crate::trust_object::ANCHOR_KINDS.into_iter().filter(|kind| *kind != object.kind);
    let taken = others.map(|kind| ObjectRef::new(kind, object.id.clone())).any(|other| state.object(&other).is_some());
    if taken { format!("{}/{}", object.kind.name(), object.id) } else { object.id.to_string() }
}

/// The options that turn `new` into `old`; `None` for what no option sets.
fn restoring(old: &Record, new: &Record) -> Option<Vec<String>> {
    let mut options = Vec::new();
    match (old, new) {
        (Record::Anchor(old), Record::Anchor(new)) => restore_terms(&old.terms, &new.terms, &mut options),
        (Record::Key(old), Record::Key(new)) => {
            restore_terms(&old.terms, &new.terms, &mut options);
            let id =
                |id: &Option<stella_trust_store::ledger::Id>| id.iter().map(ToString::to_string).collect::<Vec<_>>();
            restore("issuer", &id(&old.issuer), &id(&new.issuer), &mut options);
            let hint = |hint: &Option<String>| hint.iter().cloned().collect::<Vec<_>>();
            restore("hint", &hint(&old.hint), &hint(&new.hint), &mut options);
            let encoding = |encoding| vec![encoding_name(encoding).to_string()];
            restore("encoding", &encoding(old.encoding), &encoding(new.encoding), &mut options);
        }
        (Record::Intermediate(old), Record::Intermediate(new)) => {
            restore("label", &texts(old.label.as_ref()), &texts(new.label.as_ref()), &mut options);
        }
        (Record::TrustedRoot(old), Record::TrustedRoot(new)) => {
            restore("label", &texts(old.label.as_ref()), &texts(new.label.as_ref()), &mut options);
        }
        _ => return None,
    }
    Some(options)
}

fn restore_terms(old: &Terms, new: &Terms, options: &mut Vec<String>) {
    restore("label", &texts(old.label.as_ref()), &texts(new.label.as_ref()), options);
    let from = |window: Window| texts(window.from());
    restore("from", &from(old.window), &from(new.window), options);
    let until = |window: Window| texts(window.until());
    restore("until", &until(old.window), &until(new.window), options);
    let (old, new) = (limits(&old.scope), limits(&new.scope));
    let mut names: Vec<&str> = old.iter().chain(&new).map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let of = |limits: &[(&str, Vec<String>)]| {
            limits.iter().find(|(known, _)| *known == name).map(|(_, values)| values.clone()).unwrap_or_default()
        };
        restore(name, &of(&old), &of(&new), options);
    }
}

fn texts(value: Option<impl ToString>) -> Vec<String> {
    value.iter().map(ToString::to_string).collect()
}

fn restore(name: &str, old: &[String], new: &[String], options: &mut Vec<String>) {
    if old == new {
        return;
    }
    if old.is_empty() {
        options.extend(words(&["--clear", name]));
    }
    for value in old {
        // What begins like an option would be taken for one.
        if value.starts_with('-') {
            options.push(format!("--{name}={value}"));
        } else {
            options.extend([format!("--{name}"), value.clone()]);
        }
    }
}
