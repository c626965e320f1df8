//! Keys, certificates and attestations of the scenes, all of them made: no key in here is of any use elsewhere.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use stella_testkit::authority::Authority;
use stella_testkit::certificate::{CertificateBuilder, Extension, SubjectAltName};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::{certificate, der, oid, statement};
use stella_vocabulary::{UnixTime, pem};

const ARTIFACT: &[u8] = b"stella catalogue artifact\n";

pub(super) fn key(name: &str) -> TestKey {
    TestKey::ed25519(&format!("{name} of the scenes TEST KEY"))
}

/// Puts everything into `room`.
pub(super) fn put(room: &Path) {
    let write = |name: &str, content: &[u8]| fs::write(room.join(name), content).unwrap();
    for person in ["alice", "bob", "bob-2", "carol", "dave", "mallory"] {
        let key = key(person);
        write(&format!("{person}.pub"), key.public_pem().as_bytes());
        let private = pem::encode("PRIVATE KEY", &key.signing_key().to_pkcs8_der());
        write(&format!("{person}.key"), private.as_bytes());
        fs::set_permissions(room.join(format!("{person}.key")), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let payload = statement::provenance("artifact.txt", ARTIFACT, "https://ci.example/builder").to_string();
    write("artifact.txt", ARTIFACT);
    for name in ["signer", "other"] {
        write(&format!("{name}.pub"), key(name).public_pem().as_bytes());
        let envelope = Envelope::new(IN_TOTO, payload.as_bytes()).signed_by(&key(name));
        write(&format!("{name}.json"), envelope.to_json().as_bytes());
    }
    // Names the key of `signer` and is signed by that of `other`.
    let id = format!("sha256:{}", stella_vocabulary::hex::encode(&key("signer").spki_sha256()));
    let borrowed = Envelope::new(IN_TOTO, payload.as_bytes()).signed_with_hint(&key("other"), &id);
    write("borrowed.json", borrowed.to_json().as_bytes());
    authorities(room, payload.as_bytes());
}

fn authorities(room: &Path, payload: &[u8]) {
    let write = |name: &str, content: &str| fs::write(room.join(name), content).unwrap();
    let root = Authority::root("root of the scenes TEST KEY");
    let issuing = root.intermediate("issuing of the scenes TEST KEY");
    write("root.pem", &root.pem());
    write("issuing.pem", &issuing.pem());
    let identity = SubjectAltName::Uri("https://ci.example/release".to_owned());
    let key = TestKey::p256("leaf of the scenes TEST KEY");
    let leaf = issuing.signer_leaf(&key, &identity).sign(issuing.key());
    let leaf = certificate::to_pem(&leaf);
    write("leaf.pem", &leaf);
    let envelope = Envelope::new(IN_TOTO, payload).signed_with_certificate(&key, &leaf);
    write("certified.json", &envelope.to_json());
    let bad = |name: &str, edit: &dyn Fn(CertificateBuilder) -> CertificateBuilder| {
        write(name, &Authority::root_with(TestKey::p256("bad root of the scenes TEST KEY"), edit).pem());
    };
    bad("not-an-authority.pem", &|builder| builder.without_extension(oid::BASIC_CONSTRAINTS));
    bad("unknown-critical.pem", &|builder| builder.extension(Extension::critical("1.2.3.4", der::null())));
    bad("weak.pem", &|mut builder| {
        builder.spki = weak_key();
        builder
    });
    bad("expired.pem", &|builder| builder.validity(UnixTime::from_seconds(0), UnixTime::from_seconds(1_600_000_000)));
}

/// An RSA key of 1,024 bits, for which nobody has the private one.
fn weak_key() -> Vec<u8> {
    let algorithm = der::sequence([der::object_identifier("1.2.840.113549.1.1.1"), der::null()]);
    let key = der::sequence([der::integer_from_bytes(&[0xff; 128]), der::integer(65_537)]);
    der::sequence([algorithm, der::bit_string(&key)])
}
