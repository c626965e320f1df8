//! What will stop verifying, when, and for which single cause.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use stella_attest_store::{Documents, Filter, StoreError};
use stella_attest_verify::{Attestation, AttestationId, Code, Report, UnixTime, Verdict};
use stella_trust_store::ledger::{Object, Record, TrustState};

use crate::cause::{Cause, Confidence, Mending};
use crate::diagnosis::{Judge, certificates, root_cause};
use crate::trouble::{Facility, Trouble};
use crate::world::{SigningKeyStatus, World};

const DAY: i64 = 86_400;
/// How many arrivals are looked up at once.
const PAGE: usize = 1000;
/// Most attestations that are judged.
const MOST: u64 = 100_000;
/// Most instants at which all are judged; the ends of single attestations come on top.
const INSTANTS: usize = 256;
/// How many attestations are named for a loss.
const EXAMPLES: usize = 5;

/// Something that ends, and what stops verifying with it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Loss {
    /// The first instant at which it no longer holds.
    pub at: UnixTime,
    /// Midnight UTC at the beginning of the last whole day on which all still holds.
    pub act_by: UnixTime,
    /// What kind of thing ends: `anchor`, `intermediate`, `leaf`, `key-window`, `tsa`, `algorithm`, `signing-key` or `other`.
    pub kind: &'static str,
    /// Why they are refused from then on.
    pub cause: Cause,
    /// How many attestations stop verifying; none for a signing key.
    pub attestations: u64,
    /// Some of them.
    pub examples: Vec<AttestationId>,
    /// What helps.
    pub mending: Mending,
}

/// What will stop verifying within a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Forecast {
    /// From when on.
    pub from: UnixTime,
    /// Until when.
    pub until: UnixTime,
    /// How many attestations were looked at.
    pub judged: u64,
    /// How many of them verify now.
    pub verified: u64,
    /// How many were left out, being too many.
    pub left_out: u64,
    /// What ends, soonest first.
    pub losses: Vec<Loss>,
}

/// Judges what is kept at the future instants at which something ends, as if nobody did anything.
///
/// # Errors
/// Those of the world.
pub fn forecast(world: &dyn World, seconds: i64) -> Result<Forecast, Trouble> {
    let from = world.at();
    let until = from.checked_add(seconds).unwrap_or(UnixTime::from_seconds(i64::MAX));
    let mut forecast = Forecast { from, until, judged: 0, verified: 0, left_out: 0, losses: Vec::new() };
    let common = common_ends(world, from, until)?;
    let mut judges: BTreeMap<UnixTime, Judge> = BTreeMap::new();
    let mut losses: BTreeMap<(UnixTime, Option<Code>, String), Loss> = BTreeMap::new();
    if let Some(mut store) = world.attestations()? {
        let broken = |error: StoreError| Trouble::of(Facility::Store, &error);
        let now = Judge::at(world, from)?;
        let last = Judge::at(world, until)?;
        let filter = Filter { documents: Documents::First, ..Filter::default() };
        let mut after = 0;
        loop {
            let page = store.find(&filter, after, PAGE).map_err(broken)?;
            let Some(end) = page.last() else { break };
            after = end.sequence;
            for arrival in &page {
                if forecast.judged >= MOST {
                    forecast.left_out = forecast.left_out.saturating_add(1);
                    continue;
                }
                forecast.judged = forecast.judged.saturating_add(1);
                // Which of its documents verifies now is the one that counts.
                let Some((report, attestation, _)) = now.kept(store.as_mut(), &arrival.attestation)? else { continue };
                if report.verdict() != Verdict::Verified {
                    continue;
                }
                forecast.verified = forecast.verified.saturating_add(1);
                if last.verify(&attestation).verdict() == Verdict::Verified {
                    continue;
                }
                let Some((at, refused)) = first_refusal(world, &attestation, &common, from, until, &mut judges)? else {
                    continue;
                };
                add(&mut losses, at, &refused, arrival.attestation);
            }
        }
    }
    forecast.losses = losses.into_values().collect();
    forecast.losses.extend(signing_keys(world, from, until)?);
    forecast.losses.sort_by(|one, other| one.at.cmp(&other.at).then(other.attestations.cmp(&one.attestations)));
    Ok(forecast)
}

/// The instants at which something of the trust, the policy or the profile ends, which all attestations share.
fn common_ends(world: &dyn World, from: UnixTime, until: UnixTime) -> Result<BTreeSet<UnixTime>, Trouble> {
    let mut ends = BTreeSet::new();
    if let Some(state) = world.trust()? {
        of_state(&state, &mut ends);
    }
    let snapshot = world.snapshot(from)?;
    for domain in snapshot.domains() {
        for authority in domain.authorities() {
            let anchors = authority.anchors();
            ends.extend(anchors.iter().filter_map(|anchor| anchor.window().until()));
            let certificates = anchors.iter().map(|anchor| anchor.certificate()).chain(authority.intermediates());
            ends.extend(certificates.filter_map(|certificate| certificate.not_after().checked_add(1)));
        }
        for clock in domain.timestamp_authorities() {
            ends.extend(clock.window().until());
            ends.extend(clock.chain().iter().filter_map(|certificate| certificate.not_after().checked_add(1)));
        }
    }
    ends.extend(snapshot.keys().iter().filter_map(|key| key.window().until()));
    ends.extend(world.profile()?.rules().iter().filter_map(|rule| rule.sunset()));
    ends.retain(|end| *end > from && *end <= until);
    Ok(ends.into_iter().take(INSTANTS).collect())
}

fn of_state(state: &TrustState, ends: &mut BTreeSet<UnixTime>) {
    for (_, object) in state.objects() {
        match object {
            Object::Recorded(Record::Issuer(issuer), _) => ends.extend(issuer.terms.window.until()),
            Object::Emergency(emergency) => {
                ends.insert(emergency.until);
            }
            _ => {}
        }
    }
}

/// The first of the instants at which something ends where an attestation that verifies now is refused. What ends stays ended, so halves find it.
fn first_refusal(
    world: &dyn World,
    attestation: &Attestation,
    common: &BTreeSet<UnixTime>,
    from: UnixTime,
    until: UnixTime,
    judges: &mut BTreeMap<UnixTime, Judge>,
) -> Result<Option<(UnixTime, Report)>, Trouble> {
    let own = certificates(attestation).into_iter().filter_map(|certificate| certificate.not_after().checked_add(1));
    let mut instants: BTreeSet<UnixTime> = own.filter(|end| *end > from && *end <= until).collect();
    instants.extend(common);
    instants.insert(until);
    let instants: Vec<UnixTime> = instants.into_iter().collect();
    let (mut low, mut high) = (0, instants.len());
    let mut found = None;
    while low < high {
        let middle = low.midpoint(high);
        let Some(at) = instants.get(middle).copied() else { break };
        if let Entry::Vacant(vacant) = judges.entry(at) {
            vacant.insert(Judge::at(world, at)?);
        }
        let Some(judge) = judges.get(&at) else { break };
        let report = judge.verify(attestation);
        if report.verdict() == Verdict::Verified {
            low = middle + 1;
        } else {
            found = Some((at, report));
            high = middle;
        }
    }
    Ok(found)
}

fn act_by(end: UnixTime) -> UnixTime {
    UnixTime::from_seconds((end.seconds().div_euclid(DAY) - 1).saturating_mul(DAY))
}

fn add(
    losses: &mut BTreeMap<(UnixTime, Option<Code>, String), Loss>,
    at: UnixTime,
    refused: &Report,
    id: AttestationId,
) {
    let Some(cause) = root_cause(refused) else { return };
    let key = (at, cause.code, cause.subject.clone());
    let loss = losses.entry(key).or_insert_with(|| Loss {
        at,
        act_by: act_by(at),
        kind: kind_of(refused, &cause),
        mending: mending(refused, &cause),
        cause,
        attestations: 0,
        examples: Vec::new(),
    });
    loss.attestations = loss.attestations.saturating_add(1);
    if loss.examples.len() < EXAMPLES {
        loss.examples.push(id);
    }
}

fn kind_of(refused: &Report, cause: &Cause) -> &'static str {
    let said = |word: &str| cause.summary.starts_with(word);
    match refused.code() {
        Some(Code::SigAlgorithmUnsupported | Code::KeyTooWeak) => "algorithm",
        Some(Code::TimeTsaCertExpired | Code::TimeTsaOutsideValidity | Code::TimeTsaUntrusted) => "tsa",
        Some(code) if code.family() == "key" => "key-window",
        _ if said("of the time-stamping") => "tsa",
        _ if said("of the signing certificate") => "leaf",
        _ if said("of the anchor") => "anchor",
        _ if said("of the intermediate") => "intermediate",
        Some(Code::X509UnknownIssuer) => "anchor",
        _ => "other",
    }
}

fn mending(refused: &Report, cause: &Cause) -> Mending {
    match kind_of(refused, cause) {
        "anchor" => Mending::new(
            "add the successor of the anchor before it ends, and have what must go on verifying signed under it",
        )
        .command(&["stella", "trust-anchors", "list"]),
        "intermediate" => Mending::new("add the new certificate of the authority before the old one ends").command(&[
            "stella",
            "trust-anchors",
            "add-intermediate",
            "--cert",
            "FILE",
        ]),
        "leaf" => Mending::new("sign it again before its certificate ends, with evidence of the time").command(&[
            "stella",
            "attest",
            "resign",
            &refused.attestation().to_string(),
        ]),
        "key-window" => Mending::new(
            "have what must go on verifying signed again, with evidence of the time or a key that lasts longer",
        )
        .command(&["stella", "attest", "resign", &refused.attestation().to_string()]),
        "algorithm" => Mending::new("sign it again with an algorithm that lasts longer")
            .command(&["stella", "crypto", "profile", "show"]),
        _ => Mending::new("look up what the code means").command(&[
            "stella",
            "explain",
            refused.code().map_or("internal.panic", Code::as_str),
        ]),
    }
}

/// The active signing key ends, and with it signing.
fn signing_keys(world: &dyn World, from: UnixTime, until: UnixTime) -> Result<Vec<Loss>, Trouble> {
    let keys = world.signing_keys()?;
    let ending = keys.iter().filter(|key| {
        key.status == SigningKeyStatus::Active && key.is_chosen && key.until > from && key.until <= until
    });
    Ok(ending
        .map(|key| Loss {
            at: key.until,
            act_by: act_by(key.until),
            kind: "signing-key",
            cause: Cause {
                code: Some(Code::KeyExpired),
                subject: format!("signing key {}", key.name),
                summary: format!("the window of the signing key {} ends, and it signs nothing any more", key.name),
                confidence: Confidence::Certain,
            },
            attestations: 0,
            examples: Vec::new(),
            mending: Mending::new("make the next key before, and let others trust it").command(&[
                "stella",
                "keys",
                "generate",
                "--algorithm",
                "ecdsa-p256",
                "--validity",
                "365d",
                "--name",
                "NAME",
                "--activate",
            ]),
        })
        .collect())
}
