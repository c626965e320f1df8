//! `stella attest export X --image`: attaching an attestation to an image.

use std::path::Path;

use stella_oci::{Added, Image, NewReferrer};

use crate::arguments::ImageOptions;
use crate::attestations::Attestations;
use crate::complaint::Complaint;
use crate::context::{Context, Ticks};
use crate::exit::Answer;
use crate::images::{Place, complaint};
use crate::input::{Inputs, Kind};
use crate::json::Value;
use crate::render::Page;
use crate::selector::{self, Selected};

pub(super) fn run(text: &Path, image: &str, options: &ImageOptions, context: &Context) -> Result<Answer, Complaint> {
    let documents = documents(text, context)?;
    let clock = Ticks::new();
    let mut place = Place::open(image, options, &clock, context)?;
    let found = place.find().map_err(|error| complaint(&error, image))?;
    // All of them are looked at before the first is written.
    let new: Vec<NewReferrer> = documents
        .iter()
        .map(|document| NewReferrer::of(document, &found).map_err(|error| unfit(&error, text, &found)))
        .collect::<Result<_, _>>()?;
    let mut attached = Vec::new();
    for new in &new {
        attached.push((new, place.attach(&found, new, &clock).map_err(|error| complaint(&error, image))?));
    }
    Ok(Answer::done(if context.format.is_json() {
        document(&found, &attached).line()
    } else {
        page(&found, &attached, context)
    }))
}

/// Every document of an attestation of the store, or the one of a file.
fn documents(text: &Path, context: &Context) -> Result<Vec<Vec<u8>>, Complaint> {
    match selector::resolve(text, context)? {
        Selected::Document(path) => Ok(vec![Inputs::default().read(&path, Kind::Attestation)?]),
        Selected::Kept(id) => {
            let mut store = Attestations::require(context)?;
            let arrivals = store.store().arrivals(&id)?;
            arrivals.iter().map(|arrival| Ok(store.store().document(arrival)?)).collect()
        }
    }
}

fn unfit(error: &stella_oci::OciError, text: &Path, image: &Image) -> Complaint {
    let complaint = complaint(error, &text.to_string_lossy());
    match error {
        stella_oci::OciError::Statement { .. } => {
            complaint.remedy(format!("attach attestations whose subject is the image: {}", image.digest()))
        }
        _ => complaint,
    }
}

const fn word(added: Added) -> &'static str {
    match added {
        Added::Known => "known",
        _ => "new",
    }
}

fn page(image: &Image, attached: &[(&NewReferrer, Added)], context: &Context) -> String {
    let mut page = Page::new(context);
    page.field("image", image.name());
    for (new, added) in attached {
        page.field("attached", format!("{} ({})", new.digest(), word(*added)));
    }
    page.finish()
}

fn document(image: &Image, attached: &[(&NewReferrer, Added)]) -> Value {
    let attached = attached.iter().map(|(new, added)| {
        Value::object([("manifest", Value::text(new.digest().to_string())), ("added", Value::text(word(*added)))])
    });
    Value::object([
        ("schema", Value::text("stella.export-image/1")),
        ("image", Value::text(image.name())),
        ("digest", Value::text(image.digest().to_string())),
        ("attached", Value::list(attached)),
    ])
}
