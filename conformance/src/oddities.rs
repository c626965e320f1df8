//! What of a certificate or list is not strict DER, or not of the type that RFC 5280 gives it, found by a walk that shares nothing with the readers
//! under test: whether they refuse rightly is not for them to say.

/// One element: tag octet, contents, and the elements inside if it is constructed.
struct Node<'a> {
    tag: u8,
    contents: &'a [u8],
    inner: Vec<Node<'a>>,
}

/// Every oddity, `name:value`, sorted and each once.
pub(crate) fn of(der: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    match nodes(der) {
        Some(nodes) if nodes.len() == 1 => {
            nodes.iter().for_each(|node| walk(node, &mut found));
            if let Some(tbs) = nodes.first().and_then(|whole| whole.inner.first()) {
                top(tbs, &mut found);
            }
        }
        _ => found.push("der:not-strict"),
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(str::to_owned).collect()
}

/// The elements of `der`, lengths definite and shortest; tags of one octet, as everything in certificates has that matters here.
fn nodes(mut der: &[u8]) -> Option<Vec<Node<'_>>> {
    let mut all = Vec::new();
    while let [tag, first, after @ ..] = der {
        let mut rest = after;
        let mut length = usize::from(*first);
        if tag & 0x1f == 0x1f {
            return None;
        }
        if *first >= 0x80 {
            let (octets, behind) = after.split_at_checked(usize::from(first & 0x7f))?;
            length =
                octets.iter().try_fold(0_usize, |sum, octet| sum.checked_mul(256)?.checked_add(usize::from(*octet)))?;
            if octets.first().is_none_or(|octet| *octet == 0) || length < 0x80 {
                return None;
            }
            rest = behind;
        }
        let (contents, behind) = rest.split_at_checked(length)?;
        let inner = if tag & 0x20 != 0 { nodes(contents)? } else { Vec::new() };
        all.push(Node { tag: *tag, contents, inner });
        der = behind;
    }
    der.is_empty().then_some(all)
}

fn walk(node: &Node<'_>, found: &mut Vec<&'static str>) {
    match (node.tag, node.contents) {
        (0x01, contents) if !matches!(contents, [0] | [0xff]) => found.push("der:boolean"),
        (0x02 | 0x0a, [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..]) => found.push("der:integer"),
        (0x17, text) if !is_time(text, 2) => found.push("time:malformed"),
        (0x18, text) if !is_time(text, 4) => found.push("time:malformed"),
        _ => {}
    }
    extensions(node, found);
    node.inner.iter().for_each(|inner| walk(inner, found));
}

/// Digits of year, month, day, hour, minute and second, and `Z`.
fn is_time(text: &[u8], year: usize) -> bool {
    let Some((b'Z', digits)) = text.split_last() else { return false };
    let number = |at: usize| {
        let pair = digits.get(at..at + 2)?;
        std::str::from_utf8(pair).ok()?.parse::<u8>().ok()
    };
    let within = |at: usize, range: std::ops::RangeInclusive<u8>| number(year + at).is_some_and(|n| range.contains(&n));
    digits.len() == year + 10
        && digits.iter().all(u8::is_ascii_digit)
        && within(0, 1..=12)
        && within(2, 1..=31)
        && within(4, 0..=23)
        && within(6, 0..=59)
        && within(8, 0..=59)
}

/// If `node` is `Extensions`: those given twice, and values that are not of their type.
fn extensions(node: &Node<'_>, found: &mut Vec<&'static str>) {
    let parts = |one: &Node<'_>| match one.inner.as_slice() {
        [oid, value] | [oid, _, value] if one.tag == 0x30 && oid.tag == 0x06 && value.tag == 0x04 => {
            Some((oid.contents.to_vec(), value.contents.to_vec()))
        }
        _ => None,
    };
    let list: Option<Vec<(Vec<u8>, Vec<u8>)>> = node.inner.iter().map(parts).collect();
    let Some(list) = list.filter(|list| node.tag == 0x30 && !list.is_empty()) else { return };
    for (at, (oid, value)) in list.iter().enumerate() {
        if list.iter().skip(at + 1).any(|(other, _)| other == oid) {
            found.push("extension:twice");
        }
        match nodes(value).as_deref() {
            Some([value]) if is_of_type(oid, value) => walk(value, found),
            _ if is_known(oid) => found.push("extension:not-of-its-type"),
            _ => {}
        }
    }
}

const ACCESS: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01];

fn is_known(oid: &[u8]) -> bool {
    const NUMBERS: [u8; 20] = [14, 15, 17, 18, 19, 20, 21, 24, 27, 28, 29, 30, 31, 32, 33, 35, 36, 37, 46, 54];
    oid == ACCESS || matches!(oid, [0x55, 0x1d, number] if NUMBERS.contains(number))
}

/// Whether a value is what RFC 5280 says of its extension, as far as one look tells: unknown ones are.
fn is_of_type(oid: &[u8], value: &Node<'_>) -> bool {
    let [0x55, 0x1d, number] = oid else { return oid != ACCESS || is_list(value) };
    let is_natural = |node: &Node<'_>| node.tag == 0x02 && node.contents.first().is_some_and(|first| *first < 0x80);
    match number {
        14 => value.tag == 0x04,
        15 => is_named_bits(value),
        17 | 18 | 29 => is_list(value) && value.inner.iter().all(is_general_name),
        19 => match value.inner.as_slice() {
            _ if value.tag != 0x30 => false,
            [] => true,
            [only] => only.tag == 0x01 || is_natural(only),
            [role, length] => role.tag == 0x01 && is_natural(length),
            _ => false,
        },
        20 | 27 | 54 => is_natural(value),
        21 => value.tag == 0x0a && matches!(value.contents, [0..=6 | 8..=10]),
        24 => value.tag == 0x18,
        28 | 30..=33 | 36 | 37 | 46 => is_list(value),
        _ => value.tag == 0x30,
    }
}

/// A SEQUENCE of one or more.
fn is_list(value: &Node<'_>) -> bool {
    value.tag == 0x30 && !value.inner.is_empty()
}

/// At least one bit is set, and none that is not stands at the end (X.690 §11.2.2).
fn is_named_bits(value: &Node<'_>) -> bool {
    let [unused, bits @ ..] = value.contents else { return false };
    let last = bits.last().copied().unwrap_or(0);
    value.tag == 0x03 && *unused < 8 && last != 0 && last.trailing_zeros() == u32::from(*unused)
}

fn is_general_name(name: &Node<'_>) -> bool {
    match name.tag {
        0x81 | 0x82 | 0x86 => name.contents.is_ascii() && !name.contents.contains(&0),
        0x87 | 0x88 | 0xa3 | 0xa4 | 0xa5 => true,
        // A type, and a value that is tagged explicitly.
        0xa0 => {
            matches!(name.inner.as_slice(), [oid, value] if oid.tag == 0x06 && value.tag == 0xa0 && value.inner.len() == 1)
        }
        _ => false,
    }
}

/// What stands at fixed places of the signed part.
fn top(tbs: &Node<'_>, found: &mut Vec<&'static str>) {
    match tbs.inner.as_slice() {
        // A list says its version without a tag around it, and only version 2, whose number is 1.
        [version, algorithm, ..]
            if version.tag == 0x02 && algorithm.tag == 0x30 && is_list_of_revoked(tbs) && version.contents != [1] =>
        {
            found.push("version:unknown");
        }
        _ => {}
    }
    // Dates through 2049 are UTCTime in a certificate.
    let validity = tbs.inner.iter().find(|node| {
        node.tag == 0x30 && node.inner.len() == 2 && node.inner.iter().all(|date| matches!(date.tag, 0x17 | 0x18))
    });
    let is_early = |date: &Node<'_>| {
        date.tag == 0x18 && date.contents.get(..4).is_some_and(|year| (&b"1950"[..]..&b"2050"[..]).contains(&year))
    };
    if validity.is_some_and(|validity| validity.inner.iter().any(is_early)) {
        found.push("time:generalized-before-2050");
    }
    // revokedCertificates is left out if there are none (RFC 5280 §5.1.2.6).
    let is_empty_list = |node: &Node<'_>| node.tag == 0x30 && node.inner.is_empty();
    if is_list_of_revoked(tbs) && tbs.inner.iter().skip(3).any(is_empty_list) {
        found.push("list:empty-sequence");
    }
}

/// Whether it is that of a revocation list: a date stands in it by itself.
fn is_list_of_revoked(tbs: &Node<'_>) -> bool {
    tbs.inner.iter().any(|node| matches!(node.tag, 0x17 | 0x18))
}

#[cfg(test)]
mod tests {
    use super::of;

    /// `Extensions` of one extension with this value, in a SEQUENCE that stands for a certificate.
    fn with(number: u8, value: &[u8]) -> Vec<String> {
        let oid = [6, 3, 0x55, 0x1d, number];
        let octets = [&[4, value.len() as u8], value].concat();
        let extension = [&[0x30, (oid.len() + octets.len()) as u8], &oid[..], &octets].concat();
        of(&[&[0x30, extension.len() as u8], &extension[..]].concat())
    }

    #[test]
    fn values_of_another_type_are_seen_and_good_ones_are_not() {
        for (number, good) in
            [(15, &[3, 2, 7, 0x80][..]), (37, &[0x30, 3, 6, 1, 0x2a]), (19, &[0x30, 0]), (54, &[2, 1, 0])]
        {
            assert!(with(number, good).is_empty(), "{number}");
        }
        for (number, bad) in
            [(15, &[3, 2, 0, 0x80][..]), (37, &[0x30, 0]), (19, &[0x30, 3, 2, 1, 0xff]), (54, &[2, 1, 0xff])]
        {
            assert_eq!(with(number, bad), ["extension:not-of-its-type"], "{number}");
        }
    }

    #[test]
    fn encodings_that_are_not_strict_are_seen() {
        assert_eq!(of(&[0x30, 0x81, 0]), ["der:not-strict"]);
        assert_eq!(of(&[0x30, 3, 1, 1, 1]), ["der:boolean"]);
        assert_eq!(of(&[0x30, 4, 2, 2, 0, 1]), ["der:integer"]);
        assert_eq!(of(b"\x30\x0d\x17\x0b2401010000Z"), ["time:malformed"]);
        assert!(of(b"\x30\x0f\x17\x0d240101000000Z").is_empty());
    }
}
