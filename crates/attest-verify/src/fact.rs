//! What a check established, kept as it is until somebody wants to read it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use stella_crypto_providers::KeyId;
use stella_vocabulary::UnixTime;
use stella_vocabulary::hex::Hex;

/// Named facts, in a fixed order.
pub(crate) type Facts = Vec<(&'static str, Fact)>;

/// One fact. Its text is made when asked for, since a verdict seldom needs it.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    Count(u64),
    Key(KeyId),
    /// SHA-256.
    Sha256([u8; 32]),
    Text(String),
    Time(UnixTime),
    Times(Vec<UnixTime>),
    Word(&'static str),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Key(key) => key.fmt(f),
            Self::Sha256(hash) => write!(f, "sha256:{}", Hex(hash)),
            Self::Text(text) => f.write_str(text),
            Self::Time(time) => time.fmt(f),
            Self::Times(times) => {
                for (index, time) in times.iter().enumerate() {
                    f.write_str(if index > 0 { ", " } else { "" })?;
                    time.fmt(f)?;
                }
                Ok(())
            }
            Self::Word(word) => f.write_str(word),
        }
    }
}

impl From<KeyId> for Fact {
    fn from(key: KeyId) -> Self {
        Self::Key(key)
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<UnixTime> for Fact {
    fn from(time: UnixTime) -> Self {
        Self::Time(time)
    }
}

impl From<Vec<UnixTime>> for Fact {
    fn from(times: Vec<UnixTime>) -> Self {
        Self::Times(times)
    }
}

impl From<u64> for Fact {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<usize> for Fact {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<&'static str> for Fact {
    fn from(word: &'static str) -> Self {
        Self::Word(word)
    }
}
