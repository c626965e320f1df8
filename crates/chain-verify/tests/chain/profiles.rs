//! The profiles, the terms of an anchor, and the name that is expected.

use std::net::IpAddr;

use stella_chain_verify::{Anchor, AnchorTerms, ChainPolicy, IssuerUsage, KeyUse, PeerName, Pool, Profile, Purpose};
use stella_crypto_providers::Registry;
use stella_vocabulary::{Code, Reason};

use crate::builder::*;

/// A server of the public web.
fn server() -> Chain {
    let mut chain = Chain::new();
    chain.leaf = Draft::new("host.example", &key(3), "Issuing CA")
        .with(EXTENDED_KEY_USAGE, false, tlv(SEQUENCE, &oid(SERVER_AUTH)))
        .alt_names(&[tlv(0x82, b"host.example"), tlv(0x82, b"*.wild.example"), tlv(0x87, &[192, 0, 2, 1])]);
    chain
}

fn code(chain: &Chain, policy: ChainPolicy) -> Result<(), Code> {
    code_under(chain, policy, chain.anchor())
}

fn code_under(chain: &Chain, policy: ChainPolicy, anchor: Anchor) -> Result<(), Code> {
    let pool = Pool::new(&Registry::rustcrypto(), vec![anchor], vec![chain.intermediate.sign(&key(1))]);
    let found = pool.search(&chain.leaf.sign(&key(2)), &[], &[at(NOON)], &policy).into_result();
    found.map(drop).map_err(|refused| refused.code())
}

fn web() -> ChainPolicy {
    ChainPolicy::new(Purpose::server_auth()).with_profile(Profile::WebPki)
}

#[test]
fn a_server_of_the_public_web_is_held_to_the_baseline_requirements() {
    type Change = fn(&mut Chain);
    assert_eq!(code(&server(), web()), Ok(()));
    let wrong: [(Change, Code); 6] = [
        (|chain| chain.leaf = chain.leaf.clone().without(EXTENDED_KEY_USAGE), Code::X509ProfileViolation),
        (
            |chain| chain.leaf = chain.leaf.clone().with(EXTENDED_KEY_USAGE, true, tlv(SEQUENCE, &oid(SERVER_AUTH))),
            Code::X509ProfileViolation,
        ),
        (|chain| chain.leaf = chain.leaf.clone().without(ALT_NAME), Code::X509ProfileViolation),
        (|chain| chain.leaf.subject = name("other.example"), Code::X509ProfileViolation),
        (
            |chain| chain.leaf = chain.leaf.clone().with(BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &tlv(0x01, &[0xff]))),
            Code::X509KeyUsage,
        ),
        (
            |chain| chain.root = chain.root.clone().with(EXTENDED_KEY_USAGE, false, tlv(SEQUENCE, &oid(SERVER_AUTH))),
            Code::X509ProfileViolation,
        ),
    ];
    for (at, (change, expected)) in wrong.into_iter().enumerate() {
        let mut chain = server();
        change(&mut chain);
        assert_eq!(code(&chain, web()), Err(expected), "{at}");
        assert_eq!(
            code(&chain, ChainPolicy::new(Purpose::server_auth())),
            Ok(()),
            "{at}: RFC 5280 does not ask for it"
        );
    }
}

#[test]
fn what_authorities_should_not_have_issued_passes_by_path_validation_alone() {
    let mut chain = server();
    chain.leaf.serial = vec![0xff];
    chain.intermediate = chain.intermediate.with(BASIC_CONSTRAINTS, false, tlv(SEQUENCE, &tlv(0x01, &[0xff])));
    let policy = ChainPolicy::new(Purpose::server_auth());
    assert_eq!(code(&chain, policy.clone()), Err(Code::X509SerialInvalid));
    assert_eq!(code(&chain, policy.clone().danger_path_validation_alone()), Ok(()));
    chain.leaf = chain.leaf.with("1.2.3.4", true, vec![5, 0]);
    assert_eq!(code(&chain, policy.danger_path_validation_alone()), Err(Code::X509UnknownCriticalExtension));
}

#[test]
fn keys_of_ml_dsa_are_for_signatures_alone() {
    let usage = |bits: u8| tlv(0x03, &[bits.trailing_zeros() as u8, bits]);
    let judged = |algorithm: &str, usage: Vec<u8>| {
        let mut chain = Chain::new();
        chain.leaf.spki = tlv(SEQUENCE, &[tlv(SEQUENCE, &oid(algorithm)), tlv(0x03, &[0; 1313])].concat());
        chain.leaf = chain.leaf.with(KEY_USAGE, true, usage);
        code(&chain, ChainPolicy::new(Purpose::code_signing()))
    };
    for algorithm in ["2.16.840.1.101.3.4.3.17", "2.16.840.1.101.3.4.3.18", "2.16.840.1.101.3.4.3.19"] {
        for other in [0x20, 0x10, 0x08, 0x01] {
            assert_eq!(judged(algorithm, usage(0x80 | other)), Err(Code::X509ProfileViolation), "{other:x}");
        }
        // Then all that is wrong is that there is no provider.
        assert_eq!(judged(algorithm, usage(0x80)), Err(Code::SigAlgorithmUnsupported));
    }
    assert_eq!(judged("2.16.840.1.101.3.4.3.20", usage(0x88)), Err(Code::SigAlgorithmUnsupported));
    let mut agreeing = Chain::new();
    agreeing.leaf = agreeing.leaf.with(KEY_USAGE, true, usage(0x88));
    assert_eq!(code(&agreeing, ChainPolicy::new(Purpose::code_signing())), Ok(()));
}

#[test]
fn the_terms_of_an_anchor_say_what_of_its_certificate_binds_it() {
    let mut chain = server();
    chain.root = chain.root.constrain(&[tlv(0x82, b"other.example")], &[]);
    let policy = || ChainPolicy::new(Purpose::server_auth());
    let with = |chain: &Chain, terms| code_under(chain, policy(), chain.anchor().danger_with_terms(terms));
    assert_eq!(with(&chain, AnchorTerms::Everything), Err(Code::X509NameConstraintViolation));
    assert_eq!(with(&chain, AnchorTerms::Constraints), Err(Code::X509NameConstraintViolation));
    assert_eq!(with(&chain, AnchorTerms::Validity), Ok(()));
    assert_eq!(with(&chain, AnchorTerms::NameAndKey), Ok(()));
    let mut chain = server();
    chain.root = chain.root.valid("240101000000Z", "241231235959Z");
    assert_eq!(with(&chain, AnchorTerms::Everything), Err(Code::TrustAnchorNotValid));
    assert_eq!(with(&chain, AnchorTerms::Validity), Err(Code::TrustAnchorNotValid));
    assert_eq!(with(&chain, AnchorTerms::Constraints), Ok(()));
    assert_eq!(with(&chain, AnchorTerms::NameAndKey), Ok(()));
}

#[test]
fn a_key_use_that_is_asked_for_must_be_there() {
    let mut chain = server();
    let policy = ChainPolicy::new(Purpose::server_auth().with_key_use(KeyUse::DigitalSignature));
    assert_eq!(code(&chain, policy.clone()), Ok(()), "without key usage a key may do anything");
    chain.leaf = chain.leaf.with(KEY_USAGE, true, tlv(0x03, &[5, 0x20]));
    assert_eq!(code(&chain, policy), Err(Code::X509KeyUsage));
}

#[test]
fn a_name_is_looked_for_among_the_alternative_names_only() {
    let leaf = server().leaf.sign(&key(2));
    let dns = |name| PeerName::dns(name).unwrap().check(&leaf).map_err(|error| error.code());
    assert_eq!(dns("HOST.example"), Ok(()));
    assert_eq!(dns("a.wild.example"), Ok(()));
    assert_eq!(dns("a.b.wild.example"), Err(Code::IdentityMismatch));
    assert_eq!(dns("wild.example"), Err(Code::IdentityMismatch));
    let ip = |text: &str| PeerName::ip(text.parse::<IpAddr>().unwrap()).check(&leaf).map_err(|error| error.code());
    assert_eq!(ip("192.0.2.1"), Ok(()));
    assert_eq!(ip("::ffff:192.0.2.1"), Err(Code::IdentityMismatch));
    let common_name_only = Draft::new("host.example", &key(3), "Issuing CA").sign(&key(2));
    assert!(PeerName::dns("host.example").unwrap().check(&common_name_only).is_err());
    for bad in ["*.example", "192.0.2.1", "", "a..b"] {
        assert!(PeerName::dns(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_mailbox_is_compared_as_it_is_delivered() {
    let leaf = Draft::new("user", &key(3), "Issuing CA").alt_names(&[tlv(0x81, b"User@Example.com")]).sign(&key(2));
    let email = |address| PeerName::email(address).unwrap().check(&leaf).is_ok();
    assert!(email("User@example.COM"));
    assert!(!email("user@example.com"));
    assert!(PeerName::email("no mailbox").is_err());
}

#[test]
fn a_mismatch_with_thousands_of_names_is_told_in_few_words() {
    let names: Vec<Vec<u8>> = (0..2_000).map(|at| tlv(0x82, format!("h{at}.example").as_bytes())).collect();
    let leaf = Draft::new("many", &key(3), "Issuing CA").alt_names(&names).sign(&key(2));
    let error = PeerName::dns("other.example").unwrap().check(&leaf).unwrap_err();
    assert!(error.to_string().len() + error.found().unwrap().len() < 2_048);
    assert_eq!(error.found().unwrap().matches(".example").count(), 10);
}

#[test]
fn a_strict_purpose_is_named_by_itself_and_not_beside_signing() {
    let with = |usages: &[&str]| {
        let mut chain = server();
        let value: Vec<u8> = usages.iter().flat_map(|usage| oid(usage)).collect();
        chain.leaf = chain.leaf.with(EXTENDED_KEY_USAGE, false, tlv(SEQUENCE, &value));
        chain
    };
    let judge = |chain: &Chain, issuers| {
        let policy = ChainPolicy::new(Purpose::server_auth().strictly(issuers)).danger_path_validation_alone();
        code(chain, policy)
    };
    assert_eq!(judge(&with(&[SERVER_AUTH]), IssuerUsage::Named), Ok(()));
    assert_eq!(judge(&with(&["2.5.29.37.0"]), IssuerUsage::Any), Err(Code::X509EkuMissing));
    assert_eq!(judge(&server_without_usage(), IssuerUsage::Any), Err(Code::X509EkuMissing));
    for signing in [CODE_SIGNING, TIME_STAMPING, "1.3.6.1.5.5.7.3.9"] {
        let chain = with(&[SERVER_AUTH, signing]);
        assert_eq!(judge(&chain, IssuerUsage::Any), Err(Code::X509ProfileViolation), "{signing}");
        assert_eq!(code(&chain, web()), Err(Code::X509ProfileViolation), "{signing}");
        assert_eq!(code(&chain, ChainPolicy::new(Purpose::server_auth())), Ok(()), "{signing}");
    }
    let mut authority = with(&[SERVER_AUTH]);
    authority.leaf = authority.leaf.with(BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &tlv(0x01, &[0xff])));
    assert_eq!(judge(&authority, IssuerUsage::Any), Err(Code::X509KeyUsage));
}

fn server_without_usage() -> Chain {
    let mut chain = server();
    chain.leaf = chain.leaf.without(EXTENDED_KEY_USAGE);
    chain
}

#[test]
fn issuers_name_a_strict_purpose_as_far_as_it_is_asked_of_them() {
    let any = "2.5.29.37.0";
    for (usages, with_any, named, required) in [
        (&[][..], true, true, false),
        (&[SERVER_AUTH][..], true, true, true),
        (&[any][..], true, false, false),
        (&[any, SERVER_AUTH][..], true, true, true),
        (&[CODE_SIGNING][..], false, false, false),
    ] {
        let mut chain = server();
        let value: Vec<u8> = usages.iter().flat_map(|usage| oid(usage)).collect();
        if !usages.is_empty() {
            chain.intermediate = chain.intermediate.with(EXTENDED_KEY_USAGE, false, tlv(SEQUENCE, &value));
        }
        for (issuers, good) in
            [(IssuerUsage::Any, with_any), (IssuerUsage::Named, named), (IssuerUsage::Required, required)]
        {
            let policy = ChainPolicy::new(Purpose::server_auth().strictly(issuers));
            let expected = if good { Ok(()) } else { Err(Code::X509EkuMissing) };
            assert_eq!(code(&chain, policy), expected, "{usages:?} {issuers:?}");
        }
    }
}

#[test]
fn constraints_that_are_not_there_bind_an_anchor_only_if_they_have_to_be() {
    let policy = || ChainPolicy::new(Purpose::server_auth());
    let with = |chain: &Chain, terms| code_under(chain, policy(), chain.anchor().danger_with_terms(terms));
    let mut chain = server();
    chain.root = chain.root.without(BASIC_CONSTRAINTS).without(KEY_USAGE);
    assert_eq!(with(&chain, AnchorTerms::StatedConstraints), Ok(()));
    assert_eq!(with(&chain, AnchorTerms::Constraints), Err(Code::X509NotACa));
    chain.root = chain.root.with(BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &[]));
    assert_eq!(with(&chain, AnchorTerms::StatedConstraints), Err(Code::X509NotACa));
    // And nobody but an anchor is excused.
    let mut chain = server();
    chain.intermediate = chain.intermediate.without(BASIC_CONSTRAINTS).without(KEY_USAGE);
    assert_eq!(with(&chain, AnchorTerms::StatedConstraints), Err(Code::X509NotACa));
}

#[test]
fn a_path_length_is_for_authorities() {
    let mut chain = server();
    chain.leaf = chain.leaf.with(BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &tlv(0x02, &[0])));
    let policy = ChainPolicy::new(Purpose::server_auth());
    assert_eq!(code(&chain, policy.clone()), Err(Code::X509ProfileViolation));
    assert_eq!(code(&chain, policy.danger_path_validation_alone()), Ok(()));
}

#[test]
fn critical_policies_have_to_be_understood_with_their_qualifiers() {
    let policies = |qualifier: &str| {
        let qualifier = tlv(SEQUENCE, &[oid(qualifier), tlv(0x16, b"https://ci.example/cps")].concat());
        tlv(SEQUENCE, &tlv(SEQUENCE, &[oid("1.2.3"), tlv(SEQUENCE, &qualifier)].concat()))
    };
    let judge = |critical, qualifier: &str| {
        let mut chain = server();
        chain.leaf = chain.leaf.with(POLICIES, critical, policies(qualifier));
        code(&chain, ChainPolicy::new(Purpose::server_auth()).danger_path_validation_alone())
    };
    assert_eq!(judge(true, "1.3.6.1.5.5.7.2.1"), Ok(()));
    assert_eq!(judge(false, "1.2.3.4"), Ok(()));
    assert_eq!(judge(true, "1.2.3.4"), Err(Code::X509UnknownCriticalExtension));
}
