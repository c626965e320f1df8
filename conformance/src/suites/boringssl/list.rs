//! Whether a certificate is revoked by a list.

use serde::Deserialize;
use stella_chain_verify::{
    Anchor, AnchorTerms, Certificate, ChainPolicy, Pool, Purpose, Revocation, RevocationList, UnknownStatus,
};
use stella_vocabulary::{Code, UnixTime, base64};

use super::{case, not_understood, reissue};
use crate::case::{Expected, Observed, Reasons};
use crate::sink::Sink;
use crate::suite::Input;

#[derive(Deserialize)]
pub(super) struct Row {
    id: String,
    crl: String,
    issuer: String,
    /// The issuer of `issuer`, under another key.
    issuer2: Option<String>,
    target: String,
    verify_time: i64,
    max_age_seconds: u32,
    expected: String,
}

pub(super) fn run(input: &Input<'_>, rows: Vec<Row>, sink: &mut Sink) {
    for row in rows {
        let one_of = |codes: &[Code]| Expected::Reject(Reasons::OneOf(codes.to_vec()));
        let expected = match row.expected.as_str() {
            "GOOD" => Expected::Accept,
            "REVOKED" => one_of(&[Code::X509Revoked]),
            "UNKNOWN" => one_of(&[Code::X509RevocationUnknown, Code::X509CrlUntrusted]),
            other => Expected::Undecided(format!("not understood: expected {other}")),
        };
        if row.expected == "UNKNOWN" && row.is_indirect() {
            sink.skip(case(&row.id, "crl", expected, &[]), INDIRECT);
            continue;
        }
        sink.judge(case(&row.id, "crl", expected, &[]), || row.judge(input).err().unwrap_or(Observed::Accepted));
    }
}

/// Why indirect lists that the suite takes for nothing are not judged.
const INDIRECT: &str = "the suite's library does not process indirect lists; RFC 5280 §6.3.3(b)(1) takes one whose issuer is that of the certificate, \
                        and PKITS 4.14.22 has a path that is valid by it";

impl Row {
    /// Whether the list says `indirectCRL` in its issuing distribution point.
    fn is_indirect(&self) -> bool {
        const POINT: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x1c];
        let der = base64::decode(&self.crl).unwrap_or_default();
        let point = der.windows(POINT.len()).position(|window| window == POINT);
        point.is_some_and(|at| der.get(at..).unwrap_or_default().windows(3).any(|window| window == [0x84, 0x01, 0xff]))
    }

    fn judge(&self, input: &Input<'_>) -> Result<(), Observed> {
        let decode = |text: &str| base64::decode(text).map_err(|_| not_understood("base64"));
        let (crl, issuer, target) = (decode(&self.crl)?, decode(&self.issuer)?, decode(&self.target)?);
        let issuer2 = self.issuer2.as_deref().map(decode).transpose()?;
        let spki = |der| reissue::spki(der).ok_or_else(|| not_understood("a certificate without a key"));
        let top = issuer2.as_deref().unwrap_or(&issuer);
        let mut keys = vec![spki(&issuer)?];
        if issuer2.is_some() {
            keys.push(spki(top)?);
        }
        let certificate = |der: &[u8], by: &[u8], made_authority| {
            let der = reissue::certificate(der, by, made_authority).ok_or_else(|| not_understood("a certificate"))?;
            Certificate::from_der(&der).map_err(|error| Observed::refused(&error))
        };
        let leaf = certificate(&target, spki(&issuer)?, false)?;
        let above = match issuer2 {
            Some(_) => vec![certificate(&issuer, spki(top)?, true)?],
            None => Vec::new(),
        };
        // Whoever signed it: an anchor.
        let anchor = certificate(top, spki(top)?, false)?;
        let anchor = Anchor::new(anchor).danger_with_terms(AnchorTerms::StatedConstraints);
        // A list that cannot be read says nothing.
        let lists = RevocationList::from_der(&reissue::list(&crl, &keys)).into_iter().collect();
        let revocation = Revocation::new(UnknownStatus::Deny).with_lists(lists).with_max_age(self.max_age_seconds);
        let policy = ChainPolicy::new(Purpose::any()).danger_path_validation_alone();
        let pool = Pool::new(input.registry, vec![anchor], above);
        let at = UnixTime::from_seconds(self.verify_time);
        // With an intermediate of its own between, that one is not asked about: the suite asks about the target alone.
        let found = pool.search(&leaf, &[], &[at], &policy).into_result();
        let chain = found.map_err(|refused| Observed::refused(&refused.best))?;
        match revocation.check(&pool, &chain, &[], at, &policy) {
            Err(error) if error_is_about_target(&error) => Err(Observed::refused(&error)),
            _ => Ok(()),
        }
    }
}

fn error_is_about_target(error: &stella_chain_verify::ChainError) -> bool {
    use stella_vocabulary::Reason as _;
    error.certificate() == Some(0)
}
