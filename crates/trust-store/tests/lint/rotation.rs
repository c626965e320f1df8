//! Keys that follow each other.

use stella_trust_store::lint::SignedAt;

use super::*;

fn key(name: &str, from: Option<i64>, until: Option<i64>) -> KeyRecord {
    let days = |days: i64| days * DAY;
    let terms = Terms::labelled(name).with_window(window(from.map(days), until.map(days)));
    KeyRecord { terms, ..key_record(name) }
}

fn holding(keys: impl IntoIterator<Item = KeyRecord>) -> Ledger<MemoryLog> {
    let mut ledger = solo();
    let changes = keys.into_iter().map(|key| Change::Added(Record::Key(key))).collect();
    ledger.change_all(changes, &occasion("dave", 1)).unwrap();
    ledger
}

fn signed(name: &str, day: i64) -> SignedAt {
    SignedAt { at: at(day * DAY), key: Record::Key(key_record(name)).material().unwrap() }
}

fn summaries(ledger: &Ledger<MemoryLog>, day: i64, attestations: &[SignedAt]) -> Vec<(Severity, String)> {
    let findings = look_with(ledger, day * DAY, &Surroundings { attestations, ..Surroundings::default() });
    let gaps = findings.into_iter().filter(|finding| finding.rule == Rule::RotationGap);
    gaps.map(|finding| (finding.severity, finding.summary)).collect()
}

#[test]
fn keys_that_overlap_or_touch_leave_no_gap() {
    for from in [95, 100] {
        let ledger = holding([key("release-1", None, Some(100)), key("release-2", Some(from), None)]);
        assert_eq!(summaries(&ledger, 50, &[]), []);
    }
}

#[test]
fn a_gap_warns_before_and_after_and_fails_while_it_lasts() {
    let ledger = holding([key("release-1", None, Some(100)), key("release-2", Some(103), None)]);
    let summary = "the keys of release leave a gap of 3 days".to_owned();
    for (day, severity) in [(50, Severity::Warn), (100, Severity::Fail), (102, Severity::Fail), (103, Severity::Warn)] {
        assert_eq!(summaries(&ledger, day, &[]), [(severity, summary.clone())], "{day}");
    }
}

#[test]
fn attestations_in_a_gap_are_counted_if_a_key_of_the_group_signed_them() {
    let ledger =
        holding([key("release-1", None, Some(100)), key("release-2", Some(103), None), key("other", None, None)]);
    let signed = [
        signed("release-1", 99),
        signed("release-1", 100),
        signed("release-2", 102),
        signed("release-2", 103),
        signed("other", 101),
    ];
    let expected = "2 attestations fall in a gap of 3 days between the keys of release".to_owned();
    assert_eq!(summaries(&ledger, 200, &signed), [(Severity::Fail, expected)]);
}

#[test]
fn attestations_after_the_last_key_are_counted_as_well() {
    let ledger = holding([key("release-1", None, Some(100))]);
    assert_eq!(summaries(&ledger, 200, &[]), []);
    let expected = "1 attestation falls after the end of the last key of release".to_owned();
    assert_eq!(
        summaries(&ledger, 200, &[signed("release-1", 100), signed("release-1", 99)]),
        [(Severity::Fail, expected)]
    );
}

#[test]
fn the_longest_window_bridges_and_other_groups_do_not() {
    let bridged =
        [key("release-1", None, Some(100)), key("release-2", Some(10), Some(20)), key("release-3", Some(90), None)];
    assert_eq!(summaries(&holding(bridged), 50, &[]), []);
    let apart = [key("release-1", None, Some(100)), key("release-2", Some(103), None), key("other", None, None)];
    assert_eq!(summaries(&holding(apart), 50, &[]).len(), 1);
}

#[test]
fn a_superseded_key_ends_with_its_revocation_and_a_compromised_one_bridges_nothing() {
    let mut ledger = holding([key("release-1", None, Some(105)), key("release-2", Some(103), None)]);
    assert_eq!(summaries(&ledger, 50, &[]), []);
    let revoked = |cause, day| Change::Revoked {
        object: key_ref("release-1"),
        revocation: Revocation { cause, invalid_since: None, revoked_at: at(day * DAY) },
    };
    ledger.make(revoked(RevocationCause::Superseded, 101), 2).unwrap();
    let expected = "the keys of release leave a gap of 2 days".to_owned();
    assert_eq!(summaries(&ledger, 50, &[]), [(Severity::Warn, expected)]);
    ledger.make(revoked(RevocationCause::Compromised, 101), 3).unwrap();
    assert_eq!(summaries(&ledger, 50, &[]), []);
}

#[test]
fn the_end_of_a_key_without_a_successor_is_expiring() {
    let alone = holding([key("release-1", None, Some(100))]);
    assert_eq!(found(&look(&alone, 95 * DAY), Rule::Expiring), one(Severity::Fail, "key release-1"));
    let followed = holding([key("release-1", None, Some(100)), key("release-2", Some(90), None)]);
    assert_eq!(found(&look(&followed, 95 * DAY), Rule::Expiring), one(Severity::Info, "key release-1"));
    let gap = holding([key("release-1", None, Some(100)), key("release-2", Some(101), None)]);
    assert_eq!(found(&look(&gap, 95 * DAY), Rule::Expiring), one(Severity::Fail, "key release-1"));
}
