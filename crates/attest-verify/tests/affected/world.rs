//! A small world in which everything can be trusted in several ways: numbers in, a snapshot out.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use stella_attest_verify::{Artifact, Attestation, Binding, Certificate, Policy, Registry, TrustSnapshot, UnixTime};
use stella_crypto_providers::{KeyId, Memo, MemoKey};
use stella_testkit::authority::Authority;
use stella_testkit::bundle::{Bundle, Signer, Version};
use stella_testkit::certificate::{SubjectAltName, to_pem};
use stella_testkit::dsse::{Envelope, IN_TOTO};
use stella_testkit::key::TestKey;
use stella_testkit::sigstore::{Evidence, IDENTITY, OIDC_ISSUER, SIGNED_AT, Sigstore};
use stella_testkit::statement;
use stella_testkit::tsa::Token;
use stella_transparency::Log;
use stella_trust_store::ledger::{
    CertificateIdentity, Id, ObjectKind, ObjectRef, PurlPattern, Revocation, RevocationCause, Scope,
};
use stella_trust_store::{
    AnchorEntry, AsideAnchor, AsideKey, Block, CertificateAuthority, IssuerEntry, IssuerStanding, KeyEntry,
    SnapshotOrigin, TimestampAuthority, TrustError, WhyAside,
};
use stella_vocabulary::Window;

pub(crate) const DAY: i64 = 86_400;
const ARTIFACT: &[u8] = b"release 1.0.0\n";
const PURL: &str = "pkg:oci/acme/app";

pub(crate) fn at() -> UnixTime {
    SIGNED_AT.checked_add(DAY).unwrap()
}

pub(crate) fn days(days: i64) -> UnixTime {
    at().checked_add(days * DAY).unwrap()
}

/// How many choices make a snapshot.
pub(crate) const CHOICES: usize = 58;

/// What each choice is among; 0 is the plainest.
pub(crate) type Choices = [u8; CHOICES];

/// Everything that can be trusted.
pub(crate) struct World {
    roots: Vec<Authority>,
    /// The first root's name over another key.
    namesake: Certificate,
    /// Below the first root, and the same authority below the second.
    intermediates: Vec<Certificate>,
    keys: Vec<TestKey>,
    leaf_key: TestKey,
    instances: [Sigstore; 2],
    pub(crate) attestations: Vec<(&'static str, Attestation)>,
    pub(crate) registry: Registry,
}

/// What is asked again and again is computed once.
#[derive(Default)]
struct Kept(Mutex<BTreeSet<MemoKey>>);

impl Memo for Kept {
    fn recall(&self, key: &MemoKey) -> bool {
        self.0.lock().unwrap().contains(key)
    }

    fn remember(&self, key: &MemoKey) {
        self.0.lock().unwrap().insert(*key);
    }
}

pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::new)
}

fn certificate(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

fn identity() -> SubjectAltName {
    SubjectAltName::Uri("https://ci.example/builder".to_owned())
}

impl World {
    fn new() -> Self {
        let root = |name: &str| Authority::root_with(TestKey::p256(name), |builder| builder);
        let roots: Vec<Authority> = ["affected root a", "affected root b", "affected root c"].map(root).into();
        let namesake = Authority::root_with(TestKey::p256("affected namesake"), |mut builder| {
            builder.subject = roots[0].name().to_vec();
            builder.issuer = roots[0].name().to_vec();
            builder
        });
        let issuing = || TestKey::p256("affected intermediate");
        let below: Vec<Authority> =
            roots.iter().take(2).map(|root| root.intermediate_with(issuing(), |builder| builder)).collect();
        let keys: Vec<TestKey> = (0..4).map(|number| TestKey::ed25519(&format!("affected key {number}"))).collect();
        let leaf_key = TestKey::p256("affected leaf");
        let instances = [Sigstore::new("affected a"), Sigstore::new("affected b")];
        let mut world = Self {
            namesake: certificate(namesake.certificate()),
            intermediates: below.iter().map(|one| certificate(one.certificate())).collect(),
            roots,
            keys,
            leaf_key,
            instances,
            attestations: Vec::new(),
            registry: Registry::rustcrypto().with_memo(Arc::new(Kept::default())),
        };
        world.attestations = world.sign(&below);
        world
    }

    fn sign(&self, below: &[Authority]) -> Vec<(&'static str, Attestation)> {
        let payload = |name: &str| statement::provenance(name, ARTIFACT, "https://ci.example/builder").to_string();
        let unsigned = |name: &str| Envelope::new(IN_TOTO, payload(name).as_bytes());
        let leaf = |issuer: &Authority, key: &TestKey| issuer.signer_leaf(key, &identity()).sign(issuer.key());
        let ours = leaf(&below[0], &self.leaf_key);
        let other_key = TestKey::p256("affected other leaf");
        let direct = leaf(&self.roots[2], &other_key);
        let pem = |chain: &[&[u8]]| chain.iter().map(|der| to_pem(der)).collect::<String>();
        let bare = |envelope: Envelope| Attestation::from_json(envelope.to_json().as_bytes()).unwrap();
        let by = |chain: &[&[u8]]| unsigned("release.txt").signed_with_certificate(&self.leaf_key, &pem(chain));
        let (first, second) = (below[0].certificate(), below[1].certificate());
        let mut tampered = by(&[&ours, first]);
        tampered.payload = payload("another.txt").into_bytes();
        let named = self.keys[2].public_key().key_id().to_string();
        let mut all = vec![
            ("leaf alone", bare(by(&[&ours]))),
            ("leaf and issuer", bare(by(&[&ours, first]))),
            ("leaf and both issuers", bare(by(&[&ours, first, second]))),
            ("directly below", bare(unsigned("a").signed_with_certificate(&other_key, &pem(&[&direct])))),
            ("directly below, package", bare(unsigned(PURL).signed_with_certificate(&other_key, &pem(&[&direct])))),
            ("tampered", bare(tampered)),
            ("key 0", bare(unsigned("k").signed_by(&self.keys[0]))),
            ("key 1, package", bare(unsigned(PURL).signed_by(&self.keys[1]))),
            ("key 2, named", bare(unsigned("k").signed_with_hint(&self.keys[2], &named))),
            ("key 0 and 3", bare(unsigned("k").signed_by(&self.keys[0]).signed_by(&self.keys[3]))),
            ("certificate and key", bare(by(&[&ours, first]).signed_by(&self.keys[1]))),
            ("hint that names another", bare(unsigned("k").signed_with_hint(&self.keys[0], "builder"))),
        ];
        let json = |bundle: &Bundle| Attestation::from_json(bundle.to_json().as_bytes()).unwrap();
        let statement = statement::provenance("release.txt", ARTIFACT, "https://ci.example/builder");
        let [a, b] = &self.instances;
        all.push(("instance a", json(&a.ceremony().sign_statement(&statement))));
        all.push(("instance b", json(&b.ceremony().sign_statement(&statement))));
        let mut timed = a.ceremony().evidence(&[Evidence::Sct]).sign_statement(&statement);
        timed.timestamps.push(a.tsa().respond(&Token::new(timed.signature(), SIGNED_AT)));
        all.push(("instance a, clock a", json(&timed)));
        let mut timed = a.ceremony().sign_statement(&statement);
        timed.timestamps.push(b.tsa().respond(&Token::new(timed.signature(), SIGNED_AT)));
        all.push(("instance a, clock b", json(&timed)));
        all.push(("instance b, message", json(&b.ceremony().sign_artifact(ARTIFACT))));
        let mut old = a.ceremony().version(Version::V01).sign_statement(&statement);
        if let Signer::Certificates(chain) = &mut old.signer {
            chain.truncate(1);
            chain.push(a.intermediate().certificate().to_vec());
            chain.push(a.root().certificate().to_vec());
        }
        all.push(("instance a, with its root", json(&old)));
        all
    }

    pub(crate) fn anchor(&self, number: usize) -> &[u8] {
        self.roots[number].certificate()
    }

    pub(crate) fn intermediate(&self, number: usize) -> &[u8] {
        self.intermediates[number].der()
    }

    pub(crate) fn key(&self, number: usize) -> &[u8] {
        self.keys[number].spki()
    }

    /// The snapshot of some choices.
    pub(crate) fn trust(&self, choices: &Choices, origin: bool) -> Result<TrustSnapshot, TrustError> {
        let mut choices = choices.iter().copied();
        let mut choose = |among: u8| choices.next().unwrap_or_default() % among;
        let mut builder = TrustSnapshot::builder();

        let anchors: Vec<Certificate> = self.roots.iter().map(|root| certificate(root.certificate())).collect();
        let public = certificate(self.instances[0].root().certificate());
        for (number, one) in anchors.into_iter().chain([self.namesake.clone(), public]).enumerate() {
            let (how, scope, window) = (choose(6), choose(6), choose(4));
            let entry = AnchorEntry::from(stella_chain_verify::Anchor::new(one).with_window(within(window)))
                .with_store_id(Id::new(&format!("anchor-{number}")).unwrap())
                .with_scope(limits(scope));
            builder = match how {
                // The first three are there unless something else is said; the others only if it is.
                0 if number < 3 => builder.anchor_with(entry),
                0 | 1 => builder,
                2 => builder.aside_anchor(AsideAnchor::new(entry, WhyAside::Removed)),
                3 => builder.aside_anchor(AsideAnchor::new(
                    entry.with_revocation(revoked(RevocationCause::Compromised)),
                    WhyAside::Revoked,
                )),
                4 => builder.anchor_with(entry.with_revocation(revoked(RevocationCause::Superseded))),
                _ => builder.anchor_with(entry),
            };
        }
        for (number, one) in self.intermediates.iter().enumerate() {
            if (choose(3) == 0) == (number == 0) {
                builder = builder.intermediate(one.clone());
            }
        }
        if choose(4) == 1 {
            builder = builder.intermediate(certificate(self.instances[0].intermediate().certificate()));
        }
        for (number, root) in self.roots.iter().enumerate().skip(1) {
            if choose(6) == 1 {
                let anchor = stella_chain_verify::Anchor::new(certificate(root.certificate()));
                let known = self.intermediates.iter().skip(number).cloned().collect();
                builder = builder.certificate_authority(CertificateAuthority::new(
                    format!("authority {number}"),
                    anchor,
                    known,
                ));
            }
        }

        for (number, key) in self.keys.iter().enumerate() {
            let (how, scope, window, owner) = (choose(8), choose(6), choose(4), choose(4));
            let mut entry = KeyEntry::new(key.public_key().clone())
                .with_store_id(Id::new(&format!("key-{number}")).unwrap())
                .with_scope(limits(scope))
                .with_window(within(window));
            if owner >= 2 {
                entry = entry.with_issuer(Id::new(["acme", "beta"][usize::from(owner) - 2]).unwrap());
            }
            let aside = |entry: KeyEntry, why| AsideKey::new(entry, why);
            builder = match how {
                0 | 1 => builder.key_with(entry),
                2 => builder,
                3 => builder.key_with(entry.with_hint("builder".to_owned())),
                4 => builder.key_with(entry.with_revocation(revoked(RevocationCause::Superseded))),
                5 => builder
                    .aside_key(aside(entry.with_revocation(revoked(RevocationCause::Compromised)), WhyAside::Revoked)),
                6 => builder.aside_key(aside(entry, WhyAside::Staged)),
                _ => builder.aside_key(aside(entry, WhyAside::Removed)),
            };
        }
        for id in ["acme", "beta"] {
            let (how, scope, window) = (choose(5), choose(6), choose(4));
            let provider = (how != 4).then(|| OIDC_ISSUER.to_owned());
            let who = if id == "acme" { IDENTITY } else { "https://*" };
            let pair = CertificateIdentity { identity: who.to_owned(), oidc_issuer: provider };
            let entry = IssuerEntry::new(Id::new(id).unwrap(), vec![pair])
                .with_scope(limits(scope))
                .with_window(within(window))
                .with_standing(
                    [IssuerStanding::Trusted, IssuerStanding::Distrusted, IssuerStanding::Pending]
                        [usize::from(how % 3)],
                );
            if how != 3 {
                builder = builder.issuer(entry);
            }
        }

        let [a, b] = &self.instances;
        let mut imported = Vec::new();
        match choose(5) {
            0 | 1 => imported.push(a.trusted_root()),
            2 => {}
            3 => {
                let mut root = a.trusted_root();
                root.logs.clear();
                imported.push(root);
            }
            _ => {
                let mut root = a.trusted_root();
                root.timestamp_authorities.extend(b.trusted_root().timestamp_authorities);
                imported.push(root);
            }
        }
        match choose(3) {
            0 => imported.push(b.trusted_root()),
            1 => {}
            _ => imported.insert(0, b.trusted_root()),
        }
        for root in imported {
            builder = builder.trusted_root(root.to_json().as_bytes())?;
        }
        for instance in [a, b] {
            let key = instance.rekor().key().public_key();
            let window = within(choose(4));
            let log = |name: &str, key: &stella_attest_verify::PublicKey| {
                let scheme = stella_crypto_providers::Scheme::for_key(key);
                Log::new(name.to_owned(), key.key_id().as_bytes().to_vec(), key.clone(), scheme, window)
            };
            if choose(4) == 1 {
                builder = builder.log(log("own", key));
            }
            if choose(6) == 1 {
                builder = builder.ct_log(log("own ct", instance.ct_log().key().public_key()));
            }
            if choose(5) == 1 {
                let chain = instance.tsa().chain().iter().map(|der| certificate(der)).collect();
                builder = builder.timestamp_authority(TimestampAuthority::new("own clock".to_owned(), chain, window));
            }
        }

        let blocked = [
            self.keys[0].public_key().key_id(),
            self.leaf_key.public_key().key_id(),
            self.roots[0].key().public_key().key_id(),
            key_of(&self.intermediates[0]),
            a.tsa().key().public_key().key_id(),
        ];
        for key in blocked {
            let cause = [RevocationCause::Compromised, RevocationCause::Superseded];
            let how = choose(6);
            if how == 1 || how == 2 {
                let object = ObjectRef::new(ObjectKind::Key, Id::new("blocked").unwrap());
                builder = builder.block(Block::new(key, object, revoked(cause[usize::from(how) - 1])));
            }
        }
        let trust = builder.build()?;
        Ok(if origin { trust.with_origin(SnapshotOrigin::new(Id::new("store").unwrap(), 1)) } else { trust })
    }

    pub(crate) fn policies(&self) -> Vec<Policy> {
        let keys = |indices: [usize; 2]| indices.map(|index| self.keys[index].public_key().key_id());
        vec![
            Policy::require_trusted_signer(),
            Policy::danger_any_signer(),
            Policy::require_signer("https://ci.example/builder"),
            Policy::require_signer(IDENTITY).issued_by(OIDC_ISSUER),
            Policy::require_issuer("acme"),
            Policy::require_key(keys([0, 1])[0]),
            Policy::require_keys(2, keys([0, 3])).unwrap(),
            Policy::require_trusted_signer().trusted_times(1),
            Policy::require_trusted_signer().logs(1),
            Policy::danger_any_signer().danger_without_log(),
            Policy::require_trusted_signer().danger_accept_proven_before_compromise(),
        ]
    }
}

pub(crate) fn bindings() -> [Binding; 2] {
    [Binding::SubjectsAsListed, Artifact::of_bytes(ARTIFACT).into()]
}

fn key_of(certificate: &Certificate) -> KeyId {
    certificate.public_key().unwrap().key_id()
}

pub(crate) fn within(choice: u8) -> Window {
    match choice {
        2 => Window::half_open(None, Some(days(-10))),
        3 => Window::half_open(Some(days(-2)), None),
        _ => Window::always(),
    }
}

pub(crate) fn limits(choice: u8) -> Scope {
    let mut scope = Scope::default();
    match choice {
        1 => scope.predicate_types = vec!["https://spdx.dev/Document".to_owned()],
        2 => scope.purl_patterns = vec![PurlPattern::new("pkg:oci/acme/*").unwrap()],
        3 => scope.purl_patterns = vec![PurlPattern::new(PURL).unwrap()],
        4 => scope.identities = vec!["https://ci.example/*".to_owned()],
        _ => {}
    }
    scope
}

/// What was compromised is so since after everything here was signed, so that a policy may accept it.
fn revoked(cause: RevocationCause) -> Revocation {
    let invalid_since = (cause == RevocationCause::Compromised).then(at);
    Revocation { cause, invalid_since, revoked_at: days(-5) }
}
