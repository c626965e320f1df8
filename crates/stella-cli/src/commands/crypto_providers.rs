//! `stella crypto providers list`.

use stella_attest_verify::Registry;
use stella_crypto_providers::{Profile, Provider, Scheme, SchemeStatus};
use stella_vocabulary::UnixTime;

use crate::arguments::{Format, ProviderListArguments};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Table;
use crate::token_provider::Standing;

pub(crate) fn run(said: &ProviderListArguments, context: &Context) -> Result<Answer, Complaint> {
    let registry = Registry::rustcrypto();
    let permits = Permits { profile: context.settings()?.crypto_profile.value, at: context.at };
    let token = Standing::find(context)?;
    let documents =
        registry.providers().iter().map(|provider| document(&registry, provider.as_ref(), said.algorithms, permits));
    let documents = documents.chain(std::iter::once_with(|| of_token(&token, said.algorithms, permits)));
    Ok(match context.format {
        Format::Json => Answer::done(
            Value::object([("schema", Value::text("stella.providers/1")), ("providers", Value::list(documents))])
                .line(),
        ),
        Format::Ndjson => Answer::done(documents.map(|document| document.line()).collect::<String>()),
        Format::Table | Format::Text => {
            let mut text = providers(&registry, &token);
            if said.algorithms && context.detail != Detail::Quiet {
                text.push('\n');
                text.push_str(&algorithms(&registry, &token, permits));
            }
            if let Some(reason) = token.reason().filter(|_| context.detail != Detail::Quiet) {
                text.push_str(&format!("\npkcs11 is {}: {reason}\n", token.name()));
            }
            Answer::done(text)
        }
    })
}

fn providers(registry: &Registry, token: &Standing) -> String {
    let mut table = Table::new(&["provider", "version", "status", "verifies", "signs"]);
    for provider in registry.providers() {
        let verifies = provider.schemes().len().to_string();
        let signs = provider.signing_schemes().len().to_string();
        table.row([provider.name(), provider.version(), "ready", &verifies, &signs]);
    }
    let (verifies, signs) = (token.verifies().len().to_string(), token.signs().len().to_string());
    table.row(["pkcs11", token.version(), token.name(), &verifies, &signs]);
    table.finish()
}

fn algorithms(registry: &Registry, token: &Standing, permits: Permits) -> String {
    let mut table = Table::new(&["algorithm", "provider", "verify", "sign", "permitted", "standing", "strength"]);
    let mut schemes = Scheme::ALL.to_vec();
    schemes.sort_by_key(|scheme| scheme.name());
    for scheme in schemes {
        let provider = registry.provider_for(scheme);
        let signs = registry.providers().iter().any(|provider| provider.signing_schemes().contains(&scheme))
            || token.signs().contains(&scheme);
        table.row([
            scheme.name(),
            provider.map_or("", |provider| provider.name()),
            yes_or_no(provider.is_some()),
            yes_or_no(signs),
            yes_or_no(permits.permit(scheme)),
            standing(scheme),
            &format!("{} bits", scheme.strength_bits()),
        ]);
    }
    table.finish()
}

/// What the profile in force permits, at an instant.
#[derive(Clone, Copy)]
pub(crate) struct Permits {
    pub(crate) profile: Profile,
    pub(crate) at: UnixTime,
}

impl Permits {
    fn permit(self, scheme: Scheme) -> bool {
        self.profile.permits(scheme, usize::MAX, self.at).is_ok()
    }
}

const fn standing(scheme: Scheme) -> &'static str {
    match scheme.status() {
        SchemeStatus::Recommended => "recommended",
        _ => "accepted",
    }
}

const fn yes_or_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// The token as it appears in documents. It signs with the keys in it; what is verified is not left to it.
fn of_token(token: &Standing, algorithms: bool, permits: Permits) -> Value {
    let mut members = vec![
        ("name", Value::text("pkcs11")),
        ("version", Value::text(token.version())),
        ("status", Value::text(token.name())),
        ("reason", Value::maybe(token.reason())),
    ];
    if algorithms {
        let mut schemes = token.signs().to_vec();
        schemes.extend(token.verifies().iter().filter(|scheme| !token.signs().contains(scheme)));
        schemes.sort_by_key(|scheme| scheme.name());
        let schemes = schemes.into_iter().map(|scheme| of_scheme(scheme, false, token.signs(), permits));
        members.push(("algorithms", Value::list(schemes)));
    }
    Value::Object(members)
}

/// A provider as it appears in documents.
pub(crate) fn document(registry: &Registry, provider: &dyn Provider, algorithms: bool, permits: Permits) -> Value {
    let mut members = vec![
        ("name", Value::text(provider.name())),
        ("version", Value::text(provider.version())),
        ("status", Value::text("ready")),
        ("reason", Value::Null),
    ];
    if algorithms {
        let mut schemes = provider.schemes().to_vec();
        schemes.extend(provider.signing_schemes().iter().filter(|scheme| !provider.schemes().contains(scheme)));
        schemes.sort_by_key(|scheme| scheme.name());
        let schemes = schemes.into_iter().map(|scheme| {
            let verifies = registry.provider_for(scheme).is_some_and(|chosen| chosen.name() == provider.name());
            of_scheme(scheme, verifies, provider.signing_schemes(), permits)
        });
        members.push(("algorithms", Value::list(schemes)));
    }
    Value::Object(members)
}

fn of_scheme(scheme: Scheme, verifies: bool, signs: &[Scheme], permits: Permits) -> Value {
    Value::object([
        ("name", Value::text(scheme.name())),
        ("verify", Value::Bool(verifies)),
        ("sign", Value::Bool(signs.contains(&scheme))),
        ("permitted", Value::Bool(permits.permit(scheme))),
        ("standing", Value::text(standing(scheme))),
        ("strength_bits", Value::Number(scheme.strength_bits().into())),
    ])
}
