//! `stella trust import`: the trust of another store, as a file that it signed.

use std::path::{Path, PathBuf};

use stella_attest_verify::{Digest, Registry};
use stella_crypto_providers::KeyId;
use stella_trust_store::exchange::{Difference, TrustExport};
use stella_trust_store::{Head, key_file};
use stella_vocabulary::{Code, hex};

use crate::arguments::ImportTrustArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::json::Value;
use crate::private_file::{self, Secrecy};
use crate::render::Page;
use crate::store::Store;

pub(crate) fn run(said: &ImportTrustArguments, context: &Context) -> Result<Answer, Complaint> {
    let inputs = Inputs::default();
    let expected = expected_key(said, &inputs)?;
    let bytes = inputs.read(&said.file, Kind::TrustExport)?;
    let place = name_of(&said.file);
    let export = TrustExport::from_signed_json(&bytes, &Registry::rustcrypto(), &expected).map_err(|error| {
        Complaint::of(&error, &place).remedy("ask whoever sent it for the export and the key of the store")
    })?;
    let mut store = Store::require(context)?;
    let memory = memory(&export, context)?;
    if let Some(seen) = remembered(&memory)? {
        export.check_newer_than(&seen).map_err(|error| {
            let forget = format!("export it again; or, if the older one is meant, remove {}", memory.display());
            Complaint::of(&error, &place).remedy(forget)
        })?;
    }
    let difference = export.difference_from(store.state(), context.now);
    if difference.changes.is_empty() {
        if !said.change.dry_run {
            remember(&memory, &export)?;
        }
        return Ok(Answer::done(nothing(&export, &difference, context)));
    }
    let deed =
        Deed::from(difference.changes.clone()).warn(warnings(&export, &difference)).usually_because("trust imported");
    let answer = carry_out(&mut store, deed, &said.change, context)?;
    if !said.change.dry_run {
        remember(&memory, &export)?;
    }
    Ok(answer)
}

/// The key that the file must be signed with: never one that only the file names.
fn expected_key(said: &ImportTrustArguments, inputs: &Inputs) -> Result<KeyId, Complaint> {
    if let Some(path) = &said.key {
        let bytes = inputs.read(path, Kind::Key)?;
        let named = key_file::read_public_key(&bytes).map_err(|error| Complaint::of(&error, &name_of(path)))?;
        return Ok(named.key.key_id());
    }
    let text = said.fingerprint.as_deref().unwrap_or_default();
    let digits = text.strip_prefix("sha256:").and_then(hex::decode);
    digits.and_then(|bytes| bytes.try_into().ok()).map(KeyId::from_bytes).ok_or_else(|| {
        Complaint::new(Code::UsageDigestInvalid, "this is no key id")
            .place("--fingerprint")
            .found(text)
            .expected("sha256: and 64 hex digits")
            .remedy("stella trust export prints it on the other side")
    })
}

/// Where the newest head taken in from a store is remembered: beside what was seen of the own store, and outside of it.
fn memory(export: &TrustExport, context: &Context) -> Result<PathBuf, Complaint> {
    let name = Digest::sha256(format!("import {} {}", export.store, export.key.key_id()).as_bytes());
    let directory = private_file::real_path(&context.settings()?.home()?.seen_directory());
    Ok(directory.join(hex::encode(name.as_bytes())))
}

fn remembered(memory: &Path) -> Result<Option<Head>, Complaint> {
    let Some(bytes) = private_file::read(memory, Secrecy::Readable)? else { return Ok(None) };
    let text = String::from_utf8_lossy(&bytes);
    let mut words = text.split_ascii_whitespace();
    let size = words.next().and_then(|size| size.parse().ok());
    let root = words.next().and_then(hex::decode).and_then(|root| root.try_into().ok());
    match (size, root) {
        (Some(size), Some(root)) => Ok(Some(Head { size, root })),
        _ => Err(Complaint::new(Code::StoreCorrupt, "what was remembered of an import cannot be read")
            .in_file(memory)
            .expected("the size and root of a trust log")
            .remedy("remove the file, if nobody has tampered with it")),
    }
}

fn remember(memory: &Path, export: &TrustExport) -> Result<(), Complaint> {
    if let Some(directory) = memory.parent() {
        private_file::make_directory(directory)?;
    }
    private_file::write(memory, format!("{} {}\n", export.head.size, hex::encode(&export.head.root)).as_bytes())
}

/// What an import does not do, which somebody may expect of it.
fn warnings(export: &TrustExport, difference: &Difference) -> Vec<String> {
    let mut warnings = vec![format!(
        "from store {} at entry {}, exported {}",
        export.store,
        export.head.size.saturating_sub(1),
        export.created
    )];
    warnings.extend(left_alone(difference));
    warnings
}

fn left_alone(difference: &Difference) -> Vec<String> {
    let kept = difference.kept_back.iter().map(|kept| format!("left as it is: {}: {}", kept.object, kept.reason));
    let gone = difference.gone.iter().map(|object| format!("still trusted here, and not there: {object}"));
    kept.chain(gone).collect()
}

fn nothing(export: &TrustExport, difference: &Difference, context: &Context) -> String {
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.trust-import/1")),
            ("store", Value::text(export.store.to_string())),
            ("size", Value::Number(i64::try_from(export.head.size).unwrap_or(i64::MAX))),
            ("changes", Value::list([])),
            ("same", Value::count(difference.same)),
            ("warnings", Value::texts(left_alone(difference))),
        ]);
        return document.line();
    }
    let mut page = Page::new(context);
    page.field("from", format!("store {} at entry {}", export.store, export.head.size.saturating_sub(1)));
    page.field("same", difference.same);
    for warning in left_alone(difference) {
        page.field("warning", warning);
    }
    page.line("nothing to change");
    page.finish()
}
