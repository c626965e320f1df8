//! From a refusal to its root cause: what exactly is missing, since when, how many others fail for the same, and the least that mends it.

mod authority;
mod judge;
mod near_miss;
mod root_cause;
mod signature;

pub(crate) use authority::certificates;
pub use judge::Judge;
pub(crate) use judge::binding;
pub use near_miss::{NearKind, NearMiss};
pub use root_cause::root_cause;

use stella_attest_store::AttestationStore;
use stella_attest_verify::{Attestation, Binding, Code, Report, Verdict};

use crate::cause::{Cause, Mending};
use crate::trouble::{Facility, Trouble};
use crate::world::{TurningPoint, World};

/// How many reports are looked at at once, and in whole, for others that fail for the same cause.
const PAGE: usize = 1000;
const MOST: u64 = 200_000;

/// What is wrong with one attestation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnosis {
    /// Its id.
    pub attestation: String,
    /// The line of the verdict.
    pub line: String,
    /// Why it is refused; `None` if it verifies.
    pub cause: Option<Cause>,
    /// What else was found out: what would make it verify, and what it turned out to be.
    pub near_misses: Vec<NearMiss>,
    /// What changed the verdict, if it ever was another.
    pub since: Option<TurningPoint>,
    /// How many other attestations that are kept fail for the same cause, by their latest reports; `None` where nothing is kept.
    pub others: Option<u64>,
    /// What mends it.
    pub mending: Option<Mending>,
}

/// Finds out what is wrong with an attestation that was judged.
///
/// `store` is where others are looked for that fail for the same cause.
///
/// # Errors
/// Those of the world.
pub fn diagnose(
    world: &dyn World,
    report: &Report,
    attestation: &Attestation,
    binding: &Binding,
    store: Option<&mut dyn AttestationStore>,
) -> Result<Diagnosis, Trouble> {
    let mut diagnosis = Diagnosis {
        attestation: report.attestation().to_string(),
        line: report.to_string(),
        cause: root_cause(report),
        near_misses: Vec::new(),
        since: None,
        others: None,
        mending: None,
    };
    let (Some(cause), Some(code)) = (&diagnosis.cause, report.code()) else { return Ok(diagnosis) };
    if let Some(state) = world.trust()? {
        diagnosis.near_misses.extend(authority::look(&state, attestation, code, world.at()));
        diagnosis.near_misses.extend(signature::look_in_store(&state, attestation, code, &world.registry()));
    }
    diagnosis.near_misses.extend(signature::look_at_encoding(world, attestation, code)?);
    diagnosis.near_misses.extend(near_miss::of_provider(&world.registry(), report));
    diagnosis.since = world.turning_point(attestation, binding)?;
    diagnosis.others = match store {
        Some(store) => Some(others(store, report, code)?),
        None => None,
    };
    let subject = cause.subject.clone();
    diagnosis.mending = Some(mending(report, &diagnosis, &subject));
    Ok(diagnosis)
}

/// The least that mends it: what a near miss knows by name, before what takes a file that nobody may have.
fn mending(report: &Report, diagnosis: &Diagnosis, subject: &str) -> Mending {
    let known: Vec<&Mending> = diagnosis.near_misses.iter().filter_map(|near| near.mending.as_ref()).collect();
    if let [only] = known.as_slice() {
        return (*only).clone();
    }
    let Some(remedy) = report.remedy() else {
        return Mending::new(format!("look at {subject}")).command(&["stella", "doctor"]);
    };
    Mending {
        summary: remedy.summary().to_owned(),
        commands: remedy.commands().to_vec(),
        accepts: remedy.accepts().map(str::to_owned),
    }
}

/// What of the dependencies of a refusal belongs to its cause, and not to the one attestation alone.
fn telling(dependencies: &[String], code: Code) -> Vec<&str> {
    let by_key = code.family() == "key" || code.family() == "dsse";
    let tells = |dependency: &&String| {
        ["name/", "issuer/", "anchor/", "intermediate/", "authority/", "log/"]
            .iter()
            .any(|kind| dependency.starts_with(kind))
            || (by_key && dependency.starts_with("key/"))
    };
    dependencies.iter().filter(tells).map(String::as_str).collect()
}

/// How many others fail for the same: with the same code, and depending on the same of the trust.
fn others(store: &mut dyn AttestationStore, report: &Report, code: Code) -> Result<u64, Trouble> {
    let broken = |error: stella_attest_store::StoreError| Trouble::of(Facility::Store, &error);
    let own = report.dependencies();
    let wanted = telling(&own, code);
    // The rarest comes last in the order of names: `name/` leads to few.
    let narrow = wanted.iter().rev().find(|dependency| dependency.starts_with("name/")).copied();
    let (mut others, mut after, mut seen) = (0_u64, 0, 0_u64);
    loop {
        let page = store.reports(narrow, after, PAGE).map_err(broken)?;
        let Some(last) = page.last() else { return Ok(others) };
        after = last.arrival;
        let same = |record: &&stella_attest_store::ReportRecord| {
            record.verdict != Verdict::Verified
                && record.code == Some(code)
                && record.attestation != *report.attestation()
                && telling(&record.dependencies, code) == wanted
        };
        others = others.saturating_add(page.iter().filter(same).count() as u64);
        seen = seen.saturating_add(page.len() as u64);
        if seen >= MOST {
            return Ok(others);
        }
    }
}
