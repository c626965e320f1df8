//! `stella keys show`: a signing key of the home, or else a key of the trust store.

use stella_attest_verify::{Certificate, Digest, PublicKey};
use stella_crypto_providers::Scheme;
use stella_trust_store::ledger::{ObjectKind, ObjectRef, Record, Standing, TrustState};

use super::view;
use crate::arguments::ShowKeyArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::key_ring::KeyRing;
use crate::render::Page;
use crate::store::{Store, resolve};
use crate::trust_object::TrustObject;

/// What has a public key.
const KINDS: [ObjectKind; 4] = [ObjectKind::Key, ObjectKind::Anchor, ObjectKind::Intermediate, ObjectKind::Approver];

pub(crate) fn run(said: &ShowKeyArguments, context: &Context) -> Result<Answer, Complaint> {
    let unknown = match own(said, context)? {
        Ok(shown) => return Ok(shown),
        Err(unknown) => unknown,
    };
    let store = match (Store::find(context)?, unknown) {
        (Some(store), _) => store,
        // The home alone could have it.
        (None, Some(unknown)) => return Err(unknown),
        (None, None) => Store::require(context)?,
    };
    let state = store.effective_at(context)?;
    let object = resolve(&state, &KINDS, &said.id).map_err(|complaint| {
        complaint.remedy("stella keys list; or for keys that are trusted: stella trust-anchors list")
    })?;
    let key = key_of(&state, &object)?;
    if context.format.is_json() {
        return Ok(Answer::done(document(&state, &object, &key, context).line()));
    }
    if said.public && !said.details {
        return Ok(Answer::done(key.to_pem()));
    }
    let mut page = Page::new(context);
    page.field("key id", key.key_id());
    page.field("algorithm", Scheme::for_key(&key).name());
    page.field("bits", key.bits());
    page.field("object", &object);
    if said.details {
        if let Some(shown) = TrustObject::find(&state, &object, context.at) {
            page.field("status", shown.status().text());
            shown.terms(&mut page);
        } else if let Some((Record::Approver(approver), standing)) = state.record(&object) {
            page.field("person", &approver.person);
            page.field("status", standing.name());
        }
    }
    if said.public {
        page.block(&key.to_pem());
    }
    Ok(Answer::done(page.finish()))
}

/// The public key of something in the trust store.
///
/// # Errors
/// `store.not_found` if there is no store, or nothing of this name in it.
pub(crate) fn public_key(id: &str, context: &Context) -> Result<PublicKey, Complaint> {
    let state = Store::require(context)?.effective_at(context)?;
    let object = resolve(&state, &KINDS, id)?;
    key_of(&state, &object)
}

/// The signing key of the home with this name; or why there is none, if there is a home.
fn own(said: &ShowKeyArguments, context: &Context) -> Result<Result<Answer, Option<Complaint>>, Complaint> {
    if context.settings()?.home.is_none() {
        return Ok(Err(None));
    }
    let ring = KeyRing::open(context)?;
    // What the home does not have the store may.
    let key = match ring.find(&said.id) {
        Ok(key) => key,
        Err(unknown) => return Ok(Err(Some(unknown))),
    };
    if context.format.is_json() {
        return Ok(Ok(Answer::done(view::documents(std::iter::once(key), &ring, context.now).line())));
    }
    if said.public && !said.details {
        return Ok(Ok(Answer::done(key.key.to_pem())));
    }
    let mut page = Page::new(context);
    view::fields(&mut page, key, &ring, context.now);
    if said.public {
        page.block(&key.key.to_pem());
    }
    Ok(Ok(Answer::done(page.finish())))
}

/// The key of an object.
fn key_of(state: &TrustState, object: &ObjectRef) -> Result<PublicKey, Complaint> {
    let place = object.to_string();
    let of_certificate = |der: &[u8]| {
        let certificate = Certificate::from_der(der).map_err(|error| Complaint::of(&error, &place))?;
        certificate.public_key().map_err(|error| Complaint::of(&error, &place))
    };
    match state.record(object) {
        Some((Record::Anchor(anchor), _)) => of_certificate(&anchor.certificate),
        Some((Record::Intermediate(intermediate), _)) => of_certificate(&intermediate.certificate),
        Some((Record::Key(key), _)) => from_spki(&key.key, &place),
        Some((Record::Approver(approver), _)) => from_spki(&approver.key, &place),
        _ => Err(Complaint::new(stella_vocabulary::Code::StoreNotFound, "this has no key").found(place)),
    }
}

fn from_spki(der: &[u8], place: &str) -> Result<PublicKey, Complaint> {
    PublicKey::from_spki_der(der).map_err(|error| Complaint::of(&error, place))
}

fn document(state: &TrustState, object: &ObjectRef, key: &PublicKey, context: &Context) -> Value {
    let shown = TrustObject::find(state, object, context.at);
    let standing = state.record(object).map(|(_, standing)| Standing::name(standing));
    Value::object([
        ("schema", Value::text("stella.key/1")),
        ("kind", Value::text(object.kind.name())),
        ("id", Value::text(object.id.to_string())),
        ("key_id", Value::text(key.key_id().to_string())),
        ("algorithm", Value::text(Scheme::for_key(key).name())),
        ("bits", Value::Number(i64::try_from(key.bits()).unwrap_or(i64::MAX))),
        ("standing", Value::maybe(standing)),
        ("pem", Value::text(key.to_pem())),
        ("spki_sha256", Value::text(Digest::sha256(key.spki_der()).to_string())),
        ("details", shown.map_or(Value::Null, |shown| shown.json())),
    ])
}
