//! Real evidence is verified by the logs and authorities of an imported trusted root.
#![allow(clippy::unwrap_used, reason = "unwrap belongs to tests, their helpers included")]

use std::path::Path;

use stella_attest_model::Attestation;
use stella_chain_verify::{Certificate, ChainPolicy, Pool, Purpose};
use stella_crypto_providers::Registry;
use stella_transparency::{CtLogSet, LogSet, TimestampToken};
use stella_trust_store::{TrustDomain, TrustSnapshot};
use stella_vocabulary::{Code, Reason};

fn read(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

fn example(name: &str) -> Attestation {
    Attestation::from_json(&read(&format!("examples/{name}"))).unwrap()
}

fn domain(name: &str) -> TrustDomain {
    let root = read(&format!("crates/stella-cli/trust/trusted_root.{name}.json"));
    let snapshot = TrustSnapshot::builder().trusted_root(&root).unwrap().build().unwrap();
    snapshot.domains()[1].clone()
}

#[test]
fn promise_proof_and_certificate_timestamp_of_public_good_bundles_verify() {
    let (registry, domain) = (Registry::rustcrypto(), domain("public-good"));
    let logs = LogSet::new(&registry, domain.logs().to_vec());
    let ct_logs = CtLogSet::new(&registry, domain.ct_logs().to_vec());
    for name in ["slsa-provenance/bundle.json", "npm-provenance-v0.1/bundle.json", "message-signature/bundle.json"] {
        let attestation = example(name);
        let entry = &attestation.log_entries()[0];
        let at = logs.verify_promise(entry).unwrap().integrated_time;
        logs.verify_inclusion(entry).unwrap();

        let leaf = Certificate::from_der(&attestation.certificates()[0]).unwrap();
        let search = |authority: &stella_trust_store::CertificateAuthority| {
            let anchors = authority.anchors().iter().map(|entry| entry.anchor().clone()).collect();
            let pool = Pool::new(&registry, anchors, authority.intermediates().to_vec());
            pool.search(&leaf, &[], &[at], &ChainPolicy::new(Purpose::code_signing())).into_result().ok()
        };
        let chains: Vec<_> = domain.authorities().iter().filter_map(search).collect();
        assert_eq!(chains.len(), 1, "{name}");
        let scts = ct_logs.verify_embedded(leaf.der(), chains[0].issuer_of_leaf().spki_der()).unwrap();
        assert!(scts.iter().all(Result::is_ok), "{name}");
    }
}

#[test]
fn the_altered_promise_of_the_tampered_twin_is_refused() {
    let logs = LogSet::new(&Registry::rustcrypto(), domain("public-good").logs().to_vec());
    let refused = logs.verify_promise(&example("npm-provenance-v0.1/tampered.json").log_entries()[0]);
    assert_eq!(refused.unwrap_err().code(), Code::TlogSetInvalid);
}

#[test]
fn the_timestamp_of_a_github_attestation_is_by_exactly_one_authority_within_its_window() {
    let (registry, domain) = (Registry::rustcrypto(), domain("github"));
    let attestation = example("github-attestation/bundle.json");
    let token = TimestampToken::parse(&attestation.timestamps()[0]).unwrap();
    let signature = attestation.envelope().unwrap().signatures()[0].sig();
    token.verify_imprint(signature).unwrap();
    let authorities: Vec<_> = domain
        .timestamp_authorities()
        .iter()
        .filter(|authority| {
            let signer = &authority.chain()[0];
            authority.window().contains(token.gen_time())
                && token.verify_signature(&registry, signer.der(), &signer.public_key().unwrap()).is_ok()
        })
        .collect();
    assert_eq!(authorities.len(), 1);
}
