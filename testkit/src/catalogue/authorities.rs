//! What the items on certificates have in common: a root, an issuing authority below it, a signer, and envelopes that carry a chain.

use super::{
    item::{Bad, Item},
    scene::{self, ARTIFACT, AT, text},
};
use crate::{
    authority::Authority,
    certificate::{CertificateBuilder, Extension, SubjectAltName, to_pem},
    der,
    dsse::{Envelope, IN_TOTO},
    key::TestKey,
    oid,
};

/// Who the signer is.
pub(super) const IDENTITY: &str = "https://ci.example/release";

pub(super) fn root() -> Authority {
    Authority::root_with(TestKey::p256("stella catalogue root TEST KEY"), |builder| builder)
}

pub(super) fn issuing_key() -> TestKey {
    TestKey::p256("stella catalogue issuing TEST KEY")
}

pub(super) fn issuing() -> Authority {
    issuing_with(|builder| builder)
}

/// The issuing authority after `edit` has changed its certificate.
pub(super) fn issuing_with(edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Authority {
    root().intermediate_with(issuing_key(), edit)
}

pub(super) fn signer_key() -> TestKey {
    TestKey::p256("stella catalogue certified signer TEST KEY")
}

/// The certificate of the signer by `issuer`, before it is signed.
pub(super) fn leaf(issuer: &Authority) -> CertificateBuilder {
    issuer.signer_leaf(&signer_key(), &SubjectAltName::Uri(IDENTITY.to_owned()))
}

/// The statement, signed by the signer, who sends these certificates along.
pub(super) fn signed_with(chain: &[Vec<u8>]) -> String {
    let pem: String = chain.iter().map(|der| to_pem(der)).collect();
    text(&Envelope::new(IN_TOTO, &scene::payload()).signed_with_certificate(&signer_key(), &pem).to_value())
}

/// An attestation with a changed leaf.
pub(super) fn with_leaf(edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> String {
    let issuing = issuing();
    signed_with(&[edit(leaf(&issuing)).sign(issuing.key()), issuing.certificate().to_vec()])
}

/// An attestation with a changed issuing authority.
pub(super) fn with_issuing(edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> String {
    with_both(edit, |builder| builder)
}

/// An attestation with both changed.
pub(super) fn with_both(
    edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder,
    edit_leaf: impl FnOnce(CertificateBuilder) -> CertificateBuilder,
) -> String {
    let issuing = issuing_with(edit);
    signed_with(&[edit_leaf(leaf(&issuing)).sign(issuing.key()), issuing.certificate().to_vec()])
}

/// An attestation whose leaf is changed after it was signed.
pub(super) fn with_der(edit: impl FnOnce(Vec<u8>) -> Vec<u8>) -> String {
    let issuing = issuing();
    signed_with(&[edit(leaf(&issuing).sign(issuing.key())), issuing.certificate().to_vec()])
}

/// `der` with the first occurrence of `from` replaced by `to` of the same length.
///
/// # Panics
/// If there is none.
pub(super) fn replaced(mut der: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = der.windows(from.len()).position(|window| window == from).expect("what is to be replaced occurs");
    der[at..at + to.len()].copy_from_slice(to);
    der
}

/// An item that trusts the root.
pub(super) fn anchored(id: &'static str) -> Item {
    Item::new(id)
        .file("root.pem", root().pem())
        .file("artifact.txt", ARTIFACT)
        .run("anchor", "root.pem")
        .run("artifact", "artifact.txt")
        .run("at", AT)
}

/// As [`anchored`], with the good chain.
pub(super) fn chain_item(id: &'static str) -> Item {
    anchored(id).good(with_leaf(|leaf| leaf))
}

/// A chain that is judged and refused, at a place in which `place` occurs.
pub(super) fn refused(code: &'static str, place: &str, change: &str, attestation: impl AsRef<[u8]>) -> Bad {
    Bad::judged(code, place, change, attestation)
}

/// Subject alternative names of finished `GeneralName`s, not critical.
pub(super) fn names(names: &[Vec<u8>]) -> Extension {
    Extension::plain(oid::SUBJECT_ALT_NAME, der::sequence(names))
}

pub(super) fn dns(name: &str) -> Vec<u8> {
    der::context_primitive(2, name.as_bytes())
}

pub(super) fn email(address: &str) -> Vec<u8> {
    der::context_primitive(1, address.as_bytes())
}

pub(super) fn uri(uri: &str) -> Vec<u8> {
    der::context_primitive(6, uri.as_bytes())
}

pub(super) fn ip(octets: &[u8]) -> Vec<u8> {
    der::context_primitive(7, octets)
}

pub(super) fn directory(name: Vec<u8>) -> Vec<u8> {
    der::context(4, [name])
}

/// Critical name constraints with these bases.
pub(super) fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
    let list = |number, bases: &[Vec<u8>]| {
        let subtrees = bases.iter().map(|base| der::sequence([base]));
        if bases.is_empty() { Vec::new() } else { der::context(number, subtrees) }
    };
    Extension::critical(oid::NAME_CONSTRAINTS, der::sequence([list(0, permitted), list(1, excluded)]))
}
