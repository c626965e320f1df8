//! Layouts as tools write them.

use serde_json::json;
use stella_oci::{BlobDigest, How, Layout, Limits, OciError, Pick};
use stella_testkit::oci::{Blob, Image, LayoutMaker, envelope_about, index, referrer};

use crate::{BUNDLE, ENVELOPE, code, summary};

struct Room {
    _room: tempfile::TempDir,
    made: LayoutMaker,
}

fn room() -> Room {
    let room = tempfile::tempdir().unwrap();
    let made = LayoutMaker::new(&room.path().join("images"));
    Room { _room: room, made }
}

fn find(made: &LayoutMaker, pick: Pick) -> Result<stella_oci::Image, OciError> {
    Layout::open(&made.path)?.find(&pick)
}

fn tag(tag: &str) -> Pick {
    Pick::Tag(tag.to_string())
}

fn attached(made: &LayoutMaker, pick: Pick) -> stella_oci::Attached {
    let layout = Layout::open(&made.path).unwrap();
    let image = layout.find(&pick).unwrap();
    layout.attached(&image, &Limits::default()).unwrap()
}

#[test]
fn an_image_is_found_by_its_tag_its_digest_or_by_being_the_only_one() {
    let Room { mut made, _room } = room();
    assert_eq!(code(find(&made, Pick::Only)), "oci.not_found");
    let one = made.image(&Image::of("one"));
    made.list(one.clone().tagged("v1"));
    let digest = BlobDigest::parse(&one.digest).unwrap();
    for pick in [Pick::Only, tag("v1"), Pick::Digest(digest)] {
        assert_eq!(find(&made, pick).unwrap().digest(), digest);
    }
    let missing = find(&made, tag("v2")).unwrap_err();
    assert!(matches!(&missing, OciError::NotFound { known, .. } if known == "v1"), "{missing:?}");

    let two = made.image(&Image::of("two"));
    made.list(two.clone().tagged("registry.example/two:v2"));
    assert_eq!(find(&made, tag("v2")).unwrap().digest().to_string(), two.digest);
    assert_eq!(code(find(&made, Pick::Only)), "oci.reference_invalid");
    // A tag that stands for two images stands for neither.
    made.list(two.tagged("v1"));
    assert_eq!(code(find(&made, tag("v1"))), "oci.reference_invalid");
    assert_eq!(find(&made, Pick::Digest(digest)).unwrap().digest(), digest);
}

#[test]
fn what_names_the_image_as_its_subject_is_attached_to_it() {
    let Room { mut made, _room } = room();
    let (one, two) = (made.image(&Image::of("one")), made.image(&Image::of("two")));
    made.list(one.clone().tagged("one"));
    made.list(two.clone().tagged("two"));
    let first = referrer(Some(&one), ENVELOPE, vec![Blob::new(ENVELOPE, envelope_about(&one, "a"))]);
    made.list(made.image(&first));
    // Not everybody repeats the type in the index; and the same thing is listed twice.
    let second =
        referrer(Some(&one), BUNDLE, vec![Blob::new("application/vnd.in-toto+json", envelope_about(&one, "b"))]);
    made.list(made.image(&second).with(json!({"artifactType": BUNDLE})));
    made.list(made.image(&second));
    let found = attached(&made, tag("one"));
    assert_eq!(summary(&found), (vec![How::Subject, How::Subject], vec![]));
    assert_eq!(found.attestations()[0].document(), first.blobs[1].content);
    assert_eq!(found.attestations()[0].manifest().to_string(), first.described().digest);
    assert_eq!(summary(&attached(&made, tag("two"))), (vec![], vec![]));
}

#[test]
fn the_referrers_tag_and_the_tags_of_cosign_are_looked_at() {
    let Room { mut made, _room } = room();
    let one = made.image(&Image::of("one"));
    made.list(one.clone().tagged("v1"));
    let listed = made.image(&referrer(Some(&one), ENVELOPE, vec![Blob::new(ENVELOPE, envelope_about(&one, "a"))]));
    made.list(made.blob(&index(&[listed.clone(), listed])).tagged(&one.referrers_tag()));
    // cosign's own image has no subject and one layer for each attestation.
    let layers = vec![Blob::new(ENVELOPE, envelope_about(&one, "b")), Blob::new(ENVELOPE, envelope_about(&one, "c"))];
    let config = "application/vnd.oci.image.config.v1+json";
    made.list(made.image(&referrer(None, config, layers)).tagged(&format!("{}.att", one.referrers_tag())));
    let simple = Blob::new("application/vnd.dev.cosign.simplesigning.v1+json", "{}");
    made.list(made.image(&referrer(None, config, vec![simple])).tagged(&format!("{}.sig", one.referrers_tag())));
    let found = attached(&made, Pick::Only);
    let how = vec![How::ReferrersTag, How::CosignTag, How::CosignTag];
    assert_eq!(summary(&found), (how, vec!["oci.type_unsupported".to_string()]));
    assert!(!found.left_out()[0].is_broken());
    assert!(found.left_out()[0].why().to_string().contains("old form of cosign"));
}

#[test]
fn evidence_that_cosign_keeps_in_annotations_is_pointed_at() {
    let Room { mut made, _room } = room();
    let one = made.image(&Image::of("one"));
    made.list(one.clone().tagged("v1"));
    let layer = made.blob(&Blob::new(ENVELOPE, envelope_about(&one, "a")));
    let layer = layer.with(json!({"annotations": {"dev.sigstore.cosign/certificate": "-----BEGIN CERTIFICATE-----"}}));
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&referrer(None, "application/vnd.oci.image.config.v1+json", vec![]).manifest.content)
            .unwrap();
    manifest["layers"] = json!([layer.to_value()]);
    let manifest = Blob::new("application/vnd.oci.image.manifest.v1+json", manifest.to_string());
    made.list(made.blob(&manifest).tagged(&format!("{}.att", one.referrers_tag())));
    assert!(attached(&made, Pick::Only).attestations()[0].has_evidence_beside());
}

#[test]
fn an_index_of_platforms_is_an_image_and_so_is_each_of_its_manifests() {
    let Room { mut made, _room } = room();
    let platform = made.image(&Image::of("amd64"));
    // A builder's statement that nobody signed, and a platform that is not in this layout.
    let statement = Blob::new("application/vnd.in-toto+json", r#"{"_type":"https://in-toto.io/Statement/v1"}"#);
    let unsigned = made.image(&referrer(None, "application/vnd.oci.image.config.v1+json", vec![statement]));
    let unsigned = unsigned.with(json!({"annotations": {
        "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": platform.digest,
    }}));
    let all = index(&[platform.clone(), unsigned, Image::of("arm64").described()]);
    let all = made.blob(&all);
    made.list(all.clone().tagged("v1"));
    let of_all = referrer(Some(&all), ENVELOPE, vec![Blob::new(ENVELOPE, envelope_about(&all, "a"))]);
    made.list(made.image(&of_all));
    assert_eq!(summary(&attached(&made, Pick::Only)), (vec![How::Subject], vec![]));
    let digest = Pick::Digest(BlobDigest::parse(&platform.digest).unwrap());
    let found = attached(&made, digest);
    assert_eq!(summary(&found), (vec![], vec!["oci.type_unsupported".to_string()]));
    assert!(found.left_out()[0].why().to_string().contains("nobody signed"));
}
