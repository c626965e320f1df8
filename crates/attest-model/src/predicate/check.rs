//! Holds a predicate against the shape that its specification gives it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;
use stella_vocabulary::text::Bounded;

use super::flaw::{Flaw, PredicateFlaw};
use super::schema::{Need, Record, Rule, Shape};
use crate::json::{Kind, Object, Value};
use crate::statement::is_uri;
use crate::{Digest, DigestAlgorithm};

/// The most flaws that are named. Who mends these will ask again.
const MOST: usize = 32;

pub(super) fn flaws(value: Value<'_, '_>, shape: &Shape, specification: &'static str) -> Vec<PredicateFlaw> {
    let mut found = Findings { flaws: Vec::new(), clause: specification };
    found.look_at(value, shape);
    found.flaws
}

/// The depth of what calls itself here is that of a shape, which has no cycle: no input has a say in it.
struct Findings {
    flaws: Vec<PredicateFlaw>,
    /// Where the value that is looked at is specified.
    clause: &'static str,
}

impl Findings {
    fn add(&mut self, value: Value<'_, '_>, flaw: Flaw) {
        if !self.is_full() {
            self.flaws.push(PredicateFlaw::new(value.place(), flaw, self.clause));
        }
    }

    fn is_full(&self) -> bool {
        self.flaws.len() >= MOST
    }

    fn look_at(&mut self, value: Value<'_, '_>, shape: &Shape) {
        if self.is_full() {
            return;
        }
        match shape {
            Shape::Any if value.is_null() => self.wrong_kind(value, "a value"),
            Shape::Any => {}
            Shape::Bool => self.of_kind(value, Kind::Bool, "a boolean"),
            Shape::ByMember(name, with, without) => match value.as_object() {
                Ok(object) if object.optional(name).is_some() => self.record(object, with),
                Ok(object) => self.record(object, without),
                Err(_) => self.wrong_kind(value, "an object"),
            },
            Shape::Digests => self.digests(value),
            Shape::List(each, least) => self.list(value, each, *least),
            Shape::Map(each) => match value.as_object() {
                Ok(object) => object.members().for_each(|(_, member)| self.look_at(member, each)),
                Err(_) => self.wrong_kind(value, "an object"),
            },
            Shape::Object => self.of_kind(value, Kind::Object, "an object"),
            Shape::OneOf(texts) => match value.as_str() {
                Ok(text) if texts.contains(&text) => {}
                Ok(_) => self.not_allowed(value, one_of(texts)),
                Err(_) => self.wrong_kind(value, "a string"),
            },
            Shape::Record(record) => match value.as_object() {
                Ok(object) => self.record(object, record),
                Err(_) => self.wrong_kind(value, "an object"),
            },
            Shape::Text => self.text(value, "a string", "a string that is not empty", |text| !text.is_empty()),
            Shape::TextOr(record) => match value.as_object() {
                Ok(object) => self.record(object, record),
                Err(_) => self.text(value, "an object", "a string that is not empty", |text| !text.is_empty()),
            },
            Shape::Time => {
                const TIME: &str = "a time with its zone, such as 2026-01-17T09:00:00Z";
                self.text(value, "a string with a time", TIME, |text| UnixTime::parse_rfc3339(text).is_ok());
            }
            Shape::Uri => self.text(value, "a string with a URI", "a URI with a scheme", is_uri),
            Shape::Whole(least) => match value.as_u64() {
                Ok(number) if number >= *least => {}
                _ if value.kind() == Kind::Number => {
                    self.not_allowed(value, alloc::format!("a whole number from {least}"));
                }
                _ => self.wrong_kind(value, "a number"),
            },
        }
    }

    fn record(&mut self, object: Object<'_, '_>, record: &'static Record) {
        let around = core::mem::replace(&mut self.clause, record.clause);
        for member in record.members {
            match object.optional(member.name) {
                Some(value) => self.look_at(value, &member.shape),
                None if member.need == Need::Required => {
                    self.add(object.value(), Flaw::Missing { name: member.name });
                }
                None => {}
            }
        }
        let has = |names: &[&str]| names.iter().any(|name| object.optional(name).is_some());
        for rule in record.rules {
            match rule {
                Rule::AnyOf(names) if !has(names) => self.add(object.value(), Flaw::NoneOf { names }),
                Rule::When(name, text, names) => {
                    let applies = object.optional(name).and_then(|value| value.as_str().ok()) == Some(*text);
                    if applies && !has(names) {
                        self.add(object.value(), Flaw::NoneOf { names });
                    }
                }
                Rule::AnyOf(_) => {}
            }
        }
        self.clause = around;
    }

    fn list(&mut self, value: Value<'_, '_>, each: &Shape, least: usize) {
        let Ok(list) = value.as_array() else { return self.wrong_kind(value, "a list") };
        if list.len() < least {
            self.add(value, Flaw::TooFew { found: list.len(), expected: least });
        }
        for element in list {
            if self.is_full() {
                return;
            }
            self.look_at(element, each);
        }
    }

    fn digests(&mut self, value: Value<'_, '_>) {
        let Ok(set) = value.as_object() else { return self.wrong_kind(value, "an object") };
        for (name, digest) in set.members() {
            let Ok(text) = digest.as_str() else {
                self.wrong_kind(digest, "a string");
                continue;
            };
            let fits = match DigestAlgorithm::from_name(name) {
                Some(algorithm) => Digest::from_hex(algorithm, text).is_some(),
                None => !text.is_empty(),
            };
            if !fits {
                self.add(digest, Flaw::Digest { found: Bounded(text, 150).to_string() });
            }
        }
    }

    fn text(&mut self, value: Value<'_, '_>, kind: &'static str, expected: &str, fits: impl Fn(&str) -> bool) {
        match value.as_str() {
            Ok(text) if fits(text) => {}
            Ok(_) => self.not_allowed(value, expected.to_string()),
            Err(_) => self.wrong_kind(value, kind),
        }
    }

    fn of_kind(&mut self, value: Value<'_, '_>, kind: Kind, expected: &'static str) {
        if value.kind() != kind {
            self.wrong_kind(value, expected);
        }
    }

    fn not_allowed(&mut self, value: Value<'_, '_>, expected: String) {
        self.add(value, Flaw::Value { found: Bounded(value.raw_text(), 150).to_string(), expected });
    }

    fn wrong_kind(&mut self, value: Value<'_, '_>, expected: &'static str) {
        self.add(value, Flaw::WrongKind { found: value.kind(), expected });
    }
}

fn one_of(texts: &[&str]) -> String {
    match texts {
        [only] => (*only).to_string(),
        _ => alloc::format!("one of {}", texts.join(", ")),
    }
}
