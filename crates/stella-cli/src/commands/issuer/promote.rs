//! `stella issuer keys promote`.

use stella_crypto_providers::SignatureEncoding;
use stella_trust_store::ledger::{Change, KeyRecord, Record, Standing, Terms};
use stella_vocabulary::Code;

use super::add::key_name;
use super::resolve;
use super::view::{StagedKey, View};
use crate::arguments::PromoteKeysArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::store::Store;
use crate::terms;

/// The fewest hex digits that name a key.
const PREFIX: usize = 8;

pub(super) fn run(said: &PromoteKeysArguments, context: &Context) -> Result<Answer, Complaint> {
    let window = terms::window(said.from.as_deref(), Some((&said.expires, "--expires")))?;
    let mut store = Store::require(context)?;
    let id = resolve(&store, &said.id)?;
    let nothing = |found: &str| {
        Complaint::new(Code::StoreNotFound, "there is no fetched key to promote")
            .place(format!("issuer {id}"))
            .found(found)
            .expected("keys that were fetched and are not in the store")
            .remedy(format!("stella issuer keys fetch {id}"))
    };
    let view = View::require(store.state(), &id, context.at)?;
    let mut warnings: Vec<String> = terms::window_warning(window, "key", context.now).into_iter().collect();
    if view.standing != Standing::Active {
        warnings.push(format!(
            "the issuer {id} is {}, so its keys count for nothing yet: stella issuer trust {id} --reason TEXT",
            view.status()
        ));
    }
    let mut changes = Vec::new();
    for key in selected(&said.select, view.staged(), &id.to_string())? {
        let digits = key.key_id.trim_start_matches("sha256:");
        let hash = stella_vocabulary::hex::decode(digits).unwrap_or_default();
        changes.push(Change::Added(Record::Key(KeyRecord {
            id: key_name(&id, &hash)?,
            encoding: SignatureEncoding::Der,
            hint: None,
            issuer: Some(id.clone()),
            key: key.spki,
            terms: Terms { window, ..Terms::default() },
        })));
    }
    if changes.is_empty() {
        return Err(nothing(if view.staged_from().is_some() { "only keys that are in the store" } else { "none" }));
    }
    let deed = Deed::from(changes).warn(warnings).usually_because("fetched keys approved");
    carry_out(&mut store, deed, &said.change, context)
}

/// The staged keys that are not in the store yet: all, or those that were named.
fn selected(names: &[String], staged: Vec<StagedKey>, issuer: &str) -> Result<Vec<StagedKey>, Complaint> {
    let fits = |key: &StagedKey, name: &str| {
        let (digits, least) = match name.strip_prefix("sha256:") {
            Some(digits) => (digits, 1),
            None => (name, PREFIX),
        };
        let own = key.key_id.trim_start_matches("sha256:");
        digits.len() >= least && own.starts_with(&digits.to_ascii_lowercase())
    };
    for name in names {
        let count = staged.iter().filter(|key| fits(key, name)).count();
        if count != 1 {
            return Err(Complaint::new(Code::StoreNotFound, "this names no single fetched key")
                .place("--select")
                .found(format!("{name}, which fits {count}"))
                .expected("a key id, sha256: and hex digits, or at least 8 hex digits")
                .remedy(format!("stella issuer keys list {issuer}")));
        }
    }
    let wanted = |key: &StagedKey| names.is_empty() || names.iter().any(|name| fits(key, name));
    Ok(staged.into_iter().filter(|key| key.known.is_none() && wanted(key)).collect())
}
