//! What one state of a store accepts and another does not, in words.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_vocabulary::{UnixTime, hex};

use super::cover::terms_cover;
use super::{Finding, Rule, Surroundings, lint};
use crate::TrustedRoot;
use crate::ledger::{
    Difference, KeyRecord, Object, ObjectKind, ObjectRef, Record, Scope, Standing, Terms, TrustState, differences,
};

/// What is newly accepted in principle, whether or not anybody has signed such a thing yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The object that accepts it.
    pub object: ObjectRef,
    /// Whose signatures: `whoever the authority "CN=…" certifies`.
    pub who: String,
    /// Within which limits; empty for none.
    pub limits: Vec<String>,
    /// What is more than anybody should want: findings of the rules [`Rule::OverBroad`] and [`Rule::PublicAsPrivate`] that are new.
    pub over: Vec<Finding>,
}

/// What `after` accepts in principle and `before` does not, by object. Both count as of the instant `at`, with the emergency changes then in force.
#[must_use]
pub fn grants(before: &TrustState, after: &TrustState, at: UnixTime, surroundings: &Surroundings<'_>) -> Vec<Grant> {
    let (before, after) = (before.effective(at), after.effective(at));
    let broad = |state: &TrustState| {
        let mut findings = lint(state, at, surroundings);
        findings.retain(|finding| matches!(finding.rule, Rule::OverBroad | Rule::PublicAsPrivate));
        findings
    };
    let known = broad(&before);
    let new: Vec<Finding> = broad(&after).into_iter().filter(|finding| !known.contains(finding)).collect();
    let differing = differences(&before, &after);
    // Trusting an issuer is trusting its keys.
    let trusted = |difference: &Difference| match (&difference.after.as_deref(), difference.object.kind) {
        (Some(Object::Recorded(_, Standing::Active)), ObjectKind::Issuer) => {
            let was = difference.before.as_deref();
            !matches!(was, Some(Object::Recorded(_, Standing::Active)))
        }
        _ => false,
    };
    let newly_trusted: Vec<_> =
        differing.iter().filter(|difference| trusted(difference)).map(|d| d.object.id.clone()).collect();
    let mut grants: Vec<Grant> = differing.iter().filter_map(|difference| grant(difference, &after)).collect();
    for object in after.objects_of(ObjectKind::Key) {
        if let Object::Recorded(Record::Key(key), Standing::Active) = object
            && key.issuer.as_ref().is_some_and(|issuer| newly_trusted.contains(issuer))
        {
            let object = ObjectRef::new(ObjectKind::Key, key.id.clone());
            if !grants.iter().any(|grant| grant.object == object) {
                grants.push(Grant { who: holder(key), limits: limits(&key.terms), over: Vec::new(), object });
            }
        }
    }
    for grant in &mut grants {
        grant.over = new.iter().filter(|finding| finding.object.as_ref() == Some(&grant.object)).cloned().collect();
    }
    grants.sort_by(|left, right| left.object.cmp(&right.object));
    grants
}

fn grant(difference: &Difference, after: &TrustState) -> Option<Grant> {
    let active = |object: Option<&Object>| match object {
        Some(Object::Recorded(record, Standing::Active)) => Some(record.clone()),
        _ => None,
    };
    let new = active(difference.after.as_deref())?;
    let old = active(difference.before.as_deref());
    let wider = match (terms(&new), old.as_ref().and_then(terms)) {
        (Some(new), Some(old)) => !terms_cover(old, new),
        (_, None) => old.is_none() || matches!(new, Record::Issuer(_)),
        (None, Some(_)) => true,
    };
    let other_owner = matches!((&new, &old), (Record::Key(new), Some(Record::Key(old))) if new.issuer != old.issuer);
    let other_names =
        matches!((&new, &old), (Record::Issuer(new), Some(Record::Issuer(old))) if new.identities != old.identities);
    if !wider && !other_owner && !other_names {
        return None;
    }
    let (who, limits) = match &new {
        Record::Anchor(anchor) => {
            let subject =
                Certificate::from_der(&anchor.certificate).map(|certificate| certificate.subject().to_string());
            let subject = subject.unwrap_or_else(|_| anchor.id.to_string());
            (format!("whoever the authority \"{subject}\" certifies"), limits(&anchor.terms))
        }
        Record::Approver(approver) => (format!("{} as one of those who approve changes", approver.person), Vec::new()),
        Record::Issuer(issuer) => {
            let names = issuer.identities.iter().map(|pair| match &pair.oidc_issuer {
                Some(vouching) => format!("{} of {vouching}", pair.identity),
                None => pair.identity.clone(),
            });
            let names: Vec<String> = names.collect();
            if names.is_empty() {
                return None;
            }
            (format!("signers that public authorities call {}", names.join(", ")), limits(&issuer.terms))
        }
        Record::Key(key) => {
            let trusted = |issuer: &crate::ledger::Id| {
                let issuer = ObjectRef::new(ObjectKind::Issuer, issuer.clone());
                after.record(&issuer).is_some_and(|(_, standing)| standing == Standing::Active)
            };
            if !key.issuer.as_ref().is_none_or(trusted) {
                return None;
            }
            (holder(key), limits(&key.terms))
        }
        Record::TrustedRoot(root) => {
            let label = TrustedRoot::from_json(&root.document).map(|root| root.label().to_owned());
            let label = root.label.clone().or(label.ok()).unwrap_or_else(|| root.id.to_string());
            let limit = "as far as a policy or a trusted issuer names them".to_owned();
            (format!("customers of the public authority {label}"), Vec::from([limit]))
        }
        Record::Intermediate(_) => return None,
    };
    Some(Grant { object: difference.object.clone(), who, limits, over: Vec::new() })
}

fn terms(record: &Record) -> Option<&Terms> {
    match record {
        Record::Anchor(anchor) => Some(&anchor.terms),
        Record::Issuer(issuer) => Some(&issuer.terms),
        Record::Key(key) => Some(&key.terms),
        _ => None,
    }
}

fn holder(key: &KeyRecord) -> String {
    let id = Record::Key(key.clone()).material().map(|id| hex::encode(&id)).unwrap_or_default();
    match &key.issuer {
        Some(issuer) => format!("the holder of the key sha256:{id} of issuer {issuer}"),
        None => format!("the holder of the key sha256:{id}"),
    }
}

fn limits(terms: &Terms) -> Vec<String> {
    let Scope {
        algorithms,
        extended_key_usages,
        identities,
        max_path_length,
        name_constraints_excluded,
        name_constraints_permitted,
        oidc_issuers,
        predicate_types,
        purl_patterns,
    } = &terms.scope;
    let purls: Vec<String> = purl_patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect();
    let lists = [
        ("predicate types", predicate_types),
        ("identities", identities),
        ("OIDC issuers", oidc_issuers),
        ("artifacts", &purls),
        ("algorithms", algorithms),
        ("extended key usages", extended_key_usages),
        ("names", name_constraints_permitted),
        ("not the names", name_constraints_excluded),
    ];
    let filled = lists.iter().filter(|(_, list)| !list.is_empty());
    let mut limits: Vec<String> = filled.map(|(what, list)| format!("{what}: {}", list.join(", "))).collect();
    if let Some(length) = max_path_length {
        limits.push(format!("certificates between anchor and signer: {length}"));
    }
    if terms.window.from().is_some() || terms.window.until().is_some() {
        limits.push(format!("signed within {}", terms.window));
    }
    limits
}
