//! The catalogue of bad inputs, item by item: what is good verifies, and each bad input, which is one change away from it, is refused with
//! the code, place and exit status that its `expect.toml` declares: by the library, as JSON, and as text.
//!
//! Every process runs under a limit of 256 MiB of memory.

// Descriptors of a process, limits, FIFOs.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "a limit that could not be applied is said plainly")]

mod command;
mod completeness;
mod embedder;
mod item;
mod library;
mod made;
mod refusal;
mod scene;
mod suite;

use item::Item;
use scene::Scene;

/// Runs the items of a section; every fault of every item is told, not only the first.
fn run(from: usize, to: usize) {
    let ids = Item::ids().into_iter().filter(|id| {
        id.strip_prefix('B').and_then(|number| number.parse().ok()).is_some_and(|number| (from..=to).contains(&number))
    });
    run_all(ids);
}

fn run_all(ids: impl Iterator<Item = String>) {
    let (mut items, mut faults) = (0, Vec::new());
    for id in ids {
        items += 1;
        if Scene::is_one(&id) {
            faults.extend(Scene::read(&id).faults());
        } else {
            faults.extend(refusal::faults_of(&Item::read(&id)));
        }
    }
    assert!(items > 0, "there is no item");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn input_that_is_no_document_is_refused() {
    run(1, 7);
}

#[test]
fn text_that_is_no_json_is_refused() {
    run(8, 8);
}

#[test]
fn json_that_two_readers_could_read_differently_is_refused() {
    run(9, 23);
}

#[test]
fn base64_and_pem_that_are_not_canonical_are_refused() {
    run(24, 30);
}

#[test]
fn envelopes_that_nobody_trusted_signed_are_refused() {
    run(31, 47);
}

#[test]
fn statements_that_do_not_bind_the_artifact_are_refused() {
    run(48, 65);
}

#[test]
fn bundles_that_are_not_whole_are_refused() {
    run(66, 78);
}

#[test]
fn what_does_not_verify_is_not_signed_again() {
    run(198, 198);
}

#[test]
fn certificates_that_cannot_be_read_or_should_not_exist_are_refused() {
    run(103, 123);
}

#[test]
fn paths_that_do_not_hold_are_refused() {
    run(124, 154);
}

#[test]
fn stores_that_cannot_be_trusted_are_not_used() {
    run(201, 213);
}

#[test]
fn trust_grows_only_by_agreement() {
    run(214, 223);
}

#[test]
fn keys_are_fetched_from_nowhere_else_and_only_staged() {
    run(224, 234);
}

#[test]
fn inputs_that_must_be_accepted_are_accepted() {
    run_all(Item::ids().into_iter().filter(|id| id.starts_with('A')));
}

#[test]
fn every_input_can_be_shown_without_harm() {
    let mut faults = Vec::new();
    for id in Item::ids() {
        for entry in std::fs::read_dir(Item::root().join(id)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                faults.extend(refusal::faults_of_showing(&path));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
