//! The one registry of codes: every reason a report, an error or a health check can give.

use core::fmt;

macro_rules! registry {
    ($($(#[$meaning:meta])+ $variant:ident = $text:literal,)+) => {
        /// A reason, named `family.name`.
        ///
        /// A released code keeps its spelling and its meaning; adding one is a minor release. The order is that of the spelling.
        /// The reference page of each code is in `docs/codes.md`.
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
    /// Of the family `trust.`, only [`Code::TrustAnchorNotValid`] is a verdict (1): it is found while judging a path at an instant.
    /// The others are found while trust is loaded, before anything is judged (6).
    pub fn exit_status(self) -> u8 {
        match self {
            Self::TrustAnchorNotValid => 1,
            Self::X509PathBudgetExceeded => 6,
            Self::StoreNotFound => 4,
            Self::StoreBusy | Self::StoreLocked => 10,
            other => match other.family() {
                "usage" | "config" | "input" => 2,
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
    /// `approval.digest_mismatch`
    ApprovalDigestMismatch = "approval.digest_mismatch",
    /// `approval.expired`
    ApprovalExpired = "approval.expired",
    /// `approval.not_authorized`
    ApprovalNotAuthorized = "approval.not_authorized",
    /// `approval.not_distinct`
    ApprovalNotDistinct = "approval.not_distinct",
    /// `approval.replayed`
    ApprovalReplayed = "approval.replayed",
    /// `approval.required`
    ApprovalRequired = "approval.required",
    /// `approval.self`
    ApprovalSelf = "approval.self",
    /// `approval.stale`
    ApprovalStale = "approval.stale",
    /// `approval.wrong_store`
    ApprovalWrongStore = "approval.wrong_store",
    /// `audit.broken`
    AuditBroken = "audit.broken",
    /// `audit.state_mismatch`
    AuditStateMismatch = "audit.state_mismatch",
    /// `audit.truncated`
    AuditTruncated = "audit.truncated",
    /// `base64.invalid`
    Base64Invalid = "base64.invalid",
    /// `base64.noncanonical`
    Base64Noncanonical = "base64.noncanonical",
    /// `bundle.certificate_missing`
    BundleCertificateMissing = "bundle.certificate_missing",
    /// `bundle.chain_contains_root`
    BundleChainContainsRoot = "bundle.chain_contains_root",
    /// `bundle.content_ambiguous`
    BundleContentAmbiguous = "bundle.content_ambiguous",
    /// `bundle.enum_unknown`
    BundleEnumUnknown = "bundle.enum_unknown",
    /// `bundle.key_material_mismatch`
    BundleKeyMaterialMismatch = "bundle.key_material_mismatch",
    /// `bundle.media_type_unsupported`
    BundleMediaTypeUnsupported = "bundle.media_type_unsupported",
    /// `bundle.message_digest_mismatch`
    BundleMessageDigestMismatch = "bundle.message_digest_mismatch",
    /// `bundle.no_verification_material`
    BundleNoVerificationMaterial = "bundle.no_verification_material",
    /// `bundle.shape_invalid`
    BundleShapeInvalid = "bundle.shape_invalid",
    /// `bundle.signature_count`
    BundleSignatureCount = "bundle.signature_count",
    /// `bundle.too_many_entries`
    BundleTooManyEntries = "bundle.too_many_entries",
    /// `config.invalid`
    ConfigInvalid = "config.invalid",
    /// `config.unknown_key`
    ConfigUnknownKey = "config.unknown_key",
    /// `crypto.algorithm_unavailable`
    CryptoAlgorithmUnavailable = "crypto.algorithm_unavailable",
    /// `crypto.provider_conflict`
    CryptoProviderConflict = "crypto.provider_conflict",
    /// `crypto.provider_disagreement`
    CryptoProviderDisagreement = "crypto.provider_disagreement",
    /// `crypto.provider_failed`
    CryptoProviderFailed = "crypto.provider_failed",
    /// `dsse.key_unknown`
    DsseKeyUnknown = "dsse.key_unknown",
    /// `dsse.missing_field`
    DsseMissingField = "dsse.missing_field",
    /// `dsse.no_signatures`
    DsseNoSignatures = "dsse.no_signatures",
    /// `dsse.payload_type_unsupported`
    DssePayloadTypeUnsupported = "dsse.payload_type_unsupported",
    /// `dsse.signature_invalid`
    DsseSignatureInvalid = "dsse.signature_invalid",
    /// `dsse.threshold_not_met`
    DsseThresholdNotMet = "dsse.threshold_not_met",
    /// `dsse.too_many_signatures`
    DsseTooManySignatures = "dsse.too_many_signatures",
    /// `fetch.address_refused`
    FetchAddressRefused = "fetch.address_refused",
    /// `fetch.dns`
    FetchDns = "fetch.dns",
    /// `fetch.incomplete`
    FetchIncomplete = "fetch.incomplete",
    /// `fetch.issuer_mismatch`
    FetchIssuerMismatch = "fetch.issuer_mismatch",
    /// `fetch.keys_malformed`
    FetchKeysMalformed = "fetch.keys_malformed",
    /// `fetch.redirect_refused`
    FetchRedirectRefused = "fetch.redirect_refused",
    /// `fetch.status`
    FetchStatus = "fetch.status",
    /// `fetch.timeout`
    FetchTimeout = "fetch.timeout",
    /// `fetch.tls`
    FetchTls = "fetch.tls",
    /// `fetch.too_large`
    FetchTooLarge = "fetch.too_large",
    /// `fetch.url_refused`
    FetchUrlRefused = "fetch.url_refused",
    /// `identity.issuer_mismatch`
    IdentityIssuerMismatch = "identity.issuer_mismatch",
    /// `identity.mismatch`
    IdentityMismatch = "identity.mismatch",
    /// `input.changed_during_read`
    InputChangedDuringRead = "input.changed_during_read",
    /// `input.empty`
    InputEmpty = "input.empty",
    /// `input.not_regular_file`
    InputNotRegularFile = "input.not_regular_file",
    /// `input.too_large`
    InputTooLarge = "input.too_large",
    /// `input.unknown_format`
    InputUnknownFormat = "input.unknown_format",
    /// `internal.panic`
    InternalPanic = "internal.panic",
    /// `internal.random`
    InternalRandom = "internal.random",
    /// `intoto.artifact_missing`
    IntotoArtifactMissing = "intoto.artifact_missing",
    /// `intoto.digest_algorithm_unsupported`
    IntotoDigestAlgorithmUnsupported = "intoto.digest_algorithm_unsupported",
    /// `intoto.digest_algorithm_weak`
    IntotoDigestAlgorithmWeak = "intoto.digest_algorithm_weak",
    /// `intoto.digest_conflict`
    IntotoDigestConflict = "intoto.digest_conflict",
    /// `intoto.digest_malformed`
    IntotoDigestMalformed = "intoto.digest_malformed",
    /// `intoto.malformed`
    IntotoMalformed = "intoto.malformed",
    /// `intoto.no_subjects`
    IntotoNoSubjects = "intoto.no_subjects",
    /// `intoto.predicate_type_invalid`
    IntotoPredicateTypeInvalid = "intoto.predicate_type_invalid",
    /// `intoto.statement_type_unsupported`
    IntotoStatementTypeUnsupported = "intoto.statement_type_unsupported",
    /// `intoto.subject_digest_missing`
    IntotoSubjectDigestMissing = "intoto.subject_digest_missing",
    /// `intoto.subject_mismatch`
    IntotoSubjectMismatch = "intoto.subject_mismatch",
    /// `intoto.too_many_digests`
    IntotoTooManyDigests = "intoto.too_many_digests",
    /// `intoto.too_many_subjects`
    IntotoTooManySubjects = "intoto.too_many_subjects",
    /// `json.bom`
    JsonBom = "json.bom",
    /// `json.control_character`
    JsonControlCharacter = "json.control_character",
    /// `json.depth_exceeded`
    JsonDepthExceeded = "json.depth_exceeded",
    /// `json.duplicate_key`
    JsonDuplicateKey = "json.duplicate_key",
    /// `json.invalid_unicode`
    JsonInvalidUnicode = "json.invalid_unicode",
    /// `json.number_out_of_range`
    JsonNumberOutOfRange = "json.number_out_of_range",
    /// `json.syntax`
    JsonSyntax = "json.syntax",
    /// `json.too_many_members`
    JsonTooManyMembers = "json.too_many_members",
    /// `json.trailing_data`
    JsonTrailingData = "json.trailing_data",
    /// `json.wrong_type`
    JsonWrongType = "json.wrong_type",
    /// `key.algorithm_mismatch`
    KeyAlgorithmMismatch = "key.algorithm_mismatch",
    /// `key.curve_unsupported`
    KeyCurveUnsupported = "key.curve_unsupported",
    /// `key.expired`
    KeyExpired = "key.expired",
    /// `key.expired_at_signing`
    KeyExpiredAtSigning = "key.expired_at_signing",
    /// `key.malformed`
    KeyMalformed = "key.malformed",
    /// `key.not_approved`
    KeyNotApproved = "key.not_approved",
    /// `key.not_yet_trusted`
    KeyNotYetTrusted = "key.not_yet_trusted",
    /// `key.private_key_supplied`
    KeyPrivateKeySupplied = "key.private_key_supplied",
    /// `key.revoked`
    KeyRevoked = "key.revoked",
    /// `key.rsa_exponent`
    KeyRsaExponent = "key.rsa_exponent",
    /// `key.small_order`
    KeySmallOrder = "key.small_order",
    /// `key.too_large`
    KeyTooLarge = "key.too_large",
    /// `key.too_weak`
    KeyTooWeak = "key.too_weak",
    /// `output.write_failed`
    OutputWriteFailed = "output.write_failed",
    /// `pem.malformed`
    PemMalformed = "pem.malformed",
    /// `pem.multiple_objects`
    PemMultipleObjects = "pem.multiple_objects",
    /// `policy.anchor_scope`
    PolicyAnchorScope = "policy.anchor_scope",
    /// `policy.issuer_required`
    PolicyIssuerRequired = "policy.issuer_required",
    /// `policy.no_attestations`
    PolicyNoAttestations = "policy.no_attestations",
    /// `policy.predicate_type_mismatch`
    PolicyPredicateTypeMismatch = "policy.predicate_type_mismatch",
    /// `policy.subject_name_mismatch`
    PolicySubjectNameMismatch = "policy.subject_name_mismatch",
    /// `policy.threshold_invalid`
    PolicyThresholdInvalid = "policy.threshold_invalid",
    /// `policy.unsafe_option_refused`
    PolicyUnsafeOptionRefused = "policy.unsafe_option_refused",
    /// `resign.source_unverified`
    ResignSourceUnverified = "resign.source_unverified",
    /// `sig.algorithm_unsupported`
    SigAlgorithmUnsupported = "sig.algorithm_unsupported",
    /// `sig.invalid`
    SigInvalid = "sig.invalid",
    /// `sig.malformed`
    SigMalformed = "sig.malformed",
    /// `sig.malleable`
    SigMalleable = "sig.malleable",
    /// `sig.out_of_range`
    SigOutOfRange = "sig.out_of_range",
    /// `sig.small_order`
    SigSmallOrder = "sig.small_order",
    /// `store.busy`
    StoreBusy = "store.busy",
    /// `store.corrupt`
    StoreCorrupt = "store.corrupt",
    /// `store.duplicate_key`
    StoreDuplicateKey = "store.duplicate_key",
    /// `store.id_invalid`
    StoreIdInvalid = "store.id_invalid",
    /// `store.io`
    StoreIo = "store.io",
    /// `store.locked`
    StoreLocked = "store.locked",
    /// `store.no_space`
    StoreNoSpace = "store.no_space",
    /// `store.not_found`
    StoreNotFound = "store.not_found",
    /// `store.permissions`
    StorePermissions = "store.permissions",
    /// `store.read_only`
    StoreReadOnly = "store.read_only",
    /// `store.rollback_detected`
    StoreRollbackDetected = "store.rollback_detected",
    /// `store.schema_too_new`
    StoreSchemaTooNew = "store.schema_too_new",
    /// `store.symlink_refused`
    StoreSymlinkRefused = "store.symlink_refused",
    /// `store.unsupported_filesystem`
    StoreUnsupportedFilesystem = "store.unsupported_filesystem",
    /// `time.clock_rollback`
    TimeClockRollback = "time.clock_rollback",
    /// `time.imprint_mismatch`
    TimeImprintMismatch = "time.imprint_mismatch",
    /// `time.in_future`
    TimeInFuture = "time.in_future",
    /// `time.no_trusted_time`
    TimeNoTrustedTime = "time.no_trusted_time",
    /// `time.outside_certificate_validity`
    TimeOutsideCertificateValidity = "time.outside_certificate_validity",
    /// `time.threshold_not_met`
    TimeThresholdNotMet = "time.threshold_not_met",
    /// `time.tsa_cert_expired`
    TimeTsaCertExpired = "time.tsa_cert_expired",
    /// `time.tsa_outside_validity`
    TimeTsaOutsideValidity = "time.tsa_outside_validity",
    /// `time.tsa_untrusted`
    TimeTsaUntrusted = "time.tsa_untrusted",
    /// `tlog.checkpoint_malformed`
    TlogCheckpointMalformed = "tlog.checkpoint_malformed",
    /// `tlog.checkpoint_signature_invalid`
    TlogCheckpointSignatureInvalid = "tlog.checkpoint_signature_invalid",
    /// `tlog.entry_mismatch`
    TlogEntryMismatch = "tlog.entry_mismatch",
    /// `tlog.inclusion_proof_invalid`
    TlogInclusionProofInvalid = "tlog.inclusion_proof_invalid",
    /// `tlog.kind_unsupported`
    TlogKindUnsupported = "tlog.kind_unsupported",
    /// `tlog.log_unknown`
    TlogLogUnknown = "tlog.log_unknown",
    /// `tlog.origin_mismatch`
    TlogOriginMismatch = "tlog.origin_mismatch",
    /// `tlog.root_mismatch`
    TlogRootMismatch = "tlog.root_mismatch",
    /// `tlog.set_invalid`
    TlogSetInvalid = "tlog.set_invalid",
    /// `tlog.threshold_not_met`
    TlogThresholdNotMet = "tlog.threshold_not_met",
    /// `trust.anchor_invalid`
    TrustAnchorInvalid = "trust.anchor_invalid",
    /// `trust.anchor_not_valid`
    TrustAnchorNotValid = "trust.anchor_not_valid",
    /// `trust.metadata_expired`
    TrustMetadataExpired = "trust.metadata_expired",
    /// `trust.window_invalid`
    TrustWindowInvalid = "trust.window_invalid",
    /// `usage.conflict`
    UsageConflict = "usage.conflict",
    /// `usage.date_invalid`
    UsageDateInvalid = "usage.date_invalid",
    /// `usage.digest_invalid`
    UsageDigestInvalid = "usage.digest_invalid",
    /// `usage.reason_invalid`
    UsageReasonInvalid = "usage.reason_invalid",
    /// `x509.crl_untrusted`
    X509CrlUntrusted = "x509.crl_untrusted",
    /// `x509.der_depth`
    X509DerDepth = "x509.der_depth",
    /// `x509.der_malformed`
    X509DerMalformed = "x509.der_malformed",
    /// `x509.der_trailing_data`
    X509DerTrailingData = "x509.der_trailing_data",
    /// `x509.duplicate_extension`
    X509DuplicateExtension = "x509.duplicate_extension",
    /// `x509.eku_missing`
    X509EkuMissing = "x509.eku_missing",
    /// `x509.expired`
    X509Expired = "x509.expired",
    /// `x509.extension_malformed`
    X509ExtensionMalformed = "x509.extension_malformed",
    /// `x509.key_usage`
    X509KeyUsage = "x509.key_usage",
    /// `x509.name_constraint_unsupported`
    X509NameConstraintUnsupported = "x509.name_constraint_unsupported",
    /// `x509.name_constraint_violation`
    X509NameConstraintViolation = "x509.name_constraint_violation",
    /// `x509.name_malformed`
    X509NameMalformed = "x509.name_malformed",
    /// `x509.name_too_large`
    X509NameTooLarge = "x509.name_too_large",
    /// `x509.not_a_ca`
    X509NotACa = "x509.not_a_ca",
    /// `x509.not_yet_valid`
    X509NotYetValid = "x509.not_yet_valid",
    /// `x509.path_budget_exceeded`
    X509PathBudgetExceeded = "x509.path_budget_exceeded",
    /// `x509.path_len_exceeded`
    X509PathLenExceeded = "x509.path_len_exceeded",
    /// `x509.path_too_deep`
    X509PathTooDeep = "x509.path_too_deep",
    /// `x509.policy_unsupported`
    X509PolicyUnsupported = "x509.policy_unsupported",
    /// `x509.profile_violation`
    X509ProfileViolation = "x509.profile_violation",
    /// `x509.revocation_unknown`
    X509RevocationUnknown = "x509.revocation_unknown",
    /// `x509.revoked`
    X509Revoked = "x509.revoked",
    /// `x509.sct_invalid`
    X509SctInvalid = "x509.sct_invalid",
    /// `x509.serial_invalid`
    X509SerialInvalid = "x509.serial_invalid",
    /// `x509.signature_algorithm_mismatch`
    X509SignatureAlgorithmMismatch = "x509.signature_algorithm_mismatch",
    /// `x509.signature_algorithm_weak`
    X509SignatureAlgorithmWeak = "x509.signature_algorithm_weak",
    /// `x509.signature_invalid`
    X509SignatureInvalid = "x509.signature_invalid",
    /// `x509.time_malformed`
    X509TimeMalformed = "x509.time_malformed",
    /// `x509.unknown_critical_extension`
    X509UnknownCriticalExtension = "x509.unknown_critical_extension",
    /// `x509.unknown_issuer`
    X509UnknownIssuer = "x509.unknown_issuer",
    /// `x509.validity_inverted`
    X509ValidityInverted = "x509.validity_inverted",
    /// `x509.version_unsupported`
    X509VersionUnsupported = "x509.version_unsupported",
}
