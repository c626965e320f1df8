//! A strict reader for JSON documents of which somebody may want two readers to see two different things.
//!
//! [`Document::parse`] goes over the input once, without recursion, into a flat tape of 8 bytes a scalar and 16 bytes a
//! container. Strings without escapes are borrowed from the input. The whole input is judged, also members nobody
//! reads: UTF-8, the grammar of RFC 8259, depth, the number of members, members that are equal after unescaping, lone
//! surrogates, data after the end, byte order marks. Numbers stay text until a caller asks for an integer; they never
//! pass through `f64`.
//!
//! A [`Value`] is a cursor into the tape. Its readers say what was expected, what was found, and where: JSON path, line
//! and column. A member that is missing is reported under a code of the caller's choice:
//!
//! ```
//! use stella_attest_model::{Limits, json};
//! use stella_vocabulary::{Code, Reason};
//!
//! let document = json::Document::parse(br#"{"signatures": [{"sig": 7}]}"#, &Limits::default())?;
//! let root = document.root().as_object()?;
//! let first = root.required("signatures", Code::DsseMissingField)?.as_array()?.iter().next().unwrap();
//! let wrong = first.as_object()?.required("sig", Code::DsseMissingField)?.as_str().unwrap_err();
//! assert_eq!(wrong.code(), Code::JsonWrongType);
//! assert_eq!(wrong.place().unwrap(), "$.signatures[0].sig (line 1, column 25)");
//! assert_eq!(root.required("payload", Code::DsseMissingField).unwrap_err().code(), Code::DsseMissingField);
//! # Ok::<(), json::Error>(())
//! ```

mod canonical;
mod error;
mod in_order;
mod number;
mod parse;
mod place;
mod scan;
mod tape;
mod value;

pub use self::canonical::{canonical, write_canonical_string};
pub use self::error::{Error, ErrorKind};
pub use self::in_order::InOrder;
pub use self::place::Place;
pub use self::tape::Document;
pub use self::value::{Array, Elements, Kind, Members, Object, Value};
