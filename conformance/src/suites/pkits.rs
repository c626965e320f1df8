//! NIST PKITS 1.0.1, and the same paths re-issued with other algorithms.

use std::path::Path;

use serde::Deserialize;
use stella_chain_verify::{
    Anchor, Certificate, ChainPolicy, InitialPolicies, Pool, Purpose, RevocationList, UnknownStatus,
};
use stella_vocabulary::{Code, Reason, UnixTime};

use crate::case::{Case, Expected, Observed, Reasons};
use crate::facts;
use crate::files;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Path validation by the numbers of RFC 5280 §6.
#[derive(Debug)]
pub(crate) struct Pkits;

/// One case; anchor first, target last.
#[derive(Deserialize)]
struct Row {
    case_id: String,
    /// Sub-parts of a test have a name each.
    name: Option<String>,
    certs: Vec<String>,
    #[serde(default)]
    crls: Vec<String>,
    validation_time: String,
    initial_policy_set: Vec<String>,
    initial_explicit_policy: bool,
    initial_policy_mapping_inhibit: bool,
    initial_inhibit_any_policy: bool,
    expected_valid: bool,
    expected_user_constrained_policy_set: Option<Vec<String>>,
}

/// Whether every certificate below the anchor must be covered by a good CRL.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Revocation {
    Off,
    On,
}

impl Suite for Pkits {
    fn name(&self) -> &'static str {
        "pkits"
    }

    fn about(&self) -> &'static str {
        "NIST PKITS: paths, policies, name constraints and revocation lists, by path validation alone"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        let is_table = |name: &str| name.starts_with("pkits") && name.ends_with(".json");
        for table in files::list(input.path, is_table)? {
            let directory = table.parent().unwrap_or(Path::new(".")).join("rsa");
            run_table(input, &table, &directory, Revocation::On, sink)?;
        }
        for directory in files::directories(input.path)? {
            let is_table = |name: &str| name.starts_with("cases") && name.ends_with(".json");
            for table in files::list(&directory, is_table)? {
                run_table(input, &table, &directory, Revocation::Off, sink)?;
            }
        }
        Ok(())
    }
}

fn run_table(
    input: &Input<'_>,
    table: &Path,
    directory: &Path,
    revocation: Revocation,
    sink: &mut Sink,
) -> Result<(), SuiteError> {
    let variant = files::name_of(directory);
    for row in files::read_json::<Vec<Row>>(table)? {
        let expected = if row.expected_valid { Expected::Accept } else { Expected::Reject(Reasons::Any) };
        let name = row.name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
        let section: Vec<&str> = row.case_id.split('.').take(2).collect();
        let case = Case::new(format!("{variant}/{}{name}", row.case_id), expected)
            .in_group(format!("{variant} {}", section.join(".")));
        let path = Material::read(&row, directory)?;
        let case = case.tagged(path.facts.clone());
        match path.needs() {
            Some(needed) => sink.skip(case, needed),
            None => sink.judge(case, || row.judge(input, &path, revocation).err().unwrap_or(Observed::Accepted)),
        }
    }
    Ok(())
}

/// What the certificates and lists of a case are.
struct Material {
    certificates: Vec<Result<Certificate, Observed>>,
    crls: Vec<Vec<u8>>,
    facts: Vec<String>,
}

impl Material {
    fn read(row: &Row, directory: &Path) -> Result<Self, SuiteError> {
        let der = |name: &String| files::read(&directory.join("certs").join(format!("{name}.crt")));
        let ders = row.certs.iter().map(der).collect::<Result<Vec<_>, _>>()?;
        let certificate = |der: &Vec<u8>| Certificate::from_der(der).map_err(|error| Observed::refused(&error));
        let crl = |name: &String| files::read(&directory.join("crls").join(format!("{name}.crl")));
        Ok(Self {
            certificates: ders.iter().map(certificate).collect(),
            facts: facts::of_certificates(ders.iter().map(Vec::as_slice)),
            crls: row.crls.iter().map(crl).collect::<Result<_, _>>()?,
        })
    }

    /// The kind of key that nobody here verifies with, if the case has one: neither accepting nor refusing would say anything.
    fn needs(&self) -> Option<String> {
        let keys = self.certificates.iter().flatten().filter_map(|certificate| certificate.public_key().err());
        let unsupported = keys.into_iter().find(|error| error.code() == Code::SigAlgorithmUnsupported)?;
        Some(format!("needs an algorithm without a provider: {unsupported}"))
    }
}

impl Row {
    fn judge(&self, input: &Input<'_>, material: &Material, revocation: Revocation) -> Result<(), Observed> {
        let mut certificates = material.certificates.iter().cloned().collect::<Result<Vec<_>, _>>()?;
        let not_understood = |what: &str| Observed::Skipped(format!("not understood: {what}"));
        let leaf = certificates.pop().ok_or_else(|| not_understood("a path without certificates"))?;
        if certificates.is_empty() {
            return Err(not_understood("a path without an anchor"));
        }
        let anchor = Anchor::new(certificates.remove(0));
        let at = UnixTime::parse_rfc3339(&self.validation_time)
            .map_err(|error| not_understood(&format!("{}: {error}", self.validation_time)))?;
        let pool = Pool::new(input.registry, vec![anchor], Vec::new());
        let policy = self.policy().ok_or_else(|| not_understood("a policy that is no object identifier"))?;
        let search = match revocation {
            Revocation::Off => pool.search(&leaf, &certificates, &[at], &policy),
            Revocation::On => {
                // A list that cannot be read says nothing.
                let lists = material.crls.iter().filter_map(|der| RevocationList::from_der(der).ok()).collect();
                let known = stella_chain_verify::Revocation::new(UnknownStatus::Deny).with_lists(lists);
                pool.search_unrevoked(&leaf, &certificates, at, &policy, &known)
            }
        };
        let verified = search.into_result().map_err(|refused| Observed::refused(&refused.best))?;
        let mut found = verified.policies().named().to_vec();
        if verified.policies().includes_any() {
            found.push("2.5.29.32.0".to_owned());
        }
        let is_about_policies = ["4.8.", "4.9.", "4.10.", "4.11.", "4.12."];
        if let Some(expected) = &self.expected_user_constrained_policy_set {
            let mut expected = expected.clone();
            expected.sort();
            found.sort();
            let counts = is_about_policies.iter().any(|section| self.case_id.starts_with(section));
            if counts && expected != found {
                let detail = format!("user-constrained-policy-set {found:?}, expected {expected:?}");
                return Err(Observed::Refused(Code::X509PolicyUnsupported, detail));
            }
        }
        Ok(())
    }

    fn policy(&self) -> Option<ChainPolicy> {
        let mut policies = InitialPolicies::acceptable(&self.initial_policy_set)?;
        if self.initial_explicit_policy {
            policies = policies.require_explicit();
        }
        if self.initial_policy_mapping_inhibit {
            policies = policies.inhibit_mapping();
        }
        if self.initial_inhibit_any_policy {
            policies = policies.inhibit_any();
        }
        Some(ChainPolicy::new(Purpose::any()).with_policies(policies).danger_path_validation_alone())
    }
}
