//! Certificates, profiles and hardware.

use std::time::Duration;

use stella_attest_verify::{Certificate, UnixTime};
use stella_crypto_providers::{Profile, Scheme};
use stella_trust_store::ledger::{Object, Record, Standing};
use stella_vocabulary::{Code, Reason as _};

use super::span;
use crate::about::{About, Category, Depth, Severity};
use crate::cause::{Cause, Confidence, Mending};
use crate::check::Check;
use crate::finding::{Finding, Status};
use crate::trouble::{Facility, Trouble};
use crate::world::{SigningKeyStatus, World};

const DAY: i64 = 86_400;

/// `check.crypto.certchain`: certificates of the store and of the settings are in force, and lead to an anchor.
pub struct CertificateChains;

impl Check for CertificateChains {
    fn about(&self) -> About {
        About::new(
            "check.crypto.certchain",
            Category::Crypto,
            Severity::Warn,
            "certificates of the store and the settings are in force, and lead to an anchor",
        )
        .tags(&["x509", "expiry"])
        .needs(&[Facility::Trust])
        .threshold("fail", "expired, or leading nowhere")
        .threshold("warn", "at most 30 days left")
        .timeout(Duration::from_secs(30))
        .related(&["check.trust.expiry"])
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let mut certificates: Vec<(String, Certificate, bool)> = Vec::new();
        for (object, recorded) in world.trust()?.iter().flat_map(|state| state.objects()) {
            let Object::Recorded(record, Standing::Active) = recorded else { continue };
            let (der, is_anchor) = match record {
                Record::Anchor(anchor) => (&anchor.certificate, true),
                Record::Intermediate(intermediate) => (&intermediate.certificate, false),
                _ => continue,
            };
            if let Ok(certificate) = Certificate::from_der(der) {
                certificates.push((object.to_string(), certificate, is_anchor));
            }
        }
        for placed in world.configured_certificates()? {
            if let Ok(certificate) = Certificate::from_der(&placed.value) {
                certificates.push((placed.place, certificate, true));
            }
        }
        if certificates.is_empty() {
            return Ok(finding.skipped("no certificate of its own is trusted here"));
        }
        let finding = finding.measured("certificates", certificates.len());
        let orphan = certificates.iter().find(|(_, certificate, is_anchor)| {
            let issuer = |other: &Certificate| other.subject().matches(certificate.issuer());
            !is_anchor && !certificates.iter().any(|(_, other, _)| issuer(other))
        });
        if let Some((name, certificate, _)) = orphan {
            let cause = Cause {
                code: Some(Code::X509UnknownIssuer),
                subject: format!("anchor {}", certificate.issuer()),
                summary: format!("{name} leads nowhere: its issuer {} is not here", certificate.issuer()),
                confidence: Confidence::Certain,
            };
            let mending = Mending::new("add the anchor that certified it, if it is to be trusted, or take it out")
                .command(&["stella", "trust-anchors", "add", "--cert", "FILE"])
                .accepting("everything that this authority certifies, within the limits given");
            return Ok(finding.found(Status::Fail, cause, mending));
        }
        let ending = certificates.iter().min_by_key(|(_, certificate, _)| certificate.not_after());
        let Some((name, certificate, _)) = ending else { return Ok(finding) };
        Ok(ends(finding, name, certificate, world.at()))
    }
}

fn ends(finding: Finding, name: &str, certificate: &Certificate, at: UnixTime) -> Finding {
    let left = certificate.not_after().seconds().saturating_sub(at.seconds());
    let finding = finding.measured("ends first", format!("{name}, at {}", certificate.not_after()));
    let (status, summary) = match left {
        left if left < 0 => {
            (Status::Fail, format!("the certificate of {name} has expired, at {}", certificate.not_after()))
        }
        left if left <= 30 * DAY => (Status::Warn, format!("the certificate of {name} ends in {}", span(left))),
        _ => return finding.passed("all are in force, and lead to an anchor"),
    };
    let cause = Cause {
        code: Some(Code::X509Expired),
        subject: format!("certificate {}", certificate.subject()),
        summary,
        confidence: Confidence::Certain,
    };
    finding.found(status, cause, Mending::new("add its successor").command(&["stella", "trust-anchors", "list"]))
}

/// `check.crypto.fips`, `eidas`, `gost`, `sm`: what the profile in force permits can be computed, and the signing keys are within it.
pub struct ProfileRules(Profile);

impl ProfileRules {
    /// One for each profile that restricts.
    pub const ALL: [Self; 4] = [Self(Profile::Fips), Self(Profile::Eidas), Self(Profile::Gost), Self(Profile::Sm)];
}

impl Check for ProfileRules {
    fn about(&self) -> About {
        let (id, summary) = (
            format!("check.crypto.{}", self.0.name()),
            format!("what the profile {} permits can be computed, and signing keys are within it", self.0.name()),
        );
        About::new(&id, Category::Crypto, Severity::Fail, &summary)
            .tags(&["profile", "algorithm"])
            .needs(&[Facility::Config, Facility::Keys])
            .timeout(Duration::from_secs(5))
            .depth(Depth::Quick)
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let profile = world.profile()?;
        if profile != self.0 {
            return Ok(finding.skipped(format!("the profile {} is in force", profile.name())));
        }
        let (registry, at) = (world.registry(), world.at());
        let computed = |scheme: &&Scheme| {
            profile.permits(**scheme, usize::MAX, at).is_ok() && registry.provider_for(**scheme).is_some()
        };
        let usable: Vec<&str> = Scheme::ALL.iter().filter(computed).map(|scheme| scheme.name()).collect();
        let finding = finding.measured("permitted and computed", usable.len());
        let back = Mending::new("use a build with a provider that computes it, or another profile")
            .command(&["stella", "crypto", "providers", "list", "--algorithms"])
            .command(&["stella", "crypto", "profile", "set", "international"])
            .accepting("signatures of every algorithm of this program");
        if usable.is_empty() {
            let cause = Cause {
                code: Some(Code::CryptoAlgorithmUnavailable),
                subject: format!("profile {}", profile.name()),
                summary: format!("nobody here computes what the profile {} permits", profile.name()),
                confidence: Confidence::Certain,
            };
            let foreign = profile.foreign().iter();
            let finding =
                foreign.fold(finding, |finding, foreign| finding.measured(foreign.name(), foreign.provided_by()));
            return Ok(finding.found(Status::Fail, cause, back));
        }
        let chosen =
            world.signing_keys()?.into_iter().find(|key| key.is_chosen && key.status == SigningKeyStatus::Active);
        if let Some(key) = chosen
            && let Err(error) = profile.permits(key.scheme, key.bits, world.now())
        {
            let cause = Cause {
                code: Some(error.code()),
                subject: format!("signing key {}", key.name),
                summary: format!("the active key {} is not within the profile: {error}", key.name),
                confidence: Confidence::Certain,
            };
            let scheme = match profile {
                Profile::Eidas | Profile::Fips => "ecdsa-p256",
                _ => "ALGORITHM",
            };
            let words = [
                "stella",
                "keys",
                "generate",
                "--algorithm",
                scheme,
                "--validity",
                "365d",
                "--name",
                "NAME",
                "--activate",
            ];
            let mending = Mending::new("sign with a key that the profile permits").command(&words);
            return Ok(finding.found(Status::Fail, cause, mending));
        }
        Ok(finding.passed(format!("{} algorithms are permitted and computed", usable.len())))
    }
}

/// `check.crypto.hsm-availability`: configured modules of hardware keys answer.
pub struct HardwareKeys;

impl Check for HardwareKeys {
    fn about(&self) -> About {
        About::new(
            "check.crypto.hsm-availability",
            Category::Crypto,
            Severity::Fail,
            "configured modules of hardware keys answer",
        )
        .tags(&["pkcs11", "hsm", "softhsm"])
        .needs(&[Facility::Config])
        .timeout(Duration::from_secs(20))
    }

    fn run(&self, world: &dyn World, finding: Finding) -> Result<Finding, Trouble> {
        let modules = world.modules()?;
        if modules.is_empty() {
            return Ok(finding.skipped("no module of hardware keys is configured"));
        }
        let finding = modules.iter().fold(finding, |finding, module| {
            let said = match (&module.fault, &module.about) {
                (Some((_, why)), _) => why.clone(),
                (None, Some(about)) => about.clone(),
                (None, None) => "answers".to_owned(),
            };
            finding.measured(format!("module {}", module.name), said)
        });
        let Some((module, code, why)) = modules.iter().find_map(|module| {
            let (code, why) = module.fault.as_ref()?;
            Some((module, *code, why))
        }) else {
            return Ok(finding.passed("every module answers"));
        };
        let cause = Cause {
            code: Some(code),
            subject: format!("module {}", module.name),
            summary: format!("the module {} cannot be used: {why}", module.name),
            confidence: Confidence::Certain,
        };
        let mending = Mending::new("look whether the module, its service and its token are there").command(&[
            "stella",
            "explain",
            code.as_str(),
        ]);
        Ok(finding.found(Status::Fail, cause, mending))
    }
}
