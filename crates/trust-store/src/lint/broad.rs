//! What is trusted for too much.

use alloc::format;
use alloc::vec::Vec;

use stella_chain_verify::Certificate;

use super::finding::{Finding, Rule, Severity};
use super::objects::{AnchorObject, Objects};
use crate::TrustedRoot;
use crate::ledger::{Object, ObjectKind, ObjectRef, PurlPattern, Record, Scope, Standing};

pub(super) fn look(objects: &Objects<'_>, public: &[TrustedRoot], findings: &mut Vec<Finding>) {
    let imported: Vec<TrustedRoot> = objects
        .state
        .objects_of(ObjectKind::TrustedRoot)
        .filter_map(|object| match object {
            // What cannot be read was refused when it was added.
            Object::Recorded(Record::TrustedRoot(root), Standing::Active) => {
                TrustedRoot::from_json(&root.document).ok()
            }
            _ => None,
        })
        .collect();
    for anchor in &objects.anchors {
        let publisher = imported.iter().chain(public).find(|root| publishes(root, &anchor.certificate));
        match publisher {
            Some(root) => findings.push(public_as_private(anchor, root)),
            None if says_nobody(&anchor.record.terms.scope) => findings.push(unlimited(anchor)),
            None => {}
        }
        patterns(anchor.object(), &anchor.record.terms.scope, findings);
    }
    for key in &objects.keys {
        patterns(key.object(), &key.record.terms.scope, findings);
    }
    for (issuer, standing) in &objects.issuers {
        let object = ObjectRef::new(ObjectKind::Issuer, issuer.id.clone());
        patterns(object.clone(), &issuer.terms.scope, findings);
        for pair in issuer.identities.iter().filter(|pair| fits_everybody(&pair.identity)) {
            let grave = *standing == Standing::Active;
            let severity = if grave { Severity::Fail } else { Severity::Warn };
            let summary = format!("every customer of a public authority counts as issuer {}", issuer.id);
            let finding = Finding::new(Rule::OverBroad, severity, Some(object.clone()), summary)
                .fact("identity", &pair.identity)
                .fact("oidc issuer", pair.oidc_issuer.as_deref().unwrap_or("any"));
            let finding = finding.remedy("distrust it, and add it with the identities that are its own");
            findings.push(finding.command(&["stella", "issuer", "distrust", issuer.id.as_str(), "--reason", "TEXT"]));
        }
    }
}

/// Whether a trusted root lists the certificate, or another one of the same authority.
fn publishes(root: &TrustedRoot, certificate: &Certificate) -> bool {
    let same = |known: &Certificate| {
        known.spki_der() == certificate.spki_der() && known.subject().matches(certificate.subject())
    };
    root.domain.authorities().iter().any(|authority| {
        authority.anchors().iter().any(|anchor| same(anchor.certificate()))
            || authority.intermediates().iter().any(same)
    })
}

fn public_as_private(anchor: &AnchorObject<'_>, root: &TrustedRoot) -> Finding {
    let named = !anchor.record.terms.scope.identities.is_empty();
    let severity = if named { Severity::Warn } else { Severity::Fail };
    let summary =
        format!("anchor {} is the public authority {}, which certifies anybody", anchor.record.id, root.label());
    Finding::new(Rule::PublicAsPrivate, severity, Some(anchor.object()), summary)
        .fact("certificate", anchor.certificate.subject())
        .fact("accepts", if named { "the identities of its scope, without log entry or time" } else { "anybody" })
        .remedy("remove it, and import the trusted root of the authority: then issuer, log and time are asked for")
        .command(&["stella", "trust-anchors", "remove", anchor.record.id.as_str(), "--reason", "TEXT"])
        .command(&["stella", "trust-anchors", "import", "--trusted-root", "FILE"])
}

/// Whether a scope limits neither who may sign nor about what.
fn says_nobody(scope: &Scope) -> bool {
    let Scope { identities, name_constraints_permitted, oidc_issuers, predicate_types, purl_patterns, .. } = scope;
    [identities, name_constraints_permitted, oidc_issuers, predicate_types].iter().all(|list| list.is_empty())
        && purl_patterns.is_empty()
}

fn unlimited(anchor: &AnchorObject<'_>) -> Finding {
    let id = anchor.record.id.as_str();
    let summary = format!("anchor {id} has no scope: whoever it certifies may say anything about everything");
    Finding::new(Rule::OverBroad, Severity::Warn, Some(anchor.object()), summary)
        .fact("certificate", anchor.certificate.subject())
        .fact("accepts", "any identity, any predicate type, any artifact")
        .remedy("limit it to those who sign with it, or to what they sign")
        .command(&["stella", "trust-anchors", "change", id, "--identity", "PATTERN", "--reason", "TEXT"])
}

/// Patterns of a scope that fit everything.
fn patterns(object: ObjectRef, scope: &Scope, findings: &mut Vec<Finding>) {
    let texts = [
        ("identity", &scope.identities),
        ("oidc issuer", &scope.oidc_issuers),
        ("predicate type", &scope.predicate_types),
    ];
    let mut broad: Vec<_> = texts
        .into_iter()
        .flat_map(|(what, list)| list.iter().map(move |text| (what, text.as_str())))
        .filter(|(_, text)| fits_everybody(text))
        .collect();
    let purls = scope.purl_patterns.iter().map(PurlPattern::as_str);
    broad.extend(
        purls.filter(|text| matches!(*text, "pkg:*" | "pkg:**" | "pkg:*/*" | "pkg:*/**")).map(|text| ("purl", text)),
    );
    for (what, text) in broad {
        let summary = format!("a pattern in the scope of {object} fits everything, so that it limits nothing");
        let finding = Finding::new(Rule::OverBroad, Severity::Warn, Some(object.clone()), summary).fact(what, text);
        findings.push(finding.remedy("write the pattern so that it names an owner"));
    }
}

/// Whether a pattern names nobody: stars, marks and a URL scheme, and no word besides.
fn fits_everybody(pattern: &str) -> bool {
    let rest = ["https://", "http://"].iter().find_map(|scheme| pattern.strip_prefix(scheme)).unwrap_or(pattern);
    rest.contains('*') && !rest.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::fits_everybody;

    #[test]
    fn a_pattern_without_a_word_fits_everybody() {
        for pattern in ["*", "**", "https://*", "*@*", "https://*/*"] {
            assert!(fits_everybody(pattern), "{pattern}");
        }
        for pattern in ["*@example.org", "https://ci.example/*", "", "alice"] {
            assert!(!fits_everybody(pattern), "{pattern}");
        }
    }
}
