//! RFC 6962 proofs, as the list of the transparency-dev project.

use serde::Deserialize;
use stella_transparency::merkle::{self, Hash};
use stella_vocabulary::{Code, base64};

use crate::case::{Case, Expected, Observed, Reasons};
use crate::files;
use crate::sink::Sink;
use crate::suite::{Input, Suite, SuiteError};

/// Inclusion and consistency proofs.
#[derive(Debug)]
pub(crate) struct Merkle;

/// One proof; which members there are depends on the kind.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Proof {
    id: String,
    kind: String,
    leaf_idx: Option<u64>,
    tree_size: Option<u64>,
    size1: Option<u64>,
    size2: Option<u64>,
    leaf_hash: Option<String>,
    root: Option<String>,
    root1: Option<String>,
    root2: Option<String>,
    proof: Option<Vec<String>>,
    want_err: bool,
}

impl Suite for Merkle {
    fn name(&self) -> &'static str {
        "merkle"
    }

    fn about(&self) -> &'static str {
        "RFC 6962 inclusion and consistency proofs"
    }

    fn run(&self, input: &Input<'_>, sink: &mut Sink) -> Result<(), SuiteError> {
        for path in files::list(input.path, |name| name.ends_with(".json"))? {
            for proof in files::read_json::<Vec<Proof>>(&path)? {
                let expected = if proof.want_err { Expected::Reject(Reasons::Any) } else { Expected::Accept };
                let case =
                    Case::new(&proof.id, expected).in_group(&proof.kind).tagged([format!("kind:{}", proof.kind)]);
                match proof.kind.as_str() {
                    "consistency" => sink.judge(case, || proof.verified(Proof::consistency)),
                    "inclusion" => sink.judge(case, || proof.verified(Proof::inclusion)),
                    _ => {
                        sink.skip(case, "proofs about subtrees (draft of Merkle tree certificates) are not implemented")
                    }
                }
            }
        }
        Ok(())
    }
}

impl Proof {
    fn verified(&self, verify: impl Fn(&Self) -> Option<Observed>) -> Observed {
        // A hash that is not there cannot even be given to the library: its type says so.
        let not_a_proof = || Observed::Refused(Code::TlogInclusionProofInvalid, "a hash is missing or empty".into());
        verify(self).unwrap_or_else(not_a_proof)
    }

    fn inclusion(&self) -> Option<Observed> {
        let (leaf, root) = (hash(self.leaf_hash.as_deref()?)?, hash(self.root.as_deref()?)?);
        Some(Observed::of(merkle::verify_inclusion(&leaf, self.leaf_idx?, self.tree_size?, &self.hashes()?, &root)))
    }

    fn consistency(&self) -> Option<Observed> {
        let (root1, root2) = (hash(self.root1.as_deref()?)?, hash(self.root2.as_deref()?)?);
        Some(Observed::of(merkle::verify_consistency(self.size1?, self.size2?, &root1, &root2, &self.hashes()?)))
    }

    fn hashes(&self) -> Option<Vec<Hash>> {
        self.proof.iter().flatten().map(|text| hash(text)).collect()
    }
}

/// Some cases hold a few words in place of a hash, where only their being equal matters: the hash of the words stands for them, so that
/// the library and not this program has to refuse them.
fn hash(text: &str) -> Option<Hash> {
    let bytes = base64::decode(text).ok().filter(|bytes| !bytes.is_empty())?;
    Some(Hash::try_from(bytes.as_slice()).unwrap_or_else(|_| merkle::leaf_hash(&bytes)))
}
