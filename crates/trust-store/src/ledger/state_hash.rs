//! One hash over all objects that costs a few kilobytes of hashing after a change, however many objects there are.
//!
//! An object lies in the bucket that the first 12 bits of the hash of its name say: 64 groups of 64 buckets. A bucket is the
//! hash of its pairs (name hash, object hash) in order, a group the hash of its buckets, the state the hash of the groups.

use alloc::vec;
use alloc::vec::Vec;

use super::record::sha256;

const FAN_OUT: usize = 64;
/// What is hashed is told apart by its first bytes.
const STATE: &[u8] = b"stella.trust-state/1 state\n";
const GROUP: &[u8] = b"stella.trust-state/1 group\n";
const BUCKET: &[u8] = b"stella.trust-state/1 bucket\n";

type Hash = [u8; 32];

#[derive(Clone, Debug)]
pub(super) struct StateHash {
    groups: Vec<Group>,
}

#[derive(Clone, Debug)]
struct Group {
    buckets: Vec<Bucket>,
    hash: Option<Hash>,
}

/// Pairs in the order of their names; the hash is missing after a change.
#[derive(Clone, Debug, Default)]
struct Bucket {
    pairs: Vec<(Hash, Hash)>,
    hash: Option<Hash>,
}

impl StateHash {
    pub(super) fn new() -> Self {
        Self { groups: vec![Group { buckets: vec![Bucket::default(); FAN_OUT], hash: None }; FAN_OUT] }
    }

    /// Puts an object in its place, or with `None` takes it out.
    pub(super) fn put(&mut self, name: Hash, object: Option<Hash>) {
        let [first, second, ..] = name;
        let group = usize::from(first >> 2);
        let bucket = usize::from((first & 3) << 4 | second >> 4);
        let Some(group) = self.groups.get_mut(group) else { return };
        let Some(bucket) = group.buckets.get_mut(bucket) else { return };
        group.hash = None;
        bucket.hash = None;
        match (bucket.pairs.binary_search_by(|(known, _)| known.cmp(&name)), object) {
            (Ok(at), Some(object)) => {
                if let Some(pair) = bucket.pairs.get_mut(at) {
                    pair.1 = object;
                }
            }
            (Ok(at), None) => drop(bucket.pairs.remove(at)),
            (Err(at), Some(object)) => bucket.pairs.insert(at, (name, object)),
            (Err(_), None) => {}
        }
    }

    /// The hash over everything. Only what has changed since the last time is hashed again.
    pub(super) fn hash(&mut self) -> Hash {
        let mut groups = Vec::with_capacity(FAN_OUT * 32);
        for group in &mut self.groups {
            groups.extend(group.hash());
        }
        sha256(&[STATE, &groups])
    }
}

impl Group {
    fn hash(&mut self) -> Hash {
        if let Some(hash) = self.hash {
            return hash;
        }
        let mut buckets = Vec::with_capacity(FAN_OUT * 32);
        for bucket in &mut self.buckets {
            buckets.extend(bucket.hash());
        }
        *self.hash.insert(sha256(&[GROUP, &buckets]))
    }
}

impl Bucket {
    fn hash(&mut self) -> Hash {
        if let Some(hash) = self.hash {
            return hash;
        }
        let pairs: Vec<&[u8]> =
            self.pairs.iter().flat_map(|(name, object)| [name.as_slice(), object.as_slice()]).collect();
        let parts: Vec<&[u8]> = core::iter::once(BUCKET).chain(pairs).collect();
        *self.hash.insert(sha256(&parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(number: u32) -> Hash {
        sha256(&[&number.to_be_bytes()])
    }

    #[test]
    fn the_hash_depends_on_the_objects_and_not_on_the_order_or_the_history() {
        let (mut ahead, mut back) = (StateHash::new(), StateHash::new());
        for number in 0..500 {
            ahead.put(name(number), Some(name(number + 7)));
            // Hashing in between must not be remembered wrongly.
            ahead.hash();
        }
        for number in (0..500).rev() {
            back.put(name(number), Some([0; 32]));
            back.put(name(number), Some(name(number + 7)));
        }
        assert_eq!(ahead.hash(), back.hash());
        back.put(name(900), Some(name(0)));
        assert_ne!(ahead.hash(), back.hash());
        back.put(name(900), None);
        assert_eq!(ahead.hash(), back.hash());
        back.put(name(3), Some(name(0)));
        assert_ne!(ahead.hash(), back.hash());
        assert_ne!(StateHash::new().hash(), ahead.hash());
    }
}
