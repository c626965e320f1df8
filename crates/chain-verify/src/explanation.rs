//! What a search found, for people: every path with what is wrong with each certificate, and pictures of them.

mod diagnosis;
mod dot;
mod svg;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_vocabulary::UnixTime;
use stella_vocabulary::text::{Bounded, is_unsafe_to_show};

pub use self::diagnosis::{Break, Diagnosis};
use crate::certificate::Certificate;
use crate::chain_error::ChainError;
use crate::outcome::Search;

/// Paths in one picture; the others are counted.
const MAX_DRAWN: usize = 32;

/// The paths of a search, to be drawn.
///
/// Certificates choose their names. In every drawing they are escaped and bounded, so that they can neither break the form nor look like a part of
/// it.
#[derive(Clone, Debug)]
pub struct Explanation {
    at: Vec<UnixTime>,
    paths: Vec<ExplainedPath>,
}

/// One path in an [`Explanation`].
#[derive(Clone, Debug)]
struct ExplainedPath {
    /// Leaf first.
    certificates: Vec<Certificate>,
    /// None for a path that was accepted.
    findings: Vec<ChainError>,
    /// What the anchor is called, if the path ends in one and was accepted.
    anchor: Option<String>,
}

impl Explanation {
    /// An explanation without paths; `at` are the instants judged.
    pub fn new(at: &[UnixTime]) -> Self {
        Self { at: at.to_vec(), paths: Vec::new() }
    }

    /// The paths of `search`: the one found first, then those tried.
    pub fn of(search: &Search, at: &[UnixTime]) -> Self {
        let found = search.verified.iter().map(|chain| (chain.certificates(), &[][..]));
        let tried = search.tried.iter().map(|path| (&path.certificates[..], &path.findings[..]));
        found.chain(tried).fold(Self::new(at), |explanation, (certificates, findings)| {
            explanation.with_path(certificates.to_vec(), findings.to_vec(), None)
        })
    }

    /// And this path, leaf first. Without findings it is one that was accepted, and `anchor` is what its last certificate is called.
    #[must_use]
    pub fn with_path(
        mut self,
        certificates: Vec<Certificate>,
        findings: Vec<ChainError>,
        anchor: Option<String>,
    ) -> Self {
        self.paths.push(ExplainedPath { certificates, findings, anchor });
        self
    }

    /// A graph in the language of Graphviz: certificates once each, an arrow from each issuer to what it issued, findings in red.
    pub fn dot(&self) -> String {
        dot::draw(self)
    }

    /// A picture in SVG 1.1 that needs nothing from elsewhere: each path with its certificates, anchor on top, a bar for the validity of each,
    /// a line for each instant judged, and what is wrong.
    pub fn svg(&self) -> String {
        svg::draw(self)
    }

    fn drawn(&self) -> impl Iterator<Item = &ExplainedPath> {
        self.paths.iter().take(MAX_DRAWN)
    }

    /// How many paths are not drawn.
    fn left_out(&self) -> usize {
        self.paths.len().saturating_sub(MAX_DRAWN)
    }
}

impl ExplainedPath {
    fn is_accepted(&self) -> bool {
        self.findings.is_empty()
    }

    /// What is about the certificate with this index. What is about none in particular is about the last one.
    fn findings_at(&self, cert: usize) -> impl Iterator<Item = &ChainError> {
        let last = self.certificates.len().saturating_sub(1);
        self.findings.iter().filter(move |finding| {
            use stella_vocabulary::Reason as _;
            finding.certificate().map_or(last, |about| about.min(last)) == cert
        })
    }
}

/// The subject, or words where it is empty: bounded, and without characters that do not show.
fn title(certificate: &Certificate, limit: usize) -> String {
    let name = certificate.subject();
    if name.is_empty() { "(no subject name)".to_string() } else { plain(&name.beginning(), limit) }
}

/// A text of at most `limit` characters of which each can be seen.
fn plain(text: &str, limit: usize) -> String {
    let text = Bounded(text, limit).to_string();
    text.chars().map(|character| if is_unsafe_to_show(character) { '\u{fffd}' } else { character }).collect()
}
