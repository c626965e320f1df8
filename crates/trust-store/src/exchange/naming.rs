//! Ids for what comes without one.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;

use stella_chain_verify::Certificate;
use stella_vocabulary::hex;

use crate::ledger::{Id, ObjectKind, ObjectRef, TrustState};

/// Longest id made here, numbers apart, in bytes: it is typed.
const LONGEST: usize = 48;

/// Gives out ids that mean nothing yet, each once.
pub(super) struct Names<'s> {
    state: &'s TrustState,
    given: BTreeSet<ObjectRef>,
}

impl<'s> Names<'s> {
    pub(super) fn new(state: &'s TrustState) -> Self {
        Self { state, given: BTreeSet::new() }
    }

    /// An id from `wish`, or else from what `text` spells, or else from the digest: `root`, then `root-2` …
    pub(super) fn give(&mut self, kind: ObjectKind, wish: Option<&Id>, text: &str, sha256: &[u8; 32]) -> Id {
        let spelled = spelled(text);
        let short = hex::encode(sha256.first_chunk::<4>().map_or(&[][..], |chunk| &chunk[..]));
        let nameless = format!("{}-{short}", kind.name());
        let base = match wish {
            Some(wish) => wish.as_str(),
            None if !spelled.is_empty() => &spelled,
            None => &nameless,
        };
        // After so many of one name, the digest tells them apart, which is there once.
        let numbered = (1_u8..100).map(|number| if number == 1 { base.into() } else { format!("{base}-{number}") });
        let last = [format!("{base}-{short}"), hex::encode(sha256)];
        for name in numbered.chain(last) {
            let Ok(id) = Id::new(&name) else { continue };
            let object = ObjectRef::new(kind, id);
            if self.state.object(&object).is_none() && self.given.insert(object.clone()) {
                return object.id;
            }
        }
        // 64 hexadecimal digits are an id; what has it has this material and was found before.
        Id::new(&hex::encode(sha256)).expect("hexadecimal digits are an id")
    }
}

/// The common name of the subject, or else all of it.
pub(super) fn of_subject(certificate: &Certificate) -> String {
    let subject = format!("{}", certificate.subject());
    let common = subject.split(',').find_map(|part| part.trim_start().strip_prefix("CN=").map(String::from));
    common.unwrap_or(subject)
}

/// What of `text` an id can spell: small letters and digits, hyphens between them.
fn spelled(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if out.len() >= LONGEST {
            break;
        }
        if character.is_ascii_alphanumeric() {
            out.push(character.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    String::from(out.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn an_id_is_made_of_letters_that_an_id_may_have_and_given_once() {
        let state = TrustState::new();
        let mut names = Names::new(&state);
        let mut give = |text: &str| names.give(ObjectKind::Anchor, None, text, &[7; 32]).as_str().to_string();
        assert_eq!(give("ACME Root CA (2026)"), "acme-root-ca-2026");
        assert_eq!(give("acme root ca 2026"), "acme-root-ca-2026-2");
        assert_eq!(give("日本"), "anchor-07070707");
        assert_eq!(give(&"long ".repeat(50)).len(), LONGEST);
    }
}
