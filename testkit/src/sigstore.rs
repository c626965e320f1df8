//! A whole fake Sigstore: authority, CT log, Rekor, time-stamp authority, and the trusted root that goes with them.

use stella_vocabulary::UnixTime;

use crate::{
    authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority},
    bundle::{Bundle, Content, Signer, Version},
    certificate::{CertificateBuilder, SubjectAltName, to_pem},
    ct_log::CtLog,
    dsse::{Envelope, IN_TOTO},
    key::TestKey,
    rekor::{self, Rekor},
    trusted_root::{self, TrustedRoot, ValidFor},
    tsa::{TimestampAuthority, Token},
};

/// When the fixtures sign: 2026-01-17T09:00:00Z.
pub const SIGNED_AT: UnixTime = UnixTime::from_seconds(1_768_640_400);
/// Seconds a leaf is valid before and after its signature: ten minutes in all, as Fulcio does it.
pub const LEAF_HALF_LIFE: i64 = 300;
/// The identity in a leaf unless another is asked for.
pub const IDENTITY: &str = "https://ci.example/stella/release.yml@refs/tags/v1.0.0";
/// The OIDC issuer in a leaf unless another is asked for.
pub const OIDC_ISSUER: &str = "https://token.ci.example";

/// A fake Sigstore deployment.
pub struct Sigstore {
    label: String,
    root: Authority,
    intermediate: Authority,
    ct_log: CtLog,
    rekor: Rekor,
    tsa: TimestampAuthority,
}

/// One signing ceremony, before it takes place.
pub struct Ceremony<'s> {
    sigstore: &'s Sigstore,
    version: Version,
    at: UnixTime,
    identity: SubjectAltName,
    oidc_issuer: String,
    key: TestKey,
    entry_kind: EntryKind,
    evidence: Vec<Evidence>,
    edit: Box<dyn Fn(CertificateBuilder) -> CertificateBuilder>,
}

/// What third parties add to a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Evidence {
    /// Rekor's inclusion proof and checkpoint.
    InclusionProof,
    /// Rekor's signed entry timestamp.
    Promise,
    /// The CT log's timestamp inside the certificate.
    Sct,
    /// An RFC 3161 token over the signature.
    Timestamp,
}

/// How an envelope is entered in Rekor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryKind {
    /// `dsse` 0.0.1.
    Dsse,
    /// `intoto` 0.0.2.
    Intoto,
}

impl Sigstore {
    /// The deployment called `label`. Two with different labels share no key.
    pub fn new(label: &str) -> Self {
        let named = |part: &str| format!("{label} {part}");
        let root = Authority::root(&named("fulcio root"));
        let intermediate = root.intermediate(&named("fulcio intermediate"));
        Self {
            label: label.to_owned(),
            intermediate,
            root,
            ct_log: CtLog::new(&named("ct log")),
            rekor: Rekor::new(&named("rekor"), "rekor.example"),
            tsa: TimestampAuthority::new(&named("tsa")),
        }
    }

    /// The root of the signing certificates.
    pub fn root(&self) -> &Authority {
        &self.root
    }

    /// What issues the signing certificates.
    pub fn intermediate(&self) -> &Authority {
        &self.intermediate
    }

    /// The CT log.
    pub fn ct_log(&self) -> &CtLog {
        &self.ct_log
    }

    /// The transparency log.
    pub fn rekor(&self) -> &Rekor {
        &self.rekor
    }

    /// The time-stamp authority.
    pub fn tsa(&self) -> &TimestampAuthority {
        &self.tsa
    }

    /// Everything above as a trusted root, each entry valid as long as the authorities are.
    pub fn trusted_root(&self) -> TrustedRoot {
        let valid_for = ValidFor { start: Some(AUTHORITY_FROM), end: Some(AUTHORITY_UNTIL) };
        let chain = [self.intermediate.certificate().to_vec(), self.root.certificate().to_vec()];
        TrustedRoot {
            certificate_authorities: vec![trusted_root::authority("https://fulcio.example", &chain, valid_for)],
            ct_logs: vec![trusted_root::log("https://ct.example/2020", self.ct_log.key(), valid_for)],
            timestamp_authorities: vec![trusted_root::authority("https://tsa.example", &self.tsa.chain(), valid_for)],
            logs: vec![trusted_root::log(&format!("https://{}", self.rekor.host()), self.rekor.key(), valid_for)],
        }
    }

    /// A signing ceremony with every default: bundle v0.3, [`SIGNED_AT`], [`IDENTITY`], [`OIDC_ISSUER`], SCT, promise and proof.
    pub fn ceremony(&self) -> Ceremony<'_> {
        Ceremony {
            sigstore: self,
            version: Version::V03,
            at: SIGNED_AT,
            identity: SubjectAltName::Uri(IDENTITY.to_owned()),
            oidc_issuer: OIDC_ISSUER.to_owned(),
            key: TestKey::p256(&format!("{} leaf", self.label)),
            entry_kind: EntryKind::Dsse,
            evidence: vec![Evidence::InclusionProof, Evidence::Promise, Evidence::Sct],
            edit: Box::new(|leaf| leaf),
        }
    }
}

impl Ceremony<'_> {
    /// Sets the bundle version.
    #[must_use]
    pub fn version(mut self, version: Version) -> Self {
        self.version = version;
        self
    }

    /// Sets the instant of signing; certificate, SCT, log and token all follow it.
    #[must_use]
    pub fn at(mut self, at: UnixTime) -> Self {
        self.at = at;
        self
    }

    /// Sets who signs.
    #[must_use]
    pub fn identity(mut self, identity: SubjectAltName) -> Self {
        self.identity = identity;
        self
    }

    /// Sets who vouches for the signer.
    #[must_use]
    pub fn oidc_issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.oidc_issuer);
        self
    }

    /// Sets the signer's key.
    #[must_use]
    pub fn key(mut self, key: TestKey) -> Self {
        self.key = key;
        self
    }

    /// Sets how an envelope is entered in the log.
    #[must_use]
    pub fn entry_kind(mut self, kind: EntryKind) -> Self {
        self.entry_kind = kind;
        self
    }

    /// Sets what third parties add: exactly these.
    #[must_use]
    pub fn evidence(mut self, evidence: &[Evidence]) -> Self {
        self.evidence = evidence.to_vec();
        self
    }

    /// Changes the leaf before the SCT and the signature are made.
    #[must_use]
    pub fn edit_leaf(mut self, edit: impl Fn(CertificateBuilder) -> CertificateBuilder + 'static) -> Self {
        self.edit = Box::new(edit);
        self
    }

    /// The leaf: DER.
    pub fn leaf(&self) -> Vec<u8> {
        let issuer = &self.sigstore.intermediate;
        let from = self.at.checked_add(-LEAF_HALF_LIFE).expect("fixtures live near 2026");
        let until = self.at.checked_add(LEAF_HALF_LIFE).expect("fixtures live near 2026");
        let mut leaf = (self.edit)(issuer.fulcio_leaf(&self.key, &self.identity, &self.oidc_issuer, from, until));
        if self.has(Evidence::Sct) {
            leaf = self.sigstore.ct_log.embed(leaf, issuer, from);
        }
        leaf.sign(issuer.key())
    }

    /// Signs an in-toto statement.
    pub fn sign_statement(&self, statement: &crate::json::Value) -> Bundle {
        self.sign_envelope(Envelope::new(IN_TOTO, statement.to_string().as_bytes()))
    }

    /// Signs an envelope, whatever it holds.
    pub fn sign_envelope(&self, envelope: Envelope) -> Bundle {
        let leaf = self.leaf();
        let envelope = envelope.signed_by(&self.key);
        let pem = to_pem(&leaf);
        let (kind, version, body) = match self.entry_kind {
            EntryKind::Dsse => ("dsse", "0.0.1", rekor::dsse_body(&envelope, &pem)),
            EntryKind::Intoto => ("intoto", "0.0.2", rekor::intoto_body(&envelope, &pem)),
        };
        let entry = self.sigstore.rekor.log(kind, version, body, self.at);
        self.bundle(Content::Dsse(envelope), leaf, entry)
    }

    /// Signs an artifact itself.
    pub fn sign_artifact(&self, artifact: &[u8]) -> Bundle {
        let leaf = self.leaf();
        let signature = self.key.sign(artifact);
        let body = rekor::hashedrekord_body(artifact, &signature, &to_pem(&leaf));
        let entry = self.sigstore.rekor.log("hashedrekord", "0.0.1", body, self.at);
        self.bundle(Content::message(artifact, signature), leaf, entry)
    }

    fn bundle(&self, content: Content, leaf: Vec<u8>, mut entry: rekor::Entry) -> Bundle {
        let mut certificates = vec![leaf];
        if self.version != Version::V03 {
            certificates.push(self.sigstore.intermediate.certificate().to_vec());
        }
        if !self.has(Evidence::Promise) {
            entry.promise = None;
        }
        if !self.has(Evidence::InclusionProof) {
            entry.proof = None;
        }
        let logged = entry.promise.is_some() || entry.proof.is_some();
        let mut bundle = Bundle {
            version: self.version,
            content,
            signer: Signer::Certificates(certificates),
            entries: if logged { vec![entry] } else { Vec::new() },
            timestamps: Vec::new(),
        };
        if self.has(Evidence::Timestamp) {
            let token = Token::new(bundle.signature(), self.at);
            bundle.timestamps.push(self.sigstore.tsa.respond(&token));
        }
        bundle
    }

    fn has(&self, evidence: Evidence) -> bool {
        self.evidence.contains(&evidence)
    }
}
