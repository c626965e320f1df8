//! The fixtures of `tests/catalogue`: for each item of the bad-input catalogue a `good` input that verifies, and `bad` ones that are
//! one change away from it and must be refused, each with the code, the place and the exit status to expect.
//!
//! What is too large to keep is declared in `expect.toml` by name and made by [`generate`] when the test runs.

mod accepted;
mod archive;
mod authorities;
mod bundle;
mod certificate;
mod certified_names;
mod dsse;
mod encoding;
mod generated;
mod input;
mod item;
mod json;
mod json_texts;
mod path;
mod scene;
mod statement;

pub use generated::{generate, sign_payload};
pub use item::Layer;

use crate::examples::File;

/// Every file below `tests/catalogue`, in a fixed order.
pub fn files() -> Vec<File> {
    [
        accepted::items(),
        input::items(),
        json::items(),
        encoding::items(),
        dsse::items(),
        statement::items(),
        bundle::items(),
        certificate::items(),
        certified_names::items(),
        path::items(),
    ]
    .into_iter()
    .flatten()
    .flat_map(item::Item::into_files)
    .collect()
}
