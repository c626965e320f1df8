//! Certificates that are trusted for too much, for nothing, or not for long.

use stella_testkit::authority::Authority;
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::Sigstore;
use stella_trust_store::TrustedRoot;

use super::*;

fn anchor(name: &str, authority: &Authority, terms: Terms) -> Change {
    let certificate = authority.certificate().to_vec();
    Change::Added(Record::Anchor(AnchorRecord { id: id(name), certificate, terms }))
}

fn intermediate(name: &str, authority: &Authority) -> Change {
    let certificate = authority.certificate().to_vec();
    Change::Added(Record::Intermediate(IntermediateRecord { id: id(name), certificate, label: None }))
}

fn scoped() -> Scope {
    Scope { identities: vec!["https://ci.example/*".into()], ..Scope::default() }
}

fn holding(changes: impl IntoIterator<Item = Change>) -> Ledger<MemoryLog> {
    let mut ledger = solo();
    for (second, change) in (1..).zip(changes) {
        ledger.make(change, second).unwrap();
    }
    ledger
}

/// A root that is valid until this second, inclusive.
fn root_until(name: &str, until: i64) -> Authority {
    Authority::root_with(TestKey::ed25519(name), |builder| builder.validity(at(-DAY), at(until)))
}

#[test]
fn an_authority_without_scope_is_over_broad_and_one_with_a_scope_is_not() {
    let root = Authority::root("lint root");
    let ledger = holding([anchor("root", &root, Terms::default())]);
    assert_eq!(found(&look(&ledger, 9), Rule::OverBroad), one(Severity::Warn, "anchor root"));
    let ledger = holding([anchor("root", &root, Terms::default().with_scope(scoped()))]);
    assert_eq!(found(&look(&ledger, 9), Rule::OverBroad), []);
}

#[test]
fn a_pattern_that_fits_everything_is_over_broad() {
    let root = Authority::root("lint root");
    let scope = Scope { identities: vec!["https://*".into()], ..Scope::default() };
    let ledger = holding([anchor("root", &root, Terms::default().with_scope(scope))]);
    let findings = look(&ledger, 9);
    assert_eq!(found(&findings, Rule::OverBroad), one(Severity::Warn, "anchor root"));
    let fact = findings.iter().find(|finding| finding.rule == Rule::OverBroad).unwrap().facts[0].clone();
    assert_eq!(fact, ("identity", "https://*".to_owned()));
}

#[test]
fn a_public_authority_as_a_private_anchor_fails_unless_its_scope_names_somebody() {
    let sigstore = Sigstore::new("lint");
    let document = sigstore.trusted_root().to_json();
    let root = TrustedRoot::from_json(document.as_bytes()).unwrap();
    let trusted =
        stella_trust_store::TrustSnapshot::builder().trusted_root(document.as_bytes()).unwrap().build().unwrap();
    let certificate = trusted.domains()[1].authorities()[0].anchors()[0].certificate().der().to_vec();
    let add = |scope| {
        let terms = Terms::default().with_scope(scope);
        holding([Change::Added(Record::Anchor(AnchorRecord {
            id: id("root"),
            certificate: certificate.clone(),
            terms,
        }))])
    };
    let public = [root];
    let surroundings = Surroundings { public: &public, ..Surroundings::default() };
    let rule = Rule::PublicAsPrivate;
    let unlimited = add(Scope::default());
    assert_eq!(found(&look_with(&unlimited, 9, &surroundings), rule), one(Severity::Fail, "anchor root"));
    assert_eq!(found(&look_with(&add(scoped()), 9, &surroundings), rule), one(Severity::Warn, "anchor root"));
    assert_eq!(found(&look(&unlimited, 9), rule), []);
    // Known as well if the trusted root is in the store itself.
    let mut imported = unlimited;
    let document = document.as_bytes().to_vec();
    let record = TrustedRootRecord { id: id("sigstore"), document, label: None };
    imported.make(Change::Added(Record::TrustedRoot(record)), 5).unwrap();
    assert_eq!(found(&look(&imported, 9), rule), one(Severity::Fail, "anchor root"));
}

#[test]
fn an_anchor_below_a_wider_one_is_shadowed_and_below_a_narrower_one_is_not() {
    let root = Authority::root("lint root");
    let below = root.intermediate("lint below");
    let narrow = Terms::default().with_scope(scoped());
    let ledger = holding([anchor("root", &root, Terms::default()), anchor("below", &below, narrow.clone())]);
    assert_eq!(found(&look(&ledger, 9), Rule::Shadowed), one(Severity::Warn, "anchor below"));
    let ledger = holding([anchor("root", &root, narrow), anchor("below", &below, Terms::default())]);
    assert_eq!(found(&look(&ledger, 9), Rule::Shadowed), []);
    let stranger = Authority::root("lint stranger");
    let ledger = holding([anchor("root", &root, Terms::default()), anchor("stranger", &stranger, Terms::default())]);
    assert_eq!(found(&look(&ledger, 9), Rule::Shadowed), []);
}

#[test]
fn an_intermediate_without_an_anchor_above_it_is_an_orphan() {
    let root = Authority::root("lint root");
    let upper = root.intermediate_with(TestKey::p384("lint upper"), |builder| builder);
    let ledger = holding([intermediate("upper", &upper)]);
    assert_eq!(found(&look(&ledger, 9), Rule::Orphan), one(Severity::Warn, "intermediate upper"));
    let ledger = holding([intermediate("upper", &upper), anchor("root", &root, Terms::default())]);
    assert_eq!(found(&look(&ledger, 9), Rule::Orphan), []);
    // Also two certificates farther away.
    let lower = upper.intermediate("lint lower");
    let ledger = holding([
        intermediate("a-lower", &lower),
        intermediate("upper", &upper),
        anchor("root", &root, Terms::default()),
    ]);
    assert_eq!(found(&look(&ledger, 9), Rule::Orphan), []);
    let ledger = holding([intermediate("a-lower", &lower), anchor("root", &root, Terms::default())]);
    assert_eq!(found(&look(&ledger, 9), Rule::Orphan), one(Severity::Warn, "intermediate a-lower"));
}

#[test]
fn a_certificate_that_ends_within_30_days_warns_and_within_7_fails() {
    let root = root_until("lint short", 100 * DAY);
    let ledger = holding([anchor("root", &root, Terms::default().with_scope(scoped()))]);
    let expiring = |seconds| found(&look(&ledger, seconds), Rule::Expiring);
    // It ends one second after its last.
    assert_eq!(expiring(70 * DAY), []);
    assert_eq!(expiring(70 * DAY + 1), one(Severity::Warn, "anchor root"));
    assert_eq!(expiring(93 * DAY), one(Severity::Warn, "anchor root"));
    assert_eq!(expiring(93 * DAY + 1), one(Severity::Fail, "anchor root"));
    assert_eq!(expiring(100 * DAY), one(Severity::Fail, "anchor root"));
    assert_eq!(expiring(100 * DAY + 1), []);
    assert_eq!(found(&look(&ledger, 100 * DAY + 1), Rule::Vacuous), one(Severity::Info, "anchor root"));
}

#[test]
fn what_ends_and_has_a_successor_is_only_mentioned() {
    let old = root_until("lint short", 100 * DAY);
    let new = Authority::root_with(TestKey::p256("lint new"), |builder| builder);
    let terms = |label: &str| Terms { scope: scoped(), ..Terms::labelled(label) };
    let ledger = holding([anchor("root-1", &old, terms("root 1")), anchor("root-2", &new, terms("root 2"))]);
    assert_eq!(found(&look(&ledger, 95 * DAY), Rule::Expiring), one(Severity::Info, "anchor root-1"));
}

#[test]
fn a_window_that_never_meets_the_certificate_is_vacuous() {
    let root = root_until("lint short", 100 * DAY);
    let later = Terms::default().with_scope(scoped()).with_window(window(Some(101 * DAY), None));
    let ledger = holding([anchor("root", &root, later)]);
    assert_eq!(found(&look(&ledger, 9), Rule::Vacuous), one(Severity::Warn, "anchor root"));
}

#[test]
fn scopes_that_nothing_can_fit_are_vacuous() {
    let root = Authority::root("lint root");
    let names = vec!["dns:a.example".to_owned()];
    let excluding =
        Scope { name_constraints_permitted: names.clone(), name_constraints_excluded: names, ..Scope::default() };
    let unknown = Scope { algorithms: vec!["rot13".into()], ..scoped() };
    for scope in [excluding, unknown] {
        let ledger = holding([anchor("root", &root, Terms::default().with_scope(scope))]);
        assert_eq!(found(&look(&ledger, 9), Rule::Vacuous), one(Severity::Warn, "anchor root"));
    }
    let scope = Scope { algorithms: vec!["ecdsa-p256-sha256".into()], ..Scope::default() };
    let record = KeyRecord { terms: Terms::default().with_scope(scope), ..key_record("release") };
    let ledger = holding([Change::Added(Record::Key(record))]);
    assert_eq!(found(&look(&ledger, 9), Rule::Vacuous), one(Severity::Warn, "key release"));
}
