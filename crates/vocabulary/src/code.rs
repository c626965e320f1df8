//! The one registry of codes: every reason a report, an error or a health check can give.

use alloc::format;
use alloc::string::String;
use core::fmt;

macro_rules! registry {
    ($($(#[$meaning:meta])+ $variant:ident = $text:literal,)+) => {
        /// A reason, named `family.name`.
        ///
        /// A released code keeps its spelling and its meaning; adding one is a minor release. The order is that of the
        /// spelling. The reference page of each code is in `docs/codes.md`.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[$meaning])+ $variant,)+
        }

        impl Code {
            /// Every code, sorted by spelling.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The spelling, such as `x509.expired`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

impl Code {
    /// The part before the dot, such as `x509`.
    pub fn family(self) -> &'static str {
        self.as_str().split_once('.').map_or("", |(family, _)| family)
    }

    /// The part after the dot, such as `expired`.
    pub fn name(self) -> &'static str {
        self.as_str().split_once('.').map_or("", |(_, name)| name)
    }

    /// The anchor of its page within `docs/codes.md`: the spelling without the dot, such as `x509expired`.
    pub fn anchor(self) -> String {
        self.as_str().replace('.', "")
    }

    /// Where its page is, such as `docs/codes.md#x509expired`; reports carry this.
    pub fn reference(self) -> String {
        format!("docs/codes.md#{}", self.anchor())
    }

    /// The code spelled exactly `text`; letter case matters.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.binary_search_by(|code| code.as_str().cmp(text)).ok().and_then(|found| Self::ALL.get(found).copied())
    }

    /// The exit status of a command that ends with this code: never 0, and total, so that no code is forgotten.
    ///
    /// | status | meaning |
    /// |---|---|
    /// | 1 | judged and rejected, or a check found a change |
    /// | 2 | usage, configuration, or an input that is no document |
    /// | 3 | not authorised |
    /// | 4 | not found |
    /// | 5 | network needed while offline, or a fetch failed |
    /// | 6 | could not decide |
    /// | 10 | try again |
    /// | 70 | internal error |
    ///
    /// Of the family `trust.`, only [`Code::TrustAnchorNotValid`] is a verdict (1): it is found while judging a path at
    /// an instant. The others are found while trust is loaded, before anything is judged (6).
    pub fn exit_status(self) -> u8 {
        match self {
            Self::TrustAnchorNotValid => 1,
            Self::X509PathBudgetExceeded => 6,
            Self::OciDigestMismatch => 1,
            Self::OciNotFound | Self::StoreNotFound => 4,
            Self::StoreBusy | Self::StoreLocked => 10,
            other => match other.family() {
                "usage" | "config" | "input" | "oci" => 2,
                "approval" => 3,
                "fetch" => 5,
                "audit" | "crypto" | "output" | "store" | "trust" => 6,
                "internal" => 70,
                _ => 1,
            },
        }
    }

    /// Whether nothing could be judged (exit status 6 or 10), as opposed to judged and rejected.
    pub fn is_indeterminate(self) -> bool {
        matches!(self.exit_status(), 6 | 10)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

registry! {
    /// `approval.digest_mismatch`. An approval was signed over other content than the change request it is attached to.
    ApprovalDigestMismatch = "approval.digest_mismatch",
    /// `approval.expired`. The change request or an approval of it is past its expiry, so it can no longer take effect.
    ApprovalExpired = "approval.expired",
    /// `approval.not_authorized`. Somebody approved who may not: the person or the key is not, or no longer, among the
    /// approvers.
    ApprovalNotAuthorized = "approval.not_authorized",
    /// `approval.not_distinct`. The same person stands behind two of the approvals that were counted.
    ApprovalNotDistinct = "approval.not_distinct",
    /// `approval.replayed`. This approval or request has already taken effect once.
    ApprovalReplayed = "approval.replayed",
    /// `approval.required`. The change would accept something that is refused today, so it needs approval by the quorum
    /// and has not got it.
    ApprovalRequired = "approval.required",
    /// `approval.self`. The person who requested the change also approved it as the second person.
    ApprovalSelf = "approval.self",
    /// `approval.stale`. The trust store changed after the request was made, so the request was approved against a
    /// state that no longer exists.
    ApprovalStale = "approval.stale",
    /// `approval.wrong_store`. The approval was made for another trust store.
    ApprovalWrongStore = "approval.wrong_store",
    /// `audit.broken`. The audit log of the trust store does not verify: an entry was edited, removed or moved.
    AuditBroken = "audit.broken",
    /// `audit.state_mismatch`. The trust store holds something that its audit log does not explain.
    AuditStateMismatch = "audit.state_mismatch",
    /// `audit.truncated`. The audit log is shorter than a checkpoint seen earlier says: its end was cut off.
    AuditTruncated = "audit.truncated",
    /// `base64.invalid`. A value is not strict base64.
    Base64Invalid = "base64.invalid",
    /// `base64.noncanonical`. The last symbol of a base64 value carries bits that decode to nothing.
    Base64Noncanonical = "base64.noncanonical",
    /// `bundle.certificate_missing`. The bundle has a list of certificates, but the list is empty.
    BundleCertificateMissing = "bundle.certificate_missing",
    /// `bundle.chain_contains_root`. The certificates in the bundle include a self-signed root.
    BundleChainContainsRoot = "bundle.chain_contains_root",
    /// `bundle.content_ambiguous`. The bundle has both a DSSE envelope and a message signature, or neither.
    BundleContentAmbiguous = "bundle.content_ambiguous",
    /// `bundle.enum_unknown`. A member holds a value that this version does not know, such as another hash algorithm.
    BundleEnumUnknown = "bundle.enum_unknown",
    /// `bundle.key_material_mismatch`. The kind of key does not fit: the bundle hints at a public key and none or
    /// another was supplied, or a key was supplied for a bundle that carries a certificate.
    BundleKeyMaterialMismatch = "bundle.key_material_mismatch",
    /// `bundle.media_type_unsupported`. The bundle names a media type or version that is not supported.
    BundleMediaTypeUnsupported = "bundle.media_type_unsupported",
    /// `bundle.message_digest_mismatch`. The digest written in the bundle is not the digest of the artifact.
    BundleMessageDigestMismatch = "bundle.message_digest_mismatch",
    /// `bundle.no_verification_material`. The bundle brings no certificate and no key hint.
    BundleNoVerificationMaterial = "bundle.no_verification_material",
    /// `bundle.shape_invalid`. The bundle does not have the shape its version prescribes, for instance a chain in
    /// version 0.3, or a log entry without an inclusion proof from 0.2 on.
    BundleShapeInvalid = "bundle.shape_invalid",
    /// `bundle.signature_count`. The DSSE envelope inside a bundle does not have exactly one signature.
    BundleSignatureCount = "bundle.signature_count",
    /// `bundle.too_many_entries`. The bundle has more log entries, timestamps or certificates than the limit of 32.
    BundleTooManyEntries = "bundle.too_many_entries",
    /// `config.invalid`. A policy or configuration can be read but makes no sense: a wrong type, an empty list of what
    /// is allowed, or a skipped check as the default for everything.
    ConfigInvalid = "config.invalid",
    /// `config.unknown_key`. A policy or configuration has a setting of a name that does not exist.
    ConfigUnknownKey = "config.unknown_key",
    /// `crypto.algorithm_unavailable`. No provider in this program can compute the algorithm.
    CryptoAlgorithmUnavailable = "crypto.algorithm_unavailable",
    /// `crypto.login_refused`. The token that holds the key did not let the user in: no PIN, a wrong one, or one that is
    /// locked, too old or not set.
    CryptoLoginRefused = "crypto.login_refused",
    /// `crypto.provider_conflict`. The configuration of providers contradicts itself: two of one name or for one
    /// algorithm, or a name that no provider has.
    CryptoProviderConflict = "crypto.provider_conflict",
    /// `crypto.provider_disagreement`. Two providers gave different answers to the same test.
    CryptoProviderDisagreement = "crypto.provider_disagreement",
    /// `crypto.provider_failed`. A provider could not finish: it crashed, hung, or gave an answer that makes no sense.
    CryptoProviderFailed = "crypto.provider_failed",
    /// `dsse.key_unknown`. Every signature is by a key that is not in the trust store.
    DsseKeyUnknown = "dsse.key_unknown",
    /// `dsse.missing_field`. The envelope lacks a member it must have: `payload`, `payloadType`, `signatures`, or `sig`
    /// in a signature.
    DsseMissingField = "dsse.missing_field",
    /// `dsse.no_signatures`. The envelope has an empty list of signatures.
    DsseNoSignatures = "dsse.no_signatures",
    /// `dsse.payload_type_unsupported`. The signature may be fine, but the payload is of a type that is not understood,
    /// so it cannot be tied to an artifact.
    DssePayloadTypeUnsupported = "dsse.payload_type_unsupported",
    /// `dsse.signature_invalid`. A signature by a known key does not fit the payload and its type.
    DsseSignatureInvalid = "dsse.signature_invalid",
    /// `dsse.threshold_not_met`. Fewer distinct trusted keys signed than the policy asks for.
    DsseThresholdNotMet = "dsse.threshold_not_met",
    /// `dsse.too_many_signatures`. The envelope has more than 32 signatures.
    DsseTooManySignatures = "dsse.too_many_signatures",
    /// `fetch.address_refused`. The host resolves to an address that is not public, such as loopback, a private network
    /// or a cloud metadata service.
    FetchAddressRefused = "fetch.address_refused",
    /// `fetch.dns`. The name of the host could not be resolved.
    FetchDns = "fetch.dns",
    /// `fetch.incomplete`. The answer ended before it was complete.
    FetchIncomplete = "fetch.incomplete",
    /// `fetch.issuer_mismatch`. The document that was fetched says it belongs to another issuer than the one it was
    /// fetched for.
    FetchIssuerMismatch = "fetch.issuer_mismatch",
    /// `fetch.keys_malformed`. The answer is not a set of public keys that can be used: a web page, an empty set, far
    /// too many keys, two keys under one id, or keys with a private or symmetric part.
    FetchKeysMalformed = "fetch.keys_malformed",
    /// `fetch.redirect_refused`. The server answered with a redirect.
    FetchRedirectRefused = "fetch.redirect_refused",
    /// `fetch.status`. The server answered with an error status.
    FetchStatus = "fetch.status",
    /// `fetch.timeout`. The fetch did not finish within its total time of 15 seconds.
    FetchTimeout = "fetch.timeout",
    /// `fetch.tls`. The TLS connection could not be trusted: an expired or self-signed certificate, another host name,
    /// an unknown authority or an old protocol.
    FetchTls = "fetch.tls",
    /// `fetch.too_large`. The answer is larger than 1 MiB, or its headers than 16 KiB.
    FetchTooLarge = "fetch.too_large",
    /// `fetch.unauthorized`. A registry asks for a name and password, or does not accept those it was given.
    FetchUnauthorized = "fetch.unauthorized",
    /// `fetch.url_refused`. The URL may not be fetched: not HTTPS, with user information in it, or of a host that is
    /// not configured.
    FetchUrlRefused = "fetch.url_refused",
    /// `identity.issuer_mismatch`. The signer's certificate says that somebody else vouched for the identity.
    IdentityIssuerMismatch = "identity.issuer_mismatch",
    /// `identity.mismatch`. The certificate belongs to another identity than the one required.
    IdentityMismatch = "identity.mismatch",
    /// `input.changed_during_read`. A file changed while it was being read.
    InputChangedDuringRead = "input.changed_during_read",
    /// `input.empty`. The input is empty or only white space.
    InputEmpty = "input.empty",
    /// `input.not_regular_file`. A path names a directory, device, socket or pipe where a file is expected.
    InputNotRegularFile = "input.not_regular_file",
    /// `input.too_large`. The input is larger than the limit for its kind.
    InputTooLarge = "input.too_large",
    /// `input.unknown_format`. The input is none of the documents that are understood.
    InputUnknownFormat = "input.unknown_format",
    /// `internal.panic`. The program has a defect and stopped before it had a result.
    InternalPanic = "internal.panic",
    /// `internal.random`. The operating system gave no random numbers.
    InternalRandom = "internal.random",
    /// `intoto.artifact_missing`. A check against an artifact was asked for, but the artifact given is empty: no digest
    /// at all.
    IntotoArtifactMissing = "intoto.artifact_missing",
    /// `intoto.digest_algorithm_unsupported`. The subjects are named only by digests of algorithms that this version
    /// cannot compute.
    IntotoDigestAlgorithmUnsupported = "intoto.digest_algorithm_unsupported",
    /// `intoto.digest_algorithm_weak`. The subjects are named only by weak digests, such as md5, sha1 or a Git commit
    /// id.
    IntotoDigestAlgorithmWeak = "intoto.digest_algorithm_weak",
    /// `intoto.digest_conflict`. One digest of the subject fits the artifact and another one does not.
    IntotoDigestConflict = "intoto.digest_conflict",
    /// `intoto.digest_malformed`. A digest is not hexadecimal or has not the length of its algorithm.
    IntotoDigestMalformed = "intoto.digest_malformed",
    /// `intoto.malformed`. The signature is good, but what was signed is not an in-toto statement.
    IntotoMalformed = "intoto.malformed",
    /// `intoto.no_subjects`. The statement names no subject.
    IntotoNoSubjects = "intoto.no_subjects",
    /// `intoto.predicate_type_invalid`. The predicate type is missing, empty or not a URI.
    IntotoPredicateTypeInvalid = "intoto.predicate_type_invalid",
    /// `intoto.statement_type_unsupported`. The `_type` of the statement is neither in-toto Statement v0.1 nor v1.
    IntotoStatementTypeUnsupported = "intoto.statement_type_unsupported",
    /// `intoto.subject_digest_missing`. A subject has a name but no digest.
    IntotoSubjectDigestMissing = "intoto.subject_digest_missing",
    /// `intoto.subject_mismatch`. The attestation is genuine, but about something else: none of its subjects has the
    /// digest of the artifact.
    IntotoSubjectMismatch = "intoto.subject_mismatch",
    /// `intoto.too_many_digests`. A subject has more than 32 digests.
    IntotoTooManyDigests = "intoto.too_many_digests",
    /// `intoto.too_many_subjects`. The statement names more than 1,024 subjects.
    IntotoTooManySubjects = "intoto.too_many_subjects",
    /// `json.bom`. The document starts with a byte order mark, or is UTF-16 or UTF-32.
    JsonBom = "json.bom",
    /// `json.control_character`. An identifier holds a control character.
    JsonControlCharacter = "json.control_character",
    /// `json.depth_exceeded`. The document nests deeper than the limit of 64 levels.
    JsonDepthExceeded = "json.depth_exceeded",
    /// `json.duplicate_key`. An object has two members of one name.
    JsonDuplicateKey = "json.duplicate_key",
    /// `json.invalid_unicode`. The text is not valid UTF-8, or a string escapes half of a surrogate pair.
    JsonInvalidUnicode = "json.invalid_unicode",
    /// `json.number_out_of_range`. A number is not an integer of the range its member allows: too large, negative, or
    /// written with a fraction or an exponent.
    JsonNumberOutOfRange = "json.number_out_of_range",
    /// `json.syntax`. The document is not JSON.
    JsonSyntax = "json.syntax",
    /// `json.too_many_members`. One object has more than 10,000 members.
    JsonTooManyMembers = "json.too_many_members",
    /// `json.trailing_data`. Something follows after the end of the document.
    JsonTrailingData = "json.trailing_data",
    /// `json.wrong_type`. A member has another type than it must have: a list or null where an object is due, a number
    /// where a string is due.
    JsonWrongType = "json.wrong_type",
    /// `key.algorithm_mismatch`. The key is of another kind than the algorithm it is declared for, such as a P-384 key
    /// for P-256, or Ed25519 for ECDSA.
    KeyAlgorithmMismatch = "key.algorithm_mismatch",
    /// `key.curve_unsupported`. The key lies on a curve that is not supported, or spells out curve parameters of its
    /// own.
    KeyCurveUnsupported = "key.curve_unsupported",
    /// `key.expired`. The key's window in the trust store has ended, and there is no trusted time to show that the
    /// signature is older.
    KeyExpired = "key.expired",
    /// `key.expired_at_signing`. A trusted time shows that the signature was made at or after the end of the key's
    /// window.
    KeyExpiredAtSigning = "key.expired_at_signing",
    /// `key.malformed`. The key cannot be decoded strictly: a point off its curve, data to spare, or parameters that do
    /// not belong there.
    KeyMalformed = "key.malformed",
    /// `key.not_approved`. The store knows who signed and does not count it: staged, requested, taken out, or of an issuer that is not trusted.
    KeyNotApproved = "key.not_approved",
    /// `key.not_yet_trusted`. A trusted time shows that the signature was made before the key's window began.
    KeyNotYetTrusted = "key.not_yet_trusted",
    /// `key.private_key_supplied`. A private key was given where a public key or certificate is expected.
    KeyPrivateKeySupplied = "key.private_key_supplied",
    /// `key.revoked`. The key has been revoked, and the revocation covers this signature.
    KeyRevoked = "key.revoked",
    /// `key.rsa_exponent`. The public exponent of an RSA key is even or too small (or absurdly large).
    KeyRsaExponent = "key.rsa_exponent",
    /// `key.small_order`. An Ed25519 public key of small order.
    KeySmallOrder = "key.small_order",
    /// `key.too_large`. The RSA modulus is larger than permitted.
    KeyTooLarge = "key.too_large",
    /// `key.too_weak`. The key is too short to be trusted: RSA below 2,048 bits, DSA, or a small curve.
    KeyTooWeak = "key.too_weak",
    /// `oci.digest_mismatch`. A blob or manifest of an image does not have the digest or size that it is named by.
    OciDigestMismatch = "oci.digest_mismatch",
    /// `oci.layout_invalid`. The directory is not an OCI image layout, or a part of it is a link or no regular file.
    OciLayoutInvalid = "oci.layout_invalid",
    /// `oci.manifest_invalid`. An image manifest or index does not have the shape that it must have, or is about
    /// another image.
    OciManifestInvalid = "oci.manifest_invalid",
    /// `oci.not_found`. The image, tag, manifest or blob is not where it was looked for.
    OciNotFound = "oci.not_found",
    /// `oci.reference_invalid`. What was given names neither an OCI image layout nor an image in a registry, or leaves
    /// open which image.
    OciReferenceInvalid = "oci.reference_invalid",
    /// `oci.type_unsupported`. What is attached to an image is of a type that cannot be read as an attestation.
    OciTypeUnsupported = "oci.type_unsupported",
    /// `output.write_failed`. The result could not be written in full.
    OutputWriteFailed = "output.write_failed",
    /// `pem.malformed`. The file is not the PEM that is expected: no block, broken boundary lines, content that is not
    /// base64, or a block of another kind.
    PemMalformed = "pem.malformed",
    /// `pem.multiple_objects`. The file holds more than the one object asked for: a second block, or text beside it.
    PemMultipleObjects = "pem.multiple_objects",
    /// `policy.anchor_scope`. The path leads to a trust anchor, but that anchor was added for something else: other
    /// predicate types, identities or artifacts.
    PolicyAnchorScope = "policy.anchor_scope",
    /// `policy.issuer_required`. An identity was given, or a shared public authority is involved, and it was not said
    /// who vouches for identities.
    PolicyIssuerRequired = "policy.issuer_required",
    /// `policy.no_attestations`. There is no attestation for this artifact.
    PolicyNoAttestations = "policy.no_attestations",
    /// `policy.predicate_type_mismatch`. No attestation makes the kind of statement that is required.
    PolicyPredicateTypeMismatch = "policy.predicate_type_mismatch",
    /// `policy.subject_name_mismatch`. The artifact has the right digest, but the subject's name is not the one the
    /// policy asks for.
    PolicySubjectNameMismatch = "policy.subject_name_mismatch",
    /// `policy.threshold_invalid`. The policy asks for no signature at all, or for more distinct keys than it names.
    PolicyThresholdInvalid = "policy.threshold_invalid",
    /// `policy.unsafe_option_refused`. An option that skips a check was used, and the policy does not allow it.
    PolicyUnsafeOptionRefused = "policy.unsafe_option_refused",
    /// `resign.source_unverified`. The attestation that should be signed anew does not verify itself, or its stored
    /// copy was changed.
    ResignSourceUnverified = "resign.source_unverified",
    /// `sig.algorithm_unsupported`. The signature or key uses an algorithm that is not permitted, whoever could compute
    /// it: `none`, an HMAC, MD5, SHA-1, or one that the crypto profile leaves out.
    SigAlgorithmUnsupported = "sig.algorithm_unsupported",
    /// `sig.invalid`. The signature is well formed, but does not fit the message and the key.
    SigInvalid = "sig.invalid",
    /// `sig.malformed`. The signature has not the form of its algorithm: DER where fixed-width numbers are due or the
    /// reverse, wrong length, or bytes to spare.
    SigMalformed = "sig.malformed",
    /// `sig.malleable`. An Ed25519 signature whose second half is not reduced.
    SigMalleable = "sig.malleable",
    /// `sig.out_of_range`. A number of an ECDSA signature is zero, negative, or not below the order of the curve.
    SigOutOfRange = "sig.out_of_range",
    /// `sig.small_order`. An Ed25519 signature whose first half is a point of small order.
    SigSmallOrder = "sig.small_order",
    /// `store.busy`. The database could not do the work in time, though it was tried again several times.
    StoreBusy = "store.busy",
    /// `store.corrupt`. The store cannot be read as what was written: damaged, truncated, or of another origin.
    StoreCorrupt = "store.corrupt",
    /// `store.duplicate_key`. This public key is already in the store under another id.
    StoreDuplicateKey = "store.duplicate_key",
    /// `store.id_invalid`. An id has characters or a length that are not allowed.
    StoreIdInvalid = "store.id_invalid",
    /// `store.io`. Reading or writing the store failed at the operating system.
    StoreIo = "store.io",
    /// `store.locked`. Another process holds the store for writing and did not let go within ten seconds.
    StoreLocked = "store.locked",
    /// `store.no_space`. The disk is full, or a quota is reached.
    StoreNoSpace = "store.no_space",
    /// `store.not_found`. What was asked for is not there: the store itself, or an attestation, key, anchor or request
    /// of that id.
    StoreNotFound = "store.not_found",
    /// `store.permissions`. The store, a file in it or a directory above it can be changed by others, or cannot be read
    /// by this user.
    StorePermissions = "store.permissions",
    /// `store.read_only`. The store can only be read, and the command wants to write.
    StoreReadOnly = "store.read_only",
    /// `store.rollback_detected`. The store is older than one that was seen before, or is another branch of its
    /// history.
    StoreRollbackDetected = "store.rollback_detected",
    /// `store.schema_too_new`. The store was written by a newer version of the program.
    StoreSchemaTooNew = "store.schema_too_new",
    /// `store.symlink_refused`. A file or directory of the store is a symbolic or hard link, or no plain file.
    StoreSymlinkRefused = "store.symlink_refused",
    /// `store.unsupported_filesystem`. The file system has no locks that can be relied on.
    StoreUnsupportedFilesystem = "store.unsupported_filesystem",
    /// `time.clock_rollback`. The clock of this machine is behind a time that the store has already seen.
    TimeClockRollback = "time.clock_rollback",
    /// `time.imprint_mismatch`. The timestamp was made for other data than this signature.
    TimeImprintMismatch = "time.imprint_mismatch",
    /// `time.in_future`. A trusted time lies after the instant that is being judged.
    TimeInFuture = "time.in_future",
    /// `time.no_trusted_time`. Nothing trustworthy says when the signature was made, and one is needed: the certificate
    /// is not valid now, or the policy asks for it.
    TimeNoTrustedTime = "time.no_trusted_time",
    /// `time.outside_certificate_validity`. A trusted time lies outside the validity of a certificate that signed.
    TimeOutsideCertificateValidity = "time.outside_certificate_validity",
    /// `time.threshold_not_met`. Fewer timestamp authorities vouch for the time than the policy asks for.
    TimeThresholdNotMet = "time.threshold_not_met",
    /// `time.tsa_cert_expired`. The time stated lies outside the validity of the timestamp authority's own certificate.
    TimeTsaCertExpired = "time.tsa_cert_expired",
    /// `time.tsa_outside_validity`. The time stated lies outside the window in which the trust store trusts this
    /// authority.
    TimeTsaOutsideValidity = "time.tsa_outside_validity",
    /// `time.tsa_untrusted`. The timestamp is not by an authority that is trusted for timestamps: unknown, without a
    /// path to an anchor, or its certificate is not for time stamping only.
    TimeTsaUntrusted = "time.tsa_untrusted",
    /// `tlog.checkpoint_malformed`. The checkpoint of the log is not in its prescribed form: origin, size and root hash
    /// on lines of their own, then signatures.
    TlogCheckpointMalformed = "tlog.checkpoint_malformed",
    /// `tlog.checkpoint_signature_invalid`. The checkpoint is not signed by the log it is said to be of.
    TlogCheckpointSignatureInvalid = "tlog.checkpoint_signature_invalid",
    /// `tlog.entry_mismatch`. The log entry is genuine, but of something else: its digest, signature or key is not the
    /// one of this attestation.
    TlogEntryMismatch = "tlog.entry_mismatch",
    /// `tlog.inclusion_proof_invalid`. The proof does not show that the entry is in the log: a hash is wrong, missing
    /// or surplus, or the index does not fit the size.
    TlogInclusionProofInvalid = "tlog.inclusion_proof_invalid",
    /// `tlog.kind_unsupported`. The log entry is of a kind or version that is not understood, so it cannot be compared
    /// with the signature.
    TlogKindUnsupported = "tlog.kind_unsupported",
    /// `tlog.log_unknown`. The entry is of a log that the trust store does not know.
    TlogLogUnknown = "tlog.log_unknown",
    /// `tlog.origin_mismatch`. The checkpoint is of another log than the entry, or names another origin than the one
    /// that belongs to its key.
    TlogOriginMismatch = "tlog.origin_mismatch",
    /// `tlog.root_mismatch`. The proof leads to another root hash than the one the log signed in its checkpoint.
    TlogRootMismatch = "tlog.root_mismatch",
    /// `tlog.set_invalid`. The log's signed promise of inclusion does not fit the entry.
    TlogSetInvalid = "tlog.set_invalid",
    /// `tlog.threshold_not_met`. Fewer logs vouch for the signature than the policy asks for.
    TlogThresholdNotMet = "tlog.threshold_not_met",
    /// `trust.anchor_invalid`. A certificate cannot be a trust anchor: it is no certificate authority, is expired or
    /// weak, or has a critical extension that is not understood.
    TrustAnchorInvalid = "trust.anchor_invalid",
    /// `trust.anchor_not_valid`. The path is complete, but its anchor was not valid at the instant judged: outside its
    /// own validity, or outside the window that the store gives it.
    TrustAnchorNotValid = "trust.anchor_not_valid",
    /// `trust.metadata_expired`. A trusted root, a key list or a revocation list is past its own expiry.
    TrustMetadataExpired = "trust.metadata_expired",
    /// `trust.window_invalid`. A window in trust material has no readable start, or ends before it starts.
    TrustWindowInvalid = "trust.window_invalid",
    /// `usage.conflict`. Two arguments contradict each other, for instance a file and a digest that are not of the same
    /// bytes.
    UsageConflict = "usage.conflict",
    /// `usage.date_invalid`. An instant or window on the command line cannot be used: no date, no zone, a day that does
    /// not exist, beyond the year 9999, or an end that is not after the start.
    UsageDateInvalid = "usage.date_invalid",
    /// `usage.digest_invalid`. A digest on the command line is not one: cut off, of an unknown algorithm, or with the
    /// algorithm in capitals.
    UsageDigestInvalid = "usage.digest_invalid",
    /// `usage.predicate_invalid`. A predicate that is to be signed is not as the specification of its type says, or
    /// cannot be put together from what was assigned.
    UsagePredicateInvalid = "usage.predicate_invalid",
    /// `usage.reason_invalid`. The reason for a change is empty, too long, or holds control characters.
    UsageReasonInvalid = "usage.reason_invalid",
    /// `x509.crl_untrusted`. A revocation list is not signed by somebody who may: by another issuer, or with a key that
    /// is not meant for signing such lists.
    X509CrlUntrusted = "x509.crl_untrusted",
    /// `x509.der_depth`. The certificate nests deeper than any real one.
    X509DerDepth = "x509.der_depth",
    /// `x509.der_malformed`. The certificate is not valid DER: cut off, or encoded in a way that DER forbids.
    X509DerMalformed = "x509.der_malformed",
    /// `x509.der_trailing_data`. There are bytes after the certificate, or after a structure inside of it.
    X509DerTrailingData = "x509.der_trailing_data",
    /// `x509.duplicate_extension`. The certificate has the same extension twice.
    X509DuplicateExtension = "x509.duplicate_extension",
    /// `x509.eku_missing`. The certificate, or an authority above it, is not for this purpose: signing code, or time
    /// stamping. "Any purpose" does not stand for it.
    X509EkuMissing = "x509.eku_missing",
    /// `x509.expired`. The validity of a certificate ended before the instant judged.
    X509Expired = "x509.expired",
    /// `x509.extension_malformed`. An extension that is understood has a value that cannot be decoded, or is empty
    /// where that says nothing.
    X509ExtensionMalformed = "x509.extension_malformed",
    /// `x509.key_usage`. The certificate's key may not be used like this: the signer's is not for digital signatures,
    /// or an authority's is not for signing certificates.
    X509KeyUsage = "x509.key_usage",
    /// `x509.name_constraint_unsupported`. An authority is limited to names of a kind that cannot be compared here.
    X509NameConstraintUnsupported = "x509.name_constraint_unsupported",
    /// `x509.name_constraint_violation`. A certificate bears a name that an authority above it may not vouch for.
    X509NameConstraintViolation = "x509.name_constraint_violation",
    /// `x509.name_malformed`. A name in the certificate has a form that is not allowed: an empty or non-ASCII host
    /// name, an address written as a host name, a zero character inside.
    X509NameMalformed = "x509.name_malformed",
    /// `x509.name_too_large`. A name in the certificate is larger than any real one, or there are more than 1,024
    /// names.
    X509NameTooLarge = "x509.name_too_large",
    /// `x509.not_a_ca`. A certificate in the path signed another one, but is not the certificate of an authority.
    X509NotACa = "x509.not_a_ca",
    /// `x509.not_yet_valid`. The validity of a certificate begins after the instant judged.
    X509NotYetValid = "x509.not_yet_valid",
    /// `x509.ocsp_untrusted`. An OCSP response is not signed by somebody who may answer for the authority, or does not
    /// carry the nonce that was asked for.
    X509OcspUntrusted = "x509.ocsp_untrusted",
    /// `x509.path_budget_exceeded`. The search for a path was given up because it became too long: too many candidates,
    /// signatures or comparisons of names.
    X509PathBudgetExceeded = "x509.path_budget_exceeded",
    /// `x509.path_len_exceeded`. There are more authorities below a certificate than it allows.
    X509PathLenExceeded = "x509.path_len_exceeded",
    /// `x509.path_too_deep`. The path has more than eight certificates.
    X509PathTooDeep = "x509.path_too_deep",
    /// `x509.policy_unsupported`. An authority demands certificate policies in a way that is not supported here.
    X509PolicyUnsupported = "x509.policy_unsupported",
    /// `x509.profile_violation`. The certificate breaks a rule for its kind that no other code names: an authority
    /// without a subject, an extension that must or must not be critical, name constraints in a signer's certificate.
    X509ProfileViolation = "x509.profile_violation",
    /// `x509.revocation_unknown`. It was required to know whether the certificate is revoked, and nobody said: the
    /// revocation list is missing, or is past its next update.
    X509RevocationUnknown = "x509.revocation_unknown",
    /// `x509.revoked`. The certificate was revoked by its authority, or blocked in the trust store.
    X509Revoked = "x509.revoked",
    /// `x509.sct_invalid`. The certificate carries no proof by a trusted certificate log that it was published, or one
    /// that does not fit.
    X509SctInvalid = "x509.sct_invalid",
    /// `x509.serial_invalid`. The serial number is zero, negative or longer than 20 bytes.
    X509SerialInvalid = "x509.serial_invalid",
    /// `x509.signature_algorithm_mismatch`. The certificate names one signature algorithm inside and another one
    /// outside of what is signed.
    X509SignatureAlgorithmMismatch = "x509.signature_algorithm_mismatch",
    /// `x509.signature_algorithm_weak`. The certificate is signed with MD5 or SHA-1.
    X509SignatureAlgorithmWeak = "x509.signature_algorithm_weak",
    /// `x509.signature_invalid`. The signature of a certificate does not fit its issuer's key.
    X509SignatureInvalid = "x509.signature_invalid",
    /// `x509.time_malformed`. A date in the certificate is not written as it must be: no zone, a fraction, a day that
    /// does not exist, or the wrong of the two forms for its year.
    X509TimeMalformed = "x509.time_malformed",
    /// `x509.unknown_critical_extension`. The certificate has an extension that is marked critical and not understood.
    X509UnknownCriticalExtension = "x509.unknown_critical_extension",
    /// `x509.unknown_issuer`. No path leads from the signer to a trust anchor.
    X509UnknownIssuer = "x509.unknown_issuer",
    /// `x509.validity_inverted`. The certificate ends before it begins, so it was never valid.
    X509ValidityInverted = "x509.validity_inverted",
    /// `x509.version_unsupported`. The certificate is of version 1 or 2.
    X509VersionUnsupported = "x509.version_unsupported",
}
