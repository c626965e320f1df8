//! Signatures: the strict rules hold, and a second implementation agrees on everything else.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ring::signature as second;
use std::sync::OnceLock;
use stella_crypto_providers::{
    HashAlgorithm, KeyType, Message, PublicKey, Registry, Scheme, SignatureEncoding, VerifyingKey,
};
use stella_fuzz::{Input, check_reason};
use stella_testkit::key::TestKey;

/// A key of which signatures can be made, or one good signature is known.
struct Case {
    scheme: Scheme,
    key: VerifyingKey,
    signer: Option<TestKey>,
}

const RSA_KEY: &[u8] = include_bytes!("../../testdata/dsse-intoto/rekor/client-algos/rsa_public.pem");
const RSA_MESSAGE: &[u8] = include_bytes!("../../testdata/dsse-intoto/rekor/client-algos/file1");
const RSA_SIGNATURE: &[u8] = include_bytes!("../../testdata/dsse-intoto/rekor/client-algos/file1.rsa.sig");

fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let registry = Registry::rustcrypto();
        let rsa = PublicKey::from_pem(RSA_KEY).expect("a key");
        let case = |scheme: Scheme| {
            let signer = (scheme.key_type() != KeyType::Rsa).then(|| TestKey::new(scheme, "fuzz signature"));
            let public = signer.as_ref().map_or(&rsa, TestKey::public_key);
            let key = registry.prepare(scheme, public).expect("every scheme has a provider");
            Case { scheme, key, signer }
        };
        Scheme::ALL.iter().copied().map(case).collect()
    })
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let case = input.pick(cases());
    let encoding = if input.flag() { SignatureEncoding::Der } else { SignatureEncoding::Fixed };
    let mut message = input.bytes(64).to_vec();
    let mut signature = match &case.signer {
        Some(signer) => signer.sign_as(&message, encoding),
        None => {
            message = RSA_MESSAGE.to_vec();
            RSA_SIGNATURE.to_vec()
        }
    };
    match input.below(8) {
        0 => signature = input.bytes(160).to_vec(),
        1 => {
            // A number plus the order of its group is the same number.
            add_order(&mut signature, case.scheme.key_type());
        }
        2 => signature.reverse(),
        3 => message.push(input.byte()),
        4 => {}
        _ => {
            for _ in 0..=input.below(3) {
                edit(&mut signature, &mut input);
            }
        }
    }
    let verify = |message: Message<'_>, signature: &[u8]| case.key.verify(message, signature, encoding);
    let verdict = verify(Message::Parts(&[&message]), &signature);
    if let Err(error) = &verdict {
        check_reason(error);
    }
    let accepted = verdict.is_ok();

    // However the message comes, it is the same message.
    let (head, tail) = message.split_at(input.below(message.len() + 1));
    assert_eq!(verify(Message::Parts(&[head, &[], tail]), &signature).is_ok(), accepted);
    if let Some(hash) = case.scheme.hash() {
        let digest = hash.hash(&[&message]);
        let prehashed = Message::Prehashed { hash, digest: digest.as_bytes() };
        assert_eq!(verify(prehashed, &signature).is_ok(), accepted);
        for other in HashAlgorithm::ALL.iter().filter(|other| **other != hash) {
            let digest = other.hash(&[&message]);
            assert!(verify(Message::Prehashed { hash: *other, digest: digest.as_bytes() }, &signature).is_err());
        }
    }
    let expected = elsewhere(case, encoding, &message, &signature);
    assert_eq!(accepted, expected, "{}: {verdict:?}", case.scheme);
    if accepted {
        check_strict(case, encoding, &message, &signature);
    }
});

fn edit(signature: &mut Vec<u8>, input: &mut Input<'_>) {
    let at = input.below(signature.len());
    match input.below(5) {
        0 => signature.truncate(at),
        1 => signature.insert(at, input.byte()),
        2 if !signature.is_empty() => drop(signature.remove(at)),
        3 => signature.extend_from_slice(input.bytes(4)),
        _ => {
            if let Some(byte) = signature.get_mut(at) {
                *byte ^= 1 << input.below(8);
            }
        }
    }
}

fn add_order(signature: &mut [u8], key_type: KeyType) {
    // RFC 8032 §5.1: L, little-endian.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    if key_type != KeyType::Ed25519 {
        return;
    }
    let mut carry = 0;
    for (byte, add) in signature.iter_mut().skip(32).zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
}

/// What accepts one encoding accepts no other, and no byte more or less.
fn check_strict(case: &Case, encoding: SignatureEncoding, message: &[u8], signature: &[u8]) {
    let verify = |signature: &[u8], encoding| case.key.verify(Message::Parts(&[message]), signature, encoding);
    let other = if encoding == SignatureEncoding::Der { SignatureEncoding::Fixed } else { SignatureEncoding::Der };
    let one_encoding = matches!(case.scheme.key_type(), KeyType::Ed25519 | KeyType::Rsa);
    assert_eq!(verify(signature, other).is_ok(), one_encoding);
    for longer in [[signature, &[0]].concat(), [&[0], signature].concat()] {
        assert!(verify(&longer, encoding).is_err());
    }
    assert!(verify(&signature[1..], encoding).is_err());
    assert!(verify(&signature[..signature.len() - 1], encoding).is_err());
}

/// What a second implementation says. For P-521, which `ring` has not, the curve's own crate without the strict layer.
fn elsewhere(case: &Case, encoding: SignatureEncoding, message: &[u8], signature: &[u8]) -> bool {
    use SignatureEncoding::{Der, Fixed};
    let raw = case.key.public_key().raw();
    let hash = case.scheme.hash().map(HashAlgorithm::name);
    let algorithm: &'static dyn second::VerificationAlgorithm =
        match (case.scheme.key_type(), hash, case.scheme.name().contains("pss"), encoding) {
            (KeyType::Ed25519, ..) => {
                return ed25519(raw, message, signature);
            }
            (KeyType::EcP256, Some("sha256"), _, Der) => &second::ECDSA_P256_SHA256_ASN1,
            (KeyType::EcP256, Some("sha256"), _, Fixed) => &second::ECDSA_P256_SHA256_FIXED,
            (KeyType::EcP256, Some("sha384"), _, Der) => &second::ECDSA_P256_SHA384_ASN1,
            (KeyType::EcP384, Some("sha256"), _, Der) => &second::ECDSA_P384_SHA256_ASN1,
            (KeyType::EcP384, Some("sha384"), _, Der) => &second::ECDSA_P384_SHA384_ASN1,
            (KeyType::EcP384, Some("sha384"), _, Fixed) => &second::ECDSA_P384_SHA384_FIXED,
            (KeyType::Rsa, Some("sha256"), false, _) => &second::RSA_PKCS1_2048_8192_SHA256,
            (KeyType::Rsa, Some("sha384"), false, _) => &second::RSA_PKCS1_2048_8192_SHA384,
            (KeyType::Rsa, Some("sha512"), false, _) => &second::RSA_PKCS1_2048_8192_SHA512,
            (KeyType::Rsa, Some("sha256"), true, _) => &second::RSA_PSS_2048_8192_SHA256,
            (KeyType::Rsa, Some("sha384"), true, _) => &second::RSA_PSS_2048_8192_SHA384,
            (KeyType::Rsa, Some("sha512"), true, _) => &second::RSA_PSS_2048_8192_SHA512,
            (KeyType::Rsa, ..) => panic!("{}: an RSA scheme this target does not know", case.scheme),
            _ => return rustcrypto(case, encoding, message, signature),
        };
    second::UnparsedPublicKey::new(algorithm, raw).verify(message, signature).is_ok()
}

/// Both have to agree with one another, too.
fn ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let strictly = || {
        let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
        let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
        key.verify_strict(message, &signature).ok()
    };
    let strictly = strictly().is_some();
    let second = second::UnparsedPublicKey::new(&second::ED25519, key).verify(message, signature).is_ok();
    assert!(second || !strictly);
    strictly
}

fn rustcrypto(case: &Case, encoding: SignatureEncoding, message: &[u8], signature: &[u8]) -> bool {
    use p521::ecdsa::signature::hazmat::PrehashVerifier as _;
    let Some(hash) = case.scheme.hash() else { return false };
    let digest = hash.hash(&[message]);
    let raw = case.key.public_key().raw();
    macro_rules! curve {
        ($curve:ident) => {{
            let Ok(key) = $curve::ecdsa::VerifyingKey::from_sec1_bytes(raw) else { return false };
            let signature = match encoding {
                SignatureEncoding::Der => $curve::ecdsa::Signature::from_der(signature),
                _ => $curve::ecdsa::Signature::from_slice(signature),
            };
            signature.is_ok_and(|signature| key.verify_prehash(digest.as_bytes(), &signature).is_ok())
        }};
    }
    match case.scheme.key_type() {
        KeyType::EcP256 => curve!(p256),
        KeyType::EcP384 => curve!(p384),
        KeyType::EcP521 => curve!(p521),
        other => panic!("{other} is no curve"),
    }
}
