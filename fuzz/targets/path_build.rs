//! Path building over a zoo of certificates that the fuzzer arranges: the verdict is that of an exhaustive search over what is known
//! of each certificate, no order of certificates changes it, and the budget holds.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use stella_chain_verify::{Anchor, Budget, Certificate, ChainPolicy, Pool, Purpose, Search};
use stella_crypto_providers::Registry;
use stella_fuzz::{Input, check_reason};
use stella_testkit::{
    certificate::{CertificateBuilder, Extension, name},
    der,
    key::TestKey,
    oid,
};
use stella_vocabulary::{Code, Reason as _, UnixTime, Window};

const Y2020: i64 = 1_577_836_800;
const Y2025: i64 = 1_735_689_600;
const Y2027: i64 = 1_798_761_600;
const Y2060: i64 = 2_840_140_800;
/// Instants to judge at, the boundaries among them.
const INSTANTS: [i64; 8] = [Y2020 - 1, Y2020, Y2025, Y2025 + 1, Y2027 - 1, Y2027, Y2060, Y2060 + 1];
/// Certificates in one arrangement; more would make the exhaustive search too slow.
const MOST: usize = 10;

/// What is known of a certificate. Names and keys are numbers.
#[derive(Clone, Copy)]
struct Spec {
    subject: u8,
    key: u8,
    issuer: u8,
    signer: u8,
    authority: bool,
    path_length: Option<u64>,
    valid: (i64, i64),
    usage: Option<&'static str>,
    broken: bool,
}

const AUTHORITY: Spec = Spec {
    subject: 0,
    key: 0,
    issuer: 0,
    signer: 0,
    authority: true,
    path_length: None,
    valid: (Y2020, Y2060),
    usage: None,
    broken: false,
};
const LEAF: Spec = Spec { subject: 9, key: 5, authority: false, usage: Some(oid::CODE_SIGNING), ..AUTHORITY };

/// An authority with this name and key, issued under that name with that key.
const fn authority(subject: u8, key: u8, issuer: u8, signer: u8) -> Spec {
    Spec { subject, key, issuer, signer, ..AUTHORITY }
}

const fn leaf(issuer: u8, signer: u8) -> Spec {
    Spec { issuer, signer, ..LEAF }
}

const AUTHORITIES: [Spec; 24] = [
    authority(0, 0, 0, 0),
    authority(1, 1, 1, 1),
    // A root that was renewed, a root that expired, one with the name of another.
    Spec { valid: (Y2025, Y2060), ..authority(0, 0, 0, 0) },
    Spec { valid: (Y2020, Y2025), ..authority(1, 1, 1, 1) },
    authority(0, 4, 0, 4),
    // An intermediate in many issues.
    authority(2, 2, 0, 0),
    authority(2, 2, 1, 1),
    Spec { path_length: Some(0), ..authority(2, 2, 0, 0) },
    Spec { path_length: Some(1), ..authority(2, 2, 1, 1) },
    Spec { valid: (Y2020, Y2025), ..authority(2, 2, 0, 0) },
    Spec { valid: (Y2027, Y2060), ..authority(2, 2, 1, 1) },
    Spec { broken: true, ..authority(2, 2, 0, 0) },
    Spec { authority: false, ..authority(2, 2, 0, 0) },
    Spec { usage: Some(oid::TIME_STAMPING), ..authority(2, 2, 0, 0) },
    Spec { usage: Some(oid::CODE_SIGNING), ..authority(2, 2, 1, 1) },
    authority(2, 2, 3, 3),
    // Another one, and circles.
    authority(3, 3, 0, 0),
    Spec { path_length: Some(0), ..authority(3, 3, 1, 1) },
    authority(3, 3, 2, 2),
    authority(0, 0, 1, 1),
    authority(1, 1, 0, 0),
    // A change of key: self-issued, not self-signed.
    authority(2, 4, 2, 2),
    authority(2, 2, 2, 4),
    // Issued by nobody here.
    authority(1, 1, 7, 6),
];
const LEAVES: [Spec; 10] = [
    leaf(2, 2),
    leaf(3, 3),
    leaf(0, 0),
    leaf(2, 4),
    leaf(7, 6),
    Spec { valid: (Y2025, Y2027), ..leaf(2, 2) },
    Spec { usage: Some(oid::TIME_STAMPING), ..leaf(2, 2) },
    Spec { usage: None, ..leaf(3, 3) },
    Spec { broken: true, ..leaf(2, 2) },
    Spec { authority: true, ..leaf(3, 3) },
];

struct Zoo {
    registry: Registry,
    authorities: Vec<Certificate>,
    leaves: Vec<Certificate>,
}

fn zoo() -> &'static Zoo {
    static ZOO: OnceLock<Zoo> = OnceLock::new();
    ZOO.get_or_init(|| {
        let keys: Vec<TestKey> = (0..7).map(|number| TestKey::ed25519(&format!("fuzz path {number}"))).collect();
        let make = |specs: &[Spec]| specs.iter().enumerate().map(|(at, spec)| spec.certificate(at, &keys)).collect();
        Zoo { registry: Registry::rustcrypto(), authorities: make(&AUTHORITIES), leaves: make(&LEAVES) }
    })
}

impl Spec {
    fn certificate(&self, at: usize, keys: &[TestKey]) -> Certificate {
        let (key, signer) = (&keys[usize::from(self.key)], &keys[usize::from(self.signer)]);
        let (from, until) = (UnixTime::from_seconds(self.valid.0), UnixTime::from_seconds(self.valid.1));
        let named = |number: u8| name(&format!("fuzz authority {number}"));
        let mut builder = CertificateBuilder::new(named(self.subject), key, from, until)
            .issuer(named(self.issuer))
            .serial(at as u64 + 1)
            .extension(Extension::subject_key_identifier(key));
        builder = if self.authority {
            builder.extension(Extension::authority(self.path_length)).extension(Extension::authority_key_usage())
        } else {
            builder.extension(Extension::signer_key_usage())
        };
        if let Some(usage) = self.usage {
            builder = builder.extension(Extension::extended_key_usage(&[usage]));
        }
        // Some name the key of their issuer, some do not, and some name a wrong one: hints exclude nothing.
        builder = match at % 3 {
            0 => builder.extension(Extension::authority_key_identifier(signer)),
            1 => builder,
            _ => builder.extension(Extension::plain(
                oid::AUTHORITY_KEY_IDENTIFIER,
                der::sequence([der::context_primitive(0, b"another key")]),
            )),
        };
        builder.raw_signature = self.broken.then(|| vec![7; 64]);
        Certificate::from_der(&builder.sign(signer)).expect("a certificate of the zoo can be read")
    }

    /// Whether its key signed `child`, in the name of its subject.
    fn issued(&self, child: &Spec) -> bool {
        self.subject == child.issuer && self.key == child.signer && !child.broken
    }

    fn valid_at(&self, at: &[i64]) -> bool {
        at.iter().all(|at| (self.valid.0..=self.valid.1).contains(at))
    }

    fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

/// One arrangement: indices of authorities, each once in each list.
struct Arrangement {
    leaf: usize,
    anchors: Vec<usize>,
    pool: Vec<usize>,
    extra: Vec<usize>,
    at: Vec<i64>,
    purpose: Option<&'static str>,
    depth: usize,
}

impl Arrangement {
    fn new(input: &mut Input<'_>) -> Self {
        let leaf = input.below(LEAVES.len());
        let purpose = *input.pick(&[Some(oid::CODE_SIGNING), None]);
        let at = (0..1 + input.below(2)).map(|_| *input.pick(&INSTANTS)).collect();
        let depth = *input.pick(&[8, 8, 4, 3, 2]);
        let mut lists = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..=input.below(MOST) {
            let (list, authority) = (input.below(3), input.below(AUTHORITIES.len()));
            if !lists[list].contains(&authority) {
                lists[list].push(authority);
            }
        }
        let [anchors, pool, extra] = lists;
        Self { leaf, anchors, pool, extra, at, purpose, depth }
    }

    fn search(&self, budget: Budget) -> Search {
        let zoo = zoo();
        let certificates = |list: &[usize]| list.iter().map(|at| zoo.authorities[*at].clone()).collect::<Vec<_>>();
        let anchors = certificates(&self.anchors).into_iter().map(Anchor::new);
        let pool = Pool::new(
            &zoo.registry,
            anchors.map(|anchor| anchor.with_window(Window::always())).collect(),
            certificates(&self.pool),
        );
        let at: Vec<UnixTime> = self.at.iter().copied().map(UnixTime::from_seconds).collect();
        let purpose = if self.purpose.is_some() { Purpose::code_signing() } else { Purpose::any() };
        let policy = ChainPolicy::new(purpose).with_budget(Budget { path_depth: self.depth, ..budget });
        pool.search(&zoo.leaves[self.leaf], &certificates(&self.extra), &at, &policy)
    }

    /// Whether there is a path, found by trying all of them.
    fn is_good(&self) -> bool {
        let leaf = &LEAVES[self.leaf];
        let leaf_is_good =
            leaf.valid_at(&self.at) && (self.purpose.is_none() || leaf.usage == self.purpose && !leaf.authority);
        leaf_is_good && self.leads_to_an_anchor(&mut vec![leaf])
    }

    fn leads_to_an_anchor(&self, path: &mut Vec<&'static Spec>) -> bool {
        let Some(child) = path.last().copied() else { return false };
        if path.len() >= self.depth {
            return false;
        }
        let below = path.iter().skip(1).filter(|spec| !spec.is_self_issued()).count() as u64;
        let fits = |spec: &Spec, path: &[&Spec]| {
            spec.issued(child)
                && spec.authority
                && spec.valid_at(&self.at)
                && spec.path_length.is_none_or(|limit| below <= limit)
                && (self.purpose.is_none() || spec.usage.is_none() || spec.usage == self.purpose)
                && !path.iter().any(|other| (other.subject, other.key) == (spec.subject, spec.key))
        };
        if self.anchors.iter().any(|at| fits(&AUTHORITIES[*at], path)) {
            return true;
        }
        // An anchor ends the path wherever else it stands.
        let others = self.pool.iter().chain(&self.extra).filter(|at| !self.anchors.contains(at));
        for at in others {
            let spec = &AUTHORITIES[*at];
            if fits(spec, path) {
                path.push(spec);
                if self.leads_to_an_anchor(path) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }

    /// The same certificates in another order; what came with the signature may as well be known beforehand.
    fn shuffle(&mut self, input: &mut Input<'_>) {
        for list in [&mut self.anchors, &mut self.pool, &mut self.extra] {
            input.shuffle(list);
        }
        if input.flag() {
            let at = self.at.len() - 1;
            self.at.swap(0, at);
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut input = Input::new(data);
    let mut arrangement = Arrangement::new(&mut input);
    let budget = Budget { candidates: 1 << 20, signature_checks: 1 << 20, ..Budget::default() };
    let search = arrangement.search(budget);
    check(&search, budget);
    let expected = arrangement.is_good();
    assert_eq!(search.verified.is_some(), expected, "{:?}", search.into_result().map(|_| ()));
    let before = verdict(arrangement.search(budget));

    // A tight budget is kept, and never makes a good path of none.
    let tight = Budget { candidates: input.below(30), signature_checks: input.below(10), ..budget };
    let search = arrangement.search(tight);
    check(&search, tight);
    assert!(expected || search.verified.is_none());

    arrangement.shuffle(&mut input);
    assert_eq!(verdict(arrangement.search(budget)), before, "the order of certificates changed the verdict");
});

fn check(search: &Search, budget: Budget) {
    assert!(search.spent.candidates <= budget.candidates);
    assert!(search.spent.signature_checks <= budget.signature_checks);
    assert!(search.tried.len() <= search.tried_in_all);
    for path in &search.tried {
        assert!(!path.findings.is_empty() || search.verified.is_some(), "a path without findings was not taken");
        path.findings.iter().for_each(|finding| check_reason(finding));
    }
    if let Some(verified) = &search.verified {
        assert!(verified.certificates().len() >= 2);
    }
}

fn verdict(search: Search) -> Option<Code> {
    search.into_result().err().map(|refused| {
        check_reason(&refused);
        refused.code()
    })
}
