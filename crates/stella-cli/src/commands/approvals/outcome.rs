//! What has become of a request after somebody agreed to it, refused it or made the change.

use stella_trust_store::ledger::{Change, Committed, Id, TrustState};

use super::view::View;
use crate::change::{checkpoint_text, head_json, named, object_json, summarise, verb};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::refused::command_line;
use crate::render::Page;
use crate::store::Store;
use crate::undo;

pub(super) struct Outcome {
    did: &'static str,
    id: Id,
    before: TrustState,
    first: Option<u64>,
    last: Option<Committed>,
    execution: Execution,
}

/// Whether the change was made.
enum Execution {
    Done,
    /// It could not be made, though enough persons have agreed.
    Failed(Complaint),
    NotYet,
}

impl Outcome {
    pub(super) fn new(did: &'static str, id: &Id, before: TrustState) -> Self {
        Self { did, id: id.clone(), before, first: None, last: None, execution: Execution::NotYet }
    }

    pub(super) fn took(&mut self, committed: &Committed) {
        self.first.get_or_insert(committed.first);
        self.last = Some(committed.clone());
    }

    pub(super) fn executed(&mut self, committed: &Committed) {
        self.took(committed);
        self.execution = Execution::Done;
    }

    pub(super) fn failed(&mut self, complaint: Complaint) {
        self.execution = Execution::Failed(complaint);
    }

    pub(super) fn answer(self, store: &Store, view: View<'_>, context: &Context) -> Result<Answer, Complaint> {
        let text = match context.format.is_json() {
            true => self.document(store, &view, context).line(),
            false => self.page(store, &view, context),
        };
        let answer = match self.execution {
            Execution::Failed(complaint) => Answer {
                text,
                diagnostics: complaint.line(),
                status: complaint.code().exit_status(),
                ..Answer::default()
            },
            Execution::Done | Execution::NotYet => Answer::done(text),
        };
        Ok(answer.made(self.last.as_ref().map(Committed::sequence)))
    }

    fn page(&self, store: &Store, view: &View<'_>, context: &Context) -> String {
        let mut page = Page::new(context);
        let change: &Change = &view.asked.change;
        page.field(self.did, format!("request {} ({}, {})", self.id, change.action(), named(change)));
        page.field("state", view.state_text());
        page.maybe("missing", view.missing_text());
        if let Execution::Done = self.execution {
            page.field(verb(change), named(change));
            if context.detail != Detail::Quiet {
                summarise(&mut page, store.state(), change, context.now);
            }
        }
        if let (Some(first), Some(last)) = (self.first, &self.last) {
            match last.sequence() {
                last if last == first => page.field("entry", first),
                last => page.field("entry", format!("{first} to {last}")),
            }
            page.field("checkpoint", checkpoint_text(last));
        }
        match self.execution {
            Execution::Done => {
                page.field("approved by", view.agreed.join(", "));
                page.maybe("undo", undo::of(change, &self.before).map(|words| command_line(&words)));
            }
            Execution::Failed(_) => page.line("the agreement was logged, and the change was not made"),
            Execution::NotYet if self.did == "approved" => page.line("nothing has changed yet"),
            Execution::NotYet => {}
        }
        page.finish()
    }

    fn document(&self, store: &Store, view: &View<'_>, context: &Context) -> Value {
        let change: &Change = &view.asked.change;
        let sequence = |number: u64| Value::Number(i64::try_from(number).unwrap_or(i64::MAX));
        let done = matches!(self.execution, Execution::Done);
        let objects = change.object().filter(|_| done);
        let undo = undo::of(change, &self.before).filter(|_| done);
        let mut members = vec![("schema", Value::text("stella.approval/1")), ("did", Value::text(self.did))];
        members.extend(view.members());
        members.extend([
            ("executed", Value::Bool(done)),
            (
                "code",
                match &self.execution {
                    Execution::Failed(complaint) => Value::text(complaint.code().as_str()),
                    Execution::Done | Execution::NotYet => Value::Null,
                },
            ),
            ("objects", Value::list(objects.iter().map(|object| object_json(store.state(), object, context.now)))),
            ("first", self.first.map_or(Value::Null, sequence)),
            ("last", self.last.as_ref().map_or(Value::Null, |last| sequence(last.sequence()))),
            ("head", self.last.as_ref().map_or(Value::Null, head_json)),
            ("checkpoint", Value::maybe(self.last.as_ref().map(|last| last.checkpoint.as_str()))),
            ("approved_by", Value::texts(view.agreed.clone().into_iter().filter(|_| done))),
            ("undo", Value::list(undo.into_iter().map(Value::texts))),
        ]);
        Value::Object(members)
    }
}
