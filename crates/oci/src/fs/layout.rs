//! Reading an OCI image layout. OCI image spec v1.1, "Image Layout".

use std::collections::BTreeSet;
use std::path::Path;

use super::directory::Directory;
use crate::attached::{Attached, Candidate, Gathering, How, Shelf};
use crate::descriptor::{Descriptor, Image};
use crate::digest::BlobDigest;
use crate::error::OciError;
use crate::limits::Limits;
use crate::manifest::{Index, Manifest, parse};
use crate::media_type::{INDEX, ManifestKind, manifest_kind};
use crate::reference::Pick;

/// `oci-layout` is a line.
const MARK_BYTES: u64 = 4 << 10;

/// Most tags that a message names.
const NAMED: usize = 8;

/// What every tag of something attached begins with.
const ATTACHED: [&str; 2] = ["sha256-", "sha512-"];

/// A directory with images in it.
#[derive(Debug)]
pub struct Layout {
    pub(super) directory: Directory,
}

/// A manifest that `index.json` leads to.
struct Entry {
    descriptor: Descriptor,
    /// 0 in `index.json` itself.
    depth: usize,
}

impl Layout {
    /// Opens a layout.
    ///
    /// # Errors
    /// `oci.not_found` if there is no such directory, `oci.layout_invalid` if it is no layout of a known version.
    pub fn open(path: &Path) -> Result<Self, OciError> {
        let directory = Directory::open(path)?;
        let place = directory.place("oci-layout");
        let Some(mark) = directory.read("oci-layout", MARK_BYTES)? else {
            return Err(OciError::LayoutInvalid {
                place: path.display().to_string(),
                found: "no file oci-layout".to_string(),
                expected: "oci-layout, index.json and blobs",
            });
        };
        let document =
            parse(&mark, &Limits::default()).map_err(|error| OciError::Json { place: place.clone(), error })?;
        let version = document.root().member("imageLayoutVersion").and_then(|version| version.as_str().ok());
        if version.is_none_or(|version| version != "1.0.0") {
            let found = version.map_or_else(|| "no version".to_string(), |version| format!("version `{version}`"));
            return Err(OciError::LayoutInvalid { place, found, expected: "imageLayoutVersion 1.0.0" });
        }
        Ok(Self { directory })
    }

    /// The bytes of `index.json`.
    pub(super) fn index_bytes(&self, limits: &Limits) -> Result<Vec<u8>, OciError> {
        self.directory.read("index.json", limits.manifest_bytes)?.ok_or_else(|| OciError::LayoutInvalid {
            place: self.directory.path().display().to_string(),
            found: "no file index.json".to_string(),
            expected: "oci-layout, index.json and blobs",
        })
    }

    fn index(&self, limits: &Limits) -> Result<Index, OciError> {
        let bytes = self.index_bytes(limits)?;
        let place = self.directory.place("index.json");
        match Manifest::read(&bytes, INDEX, &place, limits)? {
            Manifest::Index(index) => Ok(index),
            Manifest::Image(_) => Err(OciError::ManifestInvalid {
                place,
                found: "an image manifest".to_string(),
                expected: "an index".to_string(),
            }),
        }
    }

    /// Finds an image, and checks its manifest against its digest.
    ///
    /// # Errors
    /// `oci.not_found` if it is not there, `oci.reference_invalid` if several are meant, and those of an index or manifest that is
    /// malformed or is not what its name says.
    pub fn find(&self, pick: &Pick) -> Result<Image, OciError> {
        let limits = Limits::default();
        let place = self.directory.path().display().to_string();
        let index = self.index(&limits)?;
        let descriptor = match pick {
            Pick::Digest(digest) => self.by_digest(digest, &index, &limits)?,
            Pick::Tag(tag) => one(by_tag(tag, &index), &place)?,
            Pick::Only => one(self.images(&index, &limits), &place)?,
        };
        let Some(descriptor) = descriptor else {
            let what = match pick {
                Pick::Digest(digest) => format!("image with the digest {digest}"),
                Pick::Tag(tag) => format!("image with the tag {tag}"),
                Pick::Only => "image in the layout".to_string(),
            };
            return Err(OciError::NotFound { place, what, known: names(&self.images(&index, &limits)) });
        };
        let bytes = self.read(&descriptor, limits.manifest_bytes)?;
        Manifest::read(&bytes, &descriptor.media_type, &self.directory.blob_place(&descriptor.digest), &limits)?;
        let name = format!("{place}@{}", descriptor.digest);
        Ok(Image { descriptor, name })
    }

    /// What is in `index.json` and is no attachment, by its tag, its type or its subject.
    fn images<'i>(&self, index: &'i Index, limits: &Limits) -> Vec<&'i Descriptor> {
        let is_image = |descriptor: &&Descriptor| {
            if manifest_kind(&descriptor.media_type).is_none()
                || descriptor.artifact_type.is_some()
                || is_tag_of_attached(descriptor.tag())
            {
                return false;
            }
            // Not everybody repeats the type of what is attached in the index. What cannot be read counts, and is refused later.
            let place = self.directory.blob_place(&descriptor.digest);
            self.read(descriptor, limits.manifest_bytes)
                .and_then(|bytes| Manifest::read(&bytes, &descriptor.media_type, &place, limits))
                .map_or(true, |manifest| manifest.subject().is_none())
        };
        once(index.manifests.iter().filter(is_image))
    }

    fn by_digest(&self, digest: &BlobDigest, index: &Index, limits: &Limits) -> Result<Option<Descriptor>, OciError> {
        let entries = self.entries(index, limits)?;
        Ok(entries.into_iter().map(|entry| entry.descriptor).find(|descriptor| descriptor.digest == *digest))
    }

    /// Everything that `index.json` leads to, each digest once: what is in it first, then level by level.
    fn entries(&self, index: &Index, limits: &Limits) -> Result<Vec<Entry>, OciError> {
        let mut seen = BTreeSet::new();
        let mut entries: Vec<Entry> = Vec::new();
        let mut add = |entries: &mut Vec<Entry>, descriptors: &[Descriptor], depth| {
            for descriptor in descriptors {
                // A tag may stand on a second descriptor of the same manifest.
                let tag = descriptor.tag().unwrap_or_default().to_string();
                if seen.insert((descriptor.digest.to_string(), if depth == 0 { tag } else { String::new() })) {
                    entries.push(Entry { descriptor: descriptor.clone(), depth });
                }
            }
            if entries.len() > limits.manifests {
                return Err(OciError::TooLarge {
                    place: self.directory.path().display().to_string(),
                    what: "manifests in the layout",
                    found: entries.len() as u64,
                    limit: limits.manifests as u64,
                });
            }
            Ok(())
        };
        add(&mut entries, &index.manifests, 0)?;
        let mut next = 0;
        while let Some(Entry { descriptor, depth }) = entries.get(next) {
            next += 1;
            let is_index = manifest_kind(&descriptor.media_type) == Some(ManifestKind::Index);
            if !is_index || is_tag_of_attached(descriptor.tag()) {
                continue;
            }
            if depth + 1 >= limits.depth {
                return Err(OciError::TooLarge {
                    place: descriptor.digest.to_string(),
                    what: "indexes within indexes",
                    found: (depth + 2) as u64,
                    limit: limits.depth as u64,
                });
            }
            // What cannot be read is said where it matters: of the image that is asked for, and of what is attached to it.
            let Ok(bytes) = self.read(descriptor, limits.manifest_bytes) else { continue };
            let place = self.directory.blob_place(&descriptor.digest);
            if let Ok(Manifest::Index(nested)) = Manifest::read(&bytes, &descriptor.media_type, &place, limits) {
                let depth = depth + 1;
                add(&mut entries, &nested.manifests, depth)?;
            }
        }
        Ok(entries)
    }

    /// Everything that is attached to `image` in this layout: what names it as subject, what the referrers tag lists, what has a tag
    /// of cosign, and what builders put into the index of the image itself.
    ///
    /// # Errors
    /// Those of `index.json`, and `input.too_large` for more than the limits. Whatever is wrong with a single manifest or attestation
    /// is in [`Attached::left_out`].
    pub fn attached(&self, image: &Image, limits: &Limits) -> Result<Attached, OciError> {
        let index = self.index(limits)?;
        let mut shelf = Blobs(self);
        let mut gathering = Gathering::of(image, limits);
        let tag = image.digest().referrers_tag();
        let entries = self.entries(&index, limits)?;
        gathering.looked(format!("{} manifests of {}", entries.len(), self.directory.place("index.json")));
        for entry in &entries {
            let descriptor = &entry.descriptor;
            match entry.descriptor.tag().filter(|_| entry.depth == 0).and_then(|found| found.strip_prefix(&tag)) {
                Some("") => self.take_list(descriptor, &mut gathering, &mut shelf, limits)?,
                Some(".att" | ".sig" | ".sbom") => {
                    gathering.take(&Candidate { descriptor: descriptor.clone(), how: How::CosignTag }, &mut shelf)?;
                }
                _ if descriptor.digest == image.digest() => {}
                _ if is_attached_by_builder(descriptor, image) => {
                    gathering.take(&Candidate { descriptor: descriptor.clone(), how: How::WithinIndex }, &mut shelf)?;
                }
                _ => {
                    if let Some(how) = self.subject_is(entry, image, &mut gathering, limits) {
                        gathering.take(&Candidate { descriptor: descriptor.clone(), how }, &mut shelf)?;
                    }
                }
            }
        }
        Ok(gathering.finish())
    }

    /// Whether the manifest names the image as its subject. One that cannot be read might have: it is left out, and said. Layouts of
    /// one platform lack the manifests of the others, which says nothing about attestations.
    fn subject_is(&self, entry: &Entry, image: &Image, gathering: &mut Gathering<'_>, limits: &Limits) -> Option<How> {
        let descriptor = &entry.descriptor;
        manifest_kind(&descriptor.media_type)?;
        let place = self.directory.blob_place(&descriptor.digest);
        let read = self
            .read(descriptor, limits.manifest_bytes)
            .and_then(|bytes| Manifest::read(&bytes, &descriptor.media_type, &place, limits));
        match read {
            Ok(manifest) => {
                let subject = manifest.subject().map(|subject| subject.digest);
                (subject == Some(image.digest())).then_some(How::Subject)
            }
            Err(OciError::NotFound { .. }) if entry.depth > 0 => None,
            Err(error) => {
                gathering.leave_out(descriptor.digest, How::Subject, error);
                None
            }
        }
    }

    /// Takes what the index with the referrers tag lists.
    fn take_list(
        &self,
        descriptor: &Descriptor,
        gathering: &mut Gathering<'_>,
        shelf: &mut Blobs<'_>,
        limits: &Limits,
    ) -> Result<(), OciError> {
        let place = self.directory.blob_place(&descriptor.digest);
        let list = self
            .read(descriptor, limits.manifest_bytes)
            .and_then(|bytes| Manifest::read(&bytes, &descriptor.media_type, &place, limits));
        match list {
            Ok(Manifest::Index(list)) => {
                for descriptor in list.manifests {
                    gathering.take(&Candidate { descriptor, how: How::ReferrersTag }, shelf)?;
                }
            }
            // Some clients tag the one thing that is attached, and no list of it.
            Ok(Manifest::Image(_)) => {
                gathering.take(&Candidate { descriptor: descriptor.clone(), how: How::ReferrersTag }, shelf)?;
            }
            Err(error) => gathering.leave_out(descriptor.digest, How::ReferrersTag, error),
        }
        Ok(())
    }

    /// The content of a blob, which is what its descriptor says.
    pub(super) fn read(&self, descriptor: &Descriptor, most: u64) -> Result<Vec<u8>, OciError> {
        let place = self.directory.blob_place(&descriptor.digest);
        if descriptor.size > most {
            return Err(OciError::TooLarge { place, what: "bytes", found: descriptor.size, limit: most });
        }
        // A file that is longer than its descriptor says is another one, and not too large.
        let bytes = match self.directory.read_blob(&descriptor.digest, descriptor.size) {
            Err(OciError::TooLarge { found, .. }) => {
                let (found, expected) = (format!("{found} bytes"), format!("{} bytes", descriptor.size));
                return Err(OciError::DigestMismatch { place, found, expected });
            }
            other => other?,
        };
        let Some(bytes) = bytes else {
            let what = format!("blob {}", descriptor.digest);
            return Err(OciError::NotFound { place, what, known: "no such file".to_string() });
        };
        descriptor.check(&bytes, &place)?;
        Ok(bytes)
    }
}

/// The files of a layout, for whoever gathers what is attached.
struct Blobs<'l>(&'l Layout);

impl Shelf for Blobs<'_> {
    fn manifest(&mut self, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, OciError> {
        self.0.read(descriptor, limits.manifest_bytes)
    }

    fn blob(&mut self, descriptor: &Descriptor, most: u64) -> Result<Vec<u8>, OciError> {
        self.0.read(descriptor, most)
    }
}

/// Whether a tag is one that lists or names what is attached to an image.
fn is_tag_of_attached(tag: Option<&str>) -> bool {
    let digits = |rest: &str| {
        rest.split('.').next().is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    tag.is_some_and(|tag| ATTACHED.iter().any(|mark| tag.strip_prefix(mark).is_some_and(digits)))
}

/// Builders put unsigned statements about a platform's manifest into the index beside it, and name the manifest in an annotation.
fn is_attached_by_builder(descriptor: &Descriptor, image: &Image) -> bool {
    let is = |name: &str, value: &str| descriptor.annotations.get(name).is_some_and(|found| found == value);
    is("vnd.docker.reference.type", "attestation-manifest")
        && is("vnd.docker.reference.digest", &image.digest().to_string())
}

/// The manifests with a tag, each digest once.
fn by_tag<'i>(tag: &str, index: &'i Index) -> Vec<&'i Descriptor> {
    // Some programs write the whole reference into the annotation.
    let is = |found: &str| {
        found == tag || found.rsplit_once(':').is_some_and(|(before, after)| after == tag && before.contains('/'))
    };
    once(index.manifests.iter().filter(|descriptor| descriptor.tag().is_some_and(is)))
}

fn once<'i>(descriptors: impl Iterator<Item = &'i Descriptor>) -> Vec<&'i Descriptor> {
    let mut all: Vec<&Descriptor> = Vec::new();
    for descriptor in descriptors {
        if !all.iter().any(|known| known.digest == descriptor.digest) {
            all.push(descriptor);
        }
    }
    all
}

/// The one that is there. Which of several is meant is not for a guess to decide.
fn one(found: Vec<&Descriptor>, place: &str) -> Result<Option<Descriptor>, OciError> {
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((*one).clone())),
        several => Err(OciError::ReferenceInvalid {
            found: format!("{} images in {place}: {}", several.len(), names(several)),
            expected: "one of them by its tag, DIR:TAG, or by its digest, DIR@sha256:HEX".to_string(),
        }),
    }
}

/// The tags of images, or their digests where they have none or the same.
fn names(images: &[&Descriptor]) -> String {
    let first = images.first().and_then(|descriptor| descriptor.tag());
    let same = images.len() > 1 && images.iter().all(|descriptor| descriptor.tag() == first);
    let name = |descriptor: &&Descriptor| match descriptor.tag().filter(|_| !same) {
        Some(tag) => tag.to_string(),
        None => descriptor.digest.to_string(),
    };
    let mut text = images.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ");
    if images.len() > NAMED {
        text.push_str(" and more");
    }
    if text.is_empty() { "no image".to_string() } else { text }
}
