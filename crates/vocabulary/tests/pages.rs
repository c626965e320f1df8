//! The reference pages: complete, true to the registry, and equal to `docs/codes.md`.

use std::fs;
use std::path::Path;

use stella_vocabulary::Code;
use stella_vocabulary::pages::{page, render_markdown, render_section};

/// Every command of the command line that a remedy may name; longer ones first where one begins another.
const COMMANDS: &[&str] = &[
    "approvals approve",
    "approvals list",
    "approvals reject",
    "approvals show",
    "approvers add",
    "approvers list",
    "attest create",
    "attest export",
    "attest import",
    "attest integrity-check",
    "attest list",
    "attest resign",
    "attest show",
    "attest status",
    "config set",
    "config show",
    "crypto profile set",
    "crypto profile show",
    "crypto providers list",
    "doctor",
    "init",
    "issuer keys fetch",
    "issuer show",
    "issuer trust",
    "keys generate",
    "keys list",
    "keys revoke",
    "keys rotation-history",
    "keys show",
    "keys verify",
    "self-test",
    "trust bisect",
    "trust diff",
    "trust log",
    "trust plan",
    "trust-anchors add",
    "trust-anchors add-intermediate",
    "trust-anchors add-key",
    "trust-anchors import",
    "trust-anchors list",
    "trust-anchors remove",
    "trust-anchors show",
    "verify artifact",
    "verify attestation",
    "verify cert",
    "verify cert-chain",
    "version",
];

/// Beginnings of commands, and options, that make something be accepted that was not before.
const LOOSENING: &[&str] = &[
    "stella approvals approve",
    "stella approvers add",
    "stella crypto profile set",
    "stella issuer trust ",
    "stella trust-anchors add ",
    "stella trust-anchors add-key",
    "stella trust-anchors import",
];
const LOOSENING_OPTIONS: &[&str] = &["--identity", "--key FILE", "--policy", "--predicate-type"];

#[test]
fn the_document_is_the_rendering() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/codes.md");
    let rendered = render_markdown();
    #[allow(clippy::disallowed_methods, reason = "a test may be asked to rewrite the file it compares with")]
    if std::env::var_os("STELLA_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &rendered).unwrap();
    }
    let document = fs::read_to_string(&path).unwrap_or_default();
    assert!(document == rendered, "docs/codes.md is not the rendering of the pages: run this test with STELLA_BLESS=1");
}

#[test]
fn the_document_states_the_exit_status_and_has_the_anchor_of_every_code() {
    let document = render_markdown();
    let headings: Vec<_> = document.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(headings, Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>());
    for &code in Code::ALL {
        let section = render_section(code);
        assert!(document.contains(&section), "{code}");
        let stated = section.lines().find_map(|line| line.strip_prefix("Exit status: ")).unwrap();
        let stated: u8 = stated.split('.').next().unwrap().parse().unwrap();
        assert_eq!(stated, code.exit_status(), "{code}");
        assert!(document.contains(&format!("(#{})", code.anchor())), "{code}");
    }
    assert_eq!(Code::X509Expired.reference(), "docs/codes.md#x509expired");
    assert_eq!(Code::DsseKeyUnknown.reference(), "docs/codes.md#dssekey_unknown");
}

#[test]
fn every_example_is_one_error_line_of_its_code() {
    for &code in Code::ALL {
        let example = page(code).example;
        assert!(example.starts_with(&format!("error[{code}]: ")), "{code}");
        for part in [" in ", ": found ", ", expected ", "; try: "] {
            assert!(example.contains(part), "{code}: no `{part}`");
        }
        assert!(example.len() <= 2048 && !example.contains(char::is_control), "{code}");
    }
}

#[test]
fn every_page_has_one_to_three_causes_and_remedies_in_whole_sentences() {
    for &code in Code::ALL {
        let page = page(code);
        assert!((1..=3).contains(&page.causes.len()) && (1..=3).contains(&page.remedies.len()), "{code}");
        let sentences = page.causes.iter().copied().chain(page.remedies.iter().map(|remedy| remedy.advice));
        for sentence in sentences.chain([page.meaning]) {
            assert!(sentence.ends_with(['.', '"']) && !sentence.contains("  "), "{code}: {sentence}");
        }
    }
}

#[test]
fn every_command_exists() {
    for &code in Code::ALL {
        let tried = page(code)
            .example
            .rsplit_once("; try: ")
            .map(|(_, tried)| tried)
            .filter(|tried| tried.starts_with("stella "));
        for command in page(code).remedies.iter().map(|remedy| remedy.command).chain(tried) {
            let words = command.strip_prefix("stella ").unwrap_or_else(|| panic!("{code}: {command}"));
            let known = COMMANDS
                .iter()
                .any(|known| words.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')));
            assert!(known, "{code}: {command}");
        }
    }
}

#[test]
fn a_remedy_that_accepts_more_says_so() {
    let mut silent = Vec::new();
    for &code in Code::ALL {
        for remedy in page(code).remedies {
            let loosens = LOOSENING.iter().any(|start| remedy.command.starts_with(start))
                || (remedy.command.starts_with("stella verify")
                    && LOOSENING_OPTIONS.iter().any(|option| remedy.command.contains(option)));
            if loosens && !remedy.advice.contains("accept") {
                silent.push(format!("{code}: {}", remedy.command));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new());
}
