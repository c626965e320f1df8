//! The `stella` command: arguments in, library calls, one rendering out, one exit status.
#![forbid(unsafe_code)]

mod arguments;
mod chain;
mod commands;
mod complaint;
mod context;
mod document;
mod evidence;
mod exit;
mod input;
mod json;
mod near_miss;
mod question;
mod render;
mod trust;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    exit::conclude(exit::guarded(usage::asks_for_json(&words), || commands::run(&words)))
}
