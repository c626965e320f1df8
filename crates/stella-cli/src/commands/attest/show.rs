//! `stella attest show`: what an attestation says of itself, judged by nobody.

use std::path::Path;

use stella_attest_model::{EnvelopeSignature, KeyMaterial, LogEntry, Subject};
use stella_attest_verify::{Attestation, Certificate, Limits, Statement, UnixTime};
use stella_transparency::TimestampToken;
use stella_vocabulary::{base64, hex};

use super::history::History;
use crate::arguments::{Format, ShowArguments};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::evidence;
use crate::exit::Answer;
use crate::input::Inputs;
use crate::json::Value;
use crate::render::page::Tone;
use crate::render::{Page, Table, certificate, path, verdict};
use crate::selector;

/// Said on every view, since a reader may see only a part of it (catalogue B241).
const UNVERIFIED: &str = "UNVERIFIED";

/// Subjects shown without `--details`.
const SUBJECTS: usize = 3;

/// A name and what the attestation claims under it. A value of more than one line is never made.
type Field = (&'static str, String);

pub(crate) fn run(said: &ShowArguments, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    let path = said.selector().map_or(Path::new("-"), |path| path.as_path());
    let mut chosen = selector::choose(path, &inputs, context)?;
    let (id, arrivals) = (chosen.attestation().id(), chosen.arrivals().to_vec());
    let history = chosen.store().map(|store| History::of(id, &arrivals, store)).transpose()?;
    let view = View { history, ..View::of(chosen.attestation()) };
    Ok(Answer::done(match context.format {
        Format::Json | Format::Ndjson => view.document(said.details).line(),
        Format::Table => view.table(said.details),
        Format::Text => view.page(said.details, &path.to_string_lossy(), context),
    }))
}

/// Everything that can be shown.
struct View<'a> {
    attestation: &'a Attestation,
    /// `None` for a message signature; an error in words if the payload is no statement.
    statement: Option<Result<Statement, String>>,
    certificates: Result<Vec<Certificate>, String>,
    /// What the store knows of it; `None` if it was read from a file.
    history: Option<History>,
}

impl<'a> View<'a> {
    fn of(attestation: &'a Attestation) -> Self {
        let statement = attestation.envelope().map(|envelope| {
            Statement::from_payload(envelope.unverified_payload(), &Limits::default())
                .map_err(|error| error.to_string())
        });
        let certificates = evidence::certificates(attestation).map_err(|error| error.to_string());
        Self { attestation, statement, certificates, history: None }
    }

    fn leaf(&self) -> Option<&Certificate> {
        self.certificates.as_ref().ok().and_then(|certificates| certificates.first())
    }

    fn hints(&self) -> Vec<String> {
        let bundle = self.attestation.bundle().and_then(|bundle| match bundle.key_material() {
            KeyMaterial::PublicKeyHint(hint) => Some(hint.clone()),
            _ => None,
        });
        let signatures =
            self.signatures().iter().filter_map(|signature| signature.keyid_hint().map(ToString::to_string));
        bundle.into_iter().chain(signatures).filter(|hint| !hint.is_empty()).collect()
    }

    fn signatures(&self) -> &[EnvelopeSignature] {
        self.attestation.envelope().map_or(&[], |envelope| envelope.signatures())
    }

    /// The times that are claimed, with where.
    fn timestamps(&self) -> Vec<String> {
        let entries = self.attestation.log_entries().iter().filter_map(|entry| {
            let time = UnixTime::from_seconds(entry.integrated_time()?);
            Some(format!("{time} (claimed, log entry {})", entry.log_index()))
        });
        let tokens =
            self.attestation.timestamps().iter().enumerate().map(|(index, der)| match TimestampToken::parse(der) {
                Ok(token) => format!("{} (claimed, RFC 3161 timestamp {index})", token.gen_time()),
                Err(error) => format!("unreadable (RFC 3161 timestamp {index}: {error})"),
            });
        entries.chain(tokens).collect()
    }

    fn summary(&self, subjects: usize) -> Vec<Field> {
        let mut fields = vec![
            ("attestation", self.attestation.id().to_string()),
            ("form", self.attestation.form().as_str().to_string()),
        ];
        if let Some(envelope) = self.attestation.envelope() {
            fields.push(("payload type", envelope.payload_type().to_string()));
        }
        match &self.statement {
            Some(Ok(statement)) => {
                fields.push(("predicate type", statement.predicate_type().to_string()));
                fields.extend(
                    statement.subjects().iter().take(subjects).map(|subject| ("subject", subject_line(subject))),
                );
                let more = statement.subjects().len().saturating_sub(subjects);
                if more > 0 {
                    fields.push(("subject", format!("and {more} more, see --details")));
                }
            }
            Some(Err(error)) => fields.push(("statement", format!("unreadable: {error}"))),
            None => {
                let digest = self.attestation.message_signature().and_then(|message| message.claimed_digest());
                fields.push(("subject", digest.map_or("a file".to_string(), |digest| format!("a file with {digest}"))));
            }
        }
        self.signer(&mut fields);
        let timestamps = self.timestamps();
        if timestamps.is_empty() {
            fields.push(("timestamp", "none".to_string()));
        }
        fields.extend(timestamps.into_iter().map(|time| ("timestamp", time)));
        fields.extend(self.history.iter().flat_map(History::fields));
        fields
    }

    fn signer(&self, fields: &mut Vec<Field>) {
        match (self.leaf(), &self.certificates) {
            (Some(leaf), _) => {
                let identities = certificate::identities(leaf);
                if identities.is_empty() {
                    fields.push(("signer", certificate::subject(leaf)));
                }
                fields.extend(identities.into_iter().map(|identity| ("signer", identity)));
                fields.extend(certificate::issuer(leaf).map(|issuer| ("issuer", issuer)));
                let (key, algorithm) = certificate::key(leaf);
                fields.extend([("key", key), ("algorithm", algorithm)]);
            }
            (None, Err(error)) => fields.push(("signer", format!("a certificate that is unreadable: {error}"))),
            (None, Ok(_)) => {
                let hints = self.hints();
                fields.push((
                    "signer",
                    match hints.is_empty() {
                        true => "a key that is not named".to_string(),
                        false => format!("a key named {}", hints.join(", ")),
                    },
                ));
                fields.push(("algorithm", "that of the key, which is not part of the attestation".to_string()));
            }
        }
    }

    fn details(&self) -> Vec<(&'static str, Vec<Field>)> {
        let mut sections = Vec::new();
        for (index, signature) in self.signatures().iter().enumerate() {
            let mut fields = vec![("index", index.to_string())];
            fields.extend(signature.keyid_hint().map(|hint| ("key hint", hint.to_string())));
            fields.push(("bytes", signature.sig().len().to_string()));
            fields.push(("sig", base64::encode(signature.sig())));
            sections.push(("signature", fields));
        }
        if let Some(message) = self.attestation.message_signature() {
            let bytes = message.signature();
            sections.push(("signature", vec![("bytes", bytes.len().to_string()), ("sig", base64::encode(bytes))]));
        }
        for leaf in self.certificates.iter().flatten() {
            sections.push(("certificate", certificate_fields(leaf)));
        }
        sections.extend(self.attestation.log_entries().iter().map(|entry| ("log entry", log_fields(entry))));
        sections.extend(self.attestation.timestamps().iter().map(|der| ("timestamp", timestamp_fields(der))));
        sections
    }

    fn page(&self, details: bool, given: &str, context: &Context) -> String {
        let mut page = Page::new(context);
        page.start(Tone::Unsure, UNVERIFIED);
        page.start(Tone::Plain, format!(" {}", verdict::short(&self.attestation.id().to_string())));
        page.end();
        if context.detail == Detail::Quiet {
            return page.finish();
        }
        let subjects = if details { usize::MAX } else { SUBJECTS };
        for (name, value) in self.summary(subjects) {
            page.field(name, value);
        }
        if details {
            for (title, fields) in self.details() {
                page.line(format!("{title} ({UNVERIFIED}):"));
                for (name, value) in fields {
                    page.indented(1, name, value);
                }
            }
        }
        let command = crate::render::remedy::shell_line(&["stella", "verify", "attestation", "--attestation", given]);
        page.field("note", format!("{UNVERIFIED}: anybody could have written this; {command} judges it"));
        page.finish()
    }

    fn table(&self, details: bool) -> String {
        let mut table = Table::new(&["name", "value"]);
        table.row(["status", UNVERIFIED]);
        for (name, value) in self.summary(if details { usize::MAX } else { SUBJECTS }) {
            table.row([name, &value]);
        }
        if details {
            for (title, fields) in self.details() {
                for (name, value) in fields {
                    table.row([format!("{title} {name}"), value]);
                }
            }
        }
        table.finish()
    }

    fn document(&self, details: bool) -> Value {
        let statement = self.statement.as_ref().and_then(|statement| statement.as_ref().ok());
        let leaf = self.leaf();
        let key = leaf.map(certificate::key);
        let mut members = vec![
            ("schema", Value::text("stella.attestation/1")),
            ("status", Value::text("unverified")),
            ("attestation", Value::text(self.attestation.id().to_string())),
            ("form", Value::text(self.attestation.form().as_str())),
            ("payload_type", Value::maybe(self.attestation.envelope().map(|envelope| envelope.payload_type()))),
            ("predicate_type", Value::maybe(statement.map(Statement::predicate_type))),
            ("subjects", Value::list(statement.map_or(&[][..], Statement::subjects).iter().map(subject_document))),
            (
                "message_digest",
                Value::maybe(
                    self.attestation
                        .message_signature()
                        .and_then(|message| message.claimed_digest())
                        .map(ToString::to_string),
                ),
            ),
            (
                "signer",
                Value::object([
                    ("identities", Value::texts(leaf.map(certificate::identities).unwrap_or_default())),
                    ("issuer", Value::maybe(leaf.and_then(certificate::issuer))),
                    ("key", Value::maybe(key.as_ref().map(|(key, _)| key.as_str()))),
                    ("algorithm", Value::maybe(key.as_ref().map(|(_, algorithm)| algorithm.as_str()))),
                    ("key_hints", Value::texts(self.hints())),
                ]),
            ),
            ("claimed_times", Value::texts(self.timestamps())),
        ];
        if let Some(history) = &self.history {
            members.extend(history.members());
        }
        if let Some(Err(error)) = &self.statement {
            members.push(("statement_error", Value::text(error)));
        }
        if let Err(error) = &self.certificates {
            members.push(("certificate_error", Value::text(error)));
        }
        if details {
            members.push(("details", Value::list(self.details().into_iter().map(section_document))));
        }
        Value::Object(members)
    }
}

fn subject_line(subject: &Subject) -> String {
    let name = subject.name().unwrap_or("(no name)").to_string();
    let known = subject.digests().iter().map(ToString::to_string);
    let others = subject.other_digests().iter().map(|(algorithm, value)| format!("{algorithm}:{value}"));
    [name].into_iter().chain(known).chain(others).collect::<Vec<_>>().join(" ")
}

fn subject_document(subject: &Subject) -> Value {
    let others = subject.other_digests().iter().map(|(algorithm, value)| format!("{algorithm}:{value}"));
    Value::object([
        ("name", Value::maybe(subject.name())),
        ("digests", Value::texts(subject.digests().iter().map(ToString::to_string).chain(others))),
    ])
}

/// A section, its fields in order, since names repeat.
fn section_document((title, fields): (&'static str, Vec<Field>)) -> Value {
    Value::object([
        ("kind", Value::text(title)),
        (
            "fields",
            Value::list(
                fields
                    .into_iter()
                    .map(|(name, value)| Value::object([("name", Value::text(name)), ("value", Value::text(value))])),
            ),
        ),
    ])
}

fn certificate_fields(certificate: &Certificate) -> Vec<Field> {
    let mut fields = vec![
        ("subject", certificate::subject(certificate)),
        ("issuer", certificate.issuer().to_string()),
        ("serial", hex::encode(certificate.serial())),
        ("valid", path::window(certificate.not_before(), certificate.not_after())),
        ("sha256", hex::encode(&certificate.fingerprint())),
    ];
    let (key, algorithm) = certificate::key(certificate);
    fields.extend([("key", key), ("algorithm", algorithm)]);
    fields.extend(certificate::identities(certificate).into_iter().map(|identity| ("identity", identity)));
    fields.extend(certificate::issuer(certificate).map(|issuer| ("identity issuer", issuer)));
    if let Some(usages) = certificate.extended_key_usages() {
        fields.push(("extended key usage", usages.join(" ")));
    }
    fields
}

fn log_fields(entry: &LogEntry) -> Vec<Field> {
    let mut fields = vec![
        ("log", hex::encode(entry.log_id())),
        ("index", entry.log_index().to_string()),
        ("kind", format!("{} {}", entry.kind(), entry.version())),
    ];
    if let Some(time) = entry.integrated_time() {
        fields.push(("integrated (claimed)", UnixTime::from_seconds(time).to_string()));
    }
    fields.push(("promise", if entry.inclusion_promise().is_some() { "present" } else { "none" }.to_string()));
    match entry.inclusion_proof() {
        None => fields.push(("inclusion proof", "none".to_string())),
        Some(proof) => {
            fields.push(("inclusion proof", format!("{} hashes, tree of {}", proof.hashes().len(), proof.tree_size())));
            fields.push(("root", hex::encode(proof.root_hash())));
            let origin = proof.checkpoint().and_then(|checkpoint| checkpoint.lines().next());
            fields.push(("checkpoint", origin.unwrap_or("none").to_string()));
        }
    }
    fields
}

fn timestamp_fields(der: &[u8]) -> Vec<Field> {
    match TimestampToken::parse(der) {
        Err(error) => vec![("unreadable", error.to_string())],
        Ok(token) => vec![
            ("time (claimed)", token.gen_time().to_string()),
            ("policy", token.policy().to_string()),
            ("serial", hex::encode(token.serial())),
            ("imprint", format!("{}:{}", token.imprint_algorithm().name(), hex::encode(token.imprint()))),
            ("certificates", token.embedded_certificates().len().to_string()),
        ],
    }
}
