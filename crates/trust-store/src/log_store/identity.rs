//! The file that says which store this is. A store is there when this file is.
//!
//! Three lines, the same in every version: `stella-trust-log` and the schema, the store id in hex, and a checksum of both lines.

use std::format;
use std::string::String;

use stella_vocabulary::hex;

use super::crc32c::Crc32c;
use super::error::{Damage, StoreError};
use super::files::{Access, Files};
use super::layout::{Header, RECORDS, SCHEMA, SECTOR, StoreId};
use super::segment::{self, Segment, read_small};
use super::store::Head;

pub(super) const IDENTITY: &str = "store";
const TITLE: &str = "stella-trust-log ";
/// Longer than the three lines with the highest schema.
const LIMIT: usize = 256;

pub(super) fn encode(id: &StoreId) -> String {
    let lines = format!("{TITLE}{SCHEMA}\n{id}\n");
    let crc = Crc32c::new().with(lines.as_bytes()).value();
    format!("{lines}{crc:08x}\n")
}

/// `None` when there is no such file.
pub(super) fn read<F: Files>(files: &F) -> Result<Option<StoreId>, StoreError> {
    let bytes = match read_small(files, IDENTITY, LIMIT) {
        Ok(bytes) => bytes,
        Err(StoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let corrupt = |damage| StoreError::Corrupt { path: files.path(IDENTITY), offset: 0, damage };
    let (schema, id) = decode(&bytes).ok_or_else(|| corrupt(Damage::Checksum))?;
    if schema > SCHEMA {
        return Err(StoreError::SchemaTooNew { found: schema, supported: SCHEMA });
    }
    id.map(Some).ok_or_else(|| corrupt(Damage::UnknownRecord))
}

fn decode(bytes: &[u8]) -> Option<(u64, Option<StoreId>)> {
    let text = core::str::from_utf8(bytes).ok()?;
    // "01234567\n"
    let (lines, crc) = text.split_at_checked(text.len().checked_sub(9)?)?;
    if crc != format!("{:08x}\n", Crc32c::new().with(lines.as_bytes()).value()) {
        return None;
    }
    let mut lines = lines.lines();
    let schema = lines.next()?.strip_prefix(TITLE)?.parse().ok()?;
    let id = lines.next().and_then(hex::decode).and_then(|id| id.try_into().ok()).map(StoreId::from_bytes);
    Some((schema, id))
}

/// Whether what is there without the file can be what is left of a store that was being made: nothing, or one segment
/// without entries.
pub(super) fn unfinished<F: Files>(files: &F) -> Result<bool, StoreError> {
    let names = files.names().map_err(|error| error.at(files.path(""), "list"))?;
    let mut firsts = names.iter().filter_map(|name| segment::first_of(name));
    let Some(first) = firsts.next() else { return Ok(true) };
    if first != 0 || firsts.next().is_some() {
        return Ok(false);
    }
    let (file, _) = super::guard::open(files, &segment::name(0), Access::Read)?;
    let mut sector = [0; SECTOR];
    segment::read_full(files, &file, &segment::name(0), &mut sector, 0)?;
    match Header::decode(&sector) {
        Some(Ok(header)) => {
            let segment = Segment::open(files, &header.id, 0, Access::Read);
            Ok(segment.is_ok_and(|segment| segment.mark.head == Head::empty()))
        }
        // Its name was durable and its bytes were not, which is what a power loss in the making can leave: nothing was in it yet.
        _ => Ok(files.stat(&file).map_err(|error| error.at(files.path(&segment::name(0)), "stat"))?.length < RECORDS),
    }
}
