//! The certificate that is asked about, and the trusted times of the signature made with it.

use std::path::Path;

use stella_attest_verify::{
    Attestation, Binding, Certificate, Code, Policy, Registry, TrustSnapshot, TrustedTime, UnixTime, Verifier,
};

use crate::complaint::Complaint;
use crate::document;
use crate::input::{Inputs, name_of};

/// The signing certificates of an attestation, leaf first.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) attestation: Attestation,
    pub(crate) certificates: Vec<Certificate>,
}

impl Signed {
    pub(crate) fn read(path: &Path, inputs: &Inputs) -> Result<Self, Complaint> {
        let attestation = document::read_one(path, inputs)?;
        let certificates = certificates(&attestation).map_err(|error| Complaint::of(&error, &name_of(path)))?;
        if certificates.is_empty() {
            return Err(Complaint::new(
                Code::BundleCertificateMissing,
                "the attestation was signed without a certificate",
            )
            .place(name_of(path))
            .found("no certificate")
            .expected("a signing certificate")
            .remedy("stella attest show FILE --details"));
        }
        Ok(Self { attestation, certificates })
    }

    /// The times that trusted parties put on the signature, under `trust`. The verdict on everything else does not matter here.
    pub(crate) fn trusted_times(&self, trust: &TrustSnapshot, at: UnixTime) -> Vec<TrustedTime> {
        let verifier = Verifier::new(&Registry::rustcrypto(), trust, Policy::danger_any_signer());
        verifier.verify(&self.attestation, Binding::SubjectsAsListed, at).trusted_times().to_vec()
    }
}

/// The certificates that an attestation carries: those of a bundle, or of the first signature of an envelope that has any.
pub(crate) fn certificates(
    attestation: &Attestation,
) -> Result<Vec<Certificate>, stella_chain_verify::CertificateError> {
    if !attestation.certificates().is_empty() {
        return attestation.certificates().iter().map(|der| Certificate::from_der(der)).collect();
    }
    let pem = attestation
        .envelope()
        .and_then(|envelope| envelope.signatures().iter().find_map(|signature| signature.unverified_certificate_pem()));
    pem.map_or(Ok(Vec::new()), |pem| Certificate::from_pem_all(pem.as_bytes()))
}

/// The instants that a certificate must be valid at: every trusted time, or without one the instant being judged.
pub(crate) fn instants(times: &[TrustedTime], at: UnixTime) -> Vec<UnixTime> {
    if times.is_empty() { vec![at] } else { times.iter().map(TrustedTime::time).collect() }
}
