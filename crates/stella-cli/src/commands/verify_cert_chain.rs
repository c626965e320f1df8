//! `stella verify cert-chain`.

use std::path::{Path, PathBuf};

use stella_attest_verify::{
    Certificate, FoundPaths, NearCertificate, Reason, Registry, TriedPath, TrustSnapshot, TrustedTime, UnixTime,
};
use stella_chain_verify::Diagnosis;
use stella_vocabulary::{Code, hex};

use crate::arguments::{ChainArguments, Format};
use crate::chain::{self, Held};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::evidence::{Signed, instants};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::json::Value;
use crate::private_file;
use crate::render::page::Tone;
use crate::render::remedy::shell_line;
use crate::render::{Page, Table, certificate, path, verdict};
use crate::trust;

pub(crate) fn run(said: &ChainArguments, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    // Where pictures cannot be written, nothing is judged first.
    for path in said.dot.iter().chain(&said.svg) {
        private_file::place_out(path)?;
    }
    let held = Held::of(&said.path, &inputs)?;
    let trust = trust::gather(&said.trust, None, &inputs, context)?.snapshot;
    let (leaf, found, times) = match &said.attestation {
        Some(path) => Signed::judge_each(
            path,
            &inputs,
            context,
            |signed| {
                let times = signed.trusted_times(&trust, context.at)?;
                search(&trust, &signed.certificates, times, &held, context)
            },
            |(_, found, _)| found.refusal.is_none(),
        )?,
        None => {
            let mut certificates = Vec::new();
            for path in &said.cert {
                certificates.extend(trust::certificates(path, &inputs)?);
            }
            search(&trust, &certificates, Vec::new(), &held, context)?
        }
    };
    draw(said, &found, &instants(&times, context.at))?;
    let text = match context.format {
        Format::Json | Format::Ndjson => document(&leaf, &found, &times, context).line(),
        Format::Text | Format::Table => render(said, &leaf, &found, &times, context),
    };
    Ok(Answer::judged(text, found.refusal.as_ref().map(Reason::code)))
}

/// The path of the first of `certificates`, the others helping to find it.
fn search(
    trust: &TrustSnapshot,
    certificates: &[Certificate],
    times: Vec<TrustedTime>,
    held: &Held,
    context: &Context,
) -> Result<(Certificate, FoundPaths, Vec<TrustedTime>), Complaint> {
    let Some((leaf, extra)) = certificates.split_first() else {
        return Err(Complaint::new(Code::InputEmpty, "there is no certificate to judge").place("--cert"));
    };
    let found = chain::search(&Registry::rustcrypto(), trust, leaf, extra, &instants(&times, context.at), held);
    Ok((leaf.clone(), found, times))
}

/// Writes the pictures that were asked for.
fn draw(said: &ChainArguments, found: &FoundPaths, at: &[UnixTime]) -> Result<(), Complaint> {
    if said.dot.is_none() && said.svg.is_none() {
        return Ok(());
    }
    let explanation = found.explanation(at);
    let write = |path: &Path, picture: String| private_file::write_out(path, picture.as_bytes());
    said.dot.as_deref().map_or(Ok(()), |path| write(path, explanation.dot()))?;
    said.svg.as_deref().map_or(Ok(()), |path| write(path, explanation.svg()))
}

/// What the break is named in documents: the word for what would close the gap.
fn missing_of(diagnosis: &Diagnosis) -> Option<&'static str> {
    match diagnosis {
        Diagnosis::RootNotTrusted(_) => Some("anchor"),
        Diagnosis::MissingIntermediate(_) => Some("intermediate"),
        Diagnosis::OtherKey { .. } => Some("issuer-key"),
        _ => None,
    }
}

/// What is missing for a path, in words for the one who has to bring it, and the option to bring it with.
fn missing(diagnosis: &Diagnosis) -> Option<(&'static str, &'static str)> {
    match diagnosis {
        Diagnosis::RootNotTrusted(_) => Some((
            "root not trusted: the path ends at an authority that no anchor vouches for; trust it only if it should be",
            "--anchor",
        )),
        Diagnosis::MissingIntermediate(_) => Some((
            "intermediate missing: a certificate between the leaf and an anchor was not given; it gives no trust of its own",
            "--intermediate",
        )),
        Diagnosis::OtherKey { .. } => {
            Some(("issuer of the right name, but with another key: most often its key was replaced", "--intermediate"))
        }
        _ => None,
    }
}

/// What kind of refusal it is, where it is not that something is missing.
fn kind(diagnosis: &Diagnosis) -> Option<String> {
    match diagnosis {
        Diagnosis::AnchorConstraint { cert } => Some(format!(
            "the path is whole, and its anchor, certificate {cert}, does not vouch for it: see what the anchor allows"
        )),
        Diagnosis::ExpiredNow { from, until } => Some(format!(
            "expired now, and valid from {from} to {until}: a signature of that time is good if a trusted time says so"
        )),
        Diagnosis::NotYetValid { from, until } => Some(format!("not valid yet: the path holds from {from} to {until}")),
        _ => None,
    }
}

fn near(near: &NearCertificate) -> String {
    let subject = near.certificate.subject();
    let subject = if subject.is_empty() { "(no subject name)" } else { subject.as_str() };
    let name = near.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{subject}{name}, sha256:{}: {}", near.certificate.fingerprint(), near.difference.sentence())
}

/// The same command with one more file behind `option`.
fn again(said: &ChainArguments, context: &Context, option: &str) -> String {
    let mut words = vec!["stella".to_string(), "verify".to_string(), "cert-chain".to_string()];
    let mut say = |name: &str, values: Vec<String>| {
        let more = (name == option).then(|| "FILE".to_string());
        if !values.is_empty() || more.is_some() {
            words.push(name.to_string());
            words.extend(values.into_iter().chain(more));
        }
    };
    let named = |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect();
    say("--attestation", named(said.attestation.as_slice()));
    say("--cert", named(&said.cert));
    say("--trusted-root", named(&said.trust.trusted_root));
    say("--intermediate", named(&said.trust.intermediate));
    say("--anchor", named(&said.trust.anchor));
    say("--purpose", said.path.purpose.iter().cloned().collect());
    say("--policy-oid", said.path.policy_oid.clone());
    say("--crl", named(&said.path.crl));
    say("--ocsp", named(&said.path.ocsp));
    if said.path.allow_unknown_revocation {
        words.push("--allow-unknown-revocation".to_string());
    }
    if context.at != context.now {
        words.extend(["--at".to_string(), context.at.to_string()]);
    }
    shell_line(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn render(
    said: &ChainArguments,
    leaf: &Certificate,
    found: &FoundPaths,
    times: &[TrustedTime],
    context: &Context,
) -> String {
    let mut page = Page::new(context);
    let name = format!("sha256:{}", hex::encode(&leaf.fingerprint()));
    match &found.refusal {
        None => page.start(Tone::Good, "VERIFIED"),
        Some(refusal) if refusal.code().is_indeterminate() => page.start(Tone::Unsure, "INDETERMINATE"),
        Some(_) => page.start(Tone::Bad, "REJECTED"),
    }
    page.start(Tone::Plain, format!(" {}", verdict::short(&name)));
    if let Some(refusal) = &found.refusal {
        page.start(Tone::Plain, format!("  error[{}]: {refusal}", refusal.code()));
    }
    page.end();
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    if context.format == Format::Table {
        page.block(&table(&found.tried));
        return page.finish();
    }
    page.field("certificate", &name);
    page.field("subject", certificate::subject(leaf));
    for identity in certificate::identities(leaf) {
        page.field("identity", identity);
    }
    page.field("issuer", leaf.issuer());
    for time in times {
        page.field("judged at", format!("{} (trusted time: {}, {})", time.time(), time.source().as_str(), time.name()));
    }
    if times.is_empty() {
        page.field("judged at", context.at);
    }
    path::render(&mut page, &found.tried, context.detail);
    if let Some(refusal) = &found.refusal {
        page.field("cause", refusal);
        page.maybe("found", refusal.found());
        page.maybe("expected", refusal.expected());
        page.maybe("clause", refusal.clause());
        if let Some(diagnosis) = &found.diagnosis {
            if let Some(place) = diagnosis.place() {
                page.field("break", format!("certificate {}, {}", place.cert, place.subject));
                page.maybe("break key", place.subject_key.as_deref());
                page.field("wanted", &place.issuer);
                page.maybe("wanted key", place.authority_key.as_deref());
            }
            if let Diagnosis::OtherKey { found_key: Some(key), .. } = diagnosis {
                page.field("found key", key);
            }
            page.maybe("kind", kind(diagnosis));
            if let Some((what, option)) = missing(diagnosis) {
                page.field("missing", what);
                page.field("remedy", again(said, context, option));
            }
        }
        for one in &found.near {
            page.field("near miss", near(one));
        }
        let code = refusal.code();
        if matches!(code, Code::X509CrlUntrusted | Code::X509RevocationUnknown) {
            page.field("remedy", again(said, context, "--crl"));
        }
        page.field("reference", format!("stella explain {code} ({})", code.reference()));
    }
    page.finish()
}

fn table(paths: &[TriedPath]) -> String {
    let mut table = Table::new(&["path", "certificate", "subject", "not before", "not after", "findings"]);
    for (number, path) in paths.iter().enumerate() {
        for (index, certificate) in path.certificates.iter().enumerate() {
            let findings: Vec<&str> = path
                .findings
                .iter()
                .filter(|finding| finding.certificate() == Some(index))
                .map(|finding| finding.code().as_str())
                .collect();
            table.row([
                (number + 1).to_string(),
                index.to_string(),
                certificate.subject(),
                certificate.not_before().to_string(),
                certificate.not_after().to_string(),
                findings.join(" "),
            ]);
        }
    }
    table.finish()
}

fn document(leaf: &Certificate, found: &FoundPaths, times: &[TrustedTime], context: &Context) -> Value {
    let refusal = found.refusal.as_ref();
    let verdict = match refusal.map(Reason::code) {
        None => "verified",
        Some(code) if code.is_indeterminate() => "indeterminate",
        Some(_) => "rejected",
    };
    Value::object([
        ("schema", Value::text("stella.chain/1")),
        ("verdict", Value::text(verdict)),
        ("code", Value::maybe(refusal.map(|refusal| refusal.code().as_str()))),
        ("summary", Value::maybe(refusal.map(ToString::to_string))),
        ("found", Value::maybe(refusal.and_then(Reason::found))),
        ("expected", Value::maybe(refusal.and_then(Reason::expected))),
        ("missing", Value::maybe(found.diagnosis.as_ref().and_then(missing_of))),
        ("diagnosis", found.diagnosis.as_ref().map_or(Value::Null, diagnosis_document)),
        ("near_misses", Value::list(found.near.iter().map(near_document))),
        ("at", Value::text(context.at.to_string())),
        ("trusted_times", Value::list(times.iter().map(super::verify_cert::time_document))),
        ("certificate", Value::text(format!("sha256:{}", hex::encode(&leaf.fingerprint())))),
        ("paths", Value::list(found.tried.iter().map(path_document))),
    ])
}

fn path_document(path: &TriedPath) -> Value {
    let certificates = path.certificates.iter().map(|certificate| {
        Value::object([
            ("subject", Value::text(certificate.subject())),
            ("issuer", Value::text(certificate.issuer())),
            ("serial", Value::text(certificate.serial())),
            ("not_before", Value::text(certificate.not_before().to_string())),
            ("not_after", Value::text(certificate.not_after().to_string())),
            ("sha256", Value::text(certificate.fingerprint())),
        ])
    });
    let findings = path.findings.iter().map(|finding| {
        Value::object([
            ("code", Value::text(finding.code().as_str())),
            ("cert", finding.certificate().map_or(Value::Null, Value::count)),
            ("summary", Value::text(finding.summary())),
            ("found", Value::maybe(finding.found().as_deref())),
            ("expected", Value::maybe(finding.expected().as_deref())),
            ("clause", Value::maybe(finding.clause())),
        ])
    });
    Value::object([
        ("purpose", Value::text(path.purpose.as_str())),
        ("status", Value::text(if path.findings.is_empty() { "accepted" } else { "refused" })),
        ("anchor", Value::maybe(path.anchor.as_deref())),
        ("certificates", Value::list(certificates)),
        ("findings", Value::list(findings)),
    ])
}

fn diagnosis_document(diagnosis: &Diagnosis) -> Value {
    let place = diagnosis.place();
    let (cert, window) = match diagnosis {
        Diagnosis::AnchorConstraint { cert } => (Some(*cert), None),
        Diagnosis::ExpiredNow { from, until } | Diagnosis::NotYetValid { from, until } => (None, Some((*from, *until))),
        other => (other.place().map(|place| place.cert), None),
    };
    let found_key = match diagnosis {
        Diagnosis::OtherKey { found_key, .. } => found_key.as_deref(),
        _ => None,
    };
    Value::object([
        ("kind", Value::text(diagnosis.name())),
        ("cert", cert.map_or(Value::Null, Value::count)),
        ("subject", Value::maybe(place.map(|place| place.subject.as_str()))),
        ("subject_key", Value::maybe(place.and_then(|place| place.subject_key.as_deref()))),
        ("issuer", Value::maybe(place.map(|place| place.issuer.as_str()))),
        ("authority_key", Value::maybe(place.and_then(|place| place.authority_key.as_deref()))),
        ("found_key", Value::maybe(found_key)),
        ("valid_from", Value::maybe(window.map(|(from, _)| from.to_string()))),
        ("valid_until", Value::maybe(window.map(|(_, until)| until.to_string()))),
    ])
}

fn near_document(near: &NearCertificate) -> Value {
    Value::object([
        ("subject", Value::text(near.certificate.subject())),
        ("sha256", Value::text(near.certificate.fingerprint())),
        ("name", Value::maybe(near.name.as_deref())),
        ("likeness", Value::text(near.likeness.name())),
        ("difference", Value::text(near.difference.name())),
        ("summary", Value::text(near.difference.sentence())),
    ])
}
