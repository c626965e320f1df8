//! The suites, one a file. A new one is a file here and a line below.

mod bettertls;
mod boringssl;
mod cpython_bundles;
mod dsse_intoto;
mod google_cloud_build;
mod merkle;
mod pkits;
mod rfc3161;
mod sigstore_bundles;
mod sigstore_conformance;
mod slsa_provenance;
mod tlog_notes;
mod x509_limbo;
mod x509_odd;

use crate::suite::Suite;

/// Every suite, by name.
#[must_use]
pub fn all() -> &'static [&'static dyn Suite] {
    &[
        &bettertls::BetterTls,
        &boringssl::BoringSsl,
        &cpython_bundles::CpythonBundles,
        &dsse_intoto::DsseIntoto,
        &x509_limbo::X509Limbo,
        &merkle::Merkle,
        &pkits::Pkits,
        &rfc3161::Rfc3161,
        &sigstore_bundles::SigstoreBundles,
        &sigstore_conformance::SigstoreConformance,
        &slsa_provenance::SlsaProvenance,
        &tlog_notes::TlogNotes,
        &x509_odd::X509Odd,
    ]
}

/// The suite of that name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn Suite> {
    all().iter().copied().find(|suite| suite.name() == name)
}
