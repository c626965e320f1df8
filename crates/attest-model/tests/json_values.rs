//! Members, types, integers, limits and the canonical form.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use stella_attest_model::{Limits, json};
use stella_vocabulary::{Code, Reason};

mod common;

fn parse(text: &str) -> Result<json::Document<'_>, json::Error> {
    json::Document::parse(text.as_bytes(), &Limits::default())
}

fn code_of(text: &str) -> Option<Code> {
    parse(text).err().map(|error| error.code())
}

#[test]
fn a_member_may_occur_once_however_it_is_spelled_and_wherever_it_is() {
    let duplicates = [
        (r#"{"payload":1,"payload":2}"#, "$.payload"),
        (r#"{"payload":1,"payl\u006fad":1}"#, "$.payload"),
        (r#"{"payl\u006fad":1,"pa\u0079load":1}"#, "$.payload"),
        (r#"{"ignored":{"x":[0,{"a":1,"b":2,"a":3}]}}"#, "$.ignored.x[1].a"),
        (r#"{"a":{},"b":{},"a":{}}"#, "$.a"),
        (r#"{"":1,"":1}"#, "$[\"\"]"),
        (r#"[{"\ud83c\udf89":1,"🎉":1}]"#, "$[0][\"🎉\"]"),
        (r#"{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"d":1,"c":1}"#, "$.d"),
    ];
    for (text, path) in duplicates {
        let error = parse(text).unwrap_err();
        assert_eq!((error.code(), error.location().path()), (Code::JsonDuplicateKey, path), "{text}");
    }
    let error = parse("{\"a\": 1,\n \"a\": 2}").unwrap_err();
    assert_eq!(error.place().unwrap(), "$.a (line 2, column 2)");
}

#[test]
fn equal_names_in_different_objects_and_names_that_only_look_equal_are_fine() {
    for text in [
        r#"{"a":{"a":1},"b":{"a":1}}"#,
        r#"[{"a":1},{"a":1}]"#,
        r#"{"a":1,"A":1,"a ":1,"\\u0061":1}"#,
        r#"{"é":1,"e\u0301":1}"#,
        r#"{"a\u0000":1,"a":1}"#,
    ] {
        assert_eq!(code_of(text), None, "{text}");
    }
}

fn members(count: usize) -> String {
    let members: Vec<String> =
        (0..count).map(|index| format!("\"k{}\":0", index.wrapping_mul(7919) % 1_000_003)).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn members_are_counted_while_reading() {
    let limits = Limits::default();
    for (count, code) in [(9_999, None), (10_000, None), (10_001, Some(Code::JsonTooManyMembers))] {
        assert_eq!(code_of(&members(count)), code, "{count}");
    }
    // A thousand times the limit is an unfinished object: it must be refused long before its end is looked for.
    let endless = format!("{{{}", "\"a\":0,".repeat(limits.json_members * 1000 / 8));
    let wide = Limits { document_bytes: usize::MAX, ..limits };
    let error = json::Document::parse(endless.as_bytes(), &wide).unwrap_err();
    assert_eq!(error.code(), Code::JsonTooManyMembers);
    assert!(error.location().offset() < 100_000);
    // Elements of arrays have no limit of their own.
    assert_eq!(code_of(&format!("[{}0]", "0,".repeat(100_000))), None);
}

#[test]
fn a_duplicate_is_found_among_ten_thousand() {
    let mut text = members(9_999);
    text.insert_str(text.len() - 1, ",\"k7919\":1");
    let error = parse(&text).unwrap_err();
    assert_eq!((error.code(), error.location().path()), (Code::JsonDuplicateKey, "$.k7919"));
    assert_eq!(error.location().offset(), text.rfind("\"k7919\"").unwrap());
}

#[test]
fn depth_is_counted_without_using_the_stack() {
    let nested = |levels: usize, open: &str, close: &str| open.repeat(levels) + "0" + &close.repeat(levels);
    for (levels, code) in [
        (63, None),
        (64, None),
        (65, Some(Code::JsonDepthExceeded)),
        (129, Some(Code::JsonDepthExceeded)),
        (10_000, Some(Code::JsonDepthExceeded)),
        (1_000_000, Some(Code::JsonDepthExceeded)),
    ] {
        assert_eq!(code_of(&nested(levels, "[", "]")), code, "{levels}");
        assert_eq!(code_of(&nested(levels, "{\"a\":", "}")), code, "{levels}");
    }
    assert_eq!(code_of(&"[".repeat(1_000_000)), Some(Code::JsonDepthExceeded));
    // Where a caller allows it, depth costs memory and no stack: reading, walking, printing and finding the place of an
    // error.
    let deep = nested(100_000, "[", "]");
    let small_stack = std::thread::Builder::new().stack_size(64 << 10);
    let run = move || {
        let limits = Limits { json_depth: 100_000, ..Limits::default() };
        let document = json::Document::parse(deep.as_bytes(), &limits).unwrap();
        let mut value = document.root();
        while let Ok(array) = value.as_array() {
            value = array.iter().next().unwrap();
        }
        let wrong = value.as_str().unwrap_err();
        assert_eq!(wrong.location().offset(), 100_000);
        assert!(wrong.location().path().len() < 100);
        assert_eq!(json::canonical(document.root()).unwrap(), deep.as_bytes());
    };
    small_stack.spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_document_of_the_largest_size_is_read_and_one_byte_more_is_not() {
    let limits = Limits { document_bytes: 100, ..Limits::default() };
    for (size, code) in
        [(99, None), (100, None), (101, Some(Code::InputTooLarge)), (100_000, Some(Code::InputTooLarge))]
    {
        let text = format!("\"{}\"", "x".repeat(size - 2));
        assert_eq!(json::Document::parse(text.as_bytes(), &limits).err().map(|error| error.code()), code, "{size}");
    }
}

#[test]
fn integers_are_read_exactly_or_not_at_all() {
    let document = parse(
        r#"[0,18446744073709551615,18446744073709551616,-1,1.0,1e3,-0,9223372036854775807,-9223372036854775808,9223372036854775808,"7",
            "007","+7"," 7","7.0","","-7","18446744073709551615",null,true,1e400,100000000000000000000000000000000000000]"#,
    )
    .unwrap();
    let values: Vec<json::Value<'_, '_>> = document.root().as_array().unwrap().iter().collect();
    let (range, kind) = (Err(Code::JsonNumberOutOfRange), Err(Code::JsonWrongType));
    let u64s: Vec<_> = values.iter().map(|value| value.as_u64().map_err(|error| error.code())).collect();
    assert_eq!(
        u64s[..10],
        [Ok(0), Ok(u64::MAX), range, range, range, range, range, Ok(i64::MAX as u64), range, Ok(1 << 63)]
    );
    assert!(u64s[10..20].iter().all(|result| *result == kind));
    assert_eq!(u64s[20..], [range, range]);
    let text: Vec<_> = values.iter().map(|value| value.as_u64_text().map_err(|error| error.code())).collect();
    assert_eq!(text[10..20], [Ok(7), range, range, range, range, range, range, Ok(u64::MAX), kind, kind]);
    let (range, kind) = (Err(Code::JsonNumberOutOfRange), Err(Code::JsonWrongType));
    let i64s: Vec<_> = values.iter().map(|value| value.as_i64().map_err(|error| error.code())).collect();
    assert_eq!(i64s[..10], [Ok(0), range, range, Ok(-1), range, range, range, Ok(i64::MAX), Ok(i64::MIN), range]);
    let text: Vec<_> = values.iter().map(|value| value.as_i64_text().map_err(|error| error.code())).collect();
    assert_eq!(text[10..20], [Ok(7), range, range, range, range, range, Ok(-7), range, kind, kind]);
}

#[test]
fn a_value_of_another_type_is_refused_with_both_types_named() {
    let document = parse(r#"{"a":{"b":[null]}}"#).unwrap();
    let null = document.root().member("a").unwrap().member("b").unwrap().as_array().unwrap().iter().next().unwrap();
    let error = null.as_str().unwrap_err();
    assert_eq!(error.code(), Code::JsonWrongType);
    assert_eq!((error.found().unwrap(), error.expected().unwrap()), ("null".into(), "a string".into()));
    assert_eq!(error.place().unwrap(), "$.a.b[0] (line 1, column 12)");
    assert!(null.as_bool().is_err() && null.as_array().is_err() && null.as_object().is_err() && null.as_i64().is_err());
    assert!(document.root().member("b").is_none() && null.member("x").is_none());
}

#[test]
fn an_identifier_has_no_control_characters_and_an_end() {
    for (text, code) in [
        (r#""plain""#, None),
        (r#""🎉 \u202e""#, None),
        (r#""a\u0000""#, Some(Code::JsonControlCharacter)),
        (r#""\n""#, Some(Code::JsonControlCharacter)),
        (r#""\u007f""#, Some(Code::JsonControlCharacter)),
        ("\"\u{9b}\"", Some(Code::JsonControlCharacter)),
        (r#""0123456789""#, None),
        (r#""0123456789a""#, Some(Code::InputTooLarge)),
        ("7", Some(Code::JsonWrongType)),
    ] {
        let document = parse(text).unwrap();
        assert_eq!(document.root().as_identifier(10).err().map(|error| error.code()), code, "{text}");
    }
}

#[test]
fn a_missing_member_has_the_code_its_reader_wants() {
    let document = parse(r#"{"entry":{"present":null}}"#).unwrap();
    let entry = document.root().member("entry").unwrap().as_object().unwrap();
    let error = entry.required("body", Code::TlogEntryMismatch).unwrap_err();
    assert_eq!((error.code(), error.location().path()), (Code::TlogEntryMismatch, "$.entry"));
    assert!(entry.required("present", Code::TlogEntryMismatch).unwrap().is_null());
    assert!(entry.optional("present").is_none());
}

fn canonical(text: &str) -> String {
    String::from_utf8(json::canonical(parse(text).unwrap().root()).unwrap()).unwrap()
}

#[test]
fn the_canonical_form_sorts_by_utf_16_and_takes_the_shortest_escapes() {
    let text = r#"{"\u20ac":"Euro","\r":"CR","\ufb33":"Dalet","1":"One","\u0080":"Control","\ud83d\ude00":"Smile","\u00f6":"o"}"#;
    let names = canonical(text);
    let order = ["CR", "One", "Control", "\"o\"", "Euro", "Smile", "Dalet"].map(|word| names.find(word).unwrap());
    assert!(order.is_sorted(), "{names}");
    assert_eq!(
        canonical(r#""\u000f\u000a\u0041\u0027\u0042\u0022\u005c\\\"\/\u007f\b\f\t""#),
        "\"\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7f}\\b\\f\\t\""
    );
    assert_eq!(canonical("{ \"b\" : [ 1 , { } , [ ] ] , \"a\" : null }"), r#"{"a":null,"b":[1,{},[]]}"#);
}

#[test]
fn the_canonical_form_prints_numbers_as_ecmascript_does() {
    for (number, printed) in [
        ("0", "0"),
        ("-0", "0"),
        ("-0.0e5", "0"),
        ("4.50", "4.5"),
        ("2e-3", "0.002"),
        ("1E30", "1e+30"),
        ("333333333.33333329", "333333333.3333333"),
        ("0.000000000000000000000000001", "1e-27"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("123456789012345678901", "123456789012345680000"),
        ("0.000001", "0.000001"),
        ("0.0000001", "1e-7"),
        ("-1.5e-9", "-1.5e-9"),
        ("9007199254740993", "9007199254740992"),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("-12.75", "-12.75"),
        ("1e-400", "0"),
        ("100", "100"),
        ("0.00001234", "0.00001234"),
    ] {
        assert_eq!(canonical(number), printed, "{number}");
    }
    let error = json::canonical(parse("[1e400]").unwrap().root()).unwrap_err();
    assert_eq!((error.code(), error.location().path()), (Code::JsonNumberOutOfRange, "$[0]"));
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let text = prop_oneof!["[a-c\\\\\"\u{e9}\u{1f389}\u{0}-\u{1f}]{0,20}", ".{0,30}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 12, move |inner| {
        let members = prop::collection::btree_map(text.clone(), inner.clone(), 0..14);
        prop_oneof![
            prop::collection::vec(inner, 0..12).prop_map(Value::from),
            members.prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What another reader sees; `None` if there is a number no double is near to, which it refuses and we keep as text.
fn oracle(bytes: &[u8]) -> Option<serde_json::Value> {
    match serde_json::from_slice(bytes) {
        Err(error) if error.to_string().starts_with("number out of range") => None,
        other => Some(other.expect("it must accept what we accept")),
    }
}

/// The value as a tree of the oracle, through our reader alone.
fn rebuilt(value: json::Value<'_, '_>) -> serde_json::Value {
    use serde_json::Value;
    match value.kind() {
        json::Kind::Array => value.as_array().unwrap().iter().map(rebuilt).collect(),
        json::Kind::Object => Value::Object(
            value.as_object().unwrap().members().map(|(name, value)| (name.into(), rebuilt(value))).collect(),
        ),
        json::Kind::String => value.as_str().unwrap().into(),
        _ => serde_json::from_str(value.raw_text()).unwrap(),
    }
}

proptest! {
    #[test]
    fn what_another_printer_prints_is_read_back_equal(value in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value).unwrap() } else { value.to_string() };
        let document = parse(&text).unwrap();
        prop_assert_eq!(rebuilt(document.root()), value);
    }

    #[test]
    fn the_canonical_form_says_the_same_and_is_its_own_canonical_form(value in any_json()) {
        let text = value.to_string();
        let once = canonical(&text);
        let reread: serde_json::Value = serde_json::from_str(&once).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert!(common::same(parse(&text).unwrap().root(), &reread));
        prop_assert_eq!(canonical(&once), once.clone());
        prop_assert_eq!(canonical(&pretty), once);
    }

    #[test]
    fn whatever_is_accepted_another_reader_accepts_with_the_same_value(
        bytes in prop::collection::vec(prop::sample::select(br#"{}[]",:\u0aeE+-.1 tfn"#.to_vec()), 0..40)
    ) {
        if let Ok(document) = json::Document::parse(&bytes, &Limits::default()) {
            let Some(oracle) = oracle(&bytes) else { return Ok(()) };
            prop_assert!(common::same(document.root(), &oracle));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_with_a_bounded_reason(bytes: Vec<u8>) {
        if let Err(error) = json::Document::parse(&bytes, &Limits::default()) {
            for part in [Some(error.to_string()), error.place(), error.found(), error.expected()].into_iter().flatten() {
                prop_assert!(part.chars().count() < 500 && !part.chars().any(char::is_control));
            }
        }
    }

    #[test]
    fn a_changed_byte_never_makes_a_value_that_another_reader_does_not_see(value in any_json(), at: prop::sample::Index, byte: u8) {
        let mut bytes = value.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(document) = json::Document::parse(&bytes, &Limits::default()) {
            let Some(oracle) = oracle(&bytes) else { return Ok(()) };
            prop_assert!(common::same(document.root(), &oracle));
        }
    }

    #[test]
    fn an_object_with_a_member_repeated_is_refused(
        names in prop::collection::btree_set("[a-z]{1,3}", 2..30), first: prop::sample::Index, at: prop::sample::Index,
    ) {
        let mut names: Vec<String> = names.into_iter().collect();
        let twice = names[first.index(names.len())].clone();
        names.insert(at.index(names.len() + 1), twice);
        let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":0")).collect();
        prop_assert_eq!(code_of(&format!("{{{}}}", members.join(","))), Some(Code::JsonDuplicateKey));
    }
}
