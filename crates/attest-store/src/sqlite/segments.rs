//! The files that hold the documents.

use stella_trust_store::fs::{Access, Directory, FileError, Files, check_store, open};

use super::fault::from_files;
use super::place::{SEGMENT, from_file};
use crate::body::LONGEST_KEPT;
use crate::error::StoreError;

/// Where a document lies.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Spot {
    /// The number of the segment.
    pub(super) segment: u64,
    pub(super) offset: u64,
    /// The length as it is kept, in bytes.
    pub(super) length: u64,
}

/// Where the next document goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct End {
    pub(super) segment: u64,
    pub(super) offset: u64,
}

/// The segments of a store, with the one that was read last.
pub(super) struct Segments {
    directory: Directory,
    open: Option<(u64, <Directory as Files>::File)>,
}

fn name(segment: u64) -> String {
    format!("{segment:08}{SEGMENT}")
}

impl Segments {
    pub(super) const fn new(directory: Directory) -> Self {
        Self { directory, open: None }
    }

    pub(super) const fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Appends bodies behind `end`, and makes them durable. What lies behind `end` already was never acknowledged.
    pub(super) fn append(
        &mut self,
        mut end: End,
        bodies: &[&[u8]],
        segment_bytes: u64,
    ) -> Result<(Vec<Spot>, End), StoreError> {
        // Looked at again: somebody may have loosened it since.
        check_store(&self.directory).map_err(from_files)?;
        let mut spots = Vec::with_capacity(bodies.len());
        let mut waiting: Vec<u8> = Vec::new();
        let mut from = end;
        for body in bodies {
            let length = body.len() as u64;
            if end.offset > 0 && end.offset.saturating_add(length) > segment_bytes {
                self.write(from, &waiting)?;
                waiting.clear();
                end = End { segment: end.segment.saturating_add(1), offset: 0 };
                from = end;
            }
            spots.push(Spot { segment: end.segment, offset: end.offset, length });
            waiting.extend_from_slice(body);
            end.offset = end.offset.saturating_add(length);
        }
        self.write(from, &waiting)?;
        Ok((spots, end))
    }

    fn write(&mut self, from: End, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let name = name(from.segment);
        let place = self.directory.path(&name);
        let failed = |operation| {
            let place = place.clone();
            move |error| from_file(error, place, operation)
        };
        let (file, made) = match open(&self.directory, &name, Access::Write) {
            Ok((file, _)) => (file, false),
            Err(stella_trust_store::StoreError::NotFound { .. }) if from.offset == 0 => {
                (self.directory.create_new(&name).map_err(failed("create"))?, true)
            }
            Err(stella_trust_store::StoreError::NotFound { .. }) => {
                return Err(StoreError::Corrupt { place, what: "the segment is missing".to_owned() });
            }
            Err(error) => return Err(from_files(error)),
        };
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            let offset = from.offset.saturating_add(written as u64);
            let now = self.directory.write_at(&file, rest, offset).map_err(failed("write"))?;
            if now == 0 {
                return Err(StoreError::NoSpace { place });
            }
            written += now;
        }
        self.directory.sync_file(&file).map_err(failed("sync"))?;
        if made {
            self.directory.sync_dir().map_err(failed("sync"))?;
        }
        Ok(())
    }

    /// The bytes at `spot`.
    pub(super) fn read(&mut self, spot: Spot) -> Result<Vec<u8>, StoreError> {
        let name = name(spot.segment);
        let place = self.directory.path(&name);
        let corrupt = |what: &str| StoreError::Corrupt { place: place.clone(), what: what.to_owned() };
        if self.open.as_ref().is_none_or(|(segment, _)| *segment != spot.segment) {
            let (file, _) = open(&self.directory, &name, Access::Read).map_err(|error| match error {
                stella_trust_store::StoreError::NotFound { .. } => corrupt("the segment is missing"),
                error => from_files(error),
            })?;
            self.open = Some((spot.segment, file));
        }
        let Some((_, file)) = &self.open else { return Err(corrupt("the segment is missing")) };
        // Before memory is taken for a number out of a damaged database.
        let length = usize::try_from(spot.length).ok().filter(|length| *length <= LONGEST_KEPT);
        let length = length.ok_or_else(|| corrupt("a document is too long"))?;
        let mut bytes = vec![0; length];
        let mut read = 0;
        while let Some(rest) = bytes.get_mut(read..).filter(|rest| !rest.is_empty()) {
            let offset = spot.offset.saturating_add(read as u64);
            match self.directory.read_at(file, rest, offset) {
                Ok(0) => return Err(corrupt("the segment ends before a document does")),
                Ok(now) => read += now,
                Err(error) => return Err(from_file(error, place, "read")),
            }
        }
        Ok(bytes)
    }

    /// Segments that are not there, or shorter than `end` says.
    pub(super) fn flaws(&self, end: End) -> Result<Vec<(String, String)>, StoreError> {
        let mut flaws = Vec::new();
        let names = self.directory.names().map_err(|error| from_file(error, self.directory.path(""), "read"))?;
        for segment in 1..=end.segment {
            if !names.contains(&name(segment)) && (segment < end.segment || end.offset > 0) {
                flaws.push((self.directory.path(&name(segment)), "the segment is missing".to_owned()));
            }
        }
        Ok(flaws)
    }
}

/// Makes the directory of the segments.
pub(super) fn make(home: &Directory, directory: &str) -> Result<(), StoreError> {
    match home.make_dir(directory) {
        Ok(()) | Err(FileError::Exists) => {}
        Err(error) => return Err(from_file(error, home.path(directory), "create")),
    }
    home.sync_dir().map_err(|error| from_file(error, home.path(""), "sync"))
}
