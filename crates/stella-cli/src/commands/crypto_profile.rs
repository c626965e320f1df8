//! `stella crypto profile …`.

use stella_crypto_providers::{Profile, ProfileRule, Scheme};
use toml::Value as Toml;

use crate::arguments::{NamedProfileArguments, ProfileCommand, ShowProfileArguments};
use crate::commands::config_show;
use crate::complaint::Complaint;
use crate::config::Key;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::key_ring::KeyRing;
use crate::render::Page;
use crate::settings;
use stella_vocabulary::Reason as _;

pub(crate) fn run(command: &ProfileCommand, context: &Context) -> Result<Answer, Complaint> {
    match command {
        ProfileCommand::Set(said) => set(said, context),
        ProfileCommand::Show(said) => show(said, context),
        ProfileCommand::Verify(said) => verify(said, context),
    }
}

fn show(said: &ShowProfileArguments, context: &Context) -> Result<Answer, Complaint> {
    let profile = match &said.name {
        Some(name) => settings::profile(name)?,
        None => context.settings()?.crypto_profile.value,
    };
    let permitted: Vec<&str> = permitted(profile, context).map(|scheme| scheme.name()).collect();
    if context.format.is_json() {
        return Ok(Answer::done(document(profile, &permitted, &[]).line()));
    }
    let mut page = Page::new(context);
    page.field("profile", profile);
    page.field("about", profile.about());
    if said.name.is_none() {
        page.field("from", &context.settings()?.crypto_profile.origin);
    }
    for rule in profile.rules() {
        page.field("permits", describe(rule));
    }
    for foreign in profile.foreign() {
        page.field("permits", format!("{}, which is computed by {}", foreign.name(), foreign.provided_by()));
    }
    if permitted.is_empty() {
        page.field("warning", "no provider of this program computes any of these: nothing verifies and nothing is signed under this profile");
    }
    let others: Vec<&str> = Profile::ALL.iter().filter(|other| **other != profile).map(|other| other.name()).collect();
    page.field("others", others.join(", "));
    Ok(Answer::done(page.finish()))
}

fn describe(rule: &ProfileRule) -> String {
    let names: Vec<&str> = rule.schemes().iter().map(|scheme| scheme.name()).collect();
    let until = rule.sunset().map_or_else(String::new, |sunset| format!(", until {sunset}"));
    format!("{}, from {} bits{until} ({})", names.join(" "), rule.smallest_key(), rule.clause())
}

fn permitted(profile: Profile, context: &Context) -> impl Iterator<Item = &'static Scheme> {
    let at = context.at;
    Scheme::ALL.iter().filter(move |scheme| profile.permits(**scheme, usize::MAX, at).is_ok())
}

fn document(profile: Profile, permitted: &[&str], findings: &[String]) -> Value {
    Value::object([
        ("schema", Value::text("stella.crypto-profile/1")),
        ("profile", Value::text(profile.name())),
        ("about", Value::text(profile.about())),
        ("permitted", Value::texts(permitted.iter().copied())),
        ("findings", Value::texts(findings.iter().map(String::as_str))),
    ])
}

fn set(said: &NamedProfileArguments, context: &Context) -> Result<Answer, Complaint> {
    let profile = settings::profile(said.name())?;
    let before = context.settings()?.crypto_profile.value;
    config_show::write(Key::CryptoProfile, &Toml::String(profile.name().to_string()), context)?;
    let permitted: Vec<&str> = permitted(profile, context).map(|scheme| scheme.name()).collect();
    let findings = findings(profile, context)?;
    if context.format.is_json() {
        return Ok(Answer::done(document(profile, &permitted, &findings).line()));
    }
    let mut page = Page::new(context);
    page.field("profile", profile);
    page.field(
        "permitted",
        if permitted.is_empty() { "nothing that is computed here".to_string() } else { permitted.join(", ") },
    );
    findings.iter().for_each(|finding| page.field("warning", finding));
    if before != profile {
        page.field("undo", format!("stella crypto profile set {before}"));
    }
    Ok(Answer::done(page.finish()))
}

/// What stands against a profile: algorithms that nobody computes, and signing keys that it does not permit.
fn findings(profile: Profile, context: &Context) -> Result<Vec<String>, Complaint> {
    let mut findings = Vec::new();
    if permitted(profile, context).next().is_none() {
        findings.push(format!("no provider of this program computes what the profile {profile} permits"));
    }
    if context.settings()?.home.is_some() {
        let ring = KeyRing::open(context)?;
        let usable = ring.keys().iter().filter(|key| key.revoked.is_none() && context.now < key.until);
        for key in usable {
            if let Err(error) = profile.permits_key(key.scheme, &key.key, context.now) {
                findings.push(format!("signing key {}: {error}", key.name));
            }
        }
    }
    Ok(findings)
}

fn verify(said: &NamedProfileArguments, context: &Context) -> Result<Answer, Complaint> {
    let profile = settings::profile(said.name())?;
    let permitted: Vec<&str> = permitted(profile, context).map(|scheme| scheme.name()).collect();
    let findings = findings(profile, context)?;
    let code = match findings.is_empty() {
        true => None,
        false if permitted.is_empty() => {
            let all = Scheme::ALL.first().and_then(|scheme| profile.permits(*scheme, usize::MAX, context.at).err());
            all.map(|error| error.code())
        }
        false => Some(stella_vocabulary::Code::SigAlgorithmUnsupported),
    };
    if context.format.is_json() {
        return Ok(Answer::judged(document(profile, &permitted, &findings).line(), code));
    }
    let mut page = Page::new(context);
    page.field("profile", profile);
    page.field(
        "permitted",
        if permitted.is_empty() { "nothing that is computed here".to_string() } else { permitted.join(", ") },
    );
    findings.iter().for_each(|finding| page.field("finding", finding));
    if findings.is_empty() {
        page.field("signing keys", "each is permitted, or there is none");
    }
    Ok(Answer::judged(page.finish(), code))
}
