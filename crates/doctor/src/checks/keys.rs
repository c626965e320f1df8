//! Signing.

use std::time::Duration;

use stella_vocabulary::{Code, UnixTime};

use super::span;
use crate::about::{About, Category, Depth, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::history::history;
use crate::trouble::{Facility, Trouble};
use crate::world::{SigningKeyState, SigningKeyStatus, World};

const DAY: i64 = 86_400;
/// Upstream's thresholds.
const FAIL: i64 = 7 * DAY;
const WARN: i64 = 30 * DAY;

const NEW_KEY: [&str; 10] =
    ["stella", "keys", "generate", "--algorithm", "ecdsa-p256", "--validity", "365d", "--name", "NAME", "--activate"];

/// `check.attestor.key-expiration`: the key that signs lasts.
pub struct KeyExpiration;

impl Check for KeyExpiration {
    fn about(&self) -> About {
        About::new(
            "check.attestor.key-expiration",
            Category::Attestor,
            Severity::Fail,
            "the key that signs is in force, and lasts",
        )
        .alias("check.attestation.keymaterial")
        .tags(&["rotation", "expiry"])
        .needs(&[Facility::Keys])
        .threshold("fail", "at most 7 days left")
        .threshold("warn", "at most 30 days left")
        .timeout(Duration::from_secs(10))
        .depth(Depth::Quick)
        .related(&["check.attestor.signing-health"])
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let keys = world.signing_keys()?;
        if keys.is_empty() {
            return Ok(finding.skipped("this home has no signing key"));
        }
        let finding = keys.iter().fold(finding, |finding, key| {
            finding.measured(format!("key {}", key.name), format!("{}, until {}", key.status.name(), key.until))
        });
        let Some(key) = keys.iter().find(|key| key.is_chosen) else {
            return Ok(unchosen(finding, &keys));
        };
        let subject = format!("signing key {}", key.name);
        let cause = |code, summary| Cause {
            code: Some(code),
            subject: subject.clone(),
            summary,
            confidence: Confidence::Certain,
        };
        let next = || next(&keys, world.now());
        let left = key.until.seconds().saturating_sub(world.now().seconds());
        Ok(match key.status {
            SigningKeyStatus::Revoked => finding.found(
                Status::Fail,
                cause(Code::KeyRevoked, format!("the active key {} was revoked", key.name)),
                next(),
            ),
            SigningKeyStatus::Pending => {
                let summary = format!("the window of the active key {} begins at {}", key.name, key.from);
                finding.found(Status::Fail, cause(Code::KeyNotYetTrusted, summary), next())
            }
            SigningKeyStatus::Expired => {
                let summary = format!("the window of the active key {} is over since {}", key.name, key.until);
                finding.found(Status::Fail, cause(Code::KeyExpired, summary), next())
            }
            _ if left <= WARN => {
                let status = if left <= FAIL { Status::Fail } else { Status::Warn };
                let summary = format!("the active key {} ends in {}, at {}", key.name, span(left), key.until);
                finding.found(status, cause(Code::KeyExpired, summary), next())
            }
            _ => finding.passed(format!("the active key {} lasts {} more", key.name, span(left))),
        })
    }
}

/// A key that lasts in place of the one that signs now.
fn next(keys: &[SigningKeyState], now: UnixTime) -> Mending {
    let lasts = |key: &&SigningKeyState| {
        key.status == SigningKeyStatus::Inactive && key.until.seconds().saturating_sub(now.seconds()) > WARN
    };
    match keys.iter().find(lasts) {
        Some(other) => Mending::new("let the next key sign, once those who verify trust it").command(&[
            "stella",
            "keys",
            "activate",
            &other.name,
        ]),
        None => Mending::new("make the next key and let it sign, once those who verify trust it").command(&NEW_KEY),
    }
}

fn unchosen(finding: Finding, keys: &[SigningKeyState]) -> Finding {
    let good = keys.iter().find(|key| key.status == SigningKeyStatus::Inactive);
    let mending = match good {
        Some(key) => Mending::new("say which key signs").command(&["stella", "keys", "activate", &key.name]),
        None => Mending::new("make a key and let it sign").command(&NEW_KEY),
    };
    let cause = Cause {
        code: Some(Code::StoreNotFound),
        subject: "signing key".to_owned(),
        summary: "there are signing keys, and none of them is active".to_owned(),
        confidence: Confidence::Certain,
    };
    finding.found(Status::Fail, cause, mending)
}

/// `check.attestor.signing-health`: a signature is made, and verifies.
pub struct SigningHealth;

impl Check for SigningHealth {
    fn about(&self) -> About {
        About::new(
            "check.attestor.signing-health",
            Category::Attestor,
            Severity::Fail,
            "the active key makes a signature that verifies",
        )
        .tags(&["sign", "key", "passphrase"])
        .needs(&[Facility::Keys])
        .timeout(Duration::from_secs(30))
        .related(&["check.attestor.key-expiration", "check.crypto.hsm-availability"])
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let keys = world.signing_keys()?;
        if !keys.iter().any(|key| key.is_chosen) {
            return Ok(finding.skipped("no signing key is active"));
        }
        let mut finding = finding;
        if let Some(mut store) = world.attestations().ok().flatten() {
            let since = world.now().checked_add(-DAY).unwrap_or(world.now());
            if let Ok(health) = history(store.as_mut(), since, world.now()) {
                finding = finding
                    .measured("signatures in 24h", health.signing.judged)
                    .measured("failed", health.signing.failed);
                if let Some((at, _, what)) = health.signing_failure {
                    finding = finding.measured("latest failure", format!("{at}: {what}"));
                }
            }
        }
        let signed = match world.test_signature() {
            Ok(signed) => signed,
            Err(trouble) => {
                let cause = Cause {
                    code: Some(trouble.code),
                    subject: trouble.place.clone().unwrap_or_else(|| "signing key".to_owned()),
                    summary: trouble.summary.clone(),
                    confidence: Confidence::Certain,
                };
                let named = [("found", &trouble.found), ("expected", &trouble.expected)];
                let finding = named.into_iter().fold(finding, |finding, (name, value)| match value {
                    Some(value) => finding.measured(name, value),
                    None => finding,
                });
                let is_lost =
                    matches!(trouble.code, Code::InputNotRegularFile | Code::PemMalformed | Code::StoreCorrupt);
                let mending = match is_lost && trouble.mending.commands.is_empty() {
                    true => Mending {
                        summary: "put the file back from a copy, or let another key sign".to_owned(),
                        ..next(&keys, world.now())
                    },
                    false => *trouble.mending,
                };
                return Ok(finding.found(Status::Fail, cause, mending));
            }
        };
        let finding = finding
            .measured("key", &signed.key)
            .measured("key id", &signed.key_id)
            .measured("algorithm", signed.algorithm);
        if signed.locked {
            return Ok(finding.skipped(
                "the private key is behind a passphrase that was not given (STELLA_KEY_PASSPHRASE), or in a token, where no check logs in: stella keys verify",
            ));
        }
        Ok(finding
            .measured("microseconds", signed.microseconds)
            .passed(format!("the key {} made a signature that verifies", signed.key)))
    }
}
