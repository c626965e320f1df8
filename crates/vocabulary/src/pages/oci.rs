//! Pages of `oci.`: attestations of container images.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::OciDigestMismatch,
        Page {
            meaning: "A blob or manifest does not have the digest or the size under which the image names it. Its \
                 content is not looked at.",
            example: "error[oci.digest_mismatch]: the content is not what its name says in \
                 images/blobs/sha256/4413…ff8a: found sha256:9f86d081…, expected sha256:44136fa3…; try: stella attest \
                 import --image DIR",
            causes: &[
                "The file was damaged, or a download stopped early.",
                "Somebody changed the file, or a registry answers with something else.",
            ],
            remedies: &[run(
                "Fetch or copy the image again, and see whether it stays so.",
                "stella attest import --image REF",
            )],
            clause: Some("OCI image spec v1.1, Content Descriptors"),
        },
    ),
    (
        Code::OciLayoutInvalid,
        Page {
            meaning: "The directory is not an OCI image layout: there is no `oci-layout` file with a known version, no \
                 `index.json`, or something in it is a link or no regular file. Links are not followed out of a layout.",
            example: "error[oci.layout_invalid]: this is not an OCI image layout in images: found no file oci-layout, \
                 expected oci-layout, index.json and blobs; try: stella attest import --image REF",
            causes: &[
                "The directory is another one, such as the one above the layout.",
                "It is the directory of `docker save`, or an archive that was not unpacked.",
            ],
            remedies: &[
                run("Name the directory that holds `oci-layout`.", "stella attest import --image DIR"),
                run("Take attestations of an image from its registry.", "stella attest import --image REF"),
            ],
            clause: Some("OCI image spec v1.1, Image Layout"),
        },
    ),
    (
        Code::OciManifestInvalid,
        Page {
            meaning: "A manifest or index of an image has another shape than the standard says: a member is missing or \
                 of another type, a digest is none, lists are far too long or lead in circles; or it says that it is \
                 about another image than the one that it was found for.",
            example: "error[oci.manifest_invalid]: this is no image manifest in sha256:44136fa3…: found no `layers`, \
                 expected a list of layers; try: stella attest import --image REF",
            causes: &[
                "A tool wrote it in a form of its own, such as the old Docker schema 1.",
                "A registry lists a manifest as attached to an image that it does not name.",
            ],
            remedies: &[run(
                "Look at what else is attached to the image.",
                "stella attest import --image REF --verbose",
            )],
            clause: Some("OCI image spec v1.1, Image Manifest"),
        },
    ),
    (
        Code::OciNotFound,
        Page {
            meaning: "There is no image under that tag or digest, a blob that a manifest names is not there, or no \
                 attestation is attached to the image. The message says where it was looked.",
            example: "error[oci.not_found]: no attestation is attached to the image in images@sha256:44136fa3…: found \
                 no referrer, expected an attestation; try: stella attest import --image REF",
            causes: &[
                "The tag is misspelt, or was moved or removed.",
                "The image was copied without what is attached to it.",
                "The attestations are attached to another manifest: that of the index of all platforms, or of one platform.",
            ],
            remedies: &[
                run("Name the image by its digest.", "stella attest import --image REF@sha256:HEX"),
                run("See what the store has about it.", "stella attest list --subject sha256:HEX"),
            ],
            clause: None,
        },
    ),
    (
        Code::OciReferenceInvalid,
        Page {
            meaning: "What was given is neither the directory of an OCI image layout (`DIR`, `DIR:TAG`, \
                 `DIR@sha256:HEX`) nor an image in a registry (`HOST/NAME:TAG`, `HOST/NAME@sha256:HEX`), or it leaves \
                 open which of several images is meant. Nothing was looked up.",
            example: "error[oci.reference_invalid]: there are several images, and none was named in images: found \
                 the tags v1, v2, expected one of them; try: stella attest import --image DIR:TAG",
            causes: &[
                "The host of the registry is missing; names without one are read as directories.",
                "A directory is named like a host; `./` before it tells them apart.",
            ],
            remedies: &[
                run("For a registry, name its host.", "stella attest import --image docker.io/library/alpine:3"),
                run("For a directory, say so.", "stella attest import --image ./DIR:TAG"),
            ],
            clause: None,
        },
    ),
    (
        Code::OciTypeUnsupported,
        Page {
            meaning: "Something is attached to the image that cannot be read as an attestation: a signature in the old \
                 form of cosign, a Notary signature, an unsigned statement or a plain SBOM. It is left out and named; \
                 nothing is concluded from it.",
            example: "error[oci.type_unsupported]: this cannot be read as an attestation in sha256:44136fa3…: found \
                 application/vnd.dev.cosign.simplesigning.v1+json, expected a Sigstore bundle or a DSSE envelope; try: \
                 stella attest import --image REF --verbose",
            causes: &[
                "It was signed with an old version of a tool, or with a tool that has a form of its own.",
                "It is a document without a signature, such as what a build attaches by default.",
            ],
            remedies: &[run(
                "Attach attestations as Sigstore bundles or DSSE envelopes.",
                "stella attest export X --image REF",
            )],
            clause: None,
        },
    ),
];
