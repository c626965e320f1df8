//! Which names can lead to an anchor at all, and over how many certificates at least: found backwards from the anchors, before any signature.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use crate::budget::MAX_PATH_DEPTH;
use crate::certificate::Certificate;
use crate::pool::Pool;

/// How many certificates there are at least from one whose issuer has a name to the anchor, the anchor included; by the buckets of the names,
/// so that two names may be taken for one. That never leaves out a path.
#[derive(Default)]
pub(crate) struct Reach {
    distances: BTreeMap<usize, usize>,
}

impl Reach {
    /// Of anchors with subjects in `anchors`, over certificates of which `subjects` lists the subjects by their issuer.
    pub(crate) fn of(anchors: impl Iterator<Item = usize>, subjects: &BTreeMap<usize, Vec<usize>>) -> Self {
        let mut reach = Self::default();
        let mut queue: VecDeque<usize> = VecDeque::new();
        for anchor in anchors {
            if reach.distances.insert(anchor, 1).is_none() {
                queue.push_back(anchor);
            }
        }
        reach.spread(queue, None, |issuer| subjects.get(&issuer).into_iter().flatten().copied());
        reach
    }

    /// Of a pool, over its certificates and `extra`: only where it is less than that of the pool alone.
    pub(super) fn with_extra(pool: &Pool, extra: &[Certificate]) -> Self {
        let mut reach = Self::default();
        let mut subjects: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for certificate in extra {
            subjects.entry(certificate.issuer().bucket()).or_default().push(certificate.subject().bucket());
        }
        let queue = subjects.keys().copied().filter(|issuer| pool.reach().distances.contains_key(issuer)).collect();
        reach.spread(queue, Some(pool.reach()), |issuer| {
            let of_pool = pool.subjects_below(issuer).iter().copied();
            subjects.get(&issuer).into_iter().flatten().copied().chain(of_pool)
        });
        reach
    }

    pub(super) fn distance(&self, below: Option<&Reach>, issuer: usize) -> Option<usize> {
        let other = below.and_then(|below| below.distances.get(&issuer));
        self.distances.get(&issuer).or(other).copied()
    }

    fn spread<I: Iterator<Item = usize>>(
        &mut self,
        mut queue: VecDeque<usize>,
        below: Option<&Reach>,
        subjects: impl Fn(usize) -> I,
    ) {
        while let Some(issuer) = queue.pop_front() {
            let Some(next) = self.distance(below, issuer).map(|distance| distance.saturating_add(1)) else { continue };
            if next > MAX_PATH_DEPTH {
                continue;
            }
            for subject in subjects(issuer) {
                if self.distance(below, subject).is_none_or(|known| next < known) {
                    self.distances.insert(subject, next);
                    queue.push_back(subject);
                }
            }
        }
    }
}
