//! A predicate that is put together from assignments.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use stella_vocabulary::text::Bounded;
use stella_vocabulary::{Code, Reason};

use super::assignment::{self, PathError, Step};
use crate::json::{self, Document, Kind, Value, write_canonical_string};
use crate::{Limits, shown};

/// A predicate that is put together from assignments such as `runDetails.builder.id=https://example.com`.
///
/// A value that is JSON counts as what it is, and every other as a string: `version=1` is a number, `version="1"` a string. Members
/// come out in the order in which they were first named.
#[derive(Clone, Debug)]
pub struct PredicateDraft {
    root: Node,
    limits: Limits,
    /// How many bytes were assigned so far.
    bytes: usize,
}

#[derive(Clone, Debug)]
enum Node {
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
    /// A string, number or literal, as JSON.
    Scalar(String),
}

impl PredicateDraft {
    /// A predicate without members.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self { root: Node::Object(Vec::new()), limits: *limits, bytes: 0 }
    }

    /// Starts from a predicate that is there already; assignments can add to it, and change nothing of it.
    ///
    /// # Errors
    /// `input.too_large` or a code of the family `json`; `json.wrong_type` if it is no object.
    pub fn from_json(predicate: &[u8], limits: &Limits) -> Result<Self, json::Error> {
        let document = Document::parse_within(predicate, limits.payload_bytes, limits)?;
        document.root().as_object()?;
        Ok(Self { root: Node::of(document.root())?, limits: *limits, bytes: predicate.len() })
    }

    /// Makes one assignment: a path of names with dots between them and `[0]` for elements, `=`, and a value.
    ///
    /// An element can be assigned if the ones before it are there. A backslash makes a dot, bracket or equals sign part of a name.
    ///
    /// # Errors
    /// [`DraftError`]; the draft is then as it was.
    pub fn set(&mut self, text: &str) -> Result<(), DraftError> {
        let shown = || Bounded(text, 150).to_string();
        let (steps, value) = assignment::parse(text).map_err(|error| match error {
            PathError::ControlCharacter => DraftError::ControlCharacter { found: shown() },
            _ => DraftError::Malformed { found: shown() },
        })?;
        let path = || Bounded(&assignment::shown(&steps), 150).to_string();
        // The depth of a draft bounds every walk over it.
        if steps.len() >= self.limits.json_depth {
            return Err(DraftError::TooDeep { limit: self.limits.json_depth });
        }
        let bytes = self.bytes.saturating_add(text.len());
        if bytes > self.limits.payload_bytes {
            return Err(DraftError::TooLarge { limit: self.limits.payload_bytes });
        }
        let value = Node::read(value, &self.limits).map_err(|error| DraftError::Json { path: path(), error })?;
        if value.depth().saturating_add(steps.len()) > self.limits.json_depth {
            return Err(DraftError::TooDeep { limit: self.limits.json_depth });
        }
        let place = self.root.place(&steps, self.limits.json_members).map_err(|clash| match clash {
            Clash::Gap { elements } => DraftError::Gap { path: path(), elements },
            Clash::Kind { found } => DraftError::Conflict { path: path(), found },
            Clash::Members => DraftError::TooManyMembers { limit: self.limits.json_members },
            Clash::Taken => DraftError::Twice { path: path() },
        })?;
        place.insert(value);
        self.bytes = bytes;
        Ok(())
    }

    /// Whether nothing was assigned yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.root, Node::Object(members) if members.is_empty())
    }

    /// The predicate, on one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::with_capacity(self.bytes);
        self.root.write(&mut json);
        json
    }
}

/// Where a value comes to stand. Nothing is changed before it does.
struct Vacancy<'n> {
    node: &'n mut Node,
    rest: Vec<Step>,
}

enum Clash {
    Gap { elements: usize },
    Kind { found: &'static str },
    Members,
    Taken,
}

impl Vacancy<'_> {
    fn insert(self, value: Node) {
        let mut steps = self.rest.into_iter().rev();
        let Some(first) = steps.next_back() else { return };
        // From the inside: what is new around the value.
        let mut inner = value;
        for step in steps {
            inner = match step {
                Step::Element(_) => Node::List(alloc::vec![inner]),
                Step::Member(name) => Node::Object(alloc::vec![(name, inner)]),
            };
        }
        match (self.node, first) {
            (Node::Object(members), Step::Member(name)) => members.push((name, inner)),
            (Node::List(elements), Step::Element(_)) => elements.push(inner),
            _ => {}
        }
    }
}

impl Node {
    /// A value as it was typed.
    fn read(text: &str, limits: &Limits) -> Result<Self, json::Error> {
        match Document::parse_within(text.as_bytes(), limits.payload_bytes, limits) {
            Ok(document) => Self::of(document.root()),
            // Whoever opens a bracket or a quotation mark means JSON.
            Err(error) if text.trim_start().starts_with(['{', '[', '"']) => Err(error),
            Err(_) => {
                let mut json = String::new();
                write_canonical_string(&mut json, text);
                Ok(Self::Scalar(json))
            }
        }
    }

    /// Its depth is limited by the parser.
    fn of(value: Value<'_, '_>) -> Result<Self, json::Error> {
        Ok(match value.kind() {
            Kind::Array => Self::List(value.as_array()?.iter().map(Self::of).collect::<Result<_, _>>()?),
            Kind::Object => {
                let member = |(name, value): (&str, Value<'_, '_>)| Ok((name.to_string(), Self::of(value)?));
                Self::Object(value.as_object()?.members().map(member).collect::<Result<_, json::Error>>()?)
            }
            _ => Self::Scalar(value.raw_text().to_string()),
        })
    }

    fn depth(&self) -> usize {
        let below = match self {
            Self::Scalar(_) => return 0,
            Self::List(elements) => elements.iter().map(Self::depth).max(),
            Self::Object(members) => members.iter().map(|(_, member)| member.depth()).max(),
        };
        below.unwrap_or(0).saturating_add(1)
    }

    /// Walks as far as there is something, and sees whether the rest can come to stand there.
    fn place(&mut self, steps: &[Step], members: usize) -> Result<Vacancy<'_>, Clash> {
        let Some((step, below)) = steps.split_first() else { return Err(Clash::Taken) };
        // Only the next element of a list can be new, so new lists begin with their first.
        let begins = |steps: &[Step]| match steps.iter().find(|step| matches!(step, Step::Element(1..))) {
            Some(_) => Err(Clash::Gap { elements: 0 }),
            None => Ok(()),
        };
        let found = match (&*self, step) {
            (Self::Object(object), Step::Member(name)) => {
                let at = object.iter().position(|(known, _)| known == name);
                if at.is_none() && object.len() >= members {
                    return Err(Clash::Members);
                }
                at
            }
            (Self::List(list), Step::Element(index)) if *index > list.len() => {
                return Err(Clash::Gap { elements: list.len() });
            }
            (Self::List(list), Step::Element(index)) => Some(*index).filter(|index| *index < list.len()),
            (Self::Object(_), Step::Element(_)) => return Err(Clash::Kind { found: "an object" }),
            (Self::List(_), Step::Member(_)) => return Err(Clash::Kind { found: "a list" }),
            (Self::Scalar(_), _) => return Err(Clash::Kind { found: "a value" }),
        };
        let Some(at) = found else {
            begins(below)?;
            return Ok(Vacancy { node: self, rest: steps.to_vec() });
        };
        let next = match self {
            Self::Object(object) => object.get_mut(at).map(|(_, node)| node),
            Self::List(list) => list.get_mut(at),
            Self::Scalar(_) => None,
        };
        next.ok_or(Clash::Taken)?.place(below, members)
    }

    fn write(&self, json: &mut String) {
        match self {
            Self::Scalar(text) => json.push_str(text),
            Self::List(elements) => {
                json.push('[');
                for (position, element) in elements.iter().enumerate() {
                    json.push_str(if position == 0 { "" } else { "," });
                    element.write(json);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (position, (name, member)) in members.iter().enumerate() {
                    json.push_str(if position == 0 { "" } else { "," });
                    write_canonical_string(json, name);
                    json.push(':');
                    member.write(json);
                }
                json.push('}');
            }
        }
    }
}

/// Why an assignment was not made.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DraftError {
    /// There is something else already where the path leads through.
    Conflict {
        /// The path.
        path: String,
        /// What there is.
        found: &'static str,
    },
    /// The path holds a control character.
    ControlCharacter {
        /// The assignment, bounded and escaped.
        found: String,
    },
    /// An element is assigned, and one before it is missing.
    Gap {
        /// The path.
        path: String,
        /// How many elements there are.
        elements: usize,
    },
    /// The value begins like JSON, and is none.
    Json {
        /// The path.
        path: String,
        /// What is wrong with it.
        error: json::Error,
    },
    /// Not `path=value`.
    Malformed {
        /// The assignment, bounded and escaped.
        found: String,
    },
    /// Arrays and objects would nest deeper than allowed.
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },
    /// All assignments together are longer than allowed.
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// An object would have more members than allowed.
    TooManyMembers {
        /// Members allowed.
        limit: usize,
    },
    /// The same is assigned twice, or is in the predicate already.
    Twice {
        /// The path.
        path: String,
    },
}

impl fmt::Display for DraftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict { path, found } => write!(f, "\"{path}\" leads through {found} that is there already"),
            Self::ControlCharacter { .. } => f.write_str("a name in a path holds a control character"),
            Self::Gap { path, elements } => {
                write!(f, "\"{path}\" leaves out an element: the list has {elements} so far")
            }
            Self::Json { path, error } => write!(f, "the value of \"{path}\" begins like JSON, and is none: {error}"),
            Self::Malformed { .. } => f.write_str("this is no assignment"),
            Self::TooDeep { limit } => write!(f, "the predicate nests deeper than {limit} levels"),
            Self::TooLarge { limit } => write!(f, "the predicate is longer than {limit} bytes"),
            Self::TooManyMembers { limit } => write!(f, "an object has more than {limit} members"),
            Self::Twice { path } => write!(f, "\"{path}\" is assigned twice, or is there already"),
        }
    }
}

impl core::error::Error for DraftError {}

impl Reason for DraftError {
    fn code(&self) -> Code {
        match self {
            Self::Conflict { .. } | Self::Twice { .. } => Code::UsageConflict,
            Self::ControlCharacter { .. } => Code::JsonControlCharacter,
            Self::Gap { .. } | Self::Malformed { .. } => Code::UsagePredicateInvalid,
            Self::Json { error, .. } => error.code(),
            Self::TooDeep { .. } => Code::JsonDepthExceeded,
            Self::TooLarge { .. } => Code::InputTooLarge,
            Self::TooManyMembers { .. } => Code::JsonTooManyMembers,
        }
    }

    fn found(&self) -> Option<String> {
        match self {
            Self::ControlCharacter { found } | Self::Malformed { found } => Some(shown::found(found)),
            Self::Json { error, .. } => error.found(),
            _ => None,
        }
    }

    fn expected(&self) -> Option<String> {
        match self {
            Self::Json { error, .. } => error.expected(),
            Self::Malformed { .. } => Some("path=value, such as runDetails.builder.id=https://example.com".to_string()),
            _ => None,
        }
    }
}
