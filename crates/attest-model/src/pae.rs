//! The pre-authentication encoding.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// What a DSSE signature covers: the payload type and the payload, each with its length in bytes. DSSE v1 "PAE".
///
/// `DSSEv1 <length> <payload type> <length> <payload>`, lengths in decimal without leading zeros. It comes in two
/// parts, so that a large payload goes straight into the hash and is never copied.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pae<'a> {
    header: String,
    payload: &'a [u8],
}

impl<'a> Pae<'a> {
    /// The encoding of `payload_type` and `payload`.
    pub fn new(payload_type: &str, payload: &'a [u8]) -> Self {
        Self { header: format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()), payload }
    }

    /// The two parts: everything before the payload, and the payload.
    pub fn parts(&self) -> [&[u8]; 2] {
        [self.header.as_bytes(), self.payload]
    }

    /// The parts in one piece. Copies the payload: for tests and small messages.
    pub fn to_vec(&self) -> Vec<u8> {
        self.parts().concat()
    }
}
