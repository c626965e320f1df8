use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason as _};

use crate::server::*;
use crate::world::*;

#[test]
fn no_redirect_is_followed_b227_f34() {
    for status in [300, 301, 302, 303, 304, 307, 308, 399] {
        for to in [
            "https://other.example/jwks",
            "/jwks",
            "https://127.0.0.1/jwks",
            "http://keys.example/jwks",
            "file:///etc/passwd",
            "https://user:hunter2@keys.example/jwks",
            "https://169.254.169.254/latest/meta-data",
            "\u{1b}[2J",
        ] {
            if status != 302 && to != "/jwks" {
                continue;
            }
            let server =
                Server::answering(format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"));
            let error = refused(fetch(&server));
            // A control character in a header is no header.
            let expected = if to.starts_with('\u{1b}') { Code::FetchKeysMalformed } else { Code::FetchRedirectRefused };
            assert_eq!(error.code(), expected, "{to}");
            assert_eq!(server.connections(), 1, "{to}");
        }
    }
}

#[test]
fn a_redirect_says_where_to_without_passwords_f34() {
    let to = "https://user:hunter2@keys.example/jwks";
    let server = Server::answering(format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n\r\n"));
    let error = refused(fetch(&server));
    assert_eq!(error.found().unwrap(), "status 302, a redirect to https://…@keys.example/jwks");
    let server = Server::answering("HTTP/1.1 302 Found\r\n\r\n");
    assert!(matches!(refused(fetch(&server)), FetchError::RedirectRefused { to: None, status: 302, .. }));
}

#[test]
fn a_loop_is_left_at_its_first_step_f34() {
    let server = Server::tls(|tls, request, _| {
        let path = request.split(' ').nth(1).unwrap();
        say(tls, format!("HTTP/1.1 307 Again\r\nLocation: {path}\r\n\r\n").as_bytes());
    });
    assert_eq!(refused(fetch(&server)).code(), Code::FetchRedirectRefused);
    assert_eq!(server.connections(), 1);
}
