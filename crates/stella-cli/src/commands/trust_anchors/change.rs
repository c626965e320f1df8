//! `stella trust-anchors change`: other terms for what is there.

use stella_trust_store::ledger::{Change, Id, KeyRecord, ObjectKind, ObjectRef, Record, Terms};
use stella_vocabulary::{Code, Window};

use super::add_key::encoding;
use crate::arguments::ChangeAnchorArguments;
use crate::change::{Deed, carry_out};
use crate::complaint::Complaint;
use crate::context::{Context, instant};
use crate::exit::Answer;
use crate::near_miss;
use crate::store::Store;
use crate::terms;
use crate::trust_object::ANCHOR_KINDS;

/// What `--clear` can take away, besides the limits.
const NAMES: [&str; 5] = ["from", "hint", "issuer", "label", "until"];
const LIMITS: [&str; 9] = [
    "algorithm",
    "eku",
    "exclude-name",
    "identity",
    "max-path-length",
    "name-constraint",
    "oidc-issuer",
    "predicate-type",
    "purl",
];

pub(crate) fn run(said: &ChangeAnchorArguments, context: &Context) -> Result<Answer, Complaint> {
    check_clear(&said.clear)?;
    let mut store = Store::require(context)?;
    let object = store.resolve(&ANCHOR_KINDS, &said.id)?;
    let Some((record, _)) = store.state().record(&object) else { return Err(passing(&object)) };
    let mut record = record.clone();
    let mut warnings = Vec::new();
    match &mut record {
        Record::Anchor(anchor) => {
            refuse_key_options(said, &object)?;
            change_terms(&mut anchor.terms, said)?;
            warnings.extend(terms::window_warning(anchor.terms.window, "authority", context.now));
            warnings.extend(terms::scope_warnings(&anchor.terms.scope));
        }
        Record::Key(key) => {
            let issuer = said.issuer.as_ref().map(|text| store.resolve(&[ObjectKind::Issuer], text)).transpose()?;
            change_key(key, said, issuer.map(|issuer| issuer.id))?;
            warnings.extend(terms::window_warning(key.terms.window, "key", context.now));
            warnings.extend(terms::scope_warnings(&key.terms.scope));
        }
        Record::Intermediate(intermediate) => change_label(&mut intermediate.label, said, &object)?,
        Record::TrustedRoot(root) => change_label(&mut root.label, said, &object)?,
        _ => return Err(unsuitable(&object)),
    }
    let deed = Deed::from(Change::Changed(record)).warn(warnings).usually_because("terms changed");
    carry_out(&mut store, deed, &said.change, context)
}

fn check_clear(names: &[String]) -> Result<(), Complaint> {
    let known = || NAMES.into_iter().chain(LIMITS);
    let Some(unknown) = names.iter().find(|name| !known().any(|known| known == name.as_str())) else { return Ok(()) };
    let complaint = Complaint::new(Code::UsageConflict, "there is nothing of this name to take away")
        .place("--clear")
        .found(unknown);
    Err(match near_miss::closest(unknown, known()) {
        Some(meant) => complaint.expected(meant),
        None => complaint.expected(format!("one of {}", known().collect::<Vec<_>>().join(", "))),
    }
    .remedy("stella trust-anchors change --help"))
}

fn change_terms(terms: &mut Terms, said: &ChangeAnchorArguments) -> Result<(), Complaint> {
    let clears = |name: &str| said.clear.iter().any(|cleared| cleared == name);
    for name in &said.clear {
        terms::clear(&mut terms.scope, name);
    }
    terms::replace(&mut terms.scope, &said.scope)?;
    if said.label.is_some() || clears("label") {
        terms.label.clone_from(&said.label);
    }
    let bound = |text: &Option<String>, name: &'static str, old| match text {
        Some(text) => instant(text, &format!("--{name}")).map(Some),
        None => Ok(if clears(name) { None } else { old }),
    };
    let from = bound(&said.from, "from", terms.window.from())?;
    let until = bound(&said.until, "until", terms.window.until())?;
    if (from, until) != (terms.window.from(), terms.window.until()) {
        terms.window = terms::checked(Window::half_open(from, until))?;
    }
    Ok(())
}

fn change_key(key: &mut KeyRecord, said: &ChangeAnchorArguments, issuer: Option<Id>) -> Result<(), Complaint> {
    let clears = |name: &str| said.clear.iter().any(|cleared| cleared == name);
    change_terms(&mut key.terms, said)?;
    if issuer.is_some() || clears("issuer") {
        key.issuer = issuer;
    }
    if said.hint.is_some() || clears("hint") {
        key.hint.clone_from(&said.hint);
    }
    if let Some(said) = said.encoding {
        key.encoding = encoding(said);
    }
    Ok(())
}

/// Of what gives no trust by itself, only the label can change.
fn change_label(label: &mut Option<String>, said: &ChangeAnchorArguments, object: &ObjectRef) -> Result<(), Complaint> {
    refuse_key_options(said, object)?;
    let mut terms = Terms { label: label.clone(), ..Terms::default() };
    change_terms(&mut terms, said)?;
    let others = said.clear.iter().any(|name| name != "label");
    if others || !terms.scope.is_unlimited() || terms.window != Window::always() {
        return Err(unsuitable(object).expected("--label, the only thing of it that can change"));
    }
    *label = terms.label;
    Ok(())
}

fn refuse_key_options(said: &ChangeAnchorArguments, object: &ObjectRef) -> Result<(), Complaint> {
    let of_keys = said.issuer.is_some() || said.hint.is_some() || said.encoding.is_some();
    if of_keys || said.clear.iter().any(|name| matches!(name.as_str(), "issuer" | "hint")) {
        return Err(unsuitable(object).expected("a key, for --issuer, --hint and --encoding"));
    }
    Ok(())
}

/// What counts only now and is in no entry.
fn passing(object: &ObjectRef) -> Complaint {
    Complaint::new(Code::UsageConflict, "this is here by an emergency change, for some hours, and is not changed")
        .place(object.to_string())
        .expected("what others have agreed to")
        .remedy("end it and ask for it in the ordinary way: stella approvals list; stella store end-emergency ID")
}

fn unsuitable(object: &ObjectRef) -> Complaint {
    Complaint::new(Code::UsageConflict, "this cannot be changed like that")
        .found(object.to_string())
        .remedy("stella trust-anchors change --help")
}
