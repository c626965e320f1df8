//! The shapes of the known types, one file for each body that specifies them. Where a later minor version relaxed something, the relaxed
//! form is the one here: a check must not complain about what is allowed.

pub(super) mod cyclonedx;
pub(super) mod in_toto;
pub(super) mod openvex;
pub(super) mod slsa;
pub(super) mod spdx;
pub(super) mod stella;
pub(super) mod vuln;
