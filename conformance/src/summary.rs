//! What a run amounts to: counts that are never added up across accepts and rejects, and every case that needs a look.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use crate::case::{Expected, Outcome, Reasons, Record};
use crate::deviations::{Deviation, Deviations};

/// A case after it was held against the deviations.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The case with what came of it.
    pub record: Record,
    /// Whether that was to be expected.
    pub standing: Standing,
}

/// Whether the outcome of a case was to be expected.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Passed, or skipped.
    Fine,
    /// Failed, just as this deviation says.
    Listed(Deviation),
    /// Failed, and no deviation says so, or one says that it fails otherwise.
    UnexpectedFailure,
    /// Passed, although this deviation says that it fails: the deviation has to go.
    UnexpectedPass(Deviation),
}

impl Standing {
    fn of(suite: &str, record: &Record, deviations: &Deviations) -> Self {
        let outcome = record.outcome();
        let mut concerning = deviations.concerning(suite, record);
        match outcome {
            Outcome::Skipped => Self::Fine,
            Outcome::Passed => {
                concerning.next().map_or(Self::Fine, |deviation| Self::UnexpectedPass(deviation.clone()))
            }
            _ => concerning
                .find(|deviation| deviation.explains(record))
                .map_or(Self::UnexpectedFailure, |deviation| Self::Listed(deviation.clone())),
        }
    }
}

/// Counts of one group of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Cases that must be accepted, and were.
    pub accepts_passed: usize,
    /// Cases that must be accepted.
    pub accepts: usize,
    /// Cases that must be refused, and were, for the right reason.
    pub rejects_passed: usize,
    /// Cases that must be refused.
    pub rejects: usize,
    /// Refusals expected whose reason the suite or its table states, so that it was compared.
    pub reasons_compared: usize,
    /// Accepted what must be refused.
    pub false_accepts: usize,
    /// Refused what must be accepted.
    pub false_rejects: usize,
    /// Refused for another reason.
    pub wrong_reasons: usize,
    /// Panicked.
    pub crashed: usize,
    /// Not judged; in none of the counts above.
    pub skipped: usize,
}

impl Group {
    fn add(&mut self, record: &Record) {
        let outcome = record.outcome();
        match outcome {
            Outcome::Crashed => self.crashed += 1,
            Outcome::FalseAccept => self.false_accepts += 1,
            Outcome::FalseReject => self.false_rejects += 1,
            Outcome::Passed => {}
            Outcome::Skipped => {
                self.skipped += 1;
                return;
            }
            Outcome::WrongReason => self.wrong_reasons += 1,
        }
        let passed = usize::from(outcome == Outcome::Passed);
        match &record.case.expected {
            Expected::Accept => {
                self.accepts += 1;
                self.accepts_passed += passed;
            }
            Expected::Reject(reasons) => {
                self.rejects += 1;
                self.rejects_passed += passed;
                self.reasons_compared += usize::from(*reasons != Reasons::Any);
            }
            Expected::Undecided(_) => {}
        }
    }

    /// Cases that came out as expected.
    #[must_use]
    pub const fn passed(&self) -> usize {
        self.accepts_passed + self.rejects_passed
    }

    fn to_json(self) -> Value {
        json!({
            "passed": self.passed(),
            "accepts": {"passed": self.accepts_passed, "of": self.accepts},
            "rejects": {"passed": self.rejects_passed, "of": self.rejects, "reasons_compared": self.reasons_compared},
            "false_accepts": self.false_accepts,
            "false_rejects": self.false_rejects,
            "wrong_reasons": self.wrong_reasons,
            "crashed": self.crashed,
            "skipped": self.skipped,
        })
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "passed {} (accepts {}/{}, rejects {}/{}), false accepts {}, false rejects {}, wrong reasons {}, crashed {}, skipped {}",
            self.passed(),
            self.accepts_passed,
            self.accepts,
            self.rejects_passed,
            self.rejects,
            self.false_accepts,
            self.false_rejects,
            self.wrong_reasons,
            self.crashed,
            self.skipped
        )
    }
}

/// The result of running one suite.
#[derive(Clone, Debug)]
pub struct Summary {
    suite: String,
    judged: Vec<Judged>,
}

impl Summary {
    pub(crate) fn new(suite: &str, records: Vec<Record>, deviations: &Deviations) -> Self {
        let judge = |record: Record| Judged { standing: Standing::of(suite, &record, deviations), record };
        Self { suite: suite.to_owned(), judged: records.into_iter().map(judge).collect() }
    }

    /// Every case.
    #[must_use]
    pub fn judged(&self) -> &[Judged] {
        &self.judged
    }

    /// The counts of all cases.
    #[must_use]
    pub fn total(&self) -> Group {
        let mut total = Group::default();
        self.judged.iter().for_each(|judged| total.add(&judged.record));
        total
    }

    /// The counts of each group, by its name.
    #[must_use]
    pub fn groups(&self) -> BTreeMap<&str, Group> {
        let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
        for judged in &self.judged {
            groups.entry(&judged.record.case.group).or_default().add(&judged.record);
        }
        groups
    }

    /// The cases whose outcome nobody has announced: failures that no deviation lists, and passes that one rules out.
    pub fn unexpected(&self) -> impl Iterator<Item = &Judged> {
        self.judged
            .iter()
            .filter(|judged| matches!(judged.standing, Standing::UnexpectedFailure | Standing::UnexpectedPass(_)))
    }

    /// The cases that fail as the deviations say.
    pub fn listed(&self) -> impl Iterator<Item = (&Judged, &Deviation)> {
        self.judged.iter().filter_map(|judged| match &judged.standing {
            Standing::Listed(deviation) => Some((judged, deviation)),
            _ => None,
        })
    }

    fn skips(&self) -> BTreeMap<String, usize> {
        let mut skips = BTreeMap::new();
        for why in self.judged.iter().filter_map(|judged| judged.record.skipped_because()) {
            *skips.entry(why).or_default() += 1;
        }
        skips
    }

    /// The summary as one JSON document, `stella.conformance/1`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let groups: BTreeMap<&str, Value> =
            self.groups().into_iter().map(|(name, group)| (name, group.to_json())).collect();
        let mut document = self.total().to_json();
        document["schema"] = json!("stella.conformance/1");
        document["suite"] = json!(self.suite);
        document["groups"] = json!(groups);
        document["unexpected"] = self.unexpected().map(case_json).collect();
        document["deviations"] = self
            .listed()
            .map(|(judged, deviation)| {
                let mut case = case_json(judged);
                case["feature"] = json!(deviation.feature());
                case
            })
            .collect();
        document["skipped_because"] = json!(self.skips());
        document
    }
}

fn case_json(judged: &Judged) -> Value {
    let record = &judged.record;
    json!({
        "id": record.case.id,
        "group": record.case.group,
        "outcome": record.outcome().as_str(),
        "expected": expectation(&record.case.expected),
        "observed": record.observed.to_string(),
    })
}

fn expectation(expected: &Expected) -> String {
    match expected {
        Expected::Accept => "accept".to_owned(),
        Expected::Reject(Reasons::Any) => "reject".to_owned(),
        Expected::Reject(Reasons::OneOf(codes)) => {
            let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
            format!("reject with {}", codes.join(" or "))
        }
        Expected::Undecided(_) => "undecided".to_owned(),
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.suite, self.total())?;
        let groups = self.groups();
        if groups.len() > 1 {
            for (name, group) in groups {
                writeln!(f, "  {name}: {group}")?;
            }
        }
        for (why, count) in self.skips() {
            writeln!(f, "skipped {count}: {why}")?;
        }
        for (judged, deviation) in self.listed() {
            let record = &judged.record;
            writeln!(
                f,
                "listed deviation ({}): {} {}: {}",
                deviation.feature(),
                record.case.id,
                record.outcome().as_str(),
                record.observed
            )?;
        }
        for judged in self.unexpected() {
            let record = &judged.record;
            match &judged.standing {
                Standing::UnexpectedPass(deviation) => writeln!(
                    f,
                    "UNEXPECTED PASS: {}: the deviation \"{}\" no longer holds",
                    record.case.id,
                    deviation.feature()
                )?,
                _ => writeln!(
                    f,
                    "UNEXPECTED {}: {}: expected {}, {}",
                    record.outcome().as_str(),
                    record.case.id,
                    expectation(&record.case.expected),
                    record.observed
                )?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use stella_vocabulary::Code;

    use super::Summary;
    use crate::case::{Case, Expected, Observed, Reasons, Record};
    use crate::deviations::Deviations;

    const LISTED: &str = "[[deviation]]\nsuite = 's'\nfeature = 'otherName'\nreason = 'later'\ncases = ['other-*']\n\
                          tags = ['san:other']\noutcome = 'false-reject'\ncode = 'identity.mismatch'\n";

    fn summary(observed: Observed) -> Summary {
        let case = Case::new("other-1", Expected::Accept).tagged(["san:other".to_owned()]);
        let records = vec![
            Record { case, observed },
            Record { case: Case::new("b", Expected::Reject(Reasons::Any)), observed: refused(Code::SigInvalid) },
        ];
        Summary::new("s", records, &Deviations::parse(LISTED).unwrap())
    }

    fn refused(code: Code) -> Observed {
        Observed::Refused(code, "no".into())
    }

    #[test]
    fn a_listed_failure_is_expected_only_with_the_code_listed() {
        assert_eq!(summary(refused(Code::IdentityMismatch)).unexpected().count(), 0);
        assert_eq!(summary(refused(Code::IdentityMismatch)).listed().count(), 1);
        assert_eq!(summary(refused(Code::X509Expired)).unexpected().count(), 1);
    }

    #[test]
    fn a_listed_failure_that_passes_is_unexpected() {
        let summary = summary(Observed::Accepted);
        assert_eq!(summary.unexpected().count(), 1);
        assert!(summary.to_string().contains("UNEXPECTED PASS: other-1"));
    }

    #[test]
    fn accepts_and_rejects_are_counted_apart() {
        let summary = summary(refused(Code::IdentityMismatch));
        let total = summary.total();
        assert_eq!((total.accepts_passed, total.accepts, total.rejects_passed, total.rejects), (0, 1, 1, 1));
        assert_eq!((total.false_accepts, total.false_rejects, total.wrong_reasons), (0, 1, 0));
        assert_eq!(summary.to_json()["false_rejects"], 1);
    }
}
