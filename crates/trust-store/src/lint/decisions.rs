//! What waits for somebody, and who decides.

use alloc::format;
use alloc::vec::Vec;

use super::finding::{Finding, Rule, Severity};
use super::objects::Objects;
use crate::ledger::{Mode, Object, ObjectKind, ObjectRef, OpenRequest, RequestStatus};

/// A request that ends within two days is about to be lost: the approvers have gone home.
const SOON: i64 = 2 * 86_400;

pub(super) fn look(objects: &Objects<'_>, findings: &mut Vec<Finding>) {
    who_decides(objects, findings);
    for emergency in objects.state.emergencies(objects.at) {
        let object = ObjectRef::new(ObjectKind::Emergency, emergency.id.clone());
        let summary = format!("{} by one person is in force and ends by itself", emergency.change.action());
        let about = emergency.change.object();
        let mut finding = Finding::new(Rule::Emergency, Severity::Warn, Some(object), summary);
        if let Some(about) = about {
            finding = finding.fact("object", about);
        }
        let finding = finding.fact("person", &emergency.person).fact("until", emergency.until);
        let finding = finding.remedy("have it approved as an ordinary change before it ends, or end it");
        let id = emergency.id.as_str();
        findings.push(finding.command(&["stella", "store", "end-emergency", id, "--reason", "TEXT"]));
    }
    for object in objects.state.objects_of(ObjectKind::Request) {
        if let Object::Request(request) = object {
            findings.extend(waiting(objects, request));
        }
    }
    for object in objects.state.objects_of(ObjectKind::Staged) {
        if let Object::Staged(staged) = object
            && !staged.keys.is_empty()
        {
            let object = ObjectRef::new(ObjectKind::Staged, staged.issuer.clone());
            let summary = format!("fetched keys of issuer {} wait for approval and count for nothing", staged.issuer);
            let finding = Finding::new(Rule::Staged, Severity::Warn, Some(object), summary)
                .fact("keys", staged.keys.len())
                .fact("from", &staged.url)
                .remedy("compare them with what the issuer publishes elsewhere, and add those that are right");
            findings.push(finding.command(&["stella", "issuer", "show", staged.issuer.as_str()]));
        }
    }
}

fn who_decides(objects: &Objects<'_>, findings: &mut Vec<Finding>) {
    let Some(store) = objects.state.store() else { return };
    let object = Some(ObjectRef::new(ObjectKind::Store, store.id.clone()));
    let mut persons: Vec<_> = objects.state.approvers().map(|approver| &approver.person).collect();
    persons.sort();
    persons.dedup();
    let quorum = usize::from(store.quorum);
    if store.mode == Mode::Solo {
        let summary = format!("one person decides about this store: a quorum of {quorum} needs as many approvers");
        let finding = Finding::new(Rule::Solo, Severity::Info, object, summary)
            .fact("approvers", persons.len())
            .remedy("enrol approvers, so that nobody alone can widen trust");
        findings.push(finding.command(&["stella", "approvers", "add", "PERSON", "--key", "FILE"]));
    } else if persons.len() <= quorum {
        // Fewer than the quorum there cannot be.
        let summary =
            format!("all approvers are needed for the quorum of {quorum}: losing one key stops every approval");
        let finding = Finding::new(Rule::QuorumTight, Severity::Warn, object, summary)
            .fact("approvers", persons.len())
            .remedy("enrol one approver more than the quorum");
        findings.push(finding.command(&["stella", "approvers", "add", "PERSON", "--key", "FILE"]));
    }
}

/// A request that somebody should do something about.
fn waiting(objects: &Objects<'_>, request: &OpenRequest) -> Option<Finding> {
    let object = Some(ObjectRef::new(ObjectKind::Request, request.id().clone()));
    let soon = objects.at.checked_add(SOON).is_none_or(|soon| request.expires() <= soon);
    let id = request.id();
    let (severity, summary, command) = match objects.state.request_status(id, objects.at)? {
        RequestStatus::Approved => {
            (Severity::Warn, format!("request {id} is approved and was not carried out"), "execute")
        }
        RequestStatus::PartiallyApproved { have, need } if soon => {
            (Severity::Warn, format!("request {id} expires within two days, with {have} of {need} persons"), "show")
        }
        RequestStatus::Pending { need } if soon => (
            Severity::Warn,
            format!("request {id} expires within two days, and nobody has approved it ({need} needed)"),
            "show",
        ),
        RequestStatus::Stale => {
            (Severity::Info, format!("request {id} is stale: what it is about has changed"), "show")
        }
        _ => return None,
    };
    let asked = request.request()?;
    let finding = Finding::new(Rule::RequestWaiting, severity, object, summary)
        .fact("action", asked.change.action())
        .fact("requester", request.requester())
        .fact("expires", request.expires())
        .remedy("decide about it; a stale one is made anew");
    Some(finding.command(&["stella", "approvals", command, id.as_str()]))
}
