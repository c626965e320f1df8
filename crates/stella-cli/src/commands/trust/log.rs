//! `stella trust log`.

use stella_attest_verify::{Code, Registry};
use stella_trust_store::ledger::{Audit, Entry, Ledger, LedgerError, More, ObjectRef, Witness, verify};
use stella_trust_store::{Head, LogStore};
use stella_vocabulary::hex;

use super::entry::{self, About};
use crate::arguments::{Format, LogArguments};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::json::Value;
use crate::render::{Page, Table};
use crate::store::{self, Store};

pub(crate) fn run(said: &LogArguments, context: &Context) -> Result<Answer, Complaint> {
    // An audit must not depend on what opening the store finds out first: it names the first bad entry.
    if said.verify || said.checkpoint.is_some() {
        let audited = audit(said, context)?;
        let listed = match said.from.is_some() || said.object.is_some() {
            true => Some(Listing::of(&Store::require(context)?, said)?),
            false => None,
        };
        return Ok(answer(listed.as_ref(), Some(&audited), context));
    }
    let store = Store::require(context)?;
    if said.signed_checkpoint {
        let note = store.ledger().checkpoint()?;
        return note.map(Answer::done).ok_or_else(|| entry::unreadable("the checkpoint"));
    }
    Ok(answer(Some(&Listing::of(&store, said)?), None, context))
}

/// A log that was looked at again.
struct Audited {
    audit: Audit,
    note: Option<String>,
    /// The head that was remembered of it here.
    seen: Option<Head>,
    store: String,
}

fn audit(said: &LogArguments, context: &Context) -> Result<Audited, Complaint> {
    let outside = match &said.checkpoint {
        None => None,
        Some(path) => {
            let bytes = Inputs::default().read(path, Kind::Checkpoint)?;
            let text = String::from_utf8(bytes).map_err(|_| {
                Complaint::new(Code::TlogCheckpointMalformed, "the checkpoint is not text")
                    .in_file(path)
                    .expected("what stella trust log --signed-checkpoint printed")
            })?;
            Some((path, text))
        }
    };
    let settings = context.settings()?;
    let Some(place) = &settings.store else { return Err(Store::require(context).err().unwrap_or_else(no_store)) };
    let Some(log) = store::open_or_miss(settings, place)? else {
        store::is_nowhere(settings, place)?;
        return Err(no_store().place(place.value.to_string()));
    };
    let seen = log.seen()?;
    let outside_text = outside.as_ref().map(|(_, text)| text.as_str());
    let audit = verify(&log, &Registry::rustcrypto(), outside_text).map_err(|error| refused(error, said))?;
    let note = log.checkpoint()?;
    let store = note.as_deref().and_then(|note| note.lines().next()).unwrap_or_default().to_string();
    // That it is the store which was written down, too.
    Store::with(store::ledger(settings, &place.value, log)?, context)?;
    Ok(Audited { audit, note, seen, store })
}

fn no_store() -> Complaint {
    Complaint::new(Code::StoreNotFound, "there is no trust store yet").remedy("stella init")
}

/// What an audit refuses, with what helps.
fn refused(error: LedgerError, said: &LogArguments) -> Complaint {
    let place = said.checkpoint.as_ref().map(|path| name_of(path));
    let complaint = Complaint::from(error);
    match (complaint.code(), place) {
        (Code::AuditBroken | Code::AuditTruncated | Code::AuditStateMismatch, _) => complaint.remedy(
            "put back a copy of the store from before, keep this one for whoever looks into it, and compare both with a checkpoint kept elsewhere",
        ),
        (Code::TlogOriginMismatch | Code::TlogCheckpointSignatureInvalid | Code::TlogCheckpointMalformed, Some(place)) => {
            complaint.place(place).remedy("give the checkpoint of this store, as stella trust log --signed-checkpoint printed it")
        }
        _ => complaint,
    }
}

/// The entries that were asked for.
struct Listing {
    entries: Vec<(Entry, Option<ObjectRef>)>,
    head: Head,
    note: Option<String>,
    store: String,
}

impl Listing {
    fn of(store: &Store, said: &LogArguments) -> Result<Self, Complaint> {
        let wanted = said.object.as_deref().map(|text| store.resolve(&entry::KINDS, text)).transpose()?;
        let from = said.from.unwrap_or(0);
        let ledger = store.ledger();
        let (mut about, mut entries) = (About::default(), Vec::new());
        // What approvals are about is known from their requests, which may be older than what was asked for.
        let first = if from == 0 || wanted.is_some() || any_request(ledger) { 0 } else { from };
        ledger.entries(first, |entry| {
            let object = about.object(entry);
            let fits = wanted.as_ref().is_none_or(|wanted| entry::concerns(entry, object.as_ref(), wanted));
            if entry.sequence >= from && fits {
                entries.push((entry.clone(), object));
            }
            Ok(More::Next)
        })?;
        let id = store.id().map(ToString::to_string).unwrap_or_default();
        Ok(Self { entries, head: ledger.head(), note: ledger.checkpoint()?, store: id })
    }
}

fn any_request<L: LogStore>(ledger: &Ledger<L>) -> bool {
    ledger.state().objects_of(stella_trust_store::ledger::ObjectKind::Request).next().is_some()
}

fn answer(listing: Option<&Listing>, audited: Option<&Audited>, context: &Context) -> Answer {
    match context.format {
        Format::Ndjson if audited.is_none() => {
            let entries = listing.iter().flat_map(|listing| &listing.entries);
            Answer::done(entries.map(|(entry, object)| entry::json(entry, object.as_ref()).line()).collect::<String>())
        }
        Format::Json | Format::Ndjson => Answer::done(document(listing, audited).line()),
        Format::Text | Format::Table => {
            let mut page = Page::new(context);
            if let Some(listing) = listing {
                list(&mut page, listing, context);
            }
            if let Some(audited) = audited {
                report(&mut page, audited);
            }
            Answer::done(page.finish())
        }
    }
}

fn document(listing: Option<&Listing>, audited: Option<&Audited>) -> Value {
    let head = listing.map(|listing| listing.head).or_else(|| audited.map(|audited| audited.audit.head));
    let note =
        listing.and_then(|listing| listing.note.as_ref()).or_else(|| audited.and_then(|audited| audited.note.as_ref()));
    let store = listing.map(|listing| listing.store.clone());
    let store =
        store.or_else(|| audited.map(|audited| audited.store.rsplit('/').next().unwrap_or_default().to_string()));
    let audit = audited.map_or(Value::Null, |audited| {
        let (witness, size) = match audited.audit.witness {
            Witness::Outside { size } => ("outside", entry::number(size)),
            Witness::StoreOnly => ("store-only", Value::Null),
        };
        Value::object([
            ("entries", entry::number(audited.audit.head.size)),
            ("state", Value::text(hex::encode(&audited.audit.state))),
            ("witness", Value::text(witness)),
            ("witness_size", size),
            ("seen_size", audited.seen.map_or(Value::Null, |seen| entry::number(seen.size))),
        ])
    });
    let entries = listing.map_or(Value::Null, |listing| {
        Value::list(listing.entries.iter().map(|(entry, object)| entry::json(entry, object.as_ref())))
    });
    Value::object([
        ("schema", Value::text("stella.trust-log/1")),
        ("store", Value::maybe(store)),
        (
            "head",
            head.map_or(Value::Null, |head| {
                Value::object([("size", entry::number(head.size)), ("root", Value::text(hex::encode(&head.root)))])
            }),
        ),
        ("checkpoint", Value::maybe(note.cloned())),
        ("audit", audit),
        ("entries", entries),
    ])
}

fn list(page: &mut Page, listing: &Listing, context: &Context) {
    if context.detail == Detail::Verbose && context.format == Format::Text {
        for (entry, object) in &listing.entries {
            describe(page, entry, object.as_ref());
        }
    } else if context.detail != Detail::Quiet {
        let mut table = Table::new(&["entry", "time", "person", "action", "object", "request", "mode", "reason"]);
        for (entry, object) in &listing.entries {
            table.row([
                entry.sequence.to_string(),
                entry.at.to_string(),
                entry.actor.person.to_string(),
                entry.action_name(),
                object.as_ref().map(ToString::to_string).unwrap_or_default(),
                entry.request.as_ref().map(ToString::to_string).unwrap_or_default(),
                entry.mode.name().to_string(),
                entry.reason.clone(),
            ]);
        }
        page.block(&table.finish());
    }
    page.field("head", format!("{} {}", listing.head.size, hex::encode(&listing.head.root)));
}

fn describe(page: &mut Page, entry: &Entry, object: Option<&ObjectRef>) {
    page.field("entry", entry.sequence);
    page.indented(1, "time", entry.at);
    page.indented(1, "person", &entry.actor.person);
    let key =
        entry.actor.key.map_or_else(|| "none: a name was given".into(), |key| format!("sha256:{}", hex::encode(&key)));
    page.indented(1, "key", key);
    page.indented(1, "action", entry.action_name());
    if let Some(object) = object {
        page.indented(1, "object", object);
    }
    if let Some(request) = &entry.request {
        page.indented(1, "request", request);
    }
    page.indented(1, "mode", entry.mode.name());
    page.indented(1, "reason", &entry.reason);
    page.indented(1, "state", hex::encode(&entry.state));
    page.indented(1, "leaf hash", hex::encode(&entry.leaf_hash()));
}

fn report(page: &mut Page, audited: &Audited) {
    let Audit { head, state, witness } = audited.audit;
    page.field("verified", format!("{} entries, every signature over a request, and the state after each", head.size));
    page.field("head", format!("{} {}", head.size, hex::encode(&head.root)));
    page.field("state", hex::encode(&state));
    page.field(
        "seen before",
        match &audited.seen {
            Some(seen) => format!("{seen}, which the log continues"),
            None => "nothing: an older copy could not be told from the store".to_string(),
        },
    );
    match witness {
        Witness::Outside { size } => {
            page.field(
                "compared with",
                format!("a checkpoint from outside over {size} entries, which the log continues"),
            );
        }
        Witness::StoreOnly => {
            page.field("compared with", "the checkpoint in the store only");
            page.field(
                "warning",
                "whoever holds the key of the store could have cut off the end of the log or written it anew; \
                 keep a checkpoint elsewhere: stella trust log --signed-checkpoint",
            );
        }
    }
}
