//! `stella issuer add`.

use stella_crypto_providers::SignatureEncoding;
use stella_trust_store::fetch::FetchRules;
use stella_trust_store::key_file;
use stella_trust_store::ledger::{
    CertificateIdentity, Change, Id, IssuerRecord, KeyRecord, Mode, ObjectKind, ObjectRef, Record, Terms, Tier,
};
use stella_vocabulary::{Code, hex};

use crate::arguments::{AddIssuerArguments, ScopeOptions, TierName};
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::store::Store;
use crate::terms;

pub(super) fn run(said: &AddIssuerArguments, context: &Context) -> Result<Answer, Complaint> {
    let id = Id::new(&said.id).map_err(|error| Complaint::from(error).place("ID"))?;
    for url in &said.url {
        FetchRules::new().allow_host_of(url).map_err(|error| {
            Complaint::of(&error, "--url").remedy("give the https URL at which the issuer publishes its keys")
        })?;
    }
    let scope = terms::scope(&ScopeOptions {
        predicate_type: said.predicate_type.clone(),
        purl: said.purl.clone(),
        ..ScopeOptions::default()
    })?;
    let window = terms::window(said.from.as_deref(), said.until.as_deref().map(|until| (until, "--until")))?;
    let mut unfit = terms::scope_warnings(&scope);
    for (option, patterns) in [("--identity", &said.identity), ("--oidc-issuer", &said.oidc_issuer)] {
        unfit.extend(patterns.iter().filter_map(|pattern| terms::pattern_warning(option, pattern)));
    }
    let issuer = IssuerRecord {
        id: id.clone(),
        identities: identities(said)?,
        name: said.name.clone().unwrap_or_else(|| said.id.clone()),
        terms: Terms { label: None, scope, window },
        tier: tier(said.tier),
        urls: said.url.clone(),
        weight: said.weight,
    };
    let mut store = Store::require(context)?;
    let mut changes = vec![Change::Added(Record::Issuer(issuer))];
    changes.extend(keys(said, &id)?.into_iter().map(|key| Change::Added(Record::Key(key))));
    let known = store.state().record(&ObjectRef::new(ObjectKind::Issuer, id.clone())).is_some();
    if changes.len() > 1 && !known && store.state().mode() == Mode::Quorum && said.change.emergency.is_none() {
        return Err(Complaint::new(Code::UsageConflict, "keys of an issuer can be asked for once the issuer is known")
            .place("--key")
            .found(format!("{} keys of an issuer that others have to agree to", changes.len() - 1))
            .expected("the issuer alone")
            .remedy(format!(
                "leave --key out; later: stella trust-anchors add-key --issuer {id} --key FILE --expires TIME"
            )));
    }
    let warning = format!("the issuer is pending and counts for nothing: stella issuer trust {id} --reason TEXT");
    let deed = Deed::from(changes).warn([warning]).warn(unfit).usually_because("issuer made known");
    carry_out(&mut store, deed, &said.change, context)
}

/// Identities and who vouches for them, pair by pair.
fn identities(said: &AddIssuerArguments) -> Result<Vec<CertificateIdentity>, Complaint> {
    let issuers = &said.oidc_issuer;
    if issuers.len() > 1 && issuers.len() != said.identity.len() {
        return Err(Complaint::new(Code::UsageConflict, "it is not clear who vouches for which identity")
            .place("--oidc-issuer")
            .found(format!("{} issuers for {} identities", issuers.len(), said.identity.len()))
            .expected("one for all, or one for each in the same order")
            .remedy("repeat --oidc-issuer for each --identity"));
    }
    let issuer = |index: usize| if issuers.len() > 1 { issuers.get(index) } else { issuers.first() };
    let pairs = said.identity.iter().enumerate();
    Ok(pairs
        .map(|(index, identity)| CertificateIdentity {
            identity: identity.clone(),
            oidc_issuer: issuer(index).cloned(),
        })
        .collect())
}

fn keys(said: &AddIssuerArguments, issuer: &Id) -> Result<Vec<KeyRecord>, Complaint> {
    let window = terms::window(None, said.expires.as_deref().map(|expires| (expires, "--expires")))?;
    let mut records = Vec::with_capacity(said.key.len());
    for path in &said.key {
        let named = key_file::read_public_key(&Inputs::default().read(path, Kind::Key)?)
            .map_err(|error| Complaint::of(&error, &name_of(path)))?;
        records.push(KeyRecord {
            id: key_name(issuer, named.key.key_id().as_bytes())?,
            encoding: SignatureEncoding::Der,
            hint: named.hint,
            issuer: Some(issuer.clone()),
            key: named.key.spki_der().to_vec(),
            terms: Terms { window, ..Terms::default() },
        });
    }
    Ok(records)
}

/// `acme-0a1b2c3d`: the issuer, and the beginning of the key id.
pub(super) fn key_name(issuer: &Id, key_id: &[u8]) -> Result<Id, Complaint> {
    let digits: String = hex::encode(key_id).chars().take(8).collect();
    let stem: String = issuer.as_str().chars().take(100).collect();
    Ok(Id::new(&format!("{stem}-{digits}"))?)
}

const fn tier(name: TierName) -> Tier {
    match name {
        TierName::Distro => Tier::Distro,
        TierName::Internal => Tier::Internal,
        TierName::Untrusted => Tier::Untrusted,
        TierName::Vendor => Tier::Vendor,
    }
}
