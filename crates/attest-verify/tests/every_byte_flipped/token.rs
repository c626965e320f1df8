//! The parts of an RFC 3161 response that its signature does not cover.

use std::ops::{Range, RangeInclusive};

/// The part of `response` that `bytes` touch, if it is one that is not signed.
pub(crate) fn part(response: &[u8], bytes: &RangeInclusive<usize>) -> Option<&'static str> {
    // TimeStampResp: status, ContentInfo: type, [0] SignedData: version, digestAlgorithms, content, [0] certificates, signers.
    let content_info = children(response, contents(response, 0)).get(1)?.clone();
    let explicit = children(response, contents(response, content_info.start)).get(1)?.clone();
    let signed_data = children(response, contents(response, explicit.start)).first()?.clone();
    let parts = children(response, contents(response, signed_data.start));
    let touches = |range: &Range<usize>| range.contains(bytes.start()) || range.contains(bytes.end());
    let certificates = parts.get(3).filter(|range| response[range.start] == 0xa0);
    if parts.get(1).is_some_and(touches) {
        Some("digestAlgorithms")
    } else if certificates.is_some_and(touches) {
        Some("certificates")
    } else {
        None
    }
}

/// The contents of the element that starts at `at`.
fn contents(der: &[u8], at: usize) -> Range<usize> {
    let first = usize::from(der[at + 1]);
    if first < 0x80 {
        return at + 2..at + 2 + first;
    }
    let digits = first - 0x80;
    let length = der[at + 2..at + 2 + digits].iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
    at + 2 + digits..at + 2 + digits + length
}

/// The elements within `range`, headers included.
fn children(der: &[u8], range: Range<usize>) -> Vec<Range<usize>> {
    let mut children = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let end = contents(der, at).end;
        children.push(at..end);
        at = end;
    }
    children
}
