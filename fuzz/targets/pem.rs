//! PEM: whatever is read can be written and read again, one block is read where one is expected and nowhere else, private keys are
//! refused, and reading takes linear time.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stella_fuzz::check_reason;
use stella_vocabulary::{PemError, pem};

const LABELS: [&str; 3] = ["CERTIFICATE", "PUBLIC KEY", "A"];
/// A quadratic reader needs minutes for as many bytes; the run has a time limit for each input.
const LONG: usize = 256 << 10;

fuzz_target!(|data: &[u8]| {
    let all = pem::parse_all(data, &LABELS);
    match &all {
        Ok(blocks) => {
            assert!(!blocks.is_empty());
            let mut text = String::new();
            for block in blocks {
                assert!(LABELS.contains(&block.label()));
                let written = pem::encode(block.label(), block.der());
                assert_eq!(pem::parse_one(written.as_bytes(), &LABELS).as_ref(), Ok(block));
                text.push_str(&written);
            }
            assert_eq!(pem::parse_all(text.as_bytes(), &LABELS).as_ref(), Ok(blocks));
        }
        Err(error) => check_reason(error),
    }
    match pem::parse_one(data, &LABELS) {
        Ok(block) => assert_eq!(all.as_deref(), Ok(&[block][..])),
        Err(error) => {
            check_reason(&error);
            if let Ok(blocks) = &all {
                let explained = match error {
                    PemError::SecondBlock { .. } => blocks.len() > 1,
                    PemError::SurroundingText { .. } => blocks.len() == 1,
                    _ => false,
                };
                assert!(explained, "{} blocks, and then: {error}", blocks.len());
            }
        }
    }
    // Nothing that says it is a private key comes through.
    if let Ok(blocks) = pem::parse_all(data, &["CERTIFICATE"]) {
        assert!(blocks.iter().all(|block| block.label() == "CERTIFICATE"));
    }
    // Rarely: it is slow even if it is linear.
    if data.len() % 256 == 97 {
        let long: Vec<u8> = data.iter().copied().cycle().take(LONG).collect();
        let _ = pem::parse_all(&long, &LABELS);
    }
});
