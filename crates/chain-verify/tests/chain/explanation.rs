//! What kind of refusal it is, and pictures of it.

use std::sync::Arc;

use stella_chain_verify::{
    Anchor, Certificate, ChainBuilder, ChainPolicy, ChainRefusal, Diagnosis, Explanation, OcspResponse, Pool, Purpose,
    Revocation, RevocationList, VerifiedChain,
};
use stella_crypto_providers::Registry;
use stella_vocabulary::{Code, Reason, Window};

use crate::builder::*;

fn diagnose(chain: &Chain) -> Diagnosis {
    *chain.judge().unwrap_err().diagnosis
}

#[test]
fn the_kinds_of_refusal_are_told_apart() {
    let chain = Chain::new();
    let (leaf, intermediate, root) =
        (chain.leaf.clone().key_ids(3, 2).sign(&key(2)), chain.intermediate.sign(&key(1)), chain.root.sign(&key(1)));
    let of = |anchors: Vec<Certificate>, extra: &[Certificate]| {
        *search(&pool(anchors, vec![]), &leaf, extra).unwrap_err().diagnosis
    };
    match of(vec![root.clone()], &[]) {
        Diagnosis::MissingIntermediate(at) => {
            assert_eq!((at.cert, at.subject.as_str(), at.issuer.as_str()), (0, "CN=Signer", "CN=Issuing CA"));
            assert_eq!((at.subject_key, at.authority_key), (Some("03".repeat(20)), Some("02".repeat(20))));
        }
        other => panic!("{other:?}"),
    }
    match of(vec![], &[intermediate]) {
        Diagnosis::RootNotTrusted(at) => assert_eq!((at.cert, at.issuer.as_str()), (1, "CN=Root CA")),
        other => panic!("{other:?}"),
    }
    let rotated = Draft::authority("Issuing CA", &key(8), "Root CA").key_ids(8, 1).sign(&key(1));
    match of(vec![root], &[rotated]) {
        Diagnosis::OtherKey { at, found_key } => {
            assert_eq!((at.cert, found_key), (0, Some("08".repeat(20))));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_expired_is_told_apart_from_what_never_held() {
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.valid("250101000000Z", "250115000000Z");
    chain.intermediate = chain.intermediate.valid("250110000000Z", "251231235959Z");
    let (from, until) = (at("2025-01-10T00:00:00Z"), at("2025-01-15T00:00:00Z"));
    assert_eq!(diagnose(&chain), Diagnosis::ExpiredNow { from, until });
    // No instant suits both.
    chain.intermediate = chain.intermediate.valid("250116000000Z", "251231235959Z");
    assert_eq!(diagnose(&chain), Diagnosis::Other);
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.valid("250701000000Z", "250801000000Z");
    assert_eq!(diagnose(&chain).name(), "not-yet-valid");
    // Time is not all that is wrong.
    chain.leaf = chain.leaf.without(EXTENDED_KEY_USAGE);
    assert_eq!(diagnose(&chain), Diagnosis::Other);
}

#[test]
fn what_the_anchor_does_not_allow_is_told_apart() {
    let mut chain = Chain::new();
    chain.root = chain.root.constrain(&[tlv(0x86, b".other.example")], &[]);
    assert_eq!(diagnose(&chain), Diagnosis::AnchorConstraint { cert: 2 });
    let mut chain = Chain::new();
    chain.root = chain.root.path_length(0);
    assert_eq!(diagnose(&chain), Diagnosis::AnchorConstraint { cert: 2 });
    // The window that its owner set, not its validity.
    let chain = Chain::new();
    let window = Window::closed(Some(at("2025-07-01T00:00:00Z")), None);
    let pool = Pool::new(&Registry::rustcrypto(), vec![chain.anchor().with_window(window)], vec![]);
    let refused = search(&pool, &chain.leaf.sign(&key(2)), &[chain.intermediate.sign(&key(1))]).unwrap_err();
    assert_eq!(*refused.diagnosis, Diagnosis::AnchorConstraint { cert: 2 });
    let mut chain = Chain::new();
    chain.root = chain.root.valid("240101000000Z", "250601000000Z");
    assert_eq!(diagnose(&chain).name(), "expired-now");
}

const HOSTILE: &str = "\"]; x -> y; \\\"</text><script>alert(1)</script>&lt;]]>-->\u{202e}\u{1b}[31m\n<svg onload='x'>";

fn hostile() -> Explanation {
    let mut chain = Chain::new();
    chain.leaf.subject = name(HOSTILE);
    chain.leaf.issuer = name(HOSTILE);
    chain.intermediate.subject = name(HOSTILE);
    let pool = pool(vec![chain.root.sign(&key(1))], vec![]);
    let policy = ChainPolicy::new(Purpose::code_signing());
    let (leaf, extra) = (chain.leaf.sign(&key(9)), [chain.intermediate.sign(&key(1))]);
    let found = pool.search(&leaf, &extra, &[at(NOON)], &policy);
    Explanation::of(&found, &[at(NOON)]).with_path(vec![leaf], vec![], Some(HOSTILE.to_string()))
}

#[test]
fn a_picture_holds_nothing_that_a_certificate_can_do_harm_with() {
    let svg = hostile().svg();
    for harmful in ["<script", "onload='", "]]>", "\u{202e}", "\u{1b}"] {
        assert!(!svg.contains(harmful), "{harmful:?} in {svg}");
    }
    assert!(svg.contains("&lt;script&gt;"), "{svg}");
    // Every tag is one of ours, and each is closed.
    let tags: Vec<&str> = svg.split('<').skip(1).map(|rest| rest.split([' ', '>', '/']).next().unwrap()).collect();
    for tag in &tags {
        assert!(["svg", "title", "rect", "text", "line", ""].contains(tag), "{tag}");
    }
    for tag in ["svg", "title", "text", "line"] {
        assert_eq!(svg.matches(&format!("<{tag}")).count(), svg.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert!(!svg.contains("href") && !svg.contains("url("), "it needs nothing from elsewhere");
}

#[test]
fn a_graph_holds_names_only_inside_of_its_quotes() {
    let dot = hostile().dot();
    assert!(!dot.contains('\u{202e}') && !dot.contains('\u{1b}'));
    for line in dot.lines() {
        // Without what is escaped, quotation marks come in pairs, and outside of them there is nothing of a name.
        let bare = line.replace("\\\\", "").replace("\\\"", "");
        let parts: Vec<&str> = bare.split('"').collect();
        assert_eq!(parts.len() % 2, 1, "{line}");
        let outside: String = parts.iter().step_by(2).copied().collect();
        assert!(!outside.contains("script") && !outside.contains("x ->"), "{line}");
    }
}

#[test]
fn a_picture_shows_the_path_its_dates_and_what_is_wrong() {
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.valid("240101000000Z", "241231235959Z");
    let pool = pool(vec![chain.root.sign(&key(1))], vec![]);
    let policy = ChainPolicy::new(Purpose::code_signing());
    let (leaf, extra) = (chain.leaf.sign(&key(2)), [chain.intermediate.sign(&key(1))]);
    let found = pool.search(&leaf, &extra, &[at(NOON)], &policy);
    let explanation = Explanation::of(&found, &[at(NOON)]);
    let (svg, dot) = (explanation.svg(), explanation.dot());
    for drawing in [&svg, &dot] {
        for word in ["CN=Signer", "CN=Issuing CA", "CN=Root CA", "x509.expired", "2024-12-31T23:59:59Z"] {
            assert!(drawing.contains(word), "{word} in {drawing}");
        }
    }
    assert!(svg.contains("judged at 2025-06-15T12:00:00Z"));
    assert_eq!(dot.matches(" -> ").count(), 2, "{dot}");
}

#[test]
fn a_builder_of_chains_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Pool>();
    shared::<ChainBuilder>();
    shared::<Certificate>();
    shared::<RevocationList>();
    shared::<OcspResponse>();
    shared::<Revocation>();
    shared::<VerifiedChain>();

    let chain = Chain::new();
    let anchors = Arc::new(pool(vec![chain.root.sign(&key(1))], vec![chain.intermediate.sign(&key(1))]));
    let builder = ChainBuilder::new(anchors, Purpose::code_signing());
    let leaf = chain.leaf.der(&key(2));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(builder.build_from_der(&[&leaf], at(NOON)).is_ok()));
        }
    });
}

#[test]
fn a_builder_of_chains_says_which_certificate_is_none() {
    let chain = Chain::new();
    let builder = ChainBuilder::new(Arc::new(pool(vec![chain.root.sign(&key(1))], vec![])), Purpose::code_signing());
    let (leaf, intermediate) = (chain.leaf.der(&key(2)), chain.intermediate.der(&key(1)));
    assert!(builder.build_from_der(&[&leaf, &intermediate], at(NOON)).is_ok());
    let refused = builder.build_from_der(&[&leaf[..], &intermediate[1..]], at(NOON)).unwrap_err();
    assert!(matches!(refused, ChainRefusal::Certificate { index: 1, .. }));
    assert_eq!(builder.build_from_der::<Vec<u8>>(&[], at(NOON)).unwrap_err().code(), Code::InputEmpty);
    assert_eq!(builder.build_from_der(&[&leaf], at(NOON)).unwrap_err().code(), Code::X509UnknownIssuer);
    let anchor = Anchor::new(chain.root.sign(&key(1)));
    assert_eq!(builder.anchors().anchors()[0].certificate(), anchor.certificate());
}
