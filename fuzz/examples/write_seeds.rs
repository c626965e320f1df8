//! Writes the seeds that are made and not found: what the test kit signs, and starting points for the targets that take decisions.
//! Run it in `fuzz/`; the same bytes come out every time.

use std::{fs, io, path::Path};

use sha2::{Digest as _, Sha256};
use stella_crypto_providers::Scheme;
use stella_fuzz::evidence::{Golden, timestamps};
use stella_testkit::key::TestKey;

/// Decisions to start from, for each of the targets that take any.
const DECIDING: [&str; 7] =
    ["bundle_mutation", "inclusion_proof", "name_constraints", "pae", "path_build", "sig_verify", "time_window"];

fn main() -> io::Result<()> {
    for golden in Golden::all() {
        write("bundle", golden.json.to_string().as_bytes())?;
    }
    let (authority, responses) = timestamps();
    for response in &responses {
        write("rfc3161", response)?;
    }
    write("cert_parse", authority.certificate())?;
    write("cert_parse", authority.root().certificate())?;
    for scheme in Scheme::ALL.iter().filter(|scheme| !scheme.name().starts_with("rsa")) {
        write("spki", TestKey::new(*scheme, "fuzz seed").spki())?;
    }
    for target in DECIDING {
        for number in 0_u8..24 {
            let mut bytes = Vec::new();
            for counter in 0..3 {
                bytes.extend_from_slice(&Sha256::digest([number, counter]));
            }
            // A target picks its case with the first byte.
            bytes[0] = number;
            write(target, &bytes)?;
        }
    }
    Ok(())
}

/// Writes one seed, named by its hash.
fn write(target: &str, bytes: &[u8]) -> io::Result<()> {
    let directory = Path::new("seeds").join(target);
    fs::create_dir_all(&directory)?;
    let name: String = Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    fs::write(directory.join(name), bytes)
}
