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
        with_remedy(&error, remedy)
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
        StoreError::Permissions { path, expected, .. } => {
            // What is expected says what it is: `mode 0700`, `mode 0600`, or of a directory above, that only its owner writes.
            let mode = ["0700", "0600"].into_iter().find(|mode| expected.starts_with(&format!("mode {mode}")));
            match mode {
                Some(mode) => format!("chmod {} {}", mode.trim_start_matches('0'), quoted(path)),
                None => format!("chmod go-w {}", quoted(path)),
            }
        }
        StoreError::Locked { .. } => "wait until the other process is done, and run the command again".to_string(),
        StoreError::HeadMoved { .. } => "run the command again".to_string(),
        StoreError::RollbackDetected { .. } => {
            "put the newest copy back; or, if this one is meant: stella store restore --accept-rollback --reason TEXT"
                .to_string()
        }
        StoreError::SymlinkRefused { .. } => {
            "put a plain file or directory in its place, or give its real path".to_string()
        }
        StoreError::NoSpace { .. } => "make room, and run the command again; nothing was changed".to_string(),
        _ => return None,
    })
}

fn ledger_remedy(error: &LedgerError) -> Option<String> {
    Some(match error {
        LedgerError::StoreKeyUnsuitable => "use the home that the store was made with: --home DIR".to_string(),
        LedgerError::DateInvalid { .. } | LedgerError::WindowEmpty { .. } => {
            "give a later end or an earlier beginning, such as 2027-01-01T00:00:00Z".to_string()
        }
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
