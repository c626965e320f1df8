use std::io::{Read as _, Write as _};

use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority};
use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason as _, UnixTime};

use crate::server::*;
use crate::world::*;

fn flaw(identity: Identity) -> TlsFlaw {
    let answer = ok(&jwks(&["a"]));
    let server = Server::with(identity, rustls::DEFAULT_VERSIONS, move |tls, _, _| say(tls, answer.as_bytes()));
    flaw_of(&server)
}

fn flaw_of(server: &Server) -> TlsFlaw {
    let error = refused(fetch(server));
    assert_eq!(error.code(), Code::FetchTls, "{error:?}");
    match error {
        FetchError::Tls { flaw, .. } => flaw,
        other => panic!("{other:?}"),
    }
}

fn later(at: UnixTime, seconds: i64) -> UnixTime {
    at.checked_add(seconds).unwrap()
}

#[test]
fn versions_1_2_and_1_3_are_spoken() {
    const VERSIONS: [&[&rustls::SupportedProtocolVersion]; 2] =
        [&[&rustls::version::TLS12], &[&rustls::version::TLS13]];
    for versions in VERSIONS {
        let answer = ok(&jwks(&["a"]));
        let server = Server::with(Identity::right(), versions, move |tls, _, _| say(tls, answer.as_bytes()));
        assert!(fetch(&server).is_ok());
    }
}

#[test]
fn a_certificate_counts_from_its_first_to_its_last_second_b232_f35() {
    let issued = |from, until| Identity::issued(&authority(), HOST, from, until);
    let valid = |identity| {
        let answer = ok(&jwks(&["a"]));
        let server = Server::with(identity, rustls::DEFAULT_VERSIONS, move |tls, _, _| say(tls, answer.as_bytes()));
        fetch(&server).is_ok()
    };
    assert!(valid(issued(AUTHORITY_FROM, AT)));
    assert!(valid(issued(AT, AUTHORITY_UNTIL)));
    let before = later(AT, -1);
    assert_eq!(flaw(issued(AUTHORITY_FROM, before)), TlsFlaw::Expired { not_after: Some(before) });
    let after = later(AT, 1);
    assert_eq!(flaw(issued(after, AUTHORITY_UNTIL)), TlsFlaw::NotYetValid { not_before: Some(after) });
}

#[test]
fn a_certificate_for_another_host_is_refused_b232_f35() {
    for other in ["evil.example", "keys.example.evil.example", "sub.keys.example", "*.keys.example", "example"] {
        let identity = Identity::issued(&authority(), other, AUTHORITY_FROM, AUTHORITY_UNTIL);
        assert!(
            matches!(flaw(identity), TlsFlaw::OtherHost { names } if names.iter().any(|name| name.contains(other)))
        );
    }
}

#[test]
fn an_authority_that_nobody_named_counts_for_nothing_b232_f35() {
    let stranger = Authority::root("authority of a proxy");
    let identity = Identity::issued(&stranger, HOST, AUTHORITY_FROM, AUTHORITY_UNTIL);
    assert_eq!(flaw(identity), TlsFlaw::UnknownAuthority);
    assert_eq!(flaw(Identity::self_signed()), TlsFlaw::UnknownAuthority);
    // The authority of the tests is none for the rules as they are delivered.
    let server = Server::answering(ok(&jwks(&["a"])));
    let rules = FetchRules::new()
        .allow_host_of(&server.url("/"))
        .unwrap()
        .danger_allow_address(AddressRange::parse("127.0.0.1").unwrap());
    let error = refused(fetch_by(rules, &server));
    assert!(matches!(error, FetchError::Tls { flaw: TlsFlaw::UnknownAuthority, .. }), "{error:?}");
}

#[test]
fn older_versions_are_refused_b232_f35() {
    // A ServerHello of TLS 1.1 (RFC 4346 §7.4.1.3): version, 32 random bytes, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
    let mut hello = vec![0x03, 0x02];
    hello.extend([7; 32]);
    hello.extend([0, 0x00, 0x2f, 0]);
    let mut record = vec![
        0x16,
        0x03,
        0x02,
        0,
        u8::try_from(hello.len() + 4).unwrap(),
        0x02,
        0,
        0,
        u8::try_from(hello.len()).unwrap(),
    ];
    record.extend(hello);
    let server = Server::raw(move |mut stream, _| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&record);
        hold(&mut stream);
    });
    assert_eq!(flaw_of(&server), TlsFlaw::OldVersion);
    // A server that refuses by itself: alert `protocol_version`.
    let server = Server::raw(|mut stream, _| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&[0x15, 0x03, 0x01, 0, 2, 2, 70]);
        hold(&mut stream);
    });
    assert_eq!(flaw_of(&server), TlsFlaw::OldVersion);
}

#[test]
fn an_end_during_the_handshake_is_one_of_tls_f35() {
    let server = Server::raw(|mut stream, _| {
        let _ = stream.read(&mut [0; 64]);
    });
    assert_eq!(flaw_of(&server), TlsFlaw::Interrupted);
    // Not TLS at all.
    let server = Server::raw(|mut stream, _| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        hold(&mut stream);
    });
    assert!(matches!(flaw_of(&server), TlsFlaw::Protocol { .. }));
}

#[test]
fn further_authorities_are_certificates() {
    for bad in [&b""[..], b"no certificate", authority().key().public_pem().as_bytes()] {
        assert_eq!(FetchRules::new().trust_authorities(bad).unwrap_err().code(), Code::ConfigInvalid);
    }
}
