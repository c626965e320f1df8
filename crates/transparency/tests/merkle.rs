//! RFC 6962 proofs against published vectors and against a naive tree.
#![allow(clippy::unwrap_used)]

mod common;

use proptest::prelude::*;
use stella_transparency::merkle::{self, Frontier, Hash, MerkleError};
use stella_vocabulary::{Code, Reason, base64};

fn hash(value: &serde_json::Value) -> Option<Hash> {
    base64::decode(value.as_str()?).ok()?.try_into().ok()
}

/// `Err` when the vector does not even have the shape of a proof: a hash that is not 32 bytes.
fn judge(case: &serde_json::Value) -> Result<(), String> {
    let number = |name: &str| case[name].as_u64().unwrap();
    // Some vectors have placeholders of another length for roots; a hash of them is as equal or different as they are.
    let required = |name: &str| {
        let bytes = base64::decode(case[name].as_str().unwrap_or_default()).map_err(|error| error.to_string())?;
        let stand_in = name != "leafHash" && !bytes.is_empty();
        match Hash::try_from(bytes.as_slice()) {
            Ok(hash) => Ok(hash),
            Err(_) if stand_in => Ok(merkle::leaf_hash(&bytes)),
            Err(_) => Err(format!("{name} is not a hash")),
        }
    };
    let proof: Option<Vec<Hash>> = case["proof"].as_array().map_or(Some(vec![]), |all| all.iter().map(hash).collect());
    let proof = proof.ok_or("a hash of the proof has another length")?;
    let outcome = match case["kind"].as_str().unwrap() {
        "inclusion" => merkle::verify_inclusion(
            &required("leafHash")?,
            number("leafIdx"),
            number("treeSize"),
            &proof,
            &required("root")?,
        ),
        "consistency" => merkle::verify_consistency(
            number("size1"),
            number("size2"),
            &required("root1")?,
            &required("root2")?,
            &proof,
        ),
        other => panic!("{other}"),
    };
    outcome.map_err(|error| error.to_string())
}

#[test]
fn published_vectors_are_judged_as_published() {
    let mut counts = [0, 0];
    for line in common::text("merkle/cases.jsonl").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let refused = case["wantErr"].as_bool().unwrap();
        let outcome = judge(&case);
        assert_eq!(outcome.is_err(), refused, "{}: {outcome:?}", case["id"]);
        counts[usize::from(refused)] += 1;
    }
    assert_eq!(counts, [8, 110]);
}

#[test]
fn an_empty_tree_has_the_hash_of_nothing_and_no_leaf() {
    let empty = merkle::root_of([]);
    assert_eq!(
        stella_vocabulary::hex::encode(&empty),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    let refusal = merkle::verify_inclusion(&merkle::leaf_hash(b""), 0, 0, &[], &empty).unwrap_err();
    assert_eq!(refusal, MerkleError::IndexOutOfRange { index: 0, size: 0 });
    assert_eq!(refusal.code(), Code::TlogInclusionProofInvalid);
}

#[test]
fn an_entry_that_equals_two_child_hashes_is_not_their_parent() {
    let (left, right) = (merkle::leaf_hash(b"a"), merkle::leaf_hash(b"b"));
    let root = merkle::node_hash(&left, &right);
    let body = [left, right].concat();
    assert_eq!(body.len(), 64);
    assert_ne!(merkle::leaf_hash(&body), root);
    assert!(merkle::verify_inclusion(&merkle::leaf_hash(&body), 0, 1, &[], &root).is_err());
}

#[test]
fn the_largest_sizes_and_indices_are_refused_without_overflow() {
    let hash = [7; 32];
    let extremes = [0, 1, 2, 63, 1 << 32, (1 << 63) - 1, 1 << 63, u64::MAX - 1, u64::MAX];
    let proofs: Vec<Vec<Hash>> = [0, 1, 63, 64, 65, 128].iter().map(|length| vec![hash; *length]).collect();
    for first in extremes {
        for second in extremes {
            for proof in &proofs {
                assert!(merkle::verify_inclusion(&hash, first, second, proof, &[0; 32]).is_err());
                assert!(merkle::verify_consistency(first, second, &[0; 32], &[1; 32], proof).is_err());
            }
        }
    }
    // The last leaf of the largest tree has 63 siblings on the border and none below it.
    assert!(merkle::root_from_inclusion(&hash, u64::MAX - 1, u64::MAX, &vec![hash; 63]).is_ok());
    assert!(merkle::root_from_inclusion(&hash, u64::MAX, u64::MAX, &vec![hash; 63]).is_err());
}

/// RFC 6962 §2.1 word for word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => merkle::root_of([]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            merkle::node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

fn split(size: usize) -> usize {
    size.next_power_of_two() / 2
}

/// RFC 6962 §2.1.1.
fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return vec![];
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (naive_path(index, left), naive_root(right))
    } else {
        (naive_path(index - left.len(), right), naive_root(left))
    };
    path.push(sibling);
    path
}

/// RFC 6962 §2.1.2.
fn naive_consistency(older: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if older == leaves.len() {
        return if whole { vec![] } else { vec![naive_root(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, sibling) = if older <= left.len() {
        (naive_consistency(older, left, whole), naive_root(right))
    } else {
        (naive_consistency(older - left.len(), right, false), naive_root(left))
    };
    proof.push(sibling);
    proof
}

fn leaves(size: usize) -> Vec<Hash> {
    (0..size).map(|number| merkle::leaf_hash(&number.to_be_bytes())).collect()
}

#[test]
fn a_frontier_has_the_root_of_its_leaves_at_every_size_and_can_be_taken_up_again() {
    let leaves = leaves(130);
    let mut frontier = Frontier::default();
    for (size, leaf) in leaves.iter().enumerate() {
        assert_eq!((frontier.size(), frontier.root()), (size as u64, naive_root(&leaves[..size])));
        let mut taken_up = Frontier::from_subtrees(frontier.size(), frontier.subtrees()).unwrap();
        frontier.push(*leaf);
        taken_up.push(*leaf);
        assert_eq!(taken_up, frontier);
    }
    assert_eq!(frontier.subtrees().len(), 2);
    for (size, subtrees) in [(0, 1), (1, 0), (1, 2), (3, 1), (130, 3), (1 << 63, 1), (u64::MAX, 64)] {
        assert_eq!(Frontier::from_subtrees(size, &vec![[7; 32]; subtrees]), None, "{size}");
    }
}

#[test]
fn no_proof_is_built_for_a_leaf_or_an_older_tree_that_is_not_there() {
    let leaves = leaves(5);
    assert_eq!(merkle::inclusion_proof(5, &leaves), None);
    assert_eq!(merkle::inclusion_proof(0, &[]), None);
    assert_eq!(merkle::consistency_proof(0, &leaves), None);
    assert_eq!(merkle::consistency_proof(6, &leaves), None);
    assert_eq!(merkle::consistency_proof(5, &leaves), Some(vec![]));
}

proptest! {
    #[test]
    fn a_naive_tree_agrees_on_roots_inclusion_and_consistency(size in 1_usize..130, pick in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let index = pick.index(size);
        let root = naive_root(&leaves);
        prop_assert_eq!(merkle::root_of(leaves.iter().copied()), root);
        let path = naive_path(index, &leaves);
        prop_assert_eq!(merkle::verify_inclusion(&leaves[index], index as u64, size as u64, &path, &root), Ok(()));
        let older = index + 1;
        prop_assert_eq!(merkle::inclusion_proof(index, &leaves), Some(path));
        let proof = naive_consistency(older, &leaves, true);
        prop_assert_eq!(merkle::consistency_proof(older, &leaves), Some(proof.clone()));
        let older_root = naive_root(&leaves[..older]);
        prop_assert_eq!(merkle::verify_consistency(older as u64, size as u64, &older_root, &root, &proof), Ok(()));
    }

    #[test]
    fn any_single_change_of_an_inclusion_proof_is_refused(
        size in 1_usize..130,
        pick in any::<prop::sample::Index>(),
        change in any::<prop::sample::Index>(),
        bit in 0_u32..256,
    ) {
        let leaves = leaves(size);
        let index = pick.index(size);
        let (leaf, root, path) = (leaves[index], naive_root(&leaves), naive_path(index, &leaves));
        let flip = |hash: &mut Hash| hash[(bit / 8) as usize] ^= 1 << (bit % 8);
        let refused = |leaf: &Hash, index: usize, path: &[Hash], root: &Hash| {
            merkle::verify_inclusion(leaf, index as u64, size as u64, path, root).is_err()
        };
        let (mut other_leaf, mut other_root) = (leaf, root);
        flip(&mut other_leaf);
        flip(&mut other_root);
        prop_assert!(refused(&other_leaf, index, &path, &root));
        prop_assert!(refused(&leaf, index, &path, &other_root));
        prop_assert!(refused(&leaf, index + size, &path, &root));
        let other_index = change.index(size);
        prop_assert!(other_index == index || refused(&leaf, other_index, &path, &root));
        let mut longer = path.clone();
        longer.insert(change.index(path.len() + 1), [0; 32]);
        prop_assert!(refused(&leaf, index, &longer, &root));
        if !path.is_empty() {
            let at = change.index(path.len());
            let mut flipped = path.clone();
            flip(&mut flipped[at]);
            prop_assert!(refused(&leaf, index, &flipped, &root));
            let mut shorter = path.clone();
            shorter.remove(at);
            prop_assert!(refused(&leaf, index, &shorter, &root));
        }
    }

    #[test]
    fn any_single_change_of_a_consistency_proof_is_refused(
        size in 2_usize..130,
        pick in any::<prop::sample::Index>(),
        change in any::<prop::sample::Index>(),
        bit in 0_u32..256,
    ) {
        let leaves = leaves(size);
        let older = 1 + pick.index(size - 1);
        let (root1, root2) = (naive_root(&leaves[..older]), naive_root(&leaves));
        let proof = naive_consistency(older, &leaves, true);
        let refused = |root1: &Hash, root2: &Hash, proof: &[Hash]| {
            merkle::verify_consistency(older as u64, size as u64, root1, root2, proof).is_err()
        };
        let flip = |hash: &mut Hash| hash[(bit / 8) as usize] ^= 1 << (bit % 8);
        let (mut other1, mut other2, mut flipped) = (root1, root2, proof.clone());
        flip(&mut other1);
        flip(&mut other2);
        let at = change.index(proof.len());
        flip(&mut flipped[at]);
        prop_assert!(refused(&other1, &root2, &proof));
        prop_assert!(refused(&root1, &other2, &proof));
        prop_assert!(refused(&root1, &root2, &flipped));
        let mut shorter = proof.clone();
        shorter.remove(at);
        prop_assert!(refused(&root1, &root2, &shorter));
        let mut longer = proof.clone();
        longer.insert(change.index(proof.len() + 1), [0; 32]);
        prop_assert!(refused(&root1, &root2, &longer));
    }
}
