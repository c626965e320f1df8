//! PKCS#11 URIs: what is read, and what is not.

use proptest::prelude::*;
use stella_crypto_providers::{Pkcs11Attribute, Pkcs11ObjectType, Pkcs11Uri, Pkcs11UriError};
use stella_vocabulary::{Code, Reason};

fn read(text: &str) -> Pkcs11Uri {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> Pkcs11UriError {
    let error = text.parse::<Pkcs11Uri>().expect_err(text);
    assert_eq!(error.code(), Code::ConfigInvalid, "{text}");
    assert!(error.expected().is_some(), "{text}");
    error
}

#[test]
fn every_attribute_is_read_where_it_belongs() {
    let uri = read(
        "pkcs11:token=Release%20keys;manufacturer=Snake%20Oil;model=v1;serial=1a2b;slot-description=Slot%201;\
         slot-manufacturer=S;library-description=L;library-manufacturer=M;library-version=2.6;object=a%3bb;\
         id=%00%FF;type=private;slot-id=7?module-path=/usr/lib/a%26b.so&module-name=softhsm2&pin-source=file:/run/pin",
    );
    for (attribute, value) in [
        (Pkcs11Attribute::Token, "Release keys"),
        (Pkcs11Attribute::Manufacturer, "Snake Oil"),
        (Pkcs11Attribute::Model, "v1"),
        (Pkcs11Attribute::Serial, "1a2b"),
        (Pkcs11Attribute::SlotDescription, "Slot 1"),
        (Pkcs11Attribute::SlotManufacturer, "S"),
        (Pkcs11Attribute::LibraryDescription, "L"),
        (Pkcs11Attribute::LibraryManufacturer, "M"),
        (Pkcs11Attribute::Object, "a;b"),
        (Pkcs11Attribute::ModulePath, "/usr/lib/a&b.so"),
        (Pkcs11Attribute::ModuleName, "softhsm2"),
        (Pkcs11Attribute::PinSource, "file:/run/pin"),
    ] {
        assert_eq!(uri.text(attribute), Some(value));
    }
    assert_eq!(uri.id(), Some(&[0, 0xff][..]));
    assert_eq!(uri.object_type(), Some(Pkcs11ObjectType::Private));
    assert_eq!(uri.slot_id(), Some(7));
    assert_eq!(uri.library_version(), Some((2, 6)));
    assert_eq!(read(&uri.to_string()), uri);
}

/// RFC 7512 §3, but for the two with a `pin-value`.
#[test]
fn the_examples_of_the_standard_are_read() {
    for text in [
        "pkcs11:",
        "pkcs11:object=my-pubkey;type=public",
        "pkcs11:object=my-key;type=private?pin-source=file:/etc/token",
        "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;\
         object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=?pin-source=file:/etc/token_pin",
        "pkcs11:object=my-sign-key;type=private?module-name=mypkcs11",
        "pkcs11:object=my-sign-key;type=private?module-path=/mnt/libmypkcs11.so.1",
        "pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.?pin-source=|/usr/bin/pinomatic",
        "pkcs11:slot-description=Sun%20Metaslot",
        "pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23",
        "pkcs11:token=An%20%26%20example;object=umlaut-%C3%A4",
        "PKCS11:token=x",
    ] {
        let uri = read(text);
        assert_eq!(read(&uri.to_string()), uri, "{text}");
    }
    assert_eq!(read("pkcs11:serial=").text(Pkcs11Attribute::Serial), Some(""));
    assert_eq!(read("pkcs11:library-version=3").library_version(), Some((3, 0)));
}

#[test]
fn a_pin_in_a_uri_is_refused_and_not_repeated() {
    for text in ["pkcs11:token=a?pin-value=hunter2", "pkcs11:?module-name=a&pin-value=hunter2", "pkcs11:?pin-value=%zz"]
    {
        let error = refused(text);
        assert_eq!(error, Pkcs11UriError::PinInUri);
        assert!(!format!("{error} {:?} {error:?}", error.found()).contains("hunter2"));
    }
    // In the path there is no such attribute; what is written there is not shown either.
    assert!(!format!("{:?}", refused("pkcs11:pin-value=hunter2")).contains("hunter2"));
}

#[test]
fn what_is_said_twice_or_is_not_known_there_is_refused() {
    for text in
        ["pkcs11:token=a;token=a", "pkcs11:id=%01;id=%02", "pkcs11:type=cert;type=cert", "pkcs11:slot-id=1;slot-id=1"]
    {
        assert!(matches!(refused(text), Pkcs11UriError::Repeated { .. }), "{text}");
    }
    for text in [
        "pkcs11:tokn=a",
        "pkcs11:module-path=a",
        "pkcs11:?token=a",
        "pkcs11:Token=a",
        "pkcs11:x-vendor=1",
        "pkcs11:?x=1",
    ] {
        assert!(matches!(refused(text), Pkcs11UriError::Unknown { .. }), "{text}");
    }
    for text in ["pkcs11:token", "pkcs11:token=a;", "pkcs11:;token=a", "pkcs11:token=a?", "pkcs11:?module-name=a&"] {
        assert!(matches!(refused(text), Pkcs11UriError::NotAnAttribute { .. }), "{text}");
    }
}

#[test]
fn characters_of_another_component_and_broken_escapes_are_refused() {
    for text in [
        "pkcs11:token=a b",
        "pkcs11:token=a/b",
        "pkcs11:token=%",
        "pkcs11:token=%4",
        "pkcs11:token=%4g",
        "pkcs11:token=%+4",
        "pkcs11:token=ä",
        "pkcs11:token=a#b",
        "pkcs11:?module-path=a;b",
    ] {
        assert!(matches!(refused(text), Pkcs11UriError::Escape { .. }), "{text}");
    }
    assert_eq!(read("pkcs11:token=a&b").text(Pkcs11Attribute::Token), Some("a&b"));
    assert_eq!(read("pkcs11:?module-path=/a?b").text(Pkcs11Attribute::ModulePath), Some("/a?b"));
}

#[test]
fn values_of_another_kind_are_refused() {
    for text in [
        "pkcs11:type=key",
        "pkcs11:type=",
        "pkcs11:slot-id=",
        "pkcs11:slot-id=+1",
        "pkcs11:slot-id=18446744073709551616",
        "pkcs11:library-version=1.2.3",
        "pkcs11:library-version=.1",
        "pkcs11:library-version=256",
        "pkcs11:token=%ff",
        "pkcs11:object=a%0ab",
        "pkcs11:?module-path=/a%00b",
    ] {
        assert!(matches!(refused(text), Pkcs11UriError::Value { .. }), "{text}");
    }
    assert_eq!(read("pkcs11:slot-id=18446744073709551615").slot_id(), Some(u64::MAX));
    assert_eq!(read("pkcs11:library-version=255").library_version(), Some((255, 0)));
    assert_eq!(read(&format!("pkcs11:id={}", "%00".repeat(255))).id().map(<[u8]>::len), Some(255));
    assert!(matches!(refused(&format!("pkcs11:id={}", "%00".repeat(256))), Pkcs11UriError::Value { .. }));
}

#[test]
fn a_uri_has_a_scheme_and_a_longest_length() {
    for text in ["", "pkcs1", "pkcs11", "pkcs12:token=a", "/pkcs11:token=a", " pkcs11:", "é"] {
        assert_eq!(refused(text), Pkcs11UriError::Scheme, "{text}");
        assert!(!Pkcs11Uri::is_one(text), "{text}");
    }
    let longest = format!("pkcs11:object={}", "a".repeat(4096 - 14));
    assert!(Pkcs11Uri::is_one(&longest));
    read(&longest);
    assert!(matches!(refused(&format!("{longest}a")), Pkcs11UriError::TooLong { found: 4097, limit: 4096 }));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(token in "\\PC{0,40}", object in "\\PC{0,40}", path in "\\PC{0,40}", id: Vec<u8>) {
        let uri = Pkcs11Uri::default()
            .with(Pkcs11Attribute::Token, &token)
            .with(Pkcs11Attribute::Object, &object)
            .with(Pkcs11Attribute::ModulePath, &path)
            .with_id(&id[..id.len().min(255)])
            .with_object_type(Pkcs11ObjectType::Private);
        prop_assert_eq!(uri.to_string().parse::<Pkcs11Uri>(), Ok(uri));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "pkcs11:\\PC*") {
        if let Ok(uri) = text.parse::<Pkcs11Uri>() {
            prop_assert_eq!(uri.to_string().parse::<Pkcs11Uri>(), Ok(uri));
        }
    }
}
