//! A note or checkpoint that is accepted can be put together again from its parts, byte for byte.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_fuzz::check_reason;
use stella_transparency::{Checkpoint, NoteSignature, SignedNote};
use stella_vocabulary::base64;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let note = match SignedNote::parse(text) {
        Ok(note) => note,
        Err(error) => {
            check_reason(&error);
            assert!(Checkpoint::parse(text).is_err());
            return;
        }
    };
    assert_eq!(written(note.text(), note.signatures()), text);
    let checkpoint = match Checkpoint::parse(text) {
        Ok(checkpoint) => checkpoint,
        Err(error) => return check_reason(&error),
    };
    assert_eq!(written(checkpoint.signed_text(), checkpoint.signatures()), text);
    let head =
        format!("{}\n{}\n{}\n", checkpoint.origin(), checkpoint.tree_size(), base64::encode(checkpoint.root_hash()));
    let extensions = checkpoint.signed_text().strip_prefix(&head).expect("the first three lines");
    assert!(extensions.is_empty() || extensions.ends_with('\n') && !extensions.starts_with('\n'));
    assert!(!extensions.contains("\n\n"));
});

fn written(text: &str, signatures: &[NoteSignature<'_>]) -> String {
    assert!(text.ends_with('\n') && !signatures.is_empty());
    let mut note = format!("{text}\n");
    for signature in signatures {
        assert!(!signature.name().is_empty() && !signature.signature().is_empty());
        let bytes = [&signature.key_hint()[..], signature.signature()].concat();
        note.push_str(&format!("\u{2014} {} {}\n", signature.name(), base64::encode(&bytes)));
    }
    note
}
