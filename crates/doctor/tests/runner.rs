//! Checks that panic, hang, lie or cannot look: each is a finding, and none is the end.
#![allow(clippy::unwrap_used)]

mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use stella_doctor::{
    About, Category, Check, Confidence, ExternalCheck, Facility, Finding, Mending, Program, ProgramOutcome, Runner,
    Selection, Severity, Status, Trouble, World, checks,
};
use stella_vocabulary::Code;
use world::{Away, Pauses};

/// A check that does what it is told.
struct Does<F>(&'static str, F);

impl<F: Fn(Finding) -> Result<Finding, Trouble> + Send + Sync> Check for Does<F> {
    fn about(&self) -> About {
        About::new(self.0, Category::Custom, Severity::Fail, "does what it is told").timeout(Duration::from_millis(
            match self.0 {
                "check.hangs" => 200,
                _ => 60_000,
            },
        ))
    }

    fn run(&self, _: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        (self.1)(finding)
    }
}

fn does(
    id: &'static str,
    work: impl Fn(Finding) -> Result<Finding, Trouble> + Send + Sync + 'static,
) -> Arc<dyn Check> {
    Arc::new(Does(id, work))
}

fn ask(checks: Vec<Arc<dyn Check>>) -> Vec<Finding> {
    let world: Arc<dyn World> = Arc::new(Away::default());
    Runner::new(checks, &Pauses).parallel(2).run(&world, &Selection::default()).unwrap().findings
}

fn trouble(facility: Facility) -> Trouble {
    Trouble {
        facility,
        code: Code::StoreCorrupt,
        summary: "it is broken".into(),
        place: None,
        found: None,
        expected: None,
        mending: Box::new(Mending::new("mend it")),
    }
}

#[test]
fn a_panic_is_a_finding_and_the_others_are_asked() {
    let findings =
        ask(vec![does("check.a", |_| panic!("out of {}", "luck")), does("check.b", |one| Ok(one.passed("well")))]);
    assert_eq!(findings[0].status, Status::Fail);
    assert_eq!(findings[0].cause.as_ref().unwrap().code, Some(Code::InternalPanic));
    assert!(findings[0].summary.contains("out of luck"), "{}", findings[0].summary);
    assert_eq!(findings[1].status, Status::Pass);
}

#[test]
fn a_hanging_check_is_cut_at_its_time_limit_and_says_that_its_thread_is_left() {
    let slow = |_: Finding| loop {
        std::thread::sleep(Duration::from_secs(60));
    };
    let findings = ask(vec![does("check.hangs", slow), does("check.b", |one| Ok(one.passed("well")))]);
    assert_eq!(findings[0].status, Status::Fail);
    assert!(findings[0].summary.contains("within 0.2 s"), "{}", findings[0].summary);
    assert!(findings[0].summary.contains("left behind"));
    assert!(findings[0].mending.as_ref().unwrap().commands[0].contains(&"--timeout".to_owned()));
    assert_eq!(findings[1].status, Status::Pass);
}

#[test]
fn findings_stand_in_the_order_of_the_checks_and_no_more_than_asked_run_at_once() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let busy = |one: Finding| {
        MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
        RUNNING.fetch_sub(1, Ordering::SeqCst);
        Ok(one.passed("well"))
    };
    let ids = ["check.a", "check.b", "check.c", "check.d", "check.e"];
    let findings = ask(ids.iter().map(|id| does(id, busy)).collect());
    assert_eq!(findings.iter().map(|finding| finding.check.as_str()).collect::<Vec<_>>(), ids);
    assert_eq!(MOST.load(Ordering::SeqCst), 2);
}

#[test]
fn what_all_need_is_said_by_its_owner_and_the_others_are_kept_from_looking() {
    let broken = |_: Finding| Err(trouble(Facility::Store));
    let findings = ask(vec![does("check.a", broken), does("check.store.health", broken)]);
    assert_eq!((findings[0].status, findings[0].because.as_deref()), (Status::Skip, Some("check.store.health")));
    assert!(findings[1].is_root());
    assert_eq!(findings[1].cause.as_ref().unwrap().code, Some(Code::StoreCorrupt));
}

#[test]
fn what_could_not_be_looked_at_never_looks_healthy() {
    let broken = |_: Finding| Err(trouble(Facility::Store));
    let findings = ask(vec![does("check.a", broken), does("check.b", broken)]);
    assert!(findings[0].is_root());
    assert_eq!((findings[1].status, findings[1].because.as_deref()), (Status::Skip, Some("check.a")));
}

#[test]
fn of_failures_with_one_cause_the_first_is_to_be_mended() {
    let same = |one: Finding| {
        let cause = stella_doctor::Cause {
            code: Some(Code::KeyExpired),
            subject: "signing key a".into(),
            summary: "over".into(),
            confidence: Confidence::Certain,
        };
        Ok(one.found(Status::Fail, cause, Mending::new("another")))
    };
    let findings = ask(vec![does("check.a", same), does("check.b", same)]);
    assert!(findings[0].is_root() && !findings[1].is_root());
    assert_eq!(findings[1].because.as_deref(), Some("check.a"));
}

struct Says(ProgramOutcome);

impl Program for Says {
    fn run(&self, input: &[u8], _: usize) -> ProgramOutcome {
        let question = std::str::from_utf8(input).unwrap();
        assert!(question.starts_with(r#"{"schema":"stella.check/1","id":"check.acme.backup","at":""#), "{question}");
        assert!(question.ends_with("}\n"));
        self.0.clone()
    }
}

fn program(answer: &[u8]) -> Finding {
    outcome(ProgramOutcome::Answered(answer.to_vec()))
}

fn outcome(outcome: ProgramOutcome) -> Finding {
    let about = About::new("check.acme.backup", Category::Custom, Severity::Fail, "backups");
    ask(vec![Arc::new(ExternalCheck::new(about, Arc::new(Says(outcome))))]).remove(0)
}

#[test]
fn a_program_answers_as_a_check_of_the_library_does() {
    let finding = program(
        br#"{"schema":"stella.check/1","status":"fail","summary":"old","evidence":[{"name":"age","value":"9 days"}],
            "cause":{"subject":"backup","confidence":"certain"},"remedy":{"summary":"run it","commands":[["systemctl","start","backup"]]}}"#,
    );
    assert_eq!((finding.status, finding.summary.as_str()), (Status::Fail, "old"));
    assert_eq!(finding.evidence[0].value, "9 days");
    assert_eq!(finding.cause.unwrap().confidence, Confidence::Certain);
    assert_eq!(finding.mending.unwrap().commands, [["systemctl", "start", "backup"]]);
    let finding = program(br#"{"schema":"stella.check/1","status":"pass","summary":"fresh"}"#);
    assert_eq!(finding.status, Status::Pass);
}

#[test]
fn a_program_that_answers_otherwise_has_failed() {
    let long = [b' '].repeat((64 << 10) + 1);
    for answer in [
        &b""[..],
        b"all is well",
        b"{}",
        br#"{"schema":"stella.check/1","status":"fine","summary":""}"#,
        br#"{"schema":"stella.check/1","status":"pass","status":"fail","summary":""}"#,
        br#"{"schema":"stella.check/1","status":"pass","summary":7}"#,
        &long,
    ] {
        let finding = program(answer);
        assert_eq!(finding.status, Status::Fail, "{}", String::from_utf8_lossy(answer));
        assert!(finding.summary.starts_with("the program wrote "), "{}", finding.summary);
    }
    assert_eq!(outcome(ProgramOutcome::Failed("it did not end".into())).summary, "it did not end");
}

#[test]
fn the_checks_have_upstreams_ids_each_once_and_a_summary() {
    let abouts: Vec<About> = checks::all().iter().map(|check| check.about()).collect();
    for id in [
        "check.attestor.verification-health",
        "check.attestor.signing-health",
        "check.attestor.key-expiration",
        "check.attestation.keymaterial",
        "check.attestor.rekor-connectivity",
        "check.attestation.clock.skew",
        "check.attestation.transparency.consistency",
        "check.crypto.certchain",
        "check.crypto.fips",
        "check.crypto.eidas",
        "check.crypto.gost",
        "check.crypto.sm",
        "check.crypto.hsm-availability",
        "check.security.evidence.integrity",
        "check.trust.log",
        "check.trust.permissions",
        "check.trust.approvals",
        "check.trust.expiry",
        "check.trust.rotation-gap",
        "check.trust.scope",
        "check.trust.staged-keys",
        "check.store.health",
        "check.store.space",
        "check.store.schema",
        "check.store.memo",
        "check.issuer.freshness",
        "check.config",
    ] {
        assert_eq!(abouts.iter().filter(|about| about.is_called(id)).count(), 1, "{id}");
    }
    for about in &abouts {
        assert!(!about.summary.is_empty() && about.timeout > Duration::ZERO, "{}", about.id);
        for related in &about.related {
            assert!(abouts.iter().any(|other| other.is_called(related)), "{} is related to {related}", about.id);
        }
        for need in &about.needs {
            assert!(abouts.iter().any(|other| other.id == need.owner()), "{}", need.owner());
        }
    }
}
