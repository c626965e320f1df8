//! CycloneDX bills of materials.

use crate::predicate::schema::{Record, Shape, optional, required};

static COMPONENT: Record = Record {
    members: &[
        // More kinds come with each version of the specification.
        required("type", Shape::Text),
        required("name", Shape::Text),
        optional("version", Shape::Text),
        optional("purl", Shape::Text),
        optional("bom-ref", Shape::Text),
        optional("components", Shape::List(&Shape::Object, 0)),
    ],
    rules: &[],
    clause: "CycloneDX 1.6 \"component\"",
};

static METADATA: Record = Record {
    members: &[optional("timestamp", Shape::Time), optional("component", Shape::Record(&COMPONENT))],
    rules: &[],
    clause: "CycloneDX 1.6 \"metadata\"",
};

static DEPENDENCY: Record = Record {
    members: &[required("ref", Shape::Text), optional("dependsOn", Shape::List(&Shape::Text, 0))],
    rules: &[],
    clause: "CycloneDX 1.6 \"dependency\"",
};

pub(in crate::predicate) static BOM: Record = Record {
    members: &[
        required("bomFormat", Shape::OneOf(&["CycloneDX"])),
        required("specVersion", Shape::Text),
        optional("serialNumber", Shape::Uri),
        // Required up to version 1.4.
        optional("version", Shape::Whole(1)),
        optional("metadata", Shape::Record(&METADATA)),
        optional("components", Shape::List(&Shape::Record(&COMPONENT), 0)),
        optional("services", Shape::List(&Shape::Object, 0)),
        optional("dependencies", Shape::List(&Shape::Record(&DEPENDENCY), 0)),
        optional("vulnerabilities", Shape::List(&Shape::Object, 0)),
    ],
    rules: &[],
    clause: "CycloneDX 1.6",
};
