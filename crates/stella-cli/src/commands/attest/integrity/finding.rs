//! What was looked at, and what came of it.

use stella_attest_store::Arrival;
use stella_attest_verify::{Code, UnixTime};

use crate::context::{Context, Detail};
use crate::json::Value;
use crate::render::page::{Mark, Tone};
use crate::render::{Page, verdict};

/// What of an attestation can have been changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Aspect {
    /// Its place in the chain of arrivals.
    ArrivalLog,
    /// The bytes that are kept, against their SHA-256.
    Document,
    /// What the document is, against the id.
    Id,
    /// What the store says of it in lists.
    Index,
    /// Entries of transparency logs.
    LogEvidence,
    /// The signature over the payload.
    Signature,
    /// Timestamps.
    TimeEvidence,
}

impl Aspect {
    const fn name(self) -> &'static str {
        match self {
            Self::ArrivalLog => "arrival log",
            Self::Document => "document",
            Self::Id => "id",
            Self::Index => "index",
            Self::LogEvidence => "log entry",
            Self::Signature => "signature",
            Self::TimeEvidence => "timestamp",
        }
    }
}

/// What came of it, the worst last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Outcome {
    Intact,
    /// Nobody here can tell.
    Uncertain,
    Changed,
}

impl Outcome {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Intact => "intact",
            Self::Uncertain => "uncertain",
        }
    }

    /// 1 if something was changed, whatever code that has; 6 if it could not be decided.
    pub(super) const fn status(self) -> u8 {
        match self {
            Self::Intact => 0,
            Self::Changed => 1,
            Self::Uncertain => 6,
        }
    }

    pub(super) const fn tone(self) -> Tone {
        match self {
            Self::Changed => Tone::Bad,
            Self::Intact => Tone::Good,
            Self::Uncertain => Tone::Unsure,
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    aspect: Aspect,
    outcome: Outcome,
    code: Option<Code>,
    pub(super) said: String,
    arrival: Option<(u64, UnixTime)>,
}

impl Finding {
    pub(super) const fn holds(aspect: Aspect, said: String) -> Self {
        Self { aspect, outcome: Outcome::Intact, code: None, said, arrival: None }
    }

    pub(super) const fn changed(aspect: Aspect, code: Code, said: String) -> Self {
        Self { aspect, outcome: Outcome::Changed, code: Some(code), said, arrival: None }
    }

    pub(super) const fn unknown(aspect: Aspect, code: Code, said: String) -> Self {
        Self { aspect, outcome: Outcome::Uncertain, code: Some(code), said, arrival: None }
    }

    pub(super) fn of_arrival(self, arrival: &Arrival) -> Self {
        Self { arrival: Some((arrival.sequence, arrival.at)), ..self }
    }

    pub(super) fn code(&self) -> Code {
        self.code.unwrap_or(Code::StoreCorrupt)
    }

    /// Whether it is the copy of the store that was changed, and not what arrived.
    const fn is_of_the_store(&self) -> bool {
        matches!(self.aspect, Aspect::ArrivalLog | Aspect::Document | Aspect::Id | Aspect::Index)
    }

    fn document(&self) -> Value {
        Value::object([
            ("check", Value::text(self.aspect.name())),
            ("arrival", self.arrival.map_or(Value::Null, |(sequence, _)| Value::number(sequence))),
            ("outcome", Value::text(self.outcome.word())),
            ("code", Value::maybe(self.code.map(Code::as_str))),
            ("said", Value::text(&self.said)),
        ])
    }
}

/// Everything about one attestation.
#[derive(Clone, Debug)]
pub(super) struct Findings {
    attestation: String,
    /// The file that it was read from.
    pub(super) file: Option<String>,
    /// What the store has of one that was read from a file.
    pub(super) kept: Option<String>,
    all: Vec<Finding>,
}

impl Findings {
    pub(super) const fn of(attestation: String) -> Self {
        Self { attestation, file: None, kept: None, all: Vec::new() }
    }

    pub(super) fn push(&mut self, finding: Finding) {
        self.all.push(finding);
    }

    /// The worst of it. Where nothing vouches for the signature, nothing is known to be intact.
    pub(super) fn outcome(&self) -> Outcome {
        let worst = self.all.iter().map(|finding| finding.outcome).max().unwrap_or(Outcome::Uncertain);
        let signed =
            self.all.iter().any(|finding| finding.aspect == Aspect::Signature && finding.outcome == Outcome::Intact);
        if signed { worst } else { worst.max(Outcome::Uncertain) }
    }

    /// What was changed, first.
    pub(super) fn changed(&self) -> Option<&Finding> {
        self.all.iter().find(|finding| finding.outcome == Outcome::Changed)
    }

    /// What explains the outcome.
    fn cause(&self) -> Option<&Finding> {
        let outcome = self.outcome();
        self.all.iter().find(|finding| finding.outcome == outcome && outcome != Outcome::Intact)
    }

    /// `CHANGED sha256:0123456789ab  error[code]: what`.
    pub(super) fn line(&self, page: &mut Page) {
        page.start(self.outcome().tone(), self.outcome().word().to_uppercase());
        page.start(Tone::Plain, format!(" {}", verdict::short(&self.attestation)));
        if let Some(cause) = self.cause() {
            page.start(Tone::Plain, format!("  error[{}]: {}", cause.code(), cause.said));
        }
        page.end();
    }

    pub(super) fn page(&self, context: &Context) -> String {
        let mut page = Page::new(context);
        self.line(&mut page);
        if context.detail == Detail::Quiet {
            return page.finish();
        }
        page.field("attestation", &self.attestation);
        page.maybe("file", self.file.as_ref());
        page.maybe("kept", self.kept.as_ref());
        let mut last = None;
        for finding in &self.all {
            if finding.arrival != last
                && let Some((sequence, at)) = finding.arrival
            {
                page.field("arrival", format!("{sequence} at {at}"));
                last = finding.arrival;
            }
            page.mark(
                0,
                match finding.outcome {
                    Outcome::Changed => Mark::Fail,
                    Outcome::Intact => Mark::Pass,
                    Outcome::Uncertain => Mark::Unsure,
                },
            );
            let code = finding.code.map(|code| format!("{code}: ")).unwrap_or_default();
            page.line(format!("{}  {code}{}", finding.aspect.name(), finding.said));
        }
        for (name, said) in self.conclusion() {
            page.field(name, said);
        }
        page.finish()
    }

    /// What it means, and what helps.
    fn conclusion(&self) -> Vec<(&'static str, String)> {
        let id = verdict::short(&self.attestation);
        let Some(cause) = self.cause() else { return Vec::new() };
        let reference = ("reference", format!("stella explain {}", cause.code()));
        match (cause.outcome, cause.is_of_the_store(), &self.file) {
            (Outcome::Changed, true, _) => vec![
                ("conclusion", "the store does not hold what arrived: somebody, or the disk, has changed it since".to_string()),
                ("remedy", "stella store check, which looks at everything; put the store back from a copy".to_string()),
                ("remedy", "or have it made again: stella attest create --subject FILE --type TYPE --force".to_string()),
                reference,
            ],
            (Outcome::Changed, false, None) => vec![
                (
                    "conclusion",
                    "the store holds what arrived, and that is not what was signed: it was changed on its way here, or by its sender".to_string(),
                ),
                ("remedy", format!("compare it with the sender's copy: stella attest export {id} --out FILE")),
                (
                    "remedy",
                    "import that copy; or, if you vouch for it: stella attest create --subject FILE --type TYPE --force".to_string(),
                ),
                reference,
            ],
            (Outcome::Changed, false, Some(_)) => vec![
                ("conclusion", "the file does not hold what was signed".to_string()),
                (
                    "remedy",
                    "get it again from its sender; or, if you vouch for it: stella attest create --subject FILE --type TYPE --force".to_string(),
                ),
                reference,
            ],
            (_, _, _) => vec![
                ("conclusion", "nothing is known to be changed, and the signature could not be checked".to_string()),
                ("remedy", "give the key that should have signed: --key FILE; or the trust: stella trust-anchors add-key".to_string()),
                reference,
            ],
        }
    }

    /// `stella.integrity/1`.
    pub(super) fn document(&self) -> Value {
        Value::object([
            ("schema", Value::text("stella.integrity/1")),
            ("attestation", Value::text(&self.attestation)),
            ("file", Value::maybe(self.file.as_deref())),
            ("outcome", Value::text(self.outcome().word())),
            ("code", Value::maybe(self.cause().map(|cause| cause.code().as_str()))),
            ("kept", Value::maybe(self.kept.as_deref())),
            ("findings", Value::list(self.all.iter().map(Finding::document))),
            ("conclusion", Value::maybe(self.conclusion().first().map(|(_, said)| said.as_str()))),
        ])
    }
}
