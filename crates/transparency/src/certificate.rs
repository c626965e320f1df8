//! The few fields of an X.509 certificate that SCTs and timestamps refer to.
//!
//! Certificates are judged elsewhere; these bytes come from one that was, or will be.

use crate::asn1::{BIT_STRING, BOOLEAN, Cursor, DerError, Element, INTEGER, OCTET_STRING, OID, SEQUENCE, context};

/// Content octets of 2.5.29.14, subjectKeyIdentifier.
const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];

pub(crate) struct CertificateFields<'a> {
    /// `tbsCertificate`.
    pub(crate) tbs: Element<'a>,
    /// The content octets of the serial number.
    pub(crate) serial: &'a [u8],
    /// The issuer name with its header.
    pub(crate) issuer: &'a [u8],
    /// The `[3]` element and the SEQUENCE inside, where the certificate has extensions.
    pub(crate) extensions: Option<(Element<'a>, Element<'a>)>,
}

pub(crate) struct Extension<'a> {
    /// The whole `Extension`.
    pub(crate) element: Element<'a>,
    /// The content octets of its identifier.
    pub(crate) oid: &'a [u8],
    /// The content of `extnValue`.
    pub(crate) value: &'a [u8],
}

impl<'a> CertificateFields<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, DerError> {
        let certificate = Cursor::document(der, SEQUENCE)?;
        let mut outer = certificate.inside();
        let tbs = outer.expect(SEQUENCE)?;
        outer.expect(SEQUENCE)?;
        outer.expect(BIT_STRING)?;
        outer.finish()?;

        let mut fields = tbs.inside();
        fields.optional(context(0))?;
        let serial = fields.expect(INTEGER)?.integer()?;
        fields.expect(SEQUENCE)?; // signature
        let issuer = fields.expect(SEQUENCE)?.whole();
        fields.expect(SEQUENCE)?; // validity
        fields.expect(SEQUENCE)?; // subject
        fields.expect(SEQUENCE)?; // subjectPublicKeyInfo
        while let Some(0x80..=0x82 | 0xa1 | 0xa2) = fields.peek() {
            fields.next()?; // the unique identifiers
        }
        let extensions = match fields.optional(context(3))? {
            None => None,
            Some(explicit) => {
                let mut inside = explicit.inside();
                let list = inside.expect(SEQUENCE)?;
                inside.finish()?;
                Some((explicit, list))
            }
        };
        fields.finish()?;
        Ok(Self { tbs, serial, issuer, extensions })
    }

    /// Each extension in order, up to the first that is malformed.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = Result<Extension<'a>, DerError>> {
        let mut cursor = self.extensions.map(|(_, list)| list.inside());
        core::iter::from_fn(move || {
            let open = cursor.as_mut().filter(|cursor| !cursor.is_empty())?;
            let extension = open.next().and_then(Extension::parse);
            if extension.is_err() {
                cursor = None;
            }
            Some(extension)
        })
    }

    pub(crate) fn subject_key_identifier(&self) -> Option<&'a [u8]> {
        let extension = self.extensions().flatten().find(|extension| extension.oid == SUBJECT_KEY_IDENTIFIER)?;
        Cursor::document(extension.value, OCTET_STRING).ok().map(|element| element.content())
    }
}

impl<'a> Extension<'a> {
    fn parse(element: Element<'a>) -> Result<Self, DerError> {
        if element.tag != SEQUENCE {
            return Err(element.tag_error(SEQUENCE));
        }
        let mut inside = element.inside();
        let oid = inside.expect(OID)?.content();
        inside.optional(BOOLEAN)?;
        let value = inside.expect(OCTET_STRING)?.content();
        inside.finish()?;
        Ok(Self { element, oid, value })
    }
}
