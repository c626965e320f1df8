//! The trust decisions a verification relies on, as an immutable, digested snapshot
