//! Items B124 to B135, B143 to B149, and A08 to A12: which path from a signer to an anchor holds.

use super::{
    authorities::{
        IDENTITY, anchored, chain_item, issuing, issuing_key, issuing_with, leaf, refused, root, signed_with,
        signer_key, with_both, with_issuing, with_leaf,
    },
    item::{Bad, Item, Layer},
};
use crate::{
    authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority},
    certificate::{CertificateBuilder, Extension, SubjectAltName, name},
    der,
    key::TestKey,
    oid,
};
use stella_vocabulary::UnixTime;

pub(super) fn items() -> Vec<Item> {
    vec![
        missing_intermediate(),
        untrusted_root(),
        no_authority(),
        end_entity_signs(),
        no_certificate_signing(),
        path_length(),
        no_purpose(),
        purpose_denied_above(),
        signer_usage(),
        outside_validity(),
        expired_above(),
        anchor_dates(),
        cycle(),
        too_deep(),
        policies(),
        forged_first(),
        unrelated_critical(),
        expired_twin(),
        second_key(),
        self_issued(),
        exact_bounds(),
    ]
}

fn unknown(change: &str, attestation: String) -> Bad {
    refused("x509.unknown_issuer", "certificate", change, attestation)
}

/// 2026-06-01T00:00:00Z, when everything is judged.
const NOON: i64 = 1_780_272_000;

fn at(offset: i64) -> UnixTime {
    UnixTime::from_seconds(NOON + offset)
}

fn missing_intermediate() -> Item {
    let issuing = issuing();
    let alone = signed_with(&[leaf(&issuing).sign(issuing.key())]);
    let key: String = issuing.key().key_identifier().iter().map(|byte| format!("{byte:02x}")).collect();
    chain_item("B124")
        .file("issuing.pem", issuing.pem())
        .also_good_with(vec![("intermediate", "issuing.pem".into())])
        .bad(
            unknown("the authority between leaf and anchor is not there", alone)
                .with("shows", ["issuing TEST KEY", key.as_str(), "add-intermediate"]),
        )
}

fn untrusted_root() -> Item {
    let other = Authority::root_with(TestKey::p256("stella catalogue other root TEST KEY"), |builder| builder);
    let below = other.intermediate_with(TestKey::p256("stella catalogue other issuing TEST KEY"), |builder| builder);
    let from_other = leaf(&below).sign(below.key());
    let key = signer_key();
    let own = CertificateBuilder::new(name("self TEST KEY"), &key, AUTHORITY_FROM, AUTHORITY_UNTIL)
        .extension(Extension::signer_key_usage())
        .extension(Extension::extended_key_usage(&[oid::CODE_SIGNING]))
        .extension(Extension::subject_alt_names(&[SubjectAltName::Uri(IDENTITY.to_owned())]))
        .sign(&key);
    let chain = [from_other, below.certificate().to_vec(), other.certificate().to_vec()];
    chain_item("B125")
        .bad(unknown("a certificate that the signer issued itself", signed_with(&[own])))
        .bad(unknown("a root that only the attestation brings", signed_with(&chain)))
        .bad(unknown("the same without that root", signed_with(&chain[..2])))
}

fn no_authority() -> Item {
    let bad = |change: &str, attestation| refused("x509.not_a_ca", "certificate 1", change, attestation);
    let end_entity = Extension::critical(oid::BASIC_CONSTRAINTS, der::sequence::<&[u8]>([]));
    chain_item("B126")
        .bad(bad(
            "no basicConstraints in the issuer",
            with_issuing(|issuing| issuing.without_extension(oid::BASIC_CONSTRAINTS).without_extension(oid::KEY_USAGE)),
        ))
        .bad(bad(
            "cA is not set in the issuer",
            with_issuing(|issuing| issuing.extension(end_entity).without_extension(oid::KEY_USAGE)),
        ))
}

/// CVE-2015-1793: the certificate of an end entity stands where an authority would, and another path is there as well.
fn end_entity_signs() -> Item {
    let issuing = issuing();
    let customer = TestKey::p256("stella catalogue customer TEST KEY");
    let identity = SubjectAltName::Uri("https://ci.example/customer".to_owned());
    let customer_certificate = issuing.signer_leaf(&customer, &identity).sign(issuing.key());
    let forged = CertificateBuilder::new(name("forged TEST KEY"), &signer_key(), AUTHORITY_FROM, AUTHORITY_UNTIL)
        .serial(7)
        .issuer(name(customer.label()))
        .extension(Extension::signer_key_usage())
        .extension(Extension::extended_key_usage(&[oid::CODE_SIGNING]))
        .extension(Extension::subject_alt_names(&[SubjectAltName::Uri(IDENTITY.to_owned())]))
        .extension(Extension::authority_key_identifier(&customer))
        .sign(&customer);
    // An untrusted authority of the same name and key, so that there are two ways to go on.
    let twin = CertificateBuilder::new(name(customer.label()), &customer, AUTHORITY_FROM, AUTHORITY_UNTIL)
        .extension(Extension::authority(None))
        .extension(Extension::authority_key_usage())
        .extension(Extension::subject_key_identifier(&customer))
        .sign(&customer);
    let chain = [forged, customer_certificate, twin, issuing.certificate().to_vec()];
    chain_item("B127")
        .bad(refused(
            "x509.not_a_ca",
            "certificate 1",
            "an end entity issued the leaf",
            signed_with(&{
                let [forged, customer, _, issuing] = chain.clone();
                [forged, customer, issuing]
            }),
        ))
        .bad(refused("x509.not_a_ca", "certificate 1", "and calls itself an authority as well", signed_with(&chain)))
}

fn no_certificate_signing() -> Item {
    // digitalSignature and cRLSign.
    let usage = Extension::critical(oid::KEY_USAGE, der::named_bits(&[0b1000_0010], 1));
    chain_item("B128").bad(refused(
        "x509.key_usage",
        "certificate 1",
        "no keyCertSign in the issuer",
        with_issuing(|issuing| issuing.extension(usage)),
    ))
}

fn path_length() -> Item {
    let below = |limit: Option<u64>| {
        let upper = issuing_with(|builder| builder.extension(Extension::authority(limit)));
        let lower = upper.intermediate_with(TestKey::p256("stella catalogue lower TEST KEY"), |builder| builder);
        let leaf = leaf(&lower).sign(lower.key());
        signed_with(&[leaf, lower.certificate().to_vec(), upper.certificate().to_vec()])
    };
    anchored("B129").good(below(Some(1))).also_good(below(None)).bad(refused(
        "x509.path_len_exceeded",
        "certificate 2",
        "an authority below one that allows none",
        below(Some(0)),
    ))
}

fn no_purpose() -> Item {
    let bad = |change: &str, attestation: String, found: &str| {
        let shows = [oid::CODE_SIGNING, found];
        refused("x509.eku_missing", "certificate 0", change, attestation).with("shows", shows)
    };
    let usage = |oid: &'static str| with_leaf(|leaf| leaf.extension(Extension::extended_key_usage(&[oid])));
    chain_item("B130")
        .bad(bad("no purpose", with_leaf(|leaf| leaf.without_extension(oid::EXTENDED_KEY_USAGE)), ""))
        .bad(bad("serverAuth only", usage(oid::SERVER_AUTH), oid::SERVER_AUTH))
        .bad(bad("anyExtendedKeyUsage only", usage("2.5.29.37.0"), "2.5.29.37.0"))
}

fn purpose_denied_above() -> Item {
    let usage = |oid: &'static str| with_issuing(|issuing| issuing.extension(Extension::extended_key_usage(&[oid])));
    chain_item("B131").also_good(usage(oid::CODE_SIGNING)).bad(refused(
        "x509.eku_missing",
        "certificate 1",
        "an authority for serverAuth only",
        usage(oid::SERVER_AUTH),
    ))
}

fn signer_usage() -> Item {
    let usage = |bits: u8, unused| {
        with_leaf(|leaf| leaf.extension(Extension::critical(oid::KEY_USAGE, der::named_bits(&[bits], unused))))
    };
    let bad = |change: &str, attestation| refused("x509.key_usage", "certificate 0", change, attestation);
    let authority = with_leaf(|leaf| {
        leaf.extension(Extension::authority(None))
            .extension(Extension::critical(oid::KEY_USAGE, der::named_bits(&[0b1000_0100], 2)))
    });
    chain_item("B132")
        .bad(bad("keyEncipherment only", usage(0b0010_0000, 5)))
        .bad(bad("nonRepudiation only", usage(0b0100_0000, 6)))
        .bad(bad("an authority signs", authority))
}

fn outside_validity() -> Item {
    let valid = |from: i64, until: i64| with_leaf(|leaf| leaf.validity(at(from), at(until)));
    chain_item("B133")
        .also_good(valid(0, 0))
        .bad(refused("x509.expired", "certificate 0", "the leaf expired a second ago", valid(-86_400, -1)))
        .bad(refused("x509.not_yet_valid", "certificate 0", "the leaf is valid in a second", valid(1, 86_400)))
}

fn expired_above() -> Item {
    let valid = |from: i64, until: i64| with_issuing(|issuing| issuing.validity(at(from), at(until)));
    chain_item("B134")
        .also_good(valid(0, 0))
        .bad(refused("x509.expired", "certificate 1", "the authority expired a second ago", valid(-86_400, -1)))
        .bad(refused("x509.not_yet_valid", "certificate 1", "the authority is valid in a second", valid(1, 86_400)))
}

fn anchor_dates() -> Item {
    let root = |until: i64| {
        Authority::root_with(TestKey::p256("stella catalogue root TEST KEY"), |builder| {
            builder.validity(AUTHORITY_FROM, at(until))
        })
        .pem()
    };
    chain_item("B135")
        .file("until-now.pem", root(0))
        .file("until-before.pem", root(-1))
        .also_good_with(vec![("anchor", "until-now.pem".into())])
        .bad(
            Bad::new("trust.anchor_not_valid", Layer::AttestVerify, "", "the anchor expired a second ago")
                .with("anchor", "until-before.pem"),
        )
}

fn cycle() -> Item {
    let [a, b] = ["a", "b"].map(|letter| TestKey::p256(&format!("stella catalogue circle {letter} TEST KEY")));
    let certify = |subject: &TestKey, issuer: &TestKey| {
        CertificateBuilder::new(name(subject.label()), subject, AUTHORITY_FROM, AUTHORITY_UNTIL)
            .serial(3)
            .issuer(name(issuer.label()))
            .extension(Extension::authority(None))
            .extension(Extension::authority_key_usage())
            .extension(Extension::subject_key_identifier(subject))
            .extension(Extension::authority_key_identifier(issuer))
            .sign(issuer)
    };
    let leaf = CertificateBuilder::new(name("circle leaf TEST KEY"), &signer_key(), AUTHORITY_FROM, AUTHORITY_UNTIL)
        .serial(4)
        .issuer(name(a.label()))
        .extension(Extension::signer_key_usage())
        .extension(Extension::extended_key_usage(&[oid::CODE_SIGNING]))
        .extension(Extension::subject_alt_names(&[SubjectAltName::Uri(IDENTITY.to_owned())]))
        .extension(Extension::authority_key_identifier(&a))
        .sign(&a);
    let chain = [leaf, certify(&a, &b), certify(&b, &a)];
    chain_item("B143").bad(unknown("two authorities that certify each other", signed_with(&chain)))
}

/// A path with so many authorities between leaf and anchor.
fn of_depth(intermediates: usize) -> String {
    let unlimited = |builder: CertificateBuilder| builder.extension(Extension::authority(None));
    let mut above = root();
    let mut chain = Vec::new();
    for number in 0..intermediates {
        let key = TestKey::p256(&format!("stella catalogue level {number} TEST KEY"));
        above = above.intermediate_with(key, unlimited);
        chain.insert(0, above.certificate().to_vec());
    }
    chain.insert(0, leaf(&above).sign(above.key()));
    signed_with(&chain)
}

fn too_deep() -> Item {
    anchored("B145")
        .good(of_depth(6))
        .bad(refused("x509.path_too_deep", "", "nine certificates, leaf and anchor included", of_depth(7)))
        .bad(refused("x509.path_too_deep", "", "twenty-two certificates", of_depth(20)))
}

fn policy_item(id: &'static str) -> Item {
    let policies = |oids: &[&str]| {
        let all = oids.iter().map(|oid| der::sequence([der::object_identifier(oid)]));
        Extension::plain("2.5.29.32", der::sequence(all))
    };
    let required = Extension::critical("2.5.29.36", der::sequence([der::context_primitive(0, &[0])]));
    let chain = |leaf_policies: Option<&[&str]>| {
        with_both(
            |issuing| issuing.extension(policies(&["1.2.3.1"])).extension(required.clone()),
            |leaf| leaf_policies.map_or(leaf.clone(), |oids| leaf.clone().extension(policies(oids))),
        )
    };
    let bad = |change: &str, attestation| refused("x509.policy_unsupported", "certificate", change, attestation);
    anchored(id)
        .good(chain(Some(&["1.2.3.1"])))
        .bad(bad("a policy is required and the leaf has none", chain(None)))
        .bad(bad("the leaf has another one", chain(Some(&["1.2.3.2"]))))
}

fn policies() -> Item {
    policy_item("B147").bad(
        Bad::new(
            "x509.policy_unsupported",
            Layer::AttestVerify,
            "",
            "policies mapped crosswise on five levels, and the leaf has none of them",
        )
        .generated("attestation", "policies mapped on levels 5"),
    )
}

/// A path of so many authorities, each of which maps 32 policies to 32 others, all to all; a tree of policies would have 32 to the power of that.
pub(super) fn mapped_policies(levels: usize) -> String {
    const WIDTH: usize = 32;
    let oid = |level: usize, index: usize| der::object_identifier(&format!("1.2.3.{level}.{index}"));
    let mut above = root();
    let mut chain = Vec::new();
    for level in 0..levels {
        let policies = der::sequence((0..WIDTH).map(|index| der::sequence([oid(level, index)])));
        let mappings = der::sequence(
            (0..WIDTH).flat_map(|from| (0..WIDTH).map(move |to| der::sequence([oid(level, from), oid(level + 1, to)]))),
        );
        let required = der::sequence([der::context_primitive(0, &[0])]);
        let key = TestKey::p256(&format!("stella catalogue mapping level {level} TEST KEY"));
        above = above.intermediate_with(key, |builder| {
            builder
                .extension(Extension::authority(None))
                .extension(Extension::plain("2.5.29.32", policies))
                .extension(Extension::plain("2.5.29.33", mappings))
                .extension(Extension::critical("2.5.29.36", required))
        });
        chain.insert(0, above.certificate().to_vec());
    }
    chain.insert(0, leaf(&above).sign(above.key()));
    signed_with(&chain)
}

/// CVE-2026-39984: what stands first is not what signed.
fn forged_first() -> Item {
    let issuing = issuing();
    let customer = TestKey::p256("stella catalogue customer TEST KEY");
    let decoy = issuing.signer_leaf(&customer, &SubjectAltName::Uri(IDENTITY.to_owned())).sign(issuing.key());
    let unfit = leaf(&issuing).extension(Extension::extended_key_usage(&[oid::SERVER_AUTH])).sign(issuing.key());
    let own = issuing.certificate().to_vec();
    chain_item("B149").bad(refused(
        "x509.eku_missing",
        "certificate 0",
        "a good certificate behind the one that signed and is not for this",
        signed_with(&[unfit, decoy, own]),
    ))
}

fn unrelated_critical() -> Item {
    let unknown =
        |builder: CertificateBuilder| builder.extension(Extension::critical("1.3.6.1.4.1.99999.1", der::null()));
    let stray = root().intermediate_with(TestKey::p256("stella catalogue stray TEST KEY"), unknown);
    let twin = issuing_with(unknown);
    let issuing = issuing();
    let leaf = leaf(&issuing).sign(issuing.key());
    let own = issuing.certificate().to_vec();
    anchored("A08")
        .good(signed_with(&[leaf.clone(), own.clone(), stray.certificate().to_vec()]))
        .also_good(signed_with(&[leaf.clone(), twin.certificate().to_vec(), own.clone()]))
        .also_good(signed_with(&[leaf, own, twin.certificate().to_vec()]))
}

fn expired_twin() -> Item {
    let issuing = issuing();
    let expired = issuing_with(|builder| builder.validity(AUTHORITY_FROM, at(-1)));
    let leaf = leaf(&issuing).sign(issuing.key());
    let (own, old) = (issuing.certificate().to_vec(), expired.certificate().to_vec());
    anchored("A09")
        .good(signed_with(&[leaf.clone(), old.clone(), own.clone()]))
        .also_good(signed_with(&[leaf, own, old]))
}

fn second_key() -> Item {
    let issuing = issuing();
    let named_alike = |mut builder: CertificateBuilder| {
        builder.subject = name(issuing_key().label());
        // Nothing says which of the two it is.
        builder.without_extension(oid::SUBJECT_KEY_IDENTIFIER)
    };
    let other = root().intermediate_with(TestKey::p256("stella catalogue other issuing key TEST KEY"), named_alike);
    let leaf = leaf(&issuing).without_extension(oid::AUTHORITY_KEY_IDENTIFIER).sign(issuing.key());
    let (own, other) = (issuing.certificate().to_vec(), other.certificate().to_vec());
    anchored("A10")
        .good(signed_with(&[leaf.clone(), other.clone(), own.clone()]))
        .also_good(signed_with(&[leaf, own, other]))
}

/// The authority has changed its key, and certifies the new one with the old.
fn self_issued() -> Item {
    let old = issuing();
    let new_key = TestKey::p256("stella catalogue issuing, new key TEST KEY");
    let rollover = old.issued(
        CertificateBuilder::new(old.name().to_vec(), &new_key, AUTHORITY_FROM, AUTHORITY_UNTIL)
            .extension(Extension::authority(Some(0)))
            .extension(Extension::authority_key_usage())
            .extension(Extension::subject_key_identifier(&new_key)),
    );
    let leaf = leaf(&old).extension(Extension::authority_key_identifier(&new_key)).sign(&new_key);
    anchored("A11").good(signed_with(&[leaf, rollover.sign(old.key()), old.certificate().to_vec()]))
}

fn exact_bounds() -> Item {
    let valid = |from: i64, until: i64| move |builder: CertificateBuilder| builder.validity(at(from), at(until));
    anchored("A12")
        .good(with_leaf(valid(0, 86_400)))
        .also_good(with_leaf(valid(-86_400, 0)))
        .also_good(with_issuing(valid(0, 86_400)))
        .also_good(with_issuing(valid(-86_400, 0)))
        .also_good(with_both(valid(0, 0), valid(0, 0)))
}
