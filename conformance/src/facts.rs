//! Facts about certificates that can be seen without reading them, so that a deviation can name a feature instead of a case.

/// `sha1WithRSAEncryption` and `ecdsa-with-SHA1`, as OBJECT IDENTIFIERs.
const SHA_1: [&[u8]; 2] = [
    &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05],
    &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01],
];

/// What can be said about any of these certificates, `name:value`.
pub(crate) fn of_certificates<'a>(ders: impl Iterator<Item = &'a [u8]> + Clone) -> Vec<String> {
    let mut facts = Vec::new();
    let mut fact = |holds: fn(&[u8]) -> bool, name: &str| {
        if ders.clone().any(holds) {
            facts.push(name.to_owned());
        }
    };
    fact(has_early_generalized_time, "time:generalized-before-2050");
    fact(has_sha_1_signature, "signature:sha-1");
    fact(has_short_rsa_key, "key:rsa-below-2048");
    fact(has_application_policies, "extension:application-policies");
    facts
}

/// The DER of a file: of its first PEM block, or as it is.
pub(crate) fn der_of(file: &[u8]) -> Vec<u8> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let Some(start) = file.windows(BEGIN.len()).position(|window| window == BEGIN) else { return file.to_vec() };
    let text = String::from_utf8_lossy(file.get(start..).unwrap_or_default());
    let body = text.lines().skip(1).take_while(|line| !line.starts_with("-----END ")).map(str::trim);
    stella_vocabulary::base64::decode(&body.collect::<String>()).unwrap_or_else(|_| file.to_vec())
}

/// Whether a GeneralizedTime of the form that certificates use says a year from 1950 to 2049.
fn has_early_generalized_time(der: &[u8]) -> bool {
    der.windows(17).any(|window| {
        let (Some([0x18, 0x0f]), Some(text)) = (window.first_chunk::<2>(), window.get(2..)) else { return false };
        let digits = text.iter().take(14).all(u8::is_ascii_digit) && text.last() == Some(&b'Z');
        let year =
            std::str::from_utf8(text).ok().and_then(|text| text.get(..4)).and_then(|year| year.parse::<u16>().ok());
        digits && year.is_some_and(|year| (1950..2050).contains(&year))
    })
}

/// Microsoft's list of purposes beside extended key usage, 1.3.6.1.4.1.311.21.10.
fn has_application_policies(der: &[u8]) -> bool {
    const OID: &[u8] = &[0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x15, 0x0a];
    der.windows(OID.len()).any(|window| window == OID)
}

fn has_sha_1_signature(der: &[u8]) -> bool {
    SHA_1.iter().any(|oid| der.windows(oid.len()).any(|window| window == *oid))
}

/// Whether there is an `RSAPublicKey` with a modulus of 512 to 2,047 bits, as they lie in a `subjectPublicKeyInfo`: `rsaEncryption`, NULL, a BIT
/// STRING without unused bits, a SEQUENCE, an INTEGER.
fn has_short_rsa_key(der: &[u8]) -> bool {
    const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x03];
    der.windows(RSA.len()).enumerate().filter(|(_, window)| *window == RSA).any(|(at, _)| {
        let after = der.get(at + RSA.len()..).unwrap_or_default();
        // The length of the BIT STRING is that of the modulus and a little: 140 octets for 1,024 bits, 271 for 2,048.
        match after {
            [0x81, _, ..] => true,
            [length, ..] if *length < 0x80 => true,
            [0x82, high, low, ..] => u16::from_be_bytes([*high, *low]) < 2048 / 8,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::of_certificates;

    #[test]
    fn dates_in_the_wrong_form_are_seen() {
        let facts = |der: &[u8]| of_certificates([der].into_iter());
        assert_eq!(facts(b"\x18\x0f20200101120000Z"), ["time:generalized-before-2050"]);
        assert!(facts(b"\x18\x0f20500101120000Z").is_empty());
        assert!(facts(b"\x17\x0d200101120000Z").is_empty());
    }
}
