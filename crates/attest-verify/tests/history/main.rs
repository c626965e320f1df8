//! What trust was, is and would be, and what that does to verdicts.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod bisect;
mod preview;
mod world;
