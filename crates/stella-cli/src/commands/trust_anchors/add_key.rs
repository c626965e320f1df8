//! `stella trust-anchors add-key`.

use stella_crypto_providers::{KeyType, SignatureEncoding};
use stella_trust_store::key_file;
use stella_trust_store::ledger::{Change, KeyRecord, ObjectKind, Record, Standing, Terms};
use stella_vocabulary::Code;

use super::naming;
use crate::arguments::{AddKeyArguments, Encoding};
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::store::Store;
use crate::terms;

pub(crate) fn run(said: &AddKeyArguments, context: &Context) -> Result<Answer, Complaint> {
    let named = key_file::read_public_key(&Inputs::default().read(&said.key, Kind::Key)?)
        .map_err(|error| Complaint::of(&error, &name_of(&said.key)))?;
    let mut scope = terms::scope(&said.scope)?;
    if let (Some(scheme), true) = (named.scheme, scope.algorithms.is_empty()) {
        // The file says that the key is for nothing else.
        scope.algorithms.push(scheme.name().to_string());
    }
    let window = terms::window(said.from.as_deref(), Some((&said.expires, "--expires")))?;
    let mut store = Store::require(context)?;
    let mut warnings: Vec<String> = terms::window_warning(window, "key", context.now).into_iter().collect();
    warnings.extend(terms::scope_warnings(&scope));
    let issuer = match &said.issuer {
        Some(text) => {
            let issuer = store.resolve(&[ObjectKind::Issuer], text)?;
            match store.state().record(&issuer) {
                Some((_, Standing::Active)) | None => {}
                Some((_, standing)) => warnings.push(format!(
                    "the issuer {0} is {1}, so the key counts for nothing yet: stella issuer trust {0}",
                    issuer.id,
                    standing.name()
                )),
            }
            Some(issuer.id)
        }
        None => None,
    };
    if said.encoding == Encoding::Fixed && matches!(named.key.key_type(), KeyType::Ed25519 | KeyType::Rsa) {
        return Err(Complaint::new(Code::UsageConflict, "signatures of this key have one encoding only")
            .place("--encoding")
            .found("fixed")
            .expected("a key on an elliptic curve: P-256, P-384 or P-521")
            .remedy("leave --encoding out"));
    }
    let key_id = *named.key.key_id().as_bytes();
    let id = match &said.name {
        Some(name) => naming::said(name)?,
        None => naming::free(store.state(), ObjectKind::Key, "", &key_id)?,
    };
    let record = KeyRecord {
        id,
        encoding: encoding(said.encoding),
        hint: said.hint.clone().or(named.hint),
        issuer,
        key: named.key.spki_der().to_vec(),
        terms: Terms { label: said.label.clone(), scope, window },
    };
    let deed = Deed::from(Change::Added(Record::Key(record))).warn(warnings).usually_because("key added");
    carry_out(&mut store, deed, &said.change, context)
}

pub(crate) const fn encoding(said: Encoding) -> SignatureEncoding {
    match said {
        Encoding::Der => SignatureEncoding::Der,
        Encoding::Fixed => SignatureEncoding::Fixed,
    }
}
