//! OCSP responses: what is read is kept byte for byte, and no answer but that of the authority says that a certificate is good.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use stella_chain_verify::{OcspResponse, OcspResponseError};
use stella_fuzz::check_reason;
use stella_fuzz::revocable::Revocable;

fn revocable() -> &'static Revocable {
    static REVOCABLE: OnceLock<Revocable> = OnceLock::new();
    REVOCABLE.get_or_init(Revocable::new)
}

fuzz_target!(|data: &[u8]| {
    let response = match OcspResponse::from_der(data) {
        Ok(response) => response,
        Err(error) => {
            check_reason(&error);
            return;
        }
    };
    assert_eq!(response.der(), data);
    let again = OcspResponse::from_der(response.der()).expect("it was read before");
    assert_eq!((again.len(), again.produced_at()), (response.len(), response.produced_at()));
    assert_eq!(again.certificates(), response.certificates());
    assert_eq!(response.is_empty(), response.len() == 0);
    if let Some(limit) = data.len().checked_sub(1) {
        let refused = OcspResponse::from_der_within(data, limit);
        assert!(matches!(refused, Err(OcspResponseError::TooLarge { .. })));
    }
    let revocable = revocable();
    if revocable.is_good_by_response(response) {
        // Certificates beside it are not signed; all else is.
        let signed = revocable.signed_part_of_response();
        let counted = data.windows(signed.len()).any(|window| window == signed);
        assert!(counted, "another answer than that of the authority counted");
    }
});
