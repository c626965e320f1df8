//! Who may have issued a certificate: the certificates of one name, by their keys.
//!
//! Whoever signed with a key did so for every certificate of that name and key, so a link is checked once for all of them.

use alloc::vec::Vec;

use stella_crypto_providers::KeyType;

use super::Node;
use crate::certificate::Certificate;
use crate::name::Name;
use crate::pool::Pool;

/// A certificate that may be an issuer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) node: Node,
    /// Index of the anchor it is, if it is one.
    pub(super) anchor: Option<usize>,
}

/// The certificates of one subject with one key, anchors first, then in the order of their encodings.
pub(super) struct Group<'a> {
    pub(super) subject: &'a Name,
    pub(super) spki: &'a [u8],
    /// The curve, if the signer of what it issues can be computed.
    pub(super) curve: Option<KeyType>,
    pub(super) members: Vec<Candidate>,
}

/// Whether the key identifiers speak for an issuer. Hints: none is excluded.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Hint {
    Match,
    Silent,
    Differ,
}

pub(super) fn hint(child: &Certificate, issuer: &Certificate) -> Hint {
    match (child.authority_key_identifier(), issuer.subject_key_identifier()) {
        (Some(wanted), Some(found)) if wanted == found => Hint::Match,
        (Some(_), Some(_)) => Hint::Differ,
        _ => Hint::Silent,
    }
}

/// The certificates whose subjects fall into `bucket`, in groups whose order does not depend on that of the input. `same_bucket` are the indices
/// of those of `extra`.
pub(super) fn of_bucket<'a>(
    pool: &'a Pool,
    extra: &'a [Certificate],
    same_bucket: &[usize],
    bucket: usize,
) -> Vec<Group<'a>> {
    let members = pool.bucket(bucket).iter().filter_map(|index| {
        let member = pool.member(*index)?;
        Some((&member.certificate, Candidate { node: Node::Member(*index), anchor: member.anchor }))
    });
    let others = same_bucket
        .iter()
        .filter_map(|index| Some((extra.get(*index)?, Candidate { node: Node::Extra(*index), anchor: None })));
    let mut all: Vec<(&Certificate, Candidate)> = members.chain(others).collect();
    all.sort_by(|(a, a_candidate), (b, b_candidate)| {
        let key = |certificate: &Certificate| certificate.spki_der().as_ptr();
        let by_key = if key(a) == key(b) { core::cmp::Ordering::Equal } else { a.spki_der().cmp(b.spki_der()) };
        by_key.then_with(|| a.der().cmp(b.der())).then_with(|| a_candidate.node.cmp(&b_candidate.node))
    });
    // The same certificate twice is one, unless both are anchors on different terms.
    all.dedup_by(|(later, candidate), (earlier, _)| {
        matches!(candidate.node, Node::Extra(_)) && later.is_same_as(earlier)
    });
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut of_this_key = 0;
    let mut first_of_key: Option<&Certificate> = None;
    for (certificate, candidate) in all {
        match first_of_key.filter(|first| first.spki_der() == certificate.spki_der()) {
            Some(first) => certificate.share_key(first),
            None => {
                of_this_key = groups.len();
                first_of_key = Some(certificate);
            }
        }
        // Other names are in a bucket by chance, or because somebody took the trouble.
        let same = groups.iter_mut().skip(of_this_key).find(|group| group.subject.matches(certificate.subject()));
        match same {
            Some(group) => group.members.push(candidate),
            None => groups.push(Group {
                subject: certificate.subject(),
                spki: certificate.spki_der(),
                curve: curve(certificate),
                members: alloc::vec![candidate],
            }),
        }
    }
    groups.iter_mut().for_each(|group| group.members.sort_by_key(|candidate| candidate.anchor.is_none()));
    groups
}

fn curve(certificate: &Certificate) -> Option<KeyType> {
    let key_type = certificate.key().as_ref().ok()?.key_type();
    matches!(key_type, KeyType::EcP256 | KeyType::EcP384 | KeyType::EcP521).then_some(key_type)
}
