use proptest::prelude::*;
use stella_chain_verify::{Budget, Certificate, ChainPolicy, Pool, Purpose};
use stella_vocabulary::{Code, Reason};

use crate::builder::*;

/// A small world of authorities that certify each other at will: edge `(child, issuer)` over five names, each with one key.
fn world(edges: &[(u8, u8, bool)]) -> Vec<Certificate> {
    let title = |number: u8| format!("CA {number}");
    let certify = |(child, issuer, good): &(u8, u8, bool)| {
        let draft = Draft::authority(&title(*child), &key(10 + child), &title(*issuer));
        let draft = if *good { draft } else { draft.valid("240101000000Z", "241231235959Z") };
        draft.sign(&key(10 + issuer))
    };
    edges.iter().map(certify).collect()
}

fn edges() -> impl Strategy<Value = Vec<(u8, u8, bool)>> {
    proptest::collection::vec((0u8..5, 0u8..5, proptest::bool::weighted(0.8)), 0..8)
}

fn leaf() -> Certificate {
    Draft::leaf("Signer", &key(3), "CA 0").sign(&key(10))
}

fn verdict(pool: &Pool, extra: &[Certificate], budget: Budget) -> (Result<(), Code>, bool) {
    let policy = ChainPolicy::new(Purpose::code_signing()).with_budget(budget);
    let search = pool.search(&leaf(), extra, &[at(NOON)], &policy);
    let spent = search.spent;
    let within = spent.signature_checks <= budget.signature_checks && spent.candidates <= budget.candidates;
    (search.into_result().map(drop).map_err(|refused| refused.code()), within)
}

/// One authority of another world: certified by whom, whether it is valid, and its path length.
type Edge = (u8, u8, bool, Option<u8>);

/// Whether there is a path from a certificate that `issuer` issued: all of them tried. `below` counts the intermediates so far.
fn leads_out(edges: &[Edge], anchors: &[u8], depth: usize, issuer: u8, path: &mut Vec<u8>, below: u8) -> bool {
    if path.len() + 2 > depth || path.contains(&issuer) {
        return false;
    }
    if anchors.contains(&issuer) {
        return true;
    }
    path.push(issuer);
    let found = edges.iter().any(|(child, above, good, limit)| {
        let fits = *child == issuer && *good && limit.is_none_or(|limit| below <= limit);
        let below = below + u8::from(child != above);
        fits && leads_out(edges, anchors, depth, *above, path, below)
    });
    path.pop();
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_path_is_found_exactly_where_trying_all_of_them_finds_one(
        edges in proptest::collection::vec(
            (0u8..6, 0u8..6, proptest::bool::weighted(0.85), proptest::option::weighted(0.3, 0u8..3)), 0..16,
        ),
        anchors in proptest::collection::vec(0u8..6, 0..3), depth in 2usize..9,
    ) {
        let title = |number: u8| format!("CA {number}");
        let certify = |(at, (child, issuer, good, limit)): (usize, &Edge)| {
            let mut draft = Draft::authority(&title(*child), &key(10 + child), &title(*issuer));
            draft = if *good { draft } else { draft.valid("240101000000Z", "241231235959Z") };
            draft = limit.map_or(draft.clone(), |limit| draft.path_length(limit));
            draft.serial = vec![1 + at as u8];
            draft.sign(&key(10 + issuer))
        };
        let bag: Vec<_> = edges.iter().enumerate().map(certify).collect();
        let roots: Vec<_> = anchors.iter().map(|number| (*number, *number, true)).collect();
        let expected = leads_out(&edges, &anchors, depth, 0, &mut Vec::new(), 0);
        let budget = Budget { path_depth: depth, ..Budget::default() };
        let (found, _) = verdict(&pool(world(&roots), vec![]), &bag, budget);
        prop_assert_eq!(found.is_ok(), expected, "{:?}", found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_certificates_never_changes_the_verdict(
        edges in edges(), anchors in proptest::collection::vec(0u8..5, 0..3), rotation in 0usize..8, split in 0usize..8,
    ) {
        let roots: Vec<_> = anchors.iter().map(|number| (*number, *number, true)).collect();
        let (roots, certificates) = (world(&roots), world(&edges));
        let expected = verdict(&pool(roots.clone(), vec![]), &certificates, Budget::default()).0;

        let mut turned = certificates.clone();
        turned.rotate_left(rotation.min(certificates.len()));
        turned.reverse();
        prop_assert_eq!(verdict(&pool(roots.clone(), vec![]), &turned, Budget::default()).0, expected);

        // Where a certificate comes from does not matter either, except that anchors are trusted.
        let (known, extra) = turned.split_at(split.min(turned.len()));
        let mut turned_roots = roots;
        turned_roots.reverse();
        let accepted = verdict(&pool(turned_roots, known.to_vec()), extra, Budget::default()).0.is_ok();
        prop_assert_eq!(accepted, expected.is_ok());
    }

    #[test]
    fn removing_an_anchor_or_a_certificate_never_turns_a_refusal_into_acceptance(
        edges in edges(), anchors in proptest::collection::vec(0u8..5, 1..3), removed in 0usize..8,
    ) {
        let roots: Vec<_> = anchors.iter().map(|number| (*number, *number, true)).collect();
        let (roots, certificates) = (world(&roots), world(&edges));
        if verdict(&pool(roots.clone(), vec![]), &certificates, Budget::default()).0.is_err() {
            let fewer = roots[1..].to_vec();
            prop_assert!(verdict(&pool(fewer, vec![]), &certificates, Budget::default()).0.is_err());
            let mut fewer = certificates;
            if removed < fewer.len() {
                fewer.remove(removed);
            }
            prop_assert!(verdict(&pool(roots, vec![]), &fewer, Budget::default()).0.is_err());
        }
    }

    #[test]
    fn the_budget_is_never_exceeded(edges in edges(), signature_checks in 0usize..6, candidates in 0usize..20) {
        let roots = world(&[(4, 4, true)]);
        let budget = Budget { signature_checks, candidates, ..Budget::default() };
        let (small, within) = verdict(&pool(roots.clone(), vec![]), &world(&edges), budget);
        prop_assert!(within);
        // Less work never accepts more.
        if small.is_ok() {
            prop_assert!(verdict(&pool(roots, vec![]), &world(&edges), Budget::default()).0.is_ok());
        }
    }

    #[test]
    fn arbitrary_bytes_are_no_certificate_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Certificate::from_der(&bytes).is_err());
    }
}

#[test]
fn every_bit_of_a_verified_leaf_and_intermediate_is_protected() {
    let chain = Chain::new();
    let pool = pool(vec![chain.root.sign(&key(1))], vec![]);
    let (leaf, intermediate) = (chain.leaf.der(&key(2)), chain.intermediate.der(&key(1)));
    let judge = |leaf: &[u8], intermediate: &[u8]| {
        let (leaf, intermediate) = (Certificate::from_der(leaf).ok()?, Certificate::from_der(intermediate).ok()?);
        search(&pool, &leaf, &[intermediate]).ok()
    };
    assert!(judge(&leaf, &intermediate).is_some());
    for (der, is_leaf) in [(&leaf, true), (&intermediate, false)] {
        for byte in 0..der.len() {
            let mut flipped = der.clone();
            flipped[byte] ^= 1 << (byte % 8);
            let verified = if is_leaf { judge(&flipped, &intermediate) } else { judge(&leaf, &flipped) };
            assert!(verified.is_none(), "byte {byte}");
        }
    }
}
