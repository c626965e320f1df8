//! What decides whether everything is verified is held against checksums and counts.

use stella_attest_store::{AttestationStore, EventFilter, Finished, Link, LinkKind, OperationId};
use stella_testkit::postgres::Server;
use stella_vocabulary::{Code, Reason};

use crate::world::{AT, add, create, documents, event, incoming, plan, report, run_id, schema};

#[test]
fn what_somebody_changed_in_a_run_is_never_counted_and_a_check_names_it() {
    let Some(server) = Server::shared() else { return };
    for (change, table) in [
        ("UPDATE run SET planned = planned - 1", "run"),
        ("UPDATE run SET plan = set_byte(plan, length(plan) - 1, 9)", "run"),
        ("UPDATE share SET arrivals = '{3,3}' WHERE number = 1", "share"),
        ("UPDATE share SET outcome = set_byte(outcome, length(outcome) - 1, 9) WHERE number = 0", "share"),
        ("UPDATE share SET outcome_sum = NULL WHERE number = 0", "share"),
        (
            "UPDATE share SET outcome = (SELECT outcome FROM share WHERE number = 0), outcome_sum = sum WHERE number = 1",
            "share",
        ),
        ("DELETE FROM share WHERE number = 1", "share"),
    ] {
        let schema = schema();
        let mut store = create(&server.socket_url(&schema));
        add(&mut store, &documents("kept", 4)).unwrap();
        let run = run_id();
        store.start_run(run, &plan(2)).unwrap();
        let share = store.take_share(run, "one", 600).unwrap().unwrap();
        let results: Vec<_> = share.arrivals.iter().map(|arrival| report(arrival, None, &[])).collect();
        assert_eq!(store.finish_share(run, "one", share.number, &results).unwrap(), Finished::Counted);
        assert_eq!(store.run(run).unwrap().unwrap().by_code, [(None, 2)]);
        assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
        server.sql(&format!("SET search_path TO {schema}; {change}"));
        let refused = store.run(run).unwrap_err();
        assert_eq!(refused.code(), Code::StoreCorrupt, "{change}: {refused:?}");
        let flaws = store.check(9, &mut |_| ()).unwrap();
        assert!(flaws.iter().any(|flaw| flaw.place.contains(table)), "{change}: {flaws:?}");
        if change.contains("arrivals") {
            assert_eq!(store.take_share(run, "two", 600).unwrap_err().code(), Code::StoreCorrupt);
        }
    }
}

#[test]
fn a_damaged_arrival_counts_as_that_and_keeps_nobody_from_judging_the_others() {
    let Some(server) = Server::shared() else { return };
    for (change, damaged) in [
        ("UPDATE arrival SET at = at + 1 WHERE sequence = 3", vec![3]),
        ("UPDATE arrival SET form = 'odd' WHERE sequence = 3", vec![3]),
        // The one behind it has nothing to continue.
        ("DELETE FROM arrival WHERE sequence = 3", vec![3, 4]),
        ("UPDATE arrival SET at = at + 1", vec![1, 2, 3, 4, 5, 6]),
    ] {
        let schema = schema();
        let mut store = create(&server.socket_url(&schema));
        add(&mut store, &documents("kept", 6)).unwrap();
        let run = run_id();
        store.start_run(run, &plan(6)).unwrap();
        server.sql(&format!("SET search_path TO {schema}; {change}"));
        let share = store.take_share(run, "one", 600).unwrap().unwrap();
        let mut named: Vec<u64> = share.damaged.iter().filter_map(|flaw| flaw.arrival).collect();
        named.sort_unstable();
        assert_eq!(named, damaged, "{change}");
        assert_eq!(share.arrivals.len() + named.len(), 6, "{change}");
        let results: Vec<_> = share.arrivals.iter().map(|arrival| report(arrival, None, &[])).collect();
        // One that is not damaged cannot be passed over.
        if let Some((_, fewer)) = results.split_last() {
            assert_eq!(store.finish_share(run, "one", 0, fewer).unwrap_err().code(), Code::StoreNotFound, "{change}");
        }
        assert_eq!(store.finish_share(run, "one", 0, &results).unwrap(), Finished::Counted, "{change}");
        let state = store.run(run).unwrap().unwrap();
        let counted: u64 = state.by_code.iter().map(|(_, count)| count).sum();
        assert_eq!((state.judged, counted), (6, 6), "{change}");
        assert!(state.by_code.contains(&(Some(Code::StoreCorrupt), damaged.len() as u64)), "{change}: {state:?}");
    }
}

#[test]
fn an_answer_that_somebody_changed_is_not_given() {
    let Some(server) = Server::shared() else { return };
    for change in [
        "UPDATE operation SET answer = set_byte(answer, length(answer) - 1, 255 - get_byte(answer, length(answer) - 1))",
        "UPDATE operation SET answer = set_byte(answer, 16, 255 - get_byte(answer, 16))",
        "UPDATE operation SET answer = answer || 'x'",
        "UPDATE operation SET answer = ''",
        "UPDATE operation o SET answer = (SELECT p.answer FROM operation p WHERE p.id <> o.id)",
    ] {
        let schema = schema();
        let mut store = create(&server.socket_url(&schema));
        let (one, other) = (documents("one", 2), documents("other", 3));
        let operations = [OperationId([1; 16]), OperationId([2; 16])];
        let added = store.add(&incoming(&one), operations[0]).unwrap();
        store.add(&incoming(&other), operations[1]).unwrap();
        assert_eq!(store.add(&incoming(&one), operations[0]).unwrap(), added);
        server.sql(&format!("SET search_path TO {schema}; {change}"));
        let refused = store.add(&incoming(&one), operations[0]).unwrap_err();
        assert_eq!(refused.code(), Code::StoreCorrupt, "{change}: {refused:?}");
        assert_eq!(store.about().unwrap().head.size, 5, "{change}");
    }
}

#[test]
fn results_of_a_share_that_took_longer_than_its_lease_count_if_nobody_was_faster() {
    let Some(server) = Server::shared() else { return };
    let mut store = create(&server.socket_url(&schema()));
    add(&mut store, &documents("kept", 2)).unwrap();
    let run = run_id();
    store.start_run(run, &plan(2)).unwrap();
    // A lease of no seconds is over at once.
    let share = store.take_share(run, "slow", 0).unwrap().unwrap();
    assert_eq!(store.take_share(run, "other", 600).unwrap().as_ref(), Some(&share));
    let results = |code| share.arrivals.iter().map(|arrival| report(arrival, code, &[])).collect::<Vec<_>>();
    assert_eq!(store.finish_share(run, "slow", 0, &results(None)).unwrap(), Finished::Counted);
    let late = results(Some(Code::SigInvalid));
    assert_eq!(store.finish_share(run, "other", 0, &late).unwrap(), Finished::TakenOver);
    assert_eq!(store.run(run).unwrap().unwrap().by_code, [(None, 2)]);
}

#[test]
fn an_event_that_was_taken_out_and_a_changed_link_are_found() {
    let Some(server) = Server::shared() else { return };
    let schema = schema();
    let mut store = create(&server.socket_url(&schema));
    add(&mut store, &documents("kept", 2)).unwrap();
    store.journal(&[event(1), event(2), event(3)]).unwrap();
    let [one, other] = [1, 2].map(|sequence| store.arrival(sequence).unwrap().unwrap().attestation);
    let link = Link { from: one, to: other, kind: LinkKind::Resigned, at: AT };
    store.keep_link(&link).unwrap();
    assert_eq!(store.links(&one).unwrap(), [link]);
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
    server.sql(&format!("SET search_path TO {schema}; DELETE FROM event WHERE sequence = 2"));
    let flaws = store.check(9, &mut |_| ()).unwrap();
    assert!(flaws.iter().any(|flaw| flaw.place.contains("journal_head")), "{flaws:?}");
    assert_eq!(store.events(&EventFilter::default(), 0, 9).unwrap().len(), 2);
    server.sql(&format!("SET search_path TO {schema}; CREATE TABLE aside AS SELECT * FROM link; DELETE FROM link"));
    let flaws = store.check(9, &mut |_| ()).unwrap();
    assert!(flaws.iter().any(|flaw| flaw.what == "there are 0 links, and 1 were kept"), "{flaws:?}");
    server.sql(&format!(
        "SET search_path TO {schema}; INSERT INTO link (earlier, later, kind, at, sum) SELECT earlier, later, kind, at, sum FROM aside; UPDATE link SET at = at + 1"
    ));
    assert_eq!(store.links(&one).unwrap_err().code(), Code::StoreCorrupt);
    let flaws = store.check(9, &mut |_| ()).unwrap();
    assert!(flaws.iter().any(|flaw| flaw.place.contains("link")), "{flaws:?}");
}
