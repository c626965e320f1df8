use std::sync::Mutex;

use stella_trust_store::Stopwatch;
use stella_trust_store::fetch::*;
use stella_vocabulary::{Code, Reason as _};

use crate::server::*;
use crate::world::*;

/// Time that passes only in pauses, and a note of them.
struct Pauses(Mutex<Vec<u64>>);

impl Stopwatch for Pauses {
    fn milliseconds(&self) -> u64 {
        self.0.lock().unwrap().iter().sum()
    }

    fn pause(&self, milliseconds: u64) {
        self.0.lock().unwrap().push(milliseconds);
    }
}

fn pauses(rules: FetchRules, server: &Server) -> (Result<FetchedKeys, FetchError>, Vec<u64>) {
    let clock = Pauses(Mutex::new(Vec::new()));
    let moment = Moment { at: AT, jitter: 42, stopwatch: &clock };
    let outcome = KeyFetcher::new(rules).with_resolver(loopback()).fetch(&server.url("/jwks"), &[], &moment);
    (outcome, clock.0.into_inner().unwrap())
}

#[test]
fn an_overloaded_server_is_asked_three_times_with_pauses_that_grow_f37() {
    for status in [429, 500, 502, 503, 504] {
        let server = Server::answering(format!("HTTP/1.1 {status} Busy\r\nContent-Length: 0\r\n\r\n"));
        let (outcome, pauses) = pauses(rules(&server).first_pause(500), &server);
        let error = refused(outcome);
        assert_eq!(error.code(), Code::FetchStatus);
        assert!(matches!(error, FetchError::Status { tries: 3, retry_after: None, .. }), "{error:?}");
        assert_eq!(server.connections(), 3);
        assert!(matches!(pauses[..], [500..=999, 1000..=1999]), "{pauses:?}");
    }
}

#[test]
fn a_server_that_recovers_is_believed_f37() {
    let server = Server::tls(|tls, _, number| match number {
        0 => say(tls, b"HTTP/1.1 503 Busy\r\n\r\n"),
        1 => say(tls, b"HTTP/1.1 429 Slow down\r\n\r\n"),
        _ => say(tls, ok(&jwks(&["a"])).as_bytes()),
    });
    assert_eq!(kids(&fetch(&server).unwrap()), ["a"]);
}

#[test]
fn the_server_says_when_to_come_back_f37() {
    let server = Server::answering("HTTP/1.1 429 Slow down\r\nRetry-After: 4\r\n\r\n");
    let (outcome, pauses) = pauses(rules(&server).first_pause(500), &server);
    assert!(matches!(refused(outcome), FetchError::Status { retry_after: Some(4), tries: 3, .. }));
    assert!(matches!(pauses[..], [4000..=4499, 4000..=4999]), "{pauses:?}");
    // 2026-01-17T09:00:03Z, three seconds later.
    let server = Server::answering("HTTP/1.1 503 Busy\r\nRetry-After: Sat, 17 Jan 2026 09:00:03 GMT\r\n\r\n");
    let (outcome, pauses) = self::pauses(rules(&server).first_pause(500).tries(2), &server);
    assert!(matches!(refused(outcome), FetchError::Status { tries: 2, .. }));
    assert!(matches!(pauses[..], [3000..=3499]), "{pauses:?}");
}

#[test]
fn a_server_that_wants_more_time_than_there_is_is_not_asked_again_f37() {
    for after in ["15", "3600", "99999999999999999999"] {
        let server = Server::answering(format!("HTTP/1.1 503 Busy\r\nRetry-After: {after}\r\n\r\n"));
        let (outcome, pauses) = pauses(rules(&server), &server);
        let error = refused(outcome);
        assert!(matches!(error, FetchError::Status { status: 503, tries: 1, .. }), "{error:?}");
        assert!(pauses.is_empty() && server.connections() == 1);
    }
}

#[test]
fn what_will_not_change_is_not_asked_again_f37() {
    for status in [201, 204, 206, 400, 401, 403, 404, 410, 418, 501, 505] {
        let server = Server::answering(format!("HTTP/1.1 {status} No\r\n\r\n"));
        let error = refused(fetch(&server));
        assert!(matches!(error, FetchError::Status { tries: 1, .. }), "{error:?}");
        assert_eq!((error.code(), server.connections()), (Code::FetchStatus, 1));
    }
    let server = Server::answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
    assert_eq!(refused(fetch(&server)).code(), Code::FetchStatus);
}
