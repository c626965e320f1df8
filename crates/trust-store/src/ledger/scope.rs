//! What an anchor, key or issuer is trusted for, and since when until when.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::Window;

use super::error::LedgerError;
use super::fields::Fields;
use super::json::Json;
use super::limits::{check_text, check_texts, check_window};
use super::purl::{self, PurlPattern};

/// What something is trusted for. An empty list sets no limit; `Scope::default()` is no limit at all.
///
/// A verification applies it to the path that was found or the key that signed, also when the certificates say nothing of the kind. What a scope
/// limits and a signature does not have is outside of it: a bare key has no identity, path or names, and a message signature no predicate type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Names of signature schemes, such as `ecdsa-p256-sha256`: of the attestation's signature, not of those on certificates.
    pub algorithms: Vec<String>,
    /// Extended key usages, dotted decimal; the signer's certificate must name one of them.
    pub extended_key_usages: Vec<String>,
    /// Patterns of identities ([`identity_fits`](crate::identity_fits)); every name of the signer's certificate must fit one of them.
    pub identities: Vec<String>,
    /// Most certificates between anchor and signer, self-issued ones not counted. RFC 5280 §4.2.1.9. No bare key keeps it.
    pub max_path_length: Option<u32>,
    /// Names that no certificate below the anchor may have, such as `dns:example.com` (see `NameLimits` of `stella-chain-verify`). RFC 5280 §4.2.1.10.
    /// No bare key keeps them.
    pub name_constraints_excluded: Vec<String>,
    /// Names that certificates below the anchor may have, likewise.
    pub name_constraints_permitted: Vec<String>,
    /// Patterns of OIDC issuers, like those of identities.
    pub oidc_issuers: Vec<String>,
    /// Predicate types, compared byte by byte.
    pub predicate_types: Vec<String>,
    /// Patterns of artifacts, which are known by package URLs in canonical form as names of subjects. The closest one of all in the store that fit an artifact says
    /// who may speak about it: of those that have patterns at all, only who holds one of that rank. A claim outlasts its holder (removed,
    /// revoked, distrusted), so that taking one away hands its artifacts to nobody.
    pub purl_patterns: Vec<PurlPattern>,
}

/// The members of a scope without any limit, which is what most keys have: a store of many is opened a tenth faster.
const UNLIMITED: &str = concat!(
    r#""algorithms":[],"extended_key_usages":[],"identities":[],"max_path_length":null,"name_constraints_excluded":[],"#,
    r#""name_constraints_permitted":[],"oidc_issuers":[],"predicate_types":[],"purl_patterns":[]"#
);

/// Label, window and scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What people call it.
    pub label: Option<String>,
    /// What it is trusted for.
    pub scope: Scope,
    /// When it may have signed: `[from, until)`.
    pub window: Window,
}

/// How one thing relates to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Same,
    Narrower,
    /// Wider, or not comparable: whoever cannot show that a change is narrower asks for more trust.
    Wider,
}

impl Extent {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Wider, _) | (_, Self::Wider) => Self::Wider,
            (Self::Same, Self::Same) => Self::Same,
            _ => Self::Narrower,
        }
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self { label: None, scope: Scope::default(), window: Window::always() }
    }
}

impl Terms {
    /// No limit at all, with a label for people.
    #[must_use]
    pub fn labelled(label: &str) -> Self {
        Self { label: Some(label.to_string()), ..Self::default() }
    }

    /// Sets when it may have signed.
    #[must_use]
    pub fn with_window(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    /// Sets what it is trusted for.
    #[must_use]
    pub fn with_scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    pub(super) fn check(&self) -> Result<(), LedgerError> {
        if let Some(label) = &self.label {
            check_text("a label", label)?;
        }
        check_window(self.window)?;
        self.scope.check()
    }

    /// Labels are for people and have no extent.
    pub(super) fn extent_from(&self, old: &Self) -> Extent {
        window_extent(self.window, old.window).and(self.scope.extent_from(&old.scope))
    }

    pub(super) fn to_json(&self) -> Json<'_> {
        Json::object([
            ("label", Json::optional_text(self.label.as_ref())),
            ("scope", self.scope.to_json()),
            ("window", Json::window(self.window)),
        ])
    }

    pub(super) fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        Ok(Self {
            label: fields.optional_string("label")?,
            scope: fields.object("scope", Scope::read)?,
            window: fields.window("window")?,
        })
    }
}

impl Scope {
    /// Whether it sets no limit: what is trusted within it is trusted for everything.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        *self == Self::default()
    }

    fn check(&self) -> Result<(), LedgerError> {
        check_texts("a scheme name", &self.algorithms)?;
        check_texts("an extended key usage", &self.extended_key_usages)?;
        check_texts("an identity pattern", &self.identities)?;
        check_texts("a name constraint", &self.name_constraints_excluded)?;
        check_texts("a name constraint", &self.name_constraints_permitted)?;
        check_texts("an OIDC issuer pattern", &self.oidc_issuers)?;
        check_texts("a predicate type", &self.predicate_types)?;
        check_texts("a package URL pattern", &purl::texts(&self.purl_patterns))
    }

    fn extent_from(&self, old: &Self) -> Extent {
        let lists = [
            (&self.algorithms, &old.algorithms),
            (&self.extended_key_usages, &old.extended_key_usages),
            (&self.identities, &old.identities),
            (&self.oidc_issuers, &old.oidc_issuers),
            (&self.predicate_types, &old.predicate_types),
        ];
        let permitted = lists.into_iter().fold(Extent::Same, |extent, (new, old)| extent.and(list_extent(new, old)));
        // The most specific pattern of all wins its artifacts, also from others: the first one claims more than none did, and one that goes away leaves
        // its artifacts to whoever holds the next specific one.
        let purls = match list_extent(&purl::texts(&self.purl_patterns), &purl::texts(&old.purl_patterns)) {
            Extent::Same => Extent::Same,
            _ => Extent::Wider,
        };
        let names = names_extent(&self.name_constraints_permitted, &old.name_constraints_permitted);
        // More exclusions are less trust.
        let excluded = subset_extent(&old.name_constraints_excluded, &self.name_constraints_excluded);
        permitted.and(purls).and(names).and(excluded).and(length_extent(self.max_path_length, old.max_path_length))
    }

    fn to_json(&self) -> Json<'_> {
        if self.is_unlimited() { Json::Members(UNLIMITED) } else { self.limits_to_json() }
    }

    fn limits_to_json(&self) -> Json<'_> {
        Json::object([
            ("algorithms", Json::texts(&self.algorithms)),
            ("extended_key_usages", Json::texts(&self.extended_key_usages)),
            ("identities", Json::texts(&self.identities)),
            ("max_path_length", Json::optional(self.max_path_length, |length| Json::Number(length.into()))),
            ("name_constraints_excluded", Json::texts(&self.name_constraints_excluded)),
            ("name_constraints_permitted", Json::texts(&self.name_constraints_permitted)),
            ("oidc_issuers", Json::texts(&self.oidc_issuers)),
            ("predicate_types", Json::texts(&self.predicate_types)),
            ("purl_patterns", Json::list(&self.purl_patterns, |pattern| Json::text(pattern.as_str()))),
        ])
    }

    fn read<'t>(fields: &mut impl Fields<'t>) -> Result<Self, LedgerError> {
        if fields.passes(UNLIMITED) {
            return Ok(Self::default());
        }
        Ok(Self {
            algorithms: fields.strings("algorithms")?,
            extended_key_usages: fields.strings("extended_key_usages")?,
            identities: fields.strings("identities")?,
            max_path_length: {
                let length = fields.optional_number("max_path_length")?.map(u32::try_from).transpose();
                length.map_err(|_| LedgerError::Unreadable { what: "max_path_length" })?
            },
            name_constraints_excluded: fields.strings("name_constraints_excluded")?,
            name_constraints_permitted: fields.strings("name_constraints_permitted")?,
            oidc_issuers: fields.strings("oidc_issuers")?,
            predicate_types: fields.strings("predicate_types")?,
            purl_patterns: fields.texts("purl_patterns", PurlPattern::new)?,
        })
    }
}

pub(super) fn window_extent(new: Window, old: Window) -> Extent {
    if new == old {
        return Extent::Same;
    }
    let starts_within = old.from().is_none_or(|old| new.from().is_some_and(|new| new >= old));
    let ends_within = old.until().is_none_or(|old| new.until().is_some_and(|new| new <= old));
    if starts_within && ends_within { Extent::Narrower } else { Extent::Wider }
}

/// Lists of what is permitted, where an empty one permits everything.
pub(super) fn list_extent(new: &[String], old: &[String]) -> Extent {
    match (new.is_empty(), old.is_empty()) {
        (true, true) => Extent::Same,
        (true, false) => Extent::Wider,
        (false, true) => Extent::Narrower,
        (false, false) => subset_extent(new, old),
    }
}

/// Names are held against the constraints of their own form, and those of a form without any are free: who takes the last constraint of a form away
/// permits all names of that form.
fn names_extent(new: &[String], old: &[String]) -> Extent {
    let form = |text: &String| text.split(':').next().map(ToString::to_string);
    let keeps_forms = old.iter().all(|old| new.iter().any(|new| form(new) == form(old)));
    match list_extent(new, old) {
        Extent::Narrower if !keeps_forms => Extent::Wider,
        extent => extent,
    }
}

/// Whether `new` has fewer members than `old`; patterns are compared as texts.
pub(super) fn subset_extent<T: PartialEq>(new: &[T], old: &[T]) -> Extent {
    match (new.iter().all(|text| old.contains(text)), old.iter().all(|text| new.contains(text))) {
        (true, true) => Extent::Same,
        (true, false) => Extent::Narrower,
        (false, _) => Extent::Wider,
    }
}

fn length_extent(new: Option<u32>, old: Option<u32>) -> Extent {
    match (new, old) {
        _ if new == old => Extent::Same,
        (Some(_), None) => Extent::Narrower,
        (Some(new), Some(old)) if new < old => Extent::Narrower,
        _ => Extent::Wider,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use stella_vocabulary::UnixTime;

    use super::*;

    fn list(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_empty_list_permits_everything_so_filling_it_narrows_and_emptying_it_widens() {
        assert_eq!(list_extent(&list(&["a"]), &[]), Extent::Narrower);
        assert_eq!(list_extent(&[], &list(&["a"])), Extent::Wider);
        assert_eq!(list_extent(&list(&["a"]), &list(&["a", "b"])), Extent::Narrower);
        assert_eq!(list_extent(&list(&["a", "c"]), &list(&["a", "b"])), Extent::Wider);
        assert_eq!(list_extent(&list(&["b", "a"]), &list(&["a", "b"])), Extent::Same);
    }

    #[test]
    fn no_limit_at_all_is_written_like_any_other_scope() {
        let scope = Scope::default();
        assert_eq!(scope.to_json().to_text(), scope.limits_to_json().to_text());
    }

    #[test]
    fn an_exclusion_more_narrows_and_one_less_widens() {
        let none = Scope::default();
        let one = Scope { name_constraints_excluded: list(&["dns:evil.example"]), ..Scope::default() };
        assert_eq!(one.extent_from(&none), Extent::Narrower);
        assert_eq!(none.extent_from(&one), Extent::Wider);
    }

    #[test]
    fn a_package_url_pattern_less_may_be_more_for_somebody_else() {
        let scope = |texts: &[&str]| Scope {
            purl_patterns: texts.iter().map(|text| PurlPattern::new(text).unwrap()).collect(),
            ..Scope::default()
        };
        let two = scope(&["pkg:oci/a", "pkg:oci/b"]);
        assert_eq!(two.extent_from(&Scope::default()), Extent::Wider);
        assert_eq!(scope(&["pkg:oci/a"]).extent_from(&two), Extent::Wider);
        assert_eq!(Scope::default().extent_from(&two), Extent::Wider);
        assert_eq!(two.extent_from(&scope(&["pkg:oci/b", "pkg:oci/a"])), Extent::Same);
    }

    #[test]
    fn the_last_constraint_on_a_form_of_names_is_not_taken_away_by_one_person() {
        let scope = |texts: &[&str]| Scope { name_constraints_permitted: list(texts), ..Scope::default() };
        let both = scope(&["dns:a.example", "dns:b.example", "uri:a.example"]);
        assert_eq!(scope(&["dns:a.example", "uri:a.example"]).extent_from(&both), Extent::Narrower);
        assert_eq!(scope(&["dns:a.example", "dns:b.example"]).extent_from(&both), Extent::Wider);
        assert_eq!(both.extent_from(&Scope::default()), Extent::Narrower);
    }

    #[test]
    fn one_wider_dimension_makes_the_whole_wider() {
        let old = Scope { max_path_length: Some(1), ..Scope::default() };
        let mixed = Scope { max_path_length: Some(2), predicate_types: vec!["a".to_string()], ..Scope::default() };
        assert_eq!(mixed.extent_from(&old), Extent::Wider);
    }

    #[test]
    fn a_window_within_another_is_narrower_and_a_shifted_one_is_wider() {
        let window = |from: Option<i64>, until: Option<i64>| {
            Window::half_open(from.map(UnixTime::from_seconds), until.map(UnixTime::from_seconds))
        };
        let old = window(Some(10), Some(20));
        assert_eq!(window_extent(window(Some(10), Some(19)), old), Extent::Narrower);
        assert_eq!(window_extent(window(Some(11), Some(21)), old), Extent::Wider);
        assert_eq!(window_extent(window(Some(10), None), old), Extent::Wider);
        assert_eq!(window_extent(old, Window::always()), Extent::Narrower);
        assert_eq!(window_extent(old, old), Extent::Same);
    }
}
