use stella_chain_verify::{Budget, ChainError, ChainPolicy, Purpose, Work};
use stella_vocabulary::{Code, Reason};

use crate::builder::*;

fn email(text: &str) -> Vec<u8> {
    tlv(0x81, text.as_bytes())
}

fn dns(text: &str) -> Vec<u8> {
    tlv(0x82, text.as_bytes())
}

fn uri(text: &str) -> Vec<u8> {
    tlv(0x86, text.as_bytes())
}

fn ip(bytes: &[u8]) -> Vec<u8> {
    tlv(0x87, bytes)
}

fn directory(der: Vec<u8>) -> Vec<u8> {
    tlv(0xa4, &der)
}

fn other_name() -> Vec<u8> {
    tlv(0xa0, &[oid("1.2.3"), tlv(0xa0, &tlv(0x0c, b"user"))].concat())
}

fn judge(permitted: &[Vec<u8>], excluded: &[Vec<u8>], names: &[Vec<u8>]) -> Result<(), Code> {
    let mut chain = Chain::new();
    chain.intermediate = chain.intermediate.constrain(permitted, excluded);
    chain.leaf = chain.leaf.alt_names(names);
    chain.judge().map(drop).map_err(|refused| refused.code())
}

const VIOLATION: Result<(), Code> = Err(Code::X509NameConstraintViolation);

#[test]
fn names_of_every_form_must_be_permitted() {
    for (base, good, bad) in [
        (dns("example.com"), dns("a.example.com"), dns("a.example.org")),
        (email("example.com"), email("a@example.com"), email("a@sub.example.com")),
        (email(".example.com"), email("a@sub.example.com"), email("a@example.com")),
        (email("a@example.com"), email("a@example.com"), email("a@example.org")),
        (uri(".example.com"), uri("https://ci.example.com/x"), uri("https://example.com/x")),
        (uri("example.com"), uri("https://example.com:8443/x"), uri("urn:example:com")),
        (ip(&[192, 0, 2, 0, 255, 255, 255, 0]), ip(&[192, 0, 2, 255]), ip(&[192, 0, 3, 0])),
        (ip(&[0; 32]), ip(&[1; 16]), ip(&[192, 0, 2, 1])),
    ] {
        assert_eq!(judge(&[base.clone()], &[], &[good.clone()]), Ok(()), "{good:02x?}");
        assert_eq!(judge(&[base.clone()], &[], &[bad.clone()]), VIOLATION, "{bad:02x?}");
        assert_eq!(judge(&[base.clone()], &[], &[good.clone(), bad.clone()]), VIOLATION);
        assert_eq!(judge(&[], &[base.clone()], &[good.clone()]), VIOLATION);
    }
}

#[test]
fn forms_without_a_constraint_are_free() {
    assert_eq!(judge(&[dns("example.com")], &[], &[uri("https://elsewhere.test/")]), Ok(()));
}

#[test]
fn exclusion_wins_over_permission() {
    assert_eq!(judge(&[dns("example.com")], &[dns("example.com")], &[dns("a.example.com")]), VIOLATION);
}

#[test]
fn wildcards_are_excluded_by_what_they_reach_and_permitted_by_what_holds_all_of_them() {
    assert_eq!(judge(&[], &[dns("bar.EXAMPLE.com")], &[dns("*.example.com")]), VIOLATION);
    assert_eq!(judge(&[dns("foo.example.com")], &[], &[dns("*.example.com")]), VIOLATION);
    assert_eq!(judge(&[dns("example.com")], &[], &[dns("*.example.com")]), Ok(()));
    assert_eq!(judge(&[], &[dns("example.org")], &[dns("*.example.com")]), Ok(()));
}

#[test]
fn several_mailboxes_do_not_hide_one_another() {
    let bases = [email("a@one.example"), email("a@two.example")];
    assert_eq!(judge(&bases, &[], &[email("a@two.example")]), Ok(()));
    assert_eq!(judge(&bases, &[], &[email("a@three.example")]), VIOLATION);
    assert_eq!(judge(&[], &bases, &[email("A@One.example")]), VIOLATION);
}

#[test]
fn directory_names_bind_subject_and_alternative_names() {
    let inside = name_of(&[("2.5.4.10", 0x0c, b"Example"), ("2.5.4.3", 0x0c, b"Signer")]);
    let base = [directory(name_of(&[("2.5.4.10", 0x13, b"EXAMPLE")]))];
    let mut chain = Chain::new();
    chain.intermediate = chain.intermediate.constrain(&base, &[]);
    assert_eq!(chain.code(), (Code::X509NameConstraintViolation, Some(0)));
    chain.leaf.subject = inside.clone();
    assert!(chain.judge().is_ok());
    chain.leaf = chain.leaf.alt_names(&[directory(name("Elsewhere"))]);
    assert_eq!(chain.code(), (Code::X509NameConstraintViolation, Some(0)));
    chain.leaf = chain.leaf.alt_names(&[directory(inside)]);
    assert!(chain.judge().is_ok());
}

#[test]
fn addresses_in_the_subject_are_bound_like_alternative_names() {
    let mut chain = Chain::new();
    chain.intermediate = chain.intermediate.constrain(&[email("example.com")], &[]);
    chain.leaf.subject = name_of(&[("1.2.840.113549.1.9.1", 0x16, b"a@example.com")]);
    assert!(chain.judge().is_ok());
    chain.leaf.subject = name_of(&[("1.2.840.113549.1.9.1", 0x16, b"a@example.org")]);
    assert_eq!(chain.code(), (Code::X509NameConstraintViolation, Some(0)));
}

#[test]
fn constraints_of_unknown_form_refuse_names_of_that_form_only() {
    for (permitted, excluded) in [(&[other_name()][..], &[][..]), (&[], &[other_name()])] {
        assert_eq!(judge(permitted, excluded, &[other_name()]), Err(Code::X509NameConstraintUnsupported));
        assert_eq!(judge(permitted, excluded, &[dns("example.com")]), Ok(()));
    }
}

#[test]
fn the_constraints_of_an_anchor_apply() {
    let mut chain = Chain::new();
    chain.root = chain.root.constrain(&[uri("ci.example")], &[]);
    assert!(chain.judge().is_ok());
    chain.root = chain.root.constrain(&[uri("other.example")], &[]);
    let ChainError::NameConstraintViolation { cert: 0, by: 2, name, constraint, .. } = chain.refusal() else {
        panic!()
    };
    assert_eq!((name.as_str(), constraint.as_str()), ("https://ci.example/builder", "other.example"));
}

#[test]
fn intermediates_are_bound_unless_they_are_self_issued() {
    let mut chain = Chain::new();
    chain.root = chain.root.constrain(&[], &[directory(name("Issuing CA"))]);
    assert_eq!(chain.code(), (Code::X509NameConstraintViolation, Some(1)));

    let mut chain = Chain::new();
    chain.root = chain.root.constrain(&[], &[directory(name("Root CA"))]);
    chain.intermediate = Draft::authority("Root CA", &key(2), "Root CA");
    chain.leaf.issuer = name("Root CA");
    assert!(chain.judge().is_ok());
}

#[test]
fn malformed_names_and_constraints_are_refused() {
    for bad in [
        dns(""),
        dns("192.0.2.1"),
        dns("a_b.example"),
        dns("*"),
        email("a@b@c.example"),
        ip(&[1, 2, 3]),
        uri("https://[fe80::1%25a]/"),
    ] {
        assert_eq!(judge(&[], &[dns("example.com")], &[bad.clone()]), Err(Code::X509NameMalformed), "{bad:02x?}");
    }
    for bad in [
        dns(".example.com"),
        dns("*.example.com"),
        ip(&[127, 0, 0, 1]),
        ip(&[1, 2, 3, 4, 255, 0, 255, 0]),
        email("a@b@c.example"),
        uri("https://a.example/"),
    ] {
        assert_eq!(judge(&[bad.clone()], &[], &[other_name()]), Err(Code::X509NameMalformed), "{bad:02x?}");
    }
}

#[test]
fn comparisons_are_limited() {
    let mut chain = Chain::new();
    let bases: Vec<_> = (0..50).map(|number| dns(&format!("a{number}.example"))).collect();
    let names: Vec<_> = (0..50).map(|number| dns(&format!("b{number}.test"))).collect();
    chain.root = chain.root.constrain(&[], &bases);
    chain.leaf = chain.leaf.alt_names(&names);
    let (leaf, root, extra) = (chain.leaf.sign(&key(2)), chain.root.sign(&key(1)), [chain.intermediate.sign(&key(1))]);
    let judge = |name_constraint_comparisons| {
        let budget = Budget { name_constraint_comparisons, ..Budget::default() };
        let policy = ChainPolicy::new(Purpose::any()).with_budget(budget);
        pool(vec![root.clone()], vec![])
            .search(&leaf, &extra, &[at(NOON)], &policy)
            .into_result()
            .map(drop)
            .map_err(|refused| refused.best)
    };
    // The 50 alternative names of the leaf; subjects are names of another form.
    assert_eq!(judge(50 * 50), Ok(()));
    let limit = 50 * 50 - 1;
    assert_eq!(judge(limit), Err(ChainError::BudgetExceeded { work: Work::NameConstraintComparisons, limit }));
}

#[test]
fn only_comparisons_of_one_form_are_counted() {
    let mut chain = Chain::new();
    let hosts: Vec<Vec<u8>> = (0..700).map(|at| dns(&format!("h{at}.example"))).collect();
    let networks: Vec<Vec<u8>> = (0..700_u32).map(|at| ip(&[&at.to_be_bytes()[..], &[255; 4]].concat())).collect();
    // 490,000 comparisons if every name were held against every constraint, which is more than there are.
    chain.intermediate = chain.intermediate.constrain(&[], &networks);
    chain.leaf = chain.leaf.alt_names(&hosts);
    let pool = pool(vec![chain.root.sign(&key(1))], vec![]);
    let extra = [chain.intermediate.sign(&key(1))];
    let policy = ChainPolicy::new(Purpose::code_signing());
    let found = pool.search(&chain.leaf.sign(&key(2)), &extra, &[at(NOON)], &policy);
    assert!(found.verified.is_some());
    assert_eq!(found.spent.name_constraint_comparisons, 0);
}
