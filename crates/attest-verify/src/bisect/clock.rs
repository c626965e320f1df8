//! Verdicts that nobody changed: something has ended.

use alloc::collections::BTreeSet;

use stella_chain_verify::Certificate;
use stella_trust_store::LogStore;
use stella_trust_store::ledger::{Ledger, LedgerError, Object, Record, Terms};
use stella_vocabulary::UnixTime;

use super::find::Question;
use crate::verifier::Verifier;

/// So many ends of windows and certificates are tried, the latest first. Each costs a verification.
const ENDS: usize = 64;

/// The instant, not after the one that is judged, until which the present trust gives the verdict `verified`: the end of a window or certificate of the
/// store, or of a certificate of the attestation. `None` if it gives that verdict still, or at none of the latest 64 of these ends did.
///
/// # Errors
/// [`LedgerError::Trust`] if the trust cannot be built.
pub fn verified_until<L: LogStore>(
    ledger: &Ledger<L>,
    question: &Question<'_>,
) -> Result<Option<UnixTime>, LedgerError> {
    let Question { as_of, at, attestation, binding, policy, registry } = *question;
    let state = ledger.state().effective(as_of);
    let mut ends: BTreeSet<UnixTime> = BTreeSet::new();
    let certificate = |der: &[u8], ends: &mut BTreeSet<UnixTime>| {
        // What cannot be read ends nothing.
        ends.extend(Certificate::from_der(der).ok().and_then(|certificate| certificate.not_after().checked_add(1)));
    };
    let window = |terms: &Terms, ends: &mut BTreeSet<UnixTime>| ends.extend(terms.window.until());
    for (_, object) in state.objects() {
        match object {
            Object::Recorded(Record::Anchor(anchor), _) => {
                window(&anchor.terms, &mut ends);
                certificate(&anchor.certificate, &mut ends);
            }
            Object::Recorded(Record::Intermediate(intermediate), _) => {
                certificate(&intermediate.certificate, &mut ends)
            }
            Object::Recorded(Record::Issuer(issuer), _) => window(&issuer.terms, &mut ends),
            Object::Recorded(Record::Key(key), _) => window(&key.terms, &mut ends),
            _ => {}
        }
    }
    attestation.certificates().iter().for_each(|der| certificate(der, &mut ends));
    let trust = ledger.snapshot(as_of)?;
    let verifier = Verifier::new(registry, &trust, policy.clone());
    let verified = |at: UnixTime| verifier.verify(attestation, binding, at).code().is_none();
    if verified(at) {
        return Ok(None);
    }
    let past = ends.into_iter().rev().filter(|end| *end <= at).take(ENDS);
    Ok(past.into_iter().find(|end| end.checked_add(-1).is_some_and(verified)))
}
