//! What finding and judging a path costs beside its bare signatures, and beside `rustls-webpki` over the same cryptography and over *ring*. With the feature
//! `openssl`, also beside OpenSSL's library.
//!
//! Three certificates on P-256, three with RSA-2048 (NIST PKITS), and a leaf whose issuer is one of 1,000 of the same name with other keys.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, UnixTime,
};
use stella_chain_verify::{Anchor, Certificate, ChainPolicy, Pool, Purpose};
use stella_crypto_providers::{Message, PublicKey, Registry, Scheme, SignatureEncoding};
use stella_testkit::authority::{AUTHORITY_FROM, AUTHORITY_UNTIL, Authority};
use stella_testkit::certificate::{CertificateBuilder, Extension, name};
use stella_testkit::key::TestKey;
use stella_testkit::oid;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// Leaf, intermediates and anchor in DER, and when they are judged.
struct Chain {
    name: &'static str,
    leaf: Vec<u8>,
    extra: Vec<Vec<u8>>,
    anchor: Vec<u8>,
    at: stella_vocabulary::UnixTime,
}

fn at(text: &str) -> stella_vocabulary::UnixTime {
    stella_vocabulary::UnixTime::parse_rfc3339(text).unwrap()
}

fn p256() -> Chain {
    let root = Authority::root_with(TestKey::p256("bench root TEST KEY"), |builder| builder);
    let issuing = root.intermediate_with(TestKey::p256("bench issuing TEST KEY"), |builder| builder);
    Chain {
        name: "p256",
        leaf: leaf(&issuing),
        extra: vec![issuing.certificate().to_vec()],
        anchor: root.certificate().to_vec(),
        at: at("2026-06-01T00:00:00Z"),
    }
}

fn leaf(issuing: &Authority) -> Vec<u8> {
    let key = TestKey::p256("bench leaf TEST KEY");
    let builder = CertificateBuilder::new(name("bench leaf"), &key, AUTHORITY_FROM, AUTHORITY_UNTIL)
        .extension(Extension::signer_key_usage())
        .extension(Extension::extended_key_usage(&[oid::SERVER_AUTH]));
    issuing.issued(builder).sign(issuing.key())
}

fn rsa() -> Chain {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/pkits/rsa/certs");
    let read = |name: &str| std::fs::read(directory.join(name).with_extension("crt")).unwrap();
    Chain {
        name: "rsa2048",
        leaf: read("ValidTwoCRLsTest7EE"),
        extra: vec![read("TwoCRLsCACert")],
        anchor: read("TrustAnchorRootCertificate"),
        at: at("2011-04-15T00:00:00Z"),
    }
}

/// The issuer is among `count` of its name, whose keys are others and which the root has issued as well.
fn distractors(count: usize) -> Chain {
    let mut chain = p256();
    let root = Authority::root_with(TestKey::p256("bench root TEST KEY"), |builder| builder);
    let subject = root.intermediate_with(TestKey::p256("bench issuing TEST KEY"), |builder| builder).name().to_vec();
    for number in 0..count {
        let key = TestKey::p256(&format!("bench distractor {number} TEST KEY"));
        let twin = root.intermediate_with(key, |mut builder| {
            builder.subject = subject.clone();
            // Nothing says which of them it is.
            builder.without_extension(oid::SUBJECT_KEY_IDENTIFIER)
        });
        chain.extra.insert(number / 2, twin.certificate().to_vec());
    }
    chain.name = "distractors-1000";
    chain
}

/// The cryptography of this library in the form that `rustls-webpki` takes.
#[derive(Debug)]
struct Ours {
    scheme: Scheme,
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    /// What precedes the key in a subjectPublicKeyInfo, which `rustls-webpki` has taken off.
    spki: fn(&[u8]) -> Vec<u8>,
}

static P256: Ours = Ours {
    scheme: Scheme::EcdsaP256Sha256,
    key: rustls_pki_types::alg_id::ECDSA_P256,
    signature: rustls_pki_types::alg_id::ECDSA_SHA256,
    spki: |key| wrapped(rustls_pki_types::alg_id::ECDSA_P256.as_ref(), key),
};
static RSA: Ours = Ours {
    scheme: Scheme::RsaPkcs1Sha256,
    key: rustls_pki_types::alg_id::RSA_ENCRYPTION,
    signature: rustls_pki_types::alg_id::RSA_PKCS1_SHA256,
    spki: |key| wrapped(rustls_pki_types::alg_id::RSA_ENCRYPTION.as_ref(), key),
};
static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[&P256, &RSA];

fn wrapped(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    use stella_testkit::der;
    der::sequence([der::sequence([algorithm]), der::bit_string(key)])
}

impl SignatureVerificationAlgorithm for Ours {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = PublicKey::from_spki_der(&(self.spki)(key)).map_err(|_| InvalidSignature)?;
        let prepared = registry().prepare(self.scheme, &key).map_err(|_| InvalidSignature)?;
        prepared.verify(Message::Parts(&[message]), signature, SignatureEncoding::Der).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

fn registry() -> &'static Registry {
    static REGISTRY: std::sync::LazyLock<Registry> = std::sync::LazyLock::new(Registry::rustcrypto);
    &REGISTRY
}

fn policy() -> ChainPolicy {
    ChainPolicy::new(Purpose::server_auth()).danger_path_validation_alone()
}

/// The signatures of the path alone, with keys that were read and prepared before.
fn floor(chain: &Chain) -> impl Fn() + use<> {
    let extra: Vec<Certificate> = chain.extra.iter().map(|der| Certificate::from_der(der).unwrap()).collect();
    let anchor = Certificate::from_der(&chain.anchor).unwrap();
    let leaf = Certificate::from_der(&chain.leaf).unwrap();
    let pool = Pool::new(registry(), vec![Anchor::new(anchor)], vec![]);
    let found = pool.search(&leaf, &extra, &[chain.at], &policy()).into_result().unwrap();
    let links: Vec<_> = found
        .certificates()
        .windows(2)
        .map(|pair| {
            let key = pair[1].public_key().unwrap();
            let scheme = Scheme::for_key(&key);
            let signature = signature_of(pair[0].der());
            (registry().prepare(scheme, &key).unwrap(), pair[0].tbs_der().to_vec(), signature)
        })
        .collect();
    move || {
        for (key, tbs, signature) in &links {
            key.verify(Message::Parts(&[tbs]), signature, SignatureEncoding::Der).unwrap();
        }
    }
}

/// The last element of a certificate is the BIT STRING of its signature.
fn signature_of(der: &[u8]) -> Vec<u8> {
    let tbs_end = {
        let length = |at: usize| 4 + usize::from(u16::from_be_bytes([der[at + 2], der[at + 3]]));
        4 + length(4)
    };
    let algorithm_end = tbs_end + 2 + usize::from(der[tbs_end + 1]);
    let header = match der[algorithm_end + 1] {
        0x82 => 4,
        0x81 => 3,
        _ => 2,
    };
    der[algorithm_end + header + 1..].to_vec()
}

fn ours_from_der(chain: &Chain) -> bool {
    let anchor = Anchor::new(Certificate::from_der(&chain.anchor).unwrap());
    let pool = Pool::new(registry(), vec![anchor], vec![]);
    ours(&pool, chain)
}

/// The leaf and what came with it are read anew each time, the anchors were read before.
fn ours(pool: &Pool, chain: &Chain) -> bool {
    let leaf = Certificate::from_der(&chain.leaf).unwrap();
    let extra: Vec<Certificate> = chain.extra.iter().map(|der| Certificate::from_der(der).unwrap()).collect();
    pool.search(&leaf, &extra, &[chain.at], &policy()).into_result().is_ok()
}

fn theirs(algorithms: &[&dyn SignatureVerificationAlgorithm], chain: &Chain) -> bool {
    let anchor = CertificateDer::from(chain.anchor.as_slice());
    let anchors = [anchor_from_trusted_cert(&anchor).unwrap()];
    let leaf = CertificateDer::from(chain.leaf.as_slice());
    let leaf = EndEntityCert::try_from(&leaf).unwrap();
    let extra: Vec<CertificateDer<'_>> = chain.extra.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(chain.at.seconds() as u64));
    leaf.verify_for_usage(algorithms, &anchors, &extra, at, KeyUsage::server_auth(), None, None).is_ok()
}

/// OpenSSL's library, with what it computes itself.
#[cfg(feature = "openssl")]
mod openssl_library {
    use openssl::stack::Stack;
    use openssl::x509::store::{X509Store, X509StoreBuilder};
    use openssl::x509::verify::X509VerifyParam;
    use openssl::x509::{X509, X509PurposeId, X509StoreContext};

    use super::Chain;

    pub(crate) fn store(chain: &Chain) -> X509Store {
        let mut builder = X509StoreBuilder::new().unwrap();
        builder.add_cert(X509::from_der(&chain.anchor).unwrap()).unwrap();
        let mut parameters = X509VerifyParam::new().unwrap();
        parameters.set_time(chain.at.seconds());
        parameters.set_purpose(X509PurposeId::SSL_SERVER).unwrap();
        builder.set_param(&parameters).unwrap();
        builder.build()
    }

    /// The leaf and what came with it are read anew each time.
    pub(crate) fn judges(store: &X509Store, chain: &Chain) -> bool {
        let leaf = X509::from_der(&chain.leaf).unwrap();
        let mut extra = Stack::new().unwrap();
        for der in &chain.extra {
            extra.push(X509::from_der(der).unwrap()).unwrap();
        }
        let mut context = X509StoreContext::new().unwrap();
        context.init(store, &leaf, &extra, |context| context.verify_cert()).unwrap()
    }
}

fn chains(criterion: &mut Criterion) {
    for chain in [p256(), rsa(), distractors(1_000)] {
        println!(
            "{}: found here {}, by rustls-webpki over the same cryptography {}, over ring {}",
            chain.name,
            ours_from_der(&chain),
            theirs(ALGORITHMS, &chain),
            theirs(ALL_VERIFICATION_ALGS, &chain)
        );
        let mut group = criterion.benchmark_group(chain.name);
        if chain.extra.len() > 100 {
            group.sample_size(20);
        }
        let signatures = floor(&chain);
        group.bench_function("floor-two-signatures", |bencher| bencher.iter(&signatures));
        group.bench_function("stella-from-der", |bencher| bencher.iter(|| black_box(ours_from_der(&chain))));
        let anchor = Anchor::new(Certificate::from_der(&chain.anchor).unwrap());
        let pool = Pool::new(registry(), vec![anchor], vec![]);
        group.bench_function("stella-anchors-read-before", |bencher| bencher.iter(|| black_box(ours(&pool, &chain))));
        group.bench_function("webpki-same-cryptography", |bencher| {
            bencher.iter(|| black_box(theirs(ALGORITHMS, &chain)));
        });
        group.bench_function("webpki-ring", |bencher| {
            bencher.iter(|| black_box(theirs(ALL_VERIFICATION_ALGS, &chain)));
        });
        #[cfg(feature = "openssl")]
        {
            println!("by OpenSSL {}", openssl_library::judges(&openssl_library::store(&chain), &chain));
            group.bench_function("openssl-from-der", |bencher| {
                bencher.iter(|| black_box(openssl_library::judges(&openssl_library::store(&chain), &chain)));
            });
            let store = openssl_library::store(&chain);
            group.bench_function("openssl-anchors-read-before", |bencher| {
                bencher.iter(|| black_box(openssl_library::judges(&store, &chain)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, chains);
criterion_main!(benches);
