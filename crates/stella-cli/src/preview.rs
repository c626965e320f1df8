//! What a change of trust would do, before anybody makes it.

use std::path::PathBuf;

use stella_attest_verify::{TrustSnapshot, UnixTime};
use stella_trust_store::TrustedRoot;
use stella_trust_store::ledger::{
    Authority, Change, Difference, Effect, Object, Planned, Record, TrustState, differences,
};
use stella_trust_store::lint::{Grant, Surroundings, grants};

use crate::cases::{self, Cases};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::findings;
use crate::input::Inputs;
use crate::json::Value;
use crate::kept::{self, Kept};
use crate::refused::command_line;
use crate::render::Page;
use crate::trust;
use crate::undo;

/// What would be different.
#[derive(Debug)]
pub(crate) struct Preview {
    /// Lines for people.
    pub(crate) text: String,
    /// The member `preview` of documents.
    pub(crate) json: Value,
}

/// Says what `planned` changes would do: to these attestations, to what is accepted in principle, who has to agree, and how it is undone.
///
/// # Errors
/// Those of reading the attestations; a state whose trust cannot be built.
pub(crate) fn of_changes(
    before: &TrustState,
    changes: &[Change],
    planned: &Planned,
    attestations: &[PathBuf],
    context: &Context,
) -> Result<Preview, Complaint> {
    let at = context.now.max(context.at);
    let mut consequences = Consequences::of((before, at), (&planned.state, at), attestations, context)?;
    if attestations.is_empty() {
        consequences.look_at_kept((before, at), (&planned.state, at), context)?;
    }
    let effects: Vec<&str> = planned.steps.iter().map(|step| effect_name(step.effect)).collect();
    let needs: Vec<&str> = planned.steps.iter().map(|step| authority_name(step.authority)).collect();
    let others = planned.steps.iter().any(|step| step.authority != Authority::OnePerson);
    let mut persons: Vec<String> = before.approvers().map(|approver| approver.person.to_string()).collect();
    persons.sort();
    persons.dedup();
    // The last change first: what came later may rest on what came before.
    let undo: Vec<Vec<String>> = changes.iter().rev().filter_map(|change| undo::of(change, before)).collect();
    let kept: Vec<String> = changes.iter().flat_map(|change| kept_claims(change, before)).collect();

    let mut page = Page::new(context);
    let mut kinds = effects.clone();
    kinds.dedup();
    page.field("effect", kinds.join(", "));
    if others {
        page.field(
            "may approve",
            if persons.is_empty() { "nobody yet: stella approvers add".into() } else { persons.join(", ") },
        );
    }
    let text = consequences.render(page, context, |page| {
        for pattern in &kept {
            page.field("next in line", format!("nobody for {pattern}, except by a pattern that is as specific"));
        }
        for words in &undo {
            page.field("undo", command_line(words));
        }
    });
    let mut members = vec![
        ("effects", Value::texts(effects)),
        ("needs", Value::texts(needs)),
        ("may_approve", Value::texts(if others { persons } else { Vec::new() })),
        ("undo", Value::list(undo.into_iter().map(Value::texts))),
        ("kept_claims", Value::texts(kept)),
    ];
    members.extend(consequences.members());
    Ok(Preview { text, json: Value::Object(members) })
}

/// The package URLs of what `change` takes away. Its claim on them outlasts it: who has a wider pattern does not take them over.
fn kept_claims(change: &Change, before: &TrustState) -> Vec<String> {
    let object = match change {
        Change::IssuerDistrusted(_) | Change::Removed(_) | Change::Revoked { .. } => change.object(),
        _ => None,
    };
    let scope = match object.and_then(|object| before.record(&object)).map(|(record, _)| record) {
        Some(Record::Anchor(anchor)) => &anchor.terms.scope,
        Some(Record::Issuer(issuer)) => &issuer.terms.scope,
        Some(Record::Key(key)) => &key.terms.scope,
        _ => return Vec::new(),
    };
    scope.purl_patterns.iter().map(ToString::to_string).collect()
}

/// Says what is accepted in principle after some change and not before it.
///
/// # Errors
/// A state whose trust cannot be built.
pub(crate) fn render(before: &TrustState, after: &TrustState, context: &Context) -> Result<Preview, Complaint> {
    let at = context.now.max(context.at);
    let mut consequences = Consequences::of((before, at), (after, at), &[], context)?;
    consequences.look_at_kept((before, at), (after, at), context)?;
    let text = consequences.render(Page::new(context), context, |_| {});
    Ok(Preview { text, json: Value::Object(consequences.members()) })
}

/// What another state means for attestations, and for what is accepted in principle.
pub(crate) struct Consequences {
    pub(crate) differences: Vec<Difference>,
    grants: Vec<Grant>,
    attestations: Value,
    kept: Option<Kept>,
    text: String,
}

impl Consequences {
    /// Compares two states, each as it counts at an instant; attestations are judged as of the instant of the command.
    pub(crate) fn of(
        before: (&TrustState, UnixTime),
        after: (&TrustState, UnixTime),
        attestations: &[PathBuf],
        context: &Context,
    ) -> Result<Self, Complaint> {
        let cases = Cases::read(attestations, &Inputs::default(), context)?;
        let public = built_in()?;
        let surroundings = Surroundings { public: &public, ..Surroundings::default() };
        let (old, new) = (before.0.effective(before.1), after.0.effective(after.1));
        let compared = cases.compare(&snapshot(before)?, &snapshot(after)?, cases::store_policy(context)?, context);
        let mut page = Page::new(context);
        compared.render(&mut page, context);
        Ok(Self {
            differences: differences(before.0, after.0),
            grants: grants(&old, &new, after.1, &surroundings),
            attestations: compared.json(),
            kept: None,
            text: page.finish(),
        })
    }

    /// Looks at what the store keeps, where no attestations were given.
    ///
    /// # Errors
    /// Those of a store that cannot be read.
    fn look_at_kept(
        &mut self,
        before: (&TrustState, UnixTime),
        after: (&TrustState, UnixTime),
        context: &Context,
    ) -> Result<(), Complaint> {
        self.kept = kept::compare(&snapshot(before)?, &snapshot(after)?, &cases::store_policy(context)?, context)?;
        if let Some(kept) = &self.kept {
            let mut page = Page::new(context);
            kept.render(&mut page, context);
            self.text = page.finish();
        }
        Ok(())
    }

    /// The lines for people, `last` before the general note.
    pub(crate) fn render(&self, mut page: Page, context: &Context, last: impl FnOnce(&mut Page)) -> String {
        page.block(&self.text);
        for grant in &self.grants {
            page.field("newly accepted in principle", &grant.who);
            page.indented(1, "by", &grant.object);
            if context.detail != Detail::Quiet {
                for limit in &grant.limits {
                    page.indented(1, "limit", limit);
                }
                if grant.limits.is_empty() {
                    page.indented(1, "limit", "none");
                }
                for finding in &grant.over {
                    let name = format!("{}[{}]", finding.severity.as_str(), finding.rule.as_str());
                    page.indented(1, &name, &finding.summary);
                }
            }
        }
        if self.grants.is_empty() {
            page.field("newly accepted in principle", "nothing");
        }
        last(&mut page);
        page.finish()
    }

    /// The members of a document.
    pub(crate) fn members(&self) -> Vec<(&'static str, Value)> {
        let raw = |object: &Option<Box<Object>>| {
            object.as_ref().map_or(Value::Null, |object| Value::Raw(object.to_canonical_json()))
        };
        let objects = self.differences.iter().map(|difference| {
            Value::object([
                ("kind", Value::text(difference.object.kind.name())),
                ("id", Value::text(difference.object.id.to_string())),
                ("before", raw(&difference.before)),
                ("after", raw(&difference.after)),
            ])
        });
        let grants = self.grants.iter().map(|grant| {
            Value::object([
                ("kind", Value::text(grant.object.kind.name())),
                ("id", Value::text(grant.object.id.to_string())),
                ("who", Value::text(&grant.who)),
                ("limits", Value::texts(grant.limits.clone())),
                ("findings", Value::list(grant.over.iter().map(findings::json))),
            ])
        });
        let mut members = vec![
            ("attestations", self.attestations.clone()),
            ("accepts", Value::list(grants)),
            ("objects", Value::list(objects)),
        ];
        members.extend(self.kept.as_ref().map(|kept| ("kept", kept.json())));
        members
    }
}

fn snapshot((state, at): (&TrustState, UnixTime)) -> Result<TrustSnapshot, Complaint> {
    state.snapshot(at).map_err(|error| Complaint::reported(&error))
}

/// The trusted roots that are built in: their authorities are known to be public.
pub(crate) fn built_in() -> Result<Vec<TrustedRoot>, Complaint> {
    let read = |root: &trust::EmbeddedRoot| {
        TrustedRoot::from_json(root.document())
            .map(|parsed| parsed.with_label(root.name.to_string()))
            .map_err(|error| Complaint::of(&error, &format!("the built-in trusted root {}", root.name)))
    };
    trust::EMBEDDED.iter().map(read).collect()
}

pub(crate) const fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Loosening => "loosening",
        Effect::Neutral => "neutral",
        Effect::Tightening => "tightening",
    }
}

const fn authority_name(authority: Authority) -> &'static str {
    match authority {
        Authority::BothQuorums => "both-quorums",
        Authority::OnePerson => "one-person",
        Authority::Quorum => "quorum",
    }
}
