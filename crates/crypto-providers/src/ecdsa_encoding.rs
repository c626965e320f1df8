//! The two forms of an ECDSA signature, read strictly into the fixed one.

use crate::asn1::{self, NotUnsigned, Reader};
use crate::point::in_range;
use crate::signature_error::Number;
use crate::{SignatureEncoding, SignatureError};

/// Twice the field of P-521.
const LONGEST: usize = 132;

/// r and s in big-endian, each as long as a field element, on the stack.
pub(crate) struct FixedSignature {
    bytes: [u8; LONGEST],
    length: usize,
}

impl FixedSignature {
    /// Reads `signature` in the form that was announced and checks that both numbers are above zero and below `order`.
    pub(crate) fn read(signature: &[u8], encoding: SignatureEncoding, order: &[u8]) -> Result<Self, SignatureError> {
        let width = order.len();
        let mut fixed = Self { bytes: [0; LONGEST], length: 2 * width };
        match encoding {
            SignatureEncoding::Der => {
                let (r, s) = read_der(signature)?;
                fixed.place(r, width, Number::R)?;
                fixed.place(s, 2 * width, Number::S)?;
            }
            SignatureEncoding::Fixed if signature.len() != fixed.length => {
                return Err(SignatureError::WrongLength { found: signature.len(), expected: fixed.length });
            }
            SignatureEncoding::Fixed => {
                for (to, from) in fixed.bytes.iter_mut().zip(signature) {
                    *to = *from;
                }
            }
        }
        let (r, s) = fixed.as_bytes().split_at(width);
        for (number, value) in [(Number::R, r), (Number::S, s)] {
            if !in_range(value, order) {
                return Err(SignatureError::OutOfRange { number });
            }
        }
        Ok(fixed)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&self.bytes)
    }

    /// Writes a magnitude so that it ends at `end`, where a number of half the length belongs.
    fn place(&mut self, magnitude: &[u8], end: usize, number: Number) -> Result<(), SignatureError> {
        // Longer than the field, and without leading zeros: beyond the order for certain.
        let start = (magnitude.len() <= self.length / 2).then(|| end - magnitude.len());
        let target = start.and_then(|start| self.bytes.get_mut(start..end));
        target.ok_or(SignatureError::OutOfRange { number })?.copy_from_slice(magnitude);
        Ok(())
    }
}

fn read_der(signature: &[u8]) -> Result<(&[u8], &[u8]), SignatureError> {
    let mut numbers = Reader::new(asn1::only(signature, asn1::SEQUENCE).ok_or(SignatureError::NotDer)?);
    let r = numbers.read(asn1::INTEGER).ok_or(SignatureError::NotDer)?;
    let s = numbers.read(asn1::INTEGER).ok_or(SignatureError::NotDer)?;
    if !numbers.is_empty() {
        return Err(SignatureError::NotDer);
    }
    let magnitude = |contents, number| {
        asn1::unsigned(contents).map_err(|flaw| match flaw {
            NotUnsigned::Encoding => SignatureError::NotDer,
            NotUnsigned::Negative => SignatureError::OutOfRange { number },
        })
    };
    Ok((magnitude(r, Number::R)?, magnitude(s, Number::S)?))
}

/// Writes the fixed form in DER.
#[cfg(any(feature = "pkcs11", feature = "rustcrypto"))]
pub(crate) fn to_der(fixed: &[u8]) -> alloc::vec::Vec<u8> {
    let (r, s) = fixed.split_at(fixed.len() / 2);
    let mut numbers = alloc::vec::Vec::with_capacity(fixed.len() + 6);
    asn1::write_unsigned(&mut numbers, r);
    asn1::write_unsigned(&mut numbers, s);
    let mut der = alloc::vec::Vec::with_capacity(numbers.len() + 3);
    asn1::write(&mut der, asn1::SEQUENCE, &[&numbers]);
    der
}
