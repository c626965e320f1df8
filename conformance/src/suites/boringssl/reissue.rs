//! The certificates and lists of the suite under other keys: its own have 1,024 bits, with which nothing here verifies, and what the cases are about
//! are the lists. What was signed by a key is signed by the key that stands in for it; a signature that did not hold does not hold afterwards.

use rsa::BoxedUint;
use sha2::{Digest as _, Sha256};
use stella_testkit::der;
use stella_testkit::key::TestKey;
use stella_vocabulary::hex;

/// `sha256WithRSAEncryption` with its NULL.
const SHA256_RSA: &[u8] = &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];

/// One element of DER: its tag, its contents, and all of it.
#[derive(Clone, Copy)]
struct Element<'a> {
    tag: u8,
    contents: &'a [u8],
    whole: &'a [u8],
}

/// The elements of `der` in a row, if that is all it is.
fn elements(mut der: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut all = Vec::new();
    while let [tag, first, after @ ..] = der {
        let (length, header) = match *first {
            short @ 0..=0x7f => (usize::from(short), 2),
            0x81 => (usize::from(*after.first()?), 3),
            0x82 => (usize::from(u16::from_be_bytes([*after.first()?, *after.get(1)?])), 4),
            _ => return None,
        };
        let whole = der.get(..header + length)?;
        all.push(Element { tag: *tag, contents: whole.get(header..)?, whole });
        der = der.get(header + length..)?;
    }
    der.is_empty().then_some(all)
}

/// The parts of the one SEQUENCE that `der` is.
fn parts(der: &[u8]) -> Option<Vec<Element<'_>>> {
    match elements(der)?.as_slice() {
        [only] if only.tag == 0x30 => elements(only.contents),
        _ => None,
    }
}

/// The subjectPublicKeyInfo of a certificate.
pub(super) fn spki(certificate: &[u8]) -> Option<&[u8]> {
    let tbs = parts(parts(certificate)?.first()?.whole)?;
    let at = tbs.iter().position(|part| part.tag != 0xa0)?;
    // Behind it: serial number, algorithm, issuer, validity, subject.
    tbs.get(at + 5).map(|part| part.whole)
}

/// The key that stands in for `spki`.
fn stand_in(spki: &[u8]) -> TestKey {
    TestKey::p256(&format!("stella boringssl {} TEST KEY", hex::encode(&Sha256::digest(spki))))
}

/// A certificate, signed by `issuer` (a subjectPublicKeyInfo), under keys that stand in; with basicConstraints of an authority if `made_authority`: those
/// of the suite lack them, and only some of its cases put them into a path.
pub(super) fn certificate(der: &[u8], issuer: &[u8], made_authority: bool) -> Option<Vec<u8>> {
    let own = spki(der)?;
    reissue(der, issuer, |tbs| {
        let mut parts: Vec<Vec<u8>> = tbs.iter().map(|part| part.whole.to_vec()).collect();
        for (part, new) in tbs.iter().zip(&mut parts) {
            if part.whole == own {
                *new = stand_in(own).spki().to_vec();
            } else if let [from, until] = elements(part.contents).as_deref().unwrap_or_default()
                && [from, until].iter().all(|date| matches!(date.tag, 0x17 | 0x18))
            {
                *new = der::sequence([in_two_digits(from), in_two_digits(until)]);
            } else if part.tag == 0xa3 && made_authority {
                let list = elements(part.contents)?.first()?.contents;
                let constraints = der::sequence([der::boolean(true)]);
                let extension = der::sequence([
                    der::object_identifier("2.5.29.19"),
                    der::boolean(true),
                    der::octet_string(&constraints),
                ]);
                *new = der::context(3, [der::sequence([list, extension.as_slice()])]);
            }
        }
        Some(parts)
    })
}

/// A date before 2050 as certificates have to write it; the suite writes all of them in the long form.
fn in_two_digits(date: &Element<'_>) -> Vec<u8> {
    match date.contents {
        [b'2', b'0', b'0'..=b'4', _, ..] if date.tag == 0x18 => {
            der::element(0x17, date.contents.get(2..).unwrap_or(&[]))
        }
        _ => date.whole.to_vec(),
    }
}

/// A list, signed by the first of `issuers` that signed it; as it is, if it is none.
pub(super) fn list(der: &[u8], issuers: &[&[u8]]) -> Vec<u8> {
    let signed = |issuer: &&&[u8]| parts(der).is_some_and(|list| holds(&list, issuer));
    let issuer = issuers.iter().find(signed).or(issuers.first());
    let unchanged = |tbs: &[Element<'_>]| Some(tbs.iter().map(|part| part.whole.to_vec()).collect());
    issuer.and_then(|issuer| reissue(der, issuer, unchanged)).unwrap_or_else(|| der.to_vec())
}

fn reissue(der: &[u8], issuer: &[u8], change: impl FnOnce(&[Element<'_>]) -> Option<Vec<Vec<u8>>>) -> Option<Vec<u8>> {
    let outer = parts(der)?;
    let [tbs, algorithm, _] = outer.as_slice() else { return None };
    let key = stand_in(issuer);
    let other = |part: &[u8]| if part == SHA256_RSA { key.signature_algorithm() } else { part.to_vec() };
    let tbs = der::sequence(change(&parts(tbs.whole)?)?.iter().map(|part| other(part)));
    let mut signed = tbs.clone();
    if !holds(&outer, issuer) {
        signed.push(0);
    }
    Some(der::sequence([tbs, other(algorithm.whole), der::bit_string(&key.sign(&signed))]))
}

/// Whether the signature on what these are the parts of is by the RSA key `issuer`, whatever its length.
fn holds(parts: &[Element<'_>], issuer: &[u8]) -> bool {
    let check = || {
        let [tbs, algorithm, signature] = parts else { return None };
        let signature = signature.contents.strip_prefix(&[0])?;
        let key = elements(self::parts(issuer)?.get(1)?.contents.strip_prefix(&[0])?)?;
        let numbers = elements(key.first()?.contents)?;
        let [modulus, exponent] = numbers.as_slice() else { return None };
        let number = |part: &Element<'_>| BoxedUint::from_be_slice_vartime(part.contents);
        let key = rsa::PublicKey::new_with_size_limits(number(modulus), number(exponent), 512..=8192).ok()?;
        (algorithm.whole == SHA256_RSA).then_some(())?;
        key.pkcs1v15_verify_prehash::<Sha256>(&Sha256::digest(tbs.whole), signature).ok()
    };
    check().is_some()
}
