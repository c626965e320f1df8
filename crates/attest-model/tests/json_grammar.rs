//! The grammar of RFC 8259 case by case: what must be read, what must be refused and with which code.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use stella_attest_model::{Limits, json};
use stella_vocabulary::{Code, Reason};

mod common;

fn code_of(input: &[u8]) -> Option<Code> {
    json::Document::parse(input, &Limits::default()).err().map(|error| error.code())
}

#[track_caller]
fn all_refused(code: Code, inputs: &[&str]) {
    for input in inputs {
        assert_eq!(code_of(input.as_bytes()), Some(code), "{input:?}");
    }
}

#[test]
fn every_form_of_value_is_read_like_another_reader_reads_it() {
    let inputs = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "1",
        "-1",
        "10",
        "123456789012345678",
        "0.5",
        "-0.0",
        "1.25e10",
        "1E+2",
        "1e-2",
        "0e1",
        "0E+1",
        "20e1",
        "1.0",
        "0.1e2",
        "\"\"",
        "\"a\"",
        " \"a\" ",
        "\t[\n]\r\n",
        "[]",
        "{}",
        "[1]",
        "[1,2]",
        "[ 1 , 2 ]",
        "[[],[[]]]",
        "{\"a\":1}",
        "{ \"a\" : 1 , \"b\" : { } }",
        "{\"\":0}",
        "[null,true,false,\"\",0,{},[]]",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
        "\"\\u0000\"",
        "\"\\u00e9\\u00E9\"",
        "\"\\uD83C\\uDF89\"",
        "\"\\ud83c\\udf89\"",
        "\"\\uDBFF\\uDFFF\"",
        "\"\\uFFFF\\uFDD0\"",
        "\"\\u005C\\u0022\"",
        "\"é日本🎉\"",
        "\"\u{7f}\u{80}\u{2028}\"",
        "\"\u{feff}\"",
        "\"aaaaaaaaaaaaaaaaaaaaaaaa\\n\"",
        "\"\\\\u0061\"",
        "\"/*not a comment*/\"",
        "{\"a\":{\"a\":{\"a\":[{\"a\":1}]}}}",
        "\"0123456\\u0037\"",
        "[\"a\\u0062\",\"c\"]",
    ];
    for input in inputs {
        let document = json::Document::parse(input.as_bytes(), &Limits::default()).expect(input);
        let oracle: serde_json::Value = serde_json::from_str(input).expect(input);
        assert!(common::same(document.root(), &oracle), "{input}");
        assert_eq!(document.root().raw_text(), input.trim_matches([' ', '\t', '\n', '\r']));
    }
}

#[test]
fn arrays_need_their_commas_and_brackets() {
    all_refused(
        Code::JsonSyntax,
        &[
            "[",
            "[1",
            "[1,",
            "[,",
            "[,1]",
            "[1,]",
            "[1,,2]",
            "[1,,]",
            "[1 2]",
            "[1 true]",
            "[1:2]",
            "[\"a\"",
            "[\"a\",\n4\n,1,",
            "[[]",
            "[3[4]]",
            "[1}",
            "[*]",
            "[\"\":1]",
            "[\"a\"\n",
            "[{}",
            "[1,\n1\n,1",
            "[,",
            "[-",
            "[<null>]",
        ],
    );
}

#[test]
fn objects_need_their_quotes_colons_commas_and_braces() {
    all_refused(
        Code::JsonSyntax,
        &[
            "{",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{\"a\":1,,\"b\":2}",
            "{,\"a\":1}",
            "{a:1}",
            "{'a':1}",
            "{1:1}",
            "{\"a\" 1}",
            "{\"a\",1}",
            "{\"a\"::1}",
            "{\"a\"}",
            "{\"a\":}",
            "{:1}",
            "{null:null}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1]",
            "{\"a\":\"b\",,\"c\":\"d\"}",
            "{[]:1}",
            "{\"a\":\"a",
            "{\"a\":1 1}",
            "{true:false}",
            "{\"x\", null}",
            "{\"a\":1,\"b\"}",
            "[{}{",
        ],
    );
}

#[test]
fn numbers_have_one_form() {
    all_refused(
        Code::JsonSyntax,
        &[
            "-",
            "+1",
            "++1",
            ".5",
            "-.5",
            "1.",
            "[1.]",
            "1.e1",
            "1e",
            "1e+",
            "1E-",
            "1ea",
            "[01]",
            "[-01]",
            "[012]",
            "[1.2.3]",
            "[1e1.5]",
            "[0x1]",
            "[1_000]",
            "[1,000.]",
            "[- 1]",
            "[--1]",
            "[1e1e1]",
            "NaN",
            "[NaN]",
            "[Inf]",
            "[Infinity]",
            "[-Infinity]",
            "[-NaN]",
            "[1 000]",
            "[0e]",
            "[0e+]",
            "[2.e3]",
            "[1eE2]",
            "[0.1.2]",
            "[1+2]",
            "[0x42]",
            "[１]",
            "[-foo]",
            "[1a]",
            "[\u{2212}1]",
            "[9.e+]",
        ],
    );
}

#[test]
fn words_are_exact() {
    all_refused(
        Code::JsonSyntax,
        &[
            "nul",
            "tru",
            "fals",
            "n",
            "True",
            "NULL",
            "[nul]",
            "[tru]",
            "[truth]",
            "[nan]",
            "[undefined]",
            "[nullx]",
            "[True]",
            "a",
            "å",
            "'a'",
        ],
    );
}

#[test]
fn strings_have_one_form() {
    all_refused(
        Code::JsonSyntax,
        &[
            "\"",
            "\"a",
            "[\"a]",
            "\"\\\"",
            "\"\\",
            "\"\\a\"",
            "\"\\x00\"",
            "\"\\'\"",
            "\"\\0\"",
            "\"\\u\"",
            "\"\\u1\"",
            "\"\\u12\"",
            "\"\\u123\"",
            "\"\\u123g\"",
            "\"\\U0041\"",
            "\"\\u+041\"",
            "\"\\u 041\"",
            "\"\\🎉\"",
            "\"\\\u{9}\"",
            "[\"\\uD800\\\"]",
            "[\"\\uD800\\u\"]",
            "[\"\\uD800\\u1\"]",
            "[\"\\uD800\\u1x\"]",
            "[\"\\uD834\\uDd\"]",
            "\"a\u{0}b\"",
            "\"a\nb\"",
            "\"a\tb\"",
            "\"\u{1f}\"",
            "\"0123456\u{1}\"",
            "\"0123456789abcdef\u{1f}0123456789\"",
            "[\\n]",
            "\u{0}",
            "[\u{0}]",
            "\u{b}1",
            "[\u{c}]",
            "\u{a0}1",
            "\u{2060}[]",
        ],
    );
}

#[test]
fn there_are_no_comments_and_no_empty_documents() {
    all_refused(
        Code::JsonSyntax,
        &["", " ", "\n\t\r ", "/**/", "//", "[1/**/]", "{/**/}", "{\"a\":/*b*/1}", "#1", "[#]", "<!-- -->"],
    );
}

#[test]
fn nothing_follows_the_document() {
    all_refused(
        Code::JsonTrailingData,
        &[
            "1 2",
            "[1]x",
            "[][]",
            "{}{}",
            "{} }",
            "[1]]",
            "\"a\"b",
            "null,",
            "true;",
            "{\"a\":true} \"x\"",
            "[1] //",
            "{}#",
            "{}/**/",
            "1\u{0}",
            "01",
            "-012",
            "1\u{a0}",
            "{}\u{feff}",
            "0x1",
            "\"\"\"\"",
            "nullnull",
        ],
    );
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    all_refused(
        Code::JsonInvalidUnicode,
        &[
            "\"\\uD800\"",
            "\"\\uDC00\"",
            "\"\\uDFFF\\uD800\"",
            "\"\\uD800\\uD800\"",
            "\"\\uD800a\"",
            "\"\\uD800\\n\"",
            "\"\\uDBFF\\u0041\"",
            "\"\\uD888\\u1234\"",
            "{\"\\uDEAD\":0}",
            "{\"a\":{\"ignored\":\"\\uDd1e\\uD834\"}}",
            "\"\\uD800\\uD83C\\uDF89\"",
            "\"\\udc00\\udc00\"",
        ],
    );
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_anywhere() {
    let inputs: [&[u8]; 12] = [
        b"\"\xff\"",
        b"[\xff]",
        b"\xe9",
        b"\"\xc0\xaf\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\x90\x80\x80\"",
        b"{\"\xb9\":\"0\",}",
        b"[1\xe5]",
        b"\"\\\xe5\"",
        b"[\"a\xff\"",
        b"{\"a\":1,\"ignored\":\"\x80\"}",
        b"\"\\uD8\xf0\"",
    ];
    for input in inputs {
        assert_eq!(code_of(input), Some(Code::JsonInvalidUnicode), "{input:?}");
    }
    let error = json::Document::parse(b"[1,\n \"\xff\"]", &Limits::default()).unwrap_err();
    assert_eq!((error.location().line(), error.location().column()), (2, 3));
}

#[test]
fn byte_order_marks_and_wide_encodings_are_named() {
    let wide = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let le = |text: &str| wide(text).iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<u8>>();
    let be = |text: &str| wide(text).iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<u8>>();
    let mut inputs =
        vec![le("\u{feff}{}"), be("\u{feff}{}"), le("{\"a\":1}"), be("{\"a\":1}"), b"\xef\xbb\xbf{}".to_vec()];
    inputs.push("\u{feff}{}".chars().flat_map(|unit| u32::from(unit).to_be_bytes()).collect());
    inputs.push("\u{feff}{}".chars().flat_map(|unit| u32::from(unit).to_le_bytes()).collect());
    inputs.push("{}".chars().flat_map(|unit| u32::from(unit).to_le_bytes()).collect());
    inputs.push("{}".chars().flat_map(|unit| u32::from(unit).to_be_bytes()).collect());
    inputs.push(b"\xef\xbb\xbf".to_vec());
    for input in inputs {
        let error = json::Document::parse(&input, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), Code::JsonBom, "{input:?}");
        assert!(error.found().unwrap().starts_with("UTF-"), "{error}");
    }
    assert_eq!(code_of(b"\xef\xbb{}"), Some(Code::JsonInvalidUnicode));
}

#[test]
fn every_prefix_of_a_document_is_refused() {
    let whole = br#"{"a":[1,-2.5e+3,"x\n\uD83C\uDF89",{"b":null,"c":[true,false]}],"d":{}}"#;
    assert_eq!(code_of(whole), None);
    for end in 0..whole.len() {
        assert_eq!(code_of(&whole[..end]), Some(Code::JsonSyntax), "{end}");
    }
}

#[test]
fn an_error_says_where_it_is() {
    let input = "{\n \"ä\": [true,\n  {\"sig nature\": tru}]}";
    let error = json::Document::parse(input.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.place().unwrap(), "$[\"ä\"][1][\"sig nature\"] (line 3, column 18)");
    assert_eq!(error.location().offset(), input.find("tru}").unwrap());
    assert_eq!(error.found().unwrap(), "'t'");
    let error = json::Document::parse("[\"é\", +]".as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(error.place().unwrap(), "$[1] (line 1, column 7)");
}
