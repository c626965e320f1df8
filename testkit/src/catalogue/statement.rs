//! Items B048 to B065: in-toto statements. Each of the bad ones is validly signed.

use stella_vocabulary::hex;

use super::{
    item::{Bad, Item, Layer},
    scene::{self, ARTIFACT, BUILDER, OTHER_ARTIFACT, envelope_item, key_item, remove, signed, statement_with},
};
use crate::{
    json::{self, Value},
    statement::{self, SLSA_PROVENANCE_V1, STATEMENT_V1},
};

pub(super) fn items() -> Vec<Item> {
    vec![
        no_statement(),
        unknown_version(),
        no_subjects(),
        no_digest(),
        malformed_digest(),
        weak_digests(),
        unknown_digests(),
        other_artifact(),
        same_name(),
        conflicting_digests(),
        no_artifact(),
        malformed_digest_argument(),
        other_predicate_type(),
        similar_predicate_type(),
        invalid_predicate_type(),
        too_many_subjects(),
        too_many_digests(),
        names_that_are_paths(),
    ]
}

/// Refused for what the statement says.
fn says(code: &'static str, place: &str, change: &str, payload: impl AsRef<[u8]>) -> Bad {
    Bad::document(code, place, change, signed(payload))
}

fn edited(code: &'static str, place: &str, change: &str, edit: impl FnOnce(&mut Value)) -> Bad {
    says(code, place, change, statement_with(edit).to_string())
}

fn no_statement() -> Item {
    let code = "intoto.malformed";
    envelope_item("B048")
        .bad(says(code, "line 1", "the payload is text", "release 1.0.0 is fine"))
        .bad(says(code, "line 1", "the payload is empty", ""))
        .bad(says(code, "line 1", "the payload is not even text", [0x30, 0x82, 0x01, 0xff]))
        .bad(says(code, "$", "the payload is an array", "[]"))
        .bad(says(code, "$", "the payload is a string", "\"statement\""))
        .bad(says(code, "$", "the payload is an object without members", "{}"))
        .bad(edited(code, "$", "no _type", |statement| remove(statement, "_type")))
        .bad(says(code, "$", "the payload is another envelope", signed(scene::payload())))
}

fn unknown_version() -> Item {
    let bad = |kind: &'static str| {
        edited("intoto.statement_type_unsupported", "$._type", &format!("_type \"{kind}\""), |statement| {
            statement["_type"] = json::text(kind);
        })
    };
    envelope_item("B049").bads(
        [
            "https://in-toto.io/Statement/v2",
            "https://in-toto.io/Statement/v0.2",
            "https://in-toto.io/Statement/v1 ",
            "https://in-toto.io/statement/v1",
            "https://in-toto.io/Statement/v1/",
            "http://in-toto.io/Statement/v1",
            "link",
            "",
        ]
        .map(bad),
    )
}

fn no_subjects() -> Item {
    let code = "intoto.no_subjects";
    envelope_item("B050").bad(edited(code, "$", "no subject", |statement| remove(statement, "subject"))).bad(edited(
        code,
        "$.subject",
        "an empty list of subjects",
        |statement| statement["subject"] = json::array([]),
    ))
}

fn no_digest() -> Item {
    let code = "intoto.subject_digest_missing";
    let two = |second: Value| {
        move |statement: &mut Value| {
            let first = statement["subject"][0].clone();
            statement["subject"] = json::array([first, second]);
        }
    };
    let empty = json::object([("name", json::text("x")), ("digest", json::object([]))]);
    envelope_item("B051")
        .bad(edited(code, "$.subject[0]", "no digest", |statement| remove(&mut statement["subject"][0], "digest")))
        .bad(edited(code, "$.subject[0].digest", "an empty digest set", |statement| {
            statement["subject"][0]["digest"] = json::object([]);
        }))
        .bad(edited(
            code,
            "$.subject[1]",
            "a second subject without digest",
            two(json::object([("name", json::text("x"))])),
        ))
        .bad(edited(code, "$.subject[1].digest", "a second subject with an empty digest set", two(empty)))
}

fn sha256(contents: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    hex::encode(&Sha256::digest(contents))
}

fn sha512(contents: &[u8]) -> String {
    use sha2::{Digest as _, Sha512};
    hex::encode(&Sha512::digest(contents))
}

fn malformed_digest() -> Item {
    let own = sha256(ARTIFACT);
    let bad = |change: &str, digest: String| {
        edited("intoto.digest_malformed", "$.subject[0].digest.sha256", change, |statement| {
            statement["subject"][0]["digest"]["sha256"] = json::text(&digest);
        })
    };
    envelope_item("B052")
        .bad(bad("not hexadecimal", format!("{}zz", &own[..62])))
        .bad(bad("too short", own[..62].to_owned()))
        .bad(bad("an odd number of digits", own[..63].to_owned()))
        .bad(bad("too long", format!("{own}00")))
        .bad(bad("the algorithm's name in front", format!("sha256:{own}")))
        .bad(bad("base64", stella_vocabulary::base64::encode(&hex::decode(&own).unwrap_or_default())))
        .bad(bad("a space in front", format!(" {}", &own[1..])))
        .bad(bad("empty", String::new()))
        .bad(edited(
            "intoto.digest_malformed",
            "$.subject[0].digest.sha512",
            "a sha512 as long as a sha256",
            |statement| {
                statement["subject"][0]["digest"]["sha512"] = json::text(&own);
            },
        ))
}

fn with_digests(digests: &[(&str, &str)]) -> impl FnOnce(&mut Value) {
    let set = json::object(digests.iter().map(|(name, digest)| (*name, json::text(digest))));
    move |statement: &mut Value| statement["subject"][0]["digest"] = set
}

fn weak_digests() -> Item {
    let bad = |change: &str, digests: &[(&str, &str)]| {
        edited("intoto.digest_algorithm_weak", "subject.match", change, with_digests(digests))
    };
    // Those of the artifact, so that only their weakness stands against them.
    let md5 = "93ea60799c34eb5de90284005e90315e";
    let sha1 = "999a0c977e3ad6a8a7c411b8d0875c1fb31a786d";
    envelope_item("B053")
        .bad(bad("only md5", &[("md5", md5)]))
        .bad(bad("only sha1", &[("sha1", sha1)]))
        .bad(bad("only gitCommit", &[("gitCommit", sha1)]))
        .bad(bad("md5, sha1 and gitCommit", &[("gitCommit", sha1), ("md5", md5), ("sha1", sha1)]))
}

fn unknown_digests() -> Item {
    let bad = |change: &str, digests: &[(&str, &str)]| {
        edited("intoto.digest_algorithm_unsupported", "subject.match", change, with_digests(digests))
    };
    let own = sha256(ARTIFACT);
    envelope_item("B054")
        .bad(bad("the right digest under an unknown name", &[("sha-256", &own)]))
        .bad(bad("the right digest under a name of another case", &[("SHA256", &own)]))
        .bad(bad("two unknown algorithms", &[("crc32", "cbf43926"), ("x-custom", "a value")]))
}

/// Seven subjects, the artifact being the last.
fn seven_subjects() -> Value {
    let digests: Vec<(String, Vec<u8>)> = (1..=6)
        .map(|index| format!("file {index}"))
        .map(|name| (name.clone(), hex::decode(&sha256(name.as_bytes())).unwrap_or_default()))
        .chain([("artifact.txt".to_owned(), hex::decode(&sha256(ARTIFACT)).unwrap_or_default())])
        .collect();
    let subjects: Vec<(&str, &[u8])> =
        digests.iter().map(|(name, digest)| (name.as_str(), digest.as_slice())).collect();
    statement::statement(STATEMENT_V1, &subjects, SLSA_PROVENANCE_V1, statement::slsa_predicate(BUILDER))
}

fn other_artifact() -> Item {
    let mismatch = |change: &str| {
        let shown = sha256(OTHER_ARTIFACT);
        Bad::new("intoto.subject_mismatch", Layer::AttestVerify, "subject.match", change)
            .with("shows", [shown.as_str(), "file 1", "file 5", "and 2 more"])
    };
    key_item("B055")
        .file("other.txt", OTHER_ARTIFACT)
        .file("empty.txt", "")
        .good(signed(seven_subjects().to_string()))
        .bad(mismatch("another artifact").with("artifact", "other.txt"))
        .bad(
            mismatch("the digest of another artifact")
                .with("without", ["artifact"])
                .with("digest", format!("sha256:{}", sha256(OTHER_ARTIFACT))),
        )
        .bad(
            Bad::new("intoto.subject_mismatch", Layer::AttestVerify, "subject.match", "an empty artifact")
                .with("artifact", "empty.txt"),
        )
}

fn same_name() -> Item {
    let other = statement::provenance("artifact.txt", OTHER_ARTIFACT, BUILDER);
    envelope_item("B056").bad(says(
        "intoto.subject_mismatch",
        "subject.match",
        "the digest of another file under the same name",
        other.to_string(),
    ))
}

fn conflicting_digests() -> Item {
    let (own, long, other) = (sha256(ARTIFACT), sha512(ARTIFACT), sha512(OTHER_ARTIFACT));
    let good = statement_with(with_digests(&[("sha256", &own), ("sha512", &long)]));
    let bad = |change: &str, digests: &[(&str, &str)]| {
        edited("intoto.digest_conflict", "subject.match", change, with_digests(digests))
    };
    key_item("B057")
        .good(signed(good.to_string()))
        .bad(bad("the sha512 is that of another file", &[("sha256", &own), ("sha512", &other)]))
        .bad(bad("the sha256 is that of another file", &[("sha256", &sha256(OTHER_ARTIFACT)), ("sha512", &long)]))
}

fn no_artifact() -> Item {
    let bad = |change: &str, digest: &str| {
        Bad::new("intoto.artifact_missing", Layer::AttestModel, "", change)
            .with("without", ["artifact"])
            .with("digest", digest)
    };
    envelope_item("B058").bad(bad("an empty digest", ""))
}

fn malformed_digest_argument() -> Item {
    let own = sha256(ARTIFACT);
    let bad = |change: &str, digest: String| {
        Bad::new("usage.digest_invalid", Layer::AttestModel, "--digest", change)
            .with("without", ["artifact"])
            .with("digest", digest)
    };
    envelope_item("B059")
        .also_good_with(vec![
            ("without", ["artifact"].into()),
            ("digest", format!("sha256:{}", own.to_uppercase()).into()),
        ])
        .bad(bad("cut to two bytes", "sha256:abcd".to_owned()))
        .bad(bad("cut by one digit", format!("sha256:{}", &own[..63])))
        .bad(bad("an unknown algorithm", format!("md9:{own}")))
        .bad(bad("the algorithm in upper case", format!("SHA256:{own}")))
        .bad(bad("no algorithm", own.clone()))
        .bad(bad("no digits", "sha256:".to_owned()))
        .bad(bad("not hexadecimal", format!("sha256:{}zz", &own[..62])))
        .bad(bad("a space behind", format!("sha256:{own} ")))
        .bad(bad("two algorithms", format!("sha256:sha256:{own}")))
}

fn typed(change: &str, place: &str, code: &'static str, predicate_type: &str) -> Bad {
    edited(code, place, change, |statement| statement["predicateType"] = json::text(predicate_type))
}

const TYPE_MISMATCH: &str = "policy.predicate_type_mismatch";

fn other_predicate_type() -> Item {
    let vsa = "https://slsa.dev/verification_summary/v1";
    envelope_item("B060")
        .run("predicate_type", SLSA_PROVENANCE_V1)
        .bad(
            Bad::new(TYPE_MISMATCH, Layer::AttestVerify, "policy.predicate_type", "another type is required")
                .with("predicate_type", vsa)
                .with("shows", [vsa, SLSA_PROVENANCE_V1]),
        )
        .bad(
            typed("another type is signed", "policy.predicate_type", TYPE_MISMATCH, vsa)
                .with("shows", [vsa, SLSA_PROVENANCE_V1]),
        )
}

fn similar_predicate_type() -> Item {
    envelope_item("B061").run("predicate_type", SLSA_PROVENANCE_V1).bads(
        [
            "https://slsa.dev/provenance/v1.evil",
            "https://slsa.dev/provenance/v1/",
            "https://slsa.dev/provenance/v1#x",
            "https://slsa.dev/provenance/v1?x",
            "https://slsa.dev/provenance/v10",
            "https://slsa.dev/provenance/v",
            "https://slsa.dev/Provenance/v1",
            "HTTPS://slsa.dev/provenance/v1",
            "https://slsa.dev:443/provenance/v1",
            "https://slsa.dev//provenance/v1",
            "https://slsa.dev/./provenance/v1",
            "https://slsa.dev/provenance/%76%31",
            "http://slsa.dev/provenance/v1",
            "https://evil.example/https://slsa.dev/provenance/v1",
        ]
        .map(|kind| typed(&format!("signed with {kind}"), "policy.predicate_type", TYPE_MISMATCH, kind)),
    )
}

fn invalid_predicate_type() -> Item {
    let code = "intoto.predicate_type_invalid";
    envelope_item("B062")
        .bad(edited(code, "$", "no predicate type", |statement| remove(statement, "predicateType")))
        .bads(
            [
                "",
                " ",
                "provenance",
                "/provenance/v1",
                "://slsa.dev",
                "https:",
                "https://slsa dev/provenance",
                "https://slsa.dev/<v1>",
                " https://slsa.dev/provenance/v1",
            ]
            .map(|kind| typed(&format!("predicate type \"{kind}\""), "$.predicateType", code, kind)),
        )
}

fn too_many_subjects() -> Item {
    let bad = |number: usize| {
        Bad::new("intoto.too_many_subjects", Layer::AttestModel, "$.subject", &format!("{number} subjects"))
            .generated("attestation", &format!("subjects {number}"))
    };
    envelope_item("B063")
        .also_good_with(vec![("generate", "subjects 1024".into()), ("attestation", "generated".into())])
        .bads([1_025, 100_000].map(bad))
}

/// The statement with `number` digests of the artifact, all but one of them by algorithms nobody knows.
pub(super) fn with_many_digests(number: usize) -> Value {
    statement_with(|statement| {
        for index in 1..number {
            statement["subject"][0]["digest"][format!("x-{index:02}")] = json::text("00");
        }
    })
}

fn too_many_digests() -> Item {
    envelope_item("B064").also_good(signed(with_many_digests(32).to_string())).bad(says(
        "intoto.too_many_digests",
        "$.subject[0].digest",
        "33 digests in one subject",
        with_many_digests(33).to_string(),
    ))
}

/// There is no policy on names yet. Until then: whatever a subject is called, only its digest counts, and no file is touched.
fn names_that_are_paths() -> Item {
    let named = |name: &'static str| {
        signed(statement_with(|statement| statement["subject"][0]["name"] = json::text(name)).to_string())
    };
    let others = |name: &'static str| {
        let other = statement_with(|statement| {
            statement["subject"][0]["name"] = json::text(name);
            statement["subject"][0]["digest"]["sha256"] = json::text(&sha256(OTHER_ARTIFACT));
        });
        let change = format!("another file's digest under the name {name}");
        says("intoto.subject_mismatch", "subject.match", &change, other.to_string())
    };
    let names = ["../../etc/passwd", "/etc/passwd", "./artifact.txt", "artifact.txt", "a/../artifact.txt"];
    names
        .into_iter()
        .skip(1)
        .fold(key_item("B065").good(named(names[0])), |item, name| item.also_good(named(name)))
        .bads(names.map(others))
}
