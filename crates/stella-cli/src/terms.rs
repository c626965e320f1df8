//! Label, window and limits, from options.

use stella_chain_verify::NameLimits;
use stella_crypto_providers::Scheme;
use stella_trust_store::ledger::{PurlPattern, Scope};
use stella_vocabulary::{Code, UnixTime, Window};

use crate::arguments::ScopeOptions;
use crate::complaint::Complaint;
use crate::context::instant;
use crate::near_miss;

/// The scope that the options set.
///
/// # Errors
/// `config.invalid` and `usage.conflict` for what is no limit.
pub(crate) fn scope(options: &ScopeOptions) -> Result<Scope, Complaint> {
    let mut scope = Scope::default();
    replace(&mut scope, options)?;
    Ok(scope)
}

/// Puts the limits that were given in place of those that were there.
///
/// # Errors
/// As [`scope`].
pub(crate) fn replace(scope: &mut Scope, options: &ScopeOptions) -> Result<(), Complaint> {
    let list = |old: &mut Vec<String>, new: &[String]| {
        if !new.is_empty() {
            *old = sorted(new);
        }
    };
    for name in &options.algorithm {
        check_algorithm(name)?;
    }
    for oid in &options.eku {
        check_oid(oid)?;
    }
    for (place, names) in [("--name-constraint", &options.name_constraint), ("--exclude-name", &options.exclude_name)] {
        names.iter().try_for_each(|name| check_name(place, name))?;
    }
    list(&mut scope.algorithms, &options.algorithm);
    list(&mut scope.extended_key_usages, &options.eku);
    list(&mut scope.identities, &options.identity);
    list(&mut scope.name_constraints_excluded, &options.exclude_name);
    list(&mut scope.name_constraints_permitted, &options.name_constraint);
    list(&mut scope.oidc_issuers, &options.oidc_issuer);
    list(&mut scope.predicate_types, &options.predicate_type);
    if let Some(length) = options.max_path_length {
        scope.max_path_length = Some(length);
    }
    if !options.purl.is_empty() {
        let patterns = sorted(&options.purl);
        let patterns =
            patterns.iter().map(|text| PurlPattern::new(text).map_err(|error| Complaint::from(error).place("--purl")));
        scope.purl_patterns = patterns.collect::<Result<_, _>>()?;
    }
    Ok(())
}

/// Takes a limit away; `false` if there is none of that name.
pub(crate) fn clear(scope: &mut Scope, name: &str) -> bool {
    match name {
        "algorithm" => scope.algorithms.clear(),
        "eku" => scope.extended_key_usages.clear(),
        "exclude-name" => scope.name_constraints_excluded.clear(),
        "identity" => scope.identities.clear(),
        "max-path-length" => scope.max_path_length = None,
        "name-constraint" => scope.name_constraints_permitted.clear(),
        "oidc-issuer" => scope.oidc_issuers.clear(),
        "predicate-type" => scope.predicate_types.clear(),
        "purl" => scope.purl_patterns.clear(),
        _ => return false,
    }
    true
}

/// What to know about limits that keep everybody out, or that look like patterns and are none.
pub(crate) fn scope_warnings(scope: &Scope) -> Vec<String> {
    let mut warnings = Vec::new();
    for kind in scope.predicate_types.iter().filter(|kind| kind.contains('*')) {
        warnings
            .push(format!("--predicate-type {kind} is compared as it stands, and no star in it stands for anything"));
    }
    for (option, patterns) in [("--identity", &scope.identities), ("--oidc-issuer", &scope.oidc_issuers)] {
        warnings.extend(patterns.iter().filter_map(|pattern| pattern_warning(option, pattern)));
    }
    warnings
}

/// What to know about a pattern that fits no name: a star stands for one part of a name, never for several.
pub(crate) fn pattern_warning(option: &str, pattern: &str) -> Option<String> {
    if pattern.contains("**") {
        return Some(format!("{option} {pattern} fits no name at all: one star stands for one part, two for nothing"));
    }
    if pattern == "*" {
        return Some(format!("{option} * fits only names of one part, without any of / : @ and the like"));
    }
    None
}

/// The window `[from, until)`.
///
/// # Errors
/// `usage.date_invalid`, also for one without an instant inside.
pub(crate) fn window(from: Option<&str>, until: Option<(&str, &str)>) -> Result<Window, Complaint> {
    let from = from.map(|text| instant(text, "--from")).transpose()?;
    let until = until.map(|(text, place)| instant(text, place)).transpose()?;
    checked(Window::half_open(from, until))
}

/// A window with an instant inside.
///
/// # Errors
/// `usage.date_invalid`.
pub(crate) fn checked(window: Window) -> Result<Window, Complaint> {
    if !window.is_empty() {
        return Ok(window);
    }
    let text = |at: Option<UnixTime>| at.map_or_else(|| "no end".to_string(), |at| at.to_string());
    Err(Complaint::new(Code::UsageDateInvalid, "the window ends before it begins, or at once")
        .found(format!("from {} until {}", text(window.from()), text(window.until())))
        .expected("an end after the beginning")
        .remedy("give a later end or an earlier --from"))
}

/// What to know about a window: whether it lies in the past, or begins later.
pub(crate) fn window_warning(window: Window, what: &str, now: UnixTime) -> Option<String> {
    if let Some(until) = window.until().filter(|until| *until <= now) {
        return Some(format!(
            "the window ended at {until}: of what the {what} has signed, only what is proven to be from before verifies"
        ));
    }
    let from = window.from().filter(|from| *from > now)?;
    Some(format!("the window begins at {from}: nothing that the {what} signs before then verifies"))
}

fn sorted(texts: &[String]) -> Vec<String> {
    let mut texts = texts.to_vec();
    texts.sort();
    texts.dedup();
    texts
}

fn check_algorithm(name: &str) -> Result<(), Complaint> {
    if Scheme::from_name(name).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = Scheme::ALL.iter().map(|scheme| scheme.name()).collect();
    let complaint =
        Complaint::new(Code::UsageConflict, "there is no such signature algorithm").place("--algorithm").found(name);
    Err(match near_miss::closest(name, known) {
        Some(meant) => complaint.expected(meant),
        None => complaint.expected("the name of one, such as ecdsa-p256-sha256"),
    }
    .remedy("stella crypto providers list --algorithms"))
}

fn check_oid(oid: &str) -> Result<(), Complaint> {
    let number = |arc: &str| !arc.is_empty() && arc.len() <= 20 && arc.bytes().all(|byte| byte.is_ascii_digit());
    if oid.split('.').count() >= 2 && oid.split('.').all(number) {
        return Ok(());
    }
    Err(Complaint::new(Code::UsageConflict, "this is no object identifier")
        .place("--eku")
        .found(oid)
        .expected("dotted decimal, such as 1.3.6.1.5.5.7.3.3 for code signing")
        .remedy("stella verify cert --cert FILE -v"))
}

fn check_name(place: &'static str, text: &str) -> Result<(), Complaint> {
    NameLimits::new(&[text], &[])
        .map(|_| ())
        .map_err(|error| Complaint::of(&error, place).remedy("stella trust-anchors add --help"))
}
