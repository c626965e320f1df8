//! `stella version`.

use stella_attest_verify::{Limits, Registry, UnixTime};
use stella_crypto_providers::Profile;

use crate::commands::crypto_providers;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;
use crate::trust::EMBEDDED;

const VERSION: &str = env!("CARGO_PKG_VERSION");

pub(crate) fn run(context: &Context) -> Answer {
    let registry = Registry::rustcrypto();
    if context.format.is_json() {
        return Answer::done(document(&registry, context.at).line());
    }
    let mut page = Page::new(context);
    page.line(format!("stella {VERSION}"));
    if context.detail == Detail::Quiet {
        return Answer::done(page.finish());
    }
    for provider in registry.providers() {
        let counts =
            format!("verifies {} algorithms, signs {}", provider.schemes().len(), provider.signing_schemes().len());
        page.field("provider", format!("{} {} ({counts})", provider.name(), provider.version()));
    }
    for root in EMBEDDED {
        page.field("trusted root", format!("{} of {}, {}", root.name, root.date, root.digest()));
    }
    page.field("features", FEATURES.join(", "));
    for (name, value) in limits() {
        page.field("limit", format!("{} {value}", name.replace('_', " ")));
    }
    Answer::done(page.finish())
}

/// What this build can do, by name.
const FEATURES: [&str; 2] = ["pkcs11", "rustcrypto"];

fn limits() -> Vec<(&'static str, usize)> {
    let limits = Limits::default();
    vec![
        ("certificate_bytes", limits.certificate_bytes),
        ("certificates", limits.certificates),
        ("checkpoint_bytes", limits.checkpoint_bytes),
        ("digests_per_subject", limits.digests_per_subject),
        ("document_bytes", limits.document_bytes),
        ("identifier_bytes", limits.identifier_bytes),
        ("json_depth", limits.json_depth),
        ("json_members", limits.json_members),
        ("log_entries", limits.log_entries),
        ("payload_bytes", limits.payload_bytes),
        ("signatures", limits.signatures),
        ("subjects", limits.subjects),
        ("timestamps", limits.timestamps),
    ]
}

fn document(registry: &Registry, at: UnixTime) -> Value {
    // A build has no profile: what it could compute.
    let permits = crypto_providers::Permits { profile: Profile::International, at };
    let roots = EMBEDDED.iter().map(|root| {
        Value::object([
            ("name", Value::text(root.name)),
            ("date", Value::text(root.date)),
            ("digest", Value::text(root.digest().to_string())),
        ])
    });
    let providers = registry
        .providers()
        .iter()
        .map(|provider| crypto_providers::document(registry, provider.as_ref(), true, permits));
    Value::object([
        ("schema", Value::text("stella.version/1")),
        ("version", Value::text(VERSION)),
        ("features", Value::texts(FEATURES)),
        ("providers", Value::list(providers)),
        ("trusted_roots", Value::list(roots)),
        ("limits", Value::object(limits().into_iter().map(|(name, value)| (name, Value::count(value))))),
    ])
}
