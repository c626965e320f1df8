//! Judges attestations that are kept, as they would be judged now.

use stella_attest_store::{Arrival, AttestationStore};
use stella_attest_verify::{Attestation, AttestationId, Binding, Report, Status, UnixTime, Verdict, Verifier};

use crate::trouble::{Facility, Trouble};
use crate::world::World;

/// Judges attestations that are kept, under the trust and the policy of an instant.
pub struct Judge {
    verifier: Verifier,
    at: UnixTime,
}

impl Judge {
    /// As of now.
    ///
    /// # Errors
    /// Trust or policy is not to be had.
    pub fn new(world: &dyn World) -> Result<Self, Trouble> {
        Self::at(world, world.at())
    }

    /// As of an instant, with the trust and the policy that there will be if nobody changes them.
    ///
    /// # Errors
    /// As [`Judge::new`].
    pub fn at(world: &dyn World, at: UnixTime) -> Result<Self, Trouble> {
        let verifier = Verifier::new(&world.registry(), &world.snapshot(at)?, world.policy(at)?);
        Ok(Self { verifier, at })
    }

    /// Judges one attestation.
    #[must_use]
    pub fn verify(&self, attestation: &Attestation) -> Report {
        self.verifier.verify(attestation, binding(attestation), self.at)
    }

    /// Judges the documents of an attestation that is kept, and gives the report that came furthest. `None` if it is not kept, or cannot be read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn kept(
        &self,
        store: &mut dyn AttestationStore,
        id: &AttestationId,
    ) -> Result<Option<(Report, Attestation, Arrival)>, Trouble> {
        let broken = |error: stella_attest_store::StoreError| Trouble::of(Facility::Store, &error);
        let mut best: Option<(Report, Attestation, Arrival)> = None;
        for arrival in store.arrivals(id).map_err(broken)? {
            let document = store.document(&arrival).map_err(broken)?;
            let Ok(attestation) = Attestation::from_json(&document) else { continue };
            let report = self.verify(&attestation);
            let verified = report.verdict() == Verdict::Verified;
            if best.as_ref().is_none_or(|(held, ..)| came(held) < came(&report)) {
                best = Some((report, attestation, arrival));
            }
            if verified {
                break;
            }
        }
        Ok(best)
    }
}

fn came(report: &Report) -> usize {
    report.checks().iter().filter(|check| check.status() == Status::Pass).count()
}

/// Artifacts are not at hand: a message signature is held against the digest that it claims.
pub(crate) fn binding(attestation: &Attestation) -> Binding {
    let claimed = attestation.message_signature().and_then(|message| message.claimed_digest());
    claimed.map_or(Binding::SubjectsAsListed, Binding::from)
}
