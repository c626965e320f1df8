use std::net::IpAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason as _};

use crate::server::*;
use crate::world::*;

/// Total time of these tests, in milliseconds: enough to agree on TLS on a busy machine.
const TOTAL: u64 = 1_500;

fn phase(server: &Server) -> Phase {
    let error = refused(fetch_by(rules(server).total_time(TOTAL), server));
    assert_eq!(error.code(), Code::FetchTimeout, "{error:?}");
    match error {
        FetchError::Timeout { phase, .. } => phase,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_server_that_never_answers_is_not_waited_for_f32() {
    assert_eq!(phase(&Server::raw(|mut stream, _| hold(&mut stream))), Phase::Handshake);
    assert_eq!(phase(&Server::tls(|tls, _, _| hold(tls))), Phase::Answer);
}

#[test]
fn a_handshake_byte_by_byte_ends_with_the_total_time_f32() {
    let server = Server::raw(|mut stream, _| {
        use std::io::Write as _;
        // The record header of a ServerHello, then one byte at a time, each well within any limit on a single read.
        let _ = stream.write_all(&[0x16, 0x03, 0x03, 0x02, 0x00, 0x02, 0x00, 0x01, 0xfc]);
        while stream.write_all(&[3]).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(phase(&server), Phase::Handshake);
}

#[test]
fn headers_byte_by_byte_end_with_the_total_time_f32() {
    let server = Server::tls(|tls, _, _| {
        say(tls, b"HTTP/1.1 200 OK\r\nX-Slow: ");
        say_endlessly(tls, b"a", Duration::from_millis(20));
    });
    assert_eq!(phase(&server), Phase::Headers);
}

#[test]
fn a_body_byte_by_byte_ends_with_the_total_time_f32() {
    for framing in ["Content-Length: 100000\r\n", "", "Transfer-Encoding: chunked\r\n"] {
        let server = Server::tls(move |tls, _, _| {
            say(tls, format!("HTTP/1.1 200 OK\r\n{framing}\r\n").as_bytes());
            let piece: &[u8] = if framing.starts_with('T') { b"1\r\n \r\n" } else { b" " };
            say_endlessly(tls, piece, Duration::from_millis(20));
        });
        assert_eq!(phase(&server), Phase::Body, "{framing}");
    }
}

#[test]
fn announcements_of_an_answer_do_not_prolong_it_f32() {
    let server = Server::tls(|tls, _, _| {
        say_endlessly(tls, b"HTTP/1.1 102 Processing\r\n\r\n", Duration::from_millis(20));
    });
    assert_eq!(phase(&server), Phase::Headers);
}

struct Silent;

impl Resolver for Silent {
    fn addresses(&self, _: &str) -> Result<Vec<IpAddr>, NotResolved> {
        loop {
            thread::park();
        }
    }
}

#[test]
fn a_resolver_that_hangs_is_left_behind_f38() {
    let server = Server::answering(ok(&jwks(&["a"])));
    let error = refused(fetch_url(rules(&server).total_time(200), Arc::new(Silent), &server.url("/jwks"), &[]));
    assert_eq!(error.code(), Code::FetchTimeout);
    assert!(matches!(error, FetchError::Timeout { phase: Phase::Resolving, .. }));
    assert_eq!(server.connections(), 0);
}

struct Panicking;

impl Resolver for Panicking {
    fn addresses(&self, _: &str) -> Result<Vec<IpAddr>, NotResolved> {
        panic!("a resolver of somebody else");
    }
}

#[test]
fn a_name_without_addresses_is_said_to_have_none_f38() {
    let server = Server::answering(ok(&jwks(&["a"])));
    let resolvers: [Arc<dyn Resolver>; 3] = [Answers::new(&[]), Answers::new(&[&[]]), Arc::new(Panicking)];
    for resolver in resolvers {
        let error = refused(fetch_url(rules(&server), resolver, &server.url("/jwks"), &[]));
        assert_eq!(error.code(), Code::FetchDns);
    }
    // The operating system knows that this one does not exist (RFC 6761 §6.4).
    let url = "https://keys.invalid/jwks";
    let rules = FetchRules::new().allow_host("keys.invalid").unwrap();
    let error = refused(fetch_url(rules, Arc::new(SystemResolver), url, &[]));
    assert_eq!(error.code(), Code::FetchDns);
}

#[test]
fn without_time_nothing_is_begun() {
    let server = Server::answering(ok(&jwks(&["a"])));
    let error = refused(fetch_by(rules(&server).total_time(0), &server));
    assert!(matches!(error, FetchError::Timeout { phase: Phase::Resolving, .. }));
    assert_eq!(server.connections(), 0);
}
