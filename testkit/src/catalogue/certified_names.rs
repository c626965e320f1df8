//! Items B136 to B142, B146 and B148: names that an authority may not certify, and names that nobody asked for.

use super::{
    authorities::{
        IDENTITY, anchored, chain_item, constraints, directory, dns, email, ip, names, refused, uri, with_both,
        with_leaf,
    },
    item::{Bad, Item, Layer},
};
use crate::{
    certificate::{CertificateBuilder, name},
    der, oid,
};

pub(super) fn items() -> Vec<Item> {
    vec![
        permitted(),
        excluded(),
        wildcard_below_narrower(),
        excluded_identity(),
        unsupported_constraint(),
        same_mailbox(),
        common_name(),
        names_times_constraints(),
        many_names_mismatch(),
    ]
}

/// Names of a leaf below an authority with constraints.
fn constrained(permitted: &[Vec<u8>], excluded: &[Vec<u8>], alternatives: &[Vec<u8>]) -> String {
    with_both(|issuing| issuing.extension(constraints(permitted, excluded)), |leaf| leaf.extension(names(alternatives)))
}

fn violation(change: &str, shows: [&str; 2], attestation: String) -> Bad {
    refused("x509.name_constraint_violation", "certificate 0", change, attestation).with("shows", shows)
}

fn permitted() -> Item {
    let network = ip(&[192, 0, 2, 0, 255, 255, 255, 0]);
    let within = der::sequence([der::set_of([der::sequence([
        der::object_identifier(oid::ORGANIZATION),
        der::utf8_string("stella TEST KEY, never trust"),
    ])])]);
    let elsewhere = der::sequence([der::set_of([der::sequence([
        der::object_identifier(oid::ORGANIZATION),
        der::utf8_string("somebody else"),
    ])])]);
    let forms = [
        ("dNSName", dns("ci.example"), dns("a.CI.example"), dns("evil.example"), ["evil.example", "ci.example"]),
        (
            "rfc822Name",
            email("ci.example"),
            email("a@ci.example"),
            email("a@evil.example"),
            ["a@evil.example", "ci.example"],
        ),
        (
            "URI",
            uri(".ci.example"),
            uri("https://a.ci.example/x"),
            uri("https://ci.example/x"),
            ["https://ci.example/x", ".ci.example"],
        ),
        ("iPAddress", network, ip(&[192, 0, 2, 7]), ip(&[192, 0, 3, 7]), ["192.0.3.7", "192.0.2.0/255.255.255.0"]),
        (
            "directoryName",
            directory(within),
            directory(name("x TEST KEY")),
            directory(elsewhere.clone()),
            ["somebody else", "never trust"],
        ),
    ];
    let mut item = anchored("B136").good(with_leaf(|leaf| leaf));
    for (form, base, inside, outside, shows) in forms {
        item = item.also_good(constrained(core::slice::from_ref(&base), &[], &[inside])).bad(violation(
            &format!("a {form} outside"),
            shows,
            constrained(&[base], &[], &[outside]),
        ));
    }
    // The subject is a name as well.
    let base = directory(elsewhere);
    item.bad(violation(
        "the subject outside",
        ["signer TEST KEY", "somebody else"],
        constrained(&[base], &[], &[dns("ci.example")]),
    ))
}

fn excluded() -> Item {
    let below = |alternative: &str| constrained(&[], &[dns("bad.ci.example")], &[dns(alternative)]);
    let bad = |change: &str, name: &str| violation(change, [name, "bad.ci.example"], below(name));
    anchored("B137")
        .good(below("good.ci.example"))
        .also_good(below("*.good.ci.example"))
        .bad(bad("a wildcard that stands for the excluded name, too", "*.ci.example"))
        .bad(bad("a wildcard below the excluded name", "*.bad.ci.example"))
        .bad(bad("the excluded name in capitals", "BAD.ci.EXAMPLE"))
}

fn wildcard_below_narrower() -> Item {
    let below = |alternative: &str| constrained(&[dns("good.ci.example")], &[], &[dns(alternative)]);
    let bad = |change: &str, name: &str| violation(change, [name, "good.ci.example"], below(name));
    anchored("B138")
        .good(below("*.good.ci.example"))
        .also_good(below("good.ci.example"))
        .bad(bad("a wildcard that stands for names outside, too", "*.ci.example"))
        .bad(bad("a wildcard of another branch", "*.example"))
}

/// CVE-2026-34073: the name that is asked for is excluded, and the leaf has it only by a wildcard.
fn excluded_identity() -> Item {
    let below = |alternative: &str| constrained(&[], &[dns("bad.ci.example")], &[dns(alternative)]);
    anchored("B139").run("identity", "good.ci.example").good(below("good.ci.example")).bad(
        violation("the excluded identity below a wildcard", ["*.ci.example", "bad.ci.example"], below("*.ci.example"))
            .with("identity", "bad.ci.example"),
    )
}

fn unsupported_constraint() -> Item {
    let registered = der::context_primitive(8, &[0x2a, 3]);
    let other = der::context(
        0,
        [der::object_identifier(oid::FULCIO_USERNAME), der::context(0, [der::utf8_string("somebody")])],
    );
    let x400 = der::context(3, [der::null()]);
    let mut item = anchored("B140").good(constrained(core::slice::from_ref(&registered), &[], &[uri(IDENTITY)]));
    for (form, name) in [("registeredID", registered), ("otherName", other), ("x400Address", x400)] {
        for (list, permitted, excluded) in
            [("permitted", vec![name.clone()], vec![]), ("excluded", vec![], vec![name.clone()])]
        {
            item = item.bad(refused(
                "x509.name_constraint_unsupported",
                "certificate 0",
                &format!("a {form} below a {list} {form}"),
                constrained(&permitted, &excluded, &[uri(IDENTITY), name.clone()]),
            ));
        }
    }
    item
}

fn same_mailbox() -> Item {
    let bases = ["a", "b"].map(|host| email(&format!("user@{host}.example")));
    let below = |address: &str| constrained(&bases, &[], &[email(address)]);
    let bad = |address: &str| violation(address, [address, "user@a.example"], below(address));
    anchored("B141")
        .good(below("user@a.example"))
        .also_good(below("user@b.example"))
        .bad(bad("user@c.example"))
        .bad(bad("other@b.example"))
        .bad(bad("user@a.b.example"))
}

fn common_name() -> Item {
    let named = |mut leaf: CertificateBuilder| {
        leaf.subject = name("ci.example");
        leaf
    };
    let good = with_leaf(|leaf| named(leaf).extension(names(&[dns("ci.example")])));
    anchored("B142")
        .run("identity", "ci.example")
        .good(good)
        .bad(refused(
            "identity.mismatch",
            "",
            "the host stands in the common name only",
            with_leaf(|leaf| named(leaf).extension(names(&[dns("other.example")]))),
        ))
        .bad(refused(
            "identity.mismatch",
            "",
            "and there is no alternative name",
            with_leaf(|leaf| named(leaf).without_extension(oid::SUBJECT_ALT_NAME)),
        ))
}

fn names_times_constraints() -> Item {
    chain_item("B146")
        .also_good_with(vec![
            ("generate", "names against as many constraints 256".into()),
            ("attestation", "generated".into()),
        ])
        .bad(
            Bad::new("x509.path_budget_exceeded", Layer::AttestVerify, "", "2,048 names below 2,048 constraints")
                .generated("attestation", "names against as many constraints 2048"),
        )
}

/// A leaf of so many names below an authority of so many constraints, of which the last permits them.
pub(super) fn many_names(number: usize) -> String {
    let mut bases: Vec<Vec<u8>> = (1..number).map(|index| dns(&format!("{index:04}.example"))).collect();
    bases.push(dns("ci.example"));
    let alternatives: Vec<Vec<u8>> = (0..number).map(|index| dns(&format!("{index:04}.ci.example"))).collect();
    constrained(&bases, &[], &alternatives)
}

fn many_names_mismatch() -> Item {
    let good = with_leaf(|leaf| leaf.extension(names(&[dns("ci.example")])));
    anchored("B148").run("identity", "ci.example").good(good).bad(
        Bad::new("identity.mismatch", Layer::AttestVerify, "", "a leaf of 10,000 other names")
            .generated("attestation", "alternative names 10000"),
    )
}

/// A leaf of so many host names, each of two or three letters.
pub(super) fn many_alternatives(number: usize) -> String {
    let letter = |index: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[index % 26]);
    let alternatives: Vec<Vec<u8>> = (0..number)
        .map(|index| dns(&[letter(index / 676), letter(index / 26), letter(index)].iter().collect::<String>()))
        .collect();
    with_leaf(|leaf| leaf.extension(names(&alternatives)))
}
