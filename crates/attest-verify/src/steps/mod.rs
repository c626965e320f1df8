//! The steps of the pipeline, one file each, in the order in which they run.

pub(crate) mod aside;
pub(crate) mod certificate_timestamp;
pub(crate) mod identity;
pub(crate) mod log;
pub(crate) mod material;
pub(crate) mod path;
pub(crate) mod scope;
pub(crate) mod signature;
pub(crate) mod statement;
pub(crate) mod timestamp;
pub(crate) mod trusted_time;
pub(crate) mod window;
