//! The stella command line.
fn main() {}
