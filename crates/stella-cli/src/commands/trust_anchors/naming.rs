//! Ids for what people add without naming it.

use stella_attest_verify::Certificate;
use stella_trust_store::ledger::{Id, ObjectKind, ObjectRef, TrustState};
use stella_vocabulary::hex;

use crate::complaint::Complaint;

/// The longest name that is made of a subject; a few digits still fit behind it.
const LONGEST: usize = 64;
/// Hex digits that tell two things of one name apart.
const DIGITS: usize = 8;

/// The id that was said.
///
/// # Errors
/// `store.id_invalid`.
pub(crate) fn said(name: &str) -> Result<Id, Complaint> {
    Id::new(name).map_err(|error| Complaint::from(error).place("--name"))
}

/// An id for a certificate: its common name, or else its whole subject, in the letters of an id.
///
/// # Errors
/// None for what this makes.
pub(crate) fn of_certificate(
    state: &TrustState,
    kind: ObjectKind,
    certificate: &Certificate,
    material: &[u8; 32],
) -> Result<Id, Complaint> {
    let subject = certificate.subject().to_string();
    let common = subject.split(',').find_map(|part| part.trim().strip_prefix("CN=")).unwrap_or(&subject);
    free(state, kind, &plain(common), material)
}

/// `stem`, or with digits of the material behind it if that means something else already.
///
/// # Errors
/// None for a stem of letters that an id has.
pub(crate) fn free(state: &TrustState, kind: ObjectKind, stem: &str, material: &[u8; 32]) -> Result<Id, Complaint> {
    let digits: String = hex::encode(material).chars().take(DIGITS).collect();
    if stem.is_empty() {
        return Ok(Id::new(&format!("{}-{digits}", kind.name()))?);
    }
    let id = Id::new(stem)?;
    match state.record(&ObjectRef::new(kind, id.clone())) {
        Some((record, _)) if record.material().as_ref() != Some(material) => Ok(Id::new(&format!("{stem}-{digits}"))?),
        _ => Ok(id),
    }
}

/// Small letters and digits, with hyphens for what is neither.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || (matches!(letter, '.' | '_') && !plain.is_empty()) {
            plain.push(letter.to_ascii_lowercase());
        } else if !plain.is_empty() && !plain.ends_with('-') {
            plain.push('-');
        }
        if plain.len() >= LONGEST {
            break;
        }
    }
    plain.trim_end_matches('-').to_string()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_subject_becomes_an_id() {
        for (subject, id) in [
            ("Release Root 2026", "release-root-2026"),
            ("  --Ärger (Test) ", "rger-test"),
            ("../../x", "x"),
            ("日本", ""),
            ("a.b_c", "a.b_c"),
        ] {
            assert_eq!(plain(subject), id);
        }
        assert_eq!(plain(&"x".repeat(500)).len(), 64);
    }
}
