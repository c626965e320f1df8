//! Predicates: the types that are known by a short name, whether one has the members its specification asks for, and new ones.
//!
//! A predicate of an unknown type is as good as any other to the rest of this workspace: nothing here takes part in a verification. It is
//! for whoever makes an attestation, and wants to hear of a misspelt member before it is signed.
//!
//! ```
//! use stella_attest_model::Limits;
//! use stella_attest_model::predicate::{PredicateDraft, PredicateType};
//! use stella_vocabulary::Reason;
//!
//! let limits = Limits::default();
//! let mut draft = PredicateDraft::new(&limits);
//! draft.set("result=PASSED")?;
//! let flaws = PredicateType::TestResult.check(draft.to_json().as_bytes(), &limits)?;
//! assert_eq!(flaws[0].to_string(), "there is no member \"configuration\"");
//! assert_eq!(flaws[0].place().unwrap(), "$ (line 1, column 1)");
//! draft.set("configuration=[]")?;
//! assert!(PredicateType::TestResult.check(draft.to_json().as_bytes(), &limits)?.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assignment;
mod check;
mod draft;
mod flaw;
mod kind;
mod schema;
mod schemas;

pub use self::draft::{DraftError, PredicateDraft};
pub use self::flaw::{Flaw, PredicateFlaw};
pub use self::kind::PredicateType;
