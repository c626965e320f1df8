//! The embedded store: what its files, and its rows about shared work, have to withstand.
#![cfg(all(feature = "sqlite", unix))]
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod files;
mod runs;
mod world;
