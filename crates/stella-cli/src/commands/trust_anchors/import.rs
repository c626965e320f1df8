//! `stella trust-anchors import`: Sigstore trusted roots.

use stella_attest_verify::Digest;
use stella_trust_store::TrustedRoot;
use stella_trust_store::ledger::{Change, Object, ObjectKind, Record, Standing, TrustState, TrustedRootRecord};
use stella_vocabulary::Code;

use super::{import_forms, naming};
use crate::arguments::ImportArguments;
use crate::change::{Deed, carry_out};
use crate::commands::init::embedded_record;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::store::Store;
use crate::trust::EMBEDDED;

pub(crate) fn run(said: &ImportArguments, context: &Context) -> Result<Answer, Complaint> {
    if said.forms.count() > 0 {
        return import_forms::run(said, context);
    }
    let inputs = Inputs::default();
    let count = said.trusted_root.len() + if said.built_in { EMBEDDED.len() } else { 0 };
    if said.name.is_some() && count > 1 {
        return Err(Complaint::new(Code::UsageConflict, "one name cannot be that of several trusted roots")
            .place("--name")
            .found(format!("{count} trusted roots"))
            .expected("one --trusted-root")
            .remedy("import them one by one, or leave --name out"));
    }
    let mut records = Vec::with_capacity(count);
    for path in &said.trusted_root {
        let document = inputs.read(path, Kind::TrustedRoot)?;
        TrustedRoot::from_json(&document).map_err(|error| Complaint::of(&error, &name_of(path)))?;
        records.push(document);
    }
    let mut store = Store::require(context)?;
    let mut changes = Vec::with_capacity(count);
    for document in records {
        let digest: [u8; 32] = Digest::sha256(&document).as_bytes().try_into().unwrap_or([0; 32]);
        let id = match &said.name {
            Some(name) => naming::said(name)?,
            None => naming::free(store.state(), ObjectKind::TrustedRoot, "", &digest)?,
        };
        let record = TrustedRootRecord { id, document, label: said.label.clone() };
        changes.push(Change::Added(Record::TrustedRoot(record)));
    }
    if said.built_in {
        for root in &EMBEDDED {
            let record = embedded_record(root)?;
            // Those that are there already are what was wanted.
            if !is_active(store.state(), &record) {
                changes.push(Change::Added(Record::TrustedRoot(record)));
            }
        }
    }
    if changes.is_empty() {
        return Err(Complaint::new(
            Code::UsageConflict,
            "the trusted roots that are built in are in the store already",
        )
        .expected("something new")
        .remedy("stella trust-anchors list"));
    }
    let warning =
        "signers under a trusted root count only when they are named: --identity and --issuer, or stella issuer add";
    let deed = Deed::from(changes).warn([warning.to_string()]).usually_because("trusted root imported");
    carry_out(&mut store, deed, &said.change, context)
}

fn is_active(state: &TrustState, record: &TrustedRootRecord) -> bool {
    state.objects_of(ObjectKind::TrustedRoot).any(|object| {
        matches!(object, Object::Recorded(Record::TrustedRoot(known), Standing::Active) if known.document == record.document)
    })
}
