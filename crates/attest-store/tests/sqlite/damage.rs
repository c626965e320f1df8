//! What is not as it was written is never shown. Faults F08 to F10 on the embedded store.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use stella_attest_model::IdPrefix;
use stella_attest_store::sqlite::Embedded;
use stella_attest_store::{Arrival, AttestationStore, Documents, Filter, ReportRecord, StoreError};
use stella_vocabulary::{Code, Reason, hex};

use crate::suite::changes::{State, prepare, state};
use crate::suite::made::{add, documents, event, report, size, various};
use crate::world::{Home, open, place};

/// A page of the database, in bytes.
const PAGE: usize = 8192;

/// Every way to ask, each by itself, so that damage in one place does not hide another.
#[derive(Debug, PartialEq)]
struct Answers {
    state: Result<State, StoreError>,
    found: Vec<Result<Vec<Arrival>, StoreError>>,
    by_id: Vec<Result<Vec<Arrival>, StoreError>>,
    resolved: Vec<Result<usize, StoreError>>,
    reports: Vec<Result<Vec<ReportRecord>, StoreError>>,
}

/// What is asked for: taken from the sound store, so that a damaged one cannot choose the questions.
struct Questions {
    filters: Vec<Filter>,
    arrivals: Vec<Arrival>,
}

impl Questions {
    fn of(store: &mut Embedded) -> Self {
        let arrivals = store.find(&Filter::default(), 0, 1_000).unwrap();
        let mut filters = vec![Filter::default(), Filter { documents: Documents::First, ..Filter::default() }];
        for document in various(20).iter().chain(&documents("kept", 5)) {
            let facts = &document.facts;
            filters.push(Filter { subject: facts.subjects.first().copied(), ..Filter::default() });
            filters.push(Filter { key: facts.key.map(|key| key.to_string()), ..Filter::default() });
            filters.push(Filter { predicate_type: facts.predicate_type.clone(), ..Filter::default() });
            filters.push(Filter {
                identity: facts.identity.clone(),
                issuer: facts.issuer.clone(),
                ..Filter::default()
            });
        }
        filters.push(Filter { key: Some("a hint".to_owned()), ..Filter::default() });
        filters.push(Filter { key: Some("no such hint".to_owned()), ..Filter::default() });
        filters.push(Filter { since: Some(arrivals[3].at), ..Filter::default() });
        Self { filters, arrivals }
    }

    fn ask(&self, home: &Path) -> Result<Answers, StoreError> {
        let mut store = open(home)?;
        let prefix =
            |arrival: &Arrival| -> IdPrefix { hex::encode(arrival.attestation.as_bytes())[..9].parse().unwrap() };
        Ok(Answers {
            state: state(&mut store),
            found: self.filters.iter().map(|filter| store.find(filter, 0, 1_000)).collect(),
            by_id: self.arrivals.iter().map(|arrival| store.arrivals(&arrival.attestation)).collect(),
            resolved: self.arrivals.iter().map(|one| store.resolve(&prefix(one), 9).map(|ids| ids.len())).collect(),
            reports: [Some("key/1"), Some("anchor/2"), Some("issuer/3"), Some("nothing"), None]
                .map(|dependency| store.reports(dependency, 0, 1_000))
                .into(),
        })
    }
}

/// A store with something of everything, closed.
fn sound() -> (Home, Questions, Answers) {
    let home = Home::empty();
    let mut store = Embedded::create(place(home.path()).segment_bytes(4_000), [7; 16]).unwrap();
    prepare(&mut store);
    add(&mut store, &various(20)).unwrap();
    let arrivals = store.find(&Filter::default(), 0, 99).unwrap();
    let reports: Vec<_> = arrivals[5..15]
        .iter()
        .map(|arrival| report(arrival, (arrival.sequence % 2 == 0).then_some(Code::SigInvalid), &["key/1", "issuer/3"]))
        .collect();
    store.keep_reports(&reports).unwrap();
    store.journal(&(0..20).map(event).collect::<Vec<_>>()).unwrap();
    let questions = Questions::of(&mut store);
    drop(store);
    let answers = questions.ask(home.path()).unwrap();
    assert!(answers.state.is_ok() && answers.found.iter().all(Result::is_ok));
    (home, questions, answers)
}

/// Whether a failure says that something is damaged.
fn says_so(error: &StoreError) -> bool {
    matches!(
        error.code(),
        Code::StoreCorrupt | Code::StoreSchemaTooNew | Code::StoreRollbackDetected | Code::StoreReadOnly
    )
}

fn same_or_refused<T: PartialEq + std::fmt::Debug>(
    (found, expected): (&Result<T, StoreError>, &Result<T, StoreError>),
    point: &str,
) -> bool {
    match found {
        Ok(_) => assert!(found == expected, "{point}: another answer: {found:?}\ninstead of\n{expected:?}"),
        Err(error) => assert!(says_so(error), "{point}: {error:?}"),
    }
    found.is_err()
}

/// Asks a damaged store; whether it was noticed.
fn judge(home: &Home, questions: &Questions, sound: &Answers, point: &str) -> bool {
    let asked = catch_unwind(AssertUnwindSafe(|| questions.ask(home.path())));
    let answers = match asked {
        Ok(Ok(answers)) => answers,
        Ok(Err(error)) => {
            assert!(says_so(&error), "{point}: {error:?}");
            return true;
        }
        Err(_) => panic!("{point}: a panic"),
    };
    let mut noticed = same_or_refused((&without_marks(answers.state), &without_marks_of(&sound.state)), point);
    for pair in answers.found.iter().zip(&sound.found) {
        noticed |= same_or_refused(pair, point);
    }
    for pair in answers.by_id.iter().zip(&sound.by_id) {
        noticed |= same_or_refused(pair, point);
    }
    for pair in answers.resolved.iter().zip(&sound.resolved) {
        noticed |= same_or_refused(pair, point);
    }
    for pair in answers.reports.iter().zip(&sound.reports) {
        noticed |= same_or_refused(pair, point);
    }
    noticed
}

/// A mark that cannot be found any more costs arithmetic and nothing else; one that nobody made is not believed.
fn without_marks(state: Result<State, StoreError>) -> Result<State, StoreError> {
    state.map(State::without_marks)
}

fn without_marks_of(state: &Result<State, StoreError>) -> Result<State, StoreError> {
    without_marks(state.clone())
}

/// Numbers that look random and are always the same.
fn random(seed: u64) -> impl FnMut() -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 20).unwrap()
    }
}

#[test]
fn a_bit_flipped_in_any_page_is_noticed_or_changes_no_answer() {
    let (home, questions, answers) = sound();
    let flips = usize::try_from(size("STELLA_FLIPS", 6)).unwrap();
    let original = fs::read(home.file("attest.db")).unwrap();
    assert!(original.len() >= 10 * PAGE && original.len().is_multiple_of(PAGE));
    let mut random = random(1);
    let (mut points, mut noticed) = (0, 0);
    for page in 0..original.len() / PAGE {
        for flip in 0..flips {
            // In the header, among the pointers, and in the rows, which lie at the end of a page.
            let within = match flip % 3 {
                0 => random() % 120,
                1 => PAGE - 1 - random() % 600,
                _ => random() % PAGE,
            };
            let (at, bit) = (page * PAGE + within, random() % 8);
            let damaged = home.copy();
            let mut bytes = original.clone();
            bytes[at] ^= 1 << bit;
            fs::write(damaged.file("attest.db"), bytes).unwrap();
            let found = judge(&damaged, &questions, &answers, &format!("page {page}, byte {within}, bit {bit}"));
            points += 1;
            noticed += u32::from(found);
        }
    }
    assert!(noticed > points / 4, "{noticed} of {points}");
    println!(
        "embedded store, bits flipped in the database: {points} points tested / {noticed} noticed / 0 other answers"
    );
}

#[test]
fn a_bit_flipped_anywhere_in_the_documents_is_noticed() {
    let (home, questions, answers) = sound();
    let mut points = 0;
    for number in 1.. {
        let name = format!("attest/{number:08}.seg");
        let Ok(original) = fs::read(home.file(&name)) else { break };
        for at in (0..original.len()).step_by(97) {
            let damaged = home.copy();
            let mut bytes = original.clone();
            bytes[at] ^= 1 << (at % 8);
            fs::write(damaged.file(&name), bytes).unwrap();
            let point = format!("{name}, byte {at}");
            judge(&damaged, &questions, &answers, &point);
            // What is behind the end of the store is nobody's; within, a check names the arrival, unless the bit means nothing to zstd.
            let flaws = open(damaged.path()).unwrap().check(9, &mut |_| ()).unwrap();
            assert!(flaws.iter().all(|flaw| flaw.arrival.is_some()), "{point}: {flaws:?}");
            points += 1;
        }
    }
    assert!(points > 50);
    println!("embedded store, bits flipped in the documents: {points} points tested / 0 other answers");
}

#[test]
fn a_file_cut_at_any_page_is_noticed() {
    let (home, questions, answers) = sound();
    let mut points = 0;
    for name in ["attest.db", "attest/00000001.seg", "attest/00000002.seg"] {
        let original = fs::read(home.file(name)).unwrap();
        let unit = if name == "attest.db" { PAGE } else { 1_000 };
        let mut lengths: Vec<usize> =
            (0..original.len()).step_by(unit).flat_map(|at| [at.max(1) - 1, at, at + 1]).collect();
        lengths.push(original.len() - 1);
        lengths.retain(|length| *length < original.len());
        for length in lengths {
            let damaged = home.copy();
            fs::write(damaged.file(name), &original[..length]).unwrap();
            let copy = damaged.copy();
            let noticed = judge(&damaged, &questions, &answers, &format!("{name} cut at {length}"));
            // What is missing may be asked for by nobody here; a check looks at everything.
            let sound = || open(copy.path()).and_then(|mut store| store.check(9, &mut |_| ()));
            assert!(noticed || !sound().unwrap().is_empty(), "{name} cut at {length}");
            points += 1;
        }
        for other in [vec![0; original.len()], vec![0xff; original.len()]] {
            let damaged = home.copy();
            fs::write(damaged.file(name), other).unwrap();
            assert!(judge(&damaged, &questions, &answers, &format!("{name} overwritten")));
            points += 1;
        }
    }
    println!("embedded store, files cut or overwritten: {points} points tested / {points} noticed");
}

/// A copy of a store that is open, whose latest changes are in `attest.db-wal` alone.
fn running() -> (Home, Questions, Answers) {
    let (home, ..) = sound();
    let mut store = open(home.path()).unwrap();
    add(&mut store, &documents("late", 3)).unwrap();
    store.journal(&[event(9)]).unwrap();
    let copy = home.copy();
    assert!(fs::metadata(copy.file("attest.db-wal")).unwrap().len() > 0);
    let questions = Questions::of(&mut store);
    let answers = questions.ask(home.path()).unwrap();
    (copy, questions, answers)
}

#[test]
fn changes_that_are_in_the_log_of_the_database_alone_are_never_lost_in_silence() {
    let (home, questions, answers) = running();
    // As it is, it is recovered.
    assert!(!judge(&home.copy(), &questions, &answers, "recovered"));
    let wal = fs::read(home.file("attest.db-wal")).unwrap();
    let gone = home.copy();
    fs::remove_file(gone.file("attest.db-wal")).unwrap();
    assert!(judge(&gone, &questions, &answers, "without it"));
    let refused = open(gone.path()).err().unwrap();
    assert_eq!(refused.code(), Code::StoreRollbackDetected, "{refused:?}");
    let (mut points, mut random) = (1, random(2));
    for length in (0..wal.len()).step_by(PAGE / 2) {
        let cut = home.copy();
        fs::write(cut.file("attest.db-wal"), &wal[..length]).unwrap();
        assert!(judge(&cut, &questions, &answers, &format!("cut at {length}")));
        points += 1;
    }
    for at in (0..wal.len()).step_by(1_021) {
        let flipped = home.copy();
        let mut bytes = wal.clone();
        bytes[at] ^= 1 << (random() % 8);
        fs::write(flipped.file("attest.db-wal"), bytes).unwrap();
        judge(&flipped, &questions, &answers, &format!("bit of byte {at}"));
        points += 1;
    }
    println!("embedded store, attest.db-wal missing, cut, changed: {points} points tested / 0 silently older");
}

#[test]
fn the_log_of_another_time_or_of_another_database_is_noticed() {
    let (home, questions, answers) = running();
    let stale = fs::read(home.file("attest.db-wal")).unwrap();
    // The store goes on, and is closed.
    drop(open(home.path()).unwrap());
    let closed = home.copy();
    fs::write(closed.file("attest.db-wal"), &stale).unwrap();
    judge(&closed, &questions, &answers, "the same again, after it was taken in");
    let mut store = open(home.path()).unwrap();
    add(&mut store, &documents("later still", 40)).unwrap();
    store.journal(&(0..1_100).map(event).collect::<Vec<_>>()).unwrap();
    let questions = Questions::of(&mut store);
    drop(store);
    let answers = questions.ask(home.path()).unwrap();
    let old = home.copy();
    fs::write(old.file("attest.db-wal"), &stale).unwrap();
    assert!(judge(&old, &questions, &answers, "of an earlier time"));
    let other = Home::empty();
    let mut foreign = Embedded::create(place(other.path()), [8; 16]).unwrap();
    prepare(&mut foreign);
    let replaced = home.copy();
    fs::copy(other.file("attest.db-wal"), replaced.file("attest.db-wal")).unwrap();
    assert!(judge(&replaced, &questions, &answers, "of another store"));
    // The whole database of another store, or an older one of this.
    let _ = fs::remove_file(replaced.file("attest.db-wal"));
    drop(foreign);
    fs::copy(other.file("attest.db"), replaced.file("attest.db")).unwrap();
    assert_eq!(open(replaced.path()).err().unwrap().code(), Code::StoreCorrupt);
    fs::copy(closed.file("attest.db"), replaced.file("attest.db")).unwrap();
    assert_eq!(open(replaced.path()).err().unwrap().code(), Code::StoreRollbackDetected);
    // Whoever has nothing else takes it as it is.
    fs::remove_file(replaced.file("attest/latest")).unwrap();
    open(replaced.path()).unwrap();
}

#[test]
fn a_database_that_is_missing_is_not_begun_anew_over_its_documents() {
    let (home, ..) = sound();
    fs::remove_file(home.file("attest.db")).unwrap();
    assert_eq!(open(home.path()).err().unwrap().code(), Code::StoreCorrupt);
    let made = Embedded::create(place(home.path()), [8; 16]).err().unwrap();
    assert_eq!(made.code(), Code::StoreCorrupt, "{made:?}");
    let (home, ..) = sound();
    fs::remove_file(home.file("attest/00000001.seg")).unwrap();
    let mut store = open(home.path()).unwrap();
    assert_eq!(state(&mut store).unwrap_err().code(), Code::StoreCorrupt);
    assert!(store.check(9, &mut |_| ()).unwrap().iter().any(|flaw| flaw.place.ends_with("00000001.seg")));
    fs::remove_dir_all(home.file("attest")).unwrap();
    assert_eq!(open(home.path()).err().unwrap().code(), Code::StoreCorrupt);
}
