//! Which object has a certificate, key or document.

use alloc::vec;
use alloc::vec::Vec;

use stella_transparency::merkle::Hash;

use super::id::Id;
use super::object::ObjectKind;

/// The SHA-256 of a certificate, key or document, and the kind of the object that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Material {
    pub(super) hash: Hash,
    pub(super) kind: ObjectKind,
}

impl Material {
    fn beginning(&self) -> u64 {
        self.hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }
}

/// A table of hashes, which are looked up by their first bits: a tree took a sixth of the time in which a store of 100,000 keys is
/// opened, since its nodes are nowhere near each other and hashes come in no order.
#[derive(Clone, Debug)]
pub(super) struct Holders {
    /// As many as a power of two.
    buckets: Vec<Bucket>,
    size: usize,
}

/// In any order. Whoever has nothing here is found out by the beginnings alone.
#[derive(Clone, Debug, Default)]
struct Bucket {
    beginnings: Vec<u64>,
    holders: Vec<(Material, Id)>,
}

/// Most hashes of a bucket on average: 128 bytes of beginnings.
const CROWDED: usize = 16;

impl Holders {
    pub(super) fn new() -> Self {
        Self { buckets: vec![Bucket::default()], size: 0 }
    }

    pub(super) fn of(&self, material: &Material) -> Option<&Id> {
        let bucket = self.buckets.get(self.place(material))?;
        bucket.holders.get(bucket.find(material)?).map(|(_, id)| id)
    }

    /// Gives the holder before.
    pub(super) fn insert(&mut self, material: Material, id: Id) -> Option<Id> {
        let place = self.place(&material);
        let bucket = self.buckets.get_mut(place)?;
        if let Some((_, known)) = bucket.find(&material).and_then(|at| bucket.holders.get_mut(at)) {
            return Some(core::mem::replace(known, id));
        }
        bucket.push(material, id);
        self.size = self.size.saturating_add(1);
        if self.size > self.buckets.len().saturating_mul(CROWDED) {
            self.spread();
        }
        None
    }

    pub(super) fn remove(&mut self, material: &Material) {
        let place = self.place(material);
        let Some(bucket) = self.buckets.get_mut(place) else { return };
        if let Some(at) = bucket.find(material) {
            bucket.beginnings.swap_remove(at);
            bucket.holders.swap_remove(at);
            self.size = self.size.saturating_sub(1);
        }
    }

    /// The number of its bucket: as many of its first bits as it takes.
    fn place(&self, material: &Material) -> usize {
        let bits = self.buckets.len().trailing_zeros();
        let place = material.beginning().checked_shr(u64::BITS.saturating_sub(bits)).unwrap_or(0);
        usize::try_from(place).unwrap_or(0)
    }

    /// Makes it four times as many buckets.
    fn spread(&mut self) {
        let buckets = vec![Bucket::default(); self.buckets.len().saturating_mul(4)];
        for bucket in core::mem::replace(&mut self.buckets, buckets) {
            for (material, id) in bucket.holders {
                let place = self.place(&material);
                self.buckets.get_mut(place).into_iter().for_each(|bucket| bucket.push(material, id.clone()));
            }
        }
    }
}

impl Bucket {
    fn find(&self, material: &Material) -> Option<usize> {
        let beginning = material.beginning();
        let candidates = self.beginnings.iter().enumerate().filter(|(_, known)| **known == beginning);
        let is_it = |at: &usize| self.holders.get(*at).is_some_and(|(known, _)| known == material);
        candidates.map(|(at, _)| at).find(is_it)
    }

    fn push(&mut self, material: Material, id: Id) {
        self.beginnings.push(material.beginning());
        self.holders.push((material, id));
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeMap;
    use alloc::format;

    use super::super::record::sha256;
    use super::*;

    #[test]
    fn it_answers_as_a_map_does_however_many_there_are() {
        let (mut holders, mut map) = (Holders::new(), BTreeMap::new());
        let kinds = [ObjectKind::Anchor, ObjectKind::Key];
        // Few hashes, so that many come again; and some with equal beginnings.
        let material = |number: u64| {
            let mut hash = sha256(&[&(number % 900 / 3).to_be_bytes()]);
            hash[31] ^= u8::from(number.is_multiple_of(3));
            Material { hash, kind: kinds[usize::from(number.is_multiple_of(2))] }
        };
        for step in 0_u64..5_000 {
            let material = material(step * 7919);
            let key = (material.hash, material.kind);
            if step % 5 == 4 {
                holders.remove(&material);
                map.remove(&key);
            } else {
                let id = Id::new(&format!("id-{step}")).unwrap();
                assert_eq!(holders.insert(material, id.clone()), map.insert(key, id));
            }
            assert_eq!(holders.size, map.len());
        }
        assert!(holders.buckets.len() >= 16);
        for number in 0..1_000 {
            let material = material(number);
            assert_eq!(holders.of(&material), map.get(&(material.hash, material.kind)));
        }
    }
}
