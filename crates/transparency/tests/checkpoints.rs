//! Signed notes and checkpoints: shape only, nobody's key is here.
#![allow(clippy::unwrap_used)]

mod common;

use proptest::prelude::*;
use stella_transparency::{Checkpoint, CheckpointError, NoteError, SignedNote};
use stella_vocabulary::{Code, Reason, base64};

fn code(text: &str) -> Option<Code> {
    Checkpoint::parse(text).err().map(|error| error.code())
}

const GOOD: &str =
    "example.com/log\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n\u{2014} example.com/log AAECAwQ=\n";

#[test]
fn published_notes_and_checkpoints_are_judged_as_published() {
    for name in ["signed-note-0.txt", "signed-note-1.txt"] {
        let text = common::text(&format!("notes/{name}"));
        assert_eq!(SignedNote::parse(&text).unwrap().signatures().len(), 1, "{name}");
    }
    for (name, size, signatures) in [
        ("valid.txt", 37_795_272, 1),
        ("tlog-checkpoint-0.txt", 20_852_163, 1),
        ("tlog-cosignature-0.txt", 20_852_163, 2),
    ] {
        let text = common::text(&format!("notes/{name}"));
        let checkpoint = Checkpoint::parse(&text).unwrap();
        assert_eq!((checkpoint.tree_size(), checkpoint.signatures().len()), (size, signatures), "{name}");
    }
    for (name, expected) in [
        ("error_header_body_separator.txt", Code::TlogCheckpointMalformed),
        ("error_no_signatures.txt", Code::TlogCheckpointSignatureInvalid),
        ("error_not_a_number.txt", Code::TlogCheckpointMalformed),
        ("error_signature_format_invalid.txt", Code::TlogCheckpointMalformed),
        ("tlog-proof-0.txt", Code::TlogCheckpointMalformed),
    ] {
        assert_eq!(code(&common::text(&format!("notes/{name}"))), Some(expected), "{name}");
    }
}

#[test]
fn a_checkpoint_gives_origin_size_root_and_signatures() {
    let checkpoint = Checkpoint::parse(GOOD).unwrap();
    assert_eq!(checkpoint.origin(), "example.com/log");
    assert_eq!(checkpoint.tree_size(), 7);
    assert_eq!(checkpoint.root_hash(), &stella_transparency::merkle::root_of([]));
    assert!(GOOD.starts_with(checkpoint.signed_text()));
    assert!(checkpoint.signed_text().ends_with("=\n"));
    let line = &checkpoint.signatures()[0];
    assert_eq!((line.name(), line.key_hint(), line.signature()), ("example.com/log", [0, 1, 2, 3], &[4][..]));
}

#[test]
fn sizes_are_decimal_without_leading_zero_up_to_the_last_of_64_bits() {
    let with = |size: &str| GOOD.replacen("\n7\n", &format!("\n{size}\n"), 1);
    for good in ["0", "1", "18446744073709551615"] {
        assert_eq!(code(&with(good)), None, "{good}");
    }
    for bad in ["", "00", "07", "+7", "-7", " 7", "7 ", "7.0", "0x7", "18446744073709551616", "٧"] {
        assert!(Checkpoint::parse(&with(bad)).is_err(), "{bad}");
    }
    assert_eq!(Checkpoint::parse(&with("07")).unwrap_err(), CheckpointError::SizeMalformed);
}

#[test]
fn a_missing_or_changed_line_is_refused() {
    let changed = |from: &str, to: &str| code(&GOOD.replacen(from, to, 1));
    let malformed = Some(Code::TlogCheckpointMalformed);
    assert_eq!(changed("example.com/log\n7", "7"), malformed);
    assert_eq!(changed("example.com/log\n7", "\n7"), malformed);
    assert_eq!(changed("7\n", ""), malformed);
    assert_eq!(changed("47DE", "47D"), malformed);
    assert_eq!(changed("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", ""), malformed);
    assert_eq!(changed("uFU=\n", "uFU=\n\nextension\n"), malformed);
    assert_eq!(changed("uFU=\n", "uFU=\nextension\n"), None);
    assert_eq!(changed("\u{2014} ", "- "), malformed);
    assert_eq!(changed("\u{2014} example.com/log ", "\u{2014} example.com/a+b "), malformed);
    assert_eq!(changed("\u{2014} example.com/log ", "\u{2014} "), malformed);
    assert_eq!(changed("AAECAwQ=\n", "AAECAwQ="), malformed);
    assert_eq!(changed("AAECAwQ=\n", "AAECAw==\n"), malformed);
    assert_eq!(changed("AAECAwQ=\n", "AAECAwQ\n"), malformed);
    assert_eq!(changed("\u{2014} example.com/log AAECAwQ=\n", ""), Some(Code::TlogCheckpointSignatureInvalid));
}

#[test]
fn control_characters_are_refused_with_their_place() {
    for control in ['\0', '\t', '\r', '\u{1b}', '\u{7f}'] {
        let text = GOOD.replacen("example", &format!("ex{control}ample"), 1);
        assert_eq!(SignedNote::parse(&text).unwrap_err(), NoteError::ControlCharacter { position: 2 });
    }
}

#[test]
fn sixty_four_signatures_are_read_and_one_more_is_refused() {
    let line = "\u{2014} witness AAECAwQ=\n";
    let with = |count: usize| format!("{GOOD}{}", line.repeat(count - 1));
    assert_eq!(Checkpoint::parse(&with(64)).unwrap().signatures().len(), 64);
    assert_eq!(SignedNote::parse(&with(65)).unwrap_err(), NoteError::TooManySignatures { found: 65 });
}

#[test]
fn a_note_of_64_kib_is_read_and_one_byte_more_is_refused() {
    let room = 64 * 1024 - GOOD.len();
    let with = |length: usize| GOOD.replacen("example", &format!("{}example", "a".repeat(length)), 1);
    assert_eq!(code(&with(room)), None);
    assert_eq!(SignedNote::parse(&with(room + 1)).unwrap_err(), NoteError::TooLarge { bytes: 64 * 1024 + 1 });
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        origin in "[a-z./ -]{1,40}",
        size in any::<u64>(),
        root in any::<[u8; 32]>(),
        extensions in prop::collection::vec("[a-zA-Z0-9: ]{1,20}", 0..4),
        signatures in prop::collection::vec(("[a-z./]{1,20}", prop::collection::vec(any::<u8>(), 5..80)), 1..16),
    ) {
        let mut text = format!("{origin}\n{size}\n{}\n", base64::encode(&root));
        for line in &extensions {
            text += &format!("{line}\n");
        }
        text += "\n";
        for (name, signature) in &signatures {
            text += &format!("\u{2014} {name} {}\n", base64::encode(signature));
        }
        let checkpoint = Checkpoint::parse(&text).unwrap();
        prop_assert_eq!(checkpoint.origin(), origin);
        prop_assert_eq!(checkpoint.tree_size(), size);
        prop_assert_eq!(checkpoint.root_hash(), &root);
        prop_assert_eq!(checkpoint.signatures().len(), signatures.len());
        for (read, (name, signature)) in checkpoint.signatures().iter().zip(&signatures) {
            prop_assert_eq!(read.name(), name);
            prop_assert_eq!([&read.key_hint()[..], read.signature()].concat(), signature.clone());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[\u{2014} a-z0-9+/=\n]{0,200}") {
        let _ = Checkpoint::parse(&text);
    }
}
