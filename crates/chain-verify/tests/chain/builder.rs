//! A small writer of certificates: fixed keys, fixed dates, every field open to being wrong.

use stella_chain_verify::{
    Anchor, Certificate, ChainError, ChainPolicy, Pool, Purpose, Refused, RevocationList, VerifiedChain,
};
use stella_crypto_providers::{Message, Registry, Scheme, SignatureEncoding, Signer, SigningKey};
use stella_vocabulary::{Code, Reason, UnixTime};

pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const KEY_USAGE: &str = "2.5.29.15";
pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
pub(crate) const ALT_NAME: &str = "2.5.29.17";
pub(crate) const SUBJECT_KEY: &str = "2.5.29.14";
pub(crate) const AUTHORITY_KEY: &str = "2.5.29.35";
pub(crate) const NAME_CONSTRAINTS: &str = "2.5.29.30";
pub(crate) const POLICY_CONSTRAINTS: &str = "2.5.29.36";
pub(crate) const POLICIES: &str = "2.5.29.32";
pub(crate) const POLICY_MAPPINGS: &str = "2.5.29.33";
pub(crate) const INHIBIT_ANY: &str = "2.5.29.54";
pub(crate) const DISTRIBUTION_POINTS: &str = "2.5.29.31";
pub(crate) const CRL_NUMBER: &str = "2.5.29.20";
pub(crate) const ISSUING_POINT: &str = "2.5.29.28";
pub(crate) const DELTA_INDICATOR: &str = "2.5.29.27";
pub(crate) const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
pub(crate) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";

/// The instant most tests judge at; certificates are valid through all of 2025.
pub(crate) const NOON: &str = "2025-06-15T12:00:00Z";

pub(crate) fn at(text: &str) -> UnixTime {
    UnixTime::parse_rfc3339(text).unwrap()
}

pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match contents.len() {
        length @ 0..=0x7f => out.push(length as u8),
        length @ 0x80..=0xff => out.extend([0x81, length as u8]),
        length @ 0x100..=0xffff => out.extend([0x82, (length >> 8) as u8, length as u8]),
        length => out.extend([0x83, (length >> 16) as u8, (length >> 8) as u8, length as u8]),
    }
    out.extend_from_slice(contents);
    out
}

pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut contents = Vec::new();
    for arc in [arcs[0] * 40 + arcs[1]].iter().chain(&arcs[2..]) {
        let mut groups = vec![(arc & 0x7f) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        contents.extend(groups.iter().rev());
    }
    tlv(0x06, &contents)
}

/// `CN=…`, as UTF8String; the empty text makes the empty name.
pub(crate) fn name(common_name: &str) -> Vec<u8> {
    if common_name.is_empty() {
        return tlv(SEQUENCE, &[]);
    }
    name_of(&[("2.5.4.3", 0x0c, common_name.as_bytes())])
}

/// A name of single attributes: type, string tag, value.
pub(crate) fn name_of(attributes: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let rdns = attributes.iter().map(|(kind, tag, value)| {
        let attribute = [oid(kind), tlv(*tag, value)].concat();
        tlv(0x31, &tlv(SEQUENCE, &attribute))
    });
    tlv(SEQUENCE, &rdns.collect::<Vec<_>>().concat())
}

pub(crate) fn key(number: u8) -> SigningKey {
    SigningKey::from_secret_bytes(Scheme::Ed25519, &[number; 32]).unwrap()
}

/// A certificate to be.
#[derive(Clone)]
pub(crate) struct Draft {
    pub(crate) version: Option<u8>,
    pub(crate) serial: Vec<u8>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) outer_algorithm: Option<Vec<u8>>,
    pub(crate) issuer: Vec<u8>,
    pub(crate) not_before: Vec<u8>,
    pub(crate) not_after: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) spki: Vec<u8>,
    pub(crate) extensions: Vec<(String, bool, Vec<u8>)>,
}

impl Draft {
    /// Version 3, valid through 2025, without extensions.
    pub(crate) fn new(subject: &str, subject_key: &SigningKey, issuer: &str) -> Self {
        Self {
            version: Some(2),
            serial: vec![0x2a],
            algorithm: tlv(SEQUENCE, &oid("1.3.101.112")),
            outer_algorithm: None,
            issuer: name(issuer),
            not_before: tlv(0x17, b"250101000000Z"),
            not_after: tlv(0x17, b"251231235959Z"),
            subject: name(subject),
            spki: subject_key.public_key().spki_der().to_vec(),
            extensions: Vec::new(),
        }
    }

    /// A signer: digitalSignature, codeSigning, one URI.
    pub(crate) fn leaf(subject: &str, subject_key: &SigningKey, issuer: &str) -> Self {
        Self::new(subject, subject_key, issuer)
            .with(KEY_USAGE, true, tlv(0x03, &[7, 0x80]))
            .with(EXTENDED_KEY_USAGE, false, tlv(SEQUENCE, &oid(CODE_SIGNING)))
            .with(ALT_NAME, false, tlv(SEQUENCE, &tlv(0x86, b"https://ci.example/builder")))
    }

    /// An authority: cA, keyCertSign and cRLSign.
    pub(crate) fn authority(subject: &str, subject_key: &SigningKey, issuer: &str) -> Self {
        Self::new(subject, subject_key, issuer).with(BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &tlv(0x01, &[0xff]))).with(
            KEY_USAGE,
            true,
            tlv(0x03, &[1, 0x06]),
        )
    }

    pub(crate) fn path_length(self, length: u8) -> Self {
        let contents = [tlv(0x01, &[0xff]), tlv(0x02, &[length])].concat();
        self.with(BASIC_CONSTRAINTS, true, tlv(SEQUENCE, &contents))
    }

    /// Adds the extension, or puts it in the place of the one there is.
    pub(crate) fn with(mut self, kind: &str, critical: bool, value: Vec<u8>) -> Self {
        self = self.without(kind);
        self.extensions.push((kind.into(), critical, value));
        self
    }

    pub(crate) fn without(mut self, kind: &str) -> Self {
        self.extensions.retain(|(other, ..)| other != kind);
        self
    }

    pub(crate) fn valid(mut self, not_before: &str, not_after: &str) -> Self {
        self.not_before = tlv(0x17, not_before.as_bytes());
        self.not_after = tlv(0x17, not_after.as_bytes());
        self
    }

    pub(crate) fn key_ids(self, subject: u8, issuer: u8) -> Self {
        self.with(SUBJECT_KEY, false, tlv(0x04, &[subject; 20])).with(
            AUTHORITY_KEY,
            false,
            tlv(SEQUENCE, &tlv(0x80, &[issuer; 20])),
        )
    }

    /// `permitted` and `excluded` are GeneralNames.
    pub(crate) fn constrain(self, permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Self {
        let list = |tag, bases: &[Vec<u8>]| {
            let subtrees: Vec<u8> = bases.iter().flat_map(|base| tlv(SEQUENCE, base)).collect();
            if bases.is_empty() { Vec::new() } else { tlv(tag, &subtrees) }
        };
        self.with(NAME_CONSTRAINTS, true, tlv(SEQUENCE, &[list(0xa0, permitted), list(0xa1, excluded)].concat()))
    }

    pub(crate) fn alt_names(self, names: &[Vec<u8>]) -> Self {
        self.with(ALT_NAME, false, tlv(SEQUENCE, &names.concat()))
    }

    pub(crate) fn der(&self, issuer_key: &SigningKey) -> Vec<u8> {
        let extensions = self.extensions.iter().map(|(kind, critical, value)| extension(kind, *critical, value));
        let extensions: Vec<u8> = extensions.collect::<Vec<_>>().concat();
        let tbs = [
            self.version.map(|version| tlv(0xa0, &tlv(0x02, &[version]))).unwrap_or_default(),
            tlv(0x02, &self.serial),
            self.algorithm.clone(),
            self.issuer.clone(),
            tlv(SEQUENCE, &[self.not_before.clone(), self.not_after.clone()].concat()),
            self.subject.clone(),
            self.spki.clone(),
            if extensions.is_empty() { Vec::new() } else { tlv(0xa3, &tlv(SEQUENCE, &extensions)) },
        ];
        let tbs = tlv(SEQUENCE, &tbs.concat());
        let signature = issuer_key.sign(Message::Parts(&[&tbs]), SignatureEncoding::Der).unwrap();
        let outer = self.outer_algorithm.clone().unwrap_or_else(|| self.algorithm.clone());
        tlv(SEQUENCE, &[tbs, outer, tlv(0x03, &[vec![0], signature].concat())].concat())
    }

    pub(crate) fn sign(&self, issuer_key: &SigningKey) -> Certificate {
        Certificate::from_der(&self.der(issuer_key)).unwrap()
    }
}

/// A revocation list to be.
#[derive(Clone)]
pub(crate) struct ListDraft {
    pub(crate) issuer: Vec<u8>,
    pub(crate) this_update: Vec<u8>,
    pub(crate) next_update: Vec<u8>,
    /// Serial number and extensions of each entry.
    pub(crate) entries: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) extensions: Vec<(String, bool, Vec<u8>)>,
}

impl ListDraft {
    /// Number 1, current through June 2025, with nothing on it.
    pub(crate) fn new(issuer: &str) -> Self {
        Self {
            issuer: name(issuer),
            this_update: tlv(0x17, b"250601000000Z"),
            next_update: tlv(0x17, b"250630235959Z"),
            entries: Vec::new(),
            extensions: Vec::new(),
        }
        .with(CRL_NUMBER, false, tlv(0x02, &[1]))
    }

    pub(crate) fn revoking(mut self, serial: u8, extensions: &[Vec<u8>]) -> Self {
        self.entries.push((vec![serial], extensions.concat()));
        self
    }

    pub(crate) fn with(mut self, kind: &str, critical: bool, value: Vec<u8>) -> Self {
        self.extensions.retain(|(other, ..)| other != kind);
        self.extensions.push((kind.into(), critical, value));
        self
    }

    pub(crate) fn der(&self, issuer_key: &SigningKey) -> Vec<u8> {
        let entries = self.entries.iter().map(|(serial, extensions)| {
            let extensions = if extensions.is_empty() { Vec::new() } else { tlv(SEQUENCE, extensions) };
            tlv(SEQUENCE, &[tlv(0x02, serial), tlv(0x17, b"250602000000Z"), extensions].concat())
        });
        let entries: Vec<u8> = entries.collect::<Vec<_>>().concat();
        let extensions: Vec<u8> = self
            .extensions
            .iter()
            .map(|(kind, critical, value)| extension(kind, *critical, value))
            .collect::<Vec<_>>()
            .concat();
        let algorithm = tlv(SEQUENCE, &oid("1.3.101.112"));
        let tbs = [
            tlv(0x02, &[1]),
            algorithm.clone(),
            self.issuer.clone(),
            self.this_update.clone(),
            self.next_update.clone(),
            if entries.is_empty() { Vec::new() } else { tlv(SEQUENCE, &entries) },
            if extensions.is_empty() { Vec::new() } else { tlv(0xa0, &tlv(SEQUENCE, &extensions)) },
        ];
        let tbs = tlv(SEQUENCE, &tbs.concat());
        let signature = issuer_key.sign(Message::Parts(&[&tbs]), SignatureEncoding::Der).unwrap();
        tlv(SEQUENCE, &[tbs, algorithm, tlv(0x03, &[vec![0], signature].concat())].concat())
    }

    pub(crate) fn sign(&self, issuer_key: &SigningKey) -> RevocationList {
        RevocationList::from_der(&self.der(issuer_key)).unwrap()
    }
}

/// One `Extension`.
pub(crate) fn extension(kind: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { tlv(0x01, &[0xff]) } else { Vec::new() };
    tlv(SEQUENCE, &[oid(kind), critical, tlv(0x04, value)].concat())
}

/// leaf (key 3) ← intermediate (key 2) ← root (key 1), as drafts.
#[derive(Clone)]
pub(crate) struct Chain {
    pub(crate) leaf: Draft,
    pub(crate) intermediate: Draft,
    pub(crate) root: Draft,
}

impl Chain {
    pub(crate) fn new() -> Self {
        Self {
            leaf: Draft::leaf("Signer", &key(3), "Issuing CA"),
            intermediate: Draft::authority("Issuing CA", &key(2), "Root CA"),
            root: Draft::authority("Root CA", &key(1), "Root CA"),
        }
    }

    pub(crate) fn anchor(&self) -> Anchor {
        Anchor::new(self.root.sign(&key(1)))
    }

    pub(crate) fn judge(&self) -> Result<VerifiedChain, Refused> {
        self.judge_for(Purpose::code_signing(), &[at(NOON)])
    }

    pub(crate) fn judge_for(&self, purpose: Purpose, instants: &[UnixTime]) -> Result<VerifiedChain, Refused> {
        let pool = Pool::new(&Registry::rustcrypto(), vec![self.anchor()], vec![]);
        let (leaf, extra) = (self.leaf.sign(&key(2)), [self.intermediate.sign(&key(1))]);
        pool.search(&leaf, &extra, instants, &ChainPolicy::new(purpose)).into_result()
    }

    pub(crate) fn refusal(&self) -> ChainError {
        self.judge().unwrap_err().best
    }

    /// The code and the certificate.
    pub(crate) fn code(&self) -> (Code, Option<usize>) {
        let refusal = self.refusal();
        (refusal.code(), refusal.certificate())
    }
}

pub(crate) fn pool(anchors: Vec<Certificate>, intermediates: Vec<Certificate>) -> Pool {
    Pool::new(&Registry::rustcrypto(), anchors.into_iter().map(Anchor::new).collect(), intermediates)
}

pub(crate) fn search(pool: &Pool, leaf: &Certificate, extra: &[Certificate]) -> Result<VerifiedChain, Refused> {
    pool.search(leaf, extra, &[at(NOON)], &ChainPolicy::new(Purpose::code_signing())).into_result()
}
