//! The trust store and trust policy of Notation (Notary Project). Specification "Trust Store and Trust Policy", version 1.0.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::Limits;
use stella_attest_model::json::{Document, Object, Value};
use stella_chain_verify::{Certificate, CertificateError};
use stella_vocabulary::{Code, UnixTime};

use super::error::ExchangeError;
use super::import::{Import, ImportTerms, described};
use super::pem_bundle::Adding;
use crate::ledger::{PurlPattern, TrustState};
use crate::soundness::check_authority;

/// A file of the trust store, `x509/<store type>/<store name>/<file name>`.
#[derive(Clone, Copy, Debug)]
pub struct NotationFile<'a> {
    /// `ca`, `signingAuthority` or `tsa`.
    pub store_type: &'a str,
    /// The name that policies use.
    pub store_name: &'a str,
    /// The name of the file, for errors.
    pub file_name: &'a str,
    /// One certificate in DER, or one or more in PEM.
    pub bytes: &'a [u8],
}

/// Reads a trust store and its policy (`trustpolicy.json`, `trustpolicy.oci.json` or `trustpolicy.blob.json`).
///
/// Certificates in stores `ca` that a policy names become anchors. `registryScopes` become patterns of package URLs of type `oci`; the scope
/// in `terms` is laid over that. Stores `tsa` and `signingAuthority`, and stores that no policy names, are left out and noted: that is less trust.
///
/// # Errors
/// Whatever would be more trust here than there: [`ExchangeError::PolicyInvalid`] for a level other than `strict` or an override other than
/// `enforce` (apart from `revocation`, which an anchor here does not look up either, and a note says so), for a store that is named and not
/// there; [`ExchangeError::NotTransferable`] for `x509.subject` identities unless `terms` name identities in their place;
/// [`ExchangeError::PolicyUnknownMember`] for members that the specification does not know; those of JSON and certificates.
pub fn notation(
    policy: &[u8],
    files: &[NotationFile<'_>],
    terms: &ImportTerms,
    state: &TrustState,
    at: UnixTime,
) -> Result<Import, ExchangeError> {
    let policy = read_policy(policy, terms)?;
    let mut adding = Adding::new(state, at);
    if policy.iter().any(|statement| statement.looks_up_revocation) {
        adding.left_out(
            "the look-up of revoked certificates".to_string(),
            "an anchor does not ask its authority; revoke what you know of: stella trust-anchors revoke",
        );
    }
    for name in policy.iter().flat_map(|statement| &statement.stores) {
        let is_there = files.iter().any(|file| name.is_of(file));
        if !is_there {
            return Err(ExchangeError::PolicyInvalid {
                place: "$.trustPolicies[*].trustStores".to_string(),
                found: format!("`{}:{}`, which holds no certificate", name.kind, name.name),
                expected: "trust stores that are there",
            });
        }
    }
    let named: BTreeSet<&StoreName> = policy.iter().flat_map(|statement| &statement.stores).collect();
    let mut anchors: BTreeMap<[u8; 32], Found> = BTreeMap::new();
    let mut order = Vec::new();
    for file in files {
        let place = format!("{}/{}/{}", file.store_type, file.store_name, file.file_name);
        let why = match file.store_type {
            "ca" if named.iter().any(|name| name.is_of(file)) => None,
            "ca" => Some("no policy names its trust store"),
            "tsa" => Some(
                "time-stamping authorities come with a trusted root: stella trust-anchors import --trusted-root FILE",
            ),
            "signingAuthority" => Some("the scheme of signing authorities is not known here"),
            _ => Some("there is no such type of trust store"),
        };
        if let Some(why) = why {
            adding.left_out(place, why);
            continue;
        }
        for certificate in read_certificates(file.bytes, &place)? {
            // Notation takes self-signed certificates of signers; here those are keys.
            if check_authority(&certificate).is_err() {
                adding
                    .left_out(described(&certificate), "it is no authority; add its key: stella trust-anchors add-key");
                continue;
            }
            let fingerprint = certificate.fingerprint();
            let found = anchors.entry(fingerprint).or_insert_with(|| {
                order.push(fingerprint);
                Found { certificate, place: place.clone(), registries: BTreeSet::new(), everywhere: false }
            });
            for statement in policy.iter().filter(|statement| statement.stores.iter().any(|name| name.is_of(file))) {
                found.everywhere |= statement.registries.is_none();
                found.registries.extend(statement.registries.iter().flatten().cloned());
            }
        }
    }
    for fingerprint in order {
        let Some(found) = anchors.remove(&fingerprint) else { continue };
        let mut terms = terms.clone();
        if !found.everywhere {
            for registry in &found.registries {
                terms.scope.purl_patterns.extend(purl_patterns(registry)?);
            }
        }
        adding.anchor(&found.certificate, found.place, &terms)?;
    }
    Ok(adding.import)
}

/// A certificate and all the policies say about it.
struct Found {
    certificate: Certificate,
    place: String,
    registries: BTreeSet<String>,
    /// Whether one of the policies has no limit of registries.
    everywhere: bool,
}

struct Statement {
    stores: Vec<StoreName>,
    /// `None` is everywhere.
    registries: Option<Vec<String>>,
    looks_up_revocation: bool,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct StoreName {
    kind: String,
    name: String,
}

impl StoreName {
    fn is_of(&self, file: &NotationFile<'_>) -> bool {
        self.kind == file.store_type && self.name == file.store_name
    }
}

/// Longest text in a policy, in bytes.
const TEXT: usize = 1024;
/// Most statements, stores, scopes or identities in one list.
const LIST: usize = 1024;

fn read_policy(policy: &[u8], terms: &ImportTerms) -> Result<Vec<Statement>, ExchangeError> {
    let document = Document::parse_within(policy, 1 << 20, &Limits::default())?;
    let root = document.root().as_object()?;
    only(root, &["version", "trustPolicies"])?;
    let version = text(root, "version")?;
    if version != "1.0" {
        return Err(invalid(root.value(), format!("version `{version}`"), "version `1.0`"));
    }
    let statements = list(root, "trustPolicies")?;
    if statements.is_empty() {
        return Err(invalid(root.value(), "no policy".to_string(), "at least one policy"));
    }
    statements.into_iter().map(|statement| read_statement(statement.as_object()?, terms)).collect()
}

fn read_statement(statement: Object<'_, '_>, terms: &ImportTerms) -> Result<Statement, ExchangeError> {
    const MEMBERS: [&str; 6] =
        ["name", "registryScopes", "globalPolicy", "signatureVerification", "trustStores", "trustedIdentities"];
    only(statement, &MEMBERS)?;
    text(statement, "name")?;
    // The level first: what `skip` leaves out would otherwise be missed.
    let looks_up_revocation = read_verification(statement)?;
    let stores = list(statement, "trustStores")?.into_iter().map(read_store_name).collect::<Result<Vec<_>, _>>()?;
    read_identities(statement, terms)?;
    Ok(Statement { stores, registries: read_registries(statement)?, looks_up_revocation })
}

/// Refuses whatever lets a signature through that `strict` would not; says whether revoked certificates are looked up.
fn read_verification(statement: Object<'_, '_>) -> Result<bool, ExchangeError> {
    let verification = statement.required("signatureVerification", Code::ConfigInvalid)?.as_object()?;
    only(verification, &["level", "override", "verifyTimestamp"])?;
    let level = text(verification, "level")?;
    if level != "strict" {
        return Err(invalid(
            verification.value(),
            format!("level `{level}`"),
            "level `strict`: the store has no weaker one",
        ));
    }
    if let Some(value) = verification.member("verifyTimestamp") {
        let found = value.as_identifier(TEXT)?;
        if !["always", "afterCertExpiry"].contains(&found) {
            return Err(invalid(value, format!("`{found}`"), "`always` or `afterCertExpiry`"));
        }
    }
    let mut looks_up_revocation = true;
    if let Some(overrides) = verification.member("override") {
        for (name, value) in overrides.as_object()?.members() {
            let action = value.as_identifier(TEXT)?;
            match (name, action) {
                ("authenticity" | "authenticTimestamp" | "expiry" | "integrity", "enforce") => {}
                ("revocation", "enforce") => {}
                ("revocation", "log" | "skip") => looks_up_revocation = false,
                ("authenticity" | "authenticTimestamp" | "expiry" | "integrity" | "revocation", _) => {
                    return Err(invalid(
                        value,
                        format!("`{name}: {action}`"),
                        "`enforce`: the store has nothing weaker",
                    ));
                }
                _ => return Err(unknown(overrides, name)),
            }
        }
    }
    Ok(looks_up_revocation)
}

fn read_store_name(value: Value<'_, '_>) -> Result<StoreName, ExchangeError> {
    let found = value.as_identifier(TEXT)?;
    let name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    };
    match found.split_once(':') {
        Some((kind @ ("ca" | "signingAuthority" | "tsa"), store)) if name(store) => {
            Ok(StoreName { kind: kind.to_string(), name: store.to_string() })
        }
        _ => Err(invalid(value, format!("`{found}`"), "`ca:NAME`, `tsa:NAME` or `signingAuthority:NAME`")),
    }
}

/// Identities here are names in certificates; distinguished names are compared by nobody, so dropping them would widen.
fn read_identities(statement: Object<'_, '_>, terms: &ImportTerms) -> Result<(), ExchangeError> {
    let identities = list(statement, "trustedIdentities")?;
    if identities.is_empty() {
        return Err(invalid(statement.value(), "no trusted identity".to_string(), "at least one"));
    }
    for value in identities {
        let identity = value.as_identifier(TEXT)?;
        if identity == "*" || !terms.scope.identities.is_empty() {
            continue;
        }
        if identity.starts_with("x509.subject:") {
            return Err(ExchangeError::NotTransferable { what: "the identity `x509.subject` of a Notation policy" });
        }
        return Err(invalid(value, format!("`{identity}`"), "`*` or `x509.subject: …`"));
    }
    Ok(())
}

fn read_registries(statement: Object<'_, '_>) -> Result<Option<Vec<String>>, ExchangeError> {
    if statement.member("registryScopes").is_none() {
        // A policy for blobs has no registries: it is for files by any name.
        if let Some(global) = statement.member("globalPolicy") {
            global.as_bool()?;
        }
        return Ok(None);
    }
    let scopes = list(statement, "registryScopes")?;
    if scopes.is_empty() {
        return Err(invalid(statement.value(), "no registry scope".to_string(), "at least one"));
    }
    let mut registries = Vec::with_capacity(scopes.len());
    for value in scopes {
        let scope = value.as_identifier(TEXT)?;
        if scope == "*" {
            return Ok(None);
        }
        let is_repository = scope
            .split_once('/')
            .is_some_and(|(host, path)| !host.is_empty() && path.split('/').all(|part| !part.is_empty()));
        if !is_repository
            || scope.contains(|character: char| !character.is_ascii_graphic() || "*?#@&".contains(character))
        {
            return Err(invalid(value, format!("`{scope}`"), "`*` or a registry and repository without tag"));
        }
        registries.push(scope.to_string());
    }
    Ok(Some(registries))
}

/// The package URLs of everything in a repository. Qualifiers are sorted, so that others may come before and after the one that names it.
fn purl_patterns(registry: &str) -> Result<[PurlPattern; 4], ExchangeError> {
    let name = registry.rsplit('/').next().unwrap_or(registry);
    let pattern = |before: &str, after: &str| {
        PurlPattern::new(&format!("pkg:oci/{name}@*?{before}repository_url={registry}{after}"))
    };
    Ok([pattern("", "")?, pattern("", "&*")?, pattern("*&", "")?, pattern("*&", "&*")?])
}

fn read_certificates(bytes: &[u8], place: &str) -> Result<Vec<Certificate>, ExchangeError> {
    let read = match bytes {
        // A SEQUENCE longer than 127 bytes: DER, and never the beginning of a text.
        [0x30, length, ..] if *length >= 0x80 => {
            Certificate::from_der(bytes).map(|certificate| Vec::from([certificate]))
        }
        _ => Certificate::from_pem_all(bytes),
    };
    read.map_err(|error: CertificateError| ExchangeError::Certificate { place: place.to_string(), error })
}

fn only(object: Object<'_, '_>, known: &[&str]) -> Result<(), ExchangeError> {
    match object.members().find(|(name, _)| !known.contains(name)) {
        Some((name, _)) => Err(unknown(object.value(), name)),
        None => Ok(()),
    }
}

fn text<'d>(object: Object<'d, '_>, name: &'static str) -> Result<&'d str, ExchangeError> {
    Ok(object.required(name, Code::ConfigInvalid)?.as_identifier(TEXT)?)
}

fn list<'d, 'a>(object: Object<'d, 'a>, name: &'static str) -> Result<Vec<Value<'d, 'a>>, ExchangeError> {
    let list = object.required(name, Code::ConfigInvalid)?.as_array()?;
    if list.len() > LIST {
        return Err(ExchangeError::TooMany { found: list.len(), limit: LIST });
    }
    Ok(list.iter().collect())
}

fn unknown(value: Value<'_, '_>, name: &str) -> ExchangeError {
    ExchangeError::PolicyUnknownMember { place: value.place().to_string(), name: name.to_string() }
}

fn invalid(value: Value<'_, '_>, found: String, expected: &'static str) -> ExchangeError {
    ExchangeError::PolicyInvalid { place: value.place().to_string(), found, expected }
}
