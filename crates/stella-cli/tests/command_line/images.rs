//! Attestations of images: `attest import --image`, `attest export --image`, and `--image` of the commands that verify.

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL};
use stella_testkit::key::TestKey;
use stella_testkit::oci::{
    Asked, Blob, DebianRegistry, Described, Image, LayoutMaker, Lists, Login, Registry, envelope_about, referrer,
    signer,
};

use crate::harness::{Home, Room, Said, stella, stella_with};
use crate::server::{Identity, Server, authority, say};

const ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";
const SLSA: &str = "https://slsa.dev/provenance/v1";

/// A room with a layout in it, whose image `v1` has so many attestations, and the key that signed them.
struct Scene {
    room: Room,
    made: LayoutMaker,
    image: Described,
    key: String,
}

fn scene(attestations: usize) -> Scene {
    let room = Room::new();
    let mut made = LayoutMaker::new(&room.path("images"));
    let image = made.image(&Image::of("one"));
    made.list(image.clone().tagged("v1"));
    let key = room.file("signer.pub", signer().public_pem());
    for number in 0..attestations {
        attach(&mut made, &image, &envelope_about(&image, &format!("builder {number}")));
    }
    Scene { room, made, image, key }
}

fn attach(made: &mut LayoutMaker, image: &Described, document: &str) -> PathBuf {
    let attached = referrer(Some(image), ENVELOPE, vec![Blob::new(ENVELOPE, document)]);
    made.list(made.image(&attached));
    made.blob_path(&attached.blobs[1].described())
}

impl Scene {
    fn directory(&self) -> String {
        self.made.path.to_str().unwrap().to_string()
    }

    fn verify(&self, what: &str, more: &[&str]) -> Said {
        let image = format!("{}:v1", self.directory());
        stella_with(&[&["verify", what, "--image", &image, "--key", &self.key], more].concat())
    }
}

#[test]
fn what_is_attached_to_an_image_verifies_for_its_digest() {
    let scene = scene(2);
    for what in ["attestation", "artifact"] {
        let said = scene.verify(what, &[]).ended(0);
        assert!(said.first_line().starts_with("VERIFIED sha256:"), "{}", said.out);
        assert_eq!(said.field("artifact"), scene.image.digest);
        assert_eq!(said.field("attestations"), "2 of 2 attestations verified");
    }
    let json = scene.verify("attestation", &["-o", "json"]).ended(0).json();
    assert_eq!((&json["schema"], &json["verdict"]), (&json!("stella.artifact/1"), &json!("verified")));
    assert_eq!((json["reports"].as_array().unwrap().len(), &json["left_out"]), (2, &json!([])));
    scene.verify("artifact", &["--require", SLSA]).ended(0);
    let said = scene.verify("artifact", &["--require", "https://example.org/other"]).ended(1);
    assert!(said.first_line().contains("policy.predicate_type_mismatch"), "{}", said.out);
    // By digest, and without a tag while it is the only image.
    for image in [format!("{}@{}", scene.directory(), scene.image.digest), scene.directory()] {
        stella_with(&["verify", "attestation", "--image", &image, "--key", &scene.key]).ended(0);
    }
}

#[test]
fn one_bad_attestation_spoils_all_of_them_and_not_the_artifact() {
    let mut scene = scene(1);
    let stranger = stella_testkit::dsse::Envelope::new("application/vnd.in-toto+json", b"{}");
    attach(&mut scene.made, &scene.image, &stranger.signed_by(&TestKey::p256("a stranger")).to_json());
    let said = scene.verify("attestation", &[]).ended(1);
    assert!(said.first_line().starts_with("REJECTED"), "{}", said.out);
    assert_eq!(said.field("attestations"), "1 of 2 attestations verified");
    scene.verify("artifact", &[]).ended(0);

    // One that is damaged is as bad; a signature in a form that is not read is only named.
    let mut scene = self::scene(1);
    let path = attach(&mut scene.made, &scene.image, &envelope_about(&scene.image, "b"));
    fs::write(path, "{}").unwrap();
    let simple = Blob::new("application/vnd.dev.cosign.simplesigning.v1+json", "{}");
    let simple = scene.made.image(&referrer(
        Some(&scene.image),
        "application/vnd.dev.cosign.artifact.sig.v1+json",
        vec![simple],
    ));
    scene.made.list(simple);
    let said = scene.verify("attestation", &[]).ended(1);
    assert!(said.first_line().contains("error[oci.digest_mismatch]"), "{}", said.out);
    let left_out: Vec<&str> = said.lines("left out").collect();
    assert!(
        left_out[0].contains("oci.digest_mismatch") && left_out[1].contains("oci.type_unsupported"),
        "{left_out:?}"
    );
    let json = scene.verify("artifact", &["-o", "json"]).ended(0).json();
    assert_eq!(json["left_out"][0]["error"]["code"], "oci.digest_mismatch");
    assert_eq!(json["left_out"][1]["broken"], false);
}

#[test]
fn an_image_without_attestations_is_not_verified() {
    let scene = scene(0);
    for what in ["attestation", "artifact"] {
        let said = scene.verify(what, &[]).ended(1);
        assert!(said.first_line().contains("error[policy.no_attestations]"), "{}", said.out);
    }
    // An attestation of the image that lies elsewhere counts for it, and one of another image does not.
    let own = scene.room.file("own.json", envelope_about(&scene.image, "a"));
    let foreign = scene.room.file("foreign.json", envelope_about(&Image::of("two").described(), "a"));
    scene.verify("attestation", &[&own]).ended(0);
    scene.verify("artifact", &["--attestation", &own]).ended(0);
    scene.verify("attestation", &[&foreign]).ended(1);
    scene.verify("artifact", &["--attestation", &foreign]).ended(1);
}

#[test]
fn what_names_no_image_is_one_clear_line() {
    let scene = scene(1);
    let directory = scene.directory();
    let verify = |image: &str| stella_with(&["verify", "attestation", "--image", image, "--key", &scene.key]);
    verify(&format!("{directory}-none")).complained("oci.not_found", 4);
    verify(scene.room.path(".").to_str().unwrap()).complained("oci.layout_invalid", 2);
    verify(&scene.key).complained("oci.layout_invalid", 2);
    let said = verify(&format!("{directory}:v2")).complained("oci.not_found", 4);
    assert!(said.err.contains("tag v2") && said.err.contains("found v1"), "{}", said.err);
    verify(&format!("{directory}:")).complained("oci.reference_invalid", 2);
    verify(&format!("{directory}@sha256:abc")).complained("oci.reference_invalid", 2);
    let said = verify("ghcr.io/acme/app:v1").complained("usage.conflict", 2);
    assert!(said.err.contains("stella attest import --image ghcr.io/acme/app:v1"), "{}", said.err);
    fs::write(scene.made.path.join("index.json"), "{\"schemaVersion\":2,").unwrap();
    let said = verify(&directory).complained("json.syntax", 1);
    assert!(said.err.contains("index.json"), "{}", said.err);
    scene.made.write_index();
    fs::write(scene.made.blob_path(&scene.image), "{}").unwrap();
    verify(&directory).complained("oci.digest_mismatch", 1);
    for both in ["--digest sha256:00", "--artifact x"] {
        let said = stella(&format!("verify attestation --image {directory} {both}"));
        assert_eq!(said.status, 2, "{}", said.err);
    }
}

fn registry(home: &Home, lists: Lists, login: Login) -> (Registry, Described, String) {
    let registry = Registry::start(lists, login);
    let image = registry.keep("app", &Image::of("one"), Some("v1"));
    let layers = vec![Blob::new(ENVELOPE, envelope_about(&image, "a"))];
    registry.keep("app", &referrer(Some(&image), ENVELOPE, layers), None);
    let key = home.room.file("signer.pub", signer().public_pem());
    (registry, image, key)
}

#[test]
fn what_is_attached_in_a_registry_comes_in_and_verifies_without_it() {
    let home = Home::solo();
    let (registry, image, key) = registry(&home, Lists::Referrers(10), Login::Nobody);
    let reference = format!("{}/app:v1", registry.host());
    let said = home.run(&format!("attest import --image {reference}")).ended(0);
    assert_eq!(said.field("imported"), "1 new, 0 with other evidence, 0 known, 0 bad");
    assert_eq!(said.field("next"), format!("stella verify artifact --digest {}", image.digest));
    let json = home.run(&format!("attest import --image {reference} -o json")).ended(0).json();
    assert_eq!((&json["schema"], &json["duplicates"]), (&json!("stella.import-image/1"), &json!(1)));
    assert_eq!((&json["digest"], &json["attestations"][0]["how"]), (&json!(image.digest), &json!("subject")));
    let asked = registry.asked().len();
    home.run(&format!("verify artifact --digest {} --key {key} --offline", image.digest)).ended(0);
    assert_eq!(registry.asked().len(), asked);
    let logs = home.run("attest logs --filter import").ended(0);
    assert!(logs.out.contains("1 new") && logs.out.contains(&image.digest), "{}", logs.out);
}

#[test]
fn a_registry_is_not_asked_while_the_network_is_off() {
    let home = Home::solo();
    let (registry, _, _) = registry(&home, Lists::Nothing, Login::Nobody);
    let words = format!("attest import --image {}/app:v1", registry.host());
    home.run(&format!("{words} --offline")).complained("fetch.url_refused", 5);
    let output = home.program().env("STELLA_OFFLINE", "1").args(words.split_whitespace()).output().unwrap();
    Said::from(output).complained("fetch.url_refused", 5);
    home.run(&format!("attest export 0123abcd --image {}/app:v1 --offline", registry.host())).ended(4);
    assert!(registry.asked().is_empty());
}

#[test]
fn what_a_registry_does_not_have_is_said_with_where_it_was_looked() {
    let home = Home::solo();
    let (registry, image, _) = registry(&home, Lists::Nothing, Login::Nobody);
    let said = home.run(&format!("attest import --image {}/app:v1", registry.host())).complained("oci.not_found", 4);
    for part in ["referrers API: not there", "tag sha256-", ".att: not there", &image.digest] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    home.run(&format!("attest import --image {}/app:v2", registry.host())).complained("oci.not_found", 4);
    home.run("attest import --image http://registry.example/app").complained("fetch.url_refused", 5);
    home.run("attest import --image 127.0.0.1:1/app").complained("fetch.incomplete", 5);
    home.run("attest import --image app --danger-plain-http").complained("oci.not_found", 4);
    let logs = home.run("attest logs --filter import --level error").ended(0);
    assert!(logs.out.contains("oci.not_found") && logs.out.contains("fetch.incomplete"), "{}", logs.out);
}

#[test]
fn name_and_password_come_from_the_environment_or_from_docker() {
    let home = Home::solo();
    let (registry, _, _) = registry(&home, Lists::Referrers(10), Login::Basic);
    let words = format!("attest import --image {}/app:v1", registry.host());
    let run = |variables: &[(&str, &str)], more: &[&str]| {
        let mut program = home.program();
        program.envs(variables.iter().copied()).args(words.split_whitespace()).args(more);
        Said::from(program.output().unwrap())
    };
    run(&[], &[]).complained("fetch.unauthorized", 5);
    let said = run(&[("STELLA_REGISTRY_USER", "user"), ("STELLA_REGISTRY_PASSWORD", "hunter2")], &[]);
    let said = said.complained("fetch.unauthorized", 5);
    assert!(!said.err.contains("hunter2"), "{}", said.err);
    run(&[("STELLA_REGISTRY_USER", "user")], &[]).complained("usage.conflict", 2);
    run(&[("STELLA_REGISTRY_USER", "user"), ("STELLA_REGISTRY_PASSWORD", "secret")], &[]).ended(0);
    let config =
        json!({"auths": {registry.host(): {"auth": stella_vocabulary::base64::encode(b"user:secret")}}}).to_string();
    let file = home.room.file("config.json", &config);
    run(&[], &["--registry-config", &file]).ended(0);
    let directory = home.room.path(".");
    run(&[("DOCKER_CONFIG", directory.to_str().unwrap())], &[]).ended(0);
    let bad = home.room.file("bad.json", "{\"auths\":7}");
    run(&[], &["--registry-config", &bad]).complained("config.invalid", 2);
    run(&[], &["--registry-config", "none.json"]).complained("input.not_regular_file", 2);
}

#[test]
fn a_registry_with_tls_is_believed_by_its_authority_only() {
    let home = Home::solo();
    let (registry, _, _) = registry(&home, Lists::Referrers(10), Login::Nobody);
    let identity = Identity::issued(&authority(), "localhost", AUTHORITY_FROM, AUTHORITY_UNTIL);
    let server = Server::with(identity, rustls::DEFAULT_VERSIONS, move |tls, head, _| {
        let mut words = head.split(' ').map(str::to_string);
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        say(tls, &registry.respond(Asked { method, target, head: head.to_string(), body: Vec::new() }));
    });
    let words = format!("attest import --image https://localhost:{}/app:v1", server.address.port());
    let said = home.run(&words).complained("fetch.tls", 5);
    assert!(said.err.contains("fetch_ca_file"), "{}", said.err);
    let authorities = home.room.file("authorities.pem", authority().pem());
    home.run_with(&["config", "set", "fetch_ca_file", &authorities]).ended(0);
    home.run(&words).ended(0);
}

#[test]
fn an_attestation_is_attached_to_an_image_in_a_layout() {
    let home = Home::solo();
    let mut made = LayoutMaker::new(&home.room.path("images"));
    let image = made.image(&Image::of("one"));
    made.list(image.clone().tagged("v1"));
    let key = home.room.file("signer.pub", signer().public_pem());
    let file = home.room.file("a.json", envelope_about(&image, "a"));
    // From a file, and then by its id from the store.
    let said = home.run(&format!("attest export {file} --image ./images:v1")).ended(0);
    assert!(said.field("attached").ends_with("(new)"), "{}", said.out);
    home.run(&format!("attest import --image ./images:v1 {file}")).ended(2);
    home.run("attest import --image ./images:v1").ended(0);
    let id = home.run("attest list -o json").ended(0);
    let id = id.out.split("sha256:").nth(1).unwrap()[..12].to_string();
    let said = home.run(&format!("attest export {id} --image ./images:v1")).ended(0);
    assert!(said.field("attached").ends_with("(known)"), "{}", said.out);
    home.run(&format!("verify attestation --image ./images:v1 --key {key}")).ended(0);

    let foreign = home.room.file("foreign.json", envelope_about(&Image::of("two").described(), "a"));
    home.run(&format!("attest export {foreign} --image ./images:v1")).complained("intoto.subject_mismatch", 1);
    home.run(&format!("attest export {file} --image ./images:v2")).complained("oci.not_found", 4);
    home.run(&format!("attest export {file} --image ./none")).complained("oci.not_found", 4);
}

#[test]
fn attestations_go_to_debians_registry_and_come_back() {
    let Some(registry) = DebianRegistry::start("attest export and import against docker-registry") else { return };
    let home = Home::solo();
    let image = registry.push("acme/app", &Image::of("one"), "v1");
    let key = home.room.file("signer.pub", signer().public_pem());
    let reference = format!("{}/acme/app:v1", registry.host());
    home.run(&format!("attest import --image {reference}")).complained("oci.not_found", 4);
    for builder in ["a", "b"] {
        let file = home.room.file(&format!("{builder}.json"), envelope_about(&image, builder));
        let said = home.run(&format!("attest export {file} --image {reference}")).ended(0);
        assert!(said.field("attached").ends_with("(new)"), "{}", said.out);
    }
    let said = home.run(&format!("attest import --image {reference} --verbose")).ended(0);
    assert_eq!(said.field("imported"), "2 new, 0 with other evidence, 0 known, 0 bad");
    assert!(said.lines("attestation").all(|line| line.ends_with("(new, referrers-tag)")), "{}", said.out);
    assert!(said.lines("looked").any(|line| line == "referrers API: not there"), "{}", said.out);
    drop(registry);
    home.run(&format!("verify artifact --digest {} --key {key} --offline --require {SLSA}", image.digest)).ended(0);
}
