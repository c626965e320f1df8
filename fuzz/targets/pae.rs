//! Two pairs of payload type and payload have the same PAE only if they are the same pair, and a PAE leads back to its pair.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_attest_model::Pae;
use stella_fuzz::Input;

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let how = input.byte();
    let kind = input.text(40);
    let body = input.bytes(60).to_vec();
    let (other_kind, other_body) = match how % 4 {
        0 => (input.text(40), input.bytes(60).to_vec()),
        // What the first pair becomes when the border between its parts moves.
        1 => {
            let encoded = Pae::new(&kind, &body).to_vec();
            let at = input.below(encoded.len() + 1);
            let (head, tail) = encoded.split_at(at);
            (String::from_utf8_lossy(head).into_owned(), tail.to_vec())
        }
        2 => {
            let whole = [kind.as_bytes(), body.as_slice()].concat();
            let (head, tail) = whole.split_at(input.below(whole.len() + 1));
            (String::from_utf8_lossy(head).into_owned(), tail.to_vec())
        }
        _ => (kind.clone(), body.clone()),
    };
    let (one, other) = (Pae::new(&kind, &body), Pae::new(&other_kind, &other_body));
    let same_pair = kind == other_kind && body == other_body;
    assert_eq!(one.to_vec() == other.to_vec(), same_pair);
    assert_eq!(one == other, same_pair);
    for (pae, kind, body) in [(one, &kind, &body), (other, &other_kind, &other_body)] {
        let bytes = pae.to_vec();
        assert_eq!(pae.parts().concat(), bytes);
        assert_eq!(bytes, stella_testkit::dsse::pae(kind, body));
        assert_eq!(decode(&bytes), Some((kind.as_bytes(), body.as_slice())));
    }
});

/// Reads a PAE from left to right, as DSSE v1 defines it.
fn decode(pae: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = pae.strip_prefix(b"DSSEv1 ")?;
    let (kind, rest) = counted(rest)?;
    let (body, rest) = counted(rest.strip_prefix(b" ")?)?;
    rest.is_empty().then_some((kind, body))
}

fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let (digits, rest) = bytes.split_at(space);
    let length: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    rest.get(1..)?.split_at_checked(length)
}
