//! Items B024 to B030: base64 and PEM.

use stella_vocabulary::{base64, pem};

use super::{
    item::{Bad, Item, Layer},
    scene::{self, envelope_item, key_item, replaced, second_signer, signed, signer},
};
use crate::json;

pub(super) fn items() -> Vec<Item> {
    vec![white_space(), padding(), trailing_bits(), alphabets(), fragments(), private_keys(), several_objects()]
}

/// The statement, followed by white space until its base64 ends in two padding characters.
fn padded_payload() -> Vec<u8> {
    let mut payload = scene::payload();
    payload.push(b' ');
    while payload.len() % 3 != 1 {
        payload.push(b' ');
    }
    payload
}

fn white_space() -> Item {
    let good = signed(scene::payload());
    let payload = base64::encode(&scene::payload());
    let (head, tail) = payload.split_at(64);
    let bad = |change: &str, between: &str| {
        let bad = replaced(&good, &payload, &format!("{head}{between}{tail}"));
        Bad::document("base64.invalid", "$.payload", change, bad)
    };
    let key = signer();
    let sig = base64::encode(&key.sign(&crate::dsse::pae(crate::dsse::IN_TOTO, &scene::payload())));
    envelope_item("B024")
        .bad(bad("a line feed inside the payload", "\\n"))
        .bad(bad("a carriage return and a line feed inside the payload", "\\r\\n"))
        .bad(bad("a space inside the payload", " "))
        .bad(bad("a tab inside the payload", "\\t"))
        .bad(Bad::document(
            "base64.invalid",
            "$.signatures[0].sig",
            "a line feed behind the signature",
            replaced(&good, &sig, &format!("{sig}\\n")),
        ))
}

fn padding() -> Item {
    let good = signed(padded_payload());
    let payload = base64::encode(&padded_payload());
    let bare = payload.trim_end_matches('=');
    let bad = |change: &str, padding: &str| {
        let bad = replaced(&good, &payload, &format!("{bare}{padding}"));
        Bad::document("base64.invalid", "$.payload", change, bad)
    };
    key_item("B025")
        .good(&good)
        .bad(bad("one of two padding characters", "="))
        .bad(bad("three padding characters", "==="))
        .bad(bad("six padding characters", "======"))
        .bad(bad("padding, and more text behind it", "==QQ=="))
}

fn trailing_bits() -> Item {
    let good = signed(padded_payload());
    let payload = base64::encode(&padded_payload());
    // A space alone is `IA==`: six bits, then two and four that say nothing.
    let bare = payload.strip_suffix("A==").expect("the payload ends in a space");
    let bad = |change: &str, ending: &str| {
        let bad = replaced(&good, &payload, &format!("{bare}{ending}"));
        Bad::document("base64.noncanonical", "$.payload", change, bad)
    };
    key_item("B026")
        .good(&good)
        .bad(bad("the last of the bits that say nothing is set", "B=="))
        .bad(bad("all of the bits that say nothing are set", "P=="))
        .bad(bad("one of the bits that say nothing is set, unpadded", "I"))
}

fn alphabets() -> Item {
    // Long enough that one group of each run is aligned: `Pz8/` and `Pj4+`.
    let statement = scene::statement_with(|statement| statement["predicate"]["text"] = json::text("?????? >>>>>>"));
    let good = signed(statement.to_string());
    let payload = base64::encode(statement.to_string().as_bytes());
    let bad = |change: &str, from: &str, to: &str| {
        let bad = replaced(&good, &payload, &replaced(&payload, from, to));
        Bad::document("base64.invalid", "$.payload", change, bad)
    };
    let url_safe = payload.replace('+', "-").replace('/', "_");
    key_item("B027")
        .good(&good)
        .also_good(replaced(&good, &payload, &url_safe))
        .bad(bad("one symbol of the URL-safe alphabet in place of its standard twin", "/", "_"))
        .bad(bad("the other symbol of the URL-safe alphabet in place of its standard twin", "+", "-"))
        .bad(Bad::document(
            "base64.invalid",
            "$.payload",
            "a symbol of neither alphabet",
            replaced(&good, &payload, &replaced(&payload, "/", "*")),
        ))
}

fn fragments() -> Item {
    let mut item = envelope_item("B028");
    for (input, recipe, layer) in [
        ("key", "PEM fragments of KiB 1024", Layer::CryptoProviders),
        ("key", "PEM beginnings of KiB 1024", Layer::CryptoProviders),
        ("anchor", "PEM fragments of KiB 1024", Layer::TrustStore),
        ("anchor", "PEM beginnings of KiB 1024", Layer::TrustStore),
    ] {
        let change = format!("{recipe} as {input}");
        let bad = Bad::new("pem.malformed", layer, "line", &change).generated(input, recipe);
        item = item.bad(if input == "anchor" { bad.with("without", ["key"]) } else { bad });
    }
    item
}

fn private_keys() -> Item {
    let der = signer().signing_key().to_pkcs8_der();
    let labels = ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"];
    let content = base64::encode(&der);
    let mut item = envelope_item("B029").run("absent", [&content[48..64], &content[64..80]]);
    for (index, label) in labels.into_iter().enumerate() {
        let name = format!("bad.{}.pem", index + 1);
        item = item.file(&name, pem::encode(label, &der));
        for (input, layer) in [("key", Layer::CryptoProviders), ("anchor", Layer::TrustStore)] {
            let change = format!("{label} in place of what {input} takes");
            let bad = Bad::new("key.private_key_supplied", layer, "line 1", &change).with(input, name.as_str());
            item = item.bad(if input == "anchor" { bad.with("without", ["key"]) } else { bad });
        }
    }
    item
}

fn several_objects() -> Item {
    let key = signer().public_pem();
    let bad = |change: &str, name: &str| {
        Bad::new("pem.multiple_objects", Layer::CryptoProviders, "line", change).with("key", name)
    };
    envelope_item("B030")
        .file("bad.1.pem", key.clone() + &second_signer().public_pem())
        .file("bad.2.pem", key.clone() + &key)
        .file("bad.3.pem", format!("the key of the release team\n{key}"))
        .file("bad.4.pem", format!("{key}the key of the release team\n"))
        .bad(bad("a second public key behind the first", "bad.1.pem"))
        .bad(bad("the same public key twice", "bad.2.pem"))
        .bad(bad("text before the block", "bad.3.pem"))
        .bad(bad("text behind the block", "bad.4.pem"))
}
