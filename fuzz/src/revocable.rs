//! A path whose status hangs on one list or response.

use stella_chain_verify::{
    Anchor, Certificate, ChainPolicy, OcspResponse, Pool, Purpose, Revocation, RevocationList, UnknownStatus,
};
use stella_crypto_providers::{Registry, Scheme};
use stella_testkit::maze::{self, Maze};
use stella_testkit::revocation::{self, Status};
use stella_vocabulary::UnixTime;

/// Leaf (number 1) ← issuer ← root, and what the authorities say of it.
pub struct Revocable {
    pool: Pool,
    leaf: Certificate,
    of_root: RevocationList,
    list: Vec<u8>,
    response: Vec<u8>,
}

impl Revocable {
    /// The same every time.
    #[allow(clippy::new_without_default, reason = "it is made, not assumed")]
    pub fn new() -> Self {
        let Maze { leaf, root, bag } = maze::same_name(Scheme::Ed25519, 0);
        let read = |der: &[u8]| Certificate::from_der(der).expect("a certificate of the test kit");
        let known = bag.iter().map(|der| read(der)).collect();
        let pool = Pool::new(&Registry::rustcrypto(), vec![Anchor::new(read(&root))], known);
        let (from, until) = (at(-86_400), at(86_400));
        let (root_key, issuer_key) = (maze::key(Scheme::Ed25519, "root"), maze::key(Scheme::Ed25519, "issuer"));
        let of_root = revocation::list(&maze::title("Root"), &root_key, from, until, &[]);
        let issuer = maze::title("Issuer");
        Self {
            pool,
            leaf: read(&leaf),
            of_root: RevocationList::from_der(&of_root).expect("a list of the test kit"),
            list: revocation::list(&issuer, &issuer_key, from, until, &[7]),
            response: revocation::response(&issuer, &issuer_key, 1, Status::Good, from, until),
        }
    }

    /// The list by which the leaf is good.
    pub fn list(&self) -> &[u8] {
        &self.list
    }

    /// The response by which the leaf is good.
    pub fn response(&self) -> &[u8] {
        &self.response
    }

    /// What of it is signed: from the responder to the end of the answers.
    pub fn signed_part_of_response(&self) -> &[u8] {
        let responder = maze::title("Issuer");
        let start = self.response.windows(responder.len()).position(|window| window == responder).unwrap_or(0);
        let end = self.response.len().saturating_sub(64 + 16);
        self.response.get(start..end).unwrap_or(&[])
    }

    /// Whether the path holds with this list and no other.
    pub fn is_good_by_list(&self, list: RevocationList) -> bool {
        self.holds(Revocation::new(UnknownStatus::Deny).with_lists(vec![self.of_root.clone(), list]))
    }

    /// Whether the path holds with this response and no list.
    pub fn is_good_by_response(&self, response: OcspResponse) -> bool {
        let revocation = Revocation::new(UnknownStatus::Deny).with_lists(vec![self.of_root.clone()]);
        self.holds(revocation.with_responses(vec![response]))
    }

    fn holds(&self, revocation: Revocation) -> bool {
        let policy = ChainPolicy::new(Purpose::code_signing());
        self.pool.search_unrevoked(&self.leaf, &[], maze::AT, &policy, &revocation).verified.is_some()
    }
}

fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(maze::AT.seconds() + seconds)
}
