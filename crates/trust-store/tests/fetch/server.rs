//! A server on the loopback address that does whatever a test wants, one thread for each connection.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority};
use stella_testkit::certificate::{CertificateBuilder, Extension, SubjectAltName, name};
use stella_testkit::key::TestKey;
use stella_vocabulary::UnixTime;

/// What clients are told is theirs to ask for.
pub(crate) const HOST: &str = "keys.example";

/// TLS from the side of the server.
pub(crate) type Tls = StreamOwned<ServerConnection, TcpStream>;

/// A running server. It ends with the process.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Gives every raw connection, and its number from 0, to `behave`.
    pub(crate) fn raw(behave: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (behave, counter) = (Arc::new(behave), Arc::clone(&connections));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = counter.fetch_add(1, Ordering::SeqCst);
                let behave = Arc::clone(&behave);
                thread::spawn(move || behave(stream, number));
            }
        });
        Self { address, connections }
    }

    /// Agrees on TLS with the right certificate, reads the request, and gives it to `behave`.
    pub(crate) fn tls(behave: impl Fn(&mut Tls, &str, usize) + Send + Sync + 'static) -> Self {
        Self::with(Identity::right(), rustls::DEFAULT_VERSIONS, behave)
    }

    pub(crate) fn with(
        identity: Identity,
        versions: &'static [&'static SupportedProtocolVersion],
        behave: impl Fn(&mut Tls, &str, usize) + Send + Sync + 'static,
    ) -> Self {
        let config = Arc::new(identity.config(versions));
        Self::raw(move |stream, number| {
            let mut tls = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), stream);
            if let Some(request) = read_request(&mut tls) {
                behave(&mut tls, &request, number);
            }
            // A client may have gone; that is its right.
            tls.conn.send_close_notify();
            let _ = tls.flush();
            let _ = tls.sock.shutdown(Shutdown::Write);
        })
    }

    /// Answers every request with these bytes.
    pub(crate) fn answering(response: impl Into<Vec<u8>>) -> Self {
        let response = response.into();
        Self::tls(move |tls, _, _| say(tls, &response))
    }

    /// How many connections were made to it.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{HOST}:{}{path}", self.address.port())
    }
}

/// Sends, however little the client wants to hear.
pub(crate) fn say(tls: &mut Tls, bytes: &[u8]) {
    let _ = tls.write_all(bytes).and_then(|()| tls.flush());
}

/// Sends as long as somebody listens, and says how many bytes those were.
pub(crate) fn say_endlessly(tls: &mut Tls, piece: &[u8], pause: Duration) -> usize {
    let mut sent = 0;
    while tls.write_all(piece).and_then(|()| tls.flush()).is_ok() {
        sent += piece.len();
        thread::sleep(pause);
    }
    sent
}

/// Keeps the connection open until the client goes.
pub(crate) fn hold(stream: &mut impl Read) {
    let mut rest = [0; 1024];
    while stream.read(&mut rest).is_ok_and(|read| read > 0) {}
}

/// Ends the connection without saying so to TLS: as seen by the client, in the middle of something.
pub(crate) fn cut(tls: &mut Tls) {
    let _ = tls.sock.shutdown(Shutdown::Both);
}

pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

fn read_request(tls: &mut Tls) -> Option<String> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        match tls.read(&mut byte) {
            Ok(1) => request.push(byte[0]),
            _ => return None,
        }
    }
    String::from_utf8(request).ok()
}

/// The authority that tests are told to trust.
pub(crate) fn authority() -> Authority {
    Authority::root_with(TestKey::p256("authority of web servers"), |builder| builder)
}

/// Certificate and key of a server.
pub(crate) struct Identity {
    certificate: Vec<u8>,
    key: TestKey,
}

impl Identity {
    /// What the tests expect to meet.
    pub(crate) fn right() -> Self {
        Self::issued(&authority(), HOST, AUTHORITY_FROM, AUTHORITY_UNTIL)
    }

    pub(crate) fn issued(authority: &Authority, host: &str, from: UnixTime, until: UnixTime) -> Self {
        let key = TestKey::p256("web server");
        let certificate = authority.issued(leaf(&key, host, from, until)).sign(authority.key());
        Self { certificate, key }
    }

    pub(crate) fn self_signed() -> Self {
        let key = TestKey::p256("self-signed web server");
        let certificate = leaf(&key, HOST, AUTHORITY_FROM, AUTHORITY_UNTIL).sign(&key);
        Self { certificate, key }
    }

    fn config(self, versions: &[&'static SupportedProtocolVersion]) -> ServerConfig {
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.key.signing_key().to_pkcs8_der()));
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(self.certificate)], key)
            .unwrap()
    }
}

fn leaf(key: &TestKey, host: &str, from: UnixTime, until: UnixTime) -> CertificateBuilder {
    CertificateBuilder::new(name(key.label()), key, from, until)
        .extension(Extension::signer_key_usage())
        .extension(Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.1"]))
        .extension(Extension::subject_alt_names(&[SubjectAltName::Dns(host.into())]))
}
