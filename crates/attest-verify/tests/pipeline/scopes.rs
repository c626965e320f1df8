//! What anchors, keys and issuers are trusted for: each limit with the smallest input that keeps it, one that does not, and the boundary (B194).

use stella_attest_verify::{CheckId, Code, Policy, Report, Status, Verdict};
use stella_crypto_providers::HashAlgorithm;
use stella_testkit::certificate::{Extension, SubjectAltName, to_pem};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::statement;
use stella_trust_store::ledger::{Change, PurlPattern, Scope, Terms};

use crate::store::*;
use crate::world::*;

fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn purls(texts: &[&str]) -> Vec<PurlPattern> {
    texts.iter().map(|text| PurlPattern::new(text).unwrap()).collect()
}

/// The private authority as an anchor of a store with this scope.
fn anchored(scope: Scope) -> Store {
    let pki = PrivatePki::new();
    Store::new()
        .anchor("private-root", pki.root.certificate(), terms(scope))
        .intermediate("private-middle", pki.intermediate.certificate())
}

fn judge_under(scope: Scope) -> Report {
    let pki = PrivatePki::new();
    anchored(scope).case().judge_envelope(&pki.sign(&pki.leaf()))
}

fn named(purl: &str) -> Envelope {
    let payload = statement::provenance(purl, ARTIFACT, CANARY).to_string();
    Envelope::new(IN_TOTO, payload.as_bytes())
}

#[track_caller]
fn assert_out_of_scope(report: Report, holder: &str, found: &str) {
    let cause = report.cause().unwrap();
    assert_eq!(cause.place(), Some(holder), "{report}");
    assert!(cause.found().unwrap().contains(found), "{report}");
    assert_refused(report, CheckId::PolicyScope, Code::PolicyAnchorScope);
}

#[test]
fn an_anchor_without_a_scope_is_trusted_for_everything_and_plans_no_check() {
    let report = judge_under(Scope::default());
    assert!(report.checks().iter().all(|check| check.id() != CheckId::PolicyScope));
    assert_eq!(report.inputs().trust_store.as_deref(), Some("pipeline"));
    assert_eq!(report.inputs().trust_entry, Some(2));
    assert!(report.to_json().contains(r#""store":"pipeline","entry":2"#));
    assert_verified(report);
}

#[test]
fn each_limit_of_an_anchor_is_kept_or_refused() {
    let within: [(&str, Scope); 9] = [
        ("algorithms", only(|scope| scope.algorithms = list(&["ed25519", "ecdsa-p256-sha256"]))),
        ("eku", only(|scope| scope.extended_key_usages = list(&["1.3.6.1.5.5.7.3.3"]))),
        ("identities", only(|scope| scope.identities = list(&["https://ci.example/*"]))),
        ("path length", only(|scope| scope.max_path_length = Some(1))),
        ("permitted", only(|scope| scope.name_constraints_permitted = list(&["uri:ci.example"]))),
        ("excluded", only(|scope| scope.name_constraints_excluded = list(&["uri:evil.example"]))),
        ("another form", only(|scope| scope.name_constraints_permitted = list(&["dns:other.example"]))),
        ("predicate types", only(|scope| scope.predicate_types = list(&["https://other.example", PREDICATE_TYPE]))),
        ("nothing", Scope::default()),
    ];
    for (name, scope) in within {
        let report = judge_under(scope);
        assert_eq!(report.verdict(), Verdict::Verified, "{name}: {report}");
    }
    let outside: [(&str, Scope); 10] = [
        ("ecdsa-p256-sha256", only(|scope| scope.algorithms = list(&["ed25519"]))),
        ("1.3.6.1.5.5.7.3.3", only(|scope| scope.extended_key_usages = list(&["1.3.6.1.5.5.7.3.4"]))),
        (BUILDER, only(|scope| scope.identities = list(&["https://ci.example/*/private", "https://ci.example/priv"]))),
        ("no issuer", only(|scope| scope.oidc_issuers = list(&[stella_testkit::sigstore::OIDC_ISSUER]))),
        ("1", only(|scope| scope.max_path_length = Some(0))),
        (BUILDER, only(|scope| scope.name_constraints_permitted = list(&["uri:.ci.example"]))),
        (BUILDER, only(|scope| scope.name_constraints_excluded = list(&["uri:ci.example"]))),
        ("cn:nonsense", only(|scope| scope.name_constraints_excluded = list(&["cn:nonsense"]))),
        (PREDICATE_TYPE, only(|scope| scope.predicate_types = list(&["https://slsa.dev/provenance/v1.evil"]))),
        ("release.txt", only(|scope| scope.purl_patterns = purls(&["pkg:**"]))),
    ];
    for (found, scope) in outside {
        assert_out_of_scope(judge_under(scope), "anchor private-root", found);
    }
}

#[test]
fn a_scope_applies_whatever_the_policy_says_about_the_signer() {
    let pki = PrivatePki::new();
    let scope = || only(|scope| scope.predicate_types = list(&["https://spdx.dev/Document"]));
    for policy in [Policy::require_signer(BUILDER), Policy::danger_any_signer()] {
        let report = anchored(scope()).case().policy(policy).judge_envelope(&pki.sign(&pki.leaf()));
        assert_out_of_scope(report, "anchor private-root", PREDICATE_TYPE);
    }
}

#[test]
fn the_remedy_names_the_anchor_and_loosens_nothing() {
    let report = judge_under(only(|scope| scope.max_path_length = Some(0)));
    let remedy = report.remedy().unwrap();
    assert_eq!(remedy.commands(), [list(&["stella", "trust-anchors", "show", "private-root"])]);
    assert_eq!(remedy.accepts(), None);
}

#[test]
fn a_message_signature_is_outside_of_any_scope_over_statements() {
    let message = || sigstore().ceremony().sign_artifact(ARTIFACT);
    let judge = |scope: Scope| {
        let root = sigstore().trusted_root();
        let store = Store::new()
            .anchor("own", sigstore().root().certificate(), terms(scope))
            .intermediate("own-middle", sigstore().intermediate().certificate());
        // The logs are those of the public instance.
        let with_logs = store.trusted_root("public", &root.to_json());
        with_logs.case().policy(sigstore_policy()).judge(&message())
    };
    assert_verified(judge(Scope::default()));
    // The public authority of the same certificates has no scope, so that one does.
    assert_verified(judge(only(|scope| scope.predicate_types = list(&[PREDICATE_TYPE]))));
}

#[test]
fn one_anchor_has_to_hold_the_signature_by_itself_and_any_one_will_do() {
    let pki = PrivatePki::new();
    // The intermediate as an anchor of its own, with another scope.
    let wrong = only(|scope| scope.predicate_types = list(&["https://spdx.dev/Document"]));
    let right = only(|scope| scope.predicate_types = list(&[PREDICATE_TYPE]));
    let short = only(|scope| scope.max_path_length = Some(0));
    let both = |root: &Scope, middle: &Scope| {
        Store::new()
            .anchor("root", pki.root.certificate(), terms(root.clone()))
            .anchor("middle", pki.intermediate.certificate(), terms(middle.clone()))
            .intermediate("unrelated", PrivatePki::new().root.intermediate("unrelated").certificate())
    };
    let judge = |store: Store| store.case().judge_envelope(&pki.sign(&pki.leaf()));
    assert_verified(judge(both(&wrong, &right)));
    assert_verified(judge(both(&wrong, &Scope::default())));
    assert_verified(judge(both(&Scope::default(), &short)));
    // An anchor that stands in the way of a way to another one ends the path there.
    assert_refused(judge(both(&right, &wrong)), CheckId::PolicyScope, Code::PolicyAnchorScope);
}

#[test]
fn of_two_anchors_of_one_name_and_key_the_one_that_is_trusted_for_this_is_found() {
    let pki = PrivatePki::new();
    // Cross-certificates: the same name and key twice.
    let key = || TestKey::p384("private intermediate");
    let other = pki.root.intermediate_with(key(), |builder| builder.serial(4711));
    let wrong = || terms(only(|scope| scope.identities = list(&["https://other.example/x"])));
    let right = || terms(only(|scope| scope.identities = list(&[BUILDER])));
    for (first, second) in [(wrong(), right()), (right(), wrong())] {
        let store = Store::new().anchor("first", pki.intermediate.certificate(), first).anchor(
            "second",
            other.certificate(),
            second,
        );
        assert_verified(store.case().judge_envelope(&pki.sign(&pki.leaf())));
    }
    let store = Store::new().anchor("first", pki.intermediate.certificate(), wrong()).anchor(
        "second",
        other.certificate(),
        wrong(),
    );
    assert_refused(store.case().judge_envelope(&pki.sign(&pki.leaf())), CheckId::PolicyScope, Code::PolicyAnchorScope);
}

#[test]
fn a_path_does_not_borrow_the_scope_of_one_anchor_and_the_window_of_another() {
    let pki = PrivatePki::new();
    let other = pki.root.intermediate_with(TestKey::p384("private intermediate"), |builder| builder.serial(4711));
    let ended = stella_attest_verify::Window::half_open(None, Some(signed_at()));
    let store =
        Store::new().anchor("in-scope", pki.intermediate.certificate(), Terms::default().with_window(ended)).anchor(
            "in-time",
            other.certificate(),
            terms(only(|scope| scope.predicate_types = list(&["https://x.example"]))),
        );
    let report = store.case().judge_envelope(&pki.sign(&pki.leaf()));
    assert_out_of_scope(report, "anchor in-time", PREDICATE_TYPE);
}

#[test]
fn a_key_is_held_to_its_scope_and_has_no_identity() {
    let key = TestKey::p256("a scoped key");
    let judge = |scope: Scope| {
        Store::new().key("release", &key, terms(scope)).case().judge_envelope(&unsigned().signed_by(&key))
    };
    assert_verified(judge(Scope::default()));
    assert_verified(judge(only(|scope| scope.predicate_types = list(&[PREDICATE_TYPE]))));
    assert_verified(judge(only(|scope| scope.algorithms = list(&["ecdsa-p256-sha256"]))));
    for (found, scope) in [
        (PREDICATE_TYPE, only(|scope| scope.predicate_types = list(&["https://spdx.dev/Document"]))),
        ("ecdsa-p256-sha256", only(|scope| scope.algorithms = list(&["ecdsa-p384-sha384"]))),
        ("nothing", only(|scope| scope.identities = list(&["https://ci.example/builder"]))),
        ("no issuer", only(|scope| scope.oidc_issuers = list(&["https://idp.example"]))),
        ("nothing", only(|scope| scope.extended_key_usages = list(&["1.3.6.1.5.5.7.3.3"]))),
        ("a key has no certificate", only(|scope| scope.max_path_length = Some(0))),
        ("a key has no certificate", only(|scope| scope.name_constraints_permitted = list(&["dns:example.org"]))),
        ("a key has no certificate", only(|scope| scope.name_constraints_excluded = list(&["dns:example.org"]))),
    ] {
        assert_out_of_scope(judge(scope), "key release", found);
    }
}

#[test]
fn of_several_keys_that_signed_enough_have_to_be_within_their_scopes() {
    let (free, bound) = (TestKey::p256("a free key"), TestKey::p256("a bound key"));
    let other = || terms(only(|scope| scope.predicate_types = list(&["https://spdx.dev/Document"])));
    let store = Store::new().key("free", &free, Terms::default()).key("bound", &bound, other());
    let envelope = unsigned().signed_by(&bound).signed_by(&free);
    let ids = || [free.public_key().key_id(), bound.public_key().key_id()];
    let judge =
        |threshold| store.case().policy(Policy::require_keys(threshold, ids()).unwrap()).judge_envelope(&envelope);
    let report = judge(1);
    assert_eq!(report.signer().label(), Some("free"));
    assert_verified(report);
    assert_refused(judge(2), CheckId::PolicyScope, Code::PolicyAnchorScope);
}

#[test]
fn an_artifact_is_known_by_a_package_url_or_not_at_all() {
    let key = TestKey::p256("a key for one artifact");
    let judge = |patterns: &[&str], name: &str| {
        let store = Store::new().key("release", &key, terms(only(|scope| scope.purl_patterns = purls(patterns))));
        store.case().judge_envelope(&named(name).signed_by(&key))
    };
    assert_verified(judge(&["pkg:oci/acme/app"], "pkg:oci/acme/app@sha256:00"));
    assert_verified(judge(&["pkg:oci/other", "pkg:oci/acme/*"], "pkg:oci/acme/app"));
    for name in ["pkg:oci/acme/app2", "pkg:oci/acme", "oci/acme/app", "x", "PKG:oci/acme/app"] {
        assert_out_of_scope(judge(&["pkg:oci/acme/app"], name), "key release", name);
    }
}

#[test]
fn without_an_artifact_every_subject_has_to_be_in_scope_and_with_one_that_one() {
    let key = TestKey::p256("a key for one artifact");
    let digest = |bytes: &[u8]| HashAlgorithm::Sha256.hash(&[bytes]);
    let (ours, other) = (digest(ARTIFACT), digest(b"other"));
    let both = [("pkg:oci/acme/app", ours.as_bytes()), ("pkg:oci/other/app", other.as_bytes())];
    let payload = statement::statement(
        "https://in-toto.io/Statement/v1",
        &both,
        PREDICATE_TYPE,
        statement::slsa_predicate(CANARY),
    );
    let envelope = Envelope::new(IN_TOTO, payload.to_string().as_bytes()).signed_by(&key);
    let scope = only(|scope| scope.purl_patterns = purls(&["pkg:oci/acme/*"]));
    let case = || Store::new().key("release", &key, terms(scope.clone())).case();
    assert_verified(case().judge_envelope(&envelope));
    let listed = case().binding(stella_attest_verify::Binding::SubjectsAsListed).judge_envelope(&envelope);
    assert_out_of_scope(listed, "key release", "pkg:oci/other/app");
}

#[test]
fn the_most_specific_pattern_in_the_store_says_who_may_speak_about_an_artifact() {
    let (broad, narrow) = (TestKey::p256("a broad key"), TestKey::p256("a narrow key"));
    let pattern = |text: &str| terms(only(|scope| scope.purl_patterns = purls(&[text])));
    let store = || {
        Store::new()
            .key("broad", &broad, pattern("pkg:oci/acme/**"))
            .key("narrow", &narrow, pattern("pkg:oci/acme/app"))
            .key("anything", &TestKey::p256("a free key"), Terms::default())
    };
    let judge = |store: &Store, key: &TestKey, name: &str| store.case().judge_envelope(&named(name).signed_by(key));
    assert_verified(judge(&store(), &narrow, "pkg:oci/acme/app"));
    assert_verified(judge(&store(), &broad, "pkg:oci/acme/tool"));
    let report = judge(&store(), &broad, "pkg:oci/acme/app");
    assert_out_of_scope(report, "key broad", "key narrow");
    // Where no limit is set, none is.
    assert_verified(judge(&store(), &TestKey::p256("a free key"), "pkg:oci/acme/app"));
    // A claim outlasts its holder: taking a key out, which one person may do, hands its artifacts to nobody.
    let removed = store().change(Change::Removed(key_ref("narrow")));
    assert_refused(judge(&removed, &broad, "pkg:oci/acme/app"), CheckId::PolicyScope, Code::PolicyAnchorScope);
    // Until somebody is given a pattern that is as specific.
    let next = TestKey::p256("the next key");
    let followed = removed.key("next", &next, pattern("pkg:oci/acme/app"));
    assert_verified(judge(&followed, &next, "pkg:oci/acme/app"));
}

/// Signed with a certificate of the private authority that has these names.
fn signed_by_names(names: &[SubjectAltName]) -> Envelope {
    let pki = PrivatePki::new();
    let leaf = pki.leaf().without_extension("2.5.29.17").extension(Extension::subject_alt_names(names));
    Envelope::new(IN_TOTO, statement().to_string().as_bytes())
        .signed_with_certificate(&pki.key, &to_pem(&leaf.sign(pki.intermediate.key())))
}

#[test]
fn every_name_of_a_certificate_has_to_be_in_scope_whatever_the_policy_asks_for() {
    let evil = "https://evil.example/x";
    let envelope = signed_by_names(&[SubjectAltName::Uri(evil.to_owned()), SubjectAltName::Uri(BUILDER.to_owned())]);
    let both = only(|scope| scope.identities = list(&[BUILDER, "https://evil.example/*"]));
    for policy in [Policy::require_trusted_signer(), Policy::require_signer(evil), Policy::require_signer(BUILDER)] {
        let judge = |scope: &Scope| anchored(scope.clone()).case().policy(policy.clone()).judge_envelope(&envelope);
        assert_verified(judge(&both));
        let one = judge(&only(|scope| scope.identities = list(&[BUILDER])));
        assert_out_of_scope(one, "anchor private-root", evil);
    }
    // A mailbox is a name like any other.
    let envelope =
        signed_by_names(&[SubjectAltName::Uri(BUILDER.to_owned()), SubjectAltName::Email("x@evil.example".to_owned())]);
    let report = anchored(only(|scope| scope.identities = list(&[BUILDER]))).case().judge_envelope(&envelope);
    assert_out_of_scope(report, "anchor private-root", "x@evil.example");
}

#[test]
fn a_backslash_does_not_move_the_host_of_a_uri() {
    let scope = || only(|scope| scope.name_constraints_permitted = list(&["uri:ci.example"]));
    let judge =
        |uri: &str| anchored(scope()).case().judge_envelope(&signed_by_names(&[SubjectAltName::Uri(uri.to_owned())]));
    assert_verified(judge("https://ci.example/"));
    let report = judge("https://evil.test\\@ci.example/");
    assert_eq!(report.code(), Some(Code::X509NameMalformed), "{report}");
    assert_eq!(report.verdict(), Verdict::Rejected);
}

#[test]
fn the_name_of_an_artifact_is_written_in_one_way_only() {
    let (victim, evil) = (TestKey::p256("the owner's key"), TestKey::p256("the other key"));
    let pattern = |text: &str| terms(only(|scope| scope.purl_patterns = purls(&[text])));
    let store =
        Store::new().key("victim", &victim, pattern("pkg:oci/acme/app1")).key("evil", &evil, pattern("pkg:oci/acme/*"));
    let judge = |name: &str, key: &TestKey| store.case().judge_envelope(&named(name).signed_by(key));
    assert_verified(judge("pkg:oci/acme/app1", &victim));
    assert_verified(judge("pkg:oci/acme/app2@sha256%3A0a?arch=amd64", &evil));
    assert_out_of_scope(judge("pkg:oci/acme/app1", &evil), "key evil", "key victim");
    for name in [
        "pkg:oci/acme/app%31",
        "pkg:oci/acme/%61pp1",
        "pkg:oci/acme/App1",
        "pkg:oci/acme/app1%20",
        "pkg:oci/acme/app1 ",
        "pkg:oci/acme/app1@a@b",
        "pkg:oci/acme/",
    ] {
        assert_out_of_scope(judge(name, &evil), "key evil", "canonical");
    }
}

#[test]
fn padding_a_pattern_does_not_bring_it_closer_than_an_exact_one() {
    let (victim, evil) = (TestKey::p256("the owner's key"), TestKey::p256("the other key"));
    let pattern = |text: &str| terms(only(|scope| scope.purl_patterns = purls(&[text])));
    for (exact, padded) in [
        ("pkg:oci/acme/app1", "pkg:oci/**/**/**/**/**"),
        ("pkg:oci/acme/app1", "pkg:oci/acme/*@*"),
        ("pkg:oci/acme/app1", "pkg:oci/acme/app1*@1"),
        ("pkg:oci/acme/app*", "pkg:oci/acme/*"),
    ] {
        let store = Store::new().key("victim", &victim, pattern(exact)).key("evil", &evil, pattern(padded));
        let judge = |key: &TestKey| store.case().judge_envelope(&named("pkg:oci/acme/app1@1").signed_by(key));
        assert_verified(judge(&victim));
        assert_out_of_scope(judge(&evil), "key evil", "key victim");
    }
}

#[test]
fn a_scope_counts_on_top_of_what_a_certificate_says() {
    let envelope = signed_by_names(&[
        SubjectAltName::Uri("https://evil.example/x".to_owned()),
        SubjectAltName::Uri(BUILDER.to_owned()),
    ]);
    let judge = |scope: Scope| anchored(scope).case().judge_envelope(&envelope);
    assert_verified(judge(Scope::default()));
    // Constraints are for every name.
    let report = judge(only(|scope| scope.name_constraints_permitted = list(&["uri:ci.example"])));
    assert_out_of_scope(report, "anchor private-root", "evil.example");
}

/// Scopes from none to all limits, each narrower than the one before.
fn ladder() -> Vec<Scope> {
    let mut scope = Scope::default();
    let mut rungs = vec![scope.clone()];
    let mut narrow = |edit: &dyn Fn(&mut Scope)| {
        edit(&mut scope);
        rungs.push(scope.clone());
    };
    narrow(&|scope| scope.predicate_types = list(&[PREDICATE_TYPE, "https://spdx.dev/Document"]));
    narrow(&|scope| scope.identities = list(&[BUILDER, "https://ci.example/*"]));
    narrow(&|scope| scope.max_path_length = Some(2));
    narrow(&|scope| scope.max_path_length = Some(1));
    narrow(&|scope| scope.identities = list(&["https://ci.example/*"]));
    narrow(&|scope| scope.name_constraints_excluded = list(&["uri:evil.example"]));
    narrow(&|scope| scope.algorithms = list(&["ecdsa-p256-sha256", "ed25519"]));
    narrow(&|scope| scope.algorithms = list(&["ed25519"]));
    narrow(&|scope| scope.predicate_types = list(&["https://spdx.dev/Document"]));
    narrow(&|scope| scope.purl_patterns = purls(&["pkg:oci/acme/*"]));
    narrow(&|scope| scope.max_path_length = Some(0));
    rungs
}

#[test]
fn narrowing_a_scope_never_turns_a_refusal_into_acceptance() {
    let mut accepted = true;
    for (rung, scope) in ladder().into_iter().enumerate() {
        let report = judge_under(scope);
        let verified = report.verdict() == Verdict::Verified;
        assert!(accepted || !verified, "rung {rung} accepts what the one above refuses");
        accepted = verified;
        if !verified {
            let check = check(&report, CheckId::PolicyScope);
            assert_eq!(check.status(), Status::Fail, "rung {rung}");
        }
    }
    assert!(!accepted);
}

#[test]
fn removing_any_object_of_a_store_never_turns_a_refusal_into_acceptance() {
    let pki = PrivatePki::new();
    let (release, nightly) = (TestKey::p256("release"), TestKey::p256("nightly"));
    let pattern = |text: &str| terms(only(|scope| scope.purl_patterns = purls(&[text])));
    let store = || {
        Store::new()
            .anchor("root", pki.root.certificate(), terms(only(|scope| scope.identities = list(&[BUILDER]))))
            .anchor("middle", pki.intermediate.certificate(), pattern("pkg:oci/**"))
            .key("release", &release, pattern("pkg:oci/acme/app"))
            .key("nightly", &nightly, pattern("pkg:oci/**"))
    };
    let names = ["release.txt", "pkg:oci/acme/app", "pkg:oci/acme/tool", "pkg:npm/app"];
    let evidence: Vec<Envelope> = names
        .iter()
        .flat_map(|name| {
            let pem = to_pem(&pki.leaf().sign(pki.intermediate.key()));
            [
                named(name).signed_by(&release),
                named(name).signed_by(&nightly),
                named(name).signed_with_certificate(&pki.key, &pem),
            ]
        })
        .collect();
    let verified = |store: &Store| -> Vec<bool> {
        evidence.iter().map(|one| store.case().judge_envelope(one).verdict() == Verdict::Verified).collect()
    };
    let before = verified(&store());
    assert!(before.contains(&true) && before.contains(&false));
    let compromised = |since| revoked(stella_trust_store::ledger::RevocationCause::Compromised, since, signed_at());
    for object in [anchor_ref("root"), anchor_ref("middle"), key_ref("release"), key_ref("nightly")] {
        for change in
            [Change::Removed(object.clone()), Change::Revoked { object: object.clone(), revocation: compromised(None) }]
        {
            let after = verified(&store().change(change));
            for (index, (before, after)) in before.iter().zip(&after).enumerate() {
                assert!(*before || !after, "without {object}, evidence {index} is accepted");
            }
        }
    }
}
