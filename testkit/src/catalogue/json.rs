//! Items B008 to B023: JSON.

use super::{
    item::{Bad, Item, Layer},
    json_texts,
    scene::{
        self, bundle_item, bundle_with, envelope_item, envelope_with, key_item, replaced, signed, statement_with, text,
    },
};
use crate::{
    bundle::Version,
    json::{self, Value},
};

const DUPLICATE: &str = "json.duplicate_key";
const WRONG_TYPE: &str = "json.wrong_type";

pub(super) fn items() -> Vec<Item> {
    vec![
        no_json(),
        two_payloads(),
        two_digests(),
        duplicates_elsewhere(),
        escaped_duplicates(),
        depth(),
        trailing_data(),
        invalid_utf8(),
        surrogates(),
        integers(),
        negative_integers(),
        arrays_for_objects(),
        other_case(),
        nulls(),
        control_characters(),
        many_members(),
    ]
}

fn no_json() -> Item {
    let mut item = envelope_item("B008");
    for (name, contents, code) in json_texts::malformed() {
        let path = format!("text/{name}.json");
        item = item.file(&path, &contents);
        let place = if code == "input.empty" { name.as_str() } else { "line " };
        let bad = Bad::new(code, Layer::AttestModel, place, "no JSON text").with("attestation", path.as_str());
        item = item.bad(bad);
    }
    for (name, contents, code) in json_texts::malformed() {
        let path = format!("text/{name}.json");
        // What does not even start like an object or array is no statement; what does is bad JSON.
        let starts = contents.iter().find(|byte| !b" \t\r\n".contains(byte)).is_some_and(|byte| b"{[".contains(byte));
        let code = match code {
            "json.bom" => code,
            _ if starts => code,
            _ => "intoto.malformed",
        };
        let bad = Bad::new(code, Layer::AttestModel, "line ", "signed, with a payload that is no JSON text")
            .with("payload", path.as_str())
            .generated("attestation", "signed payload");
        item = item.bad(bad);
    }
    item
}

fn two_payloads() -> Item {
    let good = signed(scene::payload());
    let again = |payload: &str| replaced(&good, "{\"payload\":", &format!("{{\"payload\":\"{payload}\",\"payload\":"));
    let same = json_text(&good, "payload");
    envelope_item("B009")
        .bad(Bad::document(DUPLICATE, "$.payload", "another payload before the signed one", again("e30=")))
        .bad(Bad::document(DUPLICATE, "$.payload", "the signed payload twice", again(&same)))
        .bad(Bad::document(
            DUPLICATE,
            "$.payload",
            "another payload behind the signed one",
            replaced(&good, "\"payloadType\":", "\"payload\":\"e30=\",\"payloadType\":"),
        ))
        .bad(Bad::document(
            DUPLICATE,
            "$.signatures[0].sig",
            "two sig members",
            replaced(&good, "\"sig\":", "\"sig\":\"AAAA\",\"sig\":"),
        ))
}

/// The string that is the member `name` of the object `text`.
fn json_text(text: &str, name: &str) -> String {
    let value: Value = serde_json::from_str(text).expect("the fixture is JSON");
    value[name].as_str().expect("the member is a string").to_owned()
}

/// A signed statement that is refused for what is written in it.
fn statement(code: &'static str, place: &str, change: &str, payload: impl AsRef<[u8]>) -> Bad {
    Bad::document(code, place, change, signed(payload))
}

fn two_digests() -> Item {
    let good = scene::statement().to_string();
    let zeros = "0".repeat(64);
    let place = "$.subject[0].digest.sha256";
    let before = replaced(&good, "{\"sha256\":", &format!("{{\"sha256\":\"{zeros}\",\"sha256\":"));
    let behind = replaced(&good, "},\"name\":", &format!(",\"sha256\":\"{zeros}\"}},\"name\":"));
    envelope_item("B010")
        .bad(statement(DUPLICATE, place, "another sha256 before that of the artifact", before))
        .bad(statement(DUPLICATE, place, "another sha256 behind that of the artifact", behind))
}

fn duplicates_elsewhere() -> Item {
    let good = signed(scene::payload());
    let predicate =
        replaced(&scene::statement().to_string(), "\"predicate\":{", "\"predicate\":{\"buildDefinition\":{},");
    let twice = "{\"a\":1,\"b\":[{\"c\":1,\"c\":1}]}";
    let bundle = bundle_with(Version::V03, |_| {});
    envelope_item("B011")
        .bad(statement(DUPLICATE, "$.predicate.buildDefinition", "a member of the predicate twice", predicate))
        .bad(Bad::document(
            DUPLICATE,
            "$.ignored.b[0].c",
            "a member twice in what the envelope does not name",
            replaced(&good, "{\"payload\":", &format!("{{\"ignored\":{twice},\"payload\":")),
        ))
        .bad(Bad::document(
            DUPLICATE,
            "$.signatures[0].ignored.b[0].c",
            "a member twice in what a signature does not name",
            replaced(&good, "{\"sig\":", &format!("{{\"ignored\":{twice},\"sig\":")),
        ))
        .bad(Bad::document(
            DUPLICATE,
            "$.ignored.b[0].c",
            "a member twice in what a bundle does not name",
            replaced(&bundle, "{\"dsseEnvelope\":", &format!("{{\"ignored\":{twice},\"dsseEnvelope\":")),
        ))
        .bad(Bad::document(
            DUPLICATE,
            "$.verificationMaterial.tlogEntries[0].logIndex",
            "a member of a log entry twice",
            replaced(&bundle, "\"logIndex\":\"121", "\"logIndex\":\"1\",\"logIndex\":\"121"),
        ))
}

fn escaped_duplicates() -> Item {
    let good = signed(scene::payload());
    let before = |name: &str| replaced(&good, "{\"payload\":", &format!("{{\"{name}\":\"e30=\",\"payload\":"));
    let digest =
        replaced(&scene::statement().to_string(), "{\"sha256\":", "{\"sha\\u0032\\u0035\\u0036\":\"00\",\"sha256\":");
    envelope_item("B012")
        .bad(Bad::document(DUPLICATE, "$.payload", "payload again, one letter escaped", before("payl\\u006fad")))
        .bad(Bad::document(
            DUPLICATE,
            "$.payload",
            "payload again, every letter escaped",
            before("\\u0070\\u0061\\u0079\\u006C\\u006f\\u0061\\u0064"),
        ))
        .bad(Bad::document(
            DUPLICATE,
            "$.payload",
            "payload again, one letter escaped, behind",
            replaced(&good, "\"payloadType\":", "\"p\\u0061yload\":\"e30=\",\"payloadType\":"),
        ))
        .bad(statement(DUPLICATE, "$.subject[0].digest.sha256", "sha256 again, its digits escaped", digest))
        .bad(Bad::document(
            DUPLICATE,
            "$.ignored",
            "a name outside of the first plane, once escaped",
            replaced(&good, "{\"payload\":", "{\"ignored\":{\"\u{1f600}\":1,\"\\ud83d\\ude00\":2},\"payload\":"),
        ))
}

fn depth() -> Item {
    let deep = |recipe: &str, levels: usize, place: &str| {
        Bad::new("json.depth_exceeded", Layer::AttestModel, place, &format!("{levels} levels"))
            .generated("attestation", &format!("{recipe} {levels}"))
    };
    let mut item = envelope_item("B013")
        .run("stack", 1024)
        .also_good_with(vec![("generate", "levels 64".into()), ("attestation", "generated".into())])
        .also_good_with(vec![("generate", "levels of payload 64".into()), ("attestation", "generated".into())]);
    for levels in [65, 129, 10_000, 1_000_000] {
        item = item.bad(deep("levels", levels, "$.ignored")).bad(deep("levels of payload", levels, "$.predicate"));
    }
    item
}

fn trailing_data() -> Item {
    let good = signed(scene::payload());
    let bad = |behind: &str| {
        Bad::document("json.trailing_data", "$", "something behind the document", format!("{good}{behind}"))
    };
    let payload = |behind: &str| {
        let payload = format!("{}{behind}", scene::statement());
        statement("json.trailing_data", "$", "something behind the statement", payload)
    };
    envelope_item("B014")
        .also_good(format!("{good} \t\r\n\n"))
        .bads([" x", "}", "{}", ",", "\u{0}", "\u{feff}", "//", "[]"].map(bad))
        .bads(["{}", "\u{0}", " null"].map(payload))
}

fn invalid_utf8() -> Item {
    let good = envelope_with(|envelope| envelope["ignored"] = json::text("@"));
    let bad = |change: &str, bytes: &[u8]| {
        let (head, tail) = good.split_once('@').expect("the ignored member");
        Bad::document("json.invalid_unicode", "line 1", change, [head.as_bytes(), bytes, tail.as_bytes()].concat())
    };
    let payload = statement_with(|statement| statement["predicate"]["text"] = json::text("@")).to_string();
    let (head, tail) = payload.split_once('@').expect("the predicate's text");
    let signed_bad = [head.as_bytes(), b"\xff", tail.as_bytes()].concat();
    key_item("B015")
        .good(&good)
        .bad(bad("a byte that UTF-8 does not use", b"\xff"))
        .bad(bad("a continuation without its start", b"\x80"))
        .bad(bad("a start without its continuation", b"\xc3"))
        .bad(bad("a slash in two bytes", b"\xc0\xaf"))
        .bad(bad("a surrogate", b"\xed\xa0\x80"))
        .bad(bad("a character above U+10FFFF", b"\xf4\x90\x80\x80"))
        .bad(statement(
            "json.invalid_unicode",
            "line 1",
            "a byte that UTF-8 does not use, in the predicate",
            signed_bad,
        ))
}

fn surrogates() -> Item {
    let good = envelope_with(|envelope| envelope["ignored"] = json::text("@"));
    let bad = |change: &str, escaped: &str| {
        Bad::document("json.invalid_unicode", "$.ignored", change, replaced(&good, "@", escaped))
    };
    let payload = statement_with(|statement| statement["predicate"]["text"] = json::text("@")).to_string();
    key_item("B016")
        .good(&good)
        .also_good(replaced(&good, "@", "\\ud83d\\ude00"))
        .bad(bad("the first of a pair alone", "\\ud800"))
        .bad(bad("the second of a pair alone", "\\udc00"))
        .bad(bad("a pair the wrong way round", "\\udc00\\ud800"))
        .bad(bad("the first of a pair twice", "\\ud800\\ud800"))
        .bad(bad("the first of a pair before another escape", "\\ud800\\n"))
        .bad(bad("the first of a pair before text", "\\uDBFFx"))
        .bad(Bad::document(
            "json.invalid_unicode",
            "$",
            "half a pair in a name",
            replaced(&good, "\"ignored\"", "\"ignored\\ud800\""),
        ))
        .bad(Bad::document(
            "json.invalid_unicode",
            "$.signatures[0].keyid",
            "half a pair in a key id",
            replaced(&good, "{\"sig\":", "{\"keyid\":\"\\ud800\",\"sig\":"),
        ))
        .bad(statement(
            "json.invalid_unicode",
            "$.predicate.text",
            "half a pair in the predicate",
            replaced(&payload, "@", "\\ud800"),
        ))
}

/// The integers of a log entry: name, text in the good bundle, path.
const INTEGERS: [(&str, &str, &str); 4] = [
    ("integratedTime", "\"integratedTime\":\"1768640400\"", "$.verificationMaterial.tlogEntries[0].integratedTime"),
    ("logIndex", "\"logIndex\":\"121904267\"", "$.verificationMaterial.tlogEntries[0].logIndex"),
    ("logIndex", "\"logIndex\":\"5\"", "$.verificationMaterial.tlogEntries[0].inclusionProof.logIndex"),
    ("treeSize", "\"treeSize\":\"11\"", "$.verificationMaterial.tlogEntries[0].inclusionProof.treeSize"),
];

fn with_integers(mut item: Item, values: &[&str]) -> Item {
    let good = bundle_with(Version::V03, |_| {});
    for (name, found, path) in INTEGERS {
        for value in values {
            let bad = replaced(&good, found, &format!("\"{name}\":{value}"));
            let change = format!("{value} for an integer");
            item = item.bad(Bad::document("json.number_out_of_range", path, &change, bad));
        }
    }
    item
}

fn integers() -> Item {
    let good = bundle_with(Version::V03, |_| {});
    let unquoted = replaced(&good, "\"logIndex\":\"121904267\"", "\"logIndex\":121904267");
    with_integers(
        bundle_item("B017").also_good(unquoted),
        &["18446744073709551616", "9223372036854775808", "1.0", "1e3", "\"18446744073709551616\"", "1e400"],
    )
}

fn negative_integers() -> Item {
    with_integers(bundle_item("B018"), &["-1", "\"-1\"", "-9223372036854775809"])
}

fn arrays_for_objects() -> Item {
    let envelope = scene::envelope(scene::payload()).to_value();
    let payload = envelope["payload"].clone();
    let sig = envelope["signatures"][0]["sig"].clone();
    let kind = envelope["payloadType"].clone();
    let whole = json::array([payload.clone(), kind, json::array([json::array([sig.clone()])])]);
    let statement_array = statement_with(|statement| {
        let subject = &mut statement["subject"][0];
        *subject = json::array([subject["digest"].clone(), subject["name"].clone()]);
    });
    let digest_array = statement_with(|statement| {
        let digest = statement["subject"][0]["digest"]["sha256"].clone();
        statement["subject"][0]["digest"] = json::array([digest]);
    });
    let bundle = bundle_with(Version::V03, |bundle| bundle["dsseEnvelope"] = whole.clone());
    let entry = bundle_with(Version::V03, |bundle| {
        let entry = bundle["verificationMaterial"]["tlogEntries"][0].clone();
        bundle["verificationMaterial"]["tlogEntries"] = entry;
    });
    envelope_item("B019")
        .bad(Bad::document(WRONG_TYPE, "$", "the envelope as an array", text(&whole)))
        .bad(Bad::document(
            WRONG_TYPE,
            "$.signatures[0]",
            "a signature as an array",
            envelope_with(|envelope| envelope["signatures"][0] = json::array([sig.clone()])),
        ))
        .bad(Bad::document(
            WRONG_TYPE,
            "$.signatures",
            "an object for the list of signatures",
            envelope_with(|envelope| envelope["signatures"] = envelope["signatures"][0].clone()),
        ))
        .bad(Bad::document(
            WRONG_TYPE,
            "$.payload",
            "the payload as an array",
            envelope_with(|envelope| envelope["payload"] = json::array([payload.clone()])),
        ))
        .bad(statement(WRONG_TYPE, "$.subject[0]", "a subject as an array", statement_array.to_string()))
        .bad(statement(WRONG_TYPE, "$.subject[0].digest", "a digest set as an array", digest_array.to_string()))
        .bad(Bad::document(WRONG_TYPE, "$.dsseEnvelope", "the envelope of a bundle as an array", bundle))
        .bad(Bad::document(
            WRONG_TYPE,
            "$.verificationMaterial.tlogEntries",
            "an object for the list of entries",
            entry,
        ))
}

fn other_case() -> Item {
    let good = signed(scene::payload());
    let bad = |name: &str, other: &str, place: &str| {
        let bad = replaced(&good, &format!("\"{name}\":"), &format!("\"{other}\":"));
        Bad::document("dsse.missing_field", place, &format!("{other} for {name}"), bad)
    };
    envelope_item("B020")
        .bad(bad("payloadType", "PayloadType", "$"))
        .bad(bad("payloadType", "payload_type", "$"))
        .bad(bad("payload", "Payload", "$"))
        .bad(bad("signatures", "Signatures", "$"))
        .bad(bad("sig", "Sig", "$.signatures[0]"))
}

fn nulls() -> Item {
    let mut item = envelope_item("B021");
    for name in ["payload", "payloadType", "signatures"] {
        let bad = envelope_with(|envelope| envelope[name] = Value::Null);
        item = item.bad(Bad::document(WRONG_TYPE, &format!("$.{name}"), "null for a required member", bad));
    }
    let sig = envelope_with(|envelope| envelope["signatures"][0]["sig"] = Value::Null);
    let signature = envelope_with(|envelope| envelope["signatures"][0] = Value::Null);
    item = item
        .bad(Bad::document(WRONG_TYPE, "$.signatures[0].sig", "null for a required member", sig))
        .bad(Bad::document(WRONG_TYPE, "$.signatures[0]", "null for a signature", signature))
        .bad(Bad::document(WRONG_TYPE, "$", "null for the envelope", "null"));
    for name in ["_type", "predicateType", "subject"] {
        let bad = statement_with(|statement| statement[name] = Value::Null);
        let place = format!("$.{name}");
        item = item.bad(statement(WRONG_TYPE, &place, "null for a required member", bad.to_string()));
    }
    let subject = statement_with(|statement| statement["subject"][0] = Value::Null);
    let digest = statement_with(|statement| statement["subject"][0]["digest"] = Value::Null);
    let sha256 = statement_with(|statement| statement["subject"][0]["digest"]["sha256"] = Value::Null);
    item = item
        .bad(statement(WRONG_TYPE, "$.subject[0]", "null for a subject", subject.to_string()))
        .bad(statement(WRONG_TYPE, "$.subject[0].digest", "null for a digest set", digest.to_string()))
        .bad(statement(WRONG_TYPE, "$.subject[0].digest.sha256", "null for a digest", sha256.to_string()));
    let in_bundle = |place: &str, change: fn(&mut Value)| {
        Bad::document(WRONG_TYPE, place, "null for a required member", bundle_with(Version::V03, change))
    };
    item.bad(in_bundle("$.mediaType", |bundle| bundle["mediaType"] = Value::Null))
        .bad(in_bundle("$.verificationMaterial", |bundle| bundle["verificationMaterial"] = Value::Null))
        .bad(in_bundle("$.verificationMaterial.tlogEntries[0]", |bundle| {
            bundle["verificationMaterial"]["tlogEntries"][0] = Value::Null;
        }))
        .bad(in_bundle("$.verificationMaterial.tlogEntries[0].logId", |bundle| {
            bundle["verificationMaterial"]["tlogEntries"][0]["logId"] = Value::Null;
        }))
        .bad(in_bundle("$.verificationMaterial.tlogEntries[0].canonicalizedBody", |bundle| {
            bundle["verificationMaterial"]["tlogEntries"][0]["canonicalizedBody"] = Value::Null;
        }))
}

fn control_characters() -> Item {
    const CODE: &str = "json.control_character";
    let keyid = |character: char| {
        let bad = envelope_with(|envelope| {
            envelope["signatures"][0]["keyid"] = json::text(&format!("key{character}id"));
        });
        Bad::document(CODE, "$.signatures[0].keyid", &format!("{character:?} in a key id"), bad)
    };
    let name = statement_with(|statement| statement["subject"][0]["name"] = json::text("artifact\u{0}.txt"));
    let kind =
        statement_with(|statement| statement["predicateType"] = json::text("https://slsa.dev/provenance/v1\u{0}"));
    let free = statement_with(|statement| statement["predicate"]["text"] = json::text("\u{0}\u{1b}[2J\u{7f}\u{9b}"));
    envelope_item("B022")
        .also_good(signed(free.to_string()))
        .bads(['\u{0}', '\u{1}', '\u{1b}', '\n', '\u{1f}', '\u{7f}', '\u{80}', '\u{9b}'].map(keyid))
        .bad(Bad::document(
            CODE,
            "$.payloadType",
            "NUL in the payload type",
            envelope_with(|envelope| envelope["payloadType"] = json::text("application/vnd.in-toto+json\u{0}")),
        ))
        .bad(statement(CODE, "$.subject[0].name", "NUL in the name of a subject", name.to_string()))
        .bad(statement(CODE, "$.predicateType", "NUL in the predicate type", kind.to_string()))
        .bad(Bad::document(
            CODE,
            "$.mediaType",
            "NUL in the media type",
            bundle_with(Version::V03, |bundle| {
                bundle["mediaType"] = json::text(&format!("{}\u{0}", Version::V03.media_type()))
            }),
        ))
}

fn many_members() -> Item {
    let bad = |recipe: &str, number: usize, place: &str| {
        Bad::new("json.too_many_members", Layer::AttestModel, place, &format!("{number} members in one object"))
            .generated("attestation", &format!("{recipe} {number}"))
    };
    envelope_item("B023")
        .also_good_with(vec![("generate", "members 10000".into()), ("attestation", "generated".into())])
        .also_good_with(vec![("generate", "members of predicate 10000".into()), ("attestation", "generated".into())])
        .bad(bad("members", 10_001, "$.ignored"))
        .bad(bad("members", 1_000_000, "$.ignored"))
        .bad(bad("members of predicate", 10_001, "$.predicate"))
}
