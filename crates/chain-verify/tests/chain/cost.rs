//! What a hostile bundle may cost: certificates of the largest size, tied into as many paths as fit, without any trust.

#![allow(clippy::disallowed_methods, reason = "a guard against hanging")]

use std::time::{Duration, Instant};

use stella_chain_verify::{Certificate, ChainPolicy, Purpose};

use crate::builder::*;

/// Layers of four authorities of one name and key, each layer certified by the next and the last by nobody: 32 certificates, all
/// one bundle may have, with 4⁷ paths that are longer than a path may be. `dress` makes them expensive.
fn maze(title: impl Fn(usize, usize) -> Vec<u8>, dress: impl Fn(Draft) -> Draft) -> (Certificate, Vec<Certificate>) {
    let mut leaf = Draft::leaf("Signer", &key(3), "x");
    leaf.issuer = title(0, 0);
    let leaf = leaf.sign(&key(10));
    let mut extra = Vec::new();
    for layer in 0..8usize {
        for variant in 0..4 {
            let mut draft = dress(Draft::authority("x", &key(10 + layer as u8), "x"));
            draft.subject = title(layer, variant);
            draft.issuer = title(layer + 1, variant);
            draft.serial = vec![1 + layer as u8, variant as u8];
            extra.push(draft.sign(&key(11 + layer as u8)));
        }
    }
    (leaf, extra)
}

fn short(layer: usize, _: usize) -> Vec<u8> {
    name(&format!("CA {layer}"))
}

/// How long a search among strangers takes.
fn time(leaf: &Certificate, extra: &[Certificate]) -> Duration {
    let pool = pool(vec![], vec![]);
    let start = Instant::now();
    let search = pool.search(leaf, extra, &[at(NOON)], &ChainPolicy::new(Purpose::code_signing()));
    let time = start.elapsed();
    assert!(search.into_result().is_err());
    time
}

/// A guard against hanging, not a measurement: several hundred times what it takes, and still below the minutes that an attack took in such a build.
const ENOUGH: Duration = Duration::from_secs(30);

#[test]
fn many_paths_of_certificates_with_long_names_are_refused_in_time() {
    // Sets of sixteen attributes that differ only in their last character, and from name to name in letter case: equal, and slow to compare.
    let title = |layer: usize, variant: usize| {
        let attributes = |variant: usize| -> Vec<u8> {
            let mut set: Vec<_> = (0..16u8)
                .map(|number| {
                    let mut text = "a".repeat(900);
                    text.replace_range(0..1, if variant & 1 == 0 { "a" } else { "A" });
                    text.replace_range(1..2, if variant & 2 == 0 { "a" } else { "A" });
                    text.push(char::from(b'a' + number));
                    tlv(SEQUENCE, &[oid("2.5.4.3"), tlv(0x0c, text.as_bytes())].concat())
                })
                .collect();
            set.rotate_left(variant);
            set.concat()
        };
        let last = tlv(0x31, &tlv(SEQUENCE, &[oid("2.5.4.3"), tlv(0x0c, &[b'a' + layer as u8])].concat()));
        tlv(SEQUENCE, &[tlv(0x31, &attributes(variant)), tlv(0x31, &attributes(variant)), last].concat())
    };
    let (leaf, extra) = maze(title, |draft| draft);
    assert!(time(&leaf, &extra) < ENOUGH);
}

#[test]
fn many_paths_of_certificates_with_many_names_are_refused_in_time() {
    let names = vec![tlv(0x82, b"a.b"); 12_000];
    let (leaf, extra) = maze(short, |draft| draft.alt_names(&names));
    assert!(time(&leaf, &extra) < ENOUGH);
}

#[test]
fn many_paths_of_certificates_with_large_constraints_are_refused_in_time() {
    let long = |last: u8| tlv(0x86, format!("https://{}.{}/", "a.".repeat(7_000), char::from(last)).as_bytes());
    let bases = vec![tlv(0x86, b"host.example"); 60];
    let (leaf, extra) = maze(short, |draft| draft.alt_names(&[long(b'a'), long(b'b')]).constrain(&bases, &[]));
    assert!(time(&leaf, &extra) < ENOUGH);
}

#[test]
fn many_known_certificates_of_one_name_are_prepared_in_time() {
    let known: Vec<_> = (0..20_000u32)
        .map(|number| {
            let mut draft = Draft::authority("CA", &key(1), "CA");
            draft.serial = [&[1][..], &number.to_be_bytes()].concat();
            draft
        })
        .map(|draft| draft.sign(&key(1)))
        .collect();
    let start = Instant::now();
    let pool = pool(vec![], known);
    let time = start.elapsed();
    assert_eq!(pool.intermediates().count(), 20_000);
    assert!(time < ENOUGH);
}
