//! `stella metrics`: the state of the journal, the keys and the checks, for whoever watches many machines.

use std::fmt::Write as _;

use stella_doctor::{Category, Depth, Examination, Health, SigningKeyState, Status, World, history};
use stella_trust_store::ledger::{Object, Record, Standing};
use stella_vocabulary::UnixTime;

use super::doctor;
use crate::arguments::{Document, Everywhere};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;

const DAY: i64 = 86_400;

/// A family of OpenMetrics: its name without the suffix of its samples, what it is, and what it says.
struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    samples: Vec<Sample>,
}

struct Sample {
    labels: Vec<(&'static str, String)>,
    value: String,
}

pub(super) fn run(everywhere: &Everywhere, context: &Context) -> Result<Answer, Complaint> {
    if let Some(document) = context.document.filter(|document| *document != Document::Prometheus) {
        return Err(super::no_such_form(document));
    }
    let world = doctor::world(everywhere, context, Depth::Quick);
    let examination = doctor::examine(&world, Depth::Quick)?;
    let families = families(world.as_ref(), &examination);
    let text = match (context.document, context.format.is_json()) {
        (Some(_), _) => open_metrics(&families),
        (None, true) => json(&families).line(),
        (None, false) => {
            let mut page = Page::new(context);
            for (family, sample) in
                families.iter().flat_map(|family| family.samples.iter().map(move |sample| (family, sample)))
            {
                page.field(&format!("{}{}", series(family), labels(sample)), &sample.value);
            }
            page.finish()
        }
    };
    Ok(Answer::done(text))
}

fn families(world: &dyn World, examination: &Examination) -> Vec<Family> {
    let sample = |labels: Vec<(&'static str, String)>, value: String| Sample { labels, value };
    let whole = |value: u64| vec![Sample { labels: Vec::new(), value: value.to_string() }];
    let mut families = Vec::new();
    // What cannot be read is said by `stella_doctor_check_status`, and its series are left out: a zero would look like health.
    let health = world
        .attestations()
        .ok()
        .flatten()
        .and_then(|mut store| history(store.as_mut(), UnixTime::from_seconds(i64::MIN), world.now()).ok());
    if let Some(Health { codes, signing, windows, open, .. }) = &health {
        families.push(Family {
            name: "attestor_verify_failures",
            kind: "counter",
            help: "Verifications in the journal that failed, by code.",
            samples: codes
                .iter()
                .map(|(code, count)| sample(vec![("reason", code.as_str().to_string())], count.to_string()))
                .collect(),
        });
        families.push(Family {
            name: "attestor_signing_failures",
            kind: "counter",
            help: "Signatures in the journal that failed.",
            samples: whole(signing.failed),
        });
        families.push(Family {
            name: "attestor_signatures",
            kind: "counter",
            help: "Signatures in the journal.",
            samples: whole(signing.judged),
        });
        let windowed = |value: fn(&stella_doctor::Window) -> u64| {
            windows
                .iter()
                .map(|window| sample(vec![("window", window.name.to_string())], value(window).to_string()))
                .collect()
        };
        families.push(Family {
            name: "attestor_verifications_recent",
            kind: "gauge",
            help: "Verifications in a window that ends now.",
            samples: windowed(|window| window.counts.judged),
        });
        families.push(Family {
            name: "attestor_verify_failures_recent",
            kind: "gauge",
            help: "Failed verifications in a window that ends now.",
            samples: windowed(|window| window.counts.failed),
        });
        families.push(Family {
            name: "attestor_attestations_failing",
            kind: "gauge",
            help: "Attestations whose latest verification failed.",
            samples: whole(open.len() as u64),
        });
    }
    if let Ok(keys) = world.signing_keys() {
        let each = |value: &dyn Fn(&SigningKeyState) -> i64| -> Vec<Sample> {
            keys.iter()
                .filter(|key| key.is_chosen)
                .map(|key| sample(vec![("key", key.name.clone())], value(key).to_string()))
                .collect()
        };
        let now = world.now().seconds();
        families.push(Family {
            name: "attestor_key_rotation_age_seconds",
            kind: "gauge",
            help: "How long the active signing key has been in force.",
            samples: each(&|key| now.saturating_sub(key.from.seconds()).max(0)),
        });
        families.push(Family {
            name: "attestor_key_expiry_seconds",
            kind: "gauge",
            help: "How long the active signing key lasts; negative after its end.",
            samples: each(&|key| key.until.seconds().saturating_sub(now)),
        });
    }
    families.push(Family {
        name: "stella_cert_expiry_days",
        kind: "gauge",
        help: "Whole days until what is trusted ends; negative after its end.",
        samples: ends(world),
    });
    families.push(Family {
        name: "stella_hsm_availability",
        kind: "gauge",
        help: "Whether a configured module of hardware keys answers.",
        samples: world
            .modules()
            .unwrap_or_default()
            .into_iter()
            .map(|module| sample(vec![("module", module.name)], u8::from(module.fault.is_none()).to_string()))
            .collect(),
    });
    families.push(Family {
        name: "stella_doctor_check_status",
        kind: "gauge",
        help: "What came of a check: 0 pass, 1 skip, 2 warn, 3 fail.",
        samples: examination
            .findings
            .iter()
            .map(|finding| {
                let value = match finding.status {
                    Status::Pass => 0,
                    Status::Skip => 1,
                    Status::Warn => 2,
                    Status::Fail => 3,
                };
                let category: Category = finding.category;
                let labels = vec![
                    ("category", category.name().to_string()),
                    ("check", finding.check.clone()),
                    ("severity", finding.severity.name().to_string()),
                ];
                sample(labels, value.to_string())
            })
            .collect(),
    });
    families.push(Family {
        name: "stella_metrics_time_seconds",
        kind: "gauge",
        help: "When these metrics were made, in seconds since 1970.",
        samples: vec![sample(Vec::new(), world.now().seconds().to_string())],
    });
    families
}

/// What is trusted and ends: anchors, intermediates and keys of the store.
fn ends(world: &dyn World) -> Vec<Sample> {
    let Ok(Some(state)) = world.trust() else { return Vec::new() };
    let now = world.now().seconds();
    let mut samples = Vec::new();
    for (object, recorded) in state.objects() {
        let Object::Recorded(record, Standing::Active) = recorded else { continue };
        let certificate =
            |der: &[u8]| stella_attest_verify::Certificate::from_der(der).ok().map(|one| one.not_after().seconds());
        let end = match record {
            Record::Anchor(anchor) => {
                let window = anchor.terms.window.until().map(UnixTime::seconds);
                certificate(&anchor.certificate).into_iter().chain(window).min()
            }
            Record::Intermediate(intermediate) => certificate(&intermediate.certificate),
            Record::Key(key) => key.terms.window.until().map(UnixTime::seconds),
            _ => None,
        };
        if let Some(end) = end {
            let labels = vec![("kind", object.kind.name().to_string()), ("name", object.id.to_string())];
            samples.push(Sample { labels, value: end.saturating_sub(now).div_euclid(DAY).to_string() });
        }
    }
    samples
}

/// The name of the samples of a family: of counters it ends in `_total`.
fn series(family: &Family) -> String {
    format!("{}{}", family.name, if family.kind == "counter" { "_total" } else { "" })
}

fn labels(sample: &Sample) -> String {
    if sample.labels.is_empty() {
        return String::new();
    }
    let pairs: Vec<String> =
        sample.labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// A label value: OpenMetrics 1.0 "escaped-string". Characters that would move a cursor are written as their numbers.
fn escaped(text: &str) -> String {
    let text = stella_vocabulary::text::Bounded(text, 500).to_string();
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

fn open_metrics(families: &[Family]) -> String {
    let mut out = String::new();
    for family in families.iter().filter(|family| !family.samples.is_empty()) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "# HELP {} {}", family.name, family.help);
        let _ = writeln!(out, "# TYPE {} {}", family.name, family.kind);
        for sample in &family.samples {
            let _ = writeln!(out, "{}{} {}", series(family), labels(sample), sample.value);
        }
    }
    out.push_str("# EOF\n");
    out
}

fn json(families: &[Family]) -> Value {
    let samples = families.iter().flat_map(|family| {
        family.samples.iter().map(move |sample| {
            let labels = sample.labels.iter().map(|(name, value)| ((*name).to_string(), Value::text(value)));
            Value::object([
                ("name", Value::text(series(family))),
                ("kind", Value::text(family.kind)),
                ("labels", Value::Map(labels.collect())),
                ("value", Value::Number(sample.value.parse().unwrap_or(0))),
            ])
        })
    });
    Value::object([("schema", Value::text("stella.metrics/1")), ("samples", Value::list(samples))])
}
