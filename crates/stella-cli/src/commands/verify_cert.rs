//! `stella verify cert`.

use stella_attest_verify::{Certificate, TrustedTime, UnixTime};
use stella_vocabulary::{Code, hex};

use crate::arguments::{CertificateArguments, Format};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::evidence::{Signed, instants};
use crate::exit::Answer;
use crate::input::{Inputs, name_of};
use crate::json::Value;
use crate::render::page::Tone;
use crate::render::remedy::shell_line;
use crate::render::{Page, Table, certificate, path, verdict};
use crate::trust;

/// What is known of the certificate's validity.
struct Validity {
    certificate: Certificate,
    times: Vec<TrustedTime>,
    at: UnixTime,
    /// Why it is not valid at every instant that counts.
    refusal: Option<(Code, String)>,
}

pub(crate) fn run(said: &CertificateArguments, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    let validity = match (&said.attestation, &said.cert) {
        (Some(path), _) => {
            let trust = trust::gather(&said.trust, None, &inputs, context)?.snapshot;
            let judge = |signed: &Signed| {
                let times = signed.trusted_times(&trust, context.at)?;
                Validity::of(signed.certificates.first().cloned(), times, context.at)
            };
            Signed::judge_each(path, &inputs, context, judge, |validity| validity.refusal.is_none())?
        }
        (None, Some(path)) => {
            let mut certificates = trust::certificates(path, &inputs)?;
            if certificates.len() > 1 {
                return Err(Complaint::new(Code::PemMultipleObjects, "this command is about one certificate")
                    .place(name_of(path))
                    .found(format!("{} certificates", certificates.len()))
                    .expected("one")
                    .remedy(shell_line(&["stella", "verify", "cert-chain", "--cert", &path.to_string_lossy()])));
            }
            Validity::of(certificates.pop(), Vec::new(), context.at)?
        }
        (None, None) => Validity::of(None, Vec::new(), context.at)?,
    };
    let text = match context.format {
        Format::Json | Format::Ndjson => document(&validity).line(),
        Format::Text | Format::Table => render(&validity, said.show_expiry, context),
    };
    Ok(Answer::judged(text, validity.refusal.map(|(code, _)| code)))
}

impl Validity {
    fn of(certificate: Option<Certificate>, times: Vec<TrustedTime>, at: UnixTime) -> Result<Self, Complaint> {
        let Some(certificate) = certificate else {
            return Err(Complaint::new(Code::InputEmpty, "there is no certificate to judge").place("--cert"));
        };
        let refusal = refusal(&certificate, &times, at);
        Ok(Self { certificate, times, at, refusal })
    }
}

/// Every instant that counts must lie within the validity, both ends included. RFC 5280 §4.1.2.5.
fn refusal(certificate: &Certificate, times: &[TrustedTime], at: UnixTime) -> Option<(Code, String)> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    let outside = instants(times, at).into_iter().find(|instant| *instant < not_before || *instant > not_after)?;
    Some(if !times.is_empty() {
        (Code::TimeOutsideCertificateValidity, format!("the trusted time {outside} lies outside the validity"))
    } else if outside < not_before {
        (Code::X509NotYetValid, format!("it is not valid before {not_before}, judged at {outside}"))
    } else {
        (Code::X509Expired, format!("it expired at {not_after}, judged at {outside}"))
    })
}

fn render(validity: &Validity, expiry: bool, context: &Context) -> String {
    let mut page = Page::new(context);
    let name = name(&validity.certificate);
    match &validity.refusal {
        None => page.start(Tone::Good, "VALID"),
        Some(_) => page.start(Tone::Bad, "REJECTED"),
    }
    page.start(Tone::Plain, format!(" {}", verdict::short(&name)));
    if let Some((code, why)) = &validity.refusal {
        page.start(Tone::Plain, format!("  error[{code}]: {why}"));
    }
    page.end();
    if context.detail == Detail::Quiet {
        return page.finish();
    }
    let fields = fields(validity, expiry);
    if context.format == Format::Table {
        let mut table = Table::new(&["name", "value"]);
        for (name, value) in &fields {
            table.row([*name, value]);
        }
        page.block(&table.finish());
    } else {
        for (name, value) in fields {
            page.field(name, value);
        }
        page.field("note", "UNVERIFIED: only the validity was judged; stella verify cert-chain tells whether anybody trusted issued it");
        if let Some((code, _)) = &validity.refusal {
            page.field("reference", format!("stella explain {code} ({})", code.reference()));
        }
    }
    page.finish()
}

fn fields(validity: &Validity, expiry: bool) -> Vec<(&'static str, String)> {
    let Validity { certificate, times, at, .. } = validity;
    let mut fields = vec![("certificate", name(certificate)), ("subject", certificate::subject(certificate))];
    for identity in certificate::identities(certificate) {
        fields.push(("identity", identity));
    }
    if let Some(issuer) = certificate::issuer(certificate) {
        fields.push(("identity issuer", issuer));
    }
    let (key, algorithm) = certificate::key(certificate);
    fields.extend([
        ("issued by", certificate.issuer().to_string()),
        ("serial", hex::encode(certificate.serial())),
        ("key", key),
        ("algorithm", algorithm),
        ("valid", path::window(certificate.not_before(), certificate.not_after())),
        ("judged at", at.to_string()),
    ]);
    if expiry {
        fields.push(("time left", time_left(certificate, *at)));
        for time in times {
            let inside = certificate.not_before() <= time.time() && time.time() <= certificate.not_after();
            let place = if inside { "inside" } else { "OUTSIDE" };
            let source = time.source().as_str();
            fields.push(("trusted time", format!("{} ({source}, {}), {place} the validity", time.time(), time.name())));
        }
        if times.is_empty() {
            fields.push(("trusted time", "none, so the certificate must be valid at the instant judged".to_string()));
        }
    }
    fields
}

/// How long the certificate is still valid after `at`, or since when it is not.
fn time_left(certificate: &Certificate, at: UnixTime) -> String {
    let left = certificate.not_after().seconds().saturating_sub(at.seconds());
    if at < certificate.not_before() {
        let until = certificate.not_before().seconds().saturating_sub(at.seconds());
        format!("not yet valid, begins in {}", duration(until.unsigned_abs()))
    } else if left < 0 {
        format!("none, expired {} ago", duration(left.unsigned_abs()))
    } else {
        duration(left.unsigned_abs())
    }
}

/// The two largest units, which is as exact as people read it.
fn duration(seconds: u64) -> String {
    let units = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let first = units.iter().position(|(count, _)| *count > 0).unwrap_or(units.len() - 1);
    let words: Vec<String> = units
        .iter()
        .skip(first)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    if words.is_empty() { "0 s".to_string() } else { words.join(" ") }
}

fn name(certificate: &Certificate) -> String {
    format!("sha256:{}", hex::encode(&certificate.fingerprint()))
}

fn document(validity: &Validity) -> Value {
    let Validity { certificate, times, at, refusal } = validity;
    let (key, algorithm) = certificate::key(certificate);
    Value::object([
        ("schema", Value::text("stella.certificate/1")),
        ("verdict", Value::text(if refusal.is_none() { "valid" } else { "rejected" })),
        ("code", Value::maybe(refusal.as_ref().map(|(code, _)| code.as_str()))),
        ("summary", Value::maybe(refusal.as_ref().map(|(_, why)| why.as_str()))),
        ("at", Value::text(at.to_string())),
        ("certificate", Value::text(name(certificate))),
        ("subject", Value::text(certificate.subject().to_string())),
        ("identities", Value::texts(certificate::identities(certificate))),
        ("identity_issuer", Value::maybe(certificate::issuer(certificate))),
        ("issuer", Value::text(certificate.issuer().to_string())),
        ("serial", Value::text(hex::encode(certificate.serial()))),
        ("key", Value::text(key)),
        ("algorithm", Value::text(algorithm)),
        ("not_before", Value::text(certificate.not_before().to_string())),
        ("not_after", Value::text(certificate.not_after().to_string())),
        ("seconds_left", Value::Number(certificate.not_after().seconds().saturating_sub(at.seconds()))),
        ("trusted_times", Value::list(times.iter().map(time_document))),
        ("path_verified", Value::Bool(false)),
    ])
}

/// A trusted time as it appears in documents.
pub(crate) fn time_document(time: &TrustedTime) -> Value {
    Value::object([
        ("time", Value::text(time.time().to_string())),
        ("source", Value::text(time.source().as_str())),
        ("name", Value::text(time.name())),
    ])
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_show_their_two_largest_units() {
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (600, "10 min"), (3661, "1 h 1 min"), (86_400, "1 d"), (90_061, "1 d 1 h")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
