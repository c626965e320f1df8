//! Remembered signature results.

use super::Place;

pub(crate) fn marks_are_known_once_they_are_remembered(place: &dyn Place) {
    let mut store = place.fresh();
    let mark = |number: u16| {
        let mut mark = [0; 32];
        mark[..2].copy_from_slice(&number.to_be_bytes());
        mark
    };
    assert_eq!(store.remembered(&[]).unwrap(), Vec::<bool>::new());
    store.remember(&[]).unwrap();
    assert_eq!(store.remembered(&[mark(1), mark(2)]).unwrap(), [false, false]);
    // In any order, some twice.
    store.remember(&[mark(9), mark(1), mark(9), mark(4)]).unwrap();
    store.remember(&[mark(1), mark(5)]).unwrap();
    assert_eq!(store.remembered(&[mark(5), mark(2), mark(9), mark(5)]).unwrap(), [true, false, true, true]);
    drop(store);
    let mut store = place.open().unwrap();
    assert_eq!(store.remembered(&[mark(4), mark(3)]).unwrap(), [true, false]);
    assert_eq!(store.forget_marks().unwrap(), 4);
    assert_eq!(store.forget_marks().unwrap(), 0);
    assert_eq!(store.remembered(&[mark(4)]).unwrap(), [false]);
    let many: Vec<[u8; 32]> = (0..5_000).map(mark).collect();
    store.remember(&many).unwrap();
    assert!(store.remembered(&many).unwrap().into_iter().all(|known| known));
}
