//! Objects that make no difference, because others accept the same.

use alloc::format;
use alloc::vec::Vec;

use super::cover::{pattern_covers, scope_covers, terms_cover, window_covers};
use super::finding::{Finding, Rule, Severity};
use super::objects::{AnchorObject, Objects};
use crate::ledger::{ObjectKind, ObjectRef, Standing};

pub(super) fn look(objects: &Objects<'_>, findings: &mut Vec<Finding>) {
    for (index, anchor) in objects.anchors.iter().enumerate() {
        let others = objects.anchors.iter().enumerate().filter(|(other, _)| *other != index);
        let mut wider = others.filter(|(other, wide)| shadows(wide, anchor, *other < index)).map(|(_, wide)| wide);
        if let Some(wide) = wider.next() {
            let summary = format!("whatever {} accepts, {} accepts as well", anchor.object(), wide.object());
            let finding = Finding::new(Rule::Shadowed, Severity::Warn, Some(anchor.object()), summary)
                .fact("certificate", anchor.certificate.subject())
                .fact("covered by", wide.certificate.subject())
                .remedy("remove it if it is meant to add nothing, or narrow the wider one if it is meant to limit something");
            let id = wide.record.id.as_str();
            findings.push(finding.command(&["stella", "trust-anchors", "show", id]));
        }
    }
    for (record, certificate) in &objects.intermediates {
        if let Some(anchor) = objects.anchors.iter().find(|anchor| anchor.certificate.der() == certificate.der()) {
            let object = ObjectRef::new(ObjectKind::Intermediate, record.id.clone());
            let summary = format!("{object} is the certificate of {} as well", anchor.object());
            let finding = Finding::new(Rule::Shadowed, Severity::Info, Some(object), summary);
            let finding = finding.remedy("remove the one that is not meant: only an anchor gives trust");
            findings.push(finding.fact("certificate", certificate.subject()));
        }
    }
    identities(objects, findings);
}

/// Whether a path that ends at `narrow` may end at `wide` as well: it is the same authority, or one that `wide` certifies. By names and key
/// identifiers; signatures are for verifications.
fn shadows(wide: &AnchorObject<'_>, narrow: &AnchorObject<'_>, first: bool) -> bool {
    let (above, below) = (&wide.certificate, &narrow.certificate);
    let same = above.subject().matches(below.subject()) && above.spki_der() == below.spki_der();
    let identifiers = match (below.authority_key_identifier(), above.subject_key_identifier()) {
        (Some(named), Some(known)) => named == known,
        _ => true,
    };
    let certified = !same
        && !below.is_self_issued()
        && below.issuer().matches(above.subject())
        && identifiers
        // One certificate more on the way.
        && wide.record.terms.scope.max_path_length.is_none()
        && above.basic_constraints().is_none_or(|constraints| constraints.path_length.is_none());
    let lifetime = above.not_before() <= below.not_before() && above.not_after() >= below.not_after();
    let covered = lifetime
        && window_covers(wide.window, narrow.window)
        && scope_covers(&wide.record.terms.scope, &narrow.record.terms.scope);
    let mutual = lifetime_equal(wide, narrow) && terms_cover(&narrow.record.terms, &wide.record.terms);
    // Of two that cover each other, the later one is shadowed.
    covered && (certified || (same && (first || !mutual)))
}

fn lifetime_equal(left: &AnchorObject<'_>, right: &AnchorObject<'_>) -> bool {
    let lifetime = |anchor: &AnchorObject<'_>| (anchor.certificate.not_before(), anchor.certificate.not_after());
    lifetime(left) == lifetime(right) && left.window == right.window
}

/// Identities of one trusted issuer that those of another one cover: whose word is it?
fn identities(objects: &Objects<'_>, findings: &mut Vec<Finding>) {
    let trusted: Vec<_> = objects.issuers.iter().filter(|(_, standing)| *standing == Standing::Active).collect();
    for (narrow, _) in &trusted {
        for (wide, _) in trusted.iter().filter(|(wide, _)| wide.id != narrow.id) {
            let covering = narrow.identities.iter().find_map(|narrow| {
                let covers = |wide: &&crate::ledger::CertificateIdentity| {
                    let vouched = match (&wide.oidc_issuer, &narrow.oidc_issuer) {
                        (None, _) => true,
                        (Some(wide), Some(narrow)) => pattern_covers(wide, narrow),
                        (Some(_), None) => false,
                    };
                    vouched && pattern_covers(&wide.identity, &narrow.identity) && **wide != *narrow
                };
                wide.identities.iter().find(covers).map(|wide| (wide, narrow))
            });
            if let Some((pattern, covered)) = covering {
                let object = ObjectRef::new(ObjectKind::Issuer, narrow.id.clone());
                let summary = format!("an identity of {object} is one of issuer {} as well", wide.id);
                let finding = Finding::new(Rule::Shadowed, Severity::Info, Some(object), summary)
                    .fact("identity", &covered.identity)
                    .fact("covered by", &pattern.identity)
                    .remedy("give each issuer the identities that are its own");
                findings.push(finding.command(&["stella", "issuer", "show", wide.id.as_str()]));
            }
        }
    }
}
