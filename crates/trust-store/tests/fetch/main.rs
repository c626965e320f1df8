//! Fetching keys from servers that mean no good.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)] // Tests have a clock.

mod addresses;
mod documents;
mod interruptions;
mod limits;
mod redirects;
mod retries;
mod server;
mod staging;
mod timeouts;
mod tls;
mod urls;
mod world;
