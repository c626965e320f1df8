//! Step 3: RFC 3161 tokens over the signature.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use stella_chain_verify::{Certificate, ChainError, Spent};
use stella_transparency::{TimestampError, TimestampToken};
use stella_vocabulary::{Code, Reason, UnixTime, Window};

use crate::authority::PreparedTimestampAuthority;
use crate::check::CheckId;
use crate::path::describe;
use crate::refused::Refused;
use crate::report::{PathPurpose, TimeSource, TrustedTime};
use crate::revocation;
use crate::run::Run;
use crate::steps::material::Claim;
use crate::tally::Remembered;
use crate::trust::Witness;

/// Why one authority did not make a token, from the least to the most telling.
enum Rejection {
    /// None of the token's or the authority's certificates is the signer named by the token.
    NoSigner,
    /// The certificate that the token names did not make its signature.
    Signature(TimestampError),
    /// The signer does not chain to this authority.
    Chain(ChainError),
    /// Whether it does could not be found out.
    Unjudged(ChainError),
    /// The path was not valid at the time stated.
    Expired(ChainError),
    /// The authority made it, at a time for which it is not trusted.
    OutsideWindow(Window),
}

impl Rejection {
    const fn rank(&self) -> u8 {
        match self {
            Self::NoSigner => 0,
            Self::Signature(_) => 1,
            Self::Chain(_) => 2,
            Self::Expired(_) => 3,
            Self::OutsideWindow(_) => 4,
            Self::Unjudged(_) => 5,
        }
    }
}

/// Judges every token, and keeps the time of each that a trusted authority made over this signature.
pub(crate) fn verify_all(run: &mut Run<'_>, claim: &Claim<'_>) {
    let Some(signature) = claim.signature_bytes(run.attestation) else { return };
    for (index, der) in run.attestation.timestamps().iter().enumerate() {
        match verify(run, der, signature) {
            Ok((time, name, witness)) => {
                run.checks.pass(
                    CheckId::TimeTimestamp,
                    vec![("token", index.into()), ("time", time.into()), ("authority", name.clone().into())],
                );
                run.times.push(TrustedTime { time, source: TimeSource::Timestamp, name, witness });
            }
            Err(reason) => {
                run.checks.fail_with(CheckId::TimeTimestamp, reason.as_ref(), vec![("token", index.into())]);
            }
        }
    }
}

type Failure = alloc::boxed::Box<dyn Reason>;

fn verify(run: &mut Run<'_>, der: &[u8], signature: &[u8]) -> Result<(UnixTime, String, Witness), Failure> {
    let token = TimestampToken::parse(der).map_err(boxed)?;
    token.verify_imprint(signature).map_err(boxed)?;
    let time = token.gen_time();
    // Certificates of the token are unsigned luggage: one that does not parse can only fail to help.
    // Repetitions are left out, so that each costs nothing more.
    let mut distinct = token.embedded_certificates();
    distinct.sort_unstable();
    distinct.dedup();
    let embedded: Vec<Certificate> = distinct.into_iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
    let given = run.given;
    let mut closest = Rejection::NoSigner;
    let mut accepted: Option<(UnixTime, String, Witness)> = None;
    for (index, domain) in given.trust.domains.iter().enumerate() {
        for authority in &domain.clocks {
            // Once an authority is found, only other listings of the same one matter.
            if accepted.as_ref().is_some_and(|(_, _, witness)| witness.key != authority.key) {
                continue;
            }
            match (verify_under(run, authority, &token, &embedded, time), &mut accepted) {
                (Ok(_), Some((_, _, witness))) => witness.domains.push(index),
                (Ok(remembered), None) => {
                    run.remembered.add_all(remembered);
                    let witness = Witness { key: authority.key, domains: vec![index] };
                    accepted = Some((time, authority.name.clone(), witness));
                }
                (Err(rejection), _) if rejection.rank() > closest.rank() => closest = rejection,
                (Err(_), _) => {}
            }
        }
    }
    if let Some(accepted) = accepted {
        return Ok(accepted);
    }
    Err(match closest {
        Rejection::NoSigner => untrusted("no trusted time-stamping authority, or none with this certificate"),
        Rejection::Chain(error) => untrusted(&error.to_string()),
        Rejection::Unjudged(error) => boxed(error),
        Rejection::Signature(error) => boxed(error),
        Rejection::Expired(error) => boxed(Refused::TsaCertExpired { time, detail: validity(&error) }),
        Rejection::OutsideWindow(window) => boxed(Refused::TsaOutsideValidity { time, window }),
    })
}

fn verify_under(
    run: &mut Run<'_>,
    authority: &PreparedTimestampAuthority,
    token: &TimestampToken,
    embedded: &[Certificate],
    time: UnixTime,
) -> Result<Remembered, Rejection> {
    let named = |certificate: &&Certificate| {
        token.signer_matches(certificate.issuer().der(), certificate.serial(), certificate.subject_key_identifier())
    };
    let mut closest = Rejection::NoSigner;
    // Several certificates may carry the name that the token gives its signer: the one that counts is the one whose key verifies.
    let unknown = embedded.iter().filter(|one| !authority.known.iter().any(|known| known.der() == one.der()));
    for signer in authority.known.iter().chain(unknown).filter(named).filter(|one| authority.admits(one)) {
        match verify_by(run, authority, token, signer, embedded, time) {
            Ok(remembered) => return Ok(remembered),
            Err(rejection) => {
                if rejection.rank() > closest.rank() {
                    closest = rejection;
                }
            }
        }
    }
    Err(closest)
}

fn verify_by(
    run: &mut Run<'_>,
    authority: &PreparedTimestampAuthority,
    token: &TimestampToken,
    signer: &Certificate,
    embedded: &[Certificate],
    time: UnixTime,
) -> Result<Remembered, Rejection> {
    // One signature check tells whether a search is worth its many.
    let key = signer.public_key().map_err(|_| Rejection::NoSigner)?;
    run.path_budget.spend(Spent { signature_checks: 1, signature_effort: 10, ..Spent::default() });
    let mut remembered = Remembered::default();
    remembered.add(token.verify_signature(&run.given.registry, signer.der(), &key).map_err(Rejection::Signature)?);
    let ours = &authority.authority;
    let search = ours.search(signer, embedded, PathPurpose::Timestamp, &[time], &mut run.path_budget);
    match describe(search, PathPurpose::Timestamp, ours, &mut run.paths) {
        Ok(chain) => match revocation::of_clock(run, &chain, time) {
            None => {
                remembered.add_path(&chain);
                Ok(remembered)
            }
            Some(revoked) => Err(Rejection::Chain(revoked)),
        },
        Err(refused) => Err(match refused.error {
            ChainError::AnchorNotValid { window, .. } if window == authority.window => Rejection::OutsideWindow(window),
            error if matches!(error.code(), Code::X509Expired | Code::X509NotYetValid | Code::TrustAnchorNotValid) => {
                Rejection::Expired(error)
            }
            error if error.code().is_indeterminate() => Rejection::Unjudged(error),
            error => Rejection::Chain(error),
        }),
    }
}

/// The bound that the time is outside of.
fn validity(error: &ChainError) -> String {
    match error {
        ChainError::Expired { not_after, .. } => alloc::format!("not after {not_after}"),
        ChainError::NotYetValid { not_before, .. } => alloc::format!("not before {not_before}"),
        ChainError::AnchorNotValid { window, .. } => alloc::format!("within {window}"),
        _ => "within the validity of every certificate".to_string(),
    }
}

fn untrusted(detail: &str) -> Failure {
    boxed(Refused::TsaUntrusted { detail: detail.to_string() })
}

fn boxed(reason: impl Reason + 'static) -> Failure {
    alloc::boxed::Box::new(reason)
}
