//! A store where one person decides, to take snapshots of.

use std::sync::Arc;

use stella_attest_verify::{Registry, TrustSnapshot, UnixTime};
use stella_crypto_providers::{SignatureEncoding, SigningKey};
use stella_testkit::key::TestKey;
use stella_trust_store::MemoryLog;
use stella_trust_store::ledger::*;

use crate::world::*;

pub(crate) struct Store {
    ledger: Ledger<MemoryLog>,
}

pub(crate) fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

pub(crate) fn key_ref(name: &str) -> ObjectRef {
    ObjectRef::new(ObjectKind::Key, id(name))
}

pub(crate) fn anchor_ref(name: &str) -> ObjectRef {
    ObjectRef::new(ObjectKind::Anchor, id(name))
}

fn occasion(person: &str) -> Occasion {
    let actor = Actor::unsigned(Person::new(person).unwrap());
    Occasion { actor, at: signed_at(), reason: "because of a test".into() }
}

pub(crate) fn only(edit: impl FnOnce(&mut Scope)) -> Scope {
    let mut scope = Scope::default();
    edit(&mut scope);
    scope
}

pub(crate) fn terms(scope: Scope) -> Terms {
    Terms::default().with_scope(scope)
}

pub(crate) fn revoked(cause: RevocationCause, since: Option<UnixTime>, revoked_at: UnixTime) -> Revocation {
    Revocation { cause, invalid_since: since, revoked_at }
}

pub(crate) fn key_record(name: &str, key: &TestKey) -> KeyRecord {
    KeyRecord {
        id: id(name),
        encoding: SignatureEncoding::Der,
        hint: None,
        issuer: None,
        key: key.spki().to_vec(),
        terms: Terms::default(),
    }
}

impl Store {
    pub(crate) fn new() -> Self {
        let secret = TestKey::ed25519("the store").signing_key().to_pkcs8_der();
        let signer = Arc::new(SigningKey::from_pkcs8_der(&secret).unwrap());
        let founding = Founding { approvers: Vec::new(), quorum: 2, store: id("pipeline") };
        let registry = Registry::rustcrypto();
        Self { ledger: Ledger::create(MemoryLog::new(), &registry, signer, founding, &occasion("founder")).unwrap() }
    }

    pub(crate) fn change(mut self, change: Change) -> Self {
        self.ledger.change(change, &occasion("dave")).unwrap();
        self
    }

    pub(crate) fn add(self, record: Record) -> Self {
        self.change(Change::Added(record))
    }

    pub(crate) fn anchor(self, name: &str, certificate: &[u8], terms: Terms) -> Self {
        self.add(Record::Anchor(AnchorRecord { id: id(name), certificate: certificate.to_vec(), terms }))
    }

    pub(crate) fn intermediate(self, name: &str, certificate: &[u8]) -> Self {
        let record = IntermediateRecord { id: id(name), certificate: certificate.to_vec(), label: None };
        self.add(Record::Intermediate(record))
    }

    pub(crate) fn key(self, name: &str, key: &TestKey, terms: Terms) -> Self {
        self.add(Record::Key(KeyRecord { terms, ..key_record(name, key) }))
    }

    pub(crate) fn trusted_root(self, name: &str, json: &str) -> Self {
        let record = TrustedRootRecord { id: id(name), document: json.as_bytes().to_vec(), label: None };
        self.add(Record::TrustedRoot(record))
    }

    pub(crate) fn issuer(self, name: &str, identities: &[(&str, Option<&str>)], terms: Terms) -> Self {
        let pair = |(identity, provider): &(&str, Option<&str>)| CertificateIdentity {
            identity: (*identity).to_owned(),
            oidc_issuer: provider.map(str::to_owned),
        };
        self.add(Record::Issuer(IssuerRecord {
            id: id(name),
            identities: identities.iter().map(pair).collect(),
            name: name.to_owned(),
            terms,
            tier: Tier::Vendor,
            urls: Vec::new(),
            weight: 50,
        }))
    }

    /// Trust in an issuer takes two persons besides who asks. From then on, so does every loosening.
    pub(crate) fn trust(self, name: &str) -> Self {
        let persons = ["erin", "frank"];
        let mut store = self;
        if store.ledger.state().approvers().next().is_none() {
            for name in persons {
                let key = TestKey::ed25519(name).spki().to_vec();
                let approver = ApproverRecord { id: id(name), key, person: Person::new(name).unwrap() };
                store = store.add(Record::Approver(approver));
            }
        }
        let expires = signed_at().checked_add(REQUEST_LIFETIME).unwrap();
        let trusted = Change::IssuerTrusted(id(name));
        let (request, _) = store.ledger.request(trusted, &occasion("dave"), expires, None).unwrap();
        for name in persons {
            let secret = TestKey::ed25519(name).signing_key().to_pkcs8_der();
            store.ledger.approve(&request, &SigningKey::from_pkcs8_der(&secret).unwrap(), &occasion(name)).unwrap();
        }
        store.ledger.execute(&request, &occasion("robot")).unwrap();
        store
    }

    /// What one person does for a day.
    pub(crate) fn emergency(mut self, change: Change) -> Self {
        let until = after(signed_at(), DAY + 1);
        self.ledger.emergency(change, until, &Occasion { at: after(signed_at(), 10), ..occasion("dave") }).unwrap();
        self
    }

    pub(crate) fn stage(mut self, issuer: &str, key: &TestKey) -> Self {
        let staged =
            StagedKeys { issuer: id(issuer), keys: vec![key.spki().to_vec()], url: "https://keys.example".into() };
        self.ledger.stage(staged, &occasion("dave")).unwrap();
        self
    }

    pub(crate) fn request(mut self, change: Change) -> Self {
        let expires = signed_at().checked_add(REQUEST_LIFETIME).unwrap();
        self.ledger.request(change, &occasion("dave"), expires, None).unwrap();
        self
    }

    pub(crate) fn snapshot(&self) -> TrustSnapshot {
        self.ledger.snapshot(after(signed_at(), DAY)).unwrap()
    }

    pub(crate) fn case(&self) -> Case {
        Case::trusting(self.snapshot()).policy(stella_attest_verify::Policy::require_trusted_signer())
    }
}
