//! OCSP responses: who may answer, when an answer counts, and how they are read.

use stella_chain_verify::{
    Certificate, ChainError, ChainPolicy, OcspResponse, OcspResponseError, Purpose, ResponderFault, Revocation,
    RevocationGap, UnknownStatus,
};
use stella_crypto_providers::{HashAlgorithm, Message, SignatureEncoding, Signer, SigningKey};
use stella_vocabulary::{Code, Reason};

use crate::builder::*;

const BASIC: &str = "1.3.6.1.5.5.7.48.1.1";
const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const NO_CHECK: &str = "1.3.6.1.5.5.7.48.1.5";
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
const GENERALIZED: u8 = 0x18;

/// Leaf (number 5) ← intermediate (number 6) ← root.
fn chain() -> Chain {
    let mut chain = Chain::new();
    chain.leaf.serial = vec![5];
    chain.intermediate.serial = vec![6];
    chain
}

/// An answer to be.
#[derive(Clone)]
struct Answer {
    issuer: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: u8,
    status: Vec<u8>,
    this_update: &'static str,
    next_update: Option<&'static str>,
    extensions: Vec<u8>,
}

impl Answer {
    /// Good, from and until the days around noon.
    fn about(serial: u8, issuer: &str, issuer_key: &SigningKey) -> Self {
        Self {
            issuer: name(issuer),
            issuer_key: issuer_key.public_key().raw().to_vec(),
            serial,
            status: vec![0x80, 0],
            this_update: "20250614000000Z",
            next_update: Some("20250616000000Z"),
            extensions: Vec::new(),
        }
    }

    fn leaf() -> Self {
        Self::about(5, "Issuing CA", &key(2))
    }

    fn intermediate() -> Self {
        Self::about(6, "Root CA", &key(1))
    }

    fn revoked(mut self, reason: Option<u8>) -> Self {
        let reason = reason.map(|code| tlv(0xa0, &tlv(0x0a, &[code]))).unwrap_or_default();
        self.status = tlv(0xa1, &[tlv(GENERALIZED, b"20250610000000Z"), reason].concat());
        self
    }

    fn der(&self) -> Vec<u8> {
        let hash = |bytes: &[u8]| tlv(0x04, HashAlgorithm::Sha256.hash(&[bytes]).as_bytes());
        let id = [
            tlv(SEQUENCE, &oid("2.16.840.1.101.3.4.2.1")),
            hash(&self.issuer),
            hash(&self.issuer_key),
            tlv(0x02, &[self.serial]),
        ];
        let next = self.next_update.map(|next| tlv(0xa0, &tlv(GENERALIZED, next.as_bytes()))).unwrap_or_default();
        let extensions =
            if self.extensions.is_empty() { Vec::new() } else { tlv(0xa1, &tlv(SEQUENCE, &self.extensions)) };
        let this = tlv(GENERALIZED, self.this_update.as_bytes());
        tlv(SEQUENCE, &[tlv(SEQUENCE, &id.concat()), self.status.clone(), this, next, extensions].concat())
    }
}

/// A response to be.
#[derive(Clone)]
struct Draft6960 {
    responder: Vec<u8>,
    answers: Vec<Answer>,
    extensions: Vec<u8>,
    certificates: Vec<Vec<u8>>,
    status: u8,
    kind: &'static str,
}

impl Draft6960 {
    fn by(responder: &str, answers: Vec<Answer>) -> Self {
        let responder = tlv(0xa1, &name(responder));
        Self { responder, answers, extensions: Vec::new(), certificates: Vec::new(), status: 0, kind: BASIC }
    }

    fn bringing(mut self, certificate: &Certificate) -> Self {
        self.certificates.push(certificate.der().to_vec());
        self
    }

    fn with_nonce(mut self, nonce: &[u8]) -> Self {
        self.extensions = extension(NONCE, false, &tlv(0x04, nonce));
        self
    }

    fn der(&self, signer: &SigningKey) -> Vec<u8> {
        let answers: Vec<u8> = self.answers.iter().flat_map(Answer::der).collect();
        let extensions =
            if self.extensions.is_empty() { Vec::new() } else { tlv(0xa1, &tlv(SEQUENCE, &self.extensions)) };
        let produced = tlv(GENERALIZED, b"20250615000000Z");
        let tbs = tlv(SEQUENCE, &[self.responder.clone(), produced, tlv(SEQUENCE, &answers), extensions].concat());
        let signature = signer.sign(Message::Parts(&[&tbs]), SignatureEncoding::Der).unwrap();
        let certificates = if self.certificates.is_empty() {
            Vec::new()
        } else {
            tlv(0xa0, &tlv(SEQUENCE, &self.certificates.concat()))
        };
        let algorithm = tlv(SEQUENCE, &oid("1.3.101.112"));
        let basic = tlv(SEQUENCE, &[tbs, algorithm, tlv(0x03, &[vec![0], signature].concat()), certificates].concat());
        let bytes = tlv(0xa0, &tlv(SEQUENCE, &[oid(self.kind), tlv(0x04, &basic)].concat()));
        tlv(SEQUENCE, &[tlv(0x0a, &[self.status]), bytes].concat())
    }

    fn sign(&self, signer: &SigningKey) -> OcspResponse {
        OcspResponse::from_der(&self.der(signer)).unwrap()
    }
}

/// What the root says of the intermediate, so that only the leaf is in question.
fn of_root() -> OcspResponse {
    Draft6960::by("Root CA", vec![Answer::intermediate()]).sign(&key(1))
}

fn judge_with(chain: &Chain, revocation: &Revocation) -> Result<(), ChainError> {
    let policy = ChainPolicy::new(Purpose::code_signing());
    let pool = pool(vec![chain.root.sign(&key(1))], vec![chain.intermediate.sign(&key(1))]);
    let found = pool.search_unrevoked(&chain.leaf.sign(&key(2)), &[], at(NOON), &policy, revocation);
    found.into_result().map(drop).map_err(|refused| refused.best)
}

fn deny(responses: Vec<OcspResponse>) -> Revocation {
    Revocation::new(UnknownStatus::Deny).with_responses([vec![of_root()], responses].concat())
}

fn judge(responses: Vec<OcspResponse>) -> Result<(), ChainError> {
    judge_with(&chain(), &deny(responses))
}

fn fault(responses: Vec<OcspResponse>) -> ResponderFault {
    match judge(responses).unwrap_err() {
        ChainError::OcspResponseUntrusted { cert: 0, fault, .. } => fault,
        other => panic!("{other}"),
    }
}

fn gap(responses: Vec<OcspResponse>) -> RevocationGap {
    match judge(responses).unwrap_err() {
        ChainError::RevocationUnknown { cert: 0, gap, .. } => gap,
        other => panic!("{other}"),
    }
}

fn by_authority(answer: Answer) -> OcspResponse {
    Draft6960::by("Issuing CA", vec![answer]).sign(&key(2))
}

#[test]
fn the_authority_itself_may_answer_by_name_and_by_key() {
    assert_eq!(judge(vec![by_authority(Answer::leaf())]), Ok(()));
    let hash = {
        use sha1::Digest as _;
        sha1::Sha1::digest(key(2).public_key().raw()).to_vec()
    };
    let by_key = Draft6960 { responder: tlv(0xa2, &tlv(0x04, &hash)), ..Draft6960::by("", vec![Answer::leaf()]) };
    assert_eq!(judge(vec![by_key.sign(&key(2))]), Ok(()));
    assert_eq!(fault(vec![by_key.sign(&key(9))]), ResponderFault::Signature);
    assert_eq!(gap(vec![]), RevocationGap::Missing);
}

#[test]
fn what_one_response_says_to_be_revoked_is_revoked_whatever_the_others_say() {
    let (good, revoked) = (by_authority(Answer::leaf()), by_authority(Answer::leaf().revoked(Some(1))));
    for responses in [vec![revoked.clone()], vec![good.clone(), revoked.clone()], vec![revoked.clone(), good]] {
        match judge(responses).unwrap_err() {
            ChainError::Revoked { cert: 0, cause, revoked_at, .. } => {
                assert_eq!((cause, revoked_at), ("keyCompromise", at("2025-06-10T00:00:00Z")));
            }
            other => panic!("{other}"),
        }
    }
    let allow = Revocation::new(UnknownStatus::Allow).with_responses(vec![revoked]);
    assert_eq!(judge_with(&chain(), &allow).unwrap_err().code(), Code::X509Revoked);
    // A list beside a response that says good.
    let list = ListDraft::new("Issuing CA").revoking(5, &[]).sign(&key(2));
    let both = deny(vec![by_authority(Answer::leaf())]).with_lists(vec![list]);
    assert_eq!(judge_with(&chain(), &both).unwrap_err().code(), Code::X509Revoked);
    let without_reason = by_authority(Answer::leaf().revoked(None));
    assert_eq!(judge(vec![without_reason]).unwrap_err().code(), Code::X509Revoked);
}

#[test]
fn an_old_answer_that_revokes_for_good_still_does() {
    let old = |answer: Answer| by_authority(Answer { next_update: Some("20250615115959Z"), ..answer });
    assert_eq!(judge(vec![old(Answer::leaf().revoked(Some(1)))]).unwrap_err().code(), Code::X509Revoked);
    // certificateHold may have been lifted since.
    let held = vec![old(Answer::leaf().revoked(Some(6)))];
    assert_eq!(gap(held.clone()), RevocationGap::Stale);
    assert_eq!(judge([held, vec![by_authority(Answer::leaf())]].concat()), Ok(()));
}

#[test]
fn a_responder_that_does_not_know_the_certificate_says_nothing() {
    let unknown = Answer { status: vec![0x82, 0], ..Answer::leaf() };
    assert_eq!(gap(vec![by_authority(unknown.clone())]), RevocationGap::UnknownToResponder);
    let allow = Revocation::new(UnknownStatus::Allow).with_responses(vec![by_authority(unknown)]);
    assert_eq!(judge_with(&chain(), &allow), Ok(()));
}

#[test]
fn an_answer_is_about_name_key_and_number() {
    for other in [
        Answer { serial: 7, ..Answer::leaf() },
        Answer { issuer: name("Another CA"), ..Answer::leaf() },
        Answer { issuer_key: key(8).public_key().raw().to_vec(), ..Answer::leaf() },
    ] {
        assert_eq!(gap(vec![by_authority(other)]), RevocationGap::Missing);
    }
    let second = Draft6960::by("Issuing CA", vec![Answer { serial: 7, ..Answer::leaf() }, Answer::leaf()]);
    assert_eq!(judge(vec![second.sign(&key(2))]), Ok(()));
}

#[test]
fn an_answer_counts_from_its_update_to_the_next_both_included() {
    let from = |this_update, next_update| by_authority(Answer { this_update, next_update, ..Answer::leaf() });
    assert_eq!(judge(vec![from("20250615120000Z", Some("20250616000000Z"))]), Ok(()));
    assert_eq!(judge(vec![from("20250614000000Z", Some("20250615120000Z"))]), Ok(()));
    assert_eq!(gap(vec![from("20250615120001Z", Some("20250616000000Z"))]), RevocationGap::NotYetValid);
    assert_eq!(gap(vec![from("20250614000000Z", Some("20250615115959Z"))]), RevocationGap::Stale);
    // Without an end, only with a limit of one's own.
    assert_eq!(gap(vec![from("20250614000000Z", None)]), RevocationGap::Stale);
    let aged = |seconds| {
        let answers = vec![from("20250615000000Z", None)];
        let of_root = Answer { this_update: "20250615000000Z", ..Answer::intermediate() };
        let of_root = Draft6960::by("Root CA", vec![of_root]).sign(&key(1));
        let responses = [vec![of_root], answers].concat();
        judge_with(&chain(), &Revocation::new(UnknownStatus::Deny).with_responses(responses).with_max_age(seconds))
    };
    assert_eq!(aged(43_200), Ok(()));
    assert_eq!(aged(43_199).unwrap_err().code(), Code::X509RevocationUnknown);
}

/// A responder with key 4, put in its place by the issuing authority.
fn delegate() -> Draft {
    let mut draft = Draft::new("Responder", &key(4), "Issuing CA")
        .with(KEY_USAGE, true, tlv(0x03, &[7, 0x80]))
        .with(EXTENDED_KEY_USAGE, false, tlv(SEQUENCE, &oid(OCSP_SIGNING)))
        .with(NO_CHECK, false, vec![5, 0]);
    draft.serial = vec![9];
    draft
}

fn by_delegate(certificate: &Certificate) -> OcspResponse {
    Draft6960::by("Responder", vec![Answer::leaf()]).bringing(certificate).sign(&key(4))
}

#[test]
fn a_delegate_of_the_authority_may_answer_and_nobody_else() {
    assert_eq!(judge(vec![by_delegate(&delegate().sign(&key(2)))]), Ok(()));
    // Not issued with the key of the authority, though in its name; by another authority; without the purpose; with any purpose.
    assert_eq!(fault(vec![by_delegate(&delegate().sign(&key(9)))]), ResponderFault::NotIssuedByAuthority);
    let of_root = Draft { issuer: name("Root CA"), ..delegate() };
    assert_eq!(fault(vec![by_delegate(&of_root.sign(&key(1)))]), ResponderFault::NotIssuedByAuthority);
    for usage in [CODE_SIGNING, "2.5.29.37.0"] {
        let other = delegate().with(EXTENDED_KEY_USAGE, false, tlv(SEQUENCE, &oid(usage)));
        assert_eq!(fault(vec![by_delegate(&other.sign(&key(2)))]), ResponderFault::NotDelegated, "{usage}");
    }
    let without = delegate().without(EXTENDED_KEY_USAGE);
    assert_eq!(fault(vec![by_delegate(&without.sign(&key(2)))]), ResponderFault::NotDelegated);
    let expired = delegate().valid("240101000000Z", "250615115959Z");
    assert_eq!(fault(vec![by_delegate(&expired.sign(&key(2)))]), ResponderFault::CertificateNotValid);
    let unsuited = delegate().with(KEY_USAGE, true, tlv(0x03, &[5, 0x20]));
    assert_eq!(fault(vec![by_delegate(&unsuited.sign(&key(2)))]), ResponderFault::CertificateNotValid);
    let unknown = delegate().with("1.2.3.4", true, vec![5, 0]);
    assert_eq!(fault(vec![by_delegate(&unknown.sign(&key(2)))]), ResponderFault::CertificateNotValid);
    let alone = Draft6960::by("Responder", vec![Answer::leaf()]).sign(&key(4));
    assert_eq!(fault(vec![alone]), ResponderFault::Unidentified);
}

#[test]
fn a_delegate_without_nocheck_needs_a_status_of_its_own() {
    let response = by_delegate(&delegate().without(NO_CHECK).sign(&key(2)));
    assert_eq!(fault(vec![response.clone()]), ResponderFault::StatusUnknown);
    let list = |draft: ListDraft| deny(vec![response.clone()]).with_lists(vec![draft.sign(&key(2))]);
    let silent_list = ListDraft::new("Issuing CA").revoking(9, &[]);
    assert_eq!(judge_with(&chain(), &list(ListDraft::new("Issuing CA"))), Ok(()));
    // The leaf is on no list here that says it is good by itself: the list is of the same authority, so it does.
    assert_eq!(judge_with(&chain(), &list(silent_list)), Ok(()));
    let allow = Revocation::new(UnknownStatus::Allow).with_responses(vec![response.clone()]);
    assert_eq!(judge_with(&chain(), &allow), Ok(()));
}

#[test]
fn a_response_must_carry_the_nonce_that_was_asked_for() {
    let draft = Draft6960::by("Issuing CA", vec![Answer::leaf()]);
    let asked = |response: OcspResponse| {
        let of_root = Draft6960::by("Root CA", vec![Answer::intermediate()]).with_nonce(b"12345678").sign(&key(1));
        let responses = vec![of_root, response];
        let revocation =
            Revocation::new(UnknownStatus::Deny).with_responses(responses).with_nonce(b"12345678".to_vec());
        judge_with(&chain(), &revocation).map_err(|error| error.code())
    };
    assert_eq!(asked(draft.clone().with_nonce(b"12345678").sign(&key(2))), Ok(()));
    assert_eq!(asked(draft.clone().with_nonce(b"12345679").sign(&key(2))), Err(Code::X509OcspUntrusted));
    assert_eq!(asked(draft.clone().sign(&key(2))), Err(Code::X509OcspUntrusted));
    // Nobody asked.
    assert_eq!(judge(vec![draft.with_nonce(b"whatever").sign(&key(2))]), Ok(()));
}

#[test]
fn critical_extensions_nobody_knows_make_a_response_useless() {
    let mut draft = Draft6960::by("Issuing CA", vec![Answer::leaf()]);
    draft.extensions = extension("1.2.3.4", true, &[5, 0]);
    assert_eq!(gap(vec![draft.sign(&key(2))]), RevocationGap::Unusable);
    let single = Answer { extensions: extension("1.2.3.4", true, &[5, 0]), ..Answer::leaf() };
    assert_eq!(gap(vec![by_authority(single)]), RevocationGap::Unusable);
    let harmless = Answer { extensions: extension("1.2.3.4", false, &[5, 0]), ..Answer::leaf() };
    assert_eq!(judge(vec![by_authority(harmless)]), Ok(()));
}

#[test]
fn a_response_is_read_strictly() {
    let draft = Draft6960::by("Issuing CA", vec![Answer::leaf()]);
    let error = |der: &[u8]| OcspResponse::from_der(der).unwrap_err();
    let good = draft.der(&key(2));
    assert_eq!(error(&[&good[..], &[0]].concat()).code(), Code::X509DerTrailingData);
    assert_eq!(error(&good[..good.len() - 1]).code(), Code::X509DerMalformed);
    assert_eq!(error(&[]).code(), Code::X509DerMalformed);
    // tryLater, without bytes.
    let later = tlv(SEQUENCE, &tlv(0x0a, &[3]));
    assert_eq!(error(&later), OcspResponseError::NotSuccessful { status: 3 });
    assert_eq!(error(&later).code(), Code::X509RevocationUnknown);
    let other = Draft6960 { kind: "1.2.3.4", ..draft.clone() };
    assert_eq!(error(&other.der(&key(2))), OcspResponseError::TypeUnsupported { oid: "1.2.3.4".into() });
    let bad_time = Answer { this_update: "20250230000000Z", ..Answer::leaf() };
    assert_eq!(error(&Draft6960::by("x", vec![bad_time]).der(&key(2))).code(), Code::X509TimeMalformed);
    let twice = [extension("1.2.3.4", false, &[5, 0]), extension("1.2.3.4", false, &[5, 0])].concat();
    let twice = Draft6960 { extensions: twice, ..draft.clone() };
    assert_eq!(error(&twice.der(&key(2))).code(), Code::X509DuplicateExtension);
    let no_certificate = Draft6960 { certificates: vec![tlv(SEQUENCE, &[])], ..draft.clone() };
    assert!(matches!(error(&no_certificate.der(&key(2))), OcspResponseError::Certificate { index: 0, .. }));
    let many = Draft6960 { answers: vec![Answer::leaf(); 1_025], ..draft };
    assert!(matches!(error(&many.der(&key(2))), OcspResponseError::TooMany { .. }));
    assert_eq!(OcspResponse::from_der_within(&good, good.len() - 1).unwrap_err().code(), Code::InputTooLarge);
    assert!(OcspResponse::from_der_within(&good, good.len()).is_ok());
}

#[test]
fn every_bit_of_a_response_that_counts_is_protected() {
    let good = Draft6960::by("Issuing CA", vec![Answer::leaf()]).der(&key(2));
    let of_root = of_root();
    let chain = chain();
    let pool = pool(vec![chain.root.sign(&key(1))], vec![chain.intermediate.sign(&key(1))]);
    let (leaf, policy) = (chain.leaf.sign(&key(2)), ChainPolicy::new(Purpose::code_signing()));
    for byte in 0..good.len() {
        let mut flipped = good.clone();
        flipped[byte] ^= 1 << (byte % 8);
        let Ok(response) = OcspResponse::from_der(&flipped) else { continue };
        let revocation = Revocation::new(UnknownStatus::Deny).with_responses(vec![of_root.clone(), response]);
        let found = pool.search_unrevoked(&leaf, &[], at(NOON), &policy, &revocation);
        assert!(found.verified.is_none(), "byte {byte}");
    }
}
