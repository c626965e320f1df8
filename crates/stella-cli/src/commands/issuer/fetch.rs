//! `stella issuer keys fetch`.

use stella_trust_store::fetch::{
    FetchError, FetchRules, FetchedKey, FetchedKeys, KeyDifference, KeyFetcher, Moment, News,
};
use stella_trust_store::ledger::{Committed, Id, IssuerRecord, Object, ObjectKind, ObjectRef, TrustState};
use stella_vocabulary::{Code, Reason as _, hex};

use super::resolve;
use super::view::View;
use crate::arguments::FetchKeysArguments;
use crate::change::checkpoint_text;
use crate::complaint::Complaint;
use crate::context::{Context, Ticks};
use crate::exit::Answer;
use crate::input::{Inputs, Kind};
use crate::json::Value;
use crate::render::Page;
use crate::store::Store;

pub(super) fn run(said: &FetchKeysArguments, context: &Context) -> Result<Answer, Complaint> {
    let settings = context.settings()?;
    if settings.offline.value {
        return Err(Complaint::new(Code::FetchUrlRefused, "fetching needs the network, which is switched off")
            .place(settings.offline.origin.to_string())
            .found("offline")
            .expected("a network")
            .remedy("leave --offline out; or get the keys on another way: stella trust-anchors add-key --key FILE --expires TIME"));
    }
    let mut store = Store::require(context)?;
    let id = resolve(&store, &said.id)?;
    let view = View::require(store.state(), &id, context.at)?;
    let Some(url) = said.url.as_ref().or_else(|| view.record.urls.first()).cloned() else {
        return Err(Complaint::new(Code::FetchUrlRefused, "nothing says where this issuer publishes its keys")
            .place(format!("issuer {id}"))
            .found("no URL")
            .expected("an issuer with a URL")
            .remedy("add keys by hand: stella trust-anchors add-key --issuer ID --key FILE --expires TIME"));
    };
    let rules = rules(view.record, context)?;
    let issuers: Vec<&str> = view.record.identities.iter().filter_map(|pair| pair.oidc_issuer.as_deref()).collect();
    // Servers are judged by the clock: `--at` is about evidence.
    let ticks = Ticks::new();
    let jitter = u64::from(std::process::id()).wrapping_mul(1 << 20) ^ context.now.seconds().unsigned_abs();
    let moment = Moment { at: context.now, jitter, stopwatch: &ticks };
    let fetched = KeyFetcher::new(rules).fetch(&url, &issuers, &moment).map_err(|error| complaint(&error, &id))?;
    let difference = KeyDifference::between(store.state(), &id, &fetched);
    let worth = is_worth_an_entry(store.state(), &id, &fetched, &difference);
    let committed = if said.dry_run || !worth {
        None
    } else {
        let occasion = store.occasion(Some(said.reason.as_deref().unwrap_or("keys fetched")));
        Some(store.ledger_mut()?.stage(fetched.to_staged(id.clone()), &occasion)?)
    };
    let answer = Fetched { id, fetched, difference, committed, dry_run: said.dry_run };
    Ok(Answer::done(if context.format.is_json() { answer.document().line() } else { answer.page(context) }))
}

/// What may be fetched for this issuer.
fn rules(issuer: &IssuerRecord, context: &Context) -> Result<FetchRules, Complaint> {
    let settings = context.settings()?;
    let mut rules = FetchRules::new();
    for url in &issuer.urls {
        rules = rules.allow_host_of(url).map_err(|error| complaint(&error, &issuer.id))?;
    }
    if let Some(ranges) = &settings.fetch_allow_addresses {
        rules = ranges.value.iter().fold(rules, |rules, range| rules.danger_allow_address(*range));
    }
    if let Some(file) = &settings.fetch_ca_file {
        let pem = Inputs::default().read(&file.value, Kind::Certificate)?;
        rules = rules.trust_authorities(&pem).map_err(|error| {
            Complaint::new(Code::ConfigInvalid, error.to_string())
                .in_file(&file.value)
                .found(error.found().unwrap_or_else(|| "no authority".to_string()))
                .expected("certificates of authorities, PEM")
                .remedy("stella config set fetch_ca_file /path/to/authority.pem")
        })?;
    }
    Ok(rules)
}

fn complaint(error: &FetchError, issuer: &Id) -> Complaint {
    let remedy = match error {
        FetchError::Incomplete { .. } | FetchError::Status { .. } | FetchError::Timeout { .. } => {
            format!("stella issuer keys fetch {issuer}")
        }
        FetchError::Tls { .. } => format!(
            "have the server mended; or, for an authority of your own: stella config set fetch_ca_file FILE; see stella explain {}",
            error.code()
        ),
        FetchError::AddressRefused { .. } => {
            "if the issuer really is internal: stella config set fetch_allow_addresses RANGE".to_string()
        }
        _ => format!("stella issuer show {issuer}"),
    };
    Complaint::reported(error).remedy(remedy)
}

/// Whether what is staged is not what was fetched, and one of the two has a key that waits for approval.
fn is_worth_an_entry(state: &TrustState, id: &Id, fetched: &FetchedKeys, difference: &KeyDifference) -> bool {
    let staged = match state.object(&ObjectRef::new(ObjectKind::Staged, id.clone())) {
        Some(Object::Staged(staged)) => staged.keys.as_slice(),
        _ => &[],
    };
    let same = staged.len() == fetched.keys().len()
        && staged.iter().zip(fetched.keys()).all(|(staged, fetched)| staged == fetched.key().spki_der());
    !same && (!staged.is_empty() || difference.fetched.iter().any(|(_, news)| news.is_unknown()))
}

struct Fetched {
    id: Id,
    fetched: FetchedKeys,
    difference: KeyDifference,
    committed: Option<Committed>,
    dry_run: bool,
}

impl Fetched {
    fn unknown(&self) -> usize {
        self.difference.fetched.iter().filter(|(_, news)| news.is_unknown()).count()
    }

    fn page(&self, context: &Context) -> String {
        let mut page = Page::new(context);
        page.field("fetched", format!("{} from {}", keys_text(self.fetched.keys().len()), self.fetched.url()));
        page.field("document", format!("sha256:{}", hex::encode(self.fetched.digest())));
        page.field("difference", &self.difference);
        for (key, news) in &self.difference.fetched {
            page.field(news.name(), format!("{}{}", key_text(key), news_text(news)));
        }
        for gone in &self.difference.gone {
            page.field("gone", format!("key {gone} is not published any more, and still counts"));
        }
        for left_out in self.fetched.left_out() {
            page.field("left out", format!("{}: {}", left_out.place, left_out.why));
        }
        match &self.committed {
            Some(committed) => {
                page.field(
                    "staged",
                    format!("{}; none of them counts before it is approved", self.fetched.keys().len()),
                );
                page.field("entry", committed.sequence());
                page.field("checkpoint", checkpoint_text(committed));
            }
            None if self.dry_run => page.field("staged", "nothing (dry run)"),
            None if self.unknown() > 0 => page.field("staged", "the same keys already"),
            None => page.field("staged", "nothing: every key is known"),
        }
        if self.unknown() > 0 && !self.dry_run {
            page.field("next", format!("stella issuer keys promote {} --expires TIME --reason TEXT", self.id));
        }
        page.finish()
    }

    fn document(&self) -> Value {
        let keys = self.difference.fetched.iter().map(|(key, news)| {
            Value::object([
                ("key_id", Value::text(key.key().key_id().to_string())),
                ("kid", Value::maybe(key.kid())),
                ("type", Value::text(key.key().key_type().name())),
                ("news", Value::text(news.name())),
                ("known_as", Value::maybe(known_as(news).map(ToString::to_string))),
            ])
        });
        let left_out = self
            .fetched
            .left_out()
            .iter()
            .map(|one| Value::object([("where", Value::text(&one.place)), ("why", Value::text(&one.why))]));
        let committed = self.committed.as_ref();
        Value::object([
            ("schema", Value::text("stella.issuer-keys-fetch/1")),
            ("issuer", Value::text(self.id.to_string())),
            ("url", Value::text(self.fetched.url())),
            ("document", Value::text(format!("sha256:{}", hex::encode(self.fetched.digest())))),
            ("keys", Value::list(keys)),
            ("gone", Value::texts(self.difference.gone.iter().map(ToString::to_string))),
            ("left_out", Value::list(left_out)),
            ("staged", Value::count(if committed.is_some() { self.fetched.keys().len() } else { 0 })),
            ("dry_run", Value::Bool(self.dry_run)),
            (
                "entry",
                committed.map_or(Value::Null, |one| Value::Number(i64::try_from(one.sequence()).unwrap_or(i64::MAX))),
            ),
            ("checkpoint", Value::maybe(committed.map(|one| one.checkpoint.as_str()))),
        ])
    }
}

fn key_text(key: &FetchedKey) -> String {
    let kid = key.kid().map(|kid| format!(" kid `{kid}`")).unwrap_or_default();
    format!("{} {}{kid}", key.key().key_id(), key.key().key_type().name())
}

fn news_text(news: &News) -> String {
    match news {
        News::Changed { before } => format!(", under the kid of key {before}"),
        News::Elsewhere { id } => format!(", key {id} of somebody else"),
        News::Known { id } => format!(", key {id}"),
        News::Withdrawn { id, standing } => format!(", key {id}, which is {} here", standing.name()),
        _ => String::new(),
    }
}

const fn known_as(news: &News) -> Option<&Id> {
    match news {
        News::Changed { before: id } | News::Elsewhere { id } | News::Known { id } | News::Withdrawn { id, .. } => {
            Some(id)
        }
        _ => None,
    }
}

fn keys_text(count: usize) -> String {
    if count == 1 { "1 key".to_string() } else { format!("{count} keys") }
}
