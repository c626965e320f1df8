//! The canonical bytes of an entry, which the digest of a snapshot covers.
//!
//! One JSON object in RFC 8785 form: members sorted, no white space. `type` says what the entry is, `domain` counts domains
//! from 0, bytes are standard padded base64, instants are seconds since 1970 UTC. A member without a value is left out.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use stella_attest_model::json::write_canonical_string;
use stella_chain_verify::Certificate;
use stella_crypto_providers::SignatureEncoding;
use stella_transparency::Log;
use stella_vocabulary::{End, Window, base64};

use crate::ledger::{Revocation, Scope};
use crate::{
    AnchorEntry, AsideAnchor, AsideKey, Block, CertificateAuthority, IssuerEntry, KeyEntry, TimestampAuthority,
    WhyAside,
};

/// Which list of a domain a log belongs to.
#[derive(Clone, Copy)]
pub(crate) enum LogKind {
    CertificateTransparency,
    Signatures,
}

pub(crate) fn anchor(domain: usize, entry: &AnchorEntry) -> Vec<u8> {
    anchor_as(domain, entry, "anchor", None)
}

fn anchor_as(domain: usize, entry: &AnchorEntry, kind: &str, why: Option<&WhyAside>) -> Vec<u8> {
    let mut out = Members::new();
    out.bytes("certificate", entry.certificate().der());
    out.number("domain", domain);
    out.optional_text("id", entry.store_id().map(crate::ledger::Id::as_str));
    out.optional_text("label", entry.anchor().label());
    out.revocation(entry.revocation());
    out.scope(entry.scope());
    out.text("type", kind);
    out.why(why);
    out.window(entry.window());
    out.finish()
}

pub(crate) fn aside_anchor(aside: &AsideAnchor) -> Vec<u8> {
    anchor_as(0, &aside.entry, "aside_anchor", Some(&aside.why))
}

pub(crate) fn aside_key(aside: &AsideKey) -> Vec<u8> {
    key_as(&aside.entry, "aside_key", Some(&aside.why))
}

pub(crate) fn block(block: &Block) -> Vec<u8> {
    let mut out = Members::new();
    out.bytes("key_id", block.key.as_bytes());
    out.text("object", &alloc::format!("{}", block.object));
    out.revocation(Some(&block.revocation));
    out.text("type", "block");
    out.finish()
}

pub(crate) fn issuer(entry: &IssuerEntry) -> Vec<u8> {
    let mut out = Members::new();
    out.text("id", entry.id.as_str());
    out.name("identities");
    out.0.push('[');
    for (index, pair) in entry.identities.iter().enumerate() {
        if index > 0 {
            out.0.push(',');
        }
        let mut inner = Members::new();
        inner.text("identity", &pair.identity);
        inner.optional_text("oidc_issuer", pair.oidc_issuer.as_deref());
        inner.0.push('}');
        out.0.push_str(&inner.0);
    }
    out.0.push(']');
    out.text("name", &entry.name);
    out.scope((!entry.scope.is_unlimited()).then_some(&entry.scope));
    out.text("standing", entry.standing.name());
    out.text("tier", entry.tier.name());
    out.text("type", "issuer");
    out.number("weight", usize::from(entry.weight));
    out.window(entry.window);
    out.finish()
}

pub(crate) fn intermediate(domain: usize, certificate: &Certificate) -> Vec<u8> {
    let mut out = Members::new();
    out.bytes("certificate", certificate.der());
    out.number("domain", domain);
    out.text("type", "intermediate");
    out.finish()
}

pub(crate) fn key(entry: &KeyEntry) -> Vec<u8> {
    key_as(entry, "key", None)
}

fn key_as(entry: &KeyEntry, kind: &str, why: Option<&WhyAside>) -> Vec<u8> {
    let mut out = Members::new();
    out.text(
        "encoding",
        match entry.encoding {
            SignatureEncoding::Fixed => "fixed",
            _ => "der",
        },
    );
    out.optional_text("hint", entry.hint());
    out.optional_text("id", entry.store_id().map(crate::ledger::Id::as_str));
    out.optional_text("issuer", entry.issuer().map(crate::ledger::Id::as_str));
    out.bytes("key", entry.spki_der());
    out.optional_text("label", entry.label.as_deref());
    out.revocation(entry.revocation());
    out.scope(entry.scope());
    out.text("type", kind);
    out.why(why);
    out.window(entry.window);
    out.finish()
}

pub(crate) fn log(domain: usize, kind: LogKind, log: &Log) -> Vec<u8> {
    let mut out = Members::new();
    out.number("domain", domain);
    out.bytes("key", log.key().spki_der());
    out.bytes("log_id", log.log_id());
    out.text("name", log.name());
    out.optional_text("origin", log.origin());
    out.text("scheme", log.scheme().name());
    out.text(
        "type",
        match kind {
            LogKind::CertificateTransparency => "ct_log",
            LogKind::Signatures => "log",
        },
    );
    out.window(log.window());
    out.finish()
}

pub(crate) fn certificate_authority(domain: usize, authority: &CertificateAuthority) -> Vec<u8> {
    let anchor = authority.anchors.first();
    let window = anchor.map_or(Window::always(), AnchorEntry::window);
    let anchors = authority.anchors.iter().map(AnchorEntry::certificate);
    let certificates = authority.intermediates.iter().chain(anchors);
    let (scope, revocation) = (anchor.and_then(AnchorEntry::scope), anchor.and_then(AnchorEntry::revocation));
    chain(domain, "certificate_authority", &authority.name, certificates, window, scope, revocation)
}

pub(crate) fn timestamp_authority(domain: usize, authority: &TimestampAuthority) -> Vec<u8> {
    chain(domain, "timestamp_authority", &authority.name, authority.chain.iter(), authority.window, None, None)
}

/// The entry that says where a trusted root begins.
pub(crate) fn trusted_root(domain: usize, label: &str) -> Vec<u8> {
    let mut out = Members::new();
    out.number("domain", domain);
    out.text("label", label);
    out.text("type", "trusted_root");
    out.finish()
}

fn chain<'c>(
    domain: usize,
    kind: &str,
    name: &str,
    certificates: impl Iterator<Item = &'c Certificate>,
    window: Window,
    scope: Option<&Scope>,
    revocation: Option<&Revocation>,
) -> Vec<u8> {
    let mut out = Members::new();
    out.list("certificates", certificates.map(Certificate::der));
    out.number("domain", domain);
    out.text("name", name);
    out.revocation(revocation);
    out.scope(scope);
    out.text("type", kind);
    out.window(window);
    out.finish()
}

/// Writes members; callers keep them sorted.
struct Members(String);

impl Members {
    fn new() -> Self {
        Self(String::from("{"))
    }

    fn name(&mut self, name: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.string(name);
        self.0.push(':');
    }

    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        self.string(value);
    }

    fn optional_text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    fn bytes(&mut self, name: &str, value: &[u8]) {
        self.text(name, &base64::encode(value));
    }

    fn list<'b>(&mut self, name: &str, values: impl Iterator<Item = &'b [u8]>) {
        self.name(name);
        self.0.push('[');
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            self.string(&base64::encode(value));
        }
        self.0.push(']');
    }

    fn texts<'t>(&mut self, name: &str, values: impl ExactSizeIterator<Item = &'t str>) {
        if values.len() == 0 {
            return;
        }
        self.name(name);
        self.0.push('[');
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.0.push(',');
            }
            self.string(value);
        }
        self.0.push(']');
    }

    /// Only the limits that are set.
    fn scope(&mut self, scope: Option<&Scope>) {
        let Some(scope) = scope else { return };
        self.name("scope");
        let mut inner = Members::new();
        let text = String::as_str;
        inner.texts("algorithms", scope.algorithms.iter().map(text));
        inner.texts("extended_key_usages", scope.extended_key_usages.iter().map(text));
        inner.texts("identities", scope.identities.iter().map(text));
        if let Some(length) = scope.max_path_length {
            inner.name("max_path_length");
            inner.display(length);
        }
        inner.texts("name_constraints_excluded", scope.name_constraints_excluded.iter().map(text));
        inner.texts("name_constraints_permitted", scope.name_constraints_permitted.iter().map(text));
        inner.texts("oidc_issuers", scope.oidc_issuers.iter().map(text));
        inner.texts("predicate_types", scope.predicate_types.iter().map(text));
        inner.texts("purl_patterns", scope.purl_patterns.iter().map(crate::ledger::PurlPattern::as_str));
        inner.0.push('}');
        self.0.push_str(&inner.0);
    }

    fn revocation(&mut self, revocation: Option<&Revocation>) {
        let Some(revocation) = revocation else { return };
        self.name("revocation");
        let mut inner = Members::new();
        inner.text("cause", revocation.cause.name());
        if let Some(since) = revocation.invalid_since {
            inner.name("invalid_since");
            inner.display(since.seconds());
        }
        inner.name("revoked_at");
        inner.display(revocation.revoked_at.seconds());
        inner.0.push('}');
        self.0.push_str(&inner.0);
    }

    fn why(&mut self, why: Option<&WhyAside>) {
        match why {
            None => {}
            Some(WhyAside::Requested(request)) => self.text("why", &alloc::format!("requested {request}")),
            Some(why) => self.text("why", why.name()),
        }
    }

    fn number(&mut self, name: &str, value: usize) {
        self.name(name);
        self.display(value);
    }

    /// `{"end":"exclusive","from":0,"until":1}`; an open end has no `end`.
    fn window(&mut self, window: Window) {
        self.name("window");
        let mut inner = Members::new();
        if window.until().is_some() {
            inner.text(
                "end",
                match window.end() {
                    End::Exclusive => "exclusive",
                    End::Inclusive => "inclusive",
                },
            );
        }
        for (name, bound) in [("from", window.from()), ("until", window.until())] {
            if let Some(bound) = bound {
                inner.name(name);
                inner.display(bound.seconds());
            }
        }
        inner.0.push('}');
        self.0.push_str(&inner.0);
    }

    fn display(&mut self, value: impl core::fmt::Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(self.0, "{value}");
    }

    fn string(&mut self, text: &str) {
        write_canonical_string(&mut self.0, text);
    }

    fn finish(mut self) -> Vec<u8> {
        self.0.push('}');
        self.0.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_as_rfc_8785_says() {
        let mut out = Members::new();
        out.text("name", "a\"\\\n\u{1}é");
        assert_eq!(out.finish(), "{\"name\":\"a\\\"\\\\\\n\\u0001é\"}".as_bytes());
    }

    #[test]
    fn windows_with_other_ends_have_other_bytes() {
        let until = Some(stella_vocabulary::UnixTime::from_seconds(5));
        let bytes = |window| {
            let mut out = Members::new();
            out.window(window);
            out.finish()
        };
        assert_eq!(bytes(Window::always()), b"{\"window\":{}}");
        assert_eq!(bytes(Window::half_open(None, until)), b"{\"window\":{\"end\":\"exclusive\",\"until\":5}}");
        assert_eq!(bytes(Window::closed(None, until)), b"{\"window\":{\"end\":\"inclusive\",\"until\":5}}");
    }
}
