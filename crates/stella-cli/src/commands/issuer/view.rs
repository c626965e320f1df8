//! An issuer as people see it: what it is, whether it is trusted, and its keys.

use stella_attest_verify::{Digest, PublicKey};
use stella_trust_store::ledger::{
    Action, Change, Entry, Id, IssuerRecord, Ledger, More, Object, ObjectKind, ObjectRef, OpenRequest, Person, Record,
    StagedKeys, Standing, TrustState,
};
use stella_vocabulary::{Code, UnixTime};

use crate::complaint::Complaint;
use crate::json::Value;
use crate::log::Log;
use crate::render::Page;
use crate::trust_object::{Status, TrustObject, limits, scope_json, window_text};

/// An issuer in a state of the store.
pub(super) struct View<'s> {
    pub(super) record: &'s IssuerRecord,
    pub(super) standing: Standing,
    /// Keys of the store that belong to it, by id.
    pub(super) keys: Vec<TrustObject<'s>>,
    staged: Option<&'s StagedKeys>,
    state: &'s TrustState,
}

/// A fetched key beside the store.
pub(super) struct StagedKey {
    pub(super) key_id: String,
    pub(super) key_type: &'static str,
    pub(super) spki: Vec<u8>,
    /// The key of the store that it is, with its standing.
    pub(super) known: Option<(Id, Standing)>,
}

impl<'s> View<'s> {
    /// The issuer `id` at an instant; `None` if there is none.
    fn of(state: &'s TrustState, id: &Id, at: UnixTime) -> Option<Self> {
        let (record, standing) = state.record(&ObjectRef::new(ObjectKind::Issuer, id.clone()))?;
        let Record::Issuer(record) = record else { return None };
        let is_own = |object: &&Object| matches!(object, Object::Recorded(Record::Key(key), _) if key.issuer.as_ref() == Some(id));
        let keys = state.objects_of(ObjectKind::Key).filter(is_own);
        let keys = keys.filter_map(|object| TrustObject::find(state, &object.object(), at)).collect();
        let staged = match state.object(&ObjectRef::new(ObjectKind::Staged, id.clone())) {
            Some(Object::Staged(staged)) if !staged.keys.is_empty() => Some(staged),
            _ => None,
        };
        Some(Self { record, standing, keys, staged, state })
    }

    /// The issuer `id`, which must be there.
    pub(super) fn require(state: &'s TrustState, id: &Id, at: UnixTime) -> Result<Self, Complaint> {
        Self::of(state, id, at).ok_or_else(|| {
            Complaint::new(Code::StoreNotFound, "the store has no issuer of this name")
                .found(id.to_string())
                .remedy("stella issuer list")
        })
    }

    /// All of them, by id.
    pub(super) fn all(state: &'s TrustState, at: UnixTime) -> Vec<Self> {
        let ids = state.objects_of(ObjectKind::Issuer).map(|object| object.object().id);
        ids.filter_map(|id| Self::of(state, &id, at)).collect()
    }

    pub(super) const fn id(&self) -> &'s Id {
        &self.record.id
    }

    /// `trusted`, `pending`, `distrusted`, `removed` …
    pub(super) fn status(&self) -> &'static str {
        match self.standing {
            Standing::Active => "trusted",
            standing => standing.name(),
        }
    }

    /// How many of its keys count.
    pub(super) fn counting(&self) -> usize {
        self.keys.iter().filter(|key| matches!(key.status(), Status::Active | Status::Expiring(_))).count()
    }

    /// Where keys were fetched that wait for approval.
    pub(super) fn staged_from(&self) -> Option<&'s str> {
        self.staged.map(|staged| staged.url.as_str())
    }

    /// Fetched keys, in the order of the document.
    pub(super) fn staged(&self) -> Vec<StagedKey> {
        let keys = self.staged.into_iter().flat_map(|staged| &staged.keys);
        keys.map(|spki| {
            let digest = Digest::sha256(spki);
            let known =
                digest.as_bytes().try_into().ok().and_then(|hash| self.state.with_material(ObjectKind::Key, hash));
            StagedKey {
                key_id: digest.to_string(),
                key_type: PublicKey::from_spki_der(spki).map_or("unknown", |key| key.key_type().name()),
                spki: spki.clone(),
                known: known.map(|(record, standing)| (record.object().id, standing)),
            }
        })
        .collect()
    }

    /// Requests that are open and would make this issuer trusted.
    pub(super) fn waiting(&self) -> Vec<&'s OpenRequest> {
        let asks = |request: &&OpenRequest| {
            let change = request.request().map(|asked| asked.change.as_ref());
            matches!(change, Some(Change::IssuerTrusted(id)) if id == self.id())
        };
        let requests = self.state.objects_of(ObjectKind::Request).filter_map(|object| match object {
            Object::Request(request) => Some(request),
            _ => None,
        });
        requests.filter(asks).collect()
    }

    pub(super) fn describe(&self, page: &mut Page) {
        page.field("issuer", self.id());
        page.field("name", &self.record.name);
        page.field("status", self.status());
        page.field("tier", self.record.tier.name());
        page.field("weight", self.record.weight);
        for pair in &self.record.identities {
            match &pair.oidc_issuer {
                Some(issuer) => page.field("identity", format!("{} by {issuer}", pair.identity)),
                None => page.field("identity", format!("{} by anybody", pair.identity)),
            }
        }
        for url in &self.record.urls {
            page.field("url", url);
        }
        for (name, values) in limits(&self.record.terms.scope) {
            page.field(name, values.join(", "));
        }
        page.field("window", window_text(self.record.terms.window));
        for key in &self.keys {
            page.field("key", format!("{} {} {}", key.object.id, key.fingerprint(), key.status().text()));
        }
        self.describe_staged(page);
    }

    pub(super) fn describe_staged(&self, page: &mut Page) {
        for key in self.staged() {
            let (name, note) = match &key.known {
                None => ("staged", "counts for nothing before it is approved".to_string()),
                Some((id, standing)) => ("staged", format!("is key {id}, {}", standing.name())),
            };
            page.field(name, format!("{} {}; {note}", key.key_id, key.key_type));
        }
        page.maybe("staged from", self.staged_from());
    }

    pub(super) fn members(&self) -> Vec<(&'static str, Value)> {
        let identities = self.record.identities.iter().map(|pair| {
            Value::object([
                ("identity", Value::text(&pair.identity)),
                ("oidc_issuer", Value::maybe(pair.oidc_issuer.as_deref())),
            ])
        });
        let window = self.record.terms.window;
        vec![
            ("kind", Value::text("issuer")),
            ("id", Value::text(self.id().to_string())),
            ("name", Value::text(&self.record.name)),
            ("status", Value::text(self.status())),
            ("tier", Value::text(self.record.tier.name())),
            ("weight", Value::count(usize::from(self.record.weight))),
            ("identities", Value::list(identities)),
            ("urls", Value::texts(self.record.urls.clone())),
            ("scope", scope_json(&self.record.terms.scope)),
            ("from", Value::maybe(window.from().map(|from| from.to_string()))),
            ("until", Value::maybe(window.until().map(|until| until.to_string()))),
            ("keys", Value::list(self.keys.iter().map(TrustObject::json))),
            ("staged", self.staged_json()),
        ]
    }

    pub(super) fn staged_json(&self) -> Value {
        let keys = self.staged().into_iter().map(|key| {
            Value::object([
                ("key_id", Value::text(key.key_id)),
                ("type", Value::text(key.key_type)),
                ("known_as", Value::maybe(key.known.as_ref().map(|(id, _)| id.to_string()))),
                ("standing", Value::maybe(key.known.map(|(_, standing)| standing.name()))),
            ])
        });
        Value::object([("url", Value::maybe(self.staged_from())), ("keys", Value::list(keys))])
    }
}

/// The entries about an issuer, up to a size of the log.
pub(super) fn history(ledger: &Ledger<Log>, id: &Id, size: u64) -> Result<Vec<Entry>, Complaint> {
    let issuer = ObjectRef::new(ObjectKind::Issuer, id.clone());
    let mut history = Vec::new();
    ledger.entries(0, |entry| {
        if entry.sequence >= size {
            return Ok(More::Enough);
        }
        let about = match &entry.action {
            Action::Changed(change) | Action::EmergencyBegan { change, .. } => {
                change.object().as_ref() == Some(&issuer)
            }
            Action::Staged(staged) => staged.issuer == *id,
            Action::Discarded { issuer } => issuer == id,
            _ => false,
        };
        if about {
            history.push(entry.clone());
        }
        Ok(More::Next)
    })?;
    Ok(history)
}

/// The latest entry that trusted or distrusted the issuer.
pub(super) fn decision(history: &[Entry]) -> Option<&Entry> {
    let decides = |entry: &&Entry| matches!(&entry.action, Action::Changed(change) if matches!(**change, Change::IssuerTrusted(_) | Change::IssuerDistrusted(_)));
    history.iter().rfind(decides)
}

/// Who asked for what the entry did, and why.
pub(super) fn asked(ledger: &Ledger<Log>, entry: &Entry) -> Result<Option<(Person, String)>, Complaint> {
    let mut asked = None;
    if entry.request.is_some() {
        ledger.entries(0, |one| {
            if one.request == entry.request && matches!(one.action, Action::Requested { .. }) {
                asked = Some((one.actor.person.clone(), one.reason.clone()));
                return Ok(More::Enough);
            }
            Ok(More::Next)
        })?;
    }
    Ok(asked)
}

pub(super) fn entry_json(entry: &Entry) -> Value {
    Value::object([
        ("sequence", Value::Number(i64::try_from(entry.sequence).unwrap_or(i64::MAX))),
        ("at", Value::text(entry.at.to_string())),
        ("action", Value::text(entry.action_name())),
        ("person", Value::text(entry.actor.person.to_string())),
        ("reason", Value::text(&entry.reason)),
        ("request", Value::maybe(entry.request.as_ref().map(ToString::to_string))),
    ])
}

pub(super) fn entry_text(entry: &Entry) -> String {
    let request = entry.request.as_ref().map(|request| format!(", request {request}")).unwrap_or_default();
    format!("{} {} by {}{request}: {}", entry.at, entry.action_name(), entry.actor.person, entry.reason)
}
