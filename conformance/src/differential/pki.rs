//! Small public key infrastructures: a leaf, its authorities, an anchor, and certificates beside them that lead nowhere.

use stella_testkit::certificate::{CertificateBuilder, Extension, name};
use stella_testkit::key::TestKey;
use stella_testkit::{der, oid};
use stella_vocabulary::UnixTime;

use super::random::Random;

/// From 2020 to 2060.
const FROM: UnixTime = UnixTime::from_seconds(1_577_836_800);
const UNTIL: UnixTime = UnixTime::from_seconds(2_840_140_800);

/// When everything is judged: 2026-06-01T00:00:00Z.
pub(crate) const AT: UnixTime = UnixTime::from_seconds(1_780_272_000);

/// The keys of all infrastructures; making one costs more than signing with it.
pub(crate) struct Keys(Vec<TestKey>);

impl Keys {
    pub(crate) fn new() -> Self {
        let key = |number: usize| {
            let label = format!("stella differential {number} TEST KEY");
            if number.is_multiple_of(3) { TestKey::ed25519(&label) } else { TestKey::p256(&label) }
        };
        Self((0..24).map(key).collect())
    }
}

/// A certificate to be.
pub(crate) struct Draft<'k> {
    pub(crate) builder: CertificateBuilder,
    pub(crate) key: &'k TestKey,
    /// Who signs it in place of its issuer.
    pub(crate) forger: Option<&'k TestKey>,
    /// What is done to it after it was signed.
    pub(crate) after: Option<fn(Vec<u8>) -> Vec<u8>>,
}

/// An infrastructure to be.
pub(crate) struct Drafts<'k> {
    /// The leaf first, the anchor last; at least one between them.
    pub(crate) path: Vec<Draft<'k>>,
    /// Index of what is left out of the input.
    pub(crate) left_out: Option<usize>,
    /// Whether another anchor is trusted in place of the last of `path`.
    pub(crate) other_anchor: bool,
    /// The host that is looked for.
    pub(crate) host: String,
    /// A key that is not in use.
    pub(crate) stranger: &'k TestKey,
}

/// An infrastructure in DER.
pub(crate) struct Pki {
    pub(crate) leaf: Vec<u8>,
    /// In some order, with others that lead nowhere.
    pub(crate) extra: Vec<Vec<u8>>,
    pub(crate) anchor: Vec<u8>,
    pub(crate) host: String,
}

/// Subject alternative names, not critical.
pub(crate) fn names(names: &[Vec<u8>]) -> Extension {
    Extension::plain(oid::SUBJECT_ALT_NAME, der::sequence(names))
}

pub(crate) fn dns(name: &str) -> Vec<u8> {
    der::context_primitive(2, name.as_bytes())
}

pub(crate) fn ip(octets: &[u8]) -> Vec<u8> {
    der::context_primitive(7, octets)
}

/// Critical name constraints with these bases.
pub(crate) fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Extension {
    let list = |number, bases: &[Vec<u8>]| {
        let subtrees = bases.iter().map(|base| der::sequence([base]));
        if bases.is_empty() { Vec::new() } else { der::context(number, subtrees) }
    };
    Extension::critical(oid::NAME_CONSTRAINTS, der::sequence([list(0, permitted), list(1, excluded)]))
}

/// An infrastructure that holds.
pub(crate) fn good<'k>(keys: &'k Keys, random: &mut Random) -> Drafts<'k> {
    let mut order: Vec<&TestKey> = keys.0.iter().collect();
    random.shuffle(&mut order);
    let length = 3 + random.below(3);
    let mut path: Vec<Draft<'k>> = Vec::with_capacity(length);
    for (at, key) in order.iter().take(length).enumerate() {
        let subject = name(&format!("{} {}", if at == 0 { "leaf" } else { "authority" }, key.label()));
        let mut builder = CertificateBuilder::new(subject, key, FROM, UNTIL).serial(1 + at as u64);
        if at > 0 {
            let below = at as u64 - 1;
            let limit = if random.once_in(3) { Some(below + random.below(2) as u64) } else { None };
            builder = builder.extension(Extension::authority(limit)).extension(Extension::authority_key_usage());
        }
        builder = builder.extension(Extension::subject_key_identifier(key));
        path.push(Draft { builder, key, forger: None, after: None });
    }
    for child in 0..length {
        let issuer = (child + 1).min(length - 1);
        let (Some(above), Some(key)) = (path.get(issuer).map(|draft| draft.builder.subject.clone()), order.get(issuer))
        else {
            continue;
        };
        if let Some(draft) = path.get_mut(child) {
            draft.builder.issuer = above;
            draft.builder = draft.builder.clone().extension(Extension::authority_key_identifier(key));
        }
    }
    let mut drafts = Drafts {
        path,
        left_out: None,
        other_anchor: false,
        host: "host.ci.example".to_owned(),
        stranger: order.last().copied().unwrap_or(&keys.0[0]),
    };
    name_leaf(&mut drafts, random);
    constrain(&mut drafts, random);
    drafts
}

fn name_leaf(drafts: &mut Drafts<'_>, random: &mut Random) {
    let mut alternatives = vec![dns("host.ci.example")];
    if random.once_in(2) {
        alternatives.push(dns("*.w.ci.example"));
        if random.once_in(2) {
            drafts.host = "any.w.ci.example".to_owned();
        }
    }
    if random.once_in(2) {
        alternatives.push(ip(&[10, 1, 2, 3]));
    }
    random.shuffle(&mut alternatives);
    let usages = [&[oid::SERVER_AUTH][..], &["1.3.6.1.5.5.7.3.2", oid::SERVER_AUTH]];
    let usage = random.pick(&usages).copied().unwrap_or_default();
    drafts.edit(0, |leaf| {
        let leaf = leaf.extension(Extension::signer_key_usage()).extension(names(&alternatives));
        leaf.extension(Extension::extended_key_usage(usage))
    });
}

fn constrain(drafts: &mut Drafts<'_>, random: &mut Random) {
    let at = 1 + random.below(drafts.path.len() - 1);
    if random.once_in(3) {
        let permitted = [dns("ci.example"), dns("other.example"), ip(&[10, 0, 0, 0, 255, 0, 0, 0])];
        drafts.edit(at, |issuer| issuer.extension(constraints(&permitted, &[dns("evil.ci.example")])));
    }
    if random.once_in(4) {
        let usage = Extension::extended_key_usage(&[oid::SERVER_AUTH, "1.3.6.1.5.5.7.3.2"]);
        drafts.edit(1, |issuer| issuer.extension(usage));
    }
}

impl<'k> Drafts<'k> {
    /// The index of the anchor.
    pub(crate) fn top(&self) -> usize {
        self.path.len() - 1
    }

    /// One of the certificates between leaf and anchor.
    pub(crate) fn between(&self, random: &mut Random) -> usize {
        1 + random.below(self.path.len() - 2)
    }

    /// One of the certificates below the anchor.
    pub(crate) fn below(&self, random: &mut Random) -> usize {
        random.below(self.path.len() - 1)
    }

    pub(crate) fn edit(&mut self, at: usize, edit: impl FnOnce(CertificateBuilder) -> CertificateBuilder) {
        if let Some(draft) = self.path.get_mut(at) {
            draft.builder = edit(draft.builder.clone());
        }
    }

    /// Signs everything, adds what leads nowhere, and puts it in some order.
    pub(crate) fn finish(self, random: &mut Random) -> Pki {
        let mut ders: Vec<Vec<u8>> = Vec::with_capacity(self.path.len());
        for (at, draft) in self.path.iter().enumerate() {
            let issuer = self.path.get(at + 1).map_or(draft.key, |above| above.key);
            let der = draft.builder.sign(draft.forger.unwrap_or(issuer));
            ders.push(draft.after.map_or(der.clone(), |after| after(der)));
        }
        let anchor = ders.pop().unwrap_or_default();
        let mut extra = self.distractors(random);
        for (at, der) in ders.iter().enumerate().skip(1) {
            if self.left_out != Some(at) {
                extra.push(der.clone());
            }
        }
        random.shuffle(&mut extra);
        let (anchor, leaf) = (if self.other_anchor { self.other_root() } else { anchor }, ders.swap_remove(0));
        Pki { leaf, extra, anchor, host: self.host }
    }

    /// A root of other key and name.
    fn other_root(&self) -> Vec<u8> {
        CertificateBuilder::new(name("another root TEST KEY"), self.stranger, FROM, UNTIL)
            .extension(Extension::authority(None))
            .extension(Extension::authority_key_usage())
            .extension(Extension::subject_key_identifier(self.stranger))
            .sign(self.stranger)
    }

    fn distractors(&self, random: &mut Random) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        if random.once_in(3) {
            all.push(self.other_root());
        }
        // An authority of a name in use with another key, by somebody else.
        let at = 1 + random.below(self.path.len() - 1);
        if let Some(draft) = self.path.get(at).filter(|_| random.once_in(3)) {
            let twin = CertificateBuilder::new(draft.builder.subject.clone(), self.stranger, FROM, UNTIL)
                .serial(99)
                .issuer(name("another root TEST KEY"))
                .extension(Extension::authority(None))
                .extension(Extension::authority_key_usage())
                .extension(Extension::subject_key_identifier(self.stranger))
                .extension(Extension::authority_key_identifier(self.stranger));
            all.push(twin.sign(self.stranger));
        }
        all
    }
}
