//! SPDX documents, 2 and 3.

use crate::predicate::schema::{Record, Shape, optional, required};

static CREATION_INFO: Record = Record {
    members: &[
        required("created", Shape::Time),
        required("creators", Shape::List(&Shape::Text, 1)),
        optional("comment", Shape::Text),
        optional("licenseListVersion", Shape::Text),
    ],
    rules: &[],
    clause: "SPDX 2.3 §6.8, §6.9",
};

static PACKAGE: Record = Record {
    members: &[
        required("SPDXID", Shape::Text),
        required("name", Shape::Text),
        required("downloadLocation", Shape::Text),
        optional("versionInfo", Shape::Text),
    ],
    rules: &[],
    clause: "SPDX 2.3 §7",
};

static FILE: Record = Record {
    members: &[
        required("SPDXID", Shape::Text),
        required("fileName", Shape::Text),
        required("checksums", Shape::List(&Shape::Object, 1)),
    ],
    rules: &[],
    clause: "SPDX 2.3 §8",
};

static RELATIONSHIP: Record = Record {
    members: &[
        required("spdxElementId", Shape::Text),
        required("relatedSpdxElement", Shape::Text),
        required("relationshipType", Shape::Text),
    ],
    rules: &[],
    clause: "SPDX 2.3 §11",
};

static VERSION_2: Record = Record {
    members: &[
        required("spdxVersion", Shape::Text),
        required("dataLicense", Shape::Text),
        required("SPDXID", Shape::Text),
        required("name", Shape::Text),
        required("documentNamespace", Shape::Uri),
        required("creationInfo", Shape::Record(&CREATION_INFO)),
        optional("packages", Shape::List(&Shape::Record(&PACKAGE), 0)),
        optional("files", Shape::List(&Shape::Record(&FILE), 0)),
        optional("relationships", Shape::List(&Shape::Record(&RELATIONSHIP), 0)),
        optional("documentDescribes", Shape::List(&Shape::Text, 0)),
    ],
    rules: &[],
    clause: "SPDX 2.3 §6",
};

static VERSION_3: Record = Record {
    members: &[required("@context", Shape::Any), required("@graph", Shape::List(&Shape::Object, 1))],
    rules: &[],
    clause: "SPDX 3.0 JSON-LD serialization",
};

/// Only a document of version 3 has a graph.
pub(in crate::predicate) static DOCUMENT: Shape = Shape::ByMember("@graph", &VERSION_3, &VERSION_2);
