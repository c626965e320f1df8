//! The hashes that the state hash is made of: of the name of each object, and of what is known about it.

use alloc::string::String;
use alloc::vec::Vec;

use stella_transparency::merkle::Hash;

use super::object::{Object, ObjectRef};
use super::record::sha256;

/// The hashes of names and objects, in the order of these. Where there are threads, many are made on two of them.
pub(super) fn of(objects: &[(&ObjectRef, &Object)]) -> Vec<(Hash, Hash)> {
    #[cfg(all(feature = "fs", unix))]
    if let Some(hashes) = by_halves(objects) {
        return hashes;
    }
    one_by_one(objects)
}

fn one_by_one(objects: &[(&ObjectRef, &Object)]) -> Vec<(Hash, Hash)> {
    let mut text = String::new();
    let each = objects.iter().map(|(name, object)| {
        text.clear();
        object.to_json().write(&mut text);
        (name.hash(), sha256(&[text.as_bytes()]))
    });
    each.collect()
}

/// `None` if that is not worth it, or no thread could be had.
#[cfg(all(feature = "fs", unix))]
fn by_halves(objects: &[(&ObjectRef, &Object)]) -> Option<Vec<(Hash, Hash)>> {
    /// A thread begins in the time that some dozen objects take.
    const MANY: usize = 512;
    if objects.len() < MANY {
        return None;
    }
    let (first, second) = objects.split_at(objects.len() / 2);
    std::thread::scope(|scope| {
        let second = std::thread::Builder::new().spawn_scoped(scope, || one_by_one(second)).ok()?;
        let mut hashes = one_by_one(first);
        hashes.extend(second.join().ok()?);
        Some(hashes)
    })
}
