//! The store in PostgreSQL, for many nodes.
//!
//! [`Connection`] says where, and how it is talked to: over TLS with a verified certificate, or within one machine. [`Shared`] keeps
//! attestations, [`PostgresLog`] the trust log; everything lies in one schema.
//!
//! A change is one transaction. Its name, the [`OperationId`](crate::OperationId), is kept with it, so that a change whose answer was lost is found to be made
//! instead of being made again. A call reconnects once when the connection is lost, and tries three times more when others were in the
//! way; then it is `store.busy`.
//!
//! Rows carry checksums, documents their SHA-256, and arrivals their chain, so what comes back is what was written. What nobody but the
//! server can notice is a row that an index does not lead to any more, and a bit that changed in the server's own books: make the cluster with
//! `initdb --data-checksums` (`SHOW data_checksums`), which PostgreSQL 18 does of itself. A check of the whole store finds the former.

mod arrivals;
mod check;
mod connection;
mod connection_error;
mod fault;
mod journal;
mod log;
mod marks;
mod operation;
mod reports;
mod row;
mod runs;
mod schema;
mod session;
mod shared;
mod tls;
mod wire;

pub use self::connection::Connection;
pub use self::connection_error::ConnectionError;
pub use self::log::PostgresLog;
pub use self::shared::Shared;
