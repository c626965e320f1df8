//! The certificate that is asked about, and the trusted times of the signature made with it.

use std::path::Path;

use stella_attest_verify::{
    Attestation, Binding, Certificate, Check, CheckId, Code, Policy, Registry, TrustSnapshot, TrustedTime, UnixTime,
    Verifier,
};

use crate::complaint::Complaint;
use crate::context::Context;
use crate::input::{Inputs, name_of};
use crate::render::remedy::shell_line;
use crate::selector;

/// The signing certificates of an attestation, leaf first.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) attestation: Attestation,
    pub(crate) certificates: Vec<Certificate>,
    name: String,
}

impl Signed {
    /// Judges the documents of the attestation that `path` names, in order of arrival, until one is `good`; or else gives what came of the
    /// first that has a certificate.
    ///
    /// # Errors
    /// Those of choosing, and of `judge` for the first document that has a certificate, if none is good.
    pub(crate) fn judge_each<T>(
        path: &Path,
        inputs: &Inputs,
        context: &Context,
        mut judge: impl FnMut(&Self) -> Result<T, Complaint>,
        good: impl Fn(&T) -> bool,
    ) -> Result<T, Complaint> {
        let name = name_of(path);
        let mut best: Option<Result<T, Complaint>> = None;
        let mut without: Option<Complaint> = None;
        selector::choose(path, inputs, context)?.each(|attestation, _| {
            let signed = match Self::of(attestation, &name, path) {
                Ok(signed) => signed,
                Err(complaint) => {
                    without.get_or_insert(complaint);
                    return Ok(false);
                }
            };
            let judged = judge(&signed);
            let enough = judged.as_ref().is_ok_and(&good);
            if enough || best.is_none() {
                best = Some(judged);
            }
            Ok(enough)
        })?;
        best.unwrap_or_else(|| Err(without.unwrap_or_else(|| certificate_missing(&name, path))))
    }

    fn of(attestation: &Attestation, name: &str, path: &Path) -> Result<Self, Complaint> {
        let certificates = certificates(attestation).map_err(|error| Complaint::of(&error, name))?;
        if certificates.is_empty() {
            return Err(certificate_missing(name, path));
        }
        Ok(Self { attestation: attestation.clone(), certificates, name: name.to_string() })
    }

    /// The times that trusted parties put on the signature, under `trust`. Of the rest of the attestation only the signature matters here: without
    /// it, the times are those of some bytes that lie beside somebody's certificate.
    ///
    /// # Errors
    /// What is wrong with the evidence: a time that is forged, that belongs to another signature or that is still to come tells nothing.
    pub(crate) fn trusted_times(&self, trust: &TrustSnapshot, at: UnixTime) -> Result<Vec<TrustedTime>, Complaint> {
        let verifier = Verifier::new(&Registry::rustcrypto(), trust, Policy::danger_any_signer());
        let claimed = self.attestation.message_signature().and_then(|message| message.claimed_digest());
        // Without the artifact of a message signature, its log entry is held against the digest that the bundle claims.
        let binding = claimed.map_or(Binding::SubjectsAsListed, Binding::from);
        let report = verifier.verify(&self.attestation, binding, at);
        let timed = !report.trusted_times().is_empty();
        let faulty = report.checks().iter().find_map(|check| Some((check, fault(check, timed)?)));
        match faulty {
            None => Ok(report.trusted_times().to_vec()),
            Some((check, code)) => Err(unusable(&self.name, check, code)),
        }
    }
}

fn certificate_missing(name: &str, path: &Path) -> Complaint {
    Complaint::new(Code::BundleCertificateMissing, "the attestation was signed without a certificate")
        .place(name)
        .found("no certificate")
        .expected("a signing certificate")
        .remedy(shell_line(&["stella", "attest", "show", &path.to_string_lossy(), "--details"]))
}

/// Why a check says that the evidence of time cannot be used; `timed` says whether there is any that would be.
fn fault(check: &Check, timed: bool) -> Option<Code> {
    let about_evidence = match check.id() {
        CheckId::TimeTimestamp | CheckId::LogEntry | CheckId::LogPromise | CheckId::LogInclusion => true,
        CheckId::EnvelopeSignature | CheckId::MessageSignature => timed,
        _ => false,
    };
    // That there is no trusted time at all is for the reader to weigh: then the instant being judged counts.
    check.code().filter(|code| about_evidence || *code == Code::TimeInFuture)
}

fn unusable(name: &str, check: &Check, code: Code) -> Complaint {
    let complaint = Complaint::new(code, check.summary().unwrap_or("the evidence of time does not hold")).place(name);
    let complaint = match check.found() {
        Some(found) => complaint.found(found),
        None => complaint,
    };
    match check.expected() {
        Some(expected) => complaint.expected(expected),
        None => complaint,
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
