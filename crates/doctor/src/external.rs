//! Checks that are programs.
//!
//! # The protocol, `stella.check/1`
//!
//! The program gets one line of JSON on its standard input, and end of file:
//!
//! ```json
//! {"schema":"stella.check/1","id":"check.acme.backup","at":"2026-01-17T09:00:00Z","offline":true,"depth":"usual"}
//! ```
//!
//! It writes one JSON document to its standard output, of at most 64 KiB, and ends with status 0 whatever it has found:
//!
//! ```json
//! {"schema":"stella.check/1","status":"fail","summary":"the last backup is 9 days old",
//!  "evidence":[{"name":"last backup","value":"2026-01-08T02:00:00Z"}],
//!  "cause":{"subject":"backup","confidence":"certain"},
//!  "remedy":{"summary":"run it","commands":[["systemctl","start","backup"]]}}
//! ```
//!
//! `status` and `summary` are required. Any other end, a document that is none, or one that is too long is a failed check that says so.

use std::sync::Arc;

use stella_attest_model::{Limits, json};
use stella_vocabulary::Code;

use crate::about::{About, Depth};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::trouble::Trouble;
use crate::world::World;

/// The longest answer, in bytes.
const LONGEST: usize = 64 << 10;
/// The most named values, commands, and words of a command that are taken.
const MANY: usize = 64;

/// What came of running a program.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ProgramOutcome {
    /// It ended well, and wrote this; cut after the longest answer and one byte.
    Answered(Vec<u8>),
    /// It could not be started, did not end in time, or ended badly: one sentence.
    Failed(String),
}

/// Runs programs. Whoever implements it stops a program that does not end in time, with all it has started, and reads no more than it is asked for.
pub trait Program: Send + Sync {
    /// Gives `input` to the program, and reads at most `most` bytes.
    fn run(&self, input: &[u8], most: usize) -> ProgramOutcome;
}

/// A check that is a program.
pub struct ExternalCheck {
    about: About,
    program: Arc<dyn Program>,
}

impl ExternalCheck {
    /// The check `about`, which `program` runs.
    #[must_use]
    pub fn new(about: About, program: Arc<dyn Program>) -> Self {
        Self { about, program }
    }
}

impl Check for ExternalCheck {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let depth = match world.depth() {
            Depth::Quick => "quick",
            Depth::Usual => "usual",
            Depth::Full => "full",
        };
        let mut question = String::from("{\"schema\":\"stella.check/1\",\"id\":");
        json::write_canonical_string(&mut question, &self.about.id);
        question.push_str(&format!(
            ",\"at\":\"{}\",\"offline\":{},\"depth\":\"{depth}\"}}\n",
            world.at(),
            world.is_offline()
        ));
        Ok(match self.program.run(question.as_bytes(), LONGEST + 1) {
            ProgramOutcome::Answered(answer) => read_answer(&answer, finding),
            ProgramOutcome::Failed(why) => bad(finding, why),
        })
    }
}

/// Reads what a program wrote.
#[must_use]
pub fn read_answer(answer: &[u8], finding: Finding) -> Finding {
    if answer.len() > LONGEST {
        return bad(finding, format!("the program wrote more than {LONGEST} bytes"));
    }
    match parse(answer, &finding) {
        Ok(read) => read,
        Err(error) => bad(finding, format!("the program wrote no answer: {error}")),
    }
}

fn bad(finding: Finding, summary: String) -> Finding {
    let subject = finding.check.clone();
    let cause = Cause { code: None, subject, summary, confidence: Confidence::Certain };
    finding.found(Status::Fail, cause, Mending::new("mend the program of this check, or take it out of the settings"))
}

fn parse(answer: &[u8], blank: &Finding) -> Result<Finding, json::Error> {
    let document = json::Document::parse(answer, &Limits::default())?;
    let root = document.root().as_object()?;
    let code = Code::JsonWrongType;
    root.required("schema", code)?.as_str()?;
    let status = root.required("status", code)?.as_str()?.to_string();
    let summary = root.required("summary", code)?.as_str()?.to_string();
    let mut finding = blank.clone();
    if let Some(evidence) = root.optional("evidence") {
        for value in evidence.as_array()?.iter().take(MANY) {
            let value = value.as_object()?;
            let name = value.required("name", code)?.as_str()?.to_string();
            finding = finding.measured(name, value.required("value", code)?.as_str()?);
        }
    }
    let status = match status.as_str() {
        "pass" => return Ok(finding.passed(summary)),
        "skip" => return Ok(finding.skipped(summary)),
        "fail" => Status::Fail,
        "warn" => Status::Warn,
        other => return Ok(bad(blank.clone(), format!("the program wrote the status {other}, which there is not"))),
    };
    let (mut subject, mut confidence) = (blank.check.clone(), Confidence::Possible);
    if let Some(cause) = root.optional("cause") {
        let cause = cause.as_object()?;
        if let Some(said) = cause.optional("subject") {
            subject = said.as_str()?.to_string();
        }
        confidence = match cause.optional("confidence").map(|said| said.as_str()).transpose()? {
            Some("certain") => Confidence::Certain,
            Some("likely") => Confidence::Likely,
            _ => Confidence::Possible,
        };
    }
    let mut mending = Mending::new("what the program says");
    if let Some(remedy) = root.optional("remedy") {
        let remedy = remedy.as_object()?;
        mending.summary = remedy.required("summary", code)?.as_str()?.to_string();
        if let Some(commands) = remedy.optional("commands") {
            for command in commands.as_array()?.iter().take(MANY) {
                let words = command.as_array()?;
                let words = words.iter().take(MANY).map(|word| Ok(word.as_str()?.to_string()));
                mending.commands.push(words.collect::<Result<_, json::Error>>()?);
            }
        }
    }
    let cause = Cause { code: None, subject, summary, confidence };
    Ok(finding.found(status, cause, mending))
}
