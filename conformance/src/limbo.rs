//! Testcases in the format of x509-limbo, which several suites are published in.

use std::net::IpAddr;

use serde::Deserialize;
use stella_chain_verify::{
    Anchor, Budget, Certificate, ChainPolicy, KeyIdentifiers, KeyUse, PeerName, Pool, Profile, Purpose, Revocation,
    RevocationList, UnknownStatus,
};
use stella_vocabulary::{Reason, UnixTime};

use crate::case::{Case, Expected, Observed, Reasons};
use crate::sink::Sink;
use crate::suite::Input;

/// Features of testcases that need something a path verifier does not have, and what that is.
const OUT_OF_SCOPE: [(&str, &str); 1] = [(
    "pedantic-public-suffix-wildcard",
    "needs the Public Suffix List, a list of registries that changes weekly and that no certificate states; \
     whether a registry may have a wildcard is for whoever keeps that list",
)];

/// A file of testcases, version 1.
#[derive(Deserialize)]
pub(crate) struct Limbo {
    pub(crate) testcases: Vec<Testcase>,
}

/// One testcase, as far as it is used.
#[derive(Deserialize)]
pub(crate) struct Testcase {
    pub(crate) id: String,
    features: Vec<String>,
    validation_kind: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    key_usage: Vec<String>,
    extended_key_usage: Vec<String>,
    expected_result: String,
    expected_peer_name: Option<Peer>,
    expected_peer_names: Vec<Peer>,
    max_chain_depth: Option<usize>,
    crls: Vec<String>,
}

/// A name of the peer.
#[derive(Deserialize)]
struct Peer {
    kind: String,
    value: String,
}

/// Why a testcase was refused, or that the suite says something that is not understood here.
type Refusal = Observed;

impl Testcase {
    /// Judges the testcase under the profile that its namespace is about.
    pub(crate) fn run(&self, input: &Input<'_>, sink: &mut Sink) {
        self.run_in_group(self.group(), input, sink);
    }

    /// As [`run`](Self::run), counted with others of `group`.
    pub(crate) fn run_in_group(&self, group: &str, input: &Input<'_>, sink: &mut Sink) {
        let expected = match self.expected_result.as_str() {
            "SUCCESS" => Expected::Accept,
            _ => Expected::Reject(Reasons::Any),
        };
        let tags = self.features.iter().map(|feature| format!("feature:{feature}"));
        let case = Case::new(&self.id, expected).in_group(group).tagged(tags);
        let out_of_scope = OUT_OF_SCOPE.iter().find(|(feature, _)| self.features.iter().any(|found| found == feature));
        match out_of_scope {
            Some((feature, reason)) => sink.skip(case, format!("{feature}: {reason}")),
            None => sink.judge(case, || self.judge(input).err().unwrap_or(Observed::Accepted)),
        }
    }

    /// The namespace, without the name of the case.
    fn group(&self) -> &str {
        self.id.rsplit_once("::").map_or("all", |(namespace, _)| namespace)
    }

    fn judge(&self, input: &Input<'_>) -> Result<(), Refusal> {
        let leaf = certificate(&self.peer_certificate)?;
        let read = |pems: &[String]| pems.iter().map(|pem| certificate(pem)).collect::<Result<Vec<_>, _>>();
        let anchors = read(&self.trusted_certs)?.into_iter().map(Anchor::new).collect();
        let intermediates = read(&self.untrusted_intermediates)?;
        let at = match &self.validation_time {
            None => input.at,
            Some(time) => instant(time)?,
        };
        let policy = self.policy()?;
        let pool = Pool::new(input.registry, anchors, Vec::new());
        let search = if self.crls.is_empty() {
            pool.search(&leaf, &intermediates, &[at], &policy)
        } else {
            let list = |pem: &String| RevocationList::from_pem(pem.as_bytes()).map_err(|error| refused(&error));
            let lists = self.crls.iter().map(list).collect::<Result<Vec<_>, _>>()?;
            let revocation = Revocation::new(UnknownStatus::Deny).with_lists(lists);
            pool.search_unrevoked(&leaf, &intermediates, at, &policy, &revocation)
        };
        search.into_result().map_err(|refused| Observed::refused(&refused.best))?;
        for peer in self.expected_peer_name.iter().chain(&self.expected_peer_names) {
            peer.name()?.check(&leaf).map_err(|error| Observed::refused(&error))?;
        }
        Ok(())
    }

    fn policy(&self) -> Result<ChainPolicy, Refusal> {
        // BetterTLS is about servers as well, and looks for their names; that a common name repeats one of them, as the Baseline Requirements ask, it
        // does not expect (its leaves of 2026 have `CN=test.localhost` beside an address).
        let is_web_pki = self.id.starts_with("webpki::");
        // RFC 5280 §4.2.1.1 and §4.2.1.2 are about what conforming authorities issue, which is what this namespace tests.
        let key_identifiers =
            if self.id.starts_with("rfc5280::") { KeyIdentifiers::Required } else { KeyIdentifiers::Optional };
        let mut purpose = match (self.extended_key_usage.as_slice(), self.validation_kind.as_str()) {
            ([], "SERVER") => Purpose::server_auth(),
            ([], "CLIENT") => Purpose::client_auth(),
            ([usage], _) if usage == "serverAuth" => Purpose::server_auth(),
            ([usage], _) if usage == "clientAuth" => Purpose::client_auth(),
            (usages, _) => return Err(not_understood(format!("extended_key_usage {usages:?}"))),
        };
        match self.key_usage.as_slice() {
            [] => {}
            [usage] if usage == "digitalSignature" => purpose = purpose.with_key_use(KeyUse::DigitalSignature),
            usages => return Err(not_understood(format!("key_usage {usages:?}"))),
        }
        let mut budget = Budget::default();
        if let Some(depth) = self.max_chain_depth {
            // Upstream counts intermediates.
            budget.path_depth = depth.saturating_add(2);
        }
        let profile = if is_web_pki { Profile::WebPki } else { Profile::Rfc5280 };
        Ok(ChainPolicy::new(purpose).with_profile(profile).with_key_identifiers(key_identifiers).with_budget(budget))
    }
}

impl Peer {
    fn name(&self) -> Result<PeerName, Refusal> {
        let name = match self.kind.as_str() {
            "DNS" => PeerName::dns(&self.value),
            "RFC822" => PeerName::email(&self.value),
            "IP" => match self.value.parse::<IpAddr>() {
                Ok(address) => Ok(PeerName::ip(address)),
                Err(error) => return Err(not_understood(format!("peer name {}: {error}", self.value))),
            },
            kind => return Err(not_understood(format!("peer name of kind {kind}"))),
        };
        name.map_err(|error| Observed::refused(&error))
    }
}

fn certificate(pem: &str) -> Result<Certificate, Refusal> {
    Certificate::from_pem(pem.as_bytes()).map_err(|error| refused(&error))
}

fn refused(error: &dyn Reason) -> Refusal {
    Observed::refused(error)
}

/// Upstream writes `+00:00` and fractions of a second; a validity has whole seconds, and its last one counts whole.
fn instant(text: &str) -> Result<UnixTime, Refusal> {
    let whole = text.trim_end_matches("+00:00").split('.').next().unwrap_or_default();
    UnixTime::parse_rfc3339(&format!("{}Z", whole.trim_end_matches('Z')))
        .map_err(|error| not_understood(format!("validation_time {text}: {error}")))
}

/// Nothing that is not understood may look like a refusal of the certificates: told as a skip, which is counted.
fn not_understood(what: String) -> Refusal {
    Observed::Skipped(format!("not understood: {what}"))
}
