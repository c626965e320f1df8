//! Signatures that were found good before, remembered in the store under a secret of the home.

use std::sync::Arc;

use stella_attest_store::{MemoSecret, StoreMemo};
use stella_attest_verify::Registry;
use stella_vocabulary::{Code, hex};

use crate::arguments::MemoOptions;
use crate::attestations::Source;
use crate::complaint::Complaint;
use crate::context::Context;
use crate::home::Home;
use crate::private_file::{self, Secrecy};

/// What a command remembers of signatures, if it does.
pub(crate) struct Remembering(Option<Arc<StoreMemo>>);

/// Remembers in the store of `source`, for so many threads at once. Whatever is in the way of that is a warning, and never another verdict.
pub(crate) fn for_store(source: Option<&Source>, threads: usize, said: &MemoOptions, context: &Context) -> Remembering {
    let Some(source) = source.filter(|_| !said.no_memo) else { return Remembering(None) };
    let opened = secret(context).and_then(|secret| {
        let stores = (0..threads.clamp(1, 8)).map(|_| source.open()).collect::<Result<Vec<_>, _>>()?;
        Ok(StoreMemo::over(stores, secret))
    });
    match opened {
        Ok(memo) => Remembering(Some(Arc::new(memo))),
        Err(complaint) => {
            context.warn(&needless(complaint));
            Remembering(None)
        }
    }
}

impl Remembering {
    /// Who computes, and what need not be computed.
    pub(crate) fn registry(&self) -> Registry {
        let registry = Registry::rustcrypto();
        match &self.0 {
            Some(memo) => registry.with_memo(memo.clone()),
            None => registry,
        }
    }

    /// Writes what is new, after each batch.
    pub(crate) fn flush(&self) {
        if let Some(memo) = &self.0 {
            memo.flush();
        }
    }

    /// Writes what is new, and says if something was in the way.
    pub(crate) fn end(&self, context: &Context) {
        let Some(memo) = &self.0 else { return };
        memo.flush();
        if let Some(error) = memo.trouble() {
            context.warn(&needless(error.into()));
        }
    }
}

fn needless(complaint: Complaint) -> Complaint {
    complaint.remedy("the verdict stands: signatures were computed and not remembered; to do without: --no-memo")
}

/// The secret of the home, made when it is first needed.
fn secret(context: &Context) -> Result<MemoSecret, Complaint> {
    let home = context.settings()?.home()?;
    if let Some(secret) = read(home)? {
        return Ok(secret);
    }
    private_file::make_directory(&home.keys())?;
    // Of two commands that make one, the second finds that of the first.
    let _lock = private_file::lock(&home.lock())?;
    if let Some(secret) = read(home)? {
        return Ok(secret);
    }
    let mut bytes = [0; 32];
    private_file::random(&mut bytes)?;
    private_file::write(&home.memo_secret(), format!("{}\n", hex::encode(&bytes)).as_bytes())?;
    Ok(MemoSecret::new(bytes))
}

fn read(home: &Home) -> Result<Option<MemoSecret>, Complaint> {
    let path = home.memo_secret();
    let Some(text) = private_file::read(&path, Secrecy::Secret)? else { return Ok(None) };
    let text = std::str::from_utf8(&text).unwrap_or_default();
    match hex::decode_exact(text.trim_end()) {
        Some(bytes) => Ok(Some(MemoSecret::new(bytes))),
        None => Err(Complaint::new(Code::ConfigInvalid, "this is not the secret of remembered signatures")
            .in_file(&path)
            .expected("64 hex digits in one line")),
    }
}
