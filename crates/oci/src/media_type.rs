//! Media types, and what they say about a blob.

/// An image manifest. OCI image spec v1.1.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An index of manifests. OCI image spec v1.1.
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The same two, as Docker calls them.
pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// The empty JSON object in place of a configuration. OCI image spec v1.1, "Guidance for an Empty Descriptor".
pub(crate) const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// A DSSE envelope.
pub(crate) const ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";
/// Sigstore bundles, by version.
pub(crate) const BUNDLE_V01: &str = "application/vnd.dev.sigstore.bundle.v0.1+json";
pub(crate) const BUNDLE_V02: &str = "application/vnd.dev.sigstore.bundle.v0.2+json";
pub(crate) const BUNDLE_V03: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// What a manifest can be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ManifestKind {
    Image,
    Index,
}

/// What a manifest of this type is; `None` for what is no manifest that is understood.
pub(crate) fn manifest_kind(media_type: &str) -> Option<ManifestKind> {
    match media_type {
        MANIFEST | DOCKER_MANIFEST => Some(ManifestKind::Image),
        INDEX | DOCKER_INDEX => Some(ManifestKind::Index),
        _ => None,
    }
}

/// What a layer of this type may hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LayerKind {
    /// A Sigstore bundle or a DSSE envelope.
    Attestation,
    /// In-toto JSON: an envelope from some tools, and a statement that nobody signed from others.
    InToto,
    /// Anything else.
    Other,
}

pub(crate) fn layer_kind(media_type: &str) -> LayerKind {
    // Older clients wrote the version as a parameter.
    let name = media_type.split(';').next().unwrap_or_default().trim_end();
    match name {
        ENVELOPE => LayerKind::Attestation,
        "application/vnd.in-toto+json" => LayerKind::InToto,
        _ if name.starts_with("application/vnd.dev.sigstore.bundle") && name.ends_with("+json") => {
            LayerKind::Attestation
        }
        // in-toto's own registry of types: `application/vnd.in-toto.provenance+dsse` and the like.
        _ if name.starts_with("application/vnd.in-toto.") && name.ends_with("+dsse") => LayerKind::Attestation,
        _ => LayerKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_what_its_type_says() {
        for media_type in [
            BUNDLE_V01,
            BUNDLE_V03,
            "application/vnd.dev.sigstore.bundle+json;version=0.1",
            ENVELOPE,
            "application/vnd.in-toto.provenance+dsse",
        ] {
            assert_eq!(layer_kind(media_type), LayerKind::Attestation, "{media_type}");
        }
        assert_eq!(layer_kind("application/vnd.in-toto+json"), LayerKind::InToto);
        for media_type in ["", "application/vnd.dev.cosign.simplesigning.v1+json", "text/spdx+json", EMPTY] {
            assert_eq!(layer_kind(media_type), LayerKind::Other, "{media_type}");
        }
    }
}
