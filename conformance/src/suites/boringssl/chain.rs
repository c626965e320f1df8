//! Fixed chains: the target first, the last certificate trusted as the case says.

use serde::Deserialize;
use stella_chain_verify::{
    Anchor, AnchorTerms, Budget, Certificate, ChainPolicy, IssuerUsage, Pool, Purpose, VerifiedChain,
};
use stella_vocabulary::{Code, UnixTime, base64};

use super::{case, not_understood};
use crate::case::{Expected, Observed, Reasons};
use crate::sink::Sink;
use crate::suite::Input;

/// The comparisons of names with constraints that the suite allows in a chain, by which its largest good and smallest bad cases are made, and some for
/// subjects, which it does not count.
const NAME_COMPARISONS: usize = (1 << 20) + 1_000;

#[derive(Deserialize)]
pub(super) struct Row {
    id: String,
    chain_target_first: Vec<String>,
    last_cert_trust: String,
    utc_time: String,
    key_purpose: String,
    other_settings: std::collections::BTreeMap<String, String>,
    expected_valid: bool,
}

/// How the last certificate is trusted.
enum Trust {
    /// As an anchor, on these terms.
    Anchor(AnchorTerms),
    /// Not at all.
    None,
    /// As the certificate of whoever is to be authenticated, without any path.
    Target,
}

pub(super) fn run(input: &Input<'_>, rows: Vec<Row>, sink: &mut Sink) {
    for row in rows {
        let expected = if row.expected_valid { Expected::Accept } else { Expected::Reject(Reasons::Any) };
        let ders: Result<Vec<Vec<u8>>, _> = row.chain_target_first.iter().map(|text| base64::decode(text)).collect();
        let ders = ders.unwrap_or_default();
        let case = case(&row.id, "verify-chain", expected, &ders);
        match row.out_of_scope() {
            Some(reason) => sink.skip(case, reason),
            None => sink.judge(case, || row.judge(input, &ders).err().unwrap_or(Observed::Accepted)),
        }
    }
}

impl Row {
    /// What the case needs that a path verifier does not have, by the settings of the case.
    fn out_of_scope(&self) -> Option<&'static str> {
        if self.chain_target_first.len() == 1 && matches!(self.trust(), Ok(Trust::Target)) {
            return Some(
                "trust in the target itself: RFC 5280 §6.1 validates paths of one certificate or more below an anchor, which is not \
                 part of them; who trusts a signer trusts its key, without a certificate",
            );
        }
        match self.key_purpose.as_str() {
            "MLS_CLIENT_AUTH" => Some(
                "the profile of RCS clients for MLS, whose certificates have critical extensions that no RFC defines and only \
                 those clients process",
            ),
            "C2PA_MANIFEST" | "C2PA_TIMESTAMPING" => Some(
                "the purposes of C2PA, which admit several extended key usages by a table of that specification; signers and \
                 time-stamping authorities are judged by RFC 5280 §4.2.1.12 and RFC 3161 §2.3 here",
            ),
            _ => None,
        }
    }

    fn trust(&self) -> Result<Trust, Observed> {
        let terms = match self.last_cert_trust.strip_suffix("_REQUIRE_BASIC_CONSTRAINTS") {
            Some(terms) => (terms, AnchorTerms::Constraints),
            None => (self.last_cert_trust.as_str(), AnchorTerms::StatedConstraints),
        };
        Ok(match terms {
            ("TRUSTED_ANCHOR", _) => Trust::Anchor(AnchorTerms::NameAndKey),
            ("TRUSTED_ANCHOR_WITH_EXPIRATION", _) => Trust::Anchor(AnchorTerms::Validity),
            ("TRUSTED_ANCHOR_WITH_CONSTRAINTS", constraints) => Trust::Anchor(constraints),
            ("TRUSTED_ANCHOR_WITH_EXPIRATION_AND_CONSTRAINTS", _) => Trust::Anchor(AnchorTerms::Everything),
            ("TRUSTED_ANCHOR_OR_LEAF", _) if self.chain_target_first.len() == 1 => Trust::Target,
            ("TRUSTED_ANCHOR_OR_LEAF", _) => Trust::Anchor(AnchorTerms::NameAndKey),
            ("TRUSTED_LEAF" | "TRUSTED_LEAF_REQUIRE_SELF_SIGNED", _) if self.chain_target_first.len() == 1 => {
                Trust::Target
            }
            // Trusted as a target, and not one.
            ("TRUSTED_LEAF" | "TRUSTED_LEAF_REQUIRE_SELF_SIGNED" | "UNSPECIFIED" | "DISTRUSTED", _) => Trust::None,
            (trust, _) => return Err(not_understood(format!("last_cert_trust {trust}"))),
        })
    }

    fn purpose(&self) -> Result<Purpose, Observed> {
        Ok(match self.key_purpose.as_str() {
            "ANY_EKU" => Purpose::any(),
            "SERVER_AUTH" => Purpose::server_auth(),
            "SERVER_AUTH_STRICT" => Purpose::server_auth().strictly(IssuerUsage::Named),
            "SERVER_AUTH_STRICT_LEAF" => Purpose::server_auth().strictly(IssuerUsage::Any),
            "CLIENT_AUTH" => Purpose::client_auth(),
            "CLIENT_AUTH_STRICT" => Purpose::client_auth().strictly(IssuerUsage::Required),
            "CLIENT_AUTH_STRICT_LEAF" => Purpose::client_auth().strictly(IssuerUsage::Any),
            purpose => return Err(not_understood(format!("key_purpose {purpose}"))),
        })
    }

    fn judge(&self, input: &Input<'_>, ders: &[Vec<u8>]) -> Result<(), Observed> {
        let mut policies = None;
        for (setting, value) in &self.other_settings {
            match (setting.as_str(), value.as_str()) {
                // SHA-1 is refused here whatever a case allows.
                ("digest_policy", "STRONG" | "WEAK_SHA1") => {}
                ("expected_user_constrained_policy_set", expected) => policies = Some(expected),
                _ => return Err(not_understood(format!("{setting} {value}"))),
            }
        }
        let read = |der: &Vec<u8>| Certificate::from_der(der).map_err(|error| Observed::refused(&error));
        let mut certificates = ders.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let at = instant(&self.utc_time)?;
        let policy = ChainPolicy::new(self.purpose()?)
            .danger_path_validation_alone()
            .with_budget(Budget { name_constraint_comparisons: NAME_COMPARISONS, ..Budget::default() });
        let anchors = match (self.trust()?, certificates.pop()) {
            (Trust::Anchor(terms), Some(last)) => {
                if certificates.is_empty() {
                    certificates.push(last.clone());
                }
                vec![Anchor::new(last).danger_with_terms(terms)]
            }
            (_, Some(last)) => {
                certificates.push(last);
                Vec::new()
            }
            (_, None) => return Err(not_understood("a chain without certificates")),
        };
        let leaf = certificates.remove(0);
        let pool = Pool::new(input.registry, anchors, Vec::new());
        let search = pool.search(&leaf, &certificates, &[at], &policy);
        let verified = search.into_result().map_err(|refused| Observed::refused(&refused.best))?;
        policies.map_or(Ok(()), |expected| same_policies(&verified, expected))
    }
}

fn same_policies(verified: &VerifiedChain, expected: &str) -> Result<(), Observed> {
    let mut found = verified.policies().named().to_vec();
    if verified.policies().includes_any() {
        found.push("2.5.29.32.0".to_owned());
    }
    let mut expected: Vec<String> = expected.split(", ").map(str::to_owned).collect();
    found.sort();
    expected.sort();
    if found == expected {
        return Ok(());
    }
    let detail = format!("user-constrained-policy-set {found:?}, expected {expected:?}");
    Err(Observed::Refused(Code::X509PolicyUnsupported, detail))
}

/// `YYMMDDhhmmssZ`.
fn instant(text: &str) -> Result<UnixTime, Observed> {
    let pair = |at: usize| text.get(at..at + 2).unwrap_or("??");
    let [year, month, day, hour, minute, second] = [0, 2, 4, 6, 8, 10].map(pair);
    UnixTime::parse_rfc3339(&format!("20{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
        .map_err(|error| not_understood(format!("utc_time {text}: {error}")))
}
