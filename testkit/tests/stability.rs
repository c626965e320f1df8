//! The same call gives the same bytes on every machine and in every year.

use sha2::{Digest as _, Sha256};
use stella_testkit::examples;
use stella_vocabulary::hex;

#[test]
fn the_files_of_the_fake_sigstore_never_change_unnoticed() {
    let mut hash = Sha256::new();
    for file in examples::sigstore_files() {
        hash.update(&file.path);
        hash.update([0]);
        hash.update(&file.contents);
    }
    assert_eq!(hex::encode(&hash.finalize()), "f56c3a84a476ef8de19c4710871534916ea5d43fb55671d17565adb4eaeaa391");
}
