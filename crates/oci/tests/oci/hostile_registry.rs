//! A registry that does what it should not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use stella_oci::registry::{Access, Credentials, Registry as Client};
use stella_oci::{Limits, NewReferrer, OciError};
use stella_testkit::oci::{Asked, Blob, Described, Image, Lists, Login, Registry, answer, envelope_about, referrer};
use stella_vocabulary::Reason as _;

use crate::registry::app;
use crate::{Clock, ENVELOPE, at, code, summary};

type Answer = Option<Vec<u8>>;

/// A registry with one image and one attestation, which answers with what `misbehave` gives.
fn registry(misbehave: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Registry, Described) {
    let registry = Registry::misbehaving(Lists::Referrers(10), Login::Nobody, misbehave);
    let image = registry.keep("app", &Image::of("one"), Some("v1"));
    let layers = vec![Blob::new(ENVELOPE, envelope_about(&image, "a"))];
    registry.keep("app", &referrer(Some(&image), ENVELOPE, layers), None);
    (registry, image)
}

/// What comes of reading everything: codes of what was left out, or that of the error.
fn outcome(registry: &Registry, pick: &str) -> String {
    let clock = Clock::default();
    let access = Access::new(at(), &clock).seconds_per_answer(2);
    let mut client = Client::new(&app(registry, pick), access).unwrap();
    let read = client.find().and_then(|image| client.attached(&image, &Limits::default()));
    match read {
        Ok(attached) => summary(&attached).1.join(" "),
        Err(error) => code::<()>(Err(error)),
    }
}

fn is(asked: &Asked, part: &str) -> bool {
    asked.target.contains(part)
}

#[test]
fn the_registry_is_good_until_it_misbehaves() {
    let (registry, _) = registry(|_| None);
    assert_eq!(outcome(&registry, ":v1"), "");
}

#[test]
fn content_with_another_digest_or_length_is_refused() {
    let envelope = |asked: &Asked| asked.method == "GET" && is(asked, "/blobs/");
    for (name, bytes) in [("another", b"{}".to_vec()), ("nothing", Vec::new()), ("far too long", vec![b' '; 1 << 20])] {
        let (registry, _) = registry(move |asked| envelope(asked).then(|| answer(200, &[], &bytes)));
        assert_eq!(outcome(&registry, ":v1"), "oci.digest_mismatch", "{name}");
    }
    // The manifest that was asked for by its digest, and one that is not what the registry says that it is.
    let (lying, image) = registry(|asked| {
        let other = Image::of("two").manifest;
        let fields = ["Content-Type: application/vnd.oci.image.manifest.v1+json"];
        is(asked, "/manifests/").then(|| answer(200, &fields, &other.content))
    });
    assert_eq!(outcome(&lying, &format!("@{}", image.digest)), "oci.digest_mismatch");
    let (lying, _) = registry(|asked| {
        let other = Image::of("two").manifest;
        let said = format!("Docker-Content-Digest: sha256:{}", "a".repeat(64));
        let fields = ["Content-Type: application/vnd.oci.image.manifest.v1+json", &said];
        is(asked, "/manifests/v1").then(|| answer(200, &fields, &other.content))
    });
    assert_eq!(outcome(&lying, ":v1"), "oci.digest_mismatch");
}

#[test]
fn answers_that_do_not_end_or_end_early_are_cut() {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.manifest.v1+json\r\n";
    for (name, bytes, expected) in [
        ("shorter than it says", format!("{head}Content-Length: 1000\r\n\r\n{{}}"), "fetch.incomplete"),
        ("no HTTP", "SSH-2.0-OpenSSH\r\n\r\n".to_string(), "fetch.incomplete"),
        ("nothing", String::new(), "fetch.incomplete"),
        ("a long head", format!("{head}X: {}\r\n\r\n", "x".repeat(17 << 10)), "fetch.too_large"),
        ("a long body", format!("{head}Connection: close\r\n\r\n{}", " ".repeat((4 << 20) + 1)), "fetch.too_large"),
        ("compressed", format!("{head}Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"), "fetch.too_large"),
        ("a chunk that is none", format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "fetch.incomplete"),
        ("HTML", answer_text(200, "Content-Type: text/html", "<html>log in</html>"), "oci.manifest_invalid"),
        ("JSON of another kind", answer_text(200, "Content-Type: application/json", "{}"), "oci.type_unsupported"),
        ("no JSON", format!("{head}Content-Length: 1\r\n\r\n!"), "json.syntax"),
    ] {
        let bytes = bytes.into_bytes();
        let (registry, _) = registry(move |asked| is(asked, "/manifests/v1").then(|| bytes.clone()));
        assert_eq!(outcome(&registry, ":v1"), expected, "{name}");
    }
}

fn answer_text(status: u16, field: &str, body: &str) -> String {
    String::from_utf8(answer(status, &[field], body.as_bytes())).unwrap()
}

#[test]
fn silence_is_waited_for_as_long_as_was_said() {
    let (registry, _) = registry(|asked| {
        if is(asked, "/manifests/v1") {
            std::thread::sleep(std::time::Duration::from_secs(4));
        }
        None
    });
    assert_eq!(outcome(&registry, ":v1"), "fetch.timeout");
}

#[test]
fn an_overloaded_registry_is_asked_three_times_and_a_broken_one_is_named() {
    for (status, field, tries, waited) in [
        (429, "Retry-After: 7", 3, 14_000),
        (503, "X: y", 3, 1500),
        (500, "X: y", 3, 1500),
        (429, "Retry-After: 3600", 1, 0),
        (400, "X: y", 1, 0),
    ] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let (registry, _) = registry(move |asked| {
            is(asked, "/manifests/v1").then(|| {
                counter.fetch_add(1, Ordering::SeqCst);
                answer(status, &[field], br#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow \u001b[2J down"}]}"#)
            })
        });
        let clock = Clock::default();
        let error = Client::new(&app(&registry, ":v1"), Access::new(at(), &clock)).unwrap().find().unwrap_err();
        assert_eq!(error.code().to_string(), "fetch.status");
        assert_eq!((asked.load(Ordering::SeqCst), clock.waited()), (tries, waited), "{status} {field}");
        let found = error.found().unwrap();
        assert!(found.contains("TOOMANYREQUESTS: slow") && !found.contains('\u{1b}'), "{found}");
    }
    // Two bad answers and a good one.
    let asked = AtomicUsize::new(0);
    let (registry, _) = registry(move |one| {
        (is(one, "/manifests/v1") && asked.fetch_add(1, Ordering::SeqCst) < 2).then(|| answer(503, &[], b""))
    });
    assert_eq!(outcome(&registry, ":v1"), "");
}

#[test]
fn redirects_lead_nowhere_but_to_https_and_public_addresses() {
    for (to, expected) in [
        ("http://127.0.0.1:1/elsewhere", "fetch.redirect_refused"),
        ("ftp://cdn.example/", "fetch.redirect_refused"),
        ("//cdn.example/", "fetch.redirect_refused"),
        ("https://user:secret@cdn.example/", "fetch.redirect_refused"),
        ("", "fetch.redirect_refused"),
        ("https://10.0.0.1/blob", "fetch.address_refused"),
        ("https://169.254.169.254/latest/meta-data/", "fetch.address_refused"),
        ("https://[::ffff:10.0.0.1]/blob", "fetch.address_refused"),
        ("https://[fd00::1]/blob", "fetch.address_refused"),
    ] {
        let field = format!("Location: {to}");
        let (registry, _) =
            registry(move |asked| (asked.method == "GET" && is(asked, "/blobs/")).then(|| answer(307, &[&field], b"")));
        assert_eq!(outcome(&registry, ":v1"), expected, "{to}");
    }
}

#[test]
fn redirects_to_the_registry_itself_are_followed_three_times() {
    for (hops, expected) in [(3, ""), (4, "fetch.redirect_refused")] {
        let (registry, _) = registry(move |asked| {
            let (path, query) = asked.target.split_once('?').unwrap_or((&asked.target, "0"));
            let hop: usize = query.parse().unwrap();
            (asked.method == "GET" && is(asked, "/blobs/") && hop < hops)
                .then(|| answer(307, &[&format!("Location: {path}?{}", hop + 1)], b""))
        });
        assert_eq!(outcome(&registry, ":v1"), expected, "{hops}");
    }
}

#[test]
fn a_password_goes_to_nobody_else() {
    let thief = Registry::start(Lists::Nothing, Login::Nobody);
    let known = Credentials::new("user", "secret").unwrap();
    let clock = Clock::default();
    // Another server on the same machine, without TLS, as the service for tokens: the host is the same, and that will do here. A name of
    // another host will not.
    for (challenge, expected) in [
        (format!("Bearer realm=\"http://localhost:{}/token\"", thief.address.port()), "fetch.url_refused"),
        ("Bearer realm=\"http://registry.example/token\"".to_string(), "fetch.url_refused"),
        ("Bearer realm=\"file:///etc/passwd\"".to_string(), "fetch.url_refused"),
        ("Bearer realm=\"https://user:x@registry.example/\"".to_string(), "fetch.url_refused"),
        ("Bearer realm=\"https://10.0.0.1/token\"".to_string(), "fetch.address_refused"),
        ("Bearer".to_string(), "fetch.url_refused"),
        ("Negotiate".to_string(), "fetch.unauthorized"),
        (String::new(), "fetch.unauthorized"),
    ] {
        let field = format!("WWW-Authenticate: {challenge}");
        let (registry, _) = registry(move |asked| is(asked, "/v2/").then(|| answer(401, &[&field], b"")));
        let access = Access::new(at(), &clock).credentials(Some(known.clone()));
        let error = Client::new(&app(&registry, ":v1"), access).unwrap().find().unwrap_err();
        assert_eq!(error.code().to_string(), expected, "{challenge}");
        assert!(registry.asked().iter().all(|asked| asked.header("authorization").is_none()), "{challenge}");
    }
    assert!(thief.asked().is_empty());
}

#[test]
fn a_token_that_cannot_be_one_is_not_sent() {
    for body in ["{}", "<html>", r#"{"token":""}"#, r#"{"token":"a\r\nX: y"}"#, r#"{"token":"a b"}"#, r#"{"token":7}"#]
    {
        let bytes = answer(200, &[], body.as_bytes());
        let registry = Registry::misbehaving(Lists::Nothing, Login::Token, move |asked| {
            is(asked, "/token").then(|| bytes.clone())
        });
        registry.keep("app", &Image::of("one"), Some("v1"));
        assert_eq!(outcome(&registry, ":v1"), "fetch.incomplete", "{body}");
    }
    let registry = Registry::misbehaving(Lists::Nothing, Login::Token, |asked| {
        is(asked, "/token").then(|| answer(302, &["Location: https://thief.example/"], b""))
    });
    assert_eq!(outcome(&registry, ":v1"), "fetch.redirect_refused");
}

#[test]
fn a_list_that_lies_or_does_not_end_is_refused() {
    let index = "Content-Type: application/vnd.oci.image.index.v1+json";
    let empty = r#"{"schemaVersion":2,"manifests":[]}"#;
    for (name, fields, body, expected) in [
        ("itself again", vec![index, "Link: </v2/app/referrers/x>; rel=\"next\""], empty, "oci.manifest_invalid"),
        ("elsewhere", vec![index, "Link: <https://thief.example/>; rel=\"next\""], empty, "fetch.url_refused"),
        ("no list", vec![index], "{}", "oci.manifest_invalid"),
        ("an image", vec![index], r#"{"schemaVersion":2,"manifests":[],"layers":[]}"#, "oci.manifest_invalid"),
    ] {
        let bytes = answer(200, &fields, body.as_bytes());
        let (registry, _) = registry(move |asked| is(asked, "/referrers/").then(|| bytes.clone()));
        assert_eq!(outcome(&registry, ":v1"), expected, "{name}");
    }
    // What is attached to something else is not taken because a list says so.
    let other = Image::of("two").described();
    let foreign = referrer(Some(&other), ENVELOPE, vec![Blob::new(ENVELOPE, envelope_about(&other, "a"))]);
    let list = stella_testkit::oci::index(&[foreign.described()]).content;
    let (registry, _) = registry(move |asked| is(asked, "/referrers/").then(|| answer(200, &[index], &list)));
    registry.keep("app", &foreign, None);
    assert_eq!(outcome(&registry, ":v1"), "oci.manifest_invalid");
}

#[test]
fn a_blob_is_written_to_the_registry_and_nowhere_else() {
    for (fields, status, expected) in [
        (vec!["Location: https://thief.example/upload"], 202, "fetch.url_refused"),
        (vec![], 202, "fetch.url_refused"),
        (vec!["Location: /v2/app/blobs/uploads/1"], 307, "fetch.redirect_refused"),
        (vec![], 500, "fetch.status"),
        (vec![], 200, "fetch.status"),
    ] {
        let bytes = answer(status, &fields, b"");
        let (registry, image) = registry(move |asked| (asked.method == "POST").then(|| bytes.clone()));
        let clock = Clock::default();
        let mut client = Client::new(&app(&registry, ":v1"), Access::new(at(), &clock)).unwrap();
        let found = client.find().unwrap();
        let new = NewReferrer::of(envelope_about(&image, "b").as_bytes(), &found).unwrap();
        let error: OciError = client.attach(&found, &new).unwrap_err();
        assert_eq!(error.code().to_string(), expected, "{fields:?} {status}");
    }
}
