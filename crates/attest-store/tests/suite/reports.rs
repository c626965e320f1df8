//! What became of attestations, and what belongs together.

use stella_attest_store::{Filter, Link, LinkKind, ReportRecord, StoreError};
use stella_vocabulary::Code;

use super::Place;
use super::made::{add, document, documents, later, of_bytes, report};

pub(crate) fn a_report_takes_the_place_of_the_one_before(place: &dyn Place) {
    let mut store = place.fresh();
    let one = document("one");
    let again = of_bytes([b" ".as_slice(), &one.bytes].concat());
    add(store.as_mut(), &[one, document("two"), again]).unwrap();
    let arrivals = store.find(&Filter::default(), 0, 9).unwrap();
    store.keep_reports(&[]).unwrap();
    let first = report(&arrivals[0], Some(Code::SigInvalid), &["key/1", "anchor/2"]);
    store.keep_reports(std::slice::from_ref(&first)).unwrap();
    store.keep_reports(std::slice::from_ref(&first)).unwrap();
    assert_eq!(store.report(&arrivals[0].attestation).unwrap().as_ref(), Some(&first));
    assert_eq!(store.reports(None, 0, 9).unwrap(), std::slice::from_ref(&first));
    // Of the same attestation by its other document; of two in one batch the last counts.
    let other = report(&arrivals[2], None, &["key/1", "issuer/é \u{0}"]);
    let two = ReportRecord { json: None, trust_entry: None, made: later(5), ..report(&arrivals[1], None, &[]) };
    store.keep_reports(&[first.clone(), two.clone(), other.clone()]).unwrap();
    drop(store);
    let mut store = place.open().unwrap();
    assert_eq!(store.report(&arrivals[0].attestation).unwrap().as_ref(), Some(&other));
    assert_eq!(store.reports(None, 0, 9).unwrap(), [two.clone(), other.clone()]);
    assert_eq!(store.reports(None, 2, 9).unwrap(), std::slice::from_ref(&other));
    assert_eq!(store.reports(None, 0, 1).unwrap(), [two]);
    assert_eq!(store.reports(Some("anchor/2"), 0, 9).unwrap(), [], "what is not depended on any more");
    assert_eq!(store.reports(Some("issuer/é \u{0}"), 0, 9).unwrap(), [other]);
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
}

pub(crate) fn reports_are_found_by_what_they_depended_on(place: &dyn Place) {
    let mut store = place.fresh();
    add(store.as_mut(), &documents("one", 40)).unwrap();
    let arrivals = store.find(&Filter::default(), 0, 99).unwrap();
    let dependencies = |sequence: u64, round: u64| -> Vec<String> {
        (1..=4)
            .filter(|number| (sequence + round).is_multiple_of(*number))
            .map(|number| format!("key/{number}"))
            .collect()
    };
    for round in 0..3 {
        let reports: Vec<ReportRecord> = arrivals
            .iter()
            .map(|arrival| ReportRecord {
                dependencies: dependencies(arrival.sequence, round),
                ..report(arrival, None, &[])
            })
            .collect();
        store.keep_reports(&reports).unwrap();
        for number in 1..=5 {
            let name = format!("key/{number}");
            let expected: Vec<&ReportRecord> =
                reports.iter().filter(|report| report.dependencies.contains(&name)).collect();
            let found = store.reports(Some(&name), 0, 99).unwrap();
            assert!(found.iter().eq(expected.iter().copied()), "round {round}, {name}");
            let behind = store.reports(Some(&name), 20, 3).unwrap();
            assert!(behind.iter().eq(expected.into_iter().filter(|report| report.arrival > 20).take(3)));
        }
    }
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
}

pub(crate) fn a_report_on_an_arrival_that_is_not_there_is_refused(place: &dyn Place) {
    let mut store = place.fresh();
    add(store.as_mut(), &documents("one", 2)).unwrap();
    let arrivals = store.find(&Filter::default(), 0, 9).unwrap();
    let good = report(&arrivals[0], None, &["key/1"]);
    for wrong in [
        ReportRecord { arrival: 9, ..report(&arrivals[1], None, &[]) },
        ReportRecord { arrival: 0, ..report(&arrivals[1], None, &[]) },
        // There, and of another attestation.
        ReportRecord { arrival: 1, ..report(&arrivals[1], None, &[]) },
    ] {
        let refused = store.keep_reports(&[good.clone(), wrong.clone()]).unwrap_err();
        assert!(matches!(refused, StoreError::NotFound { .. }), "{wrong:?}: {refused:?}");
        assert_eq!(store.reports(None, 0, 9).unwrap(), [], "all or none");
    }
    store.keep_reports(&[good]).unwrap();
}

pub(crate) fn links_are_kept_once_and_found_from_both_sides(place: &dyn Place) {
    let mut store = place.fresh();
    let kept = documents("one", 3);
    add(store.as_mut(), &kept).unwrap();
    let id = |number: usize| kept[number].facts.attestation;
    let link = |from, to, at| Link { from: id(from), to: id(to), kind: LinkKind::Resigned, at: later(at) };
    let (second, first) = (link(1, 2, 5), link(0, 1, 3));
    for one in [second, first, Link { at: later(9), ..second }] {
        store.keep_link(&one).unwrap();
    }
    drop(store);
    let mut store = place.open().unwrap();
    assert_eq!(store.links(&id(0)).unwrap(), [first]);
    assert_eq!(store.links(&id(1)).unwrap(), [first, second], "the oldest first");
    assert_eq!(store.links(&id(2)).unwrap(), [second]);
    // The way back is another link.
    store.keep_link(&link(2, 1, 7)).unwrap();
    assert_eq!(store.links(&id(2)).unwrap().len(), 2);
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
}
