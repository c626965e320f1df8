//! An anchor, intermediate, key or trusted root as people see it: what it is, what for, until when, and whether it counts.

use stella_attest_verify::{Certificate, Digest};
use stella_crypto_providers::SignatureEncoding;
use stella_trust_store::ledger::{
    Id, Mode, Object, ObjectKind, ObjectRef, Record, Revocation, Scope, Standing, TrustState,
};
use stella_vocabulary::{UnixTime, Window};

use crate::duration;
use crate::json::Value;
use crate::render::{Page, certificate};

/// Seconds before its end in which something is marked.
const SOON: i64 = 30 * 86_400;
/// Seconds before its end in which it is marked more strongly.
const URGENT: i64 = 7 * 86_400;

/// An object of the store at an instant.
#[derive(Debug)]
pub(crate) struct TrustObject<'a> {
    pub(crate) object: ObjectRef,
    record: &'a Record,
    standing: Standing,
    certificate: Option<Certificate>,
    /// Whether the issuer of a key is trusted; `None` if it has none.
    issuer: Option<(&'a Id, Standing)>,
    /// When the emergency change that made it what it is ends by itself.
    emergency: Option<UnixTime>,
    at: UnixTime,
}

/// Whether something counts, for people.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    Active,
    /// One person made it so, until then.
    Emergency(UnixTime),
    /// Its end is so many seconds away.
    Expiring(i64),
    Expired(UnixTime),
    /// Its issuer is not trusted.
    IssuerNotTrusted(&'static str),
    NotYetValid(UnixTime),
    Removed,
    Revoked(Revocation),
}

impl<'a> TrustObject<'a> {
    /// The object in `state` at an instant; `None` if it is no anchor, intermediate, key or trusted root.
    pub(crate) fn find(state: &'a TrustState, object: &ObjectRef, at: UnixTime) -> Option<Self> {
        let (record, standing) = state.record(object)?;
        let (certificate, issuer) = match record {
            Record::Anchor(anchor) => (Certificate::from_der(&anchor.certificate).ok(), None),
            Record::Intermediate(intermediate) => (Certificate::from_der(&intermediate.certificate).ok(), None),
            Record::Key(key) => {
                let issuer = key.issuer.as_ref().map(|issuer| {
                    let found = state.record(&ObjectRef::new(ObjectKind::Issuer, issuer.clone()));
                    (issuer, found.map_or(Standing::Removed, |(_, standing)| standing))
                });
                (None, issuer)
            }
            Record::TrustedRoot(_) => (None, None),
            _ => return None,
        };
        let emergency = state.emergencies(at).find(|emergency| emergency.change.object().as_ref() == Some(object));
        let emergency = emergency.map(|emergency| emergency.until);
        Some(Self { object: object.clone(), record, standing, certificate, issuer, emergency, at })
    }

    /// All of them, by kind and id.
    pub(crate) fn all(state: &'a TrustState, at: UnixTime) -> impl Iterator<Item = Self> {
        ANCHOR_KINDS.into_iter().flat_map(move |kind| {
            state.objects_of(kind).filter_map(move |object| Self::find(state, &Object::object(object), at))
        })
    }

    /// What it is compared by: the SHA-256 of the certificate or document, or the key id.
    pub(crate) fn fingerprint(&self) -> String {
        match self.record {
            Record::Anchor(anchor) => Digest::sha256(&anchor.certificate).to_string(),
            Record::Intermediate(intermediate) => Digest::sha256(&intermediate.certificate).to_string(),
            Record::Key(key) => Digest::sha256(&key.key).to_string(),
            Record::TrustedRoot(root) => Digest::sha256(&root.document).to_string(),
            _ => String::new(),
        }
    }

    const fn fingerprint_name(&self) -> &'static str {
        match self.record {
            Record::Key(_) => "key id",
            Record::TrustedRoot(_) => "digest",
            _ => "fingerprint",
        }
    }

    pub(crate) fn label(&self) -> Option<&'a str> {
        match self.record {
            Record::Anchor(anchor) => anchor.terms.label.as_deref(),
            Record::Intermediate(intermediate) => intermediate.label.as_deref(),
            Record::Key(key) => key.terms.label.as_deref(),
            Record::TrustedRoot(root) => root.label.as_deref(),
            _ => None,
        }
    }

    /// What it may be used for; nothing has a scope that gives no trust by itself.
    pub(crate) fn scope(&self) -> Option<&'a Scope> {
        match self.record {
            Record::Anchor(anchor) => Some(&anchor.terms.scope),
            Record::Key(key) => Some(&key.terms.scope),
            _ => None,
        }
    }

    pub(crate) fn window(&self) -> Option<Window> {
        match self.record {
            Record::Anchor(anchor) => Some(anchor.terms.window),
            Record::Key(key) => Some(key.terms.window),
            _ => None,
        }
    }

    /// The last instant at which it could be used, by its window and its certificate; exclusive.
    pub(crate) fn end(&self) -> Option<UnixTime> {
        let window = self.window().and_then(Window::until);
        let certificate = self.certificate.as_ref().and_then(|certificate| certificate.not_after().checked_add(1));
        match (window, certificate) {
            (Some(window), Some(certificate)) => Some(window.min(certificate)),
            (one, other) => one.or(other),
        }
    }

    fn beginning(&self) -> Option<UnixTime> {
        let window = self.window().and_then(Window::from);
        window.max(self.certificate.as_ref().map(|certificate| certificate.not_before()))
    }

    pub(crate) fn status(&self) -> Status {
        match self.standing {
            Standing::Removed => return Status::Removed,
            Standing::Revoked(revocation) => return Status::Revoked(revocation),
            _ => {}
        }
        if let Some(until) = self.emergency {
            return Status::Emergency(until);
        }
        if let Some((_, standing)) = self.issuer
            && standing != Standing::Active
        {
            return Status::IssuerNotTrusted(standing.name());
        }
        if let Some(end) = self.end() {
            let left = end.seconds().saturating_sub(self.at.seconds());
            if left <= 0 {
                return Status::Expired(end);
            }
            if self.beginning().is_none_or(|beginning| beginning <= self.at) && left <= SOON {
                return Status::Expiring(left);
            }
        }
        match self.beginning() {
            Some(beginning) if beginning > self.at => Status::NotYetValid(beginning),
            _ => Status::Active,
        }
    }

    /// `name: value` lines of what was changed.
    pub(crate) fn summarise(&self, page: &mut Page) {
        page.field(self.fingerprint_name(), self.fingerprint());
        self.terms(page);
    }

    /// What it is trusted for, and until when.
    pub(crate) fn terms(&self, page: &mut Page) {
        if let Some(certificate) = &self.certificate {
            page.field("subject", certificate::subject(certificate));
        }
        page.maybe("label", self.label());
        if let Record::Key(key) = self.record {
            page.maybe("issuer", key.issuer.as_ref());
        }
        if let Some(scope) = self.scope() {
            page.field("scope", scope_text(scope));
        }
        if let Some(window) = self.window() {
            page.field("window", window_text(window));
        }
        if let Some(certificate) = &self.certificate {
            let (from, until) = (certificate.not_before(), certificate.not_after());
            page.field("certificate validity", format!("{from} to {until}"));
        }
    }

    /// All that there is to say.
    pub(crate) fn describe(&self, page: &mut Page) {
        page.field("kind", self.object.kind.name());
        page.field("id", &self.object.id);
        page.field("status", self.status().text());
        self.summarise(page);
        if let Some(certificate) = &self.certificate {
            let (key, scheme) = certificate::key(certificate);
            page.field("certificate issuer", certificate.issuer());
            page.field("serial", stella_vocabulary::hex::encode(certificate.serial()));
            page.field("key id", key);
            page.field("algorithm", scheme);
        }
        if let Record::Key(key) = self.record {
            page.maybe("algorithm", algorithm(&key.key));
            page.maybe("hint", key.hint.as_ref());
            page.field("encoding", encoding_name(key.encoding));
        }
        if let Standing::Revoked(revocation) = self.standing {
            page.field("revoked at", revocation.revoked_at);
            page.field("cause", revocation.cause.name());
            page.maybe("compromised since", revocation.invalid_since);
        }
    }

    /// As it appears in documents.
    pub(crate) fn json(&self) -> Value {
        let status = self.status();
        let time = |at: Option<UnixTime>| Value::maybe(at.map(|at| at.to_string()));
        let mut members = vec![
            ("kind", Value::text(self.object.kind.name())),
            ("id", Value::text(self.object.id.to_string())),
            ("label", Value::maybe(self.label())),
            ("fingerprint", Value::text(self.fingerprint())),
            ("status", Value::text(status.name())),
            ("status_detail", Value::text(status.text())),
            ("urgency", Value::maybe(status.urgency())),
            ("standing", Value::text(self.standing.name())),
            ("ends", time(self.end())),
        ];
        if let Some(certificate) = &self.certificate {
            let (key, scheme) = certificate::key(certificate);
            members.extend([
                ("subject", Value::text(certificate::subject(certificate))),
                ("certificate_issuer", Value::text(certificate.issuer().to_string())),
                ("serial", Value::text(stella_vocabulary::hex::encode(certificate.serial()))),
                ("not_before", Value::text(certificate.not_before().to_string())),
                ("not_after", Value::text(certificate.not_after().to_string())),
                ("key_id", Value::text(key)),
                ("algorithm", Value::text(scheme)),
            ]);
        }
        if let Record::Key(key) = self.record {
            members.extend([
                ("key_id", Value::text(self.fingerprint())),
                ("algorithm", Value::maybe(algorithm(&key.key))),
                ("issuer", Value::maybe(key.issuer.as_ref().map(ToString::to_string))),
                ("hint", Value::maybe(key.hint.as_deref())),
                ("encoding", Value::text(encoding_name(key.encoding))),
            ]);
        }
        if let Some(scope) = self.scope() {
            members.push(("scope", scope_json(scope)));
        }
        if let Some(window) = self.window() {
            members.push(("window", Value::object([("from", time(window.from())), ("until", time(window.until()))])));
        }
        members.push((
            "revocation",
            match self.standing {
                Standing::Revoked(revocation) => Value::object([
                    ("cause", Value::text(revocation.cause.name())),
                    ("revoked_at", Value::text(revocation.revoked_at.to_string())),
                    ("invalid_since", time(revocation.invalid_since)),
                ]),
                _ => Value::Null,
            },
        ));
        Value::Object(members)
    }
}

/// The kinds that `stella trust-anchors` is about.
pub(crate) const ANCHOR_KINDS: [ObjectKind; 4] =
    [ObjectKind::Anchor, ObjectKind::Intermediate, ObjectKind::Key, ObjectKind::TrustedRoot];

impl Status {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Emergency(_) => "emergency",
            Self::Expiring(_) => "expiring",
            Self::Expired(_) => "expired",
            Self::IssuerNotTrusted(_) => "issuer-not-trusted",
            Self::NotYetValid(_) => "not-yet-valid",
            Self::Removed => "removed",
            Self::Revoked(_) => "revoked",
        }
    }

    /// `soon` within 30 days of the end, `urgent` within 7.
    const fn urgency(self) -> Option<&'static str> {
        match self {
            Self::Expiring(left) if left <= URGENT => Some("urgent"),
            Self::Expiring(_) => Some("soon"),
            _ => None,
        }
    }

    /// For people; what needs attention in capital letters.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Active => "active".to_string(),
            Self::Emergency(until) => format!("EMERGENCY until {until}, approved by nobody"),
            Self::Expiring(left) if left <= URGENT => format!("EXPIRING, URGENT: {} left", duration::rough(left)),
            Self::Expiring(left) => format!("EXPIRING: {} left", duration::rough(left)),
            Self::Expired(end) => format!("EXPIRED {end}"),
            Self::IssuerNotTrusted(standing) => format!("no effect: its issuer is {standing}"),
            Self::NotYetValid(from) => format!("not before {from}"),
            Self::Removed => "REMOVED".to_string(),
            Self::Revoked(revocation) => format!("REVOKED {}, {}", revocation.revoked_at, revocation.cause.name()),
        }
    }
}

pub(crate) const fn encoding_name(encoding: SignatureEncoding) -> &'static str {
    match encoding {
        SignatureEncoding::Fixed => "fixed",
        _ => "der",
    }
}

fn algorithm(spki: &[u8]) -> Option<&'static str> {
    let key = stella_attest_verify::PublicKey::from_spki_der(spki).ok()?;
    Some(stella_crypto_providers::Scheme::for_key(&key).name())
}

/// The limits of a scope on one line.
pub(crate) fn scope_text(scope: &Scope) -> String {
    let limits: Vec<String> =
        limits(scope).into_iter().map(|(name, values)| format!("{name} {}", values.join(" or "))).collect();
    if limits.is_empty() { "unlimited".to_string() } else { limits.join("; ") }
}

/// The limits that a scope sets, by the names of the options that set them.
pub(crate) fn limits(scope: &Scope) -> Vec<(&'static str, Vec<String>)> {
    let purls = scope.purl_patterns.iter().map(|purl| purl.as_str().to_string()).collect();
    let length = scope.max_path_length.iter().map(ToString::to_string).collect();
    let all = [
        ("predicate-type", scope.predicate_types.clone()),
        ("identity", scope.identities.clone()),
        ("oidc-issuer", scope.oidc_issuers.clone()),
        ("purl", purls),
        ("eku", scope.extended_key_usages.clone()),
        ("name-constraint", scope.name_constraints_permitted.clone()),
        ("exclude-name", scope.name_constraints_excluded.clone()),
        ("max-path-length", length),
        ("algorithm", scope.algorithms.clone()),
    ];
    all.into_iter().filter(|(_, values)| !values.is_empty()).collect()
}

/// A scope as it appears in documents: the members of the trust log.
pub(crate) fn scope_json(scope: &Scope) -> Value {
    Value::object([
        ("algorithms", Value::texts(scope.algorithms.clone())),
        ("extended_key_usages", Value::texts(scope.extended_key_usages.clone())),
        ("identities", Value::texts(scope.identities.clone())),
        ("max_path_length", scope.max_path_length.map_or(Value::Null, |length| Value::Number(length.into()))),
        ("name_constraints_excluded", Value::texts(scope.name_constraints_excluded.clone())),
        ("name_constraints_permitted", Value::texts(scope.name_constraints_permitted.clone())),
        ("oidc_issuers", Value::texts(scope.oidc_issuers.clone())),
        ("predicate_types", Value::texts(scope.predicate_types.clone())),
        ("purl_patterns", Value::texts(scope.purl_patterns.iter().map(|purl| purl.as_str()))),
    ])
}

/// A window in words.
pub(crate) fn window_text(window: Window) -> String {
    match (window.from(), window.until()) {
        (None, None) => "unlimited".to_string(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(until)) => format!("until {until}"),
        (Some(from), Some(until)) => format!("from {from} until {until}"),
    }
}

/// Who decides, in words.
pub(crate) const fn mode_text(mode: Mode) -> &'static str {
    match mode {
        Mode::Quorum => "quorum",
        Mode::Solo => "solo: one person decides, and nobody approves",
    }
}
