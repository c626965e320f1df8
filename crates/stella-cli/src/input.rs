//! What comes in: files and standard input, read once, within limits, never blocking on what is no regular file.

use std::cell::Cell;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use stella_attest_verify::{Artifact, ArtifactHasher};
use stella_vocabulary::Code;

use crate::complaint::Complaint;

/// What a file is read as; says how large it may be (catalogue section 2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Attestation,
    Certificate,
    Checkpoint,
    Key,
    OcspResponse,
    /// Certificates and keys, one after the other.
    PemBundle,
    /// What is to be signed about an artifact.
    Predicate,
    /// Names and passwords for registries.
    RegistryConfig,
    /// The envelope of a change request.
    Request,
    RevocationList,
    TrustExport,
    TrustPolicy,
    TrustedRoot,
}

impl Kind {
    const fn limit(self) -> u64 {
        match self {
            Self::Attestation | Self::Request | Self::TrustedRoot => 16 << 20,
            // The largest payload.
            Self::Predicate => 12 << 20,
            Self::Certificate
            | Self::Checkpoint
            | Self::Key
            | Self::OcspResponse
            | Self::PemBundle
            | Self::RegistryConfig
            | Self::TrustPolicy => 1 << 20,
            Self::RevocationList => 8 << 20,
            // Four times what a store with 100,000 keys takes.
            Self::TrustExport => 256 << 20,
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Self::Attestation => "an attestation",
            Self::Certificate => "a certificate",
            Self::Checkpoint => "a signed checkpoint",
            Self::Key => "a public key",
            Self::OcspResponse => "an OCSP response",
            Self::PemBundle => "certificates or keys in PEM",
            Self::Predicate => "a predicate, which is a JSON object",
            Self::RegistryConfig => "a configuration of Docker",
            Self::Request => "the envelope of a change request",
            Self::RevocationList => "a revocation list",
            Self::TrustExport => "a trust export",
            Self::TrustedRoot => "a trusted root",
            Self::TrustPolicy => "a trust policy",
        }
    }
}

/// The files of one command. Standard input can be named once.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    standard_input_taken: Cell<bool>,
}

impl Inputs {
    /// Reads all of `path`, or of standard input if it is `-`.
    pub(crate) fn read(&self, path: &Path, kind: Kind) -> Result<Vec<u8>, Complaint> {
        let limit = kind.limit();
        let (source, known): (Box<dyn Read>, Option<u64>) = if is_standard_input(path) {
            self.take_standard_input()?;
            (Box::new(io::stdin().lock()), None)
        } else {
            let (file, metadata) = open(path)?;
            (Box::new(file), Some(metadata.len()))
        };
        if let Some(length) = known.filter(|length| *length > limit) {
            return Err(too_large(path, kind, &format!("{length} bytes")));
        }
        let mut bytes = Vec::with_capacity(known.and_then(|length| usize::try_from(length + 1).ok()).unwrap_or(0));
        source.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
        if bytes.len() as u64 > limit {
            return Err(too_large(path, kind, &format!("more than {limit} bytes")));
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Complaint::new(Code::InputEmpty, "there is nothing to read")
                .place(name_of(path))
                .found(if bytes.is_empty() { "no byte" } else { "white space only" })
                .expected(kind.noun()));
        }
        if bytes.strip_prefix(b"\xef\xbb\xbf").is_some_and(|rest| rest.starts_with(b"-----BEGIN")) {
            return Err(Complaint::new(Code::PemMalformed, "there is a byte order mark before the PEM")
                .place(name_of(path))
                .found("EF BB BF")
                .expected("-----BEGIN at the beginning")
                .remedy("save the file without a byte order mark"));
        }
        Ok(bytes)
    }

    /// Opens `path`, or standard input if it is `-`, to be read as a stream of any length.
    pub(crate) fn stream(&self, path: &Path) -> Result<Box<dyn Read + Send>, Complaint> {
        if is_standard_input(path) {
            self.take_standard_input()?;
            return Ok(Box::new(io::stdin()));
        }
        Ok(Box::new(open(path)?.0))
    }

    /// Hashes `path`, or standard input if it is `-`, as a stream.
    pub(crate) fn hash(&self, path: &Path) -> Result<HashedArtifact, Complaint> {
        if is_standard_input(path) {
            self.take_standard_input()?;
            let (artifact, _) = digest(&mut io::stdin().lock()).map_err(|error| unreadable(path, &error))?;
            return Ok(HashedArtifact { artifact, source: None });
        }
        let (mut file, before) = open(path)?;
        let (artifact, length) = digest(&mut file).map_err(|error| unreadable(path, &error))?;
        let hashed =
            HashedArtifact { artifact, source: Some(Source { path: path.to_path_buf(), file, before, length }) };
        hashed.confirm_unchanged()?;
        Ok(hashed)
    }

    fn take_standard_input(&self) -> Result<(), Complaint> {
        if self.standard_input_taken.replace(true) {
            return Err(Complaint::new(Code::UsageConflict, "standard input was named twice")
                .found("a second -")
                .expected("one - and files for the rest")
                .remedy("stella help"));
        }
        Ok(())
    }
}

/// An artifact, and what is needed to notice that it was changed since.
#[derive(Debug)]
pub(crate) struct HashedArtifact {
    artifact: Artifact,
    source: Option<Source>,
}

#[derive(Debug)]
struct Source {
    path: PathBuf,
    file: File,
    before: Metadata,
    length: u64,
}

impl HashedArtifact {
    pub(crate) const fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// Refuses an artifact whose file was written to since it was opened, or that another file has taken the name of.
    pub(crate) fn confirm_unchanged(&self) -> Result<(), Complaint> {
        let Some(source) = &self.source else { return Ok(()) };
        let changed = |found: String| {
            Complaint::new(Code::InputChangedDuringRead, "the artifact was changed while it was judged")
                .in_file(&source.path)
                .found(found)
                .expected("the file as it was when it was opened")
                .remedy("wait until whatever writes it is done, and repeat the command")
        };
        let now = source.file.metadata().map_err(|error| unreadable(&source.path, &error))?;
        if let Some(difference) = difference(&source.before, &now) {
            return Err(changed(difference));
        }
        if now.len() != source.length {
            return Err(changed(format!("{} bytes read of {}", source.length, now.len())));
        }
        // The name may mean another file by now, which then is not the one that was judged.
        let named = std::fs::metadata(&source.path).map_err(|error| changed(error.to_string()))?;
        if is_another(&now, &named) { Err(changed("another file under this name".into())) } else { Ok(()) }
    }
}

#[cfg(unix)]
fn difference(before: &Metadata, now: &Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    if before.len() != now.len() {
        return Some(format!("{} bytes, {} before", now.len(), before.len()));
    }
    let stamp = |metadata: &Metadata| (metadata.mtime(), metadata.mtime_nsec());
    (stamp(before) != stamp(now) || is_another(before, now)).then(|| "a later time of modification".into())
}

#[cfg(unix)]
fn is_another(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    (one.dev(), one.ino()) != (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn difference(before: &Metadata, now: &Metadata) -> Option<String> {
    let same = before.len() == now.len() && before.modified().ok() == now.modified().ok();
    (!same).then(|| "another length or time of modification".into())
}

#[cfg(not(unix))]
fn is_another(one: &Metadata, other: &Metadata) -> bool {
    one.len() != other.len() || one.modified().ok() != other.modified().ok()
}

/// Hashes `source` in constant memory; also counts its bytes.
fn digest(source: &mut impl Read) -> io::Result<(Artifact, u64)> {
    let mut hasher = ArtifactHasher::new();
    let mut buffer = vec![0; 256 << 10];
    let mut length = 0_u64;
    loop {
        match source.read(&mut buffer) {
            Ok(0) => return Ok((hasher.finish(), length)),
            Ok(count) => {
                hasher.update(buffer.get(..count).unwrap_or_default());
                length += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Opens a regular file. `O_NONBLOCK` keeps a FIFO without a writer from blocking; what kind of file it is, is asked of the descriptor.
fn open(path: &Path) -> Result<(File, Metadata), Complaint> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;

        options.custom_flags((OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed());
    }
    let file = options.open(path).map_err(|error| unreadable(path, &error))?;
    let metadata = file.metadata().map_err(|error| unreadable(path, &error))?;
    if metadata.is_file() {
        return Ok((file, metadata));
    }
    Err(Complaint::new(Code::InputNotRegularFile, "this is not a regular file")
        .in_file(path)
        .found(kind_of(&metadata))
        .expected("a regular file")
        .remedy("give a file, or - and pipe it in"))
}

#[cfg(unix)]
fn kind_of(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;

    let kind = metadata.file_type();
    if kind.is_dir() {
        "a directory"
    } else if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "something else"
    }
}

#[cfg(not(unix))]
fn kind_of(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() { "a directory" } else { "something else" }
}

pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// How messages call an input.
pub(crate) fn name_of(path: &Path) -> String {
    if is_standard_input(path) { "standard input".into() } else { path.display().to_string() }
}

fn too_large(path: &Path, kind: Kind, found: &str) -> Complaint {
    Complaint::new(Code::InputTooLarge, format!("this is too large for {}", kind.noun()))
        .place(name_of(path))
        .found(found)
        .expected(format!("at most {} bytes", kind.limit()))
}

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Complaint {
    // The registry has no code of its own for a file that is missing or may not be read.
    let found = match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_string(),
        io::ErrorKind::PermissionDenied => "a file that may not be read".to_string(),
        _ => error.to_string(),
    };
    Complaint::new(Code::InputNotRegularFile, "this cannot be read")
        .place(name_of(path))
        .found(found)
        .expected("a readable regular file")
        .remedy("check the name and the permissions")
}
