//! `stella approvers add`.

use std::path::Path;

use stella_crypto_providers::{PublicKey, Scheme, SigningKey};
use stella_trust_store::key_file;
use stella_trust_store::ledger::{ApproverRecord, Change, Id, Mode, ObjectKind, ObjectRef, Person, Record, TrustState};
use stella_vocabulary::{Code, hex};

use super::no_spare;
use crate::arguments::AddApproverArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::store::Store;

pub(crate) fn run(said: &AddApproverArguments, context: &Context) -> Result<Answer, Complaint> {
    let person = Person::new(&said.person).map_err(|error| Complaint::from(error).place("PERSON"))?;
    let said_id = match &said.id {
        Some(id) => Some(Id::new(id).map_err(|error| Complaint::from(error).place("--id"))?),
        None => None,
    };
    let given = said.key.as_deref().map(read_key).transpose()?;
    let mut store = Store::require(context)?;
    let record = match (given, said_id) {
        (Some(key), Some(id)) => ApproverRecord { id, key: key.spki_der().to_vec(), person },
        (Some(key), None) => ApproverRecord { id: id_of(&person, &key)?, key: key.spki_der().to_vec(), person },
        (None, id) => removed(store.state(), id, person)?,
    };
    let warnings = warnings(store.state(), &record);
    let deed = Deed::from(Change::Added(Record::Approver(record))).warn(warnings).usually_because("approver enrolled");
    carry_out(&mut store, deed, &said.change, context)
}

fn read_key(path: &Path) -> Result<PublicKey, Complaint> {
    let bytes = Inputs::default().read(path, Kind::Key)?;
    let named = key_file::read_public_key(&bytes).map_err(|error| Complaint::of(&error, &name_of(path)))?;
    // A key that nothing here can sign with would be an approver who never approves.
    if !SigningKey::SCHEMES.contains(&Scheme::for_key(&named.key)) {
        return Err(Complaint::new(Code::KeyAlgorithmMismatch, "nobody can approve with this kind of key")
            .in_file(path)
            .found(named.key.key_type().name())
            .expected("Ed25519, or ECDSA with P-256, P-384 or P-521"));
    }
    Ok(named.key)
}

/// The approver of this id who was removed.
fn removed(state: &TrustState, id: Option<Id>, person: Person) -> Result<ApproverRecord, Complaint> {
    let found = id.as_ref().and_then(|id| state.record(&ObjectRef::new(ObjectKind::Approver, id.clone())));
    match found {
        Some((Record::Approver(approver), _)) if approver.person == person => Ok(approver.clone()),
        _ => Err(Complaint::new(Code::UsageConflict, "the store knows no key of this person under this id")
            .place("--id")
            .found(id.as_ref().map_or("", Id::as_str))
            .expected(format!("--key, or the id of a key of {person} that was removed"))
            .remedy("say --key FILE, or look: stella approvers list")),
    }
}

/// An id that names the person and the key, as `stella init` makes it.
fn id_of(person: &Person, key: &PublicKey) -> Result<Id, Complaint> {
    let plain = |letter: char| if "@+".contains(letter) { '-' } else { letter };
    let name: String = person.as_str().chars().map(plain).take(100).collect();
    let digits: String = hex::encode(key.key_id().as_bytes()).chars().take(8).collect();
    Ok(Id::new(&format!("{name}-{digits}"))?)
}

fn warnings(state: &TrustState, record: &ApproverRecord) -> Vec<String> {
    let mut warnings = Vec::new();
    if state.is_approver(&record.person) {
        warnings.push(format!("{} has another key already, and still counts once", record.person));
    }
    let Some(store) = state.store() else { return warnings };
    let mut persons: Vec<&str> = state.approvers().map(|approver| approver.person.as_str()).collect();
    persons.push(record.person.as_str());
    persons.sort_unstable();
    persons.dedup();
    let (enrolled, quorum) = (persons.len(), usize::from(store.quorum));
    if store.mode == Mode::Solo && enrolled < quorum {
        warnings.push(format!("one person still decides alone: {enrolled} of {quorum} approvers are enrolled"));
    } else if store.mode == Mode::Solo {
        warnings.push(format!("from now on {quorum} persons have to agree to more trust, and there is no way back"));
        if enrolled == quorum {
            warnings.push(no_spare(enrolled));
        }
    }
    warnings
}
