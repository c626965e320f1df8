//! Asks many checks side by side.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use stella_trust_store::Stopwatch;
use stella_vocabulary::Code;

use crate::about::{About, Category, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::roots;
use crate::selection::{Selection, SelectionError};
use crate::trouble::Trouble;
use crate::world::World;

/// Asks checks: so many at once, each for as long as it may take.
pub struct Runner<'s> {
    checks: Vec<Arc<dyn Check>>,
    parallel: usize,
    timeout: Option<Duration>,
    stopwatch: &'s (dyn Stopwatch + Sync),
}

/// What came of asking.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Examination {
    /// A finding for each check that was chosen, in the order of the checks.
    pub findings: Vec<Finding>,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

impl Examination {
    /// What has to be mended: failures that are no consequence of others.
    pub fn roots(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_root())
    }

    /// How many have this status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        self.findings.iter().filter(|finding| finding.status == status).count()
    }

    /// Whether a check whose failure matters failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.findings.iter().any(|finding| finding.status == Status::Fail && finding.severity == Severity::Fail)
    }

    /// Whether nothing was looked at but the settings, though more was asked for: where there is no store and no home, which is no sign of health.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        let is_about_settings = |finding: &Finding| finding.category == Category::Config;
        let is_skipped = |finding: &Finding| finding.status == Status::Skip;
        let beside: Vec<&Finding> = self.findings.iter().filter(|finding| !is_about_settings(finding)).collect();
        match beside.is_empty() {
            true => self.findings.iter().all(is_skipped),
            false => beside.into_iter().all(is_skipped),
        }
    }
}

impl<'s> Runner<'s> {
    /// Four at once, each with the time limit of its own.
    #[must_use]
    pub fn new(checks: Vec<Arc<dyn Check>>, stopwatch: &'s (dyn Stopwatch + Sync)) -> Self {
        Self { checks, parallel: 4, timeout: None, stopwatch }
    }

    /// So many at once, at least one.
    #[must_use]
    pub fn parallel(mut self, many: usize) -> Self {
        self.parallel = many.max(1);
        self
    }

    /// This time limit in place of that of each check.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// What is known of the checks, in their order.
    #[must_use]
    pub fn about(&self) -> Vec<About> {
        self.checks.iter().map(|check| check.about()).collect()
    }

    /// Asks the chosen checks.
    ///
    /// A check that panics, or that has not answered when its time is over, is a finding like any other. A thread cannot be stopped from outside: that of a
    /// check that hangs is left behind, and ends with the process. The finding says so.
    ///
    /// # Errors
    /// [`SelectionError`] if a check is named that there is not.
    pub fn run(&self, world: &Arc<dyn World>, selection: &Selection) -> Result<Examination, SelectionError> {
        let chosen = selection.choose(&self.about())?;
        let checks: Vec<&Arc<dyn Check>> = chosen.iter().filter_map(|position| self.checks.get(*position)).collect();
        let began = self.stopwatch.milliseconds();
        let waiting: Mutex<VecDeque<usize>> = Mutex::new((0..checks.len()).collect());
        let answers: Mutex<Vec<Option<Answer>>> = Mutex::new(vec![None; checks.len()]);
        thread::scope(|scope| {
            for _ in 0..self.parallel.min(checks.len()) {
                scope.spawn(|| {
                    while let Some(next) = take(&waiting) {
                        let Some(check) = checks.get(next) else { break };
                        let answer = self.ask(check, world);
                        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                        if let Some(place) = answers.get_mut(next) {
                            *place = Some(answer);
                        }
                    }
                });
            }
        });
        let answers = answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        let findings = roots::settle(answers.into_iter().flatten().collect());
        Ok(Examination { findings, milliseconds: self.stopwatch.milliseconds().saturating_sub(began) })
    }

    fn ask(&self, check: &Arc<dyn Check>, world: &Arc<dyn World>) -> Answer {
        let about = check.about();
        let limit = self.timeout.unwrap_or(about.timeout);
        let blank = Finding::of(&about);
        let (send, receive) = channel();
        let began = self.stopwatch.milliseconds();
        let job = {
            let (check, world, blank) = (Arc::clone(check), Arc::clone(world), blank.clone());
            move || {
                let looked = catch_unwind(AssertUnwindSafe(|| check.run(world.as_ref(), blank)));
                // Whoever waited may have given up.
                let _ = send.send(looked.map_err(|panic| words(panic.as_ref())));
            }
        };
        let spawned = thread::Builder::new().name(about.id.clone()).spawn(job);
        let answer = match spawned {
            Err(error) => Ok(defective(blank, format!("no thread could be started for this check: {error}"))),
            Ok(_) => match receive.recv_timeout(limit.saturating_add(about.grace)) {
                Ok(Ok(looked)) => looked,
                Ok(Err(said)) => Ok(defective(blank, format!("the check panicked: {said}"))),
                Err(RecvTimeoutError::Timeout) => Ok(hanging(blank, limit)),
                Err(RecvTimeoutError::Disconnected) => Ok(defective(blank, "the check ended without an answer".into())),
            },
        };
        let milliseconds = self.stopwatch.milliseconds().saturating_sub(began);
        Answer { about, milliseconds, looked: answer }
    }
}

/// What one check said.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) about: About,
    pub(crate) milliseconds: u64,
    pub(crate) looked: Result<Finding, Trouble>,
}

fn take(waiting: &Mutex<VecDeque<usize>>) -> Option<usize> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

fn defective(blank: Finding, summary: String) -> Finding {
    let subject = blank.check.clone();
    let cause = Cause { code: Some(Code::InternalPanic), subject, summary, confidence: Confidence::Certain };
    let mending = Mending::new("report it; the other checks are not touched by it");
    blank.found(Status::Fail, cause, mending)
}

fn hanging(blank: Finding, limit: Duration) -> Finding {
    let seconds = limit.as_secs_f64();
    let summary =
        format!("the check did not answer within {seconds} s; its thread is left behind until the program ends");
    let subject = blank.check.clone();
    let mut again: Vec<String> = blank.recheck.clone();
    again.extend(["--timeout".to_owned(), format!("{}s", limit.as_secs().max(1).saturating_mul(4))]);
    let mending = Mending { commands: vec![again], ..Mending::new("look at what it waits for, or give it more time") };
    let cause = Cause { code: None, subject, summary, confidence: Confidence::Certain };
    blank.measured("time limit", format!("{seconds} s")).found(Status::Fail, cause, mending)
}
