//! Bags of certificates made to lose one's way in: some with exactly one good path, some with none, and some with too many.
//!
//! Each has a leaf for code signing, one root to trust, and the bag in which the rest must be found. Nothing in a bag tells right from wrong
//! before a signature is computed: key identifiers are absent, dates and extensions are the same.

use stella_crypto_providers::Scheme;
use stella_vocabulary::UnixTime;

use crate::certificate::{CertificateBuilder, Extension, SubjectAltName, name};
use crate::key::TestKey;
use crate::{der, oid};

/// 2020-01-01T00:00:00Z and 2060-01-01T00:00:00Z.
const VALID: (i64, i64) = (1_577_836_800, 2_840_140_800);

/// An instant at which every certificate is valid: 2026-01-01T00:00:00Z.
pub const AT: UnixTime = UnixTime::from_seconds(1_767_225_600);

/// A leaf, a root to trust, and what is in between, in DER.
pub struct Maze {
    /// The certificate to find a path from.
    pub leaf: Vec<u8>,
    /// The root.
    pub root: Vec<u8>,
    /// Everything else, the right ones somewhere in the middle.
    pub bag: Vec<Vec<u8>>,
}

/// How a hundred authorities that certify each other look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Whether all have one name.
    pub one_subject: bool,
    /// Whether all have one key.
    pub one_key: bool,
}

impl Shape {
    /// All four.
    pub const ALL: [Self; 4] = [
        Self { one_subject: false, one_key: false },
        Self { one_subject: false, one_key: true },
        Self { one_subject: true, one_key: false },
        Self { one_subject: true, one_key: true },
    ];
}

/// `distractors` authorities with the name of the issuer and other keys, all of them certified by the root.
pub fn same_name(scheme: Scheme, distractors: usize) -> Maze {
    let (root, issuer) = (key(scheme, "root"), key(scheme, "issuer"));
    let mut bag: Vec<_> = (0..distractors)
        .map(|number| authority("Issuer", &key(scheme, &format!("other {number}")), "Root", number).sign(&root))
        .collect();
    bag.insert(distractors / 2, authority("Issuer", &issuer, "Root", distractors).sign(&root));
    Maze { leaf: leaf("Issuer").sign(&issuer), root: self_signed("Root", &root), bag }
}

/// `distractors` ways from the issuer of the leaf that end nowhere: the same name and key, certified by as many strangers.
pub fn dead_ends(scheme: Scheme, distractors: usize) -> Maze {
    let (root, issuer) = (key(scheme, "root"), key(scheme, "issuer"));
    let stranger = key(scheme, "stranger");
    let mut bag: Vec<_> = (0..distractors)
        .map(|number| authority("Issuer", &issuer, &format!("Stranger {number}"), number).sign(&stranger))
        .collect();
    bag.insert(distractors / 2, authority("Issuer", &issuer, "Root", distractors).sign(&root));
    Maze { leaf: leaf("Issuer").sign(&issuer), root: self_signed("Root", &root), bag }
}

/// As many keys under one name, each certified by another of them, in circles; one way of three steps leads out.
pub fn one_name(scheme: Scheme, distractors: usize) -> Maze {
    let root = key(scheme, "root");
    let others: Vec<_> = (0..distractors).map(|number| key(scheme, &format!("other {number}"))).collect();
    let right: Vec<_> = (0..3).map(|number| key(scheme, &format!("right {number}"))).collect();
    let mut bag: Vec<_> = (0..distractors)
        .map(|number| authority("Maze", &others[number], "Maze", number).sign(&others[(number * 7 + 3) % distractors]))
        .collect();
    bag.insert(distractors / 4, authority("Maze", &right[0], "Maze", distractors).sign(&right[1]));
    bag.insert(distractors / 2, authority("Maze", &right[1], "Maze", distractors + 1).sign(&right[2]));
    bag.insert(0, authority("Maze", &right[2], "Root", distractors + 2).sign(&root));
    Maze { leaf: leaf("Maze").sign(&right[0]), root: self_signed("Root", &root), bag }
}

/// `layers` authorities one above the other, each certified by the next `rungs` times, once by its key.
pub fn ladder(scheme: Scheme, layers: usize, rungs: usize) -> Maze {
    let keys: Vec<_> = (0..=layers).map(|layer| key(scheme, &format!("layer {layer}"))).collect();
    let forger = key(scheme, "forger");
    let title = |layer: usize| format!("Layer {layer}");
    let mut bag = Vec::new();
    for layer in 0..layers {
        for rung in 0..rungs {
            let signer = if rung == (rungs * 2 / 3 + layer) % rungs { &keys[layer + 1] } else { &forger };
            let builder = authority(&title(layer), &keys[layer], &title(layer + 1), layer * rungs + rung);
            bag.push(builder.sign(signer));
        }
    }
    Maze { leaf: leaf(&title(0)).sign(&keys[0]), root: self_signed(&title(layers), &keys[layers]), bag }
}

/// `authorities` authorities that all certify each other, and no way to the root, though one of them names it as its issuer.
pub fn cross_signed(authorities: usize, shape: Shape) -> Maze {
    let scheme = Scheme::Ed25519;
    let keys: Vec<_> =
        (0..authorities).map(|at| key(scheme, &format!("cross {}", if shape.one_key { 0 } else { at }))).collect();
    let title = |at: usize| if shape.one_subject { "Cross".to_string() } else { format!("Cross {at}") };
    let mut bag = Vec::new();
    for subject in 0..authorities {
        for issuer in (0..authorities).filter(|issuer| *issuer != subject) {
            let serial = subject * authorities + issuer;
            bag.push(authority(&title(subject), &keys[subject], &title(issuer), serial).sign(&keys[issuer]));
        }
    }
    let last = authorities.saturating_sub(1);
    bag.push(authority(&title(last), &keys[last], "Root", authorities * authorities).sign(&key(scheme, "nobody")));
    Maze { leaf: leaf(&title(0)).sign(&keys[0]), root: self_signed("Root", &key(scheme, "root")), bag }
}

/// `count` certificates of one authority, none of which the root has signed, though all say so.
pub fn forged_twins(scheme: Scheme, count: usize) -> Maze {
    let (root, issuer) = (key(scheme, "root"), key(scheme, "issuer"));
    let signature = key(scheme, "forger").sign(b"something else");
    let twin = |number| {
        let mut builder = authority("Issuer", &issuer, "Root", number);
        builder.raw_signature = Some(signature.clone());
        builder.sign(&root)
    };
    Maze { leaf: leaf("Issuer").sign(&issuer), root: self_signed("Root", &root), bag: (0..count).map(twin).collect() }
}

/// A leaf with `count` names below an authority that excludes as many other ones: each is compared with each.
pub fn names_and_constraints(count: usize) -> Maze {
    let (root, issuer) = (key(Scheme::Ed25519, "root"), key(Scheme::Ed25519, "issuer"));
    let names: Vec<_> = (0..count).map(|number| SubjectAltName::Dns(format!("h{number}.example"))).collect();
    let bases =
        (0..count).map(|number| der::sequence([der::context_primitive(2, format!("h{number}.test").as_bytes())]));
    let constraints = der::sequence([der::context(1, bases.collect::<Vec<_>>())]);
    let issuing =
        authority("Issuer", &issuer, "Root", 1).extension(Extension::critical(oid::NAME_CONSTRAINTS, constraints));
    let leaf = leaf("Issuer").extension(Extension::subject_alt_names(&names)).sign(&issuer);
    Maze { leaf, root: self_signed("Root", &root), bag: vec![issuing.sign(&root)] }
}

/// `layers` authorities that each map every one of `width` policies to every one: `width` to the power of `layers` nodes of the tree of RFC 5280.
pub fn policy_mappings(layers: usize, width: usize) -> Maze {
    const POLICIES: &str = "2.5.29.32";
    const MAPPINGS: &str = "2.5.29.33";
    let keys: Vec<_> = (0..=layers).map(|layer| key(Scheme::Ed25519, &format!("policy {layer}"))).collect();
    let title = |layer: usize| format!("Policy {layer}");
    let policy = |number: usize| der::object_identifier(&format!("1.3.6.1.4.1.99999.{number}"));
    let policies = || der::sequence((0..width).map(|number| der::sequence([policy(number)])));
    let mappings = der::sequence(
        (0..width)
            .flat_map(|from| (0..width).map(move |to| (from, to)))
            .map(|(from, to)| der::sequence([policy(from), policy(to)])),
    );
    let bag = (0..layers).map(|layer| {
        authority(&title(layer), &keys[layer], &title(layer + 1), layer)
            .extension(Extension::plain(POLICIES, policies()))
            .extension(Extension::critical(MAPPINGS, mappings.clone()))
            .sign(&keys[layer + 1])
    });
    let leaf = leaf(&title(0)).extension(Extension::plain(POLICIES, policies())).sign(&keys[0]);
    Maze { leaf, root: self_signed(&title(layers), &keys[layers]), bag: bag.collect() }
}

/// The key of what is called `label` in a maze: `root`, `issuer`.
pub fn key(scheme: Scheme, label: &str) -> TestKey {
    TestKey::new(scheme, &format!("maze {label}"))
}

/// The name of an authority in a maze: `Root`, `Issuer`.
pub fn title(authority: &str) -> Vec<u8> {
    name(&format!("maze {authority}"))
}

fn builder(subject: &str, key: &TestKey, issuer: &str, serial: usize) -> CertificateBuilder {
    let (from, until) = (UnixTime::from_seconds(VALID.0), UnixTime::from_seconds(VALID.1));
    CertificateBuilder::new(name(&format!("maze {subject}")), key, from, until)
        .issuer(name(&format!("maze {issuer}")))
        .serial(serial as u64 + 1)
}

fn authority(subject: &str, key: &TestKey, issuer: &str, serial: usize) -> CertificateBuilder {
    builder(subject, key, issuer, serial)
        .extension(Extension::authority(None))
        .extension(Extension::authority_key_usage())
}

fn leaf(issuer: &str) -> CertificateBuilder {
    builder("Leaf", &key(Scheme::Ed25519, "leaf"), issuer, 0)
        .extension(Extension::signer_key_usage())
        .extension(Extension::extended_key_usage(&[oid::CODE_SIGNING]))
}

fn self_signed(title: &str, key: &TestKey) -> Vec<u8> {
    authority(title, key, title, 0).sign(key)
}
