//! Whom one command trusts: the trusted roots that are built in or given, private authorities, and a key.

use std::path::Path;

use stella_attest_verify::{Certificate, Digest, PublicKey, TrustSnapshot};
use stella_chain_verify::Anchor;
use stella_trust_store::{
    AnchorEntry, AsideAnchor, AsideKey, CertificateAuthority, DomainKind, KeyEntry, TrustDomain, TrustedRoot, WhyAside,
    key_file,
};
use stella_vocabulary::Code;

use crate::arguments::TrustOptions;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::input::{Inputs, Kind, name_of};
use crate::store::Store;

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

impl Trust {
    /// Whether it is, in whole or in part, that of a store.
    pub(crate) fn has_store(&self) -> bool {
        self.snapshot.origin().is_some()
    }
}

/// Gathers the trust of a store, if there is one, or else of the built-in roots; and in any case what `options` say, and `key`.
///
/// What the store knows stays as the store has it: giving a certificate or key that is in it widens none of its limits, and brings back nothing that
/// was revoked.
pub(crate) fn gather(
    options: &TrustOptions,
    key: Option<(&Path, &PublicKey)>,
    inputs: &Inputs,
    context: &Context,
) -> Result<Trust, Complaint> {
    let mut sources = Vec::new();
    let store = Store::find(context)?;
    if store.is_none() && context.trust_at.is_some() {
        return Err(Store::require(context).err().unwrap_or_else(|| {
            Complaint::new(Code::StoreNotFound, "there is no trust store").place("--trust-at").remedy("stella init")
        }));
    }
    let known = match &store {
        Some(store) => Some(store.snapshot(context)?),
        None => None,
    };
    if let (Some(store), Some(origin)) = (&store, known.as_ref().and_then(TrustSnapshot::origin)) {
        sources.push(format!("store {} at entry {}, {}", origin.store(), origin.entry(), store.place()));
    }
    let given = key.is_some()
        || [&options.trusted_root, &options.anchor, &options.intermediate].into_iter().any(|paths| !paths.is_empty());
    if let (Some(snapshot), false) = (&known, given) {
        return Ok(Trust { snapshot: snapshot.clone(), sources });
    }
    let mut builder = TrustSnapshot::builder();
    match &known {
        Some(snapshot) => builder = builder.snapshot(snapshot.clone()),
        None if options.trusted_root.is_empty() => {
            for root in EMBEDDED {
                let parsed = TrustedRoot::from_json(root.json)
                    .map_err(|error| Complaint::of(&error, &format!("the built-in trusted root {}", root.name)))?;
                builder = builder.trusted_root_with(parsed);
                sources.push(format!("built-in trusted root {} of {}, {}", root.name, root.date, root.digest()));
            }
        }
        None => {}
    }
    for path in &options.trusted_root {
        let json = inputs.read(path, Kind::TrustedRoot)?;
        let parsed = TrustedRoot::from_json(&json).map_err(|error| Complaint::of(&error, &name_of(path)))?;
        builder = builder.trusted_root_with(parsed);
        sources.push(format!("trusted root {}, {}", name_of(path), Digest::sha256(&json)));
    }
    for path in &options.anchor {
        let mut source = format!("anchor {}", name_of(path));
        for certificate in certificates(path, inputs)? {
            match known.as_ref().and_then(|snapshot| known_anchor(snapshot, &certificate)) {
                Some(name) => source.push_str(&format!(" (in the store as {name}, and held to what it says)")),
                None => builder = builder.anchor_with(Anchor::new(certificate).with_label(name_of(path))),
            }
        }
        sources.push(source);
    }
    for path in &options.intermediate {
        for certificate in certificates(path, inputs)? {
            builder = builder.intermediate(certificate);
        }
        sources.push(format!("intermediate {} (helps to find a path, gives no trust)", name_of(path)));
    }
    if let Some((path, key)) = key {
        let source = format!("key {}, {}", name_of(path), key.key_id());
        match known.as_ref().and_then(|snapshot| known_key(snapshot, key)) {
            Some(name) => sources.push(format!("{source} (in the store as {name}, and held to what it says)")),
            None => {
                builder = builder.key_with(KeyEntry::new(key.clone()).with_label(name_of(path)));
                sources.push(source);
            }
        }
    }
    let mut snapshot = builder.build().map_err(|error| Complaint::of(&error, "the trust given"))?;
    if let Some(origin) = known.as_ref().and_then(TrustSnapshot::origin) {
        snapshot = snapshot.with_origin(origin.clone());
    }
    Ok(Trust { snapshot, sources })
}

/// What the store calls an anchor that counts in it, or that was compromised.
fn known_anchor(snapshot: &TrustSnapshot, certificate: &Certificate) -> Option<String> {
    let private = snapshot.domains().iter().filter(|domain| domain.kind() == DomainKind::Private);
    let counting = private.flat_map(TrustDomain::authorities).flat_map(CertificateAuthority::anchors);
    let aside = snapshot.aside_anchors().iter().filter(|anchor| *anchor.why() == WhyAside::Revoked);
    let mut known = counting.chain(aside.map(AsideAnchor::entry));
    let found = known.find(|entry| entry.certificate().der() == certificate.der())?;
    Some(format!("anchor {}", found.store_id().map_or("without a name", |id| id.as_str())))
}

/// Likewise a key.
fn known_key(snapshot: &TrustSnapshot, key: &PublicKey) -> Option<String> {
    let counting = snapshot.position_of_key(&key.key_id()).and_then(|position| snapshot.keys().get(position));
    let mut aside = snapshot.aside_keys().iter().filter(|aside| *aside.why() == WhyAside::Revoked);
    let found = counting.or_else(|| aside.find(|aside| aside.entry().key_id() == key.key_id()).map(AsideKey::entry))?;
    Some(format!("key {}", found.store_id().map_or("without a name", |id| id.as_str())))
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
    // What is in a store was looked at when it was added.
    let anchors: Vec<&AnchorEntry> = anchors.into_iter().filter(|anchor| anchor.store_id().is_none()).collect();
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

/// The public key of a file: PEM, a JWK, or an OpenSSH line.
pub(crate) fn key(path: &Path, inputs: &Inputs) -> Result<PublicKey, Complaint> {
    let named = key_file::read_public_key(&inputs.read(path, Kind::Key)?);
    named.map(|named| named.key).map_err(|error| Complaint::of(&error, &name_of(path)))
}
