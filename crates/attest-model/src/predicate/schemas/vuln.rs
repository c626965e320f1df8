//! What vulnerability scanners found: cosign's form, and that of in-toto.

use crate::predicate::schema::{Record, Shape, optional, required};

static METADATA: Record = Record {
    members: &[required("scanStartedOn", Shape::Time), required("scanFinishedOn", Shape::Time)],
    rules: &[],
    clause: "in-toto Vulnerabilities v0.2 \"metadata\"",
};

static DATABASE: Record = Record {
    members: &[optional("uri", Shape::Text), optional("version", Shape::Text), required("lastUpdate", Shape::Time)],
    rules: &[],
    clause: "in-toto Vulnerabilities v0.2 \"scanner.db\"",
};

static SEVERITY: Record = Record {
    members: &[required("method", Shape::Text), required("score", Shape::Text)],
    rules: &[],
    clause: "in-toto Vulnerabilities v0.2 \"severity\"",
};

static VULNERABILITY: Record = Record {
    members: &[
        required("id", Shape::Text),
        required("severity", Shape::List(&Shape::Record(&SEVERITY), 0)),
        optional("annotations", Shape::Any),
    ],
    rules: &[],
    clause: "in-toto Vulnerabilities v0.2 \"scanner.result\"",
};

static SCANNER: Record = Record {
    members: &[
        required("uri", Shape::Text),
        optional("version", Shape::Text),
        required("db", Shape::Record(&DATABASE)),
        required("result", Shape::List(&Shape::Record(&VULNERABILITY), 0)),
    ],
    rules: &[],
    clause: "in-toto Vulnerabilities v0.2 \"scanner\"",
};

pub(in crate::predicate) static IN_TOTO: Record = Record {
    members: &[required("scanner", Shape::Record(&SCANNER)), required("metadata", Shape::Record(&METADATA))],
    rules: &[],
    clause: "in-toto Vulnerabilities v0.2",
};

static COSIGN_SCANNER: Record = Record {
    members: &[
        // May be empty, says the example of the specification.
        optional("uri", Shape::Any),
        optional("version", Shape::Any),
        optional("db", Shape::Object),
        required("result", Shape::Any),
    ],
    rules: &[],
    clause: "cosign Vulnerability Scan Record \"scanner\"",
};

static COSIGN_METADATA: Record = Record {
    members: &[required("scanStartedOn", Shape::Time), required("scanFinishedOn", Shape::Time)],
    rules: &[],
    clause: "cosign Vulnerability Scan Record \"metadata\"",
};

pub(in crate::predicate) static COSIGN: Record = Record {
    members: &[
        optional("invocation", Shape::Object),
        required("scanner", Shape::Record(&COSIGN_SCANNER)),
        required("metadata", Shape::Record(&COSIGN_METADATA)),
    ],
    rules: &[],
    clause: "cosign Vulnerability Scan Record",
};
