//! The objects of a store, read for looking at.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_vocabulary::{UnixTime, Window};

use crate::ledger::{
    AnchorRecord, IntermediateRecord, IssuerRecord, KeyRecord, Object, ObjectKind, ObjectRef, Record, Standing, Terms,
    TrustState,
};

/// Everything that is looked at.
pub(super) struct Objects<'s> {
    pub(super) state: &'s TrustState,
    pub(super) at: UnixTime,
    /// Those that count.
    pub(super) anchors: Vec<AnchorObject<'s>>,
    /// Those that count.
    pub(super) intermediates: Vec<(&'s IntermediateRecord, Certificate)>,
    /// All, with their standing.
    pub(super) issuers: Vec<(&'s IssuerRecord, Standing)>,
    /// Those that were neither removed nor compromised.
    pub(super) keys: Vec<KeyObject<'s>>,
}

pub(super) struct AnchorObject<'s> {
    pub(super) record: &'s AnchorRecord,
    pub(super) certificate: Certificate,
    /// When it counts: the window, cut by a revocation.
    pub(super) window: Window,
}

pub(super) struct KeyObject<'s> {
    pub(super) record: &'s KeyRecord,
    /// When it counts: the window, cut by a revocation.
    pub(super) window: Window,
    pub(super) standing: Standing,
}

impl<'s> Objects<'s> {
    pub(super) fn of(state: &'s TrustState, at: UnixTime) -> Self {
        let mut objects =
            Self { state, at, anchors: Vec::new(), intermediates: Vec::new(), issuers: Vec::new(), keys: Vec::new() };
        for kind in [ObjectKind::Anchor, ObjectKind::Intermediate, ObjectKind::Issuer, ObjectKind::Key] {
            for object in state.objects_of(kind) {
                if let Object::Recorded(record, standing) = object {
                    objects.take(record, *standing);
                }
            }
        }
        objects
    }

    fn take(&mut self, record: &'s Record, standing: Standing) {
        match record {
            // What cannot be read was refused when it was added.
            Record::Anchor(record) => {
                if let (Some(window), Ok(certificate)) =
                    (counting(&record.terms, standing), Certificate::from_der(&record.certificate))
                {
                    self.anchors.push(AnchorObject { record, certificate, window });
                }
            }
            Record::Intermediate(record) if standing == Standing::Active => {
                if let Ok(certificate) = Certificate::from_der(&record.certificate) {
                    self.intermediates.push((record, certificate));
                }
            }
            Record::Issuer(record) => self.issuers.push((record, standing)),
            Record::Key(record) => {
                if let Some(window) = counting(&record.terms, standing) {
                    self.keys.push(KeyObject { record, window, standing });
                }
            }
            _ => {}
        }
    }

    pub(super) fn issuer(&self, id: &crate::ledger::Id) -> Option<&(&'s IssuerRecord, Standing)> {
        self.issuers.iter().find(|(issuer, _)| issuer.id == *id)
    }
}

impl AnchorObject<'_> {
    pub(super) fn object(&self) -> ObjectRef {
        ObjectRef::new(ObjectKind::Anchor, self.record.id.clone())
    }

    /// From when on it is of no use for new signatures: the end of the window or of the certificate, exclusive.
    pub(super) fn end(&self) -> UnixTime {
        let certificate = after(self.certificate.not_after());
        self.window.until().map_or(certificate, |until| until.min(certificate))
    }

    /// Whether it may certify at an instant.
    pub(super) fn serves(&self, at: UnixTime) -> bool {
        self.window.contains(at) && at >= self.certificate.not_before() && at <= self.certificate.not_after()
    }
}

impl KeyObject<'_> {
    pub(super) fn object(&self) -> ObjectRef {
        ObjectRef::new(ObjectKind::Key, self.record.id.clone())
    }

    /// The keys that follow each other: those of one issuer, or those whose names differ in numbers at the end alone.
    pub(super) fn group(&self) -> Group {
        match &self.record.issuer {
            Some(issuer) => Group::Issuer(issuer.clone()),
            None => {
                Group::Named(stem(self.record.terms.label.as_deref().unwrap_or(self.record.id.as_str())).to_string())
            }
        }
    }
}

/// Keys that follow each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group {
    Issuer(crate::ledger::Id),
    Named(String),
}

impl core::fmt::Display for Group {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Issuer(issuer) => write!(f, "issuer {issuer}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// A name without a number, date or version at its end: `release-2025-11` and `release-v2` are both `release`.
pub(super) fn stem(name: &str) -> &str {
    let is_number = |word: &str| {
        let digits = word.strip_prefix(['v', 'V', 'q', 'Q', 'r', 'R']).unwrap_or(word);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut stem = name;
    while let Some(mark) = stem.rfind(['-', '_', '.', ' ', '/', '@', ':']) {
        let (head, tail) = stem.split_at(mark);
        let word = tail.get(1..).unwrap_or_default();
        if head.is_empty() || !(word.is_empty() || is_number(word)) {
            break;
        }
        stem = head;
    }
    if stem.is_empty() { name } else { stem }
}

/// The first instant after a closed end.
pub(super) fn after(end: UnixTime) -> UnixTime {
    end.checked_add(1).unwrap_or(end)
}

/// The window within which something counts, if it counts at all: what the snapshot makes of terms and standing.
pub(super) fn counting(terms: &Terms, standing: Standing) -> Option<Window> {
    match standing {
        Standing::Active => Some(terms.window),
        Standing::Revoked(revocation) if !revocation.cause.taints_the_past() => {
            let until = terms.window.until().map_or(revocation.revoked_at, |until| until.min(revocation.revoked_at));
            Some(Window::half_open(terms.window.from(), Some(until))).filter(|window| !window.is_empty())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn names_that_differ_in_numbers_at_the_end_belong_together() {
        for (name, expected) in [
            ("release", "release"),
            ("release-2025", "release"),
            ("release-2025-11", "release"),
            ("release-v2", "release"),
            ("release key 7", "release key"),
            ("release-2025-q3", "release"),
            ("release-old", "release-old"),
            ("2025", "2025"),
            ("-7", "-7"),
            ("sha2", "sha2"),
        ] {
            assert_eq!(stem(name), expected);
        }
    }
}
