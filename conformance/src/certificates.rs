//! Certificates as suites keep them: PEM with text around it, or one DER certificate after another.

use stella_chain_verify::{Certificate, CertificateError};

/// What opens a PEM block.
const BEGIN: &[u8] = b"-----BEGIN ";

/// Every certificate of a file.
pub(crate) fn all(file: &[u8]) -> Result<Vec<Certificate>, CertificateError> {
    if file.is_empty() {
        return Ok(Vec::new());
    }
    match file.windows(BEGIN.len()).position(|window| window == BEGIN) {
        Some(start) => Certificate::from_pem_all(file.get(start..).unwrap_or_default()),
        None => split(file).into_iter().map(Certificate::from_der).collect(),
    }
}

/// The first certificate of a file.
pub(crate) fn first(file: &[u8]) -> Result<Certificate, CertificateError> {
    match all(file)?.into_iter().next() {
        Some(certificate) => Ok(certificate),
        None => Certificate::from_der(file),
    }
}

/// Cuts a row of DER elements apart; what has no length that fits is one element, for the reader to refuse.
fn split(mut der: &[u8]) -> Vec<&[u8]> {
    let mut elements = Vec::new();
    while !der.is_empty() {
        let end = element_length(der).filter(|length| *length <= der.len()).unwrap_or(der.len());
        let (element, rest) = der.split_at(end);
        elements.push(element);
        der = rest;
    }
    elements
}

/// Length of the element at the start, header included. X.690 §8.1.3.
fn element_length(der: &[u8]) -> Option<usize> {
    let first = usize::from(*der.get(1)?);
    if first < 0x80 {
        return Some(2 + first);
    }
    let octets = first & 0x7f;
    let length = der
        .get(2..2 + octets)?
        .iter()
        .try_fold(0_usize, |length, octet| length.checked_mul(256).map(|length| length + usize::from(*octet)))?;
    length.checked_add(2 + octets)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn elements_are_cut_at_their_own_lengths() {
        assert_eq!(split(&[0x30, 1, 0, 0x30, 0x81, 1, 7]), [&[0x30, 1, 0][..], &[0x30, 0x81, 1, 7]]);
        assert_eq!(split(&[0x30, 9, 0]), [&[0x30, 9, 0][..]]);
        assert!(split(&[]).is_empty());
    }
}
