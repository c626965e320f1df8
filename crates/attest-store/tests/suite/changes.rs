//! Every change that a store knows, for those who interrupt it, and what a store answers before and after.

use stella_attest_store::{
    About, Arrival, AttestationStore, Event, EventFilter, Filter, Link, LinkKind, OperationId, ReportRecord, Retention,
    RunId, RunState, StoreError,
};
use stella_vocabulary::Code;

use super::made::{AT, add, documents, event, incoming, plan, report};

pub(crate) const RUN: RunId = RunId([5; 16]);
const NAMED: OperationId = OperationId([9; 16]);

/// All that can be asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) about: About,
    pub(crate) arrivals: Vec<Arrival>,
    documents: Vec<Vec<u8>>,
    reports: Vec<ReportRecord>,
    events: Vec<Event>,
    links: Vec<Link>,
    remembered: Vec<bool>,
    run: Option<RunState>,
}

impl State {
    /// Without what may be forgotten.
    #[allow(dead_code, reason = "each test program uses its part")]
    pub(crate) fn without_marks(self) -> Self {
        Self { remembered: Vec::new(), ..self }
    }
}

/// What a store answers to everything.
pub(crate) fn state(store: &mut dyn AttestationStore) -> Result<State, StoreError> {
    let about = About { place: String::new(), ..store.about()? };
    let first = store.arrival(1)?.ok_or_else(|| StoreError::NotFound { what: "arrival 1".to_owned() })?;
    let arrivals = store.find(&Filter::default(), 0, 1_000)?;
    assert_eq!(arrivals.len() as u64, about.head.size);
    let documents = arrivals.iter().map(|arrival| store.document(arrival)).collect::<Result<_, _>>()?;
    Ok(State {
        reports: store.reports(None, 0, 1_000)?,
        events: store.events(&EventFilter::default(), 0, 1_000)?,
        links: store.links(&first.attestation)?,
        remembered: store.remembered(&[[1; 32], [2; 32], [3; 32]])?,
        run: store.run(RUN)?,
        about,
        arrivals,
        documents,
    })
}

/// Puts something of everything into an empty store.
pub(crate) fn prepare(store: &mut dyn AttestationStore) {
    add(store, &documents("kept", 5)).unwrap();
    let arrivals = store.find(&Default::default(), 0, 9).unwrap();
    store.keep_reports(&[report(&arrivals[0], None, &["key/1", "anchor/2"])]).unwrap();
    store.journal(&[event(1), event(2), event(3)]).unwrap();
    store.remember(&[[1; 32]]).unwrap();
    store.start_run(RUN, &plan(2)).unwrap();
    let share = store.take_share(RUN, "before", 3_600).unwrap().unwrap();
    assert_eq!(share.arrivals.len(), 2);
}

pub(crate) type Change = fn(&mut dyn AttestationStore) -> Result<(), StoreError>;

/// Every change that a store knows, and whether it has the same outcome when it is asked for again.
pub(crate) const CHANGES: &[(&str, Change, bool)] = &[
    ("add", |store| store.add(&incoming(&documents("new", 3)), NAMED).map(|_| ()), true),
    (
        "keep_reports",
        |store| {
            let arrivals = store.find(&Default::default(), 0, 3)?;
            let reports: Vec<_> = arrivals
                .iter()
                .map(|arrival| report(arrival, Some(Code::SigInvalid), &["key/1", "issuer/3"]))
                .collect();
            store.keep_reports(&reports)
        },
        true,
    ),
    (
        "keep_link",
        |store| {
            let (one, two) = (store.arrival(1)?.unwrap(), store.arrival(2)?.unwrap());
            let link = Link { from: one.attestation, to: two.attestation, kind: LinkKind::Resigned, at: AT };
            store.keep_link(&link)
        },
        true,
    ),
    ("journal", |store| store.journal(&[event(4), event(5)]), false),
    ("forget_events", |store| store.forget_events(&Retention { before: None, most: Some(1) }).map(|_| ()), true),
    ("remember", |store| store.remember(&[[2; 32], [3; 32]]), true),
    ("forget_marks", |store| store.forget_marks().map(|_| ()), true),
    ("start_run", |store| store.start_run(RunId([6; 16]), &plan(3)).map(|_| ()), true),
    ("take_share", |store| store.take_share(RUN, "worker", 3_600).map(|_| ()), false),
    (
        "finish_share",
        |store| {
            let arrivals = store.find(&Default::default(), 0, 2)?;
            let results: Vec<_> = arrivals.iter().map(|arrival| report(arrival, None, &["key/1"])).collect();
            store.finish_share(RUN, "before", 0, &results).map(|_| ())
        },
        true,
    ),
];

/// What a run of interruptions has found.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) points: u64,
    pub(crate) acknowledged: u64,
    pub(crate) lost: u64,
    pub(crate) half_applied: u64,
    pub(crate) audit_failures: u64,
}

impl Tally {
    #[track_caller]
    pub(crate) fn print(&self, what: &str) {
        println!(
            "{what}: {} points tested / {} acknowledged changes / {} lost / {} half-applied / {} audit failures",
            self.points, self.acknowledged, self.lost, self.half_applied, self.audit_failures
        );
        assert_eq!((self.lost, self.half_applied, self.audit_failures), (0, 0, 0));
    }
}
