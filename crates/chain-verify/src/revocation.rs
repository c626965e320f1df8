//! Whether the certificates of a path are revoked, by the lists and OCSP responses that are at hand. RFC 5280 §6.3, RFC 6960; nothing is
//! fetched.

pub(crate) mod block_list;
mod extensions;
mod judge;
pub(crate) mod list;
pub(crate) mod list_error;
mod responders;
pub(crate) mod response;
pub(crate) mod response_error;

use alloc::vec::Vec;

use stella_vocabulary::UnixTime;

use self::block_list::BlockList;
use self::judge::Judge;
use self::list::RevocationList;
use self::response::OcspResponse;
use crate::certificate::Certificate;
use crate::chain_error::ChainError;
use crate::explanation::Diagnosis;
use crate::outcome::{Search, VerifiedChain, Wanted};
use crate::pool::Pool;
use crate::purpose::ChainPolicy;

/// What becomes of a certificate of which nobody says whether it is revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnknownStatus {
    /// It passes. A list or response that says it is revoked still refuses it.
    Allow,
    /// It is refused.
    Deny,
}

/// What is known about revocation: lists of authorities, answers of their responders, and a list of one's own.
#[derive(Clone, Debug)]
pub struct Revocation {
    lists: Vec<RevocationList>,
    list_issuers: Vec<Certificate>,
    responses: Vec<OcspResponse>,
    nonce: Option<Vec<u8>>,
    unknown: UnknownStatus,
    max_age: Option<i64>,
    blocked: BlockList,
}

impl Revocation {
    /// Knows nothing yet.
    pub fn new(unknown: UnknownStatus) -> Self {
        Self {
            lists: Vec::new(),
            list_issuers: Vec::new(),
            responses: Vec::new(),
            nonce: None,
            unknown,
            max_age: None,
            blocked: BlockList::new(),
        }
    }

    /// With these lists, in any order: complete ones, for some certificates or reasons only, indirect ones, and deltas.
    #[must_use]
    pub fn with_lists(mut self, lists: Vec<RevocationList>) -> Self {
        self.lists = lists;
        self
    }

    /// With certificates of issuers of lists that are neither in the path nor beside it. Each needs a path to the same anchor.
    #[must_use]
    pub fn with_list_issuers(mut self, certificates: Vec<Certificate>) -> Self {
        self.list_issuers = certificates;
        self
    }

    /// With these OCSP responses, in any order: stapled, or asked for before. What one of them or a list says to be revoked is revoked,
    /// whatever the others say.
    #[must_use]
    pub fn with_responses(mut self, responses: Vec<OcspResponse>) -> Self {
        self.responses = responses;
        self
    }

    /// Only responses with this nonce count: it was part of the question. RFC 9654.
    #[must_use]
    pub fn with_nonce(mut self, nonce: Vec<u8>) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// Lists and responses older than so many seconds do not count. One that does not say when there is a newer one counts only with such a
    /// limit.
    #[must_use]
    pub fn with_max_age(mut self, seconds: u32) -> Self {
        self.max_age = Some(i64::from(seconds));
        self
    }

    /// With keys and certificates that must not be used here.
    #[must_use]
    pub fn with_block_list(mut self, blocked: BlockList) -> Self {
        self.blocked = blocked;
        self
    }

    /// Judges every certificate of `chain` below its anchor by the lists and responses that are current `at`, and every one by the block list.
    ///
    /// `beside` is what came with the signature; issuers of lists and responders may be in it. `policy` is the one the path was found by, its
    /// budget of signature checks counts for all lists and responses together.
    ///
    /// # Errors
    /// [`ChainError::Blocked`], [`ChainError::Revoked`]; under [`UnknownStatus::Deny`] also [`ChainError::RevocationUnknown`],
    /// [`ChainError::RevocationListUntrusted`], [`ChainError::OcspResponseUntrusted`]; the budget.
    pub fn check(
        &self,
        pool: &Pool,
        chain: &VerifiedChain,
        beside: &[Certificate],
        at: UnixTime,
        policy: &ChainPolicy,
    ) -> Result<(), ChainError> {
        let blocked = |(cert, certificate): (usize, &Certificate)| {
            self.blocked.find(certificate).map(|by| ChainError::Blocked { cert, by })
        };
        if let Some(blocked) = chain.certificates().iter().enumerate().find_map(blocked) {
            return Err(blocked);
        }
        Judge::new(self, pool, beside, at, policy).judge_chain(chain)
    }
}

impl Pool {
    /// As [`Pool::search`] at one instant, for a path of which no certificate is revoked: a path with one that is, or may be, is left for
    /// another one.
    pub fn search_unrevoked(
        &self,
        leaf: &Certificate,
        extra: &[Certificate],
        at: UnixTime,
        policy: &ChainPolicy,
        revocation: &Revocation,
    ) -> Search {
        let mut first = None;
        let mut wanted = |chain: &VerifiedChain| match revocation.check(self, chain, extra, at, policy) {
            Ok(()) => Wanted::Yes,
            Err(error) => {
                first.get_or_insert(error);
                Wanted::IfNoOther
            }
        };
        let mut search = self.search_wanted(leaf, extra, &[at], policy, &mut wanted);
        // What was found without being wanted is the first of those that were asked about.
        let refusal = match &search.verified {
            Some(chain) => revocation.check(self, chain, extra, at, policy).err(),
            None => None,
        };
        if let Some(refusal) = refusal {
            search.verified = None;
            search.best = Some(first.unwrap_or(refusal));
            search.diagnosis = Some(Diagnosis::Other);
        }
        search
    }
}
