//! A refusal says what would mend it.

use stella_chain_verify::{ChainError, Missing, Reach};
use stella_vocabulary::{Code, Reason};

use crate::builder::*;

fn missing(error: &ChainError) -> (usize, Missing) {
    match error {
        ChainError::UnknownIssuer { cert, missing, .. } => (*cert, *missing),
        other => panic!("{other}"),
    }
}

#[test]
fn a_missing_intermediate_is_named_with_its_key_identifier() {
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.key_ids(3, 2);
    let refused = search(&pool(vec![chain.root.sign(&key(1))], vec![]), &chain.leaf.sign(&key(2)), &[]).unwrap_err();
    assert_eq!(missing(&refused.best), (0, Missing::Intermediate));
    assert_eq!(refused.expected().unwrap(), format!("CN=Issuing CA, key identifier {}", "02".repeat(20)));
}

#[test]
fn a_missing_anchor_is_told_apart_from_a_missing_intermediate() {
    let chain = Chain::new();
    let (leaf, intermediate, root) =
        (chain.leaf.sign(&key(2)), chain.intermediate.sign(&key(1)), chain.root.sign(&key(1)));
    let unrelated = pool(vec![Draft::authority("Other Root", &key(9), "Other Root").sign(&key(9))], vec![]);
    let refused = search(&unrelated, &leaf, &[intermediate.clone()]).unwrap_err();
    assert_eq!(missing(&refused.best), (1, Missing::Anchor));
    let refused = search(&unrelated, &leaf, &[root.clone(), intermediate.clone()]).unwrap_err();
    assert_eq!(missing(&refused.best), (2, Missing::Anchor));
    assert_eq!(refused.code(), Code::X509UnknownIssuer);
    let only_intermediates = pool(vec![], vec![intermediate, root]);
    assert_eq!(search(&only_intermediates, &leaf, &[]).unwrap_err().code(), Code::X509UnknownIssuer);
}

#[test]
fn a_self_signed_leaf_cannot_vouch_for_itself() {
    let leaf = Draft::leaf("Signer", &key(3), "Signer").sign(&key(3));
    let refused = search(&pool(vec![Chain::new().root.sign(&key(1))], vec![]), &leaf, &[leaf.clone()]).unwrap_err();
    assert_eq!(missing(&refused.best), (0, Missing::Anchor));
}

#[test]
fn two_authorities_that_certify_each_other_lead_nowhere() {
    let one = Draft::authority("Issuing CA", &key(2), "Other CA").sign(&key(5));
    let other = Draft::authority("Other CA", &key(5), "Issuing CA").sign(&key(2));
    let leaf = Chain::new().leaf.sign(&key(2));
    let refused = search(&pool(vec![Chain::new().root.sign(&key(1))], vec![]), &leaf, &[one, other]).unwrap_err();
    assert_eq!(refused.code(), Code::X509UnknownIssuer);
}

#[test]
fn the_right_name_with_another_key_is_told_apart_from_a_damaged_certificate() {
    let mut chain = Chain::new();
    let old_issuer = Draft::authority("Issuing CA", &key(8), "Root CA");
    let root = chain.root.sign(&key(1));
    chain.leaf = chain.leaf.key_ids(3, 2);
    let pool = pool(vec![root], vec![old_issuer.clone().key_ids(8, 1).sign(&key(1))]);
    let refused = search(&pool, &chain.leaf.sign(&key(2)), &[]).unwrap_err();
    assert_eq!(missing(&refused.best), (0, Missing::OtherKey));

    chain.leaf = chain.leaf.key_ids(3, 8);
    let refused = search(&pool, &chain.leaf.sign(&key(2)), &[]).unwrap_err();
    assert_eq!((refused.code(), refused.certificate()), (Code::X509SignatureInvalid, Some(0)));
}

#[test]
fn a_leaf_that_is_an_anchor_is_refused_with_a_reason_of_its_own() {
    let leaf = Draft::leaf("Signer", &key(3), "Signer").sign(&key(3));
    let refused = search(&pool(vec![Chain::new().root.sign(&key(1)), leaf.clone()], vec![]), &leaf, &[]).unwrap_err();
    assert_eq!(refused.best, ChainError::LeafIsAnchor { anchor: 1 });
}

#[test]
fn a_certificate_under_an_end_entity_is_refused_even_if_that_one_is_trusted() {
    let chain = Chain::new();
    let below = Draft::leaf("Below", &key(4), "Signer").sign(&key(3));
    let extra = [chain.leaf.sign(&key(2)), chain.intermediate.sign(&key(1))];
    let refused = search(&pool(vec![chain.root.sign(&key(1))], vec![]), &below, &extra).unwrap_err();
    assert_eq!((refused.code(), refused.certificate()), (Code::X509NotACa, Some(1)));
}

#[test]
fn expired_leaf_is_refused_even_if_the_path_is_trusted_and_the_path_is_shown() {
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.valid("240101000000Z", "241231235959Z").with(
        EXTENDED_KEY_USAGE,
        false,
        tlv(SEQUENCE, &oid(SERVER_AUTH)),
    );
    let refused = chain.judge().unwrap_err();
    let path = &refused.tried[0];
    assert_eq!((path.reach, path.links, path.certificates.len()), (Reach::Anchored, 2, 3));
    let codes: Vec<_> = path.findings.iter().map(Reason::code).collect();
    assert_eq!(codes, [Code::X509Expired, Code::X509EkuMissing]);
    assert_eq!(refused.code(), Code::X509EkuMissing);
}

#[test]
fn a_path_that_ends_in_an_anchor_explains_more_than_one_that_breaks() {
    let chain = Chain::new();
    let expired = chain.intermediate.clone().valid("240101000000Z", "241231235959Z").sign(&key(1));
    let astray = Draft::authority("Issuing CA", &key(2), "Nobody").sign(&key(7));
    let pool = pool(vec![chain.root.sign(&key(1))], vec![]);
    let refused = search(&pool, &chain.leaf.sign(&key(2)), &[astray, expired]).unwrap_err();
    assert_eq!((refused.code(), refused.certificate()), (Code::X509Expired, Some(1)));
    assert_eq!(refused.tried.len(), 2);
}

#[test]
fn messages_are_bounded_and_free_of_controls() {
    let mut chain = Chain::new();
    chain.leaf.subject = name(&"\u{1b}\u{202e}".repeat(3000));
    chain.leaf.issuer = name(&"\n".repeat(9000));
    let refused = search(&pool(vec![chain.root.sign(&key(1))], vec![]), &chain.leaf.sign(&key(2)), &[]).unwrap_err();
    let text = refused.to_string();
    assert!(text.len() < 1024 && !text.contains(|character: char| character.is_control() || character == '\u{202e}'));
}
