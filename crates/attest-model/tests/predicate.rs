//! Predicates: known types, checks against their specifications, and drafts.

use stella_attest_model::predicate::{Flaw, PredicateDraft, PredicateType};
use stella_attest_model::{Digest, Limits, NewStatement, NewSubject, Statement};
use stella_vocabulary::{Code, Reason};

fn check(kind: PredicateType, predicate: &str) -> Vec<String> {
    let flaws = kind.check(predicate.as_bytes(), &Limits::default()).expect("JSON");
    flaws.iter().map(|flaw| format!("{}: {flaw}", flaw.location().path())).collect()
}

fn draft(assignments: &[&str]) -> Result<String, Code> {
    let mut draft = PredicateDraft::new(&Limits::default());
    for assignment in assignments {
        draft.set(assignment).map_err(|error| error.code())?;
    }
    Ok(draft.to_json())
}

#[test]
fn every_type_is_found_by_its_name_and_each_of_its_uris_and_by_nothing_else() {
    let names: Vec<&str> = PredicateType::ALL.iter().map(|kind| kind.name()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted, "in the order of the names");
    for kind in PredicateType::ALL {
        assert_eq!(PredicateType::from_name(kind.name()), Some(*kind));
        for uri in kind.uris() {
            assert_eq!(PredicateType::from_uri(uri), Some(*kind), "{uri}");
            assert_eq!(PredicateType::from_uri(&format!("{uri}/")), None);
            assert_eq!(PredicateType::from_name(uri), None);
        }
    }
    assert_eq!(PredicateType::from_name("SLSA-provenance"), None);
}

#[test]
fn the_example_and_the_minimal_predicate_of_every_type_pass_its_check() {
    for kind in PredicateType::ALL {
        if let Some(minimal) = kind.minimal() {
            assert_eq!(check(*kind, minimal), Vec::<String>::new(), "{kind}");
        } else {
            assert!(!check(*kind, "{}").is_empty(), "{kind} has a smallest predicate, and says there is none");
        }
        let made = draft(kind.example()).expect("a draft");
        assert_eq!(check(*kind, &made), Vec::<String>::new(), "{kind}: {made}");
    }
}

#[test]
fn every_assignment_of_an_example_is_needed() {
    for kind in PredicateType::ALL.iter().filter(|kind| kind.minimal().is_none()) {
        for left_out in 0..kind.example().len() {
            let mut rest = kind.example().to_vec();
            let without = rest.remove(left_out);
            if without.starts_with("scanner.uri") || without.starts_with("buildDefinition.externalParameters") {
                continue;
            }
            let made = draft(&rest).expect("a draft");
            assert!(!check(*kind, &made).is_empty(), "{kind} without {without}");
        }
    }
}

#[test]
fn a_flaw_says_where_what_and_by_which_clause() {
    let text =
        "{\n \"buildDefinition\": {\"buildType\": \"no uri\", \"externalParameters\": []},\n \"runDetails\": {}\n}";
    let flaws = PredicateType::SlsaProvenance.check(text.as_bytes(), &Limits::default()).unwrap();
    let said: Vec<_> = flaws
        .iter()
        .map(|flaw| (flaw.place().unwrap(), flaw.to_string(), flaw.clause().unwrap(), flaw.code()))
        .collect();
    let code = Code::UsagePredicateInvalid;
    assert_eq!(
        said,
        [
            (
                "$.buildDefinition.buildType (line 2, column 35)".to_string(),
                "this value is not allowed here".to_string(),
                "SLSA Provenance v1 \"buildDefinition\"",
                code
            ),
            (
                "$.buildDefinition.externalParameters (line 2, column 67)".to_string(),
                "this is an array in place of an object".to_string(),
                "SLSA Provenance v1 \"buildDefinition\"",
                code
            ),
            (
                "$.runDetails (line 3, column 16)".to_string(),
                "there is no member \"builder\"".to_string(),
                "SLSA Provenance v1 \"runDetails\"",
                code
            ),
        ]
    );
    assert_eq!(flaws[0].found().as_deref(), Some("\"no uri\""));
    assert_eq!(flaws[0].expected().as_deref(), Some("a URI with a scheme"));
}

#[test]
fn a_member_that_is_null_is_missing() {
    assert_eq!(check(PredicateType::Release, r#"{"purl": null}"#), ["$: there is no member \"purl\""]);
    assert_eq!(check(PredicateType::Release, r#"{"purl": "pkg:a/b@1", "packageId": null}"#), [""; 0]);
}

#[test]
fn a_resource_without_uri_digest_and_content_is_none() {
    let text = r#"{"result": "PASSED", "configuration": [{"name": "ci.yml"}, {"digest": {"sha256": "abc"}}]}"#;
    assert_eq!(
        check(PredicateType::TestResult, text),
        [
            "$.configuration[0]: there is no member \"uri\" or \"digest\" or \"content\"",
            "$.configuration[1].digest.sha256: this is no digest of its algorithm",
        ]
    );
}

#[test]
fn a_vex_statement_says_why_something_is_not_affected() {
    let text = |rest: &str| {
        format!(
            r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:a", "author": "a", "timestamp": "2026-01-17T09:00:00Z",
                "version": 1, "statements": [{{"vulnerability": {{"name": "CVE-1"}}, {rest}}}]}}"#
        )
    };
    let kind = PredicateType::OpenVex;
    assert_eq!(check(kind, &text(r#""status": "fixed""#)), [""; 0]);
    assert_eq!(
        check(kind, &text(r#""status": "not_affected""#)),
        ["$.statements[0]: there is no member \"justification\" or \"impact_statement\""]
    );
    assert_eq!(check(kind, &text(r#""status": "not_affected", "impact_statement": "not called""#)), [""; 0]);
    assert_eq!(
        check(kind, &text(r#""status": "affected""#)),
        ["$.statements[0]: there is no member \"action_statement\""]
    );
}

#[test]
fn spdx_documents_of_versions_2_and_3_have_other_members() {
    assert_eq!(
        check(PredicateType::Spdx, r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{}]}"#),
        [""; 0]
    );
    let flaws = check(PredicateType::Spdx, r#"{"spdxVersion": "SPDX-2.3"}"#);
    assert!(flaws.contains(&"$: there is no member \"creationInfo\"".to_string()), "{flaws:?}");
}

#[test]
fn what_is_no_json_object_is_no_flaw_but_an_error() {
    let code = |text: &str| PredicateType::Link.check(text.as_bytes(), &Limits::default()).unwrap_err().code();
    assert_eq!(code("[]"), Code::JsonWrongType);
    assert_eq!(code(r#"{"name": "a", "name": "b"}"#), Code::JsonDuplicateKey);
    assert_eq!(code(""), Code::JsonSyntax);
    assert_eq!(code(&"[".repeat(100)), Code::JsonDepthExceeded);
}

#[test]
fn at_most_32_flaws_are_named() {
    let text = format!(r#"{{"attributes": [{}]}}"#, vec!["7"; 1000].join(","));
    let flaws = PredicateType::Scai.check(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(flaws.len(), 32);
    assert!(matches!(flaws[0].flaw(), Flaw::WrongKind { .. }));
}

#[test]
fn assignments_build_objects_lists_and_values() {
    assert_eq!(
        draft(&["a.b=1", "a.c=x y", "l[0].n=true", "l[1]=null", "l[1]x=y"]).unwrap_err(),
        Code::UsagePredicateInvalid
    );
    assert_eq!(
        draft(&["a.b=1", "a.c=x y", "l[0].n=true", "l[1]=\"1\"", "e=", "o={\"p\": [1, 2]}", "o.q=1.0"]).unwrap(),
        r#"{"a":{"b":1,"c":"x y"},"l":[{"n":true},"1"],"e":"","o":{"p":[1,2],"q":1.0}}"#
    );
    assert_eq!(draft(&["m[0][0]=1", "m[0][1]=2", "m[1]=[]"]).unwrap(), r#"{"m":[[1,2],[]]}"#);
    assert_eq!(draft(&[r"builder\.id=a=b", r"x\=y\[0\]=1"]).unwrap(), r#"{"builder.id":"a=b","x=y[0]":1}"#);
    assert_eq!(draft(&["q=say \"hi\"", "z=1e400", "n=-0"]).unwrap(), r#"{"q":"say \"hi\"","z":1e400,"n":-0}"#);
}

#[test]
fn assignments_that_contradict_each_other_are_refused() {
    for (assignments, code) in [
        (&["a=1", "a=1"][..], Code::UsageConflict),
        (&["a=1", "a.b=1"], Code::UsageConflict),
        (&["a.b=1", "a=1"], Code::UsageConflict),
        (&["a.b=1", "a[0]=1"], Code::UsageConflict),
        (&["a[0]=1", "a.b=1"], Code::UsageConflict),
        (&["a[0]=1", "a[0]=2"], Code::UsageConflict),
        (&["a[1]=1"], Code::UsagePredicateInvalid),
        (&["a[0]=1", "a[2]=1"], Code::UsagePredicateInvalid),
        (&["a.b[0].c[1]=1"], Code::UsagePredicateInvalid),
        (&["a"], Code::UsagePredicateInvalid),
        (&["=1"], Code::UsagePredicateInvalid),
        (&[".a=1"], Code::UsagePredicateInvalid),
        (&["a.=1"], Code::UsagePredicateInvalid),
        (&["a..b=1"], Code::UsagePredicateInvalid),
        (&["a[=1"], Code::UsagePredicateInvalid),
        (&["a[-1]=1"], Code::UsagePredicateInvalid),
        (&["a[99999999999999999999]=1"], Code::UsagePredicateInvalid),
        (&["[0]=1"], Code::UsagePredicateInvalid),
        (&[""], Code::UsagePredicateInvalid),
        (&["a\u{0}b=1"], Code::JsonControlCharacter),
        (&["a={\"b\":1,\"b\":2}"], Code::JsonDuplicateKey),
        (&["a=[1,"], Code::JsonSyntax),
        (&["a=\"open"], Code::JsonSyntax),
    ] {
        assert_eq!(draft(assignments), Err(code), "{assignments:?}");
    }
}

#[test]
fn a_refused_assignment_changes_nothing() {
    let mut draft = PredicateDraft::new(&Limits::default());
    draft.set("a.b=1").unwrap();
    for bad in ["a.b.c=1", "a.x[1]=1", "a.b=2", "x.y[3].z=1"] {
        draft.set(bad).unwrap_err();
        assert_eq!(draft.to_json(), r#"{"a":{"b":1}}"#, "{bad}");
    }
}

#[test]
fn a_draft_stays_within_its_limits() {
    let limits = Limits { json_depth: 4, json_members: 3, payload_bytes: 40, ..Limits::default() };
    let code = |assignments: &[&str]| {
        let mut draft = PredicateDraft::new(&limits);
        assignments.iter().try_for_each(|text| draft.set(text)).map_err(|error| error.code())
    };
    assert_eq!(code(&["a.b.c=1"]), Ok(()));
    assert_eq!(code(&["a.b.c.d=1"]), Err(Code::JsonDepthExceeded));
    assert_eq!(code(&["a.b.c=[1]"]), Ok(()));
    assert_eq!(code(&["a.b.c=[[1]]"]), Err(Code::JsonDepthExceeded));
    assert_eq!(code(&["a=1", "b=1", "c=1"]), Ok(()));
    assert_eq!(code(&["a=1", "b=1", "c=1", "d=1"]), Err(Code::JsonTooManyMembers));
    assert_eq!(code(&["aaaaaaaaaaaaaaaaaaaaaaaa=1", "bbbbbbbbbbbbbbbbbbbbbbbb=1"]), Err(Code::InputTooLarge));
    let deep = "a.".repeat(100_000) + "a=1";
    let mut draft = PredicateDraft::new(&Limits::default());
    assert_eq!(draft.set(&deep).unwrap_err().code(), Code::JsonDepthExceeded);
}

#[test]
fn assignments_add_to_a_predicate_that_is_there_and_change_nothing_of_it() {
    let mut draft = PredicateDraft::from_json(br#"{"a": {"b": 1}, "l": [1]}"#, &Limits::default()).unwrap();
    draft.set("a.c=2").unwrap();
    draft.set("l[1]=2").unwrap();
    assert_eq!(draft.set("a.b=2").unwrap_err().code(), Code::UsageConflict);
    assert_eq!(draft.to_json(), r#"{"a":{"b":1,"c":2},"l":[1,2]}"#);
    assert_eq!(PredicateDraft::from_json(b"[]", &Limits::default()).unwrap_err().code(), Code::JsonWrongType);
}

fn statement(subjects: Vec<NewSubject>, predicate: &str) -> Result<Vec<u8>, Code> {
    let statement =
        NewStatement { subjects, predicate_type: "https://example.com/t/v1".into(), predicate: predicate.into() };
    statement.to_payload(&Limits::default()).map_err(|error| error.code())
}

fn subject(name: Option<&str>) -> NewSubject {
    NewSubject { name: name.map(Into::into), digests: vec![Digest::sha256(b"a"), Digest::sha512(b"a")] }
}

#[test]
fn a_statement_that_is_written_can_be_read_and_says_the_same() {
    let payload = statement(vec![subject(Some("päckage \"1\"")), subject(None)], " {\"x\" : 1}\n").unwrap();
    let read = Statement::from_payload(&payload, &Limits::default()).unwrap();
    assert_eq!(read.predicate_json(), Some("{\"x\" : 1}"));
    assert_eq!(read.predicate_type(), "https://example.com/t/v1");
    assert_eq!(read.subjects().len(), 2);
    assert_eq!(read.subjects()[0].name(), Some("päckage \"1\""));
    assert_eq!(read.subjects()[1].digests(), subject(None).digests);
}

#[test]
fn a_statement_that_nobody_could_read_is_not_written() {
    let many = |count| (0..count).map(|_| subject(None)).collect::<Vec<_>>();
    assert!(statement(many(1024), "{}").is_ok());
    assert_eq!(statement(many(1025), "{}"), Err(Code::IntotoTooManySubjects));
    assert_eq!(statement(Vec::new(), "{}"), Err(Code::IntotoNoSubjects));
    assert_eq!(statement(vec![subject(Some("a\u{0}b"))], "{}"), Err(Code::JsonControlCharacter));
    assert_eq!(statement(vec![subject(Some("a\u{85}b"))], "{}"), Err(Code::JsonControlCharacter));
    assert_eq!(
        statement(vec![NewSubject { name: None, digests: vec![] }], "{}"),
        Err(Code::IntotoSubjectDigestMissing)
    );
    let twice = NewSubject { name: None, digests: vec![Digest::sha256(b"a"), Digest::sha256(b"b")] };
    assert_eq!(statement(vec![twice], "{}"), Err(Code::JsonDuplicateKey));
    assert_eq!(statement(vec![subject(None)], "[]"), Err(Code::JsonWrongType));
    assert_eq!(statement(vec![subject(None)], "{}, \"subject\": []"), Err(Code::JsonDuplicateKey));
    let statement = NewStatement { subjects: many(1), predicate_type: "not a uri".into(), predicate: "{}".into() };
    assert_eq!(statement.to_payload(&Limits::default()).unwrap_err().code(), Code::IntotoPredicateTypeInvalid);
}
