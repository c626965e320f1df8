//! Types of SLSA.

use super::in_toto::RESOURCE;
use crate::predicate::schema::{Record, Shape, optional, required};

static BUILD_DEFINITION: Record = Record {
    members: &[
        required("buildType", Shape::Uri),
        required("externalParameters", Shape::Object),
        optional("internalParameters", Shape::Object),
        optional("resolvedDependencies", Shape::List(&Shape::Record(&RESOURCE), 0)),
    ],
    rules: &[],
    clause: "SLSA Provenance v1 \"buildDefinition\"",
};

static BUILDER: Record = Record {
    members: &[
        required("id", Shape::Uri),
        optional("version", Shape::Map(&Shape::Text)),
        optional("builderDependencies", Shape::List(&Shape::Record(&RESOURCE), 0)),
    ],
    rules: &[],
    clause: "SLSA Provenance v1 \"builder\"",
};

static BUILD_METADATA: Record = Record {
    members: &[
        optional("invocationId", Shape::Text),
        optional("startedOn", Shape::Time),
        optional("finishedOn", Shape::Time),
    ],
    rules: &[],
    clause: "SLSA Provenance v1 \"metadata\"",
};

static RUN_DETAILS: Record = Record {
    members: &[
        required("builder", Shape::Record(&BUILDER)),
        optional("metadata", Shape::Record(&BUILD_METADATA)),
        optional("byproducts", Shape::List(&Shape::Record(&RESOURCE), 0)),
    ],
    rules: &[],
    clause: "SLSA Provenance v1 \"runDetails\"",
};

pub(in crate::predicate) static PROVENANCE: Record = Record {
    members: &[
        required("buildDefinition", Shape::Record(&BUILD_DEFINITION)),
        required("runDetails", Shape::Record(&RUN_DETAILS)),
    ],
    rules: &[],
    clause: "SLSA Provenance v1",
};

static BUILDER_V02: Record =
    Record { members: &[required("id", Shape::Uri)], rules: &[], clause: "SLSA Provenance v0.2 \"builder\"" };

static MATERIAL_V02: Record = Record {
    members: &[optional("uri", Shape::Text), optional("digest", Shape::Digests)],
    rules: &[],
    clause: "SLSA Provenance v0.2 \"materials\"",
};

static CONFIG_SOURCE_V02: Record = Record {
    members: &[optional("uri", Shape::Text), optional("digest", Shape::Digests), optional("entryPoint", Shape::Text)],
    rules: &[],
    clause: "SLSA Provenance v0.2 \"configSource\"",
};

static INVOCATION_V02: Record = Record {
    members: &[
        optional("configSource", Shape::Record(&CONFIG_SOURCE_V02)),
        optional("parameters", Shape::Any),
        optional("environment", Shape::Any),
    ],
    rules: &[],
    clause: "SLSA Provenance v0.2 \"invocation\"",
};

static COMPLETENESS_V02: Record = Record {
    members: &[
        optional("parameters", Shape::Bool),
        optional("environment", Shape::Bool),
        optional("materials", Shape::Bool),
    ],
    rules: &[],
    clause: "SLSA Provenance v0.2 \"completeness\"",
};

static METADATA_V02: Record = Record {
    members: &[
        optional("buildInvocationId", Shape::Text),
        optional("buildStartedOn", Shape::Time),
        optional("buildFinishedOn", Shape::Time),
        optional("completeness", Shape::Record(&COMPLETENESS_V02)),
        optional("reproducible", Shape::Bool),
    ],
    rules: &[],
    clause: "SLSA Provenance v0.2 \"metadata\"",
};

pub(in crate::predicate) static PROVENANCE_V02: Record = Record {
    members: &[
        required("builder", Shape::Record(&BUILDER_V02)),
        required("buildType", Shape::Uri),
        optional("invocation", Shape::Record(&INVOCATION_V02)),
        optional("buildConfig", Shape::Any),
        optional("metadata", Shape::Record(&METADATA_V02)),
        optional("materials", Shape::List(&Shape::Record(&MATERIAL_V02), 0)),
    ],
    rules: &[],
    clause: "SLSA Provenance v0.2",
};

static VERIFIER: Record = Record {
    members: &[required("id", Shape::Uri), optional("version", Shape::Map(&Shape::Text))],
    rules: &[],
    clause: "SLSA Verification Summary v1 \"verifier\"",
};

static POLICY: Record = Record {
    members: &[required("uri", Shape::Text), optional("digest", Shape::Digests)],
    rules: &[],
    clause: "SLSA Verification Summary v1 \"policy\"",
};

static INPUT_ATTESTATION: Record = Record {
    members: &[optional("uri", Shape::Text), required("digest", Shape::Digests)],
    rules: &[],
    clause: "SLSA Verification Summary v1 \"inputAttestations\"",
};

pub(in crate::predicate) static VERIFICATION_SUMMARY: Record = Record {
    members: &[
        required("verifier", Shape::Record(&VERIFIER)),
        // Required in v1.0, optional since.
        optional("timeVerified", Shape::Time),
        required("resourceUri", Shape::Text),
        required("policy", Shape::Record(&POLICY)),
        optional("inputAttestations", Shape::List(&Shape::Record(&INPUT_ATTESTATION), 0)),
        required("verificationResult", Shape::OneOf(&["PASSED", "FAILED"])),
        required("verifiedLevels", Shape::List(&Shape::Text, 0)),
        optional("dependencyLevels", Shape::Map(&Shape::Whole(0))),
        optional("slsaVersion", Shape::Text),
    ],
    rules: &[],
    clause: "SLSA Verification Summary v1",
};
