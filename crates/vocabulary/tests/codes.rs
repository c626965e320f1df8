//! The registry of codes is an API: spelling, order and exit statuses are frozen here.

use std::collections::BTreeMap;

use stella_vocabulary::Code;

const FROZEN: &str = include_str!("../testdata/codes.txt");

#[test]
fn the_registry_is_exactly_the_frozen_list() {
    let registered: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let frozen: Vec<_> = FROZEN.lines().collect();
    assert_eq!(registered, frozen);
    assert_eq!(registered.len(), 194);
}

#[test]
fn the_order_of_codes_is_the_order_of_their_spelling() {
    assert!(Code::ALL.windows(2).all(|pair| pair[0] < pair[1] && pair[0].as_str() < pair[1].as_str()));
}

#[test]
fn every_code_is_parsed_from_its_spelling_and_from_nothing_else() {
    for &code in Code::ALL {
        assert_eq!(Code::parse(code.as_str()), Some(code));
        assert_eq!(Code::parse(&code.as_str().to_uppercase()), None);
        assert_eq!(Code::parse(&format!("{code} ")), None);
        assert_eq!(format!("{}.{}", code.family(), code.name()), code.to_string());
    }
    assert_eq!(Code::parse(""), None);
    assert_eq!(Code::parse("x509"), None);
}

#[test]
fn spellings_are_lower_case_with_one_dot() {
    for code in Code::ALL {
        let text = code.as_str();
        assert!(text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_')), "{text}");
        assert_eq!(text.matches('.').count(), 1, "{text}");
    }
}

#[test]
fn every_exit_status_is_the_one_of_the_table() {
    let mut families: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for code in Code::ALL {
        let statuses = families.entry(code.family()).or_default();
        if !statuses.contains(&code.exit_status()) {
            statuses.push(code.exit_status());
        }
    }
    let expected: BTreeMap<&str, Vec<u8>> = [
        ("approval", vec![3]),
        ("audit", vec![6]),
        ("base64", vec![1]),
        ("bundle", vec![1]),
        ("config", vec![2]),
        ("crypto", vec![6]),
        ("dsse", vec![1]),
        ("fetch", vec![5]),
        ("identity", vec![1]),
        ("input", vec![2]),
        ("internal", vec![70]),
        ("intoto", vec![1]),
        ("json", vec![1]),
        ("key", vec![1]),
        ("oci", vec![1, 2, 4]),
        ("output", vec![6]),
        ("pem", vec![1]),
        ("policy", vec![1]),
        ("resign", vec![1]),
        ("sig", vec![1]),
        ("store", vec![10, 6, 4]),
        ("time", vec![1]),
        ("tlog", vec![1]),
        ("trust", vec![6, 1]),
        ("usage", vec![2]),
        ("x509", vec![1, 6]),
    ]
    .into();
    assert_eq!(families, expected);
}

#[test]
fn the_exceptions_within_a_family_are_these() {
    for (code, status) in [
        (Code::StoreBusy, 10),
        (Code::StoreLocked, 10),
        (Code::StoreNotFound, 4),
        (Code::StoreCorrupt, 6),
        (Code::TrustAnchorInvalid, 6),
        (Code::TrustAnchorNotValid, 1),
        (Code::TrustMetadataExpired, 6),
        (Code::TrustWindowInvalid, 6),
        (Code::X509Expired, 1),
        (Code::X509PathBudgetExceeded, 6),
        (Code::X509RevocationUnknown, 1),
    ] {
        assert_eq!(code.exit_status(), status, "{code}");
    }
}

#[test]
fn no_code_exits_with_zero_and_indeterminate_means_6_or_10() {
    for code in Code::ALL {
        assert_ne!(code.exit_status(), 0);
        assert_eq!(code.is_indeterminate(), [6, 10].contains(&code.exit_status()), "{code}");
    }
    assert!(Code::CryptoAlgorithmUnavailable.is_indeterminate());
    assert!(!Code::X509Expired.is_indeterminate());
}
