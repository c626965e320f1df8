//! Sigstore's `trusted_root.json`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use stella_attest_model::{Limits, json};
use stella_chain_verify::{Anchor, Certificate};
use stella_transparency::Log;
use stella_vocabulary::{Code, UnixTime, Window, base64};

use crate::error::{AuthorityFlaw, TrustError, WindowFlaw};
use crate::key_details::KeyDetails;
use crate::ledger::Id;
use crate::soundness::{check_anchor, check_authority, check_window};
use crate::{CertificateAuthority, DomainKind, TimestampAuthority, TrustDomain};

const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];

/// Authorities or logs in one list. The public deployments have six at most; this is for private ones that rotate every week.
const MAX_ENTRIES: usize = 1024;

/// A Sigstore trusted root that was read and whose every entry can be used.
#[derive(Clone, Debug)]
pub struct TrustedRoot {
    pub(crate) domain: TrustDomain,
}

impl TrustedRoot {
    /// Reads a `trusted_root.json` of media type version 0.1 or 0.2.
    ///
    /// Windows include their end; bounds count in whole seconds, a fraction is cut off. Of each certificate chain the last
    /// certificate is the anchor and the others are intermediates. A log is named by `checkpointKeyId`, or else by `logId`, or
    /// else by the SHA-256 of its key; where that name is a C2SP key id, checkpoints of the log must come from the host in
    /// `baseUrl`. (Not so for the SHA-256 of a key: private Rekor v1 deployments sign checkpoints under any host name.)
    ///
    /// # Errors
    /// One unusable entry refuses the whole document, and the error says which entry. Without it the root would still be used
    /// by an owner who believes it complete. A window without a start is [`TrustError::WindowInvalid`], not an open one.
    pub fn from_json(input: &[u8]) -> Result<Self, TrustError> {
        let limits = Limits::default();
        let document = json::Document::parse(input, &limits)?;
        let root = document.root().as_object()?;
        let media_type =
            root.required("mediaType", Code::InputUnknownFormat)?.as_identifier(limits.identifier_bytes)?;
        if !MEDIA_TYPES.contains(&media_type) {
            return Err(TrustError::MediaTypeUnsupported { found: media_type.to_string() });
        }
        let reader = Reader { limits };
        let mut domain = TrustDomain::new(DomainKind::Public, String::new());
        domain.logs = reader.each(root, "tlogs", |entry| reader.log(entry, Naming::Checkpoints))?;
        domain.authorities =
            reader.each(root, "certificateAuthorities", |entry| reader.certificate_authority(entry))?;
        domain.ct_logs = reader.each(root, "ctlogs", |entry| reader.log(entry, Naming::KeyHash))?;
        domain.timestamp_authorities =
            reader.each(root, "timestampAuthorities", |entry| reader.timestamp_authority(entry))?;
        domain.label = label_of(&domain);
        Ok(Self { domain })
    }

    /// Sets what the root is called in reports, instead of the host of its first certificate authority.
    #[must_use]
    pub fn with_label(mut self, label: String) -> Self {
        self.domain.label = label;
        self
    }

    /// Sets what the store calls it.
    pub(crate) fn with_store_id(mut self, id: &Id) -> Self {
        self.domain.store_id = Some(id.clone());
        self
    }

    /// What the root is called in reports.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.domain.label
    }
}

fn label_of(domain: &TrustDomain) -> String {
    let names = domain.authorities.iter().map(CertificateAuthority::name);
    let names = names.chain(domain.timestamp_authorities.iter().map(TimestampAuthority::name));
    let name = names.chain(domain.logs.iter().map(Log::name)).next().unwrap_or("trusted root");
    host(name).to_string()
}

/// What a log is named by.
#[derive(Clone, Copy)]
enum Naming {
    /// Its key id in checkpoints, if it has one.
    Checkpoints,
    /// The SHA-256 of its key, RFC 6962 §3.2.
    KeyHash,
}

struct Reader {
    limits: Limits,
}

type Object<'d, 'a> = json::Object<'d, 'a>;
type Value<'d, 'a> = json::Value<'d, 'a>;

impl Reader {
    fn each<'d, 'a, T>(
        &self,
        root: Object<'d, 'a>,
        name: &str,
        read: impl Fn(Object<'d, 'a>) -> Result<T, TrustError>,
    ) -> Result<Vec<T>, TrustError> {
        let Some(list) = root.optional(name) else { return Ok(Vec::new()) };
        let list = list.as_array()?;
        check_count(list.value(), list.len(), MAX_ENTRIES)?;
        list.iter().map(|entry| read(entry.as_object()?)).collect()
    }

    fn log(&self, entry: Object<'_, '_>, naming: Naming) -> Result<Log, TrustError> {
        let base_url = self.optional_text(entry, "baseUrl")?.unwrap_or_default();
        if let Some(hash) = entry.optional("hashAlgorithm") {
            let name = hash.as_identifier(self.limits.identifier_bytes)?;
            // RFC 6962 knows no other, and an unspecified one is what older roots have.
            if !matches!(name, "SHA2_256" | "HASH_ALGORITHM_UNSPECIFIED") {
                return Err(TrustError::KeyDetailsUnsupported { entry: place(hash), found: name.to_string() });
            }
        }
        let public_key = entry.required("publicKey", Code::ConfigInvalid)?.as_object()?;
        let details_value = public_key.required("keyDetails", Code::ConfigInvalid)?;
        let details_name = details_value.as_identifier(self.limits.identifier_bytes)?;
        let Some(details) = KeyDetails::from_name(details_name) else {
            return Err(TrustError::KeyDetailsUnsupported {
                entry: place(details_value),
                found: details_name.to_string(),
            });
        };
        let raw_value = public_key.required("rawBytes", Code::ConfigInvalid)?;
        let raw = self.bytes(raw_value)?;
        let key = details.read_key(&raw).map_err(|error| TrustError::Key { entry: Some(place(raw_value)), error })?;
        if !details.fits(&key) {
            return Err(TrustError::KeyDetailsMismatch {
                entry: place(raw_value),
                expected: details.name().to_string(),
                found: format!("{} with {} bits", key.key_type().name(), key.bits()),
            });
        }
        let window = self.window(public_key)?;

        let hash = key.key_id().as_bytes().to_vec();
        let checkpoint_id = match naming {
            Naming::Checkpoints => self.key_id(entry, "checkpointKeyId")?,
            Naming::KeyHash => None,
        };
        let log_id = match checkpoint_id {
            Some(id) => id,
            None => self.key_id(entry, "logId")?.unwrap_or_else(|| hash.clone()),
        };
        let origin = host(base_url);
        let names_origin = matches!(naming, Naming::Checkpoints) && log_id != hash && !origin.is_empty();
        let log = Log::new(base_url.to_string(), log_id, key, details.scheme(), window);
        Ok(if names_origin { log.with_origin(origin.to_string()) } else { log })
    }

    fn certificate_authority(&self, entry: Object<'_, '_>) -> Result<CertificateAuthority, TrustError> {
        let name = self.authority_name(entry)?;
        let window = self.window(entry)?;
        let mut chain = self.chain(entry)?;
        check_chain(entry, &chain, 0)?;
        let Some(anchor) = chain.pop() else { return Err(no_certificate(entry)) };
        let anchor = Anchor::new(anchor).with_window(window).with_label(name.clone());
        Ok(CertificateAuthority::new(name, anchor, chain))
    }

    fn timestamp_authority(&self, entry: Object<'_, '_>) -> Result<TimestampAuthority, TrustError> {
        let name = self.authority_name(entry)?;
        let window = self.window(entry)?;
        let chain = self.chain(entry)?;
        // The first may be the time-stamping certificate itself.
        check_chain(entry, &chain, 1)?;
        Ok(TimestampAuthority::new(name, chain, window))
    }

    /// The URI, or else the common name that the entry gives.
    fn authority_name(&self, entry: Object<'_, '_>) -> Result<String, TrustError> {
        if let Some(uri) = self.optional_text(entry, "uri")? {
            return Ok(uri.to_string());
        }
        let subject = match entry.optional("subject") {
            Some(subject) => self.optional_text(subject.as_object()?, "commonName")?,
            None => None,
        };
        Ok(subject.unwrap_or("unnamed authority").to_string())
    }

    fn chain(&self, entry: Object<'_, '_>) -> Result<Vec<Certificate>, TrustError> {
        let chain = entry.required("certChain", Code::ConfigInvalid)?.as_object()?;
        let Some(list) = chain.optional("certificates") else { return Ok(Vec::new()) };
        let list = list.as_array()?;
        check_count(list.value(), list.len(), self.limits.certificates)?;
        let read = |value: Value<'_, '_>| {
            let raw = value.as_object()?.required("rawBytes", Code::ConfigInvalid)?;
            Certificate::from_der(&self.bytes(raw)?)
                .map_err(|error| TrustError::Certificate { entry: Some(place(raw)), error })
        };
        list.iter().map(read).collect()
    }

    /// `validFor`: both ends belong to it, the end may be missing, the start may not.
    fn window(&self, owner: Object<'_, '_>) -> Result<Window, TrustError> {
        let missing =
            |value: Value<'_, '_>| TrustError::WindowInvalid { entry: place(value), flaw: WindowFlaw::StartMissing };
        let Some(valid_for) = owner.optional("validFor") else { return Err(missing(owner.value())) };
        let bounds = valid_for.as_object()?;
        let Some(start) = bounds.optional("start") else { return Err(missing(valid_for)) };
        let start = self.instant(start)?;
        let end = bounds.optional("end").map(|end| self.instant(end)).transpose()?;
        let window = Window::closed(Some(start), end);
        check_window(window).map_err(|flaw| TrustError::WindowInvalid { entry: place(valid_for), flaw })?;
        Ok(window)
    }

    fn instant(&self, value: Value<'_, '_>) -> Result<UnixTime, TrustError> {
        UnixTime::parse_rfc3339(value.as_str()?)
            .map_err(|error| TrustError::WindowInvalid { entry: place(value), flaw: WindowFlaw::Unreadable(error) })
    }

    /// `{"keyId": "…"}`, if it is there and not empty.
    fn key_id(&self, entry: Object<'_, '_>, name: &str) -> Result<Option<Vec<u8>>, TrustError> {
        let Some(id) = entry.optional(name) else { return Ok(None) };
        let Some(key_id) = id.as_object()?.optional("keyId") else { return Ok(None) };
        let bytes = self.bytes(key_id)?;
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    fn bytes(&self, value: Value<'_, '_>) -> Result<Vec<u8>, TrustError> {
        base64::decode_bounded(value.as_str()?, self.limits.certificate_bytes)
            .map_err(|error| TrustError::Base64 { entry: place(value), error })
    }

    fn optional_text<'d>(&self, entry: Object<'d, '_>, name: &str) -> Result<Option<&'d str>, TrustError> {
        let text = entry.optional(name).map(|value| value.as_identifier(self.limits.identifier_bytes)).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }
}

/// Checks the anchor at the end of `chain`, and that what lies between the first `leaves` certificates and it are authorities.
fn check_chain(entry: Object<'_, '_>, chain: &[Certificate], leaves: usize) -> Result<(), TrustError> {
    let Some((anchor, below)) = chain.split_last() else { return Err(no_certificate(entry)) };
    check_anchor(anchor).map_err(|flaw| TrustError::AuthorityInvalid { entry: place(entry.value()), flaw })?;
    for certificate in below.iter().skip(leaves) {
        check_authority(certificate)
            .map_err(|flaw| TrustError::IntermediateInvalid { entry: place(entry.value()), flaw })?;
    }
    Ok(())
}

fn no_certificate(entry: Object<'_, '_>) -> TrustError {
    TrustError::AuthorityInvalid { entry: place(entry.value()), flaw: AuthorityFlaw::NoCertificate }
}

fn check_count(list: Value<'_, '_>, found: usize, limit: usize) -> Result<(), TrustError> {
    if found > limit { Err(TrustError::TooMany { entry: place(list), found, limit }) } else { Ok(()) }
}

fn place(value: Value<'_, '_>) -> String {
    value.place().to_string()
}

/// The host of a URL, port included. What has no scheme is taken as it is.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn the_host_of_a_url_keeps_its_port_and_loses_its_path() {
        assert_eq!(host("https://rekor.example/api?x#y"), "rekor.example");
        assert_eq!(host("http://localhost:8000"), "localhost:8000");
        assert_eq!(host("fulcio.example"), "fulcio.example");
        assert_eq!(host(""), "");
    }
}
