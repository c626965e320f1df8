//! Files made here: the two examples of this tree, and a whole fake Sigstore to play with.

use crate::{
    authority::Authority,
    bundle::{Bundle, Version},
    certificate::{SubjectAltName, to_pem},
    dsse::{Envelope, IN_TOTO},
    json,
    key::TestKey,
    sigstore::{EntryKind, Evidence, Sigstore},
    statement,
};

/// Who signs the private examples, as a policy names them.
pub const BUILDER: &str = "https://ci.example/builder";

/// A file of an example: path below the directory written to, and contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Path with forward slashes, below the directory written to.
    pub path: String,
    /// Contents.
    pub contents: Vec<u8>,
}

/// Every file of the made examples, in a fixed order.
pub fn files() -> Vec<File> {
    [private_pki(), private_key()].concat()
}

/// A fake Sigstore on disk: its trusted root, an artifact, and a bundle of each kind and version over it, in a fixed order.
pub fn sigstore_files() -> Vec<File> {
    let sigstore = Sigstore::new("stella example sigstore TEST KEY");
    let statement = statement::provenance("release.txt", ARTIFACT, BUILDER);
    let everything = [Evidence::InclusionProof, Evidence::Promise, Evidence::Sct, Evidence::Timestamp];
    let mut files = vec![file("release.txt", ARTIFACT), file("trusted_root.json", sigstore.trusted_root().to_json())];
    for (name, version) in [("v0.1", Version::V01), ("v0.2", Version::V02), ("v0.3", Version::V03)] {
        let ceremony = || sigstore.ceremony().version(version);
        let mut add = |kind: &str, bundle: Bundle| files.push(file(&format!("{kind}-{name}.json"), bundle.to_json()));
        add("dsse", ceremony().sign_statement(&statement));
        add("everything", ceremony().evidence(&everything).sign_statement(&statement));
        add("intoto", ceremony().entry_kind(EntryKind::Intoto).sign_statement(&statement));
        add("message", ceremony().sign_artifact(ARTIFACT));
        add("timestamp-only", ceremony().evidence(&[Evidence::Timestamp]).sign_statement(&statement));
    }
    files
}

const ARTIFACT: &[u8] = b"stella example artifact, release 1.0.0\n";

fn private_pki() -> Vec<File> {
    let root = Authority::root("stella example root TEST KEY");
    let intermediate = root.intermediate("stella example intermediate TEST KEY");
    let key = TestKey::p256("stella example builder TEST KEY");
    let leaf = intermediate.signer_leaf(&key, &SubjectAltName::Uri(BUILDER.to_owned())).sign(intermediate.key());
    let pem = to_pem(&leaf);

    let payload = statement::provenance("release.txt", ARTIFACT, BUILDER).to_string();
    let envelope = Envelope::new(IN_TOTO, payload.as_bytes()).signed_with_certificate(&key, &pem);
    let mut bare = envelope.clone();
    for signature in &mut bare.signatures {
        signature.sig = key.sign(payload.as_bytes());
    }
    let expect = expectations(
        "anchor = \"root.pem\"\nintermediate = \"intermediate.pem\"\n",
        &format!("identity = \"{BUILDER}\"\n"),
        "the signature covers the bare payload instead of the PAE",
    );
    vec![
        file("private-pki/attestation.json", json::pretty(&envelope.to_value())),
        file("private-pki/expect.toml", expect),
        file("private-pki/intermediate.pem", intermediate.pem()),
        file("private-pki/leaf.pem", pem),
        file("private-pki/release.txt", ARTIFACT),
        file("private-pki/root.pem", root.pem()),
        file("private-pki/tampered.json", json::pretty(&bare.to_value())),
    ]
}

fn private_key() -> Vec<File> {
    let key = TestKey::ed25519("stella example release key TEST KEY");
    let payload = statement::provenance("release.txt", ARTIFACT, BUILDER).to_string();
    let envelope = Envelope::new(IN_TOTO, payload.as_bytes()).signed_by(&key);
    let retyped = Envelope { payload_type: "application/vnd.in-toto.provenance+json".to_owned(), ..envelope.clone() };
    let expect = expectations("key = \"key.pub\"\n", "", "the payload type, which the signature covers");
    vec![
        file("private-key/attestation.json", json::pretty(&envelope.to_value())),
        file("private-key/expect.toml", expect),
        file("private-key/key.pub", key.public_pem()),
        file("private-key/release.txt", ARTIFACT),
        file("private-key/tampered.json", json::pretty(&retyped.to_value())),
    ]
}

fn expectations(trust: &str, signer: &str, change: &str) -> String {
    use sha2::Digest as _;
    let digest = stella_vocabulary::hex::encode(&sha2::Sha256::digest(ARTIFACT));
    let predicate_type = statement::SLSA_PROVENANCE_V1;
    format!(
        "{trust}attestation = \"attestation.json\"\nartifact = \"release.txt\"\ndigest = \"sha256:{digest}\"\n\
         {signer}predicate_type = \"{predicate_type}\"\n\n\
         [tampered]\nattestation = \"tampered.json\"\nchange = \"{change}\"\ncode = \"dsse.signature_invalid\"\nexit = 1\n"
    )
}

fn file(path: &str, contents: impl AsRef<[u8]>) -> File {
    File { path: path.to_owned(), contents: contents.as_ref().to_vec() }
}
