//! Revocation lists: what is read is kept byte for byte, and no list but that of the authority says that a certificate is good.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use stella_chain_verify::{RevocationList, RevocationListError};
use stella_fuzz::check_reason;
use stella_fuzz::revocable::Revocable;
use stella_fuzz::shown::check_harmless;

fn revocable() -> &'static Revocable {
    static REVOCABLE: OnceLock<Revocable> = OnceLock::new();
    REVOCABLE.get_or_init(Revocable::new)
}

fuzz_target!(|data: &[u8]| {
    if let Err(error) = RevocationList::from_pem(data) {
        check_reason(&error);
    }
    let list = match RevocationList::from_der(data) {
        Ok(list) => list,
        Err(error) => {
            check_reason(&error);
            return;
        }
    };
    assert_eq!(list.der(), data);
    let again = RevocationList::from_der(list.der()).expect("it was read before");
    assert_eq!((again.len(), again.number(), again.this_update()), (list.len(), list.number(), list.this_update()));
    assert_eq!(list.is_empty(), list.len() == 0);
    check_harmless(&list.issuer().to_string());
    if let Some(limit) = data.len().checked_sub(1) {
        let refused = RevocationList::from_der_within(data, limit);
        assert!(matches!(refused, Err(RevocationListError::TooLarge { .. })));
    }
    let revocable = revocable();
    if revocable.is_good_by_list(list) {
        assert_eq!(data, revocable.list(), "another list than that of the authority counted");
    }
});
