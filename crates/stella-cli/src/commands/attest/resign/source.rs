//! What may be signed again: only what verified at its time. A new signature over anything else would make it look good.

use std::fmt;

use stella_attest_store::Arrival;
use stella_attest_verify::{Attestation, AttestationId, Binding, Code, Registry, Report, UnixTime, Verdict, Verifier};
use stella_vocabulary::Reason as _;

use super::name_of;
use crate::arguments::ResignArguments;
use crate::attestations::Attestations;
use crate::commands::attest::integrity;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::input::Inputs;
use crate::question::Question;
use crate::selector;

/// A document of an attestation.
pub(super) struct Document {
    attestation: Attestation,
    arrival: Option<Arrival>,
    /// Whether the store has the attestation.
    kept: bool,
}

impl Document {
    /// One that was read from a file.
    pub(super) const fn given(attestation: Attestation, kept: bool) -> Self {
        Self { attestation, arrival: None, kept }
    }
}

/// Every document of an attestation that is kept, each as it arrived.
///
/// # Errors
/// `resign.source_unverified` if one is not, or the log of arrivals says something else; those of the store.
pub(super) fn kept(store: &mut Attestations, id: &AttestationId) -> Result<Vec<Document>, Complaint> {
    let damaged = |what: String| {
        Complaint::new(Code::ResignSourceUnverified, "what the store keeps of it was changed")
            .place(id.to_string())
            .found(what)
            .expected("what arrived")
            .remedy(format!("stella attest integrity-check {id}"))
    };
    let arrivals = match store.store().arrivals(id) {
        Ok(arrivals) => arrivals,
        Err(error) if error.code() == Code::StoreCorrupt => return Err(damaged(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    let mut all = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let attestation = match selector::read(store, &arrival) {
            Ok(attestation) => attestation,
            Err(complaint) if complaint.code() == Code::StoreCorrupt => return Err(damaged(complaint.sentence())),
            Err(complaint) => return Err(complaint),
        };
        if let Some(flaw) = integrity::out_of_the_log(store, &arrival)? {
            return Err(damaged(flaw));
        }
        all.push(Document { attestation, arrival: Some(arrival), kept: true });
    }
    Ok(all)
}

/// An attestation that verified at its time.
pub(super) struct Source {
    pub(super) id: AttestationId,
    pub(super) attestation: Attestation,
    pub(super) proof: Proof,
    pub(super) kept: bool,
}

impl Source {
    pub(super) fn payload_type(&self) -> &str {
        self.attestation.envelope().map_or("", |envelope| envelope.payload_type())
    }

    pub(super) fn payload(&self) -> &[u8] {
        self.attestation.envelope().map_or(&[], |envelope| envelope.unverified_payload())
    }
}

/// Why it counts as verified at its time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Proof {
    /// It verified when it arrived here, by the trust of now.
    Arrival(UnixTime),
    /// It verifies now, and nothing says when it was signed.
    Now(UnixTime),
    /// It verifies at a time that somebody trusted put on it.
    Time(UnixTime),
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arrival(at) => {
                write!(f, "it verified at {at}, when it arrived in this store, which alone proves that time")
            }
            Self::Now(at) => write!(f, "it verifies at {at}, which is now"),
            Self::Time(at) => write!(f, "it verifies at {at}, a trusted time"),
        }
    }
}

/// Whom to trust, and what to take for a proof.
pub(super) struct Judge {
    verifier: Verifier,
    trusts_arrivals: bool,
    now: UnixTime,
}

impl Judge {
    pub(super) fn of(said: &ResignArguments, inputs: &Inputs, context: &Context) -> Result<Self, Complaint> {
        let question = Question::of(&said.old_signer(), &said.trust, inputs, context)?;
        Ok(Self {
            verifier: Verifier::new(&Registry::rustcrypto(), &question.trust.snapshot, question.policy),
            trusts_arrivals: said.trust_arrival_time,
            now: context.now,
        })
    }

    /// The attestation, if it verified at its time; `given` is how somebody named it.
    ///
    /// # Errors
    /// `resign.source_unverified` with the reason; `usage.conflict` for a message signature, which has no statement.
    pub(super) fn proven(&self, documents: &[Document], given: &str) -> Result<Source, Complaint> {
        let Some(first) = documents.first() else {
            return Err(Complaint::new(Code::StoreNotFound, "the store has no attestation with this id").found(given));
        };
        let mut best: Option<Report> = None;
        for document in documents {
            let report = self.at(document, self.now);
            if report.verdict() == Verdict::Verified {
                let time = report.trusted_times().iter().map(|time| time.time()).min();
                return source(document, time.map_or(Proof::Now(self.now), Proof::Time));
            }
            if best.as_ref().is_none_or(|best| selector::came(&report) > selector::came(best)) {
                best = Some(report);
            }
        }
        let arrived = documents.iter().find_map(|document| Some((document, self.verified_on_arrival(document)?)));
        match (arrived, best) {
            (Some((document, at)), _) if self.trusts_arrivals => source(document, Proof::Arrival(at)),
            (arrived, Some(report)) => Err(refused(&report, arrived.map(|(_, at)| at), &first.attestation, given)),
            (_, None) => Err(Complaint::new(Code::ResignSourceUnverified, "nothing was judged").found(given)),
        }
    }

    fn at(&self, document: &Document, at: UnixTime) -> Report {
        self.verifier.verify(&document.attestation, Binding::SubjectsAsListed, at)
    }

    /// When it arrived, if it would verify at that instant by what is trusted now. An arrival that is yet to come proves nothing.
    fn verified_on_arrival(&self, document: &Document) -> Option<UnixTime> {
        let at = document.arrival.as_ref()?.at;
        (at <= self.now && self.at(document, at).verdict() == Verdict::Verified).then_some(at)
    }
}

fn source(document: &Document, proof: Proof) -> Result<Source, Complaint> {
    let attestation = document.attestation.clone();
    if attestation.envelope().is_none() {
        return Err(Complaint::new(Code::UsageConflict, "a message signature has no statement to sign again")
            .found(name_of(&attestation))
            .expected("a DSSE envelope")
            .remedy("stella attest create --subject FILE --type TYPE"));
    }
    Ok(Source { id: attestation.id(), attestation, proof, kept: document.kept })
}

fn refused(report: &Report, arrived: Option<UnixTime>, attestation: &Attestation, given: &str) -> Complaint {
    let code = report.code().map_or("internal.panic", Code::as_str);
    let why = report.cause().and_then(|cause| cause.summary()).unwrap_or("it could not be concluded");
    let complaint = Complaint::new(Code::ResignSourceUnverified, "the old attestation does not verify")
        .place(format!("attestation {}", name_of(attestation)))
        .found(format!("{code}: {why}"))
        .expected("verified at its time");
    match arrived {
        Some(at) => complaint.remedy(format!(
            "it would verify at {at}, when it arrived here: if that is proof enough for you, stella attest resign {given} --trust-arrival-time"
        )),
        None => complaint.remedy(format!("stella verify attestation --attestation {given} --explain")),
    }
}
