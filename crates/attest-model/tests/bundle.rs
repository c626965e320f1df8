//! Sigstore bundles and the front door. Catalogue B001–B006, B018, B066–B077.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stella_attest_model::{Attestation, BundleVersion, Content, Digest, Form, KeyMaterial, Limits};
use stella_vocabulary::{Code, Reason, base64};

mod common;
use common::{bundle, envelope, log_entry, message_bundle, old_bundle, read, refused, set, shown, with, without};

const MATERIAL: &str = "/verificationMaterial";
const ENTRY: &str = "/verificationMaterial/tlogEntries/0";
const PROOF: &str = "/verificationMaterial/tlogEntries/0/inclusionProof";
const MESSAGE_DIGEST: &str = "/messageSignature/messageDigest";

#[test]
fn a_bundle_is_read_in_all_its_parts() {
    let attestation = read(&bundle()).unwrap();
    assert_eq!(attestation.form(), Form::BundleV03);
    let bundle = attestation.bundle().unwrap();
    assert!(matches!(bundle.content(), Content::Dsse(envelope) if Some(envelope) == attestation.envelope()));
    assert_eq!(attestation.certificates(), [b"der".to_vec()]);
    assert_eq!(attestation.timestamps(), [b"token".to_vec()]);
    let [entry] = attestation.log_entries() else { panic!("one entry") };
    assert_eq!((entry.log_index(), entry.log_id(), entry.kind(), entry.version()), (25, &[7; 32][..], "dsse", "0.0.1"));
    assert_eq!((entry.integrated_time(), entry.inclusion_promise()), (Some(1_700_000_000), Some(&b"promise"[..])));
    assert_eq!(entry.canonicalized_body(), b"{}");
    let proof = entry.inclusion_proof().unwrap();
    assert_eq!((proof.log_index(), proof.tree_size(), proof.root_hash()), (25, 26, &[7; 32]));
    assert_eq!(proof.hashes(), [[7; 32]; 2]);
    assert_eq!(proof.checkpoint(), Some("log\n26\nroot\n\n— log c2ln\n"));
}

#[test]
fn the_id_is_the_same_in_a_bundle_and_bare() {
    assert_eq!(read(&bundle()).unwrap().id(), read(&envelope()).unwrap().id());
    assert_eq!(read(&old_bundle("0.1")).unwrap().id(), read(&envelope()).unwrap().id());
}

#[test]
fn a_message_signature_is_read_and_named_by_its_object() {
    let attestation = read(&message_bundle()).unwrap();
    let message = attestation.message_signature().unwrap();
    assert_eq!(message.signature(), b"signature");
    assert_eq!(message.claimed_digest().unwrap().as_bytes(), [9; 32]);
    assert!(attestation.envelope().is_none());
    let by_hand = format!(
        r#"{{"messageDigest":{{"algorithm":"SHA2_256","digest":"{}"}},"signature":"{}"}}"#,
        base64::encode(&[9; 32]),
        base64::encode(b"signature")
    );
    assert_eq!(attestation.id().to_string(), Digest::sha256(by_hand.as_bytes()).to_string());
    let numeric = set(message_bundle(), &format!("{MESSAGE_DIGEST}/algorithm"), json!(1));
    assert_eq!(read(&numeric).unwrap().id(), attestation.id());
    let bare = without(message_bundle(), "/messageSignature", "messageDigest");
    assert_eq!(read(&bare).unwrap().message_signature().unwrap().claimed_digest(), None);
    assert_ne!(read(&bare).unwrap().id(), attestation.id());
}

#[test]
fn each_version_is_known_by_its_media_types() {
    for (media_type, version) in [
        ("application/vnd.dev.sigstore.bundle.v0.3+json", BundleVersion::V03),
        ("application/vnd.dev.sigstore.bundle+json;version=0.3", BundleVersion::V03),
        ("application/vnd.dev.sigstore.bundle+json;version=0.2", BundleVersion::V02),
        ("application/vnd.dev.sigstore.bundle+json;version=0.1", BundleVersion::V01),
    ] {
        assert_eq!(read(&set(bundle(), "/mediaType", json!(media_type))).unwrap().bundle().unwrap().version(), version);
    }
    for media_type in [
        "",
        "application/json",
        "application/vnd.dev.sigstore.bundle+json;version=99.9",
        "application/vnd.dev.sigstore.bundle.v0.4+json",
        "application/vnd.dev.sigstore.bundle+json",
        "application/vnd.dev.sigstore.bundle+json; version=0.3",
        "Application/vnd.dev.sigstore.bundle.v0.3+json",
        "application/vnd.dev.sigstore.bundle.v0.3+json ",
    ] {
        refused(&set(bundle(), "/mediaType", json!(media_type)), Code::BundleMediaTypeUnsupported, "$.mediaType");
    }
    refused(&without(bundle(), "", "mediaType"), Code::BundleMediaTypeUnsupported, "$");
    refused(&set(bundle(), "/mediaType", json!(null)), Code::JsonWrongType, "$.mediaType");
}

#[test]
fn a_bundle_has_exactly_one_content() {
    let message = message_bundle()["messageSignature"].clone();
    refused(&with(bundle(), "", "messageSignature", message), Code::BundleContentAmbiguous, "$");
    refused(&without(bundle(), "", "dsseEnvelope"), Code::BundleContentAmbiguous, "$");
    refused(&set(bundle(), "/dsseEnvelope", json!(null)), Code::BundleContentAmbiguous, "$");
    assert!(read(&with(bundle(), "", "messageSignature", json!(null))).is_ok());
    // A document that one reader takes for an envelope and another for a bundle.
    let mut both = bundle();
    for name in ["payload", "payloadType", "signatures"] {
        both = with(both, "", name, envelope()[name].clone());
    }
    refused(&both, Code::BundleContentAmbiguous, "$");
}

#[test]
fn a_bundle_says_what_it_verifies_with() {
    refused(&without(bundle(), "", "verificationMaterial"), Code::BundleNoVerificationMaterial, "$");
    refused(&set(bundle(), MATERIAL, json!({})), Code::BundleNoVerificationMaterial, "$.verificationMaterial");
    refused(&without(bundle(), MATERIAL, "certificate"), Code::BundleNoVerificationMaterial, "$.verificationMaterial");
    refused(&set(bundle(), MATERIAL, json!(null)), Code::JsonWrongType, "$.verificationMaterial");
    let hint = |hint: Value| with(without(bundle(), MATERIAL, "certificate"), MATERIAL, "publicKey", hint);
    let key = read(&hint(json!({"hint": "some key"}))).unwrap();
    assert_eq!(key.bundle().unwrap().key_material(), &KeyMaterial::PublicKeyHint("some key".into()));
    assert!(key.certificates().is_empty());
    assert_eq!(
        read(&hint(json!({}))).unwrap().bundle().unwrap().key_material(),
        &KeyMaterial::PublicKeyHint(String::new())
    );
    refused(&hint(json!({"hint": "a\nb"})), Code::JsonControlCharacter, "$.verificationMaterial.publicKey.hint");
    let both = with(bundle(), MATERIAL, "publicKey", json!({"hint": "k"}));
    refused(&both, Code::BundleKeyMaterialMismatch, "$.verificationMaterial");
}

#[test]
fn a_certificate_is_there_where_one_is_promised() {
    for wrong in [json!({}), json!({"rawBytes": null})] {
        refused(
            &set(bundle(), "/verificationMaterial/certificate", wrong),
            Code::BundleCertificateMissing,
            "$.verificationMaterial.certificate",
        );
    }
    let empty = set(bundle(), "/verificationMaterial/certificate/rawBytes", json!(""));
    refused(&empty, Code::BundleCertificateMissing, "$.verificationMaterial.certificate.rawBytes");
    let chain = "/verificationMaterial/x509CertificateChain";
    refused(
        &set(old_bundle("0.2"), chain, json!({})),
        Code::BundleCertificateMissing,
        "$.verificationMaterial.x509CertificateChain",
    );
    let list = "$.verificationMaterial.x509CertificateChain.certificates";
    refused(&set(old_bundle("0.2"), chain, json!({"certificates": []})), Code::BundleCertificateMissing, list);
}

#[test]
fn a_chain_is_read_leaf_first_and_only_in_older_versions() {
    for version in ["0.1", "0.2"] {
        assert_eq!(read(&old_bundle(version)).unwrap().certificates(), [b"leaf".to_vec(), b"ca".to_vec()]);
    }
    refused(&old_bundle("0.3"), Code::BundleShapeInvalid, "$.verificationMaterial.x509CertificateChain");
    let both = with(old_bundle("0.2"), MATERIAL, "certificate", json!({"rawBytes": "AQ=="}));
    refused(&both, Code::BundleShapeInvalid, "$.verificationMaterial");
    let long = |count: usize| {
        set(
            old_bundle("0.1"),
            "/verificationMaterial/x509CertificateChain/certificates",
            json!(vec![json!({"rawBytes": "AQ=="}); count]),
        )
    };
    for count in [31, 32] {
        assert_eq!(read(&long(count)).unwrap().certificates().len(), count);
    }
    for count in [33, 32_000] {
        refused(&long(count), Code::BundleTooManyEntries, "$.verificationMaterial.x509CertificateChain.certificates");
    }
}

#[test]
fn a_certificate_of_the_largest_size_is_kept_and_one_byte_more_is_not() {
    let sized = |size: usize| {
        set(bundle(), "/verificationMaterial/certificate/rawBytes", json!(base64::encode(&vec![1; size])))
    };
    for size in [65_535, 65_536] {
        assert_eq!(read(&sized(size)).unwrap().certificates()[0].len(), size);
    }
    for size in [65_537, 8 << 20] {
        refused(&sized(size), Code::InputTooLarge, "$.verificationMaterial.certificate.rawBytes");
    }
}

#[test]
fn an_envelope_in_a_bundle_has_one_signature() {
    for count in [0, 2, 33] {
        let signed = set(bundle(), "/dsseEnvelope/signatures", json!(vec![json!({"sig": "c2ln"}); count]));
        refused(&signed, Code::BundleSignatureCount, "$.dsseEnvelope.signatures");
    }
    refused(&without(bundle(), "/dsseEnvelope", "signatures"), Code::DsseMissingField, "$.dsseEnvelope");
    refused(&set(bundle(), "/dsseEnvelope", json!([])), Code::JsonWrongType, "$.dsseEnvelope");
}

#[test]
fn entries_and_timestamps_are_counted_before_they_are_read() {
    let entries =
        |count: usize, entry: Value| set(bundle(), "/verificationMaterial/tlogEntries", json!(vec![entry; count]));
    let timestamps = |count: usize, stamp: Value| {
        set(bundle(), "/verificationMaterial/timestampVerificationData/rfc3161Timestamps", json!(vec![stamp; count]))
    };
    for count in [0, 31, 32] {
        assert_eq!(read(&entries(count, log_entry())).unwrap().log_entries().len(), count);
        assert_eq!(read(&timestamps(count, json!({"signedTimestamp": "AQ=="}))).unwrap().timestamps().len(), count);
    }
    for count in [33, 32_000] {
        refused(&entries(count, json!(7)), Code::BundleTooManyEntries, "$.verificationMaterial.tlogEntries");
        let list = "$.verificationMaterial.timestampVerificationData.rfc3161Timestamps";
        refused(&timestamps(count, json!(7)), Code::BundleTooManyEntries, list);
    }
}

#[test]
fn integers_are_numbers_or_strings_and_never_negative() {
    for (value, index) in
        [(json!(0), 0), (json!("0"), 0), (json!(7), 7), (json!("9223372036854775807"), i64::MAX as u64)]
    {
        assert_eq!(
            read(&set(bundle(), &format!("{ENTRY}/logIndex"), value)).unwrap().log_entries()[0].log_index(),
            index
        );
    }
    let out_of_range = ["-1", "9223372036854775808", "18446744073709551616", "1.0", "1e3", "07", "", "x"];
    for (pointer, path) in [
        (format!("{ENTRY}/logIndex"), "$.verificationMaterial.tlogEntries[0].logIndex"),
        (format!("{ENTRY}/integratedTime"), "$.verificationMaterial.tlogEntries[0].integratedTime"),
        (format!("{PROOF}/logIndex"), "$.verificationMaterial.tlogEntries[0].inclusionProof.logIndex"),
        (format!("{PROOF}/treeSize"), "$.verificationMaterial.tlogEntries[0].inclusionProof.treeSize"),
    ] {
        for text in out_of_range {
            refused(&set(bundle(), &pointer, json!(text)), Code::JsonNumberOutOfRange, path);
        }
        refused(&set(bundle(), &pointer, json!(-1)), Code::JsonNumberOutOfRange, path);
        refused(&set(bundle(), &pointer, json!(1.0)), Code::JsonNumberOutOfRange, path);
        refused(&set(bundle(), &pointer, json!([])), Code::JsonWrongType, path);
    }
}

#[test]
fn what_protobuf_leaves_out_is_zero_or_absent() {
    let mut document = bundle();
    for (pointer, name) in [
        (ENTRY, "logIndex"),
        (ENTRY, "integratedTime"),
        (ENTRY, "inclusionPromise"),
        (PROOF, "logIndex"),
        (PROOF, "hashes"),
    ] {
        document = without(document, pointer, name);
    }
    let attestation = read(&document).unwrap();
    let entry = &attestation.log_entries()[0];
    assert_eq!((entry.log_index(), entry.integrated_time(), entry.inclusion_promise()), (0, None, None));
    assert!(entry.inclusion_proof().unwrap().hashes().is_empty());
    assert_eq!(
        read(&set(bundle(), &format!("{ENTRY}/integratedTime"), json!("0"))).unwrap().log_entries()[0]
            .integrated_time(),
        None
    );
    assert!(
        read(&set(bundle(), "/verificationMaterial/timestampVerificationData", json!(null)))
            .unwrap()
            .timestamps()
            .is_empty()
    );
    assert!(read(&set(bundle(), "/verificationMaterial/timestampVerificationData", json!({}))).is_ok());
    assert!(read(&without(bundle(), MATERIAL, "tlogEntries")).unwrap().log_entries().is_empty());
}

#[test]
fn an_entry_has_the_evidence_its_version_demands() {
    let entry = "$.verificationMaterial.tlogEntries[0]";
    for version in ["0.1", "0.2"] {
        let document = old_bundle(version);
        let promise_only = set(document.clone(), PROOF, json!(null));
        let proof_only = without(document.clone(), ENTRY, "inclusionPromise");
        let neither = without(promise_only.clone(), ENTRY, "inclusionPromise");
        let no_checkpoint = without(document, PROOF, "checkpoint");
        assert!(read(&proof_only).is_ok());
        refused(&neither, Code::BundleShapeInvalid, entry);
        if version == "0.1" {
            assert!(read(&promise_only).unwrap().log_entries()[0].inclusion_proof().is_none());
            assert!(read(&no_checkpoint).is_ok());
        } else {
            refused(&promise_only, Code::BundleShapeInvalid, entry);
            refused(&no_checkpoint, Code::BundleShapeInvalid, entry);
        }
    }
    refused(&without(bundle(), ENTRY, "inclusionProof"), Code::BundleShapeInvalid, entry);
    let empty = set(bundle(), &format!("{PROOF}/checkpoint/envelope"), json!(""));
    refused(&empty, Code::BundleShapeInvalid, entry);
}

#[test]
fn the_parts_of_an_entry_are_whole() {
    let entry = "$.verificationMaterial.tlogEntries[0]";
    for name in ["logId", "kindVersion", "canonicalizedBody"] {
        refused(&without(bundle(), ENTRY, name), Code::BundleShapeInvalid, entry);
    }
    refused(&set(bundle(), &format!("{ENTRY}/logId"), json!({})), Code::BundleShapeInvalid, &format!("{entry}.logId"));
    refused(
        &set(bundle(), &format!("{ENTRY}/logId/keyId"), json!("")),
        Code::BundleShapeInvalid,
        &format!("{entry}.logId.keyId"),
    );
    refused(
        &without(bundle(), &format!("{ENTRY}/kindVersion"), "kind"),
        Code::BundleShapeInvalid,
        &format!("{entry}.kindVersion"),
    );
    refused(
        &set(bundle(), &format!("{ENTRY}/kindVersion/kind"), json!("a\u{7}")),
        Code::JsonControlCharacter,
        &format!("{entry}.kindVersion.kind"),
    );
    refused(&without(bundle(), PROOF, "rootHash"), Code::BundleShapeInvalid, &format!("{entry}.inclusionProof"));
    for size in [0, 31, 33, 64] {
        let hash = json!(base64::encode(&vec![1; size]));
        refused(
            &set(bundle(), &format!("{PROOF}/rootHash"), hash.clone()),
            Code::BundleShapeInvalid,
            &format!("{entry}.inclusionProof.rootHash"),
        );
        refused(
            &set(bundle(), &format!("{PROOF}/hashes/1"), hash),
            Code::BundleShapeInvalid,
            &format!("{entry}.inclusionProof.hashes[1]"),
        );
    }
    let hashes = |count: usize| set(bundle(), &format!("{PROOF}/hashes"), json!(vec![base64::encode(&[1; 32]); count]));
    assert!(read(&hashes(63)).is_ok() && read(&hashes(64)).is_ok());
    for count in [65, 64_000] {
        refused(&hashes(count), Code::BundleTooManyEntries, &format!("{entry}.inclusionProof.hashes"));
    }
    let checkpoint = |size: usize| set(bundle(), &format!("{PROOF}/checkpoint/envelope"), json!("x".repeat(size)));
    assert!(read(&checkpoint(65_535)).is_ok() && read(&checkpoint(65_536)).is_ok());
    for size in [65_537, 8 << 20] {
        refused(&checkpoint(size), Code::InputTooLarge, &format!("{entry}.inclusionProof.checkpoint.envelope"));
    }
    let stamp = "$.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0]";
    let pointer = "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0";
    refused(&set(bundle(), pointer, json!({})), Code::BundleShapeInvalid, stamp);
    refused(
        &set(bundle(), pointer, json!({"signedTimestamp": ""})),
        Code::BundleShapeInvalid,
        &format!("{stamp}.signedTimestamp"),
    );
    refused(
        &set(bundle(), pointer, json!({"signedTimestamp": "A\n=="})),
        Code::Base64Invalid,
        &format!("{stamp}.signedTimestamp"),
    );
}

#[test]
fn enumerations_are_closed() {
    let algorithm = format!("{MESSAGE_DIGEST}/algorithm");
    let path = "$.messageSignature.messageDigest.algorithm";
    for unknown in [
        json!(999),
        json!(0),
        json!("HASH_ALGORITHM_UNSPECIFIED"),
        json!("sha2_256"),
        json!("MD5"),
        json!(""),
        json!(1.0),
        json!("1"),
        json!(-1),
    ] {
        refused(&set(message_bundle(), &algorithm, unknown), Code::BundleEnumUnknown, path);
    }
    refused(
        &without(message_bundle(), MESSAGE_DIGEST, "algorithm"),
        Code::BundleEnumUnknown,
        "$.messageSignature.messageDigest",
    );
    refused(&set(message_bundle(), &algorithm, json!([])), Code::JsonWrongType, path);
    for (name, number, size) in
        [("SHA2_256", 1, 32), ("SHA2_384", 2, 48), ("SHA2_512", 3, 64), ("SHA3_256", 4, 32), ("SHA3_384", 5, 48)]
    {
        for spelled in [json!(name), json!(number)] {
            let digest = json!({"algorithm": spelled, "digest": base64::encode(&vec![3; size])});
            let attestation = read(&set(message_bundle(), MESSAGE_DIGEST, digest)).unwrap();
            assert_eq!(attestation.message_signature().unwrap().claimed_digest().unwrap().as_bytes().len(), size);
        }
        let short = json!({"algorithm": name, "digest": base64::encode(&vec![3; size - 1])});
        refused(
            &set(message_bundle(), MESSAGE_DIGEST, short),
            Code::BundleShapeInvalid,
            "$.messageSignature.messageDigest.digest",
        );
    }
    refused(
        &without(message_bundle(), MESSAGE_DIGEST, "digest"),
        Code::BundleShapeInvalid,
        "$.messageSignature.messageDigest",
    );
    refused(
        &without(message_bundle(), "/messageSignature", "signature"),
        Code::BundleShapeInvalid,
        "$.messageSignature",
    );
    refused(
        &set(message_bundle(), "/messageSignature/signature", json!("")),
        Code::BundleShapeInvalid,
        "$.messageSignature.signature",
    );
}

#[test]
fn unknown_members_are_ignored_at_every_level() {
    for pointer in ["", MATERIAL, ENTRY, PROOF, "/dsseEnvelope", "/dsseEnvelope/signatures/0"] {
        assert!(read(&with(bundle(), pointer, "unknown", json!({"a": [1, null]}))).is_ok(), "{pointer}");
    }
}

#[test]
fn an_empty_document_is_empty() {
    for input in ["", " ", "\n\r\t  \n"] {
        let error = Attestation::from_json(input.as_bytes()).unwrap_err();
        shown(&error, Code::InputEmpty);
        shown(&Attestation::parse_lines(input.as_bytes(), &Limits::default()).unwrap_err(), Code::InputEmpty);
    }
}

#[test]
fn other_formats_are_named_and_never_unpacked() {
    let inputs: [&[u8]; 10] = [
        b"\x1f\x8b\x08\x00rest",
        b"\x28\xb5\x2f\xfdrest",
        b"PK\x03\x04rest",
        b"BZh9rest",
        b"\xfd7zXZ\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"\x04\x22\x4d\x18",
        b"-----BEGIN CERTIFICATE-----",
        b"\x30\x82\x01\x00",
        b"\xd2\x84\x43",
    ];
    for input in inputs {
        shown(&Attestation::from_json(input).unwrap_err(), Code::InputUnknownFormat);
    }
    for document in [json!({}), json!({"a": 1}), json!({"_type": "link", "signed": {}})] {
        shown(&read(&document).unwrap_err(), Code::InputUnknownFormat);
    }
    for (input, code) in [
        ("hello", Code::JsonSyntax),
        ("[", Code::JsonSyntax),
        ("7", Code::JsonWrongType),
        ("\u{feff}{}", Code::JsonBom),
        ("{} {}", Code::JsonTrailingData),
    ] {
        shown(&Attestation::from_json(input.as_bytes()).unwrap_err(), code);
    }
}

#[test]
fn a_document_of_the_largest_size_is_read_and_one_byte_more_is_not() {
    let text = bundle().to_string();
    let limits = Limits { document_bytes: text.len() + 10, ..Limits::default() };
    for (spaces, fits) in [(9, true), (10, true), (11, false), (1000 * text.len(), false)] {
        let padded = format!("{text}{}", " ".repeat(spaces));
        let result = Attestation::from_json_with(padded.as_bytes(), &limits);
        assert_eq!(result.map_err(|error| error.code()).err(), (!fits).then_some(Code::InputTooLarge), "{spaces}");
    }
}

#[test]
fn lines_are_read_one_by_one_and_a_bad_one_is_named() {
    let (first, second) = (bundle().to_string(), envelope().to_string());
    let lines = format!("{first}\n{second}\r\n\n  \n{first}");
    let read = Attestation::parse_lines(lines.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(
        read.iter().map(Attestation::form).collect::<Vec<_>>(),
        [Form::BundleV03, Form::Envelope, Form::BundleV03]
    );
    assert_eq!(
        Attestation::parse_lines(second.as_bytes(), &Limits::default()).unwrap()[0],
        common::read(&envelope()).unwrap()
    );
    let bad = format!("{first}\n{second}\n{{\"payload\": tru}}\n{second}\n{first}\n");
    let error = Attestation::parse_lines(bad.as_bytes(), &Limits::default()).unwrap_err();
    shown(&error, Code::JsonSyntax);
    assert_eq!(error.place().unwrap(), "$.payload (line 3, column 13)");
    assert_eq!(error.location().unwrap().offset(), bad.find("tru}").unwrap());
    let bad = format!("{second}\n{}\n", set(envelope(), "/signatures", json!([])));
    let error = Attestation::parse_lines(bad.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!((error.code(), error.location().unwrap().line()), (Code::DsseNoSignatures, 2));
    let small = Limits { document_bytes: lines.len() - 1, ..Limits::default() };
    shown(&Attestation::parse_lines(lines.as_bytes(), &small).unwrap_err(), Code::InputTooLarge);
}

proptest! {
    #[test]
    fn a_flipped_bit_is_refused_or_seen(at: prop::sample::Index, bit in 0_u8..8, message: bool) {
        let text = if message { message_bundle() } else { bundle() }.to_string();
        let whole = Attestation::from_json(text.as_bytes()).unwrap();
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        match Attestation::from_json(&bytes) {
            Ok(changed) => prop_assert_ne!(changed.source_digest(), whole.source_digest()),
            Err(error) => shown(&error, error.code()),
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_with_a_bounded_reason(bytes: Vec<u8>) {
        if let Err(error) = Attestation::from_json(&bytes) {
            shown(&error, error.code());
        }
    }

    #[test]
    fn any_cut_is_refused(at: prop::sample::Index) {
        let text = bundle().to_string();
        let cut = at.index(text.len());
        if text.is_char_boundary(cut) {
            prop_assert!(Attestation::from_json(&text.as_bytes()[..cut]).is_err());
        }
    }
}
