//! Certificate policies: RFC 5280 §6.1 as RFC 9618 changes it.

#![allow(clippy::disallowed_methods, reason = "a guard against hanging")]

use std::time::Instant;

use stella_chain_verify::{ChainPolicy, InitialPolicies, Purpose, Refused, VerifiedChain};
use stella_vocabulary::{Code, Reason};

use crate::builder::*;

const GOLD: &str = "1.2.3.1";
const SILVER: &str = "1.2.3.2";
const ANY: &str = "2.5.29.32.0";

fn policies<T: AsRef<str>>(list: &[T]) -> Vec<u8> {
    let each = list.iter().map(|policy| tlv(SEQUENCE, &oid(policy.as_ref())));
    tlv(SEQUENCE, &each.collect::<Vec<_>>().concat())
}

fn mappings<T: AsRef<str>>(list: &[(T, T)]) -> Vec<u8> {
    let each = list.iter().map(|(from, to)| tlv(SEQUENCE, &[oid(from.as_ref()), oid(to.as_ref())].concat()));
    tlv(SEQUENCE, &each.collect::<Vec<_>>().concat())
}

fn chain(intermediate: &[&str], leaf: &[&str]) -> Chain {
    let mut chain = Chain::new();
    chain.intermediate = chain.intermediate.with(POLICIES, false, policies(intermediate));
    chain.leaf = chain.leaf.with(POLICIES, false, policies(leaf));
    chain
}

fn judge(chain: &Chain, initial: InitialPolicies) -> Result<VerifiedChain, Refused> {
    let policy = ChainPolicy::new(Purpose::code_signing()).with_policies(initial);
    let pool = pool(vec![chain.root.sign(&key(1))], vec![chain.intermediate.sign(&key(1))]);
    pool.search(&chain.leaf.sign(&key(2)), &[], &[at(NOON)], &policy).into_result()
}

fn named(chain: &Chain, initial: InitialPolicies) -> Result<Vec<String>, Code> {
    judge(chain, initial).map(|found| found.policies().named().to_vec()).map_err(|refused| refused.code())
}

fn only(policy: &str) -> InitialPolicies {
    InitialPolicies::acceptable(&[policy]).unwrap().require_explicit()
}

#[test]
fn a_policy_holds_if_every_certificate_has_it() {
    assert_eq!(named(&chain(&[GOLD, SILVER], &[GOLD]), only(GOLD)), Ok(vec![GOLD.into()]));
    assert_eq!(named(&chain(&[GOLD, SILVER], &[GOLD]), only(SILVER)), Err(Code::X509PolicyUnsupported));
    assert_eq!(named(&chain(&[SILVER], &[GOLD]), InitialPolicies::any()), Ok(vec![]));
    assert_eq!(
        named(&chain(&[SILVER], &[GOLD]), InitialPolicies::any().require_explicit()),
        Err(Code::X509PolicyUnsupported)
    );
}

#[test]
fn no_policy_is_needed_where_nobody_asks_for_one() {
    let found = judge(&Chain::new(), InitialPolicies::any()).unwrap();
    assert!(found.policies().is_empty());
    assert_eq!(named(&Chain::new(), InitialPolicies::any().require_explicit()), Err(Code::X509PolicyUnsupported));
}

#[test]
fn any_policy_stands_for_each_until_it_is_inhibited() {
    assert_eq!(named(&chain(&[ANY], &[GOLD]), only(GOLD)), Ok(vec![GOLD.into()]));
    assert_eq!(named(&chain(&[ANY], &[ANY]), only(GOLD)), Ok(vec![GOLD.into()]));
    assert!(judge(&chain(&[ANY], &[ANY]), InitialPolicies::any()).unwrap().policies().includes_any());
    assert_eq!(named(&chain(&[ANY], &[GOLD]), only(GOLD).inhibit_any()), Err(Code::X509PolicyUnsupported));
    let mut inhibited = chain(&[GOLD], &[ANY]);
    inhibited.intermediate = inhibited.intermediate.with(INHIBIT_ANY, true, tlv(0x02, &[0]));
    assert_eq!(named(&inhibited, only(GOLD)), Err(Code::X509PolicyUnsupported));
}

#[test]
fn a_mapping_holds_until_it_is_inhibited_and_is_told_in_the_terms_of_the_anchor() {
    let mut mapped = chain(&[GOLD], &[SILVER]);
    mapped.intermediate = mapped.intermediate.with(POLICY_MAPPINGS, true, mappings(&[(GOLD, SILVER)]));
    assert_eq!(named(&mapped, only(GOLD)), Ok(vec![GOLD.into()]));
    assert_eq!(named(&mapped, only(SILVER)), Err(Code::X509PolicyUnsupported));
    assert_eq!(named(&mapped, only(GOLD).inhibit_mapping()), Err(Code::X509PolicyUnsupported));
}

#[test]
fn nothing_is_mapped_from_or_to_any_policy() {
    for pair in [(ANY, GOLD), (GOLD, ANY)] {
        let mut mapped = chain(&[GOLD], &[GOLD]);
        mapped.intermediate = mapped.intermediate.with(POLICY_MAPPINGS, true, mappings(&[pair]));
        assert_eq!(named(&mapped, InitialPolicies::any()), Err(Code::X509PolicyUnsupported));
    }
}

#[test]
fn policies_of_an_anchor_bind_what_is_below_it() {
    let mut limited = chain(&[GOLD, SILVER], &[GOLD, SILVER]);
    limited.root = limited.root.with(POLICIES, false, policies(&[SILVER]));
    assert_eq!(named(&limited, only(SILVER)), Ok(vec![SILVER.into()]));
    assert_eq!(named(&limited, only(GOLD)), Err(Code::X509PolicyUnsupported));
}

#[test]
fn what_is_no_object_identifier_is_no_policy() {
    assert_eq!(InitialPolicies::acceptable(&["gold"]), None);
    assert_eq!(InitialPolicies::acceptable(&[ANY]), Some(InitialPolicies::any()));
}

/// The tree of RFC 5280 would have 40⁶ leaves.
#[test]
fn mappings_of_all_policies_to_all_at_every_step_are_judged_in_linear_time() {
    let names: Vec<String> = (0..40).map(|number| format!("1.2.3.{number}")).collect();
    let all: Vec<(String, String)> =
        names.iter().flat_map(|from| names.iter().map(move |to| (from.clone(), to.clone()))).collect();
    let steps = 6u8;
    let authorities: Vec<_> = (0..steps)
        .map(|step| {
            let issuer = if step == 0 { "Root CA".into() } else { format!("CA {step}") };
            let draft = Draft::authority(&format!("CA {}", step + 1), &key(10 + step), &issuer)
                .with(POLICIES, false, policies(&names))
                .with(POLICY_MAPPINGS, true, mappings(&all));
            draft.sign(&if step == 0 { key(1) } else { key(9 + step) })
        })
        .collect();
    let leaf = Draft::leaf("Signer", &key(3), &format!("CA {steps}"))
        .with(POLICIES, false, policies(&["1.2.3.7"]))
        .sign(&key(9 + steps));
    let pool = pool(vec![Chain::new().root.sign(&key(1))], authorities);
    let policy = ChainPolicy::new(Purpose::code_signing()).with_policies(only("1.2.3.0"));
    let start = Instant::now();
    let found = pool.search(&leaf, &[], &[at(NOON)], &policy).into_result().unwrap();
    assert_eq!(found.policies().named(), ["1.2.3.0"]);
    assert!(start.elapsed().as_millis() < 250, "{:?}", start.elapsed());
}
