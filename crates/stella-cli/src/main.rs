//! The `stella` command: arguments in, library calls, one rendering out, one exit status.
#![forbid(unsafe_code)]

mod arguments;
mod attestations;
mod cases;
mod chain;
mod change;
mod commands;
mod complaint;
mod config;
mod context;
mod document;
mod duration;
mod evidence;
mod exit;
mod findings;
mod home;
mod images;
mod input;
mod installation;
mod journal;
mod json;
mod kept;
mod key_ring;
mod log;
mod memo;
mod near_miss;
mod origin;
mod password;
mod policy_file;
mod preview;
mod private_file;
mod private_key;
mod question;
mod record;
mod refused;
mod render;
mod selector;
mod settings;
mod signatory;
mod store;
mod store_place;
mod terms;
mod token;
mod token_provider;
mod trial;
mod trust;
mod trust_object;
mod undo;
mod usage;
mod which;

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    exit::conclude(exit::guarded(usage::asks_for_json(&words), || commands::run(&words)))
}
