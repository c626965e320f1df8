//! The journal.

use stella_attest_model::AttestationId;
use stella_attest_store::{Event, EventFilter, EventKind, Level, NewEvent, Retention};
use stella_vocabulary::Code;

use super::Place;
use super::made::{event, later};

fn various(count: u64) -> Vec<NewEvent> {
    let id = |number: u64| AttestationId::from_bytes([u8::try_from(number % 3).unwrap(); 32]);
    (0..count)
        .map(|number| NewEvent {
            // Clocks do not agree.
            at: later(i64::try_from(number * 11 % 60).unwrap()),
            kind: EventKind::ALL[usize::try_from(number).unwrap() % EventKind::ALL.len()],
            level: Level::ALL[usize::try_from(number / 2).unwrap() % Level::ALL.len()],
            code: [None, Some(Code::X509Expired), Some(Code::SigInvalid)][usize::try_from(number % 3).unwrap()],
            attestation: (number % 4 != 0).then(|| id(number)),
            ..event(number)
        })
        .collect()
}

fn fits(filter: &EventFilter, event: &NewEvent) -> bool {
    (filter.kinds.is_empty() || filter.kinds.contains(&event.kind))
        && filter.level.is_none_or(|level| event.level >= level)
        && (filter.code.is_none() || filter.code == event.code)
        && (filter.attestation.is_none() || filter.attestation == event.attestation)
        && filter.since.is_none_or(|since| event.at >= since)
        && filter.until.is_none_or(|until| event.at < until)
}

pub(crate) fn filters_give_what_looking_at_each_event_gives(place: &dyn Place) {
    let mut store = place.fresh();
    let written = various(60);
    store.journal(&[]).unwrap();
    for batch in written.chunks(7) {
        store.journal(batch).unwrap();
    }
    let mut asked = 0;
    for kinds in [vec![], vec![EventKind::Import], vec![EventKind::Verification, EventKind::Error]] {
        for level in [None, Some(Level::Info), Some(Level::Warning), Some(Level::Error)] {
            for code in [None, Some(Code::X509Expired), Some(Code::StoreBusy)] {
                for attestation in
                    [None, Some(AttestationId::from_bytes([1; 32])), Some(AttestationId::from_bytes([9; 32]))]
                {
                    for (since, until) in [
                        (None, None),
                        (Some(later(20)), None),
                        (None, Some(later(20))),
                        (Some(later(20)), Some(later(21))),
                    ] {
                        let filter = EventFilter { kinds: kinds.clone(), level, code, attestation, since, until };
                        let expected: Vec<Event> = (1..)
                            .zip(&written)
                            .filter(|(_, event)| fits(&filter, event))
                            .map(|(sequence, event)| Event { sequence, event: event.clone() })
                            .collect();
                        assert_eq!(store.events(&filter, 0, 99).unwrap(), expected, "{filter:?}");
                        let behind: Vec<&Event> = expected.iter().filter(|event| event.sequence > 30).take(2).collect();
                        assert!(store.events(&filter, 30, 2).unwrap().iter().eq(behind));
                        asked += 1;
                    }
                }
            }
        }
    }
    assert_eq!(asked, 432);
    assert_eq!(store.events(&EventFilter::default(), u64::MAX, 9).unwrap(), []);
    assert_eq!(store.about().unwrap().events, 60);
}

pub(crate) fn a_journal_is_followed_from_where_it_was_read_to(place: &dyn Place) {
    let mut writer = place.fresh();
    let mut reader = place.open().unwrap();
    let all = EventFilter::default();
    let mut after = 0;
    for round in 0..5 {
        assert_eq!(reader.events(&all, after, 99).unwrap(), []);
        writer.journal(&[event(round), event(round + 100)]).unwrap();
        let new = reader.events(&all, after, 99).unwrap();
        assert!(new.iter().map(|event| event.event.clone()).eq([event(round), event(round + 100)]));
        after = new.last().unwrap().sequence;
        // What is forgotten is gone, and numbers are not given again.
        writer.forget_events(&Retention { before: None, most: Some(0) }).unwrap();
    }
    assert_eq!(after, 10);
    assert_eq!(reader.about().unwrap().events, 0);
}

/// The rule of the documentation: what is too old goes, and of the rest so many of the latest stay.
fn retained(events: Vec<Event>, retention: &Retention) -> Vec<Event> {
    let young = |event: &Event| retention.before.is_none_or(|before| event.event.at >= before);
    let mut rest: Vec<Event> = events.into_iter().filter(young).collect();
    let most = retention.most.map_or(usize::MAX, |most| usize::try_from(most).unwrap());
    rest.drain(..rest.len().saturating_sub(most));
    rest
}

pub(crate) fn retention_removes_the_oldest_and_nothing_else(place: &dyn Place) {
    let mut store = place.fresh();
    let all = EventFilter::default();
    // More than a page of any form of store, and the end of it is older than its beginning.
    let mut written = various(1_500);
    written.extend(
        various(1_500)
            .into_iter()
            .map(|event| NewEvent { at: later(event.at.seconds() - later(4_000).seconds()), ..event }),
    );
    store.journal(&written).unwrap();
    for retention in [
        Retention { before: None, most: None },
        Retention { before: Some(later(-9_000)), most: Some(5_000) },
        Retention { before: None, most: Some(2_900) },
        Retention { before: Some(later(-3_990)), most: None },
        Retention { before: Some(later(0)), most: Some(1_200) },
        Retention { before: Some(later(7)), most: Some(900) },
        Retention { before: None, most: Some(17) },
        Retention { before: Some(later(1_000)), most: None },
    ] {
        let before = store.events(&all, 0, 9_999).unwrap();
        let count = before.len() as u64;
        let expected = retained(before, &retention);
        let removed = store.forget_events(&retention).unwrap();
        let left = store.events(&all, 0, 9_999).unwrap();
        assert!(left == expected, "{retention:?}: {} are left instead of {}", left.len(), expected.len());
        assert_eq!(removed, count - left.len() as u64, "{retention:?}");
        assert_eq!(store.about().unwrap().events, left.len() as u64);
        assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
    }
    store.journal(&[event(1)]).unwrap();
    assert_eq!(store.events(&all, 0, 9).unwrap()[0].sequence, 3_001);
}

pub(crate) fn what_is_too_long_is_cut(place: &dyn Place) {
    let mut store = place.fresh();
    let long = "ü".repeat(3_000);
    let details = (0..40).map(|number| (format!("name {number:02}"), long.clone())).collect();
    store.journal(&[NewEvent { summary: long.clone(), details, ..event(1) }]).unwrap();
    let kept = store.events(&EventFilter::default(), 0, 9).unwrap().remove(0).event;
    assert_eq!(kept.summary, "ü".repeat(1_024));
    assert_eq!(kept.details.len(), 16);
    assert!(kept.details.iter().all(|(_, value)| *value == "ü".repeat(512)));
}
