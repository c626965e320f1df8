//! A DER writer with no opinion: it emits exactly what it is told to, so that broken certificates can be written too.

use stella_vocabulary::UnixTime;

/// One element: `tag`, the shortest length form, `contents`.
pub fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend(length(contents.len()));
    out.extend_from_slice(contents);
    out
}

/// `SEQUENCE` of finished elements.
pub fn sequence<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Vec<u8> {
    element(0x30, &concat(parts))
}

/// `SET OF` finished elements, sorted as DER asks (X.690 §11.6).
pub fn set_of<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = parts.into_iter().map(|part| part.as_ref().to_vec()).collect();
    parts.sort();
    element(0x31, &concat(parts))
}

/// Context-specific, constructed: `[number] EXPLICIT`, or `[number] IMPLICIT` of something constructed.
pub fn context<P: AsRef<[u8]>>(number: u8, parts: impl IntoIterator<Item = P>) -> Vec<u8> {
    element(0xa0 | number, &concat(parts))
}

/// Context-specific, primitive: `[number] IMPLICIT` of something primitive.
pub fn context_primitive(number: u8, contents: &[u8]) -> Vec<u8> {
    element(0x80 | number, contents)
}

/// The same element under another tag, as `IMPLICIT` tagging does.
pub fn retag(tag: u8, der: &[u8]) -> Vec<u8> {
    let mut out = der.to_vec();
    if let Some(first) = out.first_mut() {
        *first = tag;
    }
    out
}

/// `INTEGER` of a number that is not negative.
pub fn integer(value: u64) -> Vec<u8> {
    integer_from_bytes(&value.to_be_bytes())
}

/// `INTEGER` of an unsigned big-endian number: leading zeros removed, one put back where the sign bit would be set.
pub fn integer_from_bytes(big_endian: &[u8]) -> Vec<u8> {
    let mut digits: &[u8] = big_endian;
    while let [0, rest @ ..] = digits {
        digits = rest;
    }
    let mut contents = Vec::with_capacity(digits.len() + 1);
    if digits.first().is_none_or(|first| first & 0x80 != 0) {
        contents.push(0);
    }
    contents.extend_from_slice(digits);
    element(0x02, &contents)
}

/// `BOOLEAN`, with the only two values DER knows.
pub fn boolean(value: bool) -> Vec<u8> {
    element(0x01, &[if value { 0xff } else { 0 }])
}

/// `NULL`.
pub fn null() -> Vec<u8> {
    element(0x05, &[])
}

/// `OCTET STRING`.
pub fn octet_string(contents: &[u8]) -> Vec<u8> {
    element(0x04, contents)
}

/// `BIT STRING` of whole bytes.
pub fn bit_string(contents: &[u8]) -> Vec<u8> {
    named_bits(contents, 0)
}

/// `BIT STRING` whose last `unused` bits do not count.
pub fn named_bits(contents: &[u8], unused: u8) -> Vec<u8> {
    let mut inner = vec![unused];
    inner.extend_from_slice(contents);
    element(0x03, &inner)
}

/// `UTF8String`.
pub fn utf8_string(text: &str) -> Vec<u8> {
    element(0x0c, text.as_bytes())
}

/// `PrintableString`; the alphabet is not checked.
pub fn printable_string(text: &str) -> Vec<u8> {
    element(0x13, text.as_bytes())
}

/// `OBJECT IDENTIFIER` from its dotted form.
///
/// # Panics
/// If `dotted` is not an object identifier.
pub fn object_identifier(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().expect("the caller writes dotted numbers")).collect();
    let [first, second, rest @ ..] = arcs.as_slice() else { panic!("an object identifier has two arcs or more") };
    let mut contents = base_128(first * 40 + second);
    for arc in rest {
        contents.extend(base_128(*arc));
    }
    element(0x06, &contents)
}

/// `Time` of X.509: `UTCTime` before 2050, `GeneralizedTime` from then on (RFC 5280 §4.1.2.5).
pub fn time(at: UnixTime) -> Vec<u8> {
    let digits = digits(at);
    if digits.as_str() < "2050" { element(0x17, &digits.as_bytes()[2..]) } else { generalized_time(at) }
}

/// `GeneralizedTime` in whole seconds, `YYYYMMDDHHMMSSZ`.
pub fn generalized_time(at: UnixTime) -> Vec<u8> {
    element(0x18, digits(at).as_bytes())
}

/// `AlgorithmIdentifier` without parameters.
pub fn algorithm(oid: &str) -> Vec<u8> {
    sequence([object_identifier(oid)])
}

/// Finished elements one after another.
pub fn concat<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        out.extend_from_slice(part.as_ref());
    }
    out
}

fn digits(at: UnixTime) -> String {
    at.to_string().chars().filter(|c| c.is_ascii_digit() || *c == 'Z').collect()
}

fn length(count: usize) -> Vec<u8> {
    if count < 0x80 {
        return vec![count as u8];
    }
    let bytes: Vec<u8> = count.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let mut out = vec![0x80 | bytes.len() as u8];
    out.extend(bytes);
    out
}

fn base_128(mut value: u64) -> Vec<u8> {
    let mut out = vec![(value & 0x7f) as u8];
    value >>= 7;
    while value > 0 {
        out.insert(0, 0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_identifiers_use_base_128() {
        assert_eq!(object_identifier("1.2.840.113549"), [0x06, 6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d]);
    }

    #[test]
    fn integers_are_minimal_and_positive() {
        assert_eq!(integer(0), [2, 1, 0]);
        assert_eq!(integer(127), [2, 1, 127]);
        assert_eq!(integer(128), [2, 2, 0, 128]);
    }

    #[test]
    fn long_lengths_are_in_the_shortest_form() {
        assert_eq!(element(4, &[0; 0x80])[..3], [4, 0x81, 0x80]);
        assert_eq!(element(4, &[0; 0x100])[..4], [4, 0x82, 1, 0]);
    }

    #[test]
    fn years_from_2050_are_written_in_full() {
        let at = |year| UnixTime::from_civil(year, 1, 2, 3, 4, 5).unwrap();
        assert_eq!(time(at(2049)), element(0x17, b"490102030405Z"));
        assert_eq!(time(at(2050)), element(0x18, b"20500102030405Z"));
    }
}
