//! `stella attest resign`: the same statement, byte by byte, under a new signature.

mod batch;
mod source;

use std::path::Path;

use stella_attest_store::{Link, LinkKind};
use stella_attest_verify::{Attestation, AttestationId};
use stella_vocabulary::Code;

use self::source::{Document, Judge, Source};
use super::made::{self, Made, Outlet};
use crate::arguments::ResignArguments;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::journal::Telling as _;
use crate::json::Value;
use crate::render::{Page, verdict};
use crate::selector::{self, Selected};
use crate::signatory::Signatory;
use crate::{document, input};

pub(super) fn run(said: &ResignArguments, context: &Context) -> Result<Answer, Complaint> {
    let since = Ticks::new();
    let answer = made::refuse_instants(context).and_then(|()| match &said.signed_by {
        Some(key) => batch::run(said, key, since, context),
        None => one(said, since, context),
    });
    made::or_journaled(answer, since, context)
}

fn one(said: &ResignArguments, since: Ticks, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    let outlet = Outlet::of(said.out.as_deref())?;
    let judge = Judge::of(said, &inputs, context)?;
    let given = said.selector().map_or(Path::new("-"), |path| path.as_path());
    let mut store = made::store(context)?;
    let documents = documents(given, store.as_mut(), &inputs, context)?;
    let source = judge.proven(&documents, &given.to_string_lossy())?;
    let signatory = Signatory::of(&said.key, context)?;
    refuse_same_key(&source, &signatory)?;
    if let Some(store) = &mut store
        && let Some(known) = signed_again(store, &source.id, &signatory)?
    {
        return Ok(already(&source, &known, context));
    }
    if said.dry_run {
        return Ok(would(&source, &signatory, context));
    }
    let signed = signatory.sign(source.payload_type(), source.payload(), context)?;
    let made = Made::keep(signed, store.as_mut(), outlet, &signatory, context)?;
    let link = Link { from: source.id, to: made.signed().attestation.id(), kind: LinkKind::Resigned, at: context.now };
    if let Some(store) = &mut store {
        // A link to what is not kept would lead nowhere.
        if source.kept {
            store.store().keep_link(&link)?;
        }
        let event = made.event("signed again", &signatory, since.microseconds(), context);
        store.journal(event.detail("from", source.id.to_string()).detail("proof", source.proof.to_string()), context);
    }
    let mut lines = vec![("signed again from", source.id.to_string()), ("proven", source.proof.to_string())];
    if store.is_some() && !source.kept {
        lines.push(("link", "none: the old attestation is not in the store".to_string()));
    }
    let members = vec![
        ("from", Value::text(source.id.to_string())),
        ("proof", Value::text(source.proof.to_string())),
        ("linked", Value::Bool(store.is_some() && source.kept)),
    ];
    Ok(made.answer(&signatory, &lines, members, "stella.resigned/1", context))
}

/// Every document of what somebody named.
fn documents(
    given: &Path,
    store: Option<&mut Attestations>,
    inputs: &Inputs,
    context: &Context,
) -> Result<Vec<Document>, Complaint> {
    match (selector::resolve(given, context)?, store) {
        (Selected::Kept(id), Some(store)) => source::kept(store, &id),
        (Selected::Kept(_), None) => Err(Attestations::require(context).err().unwrap_or_else(|| {
            Complaint::new(Code::StoreNotFound, "the store was made a moment ago").remedy("run the command again")
        })),
        (Selected::Document(path), store) => {
            let attestation = document::read_one(&path, inputs)?;
            let kept = match store {
                Some(store) => !store.store().arrivals(&attestation.id())?.is_empty(),
                None => false,
            };
            Ok(vec![Document::given(attestation, kept)])
        }
    }
}

/// A second signature by the same key proves nothing that the first does not.
fn refuse_same_key(source: &Source, signatory: &Signatory) -> Result<(), Complaint> {
    if !signatory.has_signed(&source.attestation) {
        return Ok(());
    }
    Err(Complaint::new(Code::UsageConflict, "this key has signed it already")
        .place(format!("signing key {}", signatory.name()))
        .found(source.id.to_string())
        .expected("another key")
        .remedy("name another key with --key: stella keys list"))
}

/// What this key has made of an attestation before.
fn signed_again(
    store: &mut Attestations,
    id: &AttestationId,
    signatory: &Signatory,
) -> Result<Option<AttestationId>, Complaint> {
    for link in store.store().links(id)? {
        if link.kind != LinkKind::Resigned || link.from != *id {
            continue;
        }
        for arrival in store.store().arrivals(&link.to)? {
            match selector::read(store, &arrival) {
                Ok(later) if signatory.has_signed(&later) => return Ok(Some(link.to)),
                Ok(_) => {}
                // What is damaged does not stand in for what is to be made.
                Err(complaint) if complaint.code() == Code::StoreCorrupt => {}
                Err(complaint) => return Err(complaint),
            }
        }
    }
    Ok(None)
}

fn already(source: &Source, known: &AttestationId, context: &Context) -> Answer {
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.resigned/1")),
            ("attestation", Value::text(known.to_string())),
            ("from", Value::text(source.id.to_string())),
            ("known", Value::Bool(true)),
        ]);
        return Answer::done(document.line());
    }
    let mut page = Page::new(context);
    if context.detail == Detail::Quiet {
        page.line(known);
        return Answer::done(page.finish());
    }
    page.field("attestation", known);
    page.field("signed again from", source.id);
    page.field("kept", "before: this key has signed it again already, and nothing new was made");
    page.field("next", format!("stella verify attestation --attestation {}", verdict::short(&known.to_string())));
    Answer::done(page.finish())
}

fn would(source: &Source, signatory: &Signatory, context: &Context) -> Answer {
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.resigned/1")),
            ("attestation", Value::Null),
            ("from", Value::text(source.id.to_string())),
            ("proof", Value::text(source.proof.to_string())),
            ("signer", made::signer(signatory)),
            ("dry_run", Value::Bool(true)),
        ]);
        return Answer::done(document.line());
    }
    let mut page = Page::new(context);
    page.field("would sign", source.id);
    page.field("proven", &source.proof);
    page.field("signed by", format!("{} ({})", signatory.name(), signatory.key().key_id()));
    page.field("made", "nothing: this was a dry run");
    Answer::done(page.finish())
}

/// How people call an attestation that was read.
fn name_of(attestation: &Attestation) -> String {
    input::name_of(Path::new(verdict::short(&attestation.id().to_string())))
}
