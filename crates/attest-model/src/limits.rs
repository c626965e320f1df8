//! How large a document, and what is inside it, may be.

/// How large a document, and what is inside it, may be.
///
/// Sizes are bytes, the rest are counts; each is the largest value that is still accepted. Every limit is looked at
/// before anything is allocated for, parsed from or computed over what it limits. Start from [`Limits::default`] and
/// change what must differ:
///
/// ```
/// use stella_attest_model::Limits;
/// let limits = Limits { signatures: 4, ..Limits::default() };
/// # assert_eq!(limits.json_depth, 64);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// DER bytes of one certificate. Default 64 KiB.
    pub certificate_bytes: usize,
    /// Certificates in one chain. Default 32.
    pub certificates: usize,
    /// Bytes of a log checkpoint's text. Default 64 KiB.
    pub checkpoint_bytes: usize,
    /// Digests in the digest set of one subject. Default 32.
    pub digests_per_subject: usize,
    /// Bytes of one document: an envelope, a bundle, or all the lines of a JSON Lines input. Default 16 MiB.
    ///
    /// Whatever it says, a document of 512 MiB or more is refused: offsets inside the parser have 29 bits.
    pub document_bytes: usize,
    /// Bytes of an identifier: key id, payload type, subject name, predicate type, media type. Default 8 KiB.
    pub identifier_bytes: usize,
    /// Levels of arrays and objects, the outermost being the first. Default 64.
    pub json_depth: usize,
    /// Members of one JSON object. Default 10,000.
    pub json_members: usize,
    /// Transparency log entries in one bundle. Default 32.
    pub log_entries: usize,
    /// Bytes of a decoded DSSE payload. Default 12 MiB.
    pub payload_bytes: usize,
    /// Hashes in one inclusion proof. Default 64: the depth of a tree of 2^64 leaves.
    pub proof_hashes: usize,
    /// Signatures in one DSSE envelope. Default 32.
    pub signatures: usize,
    /// Subjects in one statement. Default 1,024.
    pub subjects: usize,
    /// RFC 3161 timestamps in one bundle. Default 32.
    pub timestamps: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            certificate_bytes: 64 << 10,
            certificates: 32,
            checkpoint_bytes: 64 << 10,
            digests_per_subject: 32,
            document_bytes: 16 << 20,
            identifier_bytes: 8 << 10,
            json_depth: 64,
            json_members: 10_000,
            log_entries: 32,
            payload_bytes: 12 << 20,
            proof_hashes: 64,
            signatures: 32,
            subjects: 1024,
            timestamps: 32,
        }
    }
}
