use std::net::TcpListener;

use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason as _};

use crate::server::*;
use crate::world::*;

fn interruption(server: &Server) -> Interruption {
    let error = refused(fetch(server));
    assert_eq!(error.code(), Code::FetchIncomplete, "{error:?}");
    match error {
        FetchError::Incomplete { interruption, .. } => interruption,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_body_that_is_cut_short_is_no_body_f36() {
    let body = jwks(&["a"]);
    let length = body.len() + 1;
    let server = Server::answering(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"));
    assert_eq!(interruption(&server), Interruption::Ended { received: body.len(), expected: Some(length) });
    for missing in ["", "5\r\n", "5\r\nab", "1\r\n \r\n", "1\r\n \r\n0\r\n", "1\r\n \r\n0\r\nx: y\r\n"] {
        let server = Server::answering(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{missing}"));
        assert!(matches!(interruption(&server), Interruption::Ended { .. }), "{missing:?}");
    }
}

#[test]
fn an_end_that_tls_does_not_know_of_may_be_anybodys_f36() {
    // Without a length, the end of the connection is the end of the body: then it must be the server's word.
    let server = Server::tls(|tls, _, _| {
        say(tls, format!("HTTP/1.1 200 OK\r\n\r\n{}", jwks(&["a"])).as_bytes());
        cut(tls);
    });
    let whole = jwks(&["a"]).len();
    assert_eq!(interruption(&server), Interruption::Ended { received: whole, expected: None });
    let server = Server::answering(format!("HTTP/1.1 200 OK\r\n\r\n{}", jwks(&["a"])));
    assert!(fetch(&server).is_ok());
}

#[test]
fn a_connection_that_is_reset_midway_brings_nothing_f36() {
    for begun in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"keys\":"] {
        let server = Server::tls(move |tls, _, _| {
            say(tls, begun.as_bytes());
            cut(tls);
        });
        assert!(matches!(interruption(&server), Interruption::Ended { .. }), "{begun}");
    }
}

#[test]
fn more_than_announced_is_wrong_too_f36() {
    let body = jwks(&["a"]);
    let length = body.len() - 1;
    let server = Server::answering(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"));
    assert_eq!(interruption(&server), Interruption::Excess);
    let server = Server::answering(format!("{}HTTP/1.1 200 OK\r\n\r\n", ok(&body)));
    assert_eq!(interruption(&server), Interruption::Excess);
}

#[test]
fn framing_that_can_be_read_in_two_ways_is_not_read() {
    let body = jwks(&["a"]);
    let length = body.len();
    for fields in [
        format!("Content-Length: {length}\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: {length}, {length}\r\n"),
        format!("Content-Length: +{length}\r\n"),
        "Content-Length: \r\n".into(),
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".into(),
        "Transfer-Encoding: xchunked\r\n".into(),
        format!("X: y\n\nContent-Length: {length}\r\n"),
        format!("X: y\nContent-Length: {length}\r\n"),
        format!("X: y\rContent-Length: {length}\r\n"),
    ] {
        let server = Server::answering(format!("HTTP/1.1 200 OK\r\n{fields}\r\n{body}"));
        assert_eq!(refused(fetch(&server)).code(), Code::FetchKeysMalformed, "{fields}");
    }
    for chunks in ["5 \r\n", "0x5\r\n", "-5\r\n", "\r\n", "g\r\n", "1\r\nab\r\n"] {
        let server = Server::answering(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}12345\r\n0\r\n\r\n"
        ));
        let error = refused(fetch(&server));
        assert!(matches!(error.code(), Code::FetchKeysMalformed), "{chunks:?}: {error:?}");
    }
    for first in ["HTTP/2 200", "HTTP/1.1", "HTTP/1.1 099 x", "HTTP/1.1 999 x", "SSH-2.0-OpenSSH", "ICY 200 OK"] {
        let server = Server::answering(format!("{first}\r\n\r\n{body}"));
        assert_eq!(refused(fetch(&server)).code(), Code::FetchKeysMalformed, "{first}");
    }
    // Version 1.0 knows no chunks.
    let server = Server::answering("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_eq!(refused(fetch(&server)).code(), Code::FetchKeysMalformed);
}

#[test]
fn chunks_extensions_and_trailers_are_read() {
    let body = jwks(&["a"]);
    let (one, two) = body.split_at(7);
    let server = Server::answering(format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n7;a=b\r\n{one}\r\n{:X}\r\n{two}\r\n000\r\nx: y\r\n\r\n",
        two.len()
    ));
    assert_eq!(kids(&fetch(&server).unwrap()), ["a"]);
    let server = Server::answering(format!("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{}", ok(&body)));
    assert_eq!(kids(&fetch(&server).unwrap()), ["a"]);
    let server = Server::answering(format!("HTTP/1.0 200 OK\r\n\r\n{body}"));
    assert_eq!(kids(&fetch(&server).unwrap()), ["a"]);
}

#[test]
fn nobody_at_the_port_is_no_connection() {
    let server = Server::answering(ok(""));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("https://{HOST}:{free}/");
    let rules = rules(&server).allow_host_of(&url).unwrap();
    let error = refused(fetch_url(rules, loopback(), &url, &[]));
    assert_eq!(error.code(), Code::FetchIncomplete);
    assert!(matches!(error, FetchError::Incomplete { interruption: Interruption::NotConnected { refused: true }, .. }));
}
