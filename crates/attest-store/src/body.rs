//! The bytes of documents on their way in and out.

use std::num::NonZeroUsize;

use sha2::{Digest as _, Sha256};

use crate::error::{StoreError, corrupt};

/// The fastest level: on attestations, level 3 takes twice as long for one part in twenty.
const LEVEL: i32 = 1;
/// The longest document, in bytes; the server takes values below 1 GiB.
const LONGEST: usize = 256 << 20;
/// The longest body, in bytes: what zstd makes of the longest document at most, which is one byte in 256 more.
#[cfg(feature = "sqlite")]
pub(crate) const LONGEST_KEPT: usize = LONGEST + (LONGEST >> 8) + 64;
/// Fewer bytes than this are not worth a thread.
const PIECE: usize = 1 << 20;

/// Compresses documents, on all cores if they are many.
pub(crate) fn compressed(documents: &[&[u8]]) -> Result<Vec<Vec<u8>>, StoreError> {
    let bytes: usize = documents.iter().map(|document| document.len()).sum();
    if let Some(longest) = documents.iter().map(|document| document.len()).max().filter(|longest| *longest > LONGEST) {
        return Err(StoreError::TooLarge { what: "a document", found: longest, limit: LONGEST });
    }
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = (bytes / PIECE).clamp(1, cores);
    let share = documents.len().div_ceil(threads).max(1);
    if threads == 1 {
        return compress(documents);
    }
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = documents.chunks(share).map(|chunk| scope.spawn(|| compress(chunk))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(failed("a thread ended")))).collect()
    });
    let done: Result<Vec<Vec<Vec<u8>>>, StoreError> = done;
    Ok(done?.into_iter().flatten().collect())
}

fn compress(documents: &[&[u8]]) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(|error| failed(&error.to_string()))?;
    let one = |document: &&[u8]| compressor.compress(document).map_err(|error| failed(&error.to_string()));
    documents.iter().map(one).collect()
}

fn failed(why: &str) -> StoreError {
    StoreError::Io { place: "a document".to_owned(), operation: "compress", why: why.to_owned() }
}

/// The document, if it is the one that was kept.
pub(crate) fn expanded(bytes: &[u8], length: u64, digest: &[u8; 32], sequence: u64) -> Result<Vec<u8>, StoreError> {
    let other = || corrupt("body", &format!("the document of arrival {sequence} is another"));
    let length = usize::try_from(length).ok().filter(|length| *length <= LONGEST).ok_or_else(other)?;
    let document = zstd::bulk::decompress(bytes, length).map_err(|_| other())?;
    if document.len() == length && <[u8; 32]>::from(Sha256::digest(&document)) == *digest {
        Ok(document)
    } else {
        Err(other())
    }
}
