//! A disk in memory that remembers every operation, and can say what a power loss leaves of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use stella_trust_store::fs::{Access, FileError, Files, Place, Stat};

use crate::run::SEGMENT_BYTES;

#[derive(Clone, Debug)]
pub(crate) enum Node {
    File(Vec<u8>),
    Dir(BTreeMap<String, usize>),
}

/// Everything that changes what is on the disk, or makes it durable.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Write {
        node: usize,
        offset: usize,
        bytes: Vec<u8>,
    },
    Truncate {
        node: usize,
        length: usize,
    },
    Sync {
        node: usize,
    },
    Create {
        dir: usize,
        name: String,
        node: usize,
        dir_made: bool,
    },
    Rename {
        dir: usize,
        from: String,
        to: String,
    },
    Remove {
        dir: usize,
        name: String,
    },
    /// So many entries were acknowledged.
    Acknowledged {
        size: u64,
    },
}

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) nodes: Vec<Node>,
    pub(crate) operations: Vec<Operation>,
    /// The process ends before this operation: none of its operations has an effect any more.
    pub(crate) dies_at: Option<usize>,
    /// Files of somebody else.
    pub(crate) owners: HashMap<usize, u32>,
}

impl World {
    fn perform(&mut self, operation: Operation) -> Result<(), FileError> {
        if self.dies_at.is_some_and(|at| at <= self.operations.len()) {
            return Err(FileError::Os(5));
        }
        apply(&mut self.nodes, &operation);
        self.operations.push(operation);
        Ok(())
    }

    fn dir(&self, dir: usize) -> &BTreeMap<String, usize> {
        match &self.nodes[dir] {
            Node::Dir(names) => names,
            Node::File(_) => panic!("no directory"),
        }
    }

    pub(crate) fn find(&self, dir: usize, name: &str) -> Option<usize> {
        self.dir(dir).get(name).copied()
    }

    pub(crate) fn bytes(&mut self, node: usize) -> &mut Vec<u8> {
        match &mut self.nodes[node] {
            Node::File(bytes) => bytes,
            Node::Dir(_) => panic!("no file"),
        }
    }

    pub(crate) fn files_of(&self, dir: usize) -> BTreeMap<String, Vec<u8>> {
        let bytes = |node: &usize| match &self.nodes[*node] {
            Node::File(bytes) => bytes.clone(),
            Node::Dir(_) => vec![],
        };
        self.dir(dir).iter().map(|(name, node)| (name.clone(), bytes(node))).collect()
    }

    pub(crate) fn replace_files(&mut self, dir: usize, files: &BTreeMap<String, Vec<u8>>) {
        let names = files.iter().map(|(name, bytes)| {
            self.nodes.push(Node::File(bytes.clone()));
            (name.clone(), self.nodes.len() - 1)
        });
        let names = names.collect();
        self.nodes[dir] = Node::Dir(names);
    }
}

fn apply(nodes: &mut Vec<Node>, operation: &Operation) {
    match operation {
        Operation::Write { node, offset, bytes } => {
            if let Node::File(content) = &mut nodes[*node] {
                let end = offset + bytes.len();
                content.resize(content.len().max(end), 0);
                content[*offset..end].copy_from_slice(bytes);
            }
        }
        Operation::Truncate { node, length } => {
            if let Node::File(content) = &mut nodes[*node] {
                content.resize(*length, 0);
            }
        }
        Operation::Create { dir, name, node, dir_made } => {
            if *node == nodes.len() {
                nodes.push(if *dir_made { Node::Dir(BTreeMap::new()) } else { Node::File(vec![]) });
            }
            if let Node::Dir(names) = &mut nodes[*dir] {
                names.insert(name.clone(), *node);
            }
        }
        Operation::Rename { dir, from, to } => {
            if let Node::Dir(names) = &mut nodes[*dir]
                && let Some(node) = names.remove(from)
            {
                names.insert(to.clone(), node);
            }
        }
        Operation::Remove { dir, name } => {
            if let Node::Dir(names) = &mut nodes[*dir] {
                names.remove(name);
            }
        }
        Operation::Sync { .. } | Operation::Acknowledged { .. } => {}
    }
}

/// A small generator of numbers, the same on every machine. SplitMix64.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        value ^ (value >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

/// What survives of the operations that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survives {
    Everything,
    Nothing,
    /// Each sector and each name by itself, as if written in any order; the unit is what the disk writes in one piece.
    Parts(usize),
}

/// What is on the disk after a power loss that followed these operations.
pub(crate) fn crash(operations: &[Operation], survives: Survives, numbers: &mut Numbers) -> World {
    let mut world = World { nodes: root_nodes(), ..World::default() };
    // Nodes exist from the start; only names lead to them.
    for operation in operations {
        if let Operation::Create { node, dir_made, .. } = operation
            && *node == world.nodes.len()
        {
            world.nodes.push(if *dir_made { Node::Dir(BTreeMap::new()) } else { Node::File(vec![]) });
        }
    }
    for node in 0..world.nodes.len() {
        let concerns = |operation: &&Operation| match operation {
            Operation::Write { node: of, .. } | Operation::Truncate { node: of, .. } | Operation::Sync { node: of } => {
                *of == node
            }
            Operation::Create { dir, .. } | Operation::Rename { dir, .. } | Operation::Remove { dir, .. } => {
                *dir == node
            }
            Operation::Acknowledged { .. } => false,
        };
        let concerned: Vec<&Operation> = operations.iter().filter(concerns).collect();
        let synced = concerned.iter().rposition(|operation| matches!(operation, Operation::Sync { .. }));
        let (durable, pending) = concerned.split_at(synced.map_or(0, |at| at + 1));
        durable.iter().for_each(|operation| apply(&mut world.nodes, operation));
        match (survives, &world.nodes[node]) {
            (Survives::Nothing, _) => {}
            (Survives::Everything, _) => pending.iter().for_each(|operation| apply(&mut world.nodes, operation)),
            (Survives::Parts(_), Node::Dir(_)) => {
                for operation in pending {
                    if numbers.below(2) == 0 {
                        apply(&mut world.nodes, operation);
                    }
                }
            }
            (Survives::Parts(unit), Node::File(_)) => tear(&mut world.nodes, node, pending, unit, numbers),
        }
    }
    world
}

/// Takes each unit of a file from any moment since its last sync.
fn tear(nodes: &mut Vec<Node>, node: usize, pending: &[&Operation], unit: usize, numbers: &mut Numbers) {
    let content = |nodes: &Vec<Node>| match &nodes[node] {
        Node::File(bytes) => bytes.clone(),
        Node::Dir(_) => unreachable!(),
    };
    let mut versions = vec![content(nodes)];
    for operation in pending {
        apply(nodes, operation);
        versions.push(content(nodes));
    }
    let length = versions[numbers.below(versions.len())].len();
    let mut torn = vec![0; length];
    for (number, unit_bytes) in torn.chunks_mut(unit).enumerate() {
        let version = &versions[numbers.below(versions.len())];
        let begin = (number * unit).min(version.len());
        let end = (begin + unit_bytes.len()).min(version.len());
        unit_bytes[..end - begin].copy_from_slice(&version[begin..end]);
        // A block that was allocated and not written may hold what was there before.
        if end - begin < unit_bytes.len() && numbers.below(4) == 0 {
            let rest = &mut unit_bytes[end - begin..];
            rest.fill_with(|| numbers.next() as u8);
        }
    }
    nodes[node] = Node::File(torn);
}

/// The directory above the store, and the one where is remembered what was seen.
fn root_nodes() -> Vec<Node> {
    vec![Node::Dir(BTreeMap::new()), Node::Dir(BTreeMap::new())]
}

/// A directory of a [`World`].
#[derive(Clone)]
pub(crate) struct Disk {
    pub(crate) world: Rc<RefCell<World>>,
    dir: usize,
}

impl Disk {
    pub(crate) fn new() -> Self {
        Self::of(World { nodes: root_nodes(), ..World::default() })
    }

    pub(crate) fn of(world: World) -> Self {
        Self { world: Rc::new(RefCell::new(world)), dir: 0 }
    }

    pub(crate) fn place(&self) -> Place<Self> {
        let [above, seen] = self.directories();
        Place::in_directory(above, "trust").remembered_in(seen, "seen").segment_bytes(SEGMENT_BYTES)
    }

    /// The directory above the store, and the one where is remembered what was seen.
    pub(crate) fn directories(&self) -> [Self; 2] {
        [0, 1].map(|dir| Self { world: Rc::clone(&self.world), dir })
    }

    /// Without anything remembered elsewhere.
    pub(crate) fn place_alone(&self) -> Place<Self> {
        Place::in_directory(self.clone(), "trust").segment_bytes(SEGMENT_BYTES)
    }

    pub(crate) fn acknowledge(&self, size: u64) {
        self.world.borrow_mut().operations.push(Operation::Acknowledged { size });
    }

    pub(crate) fn store_dir(&self) -> usize {
        self.world.borrow().find(0, "trust").unwrap()
    }
}

pub(crate) struct Open(usize);

impl Files for Disk {
    type File = Open;

    fn path(&self, name: &str) -> String {
        format!("disk/{}/{name}", self.dir)
    }

    fn user(&self) -> u32 {
        1000
    }

    fn stat_dir(&self) -> Result<Stat, FileError> {
        self.stat(&Open(self.dir)).map(|stat| Stat { special: false, mode: 0o700, ..stat })
    }

    fn names(&self) -> Result<Vec<String>, FileError> {
        Ok(self.world.borrow().dir(self.dir).keys().cloned().collect())
    }

    fn make_dir(&self, name: &str) -> Result<(), FileError> {
        let mut world = self.world.borrow_mut();
        if world.find(self.dir, name).is_some() {
            return Err(FileError::Exists);
        }
        let node = world.nodes.len();
        world.perform(Operation::Create { dir: self.dir, name: name.into(), node, dir_made: true })
    }

    fn enter(&self, name: &str) -> Result<Self, FileError> {
        let dir = self.world.borrow().find(self.dir, name).ok_or(FileError::NotFound)?;
        Ok(Self { world: Rc::clone(&self.world), dir })
    }

    fn open(&self, name: &str, _access: Access) -> Result<Open, FileError> {
        self.world.borrow().find(self.dir, name).map(Open).ok_or(FileError::NotFound)
    }

    fn create_new(&self, name: &str) -> Result<Open, FileError> {
        let mut world = self.world.borrow_mut();
        if world.find(self.dir, name).is_some() {
            return Err(FileError::Exists);
        }
        let node = world.nodes.len();
        world.perform(Operation::Create { dir: self.dir, name: name.into(), node, dir_made: false })?;
        Ok(Open(node))
    }

    fn stat(&self, file: &Open) -> Result<Stat, FileError> {
        let world = self.world.borrow();
        let length = match &world.nodes[file.0] {
            Node::File(bytes) => bytes.len() as u64,
            Node::Dir(_) => 0,
        };
        let owner = world.owners.get(&file.0).copied().unwrap_or(1000);
        Ok(Stat { special: matches!(world.nodes[file.0], Node::Dir(_)), length, links: 1, mode: 0o600, owner })
    }

    fn read_at(&self, file: &Open, buffer: &mut [u8], offset: u64) -> Result<usize, FileError> {
        let world = self.world.borrow();
        let Node::File(bytes) = &world.nodes[file.0] else { return Err(FileError::Os(21)) };
        let rest = bytes.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let length = rest.len().min(buffer.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }

    fn write_at(&self, file: &Open, bytes: &[u8], offset: u64) -> Result<usize, FileError> {
        let offset = usize::try_from(offset).unwrap();
        let operation = Operation::Write { node: file.0, offset, bytes: bytes.to_vec() };
        self.world.borrow_mut().perform(operation).map(|()| bytes.len())
    }

    fn truncate(&self, file: &Open, length: u64) -> Result<(), FileError> {
        let length = usize::try_from(length).unwrap();
        self.world.borrow_mut().perform(Operation::Truncate { node: file.0, length })
    }

    fn sync_file(&self, file: &Open) -> Result<(), FileError> {
        self.world.borrow_mut().perform(Operation::Sync { node: file.0 })
    }

    fn sync_dir(&self) -> Result<(), FileError> {
        self.world.borrow_mut().perform(Operation::Sync { node: self.dir })
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let operation = Operation::Rename { dir: self.dir, from: from.into(), to: to.into() };
        self.world.borrow_mut().perform(operation)
    }

    fn remove(&self, name: &str) -> Result<(), FileError> {
        let mut world = self.world.borrow_mut();
        if world.find(self.dir, name).is_none() {
            return Err(FileError::NotFound);
        }
        world.perform(Operation::Remove { dir: self.dir, name: name.into() })
    }

    fn try_lock(&self, _file: &Open) -> Result<bool, FileError> {
        Ok(true)
    }
}

/// The last size acknowledged; `None` before the store was made.
pub(crate) fn acknowledged(operations: &[Operation]) -> Option<u64> {
    operations.iter().rev().find_map(|operation| match operation {
        Operation::Acknowledged { size } => Some(*size),
        _ => None,
    })
}

/// The history without some of its operations.
pub(crate) fn without(operations: &[Operation], left_out: impl Fn(usize) -> bool) -> Vec<Operation> {
    let kept = operations.iter().enumerate().filter(|(number, _)| !left_out(*number));
    kept.map(|(_, operation)| operation.clone()).collect()
}

/// Whether something was waiting to be made durable by the sync at this point.
pub(crate) fn has_work(operations: &[Operation], at: usize) -> bool {
    let Operation::Sync { node: synced } = &operations[at] else { return false };
    let before = operations[..at].iter().rev();
    let since = before.take_while(|operation| !matches!(operation, Operation::Sync { node } if node == synced));
    since.into_iter().any(|operation| match operation {
        Operation::Write { node, .. } | Operation::Truncate { node, .. } => node == synced,
        Operation::Create { dir, .. } | Operation::Rename { dir, .. } | Operation::Remove { dir, .. } => dir == synced,
        _ => false,
    })
}
