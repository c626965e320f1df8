//! Settings, the trust log, and the transparency log.

use std::time::Duration;

use crate::about::{About, Category, Depth, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::trouble::{Facility, Trouble};
use crate::world::{Connectivity, World};

/// `check.config`: the settings and the policy can be read, and name things that are there.
pub struct ConfigHealth;

impl Check for ConfigHealth {
    fn about(&self) -> About {
        About::new(
            "check.config",
            Category::Config,
            Severity::Fail,
            "settings and policy can be read, and name things that are there",
        )
        .tags(&["settings", "policy"])
        .needs(&[Facility::Config])
        .timeout(Duration::from_secs(5))
        .depth(Depth::Quick)
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let flaws = world.settings()?;
        let policy = world.policy(world.at())?;
        let finding = finding.measured("policy", policy.digest()).measured("crypto profile", world.profile()?);
        let finding = flaws.iter().fold(finding, |finding, flaw| finding.measured(flaw.setting.clone(), &flaw.what));
        let Some(first) = flaws.first() else { return Ok(finding.passed("settings and policy can be read")) };
        let cause = Cause {
            code: None,
            subject: format!("setting {}", first.setting),
            summary: format!("{}: {}", first.setting, first.what),
            confidence: Confidence::Certain,
        };
        let commands = flaws.iter().map(|flaw| flaw.command.clone()).filter(|words| !words.is_empty()).collect();
        Ok(finding.found(
            Status::Warn,
            cause,
            Mending { commands, ..Mending::new("set it anew, or put there what it names") },
        ))
    }
}

/// `check.trust.log`: the trust log can be opened and holds together.
pub struct TrustLog;

impl Check for TrustLog {
    fn about(&self) -> About {
        About::new("check.trust.log", Category::Trust, Severity::Fail, "the trust log can be opened and holds together")
            .tags(&["audit", "rollback", "merkle"])
            .needs(&[Facility::Trust])
            .threshold("full", "every entry, every signature and the state after each")
            .timeout(Duration::from_secs(300))
            .depth(Depth::Quick)
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let Some(state) = world.trust()? else {
            return Ok(finding.skipped("there is no trust store yet: stella init makes one"));
        };
        let finding = finding.measured("entries", state.size());
        let finding = match state.last_time() {
            Some(last) => finding.measured("latest entry", last),
            None => finding,
        };
        if world.depth() < Depth::Full {
            return Ok(
                finding.passed("the chain of entries holds, and the store is not older than what was seen of it")
            );
        }
        let Some(audit) = world.audit()? else { return Ok(finding.skipped("there is no trust store yet")) };
        let witness = if audit.witnessed { "a checkpoint that was kept apart" } else { "the checkpoint of the store" };
        Ok(finding
            .measured("audited", audit.entries)
            .measured("held against", witness)
            .passed("every entry was looked at again, and holds"))
    }
}

/// `check.attestor.rekor-connectivity`: the transparency log answers.
pub struct LogConnectivity;

impl Check for LogConnectivity {
    fn about(&self) -> About {
        About::new(
            "check.attestor.rekor-connectivity",
            Category::Attestor,
            Severity::Warn,
            "the transparency log answers",
        )
        .tags(&["rekor", "network"])
        .timeout(Duration::from_secs(10))
        .threshold("warn", "no answer within 10 s")
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        if world.is_offline() {
            return Ok(
                finding.skipped("offline: verifying needs no log, since the evidence comes with the attestation")
            );
        }
        Ok(match world.transparency_log()? {
            Connectivity::NotAsked(why) => finding.skipped(why),
            Connectivity::Answers { url, milliseconds } => finding
                .measured("url", url)
                .measured("milliseconds", milliseconds)
                .passed("the transparency log answers"),
            Connectivity::Silent { url, code, why } => {
                let cause = Cause {
                    code: Some(code),
                    subject: url.clone(),
                    summary: format!("the transparency log does not answer: {why}"),
                    confidence: Confidence::Likely,
                };
                let mending = Mending::new("look at the network; verifying goes on without it").command(&[
                    "stella",
                    "explain",
                    code.as_str(),
                ]);
                finding.measured("url", url).found(Status::Fail, cause, mending)
            }
        })
    }
}
