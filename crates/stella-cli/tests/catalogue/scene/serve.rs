//! The hostile web server of the scenes: the one of the fetching library's own tests, on `localhost`.

use std::path::Path;
use std::time::Duration;

use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL};
use stella_testkit::key::TestKey;
use stella_vocabulary::{UnixTime, base64};

#[path = "../../../../trust-store/tests/fetch/server.rs"]
#[allow(dead_code, reason = "the tests of the library use more of it")]
mod server;

use server::{Identity, Server, authority, ok, say, say_endlessly};

const HOST: &str = "localhost";

/// Starts a server that does what `behaviour` says. Puts its URL into `url` and its authority into `server-ca.pem`.
pub(super) fn start(room: &Path, behaviour: &str) -> Result<(), String> {
    let moved = |to: &str| format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n");
    let server = match behaviour {
        "compressed" => answering("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\u{1f}abc"),
        "discovery of another issuer" => {
            answering(&ok(r#"{"issuer":"https://other.example","jwks_uri":"https://localhost/jwks"}"#))
        }
        "endless" => Server::with(right(), rustls::DEFAULT_VERSIONS, |tls, _, _| {
            say(tls, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            say_endlessly(tls, &[b"1000\r\n".to_vec(), vec![b' '; 4096], b"\r\n".to_vec()].concat(), Duration::ZERO);
        }),
        "expired certificate" => identified(Identity::issued(
            &authority(),
            HOST,
            AUTHORITY_FROM,
            UnixTime::from_seconds(AUTHORITY_FROM.seconds() + 3600),
        )),
        "a key" => answering(&ok(&key_set(&[("k1", "other")]))),
        "no key" => answering(&ok(r#"{"keys":[]}"#)),
        "certificate of another host" => {
            identified(Identity::issued(&authority(), "elsewhere.example", AUTHORITY_FROM, AUTHORITY_UNTIL))
        }
        "page" => answering(&ok("<!DOCTYPE html><html>Log in</html>")),
        "private key" => answering(&ok(
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]}"#,
        )),
        "redirect" => answering(&moved("https://other.example/jwks")),
        "redirect to itself" => answering(&moved("/jwks")),
        "secret" => answering(&ok(r#"{"keys":[{"kty":"oct","kid":"k","k":"c2VjcmV0"}]}"#)),
        "self-signed certificate" => identified(Identity::self_signed()),
        "the signer's key" => answering(&ok(&key_set(&[("k1", "signer")]))),
        "too many keys" => {
            let kids: Vec<String> = (0..10_000).map(|number| format!("k{number}")).collect();
            let keys: Vec<(&str, &str)> = kids.iter().map(|kid| (kid.as_str(), "other")).collect();
            answering(&ok(&key_set(&keys)))
        }
        "two keys of one name" => answering(&ok(&key_set(&[("k1", "signer"), ("k1", "other")]))),
        "too long" => answering(&ok(&" ".repeat((1 << 20) + 1))),
        other => return Err(format!("no such server: {other}")),
    };
    let write = |name: &str, text: &str| std::fs::write(room.join(name), text).map_err(|error| error.to_string());
    write("url", &format!("https://{HOST}:{}/jwks", server.address.port()))?;
    write("server-ca.pem", &authority().pem())
}

fn right() -> Identity {
    Identity::issued(&authority(), HOST, AUTHORITY_FROM, AUTHORITY_UNTIL)
}

fn answering(response: &str) -> Server {
    let response = response.as_bytes().to_vec();
    Server::with(right(), rustls::DEFAULT_VERSIONS, move |tls, _, _| say(tls, &response))
}

fn identified(identity: Identity) -> Server {
    let response = ok(&key_set(&[("k1", "signer")]));
    Server::with(identity, rustls::DEFAULT_VERSIONS, move |tls, _, _| say(tls, response.as_bytes()))
}

/// A JWK set of Ed25519 keys: their `kid`s, and whose they are.
fn key_set(keys: &[(&str, &str)]) -> String {
    let keys = keys.iter().map(|(kid, name)| {
        let key: TestKey = super::files::key(name);
        let x = base64::encode_url_unpadded(key.public_key().raw());
        format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"{kid}","x":"{x}"}}"#)
    });
    format!(r#"{{"keys":[{}]}}"#, keys.collect::<Vec<_>>().join(","))
}
