//! The embedded store: SQLite beside segment files, in the home.
//!
//! `attest.db` says what there is and where; the documents themselves are appended, compressed, to `attest/NNNNNNNN.seg`. A batch is written and synced
//! there before the transaction that names it commits, so that whatever lies behind the end that the database knows is nobody's, and is written over.
//! Measured against documents as rows: half as many bytes are written, and a look-up reads one page of the database fewer.
//!
//! One process writes at a time, held by a lock of the kernel on `attest/lock`; readers never wait for it (`journal_mode=WAL`), and what was acknowledged
//! survives a power loss (`synchronous=FULL`).
//!
//! # What damage looks like
//! SQLite finds pages that make no sense, and no bit that changed in one that still does. So every row carries a checksum, the arrivals form a
//! chain, documents are held against their SHA-256; and for what is *not* found, the entries of the index are counted and summed up: by 65,536 parts of each
//! hash for attestations and subjects, by 4,096 neighbours for all others. Whatever is answered comes from parts whose sums were compared.
//!
//! What is missing as a whole, such as `attest.db-wal`, is noticed by `attest/latest`: it says how far the store was at its latest change.
//!
//! # Copies
//! A copy is consistent if `attest.db` (with `attest.db-wal`, if it is there) is taken first, with SQLite's own means (`VACUUM INTO`, `.backup`) while others
//! write, and the segments after it: what they hold more is nobody's. An older copy is taken as it is once `attest/latest` is removed.

mod arrivals;
mod blocks;
mod check;
mod embedded;
mod fault;
mod index;
mod journal;
mod latest;
mod marks;
mod place;
mod reports;
mod row;
mod runs;
mod schema;
mod segments;

pub use self::embedded::Embedded;
pub use self::place::Place;
