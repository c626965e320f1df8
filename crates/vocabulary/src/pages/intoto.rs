//! Pages of `intoto.`: statements and the artifacts they are about.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::IntotoArtifactMissing,
        Page {
            meaning: "A check against an artifact was asked for, but the artifact given is empty: no digest at all. \
                 That is never read as \"nothing to compare\".",
            example: "error[intoto.artifact_missing]: no artifact to compare with in the request: found an empty \
                 digest, expected at least one digest; try: stella verify attestation --attestation 3f2a91c4 \
                 --artifact FILE",
            causes: &[
                "A variable that should hold the digest is empty.",
                "An embedding program passed an empty handle or list.",
            ],
            remedies: &[run(
                "Give the artifact or its digest.",
                "stella verify attestation --attestation X --digest sha256:HEX",
            )],
            clause: Some("in-toto Statement v1 \"subject\""),
        },
    ),
    (
        Code::IntotoDigestAlgorithmUnsupported,
        Page {
            meaning: "The subjects are named only by digests of algorithms that this version cannot compute. The \
                 artifact can therefore not be recognised.",
            example: "error[intoto.digest_algorithm_unsupported]: no digest that can be compared in \
                 $.subject[0].digest: found `foo`, expected sha256, sha384 or sha512; try: stella attest show 3f2a91c4 \
                 --details",
            causes: &["The attesting tool uses a digest of its own, such as a directory hash."],
            remedies: &[run(
                "Have the statement made with a sha256 digest too.",
                "stella attest create --subject FILE --type TYPE",
            )],
            clause: Some("in-toto DigestSet"),
        },
    ),
    (
        Code::IntotoDigestAlgorithmWeak,
        Page {
            meaning: "The subjects are named only by weak digests, such as md5, sha1 or a Git commit id. Somebody \
                 could make a second file with the same digest.",
            example: "error[intoto.digest_algorithm_weak]: only weak digests in $.subject[0].digest: found gitCommit, \
                 expected sha256, sha384 or sha512; try: stella attest show 3f2a91c4 --details",
            causes: &[
                "The attestation is about a Git commit and not about a file.",
                "The attesting tool is old or configured for short digests.",
            ],
            remedies: &[
                run(
                    "Have the statement made with a sha256 digest too.",
                    "stella attest create --subject FILE --type TYPE",
                ),
                run(
                    "A policy may name the weak algorithm. It then newly accepts any file that collides with the \
                         attested one.",
                    "stella verify attestation --attestation X --policy FILE",
                ),
            ],
            clause: Some("in-toto DigestSet"),
        },
    ),
    (
        Code::IntotoDigestConflict,
        Page {
            meaning: "One digest of the subject fits the artifact and another one does not. They cannot both be \
                 digests of one file, so the statement contradicts itself.",
            example: "error[intoto.digest_conflict]: digests of one subject disagree in $.subject[0].digest.sha512: \
                 found 9b71…, expected 0a50…; try: have the statement made again",
            causes: &[
                "The tool hashed two different versions of a file.",
                "A digest was put in to mislead verifiers that look at only one.",
            ],
            remedies: &[run(
                "Have the statement made again over one version of the file.",
                "stella attest create --subject FILE --type TYPE",
            )],
            clause: Some("in-toto DigestSet"),
        },
    ),
    (
        Code::IntotoDigestMalformed,
        Page {
            meaning: "A digest is not hexadecimal or has not the length of its algorithm.",
            example: "error[intoto.digest_malformed]: not a digest in $.subject[0].digest.sha256: found 63 digits, \
                 expected 64 hexadecimal digits; try: stella attest show 3f2a91c4 --details",
            causes: &["The digest is base64, carries a prefix such as `sha256:`, or was cut."],
            remedies: &[run(
                "Have the statement made again with plain hexadecimal digests.",
                "stella attest create --subject FILE --type TYPE",
            )],
            clause: Some("in-toto DigestSet"),
        },
    ),
    (
        Code::IntotoMalformed,
        Page {
            meaning: "The signature is good, but what was signed is not an in-toto statement. A payload that cannot be \
                 read is refused, never skipped.",
            example: "error[intoto.malformed]: the payload is no statement in payload, line 1, column 1: found \
                 `hello`, expected an in-toto statement; try: stella attest show 3f2a91c4 --details",
            causes: &[
                "Something else was signed under the in-toto payload type.",
                "A field of the statement is missing or has the wrong type.",
            ],
            remedies: &[
                run("See what was signed.", "stella attest show X --details"),
                run(
                    "Have the statement made again by a tool that follows the specification.",
                    "stella attest create --subject FILE --type TYPE",
                ),
            ],
            clause: Some("in-toto Statement v1"),
        },
    ),
    (
        Code::IntotoNoSubjects,
        Page {
            meaning: "The statement names no subject. It would fit any artifact, so it fits none.",
            example: "error[intoto.no_subjects]: no subject in $.subject: found an empty list, expected at least 1; \
                 try: stella attest create --subject FILE",
            causes: &["The build produced no file when the statement was made, or a file pattern matched nothing."],
            remedies: &[run(
                "Have the statement made again, naming the artifact.",
                "stella attest create --subject FILE --type TYPE",
            )],
            clause: Some("in-toto Statement v1 \"subject\""),
        },
    ),
    (
        Code::IntotoPredicateTypeInvalid,
        Page {
            meaning: "The predicate type is missing, empty or not a URI. Without it nobody can tell what the statement \
                 asserts.",
            example: "error[intoto.predicate_type_invalid]: no predicate type in $.predicateType: found an empty \
                 string, expected a URI; try: stella attest create --type TYPE",
            causes: &["A short name was written instead of the URI."],
            remedies: &[run(
                "Have the statement made again; short names are turned into URIs.",
                "stella attest create --subject FILE --type TYPE",
            )],
            clause: Some("in-toto Statement v1 \"predicateType\""),
        },
    ),
    (
        Code::IntotoStatementTypeUnsupported,
        Page {
            meaning: "The `_type` of the statement is neither in-toto Statement v0.1 nor v1.",
            example: "error[intoto.statement_type_unsupported]: an unsupported statement type in $._type: found \
                 `https://in-toto.io/Statement/v2`, expected v0.1 or v1; try: stella version",
            causes: &["The statement was made by a newer tool, or the type is misspelt."],
            remedies: &[
                run("See what this version understands.", "stella version -o json"),
                run("Have the statement made as v1.", "stella attest create --subject FILE --type TYPE"),
            ],
            clause: Some("in-toto Statement v1 \"_type\""),
        },
    ),
    (
        Code::IntotoSubjectDigestMissing,
        Page {
            meaning: "A subject has a name but no digest. A name alone identifies nothing, because any file can carry \
                 it.",
            example: "error[intoto.subject_digest_missing]: a subject without digest in $.subject[0]: found no digest, \
                 expected at least one; try: stella attest create --subject FILE",
            causes: &["The tool names images by tag or files by path and leaves the digest out."],
            remedies: &[run(
                "Have the statement made again with the digest of the artifact.",
                "stella attest create --subject DIGEST --type TYPE",
            )],
            clause: Some("in-toto Statement v1 \"subject\""),
        },
    ),
    (
        Code::IntotoSubjectMismatch,
        Page {
            meaning: "The attestation is genuine, but about something else: none of its subjects has the digest of the \
                 artifact. Names are not compared. The report shows the digest of the artifact and the first five \
                 subjects.",
            example: "error[intoto.subject_mismatch]: no subject is this artifact in $.subject: found sha256:2c26… and \
                 2 more, expected sha256:fcde…; try: stella verify artifact --artifact FILE",
            causes: &[
                "The artifact was rebuilt or repacked after it was attested, or is of another release or platform.",
                "The digest of an image index was given where the manifest is attested, or the reverse.",
                "The attestation of another file of the same name was supplied.",
            ],
            remedies: &[
                run("List what is attested about this artifact.", "stella verify artifact --artifact FILE"),
                run("See which subjects the attestation names.", "stella attest show X --details"),
                run(
                    "If the artifact is right and comes from your build, attest it.",
                    "stella attest create --subject FILE --type TYPE",
                ),
            ],
            clause: Some("in-toto Statement v1 \"subject\""),
        },
    ),
    (
        Code::IntotoTooManyDigests,
        Page {
            meaning: "A subject has more than 32 digests.",
            example: "error[intoto.too_many_digests]: too many digests in $.subject[0].digest: found 33, expected at \
                 most 32; try: stella attest show 3f2a91c4 --details",
            causes: &["The statement was made to keep a verifier busy, or by a tool that lists aliases."],
            remedies: &[run(
                "Have the statement made with the digests that are needed; sha256 is enough.",
                "stella attest create --subject FILE --type TYPE",
            )],
            clause: None,
        },
    ),
    (
        Code::IntotoTooManySubjects,
        Page {
            meaning: "The statement names more than 1,024 subjects. They are counted while reading.",
            example: "error[intoto.too_many_subjects]: too many subjects in $.subject: found more than 1024, expected \
                 at most 1024; try: stella config show",
            causes: &["One statement lists every file of a release or a file system."],
            remedies: &[
                run(
                    "Have the statement split, or attest an archive or a list of digests instead of every file.",
                    "stella attest create --subject FILE --type TYPE",
                ),
                run(
                    "See the limits in force. A higher limit accepts longer statements from everybody.",
                    "stella config show",
                ),
            ],
            clause: None,
        },
    ),
];
