//! A chain whose certificates can be revoked, revocation lists, right and wrong ones, and leaves that no profile allows.

use std::fs;
use std::path::Path;

use stella_testkit::authority::Authority;
use stella_testkit::certificate::{self, CertificateBuilder, Extension, SubjectAltName};
use stella_testkit::key::TestKey;
use stella_testkit::{der, oid, revocation};
use stella_vocabulary::UnixTime;

const LEAF: u64 = 5;
const ISSUING: u64 = 6;
/// When everything is judged: 2026-06-01T00:00:00Z.
const AT: i64 = 1_780_272_000;
const WEEK: i64 = 7 * 86_400;
const POINTS: [&str; 2] = ["http://lists.example/1", "http://lists.example/2"];

/// Puts everything into `lists` in `room`.
pub(super) fn put(room: &Path) {
    let directory = room.join("lists");
    fs::create_dir(&directory).unwrap();
    let write = |name: &str, content: &[u8]| fs::write(directory.join(name), content).unwrap();
    let pem = |name: &str, der: &[u8]| write(name, certificate::to_pem(der).as_bytes());
    let key = |label: &str| TestKey::p256(&format!("{label} of the lists TEST KEY"));
    let (root_key, issuing_key) = (key("root"), key("issuing"));
    let root = Authority::root_with(key("root"), |builder| builder);
    let numbered = |builder: CertificateBuilder| builder.serial(ISSUING);
    let issuing = root.intermediate_with(key("issuing"), numbered);
    pem("root.pem", root.certificate());
    pem("issuing.pem", issuing.certificate());
    // Without cRLSign.
    let silent = root.intermediate_with(key("issuing"), |builder| {
        numbered(builder).extension(Extension::critical(oid::KEY_USAGE, der::named_bits(&[0b0000_0100], 2)))
    });
    pem("silent-issuing.pem", silent.certificate());
    // The same contents, under the other signature that holds.
    let twin = root.intermediate_with(key("issuing"), |builder| {
        let mut twin = numbered(builder);
        twin.raw_signature = Some(root_key.sign_twin(&twin.tbs(&root_key)));
        twin
    });
    assert_ne!(twin.certificate(), issuing.certificate());
    pem("twin-of-issuing.pem", twin.certificate());
    let identity = SubjectAltName::Uri("https://ci.example/release".to_owned());
    let leaf = issuing.signer_leaf(&key("leaf"), &identity).serial(LEAF);
    pem("leaf.pem", &leaf.sign(&issuing_key));
    pem("leaf-with-points.pem", &leaf.clone().extension(revocation::distribution_points(&POINTS)).sign(&issuing_key));
    // digitalSignature and keyAgreement, or keyEncipherment.
    let [agreement, encipherment] = [(0b1000_1000, 3), (0b1010_0000, 5)]
        .map(|(bits, unused)| Extension::critical(oid::KEY_USAGE, der::named_bits(&[bits], unused)));
    pem("leaf-for-agreement.pem", &leaf.clone().extension(agreement.clone()).sign(&issuing_key));
    let mut ml_dsa = leaf.clone();
    ml_dsa.spki = der::sequence([
        der::sequence([der::object_identifier("2.16.840.1.101.3.4.3.17")]),
        der::bit_string(&[7; 1312]),
    ]);
    pem("ml-dsa-for-agreement.pem", &ml_dsa.clone().extension(agreement).sign(&issuing_key));
    pem("ml-dsa-for-encipherment.pem", &ml_dsa.extension(encipherment).sign(&issuing_key));

    let (from, until) = (UnixTime::from_seconds(AT - WEEK), UnixTime::from_seconds(AT + WEEK));
    let list = |of: &Authority, key: &TestKey, serials: &[u64]| revocation::list(of.name(), key, from, until, serials);
    write("root.crl", &list(&root, &root_key, &[]));
    write("root-revoking.crl", &list(&root, &root_key, &[ISSUING]));
    write("issuing.crl", &list(&issuing, &issuing_key, &[]));
    write("issuing-revoking.crl", &list(&issuing, &issuing_key, &[4, LEAF, 7]));
    write("issuing-by-another.crl", &list(&issuing, &key("stranger"), &[]));
    let until =
        |seconds: i64| revocation::list(issuing.name(), &issuing_key, from, UnixTime::from_seconds(seconds), &[]);
    write("issuing-until-now.crl", &until(AT));
    write("issuing-until-before.crl", &until(AT - 1));
    let second = |serials: &[u64]| {
        let until = UnixTime::from_seconds(AT + WEEK);
        revocation::list_of_point(issuing.name(), &issuing_key, from, until, serials, Some(POINTS[1]))
    };
    write("second-point.crl", &second(&[]));
    write("second-point-revoking.crl", &second(&[LEAF]));
    let other = root.intermediate_with(key("other"), |builder| builder);
    pem("other.pem", other.certificate());
    write("other-revoking.crl", &list(&other, &key("other"), &[LEAF, ISSUING]));
}
