//! The one way in which a command changes trust: at once where one person may, as a request where others have to agree.

use std::path::Path;
use std::sync::Arc;

use stella_crypto_providers::Signer;
use stella_trust_store::ledger::{
    Actor, Authority, Change, Committed, EMERGENCY_LIFETIME, Id, LedgerError, Mode, Object, ObjectRef, Occasion,
    Planned, REQUEST_MAX_LIFETIME, Record, RequestSignature, RequestStatus, Standing, TrustState, request_envelope,
};
use stella_vocabulary::text::Escaped;
use stella_vocabulary::{Code, UnixTime, base64, hex};

use crate::arguments::ChangeOptions;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::duration;
use crate::exit::Answer;
use crate::json::Value;
use crate::log::Log;
use crate::preview;
use crate::private_key;
use crate::refused::{command_line, persons_text};
use crate::render::Page;
use crate::settings;
use crate::store::Store;
use crate::trust_object::TrustObject;
use crate::undo;

/// What a command wants to do to trust.
#[derive(Debug, Default)]
pub(crate) struct Deed {
    pub(crate) changes: Vec<Change>,
    /// What the person should know about it.
    pub(crate) warnings: Vec<String>,
    /// What the log says if the person gives no reason.
    pub(crate) usual_reason: Option<&'static str>,
}

impl From<Vec<Change>> for Deed {
    fn from(changes: Vec<Change>) -> Self {
        Self { changes, ..Self::default() }
    }
}

impl From<Change> for Deed {
    fn from(change: Change) -> Self {
        vec![change].into()
    }
}

impl Deed {
    pub(crate) fn warn(mut self, warnings: impl IntoIterator<Item = String>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    pub(crate) const fn usually_because(mut self, reason: &'static str) -> Self {
        self.usual_reason = Some(reason);
        self
    }
}

/// Previews, makes or requests the changes, as `options` and the rules of the store say.
///
/// # Errors
/// Whatever keeps a change from being made or requested. A request that waits for approval is no error: exit status 3.
pub(crate) fn carry_out(
    store: &mut Store,
    deed: impl Into<Deed>,
    options: &ChangeOptions,
    context: &Context,
) -> Result<Answer, Complaint> {
    let deed = deed.into();
    refuse_past(context)?;
    let planned = store.state().planned(&deed.changes, context.now)?;
    let reason = options.reason.as_deref().or(deed.usual_reason);
    reason.map_or(Ok(()), check_reason)?;
    let ends = Ends::of(options, context)?;
    if options.dry_run {
        return dry_run(store, &deed, &planned, options, context);
    }
    let others = options.request || planned.steps.iter().any(|step| step.authority != Authority::OnePerson);
    let (signer, occasion) = acting(store, options, others, reason, context)?;
    let before = store.state().clone();
    let mut done = Done::new(before, occasion.actor.person.to_string());
    let (mut alone, mut together) = (Vec::new(), Vec::new());
    for (change, step) in deed.changes.iter().zip(&planned.steps) {
        let alone_suffices = step.authority == Authority::OnePerson && !options.request;
        if alone_suffices { alone.push(change.clone()) } else { together.push(change.clone()) }
    }
    let mut emergencies = Vec::new();
    if ends.emergency.is_some() {
        emergencies = std::mem::take(&mut together);
    }
    let until = ends.emergency.unwrap_or(context.now);
    let expires = if together.is_empty() { context.now } else { ends.request(context)? };
    if !together.is_empty() && signer.is_none() && store.state().is_approver(&occasion.actor.person) {
        return Err(unsigned(&occasion));
    }
    if !emergencies.is_empty() && signer.is_none() && store.state().mode() == Mode::Quorum {
        return Err(unsigned_emergency(&occasion));
    }
    // Whatever the rules refuse is refused before anything is made.
    let mut after = store.state().clone();
    for change in &emergencies {
        after = after.planned_emergency(&Arc::new(change.clone()), until, &occasion)?;
    }
    after.planned(&alone, context.now)?;
    let ledger = store.ledger_mut()?;
    let made = (|| -> Result<(), LedgerError> {
        for change in emergencies {
            let (id, committed) = ledger.emergency(change.clone(), until, &occasion)?;
            done.took(&committed);
            done.emergencies.push(Emergency { id, change, until });
        }
        if !alone.is_empty() {
            let committed = ledger.change_all(alone.clone(), &occasion)?;
            done.took(&committed);
            done.made = alone;
        }
        for change in together {
            let (id, committed) = ledger.request(change.clone(), &occasion, expires, signer.as_deref())?;
            done.took(&committed);
            done.requests.push(Requested { id, change });
        }
        Ok(())
    })();
    match made {
        Ok(()) => Ok(done.answer(store, &deed.warnings, context)),
        // What was made is in force: an error alone would hide that, and how it is undone.
        Err(error) if done.last.is_some() => {
            let complaint = Complaint::from(error);
            let mut answer = done.answer(store, &deed.warnings, context);
            answer.diagnostics.push_str(&complaint.line());
            answer.status = complaint.code().exit_status();
            Ok(answer)
        }
        Err(error) => Err(error.into()),
    }
}

/// When what is asked for or made for some hours ends.
struct Ends {
    emergency: Option<UnixTime>,
    /// As the command line says.
    request: Option<UnixTime>,
}

impl Ends {
    fn of(options: &ChangeOptions, context: &Context) -> Result<Self, Complaint> {
        let end = |text: &Option<String>, place: &str, longest| {
            let seconds = text.as_deref().map(|text| lasting(text, place, longest)).transpose()?;
            seconds.map(|seconds| later(context.now, seconds, place)).transpose()
        };
        Ok(Self {
            emergency: end(&options.emergency, "--emergency", EMERGENCY_LIFETIME)?,
            request: end(&options.expires_in, "--expires-in", REQUEST_MAX_LIFETIME)?,
        })
    }

    /// As the command line says, or else the settings.
    fn request(&self, context: &Context) -> Result<UnixTime, Complaint> {
        if let Some(end) = self.request {
            return Ok(end);
        }
        let lifetime = &context.settings()?.request_lifetime;
        settings::check_request_lifetime(lifetime.value)
            .map_err(|complaint| complaint.place(format!("request_lifetime, {}", lifetime.origin)))?;
        later(context.now, lifetime.value, "request_lifetime")
    }
}

/// Whether the log takes this reason, before anything is asked of it.
fn check_reason(reason: &str) -> Result<(), Complaint> {
    let flaw = if reason.trim().is_empty() {
        "it is empty"
    } else if reason.len() > 1024 {
        "it is longer than 1024 bytes"
    } else if Escaped(reason).to_string() != reason {
        "it has control or invisible characters"
    } else {
        return Ok(());
    };
    Err(LedgerError::ReasonInvalid { flaw }.into())
}

/// The key that is acted with, and who acts. Where nobody else has to agree, a key that only the settings name and that is of no use
/// stops nothing: a revocation does not wait for it.
fn acting(
    store: &Store,
    options: &ChangeOptions,
    others: bool,
    reason: Option<&str>,
    context: &Context,
) -> Result<(Option<Box<dyn Signer>>, Occasion), Complaint> {
    let enrolled = store.state().approvers().next().is_some();
    let optional = options.approver_key.is_none() && !others;
    if optional && !enrolled {
        return Ok((None, store.occasion(reason)));
    }
    let with_key = || {
        let signer = approver_key(options, context)?.filter(|_| enrolled);
        let occasion = occasion(store, signer.as_deref(), reason)?;
        Ok((signer, occasion))
    };
    match with_key() {
        Err(complaint) if optional => {
            context.warn(&complaint);
            Ok((None, store.occasion(reason)))
        }
        acting => acting,
    }
}

/// Anybody could give the name of an approver; and an approver counts by their key.
fn unsigned(occasion: &Occasion) -> Complaint {
    Complaint::new(Code::ApprovalNotAuthorized, "an approver's request is signed with the approver's key")
        .found(format!("the name {} and no key", occasion.actor.person))
        .expected("--approver-key, or approver_key in the settings")
        .remedy("say --approver-key FILE; or, if you are somebody else: stella config set person NAME")
}

/// The log has the name alone, and anybody could give one.
fn unsigned_emergency(occasion: &Occasion) -> Complaint {
    Complaint::new(
        Code::ApprovalNotAuthorized,
        "where others decide, an emergency is for approvers, who show their key",
    )
    .place("--emergency")
    .found(format!("the name {} and no key", occasion.actor.person))
    .expected("--approver-key, or approver_key in the settings")
    .remedy("say --approver-key FILE; or leave --emergency out, and the approvers are asked")
}

/// The past is not changed.
fn refuse_past(context: &Context) -> Result<(), Complaint> {
    match context.trust_at {
        None => Ok(()),
        Some(_) => Err(Complaint::new(Code::UsageConflict, "trust of the past cannot be changed")
            .place("--trust-at")
            .expected("a command that only reads")
            .remedy("leave --trust-at out")),
    }
}

/// A duration with a limit.
fn lasting(text: &str, place: &str, longest: i64) -> Result<i64, Complaint> {
    let seconds = duration::parse(text).map_err(|complaint| complaint.place(place))?;
    if seconds <= longest {
        return Ok(seconds);
    }
    let longest = duration::exact(longest);
    Err(Complaint::new(Code::UsageDateInvalid, "this is too long")
        .place(place)
        .found(text)
        .expected(format!("at most {longest}"))
        .remedy(format!("say {place} {longest}")))
}

fn later(now: UnixTime, seconds: i64, place: &str) -> Result<UnixTime, Complaint> {
    now.checked_add(seconds).ok_or_else(|| {
        Complaint::new(Code::UsageDateInvalid, "this is too long").place(place).remedy("write it like 4h")
    })
}

/// The private key that the person acts with: the one given, or the one of the settings.
pub(crate) fn approver_key(options: &ChangeOptions, context: &Context) -> Result<Option<Box<dyn Signer>>, Complaint> {
    let settings = context.settings()?;
    let path: &Path = match (&options.approver_key, &settings.approver_key) {
        (Some(path), _) => path,
        (None, Some(path)) => &path.value,
        (None, None) => return Ok(None),
    };
    private_key::signer(path, options.passphrase_file.as_deref(), context).map(Some)
}

/// Who acts: the person of the key, if there is one, else the person of the settings.
pub(crate) fn occasion(
    store: &Store,
    signer: Option<&dyn Signer>,
    reason: Option<&str>,
) -> Result<Occasion, Complaint> {
    let Some(signer) = signer else { return Ok(store.occasion(reason)) };
    let key = signer.public_key();
    let approver = store.state().approvers().find(|approver| approver.key == key.spki_der());
    match approver {
        // The entry of a request names the key by its signature; other entries carry none.
        Some(approver) => Ok(store.occasion_of(Actor::unsigned(approver.person.clone()), reason)),
        None => Err(Complaint::new(Code::ApprovalNotAuthorized, "this is the key of no approver")
            .place("--approver-key")
            .found(key.key_id().to_string())
            .expected("the key of an enrolled approver")
            .remedy("stella approvers list")),
    }
}

fn dry_run(
    store: &Store,
    deed: &Deed,
    planned: &Planned,
    options: &ChangeOptions,
    context: &Context,
) -> Result<Answer, Complaint> {
    let preview = preview::of_changes(store.state(), &deed.changes, planned, &options.attestation, context)?;
    let others = planned.steps.iter().any(|step| step.authority != Authority::OnePerson);
    if context.format.is_json() {
        let objects = deed.changes.iter().filter_map(Change::object);
        let document = Value::object([
            ("schema", Value::text("stella.change/1")),
            ("action", Value::text(actions(&deed.changes))),
            ("dry_run", Value::Bool(true)),
            ("objects", Value::list(objects.map(|object| object_json(&planned.state, &object, context.now)))),
            ("first", Value::Null),
            ("last", Value::Null),
            ("head", Value::Null),
            ("checkpoint", Value::Null),
            ("mode", Value::text(store.state().mode().name())),
            ("needs_approval", Value::Bool(others)),
            ("approved_by", Value::list([])),
            ("warnings", Value::texts(deed.warnings.clone())),
            ("undo", Value::list([])),
            ("preview", preview.json),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = Page::new(context);
    for (change, step) in deed.changes.iter().zip(&planned.steps) {
        page.field("dry run", format!("{} would be {}", named(change), verb(change)));
        if context.detail != Detail::Quiet {
            summarise(&mut page, &planned.state, change, context.now);
            page.maybe("label before", label_before(store.state(), change));
        }
        page.field(
            "needs",
            match step.authority {
                Authority::OnePerson => "one person".to_string(),
                _ => format!("the agreement of {} persons", store.state().store().map_or(0, |store| store.quorum)),
            },
        );
    }
    for warning in &deed.warnings {
        page.field("warning", warning);
    }
    page.block(&preview.text);
    page.line("nothing was changed");
    Ok(Answer::done(page.finish()))
}

/// What has been done.
struct Done {
    before: TrustState,
    person: String,
    made: Vec<Change>,
    emergencies: Vec<Emergency>,
    requests: Vec<Requested>,
    first: Option<u64>,
    last: Option<Committed>,
}

struct Emergency {
    id: Id,
    change: Change,
    until: UnixTime,
}

struct Requested {
    id: Id,
    change: Change,
}

impl Done {
    const fn new(before: TrustState, person: String) -> Self {
        Self {
            before,
            person,
            made: Vec::new(),
            emergencies: Vec::new(),
            requests: Vec::new(),
            first: None,
            last: None,
        }
    }

    fn took(&mut self, committed: &Committed) {
        self.first.get_or_insert(committed.first);
        self.last = Some(committed.clone());
    }

    fn answer(self, store: &Store, warnings: &[String], context: &Context) -> Answer {
        let text = if context.format.is_json() {
            self.document(store, warnings, context).line()
        } else {
            self.page(store, warnings, context)
        };
        let last = self.last.as_ref().map(Committed::sequence);
        let Some(first) = self.requests.first() else { return Answer::done(text).made(last) };
        let ids: Vec<&str> = self.requests.iter().map(|request| request.id.as_str()).collect();
        let missing = Missing::of(store, &first.id);
        let complaint = Complaint::new(
            Code::ApprovalRequired,
            format!("others have to agree to {}", actions(self.requests.iter().map(|request| &request.change))),
        )
        .place(format!("request {}", ids.join(", ")))
        .found(format!("the agreement of {}", persons_text(missing.have)))
        .expected(format!("that of {}", persons_text(missing.need)))
        .remedy(missing.remedy(&first.id, &first.change));
        Answer { text, diagnostics: complaint.line(), status: complaint.code().exit_status(), ..Answer::default() }
            .made(last)
    }

    fn page(&self, store: &Store, warnings: &[String], context: &Context) -> String {
        let mut page = Page::new(context);
        let usual = context.detail != Detail::Quiet;
        for change in &self.made {
            page.field(verb(change), named(change));
            if usual {
                summarise(&mut page, store.state(), change, context.now);
                page.maybe("label before", label_before(&self.before, change));
            }
        }
        for Emergency { id, change, until } in &self.emergencies {
            page.field("emergency", format!("{} {} until {until}", named(change), verb(change)));
            page.field("emergency id", id);
        }
        for Requested { id, change } in &self.requests {
            let missing = Missing::of(store, id);
            page.field("requested", format!("{} ({})", change.action(), named(change)));
            page.field("request", id);
            if let Some(open) = store.state().request(id) {
                page.field("digest", format!("sha256:{}", hex::encode(open.digest())));
                page.field("expires", open.expires());
            }
            page.field("missing", missing.text());
            page.field("approve", missing.remedy(id, change));
        }
        for warning in warnings {
            page.field("warning", warning);
        }
        if let (Some(first), Some(last)) = (self.first, &self.last) {
            match last.sequence() {
                last if last == first => page.field("entry", first),
                last => page.field("entry", format!("{first} to {last}")),
            }
            page.field("checkpoint", checkpoint_text(last));
        }
        if !self.made.is_empty() {
            page.field("approved by", self.approved_by());
        }
        if !self.emergencies.is_empty() {
            page.field("approved by", format!("nobody: {} alone, for some hours", self.person));
        }
        for undo in self.undo() {
            page.field("undo", command_line(&undo));
        }
        for why in self.made.iter().filter_map(|change| undo::why_not(change, &self.before)) {
            page.field("undo", why);
        }
        page.finish()
    }

    fn approved_by(&self) -> String {
        match self.before.mode() {
            Mode::Solo => "nobody (solo store)".to_string(),
            Mode::Quorum => format!("{} alone (one person may do this)", self.person),
        }
    }

    fn undo(&self) -> Vec<Vec<String>> {
        // The last change first: what came later may rest on what came before.
        let mut commands: Vec<_> = self.made.iter().rev().filter_map(|change| undo::of(change, &self.before)).collect();
        commands.extend(self.emergencies.iter().map(|emergency| end_emergency(&emergency.id)));
        commands
    }

    fn document(&self, store: &Store, warnings: &[String], context: &Context) -> Value {
        let changes = self.made.iter().chain(self.emergencies.iter().map(|emergency| &emergency.change));
        let changes: Vec<&Change> = changes.collect();
        let objects = changes.iter().filter_map(|change| change.object());
        let sequence = |number: u64| Value::Number(i64::try_from(number).unwrap_or(i64::MAX));
        let mut members = vec![
            (
                "schema",
                Value::text(if self.requests.is_empty() { "stella.change/1" } else { "stella.change-request/1" }),
            ),
            (
                "action",
                Value::text(actions(changes.iter().copied().chain(self.requests.iter().map(|one| &one.change)))),
            ),
            ("objects", Value::list(objects.map(|object| object_json(store.state(), &object, context.now)))),
            ("first", self.first.map_or(Value::Null, sequence)),
            ("last", self.last.as_ref().map_or(Value::Null, |last| sequence(last.sequence()))),
            ("head", self.last.as_ref().map_or(Value::Null, head_json)),
            ("checkpoint", Value::maybe(self.last.as_ref().map(|last| last.checkpoint.as_str()))),
            ("mode", Value::text(self.before.mode().name())),
            ("approved_by", Value::list([])),
            ("warnings", Value::texts(warnings.to_vec())),
            ("undo", Value::list(self.undo().into_iter().map(Value::texts))),
        ];
        if !self.emergencies.is_empty() {
            let emergencies = self.emergencies.iter().map(|emergency| {
                Value::object([
                    ("id", Value::text(emergency.id.to_string())),
                    ("action", Value::text(emergency.change.action())),
                    ("until", Value::text(emergency.until.to_string())),
                ])
            });
            members.push(("emergencies", Value::list(emergencies)));
        }
        if let Some(first) = self.requests.first() {
            members.push(("code", Value::text(Code::ApprovalRequired.as_str())));
            members.extend(request_members(store, first));
            let all = self.requests.iter().map(|request| Value::Object(request_summary(store, request)));
            members.push(("requests", Value::list(all)));
        }
        Value::Object(members)
    }
}

/// What there is to say about every request.
fn request_summary(store: &Store, request: &Requested) -> Vec<(&'static str, Value)> {
    let missing = Missing::of(store, &request.id);
    let open = store.state().request(&request.id);
    vec![
        ("request", Value::text(request.id.to_string())),
        ("request_action", Value::text(request.change.action())),
        ("digest", Value::maybe(open.map(|open| format!("sha256:{}", hex::encode(open.digest()))))),
        (
            "missing",
            Value::object([
                ("have", Value::count(missing.have)),
                ("need", Value::count(missing.need)),
                ("who", Value::texts(missing.who)),
            ]),
        ),
        ("expires", Value::maybe(open.map(|open| open.expires().to_string()))),
    ]
}

/// The same, with the bytes to be signed: in an envelope if somebody has signed them.
fn request_members(store: &Store, request: &Requested) -> Vec<(&'static str, Value)> {
    let payload = store.state().request(&request.id).and_then(|open| open.payload());
    let signatures: Vec<RequestSignature> = requester_signature(store.ledger(), &request.id).into_iter().collect();
    let signed = payload.filter(|_| !signatures.is_empty());
    let envelope = signed.and_then(|payload| request_envelope(payload, &signatures).ok());
    let mut members = request_summary(store, request);
    members.push(("payload", Value::maybe(payload.filter(|_| envelope.is_none()).map(base64::encode))));
    members.push(("envelope", envelope.map_or(Value::Null, |envelope| Value::Raw(envelope.to_json()))));
    members
}

/// The signature that a request was logged with.
fn requester_signature(ledger: &stella_trust_store::ledger::Ledger<Log>, id: &Id) -> Option<RequestSignature> {
    use stella_trust_store::ledger::Action;

    let latest = ledger.head().size.checked_sub(1)?;
    let mut found = None;
    // It is among the latest entries: this command has just logged it.
    ledger
        .entries(latest.saturating_sub(64), |entry| {
            if entry.request.as_ref() == Some(id)
                && let Action::Requested { signature, .. } = &entry.action
            {
                found.clone_from(signature);
            }
            Ok(stella_trust_store::ledger::More::Next)
        })
        .ok()?;
    found
}

/// Who has agreed to a request, and who could.
pub(crate) struct Missing {
    pub(crate) have: usize,
    pub(crate) need: usize,
    /// The persons who have not signed yet and may.
    pub(crate) who: Vec<String>,
    /// Who asked, and so cannot agree as somebody else.
    requester: String,
}

impl Missing {
    pub(crate) fn of(store: &Store, id: &Id) -> Self {
        let state = store.state();
        let need = state.store().map_or(2, |store| usize::from(store.quorum));
        let Some(open) = state.request(id) else {
            return Self { have: 0, need, who: Vec::new(), requester: String::new() };
        };
        let signed = |person: &str| open.votes().iter().any(|vote| vote.person.as_str() == person);
        let mut who: Vec<String> = state
            .approvers()
            .map(|approver| approver.person.to_string())
            .filter(|person| !signed(person) && person != open.requester().as_str())
            .collect();
        who.sort();
        who.dedup();
        let (have, need) = match state.request_status(id, open.expires().checked_add(-1).unwrap_or(open.expires())) {
            Some(RequestStatus::PartiallyApproved { have, need }) => (have, need),
            Some(RequestStatus::Pending { need }) => (open.votes().len(), need),
            _ => (open.votes().len(), need),
        };
        Self { have, need, who, requester: open.requester().to_string() }
    }

    /// What brings a request on.
    fn remedy(&self, id: &Id, change: &Change) -> String {
        let approve = match change {
            // The store opens for nothing else until this is made.
            Change::RollbackAccepted(_) => {
                "stella store restore --accept-rollback --reason TEXT --approver-key FILE".to_string()
            }
            _ => format!("stella approvals approve {id} --key FILE"),
        };
        let lacking = self.need.saturating_sub(self.have);
        if self.who.len() >= lacking {
            return approve;
        }
        let more = persons_text(lacking - self.who.len());
        format!("enrol {more} besides {}: stella approvers add PERSON --key FILE; then: {approve}", self.requester)
    }

    pub(crate) fn text(&self) -> String {
        let count = persons_text(self.need.saturating_sub(self.have));
        if self.who.is_empty() {
            format!("{count}; no approver is enrolled who could agree: stella approvers add")
        } else {
            format!("{count} of {}", self.who.join(", "))
        }
    }
}

fn end_emergency(id: &Id) -> Vec<String> {
    ["stella", "store", "end-emergency", id.as_str(), "--reason", "TEXT"].map(ToString::to_string).to_vec()
}

/// `anchor release-root`, or `the store` for a quorum.
pub(crate) fn named(change: &Change) -> String {
    match change {
        Change::QuorumChanged(quorum) => format!("quorum of {quorum} persons"),
        change => change.object().map_or_else(|| "the store".to_string(), |object| object.to_string()),
    }
}

pub(crate) const fn verb(change: &Change) -> &'static str {
    match change {
        Change::Added(_) => "added",
        Change::IssuerDistrusted(_) => "distrusted",
        Change::IssuerTrusted(_) => "trusted",
        Change::Reinstated(_) => "reinstated",
        Change::Removed(_) => "removed",
        Change::Revoked { .. } => "revoked",
        Change::RollbackAccepted(_) => "restored",
        _ => "changed",
    }
}

fn actions<'a>(changes: impl IntoIterator<Item = &'a Change>) -> String {
    let mut actions: Vec<String> = changes.into_iter().map(Change::action).collect();
    actions.dedup();
    actions.join(", ")
}

/// Lines about the object of a change, as it is in `state`.
pub(crate) fn summarise(page: &mut Page, state: &TrustState, change: &Change, at: UnixTime) {
    let Some(object) = change.object() else { return };
    if let Some(found) = TrustObject::find(state, &object, at) {
        found.summarise(page);
    } else if let Some((Record::Approver(approver), _)) = state.record(&object) {
        page.field("person", &approver.person);
        page.field("key id", stella_attest_verify::Digest::sha256(&approver.key));
    }
    if let Change::Revoked { revocation, .. } = change {
        page.field("revoked at", revocation.revoked_at);
        page.field("cause", revocation.cause.name());
        page.maybe("compromised since", revocation.invalid_since);
    }
}

/// What people called an object before a change that gives it another label. One person may do that, and call one thing like another.
pub(crate) fn label_before(before: &TrustState, change: &Change) -> Option<String> {
    let Change::Changed(record) = change else { return None };
    let (known, _) = before.record(&record.object())?;
    let (old, new) = (label(known), label(record));
    (old != new).then(|| old.unwrap_or("none").to_string())
}

fn label(record: &Record) -> Option<&str> {
    match record {
        Record::Anchor(anchor) => anchor.terms.label.as_deref(),
        Record::Intermediate(intermediate) => intermediate.label.as_deref(),
        Record::Issuer(issuer) => Some(&issuer.name),
        Record::Key(key) => key.terms.label.as_deref(),
        Record::TrustedRoot(root) => root.label.as_deref(),
        _ => None,
    }
}

/// An object as it appears in documents about changes.
pub(crate) fn object_json(state: &TrustState, object: &ObjectRef, at: UnixTime) -> Value {
    if let Some(found) = TrustObject::find(state, object, at) {
        return found.json();
    }
    let standing = state.record(object).map(|(_, standing)| Standing::name(standing));
    Value::object([
        ("kind", Value::text(object.kind.name())),
        ("id", Value::text(object.id.to_string())),
        ("standing", Value::maybe(standing)),
        ("record", state.object(object).map_or(Value::Null, |object| Value::Raw(Object::to_canonical_json(object)))),
    ])
}

/// `{size, root}`
pub(crate) fn head_json(committed: &Committed) -> Value {
    Value::object([
        ("size", Value::Number(i64::try_from(committed.head.size).unwrap_or(i64::MAX))),
        ("root", Value::text(hex::encode(&committed.head.root))),
    ])
}

/// `ORIGIN SIZE ROOT`
pub(crate) fn checkpoint_text(committed: &Committed) -> String {
    let origin = committed.checkpoint.lines().next().unwrap_or_default();
    format!("{origin} {} {}", committed.head.size, hex::encode(&committed.head.root))
}
