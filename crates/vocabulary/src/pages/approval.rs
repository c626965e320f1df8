//! Pages of `approval.`: changes of trust that the quorum has not agreed to.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::ApprovalDigestMismatch,
        Page {
            meaning: "An approval was signed over other content than the change request it is attached to. Approvals \
                 cover the canonical bytes of the request, so an approval of anything else counts for nothing.",
            example: "error[approval.digest_mismatch]: approval does not fit its request in approvals[1]: found \
                 sha256:9c1e…, expected sha256:41d7…; try: stella approvals show CR-17",
            causes: &[
                "The request was edited after somebody had approved it.",
                "The approval was made for another request and attached to this one.",
            ],
            remedies: &[
                run(
                    "Read the request as it is now, and let the approvers sign that. Nothing becomes trusted until the \
                         quorum has approved it.",
                    "stella approvals show ID",
                ),
                run(
                    "If nobody can say why the request changed, reject it and make a new one.",
                    "stella approvals reject ID --key FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::ApprovalExpired,
        Page {
            meaning: "The change request or an approval of it is past its expiry, so it can no longer take effect. \
                 Requests live for seven days unless they say otherwise.",
            example: "error[approval.expired]: the change request has expired in request CR-17: found \
                 2026-01-24T09:00:00Z, expected later than 2026-01-26T08:12:00Z; try: stella approvals show CR-17",
            causes: &[
                "The second person approved too late, or the change was approved but applied too late.",
                "The clock of the machine that made the request, or of this one, is wrong.",
            ],
            remedies: &[
                run(
                    "Make the request anew and have it approved in time. The new request states again what it would \
                         newly accept.",
                    "stella issuer trust ID --reason TEXT",
                ),
                run("Look for requests that are about to expire.", "stella approvals list"),
            ],
            clause: None,
        },
    ),
    (
        Code::ApprovalNotAuthorized,
        Page {
            meaning: "Somebody approved who may not: the person or the key is not, or no longer, among the approvers. \
                 This is checked again at the moment a change is applied.",
            example: "error[approval.not_authorized]: an approval is by nobody entitled in approvals[0]: found key \
                 sha256:77aa…, expected a key of a current approver; try: stella approvers list",
            causes: &[
                "The approver was removed, or the approver's key revoked, between approving and applying.",
                "The approval was signed with an everyday signing key instead of the approver's key.",
            ],
            remedies: &[
                run(
                    "Compare the key of the approval with the list, and have a current approver sign.",
                    "stella approvers list",
                ),
                run(
                    "Adding an approver needs the old quorum. It newly accepts the decisions of that person on every \
                         change of trust.",
                    "stella approvers add",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::ApprovalNotDistinct,
        Page {
            meaning: "The same person stands behind two of the approvals that were counted. A quorum counts persons, \
                 so a second key or a second signature of one person adds nothing.",
            example: "error[approval.not_distinct]: two approvals are by one person in request CR-17: found 1 person, \
                 expected 2; try: stella approvals show CR-17",
            causes: &[
                "One person has two registered keys and signed with both.",
                "The same approval was attached twice.",
            ],
            remedies: &[run(
                "Ask another person to approve, after reading what the change would newly accept.",
                "stella approvals approve ID --key FILE",
            )],
            clause: None,
        },
    ),
    (
        Code::ApprovalReplayed,
        Page {
            meaning: "This request was decided before: its change was made, or somebody said no to it. A request is \
                 decided exactly once, whatever is presented again later.",
            example: "error[approval.replayed]: the change request was already applied in request CR-17: found \
                 sequence 41, expected a request not applied before; try: stella trust log",
            causes: &[
                "A script retried after the change had already gone through.",
                "An approver refused the request, or the requester took it back.",
                "Somebody tries to bring back a change that was undone since.",
            ],
            remedies: &[
                run("See when it was decided, by whom, and what has changed since.", "stella trust log --verify"),
                run(
                    "If the change is wanted again, request it again, so that it is approved against the trust of \
                         today. Approved, it newly accepts the issuer.",
                    "stella issuer trust ID --reason TEXT",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::ApprovalRequired,
        Page {
            meaning: "The change would accept something that is refused today, so it needs approval by the quorum and \
                 has not got it. Until then nothing is accepted that was not accepted before.",
            example: "error[approval.required]: the change is not approved in request CR-17: found 1 person, expected \
                 2; try: stella approvals show CR-17",
            causes: &[
                "`issuer trust` was run, and nobody else has approved yet.",
                "A scope or window was widened, a revocation undone, an approver changed, or a threshold lowered by \
                     one person alone.",
            ],
            remedies: &[
                run(
                    "Show the request with what it would newly accept, and have a second person approve it.",
                    "stella approvals approve ID --key FILE",
                ),
                run("See beforehand which verdicts the change would turn.", "stella trust plan CHANGE"),
            ],
            clause: None,
        },
    ),
    (
        Code::ApprovalSelf,
        Page {
            meaning: "The person who requested the change also approved it as the second person. The requester is \
                 counted once already.",
            example: "error[approval.self]: the requester approved the own request in request CR-17: found the \
                 requester, expected another person; try: stella approvals show CR-17",
            causes: &["The requester holds an approver's key as well and used it."],
            remedies: &[run(
                "Ask another approver, who reads what the change would newly accept. Keys of one person count as \
                         that person.",
                "stella approvals approve ID --key FILE",
            )],
            clause: None,
        },
    ),
    (
        Code::ApprovalStale,
        Page {
            meaning: "The trust store changed after the request was made, so the request was approved against a state \
                 that no longer exists. It is not applied on top of a state its approvers did not see.",
            example: "error[approval.stale]: the target has changed since the request in request CR-17: found version \
                 43, expected version 41; try: stella trust diff 41 43",
            causes: &["Another change of the same issuer, anchor or key was applied in between."],
            remedies: &[
                run("Look at what changed in between.", "stella trust diff T1 T2"),
                run(
                    "Make the request anew on the present state, and have it approved again. Approved, it newly \
                         accepts the issuer.",
                    "stella issuer trust ID --reason TEXT",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::ApprovalWrongStore,
        Page {
            meaning: "The approval was made for another trust store. Requests name the store they are for, so that an \
                 approval for a test store opens nothing in production.",
            example: "error[approval.wrong_store]: the request is for another store in request CR-17: found store \
                 5b0c…, expected store e21f…; try: stella config show",
            causes: &["The request was made with another `--home`, or copied from another environment."],
            remedies: &[
                run("Check which store this command works on.", "stella config show"),
                run(
                    "Make and approve the request in the store it is meant for. Approved, it newly accepts the issuer \
                         there.",
                    "stella issuer trust ID --reason TEXT",
                ),
            ],
            clause: None,
        },
    ),
];
