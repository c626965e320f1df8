//! What is new about fetched keys.

use alloc::vec::Vec;
use core::fmt;

use super::fetched::{FetchedKey, FetchedKeys};
use crate::ledger::{Id, KeyRecord, Object, ObjectKind, Record, Standing, TrustState};

/// Fetched keys beside what the store knows of the issuer.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyDifference {
    /// Every fetched key, in the order of the document.
    pub fetched: Vec<(FetchedKey, News)>,
    /// Keys of the issuer that count and are not published any more, by id.
    pub gone: Vec<Id>,
}

/// What the store knows of a fetched key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum News {
    /// Unknown, under a `kid` that a key of the issuer has.
    Changed {
        /// That key.
        before: Id,
    },
    /// The key of somebody else, or of nobody in particular.
    Elsewhere {
        /// Its id.
        id: Id,
    },
    /// A key of the issuer that counts.
    Known {
        /// Its id.
        id: Id,
    },
    /// Unknown.
    New,
    /// Published, though it was removed or revoked here.
    Withdrawn {
        /// Its id.
        id: Id,
        /// How it stands.
        standing: Standing,
    },
}

impl News {
    /// `changed`, `elsewhere`, `known`, `new`, `withdrawn`
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::Elsewhere { .. } => "elsewhere",
            Self::Known { .. } => "known",
            Self::New => "new",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }

    /// Whether the key could be added to the store.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Changed { .. } | Self::New)
    }
}

impl KeyDifference {
    /// Compares.
    #[must_use]
    pub fn between(state: &TrustState, issuer: &Id, fetched: &FetchedKeys) -> Self {
        let own: Vec<&KeyRecord> = state
            .objects_of(ObjectKind::Key)
            .filter_map(|object| match object {
                Object::Recorded(Record::Key(key), Standing::Active) if key.issuer.as_ref() == Some(issuer) => {
                    Some(key)
                }
                _ => None,
            })
            .collect();
        let news = |key: &FetchedKey| match state.with_material(ObjectKind::Key, key.key().key_id().as_bytes()) {
            Some((Record::Key(known), Standing::Active)) if known.issuer.as_ref() == Some(issuer) => {
                News::Known { id: known.id.clone() }
            }
            Some((Record::Key(known), Standing::Active)) => News::Elsewhere { id: known.id.clone() },
            Some((record, standing)) => News::Withdrawn { id: record.object().id, standing },
            None => match own.iter().find(|known| known.hint.is_some() && known.hint.as_deref() == key.kid()) {
                Some(before) => News::Changed { before: before.id.clone() },
                None => News::New,
            },
        };
        let is_published =
            |known: &KeyRecord| fetched.keys().iter().any(|key| key.key().spki_der() == known.key.as_slice());
        Self {
            fetched: fetched.keys().iter().map(|key| (key.clone(), news(key))).collect(),
            gone: own.iter().filter(|known| !is_published(known)).map(|known| known.id.clone()).collect(),
        }
    }

    /// How many fetched keys have news of that name.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.fetched.iter().filter(|(_, news)| news.name() == name).count()
    }
}

/// `2 new, 1 changed, 3 known, 1 gone`: what there is none of is left out.
impl fmt::Display for KeyDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        for name in ["new", "changed", "known", "elsewhere", "withdrawn"] {
            let count = self.count(name);
            if count > 0 {
                write!(f, "{before}{count} {name}")?;
                before = ", ";
            }
        }
        if !self.gone.is_empty() {
            write!(f, "{before}{} gone", self.gone.len())?;
        }
        Ok(())
    }
}
