//! `stella trust-anchors add-intermediate`.

use stella_trust_store::ledger::{Change, IntermediateRecord, ObjectKind, Record};
use stella_vocabulary::Code;

use super::add::validity_warning;
use super::naming;
use crate::arguments::AddIntermediateArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, name_of};
use crate::store::Store;
use crate::trust;

pub(crate) fn run(said: &AddIntermediateArguments, context: &Context) -> Result<Answer, Complaint> {
    let certificates = trust::certificates(&said.cert, &Inputs::default())?;
    if said.name.is_some() && certificates.len() > 1 {
        return Err(Complaint::new(Code::UsageConflict, "one name cannot be that of several certificates")
            .place(name_of(&said.cert))
            .found(format!("{} certificates", certificates.len()))
            .expected("one certificate")
            .remedy("leave --name out, or put each certificate into a file of its own"));
    }
    let mut store = Store::require(context)?;
    let mut changes = Vec::with_capacity(certificates.len());
    let mut warnings = Vec::new();
    for certificate in &certificates {
        let id = match &said.name {
            Some(name) => naming::said(name)?,
            None => naming::of_certificate(
                store.state(),
                ObjectKind::Intermediate,
                certificate,
                &certificate.fingerprint(),
            )?,
        };
        warnings.extend(validity_warning(certificate, context.now));
        let record = IntermediateRecord { id, certificate: certificate.der().to_vec(), label: said.label.clone() };
        changes.push(Change::Added(Record::Intermediate(record)));
    }
    let deed = Deed::from(changes).warn(warnings).usually_because("intermediate added");
    carry_out(&mut store, deed, &said.change, context)
}
