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
    let mut frontier = Frontier::default();
    leaves.into_iter().for_each(|leaf| frontier.push(leaf));
    frontier.root()
}

/// A tree that only grows, reduced to what its next root needs: at most 64 hashes. RFC 6962 §2.1.
///
/// ```
/// use stella_transparency::merkle::{self, Frontier};
///
/// let leaves = [merkle::leaf_hash(b"one"), merkle::leaf_hash(b"two"), merkle::leaf_hash(b"three")];
/// let mut frontier = Frontier::default();
/// leaves.iter().for_each(|leaf| frontier.push(*leaf));
/// assert_eq!((frontier.size(), frontier.root()), (3, merkle::root_of(leaves)));
/// assert_eq!(Frontier::from_subtrees(3, frontier.subtrees()), Some(frontier));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of complete subtrees, the largest first: one for each bit that is set in `size`.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// Takes up a tree of `size` leaves from the roots of its complete subtrees, the largest first.
    ///
    /// `None` when there are more or fewer than `size` has bits that are set, or when `size` is not below 2⁶³.
    #[must_use]
    pub fn from_subtrees(size: u64, subtrees: &[Hash]) -> Option<Self> {
        // Half of the range is left for pushing, and nobody lives long enough to use it.
        let fits = size.leading_zeros() > 0 && u32::try_from(subtrees.len()) == Ok(size.count_ones());
        fits.then(|| Self { size, subtrees: subtrees.to_vec() })
    }

    /// Adds a leaf at the right end.
    ///
    /// # Panics
    /// After 2⁶³ leaves that were pushed one by one.
    pub fn push(&mut self, leaf: Hash) {
        // Adding one to a binary counter: every trailing one is a complete subtree that the new leaf completes further.
        let mut hash = leaf;
        for _ in 0..self.size.trailing_ones() {
            match self.subtrees.pop() {
                Some(left) => hash = node_hash(&left, &hash),
                None => break,
            }
        }
        self.subtrees.push(hash);
        self.size = self.size.checked_add(1).expect("nobody can push 2⁶³ leaves");
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over all leaves so far; that of no leaves is the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let folded = self.subtrees.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
        folded.unwrap_or_else(|| Sha256::digest([]).into())
    }

    /// Roots of the complete subtrees, the largest first.
    #[must_use]
    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }
}

/// Builds the proof that the leaf at `index` is in the tree with these leaf hashes: siblings from the leaf upwards. RFC 6962 §2.1.1.
///
/// `None` when `index` is outside the tree. Costs one pass over the leaves.
#[must_use]
pub fn inclusion_proof(index: usize, leaves: &[Hash]) -> Option<Vec<Hash>> {
    let (mut rest, mut index) = (leaves, index);
    if index >= leaves.len() {
        return None;
    }
    let mut proof = Vec::new();
    while rest.len() > 1 {
        let (left, right) = rest.split_at(split_point(rest.len()));
        if index < left.len() {
            proof.push(root_of(right.iter().copied()));
            rest = left;
        } else {
            index -= left.len();
            proof.push(root_of(left.iter().copied()));
            rest = right;
        }
    }
    proof.reverse();
    Some(proof)
}

/// Builds the proof that the tree with these leaf hashes continues the tree of its first `older` leaves. RFC 6962 §2.1.2.
///
/// `None` when `older` is 0 or more than there are leaves. Costs one pass over the leaves.
#[must_use]
pub fn consistency_proof(older: usize, leaves: &[Hash]) -> Option<Vec<Hash>> {
    if older == 0 || older > leaves.len() {
        return None;
    }
    let (mut rest, mut older) = (leaves, older);
    let mut proof = Vec::new();
    // Whether `rest` begins with the older tree's own left edge, whose root the verifier knows.
    let mut known = true;
    while older < rest.len() {
        let (left, right) = rest.split_at(split_point(rest.len()));
        if older <= left.len() {
            proof.push(root_of(right.iter().copied()));
            rest = left;
        } else {
            older -= left.len();
            proof.push(root_of(left.iter().copied()));
            rest = right;
            known = false;
        }
    }
    if !known {
        proof.push(root_of(rest.iter().copied()));
    }
    proof.reverse();
    Some(proof)
}

/// The largest power of two below `leaves`, which is at least 2.
fn split_point(leaves: usize) -> usize {
    1 << (usize::BITS - 1 - (leaves - 1).leading_zeros())
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
