//! `stella attest import --image`: what is attached to an image, in a layout or in a registry.

use stella_attest_store::{Added, EventKind, Facts, Incoming, Level, NewEvent};
use stella_attest_verify::Limits;
use stella_oci::{Attached, FoundAttestation, Image, LeftOut};
use stella_vocabulary::{Code, Reason as _};

use super::import::add;
use crate::arguments::ImageOptions;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Detail, Ticks};
use crate::exit::Answer;
use crate::images::{Place, complaint, left_out_json, left_out_text};
use crate::journal::{self, Telling as _};
use crate::json::Value;
use crate::render::Page;

/// What came of one image.
struct Imported<'a> {
    image: &'a Image,
    attached: &'a Attached,
    added: Vec<Added>,
}

pub(super) fn run(text: &str, options: &ImageOptions, context: &Context) -> Result<Answer, Complaint> {
    let clock = Ticks::new();
    let mut store = Attestations::for_writing(context)?;
    let read = read(text, options, &clock, context);
    let (image, attached) = match read {
        Ok(read) => read,
        Err(complaint) => {
            let line = complaint.line();
            let event = journal::event(EventKind::Import, line.trim_end(), context.now);
            let event = event.because(Level::Error, complaint.code()).detail("image", text);
            store.journal(event, context);
            return Err(complaint);
        }
    };
    let added = take_in(&mut store, &attached, context)?;
    let imported = Imported { image: &image, attached: &attached, added };
    store.journal_all(&imported.events(text, &clock, context), context);
    let text = if context.format.is_json() { imported.document().line() } else { imported.page(context) };
    Ok(Answer::judged(text, imported.code()))
}

fn read(text: &str, options: &ImageOptions, clock: &Ticks, context: &Context) -> Result<(Image, Attached), Complaint> {
    let mut place = Place::open(text, options, clock, context)?;
    let image = place.find().map_err(|error| complaint(&error, text))?;
    let attached = place.attached(&image).map_err(|error| complaint(&error, text))?;
    if attached.attestations().is_empty() && !attached.left_out().iter().any(LeftOut::is_broken) {
        return Err(nothing(&image, &attached));
    }
    for found in attached.attestations().iter().filter(|found| found.has_evidence_beside()) {
        context.warn(
            &Complaint::new(
                Code::OciTypeUnsupported,
                "the certificate, log entry or timestamp that cosign keeps beside this attestation is not taken in",
            )
            .place(found.blob().to_string())
            .found("annotations of the layer")
            .expected("a Sigstore bundle, which has everything in it")
            .remedy("sign with cosign 3, or verify it by a key"),
        );
    }
    Ok((image, attached))
}

/// Nothing is attached that could be taken in: says where was looked, and what was there.
fn nothing(image: &Image, attached: &Attached) -> Complaint {
    let mut found = attached.looked().join("; ");
    for left_out in attached.left_out().iter().take(3) {
        found.push_str(&format!("; {}", left_out_text(left_out)));
    }
    Complaint::new(Code::OciNotFound, "no attestation is attached to the image")
        .place(image.name())
        .found(found)
        .expected("a Sigstore bundle or a DSSE envelope")
        .remedy(format!("stella attest list --subject {}, for those that came another way", image.digest()))
}

fn take_in(store: &mut Attestations, attached: &Attached, context: &Context) -> Result<Vec<Added>, Complaint> {
    let mut facts = Vec::new();
    for found in attached.attestations() {
        let read = Facts::read(found.document(), &Limits::default());
        facts.push(read.map_err(|error| Complaint::of(&error, &found.blob().to_string()))?.1);
    }
    let incoming: Vec<Incoming<'_>> = attached
        .attestations()
        .iter()
        .zip(&facts)
        .map(|(found, facts)| Incoming { document: found.document(), facts, at: context.now })
        .collect();
    if incoming.is_empty() { Ok(Vec::new()) } else { add(store, &incoming) }
}

const fn word(added: &Added) -> &'static str {
    match added {
        Added::New(_) => "new",
        Added::Evidence(_) => "evidence",
        Added::Duplicate(_) => "duplicate",
    }
}

impl Imported<'_> {
    fn count(&self, wanted: &str) -> usize {
        self.added.iter().filter(|added| word(added) == wanted).count()
    }

    fn broken(&self) -> impl Iterator<Item = &LeftOut> {
        self.attached.left_out().iter().filter(|left_out| left_out.is_broken())
    }

    /// That of the first that should have been an attestation and could not be read.
    fn code(&self) -> Option<Code> {
        self.broken().next().map(|left_out| left_out.why().code())
    }

    fn tally(&self) -> String {
        format!(
            "{} new, {} with other evidence, {} known, {} bad",
            self.count("new"),
            self.count("evidence"),
            self.count("duplicate"),
            self.broken().count()
        )
    }

    fn each(&self) -> impl Iterator<Item = (&FoundAttestation, &Added)> {
        self.attached.attestations().iter().zip(&self.added)
    }

    fn events(&self, text: &str, clock: &Ticks, context: &Context) -> Vec<NewEvent> {
        let bad = self.broken().map(|left_out| {
            journal::event(EventKind::Import, left_out_text(left_out), context.now)
                .because(Level::Error, left_out.why().code())
                .detail("image", text)
        });
        let summary = format!("imported {} of the image {}", self.tally(), self.image.name());
        let summary = journal::event(EventKind::Import, summary, context.now)
            .took(clock.microseconds())
            .detail("image", text)
            .detail("digest", self.image.digest().to_string());
        let summary = match self.code() {
            Some(code) => summary.because(Level::Warning, code),
            None => summary,
        };
        bad.chain([summary]).collect()
    }

    fn page(&self, context: &Context) -> String {
        let mut page = Page::new(context);
        page.field("imported", self.tally());
        if context.detail == Detail::Quiet {
            return page.finish();
        }
        page.field("image", self.image.name());
        for (found, added) in self.each() {
            let id = found.attestation().id();
            page.field("attestation", format!("{id} ({}, {})", word(added), found.how().as_str()));
        }
        for left_out in self.attached.left_out() {
            let name = if left_out.is_broken() { "bad" } else { "left out" };
            page.field(name, left_out_text(left_out));
        }
        if context.detail == Detail::Verbose {
            for looked in self.attached.looked() {
                page.field("looked", looked);
            }
        }
        page.field("next", format!("stella verify artifact --digest {}", self.image.digest()));
        page.finish()
    }

    fn document(&self) -> Value {
        let attestations = self.each().map(|(found, added)| {
            Value::object([
                ("attestation", Value::text(found.attestation().id().to_string())),
                ("added", Value::text(word(added))),
                ("how", Value::text(found.how().as_str())),
                ("manifest", Value::text(found.manifest().to_string())),
                ("blob", Value::text(found.blob().to_string())),
                ("evidence_beside", Value::Bool(found.has_evidence_beside())),
            ])
        });
        Value::object([
            ("schema", Value::text("stella.import-image/1")),
            ("image", Value::text(self.image.name())),
            ("digest", Value::text(self.image.digest().to_string())),
            ("new", Value::count(self.count("new"))),
            ("evidence", Value::count(self.count("evidence"))),
            ("duplicates", Value::count(self.count("duplicate"))),
            ("bad", Value::count(self.broken().count())),
            ("attestations", Value::list(attestations)),
            ("left_out", Value::list(self.attached.left_out().iter().map(left_out_json))),
            ("looked", Value::texts(self.attached.looked())),
        ])
    }
}
