//! DSSE envelopes: reading, PAE, ids, printing. Catalogue B019–B039, A01–A03.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stella_attest_model::{
    Attestation, AttestationId, Digest, DocumentError, Envelope, EnvelopeSignature, Form, IdPrefix, Limits, Pae,
};
use stella_vocabulary::{Code, Reason, base64, hex};

mod common;
use common::{envelope, read, refused, set, shown, with, without};

#[test]
fn an_envelope_is_read_with_its_payload_decoded() {
    let attestation = read(&envelope()).unwrap();
    assert_eq!(attestation.form(), Form::Envelope);
    assert!(attestation.bundle().is_none() && attestation.message_signature().is_none());
    assert!(
        attestation.certificates().is_empty()
            && attestation.timestamps().is_empty()
            && attestation.log_entries().is_empty()
    );
    let read = attestation.envelope().unwrap();
    assert_eq!(read.payload_type(), "application/vnd.in-toto+json");
    assert_eq!(read.unverified_payload(), common::statement().to_string().as_bytes());
    let [signature] = read.signatures() else { panic!("one signature") };
    assert_eq!((signature.keyid_hint(), signature.sig()), (Some("key-1"), &b"signature"[..]));
    assert_eq!(signature.unverified_certificate_pem(), None);
}

#[test]
fn each_required_member_is_named_when_it_is_missing() {
    for name in ["payload", "payloadType", "signatures"] {
        let document = without(envelope(), "", name);
        refused(&document, Code::DsseMissingField, "$");
        assert!(read(&document).unwrap_err().to_string().contains(name));
    }
    refused(&without(envelope(), "/signatures/0", "sig"), Code::DsseMissingField, "$.signatures[0]");
    refused(&set(envelope(), "/signatures/0/sig", json!("")), Code::DsseMissingField, "$.signatures[0].sig");
    let other_case =
        with(without(envelope(), "", "payloadType"), "", "PayloadType", json!("application/vnd.in-toto+json"));
    refused(&other_case, Code::DsseMissingField, "$");
}

#[test]
fn each_member_has_one_type() {
    for (pointer, path) in [
        ("/payload", "$.payload"),
        ("/payloadType", "$.payloadType"),
        ("/signatures", "$.signatures"),
        ("/signatures/0", "$.signatures[0]"),
        ("/signatures/0/sig", "$.signatures[0].sig"),
    ] {
        for wrong in [json!(null), json!(7), json!(true), json!({"a": ["e30="]}), json!([])] {
            if pointer == "/signatures" && wrong == json!([]) || pointer == "/signatures/0" && wrong.is_object() {
                continue;
            }
            refused(&set(envelope(), pointer, wrong), Code::JsonWrongType, path);
        }
    }
    refused(&set(envelope(), "/signatures/0/keyid", json!(7)), Code::JsonWrongType, "$.signatures[0].keyid");
    refused(&set(envelope(), "/signatures/0", json!(["key-1", "c2ln"])), Code::JsonWrongType, "$.signatures[0]");
    refused(&json!(["e30=", "type", []]), Code::JsonWrongType, "$");
    refused(&json!("e30="), Code::JsonWrongType, "$");
}

#[test]
fn an_envelope_without_signatures_is_no_envelope() {
    refused(&set(envelope(), "/signatures", json!([])), Code::DsseNoSignatures, "$.signatures");
}

#[test]
fn signatures_are_counted_before_they_are_read() {
    let signed = |count: usize| set(envelope(), "/signatures", json!(vec![json!({"sig": "c2ln"}); count]));
    for count in [1, 31, 32] {
        assert_eq!(read(&signed(count)).unwrap().envelope().unwrap().signatures().len(), count);
    }
    for count in [33, 10_000, 32_000] {
        refused(&signed(count), Code::DsseTooManySignatures, "$.signatures");
    }
    let unread = set(envelope(), "/signatures", json!(vec![7; 33]));
    refused(&unread, Code::DsseTooManySignatures, "$.signatures");
}

#[test]
fn both_alphabets_are_read_padded_or_not_and_give_one_id() {
    let payload = [0xfb, 0xef, 0xbe, 0xff, 0xff];
    let id = read(&set(envelope(), "/payload", json!("++++//8="))).unwrap().id();
    for text in ["++++//8=", "++++//8", "----__8=", "----__8"] {
        let attestation = read(&set(envelope(), "/payload", json!(text))).unwrap();
        assert_eq!(attestation.envelope().unwrap().unverified_payload()[..3], payload[..3]);
        assert_eq!(attestation.id(), id);
    }
}

#[test]
fn the_id_does_not_depend_on_how_the_payload_is_written() {
    let rest = r#""payloadType":"application/x","signatures":[{"sig":"c2ln"}]"#;
    let texts = [
        format!(r#"{{"payload":"++++//8=",{rest}}}"#),
        format!(r#"{{"payload":"++++//8=",{rest}}} "#),
        format!(r#"{{"payload": "++++//8=",{rest}}}"#),
        format!(r#" {{"payload":"++++//8=",{rest}}}"#),
        format!(r#"{{"payload":"++++\/\/8=",{rest}}}"#),
        format!(r#"{{"payload":"\u002b+++//8=",{rest}}}"#),
        format!(r#"{{"p\u0061yload":"++++//8=",{rest}}}"#),
        format!(r#"{{{rest},"payload":"++++//8="}}"#),
        format!(r#"{{"payload":"++++//8",{rest}}}"#),
        format!(r#"{{"payload":"----__8=",{rest}}}"#),
        format!(r#"{{"payload":"----__8",{rest}}}"#),
    ];
    let by_hand = Digest::sha256(texts[0].as_bytes()).to_string();
    for text in texts {
        let attestation = Attestation::from_json(text.as_bytes()).unwrap();
        assert_eq!(attestation.id().to_string(), by_hand, "{text}");
        assert_eq!(attestation.envelope().unwrap().id(), attestation.id(), "{text}");
        assert_eq!(attestation.source_digest(), Digest::sha256(text.as_bytes()).as_bytes()[..], "{text}");
    }
}

#[test]
fn base64_has_one_text_for_a_value() {
    for (text, code) in [
        ("YQ=", Code::Base64Invalid),
        ("YQ===", Code::Base64Invalid),
        ("Y Q==", Code::Base64Invalid),
        ("YQ==\n", Code::Base64Invalid),
        ("YWJj\r\nYWJj", Code::Base64Invalid),
        ("Y", Code::Base64Invalid),
        ("YQ==YQ==", Code::Base64Invalid),
        ("+_+_", Code::Base64Invalid),
        ("YWé=", Code::Base64Invalid),
        ("YR==", Code::Base64Noncanonical),
        ("YWI9YWI", Code::Base64Noncanonical),
    ] {
        for (pointer, path) in [("/payload", "$.payload"), ("/signatures/0/sig", "$.signatures[0].sig")] {
            if text == "YWI9YWI" && read(&set(envelope(), pointer, json!(text))).is_ok() {
                continue;
            }
            refused(&set(envelope(), pointer, json!(text)), code, path);
        }
    }
}

#[test]
fn identifiers_hold_no_control_characters() {
    for text in ["a\u{0}b", "\u{1b}[31m", "line\nbreak", "\u{7f}", "\u{9b}"] {
        refused(
            &set(envelope(), "/signatures/0/keyid", json!(text)),
            Code::JsonControlCharacter,
            "$.signatures[0].keyid",
        );
        refused(&set(envelope(), "/payloadType", json!(text)), Code::JsonControlCharacter, "$.payloadType");
    }
}

#[test]
fn a_payload_of_the_largest_size_is_read_and_one_byte_more_is_not() {
    let limits = Limits { payload_bytes: 30, ..Limits::default() };
    for (size, fits) in [(29, true), (30, true), (31, false), (30_000, false)] {
        let document = set(envelope(), "/payload", json!(base64::encode(&vec![b'x'; size])));
        let result = Envelope::from_json(document.to_string().as_bytes(), &limits);
        match result {
            Ok(envelope) => assert!(fits && envelope.unverified_payload().len() == size),
            Err(error) => {
                assert!(!fits);
                shown(&error, Code::InputTooLarge);
                assert_eq!(error.location().unwrap().path(), "$.payload");
            }
        }
    }
}

#[test]
fn unknown_members_are_ignored_and_change_no_id() {
    let plain = read(&envelope()).unwrap();
    let mut document = with(envelope(), "", "payloadDecoded", json!({"subject": "another"}));
    document = with(document, "", "statement", json!([1, {"a": null}]));
    document = with(document, "", "mediaType", json!("x"));
    document = with(document, "/signatures/0", "extension", json!({"kind": "x"}));
    let attestation = read(&document).unwrap();
    assert_eq!(attestation.envelope(), plain.envelope());
    assert_eq!(attestation.id(), plain.id());
    assert_ne!(attestation.source_digest(), plain.source_digest());
    assert!(!attestation.envelope().unwrap().to_json().contains("another"));
}

#[test]
fn a_duplicate_is_refused_even_in_an_ignored_member() {
    let text = envelope().to_string();
    for (from, to, path) in [
        ("{\"payload\"", "{\"payload\":\"e30=\",\"payl\\u006fad\"", "$.payload"),
        ("{\"payload\"", "{\"ignored\":{\"a\":1,\"a\":1},\"payload\"", "$.ignored.a"),
        ("{\"keyid\"", "{\"sig\":\"c2ln\",\"keyid\"", "$.signatures[0].sig"),
    ] {
        let error = Attestation::from_json(text.replacen(from, to, 1).as_bytes()).unwrap_err();
        shown(&error, Code::JsonDuplicateKey);
        assert_eq!(error.location().unwrap().path(), path);
    }
}

#[test]
fn the_certificate_extension_is_kept_and_changes_no_id() {
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    let attestation = read(&with(envelope(), "/signatures/0", "cert", json!(pem))).unwrap();
    let envelope = attestation.envelope().unwrap();
    assert_eq!(envelope.signatures()[0].unverified_certificate_pem(), Some(pem));
    assert_eq!(attestation.id(), read(&common::envelope()).unwrap().id());
    assert_eq!(&Envelope::from_json(envelope.to_json().as_bytes(), &Limits::default()).unwrap(), envelope);
    refused(&with(common::envelope(), "/signatures/0", "cert", json!({})), Code::JsonWrongType, "$.signatures[0].cert");
}

#[test]
fn an_empty_keyid_is_an_absent_one() {
    let absent = without(envelope(), "/signatures/0", "keyid");
    let id = read(&absent).unwrap().id();
    for keyid in [json!(""), json!(null)] {
        let attestation = read(&set(envelope(), "/signatures/0/keyid", keyid)).unwrap();
        assert_eq!(attestation.envelope().unwrap().signatures()[0].keyid_hint(), None);
        assert_eq!(attestation.id(), id);
    }
    assert_ne!(read(&envelope()).unwrap().id(), id);
}

#[test]
fn the_id_is_the_digest_of_the_canonical_envelope() {
    let by_hand = format!(
        r#"{{"payload":"{}","payloadType":"application/vnd.in-toto+json","signatures":[{{"keyid":"key-1","sig":"c2lnbmF0dXJl"}}]}}"#,
        envelope()["payload"].as_str().unwrap()
    );
    let attestation = read(&envelope()).unwrap();
    let digest = Attestation::from_json(by_hand.as_bytes()).unwrap().source_digest();
    assert_eq!(attestation.id(), AttestationId::from_bytes(digest));
    assert_eq!(attestation.envelope().unwrap().to_json(), by_hand);
    let pretty = serde_json::to_string_pretty(&envelope()).unwrap();
    assert_eq!(Attestation::from_json(pretty.as_bytes()).unwrap().id(), attestation.id());
    // A payload larger than the pieces it is encoded in.
    let large = Envelope::new("t".into(), vec![7; 200_000], vec![EnvelopeSignature::new(vec![1], None)]).unwrap();
    let text = format!(
        r#"{{"payload":"{}","payloadType":"t","signatures":[{{"sig":"AQ=="}}]}}"#,
        base64::encode(&[7; 200_000])
    );
    assert_eq!(large.to_json(), text);
}

#[test]
fn an_id_prints_and_parses_as_itself_and_nothing_else() {
    let id = read(&envelope()).unwrap().id();
    let text = id.to_string();
    assert_eq!(text.parse(), Ok(id));
    let digits = text.strip_prefix("sha256:").unwrap();
    for wrong in [
        "",
        "sha256:",
        digits,
        &text[..70],
        &format!("{text}0"),
        &text.to_uppercase(),
        &format!("sha256:{}", digits.to_uppercase()),
    ] {
        shown(&wrong.parse::<AttestationId>().unwrap_err(), Code::StoreIdInvalid);
    }
    for prefix in [&digits[..8], &digits[..63], digits, &text, &text[..15]] {
        assert!(prefix.parse::<IdPrefix>().unwrap().matches(&id), "{prefix}");
    }
    assert!(!"0123456789".parse::<IdPrefix>().unwrap().matches(&id));
    for wrong in ["", &digits[..7], "sha256:0123456", "ABCDEF01", "../../etc", &format!("{digits}0"), "sha512:01234567"]
    {
        shown(&wrong.parse::<IdPrefix>().unwrap_err(), Code::StoreIdInvalid);
    }
}

#[test]
fn the_encoding_counts_bytes_and_has_no_leading_zeros() {
    assert_eq!(
        Pae::new("http://example.com/HelloWorld", b"hello world").to_vec(),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    assert_eq!(Pae::new("", b"").to_vec(), b"DSSEv1 0  0 ");
    assert_eq!(Pae::new("é", "é".as_bytes()).to_vec(), "DSSEv1 2 é 2 é".as_bytes());
}

#[test]
fn an_envelope_is_only_built_if_it_can_be_read() {
    let signature = || EnvelopeSignature::new(b"sig".to_vec(), Some("k".into()));
    assert!(Envelope::new("t".into(), Vec::new(), vec![signature()]).is_ok());
    let code = |result: Result<Envelope, DocumentError>| result.map_err(|error| error.code()).unwrap_err();
    assert_eq!(code(Envelope::new("t".into(), Vec::new(), Vec::new())), Code::DsseNoSignatures);
    assert_eq!(code(Envelope::new("t".into(), Vec::new(), vec![signature(); 33])), Code::DsseTooManySignatures);
    assert_eq!(code(Envelope::new("t\n".into(), Vec::new(), vec![signature()])), Code::JsonControlCharacter);
    let empty = EnvelopeSignature::new(Vec::new(), None);
    assert_eq!(code(Envelope::new("t".into(), Vec::new(), vec![empty])), Code::DsseMissingField);
    let control = EnvelopeSignature::new(b"sig".to_vec(), Some("\u{0}".into()));
    assert_eq!(code(Envelope::new("t".into(), Vec::new(), vec![control])), Code::JsonControlCharacter);
    assert_eq!(code(Envelope::new("t".repeat(9000), Vec::new(), vec![signature()])), Code::InputTooLarge);
}

proptest! {
    #[test]
    fn equal_encodings_come_from_equal_pairs(
        first in ("[0-9 a]{0,12}", "[0-9 a]{0,12}"), second in ("[0-9 a]{0,12}", "[0-9 a]{0,12}"), same: bool,
    ) {
        let second = if same { first.clone() } else { second };
        let [left, right] = [&first, &second].map(|(kind, payload)| Pae::new(kind, payload.as_bytes()).to_vec());
        prop_assert_eq!(left == right, first == second);
    }

    #[test]
    fn an_envelope_is_read_back_as_it_was_printed(
        payload_type in "\\PC{0,30}", payload: Vec<u8>, signatures in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..80), prop::option::of("\\PC{0,9}")), 1..5),
    ) {
        let signatures = signatures.into_iter().map(|(sig, keyid)| EnvelopeSignature::new(sig, keyid)).collect();
        let envelope = Envelope::new(payload_type, payload, signatures).unwrap();
        let json = envelope.to_json();
        let again = Envelope::from_json(json.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(&again, &envelope);
        prop_assert_eq!(again.id(), envelope.id());
        prop_assert_eq!(again.pae().to_vec(), envelope.pae().to_vec());
        let _: Value = serde_json::from_str(&json).unwrap();
    }

    #[test]
    fn a_flipped_bit_is_refused_or_changes_what_is_covered_or_only_a_hint(at: prop::sample::Index, bit in 0_u8..8) {
        let text = envelope().to_string();
        let whole = Attestation::from_json(text.as_bytes()).unwrap();
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(changed) = Attestation::from_json(&bytes) {
            prop_assert_ne!(changed.source_digest(), whole.source_digest());
            prop_assert_ne!(changed.id(), whole.id(), "{}", hex::encode(&bytes));
        }
    }
}
