//! RFC 3161 tokens of other projects, and what a single change does to a good one.
#![allow(clippy::unwrap_used)]

mod common;

use stella_crypto_providers::{Registry, Scheme};
use stella_transparency::{TimestampError, TimestampToken};
use stella_vocabulary::{Code, Reason, hex};

/// Parses the token and verifies it with the first certificate, embedded or from the file of anchors, that its signer may have.
/// Chains are another crate's matter.
fn judge(token: &[u8], anchors: &[Vec<u8>]) -> Result<TimestampToken, Outcome> {
    let token = TimestampToken::parse(token).map_err(Outcome::Refused)?;
    let embedded = token.embedded_certificates();
    let candidates = embedded.iter().copied().chain(anchors.iter().map(Vec::as_slice));
    let signer = candidates.into_iter().find(|der| {
        common::fields(der).is_some_and(|fields| token.signer_matches(&fields.issuer, &fields.serial, None))
    });
    let signer = signer.ok_or(Outcome::NoSigner)?;
    let key = common::key(signer).ok_or(Outcome::NoKey)?;
    token.verify_signature(&Registry::rustcrypto(), signer, &key).map_err(Outcome::Refused)?;
    Ok(token)
}

#[derive(Debug)]
enum Outcome {
    NoKey,
    NoSigner,
    Refused(TimestampError),
}

impl Outcome {
    fn name(&self) -> String {
        match self {
            Self::NoKey => "no key".into(),
            Self::NoSigner => "no signer".into(),
            Self::Refused(error) => format!("{}: {error}", error.code()),
        }
    }
}

#[test]
fn tokens_of_other_projects_are_judged_with_the_stated_reason() {
    let expected = common::text("rfc3161/expect.txt");
    let mut actual = String::new();
    for case in common::json("rfc3161/cases.json").as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let anchors =
            case["root"].as_str().map(|root| common::certificates(&format!("rfc3161/{root}"))).unwrap_or_default();
        let outcome = judge(&common::testdata(&format!("rfc3161/{id}")), &anchors);
        let upstream = case["expected"].as_str().unwrap();
        match (&outcome, upstream) {
            (Err(error), "accept") => panic!("{id}: {}", error.name()),
            (Ok(_), "reject" | "not-a-token") => panic!("{id} accepted"),
            _ => {}
        }
        if let Ok(token) = &outcome {
            assert_eq!(case["imprint"].as_str().unwrap(), hex::encode(token.imprint()), "{id}");
            assert_eq!(case["hash"].as_str().unwrap(), token.imprint_algorithm().name(), "{id}");
            let refusal = token.verify_imprint(b"something else").unwrap_err();
            assert_eq!(refusal.code(), Code::TimeImprintMismatch, "{id}");
        }
        let outcome = outcome.map_or_else(|error| error.name(), |token| format!("accepted {}", token.gen_time()));
        actual += &format!("{id}\t{upstream}\t{outcome}\n");
    }
    assert_eq!(actual, expected, "\n{actual}");
}

const GOOD: &str = "rfc3161/rfc3161-client/response-sha384.tsr";

fn good() -> (Vec<u8>, Vec<Vec<u8>>) {
    (common::testdata(GOOD), common::certificates("rfc3161/rfc3161-client/roots/sigstage-ts_chain.pem"))
}

#[test]
fn a_token_says_when_what_and_under_which_policy() {
    let token = TimestampToken::parse(&good().0).unwrap();
    assert_eq!(token.gen_time().to_string(), "2025-05-09T11:58:55Z");
    assert_eq!(token.policy(), "1.3.6.1.4.1.57264.2");
    assert_eq!(token.imprint().len(), 48);
    assert!(!token.serial().is_empty());
    assert_eq!(token.verify_imprint(b"hello").map_err(|error| error.to_string()), Ok(()));
    let refusal = token.verify_imprint(b"hello ").unwrap_err();
    assert_eq!(refusal.found(), Some(hex::encode(token.imprint())));
}

#[test]
fn the_bare_token_of_a_response_says_the_same() {
    let (response, anchors) = good();
    // SEQUENCE with four octets of header, the status of five octets, the token.
    let token = &response[4 + 5..];
    let bare = judge(token, &anchors).unwrap();
    assert_eq!(bare.gen_time(), judge(&response, &anchors).unwrap().gen_time());
}

#[test]
fn a_response_that_is_not_granted_is_refused() {
    let (mut response, anchors) = good();
    let status = 8;
    assert_eq!(response[4..9], [0x30, 3, 2, 1, 0]);
    response[status] = 1;
    assert!(judge(&response, &anchors).is_ok());
    response[status] = 2;
    assert!(matches!(judge(&response, &anchors), Err(Outcome::Refused(TimestampError::NotGranted { status: 2 }))));
    assert!(matches!(TimestampToken::parse(&response[4..9]), Err(TimestampError::Der(_))));
    assert!(matches!(TimestampToken::parse(&[0x30, 5, 0x30, 3, 2, 1, 0]), Err(TimestampError::TokenMissing)));
}

#[test]
fn another_certificate_with_the_same_key_is_not_the_signer() {
    let (response, _) = good();
    let token = TimestampToken::parse(&response).unwrap();
    let signer = token.embedded_certificates()[0].to_vec();
    let key = common::key(&signer).unwrap();
    let registry = Registry::rustcrypto();
    assert!(token.verify_signature(&registry, &signer, &key).is_ok());

    let mut reissued = signer.clone();
    *reissued.last_mut().unwrap() ^= 1;
    let refusal = token.verify_signature(&registry, &reissued, &key).unwrap_err();
    assert!(matches!(refusal, TimestampError::SigningCertificateMismatch), "{refusal}");

    let other = &common::certificates("rfc3161/tspclient-go/roots/testdata-GlobalSignRootCA.crt")[0];
    let refusal = token.verify_signature(&registry, other, &key).unwrap_err();
    assert!(matches!(refusal, TimestampError::SignerMismatch), "{refusal}");
}

#[test]
fn a_key_prepared_before_serves_if_it_is_for_the_scheme_of_the_token() {
    let token = TimestampToken::parse(&good().0).unwrap();
    let signer = token.embedded_certificates()[0].to_vec();
    let key = common::key(&signer).unwrap();
    let prepare = |scheme| Registry::rustcrypto().prepare(scheme, &key).unwrap();
    let scheme = token.signature_scheme(key.key_type()).unwrap();
    assert_eq!(scheme, Scheme::EcdsaP384Sha256);
    assert!(token.verify_signature_prepared(&signer, &prepare(scheme)).is_ok());
    let refusal = token.verify_signature_prepared(&signer, &prepare(Scheme::EcdsaP384Sha384)).unwrap_err();
    assert!(matches!(refusal, TimestampError::SchemeMismatch { expected: Scheme::EcdsaP384Sha256, .. }));
}

#[test]
fn another_key_did_not_sign() {
    let (response, anchors) = good();
    let token = TimestampToken::parse(&response).unwrap();
    let signer = token.embedded_certificates()[0].to_vec();
    let refused = |key| token.verify_signature(&Registry::rustcrypto(), &signer, &key).unwrap_err().code();
    // The authority above has a key of the same type.
    let other = anchors.iter().filter_map(|anchor| common::key(anchor)).find(|key| {
        let own = common::key(&signer).unwrap();
        key.key_type() == own.key_type() && key.key_id() != own.key_id()
    });
    assert_eq!(refused(other.unwrap()), Code::TimeTsaUntrusted);
    let rsa = common::certificates("rfc3161/tspclient-go/roots/testdata-GlobalSignRootCA.crt");
    assert_eq!(refused(common::key(&rsa[0]).unwrap()), Code::KeyAlgorithmMismatch);
}

#[test]
fn no_flipped_bit_changes_what_a_token_proves() {
    let (response, anchors) = good();
    let claims = |token: &TimestampToken| {
        let nonce = token.nonce().map(<[u8]>::to_vec);
        (token.gen_time(), token.imprint().to_vec(), token.policy().to_string(), token.serial().to_vec(), nonce)
    };
    let token = judge(&response, &anchors).unwrap();
    let original = claims(&token);
    let signer = token.embedded_certificates()[0].to_vec();
    let key = common::key(&signer).unwrap();
    let embedded = response.windows(signer.len()).position(|window| window == signer).unwrap();
    // Nobody signs the status, the set of digest algorithms before the content, and the certificates that travel along.
    let unsigned = [8..9, 33..50, embedded..embedded + signer.len()];
    for position in 0..response.len() {
        let mut changed = response.clone();
        changed[position] ^= 1 << (position % 8);
        let Ok(token) = TimestampToken::parse(&changed) else { continue };
        if token.verify_signature(&Registry::rustcrypto(), &signer, &key).is_ok() {
            assert_eq!(claims(&token), original, "byte {position}");
            assert!(unsigned.iter().any(|range| range.contains(&position)), "byte {position}");
        }
    }
}

#[test]
fn every_prefix_of_a_token_is_refused() {
    let (response, _) = good();
    for length in 0..response.len() {
        assert!(TimestampToken::parse(&response[..length]).is_err(), "{length}");
    }
    assert_eq!(TimestampToken::parse(&[response, vec![0]].concat()).unwrap_err().code(), Code::X509DerTrailingData);
}

#[test]
fn a_token_above_the_limit_is_refused_before_it_is_read() {
    let limit = 1 << 20;
    assert_eq!(TimestampToken::parse(&vec![0; limit + 1]).unwrap_err().code(), Code::InputTooLarge);
    assert_eq!(TimestampToken::parse(&vec![0; limit]).unwrap_err().code(), Code::X509DerMalformed);
}
