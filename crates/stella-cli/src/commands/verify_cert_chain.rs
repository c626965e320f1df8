//! `stella verify cert-chain`.

use stella_attest_verify::{Certificate, FoundPaths, Reason, Registry, TriedPath, TrustSnapshot, TrustedTime};
use stella_chain_verify::{ChainError, Missing};
use stella_vocabulary::{Code, hex};

use crate::arguments::{ChainArguments, Format};
use crate::chain;
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::evidence::{Signed, instants};
use crate::exit::Answer;
use crate::input::Inputs;
use crate::json::Value;
use crate::render::page::Tone;
use crate::render::remedy::shell_line;
use crate::render::{Page, Table, certificate, path, verdict};
use crate::trust;

pub(crate) fn run(said: &ChainArguments, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    let trust = trust::gather(&said.trust, None, &inputs, context)?.snapshot;
    let (leaf, found, times) = match &said.attestation {
        Some(path) => Signed::judge_each(
            path,
            &inputs,
            context,
            |signed| {
                let times = signed.trusted_times(&trust, context.at)?;
                search(&trust, &signed.certificates, times, context)
            },
            |(_, found, _)| found.refusal.is_none(),
        )?,
        None => {
            let mut certificates = Vec::new();
            for path in &said.cert {
                certificates.extend(trust::certificates(path, &inputs)?);
            }
            search(&trust, &certificates, Vec::new(), context)?
        }
    };
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
    context: &Context,
) -> Result<(Certificate, FoundPaths, Vec<TrustedTime>), Complaint> {
    let Some((leaf, extra)) = certificates.split_first() else {
        return Err(Complaint::new(Code::InputEmpty, "there is no certificate to judge").place("--cert"));
    };
    let found = chain::search(&Registry::rustcrypto(), trust, leaf, extra, &instants(&times, context.at));
    Ok((leaf.clone(), found, times))
}

fn missing_of(refusal: &ChainError) -> Option<Missing> {
    match refusal {
        ChainError::UnknownIssuer { missing, .. } => Some(*missing),
        _ => None,
    }
}

/// What is missing for a path, in words for the one who has to bring it, and the option to bring it with.
fn missing(refusal: &ChainError) -> Option<(&'static str, &'static str)> {
    match missing_of(refusal)? {
        Missing::Anchor => Some((
            "root not trusted: the path ends at an authority that no anchor vouches for; trust it only if it should be",
            "--anchor",
        )),
        Missing::Intermediate => Some((
            "intermediate missing: a certificate between the leaf and an anchor was not given; it gives no trust of its own",
            "--intermediate",
        )),
        Missing::OtherKey => {
            Some(("issuer of the right name, but with another key: most often its key was replaced", "--intermediate"))
        }
        _ => None,
    }
}

/// The same command with one more option.
fn again(said: &ChainArguments, option: &str) -> String {
    let mut words = vec!["stella".to_string(), "verify".to_string(), "cert-chain".to_string()];
    let attestation = said.attestation.as_slice();
    for (name, paths) in [
        ("--attestation", attestation),
        ("--cert", &said.cert),
        ("--trusted-root", &said.trust.trusted_root),
        ("--intermediate", &said.trust.intermediate),
        ("--anchor", &said.trust.anchor),
    ] {
        if !paths.is_empty() {
            words.push(name.to_string());
            words.extend(paths.iter().map(|path| path.display().to_string()));
        }
    }
    words.extend([option.to_string(), "FILE".to_string()]);
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
        if let Some((what, option)) = missing(refusal) {
            page.field("missing", what);
            page.field("remedy", again(said, option));
        }
        let code = refusal.code();
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
        (
            "missing",
            Value::maybe(refusal.and_then(missing_of).map(|missing| match missing {
                Missing::Anchor => "anchor",
                Missing::Intermediate => "intermediate",
                _ => "issuer-key",
            })),
        ),
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
