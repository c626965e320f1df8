use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason as _};

use crate::server::{Server, ok};
use crate::world::*;

#[test]
fn keys_come_from_a_host_that_was_named_beforehand() {
    let server = Server::answering(ok(&jwks(&["a", "b"])));
    let fetched = fetch(&server).unwrap();
    assert_eq!(kids(&fetched), ["a", "b"]);
    assert_eq!(fetched.url(), server.url("/jwks"));
}

#[test]
fn no_other_url_is_even_resolved_b224() {
    let server = Server::answering(ok(&jwks(&["a"])));
    let port = server.address.port();
    let urls = [
        format!("http://keys.example:{port}/jwks"),
        "file:///etc/passwd".into(),
        format!("ftp://keys.example:{port}/jwks"),
        "data:application/json,{}".into(),
        format!("https://user:hunter2@keys.example:{port}/jwks"),
        format!("https://keys.example:{port}@evil.example/jwks"),
        url_of_another_host(&server),
        format!("https://sub.keys.example:{port}/jwks"),
        format!("https://keys.exampl:{port}/jwks"),
        format!("https://keys.example.:{port}/jwks"),
        "https://keys.example/jwks".into(),
        format!("https://keys.example:{port}\\@evil.example/"),
    ];
    for url in urls {
        let resolver = loopback();
        let error = refused(fetch_url(rules(&server), resolver.clone(), &url, &[]));
        assert_eq!(error.code(), Code::FetchUrlRefused, "{url}");
        assert_eq!(resolver.asked(), 0, "{url}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn without_rules_nothing_may_be_fetched() {
    let error = refused(fetch_url(FetchRules::new(), loopback(), "https://keys.example/", &[]));
    assert!(matches!(error, FetchError::UrlRefused { flaw: UrlFlaw::HostNotConfigured, .. }));
}

#[test]
fn the_request_says_nothing_about_who_asks_b234() {
    let (sender, requests) = std::sync::mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let answer = "HTTP/1.1 503 Busy\r\nSet-Cookie: id=hunter2\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
    let server = Server::tls(move |tls, request, _| {
        sender.lock().unwrap().send(request.to_string()).unwrap();
        crate::server::say(tls, answer.as_bytes());
    });
    assert_eq!(refused(fetch(&server)).code(), Code::FetchStatus);
    let requests: Vec<String> = requests.try_iter().collect();
    assert_eq!(requests.len(), 3);
    // Not after a cookie was set and a password was asked for, either.
    assert!(requests.iter().all(|request| *request == requests[0]));
    let names: Vec<&str> =
        requests[0].lines().skip(1).filter_map(|line| line.split_once(": ")).map(|pair| pair.0).collect();
    assert_eq!(names, ["Host", "Accept", "Accept-Encoding", "User-Agent", "Connection"]);
    assert!(requests[0].starts_with("GET /jwks HTTP/1.1\r\n"));
}
