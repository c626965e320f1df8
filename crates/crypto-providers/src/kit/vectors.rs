//! The published answers that come along: a selection, in one text file.
//!
//! `vectors.txt` has one answer a line: scheme, encoding (`der` or `fixed`), `valid` or `invalid`, origin and number, and in hex the key (SPKI), the
//! message and the signature, separated by tabs. Which ones were selected, and that they are what their origin says, is tested in `tests/kit.rs`.

use alloc::vec::Vec;

use stella_vocabulary::hex;

use crate::{PublicKey, Scheme, SignatureEncoding};

/// What a published answer says about a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Invalid,
    Valid,
}

/// One published answer.
pub(super) struct Vector {
    pub(super) scheme: Scheme,
    pub(super) encoding: SignatureEncoding,
    pub(super) verdict: Verdict,
    /// Origin and number.
    pub(super) label: &'static str,
    pub(super) key: PublicKey,
    pub(super) message: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

const TEXT: &str = include_str!("vectors.txt");

/// The answers for a scheme.
pub(super) fn of(scheme: Scheme) -> impl Iterator<Item = Vector> {
    TEXT.lines().filter_map(read).filter(move |vector| vector.scheme == scheme)
}

fn read(line: &'static str) -> Option<Vector> {
    let mut fields = line.split('\t');
    let mut next = || fields.next();
    Some(Vector {
        scheme: Scheme::from_name(next()?)?,
        encoding: match next()? {
            "der" => SignatureEncoding::Der,
            _ => SignatureEncoding::Fixed,
        },
        verdict: match next()? {
            "valid" => Verdict::Valid,
            _ => Verdict::Invalid,
        },
        label: next()?,
        key: super::read_key(&hex::decode(next()?)?)?,
        message: hex::decode(next()?)?,
        signature: hex::decode(next()?)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_selection_can_be_read() {
        for line in TEXT.lines() {
            assert!(read(line).is_some(), "{line}");
        }
    }

    #[test]
    fn every_scheme_has_answers_of_both_kinds() {
        for scheme in Scheme::ALL {
            for verdict in [Verdict::Valid, Verdict::Invalid] {
                assert!(of(*scheme).any(|vector| vector.verdict == verdict), "{scheme}: {verdict:?}");
            }
        }
    }
}
