//! RFC 6962 Merkle trees over SHA-256: inclusion, consistency, and the root of a list of leaves.
//!
//! Nothing here knows what a leaf means. A leaf is hashed with the prefix `0x00` and a node with `0x01`, so that an entry whose
//! bytes equal the two children of a node can never stand for that node (RFC 6962 §2.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use sha2::{Digest as _, Sha256};
use stella_vocabulary::{Code, Reason};

/// A SHA-256 hash of a leaf, a node or a root.
pub type Hash = [u8; 32];

/// Hashes the bytes of a leaf: SHA-256 of `0x00` and the bytes. RFC 6962 §2.1.
///
/// ```
/// use stella_transparency::merkle;
///
/// assert_eq!(merkle::root_of([merkle::leaf_hash(b"one")]), merkle::leaf_hash(b"one"));
/// ```
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(leaf);
    hasher.finalize().into()
}

/// Hashes two children: SHA-256 of `0x01`, the left and the right hash. RFC 6962 §2.1.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update([0x01]);
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// Computes the root of a tree with these leaf hashes, in order; the root of no leaves is the hash of nothing. RFC 6962 §2.1.
///
/// Memory grows with the logarithm of the number of leaves.
#[must_use]
pub fn root_of(leaves: impl IntoIterator<Item = Hash>) -> Hash {
    // Roots of complete subtrees, the largest first, each with its height: the shape of a binary counter.
    let mut subtrees: Vec<(u32, Hash)> = Vec::new();
    for leaf in leaves {
        let (mut height, mut hash) = (0, leaf);
        while let Some((left_height, left)) = subtrees.pop() {
            if left_height != height {
                subtrees.push((left_height, left));
                break;
            }
            hash = node_hash(&left, &hash);
            height += 1;
        }
        subtrees.push((height, hash));
    }
    let folded = subtrees.into_iter().map(|(_, hash)| hash).rev().reduce(|right, left| node_hash(&left, &right));
    folded.unwrap_or_else(|| Sha256::digest([]).into())
}

/// Computes the root that a proof leads to, for the leaf at `index` (from 0) of a tree of `size` leaves. RFC 9162 §2.1.3.2.
///
/// `proof` lists the siblings from the leaf upwards, as RFC 6962 §2.1.1 does.
///
/// # Errors
/// [`MerkleError::IndexOutOfRange`] when `index` is not below `size`; [`MerkleError::ProofLength`] when the proof has more or
/// fewer hashes than a tree of that size needs.
///
/// # Left to the caller
/// Comparing the result with a root that somebody trustworthy has signed.
pub fn root_from_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash]) -> Result<Hash, MerkleError> {
    if index >= size {
        return Err(MerkleError::IndexOutOfRange { index, size });
    }
    let shape = PathShape::new(index, size);
    if proof.len() != shape.inner + shape.border {
        return Err(MerkleError::ProofLength { expected: shape.inner + shape.border, found: proof.len() });
    }
    let (inner, border) = proof.split_at(shape.inner);
    Ok(chain_border(chain_inner(*leaf, inner, index), border))
}

/// Verifies that `leaf` is at `index` of the tree of `size` leaves whose root is `root`. RFC 9162 §2.1.3.2.
///
/// # Errors
/// Those of [`root_from_inclusion`], and [`MerkleError::RootMismatch`] when the proof leads elsewhere.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), MerkleError> {
    compare(&root_from_inclusion(leaf, index, size, proof)?, root)
}

/// Verifies that the tree `(size2, root2)` continues the tree `(size1, root1)` without changing a leaf. RFC 9162 §2.1.4.2.
///
/// # Errors
/// [`MerkleError::SizesReversed`] when `size1` is above `size2`; [`MerkleError::EmptyTree`] when `size1` is 0 and `size2` is not,
/// because everything continues an empty tree and a proof of it says nothing; [`MerkleError::ProofLength`] and
/// [`MerkleError::RootMismatch`] as for inclusion.
pub fn verify_consistency(
    size1: u64,
    size2: u64,
    root1: &Hash,
    root2: &Hash,
    proof: &[Hash],
) -> Result<(), MerkleError> {
    if size1 > size2 {
        return Err(MerkleError::SizesReversed { older: size1, newer: size2 });
    }
    if size1 == size2 {
        return match proof.len() {
            0 => compare(root1, root2),
            found => Err(MerkleError::ProofLength { expected: 0, found }),
        };
    }
    if size1 == 0 {
        return Err(MerkleError::EmptyTree);
    }
    // The path of the last leaf of the older tree, cut where the older tree has a complete subtree: `size1` is a multiple of its size.
    let complete = size1.trailing_zeros();
    let mut shape = PathShape::new(size1 - 1, size2);
    shape.inner = shape.inner.saturating_sub(complete as usize);
    // A power of two is itself that subtree, and its root is known: the proof then omits it.
    let (seed, rest) = match (size1.is_power_of_two(), proof.split_first()) {
        (true, _) => (*root1, proof),
        (false, Some((first, rest))) => (*first, rest),
        (false, None) => return Err(MerkleError::ProofLength { expected: shape.inner + shape.border + 1, found: 0 }),
    };
    if rest.len() != shape.inner + shape.border {
        let seeds = proof.len() - rest.len();
        return Err(MerkleError::ProofLength { expected: shape.inner + shape.border + seeds, found: proof.len() });
    }
    let (inner, border) = rest.split_at(shape.inner);
    // `size1 - 1 >> 64` cannot occur: `size1` is not 0, so it has fewer than 64 trailing zeros.
    let mask = (size1 - 1) >> complete;
    let older = inner.iter().enumerate().filter(|(level, _)| bit(mask, *level)).map(|(_, hash)| hash);
    let older = older.chain(border).fold(seed, |hash, left| node_hash(left, &hash));
    compare(&older, root1)?;
    compare(&chain_border(chain_inner(seed, inner, mask), border), root2)
}

/// How many siblings a path has below the point where it leaves the right border of the tree, and how many on the border.
struct PathShape {
    inner: usize,
    border: usize,
}

impl PathShape {
    /// `index` is below `size`.
    fn new(index: u64, size: u64) -> Self {
        let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
        // A shift by 64 bits is out of range for the type and means "nothing is left".
        let border = index.checked_shr(inner).unwrap_or(0).count_ones();
        Self { inner: inner as usize, border: border as usize }
    }
}

fn chain_inner(seed: Hash, siblings: &[Hash], index: u64) -> Hash {
    siblings.iter().enumerate().fold(seed, |hash, (level, sibling)| {
        if bit(index, level) { node_hash(sibling, &hash) } else { node_hash(&hash, sibling) }
    })
}

/// On the right border every sibling is to the left.
fn chain_border(seed: Hash, siblings: &[Hash]) -> Hash {
    siblings.iter().fold(seed, |hash, sibling| node_hash(sibling, &hash))
}

fn bit(value: u64, level: usize) -> bool {
    u32::try_from(level).ok().and_then(|level| value.checked_shr(level)).unwrap_or(0) & 1 == 1
}

fn compare(computed: &Hash, expected: &Hash) -> Result<(), MerkleError> {
    if computed == expected { Ok(()) } else { Err(MerkleError::RootMismatch { expected: *expected, found: *computed }) }
}

/// Why a Merkle proof proves nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum MerkleError {
    /// A consistency proof from the empty tree.
    EmptyTree,
    /// The leaf would be outside the tree.
    IndexOutOfRange {
        /// The index claimed, from 0.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The proof has more or fewer hashes than the tree needs.
    ProofLength {
        /// Hashes that a proof for this index and size has.
        expected: usize,
        /// Hashes given.
        found: usize,
    },
    /// The proof leads to another root.
    RootMismatch {
        /// The root to prove.
        expected: Hash,
        /// The root computed.
        found: Hash,
    },
    /// The tree called older has more leaves than the newer one.
    SizesReversed {
        /// Leaves of the tree called older.
        older: u64,
        /// Leaves of the tree called newer.
        newer: u64,
    },
}

impl fmt::Display for MerkleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyTree => f.write_str("a consistency proof from the empty tree proves nothing"),
            Self::IndexOutOfRange { index, size } => write!(f, "leaf {index} is outside a tree of {size} leaves"),
            Self::ProofLength { expected, found } => {
                write!(f, "the Merkle proof has {found} hashes where this tree needs {expected}")
            }
            Self::RootMismatch { .. } => f.write_str("the Merkle proof leads to another root"),
            Self::SizesReversed { older, newer } => {
                write!(f, "the older tree has {older} leaves and the newer only {newer}")
            }
        }
    }
}

impl core::error::Error for MerkleError {}

impl Reason for MerkleError {
    fn code(&self) -> Code {
        Code::TlogInclusionProofInvalid
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::RootMismatch { found, .. } => Some(stella_vocabulary::hex::encode(found)),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::RootMismatch { expected, .. } => Some(stella_vocabulary::hex::encode(expected)),
            _ => None,
        }
    }

    fn clause(&self) -> Option<&'static str> {
        Some("RFC 6962 §2.1")
    }
}
