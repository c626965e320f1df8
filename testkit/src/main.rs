//! `stella-testkit catalogue DIR` writes the fixtures of the catalogue of bad inputs below `DIR`, `stella-testkit examples DIR` the
//! examples this tree makes itself, `stella-testkit rotation DIR` the files of `docs/rotation.md`, and `stella-testkit sigstore DIR` a
//! whole fake Sigstore: trusted root, artifact, and bundles of every version. `stella-testkit population COUNT BYTES` writes so many
//! attestations of about so many bytes to standard output, one a line, and `stella-testkit population-trust DIR` whom to trust for them.

use std::{env, fs, io::Write as _, path::Path, process::ExitCode};

use stella_testkit::{examples::File, population::Population};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["catalogue", directory] => write(stella_testkit::catalogue::files(), Path::new(directory)),
        ["examples", directory] => write(stella_testkit::examples::files(), Path::new(directory)),
        ["population", count, bytes] => population(count, bytes),
        ["population-trust", directory] => write(Population::new(0).trust(), Path::new(directory)),
        ["rotation", directory] => write(stella_testkit::rotation::files(), Path::new(directory)),
        ["sigstore", directory] => write(stella_testkit::examples::sigstore_files(), Path::new(directory)),
        _ => Err(std::io::Error::other(
            "usage: stella-testkit catalogue|examples|population-trust|rotation|sigstore DIR, or population COUNT BYTES",
        )),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The exit status tells the rest if even this cannot be written.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}

fn write(files: Vec<File>, directory: &Path) -> std::io::Result<()> {
    for file in files {
        let path = directory.join(&file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, &file.contents)?;
    }
    Ok(())
}

fn population(count: &str, bytes: &str) -> std::io::Result<()> {
    let number = |text: &str| text.parse::<u64>().map_err(std::io::Error::other);
    let population = Population::new(usize::try_from(number(bytes)?).map_err(std::io::Error::other)?);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for attestation in 0..number(count)? {
        writeln!(out, "{}", population.attestation(attestation))?;
    }
    out.flush()
}
