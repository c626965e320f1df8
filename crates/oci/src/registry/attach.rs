//! Attaching an attestation to an image in a registry. OCI distribution spec v1.1, "Pushing Manifests with Subject".

use ureq::http::Method;

use super::client::Ask;
use super::failure::FetchFailure;
use super::read::Registry;
use crate::descriptor::{Descriptor, Image};
use crate::error::OciError;
use crate::limits::Limits;
use crate::media_type::{INDEX, MANIFEST};
use crate::new_referrer::{Added, EMPTY_OBJECT, NewReferrer, empty_descriptor, index_of, with_manifest};

/// How often a list is written again that somebody else wrote at the same time.
const TRIES: usize = 3;

impl Registry<'_> {
    /// Attaches `referrer` to `image`: blobs, manifest, and, if the registry does not say that it lists the manifest by itself, the list
    /// under the referrers tag.
    ///
    /// Registries know no lock, so that list is read again once it is written, and written again if somebody else's is there.
    ///
    /// # Errors
    /// Codes of the family `fetch`; `oci.digest_mismatch` if the registry says to have stored something else; `store.busy` if the list is
    /// being written by others all the time.
    pub fn attach(&mut self, image: &Image, referrer: &NewReferrer) -> Result<Added, OciError> {
        let limits = Limits::default();
        let digest = referrer.descriptor.digest;
        let known = self.manifest_called(&digest.to_string(), Some(digest), &limits)?.is_some();
        self.push_blob(&empty_descriptor(), EMPTY_OBJECT)?;
        self.push_blob(&referrer.layer, &referrer.document)?;
        let lists_by_itself = self.push_manifest(&digest.to_string(), MANIFEST, &referrer.manifest)?;
        let listed_new = if lists_by_itself { !known } else { self.list(image, referrer, &limits)? };
        Ok(if listed_new { Added::New } else { Added::Known })
    }

    fn push_blob(&mut self, descriptor: &Descriptor, content: &[u8]) -> Result<(), OciError> {
        let there = self.client.ask(&Ask::head(self.target(&format!("blobs/{}", descriptor.digest))))?;
        if there.status == 200 {
            return Ok(());
        }
        let began = self.client.ask(&Ask::send(Method::POST, self.target("blobs/uploads/"), OCTETS, b""))?;
        if began.status != 202 {
            return Err(began.failure().into());
        }
        let to = began.header("location").unwrap_or_default();
        let refused = |why| FetchFailure::UrlRefused { url: began.url.shown(), why };
        let url = began.url.join(to).map_err(refused)?;
        if url.origin != *self.client.origin() {
            return Err(refused("it wants the blob to be written somewhere else").into());
        }
        let url = url.with_parameter("digest", &super::url::escaped(&descriptor.digest.to_string()));
        let written = self.client.ask(&Ask::send(Method::PUT, url, OCTETS, content))?;
        if written.status == 201 { Ok(()) } else { Err(written.failure().into()) }
    }

    /// Whether the registry says that it lists the manifest among the referrers of its subject.
    fn push_manifest(&mut self, name: &str, media_type: &str, content: &[u8]) -> Result<bool, OciError> {
        let url = self.target(&format!("manifests/{name}"));
        let written = self.client.ask(&Ask::send(Method::PUT, url, media_type, content))?;
        if !written.is_success() {
            return Err(written.failure().into());
        }
        Ok(written.header("oci-subject").is_some())
    }

    /// Writes the name of the manifest into the list under the referrers tag. Gives whether it was not there before.
    fn list(&mut self, image: &Image, referrer: &NewReferrer, limits: &Limits) -> Result<bool, OciError> {
        let tag = image.digest().referrers_tag();
        let place = format!("tag {tag}");
        let mut written = false;
        for _ in 0..TRIES {
            let list = match self.manifest_called(&tag, None, limits)? {
                None => Some(index_of(&referrer.descriptor)),
                Some(fetched) if fetched.descriptor.media_type == INDEX => {
                    with_manifest(&fetched.bytes, &referrer.descriptor, &place, limits)?
                }
                Some(fetched) => {
                    let found = fetched.descriptor.media_type;
                    let expected = "an index of referrers".to_string();
                    return Err(OciError::ManifestInvalid { place, found, expected });
                }
            };
            let Some(list) = list else { return Ok(written) };
            self.push_manifest(&tag, INDEX, &list)?;
            written = true;
        }
        // The last write may have been the one that stayed.
        match self.manifest_called(&tag, None, limits)? {
            Some(fetched) if with_manifest(&fetched.bytes, &referrer.descriptor, &place, limits)?.is_none() => {
                Ok(written)
            }
            _ => Err(OciError::Busy { place }),
        }
    }
}

const OCTETS: &str = "application/octet-stream";
