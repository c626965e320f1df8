//! Under a public authority, a signer must be a trusted issuer of the store, or be named by the policy.

use stella_attest_verify::{CheckId, Code, Policy, Report};
use stella_testkit::sigstore::{IDENTITY, OIDC_ISSUER};
use stella_trust_store::ledger::{Change, Scope, Terms};

use crate::store::*;
use crate::world::*;

fn public() -> Store {
    Store::new().trusted_root("public", &sigstore().trusted_root().to_json())
}

fn judge(store: &Store) -> Report {
    store.case().judge(&bundle())
}

const BOTH: [(&str, Option<&str>); 1] = [(IDENTITY, Some(OIDC_ISSUER))];

#[test]
fn without_issuers_the_policy_has_to_say_who_is_meant() {
    assert_refused(judge(&public()), CheckId::PolicySigner, Code::PolicyIssuerRequired);
    assert_verified(public().case().policy(sigstore_policy()).judge(&bundle()));
}

#[test]
fn an_identity_of_a_trusted_issuer_is_accepted_and_one_of_a_pending_issuer_is_not() {
    let pending = || public().issuer("acme", &BOTH, Terms::default());
    let report = judge(&pending());
    assert_eq!(report.cause().unwrap().found(), Some("status pending"));
    let commands = report.remedy().unwrap().commands().to_vec();
    assert!(
        commands.contains(&["stella", "issuer", "trust", "acme", "--reason", "TEXT"].map(str::to_owned).to_vec()),
        "{commands:?}"
    );
    assert!(report.remedy().unwrap().accepts().unwrap().contains("issuer acme"));
    assert_refused(report, CheckId::PolicySigner, Code::KeyNotApproved);

    let trusted = pending().trust("acme");
    assert_verified(judge(&trusted));
    let report = judge(&trusted.change(Change::IssuerDistrusted(id("acme"))));
    assert_eq!(report.cause().unwrap().found(), Some("status distrusted"));
    assert_refused(report, CheckId::PolicySigner, Code::KeyNotApproved);
}

#[test]
fn identity_and_provider_have_to_be_of_one_pair() {
    let judge = |identities: &[(&str, Option<&str>)]| {
        judge(&public().issuer("acme", identities, Terms::default()).trust("acme"))
    };
    assert_verified(judge(&[("https://other.example/x", Some("https://idp.example")), BOTH[0]]));
    let mismatch = [(IDENTITY, Some("https://idp.example")), ("https://other.example/x", Some(OIDC_ISSUER))];
    assert_refused(judge(&mismatch), CheckId::PolicySigner, Code::IdentityIssuerMismatch);
    let stranger = [("https://other.example/x", Some(OIDC_ISSUER))];
    assert_refused(judge(&stranger), CheckId::PolicySigner, Code::IdentityMismatch);
    // Anybody may have that name at some provider.
    assert_refused(judge(&[(IDENTITY, None)]), CheckId::PolicySigner, Code::PolicyIssuerRequired);
    assert_refused(judge(&[]), CheckId::PolicySigner, Code::IdentityMismatch);
}

#[test]
fn patterns_of_an_issuer_match_whole_names_only_b192() {
    let at = |pattern: &str| {
        judge(&public().issuer("acme", &[(pattern, Some(OIDC_ISSUER))], Terms::default()).trust("acme"))
    };
    let (start, end) = IDENTITY.split_at(IDENTITY.len() - 3);
    assert!(!end.contains('/'));
    assert_verified(at(&format!("{start}*")));
    for pattern in
        [start.to_owned(), format!("{start}.*"), "*".to_owned(), format!("{IDENTITY}*"), format!("^{IDENTITY}$")]
    {
        assert_refused(at(&pattern), CheckId::PolicySigner, Code::IdentityMismatch);
    }
}

#[test]
fn an_issuer_is_held_to_its_scope_and_window() {
    let with = |terms: Terms| judge(&public().issuer("acme", &BOTH, terms).trust("acme"));
    let types = |uri: &str| terms(only(|scope: &mut Scope| scope.predicate_types = vec![uri.to_owned()]));
    assert_verified(with(types(PREDICATE_TYPE)));
    let report = with(types("https://spdx.dev/Document"));
    assert_eq!(report.cause().unwrap().place(), Some("issuer acme"));
    assert_refused(report, CheckId::PolicyScope, Code::PolicyAnchorScope);
    let until = |end| Terms::default().with_window(stella_attest_verify::Window::half_open(None, Some(end)));
    assert_verified(with(until(after(signed_at(), 1))));
    assert_refused(with(until(signed_at())), CheckId::PolicySigner, Code::KeyExpiredAtSigning);
}

#[test]
fn of_two_issuers_with_one_identity_any_that_is_trusted_for_this_will_do() {
    let narrow = || terms(only(|scope: &mut Scope| scope.predicate_types = vec!["https://spdx.dev/Document".into()]));
    let store = public().issuer("first", &BOTH, narrow()).issuer("second", &BOTH, Terms::default());
    assert_verified(judge(&store.trust("first").trust("second")));
}

#[test]
fn a_policy_may_ask_for_one_issuer_of_the_store() {
    let store = public().issuer("acme", &BOTH, Terms::default()).issuer("other", &BOTH, Terms::default()).trust("acme");
    let judge = |issuer: &str| store.case().policy(Policy::require_issuer(issuer)).judge(&bundle());
    assert_verified(judge("acme"));
    assert_refused(judge("other"), CheckId::PolicySigner, Code::KeyNotApproved);
    assert_refused(judge("nobody"), CheckId::PolicySigner, Code::KeyNotApproved);
}

#[test]
fn an_explicit_identity_wins_over_what_the_store_says_about_issuers() {
    let store = public().issuer("acme", &BOTH, Terms::default());
    assert_verified(store.case().policy(sigstore_policy()).judge(&bundle()));
}
