//! Public keys in the forms that people and servers hand them over in.
#![allow(clippy::unwrap_used, reason = "unwrap belongs to tests, their helpers included")]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use stella_crypto_providers::Scheme;
use stella_trust_store::key_file::{KeyFileError, KeyForm, KeySet, MAX_BYTES, MAX_KEYS, read_key_set, read_public_key};
use stella_vocabulary::{Code, Reason as _, base64};

const ALL: [&str; 5] = ["ed25519", "p256", "p384", "p521", "rsa"];

fn file(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/keys").join(name)).unwrap()
}

fn jwk(name: &str) -> Value {
    serde_json::from_slice(&file(&format!("{name}.jwk.json"))).unwrap()
}

fn with(name: &str, changes: Value) -> Value {
    let mut key = jwk(name);
    for (member, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(key.as_object_mut().unwrap().remove(member)),
            value => key[member] = value.clone(),
        }
    }
    key
}

fn set(keys: impl IntoIterator<Item = Value>) -> Vec<u8> {
    json!({ "keys": keys.into_iter().collect::<Vec<_>>() }).to_string().into_bytes()
}

fn code_of(input: impl AsRef<[u8]>) -> Code {
    let error = KeySet::read(input.as_ref()).unwrap_err();
    let shown = format!("{error} {:?} {:?} {:?} {error:?}", error.found(), error.expected(), error.place());
    assert!(!shown.contains(SECRET), "{shown}");
    error.code()
}

const SECRET: &str = "c2VjcmV0IG9mIHNvbWVib2R5IGVsc2UhISEhISEhISE";

#[test]
fn one_key_has_one_id_in_every_form_b042() {
    let ids = String::from_utf8(file("ids.txt")).unwrap();
    for line in ids.lines() {
        let (name, id) = line.split_once(' ').unwrap();
        let mut forms = vec![(format!("{name}.pem"), KeyForm::Pem), (format!("{name}.ssh"), KeyForm::OpenSsh)];
        forms.push((format!("{name}.jwk.json"), KeyForm::Jwk));
        if name.starts_with('p') {
            forms.push((format!("{name}.compressed.pem"), KeyForm::Pem));
        }
        for (path, form) in forms {
            let named = read_public_key(&file(&path)).unwrap();
            assert_eq!((named.key.key_id().to_string(), named.form), (format!("sha256:{id}"), form), "{path}");
        }
    }
    assert_eq!(ids.lines().count(), ALL.len());
}

#[test]
fn what_stands_beside_the_key_is_its_hint() {
    let hint = |path: &str| read_public_key(&file(path)).unwrap().hint;
    assert_eq!(hint("p256.pem"), None);
    assert_eq!(hint("p256.ssh").as_deref(), Some("p256@example.com"));
    assert_eq!(hint("p256.jwk.json").as_deref(), Some("p256"));
    let bare = String::from_utf8(file("ed25519.ssh")).unwrap().replace(" ed25519@example.com", "");
    assert_eq!(read_public_key(bare.as_bytes()).unwrap().hint, None);
}

#[test]
fn a_jwk_names_its_scheme_and_a_wrong_one_is_a_contradiction() {
    let scheme = |key: Value| read_public_key(key.to_string().as_bytes()).unwrap().scheme;
    assert_eq!(scheme(jwk("p384")), Some(Scheme::EcdsaP384Sha384));
    assert_eq!(scheme(jwk("ed25519")), Some(Scheme::Ed25519));
    assert_eq!(scheme(jwk("rsa")), None);
    assert_eq!(scheme(with("rsa", json!({ "alg": "PS512" }))), Some(Scheme::RsaPssSha512));
    for (name, algorithm) in [
        ("p256", "ES384"),
        ("p521", "RS256"),
        ("rsa", "ES256"),
        ("ed25519", "ES256"),
        ("rsa", "HS256"),
        ("rsa", "none"),
    ] {
        let wrong = with(name, json!({ "alg": algorithm })).to_string();
        assert_eq!(code_of(&wrong), Code::KeyAlgorithmMismatch, "{name} {algorithm}");
    }
}

#[test]
fn members_that_contradict_each_other_refuse_the_key() {
    for (name, changes) in [
        ("p256", json!({ "crv": "Ed25519" })),
        ("ed25519", json!({ "crv": "P-256" })),
        ("p256", json!({ "use": "sig", "key_ops": ["encrypt"] })),
        ("p256", json!({ "use": "enc", "key_ops": ["verify"] })),
    ] {
        assert_eq!(code_of(with(name, changes.clone()).to_string()), Code::KeyAlgorithmMismatch, "{changes}");
    }
    for (name, changes, code) in [
        ("p256", json!({ "crv": "P-384" }), Code::KeyMalformed),
        ("rsa", json!({ "key_ops": ["verify", "verify"] }), Code::KeyMalformed),
        ("p256", json!({ "kty": null }), Code::KeyMalformed),
        ("p256", json!({ "crv": null }), Code::KeyMalformed),
        ("p256", json!({ "y": null }), Code::KeyMalformed),
        ("p256", json!({ "x": 7 }), Code::JsonWrongType),
        ("p256", json!({ "kid": 7 }), Code::JsonWrongType),
        ("p256", json!({ "kid": "a\nb" }), Code::JsonControlCharacter),
        ("p256", json!({ "kid": "x".repeat(1025) }), Code::InputTooLarge),
    ] {
        assert_eq!(code_of(with(name, changes.clone()).to_string()), code, "{changes}");
    }
}

#[test]
fn numbers_have_one_spelling() {
    let text = |name: &str, member: &str| jwk(name)[member].as_str().unwrap().to_owned();
    let bytes = |name: &str, member: &str| base64::decode(&text(name, member)).unwrap();
    let again = |bytes: &[u8]| base64::encode_url_unpadded(bytes);
    let (x, y) = (bytes("p256", "x"), bytes("p256", "y"));
    let mut off_curve = y.clone();
    off_curve[31] ^= 1;
    for (name, changes) in [
        ("p256", json!({ "x": again(&x[1..]) })),
        ("p256", json!({ "x": again(&[&[0], &x[..]].concat()) })),
        ("p256", json!({ "x": format!("{}=", text("p256", "x")) })),
        ("p256", json!({ "x": base64::encode(&x) })),
        ("p256", json!({ "y": again(&off_curve) })),
        ("p256", json!({ "x": "", "y": "" })),
        ("ed25519", json!({ "x": again(&bytes("ed25519", "x")[..31]) })),
        ("rsa", json!({ "n": again(&[&[0], &bytes("rsa", "n")[..]].concat()) })),
        ("rsa", json!({ "e": "AAEAAQ" })),
        ("rsa", json!({ "e": "" })),
    ] {
        assert_eq!(code_of(with(name, changes.clone()).to_string()), Code::KeyMalformed, "{changes}");
    }
    assert_eq!(code_of(with("rsa", json!({ "e": "Aw" })).to_string()), Code::KeyRsaExponent);
    assert_eq!(code_of(with("rsa", json!({ "n": again(&bytes("rsa", "n")[..128]) })).to_string()), Code::KeyTooWeak);
    // A final symbol with bits that decode to nothing: 43 symbols carry 258 bits, of which 256 are the key.
    let spare = text("ed25519", "x").split_at(42).0.to_owned() + "B";
    assert_eq!(code_of(with("ed25519", json!({ "x": spare })).to_string()), Code::KeyMalformed);
}

#[test]
fn private_and_symmetric_keys_are_refused_and_never_repeated_b029_b229() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        for name in ["p256", "rsa", "ed25519"] {
            let key = with(name, json!({ member: SECRET }));
            assert_eq!(code_of(key.to_string()), Code::KeyPrivateKeySupplied, "{name} {member}");
            // Also where it would be left out, and beside a key that is wrong in another way.
            let hidden = with(name, json!({ member: SECRET, "use": "enc", "kid": "other" }));
            assert_eq!(code_of(set([json!({ "kty": 7 }), hidden])), Code::KeyPrivateKeySupplied, "{name} {member}");
        }
    }
    let symmetric = json!({ "kty": "oct", "kid": "hmac" });
    assert!(
        matches!(KeySet::read(&set([jwk("p256"), symmetric])).unwrap_err(), KeyFileError::SymmetricKey { place } if place.contains("$.keys[1]"))
    );
    for label in [
        "PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED SIGSTORE PRIVATE KEY",
    ] {
        let pem = format!("-----BEGIN {label}-----\n{SECRET}\n-----END {label}-----\n");
        assert_eq!(code_of(pem), Code::KeyPrivateKeySupplied, "{label}");
    }
    assert_eq!(code_of(format!("PuTTY-User-Key-File-3: ssh-ed25519\n{SECRET}")), Code::KeyPrivateKeySupplied);
}

#[test]
fn one_kid_names_one_key() {
    let other = with("p384", json!({ "kid": "p256" }));
    assert_eq!(code_of(set([jwk("p256"), other.clone()])), Code::KeyMalformed);
    let third = with("p256", json!({ "kid": "third" }));
    assert_eq!(code_of(set([jwk("p256"), third, with("p384", json!({ "kid": "third" }))])), Code::KeyMalformed);
    assert_eq!(read_key_set(&set([jwk("p256"), jwk("p384")])).unwrap().len(), 2);
}

#[test]
fn a_key_that_is_there_twice_comes_out_once() {
    let again = KeySet::read(&set([jwk("p256"), with("p256", json!({ "kid": "again" }))])).unwrap();
    assert_eq!((again.keys().len(), again.left_out().len()), (1, 1));
    assert_eq!(again.keys()[0].hint.as_deref(), Some("p256"));
    let pem = [file("p256.pem"), file("p256.compressed.pem"), file("rsa.pem")].concat();
    assert_eq!(read_key_set(&pem).unwrap().len(), 2);
    assert_eq!(read_public_key(&pem).unwrap_err().code(), Code::PemMultipleObjects);
}

#[test]
fn keys_for_something_else_are_left_out_of_a_set_and_refused_alone() {
    for other in [
        with("rsa", json!({ "use": "enc", "key_ops": null, "kid": "enc" })),
        with("rsa", json!({ "key_ops": ["wrapKey"], "kid": "wrap" })),
        with("rsa", json!({ "alg": "RSA-OAEP", "kid": "oaep" })),
        with("p256", json!({ "crv": "secp256k1", "alg": "ES256K", "kid": "k" })),
        with("ed25519", json!({ "crv": "X25519", "kid": "x" })),
        json!({ "kty": "AKP", "alg": "ML-DSA-65", "kid": "later", "pub": "AAAA" }),
    ] {
        let set_of_two = KeySet::read(&set([jwk("p256"), other.clone()])).unwrap();
        assert_eq!(set_of_two.keys().len(), 1);
        assert_eq!(set_of_two.left_out()[0].place.split(' ').next(), Some("$.keys[1]"), "{other}");
        assert_eq!(read_public_key(other.to_string().as_bytes()).unwrap_err().code(), Code::KeyAlgorithmMismatch);
        assert_eq!(code_of(set([other])), Code::KeyMalformed);
    }
}

#[test]
fn a_set_has_at_least_one_key_and_at_most_1024() {
    assert_eq!(code_of(set([])), Code::KeyMalformed);
    assert_eq!(code_of(set((0..=MAX_KEYS).map(|_| json!({})))), Code::InputTooLarge);
    assert_eq!(code_of(vec![b' '; MAX_BYTES + 1]), Code::InputTooLarge);
    let many = set((0..MAX_KEYS).map(|number| with("p256", json!({ "kid": number.to_string() }))));
    assert_eq!(read_key_set(&many).unwrap().len(), 1);
}

#[test]
fn what_is_no_key_at_all_is_said_to_be_none() {
    assert_eq!(code_of(""), Code::InputEmpty);
    assert_eq!(code_of(" \n"), Code::InputEmpty);
    assert_eq!(code_of("<!doctype html><title>Sign in</title>"), Code::InputUnknownFormat);
    assert_eq!(code_of([0x30, 0x82, 0x01, 0x22, 0xff]), Code::InputUnknownFormat);
    assert_eq!(code_of("[]"), Code::JsonWrongType);
    assert_eq!(code_of("{\"keys\": {}}"), Code::JsonWrongType);
    assert_eq!(code_of("{\"keys\": [], \"keys\": []}"), Code::JsonDuplicateKey);
    assert_eq!(code_of("{\"keys\": ["), Code::JsonSyntax);
    assert_eq!(code_of("\u{feff}{}"), Code::JsonBom);
    assert_eq!(code_of("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"), Code::PemMalformed);
}

#[test]
fn an_open_ssh_line_is_read_to_its_last_byte() {
    let line = String::from_utf8(file("ed25519.ssh")).unwrap();
    let (kind, rest) = line.split_once(' ').unwrap();
    let blob = base64::decode(rest.split(' ').next().unwrap()).unwrap();
    let written = |kind: &str, blob: &[u8]| format!("{kind} {} comment", base64::encode(blob));
    for (what, bad) in [
        ("another type outside", written("ssh-rsa", &blob)),
        ("a byte more", written(kind, &[&blob[..], &[0]].concat())),
        ("a byte less", written(kind, &blob[..blob.len() - 1])),
        ("no key", kind.to_owned() + " "),
        ("no base64", format!("{kind} ****")),
        ("a comment with a control character", format!("{} a\u{1b}[2J", line.trim_end())),
        ("a long comment", format!("{} {}", line.trim_end(), "x".repeat(1025))),
        ("options", format!("{line}command=\"true\" {line}")),
    ] {
        assert_eq!(code_of(&bad), Code::KeyMalformed, "{what}");
    }
    for other in ["ssh-dss AAAA", "sk-ssh-ed25519@openssh.com AAAA", "ssh-ed25519-cert-v01@openssh.com AAAA"] {
        assert_eq!(code_of(other), Code::KeyAlgorithmMismatch, "{other}");
    }
    let rsa = String::from_utf8(file("rsa.ssh")).unwrap();
    let blob = base64::decode(rsa.split(' ').nth(1).unwrap()).unwrap();
    // The exponent with a zero before it: 4 + 7 bytes of type, then its length.
    let mut padded = blob.clone();
    padded[14] += 1;
    padded.insert(15, 0);
    assert_eq!(code_of(written("ssh-rsa", &padded)), Code::KeyMalformed);
}

#[test]
fn several_open_ssh_lines_are_a_set_with_comments_left_out() {
    let lines = [b"# release keys\n\n".to_vec(), file("p256.ssh"), file("rsa.ssh"), file("p256.ssh")].concat();
    let set = KeySet::read(&lines).unwrap();
    assert_eq!((set.keys().len(), set.left_out().len()), (2, 1));
}

#[test]
fn no_flipped_bit_and_no_cut_makes_the_reader_panic() {
    for path in ["p256.ssh", "rsa.jwk.json", "p384.pem", "ed25519.jwk.json"] {
        let good = file(path);
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                let _ = KeySet::read(&bad);
            }
        }
        for end in 0..good.len() {
            let _ = KeySet::read(&good[..end]);
        }
    }
}

#[test]
fn where_one_key_is_expected_nothing_else_stands_beside_it_b030() {
    let pem = stella_testkit::key::TestKey::p256("alone").public_pem();
    let code = |text: String| read_public_key(text.as_bytes()).map_err(|error| error.code()).err();
    assert_eq!(code(pem.clone()), None);
    for text in [format!("a key\n{pem}"), format!("{pem}that was it\n"), format!("{pem}{pem}")] {
        assert_eq!(code(text), Some(Code::PemMultipleObjects));
    }
}
