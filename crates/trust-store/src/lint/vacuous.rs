//! Objects that nothing can fit, or nothing new.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use stella_crypto_providers::{PublicKey, Scheme};
use stella_vocabulary::{UnixTime, Window};

use super::finding::{Finding, Rule, Severity};
use super::objects::{KeyObject, Objects};
use crate::ledger::{ObjectKind, ObjectRef, Scope, Standing};

pub(super) fn look(objects: &Objects<'_>, findings: &mut Vec<Finding>) {
    for anchor in &objects.anchors {
        let (certificate, object) = (&anchor.certificate, anchor.object());
        let disjoint = anchor.window.until().is_some_and(|until| until <= certificate.not_before())
            || anchor.window.from().is_some_and(|from| from > certificate.not_after());
        if disjoint {
            let summary = format!("the window of {object} and the validity of its certificate never meet");
            let finding = Finding::new(Rule::Vacuous, Severity::Warn, Some(object.clone()), summary)
                .fact("window", anchor.window)
                .fact("certificate", Window::closed(Some(certificate.not_before()), Some(certificate.not_after())));
            findings.push(finding.remedy("it accepts nothing; remove it, or set the window that was meant"));
        } else if anchor.end() <= objects.at {
            findings.push(ended(object.clone(), anchor.end()));
        }
        scope(&object, &anchor.record.terms.scope, findings);
    }
    intermediates(objects, findings);
    for key in &objects.keys {
        keys(objects, key, findings);
    }
    for (issuer, standing) in &objects.issuers {
        let object = ObjectRef::new(ObjectKind::Issuer, issuer.id.clone());
        scope(&object, &issuer.terms.scope, findings);
        let own_keys = objects.keys.iter().any(|key| key.record.issuer.as_ref() == Some(&issuer.id));
        if *standing == Standing::Active && issuer.identities.is_empty() && !own_keys {
            let summary = format!("{object} is trusted and has neither keys nor identities");
            let finding = Finding::new(Rule::Vacuous, Severity::Info, Some(object), summary);
            let finding = finding.remedy("fetch its keys, or add the identities that sign for it");
            findings.push(finding.command(&["stella", "issuer", "keys", "fetch", issuer.id.as_str()]));
        }
    }
}

fn ended(object: ObjectRef, end: UnixTime) -> Finding {
    let summary = format!("{object} has ended: it accepts only what is proven to be older");
    let finding = Finding::new(Rule::Vacuous, Severity::Info, Some(object), summary).fact("ended", end);
    finding.remedy("keep it for what it has signed; remove it once nothing of that is used")
}

/// An intermediate gives no trust: without an anchor above it, it is of no use.
fn intermediates(objects: &Objects<'_>, findings: &mut Vec<Finding>) {
    let mut leads: Vec<bool> = objects
        .intermediates
        .iter()
        .map(|(_, certificate)| {
            let above = |anchor: &super::objects::AnchorObject<'_>| {
                certificate.issuer().matches(anchor.certificate.subject())
                    || certificate.der() == anchor.certificate.der()
            };
            objects.anchors.iter().any(above)
        })
        .collect();
    // Each round finds those one certificate farther from an anchor.
    for _ in 0..objects.intermediates.len() {
        let known: Vec<_> =
            objects.intermediates.iter().zip(&leads).filter(|(_, leads)| **leads).map(|(pair, _)| pair).collect();
        let next: Vec<bool> = objects
            .intermediates
            .iter()
            .zip(&leads)
            .map(|((_, certificate), leads)| {
                *leads || known.iter().any(|(_, above)| certificate.issuer().matches(above.subject()))
            })
            .collect();
        if next == leads {
            break;
        }
        leads = next;
    }
    for ((record, certificate), leads) in objects.intermediates.iter().zip(leads) {
        let object = ObjectRef::new(ObjectKind::Intermediate, record.id.clone());
        if !leads {
            let summary = format!("{object} leads to no anchor of this store, and gives no trust by itself");
            let finding = Finding::new(Rule::Orphan, Severity::Warn, Some(object.clone()), summary)
                .fact("certificate", certificate.subject())
                .fact("issuer", certificate.issuer())
                .remedy("add the certificate of its issuer as an anchor, if that authority is to be trusted");
            findings.push(finding.command(&["stella", "trust-anchors", "add", "--cert", "FILE"]));
        }
        let end = super::objects::after(certificate.not_after());
        if end <= objects.at {
            findings.push(ended(object, end));
        }
    }
}

fn keys(objects: &Objects<'_>, key: &KeyObject<'_>, findings: &mut Vec<Finding>) {
    let object = key.object();
    let issuer = key.record.issuer.as_ref().and_then(|issuer| objects.issuer(issuer));
    if let Some((issuer, standing)) = issuer
        && *standing != Standing::Active
    {
        let summary = format!("{object} counts for nothing: its issuer {} is {}", issuer.id, standing.name());
        let finding = Finding::new(Rule::Vacuous, Severity::Warn, Some(object.clone()), summary)
            .fact("issuer", &issuer.id)
            .fact("standing", standing.name());
        let finding = finding.remedy("have the issuer trusted, or remove the key");
        let status = ["stella", "issuer", "trust-status", issuer.id.as_str()];
        findings.push(finding.command(&status));
    } else if let Some(end) = key.window.until()
        && end <= objects.at
    {
        findings.push(ended(object.clone(), end).fact("standing", key.standing.name()));
    }
    // What cannot be read was refused when it was added.
    let schemes = &key.record.terms.scope.algorithms;
    if let (false, Ok(public)) = (schemes.is_empty(), PublicKey::from_spki_der(&key.record.key)) {
        let own = |name: &String| Scheme::from_name(name).is_some_and(|scheme| scheme.key_type() == public.key_type());
        if !schemes.iter().any(own) {
            let summary = format!("the scope of {object} names no algorithm that the key has");
            let finding = Finding::new(Rule::Vacuous, Severity::Warn, Some(object.clone()), summary)
                .fact("algorithms", schemes.join(", "))
                .fact("key", public.key_type().name());
            findings.push(finding.remedy("name the algorithm of the key, or none"));
            return;
        }
    }
    scope(&object, &key.record.terms.scope, findings);
}

/// What a scope says that nothing can fit.
fn scope(object: &ObjectRef, scope: &Scope, findings: &mut Vec<Finding>) {
    let mut flaw = |summary: String, name: &'static str, value: String| {
        let finding = Finding::new(Rule::Vacuous, Severity::Warn, Some(object.clone()), summary).fact(name, value);
        findings.push(finding.remedy("correct the scope, or remove the object"));
    };
    let known = |name: &String| Scheme::from_name(name).is_some();
    if !scope.algorithms.is_empty() && !scope.algorithms.iter().any(known) {
        flaw(
            format!("the scope of {object} names no algorithm that exists"),
            "algorithms",
            scope.algorithms.join(", "),
        );
    }
    let (permitted, excluded) = (&scope.name_constraints_permitted, &scope.name_constraints_excluded);
    if !permitted.is_empty() && permitted.iter().all(|name| excluded.contains(name)) {
        flaw(format!("the scope of {object} excludes every name that it permits"), "excluded", excluded.join(", "));
    }
}
