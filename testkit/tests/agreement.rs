//! What the generator writes and what the readers of this workspace accept are the same thing.

use stella_attest_model::Attestation;
use stella_crypto_providers::{PublicKey, Registry};
use stella_testkit::bundle::{Bundle, Content, Version};
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::{EntryKind, Evidence, SIGNED_AT, Sigstore};
use stella_testkit::statement;
use stella_transparency::rekor::{EntryBody, Signed, SignedContent, Verifier};
use stella_transparency::{CtLogSet, Log, LogSet, TimestampToken};
use stella_vocabulary::Window;

const ARTIFACT: &[u8] = b"artifact";

fn log(key: &TestKey) -> Log {
    Log::new("test".to_owned(), key.spki_sha256().to_vec(), key.public_key().clone(), key.scheme(), Window::always())
}

fn bundles(sigstore: &Sigstore) -> Vec<Bundle> {
    let statement = statement::provenance("artifact", ARTIFACT, "https://ci.example/builder");
    let evidence = [Evidence::InclusionProof, Evidence::Promise, Evidence::Sct, Evidence::Timestamp];
    [Version::V01, Version::V02, Version::V03]
        .into_iter()
        .flat_map(|version| {
            let ceremony = || sigstore.ceremony().version(version).evidence(&evidence);
            [
                ceremony().sign_statement(&statement),
                ceremony().entry_kind(EntryKind::Intoto).sign_statement(&statement),
                ceremony().sign_artifact(ARTIFACT),
            ]
        })
        .collect()
}

#[test]
fn every_kind_of_bundle_passes_every_check_of_its_evidence() {
    let sigstore = Sigstore::new("agreement");
    let registry = Registry::rustcrypto();
    let logs = LogSet::new(&registry, vec![log(sigstore.rekor().key())]);
    let ct_logs = CtLogSet::new(&registry, vec![log(sigstore.ct_log().key())]);
    for bundle in bundles(&sigstore) {
        let attestation = Attestation::from_json(bundle.to_json().as_bytes()).unwrap();
        let leaf = &attestation.certificates()[0];

        let [entry] = attestation.log_entries() else { panic!("one entry") };
        assert_eq!(logs.verify_promise(entry).unwrap().integrated_time, SIGNED_AT);
        assert_eq!(logs.verify_inclusion(entry).unwrap().tree_size, 11);

        let digests = [stella_attest_model::Digest::sha256(ARTIFACT)];
        let content = match (attestation.envelope(), attestation.message_signature()) {
            (Some(envelope), None) => SignedContent::Envelope(envelope),
            (None, Some(message)) => SignedContent::Message { digests: &digests, signature: message.signature() },
            _ => panic!("one content"),
        };
        let signed = Signed { content, verifier: Verifier::Certificate(leaf) };
        EntryBody::parse(entry).unwrap().bind(&signed).unwrap();

        let scts = ct_logs.verify_embedded(leaf, sigstore.intermediate().key().spki()).unwrap();
        assert!(matches!(scts.as_slice(), [Ok(_)]), "{scts:?}");

        let [timestamp] = attestation.timestamps() else { panic!("one timestamp") };
        let token = TimestampToken::parse(timestamp).unwrap();
        assert_eq!(token.gen_time(), SIGNED_AT);
        token.verify_imprint(bundle.signature()).unwrap();
        let signer = sigstore.tsa().certificate();
        assert_eq!(token.embedded_certificates(), [signer]);
        let key = PublicKey::from_spki_der(sigstore.tsa().key().spki()).unwrap();
        token.verify_signature(&registry, signer, &key).unwrap();
    }
}

#[test]
fn a_statement_reads_back_as_it_was_written() {
    let sigstore = Sigstore::new("agreement");
    let bundle = bundles(&sigstore).remove(0);
    let Content::Dsse(envelope) = &bundle.content else { panic!("an envelope") };
    let limits = stella_attest_model::Limits::default();
    let statement = stella_attest_model::Statement::from_payload(&envelope.payload, &limits).unwrap();
    assert_eq!(statement.predicate_type(), statement::SLSA_PROVENANCE_V1);
    assert_eq!(statement.match_subject(&stella_attest_model::Artifact::of_bytes(ARTIFACT)).unwrap(), 0);
}
