use stella_chain_verify::{Certificate, CertificateError, GeneralName, MAX_CERTIFICATE_BYTES};
use stella_vocabulary::{Code, Reason, pem};

use crate::builder::*;

fn code(der: &[u8]) -> Code {
    Certificate::from_der(der).unwrap_err().code()
}

fn with_extension(kind: &str, value: &[u8]) -> Code {
    code(&Chain::new().leaf.with(kind, false, value.to_vec()).der(&key(2)))
}

#[test]
fn a_certificate_gives_back_what_was_written_into_it() {
    let leaf = Chain::new().leaf.key_ids(3, 2).sign(&key(2));
    assert_eq!(leaf.version(), 3);
    assert_eq!(leaf.serial(), [0x2a]);
    assert_eq!(leaf.subject().to_string(), "CN=Signer");
    assert_eq!(leaf.issuer().to_string(), "CN=Issuing CA");
    assert_eq!(leaf.not_before(), at("2025-01-01T00:00:00Z"));
    assert_eq!(leaf.not_after(), at("2025-12-31T23:59:59Z"));
    assert_eq!(leaf.subject_alt_names(), [GeneralName::Uri("https://ci.example/builder".into())]);
    assert_eq!(leaf.extended_key_usages().unwrap(), [CODE_SIGNING]);
    assert_eq!(leaf.subject_key_identifier(), Some(&[3; 20][..]));
    assert_eq!(leaf.authority_key_identifier(), Some(&[2; 20][..]));
    assert_eq!(leaf.public_key().unwrap().spki_der(), leaf.spki_der());
    assert!(leaf.der().windows(leaf.tbs_der().len()).any(|window| window == leaf.tbs_der()));
    let usage = leaf.extension(KEY_USAGE).unwrap();
    assert!(usage.critical);
    assert_eq!(usage.value, [0x03, 0x02, 7, 0x80]);
    assert_eq!(leaf.extensions().count(), 5);
    assert!(leaf.extension("1.2.3").is_none());
    assert!(!leaf.is_self_issued());
}

#[test]
fn every_truncation_is_refused_with_an_offset() {
    let der = Chain::new().leaf.der(&key(2));
    for length in 0..der.len() {
        let error = Certificate::from_der(&der[..length]).unwrap_err();
        assert_eq!(error.code(), Code::X509DerMalformed, "{length}");
        assert!(error.place().unwrap().contains("byte"), "{length}");
    }
}

#[test]
fn bytes_after_the_certificate_or_inside_are_refused() {
    let leaf = Chain::new().leaf;
    let mut der = leaf.der(&key(2));
    der.push(0);
    assert_eq!(code(&der), Code::X509DerTrailingData);
    let mut longer = leaf.clone();
    longer.not_after.extend(tlv(0x05, &[]));
    assert_eq!(code(&longer.der(&key(2))), Code::X509DerTrailingData);
    let value = [tlv(SEQUENCE, &oid(CODE_SIGNING)), vec![0x05, 0x00]].concat();
    assert_eq!(with_extension(EXTENDED_KEY_USAGE, &value), Code::X509DerTrailingData);
}

#[test]
fn lengths_that_are_indefinite_or_not_minimal_or_enormous_are_refused() {
    let der = Chain::new().leaf.der(&key(2));
    assert_eq!(der[..2], [0x30, 0x82]);
    let body = &der[4..];
    for header in [vec![0x30, 0x80], vec![0x30, 0x83, 0, der[2], der[3]], vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff]] {
        assert_eq!(code(&[header, body.to_vec()].concat()), Code::X509DerMalformed);
    }
}

#[test]
fn booleans_are_00_or_ff() {
    let value = tlv(SEQUENCE, &tlv(0x01, &[0x01]));
    assert_eq!(with_extension(BASIC_CONSTRAINTS, &value), Code::X509ExtensionMalformed);
    let explicit_false = Chain::new().leaf.with(BASIC_CONSTRAINTS, false, tlv(SEQUENCE, &tlv(0x01, &[0x00])));
    assert!(Certificate::from_der(&explicit_false.der(&key(2))).is_ok());
}

#[test]
fn ten_thousand_levels_are_too_deep_and_thirty_are_not() {
    let nested = |levels| (0..levels).fold(tlv(0x05, &[]), |inner, _| tlv(SEQUENCE, &inner));
    let mut leaf = Chain::new().leaf;
    leaf.algorithm = tlv(SEQUENCE, &[oid("1.3.101.112"), nested(30)].concat());
    assert!(Certificate::from_der(&leaf.der(&key(2))).is_ok());
    leaf.algorithm = tlv(SEQUENCE, &[oid("1.3.101.112"), nested(10_000)].concat());
    assert_eq!(code(&leaf.der(&key(2))), Code::X509DerDepth);
    assert_eq!(code(&nested(10_000)), Code::X509DerDepth);
}

#[test]
fn a_certificate_may_have_64_kib_and_not_one_byte_more() {
    let padded = |length: usize| {
        let leaf = Chain::new().leaf;
        let empty = leaf.clone().with("1.2.3", false, vec![0; 60_000]).der(&key(2)).len();
        leaf.with("1.2.3", false, vec![0; 60_000 + length - empty]).der(&key(2))
    };
    assert!(Certificate::from_der(&padded(MAX_CERTIFICATE_BYTES)).is_ok());
    let error = Certificate::from_der(&padded(MAX_CERTIFICATE_BYTES + 1)).unwrap_err();
    assert_eq!(error, CertificateError::TooLarge { length: 65_537, limit: 65_536 });
    assert!(Certificate::from_der_within(&padded(MAX_CERTIFICATE_BYTES + 1), 65_537).is_ok());
}

#[test]
fn a_name_part_of_a_mebibyte_is_too_large() {
    let mut leaf = Chain::new().leaf;
    leaf.subject = name(&"a".repeat(16_000));
    assert!(Certificate::from_der(&leaf.der(&key(2))).is_ok());
    leaf.subject = name(&"a".repeat(17_000));
    assert_eq!(code(&leaf.der(&key(2))), Code::X509NameTooLarge);
    leaf.subject = name(&"a".repeat(1 << 20));
    assert_eq!(code(&leaf.der(&key(2))), Code::X509NameTooLarge);
}

#[test]
fn dates_of_other_forms_are_refused() {
    for (tag, text) in
        [(0x17, "250230000000Z"), (0x17, "250101000000"), (0x18, "20250101000000.5Z"), (0x18, "20250101000000Z")]
    {
        let mut leaf = Chain::new().leaf;
        leaf.not_before = tlv(tag, text.as_bytes());
        assert_eq!(code(&leaf.der(&key(2))), Code::X509TimeMalformed, "{text}");
    }
    let mut leaf = Chain::new().leaf;
    leaf.not_after = tlv(0x18, b"20500101000000Z");
    assert!(Certificate::from_der(&leaf.der(&key(2))).is_ok());
}

#[test]
fn an_extension_occurs_once() {
    let mut leaf = Chain::new().leaf;
    leaf.extensions.push(("1.2.3".into(), false, vec![5, 0]));
    assert!(Certificate::from_der(&leaf.der(&key(2))).is_ok());
    leaf.extensions.push(("1.2.3".into(), false, vec![5, 0]));
    assert_eq!(code(&leaf.der(&key(2))), Code::X509DuplicateExtension);
}

#[test]
fn known_extensions_must_decode() {
    for (kind, value) in [
        (EXTENDED_KEY_USAGE, tlv(SEQUENCE, &[])),
        (KEY_USAGE, tlv(0x03, &[])),
        (KEY_USAGE, tlv(0x03, &[0])),
        (KEY_USAGE, tlv(0x03, &[7, 0])),
        (KEY_USAGE, tlv(0x03, &[7, 0xc0])),
        (KEY_USAGE, tlv(0x04, &[7, 0x80])),
        (ALT_NAME, tlv(SEQUENCE, &[])),
        (NAME_CONSTRAINTS, tlv(SEQUENCE, &[])),
        (NAME_CONSTRAINTS, tlv(SEQUENCE, &tlv(0xa0, &[]))),
        (AUTHORITY_KEY, tlv(SEQUENCE, &tlv(0x82, &[1]))),
        (SUBJECT_KEY, vec![]),
        (POLICY_CONSTRAINTS, tlv(SEQUENCE, &[])),
        ("1.3.6.1.5.5.7.1.1", tlv(SEQUENCE, &[])),
    ] {
        assert_eq!(with_extension(kind, &value), Code::X509ExtensionMalformed, "{kind} {value:02x?}");
    }
}

#[test]
fn names_with_nul_or_beyond_ascii_are_malformed() {
    for text in [&b"good.example\0.evil.example"[..], "ä.example".as_bytes(), b"\xff"] {
        for tag in [0x81, 0x82, 0x86] {
            assert_eq!(with_extension(ALT_NAME, &tlv(SEQUENCE, &tlv(tag, text))), Code::X509NameMalformed);
        }
    }
}

#[test]
fn extensions_need_version_3() {
    let mut leaf = Chain::new().leaf;
    leaf.version = Some(1);
    assert_eq!(code(&leaf.der(&key(2))), Code::X509DerMalformed);
}

#[test]
fn names_compare_without_case_spaces_and_string_type() {
    let subject = |der: Vec<u8>| {
        let mut leaf = Chain::new().leaf;
        leaf.subject = der;
        leaf.sign(&key(2)).subject().clone()
    };
    let plain = subject(name("Issuing CA"));
    assert!(plain.matches(&subject(name_of(&[("2.5.4.3", 0x13, b" issuing  ca ")]))));
    assert!(!plain.matches(&subject(name("Issuing CA 2"))));
    assert!(!plain.matches(&subject(name_of(&[("2.5.4.10", 0x0c, b"Issuing CA")]))));
    assert!(!plain.matches(&subject(name(""))));
    assert!(subject(name("")).is_empty());
}

#[test]
fn a_name_shows_neither_controls_nor_separators_as_they_are() {
    let mut leaf = Chain::new().leaf;
    leaf.subject = name_of(&[
        ("2.5.4.6", 0x13, b"DE"),
        ("2.5.4.3", 0x0c, "#a,b\u{1b}[31m\u{202e} ".as_bytes()),
        ("1.2.3", 0x0c, b"x"),
    ]);
    assert_eq!(leaf.sign(&key(2)).subject().to_string(), "1.2.3=#78,CN=\\#a\\,b\\1B[31m\\u{202e}\\ ,C=DE");
}

#[test]
fn pem_is_read_in_order_up_to_32_certificates() {
    let (leaf, root) = (Chain::new().leaf.sign(&key(2)), Chain::new().root.sign(&key(1)));
    let text = [pem::encode("CERTIFICATE", leaf.der()), pem::encode("CERTIFICATE", root.der())].concat();
    assert_eq!(Certificate::from_pem_all(text.as_bytes()).unwrap(), [leaf.clone(), root]);
    assert_eq!(Certificate::from_pem(pem::encode("CERTIFICATE", leaf.der()).as_bytes()).unwrap(), leaf);
    assert_eq!(Certificate::from_pem(text.as_bytes()).unwrap_err().code(), Code::PemMultipleObjects);
    let many = pem::encode("CERTIFICATE", leaf.der()).repeat(33);
    assert_eq!(Certificate::from_pem_all(many.as_bytes()).unwrap_err().code(), Code::InputTooLarge);
}
