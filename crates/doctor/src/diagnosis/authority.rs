//! Authorities that a path lacks and that the trust log knows.

use stella_attest_verify::{Attestation, Certificate, Code, UnixTime};
use stella_chain_verify::Name;
use stella_trust_store::ledger::{Object, Record, Standing, TrustState};

use super::near_miss::{NearKind, NearMiss};
use crate::cause::Mending;

/// The longest path that is climbed.
const LONGEST: usize = 8;

/// The certificates that an attestation brings, leaf first. Nothing of them is verified.
pub(crate) fn certificates(attestation: &Attestation) -> Vec<Certificate> {
    let mut found: Vec<Certificate> =
        attestation.certificates().iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    if found.is_empty() {
        let signatures = attestation.envelope().into_iter().flat_map(|envelope| envelope.signatures());
        for pem in signatures.filter_map(|signature| signature.unverified_certificate_pem()) {
            found.extend(Certificate::from_pem_all(pem.as_bytes()).unwrap_or_default());
        }
    }
    found
}

/// Looks in the trust log for the authority that a path lacks.
pub(super) fn look(state: &TrustState, attestation: &Attestation, code: Code, at: UnixTime) -> Vec<NearMiss> {
    if code != Code::X509UnknownIssuer {
        return Vec::new();
    }
    let brought = certificates(attestation);
    let known: Vec<Known<'_>> = state.objects().filter_map(|(_, object)| Known::of(object)).collect();
    let Some(top) = top_of(&brought, &known) else { return Vec::new() };
    let missing: &Name = top.issuer();
    let wanted = top.authority_key_identifier();
    known
        .iter()
        .filter(|known| known.certificate.subject().matches(missing))
        .map(|known| known.near_miss(missing, wanted, at))
        .collect()
}

/// An authority that the trust log knows, whatever it thinks of it.
struct Known<'s> {
    kind: &'static str,
    id: &'s str,
    certificate: Certificate,
    standing: Standing,
    until: Option<UnixTime>,
}

impl<'s> Known<'s> {
    fn of(object: &'s Object) -> Option<Self> {
        let Object::Recorded(record, standing) = object else { return None };
        let (kind, id, der, until) = match record {
            Record::Anchor(anchor) => ("anchor", anchor.id.as_str(), &anchor.certificate, anchor.terms.window.until()),
            Record::Intermediate(middle) => ("intermediate", middle.id.as_str(), &middle.certificate, None),
            _ => return None,
        };
        Some(Self { kind, id, certificate: Certificate::from_der(der).ok()?, standing: *standing, until })
    }

    fn near_miss(&self, name: &Name, wanted: Option<&[u8]>, at: UnixTime) -> NearMiss {
        let Self { kind, id, .. } = self;
        let other_key =
            wanted.is_some_and(|wanted| self.certificate.subject_key_identifier().is_some_and(|own| own != wanted));
        let show = Mending::new("look at who did that and why").command(&["stella", "trust-anchors", "show", id]);
        if other_key {
            return NearMiss {
                kind: NearKind::AuthorityRotated,
                what: format!(
                    "{kind} {id} has the name {name} and another key: the authority has a new one, which is not here"
                ),
                mending: None,
            };
        }
        let (what, mending) = match self.standing {
            Standing::Removed => {
                (format!("{kind} {id} is the authority that is missing, and was removed"), Some(self.reinstating(show)))
            }
            Standing::Revoked(_) => (format!("{kind} {id} is the authority that is missing, and was revoked"), None),
            _ if self.until.is_some_and(|until| until <= at) => {
                (format!("{kind} {id} is the authority that is missing, and its window is over"), None)
            }
            _ if self.certificate.not_after() < at => {
                (format!("{kind} {id} has that name, and its certificate has expired"), None)
            }
            _ => (format!("{kind} {id} has that name, and does not fit: compare the keys"), None),
        };
        NearMiss { kind: NearKind::AuthorityKnown, what, mending }
    }

    fn reinstating(&self, show: Mending) -> Mending {
        let reason = format!("attestations need {} {} again", self.kind, self.id);
        let mending = show.command(&["stella", "trust-anchors", "reinstate", self.id, "--reason", &reason]);
        let mending = Mending {
            summary: "the store knows this authority, and it was taken out: look at who did that and why, and take it back only if that was wrong"
                .to_owned(),
            ..mending
        };
        match self.kind {
            "anchor" => mending.accepting(format!("everything that anchor {} certifies, within its scope", self.id)),
            _ => mending,
        }
    }
}

/// The certificate at which the path stops: the last one whose issuer is neither brought nor counted by the store.
fn top_of<'c>(brought: &'c [Certificate], known: &'c [Known<'_>]) -> Option<&'c Certificate> {
    let mut top = brought.first()?;
    for _ in 0..LONGEST {
        let counting = known.iter().filter(|known| known.standing == Standing::Active).map(|known| &known.certificate);
        let fits = |issuer: &&Certificate| {
            let named = issuer.subject().matches(top.issuer()) && !issuer.is_self_issued();
            let keyed = match (top.authority_key_identifier(), issuer.subject_key_identifier()) {
                (Some(wanted), Some(own)) => wanted == own,
                _ => true,
            };
            named && keyed
        };
        match brought.iter().skip(1).chain(counting).find(fits) {
            Some(issuer) => top = issuer,
            None => break,
        }
    }
    Some(top)
}
