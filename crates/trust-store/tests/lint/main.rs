//! What a look at a store finds.
#![allow(clippy::unwrap_used, reason = "unwrap belongs to tests, their helpers included")]

mod anchors;
mod decisions;
mod grants;
mod rotation;
#[path = "../ledger/world.rs"]
#[allow(dead_code, reason = "shared with the tests of the ledger")]
mod world;

use stella_trust_store::MemoryLog;
use stella_trust_store::ledger::*;
use stella_trust_store::lint::{Finding, Rule, Severity, Surroundings, lint};

use crate::world::*;

const DAY: i64 = 86_400;

fn look(ledger: &Ledger<MemoryLog>, seconds: i64) -> Vec<Finding> {
    look_with(ledger, seconds, &Surroundings::default())
}

/// The findings, of which each says something and knows what helps.
fn look_with(ledger: &Ledger<MemoryLog>, seconds: i64, surroundings: &Surroundings<'_>) -> Vec<Finding> {
    let findings = lint(ledger.state(), at(seconds), surroundings);
    assert_eq!(findings, lint(ledger.state(), at(seconds), surroundings));
    assert!(findings.is_sorted());
    for finding in &findings {
        assert!(!finding.summary.is_empty() && !finding.remedy.is_empty(), "{finding:?}");
        assert!(!finding.summary.chars().any(char::is_control), "{finding:?}");
        assert!(finding.commands.iter().all(|words| words[0] == "stella"), "{finding:?}");
        assert!(Rule::ALL.contains(&finding.rule));
    }
    findings
}

/// Severity and object of the findings of one rule.
fn found(findings: &[Finding], rule: Rule) -> Vec<(Severity, String)> {
    let object = |finding: &Finding| finding.object.as_ref().map(ToString::to_string).unwrap_or_default();
    findings.iter().filter(|finding| finding.rule == rule).map(|finding| (finding.severity, object(finding))).collect()
}

fn one(severity: Severity, object: &str) -> Vec<(Severity, String)> {
    vec![(severity, object.to_owned())]
}

#[test]
fn a_sound_store_with_enough_approvers_has_nothing_to_find() {
    let mut ledger = three();
    ledger.agreed(add_key("release"), 1);
    assert_eq!(look(&ledger, 10), []);
}

#[test]
fn rules_are_listed_by_name() {
    let names: Vec<_> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(names, sorted);
}
