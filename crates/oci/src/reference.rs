//! Which image somebody means: in a directory or in a registry.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::digest::BlobDigest;
use crate::error::OciError;

/// Longest name of a repository, in bytes, and longest tag. OCI distribution spec v1.1, "Pulling manifests".
const NAME_BYTES: usize = 255;
const TAG_BYTES: usize = 128;

/// Which of the images in one place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Pick {
    /// The only one, or in a registry the one with the tag `latest`.
    Only,
    /// The one with this tag.
    Tag(String),
    /// The one with this digest.
    Digest(BlobDigest),
}

/// `:v1`, `@sha256:…`, or nothing.
impl fmt::Display for Pick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Only => Ok(()),
            Self::Tag(tag) => write!(f, ":{tag}"),
            Self::Digest(digest) => write!(f, "@{digest}"),
        }
    }
}

/// How a registry is spoken to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Transport {
    /// Nobody said; HTTPS, or HTTP if the host is this machine by its name.
    Unsaid,
    /// `http://` was said.
    Http,
    /// `https://` was said.
    Https,
}

/// An image in a registry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegistryReference {
    /// How to speak to it.
    pub transport: Transport,
    /// `HOST` or `HOST:PORT`, in small letters.
    pub host: String,
    /// The repository, such as `library/alpine`.
    pub repository: String,
    /// Which image.
    pub pick: Pick,
}

/// `ghcr.io/acme/app:v1`
impl fmt::Display for RegistryReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}{}", self.host, self.repository, self.pick)
    }
}

/// An image, somewhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reference {
    /// In an OCI image layout.
    Layout {
        /// Its directory.
        directory: PathBuf,
        /// Which image.
        pick: Pick,
    },
    /// In a registry.
    Registry(RegistryReference),
}

impl Reference {
    /// Reads `DIR`, `DIR:TAG`, `DIR@sha256:HEX`, `HOST/NAME`, `HOST/NAME:TAG` or `HOST/NAME@sha256:HEX`.
    ///
    /// Something is in a registry if it has a `/` and what stands before the first one looks like a host: it has a dot or a colon in
    /// it, or is `localhost`, and it does not begin with a dot. Whether there is a directory of that name decides nothing: what a
    /// command is about must not depend on what lies around. `oci:` before a directory, and `docker://`, `https://` or `http://` before
    /// a host, leave no doubt.
    ///
    /// # Errors
    /// `oci.reference_invalid`.
    pub fn parse(text: &str) -> Result<Self, OciError> {
        let invalid = |expected: &str| OciError::ReferenceInvalid {
            found: if text.is_empty() { "nothing".to_string() } else { format!("`{text}`") },
            expected: expected.to_string(),
        };
        if text.is_empty() || text.contains(char::is_control) {
            return Err(invalid("DIR, DIR:TAG, HOST/NAME:TAG or HOST/NAME@sha256:HEX"));
        }
        for (scheme, transport) in
            [("docker://", Transport::Unsaid), ("https://", Transport::Https), ("http://", Transport::Http)]
        {
            if let Some(rest) = text.strip_prefix(scheme) {
                return registry(rest, transport).map(Self::Registry).map_err(invalid);
            }
        }
        if let Some(rest) = text.strip_prefix("oci:") {
            return layout(rest).map_err(invalid);
        }
        match text.split_once('/') {
            Some((first, _)) if is_host(first) => {
                registry(text, Transport::Unsaid).map(Self::Registry).map_err(invalid)
            }
            _ => layout(text).map_err(invalid),
        }
    }
}

fn is_host(first: &str) -> bool {
    !first.starts_with('.') && (first.contains(['.', ':']) || first.eq_ignore_ascii_case("localhost"))
}

fn layout(text: &str) -> Result<Reference, &'static str> {
    let begin = text.rfind('/').map_or(0, |slash| slash + 1);
    let (before, last) = text.split_at(begin);
    let (name, pick) = pick(last)?;
    let directory = format!("{before}{name}");
    if directory.is_empty() {
        return Err("a directory before the tag or digest");
    }
    Ok(Reference::Layout { directory: Path::new(&directory).to_path_buf(), pick })
}

fn registry(text: &str, transport: Transport) -> Result<RegistryReference, &'static str> {
    let (host, rest) = text.split_once('/').ok_or("HOST/NAME, such as docker.io/library/alpine")?;
    let host = host.to_ascii_lowercase();
    let plausible = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    if host.is_empty() || !host.bytes().all(plausible) {
        return Err("the name of a host before the first /");
    }
    let begin = rest.rfind('/').map_or(0, |slash| slash + 1);
    let (before, last) = rest.split_at(begin);
    let (name, pick) = pick(last)?;
    let mut repository = format!("{before}{name}");
    // What `docker pull` calls docker.io answers somewhere else, and has a directory for names without one.
    let hub = ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(&host.as_str());
    if hub && !repository.contains('/') {
        repository = format!("library/{repository}");
    }
    if repository.len() > NAME_BYTES || !repository.split('/').all(is_component) {
        return Err("a repository of small letters, digits and . _ - between slashes");
    }
    let host = if hub { "registry-1.docker.io".to_string() } else { host };
    Ok(RegistryReference { transport, host, repository, pick })
}

/// Letters and digits, with single separators inside. OCI distribution spec v1.1, "Pulling manifests".
fn is_component(component: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let ends = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bytes = component.as_bytes();
    bytes.iter().all(|byte| inner(*byte)) && ends(bytes.first()) && ends(bytes.last()) && !component.contains("..")
}

/// The last part of a path without its tag and digest. Of both, the digest counts.
fn pick(last: &str) -> Result<(&str, Pick), &'static str> {
    let (rest, digest) = match last.split_once('@') {
        Some((rest, digest)) => {
            (rest, Some(BlobDigest::parse(digest).ok_or("sha256: and 64 small hex digits after the @")?))
        }
        None => (last, None),
    };
    let (name, tag) = match rest.split_once(':') {
        Some((name, tag)) => (name, Some(tag)),
        None => (rest, None),
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return Err("a tag of letters, digits and . _ - after the colon");
    }
    Ok(match (digest, tag) {
        (Some(digest), _) => (name, Pick::Digest(digest)),
        (None, Some(tag)) => (name, Pick::Tag(tag.to_string())),
        (None, None) => (name, Pick::Only),
    })
}

fn is_tag(tag: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=TAG_BYTES).contains(&tag.len()) && tag.bytes().all(plain) && !tag.starts_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(text: &str) -> (String, String) {
        match Reference::parse(text).unwrap() {
            Reference::Layout { directory, pick } => (directory.to_str().unwrap().to_string(), pick.to_string()),
            Reference::Registry(registry) => panic!("{text}: {registry}"),
        }
    }

    fn image(text: &str) -> RegistryReference {
        match Reference::parse(text).unwrap() {
            Reference::Registry(registry) => registry,
            Reference::Layout { .. } => panic!("{text} is a directory"),
        }
    }

    #[test]
    fn a_directory_is_what_does_not_begin_with_a_host() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        for (text, name, pick) in [
            ("images", "images", String::new()),
            ("images:v1", "images", ":v1".into()),
            ("./images:v1", "./images", ":v1".into()),
            ("../a.b/images", "../a.b/images", String::new()),
            ("/srv/a:b/images:v1", "/srv/a:b/images", ":v1".into()),
            ("/srv/a:b/", "/srv/a:b/", String::new()),
            ("build/images", "build/images", String::new()),
            (".", ".", String::new()),
            ("oci:ghcr.io/app:v1", "ghcr.io/app", ":v1".into()),
            ("images.oci", "images.oci", String::new()),
        ] {
            assert_eq!(directory(text), (name.to_string(), pick), "{text}");
        }
        assert_eq!(directory(&format!("images@{digest}")), ("images".into(), format!("@{digest}")));
        assert_eq!(directory(&format!("images:v1@{digest}")), ("images".into(), format!("@{digest}")));
    }

    #[test]
    fn a_registry_is_what_begins_with_a_host() {
        for (text, shown) in [
            ("ghcr.io/acme/app:v1", "ghcr.io/acme/app:v1"),
            ("GHCR.io/acme/app", "ghcr.io/acme/app"),
            ("localhost/app:v1", "localhost/app:v1"),
            ("127.0.0.1:5000/app", "127.0.0.1:5000/app"),
            ("[::1]:5000/a/b", "[::1]:5000/a/b"),
            ("docker://reg/app", "reg/app"),
            ("docker.io/alpine:3", "registry-1.docker.io/library/alpine:3"),
            ("docker.io/grafana/loki", "registry-1.docker.io/grafana/loki"),
        ] {
            assert_eq!(image(text).to_string(), shown, "{text}");
        }
        assert_eq!(image("https://localhost/app").transport, Transport::Https);
        assert_eq!(image("http://localhost/app").transport, Transport::Http);
    }

    #[test]
    fn what_names_no_image_is_refused() {
        for text in [
            "",
            ":v1",
            "@sha256:ab",
            "images:",
            "images:-a",
            "images:a/b:c d",
            "images@sha256:abc",
            "images@sha256:../../etc/passwd",
            "ghcr.io/",
            "ghcr.io/Acme/app",
            "ghcr.io/acme//app",
            "ghcr.io/../app",
            "ghcr.io/a..b",
            "ghcr.io/acme/app:v 1",
            "ghcr.io/acme/app?x=y",
            "ghcr.io/acme/app#x",
            "user@ghcr.io/acme/app",
            "https://user:secret@ghcr.io/app",
            "docker://app",
            "a\nb",
        ] {
            assert!(matches!(Reference::parse(text), Err(OciError::ReferenceInvalid { .. })), "{text:?}");
        }
    }
}
