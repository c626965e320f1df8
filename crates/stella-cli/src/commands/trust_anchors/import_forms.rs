//! `stella trust-anchors import` of what others trust: PEM bundles, keys, the trust store of Notation.

use std::fs;
use std::path::{Path, PathBuf};

use stella_trust_store::exchange::{self, ExchangeError, Import, ImportTerms, NotationFile};
use stella_trust_store::{LinkKind, StoreError};
use stella_vocabulary::Code;

use super::naming;
use crate::arguments::ImportArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::exit::Answer;
use crate::input::{Inputs, Kind, name_of};
use crate::store::Store;
use crate::terms;

/// Most files in a trust store.
const MAX_FILES: usize = 1024;

/// The names of trust policies, the first of which is the older one.
const POLICIES: [&str; 3] = ["trustpolicy.json", "trustpolicy.oci.json", "trustpolicy.blob.json"];

pub(super) fn run(said: &ImportArguments, context: &Context) -> Result<Answer, Complaint> {
    let forms = &said.forms;
    let count = forms.count();
    if count > 1 || !said.trusted_root.is_empty() || said.built_in {
        return Err(Complaint::new(Code::UsageConflict, "one form is imported at a time")
            .place("the command line")
            .found(format!("{} files and directories", count + said.trusted_root.len() + usize::from(said.built_in)))
            .expected("one of --pem, --cosign-key and --notation, once")
            .remedy("import them one by one: each may have limits of its own"));
    }
    let window = match (&forms.from, &forms.until) {
        (None, None) => None,
        (from, until) => Some(terms::window(from.as_deref(), until.as_deref().map(|text| (text, "--until")))?),
    };
    let terms = ImportTerms {
        name: said.name.as_deref().map(naming::said).transpose()?,
        scope: terms::scope(&forms.scope)?,
        window,
    };
    let limits = terms::scope_warnings(&terms.scope);
    let mut store = Store::require(context)?;
    let inputs = Inputs::default();
    let (import, place, usual) = if let Some(path) = forms.pem.first() {
        let bytes = inputs.read(path, Kind::PemBundle)?;
        (exchange::pem_bundle(&bytes, &terms, store.state(), context.now), path, "PEM bundle imported")
    } else if let Some(path) = forms.cosign_key.first() {
        let bytes = inputs.read(path, Kind::Key)?;
        (exchange::public_keys(&bytes, &terms, store.state(), context.now), path, "public key imported")
    } else if let Some(directory) = &forms.notation {
        (notation(directory, said, &terms, &store, context)?, directory, "Notation trust store imported")
    } else {
        return Err(
            Complaint::new(Code::UsageConflict, "what shall be imported?").remedy("stella trust-anchors import --help")
        );
    };
    let import = import.map_err(|error| refused(&error, place))?;
    if import.changes.is_empty() {
        return Err(nothing_new(&import, place));
    }
    let warnings: Vec<String> = import.notes.iter().map(ToString::to_string).chain(limits).collect();
    carry_out(&mut store, Deed::from(import.changes).warn(warnings).usually_because(usual), &said.change, context)
}

fn refused(error: &ExchangeError, place: &Path) -> Complaint {
    let complaint = Complaint::of(error, &name_of(place));
    match error {
        ExchangeError::NotTransferable { .. } => {
            complaint.expected("limits that can be kept").remedy("name the signers in their place: --identity PATTERN")
        }
        ExchangeError::NotAnAuthority { .. } => {
            complaint.remedy("take it out of the file, or add its key: stella trust-anchors add-key")
        }
        _ => complaint,
    }
}

fn nothing_new(import: &Import, place: &Path) -> Complaint {
    let first = import.notes.first().map_or_else(|| "nothing".to_string(), ToString::to_string);
    let found = match import.notes.len() {
        0 | 1 => first,
        more => format!("{first}; and {} more like it", more - 1),
    };
    Complaint::new(Code::UsageConflict, "there is nothing new to import")
        .in_file(place)
        .found(found)
        .expected("something that is not in the store")
        .remedy("stella trust-anchors list")
}

/// A file as it was found: its type and name of store, its own name, and what is in it.
struct Found {
    store_type: String,
    store_name: String,
    file_name: String,
    bytes: Vec<u8>,
}

fn notation(
    directory: &Path,
    said: &ImportArguments,
    terms: &ImportTerms,
    store: &Store,
    context: &Context,
) -> Result<Result<Import, ExchangeError>, Complaint> {
    let inputs = Inputs::default();
    let path = policy(directory, said.forms.notation_policy.as_deref())?;
    let policy = inputs.read(&path, Kind::TrustPolicy)?;
    let mut files = Vec::new();
    for kind in entries(&trust_store(directory)?)? {
        for named in entries(&kind)? {
            for file in entries(&named)? {
                if files.len() >= MAX_FILES {
                    return Err(Complaint::new(Code::InputTooLarge, "there are too many files")
                        .in_file(directory)
                        .expected(format!("at most {MAX_FILES}")));
                }
                let bytes = inputs.read(&file, Kind::Certificate)?;
                files.push(Found { store_type: last(&kind), store_name: last(&named), file_name: last(&file), bytes });
            }
        }
    }
    let files: Vec<NotationFile<'_>> = files
        .iter()
        .map(|file| NotationFile {
            store_type: &file.store_type,
            store_name: &file.store_name,
            file_name: &file.file_name,
            bytes: &file.bytes,
        })
        .collect();
    Ok(exchange::notation(&policy, &files, terms, store.state(), context.now))
}

fn policy(directory: &Path, said: Option<&Path>) -> Result<PathBuf, Complaint> {
    if let Some(path) = said {
        return Ok(path.to_path_buf());
    }
    let there: Vec<PathBuf> = POLICIES.iter().map(|name| directory.join(name)).filter(|path| path.exists()).collect();
    match there.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Complaint::new(Code::InputNotRegularFile, "there is no trust policy")
            .in_file(directory)
            .expected("trustpolicy.json")
            .remedy("name it: --notation-policy FILE")),
        several => Err(Complaint::new(Code::UsageConflict, "there is more than one trust policy")
            .in_file(directory)
            .found(several.iter().map(|path| last(path)).collect::<Vec<_>>().join(", "))
            .expected("one")
            .remedy("say which: --notation-policy FILE")),
    }
}

fn trust_store(directory: &Path) -> Result<PathBuf, Complaint> {
    let places = [directory.join("truststore").join("x509"), directory.join("x509")];
    places.into_iter().find(|place| place.is_dir()).ok_or_else(|| {
        Complaint::new(Code::InputNotRegularFile, "there is no trust store")
            .in_file(directory)
            .expected("truststore/x509, or x509")
    })
}

/// What is in a directory, by name. "The trust store MUST NOT contain symbolic links" (Notary Project, "Trust Store").
fn entries(directory: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let failed = |error: std::io::Error| {
        Complaint::from(StoreError::Io {
            path: directory.display().to_string(),
            operation: "read",
            os: error.raw_os_error().unwrap_or(0),
        })
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let link = fs::symlink_metadata(&path).map_err(failed)?.file_type().is_symlink();
        if link {
            let path = path.display().to_string();
            return Err(StoreError::SymlinkRefused { path, kind: LinkKind::Symlink }.into());
        }
        if !last(&path).starts_with('.') {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn last(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
