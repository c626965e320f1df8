//! Who may speak about an artifact: of all patterns in a store that fit it, the most specific.

use alloc::collections::BTreeMap;

use crate::ledger::{ObjectRef, PurlPattern, Scope};

/// The patterns of package URLs that objects of a store lay claim to.
///
/// A claim outlasts its object: what was removed, revoked or distrusted keeps it until somebody is given a pattern that is as specific. Otherwise one
/// person who takes a key out could hand its artifacts to whoever holds a wider pattern.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims(BTreeMap<PurlPattern, Option<ObjectRef>>);

impl Claims {
    pub(crate) fn add(&mut self, scope: Option<&Scope>, object: impl Fn() -> Option<ObjectRef>) {
        for pattern in scope.map_or(&[][..], |scope| &scope.purl_patterns) {
            self.0.entry(pattern.clone()).or_insert_with(&object);
        }
    }

    /// Every pattern, in order.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = &PurlPattern> {
        self.0.keys()
    }

    /// The most specific pattern that fits `purl`, and who was first to lay claim to it, if that has a name.
    pub(crate) fn strongest(&self, purl: &str) -> Option<(&PurlPattern, Option<&ObjectRef>)> {
        PurlPattern::most_specific(self.0.iter(), purl).map(|(pattern, object)| (pattern, object.as_ref()))
    }
}
