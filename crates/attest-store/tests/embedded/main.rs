//! The embedded store: what its files have to withstand.
#![cfg(all(feature = "sqlite", unix))]
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod files;
mod world;
