//! Whether the store has it already: the same type about the same subjects, by the same key.

use stella_attest_model::NewSubject;
use stella_attest_store::{Documents, Filter};
use stella_vocabulary::Code;

use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::selector;
use crate::signatory::Signatory;

/// How many are looked up at once.
const PAGE: usize = 500;

/// Refuses a second attestation of one type about the same subjects by the same key. What a signature says of its key is not relied on: the
/// signatures are verified.
///
/// # Errors
/// `usage.conflict` with the one that is kept, and those of the store.
pub(super) fn refuse(
    store: &mut Attestations,
    subjects: &[NewSubject],
    predicate_type: &str,
    signatory: &Signatory,
    context: &Context,
) -> Result<(), Complaint> {
    let digests: Vec<_> = subjects.iter().flat_map(|subject| &subject.digests).collect();
    let Some(first) = digests.first() else { return Ok(()) };
    let filter = Filter {
        subject: Some(**first),
        predicate_type: Some(predicate_type.to_string()),
        documents: Documents::First,
        ..Filter::default()
    };
    let mut after = 0;
    loop {
        let arrivals = store.store().find(&filter, after, PAGE)?;
        let Some(last) = arrivals.last() else { return Ok(()) };
        after = last.sequence;
        for arrival in &arrivals {
            let attestation = match selector::read(store, arrival) {
                Ok(attestation) => attestation,
                // What is damaged is in nobody's way.
                Err(complaint) if complaint.code() == Code::StoreCorrupt => {
                    let id = arrival.attestation;
                    context.warn(&complaint.remedy(format!("stella attest integrity-check {id}")));
                    continue;
                }
                Err(complaint) => return Err(complaint),
            };
            let facts = stella_attest_store::Facts::of(&attestation, &Default::default());
            if digests.iter().all(|digest| facts.subjects.contains(digest)) && signatory.has_signed(&attestation) {
                let id = arrival.attestation;
                return Err(Complaint::new(
                    Code::UsageConflict,
                    "the store has an attestation of this type about the same subjects by the same key",
                )
                .found(format!("{id}, arrived at {}", arrival.at))
                .expected("another type, subject or key")
                .remedy(format!("stella attest show {id}; to sign all the same: --force")));
            }
        }
    }
}
