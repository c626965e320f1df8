//! From the state to what a verification relies on.

use alloc::string::ToString;

use stella_chain_verify::{Anchor, Certificate};
use stella_crypto_providers::PublicKey;
use stella_vocabulary::{UnixTime, Window};

use super::object::{Object, ObjectKind, ObjectRef, Record, Standing};
use super::state::TrustState;
use crate::{KeyEntry, TrustError, TrustSnapshot, TrustSnapshotBuilder, TrustedRoot};

impl TrustState {
    /// What counts at an instant, as a snapshot: emergency changes in force are in it; removed, staged and requested objects are
    /// not, nor keys of issuers that are not trusted.
    ///
    /// What was revoked because of a compromise is left out. What was superseded or ceased stays with a window that ends at the
    /// revocation: signatures proven to be older still verify, and nobody is believed without proof from then on (catalogue
    /// section 9, "Time"). Which of the two ended a window, [`TrustState::with_material`] and [`judge`](super::judge) tell.
    ///
    /// # Errors
    /// [`TrustError`] for an object that cannot be relied on: nothing is passed over. Material is looked at before it is logged,
    /// so this means that a newer version of this library has become stricter.
    pub fn snapshot(&self, at: UnixTime) -> Result<TrustSnapshot, TrustError> {
        if self.emergencies(at).next().is_none() {
            return self.to_snapshot();
        }
        self.effective(at).to_snapshot()
    }

    fn to_snapshot(&self) -> Result<TrustSnapshot, TrustError> {
        let kinds = [ObjectKind::Anchor, ObjectKind::Intermediate, ObjectKind::Key, ObjectKind::TrustedRoot];
        let objects = kinds.into_iter().flat_map(|kind| self.objects_of(kind));
        let mut builder = TrustSnapshot::builder();
        for object in objects {
            if let Object::Recorded(record, standing) = object {
                builder = self.take(builder, record, *standing)?;
            }
        }
        builder.build()
    }

    fn take(
        &self,
        builder: TrustSnapshotBuilder,
        record: &Record,
        standing: Standing,
    ) -> Result<TrustSnapshotBuilder, TrustError> {
        let entry = || record.object().to_string();
        let certificate = |der: &[u8]| {
            Certificate::from_der(der).map_err(|error| TrustError::Certificate { entry: Some(entry()), error })
        };
        let terms = match record {
            Record::Anchor(anchor) => anchor.terms.window,
            Record::Key(key) => key.terms.window,
            _ => Window::always(),
        };
        let Some(window) = counting(terms, standing) else { return Ok(builder) };
        Ok(match record {
            Record::Anchor(record) => {
                let label = record.terms.label.clone().unwrap_or_else(|| record.id.to_string());
                let anchor = Anchor::new(certificate(&record.certificate)?).with_window(window);
                builder.anchor_with(anchor.with_label(label))
            }
            // An intermediate has no window; once superseded it is as good as gone.
            Record::Intermediate(record) if standing == Standing::Active => {
                builder.intermediate(certificate(&record.certificate)?)
            }
            Record::Key(record) if record.issuer.as_ref().is_none_or(|issuer| self.trusts(issuer)) => {
                let key = PublicKey::from_spki_der(&record.key)
                    .map_err(|error| TrustError::Key { entry: Some(entry()), error })?;
                let label = record.terms.label.clone().unwrap_or_else(|| record.id.to_string());
                let key = KeyEntry::new(key).with_label(label).with_window(window).with_encoding(record.encoding);
                builder.key_with(match &record.hint {
                    Some(hint) => key.with_hint(hint.clone()),
                    None => key,
                })
            }
            Record::TrustedRoot(record) => {
                let root = TrustedRoot::from_json(&record.document)?;
                builder.trusted_root_with(match &record.label {
                    Some(label) => root.with_label(label.clone()),
                    None => root,
                })
            }
            _ => builder,
        })
    }

    fn trusts(&self, issuer: &super::id::Id) -> bool {
        let issuer = ObjectRef::new(ObjectKind::Issuer, issuer.clone());
        self.record(&issuer).is_some_and(|(_, standing)| standing == Standing::Active)
    }
}

/// The window within which something counts, if it counts at all.
fn counting(window: Window, standing: Standing) -> Option<Window> {
    match standing {
        Standing::Active => Some(window),
        Standing::Revoked(revocation) if !revocation.cause.taints_the_past() => {
            let ended = window.until().is_some_and(|until| until <= revocation.revoked_at);
            let until = if ended { window.until() } else { Some(revocation.revoked_at) };
            Some(Window::half_open(window.from(), until)).filter(|window| !window.is_empty())
        }
        _ => None,
    }
}
