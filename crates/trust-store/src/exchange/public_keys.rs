//! Public keys as `cosign` and others write them.

use stella_vocabulary::UnixTime;

use super::error::ExchangeError;
use super::import::{Import, ImportTerms};
use super::pem_bundle::Adding;
use crate::key_file::KeySet;
use crate::ledger::TrustState;

/// Reads a file of public keys in any form of [`key_file`](crate::key_file), such as `cosign.pub`, and adds each key that is not there.
///
/// # Errors
/// [`ExchangeError::KeyFile`]; one bad key refuses all of the file.
pub fn public_keys(
    input: &[u8],
    terms: &ImportTerms,
    state: &TrustState,
    at: UnixTime,
) -> Result<Import, ExchangeError> {
    let set = KeySet::read(input)?;
    let mut adding = Adding::new(state, at);
    for named in set.keys() {
        adding.key(&named.key, named.hint.as_deref(), terms);
    }
    for left_out in set.left_out() {
        adding.left_out(
            alloc::format!("{}, {},", left_out.place, left_out.why),
            "it is no further key to verify signatures with",
        );
    }
    Ok(adding.import)
}
