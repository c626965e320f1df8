//! Revocation lists and the block list.

use stella_chain_verify::{
    BlockList, Certificate, ChainPolicy, MAX_REVOCATION_LIST_BYTES, Purpose, Revocation, RevocationList,
    RevocationListError, UnknownStatus,
};
use stella_vocabulary::{Code, Reason};

use crate::builder::*;

const REASON: &str = "2.5.29.21";
const KEY_COMPROMISE: u8 = 1;
const HOLD: u8 = 6;
const REMOVE: u8 = 8;

/// Leaf (number 5) ← intermediate (number 6) ← root.
fn chain() -> Chain {
    let mut chain = Chain::new();
    chain.leaf.serial = vec![5];
    chain.intermediate.serial = vec![6];
    chain
}

fn reason(code: u8) -> Vec<u8> {
    extension(REASON, false, &tlv(0x0a, &[code]))
}

fn root_list() -> ListDraft {
    ListDraft::new("Root CA")
}

fn list() -> ListDraft {
    ListDraft::new("Issuing CA")
}

fn judge(chain: &Chain, revocation: &Revocation) -> Result<(), Code> {
    judge_beside(chain, revocation, &[])
}

fn judge_beside(chain: &Chain, revocation: &Revocation, beside: &[Certificate]) -> Result<(), Code> {
    let policy = ChainPolicy::new(Purpose::code_signing());
    let pool = pool(vec![chain.root.sign(&key(1))], vec![chain.intermediate.sign(&key(1))]);
    let found = pool.search_unrevoked(&chain.leaf.sign(&key(2)), beside, at(NOON), &policy, revocation);
    found.into_result().map(drop).map_err(|refused| refused.code())
}

fn deny(lists: Vec<RevocationList>) -> Revocation {
    Revocation::new(UnknownStatus::Deny).with_lists(lists)
}

fn with_root(lists: Vec<RevocationList>) -> Revocation {
    deny([vec![root_list().sign(&key(1))], lists].concat())
}

#[test]
fn every_certificate_below_the_anchor_needs_a_good_list() {
    assert_eq!(judge(&chain(), &with_root(vec![list().sign(&key(2))])), Ok(()));
    assert_eq!(judge(&chain(), &with_root(vec![])), Err(Code::X509RevocationUnknown));
    assert_eq!(judge(&chain(), &deny(vec![list().sign(&key(2))])), Err(Code::X509RevocationUnknown));
    assert_eq!(judge(&chain(), &Revocation::new(UnknownStatus::Allow)), Ok(()));
}

#[test]
fn what_is_on_a_list_is_revoked_whoever_allows_unknown_status() {
    let leaf = list().revoking(5, &[reason(KEY_COMPROMISE)]).sign(&key(2));
    let authority = root_list().revoking(6, &[]).sign(&key(1));
    assert_eq!(judge(&chain(), &with_root(vec![leaf.clone()])), Err(Code::X509Revoked));
    assert_eq!(judge(&chain(), &deny(vec![authority, list().sign(&key(2))])), Err(Code::X509Revoked));
    let allow = Revocation::new(UnknownStatus::Allow).with_lists(vec![leaf]);
    assert_eq!(judge(&chain(), &allow), Err(Code::X509Revoked));
    let other = list().revoking(7, &[]).sign(&key(2));
    assert_eq!(judge(&chain(), &with_root(vec![other])), Ok(()));
}

#[test]
fn a_number_on_the_list_of_another_authority_revokes_nobody() {
    let mut other = Draft::authority("Other CA", &key(4), "Root CA");
    other.serial = vec![9];
    let theirs = ListDraft::new("Other CA").revoking(5, &[]).revoking(6, &[]);
    let lists = |signer: u8| with_root(vec![list().sign(&key(2)), theirs.clone().sign(&key(signer))]);
    assert_eq!(judge_beside(&chain(), &lists(4), &[other.sign(&key(1))]), Ok(()));
    // Nor does it stand in for the one that is missing, whoever signed it.
    let only = |signer: u8| with_root(vec![theirs.clone().sign(&key(signer))]);
    for signer in [2, 4] {
        let judged = judge_beside(&chain(), &only(signer), &[other.sign(&key(1))]);
        assert_eq!(judged, Err(Code::X509RevocationUnknown), "{signer}");
    }
}

#[test]
fn of_several_entries_of_one_number_the_strictest_counts() {
    let judge_entries = |reasons: &[u8]| {
        let with = |draft: ListDraft, code: &u8| draft.revoking(5, &[reason(*code)]);
        let lists = with_root(vec![reasons.iter().fold(list(), with).sign(&key(2))]);
        judge(&chain(), &lists)
    };
    assert_eq!(judge_entries(&[REMOVE]), Ok(()));
    for reasons in [[REMOVE, HOLD], [HOLD, REMOVE], [REMOVE, KEY_COMPROMISE], [KEY_COMPROMISE, REMOVE]] {
        assert_eq!(judge_entries(&reasons), Err(Code::X509Revoked), "{reasons:?}");
    }
    // A list of the past is believed about what is for good.
    for reasons in [[HOLD, KEY_COMPROMISE], [KEY_COMPROMISE, HOLD]] {
        let mut past = list();
        past.next_update = tlv(0x17, b"250615115959Z");
        let past = reasons.iter().fold(past, |draft, code| draft.revoking(5, &[reason(*code)])).sign(&key(2));
        let revocation = Revocation::new(UnknownStatus::Allow).with_lists(vec![past]);
        assert_eq!(judge(&chain(), &revocation), Err(Code::X509Revoked), "{reasons:?}");
    }
}

#[test]
fn a_list_may_have_eight_mebibytes() {
    let of_length = |length: usize| {
        let padded = |padding: usize| list().with("1.2.3.4", false, tlv(0x04, &vec![0; padding])).der(&key(2));
        // Ed25519, so that only the padding decides; its lengths take as many octets throughout.
        let around = padded(1 << 22).len() - (1 << 22);
        padded(length - around)
    };
    const LIMIT: usize = 8 << 20;
    assert_eq!(MAX_REVOCATION_LIST_BYTES, LIMIT);
    for length in [LIMIT - 1, LIMIT] {
        let der = of_length(length);
        assert_eq!(der.len(), length);
        assert!(RevocationList::from_der(&der).is_ok(), "{length}");
    }
    let der = of_length(LIMIT + 1);
    assert_eq!(RevocationList::from_der(&der).unwrap_err().code(), Code::InputTooLarge);
    assert!(RevocationList::from_der_within(&der, LIMIT + 1).is_ok());
}

#[test]
fn a_list_that_is_not_current_says_nothing() {
    let mut late = list();
    late.next_update = tlv(0x17, b"250615115959Z");
    let mut last_second = list();
    last_second.next_update = tlv(0x17, b"250615120000Z");
    let mut future = list();
    future.this_update = tlv(0x17, b"250615120001Z");
    let mut endless = list();
    endless.next_update = Vec::new();
    for stale in [late, future, endless.clone()] {
        assert_eq!(judge(&chain(), &with_root(vec![stale.sign(&key(2))])), Err(Code::X509RevocationUnknown));
    }
    assert_eq!(judge(&chain(), &with_root(vec![last_second.sign(&key(2))])), Ok(()));
    let aged = |seconds| with_root(vec![endless.sign(&key(2))]).with_max_age(seconds);
    assert_eq!(judge(&chain(), &aged(86_400 * 15)), Ok(()));
    assert_eq!(judge(&chain(), &aged(86_400 * 14)), Err(Code::X509RevocationUnknown));
}

#[test]
fn an_older_list_that_is_still_current_hides_no_newer_one() {
    let older = list().sign(&key(2));
    let newer = |draft: ListDraft| {
        let mut draft = draft.with(CRL_NUMBER, false, tlv(0x02, &[2]));
        draft.this_update = tlv(0x17, b"250608000000Z");
        draft.sign(&key(2))
    };
    let revoking = newer(list().revoking(5, &[]));
    assert_eq!(judge(&chain(), &with_root(vec![older.clone(), revoking.clone()])), Err(Code::X509Revoked));
    assert_eq!(judge(&chain(), &with_root(vec![revoking, older.clone()])), Err(Code::X509Revoked));
    // Nor does it bring back what is not on hold any more.
    let held = list().revoking(5, &[reason(HOLD)]).sign(&key(2));
    let released = newer(list());
    for lists in [vec![held.clone(), released.clone()], vec![released, held.clone()]] {
        assert_eq!(judge(&chain(), &with_root(lists)), Ok(()));
    }
    assert_eq!(judge(&chain(), &with_root(vec![held])), Err(Code::X509Revoked));
    // A newer one that nobody signed takes no place.
    let mut forged = list().with(CRL_NUMBER, false, tlv(0x02, &[3]));
    forged.this_update = tlv(0x17, b"250609000000Z");
    assert_eq!(judge(&chain(), &with_root(vec![forged.sign(&key(9)), older])), Ok(()));
}

#[test]
fn a_list_of_the_past_still_says_what_was_revoked_for_good() {
    let past = |draft: ListDraft, signer: u8| {
        let mut draft = draft;
        draft.next_update = tlv(0x17, b"250615115959Z");
        Revocation::new(UnknownStatus::Allow).with_lists(vec![draft.sign(&key(signer))])
    };
    assert_eq!(judge(&chain(), &past(list().revoking(5, &[]), 2)), Err(Code::X509Revoked));
    assert_eq!(judge(&chain(), &past(list().revoking(5, &[reason(KEY_COMPROMISE)]), 2)), Err(Code::X509Revoked));
    assert_eq!(judge(&chain(), &past(list().revoking(5, &[reason(HOLD)]), 2)), Ok(()), "a hold may have ended");
    assert_eq!(judge(&chain(), &past(list().revoking(7, &[]), 2)), Ok(()));
    assert_eq!(judge(&chain(), &past(list().revoking(5, &[]), 9)), Ok(()), "nobody signed this");
}

#[test]
fn a_list_counts_only_if_it_is_signed_by_somebody_who_may() {
    assert_eq!(judge(&chain(), &with_root(vec![list().sign(&key(9))])), Err(Code::X509CrlUntrusted));
    let mut silent = chain();
    // keyCertSign alone.
    silent.intermediate = silent.intermediate.with(KEY_USAGE, true, tlv(0x03, &[2, 0x04]));
    assert_eq!(judge(&silent, &with_root(vec![list().sign(&key(2))])), Err(Code::X509CrlUntrusted));
}

#[test]
fn a_separate_key_for_lists_needs_a_path_to_the_same_anchor() {
    let signer = |subject_key, issuer_key: u8| {
        let mut draft =
            Draft::new("Issuing CA", &key(subject_key), "Root CA").with(KEY_USAGE, true, tlv(0x03, &[1, 0x02]));
        draft.serial = vec![8];
        draft.sign(&key(issuer_key))
    };
    let lists = with_root(vec![list().sign(&key(4))]);
    assert_eq!(judge_beside(&chain(), &lists, &[signer(4, 1)]), Ok(()));
    assert_eq!(judge(&chain(), &lists.clone().with_list_issuers(vec![signer(4, 1)])), Ok(()));
    assert_eq!(judge_beside(&chain(), &lists, &[signer(4, 9)]), Err(Code::X509CrlUntrusted));
    let revoked = deny(vec![root_list().revoking(8, &[]).sign(&key(1)), list().sign(&key(4))]);
    assert_eq!(judge_beside(&chain(), &revoked, &[signer(4, 1)]), Err(Code::X509CrlUntrusted));
}

#[test]
fn critical_extensions_nobody_knows_make_a_list_useless() {
    let unknown = list().with("1.2.3.4", true, vec![5, 0]).sign(&key(2));
    assert_eq!(unknown.unknown_critical_extension(), Some("1.2.3.4"));
    assert_eq!(judge(&chain(), &with_root(vec![unknown])), Err(Code::X509RevocationUnknown));
    let entry = list().revoking(7, &[extension("1.2.3.4", true, &[5, 0])]).sign(&key(2));
    assert_eq!(judge(&chain(), &with_root(vec![entry])), Err(Code::X509RevocationUnknown));
    let harmless = list().with("1.2.3.4", false, vec![5, 0]).sign(&key(2));
    assert_eq!(judge(&chain(), &with_root(vec![harmless])), Ok(()));
}

fn point(uri: &[u8]) -> Vec<u8> {
    tlv(0xa0, &tlv(0xa0, &tlv(0x86, uri)))
}

#[test]
fn all_distribution_points_are_tried_and_the_list_must_be_of_one() {
    let mut chain = chain();
    let points = [tlv(SEQUENCE, &point(b"http://a.example/1")), tlv(SEQUENCE, &point(b"http://a.example/2"))].concat();
    chain.leaf = chain.leaf.with(DISTRIBUTION_POINTS, false, tlv(SEQUENCE, &points));
    let of = |uri: &[u8]| list().with(ISSUING_POINT, true, tlv(SEQUENCE, &point(uri)));
    let second = of(b"http://a.example/2");
    assert_eq!(judge(&chain, &with_root(vec![second.sign(&key(2))])), Ok(()));
    assert_eq!(judge(&chain, &with_root(vec![second.revoking(5, &[]).sign(&key(2))])), Err(Code::X509Revoked));
    let third = of(b"http://a.example/3").sign(&key(2));
    assert_eq!(judge(&chain, &with_root(vec![third])), Err(Code::X509RevocationUnknown));
}

#[test]
fn a_list_for_some_certificates_or_reasons_is_not_about_the_others() {
    let scope = |contents: Vec<u8>| list().with(ISSUING_POINT, true, tlv(SEQUENCE, &contents)).sign(&key(2));
    let (users, authorities) = (scope(tlv(0x81, &[0xff])), scope(tlv(0x82, &[0xff])));
    assert_eq!(judge(&chain(), &with_root(vec![users])), Ok(()));
    assert_eq!(judge(&chain(), &with_root(vec![authorities])), Err(Code::X509RevocationUnknown));
    // keyCompromise, then the other seven.
    let (some, rest) = (scope(tlv(0x83, &[6, 0x40])), scope(tlv(0x83, &[7, 0x3f, 0x80])));
    assert_eq!(judge(&chain(), &with_root(vec![some.clone()])), Err(Code::X509RevocationUnknown));
    assert_eq!(judge(&chain(), &with_root(vec![some, rest])), Ok(()));
}

#[test]
fn a_delta_adds_and_removes() {
    let base = list().revoking(7, &[]).sign(&key(2));
    let delta = |draft: ListDraft| {
        draft.with(CRL_NUMBER, false, tlv(0x02, &[2])).with(DELTA_INDICATOR, true, tlv(0x02, &[1])).sign(&key(2))
    };
    let adding = delta(list().revoking(5, &[]));
    assert_eq!(judge(&chain(), &with_root(vec![base.clone(), adding.clone()])), Err(Code::X509Revoked));
    assert_eq!(judge(&chain(), &with_root(vec![adding])), Err(Code::X509RevocationUnknown), "a delta is no whole list");
    let held = list().revoking(5, &[reason(6)]).sign(&key(2));
    let removing = delta(list().revoking(5, &[reason(REMOVE)]));
    assert_eq!(judge(&chain(), &with_root(vec![held.clone()])), Err(Code::X509Revoked));
    assert_eq!(judge(&chain(), &with_root(vec![held, removing])), Ok(()));
}

#[test]
fn the_block_list_knows_a_certificate_by_what_was_signed() {
    let chain = chain();
    let leaf = chain.leaf.sign(&key(2));
    let blocking = |list| Revocation::new(UnknownStatus::Allow).with_block_list(list);
    assert_eq!(judge(&chain, &blocking(BlockList::new())), Ok(()));
    assert_eq!(judge(&chain, &blocking(BlockList::new().with_certificate(&leaf))), Err(Code::X509Revoked));
    let root = chain.root.sign(&key(1));
    assert_eq!(judge(&chain, &blocking(BlockList::new().with_certificate(&root))), Err(Code::X509Revoked));
    let by_number = BlockList::new().with_serial(leaf.issuer().der(), leaf.serial());
    assert_eq!(judge(&chain, &blocking(by_number)), Err(Code::X509Revoked));
    // The same contents under a signature that was varied: the bytes differ, what was signed does not.
    let mut varied = leaf.der().to_vec();
    *varied.last_mut().unwrap() ^= 1;
    let varied = Certificate::from_der(&varied).unwrap();
    assert_ne!(varied.fingerprint(), leaf.fingerprint());
    assert!(BlockList::new().with_certificate(&leaf).find(&varied).is_some());
}

#[test]
fn a_list_is_read_strictly() {
    let der = list().revoking(5, &[reason(KEY_COMPROMISE)]).der(&key(2));
    let list = RevocationList::from_der(&der).unwrap();
    assert_eq!((list.len(), list.number()), (1, Some(&[1][..])));
    for cut in 0..der.len() {
        assert!(RevocationList::from_der(&der[..cut]).is_err(), "{cut}");
    }
    let trailing = RevocationList::from_der(&[der.clone(), vec![0]].concat()).unwrap_err();
    assert!(matches!(trailing, RevocationListError::DerTrailingData { .. }), "{trailing}");
    let large = RevocationList::from_der_within(&der, der.len() - 1).unwrap_err();
    assert_eq!(large.code(), Code::InputTooLarge);
    // Flipping any byte breaks the form, or the signature, or changes what it is about: never a good list.
    let (chain, root) = (chain(), root_list().sign(&key(1)));
    let good = self::list().der(&key(2));
    for at in 0..good.len() {
        let mut flipped = good.clone();
        flipped[at] ^= 0x01;
        if let Ok(list) = RevocationList::from_der(&flipped) {
            assert!(judge(&chain, &deny(vec![root.clone(), list])).is_err(), "{at}");
        }
    }
}
