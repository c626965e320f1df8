//! Items B001 to B007: files, and what they are before they are documents.

use super::{
    archive,
    item::{Bad, Item, Layer},
    scene::{self, OTHER_ARTIFACT, envelope_item, key_item, signed},
};

pub(super) fn items() -> Vec<Item> {
    vec![empty(), not_regular(), too_large(), compressed(), other_encodings(), json_lines(), replaced_artifact()]
}

fn empty() -> Item {
    envelope_item("B001").bad(Bad::document("input.empty", "bad.1.json", "no byte", "")).bad(Bad::document(
        "input.empty",
        "bad.2.json",
        "white space only",
        " \t\r\n\n",
    ))
}

fn not_regular() -> Item {
    let mut item = envelope_item("B002");
    for recipe in ["directory", "FIFO", "socket", "/dev/zero"] {
        for input in ["attestation", "key", "anchor", "intermediate", "trusted_root", "artifact"] {
            let change = format!("{recipe} given as {input}");
            let bad = Bad::new("input.not_regular_file", Layer::StellaCli, "", &change).generated(input, recipe);
            item = item.bad(bad);
        }
    }
    item
}

fn too_large() -> Item {
    let layer = Layer::AttestModel;
    envelope_item("B003")
        .also_good_with(vec![("generate", "document of the limit and 0".into()), ("attestation", "generated".into())])
        .bad(
            Bad::new("input.too_large", layer, "", "white space behind it, one byte over the limit of a document")
                .generated("attestation", "document of the limit and 1"),
        )
        .bad(Bad::new("input.too_large", Layer::StellaCli, "", "1 GiB of zeros").generated("attestation", "1 GiB"))
        .bad(Bad::new("input.too_large", Layer::StellaCli, "", "1 GiB of zeros as key").generated("key", "1 GiB"))
        .bad(
            Bad::new("input.too_large", Layer::StellaCli, "standard input", "zeros without end on standard input")
                .generated("stdin", "/dev/zero")
                .with("attestation", "-"),
        )
}

fn compressed() -> Item {
    let good = signed(scene::payload());
    let bad = |change: &str, contents: Vec<u8>| Bad::document("input.unknown_format", "bad.", change, contents);
    envelope_item("B004")
        .bad(bad("compressed with gzip", archive::gzip(good.as_bytes())))
        .bad(bad("compressed with Zstandard", archive::zstandard(good.as_bytes())))
        .bad(bad("packed with zip", archive::zip("good.json", good.as_bytes())))
        .bad(
            Bad::new("input.unknown_format", Layer::AttestModel, "", "8 MiB that decompress to 1.3 GB")
                .generated("attestation", "gzip bomb of MiB 8"),
        )
}

fn other_encodings() -> Item {
    let good = signed(scene::payload());
    let utf16 = |bytes: fn(u16) -> [u8; 2]| move |text: &str| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let utf32 =
        |bytes: fn(u32) -> [u8; 4]| move |text: &str| text.chars().flat_map(|c| bytes(c.into())).collect::<Vec<u8>>();
    let marked = format!("\u{feff}{good}");
    let bad = |change: &str, contents: Vec<u8>| Bad::document("json.bom", "$", change, contents);
    envelope_item("B005")
        .bad(bad("UTF-8 with a byte order mark", marked.clone().into_bytes()))
        .bad(bad("UTF-16, big end first, with a byte order mark", utf16(u16::to_be_bytes)(&marked)))
        .bad(bad("UTF-16, little end first, with a byte order mark", utf16(u16::to_le_bytes)(&marked)))
        .bad(bad("UTF-32, big end first, with a byte order mark", utf32(u32::to_be_bytes)(&marked)))
        .bad(bad("UTF-32, little end first, with a byte order mark", utf32(u32::to_le_bytes)(&marked)))
        .bad(bad("UTF-16, big end first", utf16(u16::to_be_bytes)(&good)))
        .bad(bad("UTF-16, little end first", utf16(u16::to_le_bytes)(&good)))
        .bad(bad("UTF-32, big end first", utf32(u32::to_be_bytes)(&good)))
        .bad(bad("UTF-32, little end first", utf32(u32::to_le_bytes)(&good)))
}

fn json_lines() -> Item {
    let line = signed(scene::payload());
    let lines = |third: &str| [line.as_str(), &line, third, &line, &line].map(|line| format!("{line}\n")).concat();
    let bad = |change: &str, third: &str| Bad::document("json.syntax", "line 3", change, lines(third));
    key_item("B006")
        .run("command", "artifact")
        .good(lines(&line))
        .bad(bad("the third of five lines is cut", &line[..line.len() - 2]))
        .bad(bad("the third of five lines lacks a colon", &line.replacen(':', " ", 1)))
}

fn replaced_artifact() -> Item {
    let code = "input.changed_during_read";
    envelope_item("B007")
        .file("other.txt", OTHER_ARTIFACT)
        .bad(
            Bad::new(code, Layer::StellaCli, "", "bytes appended to the artifact while it is hashed")
                .generated("artifact", "appended while read"),
        )
        .bad(
            Bad::new(code, Layer::StellaCli, "", "another file takes the artifact's name while it is hashed")
                .generated("artifact", "renamed while read"),
        )
}
