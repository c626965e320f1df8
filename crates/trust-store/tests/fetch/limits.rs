use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason as _};

use crate::server::*;
use crate::world::*;

fn too_large(server: &Server) -> Part {
    let error = refused(fetch(server));
    assert_eq!(error.code(), Code::FetchTooLarge, "{error:?}");
    match error {
        FetchError::TooLarge { part, .. } => part,
        other => panic!("{other:?}"),
    }
}

/// A key set of exactly so many bytes.
fn padded(bytes: usize) -> String {
    let set = jwks(&["a"]);
    format!("{set}{}", " ".repeat(bytes - set.len()))
}

#[test]
fn a_body_of_a_mebibyte_is_read_and_one_more_byte_is_not_b228() {
    const LIMIT: usize = 1 << 20;
    let chunked = |body: &str| {
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
    };
    let closed = |body: &str| format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    for frame in [ok as fn(&str) -> String, chunked, closed] {
        for within in [LIMIT - 1, LIMIT] {
            assert!(fetch(&Server::answering(frame(&padded(within)))).is_ok(), "{within}");
        }
        assert_eq!(too_large(&Server::answering(frame(&padded(LIMIT + 1)))), Part::Body);
    }
}

#[test]
fn a_length_beyond_the_limit_is_believed_at_once_b228() {
    for length in ["1048577", "1073741824", "99999999999999999999999999"] {
        let server = Server::answering(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"));
        assert_eq!(too_large(&server), Part::Body);
    }
}

#[test]
fn an_endless_body_is_left_soon_b228_f33() {
    for (framing, piece) in [
        ("", vec![b' '; 16_384]),
        ("Transfer-Encoding: chunked\r\n", [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat()),
        ("Transfer-Encoding: chunked\r\n", b"1\r\n \r\n".repeat(1000)),
        ("Transfer-Encoding: chunked\r\n", [b"0\r\n".as_slice(), &b"x: y\r\n".repeat(1000)].concat()),
        ("Transfer-Encoding: chunked\r\n", b"fffffffffffffff\r\n".to_vec()),
    ] {
        let (sender, sent) = channel();
        let sender = Mutex::new(sender);
        let server = Server::tls(move |tls, _, _| {
            say(tls, format!("HTTP/1.1 200 OK\r\n{framing}\r\n").as_bytes());
            let sent = say_endlessly(tls, &piece, Duration::ZERO);
            let _ = sender.lock().unwrap().send(sent);
        });
        let error = refused(fetch(&server));
        // Chunks of nothing but framing that repeat a last chunk are no HTTP any more.
        assert!(matches!(error.code(), Code::FetchTooLarge | Code::FetchKeysMalformed), "{framing}: {error:?}");
        // Nobody listens: what the server got rid of are the buffers of the system on both sides.
        let sent = sent.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(sent < 64 << 20, "{sent}");
    }
}

#[test]
fn headers_of_16_kibibytes_are_read_and_one_more_byte_is_not_b228_f33() {
    const LIMIT: usize = 16 << 10;
    let answer = |bytes: usize| {
        let body = jwks(&["a"]);
        let begin = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nX-Filling: ", body.len());
        format!("{begin}{}\r\n\r\n{body}", "x".repeat(bytes - begin.len() - 4))
    };
    for within in [LIMIT - 1, LIMIT] {
        assert!(fetch(&Server::answering(answer(within))).is_ok(), "{within}");
    }
    for beyond in [LIMIT + 1, LIMIT * 1000] {
        assert_eq!(too_large(&Server::answering(answer(beyond))), Part::Headers, "{beyond}");
    }
}

#[test]
fn endless_headers_are_left_soon_f33() {
    for piece in ["X-Filling: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n", "x", " x\r\n"] {
        let server = Server::tls(move |tls, _, _| {
            say(tls, b"HTTP/1.1 200 OK\r\n");
            say_endlessly(tls, piece.repeat(1000).as_bytes(), Duration::ZERO);
        });
        assert_eq!(too_large(&server), Part::Headers, "{piece}");
    }
    let server = Server::tls(|tls, _, _| {
        say_endlessly(tls, &b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(100), Duration::ZERO);
    });
    assert_eq!(too_large(&server), Part::Headers);
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(1000));
    assert_eq!(too_large(&Server::answering(many)), Part::Headers);
}

#[test]
fn frames_of_http_2_are_no_answer_f33() {
    // PING frames without end.
    let server = Server::tls(|tls, _, _| {
        let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        say_endlessly(tls, &ping.repeat(1000), Duration::ZERO);
    });
    assert_eq!(too_large(&server), Part::Headers);
}

#[test]
fn what_is_compressed_is_not_expanded_b228_f33() {
    // A gzip bomb is small until somebody expands it: nobody does.
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip"] {
        let server = Server::answering(format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: 4\r\n\r\n\u{1f}abc"
        ));
        let error = refused(fetch(&server));
        assert_eq!(error.code(), Code::FetchTooLarge);
        assert!(matches!(error, FetchError::Compressed { .. }));
    }
    let server = Server::answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n");
    assert_eq!(refused(fetch(&server)).code(), Code::FetchKeysMalformed);
    // The same without saying so is just no key set.
    let server = Server::answering(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n\x1f\x8b\x08\0\0\0".to_vec());
    assert_eq!(refused(fetch(&server)).code(), Code::FetchKeysMalformed);
    let identity = jwks(&["a"]);
    let server = Server::answering(format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: {}\r\n\r\n{identity}",
        identity.len()
    ));
    assert!(fetch(&server).is_ok());
}
