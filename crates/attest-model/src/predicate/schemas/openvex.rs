//! OpenVEX documents.

use crate::predicate::schema::{Record, Rule, Shape, optional, required};

static VULNERABILITY: Record = Record {
    members: &[
        required("name", Shape::Text),
        optional("@id", Shape::Uri),
        optional("description", Shape::Text),
        optional("aliases", Shape::List(&Shape::Text, 0)),
    ],
    rules: &[],
    clause: "OpenVEX v0.2.0 \"vulnerability\"",
};

static PRODUCT: Record = Record {
    members: &[
        optional("@id", Shape::Uri),
        optional("identifiers", Shape::Map(&Shape::Text)),
        optional("hashes", Shape::Map(&Shape::Text)),
        optional("subcomponents", Shape::List(&Shape::Object, 0)),
    ],
    rules: &[],
    clause: "OpenVEX v0.2.0 \"products\"",
};

static STATEMENT: Record = Record {
    members: &[
        // A text in documents of version 0.0.1.
        required("vulnerability", Shape::TextOr(&VULNERABILITY)),
        optional("products", Shape::List(&Shape::TextOr(&PRODUCT), 0)),
        required("status", Shape::OneOf(&["not_affected", "affected", "fixed", "under_investigation"])),
        optional(
            "justification",
            Shape::OneOf(&[
                "component_not_present",
                "vulnerable_code_not_present",
                "vulnerable_code_not_in_execute_path",
                "vulnerable_code_cannot_be_controlled_by_adversary",
                "inline_mitigations_already_exist",
            ]),
        ),
        optional("impact_statement", Shape::Text),
        optional("action_statement", Shape::Text),
        optional("timestamp", Shape::Time),
        optional("last_updated", Shape::Time),
        optional("version", Shape::Whole(1)),
    ],
    rules: &[
        Rule::When("status", "not_affected", &["justification", "impact_statement"]),
        Rule::When("status", "affected", &["action_statement"]),
    ],
    clause: "OpenVEX v0.2.0 \"statements\"",
};

pub(in crate::predicate) static DOCUMENT: Record = Record {
    members: &[
        required("@context", Shape::Uri),
        required("@id", Shape::Uri),
        required("author", Shape::Text),
        required("timestamp", Shape::Time),
        required("version", Shape::Whole(1)),
        required("statements", Shape::List(&Shape::Record(&STATEMENT), 1)),
        optional("role", Shape::Text),
        optional("last_updated", Shape::Time),
        optional("tooling", Shape::Text),
    ],
    rules: &[],
    clause: "OpenVEX v0.2.0",
};
