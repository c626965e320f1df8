//! The trust store: its rules of thumb, its files, its issuers.

use std::time::Duration;

use stella_trust_store::ledger::{Object, Record, Standing};
use stella_trust_store::lint::{self, Rule, Surroundings, lint};
use stella_vocabulary::Code;

use super::span;
use crate::about::{About, Category, Depth, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::trouble::{Facility, Trouble};
use crate::world::World;

const NONE: &str = "there is no trust store yet: stella init makes one";
const DAY: i64 = 86_400;
/// The most findings of one rule that are told.
const TOLD: usize = 20;

/// Some of the rules that `stella trust lint` knows.
pub struct TrustRules {
    id: &'static str,
    summary: &'static str,
    severity: Severity,
    rules: &'static [Rule],
    well: &'static str,
}

impl TrustRules {
    /// `check.trust.approvals`, `expiry`, `rotation-gap`, `scope`, `staged-keys`.
    pub const ALL: [Self; 5] = [
        Self {
            id: "check.trust.approvals",
            summary: "enough persons decide, and no request or emergency change is left waiting",
            severity: Severity::Warn,
            rules: &[Rule::Emergency, Rule::QuorumTight, Rule::RequestWaiting, Rule::Solo],
            well: "nothing waits for anybody",
        },
        Self {
            id: "check.trust.expiry",
            summary: "anchors, intermediates, keys and issuers last",
            severity: Severity::Fail,
            rules: &[Rule::Expiring],
            well: "nothing that is trusted ends within 30 days",
        },
        Self {
            id: "check.trust.rotation-gap",
            summary: "the windows of keys that follow each other leave no time without any",
            severity: Severity::Warn,
            rules: &[Rule::RotationGap],
            well: "the windows of keys follow each other without a gap",
        },
        Self {
            id: "check.trust.scope",
            summary: "nothing is trusted for everything, for nothing, or twice",
            severity: Severity::Warn,
            rules: &[Rule::OverBroad, Rule::PublicAsPrivate, Rule::Shadowed, Rule::Vacuous],
            well: "everything is trusted for something, and nothing for everything",
        },
        Self {
            id: "check.trust.staged-keys",
            summary: "fetched keys are approved or discarded",
            severity: Severity::Warn,
            rules: &[Rule::Staged],
            well: "no fetched key waits for anybody",
        },
    ];
}

impl Check for TrustRules {
    fn about(&self) -> About {
        let about = About::new(self.id, Category::Trust, self.severity, self.summary)
            .tags(&["lint"])
            .needs(&[Facility::Trust])
            .timeout(Duration::from_secs(30))
            .depth(Depth::Quick);
        match self.rules.contains(&Rule::Expiring) {
            true => about.threshold("fail", "at most 7 days left").threshold("warn", "at most 30 days left"),
            false => about,
        }
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(state) = world.trust()? else { return Ok(finding.skipped(NONE)) };
        let found = lint(&state, world.at(), &Surroundings::default());
        let found: Vec<lint::Finding> = found.into_iter().filter(|one| self.rules.contains(&one.rule)).collect();
        let finding =
            found.iter().take(TOLD).fold(finding, |finding, one| finding.measured(one.rule.as_str(), &one.summary));
        let Some(first) = found.first().filter(|first| first.severity != lint::Severity::Info) else {
            return Ok(finding.passed(self.well));
        };
        let status = if first.severity == lint::Severity::Fail { Status::Fail } else { Status::Warn };
        let cause = Cause {
            code: None,
            subject: first.object.as_ref().map_or_else(|| "trust store".to_owned(), ToString::to_string),
            summary: first.summary.clone(),
            confidence: Confidence::Certain,
        };
        let mending = Mending { commands: first.commands.clone(), ..Mending::new(first.remedy.clone()) };
        Ok(finding.found(status, cause, mending))
    }
}

/// `check.trust.permissions`: nobody but the owner can read secrets or change trust.
pub struct Permissions;

impl Check for Permissions {
    fn about(&self) -> About {
        About::new(
            "check.trust.permissions",
            Category::Trust,
            Severity::Fail,
            "nobody but the owner can read secrets or change trust",
        )
        .tags(&["files", "mode"])
        .timeout(Duration::from_secs(10))
        .depth(Depth::Quick)
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(exposed) = world.exposed()? else {
            return Ok(finding.skipped("there is no home: stella init makes one"));
        };
        let Some(first) = exposed.first() else {
            return Ok(finding.passed("files and directories belong to their owner alone"));
        };
        let finding = exposed.iter().take(TOLD).fold(finding, |finding, file| {
            finding.measured(file.path.display().to_string(), format!("{}, should be {}", file.found, file.expected))
        });
        let cause = Cause {
            code: Some(Code::StorePermissions),
            subject: first.path.display().to_string(),
            summary: format!(
                "{} files could be read or changed by others, the first {}",
                exposed.len(),
                first.path.display()
            ),
            confidence: Confidence::Certain,
        };
        let commands = exposed.iter().take(TOLD).map(|file| {
            let digits = file.expected.trim_start_matches(|letter: char| !letter.is_ascii_digit());
            ["chmod", digits, &file.path.display().to_string()].map(ToString::to_string).to_vec()
        });
        let summary =
            "find out who had access, then take it from them; a secret that others could read is to be made anew";
        Ok(finding.found(Status::Fail, cause, Mending { commands: commands.collect(), ..Mending::new(summary) }))
    }
}

/// `check.issuer.freshness`: trusted issuers have keys in force, or certificates.
pub struct IssuerFreshness;

impl Check for IssuerFreshness {
    fn about(&self) -> About {
        About::new(
            "check.issuer.freshness",
            Category::Issuer,
            Severity::Warn,
            "issuers that are trusted have keys in force, and approval waits for nobody",
        )
        .tags(&["issuer", "keys"])
        .needs(&[Facility::Trust])
        .threshold("fail", "trusted, with keys, and none in force")
        .threshold("warn", "the last key ends within 30 days, or trust was never decided")
        .timeout(Duration::from_secs(30))
        .related(&["check.trust.staged-keys"])
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(state) = world.trust()? else { return Ok(finding.skipped(NONE)) };
        let at = world.at();
        let (mut issuers, mut worst): (usize, Option<(Status, Cause, Mending)>) = (0, None);
        for (_, object) in state.objects() {
            let Object::Recorded(Record::Issuer(issuer), standing) = object else { continue };
            issuers += 1;
            let id = issuer.id.as_str();
            let cause = |code, summary| Cause {
                code,
                subject: format!("issuer {id}"),
                summary,
                confidence: Confidence::Certain,
            };
            let windows: Vec<_> = state
                .objects()
                .filter_map(|(_, object)| match object {
                    Object::Recorded(Record::Key(key), Standing::Active) if key.issuer.as_ref() == Some(&issuer.id) => {
                        Some(key.terms.window)
                    }
                    _ => None,
                })
                .collect();
            let fetch = || {
                Mending::new("fetch what the issuer publishes, compare it, and ask for trust in it")
                    .command(&["stella", "issuer", "keys", "fetch", id])
            };
            let end = windows
                .iter()
                .filter(|window| window.contains(at))
                .map(|window| window.until())
                .max_by_key(|until| until.map_or(i64::MAX, |until| until.seconds()));
            let found = match (standing, end) {
                (Standing::Pending, _) => {
                    let mending = Mending::new("decide about the issuer")
                        .command(&["stella", "issuer", "show", id])
                        .command(&["stella", "issuer", "trust", id, "--reason", "TEXT"])
                        .accepting(format!("everything that issuer {id} signs within its scope, once approved"));
                    Some((
                        Status::Warn,
                        cause(Some(Code::KeyNotApproved), format!("nobody has decided about issuer {id}")),
                        mending,
                    ))
                }
                (Standing::Active, None) if !windows.is_empty() => Some((
                    Status::Fail,
                    cause(Some(Code::KeyExpired), format!("issuer {id} is trusted, and none of its keys is in force")),
                    fetch(),
                )),
                (Standing::Active, Some(Some(until))) if until.seconds() - at.seconds() <= 30 * DAY => {
                    let left = span(until.seconds() - at.seconds());
                    Some((Status::Warn, cause(None, format!("the last key of issuer {id} ends in {left}")), fetch()))
                }
                _ => None,
            };
            if let Some(found) = found
                && worst.as_ref().is_none_or(|(status, ..)| found.0 < *status)
            {
                worst = Some(found);
            }
        }
        let finding = finding.measured("issuers", issuers);
        Ok(match worst {
            _ if issuers == 0 => finding.skipped("the store knows no issuer"),
            Some((status, cause, mending)) => finding.found(status, cause, mending),
            None => finding.passed("every issuer that is trusted has keys in force, or certificates"),
        })
    }
}
