//! Items B103 to B114 and B116 to B122: certificates that cannot be read, or that nobody should have issued.

use super::{
    authorities::{
        chain_item, constraints, dns, issuing, leaf, names, refused, replaced, signed_with, uri, with_both, with_der,
        with_issuing, with_leaf,
    },
    item::{Bad, Item, Layer},
};
use crate::{
    certificate::{CertificateBuilder, Extension},
    der, oid,
};

pub(super) fn items() -> Vec<Item> {
    vec![
        not_der(),
        left_over(),
        huge_length(),
        deep(),
        old_version(),
        serial(),
        two_algorithms(),
        flipped(),
        weak_signature(),
        dates(),
        inverted(),
        duplicate(),
        unknown_critical(),
        undecodable(),
        empty_values(),
        malformed_names(),
        empty_host(),
        large_name(),
        profile(),
        weak_keys(),
    ]
}

/// Where a refusal points to that comes before the path: the certificate in the attestation.
const IN_DOCUMENT: &str = "";

fn malformed(change: &str, attestation: String) -> Bad {
    refused("x509.der_malformed", IN_DOCUMENT, change, attestation)
}

/// The contents of the outermost SEQUENCE behind another header.
fn with_header(der: &[u8], header: &[u8]) -> Vec<u8> {
    // 30 82 and two octets of length: a certificate has more than 255 octets and fewer than 65,536.
    [header, &der[4..]].concat()
}

fn not_der() -> Item {
    chain_item("B103")
        .bad(malformed("the last byte is missing", with_der(|der| der[..der.len() - 1].to_vec())))
        .bad(malformed("an indefinite length", with_der(|der| [with_header(&der, &[0x30, 0x80]), vec![0, 0]].concat())))
        .bad(malformed(
            "a length with a leading zero",
            with_der(|der| with_header(&der, &[0x30, 0x83, 0, der[2], der[3]])),
        ))
        .bad(malformed(
            "TRUE written as 01 in `critical`",
            with_der(|der| replaced(der, &[0x01, 0x01, 0xff, 0x04], &[0x01, 0x01, 0x01, 0x04])),
        ))
        .bad(malformed(
            "an integer with a leading zero",
            with_leaf(|mut leaf| {
                leaf.serial = der::element(2, &[0, 0, 7]);
                leaf
            }),
        ))
}

fn left_over() -> Item {
    let trailing = |change: &str, attestation| refused("x509.der_trailing_data", IN_DOCUMENT, change, attestation);
    chain_item("B104")
        .bad(trailing("a byte after the certificate", with_der(|der| [der, vec![0]].concat())))
        .bad(trailing(
            "an element after the signature",
            with_leaf(|mut leaf| {
                leaf.trailing = der::null();
                leaf
            }),
        ))
        .bad(trailing(
            "a third date in the validity",
            with_leaf(|mut leaf| {
                leaf.not_after = [leaf.not_after.clone(), leaf.not_after].concat();
                leaf
            }),
        ))
        .bad(trailing(
            "an element after the value of an extension",
            with_leaf(|leaf| {
                let usage = [Extension::signer_key_usage().value, der::null()].concat();
                leaf.extension(Extension::critical(oid::KEY_USAGE, usage))
            }),
        ))
        .bad(trailing(
            "an element after the one in an algorithm",
            with_leaf(|mut leaf| {
                let algorithm =
                    der::sequence([der::object_identifier("1.2.840.10045.4.3.2"), der::null(), der::null()]);
                leaf.raw_inner_algorithm = Some(algorithm.clone());
                leaf.raw_outer_algorithm = Some(algorithm);
                leaf
            }),
        ))
}

fn huge_length() -> Item {
    chain_item("B105")
        .bad(malformed(
            "a certificate that claims 4 GiB",
            with_der(|der| with_header(&der, &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff])),
        ))
        .bad(malformed(
            "a serial number that claims 4 GiB",
            with_leaf(|mut leaf| {
                leaf.serial = vec![0x02, 0x84, 0xff, 0xff, 0xff, 0xff, 1];
                leaf
            }),
        ))
        .bad(malformed(
            "a length of eight octets",
            with_leaf(|mut leaf| {
                leaf.serial = vec![0x02, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
                leaf
            }),
        ))
}

fn deep() -> Item {
    chain_item("B106").bads(["certificate of levels 40", "certificate of levels 10000"].map(|recipe| {
        Bad::new("x509.der_depth", Layer::AttestVerify, IN_DOCUMENT, recipe).generated("attestation", recipe)
    }))
}

/// A chain whose leaf has a key nested so deep.
pub(super) fn nested_certificate(levels: usize) -> String {
    let mut key = der::null();
    for _ in 0..levels {
        key = der::sequence([key]);
    }
    with_leaf(|mut leaf| {
        leaf.spki = der::sequence([der::sequence([der::object_identifier("1.2.840.10045.2.1"), key])]);
        leaf
    })
}

/// Without extensions, which came with version 3.
fn of_version(mut builder: CertificateBuilder, version: Option<u64>) -> CertificateBuilder {
    builder.version = version;
    builder.extensions.clear();
    builder
}

fn old_version() -> Item {
    let old = |change: &str, attestation| refused("x509.version_unsupported", "certificate", change, attestation);
    chain_item("B107")
        .bad(old("a leaf of version 1", with_leaf(|leaf| of_version(leaf, None))))
        .bad(old("a leaf of version 2", with_leaf(|leaf| of_version(leaf, Some(1)))))
        .bad(old("an authority of version 1", with_issuing(|issuing| of_version(issuing, None))))
        .bad(old("an authority of version 2", with_issuing(|issuing| of_version(issuing, Some(1)))))
        .bad(old(
            "a leaf of version 4",
            with_leaf(|mut leaf| {
                leaf.version = Some(3);
                leaf
            }),
        ))
}

fn serial() -> Item {
    let mut item = chain_item("B108").also_good(with_leaf(|mut leaf| {
        leaf.serial = der::element(2, &[0x7f; 20]);
        leaf
    }));
    for (change, contents) in [("zero", vec![0]), ("negative", vec![0x80, 1]), ("of 21 octets", vec![0x7f; 21])] {
        let set = |mut builder: CertificateBuilder| {
            builder.serial = der::element(2, &contents);
            builder
        };
        let bad = |change: String, attestation| refused("x509.serial_invalid", "certificate", &change, attestation);
        item = item
            .bad(bad(format!("the serial number of the leaf is {change}"), with_leaf(set)))
            .bad(bad(format!("the serial number of the authority is {change}"), with_issuing(set)));
    }
    item
}

fn two_algorithms() -> Item {
    let inner = |algorithm: Vec<u8>| {
        move |mut builder: CertificateBuilder| {
            builder.raw_inner_algorithm = Some(algorithm);
            builder
        }
    };
    let bad =
        |change: &str, attestation| refused("x509.signature_algorithm_mismatch", "certificate", change, attestation);
    let sha384 = der::algorithm("1.2.840.10045.4.3.3");
    let with_null = der::sequence([der::object_identifier("1.2.840.10045.4.3.2"), der::null()]);
    chain_item("B109")
        .bad(bad("another algorithm inside the leaf", with_leaf(inner(sha384.clone()))))
        .bad(bad("other parameters inside the leaf", with_leaf(inner(with_null.clone()))))
        .bad(bad("another algorithm inside the authority", with_issuing(inner(sha384))))
        .bad(bad("other parameters inside the authority", with_issuing(inner(with_null))))
}

fn flipped() -> Item {
    let flip = |der: Vec<u8>, part: &[u8]| {
        let mut changed = part.to_vec();
        if let Some(last) = changed.last_mut() {
            *last ^= 1;
        }
        replaced(der, part, &changed)
    };
    let issuing = issuing();
    let (leaf_der, serial) = (leaf(&issuing).sign(issuing.key()), leaf(&issuing).serial);
    let changed_leaf = flip(leaf_der.clone(), &serial);
    let changed_issuing = flip(issuing.certificate().to_vec(), b"issuing TEST KE");
    // The name of the issuer is changed with it, or the path would break before the signature is looked at.
    let renamed = signed_with(&[flip(leaf_der, b"issuing TEST KE"), changed_issuing]);
    let bad = |place: &str, change: &str, attestation| refused("x509.signature_invalid", place, change, attestation);
    chain_item("B110")
        .bad(bad("certificate 0", "one bit of the leaf", signed_with(&[changed_leaf, issuing.certificate().to_vec()])))
        .bad(bad("certificate", "one bit of the authority's name", renamed))
        .bad(bad("certificate 1", "one bit of the authority", {
            let mut der = issuing.certificate().to_vec();
            // The serial number is the first element after the version.
            der[4 + 4 + 5 + 2 + 3] ^= 1;
            signed_with(&[leaf(&issuing).sign(issuing.key()), der])
        }))
}

fn weak_signature() -> Item {
    let by = |dotted: &str| {
        let algorithm = der::algorithm(dotted);
        move |mut builder: CertificateBuilder| {
            builder.raw_inner_algorithm = Some(algorithm.clone());
            builder.raw_outer_algorithm = Some(algorithm.clone());
            builder
        }
    };
    let rsa = |dotted: &str| {
        let algorithm = der::sequence([der::object_identifier(dotted), der::null()]);
        move |mut builder: CertificateBuilder| {
            builder.raw_inner_algorithm = Some(algorithm.clone());
            builder.raw_outer_algorithm = Some(algorithm.clone());
            builder
        }
    };
    let bad = |change: &str, attestation| refused("x509.signature_algorithm_weak", "certificate", change, attestation);
    chain_item("B111")
        .bad(bad("ECDSA with SHA-1 on the leaf", with_leaf(by("1.2.840.10045.4.1"))))
        .bad(bad("ECDSA with SHA-1 on the authority", with_issuing(by("1.2.840.10045.4.1"))))
        .bad(bad("RSA with SHA-1 on the leaf", with_leaf(rsa("1.2.840.113549.1.1.5"))))
        .bad(bad("RSA with MD5 on the leaf", with_leaf(rsa("1.2.840.113549.1.1.4"))))
        .bad(bad("RSA with MD5 on the authority", with_issuing(rsa("1.2.840.113549.1.1.4"))))
}

fn dates() -> Item {
    let bad = |change: &str, tag: u8, text: &str| {
        let date = der::element(tag, text.as_bytes());
        let attestation = with_leaf(|mut leaf| {
            leaf.not_after = date;
            leaf
        });
        refused("x509.time_malformed", IN_DOCUMENT, change, attestation)
    };
    chain_item("B112")
        .bad(bad("30 February", 0x17, "300230000000Z"))
        .bad(bad("29 February of a year without", 0x17, "300229000000Z"))
        .bad(bad("no Z", 0x17, "300201000000"))
        .bad(bad("another zone", 0x17, "3002010000+0100"))
        .bad(bad("no seconds", 0x17, "3002010000Z"))
        .bad(bad("fractions of a second", 0x18, "20600201000000.5Z"))
        .bad(bad("GeneralizedTime before 2050", 0x18, "20490201000000Z"))
        .bad(bad("a 25th hour", 0x17, "300201240000Z"))
        .bad(bad("a leap second", 0x17, "300201235960Z"))
}

fn inverted() -> Item {
    let turned = |mut builder: CertificateBuilder| {
        core::mem::swap(&mut builder.not_before, &mut builder.not_after);
        builder
    };
    let bad = |change: &str, attestation| refused("x509.validity_inverted", "certificate", change, attestation);
    chain_item("B113").bad(bad("of the leaf", with_leaf(turned))).bad(bad("of the authority", with_issuing(turned)))
}

fn duplicate() -> Item {
    let twice = |mut builder: CertificateBuilder| {
        builder.extensions.push(builder.extensions[0].clone());
        builder
    };
    let unknown_twice = |mut builder: CertificateBuilder| {
        builder.extensions.extend([1, 2].map(|_| Extension::plain("1.2.3.4", der::null())));
        builder
    };
    let bad = |change: &str, attestation| refused("x509.duplicate_extension", IN_DOCUMENT, change, attestation);
    chain_item("B114")
        .bad(bad("a known extension of the leaf", with_leaf(twice)))
        .bad(bad("a known extension of the authority", with_issuing(twice)))
        .bad(bad("an unknown extension of the leaf", with_leaf(unknown_twice)))
}

fn unknown_critical() -> Item {
    let unknown =
        |builder: CertificateBuilder| builder.extension(Extension::critical("1.3.6.1.4.1.99999.1", der::null()));
    let bad = |change: &str, attestation: String| {
        refused("x509.unknown_critical_extension", "certificate", change, attestation)
            .with("shows", ["1.3.6.1.4.1.99999.1"])
    };
    let plain = |builder: CertificateBuilder| builder.extension(Extension::plain("1.3.6.1.4.1.99999.1", der::null()));
    // What is critical has to be understood whole, qualifiers of a policy included. RFC 5280 §4.2.1.4.
    let policies = || {
        let qualifier = der::sequence([der::object_identifier("1.3.6.1.4.1.99999.2"), der::null()]);
        der::sequence([der::sequence([der::object_identifier("1.2.3"), der::sequence([qualifier])])])
    };
    chain_item("B115")
        .also_good(with_both(plain, plain))
        .also_good(with_leaf(|leaf| leaf.extension(Extension::plain("2.5.29.32", policies()))))
        .bad(bad("in the leaf", with_leaf(unknown)))
        .bad(bad("in the authority", with_issuing(unknown)))
        .bad(refused(
            "x509.unknown_critical_extension",
            "certificate",
            "an unknown qualifier in critical certificate policies",
            with_leaf(|leaf| leaf.extension(Extension::critical("2.5.29.32", policies()))),
        ))
}

fn undecodable() -> Item {
    let mut item = chain_item("B116");
    for (name, oid) in [
        ("keyUsage", oid::KEY_USAGE),
        ("extKeyUsage", oid::EXTENDED_KEY_USAGE),
        ("basicConstraints", oid::BASIC_CONSTRAINTS),
        ("subjectAltName", oid::SUBJECT_ALT_NAME),
        ("subjectKeyIdentifier", oid::SUBJECT_KEY_IDENTIFIER),
        ("authorityKeyIdentifier", oid::AUTHORITY_KEY_IDENTIFIER),
        ("nameConstraints", oid::NAME_CONSTRAINTS),
        ("certificatePolicies", "2.5.29.32"),
        ("policyMappings", "2.5.29.33"),
        ("policyConstraints", "2.5.29.36"),
        ("inhibitAnyPolicy", "2.5.29.54"),
        ("cRLDistributionPoints", "2.5.29.31"),
        ("freshestCRL", "2.5.29.46"),
        ("issuerAltName", "2.5.29.18"),
        ("authorityInfoAccess", "1.3.6.1.5.5.7.1.1"),
    ] {
        let attestation = with_leaf(|leaf| leaf.extension(Extension::plain(oid, der::null())));
        let bad = refused("x509.extension_malformed", IN_DOCUMENT, &format!("{name} is NULL"), attestation);
        item = item.bad(bad.with("shows", [name]));
    }
    item
}

fn empty_values() -> Item {
    let bad = |change: &str, oid: &str, value: Vec<u8>| {
        let attestation = with_leaf(|leaf| leaf.extension(Extension::plain(oid, value)));
        refused("x509.extension_malformed", IN_DOCUMENT, change, attestation)
    };
    let nothing = || der::sequence::<&[u8]>([]);
    chain_item("B117")
        .bad(bad("no purpose", oid::EXTENDED_KEY_USAGE, nothing()))
        .bad(bad("no bit of the key usage set", oid::KEY_USAGE, der::named_bits(&[0], 7)))
        .bad(bad("a key usage without octets", oid::KEY_USAGE, der::element(3, &[])))
        .bad(bad("a key usage of unused bits alone", oid::KEY_USAGE, der::element(3, &[7])))
        .bad(bad("no alternative name", oid::SUBJECT_ALT_NAME, nothing()))
        .bad(bad("no policy", "2.5.29.32", nothing()))
        .bad(bad("an extension without a value", oid::KEY_USAGE, Vec::new()))
}

fn malformed_names() -> Item {
    let bad = |change: &str, name: Vec<u8>| {
        let attestation = with_leaf(|leaf| leaf.extension(names(&[uri("https://ci.example/release"), name])));
        refused("x509.name_malformed", "", change, attestation)
    };
    chain_item("B118")
        .also_good(with_leaf(|leaf| {
            leaf.extension(names(&[uri("https://ci.example/release"), dns("ci.example"), dns("*.ci.example")]))
        }))
        .bad(bad("NUL in a dNSName", dns("ci.example\0.evil.example")))
        .bad(bad("an address as a dNSName", dns("192.0.2.1")))
        .bad(bad("a zone of an address in a URI", uri("https://[fe80::1%25eth0]/")))
        .bad(bad("a dNSName that is not ASCII", dns("b\u{fc}ro.example")))
        .bad(bad("an underscore in a dNSName", dns("a_b.example")))
        .bad(bad("a wildcard inside a label", dns("a*.ci.example")))
        .bad(bad("an address of five octets", super::authorities::ip(&[192, 0, 2, 1, 1])))
}

fn empty_host() -> Item {
    let excluded = |builder: CertificateBuilder| builder.extension(constraints(&[], &[dns("evil.example")]));
    let good = with_both(excluded, |leaf| leaf.extension(names(&[dns("ci.example")])));
    let bad = with_both(excluded, |leaf| leaf.extension(names(&[dns("")])));
    super::authorities::anchored("B119").good(good).bad(refused(
        "x509.name_malformed",
        "",
        "an empty dNSName below an exclusion",
        bad,
    ))
}

fn large_name() -> Item {
    let recipe = "certificate with an attribute of KiB 20";
    chain_item("B120").bads([
        Bad::new("x509.name_too_large", Layer::AttestVerify, IN_DOCUMENT, recipe).generated("attestation", recipe)
    ])
}

/// A chain whose leaf has a name with an attribute of so many KiB, of a type that prints as `#`.
pub(super) fn named_at_length(kib: usize) -> String {
    let value = der::octet_string(&vec![b'x'; kib << 10]);
    let attribute = der::set_of([der::sequence([der::object_identifier("1.3.6.1.4.1.99999.3"), value])]);
    with_leaf(|mut leaf| {
        leaf.subject = der::sequence([attribute]);
        leaf
    })
}

fn profile() -> Item {
    let critical = |oid: &'static str| {
        move |mut builder: CertificateBuilder| {
            for extension in builder.extensions.iter_mut().filter(|extension| extension.oid == oid) {
                extension.critical = true;
            }
            builder
        }
    };
    let plain = |oid: &'static str| {
        move |mut builder: CertificateBuilder| {
            for extension in builder.extensions.iter_mut().filter(|extension| extension.oid == oid) {
                extension.critical = false;
            }
            builder
        }
    };
    let access = der::sequence([der::sequence([
        der::object_identifier("1.3.6.1.5.5.7.48.2"),
        uri("http://ci.example/issuing.crt"),
    ])]);
    let bad = |change: &str, attestation| refused("x509.profile_violation", "certificate", change, attestation);
    let constrained = |builder: CertificateBuilder| builder.extension(constraints(&[uri("ci.example")], &[]));
    let soft = plain(oid::NAME_CONSTRAINTS);
    chain_item("B121")
        .also_good(with_issuing(constrained))
        .bad(bad("a critical authorityKeyIdentifier", with_leaf(critical(oid::AUTHORITY_KEY_IDENTIFIER))))
        .bad(bad("a critical subjectKeyIdentifier", with_issuing(critical(oid::SUBJECT_KEY_IDENTIFIER))))
        .bad(bad(
            "a critical authorityInfoAccess",
            with_leaf(|leaf| leaf.extension(Extension::critical("1.3.6.1.5.5.7.1.1", access))),
        ))
        .bad(bad("name constraints in an end entity", with_leaf(constrained)))
        .bad(bad("basicConstraints not critical in an authority", with_issuing(plain(oid::BASIC_CONSTRAINTS))))
        .bad(bad("nameConstraints not critical", with_issuing(|issuing| soft(constrained(issuing)))))
        .bad(bad(
            "keyCertSign in an end entity",
            with_leaf(|leaf| leaf.extension(Extension::critical(oid::KEY_USAGE, der::named_bits(&[0b1000_0100], 2)))),
        ))
}

fn weak_keys() -> Item {
    let with = |spki: Vec<u8>| {
        move |mut builder: CertificateBuilder| {
            builder.spki = spki.clone();
            builder
        }
    };
    let rsa = |bits: usize| {
        let algorithm = der::sequence([der::object_identifier("1.2.840.113549.1.1.1"), der::null()]);
        let mut modulus = vec![0xff; bits / 8];
        modulus[0] = 0x80;
        let key = der::sequence([der::integer_from_bytes(&modulus), der::integer(65_537)]);
        der::sequence([algorithm, der::bit_string(&key)])
    };
    let curve = |dotted: &str, octets: usize| {
        let algorithm = der::sequence([der::object_identifier("1.2.840.10045.2.1"), der::object_identifier(dotted)]);
        der::sequence([algorithm, der::bit_string(&[vec![4], vec![7; 2 * octets]].concat())])
    };
    let (weak, small) = (rsa(1024), curve("1.2.840.10045.3.1.1", 24));
    let bad = |code: &'static str, change: &str, attestation| refused(code, "", change, attestation);
    chain_item("B122")
        .bad(bad("key.too_weak", "RSA of 1,024 bits in the leaf", with_leaf(with(weak.clone()))))
        .bad(bad("key.too_weak", "RSA of 1,024 bits in the authority", with_issuing(with(weak))))
        .bad(bad("key.curve_unsupported", "P-192 in the leaf", with_leaf(with(small.clone()))))
        .bad(bad("key.curve_unsupported", "P-192 in the authority", with_issuing(with(small))))
}
