//! A PostgreSQL of one's own for tests, and a man in the middle who breaks what he is asked to.

mod proxy;
mod server;

pub use proxy::{Proxy, When};
pub use server::{PASSWORD, Server, USER, authority};
