//! Fetching the keys that an issuer publishes. They are staged for approval and count for nothing before it.
//!
//! A URL that somebody typed and a server that somebody else runs are not let near anything inside: the host must be one that was
//! named beforehand, every address it resolves to must be public, the address that was checked is the address that is connected
//! to, TLS is always verified, redirects are refused, and time and size are bounded. There is no proxy, no cookie, no
//! credential, no compression and no connection that is used twice, because there is no code for them.
//!
//! ```no_run
//! use std::time::{Duration, Instant};
//!
//! use stella_trust_store::fetch::{FetchRules, KeyFetcher, Moment};
//! use stella_trust_store::Stopwatch;
//! use stella_vocabulary::UnixTime;
//!
//! struct Clock(Instant);
//!
//! impl Stopwatch for Clock {
//!     fn milliseconds(&self) -> u64 {
//!         self.0.elapsed().as_millis() as u64
//!     }
//!     fn pause(&self, milliseconds: u64) {
//!         std::thread::sleep(Duration::from_millis(milliseconds));
//!     }
//! }
//!
//! let rules = FetchRules::new().allow_host("token.actions.githubusercontent.com")?;
//! let clock = Clock(Instant::now());
//! let moment = Moment { at: UnixTime::parse_rfc3339("2026-01-17T09:00:00Z")?, jitter: 4, stopwatch: &clock };
//! let issuer = "https://token.actions.githubusercontent.com";
//! let url = format!("{issuer}/.well-known/openid-configuration");
//! let fetched = KeyFetcher::new(rules).fetch(&url, &[issuer], &moment)?;
//! for key in fetched.keys() {
//!     println!("{} {}", key.key().key_id(), key.kid().unwrap_or("-"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod connection;
mod deadline;
mod difference;
mod document;
mod error;
mod fetched;
mod fetcher;
mod patience;
mod resolver;
mod response;
mod rules;
mod tls;
mod url;

pub use self::address::{AddressFlaw, AddressRange};
pub use self::deadline::{Moment, Phase};
pub use self::difference::{KeyDifference, News};
pub use self::document::Published;
pub use self::error::{FetchError, Interruption, KeysFlaw, Part, TlsFlaw};
pub use self::fetched::{FetchedKey, FetchedKeys};
pub use self::fetcher::KeyFetcher;
pub use self::resolver::{NotResolved, Resolver, SystemResolver};
pub use self::rules::FetchRules;
pub use self::url::UrlFlaw;
