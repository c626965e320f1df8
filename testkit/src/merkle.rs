//! RFC 6962 §2.1, written straight from its recursive definitions so that it shares nothing with the code it tests.

use sha2::{Digest as _, Sha256};

/// SHA-256.
pub type Hash = [u8; 32];

/// Hash of a leaf.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(bytes).finalize().into()
}

/// Hash of an inner node.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Root of a tree of leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// Audit path of the leaf at `index`, from the leaf upwards.
pub fn audit_path(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, sibling) = if index < left.len() {
        (audit_path(left, index), root(right))
    } else {
        (audit_path(right, index - left.len()), root(left))
    };
    path.push(sibling);
    path
}

/// The largest power of two smaller than `count`.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_audit_path_leads_to_the_root_of_a_tree_of_four() {
        let leaves: Vec<Hash> = (0_u8..4).map(|number| leaf(&[number])).collect();
        assert_eq!(audit_path(&leaves, 2), [leaves[3], node(&leaves[0], &leaves[1])]);
        assert_eq!(root(&leaves), node(&node(&leaves[0], &leaves[1]), &node(&leaves[2], &leaves[3])));
    }
}
