//! Types of the in-toto attestation framework, and what they share.

use crate::predicate::schema::{Member, Record, Rule, Shape, optional, required};

/// in-toto ResourceDescriptor v1.
pub(in crate::predicate) static RESOURCE: Record = Record {
    members: RESOURCE_MEMBERS,
    rules: &[Rule::AnyOf(&["uri", "digest", "content"])],
    clause: "in-toto ResourceDescriptor v1",
};

/// The same where the two sides have to agree on what is needed, so that nothing is required.
static DESCRIPTION: Record = Record { members: RESOURCE_MEMBERS, rules: &[], clause: "in-toto ResourceDescriptor v1" };

const RESOURCE_MEMBERS: &[Member] = &[
    optional("name", Shape::Text),
    optional("uri", Shape::Text),
    optional("digest", Shape::Digests),
    optional("content", Shape::Text),
    optional("downloadLocation", Shape::Text),
    optional("mediaType", Shape::Text),
    optional("annotations", Shape::Object),
];

static MATERIAL: Record = Record {
    members: &[required("name", Shape::Text), required("digest", Shape::Digests), optional("uri", Shape::Text)],
    rules: &[],
    clause: "in-toto Link v0.3 \"materials\"",
};

pub(in crate::predicate) static LINK: Record = Record {
    members: &[
        required("name", Shape::Text),
        optional("command", Shape::List(&Shape::Any, 0)),
        optional("materials", Shape::List(&Shape::Record(&MATERIAL), 0)),
        optional("byproducts", Shape::Object),
        optional("environment", Shape::Object),
    ],
    rules: &[],
    clause: "in-toto Link v0.3",
};

pub(in crate::predicate) static RELEASE: Record = Record {
    members: &[
        required("purl", Shape::Uri),
        // Called `releaseId` in v0.1.
        optional("packageId", Shape::Text),
        optional("releaseId", Shape::Text),
    ],
    rules: &[],
    clause: "in-toto Release v0.2",
};

static ATTRIBUTE: Record = Record {
    members: &[
        required("attribute", Shape::Text),
        optional("target", Shape::Record(&DESCRIPTION)),
        optional("conditions", Shape::Object),
        optional("evidence", Shape::Record(&DESCRIPTION)),
    ],
    rules: &[],
    clause: "in-toto SCAI v0.3 \"attributes\"",
};

pub(in crate::predicate) static SCAI: Record = Record {
    members: &[
        required("attributes", Shape::List(&Shape::Record(&ATTRIBUTE), 1)),
        optional("producer", Shape::Record(&DESCRIPTION)),
    ],
    rules: &[],
    clause: "in-toto SCAI v0.3",
};

pub(in crate::predicate) static TEST_RESULT: Record = Record {
    members: &[
        required("result", Shape::OneOf(&["PASSED", "WARNED", "FAILED"])),
        required("configuration", Shape::List(&Shape::Record(&RESOURCE), 0)),
        optional("url", Shape::Uri),
        optional("passedTests", Shape::List(&Shape::Text, 0)),
        optional("warnedTests", Shape::List(&Shape::Text, 0)),
        optional("failedTests", Shape::List(&Shape::Text, 0)),
    ],
    rules: &[],
    clause: "in-toto Test Result v0.1",
};
