//! `stella trust-anchors add`.

use stella_attest_verify::{Certificate, TrustSnapshot};
use stella_chain_verify::Anchor;
use stella_trust_store::ledger::{AnchorRecord, Change, Object, ObjectKind, Record, Standing, Terms, TrustState};
use stella_vocabulary::{Code, UnixTime};

use super::naming;
use crate::arguments::AddArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::duration;
use crate::exit::Answer;
use crate::input::{Inputs, name_of};
use crate::store::Store;
use crate::terms;
use crate::trust;

pub(crate) fn run(said: &AddArguments, context: &Context) -> Result<Answer, Complaint> {
    let certificate = only(trust::certificates(&said.cert, &Inputs::default())?, &name_of(&said.cert))?;
    let scope = terms::scope(&said.scope)?;
    let window = terms::window(said.from.as_deref(), said.until.as_deref().map(|text| (text, "--until")))?;
    let mut store = Store::require(context)?;
    refuse_public(&certificate, store.state(), &name_of(&said.cert))?;
    let id = match &said.name {
        Some(name) => naming::said(name)?,
        None => naming::of_certificate(store.state(), ObjectKind::Anchor, &certificate, &certificate.fingerprint())?,
    };
    let mut warnings: Vec<String> = terms::window_warning(window, "authority", context.now).into_iter().collect();
    if scope.is_unlimited() {
        warnings.push(
            "no limits: whoever has a certificate under this authority is a trusted signer, of any predicate type; \
             narrow it with --identity and --predicate-type"
                .to_string(),
        );
    }
    warnings.extend(validity_warning(&certificate, context.now));
    warnings.extend(terms::scope_warnings(&scope));
    let terms = Terms { label: said.label.clone(), scope, window };
    let record = AnchorRecord { id, certificate: certificate.der().to_vec(), terms };
    let deed = Deed::from(Change::Added(Record::Anchor(record))).warn(warnings).usually_because("anchor added");
    carry_out(&mut store, deed, &said.change, context)
}

/// The certificate of a file that must hold one.
pub(crate) fn only(mut certificates: Vec<Certificate>, place: &str) -> Result<Certificate, Complaint> {
    match (certificates.pop(), certificates.len()) {
        (Some(certificate), 0) => Ok(certificate),
        (_, more) => Err(Complaint::new(Code::UsageConflict, "this is not one certificate")
            .place(place)
            .found(format!("{} certificates", more + 1))
            .expected("one, the authority that is to be trusted")
            .remedy(
                "put each certificate into a file of its own; those that only help to find a path: add-intermediate",
            )),
    }
}

/// Whether a certificate is about to end, or not valid yet.
pub(crate) fn validity_warning(certificate: &Certificate, now: UnixTime) -> Option<String> {
    const SOON: i64 = 30 * 86_400;
    let left = certificate.not_after().seconds().saturating_sub(now.seconds());
    if left < 0 {
        return Some(format!("the certificate expired at {}", certificate.not_after()));
    }
    if certificate.not_before() > now {
        return Some(format!("the certificate is not valid before {}", certificate.not_before()));
    }
    (left <= SOON)
        .then(|| format!("the certificate expires at {}, in {}", certificate.not_after(), duration::rough(left)))
}

/// A public authority certifies anybody: its certificate belongs into a trusted root, where a signer must be named.
fn refuse_public(certificate: &Certificate, state: &TrustState, place: &str) -> Result<(), Complaint> {
    let anchor = Anchor::new(certificate.clone()).with_label(place.to_string());
    let mut builder = TrustSnapshot::builder().anchor_with(anchor);
    for object in state.objects_of(ObjectKind::TrustedRoot) {
        if let Object::Recorded(Record::TrustedRoot(root), Standing::Active) = object {
            builder = builder.trusted_root(&root.document).map_err(|error| Complaint::of(&error, root.id.as_str()))?;
        }
    }
    match builder.build() {
        Ok(snapshot) => trust::refuse_public_anchors(&snapshot).map_err(|complaint| {
            complaint.remedy("stella trust-anchors import --trusted-root FILE, and name the signer: stella issuer add")
        }),
        // What is wrong with the certificate is said by the rules of the store.
        Err(_) => Ok(()),
    }
}
