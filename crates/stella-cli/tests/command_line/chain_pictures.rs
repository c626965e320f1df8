//! `stella verify cert-chain`: what a path is held to, what kind of refusal it is, and pictures.

use std::fs;
use std::os::unix::fs::symlink;

use stella_crypto_providers::Scheme;
use stella_testkit::certificate::to_pem;
use stella_testkit::key::TestKey;
use stella_testkit::maze::{self, Maze};
use stella_testkit::revocation::{self, Status};
use stella_vocabulary::UnixTime;

use crate::harness::{Home, Room, example, stella};

/// A leaf (number 1) ← issuer (number 3 among others of its name) ← root, as files.
struct Bag {
    room: Room,
    leaf: String,
    bag: String,
    root: String,
    keys: [TestKey; 2],
}

const SCHEME: Scheme = Scheme::Ed25519;

fn bag() -> Bag {
    let Maze { leaf, root, bag } = maze::same_name(SCHEME, 2);
    let room = Room::new();
    let leaf = room.file("leaf.pem", to_pem(&leaf));
    let bag = room.file("bag.pem", bag.iter().map(|one| to_pem(one)).collect::<String>());
    let root = room.file("root.pem", to_pem(&root));
    Bag { room, leaf, bag, root, keys: [maze::key(SCHEME, "root"), maze::key(SCHEME, "issuer")] }
}

impl Bag {
    fn command(&self) -> String {
        let Self { leaf, bag, root, .. } = self;
        format!("verify cert-chain --cert {leaf} --intermediate {bag} --anchor {root} --at 2026-01-01T00:00:00Z")
    }

    fn list(&self, name: &str, authority: &str, key: usize, serials: &[u64]) -> String {
        let (from, until) = around();
        self.room.file(name, revocation::list(&maze::title(authority), &self.keys[key], from, until, serials))
    }

    fn response(&self, name: &str, authority: &str, key: usize, serial: u64, status: Status) -> String {
        let (from, until) = around();
        let issuer = maze::title(authority);
        self.room.file(name, revocation::response(&issuer, &self.keys[key], serial, status, from, until))
    }
}

fn around() -> (UnixTime, UnixTime) {
    let day = 86_400;
    (UnixTime::from_seconds(maze::AT.seconds() - day), UnixTime::from_seconds(maze::AT.seconds() + day))
}

#[test]
fn a_picture_and_a_graph_are_written_beside_the_answer() {
    let bag = bag();
    let (svg, dot) = (bag.room.path("paths.svg"), bag.room.path("paths.dot"));
    let said = stella(&format!("{} --svg {} --dot {}", bag.command(), svg.display(), dot.display())).ended(0);
    assert!(said.first_line().starts_with("VERIFIED "), "{}", said.out);
    let (svg, dot) = (fs::read_to_string(svg).unwrap(), fs::read_to_string(dot).unwrap());
    assert!(svg.starts_with("<svg ") && svg.contains("CN=maze Root") && svg.contains("accepted"), "{svg}");
    assert!(dot.starts_with("digraph chain {") && dot.contains(" -> "), "{dot}");
    // Also of a refusal.
    let late = bag.room.path("late.svg");
    let command = bag.command().replace("2026-01-01", "2066-01-01");
    stella(&format!("{command} --svg {}", late.display())).ended(1);
    assert!(fs::read_to_string(late).unwrap().contains("x509.expired"));
}

#[test]
fn a_picture_is_written_through_no_link() {
    let bag = bag();
    let (aim, link) = (bag.room.file("aim", "kept"), bag.room.path("link.svg"));
    symlink(&aim, &link).unwrap();
    stella(&format!("{} --svg {}", bag.command(), link.display())).complained("output.write_failed", 6);
    assert_eq!(fs::read_to_string(aim).unwrap(), "kept");
}

#[test]
fn the_purpose_and_the_policy_can_be_asked_for() {
    let bag = bag();
    for good in ["code-signing", "any", "1.3.6.1.5.5.7.3.3"] {
        stella(&format!("{} --purpose {good}", bag.command())).ended(0);
    }
    let said = stella(&format!("{} --purpose server-auth", bag.command())).ended(1);
    assert!(said.first_line().contains("error[x509.eku_missing]"), "{}", said.out);
    stella(&format!("{} --purpose signing", bag.command())).complained("config.invalid", 2);
    let said = stella(&format!("{} --policy-oid 1.2.3.4", bag.command())).ended(1);
    assert!(said.first_line().contains("error[x509.policy_unsupported]"), "{}", said.out);
    stella(&format!("{} --policy-oid one", bag.command())).complained("config.invalid", 2);
}

#[test]
fn lists_and_responses_say_what_is_revoked_and_all_of_the_path_needs_one() {
    let bag = bag();
    let (of_root, of_issuer) = (bag.list("root.crl", "Root", 0, &[]), bag.list("issuer.crl", "Issuer", 1, &[]));
    stella(&format!("{} --crl {of_root} {of_issuer}", bag.command())).ended(0);
    let good = bag.response("good.ocsp", "Issuer", 1, 1, Status::Good);
    stella(&format!("{} --crl {of_root} --ocsp {good}", bag.command())).ended(0);

    let said = stella(&format!("{} --crl {of_root}", bag.command())).ended(1);
    assert!(said.first_line().contains("error[x509.revocation_unknown]"), "{}", said.out);
    stella(&format!("{} --crl {of_root} --allow-unknown-revocation", bag.command())).ended(0);

    let revoked = bag.list("revoked.crl", "Issuer", 1, &[1]);
    let said = stella(&format!("{} --crl {of_root} {revoked}", bag.command())).ended(1);
    assert!(said.first_line().contains("error[x509.revoked]"), "{}", said.out);
    assert!(said.field("found").contains("keyCompromise"), "{}", said.out);
    let answer = bag.response("revoked.ocsp", "Issuer", 1, 1, Status::Revoked(around().0));
    let said = stella(&format!("{} --ocsp {answer} --allow-unknown-revocation", bag.command())).ended(1);
    assert!(said.first_line().contains("error[x509.revoked]"), "{}", said.out);

    let unknown = bag.response("unknown.ocsp", "Issuer", 1, 1, Status::Unknown);
    let said = stella(&format!("{} --crl {of_root} --ocsp {unknown}", bag.command())).ended(1);
    assert!(said.first_line().contains("error[x509.revocation_unknown]"), "{}", said.out);
    // Signed by the root in the name of the issuer.
    let forged = bag.response("forged.ocsp", "Issuer", 0, 1, Status::Good);
    let said = stella(&format!("{} --crl {of_root} --ocsp {forged}", bag.command())).ended(1);
    assert!(said.first_line().contains("error[x509.revocation_unknown]"), "{}", said.out);
}

#[test]
fn what_is_no_list_and_no_response_is_told() {
    let bag = bag();
    let junk = bag.room.file("junk", b"0\x03\x02\x01\x01");
    stella(&format!("{} --crl {junk}", bag.command())).complained("x509.der_malformed", 1);
    stella(&format!("{} --ocsp {junk}", bag.command())).complained("x509.der_malformed", 1);
    let later = bag.room.file("later", b"0\x03\x0a\x01\x03");
    let said = stella(&format!("{} --ocsp {later}", bag.command())).complained("x509.revocation_unknown", 1);
    assert!(said.err.contains("tryLater"), "{}", said.err);
    stella(&format!("{} --crl {}", bag.command(), bag.leaf)).complained("pem.malformed", 1);
}

#[test]
fn a_refusal_names_its_kind_the_break_and_what_is_nearly_it() {
    let bag = bag();
    let other = bag.room.file("other.pem", to_pem(&maze::forged_twins(SCHEME, 1).root));
    let Bag { leaf, bag: bag_file, .. } = &bag;
    let at = "--at 2026-01-01T00:00:00Z";
    let said = stella(&format!("verify cert-chain --cert {leaf} --intermediate {bag_file} {at} -o json")).ended(1);
    let document = said.json();
    let (diagnosis, near) = (&document["diagnosis"], &document["near_misses"]);
    assert_eq!(diagnosis["kind"], "root-not-trusted");
    assert_eq!(diagnosis["cert"], 1);
    assert!(diagnosis["issuer"].as_str().unwrap().contains("CN=maze Root"), "{diagnosis}");
    assert_eq!(near.as_array().unwrap().len(), 0);

    // None of those with the name of the issuer, which are in the snapshot, is the one; and the root is there.
    let strangers = maze::same_name(SCHEME, 1).bag.remove(1);
    let strangers = bag.room.file("stranger.pem", to_pem(&strangers));
    let base = format!("verify cert-chain --cert {leaf} --intermediate {strangers} --anchor {other} {at}");
    let said = stella(&format!("{base} -o json")).ended(1);
    assert_eq!(said.json()["code"], "x509.signature_invalid", "{}", said.out);

    let expired = bag.command().replace("2026-01-01", "2066-01-01");
    let said = stella(&format!("{expired} -o json")).ended(1);
    assert_eq!(said.json()["diagnosis"]["kind"], "expired-now");
    assert_eq!(said.json()["diagnosis"]["valid_until"], "2060-01-01T00:00:00Z");
    assert!(stella(&expired).ended(1).field("kind").starts_with("expired now, and valid from 2020-01-01"), "{expired}");
}

#[test]
fn an_anchor_that_the_store_took_out_is_a_near_miss() {
    let home = Home::solo();
    let (leaf, intermediate) = (example("private-pki/leaf.pem"), example("private-pki/intermediate.pem"));
    let command = format!("verify cert-chain --cert {leaf} --intermediate {intermediate} --at 2026-06-01T00:00:00Z");
    home.run(&format!("trust-anchors add --cert {} --name old-root --reason x", example("private-pki/root.pem")))
        .ended(0);
    home.run(&command).ended(0);
    home.run("trust-anchors remove old-root --reason x").ended(0);
    let said = home.run(&command).ended(1);
    let near = said.field("near miss");
    assert!(near.contains("(old-root)") && near.ends_with("it does not count: removed"), "{near}");
    let near = &home.run(&format!("{command} -o json")).ended(1).json()["near_misses"][0];
    assert_eq!(
        (near["likeness"].as_str(), near["difference"].as_str()),
        (Some("name-and-key"), Some("aside")),
        "{near}"
    );
}
