//! `stella attest export`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use stella_attest_store::{AttestationStore, Filter};
use stella_vocabulary::text::is_unsafe_to_show;
use stella_vocabulary::{Code, hex};

use super::import::progress;
use crate::arguments::ExportArguments;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::private_file;
use crate::render::Page;
use crate::selector::{self, Selected};

/// How many arrivals are looked up at once.
const PAGE: usize = 1000;

pub(super) fn run(said: &ExportArguments, context: &Context) -> Result<Answer, Complaint> {
    if let (Some(text), Some(image)) = (said.selector(), &said.image) {
        return super::export_image::run(text, image, &said.registry, context);
    }
    match (said.selector(), &said.out) {
        (Some(text), out) => one(text, out.as_deref(), context),
        (None, Some(out)) => all(out, context),
        (None, None) => Err(Complaint::new(Code::UsageConflict, "nobody said what to export")
            .expected("an id, or --all")
            .remedy("stella attest export --all --out all.jsonl")),
    }
}

fn one(text: &Path, out: Option<&Path>, context: &Context) -> Result<Answer, Complaint> {
    let id = match selector::resolve(text, context)? {
        Selected::Kept(id) => id,
        Selected::Document(path) => {
            return Err(Complaint::new(Code::UsageConflict, "only what is in the store can be exported")
                .found(path.display().to_string())
                .expected("an id, or the beginning of one")
                .remedy("stella attest list"));
        }
    };
    let mut store = Attestations::require(context)?;
    let arrivals = store.store().arrivals(&id)?;
    let Some(out) = out.filter(|out| out.as_os_str() != "-") else {
        let Some(first) = arrivals.first() else { return Err(gone(&id.to_string())) };
        if arrivals.len() > 1 {
            context.warn(
                &Complaint::new(
                    Code::UsageConflict,
                    "there are several documents of this attestation, and the first was written",
                )
                .found(format!("{} documents", arrivals.len()))
                .remedy(format!("stella attest export {id} --out FILE, which writes all of them")),
            );
        }
        let bytes = store.store().document(first)?;
        let text = String::from_utf8_lossy(&bytes);
        if io::stdout().is_terminal() && !can_be_shown(&text) {
            return Err(Complaint::new(Code::UsageConflict, "this document has characters that a terminal would obey")
                .found("control characters, or some that turn text around")
                .expected("a file or a pipe")
                .remedy(format!("stella attest export {id} --out FILE")));
        }
        return Ok(Answer::done(text));
    };
    let mut written = Vec::new();
    for (number, arrival) in (1..).zip(&arrivals) {
        let path = if number == 1 { out.to_path_buf() } else { beside(out, number) };
        private_file::write_out(&path, &store.store().document(arrival)?)?;
        written.push(path);
    }
    Ok(answer(written.len() as u64, &written, context))
}

/// Whether nothing in a text does something to a terminal but end a line. JSON may have such characters in its strings.
fn can_be_shown(text: &str) -> bool {
    !text.chars().any(|letter| !matches!(letter, '\n' | '\r' | '\t') && is_unsafe_to_show(letter))
}

fn gone(id: &str) -> Complaint {
    Complaint::new(Code::StoreNotFound, "the store has no attestation with this id")
        .found(id)
        .remedy("stella attest list")
}

/// `bundle.json.2`.
fn beside(out: &Path, number: usize) -> PathBuf {
    let mut name = out.as_os_str().to_os_string();
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

fn all(out: &Path, context: &Context) -> Result<Answer, Complaint> {
    let mut store = Attestations::require(context)?;
    let size = store.store().about()?.head.size;
    let bar = progress(size, "{bar:30} {pos}/{len} {eta}", context);
    let lines = out.extension().is_some_and(|ending| ending == "jsonl" || ending == "ndjson");
    let count = if lines {
        write_lines(store.store(), size, out, &|count| bar.set_position(count))
    } else {
        write_files(store.store(), size, out, &|count| bar.set_position(count))
    };
    bar.finish_and_clear();
    Ok(answer(count?, &[out.to_path_buf()], context))
}

fn answer(count: u64, written: &[PathBuf], context: &Context) -> Answer {
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.export/1")),
            ("documents", Value::number(count)),
            ("written", Value::texts(written.iter().map(|path| path.display().to_string()))),
        ]);
        return Answer::done(document.line());
    }
    let mut page = Page::new(context);
    for path in written {
        page.field("written", path.display());
    }
    page.field("documents", count);
    Answer::done(page.finish())
}

/// Shows the documents up to arrival `size`, in order.
fn each_document(
    store: &mut dyn AttestationStore,
    size: u64,
    mut show: impl FnMut(&stella_attest_store::Arrival, Vec<u8>) -> Result<(), Complaint>,
) -> Result<u64, Complaint> {
    let mut after = 0;
    loop {
        let arrivals = store.find(&Filter::default(), after, PAGE)?;
        for arrival in arrivals.iter().filter(|arrival| arrival.sequence <= size) {
            let bytes = store.document(arrival)?;
            show(arrival, bytes)?;
        }
        match arrivals.last() {
            Some(last) if last.sequence < size => after = last.sequence,
            _ => return Ok(size),
        }
    }
}

fn write_files(
    store: &mut dyn AttestationStore,
    size: u64,
    directory: &Path,
    progress: &dyn Fn(u64),
) -> Result<u64, Complaint> {
    private_file::make_directory(directory)?;
    each_document(store, size, |arrival, bytes| {
        let digits = hex::encode(arrival.attestation.as_bytes());
        let name = if arrival.first { format!("{digits}.json") } else { format!("{digits}.{}.json", arrival.sequence) };
        progress(arrival.sequence);
        private_file::write_out(&directory.join(name), &bytes)
    })
}

/// One document a line. Line breaks in a document are white space of JSON, and become blanks.
fn write_lines(
    store: &mut dyn AttestationStore,
    size: u64,
    out: &Path,
    progress: &dyn Fn(u64),
) -> Result<u64, Complaint> {
    let failed = |error: io::Error| {
        Complaint::new(Code::OutputWriteFailed, "the export could not be written")
            .in_file(out)
            .found(error.to_string())
            .expected("a directory with room that can be written to")
            .remedy("give another --out")
    };
    let out = &private_file::place_out(out)?;
    let mut part = out.as_os_str().to_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    // What an export left behind that was killed.
    let _ = fs::remove_file(&part);
    let mut writer = BufWriter::with_capacity(1 << 20, new_file(&part).map_err(failed)?);
    let count = each_document(store, size, |arrival, mut bytes| {
        for byte in &mut bytes {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        progress(arrival.sequence);
        writer.write_all(&bytes).and_then(|()| writer.write_all(b"\n")).map_err(failed)
    });
    let ended = count.and_then(|count| {
        let file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().and_then(|()| fs::rename(&part, out)).map_err(failed)?;
        Ok(count)
    });
    if ended.is_err() {
        let _ = fs::remove_file(&part);
    }
    ended
}

fn new_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        options.mode(0o600);
    }
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::can_be_shown;

    #[test]
    fn what_a_terminal_would_obey_is_not_shown_there() {
        assert!(can_be_shown("{\"a\":\n\t\"b\u{e9}\"}\r\n"));
        for odd in ["\u{1b}[2J", "\u{9b}2J", "\u{202e}", "\u{7f}", "\u{0}"] {
            assert!(!can_be_shown(&format!("{{\"a\":\"{odd}\"}}")), "{odd:?}");
        }
    }
}
