//! Layouts with one thing wrong, or made to do harm.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::json;
use stella_oci::{Image as Found, Layout, Limits, OciError, Pick};
use stella_testkit::oci::{Blob, Described, Image, LayoutMaker, envelope_about, index, referrer};

use crate::{ENVELOPE, code, summary};

/// A layout with one image and one attestation.
struct Scene {
    room: tempfile::TempDir,
    made: LayoutMaker,
    image: Described,
    manifest: Described,
    layer: Described,
}

fn scene() -> Scene {
    let room = tempfile::tempdir().unwrap();
    let mut made = LayoutMaker::new(&room.path().join("images"));
    let image = made.image(&Image::of("one"));
    made.list(image.clone().tagged("v1"));
    let attached = referrer(Some(&image), ENVELOPE, vec![Blob::new(ENVELOPE, envelope_about(&image, "a"))]);
    let manifest = made.image(&attached);
    made.list(manifest.clone());
    let layer = attached.blobs[1].described();
    Scene { room, made, image, manifest, layer }
}

fn open(path: &Path) -> Result<(Layout, Found), OciError> {
    let layout = Layout::open(path)?;
    let image = layout.find(&Pick::Tag("v1".into()))?;
    Ok((layout, image))
}

impl Scene {
    fn outcome(&self) -> String {
        match open(&self.made.path) {
            Err(error) => code::<()>(Err(error)),
            Ok((layout, image)) => match layout.attached(&image, &Limits::default()) {
                Err(error) => code::<()>(Err(error)),
                Ok(attached) => {
                    let (found, codes) = summary(&attached);
                    assert_eq!(codes.is_empty(), found.len() == 1, "{codes:?}");
                    codes.join(" ")
                }
            },
        }
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.made.path.join(name), content).unwrap();
    }
}

#[test]
fn the_scene_is_good_and_one_byte_of_anything_spoils_it() {
    assert_eq!(scene().outcome(), "");
    for name in ["image", "manifest", "layer"] {
        let scene = scene();
        let described = match name {
            "image" => &scene.image,
            "manifest" => &scene.manifest,
            _ => &scene.layer,
        };
        let path = scene.made.blob_path(described);
        let good = fs::read(&path).unwrap();
        for change in 0..4 {
            let mut bad = good.clone();
            match change {
                0 => bad[good.len() / 2] ^= 1,
                1 => bad.push(b' '),
                2 => bad.truncate(good.len() - 1),
                _ => bad.clear(),
            }
            fs::write(&path, bad).unwrap();
            assert_eq!(scene.outcome(), "oci.digest_mismatch", "{name} {change}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(scene.outcome(), "oci.not_found", "{name}");
    }
}

#[test]
fn what_is_no_layout_is_refused() {
    let room = tempfile::tempdir().unwrap();
    assert_eq!(code(Layout::open(&room.path().join("none"))), "oci.not_found");
    assert_eq!(code(Layout::open(room.path())), "oci.layout_invalid");
    let file = room.path().join("file");
    fs::write(&file, "x").unwrap();
    assert_eq!(code(Layout::open(&file)), "oci.layout_invalid");
    for (mark, expected) in [
        ("{}", "oci.layout_invalid"),
        (r#"{"imageLayoutVersion":"2.0.0"}"#, "oci.layout_invalid"),
        (r#"{"imageLayoutVersion":1}"#, "oci.layout_invalid"),
        ("not JSON", "json.syntax"),
    ] {
        let scene = scene();
        scene.write("oci-layout", mark);
        assert_eq!(scene.outcome(), expected, "{mark}");
    }
    let scene = scene();
    scene.write("oci-layout", " ".repeat(4097));
    assert_eq!(scene.outcome(), "input.too_large");
    fs::remove_file(scene.made.path.join("index.json")).unwrap();
    scene.write("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
    assert_eq!(scene.outcome(), "oci.layout_invalid");
}

#[test]
fn an_index_that_is_none_is_refused() {
    let sha = "a".repeat(64);
    let entry = |digest: &str| json!({"mediaType": "a/b", "size": 2, "digest": digest});
    let of = |entry: serde_json::Value| json!({"schemaVersion": 2, "manifests": [entry]}).to_string();
    for (text, expected) in [
        (String::new(), "json.syntax"),
        ("<html>".into(), "oci.manifest_invalid"),
        ("[]".into(), "json.wrong_type"),
        (r#"{"schemaVersion":2}"#.into(), "oci.manifest_invalid"),
        (r#"{"schemaVersion":1,"manifests":[]}"#.into(), "oci.manifest_invalid"),
        (r#"{"manifests":[]}"#.into(), "oci.manifest_invalid"),
        (r#"{"schemaVersion":2,"manifests":[],"manifests":[]}"#.into(), "json.duplicate_key"),
        (r#"{"schemaVersion":2,"manifests":[],"layers":[]}"#.into(), "oci.manifest_invalid"),
        (r#"{"schemaVersion":2,"manifests":{}}"#.into(), "json.wrong_type"),
        (of(json!({"mediaType": "a/b", "size": 2})), "oci.manifest_invalid"),
        (of(json!({"mediaType": "a/b", "digest": format!("sha256:{sha}")})), "oci.manifest_invalid"),
        (of(json!({"mediaType": "a/b", "digest": format!("sha256:{sha}"), "size": -1})), "json.number_out_of_range"),
        (of(json!({"mediaType": 1, "digest": format!("sha256:{sha}"), "size": 1})), "json.wrong_type"),
        (of(entry("sha256:../../../../etc/passwd")), "oci.manifest_invalid"),
        (of(entry(&format!("sha256:{}", "A".repeat(64)))), "oci.manifest_invalid"),
        (of(entry(&format!("md5:{}", "a".repeat(32)))), "oci.manifest_invalid"),
        (
            r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}"#.into(),
            "oci.manifest_invalid",
        ),
    ] {
        let scene = scene();
        scene.write("index.json", &text);
        assert_eq!(scene.outcome(), expected, "{text}");
    }
    let scene = scene();
    scene.write("index.json", " ".repeat((4 << 20) + 1));
    assert_eq!(scene.outcome(), "input.too_large");
}

#[test]
fn links_pipes_and_directories_are_not_followed() {
    let layer = |scene: &Scene| scene.made.blob_path(&scene.layer);
    let index = |scene: &Scene| scene.made.path.join("index.json");
    for (name, place) in [("layer", &layer as &dyn Fn(&Scene) -> std::path::PathBuf), ("index.json", &index)] {
        let scene = scene();
        let path = place(&scene);
        let elsewhere = scene.room.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert_eq!(scene.outcome(), "oci.layout_invalid", "link to {name}");
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(scene.outcome(), "oci.layout_invalid", "directory {name}");
        fs::remove_dir(&path).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(scene.outcome(), "oci.layout_invalid", "pipe {name}");
    }
    // All blobs, by a link to another directory.
    let scene = scene();
    let (blobs, elsewhere) = (scene.made.path.join("blobs"), scene.room.path().join("elsewhere"));
    fs::rename(&blobs, &elsewhere).unwrap();
    symlink(&elsewhere, &blobs).unwrap();
    assert_eq!(scene.outcome(), "oci.layout_invalid");
    // The layout itself may be named by a link.
    let good = self::scene();
    let link = good.room.path().join("link");
    symlink(&good.made.path, &link).unwrap();
    assert!(open(&link).is_ok());
}

#[test]
fn an_attestation_that_is_none_and_one_of_another_image_are_left_out() {
    let other = Image::of("another").described();
    for (layer, subject, expected) in [
        (Blob::new(ENVELOPE, "{}"), None, "input.unknown_format"),
        (Blob::new(ENVELOPE, "not JSON"), None, "json.syntax"),
        (Blob::new(ENVELOPE, ""), None, "input.empty"),
        (Blob::new("text/spdx+json", "{}"), None, "oci.type_unsupported"),
        (Blob::new("application/vnd.in-toto+json", "{}"), None, "oci.type_unsupported"),
    ] {
        let mut scene = scene();
        let attached = referrer(Some(subject.unwrap_or(&scene.image)), ENVELOPE, vec![layer]);
        scene.made.list(scene.made.image(&attached));
        let (layout, image) = open(&scene.made.path).unwrap();
        let attached = layout.attached(&image, &Limits::default()).unwrap();
        assert_eq!(summary(&attached).1, [expected]);
        assert_eq!(attached.attestations().len(), 1, "the good one stays");
        assert_eq!(attached.left_out()[0].is_broken(), expected != "oci.type_unsupported");
    }
    // A list may name what is attached to something else.
    let mut scene = scene();
    let foreign =
        scene.made.image(&referrer(Some(&other), ENVELOPE, vec![Blob::new(ENVELOPE, envelope_about(&other, "a"))]));
    let nobodys = scene.made.image(&referrer(None, ENVELOPE, vec![Blob::new(ENVELOPE, envelope_about(&other, "b"))]));
    scene.made.list(scene.made.blob(&index(&[foreign, nobodys])).tagged(&scene.image.referrers_tag()));
    let (layout, image) = open(&scene.made.path).unwrap();
    let attached = layout.attached(&image, &Limits::default()).unwrap();
    assert_eq!(summary(&attached).1, ["oci.manifest_invalid", "oci.manifest_invalid"]);
}

#[test]
fn limits_hold_for_sizes_counts_and_depth() {
    let scene = scene();
    let (layout, image) = open(&scene.made.path).unwrap();
    let codes = |limits: Limits| match layout.attached(&image, &limits) {
        Ok(attached) => summary(&attached).1,
        Err(error) => vec![code::<()>(Err(error))],
    };
    let layer = scene.layer.size;
    assert_eq!(codes(Limits { attestation_bytes: layer, total_bytes: layer, ..Limits::default() }), [""; 0]);
    assert_eq!(codes(Limits { attestation_bytes: layer - 1, ..Limits::default() }), ["input.too_large"]);
    assert_eq!(codes(Limits { total_bytes: layer - 1, ..Limits::default() }), ["input.too_large"]);
    assert_eq!(codes(Limits { manifests: 2, ..Limits::default() }), [""; 0]);
    assert_eq!(codes(Limits { manifests: 1, ..Limits::default() }), ["input.too_large"]);
    assert_eq!(codes(Limits { layers: 0, ..Limits::default() }), ["input.too_large"]);
}

#[test]
fn indexes_that_nest_too_deeply_or_name_each_other_end() {
    // `index.json` is the first level.
    for (more, expected) in [(2, ""), (3, "input.too_large")] {
        let mut scene = scene();
        let mut inner = index(&[Image::of("deep").described()]);
        for _ in 0..more {
            inner = index(&[scene.made.blob(&inner)]);
        }
        scene.made.list(scene.made.blob(&inner));
        assert_eq!(scene.outcome(), expected, "{more}");
    }

    // A digest cannot be in what it is the digest of; an index that is listed in many places is looked into once.
    let mut scene = self::scene();
    let all: Vec<Described> = vec![scene.made.blob(&index(&[])); 5000];
    let many = scene.made.blob(&index(&all));
    scene.made.list(many.clone());
    scene.made.list(many);
    assert_eq!(scene.outcome(), "");
}
