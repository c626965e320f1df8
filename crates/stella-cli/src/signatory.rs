//! What signs attestations: a key of the home, or one in a file. It is looked at before it signs, and what it has signed is verified before
//! anybody sees it.

use std::path::Path;

use stella_attest_model::{Envelope, EnvelopeSignature, Pae};
use stella_attest_store::Facts;
use stella_attest_verify::{
    Attestation, Binding, Limits, Policy, PublicKey, Registry, Report, TrustSnapshot, UnixTime, Verdict, Verifier,
};
use stella_crypto_providers::{Message, Scheme, SignatureEncoding, Signer, VerifyingKey};
use stella_trust_store::{AsideKey, KeyEntry, WhyAside};
use stella_vocabulary::{Code, Position};

use crate::arguments::{SignerOptions, SigningKeyOptions, TrustOptions};
use crate::complaint::Complaint;
use crate::context::Context;
use crate::input::Inputs;
use crate::key_ring::{self, KeyRing};
use crate::private_key;
use crate::question::Question;
use crate::store::Store;

/// A key that may sign now.
pub(crate) struct Signatory {
    signer: Box<dyn Signer>,
    verifying: VerifyingKey,
    name: String,
}

/// What was signed, and verifies with the key that signed it.
pub(crate) struct Signed {
    pub(crate) attestation: Attestation,
    pub(crate) facts: Facts,
    /// The envelope, on one line.
    pub(crate) document: String,
}

impl Signatory {
    /// The key that is named, or the active one of the home.
    ///
    /// # Errors
    /// `store.not_found` if there is none; `key.revoked`, `key.expired` and `key.not_yet_trusted` by what the home or its trust store says of the
    /// key; those of the crypto profile, and of reading private keys.
    pub(crate) fn of(said: &SigningKeyOptions, context: &Context) -> Result<Self, Complaint> {
        let ring = match context.settings()?.home {
            Some(_) => Some(KeyRing::open(context)?),
            None => None,
        };
        let passphrase = said.passphrase_file.as_deref();
        let file = said.key.as_deref().filter(|text| is_file(text, ring.as_ref()));
        let (signer, name) = match (file, &ring) {
            (Some(file), _) => from_file(Path::new(file), passphrase, ring.as_ref(), context)?,
            (None, Some(ring)) => {
                let key = ring.chosen(said.key.as_deref())?;
                (ring.signer(key, passphrase, context)?, key.name.clone())
            }
            (None, None) => {
                return Err(Complaint::new(Code::StoreNotFound, "there is no home with signing keys")
                    .place("--home")
                    .expected("a home: --home, STELLA_HOME or HOME; or --key FILE")
                    .remedy("stella init --home DIR, or give --key FILE"));
            }
        };
        if let Some(store) = Store::find(context)? {
            check_trust(signer.public_key(), &store.snapshot(context)?, context.now)?;
        }
        let verifying = Registry::rustcrypto()
            .prepare(signer.scheme(), signer.public_key())
            .map_err(|error| Complaint::of(&error, &format!("signing key {name}")))?;
        Ok(Self { signer, verifying, name })
    }

    /// Its name in the home, or that of its file.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn key(&self) -> &PublicKey {
        self.signer.public_key()
    }

    pub(crate) fn scheme(&self) -> Scheme {
        self.signer.scheme()
    }

    /// Whether one of the signatures of an attestation is by this key.
    pub(crate) fn has_signed(&self, attestation: &Attestation) -> bool {
        has_signed(attestation, &self.verifying)
    }

    /// Signs a payload, and verifies what came out by the whole path that anybody else would.
    ///
    /// # Errors
    /// `crypto.provider_failed` if there is no signature, or none that verifies; those of the limits of an envelope.
    pub(crate) fn sign(&self, payload_type: &str, payload: &[u8], context: &Context) -> Result<Signed, Complaint> {
        let pae = Pae::new(payload_type, payload);
        let signature = self
            .signer
            .sign(Message::Parts(&pae.parts()), SignatureEncoding::Der)
            .map_err(|error| self.failed(format!("the key made no signature: {error}")))?;
        let signature = EnvelopeSignature::new(signature, Some(self.key().key_id().to_string()));
        let envelope = Envelope::new(payload_type.to_string(), payload.to_vec(), vec![signature])
            .map_err(|error| Complaint::of(&error, "the envelope"))?;
        let document = envelope.to_json();
        let (attestation, facts) = Facts::read(document.as_bytes(), &Limits::default())
            .map_err(|error| Complaint::of(&error, "the envelope"))?;
        let report = self.judged_alone(&attestation, context.now)?;
        let same = attestation.envelope().is_some_and(|envelope| envelope.unverified_payload() == payload);
        if report.verdict() != Verdict::Verified || !same {
            let why = report.code().map_or("another payload", Code::as_str);
            return Err(self.failed(format!("what the key has signed does not verify: {why}")));
        }
        Ok(Signed { attestation, facts, document })
    }

    /// The verdict of whoever trusts this key and nothing else.
    fn judged_alone(&self, attestation: &Attestation, now: UnixTime) -> Result<Report, Complaint> {
        let trust = TrustSnapshot::builder()
            .key_with(KeyEntry::new(self.key().clone()))
            .build()
            .map_err(|error| Complaint::of(&error, &format!("signing key {}", self.name)))?;
        let verifier = Verifier::new(&Registry::rustcrypto(), &trust, Policy::require_key(self.key().key_id()));
        Ok(verifier.verify(attestation, Binding::SubjectsAsListed, now))
    }

    fn failed(&self, what: String) -> Complaint {
        Complaint::new(Code::CryptoProviderFailed, what)
            .place(format!("signing key {}", self.name))
            .expected("a signature that verifies")
            .remedy("stella self-test; and if that passes, make another key: stella keys generate")
    }
}

/// Whether one of the signatures of an attestation is by `key`.
pub(crate) fn has_signed(attestation: &Attestation, key: &VerifyingKey) -> bool {
    attestation.envelope().is_some_and(|envelope| {
        let pae = envelope.pae();
        let message = Message::Parts(&pae.parts());
        envelope
            .signatures()
            .iter()
            .any(|signature| key.verify(message, signature.sig(), SignatureEncoding::Der).is_ok())
    })
}

/// What the trust and the default policy of the home say to it; `None` without a trust store.
///
/// # Errors
/// Those of the trust store and of the policy.
pub(crate) fn judged_here(attestation: &Attestation, context: &Context) -> Result<Option<Report>, Complaint> {
    let question = Question::of(&SignerOptions::default(), &TrustOptions::default(), &Inputs::default(), context)?;
    if !question.trust.has_store() {
        return Ok(None);
    }
    let verifier = Verifier::new(&Registry::rustcrypto(), &question.trust.snapshot, question.policy);
    Ok(Some(verifier.verify(attestation, Binding::SubjectsAsListed, context.now)))
}

/// What is no name of a key, and a file or the URI of a token. A file that has the name of a key is meant with a directory before it, such as `./`.
fn is_file(text: &str, ring: Option<&KeyRing>) -> bool {
    let path = Path::new(text);
    let is_key = ring.is_some_and(|ring| ring.find(text).is_ok());
    let is_token = text.starts_with("pkcs11:");
    // Nobody calls a key `release.pem`, and who says so means a file, also one that is not there.
    let ends = ["der", "key", "p8", "pem", "pk8"];
    let ends_so = path.extension().and_then(|end| end.to_str()).is_some_and(|end| ends.contains(&end));
    !is_key && (is_token || path.components().count() > 1 || text.starts_with('.') || ends_so || path.exists())
}

/// A key from a file or a token. If it is one of the home, the home says whether it may sign.
fn from_file(
    path: &Path,
    passphrase: Option<&Path>,
    ring: Option<&KeyRing>,
    context: &Context,
) -> Result<(Box<dyn Signer>, String), Complaint> {
    let signer = private_key::signer(path, passphrase, context)?;
    let name = path.display().to_string();
    let known = ring.and_then(|ring| ring.keys().iter().find(|key| key.key == *signer.public_key()));
    let name = match (ring, known) {
        (Some(ring), Some(key)) => {
            ring.check_usable(key, context)?;
            key.name.clone()
        }
        _ => name,
    };
    let profile = context.settings()?.crypto_profile.value;
    key_ring::check_profile(profile, signer.scheme(), signer.public_key(), context.now)
        .map_err(|complaint| complaint.place(&name))?;
    Ok((signer, name))
}

/// Refuses a key of which the trust store says that what it signs now does not count. One that the store does not know is no matter of it:
/// whoever signs need not be whoever trusts.
fn check_trust(key: &PublicKey, trust: &TrustSnapshot, now: UnixTime) -> Result<(), Complaint> {
    let id = key.key_id();
    let instead = "stella keys generate --algorithm ecdsa-p256 --validity 365d --name NAME --activate";
    let called = |entry: &KeyEntry| match entry.store_id() {
        Some(name) => format!("key {name} of the trust store"),
        None => format!("key {id} of the trust store"),
    };
    let refused = |code, what: &str, place: String| Complaint::new(code, what).place(place).remedy(instead);
    let compromised = trust.aside_keys().iter().filter(|aside| *aside.why() == WhyAside::Revoked);
    if let Some(entry) = compromised.map(AsideKey::entry).find(|entry| entry.key_id() == id) {
        return Err(refused(Code::KeyRevoked, "a revoked key signs nothing any more", called(entry)));
    }
    if let Some(block) = trust.blocks().iter().find(|block| block.key() == id) {
        let place = format!("{} of the trust store", block.object());
        return Err(refused(Code::KeyRevoked, "a revoked key signs nothing any more", place));
    }
    let Some(entry) = trust.position_of_key(&id).and_then(|position| trust.keys().get(position)) else { return Ok(()) };
    if entry.revocation().is_some() {
        return Err(refused(Code::KeyRevoked, "a revoked key signs nothing any more", called(entry)));
    }
    let window = entry.window();
    let edge = |edge: Option<UnixTime>| edge.map(|edge| edge.to_string()).unwrap_or_default();
    match window.position(now) {
        Position::Inside => Ok(()),
        Position::After => Err(refused(
            Code::KeyExpired,
            "the window of this key is over: what it signs now does not count",
            called(entry),
        )
        .found(edge(window.until()))
        .expected(format!("later than {now}"))),
        Position::Before => Err(refused(
            Code::KeyNotYetTrusted,
            "the window of this key has not begun: what it signs now does not count",
            called(entry),
        )
        .found(edge(window.from()))
        .expected(format!("not later than {now}"))
        .remedy("wait until then, or name another key: stella keys list")),
    }
}
