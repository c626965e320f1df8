//! The fold of the log: everything in the store after some entry.

use alloc::collections::BTreeSet;
use alloc::collections::btree_map::{BTreeMap, Entry as Place};
use alloc::sync::Arc;
use alloc::vec::Vec;

use stella_transparency::merkle::Hash;
use stella_vocabulary::UnixTime;

use super::entry::Entry;
use super::error::LedgerError;
use super::holders::{Holders, Material};
use super::id::{Id, Person};
use super::object::{Emergency, Mode, Object, ObjectKind, ObjectRef, Record, Standing, StoreRecord};
use super::object_hashes;
use super::record::{ApproverRecord, sha256};
use super::request::OpenRequest;
use super::rules;
use super::state_hash::StateHash;

/// Everything in the store after some entry of its log. Equal logs give equal states, and nothing but the log does.
///
/// Time does not change it: whether a request has expired or an emergency is over is asked with an instant.
#[derive(Clone, Debug)]
pub struct TrustState {
    objects: BTreeMap<ObjectRef, Slot>,
    /// Which object has a certificate, key or document; the latest one to bring it.
    material: Holders,
    /// The ids of public keys that were revoked because others may have used them, and whose they are.
    tainted: BTreeSet<(Hash, ObjectRef)>,
    hash: Arc<StateHash>,
    unhashed: Unhashed,
    store: Option<Arc<Object>>,
    /// Requests that wait for a decision, with their content: their ends, which is how they leave, and ids.
    waiting: BTreeSet<(UnixTime, Id)>,
    /// The bytes of all of them.
    waiting_bytes: usize,
    /// Emergencies that are neither ended nor over; a few.
    emergencies: Arc<Vec<Id>>,
    size: u64,
    last: Option<UnixTime>,
}

/// An object in its place.
#[derive(Clone, Debug)]
struct Slot {
    object: Arc<Object>,
    /// Whether the hash over all objects has it as it is. Many entries are taken in before anybody asks for that hash.
    is_hashed: bool,
}

impl Slot {
    /// The object, if the hash over all objects does not have it as it is; whoever asks puts it there.
    fn take_unhashed(&mut self) -> Option<&Object> {
        let is_hashed = core::mem::replace(&mut self.is_hashed, true);
        (!is_hashed).then_some(&*self.object)
    }
}

/// Up to so many objects are looked for one by one in any case.
const FEW: usize = 256;

/// Objects that the hash over all objects does not have as they are.
#[derive(Clone, Debug)]
enum Unhashed {
    Few(Vec<ObjectRef>),
    /// So many that going through all objects is faster than looking for each.
    Many,
}

impl Default for TrustState {
    fn default() -> Self {
        Self::new()
    }
}

impl TrustState {
    /// The state before the first entry.
    #[must_use]
    pub fn new() -> Self {
        Self {
            objects: BTreeMap::new(),
            material: Holders::new(),
            tainted: BTreeSet::new(),
            unhashed: Unhashed::Few(Vec::new()),
            hash: Arc::new(StateHash::new()),
            store: None,
            waiting: BTreeSet::new(),
            waiting_bytes: 0,
            emergencies: Arc::default(),
            size: 0,
            last: None,
        }
    }

    /// Takes in the next entry, if the rules of the store allow it. On an error nothing has changed.
    ///
    /// # Errors
    /// [`LedgerError`]: the entry is not the next one, or does what its actor may not do.
    ///
    /// # Left to the caller
    /// Comparing [`Entry::previous`] and [`Entry::state`], and verifying signatures of requests and approvals;
    /// [`Ledger::verify`](super::Ledger::verify) does all three.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        self.apply_revocably(entry).map(|_| ())
    }

    /// As [`TrustState::apply`], and gives what takes it back.
    pub(super) fn apply_revocably(&mut self, entry: &Entry) -> Result<Undo, LedgerError> {
        let objects = rules::consequences(self, entry)?;
        let mut undo = Undo {
            objects: Vec::with_capacity(objects.len()),
            emergencies: Arc::clone(&self.emergencies),
            store: self.store.clone(),
            size: self.size,
            last: self.last,
        };
        for object in objects {
            undo.objects.push(self.put(object));
        }
        self.size = entry.sequence.saturating_add(1);
        self.last = Some(entry.at);
        // What is over is over for good, and nobody has to look at it again.
        let is_over = |id: &Id| self.emergency(id).is_none_or(|emergency| emergency.until <= entry.at);
        if self.emergencies.iter().any(is_over) {
            self.emergencies = Arc::new(self.emergencies.iter().filter(|id| !is_over(id)).cloned().collect());
        }
        Ok(undo)
    }

    /// Puts objects in their places as the next entry would.
    pub(super) fn take_in(&mut self, objects: Vec<Object>, at: UnixTime) {
        objects.into_iter().for_each(|object| drop(self.put(object)));
        self.size = self.size.saturating_add(1);
        self.last = self.last.max(Some(at));
    }

    /// Takes back the latest entry.
    pub(super) fn undo(&mut self, undo: Undo) {
        for Replaced { name, object, material } in undo.objects.into_iter().rev() {
            match material {
                Some((key, Some(id))) => drop(self.material.insert(key, id)),
                Some((key, None)) => self.material.remove(&key),
                None => {}
            }
            match object {
                Some(object) => drop(self.set(name, object)),
                None => {
                    Arc::make_mut(&mut self.hash).put(name.hash(), None);
                    let taken = self.objects.remove(&name);
                    self.reindex(&name, taken.as_ref().map(|slot| &*slot.object), None);
                }
            }
        }
        self.emergencies = undo.emergencies;
        self.store = undo.store;
        self.size = undo.size;
        self.last = undo.last;
    }

    /// The hash over all objects. Costs a few kilobytes of hashing after a change.
    pub fn hash(&mut self) -> Hash {
        let hash = Arc::make_mut(&mut self.hash);
        match core::mem::replace(&mut self.unhashed, Unhashed::Few(Vec::new())) {
            Unhashed::Few(names) => {
                for name in &names {
                    let Some(object) = self.objects.get_mut(name).and_then(Slot::take_unhashed) else { continue };
                    for (name, object) in object_hashes::of(&[(name, object)]) {
                        hash.put(name, Some(object));
                    }
                }
            }
            Unhashed::Many => {
                let unhashed = self.objects.iter_mut().filter_map(|(name, slot)| Some((name, slot.take_unhashed()?)));
                for (name, object) in object_hashes::of(&unhashed.collect::<Vec<_>>()) {
                    hash.put(name, Some(object));
                }
            }
        }
        hash.hash()
    }

    /// How many entries were taken in.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The time of the latest entry.
    #[must_use]
    pub fn last_time(&self) -> Option<UnixTime> {
        self.last
    }

    /// The store itself; `None` before the first entry.
    #[must_use]
    pub fn store(&self) -> Option<&StoreRecord> {
        match self.store.as_deref()? {
            Object::Store(store) => Some(store),
            _ => None,
        }
    }

    /// Who decides.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.store().map_or(Mode::Solo, |store| store.mode)
    }

    /// An object.
    #[must_use]
    pub fn object(&self, object: &ObjectRef) -> Option<&Object> {
        self.objects.get(object).map(|slot| &*slot.object)
    }

    /// All objects, by kind and then by id.
    pub fn objects(&self) -> impl Iterator<Item = (&ObjectRef, &Object)> {
        self.objects.iter().map(|(name, slot)| (name, &*slot.object))
    }

    /// The objects of one kind, by id.
    pub fn objects_of(&self, kind: ObjectKind) -> impl Iterator<Item = &Object> {
        let first = ObjectRef::new(kind, Id::made(""));
        self.objects.range(first..).take_while(move |(name, _)| name.kind == kind).map(|(_, slot)| &*slot.object)
    }

    /// A record and whether it counts.
    #[must_use]
    pub fn record(&self, object: &ObjectRef) -> Option<(&Record, Standing)> {
        match self.object(object)? {
            Object::Recorded(record, standing) => Some((record, *standing)),
            _ => None,
        }
    }

    /// The object with this material: the SHA-256 of a certificate in DER, of a `SubjectPublicKeyInfo`, or of a document. This is
    /// how a policy finds the scope of an anchor or key that a verification used.
    #[must_use]
    pub fn with_material(&self, kind: ObjectKind, sha256: &Hash) -> Option<(&Record, Standing)> {
        let id = self.material.of(&Material { hash: *sha256, kind })?;
        self.record(&ObjectRef::new(kind, id.clone()))
    }

    /// A change request.
    #[must_use]
    pub fn request(&self, id: &Id) -> Option<&OpenRequest> {
        match self.object(&ObjectRef::new(ObjectKind::Request, id.clone()))? {
            Object::Request(request) => Some(request),
            _ => None,
        }
    }

    /// The approvers that count.
    pub fn approvers(&self) -> impl Iterator<Item = &ApproverRecord> {
        self.objects_of(ObjectKind::Approver).filter_map(|object| match object {
            Object::Recorded(Record::Approver(approver), Standing::Active) => Some(approver),
            _ => None,
        })
    }

    /// Whether somebody is an approver.
    #[must_use]
    pub fn is_approver(&self, person: &Person) -> bool {
        self.approvers().any(|approver| approver.person == *person)
    }

    /// The emergency changes in force, in the order in which they were made.
    pub fn emergencies(&self, at: UnixTime) -> impl Iterator<Item = &Emergency> {
        let known = self.emergencies.iter().filter_map(|id| self.emergency(id));
        // One that is over by the clock of the log is over for good: by its own clock, nobody could end it any more.
        let is_over = |emergency: &Emergency| self.last.is_some_and(|last| emergency.until <= last);
        known.filter(move |emergency| emergency.is_live(at) && !is_over(emergency))
    }

    /// Fetched keys that nobody has approved, by SHA-256 of the `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn staged_by(&self, key_id: &Hash) -> Option<&Id> {
        self.objects_of(ObjectKind::Staged).find_map(|object| match object {
            Object::Staged(staged) => {
                let holds = staged.keys.iter().any(|key| sha256(&[key]) == *key_id);
                holds.then_some(&staged.issuer)
            }
            _ => None,
        })
    }

    /// The state as it counts at an instant: with the emergency changes in force. Shares its objects with this one.
    ///
    /// A copy for asking, not for [`TrustState::apply`].
    #[must_use]
    pub fn effective(&self, at: UnixTime) -> Self {
        let mut state = self.clone();
        let changes: Vec<_> = self.emergencies(at).map(|emergency| Arc::clone(&emergency.change)).collect();
        for change in changes {
            // What the log says by now may leave nothing to do for an emergency.
            for object in super::plan::plan(&state, &change).unwrap_or_default() {
                state.put(object);
            }
        }
        state
    }

    pub(super) fn emergency(&self, id: &Id) -> Option<&Emergency> {
        match self.object(&ObjectRef::new(ObjectKind::Emergency, id.clone()))? {
            Object::Emergency(emergency) => Some(emergency),
            _ => None,
        }
    }

    /// All emergencies that are neither ended nor over by the clock of the log.
    pub(super) fn unended_emergencies(&self) -> impl Iterator<Item = &Emergency> {
        self.emergencies.iter().filter_map(|id| self.emergency(id))
    }

    /// Which object has this material.
    pub(super) fn holder(&self, kind: ObjectKind, hash: &Hash) -> Option<&Id> {
        self.material.of(&Material { hash: *hash, kind })
    }

    /// The requests whose time is over at an instant, and that still have their content.
    pub(super) fn overdue(&self, at: UnixTime) -> impl Iterator<Item = &OpenRequest> {
        self.waiting.iter().take_while(move |(end, _)| *end <= at).filter_map(|(_, id)| self.request(id))
    }

    /// The bytes of all requests that wait.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// The object whose public key is this one, by its id, and was revoked because others may have used it.
    pub(super) fn tainted(&self, key: &Hash) -> Option<&ObjectRef> {
        let first = ObjectRef::new(ObjectKind::Anchor, Id::made(""));
        let (found, object) = self.tainted.range((*key, first)..).next()?;
        (found == key).then_some(object)
    }

    /// Puts an object in its place. The only way anything changes.
    pub(super) fn put(&mut self, object: Object) -> Replaced {
        let name = object.object();
        let object = Arc::new(object);
        let mut claimed = None;
        match &*object {
            Object::Recorded(record, standing) => {
                // A removed object gives up its claim only to one that is added later.
                if let (Some(hash), true) = (record.material(), *standing != Standing::Removed) {
                    let key = Material { hash, kind: name.kind };
                    claimed = Some((key, self.material.insert(key, name.id.clone())));
                }
            }
            Object::Store(_) => self.store = Some(Arc::clone(&object)),
            Object::Emergency(emergency) => {
                let emergencies = Arc::make_mut(&mut self.emergencies);
                emergencies.retain(|id| *id != emergency.id);
                if emergency.ended == super::object::Ended::ByItself {
                    emergencies.push(emergency.id.clone());
                }
            }
            _ => {}
        }
        Replaced { object: self.set(name.clone(), object), name, material: claimed }
    }

    fn set(&mut self, name: ObjectRef, object: Arc<Object>) -> Option<Arc<Object>> {
        let new = Arc::clone(&object);
        let (replaced, was_hashed) = match self.objects.entry(name.clone()) {
            Place::Occupied(mut place) => {
                let replaced = core::mem::replace(place.get_mut(), Slot { object, is_hashed: false });
                (Some(replaced.object), replaced.is_hashed)
            }
            Place::Vacant(place) => {
                place.insert(Slot { object, is_hashed: false });
                (None, true)
            }
        };
        self.reindex(&name, replaced.as_deref(), Some(&new));
        if let (true, Unhashed::Few(names)) = (was_hashed, &mut self.unhashed) {
            names.push(name);
            if names.len() > FEW && names.len() > self.objects.len() / 8 {
                self.unhashed = Unhashed::Many;
            }
        }
        replaced
    }

    /// Keeps what is known of all objects of some sort in step with one of them.
    fn reindex(&mut self, name: &ObjectRef, old: Option<&Object>, new: Option<&Object>) {
        self.retaint(name, old, new);
        if let Some((end, id, bytes)) = old.and_then(waiting) {
            self.waiting.remove(&(end, id));
            self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
        }
        if let Some((end, id, bytes)) = new.and_then(waiting) {
            self.waiting.insert((end, id));
            self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        }
    }

    fn retaint(&mut self, name: &ObjectRef, old: Option<&Object>, new: Option<&Object>) {
        let key = |object: Option<&Object>| object.and_then(super::material::tainted_key);
        if let Some(key) = key(old) {
            self.tainted.remove(&(key, name.clone()));
        }
        if let Some(key) = key(new) {
            self.tainted.insert((key, name.clone()));
        }
    }
}

/// The end and id of a request that waits, and the length of its content.
fn waiting(object: &Object) -> Option<(UnixTime, Id, usize)> {
    match object {
        Object::Request(request) => Some((request.expires(), request.id().clone(), request.payload()?.len())),
        _ => None,
    }
}

/// What an entry replaced.
pub(super) struct Undo {
    objects: Vec<Replaced>,
    emergencies: Arc<Vec<Id>>,
    store: Option<Arc<Object>>,
    size: u64,
    last: Option<UnixTime>,
}

/// What an object replaced.
pub(super) struct Replaced {
    name: ObjectRef,
    object: Option<Arc<Object>>,
    material: Option<(Material, Option<Id>)>,
}
