//! What somebody probably meant.

/// The one of `known` that is closest to `typed`, if it is close enough to have been meant.
pub(crate) fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Long input is no typing error, and its distance would be slow to compute.
    if typed.is_empty() || typed.len() > 80 {
        return None;
    }
    let typed = typed.to_ascii_lowercase();
    known
        .into_iter()
        .map(|candidate| (distance(&typed, candidate), candidate))
        .min()
        .filter(|&(distance, candidate)| distance <= 1 + candidate.len() / 5)
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance, over bytes.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.bytes().enumerate() {
        let mut diagonal = index;
        let mut before = index + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(right.bytes()) {
            let substituted = diagonal + usize::from(a != b);
            diagonal = *cell;
            before = substituted.min(before + 1).min(diagonal + 1);
            *cell = before;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(left.len())
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn distances_count_single_edits() {
        for (left, right, expected) in
            [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3), ("abc", "abc", 0), ("ab", "ba", 2)]
        {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn a_near_miss_is_named_and_a_far_one_is_not() {
        let known = ["x509.expired", "key.expired", "tlog.root_mismatch"];
        assert_eq!(closest("x509.expird", known), Some("x509.expired"));
        assert_eq!(closest("X509.EXPIRED", known), Some("x509.expired"));
        assert_eq!(closest("something else", known), None);
    }
}
