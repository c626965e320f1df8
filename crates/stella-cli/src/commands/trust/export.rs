//! `stella trust export`.

use std::path::Path;

use stella_attest_verify::Digest;
use stella_trust_store::exchange::TrustExport;
use stella_vocabulary::hex;

use crate::arguments::ExportTrustArguments;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::private_file;
use crate::render::Page;
use crate::store::{self, Store};

pub(crate) fn run(said: &ExportTrustArguments, context: &Context) -> Result<Answer, Complaint> {
    let store = Store::require(context)?;
    let settings = context.settings()?;
    let path = settings.home()?.checkpoint_key();
    let signer = store::read_key(&path)?.ok_or_else(|| store::no_key(&path))?;
    let export =
        TrustExport::of(store.ledger(), signer.as_ref(), context.now).map_err(|error| Complaint::reported(&error))?;
    let text = export.to_signed_json(signer.as_ref()).map_err(|error| Complaint::reported(&error))? + "\n";
    let summary = summary(&export, &text, said, context);
    if said.out == Path::new("-") {
        return Ok(Answer {
            text,
            diagnostics: if context.format.is_json() { String::new() } else { summary },
            ..Answer::default()
        });
    }
    private_file::write_out(&said.out, text.as_bytes())?;
    Ok(Answer::done(summary))
}

fn summary(export: &TrustExport, text: &str, said: &ExportTrustArguments, context: &Context) -> String {
    let digest = Digest::sha256(text.as_bytes()).to_string();
    let key = export.key.key_id().to_string();
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.trust-export-written/1")),
            ("file", Value::text(said.out.display().to_string())),
            ("digest", Value::text(digest)),
            ("store", Value::text(export.store.to_string())),
            ("key_id", Value::text(key)),
            ("size", Value::Number(i64::try_from(export.head.size).unwrap_or(i64::MAX))),
            ("root", Value::text(hex::encode(&export.head.root))),
            ("objects", Value::count(export.objects.len())),
        ]);
        return document.line();
    }
    let mut page = Page::new(context);
    page.field("exported", format!("{} of store {}", objects(export.objects.len()), export.store));
    page.field("file", said.out.display());
    page.field("digest", digest);
    page.field("store key", &key);
    page.field(
        "checkpoint",
        format!("stella-trust-store/{} {} {}", export.store, export.head.size, hex::encode(&export.head.root)),
    );
    page.field("import", format!("stella trust import FILE --fingerprint {key}"));
    page.finish()
}

fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_string() } else { format!("{count} objects") }
}
