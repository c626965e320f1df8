//! Bags of certificates made to lose one's way in. Work is counted; time depends on the machine.

use std::time::{Duration, Instant};

use stella_chain_verify::{Anchor, Budget, Certificate, ChainPolicy, Pool, Purpose, Search, Work};
use stella_crypto_providers::{Registry, Scheme};
use stella_testkit::maze::{self, Maze, Shape};
use stella_vocabulary::{Code, Reason};

use stella_chain_verify::ChainError;

fn search(maze: &Maze) -> Search {
    search_with(maze, &ChainPolicy::new(Purpose::code_signing()))
}

/// A guard against hanging: what takes so long is no slow machine.
#[allow(clippy::disallowed_methods, reason = "a guard against hanging")]
fn search_with(maze: &Maze, policy: &ChainPolicy) -> Search {
    let read = |der: &Vec<u8>| Certificate::from_der(der).unwrap();
    let bag: Vec<_> = maze.bag.iter().map(read).collect();
    let pool = Pool::new(&Registry::rustcrypto(), vec![Anchor::new(read(&maze.root))], vec![]);
    let leaf = read(&maze.leaf);
    let start = Instant::now();
    let search = pool.search(&leaf, &bag, &[maze::AT], policy);
    let time = start.elapsed();
    assert!(time < Duration::from_secs(20), "{time:?} {:?}", search.spent);
    search
}

fn code(search: Search) -> Code {
    search.into_result().unwrap_err().code()
}

const CURVES: [Scheme; 3] = [Scheme::EcdsaP256Sha256, Scheme::EcdsaP384Sha384, Scheme::EcdsaP521Sha512];

#[test]
fn among_a_thousand_of_the_same_name_the_signer_is_computed_with_every_curve() {
    for scheme in CURVES {
        let count = if scheme == Scheme::EcdsaP256Sha256 { 1_000 } else { 50 };
        let search = search(&maze::same_name(scheme, count));
        // Once computed who signed the leaf, once verified, and the link to the root.
        assert!(search.spent.signature_checks <= 3, "{scheme}: {:?}", search.spent);
        assert!(search.spent.candidates <= 4, "{scheme}: {:?}", search.spent);
        assert_eq!(search.verified.unwrap().certificates().len(), 3);
    }
}

#[test]
fn among_a_thousand_of_the_same_name_the_signer_is_found_by_trying_where_he_cannot_be_computed() {
    let search = search(&maze::same_name(Scheme::Ed25519, 1_000));
    assert!(search.spent.signature_checks <= 1_002, "{:?}", search.spent);
    assert!(search.verified.is_some());
}

#[test]
fn a_thousand_ways_that_end_nowhere_cost_no_signature() {
    for scheme in [Scheme::EcdsaP256Sha256, Scheme::Ed25519] {
        let search = search(&maze::dead_ends(scheme, 1_000));
        assert_eq!(search.spent.signature_checks, 2, "{:?}", search.spent);
        assert!(search.verified.is_some());
    }
}

#[test]
fn the_way_out_of_a_thousand_keys_of_one_name_is_found() {
    let search = search(&maze::one_name(Scheme::EcdsaP256Sha256, 1_000));
    assert!(search.spent.signature_checks <= 8, "{:?}", search.spent);
    assert_eq!(search.verified.unwrap().certificates().len(), 5);
}

#[test]
fn each_rung_of_a_ladder_is_tried_once() {
    for (scheme, rungs) in [(Scheme::Ed25519, 200), (Scheme::EcdsaP256Sha256, 100)] {
        let search = search(&maze::ladder(scheme, 5, rungs));
        assert!(search.spent.signature_checks <= 5 * rungs + 1, "{:?}", search.spent);
        assert_eq!(search.verified.unwrap().certificates().len(), 7);
    }
}

#[test]
fn a_hundred_authorities_that_certify_each_other_lead_nowhere_and_are_not_followed_for_long() {
    for shape in Shape::ALL {
        let search = search(&maze::cross_signed(100, shape));
        assert!(search.spent.signature_checks <= Budget::default().signature_checks, "{shape:?}: {:?}", search.spent);
        assert!(search.verified.is_none());
        // All of one name and key are one authority, which is soon asked about everything.
        let is_one = shape.one_subject && shape.one_key;
        let expected = if is_one { Code::X509UnknownIssuer } else { Code::X509PathBudgetExceeded };
        assert_eq!(code(search), expected, "{shape:?}");
    }
}

#[test]
fn ten_thousand_forged_twins_end_at_the_budget() {
    let maze = maze::forged_twins(Scheme::EcdsaP256Sha256, 10_000);
    let search = search(&maze);
    assert!(search.spent.signature_effort <= Budget::default().signature_effort);
    assert!(matches!(
        search.into_result().unwrap_err().best,
        ChainError::BudgetExceeded { work: Work::SignatureEffort, .. }
    ));
    let enough = Budget { signature_effort: 1 << 20, ..Budget::default() };
    let few = Maze { bag: maze.bag[..40].to_vec(), ..maze };
    let policy = ChainPolicy::new(Purpose::code_signing()).with_budget(enough);
    assert_eq!(code(search_with(&few, &policy)), Code::X509SignatureInvalid);
}

#[test]
fn two_thousand_names_against_two_thousand_constraints_end_at_the_budget() {
    let search = search(&maze::names_and_constraints(2_000));
    assert!(search.spent.name_constraint_comparisons <= Budget::default().name_constraint_comparisons);
    assert_eq!(code(search), Code::X509PathBudgetExceeded);
    assert!(self::search(&maze::names_and_constraints(400)).verified.is_some());
}

#[test]
fn policies_that_are_mapped_in_all_ways_are_counted_and_not_multiplied() {
    let search = search(&maze::policy_mappings(6, 24));
    assert_eq!(search.verified.unwrap().policies().named().len(), 24);
}
