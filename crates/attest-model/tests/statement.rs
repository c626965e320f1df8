//! in-toto statements and the artifacts they are about. Catalogue B048–B065, A05–A07, A22, A23.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use serde_json::{Value, json};
use stella_attest_model::{
    Artifact, ArtifactHasher, Digest, DigestAlgorithm, DigestError, Limits, Statement, StatementVersion, Strength,
};
use stella_vocabulary::{Code, Reason, hex};

mod common;
use common::{HELLO, read_statement, set, shown, statement, statement_refused, with, without};

fn hello() -> Artifact {
    Artifact::from_digest(Digest::sha256(b"hello"))
}

fn digests(digests: Value) -> Value {
    set(statement(), "/subject/0/digest", digests)
}

#[track_caller]
fn compared(document: &Value, artifact: &Artifact) -> Result<usize, Code> {
    read_statement(document).unwrap().match_subject(artifact).map_err(|error| {
        shown(&error, error.code());
        error.code()
    })
}

#[test]
fn a_statement_of_either_version_is_read_with_its_predicate_as_it_was_signed() {
    let text = br#" {"_type":"https://in-toto.io/Statement/v0.1","subject":[{"name":"a","digest":{"sha512_256":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","x":"y"}}],"predicateType":"https://slsa.dev/provenance/v1.0?draft","predicate": {"b" : 1.50, "a":"\u00e9"} } "#;
    let statement = Statement::from_payload(text, &Limits::default()).unwrap();
    assert_eq!(statement.version(), StatementVersion::V01);
    assert_eq!(statement.predicate_type(), "https://slsa.dev/provenance/v1.0?draft");
    assert_eq!(statement.predicate_json(), Some(r#"{"b" : 1.50, "a":"\u00e9"}"#));
    let [subject] = statement.subjects() else { panic!("one subject") };
    assert_eq!(subject.name(), Some("a"));
    assert_eq!(subject.digests()[0].to_string(), format!("sha512_256:{HELLO}"));
    assert_eq!(subject.other_digests(), [("x".to_string(), "y".to_string())]);
    assert_eq!(read_statement(&common::statement()).unwrap().version(), StatementVersion::V1);
}

#[test]
fn a_predicate_is_judged_as_a_whole_and_what_stands_around_it_stays_readable() {
    let text = |inside: &str| {
        format!(
            r#"{{"subject":[{{"name":"\u0061b","digest":{{"sha256":"{HELLO}"}}}}],"predicate":{{"c":[{{"d\u0065":"\n"}},[{inside}],{{"predicate":{{}}}}]}},"predicateType":"https:\/\/a/b","_type":"https:\/\/in-toto.io/Statement/v1"}}"#
        )
    };
    let good = text(r#"{"x\t":1,"y":"\u20ac"},[]"#);
    let statement = Statement::from_payload(good.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(statement.subjects()[0].name(), Some("ab"));
    assert_eq!(statement.predicate_type(), "https://a/b");
    assert_eq!(
        statement.predicate_json(),
        Some(r#"{"c":[{"d\u0065":"\n"},[{"x\t":1,"y":"\u20ac"},[]],{"predicate":{}}]}"#)
    );
    for (inside, code, path) in [
        (r#"{"x\t":1,"x\u0009":1}"#, Code::JsonDuplicateKey, r#"$.predicate.c[1][0]["x\u{9}"]"#),
        (r#"{},"\ud800""#, Code::JsonInvalidUnicode, "$.predicate.c[1][1]"),
        (r#"{},{"y":01}"#, Code::JsonSyntax, "$.predicate.c[1][1].y"),
    ] {
        let error = Statement::from_payload(text(inside).as_bytes(), &Limits::default()).unwrap_err();
        assert_eq!(error.code(), code, "{inside}");
        let place = error.place().unwrap();
        assert!(place.starts_with(&format!("payload {path}")), "{inside}: {place}");
    }
}

#[test]
fn what_may_be_missing_is_missing() {
    let document = without(without(statement(), "", "predicate"), "/subject/0", "name");
    let read = read_statement(&document).unwrap();
    assert_eq!((read.predicate_json(), read.subjects()[0].name()), (None, None));
    assert!(read_statement(&with(statement(), "", "unknown", json!([{"a": 1}]))).is_ok());
    assert!(read_statement(&with(statement(), "/subject/0", "annotations", json!({"a": 1}))).is_ok());
}

#[test]
fn a_payload_that_is_no_statement_is_malformed() {
    for payload in [
        "hello, world",
        "",
        " ",
        "\u{0}",
        "<xml/>",
        "[]",
        "null",
        "7",
        "\"{}\"",
        "{}",
        r#"{"type":"https://in-toto.io/Statement/v1"}"#,
        "1 2",
    ] {
        let error = Statement::from_payload(payload.as_bytes(), &Limits::default()).unwrap_err();
        shown(&error, Code::IntotoMalformed);
        assert!(error.place().unwrap().starts_with("payload $ (line 1"));
    }
    let error = Statement::from_payload(b"\x80\x00binary", &Limits::default()).unwrap_err();
    shown(&error, Code::IntotoMalformed);
}

#[test]
fn a_payload_that_is_almost_json_says_where_it_is_not() {
    let text = statement().to_string();
    let cases = [
        (text.replacen("\"_type\"", "\"_type\":1,\"_type\"", 1), Code::JsonDuplicateKey),
        (text.replacen("{\"note\"", "{\"n\\u006fte\":1,\"note\"", 1), Code::JsonDuplicateKey),
        (text.replacen("\"sha256\"", "\"sha256\":\"\",\"sha256\"", 1), Code::JsonDuplicateKey),
        (format!("{text}x"), Code::JsonTrailingData),
        (text.replacen("\"predicateType\":", "\"predicateType\"", 1), Code::JsonSyntax),
        ("[1,]".to_string(), Code::JsonSyntax),
        (format!("\u{feff}{text}"), Code::JsonBom),
        (text.replacen("🎉", "\\ud83c", 1), Code::JsonInvalidUnicode),
        (format!("{{\"a\":{}{}}}", "[".repeat(64), "]".repeat(64)), Code::JsonDepthExceeded),
    ];
    for (payload, code) in cases {
        shown(&Statement::from_payload(payload.as_bytes(), &Limits::default()).unwrap_err(), code);
    }
}

#[test]
fn each_member_has_one_type() {
    for (pointer, path) in [
        ("/_type", "$._type"),
        ("/subject", "$.subject"),
        ("/subject/0", "$.subject[0]"),
        ("/subject/0/digest", "$.subject[0].digest"),
        ("/subject/0/digest/sha256", "$.subject[0].digest.sha256"),
        ("/predicateType", "$.predicateType"),
    ] {
        for wrong in [json!(null), json!(7), json!(false)] {
            statement_refused(&set(statement(), pointer, wrong), Code::JsonWrongType, path);
        }
    }
    statement_refused(&set(statement(), "/subject/0", json!(["name", {}])), Code::JsonWrongType, "$.subject[0]");
    statement_refused(&set(statement(), "/subject/0/name", json!(7)), Code::JsonWrongType, "$.subject[0].name");
    statement_refused(&set(statement(), "/predicate", json!("text")), Code::JsonWrongType, "$.predicate");
    statement_refused(
        &set(statement(), "/subject/0/name", json!("a\u{0}")),
        Code::JsonControlCharacter,
        "$.subject[0].name",
    );
}

#[test]
fn other_statement_types_are_not_supported() {
    for text in [
        "https://in-toto.io/Statement/v2",
        "https://in-toto.io/Statement/v1/",
        "https://in-toto.io/statement/v1",
        "",
        "link",
    ] {
        statement_refused(&set(statement(), "/_type", json!(text)), Code::IntotoStatementTypeUnsupported, "$._type");
    }
}

#[test]
fn a_statement_is_about_something() {
    statement_refused(&without(statement(), "", "subject"), Code::IntotoNoSubjects, "$");
    statement_refused(&set(statement(), "/subject", json!([])), Code::IntotoNoSubjects, "$.subject");
    statement_refused(&without(statement(), "/subject/0", "digest"), Code::IntotoSubjectDigestMissing, "$.subject[0]");
    statement_refused(&digests(json!({})), Code::IntotoSubjectDigestMissing, "$.subject[0].digest");
}

#[test]
fn a_digest_is_hexadecimal_of_the_length_of_its_algorithm() {
    for algorithm in DigestAlgorithm::ALL {
        for length in algorithm.lengths() {
            let right = hex::encode(&vec![0xab; *length]);
            for text in [right.clone(), right.to_uppercase()] {
                let read = read_statement(&digests(json!({algorithm.name(): text}))).unwrap();
                assert_eq!(read.subjects()[0].digest(*algorithm).unwrap().as_bytes(), vec![0xab; *length]);
            }
            for wrong in [
                &right[1..],
                &right[2..],
                &format!("{right}ab"),
                &format!("0x{}", &right[2..]),
                &format!("g{}", &right[1..]),
                "",
            ] {
                let path = format!("$.subject[0].digest.{algorithm}");
                statement_refused(&digests(json!({algorithm.name(): wrong})), Code::IntotoDigestMalformed, &path);
            }
        }
    }
    assert!(read_statement(&digests(json!({"gce_image_id": "1234", "SHA256": "x"}))).is_ok());
    statement_refused(&digests(json!({"somehash": ""})), Code::IntotoDigestMalformed, "$.subject[0].digest.somehash");
}

#[test]
fn a_predicate_type_is_a_uri() {
    for text in [
        "https://example.com/a?b#c",
        "urn:x:y",
        "pkg:a",
        "git+https://e.x/%20",
        "x:y",
        "https://docs.pypi.org/attestations/publish/v1",
    ] {
        assert_eq!(read_statement(&set(statement(), "/predicateType", json!(text))).unwrap().predicate_type(), text);
    }
    for text in [
        "",
        "provenance",
        "slsa.dev/provenance/v1",
        ":x",
        "x:",
        "1x:y",
        "https://a b",
        " https://a",
        "https://a ",
        "h\u{e9}:x",
        "x:\u{e9}",
        "x:%2",
        "x:%zz",
        "x:<y>",
        "x:\\y",
    ] {
        statement_refused(
            &set(statement(), "/predicateType", json!(text)),
            Code::IntotoPredicateTypeInvalid,
            "$.predicateType",
        );
    }
    statement_refused(&without(statement(), "", "predicateType"), Code::IntotoPredicateTypeInvalid, "$");
}

#[test]
fn subjects_and_their_digests_are_counted() {
    let subjects =
        |count: usize| set(statement(), "/subject", json!(vec![json!({"digest": {"sha256": HELLO}}); count]));
    for count in [1023, 1024] {
        assert_eq!(read_statement(&subjects(count)).unwrap().subjects().len(), count);
    }
    for count in [1025, 100_000] {
        statement_refused(&subjects(count), Code::IntotoTooManySubjects, "$.subject");
    }
    let endless = format!(r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{}0]}}"#, "0,".repeat(1_024_000));
    let error = Statement::from_payload(endless.as_bytes(), &Limits::default()).unwrap_err();
    shown(&error, Code::IntotoTooManySubjects);
    let set_of = |count: usize| {
        digests((0..count).map(|index| (format!("hash{index}"), json!("x"))).collect::<serde_json::Map<_, _>>().into())
    };
    for count in [31, 32] {
        assert_eq!(read_statement(&set_of(count)).unwrap().subjects()[0].other_digests().len(), count);
    }
    for count in [33, 9_999] {
        statement_refused(&set_of(count), Code::IntotoTooManyDigests, "$.subject[0].digest");
    }
    statement_refused(&set_of(32_000), Code::JsonTooManyMembers, "$.subject[0].digest.hash18998");
}

#[test]
fn a_statement_at_every_limit_at_once_is_read_and_matched() {
    let digests = |subject: usize| -> serde_json::Map<String, Value> {
        let own = std::iter::once(("sha256".to_string(), json!(format!("{subject:064x}"))));
        own.chain((0..31).map(|index| (format!("hash{index}"), json!("x")))).collect()
    };
    let subjects: Vec<Value> = (0..1024).map(|subject| json!({"name": "same", "digest": digests(subject)})).collect();
    let last = Artifact::from_digest(format!("sha256:{:064x}", 1023).parse().unwrap());
    assert_eq!(compared(&set(statement(), "/subject", subjects.into()), &last), Ok(1023));
}

#[test]
fn a_payload_of_the_largest_size_is_read_and_one_byte_more_is_not() {
    let padded = |size: usize| {
        let text = statement().to_string();
        text.replacen("شكرا", &"x".repeat(size - text.len() + "شكرا".len()), 1)
    };
    let limits = Limits { payload_bytes: 1000, ..Limits::default() };
    for (size, fits) in [(999, true), (1000, true), (1001, false), (1_000_000, false)] {
        let result = Statement::from_payload(padded(size).as_bytes(), &limits);
        assert_eq!(
            result.as_ref().map_err(|error| error.code()).err(),
            (!fits).then_some(Code::InputTooLarge),
            "{size}"
        );
    }
    let large = Statement::from_payload(padded(12 << 20).as_bytes(), &Limits::default()).unwrap();
    assert!(large.predicate_json().unwrap().len() > 11 << 20);
}

#[test]
fn an_artifact_matches_by_digest_and_not_by_name() {
    assert_eq!(compared(&statement(), &hello()), Ok(0));
    let three = set(
        statement(),
        "/subject",
        json!([
            {"name": "a", "digest": {"sha256": "00".repeat(32)}},
            {"name": "b", "digest": {"sha1": "00".repeat(20), "sha256": HELLO.to_uppercase(), "weird": "x"}},
            {"name": "c", "digest": {"sha256": HELLO}}
        ]),
    );
    assert_eq!(compared(&three, &hello()), Ok(1));
    let other = Artifact::from_digest(Digest::sha256(b"other"));
    assert_eq!(compared(&statement(), &other), Err(Code::IntotoSubjectMismatch));
}

#[test]
fn any_strong_digest_will_do() {
    let sha512 = digests(json!({"sha512": hex::encode(Digest::sha512(b"hello").as_bytes())}));
    assert_eq!(compared(&sha512, &Artifact::of_bytes(b"hello")), Ok(0));
    assert_eq!(compared(&sha512, &Artifact::of_bytes(b"hellO")), Err(Code::IntotoSubjectMismatch));
    let sha384 = digests(json!({"sha384": hex::encode(Digest::sha384(b"hello").as_bytes())}));
    assert_eq!(compared(&sha384, &Artifact::of_bytes(b"hello")), Ok(0));
    // The statement has a strong digest, the artifact another: nothing says they are the same.
    assert_eq!(compared(&sha512, &hello()), Err(Code::IntotoSubjectMismatch));
}

#[test]
fn a_mismatch_shows_the_artifact_and_the_first_five_subjects() {
    let subjects: Vec<Value> = (0..7)
        .map(|index| json!({"name": format!("n{index}"), "digest": {"sha256": format!("{index:064x}")}}))
        .collect();
    let statement = read_statement(&set(statement(), "/subject", subjects.into())).unwrap();
    let error = statement.match_subject(&hello()).unwrap_err();
    shown(&error, Code::IntotoSubjectMismatch);
    assert_eq!(error.expected().unwrap(), format!("sha256:{HELLO}"));
    let found = error.found().unwrap();
    assert!(
        found.contains("n0 sha256:0000")
            && found.contains("n4 ")
            && !found.contains("n5")
            && found.ends_with("and 2 more")
    );
}

#[test]
fn one_agreeing_and_one_differing_digest_are_a_conflict() {
    let conflicting = digests(json!({"sha256": HELLO, "sha512": "00".repeat(64)}));
    assert_eq!(compared(&conflicting, &Artifact::of_bytes(b"hello")), Err(Code::IntotoDigestConflict));
    let error = read_statement(&conflicting).unwrap().match_subject(&Artifact::of_bytes(b"hello")).unwrap_err();
    assert_eq!(error.found().unwrap(), format!("sha512:{}", "00".repeat(64)));
    // Only what both have can be compared.
    assert_eq!(compared(&conflicting, &hello()), Ok(0));
    // Another subject that fits does not make up for it, before or after.
    let fits = json!({"digest": {"sha256": HELLO}});
    for subjects in [[fits.clone(), conflicting["subject"][0].clone()], [conflicting["subject"][0].clone(), fits]] {
        let both = set(statement(), "/subject", json!(subjects));
        assert_eq!(compared(&both, &Artifact::of_bytes(b"hello")), Err(Code::IntotoDigestConflict));
    }
    // A subject that is plainly another artifact is no conflict.
    let differs = digests(json!({"sha256": "00".repeat(32), "sha512": "00".repeat(64)}));
    assert_eq!(compared(&differs, &Artifact::of_bytes(b"hello")), Err(Code::IntotoSubjectMismatch));
}

#[test]
fn weak_digests_bind_nothing_unless_they_are_asked_for() {
    let weak = digests(json!({"sha1": "ab".repeat(20), "md5": "ab".repeat(16), "gitCommit": "ab".repeat(20)}));
    assert_eq!(compared(&weak, &hello()), Err(Code::IntotoDigestAlgorithmWeak));
    let sha1: Digest = format!("sha1:{}", "ab".repeat(20)).parse().unwrap();
    let artifact = Artifact::from_digest(sha1);
    assert_eq!(compared(&weak, &artifact), Err(Code::IntotoDigestAlgorithmWeak));
    assert_eq!(compared(&statement(), &artifact), Err(Code::IntotoDigestAlgorithmWeak));
    let read = read_statement(&weak).unwrap();
    assert_eq!(read.danger_match_subject_by(&artifact, &[DigestAlgorithm::Sha1]), Ok(0));
    let error = read.danger_match_subject_by(&artifact, &[DigestAlgorithm::Md5]).unwrap_err();
    assert_eq!(error.code(), Code::IntotoDigestAlgorithmWeak);
    let weak_algorithms: Vec<_> = DigestAlgorithm::ALL
        .iter()
        .filter(|known| known.strength() == Strength::Weak)
        .map(|known| known.name())
        .collect();
    assert_eq!(weak_algorithms, ["gitBlob", "gitCommit", "gitTag", "gitTree", "md5", "sha1"]);
}

#[test]
fn unknown_algorithms_alone_cannot_be_compared() {
    assert_eq!(compared(&digests(json!({"foo": "bar"})), &hello()), Err(Code::IntotoDigestAlgorithmUnsupported));
    assert_eq!(compared(&digests(json!({"SHA256": HELLO})), &hello()), Err(Code::IntotoDigestAlgorithmUnsupported));
    assert_eq!(
        compared(&digests(json!({"foo": "bar", "sha1": "ab".repeat(20)})), &hello()),
        Err(Code::IntotoDigestAlgorithmWeak)
    );
    assert_eq!(compared(&digests(json!({"foo": "bar", "sha256": HELLO})), &hello()), Ok(0));
}

#[test]
fn there_is_no_empty_artifact() {
    shown(&Artifact::from_digests([]).unwrap_err(), Code::IntotoArtifactMissing);
    shown(&Digest::from_bytes(DigestAlgorithm::Sha256, &[]).unwrap_err(), Code::IntotoArtifactMissing);
    shown(&"".parse::<Digest>().unwrap_err(), Code::IntotoArtifactMissing);
    let twice = [Digest::sha256(b"a"), Digest::sha256(b"b")];
    shown(&Artifact::from_digests(twice).unwrap_err(), Code::UsageDigestInvalid);
    assert_eq!(Artifact::from_digests([Digest::sha256(b"a"), Digest::sha512(b"a")]).unwrap().digests().len(), 2);
}

#[test]
fn a_digest_is_written_in_full() {
    let whole = format!("sha256:{HELLO}");
    assert_eq!(whole.parse(), Ok(Digest::sha256(b"hello")));
    assert_eq!(format!("sha256:{}", HELLO.to_uppercase()).parse(), Ok(Digest::sha256(b"hello")));
    assert_eq!(Digest::sha256(b"hello").to_string(), whole);
    let wrong = [
        "sha256:",
        "sha256:abcd",
        HELLO,
        &whole.to_uppercase(),
        &format!("SHA256:{HELLO}"),
        &format!("sha512:{HELLO}"),
        &format!("{whole}00"),
        &format!(" {whole}"),
        "sha257:00",
        "sha256:zz",
        ":",
        "\u{1b}:00",
    ];
    for text in wrong {
        shown(&text.parse::<Digest>().unwrap_err(), Code::UsageDigestInvalid);
    }
    let length = Digest::from_bytes(DigestAlgorithm::Sha256, &[0; 31]).unwrap_err();
    assert_eq!(length, DigestError::WrongLength { algorithm: DigestAlgorithm::Sha256, found: 31 });
}

proptest! {
    #[test]
    fn an_artifact_in_pieces_is_the_artifact(bytes: Vec<u8>, at: prop::sample::Index) {
        let (head, tail) = bytes.split_at(at.index(bytes.len() + 1));
        let mut hasher = ArtifactHasher::new();
        hasher.update(head);
        hasher.update(tail);
        prop_assert_eq!(hasher.finish(), Artifact::of_bytes(&bytes));
    }

    #[test]
    fn any_payload_is_read_or_refused_with_a_bounded_reason(payload in "[{}\\[\\]\",:a-z\\\\0-9 \u{0}]{0,60}") {
        if let Err(error) = Statement::from_payload(payload.as_bytes(), &Limits::default()) {
            shown(&error, error.code());
        }
    }
}
