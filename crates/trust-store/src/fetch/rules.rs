//! What may be fetched, and how much of it.

use alloc::string::ToString;
use alloc::vec::Vec;

use stella_chain_verify::Certificate;
use stella_vocabulary::text::Bounded;

use super::address::AddressRange;
use super::error::FetchError;
use super::response::Sizes;
use super::url::{FetchUrl, Origin, OriginFlaw, UrlFlaw};

/// Catalogue section 2.
const TOTAL_MILLISECONDS: u64 = 15_000;
const BODY_BYTES: usize = 1 << 20;
const HEADER_BYTES: usize = 16 << 10;
/// Catalogue F37.
const TRIES: u8 = 3;
/// Before the second try, in milliseconds; doubled before the third.
const PAUSE_MILLISECONDS: u64 = 500;

/// What may be fetched, and how much of it. Without a host, nothing may.
#[derive(Clone, Debug)]
pub struct FetchRules {
    addresses: Vec<AddressRange>,
    authorities: Vec<Certificate>,
    hosts: Vec<Origin>,
    pub(super) pause: u64,
    pub(super) sizes: Sizes,
    pub(super) total: u64,
    pub(super) tries: u8,
}

impl Default for FetchRules {
    fn default() -> Self {
        Self::new()
    }
}

impl FetchRules {
    /// No host, public addresses only, the authorities of the web, 15 s in total, 1 MiB of body, 16 KiB of headers, 3 tries.
    #[must_use]
    pub fn new() -> Self {
        Self {
            addresses: Vec::new(),
            authorities: Vec::new(),
            hosts: Vec::new(),
            pause: PAUSE_MILLISECONDS,
            sizes: Sizes { headers: HEADER_BYTES, body: BODY_BYTES },
            total: TOTAL_MILLISECONDS,
            tries: TRIES,
        }
    }

    /// Allows a host, `HOST` or `HOST:PORT`; port 443 if none is given. Compared whole: names below it are other hosts.
    ///
    /// # Errors
    /// [`FetchError::UrlRefused`] and [`FetchError::AddressRefused`] for what cannot be a host.
    pub fn allow_host(mut self, host: &str) -> Result<Self, FetchError> {
        let shown = || Bounded(host, 200).to_string();
        let origin = Origin::parse(host).map_err(|flaw| match flaw {
            OriginFlaw::Address(flaw) => FetchError::AddressRefused { host: shown(), found: shown(), flaw },
            OriginFlaw::Url(flaw) => FetchError::UrlRefused { url: shown(), flaw },
        })?;
        self.hosts.push(origin);
        Ok(self)
    }

    /// Allows host and port of a URL.
    ///
    /// # Errors
    /// [`FetchError::UrlRefused`] and [`FetchError::AddressRefused`] for a URL that could never be fetched.
    pub fn allow_host_of(mut self, url: &str) -> Result<Self, FetchError> {
        self.hosts.push(FetchUrl::parse(url)?.origin);
        Ok(self)
    }

    /// Allows addresses that are not public, for issuers inside of the own network. Whoever answers names of allowed hosts can then
    /// have this machine connect to any of these addresses, though only with TLS under that name.
    #[must_use]
    pub fn danger_allow_address(mut self, range: AddressRange) -> Self {
        self.addresses.push(range);
        self
    }

    /// Lets the authorities in `pem` (1 to 32 certificates) certify servers, beside those of the web.
    ///
    /// # Errors
    /// [`FetchError::AuthorityMalformed`].
    pub fn trust_authorities(mut self, pem: &[u8]) -> Result<Self, FetchError> {
        self.authorities.extend(Certificate::from_pem_all(pem)?);
        Ok(self)
    }

    /// How long everything may take together, in milliseconds.
    #[must_use]
    pub fn total_time(mut self, milliseconds: u64) -> Self {
        self.total = milliseconds;
        self
    }

    /// How many bytes of a body are read.
    #[must_use]
    pub fn body_bytes(mut self, bytes: usize) -> Self {
        self.sizes.body = bytes;
        self
    }

    /// How many bytes of a status line and header fields are read.
    #[must_use]
    pub fn header_bytes(mut self, bytes: usize) -> Self {
        self.sizes.headers = bytes;
        self
    }

    /// How often a server that is overloaded is asked, 1 to 3 times.
    #[must_use]
    pub fn tries(mut self, tries: u8) -> Self {
        self.tries = tries.clamp(1, TRIES);
        self
    }

    /// How long to wait before the second try, in milliseconds, unless the server says something else.
    #[must_use]
    pub fn first_pause(mut self, milliseconds: u64) -> Self {
        self.pause = milliseconds;
        self
    }

    /// Takes a URL apart, if it may be fetched.
    pub(super) fn admit(&self, url: &str) -> Result<FetchUrl, FetchError> {
        let url = FetchUrl::parse(url)?;
        if self.hosts.contains(&url.origin) {
            return Ok(url);
        }
        Err(FetchError::UrlRefused { url: url.to_string(), flaw: UrlFlaw::HostNotConfigured })
    }

    pub(super) fn addresses(&self) -> &[AddressRange] {
        &self.addresses
    }

    pub(super) fn authorities(&self) -> &[Certificate] {
        &self.authorities
    }
}
