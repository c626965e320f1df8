//! `mazes`: searches each bag of certificates that was made to lose one's way in, from DER and in a process of its own. Prints the answer, the time and how far
//! memory rose over the bag itself, which docs/performance.md shows.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use std::error::Error;
use std::process::Command;
use std::time::Instant;

use stella_attest_verify::Registry;
use stella_chain_verify::{Anchor, Certificate, ChainPolicy, Pool, Purpose};
use stella_crypto_providers::Scheme;
use stella_testkit::maze::{self, Maze, Shape};
use stella_vocabulary::Reason as _;

const P256: Scheme = Scheme::EcdsaP256Sha256;

type Made = (&'static str, fn() -> Maze);

const MAZES: &[Made] = &[
    ("1,000 of the issuer's name, P-256", || maze::same_name(P256, 1_000)),
    ("1,000 of the issuer's name, Ed25519", || maze::same_name(Scheme::Ed25519, 1_000)),
    ("1,000 ways that end nowhere, P-256", || maze::dead_ends(P256, 1_000)),
    ("1,000 keys of one name in circles, P-256", || maze::one_name(P256, 1_000)),
    ("ladder of 5 layers with 100 rungs, P-256", || maze::ladder(P256, 5, 100)),
    ("ladder of 5 layers with 200 rungs, Ed25519", || maze::ladder(Scheme::Ed25519, 5, 200)),
    ("ladder of 5 layers with 200 rungs, P-256", || maze::ladder(P256, 5, 200)),
    ("100 cross-signed, names and keys differ", || maze::cross_signed(100, Shape::ALL[0])),
    ("100 cross-signed, one key", || maze::cross_signed(100, Shape::ALL[1])),
    ("100 cross-signed, one name", || maze::cross_signed(100, Shape::ALL[2])),
    ("100 cross-signed, one name and key", || maze::cross_signed(100, Shape::ALL[3])),
    ("10,000 forged twins, P-256", || maze::forged_twins(P256, 10_000)),
    ("2,048 names against 2,048 constraints", || maze::names_and_constraints(2_048)),
    ("24 policies mapped in all ways, 6 layers", || maze::policy_mappings(6, 24)),
];

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(number) = std::env::args().nth(1) {
        let (name, make) = MAZES.get(number.parse::<usize>()?).ok_or("there is no such maze")?;
        return search(name, &make());
    }
    for number in 0..MAZES.len() {
        let status = Command::new(std::env::current_exe()?).arg(number.to_string()).status()?;
        if !status.success() {
            return Err("a search ended badly".into());
        }
    }
    Ok(())
}

fn search(name: &str, maze: &Maze) -> Result<(), Box<dyn Error>> {
    // The peak begins anew with what is resident now: the bag in DER.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = peak()?;
    let begin = Instant::now();
    let bag: Vec<_> = maze.bag.iter().map(|der| Certificate::from_der(der)).collect::<Result<_, _>>()?;
    let (leaf, root) = (Certificate::from_der(&maze.leaf)?, Certificate::from_der(&maze.root)?);
    let pool = Pool::new(&Registry::rustcrypto(), vec![Anchor::new(root)], vec![]);
    let found = pool.search(&leaf, &bag, &[maze::AT], &ChainPolicy::new(Purpose::code_signing()));
    let checks = found.spent.signature_checks;
    let answer = found.into_result().map_or_else(|refused| refused.code().name().to_owned(), |_| "found".to_owned());
    let took = begin.elapsed();
    let rose = peak()?.saturating_sub(before);
    println!("| {name} | {} | {answer} | {checks} | {took:.1?} | {rose} KiB |", bag.len());
    Ok(())
}

/// The most memory, in KiB.
fn peak() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
