//! The words every floor shares: codes and reasons, instants and windows, strict encodings, text made safe to show.
//!
//! Nothing here knows a document, a key or a certificate. Everything is a pure function of its arguments, refuses what
//! it does not understand, and never panics on input.
//!
//! ```
//! use stella_vocabulary::{Code, Reason, UnixTime, Window, base64};
//!
//! let window = Window::half_open(Some(UnixTime::parse_rfc3339("2026-01-01T00:00:00Z")?), None);
//! assert!(window.contains(UnixTime::from_seconds(1_768_640_400)));
//!
//! let refusal = base64::decode("YR==").unwrap_err();
//! assert_eq!(refusal.code(), Code::Base64Noncanonical);
//! assert_eq!(refusal.code().exit_status(), 1);
//! # Ok::<(), stella_vocabulary::TimeError>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

pub mod base64;
mod code;
pub mod hex;
#[cfg(feature = "pages")]
pub mod pages;
pub mod pem;
mod reason;
pub mod text;
mod time;
mod window;

pub use crate::base64::Base64Error;
pub use crate::code::Code;
pub use crate::pem::PemError;
pub use crate::reason::Reason;
pub use crate::time::{TimeError, UnixTime};
pub use crate::window::{End, Position, Window};
