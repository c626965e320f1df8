//! The pages of `docs/runbooks/`, played as they stand there.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

mod console;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use console::project;
use stella_testkit::authority::Authority;
use stella_testkit::certificate::{SubjectAltName, to_pem};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::examples::BUILDER;
use stella_testkit::key::TestKey;
use stella_testkit::statement;
use stella_vocabulary::{UnixTime, pem};

/// How long the certificate of `certificate-expired.md` lasts: until its attestation has verified once, on a slow machine too.
const SHORT_LIFE: i64 = 20;

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// The persons who approve: their keys, private and public.
fn people(directory: &Path) {
    fs::create_dir(directory).unwrap();
    for person in ["alice", "bob"] {
        let key = TestKey::ed25519(&format!("approver {person}"));
        let private = directory.join(format!("{person}.key"));
        fs::write(&private, pem::encode("PRIVATE KEY", &key.signing_key().to_pkcs8_der())).unwrap();
        fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(directory.join(format!("{person}.pub")), key.public_pem()).unwrap();
    }
}

/// An attestation like that of `examples/private-pki`, whose certificate ends soon; and a script that waits until it has.
fn short_lived(directory: &Path) {
    fs::create_dir(directory).unwrap();
    let root = Authority::root("stella example root TEST KEY");
    let intermediate = root.intermediate("stella example intermediate TEST KEY");
    let key = TestKey::p256("stella example short-lived builder TEST KEY");
    let end = now() + SHORT_LIFE;
    let leaf = intermediate
        .signer_leaf(&key, &SubjectAltName::Uri(BUILDER.to_owned()))
        .validity(UnixTime::from_seconds(end - 3600), UnixTime::from_seconds(end))
        .sign(intermediate.key());
    let payload =
        statement::provenance("release.txt", b"stella example artifact, release 1.0.0\n", BUILDER).to_string();
    let envelope = Envelope::new(IN_TOTO, payload.as_bytes()).signed_with_certificate(&key, &to_pem(&leaf));
    fs::write(directory.join("attestation.json"), envelope.to_json()).unwrap();
    let wait = format!("while [ \"$(date +%s)\" -le {end} ]; do sleep 0.2; done\n");
    fs::write(directory.join("wait"), wait).unwrap();
}

/// Plays a page in a room of its own, with the store at `store` or in the home.
#[track_caller]
fn plays(page: &str, store: Option<&str>) {
    let room = tempfile::tempdir().unwrap();
    let place = |name: &str| room.path().join(name).display().to_string();
    people(Path::new(&place("people")));
    short_lived(Path::new(&place("short")));
    fs::create_dir(place("files")).unwrap();
    let mut variables = vec![
        ("FILES", place("files")),
        ("PEOPLE", place("people")),
        ("SHORT", place("short")),
        ("STELLA_HOME", place("home")),
        ("STELLA_PERSON", "alice".to_owned()),
        ("TMPDIR", place("files")),
        ("XDG_STATE_HOME", place("state")),
    ];
    if let Some(store) = store {
        variables.push(("STELLA_STORE", store.to_owned()));
    }
    console::holds(&project().join("docs/runbooks").join(page), &project(), &variables);
}

/// One test for each page and each kind of store.
macro_rules! symptoms {
    ($($name:ident: $page:literal,)*) => {
        const PAGES: &[&str] = &[$($page),*];

        mod in_files {
            $(#[test]
            fn $name() {
                super::plays($page, None);
            })*
        }

        mod in_postgresql {
            $(#[test]
            fn $name() {
                let Some(server) = stella_testkit::postgres::Server::shared() else { return };
                super::plays($page, Some(&server.socket_url(stringify!($name))));
            })*
        }
    };
}

symptoms! {
    an_algorithm_that_is_not_permitted_is_permitted_again: "algorithm-not-permitted.md",
    a_missing_anchor_is_added: "anchor-missing.md",
    what_was_changed_is_found_and_attested_anew: "attestation-tampered.md",
    an_expired_signing_key_gives_way_to_the_next: "attestor-key-expired.md",
    a_signing_key_that_is_another_is_put_back: "attestor-signing-failed.md",
    a_verification_that_fails_is_told_by_its_cause: "attestor-verification-failed.md",
    an_expired_certificate_is_no_end_of_what_was_proven: "certificate-expired.md",
    a_missing_intermediate_is_added: "intermediate-missing.md",
    a_distrusted_issuer_is_trusted_by_two: "issuer-distrusted.md",
    a_rotated_key_verifies_what_is_proven_to_be_older: "key-rotated.md",
    what_keeps_a_key_from_signing_is_found_and_another_signs: "signing-fails.md",
}

#[test]
fn every_page_is_played_and_listed() {
    let directory = project().join("docs/runbooks");
    let index = fs::read_to_string(directory.join("README.md")).unwrap();
    let mut names: Vec<String> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md") && name != "README.md")
        .collect();
    names.sort();
    assert_eq!(names, PAGES);
    for name in names {
        assert!(index.contains(&format!("({name})")), "{name} is not in the list");
    }
}

/// Pages beside the runbooks, played likewise.
#[test]
fn what_an_operator_does_with_anchors_is_as_the_page_shows_it() {
    plays("../operations/trust-anchors.md", None);
}

#[test]
fn what_verification_says_is_as_the_page_shows_it() {
    plays("../verification.md", None);
}
