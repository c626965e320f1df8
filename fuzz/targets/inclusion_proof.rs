//! Inclusion and consistency agree with trees computed from the recursive definitions of RFC 6962, and no single change is accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_fuzz::{Input, check_reason};
use stella_testkit::merkle as naive;
use stella_transparency::merkle::{self, Hash};

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    // Any numbers and hashes at all.
    let (index, size) = (input.number(), input.number());
    let hashes: Vec<Hash> = (0..input.below(70)).map(|_| [input.byte(); 32]).collect();
    for (index, size) in [(index, size), (index, index.wrapping_add(1)), (0, size), (size.wrapping_sub(1), size)] {
        if let Err(error) = merkle::root_from_inclusion(&[7; 32], index, size, &hashes) {
            check_reason(&error);
        }
        if let Err(error) = merkle::verify_consistency(index, size, &[7; 32], &[8; 32], &hashes) {
            check_reason(&error);
        }
    }

    // A real tree. Leaves are numbered, so that all are different.
    let size = 1 + input.below(70);
    let salt = input.byte();
    let leaves: Vec<Hash> = (0..size).map(|number| naive::leaf(&[salt, number as u8])).collect();
    assert_eq!(leaves[0], merkle::leaf_hash(&[salt, 0]));
    let root = naive::root(&leaves);
    assert_eq!(merkle::root_of(leaves.iter().copied()), root);

    let index = input.below(size);
    let path = naive::audit_path(&leaves, index);
    let verify = |leaf: &Hash, index: usize, size: usize, path: &[Hash], root: &Hash| {
        merkle::verify_inclusion(leaf, index as u64, size as u64, path, root)
    };
    verify(&leaves[index], index, size, &path, &root).expect("the path of the tree");
    assert_eq!(merkle::root_from_inclusion(&leaves[index], index as u64, size as u64, &path), Ok(root));

    let change = |hash: &Hash, input: &mut Input<'_>| {
        let mut changed = *hash;
        changed[input.below(32)] ^= 1 << input.below(8);
        changed
    };
    assert!(verify(&change(&leaves[index], &mut input), index, size, &path, &root).is_err());
    assert!(verify(&leaves[index], index, size, &path, &change(&root, &mut input)).is_err());
    let at = input.below(path.len());
    if !path.is_empty() {
        let mut changed = path.clone();
        changed[at] = change(&path[at], &mut input);
        assert!(verify(&leaves[index], index, size, &changed, &root).is_err());
        changed.clone_from(&path);
        changed.remove(at);
        assert!(verify(&leaves[index], index, size, &changed, &root).is_err());
        let other = input.below(path.len());
        changed.clone_from(&path);
        changed.swap(at, other);
        assert_eq!(verify(&leaves[index], index, size, &changed, &root).is_ok(), at == other);
    }
    let mut longer = path.clone();
    longer.insert(at, [input.byte(); 32]);
    assert!(verify(&leaves[index], index, size, &longer, &root).is_err());
    let other = input.below(80);
    if other != index {
        assert!(verify(&leaves[index], other, size, &path, &root).is_err(), "{index} is not {other}");
    }
    // Another size leads to the same root only where it gives the path the same shape: what says the size is the checkpoint.
    let other_size = input.below(80);
    if verify(&leaves[index], index, other_size, &path, &root).is_ok() {
        assert_eq!(sides(index, other_size), sides(index, size));
    }

    let older = 1 + input.below(size);
    check_consistency(&leaves, older, &mut input);
});

/// On which side each sibling of a path is, from the leaf upwards.
fn sides(index: usize, size: usize) -> Vec<bool> {
    if size <= 1 {
        return Vec::new();
    }
    let split = size.next_power_of_two() / 2;
    let (mut sides, left) =
        if index < split { (sides(index, split), false) } else { (sides(index - split, size - split), true) };
    sides.push(left);
    sides
}

fn check_consistency(leaves: &[Hash], older: usize, input: &mut Input<'_>) {
    let (old, new) = (naive::root(&leaves[..older]), naive::root(leaves));
    let proof = if older == leaves.len() { Vec::new() } else { consistency(leaves, older, true) };
    let verify = |sizes: (usize, usize), roots: (&Hash, &Hash), proof: &[Hash]| {
        merkle::verify_consistency(sizes.0 as u64, sizes.1 as u64, roots.0, roots.1, proof)
    };
    let sizes = (older, leaves.len());
    verify(sizes, (&old, &new), &proof).expect("the proof of the tree");
    let mut changed = old;
    changed[input.below(32)] ^= 1 << input.below(8);
    assert!(verify(sizes, (&changed, &new), &proof).is_err());
    changed = new;
    changed[input.below(32)] ^= 1 << input.below(8);
    assert!(verify(sizes, (&old, &changed), &proof).is_err());
    for at in 0..proof.len() {
        let mut changed = proof.clone();
        changed[at][input.below(32)] ^= 1 << input.below(8);
        assert!(verify(sizes, (&old, &new), &changed).is_err());
        changed.remove(at);
        assert!(verify(sizes, (&old, &new), &changed).is_err());
    }
    let mut longer = proof.clone();
    longer.push([0; 32]);
    assert!(verify(sizes, (&old, &new), &longer).is_err());
}

/// `SUBPROOF` of RFC 6962 §2.1.2.
fn consistency(leaves: &[Hash], older: usize, complete: bool) -> Vec<Hash> {
    if older == leaves.len() {
        return if complete { Vec::new() } else { vec![naive::root(leaves)] };
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut proof, sibling) = if older <= left.len() {
        (consistency(left, older, complete), naive::root(right))
    } else {
        (consistency(right, older - left.len(), false), naive::root(left))
    };
    proof.push(sibling);
    proof
}
