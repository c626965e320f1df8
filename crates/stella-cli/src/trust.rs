//! Whom one command trusts: the trusted roots that are built in or given, private authorities, and a key.

use std::path::Path;

use stella_attest_verify::{Certificate, Digest, PublicKey, TrustSnapshot};
use stella_chain_verify::Anchor;
use stella_trust_store::{AnchorEntry, CertificateAuthority, DomainKind, KeyEntry, TrustDomain, TrustedRoot};
use stella_vocabulary::Code;

use crate::arguments::TrustOptions;
use crate::complaint::Complaint;
use crate::input::{Inputs, Kind, name_of};

/// A Sigstore trusted root that is part of the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmbeddedRoot {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The day it was taken from its origin (see `trust/NOTICE.md`).
    pub(crate) date: &'static str,
    json: &'static [u8],
}

impl EmbeddedRoot {
    /// SHA-256 of the file.
    pub(crate) fn digest(&self) -> Digest {
        Digest::sha256(self.json)
    }

    /// The file.
    pub(crate) const fn document(&self) -> &'static [u8] {
        self.json
    }
}

/// The trust of a command that is given none.
pub(crate) const EMBEDDED: [EmbeddedRoot; 2] = [
    EmbeddedRoot {
        name: "sigstore public-good",
        date: "2026-08-21",
        json: include_bytes!("../trust/trusted_root.public-good.json"),
    },
    EmbeddedRoot { name: "github", date: "2026-08-04", json: include_bytes!("../trust/trusted_root.github.json") },
];

/// A snapshot, and where its parts come from, for people.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) snapshot: TrustSnapshot,
    pub(crate) sources: Vec<String>,
}

/// Gathers what `options` say, and `key`.
pub(crate) fn gather(
    options: &TrustOptions,
    key: Option<(&Path, &PublicKey)>,
    inputs: &Inputs,
) -> Result<Trust, Complaint> {
    let mut builder = TrustSnapshot::builder();
    let mut sources = Vec::new();
    if options.trusted_root.is_empty() {
        for root in EMBEDDED {
            let parsed = TrustedRoot::from_json(root.json)
                .map_err(|error| Complaint::of(&error, &format!("the built-in trusted root {}", root.name)))?;
            builder = builder.trusted_root_with(parsed);
            sources.push(format!("built-in trusted root {} of {}, {}", root.name, root.date, root.digest()));
        }
    }
    for path in &options.trusted_root {
        let json = inputs.read(path, Kind::TrustedRoot)?;
        let parsed = TrustedRoot::from_json(&json).map_err(|error| Complaint::of(&error, &name_of(path)))?;
        builder = builder.trusted_root_with(parsed);
        sources.push(format!("trusted root {}, {}", name_of(path), Digest::sha256(&json)));
    }
    for path in &options.anchor {
        for certificate in certificates(path, inputs)? {
            builder = builder.anchor_with(Anchor::new(certificate).with_label(name_of(path)));
        }
        sources.push(format!("anchor {}", name_of(path)));
    }
    for path in &options.intermediate {
        for certificate in certificates(path, inputs)? {
            builder = builder.intermediate(certificate);
        }
        sources.push(format!("intermediate {} (helps to find a path, gives no trust)", name_of(path)));
    }
    if let Some((path, key)) = key {
        builder = builder.key_with(KeyEntry::new(key.clone()).with_label(name_of(path)));
        sources.push(format!("key {}, {}", name_of(path), key.key_id()));
    }
    let snapshot = builder.build().map_err(|error| Complaint::of(&error, "the trust given"))?;
    Ok(Trust { snapshot, sources })
}

/// Refuses an anchor that is a certificate of a public authority. Such an authority certifies anybody: as an anchor it would make
/// everybody a trusted signer, without a named identity and without the evidence that a public instance publishes.
///
/// # Errors
/// `usage.conflict`, with the name of the anchor and of the authority.
pub(crate) fn refuse_public_anchors(trust: &TrustSnapshot) -> Result<(), Complaint> {
    let (public, private): (Vec<_>, Vec<_>) =
        trust.domains().iter().partition(|domain| domain.kind() == DomainKind::Public);
    let anchors: Vec<&AnchorEntry> =
        private.iter().flat_map(|domain| domain.authorities()).flat_map(CertificateAuthority::anchors).collect();
    if anchors.is_empty() {
        return Ok(());
    }
    // Whatever trusted root was given in their place, the ones that are built in are known to be public.
    let built_in = EMBEDDED.iter().try_fold(TrustSnapshot::builder(), |builder, root| builder.trusted_root(root.json));
    let built_in = built_in
        .and_then(stella_trust_store::TrustSnapshotBuilder::build)
        .map_err(|error| Complaint::of(&error, "the built-in trusted roots"))?;
    for authority in built_in.domains().iter().chain(public).flat_map(TrustDomain::authorities) {
        let own = authority.anchors().iter().map(AnchorEntry::certificate).chain(authority.intermediates());
        let keys: Vec<&[u8]> = own.map(Certificate::spki_der).collect();
        if let Some(anchor) = anchors.iter().find(|anchor| keys.contains(&anchor.certificate().spki_der())) {
            return Err(public_anchor(anchor, authority));
        }
    }
    Ok(())
}

fn public_anchor(anchor: &AnchorEntry, authority: &CertificateAuthority) -> Complaint {
    let file = anchor.label().unwrap_or("--anchor");
    Complaint::new(Code::UsageConflict, "the anchor is a public authority, which certifies anybody")
        .place(file)
        .found(format!("a certificate of {}", authority.name()))
        .expected("the certificate of a private authority")
        .remedy("leave --anchor out, or give --trusted-root, and say --identity and --issuer")
}

/// The certificates of a file: one in DER, or any number in PEM.
pub(crate) fn certificates(path: &Path, inputs: &Inputs) -> Result<Vec<Certificate>, Complaint> {
    const SEQUENCE: u8 = 0x30;
    let bytes = inputs.read(path, Kind::Certificate)?;
    let certificates = if bytes.first() == Some(&SEQUENCE) {
        Certificate::from_der(&bytes).map(|certificate| vec![certificate])
    } else {
        Certificate::from_pem_all(&bytes)
    };
    certificates.map_err(|error| Complaint::of(&error, &name_of(path)))
}

/// The public key of a PEM file.
pub(crate) fn key(path: &Path, inputs: &Inputs) -> Result<PublicKey, Complaint> {
    let bytes = inputs.read(path, Kind::Key)?;
    PublicKey::from_pem(&bytes).map_err(|error| Complaint::of(&error, &name_of(path)))
}
