//! `stella config show`, `get` and `set`.

use toml::Value as Toml;

use crate::arguments::{ConfigCommand, ConfigGetArguments, ConfigSetArguments};
use crate::complaint::Complaint;
use crate::config::{Key, edited, template};
use crate::context::Context;
use crate::duration;
use crate::exit::Answer;
use crate::json::Value;
use crate::origin::{Origin, Setting};
use crate::private_file::{self, Secrecy};
use crate::render::Table;
use crate::settings::{Settings, check};
use crate::store_place::StorePlace;
use stella_vocabulary::{Code, hex};

pub(crate) fn run(command: &ConfigCommand, context: &Context) -> Result<Answer, Complaint> {
    match command {
        ConfigCommand::Show => show(context),
        ConfigCommand::Get(said) => get(said, context),
        ConfigCommand::Set(said) => set(said, context),
    }
}

/// A setting as people see it.
struct Row {
    name: &'static str,
    value: Option<String>,
    origin: Option<Origin>,
}

impl Row {
    fn of<T>(name: &'static str, setting: Option<&Setting<T>>, text: impl Fn(&T) -> String) -> Self {
        Self {
            name,
            value: setting.map(|setting| text(&setting.value)),
            origin: setting.map(|setting| setting.origin.clone()),
        }
    }
}

fn rows(settings: &Settings) -> Vec<Row> {
    let path = |path: &std::path::PathBuf| path.display().to_string();
    vec![
        Row::of("approver_key", settings.approver_key.as_ref(), path),
        Row::of("config", settings.config.as_ref(), path),
        Row::of("crypto.profile", Some(&settings.crypto_profile), ToString::to_string),
        Row::of("fetch_allow_addresses", settings.fetch_allow_addresses.as_ref(), |ranges| {
            ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }),
        Row::of("fetch_ca_file", settings.fetch_ca_file.as_ref(), path),
        Row::of("home", settings.home.as_ref(), |home| home.directory().display().to_string()),
        Row::of("journal.keep_days", settings.journal_keep_days.as_ref(), ToString::to_string),
        Row::of("journal.keep_events", settings.journal_keep_events.as_ref(), ToString::to_string),
        Row::of("offline", Some(&settings.offline), ToString::to_string),
        Row::of("person", Some(&settings.person), ToString::to_string),
        Row::of("pkcs11.module", settings.pkcs11_module.as_ref(), path),
        Row::of("request_lifetime", Some(&settings.request_lifetime), |seconds| duration::exact(*seconds)),
        Row::of("signing.key", settings.signing_key.as_ref(), Clone::clone),
        Row::of("store", settings.store.as_ref(), |place| place.url().unwrap_or_else(|| format!("file:{place}"))),
        Row::of("store_fingerprint", settings.store_fingerprint.as_ref(), |digest| {
            format!("sha256:{}", hex::encode(digest))
        }),
    ]
}

fn show(context: &Context) -> Result<Answer, Complaint> {
    let rows = rows(context.settings()?);
    if context.format.is_json() {
        let settings = rows.iter().map(|row| {
            Value::object([
                ("name", Value::text(row.name)),
                ("value", Value::maybe(row.value.as_deref())),
                ("origin", Value::maybe(row.origin.as_ref().map(|origin| origin.kind()))),
                ("detail", Value::maybe(row.origin.as_ref().map(Origin::detail))),
            ])
        });
        let document = Value::object([("schema", Value::text("stella.config/1")), ("settings", Value::list(settings))]);
        return Ok(Answer::done(document.line()));
    }
    let mut table = Table::new(&["setting", "value", "from"]);
    for row in rows {
        let origin = row.origin.map_or_else(|| "not set".to_string(), |origin| origin.to_string());
        table.row([row.name, row.value.as_deref().unwrap_or_default(), &origin]);
    }
    Ok(Answer::done(table.finish()))
}

fn get(said: &ConfigGetArguments, context: &Context) -> Result<Answer, Complaint> {
    let rows = rows(context.settings()?);
    let Some(row) = rows.iter().find(|row| row.name == said.key) else {
        Key::parse(&said.key)?;
        return Err(not_set(&said.key));
    };
    let value = row.value.as_deref().ok_or_else(|| not_set(row.name))?;
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.config/1")),
            ("name", Value::text(row.name)),
            ("value", Value::text(value)),
            ("origin", Value::maybe(row.origin.as_ref().map(|origin| origin.kind()))),
            ("detail", Value::maybe(row.origin.as_ref().map(Origin::detail))),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = crate::render::Page::new(context);
    page.line(value);
    Ok(Answer::done(page.finish()))
}

fn not_set(name: &str) -> Complaint {
    Complaint::new(Code::ConfigInvalid, "nobody has set this, and there is no default")
        .found(name)
        .expected("a setting with a value")
        .remedy(format!("stella config set {name} VALUE"))
}

fn set(said: &ConfigSetArguments, context: &Context) -> Result<Answer, Complaint> {
    let key = Key::parse(&said.key)?;
    let mut left_out = None;
    let value = match key {
        Key::Offline => said.value.parse().map(Toml::Boolean).map_err(|_| {
            Complaint::new(Code::ConfigInvalid, "offline cannot have this value")
                .found(&said.value)
                .expected("true or false")
                .remedy("stella config set offline true")
        })?,
        Key::JournalKeepDays | Key::JournalKeepEvents => said.value.parse().map(Toml::Integer).map_err(|_| {
            Complaint::new(Code::ConfigInvalid, format!("{} cannot have this value", key.name()))
                .found(&said.value)
                .expected("a whole number, at least 1")
                .remedy(format!("stella config set {} 400", key.name()))
        })?,
        // What is given here counts from here, and is written down so that it goes on to.
        Key::ApproverKey | Key::FetchCaFile => Toml::String(absolute(&said.value)),
        Key::Store => {
            let (url, warning) = store_url(&said.value)?;
            left_out = warning;
            Toml::String(url)
        }
        _ => Toml::String(said.value.clone()),
    };
    let (path, warning) = write(key, &value, context)?;
    let warning = warning.or(left_out);
    if context.format.is_json() {
        let document = Value::object([
            ("schema", Value::text("stella.config/1")),
            ("name", Value::text(key.name())),
            ("value", Value::text(value.as_str().unwrap_or(&said.value))),
            ("origin", Value::text("file")),
            ("detail", Value::text(path.display().to_string())),
            ("warnings", Value::texts(warning.into_iter().collect::<Vec<_>>())),
        ]);
        return Ok(Answer::done(document.line()));
    }
    let mut page = crate::render::Page::new(context);
    page.field("set", format!("{} = {value}", key.name()));
    page.field("file", path.display());
    page.maybe("warning", warning);
    Ok(Answer::done(page.finish()))
}

const NO_PASSWORD: &str =
    "the password is not written down: give it in PGPASSWORD, or in the file that PGPASSFILE names";

/// A store as it is written down, without the password of a database; and what to know if it had one.
///
/// # Errors
/// `config.invalid`.
fn store_url(said: &str) -> Result<(String, Option<String>), Complaint> {
    let place = StorePlace::parse(said, "VALUE")?;
    let warning = place.has_password().then(|| NO_PASSWORD.to_string());
    let url = place.url().filter(|_| place.directory().is_none());
    Ok((url.unwrap_or_else(|| said.to_string()), warning))
}

fn absolute(path: &str) -> String {
    let absolute = std::path::absolute(path).ok();
    absolute.and_then(|path| path.to_str().map(str::to_string)).unwrap_or_else(|| path.to_string())
}

/// Writes a setting into the file, and says where that is, and what to know about it.
///
/// # Errors
/// `config.invalid`, and those of files.
pub(crate) fn write(
    key: Key,
    value: &Toml,
    context: &Context,
) -> Result<(std::path::PathBuf, Option<String>), Complaint> {
    let path = context.config_path()?;
    let warning = check(&path, key, value)?;
    if let Some(parent) = path.parent() {
        private_file::make_directory(parent)?;
    }
    let _lock = private_file::lock(&path.with_extension("lock"))?;
    let text = private_file::read(&path, Secrecy::Readable)?;
    let text = match &text {
        Some(bytes) => std::str::from_utf8(bytes).map_err(|_| {
            Complaint::new(Code::ConfigInvalid, "this is not a configuration file").in_file(&path).expected("UTF-8")
        })?,
        None => &template(),
    };
    let edited = edited(&path, text, key, value)?;
    private_file::write(&path, edited.as_bytes())?;
    Ok((path, warning))
}
