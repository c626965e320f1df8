//! Signatures that were found good, remembered in a store.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use stella_crypto_providers::{Memo, MemoKey};

use crate::error::StoreError;
use crate::store::AttestationStore;

/// How many marks are kept in memory at most: 32 bytes each, and they are found in the store again.
const KNOWN: usize = 1 << 18;

/// How many new marks wait at most before they are written without being told to.
const WAITING: usize = 1 << 14;

/// What makes marks: whoever has it can make a signature pass that nobody computed, so it belongs beside the private keys.
#[derive(Clone)]
pub struct MemoSecret([u8; 32]);

impl MemoSecret {
    /// 32 random bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What a store keeps for a signature: HMAC-SHA-256 (RFC 2104) of its [`MemoKey`]. A row that was made without the secret fits no signature.
    #[must_use]
    pub fn mark(&self, key: &MemoKey) -> [u8; 32] {
        hmac_sha256(&self.0, key.as_bytes())
    }
}

fn hmac_sha256(secret: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for MemoSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoSecret")
    }
}

/// A [`Memo`] that a store keeps. For many threads at once.
///
/// What is asked for is looked up, once; what is new waits until [`StoreMemo::flush`]. A store that cannot be read or written has nothing
/// remembered: verdicts are the same, only computed. The first thing that went wrong is told by [`StoreMemo::trouble`], and the store is left alone from
/// then on.
pub struct StoreMemo {
    secret: MemoSecret,
    /// Handles of one store; a mark always goes to the same.
    stores: Vec<Mutex<Box<dyn AttestationStore>>>,
    marks: Mutex<Marks>,
}

#[derive(Default)]
struct Marks {
    known: HashSet<[u8; 32]>,
    waiting: Vec<[u8; 32]>,
    trouble: Trouble,
}

#[derive(Default)]
enum Trouble {
    #[default]
    None,
    Untold(StoreError),
    Told,
}

impl StoreMemo {
    /// A memo over one handle.
    #[must_use]
    pub fn new(store: Box<dyn AttestationStore>, secret: MemoSecret) -> Self {
        Self::over(vec![store], secret)
    }

    /// A memo over several handles of one store, so that as many threads can ask it at once. Without any, it remembers until it is dropped.
    #[must_use]
    pub fn over(stores: Vec<Box<dyn AttestationStore>>, secret: MemoSecret) -> Self {
        let stores = stores.into_iter().map(Mutex::new).collect();
        Self { secret, stores, marks: Mutex::default() }
    }

    /// Writes what is new. Says how many marks that were; none, if the store does not take them.
    pub fn flush(&self) -> usize {
        let waiting = std::mem::take(&mut self.marks().waiting);
        let (Some(store), false) = (self.stores.first(), waiting.is_empty()) else { return 0 };
        if self.is_broken() {
            return 0;
        }
        match held(store).remember(&waiting) {
            Ok(()) => waiting.len(),
            Err(error) => {
                self.broken(error);
                0
            }
        }
    }

    /// What went wrong with the store first; told once.
    pub fn trouble(&self) -> Option<StoreError> {
        let trouble = &mut self.marks().trouble;
        match std::mem::replace(trouble, Trouble::Told) {
            Trouble::Untold(error) => Some(error),
            Trouble::Told => None,
            Trouble::None => {
                *trouble = Trouble::None;
                None
            }
        }
    }

    fn ask(&self, mark: &[u8; 32]) -> bool {
        let handle = usize::from(mark[0]).checked_rem(self.stores.len()).and_then(|index| self.stores.get(index));
        let Some(store) = handle else { return false };
        match held(store).remembered(&[*mark]) {
            Ok(found) => found == [true],
            Err(error) => {
                self.broken(error);
                false
            }
        }
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        held(&self.marks)
    }

    fn is_broken(&self) -> bool {
        !matches!(self.marks().trouble, Trouble::None)
    }

    fn broken(&self, error: StoreError) {
        let trouble = &mut self.marks().trouble;
        if matches!(trouble, Trouble::None) {
            *trouble = Trouble::Untold(error);
        }
    }
}

impl Memo for StoreMemo {
    fn recall(&self, key: &MemoKey) -> bool {
        let mark = self.secret.mark(key);
        if self.marks().known.contains(&mark) {
            return true;
        }
        let found = !self.is_broken() && self.ask(&mark);
        if found {
            self.marks().know(mark);
        }
        found
    }

    fn remember(&self, key: &MemoKey) {
        let mark = self.secret.mark(key);
        let full = {
            let mut marks = self.marks();
            if marks.know(mark) {
                marks.waiting.push(mark);
            }
            marks.waiting.len() >= WAITING
        };
        if full {
            self.flush();
        }
    }
}

impl Marks {
    /// Whether it is new.
    fn know(&mut self, mark: [u8; 32]) -> bool {
        if self.known.len() >= KNOWN {
            self.known.clear();
        }
        self.known.insert(mark)
    }
}

impl fmt::Debug for StoreMemo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreMemo")
    }
}

/// Whoever panicked while holding it left nothing half done: each step is one call.
fn held<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use stella_vocabulary::hex;

    use super::hmac_sha256;

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        let vectors: [(&[u8], &[u8], &str); 4] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ];
        for (key, message, expected) in vectors {
            assert_eq!(hex::encode(&hmac_sha256(key, message)), expected);
        }
    }
}
