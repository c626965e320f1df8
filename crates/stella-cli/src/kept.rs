//! What another trust would change for the attestations of the store.

use stella_attest_store::{Arrival, AttestationStore, Documents, Filter, ReportRecord};
use stella_attest_verify::preview::{Affected, Movement, Outcome};
use stella_attest_verify::{Attestation, Binding, Policy, TrustSnapshot, UnixTime, Verifier};
use stella_vocabulary::hex;

use crate::arguments::MemoOptions;
use crate::attestations::Attestations;
use crate::cases::outcome_json;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::json::Value;
use crate::render::Page;
use crate::{memo, selector};

/// How many arrivals are looked up at once.
const PAGE: usize = 1000;

/// Most attestations that one preview judges: about a minute, where no signature is remembered.
const MOST: u64 = 50_000;

/// Most examples that are kept of each movement.
const EXAMPLES: usize = 100;

/// What a change would do to what is kept.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// How many attestations there are.
    attestations: u64,
    /// How many cannot change, by their latest reports.
    cannot_change: u64,
    /// How many were judged under both trusts.
    judged: u64,
    /// How many were not looked at, being too many.
    left_out: u64,
    moved: [Moved; 3],
}

#[derive(Debug, Default)]
struct Moved {
    count: u64,
    examples: Vec<(String, Outcome, Outcome)>,
}

/// In the order of the examples.
const MOVEMENTS: [(Movement, &str, &str); 3] = [
    (Movement::NewlyRefused, "newly_refused", "newly fails"),
    (Movement::NewlyVerified, "newly_verified", "newly verifies"),
    (Movement::OtherwiseRefused, "otherwise_refused", "fails for another reason"),
];

/// Judges again what can change, each as of the instant of its latest report, or, if an instant was said, as of that. `None` if nothing is kept.
///
/// # Errors
/// Those of a store that cannot be read.
pub(crate) fn compare(
    before: &TrustSnapshot,
    after: &TrustSnapshot,
    policy: &Policy,
    context: &Context,
) -> Result<Option<Kept>, Complaint> {
    let Some(mut store) = Attestations::find(context)? else { return Ok(None) };
    let memo = memo::for_store(Some(store.source()), 1, &MemoOptions { no_memo: false }, context);
    let registry = memo.registry();
    let sides = Sides {
        affected: Affected::between(before, after),
        trust: format!("sha256:{}", hex::encode(&before.root())),
        policy: policy.digest().to_string(),
        before: Verifier::new(&registry, before, policy.clone()),
        after: Verifier::new(&registry, after, policy.clone()),
        at: (context.at != context.now).then_some(context.at),
        now: context.now,
    };
    let mut kept = Kept::default();
    let filter = Filter { documents: Documents::First, ..Filter::default() };
    let mut last = 0;
    loop {
        let arrivals = store.store().find(&filter, last, PAGE)?;
        let Some(latest) = arrivals.last() else { break };
        last = latest.sequence;
        for arrival in &arrivals {
            kept.look_at(&sides, store.store(), arrival)?;
        }
    }
    memo.end(context);
    Ok(Some(kept))
}

/// The two trusts, and what tells them apart.
struct Sides {
    affected: Affected,
    trust: String,
    policy: String,
    before: Verifier,
    after: Verifier,
    /// The instant that was said.
    at: Option<UnixTime>,
    now: UnixTime,
}

impl Sides {
    /// Whether the latest report shows that nothing changes for its attestation.
    fn excludes(&self, record: &ReportRecord, documents: usize) -> bool {
        let as_asked = record.trust == self.trust
            && record.policy == self.policy
            && self.at.is_none_or(|at| record.at == at)
            && is_about_subjects_as_listed(record);
        // Of several documents, another one may come further.
        as_asked
            && (record.code.is_none() || documents == 1)
            && !self.affected.may_change(&record.dependencies, record.code)
    }

    fn outcomes(&self, documents: &[Attestation], at: UnixTime) -> Option<(Outcome, Outcome)> {
        let best = |verifier: &Verifier| {
            let reports = documents.iter().map(|one| verifier.verify(one, binding(one), at));
            // The first of those that came furthest.
            let best =
                reports.reduce(|best, other| if selector::came(&other) > selector::came(&best) { other } else { best });
            best.map(|report| Outcome::from(&report))
        };
        Some((best(&self.before)?, best(&self.after)?))
    }
}

/// A report that was held against an artifact says less about others. Those of `verify all` are not written out, and hold nothing against one.
pub(crate) fn is_about_subjects_as_listed(record: &ReportRecord) -> bool {
    // No text of a document has such quotes in it.
    record.json.as_ref().is_none_or(|json| json.contains(r#","subject":null,"trust":{"#))
}

/// As `verify all` has it.
fn binding(attestation: &Attestation) -> Binding {
    let claimed = attestation.message_signature().and_then(|message| message.claimed_digest());
    claimed.map_or(Binding::SubjectsAsListed, Binding::from)
}

impl Kept {
    fn look_at(&mut self, sides: &Sides, store: &mut dyn AttestationStore, first: &Arrival) -> Result<(), Complaint> {
        self.attestations += 1;
        let record = store.report(&first.attestation)?;
        let refused = record.as_ref().is_none_or(|record| record.code.is_some());
        // What verified by one of its documents does so whatever the others are.
        let arrivals = if refused { store.arrivals(&first.attestation)? } else { Vec::new() };
        if record.as_ref().is_some_and(|record| sides.excludes(record, arrivals.len())) {
            self.cannot_change += 1;
            return Ok(());
        }
        if self.judged >= MOST {
            self.left_out += 1;
            return Ok(());
        }
        let arrivals = if refused { arrivals } else { store.arrivals(&first.attestation)? };
        let documents = arrivals
            .iter()
            .map(|arrival| selector::parse(&store.document(arrival)?, arrival))
            .collect::<Result<Vec<_>, Complaint>>()?;
        let at = sides.at.or(record.map(|record| record.at)).unwrap_or(sides.now);
        let Some((before, after)) = sides.outcomes(&documents, at) else { return Ok(()) };
        self.judged += 1;
        let movement = match (before.is_verified(), after.is_verified()) {
            (true, false) => Movement::NewlyRefused,
            (false, true) => Movement::NewlyVerified,
            _ if before != after => Movement::OtherwiseRefused,
            _ => return Ok(()),
        };
        for (moved, (kind, ..)) in self.moved.iter_mut().zip(MOVEMENTS) {
            if kind == movement {
                moved.count += 1;
                if moved.examples.len() < EXAMPLES {
                    moved.examples.push((first.attestation.to_string(), before.clone(), after.clone()));
                }
            }
        }
        Ok(())
    }

    pub(crate) fn render(&self, page: &mut Page, context: &Context) {
        let shown = match context.detail {
            Detail::Quiet => 0,
            Detail::Usual => 5,
            Detail::Verbose => EXAMPLES,
        };
        page.field(
            "kept",
            format!(
                "{} attestations: {} cannot change by their latest reports, {} judged again",
                self.attestations, self.cannot_change, self.judged
            ),
        );
        if self.left_out > 0 {
            page.field("not looked at", format!("{}: stella verify all, and then this again", self.left_out));
        }
        for (moved, (movement, _, words)) in self.moved.iter().zip(MOVEMENTS) {
            page.field(words, format!("{} of those kept", moved.count));
            for (attestation, before, after) in moved.examples.iter().take(shown) {
                page.indented(1, "attestation", attestation);
                page.indented(
                    2,
                    if movement == Movement::NewlyVerified { "before" } else { "after" },
                    match movement {
                        Movement::NewlyVerified => before.line(),
                        _ => after.line(),
                    },
                );
            }
        }
    }

    pub(crate) fn json(&self) -> Value {
        let number = |count: u64| Value::count(usize::try_from(count).unwrap_or(usize::MAX));
        let mut members = vec![
            ("attestations", number(self.attestations)),
            ("cannot_change", number(self.cannot_change)),
            ("judged", number(self.judged)),
            ("left_out", number(self.left_out)),
        ];
        for (moved, (_, name, _)) in self.moved.iter().zip(MOVEMENTS) {
            let examples = moved.examples.iter().map(|(attestation, before, after)| {
                Value::object([
                    ("attestation", Value::text(attestation)),
                    ("before", outcome_json(before)),
                    ("after", outcome_json(after)),
                ])
            });
            let examples = Value::list(examples);
            members.push((name, Value::object([("count", number(moved.count)), ("examples", examples)])));
        }
        Value::Object(members)
    }
}
