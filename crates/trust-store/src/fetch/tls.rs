//! TLS as this module uses it: 1.2 or 1.3, always verified, and no way to say otherwise.

use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::io;

use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime as RustlsTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use stella_chain_verify::Certificate;
use stella_vocabulary::UnixTime;

use super::error::{FetchError, TlsFlaw};
use super::url::Host;

/// The authorities that servers may be certified by: those of the web, and those of the rules.
///
/// The list of the web is compiled in (Mozilla's, crate `webpki-roots`) and not the operating system's: finding that one means reading
/// environment variables and a different set of files on each machine, and what is fetched counts only once somebody approved it.
pub(super) fn authorities(extra: &[Certificate]) -> Result<Arc<RootCertStore>, FetchError> {
    let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in extra {
        store
            .add(CertificateDer::from(certificate.der()).into_owned())
            .map_err(|_| FetchError::AuthorityUnusable { subject: certificate.subject().to_string() })?;
    }
    Ok(Arc::new(store))
}

/// A connection to `host` that is about to begin, judged at the instant `at`.
pub(super) fn connection(
    authorities: &Arc<RootCertStore>,
    host: &Host,
    at: UnixTime,
) -> Result<ClientConnection, TlsFlaw> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_details(provider, Arc::new(Instant(at)))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(|error| flaw(&error))?
        .with_root_certificates(Arc::clone(authorities))
        .with_no_client_auth();
    config.alpn_protocols = Vec::from([b"http/1.1".to_vec()]);
    config.resumption = Resumption::disabled();
    let name = match host {
        Host::Address(address) => ServerName::IpAddress((*address).into()),
        Host::Name(name) => ServerName::try_from(name.clone())
            .map_err(|_| TlsFlaw::Protocol { detail: "the name of the host cannot be in a certificate".to_string() })?,
    };
    ClientConnection::new(Arc::new(config), name).map_err(|error| flaw(&error))
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

/// What went wrong, if it was TLS and not the connection below it.
pub(super) fn flaw_in(error: &io::Error) -> Option<TlsFlaw> {
    error.get_ref()?.downcast_ref::<rustls::Error>().map(flaw)
}

fn flaw(error: &rustls::Error) -> TlsFlaw {
    use rustls::CertificateError as Bad;
    use rustls::{AlertDescription, Error, PeerIncompatible};

    match error {
        Error::InvalidCertificate(Bad::Expired) => TlsFlaw::Expired { not_after: None },
        Error::InvalidCertificate(Bad::ExpiredContext { not_after, .. }) => {
            TlsFlaw::Expired { not_after: instant(*not_after) }
        }
        Error::InvalidCertificate(Bad::NotValidYet) => TlsFlaw::NotYetValid { not_before: None },
        Error::InvalidCertificate(Bad::NotValidYetContext { not_before, .. }) => {
            TlsFlaw::NotYetValid { not_before: instant(*not_before) }
        }
        Error::InvalidCertificate(Bad::NotValidForName) => TlsFlaw::OtherHost { names: Vec::new() },
        Error::InvalidCertificate(Bad::NotValidForNameContext { presented, .. }) => {
            TlsFlaw::OtherHost { names: presented.iter().take(5).cloned().collect() }
        }
        Error::InvalidCertificate(Bad::UnknownIssuer) => TlsFlaw::UnknownAuthority,
        // A server that presents its own authority's certificate as its own, as self-signed ones do.
        Error::InvalidCertificate(Bad::Other(other)) if names_authority(other) => TlsFlaw::UnknownAuthority,
        Error::PeerIncompatible(
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ServerDoesNotSupportTls12Or13
            | PeerIncompatible::Tls12NotOffered
            | PeerIncompatible::Tls12NotOfferedOrEnabled,
        )
        | Error::AlertReceived(AlertDescription::ProtocolVersion) => TlsFlaw::OldVersion,
        other => TlsFlaw::Protocol { detail: other.to_string() },
    }
}

fn names_authority(other: &rustls::OtherError) -> bool {
    other.to_string().contains("CaUsedAsEndEntity")
}

fn instant(time: RustlsTime) -> Option<UnixTime> {
    i64::try_from(time.as_secs()).ok().map(UnixTime::from_seconds)
}
