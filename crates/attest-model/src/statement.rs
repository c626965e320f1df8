//! in-toto statements.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::text::Bounded;

use crate::json::{Document, ErrorKind, Kind, Object, Place};
use crate::{Artifact, Digest, DigestAlgorithm, Limits, StatementError, Strength, Subject};

/// An in-toto statement: subjects, and a predicate about them. in-toto Statement v1, v0.1.
///
/// A value of this type says nothing about who made the statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Statement {
    version: StatementVersion,
    subjects: Vec<Subject>,
    predicate_type: String,
    predicate: Option<String>,
}

/// The version of a statement.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum StatementVersion {
    /// `https://in-toto.io/Statement/v0.1`
    V01,
    /// `https://in-toto.io/Statement/v1`
    V1,
}

impl StatementVersion {
    /// The `_type` of such a statement.
    pub const fn type_uri(self) -> &'static str {
        match self {
            Self::V01 => "https://in-toto.io/Statement/v0.1",
            Self::V1 => "https://in-toto.io/Statement/v1",
        }
    }

    fn from_type_uri(text: &str) -> Option<Self> {
        [Self::V01, Self::V1].into_iter().find(|version| version.type_uri() == text)
    }
}

impl Statement {
    /// Reads a payload of at most `limits.payload_bytes`. Unknown members are ignored (and must be strict JSON all the
    /// same).
    ///
    /// Call it with the very bytes whose signature has been verified.
    ///
    /// # Errors
    /// Codes of the families `intoto` and `json`, `input.too_large`. Text that does not even start like a JSON object
    /// or array, and JSON that is no statement, are `intoto.malformed`; other text that is not JSON has its code of the
    /// family `json`.
    pub fn from_payload(payload: &[u8], limits: &Limits) -> Result<Self, StatementError> {
        let document = Document::parse_folded(payload, limits.payload_bytes, limits, "predicate").map_err(|error| {
            let first = payload.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
            match error.kind() {
                ErrorKind::Syntax { found, .. } | ErrorKind::TrailingData { found }
                    if !matches!(first, Some(b'{' | b'[')) =>
                {
                    let (found, place) = (found.clone(), error.location().clone());
                    StatementError::Malformed { place, found, expected: "a JSON object" }
                }
                ErrorKind::InvalidUnicode { found } if !matches!(first, Some(b'{' | b'[')) => {
                    let (found, place) = ((*found).to_string(), error.location().clone());
                    StatementError::Malformed { place, found, expected: "a JSON object" }
                }
                _ => StatementError::Json(error),
            }
        })?;
        let root = document.root();
        if root.kind() != Kind::Object {
            let found = root.kind().to_string();
            return Err(StatementError::Malformed { place: root.place(), found, expected: "a JSON object" });
        }
        Self::read(root.as_object()?, limits)
    }

    fn read(root: Object<'_, '_>, limits: &Limits) -> Result<Self, StatementError> {
        let version = read_version(root, limits)?;
        let subjects = read_subjects(root, limits)?;
        let predicate_type = read_predicate_type(root, limits)?;
        let predicate = match root.optional("predicate") {
            Some(predicate) => Some(predicate.as_object()?.value().raw_text().to_string()),
            None => None,
        };
        Ok(Self { version, subjects, predicate_type, predicate })
    }

    /// Its version.
    pub fn version(&self) -> StatementVersion {
        self.version
    }

    /// Its subjects; at least one.
    pub fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// The type of its predicate, a URI. To be compared as a whole and exactly.
    pub fn predicate_type(&self) -> &str {
        &self.predicate_type
    }

    /// The predicate, a JSON object, exactly as it was signed; `None` if there is none.
    pub fn predicate_json(&self) -> Option<&str> {
        self.predicate.as_deref()
    }

    /// The index of the first subject that is `artifact`, by strong digests alone; names play no part.
    ///
    /// A subject matches if it shares at least one digest with the artifact and no digest by another algorithm that
    /// both have differs.
    ///
    /// # Errors
    /// `intoto.subject_mismatch`, `intoto.digest_conflict`, and where nothing could be compared
    /// `intoto.digest_algorithm_weak` or `intoto.digest_algorithm_unsupported`.
    pub fn match_subject(&self, artifact: &Artifact) -> Result<usize, StatementError> {
        self.danger_match_subject_by(artifact, &[])
    }

    /// Like [`Statement::match_subject`], where digests by the algorithms `weak` count as strong ones do.
    ///
    /// # Errors
    /// As [`Statement::match_subject`].
    pub fn danger_match_subject_by(
        &self,
        artifact: &Artifact,
        weak: &[DigestAlgorithm],
    ) -> Result<usize, StatementError> {
        let binds =
            |digest: &Digest| digest.algorithm().strength() == Strength::Strong || weak.contains(&digest.algorithm());
        let mut matched = None;
        for (subject, candidate) in self.subjects.iter().enumerate() {
            let shared = || {
                let pair = |own: &Digest| artifact.digest(own.algorithm()).map(|other| (*own, *other));
                candidate.digests().iter().filter_map(pair)
            };
            let Some((agreeing, _)) = shared().find(|(own, other)| own == other && binds(own)) else { continue };
            if let Some((found, expected)) = shared().find(|(own, other)| own != other) {
                let agreeing = agreeing.algorithm();
                let (found, expected) = (Box::new(found), Box::new(expected));
                return Err(StatementError::DigestConflict { subject, agreeing, found, expected });
            }
            matched = matched.or(Some(subject));
        }
        matched.ok_or_else(|| self.mismatch(artifact, &binds))
    }

    /// Why no subject is `artifact`.
    fn mismatch(&self, artifact: &Artifact, binds: &dyn Fn(&Digest) -> bool) -> StatementError {
        let names = |digests: &mut dyn Iterator<Item = &str>| {
            let mut text = String::new();
            for name in digests.take(5) {
                text.push_str(if text.is_empty() { "" } else { ", " });
                text.push_str(&Bounded(name, 24).to_string());
            }
            text
        };
        if !artifact.digests().iter().any(binds) {
            let found = names(&mut artifact.digests().iter().map(|digest| digest.algorithm().name()));
            return StatementError::DigestAlgorithmWeak { found };
        }
        let known = || self.subjects.iter().flat_map(Subject::digests);
        if known().any(binds) {
            return StatementError::SubjectMismatch { expected: shown(artifact), found: self.first_subjects() };
        }
        if known().next().is_some() {
            let found = names(&mut known().map(|digest| digest.algorithm().name()));
            return StatementError::DigestAlgorithmWeak { found };
        }
        let mut others = self.subjects.iter().flat_map(Subject::other_digests).map(|(name, _)| name.as_str());
        StatementError::DigestAlgorithmUnsupported { found: names(&mut others) }
    }

    /// The first five subjects, and how many more there are.
    fn first_subjects(&self) -> String {
        let mut text = String::new();
        for subject in self.subjects.iter().take(5) {
            text.push_str(if text.is_empty() { "" } else { "; " });
            if let Some(name) = subject.name() {
                text.push_str(&format!("{} ", Bounded(name, 60)));
            }
            match (subject.digests().first(), subject.other_digests().first()) {
                (Some(digest), _) => text.push_str(&digest.to_string()),
                (None, Some((name, value))) => {
                    text.push_str(&format!("{}:{}", Bounded(name, 24), Bounded(value, 130)));
                }
                (None, None) => {}
            }
        }
        if let Some(more @ 1..) = self.subjects.len().checked_sub(5) {
            text.push_str(&format!("; and {more} more"));
        }
        text
    }
}

fn shown(artifact: &Artifact) -> String {
    let mut text = String::new();
    for digest in artifact.digests().iter().take(4) {
        text.push_str(if text.is_empty() { "" } else { ", " });
        text.push_str(&digest.to_string());
    }
    text
}

fn read_version(root: Object<'_, '_>, limits: &Limits) -> Result<StatementVersion, StatementError> {
    let Some(value) = root.member("_type") else {
        let (place, found) = (root.value().place(), "no member \"_type\"".to_string());
        return Err(StatementError::Malformed { place, found, expected: "a member \"_type\"" });
    };
    let text = value.as_identifier(limits.identifier_bytes)?;
    StatementVersion::from_type_uri(text).ok_or_else(|| StatementError::StatementTypeUnsupported {
        place: value.place(),
        found: Bounded(text, 150).to_string(),
    })
}

fn read_subjects(root: Object<'_, '_>, limits: &Limits) -> Result<Vec<Subject>, StatementError> {
    let no_subjects = |place: Place| Err(StatementError::NoSubjects { place });
    let Some(value) = root.member("subject") else { return no_subjects(root.value().place()) };
    let subjects = value.as_array()?;
    if subjects.is_empty() {
        return no_subjects(value.place());
    }
    if subjects.len() > limits.subjects {
        let (found, limit) = (subjects.len(), limits.subjects);
        return Err(StatementError::TooManySubjects { place: value.place(), found, limit });
    }
    subjects.iter().map(|subject| Subject::read(subject, limits)).collect()
}

fn read_predicate_type(root: Object<'_, '_>, limits: &Limits) -> Result<String, StatementError> {
    let Some(value) = root.member("predicateType") else {
        return Err(StatementError::PredicateTypeInvalid { place: root.value().place(), found: None });
    };
    let text = value.as_identifier(limits.identifier_bytes)?;
    if !is_uri(text) {
        let found = Some(Bounded(text, 150).to_string());
        return Err(StatementError::PredicateTypeInvalid { place: value.place(), found });
    }
    Ok(text.to_string())
}

/// A scheme, a colon, and at least one of the characters that RFC 3986 §2 allows. Nothing is normalised.
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let mut bytes = rest.bytes();
    while let Some(byte) = bytes.next() {
        let is_allowed = match byte {
            b'%' => (0..2).all(|_| bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit())),
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte),
        };
        if !is_allowed {
            return false;
        }
    }
    is_scheme && !rest.is_empty()
}
