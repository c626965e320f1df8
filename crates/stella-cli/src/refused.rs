//! What the trust log refuses, as complaints: with the command that helps.

use stella_trust_store::StoreError;
use stella_trust_store::ledger::LedgerError;
use stella_vocabulary::{Code, Reason};

use crate::complaint::Complaint;

impl From<StoreError> for Complaint {
    fn from(error: StoreError) -> Self {
        let remedy = store_remedy(&error);
        with_remedy(&error, remedy)
    }
}

impl From<LedgerError> for Complaint {
    fn from(error: LedgerError) -> Self {
        let remedy = match &error {
            LedgerError::Store(inner) => store_remedy(inner),
            error => ledger_remedy(error),
        };
        let complaint = with_remedy(&error, remedy);
        match &error {
            LedgerError::ApprovalRequired { have, need, .. } => {
                complaint.found(persons_text(*have)).expected(persons_text(*need))
            }
            LedgerError::QuorumInvalid { quorum, persons } => {
                Self::new(error.code(), "this quorum does not fit those who are enrolled")
                    .found(format!("a quorum of {quorum}, and {} enrolled", persons_text(*persons)))
                    .expected("from 2 persons to as many as are enrolled")
                    .remedy("stella approvers add PERSON --key FILE")
            }
            LedgerError::TextInvalid { what } => {
                let complaint = complaint.expected(
                    "1 to 1024 bytes of plain text on one line, without control or invisible characters; at most 1024 in a list",
                );
                match option_of(what) {
                    Some(option) => complaint.place(option).remedy(format!("give another {option}")),
                    None => complaint,
                }
            }
            _ => complaint,
        }
    }
}

fn with_remedy(reason: &dyn Reason, remedy: Option<String>) -> Complaint {
    let complaint = Complaint::reported(reason);
    match remedy {
        Some(remedy) => complaint.remedy(remedy),
        None => complaint,
    }
}

fn store_remedy(error: &StoreError) -> Option<String> {
    Some(match error {
        StoreError::NotFound { .. } => "stella init".to_string(),
        StoreError::Permissions { path, found, expected } => permissions_remedy(path, found, expected),
        StoreError::Locked { .. } => "wait until the other process is done, and run the command again".to_string(),
        StoreError::HeadMoved { .. } => "run the command again".to_string(),
        StoreError::RollbackDetected { .. } => {
            "put the newest copy back; or, if this one is meant: stella store restore --accept-rollback --reason TEXT"
                .to_string()
        }
        StoreError::SymlinkRefused { .. } => {
            "put a plain file or directory in its place, or give its real path".to_string()
        }
        StoreError::NoSpace { .. } => {
            "make room, and look at the end of the log before running the command again: stella trust log".to_string()
        }
        _ => return None,
    })
}

/// The command that takes away what others may do; or whose business it is, if it belongs to somebody else.
pub(crate) fn permissions_remedy(path: &str, found: &str, expected: &str) -> String {
    const OTHERS_WRITE: u32 = 0o022;
    const SECRET: u32 = 0o077;
    let elsewhere = || "run it as the user whom this belongs to, or say another --home DIR".to_string();
    let mode = found.strip_prefix("mode ").and_then(|rest| u32::from_str_radix(rest.get(..4)?, 8).ok());
    let Some(mode) = mode else { return elsewhere() };
    match ["0700", "0600"].into_iter().find(|wanted| expected.starts_with(&format!("mode {wanted}"))) {
        Some("0600") if mode & SECRET != 0 => format!("chmod 600 {}", quoted(path)),
        Some(_) if mode & OTHERS_WRITE != 0 => format!("chmod 700 {}", quoted(path)),
        None if mode & OTHERS_WRITE != 0 => format!("chmod go-w {}", quoted(path)),
        _ => elsewhere(),
    }
}

/// The option that a text is given with.
fn option_of(what: &str) -> Option<&'static str> {
    Some(match what {
        "a URL" => "--url",
        "a key id hint" => "--hint",
        "a label" => "--label",
        "a name constraint" => "--name-constraint or --exclude-name",
        "a package URL pattern" => "--purl",
        "a predicate type" => "--predicate-type",
        "a scheme name" => "--algorithm",
        "an OIDC issuer" | "an OIDC issuer pattern" => "--oidc-issuer",
        "an extended key usage" => "--eku",
        "an identity pattern" => "--identity",
        "the name of an issuer" => "--name",
        _ => return None,
    })
}

/// `1 person`, `2 persons`, `nobody`.
pub(crate) fn persons_text(count: usize) -> String {
    match count {
        0 => "nobody".to_string(),
        1 => "1 person".to_string(),
        count => format!("{count} persons"),
    }
}

fn ledger_remedy(error: &LedgerError) -> Option<String> {
    Some(match error {
        LedgerError::StoreKeyUnsuitable => "use the home that the store was made with: --home DIR".to_string(),
        LedgerError::DateInvalid { .. } | LedgerError::WindowEmpty { .. } => {
            "give a later end or an earlier beginning, such as 2027-01-01T00:00:00Z".to_string()
        }
        LedgerError::CompromiseLate { .. } => {
            "say --compromised-since TIME with a time that is not after --revoked-at, or leave it out".to_string()
        }
        LedgerError::EmergencyRefused { .. } => "leave --emergency out, and the approvers are asked".to_string(),
        LedgerError::ReasonInvalid { .. } => {
            "give one line of plain text: --reason \"INC-4711: release key rotated\"".to_string()
        }
        LedgerError::IdInvalid { .. } => {
            "use small letters, digits and . _ - only, beginning with a letter or digit, at most 128".to_string()
        }
        LedgerError::DuplicateKey { existing, .. } => {
            let (kind, id) = existing.split_once(' ').unwrap_or(("", existing));
            match kind {
                "approver" => "stella approvers list".to_string(),
                _ => format!("stella trust-anchors show {id}"),
            }
        }
        LedgerError::ApprovalRequired { .. }
        | LedgerError::Expired { .. }
        | LedgerError::Replayed { .. }
        | LedgerError::Stale { .. } => "stella approvals list".to_string(),
        LedgerError::NotAuthorized { .. } => "stella approvers list".to_string(),
        LedgerError::ClockRollback { .. } => "set the clock of this machine, and run the command again".to_string(),
        _ => return None,
    })
}

/// A path as a shell takes it.
pub(crate) fn quoted(text: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+@:,=%".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_string();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A command as a shell takes it.
pub(crate) fn command_line(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// Whether an error only says that nothing is there.
pub(crate) fn is_missing(error: &StoreError) -> bool {
    error.code() == Code::StoreNotFound
}
