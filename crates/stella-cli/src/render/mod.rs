//! How results look to people. Everything here is a pure function of a result and of how the reader reads.

pub(crate) mod certificate;
pub(crate) mod health;
pub(crate) mod page;
pub(crate) mod path;
pub(crate) mod remedy;
pub(crate) mod table;
pub(crate) mod verdict;

pub(crate) use page::Page;
pub(crate) use table::Table;
