//! Bytes in JSON strings.

use alloc::vec::Vec;

use stella_vocabulary::{Base64Error, base64};

use crate::DocumentError;
use crate::json::Value;

/// The bytes of a base64 string in either alphabet, at most `limit` of them; `what` is their name in the plural or as a whole.
pub(crate) fn read(value: Value<'_, '_>, what: &'static str, limit: usize) -> Result<Vec<u8>, DocumentError> {
    base64::decode_bounded(value.as_str()?, limit).map_err(|error| match error {
        Base64Error::TooLong { decoded, limit } => {
            DocumentError::TooLarge { place: value.place(), what, found: decoded, limit }
        }
        error => DocumentError::Base64 { place: value.place(), error },
    })
}
