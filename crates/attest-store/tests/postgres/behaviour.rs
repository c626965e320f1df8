//! What it does when nothing goes wrong.

use stella_attest_store::postgres::Shared;
use stella_attest_store::{Added, AttestationStore, Filter};
use stella_testkit::postgres::Server;
use stella_vocabulary::{Code, Reason};

use crate::world::{add, connection, create, documents, incoming, operation, schema};

#[test]
fn what_was_added_is_found_again_by_whoever_connects() {
    let Some(server) = Server::shared() else { return };
    let url = server.socket_url(&schema());
    assert_eq!(Shared::connect(&connection(&url)).err().unwrap().code(), Code::StoreNotFound);
    let mut store = create(&url);
    assert_eq!(Shared::create(&connection(&url), [8; 16]).err().unwrap().code(), Code::UsageConflict);
    let batch = documents("one", 20);
    let operation = operation();
    let added = store.add(&incoming(&batch), operation).unwrap();
    assert_eq!(added, (1..=20).map(Added::New).collect::<Vec<_>>());
    assert_eq!(store.add(&incoming(&batch), operation).unwrap(), added);
    assert_eq!(add(&mut store, &batch).unwrap(), (1..=20).map(Added::Duplicate).collect::<Vec<_>>());
    let mut other = Shared::connect(&connection(&url)).unwrap();
    let about = other.about().unwrap();
    assert_eq!((about.head.size, about.attestations, about.id), (20, 20, [7; 16]));
    for document in &batch {
        let arrivals = other.arrivals(&document.facts.attestation).unwrap();
        assert_eq!(arrivals.len(), 1);
        assert_eq!(other.document(&arrivals[0]).unwrap(), document.bytes);
        let subject = document.facts.subjects.first().cloned();
        assert_eq!(other.find(&Filter { subject, ..Filter::default() }, 0, 9).unwrap(), arrivals);
    }
    assert_eq!(other.check(10, &mut |_| ()).unwrap(), []);
}
