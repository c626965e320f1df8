//! Trusted roots: every entry of an accepted one can be used, none is left out, and every window has a start.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use stella_attest_model::Limits;
use stella_fuzz::check_reason;
use stella_trust_store::{CertificateAuthority, DomainKind, TimestampAuthority, TrustSnapshot, TrustedRoot};
use stella_vocabulary::{End, UnixTime, Window};

fuzz_target!(|data: &[u8]| {
    let root = match TrustedRoot::from_json(data) {
        Ok(root) => root,
        Err(error) => {
            check_reason(&error);
            assert!(TrustSnapshot::builder().trusted_root(data).is_err());
            return;
        }
    };
    assert!(data.len() <= Limits::default().document_bytes);
    let build = || TrustSnapshot::builder().trusted_root_with(root.clone()).build();
    let snapshot = match build() {
        Ok(snapshot) => snapshot,
        Err(error) => return check_reason(&error),
    };
    assert_eq!(build().expect("as before").root(), snapshot.root());
    let value: Value = serde_json::from_slice(data).expect("JSON to a second reader");
    let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
    let imported: Vec<_> = snapshot.domains().iter().filter(|domain| domain.kind() == DomainKind::Public).collect();
    assert_eq!(imported.len(), 1);
    for domain in imported {
        for (name, windows) in [
            ("tlogs", domain.logs().iter().map(|log| log.window()).collect::<Vec<_>>()),
            ("ctlogs", domain.ct_logs().iter().map(|log| log.window()).collect()),
            ("timestampAuthorities", domain.timestamp_authorities().iter().map(TimestampAuthority::window).collect()),
            ("certificateAuthorities", domain.authorities().iter().map(of_authority).collect()),
        ] {
            let entries = list(name);
            assert_eq!(windows.len(), entries.len(), "{name}");
            for (window, entry) in windows.into_iter().zip(&entries) {
                check_window(window, entry);
            }
        }
    }
});

fn of_authority(authority: &CertificateAuthority) -> Window {
    let [anchor] = authority.anchors() else { panic!("one chain has one anchor") };
    anchor.window()
}

/// Bounds are those of the document, the end included.
fn check_window(window: Window, entry: &Value) {
    let stated = match &entry["publicKey"]["validFor"] {
        Value::Null => &entry["validFor"],
        stated => stated,
    };
    let read = |name: &str| stated[name].as_str().and_then(|text| UnixTime::parse_rfc3339(text).ok());
    assert!(window.from().is_some(), "a window without a start");
    assert_eq!(window.from(), read("start"));
    assert_eq!(window.until(), read("end"));
    assert!(!window.is_empty());
    if let Some(until) = window.until() {
        assert_eq!(window.end(), End::Inclusive);
        assert!(window.contains(until));
    }
}
