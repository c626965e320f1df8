//! Reading from a registry: an image, and what is attached to it.

use std::collections::BTreeSet;

use stella_vocabulary::{Code, Reason};

use super::access::{Access, AccessError, PlainHttp};
use super::client::{Answer, Ask, Client};
use super::failure::FetchFailure;
use super::link;
use super::url::{Origin, Scheme, Url};
use crate::attached::{Attached, Candidate, Gathering, How, Shelf};
use crate::descriptor::{Descriptor, Image};
use crate::digest::BlobDigest;
use crate::error::OciError;
use crate::limits::Limits;
use crate::manifest::{Index, Manifest, looks_like_html, parse};
use crate::media_type::{DOCKER_INDEX, DOCKER_MANIFEST, INDEX, MANIFEST, manifest_kind};
use crate::reference::{Pick, RegistryReference, Transport};

/// What is asked for where a manifest of any kind will do.
pub(super) const ANY_MANIFEST: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
     application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json";

/// One repository of a registry.
pub struct Registry<'a> {
    pub(super) client: Client<'a>,
    reference: RegistryReference,
}

impl std::fmt::Debug for Registry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Registry({})", self.reference)
    }
}

/// A manifest with its type, as it came.
pub(super) struct Fetched {
    pub(super) descriptor: Descriptor,
    pub(super) bytes: Vec<u8>,
}

impl<'a> Registry<'a> {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// `fetch.url_refused` for plain HTTP to another machine, unless that was allowed, and for what cannot be a host; those of `access`.
    pub fn new(reference: &RegistryReference, access: Access<'a>) -> Result<Self, RegistryError> {
        let refused = |why| RegistryError::Oci(FetchFailure::UrlRefused { url: reference.host.clone(), why }.into());
        let loopback = Origin::parse(Scheme::Http, &reference.host).map_err(refused)?.is_loopback();
        let scheme = match reference.transport {
            Transport::Http if !loopback && access.plain_http != PlainHttp::Anywhere => {
                return Err(refused("plain HTTP to another machine"));
            }
            Transport::Http => Scheme::Http,
            Transport::Https => Scheme::Https,
            Transport::Unsaid if loopback || access.plain_http == PlainHttp::Anywhere => Scheme::Http,
            Transport::Unsaid => Scheme::Https,
        };
        let origin = Origin::parse(scheme, &reference.host).map_err(refused)?;
        let client = Client::new(origin, &reference.repository, access).map_err(RegistryError::Access)?;
        Ok(Self { client, reference: reference.clone() })
    }

    /// Finds the image.
    ///
    /// # Errors
    /// `oci.not_found`, `oci.digest_mismatch` and `oci.manifest_invalid`; codes of the family `fetch`.
    ///
    /// # Left to the caller
    /// Whether a tag means what it should: that is the registry's to say. A digest is not.
    pub fn find(&mut self) -> Result<Image, OciError> {
        let limits = Limits::default();
        let (name, wanted) = match &self.reference.pick {
            Pick::Only => ("latest".to_string(), None),
            Pick::Tag(tag) => (tag.clone(), None),
            Pick::Digest(digest) => (digest.to_string(), Some(*digest)),
        };
        let Some(fetched) = self.manifest_called(&name, wanted, &limits)? else {
            return Err(OciError::NotFound {
                place: format!("{}/{}", self.reference.host, self.reference.repository),
                what: match wanted {
                    Some(digest) => format!("image with the digest {digest}"),
                    None => format!("image with the tag {name}"),
                },
                known: "status 404".to_string(),
            });
        };
        let place = fetched.descriptor.digest.to_string();
        Manifest::read(&fetched.bytes, &fetched.descriptor.media_type, &place, &limits)?;
        let name = format!("{}/{}@{place}", self.reference.host, self.reference.repository);
        Ok(Image { descriptor: fetched.descriptor, name })
    }

    pub(super) fn target(&self, rest: &str) -> Url {
        Url::at(self.client.origin(), format!("/v2/{}/{rest}", self.reference.repository))
    }

    /// The manifest with a tag or digest; `None` if there is none.
    pub(super) fn manifest_called(
        &mut self,
        name: &str,
        wanted: Option<BlobDigest>,
        limits: &Limits,
    ) -> Result<Option<Fetched>, OciError> {
        let url = self.target(&format!("manifests/{name}"));
        let answer = self.client.ask(&Ask::get(url, ANY_MANIFEST, limits.manifest_bytes))?;
        match answer.status {
            200 => {}
            404 => return Ok(None),
            _ => return Err(answer.failure().into()),
        }
        let place = answer.url.shown();
        let said = answer.header("docker-content-digest").and_then(BlobDigest::parse);
        let digest = wanted.unwrap_or_else(|| BlobDigest::sha256(&answer.body));
        // Said and wanted must both be what came: a registry that says another digest than it gives is not to be followed anywhere.
        for expected in [Some(digest), said].into_iter().flatten() {
            if !expected.is_of(&answer.body) {
                let found = expected.of_same_algorithm(&answer.body).to_string();
                return Err(OciError::DigestMismatch { place, found, expected: expected.to_string() });
            }
        }
        let media_type = media_type(&answer, limits)?;
        let size = answer.body.len() as u64;
        let descriptor = Descriptor { digest, size, ..Descriptor::of(&media_type, b"") };
        Ok(Some(Fetched { descriptor, bytes: answer.body }))
    }

    /// Everything that is attached to `image`: what the referrers API lists, or where there is none, the referrers tag; and what has a tag
    /// of cosign. Nothing is left to the registry to filter, so that what is attached and cannot be read is said as well.
    ///
    /// # Errors
    /// Codes of the family `fetch`, and `input.too_large` for more than the limits. Whatever is wrong with a single manifest or
    /// attestation is in [`Attached::left_out`].
    pub fn attached(&mut self, image: &Image, limits: &Limits) -> Result<Attached, OciError> {
        let mut gathering = Gathering::of(image, limits);
        let digest = image.digest();
        let tag = digest.referrers_tag();
        match self.referrers(&digest, limits)? {
            Some(listed) => {
                gathering.looked(format!("referrers API: {} listed", listed.len()));
                for descriptor in listed {
                    gathering.take(&Candidate { descriptor, how: How::Subject }, self)?;
                }
            }
            None => {
                gathering.looked("referrers API: not there".to_string());
                self.take_referrers_tag(&tag, &mut gathering, limits)?;
            }
        }
        for ending in ["att", "sig", "sbom"] {
            let name = format!("{tag}.{ending}");
            match self.manifest_called(&name, None, limits) {
                Ok(None) => gathering.looked(format!("tag {name}: not there")),
                Ok(Some(fetched)) => {
                    gathering.looked(format!("tag {name}: there"));
                    gathering.take(&Candidate { descriptor: fetched.descriptor, how: How::CosignTag }, self)?;
                }
                Err(error @ OciError::Fetch(_)) => return Err(error),
                Err(error) => gathering.leave_out(digest, How::CosignTag, error),
            }
        }
        Ok(gathering.finish())
    }

    fn take_referrers_tag(
        &mut self,
        tag: &str,
        gathering: &mut Gathering<'_>,
        limits: &Limits,
    ) -> Result<(), OciError> {
        let Some(Fetched { descriptor, bytes }) = self.manifest_called(tag, None, limits)? else {
            gathering.looked(format!("tag {tag}: not there"));
            return Ok(());
        };
        match Manifest::read(&bytes, &descriptor.media_type, &format!("tag {tag}"), limits)? {
            Manifest::Index(Index { manifests, .. }) => {
                gathering.looked(format!("tag {tag}: {} listed", manifests.len()));
                for descriptor in manifests {
                    gathering.take(&Candidate { descriptor, how: How::ReferrersTag }, self)?;
                }
            }
            // Some clients tag the one thing that is attached, and no list of it.
            Manifest::Image(_) => {
                gathering.looked(format!("tag {tag}: one manifest"));
                gathering.take(&Candidate { descriptor, how: How::ReferrersTag }, self)?;
            }
        }
        Ok(())
    }

    /// What the referrers API lists, page by page; `None` if the registry has none. OCI distribution spec v1.1, "Listing Referrers".
    fn referrers(&mut self, digest: &BlobDigest, limits: &Limits) -> Result<Option<Vec<Descriptor>>, OciError> {
        let mut url = self.target(&format!("referrers/{digest}"));
        let mut listed: Vec<Descriptor> = Vec::new();
        let mut seen = BTreeSet::new();
        loop {
            let too_many = |what, found: usize, limit: usize| OciError::TooLarge {
                place: url.shown(),
                what,
                found: found as u64,
                limit: limit as u64,
            };
            if seen.len() >= limits.pages {
                return Err(too_many("pages of referrers", seen.len() + 1, limits.pages));
            }
            if !seen.insert(url.to_string()) {
                let found = "a next page that was there before".to_string();
                let expected = "an end of the list".to_string();
                return Err(OciError::ManifestInvalid { place: url.shown(), found, expected });
            }
            let answer = self.client.ask(&Ask::get(url.clone(), INDEX, limits.manifest_bytes))?;
            let is_index = answer.media_type().as_deref() == Some(INDEX);
            match answer.status {
                200 if is_index => {}
                // What answers something else to everybody, such as a web page, has no such API either. The next answer will tell.
                200 | 400 | 404 | 405 | 406 | 501 if seen.len() == 1 => return Ok(None),
                _ => return Err(answer.failure().into()),
            }
            let place = answer.url.shown();
            if let Manifest::Index(index) = Manifest::read(&answer.body, INDEX, &place, limits)? {
                listed.extend(index.manifests);
            }
            if listed.len() > limits.manifests {
                return Err(too_many("referrers", listed.len(), limits.manifests));
            }
            let Some(next) = answer.header("link").and_then(link::next) else { return Ok(Some(listed)) };
            let next = answer.url.join(next).ok().filter(|next| next.origin == *self.client.origin());
            url = next
                .ok_or(FetchFailure::UrlRefused { url: place, why: "the next page of the list is somewhere else" })?;
        }
    }
}

/// What a manifest is: by its own word if it has one, and else by that of the registry, if that is a type of manifests.
fn media_type(answer: &Answer, limits: &Limits) -> Result<String, OciError> {
    let place = answer.url.shown();
    let said = answer.media_type().unwrap_or_default();
    if [MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_INDEX].contains(&said.as_str()) {
        return Ok(said);
    }
    if said == "text/html" || looks_like_html(&answer.body) {
        let expected = "a manifest".to_string();
        return Err(OciError::ManifestInvalid { place, found: "HTML".to_string(), expected });
    }
    let own = parse(&answer.body, limits).ok().and_then(|document| {
        document.root().member("mediaType").and_then(|value| value.as_str().ok().map(str::to_string))
    });
    match own.filter(|own| manifest_kind(own).is_some()) {
        Some(own) => Ok(own),
        None => {
            let found = if said.is_empty() { "a manifest without a type".to_string() } else { said };
            Err(OciError::TypeUnsupported { place, found, what: Some("a manifest of this type") })
        }
    }
}

impl Shelf for Registry<'_> {
    fn manifest(&mut self, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, OciError> {
        let url = self.target(&format!("manifests/{}", descriptor.digest));
        self.content(url, &descriptor.media_type, descriptor, limits.manifest_bytes)
    }

    fn blob(&mut self, descriptor: &Descriptor, most: u64) -> Result<Vec<u8>, OciError> {
        let url = self.target(&format!("blobs/{}", descriptor.digest));
        self.content(url, "*/*", descriptor, most)
    }
}

impl Registry<'_> {
    /// The content that a descriptor names.
    fn content(&mut self, url: Url, accept: &str, descriptor: &Descriptor, most: u64) -> Result<Vec<u8>, OciError> {
        let place = url.shown();
        if descriptor.size > most {
            return Err(OciError::TooLarge { place, what: "bytes", found: descriptor.size, limit: most });
        }
        let answer = match self.client.ask(&Ask::get(url, accept, descriptor.size)) {
            // Longer than it was said to be: that is another thing, and not one that is too large.
            Err(FetchFailure::TooLarge { found, .. }) => {
                let expected = format!("{} bytes", descriptor.size);
                return Err(OciError::DigestMismatch { place, found, expected });
            }
            other => other?,
        };
        match answer.status {
            200 => {}
            404 => {
                let what = format!("blob {}", descriptor.digest);
                return Err(OciError::NotFound { place, what, known: "status 404".to_string() });
            }
            _ => return Err(answer.failure().into()),
        }
        descriptor.check(&answer.body, &place)?;
        Ok(answer.body)
    }
}

/// Why a registry cannot be opened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RegistryError {
    /// What was said about the access cannot be.
    Access(AccessError),
    /// The registry cannot be.
    Oci(OciError),
}

impl std::error::Error for RegistryError {}

impl std::fmt::Display for RegistryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.reason())
    }
}

impl RegistryError {
    fn reason(&self) -> &dyn Reason {
        match self {
            Self::Access(error) => error,
            Self::Oci(error) => error,
        }
    }
}

impl Reason for RegistryError {
    fn code(&self) -> Code {
        self.reason().code()
    }

    fn place(&self) -> Option<String> {
        self.reason().place()
    }

    fn found(&self) -> Option<String> {
        self.reason().found()
    }

    fn expected(&self) -> Option<String> {
        self.reason().expected()
    }
}
