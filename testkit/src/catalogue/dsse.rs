//! Items B031 to B047: DSSE envelopes.

use stella_vocabulary::{base64, pem};

use super::{
    item::{Bad, Item, Layer},
    scene::{
        self, ARTIFACT, AT, envelope, envelope_item, envelope_with, fingerprint, key_item, remove, second_signer,
        signed, signer, stranger, text,
    },
};
use crate::{
    der,
    dsse::{Envelope, IN_TOTO, Signature, pae},
    json::{self, Value},
    key::TestKey,
};

const SIGNATURE_INVALID: &str = "dsse.signature_invalid";
const THRESHOLD: &str = "dsse.threshold_not_met";

pub(super) fn items() -> Vec<Item> {
    vec![
        missing_fields(),
        no_signatures(),
        too_many_signatures(),
        payload_bit(),
        payload_type_bit(),
        bare_payload(),
        other_encodings(),
        unsupported_types(),
        inexact_types(),
        misleading_hint(),
        one_key_twice(),
        one_key_in_two_forms(),
        malleated(),
        impossible_thresholds(),
        one_of_two(),
        unknown_keys(),
        siblings(),
    ]
}

fn missing_fields() -> Item {
    let missing = |name: &'static str| {
        let bad = envelope_with(|envelope| remove(envelope, name));
        Bad::document("dsse.missing_field", "$", &format!("no {name}"), bad)
    };
    envelope_item("B031")
        .bads(["payload", "payloadType", "signatures"].map(missing))
        .bad(Bad::document(
            "dsse.missing_field",
            "$.signatures[0]",
            "no sig",
            envelope_with(|envelope| remove(&mut envelope["signatures"][0], "sig")),
        ))
        .bad(Bad::document(
            "dsse.missing_field",
            "$.signatures[0].sig",
            "an empty sig",
            envelope_with(|envelope| envelope["signatures"][0]["sig"] = json::text("")),
        ))
}

fn no_signatures() -> Item {
    envelope_item("B032").bad(Bad::document(
        "dsse.no_signatures",
        "$.signatures",
        "signatures is empty",
        envelope_with(|envelope| envelope["signatures"] = json::array([])),
    ))
}

fn too_many_signatures() -> Item {
    let bad = |number: usize| {
        Bad::new("dsse.too_many_signatures", Layer::AttestModel, "$.signatures", &format!("{number} signatures"))
            .generated("attestation", &format!("signatures {number}"))
    };
    envelope_item("B033")
        .also_good_with(vec![("generate", "signatures 32".into()), ("attestation", "generated".into())])
        .bads([33, 10_000].map(bad))
}

fn refused(change: &str, envelope: &Envelope) -> Bad {
    Bad::judged(SIGNATURE_INVALID, "signature 0", change, text(&envelope.to_value()))
}

fn payload_bit() -> Item {
    let good = envelope(scene::payload());
    let flipped = |at: usize| {
        let mut bad = good.clone();
        bad.payload[at] ^= 1;
        bad
    };
    let last = good.payload.len() - 1;
    let mut sig = good.clone();
    let end = sig.signatures[0].sig.len() - 1;
    sig.signatures[0].sig[end] ^= 1;
    envelope_item("B034")
        .bad(refused("the last bit of the first byte of the payload", &flipped(0)))
        .bad(refused("the last bit of the last byte of the payload", &flipped(last)))
        .bad(refused("the last bit of a byte within the payload", &flipped(last / 2)))
        .bad(refused("the last bit of the signature", &sig))
}

fn payload_type_bit() -> Item {
    let good = envelope(scene::payload());
    let retyped = |payload_type: &str| Envelope { payload_type: payload_type.to_owned(), ..good.clone() };
    envelope_item("B035")
        .bad(refused("one bit of the payload type", &retyped("application/vnd.in-toto+jsoo")))
        .bad(refused(
            "one bit of the payload type: its first letter in the other case",
            &retyped("Application/vnd.in-toto+json"),
        ))
        .bad(refused("another payload type of the same length", &retyped("application/vnd.in-toto+yaml")))
}

/// The good envelope, with a signature over `message` in place of its own.
fn over(message: &[u8]) -> Envelope {
    let sig = signer().sign(message);
    Envelope {
        signatures: vec![Signature { keyid: None, sig, certificate_pem: None }],
        ..Envelope::new(IN_TOTO, &scene::payload())
    }
}

fn bare_payload() -> Item {
    let encoded = base64::encode(&scene::payload());
    envelope_item("B036")
        .bad(refused("the signature covers the bare payload", &over(&scene::payload())))
        .bad(refused("the signature covers the base64 of the payload", &over(encoded.as_bytes())))
        .bad(refused("the signature covers the encoding of the base64", &over(&pae(IN_TOTO, encoded.as_bytes()))))
}

fn other_encodings() -> Item {
    // Text outside of ASCII, so that characters and bytes are not as many.
    let statement = scene::statement_with(|statement| statement["predicate"]["text"] = json::text("Grüße 😀"));
    let payload = statement.to_string();
    let (kind, bytes, characters) = (IN_TOTO.len(), payload.len(), payload.chars().count());
    let bad = |change: &str, header: String| {
        let sig = signer().sign(format!("{header}{payload}").as_bytes());
        let signatures = vec![Signature { keyid: None, sig, certificate_pem: None }];
        refused(change, &Envelope { signatures, ..Envelope::new(IN_TOTO, payload.as_bytes()) })
    };
    key_item("B037")
        .good(signed(&payload))
        .bad(bad("leading zero in the length of the type", format!("DSSEv1 0{kind} {IN_TOTO} {bytes} ")))
        .bad(bad("leading zero in the length of the payload", format!("DSSEv1 {kind} {IN_TOTO} 0{bytes} ")))
        .bad(bad("length of the payload in characters", format!("DSSEv1 {kind} {IN_TOTO} {characters} ")))
        .bad(bad("another version of the encoding", format!("DSSEv2 {kind} {IN_TOTO} {bytes} ")))
        .bad(bad("two spaces before the payload", format!("DSSEv1 {kind} {IN_TOTO} {bytes}  ")))
}

fn typed(change: &str, payload_type: &str) -> Bad {
    let envelope = Envelope::new(payload_type, &scene::payload()).signed_by(&signer());
    Bad::judged("dsse.payload_type_unsupported", "statement.structure", change, text(&envelope.to_value()))
}

fn unsupported_types() -> Item {
    envelope_item("B038").bads(
        ["application/json", "text/plain", "application/vnd.cyclonedx+json", "application/vnd.dsse+json", ""]
            .map(|kind| typed(&format!("signed as \"{kind}\""), kind)),
    )
}

fn inexact_types() -> Item {
    envelope_item("B039").bads(
        [
            "application/vnd.in-toto+json; charset=utf-8",
            "application/vnd.in-toto+json;charset=utf-8",
            "APPLICATION/VND.IN-TOTO+JSON",
            "application/vnd.in-toto+JSON",
            "application/vnd.in-toto+json ",
            " application/vnd.in-toto+json",
            "application/vnd.in-toto+json.evil",
        ]
        .map(|kind| typed(&format!("signed as \"{kind}\""), kind)),
    )
}

fn misleading_hint() -> Item {
    let good = Envelope::new(IN_TOTO, &scene::payload()).signed_with_hint(&signer(), &fingerprint(&signer()));
    let bad = Envelope::new(IN_TOTO, &scene::payload()).signed_with_hint(&stranger(), &fingerprint(&signer()));
    key_item("B040").good(text(&good.to_value())).bad(refused("signed by another key under the same hint", &bad))
}

/// An item for the library alone: two trusted keys, of which two must have signed.
fn threshold_item(id: &'static str) -> Item {
    let good = envelope(scene::payload()).signed_by(&second_signer());
    Item::new(id)
        .file("artifact.txt", ARTIFACT)
        .file("a.pub", signer().public_pem())
        .file("b.pub", second_signer().public_pem())
        .run("only", "library")
        .run("artifact", "artifact.txt")
        .run("at", AT)
        .run("keys", ["a.pub", "b.pub"])
        .run("threshold", 2)
        .good(text(&good.to_value()))
}

fn below(change: &str, envelope: &Envelope) -> Bad {
    Bad::judged(THRESHOLD, "envelope.signature", change, text(&envelope.to_value()))
}

fn one_key_twice() -> Item {
    let once = envelope(scene::payload());
    let hinted = once.clone().signed_with_hint(&signer(), &fingerprint(&second_signer()));
    threshold_item("B041")
        .bad(below("the first key's signature twice", &once.clone().signed_by(&signer())))
        .bad(below("the first key's signature again, under the hint of the second key", &hinted))
}

fn one_key_in_two_forms() -> Item {
    let key = signer();
    let twice = Envelope::new(IN_TOTO, &scene::payload()).signed_with_hint(&key, "one").signed_with_hint(&key, "two");
    threshold_item("B042")
        .file("a-compressed.pub", compressed(&key))
        .file("a.jwk", jwk(&key))
        .bad(
            below("one key signs twice, and is trusted as two files", &twice).with("keys", ["a.pub", "a.pub", "b.pub"]),
        )
        .bad(
            below("one key signs twice, and is trusted with its point compressed and uncompressed", &twice)
                .with("keys", ["a.pub", "a-compressed.pub", "b.pub"]),
        )
        .bad(
            below("one key signs twice, and is trusted as PEM and as JWK", &twice)
                .with("keys", ["a.pub", "a.jwk", "b.pub"]),
        )
}

/// The key as a JSON Web Key with a name of its own (RFC 7517).
fn jwk(key: &TestKey) -> String {
    let raw = key.public_key().raw();
    let (x, y) = raw[1..].split_at(32);
    let [x, y] = [x, y].map(base64::encode_url_unpadded);
    format!("{{\"kty\": \"EC\", \"crv\": \"P-256\", \"kid\": \"another-name\", \"x\": \"{x}\", \"y\": \"{y}\"}}\n")
}

/// The key's `PUBLIC KEY` with its point compressed (SEC 1 §2.3.3).
fn compressed(key: &TestKey) -> String {
    let raw = key.public_key().raw();
    let (x, y) = raw[1..].split_at(32);
    let mut point = vec![2 + (y[31] & 1)];
    point.extend_from_slice(x);
    let algorithm =
        der::sequence([der::object_identifier("1.2.840.10045.2.1"), der::object_identifier("1.2.840.10045.3.1.7")]);
    pem::encode("PUBLIC KEY", &der::sequence([algorithm, der::bit_string(&point)]))
}

fn malleated() -> Item {
    let once = envelope(scene::payload());
    let sig = signer().sign_twin(&pae(IN_TOTO, &scene::payload()));
    let mut bad = once;
    bad.signatures.push(Signature { keyid: None, sig, certificate_pem: None });
    threshold_item("B043").bad(below("the first signature again, in its other form (r, n - s)", &bad))
}

fn impossible_thresholds() -> Item {
    let bad = |threshold: u64| {
        Bad::new("policy.threshold_invalid", Layer::AttestVerify, "", &format!("threshold {threshold} of 2 keys"))
            .with("threshold", threshold)
    };
    threshold_item("B044").bads([0, 3, 1_000].map(bad)).bad(
        Bad::new("policy.threshold_invalid", Layer::AttestVerify, "", "threshold 2 of one key given twice")
            .with("keys", ["a.pub", "a.pub"]),
    )
}

fn one_of_two() -> Item {
    let good = envelope(scene::payload()).signed_by(&second_signer());
    let mut bad = good.clone();
    let last = bad.signatures[1].sig.len() - 1;
    bad.signatures[1].sig[last] ^= 1;
    let mut first = good.clone();
    let last = first.signatures[0].sig.len() - 1;
    first.signatures[0].sig[last] ^= 1;
    threshold_item("B045")
        .bad(below("the last bit of the second signature", &bad))
        .bad(below("the last bit of the first signature", &first))
        .bad(below("the second signature is missing", &envelope(scene::payload())))
        .bad(below(
            "the second signature is by a key that is not trusted",
            &envelope(scene::payload()).signed_by(&stranger()),
        ))
}

fn unknown_keys() -> Item {
    let hint = fingerprint(&stranger());
    let bad = Envelope::new(IN_TOTO, &scene::payload()).signed_with_hint(&stranger(), &hint);
    let mut two = bad.clone();
    let other = TestKey::ed25519("stella catalogue other stranger TEST KEY");
    two = two.signed_with_hint(&other, &fingerprint(&other));
    let unknown = |change: &str, envelope: &Envelope| {
        Bad::judged("dsse.key_unknown", "envelope.signature", change, text(&envelope.to_value()))
            .with("shows", [hint.as_str()])
    };
    envelope_item("B046")
        .bad(unknown("signed by a key that is not trusted", &bad))
        .bad(unknown("signed by two keys that are not trusted", &two))
}

fn siblings() -> Item {
    let mut sibling = scene::statement();
    sibling["predicate"]["runDetails"]["builder"]["id"] = json::text("https://sibling.example/never-shown");
    let with = |name: &'static str, sibling: Value| {
        let beside = sibling.clone();
        let good = envelope_with(|envelope| envelope[name] = beside);
        let bad = envelope_with(|envelope| {
            envelope[name] = sibling;
            let mut payload = scene::payload();
            let at = payload.len() / 2;
            payload[at] ^= 1;
            envelope["payload"] = json::text(&base64::encode(&payload));
        });
        (good, Bad::judged(SIGNATURE_INVALID, "signature 0", &format!("one bit of the payload, next to {name}"), bad))
    };
    let (good, bad) = with("statement", sibling.clone());
    let (good_text, bad_text) = with("payloadDecoded", json::text(&sibling.to_string()));
    key_item("B047")
        .run("absent", ["sibling.example", "never-shown"])
        .good(good)
        .also_good(good_text)
        .bad(bad)
        .bad(bad_text)
}
