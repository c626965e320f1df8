//! Taking documents in, and finding them again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use stella_attest_model::{AttestationId, Digest, IdPrefix};
use stella_attest_store::{Added, Arrival, ArrivalsHead, AttestationStore, Documents, Filter, Incoming, StoreError};
use stella_vocabulary::{Code, Reason, hex};

use super::Place;
use super::made::{AT, Document, add, document, documents, incoming, later, of_bytes, operation, various};

fn all(store: &mut dyn AttestationStore) -> Vec<Arrival> {
    store.find(&Filter::default(), 0, 10_000).unwrap()
}

pub(crate) fn what_was_taken_in_comes_back_after_the_store_was_closed(place: &dyn Place) {
    let kept = various(24);
    let mut store = place.fresh();
    let added = add(store.as_mut(), &kept).unwrap();
    assert_eq!(added, (1..=24).map(Added::New).collect::<Vec<_>>());
    drop(store);
    let mut store = place.open().unwrap();
    let about = store.about().unwrap();
    let bytes: usize = kept.iter().map(|document| document.bytes.len()).sum();
    assert_eq!((about.head.size, about.attestations, about.bytes, about.id), (24, 24, bytes as u64, [7; 16]));
    let mut link = [0; 32];
    for (sequence, document) in (1..).zip(&kept) {
        let arrivals = store.arrivals(&document.facts.attestation).unwrap();
        let [arrival] = arrivals.as_slice() else { panic!("{arrivals:?}") };
        assert_eq!(store.document(arrival).unwrap(), document.bytes);
        assert_eq!(store.arrival(sequence).unwrap().as_ref(), Some(arrival));
        assert_eq!((arrival.sequence, arrival.at, arrival.first), (sequence, AT, true));
        assert_eq!(arrival.predicate_type, document.facts.predicate_type);
        assert_eq!((&arrival.identity, &arrival.issuer), (&document.facts.identity, &document.facts.issuer));
        assert!(arrival.continues(&link));
        link = arrival.link;
    }
    assert_eq!(about.head.link, link);
}

pub(crate) fn a_batch_under_the_same_name_is_taken_in_once(place: &dyn Place) {
    let mut store = place.fresh();
    let batch = documents("one", 20);
    let name = operation();
    let added = store.add(&incoming(&batch), name).unwrap();
    assert_eq!(store.add(&incoming(&batch), name).unwrap(), added);
    assert_eq!(store.add(&incoming(&batch), operation()).unwrap(), (1..=20).map(Added::Duplicate).collect::<Vec<_>>());
    // The name stands for a batch of another length.
    assert_eq!(store.add(&incoming(&batch[1..]), name).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(store.add(&[], operation()).unwrap(), []);
    assert_eq!(store.about().unwrap().head.size, 20);
}

/// Whoever can give files must not be able to make everything slow by giving evidence of one attestation again and again.
pub(crate) fn thousands_of_documents_of_one_attestation_are_no_more_work_each(place: &dyn Place) {
    let mut store = place.fresh();
    let one = document("one");
    let many: Vec<Document> =
        (0..2_000).map(|count| of_bytes([b" ".repeat(count), one.bytes.clone()].concat())).collect();
    let begun = Instant::now();
    let (first, rest) = many.split_at(1_000);
    for part in [first, rest] {
        let added = add(store.as_mut(), part).unwrap();
        assert!(added.iter().skip(1).all(|added| matches!(added, Added::Evidence(_))), "{added:?}");
    }
    let taken_in = begun.elapsed();
    let again = add(store.as_mut(), &many).unwrap();
    assert_eq!(again, (1..=2_000).map(Added::Duplicate).collect::<Vec<_>>());
    let known = begun.elapsed() - taken_in;
    println!("2,000 documents of one attestation: {taken_in:?}, and {known:?} when they are known");
    assert_eq!(store.arrivals(&one.facts.attestation).unwrap().len(), 2_000);
    // Four million rows would take a minute.
    assert!(known < Duration::from_secs(10), "{known:?}");
}

pub(crate) fn the_same_bytes_are_kept_once_and_other_evidence_beside_them(place: &dyn Place) {
    let mut store = place.fresh();
    let one = document("one");
    // The same envelope, written otherwise: the id is that of its canonical form.
    let spaced = of_bytes([b" ".as_slice(), &one.bytes].concat());
    let two = document("two");
    assert_eq!(one.facts.attestation, spaced.facts.attestation);
    let batch = [&one, &one, &spaced, &two, &spaced];
    let batch: Vec<Incoming<'_>> =
        batch.map(|document| Incoming { document: &document.bytes, facts: &document.facts, at: AT }).to_vec();
    let added = store.add(&batch, operation()).unwrap();
    let expected = [Added::New(1), Added::Duplicate(1), Added::Evidence(2), Added::New(3), Added::Duplicate(2)];
    assert_eq!(added, expected);
    let later = [document("two"), of_bytes([b"  ".as_slice(), &one.bytes].concat())];
    assert_eq!(add(store.as_mut(), &later).unwrap(), [Added::Duplicate(3), Added::Evidence(4)]);
    let about = store.about().unwrap();
    assert_eq!((about.head.size, about.attestations), (4, 2));
    let sequences: Vec<u64> =
        store.arrivals(&one.facts.attestation).unwrap().iter().map(|arrival| arrival.sequence).collect();
    assert_eq!(sequences, [1, 2, 4]);
    let first = Filter { documents: Documents::First, ..Filter::default() };
    assert!(store.find(&first, 0, 9).unwrap().iter().map(|arrival| arrival.sequence).eq([1, 3]));
}

pub(crate) fn a_document_of_several_mebibytes_comes_back(place: &dyn Place) {
    let mut store = place.fresh();
    // Noise, so that it is as long when it is compressed.
    let mut state = 7_u64;
    let noise: String = (0..300_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("{:08x}", state >> 32)
        })
        .collect();
    let long = super::made::document_of(&noise, "https://slsa.dev/provenance/v1");
    assert!(long.bytes.len() > 3 << 20);
    let batch = [document("before"), long, document("behind")];
    add(store.as_mut(), &batch).unwrap();
    drop(store);
    let mut store = place.open().unwrap();
    for (arrival, document) in all(store.as_mut()).iter().zip(&batch) {
        assert!(store.document(arrival).unwrap() == document.bytes);
    }
}

pub(crate) fn a_prefix_leads_to_all_ids_that_begin_like_it(place: &dyn Place) {
    let mut store = place.fresh();
    let kept = documents("one", 60);
    add(store.as_mut(), &kept).unwrap();
    let mut ids: Vec<AttestationId> = kept.iter().map(|document| document.facts.attestation).collect();
    ids.sort_unstable_by_key(|id| *id.as_bytes());
    for id in &ids {
        let digits = hex::encode(id.as_bytes());
        for length in [8, 9, 15, 16, 17, 63, 64] {
            let prefix: IdPrefix = digits[..length].parse().unwrap();
            let expected: Vec<_> = ids.iter().filter(|id| prefix.matches(id)).copied().collect();
            assert_eq!(store.resolve(&prefix, 9).unwrap(), expected, "{prefix}");
        }
        let last = if digits.ends_with('0') { '1' } else { '0' };
        let other: IdPrefix = format!("{}{last}", &digits[..63]).parse().unwrap();
        assert_eq!(store.resolve(&other, 9).unwrap(), []);
    }
    for prefix in ["00000000", "ffffffff", &"f".repeat(64), &"0".repeat(64)] {
        assert_eq!(store.resolve(&prefix.parse().unwrap(), 9).unwrap(), []);
    }
    let prefix: IdPrefix = hex::encode(ids[0].as_bytes())[..8].parse().unwrap();
    assert_eq!(store.resolve(&prefix, 0).unwrap(), []);
}

pub(crate) fn facts_of_another_document_are_refused(place: &dyn Place) {
    let mut store = place.fresh();
    let (one, two) = (document("one"), document("two"));
    let wrong = [Incoming { document: &one.bytes, facts: &two.facts, at: AT }];
    assert_eq!(store.add(&wrong, operation()).unwrap_err().code(), Code::StoreCorrupt);
    assert_eq!(store.about().unwrap().head.size, 0);
}

/// What the documentation of the filter says.
fn fits(filter: &Filter, arrival: &Arrival, document: &Document) -> bool {
    let facts = &document.facts;
    let key = facts.key.map(|key| key.to_string());
    filter.subject.as_ref().is_none_or(|subject| facts.subjects.contains(subject))
        && filter.predicate_type.as_ref().is_none_or(|kind| facts.predicate_type.as_ref() == Some(kind))
        && filter.identity.as_ref().is_none_or(|identity| facts.identity.as_ref() == Some(identity))
        && filter.issuer.as_ref().is_none_or(|issuer| facts.issuer.as_ref() == Some(issuer))
        && filter.key.as_ref().is_none_or(|wanted| key.as_ref() == Some(wanted) || facts.key_hints.contains(wanted))
        && filter.since.is_none_or(|since| arrival.at >= since)
        && filter.until.is_none_or(|until| arrival.at < until)
        && (filter.documents == Documents::All || arrival.first)
}

pub(crate) fn filters_give_what_looking_at_each_arrival_gives(place: &dyn Place) {
    let mut store = place.fresh();
    let mut kept = various(30);
    // Further documents of attestations that are there.
    kept.extend([0, 7, 7].map(|number| of_bytes([b"\n".repeat(number + 1), kept[number].bytes.clone()].concat())));
    for (seconds, document) in (0..).zip(&kept) {
        // Clocks of those who bring something do not agree.
        let at = later(seconds * 7 % 40);
        store.add(&[Incoming { document: &document.bytes, facts: &document.facts, at }], operation()).unwrap();
    }
    let arrivals = all(store.as_mut());
    let kept: Vec<Document> = arrivals.iter().map(|arrival| of_bytes(store.document(arrival).unwrap())).collect();
    let texts = |of: &dyn Fn(&Document) -> Option<String>| {
        let found: BTreeSet<Option<String>> = kept.iter().map(of).chain([Some("nobody".to_owned())]).collect();
        found.into_iter().chain([None]).collect::<BTreeSet<_>>()
    };
    let subjects = [None, Some(kept[0].facts.subjects[0]), Some(kept[7].facts.subjects[0]), Some(Digest::sha256(b"?"))];
    let keys = texts(&|document| document.facts.key.map(|key| key.to_string()))
        .into_iter()
        .chain(texts(&|document| document.facts.key_hints.first().cloned()));
    let mut asked = 0;
    for key in keys {
        for predicate_type in texts(&|document| document.facts.predicate_type.clone()) {
            for identity in texts(&|document| document.facts.identity.clone()) {
                for (subject, issuer, since, until, documents) in [
                    (&subjects[0], None, None, None, Documents::All),
                    (&subjects[1], None, None, None, Documents::All),
                    (&subjects[2], None, None, None, Documents::First),
                    (&subjects[3], None, None, None, Documents::All),
                    (&subjects[0], Some("https://issuer.example"), None, None, Documents::All),
                    (&subjects[0], None, Some(later(10)), None, Documents::All),
                    (&subjects[0], None, None, Some(later(10)), Documents::First),
                    (&subjects[0], None, Some(later(10)), Some(later(11)), Documents::All),
                    (&subjects[0], None, Some(later(99)), None, Documents::All),
                ] {
                    let filter = Filter {
                        subject: *subject,
                        predicate_type: predicate_type.clone(),
                        identity: identity.clone(),
                        issuer: issuer.map(str::to_owned),
                        key: key.clone(),
                        since,
                        until,
                        documents,
                    };
                    let pairs = arrivals.iter().zip(&kept);
                    let expected: Vec<&Arrival> = pairs
                        .filter(|(arrival, document)| fits(&filter, arrival, document))
                        .map(|(one, _)| one)
                        .collect();
                    let found = store.find(&filter, 0, 99).unwrap();
                    assert!(found.iter().eq(expected.iter().copied()), "{filter:?}: {found:?} instead of {expected:?}");
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 500, "{asked}");
}

pub(crate) fn pages_come_to_the_whole(place: &dyn Place) {
    let mut store = place.fresh();
    add(store.as_mut(), &various(25)).unwrap();
    let of_type = Filter { predicate_type: Some("https://spdx.dev/Document".to_owned()), ..Filter::default() };
    for filter in [Filter::default(), of_type] {
        let whole = store.find(&filter, 0, 99).unwrap();
        for most in 1..=whole.len() + 1 {
            let (mut pages, mut after) = (Vec::new(), 0);
            loop {
                let page = store.find(&filter, after, most).unwrap();
                assert!(page.len() <= most);
                let Some(last) = page.last() else { break };
                after = last.sequence;
                pages.extend(page);
            }
            assert_eq!(pages, whole);
        }
        assert_eq!(store.find(&filter, 0, 0).unwrap(), []);
        assert_eq!(store.find(&filter, u64::MAX, 9).unwrap(), []);
        assert_eq!(store.find(&filter, u64::MAX / 2, 9).unwrap(), []);
    }
}

pub(crate) fn what_is_not_there_is_not_found(place: &dyn Place) {
    let mut store = place.fresh();
    let kept = documents("one", 3);
    let other = document("other");
    for round in 0..2 {
        assert_eq!(store.arrivals(&other.facts.attestation).unwrap(), []);
        for sequence in [0, 4, u64::MAX, i64::MAX as u64] {
            assert_eq!(store.arrival(sequence).unwrap(), None, "{sequence}");
        }
        assert_eq!(store.report(&other.facts.attestation).unwrap(), None);
        assert_eq!(store.links(&other.facts.attestation).unwrap(), []);
        if round == 0 {
            add(store.as_mut(), &kept).unwrap();
        }
    }
    let arrival = store.arrival(2).unwrap().unwrap();
    // An arrival of another store.
    for foreign in [
        Arrival { document: other.facts.document, ..arrival.clone() },
        Arrival { sequence: 9, ..arrival.clone() },
        Arrival { sequence: 0, ..arrival.clone() },
        Arrival { sequence: u64::MAX, ..arrival.clone() },
    ] {
        assert_eq!(store.document(&foreign).unwrap_err().code(), Code::StoreNotFound, "{foreign:?}");
    }
    assert_eq!(store.document(&arrival).unwrap(), kept[1].bytes);
}

pub(crate) fn what_is_taken_over_continues_what_is_there(place: &dyn Place) {
    let mut store = place.fresh();
    let kept = various(6);
    // As another store would have numbered them.
    let mut head = ArrivalsHead::default();
    let whole: Vec<(Arrival, Vec<u8>)> = kept
        .iter()
        .map(|document| {
            let arrival = numbered(&head, document);
            head = ArrivalsHead { size: arrival.sequence, link: arrival.link };
            (arrival, document.bytes.clone())
        })
        .collect();
    let refused = |store: &mut dyn AttestationStore, arrivals: &[(Arrival, Vec<u8>)], code: Code| {
        let before = store.about().unwrap();
        let error = store.take_over(arrivals).unwrap_err();
        assert_eq!(error.code(), code, "{error:?}");
        assert_eq!(store.about().unwrap(), before);
    };
    store.take_over(&[]).unwrap();
    refused(store.as_mut(), &whole[1..], Code::UsageConflict);
    store.take_over(&whole[..2]).unwrap();
    refused(store.as_mut(), &whole[..3], Code::UsageConflict);
    refused(store.as_mut(), &whole[3..], Code::UsageConflict);
    let changed = |change: &dyn Fn(&mut Arrival)| {
        let mut one = whole[2].clone();
        change(&mut one.0);
        [one]
    };
    refused(store.as_mut(), &changed(&|one| one.at = later(1)), Code::UsageConflict);
    refused(store.as_mut(), &changed(&|one| one.link[0] ^= 1), Code::UsageConflict);
    refused(store.as_mut(), &changed(&|one| one.first = false), Code::UsageConflict);
    refused(store.as_mut(), &changed(&|one| one.length += 1), Code::StoreCorrupt);
    refused(store.as_mut(), &changed(&|one| one.document[0] ^= 1), Code::StoreCorrupt);
    refused(store.as_mut(), &changed(&|one| one.attestation = kept[0].facts.attestation), Code::StoreCorrupt);
    refused(
        store.as_mut(),
        &changed(&|one| one.predicate_type = Some("https://other.example/v1".into())),
        Code::StoreCorrupt,
    );
    refused(store.as_mut(), &changed(&|one| one.identity = Some("other@example.com".into())), Code::StoreCorrupt);
    refused(store.as_mut(), &changed(&|one| one.issuer = Some("https://other.example".into())), Code::StoreCorrupt);
    // The same document again, within one batch, where its number and link would fit.
    let after = ArrivalsHead { size: whole[2].0.sequence, link: whole[2].0.link };
    let again = Arrival { first: false, ..numbered(&after, &kept[2]) };
    refused(store.as_mut(), &[whole[2].clone(), (again, whole[2].1.clone())], Code::UsageConflict);
    let swapped = [(whole[2].0.clone(), whole[3].1.clone())];
    refused(store.as_mut(), &swapped, Code::StoreCorrupt);
    store.take_over(&whole[2..]).unwrap();
    let all = all(store.as_mut());
    assert!(all.iter().eq(whole.iter().map(|(arrival, _)| arrival)));
    assert_eq!(store.about().unwrap().head, head);
    // What goes on from there is one chain.
    add(store.as_mut(), &documents("more", 1)).unwrap();
    assert!(store.arrival(7).unwrap().unwrap().continues(&head.link));
    assert!(matches!(store.take_over(&whole[..1]), Err(StoreError::NotAContinuation { sequence: 1 })));
    assert_eq!(store.check(9, &mut |_| ()).unwrap(), []);
}

/// The arrival of a document behind others that are not the same.
fn numbered(head: &ArrivalsHead, document: &Document) -> Arrival {
    let facts = &document.facts;
    let sequence = head.size + 1;
    Arrival {
        sequence,
        at: AT,
        attestation: facts.attestation,
        document: facts.document,
        form: facts.form,
        length: document.bytes.len() as u64,
        first: true,
        predicate_type: facts.predicate_type.clone(),
        identity: facts.identity.clone(),
        issuer: facts.issuer.clone(),
        link: Arrival::link_after(&head.link, sequence, AT, &facts.attestation, &facts.document),
    }
}
