//! The store in PostgreSQL, on a server that the tests start themselves. Without one, each test says that it was left out.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]
#![allow(clippy::disallowed_methods)] // Tests have a clock and an environment.

mod behaviour;
mod world;
