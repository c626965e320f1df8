//! The strict JSON reader agrees with serde_json on the value of everything it accepts, refuses every repeated name, and refuses as
//! no JSON only what is none.
#![no_main]

use std::fmt;

use libfuzzer_sys::fuzz_target;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use stella_attest_model::{
    Limits,
    json::{self, Kind, Value},
};
use stella_fuzz::check_reason;
use stella_vocabulary::{Code, Reason as _};

/// What serde_json reads, repeated names kept.
#[derive(Debug, PartialEq)]
enum Tree {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

fuzz_target!(|data: &[u8]| {
    let limits = Limits::default();
    let oracle = read(data);
    let repeated = oracle.as_ref().is_ok_and(Tree::repeats_a_name);
    match json::Document::parse(data, &limits) {
        Ok(document) => {
            assert!(!repeated, "a repeated name was accepted");
            match oracle {
                Ok(tree) => agree(document.root(), &tree),
                // Of a number beyond a double only the text is looked at here.
                Err(error) => assert!(error.to_string().contains("number out of range"), "only accepted here: {error}"),
            }
            assert_eq!(document.source().as_bytes(), data);
            check_canonical(document.root(), &limits);
        }
        Err(error) => {
            check_reason(&error);
            match error.code() {
                Code::JsonSyntax | Code::JsonTrailingData | Code::JsonInvalidUnicode => {
                    assert!(oracle.is_err(), "refused as no JSON: {error} at {:?}", error.place());
                }
                Code::JsonDuplicateKey => assert!(repeated || oracle.is_err(), "no name is repeated: {error}"),
                Code::JsonBom | Code::JsonDepthExceeded | Code::JsonTooManyMembers | Code::InputEmpty => {}
                other => panic!("a parser of JSON says {other}"),
            }
        }
    }
});

fn read(data: &[u8]) -> Result<Tree, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(data);
    let tree = Tree::deserialize(&mut reader)?;
    reader.end()?;
    Ok(tree)
}

fn agree(value: Value<'_, '_>, tree: &Tree) {
    match (value.kind(), tree) {
        (Kind::Null, Tree::Null) => assert!(value.is_null()),
        (Kind::Bool, Tree::Bool(expected)) => assert_eq!(value.as_bool().unwrap(), *expected),
        (Kind::String, Tree::Text(expected)) => assert_eq!(value.as_str().unwrap(), expected),
        (Kind::Number, Tree::Unsigned(expected)) => {
            assert_eq!(value.as_u64().unwrap(), *expected);
            assert_eq!(value.as_i64().ok(), i64::try_from(*expected).ok());
        }
        (Kind::Number, Tree::Signed(expected)) => {
            assert_eq!(value.as_i64().unwrap(), *expected);
            assert!(value.as_u64().is_err());
        }
        (Kind::Number, Tree::Float(expected)) => {
            assert_eq!(value.raw_text().parse::<f64>().unwrap().to_bits(), expected.to_bits());
        }
        (Kind::Array, Tree::Array(expected)) => {
            let array = value.as_array().unwrap();
            assert_eq!(array.len(), expected.len());
            assert_eq!(array.iter().count(), expected.len());
            array.iter().zip(expected).for_each(|(value, tree)| agree(value, tree));
        }
        (Kind::Object, Tree::Object(expected)) => {
            let object = value.as_object().unwrap();
            assert_eq!(object.len(), expected.len());
            assert_eq!(object.members().count(), expected.len());
            for ((name, member), (expected_name, tree)) in object.members().zip(expected) {
                assert_eq!(name, expected_name);
                assert_eq!(object.member(name).unwrap().raw().as_ptr(), member.raw().as_ptr());
                agree(member, tree);
            }
        }
        (kind, tree) => panic!("{kind} here, {tree:?} there"),
    }
    // The source text of a value is that value.
    let again = read(value.raw()).unwrap();
    assert_eq!(again, *tree);
    check_reason(&value.wrong_type("something else"));
    let (at, place) = (value.raw().as_ptr(), value.place());
    let _ = (at, place.line(), place.column());
}

/// The canonical form is its own canonical form and has the same value.
fn check_canonical(root: Value<'_, '_>, limits: &Limits) {
    let canonical = match json::canonical(root) {
        Ok(canonical) => canonical,
        Err(error) => return check_reason(&error),
    };
    let document = json::Document::parse(&canonical, limits).unwrap_or_else(|error| panic!("canonical: {error}"));
    assert_eq!(json::canonical(document.root()).unwrap(), canonical);
    let (before, after) = (read(root.raw()), read(&canonical));
    if let (Ok(before), Ok(after)) = (before, after) {
        assert_eq!(before.sorted(), after.sorted());
    }
}

impl Tree {
    fn repeats_a_name(&self) -> bool {
        match self {
            Self::Array(items) => items.iter().any(Self::repeats_a_name),
            Self::Object(members) => {
                let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
                names.sort_unstable();
                names.windows(2).any(|pair| pair[0] == pair[1])
                    || members.iter().any(|(_, member)| member.repeats_a_name())
            }
            _ => false,
        }
    }

    /// Members by name, numbers as doubles: what RFC 8785 keeps.
    fn sorted(self) -> Self {
        match self {
            Self::Unsigned(number) => Self::Float(number as f64),
            Self::Signed(number) => Self::Float(number as f64),
            Self::Array(items) => Self::Array(items.into_iter().map(Self::sorted).collect()),
            Self::Object(members) => {
                let mut members: Vec<_> = members.into_iter().map(|(name, member)| (name, member.sorted())).collect();
                members.sort_by(|(left, _), (right, _)| left.cmp(right));
                Self::Object(members)
            }
            other => other,
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Signed(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Tree, E> {
        if value.is_finite() { Ok(Tree::Float(value)) } else { Err(E::custom("number out of range")) }
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Tree::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        if all.len() > 1 << 20 { Err(A::Error::custom("too many")) } else { Ok(Tree::Object(all)) }
    }
}
