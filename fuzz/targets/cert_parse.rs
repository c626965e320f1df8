//! Certificates: what is accepted is what a second parser reads, and every byte that was signed is kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_chain_verify::Certificate;
use stella_fuzz::{check_reason, check_shown, shown::check_harmless};
use x509_parser::prelude::{FromDer as _, X509Certificate};

fuzz_target!(|data: &[u8]| {
    if let Err(error) = Certificate::from_pem_all(data) {
        check_reason(&error);
    }
    match Certificate::from_der(data) {
        Ok(certificate) => check(&certificate, data),
        Err(error) => check_reason(&error),
    }
});

fn check(certificate: &Certificate, data: &[u8]) {
    assert_eq!(certificate.der(), data);
    let again = Certificate::from_der(certificate.der()).expect("it was read before");
    assert_eq!(&again, certificate);
    assert_eq!(again.fingerprint(), certificate.fingerprint());
    // Everything borrowed lies within what was read, and what was signed comes first inside the outer sequence.
    let within = |part: &[u8]| data.windows(part.len().max(1)).any(|window| window == part) || part.is_empty();
    let header = data.len() - inside(data).len();
    assert!(data[header..].starts_with(certificate.tbs_der()));
    for part in [certificate.subject().der(), certificate.issuer().der(), certificate.spki_der(), certificate.serial()]
    {
        assert!(within(part));
    }

    check_names(certificate);
    if let Err(error) = certificate.public_key() {
        check_reason(&error);
    }
    for extension in certificate.extensions() {
        let oid = extension.oid();
        check_shown(&oid);
        let found = certificate.extension(&oid).expect("it is one of them");
        assert_eq!((found.critical, found.value), (extension.critical, extension.value));
    }
    let _ = (certificate.basic_constraints(), certificate.key_usage(), certificate.extended_key_usages());
    agree(certificate, data);
}

fn check_names(certificate: &Certificate) {
    for name in [certificate.subject(), certificate.issuer()] {
        check_harmless(&name.to_string());
        assert!(name.matches(name));
    }
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    assert_eq!(subject.matches(issuer), issuer.matches(subject));
    assert_eq!(certificate.is_self_issued(), subject.matches(issuer));
    certificate.subject_alt_names().iter().for_each(check_shown);
}

fn agree(certificate: &Certificate, data: &[u8]) {
    let (rest, second) = match X509Certificate::from_der(data) {
        Ok(read) => read,
        Err(error) => {
            // The key is judged when it is used, and here that means refused.
            assert!(certificate.public_key().is_err(), "accepted here alone: {error}");
            return;
        }
    };
    assert!(rest.is_empty());
    assert_eq!(certificate.tbs_der(), second.tbs_certificate.as_ref());
    assert_eq!(certificate.serial(), second.raw_serial());
    assert_eq!(certificate.subject().der(), second.subject().as_raw());
    assert_eq!(certificate.issuer().der(), second.issuer().as_raw());
    // The second parser passes over what follows the key inside its structure; here such a key is refused when it is used.
    assert!(certificate.spki_der().starts_with(second.public_key().raw));
    if certificate.public_key().is_ok() {
        assert_eq!(certificate.spki_der(), second.public_key().raw);
    }
    assert_eq!(certificate.version(), second.version().0 + 1);
    assert_eq!(certificate.not_before().seconds(), second.validity().not_before.timestamp());
    assert_eq!(certificate.not_after().seconds(), second.validity().not_after.timestamp());
    assert_eq!(certificate.extensions().count(), second.extensions().len());
    for (ours, theirs) in certificate.extensions().zip(second.extensions()) {
        // The second parser divides the first byte by 40, and so misreads second arcs from 40 on (X.690 §8.19.4).
        if theirs.oid.as_bytes().first().is_some_and(|first| *first < 120) {
            assert_eq!(ours.oid(), theirs.oid.to_id_string());
        }
        assert_eq!(ours.critical, theirs.critical);
        assert_eq!(ours.value, theirs.value);
    }
    if let Ok(Some(theirs)) = second.basic_constraints() {
        let ours = certificate.basic_constraints().expect("basic constraints");
        assert_eq!(ours.role == stella_chain_verify::Role::Authority, theirs.value.ca);
    }
}

/// The contents of the outermost element.
fn inside(der: &[u8]) -> &[u8] {
    match der.get(1) {
        Some(length) if *length < 0x80 => &der[2..],
        Some(length) => &der[2 + usize::from(length & 0x7f)..],
        None => &[],
    }
}
