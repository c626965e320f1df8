//! The predicate types that are known by a short name.

use alloc::vec::Vec;
use core::fmt;

use super::check;
use super::flaw::PredicateFlaw;
use super::schema::Shape;
use super::schemas::{cyclonedx, in_toto, openvex, slsa, spdx, stella, vuln};
use crate::Limits;
use crate::json::{self, Document};

/// A predicate type that has a short name, and whose members are known.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum PredicateType {
    /// A CycloneDX bill of materials.
    CycloneDx,
    /// in-toto Link v0.3.
    Link,
    /// An OpenVEX document.
    OpenVex,
    /// in-toto Release.
    Release,
    /// in-toto SCAI attribute report.
    Scai,
    /// SLSA Provenance v1.
    SlsaProvenance,
    /// SLSA Provenance v0.2.
    SlsaProvenanceV02,
    /// An SPDX document.
    Spdx,
    /// How an artifact was built, as Stella Ops says it.
    StellaBuildProvenance,
    /// What a policy of Stella Ops came to.
    StellaPolicyEvaluation,
    /// The evidence of a risk profile of Stella Ops.
    StellaRiskProfile,
    /// A bill of materials, as Stella Ops wraps it.
    StellaSbom,
    /// What a scan of Stella Ops found.
    StellaScanResults,
    /// A VEX decision of Stella Ops.
    StellaVex,
    /// in-toto Test Result v0.1.
    TestResult,
    /// SLSA Verification Summary v1.
    VerificationSummary,
    /// What a vulnerability scanner found, in cosign's form.
    Vuln,
    /// What a vulnerability scanner found: in-toto Vulnerabilities v0.2.
    Vulns,
}

/// What is known about a type.
struct Entry {
    name: &'static str,
    /// The first is the one that new attestations get.
    uris: &'static [&'static str],
    shape: &'static Shape,
    /// Where it is specified.
    specification: &'static str,
    minimal: Option<&'static str>,
    example: &'static [&'static str],
}

impl PredicateType {
    /// All of them, in the order of their short names.
    pub const ALL: &[Self] = &[
        Self::StellaBuildProvenance,
        Self::CycloneDx,
        Self::Vulns,
        Self::Link,
        Self::OpenVex,
        Self::StellaPolicyEvaluation,
        Self::Release,
        Self::StellaRiskProfile,
        Self::StellaSbom,
        Self::Scai,
        Self::StellaScanResults,
        Self::SlsaProvenance,
        Self::SlsaProvenanceV02,
        Self::Spdx,
        Self::TestResult,
        Self::StellaVex,
        Self::VerificationSummary,
        Self::Vuln,
    ];

    /// The type with this short name; names are case sensitive.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// The type of this URI, compared as a whole and exactly.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.uris().contains(&uri))
    }

    /// Its short name, such as `slsa-provenance`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The `predicateType` of new attestations.
    #[must_use]
    pub fn uri(self) -> &'static str {
        self.uris().first().copied().unwrap_or_default()
    }

    /// Every `predicateType` that this type goes by, the one of new attestations first.
    #[must_use]
    pub fn uris(self) -> &'static [&'static str] {
        self.entry().uris
    }

    /// The smallest predicate that its specification allows, if that says something without anybody's help: `None` where members are
    /// required that only the maker of the attestation knows.
    #[must_use]
    pub fn minimal(self) -> Option<&'static str> {
        self.entry().minimal
    }

    /// Assignments for [`PredicateDraft::set`](super::PredicateDraft::set) that make a predicate with every required member.
    #[must_use]
    pub fn example(self) -> &'static [&'static str] {
        self.entry().example
    }

    /// The specification that [`PredicateType::check`] goes by.
    #[must_use]
    pub fn specification(self) -> &'static str {
        self.entry().specification
    }

    /// What of `predicate` is not as the specification says: required members that are missing, and members of another kind. Members
    /// that the specification does not name are fine. At most 32 flaws are named, in the order of the document.
    ///
    /// # Errors
    /// It is no JSON, or more than `limits` allow: `input.too_large` or a code of the family `json`; `json.wrong_type` if it is no object.
    ///
    /// # Left to the caller
    /// Whether what it says is true.
    pub fn check(self, predicate: &[u8], limits: &Limits) -> Result<Vec<PredicateFlaw>, json::Error> {
        let document = Document::parse_within(predicate, limits.payload_bytes, limits)?;
        document.root().as_object()?;
        Ok(check::flaws(document.root(), self.entry().shape, self.entry().specification))
    }

    fn entry(self) -> &'static Entry {
        const NOTHING: Option<&str> = Some("{}");
        match self {
            Self::CycloneDx => {
                static ENTRY: Entry = Entry {
                    name: "cyclonedx",
                    uris: &[
                        "https://cyclonedx.org/bom",
                        "https://cyclonedx.org/bom/v1.4",
                        "https://cyclonedx.org/bom/v1.5",
                        "https://cyclonedx.org/bom/v1.6",
                    ],
                    shape: &Shape::Record(&cyclonedx::BOM),
                    specification: "CycloneDX 1.6",
                    minimal: Some("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1}"),
                    example: &["bomFormat=CycloneDX", "specVersion=\"1.6\"", "version=1"],
                };
                &ENTRY
            }
            Self::Link => {
                static ENTRY: Entry = Entry {
                    name: "link",
                    uris: &["https://in-toto.io/attestation/link/v0.3"],
                    shape: &Shape::Record(&in_toto::LINK),
                    specification: "in-toto Link v0.3",
                    minimal: None,
                    example: &["name=build"],
                };
                &ENTRY
            }
            Self::OpenVex => {
                static ENTRY: Entry = Entry {
                    name: "openvex",
                    uris: &["https://openvex.dev/ns/v0.2.0", "https://openvex.dev/ns"],
                    shape: &Shape::Record(&openvex::DOCUMENT),
                    specification: "OpenVEX v0.2.0",
                    minimal: None,
                    example: &[
                        "@context=https://openvex.dev/ns/v0.2.0",
                        "@id=https://example.com/vex/1",
                        "author=security@example.com",
                        "timestamp=2026-01-17T09:00:00Z",
                        "version=1",
                        "statements[0].vulnerability.name=CVE-2026-0001",
                        "statements[0].status=fixed",
                    ],
                };
                &ENTRY
            }
            Self::Release => {
                static ENTRY: Entry = Entry {
                    name: "release",
                    uris: &[
                        "https://in-toto.io/attestation/release/v0.1",
                        "https://in-toto.io/attestation/release/v0.2",
                    ],
                    shape: &Shape::Record(&in_toto::RELEASE),
                    specification: "in-toto Release v0.2",
                    minimal: None,
                    example: &["purl=pkg:generic/app@1.0.0"],
                };
                &ENTRY
            }
            Self::Scai => {
                static ENTRY: Entry = Entry {
                    name: "scai",
                    uris: &[
                        "https://in-toto.io/attestation/scai/v0.3",
                        "https://in-toto.io/attestation/scai/attribute-report/v0.2",
                    ],
                    shape: &Shape::Record(&in_toto::SCAI),
                    specification: "in-toto SCAI v0.3",
                    minimal: None,
                    example: &["attributes[0].attribute=REPRODUCIBLE"],
                };
                &ENTRY
            }
            Self::SlsaProvenance => {
                static ENTRY: Entry = Entry {
                    name: "slsa-provenance",
                    uris: &["https://slsa.dev/provenance/v1"],
                    shape: &Shape::Record(&slsa::PROVENANCE),
                    specification: "SLSA Provenance v1",
                    minimal: None,
                    example: &[
                        "buildDefinition.buildType=https://example.com/build/v1",
                        "buildDefinition.externalParameters.ref=refs/tags/v1",
                        "runDetails.builder.id=https://example.com/builder",
                    ],
                };
                &ENTRY
            }
            Self::SlsaProvenanceV02 => {
                static ENTRY: Entry = Entry {
                    name: "slsa-provenance-v0.2",
                    uris: &["https://slsa.dev/provenance/v0.2"],
                    shape: &Shape::Record(&slsa::PROVENANCE_V02),
                    specification: "SLSA Provenance v0.2",
                    minimal: None,
                    example: &["builder.id=https://example.com/builder", "buildType=https://example.com/build/v1"],
                };
                &ENTRY
            }
            Self::Spdx => {
                static ENTRY: Entry = Entry {
                    name: "spdx",
                    uris: &[
                        "https://spdx.dev/Document",
                        "https://spdx.dev/Document/v2.2",
                        "https://spdx.dev/Document/v2.3",
                        "https://spdx.dev/Document/v3",
                    ],
                    shape: &spdx::DOCUMENT,
                    specification: "SPDX 2.3, 3.0",
                    minimal: None,
                    example: &[
                        "spdxVersion=SPDX-2.3",
                        "dataLicense=CC0-1.0",
                        "SPDXID=SPDXRef-DOCUMENT",
                        "name=app",
                        "documentNamespace=https://example.com/sbom/app-1",
                        "creationInfo.created=2026-01-17T09:00:00Z",
                        "creationInfo.creators[0]=Tool: example",
                    ],
                };
                &ENTRY
            }
            Self::StellaBuildProvenance => {
                static ENTRY: Entry = Entry {
                    name: "build-provenance",
                    uris: &["https://schemas.stella-ops.org/attestations/build-provenance@1"],
                    shape: &stella::ANY,
                    specification: "in-toto Statement v1 \"predicate\"",
                    minimal: NOTHING,
                    example: &[],
                };
                &ENTRY
            }
            Self::StellaPolicyEvaluation => {
                static ENTRY: Entry = Entry {
                    name: "policy-evaluation",
                    uris: &["https://schemas.stella-ops.org/attestations/policy-evaluation@1"],
                    shape: &stella::ANY,
                    specification: "in-toto Statement v1 \"predicate\"",
                    minimal: NOTHING,
                    example: &[],
                };
                &ENTRY
            }
            Self::StellaRiskProfile => {
                static ENTRY: Entry = Entry {
                    name: "risk-profile",
                    uris: &["https://schemas.stella-ops.org/attestations/risk-profile@1"],
                    shape: &stella::ANY,
                    specification: "in-toto Statement v1 \"predicate\"",
                    minimal: NOTHING,
                    example: &[],
                };
                &ENTRY
            }
            Self::StellaSbom => {
                static ENTRY: Entry = Entry {
                    name: "sbom-attestation",
                    uris: &["https://schemas.stella-ops.org/attestations/sbom-attestation@1"],
                    shape: &stella::ANY,
                    specification: "in-toto Statement v1 \"predicate\"",
                    minimal: NOTHING,
                    example: &[],
                };
                &ENTRY
            }
            Self::StellaScanResults => {
                static ENTRY: Entry = Entry {
                    name: "scan-results",
                    uris: &["https://schemas.stella-ops.org/attestations/scan-results@1"],
                    shape: &stella::ANY,
                    specification: "in-toto Statement v1 \"predicate\"",
                    minimal: NOTHING,
                    example: &[],
                };
                &ENTRY
            }
            Self::StellaVex => {
                static ENTRY: Entry = Entry {
                    name: "vex-attestation",
                    uris: &["https://schemas.stella-ops.org/attestations/vex-attestation@1"],
                    shape: &stella::ANY,
                    specification: "in-toto Statement v1 \"predicate\"",
                    minimal: NOTHING,
                    example: &[],
                };
                &ENTRY
            }
            Self::TestResult => {
                static ENTRY: Entry = Entry {
                    name: "test-result",
                    uris: &["https://in-toto.io/attestation/test-result/v0.1"],
                    shape: &Shape::Record(&in_toto::TEST_RESULT),
                    specification: "in-toto Test Result v0.1",
                    minimal: None,
                    example: &["result=PASSED", "configuration=[]"],
                };
                &ENTRY
            }
            Self::VerificationSummary => {
                static ENTRY: Entry = Entry {
                    name: "vsa",
                    uris: &["https://slsa.dev/verification_summary/v1"],
                    shape: &Shape::Record(&slsa::VERIFICATION_SUMMARY),
                    specification: "SLSA Verification Summary v1",
                    minimal: None,
                    example: &[
                        "verifier.id=https://example.com/verifier",
                        "resourceUri=pkg:generic/app@1.0.0",
                        "policy.uri=https://example.com/policy",
                        "verificationResult=PASSED",
                        "verifiedLevels[0]=SLSA_BUILD_LEVEL_3",
                    ],
                };
                &ENTRY
            }
            Self::Vuln => {
                static ENTRY: Entry = Entry {
                    name: "vuln",
                    uris: &[
                        "https://cosign.sigstore.dev/attestation/vuln/v1",
                        "cosign.sigstore.dev/attestation/vuln/v1",
                    ],
                    shape: &Shape::Record(&vuln::COSIGN),
                    specification: "cosign Vulnerability Scan Record",
                    minimal: None,
                    example: &[
                        "scanner.uri=pkg:github/example/scanner@1",
                        "scanner.result={}",
                        "metadata.scanStartedOn=2026-01-17T09:00:00Z",
                        "metadata.scanFinishedOn=2026-01-17T09:01:00Z",
                    ],
                };
                &ENTRY
            }
            Self::Vulns => {
                static ENTRY: Entry = Entry {
                    name: "in-toto-vulns",
                    uris: &["https://in-toto.io/attestation/vulns/v0.2"],
                    shape: &Shape::Record(&vuln::IN_TOTO),
                    specification: "in-toto Vulnerabilities v0.2",
                    minimal: None,
                    example: &[
                        "scanner.uri=pkg:github/example/scanner@1",
                        "scanner.db.lastUpdate=2026-01-17T08:00:00Z",
                        "scanner.result=[]",
                        "metadata.scanStartedOn=2026-01-17T09:00:00Z",
                        "metadata.scanFinishedOn=2026-01-17T09:01:00Z",
                    ],
                };
                &ENTRY
            }
        }
    }
}

impl fmt::Display for PredicateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
