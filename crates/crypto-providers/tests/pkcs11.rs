//! Tokens, against SoftHSM. It finds its configuration in the environment when it is loaded, so each scene runs in a process of its own.
#![cfg(feature = "pkcs11")]
#![allow(clippy::disallowed_methods, reason = "the environment says where the scene is")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use stella_crypto_providers::pkcs11::{
    Access, LoginRefusal, Module, NewTokenKey, Pkcs11Error, Token, TokenKey, TokenProvider,
};
use stella_crypto_providers::{
    HashAlgorithm, Message, Pkcs11Uri, Provider, Registry, RustCrypto, Scheme, SignError, SignatureEncoding, Signer,
    kit,
};
use stella_testkit::softhsm::{CONFIGURATION, PIN, SoftHsm};
use stella_vocabulary::{Code, Reason};

/// Runs a scene with the tokens of these labels. What it prints and how it ends is its own.
fn play(scene: &str, tokens: &[&str]) {
    let Some(softhsm) = SoftHsm::find() else { return };
    for label in tokens {
        softhsm.token(label);
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("scenes::{scene}"), "--ignored", "--nocapture"])
        .env(CONFIGURATION, softhsm.configuration())
        .env("SCENE_MODULE", softhsm.module())
        .status()
        .unwrap();
    assert!(status.success(), "{scene}");
}

#[test]
fn a_key_made_in_a_token_signs_by_every_scheme_of_its_type() {
    play("signs", &["release"]);
}

#[test]
fn a_token_verifies_as_published_and_as_the_built_in_provider_does() {
    play("verifies", &["release"]);
}

#[test]
fn what_is_not_there_or_is_there_twice_is_said() {
    play("refuses", &["release", "other", "twin", "twin"]);
}

#[test]
fn a_wrong_pin_is_tried_once_and_nobody_signs_without_a_login() {
    play("logs_in", &["release"]);
}

#[test]
fn what_is_no_module_is_not_loaded() {
    for (path, found) in [
        ("/no/such/module.so", "module.so"),
        ("libsofthsm2.so", "not absolute"),
        (concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "ELF"),
    ] {
        let error = Module::load(Path::new(path)).unwrap_err();
        assert_eq!(error.code(), Code::CryptoProviderFailed);
        assert_eq!(error.place().as_deref(), Some(path));
        assert!(error.found().unwrap().contains(found), "{:?}", error.found());
    }
}

fn uri(text: &str) -> Pkcs11Uri {
    text.parse().unwrap()
}

fn module() -> Module {
    Module::load(Path::new(&std::env::var_os("SCENE_MODULE").unwrap())).unwrap()
}

fn opened(text: &str) -> Token {
    let token = module().token(&uri(text), Access::ReadWrite).unwrap();
    token.log_in(Some(PIN.as_bytes())).unwrap();
    token
}

fn made(token: &Token, scheme: Scheme, number: u8) -> TokenKey {
    token.generate(&NewTokenKey { scheme, label: &format!("key {number}"), id: &[7, number] }).unwrap()
}

mod scenes {
    use super::*;

    const MESSAGE: &[&[u8]] = &[b"in two ", b"parts"];

    fn signs_by(key: &TokenKey, scheme: Scheme) {
        let verifying = Registry::rustcrypto().prepare(scheme, key.public_key()).unwrap();
        for encoding in [SignatureEncoding::Der, SignatureEncoding::Fixed] {
            let signature = key.sign(Message::Parts(MESSAGE), encoding).unwrap();
            verifying.verify(Message::Parts(MESSAGE), &signature, encoding).unwrap();
            let error = verifying.verify(Message::Parts(&[b"another"]), &signature, encoding).unwrap_err();
            assert_eq!(error.code(), Code::SigInvalid, "{scheme}");
        }
        let digest = scheme.hash().unwrap_or(HashAlgorithm::Sha512).hash(MESSAGE);
        let prehashed = Message::Prehashed { hash: digest.algorithm(), digest: digest.as_bytes() };
        match (scheme.hash(), key.sign(prehashed, SignatureEncoding::Der)) {
            (Some(_), signature) => {
                verifying.verify(Message::Parts(MESSAGE), &signature.unwrap(), SignatureEncoding::Der).unwrap();
            }
            (None, signature) => {
                assert!(matches!(signature, Err(SignError::PrehashUnsuitable { .. })), "{signature:?}");
            }
        }
    }

    #[test]
    #[ignore = "a scene"]
    fn signs() {
        let token = opened("pkcs11:token=release");
        let firsts = [
            Scheme::EcdsaP256Sha256,
            Scheme::EcdsaP384Sha384,
            Scheme::EcdsaP521Sha512,
            Scheme::Ed25519,
            Scheme::RsaPssSha256,
        ];
        let mut signed = 0;
        for (first, number) in firsts.into_iter().zip(1..) {
            let mut key = made(&token, first, number);
            assert_eq!(key.scheme(), first);
            for scheme in Scheme::ALL.iter().copied().filter(|scheme| scheme.key_type() == first.key_type()) {
                key = key.with_scheme(scheme).unwrap();
                signs_by(&key, scheme);
                signed += 1;
            }
            // The URI of a key leads to it, and the key reads the same from its public object.
            let again = token.key(key.uri()).unwrap();
            assert_eq!(again.public_key(), key.public_key());
            assert_eq!(again.uri(), key.uri());
            assert_eq!(again.uri().id(), Some(&[7, number][..]));
            let unsuitable = again.with_scheme(firsts[usize::from(number) % firsts.len()]).unwrap_err();
            assert_eq!(unsuitable.code(), Code::KeyAlgorithmMismatch);
        }
        assert_eq!(signed, Scheme::ALL.len());
        let taken = token.generate(&NewTokenKey { scheme: Scheme::Ed25519, label: "key 1", id: &[9] }).unwrap_err();
        assert!(matches!(taken, Pkcs11Error::LabelTaken { .. }), "{taken:?}");
        let taken = token.generate(&NewTokenKey { scheme: Scheme::Ed25519, label: "key 9", id: &[7, 1] }).unwrap_err();
        assert!(matches!(taken, Pkcs11Error::LabelTaken { .. }), "{taken:?}");
    }

    #[test]
    #[ignore = "a scene"]
    fn verifies() {
        // Nobody logs in.
        let token = module().token(&uri("pkcs11:token=release"), Access::ReadOnly).unwrap();
        let provider = Arc::new(TokenProvider::new(token));
        assert_eq!(provider.name(), "pkcs11");
        println!("{}: verifies {:?}", provider.version(), provider.schemes());
        assert_eq!(provider.schemes(), Scheme::ALL);
        assert_eq!(provider.signing_schemes(), Scheme::ALL);
        let examination = kit::examine(provider.clone());
        assert!(examination.passed(), "{examination}");
        let compared = kit::compare(provider, Arc::new(RustCrypto));
        assert!(compared.passed(), "{compared}");
    }

    #[test]
    #[ignore = "a scene"]
    fn refuses() {
        let module = module();
        let none = module.token(&uri("pkcs11:token=nowhere"), Access::ReadOnly).unwrap_err();
        assert_eq!(none.code(), Code::CryptoProviderFailed);
        assert!(none.found().unwrap().contains("release"), "{:?}", none.found());
        let several = module.token(&uri("pkcs11:token=twin"), Access::ReadOnly).unwrap_err();
        assert_eq!(several.code(), Code::UsageConflict);
        assert!(several.found().unwrap().contains("serial"), "{:?}", several.found());
        for other in [
            "serial=00",
            "model=none",
            "manufacturer=nobody",
            "slot-id=99999",
            "slot-description=x",
            "slot-manufacturer=x",
            "library-description=x",
            "library-manufacturer=x",
            "library-version=99",
        ] {
            let error = module.token(&uri(&format!("pkcs11:token=release;{other}")), Access::ReadOnly).unwrap_err();
            assert!(matches!(error, Pkcs11Error::NoToken { .. }), "{other}: {error:?}");
        }

        let token = opened("pkcs11:token=release;manufacturer=SoftHSM%20project");
        let missing = token.key(&uri("pkcs11:object=key%201")).unwrap_err();
        assert_eq!(missing.code(), Code::StoreNotFound);
        let key = made(&token, Scheme::EcdsaP256Sha256, 1);
        assert_eq!(token.key(&uri("pkcs11:")).unwrap().public_key(), key.public_key());
        assert!(matches!(token.key(&uri("pkcs11:object=key%202")), Err(Pkcs11Error::NoObject { .. })));
        assert!(matches!(token.key(&uri("pkcs11:id=%07%02")), Err(Pkcs11Error::NoObject { .. })));
        assert!(matches!(token.key(&uri("pkcs11:type=public")), Err(Pkcs11Error::NotPrivate { found: "public" })));
        made(&token, Scheme::EcdsaP384Sha384, 2);
        let several = token.key(&uri("pkcs11:")).unwrap_err();
        assert_eq!(several.code(), Code::UsageConflict);
        assert_eq!(several.found().unwrap(), "object=key%201;id=%07%01, object=key%202;id=%07%02");
        // A key is looked for in its own token.
        let other = opened("pkcs11:token=other");
        assert!(matches!(other.key(key.uri()), Err(Pkcs11Error::NoObject { .. })));
    }

    #[test]
    #[ignore = "a scene"]
    fn logs_in() {
        let token = opened("pkcs11:token=release");
        made(&token, Scheme::EcdsaP256Sha256, 1);
        drop(token);
        // With the last session the login ended.
        let token = module().token(&uri("pkcs11:token=release"), Access::ReadOnly).unwrap();
        assert!(token.needs_login() && !token.has_pin_pad());
        assert!(matches!(token.key(&uri("pkcs11:")), Err(Pkcs11Error::NoObject { .. })));
        for (pin, refusal) in [
            (None, LoginRefusal::Missing),
            (Some("000000"), LoginRefusal::Incorrect),
            (Some(""), LoginRefusal::Incorrect),
        ] {
            let error = token.log_in(pin.map(str::as_bytes)).unwrap_err();
            assert_eq!(error, Pkcs11Error::Login { token: "release".into(), refusal });
            assert_eq!(error.code(), Code::CryptoLoginRefused);
        }
        token.log_in(Some(PIN.as_bytes())).unwrap();
        // Twice is not too often.
        token.log_in(Some(PIN.as_bytes())).unwrap();
        token.key(&uri("pkcs11:")).unwrap().sign(Message::Parts(MESSAGE), SignatureEncoding::Der).unwrap();
    }
}
