//! TLS to the server: 1.2 or 1.3, always verified, host name included, and no way to say otherwise.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, UnixTime as RustlsTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use stella_chain_verify::Certificate;
use stella_vocabulary::UnixTime;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connection::Connection;
use crate::error::StoreError;

/// Longest file of authorities, in bytes; the list of the web has about 250 KB.
const ROOTS_BYTES: u64 = 4 << 20;

pub(super) fn connector(connection: &Connection) -> Result<MakeRustlsConnect, StoreError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_details(provider, Arc::new(Instant(connection.at)))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| StoreError::Io {
            place: connection.to_string(),
            operation: "prepare TLS",
            why: error.to_string(),
        })?
        .with_root_certificates(authorities(connection)?)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(MakeRustlsConnect::new(config))
}

/// Those of the web, as they are compiled in, or those of the file in their place: who names a file has a server of his own.
fn authorities(connection: &Connection) -> Result<RootCertStore, StoreError> {
    let Some(path) = &connection.roots else {
        return Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() });
    };
    let place = path.display().to_string();
    let io = |why: String| StoreError::Io { place: place.clone(), operation: "read the authorities", why };
    let length = std::fs::metadata(path).map_err(|error| io(error.to_string()))?.len();
    if length > ROOTS_BYTES {
        return Err(io(format!("it has {length} bytes, and {ROOTS_BYTES} are allowed")));
    }
    let pem = std::fs::read(path).map_err(|error| io(error.to_string()))?;
    let certificates = Certificate::from_pem_all(&pem).map_err(|error| io(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        let der = CertificateDer::from(certificate.der()).into_owned();
        store.add(der).map_err(|error| io(error.to_string()))?;
    }
    if store.is_empty() { Err(io("there is no certificate in it".to_owned())) } else { Ok(store) }
}

/// The instant being judged, in place of a clock.
struct Instant(UnixTime);

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl TimeProvider for Instant {
    fn current_time(&self) -> Option<RustlsTime> {
        u64::try_from(self.0.seconds()).ok().map(|seconds| RustlsTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
