//! Whatever Unicode comes in, what is printed of it holds no control, bidirectional or invisible character.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_attest_model::{Limits, json};
use stella_chain_verify::Certificate;
use stella_fuzz::{Input, check_reason, check_shown, shown::check_harmless};
use stella_testkit::{
    authority::{AUTHORITY_FROM, AUTHORITY_UNTIL},
    certificate::{CertificateBuilder, Extension, SubjectAltName, name},
    key::TestKey,
};
use stella_vocabulary::text::{Bounded, Escaped};

thread_local! {
    static KEY: TestKey = TestKey::ed25519("fuzz render");
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let limit = input.below(300);
    let text = String::from_utf8_lossy(input.rest());

    let escaped = Escaped(&text).to_string();
    check_harmless(&escaped);
    assert_eq!(Escaped(&escaped).to_string(), escaped);
    // What is kept is kept in order, and a text of plain letters as a whole.
    if text.chars().all(char::is_alphanumeric) && text.is_ascii() {
        assert_eq!(escaped, text);
    }
    let bounded = Bounded(&text, limit).to_string();
    check_harmless(&bounded);
    assert!(bounded.chars().count() <= limit);
    assert!(escaped.starts_with(bounded.strip_suffix('…').unwrap_or(&bounded)) || escaped == bounded);
    assert_eq!(bounded == escaped, escaped.chars().count() <= limit, "cut only where it has to be");

    check_errors(&text);
    KEY.with(|key| check_names(&text, key));
});

/// Errors about a document that holds the text.
fn check_errors(text: &str) {
    let quoted = serde_json::Value::from(text).to_string();
    let limits = Limits::default();
    for source in [text.to_owned(), format!("{{{quoted}:1,{quoted}:2}}"), format!("{{{quoted}:[1,2,{text}")] {
        if let Err(error) = json::Document::parse(source.as_bytes(), &limits) {
            check_reason(&error);
        }
    }
    let nested = format!("{{{quoted}:[{{{quoted}:{quoted}}}]}}");
    if let Ok(document) = json::Document::parse(nested.as_bytes(), &limits) {
        let inner = document.root().member(text).and_then(|array| array.as_array().ok()?.iter().next()?.member(text));
        check_reason(&inner.expect("it was just written").wrong_type("number"));
    }
}

/// Names of a certificate that hold the text.
fn check_names(text: &str, key: &TestKey) {
    let mut builder = CertificateBuilder::new(name(text), key, AUTHORITY_FROM, AUTHORITY_UNTIL).extension(
        Extension::subject_alt_names(&[
            SubjectAltName::Uri(text.to_owned()),
            SubjectAltName::Email(text.to_owned()),
            SubjectAltName::Dns(text.to_owned()),
            SubjectAltName::Username(text.to_owned()),
        ]),
    );
    builder.raw_signature = Some(vec![0; 64]);
    match Certificate::from_der(&builder.sign(key)) {
        Ok(certificate) => {
            check_harmless(&certificate.subject().to_string());
            certificate.subject_alt_names().iter().for_each(check_shown);
        }
        Err(error) => check_reason(&error),
    }
    let builder = CertificateBuilder { extensions: Vec::new(), ..builder };
    match Certificate::from_der(&builder.sign(key)) {
        Ok(certificate) => check_harmless(&certificate.subject().to_string()),
        Err(error) => check_reason(&error),
    }
}
